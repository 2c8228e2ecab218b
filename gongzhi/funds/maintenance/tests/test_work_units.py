"""Repairs in an estate of a work unit: its unit's while the estate's file names one, then the street's."""

from datetime import date

import pytest
from django.urls import reverse

from gongzhi.funds.maintenance.queries import repairs
from gongzhi.funds.maintenance.tests.test_repairs import judged, whose
from gongzhi.funds.public_money.tests.money import city, known
from gongzhi.registry.services.estates import set_management


@pytest.fixture
def cast(db):
    return city("jiujiang", "2023-12-31")


@pytest.mark.clause("JJ-A9-2.6-1", "JJ-A9-2.6-2")
def test_an_estate_of_a_work_unit_is_its_units_while_there_is_one(cast):
    known(cast, cast.estate, delivered_on=date(2000, 1, 1))
    cast.estate.estate_type, cast.estate.estate_subtype = "old", "work_unit"
    cast.estate.save()
    assert whose(cast, "stairs", managing_unit=True)[0] == "managing_unit"
    assert whose(cast, "stairs", managing_unit=False)[0] == "street_office"
    bureau = {"from_on": date(2001, 1, 1), "actor": cast.actor("housing"), "now": cast.now}
    set_management(cast.estate, mode="professional", body="某厂物管处", contact="张某", **bureau)
    assert whose(cast, "stairs", managing_unit=False)[0] == "managing_unit", "it stands in the estate's file"
    row = judged(cast, "stairs")
    assert row.who == "managing_unit" and not repairs.left_alone([row], cast.now.date())
    set_management(cast.estate, mode="residents", **{**bureau, "from_on": cast.now.date()})
    assert whose(cast, "stairs")[0] == "street_office"
    assert repairs.left_alone([row], cast.now.date()) == {row.pk}


@pytest.mark.clause("JJ-A9-2.6-2")
def test_a_repair_whose_unit_is_gone_is_to_be_handed_on_and_its_page_leads_there(cast, sign_in):
    known(cast, cast.estate, delivered_on=date(2000, 1, 1))
    cast.estate.estate_type, cast.estate.estate_subtype = "old", "work_unit"
    cast.estate.save()
    row = judged(cast, "stairs", managing_unit=True)
    street = sign_in("street_office")
    page = street.get(reverse("funds:repair_report", args=[row.pk])).content.decode()
    assert "这件报修没有人办" in page and f"estate={cast.estate.pk}&amp;part=stairs" in page
    assert "没有物管单位了，请转派" in street.get(reverse("funds:repair_reports")).content.decode()
