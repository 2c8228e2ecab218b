"""设施设备: the list by state of inspection, one piece with everybody who looked at it, and how an estate is run."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core import services as core
from gongzhi.core.refs import Ref
from gongzhi.core.sending import EXPORT, download
from gongzhi.core.sheets import Asked
from gongzhi.registry import services as registry
from gongzhi.registry.excel import MOST_ROWS, facilities_of
from gongzhi.registry.forms import DayForm, FacilityForm, InspectionForm, ManagementForm
from gongzhi.registry.models import Building, Facility
from gongzhi.registry.panels import acts_of_piece, panels_of_piece
from gongzhi.registry.queries import facilities as found_by
from gongzhi.registry.questions import FACILITY_KINDS, OF_MANAGEMENT
from gongzhi.registry.services.estates import ServedEstate
from gongzhi.registry.views.common import (
    FormPage,
    actor_of,
    bound,
    crumbs_of,
    estate_of,
    estate_url,
    now_of,
    page_of,
    today_of,
)


@login_required
@require_GET
def facilities(request: HttpRequest) -> HttpResponse:
    """All that the actor may see, what expires first at the head."""
    actor, on = actor_of(request), today_of(request)
    rows = found_by.facilities_for(actor)
    warning = found_by.warning(actor.place_path, on)
    days = int(warning.value)
    kind, state = request.GET.get("kind", ""), request.GET.get("state", "")
    kind = kind if kind in FACILITY_KINDS else ""
    state = state if state in found_by.STATES else ""
    counts = {code: found_by.of_state(rows, code, on, days=days).count() for code in found_by.STATES}
    if kind:
        rows = rows.filter(kind=kind)
    rows = found_by.of_state(rows, state, on, days=days)
    estate = request.GET.get("estate", "")
    if estate.isdecimal():
        rows = rows.filter(estate_id=int(estate))
    if EXPORT in request.GET:
        conditions = [("种类", FACILITY_KINDS.get(kind, "")), ("情况", found_by.STATES[state][0] if state else "")]
        asked = Asked.of(actor, now_of(request), conditions)
        content = facilities_of(found_by.shown(rows[:MOST_ROWS], on, days=days), asked=asked)
        return download(content, name=f"facilities-{on:%Y%m%d}.xlsx")
    page = page_of(request, rows)
    context = {
        "nav": "estates",
        "page_title": "设施设备",
        "page": page,
        "rows": found_by.shown(page.object_list, on, days=days),
        "kinds": FACILITY_KINDS,
        "states": [(code, title, counts[code]) for code, (title, _) in found_by.STATES.items()],
        "kind": kind,
        "state": state,
        "estate": estate,
        "days": days,
        "clauses": warning.clauses,
        "notes": warning.defaults,
    }
    return render(request, "registry/facilities.html", context)


def _facility(request: HttpRequest, pk: int) -> Facility:
    row: Facility | None = Facility.objects.select_related("estate__community", "building").filter(pk=pk).first()
    if row is None:
        raise Http404
    estate_of(request, row.estate_id)
    return row


def _url(row: Facility) -> str:
    return reverse("registry:facility", args=[row.pk])


@login_required
@require_GET
def facility(request: HttpRequest, pk: int) -> HttpResponse:
    row, actor, on = _facility(request, pk), actor_of(request), today_of(request)
    days = int(found_by.warning(row.place_path, on).value)
    context = {
        "nav": "estates",
        "page_title": str(row),
        "facility": row,
        "shown": found_by.shown([row], on, days=days)[0],
        "inspections": row.inspections.select_related("organisation", "file"),
        "acts": acts_of_piece(row, actor=actor, on=on) if row.ended_on is None else [],
        "panels": panels_of_piece(row, actor=actor, on=on),
        "now": now_of(request),
        "may_inspect": row.ended_on is None and core.may(actor, "facility.inspect", row),
        "may_end": row.ended_on is None and core.may(actor, "facility.register", ServedEstate(row.estate, on)),
    }
    return render(request, "registry/facility.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, pk: int) -> HttpResponse:
    found, actor, now = estate_of(request, pk), actor_of(request), now_of(request)
    core.require(actor, "facility.register", ServedEstate(found, today_of(request)))
    form = bound(request, FacilityForm, initial={"kind": request.GET.get("kind", "")})
    form.fields["building"].queryset = Building.objects.filter(estate=found).order_by("name")

    def run(data: Mapping[str, Any]) -> Ref:
        given = {name: value for name, value in data.items() if name != "version"}
        return registry.register_facility(found, **given, actor=actor, now=now).ref

    return FormPage(
        title="登记设施设备", form=form, run=run, done="已登记。", back=estate_url(found), crumbs=crumbs_of(found)
    ).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def inspect(request: HttpRequest, pk: int) -> HttpResponse:
    row, actor, now = _facility(request, pk), actor_of(request), now_of(request)
    core.require(actor, "facility.inspect", row)

    def run(data: Mapping[str, Any]) -> Ref:
        registry.inspect_facility(row, **data, actor=actor, now=now)
        return row.ref

    return FormPage(
        title="登记检查",
        form=bound(request, InspectionForm, version=row.version, initial={"inspected_on": today_of(request)}),
        run=run,
        done="已登记检查。",
        back=_url(row),
        crumbs=[*crumbs_of(row.estate), (str(row), _url(row))],
        hint="不合格的一直标着，到登记合格为止。",
    ).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def end(request: HttpRequest, pk: int) -> HttpResponse:
    row, actor, now = _facility(request, pk), actor_of(request), now_of(request)
    core.require(actor, "facility.register", ServedEstate(row.estate, today_of(request)))

    def run(data: Mapping[str, Any]) -> Ref:
        registry.end_facility(row, ended_on=data["day"], actor=actor, now=now)
        return row.ref

    return FormPage(
        title="登记停用",
        form=bound(request, DayForm),
        run=run,
        done="已登记停用，检查记录仍可查。",
        back=_url(row),
        crumbs=[*crumbs_of(row.estate), (str(row), _url(row))],
    ).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def management(request: HttpRequest, pk: int) -> HttpResponse:
    """管理方式: how the estate is looked after, and by whom."""
    found, actor, now = estate_of(request, pk), actor_of(request), now_of(request)
    core.require(actor, "estate.record_fact", found)
    known = registry.facts_of(found.ref, OF_MANAGEMENT, today_of(request))

    def run(data: Mapping[str, Any]) -> Ref:
        mode, body, contact = (data[name] for name in OF_MANAGEMENT)
        return registry.set_management(
            found, mode=mode, body=body, contact=contact, from_on=data["from_on"], actor=actor, now=now
        ).ref

    return FormPage(
        title="登记管理方式",
        form=bound(request, ManagementForm, initial={**known, "from_on": today_of(request)}),
        run=run,
        done="已登记。",
        back=estate_url(found),
        crumbs=crumbs_of(found),
    ).answer(request)
