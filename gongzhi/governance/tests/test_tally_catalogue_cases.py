"""The examples about votes in the five catalogues."""

import pytest

from gongzhi.governance.tests.ballots import (
    CLOSES,
    SPECIAL,
    all_cast,
    cast,
    day,
    decided,
    log_of,
    motion,
    outcome,
    result,
    roll,
    rules,
    serve,
    unit,
    units,
)


@pytest.mark.clause("JJ-A11-2.2-3", "JJ-A10-2.3-3")
@pytest.mark.parametrize(
    ("took_part", "agreed", "expected"), [(534, 400, "rejected"), (534, 401, "passed"), (533, 533, "no_quorum")]
)
def test_jj_hc_25_raising_the_fund_by_800_households(took_part: int, agreed: int, expected: str) -> None:
    votes = all_cast(range(1, agreed + 1), "agree") + all_cast(range(agreed + 1, took_part + 1), "oppose")
    assert outcome(roll(units(800)), rules(motion(by=SPECIAL)), log_of(*votes)) == expected


@pytest.mark.clause("JY-2.3.8-3")
@pytest.mark.parametrize(
    ("took_part", "agreed", "expected"), [(66, 66, "no_quorum"), (67, 34, "passed"), (67, 33, "rejected")]
)
def test_an_ordinary_matter_of_100_households(took_part: int, agreed: int, expected: str) -> None:
    votes = all_cast(range(1, agreed + 1), "agree") + all_cast(range(agreed + 1, took_part + 1), "oppose")
    assert outcome(roll(units(100)), rules(), log_of(*votes)) == expected


@pytest.mark.clause("MX-3.8.2-2")
def test_every_household_is_accounted_for() -> None:
    """60 agree, 20 oppose, 5 abstain, 15 do not vote: a hundred."""
    votes = all_cast(range(1, 61), "agree") + all_cast(range(61, 81), "oppose") + all_cast(range(81, 86), "abstain")
    tallied = decided(roll(units(100)), rules(), log_of(*votes)).tallied
    counts = [tallied.votes.agree, tallied.votes.oppose, tallied.votes.abstain, tallied.silent]
    assert [one.heads for one in counts] == [60, 20, 5, 15]
    assert sum(one.area for one in counts) == tallied.base.area


@pytest.mark.clause("ZJG-2.2.5b", "JH-4.9d")
def test_an_owner_of_several_units_votes_once_with_all_his_area() -> None:
    rows = [unit("1", 8_000, "a"), unit("2", 9_050, "a"), unit("3", 10_000), unit("4", 10_000)]
    first, again, late = (
        cast("a", "agree", day(1), unit=["1", "2"]),
        cast("a", "agree", day(2), unit=["1", "2"]),
        cast(3, "agree", CLOSES),
    )
    found = result(roll(rows), rules(), log_of(first, again, late))
    agreed = found.motions[0].tallied.votes.agree
    assert (agreed.heads, agreed.area) == (1, 17_050)
    assert {one.ballot: one.reason for one in found.ignored} == {first["id"]: "superseded", late["id"]: "late"}


@pytest.mark.clause("MX-3.8.2-1")
def test_silence_counts_only_where_the_rules_of_procedure_say_so() -> None:
    votes = [*all_cast(range(1, 131), "agree"), serve(*range(1, 201))]
    assert decided(roll(units(200)), rules(), log_of(*votes)).tallied.participating.heads == 130
    deemed = decided(roll(units(200)), rules(silence="deem_agree"), log_of(*votes))
    assert deemed.tallied.votes.agree.heads == 200
