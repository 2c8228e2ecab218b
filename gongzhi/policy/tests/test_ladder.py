"""The ladder 抄告 > 督办 > 通报: steps, time given again, jumps, reporting upwards, and late ticks."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.policy.duties import DutyState, Transition, advance, assign, duties_after, fulfil
from gongzhi.policy.periods import Period
from gongzhi.policy.tests.clock_pack import SUPERVISION, at, event, pack_with, reached

ANSWER: dict[str, Any] = {
    "duty": "answer_complaint",
    "title": "答复投诉人",
    "after": "case.assigned",
    "owner": {"field": "lead"},
    "within": {"figure": "answer_deadline"},
    "until": ["case.answered"],
    "moves_on": ["case.transferred"],
    "remind": ["3d", "1d"],
    "ladder": "supervision",
    "spare": ["case.reported_up"],
    "clauses": ["JJ-5.3-2"],
}
PACK = pack_with(ANSWER)


def task(pack: Any = PACK) -> DutyState:
    """A task of ten days for a street, due on 10 June 2022."""
    given = {"subject": "task:1", "place": "32/", "clauses": ("JJ-5.3-5",), "ladder": "supervision", "remind": ()}
    return assign(
        pack=pack, title="整改", owner="street_office", due_on=date(2022, 6, 10), at=at("2022-05-31"), **given
    )


def answer(lead: str = "market_regulation", pack: Any = PACK) -> DutyState:
    """Fifteen days from 28 April: due on 13 May 2022."""
    (duty,) = duties_after(pack, event("case.assigned", "2022-04-28", lead=lead), ()).opened
    return replace(duty, id=1)


def after(duty: DutyState, kind: str, when: str, pack: Any = PACK, **data: Any) -> DutyState:
    changes = duties_after(pack, event(kind, when, **data), (duty,))
    return changes.changed[0] if changes.changed else duty


@pytest.mark.clause("JJ-5.3-5", "JJ-A7-3.7-3")
def test_jj_hc_41_three_steps_each_with_half_of_the_period_again() -> None:
    duty, transitions = advance(PACK, task(), at("2022-06-23T09:00"))
    assert reached(duty)[:3] == [
        ("copy_notice", "2022-06-11", "2022-06-16"),
        ("supervision", "2022-06-17", "2022-06-22"),
        ("censure", "2022-06-23", "2022-06-28"),
    ]
    assert [one.kind for one in transitions] == ["overdue", "climbed", "climbed", "climbed"]
    assert transitions[-1].instrument == "censure_notice"
    assert transitions[-1].suggests == "talk"
    assert [one.suggests for one in transitions[:-1]] == ["", "", ""]


@pytest.mark.clause("JJ-5.3-5", "JJ-A7-3.7-3")
def test_jj_hc_41_done_on_the_last_day_of_the_second_limit_stops_at_supervision() -> None:
    duty, _ = advance(PACK, task(), at("2022-06-22T10:00"))
    done = fulfil(duty, at=at("2022-06-22T18:00"))
    assert (done.state, done.step_name, done.next_at) == ("fulfilled_late", "supervision", None)
    assert advance(PACK, done, at("2022-07-30")) == (done, ())


@pytest.mark.clause("JJ-A7-3.7-3")
def test_after_the_third_time_it_stays_with_censure() -> None:
    duty, _ = advance(PACK, task(), at("2022-07-05"))
    assert [step for step, _, _ in reached(duty)] == ["copy_notice", "supervision", "censure", "censure", "censure"]
    assert duty.step == 2


def test_without_repetition_the_last_step_is_the_end() -> None:
    pack = pack_with(ANSWER, ladders={"supervision": {**SUPERVISION, "repeat_last": "no"}})
    duty, _ = advance(pack, task(pack), at("2023-01-01"))
    assert len(duty.steps) == 3
    assert duty.next_at is None and duty.steps[-1].new_due is None


def test_half_of_an_odd_period_is_rounded_up() -> None:
    duty, _ = advance(PACK, answer(), at("2022-05-14"))
    assert reached(duty) == [("copy_notice", "2022-05-14", "2022-05-23")]  # 8 days end on Sunday 22 May


@pytest.mark.parametrize(
    ("period", "last_day"),
    [("10wd", "2022-05-24"), ("2m", "2022-08-01"), ("24h", "2022-04-29")],
)
def test_the_share_is_of_the_kind_of_the_period_or_of_its_days(period: str, last_day: str) -> None:
    pack = pack_with({**ANSWER, "within": period})
    duty = answer(pack=pack)
    assert duty.due_at is not None
    duty, _ = advance(pack, duty, duty.due_at)
    assert reached(duty)[0][2] == last_day


def test_a_ladder_may_give_a_fixed_time_again() -> None:
    ladder = {**SUPERVISION, "grace": {"period": {"figure": "again"}}}
    pack = pack_with(ANSWER, ladders={"supervision": ladder}, figures={"again": Period(3, "wd")})
    duty, _ = advance(pack, task(pack), at("2022-06-13"))
    assert reached(duty) == [("copy_notice", "2022-06-11", "2022-06-15")]


def test_a_share_of_nothing_still_gives_a_day() -> None:
    pack = pack_with(ANSWER, switch_defaults={"escalation_share": Fraction(0)})
    duty, _ = advance(pack, task(pack), at("2022-06-12"))
    assert reached(duty)[0] == ("copy_notice", "2022-06-11", "2022-06-13")


def test_a_switch_that_the_pack_does_not_know_leaves_the_step_without_a_limit() -> None:
    ladder = {**SUPERVISION, "grace": {"share_of_original": {"switch": "unknown"}}}
    pack = pack_with(ANSWER, ladders={"supervision": ladder})
    duty, _ = advance(pack, task(pack), at("2022-07-01"))
    assert reached(duty) == [("copy_notice", "2022-06-11", "")]
    assert "supervision" in duty.marks["fault"]


# ── jumps: 推诿 ──


@pytest.mark.clause("JJ-A7-3.7-4", "JJ-5.3-5")
def test_jj_hc_43_shirking_found_before_the_due_moment_goes_straight_to_censure() -> None:
    duty = after(answer(), "case.shirking_found", "2022-05-12", lead="market_regulation")
    assert (duty.state, duty.step) == ("open", -1)
    duty, transitions = advance(PACK, duty, at("2022-05-14"))
    assert [one.kind for one in transitions][-2:] == ["overdue", "climbed"]
    assert [step for step, _, _ in reached(duty)] == ["censure"]
    assert transitions[-1].suggests == "talk"


@pytest.mark.clause("JJ-A7-3.7-4", "JJ-5.3-5")
def test_jj_hc_43_shirking_found_after_the_due_moment_goes_straight_to_censure() -> None:
    changes = duties_after(PACK, event("case.shirking_found", "2022-05-16", lead="market_regulation"), (answer(),))
    (duty,) = changes.changed
    assert [step for step, _, _ in reached(duty)] == ["copy_notice", "censure"]
    assert duty.steps[-1].at == at("2022-05-16")
    assert [one.step for _, one in changes.transitions if one.kind == "climbed"] == ["copy_notice", "censure"]


@pytest.mark.clause("JJ-A7-3.7-4", "JJ-5.3-5")
def test_jj_hc_43_a_department_that_is_only_late_gets_a_copy_notice() -> None:
    duty, _ = advance(PACK, answer(), at("2022-05-14"))
    assert [step for step, _, _ in reached(duty)] == ["copy_notice"]


@pytest.mark.clause("JJ-A7-3.7-4")
def test_the_jump_is_for_departments_of_the_county_and_for_the_one_found() -> None:
    street = after(answer("street_office"), "case.shirking_found", "2022-05-12", lead="street_office")
    assert "jump" not in street.marks
    other = after(answer(), "case.shirking_found", "2022-05-12", lead="ecology")
    assert "jump" not in other.marks


def test_a_fulfilled_duty_does_not_jump() -> None:
    done = after(answer(), "case.answered", "2022-05-10")
    assert after(done, "case.shirking_found", "2022-05-12", lead="market_regulation") == done


# ── reporting upwards, new owners, keys ──


@pytest.mark.clause("JJ-A7-3.7-3")
def test_a_unit_that_reported_upwards_in_time_is_overdue_but_does_not_climb() -> None:
    duty = after(answer("street_office"), "case.reported_up", "2022-05-13T20:00")
    duty, transitions = advance(PACK, duty, at("2022-07-01"))
    assert (duty.state, duty.steps, duty.next_at) == ("overdue", (), None)
    assert transitions[-1].kind == "overdue"


@pytest.mark.clause("JJ-A7-3.7-3")
def test_a_report_after_the_deadline_spares_only_the_steps_to_come() -> None:
    duty = after(answer("street_office"), "case.reported_up", "2022-05-14T08:00")
    duty, _ = advance(PACK, duty, at("2022-07-01"))
    assert [step for step, _, _ in reached(duty)] == ["copy_notice"]


def test_a_new_owner_starts_at_the_bottom_of_the_ladder() -> None:
    duty, _ = advance(PACK, answer(), at("2022-05-16"))
    moved = after(duty, "case.transferred", "2022-05-17", lead="urban_management")
    assert (moved.owner, moved.step, moved.due_at) == ("urban_management", -1, duty.due_at)
    assert moved.ladder_key != duty.ladder_key
    moved, _ = advance(PACK, moved, at("2022-05-24"))
    assert [step for step, _, _ in reached(moved)] == ["copy_notice", "copy_notice"]


@pytest.mark.clause("JJ-5.3-5")
def test_a_second_duty_of_the_same_key_goes_on_where_the_first_one_stands() -> None:
    duty, _ = advance(PACK, answer(), at("2022-05-14"), reached=0)
    assert duty.step_name == "supervision"
    duty, _ = advance(PACK, answer(), at("2022-05-14"), reached=2)
    assert duty.step_name == "censure"


def test_the_key_is_unit_and_matter_or_unit_and_rule_as_the_pack_says() -> None:
    by_matter = answer().ladder_key
    by_rule = answer(
        pack=pack_with(ANSWER, ladders={"supervision": {**SUPERVISION, "key": ["owner", "rule"]}})
    ).ladder_key
    assert "case:1" in by_matter and "answer_complaint" not in by_matter
    assert "answer_complaint" in by_rule and "case:1" not in by_rule


# ── the clock itself ──


def test_reminders_go_out_in_the_morning_before_the_last_day() -> None:
    _, transitions = advance(PACK, answer(), at("2022-05-13T12:00"))
    assert [(one.kind, one.at) for one in transitions] == [
        ("reminded", at("2022-05-10T09:00")),
        ("reminded", at("2022-05-12T09:00")),
    ]


def test_silence_counts_as_consent_when_nobody_acts() -> None:
    rule = {**ANSWER, "ladder": "", "silence": {"records": "filing.accepted", "says": "视为同意"}}
    pack = pack_with(rule)
    duty, transitions = advance(pack, answer(pack=pack), at("2022-05-20"))
    assert (duty.state, duty.done_at) == ("silent", at("2022-05-14T00:00"))
    assert (transitions[-1].kind, transitions[-1].records) == ("silence", "filing.accepted")


def test_an_act_in_time_leaves_nothing_to_silence() -> None:
    rule = {**ANSWER, "ladder": "", "silence": {"records": "filing.accepted"}}
    pack = pack_with(rule)
    done = after(answer(pack=pack), "case.answered", "2022-05-13", pack)
    assert advance(pack, done, at("2022-06-01")) == (done, ())


TICKS = st.lists(st.integers(0, 24 * 80), max_size=12)


def ticked(duty: DutyState, hours: list[int]) -> tuple[DutyState, list[Transition]]:
    seen: list[Transition] = []
    for hour in sorted(hours):
        duty, transitions = advance(PACK, duty, at("2022-04-28") + timedelta(hours=hour))
        seen += transitions
    return duty, seen


@given(hours=TICKS, last=st.integers(24 * 80, 24 * 120))
def test_late_ticks_bring_the_same_steps_with_the_same_moments_as_timely_ones(hours: list[int], last: int) -> None:
    assert ticked(answer(), [*hours, last]) == ticked(answer(), [last])


@given(hours=TICKS)
def test_a_second_tick_at_the_same_moment_does_nothing(hours: list[int]) -> None:
    duty, _ = ticked(answer(), hours)
    again, transitions = advance(PACK, duty, at("2022-04-28") + timedelta(hours=max(hours, default=0)))
    assert (again, transitions) == (duty, ())


@given(last=st.integers(0, 24 * 200))
def test_moments_never_run_backwards_and_never_ahead_of_the_tick(last: int) -> None:
    now = at("2022-04-28") + timedelta(hours=last)
    duty, transitions = advance(PACK, answer(), now)
    moments = [one.at for one in transitions]
    assert moments == sorted(moments)
    assert all(moment <= now for moment in moments)
    assert duty.next_at is None or duty.next_at > now
