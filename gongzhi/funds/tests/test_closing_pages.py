"""结账 on screen: who may close, what is sealed can be fetched by whoever reads the books, and warnings of revenue."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from gongzhi.core.days import ZONE, local_day
from gongzhi.funds.public_money.tests.money import city
from gongzhi.funds.tests.test_pages import key
from gongzhi.funds.views.closing import seals_of
from gongzhi.ledger.models import Book
from gongzhi.proof import receipts


@pytest.fixture
def cast(db):
    return city("zhangjiagang", datetime.now(ZONE).date().isoformat())  # noqa: TID251 - pages read the clock


def act(client, cast, name, **data):
    url = reverse("funds:revenue_act", args=[cast.estate.pk, name])
    return client.post(url, {"form_key": key(client, url), **data}, follow=True).content.decode()


@pytest.mark.clause("ZJG-4.3.2b", "MX-3.6.3-6")
def test_parking_without_a_shown_price_is_warned_of_and_what_has_no_voucher_is_counted(cast, sign_in):
    street, today = sign_in("street_office"), local_day(cast.now).isoformat()
    act(street, cast, "jianzhang", on=today)
    contract = {"owned_by": "owners", "title": "地面车位", "payer": "车主", "amount_fen": "1200", "from_on": today,
                "to_on": today}  # fmt: skip
    act(street, cast, "hetong", source="parking", tariff_shown="on", **contract)
    act(street, cast, "hetong", **{**contract, "source": "advertising", "title": "电梯广告"})
    act(street, cast, "hetong", **{**contract, "source": "extended", "title": "快递柜"})
    by_source = set(cast.estate.revenue_contracts.values_list("source", flat=True))
    assert by_source == {"parking", "advertising", "extended"}
    income = {"source": "parking", "owned_by": "owners", "amount_fen": "300", "on": today, "text": "停车费"}
    assert "先公示收费标准" in act(street, cast, "shouru", **income)
    shown = cast.estate.revenue_contracts.get(source="parking")
    assert "先公示收费标准" not in act(street, cast, "shouru", **income, contract=str(shown.pk))
    spent = {"purpose": "cost.operation", "owned_by": "owners", "amount_fen": "80", "on": today, "text": "维修"}
    assert "缺凭证1" in act(street, cast, "zhichu", **spent)


def test_a_period_is_closed_by_the_street_and_its_receipt_holds_for_the_auditor(cast, sign_in):
    street, auditor = sign_in("street_office"), sign_in("audit")
    today = local_day(cast.now)
    act(street, cast, "jianzhang", on=(today - timedelta(days=40)).isoformat())
    act(street, cast, "shouru", source="advertising", owned_by="owners", amount_fen="5", text="广告",
        on=(today - timedelta(days=30)).isoformat())  # fmt: skip
    url = reverse("funds:close_period", args=[cast.estate.pk, "common_revenue"])
    assert auditor.get(url).status_code == 403
    until = (today - timedelta(days=1)).isoformat()
    assert street.post(url, {"form_key": key(street, url), "until": until, "version": "1"}).status_code == 303
    book = Book.objects.get(purse="common_revenue")
    assert [str(one) for one in seals_of(book)] == [until]
    ledger = auditor.get(reverse("funds:ledger", args=[cast.estate.pk, "common_revenue"])).content.decode()
    seal = reverse("funds:seal", args=[cast.estate.pk, "common_revenue", until])
    assert "试算平衡" in ledger and seal in ledger and f'"{url}"' not in ledger
    found = receipts.check(receipts.parsed(auditor.get(seal).content.decode()))
    assert found.state in ("good", "waits"), found
    assert auditor.get(seal.replace(until, "2001-01-01")).status_code == 404
    late = {"source": "advertising", "owned_by": "owners", "amount_fen": "5", "text": "补记", "on": until}
    assert "已结账" in act(street, cast, "shouru", **late)
