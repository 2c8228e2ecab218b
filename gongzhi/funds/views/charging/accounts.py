"""Units and what they owe: the list, one unit's account, arrears by age with bulk demands, clearances."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.pages import actor_of, now_of, page_of, see, today_of
from gongzhi.core.sheets import in_yuan
from gongzhi.funds.charges import services as charges
from gongzhi.funds.charges.models import Bill, Clearance
from gongzhi.funds.charges.queries import OfProject
from gongzhi.funds.charges.queries import accounts as found_by
from gongzhi.funds.charges.queries.arrears import Debtor, debtors, refused_to_pay
from gongzhi.funds.charges.words import DEMANDED_BY
from gongzhi.funds.payments import services as payments
from gongzhi.funds.views.charging.acting import (
    offered,
    project_seen,
    unit_seen,
    way,
    who_of,
)
from gongzhi.funds.views.charging.acts import ACTS
from gongzhi.funds.views.charging.runs import inline_pdf, pdf_of
from gongzhi.funds.views.common import NAV, download
from gongzhi.funds.views.phone import qr
from gongzhi.registry.models import Project, Unit

PAGE = 30
UNPROCESSABLE = 422
ARREARS_COLUMNS = (
    ("房屋", 16), ("欠费（元）", 12), ("账单数", 8), ("最早到期", 12), ("逾期日数", 10), ("办到哪一步", 18),
)  # fmt: skip


@login_required
@never_cache
@require_GET
def units(request: HttpRequest, pk: int) -> HttpResponse:
    """Every unit with what is open; found by building, room or state."""
    project = _with_units(request, pk)
    text, only = request.GET.get("q", "").strip(), request.GET.get("only", "all")
    rows = Unit.objects.filter(building__estate=project.estate).select_related("building")
    if text:
        rows = rows.filter(pk__in=[one.pk for one in rows if text in str(one)])
    owing = {one.unit.pk: one for one in debtors(project, today_of(request))}
    open_now = set(
        Bill.objects.filter(project=project, settled_on=None, cancelled_on=None).values_list("unit", flat=True)
    )
    if only == "owing":
        rows = rows.filter(pk__in=owing)
    if only == "open":
        rows = rows.filter(pk__in=open_now)
    page = page_of(request, rows.order_by("building__name", "name"), size=PAGE)
    context = {
        "nav": NAV,
        "page_title": "逐户账",
        "project": project,
        "crumbs": way(project),
        "page": page,
        "rows": [(one, owing.get(one.pk), one.pk in open_now) for one in page.object_list],
        "q": text,
        "only": only,
        "choices": {"all": "全部", "open": "有待缴", "owing": "有逾期"},
        "on": today_of(request),
    }
    return render(request, "funds/charges_units.html", context)


def _with_units(request: HttpRequest, pk: int) -> Project:
    project = project_seen(request, pk)
    core.require(actor_of(request), "fee.units", OfProject(project))
    return project


@login_required
@never_cache
@require_GET
def unit(request: HttpRequest, pk: int, unit: int) -> HttpResponse:
    """A unit's account: bills, money, what it has of its own, and how far its arrears have come."""
    row = unit_seen(request, f"{pk}-{unit}")
    who, on = who_of(request), today_of(request)
    if who.actor.role == "owner":
        return see(f"{reverse('funds:own_account')}?fang={unit}")
    found = found_by.account(row.project, row.unit, on=on)
    if request.GET.get("as") == "pdf":
        if not found.open:
            raise Http404
        return pdf_of([one.bill for one in found.open], name=f"bills-{row.key}", request=request)
    if request.GET.get("as") == "letter":
        return _letters(request, row.project, units=[row.unit.pk])
    address = payments.pay_address(row.unit, base=who.base, now=who.now)
    context = {
        "nav": NAV,
        "page_title": str(row.unit),
        "row": row,
        "project": row.project,
        "unit": row.unit,
        "crumbs": [*way(row.project), ("逐户账", reverse("funds:charges_units", args=[row.project.pk]))],
        "on": on,
        "account": found,
        "overdue_fen": found.overdue_fen(on),
        "page": page_of(request, found.bills),
        "payments": found_by.with_duties(found.payments, PAGE),
        "now": who.now,
        "personal": [(one, offered(ACTS, "personal_charge", one, who)) for one in found.personal],
        "opinions": [
            (one, one.resolved_late(on), offered(ACTS, "arrears_opinion", one, who)) for one in found.opinions
        ],
        "recourses": [(one, offered(ACTS, "arrears_recourse", one, who)) for one in found.recourses],
        "tenancies": [(one, offered(ACTS, "tenancy", one, who)) for one in found.tenancies],
        "acts": offered(ACTS, "unit", row, who),
        "may_demand": core.may(who.actor, "fee.demand", OfProject(row.project)),
        "may_take": core.may(who.actor, "payment.take", OfProject(row.project)),
        "may_invoice": core.may(who.actor, "fee.settle", OfProject(row.project)),
        "address": address,
        "qr": qr(address),
    }
    return render(request, "funds/charges_unit.html", context)


def _letters(request: HttpRequest, project: Project, *, units: list[int]) -> HttpResponse:
    """The letters of the written demands that are not paid; some hundred to a file, `part` counts from 1."""
    who = who_of(request)
    core.require(who.actor, "fee.demand", OfProject(project))
    part = max(int(request.GET["part"]), 1) if request.GET.get("part", "").isdigit() else 1
    listed = payments.letters_of(project, units=units)[(part - 1) * payments.PAGES : part * payments.PAGES]
    if not listed:
        raise Http404
    with transaction.atomic():
        content = payments.letters_pdf(listed, base=who.base, now=who.now)
    return inline_pdf(content, name=f"demands-{project.pk}-{part}")


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def arrears(request: HttpRequest, pk: int) -> HttpResponse:
    """欠费: by age for everybody who reads the project's charges; unit by unit, with demands for many at once, for
    those who may see units."""
    project, on = project_seen(request, pk), today_of(request)
    actor, of = actor_of(request), OfProject(project)
    found = debtors(project, on)
    units = found_by.may_read_units(actor, project)
    status = 200
    if request.method == "POST":
        core.require(actor, "fee.demand", of)
        status = _demand_many(request, project, found)
        if status == 200:  # noqa: PLR2004 - HTTP
            return see(request.get_full_path())
    owing = [one.unit.pk for one in found]
    if request.GET.get("as") == "letters":
        return _letters(request, project, units=owing)
    age = request.GET.get("age", "")
    may_demand = core.may(actor, "fee.demand", of)
    letters = len(payments.letters_of(project, units=owing)) if may_demand else 0
    listed = [one for one in found if not age or found_by.age_of(one, on) == age] if units else []
    if units and request.GET.get("as") == "xlsx":
        cells = [
            (str(one.debtor.unit), in_yuan(one.debtor.owed_fen), one.debtor.bills, str(one.debtor.since),
             one.debtor.days(on), one.words(on))
            for one in found_by.in_hand(project, listed, on)
        ]  # fmt: skip
        asked = {
            "小区": project.estate.name,
            "账龄": dict((c, t) for c, t, _ in found_by.AGES).get(age, "全部"),
            "截至": str(on),
        }
        return download(request, name=f"arrears-{pk}", title="欠费", columns=ARREARS_COLUMNS, rows=cells, asked=asked)
    page = page_of(request, listed, size=PAGE)
    context = {
        "nav": NAV,
        "page_title": "欠费",
        "project": project,
        "crumbs": way(project),
        "on": on,
        "ages": found_by.by_age(found, on),
        "age": age,
        "count": len(found),
        "total_fen": sum(one.owed_fen for one in found),
        "refused": len(refused_to_pay(project, on)) if found else 0,
        "units": units,
        "page": page,
        "rows": [
            (one, one.words(on), one.debtor.days(on)) for one in found_by.in_hand(project, list(page.object_list), on)
        ],
        "hows": DEMANDED_BY,
        "may_demand": may_demand,
        "letters": letters,
        "letter_parts": range(1, -(-letters // payments.PAGES) + 1),
        "acts": [one for one in offered(ACTS, "project", project, who_of(request)) if one[0] == "tixing"],
        "clauses": core.ask("funds.demand_period", {}, place_path=project.place_path, on=on).clauses,
        "chosen": request.POST.getlist("units"),
    }
    return render(request, "funds/arrears.html", context, status=status)


def _demand_many(request: HttpRequest, project: Project, found: list[Debtor]) -> int:
    """A demand for each chosen unit; the status of the answer."""
    chosen = {int(one) for one in request.POST.getlist("units") if one.isdigit()}
    picked = [one for one in found if one.unit.pk in chosen]
    who = who_of(request)
    key = request.POST.get("form_key", "")
    how = request.POST.get("how", "")
    try:
        with transaction.atomic():
            if not picked or how not in DEMANDED_BY:
                raise Refused("nothing_chosen", "请选要催告的房屋和催告方式。")
            made = core.form_key(key, who.actor)
            if made is None:
                for one in picked:
                    address = payments.pay_address(one.unit, base=who.base, now=who.now)
                    charges.demand(one, project=project, how=how, address=address, **who.by)
                core.keep_form_key(key, project.estate.ref)
                messages.success(request, f"已催告{len(picked)}户，每户业主各发一条消息。")
    except Refused as refused:
        if refused.code == "forbidden":
            raise
        messages.error(request, refused.message)
        return UNPROCESSABLE
    return 200


# -- clearances


@login_required
@never_cache
@require_GET
def clearance(request: HttpRequest, pk: int) -> HttpResponse:
    """The certificate, on screen and for printing."""
    rows = Clearance.objects.select_related("project__estate", "project__company", "unit__building__estate", "by")
    row: Clearance | None = rows.filter(pk=pk).first()
    if row is None or not found_by.may_read_unit(actor_of(request), row.project, row.unit):
        raise Http404
    if request.GET.get("as") == "pdf":
        return inline_pdf(charges.clearance_pdf(row, now=now_of(request)), name=f"clearance-{row.pk}")
    owner = actor_of(request).role == "owner"
    context = {
        "nav": NAV,
        "page_title": "物业费清零证明",
        "row": row,
        "project": row.project,
        "crumbs": [] if owner else way(row.project),
        "valid": row.valid_until >= today_of(request),
        "now": now_of(request),
        "clauses": tuple((row.answer or {}).get("clauses") or ()),
        "owner_pages": owner,
    }
    return render(request, "funds/clearance.html", context)
