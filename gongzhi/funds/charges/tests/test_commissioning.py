"""酬金制: a period is settled once, what it cost as it was and the commission by the contract, out of the charges."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from gongzhi.core.tests.cast import build
from gongzhi.funds.charges import services as charges
from gongzhi.funds.charges.models import CommissionSettlement
from gongzhi.funds.charges.tests.charged import manager, pay, project_of, terms
from gongzhi.funds.maintenance.tests.fund import day, units
from gongzhi.funds.maintenance.tests.test_deposits import COUNTY, refuses
from gongzhi.ledger import services as ledger
from gongzhi.ledger.models import Account

pytestmark = pytest.mark.django_db
JANUARY = {"from_on": date(2023, 1, 1), "to_on": date(2023, 1, 31)}


@pytest.fixture
def cast(db):
    return build(day("2023-03-01"), county=COUNTY["meixian"], pack="meixian")


def settle(cast, yuan, *, actor=None, **days):
    return charges.settle_commission(
        project_of(cast), spent_fen=int(Decimal(yuan) * 100), text="人员工资、保洁", actor=actor or manager(cast),
        now=cast.now, **(days or JANUARY),
    )  # fmt: skip


def taken_in(cast, yuan):
    (unit,) = units(cast, "100")
    pay(cast, [], yuan, unit=unit, project=project_of(cast), channel="withheld")


def held(cast, code):
    entry = CommissionSettlement.objects.get().entry
    return ledger.balance(Account.objects.get(book=entry.book, code=code), cast.now.date())


@pytest.mark.clause("MX-3.5.1-3")
def test_of_100000_spent_8_percent_are_8000_and_both_leave_the_account_once(cast):
    terms(cast, mode="commission", commission_kind="ratio", commission_ratio=Decimal("0.08"))
    taken_in(cast, "108000")
    refuses("balance", lambda: settle(cast, "100000.01"))
    row = settle(cast, "100000")
    assert row.commission_fen == 800_000
    assert (held(cast, "bank"), held(cast, "cost.service"), held(cast, "cost.commission")) == (0, 10_000_000, 800_000)
    assert "已经结算过" in refuses("settled", lambda: settle(cast, "1")).message
    overlapping = {"from_on": date(2023, 1, 31), "to_on": date(2023, 2, 28)}
    refuses("settled", lambda: settle(cast, "1", **overlapping))
    assert CommissionSettlement.objects.count() == 1


@pytest.mark.clause("MX-3.5.1-3")
@pytest.mark.parametrize(("yuan", "fen"), [("0.06", 0), ("0.07", 1)])
def test_half_a_fen_is_a_whole_one_and_less_is_none(cast, yuan, fen):
    terms(cast, mode="commission", commission_kind="ratio", commission_ratio=Decimal("0.08"))
    taken_in(cast, "1")
    assert settle(cast, yuan).commission_fen == fen


def test_a_sum_a_month_is_for_whole_months_that_are_over(cast):
    terms(cast, mode="commission", commission_kind="fixed", commission_fen=300_000)
    taken_in(cast, "20000")
    refuses("months", lambda: settle(cast, "100", from_on=date(2023, 1, 2), to_on=date(2023, 1, 31)))
    refuses("days", lambda: settle(cast, "100", from_on=date(2023, 3, 1), to_on=date(2023, 3, 31)))
    refuses("days", lambda: settle(cast, "100", from_on=date(2023, 2, 1), to_on=date(2023, 1, 31)))
    refuses("spent", lambda: settle(cast, "0"))
    early = {"from_on": date(2000, 1, 1), "to_on": date(2000, 1, 31)}
    assert "还没有登记" in refuses("terms", lambda: settle(cast, "100", **early)).message
    row = settle(cast, "100", from_on=date(2023, 1, 1), to_on=date(2023, 2, 28))
    assert row.commission_fen == 600_000


def test_a_lump_sum_has_no_commission_and_only_the_company_settles(cast):
    terms(cast)
    taken_in(cast, "200")
    assert "包干制" in refuses("lump_sum", lambda: settle(cast, "100")).message
    refuses("forbidden", lambda: settle(cast, "100", actor=cast.actor("community_station")))


@pytest.mark.clause("MX-3.5.1-3")
def test_the_company_settles_on_the_page_of_the_project_and_a_second_click_adds_nothing(cast, client, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: cast.now)
    terms(cast, mode="commission", commission_kind="ratio", commission_ratio=Decimal("0.08"))
    taken_in(cast, "108000")
    project = project_of(cast)
    client.force_login(manager(cast).user)
    home = reverse("funds:charges_project", args=[project.pk])
    where = reverse("funds:charges_act", args=["project", project.pk, "choujin"])
    assert where in client.get(home).content.decode()
    page = client.get(where).content.decode()
    assert 'value="2023-02-01"' in page and 'value="2023-02-28"' in page, "the month that is over"
    given = {
        "form_key": page.split('name="form_key" value="')[1].split('"')[0], "version": 1, "from_on": "2023-01-01",
        "to_on": "2023-01-31", "spent_fen": "100000", "text": "人员工资、保洁",
    }  # fmt: skip
    for _ in range(2):
        assert client.post(where, given).status_code == 303
    shown = client.get(home).content.decode()
    assert "酬金8,000.00元" in shown and 'value="2023-02-01"' in client.get(where).content.decode()
    assert "酬金为支出的8%" in shown and CommissionSettlement.objects.count() == 1
