"""The list, the application, the file of one mediation, and every act on it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core import refs
from gongzhi.core import services as core
from gongzhi.core.pages import Who, actor_of, now_of, page_of, today_of
from gongzhi.mediation.acts import ACTS
from gongzhi.mediation.filling import act_page, apply_page, found, shown_parties
from gongzhi.mediation.models import MediationFile
from gongzhi.mediation.offices import AtPlace, conference
from gongzhi.mediation.queries import asking
from gongzhi.mediation.queries.reading import readable_by
from gongzhi.mediation.words import OPEN_STATES
from gongzhi.registry.queries.reading import estates_for

FIRST_ACTS = 2
CSS = {"applied": "gz-today", "accepted": "gz-soon", "agreed": "gz-ok", "failed": "gz-over"}
VIEWS = {"open": "没有办结的", "mine": "我单位在办", "overdue": "超期未调解", "agreed": "达成协议"}
VIEWS |= {"late": "重大纠纷迟报", "all": "全部"}


@login_required
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """The mediations that the actor may read; an owner sees those he is a party of."""
    actor, on = actor_of(request), today_of(request)
    rows = readable_by(actor, on).select_related("estate").prefetch_related("stages__organisation")
    view = request.GET.get("view", "open")
    if view == "overdue":
        rows = rows.filter(state="accepted", due_on__lt=on)
    elif view == "mine" and actor.organisation is not None:
        rows = rows.filter(stages__organisation=actor.organisation, stages__ended_at=None, state__in=OPEN_STATES)
    elif view == "agreed":
        rows = rows.filter(outcome="agreed")
    elif view == "late":
        rows = rows.filter(weighings__late=True)
    elif view != "all":
        rows = rows.filter(state__in=OPEN_STATES)
    query = request.GET.get("q", "").strip()[:50]
    if query:
        rows = rows.filter(Q(number__icontains=query) | Q(estate__name__icontains=query))
    place = AtPlace(actor.place_path, on)
    context = {
        "nav": "mediation",
        "page_title": "调解",
        "query": query,
        "views": VIEWS,
        "view": view,
        "page": page_of(request, rows.distinct().order_by("-applied_at", "-pk")),
        "css": CSS,
        "statistics": core.may(actor, "mediation.statistics", place),
        "bodies": core.may(actor, "mediation.bodies", place),
        "conferences": core.may(actor, "conference.read", place) and bool(conference(actor.place_path, on)[0]),
        "today": on,
    }
    template = "mediation/_list.html" if getattr(request, "htmx", False) else "mediation/list.html"
    return render(request, template, context)


@login_required
@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    """In which estate the dispute is; whoever has one alone goes straight on."""
    actor = actor_of(request)
    rows = estates_for(actor).filter(ended_on=None).select_related("community").order_by("name")
    query = request.GET.get("q", "").strip()
    if query:
        rows = rows.filter(name__contains=query)
    context = {
        "nav": "mediation",
        "page_title": "申请调解",
        "page": page_of(request, rows),
        "query": query,
    }
    return render(request, "mediation/choose.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    return apply_page(request, pk).answer(request)


@login_required
@require_GET
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """One mediation. What was said is shown to the parties and to the bodies that had it; to others that it was."""
    row, actor, now = found(request, pk), actor_of(request), now_of(request)
    who, on = Who(actor, now), today_of(request)
    rules, clauses = asking.procedure(row, on)
    stages = list(row.stages.select_related("organisation").prefetch_related("sessions", "mediators__member__person"))
    facts = {"matter": row.matter, **({"grade": row.grade} if row.grade else {})}
    beside = core.ask("mediation.beside", facts, place_path=row.place_path, on=on)
    offered = [code for code, one in ACTS.items() if one.offered(row, who)]
    first = [code for code in offered if code not in _aside(row)][:FIRST_ACTS]
    hears = core.may(actor, "mediation.hear", row)
    origin, matter = row.origin, _matter(row, on)
    context = {
        "nav": "mediation",
        "page_title": f"{matter}　调解",
        "file": row,
        "css": CSS.get(row.state, "gz-wait"),
        "hears": hears,
        "parties": shown_parties(row, actor),
        "longer": _longer(shown_parties(row, actor), row),
        "stages": stages,
        "steps": _steps(row),
        "weighings": list(row.weighings.select_related("organisation")),
        "assists": list(row.assists.select_related("organisation")),
        "guidance": list(row.guidance.select_related("given_by")),
        "visits": list(row.visits.select_related("organisation")),
        "topics": list(row.topics.select_related("holder__place", "raised_to__place", "conference", "concluded_by")),
        "recusals": list(row.recusals.select_related("mediator__member__person")),
        "agreement": getattr(row, "agreement", None),
        "papers": [one for one in core.documents_of(row.ref) if hears or one.is_party(actor)],
        "court": getattr(row, "court_step", None),
        "acts": [(reverse("mediation:act", args=[row.pk, code]), ACTS[code].title) for code in first],
        "more_acts": [
            (reverse("mediation:act", args=[row.pk, code]), ACTS[code].title) for code in offered if code not in first
        ],
        "answer": _stored(row),
        "rule_clauses": clauses,
        "consent_first": rules.get("consent_first"),
        "beside": asking.value_of(beside).get("matter"),
        "beside_clauses": beside.clauses,
        "origin_url": refs.readable(actor, [origin]).get(origin.key, "") if origin else "",
        "today": on,
    }
    return render(request, "mediation/file.html", context)


def _aside(row: MediationFile) -> tuple[str, ...]:
    """Acts that are no next step: nobody is led to them."""
    return ("huibi", "zhongzhi", "tiqing", *(("guidang",) if row.state == "failed" else ()))


def _stored(row: MediationFile) -> Any:
    from gongzhi.policy.answer import Answer

    return Answer.from_json(row.answer) if row.answer else None


def _longer(parties: Any, row: MediationFile) -> str:
    """Who agreed to more time, while another side has not."""
    agreed = [name for one, name in parties if one.extension_agreed > row.extensions]
    wanting = [name for one, name in parties if one.extension_agreed <= row.extensions]
    return f"{'、'.join(agreed)}已同意延长，还要{'、'.join(wanting)}同意" if agreed and row.state == "accepted" else ""


def _matter(row: MediationFile, on: Any) -> str:
    pack = core.pack_for(row.place_path, on)
    return pack.matter_name(row.matter) if pack is not None else row.matter


def _steps(row: MediationFile) -> list[tuple[str, bool, bool]]:
    """(title, done, current) of the way from the application to the archive."""
    order = ("applied", "accepted", "agreed", "closed")
    reached = {"applied": 0, "accepted": 1, "failed": 1, "agreed": 2, "closed": len(order)}.get(row.state, 0)
    third, settled = "签订协议、回访", row.state == "agreed" or row.outcome == "agreed"
    if settled and row.visits.exists():
        third = "签订协议、已回访"
    elif row.outcome == "eased":
        third = "当场化解"
    elif row.state == "closed":
        third = "签订协议、没有回访" if settled else "没有达成协议"
    titles = ["申请", "受理、调解", third, "归档"]
    over = row.state in ("declined", "withdrawn")
    done = [place < reached and (place != order.index("agreed") or settled) for place in range(len(order))]
    return [(titles[place], done[place], place == reached and not over) for place in range(len(order))]


@login_required
@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    return act_page(request, pk, code).answer(request)
