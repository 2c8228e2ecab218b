"""A duty and its history as plain values, JSON-able both ways. Nothing here decides."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from typing import Any

from gongzhi.policy.periods import CHINA, in_china

OPEN, FULFILLED, FULFILLED_LATE, OVERDUE = "open", "fulfilled", "fulfilled_late", "overdue"
EXCUSED, VOID, SILENT = "excused", "void", "silent"
STATES = (OPEN, FULFILLED, FULFILLED_LATE, OVERDUE, EXCUSED, VOID, SILENT)
UNFINISHED = (OPEN, OVERDUE)
STATE_NAMES = {
    OPEN: "待办",
    FULFILLED: "按期办结",
    FULFILLED_LATE: "逾期办结",
    OVERDUE: "已逾期",
    EXCUSED: "已免责",
    VOID: "已作废",
    SILENT: "视为同意",
}

NEEDS_PERSON = "needs_person"
"""The rule name of a duty that a person must settle, because a fact the pack asks for was not given."""

TASK = "task"
"""The rule name of a duty given by hand."""


@dataclass(frozen=True, slots=True)
class PolicyEvent:
    """Something that happened. `subject` is a reference key such as `case:12`; `at` an aware moment."""

    kind: str
    subject: str
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    place: str = ""


@dataclass(frozen=True, slots=True)
class StepTaken:
    """A step of the ladder that was reached: its index, when, the paper it issues and the time given again."""

    index: int
    step: str
    at: datetime
    instrument: str = ""
    new_due: datetime | None = None
    suggests: str = ""


@dataclass(frozen=True, slots=True)
class DutyState:
    """One duty. `due_at` is exclusive (24:00 of `last_day`); the ladder never moves it, an extension does.

    `grace_until` is the limit that the last ladder step gave (exclusive). `next_at` is the next moment at which
    something happens by itself and None when nothing will. A period closed by hand keeps it until its end, when the
    next period opens; all other closed duties have none. `reached` of `advance` asks for
    the highest `step` among other duties with the same `ladder_key`.
    """

    rule: str
    pack: str
    subject: str
    title: str
    owner: str
    opened_at: datetime
    counted_from: datetime
    id: int | None = None
    place: str = ""
    owner_from: str = "role"
    due_at: datetime | None = None
    original_due_at: datetime | None = None
    last_day: date | None = None
    provisional: bool = False
    state: str = OPEN
    done_at: datetime | None = None
    clauses: tuple[str, ...] = ()
    strength: str = "must"
    manual: str = ""
    until: tuple[str, ...] = ()
    void_on: tuple[str, ...] = ()
    moves_on: tuple[str, ...] = ()
    spare: tuple[str, ...] = ()
    period: str = ""
    """The period as counted, `15d`; empty for a fixed day."""
    roll: bool = True
    ladder: str = ""
    ladder_key: str = ""
    step: int = -1
    steps: tuple[StepTaken, ...] = ()
    grace_until: datetime | None = None
    reminders: tuple[datetime, ...] = ()
    """Reminders still to come, in order."""
    next_at: datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    """The data of the event that opened the duty."""
    marks: Mapping[str, Any] = field(default_factory=dict)
    """JSON-safe notes: count and days of a recurring duty, extensions, suspension, spared, jump, needs, …"""
    explanation: Mapping[str, Any] = field(default_factory=dict)
    """JSON-safe: event, steps, clauses, figures, switches, defaults."""

    @property
    def unfinished(self) -> bool:
        return self.state in UNFINISHED

    @property
    def step_name(self) -> str:
        """The last ladder step reached; empty before the first."""
        return self.steps[-1].step if self.steps else ""

    @property
    def instrument(self) -> str:
        """The paper that the last ladder step issues."""
        return self.steps[-1].instrument if self.steps else ""

    @property
    def recurring(self) -> bool:
        return "from" in self.marks

    @property
    def suspended(self) -> bool:
        return "suspended_at" in self.marks

    def marked(self, **marks: Any) -> "DutyState":
        """With these marks set; None takes a mark away."""
        kept = {name: value for name, value in {**self.marks, **marks}.items() if value is not None}
        return replace(self, marks=kept)

    def to_json(self, *, without: tuple[str, ...] = ()) -> dict[str, Any]:
        return {one.name: _plain(getattr(self, one.name)) for one in fields(self) if one.name not in without}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "DutyState":
        read: dict[str, Any] = {}
        for one in fields(cls):
            if one.name not in data:
                continue
            value = data[one.name]
            if one.name in _MOMENTS:
                value = _moment(value)
            elif one.name == "last_day":
                value = date.fromisoformat(value) if isinstance(value, str) else value
            elif one.name == "reminders":
                value = tuple(_moment(moment) for moment in value)
            elif one.name == "steps":
                value = tuple(_step(step) for step in value)
            elif isinstance(value, list):
                value = tuple(value)
            read[one.name] = value
        return cls(**read)


_MOMENTS = ("opened_at", "counted_from", "due_at", "original_due_at", "done_at", "grace_until", "next_at")


@dataclass(frozen=True, slots=True)
class Transition:
    """What the clock did by itself, and at which moment it was due (not when the tick ran).

    kind: reminded overdue climbed silence recurred period_missed. For `climbed`: `index`, `step`, `instrument`,
    `new_due` and `suggests`. For `silence`: `records`, the event to record. For `recurred`: `opened`.
    """

    kind: str
    at: datetime
    step: str = ""
    instrument: str = ""
    opened: DutyState | None = None
    index: int = -1
    new_due: datetime | None = None
    suggests: str = ""
    records: str = ""
    says: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """What an event does to duties. `opened` have no id.

    `transitions` are what the clock did to a duty up to the event's moment before the event itself was looked
    at (no tick had come by in time); each belongs to the duty of the same rule and subject in `changed`.
    """

    opened: tuple[DutyState, ...] = ()
    changed: tuple[DutyState, ...] = ()
    transitions: tuple[tuple[DutyState, Transition], ...] = ()


class DutyRefused(ValueError):
    """An act on a duty that its rule does not allow; the message is Chinese and says what to do."""


def _plain(value: Any) -> Any:
    if value is None or type(value) in _AS_IT_IS:
        return value
    if isinstance(value, datetime):
        return in_china(value).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, StepTaken):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return value if isinstance(value, str | int) else str(value)


_AS_IT_IS = frozenset({str, int, bool})


def _moment(value: Any) -> datetime | None:
    if value is None:
        return None
    return in_china(value if isinstance(value, datetime) else datetime.fromisoformat(value)).astimezone(CHINA)


def _step(data: Any) -> StepTaken:
    if isinstance(data, StepTaken):
        return data
    moments = {name: _moment(data.get(name)) for name in ("at", "new_due")}
    return StepTaken(**{**data, **moments})
