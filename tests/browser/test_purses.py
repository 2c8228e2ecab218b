"""Everybody walks the pages of money: each sees what is his, no link leads nowhere, the auditor checks the seals."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import PHONE, Office, fits

pytestmark = pytest.mark.browser

ESTATE = "示范花园"
FORBIDDEN = 400


def no_link_is_dead(page: Page) -> None:
    """Every page of money that this one links to opens for the same person."""
    found = page.get_by_role("main").locator("a[href^='/zijin/']").evaluate_all("all => all.map(one => one.href)")
    for address in sorted({urlsplit(one).path for one in found}):
        answer = page.request.get(address)
        assert answer.status < FORBIDDEN, f"{page.url} > {address}: {answer.status}"


def estate_of(page: Page) -> Page:
    page.get_by_role("main").get_by_role("link", name=ESTATE, exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(ESTATE)
    return page


def test_an_owner_reads_where_the_money_of_his_home_came_from(office: Office) -> None:
    owner = office.window("yezhu", width=PHONE)
    page = owner.go("/")
    page.get_by_role("link", name="我的分户账").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("我的分户账")
    owner.sees("您名下")
    owner.sees(re.compile("按面积分摊"))
    fits(page)
    page.get_by_role("link", name="整个小区的维修资金和公共收益").click()
    owner.sees("维修资金用在哪里")
    fits(page)
    no_link_is_dead(page)


def test_a_period_is_closed_and_the_auditor_checks_its_receipt(office: Office) -> None:
    street, auditor = office.window("jiedao"), office.window("shenji")
    page = estate_of(street.go("/zijin/"))
    page.get_by_role("link", name="公共收益对账单").click()
    street.sees("试算平衡")
    page.get_by_role("main").get_by_role("link", name="结账", exact=True).click()
    street.send("结账")
    street.sees("结账至")
    seen = estate_of(auditor.go("/zijin/"))
    seen.get_by_role("link", name="公共收益对账单").click()
    auditor.sees("平")
    expect(seen.get_by_role("main").get_by_role("link", name="结账", exact=True)).to_have_count(0)
    receipt = seen.get_by_role("link", name="下载回执").first.get_attribute("href")
    assert receipt is not None and "promise" in seen.request.get(receipt).text()
    no_link_is_dead(seen)


@pytest.mark.parametrize("username", ["zhujian", "shequ", "yeweihui", "wuye", "shenji"])
def test_no_page_of_money_offers_what_is_not_allowed(office: Office, username: str) -> None:
    person = office.window(username)
    page = person.go("/zijin/")
    no_link_is_dead(page)
    estate_of(page)
    no_link_is_dead(page)
    page.get_by_role("link", name="公共收益", exact=True).first.click()
    no_link_is_dead(page)
    page.set_viewport_size({"width": PHONE, "height": 844})
    fits(page)


def test_a_committee_tells_the_owners_of_the_accounts(office: Office) -> None:
    committee, owner = office.window("yeweihui"), office.window("yezhu", width=PHONE)
    page = estate_of(committee.go("/zijin/"))
    page.get_by_role("link", name="公共收益", exact=True).first.click()
    page.get_by_role("region", name="公示").get_by_role("link").last.click()
    page.get_by_role("link", name="向业主公告").click()
    committee.fill(内容="本期收支已公布，欢迎监督。", 公示到哪一天="2099-12-31")
    committee.send("发布公告")
    committee.sees("公示中")
    committee.sees("所依的记录")
    owner.go("/zuzhi/wode/")
    owner.page.get_by_role("main").get_by_role("region", name="公告").get_by_role("link").first.click()
    owner.sees("本期收支已公布，欢迎监督。")
    fits(owner.page)
