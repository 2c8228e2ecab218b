"""The list of estates, the same as Excel, and the indicators of what is known of them."""

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core import services as core
from gongzhi.core.display import percent
from gongzhi.core.models import Place
from gongzhi.core.sending import download
from gongzhi.registry import services as registry
from gongzhi.registry.excel import workbook_of
from gongzhi.registry.forms import RegisterEstateForm
from gongzhi.registry.models import Estate
from gongzhi.registry.queries import datasets, indicators
from gongzhi.registry.queries.reading import Wanted, estates_for
from gongzhi.registry.questions import ESTATE_TYPES
from gongzhi.registry.views.common import (
    FormPage,
    actor_of,
    bound,
    estate_url,
    now_of,
    page_of,
    see,
    today_of,
)

LONGEST_SEARCH = 50
MOST_OPTIONS = 400


def _wanted(request: HttpRequest) -> Wanted:
    def given(name: str) -> str:
        return str(request.GET.get(name, "")).strip()[:LONGEST_SEARCH]

    within = given("within")
    return Wanted(given("text"), given("type"), within if within.isdigit() else "", given("served"))


@login_required
@require_GET
def estates(request: HttpRequest) -> HttpResponse:
    actor, on = actor_of(request), today_of(request)
    shown = _wanted(request)
    page = page_of(request, shown.rows(actor, on))
    picture = indicators.Picture.of(page.object_list, on)
    context: dict[str, Any] = {
        "nav": "estates",
        "page_title": "小区",
        "page": page,
        "rows": [(one, picture.projects.get(one.pk)) for one in page.object_list],
        "shown": shown,
    }
    if getattr(request, "htmx", False):
        return render(request, "registry/_estates_table.html", context)
    codes = estates_for(actor).values_list("community__parent_id", "community_id")
    places = {pk for pair in codes for pk in pair if pk is not None}
    context |= {
        "types": ESTATE_TYPES,
        "places": list(Place.objects.filter(pk__in=places).order_by("path")[:MOST_OPTIONS]),
        "served": {"yes": "有物业服务", "no": "没有物业服务"},
        "export_url": f"{reverse('registry:export')}?{urlencode(request.GET.dict())}",
        "may_register": bool(actor.place_path) and _may(request, "estate.register"),
        "may_import": _may(request, "registry.import"),
        "may_export": _may(request, "estate.export"),
        "may_list": _may(request, "archive.set_items"),
        "may_search": _may(request, "unit.read"),
        "staff": actor.is_staff_role or actor.role == "system_admin",
        "area": core.place_title(actor.place_path, from_level="street") or core.place_title(actor.place_path),
    }
    return render(request, "registry/estates.html", context)


def _may(request: HttpRequest, right: str) -> bool:
    actor = actor_of(request)
    return core.may(actor, right, actor.organisation or actor.post)


@login_required
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """Excel of exactly what the filter shows, all pages of it."""
    on = today_of(request)
    content = workbook_of(_wanted(request), actor=actor_of(request), now=now_of(request))
    return download(content, name=f"estates-{on:%Y%m%d}.xlsx")


@login_required
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """The owner's own estate."""
    found = estates_for(actor_of(request)).first()
    return see(estate_url(found)) if found is not None else see(reverse("registry:estates"))


@login_required
@require_GET
def known(request: HttpRequest) -> HttpResponse:
    """Coverage and completeness of the actor's place, the estates that are missing, and what each list rests on."""
    actor, on = actor_of(request), today_of(request)
    core.require(actor, "estate.export", actor.organisation or actor.post)
    rows = list(estates_for(actor).filter(ended_on=None))
    picture = indicators.Picture.of(rows, on)
    suspects, confirmed = indicators.unserved(picture)
    context = {
        "nav": "estates",
        "page_title": "底数和覆盖",
        "on": on,
        "total": len(rows),
        "types": indicators.by_type(picture, actor.place_path),
        "lists": [
            *indicators.coverages(picture, actor.place_path),
            *indicators.required_lists(picture, actor.place_path),
            *indicators.waiting_reviews(rows, actor.place_path, on),
        ],
        "datasets": _datasets(rows, on),
        "suspects": suspects,
        "confirmed": confirmed,
        "served": len(rows) - len(suspects) - len(confirmed),
        "unguided": indicators.unguided(picture),
    }
    return render(request, "registry/known.html", context)


def _datasets(rows: list[Estate], on: Any) -> list[dict[str, Any]]:
    """Each kind over all estates, and the estates where it is least complete at the head."""
    found = datasets.of_estates(rows, on)
    shown = []
    for number, (code, title) in enumerate(datasets.TITLES.items()):
        lines = [(one, found[one.pk][number]) for one in rows]
        part, whole = (sum(getattr(data, side) for _, data in lines) for side in ("part", "whole"))
        lacking = [(one, data) for one, data in lines if data.part < data.whole or not data.whole]
        lacking.sort(key=lambda line: (line[1].part / line[1].whole if line[1].whole else 0, line[0].name))
        shown.append(
            {"code": code, "title": title, "rate": percent(part, whole), "part": part, "whole": whole, "rows": lacking}
        )
    return shown


@login_required
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    core.require(actor, "estate.register", actor.organisation or actor.post)
    form = bound(request, RegisterEstateForm)
    form.fields["community"].queryset = (
        Place.objects.select_related("parent")
        .filter(path__startswith=actor.place_path, level="community")
        .order_by("path")
    )
    answer = core.ask("registry.estate_types", {}, place_path=actor.place_path, on=today_of(request))
    if answer.ok:
        form.offer(answer.value["types"])
    page = FormPage(
        title="登记小区",
        form=form,
        run=lambda data: _register(data, actor=actor, now=now, page=page),
        done="已登记。",
        back=reverse("registry:estates"),
        crumbs=[("小区", reverse("registry:estates"))],
        clauses=tuple(answer.clauses),
    )
    return page.answer(request)


def _register(data: Any, *, actor: Any, now: Any, page: FormPage) -> Any:
    estate = registry.register_estate(
        community=data["community"],
        name=data["name"],
        estate_type=data["estate_type"],
        estate_subtype=data["estate_subtype"],
        address=data["address"],
        households=data["households"],
        building_area_m2=data["building_area_m2"],
        buildings=[one.strip() for one in data["buildings"].splitlines() if one.strip()],
        actor=actor,
        now=now,
    )
    page.after = estate_url(estate)
    return estate.ref
