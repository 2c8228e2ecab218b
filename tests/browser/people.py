"""People of the demonstration at a browser: they sign in, follow links by their words, fill fields by their labels."""

import re
from dataclasses import dataclass

import yaml
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.running import ROOT

SCENE = yaml.safe_load((ROOT / "gongzhi/site/demo/scene.yaml").read_text(encoding="utf-8"))
DESKTOP, PHONE = 1280, 390
HEIGHT = {DESKTOP: 900, PHONE: 844}
SECONDS = 15_000
ACCOUNTS = tuple(row["username"] for row in SCENE["accounts"])
PASSWORD: str = SCENE["password"]
COMPLAINT_NUMBER = re.compile(r"[A-Z]+-\d{4}-T\d+")
CASE_NUMBER = re.compile(r"[A-Z]+-\d{4}-\d{5,}")


class Office:
    """Opens browser windows for accounts; each account signs in once a session."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser, self.url = browser, url
        self._signed_in: dict[str, dict] = {}
        self._open: list[BrowserContext] = []

    def window(self, username: str = "", *, width: int = DESKTOP, script: bool = True) -> "Person":
        """Without a username: somebody from the street who does not sign in."""
        context = self.browser.new_context(
            base_url=self.url,
            viewport={"width": width, "height": HEIGHT[width]},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            java_script_enabled=script,
            reduced_motion="reduce",
            storage_state=self._signed_in.get(username),
        )
        context.set_default_timeout(SECONDS)
        self._open.append(context)
        person = Person(username, context.new_page())
        if username and username not in self._signed_in:
            person.sign_in()
            self._signed_in[username] = context.storage_state()
        return person

    def close(self) -> None:
        while self._open:
            self._open.pop().close()


@dataclass
class Person:
    username: str
    page: Page

    def go(self, address: str) -> Page:
        self.page.goto(address)
        return self.page

    def sign_in(self) -> None:
        page = self.go("/denglu/")
        page.get_by_label("账号", exact=True).fill(self.username)
        page.get_by_label("口令").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        expect(page.get_by_role("link", name="退出")).to_be_visible()

    def open_case(self, number: str) -> Page:
        return self.go(f"/anjian/{number}/")

    def act(self, number: str, title: str, button: str = "", **fields: object) -> Page:
        """Opens the case, follows the link of the act, fills the form by its labels and sends it."""
        self.start_act(number, title)
        self.fill(**fields)
        return self.send(button or title)

    def start_act(self, number: str, title: str) -> Page:
        page = self.open_case(number)
        section = page.get_by_role("region", name="现在能做的")
        link = section.get_by_role("link", name=title, exact=True)
        more = section.locator("summary")
        if not link.first.is_visible() and more.count():
            more.first.click()
        link.first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        return page

    def fill(self, **fields: object) -> None:
        for label, value in fields.items():
            self.fill_one(label, value)

    def fill_one(self, label: str, value: object) -> None:
        """A field by its label: a choice, a tick, files or text, as the control wants it."""
        main = self.page.get_by_role("main")
        group = main.get_by_role("group", name=label, exact=True)
        if group.count():
            for one in value if isinstance(value, list | tuple) else [value]:
                group.get_by_label(str(one), exact=True).check()
            return
        exact = main.get_by_label(re.compile(rf"^{re.escape(label)}(（.*）)?$"))
        control = (exact if exact.count() else main.get_by_label(label)).first
        kind = control.evaluate("e => e.tagName == 'INPUT' ? e.type : e.tagName.toLowerCase()")
        if kind == "select":
            control.select_option(label=str(value))
        elif kind == "file":
            control.set_input_files(value)  # type: ignore[arg-type]
        elif kind in ("checkbox", "radio"):
            control.set_checked(bool(value))
        else:
            control.fill(str(value))

    def send(self, button: str) -> Page:
        self.page.get_by_role("main").get_by_role("button", name=button, exact=True).last.click()
        return self.page

    def sees(self, text: str | re.Pattern[str]) -> Locator:
        shown = self.page.get_by_role("main").get_by_text(text).first
        expect(shown).to_be_visible()
        return shown

    def solve_puzzle(self) -> None:
        """Answers the puzzle in words, as a person would."""
        box = self.page.locator("#puzzle")
        question = self.page.locator("label[for=puzzle]").inner_text()
        box.fill(answer_to(question))


def fits(page: Page) -> None:
    """Nothing of the page lies beside the window."""
    over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(over) <= 0, page.url


DIGITS = {sign: number for number, sign in enumerate("零一二三四五六七八九")}


def number_of(words: str) -> int:
    """一 to 九十九."""
    if "十" in words:
        tens, ones = words.split("十")
        return (DIGITS[tens] if tens else 1) * 10 + (DIGITS[ones] if ones else 0)
    return DIGITS[words]


def answer_to(question: str) -> str:
    from gongzhi.site.captcha import GROUPS

    if found := re.search(r"(.+)加(.+)等于几", question):
        return str(number_of(found[1]) + number_of(found[2]))
    if found := re.search(r"(.+)减(.+)等于几", question):
        return str(number_of(found[1]) - number_of(found[2]))
    if found := re.search(r"(.+)，哪一个数最大", question):
        return str(max(number_of(one) for one in found[1].split("、")))
    if found := re.search(r"“(.+)”里，哪一个是(.+)？", question):
        return next(one for one in found[1].split("、") if one in GROUPS[found[2]])
    if found := re.search(r"“(.+)”的第(.+)个字", question):
        return found[1][number_of(found[2]) - 1]
    raise AssertionError(f"no answer known to {question}")
