"""How many estates have a body of their own, as the local document counts: rates, and who is missing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil
from typing import Any

from django.db.models import Q, QuerySet

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import percent
from gongzhi.core.models import Place
from gongzhi.governance.bodies.models import Advice, Body
from gongzhi.governance.bodies.models.body import sitting
from gongzhi.governance.bodies.queries.apart import streets_of
from gongzhi.governance.bodies.queries.bodies import body_on
from gongzhi.governance.bodies.queries.composition import DAY, party_share, rate_places
from gongzhi.governance.bodies.words import CLASSES, COMMITTEES
from gongzhi.registry.models import Building, Estate, Project, StandingFact
from gongzhi.registry.queries.reading import estates_for


def homes_on(actor: Actor, on: date) -> QuerySet[Estate]:
    """The estates of the actor's place with homes that there were on that day."""
    there = Q(begun_on=None) | Q(begun_on__lte=on), Q(ended_on=None) | Q(ended_on__gte=on)
    rows = estates_for(actor).filter(*there).exclude(estate_type="non_residential")
    return rows.select_related("community", "place")


@dataclass(frozen=True)
class Coverage:
    """`unable` those with a committee that cannot work: counted, and listed by themselves."""

    title: str
    part: int
    whole: int
    missing: tuple[Estate, ...]
    unable: tuple[Estate, ...]
    target: Fraction | None
    clauses: tuple[str, ...]
    defaults: tuple[str, ...]
    places: int = 1

    @property
    def rate(self) -> str:
        return percent(self.part, self.whole, places=self.places, limit=self.target)

    @property
    def lacking(self) -> int:
        """How many more reach the target."""
        return max(ceil((self.target or 0) * self.whole) - self.part, 0)

    @property
    def met(self) -> bool | None:
        return None if self.target is None or not self.whole else Fraction(self.part, self.whole) >= self.target


def body_coverage(estates: Iterable[Estate], *, place_path: str, on: date, title: str = "组建率") -> Coverage:
    """Of the estates on that day; a day that has passed keeps its rate, whatever is formed later."""
    answer = core.ask("governance.body_coverage", {}, place_path=place_path, on=on)
    value: dict[str, Any] = answer.value if answer.ok and answer.value else {}
    rows = list(estates)
    having = dict(_in_office(rows, list(value.get("counted") or ()), on))
    if value.get("only_qualified"):  # who has one is qualified, whether or not anybody wrote that down
        qualified = _with_fact(rows, "assembly_conditions_met_on", on) | set(having)
        rows = [one for one in rows if one.pk in qualified]
    unable = {pk for pk, since in having.items() if since is not None and since <= on}
    # Not said is not "no": a committee that cannot work is still one.
    counted = set(having) - unable if value.get("unable_counts") is False else set(having)
    return Coverage(
        title,
        sum(one.pk in counted for one in rows),
        len(rows),
        tuple(one for one in rows if one.pk not in counted),
        tuple(one for one in rows if one.pk in unable),
        _fraction(value.get("target")),
        tuple(answer.clauses),
        tuple(answer.defaults),
        rate_places(place_path, on),
    )


def _fraction(value: Any) -> Fraction | None:
    return None if value is None else Fraction(value)


def _with_fact(rows: list[Estate], name: str, on: date) -> set[int]:
    keys = [str(one.pk) for one in rows]
    found = StandingFact.objects.filter(subject_kind="estate", subject_id__in=keys, name=name, from_on__lte=on)
    return {int(pk) for pk in found.exclude(value=None).values_list("subject_id", flat=True)}


def _in_office(rows: list[Estate], kinds: list[str], on: date) -> Iterable[tuple[int, date | None]]:
    found = Body.objects.in_office(on).filter(estate__in=rows, kind__in=kinds).exclude(state="preparing")
    return list(found.values_list("estate_id", "unable_from"))


def unclassified(estates: Iterable[Estate], on: date) -> tuple[list[Estate], int]:
    """Of the estates without a committee: those nobody put into a class yet, and how many there are in all."""
    every = list(estates)
    having = {pk for pk, _ in _in_office(every, ["owners_committee"], on)}
    rows = [one for one in every if one.pk not in having]
    known = _with_fact(rows, "formation_class", on)
    return [one for one in rows if one.pk not in known], len(rows)


def class_words(code: str) -> str:
    return CLASSES.get(code, code)


def due_bodies(estates: Iterable[Estate], kind: str, on: date) -> tuple[list[Estate], list[Estate]]:
    """(estates that should have such a body, those of them that have a whole one). Where the owners' committee is
    entered as not there yet, it is not whole."""
    rows = list(estates)
    held: dict[tuple[int | None, str], Body] = {}
    bodies = Body.objects.in_office(on).filter(estate__in=rows, kind__in=(kind, *COMMITTEES)).exclude(state="preparing")
    for one in bodies.order_by("formed_on"):
        held[one.estate_id, one.kind] = one
    serving = Project.objects.filter(Q(to_on=None) | Q(to_on__gte=on), estate__in=rows, from_on__lte=on)
    served = set(serving.values_list("estate", flat=True))
    answers: dict[tuple[Any, ...], bool] = {}
    due, having = [], []
    for estate in rows:
        facts = {
            "kind": kind,
            "has_company": estate.pk in served,
            **{f"has_{one}": (estate.pk, one) in held for one in COMMITTEES},
        }
        key = (estate.place_path, *facts.values())
        if key not in answers:
            answer = core.ask("governance.due_bodies", facts, place_path=estate.place_path, on=on)
            answers[key] = bool(answer.ok and answer.value)
        if answers[key]:
            due.append(estate)
            body = held.get((estate.pk, kind))
            if body is not None and stands(body) == "whole":
                having.append(estate)
    return due, having


def stands(body: Body) -> str:
    """Of a body of several sides: `lacking` one, `waiting` for an owners' committee that is not formed yet, `whole`."""
    if body.basis:
        return "lacking"
    return "waiting" if COMMITTEES[0] in body.absent_sides else "whole"


@dataclass(frozen=True)
class StewardPlan:
    """`places` the posts that there should be; `vacant` those of them without a steward."""

    per: str
    whole: int
    filled: int
    vacant: tuple[str, ...]
    clauses: tuple[str, ...]
    places: int = 1

    @property
    def rate(self) -> str:
        return percent(self.filled, self.whole, places=self.places)


def steward_per(estate: Estate, on: date) -> str:
    """Whether the place wants a steward for each `building` or each `entrance`; empty where it wants none."""
    answer = core.ask("governance.stewards", {}, place_path=estate.place_path, on=on)
    return str((answer.value or {}).get("per") or "") if answer.ok else ""


def steward_plan(estate: Estate, on: date) -> StewardPlan | None:
    """One for each building, or for each entrance that is registered of it, as the place decided."""
    answer = core.ask("governance.stewards", {}, place_path=estate.place_path, on=on)
    per = (answer.value or {}).get("per") if answer.ok else None
    if not per:
        return None
    body = body_on(estate, "building_stewards", on)
    seated: set[tuple[int | None, int | None]] = set()
    if body is not None:
        seated = set(body.members.filter(sitting(on)).values_list("building_id", "entrance"))
    vacant, whole = [], 0
    for building in Building.objects.filter(estate=estate).order_by("name"):
        doors: list[int | None] = list(range(1, (building.entrances or 1) + 1)) if per == "entrance" else [None]
        for door in doors:
            whole += 1
            held = (building.pk, door) in seated or (door is None and any(pk == building.pk for pk, _ in seated))
            if not held:
                vacant.append(f"{building.name}{f'{door}单元' if door else ''}")
    places = rate_places(estate.place_path, on)
    return StewardPlan(per, whole, whole - len(vacant), tuple(vacant), tuple(answer.clauses), places)


def priority_of(estate: Estate, on: date) -> set[str]:
    """The kinds of people whom the document wants chosen first as stewards."""
    answer = core.ask("governance.stewards", {}, place_path=estate.place_path, on=on)
    return set((answer.value or {}).get("priority") or ()) if answer.ok else set()


@dataclass(frozen=True)
class Share:
    """So many of so many, as the list shows it."""

    title: str
    part: int
    whole: int
    places: int = 1

    @property
    def rate(self) -> str:
        return percent(self.part, self.whole, places=self.places)


def answered(actor: Actor, on: date) -> Share | None:
    """Of the opinions and requests that the actor's office gave and that want an answer: how many were answered."""
    if actor.organisation is None:
        return None
    rows = Advice.objects.filter(given_by=actor.organisation, due_on__isnull=False)
    whole = rows.count()
    places = rate_places(actor.place_path, on)
    return Share("我单位意见的回复率", rows.exclude(replied_at=None).count(), whole, places) if whole else None


def place_bodies(place_path: str, *, kind: str, level: str, on: date) -> tuple[list[Place], list[Place]] | None:
    """(places of that level that should have such a body, those of them that have none); None where none should."""
    facts = {"kind": kind, "level": level}
    answer = core.ask("governance.due_place_bodies", facts, place_path=place_path, on=on)
    if not (answer.ok and answer.value):
        return None
    below = Place.objects.filter(level=level, path__startswith=place_path).order_by("code")
    places = list(streets_of(place_path, on) if level == "street" else below)
    rows = Body.objects.in_office(on).filter(kind=kind, place_path__startswith=place_path)
    having = set(rows.values_list("place_path", flat=True))
    return places, [one for one in places if one.path not in having]


def party_shares(estate: Estate, kind: str, on: date) -> list[tuple[Body, Fraction | None]]:
    """The share of party members of every term as the rules compare them: on its last day, of the one in office now."""
    rows = Body.objects.filter(estate=estate, kind=kind, formed_on__isnull=False).order_by("term")
    return [(one, party_share(one, max(one.formed_on, one.ended_on - DAY if one.ended_on else on))) for one in rows]
