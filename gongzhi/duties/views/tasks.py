"""交办任务: what was given by hand, both ways. It is given on the board of tasks, where it is followed as well."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from gongzhi.duties import queries
from gongzhi.duties.views.common import actor_of, give_url, now_of, page_of

GIVEN, GOT = "given", "got"


@login_required
@require_GET
def tasks(request: HttpRequest) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    gives = give_url(actor)
    side = request.GET.get("side", "")
    side = side if side in (GIVEN, GOT) else GIVEN if gives else GOT
    return render(
        request,
        "duties/tasks.html",
        {
            "nav": "desk",
            "page_title": "交办任务",
            "now": now,
            "side": side,
            "gives": gives,
            "page": page_of(queries.tasks_of(actor, given=side == GIVEN), request),
        },
    )
