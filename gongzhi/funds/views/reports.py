"""Reported repairs: whose each is by the document, which developers did not perform, what has to be planned."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core import refs
from gongzhi.core import services as core
from gongzhi.core.refs import Ref
from gongzhi.funds.common.queries import OfEstate
from gongzhi.funds.forms_repairs import SAID, JudgeForm, RepairedForm
from gongzhi.funds.maintenance import services as fund
from gongzhi.funds.maintenance.models import RepairReport
from gongzhi.funds.maintenance.queries import repairs
from gongzhi.funds.maintenance.words import REPAIRERS
from gongzhi.funds.views.common import NAV, actor_of, bound, form_page, now_of, page_of, today_of
from gongzhi.registry.queries.reading import estates_for

Data = Mapping[str, Any]
WAY = [("资金", "funds:overview"), ("报修判定", "funds:repair_reports")]


def _way() -> list[tuple[str, str]]:
    return [(title, reverse(name)) for title, name in WAY]


@login_required
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    actor, on = actor_of(request), today_of(request)
    core.require(actor, "repair.judge", Ref("place", "", "", actor.place_path))
    only = request.GET.get("only", "")
    rows = repairs.reports_for(actor, on=on)
    if only == "developer":
        rows = repairs.not_performed(actor, on=on)
    elif only in REPAIRERS:
        rows = rows.filter(who=only)
    page = page_of(request, rows)
    context = {
        "nav": NAV,
        "page_title": "报修判定",
        "crumbs": _way()[:1],
        "only": only,
        "page": page,
        "left_alone": repairs.left_alone(page, on),
        "late": repairs.not_performed(actor, on=on).count(),
        "candidates": repairs.candidates_for_plan(actor.place_path)[:50],
        "lacking": repairs.without_utilities(estates_for(actor), on)[:50],
        "on": on,
        "year": on.year + 1,
        "may_plan": core.may(actor, "repair.plan", Ref("place", "", "", actor.place_path)),
    }
    return render(request, "funds/repair_reports.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def judge(request: HttpRequest) -> HttpResponse:
    """判定由谁修; `case` in the address is the case that it comes from."""
    actor = actor_of(request)
    initial = {name: request.GET.get(name, "") for name in ("case", "estate", "part", "need", "text")}
    form = bound(request, JudgeForm, initial=initial)
    form.fields["estate"].queryset = estates_for(actor).filter(ended_on=None)

    def run(data: Data) -> Ref:
        said = {name: bool(data[name]) for name in SAID}
        return fund.judge_repair(
            data["estate"], part=data["part"], need=data["need"], said=said, cost_on=data["cost_on"],
            agreed=fund.Agreed(data["agreed_with"], data["agreed_basis"]), text=data["text"], case=data["case"],
            on=today_of(request), actor=actor, now=now_of(request),
        ).ref  # fmt: skip

    done = "已判定，案件已交给负责维修的单位；业主自修的、负责的单位没有登记在平台上的，已在案件里写明。"
    if not request.POST.get("case", "").strip():
        done = "已判定。没有写案件编号，平台没有派出案件，请把结果告诉报修人和负责维修的单位。"
    return form_page(
        title="判定报修由谁修", form=form, run=run, done=done,
        back=reverse("funds:repair_reports"), crumbs=_way(), button="判定",
        after=lambda ref: reverse("funds:repair_report", args=[int(ref.id)]),
        hint="按部位、质保期、合同、专营设施和维修资金判断，结果写明依据；写了案件编号的，案件随之改派。",
    ).answer(request)  # fmt: skip


def _row(request: HttpRequest, pk: int) -> RepairReport:
    row = get_object_or_404(RepairReport.objects.select_related("estate"), pk=pk)
    core.require(actor_of(request), "repair.judge", OfEstate(row.estate, today_of(request)))
    return row


def _case_url(request: HttpRequest, row: RepairReport) -> str:
    """Of the case that it comes from, for who may see that."""
    ref = Ref("case", row.case_number)
    return refs.url_of(ref) if row.case_number and refs.may_read(actor_of(request), ref) else ""


@login_required
@require_GET
def report(request: HttpRequest, pk: int) -> HttpResponse:
    row = _row(request, pk)
    value = row.answer.get("value") or {}
    context = {
        "nav": NAV,
        "page_title": str(row),
        "crumbs": _way(),
        "row": row,
        "contact": repairs.contact_of(row.estate, row.who, part=row.part, on=row.judged_on),
        "guide": value.get("guide"),
        "bearers": repairs.bearers_of(row),
        "agreed": repairs.agreed_of(row),
        "clauses": tuple(row.answer.get("clauses") or ()),
        "steps": row.answer.get("steps") or (),
        "on": today_of(request),
        "case_url": _case_url(request, row),
        "to_fund": row.who == "maintenance_fund",
        "left_alone": bool(repairs.left_alone([row], today_of(request))),
    }
    return render(request, "funds/repair_report.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def repaired(request: HttpRequest, pk: int) -> HttpResponse:
    row = _row(request, pk)
    form = bound(request, RepairedForm, version=row.version, initial={"on": today_of(request)})

    def run(data: Data) -> Ref:
        return fund.note_repaired(
            row, on=data["on"], note=data["note"], version=form.cleaned_data["version"], actor=actor_of(request),
            now=now_of(request),
        ).ref  # fmt: skip

    back = reverse("funds:repair_report", args=[row.pk])
    return form_page(
        title="登记修好", sub=str(row), form=form, run=run, done="已登记修好。", back=back,
        crumbs=[*_way(), (str(row), back)],
    ).answer(request)  # fmt: skip
