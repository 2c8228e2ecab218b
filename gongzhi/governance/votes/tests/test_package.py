"""A whole vote's package, from the services to the verifier: good as it is, and named whatever is done to it."""

import argparse
import json
import os
import random
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from gongzhi.core.tests.cast import Cast, build
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.exports import package
from gongzhi.governance.votes.models import Ballot, Vote
from gongzhi.governance.votes.tests import steps
from gongzhi.governance.votes.tests.steps import CLOSES, VOTING
from gongzhi.governance.votes.tests.test_at_the_same_time import _together
from gongzhi.proof import exporting, keys, notes
from gongzhi.proof import services as proof
from gongzhi.proof.models import Entry
from gongzhi.proof.verifier import verify

LATER = CLOSES + timedelta(days=1)
ASKED = argparse.Namespace(key=None, ca=None, checkpoint=[], receipt=[])
# A run over every byte of every member takes five minutes of processor time: docs/proof.md says how.
EVERY = bool(os.environ.get("GONGZHI_EVERY_BYTE"))
BYTES = 40
Members = dict[str, bytes]


def counted_vote(cast: Cast) -> Vote:
    """Something of all that a log holds: service, a proxy's ballot, a change, an adjudicated paper ballot."""
    actor = cast.actor("community_station")
    steps.last_ballot_counts(cast)
    vote = steps.opened(cast, steps.motion(), steps.motion(title="第二项"))
    rows = [steps.entry(vote, number) for number in range(1, 9)]
    codes = [one.code for one in rows]
    votes.serve(vote, units=codes[:6], how="signed", result="served", at=VOTING, actor=actor, now=VOTING)
    votes.serve(vote, units=codes[6:7], how="mail", result="undeliverable", at=VOTING, actor=actor, now=VOTING)
    paper = votes.record_proxy(
        vote, principal=rows[5].owners[0], agent="侄子", agent_kind="relative", units=[codes[5]], valid_from=VOTING,
        valid_until=CLOSES, instructions={"m1": "agree"}, actor=actor, now=VOTING,
    )  # fmt: skip
    for number, choice in ((1, "agree"), (2, "oppose"), (3, "abstain"), (2, "agree")):
        steps.ballot(vote, number, {"m1": choice, "m2": "agree"}, at=VOTING + timedelta(minutes=number))
    given = votes.Given("侄子", [codes[5]], {"m1": "agree", "m2": "agree"}, "desk", VOTING, "w", proxy=paper.data["id"])
    votes.cast(vote, given=given, now=VOTING, actor=actor)
    marked = votes.Given(
        rows[3].owners[0], [codes[3]], {"m1": "agree"}, "paper", VOTING, "p", faults=["double_mark"],
        entered_by=["甲", "乙"],
    )  # fmt: skip
    settled = votes.cast(vote, given=marked, now=VOTING, actor=actor)
    vote = steps.closed(cast, vote)
    votes.adjudicate(
        settled, decision="valid", by=["甲", "乙"], reason="一处划去", choices={"m1": "oppose", "m2": "agree"},
        actor=cast.actor("street_office"), now=CLOSES,
    )  # fmt: skip
    return votes.publish_result(vote, published_on=LATER.date(), actor=actor, now=LATER)


@pytest.fixture
def members(cast: Cast) -> Members:
    return verify.unpacked(package(counted_vote(cast), now=LATER, opened=True))


def checked(members: Members) -> verify.Package:
    found = verify.Package(members)
    verify.check(found, ASKED)
    return found


def signed_anew(members: Members) -> Members:
    """What a dishonest server does: every hash in the manifest as it now is, under a good signature."""
    text = notes.parse_note(members["manifest.txt"].decode()).text
    body = notes.parse_checkpoint(notes.Note("\n".join(text.split("\n")[1:4]) + "\n", ()))
    rest = {name: one for name, one in members.items() if name != "manifest.txt"}
    return {**rest, "manifest.txt": exporting.manifest(body, rest, key=keys.signer(now=LATER).private)}


def caught(members: Members) -> bool:
    try:
        checked(members)
    except verify.Bad:
        return True
    return False


def test_a_whole_vote_is_counted_again_from_its_package(members: Members) -> None:
    said = "".join(checked(members).said)
    assert "重新计票：6 张票、2 个议题" in said, said
    assert "名册 10 套，与公告的名册根相符" in said


def test_every_entry_says_what_it_is_and_service_how_it_was_done(members: Members) -> None:
    entries = [json.loads(one) for one in members["log/entries.jsonl"].splitlines()]
    assert [one["kind"] for one in entries] == [
        "NOTICE", "OPEN", "SERVE", "SERVE", "PROXY", "CAST", "CAST", "CAST", "CAST", "CAST", "PAPER", "CLOSE",
        "ADJUDICATE", "RESULT",
    ]  # fmt: skip
    assert [one["how"] for one in entries if one["kind"] == "SERVE"] == ["signed", "mail"]
    events = json.loads(members["events.json"])["events"]
    assert [one["kind"] for one in events if one["type"] == "SERVE"] == ["signed", "mail"]


def _lines(members: Members, name: str) -> list[Any]:
    if name == "events.json":
        return list(json.loads(members[name])["events"])
    return members[name].splitlines(keepends=True)


def _with_lines(members: Members, name: str, lines: list[Any]) -> Members:
    if name == "events.json":
        return {**members, name: exporting.plain_json({**json.loads(members[name]), "events": lines})}
    return {**members, name: b"".join(lines)}


def _moved(lines: list[Any], other: list[Any]) -> Iterator[tuple[str, list[Any]]]:
    """Each line left out, twice, changed with its neighbour, at the end, at the front, or one of another vote."""
    for place, line in enumerate(lines):
        before, after = lines[:place], lines[place + 1 :]
        yield f"{place} dropped", [*before, *after]
        yield f"{place} twice", [*before, line, line, *after]
        yield f"{place} repeated at the end", [*lines, line]
        if after:
            yield f"{place} after its neighbour", [*before, after[0], line, *after[1:]]
            yield f"{place} at the end", [*before, *after, line]
        if place:
            yield f"{place} at the front", [line, *before, *after]
        if place < len(other) and other[place] != line:
            yield f"{place} of another vote", [*before, other[place], *after]
            yield f"{place} of another vote added", [*before, line, other[place], *after]
    yield "none left", []


TOGETHER = ("log/entries.jsonl", "log/promises.jsonl")


def test_no_line_can_be_left_out_moved_repeated_or_replayed_even_signed_anew(cast: Cast) -> None:
    first = verify.unpacked(package(counted_vote(cast), now=LATER, opened=True))
    another = steps.opened_again(cast)
    steps.ballot(another, 1)
    steps.published(cast, another)
    other = verify.unpacked(package(another, now=LATER, opened=True))
    passed = []
    for names in (*((one,) for one in (*TOGETHER, "events.json")), TOGETHER):
        every = [_moved(_lines(first, name), _lines(other, name)) for name in names]
        for changes in zip(*every, strict=True):
            made = first
            for name, (_, lines) in zip(names, changes, strict=True):
                made = _with_lines(made, name, lines)
            if not caught(signed_anew(made)):
                passed.append((names, changes[0][0]))
    assert passed == []


def test_an_opening_left_out_says_so_and_one_of_another_ballot_is_named(members: Members) -> None:
    """Then nobody can count again. Their order means nothing: each names its entry."""
    lines = _lines(members, "openings.jsonl")
    for place in range(len(lines)):
        less = _with_lines(members, "openings.jsonl", [*lines[:place], *lines[place + 1 :]])
        assert any("没有全部公开" in one for one in checked(signed_anew(less)).said)
        assert caught(signed_anew(_with_lines(members, "openings.jsonl", [*lines, lines[place]])))
        one = json.loads(lines[place]) | {"entry": json.loads(lines[place - 1])["entry"]}
        swapped = [*lines[:place], exporting.plain_json(one), *lines[place + 1 :]]
        assert caught(signed_anew(_with_lines(members, "openings.jsonl", swapped)))


BOUND = ("log/entries.jsonl", "log/promises.jsonl", "log/checkpoints/", "openings.jsonl", "roll.json", "rules.json",
         "events.json", "result.json")  # fmt: skip


def _places(body: bytes, chosen: random.Random) -> list[int]:
    return list(range(len(body))) if EVERY else chosen.sample(range(len(body)), min(BYTES, len(body)))


def test_no_byte_of_what_the_log_binds_can_be_changed_even_signed_anew(members: Members) -> None:
    chosen = random.Random(4)
    passed = []
    for name, body in members.items():
        if not name.startswith(BOUND):
            continue
        for place in _places(body, chosen):
            changed = bytearray(body)
            changed[place] ^= chosen.randrange(1, 256)
            if not caught(signed_anew({**members, name: bytes(changed)})):
                passed.append((name, place, body[max(0, place - 30) : place + 10]))
    assert passed == []


def test_no_byte_of_anything_can_be_changed_without_the_key(members: Members) -> None:
    """The manifest names every member; in a container made anew, so that its own check sums fit."""
    chosen = random.Random(5)
    passed = []
    for name, body in members.items():
        places = _places(body, chosen)
        for place in places if name != "verify.py" else places[: 10 * BYTES]:
            changed = bytearray(body)
            changed[place] ^= chosen.randrange(1, 256)
            if not caught({**members, name: bytes(changed)}):
                passed.append((name, place))
    assert passed == []


@pytest.mark.parametrize(
    "change",
    [
        lambda events: next(one for one in events if one["type"] == "PAPER").update(entered_by=["甲", "丙"]),
        lambda events: next(one for one in events if one["type"] == "PROXY").update(instructions={"m1": "oppose"}),
        lambda events: next(one for one in events if one["type"] == "ADJUDICATE").update(choices={"m1": "agree"}),
        lambda events: next(one for one in events if one["type"] == "NOTICE").update(silence_told=True),
    ],
)
def test_what_the_log_does_not_show_is_bound_by_the_results_digest(
    members: Members, change: Callable[[Any], None]
) -> None:
    value = json.loads(members["events.json"])
    change(value["events"])
    with pytest.raises(verify.Bad) as found:
        checked(signed_anew({**members, "events.json": exporting.plain_json(value)}))
    assert found.value.member == "events.json"


def test_a_ballot_that_commits_late_stands_later_in_the_log_and_in_the_count(committed: None) -> None:
    """Its entry has the smaller number: it was written first. Order is what the log says."""
    cast = build()
    vote = steps.opened(cast)
    written, placed = threading.Event(), threading.Event()

    def slow() -> Any:
        with transaction.atomic():
            made = steps.ballot(vote, 1)
            written.set()
            placed.wait(10)
            return made

    def quick() -> Any:
        written.wait(10)
        made = steps.ballot(vote, 2)
        proof.checkpoint(vote.log, now=VOTING)
        placed.set()
        return made

    first, second = _together(slow, quick)
    assert isinstance(first, Ballot) and isinstance(second, Ballot), (first, second)
    proof.checkpoint(vote.log, now=VOTING)
    assert first.entry_id < second.entry_id
    assert Entry.objects.get(pk=first.entry_id).leaf_index > Entry.objects.get(pk=second.entry_id).leaf_index  # type: ignore[operator]
    ballots = [one.id for one in votes.events_of(vote).events if one.type == "CAST"]
    assert ballots == [second.number, first.number]
    vote = steps.published(cast, vote)
    said = checked(verify.unpacked(package(vote, now=LATER, opened=True))).said
    assert any("重新计票" in one for one in said), said
