"""What is made of several rows at once, or over another part's row: plans, sheets, shirking, talks, censures."""

from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from gongzhi.cases.accountability import forms
from gongzhi.cases.accountability.api.items import ItemOut, give_form, item_out
from gongzhi.cases.accountability.models import CensureReview, MajorConflict
from gongzhi.cases.accountability.models.sheets import KINDS
from gongzhi.cases.accountability.queries import census as queries
from gongzhi.cases.accountability.queries.tasks import units_below
from gongzhi.cases.accountability.services import sheets, tasks, trust
from gongzhi.cases.accountability.views.census import DEPARTMENTS, parties_below
from gongzhi.cases.models import Problem
from gongzhi.core import services as core
from gongzhi.core.apikit.calls import WANTED, Call, call_of, changes, creates, matched, reads, runs, tagged
from gongzhi.core.apikit.filling import Filled, FormField, described, filled
from gongzhi.core.apikit.paging import Page, Paging, keys, listed, page_of
from gongzhi.core.apikit.shapes import Body, Done, RowId, Unit, code, unit_of
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation
from gongzhi.duties.models import Duty
from gongzhi.registry import queries as registry

router = Router(tags=["督查、任务和问责"])

MOST_ROWS = 60
READ, WRITE = "accountability:read", "accountability:write"


def _own(call: Call, right: str) -> None:
    core.require(call.actor, right, call.actor.organisation)


def _units(call: Call, wanted: list[int]) -> dict[int, Organisation]:
    """Those below the actor, by number; refuses where one is not."""
    found = {one.pk: one for one in units_below(call.actor).filter(pk__in=wanted)}
    wrong = {f"rows.{index}.unit": "没有这个单位，或者不归您管" for index, pk in enumerate(wanted) if pk not in found}
    if wrong:
        raise Refused("invalid", "有的责任单位不对。", fields=wrong)
    return found


# --- plans


class PlanRowIn(Body):
    title: str = Field(min_length=1, max_length=160, description="任务")
    unit: RowId = Field(description="责任单位编号")
    months: list[int] = Field(min_length=1, max_length=12, description="哪几个月办，1到12")
    division: str = Field("", max_length=80, description="任务分工中的项")


class PlanIn(Body):
    title: str = Field(min_length=1, max_length=120, description="计划名称")
    year: int = Field(ge=forms.FIRST_YEAR, le=forms.LAST_YEAR, description="年度")
    rows: list[PlanRowIn] = Field(min_length=1, max_length=MOST_ROWS, description="任务")


class PlanOut(Schema):
    id: int = Field(description="计划编号")
    title: str = Field(description="名称")
    year: int = Field(description="年度")
    tasks: list[int] = Field(description="生成的任务编号")


@creates(
    router,
    "/accountability/plans",
    scope=WRITE,
    response=PlanOut,
    summary="下达年度计划",
    description="每一行按所选月份各生成一件任务，期限是当月最后一天。",
)
def publish_plan(request: HttpRequest, given: PlanIn) -> dict[str, Any]:
    call = call_of(request)
    _own(call, "accountability.plan")
    units = _units(call, [one.unit for one in given.rows])
    divisions = {value for value, _ in give_form(call)().fields["division"].choices}
    lines = []
    for index, one in enumerate(given.rows):
        if one.division not in divisions or not all(1 <= month <= 12 for month in one.months):  # noqa: PLR2004
            raise Refused("invalid", "有的任务写得不对。", fields={f"rows.{index}": "请核对月份和任务分工中的项"})
        lines.append(tasks.PlanLine(one.title, units[one.unit], one.months, one.division))
    row = tasks.publish_plan(year=given.year, title=given.title, lines=lines, actor=call.actor, now=call.now)
    made = list(row.tasks.order_by("pk").values_list("pk", flat=True))
    return {"id": row.pk, "title": row.title, "year": row.year, "tasks": made}


# --- sheets


class SheetRowIn(Body):
    text: str = Field(min_length=1, max_length=160, description="事项")
    unit: RowId = Field(description="责任单位编号")
    due_on: date = Field(description="期限")


class SheetIn(Body):
    kind: str = code("种类", KINDS, ...)
    title: str = Field(min_length=1, max_length=120, description="标题")
    origin: str = Field(min_length=1, max_length=200, description="根据什么：会议纪要名称和文号，或者哪一次调研")
    rows: list[SheetRowIn] = Field(min_length=1, max_length=MOST_ROWS, description="各项")


@creates(
    router,
    "/accountability/sheets",
    scope=WRITE,
    response=ItemOut,
    summary="起草交办单或督查通报",
    description="签字齐了才能下发（办法 sign、send）；下发以后每一项成为责任单位的一件任务。",
)
def draft_sheet(request: HttpRequest, given: SheetIn) -> dict[str, Any]:
    call = call_of(request)
    _own(call, "accountability.draft_sheet")
    units = _units(call, [one.unit for one in given.rows])
    items = [sheets.ItemInput(one.text, units[one.unit], one.due_on) for one in given.rows]
    row = sheets.draft_sheet(
        kind=given.kind, title=given.title, origin=given.origin, items=items, actor=call.actor, now=call.now
    )
    tagged(request, row)
    return item_out(row, "sheet", call)


# --- over a duty


class LateDuty(Schema):
    id: int = Field(description="期限编号")
    title: str = Field(description="要做什么")
    subject: str = Field(description="因何事")
    unit: Unit | None = Field(description="责任单位")
    due_at: datetime | None = Field(description="到期时间")


@reads(
    router,
    "/accountability/late-duties",
    scope=READ,
    response=Page[LateDuty],
    summary="区县部门逾期没有办结的",
    description="还没有认定推诿的，逾期久的在前。",
)
def late_duties(request: HttpRequest, given: Query[Paging]) -> dict[str, Any]:
    call = call_of(request)
    _own(call, "accountability.find_shirking")
    rows = queries.late_duties(call.actor.place_path, level_roles=DEPARTMENTS)
    return page_of(rows, _late_out, by=keys("due_at", "id"), given=given, of="late_duties")


def _late_out(row: Duty) -> dict[str, Any]:
    names = ("title", "due_at")
    found = {name: getattr(row, name) for name in names}
    return {"id": row.pk, "subject": row.subject_title, "unit": unit_of(row.owner_organisation), **found}


def _duty(request: HttpRequest, pk: int, right: str) -> Duty:
    call = call_of(request)
    row = get_object_or_404(Duty, pk=pk, place_path__startswith=call.actor.place_path or "-")
    core.require(call.actor, right, row)
    matched(request, row)
    return row


class ReasonIn(Body):
    reason: str = Field(min_length=1, max_length=2000, description="事实和理由")


@changes(
    router,
    "/accountability/duties/{pk}/shirking",
    scope=WRITE,
    response=Done,
    summary="认定推诿",
    description="If-Match 用读期限时的 ETag。区县部门逾期又被认定推诿的，直接通报，可以约谈；镇街、社区仍逐级督促。",
)
def find_shirking(request: HttpRequest, pk: RowId, given: ReasonIn) -> dict[str, str]:
    call, row = call_of(request), _duty(request, pk, "accountability.find_shirking")
    trust.find_duty_shirked(row, reason=given.reason, actor=call.actor, now=call.now)
    tagged(request, row)
    return {"message": "已认定推诿。"}


class TalkIn(Body):
    person: str = Field(min_length=1, max_length=120, description="约谈对象，写职务")
    planned_at: datetime = Field(description="约定时间，带时区")
    room: str = Field(min_length=1, max_length=120, description="地点")


@changes(
    router,
    "/accountability/duties/{pk}/talk",
    scope=WRITE,
    response=ItemOut,
    summary="发起约谈",
    description="If-Match 用读期限时的 ETag。约谈通知书编号后送达该单位。",
)
def open_talk(request: HttpRequest, pk: RowId, given: TalkIn) -> dict[str, Any]:
    call, row = call_of(request), _duty(request, pk, "accountability.talk")
    data = filled(forms.TalkForm, given.dict(), owner=call.actor).cleaned_data
    data.pop("version")
    talk = trust.open_talk(row, **data, actor=call.actor, now=call.now)
    tagged(request, talk)
    return item_out(talk, "talk", call)


@changes(
    router,
    "/accountability/duties/{pk}/refer",
    scope=WRITE,
    response=ItemOut,
    summary="移送问责建议",
    description="If-Match 用读期限时的 ETag。移送函编号后送达纪检监察机关。",
)
def refer(request: HttpRequest, pk: RowId, given: ReasonIn) -> dict[str, Any]:
    call, row = call_of(request), _duty(request, pk, "accountability.refer")
    made = trust.refer(row, reason=given.reason, actor=call.actor, now=call.now)
    tagged(request, made)
    return item_out(made, "referral", call)


# --- companies that let a problem lie


class CandidateOut(Schema):
    problem: str = Field(description="企业问题的编号")
    estate: str = Field(description="小区")
    text: str = Field(description="问题")
    party: Unit | None = Field(description="企业或业委会")
    complained_at: datetime | None = Field(description="业主投诉的时间；没有人投诉的为空")
    late_at: datetime = Field(description="列为候选的时间")
    proposed: bool | None = Field(description="镇街建议不建议通报；没有审核的为空")
    reason: str = Field(description="审核意见")
    censured_at: datetime | None = Field(description="通报时间；没有通报的为空")


def _candidate(one: queries.Candidate) -> dict[str, Any]:
    review = one.review
    return {
        "problem": one.problem.number,
        "estate": one.problem.estate.name,
        "text": one.problem.text,
        "party": unit_of(one.party),
        "complained_at": one.complained_at,
        "late_at": one.late_at,
        "proposed": review.proposed if review is not None else None,
        "reason": review.reason if review is not None else "",
        "censured_at": review.censured_at if review is not None else None,
    }


@reads(
    router,
    "/accountability/candidates",
    scope=READ,
    response=Page[CandidateOut],
    summary="通报候选",
    description="登记了问题、超时没有上报的，或者超时没有处理又被业主投诉的；按时上报的不列入。",
)
def candidates(request: HttpRequest, given: Query[Paging]) -> dict[str, Any]:
    call = call_of(request)
    _own(call, "accountability.read_candidates")
    return listed(queries.candidates(call.actor.place_path), _candidate, given=given, of="candidates")


def _named(request: HttpRequest, number: str, party: int, right: str) -> queries.Candidate:
    call = call_of(request)
    problem = Problem.objects.select_related("estate").filter(number=number.upper()).first()
    if problem is None:
        raise Http404
    core.require(call.actor, right, problem)
    rows = queries.candidates(problem.place_path, problem=problem)
    found = next((one for one in rows if one.party.pk == party), None)
    if found is None:
        raise Http404
    return found


class ReviewedIn(Body):
    propose: bool = Field(description="是否建议通报")
    reason: str = Field(min_length=1, max_length=2000, description="审核意见")


@creates(
    router,
    "/accountability/candidates/{number}/{party}/review",
    scope=WRITE,
    response=CandidateOut,
    summary="审核通报候选",
    description="建议通报的，由领导小组办公室出通报。",
)
def review(request: HttpRequest, number: str, party: RowId, given: ReviewedIn) -> dict[str, Any]:
    call, found = call_of(request), _named(request, number, party, "accountability.review_company")
    trust.review_candidate(found.problem, party=found.party, **given.dict(), actor=call.actor, now=call.now)
    return _candidate(_named(request, number, party, "accountability.review_company"))


@runs(
    router,
    "/accountability/candidates/{number}/{party}/censure",
    scope=WRITE,
    response=CandidateOut,
    summary="对建议通报的出通报",
    key=WANTED,
)
def censure(request: HttpRequest, number: str, party: RowId) -> dict[str, Any]:
    call, found = call_of(request), _named(request, number, party, "accountability.censure")
    row: CensureReview | None = found.review
    if row is None:
        raise Refused("not_reviewed", "镇街还没有审核，不能通报。")
    trust.censure_candidate(row, actor=call.actor, now=call.now)
    return _candidate(_named(request, number, party, "accountability.censure"))


class MajorOut(Schema):
    id: int = Field(description="认定编号")
    estate: str = Field(description="小区")
    party: Unit | None = Field(description="企业或业委会")
    text: str = Field(description="认定事实")
    consequences: list[str] = Field(description="可以启动的程序")
    certificate: int | None = Field(description="认定书的文件编号")
    found_at: datetime = Field(description="认定时间")


def _major_out(row: MajorConflict) -> dict[str, Any]:
    return {
        "id": row.pk,
        "estate": row.estate.name,
        "party": unit_of(row.party),
        "text": row.text,
        "consequences": row.consequence_names,
        "certificate": row.certificate_id,
        "found_at": row.found_at,
    }


@reads(
    router,
    "/accountability/major-conflicts",
    scope=READ,
    response=Page[MajorOut],
    summary="认定的重大矛盾和事故",
)
def majors(request: HttpRequest, given: Query[Paging]) -> dict[str, Any]:
    call = call_of(request)
    _own(call, "accountability.read_candidates")
    rows = MajorConflict.objects.filter(place_path__startswith=call.actor.place_path)
    rows = rows.select_related("estate", "party", "certificate")
    return page_of(rows, _major_out, by=keys("-found_at", "-id"), given=given, of="majors")


def _major_form(call: Call) -> Any:
    _own(call, "accountability.find_major")
    path = call.actor.place_path
    given = {"units": parties_below(path), "estates": registry.estates_within(path)}
    return lambda *data, **more: forms.MajorForm(*data, **given, **more)


@reads(
    router,
    "/accountability/forms/major-conflict",
    scope=WRITE,
    response=list[FormField],
    summary="认定重大矛盾和事故要填什么",
)
def describe_major(request: HttpRequest) -> list[dict[str, Any]]:
    return described(_major_form(call_of(request))())


@creates(
    router,
    "/accountability/major-conflicts",
    scope=WRITE,
    response=MajorOut,
    summary="认定重大矛盾和事故",
    description="认定书须上传；解聘、改选仍须经业主大会表决。",
)
def find_major(request: HttpRequest, given: Filled) -> dict[str, Any]:
    call = call_of(request)
    form = filled(_major_form(call), given.fields, owner=call.actor)
    return _major_out(trust.find_major(**form.cleaned_data, actor=call.actor, now=call.now))
