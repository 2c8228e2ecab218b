"""The work-day calendar: weekends, public holidays and adjusted work days, one block a year.

The blocks are pack data. A day past the last known year is judged by plain weekends and is provisional.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

SATURDAY = 5
WEEKDAY_NAMES = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
# A block may touch the days of its neighbours (a New Year holiday that begins on 31 December), no more.
_NEIGHBOUR_DAYS = timedelta(days=31)
_LONGEST_HOLIDAY = 31
_FURTHEST_YEAR = 2200

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Holiday:
    name: str
    first: date
    last: date

    def days(self) -> list[date]:
        return [self.first + timedelta(days=offset) for offset in range((self.last - self.first).days + 1)]


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """One year's arrangement as its notice states it."""

    year: int
    source: str
    holidays: tuple[Holiday, ...] = ()
    workdays: tuple[date, ...] = ()

    @classmethod
    def from_data(cls, year: int | str, data: Mapping[str, Any]) -> "CalendarYear":
        """Read `{source, holidays: [{name, from, to}], workdays: [...]}`; dates as text or dates.

        Raises ValueError in Chinese that names the entry at fault.
        """
        number = _year(year)
        holidays = tuple(_holiday(number, entry) for entry in data.get("holidays") or ())
        workdays = tuple(_near(number, _date(entry, f"{number}年调休上班日")) for entry in data.get("workdays") or ())
        taken: dict[date, str] = {}
        for holiday in holidays:
            for day in holiday.days():
                if day in taken:
                    raise ValueError(f"{number}年日历：{day} 同时属于“{taken[day]}”和“{holiday.name}”")
                taken[day] = holiday.name
        for day in workdays:
            if day in taken:
                raise ValueError(f"{number}年日历：{day} 既是“{taken[day]}”放假又是调休上班，请删去一处")
            if day.weekday() < SATURDAY:
                raise ValueError(f"{number}年日历：调休上班日 {day} 是{WEEKDAY_NAMES[day.weekday()]}，本来就上班")
        return cls(number, str(data.get("source") or ""), holidays, tuple(sorted(set(workdays))))

    def to_data(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "holidays": [
                {"name": one.name, "from": one.first.isoformat(), "to": one.last.isoformat()} for one in self.holidays
            ],
            "workdays": [day.isoformat() for day in self.workdays],
        }


@dataclass(frozen=True)
class Calendar:
    """Work days and rest days. Without any block every year is plain weekends and provisional."""

    years: Mapping[int, CalendarYear] = field(default_factory=dict)

    def __post_init__(self) -> None:
        holidays = {day: one for year in self.years.values() for one in year.holidays for day in one.days()}
        workdays = {day for year in self.years.values() for day in year.workdays}
        # Work days are counted by arithmetic on weeks, put right by the days that differ from a plain week.
        gained = sorted(day for day in workdays if day.weekday() >= SATURDAY and day not in holidays)
        lost = sorted(day for day in holidays if day.weekday() < SATURDAY)
        object.__setattr__(self, "_holidays", holidays)
        object.__setattr__(self, "_workdays", frozenset(gained))
        object.__setattr__(self, "_gained", gained)
        object.__setattr__(self, "_lost", lost)

    _holidays: dict[date, Holiday] = field(init=False, repr=False, compare=False, default_factory=dict)
    _workdays: frozenset[date] = field(init=False, repr=False, compare=False, default=frozenset())
    _gained: list[date] = field(init=False, repr=False, compare=False, default_factory=list)
    _lost: list[date] = field(init=False, repr=False, compare=False, default_factory=list)

    @classmethod
    def from_data(cls, blocks: Mapping[Any, Mapping[str, Any]]) -> "Calendar":
        """From the section `calendar` of a pack: year -> block. Raises ValueError in Chinese."""
        years = [CalendarYear.from_data(year, block) for year, block in blocks.items()]
        return cls({one.year: one for one in years})

    def merged(self, extra_years: "Iterable[CalendarYear] | Mapping[Any, Mapping[str, Any]]") -> "Calendar":
        """With years entered later; an entered year takes the place of the block of that year."""
        if isinstance(extra_years, Mapping):
            extra_years = [CalendarYear.from_data(year, block) for year, block in extra_years.items()]
        return Calendar({**self.years, **{one.year: one for one in extra_years}})

    def knows(self, day: date) -> bool:
        """Whether the official arrangement of the day's year is known."""
        return day.year in self.years

    def provisional(self, first: date, last: date) -> bool:
        """Whether any day of the span lies in a year that is not known."""
        return any(year not in self.years for year in range(first.year, last.year + 1))

    def is_work_day(self, day: date) -> bool:
        if day.weekday() >= SATURDAY:
            return day in self._workdays
        return day not in self._holidays

    def is_rest_day(self, day: date) -> bool:
        """法定休假日: a weekend or a public holiday that is not an adjusted work day."""
        return not self.is_work_day(day)

    def holiday_of(self, day: date) -> Holiday | None:
        """The public holiday that the day belongs to."""
        return self._holidays.get(day)

    def is_adjusted_work_day(self, day: date) -> bool:
        """A Saturday or Sunday on which people work (调休)."""
        return day in self._workdays

    def work_day_on_or_after(self, day: date) -> date:
        while not self.is_work_day(day):
            day += _DAY
        return day

    def work_day_on_or_before(self, day: date) -> date:
        while not self.is_work_day(day):
            day -= _DAY
        return day

    def work_days_between(self, first: date, last: date) -> int:
        """How many work days lie in first..last, both included; 0 when last is before first."""
        if last < first:
            return 0
        return _weekdays(first, last) + _within(self._gained, first, last) - _within(self._lost, first, last)

    def nth_work_day_after(self, day: date, count: int) -> date:
        """The count-th work day after `day`, which itself is not counted; for 0 the day itself."""
        return self._jump(day, count, forward=True)

    def nth_work_day_before(self, day: date, count: int) -> date:
        """The count-th work day before `day`, which itself is not counted; for 0 the day itself."""
        return self._jump(day, count, forward=False)

    def _jump(self, day: date, count: int, *, forward: bool) -> date:
        if count < 0:
            raise ValueError(f"工作日数不能为负数：{count}")
        step = _DAY if forward else -_DAY
        left, here = count, day
        while left > 0:
            # Whole weeks first, so that a long period costs a few steps and not one a day.
            weeks = left // 5
            if weeks > 1:
                target = here + step * (7 * (weeks - 1))
                first, last = (here + _DAY, target) if forward else (target, here - _DAY)
                passed = self.work_days_between(first, last)
                if passed <= left - 1:
                    here, left = target, left - passed
                    continue
            here += step
            if self.is_work_day(here):
                left -= 1
        return here


def day_label(day: date, *, with_year: bool = False) -> str:
    """4月4日（周六）"""
    year = f"{day.year}年" if with_year else ""
    return f"{year}{day.month}月{day.day}日（{WEEKDAY_NAMES[day.weekday()]}）"


def _weekdays(first: date, last: date) -> int:
    days = (last - first).days + 1
    weeks, rest = divmod(days, 7)
    return weeks * 5 + sum(1 for offset in range(rest) if (first.weekday() + offset) % 7 < SATURDAY)


def _within(days: Sequence[date], first: date, last: date) -> int:
    return bisect_right(days, last) - bisect_left(days, first)


def _year(year: int | str) -> int:
    try:
        number = int(str(year))
    except ValueError:
        raise ValueError(f"日历的年份“{year}”无法识别，请写四位年份，例如 2026") from None
    if not 1991 <= number <= _FURTHEST_YEAR:  # noqa: PLR2004
        raise ValueError(f"日历的年份 {number} 超出范围")
    return number


def _date(value: Any, what: str) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f"{what}“{value}”不是日期，请写成 2026-10-01") from None


def _near(year: int, day: date) -> date:
    if not date(year, 1, 1) - _NEIGHBOUR_DAYS <= day <= date(year, 12, 31) + _NEIGHBOUR_DAYS:
        raise ValueError(f"{year}年日历：{day} 不在这一年，请检查年份")
    return day


def _holiday(year: int, entry: Mapping[str, Any]) -> Holiday:
    name = str(entry.get("name") or "").strip()
    if not name:
        raise ValueError(f"{year}年日历：有一段假期没有名称（name）")
    first = _near(year, _date(entry.get("from"), f"{year}年“{name}”的开始日"))
    last = _near(year, _date(entry.get("to") or entry.get("from"), f"{year}年“{name}”的结束日"))
    if not 0 <= (last - first).days < _LONGEST_HOLIDAY:
        raise ValueError(f"{year}年日历：“{name}”从 {first} 到 {last}，结束日早于开始日或假期过长")
    return Holiday(name, first, last)
