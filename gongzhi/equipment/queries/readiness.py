"""What is ready and what is lacking: plans, drills, permits; who keeps a kind of equipment."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet

from gongzhi.core.actors import Actor
from gongzhi.core.models import Place
from gongzhi.equipment.models import Drill, EmergencyPlan, UsePermit
from gongzhi.equipment.queries.rules import keeper_of, ruled
from gongzhi.equipment.words import PLANS
from gongzhi.registry.models import Estate, Facility


def streets_without_plan(actor: Actor, on: date) -> list[Place]:
    """缺项: streets whose document wants a plan and that have none of a kind it names."""
    rows = Place.objects.filter(level="street", path__startswith=actor.place_path or "-").order_by("path")
    return [one for one in rows if lacking_plans(one.path, "street", on)]


def lacking_plans(place_path: str, level: str, on: date) -> list[str]:
    """The kinds of plans that the document wants of a place and that it has not filed."""
    wanted = ruled("equipment.plans", {"level": level}, place_path=place_path, on=on).many("kinds")
    if not wanted:
        return []
    there = set(EmergencyPlan.objects.filter(place_path=place_path, withdrawn_on=None).values_list("kind", flat=True))
    return [PLANS[one] for one in wanted if one not in there]


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
