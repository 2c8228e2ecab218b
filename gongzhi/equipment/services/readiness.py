"""Plans with contacts and companies in reserve, drills, and emergencies from the first word to the end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event, Organisation, Place, StoredFile
from gongzhi.equipment.models import Drill, Emergency, EmergencyContact, EmergencyNote, EmergencyPlan
from gongzhi.equipment.queries.readiness import lacking_everywhere, lacking_kinds
from gongzhi.equipment.queries.rules import DEFAULT_KEEPER, AtEstate, after, ruled
from gongzhi.equipment.services.common import CONFLICT_STATUS, filled, locked, named, numbered, saved, tell
from gongzhi.equipment.words import EMERGENCIES, GENERAL, NOTES, PLANS, RESCUE
from gongzhi.registry.models import Estate
from gongzhi.registry.queries import organisation_for

TAKEN = "taken"
LACKING = "plan.lacking"
OFFICE = "street_office"


@dataclass(frozen=True)
class Contact:
    name: str
    part: str
    phone: str


@transaction.atomic
def file_plan(
    where: Estate | Place,
    *,
    kind: str,
    title: str,
    text: str = "",
    contacts: Sequence[Contact] = (),
    reserves: Sequence[Organisation] = (),
    file: StoredFile | None = None,
    actor: Actor,
    now: datetime,
) -> EmergencyPlan:
    """A plan takes the place of the one of the same kind. It has something written or a file, and somebody to call."""
    on = core.local_day(now)
    estate = where if isinstance(where, Estate) else None
    place = where.place if isinstance(where, Estate) else where
    core.require(actor, "equipment.plan", AtEstate(estate, on) if estate is not None else _Above(place))
    filled(title=(title, "名称"))
    if kind not in PLANS:
        raise Refused("plan_kind", "请选预案的种类。", fields={"kind": "请从列表里选"})
    if not text.strip() and file is None:
        raise Refused("plan_empty", "请填预案要点，或上传预案。", fields={"text": "要点和文件至少一项"})
    if not contacts:
        raise Refused("plan_contacts", "请至少填一位联系人和电话。", fields={"contacts": "至少一位联系人"})
    rule = ruled("equipment.plans", {"level": "estate" if estate else "street"}, place_path=place.path, on=on)
    if rule.value.get("reserves") and not reserves:
        raise Refused(
            "plan_reserves", "这份预案要登记备选企业。", clause=rule.clauses, fields={"reserves": "至少选一家备选企业"}
        )
    EmergencyPlan.objects.filter(place=place, kind=kind, withdrawn_on=None).update(withdrawn_on=on)
    row = EmergencyPlan.objects.create(
        place=place, estate=estate, place_path=place.path, kind=kind, title=title.strip(), text=text.strip(), file=file,
        made_by=actor.organisation, made_at=now, demo=actor.demo,
    )  # fmt: skip
    row.reserves.set(reserves)
    for one in contacts:
        contact = EmergencyContact(plan=row, name=one.name.strip(), part=one.part.strip())
        contact.set_phone(one.phone.strip())
        contact.save()
    data = {
        "plan": kind,
        "estate": estate.ref.key if estate is not None else None,
        "reserves": len(reserves),
        "whose": where.ref.key,
        "plans_complete": not lacking_kinds(place.path, "estate" if estate else "street", on),
    }
    core.record("plan.filed", subject=row.ref, actor=actor, at=now, place_path=row.place_path, data=data)
    return row


@dataclass(frozen=True)
class _Above:
    """A street or another place above the estates."""

    place: Place

    @property
    def place_path(self) -> str:
        return str(self.place.path)

    def party_roles(self, actor: Actor) -> tuple[str, ...]:
        return ("office",) if actor.is_staff_role else ()


@transaction.atomic
def withdraw_plan(row: EmergencyPlan, *, actor: Actor, now: datetime, version: int | None = None) -> EmergencyPlan:
    row = EmergencyPlan.objects.select_for_update(of=("self",)).select_related("estate", "place").get(pk=row.pk)
    core.check_version(row, version)
    core.require(actor, "equipment.plan", row)
    if row.withdrawn_on is not None:
        raise Refused("state", f"这份预案已在{row.withdrawn_on}撤下。", status=CONFLICT_STATUS)
    row.withdrawn_on = core.local_day(now)
    saved(row, "withdrawn_on")
    core.record(
        "plan.withdrawn", subject=row.ref, actor=actor, at=now, place_path=row.place_path, data={"plan": row.kind}
    )
    return row


def watch_plans(now: datetime) -> int:
    """Estates with a company, and streets, that lack a plan which their document wants: noted once, and again when one
    is withdrawn or another unit has to make it. Gives how many."""
    on, noted, before = core.local_day(now), 0, _noted_last()
    for where, kinds in lacking_everywhere(on):
        estate = where if isinstance(where, Estate) else None
        place = where.place if isinstance(where, Estate) else where
        unit = organisation_for(DEFAULT_KEEPER if estate is not None else OFFICE, place.path, estate, on=on)
        if unit is None:
            continue
        data = {"level": "estate" if estate else "street", "whose": where.ref.key, "kinds": kinds}
        data |= named("plan_keeper", unit)
        if before.get(place.path) == data:
            continue
        with transaction.atomic():
            core.record(
                LACKING,
                subject=place.ref,
                actor=Actor.system(demo=where.demo),
                at=now,
                place_path=place.path,
                data=data,
            )
        noted += 1
    return noted


def _noted_last() -> dict[str, dict[str, Any]]:
    """What was noted last of each place, unless a plan was withdrawn since."""
    last = Event.objects.filter(kind__in=(LACKING, "plan.withdrawn")).order_by("place_path", "-id")
    rows = last.distinct("place_path").values_list("place_path", "kind", "data")
    return {path: data for path, kind, data in rows if kind == LACKING}


@transaction.atomic
def hold_drill(
    estate: Estate,
    *,
    kind: str,
    held_on: date,
    participants: int,
    note: str = "",
    photos: Sequence[StoredFile] = (),
    actor: Actor,
    now: datetime,
) -> Drill:
    on = core.local_day(now)
    core.require(actor, "equipment.plan", AtEstate(estate, on))
    if kind not in PLANS:
        raise Refused("plan_kind", "请选演练内容。", fields={"kind": "请从列表里选"})
    if held_on > on:
        raise Refused("drill_later", "演练日期不能晚于今天。", fields={"held_on": "不能晚于今天"})
    if participants <= 0:
        raise Refused("drill_people", "请填参加人数。", fields={"participants": "要大于0"})
    if not photos:
        raise Refused("drill_photos", "请上传演练的照片。", fields={"photos": "至少一张照片"})
    row = Drill.objects.create(
        estate=estate, place_path=estate.place_path, kind=kind, held_on=held_on, participants=participants,
        note=note.strip(), organisation=actor.organisation, demo=actor.demo,
    )  # fmt: skip
    row.photos.set(photos)
    StoredFile.objects.filter(pk__in=[one.pk for one in photos]).update(owner_kind=row.ref.kind, owner_id=row.ref.id)
    data = {"plan": kind, "estate": estate.ref.key, "held_on": held_on, "participants": participants}
    core.record("drill.held", subject=row.ref, actor=actor, at=now, place_path=row.place_path, data=data)
    return row


@transaction.atomic
def report_emergency(estate: Estate, *, kind: str, text: str, actor: Actor, now: datetime) -> Emergency:
    """One press: whoever must know is told at once, and the companies in reserve where the document calls them.

    Reported by an office it is that office's order: what a company does under it may be supported later.
    """
    on = core.local_day(now)
    core.require(actor, "equipment.report", AtEstate(estate, on))
    filled(text=(text, "情况"))
    if kind not in EMERGENCIES:
        raise Refused("emergency_kind", "请选突发事件的种类。", fields={"kind": "请从列表里选"})
    rule = ruled("equipment.emergency", {"emergency": kind}, place_path=estate.place_path, on=on)
    plan = _plan_for(estate, kind, reserves=bool(rule.value.get("reserves")))
    if rule.value.get("reserves") and plan is None:
        raise Refused(
            "no_plan", "所在镇街没有登记带备选企业的应急预案，请先登记预案。", clause=rule.clauses,
            fields={"kind": "镇街还没有应急预案"},
        )  # fmt: skip
    period = rule.value.get("takeover_for")
    row = Emergency.objects.create(
        number=numbered("YJ", now), estate=estate, place_path=estate.place_path, kind=kind, text=text.strip(), at=now,
        by_label=actor.label, plan=plan, ordered_by=actor.organisation if actor.is_staff_role else None,
        taken_until=after(estate.place_path, on, period) if period else None, basis=list(rule.clauses),
        demo=actor.demo,
    )  # fmt: skip
    data = {"emergency": kind, "estate": estate.name, "ordered_by": row.ordered_by.role if row.ordered_by else None}
    core.record("emergency.reported", subject=row.ref, actor=actor, at=now, place_path=row.place_path, data=data)
    said = f"{row}：{text.strip()}"
    tell(rule.many("tells"), estate, template="equipment.emergency", text=said, ref=row.ref, now=now)
    if plan is not None and rule.value.get("reserves"):
        for company in plan.reserves.all():
            core.notify(
                to=company, template="equipment.reserve", text=f"{said}。请准备应急接管。", ref=row.ref, now=now
            )
    return row


def _plan_for(estate: Estate, emergency: str, *, reserves: bool) -> EmergencyPlan | None:
    """The plan for such an emergency, else the general one: the estate's own, else that of the nearest place above it.
    Where a company stands by: the one that names it."""
    codes = estate.place_path.strip("/").split("/")
    paths = ["/".join(codes[: depth + 1]) + "/" for depth in range(len(codes))]
    rows = EmergencyPlan.objects.filter(withdrawn_on=None, place_path__in=paths)
    rows = rows.filter(reserves__isnull=False).distinct() if reserves else rows.filter(kind__in=(emergency, GENERAL))
    return max(rows, key=lambda one: (one.kind == emergency, len(one.place_path)), default=None)


@transaction.atomic
def note(
    row: Emergency,
    *,
    kind: str,
    text: str,
    at: datetime,
    file: StoredFile | None = None,
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> EmergencyNote:
    row = locked(row, version, states=("open",))
    core.require(actor, "equipment.respond", row)
    filled(text=(text, "经过"))
    if kind not in NOTES or kind == TAKEN:
        raise Refused("note_kind", "请选记什么。", fields={"kind": "请从列表里选"})
    if kind == RESCUE and not actor.is_staff_role and not actor.is_system:
        raise Refused("note_rescue", "救援出动由出动的单位登记。", fields={"kind": "请选处置经过"})
    if at > now:
        raise Refused("time_later", "时间不能晚于现在。", fields={"at": "不能晚于现在"})
    return _noted(row, kind, text, at, file, actor, now)


def _noted(
    row: Emergency, kind: str, text: str, at: datetime, file: StoredFile | None, actor: Actor, now: datetime
) -> EmergencyNote:
    made = EmergencyNote.objects.create(
        emergency=row, kind=kind, at=at, text=text.strip(), organisation=actor.organisation, by_label=actor.label,
        file=file,
    )  # fmt: skip
    saved(row)
    data = {"note": kind, "by": actor.role or None}
    core.record("emergency.noted", subject=row.ref, actor=actor, at=now, place_path=row.place_path, data=data)
    return made


@transaction.atomic
def take_over(
    row: Emergency, *, company: Organisation, actor: Actor, now: datetime, version: int | None = None
) -> Emergency:
    """应急接管 by one of the companies in reserve; for how long, the document or its switch says."""
    row = locked(row, version, states=("open",))
    core.require(actor, "equipment.plan", row)
    known = row.plan is not None and row.plan.reserves.filter(pk=company.pk).exists()
    if not known:
        raise Refused("not_reserve", "请从预案登记的备选企业里选。", fields={"company": "不是备选企业"})
    row.taken_by = company
    row.save(update_fields=["taken_by"])
    until = f"，到{row.taken_until}" if row.taken_until else ""
    _noted(row, TAKEN, f"由{company.name}应急接管{until}", now, None, actor, now)
    return row


@transaction.atomic
def close_emergency(row: Emergency, *, text: str, actor: Actor, now: datetime, version: int | None = None) -> Emergency:
    row = locked(row, version, states=("open",))
    core.require(actor, "equipment.respond", row)
    filled(text=(text, "处置结果"))
    EmergencyNote.objects.create(
        emergency=row, kind="step", at=now, text=text.strip(), organisation=actor.organisation, by_label=actor.label
    )
    row.state, row.closed_at = "closed", now
    saved(row, "state", "closed_at")
    core.record(
        "emergency.closed", subject=row.ref, actor=actor, at=now, place_path=row.place_path,
        data={"emergency": row.kind},
    )  # fmt: skip
    return row
