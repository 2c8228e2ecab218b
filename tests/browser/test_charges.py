"""Service charges from the run to the payment: the company bills, an owner pays and objects, the bureau reads."""

import re
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.people import PHONE, Office, Person, fits

pytestmark = pytest.mark.browser

ESTATE, HOME, TAIL = "示范花园", "7幢2单元1102室", "0001"
SUM = re.compile(r"[\d,]+\.\d\d")
LONG = 120_000  # the worker bills by and by


def test_from_a_run_to_a_paid_bill(office: Office) -> None:
    clerk = office.window("wuye")
    run, period, kept = the_clerk_looks_and_begins(clerk)
    link, amount = the_clerk_opens_the_account(clerk)
    the_owner_pays_by_the_code(office.window(width=PHONE), link, period, amount)
    objection = "九月份路灯一直不亮，请说明这笔公共用电"
    the_owner_objects(office.window("yezhu", width=PHONE), objection)
    the_clerk_sees_both(clerk, run, objection)
    the_bureau_reads_sums(office.window("zhujian"), run, yuan(kept) + yuan(amount))


def yuan(shown: str) -> Decimal:
    return Decimal(shown.replace(",", ""))


def figure(page: Page, title: str) -> str:
    """What stands under that title among the figures at the top of a page."""
    shown = (
        page.get_by_role("main").locator(".gz-figs > div").filter(has_text=re.compile(f"^{title}")).first.inner_text()
    )
    found = SUM.search(shown)
    assert found is not None, shown
    return found[0]


def row_of(page: Page, words: str) -> Locator:
    """On whichever page of the list it stands."""
    row = page.get_by_role("row").filter(has_text=words)
    if not row.count():
        page.get_by_role("link", name="下一页").click()
    return row


def the_clerk_looks_and_begins(clerk: Person) -> tuple[str, str, str]:
    """The run's address, its period as bills name it, what was paid by what lay there in advance."""
    page = clerk.go("/zijin/shoufei/")
    page.get_by_role("main").get_by_role("link", name=ESTATE, exact=True).click()
    page.get_by_role("main").get_by_role("link", name="出账", exact=True).click()
    clerk.send("看看会出多少")
    foreseen = figure(page, "合计")
    words = page.locator("form[method=post]").get_by_text("户，").inner_text()
    clerk.send("出账")
    expect(page.locator(".gz-head")).to_contain_text("已出账", timeout=LONG)  # the page sees by itself that it is done
    assert figure(page, "应收") == foreseen
    return urlsplit(page.url).path, words.split("，")[0], figure(page, "已收")


def the_clerk_opens_the_account(clerk: Person) -> tuple[str, str]:
    """Where the code on the bill leads, and what the bill is for."""
    page = clerk.page
    row = row_of(page, HOME)
    amount = SUM.search(row.inner_text())
    assert amount is not None
    row.get_by_role("link", name=HOME).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(HOME)
    address = page.get_by_role("link", name="打开", exact=True).get_attribute("href")
    assert address is not None
    return urlsplit(address).path, amount[0]


def the_owner_pays_by_the_code(owner: Person, link: str, period: str, amount: str) -> None:
    page = owner.go(link)
    expect(page.get_by_role("main")).not_to_contain_text(HOME)  # before he has said who he is
    owner.fill(业主手机号的后四位="9999")
    owner.send("查看账单")
    expect(page.get_by_role("main")).not_to_contain_text(HOME)
    owner.fill(业主手机号的后四位=TAIL)
    owner.send("查看账单")
    owner.sees("待缴账单")
    expect(page.locator("header, main").filter(has_text=HOME).first).to_be_visible()
    fits(page)
    boxes = page.get_by_role("checkbox")
    for number in range(boxes.count()):
        box = boxes.nth(number)
        label = page.locator(f"label[for={box.get_attribute('id')}]").inner_text()
        box.set_checked(period in label)
    bill = page.locator(".form-check").filter(has_text=period)
    bill.locator("summary").click()
    expect(bill).to_contain_text("物业公共服务费")
    expect(bill).to_contain_text(f"{amount}元")
    owner.send("演示：用微信支付缴")
    expect(page.get_by_role("heading", level=2).first).to_have_text(f"{amount}元")
    fits(page)
    owner.send("模拟付款（演示）")
    owner.sees("已收到，谢谢")
    owner.go(link)
    expect(page.get_by_role("checkbox").filter(has_text=period)).to_have_count(0)
    expect(page.get_by_role("region", name="缴过的")).to_contain_text(f"{amount}元")


def the_owner_objects(owner: Person, objection: str) -> None:
    page = owner.go("/zijin/wuyefei/zhanghu/")
    page.get_by_role("link", name="提出意见").click()
    owner.fill(意见=objection)
    owner.send("提出意见")
    expect(page.get_by_role("heading", level=1)).to_have_text("我的物业费")
    expect(page.get_by_role("region", name="我的意见")).to_contain_text(objection)
    fits(page)


def the_clerk_sees_both(clerk: Person, run: str, objection: str) -> None:
    row = row_of(clerk.go(run), HOME)
    expect(row).to_contain_text("已缴清")
    row.get_by_role("link", name=HOME).click()
    expect(clerk.page.get_by_role("region", name="业主的意见")).to_contain_text(objection)


def the_bureau_reads_sums(bureau: Person, run: str, paid: Decimal) -> None:
    page = bureau.go(run)
    assert yuan(figure(page, "已收")) == paid
    bureau.sees("逐户的账单只给收费的企业和社区看")
    expect(page.get_by_role("main")).not_to_contain_text(HOME)
