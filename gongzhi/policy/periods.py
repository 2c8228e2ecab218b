"""Periods and the deadlines counted with them (Civil Code articles 200 to 204).

A day deadline lasts until 24:00 of its last day. It is kept as the next day's 00:00, exclusive:
an act is on time when `at < due_at`. All moments are aware; they are read in China's one zone.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from fractions import Fraction
from math import ceil, floor

# China has had one zone and no summer time since 1991; a fixed offset needs no zone database on the machine.
CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")

DAY = timedelta(days=1)
MONTHS_IN_YEAR = 12

UNIT_TEXT = {"d": "日", "wd": "个工作日", "h": "小时", "m": "个月", "y": "年"}
DAY_KINDS = ("calendar", "work")
FIRST_DAYS = ("excluded", "included")

_SHORT = re.compile(r"^(\d{1,4})(d|wd|h|m|y)$")
_CHINESE = re.compile(
    r"^(\d{1,4})\s*(?:个)?\s*(工作日|自然日|日历日|日|天|小时|月|年|周|星期)(?:内|以内|之内)?$",
)
_CHINESE_UNITS = {
    "工作日": "wd",
    "自然日": "d",
    "日历日": "d",
    "日": "d",
    "天": "d",
    "小时": "h",
    "月": "m",
    "年": "y",
    "周": "d",
    "星期": "d",
}
_DAYS_IN_WEEK = 7


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time as a document states it: a whole count of d, wd (work days), h, m (months) or y.

    0d means by the end of the same day.
    """

    count: int
    unit: str

    def __post_init__(self) -> None:
        if self.unit not in UNIT_TEXT:
            raise ValueError(f"期限单位“{self.unit}”无法识别，可用 d（日）、wd（工作日）、h（小时）、m（月）、y（年）")
        if self.count < 0:
            raise ValueError(f"期限不能为负数：{self.count}")

    @classmethod
    def parse(cls, text: str) -> "Period":
        """Read `15d 3wd 24h 1m 2y` or `15日 3个工作日 24小时 1个月 2年`. Raises ValueError in Chinese."""
        plain = str(text).strip()
        if short := _SHORT.match(plain):
            return cls(int(short[1]), short[2])
        if chinese := _CHINESE.match(plain):
            word = chinese[2]
            count = int(chinese[1]) * (_DAYS_IN_WEEK if word in ("周", "星期") else 1)
            return cls(count, _CHINESE_UNITS[word])
        raise ValueError(
            f"期限“{plain}”无法识别，请写成 15d、3wd、24h、1m、2y，或 15日、3个工作日、24小时、1个月、2年"
        )

    def __str__(self) -> str:
        return f"{self.count}{self.unit}"

    @property
    def text(self) -> str:
        """As people read it: 15日, 3个工作日, 24小时, 1个月, 2年."""
        return f"{self.count}{UNIT_TEXT[self.unit]}"

    def as_day_kind(self, day_kind: str) -> "Period":
        """A plain count of days read as work days when the document or a switch says so."""
        if day_kind not in DAY_KINDS:
            raise ValueError(f"日的算法“{day_kind}”无法识别，可用 calendar（自然日）或 work（工作日）")
        return Period(self.count, "wd") if day_kind == "work" and self.unit == "d" else self

    def share(self, ratio: Fraction, *, rounding: str = "up") -> "Period":
        """A share of this period in whole units of the same kind, rounded up or down."""
        exact = self.count * ratio
        return Period(ceil(exact) if rounding == "up" else floor(exact), self.unit)


@dataclass(frozen=True, slots=True)
class Deadline:
    """`due_at` exclusive; `last_day` the last day on which the act is in time; `steps` how it was counted."""

    due_at: datetime
    last_day: date
    provisional: bool
    steps: tuple[str, ...]


def in_china(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("时间要带时区，例如 2022-05-01T09:00+08:00")
    return moment.astimezone(CHINA)


def day_of(moment: datetime) -> date:
    return in_china(moment).date()


def start_of(day: date) -> datetime:
    return datetime.combine(day, time(0), tzinfo=CHINA)


def end_of(day: date) -> datetime:
    """24:00 of the day."""
    return start_of(day + DAY)


def last_day_before(due_at: datetime) -> date:
    """The day on which a moment that is exclusive falls for people: 00:00 belongs to the day before."""
    return (in_china(due_at) - timedelta(microseconds=1)).date()


def add_months(day: date, months: int) -> tuple[date, bool]:
    """The corresponding day, or the month's end when it has none (Civil Code 202); True when it has one."""
    index = day.year * MONTHS_IN_YEAR + day.month - 1 + months
    year, month = divmod(index, MONTHS_IN_YEAR)
    length = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, length)), day.day <= length
