"""Mediators and the bodies they sit in: who may be given a dispute, who was trained, which place lacks a body."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from gongzhi.core import services as core
from gongzhi.core.models import Place, Post
from gongzhi.governance.bodies.models import Body
from gongzhi.governance.bodies.queries.bodies import members_on
from gongzhi.governance.bodies.queries.composition import findings_of, seats_of
from gongzhi.governance.bodies.queries.coverage import place_bodies
from gongzhi.mediation.models import MediationGuidance, Mediator
from gongzhi.mediation.queries.asking import value_of
from gongzhi.mediation.words import BODY_LEVELS
from gongzhi.policy import Period
from gongzhi.policy.periods import deadline_before, start_of

if TYPE_CHECKING:
    from gongzhi.mediation.models import MediationFile


def mediators_of(place_path: str, on: date) -> list[Mediator]:
    """Those who sit that day in the bodies over the place, the nearest first."""
    paths = [place_path[: end + 1] for end, char in enumerate(place_path) if char == "/"]
    rows = Mediator.objects.filter(member__body__place_path__in=paths).select_related("member__body", "member__person")
    return sorted((one for one in rows if one.sits(on)), key=lambda one: (-len(one.place_path), one.pk))


def trained_since(place_path: str, on: date) -> date | None:
    """The first day on which a training still counts; None where the document asks for none."""
    answer = core.ask("mediation.training", {}, place_path=place_path, on=on)
    every, pack = value_of(answer).get("every"), core.pack_for(place_path, on)
    if every is None or pack is None:
        return None
    return deadline_before(moment=start_of(on), period=Period.parse(str(every)), calendar=pack.calendar).last_day


def is_trained(mediator: Mediator, on: date) -> bool:
    since = trained_since(mediator.place_path, on)
    rows = mediator.trainings.filter(on__lte=on)
    return (rows.filter(on__gte=since) if since is not None else rows).exists()


def appointment_facts(file: "MediationFile", mediator: Mediator, on: date) -> dict[str, Any]:
    """What the document judges by. He has to do with a side as himself, by his office, or as was put on record."""
    parties = list(file.parties.select_related("organisation", "person"))
    member = mediator.member
    hashed = {one.phone_hash for one in (member.person, mediator.user) if one is not None and one.phone_hash}
    himself = any(
        (one.user_id is not None and one.user_id == mediator.user_id)
        or (one.person is not None and one.person.phone_hash in hashed)
        for one in parties
    )
    units = {one.organisation_id for one in parties if one.organisation_id is not None}
    names = {one.organisation.name for one in parties if one.organisation is not None}
    posts = Post.objects.in_force(on).filter(user=mediator.user, organisation__in=units)
    return {
        "left": not mediator.sits(on),
        "hired_given": mediator.hired_on is not None,
        "trained": is_trained(mediator, on),
        "is_party": himself,
        "of_party": bool(member.unit_name and member.unit_name in names)
        or (mediator.user is not None and posts.exists()),
        "related": file.recusals.filter(mediator=mediator).exists(),
    }


@dataclass(frozen=True)
class BodyLine:
    """One mediation body, with what it lacks by the document, its mediators and how often it was guided."""

    body: Body
    findings: list[Any]
    mediators: int
    full_time: int
    trained: int
    guided: int
    missing_units: tuple[str, ...] = ()
    unstaffed: tuple[str, ...] = ()  # units with a seat for which nobody is named yet


def body_lines(place_path: str, on: date) -> list[BodyLine]:
    found = []
    bodies = Body.objects.in_office(on).within(place_path).filter(kind__in=BODY_LEVELS)
    for body in bodies.order_by("place_path", "pk"):
        sitting = [one for one in Mediator.objects.filter(member__body=body).select_related("member") if one.sits(on)]
        members = members_on(body, on)
        found.append(
            BodyLine(
                body,
                findings_of(body, on),
                len(sitting),
                sum(one.member.full_time for one in sitting),
                sum(is_trained(one, on) for one in sitting),
                MediationGuidance.objects.filter(body=body).count(),
                seats_of(body, on, members).missing_units,
                tuple(one.unit_name for one in members if one.person_id is None and one.unit_name),
            )
        )
    return found


def places_without(place_path: str, on: date) -> list[Place]:
    """The places that should have a body of their level by the document and have none."""
    missing: list[Place] = []
    for kind, level in BODY_LEVELS.items():
        found = place_bodies(place_path, kind=kind, level=level, on=on)
        missing += found[1] if found is not None else []
    return missing


def never_guided(place_path: str, on: date) -> list[Body]:
    """从未接受指导: bodies without one line of guidance."""
    rows = Body.objects.in_office(on).within(place_path).filter(kind__in=BODY_LEVELS, guidance__isnull=True)
    return list(rows.order_by("place_path", "pk"))


def trained_share(place_path: str, on: date) -> tuple[int, int]:
    """(trained, all) of the mediators who sit in the place."""
    rows = [one for one in Mediator.objects.within(place_path).select_related("member") if one.sits(on)]
    return sum(is_trained(one, on) for one in rows), len(rows)
