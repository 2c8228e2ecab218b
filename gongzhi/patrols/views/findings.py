"""The three lists of findings, one finding from its discovery to its end, and the list as Excel."""

from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core import refs
from gongzhi.core import services as core
from gongzhi.core.display import cn_date
from gongzhi.core.files import XLSX
from gongzhi.core.pages import Who, actor_of, now_of, page_of, today_of
from gongzhi.core.sheets import Asked, workbook
from gongzhi.patrols import filling
from gongzhi.patrols.acts import ACTS
from gongzhi.patrols.models import PatrolFinding
from gongzhi.patrols.queries.reading import findings_for, settled_share
from gongzhi.patrols.words import LISTS, ON_TIME, OPEN_STATES
from gongzhi.policy.answer import Answer

CSS = {
    "found": "gz-today", "assigned": "gz-soon", "rectified": "gz-today", "passed": "gz-ok", "handed": "gz-soon",
    "voided": "gz-wait",
}  # fmt: skip
TIMING_CSS = {"running": "gz-wait", "in_time": "gz-ok", "late": "gz-today", "overdue": "gz-over"}
VIEWS = {"open": "没有销号的", "mine": "我单位要办", "overdue": "超期", "repeated": "重复发生", "all": "全部"}
COLUMNS = {
    "problems": ("编号", "发现时间", "小区", "位置", "类别", "等级", "问题主体", "问题", "发现单位", "重复"),
    "duties": ("编号", "小区", "问题", "责任单位", "整改时限", "复查单位", "升级到", "状态"),
    "rectification": (
        "编号", "小区", "问题", "责任单位", "整改时限", "报送整改", "复查", "未通过次数", "是否按期", "状态",
    ),
}  # fmt: skip
WIDTH = 18


def rows_asked(request: Any) -> tuple[str, str, Any]:
    """(list, view, rows) as the address asks for them."""
    actor, on = actor_of(request), today_of(request)
    which = request.GET.get("list", "problems")
    which = which if which in LISTS else "problems"
    view = request.GET.get("view", "open")
    rows: Any = findings_for(actor)
    if view == "overdue":
        rows = rows.filter(state="assigned", due_on__lt=on)
    elif view == "repeated":
        rows = rows.filter(repeat_of__isnull=False)
    elif view == "mine":
        own = actor.organisation
        rows = rows.filter(responsible=own, state="assigned") | rows.filter(rechecker=own, state="rectified")
    elif view != "all":
        view, rows = "open", rows.filter(state__in=OPEN_STATES)
    for name in ("estate", "round"):
        if request.GET.get(name, "").isdigit():
            rows = rows.filter(**{f"{name}_id": int(request.GET[name])})
    if request.GET.get("kind"):
        rows = rows.filter(kind=request.GET["kind"])
    return which, view, rows.order_by("-found_at", "-pk")


@login_required
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    which, view, rows = rows_asked(request)
    on, actor = today_of(request), actor_of(request)
    page = page_of(request, rows)
    settled = settled_share(actor) if actor.user is not None else (0, 0)
    context = {
        "nav": filling.NAV,
        "page_title": LISTS[which],
        "lists": LISTS,
        "which": which,
        "views": VIEWS,
        "view": view,
        "page": page,
        "lines": [(one, CSS[one.state], *_timing(one, on)) for one in page.object_list],
        "query": request.GET.urlencode(),
        "settled": settled,
        "today": on,
    }
    template = "patrols/_findings.html" if getattr(request, "htmx", False) else "patrols/findings.html"
    return render(request, template, context)


def _timing(row: PatrolFinding, on: date) -> tuple[str, str]:
    code = row.timing(on) if row.state not in ("handed", "voided") else ""
    words = ON_TIME.get(code, "")
    if code == "overdue":
        words = f"已超{row.days_late(on)}日"
    return words, TIMING_CSS.get(code, "gz-wait")


@login_required
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The list as it stands on the page, all of its rows."""
    which, view, rows = rows_asked(request)
    actor, now, on = actor_of(request), now_of(request), today_of(request)
    columns = [(name, WIDTH) for name in COLUMNS[which]]
    asked = Asked.of(actor, now, [("清单", LISTS[which]), ("视图", VIEWS[view])])
    content = workbook(LISTS[which], columns, (_line(which, one, on) for one in rows), asked=asked)
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="findings-{which}.xlsx"'
    response["Cache-Control"] = "private, no-store"
    return response


def _line(which: str, row: PatrolFinding, on: date) -> list[Any]:
    if row.responsible is not None:
        responsible = row.responsible.name
    else:
        responsible = "当场处理" if row.eased_on_spot else "还没有明确"
    if which == "problems":
        return [
            row.number, row.found_at, row.estate.name, row.location, row.kind, row.get_grade_display(),
            row.get_side_display(), row.text, row.finder.name if row.finder else "",
            row.repeat_of.number if row.repeat_of else "",
        ]  # fmt: skip
    due = cn_date(row.due_on)
    rechecker = row.rechecker.name if row.rechecker is not None else ""
    above = row.escalated_to.name if row.escalated_to is not None else ""
    if which == "duties":
        state = row.get_state_display()
        return [row.number, row.estate.name, row.kind, responsible, due, rechecker, above, state]
    return [
        row.number, row.estate.name, row.kind, responsible, due, row.rectified_at, row.passed_at, row.failed,
        _timing(row, on)[0], row.get_state_display(),
    ]  # fmt: skip


@login_required
@require_GET
def finding(request: HttpRequest, pk: int) -> HttpResponse:
    row, on = filling.finding_of(request, pk), today_of(request)
    who = Who(actor_of(request), now_of(request))
    words, css = _timing(row, on)
    again = [one for one in (row.repeat_of, *row.repeats.all()) if one is not None]
    linked = [one.ref for one in (row.round, row.entry, *again) if one is not None]
    urls = refs.readable(who.actor, linked)
    kept = {name: one for name, one in (row.rules or {}).items() if name != "told"}
    context = {
        "nav": filling.NAV,
        "page_title": f"{row.kind}　{row.estate.name}",
        "row": row,
        "css": CSS[row.state],
        "timing": words,
        "timing_css": css,
        "steps": list(row.steps.prefetch_related("photos__file").select_related("organisation")),
        "photos": list(row.photos.filter(step=None).select_related("file")),
        "acts": [
            (reverse("patrols:act", args=[row.pk, code]), one.title)
            for code, one in ACTS.items()
            if one.offered(row, who)
        ],
        "answer": Answer.from_json(kept) if kept else None,
        "told": (row.rules or {}).get("told") or [],
        "round_url": urls.get(row.round.ref.key, "") if row.round else "",
        "entry_url": urls.get(row.entry.ref.key, "") if row.entry else "",
        "again": [(one, urls.get(one.ref.key, "")) for one in again],
        "case_url": _case_url(row, who.actor),
        "stages": _stages(row),
        "documents": core.documents_of(row.ref),
    }
    return render(request, "patrols/finding.html", context)


def _case_url(row: PatrolFinding, actor: Any) -> str:
    return f"/anjian/{row.case_number}/" if row.case_number and core.may(actor, "finding.read", row) else ""


def _stages(row: PatrolFinding) -> list[tuple[str, bool, bool]]:
    """(title, done, current) from the discovery to the end."""
    order = ("found", "assigned", "rectified", "passed")
    titles = ("发现问题", "明确责任", "整改", "复查销号")
    if row.state in ("voided", "handed"):
        return []
    reached = {"found": 1, "assigned": 2, "rectified": 3, "passed": len(order)}[row.state]
    return [(titles[place], place < reached, place == reached) for place, _ in enumerate(order)]


@login_required
@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    return filling.act_page(request, pk, code).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, pk: int) -> HttpResponse:
    return filling.report_page(request, pk).answer(request)
