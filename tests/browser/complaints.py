"""Handing in a complaint at the public's form, as anybody may: the shared beginning of the journeys."""

import re
from dataclasses import dataclass

from playwright.sync_api import expect

from tests.browser.people import CASE_NUMBER, COMPLAINT_NUMBER, Person

ESTATE = "示范花园"
ILLEGAL_BUILDING = "违法搭建建筑物、构筑物"
RENTAL = "房屋租赁纠纷"


@dataclass(frozen=True)
class Submitted:
    """The number the public gets, and the number of the case of each matter in their order."""

    number: str
    cases: tuple[str, ...]
    phone: str
    name: str

    @property
    def tail(self) -> str:
        return self.phone[-4:]


def submit(
    person: Person, matters: dict[str, str], *, name: str, phone: str, location: str = "7幢2单元楼顶"
) -> Submitted:
    """Fills the form and sends it; `matters` gives for each kind what happened."""
    fill(person, matters, name=name, phone=phone, location=location)
    person.send("提交投诉")
    return receipt(person, name=name, phone=phone)


def fill(person: Person, matters: dict[str, str], *, name: str, phone: str, location: str) -> None:
    page = person.go("/tousu/")
    person.fill(**{"哪个小区": ESTATE, "具体在哪里": location, "您的姓名": name, "联系电话": phone})
    for _ in range(len(matters) - 1):
        person.send("还有一件别的事")
    for row, (matter, text) in enumerate(matters.items(), start=1):
        group = page.get_by_role("group", name=f"第{row}件事" if len(matters) > 1 else "要投诉的事")
        group.get_by_label("是哪一类事").select_option(label=matter)
        group.get_by_label("说清楚怎么回事").fill(text)
    if not person.username:
        person.solve_puzzle()


def receipt(person: Person, *, name: str, phone: str) -> Submitted:
    """Reads the numbers off the page that follows."""
    page = person.page
    expect(page.get_by_role("heading", level=1)).to_have_text("已收到您的投诉")
    text = page.get_by_role("main").inner_text()
    number = re.search(COMPLAINT_NUMBER, text)
    assert number is not None
    cases = tuple(dict.fromkeys(re.findall(CASE_NUMBER, text)))
    return Submitted(number=number[0], cases=cases, phone=phone, name=name)
