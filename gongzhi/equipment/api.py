"""Equipment and emergencies for programs: lists, one row, and every act by the form of its page."""

from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from gongzhi.core import services as core
from gongzhi.core.apikit.asking import FormDone, FormOut, done_by, form_of, told
from gongzhi.core.apikit.calls import call_of, changes, creates, matched, reads, tagged
from gongzhi.core.apikit.filling import Filled
from gongzhi.core.apikit.paging import Page, Paging, keys, page_of
from gongzhi.core.apikit.shapes import RowId, Slug, Unit, code, unit_of
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
from gongzhi.equipment.pages import acts, beginning, common
from gongzhi.equipment.queries import figures, listing
from gongzhi.equipment.words import (
    ABOUT,
    CONTRACTS,
    DEFECT_STATES,
    DIRECTIVES,
    EMERGENCY_STATES,
    FAULT_STATES,
    PERMIT_STATES,
    PLANS,
    TARGET_STATES,
)
from gongzhi.registry.questions import CARE_ITEMS, FACILITY_KINDS

router = Router(tags=["设施设备和应急"])
READ, WRITE = "equipment:read", "equipment:write"


def _words(values: dict[str, str]) -> str:
    return "、".join(f"{one} {title}" for one, title in values.items())


class CareOut(Schema):
    facility: int = Field(description="设施编号")
    facility_name: str = Field(description="设施")
    estate_id: int = Field(description="小区编号")
    estate: str = Field(description="小区")
    item: str = Field(description="项目：" + _words(CARE_ITEMS))
    last_on: date | None = Field(description="上次")
    due_on: date = Field(description="最迟")
    days_late: int = Field(description="超了几日")


class UpkeepContractOut(Schema):
    id: int = Field(description="编号")
    number: str = Field(description="合同编号")
    contract: str = Field(description="种类：" + _words(CONTRACTS))
    kind: str = Field(description="设施种类代码")
    estate_id: int = Field(description="小区编号")
    estate: str = Field(description="小区")
    company: Unit = Field(description="乙方")
    party_a: str = Field(description="甲方的身份代码")
    payers: list[str] = Field(description="只能由谁付费；不限的为空")
    from_on: date = Field(description="自")
    to_on: date = Field(description="至")
    state: str = Field(description="今天的状态：coming、running、ending、over、ended")
    yearly_fen: int | None = Field(description="每年费用（分）")


class PieceFaultOut(Schema):
    id: int = Field(description="编号")
    number: str = Field(description="故障编号")
    estate_id: int = Field(description="小区编号")
    estate: str = Field(description="小区")
    facility: int | None = Field(description="设施编号")
    kind: str = Field(description="设施种类代码")
    fault: str = Field(description="故障代码")
    text: str = Field(description="情况")
    happened_at: datetime = Field(description="发生时间")
    responder: Unit | None = Field(description="处置单位")
    state: str = Field(description="状态：" + _words(FAULT_STATES))
    arrived_at: datetime | None = Field(description="到场时间")
    fixed_at: datetime | None = Field(description="修复时间")
    outcome: str = Field(description="处置结果")


class DirectiveOut(Schema):
    id: int = Field(description="编号")
    number: str = Field(description="文号")
    directive: str = Field(description="种类：" + _words(DIRECTIVES))
    kind: str = Field(description="设施种类代码")
    title: str = Field(description="标题")
    issuer: Unit | None = Field(description="下发单位")
    issued_at: datetime = Field(description="下发时间")
    due_on: date | None = Field(description="反馈期限")
    estates: int = Field(description="下发几个小区")
    answered: int = Field(description="几个已反馈")
    settled: int = Field(description="几个已核销")


class TargetOut(Schema):
    id: int = Field(description="编号；办法代码 answer、settle、found、penalise")
    estate_id: int = Field(description="小区编号")
    estate: str = Field(description="小区")
    unit: Unit | None = Field(description="反馈单位")
    state: str = Field(description="状态：" + _words(TARGET_STATES))
    answered_at: datetime | None = Field(description="反馈时间")
    late: bool | None = Field(description="逾期反馈")
    penalty: str = Field(description="处罚")


class DirectiveFullOut(DirectiveOut):
    text: str = Field(description="要求")
    clauses: list[str] = Field(description="依据条款")
    targets: list[TargetOut] = Field(description="这个令牌看得到的小区")


class DefectOut(Schema):
    id: int = Field(description="编号；办法代码 mend、recheck")
    number: str = Field(description="整改单号")
    target: int = Field(description="属于哪一件检查（小区）")
    estate_id: int = Field(description="小区编号")
    estate: str = Field(description="小区")
    kind: str = Field(description="隐患种类代码")
    text: str = Field(description="问题")
    state: str = Field(description="状态：" + _words(DEFECT_STATES))
    returns: int = Field(description="退回次数")


class EmergencyPlanOut(Schema):
    id: int = Field(description="编号")
    kind: str = Field(description="种类：" + _words(PLANS))
    title: str = Field(description="名称")
    estate_id: int | None = Field(description="小区编号；镇街的为空")
    where: str = Field(description="小区、镇街")
    contacts: int = Field(description="联系人几位")
    reserves: list[Unit] = Field(description="备选企业")


class EmergencyOut(Schema):
    id: int = Field(description="编号")
    number: str = Field(description="事件编号")
    estate_id: int = Field(description="小区编号")
    estate: str = Field(description="小区")
    kind: str = Field(description="种类代码")
    text: str = Field(description="情况")
    at: datetime = Field(description="上报时间")
    state: str = Field(description="状态：" + _words(EMERGENCY_STATES))
    taken_by: Unit | None = Field(description="应急接管企业")
    taken_until: date | None = Field(description="接管到")


class UsePermitOut(Schema):
    id: int = Field(description="编号")
    number: str = Field(description="申请编号")
    facility: int = Field(description="设施编号")
    estate_id: int = Field(description="小区编号")
    estate: str = Field(description="小区")
    use: str = Field(description="用途")
    state: str = Field(description="状态：" + _words(PERMIT_STATES))
    next_step: str | None = Field(description="下一步")
    permit_number: str = Field(description="证号")
    from_on: date | None = Field(description="自")
    to_on: date | None = Field(description="至")


class KindFiguresOut(Schema):
    kind: str = Field(description="种类代码")
    title: str = Field(description="种类")
    pieces: int = Field(description="台（处）")
    estates: int = Field(description="小区数")
    expired: int = Field(description="检验过期")
    faulty: int = Field(description="不合格")
    late: int = Field(description="逾期没有维护")
    intact: str = Field(description="完好率")


class StageFiguresOut(Schema):
    stage: str = Field(description="哪一项")
    title: str = Field(description="名称")
    by: date | None = Field(description="期限")
    done: int = Field(description="已落实的小区")
    total: int = Field(description="计入的小区")
    share: str = Field(description="落实率")
    late: int = Field(description="逾期落实的小区")
    missing: list[int] = Field(description="没有落实的小区编号")
    clauses: list[str] = Field(description="依据条款")


class MendedOut(Schema):
    title: str = Field(description="种类")
    reported: int = Field(description="报告的故障")
    mended: int = Field(description="已修复")
    mean: str = Field(description="平均修复用时")


class FiguresOut(Schema):
    kinds: list[KindFiguresOut] = Field(description="按种类")
    stages: list[StageFiguresOut] = Field(description="按要落实的事项")
    mended: list[MendedOut] = Field(description="故障和修复")
    defects_closed: str = Field(description="整改闭环率")


class OfKind(Paging):
    kind: str = code("设施种类", FACILITY_KINDS)
    estate: int | None = Field(None, ge=1, le=2**63 - 1, description="小区编号")


class OfMatter(Paging):
    kind: str = code("关于什么", ABOUT)
    estate: int | None = Field(None, ge=1, le=2**63 - 1, description="小区编号")


def _plain(row: Any, *names: str) -> dict[str, Any]:
    found = {"id": row.pk, "estate_id": row.estate_id, "estate": row.estate.name if row.estate else ""}
    return {**found, **{name: getattr(row, name) for name in names}}


def _asking(request: HttpRequest) -> Any:
    call = call_of(request)
    return SimpleNamespace(actor=call.actor, now=call.now)


def _today(request: HttpRequest) -> date:
    return core.local_day(call_of(request).now)


def _asked(rows: Any, given: OfKind) -> Any:
    rows = rows.filter(kind=given.kind) if given.kind else rows
    return rows.filter(estate=given.estate) if given.estate else rows


@reads(router, "/late-cares", scope=READ, response=Page[CareOut], summary="逾期没有检查、维护的设施")
def late_cares(request: HttpRequest, given: Query[Paging]) -> dict[str, Any]:
    on = _today(request)

    def out(row: Care) -> dict[str, Any]:
        piece = row.facility
        return {
            "facility": piece.pk, "facility_name": str(piece), "estate_id": piece.estate_id,
            "estate": piece.estate.name, "item": row.item, "last_on": row.last_on, "due_on": row.due_on,
            "days_late": (on - row.due_on).days,
        }  # fmt: skip

    rows = listing.late_cares(call_of(request).actor, on)
    return page_of(rows, out, by=keys("due_on", "id"), given=given, of="late-cares")


def _contract_out(row: UpkeepContract, on: date) -> dict[str, Any]:
    names = ("number", "contract", "kind", "party_a", "payers", "from_on", "to_on", "yearly_fen")
    return {**_plain(row, *names), "company": unit_of(row.company), "state": row.state_on(on)}


@reads(router, "/upkeep-contracts", scope=READ, response=Page[UpkeepContractOut], summary="设施合同")
def contracts(request: HttpRequest, given: Query[OfKind]) -> dict[str, Any]:
    on = _today(request)
    rows = _asked(listing.contracts_for(call_of(request).actor), given)
    return page_of(rows, lambda row: _contract_out(row, on), by=keys("to_on", "id"), given=given, of="upkeep")


@reads(router, "/upkeep-contracts/{pk}", scope=READ, response=UpkeepContractOut, summary="一份设施合同")
def contract(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    row = common.row_of(_asking(request), UpkeepContract, pk, "estate", "company")
    tagged(request, row)
    return _contract_out(row, _today(request))


def _fault_out(row: Fault) -> dict[str, Any]:
    names = ("number", "kind", "fault", "text", "happened_at", "state", "arrived_at", "fixed_at", "outcome")
    return {**_plain(row, *names), "facility": row.facility_id, "responder": unit_of(row.responder)}


@reads(router, "/faults", scope=READ, response=Page[PieceFaultOut], summary="设施故障")
def faults(request: HttpRequest, given: Query[OfKind]) -> dict[str, Any]:
    rows = _asked(listing.faults_for(call_of(request).actor), given)
    return page_of(rows, _fault_out, by=keys("-happened_at", "-id"), given=given, of="faults")


@reads(router, "/faults/{pk}", scope=READ, response=PieceFaultOut, summary="一件故障")
def fault(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    row = common.row_of(_asking(request), Fault, pk, "estate", "responder")
    tagged(request, row)
    return _fault_out(row)


def _directive_out(row: Directive) -> dict[str, Any]:
    answered, settled = listing.answered_share(row), listing.settled_share(row)
    names = ("number", "directive", "kind", "title", "issued_at", "due_on")
    return {
        "id": row.pk, "issuer": unit_of(row.issuer), "estates": answered.total, "answered": answered.done,
        "settled": settled.done, **{name: getattr(row, name) for name in names},
    }  # fmt: skip


@reads(router, "/directives", scope=READ, response=Page[DirectiveOut], summary="指导意见、检查、整改")
def directives(request: HttpRequest, given: Query[OfMatter]) -> dict[str, Any]:
    rows = listing.directives_for(call_of(request).actor)
    rows = rows.filter(kind=given.kind) if given.kind else rows
    rows = rows.filter(targets__estate=given.estate) if given.estate else rows
    return page_of(rows, _directive_out, by=keys("-issued_at", "-id"), given=given, of="directives")


def _target_out(row: DirectiveTarget) -> dict[str, Any]:
    return {**_plain(row, "state", "answered_at", "late", "penalty"), "unit": unit_of(row.unit)}


@reads(router, "/directives/{pk}", scope=READ, response=DirectiveFullOut, summary="一件指导、检查和它的小区")
def directive(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    row = common.directive_of(_asking(request), pk)
    targets = listing.targets_of(row, call_of(request).actor)
    return {
        **_directive_out(row), "text": row.text, "clauses": row.basis, "targets": [_target_out(one) for one in targets],
    }  # fmt: skip


@reads(router, "/directive-targets/{pk}", scope=READ, response=TargetOut, summary="一件指导、检查在一个小区")
def target(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    row = common.row_of(_asking(request), DirectiveTarget, pk, "estate", "unit", "directive")
    tagged(request, row)
    return _target_out(row)


def _defect_out(row: Defect) -> dict[str, Any]:
    return {**_plain(row, "number", "kind", "text", "state", "returns"), "target": row.target_id}


@reads(router, "/defects", scope=READ, response=Page[DefectOut], summary="整改单")
def defects(request: HttpRequest, given: Query[Paging]) -> dict[str, Any]:
    rows = figures.defects_for(call_of(request).actor).order_by("-pk")
    return page_of(rows, _defect_out, by=keys("-id"), given=given, of="defects")


@reads(router, "/defects/{pk}", scope=READ, response=DefectOut, summary="一张整改单")
def defect(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    row = common.row_of(_asking(request), Defect, pk, "estate", "target__directive")
    tagged(request, row)
    return _defect_out(row)


def _plan_out(row: EmergencyPlan) -> dict[str, Any]:
    return {
        "id": row.pk, "kind": row.kind, "title": row.title, "estate_id": row.estate_id,
        "where": row.estate.name if row.estate else row.place.name, "contacts": row.contacts.count(),
        "reserves": [unit_of(one) for one in row.reserves.order_by("pk")],
    }  # fmt: skip


@reads(router, "/emergency-plans", scope=READ, response=list[EmergencyPlanOut], summary="应急预案")
def plans(request: HttpRequest) -> list[dict[str, Any]]:
    return [_plan_out(one) for one in listing.plans_for(call_of(request).actor)]


@reads(router, "/emergency-plans/{pk}", scope=READ, response=EmergencyPlanOut, summary="一份应急预案")
def plan(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    row = common.row_of(_asking(request), EmergencyPlan, pk, "estate", "place")
    tagged(request, row)
    return _plan_out(row)


def _emergency_out(row: Emergency) -> dict[str, Any]:
    names = ("number", "kind", "text", "at", "state", "taken_until")
    return {**_plain(row, *names), "taken_by": unit_of(row.taken_by)}


@reads(router, "/emergencies", scope=READ, response=Page[EmergencyOut], summary="突发事件")
def emergencies(request: HttpRequest, given: Query[Paging]) -> dict[str, Any]:
    rows = listing.emergencies_for(call_of(request).actor)
    return page_of(rows, _emergency_out, by=keys("-at", "-id"), given=given, of="emergencies")


@reads(router, "/emergencies/{pk}", scope=READ, response=EmergencyOut, summary="一件突发事件")
def emergency(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    row = common.row_of(_asking(request), Emergency, pk, "estate", "taken_by", "plan")
    tagged(request, row)
    return _emergency_out(row)


def _permit_out(row: UsePermit) -> dict[str, Any]:
    names = ("number", "use", "state", "next_step", "permit_number", "from_on", "to_on")
    return {**_plain(row, *names), "facility": row.facility_id}


@reads(router, "/use-permits", scope=READ, response=Page[UsePermitOut], summary="设施使用证")
def permits(request: HttpRequest, given: Query[Paging]) -> dict[str, Any]:
    rows = listing.permits_for(call_of(request).actor)
    return page_of(rows, _permit_out, by=keys("-asked_at", "-id"), given=given, of="use-permits")


@reads(router, "/use-permits/{pk}", scope=READ, response=UsePermitOut, summary="一件使用证")
def permit(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    row = common.row_of(_asking(request), UsePermit, pk, "estate")
    tagged(request, row)
    return _permit_out(row)


@reads(router, "/statistics/equipment", scope=READ, response=FiguresOut, summary="设施统计")
def statistics(request: HttpRequest) -> dict[str, Any]:
    actor, on = call_of(request).actor, _today(request)
    kinds = [{**vars(one), "intact": one.intact.words} for one in figures.by_kind(actor, on)]
    stages = [
        {
            "stage": one.stage, "title": one.title, "by": one.by, "done": one.share.done, "total": one.share.total,
            "share": one.share.words, "late": one.late, "missing": [each.pk for each in one.missing],
            "clauses": list(one.clauses),
        }
        for one in figures.stages(actor, on)
    ]  # fmt: skip
    mended = [
        {"title": one.title, "reported": one.reported, "mended": one.mended, "mean": one.words}
        for one in figures.mended(actor)
    ]
    return {"kinds": kinds, "stages": stages, "mended": mended, "defects_closed": figures.closed_share(actor).words}


# -- acts --------------------------------------------------------------------------------------------------------------
@reads(
    router, "/equipment/{kind}/{pk}/acts/{act}", scope=READ, response=FormOut, summary="一种办法要填什么",
    description="kind：" + "、".join(acts.ACTS) + "；act 见各自的办法代码："
    + "；".join(f"{kind}：{'、'.join(names)}" for kind, (_, _, names) in acts.ACTS.items()),
)  # fmt: skip
def act_form(request: HttpRequest, kind: Slug, pk: RowId, act: Slug) -> dict[str, Any]:
    row = acts.row_for(_asking(request), kind, pk)
    tagged(request, row)
    return form_of(request, lambda asked: acts.act_page(asked, row, kind, act))


@changes(
    router, "/equipment/{kind}/{pk}/acts/{act}", scope=WRITE, response=FormDone,
    summary="办理设施、合同、故障、检查、整改、预案、突发事件、使用证", description="与页面用同一张表单、同样的规则。",
)  # fmt: skip
def act(request: HttpRequest, kind: Slug, pk: RowId, act: Slug, given: Filled) -> dict[str, Any]:
    row = acts.row_for(_asking(request), kind, pk)
    version = matched(request, row)
    page, ref = done_by(request, lambda asked: acts.act_page(asked, row, kind, act), given.fields, version=version)
    row.refresh_from_db()
    tagged(request, row)
    return told(page, ref)


@reads(
    router, "/estates/{pk}/equipment/{what}", scope=READ, response=FormOut, summary="在一个小区登记要填什么",
    description="what：" + "、".join(f"{one} {title}" for one, (title, _, _) in beginning.NEW.items()),
)  # fmt: skip
def new_form(request: HttpRequest, pk: RowId, what: Slug) -> dict[str, Any]:
    estate = common.estate_of(_asking(request), pk)
    return form_of(request, lambda asked: beginning.new_page(asked, what, estate))


@creates(
    router, "/estates/{pk}/equipment/{what}", scope=WRITE, response=FormDone,
    summary="登记合同、故障、预案、演练、突发事件",
)  # fmt: skip
def new(request: HttpRequest, pk: RowId, what: Slug, given: Filled) -> dict[str, Any]:
    estate = common.estate_of(_asking(request), pk)
    return told(*done_by(request, lambda asked: beginning.new_page(asked, what, estate), given.fields))


@reads(router, "/forms/directive", scope=READ, response=FormOut, summary="下发指导、检查要填什么")
def directive_form(request: HttpRequest) -> dict[str, Any]:
    return form_of(request, beginning.directive_page)


@creates(router, "/directives", scope=WRITE, response=FormDone, summary="下发指导意见、检查、整改")
def directive_new(request: HttpRequest, given: Filled) -> dict[str, Any]:
    return told(*done_by(request, beginning.directive_page, given.fields))


@reads(router, "/forms/place-plan", scope=READ, response=FormOut, summary="登记本级应急预案要填什么")
def place_plan_form(request: HttpRequest) -> dict[str, Any]:
    return form_of(request, beginning.place_plan_page)


@creates(router, "/emergency-plans", scope=WRITE, response=FormDone, summary="登记本级应急预案")
def place_plan(request: HttpRequest, given: Filled) -> dict[str, Any]:
    return told(*done_by(request, beginning.place_plan_page, given.fields))
