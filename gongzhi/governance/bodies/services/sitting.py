"""Bodies and seats: registering a body, filling and ending seats, ending the body. What holds of the estate follows."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event, Organisation, Place, Post
from gongzhi.governance.bodies.models import Body, Formation, Member
from gongzhi.governance.bodies.queries.bodies import body_on, elected, members_on
from gongzhi.governance.bodies.queries.composition import (
    TWO,
    composition_facts,
    findings_of,
    party_share,
    seats_of,
    stored,
    wanted_seats,
)
from gongzhi.governance.bodies.queries.coverage import steward_per
from gongzhi.governance.bodies.services.common import DAY, SeatInput, bump, keep, lock, of_body, words
from gongzhi.governance.bodies.words import BODY_KINDS, COMMITTEES, MEDIATING, OF_ESTATES
from gongzhi.registry.models import Estate
from gongzhi.registry.services import set_fact

FACT_OF = {"owners_committee": "has_owners_committee", "management_committee": "has_management_committee"}


def make_body(
    kind: str,
    *,
    estate: Estate | None,
    place: Place,
    name: str = "",
    formed_on: date,
    term_until: date | None = None,
    seats: int | None = None,
    absent_sides: Iterable[str] = (),
    explanation: str = "",
    actor: Actor,
) -> Body:
    """The row of a body in office. The caller fills the seats, checks, and records."""
    term = 1
    if estate is not None and kind in COMMITTEES:
        term += Body.objects.filter(estate=estate, kind=kind).count()
    title = name or _title(kind, estate=estate, place=place, on=formed_on)
    organisation = None
    if estate is not None and kind in COMMITTEES:
        organisation = _organisation(kind, place=place, name=f"{estate.name}{BODY_KINDS[kind]}", actor=actor)
    try:
        with transaction.atomic():
            return Body.objects.create(
                kind=kind,
                name=title,
                estate=estate,
                organisation=organisation,
                place_path=place.path,
                term=term,
                state="in_office",
                formed_on=formed_on,
                term_until=term_until,
                seats=seats,
                absent_sides=list(absent_sides),
                explanation=explanation,
                demo=actor.demo,
            )
    except IntegrityError as error:
        raise Refused("body_in_office", f"{title}已经在任，不能重复登记。") from error


def _title(kind: str, *, estate: Estate | None, place: Place, on: date) -> str:
    """Of the estate or the place; a mediation body as the local document calls it."""
    if kind in MEDIATING:
        return f"{place.short_name}{core.role_name(kind, place_path=place.path, on=on)}"
    return f"{estate.name if estate else place.name}{BODY_KINDS[kind]}"


def _organisation(kind: str, *, place: Place, name: str, actor: Actor) -> Organisation:
    """The committee's own, shared by all its terms; one that had ended is taken up again."""
    found = Organisation.objects.filter(role=kind, place=place).order_by("-active", "pk").first()
    if found is None:
        return core.ensure_organisation(kind, place=place, name=name, demo=actor.demo)
    if not found.active:
        found.active = True
        found.save(update_fields=["active"])
    return found


def seat(
    body: Body, *, given: SeatInput, from_on: date, approved_on: date | None = None, actor: Actor, now: datetime
) -> Member:
    person = None
    if given.person is not None:
        person = keep(given.person, owner=body.ref, place_path=body.place_path, actor=actor, now=now)
    try:
        with transaction.atomic():
            return Member.objects.create(
                body=body,
                place_path=body.place_path,
                person=person,
                side=given.side,
                post=given.post,
                seat=given.seat,
                unit_name=given.unit_name,
                title=given.title,
                attributes=sorted(set(given.attributes)),
                source=given.source,
                source_note=given.source_note,
                full_time=given.full_time,
                unit=given.unit,
                building=given.building,
                entrance=given.entrance,
                rank=given.rank,
                votes_area_dm2=given.votes_area_dm2,
                votes_heads=given.votes_heads,
                replaces=given.replaces,
                chosen_at=given.chosen_at,
                from_on=from_on,
                approved_on=approved_on,
                demo=actor.demo,
            )
    except IntegrityError as error:
        raise Refused(
            "steward_twice", "这一幢（单元）已有在任的楼幢长，请先登记离任。", fields={"building": "已有在任楼幢长"}
        ) from error


def judge(body: Body, on: date, *, formation: Formation | None = None) -> None:
    """Refuses what the local document refuses, each failed rule by name; keeps what it only warns of."""
    facts = composition_facts(body, on, formation=formation)
    core.run_checks("governance.composition", facts, place_path=body.place_path, on=on)
    body.basis = stored(findings_of(body, on, formation=formation))
    body.save(update_fields=["basis"])


def record_formed(body: Body, *, formation: Formation | None = None, actor: Actor, now: datetime) -> Event:
    on = body.formed_on or core.local_day(now)
    event = core.record(
        "body.formed",
        subject=body.ref,
        actor=actor,
        at=now,
        place_path=body.place_path,
        data=of_body(
            body,
            formed_on=on,
            term_until=body.term_until,
            trigger=formation.trigger if formation else None,
            members=len(members_on(body, on)),
            party_share=_decimal(party_share(body, on)),
            formation=formation.ref.key if formation else None,
        ),
    )
    write_facts(body, on=on, holds=True, event=event)
    return event


def _decimal(value: Any) -> Any:
    return (
        None if value is None else (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal("0.0001"))
    )


def write_facts(body: Body, *, on: date, holds: bool, event: Event) -> None:
    """What others read of the estate: there is a committee, and until when its term runs."""
    if body.estate is None or body.kind not in FACT_OF:
        return
    set_fact(body.estate.ref, FACT_OF[body.kind], holds, from_on=on, event=event)
    if body.kind == "owners_committee":
        set_fact(body.estate.ref, "committee_term_until", body.term_until if holds else None, from_on=on, event=event)


@transaction.atomic
def register_body(
    *,
    kind: str,
    place: Place,
    estate: Estate | None = None,
    name: str = "",
    formed_on: date,
    seats: Iterable[SeatInput] = (),
    absent_sides: Iterable[str] = (),
    explanation: str = "",
    actor: Actor,
    now: datetime,
) -> Body:
    """A body that nobody elects: a leading group, a conference, a joint group, the stewards of an estate.

    A body whose seats the local document lists is given those seats, vacant, where none were given.
    """
    core.require(actor, "body.register", estate or place)
    if kind not in BODY_KINDS:
        raise Refused("body_kind", "请从列表里选组织类别。", fields={"kind": "请从列表里选"})
    if (kind in OF_ESTATES) != (estate is not None):
        raise Refused(
            "body_place", f"{BODY_KINDS[kind]}要登记在{'小区' if kind in OF_ESTATES else '区县、镇街或社区'}。"
        )
    if kind in COMMITTEES:
        raise Refused("body_by_formation", f"{BODY_KINDS[kind]}要经组建程序产生，请先启动组建。")
    if body_on_place(kind, place, formed_on) is not None:
        raise Refused("body_in_office", f"{place.name}已有{BODY_KINDS[kind]}。")
    body = make_body(
        kind,
        estate=estate,
        place=place,
        name=name,
        formed_on=formed_on,
        absent_sides=absent_sides,
        explanation=explanation,
        actor=actor,
    )
    given = list(seats) or listed_seats(body, formed_on)
    for one in given:
        seat(body, given=one, from_on=formed_on, approved_on=formed_on, actor=actor, now=now)
    judge(body, formed_on)
    record_formed(body, actor=actor, now=now)
    return body


def body_on_place(kind: str, place: Place, on: date) -> Body | None:
    found: Body | None = Body.objects.in_office(on).filter(kind=kind, place_path=place.path).first()
    return found


def listed_seats(body: Body, on: date) -> list[SeatInput]:
    """The seats that the local document lists: head, deputies, one for each member unit; all vacant."""
    wanted = wanted_seats(body, on)
    title = str(wanted.get("unit_title") or "")
    found = [SeatInput(side="department", post="head", title=str(wanted["head"]))] if wanted.get("head") else []
    found += [SeatInput(side="department", post="deputy", title=one) for one in wanted.get("deputies") or ()]
    found += [SeatInput(side="department", unit_name=one, title=title) for one in seats_of(body, on, []).missing_units]
    return found


@transaction.atomic
def fill_seat(
    body: Body,
    *,
    given: SeatInput,
    from_on: date,
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> Member:
    """A new member, or somebody else in a seat. Where the document wants consent, the seat changes on the approval.

    Who heads an office or a group of a place is judged as at its forming: what the document refuses is refused.
    """
    core.require(actor, "body.seat", body)
    body = lock(body, version=version)
    require_open(body)
    if body.kind == "building_stewards":
        given = _of_its_place(body, given, from_on)
    if body.kind == "owners_committee":
        given = _elected_before(body, given)
    may_sit(body, given, from_on)
    needs_approval = bool(wanted_seats(body, from_on).get("approval")) and given.replaces is not None
    if needs_approval:
        member = seat(body, given=given, from_on=from_on, actor=actor, now=now)
        kind, what = "body.seat_proposed", member
    else:
        if given.replaces is not None:
            _leave(given.replaces, from_on - DAY, "接替")
        member = seat(body, given=given, from_on=from_on, approved_on=from_on, actor=actor, now=now)
        if given.post == "head" and body.estate is None:
            judge(body, from_on)
        else:
            _judge_change(body, from_on)
        kind, what = "body.changed", member
    bump(body)
    data = (
        {"seat": what.ref.key}
        if kind == "body.seat_proposed"
        else {"what": f"{given.unit_name or member.get_side_display()}到任"}
    )
    core.record(
        kind,
        subject=body.ref,
        actor=actor,
        at=now,
        place_path=body.place_path,
        data=of_body(body, from_on=from_on, **data),
    )
    return member


def _elected_before(body: Body, given: SeatInput) -> SeatInput:
    """Of a committee that was elected elsewhere its members are entered; nobody comes into one but by an election."""
    if elected(body):
        raise Refused(
            "seat_by_election",
            "这一届委员由业主选举产生，不能直接登记。缺额由候补委员递补；没有候补的，启动补选（换届），由业主选举。",
        )
    chosen = given.side == "owner" and given.source in ("", "appointed")
    return replace(given, source="elected") if chosen or not given.source else given


def _of_its_place(body: Body, given: SeatInput, on: date) -> SeatInput:
    """One steward a building, or one an entrance: as the place decided. Where it is the building, its entrance does not
    make room for a second one."""
    if given.building is None:
        raise Refused("steward_building", "请选楼幢长管哪一幢。", fields={"building": "请选楼幢"})
    if body.estate is None or steward_per(body.estate, on) != "entrance":
        return replace(given, entrance=None)
    if given.entrance is None or given.entrance > (given.building.entrances or 1):
        most = given.building.entrances or 1
        raise Refused(
            "steward_entrance",
            f"这里按单元设，{given.building.name}登记了{most}个单元，请填第几单元。",
            fields={"entrance": f"请填1到{most}"},
        )
    return given


def may_sit(body: Body, given: SeatInput, on: date) -> None:
    """What the local document wants of whoever takes a seat, beside what the body is made of."""
    facts: dict[str, Any] = {
        "kind": body.kind,
        "chosen_at_meeting": given.chosen_at is not None,
        "record_given": bool(given.source_note.strip()),
        "choosing_failed": Formation.objects.filter(body=body, choosing_failed_on__isnull=False).exists(),
    }
    if given.source:
        facts["source"] = given.source
    if given.chosen_at is not None:
        facts["meeting_attended"] = given.chosen_at.present.count()
    if given.unit is not None and given.building is not None:
        facts["lives_in_building"] = given.unit.building_id == given.building.pk
    core.run_checks("governance.seating", facts, place_path=body.place_path, on=on)


def add_seat(body: Body, *, given: SeatInput, from_on: date, actor: Actor, now: datetime) -> Member:
    """A seat that another part fills by its own command, which asks its own right and records its own event."""
    member = seat(body, given=given, from_on=from_on, approved_on=from_on, actor=actor, now=now)
    _judge_change(body, from_on)
    bump(body)
    return member


def leave_seat(member: Member, *, to_on: date, reason: str) -> None:
    """The end of such a seat."""
    _leave(member, to_on, reason)
    _judge_change(member.body, to_on + DAY)
    bump(member.body)


@transaction.atomic
def set_office(
    body: Body, *, address: str, phone: str = "", version: int | None = None, actor: Actor, now: datetime
) -> Body:
    """Where the body is found, and its telephone."""
    core.require(actor, "body.seat", body)
    body = lock(body, version=version)
    require_open(body)
    body.address, body.phone = words(address, "address", "办公场所"), phone.strip()
    _judge_change(body, core.local_day(now))
    bump(body, "address", "phone")
    data = of_body(body, what="登记办公场所", from_on=core.local_day(now))
    core.record("body.changed", subject=body.ref, actor=actor, at=now, place_path=body.place_path, data=data)
    return body


def _judge_change(body: Body, on: date) -> None:
    """While members come and go a body may be incomplete for a time: what it lacks is kept, not refused."""
    if body.kind == "building_stewards":
        judge(body, on)
        return
    body.basis = stored(findings_of(body, on))
    body.save(update_fields=["basis"])


@transaction.atomic
def approve_seat(member: Member, *, from_on: date, actor: Actor, now: datetime) -> Member:
    """The consent: the new holder from that day, the old one to the day before."""
    core.require(actor, "body.approve_seat", member)
    member = Member.objects.select_for_update(of=("self",)).select_related("body", "replaces").get(pk=member.pk)
    if member.approved_on is not None:
        raise Refused("seat_approved", "这项调整已经批准。")
    if member.replaces is not None:
        _leave(member.replaces, from_on - DAY, "调整")
    member.from_on = member.approved_on = from_on
    member.save(update_fields=["from_on", "approved_on"])
    core.record(
        "body.seat_approved",
        subject=member.body.ref,
        actor=actor,
        at=now,
        place_path=member.place_path,
        data=of_body(member.body, seat=member.ref.key, from_on=from_on),
    )
    return member


def _leave(member: Member, last: date, note: str) -> None:
    if member.to_on is not None:
        raise Refused("member_left", "这名成员已经离任。")
    if last < member.from_on:
        raise Refused("member_days", "离任日期不能早于任职日期。", fields={"to_on": "不能早于任职日期"})
    member.to_on, member.end_note = last, note
    member.save(update_fields=["to_on", "end_note"])


@transaction.atomic
def end_seat(member: Member, *, to_on: date, reason: str, actor: Actor, now: datetime) -> Member:
    """A member's last day. Substitutes move up where there are some; what stays vacant wants a by-election, below half
    of the seats the committee must be elected anew."""
    core.require(actor, "body.seat", member)
    member = Member.objects.select_for_update(of=("self",)).select_related("body__estate").get(pk=member.pk)
    _leave(member, to_on, words(reason, "reason", "离任原因"))
    body = member.body
    core.record(
        "body.changed",
        subject=body.ref,
        actor=actor,
        at=now,
        place_path=body.place_path,
        data=of_body(body, what="成员离任", from_on=to_on + DAY),
    )
    after_vacancy(body, on=to_on + DAY, actor=actor, now=now)
    return member


def after_vacancy(body: Body, *, on: date, actor: Actor, now: datetime) -> None:
    """Substitutes in their order into the vacant seats; then, below half, the duty to elect anew."""
    if body.kind != "owners_committee" or not body.seats:
        return
    vacant = body.seats - len(members_on(body, on))
    moved = members_on(body, on, seat="substitute")[: max(vacant, 0)]
    for one in moved:
        _leave(one, max(on - DAY, one.from_on), "递补为正式委员")
        seat(body, given=SeatInput(
                person=one.person, side=one.side, attributes=tuple(one.attributes), source="substitute", unit=one.unit,
                votes_area_dm2=one.votes_area_dm2, votes_heads=one.votes_heads,
            ),
            from_on=max(on, one.from_on + DAY),
            approved_on=on,
            actor=actor,
            now=now,
        )  # fmt: skip
    body.basis = stored(findings_of(body, on))
    body.save(update_fields=["basis"])
    if moved:
        core.record(
            "body.vacancy_filled",
            subject=body.ref,
            actor=actor,
            at=now,
            place_path=body.place_path,
            data=of_body(body, seats=len(moved), from_on=on),
        )
    left = len(members_on(body, on + DAY if moved else on))
    if left < body.seats:
        core.record(
            "body.below_half" if left * TWO < body.seats else "body.seats_vacant",
            subject=body.ref,
            actor=actor,
            at=now,
            place_path=body.place_path,
            data=of_body(body, members=left, seats=body.seats),
        )


@transaction.atomic
def end_body(body: Body, *, ended_on: date, reason: str, actor: Actor, now: datetime) -> Body:
    """From that day the body is no more: its seats, its account's posts and its powers end with it."""
    core.require(actor, "body.register", body)
    return close_body(body, ended_on=ended_on, reason=reason, actor=actor, now=now)


def close_body(body: Body, *, ended_on: date, reason: str, actor: Actor, now: datetime) -> Body:
    body = lock(body)
    require_open(body)
    body.state, body.ended_on, body.end_reason = "ended", ended_on, reason
    bump(body, "state", "ended_on", "end_reason")
    last = ended_on - DAY
    for one in body.members.filter(to_on=None, struck_on=None):
        one.to_on, one.end_note = max(last, one.from_on), body.get_end_reason_display()
        one.save(update_fields=["to_on", "end_note"])
    succeeded = reason == "succeeded"
    if body.organisation is not None:
        _end_posts(body, last, now=now, keep_organisation=succeeded)
    event = core.record(
        "body.ended",
        subject=body.ref,
        actor=actor,
        at=now,
        place_path=body.place_path,
        data=of_body(body, ended_on=ended_on, reason=reason),
    )
    if not succeeded:
        write_facts(body, on=ended_on, holds=False, event=event)
    return body


def _end_posts(body: Body, last: date, *, now: datetime, keep_organisation: bool) -> None:
    """Whoever acted for the body acts no more; the terms of one committee share their organisation."""
    for post in Post.objects.filter(organisation=body.organisation, ends_on=None):
        core.end_post(post, ends_on=max(last, post.begins_on), actor=Actor.system(demo=body.demo), now=now)
    if not keep_organisation and body.organisation is not None:
        body.organisation.active = False
        body.organisation.save(update_fields=["active"])


def require_open(body: Body) -> None:
    if body.state == "ended":
        raise Refused("body_ended", f"{body}已经终止，不能再办。")


def committee_or_refuse(estate: Estate, on: date) -> Body:
    found = body_on(estate, "owners_committee", on)
    if found is None:
        raise Refused("no_committee", f"{estate}没有在任的业主委员会。")
    return found
