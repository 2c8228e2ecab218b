"""What is known of places and parties on a day."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import F, Func, Q, QuerySet, TextField, Value

from gongzhi.core import packs
from gongzhi.core.grams import search_grams
from gongzhi.core.models import Organisation
from gongzhi.core.prepared import Fetch
from gongzhi.core.refs import Ref
from gongzhi.policy.vocabulary import Fact
from gongzhi.registry.models import Estate, Project, StandingFact
from gongzhi.registry.questions import FACTS

FACT: dict[str, Fact] = {one.name: one for one in FACTS}
SERVED_BY_PROJECT = ("property_company", "project_manager")
COUNTY_OF_PATH = "^(?:[^/]+/){3}"  # province, city, county
COUNTY_DEPTH = 3
MOST_FOUND = 20
BY_PROJECT = ("has_property_company", "service_given")


def fact(subject: Ref, name: str, on: date) -> Any | None:
    """The value that holds that day, or None when nothing is known. An unknown name is a programming error."""
    return facts_of(subject, (name,), on).get(name)


def facts_of(subject: Ref, names: Iterable[str], on: date) -> dict[str, Any]:
    """The known ones of several facts, in one query. The latest row not after the day counts, and within it `to_on`."""
    wanted = [_declared(name).name for name in names]
    return _held(_stated(subject.kind, subject.id, on).filter(name__in=wanted), on)


def fact_of_units(units: Iterable[int], name: str, on: date) -> dict[int, Any]:
    """One fact of many units, by their keys, in one query: those of which it is known that day."""
    return fact_of_many("unit", units, name, on=on)


def fact_of_many(kind: str, keys: Iterable[int], name: str, *, on: date) -> dict[int, Any]:
    """The same of rows of any kind."""
    rows = StandingFact.objects.filter(
        subject_kind=kind, subject_id__in=[str(one) for one in keys], name=_declared(name).name, from_on__lte=on
    )
    latest = rows.order_by("subject_id", "-from_on", "-pk").distinct("subject_id")
    return {
        int(row.subject_id): typed(name, row.value)
        for row in latest
        if row.value is not None and (row.to_on is None or on <= row.to_on)
    }


def _stated(kind: str, pk: str, on: date) -> QuerySet[StandingFact]:
    rows = StandingFact.objects.filter(subject_kind=kind, subject_id=pk, from_on__lte=on)
    return rows.order_by("name", "-from_on", "-pk").distinct("name")


@Fetch
def _all_stated(kind: str, pk: str, on: date) -> QuerySet[StandingFact]:
    return _stated(kind, pk, on).filter(name__in=[name for name in FACT if name not in BY_PROJECT])


def _held(rows: Iterable[StandingFact], on: date) -> dict[str, Any]:
    return {
        row.name: typed(row.name, row.value)
        for row in rows
        if row.value is not None and (row.to_on is None or on <= row.to_on)
    }


def _declared(name: str) -> Fact:
    if name not in FACT:
        raise LookupError(f"no standing fact {name!r}; declare it in gongzhi/registry/questions.py")
    return FACT[name]


def typed(name: str, stored: Any) -> Any:
    """A stored JSON value as the type its fact declares."""
    kind = _declared(name).type.kind
    if kind == "date":
        return date.fromisoformat(stored)
    if kind == "moment":
        return datetime.fromisoformat(stored)
    if kind in ("area_m2", "ratio", "yuan", "number"):
        return Decimal(stored)
    return stored


def history(subject: Ref, name: str) -> list[StandingFact]:
    return list(
        StandingFact.objects.filter(subject_kind=subject.kind, subject_id=subject.id, name=name)
        .select_related("event")
        .order_by("from_on", "pk")
    )


def estate_facts(estate: Estate, on: date) -> dict[str, Any]:
    """What a pack may be told of the estate that day. What is not known is not there."""
    known: dict[str, Any] = {"estate_type": estate.estate_type}
    if estate.estate_subtype:
        known["estate_subtype"] = estate.estate_subtype
    if estate.households is not None:
        known["households"] = estate.households
    if estate.building_area_m2 is not None:
        known["building_area_m2"] = estate.building_area_m2
    project = project_on(estate, on)
    stated = _held(_all_stated("estate", str(estate.pk), on), on)
    if "within_warranty" not in stated and "warranty_until" in stated:
        known["within_warranty"] = on <= stated["warranty_until"]
    return {
        **known,
        **stated,
        "has_property_company": project is not None and project.service_kind == "market",
        "service_given": project is not None,
    }


def project_on(estate: Estate, on: date) -> Project | None:
    """Who serves the estate that day."""
    return next(iter(_serving(estate.pk, on)), None)


@Fetch
def _serving(estate: int, on: date) -> QuerySet[Project]:
    rows = Project.objects.filter(Q(to_on=None) | Q(to_on__gte=on), estate=estate, from_on__lte=on)
    return rows.select_related("company", "manager").order_by("-from_on", "pk")[:1]


@Fetch
def _serving_now(estate: int) -> QuerySet[Project]:
    return Project.objects.filter(estate=estate, to_on=None).select_related("company").order_by("pk")[:1]


# Who stands in for a role that nobody holds in an estate: told by the packages above, which know the bodies there.
StandIn = Callable[[str, Estate], str | None]
_stand_ins: list[StandIn] = []


def register_stand_in(function: StandIn) -> None:
    """Called once when the apps are ready. Gives the role that acts instead, or None."""
    if function not in _stand_ins:
        _stand_ins.append(function)


def organisation_for(
    role: str, place_path: str, estate: Estate | None = None, *, on: date | None = None
) -> Organisation | None:
    """The organisation competent in a role at a place: of the nearest place upwards that has one.

    The company of an estate is the one that serves it: on the day given, else without an end. Where its seat lies says
    nothing: an estate that no company serves has none, however many sit in its county.
    """
    if role in SERVED_BY_PROJECT and estate is not None:
        if on is not None:
            project = project_on(estate, on)
        else:
            project = next(iter(_serving_now(estate.pk)), None)
        if project is not None:
            return project.company
    nearest = sorted(_competent_by_place([role], place_path), key=lambda one: (-len(one.place_path), one.pk))
    if nearest:
        return nearest[0]
    return _standing_in(role, place_path, estate)


def _standing_in(role: str, place_path: str, estate: Estate | None) -> Organisation | None:
    where = estate or Estate.objects.filter(place_path=place_path).first()
    for other in (function(role, where) for function in _stand_ins) if where is not None else ():
        if other and other != role:
            return organisation_for(other, place_path, where)
    return None


def _competent_by_place(roles: Iterable[str], place_path: str, then: date | None = None) -> list[Organisation]:
    """Those of today; `then` those of another day, as far as it is known since when and until when they were."""
    wanted, codes = list(roles), list(packs.codes_of(place_path))
    if not wanted:
        return []
    return _competent(wanted, codes) if then is None else _competent_then(wanted, codes, then)


def _of_roles(roles: list[str], codes: list[str]) -> QuerySet[Organisation]:
    rows = Organisation.objects.filter(role__any_of=roles, place__code__any_of=codes).select_related("place")
    return rows.exclude(~Q(place__level="estate"), role__in=SERVED_BY_PROJECT)


@Fetch
def _competent(roles: list[str], codes: list[str]) -> QuerySet[Organisation]:
    return _of_roles(roles, codes).filter(active=True)


@Fetch
def _competent_then(roles: list[str], codes: list[str], then: date) -> QuerySet[Organisation]:
    ended = Q(to_on__gte=then) | Q(to_on=None, active=True)
    return _of_roles(roles, codes).filter(ended, Q(from_on=None) | Q(from_on__lte=then))


def organisations_for(
    roles: Iterable[str],
    place_path: str,
    *,
    estate: Estate | None = None,
    on: date | None = None,
    then: date | None = None,
) -> dict[str, Organisation]:
    """Several roles at once; a role that nobody holds there is left out. Two queries at most.

    `on` the day whose company is asked for; `then` the day of which the units themselves are asked.
    """
    wanted = set(roles)
    found: dict[str, Organisation] = {}
    rows = _competent_by_place(wanted, place_path, then)
    for one in sorted(rows, key=lambda row: (len(row.place_path), -row.pk)):
        found[one.role] = one
    if estate is not None and wanted & set(SERVED_BY_PROJECT):
        company = organisation_for("property_company", place_path, estate, on=on)
        for role in wanted & set(SERVED_BY_PROJECT):
            if company is not None:
                found[role] = company
    return found


def estates_within(place_path: str) -> Any:
    return Estate.objects.within(place_path).select_related("community").order_by("place_path")


def county_of(place_path: str) -> str:
    """The path of the county in which a place lies."""
    return "".join(f"{code}/" for code in place_path.split("/")[:COUNTY_DEPTH])


def county_paths() -> list[str]:
    """The paths of the counties in which estates lie."""
    county = Func(F("place_path"), Value(COUNTY_OF_PATH), function="substring", output_field=TextField())
    return sorted(Estate.objects.order_by().annotate(county=county).values_list("county", flat=True).distinct())


def find_estates(text: str, *, place_path: str = "") -> list[Estate]:
    """Estates whose name holds the text, the shortest names first; by a former name the area that it is part of now."""
    rows = Estate.objects.within(place_path) if place_path else Estate.objects.all()
    wanted = search_grams(text)
    if not wanted:
        return []
    named = rows.filter(name_grams__contains=wanted, name__icontains=text.strip())
    formerly = rows.filter(
        ended_on=None, buildings__stays__estate__in=named.filter(ended_on__isnull=False).values("pk")
    )
    found = [*named.filter(ended_on=None).select_related("community")[: MOST_FOUND * 2]]
    found += [*formerly.exclude(pk__in=[one.pk for one in found]).select_related("community").distinct()[:MOST_FOUND]]
    return sorted(found, key=lambda one: (len(one.name), one.name))[:MOST_FOUND]
