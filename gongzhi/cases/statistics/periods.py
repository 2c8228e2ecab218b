"""The spans of days that figures are counted over, and those they are compared with. Plain dates, no database."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from gongzhi.core.days import ZONE
from gongzhi.core.display import cn_date

MONTHS, QUARTER_MONTHS = 12, 3
DAY = timedelta(days=1)
FIRST_YEAR, LAST_YEAR = 2000, 2100
_CODE = re.compile(r"^(\d{4})(?:-(0[1-9]|1[0-2])|-Q([1-4]))?$")
LISTED_MONTHS, LISTED_QUARTERS, LISTED_YEARS = 13, 9, 4


@dataclass(frozen=True)
class Span:
    """Days of receipt, both included."""

    first: date
    last: date

    @property
    def start(self) -> datetime:
        return _midnight(self.first)

    @property
    def end(self) -> datetime:
        """The moment after the last."""
        return _midnight(self.last + DAY)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def words(self) -> str:
        return f"{cn_date(self.first)}至{cn_date(self.last)}"

    def year_before(self) -> "Span":
        """The same days a year earlier; 29 February answers to the 28th, and a month's end to the month's end."""
        return Span(_years_back(self.first), _years_back(self.last, end=True))


@dataclass(frozen=True)
class Period:
    """A month (`2022-05`), a quarter (`2022-Q2`), a year (`2022`), or any range. A period that is not over ends today
    and is compared with as many days."""

    code: str
    title: str
    span: Span
    before: Span
    running: bool = False

    @property
    def year_before(self) -> Span:
        return self.span.year_before()

    @classmethod
    def of(cls, data: Any, today: date) -> "Period":
        """What the address says, days before names; the month of today where it says nothing that can be read."""
        first, last = _day(data.get("from")), _day(data.get("to"))
        if first or last:
            return cls._between(first, last, today)
        return cls.named(str(data.get("period", "") or ""), today) or cls._named(today.year, today.month, 1, today)

    @classmethod
    def named(cls, code: str, today: date) -> "Period | None":
        found = _CODE.match(code)
        if found is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
            return None
        year = int(found[1])
        if found[2]:
            return cls._named(year, int(found[2]), 1, today)
        if found[3]:
            return cls._named(year, (int(found[3]) - 1) * QUARTER_MONTHS + 1, QUARTER_MONTHS, today)
        return cls._named(year, 1, MONTHS, today)

    @classmethod
    def _named(cls, year: int, month: int, months: int, today: date) -> "Period":
        first = date(year, month, 1)
        last = _shifted(first, months) - DAY
        before = Span(_shifted(first, -months), first - DAY)
        quarter = (month - 1) // QUARTER_MONTHS + 1
        code, title = {
            1: (f"{year}-{month:02d}", f"{year}年{month}月"),
            QUARTER_MONTHS: (f"{year}-Q{quarter}", f"{year}年第{'一二三四'[quarter - 1]}季度"),
            MONTHS: (f"{year}", f"{year}年"),
        }[months]
        if first <= today < last:
            cut = min(before.first + (today - first), before.last)
            return cls(code, title, Span(first, today), Span(before.first, cut), running=True)
        return cls(code, title, Span(first, last), before)

    @classmethod
    def _between(cls, first: date | None, last: date | None, today: date) -> "Period":
        last = last or max(today, first or today)
        first = first or last.replace(day=1)
        span = Span(min(first, last), max(first, last))
        before = Span(span.first - timedelta(days=span.days), span.first - DAY)
        return cls("", span.words, span, before)

    def query(self, **more: Any) -> str:
        own: dict[str, Any] = {"period": self.code} if self.code else {"from": self.span.first, "to": self.span.last}
        return query(**{**own, **more})


def query(**given: Any) -> str:
    """What an address says; nothing is said of what is empty."""
    return urlencode({name: value for name, value in given.items() if value})


def listed(today: date) -> list[tuple[str, list[tuple[str, str]]]]:
    """What the page offers: months, quarters and years back from today."""
    month, quarter = today.replace(day=1), date(today.year, (today.month - 1) // QUARTER_MONTHS * QUARTER_MONTHS + 1, 1)
    months = [Period._named(one.year, one.month, 1, today) for one in _back(month, 1, LISTED_MONTHS)]
    quarters = [
        Period._named(one.year, one.month, QUARTER_MONTHS, today)
        for one in _back(quarter, QUARTER_MONTHS, LISTED_QUARTERS)
    ]
    years = [Period._named(today.year - back, 1, MONTHS, today) for back in range(LISTED_YEARS)]
    groups = (("月", months), ("季度", quarters), ("年", years))
    return [(name, [(one.code, one.title) for one in found]) for name, found in groups]


def months_until(last: date, number: int = MONTHS) -> list[Span]:
    """So many calendar months, the last being that of `last` and ending with it."""
    firsts = reversed(_back(last.replace(day=1), 1, number))
    return [Span(one, min(_shifted(one, 1) - DAY, last)) for one in firsts]


def _back(first: date, step: int, number: int) -> list[date]:
    return [_shifted(first, -step * index) for index in range(number)]


def _shifted(first: date, months: int) -> date:
    """The first of a month so many months later."""
    count = first.year * MONTHS + first.month - 1 + months
    return date(count // MONTHS, count % MONTHS + 1, 1)


def _years_back(day: date, *, end: bool = False) -> date:
    longest = monthrange(day.year - 1, day.month)[1]
    at_end = end and day.day == monthrange(day.year, day.month)[1]
    return date(day.year - 1, day.month, longest if at_end else min(day.day, longest))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZONE)


def _day(text: Any) -> date | None:
    try:
        found = date.fromisoformat(str(text)) if text else None
    except ValueError:
        return None
    return found if found and FIRST_YEAR <= found.year <= LAST_YEAR else None
