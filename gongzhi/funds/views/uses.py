"""Uses of the fund: the list, one use with its way, and one form for every step."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core import services as core
from gongzhi.core.refs import Ref
from gongzhi.core.rights import known_rights
from gongzhi.core.sheets import in_yuan
from gongzhi.duties.queries import running_of
from gongzhi.funds.common.apart import apart_words
from gongzhi.funds.common.rights import COMMUNITY
from gongzhi.funds.forms import BackForm, NoteForm, PayForm, ProposalForm, StepForm
from gongzhi.funds.forms_public import WithdrawForm
from gongzhi.funds.maintenance import queries
from gongzhi.funds.maintenance import services as fund
from gongzhi.funds.maintenance.models import FundUse
from gongzhi.funds.maintenance.queries import repairs
from gongzhi.funds.maintenance.queries.plans import IN_FORCE
from gongzhi.funds.maintenance.rights import OF_STEP
from gongzhi.funds.maintenance.words import APPLICANTS, PATHS, PAYING, STATES, STEPS
from gongzhi.funds.public_money.queries import doubts_about
from gongzhi.funds.views.common import (
    NAV,
    actor_of,
    bound,
    crumbs,
    download,
    estate_of,
    form_page,
    kept,
    notice_url,
    now_of,
    page_of,
    see,
    today_of,
)
from gongzhi.governance.votes.models import Motion

SHOWN = 20
HINTS = {
    "scope": "按受益范围和专有面积分摊到户；分摊表在这一项的页上看和导出。",
    "notice": "公示之日不计入异议期；期满以前不能拨付。",
    "publish": "公布的数额要与决算一致；下面各项的材料公布给业主看。",
    "apply": "按清单上传；已经传过的材料不用再传。",
    "archive": "材料齐全后归档，归档即结案。",
}


def _use(request: HttpRequest, pk: int) -> FundUse:
    rows = FundUse.objects.select_related("estate", "applicant", "motion__vote", "decision")
    row: FundUse | None = rows.filter(pk=pk).first()
    if row is None or not queries.may_read_use(actor_of(request), row, on=today_of(request)):
        raise Http404
    return row


def _url(use: FundUse) -> str:
    return reverse("funds:use", args=[use.pk])


@login_required
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    actor, on = actor_of(request), today_of(request)
    rows = queries.uses_for(actor, on=on)
    state, path = request.GET.get("state", ""), request.GET.get("path", "")
    if state in STATES:
        rows = rows.filter(state=state)
    if path in PATHS:
        rows = rows.filter(path=path)
    page, tenders = page_of(request, rows), queries.open_tender_share(rows)
    changed_on = parse_date(request.GET.get("changed", ""))
    owed = running_of("fund_use", [one.pk for one in page.object_list])
    context = {
        "nav": NAV,
        "page_title": "维修资金使用",
        "page": page,
        "rows": [
            {
                "use": one,
                "next": STEPS.get(queries.next_step(one) or "", ""),
                "duty": next(iter(owed.get(one.pk, ())), None),
            }
            for one in page.object_list
        ],
        "now": now_of(request),
        "states": STATES,
        "state": state,
        "path": path,
        "paths": PATHS,
        "tenders": tenders,
        "changed_on": changed_on,
        "took": repairs.review_took(rows, changed_on=changed_on) if changed_on else (),
        "tender_words": queries.percent(Fraction(*tenders)) if tenders[1] else "",
    }
    return render(request, "funds/uses.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest, pk: int) -> HttpResponse:
    found = estate_of(request, pk, "fund.use_propose")
    actor, now = actor_of(request), now_of(request)
    own = "property_company" if actor.role == "project_manager" else actor.role if actor.role in APPLICANTS else ""
    path = request.GET.get("path", "")
    initial = {"path": path if path in PATHS else "ordinary", "work": "repair", "applicant_role": own}
    initial |= {name: request.GET.get(name, "")[:100] for name in ("part", "case")}
    form = bound(request, ProposalForm, initial=initial)
    form.offer(found, fund.services_open(found.place_path, today_of(request))[0])

    def run(data: Mapping[str, Any]) -> Ref:
        evidence = kept(request, data["evidence"], found.ref)
        files = ("evidence", "contract")
        given = {name: value for name, value in data.items() if name not in (*files, "buildings", "version")}
        proposal = fund.Proposal(
            **given,
            buildings=list(data["buildings"]),
            evidence=[evidence] if evidence is not None else [],
            contract=kept(request, data.get("contract"), found.ref),
        )
        return fund.propose_use(found, given=proposal, actor=actor, now=now).ref

    return form_page(
        title="提出使用维修资金",
        form=form,
        run=run,
        done="已提出。下面是要依次办的步骤。",
        back=reverse("funds:estate", args=[found.pk]),
        crumbs=crumbs(found),
        hint="提出以后，步骤按本地文件定，一步办完才能办下一步。",
        button="提出",
        after=lambda ref: reverse("funds:use", args=[ref.id]),
    ).answer(request)


@login_required
@require_GET
def use(request: HttpRequest, pk: int) -> HttpResponse:
    row = _use(request, pk)
    actor, on = actor_of(request), today_of(request)
    frozen, frozen_clauses = fund.why_frozen(row) if row.state == "running" else ("", ())
    due = queries.next_step(row) if row.state == "running" and not frozen else None
    of = queries.OfUse(row, on)
    turn = due is not None and core.may(actor, OF_STEP.get(due, "fund.use_prepare"), of)
    before = queries.kept_apart(row, due, actor, on=on) if due and turn else None
    takers, place = queries.who_takes(due) if due else (), row.place_path
    shares = row.shares.select_related("unit__building").order_by("unit__building__name", "unit__name")
    if request.GET.get("as") == "xlsx":
        return download(
            request,
            name=f"shares-{row.number}",
            title="分摊表",
            columns=(("房屋", 24), ("面积（平方米）", 16), ("分摊（元）", 16)),
            rows=[(str(one.unit), Decimal(one.weight).scaleb(-2), in_yuan(one.amount_fen)) for one in shares],
            asked={"编号": row.number, "项目": row.title},
        )
    shown = set(row.papers.exclude(shown_as="").values_list("shown_as", flat=True))
    context = {
        "nav": NAV,
        "page_title": row.title,
        "use": row,
        "estate": row.estate,
        "stages": queries.stages(row),
        "due": due,
        "due_title": STEPS.get(due or "", ""),
        "may_step": turn and not before,
        "apart": apart_words(before, roles=takers, actor=actor, place_path=place, on=on),
        "may_back": row.state == "returned" and core.may(actor, "fund.use_prepare", of),
        "may_withdraw": _may_withdraw(row, of, request),
        "may_urge": row.state == "running" and core.may(actor, "fund.urge", of),
        "whose_turn": _who(due),
        "applicant": APPLICANTS.get(row.applicant_role, core.role_name(row.applicant_role)),
        "paid_fen": sum(one.amount_fen for one in row.payments.all()),
        "taken": row.taken.select_related("organisation").order_by("-pk"),
        "papers": row.papers.select_related("file").order_by("pk"),
        "payments": row.payments.order_by("pk"),
        "shares": shares[:SHOWN],
        "share_count": shares.count(),
        "share_sum": sum(one.amount_fen for one in row.shares.all()),
        "published": [(title, name in shown) for name, title in fund.to_publish(row).items()],
        "may_publish_more": (
            row.state == "running"
            and not frozen
            and bool(fund.not_published(row))
            and core.may(actor, OF_STEP.get("publish", "fund.use_prepare"), of)
        ),
        "clauses": row.basis.get("clauses", ()),
        "frozen": frozen,
        "frozen_clauses": frozen_clauses,
        "notice_url": notice_url(actor, row.estate, kind="use", about=row.ref, on=on),
        "now": now_of(request),
        "may_doubt": core.may(actor, "money.doubt", row),
        "doubts": doubts_about(row.ref),
    }
    return render(request, "funds/use.html", context)


def _may_withdraw(use: FundUse, of: queries.OfUse, request: HttpRequest) -> bool:
    open_still = use.state in fund.WITHDRAWABLE and not use.payments.exists()
    return open_still and core.may(actor_of(request), "fund.use_prepare", of)


@login_required
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """撤回 before anything was paid."""
    row = _use(request, pk)
    if not _may_withdraw(row, queries.OfUse(row, today_of(request)), request):
        raise Http404

    def run(data: Mapping[str, Any]) -> Ref:
        given = {"reason": data["reason"], "version": data["version"]}
        return fund.withdraw_use(row, **given, actor=actor_of(request), now=now_of(request)).ref

    return form_page(
        title="撤回",
        sub=row.title,
        form=bound(request, WithdrawForm, version=row.version),
        run=run,
        done="已撤回。",
        back=_url(row),
        crumbs=crumbs(row.estate, (row.title, _url(row))),
        hint="还没有拨付的可以撤回；撤回以后不能再办，要修的另行提出。",
        button="撤回",
    ).answer(request)


def _who(step: str | None) -> str:
    """Whose turn it is, in words."""
    if step is None:
        return ""
    right = known_rights()[OF_STEP.get(step, "fund.use_prepare")]
    if right.name == "fund.use_prepare":
        return "申请人（社区、镇街可以代）"
    return "、".join(core.role_name(one) for one in right.roles or ())


@login_required
@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, pk: int) -> HttpResponse:
    """The next step, whichever it is; or what was left out when the use was published."""
    row = _use(request, pk)
    left_out = fund.not_published(row) if "gongbu" in request.GET else {}
    due = "publish" if left_out else queries.next_step(row)
    if row.state != "running" or due is None:
        return see(_url(row))
    if due in PAYING:
        return _pay(request, row, due)
    core.require(actor_of(request), OF_STEP.get(due, "fund.use_prepare"), queries.OfUse(row, today_of(request)))
    materials = _materials(row) if due == "apply" else []
    form = bound(
        request,
        StepForm,
        version=row.version,
        initial={"on": today_of(request), "contractor": row.contractor, "settled_fen": None},
        step=due,
        materials=materials,
        motions=_motions(row),
        published=left_out or fund.to_publish(row),
        by_community=actor_of(request).role in COMMUNITY,
        paid=row.payments.filter(step="settle").exists(),
    )

    def run(data: Mapping[str, Any]) -> Ref:
        fund.take_step(
            row,
            step=due,
            given=_taking(request, row, data, materials),
            version=data["version"],
            actor=actor_of(request),
            now=now_of(request),
        )
        return row.ref

    return form_page(
        title=STEPS[due],
        form=form,
        run=run,
        done=f"“{STEPS[due]}”已登记。",
        back=_url(row),
        crumbs=crumbs(row.estate, (row.title, _url(row))),
        hint=HINTS.get(due, "") + (_lacking(row) if due == "apply" else ""),
        clauses=row.basis.get("clauses", ()),
        button="登记",
    ).answer(request)


def _listed(use: FundUse) -> Mapping[str, Any]:
    answer = core.ask(
        "funds.use_materials", {"path": use.path}, place_path=use.place_path, on=core.local_day(use.proposed_at)
    )
    return answer.value or {}


def _materials(use: FundUse) -> list[str]:
    """What the pack lists and has not come in yet."""
    have = set(use.papers.values_list("item", flat=True))
    return [name for name in _listed(use).get("names", ()) if name not in have]


def _lacking(use: FundUse) -> str:
    listed = _listed(use)
    have = use.papers.filter(item__in=listed.get("names", ())).values("item").distinct().count()
    return f"清单上的材料至少要{listed.get('at_least', 0)}份，已有{have}份。"


def _motions(use: FundUse) -> list[tuple[str, str]]:
    rows = Motion.objects.filter(
        vote__estate=use.estate, vote__state__in=IN_FORCE, matter="use_fund", outcome="passed"
    ).select_related("vote")
    return [
        (
            str(one.pk),
            f"{one.vote.title}：{one.title}" + (f"（不超过{core.yuan(one.amount_fen)}元）" if one.amount_fen else ""),
        )
        for one in rows.order_by("-pk")
    ]


def _taking(request: HttpRequest, use: FundUse, data: Mapping[str, Any], materials: list[str]) -> fund.Taking:
    papers = [(name, data.get(f"paper_{place}")) for place, name in enumerate(materials)]
    papers.append((STEPS[queries.next_step(use) or ""], data.get("paper")))
    stored = [(name, kept(request, one, use.ref)) for name, one in papers if one]
    shown = {name: kept(request, data.get(f"shown_{name}"), use.ref) for name in fund.to_publish(use)}
    return fund.Taking(
        on=data["on"],
        agreed=data.get("agreed", "yes") == "yes",
        refuse=data.get("agreed") == "refuse",
        note=data.get("note", ""),
        papers=[(name, one) for name, one in stored if one is not None],
        shown={name: one for name, one in shown.items() if one is not None},
        motion=_motion(data.get("motion")),
        contractor=data.get("contractor", ""),
        selected=data.get("selected", ""),
        third_party=bool(data.get("third_party")),
        delegated=bool(data.get("delegated_to_community")),
        settled_fen=data.get("settled_fen"),
        shown_fen=data.get("shown_fen"),
    )


def _motion(chosen: Any) -> Motion | None:
    return Motion.objects.select_related("vote").filter(pk=chosen).first() if chosen else None


def _pay(request: HttpRequest, row: FundUse, due: str) -> HttpResponse:
    core.require(actor_of(request), "fund.use_pay", queries.OfUse(row, today_of(request)))
    initial = {"paid_on": today_of(request), "payee": row.contractor}
    above = due == "settle" and (row.settled_fen or 0) > row.estimate_fen
    form = bound(request, PayForm, version=row.version, initial=initial, motions=_motions(row) if above else None)

    def run(data: Mapping[str, Any]) -> Ref:
        fund.pay(
            row,
            step=due,
            amount_fen=data["amount_fen"],
            payee=data["payee"],
            paid_on=data["paid_on"],
            reference=data["reference"],
            invoice=kept(request, data["invoice"], row.ref),
            over=_motion(data.get("over")),
            version=data["version"],
            actor=actor_of(request),
            now=now_of(request),
        )
        return row.ref

    rest = (row.settled_fen or row.estimate_fen) - sum(one.amount_fen for one in row.payments.all())
    most = "还可付"
    if due == "advance":
        most, rest = "预付最多", fund.advance_most(row, today_of(request))
    return form_page(
        title=STEPS[due],
        form=form,
        run=run,
        done="已拨付并入账。",
        back=_url(row),
        crumbs=crumbs(row.estate, (row.title, _url(row))),
        hint=f"预算{core.yuan(row.estimate_fen)}元，{most}{core.yuan(rest)}元。",
        clauses=row.basis.get("clauses", ()),
        button="拨付",
    ).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def back(request: HttpRequest, pk: int) -> HttpResponse:
    """Resubmitting what was sent back with what was put right, or urging works on."""
    row = _use(request, pk)
    urging = row.state == "running"
    materials = [] if urging else [*_listed(row).get("names", ()), "其他材料"]

    def run(data: Mapping[str, Any]) -> Ref:
        actor, now = actor_of(request), now_of(request)
        if urging:
            fund.urge(row, reason=data["note"], actor=actor, now=now)
        else:
            papers = [(name, kept(request, data[f"paper_{at}"], row.ref)) for at, name in enumerate(materials)]
            given = [(name, one) for name, one in papers if one is not None]
            fund.resubmit(row, note=data["note"], papers=given, version=row.version, actor=actor, now=now)
        return row.ref

    return form_page(
        title="督办" if urging else "补正后重新提交",
        form=bound(request, NoteForm) if urging else bound(request, BackForm, materials=materials),
        run=run,
        done="已督办。" if urging else "已重新提交，从退回的那一步接着办。",
        back=_url(row),
        crumbs=crumbs(row.estate, (row.title, _url(row))),
    ).answer(request)
