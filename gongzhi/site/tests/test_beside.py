"""What other parts lay beside a case: the registered prices beside a complaint about charges."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from gongzhi.cases.tests.pages import Browse, browse
from gongzhi.cases.tests.steps import assigned, at
from gongzhi.core.tests.cast import Cast
from gongzhi.funds.charges.models import Tariff
from gongzhi.funds.charges.tests.charged import bill, pay
from gongzhi.funds.maintenance.tests.fund import units
from gongzhi.registry.models import Project

__all__ = ["browse"]
NOW = at(5, 20)
pytestmark = pytest.mark.django_db


@pytest.mark.clause("JJ-A3-2.4-2")
def test_market_regulation_finds_the_registered_prices_beside_a_complaint_about_charges(
    cast: Cast, browse: Browse
) -> None:
    project = Project.objects.get(estate=cast.estate)
    Tariff.objects.create(
        project=project, fee="service", title="物业公共服务费", price_kind="market", basis="area",
        price=Decimal("1.85"), every=1, state="in_force", from_on=project.from_on, place_path=project.place_path,
    )  # fmt: skip
    case = assigned(cast, "price_violation")
    assert case.lead == cast.organisation("market_regulation")
    client = browse("market_regulation", NOW)
    page = client.get(f"/anjian/{case.number}/").content.decode()
    assert "已登记的收费标准" in page and "1.85元/㎡·月" in page
    other = assigned(cast, "fire_lane")
    page = browse("fire_rescue", NOW).get(f"/anjian/{other.number}/").content.decode()
    assert "已登记的收费标准" not in page


@pytest.mark.clause("MX-3.5.2-7", "ZJG-6.3.3b")
def test_who_registers_a_transfer_is_told_what_is_not_settled_and_is_not_stopped(cast: Cast, browse: Browse) -> None:
    (unit,) = units(cast, "100")
    clerk = browse("housing", NOW)
    pages = [reverse("registry:unit", args=[unit.pk]), reverse("registry:transfer", args=[unit.pk])]
    for page in pages:
        assert "未结清" not in clerk.get(page).content.decode()
    owed = bill(cast, unit, "1500", due=NOW.date() + timedelta(days=60))
    for page in pages:
        shown = clerk.get(page).content.decode()
        assert "物业费未结清：还有1,500.00元" in shown and "不影响登记" in shown
    key = shown.split('name="form_key" value="')[1].split('"')[0]
    version = shown.split('name="version" value="')[1].split('"')[0]
    given = {
        "form_key": key, "version": version, "from_on": NOW.date().isoformat(), "owners": "陈某 13800000000 -",
    }  # fmt: skip
    assert clerk.post(pages[1], given).status_code == 303  # noqa: PLR2004 - HTTP
    pay(cast, [owed], "1500")
    assert "未结清" not in clerk.get(pages[0]).content.decode()
