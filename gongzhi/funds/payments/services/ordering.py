"""Payment orders: made once for what is to be paid, offered by the provider, asked after, closed.

The order is in the database before the provider hears of it, and no lock is held while he is asked.
"""

import hashlib
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.urls import reverse

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.funds.charges.models import Bill, Tenancy
from gongzhi.funds.charges.queries import OfProject, owed_by_bill
from gongzhi.funds.charges.queries.payers import tenants_of
from gongzhi.funds.payments.models import PayChannel, PayOrder, PayOrderBill
from gongzhi.funds.payments.providers import ProviderDown, ProviderRefused, ToPay
from gongzhi.funds.payments.services.channels import provider_of
from gongzhi.funds.payments.services.receiving import take_in
from gongzhi.registry.models import Ownership, Unit

logger = logging.getLogger(__name__)

VALID = timedelta(minutes=30)
# How long after an order was made, and between two looks, the worker asks when no callback came.
FIRST_LOOK, BETWEEN_LOOKS = timedelta(seconds=40), timedelta(minutes=2)
MOST_LOOKED = 200
DOWN, CONFLICT = 503, 409


@dataclass(frozen=True, slots=True)
class Payer:
    """Who has shown that he may pay for a unit: his own bills alone, those of `ownership`.

    A tenant (`tenancy`) may for those that are his to pay; who owns the unit, for all of them.
    """

    unit: Unit
    ownership: Ownership | None
    tenancy: Tenancy | None = None

    def own(self, bills: Sequence[Bill]) -> list[Bill]:
        """Of these bills those that he may see and pay."""
        found = [one for one in bills if one.unit_id == self.unit.pk]
        if self.tenancy is not None:
            his = tenants_of(found)
            return [one for one in found if his.get(one.pk) == self.tenancy]
        return [one for one in found if one.ownership_id == (self.ownership.pk if self.ownership else None)]


@transaction.atomic
def open_order(
    bills: Sequence[Bill], *, channel: PayChannel, way: str, payer: Payer | None = None, actor: Actor, now: datetime
) -> PayOrder:
    """The order for these bills as they stand. The same bills, amount and channel again: the order that is open.

    A payer may for his own bills, a company's people for those of their project. Open orders that have one of these
    bills as well are closed.
    """
    channel = PayChannel.objects.select_related("project__estate").get(pk=channel.pk)
    rows = list(
        Bill.objects.select_for_update(of=("self",))
        .select_related("project", "unit__building", "ownership")
        .filter(pk__in=[one.pk for one in bills])
        .order_by("pk")
    )
    _check(rows, channel, payer, actor, core.local_day(now))
    parts = owed_by_bill([row for row in rows if row.open_fen], core.local_day(now))
    total = sum(parts.values())
    if not total:
        raise Refused("already_paid", "这些账单已经缴清，不用再缴。", status=CONFLICT)
    basket = _basket(channel, way, parts)
    before = PayOrder.objects.select_for_update().filter(basket=basket, state="open").first()
    if before is not None and before.payable(now):
        return before
    _close_others(list(parts), now=now)
    row = rows[0]
    order = PayOrder(
        number=_number(now), channel=channel, way=way, unit=row.unit, ownership=row.ownership, basket=basket,
        amount_fen=total, made_at=now, expires_at=now + VALID, by=actor.user, place_path=row.place_path,
        demo=channel.demo,
    )  # fmt: skip
    try:
        with transaction.atomic():
            order.save(force_insert=True)
    except IntegrityError:  # the bills' lock makes this impossible, the constraint certain
        return PayOrder.objects.get(basket=basket, state="open")
    PayOrderBill.objects.bulk_create(PayOrderBill(order=order, bill_id=pk, amount_fen=fen) for pk, fen in parts.items())
    core.record(
        "payment.ordered", subject=order.ref, actor=actor, at=now, place_path=order.place_path,
        data={"provider": channel.provider, "amount": total, "bills": len(parts)},
    )  # fmt: skip
    return order


def _check(rows: Sequence[Bill], channel: PayChannel, payer: Payer | None, actor: Actor, on: object) -> None:
    if not rows:
        raise Refused("no_bill", "请选要缴的账单。", fields={"bills": "请选账单"})
    if len({(row.unit_id, row.project_id, row.ownership_id) for row in rows}) > 1:
        raise Refused("mixed_bills", "一次只能缴同一套房屋、同一家企业的账单，请分开缴。")
    row = rows[0]
    if payer is None:
        core.require(actor, "payment.take", OfProject(row.project))
    elif len(payer.own(rows)) != len(rows):
        raise Refused("forbidden", "这张账单不是您的。", status=403)
    if channel.project_id != row.project_id or channel.to_on is not None:
        raise Refused("channel_ended", "这个渠道现在不收款，请换一个渠道，或到物业服务中心缴。")


def _basket(channel: PayChannel, way: str, parts: dict[int, int]) -> str:
    text = f"{channel.pk}|{way}|" + ",".join(f"{pk}:{fen}" for pk, fen in sorted(parts.items()))
    return hashlib.sha256(text.encode()).hexdigest()


def _number(now: datetime) -> str:
    """As both providers take it: letters and digits, at most 32."""
    return f"WY{core.local_day(now):%y%m%d}{secrets.token_hex(10)}"


def _close_others(bills: Sequence[int], *, now: datetime) -> None:
    """Orders of the same bills that nobody shall pay any more; the worker tells the provider."""
    PayOrder.objects.filter(state="open", lines__bill__in=bills).update(state="closing", looked_at=None)


def offer(order: PayOrder, *, base: str, address: str = "", payer_id: str = "", now: datetime) -> PayOrder:
    """How to pay it, from the provider. Called outside a transaction; the same order again gives the same.

    `base`: the platform's own address as the payer's browser knows it, where none is configured.
    """
    if order.qr or order.url or not order.payable(now):
        return order
    root = (settings.PAY_PUBLIC_URL or base).rstrip("/")
    asked = ToPay(
        number=order.number, amount_fen=order.amount_fen, title=f"{order.channel.project.estate.name}物业费",
        way=order.way, notify_url=root + reverse("pay_notice", args=[order.channel.handle]),
        return_url=root + reverse("funds:pay_order", args=[order.number]), expires_at=order.expires_at,
        address=address, payer=payer_id,
    )  # fmt: skip
    try:
        found = provider_of(order.channel).prepay(asked)
    except ProviderRefused as error:
        logger.warning("order %s: the provider refused: %s", order.number, error.code)
        PayOrder.objects.filter(pk=order.pk, state="open").update(state="closing", looked_at=None)
        words = f"{order.channel.get_provider_display()}没有受理（{error.message or error.code}）。"
        raise Refused("provider_refused", f"{words}请换一个渠道，或到物业服务中心缴。") from error
    except ProviderDown as error:
        logger.warning("order %s: the provider is down: %s", order.number, error)
        raise Refused(
            "provider_down", f"{order.channel.get_provider_display()}没有应答，没有扣款。请过一会儿再试。", status=DOWN
        ) from error
    PayOrder.objects.filter(pk=order.pk, qr="", url="").update(qr=found.qr, url=found.url)
    order.refresh_from_db()
    return order


def look_after(order: PayOrder, *, now: datetime) -> PayOrder:
    """Asks the provider what became of an order: takes in what was paid, closes what nobody can pay any more.

    Outside a transaction. Where the provider does not answer, the order stays as it is.
    """
    if order.state not in ("open", "closing"):
        return order
    provider = provider_of(order.channel)
    try:
        seen = provider.look(order.number)
        if seen.state == "paid":
            take_in(order.channel, seen, now=now)
        elif seen.state == "closed" or order.state == "closing" or now >= order.expires_at:
            provider.close(order.number)
            _closed(order, now=now)
    except ProviderRefused:
        seen = provider.look(order.number)  # he would not close it: it was paid in this moment
        if seen.state == "paid":
            take_in(order.channel, seen, now=now)
    except ProviderDown as error:
        logger.info("order %s: no answer: %s", order.number, error)
    PayOrder.objects.filter(pk=order.pk).update(looked_at=now)
    order.refresh_from_db()
    return order


@transaction.atomic
def _closed(order: PayOrder, *, now: datetime) -> None:
    row = PayOrder.objects.select_for_update().get(pk=order.pk)
    if row.state not in ("open", "closing"):
        return
    expired = row.state == "open"
    row.state, row.closed_at = "closed", now
    row.save(update_fields=["state", "closed_at"])
    core.record(
        "payment.order_closed", subject=row.ref, actor=Actor.system(demo=row.demo), at=now, place_path=row.place_path,
        data={"amount": row.amount_fen, "expired": expired},
    )  # fmt: skip


def look_after_orders(now: datetime) -> int:
    """The worker's round: orders for which no callback came, and those that ran out. How many were looked after."""
    due = Q(state="closing") | Q(expires_at__lte=now) | Q(made_at__lte=now - FIRST_LOOK)
    rested = Q(looked_at=None) | Q(looked_at__lte=now - BETWEEN_LOOKS)
    rows = PayOrder.objects.filter(due, rested, state__in=["open", "closing"]).select_related("channel__project")
    found = list(rows.order_by(F("looked_at").asc(nulls_first=True), "pk")[:MOST_LOOKED])
    for order in found:
        try:
            look_after(order, now=now)
        except ProviderDown as error:
            logger.warning("order %s: %s", order.number, error)
    return len(found)
