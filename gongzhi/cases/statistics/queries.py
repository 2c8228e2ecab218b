"""Counting cases by group: one statement a span over an index that holds all it needs, summed up by dimension here."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import CharField, Count, F, Func, Q, QuerySet, Value
from django.db.models.functions import TruncMonth

from gongzhi.cases.codes import CHANNELS
from gongzhi.cases.models import Case
from gongzhi.cases.models.case import State
from gongzhi.cases.queries import asking
from gongzhi.cases.statistics.figures import Change, Figures, sums
from gongzhi.cases.statistics.periods import Period, Span, months_until
from gongzhi.core.days import ZONE
from gongzhi.core.models import Organisation, Place

NOBODY = "none"
UNPLACED = "没有落到下级"
LEVEL_BELOW = {
    "country": "省", "province": "地市", "city": "区县", "county": "镇街", "street": "社区（村）", "community": "小区",
}  # fmt: skip
KEYS = ("branch", "matter", "lead_id", "channel")


@dataclass(frozen=True)
class Cut:
    """Which cases are counted at all: a place, and, where given, one matter, source or unit (`none`: without one)."""

    place: Place
    matter: str = ""
    channel: str = ""
    unit: str = ""

    def rows(self) -> QuerySet[Case]:
        rows = Case.objects.within(self.place.path).exclude(state=State.VOIDED)
        if self.matter:
            rows = rows.filter(matter=self.matter)
        if self.channel:
            rows = rows.filter(channel=self.channel)
        if self.unit:
            rows = rows.filter(lead=None) if self.unit == NOBODY else rows.filter(lead_id=int(self.unit))
        return rows

    def within(self, span: Span) -> QuerySet[Case]:
        return self.rows().filter(received_at__gte=span.start, received_at__lt=span.end).order_by()

    @property
    def params(self) -> dict[str, str]:
        """What the list has to be asked for the same cases, but for the days."""
        found = {"place": self.place.code, "matter": self.matter, "channel": self.channel, "unit": self.unit}
        return {name: value for name, value in found.items() if value}


@dataclass(frozen=True)
class Line:
    """One group beside the same group in the two other periods. `params` narrow the list of cases to it."""

    key: str
    name: str
    figures: Figures
    before: int
    year_before: int
    params: dict[str, str]

    @property
    def on_before(self) -> Change:
        return Change(self.figures.received, self.before)

    @property
    def on_year(self) -> Change:
        return Change(self.figures.received, self.year_before)


@dataclass(frozen=True)
class Statistics:
    """Lines are sorted by how many were received; those without any now are shown where another period had some."""

    cut: Cut
    period: Period
    total: Line
    places: list[Line]
    matters: list[Line]
    units: list[Line]
    channels: list[Line]
    below: str


def statistics(cut: Cut, period: Period, *, now: datetime) -> Statistics:
    """All dimensions of a period: three grouped statements, however many cases there are."""
    depth = cut.place.path.count("/") + 1
    groups = {name: _grouped(cut, span, depth, now) for name, span in (
        ("now", period.span), ("before", period.before), ("year", period.year_before),
    )}  # fmt: skip
    lines = {key: _lines(key, groups, names, cut) for key, names in _namers(cut, groups, period.span.last).items()}
    return Statistics(
        cut=cut,
        period=period,
        total=_total(groups, cut),
        places=lines["branch"],
        matters=lines["matter"],
        units=lines["lead_id"],
        channels=lines["channel"],
        below=LEVEL_BELOW.get(cut.place.level, ""),
    )


Groups = Mapping[str, list[dict[str, Any]]]


def _grouped(cut: Cut, span: Span, depth: int, now: datetime) -> list[dict[str, Any]]:
    branch: Any = Func(F("place_path"), Value("/"), Value(depth), function="split_part", output_field=CharField())
    return list(cut.within(span).annotate(branch=branch).values(*KEYS).annotate(**sums(now)))


def _total(groups: Groups, cut: Cut) -> Line:
    counts = {name: sum(one["received"] for one in rows) for name, rows in groups.items()}
    figures = Figures.total(Figures.of(one) for one in groups["now"])
    return Line("", cut.place.short_name or cut.place.name, figures, counts["before"], counts["year"], cut.params)


def _lines(key: str, groups: Groups, names: Callable[[Any], str], cut: Cut) -> list[Line]:
    figures: dict[Any, list[Figures]] = defaultdict(list)
    counts: dict[str, dict[Any, int]] = {"before": defaultdict(int), "year": defaultdict(int)}
    for row in groups["now"]:
        figures[row[key]].append(Figures.of(row))
    for name, kept in counts.items():
        for row in groups[name]:
            kept[row[key]] += row["received"]
    found = [
        Line(
            key=_text(one),
            name=names(one),
            figures=Figures.total(figures.get(one, ())),
            before=counts["before"][one],
            year_before=counts["year"][one],
            params=cut.params | _param(key, one),
        )
        for one in {*figures, *counts["before"], *counts["year"]}
    ]
    return sorted(found, key=lambda one: (-one.figures.received, -one.before, -one.year_before, one.key))


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _param(key: str, value: Any) -> dict[str, str]:
    if key == "branch":
        return {"place": value} if value else {}
    if key == "lead_id":
        return {"unit": str(value) if value else NOBODY}
    return {key: str(value)}


def _namers(cut: Cut, groups: Groups, on: date) -> dict[str, Callable[[Any], str]]:
    def keys(name: str) -> Iterable[Any]:
        return {row[name] for rows in groups.values() for row in rows}

    places = dict(Place.objects.filter(code__in=keys("branch")).values_list("code", "name"))
    units = dict(Organisation.objects.filter(pk__in=keys("lead_id") - {None}).values_list("pk", "name"))  # type: ignore[operator]
    return {
        "branch": lambda code: places.get(code, UNPLACED),
        "matter": lambda code: asking.matter_name(code, place_path=cut.place.path, on=on),
        "lead_id": lambda pk: units.get(pk, "没有承办单位"),
        "channel": lambda code: CHANNELS.get(code, code),
    }


@dataclass(frozen=True)
class MonthLine:
    month: Span
    received: int
    year_before: int

    @property
    def on_year(self) -> Change:
        return Change(self.received, self.year_before)


def trend(cut: Cut, last: date) -> list[MonthLine]:
    """Twelve months with those of the year before, in one statement; a month that is not over beside as many days."""
    months = months_until(last)
    earlier = [one.year_before() for one in months]
    rows = cut.within(Span(earlier[0].first, months[-1].last))
    rows = rows.filter(Q(received_at__lt=earlier[-1].end) | Q(received_at__gte=months[0].start))
    counted: Any = (
        rows.annotate(month=TruncMonth("received_at", tzinfo=ZONE)).values("month").annotate(times=Count("state"))
    )
    times = {row["month"].date(): row["times"] for row in counted}
    return [
        MonthLine(month, times.get(month.first, 0), times.get(before.first, 0))
        for month, before in zip(months, earlier, strict=True)
    ]
