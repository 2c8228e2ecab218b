"""Periods and deadlines by articles 200 to 204 of the Civil Code, and the dated cases of the catalogues."""

from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.policy.periods import (
    Period,
    add_months,
    deadline,
    deadline_before,
    due_text,
    fixed_deadline,
    last_day_before,
    moment_text,
    parse_moment,
    start_of,
    state_words,
)
from gongzhi.policy.tests.clock_pack import CALENDAR, at

DAY = timedelta(days=1)
KNOWN = st.datetimes(at("2020-01-01").replace(tzinfo=None), at("2026-06-01").replace(tzinfo=None))
MOMENTS = KNOWN.map(lambda naive: naive.replace(tzinfo=at("2022-01-01").tzinfo))


def due(start: str, period: str, **options: Any) -> str:
    return due_text(deadline(start=at(start), period=Period.parse(period), calendar=CALENDAR, **options).due_at)


@pytest.mark.parametrize(
    ("text", "short", "shown"),
    [
        ("15d", "15d", "15日"),
        ("15日", "15d", "15日"),
        ("15天", "15d", "15日"),
        ("30日内", "30d", "30日"),
        ("3wd", "3wd", "3个工作日"),
        ("3个工作日", "3wd", "3个工作日"),
        ("5工作日", "5wd", "5个工作日"),
        ("24h", "24h", "24小时"),
        ("24小时", "24h", "24小时"),
        ("1个月", "1m", "1个月"),
        ("2年", "2y", "2年"),
        ("2周", "14d", "14日"),
        ("0d", "0d", "0日"),
    ],
)
def test_a_period_is_read_as_packs_and_as_people_write_it(text: str, short: str, shown: str) -> None:
    period = Period.parse(text)
    assert (str(period), period.text) == (short, shown)
    assert Period.parse(str(period)) == period


@pytest.mark.parametrize("text", ["", "15", "d", "十五日", "-3d", "1.5h", "15 dd", "3w"])
def test_what_is_no_period_is_refused_with_how_to_write_one(text: str) -> None:
    with pytest.raises(ValueError, match="请写成 15d"):
        Period.parse(text)


def test_a_share_of_a_period_is_rounded_up_to_whole_units() -> None:
    assert Period(10, "d").share(Fraction(1, 2)) == Period(5, "d")
    assert Period(15, "d").share(Fraction(1, 2)) == Period(8, "d")
    assert Period(15, "d").share(Fraction(1, 2), rounding="down") == Period(7, "d")


# ── the dated cases ──


@pytest.mark.clause("JJ-5.3-2")
def test_jj_hc_01_fifteen_days_end_on_a_plain_work_day() -> None:
    assert due("2022-04-28", "15d") == "2022年5月13日24:00"


@pytest.mark.clause("JJ-5.3-2")
def test_jj_hc_02_fifteen_days_that_end_in_the_national_holiday_roll_to_the_adjusted_saturday() -> None:
    assert due("2022-09-20", "15d") == "2022年10月8日24:00"
    assert due("2022-09-20", "15d", roll=False) == "2022年10月5日24:00"


@pytest.mark.clause("JJ-5.3-2", "JJ-A3-3.3-2")
def test_jj_hc_04_two_periods_run_beside_each_other() -> None:
    assert due("2022-09-29", "3wd") == "2022年10月9日24:00"
    assert due("2022-09-29", "15d") == "2022年10月14日24:00"


@pytest.mark.clause("JJ-A3-3.3-2")
def test_jj_hc_04_a_transfer_on_the_tenth_is_one_work_day_late() -> None:
    limit = deadline(start=at("2022-09-29"), period=Period(3, "wd"), calendar=CALENDAR)
    assert state_words(limit.due_at, at("2022-10-10T08:30"), calendar=CALENDAR) == "逾期1个工作日"
    assert state_words(limit.due_at, at("2022-10-09T23:59")) == "今日到期"


@pytest.mark.clause("JJ-A3-3.3-2")
def test_jj_hc_05_three_work_days_over_labour_day_end_on_the_adjusted_saturday() -> None:
    assert due("2022-04-29", "3wd") == "2022年5月7日24:00"


@pytest.mark.clause("JJ-A9-2.1-7", "JJ-A9-2.1-8")
def test_jj_hc_40_ten_work_days_after_an_urgent_repair() -> None:
    limit = deadline(start=at("2022-09-30"), period=Period(10, "wd"), calendar=CALENDAR)
    assert due_text(limit.due_at) == "2022年10月19日24:00"
    assert limit.steps[1] == "10月8、9、10、11、12、13、14、17、18、19日（10月8、9日调休上班），共10个工作日"


@pytest.mark.clause("JJ-A1-3.1-2", "JJ-A1-3.4-1")
def test_jj_hc_44_topics_close_three_days_and_papers_one_day_before_the_meeting() -> None:
    held = at("2022-06-20")
    topics = deadline_before(moment=held, period=Period(3, "d"), calendar=CALENDAR)
    papers = deadline_before(moment=held, period=Period(1, "d"), calendar=CALENDAR)
    assert at("2022-06-17T23:00") < topics.due_at <= at("2022-06-18T09:00")
    assert at("2022-06-19T20:00") < papers.due_at <= at("2022-06-20T08:00")
    assert papers.steps[0] == "6月20日（周一）往前数1日，到6月19日（周日），休息日不移动"


@pytest.mark.clause("JH-4.7g")
def test_jh_hc_04_three_work_days_run_from_the_application() -> None:
    assert due("2026-09-18T10:00", "3wd") == "2026年9月22日24:00"


@pytest.mark.clause("MX-3.4.3-6")
def test_mx_hc_07_thirty_days_from_the_end_of_january() -> None:
    limit = deadline(start=at("2023-01-31"), period=Period(30, "d"), calendar=CALENDAR)
    assert limit.last_day == date(2023, 3, 2)
    assert state_words(limit.due_at, at("2023-03-02T17:00")) == "今日到期"
    assert state_words(limit.due_at, at("2023-03-03T09:00")) == "已超1日"


@pytest.mark.clause("MX-3.6.6-3")
def test_mx_hc_08_thirty_days_of_hand_over() -> None:
    limit = deadline(start=at("2023-06-05"), period=Period(30, "d"), calendar=CALENDAR)
    assert limit.last_day == date(2023, 7, 5)


@pytest.mark.clause("ZJG-3.3.1-1a", "ZJG-3.3.1-1b")
def test_zjg_hc_04_a_year_and_sixty_days() -> None:
    year = deadline(start=at("2025-06-15"), period=Period(1, "y"), calendar=CALENDAR)
    assert year.last_day == date(2026, 6, 15)
    assert due("2026-06-15", "60d") == "2026年8月14日24:00"


@pytest.mark.clause("JY-2.8.24-3")
def test_jy_hc_05_a_plan_due_by_the_end_of_april_is_twenty_days_late() -> None:
    april = fixed_deadline(day=date(2024, 4, 30), calendar=CALENDAR)
    may = fixed_deadline(day=date(2024, 5, 31), calendar=CALENDAR)
    assert state_words(april.due_at, at("2024-05-20")) == "已超20日"
    assert state_words(may.due_at, at("2024-05-20")) == "还剩11日"


@pytest.mark.clause("JY-2.8.22-5")
def test_jy_hc_17_the_first_of_january_is_one_day_after_the_end_of_the_year() -> None:
    limit = fixed_deadline(day=date(2024, 12, 31), calendar=CALENDAR)
    assert state_words(limit.due_at, at("2025-01-01T00:00")) == "已超1日"
    assert state_words(limit.due_at, at("2024-12-31T23:59")) == "今日到期"


# ── the articles of the Civil Code ──


@pytest.mark.clause("CC-200", "CC-201", "CC-203")
def test_the_steps_say_how_the_day_on_the_case_page_was_found() -> None:
    limit = deadline(start=at("2026-03-20T09:12"), period=Period(15, "d"), calendar=CALENDAR, word="收到")
    assert limit.steps == (
        "3月20日（周五）收到当日不计，从3月21日数起",
        "加15日，到4月4日（周六）",
        "4月4日至6日清明节放假，顺延到下一个工作日4月7日（周二）",
        "4月7日24:00前为按期",
    )
    assert not limit.provisional


@pytest.mark.clause("CC-202")
@pytest.mark.parametrize(
    ("start", "period", "expected"),
    [
        ("2023-01-31", "1m", "2023年2月28日24:00"),
        ("2024-01-31", "1m", "2024年2月29日24:00"),
        ("2024-02-29", "1y", "2025年2月28日24:00"),
        ("2022-08-31", "6m", "2023年2月28日24:00"),
        ("2022-03-15", "1m", "2022年4月15日24:00"),
        ("2022-12-15", "2m", "2023年2月15日24:00"),
    ],
)
def test_months_end_on_the_same_day_or_on_the_last_one(start: str, period: str, expected: str) -> None:
    assert due(start, period) == expected


@pytest.mark.clause("CC-203")
def test_a_month_that_ends_on_a_sunday_rolls_on() -> None:
    assert due("2022-04-15", "1m") == "2022年5月16日24:00"


@pytest.mark.clause("CC-201")
def test_hours_run_from_the_moment_through_the_weekend_and_never_roll() -> None:
    limit = deadline(start=at("2022-09-30T17:30"), period=Period(24, "h"), calendar=CALENDAR)
    assert limit.due_at == at("2022-10-01T17:31"), "exclusive: the very end, 17:30, is in time"
    assert due_text(limit.due_at) == "2022年10月1日17:30"
    assert limit.last_day == date(2022, 10, 1)
    assert "休息日照计" in limit.steps[0]


def test_an_included_first_day_ends_one_day_earlier() -> None:
    assert due("2022-04-28", "15d", first_day="included") == "2022年5月12日24:00"
    assert due("2022-09-29", "3wd", first_day="included") == "2022年10月8日24:00"
    assert due("2022-03-15", "1m", first_day="included") == "2022年4月14日24:00"


def test_work_days_after_an_event_on_a_rest_day_start_with_the_next_work_day() -> None:
    assert due("2022-10-02", "1wd") == "2022年10月8日24:00"
    assert due("2022-10-02", "1wd", first_day="included") == "2022年10月8日24:00"


def test_plain_days_are_read_as_work_days_when_the_switch_says_so() -> None:
    assert due("2022-04-28", "15d", day_kind="work") == due("2022-04-28", "15wd") == "2022年5月23日24:00"
    assert due("2022-04-28", "24h", day_kind="work") == "2022年4月29日09:00"


def test_nothing_days_are_by_the_end_of_the_same_day() -> None:
    assert due("2022-05-10T23:00", "0d") == "2022年5月10日24:00"


def test_a_deadline_in_a_year_nobody_knows_is_provisional_and_says_so() -> None:
    limit = deadline(start=at("2026-12-25"), period=Period(15, "d"), calendar=CALENDAR)
    assert limit.provisional
    assert limit.steps[-1] == "2027年的放假安排尚未录入，按普通周末暂算，公布后可能变动"
    firm = deadline(start=at("2026-12-25"), period=Period(15, "d"), calendar=CALENDAR, roll=False)
    assert not firm.provisional


def test_work_days_counted_over_an_unknown_year_are_provisional() -> None:
    assert deadline(start=at("2026-12-30"), period=Period(3, "wd"), calendar=CALENDAR).provisional
    assert not deadline(start=at("2026-12-25"), period=Period(3, "wd"), calendar=CALENDAR).provisional


def test_backward_work_days_months_and_hours() -> None:
    held = at("2022-10-10T09:00")

    def before(period: str) -> str:
        return due_text(deadline_before(moment=held, period=Period.parse(period), calendar=CALENDAR).due_at)

    assert before("3wd") == "2022年9月30日24:00"
    assert before("1m") == "2022年9月10日24:00"
    assert before("48h") == "2022年10月8日09:00"


def test_words_for_what_is_left_and_what_is_over() -> None:
    limit = start_of(date(2022, 5, 14))
    assert state_words(limit, at("2022-05-11")) == "还剩2日"
    assert state_words(limit, at("2022-05-13T23:59")) == "今日到期"
    assert state_words(limit, at("2022-05-14T00:00")) == "已超1日"
    assert state_words(limit, at("2022-05-16")) == "已超3日"
    assert state_words(limit, at("2022-05-15"), calendar=CALENDAR) == "逾期不足1个工作日"
    assert state_words(at("2022-05-13T14:00"), at("2022-05-13T16:30")) == "已超2小时"


def test_24_o_clock_is_the_next_midnight_and_is_written_back_as_24_o_clock() -> None:
    assert parse_moment("2022-05-13T24:00+08:00") == start_of(date(2022, 5, 14))
    assert moment_text(start_of(date(2022, 5, 14))) == "2022-05-13T24:00+08:00"
    assert moment_text(parse_moment("2022-05-13T01:30:00+00:00")) == "2022-05-13T09:30+08:00"


@pytest.mark.parametrize("text", ["2022-05-13T09:00", "昨天", "2022-13-01T09:00+08:00"])
def test_a_moment_without_zone_or_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="时"):
        parse_moment(text)


@given(start=MOMENTS, days=st.integers(0, 200))
def test_a_longer_period_never_ends_earlier(start: datetime, days: int) -> None:
    for unit in ("d", "wd", "h", "m"):
        shorter = deadline(start=start, period=Period(days % 40, unit), calendar=CALENDAR)
        longer = deadline(start=start, period=Period(days % 40 + 1, unit), calendar=CALENDAR)
        assert shorter.due_at <= longer.due_at


@given(start=MOMENTS, later=st.integers(0, 60), days=st.integers(0, 90))
def test_a_later_start_never_ends_earlier(start: datetime, later: int, days: int) -> None:
    for unit in ("d", "wd", "m"):
        period = Period(days, unit)
        first = deadline(start=start, period=period, calendar=CALENDAR)
        second = deadline(start=start + DAY * later, period=period, calendar=CALENDAR)
        assert first.due_at <= second.due_at


@given(start=MOMENTS, days=st.integers(0, 120))
def test_forward_and_backward_days_are_inverse_without_rolling(start: datetime, days: int) -> None:
    limit = deadline(start=start, period=Period(days, "d"), calendar=CALENDAR, roll=False)
    back = deadline_before(moment=start_of(limit.last_day), period=Period(days, "d"), calendar=CALENDAR)
    assert back.last_day == start.date()


@given(start=MOMENTS, days=st.integers(0, 120))
def test_a_rolled_deadline_ends_on_the_first_work_day_from_the_plain_one(start: datetime, days: int) -> None:
    plain = deadline(start=start, period=Period(days, "d"), calendar=CALENDAR, roll=False)
    rolled = deadline(start=start, period=Period(days, "d"), calendar=CALENDAR)
    assert rolled.last_day == CALENDAR.work_day_on_or_after(plain.last_day)
    assert last_day_before(rolled.due_at) == rolled.last_day
    assert CALENDAR.is_work_day(rolled.last_day)


@given(start=MOMENTS, days=st.integers(1, 60))
def test_work_days_agree_with_counting_them_one_by_one(start: datetime, days: int) -> None:
    limit = deadline(start=start, period=Period(days, "wd"), calendar=CALENDAR)
    here, left = start.date(), days
    while left:
        here += DAY
        left -= CALENDAR.is_work_day(here)
    assert limit.last_day == here


@given(day=st.dates(date(2000, 1, 1), date(2100, 1, 1)), months=st.integers(-60, 60))
def test_months_keep_the_day_or_fall_on_the_last_of_the_month(day: date, months: int) -> None:
    found, exact = add_months(day, months)
    assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == months
    assert found.day == day.day if exact else (found + DAY).day == 1 and found.day < day.day
