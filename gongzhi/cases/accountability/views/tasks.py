"""任务看板: all tasks one may see, by unit and month; one task with its acts; giving tasks and plans; the division."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.cases.accountability import forms
from gongzhi.cases.accountability.models import WorkTask
from gongzhi.cases.accountability.models.tasks import COMPLETED, RUNNING, SOURCES
from gongzhi.cases.accountability.queries import tasks as queries
from gongzhi.cases.accountability.services import tasks as services
from gongzhi.cases.accountability.views.common import (
    FormPage,
    Rows,
    actor_of,
    handle,
    may,
    now_of,
    page_of,
    require_own,
    show,
    today,
    year_of,
    years,
)
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date
from gongzhi.core.models import Organisation
from gongzhi.core.sending import EXPORT, download
from gongzhi.core.sheets import Asked, workbook

STATES = {"completed": "完成", "running": "进行中", "overdue": "逾期", "failed": "验收不合格"}
MONTHS = range(1, 13)
LONGEST_WORDS = 160


@login_required
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    actor, now, year = actor_of(request), now_of(request), year_of(request)
    rows = queries.tasks_for(actor)
    of_year = rows.filter(due_on__year=year)
    source, unit, month, state = (request.GET.get(name, "") for name in ("source", "unit", "month", "state"))
    words = request.GET.get("words", "").strip()[:LONGEST_WORDS]
    if words:
        of_year = of_year.filter(Q(title__icontains=words) | Q(estate__name__icontains=words))
    if source in SOURCES:
        of_year = of_year.filter(source=source)
    if unit.isdigit():
        of_year = of_year.filter(unit_id=int(unit))
    if month.isdigit():
        of_year = of_year.filter(due_on__month=int(month))
    if EXPORT in request.GET:
        conditions = [
            ("年份", f"{year}年"), ("来源", SOURCES.get(source, "")), ("月份", f"{month}月" if month.isdigit() else ""),
            ("进度", STATES.get(state, "")), ("任务、小区", words),
        ]  # fmt: skip
        return _exported(request, in_state(of_year, state, now), conditions)
    return show(
        request, "board", "board", "任务看板",
        figures=queries.board(of_year, now),
        page=page_of(in_state(of_year, state, now), request),
        words=words, state=state, states=STATES,
        source=source, sources=SOURCES, unit=unit, month=month, months=MONTHS, year=year,
        years=years(today(request).year),
        units=Organisation.objects.filter(pk__in=rows.order_by().values("unit_id")).order_by("pk"),
        may_give=may(actor, "accountability.hand_out"),
        may_plan=may(actor, "accountability.plan"),
        watches=may(actor, "accountability.board"),
    )  # fmt: skip


COLUMNS = (
    ("任务", 40), ("小区", 24), ("单位", 24), ("来源", 14), ("期限", 16), ("进度", 12), ("验收不合格次数", 14),
)  # fmt: skip


def _exported(request: HttpRequest, rows: Any, conditions: list[tuple[str, str]]) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    lines = (
        (
            one.title, one.estate.name if one.estate else "", one.unit.name, one.get_source_display(),
            cn_date(one.due_on), one.get_state_display(),
            one.failures,
        )
        for one in rows.select_related("unit", "estate")
    )  # fmt: skip
    content = workbook("任务", COLUMNS, lines, asked=Asked.of(actor, now, conditions))
    return download(content, name=f"tasks-{today(request):%Y%m%d}.xlsx")


def in_state(rows: Any, state: str, now: datetime) -> Any:
    if state == "completed":
        return rows.filter(state__in=COMPLETED)
    if state == "overdue":
        return rows.filter(state__in=RUNNING, duty__due_at__lte=now)
    if state == "running":
        return rows.filter(state__in=RUNNING, duty__due_at__gt=now)
    if state == "failed":
        return rows.filter(failures__gt=0)
    return rows


@login_required
@require_GET
def months(request: HttpRequest) -> HttpResponse:
    actor, now, year = actor_of(request), now_of(request), year_of(request)
    require_own(actor, "accountability.board")
    rows = queries.tasks_for(actor)
    return show(
        request, "months", "board", f"{year}年任务分单位分月",
        rows=queries.unit_months(rows, year=year, now=now),
        units=queries.board_by_unit(rows.filter(due_on__year=year), now),
        year=year, years=years(today(request).year), months=MONTHS,
    )  # fmt: skip


@login_required
@require_GET
def division(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    require_own(actor, "accountability.division")
    rows = queries.division(actor.place_path, now=now_of(request), on=today(request))
    leads = list(dict.fromkeys(role for row in rows for role in row.lead))
    role = request.GET.get("role", "")
    shown = [row for row in rows if row.leads(role)] if role in leads else rows
    return show(
        request, "division", "division", "任务分工",
        rows=shown, all_rows=rows, role=role if role in leads else "",
        leads=[(one, sum(1 for row in rows if row.leads(one))) for one in leads],
        joint=sum(1 for row in shown if row.joint),
        silent=[row for row in shown if row.silent],
        may_give=may(actor, "accountability.hand_out"),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def give(request: HttpRequest) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    require_own(actor, "accountability.hand_out")
    page = FormPage("board", "交办任务", reverse("accountability:board"), button="交办",
                    will="责任单位会收到消息，签收后反馈；到期没有办结的，按现行文件逐级督促。")  # fmt: skip
    given: dict[str, Any] = {
        "units": queries.units_below(actor), "divisions": _divisions(request), "within": actor.place_path,
    }  # fmt: skip
    start = {"division": request.GET.get("division", ""), "unit": request.GET.get("unit", "")}

    def make(*data: Any, **more: Any) -> forms.GiveForm:
        return forms.GiveForm(*data, **{"initial": start, **more}, **given)

    def do(clean: dict[str, Any]) -> Any:
        return services.give_tasks(**clean, actor=actor, now=now)[0]

    return handle(request, page, make, do, to=_given_url, done="已交办。")


@login_required
@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    require_own(actor, "accountability.plan")
    page = FormPage("board", "下达年度计划", reverse("accountability:board"), button="下达",
                    will="每一行按所选月份各生成一件任务，期限是当月最后一天。", template="rows_form")  # fmt: skip
    rows = Rows(request, forms.PlanRow, units=queries.units_below(actor), divisions=_divisions(request))
    year = today(request).year

    def do(clean: dict[str, Any]) -> Any:
        lines = [
            services.PlanLine(one["title"], one["unit"], [int(month) for month in one["months"]], one["division"])
            for one in rows.filled()
        ]
        return services.publish_plan(**clean, lines=lines, actor=actor, now=now)

    def make(*data: Any, **more: Any) -> forms.PlanForm:
        return forms.PlanForm(*data, **{"initial": {"year": year, "title": f"{year}年工作计划"}, **more})

    return handle(request, page, make, do, to=reverse("accountability:board"), done="已下达。", rows=rows)


def _divisions(request: HttpRequest) -> list[str]:
    pack = core.pack_for(actor_of(request).place_path, today(request))
    return queries.divided_names(pack, on=today(request)) if pack is not None else []


def _given_url(pk: Any) -> str:
    """Of a task about an estate the board with all that were given in these words, else the task."""
    row = WorkTask.objects.get(pk=pk)
    if row.estate_id is None:
        return _url(pk)
    return f"{reverse('accountability:board')}?{urlencode({'year': row.due_on.year, 'words': row.title})}"


def _url(pk: Any) -> str:
    return reverse("accountability:task", args=[pk])


@dataclass(frozen=True)
class TaskAct:
    """`side`: the view of the task that only one of its two units may act on; "" is the task itself."""

    code: str
    title: str
    right: str
    side: str
    states: tuple[str, ...]
    form: Callable[..., Any]
    do: Callable[..., Any]
    done: str
    will: str = ""

    def on(self, task: WorkTask) -> Any:
        return getattr(task, self.side) if self.side else task


def _text(label: str) -> Callable[..., Any]:
    return lambda *data, **more: forms.TextFileForm(*data, label=label, **more)


def _verify(task: WorkTask, **given: Any) -> WorkTask:
    return services.verify_task(task, **{**given, "passed": given["passed"] == "yes"})


CENSURE = "tongbao"
ACTS = (
    TaskAct("qianshou", "签收", "accountability.do_task", "owing_side", ("given",), forms.Plain, services.sign_task,
            "已签收。"),
    TaskAct("fankui", "反馈进展", "accountability.do_task", "owing_side", RUNNING, _text("进展"), services.feed_back,
            "已反馈。"),
    TaskAct("baojie", "报结", "accountability.do_task", "owing_side", RUNNING, _text("办了什么、结果怎样"),
            services.report_done, "已报结，等待验收。", "报结以后期限停止计算；验收不合格的，要返工。"),
    TaskAct("xianchang", "现场督办", "accountability.verify", "giving_side", RUNNING, forms.VisitForm, services.visit,
            "已记录现场督办。"),
    TaskAct("yanshou", "验收", "accountability.verify", "giving_side", ("done",), forms.VerifyForm, _verify,
            "已登记验收。", "不合格的要给返工期限；按期但不合格的，同样可以通报。"),
    TaskAct(CENSURE, "通报", "accountability.censure", "", RUNNING, forms.CensureForm, services.censure_task,
            "已出通报。", "验收不合格的直接出通报；逾期的，只有设定为直接通报的才能跳过抄告、督办。"),
)  # fmt: skip


def acts_for(task: WorkTask, actor: Actor, now: datetime) -> list[TaskAct]:
    """What the actor may do with the task as it stands."""
    ground = task.overdue(now) or task.state == "failed"
    return [
        act
        for act in ACTS
        if task.state in act.states and (act.code != CENSURE or ground) and core.may(actor, act.right, act.on(task))
    ]


def _task(request: HttpRequest, pk: int) -> WorkTask:
    row: WorkTask = get_object_or_404(queries.tasks_for(actor_of(request)), pk=pk)
    return row


@login_required
@require_GET
def task(request: HttpRequest, pk: int) -> HttpResponse:
    row = _task(request, pk)
    return show(
        request, "task", "board", row.title,
        row=row, acts=acts_for(row, actor_of(request), now_of(request)),
        entries=row.entries.select_related("organisation", "file").order_by("-at", "-pk"),
        prompts=queries.prompts_of(row),
        documents=core.documents_of(row.ref),
        files=core.files_of(row.ref),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def task_act(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    row, actor, now = _task(request, pk), actor_of(request), now_of(request)
    act = next((one for one in ACTS if one.code == code), None)
    if act is None:
        raise Http404
    core.require(actor, act.right, act.on(row))
    clauses: tuple[str, ...] = ()
    if code == CENSURE:
        rule = core.ask("cases.direct_censure", {"source": row.source}, place_path=row.place_path, on=today(request))
        clauses = tuple(rule.clauses)
    page = FormPage("board", act.title, _url(pk), about=row.title, will=act.will, clauses=clauses)
    return handle(
        request, page, lambda *data, **more: act.form(*data, version=row.version, **more),
        lambda clean: act.do(row, **clean, actor=actor, now=now), to=_url, done=act.done,
    )  # fmt: skip
