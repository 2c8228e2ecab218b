"""Candidates: put forward, reviewed with a reason for each failed rule, made public, put on the ballot."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date
from gongzhi.core.errors import Refused
from gongzhi.governance.bodies.models import Candidate, Formation
from gongzhi.governance.bodies.queries.roll import is_owner_of
from gongzhi.governance.bodies.services.common import PersonInput, bump, clocks, keep, last_day, lock, words
from gongzhi.governance.bodies.services.forming import guidance_of, require_guidance
from gongzhi.governance.bodies.services.sitting import committee_or_refuse
from gongzhi.governance.bodies.services.vacancies import BY_ELECTION, vacant_seats
from gongzhi.governance.bodies.words import ATTRIBUTES, REVIEW_RESULTS, SOURCES
from gongzhi.registry import services as registry
from gongzhi.registry.models import Building, Unit


@transaction.atomic
def nominate(
    formation: Formation,
    *,
    person: PersonInput,
    unit: Unit | None = None,
    building: Building | None = None,
    source: str,
    recommended_by: str = "",
    attributes: Sequence[str] = (),
    statement: str = "",
    tied_to_company: bool = False,
    on: date,
    actor: Actor,
    now: datetime,
) -> Candidate:
    """Somebody is put forward, or puts himself forward. What is wrong for good is refused at once."""
    core.require(
        actor,
        "candidate.nominate_self" if source == "self" and actor.role == "owner" else "candidate.nominate",
        formation,
    )
    _running(formation)
    if source not in SOURCES or set(attributes) - set(ATTRIBUTES):
        raise Refused("source", "请从列表里选产生方式和身份。", fields={"source": "请从列表里选"})
    _refuse_twice(formation, person, unit)
    kept = keep(person, owner=formation.ref, place_path=formation.place_path, actor=actor, now=now)
    try:
        with transaction.atomic():
            row = Candidate.objects.create(
                formation=formation,
                person=kept,
                unit=unit,
                building=building or (unit.building if unit else None),
                source=source,
                recommended_by=recommended_by.strip(),
                attributes=sorted(set(attributes)),
                statement=statement.strip(),
                tied_to_company=tied_to_company,
                nominated_on=on,
                place_path=formation.place_path,
                demo=actor.demo or formation.demo,
            )
    except IntegrityError as error:
        raise Refused("candidate_twice", "这个人选已经登记过。") from error
    _refuse_for_good(row, on)
    row.event = core.record(
        "candidate.nominated",
        subject=formation.estate.ref,
        actor=actor,
        at=now,
        place_path=formation.place_path,
        data={"formation": formation.ref.key, "source": source, "attributes": row.attributes},
    )
    row.save(update_fields=["event"])
    return row


# What the form itself leaves out is told at once; whether somebody may stand is for the review.
OF_THE_FORM = ("recommended_by_given", "statement_given")


def _refuse_for_good(row: Candidate, on: date) -> None:
    found = core.run_checks(
        "governance.candidate", candidate_facts(row, on), place_path=row.place_path, on=on, raise_=False
    )
    whole = row.formation.kind == "building_stewards"
    failed = [one for one in found if one.outcome == "refuse" and (whole or one.field in OF_THE_FORM)]
    if failed:
        raise Refused(
            "check_failed",
            "；".join(dict.fromkeys(one.message for one in failed)) + "。",
            tuple(dict.fromkeys(clause for one in failed for clause in one.clauses)),
            fields={one.field.removesuffix("_given"): one.message for one in failed if one.field},
        )


def _refuse_twice(formation: Formation, person: PersonInput, unit: Unit | None) -> None:
    """The same owner is on the list once: two lines would split his votes. After a refusal he may be put forward
    again."""
    if unit is None:
        return
    there = formation.candidates.filter(unit=unit, withdrawn_on=None).exclude(result="refused")
    if any(core.opened(one.person, "name") == person.name.strip() for one in there.select_related("person")):
        raise Refused("candidate_twice", f"{unit}的这位业主已经登记为人选。", fields={"name": "已经登记过，不用再登记"})


def _running(formation: Formation) -> None:
    if formation.state != "open":
        raise Refused("formation_closed", "这次组建已经结束，不能再登记人选。")


def candidate_facts(row: Candidate, on: date) -> dict[str, Any]:
    """What packs may test. Arrears and violations are standing facts of the unit; unknown is not given."""
    facts: dict[str, Any] = {
        "kind": row.formation.kind,
        "is_owner": row.unit is not None and is_owner_of(row.person, row.unit, on),
        "lives_in_building": row.unit is not None and row.building_id == row.unit.building_id,
        "tied_to_company": row.tied_to_company,
        "put_on_list": row.put_on_list,
        "source": row.source,
        "recommended_by_given": bool(row.recommended_by),
        "statement_given": bool(row.statement),
        "attributes": list(row.attributes),
    }
    if row.unit is not None:
        facts |= registry.facts_of(row.unit.ref, ("in_arrears", "violation_unsettled"), on)
    return facts


@transaction.atomic
def review_candidate(
    candidate: Candidate,
    *,
    result: str,
    opinion: str = "",
    put_on_list: bool = False,
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> Candidate:
    """The street's review. Whoever fails a rule cannot pass; each failed rule is named, with its clause."""
    core.require(actor, "candidate.review", candidate)
    candidate = lock(candidate, version=version)
    _running(candidate.formation)
    if candidate.reviewed_at is not None:
        raise Refused("reviewed", "这个人选已经审核过。")
    if result not in REVIEW_RESULTS:
        raise Refused("review_result", "请选审核结论。", fields={"result": "请选审核结论"})
    on = core.local_day(now)
    candidate.put_on_list = put_on_list
    found = core.run_checks(
        "governance.candidate", candidate_facts(candidate, on), place_path=candidate.place_path, on=on, raise_=False
    )
    failed = [one for one in found if one.outcome == "refuse"]
    if result == "passed" and failed:
        raise Refused(
            "not_eligible",
            f"不能审核通过：{'；'.join(one.message for one in failed)}。请改为不通过，或先更正情况。",
            tuple(dict.fromkeys(clause for one in failed for clause in one.clauses)),
            fields={"result": "不符合条件，不能通过"},
        )
    if result == "refused" and not failed:
        opinion = words(opinion, "opinion", "不通过的理由")
    candidate.result, candidate.opinion = result, opinion.strip()
    candidate.failed = [{"says": one.message, "clauses": list(one.clauses)} for one in failed]
    candidate.notes = [{"says": one.message, "clauses": list(one.clauses)} for one in found if one.outcome != "refuse"]
    candidate.reviewed_by, candidate.reviewed_at = actor.user, now
    bump(candidate, "result", "opinion", "failed", "notes", "put_on_list", "reviewed_by", "reviewed_at")
    if result == "passed":
        _publish_anew(candidate.formation)
    core.record(
        "candidate.reviewed",
        subject=candidate.formation.estate.ref,
        actor=actor,
        at=now,
        place_path=candidate.place_path,
        data={
            "formation": candidate.formation.ref.key,
            "candidate": candidate.ref.key,
            "result": result,
            "failed": [one.name for one in failed],
        },
    )
    return candidate


def _publish_anew(formation: Formation) -> None:
    """Somebody passes after the list was made public: nobody stands whom the owners were not shown."""
    formation = lock(formation)
    if formation.published_on is None or formation.kind == "building_stewards":
        return
    formation.published_on = formation.published_until = None
    bump(formation, "published_on", "published_until")


@transaction.atomic
def withdraw_candidate(candidate: Candidate, *, on: date, actor: Actor, now: datetime) -> Candidate:
    core.require(actor, "candidate.nominate", candidate)
    candidate = lock(candidate)
    if candidate.withdrawn_on is not None:
        raise Refused("withdrawn", "这个人选已经退出。")
    candidate.withdrawn_on = on
    bump(candidate, "withdrawn_on")
    core.record(
        "candidate.withdrawn",
        subject=candidate.formation.estate.ref,
        actor=actor,
        at=now,
        place_path=candidate.place_path,
        data={"formation": candidate.formation.ref.key, "candidate": candidate.ref.key},
    )
    return candidate


@transaction.atomic
def publish_candidates(
    formation: Formation,
    *,
    seats: int,
    substitutes: int = 0,
    from_on: date,
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> Formation:
    """The list for the owners: those alone who passed the review, for as many days as the document says."""
    core.require(actor, "formation.run", formation)
    formation = lock(formation, version=version)
    _running(formation)
    on = core.local_day(now)
    require_guidance(formation, "candidates", on)
    standing = [one for one in formation.candidates.all() if one.standing]
    if not standing:
        raise Refused("no_candidates", "还没有审核通过的人选，不能公示。")
    if seats < 1 or len(standing) < seats:
        raise Refused(
            "few_candidates",
            f"通过审核的只有{len(standing)}人，少于要选的{seats}席。",
            fields={"seats": "席位多于候选人"},
        )
    if formation.trigger == BY_ELECTION:
        vacant = vacant_seats(committee_or_refuse(formation.estate, on), on)
        if seats > vacant or substitutes:
            raise Refused(
                "by_election_seats",
                f"补选只补缺额{vacant}席，不另选候补。",
                fields={"seats": f"最多{vacant}席"},
            )
    periods, clauses = clocks(formation.place_path, on)
    until = from_on
    if periods.get("candidate_notice") is not None:
        until = last_day(from_on, periods["candidate_notice"], place_path=formation.place_path)
    formation.seats, formation.substitutes = seats, substitutes
    formation.published_on, formation.published_until = from_on, until
    bump(formation, "seats", "substitutes", "published_on", "published_until")
    core.record(
        "candidates.published",
        subject=formation.estate.ref,
        actor=actor,
        at=now,
        place_path=formation.place_path,
        data={"formation": formation.ref.key, "candidates": len(standing), "from_on": from_on, "until_on": until},
    )
    return formation


def ballot(formation: Formation, on: date) -> list[Candidate]:
    """Who stands on the ballot that day. Refuses while the document wants something first: the review, the public
    notice to its end, guidance, people named."""
    wanted, clauses = guidance_of(formation, on)
    if wanted.get("people") and not (formation.guide and formation.supervisor):
        raise Refused("people_missing", "投票前要指定镇街指导人和社区监督人各一名，请先指定。", clauses)
    if wanted.get("publication", True):
        if formation.published_on is None:
            raise Refused("not_published", "候选人还没有公示，不能列入选票。", clauses)
        if formation.published_until is not None and on <= formation.published_until:
            raise Refused(
                "notice_running", f"候选人公示到{cn_date(formation.published_until)}为止，期满后才能投票。", clauses
            )
    for step in ("candidates", "assembly"):
        require_guidance(formation, step, on)
    return [one for one in formation.candidates.select_related("person", "unit__building") if one.standing]
