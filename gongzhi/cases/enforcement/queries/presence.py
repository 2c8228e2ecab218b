"""Which units have set up what, which estates nobody answers for, which departments came this month."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from gongzhi.cases.enforcement.models import Officer, SiteEntry, Station
from gongzhi.cases.enforcement.queries.asking import rule
from gongzhi.core import services as core
from gongzhi.core.display import percent
from gongzhi.core.models import Organisation
from gongzhi.policy.periods import add_months
from gongzhi.registry import queries as registry
from gongzhi.registry.models import Estate


def officers_on(on: date) -> QuerySet[Officer]:
    rows = Officer.objects.filter(Q(to_on=None) | Q(to_on__gte=on), from_on__lte=on)
    return rows.select_related("organisation", "station")


def officers_of(estate: Estate, on: date) -> list[Officer]:
    """Who answers for it that day, of every department the nearest one first; members of teams are not among them."""
    path = estate.place_path
    above = [path[: end + 1] for end, char in enumerate(path) if char == "/"]
    rows = officers_on(on).filter(place_path__in=above, station=None)
    return sorted(rows, key=lambda one: (one.organisation.role, -len(one.place_path), one.pk))


def station_of(estate: Estate, on: date) -> Station | None:
    rows = estate.stations.filter(Q(closed_on=None) | Q(closed_on__gt=on), kind="station", opened_on__lte=on)
    return rows.select_related("organisation").order_by("-place_path").first()


@dataclass(frozen=True)
class Hosts:
    """Units that have to set it up: those that have, those that have not."""

    there: list[Station]
    missing: list[Organisation]
    uncovered: list[Estate]
    clauses: tuple[str, ...]

    @property
    def whole(self) -> int:
        return len(self.there) + len(self.missing)

    @property
    def words(self) -> str:
        return f"{len(self.there)}/{self.whole}"

    @property
    def all_covered(self) -> bool:
        return not self.uncovered


def hosts(place_path: str, *, kind: str, on: date) -> Hosts:
    """Of a place: which hosts have a station (a team), and which estates no station answers for."""
    named, clauses = rule("stations", place_path, on, kind=kind)
    units = Organisation.objects.filter(
        role__in=named.get("hosts") or (), active=True, place_path__startswith=place_path
    )
    open_ones = Station.objects.filter(Q(closed_on=None) | Q(closed_on__gt=on), kind=kind, opened_on__lte=on)
    there = list(
        open_ones.filter(place_path__startswith=place_path, organisation__in=units).select_related("organisation")
    )
    has = {one.organisation_id for one in there}
    covered = set(open_ones.values_list("estates", flat=True)) if named.get("covers") else set()
    estates = list(registry.estates_within(place_path)) if named.get("covers") else []
    return Hosts(
        there,
        [one for one in units.order_by("place_path") if one.pk not in has],
        [one for one in estates if one.pk not in covered and one.ended_on is None],
        clauses,
    )


@dataclass(frozen=True)
class EstateLiaisons:
    estate: Estate
    there: int
    whole: int
    missing: tuple[str, ...]

    @property
    def words(self) -> str:
        return f"{self.there}/{self.whole}"

    @property
    def complete(self) -> bool:
        return self.there == self.whole


@dataclass(frozen=True)
class Liaisons:
    rows: list[EstateLiaisons]
    clauses: tuple[str, ...]

    @property
    def complete(self) -> int:
        return sum(1 for one in self.rows if one.complete)

    @property
    def rate(self) -> str:
        return percent(self.complete, len(self.rows)) if self.rows else "—"


def liaisons(place_path: str, *, on: date, estates: Iterable[Estate] | None = None) -> Liaisons:
    """Of every estate: of the departments that the document wants, which have somebody for it."""
    named, clauses = rule("liaisons", place_path, on)
    roles = list(named.get("roles") or ())
    wanted = list(estates if estates is not None else registry.estates_within(place_path))
    county = core.ancestors(place_path)
    names = {role: core.role_name(role, place_path=place_path, on=on) for role in roles} if county else {}
    posts = list(officers_on(on).filter(organisation__role__in=roles, station=None))
    rows = []
    for estate in wanted:
        has = {one.organisation.role for one in posts if estate.place_path.startswith(one.place_path)}
        lacking = tuple(names.get(role, role) for role in roles if role not in has)
        rows.append(EstateLiaisons(estate, len(roles) - len(lacking), len(roles), lacking))
    return Liaisons(rows, clauses)


@dataclass(frozen=True)
class Attendance:
    """A department in a month: it has a liaison, and it was seen."""

    role: str
    name: str
    liaison: bool
    entries: int

    @property
    def there(self) -> bool:
        return self.liaison and self.entries > 0


def attendance(place_path: str, *, month: date) -> tuple[list[Attendance], tuple[str, ...]]:
    """Counted anew from the first of every month."""
    first = month.replace(day=1)
    after = add_months(first, 1)[0]
    named, clauses = rule("liaisons", place_path, first)
    roles = list(named.get("roles") or ())
    entries = SiteEntry.objects.filter(on__gte=first, on__lt=after, place_path__startswith=place_path)
    rows = Officer.objects.filter(Q(to_on=None) | Q(to_on__gte=first), from_on__lt=after, station=None)
    posts = {
        one.organisation.role
        for one in rows.select_related("organisation")
        if one.place_path.startswith(place_path) or place_path.startswith(one.place_path)
    }
    return [
        Attendance(
            role,
            core.role_name(role, place_path=place_path, on=first),
            role in posts,
            entries.filter(role=role).count(),
        )
        for role in roles
    ], clauses
