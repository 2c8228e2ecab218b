"""Public money: items of the budget with what is free, claims with their steps and lines, projects, doubts."""

from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Query, Schema
from pydantic import Field

from gongzhi.core import services as core
from gongzhi.core.apikit.calls import call_of, reads, tagged
from gongzhi.core.apikit.paging import Page, Paging, keys, page_of
from gongzhi.core.apikit.shapes import RowId, code
from gongzhi.core.days import local_day
from gongzhi.core.refs import Ref
from gongzhi.funds.api.purses import FEN, READ, router
from gongzhi.funds.public_money import queries
from gongzhi.funds.public_money.models import Budget, Claim, PublicProject
from gongzhi.funds.public_money.words import PAYERS, PROJECT_STATES, STATES


class BudgetAsked(Paging):
    year: int = Field(ge=2000, le=2100, description="年度")


class BudgetOut(Schema):
    id: int = Field(description="编号")
    place: str = Field(description="地区")
    payer: str = code("出资方", PAYERS)
    year: int = Field(description="年度")
    item: str = Field(description="科目代码")
    holder: str = Field(description="专给谁用；本级共用的为空")
    granted_fen: int = Field(description=f"预算{FEN}")
    held_fen: int = Field(description=f"已批未付{FEN}")
    paid_fen: int = Field(description=f"已付{FEN}")
    free_fen: int = Field(description=f"余额{FEN}")


def _budget(row: Budget) -> dict[str, Any]:
    state = queries.balance_of(row)
    return {
        "id": row.pk, "place": row.place.name, "payer": row.payer, "year": row.year, "item": row.item,
        "holder": row.holder_title,
        **{name: getattr(state, name) for name in ("granted_fen", "held_fen", "paid_fen", "free_fen")},
    }  # fmt: skip


@reads(router, "/funds/budgets", scope=READ, response=Page[BudgetOut], summary="预算执行")
def list_budgets(request: HttpRequest, given: Query[BudgetAsked]) -> dict[str, Any]:
    actor = call_of(request).actor
    core.require(actor, "money.read", Ref("place", "", "", actor.place_path))
    rows = queries.budgets_for(actor, year=given.year).select_related("place")
    return page_of(rows.order_by(), _budget, by=keys("id"), given=given, of=f"budgets:{given.year}")


@reads(router, "/funds/budgets/{pk}", scope=READ, response=BudgetOut, summary="一个预算科目")
def read_budget(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    row = Budget.objects.select_related("place").filter(pk=pk).first()
    if row is None or not core.may(call_of(request).actor, "money.read", row):
        raise Http404
    tagged(request, row)
    return _budget(row)


class ClaimFilter(Paging):
    state: str = code("状态", STATES)


class ClaimRow(Schema):
    id: int = Field(description="编号（数据库）")
    number: str = Field(description="编号")
    scheme: str = Field(description="项目代码")
    title: str = Field(description="名称")
    estate: int | None = Field(description="小区编号")
    from_on: date = Field(description="自")
    to_on: date = Field(description="至")
    amount_fen: int = Field(description=f"金额{FEN}")
    payee: str = Field(description="收款人")
    state: str = code("状态", STATES)
    next_step: str = Field(description="下一步代码；办完的为空")
    made_at: datetime = Field(description="申请时间")
    version: int = Field(description="版本，与 ETag 相同")


CLAIM = ("number", "scheme", "title", "from_on", "to_on", "amount_fen", "payee", "state", "made_at", "version")


def _claim(row: Claim) -> dict[str, Any]:
    due = (queries.next_step(row) or "") if row.state == "running" else ""
    return {
        "id": row.pk, "estate": row.estate_id, "next_step": due, **{name: getattr(row, name) for name in CLAIM},
    }  # fmt: skip


@reads(router, "/funds/claims", scope=READ, response=Page[ClaimRow], summary="补贴和奖励申请")
def list_claims(request: HttpRequest, given: Query[ClaimFilter]) -> dict[str, Any]:
    call = call_of(request)
    rows = queries.claims_for(call.actor, on=local_day(call.now))
    if given.state:
        rows = rows.filter(state=given.state)
    return page_of(rows.order_by(), _claim, by=keys("-made_at", "-id"), given=given, of=f"claims:{given.state}")


class ClaimLineOut(Schema):
    holder_title: str = Field(description="给谁")
    months: str = Field(description="月数")
    from_on: date | None = Field(description="自")
    to_on: date | None = Field(description="至")
    amount_fen: int = Field(description=f"金额{FEN}")


class ClaimStageOut(Schema):
    step: str = Field(description="步骤代码")
    title: str = Field(description="步骤")
    done: bool = Field(description="办过了")


class ClaimOut(ClaimRow):
    clauses: list[str] = Field(description="依据条款")
    lines: list[ClaimLineOut] = Field(description="逐月、逐年或逐件")
    stages: list[ClaimStageOut] = Field(description="步骤")


@reads(router, "/funds/claims/{pk}", scope=READ, response=ClaimOut, summary="一件申请")
def read_claim(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    row = Claim.objects.select_related("estate").filter(pk=pk).first()
    if row is None or not queries.may_read_claim(call_of(request).actor, row):
        raise Http404
    tagged(request, row)
    return {
        **_claim(row),
        "clauses": list(row.basis.get("clauses", ())),
        "lines": [{name: getattr(one, name) for name in ClaimLineOut.model_fields} for one in row.lines.order_by("pk")],
        "stages": [{name: one[name] for name in ClaimStageOut.model_fields} for one in queries.stages(row)],
    }


class PublicProjectOut(Schema):
    id: int = Field(description="编号")
    title: str = Field(description="项目")
    estate: int | None = Field(description="小区编号")
    year: int = Field(description="年度")
    estimate_fen: int = Field(description=f"预算{FEN}")
    audited_fen: int | None = Field(description=f"审定金额{FEN}")
    state: str = code("状态", PROJECT_STATES)
    next_step: str = Field(description="下一步代码；办完的为空")
    version: int = Field(description="版本，与 ETag 相同")


def _project(row: PublicProject) -> dict[str, Any]:
    names = ("title", "year", "estimate_fen", "audited_fen", "state", "version")
    return {
        "id": row.pk, "estate": row.estate_id, "next_step": queries.next_project_step(row) or "",
        **{name: getattr(row, name) for name in names},
    }  # fmt: skip


@reads(router, "/funds/projects", scope=READ, response=Page[PublicProjectOut], summary="财政资金项目")
def list_projects(request: HttpRequest, given: Query[Paging]) -> dict[str, Any]:
    actor = call_of(request).actor
    core.require(actor, "money.read", Ref("place", "", "", actor.place_path))
    rows = queries.projects_for(actor)
    return page_of(rows.order_by(), _project, by=keys("-id"), given=given, of="projects")
