"""使用证 step by step, and works that are used without one or otherwise than it says."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.equipment.models import FacilityLead, UsePermit
from gongzhi.equipment.queries.rules import AtEstate, after, before, permit_rule
from gongzhi.equipment.services.common import filled, locked, numbered, saved
from gongzhi.equipment.words import PERMIT_STEPS, USE
from gongzhi.registry.models import Facility

DONE = {"review": "reviewed", "register": "registered", "issue": "issued"}


@transaction.atomic
def ask_permit(facility: Facility, *, use: str, actor: Actor, now: datetime) -> UsePermit:
    on = core.local_day(now)
    core.require(actor, "equipment.ask_permit", AtEstate(facility.estate, on))
    filled(use=(use, "用途"))
    rule = permit_rule(facility.place_path, facility.kind, on)
    if not rule.many("steps"):
        raise Refused("no_permit", "文件没有规定这类设施要办使用证。", clause=rule.clauses)
    asking = rule.many("asked_by")
    if asking and actor.role not in asking and not actor.is_system:
        words = "、".join(core.role_name(one, place_path=facility.place_path, on=on) for one in asking)
        raise Refused("asked_by", f"使用证由{words}申请。", clause=rule.clauses, status=403)
    if UsePermit.objects.filter(facility=facility, state__in=("asked", "reviewed", "registered")).exists():
        raise Refused("permit_running", "这处设施已有一件申请在办。", status=409)
    row = UsePermit.objects.create(
        number=numbered("SY", now), estate=facility.estate, place_path=facility.place_path, facility=facility,
        name=str(rule.value.get("name") or "使用证"), applicant=actor.organisation, use=use.strip(),
        desk_role=str(rule.value.get("by") or ""), steps=list(rule.many("steps")), basis=list(rule.clauses),
        asked_at=now, demo=actor.demo,
    )  # fmt: skip
    _tell(row, "permit.asked", actor, now)
    return row


@transaction.atomic
def step_permit(
    row: UsePermit,
    *,
    step: str,
    permit_number: str = "",
    note: str = "",
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> UsePermit:
    """The next step and no other. The last one gives the permit its number and its days."""
    row = locked(row, version, states=("asked", "reviewed", "registered"))
    _at_desk(row, actor)
    if step != row.next_step:
        words = PERMIT_STEPS.get(row.next_step or "", "")
        raise Refused("step_order", f"先要{words}，不能跳过。", clause=tuple(row.basis), status=409)
    on = core.local_day(now)
    row.taken = [*row.taken, {"step": step, "on": on.isoformat(), "by": actor.label, "note": note.strip()}]
    done = row.next_step is None
    row.state = "issued" if done else DONE[step]
    if done:
        filled(permit_number=(permit_number, "证号"))
        if UsePermit.objects.filter(permit_number=permit_number.strip()).exists():
            raise Refused("permit_twice", "这个证号已经用过。", fields={"permit_number": "已经用过"})
        rule = permit_rule(row.place_path, row.facility.kind, on)
        row.permit_number, row.from_on = permit_number.strip(), on
        if rule.value.get("valid_for"):
            row.to_on = after(row.place_path, on, rule.value["valid_for"])
            warn = rule.value.get("warn_before")
            row.warn_on = before(row.place_path, row.to_on, warn) if warn else None
    saved(row, "taken", "state", "permit_number", "from_on", "to_on", "warn_on")
    _tell(row, "permit.stepped", actor, now, step=step, done=done)
    return row


@transaction.atomic
def refuse_permit(row: UsePermit, *, reason: str, actor: Actor, now: datetime, version: int | None = None) -> UsePermit:
    row = locked(row, version, states=("asked", "reviewed", "registered"))
    _at_desk(row, actor)
    filled(reason=(reason, "理由"))
    row.state, row.reason = "refused", reason.strip()
    saved(row, "state", "reason")
    _tell(row, "permit.refused", actor, now)
    return row


def _at_desk(row: UsePermit, actor: Actor) -> None:
    core.require(actor, "equipment.permit", row)
    if actor.role != row.desk_role and not actor.is_system:
        words = core.role_name(row.desk_role, place_path=row.place_path)
        raise Refused("desk", f"使用证由{words}办理。", clause=tuple(row.basis), status=403)


def look_for_misuse(event: Event) -> None:
    """Reaction to what is registered or changed of a piece, and to the course of a permit."""
    if event.kind.startswith("permit."):
        found = UsePermit.objects.filter(pk=event.subject_id).first()
        row = found.facility if found is not None else None
    else:
        row = Facility.objects.select_related("estate").filter(pk=event.subject_id).first()
    if row is not None:
        find_misuse(row, actor=Actor.system(demo=event.demo), now=event.at)


def find_misuse(row: Facility, *, actor: Actor, now: datetime) -> FacilityLead | None:
    """A work in use without a permit, or otherwise than the permit says: one lead until that has been handled."""
    on, use = core.local_day(now), str(row.details.get(USE) or "").strip()
    if row.ended_on is not None or not use:
        return None
    rule = permit_rule(row.place_path, row.kind, on)
    if not rule.many("steps"):
        return None
    permit = permit_on(row, on)
    if permit is not None and permit.use == use:
        return None
    reason = "no_permit" if permit is None else "other_use"
    if FacilityLead.objects.filter(facility=row, reason=reason, closed_on=None).exists():
        return None
    lead = FacilityLead.objects.create(facility=row, reason=reason, since=on)
    data = {"kind": row.kind, "reason": reason, "use": use}
    core.record("facility.misused", subject=row.ref, actor=actor, at=now, place_path=row.place_path, data=data)
    return lead


def permit_on(row: Facility, on: date) -> UsePermit | None:
    rows = UsePermit.objects.filter(facility=row, state="issued", from_on__lte=on).order_by("-from_on", "-pk")
    return next((one for one in rows if one.holds(on)), None)


def watch_permits(now: datetime) -> int:
    """Permits that end soon: noted once. One that has ended leaves its work without a permit."""
    today, noted = core.local_day(now), 0
    due = UsePermit.objects.filter(state="issued", warned=False, warn_on__lte=today)
    for pk in due.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            row = (
                due.select_for_update(skip_locked=True, of=("self",))
                .select_related("estate", "facility")
                .filter(pk=pk)
                .first()
            )
            if row is None:
                continue
            row.warned = True
            row.save(update_fields=["warned"])
            _tell(row, "permit.ending", Actor.system(demo=row.demo), now, to_on=row.to_on)
            noted += 1
    for one in UsePermit.objects.filter(state="issued", to_on__lt=today).select_related("facility__estate"):
        with transaction.atomic():
            find_misuse(one.facility, actor=Actor.system(demo=one.demo), now=now)
    return noted


def _tell(row: UsePermit, event: str, actor: Actor, now: datetime, **more: Any) -> None:
    data = {"kind": row.facility.kind, "estate": row.estate.name, "desk": row.desk_role or None, **more}
    core.record(event, subject=row.ref, actor=actor, at=now, place_path=row.place_path, data=data)
