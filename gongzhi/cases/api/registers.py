"""The register of a unit, hot spots, the company's problems, the sheets of checks."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from gongzhi.cases import forms_problems as forms
from gongzhi.cases import queries, services
from gongzhi.cases.forms_fields import matter_options
from gongzhi.cases.models import Problem, SiteCheck
from gongzhi.cases.models.checks import CHECK_SOURCES
from gongzhi.cases.models.problems import SOURCES
from gongzhi.cases.views_checks import CheckForm, checks_for, may_look_at_checks
from gongzhi.cases.views_problems import LINE_ACTS, STATES, filtered_problems, may_look_at_problems, problem_of, served
from gongzhi.cases.views_registers import Period, unit_of_ledger
from gongzhi.core import services as core
from gongzhi.core.apikit.calls import call_of, changes, creates, matched, reads, tagged
from gongzhi.core.apikit.filling import Filled, FormField, described, filled
from gongzhi.core.apikit.paging import Page, Paging, keys, listed, page_of
from gongzhi.core.apikit.shapes import Unit, code, unit_of
from gongzhi.core.days import local_day

router = Router(tags=["台账和检查"])


class Span(Paging):
    received_from: date | None = Field(None, description="起；不填的是本月一日")
    received_to: date | None = Field(None, description="止；不填的是今天")

    def period(self, now: datetime) -> Period:
        return Period.of({"from": self.received_from, "to": self.received_to}, local_day(now))


class LedgerFilter(Span):
    unit: str = Field("", max_length=12, pattern=r"^\d*$", description="哪个单位的台账；不填的是本单位")


class LedgerRow(Schema):
    columns: dict[str, str | int | datetime | None] = Field(description="台账的各栏，栏名与导出的表格相同")


@reads(
    router,
    "/registers/complaints",
    scope="cases:read",
    response=Page[LedgerRow],
    summary="投诉登记台账",
    description="一个单位在一段时间里收到、主办或者曾经办的。",
)
def ledger(request: HttpRequest, given: Query[LedgerFilter]) -> dict[str, Any]:
    call = call_of(request)
    core.require(call.actor, "cases.ledger")
    unit, period = unit_of_ledger(call.actor, given.unit), given.period(call.now)
    rows = queries.register_rows(unit, received_from=period.first, received_to=period.last, now=call.now)
    of = f"ledger:{unit.pk}:{period.query()}"
    return listed(rows, lambda row: {"columns": row}, given=given, of=of)


class Hotspots(Schema):
    since: datetime = Field(description="自哪一天起算")
    estates: list[dict[str, Any]] = Field(description="投诉最多的小区")
    by_estate: list[dict[str, Any]] = Field(description="同一小区同一事项反复出现的")
    by_matter: list[dict[str, Any]] = Field(description="投诉最多的事项")
    most_overdue: list[dict[str, Any]] = Field(description="超期最多的")
    on_spot: dict[str, int] = Field(description="来访当场办结：settled 件数、visits 总数")
    transfers: list[dict[str, Any]] = Field(description="移交用时")
    mediation: list[dict[str, Any]] = Field(description="调解统计")


@reads(router, "/statistics/hotspots", scope="cases:read", response=Hotspots, summary="热点和统计")
def hotspots(request: HttpRequest, given: Query[Span]) -> dict[str, Any]:
    call = call_of(request)
    core.require(call.actor, "cases.statistics", call.actor.organisation)
    period, path = given.period(call.now), call.actor.place_path
    span = {"received_from": period.first, "received_to": period.last}
    found = queries.hotspots(path, call.now)
    settled, visits = queries.on_spot_rate(path, **span)
    return {
        "since": found.since,
        "estates": _plain(found.estates),
        "by_estate": _plain(found.by_estate),
        "by_matter": _plain(found.by_matter),
        "most_overdue": _plain(found.most_overdue),
        "on_spot": {"settled": settled, "visits": visits},
        "transfers": _plain(queries.transfer_days(path, **span)),
        "mediation": _plain(queries.mediation_totals(path, **span)),
    }


def _plain(rows: Any) -> list[dict[str, Any]]:
    return [_plain_value(row) for row in rows]


def _plain_value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain_value(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain_value(one) for one in value]
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | str) else str(value)


# --- the company's register of problems


class ProblemFilter(Paging):
    source: str = code("来源", SOURCES)
    state: str = code("状态", STATES)
    month: str = Field("", pattern=r"^(\d{4}-\d{2})?$", description="发现的月份，例如 2026-04")
    estate: str = Field("", max_length=12, pattern=r"^\d*$", description="小区编号")


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
    wanted = {name: str(getattr(given, name)) for name in ("source", "state", "month", "estate")}
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


@reads(router, "/problems/{number}", scope="cases:read", response=ProblemOut, summary="一条企业问题")
def read_problem(request: HttpRequest, number: str) -> dict[str, Any]:
    found = problem_of(request, number)
    tagged(request, found)
    return _problem_out(found, request)


@changes(
    router,
    "/problems/{number}/acts/{act}",
    scope="cases:write",
    response=ProblemOut,
    summary="办理一条企业问题",
    description="办法代码：" + "、".join(f"{one.code} {one.title}" for one in LINE_ACTS.values()),
)
def act_on_problem(request: HttpRequest, number: str, act: str, given: Filled) -> dict[str, Any]:
    call, found, rule = call_of(request), problem_of(request, number), LINE_ACTS.get(act)
    if rule is None:
        raise Http404
    matched(request, found)
    core.require(call.actor, rule.right, found)
    if not rule.offered(found):
        raise core.Refused("state", f"这条登记现在不能“{rule.title}”。")
    targets = services.report_targets(found, on=local_day(call.now)) if act == "report" else []
    form = filled(
        rule.form, given.fields, owner=call.actor, problem=found, actor=call.actor, now=call.now, targets=targets
    )
    rule.service(found, **form.given(), actor=call.actor, now=call.now)
    tagged(request, found)
    return _problem_out(found, request)


# --- sheets of checks


class CheckFilter(Paging):
    source: str = code("来源", CHECK_SOURCES)
    estate: int | None = Field(None, ge=1, le=2**63 - 1, description="小区编号")


class CheckOut(Schema):
    number: str = Field(description="编号")
    source: str = Field(description="来源代码")
    checked_at: datetime = Field(description="检查时间")
    organisation: Unit | None = Field(description="检查单位")
    estate: str = Field(description="小区")
    matter: str = Field(description="事项代码")
    found: str = Field(description="检查情况")
    violation: bool = Field(description="是否发现问题")
    case: str | None = Field(description="关联的案件编号")


def _check_out(row: SiteCheck) -> dict[str, Any]:
    return {
        "number": row.number,
        "source": row.source,
        "checked_at": row.checked_at,
        "organisation": unit_of(row.organisation),
        "estate": row.estate.name,
        "matter": row.matter,
        "found": row.found,
        "violation": row.violation,
        "case": row.case.number if row.case else None,
    }


@reads(router, "/checks", scope="cases:read", response=Page[CheckOut], summary="检查单")
def list_checks(request: HttpRequest, given: Query[CheckFilter]) -> dict[str, Any]:
    call = call_of(request)
    may_look_at_checks(call.actor)
    rows = checks_for(call.actor)
    if given.source:
        rows = rows.filter(source=given.source)
    if given.estate:
        rows = rows.filter(estate_id=given.estate)
    of = f"checks:{given.source}:{given.estate}"
    return page_of(rows, _check_out, by=keys("-checked_at", "-id"), given=given, of=of)


@creates(router, "/checks", scope="cases:write", response=CheckOut, summary="建检查单")
def record_check(request: HttpRequest, given: Filled) -> dict[str, Any]:
    call = call_of(request)
    core.require(call.actor, "checks.record", call.actor.organisation)
    form = filled(CheckForm, given.fields, owner=call.actor, actor=call.actor, now=call.now)
    sheet = services.record_check(**form.cleaned_data, key="", actor=call.actor, now=call.now)
    return _check_out(sheet)


# --- who is competent


class Matter(Schema):
    code: str = Field(description="事项代码")
    name: str = Field(description="本地名称")


@reads(router, "/matters", scope="", response=list[Matter], summary="事项代码和本地名称")
def matters(request: HttpRequest) -> list[dict[str, str]]:
    call = call_of(request)
    options = matter_options(call.actor.place_path, local_day(call.now))
    pairs = [pair for one in options[1:] for pair in (one[1] if isinstance(one[1], list) else [one])]
    return [{"code": str(value), "name": str(title)} for value, title in pairs]
