"""Errors and refusals are pages that say what, why, and what to do."""

from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory

from gongzhi.core.errors import Refused
from gongzhi.site import errors
from gongzhi.site.tests.test_pages import check_page


@pytest.fixture
def request_of(stage, rf: RequestFactory):
    from django.contrib.auth.models import AnonymousUser

    from gongzhi.core.actors import Actor

    request = rf.get("/x/")
    request.user, request.actor = AnonymousUser(), Actor.public()
    return request


def test_an_address_that_is_not_there(visitor: Client) -> None:
    response = visitor.get("/meiyou/")
    assert response.status_code == 404
    check_page(response.content.decode())
    assert "没有这一页" in response.content.decode()


def test_a_form_without_its_token(stage) -> None:
    response = Client(enforce_csrf_checks=True).post("/chaxun/", {"number": "x", "tail": "1"})
    assert response.status_code == 403
    assert "这张表单过期了" in response.content.decode()


def test_a_page_for_others(visitor: Client) -> None:
    response = visitor.get("/rili/2027/luru/")
    assert response.status_code == 403
    check_page(response.content.decode())
    assert "您可以这样办" in response.content.decode()


def test_a_refusal_becomes_a_page_with_its_clause(request_of) -> None:
    refusal = Refused(
        "too_early", "还不能办结：没有现场核实记录。", clause=("JJ-A7-3.5-1",), fields={"x": "先到现场核实。"}
    )
    response = errors.refused(request_of, refusal)
    html = response.content.decode()
    assert response.status_code == 422
    check_page(html)
    assert "gz-refused" in html
    assert "没有现场核实记录" in html
    assert "/tiaokuan/jiujiang/#JJ-A7-3.5-1" in html
    assert "先到现场核实。" in html


def test_a_refusal_of_a_fragment_is_a_fragment(request_of) -> None:
    request_of.META["HTTP_HX_REQUEST"] = "true"
    html = errors.refused(request_of, Refused("no", "不能办。")).content.decode()
    assert "<html" not in html
    assert "不能办。" in html


def test_what_a_user_typed_cannot_become_markup(request_of) -> None:
    html = errors.refused(request_of, Refused("no", "<script>x</script>")).content.decode()
    assert "<script>x" not in html


def test_a_fault_of_the_platform_needs_no_database(rf: RequestFactory) -> None:
    response = errors.server_error(rf.get("/"))
    assert response.status_code == 500
    check_page(response.content.decode())
    assert "平台出了故障" in response.content.decode()


def test_the_middleware_leaves_other_exceptions_alone(rf: RequestFactory) -> None:
    middleware = errors.RefusalPages(lambda request: HttpResponse())
    assert middleware.process_exception(rf.get("/"), ValueError("x")) is None


def test_the_way_back_stays_on_this_site(rf: RequestFactory) -> None:
    assert errors._back(rf.get("/", headers={"referer": "https://example.org/x"})) == "/"
    assert errors._back(rf.get("/", headers={"referer": "http://testserver/anjian/"})) == "http://testserver/anjian/"


def test_a_form_only_address_opened_as_a_page(signed_in: Callable[[str], Client]) -> None:
    response = signed_in("yezhu").get("/chaxun/JJ-2026-T00001/1/pingjia/")
    assert response.status_code == 405
    assert "只接受表单提交" in response.content.decode()


@pytest.mark.parametrize("address", ["/gongzuotai/", "/anjian/", "/xiaoqu/"])
def test_an_owner_who_comes_to_a_list_of_the_officials_is_told_where_the_own_matters_are(
    signed_in: Callable[[str], Client], address: str
) -> None:
    response = signed_in("yezhu").get(address)
    html = response.content.decode()
    assert response.status_code == 403
    check_page(html)
    assert "您的账号不在单位里" in html
    assert 'href="/chaxun/"' in html and 'href="/"' in html


def test_an_official_gets_the_desk_as_before(signed_in: Callable[[str], Client]) -> None:
    assert signed_in("lingdaoxiaozu").get("/gongzuotai/").status_code == 200
