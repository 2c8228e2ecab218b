"""What the clock does by itself: reminders, coming due, silence, the ladder, the end of a period.

Every transition carries the moment at which it was due, so that a late tick finds what timely ones would have found.
"""

from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from typing import Any

from gongzhi.policy.clock_rules import ClockPack, Ladder, LadderStep
from gongzhi.policy.duty_state import OPEN, OVERDUE, SILENT, DutyState, StepTaken, Transition
from gongzhi.policy.openings import Reading, Switches, closed, settled, step_coming
from gongzhi.policy.periods import Period, day_of, deadline, in_china, last_day_before, last_minute
from gongzhi.policy.problems import PACK_FAULTS
from gongzhi.policy.recurrence import after_closed, end_of_gap, end_of_period

_PROPORTIONAL = ("d", "wd", "h")


def advance(
    pack: ClockPack, duty: DutyState, now: datetime, *, switches: Switches = None, reached: int = -1
) -> tuple[DutyState, tuple[Transition, ...]]:
    """Everything that the clock does to the duty up to `now`, `now` included; run twice it does nothing more.

    `reached`: the highest ladder step among other duties with the same `ladder_key`.
    """
    done: list[Transition] = []
    while duty.next_at is not None and duty.next_at <= now:
        duty, transitions = _once(pack, duty, switches=switches, reached=reached)
        done += transitions
    return duty, tuple(done)


def climb(
    pack: ClockPack,
    duty: DutyState,
    *,
    at: datetime,
    switches: Switches = None,
    reached: int = -1,
    to: str = "",
) -> tuple[DutyState, tuple[Transition, ...]]:
    """The next step of the ladder, or the step `to`; nothing where the pack has no such ladder or it has ended."""
    ladder = pack.ladders.get(duty.ladder)
    index = _next_index(ladder, duty, reached, to) if ladder else None
    if ladder is None or index is None:
        return settled(replace(duty, grace_until=None)), ()
    step = ladder.steps[index]
    at = in_china(at)
    goes_on = index < len(ladder.steps) - 1 or ladder.repeat_last
    timed = step_coming(duty, index + 1)
    new_due: datetime | None
    if duty.state == OPEN:  # a step before the deadline gives no time again
        new_due, fault = duty.due_at, ""
    elif timed is not None:
        new_due, fault = max(timed, at), ""
    else:
        new_due, fault = _grace(pack, ladder, duty, at, step=step, switches=switches) if goes_on else (None, "")
    taken = StepTaken(index, step.step, at, step.instrument, new_due, step.suggests)
    duty = duty.marked(jump=None, spared=None, **({"fault": fault} if fault else {}))
    duty = settled(replace(duty, step=index, steps=(*duty.steps, taken), grace_until=new_due))
    return duty, (
        Transition(
            "climbed",
            at,
            step=step.step,
            instrument=step.instrument,
            index=index,
            new_due=new_due,
            suggests=step.suggests,
        ),
    )


def _once(
    pack: ClockPack, duty: DutyState, *, switches: Switches, reached: int
) -> tuple[DutyState, tuple[Transition, ...]]:
    at = duty.next_at
    assert at is not None  # noqa: S101  (the loop above asks)
    if not duty.unfinished:
        return after_closed(pack, duty, at, switches=switches)
    if duty.state == OPEN and duty.reminders and duty.reminders[0] == at:
        return settled(replace(duty, reminders=duty.reminders[1:])), (Transition("reminded", at),)
    if duty.state == OPEN and duty.due_at == at:
        return come_due(pack, duty, at, switches=switches, reached=reached)
    if duty.state == OPEN and step_coming(duty) == at:
        return _climb_early(pack, duty, at, switches=switches)
    if duty.state == OPEN:
        return end_of_gap(duty, at)
    return _climb_unless_spared(pack, duty, at, switches=switches, reached=reached)


def come_due(
    pack: ClockPack, duty: DutyState, at: datetime, *, switches: Switches, reached: int = -1
) -> tuple[DutyState, tuple[Transition, ...]]:
    """What the end of its time does to an open duty: overdue with the first step of its ladder, silence, met."""
    rule = pack.duty_rules.get(duty.rule)
    if duty.recurring:
        duty, transitions = end_of_period(pack, duty, at, switches=switches)
        if duty.state != OVERDUE:
            return duty, transitions
    elif rule is not None and rule.silence is not None:
        quiet = Transition("silence", at, records=rule.silence.records, says=rule.silence.says)
        return closed(duty, state=SILENT, at=at), (quiet,)
    else:
        duty, transitions = settled(replace(duty, state=OVERDUE)), (Transition("overdue", at),)
    if not duty.ladder:
        return duty, transitions
    duty, climbed = _climb_unless_spared(pack, duty, at, switches=switches, reached=reached)
    return duty, (*transitions, *climbed)


def _climb_unless_spared(
    pack: ClockPack, duty: DutyState, at: datetime, *, switches: Switches, reached: int
) -> tuple[DutyState, tuple[Transition, ...]]:
    jump = str(duty.marks.get("jump") or "")
    if duty.marks.get("spared") and not jump:
        return settled(replace(duty, grace_until=None)), ()
    coming = step_coming(duty)
    if coming is not None and coming > at and not jump:
        return settled(replace(duty, grace_until=coming)), ()
    return climb(pack, duty, at=at, switches=switches, reached=reached, to=jump)


def _climb_early(
    pack: ClockPack, duty: DutyState, at: datetime, *, switches: Switches
) -> tuple[DutyState, tuple[Transition, ...]]:
    """A step that comes by a moment of its own before the deadline; what spares the ladder passes it over."""
    index = duty.step + 1
    if duty.marks.get("spared"):
        return settled(replace(duty, step=index)), ()
    step = pack.ladders[duty.ladder].steps[index]
    duty, transitions = climb(pack, duty, at=at, switches=switches, to=step.step)
    return settled(replace(duty, grace_until=None)), transitions


def _next_index(ladder: Ladder, duty: DutyState, reached: int, to: str) -> int | None:
    last = len(ladder.steps) - 1
    if to:
        return max(ladder.index(to), duty.step)
    if duty.step >= last:
        return last if ladder.repeat_last else None
    return min(max(duty.step, reached) + 1, last)


def _grace(
    pack: ClockPack, ladder: Ladder, duty: DutyState, at: datetime, *, step: LadderStep, switches: Switches
) -> tuple[datetime | None, str]:
    """The limit of the time given again by the step or by its ladder, or why none could be counted."""
    grace = step.grace or ladder.grace
    if grace is None:
        return None, ""
    reading = Reading(pack, duty.facts, day_of(duty.opened_at), switches)
    try:
        if grace.period is not None:
            period = reading.period(grace.period)
        else:
            period = _original(duty).share(Fraction(reading.value(grace.share)), rounding=grace.rounding)
    except PACK_FAULTS as fault:  # the step itself stands; a person sets the time given again
        return None, f"梯次“{ladder.name}”的再给期限不能确定：{fault}"
    # A limit of nothing would climb without end at one moment.
    period = Period(max(period.count, 1), period.unit)
    start = last_minute(at) if at in (duty.due_at, duty.grace_until) else at
    return deadline(start=start, period=period, calendar=pack.calendar, roll=duty.roll).due_at, ""


def _original(duty: DutyState) -> Period:
    """The period as first given; months, years and fixed days as the days they came to."""
    period = Period.parse(duty.period) if duty.period else None
    if period is not None and period.unit in _PROPORTIONAL:
        return period
    first_due: Any = duty.original_due_at or duty.due_at
    return Period(max((last_day_before(first_due) - day_of(duty.counted_from)).days, 1), "d")
