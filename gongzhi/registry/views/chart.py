"""组织图 of the actor's county: leadership, competent bureau, departments, streets, communities; gaps in red."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from gongzhi.core import services as core
from gongzhi.core.models import Place
from gongzhi.core.packs import codes_of
from gongzhi.registry.queries.chart import chart_of
from gongzhi.registry.views.common import actor_of, today_of


@login_required
@require_GET
def chart(request: HttpRequest) -> HttpResponse:
    actor, on = actor_of(request), today_of(request)
    if not (actor.is_staff_role or actor.role == "system_admin") or not actor.place_path:
        raise core.Refused("forbidden", "组织图由镇街、社区和部门的账号查看。", status=403)
    counties = Place.objects.filter(level="county")
    above = counties.filter(code__in=codes_of(actor.place_path)).first()
    below = counties.filter(path__startswith=actor.place_path).order_by("path")
    wanted = request.GET.get("county", "")
    county = above or below.filter(code=wanted).first() or below.first()
    if county is None:
        raise core.Refused("no_county", "您的辖区里还没有区县。")
    found = chart_of(county, on, within=actor.place_path if above is not None else "")
    context = {
        "nav": "estates",
        "page_title": "组织图",
        "chart": found,
        "counties": list(below) if above is None else [],
        "gaps": found.incomplete,
        "only": request.GET.get("only") == "gaps",
    }
    return render(request, "registry/chart.html", context)
