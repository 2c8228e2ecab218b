"""Keys of other programs: what they open, until when, and what they never do."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from gongzhi.core import tokens
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import ApiToken, Event
from gongzhi.core.tests.calling import ROOT, Caller, key_for, refused
from gongzhi.core.tests.cast import Cast


def test_a_key_acts_as_its_post(cast: Cast, call: Any) -> None:
    shown = call("street_office", "cases:read").get("/me").json()
    assert shown["role"] == "street_office" and shown["scopes"] == ["cases:read"]
    assert shown["organisation"]["id"] == cast.organisation("street_office").pk
    assert shown["place_path"] == cast.street.path


def test_only_a_hash_of_the_secret_is_kept(cast: Cast) -> None:
    _, _, secret = key_for(cast, "street_office").split("_", 2)  # what follows may hold underscores of its own
    row = ApiToken.objects.get()
    kept = " ".join(str(value) for value in ApiToken.objects.values_list().get())
    assert len(secret) >= 32 and secret not in kept and len(row.secret_hash) == 64
    event = Event.objects.get(kind="token.issued")
    assert secret not in str(event.data) and "cases:read" in event.data["scopes"]


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer gz_1_2", "Basic YTpi", "Bearer x", "Bearer gz__"])
def test_without_a_key_nothing_opens(cast: Cast, call: Any, given: str) -> None:
    response = Client().get(f"{ROOT}/me", headers={"Authorization": given} if given else {})
    refused(response, 401, "unauthenticated")
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_a_wrong_secret_of_a_known_key_opens_nothing(cast: Cast, call: Any) -> None:
    caller = call("street_office")
    refused(Caller(caller.secret[:-1] + "#").get("/me"), 401)


def test_an_expired_a_revoked_and_an_ended_posts_key_open_nothing(cast: Cast, call: Any) -> None:
    expired, revoked, ended = call("street_office"), call("housing"), call("police")
    first, second, third = ApiToken.objects.order_by("pk")
    ApiToken.objects.filter(pk=first.pk).update(issued_at=cast.now - timedelta(days=9), expires_at=cast.now)
    tokens.revoke_token(second, reason="系统下线", actor=cast.actor("leading_group_office"), now=cast.now)
    third.post.ends_on = (cast.now - timedelta(days=1)).date()
    third.post.save()
    for caller in (expired, revoked, ended):
        refused(caller.get("/me"), 401)
    assert Event.objects.get(kind="token.revoked").data["reason"] == "系统下线"


def test_a_scope_that_is_missing_is_named(cast: Cast, call: Any) -> None:
    found = refused(call("street_office", "duties:read").get("/cases"), 403, "scope")
    assert "cases:read" in found["message"]


def test_a_session_of_the_pages_does_not_open_the_api(cast: Cast, call: Any) -> None:
    client = Client()
    client.force_login(cast.user("street_office"))
    refused(client.get(f"{ROOT}/me"), 401)
    refused(client.post(f"{ROOT}/complaints", "{}", content_type="application/json"), 401)


def test_the_use_is_noted_at_most_every_ten_minutes(cast: Cast, call: Any, monkeypatch: Any) -> None:
    from gongzhi.core import middleware

    caller = call("street_office")
    moments = [cast.now + timedelta(minutes=minutes) for minutes in (0, 9, 11)]
    noted = []
    for moment in moments:
        monkeypatch.setattr(middleware.timezone, "now", lambda moment=moment: moment)
        caller.get("/me")
        noted.append(ApiToken.objects.get().last_used_at)
    assert noted == [moments[0], moments[0], moments[2]]


@pytest.mark.parametrize(
    ("role", "code", "change"),
    [
        ("street_office", "forbidden", {}),
        ("leading_group_office", "bad_scope", {"scopes": ["cases:everything"]}),
        ("leading_group_office", "bad_scope", {"scopes": []}),
        ("leading_group_office", "bad_expiry", {"days": 400}),
        ("leading_group_office", "bad_expiry", {"days": 0}),
        ("leading_group_office", "bad_name", {"name": " "}),
    ],
)
def test_what_no_key_is_issued_for(cast: Cast, role: str, code: str, change: dict[str, Any]) -> None:
    given = {"name": "系统", "scopes": ["cases:read"], "days": 30, **change}
    expires_at = cast.now + timedelta(days=given.pop("days"))
    post = cast.user("housing").posts.get()
    with pytest.raises(Refused) as caught:
        tokens.issue_token(post, expires_at=expires_at, actor=cast.actor(role), now=cast.now, **given)
    assert caught.value.code == code
    assert not ApiToken.objects.exists()


def test_the_holder_may_take_his_own_key_back_and_a_stranger_not(cast: Cast) -> None:
    key_for(cast, "housing")
    token = ApiToken.objects.get()
    with pytest.raises(Refused):
        tokens.revoke_token(token, reason="x", actor=cast.actor("police"), now=cast.now)
    assert tokens.revoke_token(token, reason="x", actor=cast.actor("housing"), now=cast.now).revoked_at


def test_a_key_for_a_post_without_a_holder_is_refused(cast: Cast) -> None:
    post = cast.user("housing").posts.get()
    post.ends_on = (cast.now - timedelta(days=1)).date()
    post.save()
    with pytest.raises(Refused, match="没有人在任"):
        tokens.issue_token(
            post,
            name="系统",
            scopes=["cases:read"],
            expires_at=cast.now + timedelta(days=3),
            actor=Actor.system(),
            now=cast.now,
        )
