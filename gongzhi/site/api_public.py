"""Submitting and looking up for the public, by a program that sits before it: a mini-program, a kiosk.

Who runs the program sees to it that a person is there; here its key and each number are counted, as the pages count
addresses. Whoever submits is the public, not the post of the key.
"""

from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router, Schema
from pydantic import Field

from gongzhi.cases import public, queries
from gongzhi.cases.forms_public import (
    ComplaintForm,
    MatterForm,
    estate_label,
    matter_choices,
    matter_facts,
    refuse_incomplete,
)
from gongzhi.cases.models import Case, Complaint
from gongzhi.cases.services import ComplainantInput, MatterInput, closing, receive_complaint
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.apikit.calls import call_of, changes, creates, matched, runs, tagged, wrong_way
from gongzhi.core.apikit.filling import filled
from gongzhi.core.apikit.problems import ApiProblem
from gongzhi.core.apikit.shapes import Body, RowId
from gongzhi.core.errors import Refused
from gongzhi.registry.models import Estate
from gongzhi.site import limits

router = Router(tags=["代公众提交"])

MOST_MATTERS, MOST_STARS = 5, 5
NOT_FOUND = "编号和后四位（或查询码）对不上。请核对受理编号；匿名投诉要用查询码，不是电话。"


class PublicMatterIn(Body):
    matter: str = Field(min_length=1, max_length=60, description="事项代码；说不准写 other")
    text: str = Field(min_length=1, max_length=2000, description="怎么回事")
    urgent: bool = Field(False, description="报修的，是不是急修")
    developer: str = Field("", max_length=60, description="开发建设单位；本地文件要求关联的事项要写")
    in_barred_place: bool = Field(False, description="开在法规条款禁止的场所里；本地文件要求勾选的事项要写")
    premises_kind: str = Field("", max_length=60, description="禁止场所的类型；本地文件要求填的事项要写")


class PublicComplaintIn(Body):
    estate: RowId = Field(description="小区编号，要在令牌岗位的辖区内")
    location: str = Field(min_length=1, max_length=200, description="具体在哪里")
    matters: list[PublicMatterIn] = Field(min_length=1, max_length=MOST_MATTERS, description="事项")
    name: str = Field("", max_length=40, description="姓名；加密保存")
    phone: str = Field("", max_length=20, description="联系电话；加密保存")
    address: str = Field("", max_length=200, description="单位或联系地址；加密保存")
    anonymous: bool = Field(False, description="匿名")
    anonymous_reason: str = Field("", max_length=200, description="为什么要匿名")
    files: list[int] = Field(default_factory=list, max_length=20, description="先上传得到的文件编号")


class Receipt(Schema):
    number: str = Field(description="受理编号")
    cases: list[str] = Field(description="各事项的案件编号")
    access_code: str = Field(description="匿名的凭它查询，只给这一次；留了电话的用电话后四位")


@creates(
    router,
    "/public/complaints",
    scope="public:write",
    response=Receipt,
    summary="代公众提交投诉",
    description="与公众页面相同的规则。由接入的系统确认对方是人；按令牌限次数，太多答复 429。",
)
def submit(request: HttpRequest, given: PublicComplaintIn) -> dict[str, Any]:
    call = call_of(request)
    key = str(call.token.pk)
    if limits.too_many(limits.COMPLAIN_TOKEN, key, now=call.now):
        raise ApiProblem(429, headers={"Retry-After": "3600"})
    limits.count(limits.COMPLAIN_TOKEN, key, now=call.now)
    estate = Estate.objects.within(call.actor.place_path).select_related("community").filter(pk=given.estate).first()
    if estate is None:
        raise Refused("no_estate", "没有这个小区。", fields={"estate": "没有这个小区"})
    data = given.dict(exclude={"estate", "matters", "files"})
    data |= {"estate": estate_label(estate), "estate_id": estate.pk, "attachments": given.files}
    head = filled(ComplaintForm, data, owner=call.actor, place_path=estate.place_path).cleaned_data
    pack = core.pack_for(estate.place_path, core.local_day(call.now))
    choices = matter_choices(pack.matters if pack is not None else {}, pack)
    rows = [filled(MatterForm, one.dict(), owner=call.actor, choices=choices) for one in given.matters]
    refuse_incomplete(rows, estate, channel="web", on=core.local_day(call.now))
    told = [one.cleaned_data for one in rows]
    matters = [MatterInput(matter=one["matter"], title="", text=one["text"], facts=matter_facts(one)) for one in told]
    person = ComplainantInput(name=head["name"], phone=head["phone"], address=head["address"])
    made = receive_complaint(
        channel="web",
        estate=estate,
        text="\n".join(one.text for one in matters),
        location=head["location"],
        matters=matters,
        complainant=None if given.anonymous else person,
        anonymous_reason=head["anonymous_reason"] if given.anonymous else "",
        received_at=call.now,
        files=head["attachments"],
        actor=Actor.public(f"公众（接口：{call.token.name}）", demo=call.actor.demo),
        now=call.now,
    )
    numbers = list(made.cases.order_by("id").values_list("number", flat=True))
    return {"number": made.number, "cases": numbers, "access_code": getattr(made, "access_code", "")}


class SecretIn(Body):
    secret: str = Field(min_length=1, max_length=20, description="电话后四位，或者查询码")


class StageOut(Schema):
    title: str = Field(description="环节")
    note: str = Field(description="哪天，或者在等什么")
    done: bool = Field(description="是否已办")


class NewsOut(Schema):
    at: datetime = Field(description="时间")
    text: str = Field(description="告知的内容")
    unit: str = Field(description="哪个单位")


class ProgressOut(Schema):
    number: str = Field(description="案件编号")
    title: str = Field(description="标题")
    state: str = Field(description="办到哪一步")
    unit: str = Field(description="由谁办")
    answer_due_at: datetime | None = Field(description="答复期限；答复了的为空")
    promised_on: date | None = Field(description="告知的办结日期")
    answer: str = Field(description="答复")
    stages: list[StageOut] = Field(description="环节")
    news: list[NewsOut] = Field(description="经过，新的在前")
    version: int = Field(description="版本；评价和要求重办时写进 If-Match")


@runs(
    router,
    "/public/complaints/{number}/progress",
    scope="public:write",
    response=list[ProgressOut],
    summary="代公众查进度",
    description="编号加电话后四位（或查询码）。试错按编号和令牌限次数。",
    key="",
)
def progress(request: HttpRequest, number: str, given: SecretIn) -> Any:
    opened = _opened(request, number, given.secret)
    if opened is None:
        return wrong_way(request, 404, code="not_tracked", message=NOT_FOUND)
    return [_progress(one) for one in public.cases_shown(opened, now=call_of(request).now, line=True)]


def _opened(request: HttpRequest, number: str, secret: str) -> Complaint | None:
    """The complaint that the secret opens. A wrong try is counted and stays counted."""
    now, number = call_of(request).now, number.strip().upper()
    doors = ((limits.TRACK_TOKEN, str(call_of(request).token.pk)), (limits.TRACK_NUMBER, number))
    if any(limits.too_many(limit, key, now=now) for limit, key in doors):
        message = "试得太多，为防别人猜号码，请过15分钟再查。"
        raise ApiProblem(429, message=message, headers={"Retry-After": "900"})
    found = queries.tracked(number, secret)
    if found is None:
        for limit, key in doors:
            limits.count(limit, key, now=now)
    return found


def _progress(one: public.PublicCase) -> dict[str, Any]:
    case = one.case
    return {
        "number": case.number,
        "title": case.title,
        "state": one.state_words,
        "unit": one.unit,
        "answer_due_at": one.answer_due,
        "promised_on": case.promised_on,
        "answer": case.answer_text,
        "stages": [{"title": stage.title, "note": stage.note, "done": stage.done} for stage in one.stages],
        "news": [
            {"at": entry.at, "text": entry.told, "unit": entry.organisation.name if entry.organisation else ""}
            for entry in one.line
        ],
        "version": case.version,
    }


class RateIn(SecretIn):
    stars: int = Field(ge=1, le=MOST_STARS, description="满意几星，1到5")
    comment: str = Field("", max_length=500, description="想说的话")


class ReopenIn(SecretIn):
    reason: str = Field(min_length=1, max_length=500, description="哪里没有解决")


def _case(complaint: Complaint, number: str) -> Case:
    case: Case | None = complaint.cases.select_related("complaint").filter(number=number.upper()).first()
    if case is None:
        raise Http404
    return case


@changes(
    router,
    "/public/complaints/{number}/cases/{case}/rate",
    scope="public:write",
    response=ProgressOut,
    summary="代投诉人评价",
)
def rate(request: HttpRequest, number: str, case: str, given: RateIn) -> Any:
    opened = _opened(request, number, given.secret)
    if opened is None:
        return _unknown(request)
    row = _case(opened, case)
    matched(request, row)
    closing.rate(row, stars=given.stars, comment=given.comment, **_proof(request, opened, given.secret))
    return _again(request, row)


@changes(
    router,
    "/public/complaints/{number}/cases/{case}/reopen",
    scope="public:write",
    response=ProgressOut,
    summary="代投诉人要求重新办理",
)
def reopen(request: HttpRequest, number: str, case: str, given: ReopenIn) -> Any:
    opened = _opened(request, number, given.secret)
    if opened is None:
        return _unknown(request)
    row = _case(opened, case)
    matched(request, row)
    closing.reopen(row, reason=given.reason, **_proof(request, opened, given.secret))
    return _again(request, row)


def _unknown(request: HttpRequest) -> Any:
    return wrong_way(request, 404, code="not_tracked", message=NOT_FOUND)


def _proof(request: HttpRequest, complaint: Complaint, secret: str) -> dict[str, Any]:
    call = call_of(request)
    actor = Actor.public(f"公众（接口：{call.token.name}）", demo=call.actor.demo)
    return {"number": complaint.number, "phone_tail": secret.strip(), "actor": actor, "now": call.now}


def _again(request: HttpRequest, row: Case) -> dict[str, Any]:
    tagged(request, row)
    return _progress(public.public_case(row, now=call_of(request).now, line=True))
