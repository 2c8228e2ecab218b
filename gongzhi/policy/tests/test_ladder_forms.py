"""A ladder's other forms: grace of each step, steps counted from the receipt, keys that a place decides."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gongzhi.policy.duties import DutyState, advance, assign, duties_after, extend, resume, suspend
from gongzhi.policy.tests.clock_pack import SUPERVISION, at, event, pack_with, reached
from gongzhi.policy.tests.samples import problems, write

SETTLE: dict[str, Any] = {
    "duty": "settle",
    "title": "办结",
    "after": "case.found_valid",
    "owner": {"field": "lead"},
    "within": "10wd",
    "counts": "received_at",
    "until": ["case.answered"],
    "moves_on": ["case.transferred"],
    "spare": ["case.reported_up"],
    "extension": {"by": ["street_office"], "for": "5wd"},
    "suspension": {"after": ["case.suspended"], "until": ["case.resumed"]},
    "ladder": "urging",
    "clauses": ["MX-3.10.2-3"],
}
URGING: dict[str, Any] = {
    "clauses": ["MX-3.10.2-3"],
    "counts": "received_at",
    "steps": [{"step": "urge", "on_day": "5wd"}, {"step": "supervision"}, {"step": "censure", "after": "12wd"}],
}
PACK = pack_with(SETTLE, ladders={"urging": URGING})


def settle(pack: Any = PACK) -> DutyState:
    """Received on Monday 8 May 2023 and found valid on Wednesday: due on the 22nd, urged on the 15th."""
    found = event("case.found_valid", "2023-05-10", lead="housing", received_at="2023-05-08T09:00+08:00")
    (duty,) = duties_after(pack, found, ()).opened
    return duty


@pytest.mark.clause("MX-3.10.2-3")
def test_a_step_comes_on_its_day_from_the_receipt_while_the_deadline_still_runs() -> None:
    duty, done = advance(PACK, settle(), at("2023-05-15T08:59"))
    assert not done
    duty, done = advance(PACK, duty, at("2023-05-15T09:00"))
    assert [(one.kind, one.step) for one in done] == [("climbed", "urge")]
    assert duty.state == "open" and duty.step_name == "urge"


@pytest.mark.clause("MX-3.10.2-3")
def test_the_next_step_without_a_moment_comes_when_the_duty_is_due_and_the_last_at_its_own() -> None:
    duty, _ = advance(PACK, settle(), at("2023-06-01"))
    assert [(one.step, one.at) for one in duty.steps] == [
        ("urge", at("2023-05-15T09:00")),
        ("supervision", at("2023-05-23T00:00")),
        ("censure", at("2023-05-25T00:00")),
    ]
    assert duty.steps[1].new_due == at("2023-05-25T00:00")


def test_timely_ticks_find_what_a_late_one_finds() -> None:
    late, _ = advance(PACK, settle(), at("2023-06-01"))
    timely = settle()
    for day in range(8, 32):
        timely, _ = advance(PACK, timely, at(f"2023-05-{day:02d}T12:00"))
    assert timely == late


def test_a_change_of_hands_does_not_begin_the_steps_anew() -> None:
    duty, _ = advance(PACK, settle(), at("2023-05-15T10:00"))
    moved = event("case.transferred", "2023-05-16", lead="planning")
    (duty,) = duties_after(PACK, moved, (duty,)).changed
    assert duty.owner == "planning"
    duty, done = advance(PACK, duty, at("2023-05-23T00:00"))
    assert [one.step for one in done if one.kind == "climbed"] == ["supervision"]


def test_what_was_reported_upwards_in_time_is_not_urged() -> None:
    (duty,) = duties_after(PACK, event("case.reported_up", "2023-05-11"), (settle(),)).changed
    duty, done = advance(PACK, duty, at("2023-05-30"))
    assert not duty.steps and [one.kind for one in done] == ["overdue"]


def test_an_extension_moves_the_step_that_waits_for_the_deadline_alone() -> None:
    longer = extend(PACK, settle(), by="street_office", reason="检测未出", at=at("2023-05-12"))
    duty, _ = advance(PACK, longer, at("2023-05-31"))
    assert [(one.step, one.at) for one in duty.steps][:2] == [
        ("urge", at("2023-05-15T09:00")),
        ("supervision", at("2023-05-30T00:00")),
    ]


def test_a_suspension_moves_the_steps_that_are_still_to_come() -> None:
    stopped = suspend(PACK, settle(), reason="等候鉴定", at=at("2023-05-11"))
    again = resume(PACK, stopped, at=at("2023-05-18"))
    duty, done = advance(PACK, again, at("2023-05-22T09:00"))
    assert [one.at for one in done] == [at("2023-05-22T09:00")], "two work days were left on the 11th"


def test_hours_are_counted_to_the_end_of_their_last_minute_and_again_from_there() -> None:
    ladder = {"clauses": ["C"], "grace": {"period": "2h"}, "steps": [{"step": "one"}, {"step": "two"}]}
    pack = pack_with({**SETTLE, "within": "2h", "counts": None, "ladder": "urging"}, ladders={"urging": ladder})
    found = event("case.found_valid", "2023-05-10T10:00", lead="housing")
    (duty,) = duties_after(pack, found, ()).opened
    duty, _ = advance(pack, duty, at("2023-05-10T18:00"))
    assert [one.at for one in duty.steps] == [at("2023-05-10T12:01"), at("2023-05-10T14:01")]


@pytest.mark.clause("JJ-5.3-5")
def test_each_step_may_give_its_own_time_again() -> None:
    steps = [
        {"step": "copy_notice", "grace": {"period": "3d"}},
        {"step": "supervision", "grace": {"share_of_original": {"switch": "escalation_share"}}},
        {"step": "censure"},
    ]
    pack = pack_with(ladders={"supervision": {**SUPERVISION, "steps": steps, "grace": {"period": "30d"}}})
    given = {"subject": "task:1", "place": "32/", "clauses": ("JJ-5.3-5",), "ladder": "supervision", "remind": ()}
    task = assign(
        pack=pack, title="整改", owner="street_office", due_on=date(2022, 6, 10), at=at("2022-05-31"), **given
    )
    duty, _ = advance(pack, task, at("2022-06-25"))
    assert reached(duty) == [
        ("copy_notice", "2022-06-11", "2022-06-14"),
        ("supervision", "2022-06-15", "2022-06-20"),
        ("censure", "2022-06-21", "2022-07-21"),
    ], "three days, half of ten, and the ladder's own for the step that says nothing"


@pytest.mark.clause("JJ-5.3-5")
@pytest.mark.parametrize(
    ("choice", "same_unit", "same_year"),
    [("owner_subject", False, True), ("owner", True, True), ("owner_year", True, False)],
)
def test_a_place_decides_what_the_steps_are_counted_by(choice: str, same_unit: bool, same_year: bool) -> None:
    ladder = {**SUPERVISION, "key": {"switch": "escalation_key"}}
    pack = pack_with(
        {**SETTLE, "within": "10d", "counts": None, "ladder": "supervision"},
        ladders={"supervision": ladder},
        switch_defaults={"escalation_key": "owner_subject"},
    )

    def key(subject: str, day: str) -> str:
        found = event("case.found_valid", day, subject=subject, lead="housing")
        (duty,) = duties_after(pack, found, (), switches={"escalation_key": choice}).opened
        return duty.ladder_key

    assert (key("case:1", "2023-05-10") == key("case:2", "2023-05-11")) is same_unit
    # The year is that of the deadline: this one is due in January.
    assert (key("case:1", "2023-05-10") == key("case:1", "2023-12-28")) is same_year


LADDER = """
    figures: {{days: {{value: 10d, unit: period, clause: RT-2}}}}
    switches:
      counted:
        {{title: 计次, type: enum, choices: {{owner: 单位, owner_yaer: 年}}, default: owner, clause: RT-1}}
    ladders:
      supervision: {{clauses: [RT-1], {ladder}}}
"""


@pytest.mark.parametrize(
    ("ladder", "what"),
    [
        ("key: {switch: counted}, steps: [{step: one}]", "未知的key“yaer”，是否想写“year”"),
        ("key: [owner, mater], steps: [{step: one}]", "未知的key“mater”"),
        ("steps: [{step: one, on_day: {figure: days}, after: {figure: days}}]", "只写一个"),
        ("steps: [{step: one, after: {figure: dayz}}]", "未知的参数“dayz”，是否想写“days”"),
        (
            "steps: [{step: one, grace: {period: {figure: days}}}, {step: two, after: {figure: days}}]",
            "前一级的 grace 就不起作用",
        ),
        ("steps: [{step: one, grace: {}}]", "grace 要写 share_of_original 或 period 中的一个"),
    ],
)
def test_a_ladder_that_makes_no_sense_is_refused(tmp_path: Path, ladder: str, what: str) -> None:
    write(tmp_path, rules=LADDER.format(ladder=ladder))
    assert any(what in one for one in problems(tmp_path)), problems(tmp_path)
