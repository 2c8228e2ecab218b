"""Bodies with their mediators, what they lack, guidance, sessions of the court; and the figures."""

from datetime import date
from itertools import groupby

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core import refs
from gongzhi.core import services as core
from gongzhi.core.display import percent
from gongzhi.core.models import StoredFile
from gongzhi.core.pages import actor_of, today_of
from gongzhi.mediation.filling_bodies import (
    body_page,
    guidance_page,
    mediator_page,
    place_of,
    session_page,
    training_page,
)
from gongzhi.mediation.models import CircuitSession, MediationGuidance, Mediator
from gongzhi.mediation.queries import staff, statistics
from gongzhi.mediation.queries.circuit import circuit_gap
from gongzhi.mediation.words import LEVELS

SHOWN = 20


@login_required
@require_GET
def bodies(request: HttpRequest) -> HttpResponse:
    place, actor, on = place_of(request, "mediation.bodies"), actor_of(request), today_of(request)
    trained, whole = staff.trained_share(place.place_path, on)
    court = core.may(actor, "circuit.plan", place)
    rows = Mediator.objects.within(place.place_path).select_related("member__body", "member__person")
    lines, unguided = staff.body_lines(place.place_path, on), staff.never_guided(place.place_path, on)
    missing = staff.places_without(place.place_path, on)
    urls = refs.readable(actor, [one.body.ref for one in lines])
    guidance = list(
        MediationGuidance.objects.within(place.place_path)
        .select_related("given_by", "body")
        .prefetch_related("files")[:SHOWN]
    )
    attached: dict[str, list[StoredFile]] = {}
    for kept in StoredFile.objects.filter(owner_kind="mediation_guidance", owner_id__in=[one.pk for one in guidance]):
        attached.setdefault(kept.owner_id, []).append(kept)
    context = {
        "nav": "mediation",
        "page_title": "调解组织",
        "lines": [(one, urls.get(one.body.ref.key, "")) for one in lines],
        "mediators": [(one, staff.is_trained(one, on)) for one in rows if one.sits(on)],
        "missing": missing,
        "missing_by_level": [
            (LEVELS[level], list(places)) for level, places in groupby(missing, lambda one: one.level)
        ],
        "shown_first": SHOWN,
        "never_guided": [(one, urls.get(one.ref.key, "")) for one in unguided],
        "trained": trained,
        "whole": whole,
        "share": percent(trained, whole) if whole else "—",
        "guidance": [(one, attached.get(str(one.pk), ())) for one in guidance],
        "sessions": CircuitSession.objects.within(place.place_path).filter(on__gte=on).select_related("estate"),
        "gap": court and circuit_gap(place.place_path, on),
        "may_staff": core.may(actor, "mediation.staff", place),
        "may_guide": core.may(actor, "mediation.guide", place),
        "may_plan": court,
        "today": on,
    }
    return render(request, "mediation/bodies.html", context)


@login_required
@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    """By town, level, source and body; of the disputes applied for between two days."""
    place, on = place_of(request, "mediation.statistics"), today_of(request)
    from_on, to_on = _day(request, "from") or date(on.year, 1, 1), _day(request, "to") or on
    context = {
        "nav": "mediation",
        "page_title": "调解统计",
        "found": statistics.figures(place.place_path, from_on=from_on, to_on=to_on),
        "helped": statistics.helped(place.place_path, from_on=from_on, to_on=to_on),
        "guided": statistics.guided(place.place_path),
        "overdue": statistics.overdue(place.place_path, on),
        "readable": core.may(actor_of(request), "mediation.guide", place),
        "from_on": from_on,
        "to_on": to_on,
    }
    return render(request, "mediation/figures.html", context)


def _day(request: HttpRequest, name: str) -> date | None:
    try:
        return date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return None


@login_required
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    return body_page(request).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def add_mediator(request: HttpRequest, pk: int) -> HttpResponse:
    return mediator_page(request, pk).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def train(request: HttpRequest) -> HttpResponse:
    return training_page(request).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def guide(request: HttpRequest) -> HttpResponse:
    return guidance_page(request).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest) -> HttpResponse:
    return session_page(request).answer(request)
