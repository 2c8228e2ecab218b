"""A dispute from the owner's application to the archive, by the hands of owner, company, mediation room and bureau."""

import re
from datetime import datetime

import pytest
from playwright.sync_api import expect

from gongzhi.core.days import ZONE
from tests.browser.people import PHONE, Office, Person

pytestmark = pytest.mark.browser

NUMBER = re.compile(r"TJ-\d{4}-\d{5}")
SAID = "电梯停了两个月，物业费应当减免。"
TERMS = "物业企业减免两个月物业费，业主月底前补缴其余部分。"


def test_from_the_application_to_the_archive(office: Office) -> None:
    file = the_owner_applies(office.window("yezhu", width=PHONE))
    the_room_cannot_take_it_yet(office.window("tiaojieshi"), file)
    the_company_agrees_to_mediation(office.window("wuye"), file)
    the_room_mediates(office.window("tiaojieshi"), file)
    the_owner_signs(office.window("yezhu", width=PHONE), file)
    the_room_visits_and_archives(office.window("tiaojieshi"), file)
    the_bureau_counts_it_and_reads_nothing(office.window("sifa"), file)


def does(person: Person, file: str, title: str, **fields: object) -> None:
    person.go(file)
    person.page.get_by_role("main").get_by_role("link", name=title, exact=True).click()
    expect(person.page.get_by_role("heading", level=1)).to_have_text(title)
    person.fill(**fields)
    person.send(title)


def the_owner_applies(owner: Person) -> str:
    page = owner.go("/tiaojie/shenqing/")
    page.get_by_role("main").get_by_role("link", name="示范花园").first.click()
    page.get_by_label("纠纷类别").select_option(value="service_charge_dispute")
    assert page.get_by_label("有群体上访苗头").count() == 0
    owner.send("提交申请")
    owner.sees("请填纠纷情况和请求")
    owner.fill(纠纷情况和请求=SAID)
    owner.send("提交申请")
    owner.sees(NUMBER)
    owner.sees("待受理")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
    return page.url


def the_room_cannot_take_it_yet(room: Person, file: str) -> None:
    does(room, file, "受理")
    room.sees(re.compile("先征得同意再受理"))


def the_company_agrees_to_mediation(company: Person, file: str) -> None:
    does(company, file, "表示是否同意调解", 是否同意调解="同意")
    company.sees(SAID)
    assert company.page.get_by_role("link", name="表示是否同意调解", exact=True).count() == 0


def the_room_mediates(room: Person, file: str) -> None:
    does(room, file, "受理")
    room.sees("调解中")
    held = f"{datetime.now(ZONE):%Y-%m-%dT%H:%M}"  # noqa: TID251 - the platform runs by the wall clock
    does(room, file, "登记调解会", 时间=held, 地点="社区会议室", 到场的人="双方", 调解情况="双方同意各退一步。")
    room.sees("双方同意各退一步。")
    does(room, file, "达成协议", 协议内容=TERMS)
    room.sees("已达成协议")
    expect(room.page.get_by_role("link", name=re.compile("调解协议书.*Word"))).to_be_visible()


def the_owner_signs(owner: Person, file: str) -> None:
    owner.go(file)
    owner.sees(TERMS)
    does(owner, file, "签收协议")
    owner.sees(re.compile("本人在平台上"))


def the_room_visits_and_archives(room: Person, file: str) -> None:
    does(room, file, "归档")
    room.sees(re.compile("回访"))
    does(room, file, "登记回访", 履行情况="已履行")
    does(room, file, "归档")
    room.sees("已归档")


def the_bureau_counts_it_and_reads_nothing(bureau: Person, file: str) -> None:
    bureau.go("/tiaojie/tongji/")
    bureau.sees("成功率")
    assert bureau.page.goto(file).status == 403  # type: ignore[union-attr]
