"""Periods and the deadlines counted with them (Civil Code articles 200 to 204).

A day deadline lasts until 24:00 of its last day. It is kept as the next day's 00:00, exclusive:
an act is on time when `at < due_at`. A deadline in hours includes its very end (Civil Code 1259: 以内、届满包括本数):
it is kept as the end of its last minute, and people read that minute. All moments are aware; they are read in
China's one zone.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from fractions import Fraction
from math import ceil, floor

from gongzhi.policy.calendar import Calendar, day_label

# China has had one zone and no summer time since 1991; a fixed offset needs no zone database on the machine.
CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
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
        raise ValueError(f"期限“{plain}”无法识别，请写成 15d、3wd、24h、1m、2y，或 15日、3个工作日、24小时、1个月、2年")

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


def through_minute(moment: datetime) -> datetime:
    """The exclusive end of a limit that includes the moment: the end of its minute."""
    return moment.replace(second=0, microsecond=0) + MINUTE


def last_minute(due_at: datetime) -> datetime:
    """What people read of an exclusive limit: 24:00 stays, a limit in hours is the last minute that is in time."""
    due = in_china(due_at)
    if due.time() == time(0):
        return due
    return (due - timedelta(microseconds=1)).replace(second=0, microsecond=0)


def last_day_before(due_at: datetime) -> date:
    """The day on which a moment that is exclusive falls for people: 00:00 belongs to the day before."""
    return (in_china(due_at) - timedelta(microseconds=1)).date()


def add_months(day: date, months: int) -> tuple[date, bool]:
    """The corresponding day, or the month's end when it has none (Civil Code 202); True when it has one."""
    index = day.year * MONTHS_IN_YEAR + day.month - 1 + months
    year, month = divmod(index, MONTHS_IN_YEAR)
    length = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, length)), day.day <= length


def deadline(
    *,
    start: datetime,
    period: Period,
    calendar: Calendar,
    roll: bool = True,
    day_kind: str = "calendar",
    first_day: str = "excluded",
    word: str = "",
) -> Deadline:
    """Counts forward. `word` names the event in the steps («收到»当日不计).

    Days, months and years roll to the next work day when they end on a 法定休假日 and `roll` is on; hours run
    through rest days and never roll; work days need no rolling.
    """
    if first_day not in FIRST_DAYS:
        raise ValueError(f"首日的算法“{first_day}”无法识别，可用 excluded（不计）或 included（计入）")
    period = period.as_day_kind(day_kind)
    start = in_china(start)
    if period.unit == "h":
        return _hours(start, period)
    first = start.date()
    if period.unit == "wd":
        return _work_days(first, period, calendar, included=first_day == "included", word=word)
    return _days(first, period, calendar, roll=roll, included=first_day == "included", word=word)


def fixed_deadline(*, day: date, calendar: Calendar, roll: bool = False, note: str = "") -> Deadline:
    """A deadline on a day that was named; it moves only when `roll` is on."""
    return _closed(day, calendar, roll=roll, steps=[note or f"期限定在{day_label(day)}"], year=day.year)


def deadline_before(*, moment: datetime, period: Period, calendar: Calendar, day_kind: str = "calendar") -> Deadline:
    """Counts backward from an event that is to come («提前3日»): the day reached still counts, to 24:00.

    A day reached this way is never moved: moving it on would shorten what the other side was given.
    """
    period = period.as_day_kind(day_kind)
    moment = in_china(moment)
    if period.unit == "h":
        end = moment - timedelta(hours=period.count)
        steps = (f"从{_clock(moment, end.year)}往前推{period.text}，到{_clock(end)}", _to_the_minute(end))
        return Deadline(through_minute(end), end.date(), False, steps)
    held = moment.date()
    if period.unit == "wd":
        last = calendar.nth_work_day_before(held, period.count)
    elif period.unit == "d":
        last = held - DAY * period.count
    else:
        last, _ = add_months(held, -_months(period))
    moved = "" if calendar.is_work_day(last) else "，休息日不移动"
    steps = (
        f"{_label(held, last.year)}往前数{period.text}，到{_label(last, held.year)}{moved}",
        f"{_day_text(last)}24:00前为按期",
    )
    provisional = period.unit == "wd" and calendar.provisional(last, held)
    return Deadline(end_of(last), last, provisional, steps + _provisional_line(provisional, held))


def state_words(due_at: datetime, now: datetime, *, calendar: Calendar | None = None) -> str:
    """«还剩2日» «今日到期» «已超3日»; with a calendar an overdue is said in work days («逾期1个工作日»)."""
    last, today = last_day_before(due_at), day_of(now)
    if now < due_at:
        return "今日到期" if last == today else f"还剩{(last - today).days}日"
    if calendar is not None:
        late = calendar.work_days_between(last + DAY, today)
        return f"逾期{late}个工作日" if late else "逾期不足1个工作日"
    if last == today:
        hours = (now - due_at) // timedelta(hours=1)
        return f"已超{hours}小时" if hours else "已超不足1小时"
    return f"已超{(today - last).days}日"


def due_text(due_at: datetime) -> str:
    """2022年5月13日24:00; an hour deadline as its last minute, 2022年5月13日09:30."""
    last = last_minute(due_at)
    if last == in_china(due_at):
        return day_or_minute(last)
    return f"{last.year}年{last.month}月{last.day}日{last:%H:%M}"


def day_or_minute(moment: datetime) -> str:
    """A moment to the minute; midnight as 24:00 of the day before."""
    local = in_china(moment)
    if local.time() == time(0):
        last = local.date() - DAY
        return f"{last.year}年{last.month}月{last.day}日24:00"
    return f"{local.year}年{local.month}月{local.day}日{local:%H:%M}"


def parse_moment(text: str) -> datetime:
    """An aware ISO moment; 24:00 of a day is taken. Raises ValueError in Chinese."""
    plain = str(text).strip()
    midnight = re.sub(r"([T ])24:00(:00)?", r"\g<1>00:00", plain)
    try:
        moment = datetime.fromisoformat(midnight)
    except ValueError:
        raise ValueError(f"时间“{plain}”无法识别，请写成 2022-05-01T09:00+08:00") from None
    moment = in_china(moment)
    return moment + DAY if midnight != plain else moment


def moment_text(moment: datetime) -> str:
    """ISO to the minute; midnight as 24:00 of the day before, as deadlines are read."""
    local = in_china(moment)
    if local.time() == time(0):
        return f"{local.date() - DAY}T24:00+08:00"
    return local.isoformat(timespec="minutes")


def due_moment(due_at: datetime) -> str:
    """An exclusive limit as ISO text, as people read it: 24:00 of a day, or the last minute of hours."""
    last = last_minute(due_at)
    return moment_text(last) if last == in_china(due_at) else last.isoformat(timespec="minutes")


def _hours(start: datetime, period: Period) -> Deadline:
    end = start + timedelta(hours=period.count)
    steps = (
        f"从{_clock(start, end.year)}起连续计{period.text}（休息日照计），到{_clock(end, start.year)}",
        _to_the_minute(end),
    )
    return Deadline(through_minute(end) if period.count else end, end.date(), False, steps)


def _to_the_minute(end: datetime) -> str:
    return f"{_clock(end)}（含）前为按期"


def _work_days(first: date, period: Period, calendar: Calendar, *, included: bool, word: str) -> Deadline:
    before = first - DAY if included else first
    last = calendar.nth_work_day_after(before, period.count)
    steps = [_first_line(first, included=included, word=word, day=None)]
    if period.count and period.count <= _LISTED_WORK_DAYS:
        days = [day for day in _span(before + DAY, last) if calendar.is_work_day(day)]
        adjusted = [day for day in days if calendar.is_adjusted_work_day(day)]
        extra = f"（{_join_days(adjusted)}调休上班）" if adjusted else ""
        steps.append(f"{_join_days(days)}{extra}，共{period.text}")
    else:
        steps.append(f"数{period.text}，到{_label(last, first.year)}")
    steps.append(f"{_day_text(last)}24:00前为按期")
    provisional = calendar.provisional(before + DAY, last) if period.count else False
    return Deadline(end_of(last), last, provisional, tuple(steps) + _provisional_line(provisional, last))


def _days(first: date, period: Period, calendar: Calendar, *, roll: bool, included: bool, word: str) -> Deadline:
    if period.unit == "d":
        days = max(period.count - 1, 0) if included else period.count
        last, exact = first + DAY * days, True
    else:
        last, exact = add_months(first, _months(period))
        # The corresponding day is the last one; where the first day counts, the period ends a day earlier.
        last -= DAY if included and exact else DAY * 0
    day = first if included else first + DAY
    month_end = "" if exact else f"（该月没有{first.day}日，取月末）"
    steps = [
        _first_line(first, included=included, word=word, day=day if period.count else None),
        f"加{period.text}，到{_label(last, first.year)}{month_end}",
    ]
    return _closed(last, calendar, roll=roll, steps=steps, year=first.year)


def _closed(last: date, calendar: Calendar, *, roll: bool, steps: list[str], year: int) -> Deadline:
    final = calendar.work_day_on_or_after(last) if roll else last
    if final != last:
        steps.append(f"{_why_rest(last, calendar)}，顺延到下一个工作日{_label(final, year)}")
    elif not roll and calendar.is_rest_day(last):
        steps.append(f"{_why_rest(last, calendar)}，按规定不顺延")
    steps.append(f"{_day_text(final)}24:00前为按期")
    provisional = roll and calendar.provisional(last, final)
    return Deadline(end_of(final), final, provisional, tuple(steps) + _provisional_line(provisional, final))


_LISTED_WORK_DAYS = 12


def _months(period: Period) -> int:
    return period.count * (MONTHS_IN_YEAR if period.unit == "y" else 1)


def _span(first: date, last: date) -> list[date]:
    return [first + DAY * offset for offset in range((last - first).days + 1)]


def _day_text(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _label(day: date, year: int) -> str:
    return day_label(day, with_year=day.year != year)


def _clock(moment: datetime, year: int | None = None) -> str:
    head = f"{moment.year}年" if year not in (None, moment.year) else ""
    return f"{head}{_day_text(moment.date())}{moment:%H:%M}"


def _join_days(days: list[date]) -> str:
    """9月30日，10月8、9日"""
    months: dict[tuple[int, int], list[str]] = {}
    for day in days:
        months.setdefault((day.year, day.month), []).append(str(day.day))
    return "，".join(f"{month}月{'、'.join(names)}日" for (_, month), names in months.items())


def _first_line(first: date, *, included: bool, word: str, day: date | None) -> str:
    if included:
        return f"{day_label(first)}{word}当日计入"
    tail = f"，从{_day_text(day)}数起" if day else ""
    return f"{day_label(first)}{word}当日不计{tail}"


def _why_rest(day: date, calendar: Calendar) -> str:
    holiday = calendar.holiday_of(day)
    if holiday is None:
        return f"{day_label(day)}是休息日"
    if holiday.first == holiday.last:
        return f"{_day_text(day)}{holiday.name}放假"
    same_month = (holiday.first.year, holiday.first.month) == (holiday.last.year, holiday.last.month)
    last = f"{holiday.last.day}日" if same_month else _day_text(holiday.last)
    return f"{_day_text(holiday.first)}至{last}{holiday.name}放假"


def _provisional_line(provisional: bool, day: date) -> tuple[str, ...]:
    return (f"{day.year}年的放假安排尚未录入，按普通周末暂算，公布后可能变动",) if provisional else ()
