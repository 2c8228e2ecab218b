"""模拟期限: what a document demands of whom by when after some events. Nothing is stored."""

import json
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from gongzhi.core import display
from gongzhi.policy import simulate
from gongzhi.policy.periods import CHINA
from gongzhi.policy.problems import PackFault
from gongzhi.policy.simulate import BadEvents
from gongzhi.site.policy.events_form import MOST_ROWS, Events, example, kinds_of
from gongzhi.site.policy.timeline import step_name, timeline
from gongzhi.site.policy.views_ask import switches_of
from gongzhi.site.policy.views_clauses import pack_or_404

UNPROCESSABLE = 422
LONGEST_EVENTS = 100_000
MOST_EVENTS = 500
DROP = "drop:"
# Both forms of the page ask for a moment.
RAW_IDS = "raw_%s"


class MomentForm(forms.Form):
    at = forms.DateTimeField(
        label="看到哪一刻",
        help_text="那一刻以后的事不算",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        error_messages={"required": "请选看哪一刻", "invalid": "时间写成 2026-04-01 09:00 这样"},
    )


class JsonForm(MomentForm):
    """The same by hand: a list of events as `gongzhi simulate` reads them."""

    events = forms.CharField(
        label="事件",
        help_text="一个列表，每个事件有 kind、at、subject、data 四样",
        max_length=LONGEST_EVENTS,
        widget=forms.Textarea(attrs={"rows": 12, "class": "gz-code", "spellcheck": "false"}),
        error_messages={"required": "请贴上事件"},
    )
    field_order = ("events", "at")

    def clean_events(self) -> list[Any]:
        try:
            found = json.loads(self.cleaned_data["events"])
        except json.JSONDecodeError as error:
            raise forms.ValidationError(f"第{error.lineno}行第{error.colno}个字不是 JSON：{error.msg}") from error
        if not isinstance(found, list) or len(found) > MOST_EVENTS:
            raise forms.ValidationError(f"要写成列表 [ … ]，最多{MOST_EVENTS}个事件")
        return found


@require_http_methods(["GET", "POST"])
def simulation(request: HttpRequest, slug: str) -> HttpResponse:
    """Each button sends the whole page: add an event, take one away, or play them."""
    pack = pack_or_404(slug)
    now = timezone.localtime().replace(tzinfo=None, second=0, microsecond=0)
    by_hand = "events" in request.POST
    act = request.POST.get("act", "play" if by_hand else "")
    rows = Events([]) if by_hand else Events.sent(request.POST, pack)
    moment = MomentForm(request.POST if request.method == "POST" and not by_hand else None, initial={"at": now})
    raw = JsonForm(request.POST if by_hand else None, initial={"at": now}, auto_id=RAW_IDS)
    found: dict[str, Any] = {}
    status = 200
    if request.method == "GET":
        rows = example(pack, at=now)
    elif act == "add":
        moment = MomentForm(initial={"at": moment["at"].value()})
        rows = _one_more(rows, pack, request.POST.get("kind", ""), now)
    elif act.startswith(DROP):
        moment = MomentForm(initial={"at": moment["at"].value()})
        rows = rows.without(act.removeprefix(DROP))
    elif by_hand:
        found = _played(pack, raw, raw.cleaned_data["events"]) if raw.is_valid() else {}
        status = UNPROCESSABLE if raw.errors else 200
    else:
        valid = rows.valid and moment.is_valid()
        if not rows.forms:
            moment.add_error(None, "还没有事件。先从下面选一种，点“加一件”。")
        found = _played(pack, moment, rows.told) if valid else {}
        status = UNPROCESSABLE if moment.errors or not valid else 200
    if not by_hand:
        written = {"at": moment["at"].value() or now, "events": rows.text if found else "[]"}
        raw = JsonForm(initial=written, auto_id=RAW_IDS)
    context = {
        "page_title": "模拟期限",
        "page_sub": f"{pack.title}：填上发生了什么，看谁欠谁什么、什么时候到期。只算，不落库。",
        "nav": "ask",
        "pack": pack,
        "rows": rows.forms,
        "full": len(rows.forms) >= MOST_ROWS,
        "kinds": kinds_of(pack),
        "moment": moment,
        "raw": raw,
        "by_hand": by_hand,
        **found,
    }
    return render(request, "site/policy/simulate.html", context, status=status)


def _one_more(rows: Events, pack: Any, kind: str, now: datetime) -> Events:
    known = {one for _, found in kinds_of(pack) for one, _ in found}
    return rows.with_one(pack, kind, at=now) if kind in known and len(rows.forms) < MOST_ROWS else rows


def _played(pack: Any, form: MomentForm, events: list[Any]) -> dict[str, Any]:
    at: datetime = form.cleaned_data["at"]
    at = at if at.tzinfo else at.replace(tzinfo=CHINA)
    try:
        duties = simulate(pack, events, at, switches_of(pack, display.local(at).date()))
    except (BadEvents, PackFault, ValueError) as fault:
        form.add_error("events" if "events" in form.fields else None, str(fault))
        return {}
    for duty in duties:
        for step in duty["steps"]:
            step["name"] = step_name(pack, step)
    return {"duties": duties, "lines": timeline(pack, events, duties, at=at), "at": at}
