"""Pages of procedures: the list, opening one, one with its way, what stands open in the place."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.contracts import forms, queries
from gongzhi.contracts import services as contracts
from gongzhi.contracts.models import CLOSING, COMPANY_ROLE, Procedure, ServiceContract, own_role
from gongzhi.contracts.pages.acts import acts_for
from gongzhi.contracts.pages.common import (
    NAV,
    Data,
    actor_of,
    bound,
    clocks,
    crumbs,
    day_of,
    estate_of,
    form_page,
    now_of,
    page_of,
    procedure_of,
    today_of,
)
from gongzhi.contracts.questions import FEE_MODES, PROJECT_TYPES
from gongzhi.contracts.rights import COMPANY, HERE
from gongzhi.contracts.services.listing import may_sign, signs_itself
from gongzhi.contracts.services.opening import AREAS, PARTS
from gongzhi.contracts.words import ASSETS, CHOICES, GROUNDS, IN_TURN, PROCEDURES, SALES, STATES, STEPS
from gongzhi.core import services as core
from gongzhi.core.display import cn_date
from gongzhi.core.pages import FormPage
from gongzhi.core.refs import Ref
from gongzhi.policy.answer import Answer
from gongzhi.registry.queries.reading import estates_for
from gongzhi.registry.questions import FACTS

VIEWS = {
    "": "全部",
    "mine": "等我单位签字",
    "unsigned": "监督单位没有签意见",
    "late": "逾期选聘",
    "calls": "可以报名的选聘",
}
GIVEN: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("ground", "退出原因", GROUNDS),
    ("reason", "理由", {}),
    ("plan", "方案", {}),
    ("asset", "归谁", ASSETS),
    ("asset_name", "资产", {}),
    ("sale", "销售方式", SALES),
    ("sale_on", "销售日期", {}),
    ("leave_on", "拟退出日期", {}),
    ("from_on", "自", {}),
    ("to_on", "至", {}),
    ("choice", "接续方式", CHOICES),
)
FACT_TITLES = {one.name: one for one in FACTS}


@login_required
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    kind, state, view, step = (request.GET.get(one, "") for one in ("kind", "state", "view", "next"))
    rows = queries.calls_for(actor) if view == "calls" else queries.procedures_for(actor)
    if view == "unsigned":
        rows = queries.without_opinion(rows)
    if view == "mine":
        rows = queries.waiting_for(rows, actor)
    if view == "late":
        rows = rows.filter(in_time=False)
    if kind in PROCEDURES:
        rows = rows.filter(kind=kind)
    if state in STATES:
        rows = rows.filter(state=state)
    if step in IN_TURN:
        rows = queries.waiting_at(rows, step)
    page = page_of(request, rows)
    context = {
        "nav": NAV,
        "page_title": "选聘和交接",
        "steps": IN_TURN,
        "step": step,
        "page": page,
        "kinds": PROCEDURES,
        "states": STATES,
        "views": VIEWS,
        "kind": kind,
        "state": state,
        "view": view,
        "may_bid": core.may(actor, "contracts.bid"),
        "calls": queries.new_calls(actor) if core.may(actor, "contracts.bid") and view != "calls" else 0,
        "is_staff": actor.is_staff_role,
        "ending": queries.ending(queries.contracts_for(actor), today_of(request), queries.SOON).count(),
        "may_order_out": queries.may_order_out(actor, today_of(request)),
        "rows": [(one, STEPS.get(queries.next_step(one) or "", "")) for one in page.object_list],
    }
    return render(request, "contracts/list.html", context)


@login_required
@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    """Estates, and what the actor may open there."""
    text = request.GET.get("text", "").strip()
    rows = estates_for(actor_of(request)).filter(ended_on=None)
    if text:
        rows = rows.filter(name__icontains=text)
    page = page_of(request, rows)
    context = {
        "nav": NAV,
        "page_title": "开始办理",
        "page": page,
        "text": text,
        "signs": actor_of(request).is_staff_role or actor_of(request).role in (*HERE, *COMPANY),
        "rows": [(one, _open_to(request, one)) for one in page.object_list],
    }
    return render(request, "contracts/choose.html", context)


def _answers(estate: Any, kind: str, role: str, on: Any) -> list[tuple[dict[str, Any], Answer]]:
    """What the document says of a kind, in each of its variants that this role may open."""
    found = []
    for more in _variants(kind):
        facts = queries.facts_about(kind, estate, opener_role=role, given=more, on=on)
        answer = core.ask("contracts.procedure", facts, place_path=estate.place_path, on=on)
        if answer.ok and answer.value["steps"] and role in answer.value["opened_by"]:
            found.append((more, answer))
    return found


def _open_to(request: Any, estate: Any) -> dict[str, str]:
    role, on = own_role(actor_of(request).role), today_of(request)
    return {kind: title for kind, title in PROCEDURES.items() if _answers(estate, kind, role, on)}


def _variants(kind: str) -> list[dict[str, Any]]:
    """What a pack may want known of a kind before it says who opens it."""
    if kind == "tender":
        return [{"method": "public", "approval_needed": False}]
    if kind == "exit":
        return [{"ground": one} for one in GROUNDS]
    return [{"asset": one} for one in ASSETS] if kind == "asset_transfer" else [{}]


def _roles(estate: Any, answers: list[Answer], on: Any) -> dict[str, str]:
    """The units that may be added or left out."""
    found = [
        one for answer in answers if answer.value.get("choose_parties") for one in answer.value.get("parties") or ()
    ]
    return {one: core.role_name(one, place_path=estate.place_path, on=on) for one in dict.fromkeys(found)}


def new_page(request: Any, estate: Any, kind: str) -> FormPage:
    actor, on = actor_of(request), today_of(request)
    open_to = _answers(estate, kind, own_role(actor.role), on) if kind in PROCEDURES else []
    if not open_to:
        raise Http404
    answers = [answer for _, answer in open_to]
    roles = _roles(estate, answers, on)
    initial = {
        "developer": actor.organisation if actor.role == "developer" else None,
        "company": actor.organisation if own_role(actor.role) == COMPANY_ROLE else None,
        AREAS[0]: estate.building_area_m2,
    }
    asks = set.intersection(*(set(one.value.get("asks") or ()) for one in answers))
    form = bound(request, forms.OpenForm, kind=kind, estate=estate, roles=roles, asks=asks, initial=initial,
                 variants=[more for more, _ in open_to])  # fmt: skip

    def run(data: Data) -> Ref:
        return contracts.open_procedure(estate, kind=kind, given=form.opening(), actor=actor, now=now_of(request)).ref

    return form_page(
        title=PROCEDURES[kind],
        sub=estate.name,
        form=form,
        run=run,
        done="已开始。下面是依次要办的步骤。",
        back=reverse("contracts:choose"),
        crumbs=crumbs(("开始办理", reverse("contracts:choose"))),
        clauses=tuple(dict.fromkeys(one for answer in answers for one in answer.clauses)),
        button="开始办理",
        after=lambda ref: reverse("contracts:procedure", args=[int(ref.id)]),
    )


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    return new_page(request, estate_of(request, pk), kind).answer(request)


@login_required
@require_GET
def one(request: HttpRequest, pk: int) -> HttpResponse:
    row = procedure_of(request, pk)
    actor, on = actor_of(request), today_of(request)
    due = queries.next_step(row) if row.state == "running" else None
    done = queries.done_steps(row)
    rule = queries.step_rule(row, due, on) if due else None
    acts = acts_for(row, actor, on)
    gap, gap_ends = queries.gap_after(row, on) if row.kind == "exit" else (0, None)
    bids, awarded_only = queries.bids_for(row, actor), request.GET.get("bids") == "awarded"
    awarded = [one for one in bids if one.known.get("demonstration")]
    context = {
        "nav": NAV,
        "page_title": str(row),
        "row": row,
        "knows_estate": estates_for(actor).filter(pk=row.estate_id).exists(),
        "clauses": row.basis.get("clauses", []),
        "method_basis": Answer.from_json(row.method_basis) if row.method_basis else None,
        "stages": [(step, STEPS[step], done.get(step), step == due) for step in row.steps],
        "others": row.taken.exclude(step__in=row.steps, agreed=True).order_by("-pk"),
        "due": due,
        "due_title": STEPS.get(due or "", ""),
        "rule": rule,
        "whose_turn": _words(row, rule.by, on) if rule else "",
        "acts": acts,
        "item_url": next((one.url for one in acts if one.code == "item"), ""),
        "why_not": contracts.obstacles(row, due, rule, on=on) if due and rule else [],
        "shut": [one for one in acts if one.why_not and not one.main],
        "parties": [
            (one, may_sign(one, actor) and row.state == "running", signs_itself(one, actor), _name(row, one, on))
            for one in row.parties.select_related("organisation").order_by("part", "pk")
        ],
        "items": queries.items_of(row),
        "counts": queries.counts(row),
        "overdue": [one.pk for one in row.items.all() if one.overdue(on)],
        "bids": [(one, _known(one.known)) for one in (awarded if awarded_only else bids)],
        "bids_all": len(bids),
        "bids_awarded": len(awarded),
        "awarded_only": awarded_only,
        "judges": queries.judges_for(row, actor),
        "lead": row.rules.get("lead", ""),
        "sealed": own_role(actor.role) == COMPANY_ROLE and not any(one in done for one in (*CLOSING, "award")),
        "clocks": clocks(request, row),
        "now": now_of(request),
        "papers": row.papers.select_related("file").order_by("pk"),
        "given": _given(row),
        "refusal": _refusal(row),
        "told": row.given.get("told", []),
        "documents": core.documents_of(row.ref),
        "followed": row.followed_by.select_related("estate"),
        "contracts": _contracts(row),
        "sign_url": _sign_url(request, row),
        "gap": gap,
        "gap_ends": gap_ends,
        "still": queries.still_leaving(row.company) if row.given.get("ground") == "ordered" and row.company else 0,
        "remarks": row.remarks.order_by("pk"),
    }
    return render(request, "contracts/procedure.html", context)


def _contracts(row: Procedure) -> list[ServiceContract]:
    """Those that followed a choice; of an inspection those of the company that comes."""
    if row.kind == "takeover" and row.company is not None:
        return list(row.estate.service_contracts.filter(company=row.company, ended_on=None).select_related("company"))
    return list(row.contracts.select_related("company"))


def _sign_url(request: Any, row: Procedure) -> str:
    """Where the contract with who was chosen is written down, while there is none."""
    kind = queries.CONTRACT_OF.get(row.kind)
    if row.state != "done" or kind is None or row.contracts.exists():
        return ""
    whose = contracts.OfOpening(row.estate, row.company, today_of(request))
    if not core.may(actor_of(request), "contracts.contract", whose):
        return ""
    return reverse("contracts:contract_new", args=[row.estate_id, kind])


def _words(row: Procedure, roles: Any, on: Any) -> str:
    return "、".join(core.role_name(one, place_path=row.place_path, on=on) for one in roles)


def _name(row: Procedure, party: Any, on: Any) -> str:
    return (
        str(party.organisation) if party.organisation else core.role_name(party.role, place_path=row.place_path, on=on)
    )


def _known(known: Any) -> list[tuple[str, str, bool]]:
    """What is known of a company as people read it; the last says that it speaks against it."""
    found = []
    for name, value in known.items():
        fact = FACT_TITLES[name]
        words = {True: "是", False: "否"}.get(value) if isinstance(value, bool) else fact.type.label(value)
        bad = name in ("blacklisted", "tender_barred") and value is True
        found.append((fact.title.removeprefix("是否"), words or str(value), bad))
    return found


def _refusal(row: Procedure) -> str:
    """Where a refusal to take over stands; a lawful one holds until everything is in order."""
    known = row.given.get("refusal")
    if not known:
        return ""
    on = cn_date(date.fromisoformat(known["on"]))
    if known["lawful"]:
        until = "复验已合格，拒绝到此为止" if queries.is_clean(row) else "复验合格以前一直有效"
        return f"{on}，没有合格，依法拒绝，不记不良；{until}"
    ruled = {None: "待裁定", True: "裁定理由成立", False: "裁定理由不成立，已记入企业档案"}[known["ruled"]]
    return f"{on}，{ruled}"


def _given(row: Procedure) -> list[tuple[str, Any]]:
    """A day is kept as the API writes it."""
    found = [(name, title, known, row.given[name]) for name, title, known in GIVEN if row.given.get(name)]
    rows = [
        (title, _day_words(row, name, value) if name.endswith("_on") else known.get(value, value))
        for name, title, known, value in found
    ]
    return [*rows, *_counted(row), *_project(row.given.get("project") or {})]


def _counted(row: Procedure) -> list[tuple[str, Any]]:
    """As what a mixed project counts, with the share of its homes."""
    kind = ((row.method_basis or {}).get("value") or {}).get("counts_as")
    areas = row.given.get("project") or {}
    if areas.get("project_type") != "mixed" or not kind:
        return []
    homes, others = (Decimal(areas.get(name) or 0) for name in PARTS[0])
    share = (homes if kind == "residential" else others) / (homes + others) * 100
    return [("按哪类项目", f"{PROJECT_TYPES[kind]}（占{share.quantize(Decimal('0.1'), ROUND_HALF_UP)}%）")]


def _day_words(row: Procedure, name: str, value: str) -> str:
    """Of the day of leaving also how long before it was told."""
    day = date.fromisoformat(value)
    ahead = (day - core.local_day(row.opened_at)).days
    return cn_date(day) + (f"（提前{ahead}天提出）" if name == "leave_on" and ahead > 0 else "")


def _project(known: Any) -> list[tuple[str, Any]]:
    """The project file, as the method was judged by it."""
    found = [
        ("项目类型", PROJECT_TYPES.get(known.get("project_type", ""), "")),
        ("收费方式", FEE_MODES.get(known.get("fee_mode", ""), "")),
    ]
    areas = [(title, Decimal(known[name])) for name, title in forms.AREA_LABELS.items() if known.get(name)]
    found += [(title, f"{area:,.2f}平方米") for title, area in areas if area]
    if known.get("small_scale"):
        found.append(("规模", "主管部门认定较小"))
    return [(title, words) for title, words in found if words]


@login_required
@require_GET
def gaps(request: HttpRequest) -> HttpResponse:
    """Estates that nobody serves, and those for which nobody answers for the inspection."""
    actor, on = actor_of(request), day_of(request)
    if not actor.is_staff_role:
        raise Http404
    rows = queries.unserved(actor, on)
    under_way = queries.succession(rows)
    first = core.ask("contracts.responsible_first", {}, place_path=actor.place_path, on=on)
    context = {
        "nav": NAV,
        "page_title": "没有企业服务的小区",
        "rows": [(one, under_way.get(one.pk, [])) for one in rows],
        "on": on,
        "then": on != today_of(request),
        "unnamed": queries.unnamed(actor, on) if first.value else None,
        "first_clauses": first.clauses,
    }
    return render(request, "contracts/gaps.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def order_out(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    core.require(actor, "contracts.open", actor.organisation)
    form = bound(request, forms.OrderOutForm, path=actor.place_path)

    def run(data: Data) -> Ref:
        rows = contracts.order_out(
            data["company"], reason=data["reason"], leave_on=data["leave_on"], actor=actor, now=now_of(request)
        )
        return rows[0].ref

    return form_page(
        title="责令企业退出",
        form=form,
        run=run,
        done="已为这家企业的每个在管项目建了退出，请逐个确认。",
        back=reverse("contracts:list"),
        crumbs=crumbs(),
        hint="范围是这家企业在辖区的所有在管项目；逐个确认，全部办结才算退出。",
        after=f"{reverse('contracts:list')}?kind=exit",
    ).answer(request)


@require_GET
def shown(request: HttpRequest, pk: int) -> HttpResponse:
    """An inspection as everybody may read it, once it was made public."""
    row = Procedure.objects.select_related("estate", "company").filter(pk=pk, kind="takeover").first()
    step = queries.done_steps(row).get("publish") if row is not None else None
    if row is None or step is None:
        raise Http404
    by_group: dict[str, list[Any]] = {}
    for item in queries.items_of(row):
        by_group.setdefault(item.group, []).append(item)
    context = {
        "page_title": f"{row.estate.name}承接查验情况",
        "row": row,
        "step": step,
        "groups": by_group.items(),
        "counts": queries.counts(row),
        "where": step.given.get("where", ""),
    }
    return render(request, "contracts/shown.html", context)
