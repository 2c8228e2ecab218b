"""Reading arrears: who owes since when, how far the demand is, rates of what was collected."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from django.db.models import Count, F, Min, Q, Sum

from gongzhi.core import services as core
from gongzhi.funds.charges.models import ArrearsOpinion, Bill, Demand, PayerMark
from gongzhi.funds.charges.queries.owed import open_bills
from gongzhi.policy.periods import Period, deadline, start_of
from gongzhi.registry.models import Estate, Ownership, Project, Unit
from gongzhi.registry.queries.known import fact

# The community's word that a debtor holds his money back on purpose: a standing fact of his unit.
WILLFUL = "willful_arrears"
MONTHS_A_YEAR = 12
PER_MILLE = 1000


@dataclass(frozen=True, slots=True)
class Debtor:
    """What the owners of a unit owe one company past its day, without the cost of being late."""

    unit: Unit
    ownership: Ownership | None
    owed_fen: int
    since: date
    bills: int

    def days(self, on: date) -> int:
        return (on - self.since).days

    def months(self, on: date) -> int:
        """Full months since the oldest bill was due."""
        gone = (on.year - self.since.year) * MONTHS_A_YEAR + on.month - self.since.month
        return gone - (1 if on.day < self.since.day else 0)


def debtors(project: Project, on: date, *, units: Sequence[int] | None = None) -> list[Debtor]:
    rows = Bill.objects.filter(project=project, settled_on=None, cancelled_on=None, due_on__lt=on)
    if units is not None:
        rows = rows.filter(unit__in=units)
    sums = list(
        rows.values("unit", "ownership")
        .annotate(owed=Sum(F("amount_fen") - F("paid_fen")), since=Min("due_on"), count=Count("pk"))
        .order_by("since", "unit")
    )
    known = Unit.objects.select_related("building").in_bulk([one["unit"] for one in sums])
    titles = Ownership.objects.in_bulk([one["ownership"] for one in sums if one["ownership"]])
    return [
        Debtor(known[one["unit"]], titles.get(one["ownership"]), one["owed"], one["since"], one["count"])
        for one in sums
    ]


def debtor(project: Project, unit: Unit, ownership: Ownership | None, *, on: date) -> Debtor | None:
    return next((one for one in debtors(project, on, units=[unit.pk]) if one.ownership == ownership), None)


@dataclass(frozen=True, slots=True)
class Rate:
    """收缴率: what of the amounts due was paid, in 分. Nothing due has no rate."""

    due_fen: int
    paid_fen: int
    units: int
    owing: int

    @property
    def share(self) -> Fraction | None:
        return Fraction(self.paid_fen, self.due_fen) if self.due_fen else None

    @property
    def words(self) -> str:
        share = self.share
        return "—" if share is None else percent(share)


def percent(share: Fraction) -> str:
    """With one decimal, half up."""
    tenths = int(share * PER_MILLE + Fraction(1, 2))
    return f"{tenths // 10}.{tenths % 10}%"


def rate(bills: Any) -> Rate:
    """Over a set of bills."""
    found = bills.filter(cancelled_on=None).aggregate(
        due=Sum("amount_fen"),
        paid=Sum("paid_fen"),
        units=Count("unit", distinct=True),
        owing=Count("unit", distinct=True, filter=Q(settled_on=None)),
    )
    return Rate(found["due"] or 0, found["paid"] or 0, found["units"], found["owing"])


def bills_of(estate: Estate, *, from_on: date, to_on: date) -> Any:
    """Bills that fell due within a period."""
    return Bill.objects.filter(project__estate=estate, due_on__range=(from_on, to_on))


def rate_of_marked(estate: Estate, on: date) -> Rate:
    """Of the units whose owners stated that they are officials or party members: a sum, no names."""
    marked = PayerMark.objects.filter(unit__building__estate=estate, to_on=None).values("unit")
    return rate(Bill.objects.filter(project__estate=estate, unit__in=marked, due_on__lte=on))


def period_after(place_path: str, question: str, on: date) -> tuple[date, Any]:
    """The last day of the period that the pack gives from that day on, with its answer."""
    answer = core.ask(question, {}, place_path=place_path, on=on)
    period: Period = answer.value
    pack = core.pack_for(place_path, on)
    assert pack is not None  # noqa: S101 - it has answered
    return deadline(start=start_of(on), period=period, calendar=pack.calendar).last_day, answer


def last_demand(project: Project, unit: Unit, ownership: Ownership | None) -> Demand | None:
    """The demand in force: the first one that is still open; later ones give no new period."""
    rows = Demand.objects.filter(project=project, unit=unit, ownership=ownership, closed_on=None)
    return rows.order_by("on", "pk").first()


def opinion_open(project: Project, unit: Unit, ownership: Ownership | None) -> bool:
    """A reasonable opinion that nobody has put right yet."""
    rows = ArrearsOpinion.objects.filter(project=project, unit=unit, ownership=ownership, state="reasonable")
    return rows.exists()


def step_facts(found: Debtor, project: Project, on: date) -> dict[str, Any]:
    """What the document may ask of a debtor before a step is taken against him."""
    demand = last_demand(project, found.unit, found.ownership)
    opinions = ArrearsOpinion.objects.filter(project=project, unit=found.unit, ownership=found.ownership)
    written = Demand.objects.filter(
        project=project, unit=found.unit, ownership=found.ownership, in_writing=True, closed_on=None
    )
    return {
        "demanded": demand is not None,
        "period_over": demand is not None and demand.over(on),
        "opinion_open": opinions.filter(state="reasonable").exists(),
        "reason_confirmed": opinions.filter(confirmed_on__isnull=False).exclude(state="resolved").exists(),
        "days_overdue": found.days(on),
        "months_overdue": max(found.months(on), 0),
        "written_demands": written.count(),
        "willful_confirmed": bool(fact(found.unit.ref, WILLFUL, on)),
    }


def to_urge(project: Project, on: date) -> list[Debtor]:
    """Whom the committee (or who stands in for it) should urge: every step of the document before it is taken."""
    from_facts = ((one, step_facts(one, project, on)) for one in debtors(project, on))
    return [one for one, facts in from_facts if not _refused({**facts, "step": "committee"}, project, on)]


def _refused(facts: dict[str, Any], project: Project, on: date) -> bool:
    findings = core.run_checks("funds.arrears_step", facts, place_path=project.place_path, on=on, raise_=False)
    return any(one.outcome == "refuse" for one in findings)


def refused_to_pay(project: Project, on: date) -> list[Debtor]:
    """拒交: without those whose reason the community confirmed."""
    return [one for one in debtors(project, on) if not step_facts(one, project, on)["reason_confirmed"]]


def owed_by(unit: Unit, ownership: Ownership | None) -> Iterable[Bill]:
    """Every open bill of these owners for the unit, of whichever company."""
    return open_bills(unit=unit).filter(ownership=ownership)
