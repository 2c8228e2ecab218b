"""The same complaint handed in by clicking in each of the five cities: owner, desk, handler, answer, track."""

import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.complaints import ILLEGAL_BUILDING, receipt
from tests.browser.people import PHONE, Office

pytestmark = pytest.mark.browser

OWNER_PHONE = "13955501234"
TEXT = "楼顶有人连夜搭建玻璃房，已经封顶。"
ANSWER = "玻璃房已经依法拆除，现场已清理。"
TOLD = {"告知方式": "电话"}
DONE = {"办理结果": "已责令改正并改正到位", "结果说明": "已责令当事人自行拆除。"}
ANSWERED = {"答复内容": ANSWER, "答复方式": "电话"}


@dataclass(frozen=True)
class Step:
    """An act on the case: by which account, its title, what is filled in by the labels, the button where it differs."""

    who: str
    title: str
    fields: dict[str, Any] = field(default_factory=dict)
    button: str = ""


def worked(who: str, *between: Step) -> list[Step]:
    return [
        Step(who, "报到签收"),
        *between,
        Step(who, "告知办理期限", TOLD),
        Step(who, "登记办理结果", DONE),
        Step(who, "答复投诉人", ANSWERED),
    ]


UNLAWFUL = {"认定意见": "违法", "认定的理由": "没有规划许可。"}


@dataclass(frozen=True)
class City:
    owner: str
    estate: str
    clauses: str  # how the ids of its clauses begin
    way: list[Step]


CITIES = {
    "jiujiang": City(
        "yezhu",
        "示范花园",
        "JJ-",
        [
            Step("rexian", "吹哨"),
            Step("chengguan", "报到签收"),
            Step("chengguan", "登记现场核实", {"现场情况": "楼顶玻璃房一处，未见审批材料。"}),
            Step("chengguan", "告知办理期限", TOLD),
            Step("chengguan", "商请认定", {"要认定什么": "是否属于违法建设。"}),
            Step("guihua", "出具认定意见", UNLAWFUL),
            Step("chengguan", "填处罚决定文号", {"文号": "鸠城管罚〔2026〕7号"}),
            Step("chengguan", "登记办理结果", {**DONE, "办理结果": "已作出处罚"}),
            Step("chengguan", "答复投诉人", ANSWERED),
        ],
    ),
    "zhangjiagang": City(
        "zjg-yezhu",
        "示范前溪苑",
        "ZJG-",
        [
            Step("zjg-bianmin", "派单"),
            *worked("zjg-chengguan"),
            Step("zjg-bianmin", "回访", {"回访结果": "满意"}),
            Step("zjg-bianmin", "办结"),
        ],
    ),
    "jinhua": City(
        "jh-yezhu",
        "示范江滨里",
        "JH-",
        [
            Step("jh-jiedao", "派单"),
            *worked("jh-zhifa"),
            Step("jh-jiedao", "回访", {"回访结果": "满意"}),
            Step("jh-zhifa", "办结"),
        ],
    ),
    "jiangyin": City(
        "jy-yezhu",
        "示范西街花苑",
        "JY-",
        [Step("jy-jiedao", "派单"), *worked("jy-chengguan"), Step("jy-chengguan", "办结")],
    ),
    "meixian": City(
        "mx-yezhu",
        "示范东关小区",
        "MX-",
        [
            Step("mx-shequ", "认定是否有效", {"是不是有效投诉": "是"}),
            Step("mx-shequ", "上报上级", {"上报的事由": "社区没有执法权。"}),
            Step("mx-jiedao", "签收上报", button="签收"),
            Step("mx-jiedao", "派单"),
            *worked("mx-chengguan", Step("mx-chengguan", "出具认定意见", UNLAWFUL)),
            Step("mx-chengguan", "办结"),
        ],
    ),
}


@pytest.mark.parametrize("slug", CITIES)
def test_the_same_complaint_takes_the_way_of_its_city(office: Office, slug: str) -> None:
    city = CITIES[slug]
    owner = office.window(city.owner, width=PHONE)
    page = owner.go("/tousu/")
    owner.fill(**{"哪个小区": city.estate})
    owner.fill(**{"具体在哪里": "2幢楼顶", "您的姓名": "柳青禾", "联系电话": OWNER_PHONE})
    group = page.get_by_role("group", name="要投诉的事")
    group.get_by_label("是哪一类事").select_option(label=ILLEGAL_BUILDING)
    group.get_by_label("说清楚怎么回事").fill(TEXT)
    owner.send("提交投诉")
    complaint = receipt(owner, name="柳青禾", phone=OWNER_PHONE)
    expect(page.get_by_role("main").get_by_role("region", name="依据", exact=True)).to_contain_text(city.clauses)
    (number,) = complaint.cases
    assert number.startswith(city.clauses)
    for step in city.way:
        person = office.window(step.who)
        person.act(number, step.title, step.button, **step.fields)
        expect(person.page.get_by_role("main")).to_contain_text(number)
        expect(person.page.get_by_role("main").get_by_role("link", name=re.compile("^依据")).first).to_be_visible()
        person.page.context.close()
    page = owner.go("/chaxun/")
    owner.fill(受理编号=complaint.number, 电话后四位=complaint.tail)
    owner.send("查进度")
    expect(page.get_by_role("region", name=ILLEGAL_BUILDING)).to_contain_text(ANSWER)
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not wide, "the page is wider than the phone"
