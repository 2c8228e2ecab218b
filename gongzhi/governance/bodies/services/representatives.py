"""Meetings of the owners' representatives, and the stewards whom such a meeting chose."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date
from gongzhi.core.errors import Refused
from gongzhi.governance.bodies.models import (
    Body,
    Candidate,
    Formation,
    Member,
    RepresentativeMeeting,
    RepresentativePresent,
)
from gongzhi.governance.bodies.queries.bodies import body_on
from gongzhi.governance.bodies.queries.coverage import steward_plan
from gongzhi.governance.bodies.queries.roll import is_owner_of
from gongzhi.governance.bodies.services.common import (
    DAY,
    PersonInput,
    SeatInput,
    bump,
    clocks,
    keep,
    last_day,
    lock,
    not_later,
    words,
)
from gongzhi.governance.bodies.services.forming import guidance_of
from gongzhi.governance.bodies.services.sitting import add_seat, make_body, may_sit, record_formed
from gongzhi.registry.models import Estate, Unit

STEWARDS = "building_stewards"


@dataclass(frozen=True)
class Present:
    """A representative who came, and his home."""

    name: str
    unit: Unit


@transaction.atomic
def hold_representatives(
    estate: Estate,
    *,
    held_on: date,
    present: Sequence[Present],
    text: str,
    minutes: Sequence[Any],
    formation: Formation | None = None,
    chosen: Sequence[Candidate] = (),
    actor: Actor,
    now: datetime,
) -> RepresentativeMeeting:
    """The record of one meeting, with its minutes. `chosen` the candidates of `formation` whom it chose."""
    core.require(actor, "representatives.hold", estate)
    not_later(held_on, now, field="held_on", what="召开日期")
    if not minutes:
        raise Refused("minutes", "请附上会议记录（签到表、照片或扫描件）。", fields={"minutes": "请附上会议记录"})
    row = RepresentativeMeeting.objects.create(
        estate=estate,
        held_on=held_on,
        called_by=actor.organisation,
        words=words(text, "text", "议题和决定"),
        place_path=estate.place_path,
        demo=actor.demo or estate.demo,
    )
    _note_present(row, present, actor=actor, now=now)
    for file in minutes:
        core.store_file(file, owner=row.ref, actor=actor, now=now)
    if formation is not None:
        _choose(formation, chosen, row)
    core.record(
        "representatives.met",
        subject=estate.ref,
        actor=actor,
        at=now,
        place_path=row.place_path,
        data={"meeting": row.ref.key, "held_on": held_on, "attended": len(present), "chosen": len(chosen)},
    )
    return row


def _note_present(row: RepresentativeMeeting, present: Sequence[Present], *, actor: Actor, now: datetime) -> None:
    """Everybody who came is held against the owners of that day."""
    if not present:
        raise Refused("present", "请登记到会的业主代表。", fields={"present": "请登记到会的业主代表"})
    if len({one.unit.pk for one in present}) < len(present):
        raise Refused("present_twice", "同一套房屋登记了两次，请核对。", fields={"present": "同一套房屋写了两次"})
    for one in present:
        person = keep(PersonInput(one.name), owner=row.ref, place_path=row.place_path, actor=actor, now=now)
        if not is_owner_of(person, one.unit, row.held_on):
            raise Refused(
                "not_owner",
                f"{one.unit}当天登记的业主和填写的姓名不一致，请核对名册。",
                fields={"present": f"{one.unit}的业主不是这个姓名"},
            )
        RepresentativePresent.objects.create(meeting=row, person=person, unit=one.unit)


def _choose(formation: Formation, chosen: Sequence[Candidate], meeting: RepresentativeMeeting) -> None:
    if formation.state != "open" or formation.kind != STEWARDS:
        raise Refused("formation_closed", "这次组建已经结束，或者不由业主代表会议推选。")
    if not chosen:
        raise Refused("chosen", "请勾选会议推选出的人选。", fields={"chosen": "请勾选推选出的人选"})
    if any(one.formation_id != formation.pk or one.withdrawn_on or one.result == "refused" for one in chosen):
        raise Refused("not_candidate", "勾选的人不是这次的人选，或者已经退出。", fields={"chosen": "请重新勾选"})
    posts = [_post_of(one, meeting.held_on) for one in chosen]
    if len(set(posts)) < len(posts):
        raise Refused(
            "chosen_twice", "同一幢（单元）只推选一名，请只勾选当选的一名。", fields={"chosen": "同一幢勾选了两名"}
        )
    for one in chosen:
        one.chosen_at = meeting
        bump(one, "chosen_at")


def _post_of(candidate: Candidate, on: date) -> tuple[int | None, int | None]:
    """The building, and the entrance where the place wants a steward for each."""
    plan = steward_plan(candidate.formation.estate, on)
    entrance = candidate.unit.entrance if candidate.unit and plan is not None and plan.per == "entrance" else None
    return candidate.building_id, entrance


def chosen_of(formation: Formation) -> list[Candidate]:
    rows = formation.candidates.filter(chosen_at__isnull=False, withdrawn_on=None)
    return list(rows.select_related("person", "unit__building", "building", "chosen_at").order_by("pk"))


@transaction.atomic
def publish_chosen(
    formation: Formation, *, from_on: date, actor: Actor, now: datetime, version: int | None = None
) -> Formation:
    """Those whom the representatives chose are made known to the owners, as long as the document says."""
    core.require(actor, "formation.run", formation)
    formation = _running(formation, version)
    found = _chosen_or_refuse(formation)
    periods, _ = clocks(formation.place_path, core.local_day(now))
    until = from_on
    if periods.get("candidate_notice") is not None:
        until = last_day(from_on, periods["candidate_notice"], place_path=formation.place_path)
    formation.seats, formation.published_on, formation.published_until = len(found), from_on, until
    bump(formation, "seats", "published_on", "published_until")
    core.record(
        "candidates.published",
        subject=formation.estate.ref,
        actor=actor,
        at=now,
        place_path=formation.place_path,
        data={"formation": formation.ref.key, "candidates": len(found), "from_on": from_on, "until_on": until},
    )
    return formation


def _running(formation: Formation, version: int | None) -> Formation:
    found: Formation = lock(formation, version=version)
    if found.state != "open" or found.kind != STEWARDS:
        raise Refused("formation_closed", "这次组建已经结束，或者不是楼幢长的推选。")
    return found


def _chosen_or_refuse(formation: Formation) -> list[Candidate]:
    found = chosen_of(formation)
    if not found:
        raise Refused("nobody_chosen", "还没有业主代表会议推选出的人选，请先登记会议。")
    return found


@transaction.atomic
def confirm_stewards(
    formation: Formation, *, from_on: date, actor: Actor, now: datetime, version: int | None = None
) -> Body:
    """After the notice: each of the chosen takes his post, beside the stewards who are in office already."""
    core.require(actor, "formation.run", formation)
    formation = _running(formation, version)
    found = _chosen_or_refuse(formation)
    _after_notice(formation, from_on)
    estate = formation.estate
    body = body_on(estate, STEWARDS, from_on)
    new = body is None
    if body is None:
        body = make_body(STEWARDS, estate=estate, place=estate.place, formed_on=from_on, actor=actor)
    for one in found:
        building, entrance = _post_of(one, from_on)
        given = SeatInput(
            person=one.person, attributes=tuple(one.attributes), source="chosen", source_note=str(one.chosen_at),
            unit=one.unit, building=one.building, entrance=entrance, chosen_at=one.chosen_at,
        )  # fmt: skip
        may_sit(body, given, from_on)
        member: Member = add_seat(body, given=given, from_on=from_on, actor=actor, now=now)
        Candidate.objects.filter(pk=one.pk).update(member=member)
    formation.state, formation.body, formation.closed_on = "formed", body, from_on
    bump(formation, "state", "body", "closed_on")
    core.record(
        "stewards.confirmed",
        subject=estate.ref,
        actor=actor,
        at=now,
        place_path=estate.place_path,
        data={"formation": formation.ref.key, "seats": len(found), "from_on": from_on},
    )
    if new:
        record_formed(body, formation=formation, actor=actor, now=now)
    return body


def _after_notice(formation: Formation, on: date) -> None:
    wanted, clauses = guidance_of(formation, on)
    if not wanted.get("publication"):
        return
    if formation.published_on is None:
        raise Refused("not_published", "推选的人还没有公示，公示期满后才能确认。", clauses)
    if formation.published_until is not None and on <= formation.published_until:
        first = formation.published_until + DAY
        raise Refused(
            "notice_running",
            f"公示到{cn_date(formation.published_until)}为止，最早从{cn_date(first)}起任职。",
            clauses,
            fields={"from_on": "公示期还没有满"},
        )
