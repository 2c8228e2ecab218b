"""Events for other programs: queued with the event, signed, sent again until they arrive, only what may be told."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_network
from typing import Any

import pytest

from gongzhi.core import addresses, webhooks
from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event, Webhook, WebhookDelivery
from gongzhi.core.tests.calling import refused
from gongzhi.core.tests.cast import Cast

HOME = [ip_network("127.0.0.0/8"), ip_network("::1/128")]


class Receiver:
    """A server that answers as told, and keeps what it got."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.got: list[tuple[dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # noqa: N802
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((dict(self.headers), body))
                self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                """Quiet."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/events?from=gongzhi"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOK_NETWORKS = HOME
    found = Receiver()
    yield found
    found.stop()


def listen(cast: Cast, receiver: Receiver, role: str, *kinds: str) -> webhooks.Subscribed:
    return webhooks.subscribe(
        cast.user(role).posts.get(),
        name="数据中台",
        url=receiver.url,
        kinds=kinds,
        actor=cast.actor("leading_group_office"),
        now=cast.now,
    )


def happens(cast: Cast) -> Event:
    """Something that names a person in its reason and its subject."""
    core.set_deputy(
        cast.user("street_office").posts.get(),
        deputy=cast.user("housing"),
        from_on=cast.now.date(),
        to_on=None,
        actor=cast.actor("leading_group_office"),
        now=cast.now,
    )
    return Event.objects.get(kind="post.deputy_set")


def waiting() -> list[tuple[str, Any, dict[str, Any]]]:
    from procrastinate.contrib.django.models import ProcrastinateJob

    rows = ProcrastinateJob.objects.filter(task_name=webhooks.DELIVER).order_by("id")
    return [(row.status, row.scheduled_at, row.args) for row in rows]


def test_an_event_is_delivered_signed_and_names_nobody(cast: Cast, receiver: Receiver) -> None:
    made = listen(cast, receiver, "street_office", "post.*")
    event = happens(cast)
    row = WebhookDelivery.objects.get()
    assert waiting() == [("todo", None, {"delivery_id": row.pk})]
    assert webhooks.deliver(row.pk, now=cast.now).state == "sent"  # type: ignore[union-attr]
    headers, body = receiver.got[0]
    parts = dict(part.split("=", 1) for part in headers["Gongzhi-Signature"].split(","))
    wanted = hmac.new(made.secret.encode(), parts["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert parts["v1"] == wanted and int(parts["t"]) == int(cast.now.timestamp())
    told = json.loads(body)
    assert told["id"] == headers["Gongzhi-Event-Id"] == f"evt_{event.pk}"
    assert told["kind"] == "post.deputy_set" and told["data"] == {"role": "street_office"}
    for name in ("赵敏", "许静", "周宁"):
        assert name not in body.decode()
    assert made.secret not in Webhook.objects.get().secret_cipher


def test_what_fails_is_tried_again_later_with_the_same_id_and_arrives(cast: Cast, receiver: Receiver) -> None:
    listen(cast, receiver, "street_office", "post.deputy_set")
    happens(cast)
    row = WebhookDelivery.objects.get()
    receiver.answers = [500, 302]
    first = webhooks.deliver(row.pk, now=cast.now)
    assert first is not None and (first.state, first.tries, first.status) == ("queued", 1, 500)
    webhooks.deliver(row.pk, now=cast.now + timedelta(seconds=10))
    last = webhooks.deliver(row.pk, now=cast.now + timedelta(minutes=2))
    assert last is not None and (last.state, last.tries, last.error) == ("sent", 3, "")
    assert len({headers["Gongzhi-Event-Id"] for headers, _ in receiver.got}) == 1 and len(receiver.got) == 3
    assert [scheduled is None for _, scheduled, _ in waiting()] == [True, False, False]
    webhooks.deliver(row.pk, now=cast.now + timedelta(minutes=3))
    assert len(receiver.got) == 3


def test_after_the_last_try_it_is_given_up_told_and_can_be_sent_again(cast: Cast, receiver: Receiver) -> None:
    listen(cast, receiver, "street_office", "post.deputy_set")
    happens(cast)
    row = WebhookDelivery.objects.get()
    receiver.answers = [503] * webhooks.MOST_TRIES
    for number in range(webhooks.MOST_TRIES):
        webhooks.deliver(row.pk, now=cast.now + timedelta(days=number))
    row.refresh_from_db()
    assert (row.state, row.tries, row.error) == ("failed", webhooks.MOST_TRIES, "对方答复 503")
    assert Event.objects.get(kind="webhook.gave_up").data["tries"] == webhooks.MOST_TRIES
    webhooks.send_again(row, actor=cast.actor("leading_group_office"), now=cast.now)
    assert webhooks.deliver(row.pk, now=cast.now).state == "sent"  # type: ignore[union-attr]


def test_a_receiver_that_is_down_counts_as_failed(cast: Cast, receiver: Receiver) -> None:
    listen(cast, receiver, "street_office", "post.deputy_set")
    happens(cast)
    receiver.server.server_close()
    row = webhooks.deliver(WebhookDelivery.objects.get().pk, now=cast.now)
    assert row is not None and row.state == "queued" and "Connection" in row.error


def test_what_the_post_may_not_read_is_withheld(cast: Cast, receiver: Receiver) -> None:
    """The second street, a company's manager: neither has to do with a post of the first street."""
    for role in ("street_office@2", "project_manager"):
        listen(cast, receiver, role, "post.*")
    happens(cast)
    for row in WebhookDelivery.objects.all():
        assert webhooks.deliver(row.pk, now=cast.now).state == "withheld"  # type: ignore[union-attr]
    assert receiver.got == []


def test_looks_at_personal_data_and_keys_are_nobodys_business(cast: Cast, receiver: Receiver) -> None:
    for kind in ("person.revealed", "token.issued", "file.stored", "nothing.known", "person.*"):
        with pytest.raises(Refused, match="事件列表"):
            listen(cast, receiver, "street_office", kind)


def test_an_ended_subscription_hears_no_more(cast: Cast, receiver: Receiver) -> None:
    made = listen(cast, receiver, "street_office", "post.*")
    happens(cast)
    webhooks.unsubscribe(made.webhook, actor=cast.actor("leading_group_office"), now=cast.now)
    row = webhooks.deliver(WebhookDelivery.objects.get().pk, now=cast.now)
    assert row is not None and row.state == "withheld" and receiver.got == []
    core.end_post(
        cast.user("street_office").posts.get(),
        ends_on=cast.now.date(),
        actor=cast.actor("leading_group_office"),
        now=cast.now,
    )
    assert WebhookDelivery.objects.count() == 1


def test_a_program_subscribes_for_its_own_post_alone(cast: Cast, receiver: Receiver, call: Any) -> None:
    caller = call("street_office")
    made = caller.post("/webhooks", {"name": "平台", "url": receiver.url, "kinds": ["case.*"]})
    assert made.status_code == 201 and made.json()["secret"].startswith("whsec_")
    url = f"/webhooks/{made.json()['id']}"
    assert "secret" not in caller.get(url).json()
    refused(call("housing").get(url), 404)
    assert caller.post(f"{url}/end", match=caller.etag(url)).json()["ended_at"]


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://localhost/x", "https://10.1.2.3/", "https://192.168.1.1/", "https://[::1]/",
        "https://169.254.169.254/latest/meta-data", "https://[fe80::1]/", "https://[::ffff:10.0.0.1]/",
        "https://0.0.0.0/", "https://2130706433/", "https://100.64.0.1/", "https://[64:ff9b::7f00:1]/",
        "http://8.8.8.8/", "ftp://8.8.8.8/", "https://user:pass@8.8.8.8/", "https://", "nonsense",
        "https://8.8.8.8:99999/", "https://224.0.0.1/", "https://8.8.8.8/\r\nX: y",
    ],
)  # fmt: skip
def test_an_address_inside_or_without_tls_is_refused(url: str, settings: Any) -> None:
    settings.WEBHOOK_NETWORKS = []
    with pytest.raises(Refused) as caught:
        addresses.target_of(url)
    assert caught.value.code == "bad_url"


def test_a_name_that_leads_inside_is_refused_whenever_it_does(settings: Any, monkeypatch: Any) -> None:
    settings.WEBHOOK_NETWORKS = []
    answers = iter(["8.8.8.8", "127.0.0.1"])
    monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *a, **k: [(2, 1, 6, "", (next(answers), 443))])
    assert addresses.target_of("https://hook.example/").address == "8.8.8.8"
    with pytest.raises(Refused):
        addresses.target_of("https://hook.example/")


def test_one_inner_address_among_outer_ones_is_enough_to_refuse(settings: Any, monkeypatch: Any) -> None:
    settings.WEBHOOK_NETWORKS = []
    rows = [(2, 1, 6, "", (one, 443)) for one in ("8.8.8.8", "10.0.0.1")]
    monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *a, **k: rows)
    with pytest.raises(Refused):
        addresses.target_of("https://hook.example/")
