"""Recurring duties: one duty a week, month, quarter, half-year or year, each with its own count.

Every period has exactly one successor. It is opened when the period is met, missed or put off to another day,
so that a closed duty needs no clock. Holiday weeks are not exempt and periods do not make up for each other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from gongzhi.policy.clock_rules import ClockPack, DutyRule, Recurrence
from gongzhi.policy.duty_state import (
    EXCUSED,
    FULFILLED,
    FULFILLED_LATE,
    OPEN,
    OVERDUE,
    Changes,
    DutyRefused,
    DutyState,
    PolicyEvent,
    Transition,
)
from gongzhi.policy.openings import (
    NeedsFact,
    Reading,
    Switches,
    closed,
    dated_deadline,
    moment_of,
    needs_person,
    owners_of,
    reading_for,
    settled,
    subject_of,
    with_key,
    with_reminders,
    with_steps,
)
from gongzhi.policy.periods import (
    DAY,
    MONTHS_IN_YEAR,
    Deadline,
    add_months,
    day_of,
    deadline,
    end_of,
    in_china,
    last_day_before,
    start_of,
)
from gongzhi.policy.problems import PACK_FAULTS

_DAYS_IN_WEEK = 7
BY_DAY = "day"
_MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": MONTHS_IN_YEAR}


def bounds(unit: str, count: int, day: date) -> tuple[date, date]:
    """First and last day of the period that begins with the natural week (Monday), month, … of the day."""
    if unit == "week":
        first = day - DAY * day.weekday()
        return first, first + DAY * (_DAYS_IN_WEEK * count - 1)
    months = _MONTHS[unit]
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    return first, add_months(first, months * count)[0] - DAY


def period_title(unit: str, *, count: int, first: date, last: date) -> str:
    if count == 1 and unit == "month":
        return f"{first.year}年{first.month}月"
    if count == 1 and unit == "quarter":
        return f"{first.year}年第{(first.month - 1) // _MONTHS['quarter'] + 1}季度"
    if count == 1 and unit == "half_year":
        return f"{first.year}年{'上' if first.month == 1 else '下'}半年"
    if count == 1 and unit == "year":
        return f"{first.year}年"
    return f"{first.year}年{first.month}月{first.day}日至{last.month}月{last.day}日"


def first_recurrences(
    pack: ClockPack, rule: DutyRule, event: PolicyEvent, *, switches: Switches
) -> tuple[DutyState, ...]:
    """The period in which the standing duty begins. A period that has already begun is not reported as missed."""
    reading = reading_for(pack, event, switches)
    try:
        if not reading.holds(rule.where):
            return ()
        every = _every(rule)
        first, last = bounds(every.unit, every.count, day_of(event.at))
        seed = DutyState(
            rule=rule.name,
            pack=pack.slug,
            subject=subject_of(rule, event),
            title=rule.title,
            owner="",
            owner_from=rule.owner_field or "role",
            opened_at=in_china(event.at),
            counted_from=in_china(event.at),
            place=event.place,
            facts=dict(event.data),
        )
        partial = first < day_of(event.at) and not _runs_long_enough(reading, every, begun=event.at, last=last)
        return tuple(
            _recurrence(pack, rule, replace(seed, owner=owner), first, at=event.at, switches=switches, partial=partial)
            for owner in owners_of(rule, reading)
        )
    except NeedsFact as missing:
        return (needs_person(pack, rule, event, needs=missing.names),)
    except PACK_FAULTS as fault:  # a pack's fault must not block what happened from being recorded
        return (needs_person(pack, rule, event, fault=str(fault)),)


def _runs_long_enough(reading: Reading, every: Recurrence, *, begun: datetime, last: date) -> bool:
    """Is the first period owed although it began in its midst?"""
    if every.owed_after is None:
        return False
    start = start_of(day_of(begun))
    return deadline(start=start, period=reading.period(every.owed_after), calendar=reading.pack.calendar,
                    roll=False).last_day <= last  # fmt: skip


def next_recurrence(pack: ClockPack, duty: DutyState, *, at: datetime, switches: Switches = None) -> DutyState | None:
    """The period after the duty's; None where the pack has the rule, or what it asks for, no longer."""
    rule = pack.duty_rules.get(duty.rule)
    if rule is None or rule.every is None:
        return None
    first = date.fromisoformat(duty.marks["to"]) + DAY
    try:
        if not Reading(pack, duty.facts, first, switches).holds(rule.where):
            return None
        return _recurrence(pack, rule, duty, first, at=at, switches=switches)
    except PACK_FAULTS as fault:  # a pack's fault must not block the tick
        event = PolicyEvent("", duty.subject, at, duty.facts, duty.place)
        needs = fault.names if isinstance(fault, NeedsFact) else ()
        return needs_person(pack, rule, event, needs=needs, fault="" if needs else str(fault))


def by_first_day(pack: ClockPack, duty: DutyState, *, switches: Switches = None) -> DutyState | None:
    """A period that was opened ahead, by the rules and switches of its own first day; None where these ask for it no
    longer. What was counted in it already stays."""
    rule = pack.duty_rules.get(duty.rule)
    if rule is None or rule.every is None or duty.marks.get("partial") or "from" not in duty.marks:
        return duty
    first = date.fromisoformat(duty.marks["from"])
    try:
        if not Reading(pack, duty.facts, first, switches).holds(rule.where):
            return None
        again = _recurrence(pack, rule, duty, first, at=duty.opened_at, switches=switches)
    except PACK_FAULTS:
        return duty  # as it was opened: a fault was told then
    kept = {name: duty.marks[name] for name in ("count", "days") if duty.marks.get(name)}
    return again.marked(**kept) if kept else again


def count(
    pack: ClockPack, duty: DutyState, event: PolicyEvent, *, rule: DutyRule, switches: Switches
) -> tuple[DutyState, tuple[DutyState, ...]] | None:
    """The duty with the event counted, and the next period when this one is now met; None when it does not count."""
    found = _counted(pack, duty, event, every=_every(rule), switches=switches)
    if found is None:
        return None
    if not _enough(found) or (found.marks.get("max_gap") and found.state == OPEN):
        return settled(found), ()
    return _met(pack, found, at=in_china(event.at), switches=switches)


def recount(
    pack: ClockPack, duty: DutyState, standing: Iterable[PolicyEvent], *, at: datetime, switches: Switches = None
) -> DutyState | None:
    """The period counted again from the acts that still stand, once one of them is void: a duty that they meet no
    longer is open again. None where nothing changes, as for a duty that a person closed."""
    rule = pack.duty_rules.get(duty.rule)
    met = duty.state == FULFILLED and _enough(duty)
    if rule is None or rule.every is None or not duty.recurring or not (duty.unfinished or met):
        return None
    again = duty.marked(days=[], count=0)
    if duty.marks.get("max_gap"):
        again = _watching(again, int(duty.marks["max_gap"]), first=max(duty.counted_from, duty.opened_at).date())
    for event in standing:
        again = _counted(pack, again, event, every=rule.every, switches=switches) or again
    if met and _enough(again):
        return None
    if met:
        again = with_reminders(pack, replace(again, state=OPEN, done_at=None), rule.remind, since=at)
    return None if again == duty else settled(again)


def _enough(duty: DutyState) -> bool:
    return int(duty.marks["count"]) >= int(duty.marks["at_least"])


def falls_in(every: Recurrence, duty: DutyState, event: PolicyEvent) -> bool:
    """Whether an act is one of the duty's period: by its day, or by the days that it covers where the rule says so."""
    last = duty.last_day
    if last is None or "from" not in duty.marks:
        return False
    if every.covers is None:
        return bool(date.fromisoformat(duty.marks["from"]) <= day_of(event.at) <= last)
    since, until = (event.data.get(name) for name in every.covers)
    if not since or not until:
        return False
    first, end = (date.fromisoformat(duty.marks[name]) for name in ("from", "to"))
    return day_of(moment_of(since)) <= first and end <= day_of(moment_of(until))


def _counted(
    pack: ClockPack, duty: DutyState, event: PolicyEvent, *, every: Recurrence, switches: Switches
) -> DutyState | None:
    if not falls_in(every, duty, event):
        return None
    day = day_of(event.at)
    reading = reading_for(pack, event, switches)
    try:
        if not reading.holds(every.counts_where, owner=duty.owner):
            return None
    except NeedsFact:
        return None
    days = list(duty.marks["days"])
    again = day.isoformat() in days
    before = max(days, default=duty.marks.get("last_on"))
    if not again:
        days = sorted([*days, day.isoformat()])
    counted = int(duty.marks["count"]) + (0 if again and reading.value(every.distinct) == BY_DAY else 1)
    duty = duty.marked(days=days, count=counted)
    if duty.marks.get("max_gap") and (before is None or day.isoformat() > before):
        duty = _with_gap(duty, day)
    return duty


def end_of_period(
    pack: ClockPack, duty: DutyState, at: datetime, *, switches: Switches
) -> tuple[DutyState, tuple[Transition, ...]]:
    opened, duty = _successor(pack, duty, at=at, switches=switches)
    recurred = tuple(Transition("recurred", at, opened=one) for one in opened)
    enough = _enough(duty)
    if enough and not duty.marks.get("gaps"):
        return closed(duty, state=FULFILLED, at=at, gap_at=None), recurred
    if duty.marks.get("partial"):
        return closed(duty, state=EXCUSED, at=at, gap_at=None, reason="首期不足一个周期，不报缺"), recurred
    missing = () if enough else (Transition("period_missed", at, says=_short_by(duty)),)
    return settled(replace(duty.marked(gap_at=None), state=OVERDUE)), (*missing, *recurred)


def end_of_gap(duty: DutyState, at: datetime) -> tuple[DutyState, tuple[Transition, ...]]:
    """The longest allowed gap has passed; it is reported once, and the next gap is counted from the next act."""
    gaps = [*duty.marks.get("gaps", ()), last_day_before(at).isoformat()]
    says = f"超过{duty.marks['max_gap']}日没有记录"
    return settled(duty.marked(gap_at=None, gaps=gaps)), (Transition("period_missed", at, step="max_gap", says=says),)


def after_closed(
    pack: ClockPack, duty: DutyState, at: datetime, *, switches: Switches
) -> tuple[DutyState, tuple[Transition, ...]]:
    """A period that a person closed has come to its natural end: the next one opens."""
    opened, duty = _successor(pack, duty, at=at, switches=switches)
    return replace(duty, next_at=None), tuple(Transition("recurred", at, opened=one) for one in opened)


def reschedule(
    pack: ClockPack, duty: DutyState, *, to: date, reason: str, at: datetime, switches: Switches = None
) -> Changes:
    """The period may be met until another day (改期), the next one opens as usual. Raises DutyRefused."""
    if not duty.recurring or duty.state != OPEN:
        raise DutyRefused("只有还没有到期的周期任务可以改期")
    if to < day_of(at):
        raise DutyRefused(f"改期的日子 {to} 已经过去，请填今天或以后的日子")
    if not reason.strip():
        raise DutyRefused("请写明改期的理由")
    opened, duty = _successor(pack, duty, at=at, switches=switches)
    note = f"改期至{to.year}年{to.month}月{to.day}日：{reason.strip()}"
    duty = replace(
        duty.marked(rescheduled={"to": to.isoformat(), "reason": reason.strip(), "at": in_china(at).isoformat()}),
        due_at=end_of(to),
        last_day=to,
        explanation={**duty.explanation, "steps": [*duty.explanation.get("steps", ()), note]},
    )
    rule = pack.duty_rules.get(duty.rule)
    return Changes(opened, (settled(with_reminders(pack, duty, rule.remind if rule else (), since=at)),))


def rescheduled_to(rule: DutyRule, event: PolicyEvent) -> date:
    return day_of(moment_of(event.data[_every(rule).reschedule_field]))


def _every(rule: DutyRule) -> Recurrence:
    if rule.every is None:
        raise ValueError(f"{rule.name} 不是周期任务")
    return rule.every


def _met(
    pack: ClockPack, duty: DutyState, *, at: datetime, switches: Switches
) -> tuple[DutyState, tuple[DutyState, ...]]:
    opened, duty = _successor(pack, duty, at=at, switches=switches)
    late = duty.state == OVERDUE and duty.last_day is not None and day_of(at) > duty.last_day
    return closed(duty, state=FULFILLED_LATE if late else FULFILLED, at=at), opened


def _successor(
    pack: ClockPack, duty: DutyState, *, at: datetime, switches: Switches
) -> tuple[tuple[DutyState, ...], DutyState]:
    if duty.marks.get("next_opened"):
        return (), duty
    following = next_recurrence(pack, duty, at=at, switches=switches)
    return (() if following is None else (following,)), duty.marked(next_opened=True)


def _with_gap(duty: DutyState, day: date) -> DutyState:
    limit = end_of(day + DAY * int(duty.marks["max_gap"]))
    # A gap that runs past the period is watched by the next one, which knows the last day.
    told = last_day_before(limit).isoformat() in duty.marks.get("gaps", ())
    inside = duty.due_at is not None and limit < duty.due_at and not told
    return duty.marked(gap_at=limit.isoformat() if inside else None)


def _short_by(duty: DutyState) -> str:
    done, wanted = int(duty.marks["count"]), int(duty.marks["at_least"])
    return f"应至少{wanted}次，实有{done}次，缺{wanted - done}次"


def _recurrence(
    pack: ClockPack,
    rule: DutyRule,
    like: DutyState,
    day: date,
    *,
    at: datetime,
    switches: Switches,
    partial: bool = False,
) -> DutyState:
    """The duty of the period that holds `day`; `like` gives subject, owner, place and facts. Raises NeedsFact."""
    every = _every(rule)
    first, last = bounds(every.unit, every.count, day)
    reading = Reading(pack, like.facts, first, switches)
    at_least = reading.count(every.at_least)
    max_gap = _gap_days(reading, every)
    due, steps = _due(rule, reading, first=first, last=last)
    by_day = reading.value(every.distinct) == BY_DAY
    steps = [_steps_line(first, last, at_least, by_day=by_day), *steps]
    if every.covers is not None:
        steps.insert(1, "要把这一段时期全部包括在内，只包括一部分的不算；可以分几次，合起来连续")
    if partial:
        steps.append("本期从中途开始，不足一个周期，不报缺")
    marks: dict[str, Any] = {
        "unit": every.unit,
        "from": first.isoformat(),
        "to": last.isoformat(),
        "at_least": at_least,
        "count": 0,
        "days": [],
    }
    marks |= {"partial": True} if partial else {}
    before = _last_counted(like)
    marks |= {"last_on": before} if before else {}
    opened_at = in_china(at)
    duty = DutyState(
        rule=rule.name,
        pack=pack.slug,
        subject=like.subject,
        title=f"{rule.title}（{period_title(every.unit, count=every.count, first=first, last=last)}）",
        owner=like.owner,
        owner_from=like.owner_from,
        opened_at=opened_at,
        counted_from=start_of(first),
        place=like.place,
        due_at=due.due_at,
        original_due_at=due.due_at,
        last_day=due.last_day,
        provisional=due.provisional,
        clauses=tuple(dict.fromkeys((*rule.clauses, *reading.clauses))),
        strength=rule.strength,
        manual=rule.manual,
        until=every.counts_events,
        void_on=rule.void_on,
        moves_on=rule.moves_on,
        spare=rule.spare,
        period=f"{(last - first).days + 1}d",
        roll=False,
        ladder=rule.ladder,
        facts=dict(like.facts),
        marks=marks,
        explanation=reading.explanation(None, steps),
    )
    if max_gap:
        duty = _watching(duty, max_gap, first=max(first, day_of(opened_at)) if partial else first)
    duty = with_key(pack, with_steps(reading, rule, duty), switches=switches)
    return settled(with_reminders(pack, duty, rule.remind))


def _due(rule: DutyRule, reading: Reading, *, first: date, last: date) -> tuple[Deadline, list[str]]:
    """By a day within the period, by its end, or within a time after it; how that was counted."""
    if rule.on_day is not None:
        due = dated_deadline(rule, reading, since=first)
        return due, list(due.steps)
    if rule.within is None:
        steps = [f"{last.month}月{last.day}日24:00前完成，节假日不减免"]
        return Deadline(end_of(last), last, False, ()), steps
    due = deadline(start=start_of(last), period=reading.period(rule.within), calendar=reading.pack.calendar)
    return due, list(due.steps)


def _watching(duty: DutyState, max_gap: int, *, first: date) -> DutyState:
    """With the longest gap watched, from the last act of the periods before or from the first day."""
    before = duty.marks.get("last_on")
    since = date.fromisoformat(before) if before else first - DAY
    duty = duty.marked(max_gap=max_gap)
    # A gap that ended inside the period before was reported there.
    reported = end_of(since + DAY * max_gap) < duty.counted_from
    return duty if reported else _with_gap(duty, since)


def _last_counted(duty: DutyState) -> str | None:
    days: Sequence[str] = duty.marks.get("days") or ()
    return max(days) if days else duty.marks.get("last_on")


def _gap_days(reading: Reading, every: Recurrence) -> int | None:
    if every.max_gap is None:
        return None
    period = reading.period(every.max_gap)
    if period.unit != "d":
        raise ValueError(f"两次之间的最长间隔要写成日，现在是{period.text}")
    return period.count


def _steps_line(first: date, last: date, at_least: int, *, by_day: bool) -> str:
    distinct = "，同一天多次计1次" if by_day else ""
    return f"{first.year}年{first.month}月{first.day}日至{last.month}月{last.day}日至少{at_least}次{distinct}"
