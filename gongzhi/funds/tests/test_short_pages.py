"""What common revenue lacks, worked out on a page: the allowance by area, the costs of the service."""

from datetime import datetime

import pytest
from django.urls import reverse

from gongzhi.core.days import ZONE
from gongzhi.funds.maintenance.tests.fund import units
from gongzhi.funds.public_money.tests.money import city


@pytest.fixture
def cast(request, db):
    return city(request.param, datetime.now(ZONE).date().isoformat())  # noqa: TID251 - pages read the clock


def page(client, cast, **asked):
    return client.get(reverse("funds:revenue_short", args=[cast.estate.pk]), asked)


@pytest.mark.clause("JH-4.6g")
@pytest.mark.parametrize("cast", ["jinhua"], indirect=True)
def test_what_of_an_allowance_the_revenue_does_not_cover_is_shown_home_by_home(cast, sign_in):
    units(cast, "100", "13300", "13300", "13300")
    street = sign_in("street_office")
    assert "算补贴缺口" in page(street, cast).content.decode()
    shown = page(street, cast, approved_fen="80000", payable_fen="60000").content.decode()
    assert "20,000.00" in shown and ">0.50<" in shown and ">50.00<" in shown and ">6,650.00<" in shown
    file = page(street, cast, approved_fen="80000", payable_fen="60000", **{"as": "xlsx"})
    assert file["Content-Type"].endswith("sheet")
    assert "业主不用分摊" in page(street, cast, approved_fen="80000", payable_fen="80000").content.decode()
    wrong = page(street, cast, approved_fen="", payable_fen="-1").content.decode()
    assert "请填业主同意的补贴" in wrong and "金额不能小于0" in wrong
    assert page(sign_in("owner"), cast).status_code in (403, 404)


@pytest.mark.clause("JY-2.8.24-10")
@pytest.mark.parametrize("cast", ["jiangyin"], indirect=True)
@pytest.mark.parametrize("revenue, left, over", [("130000", "20,000.00", "0.00"), ("160000", "0.00", "10,000.00")])
def test_what_of_the_costs_the_revenue_makes_up_is_shown_with_the_clause(cast, sign_in, revenue, left, over):
    shown = page(
        sign_in("street_office"), cast, spent_fen="360000", charged_fen="210000", revenue_fen=revenue
    ).content.decode()
    assert "150,000.00元" in shown and f"还差</dt><dd>{left}元" in shown and f"收益结余</dt><dd>{over}元" in shown
    assert "JY-2.8.24-10" in shown
