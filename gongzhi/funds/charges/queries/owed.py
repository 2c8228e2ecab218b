"""What is owed: open bills, the cost of being late by contract, what was paid in advance."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import F, QuerySet, Sum

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.funds.charges.models import Allocation, Bill, ChargeTerms, Settlement
from gongzhi.policy.answer import Answer
from gongzhi.registry.models import Estate, Ownership, Project, Unit

PURSE = "service_charges"
DAY = timedelta(days=1)
NUMBER_HEAD = 6  # year and month before the key in a bill's number
Moves = list[tuple[date, int]]


@dataclass(frozen=True)
class OfProject:
    """What rights over a company's own charges are judged by: what is owed to it stays its matter after it has left."""

    project: Project

    @property
    def estate(self) -> Estate:
        return self.project.estate

    @property
    def place_path(self) -> str:
        return self.project.place_path

    def is_party(self, actor: Actor) -> bool:
        """The company; of its managers the one of this estate."""
        of_company = actor.organisation is not None and actor.organisation.pk == self.project.company_id
        return of_company and (actor.role != "project_manager" or actor.within(self.place_path))


class OfUnit:
    """Judged by: the company of the project, or an owner of this very unit."""

    def __init__(self, unit: Unit, project: Project) -> None:
        self.unit, self.project = unit, project

    @property
    def place_path(self) -> str:
        return self.project.place_path

    def is_party(self, actor: Actor) -> bool:
        if OfProject(self.project).is_party(actor):
            return True
        hashed = getattr(actor.user, "phone_hash", "")
        owners = self.unit.ownerships.filter(shares__owner__phone_hash=hashed)
        return actor.role == "owner" and bool(hashed) and owners.exists()


def terms_on(project: Project, on: date) -> ChargeTerms | None:
    rows = project.charge_terms.filter(from_on__lte=on).exclude(to_on__lt=on)
    return rows.order_by("-from_on").first()


def bill_numbered(number: str) -> Bill | None:
    """The bill with that number as it is printed."""
    key = number[NUMBER_HEAD:]
    found = Bill.objects.filter(pk=int(key)).first() if key.isdigit() and number.isdigit() else None
    return found if found is not None and found.number == number else None


def open_bills(
    *, unit: Unit | None = None, project: Project | None = None, ownership: Ownership | None = None
) -> QuerySet[Bill]:
    """Bills with something left to pay, the oldest debt first."""
    rows = Bill.objects.filter(settled_on=None, cancelled_on=None).select_related("unit__building", "project")
    if unit is not None:
        rows = rows.filter(unit=unit)
    if project is not None:
        rows = rows.filter(project=project)
    if ownership is not None:
        rows = rows.filter(ownership=ownership)
    return rows.order_by("due_on", "pk")


@dataclass(frozen=True, slots=True)
class Late:
    """违约金 up to a day, in 分, with the answer of the pack that limits it. `rate` is the contract's."""

    fen: int
    days: int
    rate: Decimal | None
    answer: Answer | None


def late_fen(bill: Bill, on: date) -> Late:
    """What the contract asks for being late with this bill, by that day: simple, by day, on what was open that day.

    0 where the contract says nothing. A bill for being late bears nothing itself.
    """
    return late_by_bill([bill], on)[bill.pk]


def late_by_bill(bills: Iterable[Bill], on: date) -> dict[int, Late]:
    """`late_fen` of each bill by its key; contracts, payments and the document are read once for all of them."""
    listed = list(bills)
    rates = _rates(listed)
    moves = _moves([bill for bill in listed if rates[bill.pk] is not None])
    with core.hold_policy():
        return {bill.pk: _late(bill, on, rates[bill.pk], moves.get(bill.pk, [])) for bill in listed}


def _late(bill: Bill, on: date, rate: Decimal | None, moves: Moves) -> Late:
    days = (on - bill.due_on).days
    if bill.kind == "late" or rate is None or days <= 0 or bill.cancelled_on:
        return Late(0, max(days, 0), rate, None)
    weighted = _open_by_day(bill, on, moves)
    if not weighted:
        return Late(0, days, rate, None)
    facts = {"owed": bill.amount_fen, "daily": rate, "open_days": weighted}
    answer = core.ask("funds.late_charge", facts, place_path=bill.place_path, on=on)
    fen = int(answer.value) if answer.ok else 0
    return Late(fen, days, rate, answer)


def _rates(bills: Sequence[Bill]) -> dict[int, Decimal | None]:
    """The contract's rate for each bill, of the day it was due."""
    terms: dict[int, list[ChargeTerms]] = {}
    for row in ChargeTerms.objects.filter(project__in={bill.project_id for bill in bills}).order_by("-from_on"):
        terms.setdefault(row.project_id, []).append(row)
    found: dict[int, Decimal | None] = {}
    for bill in bills:
        then = (row for row in terms.get(bill.project_id, ()) if row.holds_on(bill.due_on))
        held = next(then, None)
        found[bill.pk] = held.late_rate if held is not None else None
    return found


def _moves(bills: Sequence[Bill]) -> dict[int, Moves]:
    """What went to each bill, day by day."""
    rows = Allocation.objects.filter(bill__in=[bill.pk for bill in bills]) if bills else Allocation.objects.none()
    found: dict[int, Moves] = {}
    for key, day, fen in rows.order_by("on", "pk").values_list("bill_id", "on", "amount_fen"):
        found.setdefault(key, []).append((day, fen))
    return found


def _open_by_day(bill: Bill, on: date, moves: Moves) -> int:
    """分 × days: what was open after the day it was due, day by day up to `on`.

    What is paid on a day is no longer open that day's end, but that day of delay is counted: 逾期1天 is paying the day
    after it was due.
    """
    owed = bill.amount_fen - sum(fen for day, fen in moves if day <= bill.due_on)
    total, since = 0, bill.due_on
    for day, fen in moves:
        if bill.due_on < day <= on:
            total += owed * (day - since).days
            owed, since = owed - fen, day
    return total + owed * (on - since).days


def owed_by_bill(bills: Iterable[Bill], on: date) -> dict[int, int]:
    """What clears each bill on that day, by its key: what is open and, by contract, the cost of being late."""
    listed = list(bills)
    late = late_by_bill([bill for bill in listed if bill.open_fen], on)
    return {bill.pk: bill.open_fen + (late[bill.pk].fen if bill.open_fen else 0) for bill in listed}


def owed_fen(bills: Iterable[Bill], on: date) -> int:
    """What clears these bills on that day."""
    return sum(owed_by_bill(bills, on).values())


def advance_of(unit: Unit, ownership: Ownership | None, project: Project) -> int:
    """预存 of these owners for this unit with this company, in 分."""
    rows = Settlement.objects.filter(unit=unit, ownership=ownership, project=project, kind="payment")
    left = rows.aggregate(left=Sum(F("amount_fen") - F("allocated_fen") - F("refunded_fen")))["left"]
    return int(left or 0)
