"""What a project took in: movements with their receipts, days of the channels, what waits for a person."""

from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Query, Schema
from pydantic import Field

from gongzhi.core.apikit.calls import call_of, reads
from gongzhi.core.apikit.paging import Page, Paging, keys, page_of
from gongzhi.core.apikit.shapes import RowId
from gongzhi.funds.api.purses import FEN, READ, router
from gongzhi.funds.charges.models import Settlement
from gongzhi.funds.payments import queries
from gongzhi.registry.models import Project


class SettlementOut(Schema):
    id: int = Field(description="编号")
    kind: str = Field(description="payment 缴费、refund 退款、reversal 冲销")
    unit: int = Field(description="房屋编号")
    channel: str = Field(description="渠道代码")
    amount_fen: int = Field(description=f"金额{FEN}")
    advance_fen: int = Field(description=f"其中还作预存的{FEN}")
    on: date = Field(description="日期")
    reference: str = Field(description="流水号")
    receipts: list[str] = Field(description="有效的收据号")


class ChannelDayOut(Schema):
    id: int = Field(description="编号")
    provider: str = Field(description="渠道代码")
    on: date = Field(description="哪一天")
    state: str = Field(description="对账结果代码")
    paid_fen: int = Field(description=f"收{FEN}")
    refund_fen: int = Field(description=f"退{FEN}")


class PayIssueOut(Schema):
    id: int = Field(description="编号")
    kind: str = Field(description="疑点类别代码")
    noted_at: datetime = Field(description="发现时间")
    our_fen: int | None = Field(description=f"账上{FEN}")
    their_fen: int | None = Field(description=f"渠道{FEN}")
    version: int = Field(description="版本，与 ETag 相同")


def _project(request: HttpRequest, pk: int) -> Project:
    row = Project.objects.select_related("estate", "company").filter(pk=pk).first()
    if row is None or not queries.may_look(call_of(request).actor, row):
        raise Http404
    return row


def _settlement(row: Settlement) -> dict[str, Any]:
    names = ("kind", "channel", "amount_fen", "advance_fen", "on", "reference")
    return {
        "id": row.pk, "unit": row.unit_id, **{name: getattr(row, name) for name in names},
        "receipts": [one.number for one in row.receipts.filter(voided_at=None).order_by("pk")],
    }  # fmt: skip


@reads(router, "/funds/projects-served/{pk}/payments", scope=READ, response=Page[SettlementOut], summary="物业费收款")
def list_payments(request: HttpRequest, pk: RowId, given: Query[Paging]) -> dict[str, Any]:
    rows = Settlement.objects.filter(project=_project(request, pk))
    return page_of(rows, _settlement, by=keys("-on", "-id"), given=given, of=f"payments:{pk}")


@reads(router, "/funds/projects-served/{pk}/channel-days", scope=READ, response=Page[ChannelDayOut], summary="渠道对账")
def list_channel_days(request: HttpRequest, pk: RowId, given: Query[Paging]) -> dict[str, Any]:
    rows = queries.days_of(_project(request, pk))

    def shown(one: Any) -> dict[str, Any]:
        plain = {name: getattr(one, name) for name in ("id", "on", "state", "paid_fen", "refund_fen")}
        return {**plain, "provider": one.channel.provider}

    return page_of(rows.order_by(), shown, by=keys("-on", "-id"), given=given, of=f"channel-days:{pk}")


@reads(router, "/funds/projects-served/{pk}/issues", scope=READ, response=list[PayIssueOut], summary="收款疑点")
def list_issues(request: HttpRequest, pk: RowId) -> list[dict[str, Any]]:
    rows = queries.issues_of(_project(request, pk))
    return [{name: getattr(one, name) for name in PayIssueOut.model_fields} for one in rows]
