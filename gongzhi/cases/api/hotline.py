"""The exchange with a hotline: tickets in, one by one or as files; answers out; what a source's words mean."""

import json
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import File, Form, Query, Router, Schema
from ninja.files import UploadedFile
from pydantic import Field

from gongzhi.cases.hotline import answers, services
from gongzhi.cases.hotline.columns import COLUMNS
from gongzhi.cases.hotline.marking import marked_workbook
from gongzhi.cases.hotline.models import HotlineRun, HotlineSource
from gongzhi.cases.hotline.reading import read
from gongzhi.cases.hotline.recognising import Fault
from gongzhi.cases.hotline.views import sources_for
from gongzhi.cases.queries import asking
from gongzhi.cases.statistics.periods import Span
from gongzhi.core.apikit.calls import MULTIPART, WANTED, call_of, changes, creates, matched, reads, runs, tagged
from gongzhi.core.apikit.paging import Page, Paging, keys, page_of
from gongzhi.core.apikit.shapes import Body, Done, RowId, Unit, unit_of
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused
from gongzhi.core.sending import download
from gongzhi.registry.models import Estate

router = Router(tags=["热线交换"])

SCOPE = "hotline:exchange"
MOST_AT_ONCE, LONGEST_WORD = 200, 200
FIELDS = "、".join(f"{one.code} {one.title}{'（必填）' if one.required else ''}" for one in COLUMNS)


class SourceOut(Schema):
    id: int = Field(description="来源编号")
    name: str = Field(description="名称")
    desk: Unit | None = Field(description="接收单位")
    mapping: dict[str, str] = Field(description="平台的栏名对应来源里的哪一栏")
    matter_words: dict[str, str] = Field(description="来源的说法对应哪个事项")
    estate_words: dict[str, int] = Field(description="来源的说法对应哪个小区编号")
    address: str = Field(description="答复向哪里回传；空的只用取的")
    signed: bool = Field(description="回传有没有签名密钥")
    version: int = Field(description="版本，与 ETag 相同")


def _source_out(row: HotlineSource) -> dict[str, Any]:
    names = ("name", "mapping", "matter_words", "estate_words", "address", "version")
    found = {name: getattr(row, name) for name in names}
    return {"id": row.pk, "desk": unit_of(row.desk), "signed": bool(row.secret_cipher), **found}


@reads(router, "/hotline/sources", scope=SCOPE, response=Page[SourceOut], summary="热线来源")
def list_sources(request: HttpRequest, given: Query[Paging]) -> dict[str, Any]:
    rows = sources_for(call_of(request).actor)
    return page_of(rows, _source_out, by=keys("name", "id"), given=given, of="hotline_sources")


class SourceIn(Body):
    name: str = Field(min_length=1, max_length=60, description="名称，例如12345政务服务便民热线")


@creates(router, "/hotline/sources", scope=SCOPE, response=SourceOut, summary="新建热线来源")
def make_source(request: HttpRequest, given: SourceIn) -> dict[str, Any]:
    call = call_of(request)
    if call.actor.organisation is None:
        raise Refused("forbidden", "热线来源由接收单位新建，您的岗位没有单位。", status=403)
    made = services.make_source(name=given.name, desk=call.actor.organisation, actor=call.actor, now=call.now)
    tagged(request, made)
    return _source_out(made)


def _source(request: HttpRequest, pk: int) -> HotlineSource:
    return get_object_or_404(sources_for(call_of(request).actor), pk=pk)


@reads(router, "/hotline/sources/{pk}", scope=SCOPE, response=SourceOut, summary="一个热线来源")
def read_source(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    found = _source(request, pk)
    tagged(request, found)
    return _source_out(found)


class SourceChange(Body):
    mapping: dict[str, str] | None = Field(None, description="平台的栏名对应来源里的哪一栏，写全")
    matter_words: dict[str, str] = Field(default_factory=dict, description="来源的说法对应哪个事项代码；加到已有的里")
    estate_words: dict[str, RowId] = Field(default_factory=dict, description="来源的说法对应哪个小区编号；加到已有的里")
    address: str | None = Field(None, max_length=300, pattern=r"^(https?://\S+)?$", description="回传地址；空的不回传")
    secret: str = Field("", max_length=200, description="签名密钥；不写不变")


@changes(
    router,
    "/hotline/sources/{pk}",
    method="patch",
    scope=SCOPE,
    response=SourceOut,
    summary="改热线来源",
    description="只写要改的。各栏叫什么、说法是什么意思，说过一次，以后都认得。",
)
def change_source(request: HttpRequest, pk: RowId, given: SourceChange) -> dict[str, Any]:
    call, found = call_of(request), _source(request, pk)
    version = matched(request, found)
    _check_words(found, given, local_day(call.now))
    row = services.set_source(
        found, **given.dict(exclude={"secret"}), secret=given.secret or None, version=version, actor=call.actor,
        now=call.now,
    )  # fmt: skip
    tagged(request, row)
    return _source_out(row)


def _check_words(source: HotlineSource, given: SourceChange, on: date) -> None:
    """What is meant has to be there."""
    fields = {}
    if set(given.matter_words.values()) - set(asking.matters_at(source.place_path, on)):
        fields["matter_words"] = "有的不是事项代码"
    wanted = set(given.estate_words.values())
    if Estate.objects.within(source.place_path).filter(ended_on=None, pk__in=wanted).count() < len(wanted):
        fields["estate_words"] = "有的小区不在辖区里"
    if any(len(word) > LONGEST_WORD for word in (*given.matter_words, *given.estate_words)):
        fields["matter_words"] = f"说法最多{LONGEST_WORD}字"
    if fields:
        raise Refused("invalid", "有的说法对应得不对。", fields=fields)


# --- tickets one by one


class FaultOut(Schema):
    row: int = Field(description="第几件")
    column: str = Field(description="哪一栏（平台的栏名）")
    reason: str = Field(description="原因")
    asks: str = Field(description="要说明什么才认得：matter 事项、estate 小区；不用说明的为空")
    word: str = Field(description="不认得的说法")


def _fault_out(one: Fault) -> dict[str, Any]:
    return {"row": one.row, "column": one.column, "reason": one.reason, "asks": one.asks, "word": one.word}


class TicketsIn(Body):
    tickets: list[dict[str, str | int | list[str] | None]] = Field(
        min_length=1,
        max_length=MOST_AT_ONCE,
        description=f"工单。栏名用来源自己的（对应过的），没有对应过的用平台的：{FIELDS}",
    )


class TicketOut(Schema):
    row: int = Field(description="第几件，从1数")
    number: str = Field(description="热线编号")
    kind: str = Field(description="new 新登记、changed 有更新、unchanged 没有变化、faulty 没有收")
    complaint: str = Field(description="平台的受理编号")
    changed: list[str] = Field(description="更新了哪几栏")
    kept: list[str] = Field(description="不同而没有改的栏")
    faults: list[FaultOut] = Field(description="没有收的原因")


@runs(
    router,
    "/hotline/sources/{pk}/tickets",
    scope=SCOPE,
    response=list[TicketOut],
    summary="送工单",
    description="按热线编号只登记一次：再送一遍，只更新可以变的（热线期限、状态、附件）。有问题的一件不影响别的。"
    f"一次最多{MOST_AT_ONCE}件；更多的用文件。",
    key=WANTED,
)
def send_tickets(request: HttpRequest, pk: RowId, given: TicketsIn) -> list[dict[str, Any]]:
    call, found = call_of(request), _source(request, pk)
    content = json.dumps(given.tickets, ensure_ascii=False).encode()
    return [_ticket_out(one) for one in services.take_at_once(found, content=content, actor=call.actor, now=call.now)]


def _ticket_out(one: services.Line) -> dict[str, Any]:
    taken = one.taken
    return {
        "row": one.row,
        "number": taken.number if taken is not None else "",
        "kind": taken.kind if taken is not None else services.FAULTY,
        "complaint": one.complaint,
        "changed": list(taken.changed) if taken is not None else [],
        "kept": list(taken.kept) if taken is not None else [],
        "faults": [_fault_out(fault) for fault in one.faults],
    }


# --- files


class FileRun(Schema):
    id: int = Field(description="导入编号")
    source: int = Field(description="来源编号")
    name: str = Field(description="文件名")
    state: str = Field(description="checked 已试导、queued 正在导入、imported 已导入")
    headers: list[str] = Field(description="文件的各栏")
    missing: list[str] = Field(description="还不知道是哪一栏的（平台的栏名）")
    total: int = Field(description="一共几行")
    counts: dict[str, int] = Field(description="各几行：new、changed、unchanged、faulty")
    faults: list[FaultOut] = Field(description="问题")
    changes: list[dict[str, Any]] = Field(description="更新了哪几行的哪几栏")
    uploaded_at: datetime = Field(description="上传时间")
    imported_at: datetime | None = Field(description="导入时间")


def _run_out(run: HotlineRun) -> dict[str, Any]:
    report = run.report
    return {
        "id": run.pk,
        "source": run.source_id,
        "name": run.file.name,
        "state": run.state,
        **{name: report[name] for name in ("headers", "missing", "total", "counts", "changes")},
        "faults": [
            {"column": one["code"], **{name: one[name] for name in ("row", "reason", "asks", "word")}}
            for one in report["faults"]
        ],
        "uploaded_at": run.uploaded_at,
        "imported_at": run.imported_at,
    }


def _runs(request: HttpRequest) -> Any:
    return HotlineRun.objects.filter(source__in=sources_for(call_of(request).actor)).select_related("source", "file")


@reads(router, "/hotline/runs", scope=SCOPE, response=Page[FileRun], summary="工单文件的导入")
def list_runs(request: HttpRequest, given: Query[Paging]) -> dict[str, Any]:
    return page_of(_runs(request), _run_out, by=keys("-id"), given=given, of="hotline_runs")


@creates(
    router,
    "/hotline/runs",
    scope=SCOPE,
    response=FileRun,
    summary="上传工单文件并试导",
    description="CSV（UTF-8 或 GB18030）或 JSON。只核对，不登记；文件加密保存。",
    media=MULTIPART,
)
def upload(
    request: HttpRequest,
    source: int = Form(..., ge=1, le=2**63 - 1, description="来源编号"),  # noqa: B008
    file: UploadedFile = File(..., description="工单文件"),  # noqa: B008
) -> dict[str, Any]:
    call, found = call_of(request), _source(request, source)
    if (file.size or 0) > settings.UPLOAD_MAX_BYTES:
        raise Refused("file_too_large", "文件太大，请分成几个文件。", fields={"file": "文件太大"})
    run = services.dry_run(found, name=str(file.name or ""), content=file.read(), actor=call.actor, now=call.now)
    tagged(request, run)
    return _run_out(run)


def _run(request: HttpRequest, pk: int) -> HotlineRun:
    found: HotlineRun = get_object_or_404(_runs(request), pk=pk)
    return found


@reads(router, "/hotline/runs/{pk}", scope=SCOPE, response=FileRun, summary="一次试导或导入的结果")
def read_run(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    found = _run(request, pk)
    tagged(request, found)
    return _run_out(found)


@reads(router, "/hotline/runs/{pk}/marked", scope=SCOPE, response=bytes, summary="标出问题的表格（Excel）")
def marked(request: HttpRequest, pk: RowId) -> HttpResponse:
    found = _run(request, pk)
    content = marked_workbook(read(services.opened(found.file)), found.report["faults"])
    return download(content, name=f"hotline-marked-{pk}.xlsx")


@changes(
    router,
    "/hotline/runs/{pk}/recheck",
    scope=SCOPE,
    response=FileRun,
    summary="再试导一次",
    description="说明了各栏和说法以后，用同一个文件再核对。",
)
def recheck(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    call, found = call_of(request), _run(request, pk)
    matched(request, found)
    run = services.recheck(found, actor=call.actor, now=call.now)
    tagged(request, run)
    return _run_out(run)


class ImportIn(Body):
    leave_out: bool = Field(False, description="只导入没有问题的行")


@changes(
    router,
    "/hotline/runs/{pk}/import",
    scope=SCOPE,
    response=FileRun,
    summary="导入",
    description="由后台逐件登记，先答复 queued，过后再取结果。同一编号只登记一次。",
)
def start(request: HttpRequest, pk: RowId, given: ImportIn) -> dict[str, Any]:
    call, found = call_of(request), _run(request, pk)
    matched(request, found)
    run = services.start_import(found, leave_out=given.leave_out, actor=call.actor, now=call.now)
    tagged(request, run)
    return _run_out(run)


# --- answers


class AnswerRecord(Schema):
    number: str = Field(description="热线编号")
    sequence: int = Field(description="第几次答复，大的替代小的")
    state: str = Field(description="办到哪一步：received、handling、answered、closed、voided")
    state_name: str = Field(description="状态")
    unit: str = Field(description="由谁办")
    handler: str = Field(description="经办人")
    time: datetime = Field(description="最近一次变化的时间")
    outcome: str = Field(description="结果")
    text: str = Field(description="答复投诉人的内容")
    case_numbers: list[str] = Field(description="平台的案件编号")


class AnswerFilter(Paging):
    since: date | None = Field(None, description="自哪一天起有变化的；不填的是全部")


@reads(router, "/hotline/sources/{pk}/answers", scope=SCOPE, response=Page[AnswerRecord], summary="取答复")
def list_answers(request: HttpRequest, pk: RowId, given: Query[AnswerFilter]) -> dict[str, Any]:
    since = Span(given.since, given.since).start if given.since else None
    rows = answers.tickets_since(_source(request, pk), since)
    return page_of(rows, answers.answer_of, by=keys("id"), given=given, of=f"answers:{pk}:{given.since}")


class PostedOut(Schema):
    id: int = Field(description="编号")
    number: str = Field(description="热线编号")
    state: str = Field(description="queued 排队、sent 已收、failed 失败")
    tries: int = Field(description="试了几次")
    error: str = Field(description="最近一次失败的原因")
    created_at: datetime = Field(description="产生时间")


@reads(router, "/hotline/sources/{pk}/posted", scope=SCOPE, response=Page[PostedOut], summary="回传记录")
def posted(request: HttpRequest, pk: RowId, given: Query[Paging]) -> dict[str, Any]:
    rows = answers.messages_of(_source(request, pk))
    return page_of(rows, _posted_out, by=keys("-id"), given=given, of=f"posted:{pk}")


def _posted_out(row: Any) -> dict[str, Any]:
    names = ("state", "tries", "error", "created_at")
    number = str(json.loads(row.text)["number"])
    return {"id": row.pk, "number": number, **{name: getattr(row, name) for name in names}}


@runs(router, "/hotline/sources/{pk}/resend", scope=SCOPE, response=Done, summary="失败的再回传", key=WANTED)
def resend(request: HttpRequest, pk: RowId) -> dict[str, str]:
    call, found = call_of(request), _source(request, pk)
    number = answers.send_again(found, actor=call.actor, now=call.now)
    return {"message": f"{number}件已重新排队。" if number else "没有发送失败的。"}
