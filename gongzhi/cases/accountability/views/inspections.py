"""督查: the list, opening, one inspection, one finding; a unit sees the findings sent to it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.cases.accountability import forms
from gongzhi.cases.accountability.models import Finding, Inspection
from gongzhi.cases.accountability.queries import tasks as queries
from gongzhi.cases.accountability.references import reads
from gongzhi.cases.accountability.services import inspections as services
from gongzhi.cases.accountability.views.common import (
    FormPage,
    actor_of,
    handle,
    may,
    now_of,
    page_of,
    require_own,
    show,
)
from gongzhi.core import services as core
from gongzhi.core.display import cn_date
from gongzhi.core.sending import EXPORT, download
from gongzhi.core.sheets import Asked, workbook
from gongzhi.duties.queries import duties_of
from gongzhi.registry import queries as registry


@login_required
@require_GET
def inspections(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    watches = may(actor, "accountability.read_inspections")
    mine = Finding.objects.filter(unit=actor.organisation, sent_at__isnull=False).select_related("estate", "document")
    rows: Any = queries.inspections_for(actor) if watches else mine.order_by("-sent_at")
    if EXPORT in request.GET:
        return _exported(request, rows, watches=watches)
    return show(
        request, "inspections", "inspections", "督查",
        watches=watches,
        may_open=may(actor, "accountability.inspect"),
        page=page_of(rows, request),
    )  # fmt: skip


COLUMNS = (
    ("编号", 20), ("督查", 30), ("被查单位", 24), ("发现", 8), ("已交办", 8), ("已到位", 8), ("开始", 18), ("结束", 18),
)  # fmt: skip
OF_FINDINGS = (("发现的问题", 50), ("小区", 22), ("督查单", 24), ("期限", 16), ("整改到位", 18))


def _exported(request: HttpRequest, rows: Any, *, watches: bool) -> HttpResponse:
    """The same list as Excel: inspections for those who watch, findings for a unit inspected."""
    actor, now = actor_of(request), now_of(request)
    lines: Any
    if watches:
        lines = (
            (
                one.number, one.title, str(one.inspected or "抽取的小区"), one.found, one.sent, one.rectified,
                one.opened_at, one.closed_at,
            )
            for one in rows
        )  # fmt: skip
    else:
        lines = (
            (one.text, str(one.estate or ""), one.document.number, cn_date(one.due_on), one.rectified_at)
            for one in rows
        )
    content = workbook("督查", COLUMNS if watches else OF_FINDINGS, lines, asked=Asked.of(actor, now))
    return download(content, name=f"inspections-{core.local_day(now):%Y%m%d}.xlsx")


@login_required
@require_http_methods(["GET", "POST"])
def open_one(request: HttpRequest) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    require_own(actor, "accountability.inspect")
    page = FormPage("inspections", "建督查单", reverse("accountability:inspections"), button="建督查单",
                    will="不通知被查单位；发现问题交办以后，被查单位才看到交办的那一条。")  # fmt: skip

    def do(clean: dict[str, Any]) -> Inspection:
        return services.open_inspection(**{**clean, "draw": clean["draw"] or 0}, actor=actor, now=now)

    return handle(
        request, page, lambda *data, **more: forms.InspectionForm(*data, units=queries.units_below(actor), **more), do,
        to=_url, done="督查单已建，没有通知被查单位。",
    )  # fmt: skip


def _url(pk: Any) -> str:
    return reverse("accountability:inspection", args=[pk])


def _finding_url(pk: Any) -> str:
    return reverse("accountability:finding", args=[pk])


def _inspection(request: HttpRequest, pk: int) -> Inspection:
    return get_object_or_404(queries.inspections_for(actor_of(request)), pk=pk)


@login_required
@require_GET
def inspection(request: HttpRequest, pk: int) -> HttpResponse:
    row = _inspection(request, pk)
    return show(
        request, "inspection", "inspections", row.title,
        row=row,
        estates=row.estates.select_related("estate__community").order_by("position"),
        findings=row.findings.select_related("unit", "estate", "document").order_by("pk"),
        may_act=core.may(actor_of(request), "accountability.inspect", row) and row.closed_at is None,
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def inspection_act(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    row, actor, now = _inspection(request, pk), actor_of(request), now_of(request)
    core.require(actor, "accountability.inspect", row)
    if code == "wenti":
        return _note(request, row)
    if code != "jieshu":
        raise Http404
    page = FormPage("inspections", "结束督查", _url(pk), about=row.title)

    def do(clean: dict[str, Any]) -> Inspection:
        return services.close_inspection(row, result=clean["text"], version=clean["version"], actor=actor, now=now)

    return handle(
        request, page, lambda *data, **more: forms.TextForm(*data, version=row.version, label="督查结果", **more), do,
        to=_url, done="督查已结束。",
    )  # fmt: skip


def _note(request: HttpRequest, row: Inspection) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    page = FormPage("inspections", "记录发现的问题", _url(row.pk), about=row.title, button="记录",
                    will="先记录，责任单位看不到；核对后再交办。")  # fmt: skip
    drawn = [one.estate_id for one in row.estates.all()]
    estates = registry.estates_within(row.inspected.place_path if row.inspected is not None else row.place_path)
    given = {"units": queries.units_below(actor), "estates": estates.filter(pk__in=drawn) if drawn else estates}

    def make(*data: Any, **more: Any) -> forms.FindingForm:
        return forms.FindingForm(*data, **{"initial": {"unit": row.inspected_id}, **more}, **given)

    def do(clean: dict[str, Any]) -> Inspection:
        clean.pop("version", None)
        services.note_finding(row, **clean, actor=actor, now=now)
        return row

    return handle(request, page, make, do, to=_url, done="已记录，还没有交办。")


def _finding(request: HttpRequest, pk: int) -> Finding:
    row = get_object_or_404(Finding.objects.select_related("inspection", "unit", "estate", "document"), pk=pk)
    if not reads(actor_of(request), row):
        raise Http404
    return row


ACTS = {"jiaoban": "交办", "fankui": "反馈整改", "fuhe": "复核"}


def _acts(row: Finding, request: HttpRequest) -> list[tuple[str, str]]:
    actor, found = actor_of(request), []
    inspects = core.may(actor, "accountability.inspect", row.inspection)
    if not row.sent and inspects:
        found.append("jiaoban")
    if row.sent and row.feedback_at is None and core.may(actor, "accountability.answer_finding", row):
        found.append("fankui")
    if row.feedback_at is not None and row.rectified_at is None and inspects:
        found.append("fuhe")
    return [(code, ACTS[code]) for code in found]


@login_required
@require_GET
def finding(request: HttpRequest, pk: int) -> HttpResponse:
    row = _finding(request, pk)
    return show(
        request, "finding", "inspections", "督查交办" if row.sent else "督查记录的问题",
        row=row,
        acts=_acts(row, request),
        watches=reads(actor_of(request), row.inspection),
        duties=duties_of(row.ref),
        documents=core.documents_of(row.ref),
        files=core.files_of(row.ref),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def finding_act(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    row = _finding(request, pk)
    acts = {"jiaoban": _send, "fankui": _answer, "fuhe": _check}
    if code not in acts:
        raise Http404
    if code == "fankui":
        core.require(actor_of(request), "accountability.answer_finding", row)
    else:
        core.require(actor_of(request), "accountability.inspect", row.inspection)
    return acts[code](request, row)


def _send(request: HttpRequest, row: Finding) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    page = FormPage("inspections", "交办", _finding_url(row.pk), about=row.text, button="出督查单并交办",
                    will=f"编号的督查单送达{row.unit}，{row.days}日内整改；逾期的依次抄告、督办、通报。")  # fmt: skip
    return handle(
        request, page, lambda *data, **more: forms.Plain(*data, version=row.version, **more),
        lambda clean: services.send_finding(row, version=clean["version"], actor=actor, now=now),
        to=_finding_url, done="已交办。",
    )  # fmt: skip


def _answer(request: HttpRequest, row: Finding) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    page = FormPage("inspections", "反馈整改情况", _finding_url(row.pk), about=row.text, button="反馈",
                    will="反馈以后期限停止计算，等督查单位复核。")  # fmt: skip
    return handle(
        request, page, lambda *data, **more: forms.TextFileForm(*data, label="整改情况", version=row.version, **more),
        lambda clean: services.answer_finding(
            row, text=clean["text"], files=[clean["file"]], version=clean["version"], actor=actor, now=now
        ),
        to=_finding_url, done="已反馈。",
    )  # fmt: skip


def _check(request: HttpRequest, row: Finding) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    page = FormPage("inspections", "复核整改", _finding_url(row.pk), about=row.text, button="登记复核")

    def do(clean: dict[str, Any]) -> Finding:
        passed, days = clean.pop("passed") == "yes", clean.pop("days") or 0
        return services.check_finding(row, **clean, passed=passed, days=days, actor=actor, now=now)

    return handle(
        request, page, lambda *data, **more: forms.CheckForm(*data, version=row.version, **more), do, to=_finding_url,
        done="已登记复核。",
    )  # fmt: skip
