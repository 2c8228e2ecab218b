"""The line of an estate's property area: the plan, its corner points, every version; the form that draws it anew."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core import services as core
from gongzhi.core.refs import Ref
from gongzhi.registry import services as registry
from gongzhi.registry.area_line import AREA_LINE, degrees, line_text, points_of
from gongzhi.registry.forms import LineForm
from gongzhi.registry.queries import history
from gongzhi.registry.queries.lines import line_of, plan_of
from gongzhi.registry.queries.reading import words_of
from gongzhi.registry.views.common import (
    FormPage,
    actor_of,
    bound,
    crumbs_of,
    day_of,
    estate_of,
    now_of,
    today_of,
)


@login_required
@require_GET
def shown(request: HttpRequest, pk: int) -> HttpResponse:
    """The plan as it stood on the day asked about: `?day=`, else today."""
    found, actor, on = estate_of(request, pk), actor_of(request), day_of(request)
    own = line_of(found, on)
    plan, overlapped = plan_of(found, own, on)
    context = {
        "nav": "estates",
        "now": now_of(request),
        "estate": found,
        "on": on,
        "today": today_of(request),
        "plan": plan,
        "overlapped": overlapped,
        "points": [(number, *map(degrees, point)) for number, point in enumerate(own, start=1)],
        "versions": [
            (one, words_of(AREA_LINE, one.value) if one.value else "不再认定")
            for one in reversed(history(found.ref, AREA_LINE))
        ],
        "staff": actor.is_staff_role,
        "may_draw": found.ended_on is None and core.may(actor, "estate.record_fact", found),
    }
    return render(request, "registry/line.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def draw(request: HttpRequest, pk: int) -> HttpResponse:
    """The points typed. `look`: drawn and nothing kept yet."""
    found, actor, now = estate_of(request, pk), actor_of(request), now_of(request)
    core.require(actor, "estate.record_fact", found)
    on = today_of(request)
    own = line_of(found, on)
    initial = {"value": line_text(own).replace(";", "\n"), "from_on": on}
    form = bound(request, LineForm, initial=initial)
    here = reverse("registry:line", args=[found.pk])
    extra: dict[str, Any] = {"estate": found}

    def run(data: Mapping[str, Any]) -> Ref:
        registry.record_fact(found, name=AREA_LINE, value=data["value"], from_on=data["from_on"], actor=actor, now=now)
        return found.ref

    page = FormPage(
        title="画区域界线",
        form=form,
        run=run,
        done="界线已登记，以前的界线仍可查。",
        back=here,
        crumbs=crumbs_of(found),
        hint="坐标取自测绘成果或者规划红线图（国家大地坐标，度）。先“看图”核对，再登记。",
        button="登记这条界线",
        extra=extra,
        template="registry/draw_line.html",
    )
    if request.method == "POST" and form.is_valid():
        own = points_of(form.cleaned_data["value"])
    extra["plan"], extra["overlapped"] = plan_of(found, own, on)
    if "look" in request.POST and form.is_valid():
        return page.shown(request)
    return page.answer(request)
