"""The overview of a place, and the lists: operations, stations and officers, structures, rented homes, premises."""

from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from gongzhi.cases.enforcement import services
from gongzhi.cases.enforcement.filling import may_open
from gongzhi.cases.enforcement.filling_books import TENANCY_ACTS, tenancy_of
from gongzhi.cases.enforcement.models import PremisesReview, SiteEntry, Structure
from gongzhi.cases.enforcement.queries import figures, presence
from gongzhi.cases.enforcement.queries.asking import answer_at, rule
from gongzhi.cases.enforcement.queries.operations import missing_units, operations_for, punished, unanswered
from gongzhi.cases.enforcement.queries.rentals import reads_rentals, rentals_for
from gongzhi.cases.enforcement.words import ERAS, OPERATION_OVER, OPERATIONS, PUNISHED, STATIONS
from gongzhi.cases.queries import asking
from gongzhi.cases.queries.cases import may_see
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.pages import actor_of, page_of, today_of
from gongzhi.registry.queries.reading import estates_for

NAV = {"nav": "enforcement"}
MONTHS_OF_QUARTER = 3
SHOWN = 12
TABS = (
    ("overview", "总览"), ("operations", "联合行动"), ("stations", "站点和联络人"), ("structures", "违建台账"),
    ("tenancies", "出租房"), ("premises", "经营场所核对"),
)  # fmt: skip


def tabs_for(actor: Actor, on: date) -> list[tuple[str, str, str]]:
    """What the place's document knows and this actor may open."""
    path = actor.place_path
    looks = core.may(actor, "enforcement.look", services.Where(path))
    shown = {
        "overview": looks,
        "operations": True,
        "stations": looks,
        "structures": looks and bool(rule("structures", path, on)[0].get("leads")),
        "tenancies": bool(rule("rentals", path, on)[0].get("told_by")),
        "premises": looks and _looks_at_premises(path, on),
    }  # fmt: skip
    return [(code, title, reverse(f"enforcement:{code}")) for code, title in TABS if shown[code]]


def _looks_at_premises(path: str, on: date) -> bool:
    """Whether the place's document says anything about business in homes."""
    answer = answer_at("premises", path, on, premises="residence", approved=True, relaxed=False, paper=False)
    return answer is not None and answer.ok and bool(answer.clauses)


def _context(request: HttpRequest, tab: str, title: str, **more: Any) -> dict[str, Any]:
    return {
        **NAV,
        "tab": tab,
        "tabs": tabs_for(actor_of(request), today_of(request)),
        "page_title": title,
        "today": today_of(request),
        **more,
    }


TOPICS_SHOWN = 20


def quarter_of(on: date) -> date:
    return date(on.year, on.month - (on.month - 1) % MONTHS_OF_QUARTER, 1)


def _day(request: HttpRequest, name: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return otherwise


@login_required
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    actor, on = actor_of(request), today_of(request)
    path = actor.place_path
    core.require(actor, "enforcement.look", services.Where(path))
    from_on, to_on = _day(request, "from", quarter_of(on)), _day(request, "to", on)
    topics, topic_clauses = figures.by_topic(path, on=on)
    attendance, attendance_clauses = presence.attendance(path, month=to_on)
    monthly = rule("liaisons", path, on)[0].get("monthly")
    liaisons = presence.liaisons(path, on=on) if attendance else None
    kinds = {kind: hosts for kind, title in STATIONS.items() if (hosts := presence.hosts(path, kind=kind, on=on)).whole}
    context = _context(
        request, "overview", "执法进小区",
        from_on=from_on, to_on=to_on,
        towns=figures.by_town(path, from_on=from_on, to_on=to_on),
        topics=topics, topic_clauses=topic_clauses,
        topic_estates=figures.by_topic_and_estate(path, on=on, most=None if "quanbu" in request.GET else TOPICS_SHOWN),
        topics_shown=TOPICS_SHOWN,
        attendance=attendance if monthly else [], attendance_clauses=attendance_clauses,
        there=sum(one.there for one in attendance),
        entries=figures.entries_by_unit(path, from_on=from_on, to_on=to_on),
        structures=figures.structures(path), liaisons=liaisons,
        stations=[(STATIONS[kind], hosts) for kind, hosts in kinds.items()],
        checks=[
            (title, punished(path, kind=kind, from_on=from_on, to_on=to_on))
            for kind, title in OPERATIONS.items()
        ],
        punished=PUNISHED, enters=core.may(actor, "entries.record", services.Where(path)),
    )  # fmt: skip
    return render(request, "enforcement/overview.html", context)


@login_required
@require_GET
def operations(request: HttpRequest) -> HttpResponse:
    actor, on = actor_of(request), today_of(request)
    rows = operations_for(actor)
    kind = request.GET.get("kind", "")
    if kind in OPERATIONS:
        rows = rows.filter(kind=kind)
    may_plan = core.may(actor, "operations.plan", services.Where(actor.place_path))
    begins = [
        (one, title)
        for one, title in OPERATIONS.items()
        if may_plan and may_open(actor, actor.place_path, on, kind=one)
    ]
    context = _context(
        request, "operations", "联合行动", page=page_of(request, rows), kinds=OPERATIONS, kind=kind, begins=begins
    )
    return render(request, "enforcement/operations.html", context)


@login_required
@require_GET
def operation(request: HttpRequest, pk: int) -> HttpResponse:
    actor, on = actor_of(request), today_of(request)
    row = operations_for(actor).filter(pk=pk).first()
    if row is None:
        raise Http404
    leads = core.may(actor, "operations.run", row) and row.state not in OPERATION_OVER
    answers = core.may(actor, "operations.answer", row) and row.state not in OPERATION_OVER
    own = row.units.filter(organisation=actor.organisation).first()
    acts = []
    if leads:
        acts = [("renwu", "分派任务"), ("tongzhi", "再通知一个单位")]
        acts = [*acts, ("guidang", "归档")] if row.held_on else [("kaizhan", "登记开展"), *acts, ("quxiao", "取消行动")]
    if answers and own is not None and own.result_at is None:
        acts = [("jieguo", "填报本单位结果"), *acts]
    items = list(row.items.select_related("organisation", "estate", "company"))
    context = _context(
        request, "operations", row.title, row=row, units=list(row.units.select_related("organisation")),
        items=[(one, asking.matter_name(one.matter, place_path=row.place_path, on=on) if one.matter else "",
                answers and (leads or one.organisation == actor.organisation)) for one in items],
        topics=[asking.matter_name(one, place_path=row.place_path, on=on) for one in row.topics],
        missing=[name for _, name in missing_units(row, on=on)], silent=unanswered(row),
        acts=[(reverse("enforcement:act", args=[code, row.pk]), title) for code, title in acts],
        entries=list(SiteEntry.objects.filter(operation=row).select_related("organisation", "estate")),
        counts={title: sum(getattr(one, name) for one in items) for name, title in PUNISHED.items()},
    )  # fmt: skip
    return render(request, "enforcement/operation.html", context)


@login_required
@require_GET
def stations(request: HttpRequest) -> HttpResponse:
    actor, on = actor_of(request), today_of(request)
    path = actor.place_path
    core.require(actor, "enforcement.look", services.Where(path))
    found = [(title, presence.hosts(path, kind=kind, on=on)) for kind, title in STATIONS.items()]
    rows = presence.officers_on(on).filter(place_path__startswith=path)
    county = presence.officers_on(on).filter(
        place_path__in=[path[: end + 1] for end, char in enumerate(path) if char == "/"]
    )
    officers = (rows | county).distinct().order_by("organisation__role", "place_path", "pk")
    page = page_of(request, officers)
    context = _context(
        request, "stations", "站点和联络人", stations=[one for one in found if one[1].whole],
        page=page, where={one.pk: core.place_title(one.place_path) for one in page.object_list},
        liaisons=presence.liaisons(path, on=on), shown=SHOWN,
        keeps=core.may(actor, "stations.keep", services.Where(path)) and any(one.whole for _, one in found),
        names=core.may(actor, "officers.keep", services.Where(path)),
    )  # fmt: skip
    return render(request, "enforcement/stations.html", context)


@login_required
@require_GET
def structures(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    core.require(actor, "enforcement.look", services.Where(actor.place_path))
    rows = Structure.objects.within(actor.place_path).select_related("estate", "lead").order_by("removed_on", "-pk")
    era = request.GET.get("era", "")
    if era in ERAS:
        rows = rows.filter(era=era)
    context = _context(
        request, "structures", "违建台账", page=page_of(request, rows), taken=figures.structures(actor.place_path),
        eras=ERAS, era=era, keeps=core.may(actor, "structures.keep", services.Where(actor.place_path)),
        clauses=rule("structures", actor.place_path, today_of(request))[1],
    )  # fmt: skip
    return render(request, "enforcement/structures.html", context)


@login_required
@require_GET
def structure(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    row = Structure.objects.select_related("estate", "lead", "case", "before", "after").filter(pk=pk).first()
    if row is None or not core.may(actor, "enforcement.look", row):
        raise Http404
    keeps = core.may(actor, "structures.keep", row)
    acts = [] if not keeps or row.removed_on else [("chaichu", "登记拆除"), ("budeng", "补登")]
    context = _context(
        request, "structures", row.location, row=row,
        acts=[(reverse("enforcement:act", args=[code, row.pk]), title) for code, title in acts],
    )  # fmt: skip
    return render(request, "enforcement/structure.html", context)


@login_required
@require_GET
def tenancies(request: HttpRequest) -> HttpResponse:
    actor, on = actor_of(request), today_of(request)
    estates = estates_for(actor).filter(ended_on=None).order_by("name")
    wanted = request.GET.get("estate", "")
    chosen = estates.filter(pk=int(wanted)).first() if wanted.isdecimal() else None
    told_by = rule("rentals", actor.place_path, on)[0].get("told_by") or ()
    context = _context(
        request, "tenancies", "出租房", page=page_of(request, rentals_for(actor, estate=chosen, on=on)),
        estates=estates[: SHOWN * SHOWN], chosen=chosen, tells=actor.role in told_by,
        reads=reads_rentals(actor, actor.place_path, on), clauses=rule("rentals", actor.place_path, on)[1],
    )  # fmt: skip
    return render(request, "enforcement/tenancies.html", context)


@login_required
@require_GET
def tenancy(request: HttpRequest, pk: int) -> HttpResponse:
    row, actor, on = tenancy_of(request, pk), actor_of(request), today_of(request)
    named, clauses = rule("rentals", row.place_path, on)
    codes = [code for code in ("jubao", "tuizu") if row.to_on is None and actor.role in (named.get("told_by") or ())]
    codes = [code for code in codes if code != "jubao" or not row.under_way]
    codes += ["rending"] if actor.role in (named.get("finds") or ()) else []
    acts = [(reverse("enforcement:tenancy_act", args=[row.pk, code]), TENANCY_ACTS[code]) for code in codes]
    context = _context(
        request, "tenancies", str(row.unit), row=row, acts=acts, clauses=clauses,
        reads=row.tenant is not None and reads_rentals(actor, row.place_path, on),
        reads_case=row.case is not None and may_see(actor, row.case),
    )  # fmt: skip
    return render(request, "enforcement/tenancy.html", context)


@login_required
@require_GET
def premises(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    core.require(actor, "enforcement.look", services.Where(actor.place_path))
    rows = PremisesReview.objects.within(actor.place_path).select_related("unit__building__estate", "organisation")
    estates = estates_for(actor).filter(ended_on=None).order_by("name")
    context = _context(
        request, "premises", "经营场所核对", page=page_of(request, rows.order_by("-at", "-pk")),
        estates=estates[: SHOWN * SHOWN],
        reviews=core.may(actor, "premises.review", services.Where(actor.place_path)),
    )  # fmt: skip
    return render(request, "enforcement/premises.html", context)
