"""The page of a judgement: its case, and the contract that it rests on."""

from datetime import date
from html import unescape

import pytest
from django.urls import reverse

from gongzhi.funds.maintenance import services as fund
from gongzhi.funds.maintenance.tests.test_repairs import judged, reported
from gongzhi.funds.public_money.tests.money import city, known


@pytest.fixture
def cast(db):
    made = city("jiujiang", "2023-12-31")
    made.estate.estate_type = "resettlement"
    made.estate.save()
    return made


@pytest.mark.clause("JJ-A9-2.3-1")
def test_the_page_of_a_judgement_leads_to_its_case_and_names_the_contract(cast, sign_in):
    case = reported(cast, "水泵房漏水")
    agreed = fund.Agreed("property_company", "物业服务合同第九条")
    row = judged(cast, "water", case=case.number, agreed_otherwise=True, agreed=agreed)
    other = judged(cast, "water", case="没有这个编号")
    street = sign_in("street_office")
    page = street.get(reverse("funds:repair_report", args=[row.pk])).content.decode()
    assert f"/anjian/{case.number}/" in page and "合同约定：物业服务合同第九条" in page
    assert "费用由物业服务企业承担" in page
    assert street.get(reverse("funds:repair_report", args=[other.pk])).status_code == 200


@pytest.mark.clause("JJ-A9-2.1-3")
def test_what_the_fund_repairs_leads_to_a_form_that_knows_the_part_and_the_case(cast, sign_in):
    known(cast, cast.estate, delivered_on=date(2010, 1, 1))
    case = reported(cast, "屋面漏水")
    row = judged(cast, "roof", case=case.number, has_fund=True, fund_fits=True)
    street = sign_in("street_office")
    page = unescape(street.get(reverse("funds:repair_report", args=[row.pk])).content.decode())
    assert "屋面：申请使用维修资金维修" in page
    form = page.split(f'href="{reverse("funds:propose", args=[cast.estate.pk])}')[1].split('"')[0]
    filled = street.get(reverse("funds:propose", args=[cast.estate.pk]) + form).content.decode()
    assert 'value="屋面"' in filled and f'value="{case.number}"' in filled
