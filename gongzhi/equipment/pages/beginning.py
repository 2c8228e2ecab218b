"""Forms that begin something at an estate: a contract, a fault, a plan, a drill, an emergency; and a paper to many."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.pages import FormPage, page_of
from gongzhi.core.refs import Ref
from gongzhi.equipment import forms
from gongzhi.equipment import services as equipment
from gongzhi.equipment.pages.acts import SIGNERS
from gongzhi.equipment.pages.common import (
    Data,
    actor_of,
    bound,
    crumbs,
    estate_of,
    form_page,
    kept,
    now_of,
    role_words,
    today_of,
)
from gongzhi.equipment.pages.shown import NAV
from gongzhi.equipment.queries.listing import estates_seen
from gongzhi.equipment.queries.rules import AtEstate, ruled
from gongzhi.registry.models import Estate

Maker = Callable[[Any, Estate], FormPage]


def _page(estate: Estate, title: str, form: Any, run: Callable[[Data], Ref], *, page: str, **more: Any) -> FormPage:
    here = reverse("equipment:estate", args=[estate.pk])
    return form_page(
        title=title, sub=estate.name, form=form, run=run, done="已登记。", back=here,
        after=(lambda ref: reverse(page, args=[int(ref.id)])) if page else here,
        crumbs=crumbs((estate.name, here)), **more,
    )  # fmt: skip


def contract(request: Any, estate: Estate) -> FormPage:
    actor, now, on = actor_of(request), now_of(request), today_of(request)
    core.require(actor, "equipment.sign", AtEstate(estate, on))
    roles = role_words(SIGNERS, estate.place_path, on)
    own = "property_company" if actor.role == "project_manager" else actor.role
    initial = {"from_on": on, "party_a": own if own in roles else ""}
    form = bound(request, forms.ContractForm, estate=estate, roles=roles, initial=initial)

    def run(data: Data) -> Ref:
        return equipment.sign_contract(
            estate, contract=data["contract"], kind=data["kind"], company=data["company"], party_a=data["party_a"],
            from_on=data["from_on"], to_on=data["to_on"], yearly_fen=form.yearly_fen(), tendered=data["tendered"],
            file=kept(request, data["file"], estate.ref), actor=actor, now=now,
        ).ref  # fmt: skip

    return _page(estate, "登记设施合同", form, run, page="equipment:contract", button="登记")


def fault(request: Any, estate: Estate) -> FormPage:
    actor, now = actor_of(request), now_of(request)
    core.require(actor, "equipment.report", AtEstate(estate, today_of(request)))
    form = bound(request, forms.FaultForm, estate=estate, initial={"happened_at": now})

    def run(data: Data) -> Ref:
        return equipment.report_fault(
            estate, fault=data["fault"], kind=data["kind"], facility=data["facility"], text=data["text"],
            happened_at=forms.in_zone(data["happened_at"]), photo=kept(request, data["photo"], estate.ref),
            actor=actor, now=now,
        ).ref  # fmt: skip

    return _page(estate, "报告故障", form, run, page="equipment:fault", hint="报告后马上通知维保单位或管理单位。")


def plan(request: Any, estate: Estate) -> FormPage:
    actor, now, on = actor_of(request), now_of(request), today_of(request)
    core.require(actor, "equipment.plan", AtEstate(estate, on))
    form = bound(request, forms.PlanForm, path=estate.place_path)
    rule = ruled("equipment.plans", {"level": "estate"}, place_path=estate.place_path, on=on)

    def run(data: Data) -> Ref:
        return equipment.file_plan(
            estate, kind=data["kind"], title=data["title"], text=data["text"], contacts=data["contacts"],
            reserves=data["reserves"], file=kept(request, data["file"], estate.ref), actor=actor, now=now,
        ).ref  # fmt: skip

    return _page(estate, "登记应急预案", form, run, page="equipment:plan", clauses=rule.clauses)


def drill(request: Any, estate: Estate) -> FormPage:
    actor, now, on = actor_of(request), now_of(request), today_of(request)
    core.require(actor, "equipment.plan", AtEstate(estate, on))
    form = bound(request, forms.DrillForm, initial={"held_on": on})

    def run(data: Data) -> Ref:
        photos = [one for file in data["photos"] if (one := kept(request, file, estate.ref)) is not None]
        return equipment.hold_drill(
            estate, kind=data["kind"], held_on=data["held_on"], participants=data["participants"], note=data["note"],
            photos=photos, actor=actor, now=now,
        ).ref  # fmt: skip

    return _page(estate, "登记演练", form, run, page="")


def emergency(request: Any, estate: Estate) -> FormPage:
    actor, now, on = actor_of(request), now_of(request), today_of(request)
    core.require(actor, "equipment.report", AtEstate(estate, on))
    form = bound(request, forms.EmergencyForm)
    rule = ruled("equipment.emergency", {"emergency": "other"}, place_path=estate.place_path, on=on)
    told = "、".join(role_words(rule.many("tells"), estate.place_path, on).values())

    def run(data: Data) -> Ref:
        return equipment.report_emergency(estate, kind=data["kind"], text=data["text"], actor=actor, now=now).ref

    return _page(
        estate, "上报突发事件", form, run, page="equipment:emergency", clauses=rule.clauses,
        hint=f"上报时同时通知{told}。" if told else "",
    )  # fmt: skip


NEW: dict[str, tuple[str, str, Maker]] = {
    "contract": ("登记设施合同", "equipment.sign", contract),
    "fault": ("报告故障", "equipment.report", fault),
    "plan": ("登记应急预案", "equipment.plan", plan),
    "drill": ("登记演练", "equipment.plan", drill),
    "emergency": ("上报突发事件", "equipment.report", emergency),
}


def new_page(request: Any, what: str, estate: Estate) -> FormPage:
    if what not in NEW:
        raise Http404
    return NEW[what][2](request, estate)


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, what: str, pk: int) -> HttpResponse:
    return new_page(request, what, estate_of(request, pk)).answer(request)


@login_required
@require_GET
def choose(request: HttpRequest, what: str) -> HttpResponse:
    """At which estate? One estate is no choice."""
    if what not in NEW:
        raise Http404
    text = request.GET.get("text", "").strip()[:50]
    rows = estates_seen(actor_of(request)).filter(ended_on=None)
    rows = rows.filter(name__icontains=text) if text else rows
    context = {"nav": NAV, "page_title": NEW[what][0], "what": what, "text": text, "page": page_of(request, rows)}
    return render(request, "equipment/choose.html", context)


def may_begin(actor: Actor, what: str, estate: Estate, *, on: Any) -> bool:
    return core.may(actor, NEW[what][1], AtEstate(estate, on))


# -- a paper to many estates, a plan of a place ------------------------------------------------------------------------
def directive_page(request: Any) -> FormPage:
    actor, now = actor_of(request), now_of(request)
    if not actor.is_staff_role:
        raise Http404
    estates = estates_seen(actor).filter(ended_on=None)
    given = request.GET.get("estate", "")
    initial = {"estates": [given] if given.isdecimal() else []}
    form = bound(request, forms.DirectiveForm, estates=estates, initial=initial)

    def run(data: Data) -> Ref:
        return equipment.issue(
            list(data["estates"]), directive=data["directive"], kind=data["kind"], title=data["title"],
            text=data["text"], due_on=data["due_on"], found=data["found"], actor=actor, now=now,
        ).ref  # fmt: skip

    back = reverse("equipment:directives")
    return form_page(
        title="下发指导意见、检查、整改", form=form, run=run, done="已下发。", back=back, button="下发",
        after=lambda ref: reverse("equipment:directive", args=[int(ref.id)]), crumbs=crumbs(("指导和检查", back)),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def directive(request: HttpRequest) -> HttpResponse:
    return directive_page(request).answer(request)


def place_plan_page(request: Any) -> FormPage:
    """A plan of the street (town), or of the county, where the actor sits."""
    actor, now, on = actor_of(request), now_of(request), today_of(request)
    place = core.place_at(actor.place_path) if actor.is_staff_role else None
    if place is None:
        raise Http404
    rule = ruled("equipment.plans", {"level": "street"}, place_path=place.path, on=on)
    form = bound(request, forms.PlanForm, path=place.path, initial={"kind": "service"})

    def run(data: Data) -> Ref:
        return equipment.file_plan(
            place, kind=data["kind"], title=data["title"], text=data["text"], contacts=data["contacts"],
            reserves=data["reserves"], actor=actor, now=now,
        ).ref  # fmt: skip

    form.fields.pop("file")
    back = reverse("equipment:plans")
    return form_page(
        title="登记本级应急预案", sub=place.name, form=form, run=run, done="已登记。", back=back, clauses=rule.clauses,
        after=lambda ref: reverse("equipment:plan", args=[int(ref.id)]), crumbs=crumbs(("应急预案", back)),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def place_plan(request: HttpRequest) -> HttpResponse:
    return place_plan_page(request).answer(request)
