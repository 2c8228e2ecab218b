"""The worked cases: exact limits, the developer's stock, changed ballots, and two disputes that courts decided."""

from datetime import timedelta
from typing import Any

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
    paper,
    result,
    roll,
    rules,
    serve,
    unit,
    units,
)


@pytest.mark.clause("CC-278", "CC-1259")
@pytest.mark.parametrize(
    ("voted", "agreed", "expected"),
    [(199, 199, "no_quorum"), (200, 101, "passed"), (200, 100, "rejected")],
)
def test_t1_exactly_two_thirds_is_a_quorum(voted: int, agreed: int, expected: str) -> None:
    owners = roll(units(300, 5_001))
    cast_ = all_cast(range(1, agreed + 1), "agree") + all_cast(range(agreed + 1, voted + 1), "oppose")
    assert outcome(owners, rules(), log_of(*cast_)) == expected


@pytest.mark.clause("CC-278", "CC-1259")
@pytest.mark.parametrize(("agreed", "expected"), [(180, "passed"), (179, "rejected")])
def test_t2_exactly_three_quarters_of_the_participants_is_enough(agreed: int, expected: str) -> None:
    owners = roll(units(300, 5_001))
    cast_ = [
        *all_cast(range(1, agreed + 1), "agree"),
        *all_cast(range(agreed + 1, 221), "oppose"),
        *all_cast(range(221, 241), "abstain"),
    ]
    assert outcome(owners, rules(motion(by=SPECIAL)), log_of(*cast_)) == expected


@pytest.mark.clause("CC-278")
@pytest.mark.parametrize(("agreed", "expected"), [(100, "rejected"), (101, "passed")])
def test_t3_exactly_half_of_the_participants_is_not_more_than_half(agreed: int, expected: str) -> None:
    owners = roll(units(300, 5_005))
    cast_ = all_cast(range(1, agreed + 1), "agree") + all_cast(range(agreed + 1, 201), "oppose")
    assert outcome(owners, rules(), log_of(*cast_)) == expected


@pytest.mark.clause("CC-278")
def test_t4_a_quorum_fails_by_a_hundredth_of_a_square_metre() -> None:
    """300,000.00 m² and 3,000 heads; 199,999.99 m² and 2,000 heads take part: both show as 66.67 %."""
    rows = units(3_000)
    rows[0]["area"] -= 1
    rows[2_999]["area"] += 1
    found = decided(roll(rows), rules(), log_of(*all_cast(range(1, 2_001), "agree")))
    area = next(one for one in found.tests if one.name == "quorum" and one.measure == "area")
    heads = next(one for one in found.tests if one.name == "quorum" and one.measure == "heads")
    assert found.tallied.base.area == 30_000_000
    assert (found.tallied.participating.area, found.tallied.participating.heads) == (19_999_999, 2_000)
    assert heads.holds and not area.holds
    assert (area.left, area.right) == (59_999_997, 60_000_000)
    assert found.outcome == "no_quorum"


def _with_developer() -> list[dict[str, Any]]:
    own = [unit(number) for number in range(1, 251)]
    unsold = [unit(f"u{number}", owner="dev", stock="unsold") for number in range(120)]
    undelivered = [unit(f"d{number}", owner="dev", stock="undelivered") for number in range(30)]
    return own + unsold + undelivered


def _developer_votes(choice: str) -> dict[str, Any]:
    names = [f"u{number}" for number in range(120)] + [f"d{number}" for number in range(30)]
    return cast("dev", choice, unit=names)


@pytest.mark.clause("SPC-9", "CC-278")
def test_t5_the_developers_stock_is_one_head() -> None:
    owners = roll(_with_developer())
    found = decided(owners, rules(), log_of(_developer_votes("agree"), *all_cast(range(1, 161), "agree")))
    assert found.tallied.base.heads == 251
    assert (found.tallied.participating.area, found.tallied.participating.heads) == (3_100_000, 161)
    assert found.outcome == "no_quorum"


@pytest.mark.clause("SPC-9", "CC-278")
def test_t5_the_developers_area_alone_does_not_carry_a_motion() -> None:
    owners = roll(_with_developer())
    cast_ = [_developer_votes("agree"), *all_cast(range(1, 61), "agree"), *all_cast(range(61, 168), "oppose")]
    found = decided(owners, rules(), log_of(*cast_))
    assert all(one.holds for one in found.tests if one.name == "quorum")
    assert (found.tallied.votes.agree.heads, found.tallied.participating.heads) == (61, 168)
    assert found.tallied.votes.agree.area == 2_100_000
    assert found.outcome == "rejected"


def _changed_paper_late_and_sold() -> tuple[dict[str, Any], ...]:
    second = timedelta(seconds=1)
    return (
        cast(1, "agree", day(1)),
        cast(1, "oppose", day(2)),
        cast(2, "oppose", day(2)),
        paper(2, "agree", day(3)),
        cast(3, "agree", CLOSES - second),
        cast(4, "agree", CLOSES),
        cast(5, "agree", day(2)),
        {"type": "TRANSFER", "at": day(3).isoformat(), "unit": "5", "owners": ["buyer5"]},
        cast("buyer5", "oppose", day(4), unit=5),
        {"type": "TRANSFER", "at": day(3).isoformat(), "unit": "6", "owners": ["buyer6"]},
        cast("buyer6", "agree", day(4), unit=6),
        paper(7, "agree", day(4), faults=["signature_mismatch"]),
        cast(8, "agree", day(4)),
    )


@pytest.mark.parametrize(
    ("chosen", "agreed", "expected"),
    [
        ({"revote": "last_valid"}, 5, "passed"),
        ({"revote": "first_only"}, 5, "passed"),
        ({"precedence": {"value": "by_channel", "order": ["phone", "paper"]}}, 4, "rejected"),
    ],
)
def test_t8_changes_paper_lateness_and_sales(chosen: dict[str, Any], agreed: int, expected: str) -> None:
    found = decided(roll(units(9)), rules(motion(by=SPECIAL), **chosen), log_of(*_changed_paper_late_and_sold()))
    assert found.tallied.participating.heads == 6
    assert all(one.holds for one in found.tests if one.name == "quorum")
    assert found.tallied.votes.agree.heads == agreed
    assert found.outcome == expected


@pytest.mark.clause("SPC-9")
def test_r1_the_renewal_of_2019_in_shanghai_counts_a_company_once() -> None:
    """406 owners and a company with 15 units agree, 414 oppose: 407 against 414, not 421 against 414."""
    rows = [*units(820), *[unit(f"c{number}", owner="company") for number in range(15)]]
    company = cast("company", "agree", unit=[f"c{number}" for number in range(15)])
    cast_ = [*all_cast(range(1, 407), "agree"), company, *all_cast(range(407, 821), "oppose")]
    found = decided(roll(rows), rules(), log_of(*cast_))
    assert (found.tallied.votes.agree.heads, found.tallied.votes.oppose.heads) == (407, 414)
    assert found.tallied.votes.agree.area > found.tallied.votes.oppose.area
    assert found.outcome == "rejected"
    by_unit = result(roll(rows), rules(), log_of(*cast_)).sensitivity
    without_merging = next(one for one in by_unit if (one.setting, one.value) == ("merge", "none"))
    assert without_merging.outcomes == {"m": "passed"}
    assert without_merging.flips == ("m",)


@pytest.mark.parametrize(("agreed", "opposed", "total"), [(995, 27, 2_066), (991, 31, 2_062)])
def test_r3_the_minhang_vote_of_2021_counts_the_served_with_the_majority(agreed: int, opposed: int, total: int) -> None:
    """2,261 votes; 1,147 returned; 1,071 served and silent follow the majority; 43 were never served."""
    cast_ = [
        *all_cast(range(1, agreed + 1), "agree"),
        *all_cast(range(agreed + 1, agreed + opposed + 1), "oppose"),
        *all_cast(range(agreed + opposed + 1, 1_148), "abstain"),
    ]
    owners = roll(units(2_261))
    happened = log_of(*cast_, serve(*range(1, 2_219)))
    found = decided(owners, rules(silence="follow_majority"), happened)
    assert found.tallied.votes.agree.heads == total
    assert found.tallied.deemed.heads == 1_071
    assert found.tallied.silent.heads == 43
    assert found.outcome == "passed"
    assert outcome(owners, rules(), happened) == "no_quorum"
