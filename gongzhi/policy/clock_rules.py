"""What a pack says about clocks, as frozen values, and the little that the clocks ask of a pack.

`DutyRule.from_data`, `Ladder.from_data` and `WindowRule.from_data` read mappings that the schema has already
accepted (scalars may still be text). Conditions and period specs stay as written; the pack reads them:
`pack.holds(condition, data, …)` and `pack.resolve(spec, data, …)`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from gongzhi.policy.calendar import Calendar

Spec = Any
"""`{figure: f}`, `{switch: s}`, `{field: f}` or a plain scalar as text."""

Condition = Mapping[str, Any]

NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Resolved:
    """A value that a pack gave, with all that it rests on; `needs` names the facts that were not given.

    `figures` and `switches` are JSON-safe values as `Answer.to_json` shows them; `defaults` are Chinese lines.
    """

    value: Any = None
    needs: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    figures: tuple[Any, ...] = ()
    switches: tuple[Any, ...] = ()
    defaults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a condition holds; None when facts that it needs were not given."""

    holds: bool | None
    needs: tuple[str, ...] = ()


class ClockPack(Protocol):
    """What the clocks ask of an effective pack."""

    @property
    def slug(self) -> str: ...
    @property
    def hash(self) -> str: ...
    @property
    def calendar(self) -> Calendar: ...
    @property
    def ladders(self) -> "Mapping[str, Ladder]": ...
    @property
    def duty_rules(self) -> "Mapping[str, DutyRule]": ...
    @property
    def instruments(self) -> "Mapping[str, Any]": ...
    def fact_title(self, name: str) -> str: ...
    @property
    def windows(self) -> "Sequence[WindowRule] | Mapping[str, WindowRule]": ...

    def holds(
        self, condition: Condition, data: Mapping[str, Any], *, on: date, switches: Mapping[str, Any] | None = None
    ) -> Verdict: ...

    def resolve(
        self, spec: Spec, data: Mapping[str, Any], *, on: date, switches: Mapping[str, Any] | None = None
    ) -> Resolved:
        """The value of a figure (Period, int, Fraction, …), a switch or a field; a scalar as it stands."""
        ...

    def role_name(self, code: str) -> str: ...
    def role_level(self, code: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Extension:
    by: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    """Events that stand for the consent where events alone are played (simulate)."""
    at_most: Spec = "1"
    period: Spec = None
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suspension:
    after: tuple[str, ...] = ()
    until: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Silence:
    """When nobody acts until the deadline, the event `records` counts as having happened."""

    records: str
    says: str = ""


@dataclass(frozen=True, slots=True)
class Recurrence:
    unit: str
    """week month quarter half_year year"""
    count: int = 1
    starts: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    at_least: Spec = "1"
    distinct: Spec = ""
    """`day`, or a switch that holds `day` or another word."""
    max_gap: Spec = None
    owed_after: Spec = None
    """How long the first period, begun in its midst, must still run to be owed like any other."""
    counts_events: tuple[str, ...] = ()
    counts_where: Condition = field(default_factory=dict)
    covers: tuple[str, str] | None = None
    """Fields of the counted act: from which to which day it covers. It counts in the periods that it covers whole,
    also once they are overdue."""
    reschedule_on: tuple[str, ...] = ()
    reschedule_field: str = ""

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Recurrence":
        every = dict(data["every"])
        extra = {name: every.pop(name) for name in tuple(every) if name not in RECURRENCE_UNITS}
        read = {**data, **extra}
        (unit, count), *rest = every.items()
        if rest:
            raise ValueError(f"周期只能写一种（week、month、quarter、half_year、year），现在写了 {list(every)}")
        reschedule = read.get("reschedules") or {}
        covers = read.get("covers")
        return cls(
            unit=unit,
            count=int(count),
            starts=words(read.get("starts")),
            ends=words(read.get("ends")),
            at_least=read.get("at_least") or "1",
            distinct=read.get("distinct") or "",
            max_gap=read.get("max_gap"),
            owed_after=read.get("owed_after"),
            counts_events=words(read.get("counts_events")) or words(read.get("until")),
            counts_where=read.get("counts_where") or {},
            covers=(str(covers["from"]), str(covers["to"])) if covers else None,
            reschedule_on=words(reschedule.get("after")),
            reschedule_field=str(reschedule.get("to") or ""),
        )


RECURRENCE_UNITS = ("week", "month", "quarter", "half_year", "year")


@dataclass(frozen=True, slots=True)
class DutyRule:
    """One entry of the section `duties`."""

    name: str
    pack: str = ""
    title: str = ""
    after: tuple[str, ...] = ()
    where: Condition = field(default_factory=dict)
    owner_role: str = ""
    owner_field: str = ""
    owner_otherwise: str = ""
    within: Spec = None
    before_field: str = ""
    before_period: Spec = None
    on_day: Spec = None
    """A day, `12-31` of every year, `25` of every month, or where one of these is kept."""
    gives_way_to: tuple[str, ...] = ()
    counts_field: str = ""
    day_kind: Spec = "calendar"
    roll: Spec = True
    first_day: Spec = "excluded"
    until: tuple[str, ...] = ()
    until_where: Condition = field(default_factory=dict)
    void_on: tuple[str, ...] = ()
    moves_on: tuple[str, ...] = ()
    restarts_on: tuple[str, ...] = ()
    """Who receives it owes it, in days of their own."""
    extension: Extension | None = None
    suspension: Suspension | None = None
    silence: Silence | None = None
    remind: tuple[Spec, ...] = ()
    ladder: str = ""
    spare: tuple[str, ...] = ()
    manual: str = ""
    strength: str = "must"
    clauses: tuple[str, ...] = ()
    subject_field: str = ""
    every: Recurrence | None = None

    @classmethod
    def from_data(cls, data: Mapping[str, Any], *, pack: str = "") -> "DutyRule":
        owner = data.get("owner") or {}
        before = data.get("before") or {}
        extension = data.get("extension")
        suspension = data.get("suspension")
        silence = data.get("silence")
        return cls(
            name=str(data["duty"]),
            pack=pack,
            title=str(data.get("title") or data["duty"]),
            after=words(data.get("after")),
            where=data.get("where") or {},
            owner_role=str(owner.get("role") or ""),
            owner_field=str(owner.get("field") or ""),
            owner_otherwise=str(owner.get("otherwise") or ""),
            within=data.get("within"),
            before_field=_field_name(before.get("field")),
            before_period=before.get("period"),
            on_day=data.get("on"),
            gives_way_to=words(data.get("gives_way_to")),
            counts_field=_field_name(data.get("counts")),
            day_kind=data.get("day_kind") or "calendar",
            roll=_default(data.get("roll"), dated=data.get("on") is not None),
            first_day=data.get("first_day") or "excluded",
            until=words(data.get("until")),
            until_where=data.get("until_where") or {},
            void_on=words(data.get("void_on")),
            moves_on=words(data.get("moves_on")),
            restarts_on=words(data.get("restarts_on")),
            extension=Extension(
                by=words(extension.get("by")),
                after=words(extension.get("after")),
                at_most=extension.get("at_most") or "1",
                period=extension.get("for"),
                clauses=words(extension.get("clauses")),
            )
            if extension
            else None,
            suspension=Suspension(words(suspension.get("after")), words(suspension.get("until")))
            if suspension
            else None,
            silence=Silence(str(silence["records"]), str(silence.get("says") or "")) if silence else None,
            remind=tuple(data.get("remind") or ()),
            ladder=str(data.get("ladder") or ""),
            spare=words(data.get("spare")),
            manual=str(data.get("manual") or ""),
            strength=str(data.get("strength") or "must"),
            clauses=words(data.get("clauses")),
            subject_field=_field_name(data.get("subject")),
            every=Recurrence.from_data(data) if data.get("every") else None,
        )

    @property
    def opened_by(self) -> tuple[str, ...]:
        return self.every.starts if self.every and self.every.starts else self.after


@dataclass(frozen=True, slots=True)
class Grace:
    """The time that a step gives again: a period, or a share of the original one."""

    period: Spec = None
    share: Spec = None
    rounding: str = "up"

    @classmethod
    def from_data(cls, data: Mapping[str, Any] | None) -> "Grace | None":
        if not data:
            return None
        return cls(data.get("period"), data.get("share_of_original"), str(data.get("round") or "up"))


@dataclass(frozen=True, slots=True)
class LadderStep:
    """`on_day` or `after`: when it comes, counted from the ladder's moment instead of from the step before."""

    step: str
    instrument: str = ""
    suggests: str = ""
    grace: Grace | None = None
    on_day: Spec = None
    after: Spec = None

    @property
    def timed(self) -> bool:
        return self.on_day is not None or self.after is not None


@dataclass(frozen=True, slots=True)
class Jump:
    after: tuple[str, ...]
    to: str
    where: Condition = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ladder:
    """One entry of the section `ladders`."""

    name: str
    steps: tuple[LadderStep, ...]
    key: tuple[str, ...] | Spec = ("owner", "subject")
    """Parts, or a switch whose choices name the parts: `owner_subject`."""
    counts_field: str = ""
    grace: Grace | None = None
    repeat_last: bool = False
    jumps: tuple[Jump, ...] = ()
    clauses: tuple[str, ...] = ()

    @classmethod
    def from_data(cls, name: str, data: Mapping[str, Any]) -> "Ladder":
        key = data.get("key")
        return cls(
            name=name,
            steps=tuple(
                LadderStep(
                    step=str(one["step"]),
                    instrument=str(one.get("instrument") or ""),
                    suggests=str(one.get("suggests") or ""),
                    grace=Grace.from_data(one.get("grace")),
                    on_day=one.get("on_day"),
                    after=one.get("after"),
                )
                for one in data["steps"]
            ),
            key=key if isinstance(key, Mapping) else words(key) or ("owner", "subject"),
            counts_field=_field_name(data.get("counts")),
            grace=Grace.from_data(data.get("grace")),
            repeat_last=truth(data.get("repeat_last", False)),
            jumps=tuple(
                Jump(words(one.get("after")), str(one["to"]), one.get("where") or {}) for one in data.get("jumps") or ()
            ),
            clauses=words(data.get("clauses")),
        )

    def index(self, step: str) -> int:
        return next(index for index, one in enumerate(self.steps) if one.step == step)


@dataclass(frozen=True, slots=True)
class Edge:
    """One end of a window: a moment counted from an event, or a fixed day."""

    after: tuple[str, ...] = ()
    within: Spec = None
    before_field: str = ""
    before_period: Spec = None
    on: Spec = None


@dataclass(frozen=True, slots=True)
class WindowRule:
    """One entry of the section `windows`."""

    name: str
    act: str
    opens: Edge | None = None
    closes: Edge | None = None
    mode: str = "open_only"
    clauses: tuple[str, ...] = ()
    title: str = ""
    where: Condition = field(default_factory=dict)
    day_kind: Spec = "calendar"
    roll: Spec = True

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "WindowRule":
        return cls(
            name=str(data["window"]),
            act=str(data["act"]),
            opens=_edge(data.get("opens")),
            closes=_edge(data.get("closes")),
            mode=str(data.get("mode") or "open_only"),
            clauses=words(data.get("clauses")),
            title=str(data.get("title") or data["window"]),
            where=data.get("where") or {},
            day_kind=data.get("day_kind") or "calendar",
            roll=_default(data.get("roll")),
        )


def words(value: Any) -> tuple[str, ...]:
    """A name or a list of names as a tuple."""
    if value is None or value == "":
        return ()
    return (value,) if isinstance(value, str) else tuple(str(one) for one in value)


def truth(value: Any) -> bool:
    """yes/no as the packs write it, or a bool."""
    if isinstance(value, bool):
        return value
    if str(value) in ("yes", "true", "是"):
        return True
    if str(value) in ("no", "false", "否"):
        return False
    raise ValueError(f"“{value}”不是 yes 或 no")


def _default(roll: Any, *, dated: bool = False) -> Any:
    """Deadlines that are counted roll over rest days (Civil Code 203), a day that is named stands; or as written."""
    return not dated if roll is None else roll


def _field_name(value: Any) -> str:
    if isinstance(value, Mapping):
        value = value.get("field")
    return str(value or "")


def _edge(data: Mapping[str, Any] | None) -> Edge | None:
    if not data:
        return None
    before = data.get("before") or {}
    return Edge(
        after=words(data.get("after")),
        within=data.get("within"),
        before_field=_field_name(before.get("field")),
        before_period=before.get("period"),
        on=data.get("on"),
    )
