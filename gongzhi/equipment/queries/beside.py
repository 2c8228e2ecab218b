"""What equipment shows on the pages of others: on a piece, on an estate's file, on a company's page."""

from datetime import date, datetime

from django.urls import reverse

from gongzhi.core import refs
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date, cn_moment
from gongzhi.core.models import Organisation
from gongzhi.core.refs import Ref
from gongzhi.equipment.models import FacilityLead, UpkeepContract
from gongzhi.equipment.queries import figures, listing
from gongzhi.equipment.queries.rules import AtEstate, permit_rule
from gongzhi.equipment.words import CONTRACT_STATES, FAULT_STATES, PERMIT_STATES
from gongzhi.registry.models import Estate, Facility
from gongzhi.registry.panels import (
    Panel,
    PieceAct,
    Row,
    register_organisation_panels,
    register_panel,
    register_piece_acts,
    register_piece_panels,
)
from gongzhi.registry.services.estates import ServedEstate

SHOWN = 6


def acts_of_piece(row: Facility, actor: Actor, on: date) -> list[PieceAct]:
    found = []
    if core.may(actor, "facility.inspect", row):
        found.append(("care", "登记检验、维护"))
    if core.may(actor, "facility.register", ServedEstate(row.estate, on)):
        found += [("data", "登记明细"), ("due", "登记下次日期")]
    permit = permit_rule(row.place_path, row.kind, on)
    asking = permit.many("asked_by")
    if (
        permit.many("steps")
        and actor.role in asking
        and core.may(actor, "equipment.ask_permit", AtEstate(row.estate, on))
    ):
        found.append(("permit", f"申请{permit.value.get('name') or '使用证'}"))
    return [PieceAct(title, reverse("equipment:act", args=["facility", row.pk, code])) for code, title in found]


def panels_of_piece(row: Facility, actor: Actor, on: date) -> list[Panel]:
    return [one for one in (_cares(row, on), _leads(row, actor), _faults(row), _permits(row)) if one.rows]


def _cares(row: Facility, on: date) -> Panel:
    rows = tuple(
        Row(
            one.get_item_display(),
            note=f"上次{cn_date(one.last_on)}" if one.last_on else "没有登记过",
            who=f"{cn_date(one.due_on)}" + (f"，已超{(on - one.due_on).days}日" if one.overdue(on) else ""),
            clauses=tuple(one.basis),
        )
        for one in row.cares.order_by("due_on")
    )
    return Panel("cares", "定期检查、维护", rows, len(rows), columns=("项目", "最迟", ""))


def _leads(row: Facility, actor: Actor) -> Panel:
    rows = tuple(_lead(one, actor) for one in row.leads.select_related("company"))
    return Panel("leads", "线索和查处结果", rows, len(rows), columns=("线索", "查处结果", ""))


def _lead(one: FacilityLead, actor: Actor, *, with_piece: bool = False) -> Row:
    ref = Ref.of_key(one.case_key) if one.case_key else None
    url = refs.url_of(ref) if ref is not None and refs.may_read(actor, ref) else ""
    closed = f"（{cn_date(one.closed_on)}结案）" if one.closed_on else ""
    title = f"{one.facility.estate}{one.facility}{one.get_reason_display()}" if with_piece else one.get_reason_display()
    return Row(title, url, f"{cn_date(one.since)}发现", f"{one.result or '查处中'}{closed}")


def _faults(row: Facility) -> Panel:
    rows = tuple(
        Row(
            one.get_fault_display(), reverse("equipment:fault", args=[one.pk]), cn_moment(one.happened_at),
            f"{one.responder or '没有登记'}　{FAULT_STATES[one.state]}",
        )
        for one in row.faults.select_related("responder").order_by("-happened_at")[:SHOWN]
    )  # fmt: skip
    return Panel("faults", "故障", rows, len(rows), columns=("故障", "处置", ""))


def _permits(row: Facility) -> Panel:
    rows = tuple(
        Row(
            one.permit_number or one.number, reverse("equipment:permit", args=[one.pk]), f"用途：{one.use}",
            PERMIT_STATES[one.state] + (f"，到{cn_date(one.to_on)}" if one.to_on else ""),
        )
        for one in row.permits.order_by("-asked_at")
    )  # fmt: skip
    return Panel("permits", "使用证", rows, len(rows), columns=("证号", "状态", ""))


def estate_panel(estate: Estate, *, actor: Actor, now: datetime, on: date) -> Panel | None:
    """What is out of order in the estate; the way to all its equipment."""
    if on != core.local_day(now) or not (actor.is_staff_role or actor.organisation):
        return None
    pieces = listing.pieces(actor).filter(estate=estate)
    rows = [
        Row(str(one), reverse("registry:facility", args=[one.pk]), "检验过期", f"有效期到{cn_date(one.valid_until)}")
        for one in pieces.filter(valid_until__lt=on)[:SHOWN]
    ]
    rows += [
        Row(str(one.facility), reverse("registry:facility", args=[one.facility_id]), f"{one.get_item_display()}逾期",
            f"应在{cn_date(one.due_on)}前", clauses=tuple(one.basis))
        for one in listing.late_cares(actor, on).filter(facility__estate=estate)[:SHOWN]
    ]  # fmt: skip
    rows += [
        Row(str(one), reverse("equipment:fault", args=[one.pk]), one.number, str(one.responder or "没有登记"))
        for one in listing.faults_for(actor).filter(estate=estate).exclude(state="fixed")[:SHOWN]
    ]
    return Panel(
        "equipment", "设施设备和应急", tuple(rows), len(rows), url=reverse("equipment:estate", args=[estate.pk]),
        link="设施、合同、预案和演练", empty="没有过期、逾期和没有修好的。", columns=("事项", "承办期限", ""),
    )  # fmt: skip


def organisation_panels(unit: Organisation, actor: Actor, on: date) -> list[Panel]:
    """处罚, contracts about equipment, and what came of leads while it looked after a piece."""
    penalties = tuple(
        Row(one.penalty, reverse("equipment:target", args=[one.pk]), f"{cn_date(one.penalised_on)} {one.estate}",
            str(one.directive.issuer))
        for one in figures.penalties_of(unit)
    )  # fmt: skip
    leads = tuple(
        _lead(one, actor, with_piece=True)
        for one in FacilityLead.objects.filter(company=unit).select_related("facility__estate")[:SHOWN]
    )
    held = UpkeepContract.objects.filter(company=unit).select_related("estate").order_by("-to_on")[:SHOWN]
    contracts = tuple(
        Row(str(one), reverse("equipment:contract", args=[one.pk]), one.number,
            f"{CONTRACT_STATES[one.state_on(on)]}，到{cn_date(one.to_on)}")
        for one in held
    )  # fmt: skip
    panels = (
        Panel("penalties", "处罚", penalties, len(penalties), columns=("处罚", "处罚单位", "")),
        Panel("facility-leads", "设施线索和查处结果", leads, len(leads), columns=("线索", "查处结果", "")),
        Panel("upkeep", "设施合同", contracts, len(contracts), columns=("合同", "状态", "")),
    )
    return [one for one in panels if one.rows]


def register() -> None:
    register_piece_acts(acts_of_piece)
    register_piece_panels(panels_of_piece)
    register_panel(estate_panel, for_owners=True)
    register_organisation_panels(organisation_panels)
