"""A company's arrival and leaving, by the hands of developer, bureau, street, committee and company."""

import re
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from gongzhi.core.days import ZONE
from tests.browser.people import PHONE, Office, Person

pytestmark = pytest.mark.browser

GARDEN, NEW_YARD = "示范花园", "示范新苑"
TODAY = datetime.now(ZONE).date().isoformat()  # the platform runs by the wall clock


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("papers") / "材料.txt"
    path.write_text("材料一份。", encoding="utf-8")
    return path


def test_from_tender_to_exit(office: Office, paper: Path) -> None:
    number = the_developer_opens_a_tender(office.window("kaifa"))
    the_bureau_sees_it(office.window("zhujian"), number)
    the_developer_goes_on_with_the_inspection(office.window("kaifa", width=PHONE))
    the_committee_sees_its_contract(office.window("yeweihui"))
    exit_number = the_company_asks_to_leave(office.window("wuye"))
    the_bureau_agrees(office.window("zhujian"), exit_number)
    the_company_hands_over(office.window("wuye", width=PHONE), exit_number)
    the_street_cannot_confirm_before(office.window("jiedao"), exit_number)


def opened(person: Person, number: str) -> None:
    page = person.go("/xuanpin/")
    page.get_by_role("main").get_by_role("row").filter(has_text=number).get_by_role("link").first.click()
    expect(page.get_by_role("main")).to_contain_text("步骤")


def number_on(person: Person) -> str:
    text = person.page.locator("nav[aria-label=位置]").inner_text()
    found = re.search(r"[A-Z]{2}\d{9}", text)
    assert found, text
    return found[0]


def the_developer_opens_a_tender(developer: Person) -> str:
    page = developer.go("/xuanpin/xin/")
    row = page.get_by_role("main").get_by_role("row").filter(has_text=NEW_YARD)
    row.get_by_role("link", name="前期物业选聘", exact=True).click()
    developer.fill(
        选聘方式="公开招标",
        项目类型="住宅",
        收费方式="包干制",
        总建筑面积="89210",
        住宅建筑面积="89210",
        多层住宅建筑面积="89210",
    )
    developer.send("开始办理")
    developer.sees("下一步：发布公告（需求）")
    number = number_on(developer)
    page.get_by_role("link", name="发布公告（需求）", exact=True).click()
    developer.send("发布公告（需求）")
    developer.sees("请选发布渠道。")
    developer.fill(发布渠道="政府公共资源交易平台", 编号="JYZX-2026-1")
    developer.send("发布公告（需求）")
    developer.sees("下一步：开标")
    return number


def the_bureau_sees_it(bureau: Person, number: str) -> None:
    opened(bureau, number)
    bureau.sees("JYZX-2026-1")
    bureau.go("/xuanpin/wuren/")
    bureau.sees("没有企业服务的小区")


def the_developer_goes_on_with_the_inspection(developer: Person) -> None:
    page = developer.go("/xuanpin/?kind=takeover")
    page.get_by_role("main").get_by_role("link", name=re.compile("承接查验")).first.click()
    developer.sees("消防水泵")
    developer.sees("数量不符")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE


def the_committee_sees_its_contract(committee: Person) -> None:
    page = committee.go("/xuanpin/hetong/")
    page.get_by_role("main").get_by_role("link", name=re.compile(GARDEN)).first.click()
    committee.sees("业主大会选聘决议（示范）")
    committee.sees("楼道灯")


def the_company_asks_to_leave(company: Person) -> str:
    page = company.go("/xuanpin/xin/")
    row = page.get_by_role("main").get_by_role("row").filter(has_text=GARDEN)
    row.get_by_role("link", name="退出和交接", exact=True).click()
    leave = (date.fromisoformat(TODAY) + timedelta(days=90)).isoformat()
    company.fill(退出原因="企业申请退出", 拟退出日期=leave, 理由="经营调整")
    company.send("开始办理")
    company.sees("下一步：退出预警（申请）")
    number = number_on(company)
    page.get_by_role("link", name="退出预警（申请）", exact=True).click()
    company.fill(说明="拟按期退出")
    company.send("退出预警（申请）")
    company.sees("下一步：主管部门批准（核准）")
    return number


def the_bureau_agrees(bureau: Person, number: str) -> None:
    opened(bureau, number)
    bureau.page.get_by_role("link", name="主管部门批准（核准）", exact=True).click()
    bureau.fill(意见="同意（成立）", 说明="同意，交接办结前不得撤场")
    bureau.send("主管部门批准（核准）")
    bureau.sees("下一步：交接清单办结")


def the_company_hands_over(company: Person, number: str) -> None:
    opened(company, number)
    page = company.page
    page.get_by_role("link", name="登记清单", exact=True).click()
    company.fill(类别="资料", 名称="竣工图", 结果="合格（已签收）")
    company.send("登记清单")
    company.sees("1/1项合格")
    company.sees(re.compile("清单还缺：设备、资金、钥匙"))
    assert page.get_by_role("link", name="交接清单办结", exact=True).count() == 0


def the_street_cannot_confirm_before(street: Person, number: str) -> None:
    opened(street, number)
    assert street.page.get_by_role("link", name="退出确认", exact=True).count() == 0
