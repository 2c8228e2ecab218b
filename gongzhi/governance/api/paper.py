"""Ballots on paper: printed, scanned, read by two people."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Schema
from pydantic import Field

from gongzhi.core.apikit.asking import FormDone, FormOut, done_by, form_of, told
from gongzhi.core.apikit.calls import changes, matched, reads, runs, tagged
from gongzhi.core.apikit.filling import Filled
from gongzhi.core.apikit.paging import Page, Paging, keys, page_of
from gongzhi.core.apikit.shapes import RowId, code
from gongzhi.governance.api.votes import router
from gongzhi.governance.votes.paper.models import PaperSheet
from gongzhi.governance.votes.paper.words import SHEET_STATES
from gongzhi.governance.votes.views import paper
from gongzhi.governance.votes.views.common import vote_of


class PaperSheetOut(Schema):
    id: int = Field(description="页的编号")
    number: int = Field(description="第几页")
    room: str = Field(description="房号；没有认出票号的为空")
    received_at: datetime = Field(description="交回时间")
    state: str = code("状态", SHEET_STATES)
    reason: str = Field(description="不录入的原因")
    ballot: str = Field(description="计入的票号")
    image: int = Field(description="影像的文件编号")
    version: int = Field(description="版本，与 ETag 相同")


class PaperSheetFilter(Paging):
    state: str = code("状态", SHEET_STATES)


def _row(one: PaperSheet) -> dict[str, Any]:
    return {
        "id": one.pk,
        "number": one.number,
        "room": one.code.roll_entry.room if one.code is not None else "",
        "received_at": one.received_at,
        "state": one.state,
        "reason": one.reason,
        "ballot": one.ballot.number if one.ballot is not None else "",
        "image": one.image_id,
        "version": one.version,
    }


@reads(router, "/votes/{pk}/sheets", scope="votes:read", response=Page[PaperSheetOut], summary="交回的纸质票，一页一条")
def list_sheets(request: HttpRequest, pk: RowId, given: Query[PaperSheetFilter]) -> dict[str, Any]:
    rows = PaperSheet.objects.filter(vote=vote_of(request, pk)).select_related("code__roll_entry", "ballot")
    if given.state:
        rows = rows.filter(state=given.state)
    return page_of(rows, _row, by=keys("number"), given=given, of=f"sheets:{pk}:{given.state}")


@reads(router, "/votes/{pk}/sheets/scan", scope="votes:read", response=FormOut, summary="登记交回的选票要填什么")
def describe_scan(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    vote_of(request, pk)
    return form_of(request, lambda asked: paper.scanning_page(asked, pk))


@runs(router, "/votes/{pk}/sheets/scan", scope="votes:write", response=FormDone, summary="登记交回的选票（扫描件）")
def scan(request: HttpRequest, pk: RowId, given: Filled) -> dict[str, Any]:
    vote_of(request, pk)
    page, ref = done_by(request, lambda asked: paper.scanning_page(asked, pk), given.fields)
    return told(page, ref)


@runs(
    router,
    "/votes/{pk}/printed-ballots",
    scope="votes:write",
    response=bytes,
    summary="打印选票（PDF）",
    description="字段与页面相同：building、rooms、returns、again。一户一张，编号只计一次。",
    key="",
)
def printed(request: HttpRequest, pk: RowId, given: Filled) -> HttpResponse:
    made: list[bytes] = []
    done_by(request, lambda asked: paper.printing_page(asked, pk, made), given.fields)
    return paper.as_pdf(made[-1], pk)


@reads(router, "/votes/{pk}/printed-ballots", scope="votes:read", response=FormOut, summary="打印选票要填什么")
def describe_printing(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    return form_of(request, lambda asked: paper.printing_page(asked, pk, []))


ACTS = {"luru": ("录入", paper.sheet_page), "piaohao": ("补填票号", paper.code_page),
        "buluru": ("不录入", paper.set_aside_page)}  # fmt: skip


def _act(name: str) -> Any:
    from django.http import Http404

    if name not in ACTS:
        raise Http404
    return ACTS[name][1]


@reads(router, "/sheets/{pk}/acts/{act}", scope="votes:read", response=FormOut, summary="一页纸质票的办法要填什么")
def describe_act(request: HttpRequest, pk: RowId, act: str) -> dict[str, Any]:
    build, row = _act(act), paper.sheet_of(request, pk)
    tagged(request, row)
    return form_of(request, lambda asked: build(asked, pk))


@changes(
    router,
    "/sheets/{pk}/acts/{act}",
    scope="votes:write",
    response=FormDone,
    summary="一页纸质票：录入、补填票号、不录入",
    description="要两个人分别录入。" + "、".join(f"{name} {title}" for name, (title, _) in ACTS.items()),
)
def do_act(request: HttpRequest, pk: RowId, act: str, given: Filled) -> dict[str, Any]:
    build, row = _act(act), paper.sheet_of(request, pk)
    version = matched(request, row)
    page, ref = done_by(request, lambda asked: build(asked, pk), given.fields, version=version)
    tagged(request, row)
    return told(page, ref)
