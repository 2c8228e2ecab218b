"""What a place and a period show: clues by town, the four hard topics, structures taken down, who came how often."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from gongzhi.cases.enforcement.models import SiteEntry, Structure
from gongzhi.cases.enforcement.queries.asking import topics
from gongzhi.cases.enforcement.words import ERAS
from gongzhi.cases.models import Case, State
from gongzhi.cases.queries import asking
from gongzhi.cases.queries.cases import _midnight
from gongzhi.core.display import percent
from gongzhi.core.models import Place

SETTLED = (State.CLOSED, State.ARCHIVED)
NOT_COUNTED = (State.MERGED, State.VOIDED)
STREET_DEPTH = 4


@dataclass(frozen=True)
class Line:
    """Of a town or a topic: entries, clues, how many of them are closed."""

    title: str
    entries: int
    whole: int
    settled: int

    @property
    def open(self) -> int:
        return self.whole - self.settled

    @property
    def rate(self) -> str:
        return percent(self.settled, self.whole) if self.whole else "—"


def clues(place_path: str, *, from_on: date, to_on: date) -> QuerySet[Case]:
    """Cases that a company, a committee, a community or a town reported, received in the period."""
    rows = Case.objects.within(place_path).filter(facts__has_key="reported_by", received_at__gte=_midnight(from_on))
    return rows.filter(received_at__lt=_midnight(to_on) + (_midnight(date(2000, 1, 2)) - _midnight(date(2000, 1, 1))))


def by_town(place_path: str, *, from_on: date, to_on: date) -> list[Line]:
    """Every town of the place, also one with nothing: entries of departments, clues, their share closed."""
    rows = clues(place_path, from_on=from_on, to_on=to_on).exclude(state__in=NOT_COUNTED)
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for path, state in rows.values_list("place_path", "state"):
        line = found[_town(path)]
        line[1] += 1
        line[2] += state in SETTLED
    entries = SiteEntry.objects.within(place_path).filter(on__gte=from_on, on__lte=to_on)
    for path in entries.values_list("place_path", flat=True):
        found[_town(path)][0] += 1
    towns = Place.objects.filter(level="street", path__startswith=place_path).order_by("path")
    return [Line(one.name, *found[one.path]) for one in towns]


def _town(path: str) -> str:
    return "".join(f"{code}/" for code in path.split("/")[:STREET_DEPTH])


def by_topic(place_path: str, *, on: date, estate: Any = None) -> tuple[list[Line], tuple[str, ...]]:
    """The hard topics of the document, over all that was registered up to today: how many are still open."""
    wanted, clauses = topics(place_path, on)
    rows = Case.objects.within(place_path).filter(matter__in=wanted).exclude(state__in=NOT_COUNTED)
    if estate is not None:
        rows = rows.filter(estate=estate)
    counted = {
        one["matter"]: one
        for one in rows.values("matter")
        .annotate(whole=Count("id"), settled=Count("id", filter=Q(state__in=SETTLED)))
        .order_by()
    }
    lines = []
    for matter in wanted:
        one = counted.get(matter, {"whole": 0, "settled": 0})
        name = asking.matter_name(matter, place_path=place_path, on=on)
        lines.append(Line(name, 0, one["whole"], one["settled"]))
    return lines, clauses


@dataclass(frozen=True)
class EstateLine(Line):
    estate_id: int = 0
    topic: str = ""


def by_topic_and_estate(place_path: str, *, on: date, most: int | None = None) -> list[EstateLine]:
    """The same by estate, only where something was registered: what has most open first."""
    wanted, _ = topics(place_path, on)
    rows = Case.objects.within(place_path).filter(matter__in=wanted, estate__isnull=False)
    counted: Any = (
        rows.exclude(state__in=NOT_COUNTED)
        .values("estate_id", "estate__name", "matter")
        .annotate(whole=Count("id"), settled=Count("id", filter=Q(state__in=SETTLED)))
        .order_by(F("settled") - F("whole"), "estate__name", "estate_id", "matter")
    )
    return [
        EstateLine(
            one["estate__name"], 0, one["whole"], one["settled"], one["estate_id"],
            asking.matter_name(one["matter"], place_path=place_path, on=on),
        )
        for one in counted[:most]
    ]  # fmt: skip


def entries_by_unit(place_path: str, *, from_on: date, to_on: date) -> list[dict[str, Any]]:
    """How often each department came, and into how many estates."""
    rows = SiteEntry.objects.within(place_path).filter(on__gte=from_on, on__lte=to_on)
    counted: Any = rows.values("role", "organisation__name").annotate(
        times=Count("id"), estates=Count("estate", distinct=True)
    )
    return list(counted.order_by("organisation__name"))


@dataclass(frozen=True)
class Taken:
    era: str
    title: str
    whole: int
    removed: int

    @property
    def rate(self) -> str:
        return percent(self.removed, self.whole) if self.whole else "—"


def structures(place_path: str) -> list[Taken]:
    """New ones and those from before: how many, how many are down."""
    rows = Structure.objects.within(place_path).values("era")
    counted: dict[str, Any] = {
        one["era"]: one
        for one in rows.annotate(whole=Count("id"), removed=Count("id", filter=~Q(removed_on=None))).order_by()
    }
    nothing = {"whole": 0, "removed": 0}
    found = [(era, title, counted.get(era, nothing)) for era, title in ERAS.items()]
    return [Taken(era, title, one["whole"], one["removed"]) for era, title, one in found]
