"""The root of the API: its description, its problems, its guide, its keys on the page."""

import re
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_network
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from ninja import Schema

from gongzhi.core import middleware
from gongzhi.core.models import ApiToken, Event, Webhook, WebhookDelivery
from gongzhi.core.tests.calling import Caller, key_for, refused
from gongzhi.core.tests.cast import Cast
from gongzhi.site.api import api

CHINESE = re.compile("[一-鿿]")


# What everybody reads on the public page as well.
WITHOUT_A_KEY = {("get", "/api/v1/public/estates"), ("get", "/api/v1/public/estates/{pk}")}


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in api.get_openapi_schema()["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def test_every_operation_is_described_in_chinese() -> None:
    silent = []
    for method, path, operation in operations():
        said = [operation["summary"], operation["description"], *operation["tags"]]
        said += [one.get("description", "") for one in operation["parameters"] if one["in"] != "path"]
        silent += [f"{method} {path}: {words!r}" for words in said if not CHINESE.search(words)]
    assert not silent, "\n".join(silent)


def test_every_field_is_described_in_chinese() -> None:
    silent = []
    for name, schema in api.get_openapi_schema()["components"]["schemas"].items():
        for field, about in schema.get("properties", {}).items():
            if not CHINESE.search(about.get("description", "")):
                silent.append(f"{name}.{field}")
    assert not silent, "\n".join(silent)


def test_every_creation_wants_a_key_and_every_change_a_version() -> None:
    for method, path, operation in operations():
        wanted = {one["name"] for one in operation["parameters"] if one["in"] == "header" and one["required"]}
        if method == "get":
            assert not wanted, path
        elif 201 in operation["responses"]:
            assert wanted == {"Idempotency-Key"}, path
        if "If-Match" in wanted:
            assert {412, 428} <= set(operation["responses"]), path
        if (method, path) in WITHOUT_A_KEY:
            assert "security" not in operation, path
        else:
            assert operation["security"] == [{"Token": []}], path


def test_operations_have_names_of_their_own() -> None:
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(names) == len(set(names))


def test_shapes_have_names_of_their_own() -> None:
    """The description knows a shape by its name alone: of two with one name it would show one."""

    def below(shape: type[Any]) -> Iterator[type[Any]]:
        for one in shape.__subclasses__():
            yield one
            yield from below(one)

    places: dict[str, set[str]] = {}
    for one in below(Schema):
        if one.__module__.startswith("gongzhi.") and "[" not in one.__name__:
            places.setdefault(one.__name__, set()).add(one.__module__)
    assert not {name: found for name, found in places.items() if len(found) > 1}


def test_the_description_and_the_page_of_it_need_no_key_and_no_outside_network(client: Client, cast: Cast) -> None:
    described = client.get("/api/v1/openapi.json")
    assert described.status_code == 200 and described.json()["openapi"].startswith("3.1")
    page = client.get("/api/v1/docs")
    html = page.content.decode()
    assert page.status_code == 200 and '<html lang="zh' in html
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", html)
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    for name in ("Idempotency-Key", "If-Match", "next_cursor", "problem+json", "Authorization: Bearer"):
        assert name in html


def test_the_page_of_the_description_shows_every_operation_with_its_fields(
    client: Client, cast: Cast, contexts: None
) -> None:
    whole = client.get("/api/v1/docs")
    parts = whole.context["parts"]
    shown = {(op.method.lower(), op.path) for part in parts for op in part.operations}
    assert shown == {(method, path) for method, path, _ in operations()}
    for part in parts:
        page = client.get("/api/v1/docs", {"bufen": part.name}).content.decode()
        for op in part.operations:
            assert f'id="{op.anchor}"' in page and op.path in page
            assert all(CHINESE.search(one.text) for one in (*op.body, *op.answer)), op.path
    every = [op for part in parts for op in part.operations]
    made = next(op for op in every if (op.method, op.path) == ("POST", "/api/v1/complaints"))
    assert {"channel", "estate", "matters"} <= {one.name for one in made.body if one.required}
    assert {"matter", "urgent"} <= {one.name for one in made.body if one.depth == 1}


def test_an_address_that_is_none_and_a_wrong_method_are_problems(cast: Cast, call: Any) -> None:
    caller = call("street_office")
    refused(caller.get("/nothing/here"), 404, "not_found")
    refused(caller.post("/cases/X-1"), 405, "method_not_allowed")
    refused(caller.get("/cases/X-1"), 404, "not_found")


WRONG = ("{", "[]", '"x"', '{"channel": NaN}', '{"reason": "\\u0000"}', '{"reason": "\\ud800"}')


@pytest.mark.parametrize("body", WRONG)
def test_a_body_that_is_no_json_object_is_a_problem(cast: Cast, call: Any, body: str) -> None:
    caller = call("street_office")
    response = caller.client.post(
        "/api/v1/complaints",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {caller.secret}", "Idempotency-Key": "k"},
    )
    assert refused(response, response.status_code)["status"] in (400, 422)


def test_another_media_type_and_too_much_are_problems(cast: Cast, call: Any, settings: Any) -> None:
    caller = call("street_office")
    headers = {"Authorization": f"Bearer {caller.secret}", "Idempotency-Key": "k"}
    sent = caller.client.post("/api/v1/complaints", "a=b", content_type="text/plain", headers=headers)
    refused(sent, 415, "media_type")
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    refused(caller.post("/complaints", {"channel": "phone"}), 413, "too_large")


def test_what_is_missing_or_unknown_is_said_field_by_field(cast: Cast, call: Any) -> None:
    body = {"channel": "carrier pigeon", "colour": "red", "matters": []}
    found = refused(call("street_office").post("/complaints", body), 422, "invalid")
    assert set(found["fields"]) == {"channel", "colour", "matters", "estate", "reason"}
    assert found["fields"]["estate"] == "必须填写" and found["fields"]["colour"] == "没有这一项"
    assert set(refused(call("street_office").get("/cases", {"limit": 0}), 422)["fields"]) == {"limit"}


# --- the pages


@pytest.fixture
def office(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.user("leading_group_office"))
    return client


def sent(client: Client, address: str, **data: Any) -> Any:
    return client.post(address, {"form_key": uuid4().hex, **data})


def test_a_key_is_issued_on_the_page_shown_once_and_taken_back(cast: Cast, office: Client) -> None:
    post = cast.user("street_office").posts.get()
    assert "赵敏" in office.get("/jiekou/lingpai/xin/").content.decode()
    until = (middleware.timezone.localdate() + timedelta(days=30)).isoformat()
    data = {"post": post.pk, "name": "数据中台", "scopes": ["cases:read"], "expires_on": until}
    made = sent(office, "/jiekou/lingpai/xin/", **data)
    assert made.status_code == 303
    token = ApiToken.objects.get()
    shown = office.get(made.headers["Location"]).content.decode()
    secret = re.search(r'id="secret">(gz_[^<]+)<', shown)
    assert secret is not None
    assert "gz_" not in office.get(made.headers["Location"]).content.decode()
    assert Caller(secret.group(1)).get("/me").json()["role"] == "street_office"
    url = f"/jiekou/lingpai/{token.pk}/shouhui/"
    assert sent(office, url, reason="", version=1).status_code == 422
    assert sent(office, url, reason="系统下线", version=1).status_code == 303
    assert Caller(secret.group(1)).get("/me").status_code == 401


def test_a_slip_keeps_what_was_typed(cast: Cast, office: Client) -> None:
    answer = sent(office, "/jiekou/lingpai/xin/", name="数据中台", expires_on="2000-01-01")
    assert answer.status_code == 422 and "数据中台" in answer.content.decode()
    assert not ApiToken.objects.exists()


def test_who_may_not_issue_finds_no_door(cast: Cast, client: Client) -> None:
    client.force_login(cast.user("urban_management"))
    assert client.get("/jiekou/lingpai/xin/").status_code == 403
    assert client.get("/jiekou/tuisong/xin/").status_code == 403
    key_for(cast, "housing")
    assert client.get(f"/jiekou/lingpai/{ApiToken.objects.get().pk}/").status_code == 404
    assert "数据" not in client.get("/jiekou/lingpai/").content.decode()
    assert client.get("/jiekou/").status_code == 200


def test_a_subscription_with_what_was_given_up_and_the_button_that_sends_again(
    cast: Cast, office: Client, settings: Any
) -> None:
    settings.WEBHOOK_NETWORKS = [ip_network("127.0.0.0/8")]
    post = cast.user("street_office").posts.get()
    data = {"post": post.pk, "name": "中台", "url": "http://127.0.0.1:9/x", "kinds": "webhook.begun"}
    assert sent(office, "/jiekou/tuisong/xin/", **data).status_code == 422
    made = sent(office, "/jiekou/tuisong/xin/", **{**data, "kinds": "token.*\npost.*"})
    assert made.status_code == 422
    made = sent(office, "/jiekou/tuisong/xin/", **{**data, "kinds": "post.*\ncase.opened"})
    hook = Webhook.objects.get()
    assert "whsec_" in office.get(made.headers["Location"]).content.decode()
    row = WebhookDelivery.objects.create(
        webhook=hook, event=Event.objects.filter(kind="post.begun").first(), state="failed", error="对方答复 503"
    )
    page = office.get(f"/jiekou/tuisong/{hook.pk}/").content.decode()
    assert "对方答复 503" in page and "再送一次" in page and "whsec_" not in page
    assert sent(office, f"/jiekou/tuisong/{hook.pk}/{row.pk}/zaisong/").status_code == 303
    row.refresh_from_db()
    assert row.state == "queued"
    assert sent(office, f"/jiekou/tuisong/{hook.pk}/tingyong/", version=1).status_code == 303
