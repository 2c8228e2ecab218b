"""A bill of its own: a service asked for by one unit, a rest of an old book, a correction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.funds.charges.models import Bill, BillItem
from gongzhi.funds.charges.queries.owed import PURSE, OfProject
from gongzhi.funds.charges.words import PRICED
from gongzhi.funds.common.services import ensure_book, unit_accounts
from gongzhi.ledger import services as ledger
from gongzhi.ledger.services.posting import Leg
from gongzhi.registry.models import Project, Unit
from gongzhi.registry.queries.history import ownership_on

CONFLICT_STATUS = 409


@dataclass(frozen=True, slots=True)
class Item:
    """One line. `quantity` and `price` only where the amount is their product."""

    fee: str
    text: str
    amount_fen: int
    quantity: Decimal | None = None
    price: Decimal | None = None


@transaction.atomic
def bill_once(
    unit: Unit,
    *,
    project: Project,
    items: Sequence[Item],
    from_on: date,
    to_on: date,
    due_on: date,
    key: str,
    actor: Actor,
    now: datetime,
) -> Bill:
    """Bills what one unit owes beside the runs. `key` names the act: a second call gives the first bill."""
    core.require(actor, "fee.bill", OfProject(project))
    on = core.local_day(now)
    total = sum(one.amount_fen for one in items)
    if total <= 0 or any(one.fee not in PRICED or one.amount_fen == 0 for one in items):
        raise Refused("bill_items", "每一项都要有收费项目和金额，合计要大于0。", fields={"amount_fen": "要大于0"})
    if to_on < from_on or due_on < on:
        raise Refused("bill_days", "止日不能早于起日，缴费期限不能早于今天。", fields={"due_on": "不能早于今天"})
    book = ensure_book(project.estate, purse=PURSE, on=on, actor=actor, now=now)
    incomes = {one.code: one for one in book.accounts.filter(code__startswith="income.")}
    by_fee: dict[str, int] = {}
    for one in items:
        by_fee[one.fee] = by_fee.get(one.fee, 0) + one.amount_fen
    legs: list[Leg] = [(unit_accounts(book, [unit])[unit.pk], total)]
    legs += [(incomes[f"income.{fee}"], -fen) for fee, fen in by_fee.items() if fen]
    entry = ledger.post(
        book=book, key=f"bill:{key}", kind="charge_bill", booked_on=on, text=f"{unit} {items[0].text}", legs=legs,
        actor=actor, now=now, source=unit.ref,
    )  # fmt: skip
    before = Bill.objects.filter(entry=entry).first()
    if before is not None:
        return before
    row = Bill.objects.create(
        project=project, unit=unit, ownership=ownership_on(unit, on), kind="single", from_on=from_on, to_on=to_on,
        issued_on=on, due_on=due_on, amount_fen=total, entry=entry, place_path=project.place_path, demo=actor.demo,
    )  # fmt: skip
    BillItem.objects.bulk_create(
        BillItem(
            bill=row, fee=one.fee, text=one.text, quantity=one.quantity, price=one.price, amount_fen=one.amount_fen
        )
        for one in items
    )
    core.record(
        "fee.billed_once",
        subject=unit.ref,
        actor=actor,
        at=now,
        place_path=project.place_path,
        data={"amount": total, "due_on": due_on, "estate": str(project.estate_id)},
    )
    return row


@transaction.atomic
def cancel_bill(bill: Bill, *, reason: str, version: int | None, actor: Actor, now: datetime) -> Bill:
    """作废: a bill that nothing was paid of yet; the ledger gets its counter-entry."""
    row = (
        Bill.objects.select_for_update(of=("self",))
        .select_related("project", "unit__building", "entry__book")
        .get(pk=bill.pk)
    )
    core.check_version(row, version)
    core.require(actor, "fee.bill", OfProject(row.project))
    if row.cancelled_on is not None:
        return row
    if row.paid_fen:
        raise Refused(
            "bill_paid", f"这张账单已收{core.yuan(row.paid_fen)}元，要先退款才能作废。", status=CONFLICT_STATUS
        )
    if not reason.strip():
        raise Refused("reason_missing", "请写作废的原因。", fields={"reason": "请写原因"})
    on = core.local_day(now)
    ledger.reverse(row.entry, booked_on=on, text=f"作废账单{row.number}：{reason.strip()}", actor=actor, now=now)
    row.cancelled_on = row.settled_on = on
    row.version += 1
    row.save(update_fields=["cancelled_on", "settled_on", "version"])
    row.shared_parts.update(bill=None)
    core.record(
        "fee.bill_cancelled",
        subject=row.unit.ref,
        actor=actor,
        at=now,
        place_path=row.place_path,
        data={"amount": row.amount_fen, "reason": reason.strip(), "estate": str(row.project.estate_id)},
    )
    return row
