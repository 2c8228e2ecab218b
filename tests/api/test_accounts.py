"""Accounts over the API: the password is given once, changes need the tag that was read, other places are not there."""

from typing import Any

from gongzhi.core.models import User
from gongzhi.core.tests.calling import items, refused
from gongzhi.core.tests.cast import Cast


def test_an_account_is_opened_reset_stopped_and_resumed(cast: Cast, call: Any) -> None:
    admin = call("system_admin")
    body = {"username": "xin1", "name": "新某", "phone": "13812340000", "role": "owner", "estate": cast.estate.pk}
    made = admin.post("/accounts", body)
    assert made.status_code == 201, made.content.decode()
    given = made.json()
    assert given["phone"] == "138****0000" and [one["role"] for one in given["posts"]] == ["owner"]
    user = User.objects.get(pk=given["id"])
    assert user.check_password(given["password"])
    url = f"/accounts/{user.pk}"
    assert "password" not in admin.get(url).json()
    refused(admin.post("/accounts", {**body, "username": "XIN1"}), 422, "username_taken")
    refused(admin.post("/accounts", {**body, "username": "xin2", "estate": 99999}), 422, "account_estate")
    refused(admin.post(f"{url}/stop", {"reason": "转让"}), 428)
    old = admin.etag(url)
    again = admin.post(f"{url}/password", {}, match=old)
    assert again.status_code == 200 and again.json()["password"] != given["password"]
    refused(admin.post(f"{url}/stop", {"reason": "转让"}, match=old), 412)
    steward = {"role": "building_steward", "estate": cast.estate.pk}
    posts = admin.post(f"{url}/posts", steward, match=admin.etag(url)).json()["posts"]
    held = next(one for one in posts if one["role"] == "building_steward")
    ended = admin.post(f"{url}/posts/{held['id']}/end", {"day": held["begins_on"]}, match=admin.etag(url))
    assert ended.status_code == 200, ended.content.decode()
    assert admin.post(f"{url}/stop", {"reason": "转让"}, match=admin.etag(url)).json()["active"] is False
    assert [one["id"] for one in items(admin.get("/accounts?state=stopped"))] == [user.pk]
    assert admin.post(f"{url}/resume", {}, match=admin.etag(url)).json()["active"] is True


def test_accounts_are_the_administrators_alone(cast: Cast, call: Any) -> None:
    for role in ("housing", "leading_group_office", "owner"):
        refused(call(role).get("/accounts"), 403, "forbidden")
    refused(call("system_admin", "registry:read").get("/accounts"), 403)
