"""认定推诿, 约谈, 问责建议, 线索; and what a street finds against companies and committees."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from gongzhi.cases.accountability.models import (
    CensureReview,
    Clue,
    MajorConflict,
    Referral,
    Shirking,
    Talk,
)
from gongzhi.cases.accountability.models.trust import CLUE_RESULTS, CONSEQUENCES, REFERRAL_STATES, capacities_of
from gongzhi.cases.accountability.queries.census import candidates, talk_ground
from gongzhi.cases.accountability.services.common import (
    MINUTE,
    issue,
    locked,
    next_number,
    note,
    of_unit,
    save,
    text_of,
    unit_named,
)
from gongzhi.cases.models import Case, Problem
from gongzhi.cases.services.handling import find_shirking
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.display import due_moment_words
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation, User
from gongzhi.core.refs import Ref
from gongzhi.duties import services as duties
from gongzhi.duties.models import Duty, State
from gongzhi.registry import queries as registry
from gongzhi.registry.models import Estate


@transaction.atomic
def find_duty_shirked(duty: Duty, *, reason: str, actor: Actor, now: datetime) -> Shirking:
    """An overdue duty was passed around. Whom the pack's ladder lets jump is censured at once."""
    core.require(actor, "accountability.find_shirking", duty)
    reason = text_of(reason, "reason", "请写明认定推诿的事实。")
    row = Duty.objects.select_related("owner_organisation").get(pk=duty.pk)
    if row.state != State.OVERDUE or row.owner_organisation is None:
        raise Refused("not_overdue", "只有逾期没有办结的事项可以认定推诿。")
    if Shirking.objects.filter(duty=row).exists():
        raise Refused("found", "这件事已经认定推诿。")
    _tell_ladder(row, reason=reason, actor=actor, now=now)
    after = Duty.objects.get(pk=row.pk)
    if after.step <= row.step and not talk_ground(after):
        raise Refused(
            "steps_first",
            "推诿直接通报不适用于这个单位；仍按抄告、督办、通报逐级办理。",
            _ladder_clauses(row, now),
        )
    return Shirking.objects.create(
        duty=row,
        unit=row.owner_organisation,
        reason=reason,
        found_at=now,
        found_label=actor.label,
        place_path=row.place_path,
        demo=row.demo,
    )


def _tell_ladder(row: Duty, *, reason: str, actor: Actor, now: datetime) -> None:
    case = Case.objects.filter(pk=row.subject_id).first() if row.subject_kind == "case" else None
    if case is not None:
        find_shirking(case, reason=reason, actor=actor, now=now)
        return
    core.record(
        "shirking.found",
        subject=row.subject,
        actor=actor,
        at=now,
        data=of_unit(_owner(row)),
        place_path=row.place_path,
    )


def _owner(duty: Duty) -> Organisation:
    if duty.owner_organisation is None:
        raise Refused("no_owner", "这件事还没有责任单位。")
    return duty.owner_organisation


def _ladder_clauses(duty: Duty, now: datetime) -> tuple[str, ...]:
    pack = core.pack_for(duty.place_path, local_day(now))
    ladder = pack.ladders.get(str(duty.state_json.get("ladder", ""))) if pack is not None else None
    return tuple(ladder.clauses) if ladder is not None else ()


@transaction.atomic
def open_talk(duty: Duty, *, person: str, planned_at: datetime, room: str, actor: Actor, now: datetime) -> Talk:
    """After a censure, or where shirking was found. The numbered notice goes to the unit."""
    core.require(actor, "accountability.talk", duty)
    if not talk_ground(duty):
        raise Refused("no_ground", "通报以后，或者认定推诿以后，才发起约谈。", _ladder_clauses(duty, now))
    if planned_at <= now:
        raise Refused("past", "约定时间要在现在之后。", fields={"planned_at": "请填以后的时间。"})
    unit = _owner(duty)
    row = Talk.objects.create(
        duty=duty,
        unit=unit,
        person=text_of(person, "person", "请写明约谈对象（职务）。"),
        planned_at=planned_at,
        room=text_of(room, "room", "请写明地点。"),
        opened_at=now,
        opened_label=actor.label,
        place_path=actor.place_path,
        demo=actor.demo,
    )
    row.document = issue(
        "talk_notice",
        subject=_of(row, duty),
        to=[unit],
        values={},
        place_path=actor.place_path,
        confidential=True,
        actor=actor,
        now=now,
    )
    row.save(update_fields=["document"])
    note(row, event="talk.opened", actor=actor, now=now, by=actor.role, lead=unit.role)
    core.notify(to=unit, template="talk.opened", text="收到约谈通知书，请按时到会。", ref=row.ref, now=now)
    return row


def _of(row: Any, duty: Duty) -> Ref:
    """The paper belongs to the talk or referral, and names what it is about."""
    return Ref(row.ref.kind, row.ref.id, duty.subject_title or duty.title, row.place_path)


@transaction.atomic
def hold_talk(
    talk: Talk, *, held_at: datetime, record: str, version: int | None = None, actor: Actor, now: datetime
) -> Talk:
    row = locked(talk, version=version)
    core.require(actor, "accountability.talk", row)
    if row.held_at is not None:
        raise Refused("held", "约谈记录已经登记。")
    if held_at > now or held_at < row.opened_at - MINUTE:
        raise Refused("talk_time", "约谈时间应在发起之后、现在之前。", fields={"held_at": "请核对时间。"})
    row.held_at, row.held_label = held_at, actor.label
    row.record = text_of(record, "record", "请写约谈记录。")
    save(row)
    note(row, event="talk.held", actor=actor, now=now, by=actor.role, lead=row.unit.role)
    return row


@transaction.atomic
def refer(duty: Duty, *, reason: str, talk: Talk | None = None, actor: Actor, now: datetime) -> Referral:
    """问责建议 to whom the pack's letter names."""
    core.require(actor, "accountability.refer", duty)
    if not talk_ground(duty):
        raise Refused("no_ground", "通报以后，或者认定推诿以后，才移送问责建议。", _ladder_clauses(duty, now))
    pack = core.pack_for(actor.place_path, local_day(now))
    letter = pack.instruments.get("discipline_referral") if pack is not None else None
    to = unit_named(letter.to if letter is not None and letter.to else "discipline_office", actor.place_path)
    row = Referral.objects.create(
        duty=duty,
        talk=talk,
        unit=_owner(duty),
        to=to,
        reason=text_of(reason, "reason", "请写明移送事由。"),
        referred_at=now,
        referred_label=actor.label,
        place_path=actor.place_path,
        demo=actor.demo,
    )
    row.document = issue(
        "discipline_referral",
        subject=_of(row, duty),
        to=[to],
        values={},
        place_path=actor.place_path,
        confidential=True,
        actor=actor,
        now=now,
    )
    row.save(update_fields=["document"])
    note(row, event="discipline.referred", actor=actor, now=now, to=to.role, lead=row.unit.role)
    core.notify(to=to, template="discipline.referred", text="收到问责建议移送函，请受理。", ref=row.ref, now=now)
    return row


@transaction.atomic
def answer_referral(
    referral: Referral, *, state: str, text: str, version: int | None = None, actor: Actor, now: datetime
) -> Referral:
    row = locked(referral, version=version)
    core.require(actor, "accountability.answer_referral", row)
    if state not in REFERRAL_STATES or state == "sent":
        raise Refused("state", "请选择受理、问责或不予问责。", fields={"state": "请选择状态。"})
    if row.state in ("held", "declined"):
        raise Refused("answered", "这件问责建议已经办结。")
    row.state, row.answered_at = state, now
    row.answer = text_of(text, "text", "请写明情况。")
    save(row)
    note(row, event="discipline.answered", actor=actor, now=now, state=state)
    return row


@transaction.atomic
def record_clue(
    *,
    unit: Organisation,
    position: str,
    behaviour: str,
    text: str,
    person: User | None = None,
    files: Sequence[Any] = (),
    actor: Actor,
    now: datetime,
) -> Clue:
    """About an official. Nobody registers one about himself, and the person never sees it."""
    core.require(actor, "accountability.record_clue", unit)
    if person is not None and person.pk in capacities_of(actor):
        raise Refused("conflict", "线索涉及您本人，应当回避，请转他人登记。", fields={"person": "不能是登记人本人。"})
    row = Clue.objects.create(
        number=next_number(actor.place_path, letter="X", now=now),
        unit=unit,
        person=person,
        position=text_of(position, "position", "请写明岗位。"),
        behaviour=behaviour,
        text=text_of(text, "text", "请写明线索内容。"),
        recorded_at=now,
        recorded_label=actor.label,
        place_path=actor.place_path,
        demo=actor.demo,
    )
    for one in files:
        core.store_file(one, owner=row.ref, actor=actor, now=now)
    note(row, event="clue.recorded", actor=actor, now=now)
    return row


@transaction.atomic
def transfer_clue(clue: Clue, *, body: Organisation, version: int | None = None, actor: Actor, now: datetime) -> Clue:
    row = locked(clue, version=version)
    core.require(actor, "accountability.record_clue", row)
    if row.transferred_at is not None:
        raise Refused("transferred", f"已经移送{row.body}。")
    if body.pk == row.unit_id:
        raise Refused("own_unit", "不能移送给涉及人员所在的单位。", fields={"body": "请选有权处理的其他机关。"})
    row.body, row.transferred_at = body, now
    save(row)
    note(row, event="clue.transferred", actor=actor, now=now, to=body.role)
    core.notify(to=body, template="clue.transferred", text=f"收到问题线索{row.number}。", ref=row.ref, now=now)
    return row


@transaction.atomic
def conclude_clue(
    clue: Clue, *, result: str, text: str, version: int | None = None, actor: Actor, now: datetime
) -> Clue:
    row = locked(clue, version=version)
    core.require(actor, "accountability.conclude_clue", row)
    if row.transferred_at is None:
        raise Refused("not_transferred", "请先移送有权处理的机关。")
    if row.concluded_at is not None:
        raise Refused("concluded", "这条线索已经办结。")
    if result not in CLUE_RESULTS:
        raise Refused("result", "请选择处理结果。", fields={"result": "请选择处理结果。"})
    row.result, row.concluded_at = result, now
    row.result_text = text_of(text, "text", "请写明处理情况。")
    save(row)
    note(row, event="clue.concluded", actor=actor, now=now, result=result)
    return row


@transaction.atomic
def review_candidate(
    problem: Problem, *, party: Organisation, propose: bool, reason: str, actor: Actor, now: datetime
) -> CensureReview:
    """The street's view of a candidate; its duty to look ends with it."""
    core.require(actor, "accountability.review_company", problem)
    if not any(one.party == party for one in candidates(problem.place_path, problem=problem)):
        raise Refused("no_candidate", "这家单位不在通报候选里：按时上报的不列入。")
    if CensureReview.objects.filter(problem=problem, party=party).exists():
        raise Refused("reviewed", "已经审核过。")
    row = CensureReview.objects.create(
        problem=problem,
        party=party,
        proposed=propose,
        reason=text_of(reason, "reason", "请写明审核意见。"),
        reviewed_at=now,
        reviewed_label=actor.label,
        place_path=problem.place_path,
        demo=problem.demo,
    )
    core.record(
        "censure.reviewed",
        subject=problem.ref,
        actor=actor,
        at=now,
        data={"lead": party.role, "proposed": propose},
        place_path=problem.place_path,
    )
    waiting = Duty.objects.filter(
        subject_kind="problem",
        subject_id=str(problem.pk),
        closed_at=None,
        manual=True,
        owner_organisation=actor.organisation,
    )
    for duty in waiting:
        duties.fulfil(duty, note=row.reason, actor=actor, now=now)
    return row


@transaction.atomic
def censure_candidate(review: CensureReview, *, actor: Actor, now: datetime) -> CensureReview:
    row = locked(review)
    core.require(actor, "accountability.censure", row)
    if not row.proposed or row.document_id is not None:
        raise Refused("not_proposed", "镇街没有建议通报，或者已经通报。")
    problem = row.problem
    duty = Duty.objects.filter(subject_kind="problem", subject_id=str(problem.pk), due_at__isnull=False).first()
    due = due_moment_words(duty.due_at) if duty is not None and duty.due_at is not None else "规定时间"
    row.document = issue(
        "censure_notice",
        subject=Ref("problem", str(problem.pk), problem.text[:60], problem.place_path),
        to=[row.party],
        values={"owner": row.party.name, "duty": "问题处理和上报", "due": due, "new_due": "收到通报后立即"},
        place_path=row.place_path,
        actor=actor,
        now=now,
    )
    row.censured_at = now
    row.save()
    core.record(
        "censure.issued",
        subject=problem.ref,
        actor=actor,
        at=now,
        data={
            "about": problem.ref.key,
            "document": row.document.pk,
            "number": row.document.number,
            **of_unit(row.party),
        },
        place_path=row.place_path,
    )
    return row


@transaction.atomic
def find_major(
    *,
    estate: Estate,
    party: Organisation,
    text: str,
    consequences: Sequence[str],
    certificate: Any,
    actor: Actor,
    now: datetime,
) -> MajorConflict:
    """The street's finding with its certificate. Dismissal and re-election still need the owners' assembly."""
    core.require(actor, "accountability.find_major", estate)
    serving = registry.organisations_for(
        ("property_company", "owners_committee"), estate.place_path, estate=estate, on=local_day(now)
    )
    if party not in serving.values():
        raise Refused("not_of_estate", "只能认定本小区的物业服务企业或业委会。", fields={"party": "请选本小区的单位。"})
    if certificate is None:
        raise Refused("no_certificate", "认定书须上传。", fields={"certificate": "请上传认定书。"})
    fits = {"property_company": "dismissal", "owners_committee": "re_election"}.get(party.role)
    if not consequences or any(one not in CONSEQUENCES or one != fits for one in consequences):
        raise Refused(
            "consequence", "对企业可以启动解聘，对业委会可以启动改选。", fields={"consequences": "请选对应的程序。"}
        )
    row = MajorConflict.objects.create(
        estate=estate,
        party=party,
        text=text_of(text, "text", "请写明认定事实。"),
        consequences=list(consequences),
        found_at=now,
        found_label=actor.label,
        place_path=estate.place_path,
        demo=actor.demo or estate.demo,
    )
    row.certificate = core.store_file(certificate, owner=row.ref, actor=actor, now=now)
    row.save(update_fields=["certificate"])
    note(row, event="conflict.found_major", actor=actor, now=now, lead=party.role, consequences=list(consequences))
    return row
