"""公示牌: what a board shows, which hang, which are stale; printing, posting; the numbers of units."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from gongzhi.cases.accountability.forms import PostForm
from gongzhi.cases.accountability.models import NoticeBoard
from gongzhi.cases.accountability.queries.boards import EstateBoard, Numbers, board_lines, coverage
from gongzhi.cases.accountability.services import boards as services
from gongzhi.core import services as core
from gongzhi.core.apikit.calls import call_of, changes, matched, matched_tag, reads, tag_of, tagged
from gongzhi.core.apikit.filling import filled
from gongzhi.core.apikit.paging import Paging, listed
from gongzhi.core.apikit.shapes import Body, Done, RowId
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation
from gongzhi.registry import queries as registry
from gongzhi.registry.models import Estate

router = Router(tags=["督查、任务和问责"])


class NumberOut(Schema):
    kind: str = Field(description="departments 执法部门、street 镇街、community 社区（村）")
    name: str = Field(description="单位")
    number: str = Field(description="受理电话")


class NoticeOut(Schema):
    estate: int = Field(description="小区编号")
    numbers: list[NumberOut] = Field(description="牌上应有的电话")
    missing: list[str] = Field(description="还没有电话的单位")
    clauses: list[str] = Field(description="依据的条款")
    printed_at: datetime | None = Field(description="印制时间；没有印过的为空")
    posted_at: datetime | None = Field(description="张贴时间；没有张贴的为空")
    spot: str = Field(description="张贴地点")
    photo: int | None = Field(description="张贴照片的文件编号")
    stale: bool = Field(description="张贴的电话与现在的不一样，要重印")


def _estate(request: HttpRequest, pk: int) -> Estate:
    estate: Estate | None = registry.estates_within(call_of(request).actor.place_path).filter(pk=pk).first()
    if estate is None:
        raise Http404
    return estate


def _board(estate: Estate) -> NoticeBoard | None:
    return NoticeBoard.objects.filter(estate=estate).first()


def _tag(estate: Estate) -> str:
    row = _board(estate)
    return tag_of("notice_board", estate.pk, row.version if row is not None else 0)


def _out(request: HttpRequest, estate: Estate) -> dict[str, Any]:
    call = call_of(request)
    call.etag = _tag(estate)
    row, found = _board(estate), board_lines(estate, on=local_day(call.now))
    return {
        "estate": estate.pk,
        "numbers": [{"kind": one.kind, "name": one.name, "number": one.number} for one in found.lines],
        "missing": list(found.missing),
        "clauses": list(found.clauses),
        "printed_at": row.printed_at if row else None,
        "posted_at": row.posted_at if row else None,
        "spot": row.spot if row else "",
        "photo": row.photo_id if row else None,
        "stale": _stale(row, found),
    }


def _stale(row: NoticeBoard | None, numbers: Numbers) -> bool:
    return row is not None and row.posted_at is not None and row.posted_lines != numbers.to_json()


@reads(
    router,
    "/accountability/boards/{pk}",
    scope="accountability:read",
    response=NoticeOut,
    summary="一个小区的公示牌",
)
def notice_board(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    return _out(request, _estate(request, pk))


@changes(
    router,
    "/accountability/boards/{pk}/print",
    scope="accountability:write",
    response=NoticeOut,
    summary="记为已印制",
    description="平台记下印制时的电话；单位改号以后，提示重印。",
)
def print_board(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    call, estate = call_of(request), _estate(request, pk)
    matched_tag(request, _tag(estate))
    services.print_board(estate, actor=call.actor, now=call.now)
    return _out(request, estate)


class PostedIn(Body):
    spot: str = Field(min_length=1, max_length=200, description="张贴地点")
    photo: int = Field(description="先上传得到的照片编号")


@changes(
    router,
    "/accountability/boards/{pk}/post",
    scope="accountability:write",
    response=NoticeOut,
    summary="登记张贴",
)
def post_board(request: HttpRequest, pk: RowId, given: PostedIn) -> dict[str, Any]:
    call, estate = call_of(request), _estate(request, pk)
    matched_tag(request, _tag(estate))
    core.require(call.actor, "accountability.post_board", estate)
    row = _board(estate)
    if row is None:
        raise Refused("not_printed", "请先印制公示牌。")
    form = filled(PostForm, given.dict(), owner=call.actor, version=row.version)
    services.post_board(row, **form.cleaned_data, actor=call.actor, now=call.now)
    return _out(request, estate)


class BoardRow(Schema):
    estate: int = Field(description="小区编号")
    name: str = Field(description="小区")
    posted: bool = Field(description="是否已张贴")
    stale: bool = Field(description="要不要重印")
    missing: list[str] = Field(description="还没有电话的单位")


class CoverageOfBoards(Schema):
    total: int = Field(description="小区数")
    posted: int = Field(description="已张贴")
    percent: str = Field(description="覆盖率")
    stale: int = Field(description="要重印的")
    items: list[BoardRow] = Field(description="各小区")
    next_cursor: str | None = Field(description="下一页的游标；没有下一页的为空")


def _row(one: EstateBoard) -> dict[str, Any]:
    return {
        "estate": one.estate.pk,
        "name": one.estate.name,
        "posted": one.posted,
        "stale": one.stale,
        "missing": list(one.missing),
    }


@reads(
    router,
    "/accountability/boards",
    scope="accountability:read",
    response=CoverageOfBoards,
    summary="公示牌覆盖",
)
def boards(request: HttpRequest, given: Query[Paging]) -> dict[str, Any]:
    call = call_of(request)
    core.require(call.actor, "accountability.read_boards", call.actor.organisation)
    found = coverage(call.actor.place_path, on=local_day(call.now))
    return {
        "total": found.total,
        "posted": found.posted,
        "percent": found.percent,
        "stale": len(found.stale),
        **listed(found.rows, _row, given=given, of="boards"),
    }


class PhoneIn(Body):
    number: str = Field(min_length=1, max_length=40, description="受理电话")


@changes(
    router,
    "/organisations/{pk}/number",
    scope="accountability:write",
    response=Done,
    summary="更改单位的受理电话",
    description="If-Match 用读单位时的 ETag。各小区的公示页马上更新；张贴着旧号码的公示牌提示重印。",
)
def change_number(request: HttpRequest, pk: RowId, given: PhoneIn) -> dict[str, str]:
    call, unit = call_of(request), get_object_or_404(Organisation, pk=pk)
    core.require(call.actor, "accountability.set_number", unit)
    matched(request, unit)
    stale = services.change_number(unit, number=given.number, actor=call.actor, now=call.now)
    tagged(request, unit)
    return {"message": f"已更改，{len(stale)}块公示牌要重印。" if stale else "已更改。"}
