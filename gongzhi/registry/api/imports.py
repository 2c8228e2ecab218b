"""Workbooks: the template, the dry run, its faults in the returned workbook, the import."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import File, Query, Router, Schema
from ninja.files import UploadedFile
from pydantic import Field

from gongzhi.core.apikit.calls import MULTIPART, call_of, changes, creates, matched, reads, tagged
from gongzhi.core.apikit.paging import Page, Paging, keys, page_of
from gongzhi.core.apikit.shapes import Body, RowId
from gongzhi.core.errors import Refused
from gongzhi.core.files import XLSX
from gongzhi.core.models import Place
from gongzhi.registry.models import ImportRun
from gongzhi.registry.services import imports

router = Router(tags=["批量导入"])


class SheetOut(Schema):
    sheet: str = Field(description="表代码")
    counts: dict[str, int] = Field(description="各有几行：新增、更改、不变等")


class Fault(Schema):
    sheet: str = Field(description="表")
    row: int = Field(description="行")
    column: str = Field(description="列")
    reason: str = Field(description="原因")


class RunOut(Schema):
    id: int = Field(description="导入编号")
    name: str = Field(description="文件名")
    state: str = Field(
        description="waiting 等待试导、refused 不能导入、faulty 有错误、checked 待确认、"
        "confirmed 等待导入、outdated 底数已变化、imported 已导入"
    )
    message: str = Field(description="没有导入的原因")
    digest: str = Field(description="试导校验码；确认时原样带回；还没有试导的为空")
    sheets: list[SheetOut] = Field(description="各表")
    errors: list[Fault] = Field(description="错误，最多列一部分")
    error_count: int = Field(description="错误总数")
    uploaded_at: datetime = Field(description="上传时间")
    imported_at: datetime | None = Field(description="导入时间")


def _run_out(run: ImportRun) -> dict[str, Any]:
    sheets = [
        {"sheet": name, "counts": {key: value for key, value in one.items() if type(value) is int}}
        for name, one in run.report.get("sheets", {}).items()
    ]
    return {
        "id": run.pk,
        "name": run.file.name,
        "state": run.state,
        "message": run.message,
        "digest": run.digest,
        "sheets": sheets,
        "errors": run.report.get("errors", []),
        "error_count": run.report.get("error_count", 0),
        "uploaded_at": run.uploaded_at,
        "imported_at": run.imported_at,
    }


class KindAsked(Schema):
    kind: str = Field("registry", max_length=20, description="哪一种表格：registry 底数；tariffs 收费标准")


class RunsAsked(Paging, KindAsked):
    pass


def _kind(code: str) -> imports.BookKind:
    if not imports.is_kind(code):
        raise Http404
    return imports.kind_of(code)


def _place(request: HttpRequest, kind: str) -> Place:
    actor = call_of(request).actor
    found = Place.objects.filter(path=actor.place_path).first() if actor.place_path else None
    if found is None:
        raise Refused("forbidden", "您的岗位没有辖区，不能导入。", status=403)
    _kind(kind).require(found, actor)
    return found


def _workbook(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@reads(router, "/imports/template", scope="registry:write", response=bytes, summary="导入用的空表")
def template(request: HttpRequest, given: Query[KindAsked]) -> HttpResponse:
    _place(request, given.kind)
    return _workbook(imports.template(_kind(given.kind)), "gongzhi-template.xlsx")


@reads(router, "/imports", scope="registry:write", response=Page[RunOut], summary="我的导入")
def list_runs(request: HttpRequest, given: Query[RunsAsked]) -> dict[str, Any]:
    rows = ImportRun.objects.filter(kind=given.kind, uploaded_by=call_of(request).actor.user).select_related("file")
    return page_of(rows, _run_out, by=keys("-id"), given=given, of=f"imports:{given.kind}")


@creates(
    router,
    "/imports",
    scope="registry:write",
    response=RunOut,
    summary="上传表格并试导",
    description="只检查、比较，不写入。表格加密保存。大的表格由后台试导，先答复 waiting，过后再取结果。"
    "有错误的，取标注了错误的表格改好再传。",
    media=MULTIPART,
)
def upload(
    request: HttpRequest,
    given: Query[KindAsked],
    file: UploadedFile = File(..., description="填好的表格（xlsx）"),  # noqa: B008
) -> dict[str, Any]:
    call, place = call_of(request), _place(request, given.kind)
    run = imports.hand_in(
        name=str(file.name or ""), content=file.read(), place=place, actor=call.actor, now=call.now, kind=given.kind
    )
    tagged(request, run)
    return _run_out(run)


def _run(request: HttpRequest, pk: int) -> ImportRun:
    """Only who handed it in: a workbook may hold names and numbers of owners."""
    run = get_object_or_404(ImportRun.objects.select_related("file", "marked", "uploaded_by"), pk=pk)
    if not run.is_party(call_of(request).actor):
        raise Http404
    return run


@reads(router, "/imports/{pk}", scope="registry:write", response=RunOut, summary="一次试导的结果")
def read_run(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    run = _run(request, pk)
    tagged(request, run)
    return _run_out(run)


@reads(router, "/imports/{pk}/marked", scope="registry:write", response=bytes, summary="标注了错误的表格")
def marked(request: HttpRequest, pk: RowId) -> HttpResponse:
    run = _run(request, pk)
    if run.marked is None:
        raise Http404
    return _workbook(imports.opened(run.marked), f"marked-{run.pk}.xlsx")


class ConfirmIn(Body):
    digest: str = Field(min_length=1, max_length=64, description="试导给的校验码")
    leave_out: bool = Field(False, description="有错误的行先不导入，只导入没有错误的行")


@changes(
    router,
    "/imports/{pk}/confirm",
    scope="registry:write",
    response=RunOut,
    summary="确认导入",
    description="导入的正是试导说的那些，全部成功或者什么也没有发生。大的表格由后台导入，先答复 confirmed。",
)
def confirm(request: HttpRequest, pk: RowId, given: ConfirmIn) -> dict[str, Any]:
    call, run = call_of(request), _run(request, pk)
    matched(request, run)
    done = imports.accept(run, digest=given.digest, leave_out=given.leave_out, actor=call.actor, now=call.now)
    tagged(request, done)
    return _run_out(done)
