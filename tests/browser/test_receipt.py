"""A stranger checks a receipt in two steps: open what the code says, read the result. With and without a script."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.people import DESKTOP, Office
from tests.browser.people import PHONE as PHONE_WIDTH
from tests.browser.running import Platform
from tests.browser.test_access import faults_of

pytestmark = pytest.mark.browser

# The demonstration's documents are leaves of a log.
FIRST_RECEIPT = (
    "__import__('json').dumps((lambda entry: [r.queries.receipt(entry), r.address(r.queries.receipt(entry), page='')])"
    "(r.Entry.objects.select_related('log', 'key').filter(leaf_index__isnull=False).order_by('pk').first()))"
)


@pytest.fixture(scope="module")
def receipt(platform: Platform) -> tuple[dict[str, object], str]:
    text = platform.ask(f"(lambda r: {FIRST_RECEIPT})(__import__('gongzhi.proof.receipts', fromlist=['x']))")
    value, address = json.loads(text)
    return value, address


def checked(page: Page) -> str:
    """What the reader's own browser found, once it is done."""
    says = page.locator("#receipt-browser[data-done]")
    says.wait_for()
    return says.inner_text()


@pytest.mark.parametrize("width", [DESKTOP, PHONE_WIDTH])
def test_who_scans_the_code_sees_the_result_and_the_own_browser_checks_too(
    office: Office, receipt: tuple[dict[str, object], str], width: int
) -> None:
    stranger = office.window(width=width)
    page = stranger.go(f"/hedui/{receipt[1]}")
    expect(page.get_by_role("heading", name="相符：这一条在日志里")).to_be_visible()
    assert "自己核对了 3 项，都相符" in checked(page)
    assert faults_of(page, Axe(), width) == []


def test_who_pastes_it_finds_the_same_from_the_home_page_without_a_script(
    office: Office, receipt: tuple[dict[str, object], str]
) -> None:
    page = office.window(script=False, width=PHONE_WIDTH).go("/")
    page.get_by_role("link", name="核对表决回执").click()
    page.get_by_label("回执或检查点的文字").fill(json.dumps(receipt[0]))
    page.get_by_role("button", name="核对").click()
    expect(page.get_by_role("heading", name="相符：这一条在日志里")).to_be_visible()
    expect(page.get_by_text("只有服务器自己的核对")).to_be_visible()


@pytest.mark.parametrize("part", ["promise", "checkpoint", "inclusion"])
def test_a_changed_receipt_is_refused_by_the_browser_itself(
    office: Office, receipt: tuple[dict[str, object], str], part: str
) -> None:
    changed = json.loads(json.dumps(receipt[0]))
    if part == "promise":
        changed["promise"]["at"] += 1
    elif part == "inclusion":
        changed["inclusion"]["path"] = [*changed["inclusion"]["path"], "A" * 43 + "="]
    else:
        note = changed["checkpoint"]["note"]
        changed["checkpoint"]["note"] = note[:-10] + ("B" if note[-10] != "B" else "C") + note[-9:]
    page = office.window().go("/hedui/")
    page.get_by_label("回执或检查点的文字").fill(json.dumps(changed))
    page.get_by_role("button", name="核对").click()
    assert "有 1 项不符" in checked(page)
    expect(page.locator(f"[data-check={part}]")).to_contain_text("不符")
