"""The count in the database gives what the tally gives, on samples of every usual mode."""

from datetime import timedelta
from random import Random

import pytest

from gongzhi.core.tests.cast import Cast
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.set_tally import counts_alike, set_tally
from gongzhi.governance.votes.tests import steps
from gongzhi.governance.votes.tests.steps import VOTING


@pytest.mark.parametrize("own", [{"vote_revote": "last_valid"}, {"vote_merge": "none", "vote_revote": "first_only"}])
def test_both_counts_agree(cast: Cast, own: dict[str, str]) -> None:
    votes.adopt_rules(
        cast.estate,
        values=own,
        adopted_on=cast.now.date(),
        document="议事规则",
        actor=cast.actor("street_office"),
        now=cast.now,
    )
    vote = steps.opened(cast, steps.motion(), steps.motion(title="第二项"))
    vote.roll.filter(room="1幢001室").update(stock="unsold")
    vote.roll.filter(room="1幢002室").update(kind="parking")
    dice = Random(len(own))
    for turn in range(25):
        choices = {name: dice.choice(["agree", "oppose", "abstain"]) for name in ("m1", "m2") if dice.random() < 0.9}
        at = VOTING + timedelta(minutes=turn)
        # On paper a second ballot is taken in, whichever counts.
        by = cast.actor("community_station")
        steps.ballot(vote, dice.randint(1, 10), choices, at=at, key=f"k{turn}", channel="paper", actor=by)
    assert counts_alike(vote)
    counted = votes.counted(vote, sensitivity=False)
    for motion in counted.motions:
        found = set_tally(vote)[motion.motion]
        for answer in ("agree", "oppose", "abstain"):
            expected = getattr(motion.tallied.votes, answer)
            assert (found[answer].heads, found[answer].area) == (expected.heads, expected.area), (motion.motion, answer)


def test_an_unusual_rule_is_left_to_the_tally(cast: Cast) -> None:
    votes.adopt_rules(
        cast.estate,
        values={"vote_silence": "deem_agree"},
        adopted_on=cast.now.date(),
        document="议事规则",
        actor=cast.actor("street_office"),
        now=cast.now,
    )
    assert not counts_alike(steps.opened(cast))
