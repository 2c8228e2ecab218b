"""Choices, inspections, exits and contracts for programs: lists, one row, and every act by the form of its page."""

from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from gongzhi.contracts import queries
from gongzhi.contracts.models import Procedure, ServiceContract
from gongzhi.contracts.pages import acts, common, contracts, procedures
from gongzhi.contracts.words import CONTRACT_KINDS, FILINGS, IN_TURN, PROCEDURES, STATES, STEPS
from gongzhi.core import services as core
from gongzhi.core.apikit.asking import Build, FormDone, FormOut, done_by, form_of, told
from gongzhi.core.apikit.calls import call_of, changes, creates, matched, reads, tagged
from gongzhi.core.apikit.filling import Filled
from gongzhi.core.apikit.paging import Page, Paging, keys, page_of
from gongzhi.core.apikit.shapes import RowId, Slug, Unit, code, unit_of

router = Router(tags=["选聘、承接和退出"])
SIGN = "sign-"


class DayQuery(Schema):
    day: date | None = Field(None, description="看哪一天的情况，不填为今天")


class ProcedureListed(Schema):
    id: int = Field(description="编号")
    number: str = Field(description="办理编号")
    kind: str = Field(description="种类：" + "、".join(f"{one} {words}" for one, words in PROCEDURES.items()))
    estate: str = Field(description="小区")
    estate_id: int = Field(description="小区编号")
    opener: Unit | None = Field(description="提出单位")
    company: Unit | None = Field(description="物业服务企业")
    state: str = Field(description="状态：" + "、".join(f"{one} {words}" for one, words in STATES.items()))
    next_step: str | None = Field(description="下一步")
    due_on: date | None = Field(description="选聘最迟日期")
    in_time: bool | None = Field(description="按期选聘")
    opened_at: datetime = Field(description="提出时间")


class CheckedOut(Schema):
    group: str = Field(description="类别")
    name: str = Field(description="名称")
    expected: int = Field(description="应有数量")
    found: int | None = Field(description="实有数量")
    state: str = Field(description="结果")
    defect: str = Field(description="不符在哪里")
    due_on: date | None = Field(description="整改期限")


class SignatoryOut(Schema):
    id: int = Field(description="编号；签字的办法代码是 sign-编号")
    role: str = Field(description="身份")
    part: str = Field(description="作用：party 应签字、supervisor 监督")
    unit: Unit | None = Field(description="单位")
    verdict: str = Field(description="意见：fit、unfit，没有签的为空")
    signed_on: date | None = Field(description="签字日期")


class BidderOut(Schema):
    id: int = Field(description="编号")
    company: Unit = Field(description="企业")
    state: str = Field(description="状态")
    known: dict[str, Any] = Field(description="当时的信用和评价")
    average: str | None = Field(description="平均分")


class StepTakenOut(Schema):
    step: str = Field(description="步骤")
    on: date = Field(description="日期")
    agreed: bool = Field(description="同意")
    note: str = Field(description="说明")
    clauses: list[str] = Field(description="依据条款")


class ProcedureOut(ProcedureListed):
    steps: list[str] = Field(description="依次的步骤")
    taken: list[StepTakenOut] = Field(description="已办的步骤")
    acts: list[str] = Field(description="这个令牌现在能办的办法代码")
    parties: list[SignatoryOut] = Field(description="参加和监督的单位")
    items: list[CheckedOut] = Field(description="清单")
    bids: list[BidderOut] = Field(description="报名企业，按展示的次序")
    clauses: list[str] = Field(description="依据条款")


class ServiceContractOut(Schema):
    id: int = Field(description="编号")
    number: str = Field(description="合同编号")
    kind: str = Field(description="种类：" + "、".join(f"{one} {words}" for one, words in CONTRACT_KINDS.items()))
    estate: str = Field(description="小区")
    estate_id: int = Field(description="小区编号")
    company: Unit = Field(description="企业")
    party_a: str = Field(description="甲方")
    signed_on: date = Field(description="签订日期")
    from_on: date | None = Field(description="生效日期")
    to_on: date | None = Field(description="届满日期")
    ended_on: date | None = Field(description="终止日期")
    state: str = Field(description="今天的状态：signed、in_force、over、ended")
    filing: str = Field(description="备案：" + "、".join(f"{one} {words}" for one, words in FILINGS.items()))
    filing_number: str = Field(description="备案号")
    open_terms: list[str] = Field(description="没有写明的约定")


class UnservedOut(Schema):
    estate_id: int = Field(description="小区编号")
    estate: str = Field(description="小区")
    company: Unit | None = Field(description="原企业")
    served_until: date | None = Field(description="服务到")


class ProceduresAsked(Paging):
    kind: str = code("种类", PROCEDURES)
    state: str = code("状态", STATES)
    next: str = code("下一步", IN_TURN)


class ContractsAsked(Paging):
    kind: str = code("种类", CONTRACT_KINDS)
    filing: str = code("备案", FILINGS)
    ends: str = code("期满：还没有接续的合同", {name: title for name, (title, _) in contracts.ENDS.items()})


def _listed(row: Procedure) -> dict[str, Any]:
    return {
        "id": row.pk,
        "number": row.number,
        "kind": row.kind,
        "estate": row.estate.name,
        "estate_id": row.estate_id,
        "opener": unit_of(row.opener),
        "company": unit_of(row.company),
        "state": row.state,
        "next_step": queries.next_step(row) if row.state == "running" else None,
        "due_on": row.due_on,
        "in_time": row.in_time,
        "opened_at": row.opened_at,
    }


def _contract(row: ServiceContract, on: date) -> dict[str, Any]:
    plain = ("number", "kind", "estate_id", "signed_on", "from_on", "to_on", "ended_on", "filing", "filing_number",
             "open_terms")  # fmt: skip
    return {
        "id": row.pk,
        "estate": row.estate.name,
        "company": unit_of(row.company),
        "party_a": row.party_a_name,
        "state": row.state_on(on),
        **{name: getattr(row, name) for name in plain},
    }


def _asking(request: HttpRequest) -> Any:
    """As much of a request as the finders of the pages read."""
    call = call_of(request)
    return SimpleNamespace(actor=call.actor, now=call.now)


@reads(router, "/procedures", scope="contracts:read", response=Page[ProcedureListed], summary="选聘、查验、退出清单")
def procedures_listed(request: HttpRequest, given: Query[ProceduresAsked]) -> dict[str, Any]:
    rows = queries.procedures_for(call_of(request).actor)
    for name in ("kind", "state"):
        if getattr(given, name):
            rows = rows.filter(**{name: getattr(given, name)})
    if given.next:
        rows = queries.waiting_at(rows, given.next)
    return page_of(rows, _listed, by=keys("-opened_at", "-id"), given=given, of="procedures")


@reads(router, "/procedures/{pk}", scope="contracts:read", response=ProcedureOut, summary="一项选聘、查验、退出")
def procedure_read(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    row, call = common.procedure_of(_asking(request), pk), call_of(request)
    tagged(request, row)
    parties = list(row.parties.select_related("organisation").order_by("part", "pk"))
    offered = [
        one.url.rstrip("/").rsplit("/", 1)[-1] for one in acts.acts_for(row, call.actor, core.local_day(call.now))
    ]
    return {
        **_listed(row),
        "steps": row.steps,
        "taken": [
            {"step": one.step, "on": one.on, "agreed": one.agreed, "note": one.note, "clauses": one.clauses}
            for one in row.taken.order_by("pk")
        ],
        "acts": [*offered, *(f"{SIGN}{one.pk}" for one in parties if acts.contracts.may_sign(one, call.actor))],
        "parties": [
            {
                "id": one.pk,
                "role": one.role,
                "part": one.part,
                "unit": unit_of(one.organisation),
                "verdict": one.verdict,
                "signed_on": one.signed_on,
            }
            for one in parties
        ],
        "items": [
            {"group": one.group, "name": one.name, "expected": one.expected, "found": one.found, "state": one.state,
             "defect": one.defect, "due_on": one.due_on}
            for one in row.items.order_by("group", "pk")
        ],
        "bids": [
            {"id": one.pk, "company": unit_of(one.company), "state": one.state, "known": one.known,
             "average": str(average) if (average := getattr(one, "average", None)) is not None else None}
            for one in queries.bids_for(row, call.actor)
        ],
        "clauses": row.basis.get("clauses", []),
    }  # fmt: skip


def _procedure_form(row: Procedure, act: str) -> Build:
    if act.startswith(SIGN) and act.removeprefix(SIGN).isdigit():
        return lambda asked: acts.sign_page(asked, row, int(act.removeprefix(SIGN)))
    if act in STEPS:
        return lambda asked: acts.step_page(asked, row, act)
    return lambda asked: acts.act_page(asked, row, act)


@reads(
    router, "/procedures/{pk}/acts/{act}", scope="contracts:read", response=FormOut, summary="一步（一种办法）要填什么"
)
def procedure_form(request: HttpRequest, pk: RowId, act: Slug) -> dict[str, Any]:
    row = acts.row_for(_asking(request), pk, act)
    tagged(request, row)
    return form_of(request, _procedure_form(row, act))


@changes(
    router,
    "/procedures/{pk}/acts/{act}",
    scope="contracts:write",
    response=FormDone,
    summary="办理一步、登记清单、签字、报名、评分",
    description="办法代码见这一项的 acts：步骤的代码，或 item、enter、bid、invite、decline、judge、points、"
    "method、stop、sign-编号。"
    "与页面用同一张表单、同样的规则。",
)
def procedure_act(request: HttpRequest, pk: RowId, act: Slug, given: Filled) -> dict[str, Any]:
    row = acts.row_for(_asking(request), pk, act)
    version = matched(request, row)
    page, ref = done_by(request, _procedure_form(row, act), given.fields, version=version)
    row.refresh_from_db()
    tagged(request, row)
    return told(page, ref)


@reads(
    router,
    "/estates/{pk}/procedures/{kind}",
    scope="contracts:read",
    response=FormOut,
    summary="在一个小区开始一项办理要填什么",
)
def opening_form(request: HttpRequest, pk: RowId, kind: Slug) -> dict[str, Any]:
    estate = common.estate_of(_asking(request), pk)
    return form_of(request, lambda asked: procedures.new_page(asked, estate, kind))


@creates(
    router,
    "/estates/{pk}/procedures/{kind}",
    scope="contracts:write",
    response=FormDone,
    summary="在一个小区开始一项办理",
)
def opening(request: HttpRequest, pk: RowId, kind: Slug, given: Filled) -> dict[str, Any]:
    estate = common.estate_of(_asking(request), pk)
    return told(*done_by(request, lambda asked: procedures.new_page(asked, estate, kind), given.fields))


@reads(router, "/contracts", scope="contracts:read", response=Page[ServiceContractOut], summary="物业服务合同清单")
def contracts_listed(request: HttpRequest, given: Query[ContractsAsked]) -> dict[str, Any]:
    call = call_of(request)
    rows = queries.contracts_for(call.actor)
    for name in ("kind", "filing"):
        if getattr(given, name):
            rows = rows.filter(**{name: getattr(given, name)})
    on = core.local_day(call.now)
    if given.ends:
        rows = queries.ending(rows, on, contracts.ENDS[given.ends][1])
    return page_of(rows, lambda row: _contract(row, on), by=keys("-signed_on", "-id"), given=given, of="contracts")


@reads(router, "/contracts/{pk}", scope="contracts:read", response=ServiceContractOut, summary="一份物业服务合同")
def contract_read(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    row = common.contract_of(_asking(request), pk)
    tagged(request, row)
    return _contract(row, core.local_day(call_of(request).now))


@reads(
    router, "/estates/{pk}/contracts/{kind}", scope="contracts:read", response=FormOut, summary="登记一份合同要填什么"
)
def contract_form(request: HttpRequest, pk: RowId, kind: Slug) -> dict[str, Any]:
    estate = common.estate_of(_asking(request), pk)
    return form_of(request, lambda asked: contracts.new_page(asked, estate, kind))


@creates(router, "/estates/{pk}/contracts/{kind}", scope="contracts:write", response=FormDone, summary="登记一份合同")
def contract_sign(request: HttpRequest, pk: RowId, kind: Slug, given: Filled) -> dict[str, Any]:
    estate = common.estate_of(_asking(request), pk)
    return told(*done_by(request, lambda asked: contracts.new_page(asked, estate, kind), given.fields))


@changes(
    router,
    "/contracts/{pk}/acts/{act}",
    scope="contracts:write",
    response=FormDone,
    summary="报备、审核备案、登记生效、终止、进场",
    description="办法代码：filing 报备、file 审核备案、effective 登记生效、end 提前终止、begin 企业进场、"
    "perform 填报履行记录。",
)
def contract_act(request: HttpRequest, pk: RowId, act: Slug, given: Filled) -> dict[str, Any]:
    row = common.contract_of(_asking(request), pk)
    version = matched(request, row)
    page, ref = done_by(request, lambda asked: contracts.act_page(asked, row, act), given.fields, version=version)
    row.refresh_from_db()
    tagged(request, row)
    return told(page, ref)


@reads(router, "/unserved-estates", scope="contracts:read", response=list[UnservedOut], summary="没有企业服务的小区")
def unserved(request: HttpRequest, asked: Query[DayQuery]) -> list[dict[str, Any]]:
    call = call_of(request)
    return [
        {
            "estate_id": one.pk,
            "estate": one.name,
            "company": unit_of(one.last_project.company) if one.last_project else None,
            "served_until": one.last_project.to_on if one.last_project else None,
        }
        for one in queries.unserved(call.actor, asked.day or core.local_day(call.now))
    ]
