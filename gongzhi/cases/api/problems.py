"""The company's register of problems: what it found itself, what came of it, and what was asked of it."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from gongzhi.cases import forms_problems as forms
from gongzhi.cases import queries, services
from gongzhi.cases.api.shapes import ClockOut, clock_out
from gongzhi.cases.forms_fields import matter_options
from gongzhi.cases.models import Problem
from gongzhi.cases.models.problems import SOURCES
from gongzhi.cases.views_problems import (
    LINE_ACTS,
    STATES,
    LineAct,
    filtered_problems,
    may_look_at_problems,
    problem_of,
    served,
)
from gongzhi.core import services as core
from gongzhi.core.apikit.calls import call_of, changes, creates, matched, reads, tagged
from gongzhi.core.apikit.filling import Filled, FormField, described, filled
from gongzhi.core.apikit.paging import Page, Paging, keys, page_of
from gongzhi.core.apikit.shapes import Unit, code, unit_of
from gongzhi.core.days import local_day
from gongzhi.duties.queries import duties_of

router = Router(tags=["台账和检查"])


class ProblemQuery(Schema):
    source: str = code("来源", SOURCES)
    state: str = code("状态", STATES)
    month: str = Field("", pattern=r"^(\d{4}-\d{2})?$", description="发现的月份，例如 2026-04")
    estate: str = Field("", max_length=12, pattern=r"^\d*$", description="小区编号")

    def wanted(self) -> dict[str, str]:
        return {name: str(getattr(self, name)) for name in ProblemQuery.model_fields}


class ProblemFilter(ProblemQuery, Paging):
    pass


class ProblemOut(Schema):
    number: str = Field(description="编号")
    source: str = Field(description="来源代码")
    found_at: datetime = Field(description="发现时间")
    estate: str = Field(description="小区")
    spot: str = Field(description="地点")
    matter: str = Field(description="事项代码")
    text: str = Field(description="内容")
    violation: bool = Field(description="是否违反条例")
    stopped_at: datetime | None = Field(description="制止时间")
    stop_effective: bool | None = Field(description="制止有没有效果")
    solved_at: datetime | None = Field(description="处理时间")
    reported_up_at: datetime | None = Field(description="上报时间")
    reported_to: Unit | None = Field(description="上报给谁")
    voided_at: datetime | None = Field(description="作废时间")
    acts: list[str] = Field(description="这个岗位现在可以办的")


class ProblemEntryOut(Schema):
    at: datetime = Field(description="时间")
    title: str = Field(description="做了什么")
    text: str = Field(description="内容")
    unit: Unit | None = Field(description="哪个单位")
    who: str = Field(description="办理人")


class ProblemFull(ProblemOut):
    company: Unit | None = Field(description="登记的企业")
    case: str | None = Field(description="后来的投诉案件；没有的或者不归您看的为空")
    clocks: list[ClockOut] = Field(description="期限")
    entries: list[ProblemEntryOut] = Field(description="经过，新的在前")


def _problem_out(row: Problem, request: HttpRequest) -> dict[str, Any]:
    actor = call_of(request).actor
    return {
        "number": row.number,
        "source": row.source,
        "found_at": row.found_at,
        "estate": row.estate.name,
        "spot": row.spot,
        "matter": row.matter,
        "text": row.text,
        "violation": row.violation,
        "stopped_at": row.stopped_at,
        "stop_effective": row.stop_effective,
        "solved_at": row.solved_at,
        "reported_up_at": row.reported_up_at,
        "reported_to": unit_of(row.reported_to),
        "voided_at": row.voided_at,
        "acts": [one.code for one in LINE_ACTS.values() if one.offered(row) and core.may(actor, one.right, row)],
    }


@reads(router, "/problems", scope="cases:read", response=Page[ProblemOut], summary="企业问题台账")
def list_problems(request: HttpRequest, given: Query[ProblemFilter]) -> dict[str, Any]:
    call = call_of(request)
    may_look_at_problems(call.actor)
    wanted = given.wanted()
    rows = filtered_problems(call.actor, wanted, call.now).select_related("reported_to", "estate")
    of = f"problems:{sorted(wanted.items())}"
    return page_of(rows, lambda row: _problem_out(row, request), by=keys("-found_at", "-id"), given=given, of=of)


def _problem_form(request: HttpRequest) -> dict[str, Any]:
    call = call_of(request)
    estates = served(call.actor, call.now)
    if not estates:
        raise core.Refused("forbidden", "只有正在服务小区的物业服务企业登记问题。", status=403)
    options = matter_options(call.actor.place_path, local_day(call.now))
    options[0] = ("", "说不准")
    return {"estates": estates, "options": options, "now": call.now}


@reads(router, "/forms/problem", scope="cases:write", response=list[FormField], summary="登记问题要填什么")
def describe_problem(request: HttpRequest) -> list[dict[str, Any]]:
    return described(forms.ProblemForm(**_problem_form(request)))


@creates(router, "/problems", scope="cases:write", response=ProblemOut, summary="企业登记问题")
def register_problem(request: HttpRequest, given: Filled) -> dict[str, Any]:
    call = call_of(request)
    form = filled(forms.ProblemForm, given.fields, owner=call.actor, **_problem_form(request))
    made = services.register_problem(**form.cleaned_data, key="", actor=call.actor, now=call.now)
    tagged(request, made)
    return _problem_out(made, request)


@reads(router, "/problems/{number}", scope="cases:read", response=ProblemFull, summary="一条企业问题和经过")
def read_problem(request: HttpRequest, number: str) -> dict[str, Any]:
    found, actor = problem_of(request, number), call_of(request).actor
    tagged(request, found)
    entries = found.entries.select_related("organisation").order_by("-at", "-id")
    return {
        **_problem_out(found, request),
        "company": unit_of(found.keeper),
        "case": found.case.number if found.case and queries.may_see(actor, found.case) else None,
        "clocks": [clock_out(one) for one in duties_of(found.ref)],
        "entries": [
            {
                "at": one.at,
                "title": one.title,
                "text": one.text,
                "unit": unit_of(one.organisation),
                "who": one.actor_label,
            }
            for one in entries
        ],
    }


def _act_form(request: HttpRequest, found: Problem, act: str) -> tuple[LineAct, dict[str, Any]]:
    """The act, if it is the actor's and may be done now, and what its form is made with."""
    call, rule = call_of(request), LINE_ACTS.get(act)
    if rule is None:
        raise Http404
    core.require(call.actor, rule.right, found)
    if not rule.offered(found):
        raise core.Refused("state", f"这条登记现在不能“{rule.title}”。")
    targets = services.report_targets(found, on=local_day(call.now)) if act == "report" else []
    return rule, {"problem": found, "actor": call.actor, "now": call.now, "targets": targets}


@reads(
    router,
    "/problems/{number}/acts/{act}",
    scope="cases:read",
    response=list[FormField],
    summary="一种办法要填什么",
)
def describe_problem_act(request: HttpRequest, number: str, act: str) -> list[dict[str, Any]]:
    found = problem_of(request, number)
    tagged(request, found)
    rule, given = _act_form(request, found, act)
    return described(rule.form(**given))


@changes(
    router,
    "/problems/{number}/acts/{act}",
    scope="cases:write",
    response=ProblemOut,
    summary="办理一条企业问题",
    description="办法代码：" + "、".join(f"{one.code} {one.title}" for one in LINE_ACTS.values()),
)
def act_on_problem(request: HttpRequest, number: str, act: str, given: Filled) -> dict[str, Any]:
    call, found = call_of(request), problem_of(request, number)
    matched(request, found)
    rule, more = _act_form(request, found, act)
    form = filled(rule.form, given.fields, owner=call.actor, **more)
    rule.service(found, **form.given(), actor=call.actor, now=call.now)
    tagged(request, found)
    return _problem_out(found, request)
