"""Every mode of the rules, one vote each: what changes when the rule is read otherwise."""

from datetime import timedelta
from typing import Any

import pytest

from gongzhi.governance.tests.ballots import (
    CLOSES,
    OPENS,
    ORDINARY,
    SPECIAL,
    UNANIMOUS,
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
from gongzhi.governance.tests.ballots import log_of as log


def _agreed(found: Any) -> tuple[int, int]:
    return found.tallied.votes.agree.heads, found.tallied.votes.agree.area


def _why(found: Any) -> dict[str, str]:
    return {one.ballot: one.reason for one in found.ignored}


# -- heads


@pytest.mark.clause("SPC-9")
@pytest.mark.parametrize(("merge", "heads"), [("same_owner_set", 4), ("any_common_owner", 2), ("none", 5)])
def test_which_units_are_one_head(merge: str, heads: int) -> None:
    rows = [
        unit(1, owner="a"),
        unit(2, owner="a"),
        unit(3, owner=["a", "b"]),
        unit(4, owner=["b", "c"]),
        unit(5, owner="d"),
    ]
    assert decided(roll(rows), rules(merge=merge), log()).tallied.base.heads == heads


@pytest.mark.clause("SPC-9")
@pytest.mark.parametrize(("stock", "heads"), [("one_person", 3), ("per_unit", 5)])
def test_the_developers_stock_and_what_he_bought(stock: str, heads: int) -> None:
    rows = [
        unit(1, owner="dev", stock="unsold"),
        unit(2, owner="dev", stock="unsold"),
        unit(3, owner="dev", stock="undelivered"),
        unit(4, owner="dev"),
        unit(5),
    ]
    assert decided(roll(rows), rules(developer_stock=stock), log()).tallied.base.heads == heads


@pytest.mark.parametrize(
    ("split", "agree", "oppose", "abstain"),
    [("abstain", 0, 0, 1), ("latest", 1, 0, 0), ("largest_area", 0, 1, 0)],
)
def test_one_owner_who_says_different_things_for_his_units(split: str, agree: int, oppose: int, abstain: int) -> None:
    rows = [unit(1, 9_000, "a"), unit(2, 5_000, "a")]
    votes = [cast("a", "oppose", day(2), unit=1), cast("a", "agree", day(3), unit=2)]
    found = decided(roll(rows), rules(split_head=split), log(*votes)).tallied.votes
    assert (found.agree.heads, found.oppose.heads, found.abstain.heads) == (agree, oppose, abstain)
    assert (found.agree.area, found.oppose.area) == (5_000, 9_000)


@pytest.mark.parametrize(
    ("parking", "heads", "area"), [("excluded", 2, 20_000), ("area_only", 2, 22_600), ("counted", 3, 22_600)]
)
def test_parking_spaces(parking: str, heads: int, area: int) -> None:
    rows = [unit(1), unit(2), unit("P1", 1_300, "p1", kind="parking"), unit("P2", 1_300, "x", kind="parking")]
    base = decided(roll(rows), rules(parking=parking), log()).tallied.base
    assert (base.heads, base.area) == (heads, area)


# -- silence


_SILENT = [*all_cast(range(1, 6), "agree"), *all_cast(range(6, 8), "oppose"), serve(8, 9)]


@pytest.mark.parametrize(
    ("silence", "agree", "abstain", "silent"),
    [
        ("not_participating", 5, 0, 3),
        ("deem_abstain", 5, 2, 1),
        ("follow_majority", 7, 0, 1),
        ("deem_agree", 7, 0, 1),
    ],
)
def test_only_the_served_are_deemed_anything(silence: str, agree: int, abstain: int, silent: int) -> None:
    found = decided(roll(units(10)), rules(silence=silence), log(*_SILENT)).tallied
    assert (found.votes.agree.heads, found.votes.abstain.heads, found.silent.heads) == (agree, abstain, silent)


def test_nobody_is_deemed_anything_where_the_notice_did_not_say_so() -> None:
    found = result(roll(units(10)), rules(silence="deem_agree"), log(*_SILENT, told=False))
    assert found.motions[0].tallied.deemed.heads == 0
    assert not next(one for one in found.procedure if one.name == "silence_told").ok


@pytest.mark.parametrize(
    ("more", "reached"),
    [
        ({"result": "undeliverable"}, False),
        ({"result": "refused"}, False),
        ({"at": CLOSES}, False),
        ({"kind": "sms"}, False),
        ({"kind": "signed"}, True),
    ],
)
def test_which_service_counts(more: dict[str, Any], reached: bool) -> None:
    service = {"value": "delivered", "kinds": ["signed"]}
    happened = log(cast(1, "agree"), serve(2, **{"kind": "signed", **more}))
    found = decided(roll(units(2)), rules(silence="deem_agree", service=service), happened)
    assert found.tallied.deemed.heads == int(reached)


def test_who_refuses_the_ballot_may_count_as_served() -> None:
    happened = log(cast(1, "agree"), serve(2, result="refused"))
    assert decided(
        roll(units(2)), rules(silence="deem_agree", service="delivered_or_refused"), happened
    ).tallied.deemed.heads


@pytest.mark.parametrize(("floor", "deemed"), [("1/2", 0), ("2/5", 3), (None, 3)])
def test_the_majority_to_follow_may_need_a_share_of_everybody(floor: str | None, deemed: int) -> None:
    happened = log(*all_cast(range(1, 6), "agree"), *all_cast(range(6, 8), "oppose"), serve(8, 9, 10))
    found = decided(roll(units(10)), rules(silence={"value": "follow_majority", "floor": floor}), happened)
    assert found.tallied.deemed.heads == deemed


def test_without_a_majority_in_both_measures_nobody_follows() -> None:
    """More heads agree, more area opposes."""
    rows = [unit(1), unit(2), unit(3, 90_000), unit(4)]
    happened = log(cast(1, "agree"), cast(2, "agree"), cast(3, "oppose"), serve(4))
    found = decided(roll(rows), rules(silence="follow_majority"), happened)
    assert found.tallied.majority is None and found.tallied.deemed.heads == 0


def test_a_motion_may_have_its_own_rule_of_silence() -> None:
    two = [motion("m", silence={"value": "not_participating"}), motion("n")]
    happened = log(cast(1, {"m": "agree", "n": "agree"}), serve(2))
    found = result(roll(units(2)), rules(*two, silence="deem_agree"), happened).motions
    assert [one.tallied.votes.agree.heads for one in found] == [1, 2]


@pytest.mark.parametrize(("allowed", "agree", "took_part"), [("allowed", 3, 3), ("invalid", 2, 2)])
def test_the_choice_to_follow_the_majority(allowed: str, agree: int, took_part: int) -> None:
    happened = log(cast(1, "agree"), cast(2, "agree"), cast(3, "follow"))
    found = decided(roll(units(3)), rules(follow_choice=allowed), happened).tallied
    assert (found.votes.agree.heads, found.participating.heads) == (agree, took_part)


def test_objection_is_shown_and_decides_nothing() -> None:
    by = {**ORDINARY, "objection": {"area": "1/3", "heads": "1/3"}}
    happened = log(*all_cast(range(1, 4), "agree"), cast(4, "oppose"))
    found = result(roll(units(9)), rules(motion(by=by)), happened)
    assert found.motions[0].by_objection is True
    assert found.motions[0].outcome == "no_quorum"
    assert any("异议表决" in one.says for one in found.warnings)
    four = log(*all_cast(range(1, 5), "oppose"))
    assert result(roll(units(9)), rules(motion(by=by)), four).motions[0].by_objection is False


# -- invalid, blank, adjudicated


@pytest.mark.parametrize(
    ("invalid", "took_part", "deemed"), [("not_participating", 1, 0), ("participating", 2, 0), ("as_silent", 2, 1)]
)
def test_what_an_invalid_ballot_counts_as(invalid: str, took_part: int, deemed: int) -> None:
    happened = log(cast(1, "agree"), paper(2, "agree", faults=["double_mark"]), serve(2))
    found = decided(roll(units(3)), rules(invalid=invalid, silence="deem_abstain"), happened).tallied
    assert (found.participating.heads, found.deemed.heads) == (took_part, deemed)


@pytest.mark.parametrize(("blank", "took_part"), [("abstain", 1), ("invalid", 0), ("not_participating", 0)])
def test_a_motion_left_blank(blank: str, took_part: int) -> None:
    found = decided(roll(units(2)), rules(blank=blank), log(cast(1, {})))
    assert found.tallied.participating.heads == took_part


@pytest.mark.parametrize(
    ("by", "decision", "agree"),
    [(["s1", "s2"], "valid", 1), (["s1", "s1"], "valid", 0), (["s1"], "valid", 0), (["s1", "s2"], "invalid", 0)],
)
def test_two_scrutineers_settle_a_ballot_after_the_close(by: list[str], decision: str, agree: int) -> None:
    ballot = paper(1, "agree", faults=["signature_mismatch"])
    found_by = {
        "type": "ADJUDICATE",
        "at": (CLOSES + timedelta(days=1)).isoformat(),
        "ballot": ballot["id"],
        "decision": decision,
        "by": by,
        "reason": "本人到场确认",
    }
    assert _agreed(decided(roll(units(2)), rules(), log(ballot, found_by)))[0] == agree


def test_scrutineers_may_settle_what_a_mark_means() -> None:
    ballot = paper(1, "agree", faults=["double_mark"])
    settled = {
        "type": "ADJUDICATE",
        "at": CLOSES.isoformat(),
        "ballot": ballot["id"],
        "decision": "valid",
        "by": ["s1", "s2"],
        "reason": "划去“同意”，勾选“反对”",
        "choices": {"m": "oppose"},
    }
    assert decided(roll(units(1)), rules(), log(ballot, settled)).tallied.votes.oppose.heads == 1


def test_a_late_ballot_cannot_be_made_valid() -> None:
    ballot = paper(1, "agree", CLOSES, faults=["signature_mismatch"])
    settled = {
        "type": "ADJUDICATE",
        "at": CLOSES.isoformat(),
        "ballot": ballot["id"],
        "decision": "valid",
        "by": ["s1", "s2"],
        "reason": "认可",
    }
    found = result(roll(units(1)), rules(), log(ballot, settled))
    assert _why(found) == {ballot["id"]: "late"}


@pytest.mark.parametrize(
    ("at", "counted"),
    [
        (OPENS - timedelta(seconds=1), 0),
        (OPENS, 1),
        (CLOSES - timedelta(microseconds=1), 1),
        (CLOSES, 0),
    ],
)
def test_the_window_is_closed_at_its_end(at: Any, counted: int) -> None:
    assert _agreed(decided(roll(units(2)), rules(), log(cast(1, "agree", at))))[0] == counted


# -- changes, channels, sale, co-owners


@pytest.mark.parametrize(
    ("revote", "stands"),
    [
        ("last_valid", "abstain"),
        ("first_only", "agree"),
        ({"value": "n_changes", "changes": 1}, "oppose"),
        ({"value": "n_changes", "changes": 5}, "abstain"),
    ],
)
def test_changing_a_ballot(revote: Any, stands: str) -> None:
    happened = log(cast(1, "agree", day(1)), cast(1, "oppose", day(2)), cast(1, "abstain", day(3)))
    votes = decided(roll(units(1)), rules(revote=revote), happened).tallied.votes
    assert getattr(votes, stands).heads == 1


def test_a_later_invalid_ballot_does_not_take_a_valid_one_away() -> None:
    happened = log(cast(1, "agree", day(1)), paper(1, "oppose", day(2), faults=["signature_mismatch"]))
    assert _agreed(decided(roll(units(1)), rules(), happened))[0] == 1


@pytest.mark.parametrize(
    ("order", "agree"), [(["paper", "phone"], 1), (["phone", "paper"], 0), (["desk", "paper"], 1), (["official"], 0)]
)
def test_a_channel_may_go_before_another(order: list[str], agree: int) -> None:
    happened = log(paper(1, "agree", day(1)), cast(1, "oppose", day(2)))
    precedence = {"value": "by_channel", "order": order}
    assert _agreed(decided(roll(units(1)), rules(precedence=precedence), happened))[0] == agree


@pytest.mark.parametrize(
    ("sale", "agree", "oppose"), [("first_vote_stands", 2, 0), ("buyer_replaces", 1, 1), ("roll_owner", 1, 0)]
)
def test_a_unit_sold_during_the_vote(sale: str, agree: int, oppose: int) -> None:
    """The first seller had voted; the second had not."""
    happened = log(
        cast(1, "agree", day(2)),
        {"type": "TRANSFER", "at": day(3).isoformat(), "unit": "1", "owners": ["new1"]},
        {"type": "TRANSFER", "at": day(3).isoformat(), "unit": "2", "owners": ["new2"]},
        cast("new1", "oppose", day(4), unit=1),
        cast("new2", "agree", day(4), unit=2),
    )
    votes = decided(roll(units(2)), rules(sale=sale), happened).tallied.votes
    assert (votes.agree.heads, votes.oppose.heads) == (agree, oppose)


def test_the_seller_cannot_vote_after_the_sale() -> None:
    moved = {"type": "TRANSFER", "at": day(3).isoformat(), "unit": "1", "owners": ["new"]}
    ballot = cast(1, "agree", day(4))
    assert _why(result(roll(units(1)), rules(), log(moved, ballot))) == {ballot["id"]: "sold"}


@pytest.mark.parametrize(
    ("co_owners", "nominee", "agree", "took_part"),
    [
        ("nominee", None, 0, 0),
        ("nominee", "a", 1, 1),
        ("nominee", "b", 0, 1),
        ("any_unless_conflict", None, 0, 0),
        ("any_latest", None, 0, 1),
    ],
)
def test_co_owners(co_owners: str, nominee: str | None, agree: int, took_part: int) -> None:
    """a agrees, b opposes a day later."""
    rows = [unit(1, owner=["a", "b"], **({"nominee": nominee} if nominee else {}))]
    happened = log(cast("a", "agree", day(1), unit=1), cast("b", "oppose", day(2), unit=1))
    found = decided(roll(rows), rules(co_owners=co_owners), happened).tallied
    assert (found.votes.agree.heads, found.participating.heads) == (agree, took_part)


def test_co_owners_who_agree_need_no_nominee_where_any_may_vote() -> None:
    happened = log(cast("a", "agree", day(1), unit=1), cast("b", "agree", day(2), unit=1))
    found = decided(roll([unit(1, owner=["a", "b"])]), rules(co_owners="any_unless_conflict"), happened)
    assert _agreed(found) == (1, 10_000)


def test_a_nomination_before_the_close_ratifies_an_earlier_ballot() -> None:
    named = {"type": "NOMINATE", "at": day(5).isoformat(), "unit": "1", "nominee": "a"}
    happened = log(cast("a", "agree", day(1), unit=1), named)
    assert _agreed(decided(roll([unit(1, owner=["a", "b"])]), rules(), happened))[0] == 1


@pytest.mark.parametrize(("covers", "area"), [("named_units", 10_000), ("all_of_owner", 25_000)])
def test_what_one_ballot_covers(covers: str, area: int) -> None:
    rows = [unit(1, owner="a"), unit(2, 15_000, owner="a"), unit(3)]
    found = decided(roll(rows), rules(ballot_covers=covers), log(cast("a", "agree", unit=1)))
    assert _agreed(found) == (1, area)


# -- agents


def _instrument(**more: Any) -> dict[str, Any]:
    return {
        "type": "PROXY",
        "id": "w1",
        "at": OPENS.isoformat(),
        "principal": "p1",
        "agent": "p2",
        "units": ["1"],
        "valid_from": OPENS.isoformat(),
        "valid_until": CLOSES.isoformat(),
        **more,
    }


def _by_agent(choice: str = "agree", at: Any = None) -> dict[str, Any]:
    return cast("p2", choice, at, unit=1, proxy="w1")


@pytest.mark.clause("MX-3.8.2-1")
def test_an_agent_votes_for_his_principal() -> None:
    """Thirty by agents and a hundred in person make a hundred and thirty."""
    agents = [
        act
        for number in range(1, 31)
        for act in (
            _instrument(id=f"w{number}", principal=f"p{number}", agent="agent", units=[str(number)]),
            cast("agent", "agree", unit=number, proxy=f"w{number}"),
        )
    ]
    found = decided(roll(units(200)), rules(), log(*agents, *all_cast(range(31, 131), "agree")))
    assert found.tallied.participating.heads == 130


@pytest.mark.parametrize(
    ("instrument", "proxy", "reason"),
    [
        ({}, "not_allowed", "proxy_not_allowed"),
        ({"id": "other"}, "allowed", "no_instrument"),
        ({"agent": "p3"}, "allowed", "not_the_agent"),
        ({"signed": False}, "allowed", "not_signed"),
        ({"agent_kind": "property_staff"}, {"barred": ["property_staff"]}, "agent_barred"),
        ({"valid_until": day(1).isoformat()}, "allowed", "out_of_term"),
        ({"units": ["3"]}, "allowed", "other_units"),
        ({"motions": ["n"]}, "allowed", "other_motions"),
        ({"principal": "p3"}, "allowed", "not_owner"),
        ({"instructions": {"m": "oppose"}}, "allowed", "against_instruction"),
    ],
)
def test_why_an_agents_ballot_does_not_count(instrument: dict[str, Any], proxy: Any, reason: str) -> None:
    ballot = _by_agent(at=day(2))
    found = result(roll(units(3)), rules(proxy=proxy), log(_instrument(**instrument), ballot))
    assert _why(found) == {ballot["id"]: reason}
    assert found.motions[0].tallied.participating.heads == 0


def test_an_agent_may_be_free_of_his_instruction() -> None:
    happened = log(_instrument(instructions={"m": "oppose"}), _by_agent())
    assert _agreed(decided(roll(units(2)), rules(proxy={"instruction": "free"}), happened))[0] == 1


def test_the_agent_must_be_an_owner_where_the_rules_say_so() -> None:
    ballot = cast("stranger", "agree", unit=1, proxy="w1")
    found = result(roll(units(2)), rules(proxy={"agent": "owner"}), log(_instrument(agent="stranger"), ballot))
    assert _why(found) == {ballot["id"]: "agent_not_owner"}


def test_an_agents_principals_are_counted_in_the_order_of_their_instruments() -> None:
    acts: list[dict[str, Any]] = []
    for number in (1, 3, 4):
        at = (OPENS + timedelta(minutes=number)).isoformat()
        acts.append(_instrument(id=f"w{number}", principal=f"p{number}", units=[str(number)], at=at))
        acts.append(cast("p2", "agree", unit=number, proxy=f"w{number}"))
    found = result(roll(units(4)), rules(proxy={"cap": 2}), log(*acts))
    assert [one.reason for one in found.ignored] == ["over_cap"]
    freed = {"type": "REVOKE", "at": (OPENS + timedelta(minutes=2)).isoformat(), "proxy": "w1"}
    again = result(roll(units(4)), rules(proxy={"cap": 2}), log(*acts, freed))
    assert [one.reason for one in again.ignored] == ["revoked"]


@pytest.mark.parametrize(("revoked_on", "agree"), [(day(1), 0), (day(3), 1)])
def test_revoking_an_instrument_works_from_then_on(revoked_on: Any, agree: int) -> None:
    revoked = {"type": "REVOKE", "at": revoked_on.isoformat(), "proxy": "w1"}
    happened = log(_instrument(), revoked, _by_agent(at=day(2)))
    assert _agreed(decided(roll(units(2)), rules(), happened))[0] == agree


def test_the_owners_own_ballot_beats_his_agents_whenever_it_came() -> None:
    happened = log(_instrument(), cast(1, "oppose", day(2)), _by_agent(at=day(4)))
    assert decided(roll(units(2)), rules(), happened).tallied.votes.oppose.heads == 1


# -- scope, denominators, corrections


@pytest.mark.parametrize(
    ("scope", "heads"),
    [
        ({"level": "estate"}, 6),
        ({"level": "building", "of": ["1"]}, 4),
        ({"level": "entrance", "of": ["1-2"]}, 2),
        ({"level": "parts", "of": ["2", "1-1"]}, 4),
        ({"level": "units", "of": ["5"]}, 1),
    ],
)
def test_who_decides_is_the_denominator(scope: dict[str, Any], heads: int) -> None:
    rows = [
        unit(number, building="1" if number <= 4 else "2", entrance=f"1-{(number + 1) // 2}") for number in range(1, 7)
    ]
    found = decided(roll(rows), rules(motion(scope=scope)), log(*all_cast(range(1, 7), "agree")))
    assert (found.tallied.base.heads, found.outcome) == (heads, "passed")


@pytest.mark.clause("CC-279", "SPC-11")
@pytest.mark.parametrize(("agreed", "expected"), [(4, "passed"), (3, "rejected")])
def test_all_interested_owners_must_agree(agreed: int, expected: str) -> None:
    rows = [unit(number, building="1" if number <= 4 else "2") for number in range(1, 9)]
    shop = motion(by=UNANIMOUS, scope={"level": "building", "of": ["1"]})
    assert outcome(roll(rows), rules(shop), log(*all_cast(range(1, agreed + 1), "agree"))) == expected


def test_a_majority_of_the_whole_roll() -> None:
    by = {"approval": {**ORDINARY["approval"], "base": "whole_roll"}}
    assert outcome(roll(units(10)), rules(motion(by=by)), log(*all_cast(range(1, 6), "agree"))) == "rejected"
    assert outcome(roll(units(10)), rules(motion(by=by)), log(*all_cast(range(1, 7), "agree"))) == "passed"


def test_either_measure_may_be_enough_where_a_rule_says_so() -> None:
    by = {"approval": {**ORDINARY["approval"], "join": "either"}}
    happened = log(cast(1, "agree"), cast(2, "oppose"), cast(3, "oppose"))
    rows = [unit(1, 90_000), unit(2), unit(3)]
    assert outcome(roll(rows), rules(motion(by=by)), happened) == "passed"
    assert outcome(roll(rows), rules(), happened) == "rejected"


def test_nobody_in_the_scope_decides_nothing() -> None:
    rows = [unit(1, building="1"), unit(2, building="2", kind="parking")]
    garage = motion(by=UNANIMOUS, scope={"level": "building", "of": ["2"]})
    assert outcome(roll(rows), rules(garage), log(cast(1, "agree"))) == "no_voters"


def test_a_correction_replaces_a_row_and_the_frozen_roll_stays() -> None:
    frozen = roll(units(2))
    row = unit(1, 12_345)
    fixed = {"type": "CORRECT", "at": day(1).isoformat(), "unit": "1", "row": row, "reason": "登记簿面积"}
    struck = {"type": "CORRECT", "at": day(1).isoformat(), "unit": "2", "reason": "已拆除"}
    base = decided(frozen, rules(), log(fixed, struck)).tallied.base
    assert (base.heads, base.area) == (1, 12_345)
    assert frozen.units[0].area == 10_000


# -- several motions, procedure, readings


@pytest.mark.clause("JJ-A10-2.3-3")
def test_each_motion_has_its_own_threshold() -> None:
    three = [motion("a"), motion("b", by=SPECIAL), motion("c")]
    votes = [cast(number, {"a": "agree", "b": "agree", "c": "oppose"}) for number in range(1, 6)]
    votes += [cast(number, {"a": "oppose", "b": "oppose", "c": "agree"}) for number in range(6, 9)]
    found = result(roll(units(9)), rules(*three), log(*votes))
    assert {one.motion: one.outcome for one in found.motions} == {"a": "passed", "b": "rejected", "c": "rejected"}


@pytest.mark.clause("CC-201")
@pytest.mark.parametrize(
    ("counting", "published_on", "ok"),
    [
        ("full_days", "2026-03-01", True),
        ("full_days", "2026-03-02", False),
        ("exclude_first", "2026-03-02", True),
        ("exclude_first", "2026-03-03", False),
        ("include_first", "2026-03-03", True),
        ("include_first", "2026-03-04", False),
    ],
)
def test_how_the_days_of_the_notice_are_counted(counting: str, published_on: str, ok: bool) -> None:
    """Voting opens on the 17th; after a notice on the 1st, fifteen whole days lie between."""
    found = result(roll(units(1)), rules(notice=counting), log(published_on=published_on))
    assert next(one for one in found.procedure if one.name == "notice").ok is ok


def test_the_readings_that_would_turn_the_outcome_are_listed() -> None:
    happened = log(*all_cast(range(1, 6), "agree"), *all_cast(range(6, 7), "oppose"), serve(7, 8, 9, 10))
    found = result(roll(units(10)), rules(), happened)
    assert found.motions[0].outcome == "no_quorum"
    turning = {(one.setting, one.value) for one in found.sensitivity if one.flips}
    assert turning == {("silence", "deem_abstain"), ("silence", "follow_majority"), ("silence", "deem_agree")}
    words = {one.value: one.outcomes["m"] for one in found.sensitivity if one.setting == "silence"}
    assert words == {"deem_abstain": "rejected", "follow_majority": "passed", "deem_agree": "passed"}
    assert any("换一种读法" in one.says for one in found.warnings)


def test_the_day_count_turns_the_procedure() -> None:
    found = result(roll(units(1)), rules(notice="exclude_first"), log(published_on="2026-03-02"))
    strict = next(one for one in found.sensitivity if (one.setting, one.value) == ("notice", "full_days"))
    assert strict.flips == ("procedure",) and not strict.procedure_ok


def test_a_rule_may_say_which_readings_are_contested() -> None:
    own = {
        "silence": {"value": "not_participating", "contested": ["deem_agree"]},
        "revote": {"contested": ["first_only"]},
    }
    quiet = {
        name: {"contested": []} for name in ("invalid", "merge", "developer_stock", "split_head", "parking", "notice")
    }
    found = result(roll(units(2)), rules(**own, **quiet), log(cast(1, "agree"), cast(1, "oppose")))
    assert {(one.setting, one.value) for one in found.sensitivity} == {
        ("silence", "deem_agree"),
        ("revote", "first_only"),
    }


def test_on_an_official_platform_the_result_binds_nobody() -> None:
    found = result(roll(units(1)), rules(official_platform={"value": "required", "name": "市平台"}), log())
    assert found.binding is False
    assert any("市平台" in one.says for one in found.warnings)


def test_every_decision_names_its_clauses() -> None:
    merge = {"value": "same_owner_set", "clauses": ["SPC-9"], "origin": "law"}
    found = decided(roll(units(3)), rules(merge=merge), log(*all_cast(range(1, 4), "agree")))
    said = {clause for one in found.steps for clause in one.clauses}
    assert said >= {"CC-278", "SPC-9"}
    assert any("3 × 3" not in one.says and "≥" in one.says for one in found.steps)


def test_the_detail_shows_each_unit() -> None:
    found = result(roll(units(3)), rules(silence="deem_agree"), log(cast(1, "oppose"), serve(2)), detail=True)
    assert found.units is not None
    shown = [(one.unit, one.votes[0].position, one.votes[0].deemed) for one in found.units]
    assert shown == [("1", "oppose", False), ("2", "agree", True), ("3", "none", False)]


def test_the_order_of_the_roll_and_of_ballots_of_different_units_does_not_matter() -> None:
    votes = [cast(1, "agree"), cast(2, "oppose"), cast(3, "agree")]
    one = decided(roll(units(4)), rules(), log_of(*votes))
    other = decided(roll(list(reversed(units(4)))), rules(), log_of(*reversed(votes)))
    assert one.tallied == other.tallied
