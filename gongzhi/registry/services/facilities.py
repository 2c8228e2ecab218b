"""Equipment and works of an estate: entered, looked at, taken out of use."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.registry.models import Building, Estate, Facility, FacilityInspection
from gongzhi.registry.questions import CARE_ITEMS, FACILITY_KINDS, INSPECTION, INSPECTION_RESULTS
from gongzhi.registry.services.estates import ServedEstate

PASSED = "passed"


@transaction.atomic
def register_facility(
    estate: Estate,
    *,
    kind: str,
    code: str = "",
    building: Building | None = None,
    location: str = "",
    area_m2: Decimal | None = None,
    longitude: Decimal | None = None,
    latitude: Decimal | None = None,
    upkeep: str = "",
    valid_until: date | None = None,
    quantity: int | None = None,
    intact: int | None = None,
    details: Mapping[str, str] | None = None,
    actor: Actor,
    now: datetime,
) -> Facility:
    core.require(actor, "facility.register", ServedEstate(estate, core.local_day(now)))
    if kind not in FACILITY_KINDS:
        raise Refused("facility_kind", "请从列表里选种类。", fields={"kind": "请从列表里选"})
    if not code.strip() and not location.strip():
        raise Refused("facility_name", "编号和位置至少填一项。", fields={"code": "编号和位置至少填一项"})
    if (longitude is None) != (latitude is None):
        raise Refused("facility_point", "经度和纬度要一起填。", fields={"longitude": "经度和纬度要一起填"})
    number = 1 if quantity is None else quantity
    if intact is not None and intact > number:
        raise Refused("facility_intact", "完好数量不能多于数量。", fields={"intact": "不能多于数量"})
    try:
        with transaction.atomic():
            row = Facility.objects.create(
                estate=estate,
                place_path=estate.place_path,
                building=building,
                kind=kind,
                code=code.strip(),
                location=location.strip(),
                area_m2=area_m2,
                longitude=longitude,
                latitude=latitude,
                upkeep=upkeep.strip(),
                valid_until=valid_until,
                quantity=number,
                intact=intact,
                details=dict(details or {}),
                demo=actor.demo,
            )
    except IntegrityError as error:
        raise Refused("facility_twice", f"“{code}”已经登记过。", fields={"code": "这个编号已经登记过"}) from error
    data: dict[str, Any] = {"kind": kind, "code": row.code or None, "valid_until": valid_until}
    core.record("facility.registered", subject=row.ref, actor=actor, at=now, place_path=row.place_path, data=data)
    return row


@transaction.atomic
def inspect_facility(
    facility: Facility,
    *,
    inspected_on: date,
    result: str,
    item: str = INSPECTION,
    valid_until: date | None = None,
    note: str = "",
    file: Any = None,
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> FacilityInspection:
    """A look at it. What did not pass stays marked until the same passes; a new last day replaces the old one.

    `item`: what was done. Only an inspection gives the piece a new last day; of the others `valid_until` is kept here.
    """
    row = Facility.objects.select_for_update(of=("self",)).select_related("estate").get(pk=facility.pk)
    core.require(actor, "facility.inspect", row)
    core.check_version(row, version)
    if row.ended_on is not None:
        raise Refused("facility_ended", f"{row}已在{row.ended_on}停用。")
    if item not in CARE_ITEMS:
        raise Refused("inspection_item", "请选做了哪一项。", fields={"item": "请从列表里选"})
    if result not in INSPECTION_RESULTS:
        raise Refused("inspection_result", "请选结果。", fields={"result": "请选结果"})
    if inspected_on > core.local_day(now):
        raise Refused("inspection_later", "检查日期不能晚于今天。", fields={"inspected_on": "不能晚于今天"})
    if valid_until is not None and valid_until < inspected_on:
        raise Refused("inspection_days", "有效期不能早于检查日期。", fields={"valid_until": "不能早于检查日期"})
    if result != PASSED and not note.strip():
        raise Refused("inspection_note", "不合格的要写明哪里不合格。", fields={"note": "请写明哪里不合格"})
    row.faulty = result != PASSED or (row.faulty and _failed_otherwise(row, item))
    if item == INSPECTION:
        row.valid_until = valid_until or row.valid_until
    row.version += 1
    row.save(update_fields=["faulty", "valid_until", "version"])
    event = core.record(
        "facility.inspected",
        subject=row.ref,
        actor=actor,
        at=now,
        place_path=row.place_path,
        data={
            "kind": row.kind,
            "item": item,
            "inspected_on": inspected_on,
            "result": result,
            "valid_until": valid_until,
            "by": actor.role or None,
        },
    )
    return FacilityInspection.objects.create(
        facility=row,
        item=item,
        inspected_on=inspected_on,
        result=result,
        valid_until=valid_until,
        note=note.strip(),
        organisation=actor.organisation,
        file=core.store_file(file, owner=row.ref, actor=actor, now=now) if file else None,
        event=event,
        demo=actor.demo,
    )


def _failed_otherwise(row: Facility, item: str) -> bool:
    """Whether it is another item whose last look it did not pass; an inspection that passes settles all."""
    last = row.inspections.exclude(result=PASSED).first()
    return last is not None and item not in (INSPECTION, last.item)


@transaction.atomic
def suspend_facility(facility: Facility, *, reason: str, actor: Actor, now: datetime) -> Facility:
    """May not be used until further notice. Nothing where it is out of use already."""
    row = Facility.objects.select_for_update(of=("self",)).select_related("estate").get(pk=facility.pk)
    if row.suspended_on is not None or row.ended_on is not None:
        return row
    row.suspended_on = core.local_day(now)
    row.version += 1
    row.save(update_fields=["suspended_on", "version"])
    data = {"kind": row.kind, "reason": reason}
    core.record("facility.suspended", subject=row.ref, actor=actor, at=now, place_path=row.place_path, data=data)
    return row


@transaction.atomic
def resume_facility(facility: Facility, *, actor: Actor, now: datetime) -> Facility:
    row = Facility.objects.select_for_update(of=("self",)).select_related("estate").get(pk=facility.pk)
    if row.suspended_on is None:
        return row
    row.suspended_on = None
    row.version += 1
    row.save(update_fields=["suspended_on", "version"])
    core.record(
        "facility.resumed", subject=row.ref, actor=actor, at=now, place_path=row.place_path, data={"kind": row.kind}
    )
    return row


FACILITY_FIELDS = ("building", "location", "upkeep", "valid_until", "area_m2", "quantity", "intact", "details")


@transaction.atomic
def change_facility(
    facility: Facility, *, changes: Mapping[str, Any], actor: Actor, now: datetime, version: int | None = None
) -> Facility:
    """Other data of the same piece. A new inspection is no change of data: `inspect_facility`."""
    row = Facility.objects.select_for_update(of=("self",)).select_related("estate", "building").get(pk=facility.pk)
    core.require(actor, "facility.register", ServedEstate(row.estate, core.local_day(now)))
    core.check_version(row, version)
    if changes.get("intact") is not None and changes["intact"] > changes.get("quantity", row.quantity):
        raise Refused("facility_intact", "完好数量不能多于数量。", fields={"intact": "不能多于数量"})
    differing = [one for one in FACILITY_FIELDS if one in changes and getattr(row, one) != changes[one]]
    if not differing:
        return row
    was = [f"{one}={_plain(getattr(row, one))}" for one in differing]
    for name in differing:
        setattr(row, name, changes[name])
    row.version += 1
    row.save(update_fields=[*differing, "version"])
    core.record(
        "facility.changed",
        subject=row.ref,
        actor=actor,
        at=now,
        place_path=row.place_path,
        data={"kind": row.kind, "was": was, "now": [f"{one}={_plain(changes[one])}" for one in differing]},
    )
    return row


def _plain(value: Any) -> str:
    return "" if value is None else str(value)


@transaction.atomic
def end_facility(facility: Facility, *, ended_on: date, actor: Actor, now: datetime) -> Facility:
    """Taken out of use; what was recorded of it stays."""
    row = Facility.objects.select_for_update(of=("self",)).select_related("estate").get(pk=facility.pk)
    core.require(actor, "facility.register", ServedEstate(row.estate, core.local_day(now)))
    if row.ended_on is not None:
        raise Refused("facility_ended", f"{row}已在{row.ended_on}停用。")
    row.ended_on = ended_on
    row.version += 1
    row.save(update_fields=["ended_on", "version"])
    core.record(
        "facility.ended",
        subject=row.ref,
        actor=actor,
        at=now,
        place_path=row.place_path,
        data={"kind": row.kind, "to_on": ended_on},
    )
    return row


def watch_inspections(now: datetime) -> int:
    """Notes every inspection that ran out, once, from the day after its last one. Gives how many."""
    today, noted = core.local_day(now), 0
    due = Facility.objects.filter(Q(expiry_noted=None) | ~Q(expiry_noted=F("valid_until")), ended_on=None)
    for pk in due.filter(valid_until__lt=today).order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            row = due.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk, valid_until__lt=today).first()
            if row is None or row.valid_until is None:
                continue
            row.expiry_noted = row.valid_until
            row.save(update_fields=["expiry_noted"])
            core.record(
                "facility.expired",
                subject=row.ref,
                actor=Actor.system(demo=row.demo),
                at=now,
                place_path=row.place_path,
                data={"kind": row.kind, "code": row.code or None, "valid_until": row.valid_until},
            )
            noted += 1
    return noted
