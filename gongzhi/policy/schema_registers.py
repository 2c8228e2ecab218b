"""Registers and patrols as the pack writes them: books and check sheets with their fields; who patrols how often."""

from typing import Literal

from pydantic import Field

from gongzhi.policy.schema_base import Conditions, FigureOrSwitch, Line, Name, Part, Words, YesNo
from gongzhi.policy.schema_rules import Lets


class RegisterFieldPart(Part):
    """`problem` is a yes or no whose yes becomes a finding; `entry` names an entry of another register; a field that is
    `serving` is filled with the company that serves the estate, one with a `default` by it, when it is left empty."""

    title: Line
    type: Literal[
        "text", "long", "bool", "problem", "count", "area", "money", "number", "ratio", "date", "enum", "file",
        "companies", "entry",
    ] = "text"  # fmt: skip
    choices: dict[Name, Line] | None = None
    required: YesNo = False
    unit: Line | None = None
    register_: Name | None = Field(default=None, alias="register")
    stage: Name | None = None
    default: FigureOrSwitch | None = None
    serving: YesNo = False
    help: Line | None = None


class StagePart(Part):
    """`after`: the stages from which it is reached, without it the one before. `by`: who takes it there."""

    title: Line
    after: Words = ()
    by: Words = ()
    done: YesNo = False


class MustPart(Part):
    when: Conditions = ()
    must: Conditions = ()
    any_of: list[Conditions] = Field(default_factory=list)
    outcome: Literal["refuse", "warn", "note"] = "refuse"
    says: Line
    field_: Line | None = Field(default=None, alias="field")
    clauses: Words = ()


class FindPart(Part):
    """What a sheet or an entry that fulfils `when` brings about: a finding of this kind."""

    when: Conditions
    kind: Line
    grade: Line | None = None
    clauses: Words = ()


class PastPart(Part):
    field_: Line = Field(alias="field")
    figure: Line


class MarkPart(Part):
    """A word shown beside an entry while `when` holds; `past` counts the days since a figure's date."""

    when: Conditions
    says: Line
    tone: Literal["ok", "today", "over"] = "over"
    past: PastPart | None = None
    clauses: Words = ()


class RatePart(Part):
    """Of the entries `of` the share that `holds`; or the sum of field `part` to the sum of field `whole`."""

    title: Line
    of: Conditions = ()
    holds: Conditions = ()
    part: Line | None = None
    whole: Line | None = None
    shown: Literal["percent", "number"] = "percent"
    lacking: Line | None = None
    clauses: Words = ()


class CountPart(Part):
    """How many entries of a register of the same estate (or place) there are, this one aside."""

    register_: Name = Field(alias="register")
    title: Line
    where: Conditions = ()


class FactPart(Part):
    """A standing fact of the estate that is written down when the entry fulfils `when`."""

    when: Conditions
    fact: Name
    value: Line
    on: Line | None = None
    clauses: Words = ()


class TellPart(Part):
    """Who is told: units in these roles, or the companies that a field of another register of the place above names."""

    when: Conditions = ()
    roles: Words = ()
    register_: Name | None = Field(default=None, alias="register")
    field_: Line | None = Field(default=None, alias="field")
    says: Line


class RegisterPart(Part):
    title: Line
    use: Literal["book", "round"] = "book"
    about: Literal["estate", "place", "company"] = "estate"
    writers: Words = ()
    readers: Words = ()
    once: YesNo = False
    every: Literal["month", "quarter", "half_year", "year"] | None = None
    public: YesNo = False
    owed_at: Literal["county", "street", "community", "estate"] | None = None
    all_of: Line | None = None
    tally: Words = ()
    score: Line | None = None
    looks_at: Name | None = None
    fields: dict[Name, RegisterFieldPart]
    stages: dict[Name, StagePart] = Field(default_factory=dict)
    let: Lets = Field(default_factory=dict)
    counts: dict[Name, CountPart] = Field(default_factory=dict)
    musts: list[MustPart] = Field(default_factory=list)
    finds: list[FindPart] = Field(default_factory=list)
    marks: list[MarkPart] = Field(default_factory=list)
    rates: list[RatePart] = Field(default_factory=list)
    facts: list[FactPart] = Field(default_factory=list)
    tells: list[TellPart] = Field(default_factory=list)
    within: FigureOrSwitch | None = None
    clauses: Words
    overrides: Name | None = None
    note: Line | None = None


class PatrolPart(Part):
    """Who patrols how often: once in each period without `at_least`; `per` unit or for each estate; `max_gap`: longer
    than this without a round and it is told as missed, whatever the period."""

    title: Line
    by: Words
    sheets: Words
    every: Literal["day", "week", "month", "quarter", "half_year", "year"] | None = None
    at_least: FigureOrSwitch | None = None
    per: Literal["station", "estate"] | FigureOrSwitch = "station"
    distinct: Literal["day", "record"] | FigureOrSwitch = "record"
    max_gap: FigureOrSwitch | None = None
    kinds: dict[Name, Line] = Field(default_factory=dict)
    counts_kinds: Words = ()
    clauses: Words
    overrides: Name | None = None
    note: Line | None = None
