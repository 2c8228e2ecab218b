"""The first pages: the public's home, an owner's home, plain information pages, and the sign of life."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from gongzhi.cases import public
from gongzhi.core import display, packs
from gongzhi.core import services as core
from gongzhi.core.models import Organisation
from gongzhi.patrols.queries.reading import settled_share
from gongzhi.registry import services as registry
from gongzhi.registry.models import Estate
from gongzhi.site import owner_home, places
from gongzhi.site.landing import landing

UNAVAILABLE = 503
CONTACT_ROLES = ("hotline_desk", "complaint_desk", "leading_group_office", "housing", "street_office")
NEAR_ROLES = ("property_company", "community_station", "street_office", *CONTACT_ROLES[:-1])
CONTACTS_SHOWN = 8
OWN_COMPLAINTS_SHOWN = 5
STEWARD = "building_steward"


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    if not request.user.is_authenticated:
        return _public_home(request)
    address = landing(actor)
    if address != request.path:
        return HttpResponseRedirect(address)
    return _owner_home(request, actor)


def _public_home(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    counties = places.counties()
    chosen = request.GET.get("di", "")
    county = next((one for one in counties if one.code == chosen), counties[0] if len(counties) == 1 else None)
    path = county.path if county is not None else ""
    context: dict[str, Any] = {
        "page_title": "物业的事，在这里反映、查进度、查规则",
        "nav": "home",
        "owner_pages": True,
        "counties": counties if len(counties) > 1 else [],
        "county": county,
        "promise": _promise(path, now),
        "contacts": contacts(path),
        "pack": packs.pack_for(path, display.local(now).date()) if path else None,
    }
    return render(request, "site/home.html", context)


def _promise(path: str, now: Any) -> Any:
    """How long an answer to a web complaint may take here, with its clauses; None where no document says it."""
    if not path:
        return None
    facts = {"channel": "web", "nature": "dispute", "matter": "other"}
    answer = core.ask("cases.answer_deadline", facts, place_path=path, on=display.local(now).date())
    return answer if answer.ok else None


def contacts(path: str) -> list[Organisation]:
    """Whom to call in this county: offices with a telephone."""
    if not path:
        return []
    found = Organisation.objects.within(path).filter(role__in=CONTACT_ROLES, active=True).exclude(phone="")
    return _in_order(found, CONTACT_ROLES)


def contacts_near(path: str, on: date) -> list[Organisation]:
    """Whom somebody who lives at this place calls: the company that serves it, then upwards to the county."""
    estate = Estate.objects.filter(place_path=path).first()
    found = registry.organisations_for(NEAR_ROLES, path, estate=estate, on=on)
    return _in_order((one for one in found.values() if one.phone), NEAR_ROLES)


def _in_order(found: Iterable[Organisation], roles: Sequence[str]) -> list[Organisation]:
    order = {role: place for place, role in enumerate(roles)}
    return sorted(found, key=lambda one: (order[one.role], one.name))[:CONTACTS_SHOWN]


def _owner_home(request: HttpRequest, actor: Any) -> HttpResponse:
    now = timezone.now()
    today = display.local(now).date()
    own = public.complaints_of(request.user)[:OWN_COMPLAINTS_SHOWN]
    estate = Estate.objects.filter(place_path=actor.place_path).first() if actor.place_path else None
    titles = owner_home.titles_of(actor, today)
    pack = packs.pack_for(actor.place_path, today)
    context = {
        "page_title": f"{_masked(request.user)}，您好",
        "nav": "home",
        "owner_pages": True,
        "estate": places.estate_title(actor.place_path),
        "own_estate": estate,
        "titles": titles,
        "votes": owner_home.vote_cards(estate, actor=actor, now=now) if estate else [],
        "bills": owner_home.bill_cards(titles, today),
        "fund": owner_home.fund_card(titles, estate, today) if estate else None,
        "news": owner_home.news(estate, now, pack) if estate else [],
        "complaints": [{"number": one.number, "cases": public.cases_shown(one, now=now)} for one in own],
        "reported": settled_share(actor) if actor.role == STEWARD else None,
        "contacts": contacts_near(actor.place_path, today),
        "pack": pack,
        "now": now,
    }
    return render(request, "site/owner_home.html", context)


def _masked(user: Any) -> str:
    name = str(user.display_name or user.username)
    return name[:1] + "*" * (len(name) - 1) if name else "您"


@require_GET
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "site/accessibility.html", {"page_title": "无障碍说明"})


@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "site/privacy.html", {"page_title": "个人信息怎样使用"})


@transaction.non_atomic_requests
@require_GET
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the database answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "database unreachable"}, status=UNAVAILABLE)
    return JsonResponse({"status": "ok"})
