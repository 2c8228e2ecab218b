"""What people may do with a duty: give one by hand, mark it done, extend, excuse, suspend and resume it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from gongzhi.policy.clock_rules import ClockPack, Spec
from gongzhi.policy.duty_state import (
    EXCUSED,
    FULFILLED,
    FULFILLED_LATE,
    OPEN,
    TASK,
    DutyRefused,
    DutyState,
)
from gongzhi.policy.openings import Reading, Switches, closed, settled, with_key, with_reminders
from gongzhi.policy.periods import (
    DAY,
    Deadline,
    Period,
    day_of,
    deadline,
    due_text,
    end_of,
    fixed_deadline,
    in_china,
    last_day_before,
    last_minute,
    through_minute,
)


def assign(
    *,
    pack: ClockPack,
    title: str,
    owner: str,
    due_on: date,
    subject: str,
    place: str,
    at: datetime,
    clauses: Iterable[str] = (),
    ladder: str = "",
    remind: Iterable[Spec] = ("1d",),
    switches: Switches = None,
) -> DutyState:
    """A task given by hand, due at 24:00 of `due_on`, which is not moved; fulfilled by `fulfil`. Raises DutyRefused."""
    at = in_china(at)
    if not title.strip():
        raise DutyRefused("请写明交办什么事")
    if due_on < at.date():
        raise DutyRefused(f"期限 {due_on} 已经过去，请填今天或以后的日子")
    if ladder and ladder not in pack.ladders:
        raise DutyRefused(f"规则包里没有梯次“{ladder}”，可用 {'、'.join(pack.ladders) or '（无）'}")
    due = fixed_deadline(day=due_on, calendar=pack.calendar)
    days = (due_on - at.date()).days
    duty = DutyState(
        rule=TASK,
        pack=pack.slug,
        subject=subject,
        title=title.strip(),
        owner=owner,
        owner_from="hand",
        opened_at=at,
        counted_from=at,
        place=place,
        due_at=due.due_at,
        original_due_at=due.due_at,
        last_day=due.last_day,
        clauses=tuple(clauses),
        manual=TASK,
        period=str(Period(days, "d")),
        ladder=ladder,
        explanation={**Reading(pack, {}, at.date()).explanation(None, due.steps), "clauses": list(clauses)},
    )
    return settled(with_key(pack, with_reminders(pack, duty, remind), switches=switches))


def fulfil(duty: DutyState, *, at: datetime, evidence: str = "") -> DutyState:
    """Done; late when `at` is at or past the deadline. What the ladder did stays on record, and it stops."""
    _unfinished(duty, "办结")
    late = duty.due_at is not None and in_china(at) >= duty.due_at
    marks = {"evidence": evidence} if evidence else {}
    state = FULFILLED_LATE if late else FULFILLED
    return _chained(closed(duty, state=state, at=at, suspended_at=None, left=None, **marks))


def extend(
    pack: ClockPack,
    duty: DutyState,
    *,
    by: str,
    reason: str,
    at: datetime,
    period: Period | None = None,
    switches: Switches = None,
) -> DutyState:
    """With the consent of the role `by`, as often as the rule says, by the figure it names.

    `period` counts only where the rule names no figure. Raises DutyRefused.
    """
    _unfinished(duty, "延期")
    rule = pack.duty_rules.get(duty.rule)
    extension = rule.extension if rule else None
    if extension is None or duty.due_at is None or duty.recurring:
        raise DutyRefused(f"“{duty.title}”的规定里没有延期，不能延期")
    if extension.by and by not in extension.by:
        allowed = "、".join(pack.role_name(role) for role in extension.by)
        raise DutyRefused(f"延期要由{allowed}同意，{pack.role_name(by)}不能批准")
    if not reason.strip():
        raise DutyRefused("请写明延期的理由")
    if duty.state != OPEN or in_china(at) >= duty.due_at:
        raise DutyRefused(f"“{duty.title}”已于{due_text(duty.due_at)}到期，到期后不能延期")
    if duty.suspended:
        raise DutyRefused(f"“{duty.title}”正在中止计时，请先恢复再延期")
    reading = Reading(pack, duty.facts, day_of(duty.opened_at), switches)
    granted: list[dict[str, Any]] = list(duty.marks.get("extensions", ()))
    if len(granted) >= reading.count(extension.at_most):
        raise DutyRefused(f"“{duty.title}”最多延期{reading.count(extension.at_most)}次，已经用完")
    if extension.period is not None:
        period = reading.period(extension.period)
    if period is None or period.count == 0:
        raise DutyRefused("请写明延长多久，例如 5d")
    due = _longer(pack, duty, period)
    entry = {"by": by, "reason": reason.strip(), "at": in_china(at).isoformat()}
    granted.append({**entry, "period": str(period), "last_day": due.last_day.isoformat()})
    note = f"经{pack.role_name(by)}同意延长{period.text}，到{due_text(due.due_at)}"
    return _until(
        pack, duty.marked(extensions=granted), due, note, at=at, clauses=(*extension.clauses, *reading.clauses)
    )


def excuse(duty: DutyState, *, by: str, reason: str, at: datetime) -> DutyState:
    """Nobody owes it any more, with a reason. Raises DutyRefused."""
    _unfinished(duty, "免责")
    if not reason.strip():
        raise DutyRefused("请写明免责的理由")
    return _chained(closed(duty, state=EXCUSED, at=at, excused={"by": by, "reason": reason.strip()}))


def suspend(pack: ClockPack, duty: DutyState, *, reason: str, at: datetime) -> DutyState:
    """The clock stops and the time left is kept: whole days or work days, hours to the second. Raises DutyRefused."""
    _unfinished(duty, "中止计时")
    if duty.suspended:
        raise DutyRefused(f"“{duty.title}”已经中止计时")
    if duty.state != OPEN or duty.due_at is None or duty.last_day is None or in_china(at) >= duty.due_at:
        raise DutyRefused(f"“{duty.title}”没有在走的期限，不能中止计时")
    if not reason.strip():
        raise DutyRefused("请写明中止计时的理由")
    today = day_of(at)
    if _unit(duty) == "h":
        left = int((last_minute(duty.due_at) - in_china(at)).total_seconds())
    elif _unit(duty) == "wd":
        left = pack.calendar.work_days_between(today + DAY, duty.last_day)
    else:
        left = (duty.last_day - today).days
    return settled(duty.marked(suspended_at=in_china(at).isoformat(), left=left, suspended_for=reason.strip()))


def resume(pack: ClockPack, duty: DutyState, *, at: datetime) -> DutyState:
    """The clock runs on with what was left; the day of resuming is not counted. Raises DutyRefused."""
    if not duty.suspended:
        raise DutyRefused(f"“{duty.title}”没有中止计时，不用恢复")
    at = in_china(at)
    if at.isoformat() < str(duty.marks["suspended_at"]):
        raise DutyRefused("恢复的时间早于中止的时间，请检查")
    left = int(duty.marks["left"])
    unit = _unit(duty)
    if unit == "h":
        end = at + timedelta(seconds=left)
        due = Deadline(through_minute(end), end.date(), False, ())
    else:
        due = _counted(pack, at.date(), Period(left, "wd" if unit == "wd" else "d"), duty)
    left_text = f"{left // 3600}小时" if unit == "h" else Period(left, "wd" if unit == "wd" else "d").text
    since = day_of(datetime.fromisoformat(str(duty.marks["suspended_at"])))
    note = (
        f"{since.month}月{since.day}日起中止计时，{at.month}月{at.day}日恢复，剩余{left_text}，到{due_text(due.due_at)}"
    )
    duty = _steps_later(pack, duty, since=since, at=at)
    duty = duty.marked(suspended_at=None, left=None, suspended_for=None)
    return _until(pack, duty, due, note, at=at)


def _steps_later(pack: ClockPack, duty: DutyState, *, since: date, at: datetime) -> DutyState:
    """The steps of the ladder still to come by moments of their own move on by what the suspension took."""
    moments = duty.marks.get("steps_at")
    if not moments:
        return duty
    moved: list[dict[str, Any]] = []
    for one in moments:
        moment = datetime.fromisoformat(one["at"])
        if one["index"] > duty.step:
            if _unit(duty) == "h":
                moment += at - datetime.fromisoformat(str(duty.marks["suspended_at"]))
            elif _unit(duty) == "wd":
                left = pack.calendar.work_days_between(since + DAY, last_day_before(moment))
                moment += DAY * (pack.calendar.nth_work_day_after(at.date(), left) - last_day_before(moment)).days
            else:
                moment += DAY * (at.date() - since).days
        moved.append({**one, "at": moment.isoformat()})
    return duty.marked(steps_at=moved)


def _chained(duty: DutyState) -> DutyState:
    """A period closed by hand wakes once more at its natural end, to open the next one."""
    if not duty.recurring or duty.marks.get("next_opened"):
        return duty
    return replace(duty, next_at=end_of(date.fromisoformat(str(duty.marks["to"]))))


def _unfinished(duty: DutyState, what: str) -> None:
    if not duty.unfinished:
        raise DutyRefused(f"“{duty.title}”已经结束，不能{what}")


def _unit(duty: DutyState) -> str:
    return Period.parse(duty.period).unit if duty.period else "d"


def _counted(pack: ClockPack, day: date, period: Period, duty: DutyState) -> Deadline:
    return deadline(start=end_of(day) - DAY, period=period, calendar=pack.calendar, roll=duty.roll)


def _longer(pack: ClockPack, duty: DutyState, period: Period) -> Deadline:
    if duty.due_at is None or duty.last_day is None:
        raise DutyRefused(f"“{duty.title}”没有期限，不用延期")
    if period.unit == "h":
        return deadline(start=last_minute(duty.due_at), period=period, calendar=pack.calendar)
    return _counted(pack, duty.last_day, period, duty)


def _until(
    pack: ClockPack, duty: DutyState, due: Deadline, note: str, *, at: datetime, clauses: Iterable[str] = ()
) -> DutyState:
    rule = pack.duty_rules.get(duty.rule)
    steps = [*duty.explanation.get("steps", ()), note, *due.steps[2:-1]]
    duty = replace(
        duty,
        due_at=due.due_at,
        last_day=due.last_day,
        provisional=due.provisional,
        clauses=tuple(dict.fromkeys((*duty.clauses, *clauses))),
        explanation={**duty.explanation, "steps": steps},
    )
    remind = rule.remind if rule else ("1d",) if duty.rule == TASK else ()
    return settled(with_reminders(pack, duty, remind, since=at))
