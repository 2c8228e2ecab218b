"""Recurring duties: so many times a period, on different days, without too long a gap, period by period."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.policy.duties import (
    DutyRefused,
    DutyState,
    PolicyEvent,
    Transition,
    advance,
    duties_after,
    excuse,
    fulfil,
    next_recurrence,
    reschedule,
)
from gongzhi.policy.periods import Period
from gongzhi.policy.recurrence import bounds
from gongzhi.policy.tests.clock_pack import ClockPack, at, event, pack_with

PATROL: dict[str, Any] = {
    "duty": "community_patrol",
    "title": "社区巡查",
    "every": {"week": "1"},
    "starts": ["community.registered"],
    "ends": ["community.closed"],
    "owner": {"role": "community_station"},
    "at_least": {"figure": "patrols_a_week"},
    "distinct": "day",
    "counts_events": ["patrol.recorded"],
    "subject": "community",
    "clauses": ["JJ-4.2.15-4"],
}
STREET_PATROL = {
    **PATROL,
    "duty": "street_patrol",
    "owner": {"role": "street_office"},
    "at_least": {"figure": "street_patrols_a_week"},
    "clauses": ["JJ-4.2.15-5"],
}
FIGURES = {"patrols_a_week": 3, "street_patrols_a_week": 2}
PACK = pack_with(PATROL, figures=FIGURES)

MEETING: dict[str, Any] = {
    "duty": "hold_joint_conference",
    "title": "召开联席会议",
    "every": {"month": "1"},
    "starts": ["place.registered"],
    "ends": ["place.closed"],
    "owner": {"role": "street_office"},
    "until": ["meeting.held"],
    "reschedules": {"after": ["meeting.put_off"], "to": "new_date"},
    "clauses": ["JJ-3.3.8-6"],
}
QUARTERLY = {
    **MEETING,
    "duty": "hold_county_conference",
    "every": {"quarter": "1"},
    "owner": {"role": "leading_group_office"},
}


class Run:
    """Plays events with ticks in between and keeps everything."""

    def __init__(self, pack: ClockPack) -> None:
        self.pack = pack
        self.duties: list[DutyState] = []
        self.transitions: list[Transition] = []

    def take(self, kind: str, when: str, subject: str = "place:1", **data: Any) -> "Run":
        self.tick(when)
        happened = PolicyEvent(kind, subject, at(when), data, "32/")
        changes = duties_after(self.pack, happened, self.duties)
        by_id = {one.id: one for one in changes.changed}
        self.duties = [by_id.get(one.id, one) for one in self.duties]
        self._add(*changes.opened)
        return self

    def tick(self, when: str) -> "Run":
        index = 0
        while index < len(self.duties):
            self.duties[index], transitions = advance(self.pack, self.duties[index], at(when))
            self.transitions += transitions
            self._add(*(one.opened for one in transitions if one.opened is not None))
            index += 1
        return self

    def _add(self, *duties: DutyState) -> None:
        for one in duties:
            self.duties.append(replace(one, id=len(self.duties) + 1))

    def states(self) -> list[tuple[str, str, int]]:
        """(first day, state, count) of each period."""
        return [(one.marks["from"], one.state, one.marks["count"]) for one in self.duties]

    def missed(self) -> list[tuple[str, str]]:
        return [(one.at.date().isoformat(), one.says) for one in self.transitions if one.kind == "period_missed"]


# ── weeks ──


@pytest.mark.clause("JJ-4.2.15-4")
def test_jj_hc_28_two_patrols_on_one_day_count_once() -> None:
    run = Run(PACK).take("community.registered", "2022-05-09T00:00", community="place:1")
    for when in ("2022-05-09T09:00", "2022-05-09T15:00", "2022-05-12"):
        run.take("patrol.recorded", when, community="place:1", subject="patrol:1")
    run.tick("2022-05-16")
    assert run.states()[0] == ("2022-05-09", "overdue", 2)
    assert run.missed() == [("2022-05-16", "应至少3次，实有2次，缺1次")]


@pytest.mark.clause("JJ-4.2.15-4")
def test_jj_hc_28_counted_by_record_the_same_week_is_met() -> None:
    run = Run(pack_with({**PATROL, "distinct": ""}, figures=FIGURES))
    run.take("community.registered", "2022-05-09T00:00", community="place:1")
    for when in ("2022-05-09T09:00", "2022-05-09T15:00", "2022-05-12"):
        run.take("patrol.recorded", when, community="place:1", subject="patrol:1")
    assert run.states() == [("2022-05-09", "fulfilled", 3), ("2022-05-16", "open", 0)]


@pytest.mark.clause("JJ-4.2.15-4", "JJ-4.2.15-5")
def test_jj_hc_29_the_week_of_the_national_holiday_is_not_exempt() -> None:
    pack = pack_with(PATROL, {**STREET_PATROL, "counts_events": ["patrol.by_street"]}, figures=FIGURES)
    run = Run(pack).take("community.registered", "2022-10-03T00:00", community="place:1")
    for day in ("2022-10-08", "2022-10-09"):
        run.take("patrol.recorded", day, community="place:1")
        run.take("patrol.by_street", day, community="place:1")
    run.tick("2022-10-10T00:00")
    by_rule = {one.rule: one for one in run.duties if one.marks["from"] == "2022-10-03"}
    assert by_rule["community_patrol"].state == "overdue"
    assert by_rule["street_patrol"].state == "fulfilled"
    assert run.missed() == [("2022-10-10", "应至少3次，实有2次，缺1次")]


def test_patrols_of_another_community_do_not_count() -> None:
    run = Run(PACK).take("community.registered", "2022-05-09T00:00", community="place:1")
    run.take("patrol.recorded", "2022-05-10", subject="patrol:9", community="place:2")
    assert run.states() == [("2022-05-09", "open", 0)]


def test_a_met_period_opens_the_next_one_and_surplus_acts_do_not_count_there() -> None:
    run = Run(PACK).take("community.registered", "2022-05-09T00:00", community="place:1")
    for day in ("2022-05-09", "2022-05-10", "2022-05-11", "2022-05-12"):
        run.take("patrol.recorded", day, community="place:1")
    assert run.states() == [("2022-05-09", "fulfilled", 3), ("2022-05-16", "open", 0)]
    assert run.duties[0].next_at is None


def test_a_week_without_a_tick_opens_the_missed_weeks_one_by_one() -> None:
    run = Run(PACK).take("community.registered", "2022-05-09T00:00", community="place:1").tick("2022-06-01")
    assert [one[0] for one in run.states()] == ["2022-05-09", "2022-05-16", "2022-05-23", "2022-05-30"]
    assert [when for when, _ in run.missed()] == ["2022-05-16", "2022-05-23", "2022-05-30"]


def test_an_act_recorded_late_is_counted_in_its_own_week() -> None:
    run = Run(PACK).take("community.registered", "2022-05-09T00:00", community="place:1")
    for day in ("2022-05-09", "2022-05-10"):
        run.take("patrol.recorded", day, community="place:1")
    run.tick("2022-05-16T08:00")
    late = event("patrol.recorded", "2022-05-15T17:00", community="place:1")
    changes = duties_after(PACK, late, run.duties)
    assert [(one.marks["from"], one.state) for one in changes.changed] == [("2022-05-09", "fulfilled")]
    assert changes.opened == ()


def test_a_period_that_began_before_the_duty_is_not_reported_as_missed() -> None:
    run = Run(PACK).take("community.registered", "2022-05-12", community="place:1").tick("2022-05-17")
    assert run.states() == [("2022-05-09", "excused", 0), ("2022-05-16", "open", 0)]
    assert run.missed() == []


def test_the_end_event_ends_the_chain() -> None:
    run = Run(PACK).take("community.registered", "2022-05-09T00:00", community="place:1")
    run.take("community.closed", "2022-05-11", community="place:1").tick("2022-07-01")
    assert run.states() == [("2022-05-09", "void", 0)]


def test_registering_twice_opens_one_duty() -> None:
    run = Run(PACK).take("community.registered", "2022-05-09T00:00", community="place:1")
    run.take("community.registered", "2022-05-10", community="place:1")
    assert len(run.duties) == 1


# ── months and quarters ──


@pytest.mark.clause("JJ-3.3.8-6", "JJ-A2-2.3-2")
def test_jj_hc_46_months_are_independent_and_do_not_make_up_for_each_other() -> None:
    run = Run(pack_with(MEETING)).take("place.registered", "2022-04-01T00:00")
    for day in ("2022-04-20", "2022-06-08", "2022-06-22"):
        run.take("meeting.held", day)
    run.tick("2022-07-01T00:00")
    assert run.states()[:3] == [
        ("2022-04-01", "fulfilled", 1),
        ("2022-05-01", "overdue", 0),
        ("2022-06-01", "fulfilled", 1),
    ]
    assert run.missed() == [("2022-06-01", "应至少1次，实有0次，缺1次")]
    assert run.duties[1].title == "召开联席会议（2022年5月）"


@pytest.mark.clause("JJ-A1-2.1-1")
def test_jj_hc_46_a_quarter_put_off_to_july_is_missed_only_the_day_after() -> None:
    run = Run(pack_with(QUARTERLY)).take("place.registered", "2022-04-01T00:00")
    run.take("meeting.put_off", "2022-06-28", new_date="2022-07-08", reason="汛期")
    run.tick("2022-07-08T23:59")
    second, third = run.duties
    assert (second.state, second.last_day, second.marks["rescheduled"]["to"]) == (
        "open",
        date(2022, 7, 8),
        "2022-07-08",
    )
    assert second.explanation["steps"][-1] == "改期至2022年7月8日：汛期"
    assert third.marks["from"] == "2022-07-01"
    assert run.missed() == []
    run.tick("2022-07-09T00:00")
    assert run.missed() == [("2022-07-09", "应至少1次，实有0次，缺1次")]
    assert [one[1] for one in run.states()] == ["overdue", "open"]


@pytest.mark.clause("JJ-A1-2.1-1")
def test_jj_hc_46_the_meeting_on_the_new_day_counts_for_the_quarter_put_off_alone() -> None:
    run = Run(pack_with(QUARTERLY)).take("place.registered", "2022-04-01T00:00")
    run.take("meeting.put_off", "2022-06-28", new_date="2022-07-08", reason="汛期")
    run.take("meeting.held", "2022-07-08")
    assert run.states() == [("2022-04-01", "fulfilled", 1), ("2022-07-01", "open", 0)]


@pytest.mark.clause("JH-3.2.1b", "JH-3.2.1c")
def test_jh_hc_10_quarters_and_months_that_were_not_held() -> None:
    monthly = Run(pack_with(MEETING)).take("place.registered", "2026-01-01T00:00")
    for day in ("2026-01-15", "2026-02-10", "2026-04-08", "2026-04-22"):
        monthly.take("meeting.held", day)
    monthly.tick("2026-05-01T00:00")
    assert monthly.states()[:4] == [
        ("2026-01-01", "fulfilled", 1),
        ("2026-02-01", "fulfilled", 1),
        ("2026-03-01", "overdue", 0),
        ("2026-04-01", "fulfilled", 1),
    ]
    quarterly = Run(pack_with({**QUARTERLY, "strength": "should"})).take("place.registered", "2026-01-01T00:00")
    for day in ("2026-04-08", "2026-05-08"):
        quarterly.take("meeting.held", day)
    quarterly.tick("2026-07-01T00:00")
    assert [one[1] for one in quarterly.states()[:2]] == ["overdue", "fulfilled"]
    assert quarterly.duties[0].strength == "should"


@pytest.mark.clause("MX-3.10.1-2")
def test_mx_hc_16_a_quarter_without_a_meeting_is_a_hint_where_the_clause_says_in_principle() -> None:
    run = Run(pack_with({**QUARTERLY, "strength": "should"})).take("place.registered", "2023-04-01T00:00")
    run.tick("2023-07-01T00:00")
    assert (run.duties[0].state, run.duties[0].strength) == ("overdue", "should")


def test_putting_off_needs_a_reason_and_a_day_to_come() -> None:
    pack = pack_with(QUARTERLY)
    (duty,) = duties_after(pack, event("place.registered", "2022-04-01T00:00"), ()).opened
    with pytest.raises(DutyRefused, match="已经过去"):
        reschedule(pack, duty, to=date(2022, 6, 1), reason="汛期", at=at("2022-06-28"))
    with pytest.raises(DutyRefused, match="理由"):
        reschedule(pack, duty, to=date(2022, 7, 8), reason="", at=at("2022-06-28"))


@pytest.mark.parametrize("closing", ["excused", "fulfilled"])
def test_a_period_closed_by_hand_is_followed_by_the_next_one_at_its_natural_end(closing: str) -> None:
    pack = pack_with(QUARTERLY)
    run = Run(pack).take("place.registered", "2022-04-01T00:00")
    if closing == "excused":
        by_hand = excuse(run.duties[0], by="county_office", reason="汛期", at=at("2022-05-01"))
    else:
        by_hand = fulfil(run.duties[0], at=at("2022-05-01"), evidence="纪要")
    run.duties[0] = by_hand
    run.tick("2022-06-30T23:59")
    assert run.states() == [("2022-04-01", closing, 0)]
    run.tick("2022-07-01T00:00").tick("2022-07-02")
    assert run.states() == [("2022-04-01", closing, 0), ("2022-07-01", "open", 0)]
    assert run.missed() == []


def test_the_end_event_reaches_a_period_closed_by_hand() -> None:
    pack = pack_with(QUARTERLY)
    run = Run(pack).take("place.registered", "2022-04-01T00:00")
    run.duties[0] = excuse(run.duties[0], by="county_office", reason="汛期", at=at("2022-05-01"))
    run.take("place.closed", "2022-06-01").tick("2022-08-01")
    assert run.states() == [("2022-04-01", "excused", 0)]


def test_an_excused_period_is_followed_by_the_next_one_on_request() -> None:
    pack = pack_with(QUARTERLY)
    (duty,) = duties_after(pack, event("place.registered", "2022-04-01T00:00"), ()).opened
    following = next_recurrence(pack, duty, at=at("2022-05-01"))
    assert following is not None and following.marks["from"] == "2022-07-01"


def test_a_figure_that_is_missing_opens_a_duty_of_a_person() -> None:
    pack = pack_with({**PATROL, "at_least": {"field": "patrols"}})
    (duty,) = duties_after(pack, event("community.registered", "2022-05-09T00:00"), ()).opened
    assert (duty.rule, duty.marks["needs"]) == ("needs_person", ["patrols"])


# ── the longest gap ──

GAPPED = {**PATROL, "every": {"month": "1"}, "at_least": {"figure": "twice"}, "max_gap": {"figure": "gap"}}
GAP_PACK = pack_with(GAPPED, figures={"twice": 2, "gap": Period(20, "d")})


def gap_run(*days: str) -> Run:
    run = Run(GAP_PACK).take("community.registered", "2022-05-01T00:00", community="place:1")
    for day in days:
        run.take("patrol.recorded", day, community="place:1")
    return run.tick("2022-06-01T00:00")


def test_enough_acts_with_too_long_a_gap_between_them_are_reported() -> None:
    run = gap_run("2022-05-02", "2022-05-24")
    assert [(one.at.date().isoformat(), one.step) for one in run.transitions if one.kind == "period_missed"] == [
        ("2022-05-23", "max_gap")
    ]
    assert run.states()[0] == ("2022-05-01", "overdue", 2)


def test_acts_within_the_gap_meet_the_period_at_its_end() -> None:
    run = gap_run("2022-05-10", "2022-05-30")
    assert run.missed() == []
    assert run.states()[0] == ("2022-05-01", "fulfilled", 2)


def test_a_gap_runs_on_into_the_next_period() -> None:
    run = gap_run("2022-05-05", "2022-05-20")
    run.tick("2022-06-10T00:00")
    assert run.missed()[0] == ("2022-06-10", "超过20日没有记录")


def test_a_gap_is_reported_once_and_not_again_in_the_next_period() -> None:
    run = gap_run("2022-05-05").tick("2022-06-30T00:00")
    assert [(one.at.date().isoformat(), one.step) for one in run.transitions if one.kind == "period_missed"] == [
        ("2022-05-26", "max_gap"),
        ("2022-06-01", ""),
    ]


def test_a_gap_that_ends_with_the_period_is_reported_in_the_next_one() -> None:
    run = gap_run("2022-05-05", "2022-05-11").tick("2022-06-02T00:00")
    assert run.missed() == [("2022-06-01", "超过20日没有记录")]
    assert run.states()[0] == ("2022-05-01", "fulfilled", 2)


# ── arithmetic ──


@given(
    day=st.dates(date(2018, 1, 1), date(2030, 12, 31)),
    unit=st.sampled_from(["week", "month", "quarter", "half_year", "year"]),
    count=st.integers(1, 3),
)
def test_periods_hold_their_day_and_follow_each_other_without_a_gap(day: date, unit: str, count: int) -> None:
    first, last = bounds(unit, count, day)
    assert first <= day <= last
    assert bounds(unit, count, last + timedelta(days=1))[0] == last + timedelta(days=1)


@given(days=st.lists(st.integers(0, 13), max_size=14))
def test_a_week_is_met_exactly_when_three_different_days_were_patrolled(days: list[int]) -> None:
    run = Run(PACK).take("community.registered", "2022-05-09T00:00", community="place:1")
    for offset in sorted(days):
        run.take("patrol.recorded", f"{date(2022, 5, 9) + timedelta(days=offset)}", community="place:1")
    run.tick("2022-05-23T00:00")
    for week, (_, state, _) in enumerate(run.states()[:2]):
        patrolled = {offset for offset in days if offset // 7 == week}
        assert (state == "fulfilled") == (len(patrolled) >= 3)


@given(ticks=st.lists(st.integers(0, 60), max_size=8))
def test_late_ticks_open_the_same_periods(ticks: list[int]) -> None:
    often, once = (Run(PACK).take("community.registered", "2022-05-09T00:00", community="place:1") for _ in range(2))
    for offset in sorted(ticks):
        often.tick(f"{date(2022, 5, 9) + timedelta(days=offset)}")
    often.tick("2022-07-15")
    once.tick("2022-07-15")
    assert often.states() == once.states()
    assert often.transitions == once.transitions


# ── acts that say which days they cover ──

COVERED = pack_with(
    {
        **QUARTERLY,
        "every": {"quarter": "1", "covers": {"from": "since", "to": "until"}},
        "counts_events": ["accounts.shown"],
        "until": [],
        "within": "15d",
    }
)


@pytest.mark.clause("JJ-4.1.12-4")
def test_an_act_counts_in_the_periods_that_it_covers_whole() -> None:
    run = Run(COVERED).take("place.registered", "2022-04-01T00:00")
    run.take("accounts.shown", "2022-07-02", since="2022-04-02", until="2022-06-30")
    run.take("accounts.shown", "2022-07-03", since="2022-04-01", until="2022-06-29")
    run.take("accounts.shown", "2022-07-04")
    assert run.states()[0] == ("2022-04-01", "open", 0)
    run.take("accounts.shown", "2022-07-15", since="2022-04-01", until="2022-06-30")
    assert run.states() == [("2022-04-01", "fulfilled", 1), ("2022-07-01", "open", 0)]


def test_what_covers_a_period_that_is_overdue_meets_it_late_and_not_the_running_one() -> None:
    run = Run(COVERED).take("place.registered", "2022-04-01T00:00").tick("2022-07-16T00:00")
    assert run.states() == [("2022-04-01", "overdue", 0), ("2022-07-01", "open", 0)] and len(run.missed()) == 1
    run.take("accounts.shown", "2022-08-01", since="2022-04-01", until="2022-06-30")
    assert run.states() == [("2022-04-01", "fulfilled_late", 1), ("2022-07-01", "open", 0)]
    run.tick("2022-10-16T00:00").take("accounts.shown", "2022-11-01", since="2022-07-01", until="2022-10-31")
    assert [one[1] for one in run.states()] == ["fulfilled_late", "fulfilled_late", "open"]
