"""At least 10,000 random votes, each counted by the tally and by a slow one that shares nothing with it."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongzhi.governance.tally.reading import read_events, read_roll, read_rules
from gongzhi.governance.tally.result import OfMotion
from gongzhi.governance.tally.tallying import tally
from gongzhi.governance.tests.naive_tally import naive
from gongzhi.governance.tests.random_votes import as_formats, random_vote

CHUNKS = 10
ROLLS = 1_001  # in each chunk


@pytest.mark.clause("CC-278", "SPC-9", "CC-1259")
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_random_votes_are_counted_as_the_slow_tally_counts_them(chunk: int) -> None:
    seen: set[str] = set()
    outcomes: set[str] = set()

    @settings(max_examples=ROLLS, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(seed=st.binary(min_size=8, max_size=8), size=st.integers(min_value=1, max_value=7))
    def compare(seed: bytes, size: int) -> None:
        key = f"{chunk}:{seed.hex()}:{size}"
        seen.add(key)
        vote = random_vote(key, size)
        roll, rules, events = as_formats(vote)
        found = tally(
            roll=read_roll(text=roll), rules=read_rules(text=rules), events=read_events(text=events), sensitivity=False
        )
        expected = naive(vote)
        assert {one.motion: _plain(one) for one in found.motions} == expected, key
        outcomes.update(one["outcome"] for one in expected.values())

    compare()
    assert len(seen) >= ROLLS - 1
    assert outcomes >= {"passed", "rejected", "no_quorum"}


def _plain(one: OfMotion) -> dict[str, object]:
    votes = one.tallied.votes
    answers = ("agree", "oppose", "abstain", "invalid")
    return {
        "outcome": one.outcome,
        "area": {answer: getattr(votes, answer).area for answer in answers},
        "heads": {answer: getattr(votes, answer).heads for answer in answers},
        "total": (one.tallied.base.heads, one.tallied.base.area),
    }
