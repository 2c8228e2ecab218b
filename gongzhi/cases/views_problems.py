"""企业问题台账: the company's list, a new line, what is done about it, striking out, the month as Excel."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.cases import forms_problems as forms
from gongzhi.cases import queries, services
from gongzhi.cases.forms_fields import matter_options
from gongzhi.cases.models import Problem
from gongzhi.cases.models.problems import SOURCES
from gongzhi.cases.queries import asking
from gongzhi.cases.queries.reporting import interval_of, levels_of, reporting_rule
from gongzhi.cases.rights import KEEPERS
from gongzhi.cases.views_acts import size_of
from gongzhi.cases.views_common import UNPROCESSABLE, actor_of, now_of, see
from gongzhi.cases.views_registers import month_of
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused
from gongzhi.core.sending import download
from gongzhi.core.sheets import Asked, workbook
from gongzhi.duties.models import Duty
from gongzhi.duties.queries import duties_of
from gongzhi.registry.models import Estate

PAGE_SIZE = 20
STATES = {"open": "未处理", "reported": "已上报", "solved": "已处理", "voided": "已作废"}
COLUMNS = (
    ("编号", 18), ("来源", 10), ("发现时间", 20), ("登记时间", 20), ("小区", 16), ("地点", 20), ("事项", 20),
    ("内容", 40),
    ("报告人", 12), ("违反条例", 10), ("制止时间", 20), ("制止方式", 20), ("制止有效", 10), ("处理时间", 20),
    ("处理结果", 30), ("上报时间", 20), ("上报部门", 22), ("关联案件", 18), ("作废时间", 20), ("作废原因", 20),
)  # fmt: skip


@dataclass(frozen=True)
class LineAct:
    """One thing to do about a line: its form, its service, who is offered it."""

    code: str
    title: str
    form: type[forms.LineForm]
    service: Callable[..., Problem]
    done: str
    right: str
    offered: Callable[[Problem], bool]
    will: str = ""


def _open(problem: Problem) -> bool:
    return problem.open


LINE_ACTS: dict[str, LineAct] = {
    one.code: one
    for one in (
        LineAct("stop", "登记制止", forms.StopLineForm, services.stop_problem, "已登记制止。", "problems.handle", _open,
                "制止没有效果的，要在期限内上报有关部门。"),
        LineAct("solve", "登记处理结果", forms.SolveLineForm, services.solve_problem, "已登记处理结果。",
                "problems.handle", _open),
        LineAct("report", "上报有关部门", forms.ReportLineForm, services.report_problem, "已上报。", "problems.handle",
                lambda problem: problem.open and problem.reported_up_at is None,
                "按时上报的，以后业主再投诉，不列入通报候选。"),
        LineAct("ease", "登记矛盾化解", forms.EaseLineForm, services.ease_problem, "已登记化解情况。", "cases.ease",
                lambda problem: problem.violation and problem.voided_at is None),
        LineAct("ask_void", "申请作废", forms.VoidLineForm, services.ask_void_problem, "已申请作废，等别人批准。",
                "problems.handle", lambda problem: problem.open and not problem.void_reason,
                "登记了的不能删，只能作废；由别人批准，作废的留在台账里。"),
        LineAct("decide_void", "批复作废", forms.DecideVoidForm, services.decide_void_problem, "已批复。",
                "problems.approve_void", lambda problem: bool(problem.void_reason) and problem.voided_at is None),
    )
}  # fmt: skip


def _given(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "") for name in ("source", "state", "month", "estate")}


def filtered_problems(actor: Actor, given: Mapping[str, str], now: datetime) -> QuerySet[Problem]:
    """The list's filter: source, state, month (2026-04) and estate; what is not known counts for nothing."""
    rows = queries.problems_for(actor)
    if given["source"] in SOURCES:
        rows = rows.filter(source=given["source"])
    if given["estate"].isdecimal():
        rows = rows.filter(estate_id=int(given["estate"]))
    if given["month"]:
        year, month = month_of(given["month"], now)
        rows = rows.filter(found_at__year=year, found_at__month=month)
    wanted = {
        "open": {"solved_at": None, "voided_at": None},
        "reported": {"reported_up_at__isnull": False},
        "solved": {"solved_at__isnull": False},
        "voided": {"voided_at__isnull": False},
    }.get(given["state"], {})
    return rows.filter(**wanted).order_by("-found_at", "-id")  # type: ignore[arg-type]


@login_required
@require_GET
def problems(request: HttpRequest) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    may_look_at_problems(actor)
    given = _given(request)
    rows = filtered_problems(actor, given, now)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    estates = Estate.objects.filter(pk__in=queries.problems_for(actor).order_by().values("estate_id")).order_by("name")
    context = {
        "nav": "cases",
        "page_title": "问题台账",
        "page": page,
        "rows": [(one, _matter(one), _deadline(one)) for one in _with_clocks(list(page.object_list))],
        "given": given,
        "sources": SOURCES,
        "states": STATES,
        "estates": estates,
        "export_url": f"{reverse('cases:problems_export')}?{urlencode({k: v for k, v in given.items() if v})}",
        "may_register": bool(served(actor, now)),
        "now": now,
    }
    return render(request, "cases/problems.html", context)


def may_look_at_problems(actor: Actor) -> None:
    core.require(actor, "problems.read", _Area(actor))


@dataclass(frozen=True)
class _Area:
    """The actor's own place, as the row that a right over places is asked about."""

    actor: Actor

    @property
    def place_path(self) -> str:
        return self.actor.place_path

    def is_party(self, actor: Actor) -> bool:
        """Every unit has its own register to look at; the rows are chosen by `problems_for`."""
        return actor.organisation is not None


def _with_clocks(rows: list[Problem]) -> list[Problem]:
    """The soonest running duty of each line, in one statement."""
    found: dict[str, Duty] = {}
    wanted = Duty.objects.filter(
        subject_kind="problem", subject_id__in=[str(one.pk) for one in rows], closed_at__isnull=True
    )
    for duty in wanted.defer("state_json", "explanation").order_by("-due_at"):
        found[duty.subject_id] = duty
    for row in rows:
        row.soonest = found.get(str(row.pk))  # type: ignore[attr-defined]
    return rows


def _deadline(problem: Problem) -> Duty | None:
    return getattr(problem, "soonest", None)


def _matter(problem: Problem) -> str:
    return asking.matter_name(problem.matter) if problem.matter else ""


def served(actor: Actor, now: datetime) -> QuerySet[Estate]:
    """The estates that the actor's company serves now, a manager's own only; of other keepers those of their place."""
    if actor.organisation is None or actor.role not in KEEPERS:
        return Estate.objects.none()
    if actor.role not in ("property_company", "project_manager"):
        return Estate.objects.within(actor.place_path).filter(ended_on=None).order_by("name")
    rows = Estate.objects.filter(projects__company=actor.organisation, projects__to_on=None).distinct()
    return rows.filter(place_path__startswith=actor.place_path).order_by("name") if actor.place_path else rows.none()


@login_required
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    estates = served(actor, now)
    if not estates:
        raise Refused("forbidden", "登记问题的是服务小区的物业企业、业委会、社区和镇街。", status=403)
    options = matter_options(actor.place_path, local_day(now))
    options[0] = ("", "说不准")
    bound = (request.POST,) if request.method == "POST" else ()
    form = forms.ProblemForm(*bound, estates=estates, options=options, now=now)
    context = {"nav": "cases", "page_title": "登记问题", "form": form, "now": now}
    if request.method == "GET":
        return render(request, "cases/problem_new.html", context)
    if not form.is_valid():
        return render(request, "cases/problem_new.html", context, status=UNPROCESSABLE)
    try:
        with transaction.atomic():
            problem = services.register_problem(
                **form.cleaned_data, key=request.POST.get("form_key", ""), actor=actor, now=now
            )
    except Refused as refused:
        form.add_refusal(refused)
        return render(request, "cases/problem_new.html", context, status=UNPROCESSABLE)
    messages.success(request, f"已登记，编号 {problem.number}。")
    return see(reverse("cases:problem", args=[problem.number]))


def _sized(form: Any) -> list[tuple[Any, str]]:
    return [(one, size_of(one)) for one in form.visible_fields()]


def problem_of(request: HttpRequest, number: str) -> Problem:
    rows = queries.problems_for(actor_of(request)).select_related("reported_to", "void_asked_by")
    found = rows.filter(number=number.upper()).first()
    if found is None:
        if Problem.objects.filter(number=number.upper()).exists():
            raise Refused("forbidden", "这条登记不在您的辖区或经办范围内，不能查看。", status=403)
        raise Http404
    return found


@login_required
@require_GET
def problem(request: HttpRequest, number: str) -> HttpResponse:
    found = problem_of(request, number)
    actor, now = actor_of(request), now_of(request)
    levels = levels_of(found, on=local_day(now)) if found.reported_up_at else []
    rule, rule_clauses = reporting_rule(found, on=local_day(now))
    kept = found.stop_effective is True and not rule.get("may", True)
    context = {
        "nav": "cases",
        "page_title": f"{found.estate}：{found.spot}",
        "problem": found,
        "matter": _matter(found),
        "lines": found.entries.select_related("organisation").order_by("-at", "-id"),
        "acts": [
            one
            for one in LINE_ACTS.values()
            if one.offered(found) and core.may(actor, one.right, found) and not (kept and one.code == "report")
        ],
        "kept": rule_clauses if kept and found.open else None,
        "duties": list(duties_of(found.ref)),
        "case_shown": found.case if found.case and queries.may_see(actor, found.case) else None,
        "opened": found.opened_case,
        "opened_seen": found.opened_case is not None and queries.may_see(actor, found.opened_case),
        "minutes": asking.response_minutes(found.opened_case) if found.opened_case is not None else None,
        "interval": interval_of(found),
        "levels": levels,
        "levels_told": sum(told for _, told in levels),
        "notices": list(found.notices.select_related("document")),
        "more": _more(found, actor, now),
        "now": now,
    }
    return render(request, "cases/problem.html", context)


def _more(found: Problem, actor: Actor, now: datetime) -> list[tuple[str, str]]:
    """What enforcement adds to a line: the notice, the other levels, the evidence."""
    works = core.may(actor, "problems.handle", found) and found.voided_at is None
    acts = []
    if works and actor.organisation == found.keeper and found.violation and found.solved_at is None:
        acts.append((reverse("enforcement:act", args=["gaozhishu", found.pk]), "出具劝阻告知书"))
    left = [unit for unit, told in levels_of(found, on=local_day(now)) if not told] if found.reported_up_at else []
    if works and found.solved_at is None and left:
        acts.append((reverse("enforcement:act", args=["baogao", found.pk]), "报告另一级"))
    return [*acts, (reverse("enforcement:evidence", args=["problem", found.pk]), "证据")]


@login_required
@require_http_methods(["GET", "POST"])
def problem_act(request: HttpRequest, number: str, code: str) -> HttpResponse:
    found, act = problem_of(request, number), LINE_ACTS.get(code)
    if act is None:
        raise Http404
    actor, now = actor_of(request), now_of(request)
    core.require(actor, act.right, found)
    targets = services.report_targets(found, on=local_day(now)) if code == "report" else []
    bound = (request.POST,) if request.method == "POST" else ()
    form = act.form(*bound, problem=found, actor=actor, now=now, targets=targets)
    context = {
        "nav": "cases", "page_title": act.title, "problem": found, "act": act, "form": form,
        "fields": _sized(form), "now": now,
    }  # fmt: skip
    if request.method == "GET":
        if not act.offered(found):
            raise Refused("state", f"这条登记现在不能“{act.title}”。")
        return render(request, "cases/problem_act.html", context)
    if not form.is_valid():
        return render(request, "cases/problem_act.html", context, status=UNPROCESSABLE)
    key = request.POST.get("form_key", "")
    try:
        with transaction.atomic():
            if core.form_key(key, actor) is None:
                act.service(found, **form.given(), actor=actor, now=now)
                core.keep_form_key(key, found.ref)
    except Refused as refused:
        if refused.code == "forbidden":
            raise
        form.add_refusal(refused)
        return render(request, "cases/problem_act.html", context, status=refused.status)
    messages.success(request, act.done)
    return see(reverse("cases:problem", args=[found.number]))


@login_required
@require_GET
def problems_export(request: HttpRequest) -> HttpResponse:
    return problems_exported(_given(request), actor_of(request), now_of(request))


def problems_exported(given: Mapping[str, str], actor: Actor, now: datetime) -> HttpResponse:
    """Exactly what the filter shows, void lines among them and marked."""
    may_look_at_problems(actor)
    rows = filtered_problems(actor, given, now)
    named = Estate.objects.filter(pk=int(given["estate"])).first() if given["estate"].isdecimal() else None
    conditions = [
        ("月份", given["month"]),
        ("小区", named.name if named else ""),
        ("来源", SOURCES.get(given["source"], "")),
        ("状态", STATES.get(given["state"], "")),
    ]
    lines = (_cells(one) for one in rows.select_related("reported_to"))
    content = workbook("企业问题台账", COLUMNS, lines, asked=Asked.of(actor, now, conditions))
    return download(content, name=f"problems-{given['month'] or 'all'}.xlsx")


def _cells(one: Problem) -> tuple[Any, ...]:
    effective = {True: "有效", False: "无效", None: ""}[one.stop_effective]
    return (
        one.number, one.get_source_display(), one.found_at, one.registered_at, one.estate.name, one.spot,
        _matter(one), one.text, one.reporter, "是" if one.violation else "否", one.stopped_at, one.stopped_how,
        effective, one.solved_at, one.solved_text, one.reported_up_at,
        one.reported_to.name if one.reported_to else "", one.case.number if one.case else "",
        one.voided_at, one.void_reason if one.voided_at else "",
    )  # fmt: skip
