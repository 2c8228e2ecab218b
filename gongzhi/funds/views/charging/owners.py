"""An owner's own charges on his phone: what is open and how it is counted, what he paid, what he can ask for."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from gongzhi.core.pages import actor_of, page_of, today_of
from gongzhi.funds.charges.models import PayerMark
from gongzhi.funds.charges.queries import accounts as found_by
from gongzhi.funds.charges.queries import terms_on
from gongzhi.funds.charges.queries.lines import bill_lines
from gongzhi.funds.charges.queries.prices import in_force, shown
from gongzhi.funds.payments.queries import own_titles
from gongzhi.funds.views.charging.acting import UnitOf, offered, who_of
from gongzhi.funds.views.charging.acts import ACTS
from gongzhi.funds.views.common import NAV
from gongzhi.registry.models import Ownership, Project

SHOWN = 12


@login_required
@never_cache
@require_GET
def own(request: HttpRequest) -> HttpResponse:
    """The account of one of his units with the company that serves it, or once did and is still owed."""
    actor, on, who = actor_of(request), today_of(request), who_of(request)
    titles = own_titles(actor, on=on)
    projects = [(title, one) for title in titles for one in _projects(title)]
    if not projects:
        return render(request, "funds/pay_none.html", {"nav": NAV, "page_title": "我的物业费"})
    wanted, company = request.GET.get("fang", ""), request.GET.get("qiye", "")
    title, project = next(
        (
            (title, one)
            for title, one in projects
            if wanted in (str(title.pk), str(title.unit_id)) and company in ("", str(one.pk))
        ),
        projects[0],
    )
    row = UnitOf(project, title.unit)
    account = found_by.account(project, title.unit, on=on, own=title)
    context = {
        "nav": NAV,
        "page_title": "我的物业费",
        "row": row,
        "title": title,
        "project": project,
        "others": projects if len(projects) > 1 else (),
        "account": account,
        "open": [(one, bill_lines(one.bill), one.bill.overdue(on)) for one in account.open],
        "page": page_of(request, account.bills.exclude(settled_on=None), size=SHOWN),
        "payments": found_by.with_duties(account.payments, SHOWN),
        "now": who.now,
        "prices": in_force(project, on).order_by("fee", "title"),
        "terms": terms_on(project, on),
        "hung": shown(project, on),
        "mark": PayerMark.objects.filter(unit=title.unit, user=actor.user, to_on=None).first(),
        "acts": offered(ACTS, "unit", row, who),
        "owner_pages": True,
        "on": on,
    }
    return render(request, "funds/own_account.html", context)


def _projects(title: Ownership) -> list[Project]:
    """Who serves the estate now, and whoever billed these owners before and is still owed."""
    rows = Project.objects.select_related("estate", "company").filter(estate=title.unit.building.estate)
    serving = list(rows.filter(to_on=None))
    owed = rows.filter(bills__ownership=title, bills__settled_on=None, bills__cancelled_on=None).distinct()
    return [*serving, *(one for one in owed if one not in serving)]
