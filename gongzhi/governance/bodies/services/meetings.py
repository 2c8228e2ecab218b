"""Meetings of the assembly that somebody owes: owed, urged, convened by somebody else, held, and what follows."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.duties.models import Duty
from gongzhi.governance.bodies.models import Body, Charge, Member, OwedMeeting, Petition
from gongzhi.governance.bodies.queries.bodies import body_on
from gongzhi.governance.bodies.services.common import DAY, bump, lock, not_later, of_body, words
from gongzhi.governance.bodies.services.sitting import after_vacancy, close_body
from gongzhi.governance.bodies.words import COMMITTEES, CONVENERS, MEETING_REASONS
from gongzhi.policy import Finding
from gongzhi.registry.models import Estate
from gongzhi.registry.queries import organisation_for
from gongzhi.registry.services import set_fact

RECALLS = ("recall_member", "violation")


def owe_meeting(
    estate: Estate,
    *,
    reason: str,
    convener: str,
    owed_from: date,
    body: Body | None = None,
    member: Member | None = None,
    petition: Petition | None = None,
    actor: Actor,
    now: datetime,
) -> OwedMeeting:
    """From that day somebody has to convene the owners; the document says by when."""
    open_one = OwedMeeting.objects.filter(estate=estate, reason=reason, member=member, petition=petition, state="due")
    found = open_one.first()
    if found is not None:
        return found
    row = OwedMeeting.objects.create(
        estate=estate,
        reason=reason,
        convener=convener,
        owed_from=owed_from,
        body=body,
        member=member,
        petition=petition,
        place_path=estate.place_path,
        demo=actor.demo or estate.demo,
    )
    core.record(
        "meeting.owed",
        subject=row.ref,
        actor=actor,
        at=now,
        place_path=row.place_path,
        data={
            "reason": reason,
            "convener": convener,
            "owed_from": owed_from,
            "estate": estate.ref.key,
            "body": body.ref.key if body else None,
        },
    )
    return row


def owe_for_petition(event: Event) -> None:
    """Reaction: enough owners asked."""
    petition = Petition.objects.select_related("estate", "body", "member").get(pk=event.subject_id)
    if petition.state == "met":
        owe_meeting(
            petition.estate,
            reason=petition.kind,
            convener="owners_committee",
            owed_from=core.local_day(event.at),
            body=petition.body,
            member=petition.member,
            petition=petition,
            actor=Actor.system(demo=event.demo),
            now=event.at,
        )


def owe_for_charge(event: Event) -> None:
    """Reaction: a member's breach was found true, so the assembly decides on the recall; nobody need petition."""
    charge = Charge.objects.select_related("member__body__estate").get(pk=event.subject_id)
    body = charge.member.body
    if charge.state == "verified" and body.estate is not None:
        owe_meeting(
            body.estate,
            reason="violation",
            convener="owners_committee",
            owed_from=core.local_day(event.at),
            body=body,
            member=charge.member,
            actor=Actor.system(demo=event.demo),
            now=event.at,
        )


def owe_for_conflict(event: Event) -> None:
    """Reaction: the street found a major conflict. Dismissing the company or the committee is the owners' decision."""
    estate = Estate.objects.filter(place_path=event.place_path, ended_on=None).first()
    if estate is None:
        return
    on = core.local_day(event.at)
    committee = body_on(estate, "owners_committee", on)
    for consequence in event.data["consequences"]:
        reason = {"dismissal": "dismiss_company", "re_election": "recall_committee"}[consequence]
        convenes = reason == "dismiss_company" and committee is not None
        owe_meeting(
            estate,
            reason=reason,
            convener="owners_committee" if convenes else "street_office",
            owed_from=on,
            body=committee,
            actor=Actor.system(demo=event.demo),
            now=event.at,
        )


def owe_for_body(event: Event) -> None:
    """Reaction: a committee that cannot work, or has lost half of its seats; the street sees to the meeting."""
    body = Body.objects.select_related("estate").get(pk=event.subject_id)
    if body.estate is not None and body.kind == "owners_committee":
        reason = "below_half" if event.kind == "body.below_half" else event.data.get("reason") or "not_functioning"
        owe_meeting(
            body.estate,
            reason=str(reason),
            convener="street_office",
            owed_from=core.local_day(event.at),
            body=body,
            actor=Actor.system(demo=event.demo),
            now=event.at,
        )


@transaction.atomic
def mark_unable(body: Body, *, reason: str, why: str, from_on: date, actor: Actor, now: datetime) -> Body:
    """The street finds that a committee cannot work (`not_functioning`) or gravely breaks its duties."""
    core.require(actor, "correction.work", body)
    if reason not in ("not_functioning", "serious_breach"):
        raise Refused("unable_reason", "请选认定的情形。", fields={"reason": "请选情形"})
    body = lock(body)
    if body.unable_from is not None:
        raise Refused("unable", "已经认定过。")
    words(why, "why", "认定的事实")
    not_later(from_on, now, field="from_on", what="认定日期")
    body.unable_from = from_on
    body.explanation = f"{body.explanation}\n{MEETING_REASONS[reason]}：{why.strip()}".strip()
    bump(body, "unable_from", "explanation")
    event = core.record(
        "body.unable",
        subject=body.ref,
        actor=actor,
        at=now,
        place_path=body.place_path,
        data=of_body(body, from_on=from_on, reason=reason),
    )
    if body.estate is not None:
        set_fact(body.estate.ref, "committee_unable", True, from_on=from_on, event=event)
    return body


@transaction.atomic
def urge_meeting(
    meeting: OwedMeeting, *, until_on: date, actor: Actor, now: datetime, version: int | None = None
) -> OwedMeeting:
    """The street urges the convener in writing."""
    core.require(actor, "meeting.urge", meeting)
    meeting = _due(meeting, version)
    on = core.local_day(now)
    if until_on < on:
        raise Refused("urge_until", "催告期限不能早于今天。", fields={"until_on": "不能早于今天"})
    meeting.urged_on, meeting.urged_until = on, until_on
    bump(meeting, "urged_on", "urged_until")
    core.record(
        "meeting.urged",
        subject=meeting.ref,
        actor=actor,
        at=now,
        place_path=meeting.place_path,
        data={"until_on": until_on, "convener": meeting.convener},
    )
    return meeting


@transaction.atomic
def refuse_meeting(
    meeting: OwedMeeting,
    *,
    why: str,
    refused_on: date,
    files: Sequence[Any] = (),
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> OwedMeeting:
    """Whoever has to convene said that he will not: his time is over on that day. Entered by himself, or by the street
    or community that was told so."""
    core.require(actor, "meeting.refuse", meeting)
    meeting = _due(meeting, version)
    if actor.role in COMMITTEES and actor.role != meeting.convener:
        raise Refused("not_convener", f"这次会议由{meeting.get_convener_display()}召集，轮不到本组织答复召不召开。")
    not_later(refused_on, now, field="refused_on", what="拒绝日期")
    first = max(meeting.owed_from, meeting.moved_on or meeting.owed_from)
    if refused_on < first:
        raise Refused(
            "refused_early",
            f"{meeting.get_convener_display()}自{cn_date(first)}起才应召集，拒绝日期不能早于这一天。",
            fields={"refused_on": f"不早于{cn_date(first)}"},
        )
    if meeting.refused and (meeting.urged_on is None or refused_on < meeting.urged_on):
        raise Refused("meeting_refused", "已经登记过拒绝召开。之后又催告、又拒绝的，按再次拒绝的日期登记。")
    meeting.refused_on, meeting.refused_by = refused_on, meeting.convener
    meeting.refusal, meeting.refusal_taken_by = words(why, "why", "拒绝的理由"), actor.organisation
    bump(meeting, "refused_on", "refused_by", "refusal", "refusal_taken_by")
    for file in files:
        core.store_file(file, owner=meeting.ref, actor=actor, now=now)
    core.record(
        "meeting.refused",
        subject=meeting.ref,
        actor=actor,
        at=now,
        place_path=meeting.place_path,
        data={"convener": meeting.convener, "refused_on": refused_on},
    )
    street = organisation_for("street_office", meeting.place_path, meeting.estate)
    if street is not None and street != actor.organisation:
        said = f"{meeting.get_convener_display()}拒绝召开：{meeting}"
        core.notify(to=street, template="meeting.refused", text=said, ref=meeting.ref, now=now)
    return meeting


def _due(meeting: OwedMeeting, version: int | None = None) -> OwedMeeting:
    locked: OwedMeeting = lock(meeting, version=version)
    if locked.state != "due":
        raise Refused("meeting_held", "这次会议已经召开。")
    return locked


def overdue(meeting: OwedMeeting, now: datetime) -> bool:
    """Is the clock of this meeting past? As the duties keep it."""
    return Duty.objects.filter(
        subject_kind="owed_meeting", subject_id=str(meeting.pk), due_at__lte=now, closed_at__isnull=True
    ).exists()


def _judge_change(meeting: OwedMeeting, now: datetime, *, raise_: bool = True) -> list[Finding]:
    on = core.local_day(now)
    facts = {
        "reason": meeting.reason,
        "urged": meeting.urged_in_vain(on),
        "refused": meeting.refused,
        "overdue": overdue(meeting, now),
    }
    return core.run_checks("governance.change_convener", facts, place_path=meeting.place_path, on=on, raise_=raise_)


def hindering_change(meeting: OwedMeeting, now: datetime) -> list[Finding]:
    """Why nobody else may convene yet; none: somebody may."""
    return [one for one in _judge_change(meeting, now, raise_=False) if one.outcome == "refuse"]


@transaction.atomic
def change_convener(
    meeting: OwedMeeting, *, convener: str, actor: Actor, now: datetime, version: int | None = None
) -> OwedMeeting:
    """Somebody else convenes, because the committee would not: it was urged in vain, and is late or refused."""
    core.require(actor, "meeting.urge", meeting)
    meeting = _due(meeting, version)
    if convener not in CONVENERS or convener == meeting.convener:
        raise Refused("convener", "请选新的召集人。", fields={"convener": "请选新的召集人"})
    on = core.local_day(now)
    _judge_change(meeting, now)
    was, meeting.convener, meeting.moved_on = meeting.convener, convener, on
    bump(meeting, "convener", "moved_on")
    core.record(
        "meeting.convener_changed",
        subject=meeting.ref,
        actor=actor,
        at=now,
        place_path=meeting.place_path,
        data={"convener": convener, "was": was, "moved_on": on},
    )
    return meeting


@transaction.atomic
def hold_meeting(
    meeting: OwedMeeting,
    *,
    held_on: date,
    passed: bool,
    result: str,
    vote_ref: str = "",
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> OwedMeeting:
    """The owners decided. A recall that passed ends the seat on that day; until then it stands."""
    core.require(actor, "meeting.hold", meeting)
    meeting = _due(meeting, version)
    not_later(held_on, now, field="held_on", what="召开日期")
    if held_on < meeting.owed_from:
        raise Refused("held_on", "召开日期不能早于应召开之日。", fields={"held_on": "早于应召开之日"})
    meeting.state, meeting.held_on, meeting.passed = "held", held_on, passed
    meeting.result, meeting.vote_ref = words(result, "result", "结果"), vote_ref
    bump(meeting, "state", "held_on", "passed", "result", "vote_ref")
    core.record(
        "meeting.held",
        subject=meeting.ref,
        actor=actor,
        at=now,
        place_path=meeting.place_path,
        data={"reason": meeting.reason, "held_on": held_on, "passed": passed, "vote": vote_ref or None},
    )
    if passed:
        _follow(meeting, held_on, actor=actor, now=now)
    return meeting


def _follow(meeting: OwedMeeting, held_on: date, *, actor: Actor, now: datetime) -> None:
    body = meeting.body
    if body is None or body.state != "in_office":
        return
    if meeting.reason == "recall_committee":
        close_body(body, ended_on=held_on + DAY, reason="recalled", actor=actor, now=now)
    elif meeting.reason in RECALLS and meeting.member is not None and meeting.member.to_on is None:
        member = meeting.member
        member.to_on, member.end_note = held_on, "业主大会罢免"
        member.save(update_fields=["to_on", "end_note"])
        core.record(
            "body.changed",
            subject=body.ref,
            actor=actor,
            at=now,
            place_path=body.place_path,
            data=of_body(body, what="业主大会罢免委员", from_on=held_on + DAY),
        )
        after_vacancy(body, on=held_on + DAY, actor=actor, now=now)
    elif body.unable_from is not None:
        body.unable_from = None
        bump(body, "unable_from")
        event = core.record(
            "body.able_again",
            subject=body.ref,
            actor=actor,
            at=now,
            place_path=body.place_path,
            data=of_body(body, from_on=held_on),
        )
        set_fact(meeting.estate.ref, "committee_unable", False, from_on=held_on, event=event)
