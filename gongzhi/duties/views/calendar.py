"""日程: the month with what falls due each day; a list of days on a phone."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from gongzhi.core import services as core
from gongzhi.core.days import local_day
from gongzhi.duties import queries
from gongzhi.duties.views.common import actor_of, now_of
from gongzhi.duties.views.units import month_of


@login_required
@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    today = local_day(now)
    first = month_of(request.GET.get("month", ""), today)
    scope = request.GET.get("tab", "")
    scope = scope if scope in (queries.MINE, queries.UNIT) else queries.UNIT
    pack = core.pack_for(actor.place_path, today) if actor.place_path else None
    calendar_ = pack.calendar if pack else None
    weeks = queries.month_of_work(actor, first, scope=scope, today=today, calendar=calendar_)
    return render(
        request,
        "duties/calendar.html",
        {
            "nav": "desk",
            "page_title": f"日程　{first.year}年{first.month}月",
            "now": now,
            "first": first,
            "before": queries.months_back(first, 1),
            "after": queries.next_month(first),
            "weeks": weeks,
            "scope": scope,
            "total": sum(day.count for week in weeks for day in week.days if day.in_month),
            "known": calendar_ is None or calendar_.knows(first),
        },
    )
