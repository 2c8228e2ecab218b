"""A committee in office: a by-election into its vacant seats, and whom its members choose as head and deputies."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.governance.bodies.models import Body, Candidate, Member
from gongzhi.governance.bodies.queries.bodies import members_on
from gongzhi.governance.bodies.queries.composition import TWO, findings_of, stored
from gongzhi.governance.bodies.services.common import DAY, SeatInput, Winner, bump, lock, not_later, of_body, words
from gongzhi.governance.bodies.services.correcting import record_decision
from gongzhi.governance.bodies.services.sitting import committee_or_refuse, seat
from gongzhi.governance.bodies.words import COMMITTEES
from gongzhi.registry.models import Estate

BY_ELECTION = "by_election"


def vacant_seats(body: Body, on: date) -> int:
    return max((body.seats or 0) - len(members_on(body, on)), 0)


def refuse_by_election(estate: Estate, on: date) -> Body:
    """A by-election fills vacant seats of a committee that has at least half of its members; below that all are
    elected anew. Substitutes have moved up before."""
    body = committee_or_refuse(estate, on)
    sitting, seats = len(members_on(body, on)), body.seats or 0
    if not vacant_seats(body, on):
        raise Refused("no_vacancy", f"{body.name}没有缺额，不用补选。", fields={"trigger": "没有缺额"})
    if sitting * TWO < seats:
        raise Refused(
            "below_half",
            f"委员只剩{sitting}名，不足{seats}席的半数，要办改选，不能补选。",
            fields={"trigger": "请选改选"},
        )
    return body


def seat_elected(
    body: Body, *, elected: Sequence[Winner], people: Mapping[int, Candidate], on: date, actor: Actor, now: datetime
) -> list[Member]:
    """The winners of a by-election for what is left of the term."""
    if len(elected) > vacant_seats(body, on):
        raise Refused("no_vacancy", f"当选{len(elected)}名，{body.name}现在只缺{vacant_seats(body, on)}席，请核对。")
    made = []
    for one in elected:
        candidate = people[one.candidate]
        given = SeatInput(
            person=candidate.person, attributes=tuple(candidate.attributes), source="elected", unit=candidate.unit,
            source_note="补选", votes_heads=one.votes_heads, votes_area_dm2=one.votes_area_dm2,
        )  # fmt: skip
        member = seat(body, given=given, from_on=on, approved_on=on, actor=actor, now=now)
        Candidate.objects.filter(pk=candidate.pk).update(member=member)
        made.append(member)
    _judged(body, on)
    core.record(
        "body.vacancy_filled",
        subject=body.ref,
        actor=actor,
        at=now,
        place_path=body.place_path,
        data=of_body(body, seats=len(made), from_on=on),
    )
    return made


def _judged(body: Body, on: date) -> None:
    body.basis = stored(findings_of(body, on))
    body.save(update_fields=["basis"])


@transaction.atomic
def elect_officers(
    body: Body,
    *,
    head: Member,
    deputies: Sequence[Member] = (),
    held_on: date,
    attended: int,
    agreed: int,
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> Body:
    """The members choose their head and deputies among themselves, more than half of all agreeing; from that day on.

    On record as a decision of the committee, which can be put right or revoked as any other.
    """
    core.require(actor, "body.report", body)
    body = lock(body, version=version)
    estate = body.estate
    if estate is None or body.kind not in COMMITTEES or body.state != "in_office":
        raise Refused("not_a_committee", "在任的业主委员会、物业管理委员会才推选主任。")
    _refuse_officers(body, head, deputies, held_on, attended=attended, agreed=agreed, now=now)
    posts = {head.pk: "head", **{one.pk: "deputy" for one in deputies}}
    for one in members_on(body, held_on):
        wanted = posts.get(one.pk, "member")
        if one.post != wanted:
            _take_post(body, one, wanted, held_on, actor=actor, now=now)
    _judged(body, held_on)
    bump(body)
    names = "、".join(one.masked_name for one in (head, *deputies))
    record_decision(
        estate,
        body=body,
        title="推选主任、副主任" if deputies else "推选主任",
        text=words(f"到会{attended}人，同意{agreed}人，推选{names}。", "text", "决定内容"),
        decided_on=held_on,
        actor=actor,
        now=now,
    )
    core.record(
        "body.changed",
        subject=body.ref,
        actor=actor,
        at=now,
        place_path=body.place_path,
        data=of_body(body, what="推选主任、副主任", from_on=held_on),
    )
    return body


def _refuse_officers(
    body: Body, head: Member, deputies: Sequence[Member], held_on: date, *, attended: int, agreed: int, now: datetime
) -> None:
    not_later(held_on, now, field="held_on", what="推选日期")
    sitting = members_on(body, held_on)
    here = {one.pk for one in sitting}
    chosen = [head, *deputies]
    if any(one.pk not in here for one in chosen):
        raise Refused("officer", "主任、副主任要从那一天在任的正式委员里推选。", fields={"head": "请另选"})
    if len({one.pk for one in chosen}) != len(chosen):
        raise Refused("officer_twice", "主任不能同时是副主任。", fields={"deputies": "与主任重复"})
    whole = len(sitting)
    if not agreed <= attended <= whole:
        raise Refused(
            "officers_count", f"委员共{whole}人；到会不能多于这个数，同意不能多于到会。", fields={"attended": "请核对"}
        )
    if agreed * TWO <= whole:
        raise Refused(
            "officers_half",
            f"委员共{whole}人，同意{agreed}人，没有超过半数，推选不成立。",
            fields={"agreed": f"至少{whole // TWO + 1}人"},
        )


def _take_post(body: Body, member: Member, post: str, on: date, *, actor: Actor, now: datetime) -> None:
    """A post that begins with the seat stands in its row; a later change ends the row and goes on in the next."""
    if member.from_on >= on:
        member.post = post
        member.save(update_fields=["post"])
        return
    member.to_on, member.end_note = on - DAY, "改任"
    member.save(update_fields=["to_on", "end_note"])
    given = SeatInput(
        person=member.person, side=member.side, attributes=tuple(member.attributes), source=member.source,
        source_note=member.source_note, unit=member.unit, unit_name=member.unit_name, title=member.title,
        full_time=member.full_time, votes_heads=member.votes_heads, votes_area_dm2=member.votes_area_dm2,
    )  # fmt: skip
    after = seat(body, given=replace(given, post=post), from_on=on, approved_on=on, actor=actor, now=now)
    Candidate.objects.filter(member=member).update(member=after)
