"""Duties, ladders, windows, instruments and the calendar as the pack writes them.

The clocks keep conditions and sources as written; here they are only checked.
"""

import re
from datetime import date
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, PlainValidator, WithJsonSchema

from gongzhi.policy.problems import PackFault
from gongzhi.policy.schema_base import (
    AnySource,
    Conditions,
    Day,
    FigureOrSwitch,
    Line,
    Name,
    Part,
    PeriodText,
    Source,
    Strength,
    Whole,
    Word,
    Words,
    YesNo,
    as_list,
    parse_date,
    parse_source,
    parse_whole,
    parse_yes_no,
)


def _yes_no_or_switch(raw: Any) -> bool | Source:
    return parse_source(raw, ("switch",)) if isinstance(raw, dict) else parse_yes_no(raw)


def _word_or_switch(*words: str) -> Any:
    def read(raw: Any) -> str | Source:
        if isinstance(raw, dict):
            return parse_source(raw, ("switch",))
        if raw in words:
            return str(raw)
        raise PackFault(f"“{raw}”应写成 {'、'.join(words)} 或 {{switch: 配置名}}")

    return Annotated[str | Source, PlainValidator(read), WithJsonSchema({"oneOf": [{"enum": list(words)}, _SWITCH]})]


def _whole_or_source(raw: Any) -> int | Source:
    if isinstance(raw, dict):
        return parse_source(raw)
    count = parse_whole(raw)
    if count not in (0, 1):
        raise PackFault(f"次数“{raw}”要先写成参数，再用 {{figure: 参数名}}；直接写数只能是 0 或 1")
    return count


def _day_or_source(raw: Any) -> date | Source:
    return parse_source(raw) if isinstance(raw, dict) else parse_date(raw)


def _on_day(raw: Any) -> str | Source:
    """A day, the day of every year (12-31) or of every month (25), or where one of these is kept."""
    if isinstance(raw, dict):
        return parse_source(raw)
    text = str(raw)
    if DAY_OF_PERIOD.fullmatch(text):
        return text
    return parse_date(text).isoformat()


def _key(raw: Any) -> tuple[str, ...] | Source:
    return parse_source(raw, ("switch",)) if isinstance(raw, dict) else tuple(as_list(raw))


def _field(raw: Any) -> Source:
    return Source("field", raw) if isinstance(raw, str) else parse_source(raw, ("field",))


DAY_OF_PERIOD = re.compile(r"(?:(?:0[1-9]|1[0-2])-)?(?:0[1-9]|[12][0-9]|3[01])")

_SWITCH: dict[str, Any] = {"type": "object", "properties": {"switch": {"type": "string"}}, "required": ["switch"]}
_FIELD: dict[str, Any] = {"type": "object", "properties": {"field": {"type": "string"}}, "required": ["field"]}

YesNoOrSwitch = Annotated[
    bool | Source, PlainValidator(_yes_no_or_switch), WithJsonSchema({"oneOf": [{"enum": ["yes", "no"]}, _SWITCH]})
]
DayKind: TypeAlias = _word_or_switch("calendar", "work")  # type: ignore[valid-type]
FirstDay: TypeAlias = _word_or_switch("excluded", "included")  # type: ignore[valid-type]
DayOrSource = Annotated[
    date | Source,
    PlainValidator(_day_or_source),
    WithJsonSchema({"oneOf": [{"type": "string", "format": "date"}, {"type": "object"}]}),
]
Count = Annotated[
    int | Source,
    PlainValidator(_whole_or_source),
    WithJsonSchema({"oneOf": [{"enum": [0, 1, "0", "1"]}, {"type": "object"}]}),
]
OnDay = Annotated[
    str | Source,
    PlainValidator(_on_day),
    WithJsonSchema({"oneOf": [{"type": "string", "pattern": r"^((\\d{4}-)?\\d{2}-)?\\d{2}$"}, {"type": "object"}]}),
]
LadderKey = Annotated[
    tuple[str, ...] | Source,
    PlainValidator(_key),
    WithJsonSchema({"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}, _SWITCH]}),
]
FieldName = Annotated[Source, PlainValidator(_field), WithJsonSchema({"oneOf": [{"type": "string"}, _FIELD]})]


class OwnerPart(Part):
    role: Name | None = None
    field_: Name | None = Field(default=None, alias="field")
    otherwise: Name | None = None


class BeforePart(Part):
    field_: FieldName = Field(alias="field")
    period: AnySource


class ExtensionPart(Part):
    by: Words
    after: Words = ()
    at_most: Count = 1
    for_: AnySource | None = Field(default=None, alias="for")
    clauses: Words = ()


class SuspensionPart(Part):
    after: Words
    until: Words


class SilencePart(Part):
    records: Word
    says: Line | None = None


class ReschedulePart(Part):
    after: Words
    to: Name


class CoversPart(Part):
    """The fields of the counted event that say from which to which day it covers."""

    from_: Name = Field(alias="from")
    to: Name


class EveryPart(Part):
    week: Whole | None = None
    month: Whole | None = None
    quarter: Whole | None = None
    half_year: Whole | None = None
    year: Whole | None = None
    starts: Words = ()
    ends: Words = ()
    at_least: Count | None = None
    distinct: Literal["day"] | FigureOrSwitch | None = None
    max_gap: AnySource | None = None
    owed_after: AnySource | None = None
    counts_events: Words = ()
    counts_where: Conditions = ()
    covers: CoversPart | None = None
    reschedules: ReschedulePart | None = None


class DutyPart(Part):
    duty: Name
    title: Line
    after: Words = ()
    where: Conditions = ()
    owner: OwnerPart
    within: AnySource | None = None
    counts: FieldName | None = None
    before: BeforePart | None = None
    on: OnDay | None = None
    gives_way_to: Words = ()
    day_kind: DayKind | None = None
    roll: YesNoOrSwitch | None = None
    first_day: FirstDay | None = None
    until: Words = ()
    until_where: Conditions = ()
    void_on: Words = ()
    moves_on: Words = ()
    restarts_on: Words = ()
    extension: ExtensionPart | None = None
    suspension: SuspensionPart | None = None
    silence: SilencePart | None = None
    remind: list[PeriodText] = Field(default_factory=list)
    ladder: Name | None = None
    spare: Words = ()
    manual: Name | None = None
    strength: Strength = "must"
    clauses: Words
    subject: FieldName | None = None
    every: EveryPart | None = None
    starts: Words = ()
    ends: Words = ()
    at_least: Count | None = None
    distinct: Literal["day"] | None = None
    max_gap: AnySource | None = None
    owed_after: AnySource | None = None
    counts_events: Words = ()
    counts_where: Conditions = ()
    reschedules: ReschedulePart | None = None
    overrides: Name | None = None
    note: Line | None = None


class GracePart(Part):
    share_of_original: FigureOrSwitch | None = None
    round: Literal["up", "down"] = "up"
    period: FigureOrSwitch | None = None


class StepPart(Part):
    """`on_day` and `after` count from the ladder's moment; without them the step follows the one before."""

    step: Name
    instrument: Name | None = None
    suggests: Name | None = None
    grace: GracePart | None = None
    on_day: FigureOrSwitch | None = None
    after: FigureOrSwitch | None = None


class JumpPart(Part):
    after: Words
    to: Name
    where: Conditions = ()


class LadderPart(Part):
    steps: list[StepPart]
    clauses: Words
    key: LadderKey = ("owner", "subject")
    counts: FieldName | None = None
    grace: GracePart | None = None
    repeat_last: YesNo = False
    jumps: list[JumpPart] = Field(default_factory=list)
    overrides: Name | None = None


class EdgePart(Part):
    after: Words = ()
    within: AnySource | None = None
    before: BeforePart | None = None
    on: DayOrSource | None = None


class WindowPart(Part):
    window: Name
    act: Line
    opens: EdgePart | None = None
    closes: EdgePart | None = None
    mode: Literal["open_only", "barred"] = "open_only"
    clauses: Words
    title: Line | None = None
    where: Conditions = ()
    day_kind: DayKind | None = None
    roll: YesNoOrSwitch | None = None
    overrides: Name | None = None


class IssuerPart(Part):
    role: Name | None = None
    field_: Name | None = Field(default=None, alias="field")


class InstrumentPart(Part):
    """`number` with {year} and {seq}; `body` with {names} that the platform fills in; `to` owner or a role."""

    name: Line
    number: Line
    issuer: IssuerPart
    to: Line | None = None
    copy_to: Words = ()
    body: Line
    clauses: Words
    template: Name = "instrument"
    overrides: Name | None = None


class HolidayPart(Part):
    name: Line
    from_: Day = Field(alias="from")
    to: Day | None = None


class CalendarPart(Part):
    source: Line
    holidays: list[HolidayPart] = Field(default_factory=list)
    workdays: list[Day] = Field(default_factory=list)
