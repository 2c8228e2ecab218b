"""What a stranger's program reads of a vote's log: enough to verify it, nothing of who chose what."""

import base64
import json
from typing import Any

import pytest
from django.test import Client

from gongzhi.core.tests.cast import Cast
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.models import Vote
from gongzhi.governance.votes.tests import steps
from gongzhi.proof import merkle, notes
from gongzhi.proof import services as proof
from gongzhi.proof.leaves import hash_of
from gongzhi.site import views_log
from gongzhi.site.reading import Allowance

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_allowance(monkeypatch: pytest.MonkeyPatch) -> Allowance:
    made = Allowance(most=300, seconds=60)
    monkeypatch.setattr(views_log, "READING", made)
    return made


@pytest.fixture
def vote(cast: Cast) -> Vote:
    """Five ballots in two batches, still open."""
    made = steps.opened(cast)
    for number in (1, 2, 3):
        steps.ballot(made, number)
    proof.checkpoint(made.log, now=steps.VOTING)
    for number in (4, 5):
        steps.ballot(made, number)
    proof.checkpoint(made.log, now=steps.VOTING)
    return made


def ask(vote: Vote, what: str, status: int = 200, **values: Any) -> Any:
    response = Client().get(f"/hedui/rizhi/vote/{vote.pk}/{what}", values)
    assert response.status_code == status, response.content
    assert response["Access-Control-Allow-Origin"] == "*"
    assert not response.cookies
    return response


def unbase64(texts: list[str]) -> list[bytes]:
    return [base64.b64decode(one) for one in texts]


def test_a_stranger_verifies_a_leaf_and_that_the_log_only_grew(vote: Vote) -> None:
    note = notes.parse_note(ask(vote, "checkpoint").content.decode())
    body = notes.parse_checkpoint(note)
    key = bytes.fromhex(ask(vote, "keys").json()["keys"][-1]["public"])
    assert notes.signed_by(note, name=body.origin, public_key=key)
    for index in range(body.size):
        leaf = bytes.fromhex(ask(vote, "leaf", index=index).json()["leaf"])
        found = ask(vote, "inclusion", leaf=leaf.hex(), size=body.size).json()
        assert found["index"] == index
        path = unbase64(found["path"])
        assert merkle.includes(path, leaf=leaf, index=index, size=body.size, root=body.root)
    before = notes.parse_checkpoint(notes.parse_note(ask(vote, "checkpoint", size=5).content.decode()))
    grown = ask(vote, "consistency", first=5).json()
    assert merkle.consistent(
        unbase64(grown["path"]), first=5, second=body.size, first_root=before.root, second_root=body.root
    )


def test_what_never_changes_is_kept_by_caches_and_the_rest_is_not(vote: Vote) -> None:
    assert "immutable" in ask(vote, "inclusion", index=1, size=6)["Cache-Control"]
    assert "immutable" in ask(vote, "consistency", first=2, second=6)["Cache-Control"]
    for what, values in (("checkpoint", {}), ("inclusion", {"index": 1}), ("consistency", {"first": 2}), ("keys", {})):
        kept = ask(vote, what, **values)["Cache-Control"]
        assert "public" in kept and "immutable" not in kept
    assert ask(vote, "inclusion", 404, index=999)["Cache-Control"] == "no-store"
    assert "Cookie" not in ask(vote, "checkpoint").get("Vary", "")


def test_the_texts_of_leaves_come_with_the_published_result(cast: Cast, vote: Vote) -> None:
    assert "entry" not in ask(vote, "leaf", index=2).json()
    ask(vote, "export", 404)
    assert Client().get("/hedui/rizhi/").json() == {"logs": []}
    steps.published(cast, vote)
    shown = ask(vote, "leaf", index=2).json()
    assert hash_of(shown["entry"]).hex() == shown["leaf"]
    entry = json.loads(shown["entry"])
    assert entry["kind"] == "CAST" and "choices" not in entry
    listed = Client().get("/hedui/rizhi/").json()["logs"]
    assert [one["name"] for one in listed] == [f"vote/{vote.pk}"]
    package = Client().get(ask(vote, "export", 302)["Location"])
    assert package.content.startswith(b"PK")


def test_the_package_is_built_anew_only_when_there_is_something_new(cast: Cast, vote: Vote) -> None:
    made = steps.published(cast, vote)
    way = ask(vote, "export", 302)["Location"]
    first = Client().get(way)
    assert first["Cache-Control"] == "public, max-age=60"
    assert Client().get(way, headers={"If-None-Match": first["ETag"]}).status_code == 304
    votes.object_to(made, text="数错了", by_room="101", now=steps.CLOSES)
    again = Client().get(way, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content == first.content) == (200, False)


@pytest.mark.parametrize(
    ("what", "values", "status"),
    [
        ("consistency", {"first": 0, "second": 0}, 404),
        ("consistency", {"first": 0}, 400),
        ("consistency", {"first": 5, "second": 4}, 400),
        ("consistency", {"first": 1, "second": 99}, 404),
        ("consistency", {}, 400),
        ("inclusion", {"index": -1}, 400),
        ("inclusion", {"index": "１"}, 400),
        ("inclusion", {"index": 1, "size": 0}, 404),
        ("inclusion", {"index": 6, "size": 5}, 404),
        ("inclusion", {"leaf": "zz"}, 400),
        ("inclusion", {"leaf": "00" * 32}, 404),
        ("leaf", {}, 400),
        ("leaf", {"index": "9" * 17}, 400),
        ("checkpoint", {"size": 4}, 404),
    ],
)
def test_what_is_not_there_or_makes_no_sense_is_a_problem(vote: Vote, what: str, values: Any, status: int) -> None:
    response = ask(vote, what, status, **values)
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == status


def test_a_log_that_is_not_there_and_a_post_are_refused(vote: Vote) -> None:
    assert Client().get("/hedui/rizhi/vote/0/checkpoint").status_code == 404
    assert Client().post(f"/hedui/rizhi/vote/{vote.pk}/checkpoint").status_code == 405


def test_too_many_looks_are_told_when_to_come_again(vote: Vote, fresh_allowance: Allowance) -> None:
    fresh_allowance.most = 2
    for status in (200, 200, 429):
        response = ask(vote, "checkpoint", status)
    assert int(response["Retry-After"]) == 30
    assert Client(REMOTE_ADDR="192.0.2.9").get(f"/hedui/rizhi/vote/{vote.pk}/checkpoint").status_code == 200


def test_an_allowance_fills_evenly_and_forgets_the_oldest_address(monkeypatch: pytest.MonkeyPatch) -> None:
    allowance = Allowance(most=2, seconds=10)
    assert [allowance.take("a", at=at) for at in (0, 0, 0, 4.9, 5, 5)] == pytest.approx([0, 0, 5, 0.1, 0, 5])
    monkeypatch.setattr("gongzhi.site.reading.MOST_ADDRESSES", 1)
    assert allowance.take("b", at=5) == 0
    assert allowance.take("a", at=5) == 0
