"""The verifier's own count against the platform's: random votes of every mode, elections, and the example."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from django.conf import settings

from gongzhi.governance.tally.reading import read_events, read_roll, read_rules
from gongzhi.governance.tally.tallying import tally
from gongzhi.governance.tests.random_votes import as_formats, random_vote
from gongzhi.proof import exporting, leaves, services
from gongzhi.proof.tests.test_exports import bad, report
from gongzhi.proof.verifier import verify

CANDIDATES = ("k1", "k2", "k3", "k4")
VOTES = 150
NOW = datetime(2026, 4, 1, tzinfo=UTC)


def counted_by_both(roll, rules, events):
    result = tally(
        roll=read_roll(text=roll), rules=read_rules(text=rules), events=read_events(text=events), sensitivity=False
    ).model_dump(mode="json")
    recount = verify.Recount(json.loads(roll), json.loads(rules), json.loads(events))
    for motion, shown in zip(recount.motions, result["motions"], strict=True):
        verify.compare(shown, recount.result(motion), motion["motion"])
    return result, recount


@pytest.mark.parametrize("chunk", range(4))
def test_random_votes_are_counted_alike(chunk):
    outcomes = set()
    for number in range(VOTES):
        found, _ = counted_by_both(*as_formats(random_vote(f"recount:{chunk}:{number}", 1 + number % 7)))
        outcomes |= {one["outcome"] for one in found["motions"]}
    assert outcomes >= {"passed", "rejected", "no_quorum"}


def an_election(seed):
    """A random vote whose second motion elects."""
    dice = Random(seed)
    roll, rules, events = (json.loads(text) for text in as_formats(random_vote(seed, dice.randint(2, 7))))
    rules["motions"][1]["election"] = {
        "candidates": [{"candidate": one} for one in CANDIDATES[: dice.randint(1, 4)]],
        "seats": dice.randint(1, 3),
        "alternates": dice.randint(0, 2),
        "alternates_need_majority": dice.random() < 0.5,
        "most_choices": dice.choice([None, 1, 2, 4]),
        "rank_by": dice.choice(["heads", "area"]),
        "tie": dice.choice(["other_measure_then_lot", "lot"]),
        "least_elected": dice.choice([1, 1, 2]),
        "least_share": dice.choice([None, "1/2"]),
    }
    rules["motions"][1]["approval"]["area"] = rules["motions"][1]["approval"]["heads"] = dice.choice(["1/2", "1/4"])
    for one in events["events"]:
        for choices in (one.get("choices"), one.get("instructions")):
            if choices and "n" in choices:
                choices["n"] = dice.choice(
                    [
                        dice.sample(CANDIDATES, dice.randint(0, 3)),
                        dict.fromkeys(
                            dice.sample(CANDIDATES[:2], dice.randint(0, 2)), dice.choice(["agree", "oppose"])
                        ),
                        dice.choice(["agree", "oppose", "abstain", "follow"]),
                    ]
                )
    if dice.random() < 0.5:
        order = dice.sample(CANDIDATES, dice.randint(2, 4))
        events["events"].append({"type": "LOT", "at": "2026-03-20T09:00:00+08:00", "motion": "n", "order": order})
    return tuple(json.dumps(one) for one in (roll, rules, events))


@pytest.mark.parametrize("chunk", range(4))
def test_random_elections_are_counted_alike(chunk):
    outcomes, standings = set(), set()
    for number in range(VOTES):
        found, _ = counted_by_both(*an_election(f"elections:{chunk}:{number}"))
        outcomes.add(found["motions"][1]["outcome"])
        standings |= {one["standing"] for one in found["motions"][1]["candidates"]}
    assert outcomes >= {"elected", "not_elected", "tied", "no_quorum"}
    assert standings >= {"elected", "alternate", "tied", "not_elected"}


def example():
    folder = Path(settings.BASE_DIR) / "docs" / "examples"
    return [(folder / f"tally-{name}.json").read_text() for name in ("roll", "rules", "events", "result")]


def test_the_example_is_counted_as_published():
    roll, rules, events, result = example()
    _, recount = counted_by_both(roll, rules, events)
    for shown in json.loads(result)["motions"]:
        motion = next(one for one in recount.motions if one["motion"] == shown["motion"])
        verify.compare(shown, recount.result(motion), shown["motion"])


@pytest.mark.parametrize(
    "change",
    [
        lambda one: one.update(outcome="rejected"),
        lambda one: one["tallied"]["votes"]["agree"].update(area=one["tallied"]["votes"]["agree"]["area"] + 1),
        lambda one: one["tallied"]["base"].update(heads=one["tallied"]["base"]["heads"] - 1),
        lambda one: one["tallied"]["participating"].update(area=0),
    ],
)
def test_a_result_that_says_anything_else_is_named(change):
    roll, rules, events, result = example()
    recount = verify.Recount(json.loads(roll), json.loads(rules), json.loads(events))
    shown = json.loads(result)["motions"][0]
    change(shown)
    with pytest.raises(verify.Bad) as caught:
        verify.compare(shown, recount.result(recount.motions[0]), "m1")
    assert caught.value.member == "result.json"


# --- a vote's whole export ---


def vote_package(*, opened=True, change=None):
    """The example as a log would hold it, exported. `change` alters the members before the manifest is signed."""
    log = services.open_log("vote/2026", now=NOW)
    roll, rules, events, result = written_out()
    openings = []
    services.append(log, {"kind": "OPEN", "at": NOW.isoformat(), "files": files(roll=roll, rules=rules)}, now=NOW)
    listed = json.loads(events)["events"]
    for place, one in enumerate(listed, 1):
        entry = {name: value for name, value in one.items() if name not in ("type", "id", "choices")}
        if one["type"] in ("CAST", "PAPER"):
            value, salt = {"units": one["units"], "choices": one["choices"]}, bytes([place]) * 16
            entry |= {"ballot": one["id"], "commitment": leaves.commitment(value, salt=salt, origin=log.origin)}
            openings.append(exporting.plain_json({"entry": place, "salt": salt.hex(), "value": value}))
        elif "id" in one:
            entry["id"] = one["id"]
        if "kind" in entry:
            entry["how"] = entry.pop("kind")
        services.append(log, {**entry, "kind": one["type"], "record": place}, now=NOW)
    services.append(log, {"kind": "RESULT", "at": NOW.isoformat(), "files": files(result=result)}, now=NOW)
    members = {"roll.json": roll, "rules.json": rules, "events.json": events, "result.json": result}
    members = {name: text.encode() for name, text in members.items()}
    if opened:
        members["openings.jsonl"] = b"".join(openings)
    if change is not None:
        change(members)
    return services.export(services.checkpoint(log, now=NOW), members=members, now=NOW)


def written_out():
    """The example with every field and without marks that the count does not need, as the platform writes it down."""
    roll, rules, events, _ = example()
    listed = json.loads(events)
    events = json.dumps({**listed, "events": [one for one in listed["events"] if one["type"] in verify.EVENTS]})
    made = read_roll(text=roll), read_rules(text=rules), read_events(text=events)
    found = tally(roll=made[0], rules=made[1], events=made[2])
    return [exporting.plain_json(one.model_dump(mode="json")).decode() for one in (*made, found)]


def files(**texts):
    return {f"{name}.json": hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}


@pytest.mark.django_db
def test_a_whole_vote_is_counted_again_from_its_export(tmp_path, capsys):
    code, found = report(vote_package(), tmp_path, capsys=capsys)
    assert (code, found["first_bad"]) == (0, None)
    assert any("重新计票" in line and "都与公布的相同" in line for line in found["checks"])


@pytest.mark.django_db
def test_what_the_public_gets_says_that_it_cannot_be_counted_again(tmp_path, capsys):
    code, found = report(vote_package(opened=False), tmp_path, capsys=capsys)
    assert code == 0
    assert any("没有全部公开" in line for line in found["checks"])


def events_changed(change):
    def apply(members):
        value = json.loads(members["events.json"])
        change(value["events"])
        members["events.json"] = json.dumps(value).encode()

    return apply


def _swap(events):
    events[4], events[5] = events[5], events[4]


def _first_ballot(events):
    return next(one for one in events if one["type"] in ("CAST", "PAPER"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        lambda events: events.pop(3),
        lambda events: events.pop(),
        lambda events: events.append(dict(events[-1])),
        lambda events: events.insert(5, dict(events[4])),
        _swap,
        lambda events: _first_ballot(events)["choices"].update(m1="oppose"),
        lambda events: _first_ballot(events).update(voter="somebody"),
        lambda events: _first_ballot(events).update(at="2026-03-18T09:00:00+08:00"),
        lambda events: next(one for one in events if one["type"] == "SERVE")["units"].pop(),
        lambda events: next(one for one in events if one["type"] == "SERVE").update(kind="other"),
        lambda events: next(one for one in events if one["type"] == "SERVE").update(type="NOTICE"),
    ],
)
def test_events_that_are_not_those_of_the_log_are_named_even_signed_anew(change, tmp_path, capsys):
    found = bad(vote_package(change=events_changed(change)), tmp_path, capsys)
    assert found["member"] == "events.json"
