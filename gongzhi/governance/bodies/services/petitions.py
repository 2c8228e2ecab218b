"""Owners who ask together: signatures held against the owners of that day, and whether they are enough."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.governance.bodies.models import Body, Member, Petition, PetitionSignature
from gongzhi.governance.bodies.queries.roll import matching_owner
from gongzhi.governance.bodies.services.common import PersonInput, bump, keep, lock, not_later, units_by_room, words
from gongzhi.governance.bodies.words import PETITION_KINDS
from gongzhi.governance.electors import HUNDREDTHS, electors_on
from gongzhi.registry.models import Estate, Unit

NOT_OWNER = "不是该房屋当日登记的业主"


@transaction.atomic
def open_petition(
    estate: Estate,
    *,
    kind: str,
    body: Body | None = None,
    member: Member | None = None,
    matter: str,
    opened_on: date,
    actor: Actor,
    now: datetime,
) -> Petition:
    core.require(actor, "petition.take", estate)
    if kind not in PETITION_KINDS:
        raise Refused("petition_kind", "请选联名请求。", fields={"kind": "请选联名请求"})
    if kind == "recall_member" and (member is None or member.to_on is not None):
        raise Refused("petition_member", "请选要罢免的在任委员。", fields={"member": "请选委员"})
    not_later(opened_on, now, field="opened_on", what="收到日期")
    row = Petition.objects.create(
        estate=estate,
        kind=kind,
        body=member.body if member else body,
        member=member,
        matter=words(matter, "matter", "事项和理由"),
        opened_on=opened_on,
        place_path=estate.place_path,
        demo=actor.demo or estate.demo,
    )
    core.record(
        "petition.opened",
        subject=row.ref,
        actor=actor,
        at=now,
        place_path=row.place_path,
        data={"purpose": kind, "estate": estate.ref.key},
    )
    return row


@transaction.atomic
def add_signature(
    petition: Petition, *, unit: Unit, person: PersonInput, signed_on: date, actor: Actor, now: datetime
) -> PetitionSignature:
    """One signature for one unit. Whoever did not own it that day is kept with the reason and does not count."""
    core.require(actor, "petition.take", petition)
    petition = lock(petition)
    _collecting(petition)
    row = _sign(petition, unit=unit, person=person, signed_on=signed_on, actor=actor, now=now)
    bump(petition)
    _record_signed(petition, actor=actor, now=now)
    return row


@transaction.atomic
def add_signatures(
    petition: Petition,
    *,
    lines: Sequence[str],
    signed_on: date,
    files: Sequence[Any] = (),
    actor: Actor,
    now: datetime,
) -> Petition:
    """A whole list: a unit, a name and perhaps an identity number on each line. All of it or, naming the line, none."""
    core.require(actor, "petition.take", petition)
    petition = lock(petition)
    _collecting(petition)
    units = units_by_room(petition.estate)
    for number, text in enumerate(lines, start=1):
        room, name, *more = [*text.replace("，", " ").replace(",", " ").split(), "", ""]
        if not room:
            continue
        try:
            if (unit := units.get(room)) is None:
                raise Refused("signature_unit", f"没有“{room}”这套房屋")
            person = PersonInput(name, id_number=more[0])
            _sign(petition, unit=unit, person=person, signed_on=signed_on, actor=actor, now=now)
        except Refused as refused:
            raise Refused(
                refused.code, "名单没有登记，请改好再提交。", fields={"lines": f"第{number}行：{refused.message}"}
            ) from refused
    for file in files:
        core.store_file(file, owner=petition.ref, actor=actor, now=now)
    bump(petition)
    _record_signed(petition, actor=actor, now=now)
    return petition


@transaction.atomic
def withdraw_signature(
    petition: Petition, *, signature: PetitionSignature, reason: str, actor: Actor, now: datetime
) -> Petition:
    """Typed wrongly, or the owner takes it back before it was counted: it may be entered again."""
    core.require(actor, "petition.take", petition)
    petition = lock(petition)
    _collecting(petition)
    petition.signatures.get(pk=signature.pk).delete()
    bump(petition)
    core.record(
        "petition.signature_withdrawn",
        subject=petition.ref,
        actor=actor,
        at=now,
        place_path=petition.place_path,
        data={"signatures": petition.signatures.count(), "reason": words(reason, "reason", "原因")[:200]},
    )
    return petition


def _sign(
    petition: Petition, *, unit: Unit, person: PersonInput, signed_on: date, actor: Actor, now: datetime
) -> PetitionSignature:
    kept = keep(person, owner=petition.ref, place_path=petition.place_path, actor=actor, now=now)
    owner = matching_owner(kept, unit, signed_on)
    try:
        with transaction.atomic():
            row = PetitionSignature.objects.create(
                petition=petition,
                unit=unit,
                person=kept,
                owner=owner,
                signed_on=signed_on,
                fault="" if owner is not None else NOT_OWNER,
                demo=petition.demo,
            )
    except IntegrityError as error:
        raise Refused("signed_twice", f"{unit}已经登记过签名。", fields={"unit": "已登记过签名"}) from error
    return row


def _collecting(petition: Petition) -> None:
    if petition.state != "open":
        raise Refused("petition_decided", "这件联名已经核验，不能再登记签名。")


def _record_signed(petition: Petition, *, actor: Actor, now: datetime) -> None:
    rows = list(petition.signatures.all())
    core.record(
        "petition.signed",
        subject=petition.ref,
        actor=actor,
        at=now,
        place_path=petition.place_path,
        data={"signatures": len(rows), "counted": sum(not one.fault for one in rows)},
    )


@transaction.atomic
def decide_petition(
    petition: Petition, *, on: date, actor: Actor, now: datetime, version: int | None = None
) -> Petition:
    """Holds the signatures against the roll of that day: area and heads, by the thresholds of the document."""
    core.require(actor, "petition.decide", petition)
    petition = lock(petition, version=version)
    _collecting(petition)
    roll = electors_on(petition.estate, on)
    if not roll.seats:
        raise Refused("no_roll", "小区还没有登记房屋和业主，不能核验联名。请先导入名册。")
    if not petition.signatures.exists():
        raise Refused("no_signatures", "还没有登记签名，不能核验。请先把联名的签名逐一登记，核验后不能再登记。")
    counted = {str(pk) for pk in petition.signatures.filter(fault="").values_list("unit_id", flat=True)}
    signed = [one for one in roll.seats if one.unit.unit in counted]
    signed_area = sum(one.area for one in signed)
    signed_heads = len({one.head for one in signed if one.counts_heads})
    answer = core.ask(
        "governance.petition_result",
        {
            "purpose": petition.kind,
            "total_area_m2": Decimal(roll.area) / HUNDREDTHS,
            "total_heads": roll.head_count,
            "signed_area_m2": Decimal(signed_area) / HUNDREDTHS,
            "signed_heads": signed_heads,
        },
        place_path=petition.place_path,
        on=on,
    )
    if not answer.ok:
        raise Refused(
            "no_threshold", "现行文件没有规定这种联名的人数和面积，不能核验，请报镇街。", tuple(answer.clauses)
        )
    petition.state = str(answer.value)
    petition.total_area_dm2, petition.total_heads = roll.area, roll.head_count
    petition.signed_area_dm2, petition.signed_heads = signed_area, signed_heads
    petition.decided_on, petition.basis = on, answer.to_json()
    bump(
        petition, "state", "total_area_dm2", "total_heads", "signed_area_dm2", "signed_heads", "decided_on", "basis"
    )  # fmt: skip
    core.record(
        "petition.decided",
        subject=petition.ref,
        actor=actor,
        at=now,
        place_path=petition.place_path,
        data={
            "purpose": petition.kind,
            "met": petition.state == "met",
            "heads": signed_heads,
            "total_heads": roll.head_count,
            "estate": petition.estate.ref.key,
        },
    )
    return petition
