"""A committee's meetings are put on record; owners who might serve are noted when somebody asks round."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.governance.bodies.models import Body, BodyMeeting, Prospect
from gongzhi.governance.bodies.queries.bodies import members_on
from gongzhi.governance.bodies.queries.roll import matching_owner
from gongzhi.governance.bodies.services.common import PersonInput, keep, not_later, of_body, words
from gongzhi.governance.bodies.words import ATTRIBUTES, COMMITTEES
from gongzhi.registry.models import Estate, Unit


@transaction.atomic
def hold_committee_meeting(
    body: Body, *, held_on: date, attended: int, text: str, files: Sequence[Any] = (), actor: Actor, now: datetime
) -> BodyMeeting:
    core.require(actor, "body.report", body)
    if body.kind not in COMMITTEES or body.formed_on is None:
        raise Refused("no_committee", "只登记业委会、物管会的会议。")
    not_later(held_on, now, field="held_on", what="召开日期")
    if held_on < body.formed_on or (body.ended_on is not None and held_on >= body.ended_on):
        raise Refused("held_on", "召开日期不在这一届的任期里。", fields={"held_on": "不在任期里"})
    seats = len(members_on(body, held_on))
    if not 0 < attended <= seats:
        raise Refused("attended", f"当日委员{seats}人，到会人数要在1至{seats}之间。", fields={"attended": "请核对人数"})
    row = BodyMeeting.objects.create(
        body=body,
        held_on=held_on,
        attended=attended,
        members=seats,
        words=words(text, "text", "议题和决定"),
        place_path=body.place_path,
        demo=actor.demo or body.demo,
    )
    for file in files:
        core.store_file(file, owner=row.ref, actor=actor, now=now)
    core.record(
        "body.met",
        subject=body.ref,
        actor=actor,
        at=now,
        place_path=body.place_path,
        data=of_body(body, held_on=held_on, attended=attended, members=seats),
    )
    return row


@transaction.atomic
def note_prospect(
    estate: Estate,
    *,
    unit: Unit,
    person: PersonInput,
    attributes: Sequence[str],
    note: str = "",
    actor: Actor,
    now: datetime,
) -> Prospect:
    """Only owners on record: a committee's members are owners."""
    core.require(actor, "candidate.nominate", estate)
    if not attributes or set(attributes) - set(ATTRIBUTES):
        raise Refused("attributes", "请选这位业主的身份。", fields={"attributes": "请选身份"})
    on = core.local_day(now)
    kept = keep(person, owner=estate.ref, place_path=estate.place_path, actor=actor, now=now)
    if matching_owner(kept, unit, on) is None:
        raise Refused("not_owner", "姓名和这套房屋登记的业主不一致，请核对。", fields={"name": "不是登记的业主"})
    row = Prospect.objects.create(
        estate=estate,
        unit=unit,
        person=kept,
        attributes=sorted(set(attributes)),
        note=note.strip()[:200],
        found_on=on,
        found_by=actor.organisation,
        place_path=estate.place_path,
        demo=actor.demo or estate.demo,
    )
    core.record(
        "prospect.noted",
        subject=estate.ref,
        actor=actor,
        at=now,
        place_path=estate.place_path,
        data={"attributes": row.attributes},
    )
    return row
