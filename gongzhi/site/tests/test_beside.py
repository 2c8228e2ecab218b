"""What other parts lay beside a case: the registered prices beside a complaint about charges."""

from decimal import Decimal

import pytest

from gongzhi.cases.tests.pages import Browse, browse
from gongzhi.cases.tests.steps import assigned, at
from gongzhi.core.tests.cast import Cast
from gongzhi.funds.charges.models import Tariff
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
