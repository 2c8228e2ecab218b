"""Counts a provisional deadline again, from the event that opened the duty, once the year's work days are known."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time
from typing import Any

from gongzhi.duties.models import LOCAL, Duty
from gongzhi.duties.store import state_of
from gongzhi.policy import Pack, Period
from gongzhi.policy.duties import OPEN, DutyState, PolicyEvent, duties_after
from gongzhi.policy.openings import settled, with_reminders
from gongzhi.policy.periods import deadline


def recounted(duty: Duty, pack: Pack, *, at: datetime, switches: Mapping[str, Any]) -> DutyState:
    """The state with its deadline by today's calendar; unchanged where the duty is overdue, suspended or periodic."""
    state = state_of(duty)
    event = duty.opened_by
    if event is None or state.state != OPEN or state.suspended or state.recurring:
        return state
    again = duties_after(
        pack,
        PolicyEvent(
            kind=event.kind,
            subject=event.subject.key,
            at=event.at.astimezone(LOCAL),
            data=event.data,
            place=event.place_path,
        ),
        [],
        switches=switches,
    )
    fresh = next((one for one in again.opened if one.rule == state.rule and one.subject == state.subject), None)
    if fresh is None:
        return state
    fresh = _with_extensions(fresh, pack, state.marks.get("extensions", ()))
    moved = replace(
        state,
        due_at=fresh.due_at,
        original_due_at=fresh.original_due_at,
        last_day=fresh.last_day,
        provisional=fresh.provisional,
        explanation=fresh.explanation,
    )
    rule = pack.duty_rules.get(state.rule)
    coming = with_reminders(pack, moved, rule.remind if rule else ())
    return settled(replace(coming, reminders=tuple(one for one in coming.reminders if one > at)))


def _with_extensions(state: DutyState, pack: Pack, granted: Any) -> DutyState:
    """The extensions given stay given: each counts on from where the one before it ended."""
    for grant in granted:
        if state.last_day is None:
            break
        due = deadline(
            start=datetime.combine(state.last_day, time(), tzinfo=LOCAL),
            period=Period.parse(str(grant["period"])),
            calendar=pack.calendar,
            roll=state.roll,
        )
        steps = [*state.explanation.get("steps", ()), *due.steps]
        state = replace(
            state,
            due_at=due.due_at,
            last_day=due.last_day,
            provisional=due.provisional,
            explanation={**state.explanation, "steps": steps},
        )
    return state
