"""Pages of contracts: the list, one, registering, filing, taking effect, ending, entering; and what is said of them."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.contracts import forms, queries
from gongzhi.contracts import services as contracts
from gongzhi.contracts.models import ServiceContract
from gongzhi.contracts.pages.common import (
    NAV,
    Data,
    actor_of,
    bound,
    clocks,
    contract_of,
    crumbs,
    estate_of,
    form_page,
    kept,
    kept_all,
    now_of,
    page_of,
    today_of,
    url_of,
)
from gongzhi.contracts.words import CONTRACT, CONTRACT_KINDS, FILINGS
from gongzhi.core import services as core
from gongzhi.core.pages import FormPage
from gongzhi.core.refs import Ref
from gongzhi.registry.models import Estate

MOST_DIGITS = 9  # of the number of a row
# Contracts that still hold and have no successor yet, by the days that are left; below zero those that are over.
ENDS = {
    "30": ("30天内期满", 30),
    "90": ("90天内期满", queries.SOON),
    "180": ("180天内期满", 180),
    "over": ("已经期满", -1),
}


@login_required
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    actor, on = actor_of(request), today_of(request)
    rows = queries.contracts_for(actor)
    kind, filing = request.GET.get("kind", ""), request.GET.get("filing", "")
    if kind in CONTRACT_KINDS:
        rows = rows.filter(kind=kind)
    if filing in FILINGS:
        rows = rows.filter(filing=filing)
    ends = request.GET.get("ends", "")
    if ends in ENDS:
        rows = queries.ending(rows, on, ENDS[ends][1]).order_by("to_on", "pk")
    estate = request.GET.get("estate", "")
    if estate.isdigit() and len(estate) <= MOST_DIGITS:
        rows = rows.filter(estate=int(estate))
    page = page_of(request, rows)
    context = {
        "nav": NAV,
        "page_title": "物业服务合同",
        "page": page,
        "kinds": CONTRACT_KINDS,
        "filings": FILINGS,
        "kind": kind,
        "filing": filing,
        "ends": ends,
        "ends_within": {code: title for code, (title, _) in ENDS.items()},
        "rows": [(one, one.state_words(on)) for one in page.object_list],
    }
    return render(request, "contracts/contracts.html", context)


def new_page(request: Any, estate: Estate, kind: str) -> FormPage:
    if kind not in CONTRACT_KINDS:
        raise Http404
    actor, on = actor_of(request), today_of(request)
    core.require(actor, "contracts.contract", contracts.OfOpening(estate, actor.organisation, on))
    terms = core.ask("contracts.terms", {"contract_kind": kind}, place_path=estate.place_path, on=on)
    rule = queries.rule_of(
        core.ask(
            "contracts.step",
            {"kind": CONTRACT, "step": "file", "contract_kind": kind},
            place_path=estate.place_path,
            on=on,
        )
    )
    named = request.GET.get("renews", "")
    renewed = next((one for one in estate.service_contracts.all() if str(one.pk) == named), None)
    form = bound(
        request,
        forms.ContractForm,
        estate=estate,
        kind=kind,
        rules=terms.value or {},
        papers=rule.papers,
        initial={"signed_on": on, **_party_a(actor), **_chosen(estate, kind)},
    )

    def run(data: Data) -> Ref:
        papers = kept_all(request, form.papers(), estate.ref)
        given = form.given(papers, renewed)
        return contracts.sign_contract(
            estate, company=data["company"], kind=kind, given=given, actor=actor, now=now_of(request)
        ).ref

    return form_page(
        title=f"登记{CONTRACT_KINDS[kind]}",
        sub=estate.name,
        form=form,
        run=run,
        done="已登记。",
        back=reverse("contracts:contracts"),
        crumbs=crumbs(("合同", reverse("contracts:contracts"))),
        clauses=tuple(terms.clauses),
        button="登记",
        after=lambda ref: reverse("contracts:contract", args=[int(ref.id)]),
    )


def _party_a(actor: Any) -> dict[str, str]:
    """Who signs for the owners, or builds, has said by coming who he is."""
    own = actor.role in forms.PARTY_A and actor.organisation is not None
    return {"party_a": actor.role, "party_a_name": actor.organisation.name} if own else {}


def _chosen(estate: Estate, kind: str) -> dict[str, Any]:
    """What the choice that waits for its contract has said already."""
    found = queries.to_be_signed(estate, kind)
    if found is None:
        return {}
    return {"procedure": found, "company": found.company, "motion": found.motion, "decision": found.decision}


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    return new_page(request, estate_of(request, pk), kind).answer(request)


@login_required
@require_GET
def one(request: HttpRequest, pk: int) -> HttpResponse:
    row = contract_of(request, pk)
    on = today_of(request)
    left = (row.to_on - on).days if row.to_on and row.state_on(on) == "in_force" else None
    context = {
        "nav": NAV,
        "page_title": str(row),
        "row": row,
        "state": row.state_words(on),
        "acts": _offered(request, row),
        "clocks": clocks(request, row),
        "now": now_of(request),
        "papers": row.papers.select_related("file").order_by("pk"),
        "left": left,
        "ends_soon": left is not None and _unfollowed(row, on),
        "services": _by_service(row),
        "waits": _waits(request, row),
        "files": row.filing != "none" or bool(queries.filings_open(row, on).value),
        "renews": left is not None and _may_sign(request, row),
        "terms": [(name, text) for name, text in row.terms.items() if text],
    }
    return render(request, "contracts/contract.html", context)


def _by_service(row: ServiceContract) -> list[tuple[str, str, list[tuple[date, str, int | None]]]]:
    """Each service with its standard and what was written down of it: day, what was done, the file."""
    done: dict[str, list[tuple[date, str, int | None]]] = {}
    for one in queries.performed(row):
        told = one.data
        done.setdefault(told["service"], []).append((date.fromisoformat(told["on"]), told["note"], told["file"]))
    return [(name, text, done.get(name, [])) for name, text in row.services.items()]


def _unfollowed(row: ServiceContract, on: date) -> bool:
    return queries.ending(ServiceContract.objects.filter(pk=row.pk), on, queries.SOON).exists()


def _waits(request: Any, row: ServiceContract) -> tuple[str, str] | None:
    """What comes before the company serves, and who writes it down."""
    on = today_of(request)
    if row.from_on is None and row.ended_on is None:
        return TITLES["effective"], ""
    if row.state_on(on) not in ("signed", "in_force") or row.project_id is not None:
        return None
    by = queries.contract_rule(row, "begin", on).by
    return TITLES["begin"], "、".join(core.role_name(one, place_path=row.place_path, on=on) for one in by)


def _may_sign(request: Any, row: ServiceContract) -> bool:
    whose = contracts.OfOpening(row.estate, row.company, today_of(request))
    return core.may(actor_of(request), "contracts.contract", whose)


def _offered(request: Any, row: ServiceContract) -> list[tuple[str, str, bool]]:
    """(title, address, whether it is what comes next: ending early never is)."""
    actor, on = actor_of(request), today_of(request)
    if not _may_sign(request, row):
        return []
    state = row.state_on(on)
    found = []
    if row.filing in ("none", "returned") and queries.filings_open(row, on).value:
        found.append("filing")
    if row.filing == "asked" and actor.role in queries.contract_rule(row, "file", on).by:
        found.append("file")
    if row.from_on is None:
        found.append("effective")
    if state == "in_force":
        if row.project_id is None and actor.role in queries.contract_rule(row, "begin", on).by:
            found.append("begin")
        if row.services and actor.organisation == row.company:
            found.append("perform")
        if row.ended_on is None:
            found.append("end")
    urls = {code: reverse("contracts:contract_act", args=[row.pk, code]) for code in found}
    return [(TITLES[code], url, code == found[0] and code != "end") for code, url in urls.items()]


TITLES = {
    "filing": "报备",
    "file": "审核备案",
    "effective": "登记生效",
    "end": "提前终止",
    "begin": "企业进场",
    "perform": "填报履行记录",
}


def _page(
    row: ServiceContract, code: str, form: Any, run: Any, *, done: str, hint: str = "", clauses: Any = ()
) -> FormPage:
    return form_page(
        title=TITLES[code],
        sub=f"{row.number} {row}",
        form=form,
        run=run,
        done=done,
        back=url_of(row),
        crumbs=crumbs((str(row), url_of(row))),
        hint=hint,
        clauses=tuple(clauses),
    )


def _filing(request: HttpRequest, row: ServiceContract) -> FormPage:
    on = today_of(request)
    rule = queries.contract_rule(row, "file", on)
    kept = set(row.papers.values_list("item", flat=True))
    names = [one for one in [*rule.papers, *row.filing_missing] if one not in kept]
    form = bound(request, forms.FilingForm, version=row.version, names=names, initial={"on": on})

    def run(data: Data) -> Ref:
        papers = kept_all(request, form.papers(), row.ref)
        contracts.ask_filing(
            row, on=data["on"], papers=papers, version=data["version"], actor=actor_of(request), now=now_of(request)
        )
        return row.ref

    return _page(row, "filing", form, run, done="已报备。", clauses=rule.clauses)


def _file(request: HttpRequest, row: ServiceContract) -> FormPage:
    form = bound(request, forms.FileForm, version=row.version)

    def run(data: Data) -> Ref:
        missing = [one.strip() for one in data["missing"].splitlines() if one.strip()]
        contracts.file_contract(
            row,
            number=data["number"],
            missing=missing,
            version=data["version"],
            actor=actor_of(request),
            now=now_of(request),
        )
        return row.ref

    clauses = queries.contract_rule(row, "file", today_of(request)).clauses
    return _page(row, "file", form, run, done="已办。", clauses=clauses)


def _effective(request: HttpRequest, row: ServiceContract) -> FormPage:
    form = bound(request, forms.DayForm, version=row.version, initial={"on": today_of(request)})

    def run(data: Data) -> Ref:
        contracts.make_effective(row, on=data["on"], actor=actor_of(request), now=now_of(request))
        return row.ref

    hint = "还在履行的前期物业服务合同从这一天起终止。" if row.kind == "service" else ""
    return _page(row, "effective", form, run, done="已登记生效日期。", hint=hint, clauses=("CC-940",))


def _end(request: HttpRequest, row: ServiceContract) -> FormPage:
    form = bound(request, forms.EndForm, version=row.version)

    def run(data: Data) -> Ref:
        contracts.end_contract(
            row,
            on=data["on"],
            reason=data["reason"],
            version=data["version"],
            actor=actor_of(request),
            now=now_of(request),
        )
        return row.ref

    return _page(row, "end", form, run, done="已登记终止。没有新企业的，小区会列入没有企业服务的名单。")


def _begin(request: HttpRequest, row: ServiceContract) -> FormPage:
    form = bound(request, forms.DayForm, version=row.version, initial={"on": today_of(request)})

    def run(data: Data) -> Ref:
        contracts.begin_service(
            row, on=data["on"], version=data["version"], actor=actor_of(request), now=now_of(request)
        )
        return row.ref

    return _page(row, "begin", form, run, done="已登记进场。", hint="原企业的交接没有办结，不能进场。")


def _perform(request: HttpRequest, row: ServiceContract) -> FormPage:
    form = bound(
        request, forms.PerformForm, version=row.version, services=row.services, initial={"on": today_of(request)}
    )

    def run(data: Data) -> Ref:
        contracts.perform(
            row,
            service=data["service"],
            on=data["on"],
            note=data["note"],
            file=kept(request, data["file"], row.ref),
            version=data["version"],
            actor=actor_of(request),
            now=now_of(request),
        )
        return row.ref

    return _page(row, "perform", form, run, done="已填报。", clauses=row.basis)


ACTS: dict[str, Callable[[HttpRequest, ServiceContract], FormPage]] = {
    "filing": _filing,
    "file": _file,
    "effective": _effective,
    "end": _end,
    "begin": _begin,
    "perform": _perform,
}


def act_page(request: Any, row: ServiceContract, code: str) -> FormPage:
    offered = {url for _, url, _ in _offered(request, row)}
    if code not in ACTS or reverse("contracts:contract_act", args=[row.pk, code]) not in offered:
        raise Http404
    return ACTS[code](request, row)


@login_required
@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    return act_page(request, contract_of(request, pk), code).answer(request)


# -- what is said and answered -----------------------------------------------------------------------------------------
@login_required
@require_GET
def remarks(request: HttpRequest) -> HttpResponse:
    rows = queries.remarks_for(actor_of(request))
    if request.GET.get("view") == "open":
        rows = rows.filter(answered_at=None)
    page = page_of(request, rows)
    context = {
        "nav": NAV,
        "page_title": "意见和建议",
        "page": page,
        "view": request.GET.get("view", ""),
        "rows": [
            (one, one.answered_at is None and contracts.may_answer(one, actor_of(request))) for one in page.object_list
        ],
    }
    return render(request, "contracts/remarks.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def remark_new(request: HttpRequest, pk: int) -> HttpResponse:
    estate = estate_of(request, pk)
    form = bound(request, forms.RemarkForm)

    def run(data: Data) -> Ref:
        given = {name: data[name] for name in ("kind", "stage", "text")}
        return contracts.make_remark(estate, **given, actor=actor_of(request), now=now_of(request)).ref

    return form_page(
        title="转意见、提建议",
        sub=estate.name,
        form=form,
        run=run,
        done="已转交。",
        back=reverse("contracts:remarks"),
        crumbs=crumbs(("意见和建议", reverse("contracts:remarks"))),
        hint="业主意见转物业企业，建设阶段的建议转建设单位，逐条答复。",
    ).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def remark_answer(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(queries.remarks_for(actor_of(request)), pk=pk)
    core.require(actor_of(request), "contracts.answer", row)
    form = bound(request, forms.AnswerForm, version=row.version)

    def run(data: Data) -> Ref:
        contracts.answer_remark(
            row,
            answer=data["answer"],
            adopted=data["adopted"],
            version=data["version"],
            actor=actor_of(request),
            now=now_of(request),
        )
        return row.ref

    return form_page(
        title="答复",
        sub=row.text,
        form=form,
        run=run,
        done="已答复。",
        back=reverse("contracts:remarks"),
        crumbs=crumbs(("意见和建议", reverse("contracts:remarks"))),
    ).answer(request)
