"""Days into months and years, exactly: what the lines of a claim are computed over. No Django."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from gongzhi.policy.periods import add_months

DAY = timedelta(days=1)
YEAR_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days from and to, both included, in months: whole ones, and what is left by the days of the last."""

    from_on: date
    to_on: date
    year_number: int | None = None
    month_number: int | None = None

    @property
    def months(self) -> Fraction:
        return months_between(self.from_on, self.to_on)

    @property
    def words(self) -> str:
        """6个月；6个月15/31"""
        whole, rest = divmod(self.months, 1)
        return f"{whole}个月" if not rest else f"{whole}又{rest}个月"


def after_months(day: date, months: int) -> date:
    return add_months(day, months)[0]


def months_between(from_on: date, to_on: date) -> Fraction:
    """April 1 to March 31: 12. April 1 to October 15: 6 + 15/31. Nothing where the end lies before."""
    if to_on < from_on:
        return Fraction(0)
    whole = 0
    while after_months(from_on, whole + 1) <= to_on + DAY:
        whole += 1
    begin, end = after_months(from_on, whole), after_months(from_on, whole + 1)
    return whole + Fraction((to_on + DAY - begin).days, (end - begin).days)


def years(from_on: date, to_on: date, *, since: date) -> list[Stretch]:
    """Cut at each anniversary of `since`; the first year is the one that begins on it. Days before it are year 0."""
    found = []
    begin = from_on
    while begin <= to_on:
        number = _year_of(begin, since)
        end = min(to_on, (after_months(since, number * YEAR_MONTHS) if number > 0 else since) - DAY)
        found.append(Stretch(begin, end, year_number=number))
        begin = end + DAY
    return found


def _year_of(day: date, since: date) -> int:
    if day < since:
        return 0
    number = 1
    while after_months(since, number * YEAR_MONTHS) <= day:
        number += 1
    return number


def calendar_months(from_on: date, to_on: date, *, since: date | None, first_until: int | None) -> Iterator[Stretch]:
    """Each calendar month, whole or in part, numbered from the first one that counts: that of `since` when it began
    by that day of the month, else the next."""
    begin = from_on
    while begin <= to_on:
        end = min(to_on, after_months(begin.replace(day=1), 1) - DAY)
        yield Stretch(begin, end, month_number=None if since is None else _month_number(begin, since, first_until))
        begin = end + DAY


def _month_number(day: date, since: date, first_until: int | None) -> int:
    number = (day.year - since.year) * YEAR_MONTHS + day.month - since.month + 1
    return number - 1 if first_until is not None and since.day > first_until else number


def months_in_office(from_on: date, to_on: date, *, part: str) -> Fraction:
    """Months served: whole calendar months, and those served in part as the pack says: `none`, `full` or by `days`."""
    total = Fraction(0)
    for month in calendar_months(from_on, to_on, since=None, first_until=None):
        first = month.from_on.replace(day=1)
        length = (after_months(first, 1) - first).days
        served = Fraction((month.to_on - month.from_on).days + 1, length)
        total += served if served == 1 or part == "days" else Fraction(part == "full")
    return total
