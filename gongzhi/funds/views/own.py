"""分户账 on the owner's phone: his own units alone, every movement explained, owner after owner."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from gongzhi.core.pages import actor_of, today_of
from gongzhi.funds.maintenance import queries
from gongzhi.funds.maintenance.queries.own import unit_account
from gongzhi.funds.payments.queries import own_titles
from gongzhi.funds.views.common import NAV

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
