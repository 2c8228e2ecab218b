"""Something broke: who has to come by when, who came, since when it is right again."""

from datetime import datetime
from typing import Any

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_moment
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation, StoredFile
from gongzhi.equipment.models import Fault, UpkeepContract
from gongzhi.equipment.queries.rules import AtEstate, fault_rule, keeper_of
from gongzhi.equipment.services.common import filled, locked, named, not_later, numbered, saved, tell
from gongzhi.equipment.services.contracts import MAINTENANCE
from gongzhi.equipment.words import CONTRACTOR, FAULTS
from gongzhi.registry import services as registry
from gongzhi.registry.models import Estate, Facility
from gongzhi.registry.questions import FACILITY_KINDS


@transaction.atomic
def report_fault(
    estate: Estate,
    *,
    fault: str,
    kind: str,
    text: str,
    happened_at: datetime,
    facility: Facility | None = None,
    photo: StoredFile | None = None,
    actor: Actor,
    now: datetime,
) -> Fault:
    on = core.local_day(now)
    core.require(actor, "equipment.report", AtEstate(estate, on))
    filled(text=(text, "情况"))
    kind = facility.kind if facility is not None else kind
    if fault not in FAULTS or kind not in FACILITY_KINDS:
        raise Refused("fault", "请选是什么设施、什么故障。", fields={"fault": "请从列表里选"})
    not_later(happened_at, now, field="happened_at", label="发生时间")
    rule = fault_rule(estate, fault, kind, on=on)
    contract, role, unit = _responder(estate, kind, str(rule.value.get("responder") or ""), on)
    given = {name: str(getattr(value, "text", value)) for name in ("arrive", "fix") if (value := rule.value.get(name))}
    row = Fault.objects.create(
        number=numbered("GZ", now), estate=estate, place_path=estate.place_path, facility=facility, kind=kind,
        fault=fault, text=text.strip(), happened_at=happened_at, reported_label=actor.label, responder=unit,
        responder_role=role, contract=contract, given=given, basis=list(rule.clauses), photo=photo, demo=actor.demo,
    )  # fmt: skip
    _tell(row, "fault.reported", actor, now)
    said = f"{estate}{row}：{cn_moment(happened_at)}发生，请处置。"
    if unit is not None:
        core.notify(to=unit, template="equipment.fault", text=said, ref=row.ref, now=now)
    tell(rule.many("tells"), estate, template="equipment.fault", text=said, ref=row.ref, now=now)
    if facility is not None and rule.value.get("suspends"):
        registry.suspend_facility(facility, reason=FAULTS[fault], actor=actor, now=now)
    return row


def _responder(estate: Estate, kind: str, who: str, on: Any) -> tuple[UpkeepContract | None, str, Organisation | None]:
    """The company of the running contract where the document sends faults there; else who keeps the piece."""
    if who == CONTRACTOR:
        rows = UpkeepContract.objects.filter(estate=estate, kind=kind, contract=MAINTENANCE, from_on__lte=on)
        found = rows.filter(to_on__gte=on, ended_on=None).select_related("company").order_by("-from_on").first()
        if found is not None:
            return found, found.company.role, found.company
    role, unit = keeper_of(estate, kind, on)
    return None, role, unit


@transaction.atomic
def arrive(row: Fault, *, at: datetime, actor: Actor, now: datetime, version: int | None = None) -> Fault:
    row = locked(row, version, states=("open",))
    core.require(actor, "equipment.respond", row)
    not_later(at, now, field="at", label="到场时间")
    if at < row.happened_at:
        raise Refused("time_order", "到场时间不能早于发生时间。", fields={"at": "不能早于发生时间"})
    row.state, row.arrived_at = "arrived", at
    saved(row, "state", "arrived_at")
    _tell(row, "fault.arrived", actor, now)
    return row


@transaction.atomic
def fix(row: Fault, *, at: datetime, outcome: str, actor: Actor, now: datetime, version: int | None = None) -> Fault:
    """It works again. A piece out of use for the fault comes back, unless an inspection keeps it out."""
    row = locked(row, version, states=("open", "arrived"))
    core.require(actor, "equipment.respond", row)
    filled(outcome=(outcome, "处置结果"))
    not_later(at, now, field="at", label="修复时间")
    if at < (row.arrived_at or row.happened_at):
        raise Refused("time_order", "修复时间不能早于到场（发生）时间。", fields={"at": "不能早于到场时间"})
    row.state, row.fixed_at, row.outcome = "fixed", at, outcome.strip()
    row.arrived_at = row.arrived_at or at
    saved(row, "state", "fixed_at", "outcome", "arrived_at")
    _tell(row, "fault.fixed", actor, now)
    piece = row.facility
    if piece is not None and not piece.faulty and not piece.faults.exclude(state="fixed").exists():
        registry.resume_facility(piece, actor=actor, now=now)
    return row


def _tell(row: Fault, event: str, actor: Actor, now: datetime) -> None:
    data = {
        "kind": row.kind, "fault": row.fault, "estate": row.estate.name, "happened_at": row.happened_at,
        "arrive": row.given.get("arrive"), "fix": row.given.get("fix"),
        **named("responder", row.responder, row.responder_role),
    }  # fmt: skip
    core.record(event, subject=row.ref, actor=actor, at=now, place_path=row.place_path, data=data)
