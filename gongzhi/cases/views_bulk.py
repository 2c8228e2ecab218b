"""What is done with several ticked cases. What may be done is done; what may not is named with the reason."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from gongzhi.cases import queries, services
from gongzhi.cases.forms_fields import long_text
from gongzhi.cases.models import Case
from gongzhi.cases.services.acting import unit_for
from gongzhi.cases.views_common import UNPROCESSABLE, actor_of, now_of, see
from gongzhi.cases.views_list import excel, rows_of
from gongzhi.cases.views_list_filter import ListFilter
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.forms import RefusalForm
from gongzhi.core.models import Organisation
from gongzhi.core.refs import Ref
from gongzhi.core.sheets import Asked
from gongzhi.duties import services as duties
from gongzhi.duties.models import Duty

MOST_AT_ONCE = 300
LEAST_TO_MERGE = 2
FORBIDDEN = 403


class HandForm(RefusalForm, forms.Form):
    reason = long_text("理由", rows=3, required=False, help_text="有一件与职责清单推荐的单位不同，就要写理由")


class JoinForm(RefusalForm, forms.Form):
    reason = long_text("并件的理由", rows=3)


@login_required
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """分派、吹哨、催办、并件、打印、导出 for the ticked cases."""
    actor, now = actor_of(request), now_of(request)
    ticked = _ticked(request.POST.getlist("case"), actor)
    code = request.POST.get("act", "")
    if not ticked:
        raise Refused("nothing_ticked", "没有勾选案件。请先勾选要办的，再按按钮。")
    if code == "export":
        rows = ListFilter(view="all").rows(actor, now).filter(pk__in=[one.pk for one in ticked])
        asked = Asked.of(actor, now, [("勾选", f"列表里勾选的{len(ticked)}件")])
        return excel(rows.iterator(chunk_size=MOST_AT_ONCE), actor, now, asked=asked)
    if code == "print":
        return see(f"{reverse('cases:print_many')}?{_ticks(ticked)}")
    if code == "assign":
        unit = _unit(request.POST.get("to", ""))
        return see(f"{reverse('cases:bulk_assign')}?{_ticks(ticked)}&to={unit.pk}")
    if code == "merge":
        if len(ticked) < LEAST_TO_MERGE:
            raise Refused("one_ticked", "并件要勾选两件以上同一小区的案件。")
        return see(f"{reverse('cases:bulk_merge')}?{_ticks(ticked)}")
    acts: dict[str, tuple[str, Callable[[Case], Any]]] = {
        "whistle": ("已吹哨", lambda case: services.whistle(case, actor=actor, now=now)),
        "prompt": ("已催办", lambda case: prompt_case(case, actor, now)),
    }
    if code not in acts:
        raise Refused("no_such_act", "没有这种办法。请用页面上的按钮办。")
    what, do = acts[code]
    _once(request, ticked, what, do)
    return see(_back(request.POST))


def _ticked(given: list[str], actor: Actor) -> list[Case]:
    """The cases of the ticks. One that the actor may not even see refuses the whole."""
    numbers = {int(one) for one in given if one.isascii() and one.isdecimal()}
    if len(numbers) > MOST_AT_ONCE:
        raise Refused("too_many", f"一次最多办{MOST_AT_ONCE}件，请分几次办。")
    found = list(
        queries.cases_for(actor)
        .filter(pk__in=numbers)
        .select_related("estate", "lead", "complaint")
        .order_by("received_at", "id")
    )
    if len(found) != len(numbers):
        raise Refused("forbidden", "勾选的案件里有不归您办的，都没有办。请刷新页面后重新勾选。", status=FORBIDDEN)
    return found


def _ticks(cases: list[Case]) -> str:
    return urlencode([("case", one.pk) for one in cases])


def _unit(given: str) -> Organisation:
    unit = Organisation.objects.filter(pk=int(given), active=True).first() if given.isdecimal() else None
    if unit is None:
        raise Refused("no_target", "没有选分派给谁。请在“分派给”里选一个单位。", fields={"to": "请选单位"})
    return unit


def _back(data: QueryDict) -> str:
    return f"{reverse('cases:list')}?{ListFilter.of(QueryDict(data.get('back', ''))).query()}"


def prompt_case(case: Case, actor: Actor, now: datetime) -> None:
    """The soonest duty of the case that another unit owes."""
    own = actor.organisation.pk if actor.organisation else None
    rows = Duty.objects.filter(subject_kind="case", subject_id=str(case.pk), closed_at__isnull=True)
    duty = rows.exclude(owner_organisation_id=own).order_by("due_at", "id").first()
    if duty is None:
        raise Refused("nothing_to_prompt", f"{case.number}没有别的单位要办的期限，不用催。")
    duties.prompt(duty, actor=actor, now=now)


def _once(request: HttpRequest, cases: list[Case], what: str, do: Callable[[Case], Any]) -> None:
    """Each for itself: one that is refused leaves the others done. A second click does nothing."""
    actor, key = actor_of(request), request.POST.get("form_key", "")
    if core.form_key(key, actor) is not None:
        return
    done, refused = 0, []
    for case in cases:
        try:
            with transaction.atomic():
                do(case)
        except Refused as refusal:
            refused.append(f"{case.number}：{refusal.message}")
        else:
            done += 1
    core.keep_form_key(key, Ref("cases", str(cases[0].pk)))
    if done:
        messages.success(request, f"{what}{done}件。")
    for sentence in refused:
        messages.warning(request, sentence)


@login_required
@require_http_methods(["GET", "POST"])
def bulk_assign(request: HttpRequest) -> HttpResponse:
    """分派: shows what the list of duties recommends for each before it is handed to the unit chosen."""
    actor, now = actor_of(request), now_of(request)
    source = request.GET if request.method == "GET" else request.POST
    cases, unit = _ticked(source.getlist("case"), actor), _unit(source.get("to", ""))
    if not cases:
        raise Refused("nothing_ticked", "没有勾选案件。请回案件列表勾选。")
    recommended = [(case, recommended_for(case)) for case in cases]
    other = [case for case, wanted in recommended if wanted is None or wanted.pk != unit.pk]
    form = HandForm(request.POST if request.method == "POST" else None)
    context = {
        "nav": "cases",
        "page_title": f"分派给{unit}",
        "form": form,
        "rows": [(row, wanted) for row, (_, wanted) in zip(rows_of(cases, actor, now), recommended, strict=True)],
        "unit": unit,
        "other": other,
    }
    if request.method == "GET":
        return render(request, "cases/bulk_assign.html", context)
    valid = form.is_valid()
    if valid and other and not form.cleaned_data["reason"].strip():
        form.add_error("reason", f"{len(other)}件与推荐的单位不同，请写明理由")
        valid = False
    if not valid:
        return render(request, "cases/bulk_assign.html", context, status=UNPROCESSABLE)
    routed = {case.pk for case, wanted in recommended if wanted is not None and wanted.pk == unit.pk}
    reason = form.cleaned_data["reason"]
    _once(
        request,
        cases,
        f"已分派给{unit}：",
        lambda case: services.assign_case(
            case, lead=None if case.pk in routed else unit, reason=reason, actor=actor, now=now
        ),
    )
    return see(reverse("cases:list"))


def recommended_for(case: Case) -> Organisation | None:
    if not case.route_lead:
        return None
    try:
        return unit_for(case.route_lead, case)
    except Refused:
        return None  # nobody holds that role here yet


@login_required
@require_http_methods(["GET", "POST"])
def bulk_merge(request: HttpRequest) -> HttpResponse:
    """并件: all ticked ones into the one that came first."""
    actor, now = actor_of(request), now_of(request)
    source = request.GET if request.method == "GET" else request.POST
    cases = _ticked(source.getlist("case"), actor)
    if len(cases) < LEAST_TO_MERGE:
        raise Refused("one_ticked", "并件要勾选两件以上同一小区的案件。")
    main, others = cases[0], cases[1:]
    form = JoinForm(request.POST if request.method == "POST" else None)
    context = {
        "nav": "cases",
        "page_title": f"并入{main.number}",
        "form": form,
        "main": main,
        "rows": rows_of(others, actor, now),
        "elsewhere": [one for one in others if one.estate_id != main.estate_id],
        "cases": cases,
    }
    if request.method == "GET":
        return render(request, "cases/bulk_merge.html", context)
    if not form.is_valid():
        return render(request, "cases/bulk_merge.html", context, status=UNPROCESSABLE)
    reason = form.cleaned_data["reason"]
    _once(
        request,
        others,
        "已并件",
        lambda case: services.merge_complaint(case, into=main, reason=reason, actor=actor, now=now),
    )
    return see(reverse("cases:case", args=[main.number]))
