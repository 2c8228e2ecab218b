"""对账: the provider's bill of a day against ours, line by line; then the transfer to the bank, net of the fee."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import ZONE
from gongzhi.core.errors import Refused
from gongzhi.funds.charges.models import Settlement
from gongzhi.funds.charges.queries import OfProject
from gongzhi.funds.charges.queries.owed import PURSE
from gongzhi.funds.common.queries import book_of
from gongzhi.funds.payments.models import ChannelDay, ChannelLine, PayChannel, PayIssue, PayOrder, RefundRequest
from gongzhi.funds.payments.providers import BillLine, NotReady, ProviderDown
from gongzhi.funds.payments.services.channels import provider_of
from gongzhi.funds.payments.services.issues import note_issue
from gongzhi.funds.payments.services.ordering import look_after
from gongzhi.funds.payments.services.receiving import take_in
from gongzhi.ledger import services as ledger

logger = logging.getLogger(__name__)

# Providers have yesterday's bill by ten in the morning.
READY_HOUR = 11
MOST_DAYS = 31
AFTER_END = timedelta(days=31)
DAY = timedelta(days=1)
DOWN = 503


@dataclass(frozen=True, slots=True)
class Ours:
    """One of our own movements over a channel: a payment, or (with `refund`) a refund."""

    settlement: Settlement
    transaction: str
    number: str
    refund: str
    amount_fen: int


def fetch_due(now: datetime) -> int:
    """The worker's round: days that have no bill yet, up to yesterday. How many came."""
    moment = now.astimezone(ZONE)
    last = moment.date() - (DAY if moment.hour >= READY_HOUR else 2 * DAY)
    count = 0
    for channel in PayChannel.objects.select_related("project__estate"):
        if channel.to_on is not None and channel.to_on + AFTER_END < last:
            continue
        done = channel.days.order_by("-on").values_list("on", flat=True).first()
        on = max(done + DAY if done else channel.from_on, last - timedelta(days=MOST_DAYS))
        while on <= last:
            try:
                fetch_day(channel, on=on, actor=Actor.system(demo=channel.demo), now=now)
            except Refused as refused:
                logger.warning("channel %s, bill of %s: %s", channel.pk, on, refused.code)
                break
            count += 1
            on += DAY
    return count


def fetch_day(channel: PayChannel, *, on: date, actor: Actor, now: datetime) -> ChannelDay:
    """The provider's bill of that day, compared. Again: compared anew. Outside a transaction.

    An order that is paid there and not here is asked after first: its money comes in before anything is compared.
    """
    core.require(actor, "payment.reconcile", OfProject(channel.project))
    if on >= core.local_day(now):
        raise Refused("bill_day", "当天的账单要到第二天才有，请选今天以前的日期。", fields={"on": "请选今天以前"})
    name = channel.get_provider_display()
    try:
        lines = provider_of(channel).bill(on)
    except NotReady as error:
        raise Refused("bill_not_ready", f"{name}还没有出{on}的账单，一般在次日上午10点以后。", status=DOWN) from error
    except ProviderDown as error:
        raise Refused("provider_down", f"{name}没有给出账单，请过一会儿再取。", status=DOWN) from error
    lines = _own(channel, lines)
    waiting = PayOrder.objects.select_related("channel__project").filter(
        channel=channel, number__in=[one.number for one in lines if not one.refund]
    )
    for order in waiting.exclude(state="paid"):
        if order.state == "closed":  # closed here, paid there
            _ask_again(order, now=now)
        else:
            look_after(order, now=now)
    return compare(channel, on=on, lines=lines, actor=actor, now=now)


def _own(channel: PayChannel, lines: Sequence[BillLine]) -> list[BillLine]:
    """Without those of other projects whose company uses the same merchant account."""
    numbers = [one.number for one in lines]
    others = set(PayOrder.objects.filter(number__in=numbers).exclude(channel=channel).values_list("number", flat=True))
    return [one for one in lines if one.number not in others]


def _ask_again(order: PayOrder, *, now: datetime) -> None:
    try:
        seen = provider_of(order.channel).look(order.number)
    except ProviderDown:
        return
    if seen.state == "paid":
        take_in(order.channel, seen, now=now)


@transaction.atomic
def compare(channel: PayChannel, *, on: date, lines: Sequence[BillLine], actor: Actor, now: datetime) -> ChannelDay:
    """Every line beside what we have; what fits none becomes an issue, what fits now closes one."""
    day, _ = ChannelDay.objects.select_for_update(of=("self",)).get_or_create(
        channel=channel,
        on=on,
        defaults={
            "state": "differs", "paid_count": 0, "paid_fen": 0, "refund_count": 0, "refund_fen": 0, "fee_fen": 0,
            "matched": 0, "fetched_at": now, "place_path": channel.place_path, "demo": channel.demo,
        },
    )  # fmt: skip
    if day.entry_id is not None:
        raise Refused("day_transferred", "这一天的款已经记到账，不能再重新对账。")
    day.lines.all().delete()
    known = _ours(channel, [one.number for one in lines])
    matched = []
    for line in lines:
        own = known.get((line.number, line.refund))
        row = ChannelLine(
            day=day, transaction=line.transaction, number=line.number, refund=line.refund, amount_fen=line.amount_fen,
            fee_fen=line.fee_fen, at=line.at,
        )  # fmt: skip
        if own is not None and own.amount_fen == line.amount_fen:
            row.settlement = own.settlement
            matched.append(row)
        else:
            _differs(channel, on, line, own, now)
        row.save()
    _missing(channel, on, {(one.number, one.refund) for one in lines}, now)
    _close_found(channel, matched, on, now)
    _summed(day, matched, now)
    issues = channel.issues.filter(day=on, state="open").count()
    day.state = "differs" if issues else "agrees"
    day.version += 1
    day.save()
    core.record(
        "channel.reconciled", subject=day.ref, actor=actor, at=now, place_path=day.place_path,
        data={"on": on, "lines": len(lines), "issues": issues, "fee": day.fee_fen},
    )  # fmt: skip
    return day


def _ours(channel: PayChannel, numbers: Sequence[str]) -> dict[tuple[str, str], Ours]:
    """Ours by the provider's words for them, whatever day they lie on."""
    paid = PayOrder.objects.filter(channel=channel, number__in=numbers, state="paid").select_related("settlement")
    found = {(one.number, ""): _paid(one) for one in paid}
    back = RefundRequest.objects.filter(settlement__pay_order__channel=channel, state="done", how="back")
    for one in back.filter(settlement__pay_order__number__in=numbers).select_related(
        "settlement__pay_order", "taken_back"
    ):
        found[(one.settlement.pay_order.number, one.number)] = _refunded(one)
    return found


def _paid(order: PayOrder) -> Ours:
    if order.settlement is None:
        raise ValueError(f"order {order.number} is paid without a settlement")
    return Ours(order.settlement, order.transaction, order.number, "", order.amount_fen)


def _refunded(row: RefundRequest) -> Ours:
    order = row.settlement.pay_order
    if row.taken_back is None:
        raise ValueError(f"refund {row.number} is done without a posting")
    return Ours(row.taken_back, order.transaction, order.number, row.number, row.amount_fen)


def _differs(channel: PayChannel, on: date, line: BillLine, own: Ours | None, now: datetime) -> None:
    note_issue(
        channel, "theirs_only" if own is None else "amount_differs", day=on, number=line.number,
        transaction=line.transaction, refund=line.refund, their_fen=line.amount_fen,
        our_fen=own.amount_fen if own else None, now=now,
    )  # fmt: skip


def _missing(channel: PayChannel, on: date, theirs: set[tuple[str, str]], now: datetime) -> None:
    """Ours of that day which their bill has not; those on the bill of a day beside it are no issue."""
    begin = datetime.combine(on, datetime.min.time(), ZONE)
    within = (begin, begin + DAY)
    paid = PayOrder.objects.filter(channel=channel, state="paid", paid_at__gte=within[0], paid_at__lt=within[1])
    own = [_paid(one) for one in paid.select_related("settlement")]
    back = RefundRequest.objects.filter(
        settlement__pay_order__channel=channel, state="done", how="back", done_at__gte=within[0], done_at__lt=within[1]
    )
    own += [_refunded(one) for one in back.select_related("settlement__pay_order", "taken_back")]
    beside = set(
        ChannelLine.objects.filter(day__channel=channel, number__in=[one.number for one in own]).values_list(
            "number", "refund"
        )
    )
    for one in own:
        if (one.number, one.refund) not in theirs | beside:
            note_issue(
                channel, "ours_only", day=on, number=one.number, transaction=one.transaction, refund=one.refund,
                our_fen=one.amount_fen, now=now,
            )  # fmt: skip


def _close_found(channel: PayChannel, matched: Sequence[ChannelLine], on: date, now: datetime) -> None:
    """Issues of the bill that are none any more: the line came on another day, or the money came in meanwhile."""
    for line in matched:
        rows = channel.issues.filter(
            kind__in=["ours_only", "theirs_only", "amount_differs"],
            state="open",
            number=line.number,
            refund=line.refund,
        )
        rows.update(state="done", how="other_day", reason=f"{on}的账单里已对上", done_at=now)


def _summed(day: ChannelDay, matched: Sequence[ChannelLine], now: datetime) -> None:
    paid, back = [one for one in matched if not one.refund], [one for one in matched if one.refund]
    day.paid_count, day.paid_fen = len(paid), sum(one.amount_fen for one in paid)
    day.refund_count, day.refund_fen = len(back), sum(one.amount_fen for one in back)
    day.fee_fen, day.matched, day.fetched_at = sum(one.fee_fen for one in matched), len(matched), now


@transaction.atomic
def settle_day(day: ChannelDay, *, version: int | None, actor: Actor, now: datetime) -> ChannelDay:
    """All issues of the day are worked off: it agrees."""
    row = _day(day, actor, version)
    open_issues = PayIssue.objects.filter(channel=row.channel, day=row.on, state="open").count()
    if open_issues:
        raise Refused("day_differs", f"这一天还有{open_issues}个疑点没有处理。")
    row.state, row.version = "agrees", row.version + 1
    row.save(update_fields=["state", "version"])
    return row


def _day(day: ChannelDay, actor: Actor, version: int | None) -> ChannelDay:
    rows = ChannelDay.objects.select_for_update(of=("self",)).select_related("channel__project__estate")
    row = rows.get(pk=day.pk)
    core.require(actor, "payment.reconcile", OfProject(row.channel.project))
    core.check_version(row, version)
    return row


@transaction.atomic
def book_transfer(day: ChannelDay, *, arrived_on: date, version: int | None, actor: Actor, now: datetime) -> ChannelDay:
    """The day's money came to the bank, net of the fee: an entry that the bank's statement is matched with."""
    row = _day(day, actor, version)
    if row.entry_id is not None:
        raise Refused("day_transferred", "这一天的款已经记过到账。")
    if PayIssue.objects.filter(channel=row.channel, day=row.on, state="open").exists():
        raise Refused("day_differs", "这一天还有疑点没有处理，处理完再记到账。")
    if not row.on < arrived_on <= core.local_day(now):
        raise Refused("arrived_day", "到账日期要在账单日期以后、今天以前。", fields={"arrived_on": "请核对日期"})
    book = book_of(row.channel.project.estate, PURSE)
    gross = row.paid_fen - row.refund_fen
    if book is None or (not gross and not row.fee_fen):
        raise Refused("nothing_to_transfer", "这一天没有要到账的款。")
    codes = {"bank": row.net_fen, "cost.channel": row.fee_fen, f"transit.{row.channel.provider}": -gross}
    row.entry = ledger.post(
        book=book, key=f"channel:{row.pk}", kind="channel_transfer", booked_on=arrived_on,
        text=f"{row.channel.get_provider_display()}{row.on}结算（扣手续费{core.yuan(row.fee_fen)}元）",
        legs=[(book.accounts.get(code=code), fen) for code, fen in codes.items() if fen], actor=actor, now=now,
        source=row.ref,
    )  # fmt: skip
    row.arrived_on, row.state, row.version = arrived_on, "agrees", row.version + 1
    row.save(update_fields=["entry", "arrived_on", "state", "version"])
    core.record(
        "channel.transferred", subject=row.ref, actor=actor, at=now, place_path=row.place_path,
        data={"on": row.on, "amount": row.net_fen, "fee": row.fee_fen},
    )  # fmt: skip
    return row
