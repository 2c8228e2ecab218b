"""How money settles bills: each movement is one entry of the ledger and one event, and comes in once.

Whoever has the money (a counter, a bank's file, a payment provider's callback) calls `settle`; who may do so is asked
here by `fee.settle`, and a callback acts as the platform.
"""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.funds.charges.models import Allocation, Bill, Settlement
from gongzhi.funds.charges.queries.owed import PURSE, OfProject, late_by_bill, open_bills
from gongzhi.funds.charges.services.late import bill_late
from gongzhi.funds.charges.words import CHANNELS, LIES_IN
from gongzhi.funds.common.services import ensure_book, unit_accounts
from gongzhi.ledger import services as ledger
from gongzhi.ledger.models import Account, Book
from gongzhi.registry.models import Ownership, Project, Unit
from gongzhi.registry.queries.history import ownership_on

CONFLICT_STATUS = 409


@transaction.atomic
def settle(
    bills: Sequence[Bill],
    *,
    amount_fen: int,
    channel: str,
    key: str,
    on: date,
    actor: Actor,
    now: datetime,
    unit: Unit | None = None,
    project: Project | None = None,
    reference: str = "",
    text: str = "",
    keep_if_paid: bool = False,
) -> Settlement:
    """Takes `amount_fen` for these bills of one unit and one project, in the order given; part of a bill may be paid.

    What a bill that is late costs by contract is billed when the bill is cleared, and taken from what is left; what is
    left after that is kept in advance. Without bills (`unit` and `project` given) all of it is. `key` names the
    movement at its origin: the same again returns the first row; with another amount or channel it is refused
    (`key_used`). When every bill was paid already (two clerks, two phones) it is refused (`already_paid`) - unless
    `keep_if_paid`, for money that is here anyway: then it is kept in advance.
    """
    before = Settlement.objects.filter(key=key).first()
    if before is not None:
        return _same(before, "payment", amount_fen, channel)
    rows = _locked(bills)
    unit, project = _one_of(rows, unit, project)
    core.require(actor, "fee.settle", OfProject(project))
    check_payment(amount_fen, channel=channel, on=on, now=now)
    if rows and not any(row.open_fen for row in rows) and not keep_if_paid:
        raise Refused(
            "already_paid", "这些账单已经缴清或作废，没有再收。请刷新后核对；要预存请走预存。", status=CONFLICT_STATUS
        )
    ownership = rows[0].ownership if rows else ownership_on(unit, on)
    book, account = _books(project, unit, on, actor, now)
    entry = ledger.post(
        book=book, key=f"pay:{key}", kind="charge_payment", booked_on=on,
        text=words_of(unit, channel=channel, reference=reference, text=text),
        legs=[(lies_in(book, channel), amount_fen), (account, -amount_fen)],
        actor=actor, now=now, source=unit.ref,
    )  # fmt: skip
    row = _written(
        Settlement(
            project=project, unit=unit, ownership=ownership, kind="payment", channel=channel, key=key,
            reference=reference, amount_fen=amount_fen, on=on, text=text, entry=entry, by=actor.user,
            by_label=actor.label, at=now, place_path=project.place_path, demo=actor.demo,
        )
    )  # fmt: skip
    if row.entry_id != entry.pk:
        return _same(row, "payment", amount_fen, channel)
    _allocate(row, rows, on=on, actor=actor, now=now)
    core.record_many([told_paid(row, actor=actor, now=now, cleared=_clear(unit, ownership, on))])
    return row


def told_paid(row: Settlement, *, actor: Actor, now: datetime, cleared: bool) -> core.Happening:
    """What is recorded of a payment; `cleared`: these owners owe nothing more that is due."""
    project = row.project
    return core.Happening(
        "fee.paid",
        subject=row.ref,
        actor=actor,
        at=now,
        place_path=project.place_path,
        data={
            "unit": str(row.unit_id),
            "amount": row.amount_fen,
            "channel": row.channel,
            "on": row.on,
            "advance": row.advance_fen,
            "cleared": cleared,
            "estate": str(project.estate_id),
        },
    )


@transaction.atomic
def use_advance(
    unit: Unit, *, project: Project, ownership: Ownership | None, on: date, actor: Actor, now: datetime
) -> int:
    """预存抵扣: open bills of these owners are paid out of what they paid in advance. How much was used, in 分.

    The ledger has it already: one account of the unit holds what it owes and what it paid in advance.
    """
    kept = Settlement.objects.select_for_update(of=("self",)).filter(
        unit=unit, project=project, ownership=ownership, kind="payment"
    )
    used = 0
    for row in (one for one in kept.order_by("on", "pk") if one.advance_fen > 0):
        rows = _locked(list(open_bills(unit=unit, project=project).filter(ownership=ownership)))
        used += _allocate(row, rows, on=on, actor=actor, now=now)
    if used:
        core.record(
            "fee.advance_used",
            subject=unit.ref,
            actor=actor,
            at=now,
            place_path=project.place_path,
            data={
                "unit": str(unit.pk),
                "amount": used,
                "on": on,
                "cleared": _clear(unit, ownership, on),
                "estate": str(project.estate_id),
            },
        )
    return used


@transaction.atomic
def refund(
    settlement: Settlement,
    *,
    amount_fen: int,
    channel: str,
    key: str,
    on: date,
    actor: Actor,
    now: datetime,
    reference: str = "",
    reason: str = "",
) -> Settlement:
    """Money goes back to who paid: first what was kept in advance, then out of the bills it paid, which open again.

    `key` as with `settle`. Refuses more than is left of the payment (`refund_amount`).
    """
    before = Settlement.objects.filter(key=key).first()
    if before is not None:
        return _same(before, "refund", amount_fen, channel)
    paid = _payment(settlement)
    core.require(actor, "fee.refund", OfProject(paid.project))
    check_payment(amount_fen, channel=channel, on=on, now=now)
    left = paid.amount_fen - paid.refunded_fen
    if amount_fen > left:
        raise Refused(
            "refund_amount",
            f"这笔缴费还剩{core.yuan(left)}元没有退，不能退{core.yuan(amount_fen)}元。",
            fields={"amount_fen": f"最多{core.yuan(left)}"},
        )
    row, fresh = _taken_back(
        paid, kind="refund", amount_fen=amount_fen, channel=channel, key=key, on=on, reference=reference, reason=reason,
        actor=actor, now=now,
    )  # fmt: skip
    if not fresh:
        return _same(row, "refund", amount_fen, channel)
    reopened = _give_back(paid, amount_fen, on)
    core.record(
        "fee.refunded",
        subject=paid.ref,
        actor=actor,
        at=now,
        place_path=paid.place_path,
        data={
            "unit": str(paid.unit.pk),
            "amount": amount_fen,
            "channel": channel,
            "on": on,
            "reopened": reopened,
            "estate": str(paid.project.estate_id),
        },
    )
    return row


@transaction.atomic
def reverse_settlement(settlement: Settlement, *, reason: str, on: date, actor: Actor, now: datetime) -> Settlement:
    """冲销: a payment that was entered wrongly never was; its bills open again. A second time returns the first."""
    paid = _payment(settlement)
    core.require(actor, "fee.refund", OfProject(paid.project))
    before = paid.taken_back.filter(kind="reversal").first()
    if before is not None:
        return before
    if not reason.strip():
        raise Refused("reason_missing", "请写冲销的原因。", fields={"reason": "请写原因"})
    if paid.refunded_fen:
        raise Refused("refunded", "这笔缴费已经退过款，不能再冲销；余下的请走退款。", status=CONFLICT_STATUS)
    entry = ledger.reverse(paid.entry, booked_on=on, text=f"冲销：{reason.strip()}", actor=actor, now=now)
    row = Settlement.objects.create(
        project=paid.project, unit=paid.unit, ownership=paid.ownership, kind="reversal", of=paid, channel=paid.channel,
        key=f"reverse:{paid.pk}", amount_fen=paid.amount_fen, on=on, text=reason.strip(), entry=entry, by=actor.user,
        by_label=actor.label, at=now, place_path=paid.place_path, demo=actor.demo,
    )  # fmt: skip
    _give_back(paid, paid.amount_fen, on)
    core.record(
        "fee.reversed",
        subject=paid.ref,
        actor=actor,
        at=now,
        place_path=paid.place_path,
        data={
            "unit": str(paid.unit.pk),
            "amount": paid.amount_fen,
            "channel": paid.channel,
            "on": on,
            "reason": reason.strip(),
            "estate": str(paid.project.estate_id),
        },
    )
    return row


def _payment(settlement: Settlement) -> Settlement:
    paid = Settlement.objects.select_for_update(of=("self",)).select_related("project", "unit__building", "entry__book")
    found = paid.get(pk=settlement.pk)
    if found.kind != "payment":
        raise Refused("not_a_payment", "只能退还或冲销缴费，不能对退款再操作。")
    return found


def _taken_back(
    paid: Settlement, *, kind: str, amount_fen: int, channel: str, key: str, on: date, reference: str, reason: str,
    actor: Actor, now: datetime,
) -> tuple[Settlement, bool]:  # fmt: skip
    """The row with its entry, and whether this call wrote it."""
    book, account = _books(paid.project, paid.unit, on, actor, now)
    entry = ledger.post(
        book=book, key=f"{kind}:{key}", kind=f"charge_{kind}", booked_on=on,
        text=words_of(paid.unit, channel=channel, reference=reference, text=reason or "退款"),
        legs=[(account, amount_fen), (lies_in(book, channel), -amount_fen)],
        actor=actor, now=now, source=paid.unit.ref,
    )  # fmt: skip
    row = _written(
        Settlement(
            project=paid.project, unit=paid.unit, ownership=paid.ownership, kind=kind, of=paid, channel=channel,
            key=key, reference=reference, amount_fen=amount_fen, on=on, text=reason, entry=entry, by=actor.user,
            by_label=actor.label, at=now, place_path=paid.place_path, demo=actor.demo,
        )
    )  # fmt: skip
    return row, row.entry_id == entry.pk


def _written(row: Settlement) -> Settlement:
    """The row, or the one that another transaction wrote under this key meanwhile."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return Settlement.objects.get(key=row.key)
    return row


def _same(before: Settlement, kind: str, amount_fen: int, channel: str) -> Settlement:
    if (before.kind, before.amount_fen, before.channel) != (kind, amount_fen, channel):
        raise Refused(
            "key_used",
            f"业务编号{before.key}已经登记过{before.get_kind_display()}{core.yuan(before.amount_fen)}元，这次金额或渠道不同，请核对。",
            status=CONFLICT_STATUS,
        )
    return before


def _locked(bills: Sequence[Bill]) -> list[Bill]:
    """The bills in the order given, each held against a second payment meanwhile; locked in one order everywhere."""
    rows = Bill.objects.select_for_update(of=("self",)).select_related("project", "unit__building", "ownership")
    found = {row.pk: row for row in rows.filter(pk__in=[one.pk for one in bills]).order_by("pk")}
    return [found[one.pk] for one in bills if one.pk in found]


def _one_of(rows: Sequence[Bill], unit: Unit | None, project: Project | None) -> tuple[Unit, Project]:
    of = {(row.unit_id, row.project_id, row.ownership_id) for row in rows}
    if len(of) > 1:
        raise Refused("mixed_bills", "一次只能收同一套房屋、同一业主、同一家企业的账单，请分开收。")
    if rows:
        return rows[0].unit, rows[0].project
    if unit is None or project is None:
        raise Refused("no_bill", "请选要缴的账单。", fields={"bills": "请选账单"})
    return unit, project


def check_payment(amount_fen: int, *, channel: str, on: date, now: datetime) -> None:
    if amount_fen <= 0:
        raise Refused("amount", "金额要大于0。", fields={"amount_fen": "要大于0"})
    if channel not in CHANNELS:
        raise Refused("channel", "请选缴费渠道。", fields={"channel": "请选渠道"})
    if on > core.local_day(now):
        raise Refused("payment_day", "日期不能晚于今天。", fields={"on": "不能晚于今天"})


def _books(project: Project, unit: Unit, on: date, actor: Actor, now: datetime) -> tuple[Book, Account]:
    book = ensure_book(project.estate, purse=PURSE, on=on, actor=actor, now=now)
    return book, unit_accounts(book, [unit])[unit.pk]


def lies_in(book: Book, channel: str) -> Account:
    return book.accounts.get(code=LIES_IN[channel])


def words_of(unit: Unit, *, channel: str, reference: str, text: str) -> str:
    return " ".join(one for one in (str(unit), CHANNELS[channel], reference, text) if one)


def _allocate(row: Settlement, bills: Sequence[Bill], *, on: date, actor: Actor, now: datetime) -> int:
    """What is left of the payment goes to the bills, then to what being late with them costs. 分 used."""
    before = row.advance_fen
    late = late_by_bill(bills, on)
    parts = shared_out(row, bills, on)
    costs = {one.bill: late[one.bill_id].fen for one in parts if not one.bill.open_fen and late[one.bill_id].fen}
    given = {bill.pk for bill in bills}
    billed = bill_late(costs, on=on, actor=actor, now=now)
    parts += shared_out(row, [one for one in billed if one.pk not in given], on)
    if parts:
        Bill.objects.bulk_update([one.bill for one in parts], ["paid_fen", "settled_on", "version"])
        Allocation.objects.bulk_create(parts)
        row.version += 1
        row.save(update_fields=["allocated_fen", "version"])
    return before - row.advance_fen


def shared_out(row: Settlement, bills: Sequence[Bill], on: date) -> list[Allocation]:
    """The bills take their parts in turn while there is something left; nothing is written yet."""
    parts = []
    for bill in bills:
        part = min(bill.open_fen, row.advance_fen)
        if part <= 0:
            continue
        parts.append(Allocation(settlement=row, bill=bill, amount_fen=part, on=on))
        bill.paid_fen += part
        bill.settled_on = on if bill.open_fen == 0 else None
        bill.version += 1
        row.allocated_fen += part
    return parts


def _give_back(paid: Settlement, amount_fen: int, on: date) -> int:
    """Takes from what was kept in advance, then from the bills paid last. 分 that are open again."""
    out_of_bills = max(amount_fen - paid.advance_fen, 0)
    left = out_of_bills
    paid.refunded_fen += amount_fen
    paid.allocated_fen -= out_of_bills
    paid.version += 1
    paid.save(update_fields=["refunded_fen", "allocated_fen", "version"])
    held: dict[int, int] = {}
    for bill_id, fen in paid.allocations.order_by("pk").values_list("bill_id", "amount_fen"):
        held[bill_id] = held.get(bill_id, 0) + fen
    bills = {row.pk: row for row in Bill.objects.select_for_update().filter(pk__in=held).order_by("pk")}
    parts = []
    for bill_id in reversed(held):
        part = min(held[bill_id], left)
        if part <= 0:
            continue
        bill = bills[bill_id]
        parts.append(Allocation(settlement=paid, bill=bill, amount_fen=-part, on=on))
        bill.paid_fen -= part
        bill.settled_on = None
        bill.version += 1
        left -= part
    Bill.objects.bulk_update([one.bill for one in parts], ["paid_fen", "settled_on", "version"])
    Allocation.objects.bulk_create(parts)
    return out_of_bills


def _clear(unit: Unit, ownership: Ownership | None, on: date) -> bool:
    """Nothing that is due is open any more, of this unit by these owners."""
    return not open_bills(unit=unit).filter(ownership=ownership, due_on__lt=on).exists()
