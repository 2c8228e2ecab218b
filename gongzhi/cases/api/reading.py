"""Lists of cases, one case, its complainant with a reason, its whole file."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from gongzhi.cases import services
from gongzhi.cases.api.shapes import CaseOut, CaseRow, case_out, row_out
from gongzhi.cases.codes import CHANNELS
from gongzhi.cases.queries.cases import DUE
from gongzhi.cases.statistics.figures import RESULTS
from gongzhi.cases.statistics.queries import NOBODY
from gongzhi.cases.views_case import REASONS, REVEALED
from gongzhi.cases.views_common import case_of
from gongzhi.cases.views_list import rows_of
from gongzhi.cases.views_list_filter import ORDERS, VIEWS, ListFilter, counted_views
from gongzhi.core import services as core
from gongzhi.core.apikit.calls import call_of, reads, runs, tagged
from gongzhi.core.apikit.paging import Key, Page, Paging, keys, taken
from gongzhi.core.apikit.shapes import Body, code
from gongzhi.core.errors import Refused
from gongzhi.core.people import FIELDS
from gongzhi.core.sending import download

router = Router(tags=["案件"])

LONGEST_ID = 2**63 - 1
# The orders of the page, as keys that a cursor can go on from.
BY = {
    "due": (Key("answered_at", descending=True, nulls_first=True), Key("answer_due_at"), Key("id")),
    "received": keys("received_at", "id"),
    "newest": keys("-received_at", "-id"),
    "repeats": keys("-repeats", "id"),
}


class CaseQuery(Schema):
    """The filter of the list, of its export as well."""

    view: str = code("哪些案件", VIEWS)
    text: str = Field("", max_length=50, description="编号，或者标题、事由、小区名里的字")
    matter: str = Field("", max_length=60, description="事项代码")
    estate: int | None = Field(None, ge=1, le=999_999_999, description="小区编号")
    channel: str = code("来源", CHANNELS)
    unit: int | None = Field(None, ge=1, le=999_999_999, description="主办或协办单位的编号")
    due: str = code("到期情况", DUE)
    received_from: date | None = Field(None, description="收到日期不早于")
    received_to: date | None = Field(None, description="收到日期不晚于")
    order: str = code("顺序", ORDERS, "due")
    place: str = Field("", max_length=32, pattern=r"^[0-9A-Za-z-]*$", description="只看这个地区之内的，写地区代码")
    result: str = code("只看统计里的这一类", RESULTS)
    unled: bool = Field(False, description="只看没有承办单位的")
    counted: bool = Field(False, description="按统计口径：不计作废，单位只计主办")

    def shown(self) -> ListFilter:
        given = self.dict(include=set(CaseQuery.model_fields) - {"unled", "counted"})
        given |= {"counted": "yes" if self.counted else ""} | ({"unit": NOBODY} if self.unled else {})
        return ListFilter.of({name: value for name, value in given.items() if value is not None})


class CaseFilter(CaseQuery, Paging):
    pass


@reads(
    router,
    "/cases",
    scope="cases:read",
    response=Page[CaseRow],
    summary="案件列表",
    description="与页面“案件”相同的范围、视图、筛选和顺序：主管和镇街看辖区，部门只看自己经办的，业主只看自己提交的。",
)
def list_cases(request: HttpRequest, given: Query[CaseFilter]) -> dict[str, Any]:
    call = call_of(request)
    shown = given.shown()
    of = f"cases:{shown.query()}"
    found = taken(shown.rows(call.actor, call.now), by=BY[shown.order], given=given, of=of)
    rows = rows_of(found.rows, call.actor, call.now)
    return {"items": [row_out(row, call.now) for row in rows], "next_cursor": found.cursor}


class ViewCount(Schema):
    view: str = Field(description="视图代码")
    title: str = Field(description="视图名称")
    count: int = Field(description="件数")


@reads(router, "/counts/cases", scope="cases:read", response=list[ViewCount], summary="各视图的件数")
def count_cases(request: HttpRequest) -> list[dict[str, Any]]:
    call = call_of(request)
    counts = counted_views(call.actor, call.now)
    return [{"view": one, "title": VIEWS[one][0], "count": counts[one]} for one in VIEWS if one in counts]


@reads(
    router,
    "/cases/{number}",
    scope="cases:read",
    response=CaseOut,
    summary="一件案件",
    description="事由、参与单位、期限及其依据、办理经过。投诉人脱敏；对当事人保密的不给。ETag 用于以后的办理。",
)
def read_case(request: HttpRequest, number: str) -> dict[str, Any]:
    call = call_of(request)
    case, view = case_of(request, number)
    tagged(request, case)
    return case_out(view, actor=call.actor, now=call.now)


class RevealIn(Body):
    reason: str = code("查看理由", REASONS, ...)


class Revealed(Schema):
    field: str = Field(description="哪一项：name、phone、address")
    title: str = Field(description="中文名称")
    value: str = Field(description="未脱敏的内容")


@runs(
    router,
    "/cases/{number}/reveal",
    scope="persons:reveal",
    response=list[Revealed],
    summary="查看投诉人未脱敏的信息",
    description="写明理由，每看一项留一条记录。",
    key="",
)
def reveal_complainant(request: HttpRequest, number: str, given: RevealIn) -> list[dict[str, Any]]:
    call = call_of(request)
    case, view = case_of(request, number)
    person = case.complaint.complainant
    if not view.may_reveal or person is None:
        raise Refused("forbidden", "您的岗位不能查看投诉人的完整信息。", status=403)
    return [
        {
            "field": name,
            "title": FIELDS[name],
            "value": core.reveal(person, name, reason=given.reason, actor=call.actor, now=call.now),
        }
        for name in REVEALED
        if getattr(person, f"{name}_cipher")
    ]


@reads(router, "/cases/{number}/file", scope="cases:read", response=bytes, summary="整卷导出（zip）")
def export_file(request: HttpRequest, number: str) -> HttpResponse:
    call = call_of(request)
    case, _ = case_of(request, number)
    content = services.export_case_file(case, actor=call.actor, now=call.now)
    return download(content, name=f"{case.number}.zip", content_type="application/zip")
