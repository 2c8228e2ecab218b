"""Pages of repairs that the owners' fund does not pay: whose they are, yearly plans, teams; and of warranty money."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core import services as core
from gongzhi.core.models import Place
from gongzhi.core.refs import Ref
from gongzhi.funds.common.queries import OfEstate
from gongzhi.funds.forms_public import BareForm
from gongzhi.funds.forms_repairs import (
    SAID,
    DecideForm,
    DutyForm,
    GiveBackForm,
    PaidOutForm,
    PayInForm,
    RepairForm,
    RepairPayForm,
    TeamForm,
    UseForm,
    WarrantyForm,
)
from gongzhi.funds.maintenance import services as fund
from gongzhi.funds.maintenance.models import RepairPlan, RepairPlanItem, WarrantyDeposit, WarrantyMove
from gongzhi.funds.maintenance.queries import repairs
from gongzhi.funds.maintenance.words import BEARERS, PARTS, REPAIRERS
from gongzhi.funds.public_money.models import PublicProject
from gongzhi.funds.views.common import NAV, actor_of, bound, crumbs, form_page, kept, now_of, page_of, today_of
from gongzhi.funds.views.public import public_crumbs, year_of
from gongzhi.registry.models import Estate
from gongzhi.registry.queries.reading import estates_for

Data = Mapping[str, Any]
OLD = ("resettlement", "old")


@login_required
@require_GET
def duty(request: HttpRequest) -> HttpResponse:
    """报修由谁修: part × warranty × contract × specialist utilities, by the local document."""
    asked = "part" in request.GET
    form = DutyForm(request.GET) if asked else DutyForm()
    form.fields["estate"].queryset = estates_for(actor_of(request)).filter(ended_on=None)  # type: ignore[attr-defined]
    context: dict[str, Any] = {"nav": NAV, "page_title": "报修由谁修", "form": form}
    actor = actor_of(request)
    context["may_judge"] = core.may(actor, "repair.judge", Ref("place", "", "", actor.place_path))
    if asked and form.is_valid():
        data = form.cleaned_data
        said = {name: bool(data[name]) for name in SAID}
        answer = repairs.repair_duty(
            data["estate"], part=data["part"], need=data["need"], on=today_of(request), said=said,
            cost_on=data["cost_on"],
        )  # fmt: skip
        value = answer.value or {}
        context |= {
            "answer": answer,
            "repairer": REPAIRERS.get(value.get("who") or "", ""),
            "bearers": [BEARERS[one] for one in value.get("bearers") or ()],
            "guide": value.get("guide"),
            "needs": answer.explanation.needs_titles,
            "estate": data["estate"],
            "to_fund": value.get("who") == "maintenance_fund",
            "part": PARTS[data["part"]],
            "agreed": repairs.agreed_repair(data["estate"], data["part"], today_of(request)),
        }
    return render(request, "funds/duty.html", context)


@login_required
@require_GET
def plans(request: HttpRequest) -> HttpResponse:
    """全区年度维修计划: every street's plan, what of it counts, and both sides' money."""
    actor, year = actor_of(request), year_of(request)
    core.require(actor, "repair.read", Ref("place", "", "", actor.place_path))
    rows = repairs.plans_of(actor.place_path, year=year)
    street = core.place_at(actor.place_path, "street")
    context = {
        "nav": NAV,
        "page_title": f"{year}年安置（老旧）小区维修计划",
        "year": year,
        "years": range(today_of(request).year + 1, today_of(request).year - 3, -1),
        "rows": [(one, repairs.pool_of(one.place, year)) for one in rows],
        "total": repairs.agreed_total(rows),
        "missing": [one for one in rows if one.plan is None or one.plan.submitted_on is None],
        "own": street,
        "may_plan": street is not None and core.may(actor, "repair.plan", street.ref),
        "may_team": core.may(actor, "repair.team", Ref("place", "", "", actor.place_path)),
        "teams": page_of(request, repairs.teams_for(actor)),
        "on": today_of(request),
    }
    return render(request, "funds/plans.html", context)


def _plan(request: HttpRequest, pk: int) -> RepairPlan:
    row = get_object_or_404(RepairPlan.objects.select_related("place"), pk=pk)
    if not core.may(actor_of(request), "repair.read", row):
        raise Http404
    return row


@login_required
@require_GET
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    row = _plan(request, pk)
    actor = actor_of(request)
    items = list(row.items.select_related("estate", "project").order_by("estate__name", "pk"))
    context = {
        "nav": NAV,
        "page_title": str(row),
        "plan": row,
        "items": [(one, PARTS.get(one.part, one.part)) for one in items],
        "total": sum(one.estimate_fen for one in items),
        "pool": repairs.pool_of(row.place, row.year),
        "may_plan": core.may(actor, "repair.plan", row) and row.state in ("drafting", "returned"),
        "may_decide": core.may(actor, "repair.decide", row) and row.state == "submitted",
        "may_begin": core.may(actor, "money.project", row) and row.state == "agreed",
    }
    return render(request, "funds/plan.html", context)


def _plan_url(row: RepairPlan) -> str:
    return reverse("funds:plan", args=[row.pk])


@login_required
@require_http_methods(["GET", "POST"])
def plan_add(request: HttpRequest, year: int) -> HttpResponse:
    actor = actor_of(request)
    street = core.place_at(actor.place_path, "street")
    if street is None:
        raise Http404
    core.require(actor, "repair.plan", street.ref)
    form = bound(request, RepairForm)
    form.fields["estate"].queryset = estates_for(actor).filter(ended_on=None, estate_type__in=OLD)

    def run(data: Data) -> Ref:
        if data["none"]:
            return fund.draw_up_plan(street, year=year, actor=actor).ref
        item = fund.add_repair(
            street, year=year, estate=data["estate"], part=data["part"], title=data["title"],
            estimate_fen=data["estimate_fen"], actor=actor, now=now_of(request),
        )  # fmt: skip
        return item.plan.ref

    return form_page(
        title="列入维修计划", sub=f"{street.name}{year}年", form=form, run=run, done="已编入计划，项目列齐以后上报。",
        back=reverse("funds:plans"), crumbs=public_crumbs(("维修计划", reverse("funds:plans"))), button="列入",
        after=lambda ref: reverse("funds:plan", args=[int(ref.id)]),
    ).answer(request)  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def plan_step(request: HttpRequest, pk: int) -> HttpResponse:
    """上报 by the street, 批复 by the government."""
    row = _plan(request, pk)
    actor, now = actor_of(request), now_of(request)
    deciding = row.state == "submitted"
    core.require(actor, "repair.decide" if deciding else "repair.plan", row)
    form = bound(request, DecideForm if deciding else BareForm, version=row.version)

    def run(data: Data) -> Ref:
        version = form.cleaned_data["version"]
        if not deciding:
            return fund.submit_plan(row, version=version, actor=actor, now=now).ref
        paper = kept(request, data["paper"], row.ref)
        agreed = data["agreed"] == "yes"
        return fund.decide_plan(
            row, agreed=agreed, note=data["note"], paper=paper, version=version, actor=actor, now=now
        ).ref

    return form_page(
        title="批复" if deciding else "上报计划", sub=str(row), form=form, run=run, done="已办。", back=_plan_url(row),
        crumbs=public_crumbs(("维修计划", reverse("funds:plans")), (str(row), _plan_url(row))),
        hint="同意以后才计入全区预算，项目才能开工。" if deciding else "上报以后不能再改；没有维修项目的按0元上报。",
    ).answer(request)  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def repair_begin(request: HttpRequest, pk: int) -> HttpResponse:
    item = get_object_or_404(RepairPlanItem.objects.select_related("plan__place"), pk=pk)
    row = _plan(request, item.plan_id)

    def run(data: Data) -> Ref:
        return fund.begin_repair(item, actor=actor_of(request), now=now_of(request)).ref

    return form_page(
        title="立项", sub=item.title, form=bound(request, BareForm), run=run, done="已立项。", back=_plan_url(row),
        crumbs=public_crumbs(("维修计划", reverse("funds:plans")), (str(row), _plan_url(row))),
        after=lambda ref: reverse("funds:project", args=[int(ref.id)]),
    ).answer(request)  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def repair_pay(request: HttpRequest, pk: int) -> HttpResponse:
    project = get_object_or_404(PublicProject.objects.select_related("place"), pk=pk)
    actor = actor_of(request)
    core.require(actor, "money.project", project)
    form = bound(request, RepairPayForm, initial={"on": today_of(request), "payee": project.contractor})

    def run(data: Data) -> Ref:
        fund.ask_repair_payment(project, payee=data["payee"], on=data["on"], actor=actor, now=now_of(request))
        return project.ref

    return form_page(
        title="申请支付", sub=project.title, form=form, run=run, done="已按两级配比提出支出申请，由他人审批。",
        back=reverse("funds:project", args=[project.pk]),
        crumbs=public_crumbs(("项目", reverse("funds:projects"))),
        hint="按审定金额，两级按配比承担；一方没有配足的先由另一方到账的钱支付，合计不超过到账。",
    ).answer(request)  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def team(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    place: Place | None = core.place_at(actor.place_path)
    if place is None:
        raise Http404
    core.require(actor, "repair.team", place.ref)
    form = bound(request, TeamForm, initial={"from_on": today_of(request)})

    def run(data: Data) -> Ref:
        given = {name: value for name, value in data.items() if name not in ("version", "file")}
        made = fund.Team(**given, file=kept(request, data["file"], place.ref))
        fund.register_team(place, given=made, actor=actor, now=now_of(request))
        return place.ref

    return form_page(
        title="登记维修队伍", form=form, run=run, done="已登记。", back=reverse("funds:plans"),
        crumbs=public_crumbs(("维修计划", reverse("funds:plans"))),
    ).answer(request)  # fmt: skip


# -- warranty money ---------------------------------------------------------------------------------------------------
@login_required
@require_GET
def warranties(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    core.require(actor, "fund.read", Ref("place", "", "", actor.place_path))
    rows = repairs.warranties_for(actor, on=today_of(request))
    only = request.GET.get("only", "")
    context = {
        "nav": NAV,
        "page_title": "物业保修金",
        "rows": [one for one in rows if only != "short" or one.short_fen],
        "short": sum(1 for one in rows if one.short_fen),
        "only": only,
    }
    return render(request, "funds/warranties.html", context)


def _estate(request: HttpRequest, pk: int) -> Estate:
    found: Estate | None = estates_for(actor_of(request)).filter(pk=pk).first()
    if found is None or not core.may(actor_of(request), "fund.read", OfEstate(found, today_of(request))):
        raise Http404
    return found


@login_required
@require_GET
def warranty(request: HttpRequest, pk: int) -> HttpResponse:
    found = _estate(request, pk)
    actor, on = actor_of(request), today_of(request)
    row = WarrantyDeposit.objects.filter(estate=found).first()
    context = {
        "nav": NAV,
        "page_title": f"{found.name}的物业保修金",
        "estate": found,
        "warranty": repairs.warranty_of(row, on) if row is not None else None,
        "moves": row.moves.select_related("voucher").order_by("-pk") if row is not None else [],
        "parts": PARTS,
        "clauses": row.basis.get("clauses", []) if row is not None else [],
        "may": {
            "keep": core.may(actor, "warranty.keep", found),
            "ask": core.may(actor, "warranty.ask", OfEstate(found, on)),
            "check": core.may(actor, "warranty.check", found),
            "pay": core.may(actor, "warranty.pay", found),
        },
        "over": row is not None and on > row.held_until,
    }
    return render(request, "funds/warranty.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def warranty_act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """核定、交存、支用、退还."""
    found = _estate(request, pk)
    actor, now, on = actor_of(request), now_of(request), today_of(request)
    row = WarrantyDeposit.objects.filter(estate=found).first()
    forms: dict[str, tuple[str, type[Any], str]] = {
        "heding": ("核定保修金", WarrantyForm, "warranty.keep"),
        "jiaocun": ("登记交存", PayInForm, "warranty.keep"),
        "zhiyong": ("申请支用", UseForm, "warranty.ask"),
        "tuihuan": ("退还", GiveBackForm, "warranty.pay"),
    }
    if act not in forms or (act == "heding") != (row is None):
        raise Http404
    title, kind, right = forms[act]
    core.require(actor, right, OfEstate(found, on))
    form = bound(request, kind, initial={"on": on, "reported_on": on})

    def run(data: Data) -> Ref:
        given = {name: value for name, value in data.items() if name != "version"}
        if "voucher" in given:
            given["voucher"] = kept(request, given["voucher"], found.ref)
        if row is None:
            fund.assess_warranty(found, **given, actor=actor, now=now)
        elif act == "jiaocun":
            fund.pay_in(row, **given, key=request.POST.get("form_key", ""), actor=actor, now=now)
        elif act == "zhiyong":
            fund.ask_use(row, **given, actor=actor, now=now)
        else:
            fund.give_back(row, **given, actor=actor, now=now)
        return found.ref

    url = reverse("funds:warranty", args=[found.pk])
    return form_page(
        title=title, sub=found.name, form=form, run=run, done="已登记。", back=url,
        crumbs=crumbs(found, ("物业保修金", url)),
    ).answer(request)  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def warranty_step(request: HttpRequest, pk: int) -> HttpResponse:
    """核实 and 拨付 of a use."""
    move = get_object_or_404(WarrantyMove.objects.select_related("deposit__estate"), pk=pk)
    found = _estate(request, move.deposit.estate_id)
    actor, now = actor_of(request), now_of(request)
    checking = move.state == "asked"
    if move.state == "done":
        raise Http404
    core.require(actor, "warranty.check" if checking else "warranty.pay", found)
    form = bound(
        request, BareForm if checking else PaidOutForm, version=move.version, initial={"on": today_of(request)}
    )

    def run(data: Data) -> Ref:
        version = form.cleaned_data["version"]
        if checking:
            fund.check_use(move, version=version, actor=actor, now=now)
        else:
            voucher = kept(request, data["voucher"], found.ref)
            fund.pay_use(move, on=data["on"], voucher=voucher, version=version, actor=actor, now=now)
        return found.ref

    url = reverse("funds:warranty", args=[found.pk])
    return form_page(
        title="核实" if checking else "拨付", sub=f"{move.text} {core.yuan(move.amount_fen)}元", form=form, run=run,
        done="已办。", back=url, crumbs=crumbs(found, ("物业保修金", url)),
    ).answer(request)  # fmt: skip
