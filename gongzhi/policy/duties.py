"""What events do to duties: they open, close, void, move, spare, suspend and count; and what people may do."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from gongzhi.policy.clock_rules import ClockPack
from gongzhi.policy.duty_state import (  # noqa: F401  (the face of the duties is this module)
    EXCUSED,
    FULFILLED,
    FULFILLED_LATE,
    NEEDS_PERSON,
    OPEN,
    OVERDUE,
    SILENT,
    STATE_NAMES,
    STATES,
    TASK,
    UNFINISHED,
    VOID,
    Changes,
    DutyRefused,
    DutyState,
    PolicyEvent,
    StepTaken,
    Transition,
)
from gongzhi.policy.periods import Period

Switches = Mapping[str, Any] | None


def duties_after(
    pack: ClockPack, event: PolicyEvent, open_duties: Sequence[DutyState], *, switches: Switches = None
) -> Changes:
    """What the event opens and changes. `open_duties`: the duties of the event's subject (and of the subjects
    that its data names) that are unfinished or still have a `next_at`. Never raises on a pack's or a fact's fault.
    """
    raise NotImplementedError


def advance(
    pack: ClockPack, duty: DutyState, now: datetime, *, switches: Switches = None, reached: int = -1
) -> tuple[DutyState, tuple[Transition, ...]]:
    """Everything that the clock does to the duty up to `now`; run twice it does nothing more."""
    raise NotImplementedError


def assign(
    *,
    pack: ClockPack,
    title: str,
    owner: str,
    due_on: date,
    subject: str,
    place: str,
    at: datetime,
    clauses: tuple[str, ...] = (),
    ladder: str = "",
    remind: tuple[str, ...] = ("1d",),
) -> DutyState:
    """A task given by hand, due at 24:00 of `due_on`; fulfilled by `fulfil`. Raises DutyRefused for a past day."""
    raise NotImplementedError


def fulfil(duty: DutyState, *, at: datetime, evidence: str = "") -> DutyState:
    """A person marks it done; late when `at` is past due."""
    raise NotImplementedError


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
    """With consent of the role `by`, at most as often as the rule says; `period` only where the rule names none."""
    raise NotImplementedError


def excuse(duty: DutyState, *, by: str, reason: str, at: datetime) -> DutyState:
    raise NotImplementedError


def suspend(pack: ClockPack, duty: DutyState, *, reason: str, at: datetime) -> DutyState:
    """The clock stops; the days left are kept."""
    raise NotImplementedError


def resume(pack: ClockPack, duty: DutyState, *, at: datetime) -> DutyState:
    """The clock runs on with the days that were left."""
    raise NotImplementedError


def reschedule(pack: ClockPack, duty: DutyState, *, to: date, reason: str, at: datetime) -> DutyState:
    """A recurring duty's period may be met until another day (改期); the next period opens as usual."""
    raise NotImplementedError
