"""Registering a submission as the clerk does, and reading one."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Router, Schema
from pydantic import Field

from gongzhi.cases import queries, services
from gongzhi.cases.api.shapes import CaseRow, EstateBrief, row_out
from gongzhi.cases.exports import visit_form
from gongzhi.cases.forms_fields import matter_options
from gongzhi.cases.forms_intake import CHANNELS, MOST_MATTERS, IntakeForm, MatterRow
from gongzhi.cases.forms_public import estate_label, refuse_incomplete
from gongzhi.cases.intake_sheet import Sheet, checked, duplicates_of, in_its_words, received
from gongzhi.cases.models import Complaint
from gongzhi.cases.views_common import DOCX
from gongzhi.cases.views_intake import visit_values
from gongzhi.cases.views_list import rows_of
from gongzhi.cases.views_list_filter import ListFilter
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.apikit.calls import call_of, creates, reads, runs
from gongzhi.core.apikit.filling import filled
from gongzhi.core.apikit.shapes import Body, RowId, code
from gongzhi.core.days import local_day
from gongzhi.core.display import local
from gongzhi.core.errors import Refused
from gongzhi.core.sending import download
from gongzhi.registry.models import Estate

router = Router(tags=["投诉"])

CONFLICT = 409


class MatterIn(Body):
    matter: str = Field(min_length=1, max_length=60, description="事项代码，见“问规则”或者事项表；说不准写 other")
    title: str = Field("", max_length=120, description="标题")
    urgent: bool = Field(False, description="报修的，是不是急修")
    developer: str = Field("", max_length=60, description="开发建设单位；本地文件要求关联的事项要写")
    in_barred_place: bool = Field(False, description="开在法规条款禁止的场所里；本地文件要求勾选的事项要写")
    premises_kind: str = Field("", max_length=60, description="禁止场所的类型；本地文件要求填的事项要写")


class ComplaintIn(Body):
    channel: str = code("来源", CHANNELS, ...)
    estate: RowId = Field(description="小区编号，要在本岗位辖区内")
    reason: str = Field(min_length=1, max_length=2000, description="事由")
    matters: list[MatterIn] = Field(min_length=1, max_length=MOST_MATTERS, description="一件含几类事项的，逐项写")
    called_at: datetime | None = Field(None, description="来电、来访、转来或发现的时间；不填的是现在")
    location: str = Field("", max_length=200, description="具体地点")
    spot: str = Field("", max_length=60, description="车牌或点位")
    caller_name: str = Field("", max_length=40, description="姓名；加密保存")
    caller_phone: str = Field("", max_length=20, description="电话；加密保存")
    caller_address: str = Field("", max_length=200, description="单位或联系地址；加密保存")
    anonymous: bool = Field(False, description="匿名")
    anonymous_reason: str = Field("", max_length=200, description="匿名原因")
    hotline_number: str = Field("", max_length=60, description="热线编号；同一编号重复登记得到原来的一件")
    visitors: int | None = Field(None, ge=1, le=999, description="来访人数")
    signed_register: bool = Field(False, description="来访人已填写并签字登记表")
    visitor_confirmed: bool = Field(False, description="来访人确认当场办结")
    answered_on_spot: str = Field("", max_length=2000, description="当场答复的内容；写了就直接办结")
    tags: list[str] = Field(default_factory=list, max_length=5, description="标签：important、prominent、typical")
    files: list[int] = Field(default_factory=list, max_length=20, description="先上传得到的文件编号")
    not_a_duplicate: bool = Field(False, description="已核对过，与在办案件不是同一件事")
    merge_into: str = Field("", max_length=40, description="登记后并入这件案件的编号")


class ComplaintOut(Schema):
    number: str = Field(description="查询编号")
    channel: str = Field(description="来源代码")
    received_at: datetime = Field(description="收到时间")
    estate: EstateBrief | None = Field(description="小区")
    anonymous: bool = Field(description="是否匿名")
    cases: list[CaseRow] = Field(description="各事项的案件，只列您能看的")


class Registered(ComplaintOut):
    access_code: str = Field(description="没有留电话的，凭它查询；只给这一次")


@creates(
    router,
    "/complaints",
    scope="cases:write",
    response=Registered,
    summary="登记投诉",
    description="电话、来访、热线转办、主动发现。登记内容按本地文件核对；可能重复的答复 409 并列出，"
    "核对后用 not_a_duplicate 或 merge_into 再发。",
)
def register(request: HttpRequest, given: ComplaintIn) -> dict[str, Any]:
    call = call_of(request)
    core.require(call.actor, "cases.register", call.actor.organisation)
    sheet = _sheet(given, call.actor, call.now)
    try:
        if not (given.not_a_duplicate or given.merge_into):
            checked(sheet)
            _refuse_duplicates(sheet, call.now)
        with transaction.atomic():
            complaint = received(sheet, key="", actor=call.actor, now=call.now)
            if given.merge_into:
                _join(complaint, given.merge_into, call.actor, call.now)
    except Refused as refused:
        raise in_its_words(refused) from refused
    return {**_out(complaint, call.actor, call.now), "access_code": getattr(complaint, "access_code", "")}


def _sheet(given: ComplaintIn, actor: Actor, now: datetime) -> Sheet:
    """The form of the page, filled in. What its channel does not ask is refused."""
    estates = Estate.objects.within(actor.place_path).select_related("community")
    estate = estates.filter(pk=given.estate).first()
    if estate is None:
        raise Refused("no_estate", "辖区里没有这个小区，请核对编号。", fields={"estate": "辖区里没有这个小区"})
    data = given.dict(exclude_unset=True, exclude={"matters", "channel", "not_a_duplicate", "merge_into"})
    if given.called_at is None:
        data["called_at"] = now
    data["estate"] = estate_label(estate)
    head = filled(IntakeForm, data, owner=actor, channel=given.channel, place_path=actor.place_path, now=now)
    head.cleaned_data["chosen_estate"] = estate
    options = matter_options(actor.place_path, local_day(now))
    rows = [filled(MatterRow, one.dict(), owner=actor, options=options) for one in given.matters]
    refuse_incomplete(rows, estate, channel=given.channel, on=local_day(head.cleaned_data["called_at"]))
    return Sheet(given.channel, head, rows)


def _refuse_duplicates(sheet: Sheet, now: datetime) -> None:
    found = duplicates_of(sheet, now)
    if found:
        listed = {one.case.number: one.because for one in found}
        message = "可能与在办的是同一件事，没有登记。不是的，用 not_a_duplicate；是的，用 merge_into 写并入哪一件。"
        raise Refused("possible_duplicate", message, fields=listed, status=CONFLICT)


def _join(complaint: Complaint, number: str, actor: Actor, now: datetime) -> None:
    main = queries.cases_for(actor).filter(number=number.upper()).first()
    if main is None:
        raise Refused("merge_into", "要并入的案件不在您能看的范围里。", fields={"merge_into": "没有这件"})
    rows = list(complaint.cases.filter(merged_into=None).order_by("id"))
    fitting = next((one for one in rows if one.matter == main.matter or len(rows) == 1), None)
    if fitting is None:
        raise Refused("merge_matter", f"这次登记的事项里没有和{main.number}同类的，不能并入。")
    services.merge_complaint(fitting, into=main, reason="登记时认定与在办案件是同一件事", actor=actor, now=now)


def _out(complaint: Complaint, actor: Actor, now: datetime) -> dict[str, Any]:
    seen = ListFilter(view="all").rows(actor, now).filter(complaint=complaint)
    return {
        "number": complaint.number,
        "channel": complaint.channel,
        "received_at": complaint.received_at,
        "estate": {"id": complaint.estate.pk, "name": complaint.estate.name} if complaint.estate else None,
        "anonymous": complaint.anonymous,
        "cases": [row_out(row, now) for row in rows_of(list(seen), actor, now)],
    }


@reads(router, "/complaints/{number}", scope="cases:read", response=ComplaintOut, summary="一次投诉及其各事项")
def read_complaint(request: HttpRequest, number: str) -> dict[str, Any]:
    call = call_of(request)
    complaint = get_object_or_404(Complaint.objects.select_related("estate"), number=number.upper())
    found = _out(complaint, call.actor, call.now)
    if not found["cases"]:
        raise Http404
    return found


class VisitIn(Body):
    caller_name: str = Field("", max_length=40, description="来访人姓名")
    visitors: str = Field("", max_length=3, pattern=r"^\d*$", description="来访人数")
    called_at: datetime | None = Field(None, description="来访时间")
    caller_address: str = Field("", max_length=200, description="单位或联系地址")
    caller_phone: str = Field("", max_length=20, description="联系电话")
    estate: str = Field("", max_length=120, description="反映的小区")
    location: str = Field("", max_length=200, description="具体地点")
    reason: str = Field("", max_length=2000, description="来访事由")
    answered_on_spot: str = Field("", max_length=2000, description="当场答复")


@runs(
    router,
    "/forms/visit-register",
    scope="cases:write",
    response=bytes,
    summary="来访登记表（Word）",
    description="给来访人签字的纸；写了的填好，没写的留空。什么也不保存。",
    key="",
)
def visit_register(request: HttpRequest, given: VisitIn) -> HttpResponse:
    call = call_of(request)
    core.require(call.actor, "cases.register", call.actor.organisation)
    try:
        called = local(given.called_at).isoformat() if given.called_at else ""
    except OverflowError as error:
        raise Refused("invalid", "来访时间不对。", fields={"called_at": "来访时间不对"}) from error
    content = visit_form(visit_values({**given.dict(), "called_at": called}))
    return download(content, name=f"register-form-{local_day(call.now):%Y%m%d}.docx", content_type=DOCX)
