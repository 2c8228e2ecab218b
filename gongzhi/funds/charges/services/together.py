"""Money that comes to many homes at once, as revenue that lowers the bills of an estate: what `settle` does to each.

The entries, payments, parts of bills and events are those of `settle` home by home, written some statements at a time.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.funds.charges.models import Allocation, Bill, Settlement
from gongzhi.funds.charges.queries.owed import PURSE, OfProject, late_by_bill
from gongzhi.funds.charges.services.late import bill_late
from gongzhi.funds.charges.services.settling import (
    CONFLICT_STATUS,
    check_payment,
    lies_in,
    shared_out,
    told_paid,
    words_of,
)
from gongzhi.funds.common.services import ensure_book, unit_accounts
from gongzhi.ledger import services as ledger
from gongzhi.registry.models import Ownership, Project, Unit, covers

Home = tuple[int, int | None]


@dataclass(frozen=True, slots=True)
class HomePart:
    """What one home gets, in 分; `key` as with `settle`."""

    unit: Unit
    amount_fen: int
    key: str


@transaction.atomic
def settle_each(
    parts: Sequence[HomePart], *, project: Project, channel: str, on: date, text: str, actor: Actor, now: datetime
) -> list[Settlement]:
    """Each home's part goes to the open bills of who owns it that day, the oldest first; the rest is kept in advance.

    Refuses (`key_used`) when one of the parts came in before: a set comes in once and as a whole.
    """
    core.require(actor, "fee.settle", OfProject(project))
    for part in parts:
        check_payment(part.amount_fen, channel=channel, on=on, now=now)
    if Settlement.objects.filter(key__in=[part.key for part in parts]).exists():
        raise Refused("key_used", "这一笔已经分给各户，不能再分一次。", status=CONFLICT_STATUS)
    owners = _owners([part.unit for part in parts], on)
    bills = _locked(project, owners)
    rows = _settlements(parts, owners, project=project, channel=channel, on=on, text=text, actor=actor, now=now)
    _allocate(rows, bills, on=on, actor=actor, now=now)
    _tell(rows, on=on, actor=actor, now=now)
    return rows


def _owners(units: Sequence[Unit], on: date) -> dict[int, Ownership | None]:
    """Who owns each unit that day, by its key."""
    found = {one.unit_id: one for one in Ownership.objects.filter(covers(on), unit__in=units)}
    return {unit.pk: found.get(unit.pk) for unit in units}


def _locked(project: Project, owners: Mapping[int, Ownership | None]) -> dict[Home, list[Bill]]:
    """The open bills of these owners, each home's oldest first; locked in one order, as everywhere."""
    rows = Bill.objects.select_for_update(of=("self",)).select_related("project__estate", "unit__building", "ownership")
    listed: dict[Home, list[Bill]] = defaultdict(list)
    for bill in rows.filter(project=project, unit__in=owners, settled_on=None, cancelled_on=None).order_by("pk"):
        owner = owners[bill.unit_id]
        if bill.ownership_id == (owner.pk if owner is not None else None):
            listed[bill.unit_id, bill.ownership_id].append(bill)
    return {home: sorted(own, key=lambda bill: (bill.due_on, bill.pk)) for home, own in listed.items()}


def _settlements(
    parts: Sequence[HomePart], owners: Mapping[int, Ownership | None], *, project: Project, channel: str, on: date,
    text: str, actor: Actor, now: datetime,
) -> list[Settlement]:  # fmt: skip
    book = ensure_book(project.estate, purse=PURSE, on=on, actor=actor, now=now)
    accounts, source = unit_accounts(book, [part.unit for part in parts]), lies_in(book, channel)
    due = [
        ledger.SetEntry(
            f"pay:{part.key}", words_of(part.unit, channel=channel, reference="", text=text),
            [(source, part.amount_fen), (accounts[part.unit.pk], -part.amount_fen)], part.unit.ref,
        )
        for part in parts
    ]  # fmt: skip
    entries = ledger.post_set(book, kind="charge_payment", booked_on=on, rows=due, actor=actor, now=now)
    return Settlement.objects.bulk_create(
        Settlement(
            project=project, unit=part.unit, ownership=owners[part.unit.pk], kind="payment", channel=channel,
            key=part.key, amount_fen=part.amount_fen, on=on, text=text, entry_id=entries[f"pay:{part.key}"],
            by=actor.user, by_label=actor.label, at=now, place_path=project.place_path, demo=actor.demo,
        )
        for part in parts
    )  # fmt: skip


def _allocate(
    rows: Sequence[Settlement], bills: Mapping[Home, list[Bill]], *, on: date, actor: Actor, now: datetime
) -> None:
    """What each payment gives its bills, then to what being late with those costs that it cleared."""
    late = late_by_bill([bill for own in bills.values() for bill in own], on)
    given: list[Allocation] = []
    for row in rows:
        given += shared_out(row, bills.get((row.unit_id, row.ownership_id), []), on)
    costs = {one.bill: late[one.bill_id].fen for one in given if not one.bill.open_fen and late[one.bill_id].fen}
    known = {bill.pk for own in bills.values() for bill in own}
    extra: dict[Home, list[Bill]] = defaultdict(list)
    for bill in bill_late(costs, on=on, actor=actor, now=now):
        if bill.pk not in known:
            extra[bill.unit_id, bill.ownership_id].append(bill)
    for row in rows:
        given += shared_out(row, extra.get((row.unit_id, row.ownership_id), []), on)
    Bill.objects.bulk_update(
        {one.bill_id: one.bill for one in given}.values(), ["paid_fen", "settled_on", "version"], batch_size=1000
    )
    Allocation.objects.bulk_create(given)
    changed = [row for row in rows if row.allocated_fen]
    for row in changed:
        row.version += 1
    Settlement.objects.bulk_update(changed, ["allocated_fen", "version"], batch_size=1000)


def _tell(rows: Sequence[Settlement], *, on: date, actor: Actor, now: datetime) -> None:
    open_ = Bill.objects.filter(settled_on=None, cancelled_on=None, due_on__lt=on, unit__in=[row.unit for row in rows])
    owing = set(open_.values_list("unit", "ownership"))
    core.record_many(
        told_paid(row, actor=actor, now=now, cleared=(row.unit_id, row.ownership_id) not in owing) for row in rows
    )
