"""However an amount is split, the parts add up to the last 分, and nobody is a 分 off for no reason."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.core.errors import Refused
from gongzhi.ledger.apportioning import apportion
from gongzhi.ledger.kinds import REST_TO

AREAS = st.lists(st.integers(0, 50_000_000), min_size=1, max_size=60).filter(any)


def amounts(total: int, weights: list[int], rest_to: str) -> list[int]:
    return [part.amount_fen for part in apportion(total, list(enumerate(weights)), rest_to=rest_to).parts]


@given(st.integers(-(10**12), 10**12), AREAS, st.sampled_from(sorted(REST_TO)))
def test_the_parts_add_up_and_say_what_they_took(total: int, weights: list[int], rest_to: str) -> None:
    split = apportion(total, list(enumerate(weights)), rest_to=rest_to)
    assert sum(part.amount_fen for part in split.parts) == total
    for part in split.parts:
        exact = Fraction(*part.exact)
        assert exact == Fraction(total * part.weight, sum(weights))
        assert abs(part.amount_fen - part.rest_fen - exact) < 1
        assert part.weight or part.amount_fen == 0


@given(st.integers(0, 10**12), AREAS)
def test_with_the_largest_remainder_nobody_is_a_fen_off(total: int, weights: list[int]) -> None:
    for part in apportion(total, list(enumerate(weights)), rest_to="largest_remainder").parts:
        assert abs(part.amount_fen - Fraction(*part.exact)) < 1


@given(st.integers(0, 10**12), AREAS, st.sampled_from(sorted(REST_TO)))
def test_a_refund_is_split_as_the_payment_was(total: int, weights: list[int], rest_to: str) -> None:
    assert amounts(-total, weights, rest_to) == [-one for one in amounts(total, weights, rest_to)]


@pytest.mark.parametrize(
    ("rest_to", "expected"),
    [("largest_remainder", [34, 33, 33]), ("last", [33, 33, 34]), ("largest_share", [34, 33, 33])],
)
def test_one_yuan_over_three_equal_units(rest_to: str, expected: list[int]) -> None:
    assert amounts(100, [9_000, 9_000, 9_000], rest_to) == expected


def test_the_remainders_decide_by_hand() -> None:
    # 10000 分 over 98.12, 120.03 and 45.00 m²: 3728.67…, 4561.28…, 1710.05…
    assert amounts(10_000, [9_812, 12_003, 4_500], "largest_remainder") == [3_729, 4_561, 1_710]
    assert amounts(10_000, [9_812, 12_003, 4_500], "largest_share") == [3_728, 4_562, 1_710]


def test_the_last_with_a_share_takes_the_rest_not_one_without() -> None:
    assert amounts(100, [1, 1, 1, 0], "last") == [33, 33, 34, 0]


@pytest.mark.parametrize("weights", [[], [0, 0], [5, -1]])
def test_nothing_to_split_by_is_refused(weights: list[int]) -> None:
    with pytest.raises(Refused) as refused:
        apportion(100, list(enumerate(weights)), rest_to="last")
    assert refused.value.code == "apportion"


def test_the_split_is_told_in_words() -> None:
    split = apportion(100, [("a", 1), ("b", 1), ("c", 1)], rest_to="largest_remainder")
    assert split.words == "100分按权重之和3分摊给3份，每份舍去不足1分的部分，余下1分逐分给小数部分最大的。"
    assert [part.rest_fen for part in split.parts] == [1, 0, 0]
