"""What is done with a fund: assessing, deposits, taking over, interest, gates, renewal, and unit accounts."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core import services as core
from gongzhi.core.refs import Ref
from gongzhi.core.sheets import in_yuan
from gongzhi.funds.common import queries as purses
from gongzhi.funds.forms import (
    AssessForm,
    CarryForm,
    DepositForm,
    GateForm,
    InterestForm,
    NoteForm,
    PlainForm,
    PlanForm,
    PutPlanForm,
)
from gongzhi.funds.maintenance import queries
from gongzhi.funds.maintenance import services as fund
from gongzhi.funds.maintenance.models import FundRenewal, OwnersPlan
from gongzhi.funds.maintenance.queries.carried import left_behind
from gongzhi.funds.maintenance.queries.own import unit_account
from gongzhi.funds.maintenance.words import STAGES
from gongzhi.funds.views.common import (
    NAV,
    FormPage,
    actor_of,
    bound,
    checked_estate,
    crumbs,
    download,
    estate_of,
    form_page,
    kept,
    now_of,
    page_of,
    today_of,
    url_of,
)
from gongzhi.registry.models import Estate, Unit

ONLY = {"short": "首期欠交", "low": "低于续交线", "renewal": "续交没有交齐"}
DEVELOPERS = ("developer", "other")


def _units(estate: Estate) -> Any:
    return Unit.objects.filter(building__estate=estate).select_related("building").order_by("building__name", "name")


@login_required
@require_http_methods(["GET", "POST"])
def assess(request: HttpRequest, pk: int) -> HttpResponse:
    found = estate_of(request, pk, "fund.assess")

    def run(data: Mapping[str, Any]) -> Ref:
        fund.assess_first(found, party=data["party"], actor=actor_of(request), now=now_of(request))
        return found.ref

    return form_page(
        title="核定首期应交额",
        form=bound(request, AssessForm, initial={"party": "owner"}),
        run=run,
        done="已核定，每套房屋建了分户账。",
        back=url_of(found),
        crumbs=crumbs(found),
        hint="按每套房屋的专有面积和主管部门录入的标准计算；已核定过的不重复。",
        button="核定",
    ).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def deposit(request: HttpRequest, pk: int) -> HttpResponse:
    found = estate_of(request, pk, "fund.deposit")
    form = bound(request, DepositForm, initial={"paid_on": today_of(request), "purpose": "first", "payer": "owner"})
    form.fields["unit"].queryset = _units(found)

    def run(data: Mapping[str, Any]) -> Ref:
        fund.receive_deposit(
            data["unit"],
            purpose=data["purpose"],
            payer=data["payer"],
            amount_fen=data["amount_fen"],
            paid_on=data["paid_on"],
            reference=data["reference"],
            account_number="".join(data["into_fund_account"].split()),
            file=kept(request, data["file"], data["unit"].ref),
            key=request.POST.get("form_key", ""),
            actor=actor_of(request),
            now=now_of(request),
        )
        return found.ref

    answer = form_page(
        title="登记交存",
        form=form,
        run=run,
        done="已入分户账。",
        back=url_of(found),
        crumbs=crumbs(found),
        button="登记",
    ).answer(request)
    _keep_clue(request, form)
    return answer


def _keep_clue(request: HttpRequest, form: DepositForm) -> None:
    """A deposit refused because of who pays is kept as a clue; the refusal itself wrote nothing."""
    refused = form.refused
    if refused is None or refused.code != "check_failed" or "payer" not in refused.fields:
        return
    data = form.cleaned_data
    with transaction.atomic():
        fund.note_refused_deposit(
            data["unit"],
            payer=str(form.data.get("payer", "")),
            amount_fen=data["amount_fen"],
            actor=actor_of(request),
            now=now_of(request),
        )


@login_required
@require_http_methods(["GET", "POST"])
def carry_over(request: HttpRequest, pk: int) -> HttpResponse:
    """结转: what the homes have in the book of an estate that went into this area."""
    found = estate_of(request, pk, "fund.assess")
    left = left_behind(found, today_of(request))

    def run(data: Mapping[str, Any]) -> Ref:
        fund.carry_over(
            found,
            reference=data["reference"],
            key=request.POST.get("form_key", ""),
            actor=actor_of(request),
            now=now_of(request),
        )
        return found.ref

    told = "；".join(f"{one.estate.name}{len(one.rows)}户，共{core.yuan(one.total_fen)}元" for one in left)
    return form_page(
        title="结转原小区的分户账",
        sub=f"{told}。各户余额和专户里的钱一并转入{found.name}的账，原小区的账仍可查。" if told else "",
        form=bound(request, CarryForm),
        run=run,
        done="已结转，各户余额不变。",
        back=url_of(found),
        crumbs=crumbs(found),
        button="结转",
    ).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def interest(request: HttpRequest, pk: int) -> HttpResponse:
    found = estate_of(request, pk, "fund.deposit")

    def run(data: Mapping[str, Any]) -> Ref:
        fund.add_interest(
            found,
            amount_fen=data["amount_fen"],
            on=data["on"],
            reference=data["reference"],
            key=request.POST.get("form_key", ""),
            actor=actor_of(request),
            now=now_of(request),
        )
        return found.ref

    return form_page(
        title="登记增值收益",
        form=bound(request, InterestForm, initial={"on": today_of(request)}),
        run=run,
        done="已按各户余额分摊入账。",
        back=url_of(found),
        crumbs=crumbs(found),
        button="登记并分摊",
    ).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def gate(request: HttpRequest, pk: int) -> HttpResponse:
    """查验: may the units pass the stage; the answer is on record and lists what is missing."""
    found, may_read = checked_estate(request, pk)
    form = bound(request, GateForm)
    form.fields["unit"].queryset = _units(found)
    shown = None
    if request.method == "POST" and form.is_valid():
        unit = form.cleaned_data["unit"]
        shown = fund.check_stage(
            found,
            stage=form.cleaned_data["stage"],
            units=[unit] if unit else None,
            actor=actor_of(request),
            now=now_of(request),
        )
    context = {
        "nav": NAV,
        "page_title": "查验维修资金交存",
        "estate": found,
        "may_read": may_read,
        "form": form,
        "gate": shown,
        "stage": STAGES.get(shown.stage, "") if shown else "",
        "short": shown.short[:50] if shown else (),
    }
    return render(request, "funds/gate.html", context)


@login_required
@require_GET
def units(request: HttpRequest, pk: int) -> HttpResponse:
    """分户账 of an estate, on screen or as a workbook."""
    found = estate_of(request, pk, "fund.read_units")
    on = today_of(request)
    rows = queries.units_funds(queries.fund_units(found), on=on)
    renewed = queries.renewed(rows)
    line = queries.renewal(found, on)
    low = {group.units[0].unit.pk for group in line.units_low} if line else set()
    only = request.GET.get("only", "")
    if only == "short":
        rows = [one for one in rows if one.short_fen]
    elif only == "low":
        rows = [one for one in rows if one.unit.pk in low]
    elif only == "renewal":
        rows = [one for one in rows if one.renewal_short_fen]
    if request.GET.get("as") == "xlsx":
        return _workbook(request, found, rows, only)
    page = page_of(request, rows, size=30)
    context = {
        "nav": NAV,
        "page_title": "分户账",
        "estate": found,
        "page": page,
        "low": low,
        "renewed": renewed,
        "only": only,
        "on": on,
        "sum_fen": sum(one.balance_fen for one in rows),
    }
    return render(request, "funds/units.html", context)


def _workbook(request: HttpRequest, estate: Estate, rows: list[queries.UnitFund], only: str) -> HttpResponse:
    def amounts(one: queries.UnitFund) -> list[Decimal]:
        first = (one.first_fen, one.paid_first_fen, one.short_fen)
        return [in_yuan(fen) for fen in (*first, one.renewal_fen, one.paid_renewal_fen, one.balance_fen)]

    names = ("首期应交（元）", "已交首期（元）", "欠交（元）", "续交应交（元）", "已续交（元）", "余额（元）")
    return download(
        request,
        name=f"units-{estate.pk}",
        title="分户账",
        columns=(("房屋", 24), *((name, 16) for name in names)),
        rows=[(str(one.unit), *amounts(one)) for one in rows],
        asked={"小区": estate.name, "截至": today_of(request).isoformat(), "只看": ONLY.get(only, "")},
    )


@login_required
@require_GET
def unit(request: HttpRequest, pk: int) -> HttpResponse:
    """One unit's account with every movement, owner after owner."""
    row: Unit = get_object_or_404(Unit.objects.select_related("building__estate"), pk=pk)
    found = estate_of(request, row.building.estate_id, "fund.read_units")
    on = today_of(request)
    line = queries.renewal_of_unit(row, on=on)
    context = {
        "nav": NAV,
        "page_title": f"{row}的分户账",
        "estate": found,
        "unit": row,
        "fund": queries.units_funds([row], on=on)[0],
        "line": line,
        "line_clauses": _renewal_clauses(found, on) if line else (),
        "account": unit_account(row, on=on),
        "named": True,
        "may_registry": core.may(actor_of(request), "unit.read", row),
        "due": row.fund_dues.order_by("assessed_on", "pk"),
    }
    return render(request, "funds/unit.html", context)


def _renewal_clauses(estate: Estate, on: date) -> tuple[str, ...]:
    answer = core.ask("funds.renewal", {"estate_type": estate.estate_type}, place_path=estate.place_path, on=on)
    return tuple(answer.clauses)


@login_required
@require_GET
def renewals(request: HttpRequest) -> HttpResponse:
    """续筹清单 of the actor's estates."""
    estates = purses.estates_with_books(actor_of(request), on=today_of(request))
    rows = (
        FundRenewal.objects.filter(estate__in=estates.values("pk"))
        .select_related("estate")
        .order_by("-noticed_on", "pk")
    )
    only = request.GET.get("only", "open")
    if only == "open":
        rows = rows.filter(ended_on=None)
    actor, on = actor_of(request), today_of(request)
    page = page_of(request, rows.select_related("estate", "unit__building"))
    missing, right = queries.still_missing(page.object_list, on), "fund.read_units"
    context = {
        "nav": NAV,
        "page_title": "续筹清单",
        "page": page,
        "rows": [
            (
                one,
                missing.get(one.pk),
                one.unit_id and core.may(actor, right, purses.OfEstate(one.estate, on)),
            )
            for one in page.object_list
        ],
        "only": only,
        "today": today_of(request),
    }
    return render(request, "funds/renewals.html", context)


def _noted(request: HttpRequest, pk: int, *, title: str, done: str, hint: str, urging: bool) -> HttpResponse:
    found = estate_of(request, pk, "fund.urge")

    def run(data: Mapping[str, Any]) -> Ref:
        actor, now = actor_of(request), now_of(request)
        if urging:
            fund.urge(found, reason=data["note"], actor=actor, now=now)
        else:
            fund.guide_renewal(found, note=data["note"], actor=actor, now=now)
        return found.ref

    form = bound(request, NoteForm)
    return form_page(
        title=title, form=form, run=run, done=done, back=url_of(found), crumbs=crumbs(found), hint=hint
    ).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def guide(request: HttpRequest, pk: int) -> HttpResponse:
    return _noted(
        request, pk, title="登记续筹指导", done="已登记。", hint="写明指导了谁、怎样续筹、下一步做什么。", urging=False
    )


@login_required
@require_http_methods(["GET", "POST"])
def urge(request: HttpRequest, pk: int) -> HttpResponse:
    return _noted(
        request,
        pk,
        title="督办申报维修",
        done="已督办，申报期限已起算。",
        hint="写明哪里要修、为什么要尽快申报。",
        urging=True,
    )


@login_required
@require_http_methods(["GET", "POST"])
def assess_renewal(request: HttpRequest, pk: int) -> HttpResponse:
    found = estate_of(request, pk, "fund.assess")

    def run(_: Mapping[str, Any]) -> Ref:
        fund.assess_renewal(found, actor=actor_of(request), now=now_of(request))
        return found.ref

    return form_page(
        title="核定续交额",
        form=bound(request, PlainForm),
        run=run,
        done="已核定到户。",
        back=url_of(found),
        crumbs=[*crumbs(found), ("续筹清单", reverse("funds:renewals"))],
        hint="每户补足到目标比例所差的金额，就是应续交额。",
        button="核定",
    ).answer(request)


def _plan_of(request: HttpRequest, pk: int) -> OwnersPlan:
    row = get_object_or_404(OwnersPlan.objects.select_related("estate", "motion__vote"), pk=pk)
    estate_of(request, row.estate_id, "fund.plan")
    return row


@login_required
@require_http_methods(["GET", "POST"])
def plan_new(request: HttpRequest, pk: int) -> HttpResponse:
    """A year's repairs, or raising money, written down before it is put to the owners."""
    found = estate_of(request, pk, "fund.plan")
    initial = {"year": today_of(request).year, "kind": request.GET.get("kind", "")}

    def run(data: Mapping[str, Any]) -> Ref:
        return fund.draft_plan(found, given=_drafted(data), actor=actor_of(request), now=now_of(request)).ref

    return form_page(
        title="拟定维修计划、续筹方案",
        form=bound(request, PlanForm, initial=initial),
        run=run,
        done="已拟定。下一步拟定业主表决，再在这里关联。",
        back=url_of(found),
        crumbs=crumbs(found),
        hint="业主大会表决通过以后，维修计划在年度内分批使用不再表决；续筹方案才核定到每户。",
        button="拟定",
    ).answer(request)


def _drafted(data: Mapping[str, Any]) -> fund.PlanDraft:
    return fund.PlanDraft(**{name: data[name] for name in ("kind", "year", "text", "amount_fen", "matters")})


def _plan_page(row: OwnersPlan, **page: Any) -> FormPage:
    return form_page(back=url_of(row.estate), crumbs=crumbs(row.estate), **page)


@login_required
@require_http_methods(["GET", "POST"])
def plan_edit(request: HttpRequest, pk: int) -> HttpResponse:
    row = _plan_of(request, pk)
    initial = {
        "kind": row.kind, "year": row.year, "text": row.text, "matters": row.matters,
        "amount_fen": core.yuan(row.amount_fen),
    }  # fmt: skip
    form = bound(request, PlanForm, version=row.version, initial=initial, settled=row)

    def run(data: Mapping[str, Any]) -> Ref:
        given = _drafted(data)
        return fund.revise_plan(
            row, given=given, version=data["version"], actor=actor_of(request), now=now_of(request)
        ).ref

    done = "已修改，可以再付表决。"
    return _plan_page(row, title=f"修改{row}", form=form, run=run, done=done, button="修改").answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def plan_put(request: HttpRequest, pk: int) -> HttpResponse:
    row = _plan_of(request, pk)
    motions = fund.open_motions(row)
    form = bound(request, PutPlanForm, version=row.version, motions=motions)

    def run(data: Mapping[str, Any]) -> Ref:
        chosen = next((one for one in motions if str(one.pk) == data["motion"]), None)
        return fund.put_plan(
            row, motion=chosen, version=data["version"], actor=actor_of(request), now=now_of(request)
        ).ref

    done = "已关联，表决结果生效后计划随之通过或不通过。"
    return _plan_page(row, title=f"{row}：关联业主表决", form=form, run=run, done=done, button="关联").answer(request)
