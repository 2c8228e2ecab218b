"""Who owned, served and governed what on any day. Every day has one answer: the rows behind may not overlap."""

from copy import copy
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Case, Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum, When

from gongzhi.core.models import Event, Organisation, PersonalData, Post
from gongzhi.policy.periods import end_of
from gongzhi.registry.models import (
    Building,
    BuildingStay,
    Estate,
    EstateStay,
    Ownership,
    OwnershipShare,
    Project,
    Unit,
    UnitArea,
    covers,
)
from gongzhi.registry.queries.known import facts_of, organisations_for, project_on
from gongzhi.registry.questions import AREA_SOURCES

GOVERNING = ("community_station", "community_committee", "street_office", "street_government", "housing")


@dataclass(frozen=True)
class AreaOn:
    exclusive_area_m2: Decimal
    source: str

    @property
    def source_words(self) -> str:
        return AREA_SOURCES[self.source]


@dataclass(frozen=True)
class OwnerOn:
    """`share` None: joint ownership without shares."""

    unit: Unit
    owner: PersonalData
    share: Fraction | None
    ownership: Ownership


@dataclass(frozen=True)
class Serving:
    project: Project
    company: Organisation
    manager: str


def buildings_on(estate: Estate, day: date) -> QuerySet[Building]:
    stays = BuildingStay.objects.filter(covers(day), estate=estate)
    return Building.objects.filter(pk__in=stays.values("building_id")).order_by("name")


def area_after(estate: Estate) -> Estate | None:
    """Into which area it went, as its buildings tell; that area may have gone into another one since."""
    if estate.ended_on is None:
        return None
    return Estate.objects.filter(buildings__stays__estate=estate).exclude(pk=estate.pk).order_by("pk").first()


def units_on(estate: Estate, day: date) -> QuerySet[Unit]:
    return (
        Unit.objects.filter(building__in=buildings_on(estate, day))
        .select_related("building__estate")
        .order_by("building__name", "name")
    )


def places_of(estate: Estate) -> list[EstateStay]:
    """In which community the estate lay from when to when, the earliest first; nothing where it never moved."""
    rows = EstateStay.objects.filter(estate=estate).select_related("community")
    return list(rows.order_by(F("from_on").asc(nulls_first=True)))


def paths_of(estate: Estate) -> list[str]:
    """The path of today and every one that it had before: where rows and events of the estate lie."""
    rows = EstateStay.objects.filter(estate=estate).values_list("place_path", flat=True)
    return [estate.place_path, *rows.exclude(place_path=estate.place_path)]


def place_path_on(estate: Estate, day: date) -> str:
    """The path of the estate that day."""
    stay = EstateStay.objects.filter(covers(day), estate=estate).values_list("place_path", flat=True).first()
    return stay or estate.place_path


def estate_on(estate: Estate, day: date) -> Estate:
    """The estate's own row as its file stood at the end of that day: later changes taken back one by one."""
    row = copy(estate)
    later = Event.objects.filter(
        subject_kind="estate", subject_id=str(estate.pk), kind="estate.changed", at__gte=end_of(day)
    )
    for event in later.order_by("-at", "-pk"):
        for name, _, text in (one.partition("=") for one in event.data["was"]):
            field: Any = Estate._meta.get_field(name)
            setattr(row, name, field.to_python(text) if text or not field.null else None)
    return row


def buildings_shown(estate: Estate, day: date) -> list[Any]:
    """The buildings of that day by their numbers of that day, with how many units are known and their area then."""
    older = UnitArea.objects.filter(covers(day), unit=OuterRef("units"), replaced=False).values("exclusive_area_m2")
    holds = Q(units__area_from_on=None) | Q(units__area_from_on__lte=day)
    then = Case(When(holds, then=F("units__exclusive_area_m2")), default=Subquery(older[:1]))
    names = dict(BuildingStay.objects.filter(covers(day), estate=estate).values_list("building_id", "name"))
    rows = list(buildings_on(estate, day).annotate(units_known=Count("units"), area=Sum(then)))
    for one in rows:
        one.name = names.get(one.pk, one.name)
    return sorted(rows, key=lambda one: one.name)


def area_on(unit: Unit, day: date) -> AreaOn | None:
    """The exclusive area that held that day. None before the first day it is known for."""
    if unit.area_from_on is None or unit.area_from_on <= day:
        return AreaOn(unit.exclusive_area_m2, unit.area_source)
    older = UnitArea.objects.filter(covers(day), unit=unit, replaced=False).first()
    return AreaOn(older.exclusive_area_m2, older.area_source) if older else None


def areas_of(unit: Unit) -> list[UnitArea]:
    """Earlier areas with the corrections that ended them, the latest first."""
    return list(unit.older_areas.select_related("event").order_by("-event_id", "-pk"))


def owners_on(subject: Unit | Estate, day: date) -> list[OwnerOn]:
    """The owners of a unit, or of every unit that lay in the estate, that day. Two queries, three for an estate."""
    titles = Ownership.objects.filter(covers(day)).select_related("unit__building__estate")
    if isinstance(subject, Unit):
        titles = titles.filter(unit=subject)
    else:
        titles = titles.filter(unit__building__in=buildings_on(subject, day))
    shares = OwnershipShare.objects.select_related("owner").order_by("pk")
    return [
        OwnerOn(title.unit, share.owner, share.share, title)
        for title in titles.order_by("unit__building__name", "unit__name").prefetch_related(Prefetch("shares", shares))
        for share in title.shares.all()
    ]


def ownership_on(unit: Unit, day: date) -> Ownership | None:
    """The ownership that held that day; None where nobody is recorded, as before the first sale."""
    return unit.ownerships.filter(covers(day)).first()


def ownerships_of(unit: Unit) -> list[Ownership]:
    """Every ownership of a unit, the latest first."""
    shares = OwnershipShare.objects.select_related("owner").order_by("pk")
    return list(
        unit.ownerships.select_related("event").prefetch_related(Prefetch("shares", shares)).order_by("-from_on", "-pk")
    )


def serving(estate: Estate, day: date) -> Serving | None:
    """The company that served the estate that day, and who led the project."""
    project = project_on(estate, day)
    if project is None:
        return None
    manager = project.managers.filter(covers(day)).first()
    return Serving(project, project.company, manager.name if manager else "")


def governing(estate: Estate, day: date) -> dict[str, Any]:
    """Who was competent for the estate that day: offices, committee as recorded, building stewards in post."""
    committees = facts_of(estate.ref, ("has_owners_committee", "has_management_committee"), day)
    stewards = Post.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=day),
        role="building_steward",
        place_path__in=paths_of(estate),
        begins_on__lte=day,
    )
    return {
        "offices": organisations_for(GOVERNING, place_path_on(estate, day), then=day),
        "committees": committees,
        "stewards": list(stewards.select_related("user").order_by("begins_on", "pk")),
    }
