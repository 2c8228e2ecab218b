"""The door for accounts: plain words, a limit on guessing, and no way out by a mere link."""

from django.test import Client

from gongzhi.site import limits
from gongzhi.site.demo import accounts
from gongzhi.site.demo.loading import Stage

PASSWORD = accounts.scene()["password"]


def sign_in(client: Client, username: str, password: str = PASSWORD, **more: str) -> object:
    return client.post("/denglu/", {"username": username, "password": password, **more})


def test_staff_are_led_to_the_desk_and_an_owner_home(visitor: Client) -> None:
    assert sign_in(visitor, "jiedao")["Location"] == "/gongzuotai/"
    assert sign_in(Client(), "yezhu")["Location"] == "/"


def test_a_link_fills_in_the_name_of_a_demonstration_account(visitor: Client) -> None:
    html = visitor.get("/denglu/?zhanghao=jiedao").content.decode()
    assert 'value="jiedao"' in html
    assert PASSWORD in html


def test_a_wrong_password_says_what_to_do_and_keeps_the_name(visitor: Client) -> None:
    response = sign_in(visitor, "jiedao", "wrong")
    assert response.status_code == 422
    html = response.content.decode()
    assert "账号或者口令不对" in html
    assert 'value="jiedao"' in html
    assert 'value="wrong"' not in html


def test_an_unknown_name_is_answered_like_a_wrong_password(visitor: Client) -> None:
    assert "账号或者口令不对" in sign_in(visitor, "nobody", "wrong").content.decode()


def test_after_many_failures_even_the_right_password_waits(visitor: Client) -> None:
    for _ in range(limits.LOGIN_NAME.most):
        sign_in(visitor, "jiedao", "wrong")
    response = sign_in(visitor, "jiedao")
    assert response.status_code == 422
    assert "15分钟" in response.content.decode()
    assert sign_in(Client(), "shequ").status_code == 303


def test_a_success_forgets_the_failures_before_it(visitor: Client) -> None:
    for _ in range(limits.LOGIN_NAME.most - 1):
        sign_in(visitor, "jiedao", "wrong")
    sign_in(visitor, "jiedao")
    for _ in range(limits.LOGIN_NAME.most - 1):
        assert "不对" in sign_in(Client(), "jiedao", "wrong").content.decode()


def test_signing_in_leads_back_only_to_this_site(visitor: Client) -> None:
    assert sign_in(visitor, "jiedao", next="/tiaokuan/")["Location"] == "/tiaokuan/"
    assert sign_in(Client(), "jiedao", next="https://example.org/")["Location"] == "/gongzuotai/"


def test_a_link_alone_signs_nobody_out(stage: Stage) -> None:
    client = Client()
    client.force_login(stage.users["yezhu"])
    assert "退出登录" in client.get("/tuichu/").content.decode()
    assert "您好" in client.get("/").content.decode()
    client.post("/tuichu/")
    assert "您好" not in client.get("/").content.decode()


def test_the_address_of_who_tries_is_not_kept_in_plain(visitor: Client) -> None:
    from gongzhi.site.models import Attempt

    sign_in(visitor, "jiedao", "wrong")
    kept = list(Attempt.objects.values_list("key", flat=True))
    assert kept
    assert not any("127.0.0.1" in key or "jiedao" in key for key in kept)
