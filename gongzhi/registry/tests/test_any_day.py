"""The pages of any day: who served, governed and owned what, asked for by the day in the address."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from gongzhi.core.actors import Actor
from gongzhi.core.tests.cast import NOW
from gongzhi.governance.bodies.models import Body
from gongzhi.registry import services as registry
from gongzhi.registry.models import Project
from gongzhi.registry.services import OwnerInput

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system()


@pytest.fixture
def page(quiet_cast):
    client = Client()
    client.force_login(quiet_cast.users["street_office"])

    def read(name, pk, day=""):
        answer = client.get(reverse(f"registry:{name}", args=[pk]), {"day": day} if day else {})
        assert answer.status_code == 200
        return answer.content.decode()

    return read


def card(text, heading):
    """What stands in the card below that heading."""
    return text.split(heading, 1)[1].split("</section>", 1)[0]


@pytest.mark.clause("JY-2.2.4-2")
def test_the_file_shows_who_served_and_who_led_on_the_day_of_the_address(quiet_cast, page):
    estate = quiet_cast.estate
    project = Project.objects.get(estate=estate)
    registry.change_manager(project, name="前任甲", from_on=date(2021, 1, 1), actor=SYSTEM, now=NOW)
    registry.change_manager(project, name="后任乙", from_on=date(2022, 2, 1), actor=SYSTEM, now=NOW)
    registry.end_project(project, to_on=date(2022, 3, 31), actor=SYSTEM, now=NOW)
    new = quiet_cast.organisation("property_company@2")
    registry.begin_project(
        estate=estate, company=new, manager_name="新来丙", from_on=date(2022, 4, 1), actor=SYSTEM, now=NOW
    )

    def leader(day):
        return card(page("estate", estate.pk, day), "<dt>项目负责人</dt>").split("</dd>")[0]

    assert "前任甲" in leader("2022-01-31") and "后任乙" in leader("2022-02-01") and "后任乙" in leader("2022-03-31")
    assert "新来丙" in leader("2022-04-01") and "新来丙" in leader("")
    then = page("estate", estate.pk, "2022-03-31")
    assert new.name not in card(then, "<dt>企业</dt>").split("</dd>")[0]
    assert "2022年3月31日那一天的情况" in then and "登记事项" not in then
    assert "没有企业服务这个小区" in page("estate", estate.pk, "2010-01-01")


def test_a_body_is_shown_on_its_days_in_office_and_on_no_other(quiet_cast, page):
    estate = quiet_cast.estate
    Body.objects.create(
        kind="owners_committee", name="第一届业委会", estate=estate, place_path=estate.place_path, state="ended",
        formed_on=date(2018, 5, 1), term_until=date(2021, 4, 30), ended_on=date(2021, 5, 1), filed_on=date(2018, 6, 1),
    )  # fmt: skip
    assert "第一届业委会" not in page("estate", estate.pk)
    for day, shown in (("2018-04-30", False), ("2018-05-01", True), ("2021-04-30", True), ("2021-05-01", False)):
        assert ("第一届业委会" in page("estate", estate.pk, day)) is shown, day
    assert "没有备案" in page("estate", estate.pk, "2018-05-31") and "已备案" in page("estate", estate.pk, "2018-06-01")


def test_the_area_of_that_day_has_the_buildings_units_and_owners_of_that_day(quiet_cast, page):
    estate = quiet_cast.estate
    first, second = (estate.buildings.get(name=name) for name in ("1幢", "2幢"))
    unit, moved = (
        registry.register_unit(
            one, name="101", exclusive_area_m2=Decimal("89.50"), area_source="contract", area_from_on=date(2020, 1, 1),
            actor=SYSTEM, now=NOW,
        )
        for one in (first, second)
    )  # fmt: skip
    registry.transfer_unit(unit, owners=[OwnerInput("陈建国")], from_on=date(2020, 1, 1), actor=SYSTEM, now=NOW)
    registry.transfer_unit(unit, owners=[OwnerInput("李秀英")], from_on=date(2022, 1, 1), actor=SYSTEM, now=NOW)
    registry.correct_area(
        unit, exclusive_area_m2=Decimal("90.20"), area_source="register", from_on=date(2022, 1, 1), actor=SYSTEM,
        now=NOW,
    )  # fmt: skip
    registry.split_estate(estate, buildings=[second], name="梧桐二期", from_on=date(2022, 4, 1), actor=SYSTEM, now=NOW)
    before, after = page("units", estate.pk, "2021-12-31"), page("units", estate.pk)
    assert "陈**" in before and "李**" not in before and "89.50㎡" in before and "2幢101" in before
    assert "李**" in after and "90.20㎡" in after and "2幢101" not in after
    assert "179.00" in page("estate", estate.pk, "2021-12-31") and "90.20" in page("estate", estate.pk)
    one = page("unit", unit.pk, "2021-12-31")
    assert "2021年12月31日的业主" in one and "89.50㎡（买卖合同）" in one
    assert "那天没有登记" in page("units", estate.pk, "2019-12-31")
    assert moved.building.estate_id == estate.pk


def test_the_file_of_an_earlier_day_shows_the_type_and_the_figures_of_that_day(quiet_cast, page):
    estate = quiet_cast.estate
    was = {"estate_type": "commercial", "households": 800}
    registry.change_estate(estate, changes=was, actor=SYSTEM, now=NOW)
    later = NOW.replace(day=20)
    now = {"estate_type": "resettlement", "households": None, "address": "新路1号"}
    registry.change_estate(estate, changes=now, actor=SYSTEM, now=later)
    before, after = page("estate", estate.pk, "2022-05-19"), page("estate", estate.pk, "2022-05-20")
    assert "<b>800</b>户" in before and "新路1号" not in before and "商品房小区" in before
    assert "<b>800</b>户" not in after and "新路1号" in after and "安置小区" in after


def test_what_is_no_day_is_today(quiet_cast, page):
    assert "那一天的情况" not in page("estate", quiet_cast.estate.pk, "昨天")
