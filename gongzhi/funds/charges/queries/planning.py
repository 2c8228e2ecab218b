"""Which tariff holds for which units in which months of a run: worked out once a run, applied by the database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Max

from gongzhi.funds.charges.models import Bill, Tariff
from gongzhi.registry.models import Project, Unit

MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class Line:
    """A tariff for the units of one building and use, over following months of a run."""

    building: int
    use: str
    tariff: Tariff
    first: date
    last: date
    months: int


def month_after(first: date, months: int = 1) -> date:
    """The first day of the month that many months on."""
    index = first.year * MONTHS_A_YEAR + first.month - 1 + months
    return date(index // MONTHS_A_YEAR, index % MONTHS_A_YEAR + 1, 1)


def months_of(from_on: date, to_on: date) -> list[date]:
    """The first days of the months of a run."""
    found, month = [], from_on.replace(day=1)
    while month <= to_on:
        found.append(month)
        month = month_after(month)
    return found


def period_end(from_on: date, every: int) -> date:
    return month_after(from_on, every) - timedelta(days=1)


def tariffs_of(project: Project, every: int) -> list[Tariff]:
    return list(project.tariffs.filter(state="in_force", every=every).order_by("pk"))


def plan(project: Project, *, every: int, months: Sequence[date]) -> list[Line]:
    """For every building and use of the estate: the tariffs of each fee and title, the more particular one first.

    `months`: first days, in their order. A month is charged by the tariff in force on its first day.
    """
    tariffs = [one for one in tariffs_of(project, every) if one.basis != "item"]
    kinds = Unit.objects.filter(building__estate=project.estate).values_list("building", "use").distinct()
    found: list[Line] = []
    for building, use in sorted(kinds):
        for name in sorted({(one.fee, one.title) for one in tariffs}):
            listed = [one for one in tariffs if (one.fee, one.title) == name]
            found += _joined(building, use, [(month, _fitting(listed, building, use, month)) for month in months])
    return found


def billed_early(project: Project, every: int, months: Sequence[date]) -> dict[int, tuple[date, ...]]:
    """Units of which months were billed before their run, by the unit's number: the months that are left to charge."""
    if not months:
        return {}
    rows = Bill.objects.filter(
        project=project, kind="early", cancelled_on=None, items__tariff__every=every,
        from_on__lte=period_end(months[-1], 1), to_on__gte=months[0],
    )  # fmt: skip
    left: dict[int, tuple[date, ...]] = {}
    for unit, first, last in rows.values_list("unit", "from_on", "to_on").distinct():
        left[unit] = tuple(one for one in left.get(unit, months) if not first <= one <= last)
    return left


def months_unbilled(project: Project, unit: Unit, every: int, *, on: date) -> tuple[date, ...]:
    """The months up to that day's which the unit is still to be billed for: those after the last run of the cycle.

    Before the first run it is this month alone: what came before was charged elsewhere.
    """
    runs = project.billing_runs.filter(every=every).exclude(state="withdrawn")
    last = runs.aggregate(last=Max("to_on"))["last"]
    first = on.replace(day=1) if last is None else last + timedelta(days=1)
    until = on if project.to_on is None else min(on, project.to_on)
    months = months_of(max(first, project.from_on.replace(day=1)), until)
    return billed_early(project, every, months).get(unit.pk, tuple(months))


def _fitting(tariffs: Iterable[Tariff], building: int, use: str, month: date) -> Tariff | None:
    fitting = [
        one
        for one in tariffs
        if one.use in ("", use)
        and one.building_id in (None, building)
        and one.from_on <= month
        and (one.to_on is None or month <= one.to_on)
    ]
    return max(fitting, key=lambda one: (one.building_id is not None, one.use != ""), default=None)


def _joined(building: int, use: str, by_month: Sequence[tuple[date, Tariff | None]]) -> list[Line]:
    found: list[Line] = []
    for month, tariff in by_month:
        if tariff is None:
            continue
        before = found[-1] if found else None
        if before is not None and before.tariff.pk == tariff.pk and month_after(before.last) == month:
            found[-1] = Line(building, use, tariff, before.first, month, before.months + 1)
        else:
            found.append(Line(building, use, tariff, month, month, 1))
    return found
