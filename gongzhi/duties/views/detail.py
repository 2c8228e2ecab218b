"""One duty: what, by when and why, what happened, and what can be done with it now."""

from collections.abc import Callable
from dataclasses import dataclass
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
from gongzhi.core.display import due_moment_words
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.core.recording import vocabulary
from gongzhi.core.rights import may
from gongzhi.duties import queries, services
from gongzhi.duties.forms import DecideForm, FulfilForm, HandOutForm, ReasonForm, ResumeForm
from gongzhi.duties.models import Duty
from gongzhi.duties.references import may_read
from gongzhi.duties.services.approvals import may_decide_extension
from gongzhi.duties.views.common import UNPROCESSABLE, actor_of, now_of, page_of, see

EVENTS_SHOWN = 30


@dataclass(frozen=True)
class Act:
    """One thing that can be done with a duty: its button, its form and the service behind it."""

    code: str
    title: str
    form: type[Any]
    allowed: Callable[[Duty, Actor], bool]
    run: Callable[..., Any]
    done: str
    hint: str = ""


def _own(right: str) -> Callable[[Duty, Actor], bool]:
    return lambda duty, actor: duty.running and may(actor, right, duty.own_side)


def _decide(right: str) -> Callable[[Duty, Actor], bool]:
    return lambda duty, actor: duty.running and may(actor, right, duty.to_decide)


def _may_prompt(duty: Duty, actor: Actor) -> bool:
    return duty.running and (may(actor, "duty.prompt", duty) or may(actor, "duty.supervise", duty))


ACTS = {
    act.code: act
    for act in (
        Act(
            "banjie",
            "标记办结",
            FulfilForm,
            lambda duty, actor: duty.manual and _own("duty.fulfil")(duty, actor),
            lambda duty, data, **who: services.fulfil(duty, note=data["note"], files=data["papers"], **who),
            "已标记办结。",
        ),
        Act(
            "fenpai",
            "分派",
            HandOutForm,
            _own("duty.hand_out"),
            lambda duty, data, **who: services.hand_out(duty, user=data["to"], **who),
            "已分派。",
        ),
        Act(
            "cuiban",
            "催办",
            ResumeForm,
            _may_prompt,
            lambda duty, data, actor, now, version: services.prompt(duty, actor=actor, now=now),
            "已催办。",
            "催办每天最多一次，责任单位会收到消息。",
        ),
        Act(
            "yanqi",
            "申请延期",
            ReasonForm,
            lambda duty, actor: not duty.request and _own("duty.ask")(duty, actor),
            lambda duty, data, **who: services.ask_extension(duty, reason=data["reason"], **who),
            "已申请延期，等待批准。",
            "批准以前，期限照旧。",
        ),
        Act(
            "shenpi",
            "审批延期",
            DecideForm,
            lambda duty, actor: duty.running and bool(duty.request) and may_decide_extension(duty, actor),
            lambda duty, data, **who: services.decide_extension(
                duty, approve=data["approve"] == "yes", reason=data["reason"], days=data["days"], **who
            ),
            "已批。",
        ),
        Act(
            "mianze",
            "免责",
            ReasonForm,
            _decide("duty.excuse"),
            lambda duty, data, **who: services.excuse(duty, reason=data["reason"], **who),
            "已免责。",
            "免责以后不再催督，也不计入按期率。理由和批准人都有记录。",
        ),
        Act(
            "zhongzhi",
            "中止计时",
            ReasonForm,
            lambda duty, actor: not duty.suspended and _decide("duty.suspend")(duty, actor),
            lambda duty, data, **who: services.suspend(duty, reason=data["reason"], **who),
            "已中止计时。",
            "恢复以后，按剩下的日数接着算。",
        ),
        Act(
            "huifu",
            "恢复计时",
            ResumeForm,
            lambda duty, actor: duty.suspended and _decide("duty.suspend")(duty, actor),
            lambda duty, data, **who: services.resume(duty, **who),
            "已恢复计时。",
        ),
    )
}


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
            "line": [_Happened.of(event) for event in page],
            "files": core.files_of(duty.ref),
            "subject_url": refs.url_of(duty.subject) if refs.may_read(actor, duty.subject) else "",
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
    extra = _colleagues(act, duty, now)
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


def _colleagues(act: Act, duty: Duty, now: datetime) -> dict[str, Any]:
    if act.form is not HandOutForm or duty.owner_organisation is None:
        return {}
    return {"colleagues": core.holders(duty.owner_organisation, on=local_day(now))}


def _duty(request: HttpRequest, pk: int) -> Duty:
    """404 for what the actor may not read: that it exists is already something to know."""
    duty = get_object_or_404(
        Duty.objects.select_related("owner_organisation", "assigned_to", "estate", "creditor"), pk=pk
    )
    if not may_read(actor_of(request), duty):
        raise Http404
    return duty


def _form_page(request: HttpRequest, duty: Duty, act: Act, form: Any, *, status: int = 200) -> HttpResponse:
    context = {"nav": "desk", "page_title": act.title, "duty": duty, "act": act, "form": form, "now": now_of(request)}
    return render(request, "duties/act.html", context, status=status)


def _steps(duty: Duty) -> list[dict[str, Any]]:
    pack = core.pack_for(duty.place_path, local_day(duty.opened_at))
    instruments = pack.instruments if pack else {}
    return [
        {
            "name": instruments[step["instrument"]].name if step.get("instrument") in instruments else step["step"],
            "at": datetime.fromisoformat(step["at"]),
            "new_due": datetime.fromisoformat(step["new_due"]) if step.get("new_due") else None,
            "suggests": step.get("suggests", ""),
        }
        for step in queries.steps_reached(duty)
    ]


@dataclass(frozen=True)
class _Happened:
    at: datetime
    title: str
    who: str
    note: str

    @classmethod
    def of(cls, event: Event) -> "_Happened":
        return cls(event.at, _titled(event.kind), event.actor_label, _note(event))


def _titled(kind: str) -> str:
    declared = vocabulary().events.get(kind)
    return declared.title if declared else kind


def _note(event: Event) -> str:
    data = event.data
    if event.kind == "duty.climbed":
        return str(data.get("number") or "")
    if event.kind in ("duty.extended", "duty.recomputed") and data.get("due_at") and data.get("was_due_at"):
        return f"{_until(data['was_due_at'])}改为{_until(data['due_at'])}"
    if event.kind == "duty.fulfilled":
        return "超期办结" if data.get("late") else "期满没有人办理，视为办结" if data.get("silent") else "按期办结"
    return ""


def _until(moment: str) -> str:
    return due_moment_words(datetime.fromisoformat(moment))
