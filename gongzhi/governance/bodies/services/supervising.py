"""Street, community and bureau supervise: opinions, orders, requests with answers; charges; yearly assessments."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation, Place
from gongzhi.governance.bodies.models import Advice, Body, BodyAssessment, Charge, Member
from gongzhi.governance.bodies.services.common import DAY, bump, clocks, last_day, lock, of_body, words
from gongzhi.governance.bodies.services.sitting import end_seat
from gongzhi.governance.bodies.words import ADVICE_KINDS, ANSWERED_KINDS, CHARGE_OUTCOMES, CONCLUSIONS, DISQUALIFIED
from gongzhi.registry.models import Estate

HIGHEST = Decimal(100)


@transaction.atomic
def advise(
    *,
    kind: str,
    to: Organisation | None,
    text: str,
    estate: Estate | None = None,
    body: Body | None = None,
    place: Place | None = None,
    due_on: date | None = None,
    files: Sequence[Any] = (),
    actor: Actor,
    now: datetime,
) -> Advice:
    """An opinion, a talk, an order, a request. Who gets it sees it on his desk until he has answered."""
    about = body or estate or place
    core.require(actor, "body.advise", about)
    if kind not in ADVICE_KINDS or about is None:
        raise Refused("advice_kind", "请从列表里选类别。", fields={"kind": "请从列表里选"})
    on = core.local_day(now)
    place_path = about.path if isinstance(about, Place) else about.place_path
    needs_reply = kind in ANSWERED_KINDS
    if needs_reply and to is None:
        raise Refused("advice_to", "请选给谁。", fields={"to": "请选给谁"})
    due = due_on or (_default_day(place_path, on) if needs_reply else None)
    if due is not None and due < on:
        raise Refused("due_on", "回复期限不能早于今天。", fields={"due_on": "不能早于今天"})
    row = Advice.objects.create(
        estate=estate or (body.estate if body else None),
        body=body,
        kind=kind,
        given_by=actor.organisation,
        given_role=actor.role,
        to=to,
        words=words(text, "text", "内容"),
        given_on=on,
        due_on=due,
        place_path=place_path,
        demo=actor.demo,
    )
    for file in files:
        core.store_file(file, owner=row.ref, actor=actor, now=now)
    core.record(
        "advice.given",
        subject=row.ref,
        actor=actor,
        at=now,
        place_path=row.place_path,
        data={
            "kind": kind,
            "to": to.role if to else None,
            "to_organisation": to.pk if to else None,
            "by": actor.role,
            "due_on": due,
            "within": f"{(due - on).days}d" if due else None,
            "needs_reply": needs_reply,
            "estate": row.estate.ref.key if row.estate else None,
            "body": body.ref.key if body else None,
        },
    )
    if to is not None:
        core.notify(to=to, template="advice.given", text=f"{ADVICE_KINDS[kind]}：{about}", ref=row.ref, now=now)
    return row


@transaction.atomic
def advise_communities(
    communities: Sequence[Organisation], *, text: str, due_on: date | None = None, actor: Actor, now: datetime
) -> list[Advice]:
    """One opinion on how they guide and supervise, to many residents' committees: each answers for itself."""
    if not communities:
        raise Refused("communities", "请选给哪些社区。", fields={"communities": "请选社区"})
    return [
        advise(kind="opinion", to=one, text=text, place=one.place, due_on=due_on, actor=actor, now=now)
        for one in communities
    ]


def _default_day(place_path: str, on: date) -> date | None:
    periods, _ = clocks(place_path, on)
    return last_day(on, periods["reply"], place_path=place_path) if periods.get("reply") is not None else None


@transaction.atomic
def reply_to(
    advice: Advice, *, text: str, files: Sequence[Any] = (), actor: Actor, now: datetime, version: int | None = None
) -> Advice:
    """The answer of whom it was given to."""
    advice = lock(advice, version=version)
    core.require(actor, "advice.reply", Addressee(advice))
    if advice.replied_at is not None:
        raise Refused("replied", "已经回复过。")
    advice.reply, advice.replied_at = words(text, "text", "回复内容"), now
    bump(advice, "reply", "replied_at")
    for file in files:
        core.store_file(file, owner=advice.ref, actor=actor, now=now)
    core.record(
        "advice.replied",
        subject=advice.ref,
        actor=actor,
        at=now,
        place_path=advice.place_path,
        data={"kind": advice.kind},
    )
    return advice


class Addressee:
    """Only whom it was given to may answer."""

    def __init__(self, advice: Advice) -> None:
        self.advice, self.place_path = advice, advice.place_path

    def is_party(self, actor: Actor) -> bool:
        return actor.organisation is not None and actor.organisation.pk == self.advice.to_id


@transaction.atomic
def confirm_advice(advice: Advice, *, actor: Actor, now: datetime, version: int | None = None) -> Advice:
    """Whoever asked finds that it was done."""
    core.require(actor, "body.advise", advice)
    advice = lock(advice, version=version)
    if advice.replied_at is None:
        raise Refused("no_reply", "对方还没有回复，不能确认完成。")
    if advice.confirmed_at is not None:
        raise Refused("confirmed", "已经确认过。")
    advice.confirmed_at = now
    bump(advice, "confirmed_at")
    core.record(
        "advice.confirmed",
        subject=advice.ref,
        actor=actor,
        at=now,
        place_path=advice.place_path,
        data={"kind": advice.kind},
    )
    return advice


@transaction.atomic
def review_conversion(
    body: Body, *, conclusion: str, text: str, files: Sequence[Any] = (), actor: Actor, now: datetime
) -> Advice:
    """Can this estate have an assembly by now? The management committee's regular review, with its conclusion."""
    if body.kind != "management_committee" or body.state != "in_office":
        raise Refused("not_management", "只有在任的物业管理委员会才评估能否成立业主大会。")
    if conclusion not in CONCLUSIONS:
        raise Refused("conclusion", "请选评估结论。", fields={"conclusion": "请选评估结论"})
    return _own_report(
        body, kind="review", text=text, files=files, open_to_owners=True, conclusion=conclusion, actor=actor, now=now
    )


@transaction.atomic
def hand_in_report(
    body: Body, *, text: str, files: Sequence[Any] = (), open_to_owners: bool = True, actor: Actor, now: datetime
) -> Advice:
    """The committee's own report of its work, to the community and, when it says so, to the owners."""
    return _own_report(
        body, kind="report", text=text, files=files, open_to_owners=open_to_owners, conclusion="", actor=actor, now=now
    )


def _own_report(
    body: Body,
    *,
    kind: str,
    text: str,
    files: Sequence[Any],
    open_to_owners: bool,
    conclusion: str,
    actor: Actor,
    now: datetime,
) -> Advice:
    core.require(actor, "body.report", body)
    row = Advice.objects.create(
        estate=body.estate,
        body=body,
        kind=kind,
        conclusion=conclusion,
        given_by=actor.organisation,
        given_role=actor.role,
        words=words(text, "text", "内容"),
        given_on=core.local_day(now),
        open_to_owners=open_to_owners,
        place_path=body.place_path,
        demo=actor.demo or body.demo,
    )
    for file in files:
        core.store_file(file, owner=row.ref, actor=actor, now=now)
    core.record(
        "advice.given",
        subject=row.ref,
        actor=actor,
        at=now,
        place_path=row.place_path,
        data={
            "kind": kind,
            "by": actor.role,
            "needs_reply": False,
            "estate": body.estate.ref.key if body.estate else None,
            "body": body.ref.key,
        },
    )
    return row


@transaction.atomic
def assess(
    body: Body,
    *,
    year: int,
    score: Decimal,
    remarks: str = "",
    final: bool,
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> BodyAssessment:
    """The community's first score, and the street's final one; both are kept."""
    core.require(actor, "body.assess" if final else "body.assess_first", body)
    if not 0 <= score <= HIGHEST:
        raise Refused("score", "分值要在0到100之间。", fields={"score": "请填0到100之间的分值"})
    on = core.local_day(now)
    if year > on.year:
        raise Refused("year", "不能考评以后的年度。", fields={"year": "不能晚于今年"})
    row, _ = BodyAssessment.objects.select_for_update(of=("self",)).get_or_create(
        body=body, year=year, defaults={"place_path": body.place_path, "demo": actor.demo or body.demo}
    )
    core.check_version(row, version)
    if final:
        row.score, row.scored_by, row.scored_on, row.remarks = score, actor.user, on, remarks.strip()
    else:
        row.first_score, row.first_by, row.first_on = score, actor.user, on
    row.version += 1
    row.save()
    core.record(
        "body.assessed",
        subject=body.ref,
        actor=actor,
        at=now,
        place_path=body.place_path,
        data=of_body(body, year=year, final=final),
    )
    return row


@transaction.atomic
def open_charge(member: Member, *, text: str, files: Sequence[Any] = (), actor: Actor, now: datetime) -> Charge:
    """What a member is said to have done, with the evidence."""
    core.require(actor, "charge.work", member)
    row = Charge.objects.create(
        member=member,
        words=words(text, "text", "情况"),
        opened_on=core.local_day(now),
        place_path=member.place_path,
        demo=actor.demo or member.demo,
    )
    _keep_evidence(row, files, actor=actor, now=now)
    _record_charge(row, "charge.opened", {}, actor=actor, now=now)
    return row


def _keep_evidence(row: Charge, files: Sequence[Any], *, actor: Actor, now: datetime) -> None:
    for file in files:
        core.store_file(file, owner=row.ref, actor=actor, now=now)


def _record_charge(row: Charge, kind: str, data: dict[str, Any], *, actor: Actor, now: datetime) -> None:
    core.record(
        kind,
        subject=row.ref,
        actor=actor,
        at=now,
        place_path=row.place_path,
        data={"body": row.member.body.ref.key, **data},
    )


@transaction.atomic
def find_charge(
    charge: Charge,
    *,
    verified: bool,
    finding: str,
    suspected_crime: bool = False,
    files: Sequence[Any] = (),
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> Charge:
    """What was found. A breach that is true goes before the owners' assembly."""
    core.require(actor, "charge.work", charge)
    charge = lock(charge, version=version)
    if charge.state != "open":
        raise Refused("charge_found", "已经认定过。")
    charge.state = "verified" if verified else "unfounded"
    charge.finding, charge.found_on = words(finding, "finding", "认定"), core.local_day(now)
    charge.suspected_crime = verified and suspected_crime
    bump(charge, "state", "finding", "found_on", "suspected_crime")
    _keep_evidence(charge, files, actor=actor, now=now)
    _record_charge(
        charge, "charge.found", {"verified": verified, "suspected_crime": charge.suspected_crime}, actor=actor, now=now
    )
    return charge


@transaction.atomic
def hand_over_charge(
    charge: Charge, *, handed_to: str, handed_on: date, actor: Actor, now: datetime, version: int | None = None
) -> Charge:
    """To the police or the prosecutor: on paper, kept here with the office and the day."""
    core.require(actor, "charge.work", charge)
    charge = lock(charge, version=version)
    if not charge.suspected_crime:
        raise Refused("no_crime", "没有认定涉嫌犯罪，不用移交司法机关。")
    charge.handed_to, charge.handed_on = words(handed_to, "handed_to", "移交机关"), handed_on
    bump(charge, "handed_to", "handed_on")
    _record_charge(charge, "charge.handed_over", {"handed_on": handed_on}, actor=actor, now=now)
    return charge


@transaction.atomic
def close_charge(
    charge: Charge, *, outcome: str, note: str = "", actor: Actor, now: datetime, version: int | None = None
) -> Charge:
    """What came of it. Who is disqualified sits no more from today; the committee is told of its vacant seat."""
    core.require(actor, "charge.work", charge)
    charge = lock(charge, version=version)
    if charge.state == "open":
        raise Refused("not_found", "还没有认定，不能结案。")
    if charge.closed_at is not None:
        raise Refused("charge_closed", "已经结案。")
    if outcome not in CHARGE_OUTCOMES:
        raise Refused("charge_outcome", "请选处理结果。", fields={"outcome": "请选处理结果"})
    if charge.state == "unfounded" and outcome != "none":
        raise Refused("unfounded", "认定不属实的，只能不予处理。", fields={"outcome": "请选不予处理"})
    if outcome != "none":
        note = words(note, "note", "处理情况（写明决定和依据）")
    if charge.suspected_crime:
        lacking = {"handed_to": charge.handed_to, "handed_on": charge.handed_on}
        names = {"handed_to": "移交机关", "handed_on": "移交日期"}
        left = [names[name] for name, value in lacking.items() if not value]
        if left:
            raise Refused("not_handed_over", f"涉嫌犯罪的要先移交，还缺{'、'.join(left)}，不能结案。")
    charge.state, charge.closed_at, charge.outcome, charge.outcome_note = "closed", now, outcome, note
    bump(charge, "state", "closed_at", "outcome", "outcome_note")
    _record_charge(charge, "charge.closed", {"outcome": outcome}, actor=actor, now=now)
    member = charge.member
    if outcome == DISQUALIFIED and member.to_on is None:
        last = max(core.local_day(now) - DAY, member.from_on)
        end_seat(member, to_on=last, reason=CHARGE_OUTCOMES[outcome], actor=actor, now=now)
    return charge
