"""A voter has a sealed ballot opened instead of cast: it holds what he chose, stands in the log, and never counts."""

import json
from pathlib import Path
from typing import Any

import pytest

from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.tests.cast import Cast
from gongzhi.governance.votes import exports
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.models import Ballot, Vote
from gongzhi.governance.votes.secret import balloting, opening
from gongzhi.governance.votes.secret.models import Ceremony, ChallengedBallot
from gongzhi.governance.votes.secret.tests import steps as secret
from gongzhi.governance.votes.tests import steps
from gongzhi.governance.votes.tests.steps import CLOSES, VOTING
from gongzhi.proof.secret import ballots
from gongzhi.proof.verifier import verify

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def few(settings: Any) -> None:
    settings.VOTE_SECRET_LEAST = 5


def device(vote: Vote, number: int, chosen: list[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The ballot that the owner's device made, and what opens it."""
    context = balloting.context_of(vote, steps.entry(vote, number).owners[0])
    made, nonces = ballots.sealed(context, chosen)
    return made.as_json(), ballots.opening(context, made, nonces=nonces, chosen=chosen)


def challenged(vote: Vote, number: int, ballot: dict[str, Any]) -> ChallengedBallot:
    return balloting.challenge_sealed(vote, voter=steps.entry(vote, number).owners[0], ballot=ballot, now=VOTING)


def sealed(vote: Vote, number: int, ballot: dict[str, Any], key: str = "k") -> Ballot:
    given = balloting.Sealed(
        voter=steps.entry(vote, number).owners[0], ballot=ballot, channel="phone", key=key, at=VOTING
    )
    return balloting.cast_sealed(vote, given=given, now=VOTING)


def told(capsys: Any, *arguments: str) -> tuple[int, str]:
    code = verify.main(list(arguments))
    return code, capsys.readouterr().out


def written(folder: Path, value: dict[str, Any]) -> str:
    file = folder / "chaipiao.json"
    file.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    return str(file)


def test_an_opened_ballot_is_never_counted_and_a_cast_one_never_opened(cast: Cast) -> None:
    vote = secret.opened(cast)
    ballot, _ = device(vote, 1, ["c1"])
    kept = challenged(vote, 1, ballot)
    assert kept.fingerprint == balloting.fingerprint_of(ballot) and not Ballot.objects.exists()
    assert kept.entry.data and '"challenged"' in kept.entry.data and "chosen" not in kept.entry.data
    for again in (lambda: sealed(vote, 1, ballot), lambda: challenged(vote, 1, ballot)):
        with pytest.raises(Refused) as refused:
            again()
        assert refused.value.code == "ballot_challenged"
    other, _ = device(vote, 1, ["c2"])
    sealed(vote, 1, other)
    with pytest.raises(Refused) as refused:
        challenged(vote, 1, other)
    assert refused.value.code == "ballot_again"


def test_what_is_no_ballot_of_his_is_not_opened_for_him(cast: Cast) -> None:
    vote = secret.opened(cast)
    ballot, _ = device(vote, 1, ["c1"])
    for number, given in ((2, ballot), (1, {}), (1, {**ballot, "sum": []})):
        with pytest.raises(Refused):
            challenged(vote, number, given)
    closed = steps.closed(cast, vote)
    with pytest.raises(Refused) as refused:
        balloting.challenge_sealed(closed, voter=steps.entry(vote, 1).owners[0], ballot=ballot, now=CLOSES)
    assert refused.value.code == "vote_closed" and not ChallengedBallot.objects.exists()


def test_ten_are_enough(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(balloting, "MOST_CHALLENGES", 2)
    vote = secret.opened(cast)
    for _ in range(2):
        challenged(vote, 1, device(vote, 1, ["c1"])[0])
    with pytest.raises(Refused) as refused:
        challenged(vote, 1, device(vote, 1, ["c1"])[0])
    assert refused.value.code == "challenged_enough"
    challenged(vote, 2, device(vote, 2, [])[0])  # another voter's


def test_another_program_sees_what_the_device_sealed(cast: Cast, tmp_path: Path, capsys: Any) -> None:
    vote = secret.opened(cast)
    ballot, shown = device(vote, 1, ["c1", "c3"])
    code, said = told(capsys, "--challenge", written(tmp_path, shown))
    print_ = balloting.fingerprint_of(ballot)[:12].upper()
    assert code == 0 and f"{print_[:4]}-{print_[4:8]}-{print_[8:]}" in said and "（c1）、（c3）" in said
    # A device that sealed another choice than it shows cannot answer.
    _, lied = device(vote, 1, ["c2"])
    for wrong in (
        {**lied, "chosen": ["c1"]},
        {**shown, "chosen": ["c1"]},
        {**shown, "nonces": shown["nonces"][::-1]},
        {**shown, "key": shown["ballot"]["options"][0]["a"]},
        {**shown, "ballot": lied["ballot"]},
    ):
        code, said = told(capsys, "--challenge", written(tmp_path, wrong))
        assert code == 1 and "换了票" in said, wrong
    for broken in ({}, {"format": "gongzhi-challenge/1"}, {**shown, "nonces": []}, {**shown, "chosen": ["c9"]}):
        assert told(capsys, "--challenge", written(tmp_path, broken))[0] == 1


def test_the_package_holds_it_and_the_verifier_says_that_it_did_not_count(
    cast: Cast, tmp_path: Path, capsys: Any
) -> None:
    vote = secret.opened(cast)
    ballot, shown = device(vote, 1, ["c4"])
    challenged(vote, 1, ballot)
    _, unknown = device(vote, 2, ["c4"])
    secret.all_vote(vote)
    vote = secret.counted(cast, vote)
    vote = votes.publish_result(
        vote, published_on=core.local_day(CLOSES), actor=cast.actor("community_station"), now=CLOSES
    )
    package = tmp_path / "vote.zip"
    package.write_bytes(exports.package(vote, now=CLOSES))
    code, said = told(capsys, str(package), "--challenge", written(tmp_path, shown))
    assert code == 0 and "已拆验，没有计入" in said, said
    code, said = told(capsys, str(package), "--challenge", written(tmp_path, unknown))
    assert code == 1 and "票册里没有这张" in said
    result = votes.counted(vote).motions[0]
    fourth = next(one for one in result.candidates if one.candidate == "c4")
    assert fourth.tallied.votes.agree.heads == 0


def test_many_ballots_are_added_up_by_a_job_and_only_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    queued: list[Any] = []
    monkeypatch.setattr(opening, "AT_ONCE", 3)
    monkeypatch.setattr(core, "later", lambda name, **given: queued.append((name, given)))
    vote = secret.opened(cast)
    secret.all_vote(vote)
    vote = steps.closed(cast, vote)
    actor = cast.actor("community_station")
    made = opening.add_up(vote, actor=actor, now=CLOSES)
    assert made.sums is None and queued == [(opening.ADD_UP, {"vote_id": vote.pk})]
    with pytest.raises(Refused) as refused:
        opening.add_up(vote, actor=actor, now=CLOSES)
    assert refused.value.code == "adding_up"
    assert opening.add_up_now(vote.pk, now=CLOSES) is not None
    assert opening.add_up_now(vote.pk, now=CLOSES) is None
    ceremony = Ceremony.objects.get(vote=vote)
    assert ceremony.sums is not None and ceremony.counted == 9
    with pytest.raises(Refused) as refused:
        opening.add_up(vote, actor=actor, now=CLOSES)
    assert refused.value.code == "added_up"
