"""Every act on charges, by the kind of row and the code in the address; and the one page that does them."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from gongzhi.core.pages import FormPage
from gongzhi.funds.views.charging import acting, acts_arrears, acts_bills, acts_prices
from gongzhi.funds.views.charging.acting import Act

ACTS: dict[str, dict[str, Act]] = {
    "project": {**acts_prices.PROJECT, **acts_bills.PROJECT, **acts_arrears.PROJECT},
    "tariff": acts_prices.TARIFF,
    "price_change": acts_prices.CHANGE,
    "place": acts_prices.PLACE,
    "guide_price": acts_prices.GUIDE,
    "price_finding": acts_prices.FINDING,
    "unit": {**acts_bills.UNIT, **acts_arrears.UNIT},
    "billing_run": acts_bills.RUN,
    "bill": acts_bills.BILL,
    "settlement": acts_bills.SETTLEMENT,
    "personal_charge": acts_bills.PERSONAL,
    "tenancy": acts_bills.TENANCY,
    "arrears_handover": acts_bills.HANDOVER,
    "arrears_opinion": acts_arrears.OPINION,
    "arrears_help": acts_arrears.HELP,
    "arrears_recourse": acts_arrears.RECOURSE,
}


def page_for(request: HttpRequest, kind: str, key: str, code: str) -> FormPage:
    act = ACTS.get(kind, {}).get(code)
    if act is None:
        raise Http404
    return acting.act_page(request, act, acting.row_of(request, kind, key))


@login_required
@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, kind: str, key: str, code: str) -> HttpResponse:
    return page_for(request, kind, key, code).answer(request)
