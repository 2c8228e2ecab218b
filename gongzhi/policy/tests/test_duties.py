"""Events open, close, void, move and suspend duties; people extend and excuse them."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.policy.duties import (
    DutyRefused,
    DutyState,
    advance,
    assign,
    duties_after,
    excuse,
    extend,
    fulfil,
    resume,
    suspend,
)
from gongzhi.policy.periods import Period, due_text, moment_text
from gongzhi.policy.tests.clock_pack import at, event, pack_with

ANSWER: dict[str, Any] = {
    "duty": "answer_complaint",
    "title": "答复投诉人",
    "after": "case.assigned",
    "owner": {"field": "lead"},
    "within": {"figure": "answer_deadline"},
    "counts": {"field": "received_at"},
    "day_kind": {"switch": "day_kind"},
    "until": ["case.answered"],
    "void_on": ["case.voided"],
    "moves_on": ["case.transferred"],
    "extension": {"by": ["leading_group_office"], "at_most": "1", "for": {"figure": "extension"}, "clauses": ["X-1"]},
    "suspension": {"after": ["case.suspended"], "until": ["case.resumed"]},
    "remind": ["3d", "1d"],
    "ladder": "supervision",
    "spare": ["case.reported_up"],
    "clauses": ["JJ-5.3-2"],
}
TRANSFER: dict[str, Any] = {
    "duty": "transfer_case",
    "title": "移交城管局",
    "after": "case.assigned",
    "where": {"penalty_right_moved": True},
    "owner": {"field": "lead"},
    "within": {"figure": "transfer_deadline"},
    "counts": {"field": "received_at"},
    "until": ["case.transferred"],
    "clauses": ["JJ-A3-3.3-2"],
}
PACK = pack_with(ANSWER, figures={"extension": Period(5, "d")})


def assigned(received: str = "2022-04-28", lead: str = "market_regulation", **more: Any) -> Any:
    return event("case.assigned", received, lead=lead, received_at=moment_text(at(received)), **more)


def opened(pack: Any = PACK, **more: Any) -> DutyState:
    (duty,) = duties_after(pack, assigned(**more), ()).opened
    return replace(duty, id=1)


def after(duty: DutyState, kind: str, when: str, pack: Any = PACK, **data: Any) -> DutyState:
    changes = duties_after(pack, event(kind, when, **data), (duty,))
    return changes.changed[0] if changes.changed else duty


# ── opening ──


@pytest.mark.clause("JJ-5.3-2")
def test_an_assigned_case_opens_the_answer_duty_of_its_lead() -> None:
    duty = opened()
    assert (duty.rule, duty.owner, duty.owner_from, duty.state) == (
        "answer_complaint",
        "market_regulation",
        "lead",
        "open",
    )
    assert due_text(duty.due_at or at("2000-01-01")) == "2022年5月13日24:00"
    assert duty.next_at == at("2022-05-10T09:00")
    assert duty.clauses == ("JJ-5.3-2", "C-answer_deadline")


def test_the_explanation_names_steps_figures_switches_and_defaults() -> None:
    why = opened().explanation
    assert why["steps"][0] == "4月28日（周四）收到当日不计，从4月29日数起"
    assert why["steps"][1] == "加15日，到5月13日（周五）"
    assert why["figures"] == [{"name": "answer_deadline", "value": "15d"}]
    assert why["switches"] == [{"name": "day_kind", "value": "calendar"}]
    assert why["defaults"] == ["文件未规定：day_kind，按平台默认calendar"]
    assert why["event"]["kind"] == "case.assigned"


def test_a_switch_at_the_place_changes_the_reading_of_days() -> None:
    changes = duties_after(PACK, assigned(), (), switches={"day_kind": "work"})
    assert changes.opened[0].last_day == date(2022, 5, 23)
    assert changes.opened[0].explanation["defaults"] == []


def test_the_clock_starts_when_the_complaint_was_received_and_not_when_it_was_assigned() -> None:
    late = event("case.assigned", "2022-05-05", lead="ecology", received_at=moment_text(at("2022-04-28")))
    (duty,) = duties_after(PACK, late, ()).opened
    assert duty.last_day == date(2022, 5, 13)
    assert duty.opened_at == at("2022-05-05")


def test_the_same_event_again_opens_nothing_while_the_duty_is_owed() -> None:
    assert duties_after(PACK, assigned(), (opened(),)).opened == ()
    done = after(opened(), "case.answered", "2022-05-01")
    assert len(duties_after(PACK, assigned(), (done,)).opened) == 1


def test_an_owner_field_with_several_roles_opens_one_duty_each() -> None:
    rule = {**ANSWER, "duty": "support", "owner": {"field": "support"}}
    changes = duties_after(pack_with(rule), assigned(support=["planning", "police"]), ())
    assert [one.owner for one in changes.opened] == ["planning", "police"]


def test_a_condition_on_a_fact_that_is_not_given_opens_a_duty_of_a_person() -> None:
    (duty,) = duties_after(pack_with(TRANSFER), assigned(), ()).opened
    assert duty.rule == "needs_person"
    assert duty.marks == {"for_rule": "transfer_case", "needs": ["penalty_right_moved"]}
    assert duty.due_at is None and duty.next_at is None
    assert "缺少事实：处罚权是否划转；" in duty.explanation["steps"][0]
    assert after(duty, "case.transferred", "2022-05-01", pack_with(TRANSFER)).state == "fulfilled"


def test_a_condition_that_does_not_hold_opens_nothing() -> None:
    assert duties_after(pack_with(TRANSFER), assigned(penalty_right_moved=False), ()).opened == ()


def test_a_fault_of_the_pack_opens_a_duty_of_a_person_and_raises_nothing() -> None:
    broken = pack_with({**ANSWER, "within": {"figure": "no_such_figure"}})
    (duty,) = duties_after(broken, assigned(), ()).opened
    assert duty.rule == "needs_person"
    assert "no_such_figure" in duty.marks["fault"]


def test_a_clock_without_its_starting_moment_runs_from_the_event_and_says_so() -> None:
    bare = event("case.assigned", "2022-04-28", lead="ecology")
    (duty,) = duties_after(PACK, bare, ()).opened
    assert duty.last_day == date(2022, 5, 13)
    assert "这件事没有写明起算的时间，从发生时起算" in duty.explanation["defaults"]


def test_a_missing_owner_is_a_missing_fact() -> None:
    silent = event("case.assigned", "2022-04-28", received_at=moment_text(at("2022-04-28")))
    (duty,) = duties_after(PACK, silent, ()).opened
    assert duty.marks["needs"] == ["lead"]
    assert duty.owner == "leading_group_office"


# ── closing ──


@pytest.mark.clause("JJ-5.3-2")
def test_jj_hc_01_an_answer_on_the_last_day_is_in_time_and_at_midnight_it_is_late() -> None:
    assert after(opened(), "case.answered", "2022-05-13T23:59").state == "fulfilled"
    assert after(opened(), "case.answered", "2022-05-14T00:00").state == "fulfilled_late"


def test_a_late_answer_first_brings_the_duty_up_to_date() -> None:
    changes = duties_after(PACK, event("case.answered", "2022-05-14T10:00"), (opened(),))
    assert [one.kind for _, one in changes.transitions] == ["reminded", "reminded", "overdue", "climbed"]
    assert changes.changed[0].state == "fulfilled_late"
    assert changes.changed[0].step_name == "copy_notice"
    assert changes.changed[0].next_at is None


def test_an_answer_recorded_later_but_given_in_time_is_in_time() -> None:
    overdue, _ = advance(PACK, opened(), at("2022-05-15"))
    assert after(overdue, "case.answered", "2022-05-13T15:00").state == "fulfilled"


def test_another_cases_event_changes_nothing() -> None:
    changes = duties_after(PACK, event("case.answered", "2022-05-01", subject="case:2"), (opened(),))
    assert changes.changed == ()


def test_an_event_that_names_the_subject_in_the_rules_field_counts_for_it() -> None:
    pack = pack_with({**ANSWER, "subject": "about"})
    (duty,) = duties_after(pack, assigned(about="estate:7"), ()).opened
    assert duty.subject == "estate:7"
    assert after(duty, "case.answered", "2022-05-01", pack, about="estate:7").state == "fulfilled"
    assert after(duty, "case.answered", "2022-05-01", pack, about="estate:8").state == "open"


def test_until_where_asks_the_closing_event() -> None:
    pack = pack_with({**ANSWER, "until_where": {"final": True}})
    duty = opened(pack)
    assert after(duty, "case.answered", "2022-05-01", pack, final=False).state == "open"
    assert after(duty, "case.answered", "2022-05-01", pack).state == "open"
    assert after(duty, "case.answered", "2022-05-01", pack, final=True).state == "fulfilled"


def test_a_void_case_voids_its_duty() -> None:
    duty = after(opened(), "case.voided", "2022-05-01")
    assert (duty.state, duty.next_at) == ("void", None)
    assert after(duty, "case.answered", "2022-05-02").state == "void"


@pytest.mark.clause("JJ-5.3-2", "JJ-A3-3.3-2")
def test_jj_hc_04_a_transfer_moves_the_answer_and_leaves_its_fifteen_days() -> None:
    pack = pack_with(ANSWER, TRANSFER)
    changes = duties_after(pack, assigned("2022-09-29", lead="housing", penalty_right_moved=True), ())
    by_rule = {one.rule: one for one in changes.opened}
    assert by_rule["transfer_case"].last_day == date(2022, 10, 9)
    assert by_rule["answer_complaint"].last_day == date(2022, 10, 14)
    moved = event("case.transferred", "2022-10-09T16:00", lead="urban_management")
    after_move = {one.rule: one for one in duties_after(pack, moved, changes.opened).changed}
    assert after_move["transfer_case"].state == "fulfilled"
    answer = after_move["answer_complaint"]
    assert (answer.owner, answer.last_day, answer.state) == ("urban_management", date(2022, 10, 14), "open")


ARRIVE: dict[str, Any] = {
    "duty": "arrive_on_site",
    "title": "到现场",
    "after": "case.assigned",
    "owner": {"field": "lead"},
    "within": {"figure": "arrival"},
    "counts": {"field": "received_at"},
    "until": ["case.verified"],
    "restarts_on": ["case.transferred"],
    "clauses": ["JJ-A7-3.5-1"],
}


@pytest.mark.clause("JJ-A7-3.5-1", "JY-2.4.10-5")
def test_who_receives_a_case_has_days_of_their_own_from_the_receipt() -> None:
    pack = pack_with(ARRIVE, figures={"arrival": Period(2, "d")})
    first = opened(pack, received="2022-04-11", lead="housing")
    assert (first.owner, first.last_day) == ("housing", date(2022, 4, 13))
    moved = event("case.transferred", "2022-04-13T16:00", lead="urban_management", lead_organisation=7)
    changes = duties_after(pack, moved, (first,))
    (was,), (own,) = changes.changed, changes.opened
    assert (was.state, was.next_at, was.marks["passed_to"]) == ("void", None, ["urban_management"])
    assert (own.owner, own.last_day, own.counted_from) == (
        "urban_management",
        date(2022, 4, 15),
        at("2022-04-13T16:00"),
    )
    assert "从收到时起另行计时" in was.explanation["steps"][-1]
    own = replace(own, id=2)
    same = event("case.transferred", "2022-04-14T09:00", lead="urban_management", lead_organisation=7)
    assert duties_after(pack, same, (own,)).opened == (), "who has it already goes on"
    other = event("case.transferred", "2022-04-14T09:00", lead="urban_management", lead_organisation=8)
    assert [one.last_day for one in duties_after(pack, other, (own,)).opened] == [date(2022, 4, 18)]
    desk = {**ARRIVE, "after": "case.opened", "owner": {"field": "lead", "otherwise": "desk"}}
    held = pack_with(desk, figures={"arrival": Period(2, "d")})
    (stand_in,) = duties_after(held, event("case.opened", "2022-04-11", desk="housing"), ()).opened
    to_it = event("case.transferred", "2022-04-12", lead="urban_management")
    (handed,) = duties_after(held, to_it, (stand_in,)).changed
    assert (handed.owner, handed.last_day) == ("urban_management", date(2022, 4, 13)), "who gets it first: it runs on"
    done = after(first, "case.verified", "2022-04-12", pack)
    assert duties_after(pack, moved, (done,)).opened == (), "what is done passes to nobody"


# ── backward, fixed days, tasks ──


@pytest.mark.clause("JJ-A1-3.4-1")
def test_papers_are_owed_until_the_day_before_the_meeting() -> None:
    rule = {
        "duty": "hand_in_papers",
        "title": "报送议题材料",
        "after": "meeting.called",
        "owner": {"field": "unit"},
        "before": {"field": "held_on", "period": {"figure": "papers"}},
        "until": ["meeting.papers_handed_in"],
    }
    pack = pack_with(rule, figures={"papers": Period(1, "d")})
    (duty,) = duties_after(pack, event("meeting.called", "2022-06-01", unit="housing", held_on="2022-06-20"), ()).opened
    assert duty.last_day == date(2022, 6, 19)
    assert after(duty, "meeting.papers_handed_in", "2022-06-19T20:00", pack).state == "fulfilled"
    assert after(duty, "meeting.papers_handed_in", "2022-06-20T08:00", pack).state == "fulfilled_late"


def test_a_day_in_the_event_is_the_deadline_and_is_not_moved() -> None:
    pack = pack_with({**ANSWER, "counts": None, "within": None, "on": {"field": "due_on"}})
    (duty,) = duties_after(pack, event("case.assigned", "2022-05-03", lead="police", due_on="2022-05-15"), ()).opened
    assert duty.last_day == date(2022, 5, 15)
    assert duty.period == "12d"


def test_jh_hc_07_a_defect_with_a_day_set_is_overdue_from_the_day_after() -> None:
    pack = pack_with({**ANSWER, "counts": None, "within": None, "on": {"field": "due_on"}, "ladder": ""})
    (duty,) = duties_after(pack, event("case.assigned", "2026-06-01", lead="developer", due_on="2026-06-30"), ()).opened
    assert advance(pack, duty, at("2026-06-30T23:59"))[0].state == "open"
    assert advance(pack, duty, at("2026-07-01T00:00"))[0].state == "overdue"
    assert after(duty, "case.answered", "2026-06-30T18:00", pack).state == "fulfilled"


def test_a_period_in_the_event_is_counted() -> None:
    pack = pack_with({**ANSWER, "counts": None, "within": {"field": "within"}})
    (duty,) = duties_after(pack, event("case.assigned", "2022-05-31", lead="police", within="10d"), ()).opened
    assert duty.last_day == date(2022, 6, 10)


def test_a_task_given_by_hand_is_done_by_hand() -> None:
    task = assign(
        pack=PACK,
        title="整改",
        owner="street_office",
        due_on=date(2022, 6, 10),
        subject="task:1",
        place="32/",
        at=at("2022-05-31"),
        ladder="supervision",
    )
    assert (task.rule, task.period, task.due_at) == ("task", "10d", at("2022-06-11T00:00"))
    assert fulfil(task, at=at("2022-06-10T23:00"), evidence="照片").state == "fulfilled"
    with pytest.raises(DutyRefused, match="已经结束"):
        fulfil(fulfil(task, at=at("2022-06-10")), at=at("2022-06-11"))


def test_a_task_in_the_past_or_without_words_is_refused() -> None:
    given: dict[str, Any] = {"pack": PACK, "owner": "x", "subject": "task:1", "place": "", "at": at("2022-05-31")}
    with pytest.raises(DutyRefused, match="已经过去"):
        assign(title="整改", due_on=date(2022, 5, 30), **given)
    with pytest.raises(DutyRefused, match="交办什么事"):
        assign(title=" ", due_on=date(2022, 6, 30), **given)
    with pytest.raises(DutyRefused, match="supervision"):
        assign(title="整改", due_on=date(2022, 6, 30), ladder="none", **given)


# ── consent, suspension ──


def test_an_extension_needs_the_right_role_a_reason_and_is_given_once() -> None:
    duty = opened()
    with pytest.raises(DutyRefused, match="leading_group_office同意"):
        extend(PACK, duty, by="street_office", reason="取证", at=at("2022-05-10"))
    with pytest.raises(DutyRefused, match="理由"):
        extend(PACK, duty, by="leading_group_office", reason=" ", at=at("2022-05-10"))
    longer = extend(PACK, duty, by="leading_group_office", reason="取证", at=at("2022-05-10T10:00"))
    assert longer.last_day == date(2022, 5, 18)
    assert longer.original_due_at == duty.due_at
    assert longer.explanation["steps"][-1] == "经leading_group_office同意延长5日，到2022年5月18日24:00"
    assert "X-1" in longer.clauses
    with pytest.raises(DutyRefused, match="最多延期1次"):
        extend(PACK, longer, by="leading_group_office", reason="再次", at=at("2022-05-15"))


def test_a_new_deadline_brings_no_reminder_that_lies_in_the_past() -> None:
    longer = extend(PACK, opened(), by="leading_group_office", reason="取证", at=at("2022-05-13T20:00"))
    assert longer.reminders == (at("2022-05-15T09:00"), at("2022-05-17T09:00"))
    later = extend(PACK, opened(), by="leading_group_office", reason="取证", at=at("2022-05-13T20:00"))
    assert advance(PACK, later, at("2022-05-14T09:00"))[1] == ()


def test_an_extension_after_the_deadline_is_refused() -> None:
    with pytest.raises(DutyRefused, match="到期后不能延期"):
        extend(PACK, opened(), by="leading_group_office", reason="取证", at=at("2022-05-14T00:00"))


def test_a_rule_without_extension_cannot_be_extended() -> None:
    (duty,) = duties_after(pack_with(TRANSFER), assigned(penalty_right_moved=True), ()).opened
    with pytest.raises(DutyRefused, match="没有延期"):
        extend(pack_with(TRANSFER), duty, by="leading_group_office", reason="取证", at=at("2022-04-29"))


def test_an_extended_duty_is_late_only_after_the_new_day() -> None:
    longer = extend(PACK, opened(), by="leading_group_office", reason="取证", at=at("2022-05-10T10:00"))
    assert advance(PACK, longer, at("2022-05-18T23:59"))[0].state == "open"
    assert after(longer, "case.answered", "2022-05-18T20:00").state == "fulfilled"


def test_excusing_needs_a_reason_and_stops_the_clock() -> None:
    with pytest.raises(DutyRefused, match="理由"):
        excuse(opened(), by="leading_group_office", reason="", at=at("2022-05-10"))
    excused = excuse(opened(), by="leading_group_office", reason="不可抗力", at=at("2022-05-10"))
    assert (excused.state, excused.next_at) == ("excused", None)
    assert advance(PACK, excused, at("2023-01-01")) == (excused, ())


def test_a_suspended_clock_keeps_its_days() -> None:
    stopped = after(opened(), "case.suspended", "2022-05-06")
    assert stopped.suspended and stopped.next_at is None and stopped.marks["left"] == 7
    assert advance(PACK, stopped, at("2022-06-30")) == (stopped, ())
    running = after(stopped, "case.resumed", "2022-06-01")
    assert running.last_day == date(2022, 6, 8)
    assert not running.suspended
    assert "剩余7日" in running.explanation["steps"][-1]


def test_work_days_left_are_carried_over_as_work_days() -> None:
    (duty,) = duties_after(pack_with(TRANSFER), assigned("2022-09-29", penalty_right_moved=True), ()).opened
    stopped = suspend(pack_with(TRANSFER), duty, reason="补充材料", at=at("2022-09-30"))
    assert stopped.marks["left"] == 2
    assert resume(pack_with(TRANSFER), stopped, at=at("2022-10-14")).last_day == date(2022, 10, 18)


def test_hours_left_are_carried_over_to_the_second() -> None:
    pack = pack_with({**ANSWER, "within": "24h", "counts": None})
    (duty,) = duties_after(pack, event("case.assigned", "2022-05-10T10:00", lead="police"), ()).opened
    stopped = suspend(pack, duty, reason="停电", at=at("2022-05-10T16:00"))
    assert resume(pack, stopped, at=at("2022-05-12T08:00")).due_at == at("2022-05-13T02:01")


def test_an_overdue_duty_cannot_be_suspended() -> None:
    overdue, _ = advance(PACK, opened(), at("2022-05-15"))
    with pytest.raises(DutyRefused, match="没有在走的期限"):
        suspend(PACK, overdue, reason="补充材料", at=at("2022-05-15"))
    assert after(overdue, "case.suspended", "2022-05-15").state == "overdue"


@given(day=st.integers(0, 14))
def test_suspending_and_resuming_on_the_same_day_changes_no_deadline(day: int) -> None:
    moment = at("2022-04-28T10:00") + timedelta(days=day)
    stopped = suspend(PACK, opened(), reason="试", at=moment)
    assert resume(PACK, stopped, at=moment + timedelta(hours=1)).due_at == opened().due_at


@given(day=st.integers(0, 14), pause=st.integers(0, 60))
def test_a_pause_moves_the_deadline_by_at_least_its_length(day: int, pause: int) -> None:
    moment = at("2022-04-28T10:00") + timedelta(days=day)
    duty = opened()
    resumed = resume(PACK, suspend(PACK, duty, reason="试", at=moment), at=moment + timedelta(days=pause))
    assert resumed.last_day is not None and duty.last_day is not None
    assert (resumed.last_day - duty.last_day).days >= pause
    assert PACK.calendar.is_work_day(resumed.last_day)


# ── ticks and events ──


@given(ticks=st.lists(st.integers(0, 24 * 60), max_size=8), answered=st.integers(1, 24 * 60))
def test_an_event_finds_the_same_whether_or_not_ticks_came_by_before(ticks: list[int], answered: int) -> None:
    begin = at("2022-04-28T10:00")
    often, seen = opened(), []
    for hour in sorted(one for one in ticks if one <= answered):
        often, transitions = advance(PACK, often, begin + timedelta(hours=hour))
        seen += transitions
    happened = replace(event("case.answered", "2022-04-28"), at=begin + timedelta(hours=answered))
    ticked = duties_after(PACK, happened, (often,))
    untouched = duties_after(PACK, happened, (opened(),))
    assert ticked.changed == untouched.changed
    assert [*seen, *(one for _, one in ticked.transitions)] == [one for _, one in untouched.transitions]


# ── JSON ──


@given(days=st.integers(0, 90))
def test_a_duty_reads_back_from_json_as_it_was(days: int) -> None:
    duty, _ = advance(PACK, opened(), at("2022-04-28T10:00") + timedelta(days=days))
    assert DutyState.from_json(duty.to_json()) == duty
