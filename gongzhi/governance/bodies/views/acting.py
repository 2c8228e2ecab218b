"""What an act is: which form, which right, which command."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse

from gongzhi.core.actors import Actor
from gongzhi.core.models import Place
from gongzhi.core.pages import Who, actor_of
from gongzhi.governance.bodies.views.parts import address, found, not_yours
from gongzhi.registry.models import Estate
from gongzhi.registry.queries.reading import estates_for

Run = Callable[[Any, Mapping[str, Any], Who], Any]
Setup = Callable[[Any, Any, Who], None]


@dataclass(frozen=True)
class Act:
    """`setup` fills the lists of the form; `after` where to go when it made a page of its own."""

    title: str
    form: type[Any]
    right: str
    run: Run
    done: str
    setup: Setup | None = None
    initial: Callable[[Any, Who], Mapping[str, Any]] | None = None
    hint: str = ""
    clauses: Callable[[Any, Who], Sequence[str]] | None = None
    to_made: bool = False


def estate_of(actor: Actor, pk: int) -> Estate:
    """404 where there is none, 403 where it lies elsewhere: that an estate exists everybody may know."""
    estate: Estate | None = estates_for(actor).filter(pk=pk).first()
    if estate is None:
        if Estate.objects.filter(pk=pk).exists():
            raise not_yours("这个小区的组织")
        raise Http404
    return estate


def row_of(request: HttpRequest, kind: str, pk: int) -> Any:
    """An estate, a place or a row of bodies, as far as the actor may see it."""
    actor = actor_of(request)
    if kind == "estate":
        return estate_of(actor, pk)
    if kind == "place":
        place = Place.objects.filter(pk=pk).first()
        if place is None or not actor.within(place.path):
            raise Http404
        return place
    return found(request, kind, pk)


def home_of(row: Any) -> str:
    if isinstance(row, Estate):
        return reverse("bodies:estate", args=[row.pk])
    if isinstance(row, Place):
        return reverse("bodies:place", args=[row.pk])
    return address(row.ref) or reverse("bodies:list")


def crumbs_of(row: Any) -> list[tuple[str, str]]:
    trail = [("组织", reverse("bodies:list"))]
    estate = row if isinstance(row, Estate) else getattr(row, "estate", None)
    if estate is not None:
        trail.append((estate.name, reverse("bodies:estate", args=[estate.pk])))
    if not isinstance(row, Estate):
        trail.append((str(row), home_of(row)))
    return trail


def offer_members(field: Any, rows: Any) -> None:
    """Members to pick from: by post and home or unit as well, for masked names of one family name look alike."""
    field.queryset = rows.select_related("person", "body", "unit__building")

    def label(one: Any) -> str:
        where = one.unit or one.unit_name or one.get_side_display()
        return f"{one.person or '空缺'}（{one.get_post_display()}，{where}）"

    field.label_from_instance = label
