"""Runs and bills: looked over before, made by the worker, withdrawn, printed, told; one bill line by line."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core import services as core
from gongzhi.core.display import cn_months
from gongzhi.core.errors import Refused
from gongzhi.core.models.messages import STATES as SENT
from gongzhi.core.pages import actor_of, now_of, page_of, today_of
from gongzhi.core.refs import Ref
from gongzhi.core.sheets import in_yuan
from gongzhi.funds.charges import services as charges
from gongzhi.funds.charges.models import Bill, BillingRun
from gongzhi.funds.charges.queries import OfProject, late_fen
from gongzhi.funds.charges.queries.accounts import may_read_units
from gongzhi.funds.charges.queries.lines import bill_lines
from gongzhi.funds.charges.queries.planning import month_after, tariffs_of
from gongzhi.funds.charges.words import EVERY, FEES
from gongzhi.funds.forms_charges import RunForm
from gongzhi.funds.payments import services as payments
from gongzhi.funds.views.charging.acting import offered, project_seen, row_of, way, who_of
from gongzhi.funds.views.charging.acts import ACTS
from gongzhi.funds.views.common import NAV, download, form_page
from gongzhi.registry.models import Project, Unit

PDF = "application/pdf"
BILL_COLUMNS = (
    ("账单号", 18), ("房屋", 16), ("应缴（元）", 12), ("已缴（元）", 12), ("状态", 10), ("缴费期限", 12),
)  # fmt: skip
MOST_EXPORTED = 20000
STATES = {"all": "全部", "open": "待缴", "paid": "已缴清", "cancelled": "已作废"}


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """出账: first what it would charge, with what to look at; then the same form with the button that begins."""
    project = project_seen(request, pk)
    core.require(actor_of(request), "fee.bill", OfProject(project))
    who = who_of(request)
    looking = request.method == "POST" or "every" in request.GET
    initial = _next(project, who.on)
    given = request.POST if request.method == "POST" else request.GET if looking else None
    form = RunForm(given, initial=initial)
    over = _looked_over(project, form, who) if looking and form.is_valid() else None

    def run(data: Any) -> Ref:
        return charges.begin_run(
            project, every=int(data["every"]), from_on=data["from_on"], issued_on=data["issued_on"], **who.by
        ).ref

    return form_page(
        title="出账", form=form, run=run, done="已开始出账，大的小区要几分钟。", crumbs=way(project),
        back=reverse("funds:charges_project", args=[pk]), template="funds/run_begin.html",
        after=lambda ref: reverse("funds:billing_run", args=[ref.id]),
        hint="先看结果，再出账。出账以后每户一张账单，同一期不会出两次。",
        extra={"over": over, "project": project, "every": dict(EVERY)},
    ).answer(request)  # fmt: skip


def _next(project: Project, on: Any) -> dict[str, Any]:
    """The cycle of the first price, and the period after the last run of it."""
    every = next((one for one in EVERY if tariffs_of(project, one)), 1)
    last = project.billing_runs.filter(every=every).exclude(state="withdrawn").order_by("-to_on").first()
    first = month_after(last.to_on) if last is not None else on.replace(day=1)
    return {"every": every, "from_on": first, "issued_on": on}


def _looked_over(project: Project, form: RunForm, who: Any) -> charges.LookedOver | None:
    data = form.cleaned_data
    try:
        return charges.look_over(
            project, every=int(data["every"]), from_on=data["from_on"], issued_on=data["issued_on"], **who.by
        )
    except Refused as refused:
        if who.request.method != "POST":
            form.add_refusal(refused)
        return None


@login_required
@never_cache
@require_GET
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """A run: how far it is, what it billed, its bills for those who may see units."""
    row: BillingRun = row_of(request, "billing_run", str(pk))
    who, units = who_of(request), may_read_units(actor_of(request), row.project)
    state = request.GET.get("state", "all")
    bills = _bills(row, state)
    if units and request.GET.get("as") == "xlsx":
        cells = (
            (one.number, str(one.unit), in_yuan(one.amount_fen), in_yuan(one.paid_fen), one.state, str(one.due_on))
            for one in bills[:MOST_EXPORTED]
        )
        asked = {"出账": str(row), "状态": STATES.get(state, STATES["all"])}
        return download(request, name=f"bills-{row.pk}", title="账单", columns=BILL_COLUMNS, rows=cells, asked=asked)
    made = row.made.filter(cancelled_on=None)
    sums = made.aggregate(count=Count("pk"), fen=Sum("amount_fen", default=0), paid=Sum("paid_fen", default=0))
    whole = Unit.objects.filter(building__estate=row.project.estate).count()
    context = {
        "nav": NAV,
        "page_title": f"{cn_months(row.from_on, row.to_on)}出账",
        "run": row,
        "project": row.project,
        "crumbs": way(row.project),
        "sums": sums,
        "whole": whole,
        "share": f"{min(100 * sums['count'] // max(whole, 1), 100)}%",
        "by_fee": [
            (FEES[one["items__fee"]], one["fen"])
            for one in made.values("items__fee").annotate(fen=Sum("items__amount_fen")).order_by("items__fee")
            if one["items__fee"]
        ],
        "page": page_of(request, bills) if units else None,
        "state": state,
        "states": STATES,
        "files": payments.printed(row) if core.may(who.actor, "fee.bill", OfProject(row.project)) else [],
        "sent": [(SENT[state], count) for state, count in payments.sent_of(row).items()],
        "acts": offered(ACTS, "billing_run", row, who),
    }
    htmx = getattr(request, "htmx", False)
    response = render(request, "funds/_run_progress.html" if htmx else "funds/run.html", context)
    if htmx and row.state != "running":
        response["HX-Refresh"] = "true"  # the whole page has changed: its bills, what may be done with them
    return response


def _bills(row: BillingRun, state: str) -> Any:
    rows = Bill.objects.filter(run=row).select_related("unit__building").order_by("unit__building__name", "unit__name")
    if state == "open":
        return rows.filter(settled_on=None, cancelled_on=None)
    if state == "paid":
        return rows.filter(cancelled_on=None).exclude(settled_on=None)
    return rows.exclude(cancelled_on=None) if state == "cancelled" else rows


# -- one bill


@login_required
@never_cache
@require_GET
def bill(request: HttpRequest, pk: int) -> HttpResponse:
    row: Bill = row_of(request, "bill", str(pk))
    who, on = who_of(request), today_of(request)
    if request.GET.get("as") == "pdf":
        return pdf_of([row], name=row.number, request=request)
    late = late_fen(row, on)
    context = {
        "nav": NAV,
        "page_title": f"账单 {row.number}",
        "bill": row,
        "project": row.project,
        "crumbs": way(row.project, (str(row.unit), reverse("funds:charges_unit", args=[row.project_id, row.unit_id]))),
        "lines": bill_lines(row),
        "late": late,
        "allocations": row.allocations.select_related("settlement").order_by("pk"),
        "acts": offered(ACTS, "bill", row, who),
        "may_take": core.may(who.actor, "payment.take", OfProject(row.project)),
        "own": who.actor.role == "owner",
        "owner_pages": who.actor.role == "owner",
    }
    return render(request, "funds/bill.html", context)


def pdf_of(bills: list[Bill], *, name: str, request: HttpRequest) -> HttpResponse:
    with transaction.atomic():
        content = payments.bills_pdf(bills, base=request.build_absolute_uri("/"), now=now_of(request))
    return inline_pdf(content, name=name)


def inline_pdf(content: bytes, *, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=PDF)
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response
