"""Posts on two sides, by community: how many people, in how many estates. None is no fault."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from gongzhi.core import services as core
from gongzhi.governance.bodies.models import CrossPost
from gongzhi.registry.models import Estate


@dataclass(frozen=True)
class CrossingRules:
    """Which sides may share people, and whether the way they came about has to be shown."""

    sides: tuple[str, ...]
    paper: bool
    clauses: tuple[str, ...]


def crossing_rules(place_path: str, on: date) -> CrossingRules:
    answer = core.ask("governance.cross_posts", {}, place_path=place_path, on=on)
    value: Any = answer.value if answer.ok and answer.value else {}
    return CrossingRules(tuple(value.get("sides") or ()), bool(value.get("paper")), tuple(answer.clauses))


def current(on: date) -> Q:
    return Q(from_on__lte=on) & (Q(to_on=None) | Q(to_on__gte=on))


def cross_posts_of(estate: Estate) -> QuerySet[CrossPost]:
    return CrossPost.objects.filter(estate=estate).select_related("person").order_by("-from_on", "-pk")


@dataclass(frozen=True)
class OfCommunity:
    name: str
    people: int
    estates: int
    whole: int


def by_community(estates: Iterable[Estate], on: date) -> list[OfCommunity]:
    rows = list(estates)
    held = CrossPost.objects.filter(current(on), estate__in=rows).values_list("estate_id", "pk")
    by_estate: dict[int, int] = {}
    for estate, _ in held:
        by_estate[estate] = by_estate.get(estate, 0) + 1
    grouped: dict[str, list[Estate]] = {}
    for one in rows:
        grouped.setdefault(one.community.name if one.community else "没有登记社区", []).append(one)
    return [
        OfCommunity(
            name, sum(by_estate.get(one.pk, 0) for one in own), sum(one.pk in by_estate for one in own), len(own)
        )
        for name, own in grouped.items()
    ]
