"""Bulk acts over ticked duties. What may be done is done; what may not is named with the reason."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation, User
from gongzhi.core.refs import Ref
from gongzhi.core.rights import FORBIDDEN_STATUS
from gongzhi.core.sheets import Asked
from gongzhi.duties import queries, services
from gongzhi.duties.forms import FulfilForm
from gongzhi.duties.listing import Filter
from gongzhi.duties.models import Duty
from gongzhi.duties.references import may_read
from gongzhi.duties.views.common import UNPROCESSABLE, actor_of, now_of, see
from gongzhi.duties.views.desk import excel

MOST_AT_ONCE = 300


@dataclass
class Outcome:
    """What a bulk act came to."""

    done: int = 0
    refused: list[str] = field(default_factory=list)

    def tell(self, request: HttpRequest, what: str) -> None:
        if self.done:
            messages.success(request, f"{what}{self.done}件。")
        for sentence in self.refused:
            messages.warning(request, sentence)


@login_required
@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """分派、催办、标记办结、导出 for the ticked duties of the desk; `prompt` alone for one of 别人欠我的."""
    actor, now = actor_of(request), now_of(request)
    code = request.POST.get("act", "")
    back = _back(request)
    if "prompt" in request.POST:
        code, ticked = "prompt", _ticked(request.POST.getlist("prompt"), actor)
    else:
        ticked = _ticked(request.POST.getlist("duty"), actor)
    if code == "export":
        shown = Filter.of(request.POST)
        rows = ticked or shown.rows(actor, queries.Bounds.at(now)).iterator(chunk_size=1000)
        conditions = [("勾选", f"清单里勾选的{len(ticked)}件")] if ticked else shown.conditions()
        return excel(rows, now=now, asked=Asked.of(actor, now, conditions))
    if not ticked:
        raise Refused("nothing_ticked", "没有勾选事项。请先勾选要办的，再按按钮。")
    if code == "done":
        return see(f"{reverse('duties:fulfil_many')}?{'&'.join(f'duty={duty.pk}' for duty in ticked)}")
    if code == "assign":
        what, do = _assigning(request.POST.get("to", ""), actor, now)
    elif code == "prompt":
        what, do = "已催办", lambda duty: services.prompt(duty, actor=actor, now=now)
    else:
        raise Refused("no_such_act", "没有这种办法。请用页面上的按钮办。")
    key = request.POST.get("form_key", "")
    if core.form_key(key, actor) is None:
        over_each(ticked, do).tell(request, what)
        core.keep_form_key(key, Ref("desk", str(ticked[0].pk)))
    return see(back)


def over_each(duties: list[Duty], do: Callable[[Duty], Any]) -> Outcome:
    """Each for itself: one that is refused leaves the others done. A missing right refuses them all."""
    outcome = Outcome()
    for duty in duties:
        try:
            with transaction.atomic():
                do(duty)
        except Refused as refusal:
            if refusal.code == "forbidden":
                raise
            outcome.refused.append(refusal.message)
        else:
            outcome.done += 1
    return outcome


def _ticked(given: list[str], actor: Actor) -> list[Duty]:
    """The duties of the ticks. One that the actor may not even read refuses the whole."""
    numbers = [int(one) for one in given if one.isdecimal()]
    if len(numbers) > MOST_AT_ONCE:
        raise Refused("too_many", f"一次最多办{MOST_AT_ONCE}件，请分几次办。")
    found = list(
        Duty.objects.filter(pk__in=numbers)
        .select_related("owner_organisation", "assigned_to", "estate")
        .order_by("due_at", "id")
    )
    if len(found) != len(set(numbers)) or not all(may_read(actor, duty) for duty in found):
        raise Refused(
            "forbidden", "勾选的事项里有不归您办的，都没有办。请刷新页面后重新勾选。", status=FORBIDDEN_STATUS
        )
    return found


def _assigning(to: str, actor: Actor, now: Any) -> tuple[str, Callable[[Duty], Any]]:
    kind, _, number = to.partition(":")
    if kind == "user" and number.isdecimal():
        user = User.objects.filter(pk=int(number)).first()
        if user is not None:
            return f"已分派给{user}：", lambda duty: services.hand_out(duty, user=user, actor=actor, now=now)
    if kind == "unit" and number.isdecimal():
        unit = Organisation.objects.within(actor.place_path).filter(pk=int(number), active=True).first()
        if unit is not None:
            return f"已交{unit}协办：", lambda duty: services.delegate(duty, owner=unit, actor=actor, now=now)
    raise Refused("no_target", "没有选分派给谁。请在“分派给”里选人或者下级单位。", fields={"to": "请选人或者下级单位"})


@login_required
@require_http_methods(["GET", "POST"])
def fulfil_many(request: HttpRequest) -> HttpResponse:
    """标记办结: one account of what was done for all that were ticked."""
    actor, now = actor_of(request), now_of(request)
    source = request.GET if request.method == "GET" else request.POST
    duties = _ticked(source.getlist("duty"), actor)
    if not duties:
        raise Refused("nothing_ticked", "没有勾选事项。请回工作台勾选。")
    for duty in duties:
        core.require(actor, "duty.fulfil", duty.own_side)
    if request.method == "GET":
        return _fulfil_page(request, FulfilForm(), duties)
    form = FulfilForm(request.POST, request.FILES)
    if not form.is_valid():
        return _fulfil_page(request, form, duties, status=UNPROCESSABLE)
    note, files = form.cleaned_data["note"], form.cleaned_data["papers"]
    if not note.strip() and not files:
        form.add_error("note", "请写明办了什么、结果怎样，或者上传附件")
        return _fulfil_page(request, form, duties, status=UNPROCESSABLE)
    key = request.POST.get("form_key", "")
    if core.form_key(key, actor) is None:
        outcome = over_each(
            duties, lambda duty: services.fulfil(duty, note=note, files=_again(files), actor=actor, now=now)
        )
        outcome.tell(request, "已标记办结")
        core.keep_form_key(key, Ref("desk", str(duties[0].pk)))
    return see(reverse("duties:desk"))


def _again(files: list[Any]) -> list[Any]:
    """The same upload for the next duty, from its beginning."""
    for file in files:
        file.seek(0)
    return files


def _fulfil_page(request: HttpRequest, form: FulfilForm, duties: list[Duty], *, status: int = 200) -> HttpResponse:
    by_act = [duty for duty in duties if not duty.manual]
    context = {
        "nav": "desk",
        "page_title": "标记办结",
        "form": form,
        "duties": duties,
        "by_act": by_act,
        "now": now_of(request),
    }
    return render(request, "duties/fulfil_many.html", context, status=status)


def _back(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return wanted
    return f"{reverse('duties:desk')}?{Filter.of(request.POST).query()}"
