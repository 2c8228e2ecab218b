"""退款: asked for, approved by another person, paid back, then posted against the payment."""

import logging
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, Sum
from django.urls import reverse

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.funds.charges import services as charges
from gongzhi.funds.charges.models import Settlement
from gongzhi.funds.charges.queries import OfProject
from gongzhi.funds.common.apart import refuse_apart
from gongzhi.funds.payments.models import PayChannel, PayOrder, RefundRequest
from gongzhi.funds.payments.providers import ProviderDown, ProviderRefused, RefundSeen, ToRefund
from gongzhi.funds.payments.queries import refund_apart, refund_roles
from gongzhi.funds.payments.services.channels import provider_of
from gongzhi.funds.payments.services.issues import LONGEST_NUMBER, booking_day, note_issue
from gongzhi.funds.payments.words import REFUND_HOWS

logger = logging.getLogger(__name__)

SEND = "funds.send_refund"
UNDERWAY = ("asked", "approved", "sent")
BETWEEN_LOOKS = timedelta(minutes=5)
MOST_LOOKED = 100
LONGEST_SAID = 200


@transaction.atomic
def ask_refund(
    settlement: Settlement, *, amount_fen: int, how: str, reason: str, actor: Actor, now: datetime
) -> RefundRequest:
    """Refuses more than is left of the payment when what is asked for already is taken off."""
    paid = Settlement.objects.select_for_update(of=("self",)).select_related("project").get(pk=settlement.pk)
    core.require(actor, "refund.ask", OfProject(paid.project))
    if paid.kind != "payment":
        raise Refused("not_a_payment", "只能退还缴费。")
    if not reason.strip():
        raise Refused("reason_missing", "请写退款的原因。", fields={"reason": "请写原因"})
    if how not in REFUND_HOWS or (how == "back" and _order_of(paid) is None):
        raise Refused("refund_how", "不是手机支付收的款，不能原路退回。", fields={"how": "请选现金或转账"})
    asked = paid.refund_requests.filter(state__in=UNDERWAY).aggregate(sum=Sum("amount_fen"))["sum"] or 0
    left = paid.amount_fen - paid.refunded_fen - asked
    if not 0 < amount_fen <= left:
        words = f"这笔缴费还能退{core.yuan(max(left, 0))}元（已退和正在办的退款不再算）。"
        raise Refused("refund_amount", words, fields={"amount_fen": f"最多{core.yuan(max(left, 0))}"})
    row = RefundRequest.objects.create(
        settlement=paid, number=f"TK{core.local_day(now):%y%m%d}{secrets.token_hex(10)}", how=how,
        amount_fen=amount_fen, reason=reason.strip(), asked_by=actor.user, asked_at=now, place_path=paid.place_path,
        demo=paid.demo,
    )  # fmt: skip
    _recorded(row, "refund.asked", {"how": how}, actor, now)
    return row


def _order_of(paid: Settlement) -> PayOrder | None:
    return PayOrder.objects.select_related("channel__project__estate").filter(settlement=paid).first()


@transaction.atomic
def judge_refund(
    request: RefundRequest, *, agreed: bool, opinion: str, version: int | None, actor: Actor, now: datetime
) -> RefundRequest:
    """Approved by somebody else than who asked (else `kept_apart`).

    Back the way it came, the worker asks the provider after the commit.
    """
    row = _locked(request)
    core.require(actor, "refund.judge", OfProject(row.settlement.project))
    core.check_version(row, version)
    if row.state != "asked":
        raise Refused("refund_state", f"这笔退款现在是“{row.get_state_display()}”，不用再审批。")
    _check_apart(row, "approve", actor, now)
    if not agreed and not opinion.strip():
        raise Refused("reason_missing", "不同意的要写明理由。", fields={"opinion": "请写理由"})
    row.state, row.opinion = ("approved" if agreed else "refused"), opinion.strip()
    row.judged_by, row.judged_at, row.version = actor.user, now, row.version + 1
    row.save(update_fields=["state", "opinion", "judged_by", "judged_at", "version"])
    _recorded(row, "refund.judged", {"agreed": agreed, "how": row.how}, actor, now)
    if agreed and row.how == "back":
        core.later(SEND, request_id=row.pk)
    return row


@transaction.atomic
def pay_out(request: RefundRequest, *, version: int | None, actor: Actor, now: datetime) -> RefundRequest:
    """The approved sum was handed over or transferred, by another than who approved it (else `kept_apart`)."""
    row = _locked(request)
    core.require(actor, "payment.take", OfProject(row.settlement.project))
    core.check_version(row, version)
    if row.state != "approved" or row.how == "back":
        raise Refused("refund_state", f"这笔退款现在是“{row.get_state_display()}”，不能登记付款。")
    _check_apart(row, "pay", actor, now)
    return _done(row, channel=row.how, reference="", at=now, actor=actor, now=now)


def _check_apart(row: RefundRequest, step: str, actor: Actor, now: datetime) -> None:
    project, on = row.settlement.project, core.local_day(now)
    before, roles = refund_apart(row, step, actor, on=on), refund_roles(step)
    refuse_apart(before, roles=roles, actor=actor, place_path=row.place_path, on=on, within=project.company)


def _locked(request: RefundRequest) -> RefundRequest:
    rows = RefundRequest.objects.select_for_update(of=("self",)).select_related("settlement__project__estate")
    return rows.get(pk=request.pk)


def _done(
    row: RefundRequest, *, channel: str, reference: str, at: datetime | None, actor: Actor, now: datetime
) -> RefundRequest:
    """Counter-posting, in the transaction that holds the request's row."""
    on = core.local_day(now)
    order = _order_of(row.settlement)
    if order is not None:
        on = booking_day(order.channel, at, now=now)
    row.taken_back = charges.refund(
        row.settlement, amount_fen=row.amount_fen, channel=channel, key=f"refund:{row.number}", on=on, actor=actor,
        now=now, reference=reference, reason=row.reason,
    )  # fmt: skip
    row.state, row.done_at, row.provider_number, row.version = "done", at or now, reference, row.version + 1
    row.save(update_fields=["taken_back", "state", "done_at", "provider_number", "said", "version"])
    _recorded(row, "refund.done", {"how": row.how}, actor, now)
    return row


def send_refund(request: RefundRequest, *, now: datetime) -> RefundRequest:
    """Asks the provider; outside a transaction. Asked again under the same number, it pays once."""
    with transaction.atomic():
        row = _locked(request)
        if row.state == "approved":
            row.state, row.sent_at = "sent", now
            row.save(update_fields=["state", "sent_at"])
    order = _order_of(row.settlement)
    if row.state != "sent" or order is None:
        return row
    root = settings.PAY_PUBLIC_URL.rstrip("/")
    asked = ToRefund(
        number=row.number, order=order.number, transaction=order.transaction, amount_fen=row.amount_fen,
        paid_fen=order.amount_fen, reason=row.reason,
        notify_url=root + reverse("pay_notice", args=[order.channel.handle]) if root else "",
    )  # fmt: skip
    try:
        seen = provider_of(order.channel).refund(asked)
    except ProviderDown as error:
        logger.warning("refund %s: no answer: %s", row.number, error)  # the round of the worker asks again
        return row
    except ProviderRefused as error:
        seen = RefundSeen(row.number, "failed", said=f"{error.code} {error.message}")
    return take_refund(order.channel, row, seen, now=now)


@transaction.atomic
def take_refund(channel: PayChannel, request: RefundRequest, seen: RefundSeen, *, now: datetime) -> RefundRequest:
    """What the provider says of a refund goes into the books once."""
    row = _locked(request)
    if row.state not in ("sent", "failed") or seen.state not in ("done", "failed"):
        return row
    actor = Actor.system(demo=row.demo)
    row.said, row.provider_number = seen.said[:LONGEST_SAID], seen.refund
    if seen.state == "done":
        try:
            with transaction.atomic():
                return _done(
                    row, channel=channel.provider, reference=seen.refund, at=seen.done_at, actor=actor, now=now
                )
        except Refused as refused:  # the money went back, and the books have not got it: a person must look
            row.taken_back, row.done_at, row.said = None, None, refused.message[:LONGEST_SAID]
    known, row.state = row.state == "failed", "failed"
    row.save(update_fields=["state", "said", "provider_number"])
    if not known:
        order = _order_of(row.settlement)
        note_issue(channel, "refund_failed", order=order, refund=row.number, our_fen=row.amount_fen, now=now)
        _recorded(row, "refund.failed", {}, actor, now)
    return row


def notice_of_refund(channel: PayChannel, seen: RefundSeen, *, now: datetime) -> str:
    """A callback about a refund. One that only says that something went back is asked after by the worker."""
    row = RefundRequest.objects.filter(
        number=seen.number[:LONGEST_NUMBER], settlement__pay_order__channel=channel
    ).first()
    if row is None:
        note_issue(channel, "unknown_order", number=seen.order, refund=seen.number, their_fen=seen.amount_fen, now=now)
        return "unknown_order"
    if seen.merchant not in ("", channel.merchant) or (seen.state == "done" and seen.amount_fen != row.amount_fen):
        note_issue(
            channel, "mismatch", refund=row.number, number=seen.order, their_fen=seen.amount_fen,
            our_fen=row.amount_fen, now=now,
        )  # fmt: skip
        return "mismatch"
    if row.state == "done":
        return "again"
    if seen.state == "underway":
        RefundRequest.objects.filter(pk=row.pk).update(sent_at=now - BETWEEN_LOOKS)
        return "ignored"
    take_refund(channel, row, seen, now=now)
    return "settled"


def look_after_refunds(now: datetime) -> int:
    """The worker's round: refunds that were sent and of which nothing came; what never reached him is sent again."""
    rows = RefundRequest.objects.filter(
        Q(state="sent", sent_at__lte=now - BETWEEN_LOOKS)
        | Q(state="approved", how="back", judged_at__lte=now - BETWEEN_LOOKS)
    )
    found = list(rows.select_related("settlement").order_by("pk")[:MOST_LOOKED])
    for row in found:
        order = _order_of(row.settlement)
        if order is None:
            continue
        try:
            seen = provider_of(order.channel).look_refund(row.number, order=order.number)
        except ProviderDown as error:
            logger.info("refund %s: no answer: %s", row.number, error)
            continue
        if seen.state == "absent":
            send_refund(row, now=now)
        else:
            take_refund(order.channel, row, seen, now=now)
    return len(found)


def _recorded(row: RefundRequest, kind: str, data: dict[str, object], actor: Actor, now: datetime) -> None:
    core.record(
        kind, subject=row.ref, actor=actor, at=now, place_path=row.place_path,
        data={"amount": row.amount_fen, **data},
    )  # fmt: skip
