"""The work-day calendar: the official years, the years nobody knows yet, and years entered later."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.policy.calendar import Calendar, CalendarYear
from gongzhi.policy.tests.clock_pack import CALENDAR

DAY = timedelta(days=1)
KNOWN = st.dates(date(2020, 1, 1), date(2026, 12, 31))
ANY_DAY = st.dates(date(2018, 1, 1), date(2032, 12, 31))

# Adjusted work days of each year, as the notices of the State Council's general office name them.
ADJUSTED = {2020: 6, 2021: 7, 2022: 7, 2023: 7, 2024: 8, 2025: 5, 2026: 6}


def days_of(year: int) -> list[date]:
    return [date(year, 1, 1) + DAY * offset for offset in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]


@pytest.mark.parametrize("year", range(2020, 2027))
def test_every_official_year_is_there_with_its_notice(year: int) -> None:
    block = CALENDAR.years[year]
    assert "国办发明电" in block.source
    names = "、".join(one.name for one in block.holidays)
    for name in ("元旦", "春节", "清明节", "劳动节", "端午节", "国庆节"):
        assert name in names


@pytest.mark.parametrize("year", range(2020, 2027))
def test_adjusted_work_days_make_up_for_the_bridge_days(year: int) -> None:
    adjusted = [day for day in days_of(year) if day.weekday() >= 5 and CALENDAR.is_work_day(day)]
    assert len(adjusted) == ADJUSTED[year]


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2022-10-07", False),
        ("2022-10-08", True),
        ("2022-10-09", True),
        ("2022-05-07", True),
        ("2022-05-04", False),
        ("2020-01-31", False),
        ("2020-02-01", False),
        ("2020-02-03", True),
        ("2021-02-17", False),
        ("2021-02-20", True),
        ("2023-01-02", False),
        ("2022-12-31", False),
        ("2024-02-09", True),
        ("2024-05-11", True),
        ("2025-10-08", False),
        ("2025-10-11", True),
        ("2026-01-04", True),
        ("2026-02-23", False),
        ("2026-04-06", False),
        ("2026-04-07", True),
        ("2026-10-10", True),
    ],
)
def test_a_day_is_as_the_notice_has_it(day: str, works: bool) -> None:
    assert CALENDAR.is_work_day(date.fromisoformat(day)) is works


def test_a_year_nobody_knows_is_plain_weekends_and_provisional() -> None:
    assert CALENDAR.is_work_day(date(2027, 10, 1))
    assert not CALENDAR.is_work_day(date(2027, 10, 2))
    assert not CALENDAR.knows(date(2027, 10, 1))
    assert CALENDAR.provisional(date(2026, 12, 30), date(2027, 1, 2))
    assert not CALENDAR.provisional(date(2026, 12, 30), date(2026, 12, 31))


def test_a_year_entered_later_counts_from_then_on_and_leaves_the_others_alone() -> None:
    entered = {"2027": {"source": "录入", "holidays": [{"name": "元旦", "from": "2027-01-01", "to": "2027-01-03"}]}}
    merged = CALENDAR.merged(entered)
    assert not merged.is_work_day(date(2027, 1, 1))
    assert merged.knows(date(2027, 6, 1))
    assert CALENDAR.is_work_day(date(2027, 1, 1))
    assert merged.years[2026] == CALENDAR.years[2026]


def test_an_entered_year_takes_the_place_of_the_block_of_that_year() -> None:
    merged = CALENDAR.merged([CalendarYear(2022, "更正")])
    assert merged.is_work_day(date(2022, 10, 3))


def test_a_year_reads_back_as_it_was_written() -> None:
    for year, block in CALENDAR.years.items():
        assert CalendarYear.from_data(year, block.to_data()) == block


@pytest.mark.parametrize(
    ("block", "says"),
    [
        ({"holidays": [{"name": "元旦", "from": "2027-01-03", "to": "2027-01-01"}]}, "结束日早于开始日"),
        ({"holidays": [{"name": "元旦", "from": "2028-06-01", "to": "2028-06-02"}]}, "不在这一年"),
        ({"holidays": [{"name": "元旦", "from": "一月一日"}]}, "不是日期"),
        ({"holidays": [{"from": "2027-01-01"}]}, "没有名称"),
        ({"workdays": ["2027-01-04"]}, "本来就上班"),
        (
            {"holidays": [{"name": "元旦", "from": "2027-01-01", "to": "2027-01-03"}], "workdays": ["2027-01-02"]},
            "又是调休上班",
        ),
        (
            {"holidays": [{"name": "元旦", "from": "2027-01-01"}, {"name": "春节", "from": "2027-01-01"}]},
            "同时属于",
        ),
    ],
)
def test_a_bad_block_is_refused_with_its_reason(block: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        CalendarYear.from_data("2027", block)


def test_an_empty_calendar_is_weekends_only() -> None:
    assert Calendar().nth_work_day_after(date(2022, 9, 30), 5) == date(2022, 10, 7)


@given(first=ANY_DAY, length=st.integers(0, 800))
def test_work_days_between_agree_with_counting_day_by_day(first: date, length: int) -> None:
    naive = sum(CALENDAR.is_work_day(first + DAY * offset) for offset in range(length + 1))
    assert CALENDAR.work_days_between(first, first + DAY * length) == naive


@given(day=ANY_DAY, count=st.integers(0, 300))
def test_the_nth_work_day_agrees_with_counting_day_by_day(day: date, count: int) -> None:
    here, left = day, count
    while left:
        here += DAY
        left -= CALENDAR.is_work_day(here)
    assert CALENDAR.nth_work_day_after(day, count) == here


@given(day=ANY_DAY, count=st.integers(1, 300))
def test_counting_work_days_forward_and_backward_are_inverse(day: date, count: int) -> None:
    start = CALENDAR.work_day_on_or_after(day)
    assert CALENDAR.nth_work_day_before(CALENDAR.nth_work_day_after(start, count), count) == start


@given(day=KNOWN)
def test_the_next_work_day_is_the_nearest_one(day: date) -> None:
    found = CALENDAR.work_day_on_or_after(day)
    assert CALENDAR.is_work_day(found)
    assert all(CALENDAR.is_rest_day(day + DAY * offset) for offset in range((found - day).days))
