"""Playing events through a pack: the duties as they stand at a moment."""

from typing import Any

import pytest

from gongzhi.policy.periods import Period
from gongzhi.policy.simulate import BadEvents, simulate
from gongzhi.policy.tests.clock_pack import pack_with
from gongzhi.policy.tests.test_duties import ANSWER, TRANSFER
from gongzhi.policy.tests.test_recurrence import MEETING
from gongzhi.policy.vocabulary import OPTIONAL, ROLE, TEXT, EventKind, Vocabulary

PACK = pack_with(ANSWER, TRANSFER, figures={"extension": Period(5, "d")})


def received(when: str, **data: Any) -> dict[str, Any]:
    data = {"lead": "urban_management", "received_at": f"{when}T09:00+08:00", "penalty_right_moved": False, **data}
    return {"kind": "case.assigned", "at": f"{when}T10:00+08:00", "subject": "case:1", "data": data}


def happened(kind: str, when: str, **data: Any) -> dict[str, Any]:
    return {"kind": kind, "at": f"{when}+08:00", "subject": "case:1", "data": data}


@pytest.mark.clause("JJ-5.3-2")
def test_jj_hc_02_the_duty_shows_its_day_its_steps_and_its_owner() -> None:
    (duty,) = simulate(PACK, [received("2022-09-20")], "2022-10-08T12:00+08:00")
    assert duty["duty"] == "answer_complaint"
    assert duty["state"] == "open"
    assert duty["owner"] == {"role": "urban_management", "name": "城管局"}
    assert duty["due"] == "2022-10-08T24:00+08:00"
    assert duty["due_text"] == "2022年10月8日24:00"
    assert duty["explanation"][2] == "10月1日至7日国庆节放假，顺延到下一个工作日10月8日（周六）"
    assert duty["clauses"] == ["JJ-5.3-2", "C-answer_deadline"]
    assert duty["steps"] == [] and duty["provisional"] is False


@pytest.mark.clause("JJ-5.3-5", "JJ-A7-3.7-3")
def test_jj_hc_41_the_ladder_is_told_step_by_step() -> None:
    task = {**ANSWER, "duty": "handed_down", "counts": None, "within": {"field": "within"}}
    event = {
        "kind": "case.assigned",
        "at": "2022-05-31T10:00+08:00",
        "data": {"lead": "street_office", "within": "10d"},
    }
    (duty,) = simulate(pack_with(task), [event], "2022-06-23T00:00+08:00")
    assert duty["state"] == "overdue"
    assert duty["due"] == "2022-06-10T24:00+08:00"
    assert duty["steps"] == [
        {
            "step": "copy_notice",
            "at": "2022-06-11T00:00+08:00",
            "instrument": "copy_notice",
            "new_due": "2022-06-16T24:00+08:00",
        },
        {
            "step": "supervision",
            "at": "2022-06-17T00:00+08:00",
            "instrument": "supervision_notice",
            "new_due": "2022-06-22T24:00+08:00",
        },
        {
            "step": "censure",
            "at": "2022-06-23T00:00+08:00",
            "instrument": "censure_notice",
            "new_due": "2022-06-28T24:00+08:00",
        },
    ]
    assert duty["suggestions"] == ["talk"]
    done = {"kind": "case.answered", "at": "2022-06-22T15:00+08:00"}
    (duty,) = simulate(pack_with(task), [event, done], "2022-07-31T00:00+08:00")
    assert (duty["state"], duty["steps"][-1]["step"], duty["suggestions"]) == ("fulfilled_late", "supervision", [])


@pytest.mark.clause("JJ-5.3-2", "JJ-A3-3.3-2")
def test_jj_hc_04_the_transfer_day_and_the_answer_day_stand_beside_each_other() -> None:
    events = [
        received("2022-09-29", lead="housing", penalty_right_moved=True),
        happened("case.transferred", "2022-10-09T11:00", lead="urban_management"),
    ]
    answer, transfer = simulate(PACK, events, "2022-10-10T09:00+08:00")
    assert (answer["due"], answer["owner"]["role"]) == ("2022-10-14T24:00+08:00", "urban_management")
    assert (transfer["due"], transfer["state"]) == ("2022-10-09T24:00+08:00", "fulfilled")


def test_the_order_of_the_list_does_not_matter_and_later_events_do_not_count_yet() -> None:
    events = [happened("case.answered", "2022-05-10T09:00"), received("2022-04-28")]
    assert simulate(PACK, events, "2022-05-09T09:00+08:00")[0]["state"] == "open"
    assert simulate(PACK, events, "2022-05-10T09:00+08:00")[0]["state"] == "fulfilled"


def test_a_missing_fact_shows_as_a_duty_of_a_person() -> None:
    duties = simulate(PACK, [received("2022-04-28", penalty_right_moved=None)], "2022-04-29T09:00+08:00")
    assert [(one["duty"], one.get("needs")) for one in duties] == [
        ("answer_complaint", None),
        ("needs_person", ["penalty_right_moved"]),
    ]
    assert duties[1]["due"] is None and duties[1]["due_text"] == "没有规定期限"


def test_a_duty_that_is_overdue_can_open_another_one() -> None:
    explain = {
        "duty": "explain_overdue",
        "title": "说明逾期情况",
        "after": "duty.overdue",
        "where": {"rule": "answer_complaint"},
        "owner": {"field": "owner"},
        "subject": {"field": "about"},
        "within": "1wd",
        "until": ["case.explained"],
    }
    pack = pack_with(ANSWER, explain)
    duties = simulate(pack, [received("2022-04-28")], "2022-05-14T08:00+08:00")
    assert [(one["duty"], one["subject"], one["owner"]["role"]) for one in duties][1] == (
        "explain_overdue",
        "case:1",
        "urban_management",
    )
    assert duties[1]["due"] == "2022-05-16T24:00+08:00"
    told = simulate(
        pack, [received("2022-04-28"), happened("case.explained", "2022-05-16T09:00")], "2022-05-17T08:00+08:00"
    )
    assert told[1]["state"] == "fulfilled"


def test_silence_records_its_event_and_what_follows_from_it() -> None:
    asked = {
        "duty": "decide_filing",
        "title": "审核备案",
        "after": "filing.handed_in",
        "owner": {"role": "housing"},
        "within": "5d",
        "until": ["filing.decided"],
        "silence": {"records": "filing.accepted", "says": "视为同意"},
    }
    show = {
        "duty": "show_filing",
        "title": "公示",
        "after": "filing.accepted",
        "owner": {"role": "housing"},
        "within": "3d",
    }
    event = {"kind": "filing.handed_in", "at": "2022-05-09T10:00+08:00", "subject": "filing:1"}
    first, second = simulate(pack_with(asked, show), [event], "2022-05-17T09:00+08:00")
    assert (first["state"], first["state_text"]) == ("silent", "视为同意")
    assert (second["duty"], second["opened"], second["due"]) == (
        "show_filing",
        "2022-05-17T00:00+08:00",
        "2022-05-20T24:00+08:00",
    )
    earlier = simulate(pack_with(asked, show), [event], "2022-05-16T23:59+08:00")
    assert [one["state"] for one in earlier] == ["open"]


@pytest.mark.clause("ZJG-3.3.1-1a", "ZJG-3.3.1-1b")
def test_zjg_hc_04_a_year_without_application_brings_the_task_and_an_application_on_the_last_day_does_not() -> None:
    wait = {
        "duty": "await_application",
        "title": "等候成立业主大会的申请",
        "after": "estate.qualified",
        "owner": {"role": "street_office"},
        "within": "1y",
        "roll": "no",
        "until": ["application.received"],
        "silence": {"records": "year.passed"},
    }
    organise = {
        "duty": "organise",
        "title": "主动组建",
        "after": "year.passed",
        "owner": {"role": "street_office"},
        "within": "60d",
        "until": ["group.formed"],
    }
    answer = {**organise, "duty": "form_group", "title": "成立筹备组", "after": "application.received"}
    pack = pack_with(wait, organise, answer)
    qualified = {"kind": "estate.qualified", "at": "2025-06-15T09:00+08:00", "subject": "estate:1"}
    applied = {"kind": "application.received", "at": "2026-06-15T16:00+08:00", "subject": "estate:1"}

    never = {one["duty"]: one for one in simulate(pack, [qualified], "2026-06-16T00:00+08:00")}
    assert never["organise"]["opened"] == "2026-06-16T00:00+08:00"
    assert [one["duty"] for one in simulate(pack, [qualified], "2026-06-15T23:59+08:00")] == ["await_application"]
    in_time = {one["duty"]: one for one in simulate(pack, [qualified, applied], "2026-07-01T00:00+08:00")}
    assert in_time["await_application"]["state"] == "fulfilled"
    assert in_time["form_group"]["due"] == "2026-08-14T24:00+08:00"
    assert "organise" not in in_time


def test_silence_that_calls_itself_in_one_moment_is_stopped() -> None:
    loop = {
        "duty": "loop",
        "title": "循环",
        "after": "loop.begun",
        "owner": {"role": "housing"},
        "within": "0h",
        "silence": {"records": "loop.begun"},
    }
    with pytest.raises(BadEvents, match="没有尽头"):
        simulate(pack_with(loop), [{"kind": "loop.begun", "at": "2022-05-09T10:00+08:00"}], "2022-05-10T10:00+08:00")


@pytest.mark.clause("JJ-5.3-5")
def test_two_late_duties_of_one_unit_and_matter_climb_one_ladder() -> None:
    second = {**ANSWER, "duty": "report_result", "title": "上报结果", "counts": None, "within": "20d"}
    duties = simulate(pack_with(ANSWER, second), [received("2022-04-28")], "2022-05-19T09:00+08:00")
    by_rule = {one["duty"]: [step["step"] for step in one["steps"]] for one in duties}
    assert by_rule == {"answer_complaint": ["copy_notice"], "report_result": ["supervision"]}


def test_a_recurring_duty_shows_its_period_and_count() -> None:
    start = {"kind": "place.registered", "at": "2022-04-01T00:00+08:00", "subject": "place:1"}
    duties = simulate(pack_with(MEETING), [start], "2022-05-01T00:00+08:00")
    assert [one["state"] for one in duties] == ["overdue", "open"]
    assert duties[1]["period"] == {"from": "2022-05-01", "to": "2022-05-31", "at_least": 1, "count": 0, "days": []}


def test_a_day_past_the_known_years_is_provisional() -> None:
    (duty,) = simulate(PACK, [received("2027-04-28")], "2027-04-29T09:00+08:00")
    assert duty["provisional"] is True
    assert duty["explanation"][-1].startswith("2027年的放假安排尚未录入")


@pytest.mark.parametrize(
    ("events", "says"),
    [
        ({"kind": "case.assigned"}, "要写成列表"),
        (["case.assigned"], "第1个事件不是对象"),
        ([{"kind": "case.assigned"}], "第1个事件缺少 at"),
        ([{"at": "2022-05-01T09:00+08:00"}], "第1个事件缺少 kind"),
        ([{"kind": "case.assigned", "at": "2022-05-01"}], "时间要带时区"),
        ([{"kind": "case.assigned", "at": "明天"}], "无法识别"),
        ([{"kind": "case.assigned", "at": "2022-05-01T09:00+08:00", "data": []}, 1], "第2个事件不是对象"),
        ([{"kind": "case.assigned", "at": "2022-05-01T09:00+08:00", "data": "x"}], "data 不是对象"),
        ([{"kind": "case.assigned", "at": "2022-05-01T09:00+08:00", "when": "x"}], "不认识的键“when”"),
    ],
)
def test_bad_events_are_refused_with_their_number(events: Any, says: str) -> None:
    with pytest.raises(BadEvents, match=says):
        simulate(PACK, events, "2022-05-02T09:00+08:00")


def test_an_unknown_kind_or_field_is_refused_with_the_nearest_known_word() -> None:
    pack: Any = pack_with(ANSWER)
    pack.vocabulary = Vocabulary(
        events=[EventKind("case.assigned", "派单", {"lead": ROLE, "received_at": OPTIONAL(TEXT)})]
    )
    with pytest.raises(BadEvents, match="是否想写“case.assigned”"):
        simulate(pack, [{"kind": "case.asigned", "at": "2022-05-01T09:00+08:00"}], "2022-05-02T09:00+08:00")
    with pytest.raises(BadEvents, match="没有字段“leed”"):
        simulate(
            pack,
            [{"kind": "case.assigned", "at": "2022-05-01T09:00+08:00", "data": {"leed": "x"}}],
            "2022-05-02T09:00+08:00",
        )
