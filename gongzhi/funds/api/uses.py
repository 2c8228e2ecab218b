"""Uses of the maintenance fund: the list, and one with its steps, shares, payments and papers."""

from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Query, Schema
from pydantic import Field

from gongzhi.core.apikit.asking import Asked
from gongzhi.core.apikit.calls import call_of, reads, tagged
from gongzhi.core.apikit.paging import Page, Paging, keys, page_of
from gongzhi.core.apikit.shapes import RowId, code
from gongzhi.core.pages import today_of
from gongzhi.funds.api.purses import FEN, READ, router
from gongzhi.funds.maintenance import queries
from gongzhi.funds.maintenance.models import FundRenewal, FundUse
from gongzhi.funds.maintenance.words import PATHS, STATES


class FundUseRow(Schema):
    id: int = Field(description="编号（数据库）")
    number: str = Field(description="编号")
    estate: int = Field(description="小区编号")
    estate_name: str = Field(description="小区")
    title: str = Field(description="维修项目")
    path: str = code("程序", PATHS)
    state: str = code("状态", STATES)
    estimate_fen: int = Field(description=f"预算{FEN}")
    settled_fen: int | None = Field(description=f"决算{FEN}")
    proposed_at: datetime = Field(description="提出时间")
    next_step: str = Field(description="下一步代码；办完的为空")
    version: int = Field(description="版本，与 ETag 相同")


class FundUseFilter(Paging):
    state: str = code("状态", STATES)
    estate: int | None = Field(None, ge=1, le=2**63 - 1, description="只看这个小区")


PLAIN = ("number", "title", "path", "state", "estimate_fen", "settled_fen", "proposed_at", "version")


def _row(use: FundUse) -> dict[str, Any]:
    return {
        "id": use.pk,
        "estate": use.estate_id,
        "estate_name": use.estate.name,
        "next_step": (queries.next_step(use) or "") if use.state == "running" else "",
        **{name: getattr(use, name) for name in PLAIN},
    }


@reads(router, "/funds/uses", scope=READ, response=Page[FundUseRow], summary="维修资金使用清单")
def list_uses(request: HttpRequest, given: Query[FundUseFilter]) -> dict[str, Any]:
    rows = queries.uses_for(call_of(request).actor, on=today_of(Asked(request)))
    if given.state:
        rows = rows.filter(state=given.state)
    if given.estate:
        rows = rows.filter(estate_id=given.estate)
    of = f"uses:{given.state}:{given.estate}"
    return page_of(rows.order_by(), _row, by=keys("-proposed_at", "-id"), given=given, of=of)


class FundStageOut(Schema):
    step: str = Field(description="步骤代码")
    title: str = Field(description="步骤")
    done: bool = Field(description="办过了")
    on: date | None = Field(description="日期")
    by: str = Field(description="经办")
    note: str = Field(description="说明")


class FundShareOut(Schema):
    unit: int = Field(description="房屋编号")
    name: str = Field(description="房屋")
    weight: int = Field(description="面积（0.01平方米）")
    amount_fen: int = Field(description=f"分摊{FEN}")


class FundPaymentOut(Schema):
    step: str = Field(description="款项：advance 预付款、settle 尾款")
    amount_fen: int = Field(description=f"金额{FEN}")
    payee: str = Field(description="收款单位")
    paid_on: date = Field(description="拨付日期")
    entry: int = Field(description="凭证编号")
    invoice: int | None = Field(description="发票：文件编号")


class FundPaperOut(Schema):
    item: str = Field(description="材料")
    step: str = Field(description="步骤代码")
    file: int = Field(description="文件编号")


class FundUseOut(FundUseRow):
    part: str = Field(description="部位")
    clauses: list[str] = Field(description="步骤的依据条款")
    vote: int | None = Field(description="所依的表决编号")
    notice_on: date | None = Field(description="公示日期")
    objection_until: datetime | None = Field(description="异议期至")
    contractor: str = Field(description="施工单位")
    stages: list[FundStageOut] = Field(description="步骤")
    shares: list[FundShareOut] = Field(description="分摊到户")
    payments: list[FundPaymentOut] = Field(description="拨付")
    papers: list[FundPaperOut] = Field(description="材料")


def _stage(one: dict[str, Any]) -> dict[str, Any]:
    row = one["row"]
    taken = {"on": row.on, "by": row.by_label, "note": row.note} if row is not None else {}
    return {"step": one["step"], "title": one["title"], "done": one["done"], "on": None, "by": "", "note": "", **taken}


@reads(router, "/funds/uses/{pk}", scope=READ, response=FundUseOut, summary="一项维修资金使用")
def read_use(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    use = FundUse.objects.select_related("estate", "motion").filter(pk=pk).first()
    if use is None or not queries.may_read_use(call_of(request).actor, use, on=today_of(Asked(request))):
        raise Http404
    tagged(request, use)
    shares = use.shares.select_related("unit__building").order_by("pk")
    return {
        **_row(use),
        **{name: getattr(use, name) for name in ("part", "notice_on", "objection_until", "contractor")},
        "clauses": list(use.basis.get("clauses", ())),
        "vote": use.motion.vote_id if use.motion is not None else None,
        "stages": [_stage(one) for one in queries.stages(use)],
        "shares": [
            {"unit": one.unit_id, "name": str(one.unit), "weight": one.weight, "amount_fen": one.amount_fen}
            for one in shares
        ],
        "payments": [
            {**{name: getattr(one, name) for name in ("step", "amount_fen", "payee", "paid_on")},
             "entry": one.entry_id, "invoice": one.invoice_id}
            for one in use.payments.order_by("pk")
        ],
        "papers": [
            {"item": one.item, "step": one.step, "file": one.file_id} for one in use.papers.order_by("pk")
        ],
    }  # fmt: skip


class FundRenewalOut(Schema):
    id: int = Field(description="编号")
    estate: int = Field(description="小区编号")
    level: str = Field(description="按什么算：estate 小区、building 幢、unit 户")
    name: str = Field(description="范围")
    first_fen: int = Field(description=f"首期{FEN}")
    balance_fen: int = Field(description=f"触发时余额{FEN}")
    missing_fen: int = Field(description=f"触发时应续交{FEN}")
    noticed_on: date = Field(description="通知日期")
    pay_by: date = Field(description="期限")
    ended_on: date | None = Field(description="到位日期")


@reads(router, "/funds/renewals", scope=READ, response=Page[FundRenewalOut], summary="续筹清单")
def list_renewals(request: HttpRequest, given: Query[Paging]) -> dict[str, Any]:
    estates = queries.estates_with_books(call_of(request).actor, on=today_of(Asked(request)))
    rows = FundRenewal.objects.filter(estate__in=estates.values("pk"))

    def shown(one: FundRenewal) -> dict[str, Any]:
        plain = {name: getattr(one, name) for name in FundRenewalOut.model_fields if name != "estate"}
        return {**plain, "estate": one.estate_id}

    return page_of(rows, shown, by=keys("-noticed_on", "id"), given=given, of="renewals")
