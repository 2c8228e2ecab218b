"""The figures of accountability: tasks by unit and month, the division, the ladder's steps, where checks came from."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from gongzhi.cases.accountability.models import Finding
from gongzhi.cases.accountability.queries import census as census_queries
from gongzhi.cases.accountability.queries import tasks as queries
from gongzhi.cases.accountability.views.census import year_seen_by
from gongzhi.core import services as core
from gongzhi.core.apikit.calls import Call, call_of, reads
from gongzhi.core.apikit.paging import Page, Paging, listed
from gongzhi.core.apikit.shapes import RowId, Unit, unit_of
from gongzhi.core.days import local_day
from gongzhi.core.models import Organisation

router = Router(tags=["督查、任务和问责"])

FIRST_YEAR, LAST_YEAR = 2000, 2199


class BoardOut(Schema):
    total: int = Field(description="任务总数")
    completed: int = Field(description="完成")
    overdue: int = Field(description="逾期")
    running: int = Field(description="进行中")
    failed: int = Field(description="验收不合格过")


class YearFilter(Schema):
    year: int | None = Field(None, ge=FIRST_YEAR, le=LAST_YEAR, description="哪一年；不写的是今年")

    def of(self, call: Call) -> int:
        return self.year or local_day(call.now).year


@reads(router, "/accountability/board", scope="accountability:read", response=BoardOut, summary="任务看板的数字")
def board(request: HttpRequest, given: Query[YearFilter]) -> Any:
    call = call_of(request)
    return queries.board(queries.tasks_for(call.actor).filter(due_on__year=given.of(call)), call.now)


class CensusRowOut(Schema):
    unit: Unit | None = Field(description="单位")
    title: str = Field(description="哪件事")
    steps: dict[str, int] = Field(description="各级督促的次数：抄告、督办、通报等的代码")


class CensusFilter(Paging):
    year: int | None = Field(None, ge=FIRST_YEAR, le=LAST_YEAR, description="哪一年；不写的是今年")


@reads(
    router,
    "/accountability/census",
    scope="accountability:read",
    response=Page[CensusRowOut],
    summary="抄告、督办、通报",
)
def census(request: HttpRequest, given: Query[CensusFilter]) -> dict[str, Any]:
    call = call_of(request)
    core.require(call.actor, "accountability.board", call.actor.organisation)
    year = given.year or local_day(call.now).year
    rows = census_queries.for_eyes_of(call.actor, census_queries.census(call.actor.place_path, year=year))
    return listed(rows, _census_out, given=given, of=f"census:{year}")


def _census_out(row: census_queries.CensusRow) -> dict[str, Any]:
    steps = {one.step: row.count(one.step) for one in row.steps}
    return {"unit": unit_of(row.unit), "title": row.title, "steps": steps}


class MonthTasks(Schema):
    total: int = Field(description="任务数")
    completed: int = Field(description="完成")
    overdue: int = Field(description="逾期")


class UnitTasks(Schema):
    unit: int = Field(description="单位编号")
    name: str = Field(description="单位名称")
    months: list[MonthTasks] = Field(description="一月到十二月")


def _watch(request: HttpRequest, right: str = "accountability.board") -> Call:
    call = call_of(request)
    core.require(call.actor, right, call.actor.organisation)
    return call


@reads(
    router,
    "/accountability/months",
    scope="accountability:read",
    response=list[UnitTasks],
    summary="任务分单位分月",
)
def months(request: HttpRequest, given: Query[YearFilter]) -> list[dict[str, Any]]:
    call = _watch(request)
    rows = queries.unit_months(queries.tasks_for(call.actor), year=given.of(call), now=call.now)
    return [{"unit": one.unit_id, "name": one.unit, "months": one.months} for one in rows]


class DivisionOut(Schema):
    task: str = Field(description="文件里的任务")
    lead: list[str] = Field(description="牵头的角色代码")
    duty: list[str] = Field(description="责任的角色代码")
    clauses: list[str] = Field(description="依据的条款")
    total: int = Field(description="就这一项交办过几件")
    completed: int = Field(description="完成")
    overdue: int = Field(description="逾期")
    fed_back: int = Field(description="反馈过几次")


@reads(
    router,
    "/accountability/division",
    scope="accountability:read",
    response=list[DivisionOut],
    summary="任务分工和进展",
)
def division(request: HttpRequest) -> Any:
    call = _watch(request, "accountability.division")
    return queries.division(call.actor.place_path, now=call.now, on=local_day(call.now))


class CheckSources(Schema):
    unit: str = Field(description="检查单位")
    all: int = Field(description="检查几次")
    patrol: int = Field(description="来自巡查")
    complaint: int = Field(description="来自投诉")
    other: int = Field(description="其他来源")
    linked: int = Field(description="与别的检查单是同一问题的")


@reads(
    router,
    "/accountability/check-sources",
    scope="accountability:read",
    response=list[CheckSources],
    summary="检查从哪里来",
)
def check_sources(request: HttpRequest, given: Query[YearFilter]) -> Any:
    call = _watch(request)
    return census_queries.check_sources(call.actor.place_path, year=given.of(call))


class FindingBrief(Schema):
    id: int = Field(description="问题编号")
    text: str = Field(description="问题")
    due_on: date | None = Field(description="期限")
    rectified: bool = Field(description="整改到位没有")


class TaskBrief(Schema):
    id: int = Field(description="任务编号")
    title: str = Field(description="任务")
    due_on: date = Field(description="期限")
    state_name: str = Field(description="状态")
    failures: int = Field(description="验收不合格几次")


class UnitYearOut(Schema):
    unit: Unit | None = Field(description="单位")
    year: int = Field(description="年度")
    findings: list[FindingBrief] = Field(description="督查发现的问题")
    tasks: list[TaskBrief] = Field(description="交办任务")
    steps: list[CensusRowOut] = Field(description="抄告、督办、通报")
    shirked: int = Field(description="认定推诿几次")


@reads(
    router,
    "/accountability/units/{pk}",
    scope="accountability:read",
    response=UnitYearOut,
    summary="一个单位一年的履职明细",
    description="本单位看自己的；领导小组等看辖区各单位的。",
)
def unit_year(request: HttpRequest, pk: RowId, given: Query[YearFilter]) -> dict[str, Any]:
    call = call_of(request)
    found = year_seen_by(call.actor, get_object_or_404(Organisation, pk=pk), given.of(call))
    return {
        "unit": unit_of(found.unit),
        "year": found.year,
        "findings": [_finding_brief(one) for one in found.findings],
        "tasks": [
            {
                "id": one.pk,
                "state_name": one.get_state_display(),
                **{name: getattr(one, name) for name in ("title", "due_on", "failures")},
            }
            for one in found.tasks
        ],
        "steps": [_census_out(one) for one in found.steps],
        "shirked": len(found.shirked),
    }


def _finding_brief(one: Finding) -> dict[str, Any]:
    return {"id": one.pk, "text": one.text, "due_on": one.due_on, "rectified": one.rectified_at is not None}
