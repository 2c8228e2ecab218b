"""Every page that every role comes to by its links, at both widths: WCAG 2.2 AA by axe, nothing to scroll sideways,
one heading that names the page, a Chinese title, no raw word of the code."""

import re
from collections import deque
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.people import DESKTOP, HEIGHT, PHONE, Office

pytestmark = pytest.mark.browser

ROLES = (
    "", "yezhu", "rexian", "jiedao", "shequ", "chengguan", "guihua", "zhujian", "lingdaoxiaozu", "fenguan", "wuye",
    "xitong",
)  # fmt: skip
STANDARD = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
    "iframes": False,
}
# (rule of axe, what the element's code contains, reason). Nothing else is let through.
EXCEPTIONS: tuple[tuple[str, str, str], ...] = ()
# What looks different to each role; the rest is looked at once, by whoever comes first.
BY_ROLE = re.compile(r"^/(|gongzuotai/|gongzuotai/danwei/|gongzuotai/qian/|anjian/|anjian/N/|anjian/dengji/|chaxun/)$")
SEVERAL = {"/anjian/N/": 3, "/wenguize/PACK/QUESTION/": 5}  # the same page with much that differs
MOST_A_ROLE = 45
LONGEST_LABEL = 5  # what stands beside a cell on a phone; a longer one runs into the next row
# Files, another order of the same page, and what programs read: the API's description and its reader by ninja.
PASSED_BY = re.compile(r"^/api/|/(daochu|shuju|juanzong|wenjian|wenshu|static|tuichu)\b|[?&]zi=|[?&](page|order|sort)=")
CODE_WORD = re.compile(r"\b[a-z]+_[a-z_]+\b|\bNone\b|\bTrue\b|\bFalse\b|\{\{|\{%|&nbsp;")
# What people read, without the codes that are set as codes.
PROSE = """() => {
  const hidden = [...document.querySelectorAll('.gz-code')];
  hidden.forEach(one => one.style.display = 'none');
  const text = document.body.innerText;
  hidden.forEach(one => one.style.removeProperty('display'));
  return text;
}"""
CHINESE = re.compile(r"[\u4e00-\u9fff]{2}")

_seen: set[str] = set()


@dataclass
class Walk:
    """One role's way through the platform."""

    waiting: deque[str]
    shapes: dict[str, int] = field(default_factory=dict)
    visited: set[str] = field(default_factory=set)

    def next(self) -> str | None:
        while self.waiting and len(self.visited) < MOST_A_ROLE:
            address = self.waiting.popleft()
            shape = shape_of(address)
            known = shape in _seen and not BY_ROLE.match(shape) and shape not in self.shapes
            if known or address in self.visited or self.shapes.get(shape, 0) >= SEVERAL.get(shape, 1):
                continue
            self.shapes[shape] = self.shapes.get(shape, 0) + 1
            _seen.add(shape)
            self.visited.add(address)
            return address
        return None


def shape_of(address: str) -> str:
    """The address without numbers and values: /anjian/N/ is one page, whatever the case."""
    path, _, query = address.split("#")[0].partition("?")
    path = re.sub(r"/[A-Z]+-\d{4}-T?\d+", "/N", path)
    path = re.sub(r"/\d+(?=/|$)", "/N", path)
    path = re.sub(r"^/(tiaokuan|wenguize)/[a-z]+/", r"/\1/PACK/", path)
    path = re.sub(r"^/wenguize/PACK/[a-z]+\.\w+/", "/wenguize/PACK/QUESTION/", path)
    return path + ("?" + re.sub(r"=[^&]*", "", query) if query else "")


def faults_of(page: Page, axe: Axe, width: int) -> list[str]:
    page.set_viewport_size({"width": width, "height": HEIGHT[width]})
    found = []
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        found.append(f"{wide}px to scroll sideways")
    for violation in axe.run(page, options=STANDARD).response["violations"]:
        for node in violation["nodes"]:
            if not any(violation["id"] == rule and part in node["html"] for rule, part, _ in EXCEPTIONS):
                found.append(f"{violation['impact']} {violation['id']}: {node['html'][:160]}")
    return found


def words_of(page: Page) -> list[str]:
    found = []
    headings = page.locator("h1")
    if headings.count() != 1 or not headings.inner_text().strip():
        found.append(f"{headings.count()} h1")
    if not CHINESE.search(page.title()):
        found.append(f"title {page.title()!r}")
    labels = page.eval_on_selector_all("[data-label]", "all => all.map(one => one.dataset.label)")
    found += sorted({f"too long a label for a phone {one!r}" for one in labels if len(one) > LONGEST_LABEL})
    text = page.evaluate(PROSE)
    found += sorted({f"raw word {one!r}" for one in CODE_WORD.findall(text)})
    return found


@pytest.mark.parametrize("username", ROLES, ids=lambda name: name or "public")
def test_every_page_is_open_to_everybody(office: Office, username: str) -> None:
    axe, page = Axe(), office.window(username).page
    walk = Walk(deque(["/", "/gongzuotai/", "/anjian/", "/chaxun/"] if username else ["/"]))
    faults: list[str] = []
    while (address := walk.next()) is not None:
        answer = page.goto(address)
        assert answer is not None
        if answer.status in (403, 404):
            walk.shapes[shape_of(address)] = 99
        elif answer.status >= 500:
            faults.append(f"{address}: {answer.status}")
            continue
        page_faults = words_of(page)
        for width in (DESKTOP, PHONE):
            page_faults += [f"at {width}: {one}" for one in faults_of(page, axe, width)]
        faults += [f"{address}: {one}" for one in dict.fromkeys(page_faults)]
        links = page.eval_on_selector_all("a[href]", "all => all.map(one => one.getAttribute('href'))")
        walk.waiting += [one for one in links if one.startswith("/") and not PASSED_BY.search(one)]
    assert len(walk.visited) >= 4
    assert not faults, "\n" + "\n".join(faults)
