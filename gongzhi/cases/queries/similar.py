"""Complaints that may be about the same thing, and those that come up again and again."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Count, Q, Value

from gongzhi.cases.models import Case, Problem
from gongzhi.cases.models.case import ENDED, RUNNING, State
from gongzhi.cases.queries import asking
from gongzhi.core import services as core
from gongzhi.core.days import ZONE, local_day
from gongzhi.policy.periods import MONTHS_IN_YEAR, add_months
from gongzhi.registry.models import Estate

MOST_SHOWN = 5
CANDIDATES = 60
LEAST_SHARED = 4  # two-character grams in common, below which two texts are not alike
GRAM = 2
DEFAULT_DAYS = 30
TOP = 10


@dataclass(frozen=True)
class Duplicate:
    case: Case
    because: str
    shared: int


def duplicates(
    estate: Estate, matters: Iterable[str], text: str, *, now: datetime, spot: str = "", exclude: int | None = None
) -> list[Duplicate]:
    """Cases of the estate that may be the same: the same plate or spot, the same matter within the pack's days, or
    words in common. The likeliest first."""
    on = local_day(now)
    wanted = set(matters)
    window = core.ask("cases.duplicate_window", {}, place_path=estate.place_path, on=on)
    since = _before(on, window.value if window.ok else None)
    pairs = [gram for gram in core.grams(text) if len(gram) == GRAM]
    alike = Q(matter__in=wanted) | Q(words__grams__overlap=pairs or [""])
    if spot:
        alike |= Q(spot=spot.strip().upper())
    rows = (
        Case.objects.filter(alike, estate=estate, received_at__gte=since)
        .exclude(state__in=(State.VOIDED, State.MERGED))
        .exclude(pk=exclude)
        .select_related("lead", "words")
        .order_by("-received_at")[:CANDIDATES]
    )
    found = [one for row in rows if (one := _compared(row, wanted, set(pairs), spot.strip().upper()))]
    return sorted(found, key=lambda one: (-one.shared, one.case.pk))[:MOST_SHOWN]


def unsettled_alike(case: Case, *, within: Any, leads: Sequence[str] = (), alike: bool = False) -> list[Case]:
    """Earlier cases of the same estate and matter that are not settled, those merged into one at work among them.

    `leads`: only those that such a unit has, or shall get. `alike`: only those with words in common.
    """
    since = _before(local_day(case.received_at), within)
    running = Q(state__in=RUNNING) | Q(state=State.MERGED, merged_into__state__in=RUNNING)
    rows = Case.objects.filter(
        running, estate=case.estate, matter=case.matter, received_at__gte=since, received_at__lte=case.received_at
    ).exclude(pk=case.pk)
    if leads:
        if case.route_lead not in leads:
            return []
        main = Q(merged_into=None, lead_role__in=leads) | Q(merged_into=None, lead=None, route_lead__in=leads)
        rows = rows.filter(main | Q(merged_into__lead_role__in=leads))
    found = list(rows.select_related("words").order_by("received_at", "pk")[:CANDIDATES])
    if not alike:
        return found
    pairs = {gram for gram in core.grams(case.title, case.text) if len(gram) == GRAM}
    return [one for one in found if len(pairs & set(one.words.grams)) >= LEAST_SHARED]


def _compared(row: Case, matters: set[str], pairs: set[str], spot: str) -> Duplicate | None:
    shared = len(pairs & {gram for gram in row.words.grams if len(gram) == GRAM})
    if spot and row.spot == spot:
        return Duplicate(row, "同一点位（车牌）", shared + 2 * LEAST_SHARED)
    if row.matter in matters and row.state not in ENDED:
        return Duplicate(row, "同一小区同类事项，正在办理", shared + LEAST_SHARED)
    if row.matter in matters:
        return Duplicate(row, "同一小区同类事项", shared)
    if shared >= LEAST_SHARED:
        return Duplicate(row, "内容相近", shared)
    return None


def _before(on: date, period: Any) -> datetime:
    """The first day of the time that ends on this one; months are the calendar's."""
    count = int(getattr(period, "count", 0) or 0) or DEFAULT_DAYS
    months = {"m": 1, "y": MONTHS_IN_YEAR}.get(getattr(period, "unit", "d"))
    start = add_months(on, -count * months)[0] if months else on - timedelta(days=count)
    return datetime(start.year, start.month, start.day, tzinfo=ZONE)


def source_counts(case: Case) -> dict[str, int]:
    """How often the matter came, by channel: its own and those merged into it, each kept."""
    rows = Case.objects.filter(Q(pk=case.pk) | Q(merged_into=case)).values("channel").annotate(times=Count("id"))
    return {row["channel"]: row["times"] for row in rows}


@dataclass(frozen=True)
class Hotspots:
    """`estates`: the same matter at the same estate, at or over the pack's number. `params` drill down."""

    since: datetime
    at_least: int
    estates: list[dict[str, Any]]
    by_estate: list[dict[str, Any]]
    by_matter: list[dict[str, Any]]
    most_overdue: list[dict[str, Any]]
    clauses: tuple[str, ...]


def hotspots(place_path: str, now: datetime, *, unled: bool = False) -> Hotspots:
    """What comes up again and again below a place, and which departments are late. Grouped statements.

    `unled`: only what no unit leads in any of its cases.
    """
    on = local_day(now)
    rule = core.ask("cases.hotspot", {}, place_path=place_path, on=on)
    value = rule.value if rule.ok else {}
    at_least = int(value.get("cases") or 3) if value else 3  # noqa: PLR2004 - shown as the platform's default
    since = _before(on, value.get("within") if value else None)
    rows = Case.objects.within(place_path).filter(received_at__gte=since).exclude(state=State.VOIDED)
    pairs = (
        rows.filter(estate__isnull=False)
        .values("estate_id", "estate__name", "matter")
        .annotate(times=Count("id"), led=Count("lead"), units=_units())
        .filter(times__gte=at_least)
        .order_by("-times", "estate_id")
    )
    if unled:
        pairs = pairs.filter(led=0)
    by_estate = (
        rows.values("estate_id", "estate__name").annotate(times=Count("id")).order_by("-times", "estate_id")[:TOP]
    )
    by_matter = rows.values("matter").annotate(times=Count("id")).order_by("-times", "matter")[:TOP]
    late = (
        Case.objects.within(place_path)
        .filter(lead__isnull=False, answered_at=None, answer_due_at__lte=now, state__in=RUNNING)
        .values("lead_id", "lead__name")
        .annotate(times=Count("id"))
        .order_by("-times", "lead_id")[:TOP]
    )
    start = local_day(since).isoformat()
    names = partial(asking.matter_name, place_path=place_path, on=on)
    return Hotspots(
        since=since,
        at_least=at_least,
        estates=[_row(one, names, received_from=start) for one in pairs],
        by_estate=[_row(one, names, received_from=start) for one in by_estate],
        by_matter=[_row(one, names, received_from=start) for one in by_matter],
        most_overdue=[_row(one, names, due="overdue") for one in late],
        clauses=tuple(rule.clauses) if rule.ok else (),
    )


def _units() -> Any:
    """The names of the units that lead any of the cases, each once."""
    return StringAgg("lead__name", "、", distinct=True, default=Value(""))


def _row(found: dict[str, Any], names: Callable[[str], str], **extra: str) -> dict[str, Any]:
    """One figure with the parameters of the list that shows the cases behind it."""
    params: dict[str, Any] = {**extra, "counted": "yes"}
    if found.get("estate_id"):
        params["estate"] = found["estate_id"]
    if found.get("matter"):
        params["matter"] = found["matter"]
    if found.get("lead_id"):
        params["unit"] = found["lead_id"]
    name = found.get("estate__name") or found.get("lead__name") or ""
    matter = names(found["matter"]) if found.get("matter") else ""
    return {**found, "name": name, "matter_name": matter, "params": params}


def same_problem(case: Case) -> list[Problem]:
    return list(case.problems.select_related("keeper"))
