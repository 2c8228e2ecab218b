"""Units of the administration set up, replaced and given up, and an estate that comes to another street's community."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import PHONE, Office, Person

pytestmark = pytest.mark.browser

RENAMED = {True: ("区数据资源管理局", "区数据局"), False: ("区国资办", "区国资委")}
ENDED, HEIR = "区教育局", "区民政局"
ESTATE, STREET = "示范城南里", "清水街道"


def unit_page(person: Person, name: str) -> Page:
    page = person.go("/xiaoqu/danwei/")
    person.fill(名称=name)
    person.send("筛选")
    page.get_by_role("main").get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    return page


def estate_page(person: Person) -> Page:
    page = person.go("/xiaoqu/")
    person.fill(名称=ESTATE)
    person.send("筛选")
    page.get_by_role("main").get_by_role("link", name=ESTATE, exact=True).click()
    return page


@pytest.mark.parametrize("script", [True, False], ids=["with a script", "without one"])
def test_a_department_gets_another_name_and_everything_goes_on_there(office: Office, script: bool) -> None:
    old, new = RENAMED[script]
    lead = office.window("lingdaoxiaozu", script=script)
    page = lead.go("/xiaoqu/danwei/")
    page.get_by_role("main").get_by_role("link", name="登记单位").click()
    lead.send("登记单位")
    expect(page.get_by_role("alert").first).to_be_visible()  # nothing filled in
    options = page.get_by_label("是哪一类单位").locator("option").all_inner_texts()
    assert old in options
    lead.fill(是哪一类单位=old, 单位名称=new, 办公电话="0553-7654321")
    county = next(one for one in page.get_by_label("设在哪里").locator("option").all_inner_texts() if "鸠江区" in one)
    lead.fill(设在哪里=county)
    lead.send("登记单位")
    lead.sees(re.compile("接替哪个单位"))  # there is one already: refused, and told what to do
    expect(page.get_by_label("单位名称")).to_have_value(new)
    lead.fill(接替哪个单位=old)
    lead.send("登记单位")
    lead.sees("已登记")
    unit_page(lead, new)
    page = lead.go("/xiaoqu/danwei/")
    lead.fill(名称=old)
    lead.send("筛选")
    expect(page.get_by_role("main").get_by_role("link", name=old, exact=True)).to_have_count(0)


def test_a_unit_that_is_given_up_shows_what_it_has_in_hand_and_hands_it_on(office: Office) -> None:
    lead = office.window("lingdaoxiaozu")
    page = unit_page(lead, ENDED)
    page.get_by_role("main").get_by_role("link", name=re.compile("撤销")).click()
    expect(page.get_by_role("heading", name="要移交的")).to_be_visible()
    heir = next(one for one in page.get_by_label("由哪个单位接手").locator("option").all_inner_texts() if HEIR in one)
    lead.fill(由哪个单位接手=heir)
    lead.send("登记撤销")
    lead.sees("已登记撤销")
    expect(page.get_by_role("main").get_by_role("link", name="撤销", exact=True)).to_have_count(0)


def test_an_estate_comes_to_another_street_and_both_read_their_part(office: Office) -> None:
    before = office.window("jiedao")
    estate_page(before)
    address = before.page.url
    lead = office.window("lingdaoxiaozu")
    page = estate_page(lead)
    page.get_by_role("link", name="划转社区").click()
    lead.send("划转社区")
    expect(page.get_by_role("alert").first).to_be_visible()
    options = page.get_by_label("划到哪个社区（村）").locator("option").all_inner_texts()
    there = next(one for one in options if one.startswith(STREET))
    lead.fill(**{"划到哪个社区（村）": there, "依据": "区民政局〔2026〕8号"})
    lead.send("划转社区")
    lead.sees("已划转")
    lead.sees(there.split("\u3000")[-1])
    after = office.window("qingshui", width=PHONE)
    estate_page(after)
    after.sees(re.compile("划到"))
    assert after.page.evaluate("document.documentElement.scrollWidth") <= PHONE
    page = before.go(address)
    before.sees(re.compile("已划出"))
    expect(page.get_by_role("main").get_by_role("link", name="改档案")).to_have_count(0)
