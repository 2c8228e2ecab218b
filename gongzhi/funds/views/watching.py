"""Pages of doubts, support policies and the money of first assemblies."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core import refs
from gongzhi.core import services as core
from gongzhi.core.display import cn_date
from gongzhi.core.refs import Ref
from gongzhi.funds.forms_public import (
    BareForm,
    DoubtForm,
    EnjoyForm,
    PolicyForm,
    PreparatoryForm,
    ReceiptForm,
    ReplyDoubtForm,
    companies,
)
from gongzhi.funds.maintenance.models import FundUse
from gongzhi.funds.public_money import queries
from gongzhi.funds.public_money import services as money
from gongzhi.funds.public_money.models import Claim, PreparatoryFund, PublicExpense, PublicProject, SupportPolicy
from gongzhi.funds.public_money.words import SUPPORTS
from gongzhi.funds.views.common import NAV, actor_of, bound, crumbs, form_page, kept, now_of, page_of, today_of
from gongzhi.funds.views.public import public_crumbs, year_of
from gongzhi.governance.bodies.words import PAYERS
from gongzhi.registry.models import Estate
from gongzhi.registry.queries.reading import estates_for

Data = Mapping[str, Any]


# -- doubts -----------------------------------------------------------------------------------------------------------
@login_required
@require_GET
def doubts(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    page = page_of(request, queries.doubts_for(actor))
    context = {
        "nav": NAV,
        "page_title": "资金疑点",
        "page": page,
        "rows": [
            (one, refs.url_of(Ref(one.about_kind, one.about_id, one.about_title, one.place_path))) for one in page
        ],
        "role": actor.role,
        "may_settle": core.may(actor, "money.doubt", Ref("place", "", "", actor.place_path)),
    }
    return render(request, "funds/doubts.html", context)


DOUBTED = {
    "subsidy_claim": Claim, "public_expense": PublicExpense, "public_project": PublicProject, "fund_use": FundUse,
}  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def doubt_new(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    about: Any = DOUBTED.get(kind)
    if about is None:
        raise Http404
    row: Any = get_object_or_404(about, pk=pk)
    actor = actor_of(request)
    core.require(actor, "money.doubt", row)
    form = bound(request, DoubtForm)
    roles = ["street_office", "housing", "leading_group_office", "finance"]
    form.fields["asked_of"].choices = [
        (one, core.role_name(one, place_path=row.place_path, on=today_of(request))) for one in roles
    ]

    def run(data: Data) -> Ref:
        return money.raise_doubt(
            row.ref, text=data["text"], asked_of=data["asked_of"], actor=actor, now=now_of(request)
        ).ref

    return form_page(
        title="标记疑点", sub=str(row), form=form, run=run, done="已标记，说明以后可以销号。",
        back=reverse("funds:doubts"),
        crumbs=public_crumbs(("疑点", reverse("funds:doubts"))),
    ).answer(request)  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def doubt(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(queries.doubts_for(actor_of(request)), pk=pk)
    actor, now = actor_of(request), now_of(request)
    settling = bool(row.reply) and core.may(actor, "money.doubt", row)
    form = bound(request, BareForm if settling else ReplyDoubtForm, version=row.version)

    def run(data: Data) -> Ref:
        version = form.cleaned_data["version"]
        if settling:
            return money.settle_doubt(row, version=version, actor=actor, now=now).ref
        return money.answer_doubt(row, reply=data["reply"], version=version, actor=actor, now=now).ref

    return form_page(
        title="销号" if settling else "说明疑点", sub=row.about_title, form=form, run=run,
        done="已销号。" if settling else "已说明。", back=reverse("funds:doubts"),
        crumbs=public_crumbs(("疑点", reverse("funds:doubts"))),
        hint=f"疑点：{row.text}" + (f"　说明：{row.reply}" if row.reply else ""),
    ).answer(request)  # fmt: skip


# -- support policies -------------------------------------------------------------------------------------------------
def _policies(request: HttpRequest) -> Any:
    path = actor_of(request).place_path
    parts = path.strip("/").split("/")
    above = ["/".join(parts[: count + 1]) + "/" for count in range(len(parts))]
    return SupportPolicy.objects.filter(place_path__in=above).order_by("kind", "-from_on")


@login_required
@require_GET
def policies(request: HttpRequest) -> HttpResponse:
    actor, year = actor_of(request), year_of(request)
    known = (
        core.ask("funds.supports", {}, place_path=actor.place_path, on=today_of(request)) if actor.place_path else None
    )
    rows = list(_policies(request).prefetch_related("uses__organisation")) if actor.place_path else []
    kinds = list(known.value or ()) if known is not None else []
    paid = queries.paid_by_support(actor.place_path, year=year) if actor.place_path else {}
    context = {
        "nav": NAV,
        "page_title": "扶持政策和税收优惠",
        "rows": rows,
        "missing": [SUPPORTS[kind] for kind in kinds if not any(one.kind == kind for one in rows)],
        "clauses": known.clauses if known is not None else (),
        "year": year,
        "paid": [(SUPPORTS[kind], paid.get(kind, 0)) for kind in kinds],
        "may_register": core.may(actor, "money.support", Ref("place", "", "", actor.place_path)),
        "may_enjoy": core.may(actor, "money.enjoy"),
    }
    return render(request, "funds/policies.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def policy_new(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    core.require(actor, "money.support", Ref("place", "", "", actor.place_path))
    place = core.place_at(actor.place_path)
    form = bound(request, PolicyForm, initial={"from_on": today_of(request), "level": "county"})

    def run(data: Data) -> Ref:
        if place is None:
            raise Http404
        given = {name: value for name, value in data.items() if name not in ("version", "file")}
        file = kept(request, data["file"], place.ref)
        return money.register_policy(place, **given, file=file, actor=actor, now=now_of(request)).ref

    return form_page(
        title="登记扶持政策", form=form, run=run, done="已登记。", back=reverse("funds:policies"),
        crumbs=public_crumbs(("扶持政策", reverse("funds:policies"))),
    ).answer(request)  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def enjoy(request: HttpRequest, pk: int) -> HttpResponse:
    """A company asks for it; the office says whether it fits, and what it enjoyed."""
    actor, on = actor_of(request), today_of(request)
    company = actor.role in ("property_company", "project_manager")
    row = get_object_or_404(SupportPolicy if company else _policies(request), pk=pk)
    form = bound(request, EnjoyForm, initial={"year": on.year, "on": on})
    if company:
        core.require(actor, "money.enjoy", row)
        for name in ("organisation", "state", "amount_fen"):
            del form.fields[name]
    else:
        core.require(actor, "money.support", row)
        form.fields["organisation"].queryset = companies(row.place_path)

    def run(data: Data) -> Ref:
        organisation = actor.organisation if company else data["organisation"]
        if organisation is None:
            raise Http404
        money.use_policy(
            row, organisation=organisation, year=data["year"], on=data["on"],
            state="asked" if company else data["state"],
            amount_fen=data.get("amount_fen") or 0, note=data["note"], actor=actor, now=now_of(request),
        )  # fmt: skip
        return row.ref

    return form_page(
        title="申请享受" if company else "登记享受", sub=row.title, form=form, run=run, done="已登记。",
        back=reverse("funds:policies"), crumbs=public_crumbs(("扶持政策", reverse("funds:policies"))),
        hint=row.conditions,
    ).answer(request)  # fmt: skip


# -- the first assembly -----------------------------------------------------------------------------------------------
@login_required
@require_http_methods(["GET", "POST"])
def preparatory(request: HttpRequest, pk: int) -> HttpResponse:
    found: Estate | None = estates_for(actor_of(request)).filter(pk=pk).first()
    if found is None:
        raise Http404
    actor, now = actor_of(request), now_of(request)
    core.require(actor, "money.preparatory", found)
    fund = PreparatoryFund.objects.filter(estate=found).first()
    form = bound(request, PreparatoryForm if fund is None else ReceiptForm, initial={"on": today_of(request)})

    def run(data: Data) -> Ref:
        given = {name: value for name, value in data.items() if name != "version"}
        if fund is None:
            money.assess_preparatory(found, **given, actor=actor, now=now)
        else:
            money.receive_preparatory(fund, **given, actor=actor, now=now)
        return found.ref

    hint = "承担方和金额由平台按文件判断；收到别的账户的钱不计入。"
    if fund is not None:
        state = queries.preparatory_state(fund, on=today_of(request))
        before = f"，{cn_date(fund.registration_on)}首次登记以前交" if fund.registration_on else ""
        hint = (
            f"由{PAYERS[fund.payer]}承担，应交{core.yuan(fund.due_fen)}元{before}，指定账户{fund.account}；"
            f"认可到账{core.yuan(state.paid_fen)}元：{state.words}。"
        )
        came = "；".join(
            f"{cn_date(one.on)}{core.yuan(one.amount_fen)}元"
            f"{'' if one.accepted else f'（进了账户{one.account}，不认可）'}"
            for one in fund.receipts.order_by("on", "pk")
        )
        hint += f"已登记到账：{came}。" if came else ""
    return form_page(
        title="核定筹备经费" if fund is None else "登记筹备经费到账", sub=found.name, form=form, run=run,
        done="已登记。",
        back=reverse("funds:estate", args=[found.pk]), after=reverse("funds:preparatory", args=[found.pk]),
        crumbs=crumbs(found), hint=hint, clauses=tuple(fund.basis.get("clauses", ())) if fund else (),
    ).answer(request)  # fmt: skip
