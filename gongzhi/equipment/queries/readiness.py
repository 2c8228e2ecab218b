"""What is ready and what is lacking: plans, drills, permits; who keeps a kind of equipment."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet

from gongzhi.core.actors import Actor
from gongzhi.core.models import Place
from gongzhi.equipment.models import Drill, EmergencyPlan, UsePermit
from gongzhi.equipment.queries.rules import keeper_of, ruled
from gongzhi.equipment.words import PLANS
from gongzhi.registry.models import Estate, Facility
from gongzhi.registry.queries import county_of


def streets_without_plan(actor: Actor, on: date) -> list[Place]:
    """缺项: streets whose document wants a plan and that have none of a kind it names."""
    rows = Place.objects.filter(level="street", path__startswith=actor.place_path or "-").order_by("path")
    return [one for one in rows if lacking_plans(one.path, "street", on)]


def lacking_plans(place_path: str, level: str, on: date) -> list[str]:
    """As words: the kinds of plans that the document wants of a place and that it has not filed."""
    return [PLANS[one] for one in lacking_kinds(place_path, level, on)]


def lacking_kinds(place_path: str, level: str, on: date) -> list[str]:
    wanted = ruled("equipment.plans", {"level": level}, place_path=place_path, on=on).many("kinds")
    if not wanted:
        return []
    there = set(EmergencyPlan.objects.filter(place_path=place_path, withdrawn_on=None).values_list("kind", flat=True))
    return [one for one in wanted if one not in there]


def lacking_everywhere(on: date) -> Iterator[tuple[Estate | Place, list[str]]]:
    """Served estates and streets with the kinds that they lack; the document is asked once for each county."""
    there: dict[str, set[str]] = {}
    for path, kind in EmergencyPlan.objects.filter(withdrawn_on=None).values_list("place_path", "kind"):
        there.setdefault(path, set()).add(kind)
    wanted: dict[tuple[str, str], tuple[str, ...]] = {}
    served = Estate.objects.filter(ended_on=None, projects__to_on=None, projects__isnull=False).distinct()
    streets = Place.objects.filter(level="street")
    places: list[tuple[str, Estate | Place, str]] = [
        ("estate", one, one.place_path) for one in served.select_related("place").order_by("pk")
    ]
    places += [("street", one, one.path) for one in streets.order_by("path")]
    for level, where, path in places:
        key = (level, county_of(path))
        if key not in wanted:
            wanted[key] = ruled("equipment.plans", {"level": level}, place_path=key[1], on=on).many("kinds")
        lacking = [one for one in wanted[key] if one not in there.get(path, ())]
        if lacking:
            yield where, lacking


def drills_in(estate: Estate, year: int) -> QuerySet[Drill]:
    return Drill.objects.filter(estate=estate, held_on__year=year)


def drills_wanted(place_path: str, on: date) -> Any:
    """How many drills a year the document wants; None where it says nothing."""
    return ruled("equipment.drills", {}, place_path=place_path, on=on).value.get("at_least")


def drills_clauses(place_path: str, on: date) -> tuple[str, ...]:
    return ruled("equipment.drills", {}, place_path=place_path, on=on).clauses


def permit_lists(estate: Estate, on: date) -> tuple[list[Facility], list[Facility]]:
    """Works with a permit that holds, and works without."""
    rows = list(Facility.objects.filter(estate=estate, kind="civil_defence", ended_on=None).order_by("pk"))
    issued: Sequence[UsePermit] = list(UsePermit.objects.filter(facility__in=rows, state="issued"))
    holding = {one.facility_id for one in issued if one.holds(on)}
    return [one for one in rows if one.pk in holding], [one for one in rows if one.pk not in holding]


def keeper_name(estate: Estate, kind: str, on: date) -> str:
    """The unit that has to keep it in order."""
    _, unit = keeper_of(estate, kind, on)
    return unit.name if unit is not None else ""
