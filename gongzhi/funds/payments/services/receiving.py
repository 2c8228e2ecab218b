"""What a provider says was paid goes into the books once, whichever way he says it: callback, query, daily bill.

All of one word happens in one transaction: a process killed in the middle has done nothing, and the provider says it
again, or the worker asks.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.funds.charges import services as charges
from gongzhi.funds.charges.models import Bill, Settlement
from gongzhi.funds.payments.models import PayChannel, PayOrder
from gongzhi.funds.payments.providers import Seen
from gongzhi.funds.payments.services.channels import provider_of
from gongzhi.funds.payments.services.issues import LONGEST_NUMBER, booking_day, note_issue
from gongzhi.funds.payments.services.receipts import issue_receipt
from gongzhi.funds.payments.services.refunding import notice_of_refund
from gongzhi.funds.payments.services.stand_in import StandIn


def take_notice(channel: PayChannel, *, headers: Mapping[str, str], body: bytes, now: datetime) -> str:
    """A callback. Raises `Forged`; else the word for what became of it."""
    notice = provider_of(channel).notice(headers, body, now=now)
    if notice is None:
        return "ignored"
    if notice.refund is not None:
        return notice_of_refund(channel, notice.refund, now=now)
    if notice.seen is None or notice.seen.state != "paid":
        return "ignored"
    return take_in(channel, notice.seen, now=now)


@transaction.atomic
def take_in(channel: PayChannel, seen: Seen, *, now: datetime) -> str:
    """`settled`, `again` (known already), or what a person has to look at: `unknown_order`, `mismatch`.

    Money for an order that was closed, or for bills that somebody else paid meanwhile, is taken all the same: it is
    here. What the bills do not need is kept in advance and noted, so that somebody gives it back or leaves it.
    """
    rows = PayOrder.objects.select_for_update(of=("self",)).select_related("channel__project", "unit__building")
    order = rows.filter(number=seen.number[:LONGEST_NUMBER], channel=channel).first()
    if order is None:
        note_issue(channel, "unknown_order", seen=seen, now=now)
        return "unknown_order"
    if order.state == "paid" and order.transaction == seen.transaction:
        return "again"
    fits = (seen.merchant, seen.app, seen.amount_fen) == (channel.merchant, channel.app, order.amount_fen)
    if not fits or order.state == "paid" or not seen.transaction:
        note_issue(channel, "mismatch", order=order, seen=seen, now=now)
        return "mismatch"
    late, actor = order.state == "closed", Actor.system(demo=channel.demo)
    settlement = _settled(order, seen, actor=actor, now=now)
    order.state, order.transaction, order.settlement = "paid", seen.transaction, settlement
    order.paid_at = seen.paid_at or now
    order.save(update_fields=["state", "transaction", "settlement", "paid_at"])
    issue_receipt(settlement, actor=actor, now=now)
    if settlement.advance_fen:
        note_issue(channel, "late" if late else "double", order=order, seen=seen, now=now)
    core.record(
        "payment.arrived", subject=order.ref, actor=actor, at=now, place_path=order.place_path,
        data={"provider": channel.provider, "amount": seen.amount_fen, "on": settlement.on, "late": late},
    )  # fmt: skip
    return "settled"


def _settled(order: PayOrder, seen: Seen, *, actor: Actor, now: datetime) -> Settlement:
    bills = list(Bill.objects.filter(order_lines__order=order).order_by("due_on", "pk"))
    return charges.settle(
        bills,
        amount_fen=seen.amount_fen,
        channel=order.channel.provider,
        key=f"{order.channel.provider}:{seen.transaction}",
        on=booking_day(order.channel, seen.paid_at, now=now),
        actor=actor,
        now=now,
        unit=order.unit,
        project=order.channel.project,
        reference=seen.transaction,
        keep_if_paid=True,
    )


def pretend_paid(order: PayOrder, *, now: datetime) -> str:
    """演示: what a provider would say after a payer's button. Refused where there is a provider."""
    provider = provider_of(order.channel)
    if not isinstance(provider, StandIn):
        raise Refused("stand_in", "只有演示渠道可以模拟付款。")
    return take_in(order.channel, provider.paid(order, now=now), now=now)
