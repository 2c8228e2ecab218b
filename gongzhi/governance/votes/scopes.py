"""Who decides on a motion: the estate, some of its buildings, or single entrances; and whom a vote concerns at all."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from gongzhi.core.errors import Refused
from gongzhi.governance.votes.models import RollEntry, Vote
from gongzhi.registry import queries as registry
from gongzhi.registry.models import Building, Estate, Unit

SHOWN = 5
# What of a unit is looked at, by the level of a scope.
LEVELS = {"building": ("building",), "entrance": ("entrance",), "parts": ("building", "entrance")}


def named_scope(estate: Estate, lines: Sequence[str], *, on: date) -> tuple[list[Building], list[str]]:
    """Buildings and entrances as typed, 3幢 or 3幢2单元, each known to the registry. No line: everybody.

    Gives every building that is concerned, and the entrances of those that are not concerned as a whole.
    """
    names = list(dict.fromkeys("".join(one.split()) for one in lines if one.strip()))
    buildings = {one.name: one for one in registry.buildings_on(estate, on)}
    units = list(registry.units_on(estate, on)) if names else []
    entrances = {one.entrance_name: one.building for one in units if one.entrance}
    unknown = [one for one in names if one not in buildings and one not in entrances]
    if unknown:
        known = "、".join(list(buildings)[:SHOWN]) or "没有登记楼幢"
        raise Refused(
            "scope_unknown",
            f"没有登记{'、'.join(unknown)}。本小区的楼幢写成：{known}；单元写成“{next(iter(entrances), '3幢2单元')}”。",
            fields={"scope": f"没有登记{'、'.join(unknown)}"},
        )
    whole = {buildings[one].pk: buildings[one] for one in names if one in buildings}
    single = [one for one in names if one not in buildings and entrances[one].pk not in whole]
    inside = {entrances[one].pk: entrances[one] for one in single}
    refuse_unplaced(inside.values(), units)
    return [*whole.values(), *inside.values()], single


def refuse_unplaced(buildings: Iterable[Building], units: Iterable[Unit]) -> None:
    """Where entrances decide, every unit of the building has to lie in one: otherwise somebody would be left out."""
    inside = {one.pk for one in buildings}
    left = [str(one) for one in units if one.building_id in inside and not one.entrance]
    if left:
        more = f"等{len(left)}套" if len(left) > SHOWN else ""
        raise Refused(
            "entrance_unknown",
            f"还没有登记在哪个单元：{'、'.join(left[:SHOWN])}{more}。请先在房屋的页上更正单元，或用批量导入的房屋表补上，再按单元表决。",
            fields={"scope": "还有房屋没有登记单元"},
        )


def scopes_of(vote: Vote) -> list[dict[str, Any]]:
    return [one.scope for one in vote.motions.prefetch_related("buildings")]


def inside_any(scopes: Iterable[Mapping[str, Any]], *, building: str, entrance: str) -> bool:
    """Whether a unit there decides on any of the motions."""
    here = {"building": building, "entrance": entrance}
    return any(
        one["level"] == "estate" or any(here[name] in one["of"] for name in LEVELS[one["level"]]) for one in scopes
    )


def concerned(vote: Vote) -> QuerySet[RollEntry]:
    """The units of the roll that have something to decide: they get ballots and are served, others are left alone."""
    rows, wanted = RollEntry.objects.filter(vote=vote), Q()
    for one in scopes_of(vote):
        if one["level"] == "estate":
            return rows
        for name in LEVELS[one["level"]]:
            wanted |= Q(**{f"{name}__in": one["of"]})
    return rows.filter(wanted)
