"""The same complaint handed in by clicking in each of the five cities: owner, desk, handler, answer, track."""

import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.cities import CITIES, ESTATES, OWNER_PHONE, account
from tests.browser.complaints import ESTATE, ILLEGAL_BUILDING, receipt
from tests.browser.people import PHONE, Office
from tests.browser.running import Platform

pytestmark = pytest.mark.browser

TEXT = "楼顶有人连夜搭建玻璃房，已经封顶。"
ANSWER = "玻璃房已经依法拆除，现场已清理。"
TOLD = {"告知方式": "电话"}
DONE = {"办理结果": "已责令改正并改正到位", "结果说明": "已责令当事人自行拆除。"}
ANSWERED = {"答复内容": ANSWER, "答复方式": "电话"}


@dataclass(frozen=True)
class Step:
    """An act on the case: by whom, its title, what is filled in by the labels, and the button where it differs."""

    role: str
    title: str
    fields: dict[str, Any] = field(default_factory=dict)
    button: str = ""


def worked(role: str, *between: Step) -> list[Step]:
    return [
        Step(role, "报到签收"),
        *between,
        Step(role, "告知办理期限", TOLD),
        Step(role, "登记办理结果", DONE),
        Step(role, "答复投诉人", ANSWERED),
    ]


CITY, UNLAWFUL = "urban_management", {"认定意见": "违法", "认定的理由": "没有规划许可。"}
# city -> (how its clauses begin, the way of its document)
WAYS: dict[str, tuple[str, list[Step]]] = {
    "jiujiang": (
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
    "zhangjiagang": (
        "ZJG-",
        [
            Step("complaint_desk", "派单"),
            *worked(CITY),
            Step("complaint_desk", "回访", {"回访结果": "满意"}),
            Step("complaint_desk", "办结"),
        ],
    ),
    "jinhua": (
        "JH-",
        [
            Step("street_office", "派单"),
            *worked(CITY),
            Step("street_office", "回访", {"回访结果": "满意"}),
            Step(CITY, "办结"),
        ],
    ),
    "jiangyin": ("JY-", [Step("street_office", "派单"), *worked(CITY), Step(CITY, "办结")]),
    "meixian": (
        "MX-",
        [
            Step("community_station", "认定是否有效", {"是不是有效投诉": "是"}),
            Step("community_station", "上报上级", {"上报的事由": "社区没有执法权。"}),
            Step("street_office", "签收上报", button="签收"),
            Step("street_office", "派单"),
            *worked(CITY, Step(CITY, "出具认定意见", UNLAWFUL)),
            Step(CITY, "办结"),
        ],
    ),
}
DEMONSTRATION = "jiujiang"


@pytest.mark.parametrize("slug", WAYS)
def test_the_same_complaint_takes_the_way_of_its_city(office: Office, platform: Platform, slug: str) -> None:
    own = slug in CITIES
    if own:
        platform.manage("shell", "--no-imports", "-c", f"from tests.browser.cities import put_up; put_up({slug!r})")
    prefix, way = WAYS[slug]
    owner = office.window(account(slug, "owner") if own else "yezhu", width=PHONE)
    page = owner.go("/tousu/")
    owner.fill(**{"哪个小区": ESTATES.get(slug, ESTATE)})
    owner.fill(**{"具体在哪里": "2幢楼顶", "您的姓名": "柳青禾", "联系电话": OWNER_PHONE})
    group = page.get_by_role("group", name="要投诉的事")
    group.get_by_label("是哪一类事").select_option(label=ILLEGAL_BUILDING)
    group.get_by_label("说清楚怎么回事").fill(TEXT)
    owner.send("提交投诉")
    complaint = receipt(owner, name="柳青禾", phone=OWNER_PHONE)
    expect(page.get_by_role("main").get_by_role("region", name="依据", exact=True)).to_contain_text(prefix)
    (number,) = complaint.cases
    assert number.startswith(prefix)
    for step in way:
        person = office.window(account(slug, step.role) if own else step.role)
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
