"""One duty: what, by when and why, what happened, and what can be done with it now."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core import refs
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused
from gongzhi.duties import queries
from gongzhi.duties.acts import ACTS, Act, asked_of
from gongzhi.duties.history import STEP_WORDS, Happened
from gongzhi.duties.models import Duty
from gongzhi.duties.references import may_read
from gongzhi.duties.views.common import UNPROCESSABLE, actor_of, now_of, page_of, see
from gongzhi.registry.queries.reading import estates_for

EVENTS_SHOWN = 30


@login_required
@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    duty = _duty(request, pk)
    actor, now = actor_of(request), now_of(request)
    acts = [act for act in ACTS.values() if act.allowed(duty, actor)]
    page = page_of(queries.acts_of(duty), request, size=EVENTS_SHOWN)
    first = next((act for act in acts if act.code in ("banjie", "shenpi")), None)
    return render(
        request,
        "duties/detail.html",
        {
            "nav": "desk",
            "now": now,
            "duty": duty,
            "acts": acts,
            "first": first,
            "steps": _steps(duty),
            "basis": {**duty.explanation, "clauses": duty.clauses},
            "page": page,
            "line": [Happened.of(event) for event in page],
            "files": core.files_of(duty.ref),
            "subject_url": _subject_url(actor, duty),
            "mine": duty.owed_by(actor),
            "late": duty.due_at is not None and duty.running and now >= duty.due_at,
        },
    )


@login_required
@require_http_methods(["GET", "POST"])
def do(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """The form of one act, and the act itself."""
    duty = _duty(request, pk)
    act = ACTS.get(code)
    if act is None:
        raise Http404
    actor, now = actor_of(request), now_of(request)
    extra = asked_of(act, duty, now)
    if request.method == "GET":
        return _form_page(request, duty, act, act.form(version=duty.version, **extra))
    form = act.form(request.POST, request.FILES, **extra)
    if not form.is_valid():
        return _form_page(request, duty, act, form, status=UNPROCESSABLE)
    key = request.POST.get("form_key", "")
    try:
        with transaction.atomic():
            if core.form_key(key, actor) is None:
                act.run(duty, form.cleaned_data, actor=actor, now=now, version=form.cleaned_data["version"])
                core.keep_form_key(key, duty.ref)
                messages.success(request, act.done)
    except Refused as refusal:
        # The key was claimed in the same block, so the corrected form can be sent again.
        if refusal.code == "forbidden":
            raise
        form.add_refusal(refusal)
        return _form_page(request, duty, act, form, status=refusal.status)
    return see(reverse("duties:detail", args=[duty.pk]))


def _duty(request: HttpRequest, pk: int) -> Duty:
    """404 for what the actor may not read: that it exists is already something to know."""
    duty = get_object_or_404(
        Duty.objects.select_related("owner_organisation", "assigned_to", "estate", "creditor"), pk=pk
    )
    if not may_read(actor_of(request), duty):
        raise Http404
    return duty


def _subject_url(actor: Actor, duty: Duty) -> str:
    """Where the matter itself is worked on. A company and a committee open their estates, too, whose files they may
    not all read."""
    subject = duty.subject
    own = subject.kind == "estate" and estates_for(actor).filter(pk=subject.id).exists()
    return refs.url_of(subject) if own or refs.may_read(actor, subject) else ""


def _form_page(request: HttpRequest, duty: Duty, act: Act, form: Any, *, status: int = 200) -> HttpResponse:
    context = {"nav": "desk", "page_title": act.title, "duty": duty, "act": act, "form": form, "now": now_of(request)}
    return render(request, "duties/act.html", context, status=status)


def _name(step: dict[str, Any], instruments: Mapping[str, Any]) -> str:
    """The paper that the step issues, else the usual word."""
    if step.get("instrument") in instruments:
        return str(instruments[step["instrument"]].name)
    return STEP_WORDS.get(step["step"], step["step"])


def _steps(duty: Duty) -> list[dict[str, Any]]:
    pack = core.pack_for(duty.place_path, local_day(duty.opened_at))
    instruments = pack.instruments if pack else {}
    return [
        {
            "name": _name(step, instruments),
            "at": datetime.fromisoformat(step["at"]),
            "new_due": datetime.fromisoformat(step["new_due"]) if step.get("new_due") else None,
            "suggests": step.get("suggests", ""),
        }
        for step in queries.steps_reached(duty)
    ]
