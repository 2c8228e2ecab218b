"""Operations that an actor may see; who is missing, who has not answered; what a period shows."""

from datetime import date

from django.db.models import Count, Q, QuerySet, Sum

from gongzhi.cases.enforcement.models import Operation, OperationItem
from gongzhi.cases.enforcement.rights import OFFICES
from gongzhi.cases.enforcement.words import PUNISHED
from gongzhi.core import services as core
from gongzhi.core.actors import Actor


def operations_for(actor: Actor) -> QuerySet[Operation]:
    own = Q(units__organisation=actor.organisation) | Q(opener=actor.organisation)
    wanted = own if actor.organisation is not None else Q(pk=None)
    if actor.role in (*OFFICES, "county_leader") and actor.place_path:
        wanted |= Q(place_path__startswith=actor.place_path)
    rows = Operation.objects.filter(wanted).distinct().prefetch_related("units__organisation", "items")
    return rows.order_by("-planned_on", "-pk")


def missing_units(row: Operation, *, on: date) -> list[tuple[str, str]]:
    """(role, its name) of those that the document wants there and that were not told."""
    there = set(row.units.values_list("role", flat=True))
    wanted = [*row.basis.get("leads", ()), *row.basis.get("support", ())]
    return [
        (role, core.role_name(role, place_path=row.place_path, on=on))
        for role in dict.fromkeys(wanted)
        if role not in there
    ]


def unanswered(row: Operation) -> list[str]:
    """Tasks without a result; and units that help, had no task and said nothing. Who leads sums up."""
    items = list(row.items.select_related("organisation"))
    tasked = {one.organisation_id for one in items}
    open_items = [f"{one.organisation}：{one.text}" for one in items if one.result_at is None]
    helping = row.units.filter(result_at=None).exclude(organisation_id__in=tasked).select_related("organisation")
    return [*open_items, *(str(one.organisation) for one in helping.filter(part="support"))]


def punished(place_path: str, *, kind: str, from_on: date, to_on: date) -> dict[str, int]:
    """Of the operations held in a period: how many, in how many estates, who was punished."""
    rows = OperationItem.objects.filter(
        operation__place_path__startswith=place_path, operation__kind=kind,
        operation__held_on__gte=from_on, operation__held_on__lte=to_on,
    )  # fmt: skip
    found = rows.aggregate(
        operations=Count("operation", distinct=True),
        estates=Count("estate", distinct=True),
        **{name: Sum(name) for name in PUNISHED},
    )
    return {name: value or 0 for name, value in found.items()}
