"""二次验证: set up with a code, asked for after the password, once each; recovered, locked, taken away, demanded."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pyotp
import pytest
from django.test import Client
from django.utils import timezone

from gongzhi.core import second_factor
from gongzhi.core.models import Event, SecondFactor, User
from gongzhi.site import limits, views_second_factor
from gongzhi.site.tests.test_login import sign_in

SETTINGS, CHALLENGE = "/denglu/erci/shezhi/", "/denglu/erci/"


@dataclass
class Clock:
    now: datetime


@pytest.fixture(autouse=True)
def clock(stage: Any, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """One clock for the doors, from the day on which the demonstration was put up: codes hold half a minute."""
    found = Clock(timezone.now())
    monkeypatch.setattr(views_second_factor.timezone, "now", lambda: found.now)
    return found


def code_at(secret: str, moment: datetime) -> str:
    return pyotp.TOTP(secret).at(moment)


def set_up(client: Client, clock: Clock, username: str = "jiedao") -> tuple[str, list[str]]:
    """The secret and the recovery codes, as the page shows them."""
    sign_in(client, username)
    page = client.get(SETTINGS).content.decode()
    found = re.search(r"密钥：<span[^>]*>([A-Z2-7 ]+)</span>", page)
    assert found is not None and "<svg" in page
    secret = found[1].replace(" ", "")
    done = client.post(SETTINGS, {"code": code_at(secret, clock.now)})
    assert done.status_code == 200, done.content.decode()
    return secret, re.findall(r"<li class=\"gz-code\">([^<]+)</li>", done.content.decode())


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_after_the_password_the_code_is_asked_and_nobody_is_in_before_it(visitor: Client, clock: Clock) -> None:
    secret, codes = set_up(visitor, clock)
    assert len(set(codes)) == 10 and secret not in SecondFactor.objects.get().secret_cipher
    clock.now += timedelta(minutes=5)
    client = Client()
    assert sign_in(client, "jiedao", next="/anjian/")["Location"] == CHALLENGE
    assert not signed_in(client) and client.get("/gongzuotai/").status_code == 302
    assert "验证码不对" in client.post(CHALLENGE, {"code": "000000"}).content.decode() and not signed_in(client)
    assert client.post(CHALLENGE, {"code": code_at(secret, clock.now)})["Location"] == "/anjian/"
    assert signed_in(client)


def test_a_code_works_once_and_not_for_long(visitor: Client, clock: Clock) -> None:
    secret, _ = set_up(visitor, clock)
    clock.now += timedelta(minutes=5)
    code = code_at(secret, clock.now)
    client, thief = Client(), Client()
    sign_in(client, "jiedao")
    sign_in(thief, "jiedao")
    assert client.post(CHALLENGE, {"code": code}).status_code == 303
    assert thief.post(CHALLENGE, {"code": code}).status_code == 422
    assert thief.post(CHALLENGE, {"code": code_at(secret, clock.now - timedelta(minutes=2))}).status_code == 422
    assert not signed_in(thief)


def test_a_recovery_code_lets_in_once_and_leaves_an_event(visitor: Client, clock: Clock) -> None:
    _, codes = set_up(visitor, clock)
    for wanted in (303, 422):
        client = Client()
        sign_in(client, "jiedao")
        assert client.post(CHALLENGE, {"code": codes[0].lower()}).status_code == wanted
    assert Event.objects.get(kind="user.recovery_code_used").data == {"left": 9}


def test_after_many_wrong_codes_even_the_right_one_waits(visitor: Client, clock: Clock) -> None:
    secret, _ = set_up(visitor, clock)
    clock.now += timedelta(minutes=5)
    client = Client()
    sign_in(client, "jiedao")
    for _ in range(limits.LOGIN_CODE.most):
        client.post(CHALLENGE, {"code": "000000"})
    late = client.post(CHALLENGE, {"code": code_at(secret, clock.now)})
    assert late.status_code == 422 and "15分钟" in late.content.decode() and not signed_in(client)


def test_who_waits_too_long_begins_again(visitor: Client, clock: Clock) -> None:
    secret, _ = set_up(visitor, clock)
    client = Client()
    sign_in(client, "jiedao")
    clock.now += timedelta(minutes=11)
    assert client.post(CHALLENGE, {"code": code_at(secret, clock.now)})["Location"] == "/denglu/"
    assert Client().get(CHALLENGE)["Location"] == "/denglu/"


def test_one_switches_it_off_with_a_code_and_an_administrator_for_whom_has_lost_all(
    visitor: Client, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, codes = set_up(visitor, clock)
    assert visitor.post("/denglu/erci/tingyong/", {"code": "123456"}).status_code == 422
    assert visitor.post("/denglu/erci/tingyong/", {"code": codes[3]}).status_code == 303
    assert not SecondFactor.objects.exists()
    set_up(visitor, clock)
    user = User.objects.get(username="jiedao")
    stranger, office = Client(), Client()
    sign_in(stranger, "shequ")
    sign_in(office, "lingdaoxiaozu")
    url = f"/denglu/erci/tingyong/{user.pk}/"
    assert stranger.post(url, {"reason": "x"}).status_code == 403
    assert SecondFactor.objects.exists()
    assert office.post(url, {"reason": "手机丢失"}).status_code == 303
    assert not SecondFactor.objects.exists()
    kinds = list(Event.objects.filter(kind__startswith="user.second").order_by("pk").values_list("kind", "data"))
    assert kinds[-1] == ("user.second_factor_removed", {"own": False}) and secret


def test_where_it_is_demanded_an_official_gets_no_further_than_setting_it_up(
    visitor: Client, clock: Clock, settings: Any
) -> None:
    settings.SECOND_FACTOR_FOR_STAFF = True
    sign_in(visitor, "jiedao")
    assert visitor.get("/gongzuotai/")["Location"] == SETTINGS
    assert "要求工作人员启用" in visitor.get(SETTINGS).content.decode()
    set_up(visitor, clock)
    assert visitor.get("/gongzuotai/").status_code == 200
    owner = Client()
    sign_in(owner, "yezhu")
    assert owner.get("/").status_code == 200
    assert second_factor.is_on(User.objects.get(username="jiedao"))
