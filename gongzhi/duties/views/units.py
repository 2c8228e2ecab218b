"""分单位: each unit's overdue work and on-time rate, for those above; and one unit's list."""

from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from gongzhi.core import services as core
from gongzhi.core.days import local_day
from gongzhi.core.models import Organisation
from gongzhi.duties import queries
from gongzhi.duties.listing import work_of
from gongzhi.duties.queries import MONTHS_SHOWN
from gongzhi.duties.views.common import actor_of, grouped, now_of, page_of
from gongzhi.duties.views.desk import bars_of

UNITS_A_PAGE = 50
MONTHS_TO_CHOOSE = 12
ORDERS = {"overdue": "超期多的在前", "rate": "按期率低的在前", "running": "在办多的在前", "name": "按名称"}


@login_required
@require_GET
def units(request: HttpRequest) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    core.require(actor, "duty.supervise", actor.organisation)
    today = local_day(now)
    month = month_of(request.GET.get("month", ""), today)
    first, last = queries.month_bounds(month)
    order = request.GET.get("order", "")
    order = order if order in ORDERS else "overdue"
    rows = queries.sorted_units(queries.on_time_rate(actor.place_path, first=first, last=last, now=now), order)
    page = page_of(rows, request, size=UNITS_A_PAGE)
    return render(
        request,
        "duties/units.html",
        {
            "nav": "desk",
            "page_title": "分单位",
            "now": now,
            "month": month,
            "months": [queries.months_back(today, back) for back in range(MONTHS_TO_CHOOSE)],
            "order": order,
            "orders": ORDERS,
            "page": page,
            "whole": _whole(rows),
        },
    )


def _whole(rows: list[queries.UnitRow]) -> queries.Rate:
    rates = [row.rate for row in rows]
    return queries.Rate(
        on_time=sum(rate.on_time for rate in rates),
        due=sum(rate.due for rate in rates),
        overdue=sum(rate.overdue for rate in rates),
        running=sum(rate.running for rate in rates),
        open_overdue=sum(rate.open_overdue for rate in rates),
    )


@login_required
@require_GET
def unit(request: HttpRequest, pk: int) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    organisation = get_object_or_404(Organisation, pk=pk)
    own = actor.organisation is not None and actor.organisation.pk == organisation.pk
    bounds = queries.Bounds.at(now)
    rows = work_of(organisation, actor)
    months = queries.on_time_by_month(rows, until=local_day(now), months=MONTHS_SHOWN)
    running = rows.filter(closed_at__isnull=True).order_by("due_at", "id").defer("state_json", "explanation")
    counts = queries.counts(running, bounds)
    shown = running if own else queries.seen_from_above(running, actor)
    listed = counts if own else queries.counts(shown, bounds)
    page = page_of(shown, request, known=listed.total)
    return render(
        request,
        "duties/unit.html",
        {
            "nav": "desk",
            "page_title": organisation.name,
            "now": now,
            "organisation": organisation,
            "counts": counts,
            "longest": counts.longest_days(now),
            "page": page,
            "groups": grouped(page, bounds, listed),
            "kept_back": counts.total - listed.total,
            "bars": bars_of(months),
            "own": own,
        },
    )


def month_of(text: str, today: date) -> date:
    """`2026-03`, else this month."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)
