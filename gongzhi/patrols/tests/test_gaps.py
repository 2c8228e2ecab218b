"""The longest gap and the periods of the calendar, for any days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.patrols.queries.plans import Window, longest_gap, window_of

FIRST = date(2022, 1, 1)
WINDOW = Window(FIRST, FIRST + timedelta(days=30))


@given(st.sets(st.integers(0, 30)))
def test_the_longest_gap_is_the_longest_run_of_days_without(walked):
    days = [FIRST + timedelta(days=one) for one in walked]
    run = longest = 0
    for one in range(31):
        run = 0 if one in walked else run + 1
        longest = max(longest, run)
    assert longest_gap(days, WINDOW) == longest


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)))
def test_every_day_lies_in_its_period_and_periods_follow_one_another(day):
    for every in ("day", "week", "month", "quarter", "half_year", "year"):
        window = window_of(every, day)
        assert window.from_on <= day <= window.to_on
        assert window_of(every, window.to_on + timedelta(days=1)).from_on == window.to_on + timedelta(days=1)


@pytest.mark.parametrize(
    ("every", "first", "last"),
    [
        ("week", "2022-10-03", "2022-10-09"),
        ("quarter", "2022-10-01", "2022-12-31"),
        ("year", "2022-01-01", "2022-12-31"),
    ],
)
def test_the_period_of_a_day(every, first, last):
    assert window_of(every, date(2022, 10, 5)) == Window(date.fromisoformat(first), date.fromisoformat(last))
