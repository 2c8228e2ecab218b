"""The lists: what is late, contracts, faults, papers, what was found, plans, emergencies, permits."""

from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from gongzhi.core.display import cn_date, cn_day, cn_moment
from gongzhi.equipment.models import (
    Care,
    Defect,
    Directive,
    DirectiveTarget,
    Emergency,
    EmergencyPlan,
    Fault,
    UpkeepContract,
    UsePermit,
)
from gongzhi.equipment.pages.common import actor_of, crumbs, today_of
from gongzhi.equipment.pages.shown import Act, Cell, Choice, Listing, chosen
from gongzhi.equipment.queries import figures, listing, readiness
from gongzhi.equipment.words import (
    ABOUT,
    CONTRACT_STATES,
    CONTRACTS,
    DEFECT_STATES,
    DEFECTS,
    DIRECTIVES,
    EMERGENCIES,
    EMERGENCY_STATES,
    FAULT_STATES,
    PERMIT_STATES,
    PLANS,
    TARGET_STATES,
)
from gongzhi.registry.questions import FACILITY_KINDS

STATE_CSS = {
    "open": "gz-over", "arrived": "gz-today", "fixed": "gz-ok", "closed": "gz-ok", "answered": "gz-soon",
    "returned": "gz-over", "issued": "gz-ok", "refused": "gz-over", "running": "gz-ok", "ending": "gz-today",
    "over": "gz-over", "ended": "gz-wait", "coming": "gz-wait",
}  # fmt: skip


def css_of(state: str) -> str:
    return STATE_CSS.get(state, "gz-wait")


def estate_cell(row: Any) -> Cell:
    return Cell(row.estate.name, reverse("equipment:estate", args=[row.estate_id]))


def _filtered(request: HttpRequest, rows: Any, **filters: tuple[str, dict[str, str]]) -> tuple[Any, list[Choice]]:
    """Rows by what was chosen, and the choices: field=(what it is called, its values)."""
    found = []
    for name, (title, values) in filters.items():
        value = chosen(request, name, values)
        rows = rows.filter(**{name: value}) if value else rows
        found.append(Choice(name, title, values, value))
    return rows, found


def late_cells(row: Care, on: date) -> list[Cell]:
    piece = row.facility
    return [
        Cell(str(piece), reverse("registry:facility", args=[piece.pk]), piece.location if piece.code else ""),
        Cell(piece.estate.name, reverse("equipment:estate", args=[piece.estate_id])),
        Cell(row.get_item_display()),
        Cell(cn_date(row.due_on), sub=f"上次{cn_date(row.last_on)}" if row.last_on else "没有做过"),
        Cell(f"已超{(on - row.due_on).days}日", css="gz-over"),
    ]


@login_required
@require_GET
def late(request: HttpRequest) -> HttpResponse:
    on = today_of(request)
    rows = listing.late_cares(actor_of(request), on)
    kind = chosen(request, "kind", FACILITY_KINDS)
    rows = rows.filter(facility__kind=kind) if kind else rows
    return Listing(
        title="逾期没有检查、维护", code="late", columns=("设施", "小区", "项目", "最迟", "情况"), rows=rows,
        cells=lambda row: late_cells(row, on), crumbs=crumbs(), unit="项", empty="没有逾期的检查、维护。",
        choices=[Choice("kind", "种类", FACILITY_KINDS, kind)],
        sub="检验过期的在设施清单里看",
    ).answer(request)  # fmt: skip


def contract_cells(row: UpkeepContract, on: date) -> list[Cell]:
    state = row.state_on(on)
    return [
        Cell(f"{row.get_kind_display()}{row.get_contract_display()}", reverse("equipment:contract", args=[row.pk]),
             row.number),
        estate_cell(row),
        Cell(row.company.name),
        Cell(f"{cn_date(row.from_on)}至{cn_date(row.to_on)}"),
        Cell(CONTRACT_STATES[state], css=css_of(state)),
    ]  # fmt: skip


@login_required
@require_GET
def contracts(request: HttpRequest) -> HttpResponse:
    on = today_of(request)
    rows, choices = _filtered(
        request, listing.contracts_for(actor_of(request)), contract=("合同", CONTRACTS), kind=("设施", FACILITY_KINDS)
    )
    return Listing(
        title="设施合同", code="contracts", columns=("合同", "小区", "乙方", "期限", "状态"), rows=rows,
        cells=lambda row: contract_cells(row, on), crumbs=crumbs(), choices=choices, unit="份",
        acts=_begin(request, "contract", "登记设施合同"), sub="维保、保险、维修、评估和运维合同，先到期的在前",
    ).answer(request)  # fmt: skip


def fault_cells(row: Fault) -> list[Cell]:
    return [
        Cell(str(row), reverse("equipment:fault", args=[row.pk]), row.number),
        estate_cell(row),
        Cell(cn_moment(row.happened_at)),
        Cell(row.responder.name if row.responder else "没有登记", css="" if row.responder else "gz-over"),
        Cell(row.get_state_display(), css=css_of(row.state)),
    ]


@login_required
@require_GET
def faults(request: HttpRequest) -> HttpResponse:
    rows, choices = _filtered(
        request, listing.faults_for(actor_of(request)), state=("状态", FAULT_STATES), kind=("设施", FACILITY_KINDS)
    )
    return Listing(
        title="故障和修复", code="faults", columns=("故障", "小区", "发生", "处置单位", "状态"), rows=rows,
        cells=fault_cells, crumbs=crumbs(), choices=choices, acts=_begin(request, "fault", "报告故障"),
    ).answer(request)  # fmt: skip


def directive_cells(row: Directive) -> list[Cell]:
    answered, settled = listing.answered_share(row), listing.settled_share(row)
    return [
        Cell(row.title, reverse("equipment:directive", args=[row.pk]), f"{row.get_directive_display()} {row.number}"),
        Cell(row.issuer.name, sub=cn_moment(row.issued_at)),
        Cell(cn_date(row.due_on) if row.due_on else "没有定"),
        Cell(f"{answered.done}/{answered.total}", sub=answered.words),
        Cell(f"{settled.done}/{settled.total}", sub=settled.words),
    ]


@login_required
@require_GET
def directives(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    rows, choices = _filtered(
        request, listing.directives_for(actor), directive=("种类", DIRECTIVES), kind=("关于", ABOUT)
    )
    acts = [Act("下发", reverse("equipment:directive_new"), True)] if actor.is_staff_role else []
    acts.append(Act("各小区的反馈", reverse("equipment:targets")))
    return Listing(
        title="指导和检查", code="directives", columns=("事项", "下发", "反馈期限", "已反馈", "已核销"), rows=rows,
        cells=directive_cells, crumbs=crumbs(), choices=choices, acts=acts,
    ).answer(request)  # fmt: skip


def target_cells(row: DirectiveTarget, on: date) -> list[Cell]:
    paper, late = row.directive, row.overdue(on)
    return [
        Cell(paper.title, reverse("equipment:target", args=[row.pk]),
             f"{paper.get_directive_display()} {paper.get_kind_display()}"),
        estate_cell(row),
        Cell(figures.street_name(row.place_path)),
        Cell(row.unit.name if row.unit else "没有登记"),
        Cell(cn_date(paper.due_on) if paper.due_on else "没有定"),
        Cell("没有反馈，已逾期" if late else row.get_state_display(), css="gz-over" if late else css_of(row.state)),
    ]  # fmt: skip


@login_required
@require_GET
def targets(request: HttpRequest) -> HttpResponse:
    """Every paper at every estate: who has not answered, by estate and street."""
    on, actor = today_of(request), actor_of(request)
    rows = listing.targets_for(actor)
    streets = {one.code: one.name for one in listing.streets_of(actor)}
    street = chosen(request, "street", streets)
    rows = rows.filter(place_path__contains=f"/{street}/") if street else rows
    rows, choices = _filtered(request, rows, state=("状态", TARGET_STATES))
    kind = chosen(request, "kind", ABOUT)
    rows = rows.filter(directive__kind=kind) if kind else rows
    return Listing(
        title="各小区的反馈", code="targets", columns=("事项", "小区", "镇街", "企业", "反馈期限", "状态"), rows=rows,
        cells=lambda row: target_cells(row, on), unit="件", empty="没有。",
        crumbs=crumbs(("指导和检查", reverse("equipment:directives"))),
        choices=[*choices, Choice("street", "镇街", streets, street), Choice("kind", "关于", ABOUT, kind)],
    ).answer(request)  # fmt: skip


DRILLED = {"lacking": "次数不够的"}


def drill_cells(row: Any, wanted: int | None) -> list[Cell]:
    short = wanted is not None and row.held < wanted
    return [
        Cell(row.name, reverse("equipment:estate", args=[row.pk]), row.community.name),
        Cell(f"{row.held}次"),
        Cell("没有要求" if wanted is None else f"每年{wanted}次"),
        Cell(cn_date(row.last_held) if row.last_held else "—"),
        Cell(f"缺{(wanted or 0) - row.held}次" if short else "够", css="gz-today" if short else "gz-ok"),
    ]


@login_required
@require_GET
def drills(request: HttpRequest) -> HttpResponse:
    """How often each estate drilled this year."""
    on, actor = today_of(request), actor_of(request)
    wanted = readiness.drills_wanted(actor.place_path or "", on)
    wanted = int(wanted) if wanted is not None else None
    rows: Any = listing.drilled(actor, on.year)
    state = chosen(request, "state", DRILLED)
    rows = rows.filter(held__lt=wanted or 0) if state else rows
    return Listing(
        title="演练", code="drills", columns=("小区", "今年", "要求", "最近一次", "情况"), rows=rows,
        cells=lambda row: drill_cells(row, wanted), crumbs=crumbs(), unit="个",
        choices=[Choice("state", "情况", DRILLED, state)], acts=_begin(request, "drill", "登记演练"),
        clauses=readiness.drills_clauses(actor.place_path or "", on),
    ).answer(request)  # fmt: skip


def defect_cells(row: Defect) -> list[Cell]:
    back = f"退回{row.returns}次" if row.returns else ""
    return [
        Cell(row.text, reverse("equipment:target", args=[row.target_id]), f"{row.get_kind_display()} {row.number}"),
        estate_cell(row),
        Cell(cn_date(row.target.directive.due_on) if row.target.directive.due_on else "没有定"),
        Cell(row.get_state_display(), css=css_of("open" if row.state == "open" else row.state), sub=back),
    ]


@login_required
@require_GET
def defects(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    rows, choices = _filtered(
        request, figures.defects_for(actor).order_by("-pk"), state=("状态", DEFECT_STATES), kind=("种类", DEFECTS)
    )
    share = figures.closed_share(actor)
    return Listing(
        title="整改单", code="defects", columns=("问题", "小区", "整改期限", "状态"), rows=rows, cells=defect_cells,
        crumbs=crumbs(), choices=choices, sub=f"闭环率{share.words}（{share.done}/{share.total}）",
    ).answer(request)  # fmt: skip


def plan_cells(row: EmergencyPlan) -> list[Cell]:
    where = row.estate.name if row.estate else row.place.name
    reserves = "、".join(one.name for one in row.reserves.all())
    return [
        Cell(row.title, reverse("equipment:plan", args=[row.pk]), row.get_kind_display()),
        Cell(where),
        Cell(f"{row.contacts.count()}人"),
        Cell(reserves or "—"),
        Cell(cn_day(row.made_at)),
    ]


@login_required
@require_GET
def plans(request: HttpRequest) -> HttpResponse:
    actor, on = actor_of(request), today_of(request)
    rows, choices = _filtered(request, listing.plans_for(actor), kind=("种类", PLANS))
    acts = _begin(request, "plan", "登记小区预案")
    sub = ""
    if actor.is_staff_role:
        acts.append(Act("登记本级预案", reverse("equipment:place_plan")))
        lacking = readiness.streets_without_plan(actor, on)
        sub = f"没有预案的镇街：{'、'.join(one.name for one in lacking)}" if lacking else ""
    return Listing(
        title="应急预案", code="plans", columns=("预案", "小区、镇街", "联系人", "备选企业", "登记"),
        rows=rows.prefetch_related("reserves"), cells=plan_cells, crumbs=crumbs(), choices=choices, acts=acts, sub=sub,
        unit="份",
    ).answer(request)  # fmt: skip


def emergency_cells(row: Emergency) -> list[Cell]:
    return [
        Cell(row.get_kind_display(), reverse("equipment:emergency", args=[row.pk]), row.text[:40]),
        estate_cell(row),
        Cell(cn_moment(row.at), sub=row.by_label),
        Cell(row.get_state_display(), css="gz-today" if row.state == "open" else "gz-ok"),
    ]


@login_required
@require_GET
def emergencies(request: HttpRequest) -> HttpResponse:
    rows, choices = _filtered(
        request,
        listing.emergencies_for(actor_of(request)),
        state=("状态", EMERGENCY_STATES),
        kind=("种类", EMERGENCIES),
    )
    return Listing(
        title="突发事件", code="emergencies", columns=("事件", "小区", "上报", "状态"), rows=rows,
        cells=emergency_cells, crumbs=crumbs(), choices=choices, acts=_begin(request, "emergency", "上报突发事件"),
    ).answer(request)  # fmt: skip


def permit_cells(row: UsePermit, on: date) -> list[Cell]:
    over = row.state == "issued" and not row.holds(on)
    return [
        Cell(f"{row.facility}{row.name}", reverse("equipment:permit", args=[row.pk]), row.permit_number or row.number),
        estate_cell(row),
        Cell(row.use),
        Cell(f"{cn_date(row.from_on)}至{cn_date(row.to_on) if row.to_on else '另定'}" if row.from_on else "—"),
        Cell("已过期" if over else PERMIT_STATES[row.state], css="gz-over" if over else css_of(row.state)),
    ]


@login_required
@require_GET
def permits(request: HttpRequest) -> HttpResponse:
    on = today_of(request)
    rows, choices = _filtered(request, listing.permits_for(actor_of(request)), state=("状态", PERMIT_STATES))
    return Listing(
        title="使用证", code="permits", columns=("使用证", "小区", "用途", "期限", "状态"), rows=rows,
        cells=lambda row: permit_cells(row, on), crumbs=crumbs(), choices=choices, sub="在设施页上申请", unit="件",
    ).answer(request)  # fmt: skip


def _begin(request: HttpRequest, what: str, title: str) -> list[Act]:
    """The way to a form that begins something, for whoever may anywhere."""
    actor = actor_of(request)
    if actor.role in ("owner", "building_steward", "public"):
        return []
    return [Act(title, reverse("equipment:choose", args=[what]), True)]
