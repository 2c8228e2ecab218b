"""违约金: what being late with a bill costs by contract becomes a bill of its own once that bill is cleared."""

from collections.abc import Mapping
from datetime import date, datetime

from gongzhi.core.actors import Actor
from gongzhi.funds.charges.models import Bill, BillItem
from gongzhi.funds.charges.queries.owed import PURSE
from gongzhi.funds.common.services import ensure_book, unit_accounts
from gongzhi.ledger import services as ledger


def bill_late(costs: Mapping[Bill, int], *, on: date, actor: Actor, now: datetime) -> list[Bill]:
    """Bills of their own for being late, due at once, each with its entry; one for each bill, ever."""
    if not costs:
        return []
    there = list(Bill.objects.select_for_update().filter(of__in=costs).order_by("pk"))
    known = {one.of_id for one in there}
    due = {bill: fen for bill, fen in costs.items() if bill.pk not in known}
    if not due:
        return there
    entries = _late_entries(due, on=on, actor=actor, now=now)
    made = Bill.objects.bulk_create(
        Bill(
            project=bill.project, unit=bill.unit, ownership=bill.ownership, kind="late", of=bill, from_on=bill.from_on,
            to_on=bill.to_on, issued_on=on, due_on=on, amount_fen=fen, entry_id=entries[bill.pk],
            place_path=bill.place_path, demo=bill.demo,
        )
        for bill, fen in due.items()
    )  # fmt: skip
    BillItem.objects.bulk_create(
        BillItem(
            bill=row, fee="late", text=f"账单{bill.number}逾期{(on - bill.due_on).days}天", amount_fen=row.amount_fen
        )
        for bill, row in zip(due, made, strict=True)
    )
    return there + made


def _late_entries(due: Mapping[Bill, int], *, on: date, actor: Actor, now: datetime) -> dict[int, int]:
    """The entry for each bill's cost of being late, by the bill's key. All are of one project."""
    project = next(iter(due)).project
    book = ensure_book(project.estate, purse=PURSE, on=on, actor=actor, now=now)
    accounts = unit_accounts(book, {bill.unit_id: bill.unit for bill in due}.values())
    income = book.accounts.get(code="income.late")
    rows = [
        ledger.SetEntry(
            f"late:{bill.pk}", f"{bill.unit} 账单{bill.number}违约金", [(accounts[bill.unit_id], fen), (income, -fen)],
            bill.ref,
        )
        for bill, fen in due.items()
    ]  # fmt: skip
    made = ledger.post_set(book, kind="charge_late", booked_on=on, rows=rows, actor=actor, now=now)
    return {bill.pk: made[f"late:{bill.pk}"] for bill in due}
