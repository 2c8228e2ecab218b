"""Pages of budgets, direct spending, projects, support policies, doubts, and what everybody may see of them."""

from collections.abc import Mapping
from datetime import date
from itertools import groupby
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core import services as core
from gongzhi.core.display import cn_date
from gongzhi.core.models import Place
from gongzhi.core.refs import Ref
from gongzhi.core.sheets import in_yuan
from gongzhi.funds.common.apart import apart_words
from gongzhi.funds.forms_public import (
    ApproveForm,
    BudgetForm,
    PaidForm,
    ProjectForm,
    ProjectStepForm,
    PublishBudgetForm,
    ShiftForm,
    SpendForm,
    WithdrawForm,
)
from gongzhi.funds.maintenance.queries.repairs import teams_at
from gongzhi.funds.maintenance.services import planned
from gongzhi.funds.maintenance.words import OF_PLAN
from gongzhi.funds.public_money import queries
from gongzhi.funds.public_money import services as money
from gongzhi.funds.public_money.matching import unmatched
from gongzhi.funds.public_money.models import Budget, ProjectStep, PublicExpense, PublicProject
from gongzhi.funds.public_money.words import DEAD, PAYER_LEVEL, PROJECT_STEPS
from gongzhi.funds.views.common import (
    NAV,
    actor_of,
    bound,
    download,
    form_page,
    kept,
    now_of,
    page_of,
    today_of,
)
from gongzhi.governance.bodies.models import Body
from gongzhi.governance.bodies.words import COMMITTEES
from gongzhi.registry.queries.reading import estates_for

Data = Mapping[str, Any]
SHOWN = 30
BUDGET_COLUMNS = (
    ("地区", 20), ("出资方", 16), ("科目", 28), ("预算", 16), ("已批未付", 16), ("已付", 16), ("余额", 16),
)  # fmt: skip


def public_crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [("资金", reverse("funds:overview")), ("财政资金", reverse("funds:budgets")), *more]


def year_of(request: HttpRequest) -> int:
    text = request.GET.get("year", "")
    return int(text) if text.isdigit() and len(text) == len("2026") else today_of(request).year


@login_required
@require_GET
def budgets(request: HttpRequest) -> HttpResponse:
    """预算执行: granted, committed, paid, free of every item in the actor's place; and where nothing was provided."""
    actor, on, year = actor_of(request), today_of(request), year_of(request)
    core.require(actor, "money.read", Ref("place", "", "", actor.place_path))
    rows = [queries.balance_of(one) for one in queries.budgets_for(actor, year=year)]
    if request.GET.get("as") == "xlsx":
        return download(
            request,
            name=f"budgets-{year}",
            title=f"{year}年预算执行",
            columns=BUDGET_COLUMNS,
            rows=(
                (one.budget.place.name, one.budget.get_payer_display(), str(one.budget), *map(in_yuan, (
                    one.granted_fen, one.held_fen, one.paid_fen, one.free_fen)))
                for one in rows
            ),
            asked={"年度": str(year)},
        )  # fmt: skip
    missing = sorted(queries.lacking(actor, year=year, on=on), key=lambda one: one.place.path)
    context = {
        "nav": NAV,
        "page_title": f"{year}年财政资金",
        "year": year,
        "years": range(on.year + 1, on.year - 4, -1),
        "rows": rows,
        "total": queries.total(rows),
        "lacking": [(place, list(some)) for place, some in groupby(missing, key=lambda one: one.place)],
        "unmatched": unmatched(actor, year=year) if year == on.year else [],
        "payments": queries.payments_for(actor, year=year)[:SHOWN],
        "schemes": [
            (one.title, *next(((n, fen) for code, n, fen in queries.paid_by_scheme(actor.place_path, year=year)
                               if code == one.code), (0, 0)))
            for one in queries.schemes_at(actor.place_path, on)
        ],
        "may_budget": core.may(actor, "money.budget", Ref("place", "", "", actor.place_path)),
        "may_plans": core.may(actor, "repair.read", Ref("place", "", "", actor.place_path)),
        "posts": queries.posts_in(actor, year=year, on=on),
    }  # fmt: skip
    return render(request, "funds/budgets.html", context)


def _places(request: HttpRequest) -> Any:
    actor = actor_of(request)
    levels = set(PAYER_LEVEL.values())
    return Place.objects.filter(level__in=levels, path__startswith=actor.place_path).order_by("path")


def _holders(request: HttpRequest) -> dict[str, Ref]:
    """Who may have an item of its own: the committees in the actor's place, and its streets for what a county gives."""
    path = actor_of(request).place_path
    bodies = Body.objects.filter(kind__in=COMMITTEES, state="in_office", place_path__startswith=path).order_by("name")
    streets = Place.objects.filter(level="street", path__startswith=path).order_by("path")
    return {one.key: one for one in (*(row.ref for row in bodies), *(row.ref for row in streets))}


@login_required
@require_http_methods(["GET", "POST"])
def appropriate(request: HttpRequest) -> HttpResponse:
    actor, on = actor_of(request), today_of(request)
    core.require(actor, "money.budget", Ref("place", "", "", actor.place_path))
    initial = {
        "year": on.year,
        "on": on,
        "sign": "grant",
        **{k: request.GET.get(k, "") for k in ("place", "payer", "item", "holder")},
    }
    form = bound(request, BudgetForm, initial={k: v for k, v in initial.items() if v})
    form.fields["place"].queryset = _places(request)
    holders = _holders(request)
    form.offer({key: ref.title for key, ref in holders.items()})

    def run(data: Data) -> Ref:
        sign = -1 if data["sign"] == "cut" else 1
        place = data["place"]
        return money.appropriate(
            place, payer=data["payer"], year=data["year"], item=data["item"], amount_fen=sign * data["amount_fen"],
            on=data["on"], basis=data["basis"], posts=data["posts"], holder=holders.get(data["holder"]),
            file=kept(request, data["file"], place.ref),
            key=request.POST.get("form_key", ""), actor=actor, now=now_of(request),
        ).ref  # fmt: skip

    return form_page(
        title="安排预算",
        form=form,
        run=run,
        done="已入账。",
        back=reverse("funds:budgets"),
        crumbs=public_crumbs(),
        hint="同一地区、出资方、年度、科目只有一个额度；追加和核减都留有记录，核减不能低于已经承诺的。",
        button="登记",
    ).answer(request)


def _budget(request: HttpRequest, pk: int) -> Budget:
    row = get_object_or_404(Budget.objects.select_related("place"), pk=pk)
    if not core.may(actor_of(request), "money.read", row):
        raise Http404
    return row


@login_required
@require_GET
def budget(request: HttpRequest, pk: int) -> HttpResponse:
    row = _budget(request, pk)
    actor = actor_of(request)
    shares = row.shares.select_related("claim").order_by("-pk")
    context = {
        "nav": NAV,
        "page_title": str(row),
        "budget": row,
        "balance": queries.balance_of(row),
        "moves": row.moves.select_related("file").order_by("-on", "-pk"),
        "shares": shares[:SHOWN],
        "expenses": row.expenses.order_by("-on", "-pk")[:SHOWN],
        "may_budget": core.may(actor, "money.budget", row),
        "may_expense": core.may(actor, "money.expense", row),
    }
    return render(request, "funds/budget.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def shift(request: HttpRequest, pk: int) -> HttpResponse:
    row = _budget(request, pk)
    core.require(actor_of(request), "money.budget", row)
    form = bound(request, ShiftForm, initial={"on": today_of(request)})
    same = Budget.objects.filter(place=row.place, payer=row.payer, year=row.year).exclude(pk=row.pk)
    form.fields["target"].queryset = same

    def run(data: Data) -> Ref:
        money.shift(
            row, target=data["target"], amount_fen=data["amount_fen"], on=data["on"], basis=data["basis"],
            key=request.POST.get("form_key", ""), actor=actor_of(request), now=now_of(request),
        )  # fmt: skip
        return row.ref

    url = reverse("funds:budget", args=[row.pk])
    return form_page(
        title="调剂", sub=str(row), form=form, run=run, done="已调剂。", back=url, crumbs=public_crumbs((str(row), url))
    ).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def publish(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    core.require(actor, "money.publish", Ref("place", "", "", actor.place_path))
    place = core.place_at(actor.place_path)
    if place is None:
        raise Http404
    form = bound(request, PublishBudgetForm, initial={"year": year_of(request)})

    def run(data: Data) -> Ref:
        money.publish_budgets(place, year=data["year"], actor=actor, now=now_of(request))
        return place.ref

    return form_page(
        title="公开预算执行", sub=place.name, form=form, run=run, done="已公开，任何人可以查看。",
        back=reverse("funds:budgets"), crumbs=public_crumbs(), hint="公开到科目和补贴项目，不公开个人。", button="公开",
        after=reverse("funds:published", args=[place.code]),
    ).answer(request)  # fmt: skip


@require_GET
def published(request: HttpRequest, code: str) -> HttpResponse:
    """For everybody: a place's published items and what was paid under each scheme."""
    place = get_object_or_404(Place, code=code)
    year = year_of(request)
    rows = Budget.objects.filter(place=place, year=year).exclude(published_on=None).select_related("place")
    years = Budget.objects.filter(place=place).exclude(published_on=None).values_list("year", flat=True)
    listed = [queries.balance_of(one) for one in rows.order_by("payer", "item", "pk")]
    on = today_of(request)
    paid = (
        {scheme: (count, fen) for scheme, count, fen in queries.paid_by_scheme(place.path, year=year)} if listed else {}
    )
    context = {
        "page_title": f"{place.name}{year}年物业管理财政资金公开",
        "place": place,
        "year": year,
        "years": sorted(set(years), reverse=True),
        "rows": listed,
        "total": queries.total(listed),
        "schemes": [(one.title, *paid.get(one.code, (0, 0))) for one in queries.schemes_at(place.path, on)],
    }
    return render(request, "funds/published.html", context)


# -- direct spending --------------------------------------------------------------------------------------------------
def _expense(request: HttpRequest, pk: int) -> PublicExpense:
    row = get_object_or_404(PublicExpense.objects.select_related("budget__place", "estate", "project"), pk=pk)
    if not core.may(actor_of(request), "money.read", row):
        raise Http404
    return row


@login_required
@require_http_methods(["GET", "POST"])
def spend(request: HttpRequest, pk: int) -> HttpResponse:
    row = _budget(request, pk)
    actor = actor_of(request)
    core.require(actor, "money.expense", row)
    form = bound(request, SpendForm, initial={"on": today_of(request)})
    form.fields["estate"].queryset = estates_for(actor).filter(ended_on=None)
    form.fields["project"].queryset = queries.projects_for(actor)

    def run(data: Data) -> Ref:
        given = money.Spending(
            kind=data["kind"], amount_fen=data["amount_fen"], text=data["text"], payee=data["payee"], on=data["on"],
            estate=data["estate"], project=data["project"], paper=kept(request, data["paper"], row.ref),
        )  # fmt: skip
        return money.ask_expense(row, given=given, actor=actor, now=now_of(request)).ref

    url = reverse("funds:budget", args=[row.pk])
    return form_page(
        title="申请支出", sub=str(row), form=form, run=run, done="已提交，由他人审批。", back=url,
        crumbs=public_crumbs((str(row), url)), after=lambda ref: reverse("funds:expense", args=[int(ref.id)]),
    ).answer(request)  # fmt: skip


@login_required
@require_GET
def expense(request: HttpRequest, pk: int) -> HttpResponse:
    row = _expense(request, pk)
    actor = actor_of(request)
    due, on = {"asked": "approve", "approved": "pay"}.get(row.state, ""), today_of(request)
    turn = bool(due) and core.may(actor, f"money.{due}", row.budget)
    before = queries.expense_apart(row, due, actor, on=on) if turn else None
    takers = queries.expense_roles(due) if due else ()
    place = row.budget.place_path
    context = {
        "nav": NAV,
        "page_title": row.text,
        "expense": row,
        "may_approve": turn and not before and due == "approve",
        "may_pay": turn and not before and due == "pay",
        "apart": apart_words(before, roles=takers, actor=actor, place_path=place, on=on),
        "may_withdraw": queries.may_withdraw(row, actor),
        "may_doubt": core.may(actor, "money.doubt", row),
        "doubts": queries.doubts_about(row.ref),
    }
    return render(request, "funds/expense.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def expense_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """撤回 of what cannot be paid: a reason, and the money is free again."""
    row = _expense(request, pk)
    if not queries.may_withdraw(row, actor_of(request)):
        raise Http404
    form = bound(request, WithdrawForm, version=row.version)

    def run(data: Data) -> Ref:
        return money.withdraw_expense(
            row, reason=data["reason"], version=form.cleaned_data["version"], actor=actor_of(request),
            now=now_of(request),
        ).ref  # fmt: skip

    url = reverse("funds:expense", args=[row.pk])
    hint = "已经审批占用的指标退回可用；撤回以后不能再支付，要付的另行申请。"
    return form_page(
        title="撤回", sub=f"{row.text} {core.yuan(row.amount_fen)}元", form=form, run=run, done="已撤回。", back=url,
        crumbs=public_crumbs((row.text, url)), hint=hint, button="撤回",
    ).answer(request)  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def expense_step(request: HttpRequest, pk: int) -> HttpResponse:
    row = _expense(request, pk)
    actor, now = actor_of(request), now_of(request)
    approving = row.state == "asked"
    if not approving and row.state != "approved":
        raise Http404
    core.require(actor, "money.approve" if approving else "money.pay", row.budget)
    form = bound(
        request, ApproveForm if approving else PaidForm, version=row.version, initial={"on": today_of(request)}
    )

    def run(data: Data) -> Ref:
        version = form.cleaned_data["version"]
        if approving:
            agreed = data["agreed"] == "yes"
            done = money.approve_expense(
                row, agreed=agreed, opinion=data["opinion"], version=version, actor=actor, now=now
            )
        else:
            voucher = kept(request, data["voucher"], row.ref)
            done = money.pay_expense(row, on=data["on"], voucher=voucher, version=version, actor=actor, now=now)
        return done.ref

    url = reverse("funds:expense", args=[row.pk])
    return form_page(
        title="审批" if approving else "支付", sub=f"{row.text} {core.yuan(row.amount_fen)}元", form=form, run=run,
        done="已办。", back=url, crumbs=public_crumbs((row.text, url)),
    ).answer(request)  # fmt: skip


# -- projects ---------------------------------------------------------------------------------------------------------
@login_required
@require_GET
def projects(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    core.require(actor, "money.read", Ref("place", "", "", actor.place_path))
    page = page_of(request, queries.projects_for(actor))
    context = {
        "nav": NAV,
        "page_title": "财政资金项目",
        "page": page,
        "rows": [(one, PROJECT_STEPS.get(queries.next_project_step(one) or "", "")) for one in page.object_list],
        "may_begin": core.may(actor, "money.project", Ref("place", "", "", actor.place_path)),
    }
    return render(request, "funds/projects.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def project_new(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    core.require(actor, "money.project", Ref("place", "", "", actor.place_path))
    place = core.place_at(actor.place_path)
    on = today_of(request)
    form = bound(request, ProjectForm, emergencies=money.urgent_kinds(actor.place_path, on), initial={"year": on.year})
    form.fields["estate"].queryset = estates_for(actor).filter(ended_on=None)

    def run(data: Data) -> Ref:
        if place is None:
            raise Http404
        return money.begin_project(
            place, estate=data["estate"], title=data["title"], year=data["year"], estimate_fen=data["amount_fen"],
            emergency=data.get("emergency") or "", actor=actor, now=now_of(request),
        ).ref  # fmt: skip

    return form_page(
        title="项目立项", form=form, run=run, done="已立项，下面是依次要办的步骤。", back=reverse("funds:projects"),
        crumbs=public_crumbs(("项目", reverse("funds:projects"))),
        after=lambda ref: reverse("funds:project", args=[int(ref.id)]),
    ).answer(request)  # fmt: skip


def _project(request: HttpRequest, pk: int) -> PublicProject:
    row = get_object_or_404(PublicProject.objects.select_related("estate", "place"), pk=pk)
    if not core.may(actor_of(request), "money.read", row):
        raise Http404
    return row


def _teams(row: PublicProject, on: date) -> str:
    """The tendered repair teams that may be chosen, where such a team is for the estate's kind."""
    if row.estate is None or row.estate.estate_type not in OF_PLAN:
        return ""
    teams = [
        f"{one.name}（{one.scope + '，' if one.scope else ''}到{cn_date(one.to_on)}）"
        for one in teams_at(row.place_path, on)
    ]
    return f"经招标登记的维修队伍：{'、'.join(teams)}。" if teams else ""


def _chosen(row: PublicProject, step: ProjectStep) -> money.ProjectMove:
    """The contractor's selection as it was recorded."""
    known = planned(row, contractor=row.contractor, on=step.on)
    return money.ProjectMove(
        on=step.on, file=step.file, contractor=row.contractor, selected=row.selected,
        plan_agreed=known["plan_agreed"], team_tendered=known["team_tendered"],
    )  # fmt: skip


@login_required
@require_GET
def project(request: HttpRequest, pk: int) -> HttpResponse:
    row = _project(request, pk)
    actor, on = actor_of(request), today_of(request)
    taken = {one.step: one for one in row.taken.select_related("file")}
    due = queries.next_project_step(row)
    turn = due is not None and core.may(actor, queries.project_right(due), row)
    before = queries.project_apart(row, due, actor, on=on) if due and turn else None
    takers = queries.project_roles(due) if due else ()
    chosen = taken.get("select")
    context = {
        "nav": NAV,
        "page_title": row.title,
        "project": row,
        "stages": [(PROJECT_STEPS[one], taken.get(one), one == due) for one in row.steps],
        "warnings": money.project_warnings(row, step="select", given=_chosen(row, chosen)) if chosen else [],
        "due": due,
        "due_title": PROJECT_STEPS.get(due or "", ""),
        "may_step": turn and not before,
        "apart": apart_words(before, roles=takers, actor=actor, place_path=row.place_path, on=on),
        "whose_turn": "、".join(core.role_name(one, place_path=row.place_path, on=on) for one in takers),
        "may_repay": row.state == "closed"
        and not row.expenses.exclude(state__in=DEAD).exists()
        and core.may(actor, "money.expense", row),
        "expenses": row.expenses.select_related("budget").order_by("on", "pk"),
        "clauses": row.basis.get("clauses", []),
    }
    return render(request, "funds/project.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def project_step(request: HttpRequest, pk: int) -> HttpResponse:
    row = _project(request, pk)
    due = queries.next_project_step(row)
    core.require(actor_of(request), queries.project_right(due), row)
    if due is None:
        raise Http404
    form = bound(request, ProjectStepForm, version=row.version, step=due, initial={"on": today_of(request)})
    if wanted := money.wanted_paper(row, due, on=today_of(request)):
        form.fields["file"].required = True
        form.fields["file"].error_messages["required"] = wanted

    def run(data: Data) -> Ref:
        given = money.ProjectMove(
            on=data["on"], note=data["note"], file=kept(request, data["file"], row.ref),
            contractor=data.get("contractor") or "", selected=data.get("selected") or "",
            quoted_fen=data.get("quoted_fen"), audited_fen=data.get("audited_fen"),
            **planned(row, contractor=data.get("contractor") or "", on=data["on"]),
        )  # fmt: skip
        version = form.cleaned_data["version"]
        return money.move_project(
            row, step=due, given=given, version=version, actor=actor_of(request), now=now_of(request)
        ).ref

    url = reverse("funds:project", args=[row.pk])
    return form_page(
        title=PROJECT_STEPS[due], sub=row.title, form=form, run=run, done="已办。", back=url,
        hint=_teams(row, today_of(request)) if due == "select" else "",
        crumbs=public_crumbs(("项目", reverse("funds:projects")), (row.title, url)),
        clauses=tuple(row.basis.get("clauses", ())),
    ).answer(request)  # fmt: skip
