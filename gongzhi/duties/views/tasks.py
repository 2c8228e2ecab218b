"""交办任务: what was given by hand, both ways, and the form to give one."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core import services as core
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused
from gongzhi.core.rights import may
from gongzhi.duties import queries, services
from gongzhi.duties.forms import TaskForm
from gongzhi.duties.listing import units_below
from gongzhi.duties.views.common import UNPROCESSABLE, actor_of, now_of, page_of, see

GIVEN, GOT = "given", "got"


@login_required
@require_GET
def tasks(request: HttpRequest) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    gives = actor.organisation is not None and may(actor, "duty.assign_task", actor.organisation)
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


@login_required
@require_http_methods(["GET", "POST"])
def assign(request: HttpRequest) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    core.require(actor, "duty.assign_task", actor.organisation)
    extra = {"owners": units_below(actor), "today": local_day(now)}
    if request.method == "GET":
        return _page(request, TaskForm(initial={"owner": request.GET.get("owner")}, **extra))
    form = TaskForm(request.POST, **extra)
    if not form.is_valid():
        return _page(request, form, status=UNPROCESSABLE)
    key = request.POST.get("form_key", "")
    try:
        with transaction.atomic():
            known = core.form_key(key, actor)
            if known is None:
                known = services.assign_task(**form.cleaned_data, actor=actor, now=now).ref
                core.keep_form_key(key, known)
                messages.success(request, "已交办。")
    except Refused as refusal:
        # The key was claimed in the same block, so the corrected form can be sent again.
        if refusal.code == "forbidden":
            raise
        form.add_refusal(refusal)
        return _page(request, form, status=refusal.status)
    return see(reverse("duties:detail", args=[known.id]))


def _page(request: HttpRequest, form: TaskForm, *, status: int = 200) -> HttpResponse:
    context = {"nav": "desk", "page_title": "交办任务", "form": form}
    return render(request, "duties/assign.html", context, status=status)
