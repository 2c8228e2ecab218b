"""Every page stands for everybody who may see it: language, title, one heading, no script or style inside."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

PUBLIC = (
    "/",
    "/denglu/",
    "/tousu/",
    "/tousu/xiaoqu/",
    "/chaxun/",
    "/tiaokuan/",
    "/tiaokuan/?q=电梯",
    "/tiaokuan/jiujiang/",
    "/tiaokuan/jiujiang/?k=答复&s=must",
    "/tiaokuan/jiujiang/kaiguan/",
    "/wenguize/",
    "/wenguize/?wenjian=zhangjiagang",
    "/wenguize/jiujiang/cases.route/",
    "/wenguize/jiujiang/moni/",
    "/rili/",
    "/rili/2026/",
    "/rili/2027/",
    "/wuzhangai/",
    "/yinsi/",
)
STAFF = ("shequ", "jiedao", "chengguan", "zhujian", "lingdaoxiaozu", "wuye", "xitong", "rexian", "fenguan")
MOST_QUERIES = 30


def check_page(html: str) -> None:
    assert '<html lang="zh-CN"' in html
    assert len(re.findall(r"<h1[ >]", html)) == 1
    assert re.search(r"<title>\s*\S.* - 共治</title>", html)
    assert " style=" not in html
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)
    assert not re.search(r"\son[a-z]+=", html)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_page_stands(visitor: Client, address: str) -> None:
    response = visitor.get(address)
    assert response.status_code == 200
    check_page(response.content.decode())


@pytest.mark.parametrize("username", (*STAFF, "yezhu"))
def test_pages_stand_for_every_account(signed_in: Callable[[str], Client], username: str) -> None:
    client = signed_in(username)
    for address in ("/", "/tousu/", "/chaxun/", "/tiaokuan/jiujiang/", "/wenguize/", "/rili/2026/", "/tuichu/"):
        response = client.get(address, follow=True)
        assert response.status_code == 200, address
        check_page(response.content.decode())


@pytest.mark.parametrize("username", STAFF)
def test_who_works_here_lands_on_the_work_desk(signed_in: Callable[[str], Client], username: str) -> None:
    response = signed_in(username).get("/")
    assert response.status_code == 302
    assert response["Location"] == "/gongzuotai/"


def test_an_owner_lands_on_a_home_with_the_own_complaints(signed_in: Callable[[str], Client]) -> None:
    html = signed_in("yezhu").get("/").content.decode()
    assert "陈**，您好" in html
    assert "2单元电梯异响" in html
    assert "消防通道长期停车" not in html


def test_an_owner_sees_what_waits_and_what_the_estate_has(signed_in: Callable[[str], Client]) -> None:
    """The unit, the bill that is late with what it costs by contract, the fund beside its line, what was announced."""
    html = signed_in("yezhu").get("/").content.decode()
    assert "7幢2单元1102室" in html
    assert "物业费账单" in html and "其中违约金" in html and "去缴费" in html
    assert "低于30%续筹线" in html and "我家分户" in html
    told = html[html.index('id="h-news"') : html.index('id="h-contacts"')]
    assert "表决结果" in told and "公共收益" in told and "业主委员会，" in told


def test_an_owner_is_told_of_the_offices_above_the_own_estate_alone(signed_in: Callable[[str], Client]) -> None:
    html = signed_in("yezhu").get("/").content.decode()
    told = html[html.index('id="h-contacts"') :]
    assert "官陡街道物管办" in told
    assert "沈巷镇物管办" not in told


def test_the_navigation_has_no_dead_entry(visitor: Client) -> None:
    html = visitor.get("/").content.decode()
    navigation = html[html.index('<nav class="gz-nav"') : html.index("</nav>")]
    for address in re.findall(r'href="([^"]+)"', navigation):
        assert visitor.get(address).status_code == 200, address


def test_the_strip_names_the_demonstration_and_the_document(visitor: Client, signed_in) -> None:
    assert "示范数据" in visitor.get("/").content.decode()  # of several counties no document is named
    html = signed_in("jiedao").get("/gongzuotai/").content.decode()
    assert "示范数据" in html
    assert "征求意见稿" in html


def test_answers_carry_headers_that_forbid_foreign_content(visitor: Client) -> None:
    response = visitor.get("/")
    policy = response["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("address", ("/", "/tousu/", "/tiaokuan/jiujiang/", "/wenguize/", "/rili/2026/"))
def test_a_page_asks_the_database_few_questions(visitor: Client, address: str) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        visitor.get(address)
    assert len(queries) <= MOST_QUERIES


def test_health_is_told_without_a_session(visitor: Client) -> None:
    response = visitor.get("/healthz")
    assert response.json() == {"status": "ok"}
    assert not response.cookies


def test_large_letters_stay_and_the_page_is_kept(visitor: Client) -> None:
    response = visitor.get("/tiaokuan/?q=电梯&zi=da")
    assert response.status_code == 302
    assert response["Location"].startswith("/tiaokuan/?q=")
    assert "zi=" not in response["Location"]
    assert '<html lang="zh-CN" class="gz-large">' in visitor.get("/chaxun/").content.decode()
    visitor.get("/?zi=biaozhun")
    assert 'class="gz-large"' not in visitor.get("/chaxun/").content.decode()


def test_the_switch_of_letters_never_leads_elsewhere(visitor: Client) -> None:
    response = visitor.get("//example.org/?zi=da")
    assert not response.get("Location", "/").startswith("//")
