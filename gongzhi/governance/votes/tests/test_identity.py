"""The real-name service as our client speaks to it: a server on this machine answers by the same protocol."""

import json
import logging
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.test import Client

from gongzhi.core import services as core
from gongzhi.core.days import ZONE
from gongzhi.core.errors import Refused
from gongzhi.core.tests.cast import Cast
from gongzhi.governance.votes import identity
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.identity import LocalCheck, Service, ServiceCheck
from gongzhi.governance.votes.queries import database_now
from gongzhi.governance.votes.tests import steps
from gongzhi.governance.votes.tests.test_pages import _running, words

KEY, APP = b"a key of the service and of us alone", "gongzhi-test"
OWN = "110101198001010003"
NOW = datetime(2022, 5, 24, 9, tzinfo=ZONE)
Answer = Callable[[dict[str, Any]], tuple[int, dict[str, Any]]]


class RealNameService:
    """Keeps what it was asked; checks the signature as the service would; answers as the test says."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.bad_signatures = 0
        self.answers: list[Answer] = []
        self.signs_with = KEY
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                given = dict(one.split("=", 1) for one in self.headers["X-Gongzhi-Signature"].split(","))
                check = ServiceCheck(Service("", APP, KEY))
                if check.signature(given["t"], given["n"], body) != given["v1"]:
                    outer.bad_signatures += 1
                asked = json.loads(body)
                outer.asked.append(asked)
                answer = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                status, found = answer(asked)
                reply = json.dumps(found).encode()
                signer = ServiceCheck(Service("", APP, outer.signs_with))
                self.send_response(status)
                self.send_header("X-Gongzhi-Signature", f"v1={signer.signature(given['t'], given['n'], reply)}")
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            def log_message(self, *_: Any) -> None:
                return

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/verify"


def says(result: str) -> Answer:
    return lambda asked: (200, {"request_id": asked["request_id"], "result": result})


def fails(status: int) -> Answer:
    return lambda asked: (status, {})


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[RealNameService]:
    made = RealNameService()
    monkeypatch.setattr(identity, "PAUSE_SECONDS", 0)
    settings.VOTE_IDENTITY_CHECK = "gongzhi.governance.votes.identity.ServiceCheck"
    settings.VOTE_IDENTITY_URL, settings.VOTE_IDENTITY_APP = made.url, APP
    settings.VOTE_IDENTITY_KEY = KEY.decode()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def person(cast: Cast) -> Any:
    return core.keep_person(
        name="业主3", phone="13900000003", id_number="", place_path=cast.estate.place_path, owner=cast.estate.ref,
        now=cast.now,
    )  # fmt: skip


def test_name_number_and_phone_are_asked_about_and_the_request_is_signed(service: RealNameService, person: Any) -> None:
    service.answers = [says("match")]
    assert ServiceCheck().holds(person, OWN, now=NOW)
    asked = service.asked[0]
    assert (asked["name"], asked["id_number"], asked["phone"]) == ("业主3", OWN, "13900000003")
    assert service.bad_signatures == 0


def test_a_mismatch_is_a_wrong_answer(service: RealNameService, person: Any) -> None:
    service.answers = [says("mismatch")]
    assert not ServiceCheck().holds(person, OWN, now=NOW)


def test_another_number_than_the_one_on_record_is_never_sent(service: RealNameService, cast: Cast) -> None:
    known = core.keep_person(
        name="业主4", phone="", id_number="110101198001010004", place_path=cast.estate.place_path,
        owner=cast.estate.ref, now=cast.now,
    )  # fmt: skip
    service.answers = [says("match")]
    assert not ServiceCheck().holds(known, OWN, now=NOW)
    assert service.asked == []


def test_a_passing_fault_is_tried_again_under_the_same_request(service: RealNameService, person: Any) -> None:
    service.answers = [fails(503), fails(429), says("match")]
    assert ServiceCheck().holds(person, OWN, now=NOW)
    assert len({one["request_id"] for one in service.asked}) == 1 and len(service.asked) == 3


@pytest.mark.parametrize(
    ("answer", "tries"),
    [
        (fails(500), 3),
        (fails(401), 1),
        (lambda asked: (200, {"request_id": "another", "result": "match"}), 3),
        (lambda asked: (200, {"request_id": asked["request_id"], "result": "perhaps"}), 3),
        (says("unknown"), 1),
    ],
)
def test_where_nobody_can_say_it_is_refused_and_not_counted(
    service: RealNameService, person: Any, answer: Answer, tries: int
) -> None:
    service.answers = [answer]
    with pytest.raises(Refused, match="现场投票") as refused:
        ServiceCheck().holds(person, OWN, now=NOW)
    assert (refused.value.code, refused.value.status) == ("identity_unavailable", 503)
    assert len(service.asked) == tries


def test_a_reply_that_somebody_else_signed_is_not_believed(service: RealNameService, person: Any) -> None:
    service.answers, service.signs_with = [says("match")], b"another key"
    with pytest.raises(Refused, match="签名不对"):
        ServiceCheck().holds(person, OWN, now=NOW)


def test_a_service_that_is_away_is_told_in_chinese(person: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "PAUSE_SECONDS", 0)
    check = ServiceCheck(Service("http://127.0.0.1:9/verify", APP, KEY))
    with pytest.raises(Refused, match="连不上"):
        check.holds(person, OWN, now=NOW)


def test_a_service_that_is_slow_is_given_up(
    service: RealNameService, person: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "READ_SECONDS", 0.05)
    done = threading.Event()

    def late(asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        done.wait(0.2)
        return 200, {}

    service.answers = [late]
    with pytest.raises(Refused, match="没有按时应答"):
        ServiceCheck().holds(person, OWN, now=NOW)


def test_no_log_ever_holds_the_number(service: RealNameService, person: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    service.answers = [fails(503), fails(503), fails(503)]
    with pytest.raises(Refused) as refused:
        ServiceCheck().holds(person, OWN, now=NOW)
    everything = caplog.text + str(refused.value)
    assert "identity check" in caplog.text
    assert OWN not in everything and "业主3" not in everything and "13900000003" not in everything


def test_an_owner_opens_his_ballot_by_the_service(service: RealNameService, cast: Cast) -> None:
    vote = _running(cast)
    owner = vote.owners.get(code=steps.entry(vote, 3).owners[0])
    token = votes.make_link(vote, owner=owner, actor=cast.actor("community_station"), now=database_now())
    client, url = Client(), f"/biaojue/piao/{token}/"
    assert "身份证号（18位）" in words(client.get(url))
    service.answers = [fails(503)]
    away = client.post(url, {"answer": OWN})
    assert away.status_code == 503 and "没有扣次数" in words(away)
    assert client.post(url, {"answer": "0003"}).status_code == 422
    service.answers = [says("match")]
    assert client.post(url, {"answer": OWN}).status_code == 303
    assert "您的权数" in words(client.get(url))


def test_the_local_check_compares_what_is_on_record(person: Any) -> None:
    assert LocalCheck().holds(person, "0003", now=NOW) and not LocalCheck().holds(person, "0004", now=NOW)
