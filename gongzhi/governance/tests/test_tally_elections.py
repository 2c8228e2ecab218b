"""Elections: a double majority each, seats by votes won, alternates, ties and lots, partial elections."""

from typing import Any

import pytest

from gongzhi.governance.tally.result import OfMotion
from gongzhi.governance.tests.ballots import cast, decided, log_of, motion, roll, rules, unit, units

FIVE = [{"candidate": name, "name": name.upper()} for name in ("a", "b", "c", "d", "e")]


def _election(seats: int = 2, candidates: Any = None, **more: Any) -> dict[str, Any]:
    return motion(election={"candidates": candidates or FIVE, "seats": seats, "most_choices": 5, **more})


def _standings(found: OfMotion) -> dict[str, str]:
    return {one.candidate: one.standing for one in found.candidates}


def _votes(**won: int) -> list[dict[str, Any]]:
    """Ten owners; `a=7` gives a the votes of the first seven."""
    return [cast(number, [name for name, count in won.items() if number <= count]) for number in range(1, 11)]


@pytest.mark.clause("JH-4.9e", "CC-278")
def test_who_wins_has_the_double_majority_and_the_most_votes() -> None:
    found = decided(roll(units(10)), rules(_election(alternates=1)), log_of(*_votes(a=9, b=6, c=8, d=7, e=5)))
    assert _standings(found) == {
        "a": "elected",
        "c": "elected",
        "d": "alternate",
        "b": "not_elected",
        "e": "not_elected",
    }
    assert [one.candidate for one in found.candidates] == ["a", "c", "d", "b", "e"]
    assert [one.rank for one in found.candidates] == [1, 2, 3, 4, 5]
    assert found.outcome == "elected"


def test_most_heads_without_the_area_is_not_elected() -> None:
    rows = [*units(6), unit(7, 90_000)]
    votes = [*[cast(number, ["a"]) for number in range(1, 7)], cast(7, ["b"])]
    found = decided(roll(rows), rules(_election(1)), log_of(*votes))
    assert found.outcome == "not_elected"
    assert {one.candidate: one.has_majority for one in found.candidates} == dict.fromkeys("abcde", False)


def test_a_partial_election() -> None:
    found = decided(roll(units(10)), rules(_election(3)), log_of(*_votes(a=9, b=6, c=5)))
    assert _standings(found)["c"] == "not_elected"
    assert found.outcome == "partly_elected"


@pytest.mark.parametrize(
    ("least", "outcome"),
    [
        ({"least_elected": 2}, "partly_elected"),
        ({"least_elected": 3}, "not_elected"),
        ({"least_share": "1/2"}, "not_elected"),
        ({"least_share": "1/3"}, "partly_elected"),
    ],
)
def test_how_many_at_least_make_a_committee(least: dict[str, Any], outcome: str) -> None:
    found = decided(roll(units(10)), rules(_election(4, **least)), log_of(*_votes(a=9, b=6, c=5)))
    assert found.outcome == outcome


@pytest.mark.clause("JH-4.9e")
def test_a_ballot_with_too_many_names_is_invalid() -> None:
    votes = _votes(a=9, b=6)
    votes[0] = cast(1, ["a", "b", "c"])
    found = decided(roll(units(10)), rules(_election(2, most_choices=2)), log_of(*votes))
    assert found.tallied.participating.heads == 9
    assert found.candidates[0].tallied.votes.agree.heads == 8


@pytest.mark.parametrize("mark", ["agree", ["x"], {"a": "follow"}, {"x": "agree"}])
def test_marks_that_mean_nothing(mark: Any) -> None:
    found = decided(roll(units(1)), rules(_election(2, most_choices=2)), log_of(cast(1, {"m": mark})))
    assert found.tallied.participating.heads == 0


def test_answers_for_each_candidate() -> None:
    found = decided(roll(units(1)), rules(_election()), log_of(cast(1, {"m": {"a": "agree", "b": "oppose"}})))
    by_name = {one.candidate: one.tallied.votes for one in found.candidates}
    assert (by_name["a"].agree.heads, by_name["b"].oppose.heads, by_name["c"].abstain.heads) == (1, 1, 1)


_TIE = {"a": 9, "b": 7, "c": 7, "d": 6}


def test_equal_votes_at_the_last_seat_wait_for_a_lot() -> None:
    found = decided(roll(units(10)), rules(_election(alternates=2)), log_of(*_votes(**_TIE)))
    assert _standings(found) == {"a": "elected", "b": "tied", "c": "tied", "d": "not_elected", "e": "not_elected"}
    assert found.outcome == "tied"


def _lot(*order: str) -> dict[str, Any]:
    return {"type": "LOT", "at": "2026-04-01T10:00:00+08:00", "motion": "m", "order": list(order), "by": ["s1", "s2"]}


def test_a_lot_decides_between_equals_only() -> None:
    votes = _votes(**_TIE)
    drawn = decided(roll(units(10)), rules(_election(alternates=2)), log_of(*votes, _lot("d", "c", "b")))
    assert _standings(drawn) == {"a": "elected", "c": "elected", "b": "alternate", "d": "alternate", "e": "not_elected"}
    assert drawn.outcome == "elected"


def test_a_lot_that_leaves_one_of_the_equals_out_decides_nothing() -> None:
    found = decided(roll(units(10)), rules(_election()), log_of(*_votes(**_TIE), _lot("c", "d")))
    assert found.outcome == "tied"


def test_the_area_decides_between_equal_heads_before_any_lot() -> None:
    rows = [*units(9), unit(10, 10_001)]
    votes = [
        cast(number, ["a", "b"] if number < 7 else ["b"] if number < 8 else ["a"] if number == 10 else [])
        for number in range(1, 11)
    ]
    found = decided(roll(rows), rules(_election(1)), log_of(*votes))
    assert (_standings(found)["a"], _standings(found)["b"]) == ("elected", "not_elected")
    by_lot = decided(roll(rows), rules(_election(1, tie="lot")), log_of(*votes))
    assert by_lot.outcome == "tied"


def test_equal_alternates_do_not_hold_up_the_election() -> None:
    found = decided(roll(units(10)), rules(_election(1, alternates=1)), log_of(*_votes(a=9, b=7, c=7)))
    assert found.outcome == "elected"
    assert (_standings(found)["b"], _standings(found)["c"]) == ("tied_alternate", "tied_alternate")


@pytest.mark.parametrize(("needs", "standing"), [(True, "not_elected"), (False, "alternate")])
def test_alternates_with_and_without_the_majority(needs: bool, standing: str) -> None:
    election = _election(1, alternates=1, alternates_need_majority=needs)
    found = decided(roll(units(10)), rules(election), log_of(*_votes(a=9, b=5, c=4)))
    assert _standings(found)["b"] == standing


def test_without_a_quorum_nobody_is_elected() -> None:
    votes = [cast(number, ["a"]) for number in range(1, 7)]
    found = decided(roll(units(10)), rules(_election()), log_of(*votes))
    assert (found.outcome, found.candidates) == ("no_quorum", ())


def test_the_silent_are_not_deemed_to_agree_to_more_than_a_ballot_may_name() -> None:
    votes = [cast(number, ["a"]) for number in range(1, 7)]
    served = {"type": "SERVE", "at": "2026-03-18T10:00:00+08:00", "units": ["7", "8", "9", "10"]}
    found = decided(roll(units(10)), rules(_election(2, most_choices=2), silence="deem_agree"), log_of(*votes, served))
    assert found.tallied.deemed.heads == 4
    by_name = {one.candidate: one.tallied for one in found.candidates}
    assert (by_name["a"].votes.agree.heads, by_name["a"].votes.abstain.heads) == (6, 4)


def test_the_silent_follow_the_majority_on_each_candidate() -> None:
    votes = [cast(number, ["a"] if number < 6 else ["b"]) for number in range(1, 8)]
    served = {"type": "SERVE", "at": "2026-03-18T10:00:00+08:00", "units": ["8", "9", "10"]}
    found = decided(roll(units(10)), rules(_election(2), silence="follow_majority"), log_of(*votes, served))
    by_name = {one.candidate: one.tallied for one in found.candidates}
    assert (by_name["a"].votes.agree.heads, by_name["b"].votes.agree.heads) == (8, 2)
    assert all(one.participating.heads == 10 for one in by_name.values())


def test_one_of_several_companies_is_chosen_the_same_way() -> None:
    """选聘: each company needs the majority itself; a plurality is not enough."""
    split = [*[cast(number, ["a"]) for number in range(1, 6)], *[cast(number, ["b"]) for number in range(6, 11)]]
    found = decided(roll(units(10)), rules(_election(1, most_choices=1)), log_of(*split))
    assert found.outcome == "not_elected"


def test_more_owners_than_seats_of_one_owner_count_once() -> None:
    rows = [unit(number, owner="x" if number <= 4 else None) for number in range(1, 9)]
    votes = [cast("x", ["a"], unit=["1", "2", "3", "4"]), *[cast(number, ["b"]) for number in (5, 6, 7)]]
    found = decided(roll(rows), rules(_election(1)), log_of(*votes))
    assert found.tallied.base.heads == 5
    by_name = {one.candidate: one.tallied.votes.agree for one in found.candidates}
    assert (by_name["a"].heads, by_name["a"].area, by_name["b"].heads) == (1, 40_000, 3)
    assert found.outcome == "not_elected"
