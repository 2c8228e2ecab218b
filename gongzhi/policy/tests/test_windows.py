"""Windows: an act is open, or barred, from moment to moment."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.policy.periods import Period, moment_text
from gongzhi.policy.tests.clock_pack import ClockPack, at, pack_with
from gongzhi.policy.windows import window_state


def windows(*data: dict[str, Any], **more: Any) -> ClockPack:
    return pack_with(window_data=[{"clauses": ["X-1"], **one} for one in data], **more)


REOPEN = {
    "window": "reopen",
    "title": "要求重新办理",
    "act": "case.reopen",
    "opens": {"after": "case.answered"},
    "closes": {"after": "case.answered", "within": {"switch": "reopen_period"}},
}
PACK = windows(REOPEN, switch_defaults={"reopen_period": Period(30, "d")})


def test_before_the_answer_nothing_can_be_reopened() -> None:
    answer = window_state(PACK, "case.reopen", {}, at("2022-05-13"))
    assert not answer.open
    assert answer.why == "要求重新办理：还没有开始"


def test_after_the_answer_it_is_open_for_the_period_of_the_switch() -> None:
    anchors = {"case.answered": at("2022-05-13T10:00")}
    answer = window_state(PACK, "case.reopen", anchors, at("2022-06-13T23:59"))
    assert answer.open
    assert answer.why == "要求重新办理：在期限内，到2022年6月13日24:00为止"
    assert answer.until == at("2022-06-14T00:00")
    assert answer.defaults == ("文件未规定：reopen_period，按平台默认30d",)
    assert answer.clauses == ("X-1",)
    assert "6月12日（周日）是休息日" in answer.steps[2]
    assert not window_state(PACK, "case.reopen", anchors, at("2022-06-14T00:00")).open
    assert not window_state(PACK, "case.reopen", anchors, at("2022-05-13T09:59")).open


def test_a_shorter_switch_closes_earlier() -> None:
    anchors = {"case.answered": moment_text(at("2022-05-13T10:00"))}
    switches = {"reopen_period": Period(7, "d")}
    assert not window_state(PACK, "case.reopen", anchors, at("2022-05-23"), switches=switches).open


def test_an_act_that_no_window_speaks_of_is_open() -> None:
    assert window_state(PACK, "case.close", {}, at("2022-05-13")).open


def test_answered_again_the_window_runs_from_the_last_answer() -> None:
    closed_by_another = {**REOPEN, "closes": {"after": "case.archived"}}
    pack = windows(closed_by_another)
    anchors = {"case.answered": at("2022-05-13"), "case.archived": at("2022-05-20")}
    assert not window_state(pack, "case.reopen", anchors, at("2022-05-21")).open
    anchors["case.answered"] = at("2022-06-01")
    assert window_state(pack, "case.reopen", anchors, at("2022-06-02")).open


@pytest.mark.clause("JJ-A1-3.1-2")
def test_jj_hc_44_topics_are_taken_until_the_third_day_before_the_meeting() -> None:
    topic = {
        "window": "topics",
        "title": "申报议题",
        "act": "meeting.add_topic",
        "opens": {"after": "meeting.held"},
        "closes": {"before": {"field": "held_on", "period": {"figure": "topics_before"}}},
    }
    pack = windows(topic, figures={"topics_before": Period(3, "d")})
    anchors = {"meeting.held": at("2022-03-18T17:00"), "held_on": "2022-06-20"}
    assert window_state(pack, "meeting.add_topic", anchors, at("2022-06-17T23:00")).open
    assert not window_state(pack, "meeting.add_topic", anchors, at("2022-06-18T09:00")).open
    assert not window_state(pack, "meeting.add_topic", anchors, at("2022-03-18T16:00")).open


@pytest.mark.clause("ZJG-3.3.2-4a", "ZJG-3.3.2-4c", "ZJG-3.3.2-4d")
def test_zjg_hc_07_the_old_committee_is_barred_from_the_groups_first_day_until_the_new_one_stands() -> None:
    notice = {
        "window": "notice",
        "title": "换届告知",
        "act": "committee.tell_of_renewal",
        "opens": {"before": {"field": "term_ends_on", "period": {"figure": "notice"}}},
        "closes": {"before": {"field": "term_ends_on", "period": "0d"}},
    }
    lock = {
        "window": "lock",
        "title": "选聘、解聘锁定期",
        "act": "committee.choose_company",
        "mode": "barred",
        "opens": {"after": "renewal_group.formed"},
        "closes": {"after": "committee.formed"},
    }
    pack = windows(notice, lock, figures={"notice": Period(90, "d")})
    anchors = {"term_ends_on": "2026-12-31", "renewal_group.formed": "2026-11-20", "committee.formed": "2027-01-25"}

    def is_open(act: str, when: str) -> bool:
        return window_state(pack, act, anchors, at(when)).open

    assert is_open("committee.choose_company", "2026-11-19T23:59")
    assert not is_open("committee.choose_company", "2026-11-20T00:00")
    assert not is_open("committee.choose_company", "2027-01-24T23:59")
    assert is_open("committee.choose_company", "2027-01-25T00:00")
    assert not is_open("committee.tell_of_renewal", "2026-10-01T23:59")
    assert is_open("committee.tell_of_renewal", "2026-10-02T00:00")
    assert is_open("committee.tell_of_renewal", "2026-12-31T23:59")
    assert not is_open("committee.tell_of_renewal", "2027-01-01T00:00")


@pytest.mark.clause("JJ-0.1-2", "JJ-0.2-3")
def test_jj_hc_47_comments_are_taken_until_24_o_clock_or_until_the_moment_set() -> None:
    comments = {
        "window": "comments",
        "title": "征求意见",
        "act": "consultation.comment",
        "opens": {"on": "2022-04-28"},
        "closes": {"on": {"switch": "comments_end"}},
    }
    pack = windows(comments, switch_defaults={"comments_end": date(2022, 5, 31)})
    moments = [at("2022-05-30T10:00"), at("2022-05-31T23:59"), at("2022-06-01T00:00")]
    taken = [window_state(pack, "consultation.comment", {}, moment).open for moment in moments]
    assert taken == [True, True, False]
    early = {"comments_end": at("2022-05-30T00:00")}
    assert not any(window_state(pack, "consultation.comment", {}, one, switches=early).open for one in moments)
    assert window_state(pack, "consultation.comment", {}, at("2022-05-29T23:59"), switches=early).open


def test_several_windows_must_all_allow_the_act() -> None:
    second = {
        "window": "frozen",
        "title": "冻结",
        "act": "case.reopen",
        "mode": "barred",
        "opens": {"after": "case.archived"},
    }
    pack = windows(REOPEN, second, switch_defaults={"reopen_period": Period(30, "d")})
    anchors = {"case.answered": at("2022-05-13")}
    assert window_state(pack, "case.reopen", anchors, at("2022-05-14")).open
    anchors["case.archived"] = at("2022-05-14")
    barred = window_state(pack, "case.reopen", anchors, at("2022-05-15"))
    assert not barred.open
    assert barred.why == "冻结：期间内不得办理，目前没有截止时间"


def test_a_condition_that_cannot_be_judged_closes_the_window_and_names_the_fact() -> None:
    pack = windows({**REOPEN, "where": {"anonymous": False}}, switch_defaults={"reopen_period": Period(30, "d")})
    answer = window_state(pack, "case.reopen", {"case.answered": at("2022-05-13")}, at("2022-05-14"))
    assert not answer.open
    assert answer.needs == ("anonymous",)
    assert answer.to_json()["needs"] == ["anonymous"]


@given(hours=st.integers(-24 * 10, 24 * 60))
def test_a_window_is_open_exactly_between_its_ends(hours: int) -> None:
    answered = at("2022-05-13T10:00")
    now = answered + timedelta(hours=hours)
    answer = window_state(PACK, "case.reopen", {"case.answered": answered}, now)
    assert answer.open == (answered <= now < at("2022-06-14T00:00"))
    if answer.until is not None:
        assert window_state(PACK, "case.reopen", {"case.answered": answered}, answer.until).open != answer.open
