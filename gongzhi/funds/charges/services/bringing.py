"""导入老账: what owners owed a company before its charges were kept here, unit by unit, all rows or none."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.funds.charges.models import Bill, BillItem
from gongzhi.funds.charges.queries.owed import PURSE, OfProject
from gongzhi.funds.charges.words import PRICED
from gongzhi.funds.common.services import ensure_book, unit_accounts
from gongzhi.ledger import services as ledger
from gongzhi.registry.models import Ownership, Project, Unit

CONFLICT_STATUS, UNPROCESSABLE = 409, 422
MOST_TOLD = 8


@dataclass(frozen=True, slots=True)
class OldDebt:
    """A debt of an earlier book. It is owed by who owned the unit on the day it was due."""

    unit: Unit
    fee: str
    from_on: date
    to_on: date
    due_on: date
    amount_fen: int
    text: str = ""


@transaction.atomic
def bring_in(project: Project, *, rows: Sequence[OldDebt], actor: Actor, now: datetime) -> list[Bill]:
    """A bill for each row, against the surplus of the book: it was no income of this year.

    Refuses (`old_debts`) rows that cannot be, and what was brought in before: the same unit, item and period.
    """
    core.require(actor, "fee.bill", OfProject(project))
    on = core.local_day(now)
    _check(project, rows, on)
    book = ensure_book(project.estate, purse=PURSE, on=on, actor=actor, now=now)
    surplus = book.accounts.get(code="surplus")
    accounts = unit_accounts(book, {row.unit.pk: row.unit for row in rows}.values())
    due = [
        ledger.SetEntry(
            key_of(project, row), f"{row.unit} {_text(row)}",
            [(accounts[row.unit.pk], row.amount_fen), (surplus, -row.amount_fen)], row.unit.ref,
        )
        for row in rows
    ]  # fmt: skip
    entries = ledger.post_set(book, kind="charge_opening", booked_on=on, rows=due, actor=actor, now=now)
    owners = _owners(rows)
    made = Bill.objects.bulk_create(
        Bill(
            project=project, unit=row.unit, ownership=owners[row], kind="single", from_on=row.from_on,
            to_on=row.to_on, issued_on=on, due_on=row.due_on, amount_fen=row.amount_fen,
            entry_id=entries[key_of(project, row)], place_path=project.place_path, demo=actor.demo,
        )
        for row in rows
    )  # fmt: skip
    BillItem.objects.bulk_create(
        BillItem(bill=bill, fee=row.fee, text=_text(row), amount_fen=row.amount_fen)
        for bill, row in zip(made, rows, strict=True)
    )
    core.record(
        "fee.arrears_brought_in", subject=project.estate.ref, actor=actor, at=now, place_path=project.place_path,
        data={"units": len(accounts), "amount": sum(row.amount_fen for row in rows), "estate": str(project.estate_id)},
    )  # fmt: skip
    return made


def _text(row: OldDebt) -> str:
    return row.text or f"{PRICED[row.fee]}（老账）"


def _owners(rows: Sequence[OldDebt]) -> dict[OldDebt, Ownership | None]:
    """Who owned each unit on the day that its debt was due."""
    held = defaultdict(list)
    for one in Ownership.objects.filter(unit__in={row.unit.pk for row in rows}):
        held[one.unit_id].append(one)
    return {row: next((one for one in held[row.unit.pk] if _holds(one, row.due_on)), None) for row in rows}


def _holds(owned: Ownership, day: date) -> bool:
    return (owned.from_on is None or owned.from_on <= day) and (owned.to_on is None or day <= owned.to_on)


def key_of(project: Project, row: OldDebt) -> str:
    return f"opening:{project.pk}:{row.unit.pk}:{row.fee}:{row.from_on}:{row.to_on}"


def brought(project: Project) -> set[str]:
    """The keys of what was brought in before."""
    rows = Bill.objects.filter(project=project, entry__key__startswith=f"opening:{project.pk}:")
    return set(rows.values_list("entry__key", flat=True))


def fault_of(project: Project, row: OldDebt, on: date) -> tuple[str, str] | None:
    """What is wrong with a row: the field, and what to tell."""
    if row.unit.building.estate_id != project.estate_id:
        return "unit", "这套房屋不在本项目内"
    if row.fee not in PRICED:
        return "fee", "收费项目不对"
    if row.amount_fen <= 0:
        return "amount", "金额要大于0"
    if row.to_on < row.from_on:
        return "to_on", "止日不能早于起日"
    if row.due_on > on:
        return "due_on", "老账的期限要在今天以前"
    return None


def _check(project: Project, rows: Sequence[OldDebt], on: date) -> None:
    if not rows:
        raise Refused("old_debts", "表里没有一行欠费。", fields={"file": "没有数据"})
    seen, known = brought(project), False
    faults = []
    for number, row in enumerate(rows, start=1):
        fault, key = fault_of(project, row, on), key_of(project, row)
        if fault is not None:
            faults.append(f"第{number}条{row.unit}{fault[1]}")
        elif key in seen:
            faults.append(f"第{number}条{row.unit}同一项目同一时期已有一笔")
            known = True
        seen.add(key)
    if faults:
        raise Refused(
            "old_debts", f"一条都没有导入：{'；'.join(faults[:MOST_TOLD])}。", fields={"file": "有不对的行"},
            status=CONFLICT_STATUS if known else UNPROCESSABLE,
        )  # fmt: skip
