"""Pages of claims: what may be claimed, one claim with its way and its reasons, one form for every step."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core import services as core
from gongzhi.core.refs import Ref
from gongzhi.funds.common.apart import apart_words
from gongzhi.funds.forms_public import ASK, BareForm, ClaimForm, ClaimStepForm, MorePapersForm, ReinvestForm
from gongzhi.funds.public_money import queries
from gongzhi.funds.public_money import services as money
from gongzhi.funds.public_money.models import Claim
from gongzhi.funds.public_money.services.stepping import OPINIONS
from gongzhi.funds.public_money.standing import standing, standing_of
from gongzhi.funds.public_money.words import STATES, STEPS
from gongzhi.funds.views.common import NAV, FormPage, actor_of, bound, form_page, kept, now_of, page_of, see, today_of
from gongzhi.policy.answer import Answer
from gongzhi.registry.models import Estate
from gongzhi.registry.queries.reading import estates_for, own_units

Data = Mapping[str, Any]
OWNER = "owner"
HINTS = {
    "match": "镇街配足自己的一份以后才能拨付；预算不够的，这里会写明差多少。",
    "notice": "公示之日不计入公示期；期满以前不能拨付。",
    "pay": "没有支付凭证不能登记为已支付。",
    "approve": "同意即从预算里承诺这笔钱，超过可用指标的不能审批。",
}


def _crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [("资金", reverse("funds:claims")), ("补贴和奖励", reverse("funds:claims")), *more][1:]


def _claim(request: HttpRequest, pk: int) -> Claim:
    row: Claim | None = (
        Claim.objects.select_related("estate", "unit__building", "organisation", "policy", "motion__vote", "claimant")
        .filter(pk=pk)
        .first()
    )
    if row is None or not queries.may_read_claim(actor_of(request), row):
        raise Http404
    return row


def _url(row: Claim) -> str:
    return reverse("funds:claim", args=[row.pk])


@login_required
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    actor, on = actor_of(request), today_of(request)
    rows = queries.claims_for(actor, on=on)
    state, scheme = request.GET.get("state", ""), request.GET.get("scheme", "")
    titles = {one.code: one.title for one in queries.schemes_at(actor.place_path, on)} if actor.place_path else {}
    if state in STATES:
        rows = rows.filter(state=state)
    if scheme in titles:
        rows = rows.filter(scheme=scheme)
    page = page_of(request, rows)
    open_now = standing(page.object_list, on)
    context = {
        "nav": NAV,
        "page_title": "补贴和奖励",
        "page": page,
        "rows": [
            {
                "claim": one,
                "next": STEPS.get(queries.next_step(one) or "", ""),
                "decide": bool(one.findings or open_now.get(one.pk)),
            }
            for one in page.object_list
        ],
        "states": STATES,
        "state": state,
        "schemes": titles,
        "scheme": scheme,
        "may_claim": _claims_anything(request),
        "may_read_money": actor.is_staff_role,
        "recover": queries.to_recover(actor, on=on) if actor.is_staff_role else [],
    }
    return render(request, "funds/claims.html", context)


def _claims_anything(request: HttpRequest) -> bool:
    """Whether the document lets the actor ask for anything at all; yes where his place is not known yet."""
    actor = actor_of(request)
    path = actor.place_path or (actor.organisation.place_path if actor.organisation else "")
    return not path or bool(queries.schemes_for(actor, path, today_of(request)))


@login_required
@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    """What the actor may claim, for which estate; what is claimed for companies and people stands apart."""
    actor, on = actor_of(request), today_of(request)
    text = request.GET.get("text", "").strip()
    rows = estates_for(actor).filter(ended_on=None)
    if text:
        rows = rows.filter(name__icontains=text)
    page = page_of(request, rows)
    listed = [
        {"estate": one, "schemes": [s for s in _schemes(request, one) if not s.beside_estates]}
        for one in page.object_list
    ]
    path = actor.place_path or (actor.organisation.place_path if actor.organisation else "")
    own = [one for one in queries.schemes_for(actor, path, on) if one.beside_estates] if path else []
    context = {
        "nav": NAV,
        "page_title": "申请补贴、奖励",
        "page": page,
        "rows": listed,
        "own": own,
        "text": text,
    }
    return render(request, "funds/claim_choose.html", context)


def _schemes(request: HttpRequest, estate: Estate) -> list[queries.Scheme]:
    found = queries.schemes_for(actor_of(request), estate.place_path, today_of(request))
    return [one for one in found if estate.estate_type in (one.rules.get("for_types") or (estate.estate_type,))]


@login_required
@require_http_methods(["GET", "POST"])
def make(request: HttpRequest, pk: int, scheme: str) -> HttpResponse:
    estate: Estate | None = estates_for(actor_of(request)).filter(pk=pk).first()
    if estate is None:
        raise Http404
    return _make(request, estate, scheme)


@login_required
@require_http_methods(["GET", "POST"])
def make_own(request: HttpRequest, scheme: str) -> HttpResponse:
    return _make(request, None, scheme)


def _make(request: HttpRequest, estate: Estate | None, code: str) -> HttpResponse:
    actor, now, on = actor_of(request), now_of(request), today_of(request)
    organisation = actor.organisation
    path = estate.place_path if estate else organisation.place_path if organisation else actor.place_path
    found = queries.scheme_at(code, path, on, estate_type=estate.estate_type if estate else None)
    if found is None or actor.role not in found.rules["claimed_by"]:
        raise Http404
    initial = {"from_on": on.replace(month=1, day=1), "to_on": on}
    own = own_units(actor) if actor.role == OWNER else None
    form = bound(request, ClaimForm, scheme=found, estate=estate, own=own, initial=initial)
    if found.beside_estates and not actor.role.startswith(("property_company", "project_manager")):
        form.offer_companies(path)
    if "policy" in form.fields:
        form.fields["policy"].queryset = form.fields["policy"].queryset.filter(place_path__in=_above(path))
    owner = estate.ref if estate is not None else Ref("organisation", str(organisation.pk if organisation else 0))

    def run(data: Data) -> Ref:
        project = queries.served_by(estate, on) if estate is not None else None
        company = data.get("organisation") or (organisation if found.rules["holder"] == "organisation" else None)
        files = [(name, kept(request, file, owner)) for name, file in form.papers()]
        asking = money.Asking(
            scheme=code,
            from_on=data["from_on"],
            to_on=data["to_on"],
            given=form.given(),
            unit=data.get("unit"),
            organisation=company or (project.company if project is not None else None),
            policy=data.get("policy"),
            motion=data.get("decided_by"),
            people=form.whom(),
            cases=data.get("cases") or (),
            occasion=data.get("occasion") or "",
            payee=data["payee"],
            papers=[(name, file) for name, file in files if file is not None],
        )
        return money.claim(estate, asking=asking, place_path=path, actor=actor, now=now).ref

    return form_page(
        title=f"申请：{found.title}",
        sub=estate.name if estate is not None else "",
        form=form,
        run=run,
        done="已提交。下面是要依次办的步骤和算出来的金额。",
        back=reverse("funds:claim_new"),
        crumbs=_crumbs(("申请", reverse("funds:claim_new"))),
        hint="金额由平台按文件和登记的资料计算，每一步都写明依据。",
        button="提交申请",
        after=lambda ref: reverse("funds:claim", args=[int(ref.id)]),
        clauses=tuple(found.answer.clauses),
    ).answer(request)


def _above(path: str) -> list[str]:
    parts = path.strip("/").split("/")
    return ["/".join(parts[: count + 1]) + "/" for count in range(len(parts))]


@login_required
@require_GET
def one(request: HttpRequest, pk: int) -> HttpResponse:
    row = _claim(request, pk)
    actor, on = actor_of(request), today_of(request)
    due = queries.next_step(row) if row.state == "running" else None
    takers = queries.who_takes(row, due, on) if due else ()
    turn = due is not None and actor.role in takers and core.may(actor, "money.step", queries.OfClaim(row))
    before = queries.kept_apart(row, due, actor, on=on) if due and turn else None
    party = queries.OfClaim(row).is_party(actor)
    lines = [(line, Answer.from_json(line.basis)) for line in row.lines.order_by("from_on", "pk")]
    context = {
        "nav": NAV,
        "page_title": row.title,
        "claim": row,
        "clauses": row.basis.get("clauses", []),
        "findings": [*row.findings, *standing_of(row, on)],
        "lines": lines,
        "stages": queries.stages(row),
        "taken": row.taken.order_by("-pk"),
        "due": due,
        "due_title": STEPS.get(due or "", ""),
        "whose_turn": "、".join(core.role_name(one, place_path=row.place_path, on=on) for one in takers),
        "may_step": turn and not before,
        "apart": apart_words(before, roles=takers, actor=actor, place_path=row.place_path, on=on),
        "may_back": row.state == "returned" and party,
        "may_withdraw": row.state in ("running", "returned") and party and not row.shares.exclude(paid=None).exists(),
        "shares": queries.shares_of(row, on),
        "own_fen": sum(int(answer.value.get("own") or 0) for _, answer in lines if answer.ok),
        "papers": row.papers.select_related("file").order_by("pk"),
        "reinvested": queries.reinvested(row),
        "spent": row.reinvested.select_related("voucher").order_by("on", "pk"),
        "may_reinvest": core.may(actor, "money.reinvest", queries.OfClaim(row)),
        "may_doubt": core.may(actor, "money.doubt", row),
        "doubts": queries.doubts_about(row.ref),
        "asked": [(name, value) for name, value in _given(row)],
        "now": now_of(request),
    }
    return render(request, "funds/claim.html", context)


def _given(row: Claim) -> list[tuple[str, str]]:
    found = []
    for name, value in row.given.items():
        fact = ASK.get(name)
        if fact is not None:
            words = {"True": "是", "False": "否"}.get(value, fact.type.label(value))
            found.append((fact.title, words))
    return found


@login_required
@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, pk: int) -> HttpResponse:
    row = _claim(request, pk)
    due = queries.next_step(row)
    if due is None or row.state != "running":
        raise Http404
    core.require(actor_of(request), "money.step", queries.OfClaim(row))
    if actor_of(request).role not in queries.who_takes(row, due, today_of(request)):
        return see(_url(row))
    open_now = standing_of(row, today_of(request))
    form = bound(
        request, ClaimStepForm, version=row.version, step=due, opinions=OPINIONS,
        must_say=bool(money.to_decide(row, due, open_now)), initial={"on": today_of(request)},
    )  # fmt: skip

    def run(data: Data) -> Ref:
        said = data.get("agreed") or "yes"
        paper = kept(request, data.get("paper"), row.ref)
        given = money.Step(
            on=data["on"],
            agreed=said == "yes",
            refuse=said == "no",
            note=data["opinion"],
            papers=[(f"{STEPS[due]}附件", paper)] if paper is not None else (),
            voucher=kept(request, data.get("voucher"), row.ref),
        )
        version = form.cleaned_data["version"]
        return money.take_step(
            row, step=due, given=given, version=version, actor=actor_of(request), now=now_of(request)
        ).ref

    return _page(row, STEPS[due], form, run, "已办。", HINTS.get(due, "")).answer(request)


def _page(row: Claim, title: str, form: Any, run: Any, done: str, hint: str = "", button: str = "") -> FormPage:
    return form_page(
        title=title,
        sub=f"{row.number} {row.title} {core.yuan(row.amount_fen)}元",
        form=form,
        run=run,
        done=done,
        back=_url(row),
        crumbs=_crumbs((row.title, _url(row))),
        hint=hint,
        button=button,
        clauses=tuple(row.basis.get("clauses", ())),
    )


@login_required
@require_http_methods(["GET", "POST"])
def back(request: HttpRequest, pk: int) -> HttpResponse:
    row = _claim(request, pk)
    form = bound(request, MorePapersForm, version=row.version)

    def run(data: Data) -> Ref:
        file = kept(request, data["paper"], row.ref)
        papers = [(data["item"] or "补充材料", file)] if file is not None else []
        version = form.cleaned_data["version"]
        return money.resubmit(row, papers=papers, version=version, actor=actor_of(request), now=now_of(request)).ref

    return _page(row, "补正后重新提交", form, run, "已重新提交，从退回的一步接着办。").answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    row = _claim(request, pk)
    form = bound(request, BareForm, version=row.version)

    def run(data: Data) -> Ref:
        version = form.cleaned_data["version"]
        return money.withdraw(row, version=version, actor=actor_of(request), now=now_of(request)).ref

    return _page(row, "撤回申请", form, run, "已撤回，这段时间可以重新申请。", "撤回以后要重新申请。").answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def reinvest(request: HttpRequest, pk: int) -> HttpResponse:
    row = _claim(request, pk)
    core.require(actor_of(request), "money.reinvest", queries.OfClaim(row))
    form = bound(request, ReinvestForm, initial={"on": today_of(request)})

    def run(data: Data) -> Ref:
        money.reinvest(
            row, amount_fen=data["amount_fen"], on=data["on"], text=data["text"],
            voucher=kept(request, data["voucher"], row.ref), actor=actor_of(request), now=now_of(request),
        )  # fmt: skip
        return row.ref

    return _page(row, "登记用于改造的支出", form, run, "已登记。", "只计本小区的改造，要有凭证。").answer(request)
