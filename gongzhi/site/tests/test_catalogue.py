"""职责目录: by unit, with clause, clock and form; the same as Excel."""

from datetime import date
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from gongzhi.cases.codes import DUTY_PAGES
from gongzhi.core import packs
from gongzhi.site.policy.catalogue import CLOCKED, DIVIDED, PAGES, ROUTED, catalogue

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 2)


def of_unit(slug, role, section):
    entries = catalogue(packs.named_pack(slug), on=TODAY)
    return [one for one in entries if (one.role, one.section) == (role, section)]


@pytest.mark.clause("ZJG-2.1", "ZJG-2.2", "ZJG-2.1.7a")
def test_the_units_of_zhangjiagang_have_the_duties_that_the_document_counts():
    street = of_unit("zhangjiagang", "street_office", DIVIDED)
    parts = [one.part for one in street]
    assert (parts.count("职责"), parts.count("协调")) == (6, 3)
    assert len(of_unit("zhangjiagang", "housing", DIVIDED)) == 7
    community = of_unit("zhangjiagang", "community_committee", DIVIDED)
    assert "维修资金使用鉴证" in [one.title for one in community] and len(community) == 6


@pytest.mark.clause("MX-3.1.2-1", "MX-3.1.3-1", "MX-3.2.1-1")
def test_the_three_levels_of_meixian_have_twelve_nine_and_nineteen():
    assert len(of_unit("meixian", "street_office", DIVIDED)) >= 12
    assert [one.title for one in of_unit("meixian", "community_station", DIVIDED)][:2] == [
        "议事协调机制", "环境和物业管理委员会",
    ]  # fmt: skip
    assert len(of_unit("meixian", "community_station", DIVIDED)) == 9
    assert len(of_unit("meixian", "housing", DIVIDED)) == 19


@pytest.mark.clause("JH-2.2d", "JH-2.2f", "JH-2.2g", "JH-3.1.2c", "JH-3.1.2h")
@pytest.mark.parametrize(
    ("role", "count"),
    [
        ("street_government", 5),
        ("street_office", 10),
        ("community_committee", 3),
        ("community_station", 3),
        ("housing", 4),
    ],
)
def test_each_unit_of_jinhua_has_its_own_list(role, count):
    assert len(of_unit("jinhua", role, DIVIDED)) == count


@pytest.mark.clause("MX-3.1.1-2", "ZJG-2.3.1a", "ZJG-2.3.5a")
def test_the_lists_of_an_office_of_planning_and_of_civil_affairs():
    assert len(of_unit("meixian", "leading_group_office", DIVIDED)) == 6
    assert len(of_unit("zhangjiagang", "planning", DIVIDED)) == 4
    assert len(of_unit("zhangjiagang", "civil_affairs", DIVIDED)) == 5


@pytest.mark.clause("JH-3.1.2c", "MX-3.1.2-1", "MX-3.1.3-1")
def test_a_listed_duty_leads_to_the_page_where_it_is_done(visitor: Client):
    street = {one.title: one.form for one in of_unit("jinhua", "street_office", DIVIDED)}
    assert street["调处矛盾纠纷"] == "/tiaojie/" and street["日常检查"] == "/anjian/jiancha/"
    town = {one.title: one.form for one in of_unit("meixian", "street_office", DIVIDED)}
    assert len({one for one in town.values()}) >= 6
    for page in PAGES.values():
        assert reverse(page).startswith("/")
    assert set(PAGES) == set(DUTY_PAGES)


def test_every_duty_rule_of_every_document_stands_there_with_clause_clock_and_form():
    for slug in ("zhangjiagang", "jinhua", "jiangyin", "jiujiang", "meixian"):
        pack = packs.named_pack(slug)
        entries = [one for one in catalogue(pack, on=TODAY) if one.section == CLOCKED]
        assert {name for one in entries for name in one.rules} == set(pack.duty_rules)
        assert all(pack.role_name(one.role) != one.role for one in entries if one.role), "a unit has a name"
        for one in entries:
            assert one.clauses and one.clock and one.form.startswith("/") and one.at, (slug, one.title)
            assert "{" not in one.clock and "_" not in one.clock + one.begins, (slug, one)
        assert any(one.section == ROUTED for one in catalogue(pack, on=TODAY))


def test_the_answer_to_a_complaint_is_owed_in_fifteen_days_and_given_at_the_case(visitor: Client):
    (answer,) = [one for one in catalogue(packs.named_pack("jiujiang"), on=TODAY) if one.rules == ("answer_complaint",)]
    assert "JJ-5.3-2" in answer.clauses and answer.form == "/anjian/"
    page = visitor.get("/tiaokuan/jiujiang/zhize/", {"section": CLOCKED}).content.decode()
    assert "职责目录" in page and "从什么算起" in page


def test_the_file_holds_what_the_filter_shows_and_says_so(visitor: Client):
    asked = {"unit": "street_office", "section": DIVIDED}
    page = visitor.get("/tiaokuan/zhangjiagang/zhize/", asked).content.decode()
    assert page.count("协调") >= 3
    file = visitor.get("/tiaokuan/zhangjiagang/zhize/daochu/", asked)
    book = CalamineWorkbook.from_filelike(BytesIO(file.content))
    assert len(book.get_sheet_by_index(0).to_python()) == 1 + 9
    note = dict(row[:2] for row in book.get_sheet_by_name("导出说明").to_python())
    assert note["行数"] == "9行" and "类别" in note


def test_whoever_signs_in_is_led_to_the_duties_of_the_own_unit(visitor: Client):
    assert visitor.get("/zhize/").status_code == 302
    assert visitor.get("/tiaokuan/nowhere/zhize/").status_code == 404
