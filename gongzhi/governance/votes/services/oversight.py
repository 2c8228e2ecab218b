"""Street and community beside a vote: their opinion of it, their consent while a committee is renewed, its modes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.governance.bodies.queries.powers import renewal_span
from gongzhi.governance.votes.models import Vote, VoteOpinion
from gongzhi.governance.votes.rights import COMMUNITY
from gongzhi.governance.votes.services.common import locked, saved, tell
from gongzhi.governance.votes.words import MODES
from gongzhi.registry.models import Estate

BEFORE = {"notice": "公告", "result": "生效"}
RUNNING = ("open", "closed", "published", "final", "filed")


def _matters(vote: Vote) -> list[str]:
    return sorted(set(vote.motions.values_list("matter", flat=True)))


# -- modes


@dataclass(frozen=True)
class Modes:
    """`offered` by the document for this matter; `agreed` in the estate's rules of procedure."""

    offered: tuple[str, ...]
    agreed: tuple[str, ...]
    clauses: tuple[str, ...]


def modes_of(matter: str, *, place_path: str, on: date) -> Modes:
    answer = core.ask("governance.vote_modes", {"matter": matter}, place_path=place_path, on=on)
    value = answer.value if answer.ok and answer.value else {}
    return Modes(tuple(value.get("offered") or ()), tuple(value.get("agreed") or ()), tuple(answer.clauses))


def refuse_modes(estate: Estate, matter: str, modes: Iterable[str], *, on: date) -> None:
    """A way of voting that the rules of procedure do not have cannot be chosen."""
    chosen = list(modes)
    if not chosen:
        return
    known = modes_of(matter, place_path=estate.place_path, on=on)
    strange = [MODES[one] for one in chosen if one not in known.offered]
    if strange:
        said = f"这个事项没有{'、'.join(strange)}，请去掉。"
        raise Refused("mode_not_offered", said, known.clauses, fields={"modes": said})
    lacking = [MODES[one] for one in chosen if one not in known.agreed]
    if lacking:
        said = f"本小区的议事规则没有约定{'、'.join(lacking)}，不能选。业主大会约定以后，请先登记议事规则。"
        raise Refused("mode_not_agreed", said, known.clauses, fields={"modes": said})


# -- opinions of those who guide and supervise


@dataclass(frozen=True)
class Supervision:
    """Who guides and supervises this meeting, and who has not yet written what they saw."""

    by: tuple[str, ...]
    missing: tuple[str, ...]
    blocking: bool
    clauses: tuple[str, ...]


def supervision_of(vote: Vote, on: date) -> Supervision:
    by: list[str] = []
    clauses: list[str] = []
    blocking = False
    for matter in _matters(vote):
        answer = core.ask("governance.vote_supervision", {"matter": matter}, place_path=vote.place_path, on=on)
        value = answer.value if answer.ok and answer.value else {}
        by += value.get("by") or ()
        clauses += answer.clauses
        blocking = blocking or bool(value.get("blocking"))
    roles = tuple(dict.fromkeys(by))
    given = set(vote.opinions.values_list("role", flat=True))
    missing = tuple(one for one in roles if one not in given)
    return Supervision(roles, missing, blocking, tuple(dict.fromkeys(clauses)))


def seat_of(actor: Actor, roles: Sequence[str]) -> str:
    """For which of the roles the actor speaks: his own, or the community's where one of its desks is meant."""
    if actor.role in roles:
        return actor.role
    if actor.role in COMMUNITY:
        return next((one for one in roles if one in COMMUNITY), "")
    return ""


@transaction.atomic
def supervise_vote(vote: Vote, *, text: str, actor: Actor, now: datetime) -> VoteOpinion:
    """What street or community saw. The result does not depend on it, unless the document says so."""
    core.require(actor, "vote.supervise", vote)
    vote = locked(vote, states=RUNNING, doing="填写监督意见")
    wanted = supervision_of(vote, core.local_day(now))
    role = seat_of(actor, wanted.by)
    if not role:
        raise Refused("not_supervisor", "这次表决不要求你单位填写监督意见。", wanted.clauses)
    if not text.strip():
        raise Refused("opinion_missing", "请写明怎样指导监督、有没有问题。", fields={"text": "请填写"})
    try:
        with transaction.atomic():
            row = VoteOpinion.objects.create(
                vote=vote, role=role, organisation=actor.organisation, text=text.strip(), at=now
            )
    except IntegrityError as error:
        raise Refused("opinion_given", "你单位的监督意见已经填写。") from error
    tell(vote, kind="vote.supervised", actor=actor, now=now, data={"by": role})
    return row


def require_opinions(vote: Vote, on: date) -> None:
    wanted = supervision_of(vote, on)
    if wanted.blocking and wanted.missing:
        raise Refused("opinion_lacking", f"还没有{_names(vote, wanted.missing, on)}的意见，不能公示。", wanted.clauses)


def _names(vote: Vote, roles: Iterable[str], on: date) -> str:
    return "、".join(core.role_name(one, place_path=vote.place_path, on=on) for one in roles)


# -- consent while a committee is renewed


@dataclass(frozen=True)
class Consent:
    """Whose consent the vote needs, before it goes on notice or before its result stands."""

    by: str
    before: str
    clauses: tuple[str, ...]
    says: str


def consent_of(vote: Vote, on: date) -> Consent | None:
    """As the renewal of the committee stands that day, held against the days of the vote."""
    for matter in _matters(vote):
        answer = core.ask(
            "governance.vote_confirmation",
            {"matter": matter, "convener": vote.convener, **_renewal_facts(vote)},
            place_path=vote.place_path,
            on=on,
        )
        value: Any = answer.value if answer.ok and answer.value else {}
        if value.get("by"):
            says = answer.explanation.steps[-1] if answer.explanation.steps else ""
            return Consent(value["by"], value.get("before") or "result", tuple(answer.clauses), says)
    return None


def _renewal_facts(vote: Vote) -> dict[str, bool]:
    span = renewal_span(vote.estate)
    if span is None:
        return {"renewal_under_way": False, "begun_before": False}
    formed, ended = span
    begun, closes = core.local_day(vote.made_at), core.local_day(vote.closes_at)
    meets = formed <= closes and (ended is None or begun < ended)
    return {"renewal_under_way": meets, "begun_before": begun < formed}


def require_consent(vote: Vote, *, before: str, on: date) -> None:
    if vote.consented_at is not None:
        return
    wanted = consent_of(vote, on)
    if wanted is not None and wanted.before == before:
        name = core.role_name(wanted.by, place_path=vote.place_path, on=on)
        raise Refused("consent_missing", f"{wanted.says}。还没有{name}的意见，不能{BEFORE[before]}。", wanted.clauses)


@transaction.atomic
def consent_to_vote(
    vote: Vote, *, agreed: bool, opinion: str, actor: Actor, now: datetime, version: int | None = None
) -> Vote:
    """The street agrees to the vote (or its result). Not agreed: it stays where it stands, with the reason."""
    core.require(actor, "vote.consent", vote)
    vote = locked(
        vote, states=("draft", "checked", "noticed", "open", "closed", "published"), doing="审批、确认", version=version
    )
    wanted = consent_of(vote, core.local_day(now))
    if wanted is None or wanted.by not in (actor.role, *_same_desk(actor)):
        raise Refused("consent_not_needed", "这次表决不用你单位审批、确认。", wanted.clauses if wanted else ())
    if not opinion.strip():
        raise Refused("opinion_missing", "请写明意见。", fields={"opinion": "请填写"})
    vote.consent_opinion = opinion.strip()
    vote.consented_at = now if agreed else None
    saved(vote, "consent_opinion", "consented_at")
    tell(vote, kind="vote.consented", actor=actor, now=now, data={"agreed": agreed, "before": wanted.before})
    return vote


def _same_desk(actor: Actor) -> tuple[str, ...]:
    """A street is one office under either name."""
    return ("street_office", "street_government") if actor.role in ("street_office", "street_government") else ()
