"""The pool of mediators, their training, what offices above give, and the sessions of the circuit court."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation, Place, User
from gongzhi.governance.bodies.models import Body
from gongzhi.governance.bodies.services import PersonInput, SeatInput
from gongzhi.governance.bodies.services.sitting import (
    add_seat,
    body_on_place,
    judge,
    leave_seat,
    listed_seats,
    make_body,
    record_formed,
    seat,
)
from gongzhi.mediation.models import CircuitSession, MediationFile, MediationGuidance, Mediator, MediatorTraining
from gongzhi.mediation.offices import AtPlace
from gongzhi.mediation.services.common import not_later, required
from gongzhi.mediation.words import ADOPTED, BODY_LEVELS, GUIDANCE_KINDS, PUBLISHED_KINDS, TRIBUNALS
from gongzhi.registry.models import Estate


def _of_body(body: Body, actor: Actor, now: datetime) -> Body:
    """The body with its row locked; only of the offices over it, or its own."""
    row: Body = Body.objects.select_for_update(of=("self",)).get(pk=body.pk)
    if row.kind not in BODY_LEVELS:
        raise Refused("kind", "这不是调解组织。")
    if row.state != "in_office":
        raise Refused("ended", "这个组织已经终止。", status=409)
    core.require(actor, "mediation.staff", AtPlace(row.place_path, core.local_day(now)))
    return row


@transaction.atomic
def register_body(
    kind: str,
    *,
    place: Place,
    name: str = "",
    formed_on: date,
    head: PersonInput | None = None,
    head_title: str = "",
    head_basis: str = "",
    address: str = "",
    phone: str = "",
    actor: Actor,
    now: datetime,
) -> Body:
    """登记调解组织: of its level of place, with the seats that the document lists, vacant but for the head's."""
    core.require(actor, "mediation.staff", AtPlace(place.path, core.local_day(now)))
    if BODY_LEVELS.get(kind) != place.level:
        raise Refused("level", "这一级的调解组织不设在这里。", fields={"place": "请选这一级的地方"})
    not_later(formed_on, now, "formed_on")
    if body_on_place(kind, place, formed_on) is not None:
        raise Refused("body_in_office", f"{place.name}已有这一级的调解组织。", fields={"place": "已经登记过"})
    unit = Organisation.objects.filter(role=kind, place=place, active=True).first()
    named = name.strip() or (str(unit) if unit is not None else "")
    body = make_body(kind, estate=None, place=place, name=named, formed_on=formed_on, actor=actor)
    body.address, body.phone = address.strip(), phone.strip()
    body.save(update_fields=["address", "phone"])
    listed = listed_seats(body, formed_on)
    if head is not None:
        wanted = next((one.title for one in listed if one.post == "head"), "")
        seat_of_head = SeatInput(person=head, side="department", post="head", title=head_title.strip() or wanted,
                                 source_note=head_basis.strip())  # fmt: skip
        listed = [seat_of_head, *(one for one in listed if one.post != "head")]
    for one in listed:
        seat(body, given=one, from_on=formed_on, approved_on=formed_on, actor=actor, now=now)
    judge(body, formed_on)
    record_formed(body, actor=actor, now=now)
    return body


@transaction.atomic
def register_mediator(
    body: Body,
    *,
    person: PersonInput,
    full_time: bool,
    line: str = "",
    qualification: str = "",
    unit_name: str = "",
    hired_on: date | None = None,
    user: User | None = None,
    from_on: date,
    actor: Actor,
    now: datetime,
) -> Mediator:
    """聘请调解员: a seat of the body; what the document wants of him is asked before he has it."""
    row = _of_body(body, actor, now)
    facts = {
        "level": BODY_LEVELS[row.kind],
        "full_time": full_time,
        "line_given": bool(line.strip()),
        "qualification_given": bool(qualification.strip()),
        "hired_given": hired_on is not None,
    }
    core.run_checks("mediation.mediator", facts, place_path=row.place_path, on=from_on)
    member = add_seat(
        row,
        given=SeatInput(
            person=person, side="other", post="mediator", unit_name=unit_name.strip(), full_time=full_time,
            title="调解员", source="appointed",
        ),
        from_on=from_on, actor=actor, now=now,
    )  # fmt: skip
    made = Mediator.objects.create(
        member=member, user=user, line=line.strip(), qualification=qualification.strip(), hired_on=hired_on,
        place_path=row.place_path, demo=actor.demo,
    )  # fmt: skip
    data = {"full_time": full_time, "level": BODY_LEVELS[row.kind]}
    core.record("mediator.registered", subject=row.ref, actor=actor, at=now, place_path=row.place_path, data=data)
    return made


@transaction.atomic
def train(mediators: Iterable[Mediator], *, title: str, on: date, actor: Actor, now: datetime) -> int:
    """培训 of several at once; one record each."""
    title = required(title, "title", "请填写培训内容。")
    not_later(on, now, "on")
    rows = list(mediators)
    if not rows:
        raise Refused("mediators", "请选参加的调解员。", fields={"mediators": "至少选一名"})
    for one in rows:
        core.require(actor, "mediation.guide", AtPlace(one.place_path, core.local_day(now)))
        _, fresh = MediatorTraining.objects.get_or_create(
            mediator=one, on=on, title=title, defaults={"given_by": actor.organisation, "demo": one.demo}
        )
        if fresh:
            core.record("mediator.trained", subject=one.body.ref, actor=actor, at=now, place_path=one.place_path,
                        data={"on": on})  # fmt: skip
    return len(rows)


@transaction.atomic
def leave(mediator: Mediator, *, on: date, reason: str, actor: Actor, now: datetime) -> Mediator:
    row = _of_body(mediator.body, actor, now)
    leave_seat(mediator.member, to_on=on, reason=required(reason, "reason", "请写离任原因。"))
    core.record("mediator.left", subject=row.ref, actor=actor, at=now, place_path=row.place_path, data={"on": on})
    return mediator


@transaction.atomic
def guide(
    place_path: str,
    *,
    kind: str,
    title: str,
    text: str,
    on: date,
    body: Body | None = None,
    files: Iterable[MediationFile] = (),
    publish: bool = False,
    adopted: str = "",
    attachment: Any = None,
    actor: Actor,
    now: datetime,
) -> MediationGuidance:
    """Guidance to a body, templates, a meeting over several disputes, an example for the public.

    What is published names nobody: a text in which a party's name or number stands is refused.
    """
    core.require(actor, "mediation.guide", AtPlace(place_path, core.local_day(now)))
    if kind not in GUIDANCE_KINDS or adopted and adopted not in ADOPTED:
        raise Refused("kind", "请选类别。", fields={"kind": "请选一种"})
    if actor.organisation is None:
        raise Refused("no_unit", "您没有单位，不能登记指导。", status=403)
    not_later(on, now, "on")
    if body is not None and not body.place_path.startswith(place_path):
        raise Refused("body", "这个组织不在您的辖区。", fields={"body": "请选辖区里的"})
    title, text = required(title, "title", "请填写标题。"), required(text, "text", "请填写内容。")
    about = list(files)
    for one in about:
        core.require(actor, "mediation.read", one)
    if publish and kind not in PUBLISHED_KINDS:
        raise Refused("publish", "只有典型案例和法规宣传可以公开。", fields={"publish": "不能公开"})
    if publish:
        _without_persons(f"{title}\n{text}", about)
    made = MediationGuidance.objects.create(
        kind=kind, body=body, given_by=actor.organisation, title=title, text=text, on=on, adopted=adopted,
        published_on=core.local_day(now) if publish else None, place_path=place_path, demo=actor.demo,
    )  # fmt: skip
    made.files.set(about)
    if attachment:
        core.store_file(attachment, owner=made.ref, actor=actor, now=now)
    where = Place.objects.get(path=place_path)
    core.record("mediation.guided", subject=where.ref, actor=actor, at=now, place_path=place_path,
                data={"guidance": kind, "by": actor.role, "on": on})  # fmt: skip
    return made


def _without_persons(text: str, files: list[MediationFile]) -> None:
    """典型案例发布前须脱敏: neither name nor phone of a party, nor anybody's number."""
    if core.holds_number(text):
        raise Refused("not_masked", "内容里还有手机号或身份证号，请先去掉再发布。", fields={"text": "请先脱敏"})
    for file in files:
        for party in file.parties.select_related("person").exclude(person=None):
            for field in ("name", "phone"):
                value = core.opened(party.person, field) if party.person is not None else ""
                if value and value in text:
                    raise Refused("not_masked", "内容里还有当事人的姓名或电话，请先脱敏再发布。",
                                  fields={"text": "请先脱敏"})  # fmt: skip


@transaction.atomic
def plan_circuit(
    estate: Estate, *, on: date, location: str, cause: str, tribunal: str = "circuit", actor: Actor, now: datetime
) -> CircuitSession:
    """巡回审理 in an estate: shown there beforehand."""
    core.require(actor, "circuit.plan", AtPlace(estate.place_path, core.local_day(now)))
    court: Organisation | None = actor.organisation
    if court is None:
        raise Refused("no_unit", "您没有单位，不能安排。", status=403)
    if tribunal not in TRIBUNALS:
        raise Refused("tribunal", "请选法庭。", fields={"tribunal": "请选一种"})
    made = CircuitSession.objects.create(
        estate=estate, court=court, tribunal=tribunal, on=on, planned_at=now, place_path=estate.place_path,
        location=required(location, "location", "请填写地点。"), cause=required(cause, "cause", "请填写案由。"),
        demo=actor.demo,
    )  # fmt: skip
    core.record("circuit.planned", subject=estate.ref, actor=actor, at=now, place_path=estate.place_path,
                data={"on": on, "estate": str(estate.pk), "tribunal": tribunal})  # fmt: skip
    return made
