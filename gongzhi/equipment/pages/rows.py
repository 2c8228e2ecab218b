"""One row with everything about it, and what may be done to it now. And the estate with all its equipment."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date, cn_moment
from gongzhi.core.models import StoredFile
from gongzhi.core.money import yuan
from gongzhi.core.rights import may
from gongzhi.equipment.models import (
    Defect,
    DirectiveTarget,
    Emergency,
    EmergencyPlan,
    Fault,
    UpkeepContract,
    UsePermit,
)
from gongzhi.equipment.pages import lists
from gongzhi.equipment.pages.beginning import NEW, may_begin
from gongzhi.equipment.pages.common import act_url, actor_of, crumbs, directive_of, estate_of, offered, row_of, today_of
from gongzhi.equipment.pages.shown import Act, Cell, Said, Sheet, Table, Told
from gongzhi.equipment.queries import figures, listing, readiness
from gongzhi.equipment.words import CONTRACT_STATES, PERMIT_STEPS
from gongzhi.registry.models import Estate
from gongzhi.registry.queries import facilities as found_by
from gongzhi.registry.services import ServedEstate

PIECES_SHOWN, ROWS_SHOWN = 60, 8


def file_cell(file: StoredFile | None) -> Cell:
    return Cell(file.name, reverse("core:file", args=[file.pk])) if file is not None else Cell("—")


def said_file(title: str, file: StoredFile | None) -> list[Said]:
    return [Said(title, file.name, reverse("core:file", args=[file.pk]))] if file is not None else []


def _estate_said(row: Any) -> Said:
    return Said("小区", row.estate.name, reverse("equipment:estate", args=[row.estate_id]))


# -- contract ----------------------------------------------------------------------------------------------------------
@login_required
@require_GET
def contract(request: HttpRequest, pk: int) -> HttpResponse:
    row = row_of(request, UpkeepContract, pk, "estate", "company", "party_a_unit", "file")
    actor, on = actor_of(request), today_of(request)
    state = row.state_on(on)
    acts = []
    if may(actor, "equipment.pay", row):
        acts.append(("pay", "登记费用"))
    if row.ended_on is None and state in ("running", "ending") and may(actor, "equipment.sign", row):
        acts.append(("end", "提前终止"))
    payers = "、".join(core.role_name(one, place_path=row.place_path, on=on) for one in row.payers)
    party_a = (
        row.party_a_unit.name if row.party_a_unit else core.role_name(row.party_a, place_path=row.place_path, on=on)
    )
    paid = row.payments.select_related("payer")
    return Sheet(
        title=str(row), sub=row.number, crumbs=crumbs(("设施合同", reverse("equipment:contracts"))),
        tag=(CONTRACT_STATES[state], lists.css_of(state)), acts=offered("contract", row.pk, acts), clauses=row.basis,
        notes=[Told("即将到期", f"还有{(row.to_on - on).days}日到期，请续签或重新确定。", clauses=row.basis)]
        if state == "ending" else [],
        facts=[
            _estate_said(row), Said("甲方", party_a), Said("乙方", row.company.name),
            Said("期限", f"{cn_date(row.from_on)}至{cn_date(row.to_on)}"),
            Said("每年费用", f"{yuan(row.yearly_fen)}元" if row.yearly_fen is not None else "没有登记"),
            *([Said("只能由谁付费", payers, clauses=row.basis)] if payers else []),
            *([Said("招标记录", row.tendered)] if row.tendered else []),
            *said_file("合同", row.file),
        ],
        tables=[
            Table(
                "paid", "费用台账", ("付款日期", "付款方", "金额（元）", "哪一期"),
                [
                    [
                        Cell(cn_date(one.paid_on)),
                        Cell(str(one.payer or core.role_name(one.payer_role, place_path=row.place_path))),
                        Cell(yuan(one.amount_fen)), Cell(one.period or "—"),
                    ]
                    for one in paid
                ],
                empty="还没有登记费用。",
            ),
            Table("faults", "凭这份合同处置的故障", ("故障", "小区", "发生", "处置单位", "状态"),
                  [lists.fault_cells(one) for one in row.faults.select_related("estate", "facility", "responder")],
                  empty="没有。"),
        ],
    ).answer(request)  # fmt: skip


# -- fault -------------------------------------------------------------------------------------------------------------
@login_required
@require_GET
def fault(request: HttpRequest, pk: int) -> HttpResponse:
    row = row_of(request, Fault, pk, "estate", "facility", "responder", "contract", "photo")
    acts: list[tuple[str, str]] = []
    if may(actor_of(request), "equipment.respond", row):
        acts = {"open": [("arrive", "登记到场"), ("fix", "登记修复")], "arrived": [("fix", "登记修复")]}.get(
            row.state, []
        )
    piece = row.facility
    return Sheet(
        title=str(row), sub=row.number, crumbs=crumbs(("故障和修复", reverse("equipment:faults"))),
        tag=(row.get_state_display(), lists.css_of(row.state)), acts=offered("fault", row.pk, acts), clauses=row.basis,
        notes=[] if row.responder else [Told("没有处置单位", "没有登记物业企业或维保合同，请镇街安排。", "gz-over")],
        facts=[
            _estate_said(row),
            *([Said("设施", str(piece), reverse("registry:facility", args=[piece.pk]))] if piece else []),
            Said("情况", row.text), Said("发生", cn_moment(row.happened_at)), Said("报告", row.reported_label),
            Said("处置单位", row.responder.name if row.responder else "没有登记"),
            *([Said("凭合同", str(row.contract), reverse("equipment:contract", args=[row.contract.pk]))]
              if row.contract else []),
            Said("到场", cn_moment(row.arrived_at) if row.arrived_at else "没有登记"),
            Said("修复", cn_moment(row.fixed_at) if row.fixed_at else "没有登记"),
            *([Said("处置结果", row.outcome)] if row.outcome else []), *said_file("照片", row.photo),
        ],
    ).answer(request)  # fmt: skip


# -- plan and emergency ------------------------------------------------------------------------------------------------
@login_required
@require_GET
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    row = row_of(request, EmergencyPlan, pk, "estate", "place", "file", "made_by")
    actor = actor_of(request)
    works_here = actor.is_staff_role or row.is_party(actor)
    acts = [("withdraw", "撤下预案")] if row.withdrawn_on is None and may(actor, "equipment.plan", row) else []
    return Sheet(
        title=row.title, sub=row.get_kind_display(), crumbs=crumbs(("应急预案", reverse("equipment:plans"))),
        tag=("已撤下", "gz-wait") if row.withdrawn_on else ("有效", "gz-ok"),
        acts=[Act(title, act_url("plan", row.pk, code)) for code, title in acts],
        facts=[
            Said("小区、镇街", row.estate.name if row.estate else row.place.name),
            *([Said("要点", row.text)] if row.text else []), *said_file("预案文件", row.file),
            Said("登记", f"{row.made_by or '平台'}，{cn_moment(row.made_at)}"),
        ],
        tables=[
            Table(
                "contacts", "联系人", ("分工", "姓名", "电话"),
                [
                    [Cell(one.part), Cell(one.name),
                     Cell(one.phone, f"tel:{one.phone}") if works_here else Cell(one.masked_phone)]
                    for one in row.contacts.order_by("pk")
                ],
            ),
            Table("reserves", "备选企业", ("企业", "电话"),
                  [[Cell(one.name), Cell(one.phone or "—")] for one in row.reserves.order_by("name")],
                  empty="没有登记备选企业。"),
        ],
    ).answer(request)  # fmt: skip


@login_required
@require_GET
def emergency(request: HttpRequest, pk: int) -> HttpResponse:
    row = row_of(request, Emergency, pk, "estate", "plan", "taken_by", "ordered_by")
    actor = actor_of(request)
    acts = []
    if row.state == "open":
        if may(actor, "equipment.respond", row):
            acts.append(("note", "记处置经过"))
        if row.taken_by is None and row.plan and row.plan.reserves.exists() and may(actor, "equipment.plan", row):
            acts.append(("take", "登记应急接管"))
        if may(actor, "equipment.respond", row):
            acts.append(("close", "处置结束"))
    return Sheet(
        title=str(row), sub=row.number, crumbs=crumbs(("突发事件", reverse("equipment:emergencies"))),
        tag=(row.get_state_display(), "gz-today" if row.state == "open" else "gz-ok"),
        acts=offered("emergency", row.pk, acts), clauses=row.basis,
        facts=[
            _estate_said(row), Said("情况", row.text), Said("上报", f"{row.by_label}，{cn_moment(row.at)}"),
            *([Said("下达单位", row.ordered_by.name)] if row.ordered_by else []),
            *([Said("按预案", row.plan.title, reverse("equipment:plan", args=[row.plan.pk]))] if row.plan else []),
            *([Said("应急接管", row.taken_by.name)] if row.taken_by else []),
            *([Said("接管到", cn_date(row.taken_until), clauses=row.basis)] if row.taken_until else []),
        ],
        tables=[
            Table(
                "line", "处置经过", ("时间", "经过", "登记", "照片"),
                [
                    [Cell(cn_moment(one.at)), Cell(one.text, sub=one.get_kind_display()), Cell(one.by_label),
                     file_cell(one.file)]
                    for one in row.notes.select_related("file")
                ],
                empty="还没有记处置经过。",
            )
        ],
    ).answer(request)  # fmt: skip


# -- papers ------------------------------------------------------------------------------------------------------------
def target_cells(one: DirectiveTarget, on: date) -> list[Cell]:
    late = one.overdue(on)
    words = "没有反馈，已逾期" if late else one.get_state_display()
    when = f"{'逾期' if one.late else '按期'}反馈 {cn_moment(one.answered_at)}" if one.answered_at else "—"
    return [
        Cell(one.estate.name, reverse("equipment:target", args=[one.pk]), figures.street_name(one.place_path)),
        Cell(one.unit.name if one.unit else "没有登记"),
        Cell(when),
        Cell(words, css="gz-over" if late else lists.css_of(one.state)),
    ]


@login_required
@require_GET
def directive(request: HttpRequest, pk: int) -> HttpResponse:
    row = directive_of(request, pk)
    actor, on = actor_of(request), today_of(request)
    answered, settled = listing.answered_share(row), listing.settled_share(row)
    silent = figures.silent_by_street(row, actor)
    return Sheet(
        title=row.title, sub=f"{row.get_directive_display()} {row.number}",
        crumbs=crumbs(("指导和检查", reverse("equipment:directives"))), clauses=row.basis,
        figures=[
            ("下发", str(answered.total), "个小区", ""), ("已反馈", answered.words, f"（{answered.done}个）", ""),
            ("没有反馈", str(answered.total - answered.done), "个", "gz-over" if silent else ""),
            ("已核销", settled.words, f"（{settled.done}个）", ""),
        ],
        facts=[
            Said("下发", f"{row.issuer.name}，{cn_moment(row.issued_at)}"), Said("关于", row.get_kind_display()),
            Said("要求", row.text),
            Said("反馈期限", cn_date(row.due_on) if row.due_on else "没有定", clauses=row.basis),
        ],
        tables=[
            *(
                Table(f"silent-{number}", f"{street}没有反馈的", ("小区", "企业", "反馈", "状态"),
                      [target_cells(one, on) for one in rows])
                for number, (street, rows) in enumerate(silent)
            ),
            Table("targets", "全部小区", ("小区", "企业", "反馈", "状态"),
                  [target_cells(one, on) for one in listing.targets_of(row, actor)]),
        ],
    ).answer(request)  # fmt: skip


def _target_acts(row: DirectiveTarget, actor: Actor) -> list[tuple[str, str]]:
    acts = []
    if row.state in ("open", "returned") and may(actor, "equipment.answer", row):
        acts.append(("answer", "反馈落实情况"))
    if may(actor, "equipment.settle", row):
        if row.state == "answered":
            acts.append(("settle", "核销、退回"))
        if row.state != "closed":
            acts.append(("found", "登记问题"))
        if not row.penalty:
            acts.append(("penalise", "登记处罚"))
    return acts


@login_required
@require_GET
def target(request: HttpRequest, pk: int) -> HttpResponse:
    row = row_of(request, DirectiveTarget, pk, "directive__issuer", "estate", "unit", "file")
    actor, on, paper = actor_of(request), today_of(request), row.directive
    late = row.overdue(on)
    return Sheet(
        title=f"{paper.title}：{row.estate.name}", sub=f"{paper.get_directive_display()} {paper.number}",
        crumbs=crumbs(("指导和检查", reverse("equipment:directives")),
                      (paper.title, reverse("equipment:directive", args=[paper.pk]))),
        tag=("没有反馈，已逾期" if late else row.get_state_display(), "gz-over" if late else lists.css_of(row.state)),
        acts=offered("target", row.pk, _target_acts(row, actor)), clauses=paper.basis,
        facts=[
            _estate_said(row), Said("下发", paper.issuer.name), Said("要求", paper.text),
            Said("反馈期限", cn_date(paper.due_on) if paper.due_on else "没有定", clauses=paper.basis),
            Said("由谁反馈", row.unit.name if row.unit else "没有登记"),
            *([Said("落实情况", row.answer), Said("反馈", f"{row.answered_label}，{cn_moment(row.answered_at)}"
               f"（{'逾期' if row.late else '按期'}）")] if row.answered_at else []),
            *said_file("材料", row.file), *([Said("核销、退回的说明", row.remark)] if row.remark else []),
            *([Said("处罚", f"{row.penalty}（{cn_date(row.penalised_on)}）")] if row.penalty else []),
        ],
        tables=[
            Table("defects", "整改单", ("问题", "整改", "复查", "状态", "办理"),
                  [_defect_cells(one, actor) for one in row.defects.order_by("pk")],
                  empty="没有登记问题。")
        ],
    ).answer(request)  # fmt: skip


def _defect_cells(one: Defect, actor: Actor) -> list[Cell]:
    act = Cell("—")
    if one.state == "open" and may(actor, "equipment.answer", one):
        act = Cell("登记整改", act_url("defect", one.pk, "mend"))
    elif one.state == "fixed" and may(actor, "equipment.settle", one):
        act = Cell("复查", act_url("defect", one.pk, "recheck"))
    back = f"退回{one.returns}次" if one.returns else ""
    return [
        Cell(one.text, reverse("core:file", args=[one.photo_id]) if one.photo_id else "",
             f"{one.get_kind_display()} {one.number}"),
        Cell(one.fix or "—", reverse("core:file", args=[one.fix_file_id]) if one.fix_file_id else ""),
        Cell(one.recheck or "—", reverse("core:file", args=[one.recheck_file_id]) if one.recheck_file_id else ""),
        Cell(one.get_state_display(), css=lists.css_of(one.state), sub=back),
        act,
    ]  # fmt: skip


# -- permit ------------------------------------------------------------------------------------------------------------
@login_required
@require_GET
def permit(request: HttpRequest, pk: int) -> HttpResponse:
    row = row_of(request, UsePermit, pk, "estate", "facility", "applicant")
    actor, on = actor_of(request), today_of(request)
    acts: list[tuple[str, str]] = []
    if row.next_step and may(actor, "equipment.permit", row) and actor.role == row.desk_role:
        acts = [("step", PERMIT_STEPS[row.next_step]), ("refuse", "不予发证")]
    over = row.state == "issued" and not row.holds(on)
    done = {one["step"]: one for one in row.taken}
    return Sheet(
        title=f"{row.facility}{row.name}", sub=row.number, crumbs=crumbs(("使用证", reverse("equipment:permits"))),
        tag=("已过期" if over else row.get_state_display(), "gz-over" if over else lists.css_of(row.state)),
        acts=offered("permit", row.pk, acts), clauses=row.basis,
        facts=[
            _estate_said(row), Said("设施", str(row.facility), reverse("registry:facility", args=[row.facility_id])),
            Said("用途", row.use),
            Said("申请", f"{row.applicant or '平台'}，{cn_moment(row.asked_at)}"),
            Said("由谁办", core.role_name(row.desk_role, place_path=row.place_path, on=on), clauses=row.basis),
            *([Said("证号", row.permit_number),
               Said("有效期", f"{cn_date(row.from_on)}至{cn_date(row.to_on) if row.to_on else '另定'}")]
              if row.permit_number else []),
            *([Said("不予发证的理由", row.reason)] if row.reason else []),
        ],
        tables=[
            Table(
                "steps", "步骤", ("步骤", "日期", "经办", "意见"),
                [
                    [
                        Cell(f"{number}. {PERMIT_STEPS[one]}"),
                        Cell(cn_date(date.fromisoformat(done[one]["on"])) if one in done else "—"),
                        Cell(done[one]["by"] if one in done else "—"),
                        Cell((done[one]["note"] or "—") if one in done else "—"),
                    ]
                    for number, one in enumerate(row.steps, 1)
                ],
            )
        ],
    ).answer(request)  # fmt: skip


# -- the estate --------------------------------------------------------------------------------------------------------
def piece_cells(one: found_by.Shown) -> list[Cell]:
    row = one.facility
    out = f"{cn_date(row.suspended_on)}起停止使用" if row.suspended_on else ""
    many = f"{row.quantity}件" + (f"，完好{row.intact}件" if row.intact is not None else "")
    return [
        Cell(str(row), reverse("registry:facility", args=[row.pk]), row.location if row.code else ""),
        Cell(many),
        Cell(cn_date(row.valid_until) if row.valid_until else "—"),
        Cell(row.upkeep or "—"),
        Cell(one.words, css=one.css, sub=out),
    ]


@login_required
@require_GET
def estate(request: HttpRequest, pk: int) -> HttpResponse:
    found = estate_of(request, pk)
    actor, on = actor_of(request), today_of(request)
    days = int(found_by.warning(found.place_path, on).value)
    kind = request.GET.get("kind", "")
    rows = listing.pieces(actor).filter(estate=found)
    rows = rows.filter(kind=kind) if kind else rows
    shown = found_by.shown(rows.order_by("kind", "code", "pk")[:PIECES_SHOWN], on, days=days)
    acts = [
        Act(title, reverse("equipment:new", args=[what, found.pk]), what == "fault")
        for what, (title, _, _) in NEW.items()
        if may_begin(actor, what, found, on=on)
    ]
    acts.sort(key=lambda one: not one.main)
    if may(actor, "facility.register", ServedEstate(found, on)):
        acts.append(Act("登记设施设备", reverse("registry:add_facility", args=[found.pk])))
    if may(actor, "equipment.direct", found):
        acts.append(Act("下发检查、整改", f"{reverse('equipment:directive_new')}?estate={found.pk}"))
    return Sheet(
        title=f"{found.name}设施设备", sub=found.community.name, crumbs=crumbs(), acts=acts,
        notes=_lacking(found, on), figures=_estate_figures(found, actor, on),
        tables=[
            Table("pieces", "设施设备", ("设施", "数量", "有效期至", "维保单位", "情况"),
                  [piece_cells(one) for one in shown], empty="还没有登记设施设备。",
                  url=f"{reverse('registry:facilities')}?estate={found.pk}", link="全部和导出"),
            *_estate_tables(found, actor, on),
        ],
    ).answer(request)  # fmt: skip


def _lacking(found: Estate, on: date) -> list[Told]:
    notes = []
    lacking = readiness.lacking_plans(found.place_path, "estate", on)
    if lacking:
        notes.append(Told("缺应急预案", f"还没有登记{'、'.join(lacking)}。"))
    wanted = readiness.drills_wanted(found.place_path, on)
    held = readiness.drills_in(found, on.year).count()
    if wanted is not None and held < int(wanted):
        notes.append(Told("演练次数不够", f"今年应至少{wanted}次，已登记{held}次。"))
    missing = figures.stages_missing(found, on)
    if missing:
        notes.append(Told("还没有落实", f"{'、'.join(missing)}。在设施的“登记明细”里填报。"))
    return notes


def _estate_figures(found: Estate, actor: Actor, on: date) -> list[tuple[str, str, str, str]]:
    late = listing.late_cares(actor, on).filter(facility__estate=found).count()
    expired = listing.pieces(actor).filter(estate=found, valid_until__lt=on).count()
    fire = listing.intact_rate(actor, "fire", estate=found)
    drills = readiness.drills_in(found, on.year).count()
    pilot = figures.pilot_of(found, on)
    shown = [
        ("检验过期", str(expired), "台（处）", "gz-over" if expired else ""),
        ("逾期没有维护", str(late), "项", "gz-over" if late else ""),
        ("消防设施完好率", fire.words, f"（{fire.done}/{fire.total}）" if fire.total else "", ""),
        ("今年演练", str(drills), "次", ""),
    ]
    return [*shown, ("试点", pilot.words, "", "")] if pilot is not None else shown


def _here(cells_of: Callable[[Any], list[Cell]], rows: Iterable[Any]) -> list[list[Cell]]:
    """On the estate's own page its name need not stand in every row."""
    return [[head, *rest] for head, _, *rest in map(cells_of, rows)]


def _estate_tables(found: Estate, actor: Actor, on: date) -> list[Table]:
    held, without = readiness.permit_lists(found, on)
    tables = [
        Table("contracts", "设施合同", ("合同", "乙方", "期限", "状态"),
              _here(lambda one: lists.contract_cells(one, on),
                    listing.contracts_for(actor).filter(estate=found)[:ROWS_SHOWN]),
              empty="没有登记合同。"),
        Table("faults", "故障和修复", ("故障", "发生", "处置单位", "状态"),
              _here(lists.fault_cells, listing.faults_for(actor).filter(estate=found)[:ROWS_SHOWN]),
              empty="没有故障。"),
        Table("targets", "指导和检查", ("事项", "企业", "反馈", "状态"),
              [_paper_cells(one, on) for one in
               DirectiveTarget.objects.filter(estate=found).select_related("directive", "unit").order_by("-pk")
               [:ROWS_SHOWN]],
              empty="没有收到指导和检查。"),
        Table("plans", "应急预案", ("预案", "联系人", "备选企业", "登记"),
              _here(lists.plan_cells, listing.plans_for(actor).filter(estate=found)), empty="没有登记预案。"),
        Table("drills", "演练", ("演练", "日期", "人数", "照片"),
              [[Cell(one.get_kind_display(), sub=one.note), Cell(cn_date(one.held_on)), Cell(f"{one.participants}人"),
                file_cell(one.photos.first())] for one in found.drills.prefetch_related("photos")[:ROWS_SHOWN]],
              empty="没有登记演练。"),
        Table("emergencies", "突发事件", ("事件", "上报", "状态"),
              _here(lists.emergency_cells, listing.emergencies_for(actor).filter(estate=found)[:ROWS_SHOWN]),
              empty="没有突发事件。"),
    ]  # fmt: skip
    if held or without:
        rows = [[Cell(str(one), reverse("registry:facility", args=[one.pk])), Cell(words, css=css)]
                for part, words, css in ((held, "有证", "gz-ok"), (without, "没有登记使用证", "gz-wait"))
                for one in part]  # fmt: skip
        tables.insert(1, Table("permits", "人防工程使用证", ("人防工程", "使用证"), rows))
    return tables


def _paper_cells(one: DirectiveTarget, on: date) -> list[Cell]:
    cells = target_cells(one, on)
    head = Cell(one.directive.title, reverse("equipment:target", args=[one.pk]), one.directive.get_directive_display())
    return [head, *cells[1:]]
