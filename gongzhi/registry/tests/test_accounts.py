"""Accounts: opened with a password that is shown once and has to be changed, stopped, given back; within the place."""

import pytest
from django.test import Client
from django.urls import reverse

from gongzhi.core import accounts
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event, Post, User
from gongzhi.core.people import begin_post, end_post
from gongzhi.core.tests.cast import NOW
from gongzhi.registry.queries.reading import people_near

pytestmark = pytest.mark.django_db
KEY = iter(range(10_000))
OWN = "Ziji-de-kouling-88"


def url(name, *args):
    return reverse(f"registry:{name}", args=args)


def send(client, address, **data):
    return client.post(address, {"form_key": f"account-{next(KEY)}", **data})


@pytest.fixture
def admin(quiet_cast):
    client = Client()
    client.force_login(quiet_cast.users["system_admin"])
    return client


def opened(admin, **given):
    made = send(admin, url("open_account"), **{"name": "新某", "username": "xin1", "phone": "13812340000", **given})
    assert made.status_code == 303, made.content.decode()
    page = admin.get(made["Location"]).content.decode()
    return User.objects.get(username=given.get("username", "xin1")), page.split('id="secret">')[1].split("<")[0]


def sign_in(name, password):
    client = Client()
    return client, client.post(reverse("login"), {"username": name, "password": password})


def test_the_first_password_is_shown_once_and_leads_nowhere_but_to_ones_own(admin):
    user, password = opened(admin)
    assert password not in admin.get(url("account", user.pk)).content.decode()
    client, answer = sign_in("xin1", password)
    assert answer["Location"] == reverse("own_password")
    assert client.get("/").headers["Location"] == reverse("own_password")
    page = reverse("own_password")
    for old, new, again, words in (
        ("x", OWN, OWN, "现在的口令不对"),
        (password, OWN, "y", "两次填的不一样"),
        (password, password, password, "不同"),
        (password, "12345678", "12345678", "太常见"),
    ):
        refused = client.post(page, {"old": old, "new": new, "again": again})
        assert refused.status_code == 422 and words in refused.content.decode()
    assert client.post(page, {"old": password, "new": OWN, "again": OWN}).status_code == 303
    assert client.get(reverse("home")).status_code == 200
    assert sign_in("xin1", OWN)[1]["Location"] != page
    events = Event.objects.filter(subject_kind="user", subject_id=str(user.pk)).order_by("pk")
    assert [one.kind for one in events] == ["user.opened", "user.password_changed"]


def test_a_new_password_ends_the_old_ones_sessions(admin):
    user, password = opened(admin)
    client, _ = sign_in("xin1", password)
    assert send(admin, url("reset_password", user.pk)).status_code == 303
    assert "/denglu/" in client.get(reverse("duties:desk")).headers["Location"]
    assert sign_in("xin1", password)[1].status_code == 422


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"username": "zhang san"}, "账号只能用"),
        ({"username": "SYSTEM_admin"}, "已经有人用"),
        ({"phone": "123"}, "11位"),
        ({"role": "owner", "phone": "", "estate": "示范"}, "业主要填手机号"),
        ({"role": "owner", "estate": "没有的小区"}, "登记过的小区名称"),
    ],
)
def test_what_cannot_be_opened_says_why_and_opens_nothing(admin, quiet_cast, given, field):
    quiet_cast.users["system_admin"].username = "system_admin"
    quiet_cast.users["system_admin"].save()
    estate = {"estate": quiet_cast.estate.name} if given.get("estate") == "示范" else {}
    before = User.objects.count()
    data = {"name": "新某", "username": "xin1", "phone": "13812340000", **given, **estate}
    refused = send(admin, url("open_account"), **data)
    assert refused.status_code == 422 and field in refused.content.decode()
    assert User.objects.count() == before


def test_an_account_is_stopped_once_its_units_post_has_ended_and_comes_back_with_a_new_password(admin, quiet_cast):
    user, password = opened(admin)
    system = quiet_cast.actor("system_admin")
    post = begin_post(
        user, organisation=quiet_cast.organisation("street_office"), begins_on=NOW.date(), actor=system, now=NOW
    )
    refused = send(admin, url("stop_account", user.pk), reason="调走")
    assert refused.status_code == 422 and "先在那里登记离岗" in refused.content.decode()
    end_post(post, ends_on=NOW.date(), actor=system, now=NOW)
    assert send(admin, url("stop_account", user.pk), reason="").status_code == 422
    assert send(admin, url("stop_account", user.pk), reason="调走").status_code == 303
    assert sign_in("xin1", password)[1].status_code == 422
    assert not people_near(system).filter(pk=user.pk).exists()
    assert send(admin, url("resume_account", user.pk)).status_code == 303
    assert sign_in("xin1", password)[1].status_code == 422, "the old one is gone"
    own = quiet_cast.users["system_admin"]
    with pytest.raises(Refused, match="自己的账号"):
        accounts.stop_account(own, reason="试", actor=system, now=NOW)


def test_an_owner_is_found_by_his_number_and_his_post_ends_with_the_account(admin, quiet_cast):
    user, _ = opened(admin, username="13812340000", role="owner", estate=quiet_cast.estate.name)
    post = Post.objects.get(user=user)
    assert (post.role, post.organisation, post.place_path) == ("owner", None, quiet_cast.estate.place_path)
    twice = send(admin, url("give_post", user.pk), role="owner", estate=quiet_cast.estate.name)
    assert twice.status_code == 422 and "已经有这个岗位" in twice.content.decode()
    given = {"role": "building_steward", "estate": quiet_cast.estate.name}
    assert send(admin, url("give_post", user.pk), **given).status_code == 303
    steward = Post.objects.get(user=user, role="building_steward")
    day = steward.begins_on.isoformat()
    assert send(admin, url("end_own_post", user.pk, steward.pk), day=day).status_code == 303
    assert send(admin, url("stop_account", user.pk), reason="房屋已转让").status_code == 303
    assert not Post.objects.filter(user=user, ends_on=None).exists()


def test_nobody_else_manages_accounts_and_those_of_elsewhere_are_not_there(admin, quiet_cast):
    client = Client()
    client.force_login(quiet_cast.users["housing"])
    assert client.get(url("accounts")).status_code == 403
    assert send(client, url("open_account"), name="新某", username="xin2").status_code == 403
    user, _ = opened(admin)
    street = quiet_cast.organisation("street_office")
    elsewhere = Actor(quiet_cast.users["housing"], None, "system_admin", "11/1101/110101/", "别处 管理员")
    assert not accounts.accounts_near(elsewhere).filter(pk=user.pk).exists()
    with pytest.raises(Refused):
        accounts.reset_password(user, actor=elsewhere, now=NOW)
    system = quiet_cast.actor("system_admin")
    begin_post(user, organisation=street, begins_on=NOW.date(), actor=system, now=NOW)
    Post.objects.create(user=user, role="owner", place_path="11/1101/110101/", begins_on=NOW.date())
    with pytest.raises(Refused, match="别的地区"):
        accounts.reset_password(user, actor=system, now=NOW)
    found = admin.get(url("accounts") + "?text=xin1").content.decode()
    assert "新某" in found and str(street) in found
