"""Rounds: what was walked and what is lacking, the sheet on the phone, routes with their codes, figures."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core import refs
from gongzhi.core import services as core
from gongzhi.core.pages import actor_of, now_of, page_of, today_of
from gongzhi.core.printing import print_pdf, qr_svg
from gongzhi.patrols import filling
from gongzhi.patrols.models import PatrolFinding, PatrolRound, PatrolRoute
from gongzhi.patrols.queries import books
from gongzhi.patrols.queries.plans import Window, plans_for, shares, sheets_for, visits_by_estate
from gongzhi.patrols.queries.reading import by_level, by_unit, counted, findings_for, rounds_for
from gongzhi.patrols.rights import ABOVE
from gongzhi.patrols.services import At
from gongzhi.patrols.words import OPEN_STATES
from gongzhi.registry.models import Estate
from gongzhi.registry.queries.reading import estates_for

TEMPLATE = Path(__file__).parents[1] / "points.typ"
SHOWN = 12
RECENT = 5
SPAN = timedelta(days=30)
VIEWS = {"lacking": "本期", "before": "上期", "rounds": "巡查记录"}
LEVELS = {"county": "区（县、市）", "street": "镇街", "community": "社区（村）", "property_company": "物业企业"}


@login_required
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """What is lacking in the running period and what was walked, as two views of one page."""
    actor, on = actor_of(request), today_of(request)
    day = filling.day_named(request, "day") or on
    own = {one.code for one in plans_for(actor, actor.place_path, day)} if actor.place_path else set()
    asked = request.GET.get("view", "lacking")
    found = _shares(actor, day, own, before=asked == "before") if actor.place_path else []
    view = asked if found and asked in VIEWS else "rounds"
    rows = rounds_for(actor)
    estate = request.GET.get("estate", "")
    if estate.isdigit():
        rows = rows.filter(estate_id=int(estate))
    context = {
        "nav": filling.NAV,
        "page_title": "巡查",
        "view": view,
        "views": VIEWS if found else {"rounds": "巡查记录"},
        "shares": [(one, [row for row in one.rows if not row.met or row.missed], _visits(one, actor)) for one in found],
        "shown_first": SHOWN,
        "shown": ":" if request.GET.get("rows") == "all" else f":{SHOWN}",
        "day": day,
        "earlier": day - timedelta(days=1),
        "page": page_of(request, rows.order_by("-walked_at", "-pk")),
        "may_walk": bool(own),
        "sheets": _sheet_names(actor, on),
        "statistics": actor.role in ABOVE,
    }
    template = "patrols/_rounds.html" if getattr(request, "htmx", False) else "patrols/list.html"
    return render(request, template, context)


def _shares(actor: Any, day: date, own: set[str], *, before: bool) -> list[Any]:
    """Of the periodic patrols those that the actor watches over, or walks himself."""
    if actor.role not in ABOVE and not own:
        return []
    found = shares(actor.place_path, day, before=before)
    if actor.role not in ABOVE:
        found = [
            replace(one, rows=[row for row in one.rows if row.unit == actor.organisation])
            for one in found
            if one.plan.code in own
        ]
    return [one for one in found if one.rows]


def _visits(share: Any, actor: Any) -> list[tuple[Estate, int]]:
    """Where a patrol counts by unit: how often each estate saw one, the seldom seen first."""
    if share.plan.per == "estate":
        return []
    times = visits_by_estate(share.plan, {row.unit for row in share.rows}, share.window)
    estates = Estate.objects.filter(place_path__startswith=actor.place_path, ended_on=None)
    return sorted(((one, times.get(one.pk, 0)) for one in estates), key=lambda one: (one[1], one[0].name))


def _sheet_names(actor: Any, on: date) -> dict[str, str]:
    pack = core.pack_for(actor.place_path, on) if actor.place_path else None
    return {code: one.title for code, one in pack.registers.items()} if pack is not None else {}


@login_required
@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    """Which estate is walked; whoever has one alone goes straight on."""
    actor = actor_of(request)
    rows = estates_for(actor).filter(ended_on=None).order_by("name")
    query = request.GET.get("q", "").strip()
    if query:
        rows = rows.filter(name__contains=query)
    context = {"nav": filling.NAV, "page_title": "选小区", "page": page_of(request, rows), "query": query}
    return render(request, "patrols/choose.html", context)


@login_required
@require_GET
def estate(request: HttpRequest, pk: int) -> HttpResponse:
    """The estate's patrols: sheets to fill, routes with points, what was found there."""
    actor, on = actor_of(request), today_of(request)
    row = filling.estate_of(request, pk)
    walks = core.may(actor, "patrols.walk", At(row))
    routes = PatrolRoute.objects.filter(estate=row, ended_on=None).select_related("organisation")
    context = {
        "nav": filling.NAV,
        "page_title": f"{row.name}　巡查",
        "estate": row,
        "sheets": sheets_for(actor, row.place_path, on) if walks else {},
        "plans": plans_for(actor, row.place_path, on) if walks else [],
        "routes": [one for one in routes if core.may(actor, "patrols.routes", one)],
        "may_route": walks and bool(plans_for(actor, row.place_path, on)),
        "may_report": core.may(actor, "finding.report", At(row)),
        "rounds": rounds_for(actor).filter(estate=row).order_by("-walked_at")[:RECENT],
        "findings": findings_for(actor).filter(estate=row, state__in=OPEN_STATES).order_by("due_on")[:SHOWN],
        "names": _sheet_names(actor, on),
        "books": _books(row, actor, on),
        "today": on,
    }
    return render(request, "patrols/estate.html", context)


def _books(row: Estate, actor: Any, on: date) -> list[tuple[str, str]]:
    """What the actor may enter about this estate."""
    return [
        (reverse("patrols:enter_estate", args=[one.code, row.pk]), one.title)
        for one in books.books_for(actor, on)
        if one.about == "estate" and core.may(actor, "register.write", books.BookAt(one, row.place_path))
    ]


@login_required
@require_http_methods(["GET", "POST"])
def fill(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    return filling.round_page(request, pk, code).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def point(request: HttpRequest, token: str) -> HttpResponse:
    return filling.point_page(request, token).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def set_route(request: HttpRequest, pk: int) -> HttpResponse:
    return filling.route_page(request, pk).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def change_route(request: HttpRequest, pk: int, route: int) -> HttpResponse:
    return filling.route_page(request, pk, route).answer(request)


@login_required
@require_GET
def route(request: HttpRequest, pk: int) -> HttpResponse:
    row = filling.route_of(request, pk)
    context = {
        "nav": filling.NAV,
        "page_title": row.title,
        "route": row,
        "points": list(row.points.filter(ended_on=None)),
    }
    return render(request, "patrols/route.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def end_route(request: HttpRequest, pk: int) -> HttpResponse:
    return filling.end_route_page(request, pk).answer(request)


@login_required
@require_GET
def codes(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet of codes to be cut out and hung up, four a page."""
    row = filling.route_of(request, pk)
    points = [
        {
            "name": one.name,
            "location": one.location,
            "order": str(one.order),
            "qr": qr_svg(request.build_absolute_uri(reverse("patrols:point", args=[one.token]))),
        }
        for one in row.points.filter(ended_on=None)
    ]
    data = {"estate": row.estate.name, "route": row.title, "unit": row.organisation.name, "points": points}
    response = HttpResponse(print_pdf(TEMPLATE, data, now=now_of(request)), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="route-{row.pk}.pdf"'
    return response


@login_required
@require_GET
def round_shown(request: HttpRequest, pk: int) -> HttpResponse:
    row, actor, on = filling.round_of(request, pk), actor_of(request), today_of(request)
    walked_on = core.local_day(row.walked_at)
    pack = core.pack_for(row.place_path, walked_on)
    sheet = pack.registers.get(row.sheet) if pack is not None else None
    findings = list(row.findings.select_related("responsible"))
    urls = refs.readable(actor, [one.ref for one in findings])
    may_put_right = row.voided_at is None and core.may(actor, "patrols.correct", row)
    context = {
        "nav": filling.NAV,
        "page_title": f"{sheet.title if sheet else '巡查'}　{row.estate.name}",
        "row": row,
        "lines": _lines(sheet, row.answers_now, row.answers),
        "corrections": _corrections(row, sheet),
        "latest": row.latest,
        "score": row.score_now,
        "told": row.latest.told if row.latest else row.told,
        "may_correct": sheet is not None and may_put_right,
        "may_void": may_put_right,
        "marks": _marks(row, sheet, walked_on),
        "kind": _kind(row, pack),
        "findings": [(one, urls.get(one.ref.key, "")) for one in findings],
        "missed": _missed(row),
        "photos": [one for one in row.photos.all() if one.finding_id is None],
        "entry_url": refs.readable(actor, [row.entry.ref]).get(row.entry.ref.key, "") if row.entry else "",
        "today": on,
    }
    return render(request, "patrols/round.html", context)


def _lines(sheet: Any, answers: Any, first: Any) -> list[tuple[str, str, str, bool, str]]:
    """(item, answer, note, whether it is a problem, what was sent first where that is another) of the sheet."""
    found = []
    for name, one in sheet.fields.items() if sheet is not None else ():
        if one.form == "file":
            continue
        value, was = books.shown(one, answers.get(name)), books.shown(one, first.get(name))
        note = str(answers.get(f"{name}__note") or "")
        bad = one.form == "problem" and bool(answers.get(name))
        found.append((one.title, value, note, bad, was if was != value else ""))
    return found


def _corrections(row: PatrolRound, sheet: Any) -> list[tuple[Any, list[str]]]:
    """Each with what it changed against what stood before it."""
    before, people, where, found = row.answers, row.people, row.note, []
    for one in row.corrections.all():
        changed = [
            f"{title}：{was} → {now}"
            for title, was, now in (
                *((title, was, value) for title, value, _, _, was in _lines(sheet, one.answers, before) if was),
                *_told_otherwise(sheet, before, one.answers),
                ("巡查人员", people, one.people),
                ("位置", where or "—", one.location or "—"),
            )
            if was != now
        ]
        found.append((one, changed))
        before, people, where = one.answers, one.people, one.location
    return found


def _told_otherwise(sheet: Any, before: Any, after: Any) -> list[tuple[str, str, str]]:
    """Words beside an item that are others now."""
    names = [(f"{name}__note", f"{one.title}的说明") for name, one in sheet.fields.items()] if sheet else []
    return [(title, str(before.get(name) or "—"), str(after.get(name) or "—")) for name, title in names]


@login_required
@require_http_methods(["GET", "POST"])
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    return filling.correction_page(request, pk).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def void(request: HttpRequest, pk: int) -> HttpResponse:
    return filling.void_page(request, pk).answer(request)


def _marks(row: PatrolRound, sheet: Any, on: date) -> list[tuple[str, str]]:
    if sheet is None or not sheet.marks:
        return []
    reader = books.Reader(sheet, row.place_path, on)
    scope = reader.scope(books.values_of(sheet, row.answers_now, reader.pack))
    return [(one.says, one.tone) for one in sheet.marks if sheet.surely(one.when, scope)]


def _kind(row: PatrolRound, pack: Any) -> str:
    plan = pack.patrols.get(row.plan) if pack is not None else None
    return plan.kinds.get(row.kind, "") if plan is not None else ""


def _missed(row: PatrolRound) -> list[Any]:
    if row.route is None:
        return []
    seen = {one.point_id for one in row.visits.all()}
    return [one for one in row.route.points.filter(ended_on=None) if one.pk not in seen]


@login_required
@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    """By unit, kind, estate and side, of a span of days; and how the patrols of the period stand."""
    actor, on = actor_of(request), today_of(request)
    core.require(actor, "patrols.statistics", _Place(actor.place_path))
    from_on = filling.day_named(request, "from") or on - SPAN
    to_on = filling.day_named(request, "to") or on
    window = Window(from_on, max(to_on, from_on))
    found: Any = PatrolFinding.objects.within(actor.place_path)
    found = found.filter(found_at__gte=window.begins, found_at__lt=window.ends)
    context = {
        "nav": filling.NAV,
        "page_title": "巡查统计",
        "from_on": window.from_on,
        "to_on": window.to_on,
        "units": by_unit(actor.place_path, window),
        "kinds": counted(found, "kind", on),
        "estates": counted(found, "estate__name", on),
        "streets": counted(found, "estate__community__parent__name", on),
        "sides": counted(found.exclude(side=""), "side", on),
        "shares": [one for one in shares(actor.place_path, to_on) if one.rows],
        "levels": _levels(actor, window, on),
    }
    return render(request, "patrols/figures.html", context)


def _levels(actor: Any, window: Window, on: date) -> list[tuple[str, str, int]]:
    names = _sheet_names(actor, on)
    return [
        (names.get(sheet, sheet), LEVELS.get(level, "其他"), times)
        for sheet, level, times in by_level(actor.place_path, window)
    ]


class _Place:
    def __init__(self, place_path: str) -> None:
        self.place_path = place_path
