"""分户账 on the owner's phone: his own units alone, every movement explained, owner after owner."""

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from gongzhi.core.models import StoredFile
from gongzhi.core.pages import actor_of, today_of
from gongzhi.core.sending import sent
from gongzhi.funds.maintenance import queries
from gongzhi.funds.maintenance.models import FundUse
from gongzhi.funds.maintenance.queries.own import unit_account
from gongzhi.funds.payments.queries import own_titles
from gongzhi.funds.views.common import NAV
from gongzhi.registry.queries.reading import estates_for

ACCOUNT_CLAUSE = ("WX-10",)


@login_required
@never_cache
@require_GET
def account(request: HttpRequest) -> HttpResponse:
    """The account follows the unit: whoever owns it today sees all of it, without the names of those before him."""
    on = today_of(request)
    titles = [one for one in own_titles(actor_of(request), on=on) if one.to_on is None or one.to_on >= on]
    if not titles:
        return render(request, "funds/pay_none.html", {"nav": NAV, "page_title": "我的分户账"})
    chosen = request.GET.get("fang", "")
    title = next((one for one in titles if str(one.pk) == chosen), titles[0])
    estate = title.unit.building.estate
    line = queries.renewal_of_unit(title.unit, on=on)
    context = {
        "nav": NAV,
        "page_title": "我的分户账",
        "estate": estate,
        "title": title,
        "others": titles if len(titles) > 1 else (),
        "on": on,
        "account": unit_account(title.unit, on=on),
        "fund": queries.units_funds([title.unit], on=on)[0],
        "due": title.unit.fund_dues.order_by("-assessed_on", "-pk"),
        "line": line,
        "clauses": ACCOUNT_CLAUSE,
        "owner_pages": True,
    }
    return render(request, "funds/own.html", context)


def _use(request: HttpRequest, pk: int) -> FundUse:
    """Of an estate that the owner sees, as soon as it is under way."""
    rows = FundUse.objects.select_related("estate", "motion__vote").filter(state__in=("running", "closed"))
    row: FundUse = get_object_or_404(rows, pk=pk)
    if not estates_for(actor_of(request)).filter(pk=row.estate_id).exists():
        raise Http404
    return row


def _public(use: FundUse) -> list[tuple[str, StoredFile]]:
    """What is on display once the use was published: its papers, and the invoice of every payment."""
    if not use.taken.filter(step="publish", agreed=True).exists():
        return []
    papers = use.papers.exclude(shown_as="").select_related("file").order_by("pk")
    paid = use.payments.exclude(invoice=None).select_related("invoice").order_by("pk")
    shown = [(one.get_shown_as_display(), one.file) for one in papers]
    return [*shown, *((f"{one.get_step_display()}凭证", one.invoice) for one in paid if one.invoice is not None)]


@login_required
@require_GET
def use(request: HttpRequest, pk: int) -> HttpResponse:
    """What the fund was used for, as its owners read it: what was decided, by whom, what it cost, with the vouchers."""
    row = _use(request, pk)
    context = {
        "nav": NAV,
        "page_title": row.title,
        "use": row,
        "estate": row.estate,
        "stages": queries.stages(row),
        "paid_fen": sum(one.amount_fen for one in row.payments.all()),
        "payments": row.payments.order_by("pk"),
        "share_count": row.shares.count(),
        "papers": _public(row),
        "clauses": row.basis.get("clauses", ()),
    }
    return render(request, "funds/own_use.html", context)


@login_required
@require_GET
def use_paper(request: HttpRequest, pk: int, paper: int) -> FileResponse:
    found = next((one for _, one in _public(_use(request, pk)) if one.pk == paper), None)
    if found is None:
        raise Http404
    return sent(found)
