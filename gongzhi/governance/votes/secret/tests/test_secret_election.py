"""A secret election from its draft to what anybody can verify, and everybody who cheats on the way."""

import dataclasses
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.core.tests.cast import Cast
from gongzhi.governance.votes import exports
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.models import Ballot, Vote
from gongzhi.governance.votes.secret import balloting, opening, trusting
from gongzhi.governance.votes.secret.models import Ceremony
from gongzhi.governance.votes.secret.tests import steps as secret
from gongzhi.governance.votes.secret.tests.steps import CODES
from gongzhi.governance.votes.tests import steps
from gongzhi.governance.votes.tests.steps import CLOSES, OPENS, VOTING
from gongzhi.governance.votes.views.next_step import cautions
from gongzhi.proof.secret import ballots, group, trustee_tool
from gongzhi.proof.verifier import verify as verifier
from gongzhi.registry.models import Building

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def few_are_enough(settings: Any) -> None:
    """Nine people vote in these tests: the switch for tests and demonstrations lowers the guard."""
    settings.VOTE_SECRET_LEAST = 4


class refused:  # noqa: N801  (reads like pytest.raises)
    def __init__(self, code: str) -> None:
        self.code = code

    def __enter__(self) -> "refused":
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> bool:
        assert isinstance(error, Refused), f"not refused with {self.code}: {error!r}"
        assert error.code == self.code, (error.code, error.message)
        self.error = error
        return True


def draft(cast: Cast, motion: votes.MotionDraft) -> Vote:
    return votes.draft_vote(
        cast.estate, title="换届", convener="community_station", opens_at=OPENS, closes_at=CLOSES, motions=[motion],
        secret=True, actor=cast.actor("community_station"), now=cast.now,
    )  # fmt: skip


def package_of(vote: Vote, tmp_path: Path) -> Path:
    file = tmp_path / "vote.zip"
    file.write_bytes(exports.package(vote, now=CLOSES + timedelta(days=1)))
    return file


def verified(file: Path, capsys: Any) -> tuple[int, dict[str, Any]]:
    status = verifier.main([str(file), "--json"])
    return status, json.loads(capsys.readouterr().out)


@pytest.mark.clause("TL-18", "CC-278")
def test_owners_elect_in_secret_and_a_stranger_verifies_it(cast: Cast, tmp_path: Path, capsys: Any) -> None:
    vote = secret.opened(cast)
    secret.all_vote(vote)
    vote = secret.counted(cast, vote)
    later = CLOSES + timedelta(days=1)
    vote = votes.publish_result(vote, published_on=later.date(), actor=cast.actor("community_station"), now=later)
    [motion] = votes.counted(vote).motions
    assert motion.outcome == "partly_elected"
    won = {one.candidate: (one.tallied.votes.agree.heads, one.tallied.votes.agree.area) for one in motion.candidates}
    # The ninth owner has two units and is one head: c1 by all but the fourth, c2 by the five odd, c3 by 2, 6, 8.
    assert won == {"c1": (8, 90_000), "c2": (5, 60_000), "c3": (3, 30_000), "c4": (0, 0)}
    assert (motion.tallied.participating.heads, motion.tallied.participating.area) == (9, 100_000)
    status, report = verified(package_of(vote, tmp_path), capsys)
    assert status == 0, report
    said = "".join(report["checks"])
    assert "9 张票的证明都成立，合计已由 2 名托管人开出" in said
    assert "重新计票" in said
    assert "人数线是 4" in said
    final = later + timedelta(days=9)
    vote = votes.finalise(vote, actor=cast.actor("community_station"), now=final)
    decided = Event.objects.get(kind="motion.decided")
    assert decided.data["elected"] == ["c1", "c2"]
    vote = votes.file_vote(vote, filed_on=final.date(), actor=cast.actor("community_station"), now=final)
    assert vote.state == "filed" and exports.filing_form(vote) and exports.participation(vote)


def test_who_has_seen_the_totals_cannot_stop_the_election(cast: Cast) -> None:
    vote = secret.opened(cast)
    secret.all_vote(vote)
    vote = secret.counted(cast, vote)
    with refused("opened"):
        votes.stop_vote(vote, reason="结果不好", actor=cast.actor("community_station"), now=CLOSES)


def test_nothing_that_is_kept_tells_how_anybody_voted(cast: Cast) -> None:
    vote = secret.opened(cast)
    made = secret.ballot(vote, 3, ["c4"])
    assert made.choices == {}
    entry = json.loads(made.entry.data)
    assert set(entry) == {"log", "secret", "motion", "voter", "ballot", "number", "units", "channel", "at"}
    other = ballots.cast(balloting.context_of(vote, made.voter), ["c1"])
    same = json.dumps(entry["ballot"]).translate({ord(one): "x" for one in "0123456789abcdef"})
    assert same == json.dumps(other.as_json()).translate({ord(one): "x" for one in "0123456789abcdef"})


# --- too few to hide among


def test_a_small_estate_is_refused_at_the_draft_with_the_reason(cast: Cast, settings: Any) -> None:
    settings.VOTE_SECRET_LEAST = 0
    secret.allow(cast)
    with refused("too_few_for_secret") as caught:
        steps.drafted(cast, secret.election(), secret=True)
    assert "10套房屋，少于37名" in caught.error.message
    assert not Vote.objects.exists()


def test_the_scope_is_what_counts(cast: Cast, settings: Any) -> None:
    """Of a building alone only its own units are counted."""
    settings.VOTE_SECRET_LEAST = 11
    secret.allow(cast)
    steps.people(cast)
    one = Building.objects.get(estate=cast.estate, name="1幢")
    with refused("too_few_for_secret") as caught:
        draft(cast, secret.election(buildings=[one]))
    assert "范围内只有10套" in caught.error.message
    settings.VOTE_SECRET_LEAST = 10
    assert draft(cast, secret.election(buildings=[one])).secret


def test_so_few_that_a_quorum_could_not_be_opened_is_refused_at_the_check(cast: Cast, settings: Any) -> None:
    """Nine voters are enough, the six or seven that make a quorum are not."""
    settings.VOTE_SECRET_LEAST = 8
    secret.allow(cast)
    vote = steps.drafted(cast, secret.election(), secret=True)
    vote = votes.freeze_roll(vote, actor=cast.actor("community_station"), now=cast.now)
    with refused("too_few_at_quorum") as caught:
        votes.check_vote(vote, agreed=True, opinion="", actor=cast.actor("street_office"), now=cast.now)
    assert "少于开票所需的8张" in caught.error.message


def test_the_draft_says_already_whether_they_are_enough_by_the_registers_count(cast: Cast, settings: Any) -> None:
    """Ten units of nine people: an estimate at the draft, the roll's own count once it is frozen."""
    settings.VOTE_SECRET_LEAST = 10
    secret.allow(cast)
    vote = steps.drafted(cast, secret.election(), secret=True)
    told = [one for one in cautions(vote, cast.now) if "无记名" in one.title]
    assert len(told) == 1 and not told[0].ok
    assert "按今天登记的房屋和业主估计" in told[0].says and "有9名表决人，少于10名" in told[0].says
    assert "按记名另拟" in told[0].says
    vote = votes.freeze_roll(vote, actor=cast.actor("community_station"), now=cast.now)
    assert "按锁定的名册：范围内有9名" in next(one.says for one in cautions(vote, cast.now) if "人数" in one.title)
    settings.VOTE_SECRET_LEAST = 6
    enough = next(one for one in cautions(vote, cast.now) if "人数" in one.title)
    assert enough.ok and "9名表决人，不少于6名" in enough.says


def test_too_few_ballots_are_never_opened(cast: Cast) -> None:
    vote = secret.opened(cast)
    secret.all_vote(vote)
    Ceremony.objects.filter(vote=vote).update(guard=10)
    vote = steps.closed(cast, vote)
    with refused("too_few_ballots"):
        opening.add_up(vote, actor=cast.actor("community_station"), now=CLOSES)
    votes.stop_vote(vote, reason="票数太少", actor=cast.actor("community_station"), now=CLOSES)


def test_without_a_quorum_nothing_is_opened(cast: Cast) -> None:
    vote = secret.opened(cast)
    secret.ballot(vote, 1, ["c1"])
    vote = steps.closed(cast, vote)
    with refused("nothing_to_open"):
        opening.add_up(vote, actor=cast.actor("community_station"), now=CLOSES)
    later = CLOSES + timedelta(days=1)
    vote = votes.publish_result(vote, published_on=later.date(), actor=cast.actor("community_station"), now=later)
    assert vote.motions.get().outcome == "no_quorum"


# --- what the rules must allow


def test_only_where_the_rules_of_procedure_allow_it(cast: Cast) -> None:
    with refused("secret_not_allowed") as caught:
        steps.drafted(cast, secret.election(), secret=True)
    assert caught.error.clauses


def test_nobody_is_deemed_to_have_voted_in_secret(cast: Cast) -> None:
    secret.allow(cast, vote_silence="deem_abstain")
    with refused("secret_and_silence"):
        steps.drafted(cast, secret.election(), secret=True)


def test_only_an_election_and_only_one(cast: Cast) -> None:
    secret.allow(cast)
    with refused("secret_election_only"):
        steps.drafted(cast, steps.motion(), secret=True)


# --- trustees


def test_trustees_come_from_different_houses_and_do_not_stand_themselves(cast: Cast) -> None:
    vote = secret.noticed(cast)
    with refused("trustees_alike"):
        secret.named(cast, vote, [("street", "甲"), ("street", "乙"), ("street", "丙")])
    with refused("trustee_runs"):
        secret.named(cast, vote, [("street", "甲"), ("owners", "赵一"), ("community", "丙")])
    with refused("trustees_number"):
        secret.named(cast, vote, [("street", "甲"), ("owners", "乙")])


def test_the_vote_cannot_open_before_the_key_is_ready(cast: Cast) -> None:
    vote = secret.noticed(cast)
    secret.named(cast, vote)
    with refused("no_key"):
        votes.open_vote(vote, actor=cast.actor("community_station"), now=OPENS)


def test_a_trustee_who_hands_out_a_bad_share_is_named_by_whoever_got_it(cast: Cast) -> None:
    vote = secret.noticed(cast)
    people = secret.named(cast, vote)
    for row, code in zip(people, CODES, strict=True):
        trusting.hand_in(row, answer=secret.answer(row, code), now=cast.now)
    for row, code in zip(people, CODES, strict=True):
        made = secret.answer(row, code)
        if row.number == 2:
            made["deal"]["boxes"]["3"]["hidden"] = "01" * 32
        trusting.hand_in(row, answer=made, now=cast.now)
    trusting.hand_in(people[0], answer=secret.answer(people[0], CODES[0]), now=cast.now)
    complaint = secret.answer(people[2], CODES[2])
    assert complaint["complaint"]["giver"] == 2
    trusting.hand_in(people[2], answer=complaint, now=cast.now)
    ceremony = Ceremony.objects.get(vote=vote)
    assert (ceremony.state, ceremony.failure) == ("failed", "2号托管人李业主发出的份额与他公布的承诺不符")
    with refused("ceremony_failed"):
        trusting.hand_in(people[1], answer={}, now=cast.now)
    secret.trusted(cast, vote)
    assert Ceremony.objects.get(vote=vote).state == "ready"


def test_a_complaint_for_nothing_is_refused(cast: Cast) -> None:
    from gongzhi.governance.votes.secret import queries
    from gongzhi.proof.secret import ceremony as parts

    vote = secret.noticed(cast)
    people = secret.named(cast, vote)
    for _ in ("channel", "deal"):
        for row, code in zip(people, CODES, strict=True):
            trusting.hand_in(row, answer=secret.answer(row, code), now=cast.now)
    row = secret.rows(vote)[0]
    election, file = trusting.election_of(row.ceremony), queries.file_for(row)
    box = parts.box_of(file["dealt"][1]["boxes"]["1"])
    complaint = parts.complain(election, 1, code=CODES[0], giver=2, box=box)
    with refused("complaint_unfounded"):
        trusting.hand_in(row, answer={"complaint": complaint}, now=cast.now)


@pytest.mark.parametrize("step", ["channel", "deal", "confirm"])
def test_a_step_with_a_bad_proof_or_of_another_is_refused_by_name(cast: Cast, step: str) -> None:
    vote = secret.noticed(cast)
    people = secret.named(cast, vote)
    for name in ("channel", "deal", "confirm"):
        if name == step:
            good = secret.answer(people[1], CODES[1])
            bad = json.loads(json.dumps(good))
            proof = bad[name]["published"]["proof"] if name == "deal" else bad[name]["proof"]
            proof["s"] = group.shown(group.scalar_of(proof["s"]) + 1)
            for row, wrong in ((people[1], bad), (people[0], good), (people[1], {}), (people[1], {name: []})):
                with refused("trustee_proof") as caught:
                    trusting.hand_in(row, answer=wrong, now=cast.now)
                assert f"{row.number}号托管人" in caught.error.message
            return
        for row, code in zip(people, CODES, strict=True):
            trusting.hand_in(row, answer=secret.answer(row, code), now=cast.now)


def test_a_roll_corrected_after_the_ceremony_asks_for_a_new_one(cast: Cast) -> None:
    vote = secret.noticed(cast)
    secret.trusted(cast, vote)
    entry = steps.entry(vote, 1)
    votes.correct_roll(
        vote, entry=entry, area=12_345, stock="sold", kind="home", reason="登记簿",
        actor=cast.actor("community_station"), now=cast.now,
    )  # fmt: skip
    with refused("weights_changed"):
        votes.open_vote(vote, actor=cast.actor("community_station"), now=OPENS)
    secret.trusted(cast, vote)
    vote = votes.open_vote(vote, actor=cast.actor("community_station"), now=OPENS)
    with refused("weights_fixed"):
        votes.correct_roll(
            vote, entry=entry, area=1, stock="sold", kind="home", reason="x",
            actor=cast.actor("community_station"), now=VOTING,
        )  # fmt: skip


def test_one_trustee_may_be_missing_and_one_alone_opens_nothing(cast: Cast) -> None:
    vote = secret.opened(cast)
    secret.all_vote(vote)
    vote = secret.counted(cast, vote, by=(2,))
    assert votes.counted(vote, sensitivity=False).motions[0].outcome == "sealed"
    later = CLOSES + timedelta(days=1)
    with refused("not_opened"):
        votes.publish_result(vote, published_on=later.date(), actor=cast.actor("community_station"), now=later)
    row = secret.rows(vote)[2]
    opening.hand_in_parts(row, answer=secret.answer(row, CODES[2]), now=CLOSES)
    assert votes.counted(vote, sensitivity=False).motions[0].outcome == "partly_elected"


def test_a_trustee_who_opens_falsely_is_named_and_the_others_open(cast: Cast) -> None:
    vote = secret.opened(cast)
    secret.all_vote(vote)
    vote = secret.added_up(cast, vote)
    first, second, third = secret.rows(vote)
    bad = secret.answer(first, CODES[0])
    bad["open"]["area"][0]["value"] = group.base_times(5).hex()
    with refused("trustee_part") as caught:
        opening.hand_in_parts(first, answer=bad, now=CLOSES)
    assert "1号托管人王街道" in caught.error.message
    with refused("trustee_part"):
        opening.hand_in_parts(first, answer=secret.answer(second, CODES[1]), now=CLOSES)
    for row, code in ((second, CODES[1]), (third, CODES[2])):
        opening.hand_in_parts(row, answer=secret.answer(row, code), now=CLOSES)
    assert Ceremony.objects.get(vote=vote).opened_at == CLOSES


def test_a_trustees_device_does_not_open_what_is_not_the_sum(cast: Cast) -> None:
    """A server that asks for one ballot instead of the sum gets nothing."""
    from gongzhi.governance.votes.secret import queries

    vote = secret.opened(cast)
    secret.all_vote(vote)
    vote = secret.added_up(cast, vote)
    file = queries.file_for(secret.rows(vote)[0])
    one = next(iter(file["ballots"]))
    asked = {**file, "sums": {**file["sums"], "heads": file["ballots"][one]}}
    with pytest.raises(trustee_tool.BadTrustee, match="not the sum"):
        trustee_tool.answer(asked, CODES[0])
    alone = {one: file["ballots"][one]}
    with pytest.raises(trustee_tool.BadTrustee, match="so few"):
        trustee_tool.answer({**file, "ballots": alone}, CODES[0])
    with pytest.raises(trustee_tool.BadTrustee, match="not the one"):
        trustee_tool.answer(file, CODES[1])


# --- voters


def test_a_ballot_with_a_bad_proof_is_refused(cast: Cast) -> None:
    vote = secret.opened(cast)
    given = secret.sealed(vote, 1, ["c1"])
    bad = json.loads(json.dumps(given.ballot))
    bad["options"][0], bad["options"][1] = bad["options"][1], bad["options"][0]
    for changed, code in ((bad, "ballot_proof"), ({"options": []}, "ballot_form"), ({}, "ballot_form")):
        with refused(code):
            balloting.cast_sealed(vote, given=dataclasses.replace(given, ballot=changed))
    assert not Ballot.objects.exists()


def test_anothers_ballot_is_refused_and_so_is_ones_own_again(cast: Cast) -> None:
    vote = secret.opened(cast)
    given = secret.sealed(vote, 1, ["c1"])
    balloting.cast_sealed(vote, given=given)
    with refused("ballot_proof"):
        balloting.cast_sealed(
            vote, given=dataclasses.replace(given, voter=steps.entry(vote, 2).owners[0], key="another")
        )
    with refused("ballot_again"):
        balloting.cast_sealed(vote, given=dataclasses.replace(given, key="another"))
    assert balloting.cast_sealed(vote, given=given).pk == Ballot.objects.get().pk


def test_who_is_not_on_the_frozen_roll_has_no_vote(cast: Cast) -> None:
    vote = secret.opened(cast)
    with refused("not_a_voter"):
        balloting.cast_sealed(vote, given=dataclasses.replace(secret.sealed(vote, 1, []), voter="y0000000000"))


def test_the_last_ballot_counts_and_the_first_where_the_rules_say_so(cast: Cast) -> None:
    vote = secret.opened(cast)
    secret.all_vote(vote)
    for number in range(1, 10):
        secret.ballot(vote, number, ["c4"], at=VOTING + timedelta(hours=1))
    vote = secret.counted(cast, vote)
    [motion] = votes.counted(vote, sensitivity=False).motions
    assert {one.candidate: one.tallied.votes.agree.heads for one in motion.candidates}["c4"] == 9


def test_a_second_ballot_is_refused_where_the_first_counts(cast: Cast) -> None:
    secret.allow(cast, vote_revote="first_only")
    vote = steps.noticed(cast, secret.election(), secret=True)
    secret.trusted(cast, vote)
    vote = votes.open_vote(vote, actor=cast.actor("community_station"), now=OPENS)
    secret.ballot(vote, 1, ["c1"])
    with refused("no_more_changes"):
        secret.ballot(vote, 1, ["c2"], at=VOTING + timedelta(hours=1))


def test_late_and_early_ballots_are_refused(cast: Cast) -> None:
    vote = secret.opened(cast)
    with refused("vote_closed"):
        secret.ballot(vote, 1, ["c1"], at=CLOSES)
    with refused("vote_not_open"):
        secret.ballot(vote, 1, ["c1"], at=OPENS - timedelta(seconds=1))


def test_a_readable_ballot_is_refused(cast: Cast) -> None:
    vote = secret.opened(cast)
    with refused("vote_is_secret"):
        steps.ballot(vote, 1, {"m1": ["c1"]})


def test_paper_is_sealed_before_two_scrutineers(cast: Cast) -> None:
    vote = secret.opened(cast)
    given = secret.sealed(vote, 1, ["c1"], channel="paper", entered_by=["甲"])
    actor = cast.actor("community_station")
    with refused("scrutineers"):
        balloting.cast_sealed(vote, given=given, actor=actor)
    made = balloting.cast_sealed(vote, given=dataclasses.replace(given, entered_by=["甲", "乙"]), actor=actor)
    assert (made.channel, made.choices) == ("paper", {})


def test_an_agent_votes_with_his_instrument_until_the_owner_does(cast: Cast, tmp_path: Path, capsys: Any) -> None:
    vote = secret.noticed(cast)
    secret.trusted(cast, vote)
    actor, entry = cast.actor("community_station"), steps.entry(vote, 1)
    votes.record_proxy(
        vote, principal=entry.owners[0], agent="代理甲", agent_kind="relative", units=[entry.code],
        valid_from=OPENS, valid_until=CLOSES, actor=actor, now=cast.now,
    )  # fmt: skip
    vote = votes.open_vote(vote, actor=actor, now=OPENS)

    def by_agent(who: str, proxy: str = "w1", at: Any = VOTING) -> Ballot:
        given = secret.sealed(vote, 1, ["c4"], channel="desk", agent=who, proxy=proxy, at=at)
        return balloting.cast_sealed(vote, given=given, actor=actor)

    with refused("proxy_not_the_agent"):
        by_agent("代理乙")
    with refused("proxy_no_instrument"):
        by_agent("代理甲", "w2")
    by_agent("代理甲")
    secret.all_vote(vote)
    with refused("own_ballot_beats"):
        by_agent("代理甲", at=VOTING + timedelta(hours=2))
    vote = secret.counted(cast, vote)
    [motion] = votes.counted(vote, sensitivity=False).motions
    assert {one.candidate: one.tallied.votes.agree.heads for one in motion.candidates}["c4"] == 0
    assert verified(package_of(vote, tmp_path), capsys)[0] == 0


# --- the package, changed


@pytest.fixture
def whole(cast: Cast, tmp_path: Path) -> Path:
    vote = secret.opened(cast)
    secret.all_vote(vote)
    vote = secret.counted(cast, vote)
    later = CLOSES + timedelta(days=1)
    vote = votes.publish_result(vote, published_on=later.date(), actor=cast.actor("community_station"), now=later)
    return package_of(vote, tmp_path)


def _members(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(file.read_bytes())) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def test_every_change_of_a_secret_election_is_found(whole: Path) -> None:
    """Below the signatures: a log that was rewritten and signed anew would still have to carry these proofs."""
    members = _members(whole)
    entries = [json.loads(line) for line in members["log/entries.jsonl"].decode().splitlines()]
    place = {kind: [n for n, one in enumerate(entries) if one.get("secret") == kind] for kind in ("ballot", "totals")}
    key = next(n for n, one in enumerate(entries) if one.get("secret") == "key")
    ballot, totals = place["ballot"][2], place["totals"][0]

    def names(change: Any) -> str:
        package = verifier.Package(dict(members), origin=entries[0]["log"], entries=json.loads(json.dumps(entries)))
        change(package)
        try:
            opened = verifier.check_openings(package)
            verifier.check_tally(package, opened)
            verifier.check_secret(package)
        except verifier.Bad as error:
            return f"{error.member} {error.entry}"
        return ""

    def member(package: Any, name: str, change: Any) -> None:
        value = json.loads(package.members[name])
        change(value)
        package.members[name] = json.dumps(value).encode()

    log, found = "log/entries.jsonl", names(lambda package: None)
    assert found == ""

    def swap(package: Any) -> None:
        one, other = package.entries[ballot], package.entries[place["ballot"][3]]
        one["ballot"], other["ballot"] = other["ballot"], one["ballot"]

    def more(package: Any) -> None:
        package.entries[totals]["totals"]["heads"][0]["value"] += 1

    cases: list[tuple[Any, str]] = [
        (swap, f"{log} {ballot}"),
        (lambda p: p.entries[ballot]["ballot"]["sum"][0].update(c="00" * 32), f"{log} {ballot}"),
        (lambda p: p.entries[ballot].update(voter=entries[place["ballot"][0]]["voter"]), "events.json 3"),
        (lambda p: p.entries.insert(totals, {**p.entries[ballot], "number": "AAAAAAAA"}), "events.json"),
        (lambda p: p.entries.pop(ballot), "events.json"),
        (more, "events.json"),
        (lambda p: p.entries[key]["trustees"].pop(), f"{log} {place['ballot'][0]}"),
        (lambda p: p.entries[key]["trustees"][2]["commitments"].reverse(), f"{log} {key}"),
        (lambda p: p.entries[key].update(guard=3), "rules.json None"),
        (lambda p: p.entries[key].update(guard=99), f"{log} {totals}"),
        (lambda p: member(p, "rules.json", lambda v: v["motions"][0]["secret"].update(key="00" * 32)), "rules.json"),
        (lambda p: member(p, "rules.json", lambda v: v["motions"][0].update(secret=None)), ""),
        (lambda p: member(p, "rules.json", lambda v: v["settings"]["merge"].update(value="none")), ""),
        (lambda p: member(p, "rules.json", lambda v: v["settings"]["revote"].update(value="first_only")), "rules.json"),
        (lambda p: p.members.update({"voters-m1.json": p.members["voters-m1.json"] + b" "}), "voters-m1.json"),
        (lambda p: member(p, "result.json", lambda v: v["motions"][0]["candidates"][0].update(standing="alternate")),
         "result.json"),
    ]  # fmt: skip
    for number, (change, expected) in enumerate(cases):
        found = names(change)
        assert (found == "") == (expected == "ok") and (expected == "ok" or found.startswith(expected)), (number, found)
