"""组织图 of the actor's county: leadership, competent bureau, departments, streets, communities; gaps in red."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from gongzhi.registry.queries.chart import chart_for
from gongzhi.registry.views.common import actor_of, today_of


@login_required
@require_GET
def chart(request: HttpRequest) -> HttpResponse:
    actor, on = actor_of(request), today_of(request)
    found, counties = chart_for(actor, request.GET.get("county", ""), on)
    context = {
        "nav": "estates",
        "page_title": "组织图",
        "chart": found,
        "counties": counties,
        "gaps": found.incomplete,
        "only": request.GET.get("only") == "gaps",
    }
    return render(request, "registry/chart.html", context)
