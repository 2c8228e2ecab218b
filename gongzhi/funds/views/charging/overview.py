"""Projects with their charges, one project as a whole, guide prices, inspections, who was asked to help."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from gongzhi.core import refs
from gongzhi.core import services as core
from gongzhi.core.models import Place
from gongzhi.core.pages import actor_of, now_of, page_of, today_of
from gongzhi.core.refs import Ref
from gongzhi.core.sheets import in_yuan
from gongzhi.funds.charges.models import (
    ArrearsHandover,
    ArrearsHelp,
    GuidePrice,
    PriceFinding,
    PriceInspection,
    Tariff,
)
from gongzhi.funds.charges.queries import OfProject, prices, terms_on
from gongzhi.funds.charges.queries import accounts as found_by
from gongzhi.funds.charges.queries.arrears import debtors, rate_of_marked, refused_to_pay
from gongzhi.funds.charges.queries.lines import price_source
from gongzhi.funds.charges.words import PLACES, SHOWN_ITEMS
from gongzhi.funds.common.rights import COMMUNITY, COMPANY
from gongzhi.funds.payments import queries as payments
from gongzhi.funds.views.charging.acting import PlaceOf, address_of, offered, project_seen, row_of, way, who_of
from gongzhi.funds.views.charging.acts import ACTS
from gongzhi.funds.views.common import NAV, download
from gongzhi.registry.models import Project
from gongzhi.registry.queries.known import county_of, fact

SHOWN = 12
EXPORT_COLUMNS = (
    ("小区", 24), ("物业服务企业", 24), ("今年应收（元）", 14), ("今年已收（元）", 14), ("收缴率", 10),
    ("逾期户数", 10),
    ("逾期欠费（元）", 14),
)  # fmt: skip
ONLY = {
    "all": "全部项目",
    "owing": "有逾期欠费",
    "not_shown": "没有收费公示",
    "over": "高于指导价",
    "to_file": "待备案",
}
MOST_EXPORTED = 2000


@login_required
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """收费看板: this year's collection and what is overdue, project by project; a company sees its own."""
    actor, on = actor_of(request), today_of(request)
    rows = found_by.projects_for(actor, on=on)
    text, only = request.GET.get("text", "").strip(), request.GET.get("only", "all")
    if text:
        rows = rows.filter(estate__name__icontains=text)
    rows = _kept(rows, only, on)
    if request.GET.get("as") == "xlsx":
        lines = found_by.standings(rows[:MOST_EXPORTED], on)
        cells = [
            (one.project.estate.name, one.project.company.name, in_yuan(one.rate.due_fen),
             in_yuan(one.rate.paid_fen), one.rate.words, one.debtors, in_yuan(one.overdue_fen))
            for one in lines
        ]  # fmt: skip
        asked = {"只看": ONLY.get(only, ONLY["all"]), "小区": text, "截至": str(on)}
        return download(request, name="charges", title="物业收费", columns=EXPORT_COLUMNS, rows=cells, asked=asked)
    page = page_of(request, rows)
    place = core.place_at(actor.place_path) if actor.place_path else None
    context = {
        "nav": NAV,
        "page_title": "物业收费",
        "on": on,
        "page": page,
        "rows": [(one, _price(one.project, on)) for one in found_by.standings(page.object_list, on)],
        "text": text,
        "only": only,
        "choices": ONLY,
        "acts": offered(ACTS, "place", PlaceOf(place), who_of(request)) if place is not None else [],
        "helps": found_by.helps_for(actor, on=on).count() if core.may(actor, "fee.help", actor) else None,
        "may_check": place is not None and core.may(actor, "price.inspect", place),
        "takes": actor.role in COMPANY,
    }
    return render(request, "funds/charges.html", context)


def _kept(rows: Any, only: str, on: Any) -> Any:
    if only == "owing":
        owing = rows.filter(bills__settled_on=None, bills__cancelled_on=None, bills__due_on__lt=on)
        return rows.filter(pk__in=owing.values("pk"))
    if only == "not_shown":
        serving = rows.filter(to_on=None)
        return rows.filter(pk__in=[one.pk for one in prices.not_shown(serving, on)])
    if only == "to_file":
        drafts = Tariff.objects.filter(state="draft", price_kind="guide", project__in=rows.values("pk"))
        return rows.filter(pk__in=drafts.values("project"))
    if only == "over":
        serving = rows.filter(to_on=None)
        return rows.filter(pk__in=[tariff.project_id for tariff, _ in prices.over_guide(serving, on)])
    return rows


def _price(project: Project, on: Any) -> Any:
    """The price of the public service, the first where there are several."""
    return prices.in_force(project, on).filter(fee="service").order_by("use", "pk").first()


def _since_the_first(months: list[found_by.Month]) -> list[found_by.Month]:
    """Without the months before anything fell due."""
    due = [number for number, one in enumerate(months) if one.rate.due_fen]
    return months[: due[-1] + 1] if due else []


@login_required
@never_cache
@require_GET
def project(request: HttpRequest, pk: int) -> HttpResponse:
    found = project_seen(request, pk)
    actor, on, who = actor_of(request), today_of(request), who_of(request)
    owing = debtors(found, on)
    standing = found_by.standings([found], on)[0]
    hung = prices.shown(found, on)
    compared, quality_clauses = prices.quality(county_of(found.place_path), on)
    tariffs = found.tariffs.select_related("guide", "motion__vote", "building").order_by(
        "-to_on", "fee", "title", "-from_on"
    )
    findings = list(found.price_findings.select_related("inspection").order_by("-pk")[:SHOWN])
    cases = _case_urls(request, findings)
    context: dict[str, Any] = {
        "nav": NAV,
        "page_title": "物业收费",
        "project": found,
        "on": on,
        "crumbs": way(found)[:-1],
        "standing": standing,
        "ages": found_by.by_age(owing, on),
        "months": _since_the_first(found_by.by_month(found, on)),
        "refused": len(refused_to_pay(found, on)) if owing else 0,
        "terms": terms_on(found, on),
        "tariffs": [(one, price_source(one)) for one in tariffs],
        "changes": [change for one in tariffs for change in one.changes.filter(state="open")],
        "runs": found.billing_runs.order_by("-from_on", "-pk")[:SHOWN],
        "costs": found.shared_costs.select_related("building").order_by("-from_on", "-pk")[:SHOWN],
        "reports": found.price_reports.order_by("-on", "-pk")[:SHOWN],
        "hanging": [
            (SHOWN_ITEMS[item], PLACES[place], row, row in hung.differs) for (item, place), row in hung.there.items()
        ],
        "lacking": _lacking(hung),
        "hung": hung,
        "quality": next((one for one in compared if one.project.pk == found.pk), None),
        "quality_clauses": quality_clauses,
        "findings": [(one, cases.get(one.case_ref, "")) for one in findings],
        "handovers": ArrearsHandover.objects.filter(Q(from_project=found) | Q(to_project=found)),
        "releases": found.releases.order_by("-from_on")[:SHOWN],
        "commissions": found.commissions.order_by("-from_on")[:SHOWN],
        "custody": bool(fact(found.estate.ref, "charge_custody_pilot", on)),
        "marked": _marked(request, found),
        "may_bill": core.may(actor, "fee.bill", OfProject(found)),
        "may_units": found_by.may_read_units(actor, found),
        "may_take": core.may(actor, "payment.take", OfProject(found)),
        "may_payments": payments.may_look(actor, found),
        "acts": offered(ACTS, "project", found, who),
    }  # fmt: skip
    return render(request, "funds/charges_project.html", context)


def _lacking(hung: prices.Shown) -> list[tuple[str, list[str]]]:
    """Place by place."""
    found: dict[str, list[str]] = {}
    for item, place in hung.lacking:
        found.setdefault(PLACES[place], []).append(SHOWN_ITEMS[item])
    return list(found.items())


def _marked(request: HttpRequest, found: Project) -> Any:
    """The rate of those who stated what they are, officials or party members: for the community and the project."""
    actor = actor_of(request)
    if actor.role not in (*COMMUNITY, *COMPANY):
        return None
    marked = rate_of_marked(found.estate, today_of(request))
    return marked if marked.units else None


# -- guide prices


@login_required
@require_GET
def guide_prices(request: HttpRequest) -> HttpResponse:
    actor, on, who = actor_of(request), today_of(request), who_of(request)
    place = core.place_at(actor.place_path) if actor.place_path else None
    drafts = GuidePrice.objects.filter(state="draft", place_path__startswith=actor.place_path or "-").order_by("grade")
    seen = [one for one in drafts if core.may(actor, "price.sign", one) or core.may(actor, "price.guide", one)]
    context = {
        "nav": NAV,
        "page_title": "政府指导价",
        "place": place,
        "on": on,
        "rows": _versions(actor.place_path, on),
        "drafts": [(one, offered(ACTS, "guide_price", one, who), _signs(one, on)) for one in seen],
        "acts": offered(ACTS, "place", PlaceOf(place), who)[:1] if place is not None else [],
        "clauses": core.ask("funds.guide_price_rules", {}, place_path=actor.place_path, on=on).clauses
        if actor.place_path
        else (),
    }
    return render(request, "funds/guide_prices.html", context)


def _signs(guide: GuidePrice, on: Any) -> list[tuple[str, Any]]:
    from gongzhi.funds.charges.services import guide_rules

    signed = {one.role: one for one in guide.signs.all()}
    roles = guide_rules(guide.place_path, on).get("signed_by") or ()
    return [(core.role_name(role, place_path=guide.place_path, on=on), signed.get(role)) for role in roles]


def _versions(place_path: str, on: Any) -> list[tuple[GuidePrice, bool, Any]]:
    """Every version at the place, whether it holds today, and by how much it rose."""
    rows = prices.guides(place_path) if place_path else GuidePrice.objects.none()
    found = []
    for one in rows:
        holds = one.from_on <= on and (one.to_on is None or one.to_on >= on)
        rose = prices.rise(one)
        found.append((one, holds, f"{float(rose[1]) * 100:+.1f}%" if rose is not None else ""))
    return found


@require_GET
def guide_public(request: HttpRequest, code: str) -> HttpResponse:
    """For everybody: the versions of a place, the one in force and the earlier ones."""
    place = get_object_or_404(Place, code=code)
    context = {
        "page_title": f"{place.name}物业服务收费政府指导价",
        "place": place,
        "on": today_of(request),
        "rows": _versions(place.path, today_of(request)),
        "public": True,
    }
    return render(request, "funds/guide_prices.html", context)


# -- inspections


def _case_urls(request: HttpRequest, findings: Iterable[PriceFinding]) -> dict[str, str]:
    """The addresses of the findings' cases by number: of those that the reader may see."""
    wanted = [Ref("case", one.case_ref) for one in findings if one.case_ref]
    urls = refs.readable(actor_of(request), wanted) if wanted else {}
    return {one.id: urls[one.key] for one in wanted if one.key in urls}


@login_required
@require_GET
def checks(request: HttpRequest) -> HttpResponse:
    """What inspectors look at: projects that show no price, prices above the guide or above what is shown."""
    actor, on, who = actor_of(request), today_of(request), who_of(request)
    place = core.place_at(actor.place_path) if actor.place_path else None
    if place is None or not core.may(actor, "price.inspect", place):
        raise Http404
    serving = found_by.projects_for(actor, on=on).filter(to_on=None)
    findings = PriceFinding.objects.filter(place_path__startswith=place.path).select_related(
        "inspection", "project__estate", "project__company"
    )
    inspections = PriceInspection.objects.filter(place_path__startswith=place.path)
    compared, quality_clauses = prices.quality(place.path, on)
    listed = list(findings.order_by("closed_on", "-pk")[:50])
    cases = _case_urls(request, listed)
    only = request.GET.get("only", "")
    context = {
        "nav": NAV,
        "page_title": "收费公示检查",
        "on": on,
        "compared": [one for one in compared if one.flagged or only != "dear"],
        "dear": sum(1 for one in compared if one.flagged),
        "only": only,
        "quality_clauses": quality_clauses,
        "not_shown": prices.not_shown(serving, on),
        "over": prices.over_guide(serving, on),
        "above": prices.above_own(serving, on),
        "findings": [
            (
                one,
                cases.get(one.case_ref, ""),
                core.role_name(one.lead, place_path=one.place_path, on=on),
                offered(ACTS, "price_finding", one, who),
            )
            for one in listed
        ],
        "inspections": [
            (one, "、".join(core.role_name(role, place_path=one.place_path, on=on) for role in one.roles))
            for one in inspections.order_by("-on", "-pk")[:SHOWN]
        ],
        "new": address_of("place", PlaceOf(place), "jiancha"),
        "clauses": core.ask("funds.price_inspection", {"finding": "not_shown"}, place_path=place.path, on=on).clauses,
    }
    return render(request, "funds/price_checks.html", context)


# -- who helps


@login_required
@never_cache
@require_GET
def helps(request: HttpRequest) -> HttpResponse:
    """What was given to the actor's office: the unit and whether it still waits; no sum, no name.

    With `jian`, one of them: who may see that unit's account (the company that asked) is led there.
    """
    actor, who = actor_of(request), who_of(request)
    asked = request.GET.get("jian", "")
    one = ArrearsHelp.objects.select_related("project", "unit").filter(pk=asked).first() if asked.isdigit() else None
    if one is not None and one.role != actor.role and found_by.may_read_unit(actor, one.project, one.unit):
        return redirect("funds:charges_unit", one.project_id, one.unit_id)
    rows = [one for one in found_by.helps_for(actor, on=today_of(request)) if core.may(actor, "fee.help", one)]
    page = page_of(request, rows)
    context = {
        "nav": NAV,
        "page_title": "协助催缴",
        "page": page,
        "rows": [(one, offered(ACTS, "arrears_help", one, who)) for one in page.object_list],
        "now": now_of(request),
    }
    return render(request, "funds/helps.html", context)


@login_required
@never_cache
@require_GET
def handover(request: HttpRequest, pk: int) -> HttpResponse:
    row: ArrearsHandover = row_of(request, "arrears_handover", str(pk))
    who = who_of(request)
    sides = [one for one in (row.from_project, row.to_project) if one is not None]
    own = next((one for one in sides if found_by.may_read(who.actor, one)), row.from_project)
    context = {
        "nav": NAV,
        "page_title": "欠费交接",
        "row": row,
        "crumbs": way(own),
        "lists": _named(row) if any(found_by.may_read_units(who.actor, one) for one in sides) else [],
        "acts": offered(ACTS, "arrears_handover", row, who),
        "back": reverse("funds:charges_project", args=[own.pk]),
    }
    return render(request, "funds/charges_handover.html", context)


def _named(row: ArrearsHandover) -> list[tuple[str, list[tuple[Any, int]]]]:
    from gongzhi.registry.models import Unit

    known = Unit.objects.select_related("building").in_bulk([one[0] for rows in row.rows.values() for one in rows])
    return [
        (title, [(known[unit], fen) for unit, _, fen in row.rows.get(code, ()) if unit in known])
        for code, title in (("owed", "欠费"), ("advance", "预存"))
    ]
