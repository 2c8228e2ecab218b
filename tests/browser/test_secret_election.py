"""A small election in secret, in a real browser: a clerk, three trustees on their phones, owners, a stranger.

Nine people are too few for a secret: the switch for demonstrations lowers the guard, and every page says so.
"""

import json
import re
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

from gongzhi.core.days import ZONE, local_day
from gongzhi.core.tests.cast import Cast, build
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.models import Ballot, Vote
from gongzhi.governance.votes.queries import database_now
from gongzhi.governance.votes.secret.tests import steps as secret
from gongzhi.governance.votes.tests import steps
from gongzhi.proof.verifier import verify
from tests.browser.people import DESKTOP, HEIGHT, PHONE
from tests.browser.test_access import STANDARD

pytestmark = pytest.mark.browser

PATIENCE = 60_000
ENOUGH = timedelta(minutes=5)
CODE = re.compile(r"([0-9A-Z]{4}-){7}[0-9A-Z]{4}")


class People:
    """Windows of a clerk, of trustees and of owners."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser, self.url = browser, url
        self.open: list[BrowserContext] = []

    def window(self, width: int = PHONE, *, script: bool = True) -> Page:
        context = self.browser.new_context(
            base_url=self.url, viewport={"width": width, "height": HEIGHT[width]}, locale="zh-CN",
            timezone_id="Asia/Shanghai", java_script_enabled=script, accept_downloads=True,
        )  # fmt: skip
        context.set_default_timeout(PATIENCE)
        self.open.append(context)
        return context.new_page()

    def clerk(self, cast: Cast, role: str) -> Page:
        client = Client()
        client.force_login(cast.user(role))
        page = self.window(DESKTOP)
        name = django_settings.SESSION_COOKIE_NAME
        page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": self.url}])
        return page


@pytest.fixture
def people(browser: Browser, committed: None, live_server: Any) -> Iterator[People]:
    expect.set_options(timeout=PATIENCE / 2)
    found = People(browser, live_server.url.replace("localhost", "127.0.0.1"))
    yield found
    for one in found.open:
        one.close()


@pytest.fixture
def cast(committed: None, settings: Any) -> Cast:
    settings.VOTE_SECRET_LEAST = 4
    return build()


def before_midnight() -> datetime:
    """The last second of today: a result is announced on the day of its count at the earliest.

    In the last minutes of a day it waits for the next one.
    """
    while (midnight := datetime.combine(local_day(database_now()), time.max, ZONE)) - database_now() < ENOUGH:
        sleep(1)
    return midnight


def noticed(cast: Cast) -> Vote:
    """Twenty days ago the notice went up; voting has begun an hour ago by the clock and waits for its opening."""
    closes_at = before_midnight()
    now = database_now()
    earlier, actor = now - timedelta(days=20), cast.actor("community_station")
    secret.allow(cast)
    steps.people(cast)
    vote = votes.draft_vote(
        cast.estate, title="2026年换届选举", convener="community_station", opens_at=now - timedelta(hours=1),
        closes_at=min(now + timedelta(hours=1), closes_at), motions=[secret.election()], secret=True, actor=actor,
        now=earlier,
    )  # fmt: skip
    vote = votes.freeze_roll(vote, actor=actor, now=earlier)
    vote = votes.check_vote(vote, agreed=True, opinion="", actor=cast.actor("street_office"), now=earlier)
    return votes.notice_vote(vote, published_on=local_day(earlier), silence_told=False, actor=actor, now=earlier)


def looked_at(page: Page) -> None:
    """WCAG 2.2 AA by axe, and nothing to scroll sideways."""
    found = Axe().run(page, options=STANDARD)
    assert not found.response["violations"], found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


def send(page: Page, button: str) -> None:
    page.get_by_role("main").get_by_role("button", name=button, exact=True).last.click()


def named(clerk: Page, vote: Vote) -> list[str]:
    clerk.goto(f"/biaojue/{vote.pk}/")
    clerk.get_by_role("link", name="托管人", exact=True).first.click()
    clerk.get_by_role("link", name="指定托管人", exact=True).click()
    for number, (_, name) in enumerate(secret.PEOPLE, 1):
        clerk.get_by_label(f"{number}号托管人的姓名").fill(name)
    send(clerk, "指定，生成链接")
    expect(clerk.get_by_text("只显示这一次")).to_be_visible()
    found = [one.inner_text() for one in clerk.locator("p.gz-code").all()]
    clerk.get_by_role("link", name="都扫好了，看进度").click()
    return [one.rpartition("/biaojue")[2] for one in found]


def begun(page: Page, link: str) -> str:
    """The first step: a code is made, written down, and typed once more."""
    page.goto(f"/biaojue{link}")
    page.get_by_role("button", name="生成我的代码").click()
    shown = page.locator("#new-code")
    expect(shown).to_have_text(CODE)
    code = shown.inner_text()
    page.get_by_label("照纸上抄的，再输一遍代码").fill(code.replace("-", "")[:-1] + "?")
    send(page, "领取编号")
    expect(page.get_by_text("代码写错了")).to_be_visible()
    looked_at(page)
    page.get_by_label("照纸上抄的，再输一遍代码").fill(code.lower())
    send(page, "领取编号")
    expect(page.get_by_text("已领取编号")).to_be_visible()
    return code


def went_on(page: Page, link: str, code: str, *, button: str, told: str) -> None:
    page.goto(f"/biaojue{link}")
    page.get_by_label("您的代码").fill(code)
    send(page, button)
    expect(page.get_by_text(told)).to_be_visible()


def ceremony(people: People, links: list[str]) -> tuple[list[Page], list[str]]:
    pages = [people.window() for _ in links]
    codes = [begun(page, link) for page, link in zip(pages, links, strict=True)]
    for button, told in (("分发份额", "已分发份额"), ("核对份额", "已核对")):
        for page, link, code in zip(pages, links, codes, strict=True):
            went_on(page, link, code, button=button, told=told)
    shown = set()
    for page, link in zip(pages, links, strict=True):
        page.goto(f"/biaojue{link}")
        shown.add(page.locator("#server-code").inner_text())
    assert len(shown) == 1
    return pages, codes


def owner_votes(people: People, cast: Cast, vote: Vote, number: int, chosen: list[str]) -> Page:
    owner = vote.owners.get(code=steps.entry(vote, number).owners[0])
    token = votes.make_link(vote, owner=owner, actor=cast.actor("community_station"), now=database_now())
    page = people.window()
    page.goto(f"/biaojue/piao/{token}/")
    page.get_by_label("证件号或手机号后四位").fill(f"{number:04d}")
    send(page, "核对")
    for name in chosen:
        page.get_by_label(name, exact=True).check()
    send(page, "下一步：看一遍")
    expect(page.locator("#chosen")).to_have_text("、".join(chosen) or "弃权（一名不选）")
    page.get_by_role("button", name="改一改").click()
    send(page, "下一步：看一遍")
    expect(page.locator("#print")).to_have_text(re.compile(r"^([0-9A-F]{4}-){2}[0-9A-F]{4}$"))
    made = page.locator("#print").inner_text()
    looked_at(page)
    with page.expect_request(lambda one: one.method == "POST") as sent:
        send(page, "没错，提交我的选举票")
    body = sent.value.post_data or ""
    assert not re.search(r"(^|&)(m1|c\d)=", body) and not any(name in body for name in chosen)
    expect(page.get_by_role("heading", name="已收到您的表决票")).to_be_visible()
    expect(page.get_by_text(made)).to_be_visible()
    return page


def test_a_small_election_in_secret(people: People, cast: Cast, tmp_path: Path, capsys: Any) -> None:
    vote = noticed(cast)
    clerk = people.clerk(cast, "community_station")
    links = named(clerk, vote)
    pages, codes = ceremony(people, links)
    clerk.reload()
    expect(clerk.get_by_text("密钥已备好")).to_be_visible()
    expect(clerk.get_by_text("只可用于演示")).to_be_visible()
    looked_at(clerk)
    clerk.goto(f"/biaojue/{vote.pk}/ban/kaishi/")
    send(clerk, "开始表决")
    vote.refresh_from_db()
    assert vote.state == "open"

    owner_votes(people, cast, vote, 1, ["赵一", "钱二"])
    owner_votes(people, cast, vote, 2, [])
    changed = owner_votes(people, cast, vote, 3, ["李四"])
    changed.get_by_role("link", name="改投").click()
    expect(changed.get_by_text("您已经投过")).to_be_visible()
    changed.get_by_label("赵一", exact=True).check()
    send(changed, "下一步：看一遍")
    send(changed, "没错，提交我的选举票")
    expect(changed.get_by_role("heading", name="已收到您的表决票")).to_be_visible()
    at_the_desk(clerk, vote)
    for number in range(5, 10):
        secret.ballot(vote, number, ["c1"], at=database_now())
    assert Ballot.objects.filter(vote=vote).count() == 10

    votes.close_vote(vote, actor=cast.actor("community_station"), now=vote.closes_at)
    clerk.goto(f"/biaojue/{vote.pk}/")
    expect(clerk.get_by_text("已截止，待托管人开票").first).to_be_visible()
    clerk.get_by_role("link", name="汇总加密票", exact=True).click()
    send(clerk, "汇总加密票")
    went_on(pages[0], links[0], codes[0], button="开票", told="已收到您的开票内容")
    pages[1].goto(f"/biaojue{links[1]}")
    pages[1].get_by_label("您的代码").fill(codes[0])
    send(pages[1], "开票")
    expect(pages[1].get_by_text("不是同一个")).to_be_visible()
    went_on(pages[2], links[2], codes[2], button="开票", told="已经开票")

    clerk.goto(f"/biaojue/{vote.pk}/ban/gongshi/")
    send(clerk, "公示结果草案")
    stranger = people.window(DESKTOP)
    stranger.goto(f"/biaojue/jieguo/{vote.pk}/")
    row = stranger.get_by_role("row", name=re.compile("赵一"))
    expect(row).to_contain_text("8")
    expect(stranger.get_by_text("3名托管人中2名到场开票")).to_be_visible()
    looked_at(stranger)
    with stranger.expect_download() as got:
        stranger.get_by_role("link", name="下载全部数据").click()
    got.value.save_as(tmp_path / "vote.zip")
    assert verify.main([str(tmp_path / "vote.zip"), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert any("9 张票的证明都成立" in one for one in report["checks"])


def at_the_desk(clerk: Page, vote: Vote) -> None:
    """The officer checks the owner and hands the device over."""
    clerk.goto(f"/biaojue/{vote.pk}/")
    clerk.get_by_role("link", name="现场投票", exact=True).click()
    clerk.get_by_label("房号").fill("1幢004室")
    clerk.get_by_label("怎样投").select_option(label="业主在这台设备上自己选")
    send(clerk, "核对无误，打开选票")
    clerk.get_by_label("赵一", exact=True).check()
    clerk.get_by_label("孙三", exact=True).check()
    send(clerk, "下一步：看一遍")
    expect(clerk.locator("#chosen")).to_have_text("赵一、孙三")
    send(clerk, "没错，提交我的选举票")
    expect(clerk.get_by_text("已收票，凭证短码")).to_be_visible()
    assert Ballot.objects.filter(vote=vote, channel="desk").count() == 1


def test_more_than_allowed_stays_on_the_page_and_without_script_the_phone_says_where_to_go(
    people: People, cast: Cast
) -> None:
    vote = noticed(cast)
    secret.trusted(cast, vote)
    vote = votes.open_vote(vote, actor=cast.actor("community_station"), now=database_now())
    owner = vote.owners.get(code=steps.entry(vote, 1).owners[0])
    token = votes.make_link(vote, owner=owner, actor=cast.actor("community_station"), now=database_now())
    for script in (True, False):
        page = people.window(script=script)
        page.goto(f"/biaojue/piao/{token}/")
        page.get_by_label("证件号或手机号后四位").fill("0001")
        send(page, "核对")
        if script:
            for name in secret.CANDIDATES:
                page.get_by_label(name, exact=True).check()
            send(page, "下一步：看一遍")
            expect(page.get_by_text("选多了，最多3名")).to_be_visible()
            looked_at(page)
            expect(page.locator("#confirm")).to_be_hidden()
        else:
            expect(page.get_by_text("这台设备不能加密")).to_be_visible()
            expect(page.get_by_role("button", name="下一步：看一遍")).to_be_hidden()


def test_an_owner_has_a_ballot_opened_and_another_program_finds_his_choice_in_it(
    people: People, cast: Cast, tmp_path: Path, capsys: Any
) -> None:
    vote = noticed(cast)
    secret.trusted(cast, vote)
    vote = votes.open_vote(vote, actor=cast.actor("community_station"), now=database_now())
    owner = vote.owners.get(code=steps.entry(vote, 1).owners[0])
    token = votes.make_link(vote, owner=owner, actor=cast.actor("community_station"), now=database_now())
    page = people.window()
    page.goto(f"/biaojue/piao/{token}/")
    page.get_by_label("证件号或手机号后四位").fill("0001")
    send(page, "核对")
    page.get_by_label("赵一", exact=True).check()
    page.get_by_label("孙三", exact=True).check()
    send(page, "下一步：看一遍")
    expect(page.locator("#print")).to_have_text(re.compile(r"^([0-9A-F]{4}-){2}[0-9A-F]{4}$"))
    made = page.locator("#print").inner_text()
    page.get_by_text("不放心这台设备？先拆一张验一验").click()
    looked_at(page)
    with page.expect_request(lambda one: one.method == "POST") as sent:
        page.get_by_role("button", name="拆开这一张，不提交").click()
    body = sent.value.post_data or ""
    assert "nonces" not in body and "chosen" not in body and "赵一" not in body
    expect(page.get_by_role("heading", name="这一张已作废，可以核验")).to_be_visible()
    looked_at(page)
    with page.expect_download() as got:
        page.get_by_role("link", name="保存拆票文件").click()
    file = tmp_path / "chaipiao.json"
    got.value.save_as(file)
    assert verify.main(["--challenge", str(file)]) == 0
    said = capsys.readouterr().out
    assert made in said and "赵一（c1）、孙三（c3）" in said
    assert not Ballot.objects.filter(vote=vote).exists()
    page.get_by_role("button", name="重新选，重新投").click()
    send(page, "下一步：看一遍")
    expect(page.locator("#print")).not_to_have_text(made)
    expect(page.locator("#cast")).to_be_enabled()
    send(page, "没错，提交我的选举票")
    expect(page.get_by_role("heading", name="已收到您的表决票")).to_be_visible()
    assert Ballot.objects.filter(vote=vote).count() == 1
