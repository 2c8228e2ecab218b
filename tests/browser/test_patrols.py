"""A round on the phone without a network, sent once when it is back; its finding put right and looked at again."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from gongzhi.site.demo.patrols import DOT
from tests.browser.people import DESKTOP, PHONE, Office, Person, fits

pytestmark = pytest.mark.browser

ESTATE = "示范花园"
WAITING = re.compile(r"手机上存着1份没有发送的")
LOCATION = "3幢配电间"
DRAFT_MS = 1000
KEPT = """(async () => {
  const wanted = [location.href, document.querySelector("script[src*='patrol']").src];
  for (let tries = 0; tries < 300; tries++) {
    const cache = await caches.open("patrol-pages");
    const found = await Promise.all(wanted.map((one) => cache.match(one, {ignoreVary: true})));
    if (found.every(Boolean)) return true;
    await new Promise((go) => setTimeout(go, 100));
  }
  return false;
})()"""


def test_a_round_without_a_network_and_its_finding_to_the_end(office: Office, tmp_path: Path) -> None:
    photo = tmp_path / "现场.png"
    photo.write_bytes(DOT)
    manager = office.window("wuye", width=PHONE)
    form = the_manager_opens_the_sheet(manager)
    the_network_goes_and_the_sheet_is_kept(manager, form, photo)
    finding = the_network_comes_back_and_it_is_one_round(manager)
    the_company_puts_it_right(manager, finding, photo)
    the_community_sends_it_back_and_then_strikes_it_off(office.window("shequ", width=DESKTOP), manager, finding, photo)


def test_a_department_follows_what_it_found(office: Office, tmp_path: Path) -> None:
    photo = tmp_path / "现场.png"
    photo.write_bytes(DOT)
    department = office.window("xiaofang")
    page = department.go("/xuncha/xuan/")
    page.get_by_role("main").get_by_role("link", name=ESTATE).first.click()
    page.get_by_role("link", name="部门巡查表").click()
    department.fill(巡查类别="不定期", 巡查内容和发现="夜间抽查", 现场照片=str(photo))
    page.get_by_role("group", name="职责范围内的违法违规问题").get_by_label("有", exact=True).check()
    department.fill_one("职责范围内的违法违规问题：说明", "安全出口上锁")
    department.fill_one("具体位置（楼栋、点位）", "2幢一层")
    department.send("提交巡查")
    department.sees("安全出口上锁")
    page.get_by_role("main").get_by_role("link", name="职责范围内的违法违规问题").click()
    finding = page.url
    manager = office.window("wuye", width=PHONE)
    the_company_puts_it_right(manager, finding, photo)
    department.go(finding)
    page.get_by_role("main").get_by_role("link", name="复查", exact=True).click()
    department.fill(复查结果="通过，销号", 复查情况="已开锁")
    department.send("复查")
    department.sees("已销号")


def test_a_street_checks_an_estate_on_a_phone_to_the_end_and_a_round_sent_twice_is_void(
    office: Office, tmp_path: Path
) -> None:
    photo = tmp_path / "现场.png"
    photo.write_bytes(DOT)
    street = office.window("jh-jiedao", width=PHONE)
    checked = street_check(street, fire="灭火器过期")
    page = street.page
    page.get_by_role("main").get_by_role("link", name="消防安全隐患").click()
    finding = page.url
    the_company_puts_it_right(office.window("jh-wuye", width=PHONE), finding, photo)
    street.go(finding)
    page.get_by_role("main").get_by_role("link", name="复查", exact=True).click()
    street.fill(复查结果="通过，销号", 复查情况="已更换")
    street.send("复查")
    street.sees("已销号")
    page.goto("/xuncha/tongji/")
    before = rounds_told(page)
    twice = street_check(street)
    page.goto("/xuncha/tongji/")
    assert rounds_told(page) == before + 1
    page.goto(twice)
    page.get_by_role("link", name="作废", exact=True).click()
    street.send("作废")
    street.sees("理由")
    street.fill(理由="发了两次")
    street.send("作废")
    street.sees("作废：发了两次")
    fits(page)
    page.goto("/xuncha/tongji/")
    assert rounds_told(page) == before
    page.goto(checked)
    expect(page.get_by_role("link", name="作废", exact=True)).to_be_visible()


def street_check(street: Person, fire: str = "") -> str:
    page = street.go("/xuncha/xuan/")
    page.get_by_role("main").get_by_role("link", name="示范江滨里").first.click()
    page.get_by_role("link", name="镇街日常检查表").click()
    fits(page)
    street.fill(项目人员在岗="是")
    for name in ("环境卫生问题", "设施设备问题", "秩序维护问题", "消防安全隐患"):
        answer = "有" if fire and name.startswith("消防") else "无"
        page.get_by_role("group", name=name).get_by_label(answer, exact=True).check()
    if fire:
        street.fill_one("消防安全隐患：说明", fire)
    street.send("提交巡查")
    street.sees(fire or "没有发现问题。")
    return page.url


def rounds_told(page: Page) -> int:
    row = page.get_by_role("region", name="按单位").get_by_role("row").filter(has_text="街道物管办")
    return int(row.get_by_role("cell").first.inner_text().removesuffix("次"))


@pytest.mark.clause("MX-3.2.1-12")
def test_a_joint_check_wants_its_partner_and_both_conclusions_and_each_problem_is_a_slip(office: Office) -> None:
    bureau = office.window("mx-zhujian")
    page = bureau.go("/xuncha/xuan/")
    page.get_by_role("main").get_by_role("link", name="示范东关小区").first.click()
    page.get_by_role("link", name="联合检查表").click()
    bureau.fill(经营活动的结论="收费公示齐全")
    for number, words in enumerate(("东门地砖松动", "消防通道堆物", "监控缺失两处")):
        page.get_by_text(f"问题{number + 1}", exact=True).click()
        page.locator(f"#id_found_{number}_kind").select_option(label="其他")
        page.locator(f"#id_found_{number}_text").fill(words)
        page.locator(f"#id_found_{number}_location").fill("东区")
    bureau.send("提交巡查")
    bureau.sees("请填参与社区工作情况的结论")
    expect(page.get_by_role("button", name="提交巡查")).to_be_visible()
    assert page.locator("#id_found_2_text").input_value() == "监控缺失两处"
    bureau.fill(参与社区工作情况的结论="按时参加联席会")
    bureau.send("提交巡查")
    bureau.sees("联合检查至少选一个会同部门")
    joint = page.locator("details", has_text="联合巡查的单位")
    if not joint.get_by_label(re.compile("消防")).first.is_visible():
        joint.locator("summary").click()
    joint.get_by_label(re.compile("消防")).first.check()
    bureau.send("提交巡查")
    found = page.get_by_role("region", name="发现的问题").get_by_role("listitem")
    expect(found).to_have_count(3)
    expect(found.filter(has_text="整改中")).to_have_count(3)


def test_the_sheet_is_sent_without_script_too(office: Office) -> None:
    manager = office.window("wuye-xinyuan", width=PHONE, script=False)
    page = manager.go("/xuncha/xuan/")
    page.get_by_role("main").get_by_role("link", name="示范新苑").first.click()
    page.get_by_role("link", name="物业日常巡查表").click()
    all_is_well(page)
    manager.send("提交巡查")
    manager.sees("没有发现问题。")


def all_is_well(page: Page) -> None:
    for name in ("环境卫生问题", "共用部位、设施设备问题", "秩序、停车问题", "消防安全隐患"):
        page.get_by_role("group", name=name).get_by_label("无", exact=True).check()


def the_manager_opens_the_sheet(manager: Person) -> str:
    page = manager.go("/xuncha/")
    manager.sees("物业企业日常巡查")
    page.get_by_role("link", name="去巡查").click()
    page.get_by_role("main").get_by_role("link", name=ESTATE).first.click()
    fits(page)
    page.get_by_role("link", name="物业日常巡查表").click()
    fits(page)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    assert page.evaluate(KEPT), "the sheet and its script are on the phone"
    return page.url


def the_network_goes_and_the_sheet_is_kept(manager: Person, form: str, photo: Path) -> None:
    page = manager.page
    page.context.set_offline(True)
    page.goto(form)
    all_is_well(page)
    page.get_by_text("问题1", exact=True).click()
    page.locator("#id_found_0_kind").select_option(label="消防安全")
    page.locator("#id_found_0_text").fill("配电间堆放纸箱")
    page.locator("#id_found_0_location").fill(LOCATION)
    page.locator("#id_found_0_in_contract").select_option(label="是")
    page.locator("#id_found_0_photos").set_input_files(str(photo))
    page.wait_for_timeout(DRAFT_MS)
    page.reload()
    manager.sees("上次没有填完的还在")
    expect(page.locator("#id_found_0_location")).to_have_value(LOCATION)
    assert page.locator("#id_found_0_photos").evaluate("(one) => one.files.length") == 1
    manager.send("提交巡查")
    manager.sees(WAITING)
    page.goto(form)
    expect(page.get_by_text("上次没有填完的还在")).to_have_count(0)
    manager.sees(WAITING)


def the_network_comes_back_and_it_is_one_round(manager: Person) -> str:
    page = manager.page
    page.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online')); window.dispatchEvent(new Event('online'))")
    expect(page.locator("#gz-waiting")).to_be_hidden()
    page.goto("/xuncha/wenti/?view=open")
    found = page.get_by_role("main").get_by_role("row").filter(has_text="消防安全").filter(has_text=LOCATION)
    expect(found).to_have_count(1)
    found.get_by_role("link").first.click()
    manager.sees("配电间堆放纸箱")
    fits(page)
    finding = page.url
    page.get_by_role("main").get_by_role("link", name=re.compile("^XC-")).click()
    manager.sees("离线填写")
    return finding


def the_company_puts_it_right(manager: Person, finding: str, photo: Path) -> None:
    page = manager.go(finding)
    page.get_by_role("main").get_by_role("link", name="报送整改", exact=True).click()
    manager.fill(整改情况="已清空并上锁")
    manager.send("报送整改")
    manager.sees("整改要上传整改后的照片")
    page.get_by_label(re.compile("整改后的照片")).set_input_files(str(photo))
    manager.send("报送整改")
    manager.sees("待复查")


def the_community_sends_it_back_and_then_strikes_it_off(
    community: Person, manager: Person, finding: str, photo: Path
) -> None:
    page = community.go(finding)
    page.get_by_role("main").get_by_role("link", name="复查", exact=True).click()
    community.fill(复查结果="没有通过，重新整改", 复查情况="还有两箱")
    community.send("复查")
    community.sees("整改中")
    the_company_puts_it_right(manager, finding, photo)
    community.go(finding)
    page.get_by_role("main").get_by_role("link", name="复查", exact=True).click()
    community.fill(复查结果="通过，销号", 复查情况="已清空")
    community.send("复查")
    community.sees("已销号")


def test_a_town_gives_notice_hands_on_and_puts_its_round_right_and_the_bureau_reads_the_figures(office: Office) -> None:
    town = office.window("jiedao", width=PHONE)
    round_ = the_town_walks(town)
    page = town.page
    page.get_by_role("main").get_by_role("link", name="环境卫生问题", exact=True).click()
    the_town_does(town, "出具整改通知书")
    town.sees(re.compile("整改通〔"))
    town.go(round_)
    page.get_by_role("main").get_by_role("link", name="消防安全隐患", exact=True).click()
    the_town_does(town, "转为案件", 案件的事项="占用消防通道")
    town.sees("已转案件")
    page.get_by_role("main").get_by_role("link", name=re.compile("^JJ-")).click()
    fits(page)
    town.go(round_)
    page.get_by_role("main").get_by_role("link", name="更正", exact=True).click()
    fits(page)
    page.get_by_role("group", name="环境卫生问题").get_by_label("无", exact=True).check()
    town.send("更正巡查记录")
    town.sees("请填更正的理由")
    town.fill(更正的理由="记错了小区")
    town.send("更正巡查记录")
    town.sees("环境卫生问题：有 → 无")
    town.sees("已更正")
    bureau = office.window("zhujian", width=DESKTOP)
    bureau.go("/xuncha/tongji/")
    bureau.sees("巡查次数按巡查表和级别")
    bureau.go("/xuncha/?view=before")
    bureau.sees(re.compile("达标率|达标"))


def the_town_walks(town: Person) -> str:
    page = town.go("/xuncha/xuan/")
    page.get_by_role("main").get_by_role("link", name=ESTATE).first.click()
    page.get_by_role("link", name="社区、镇街巡查表").click()
    town.fill(物业人员在岗="是")
    for name, there in (("环境卫生问题", "有"), ("违法搭建", "无"), ("秩序、停车问题", "无"), ("消防安全隐患", "有")):
        page.get_by_role("group", name=name).get_by_label(there, exact=True).check()
    for name, words in (("环境卫生问题", "垃圾未清"), ("消防安全隐患", "车占消防通道")):
        town.fill_one(f"{name}：说明", words)
    town.fill_one("具体位置（楼栋、点位）", "5幢北侧")
    town.send("提交巡查")
    town.sees("车占消防通道")
    return page.url


def the_town_does(town: Person, title: str, **fields: object) -> None:
    town.page.get_by_role("main").get_by_role("link", name=title, exact=True).click()
    expect(town.page.get_by_role("heading", level=1)).to_have_text(title)
    town.fill(**fields)
    town.send(title)
