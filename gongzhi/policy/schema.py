"""The sections of a pack: documents, clauses, figures, switches, terms, and the file as a whole."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from gongzhi.policy.schema_base import Day, Line, Name, Part, Raw, Strength, Word, Words
from gongzhi.policy.schema_clocks import CalendarPart, DutyPart, InstrumentPart, LadderPart, WindowPart
from gongzhi.policy.schema_registers import PatrolPart, RegisterPart
from gongzhi.policy.schema_rules import CheckPart, DecisionPart, FormulaPart

RESERVED = ("consequences", "scorecards", "disclosures")
STATUSES = ("draft", "trial", "in_force", "repealed")
SWITCH_TYPES = ("bool", "enum", "period", "count", "ratio", "area", "money", "role", "text")
ANCHOR_LENGTHS = (3, 16)
LONGEST_PARAPHRASE = 80

ClauseId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,4}-[0-9A-Za-z.\-]+$")]


class PackPart(Part):
    """pack.yaml. Either `national` at the root without a place, or a pack that extends another."""

    pack: Name
    title: Line
    document: Line
    prefix: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,4}$")]
    place: Annotated[str, StringConstraints(pattern=r"^[0-9]{2,12}$")] | None = None
    extends: Name | None = None
    status: Literal["draft", "trial", "in_force", "repealed"]
    from_: Day | None = Field(default=None, alias="from")
    to: Day | None = None
    source: Line | None = None
    assumption: Line | None = None


class ClausePart(Part):
    id: ClauseId
    where: Line
    kind: Literal[
        "duty", "threshold", "formula", "composition", "route", "procedure", "disclosure", "score", "meeting",
        "platform", "support",
    ]  # fmt: skip
    topic: Line
    says: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_PARAPHRASE)]
    strength: Strength
    accept: Line | None = None
    anchor: Annotated[str, StringConstraints(min_length=ANCHOR_LENGTHS[0], max_length=ANCHOR_LENGTHS[1])] | None = None
    source: Line | None = None
    who: Words = ()
    when: Any = None
    figures: Any = None
    needs: Words = ()
    open: str | None = None
    modal: str | None = None


class DatedValue(Part):
    from_: Day = Field(alias="from")
    value: Raw = None
    table: dict[str, Any] | None = None


class FigurePart(Part):
    """One figure, once: a value, values by date, or a table by facts."""

    unit: Line
    clause: ClauseId
    title: Line | None = None
    value: Raw = None
    values: list[DatedValue] | None = None
    by: Words = ()
    table: dict[str, Any] | None = None
    reading: Literal["default"] | None = None
    overrides: Name | None = None
    note: Line | None = None


class SwitchPart(Part):
    """What the document leaves open, with the platform's default."""

    title: Line
    type: Literal["bool", "enum", "period", "count", "ratio", "area", "money", "role", "roles", "text"]
    choices: dict[str, str] | list[str] | None = None
    default: Raw
    clause: ClauseId | None = None
    clauses: Words = ()
    unit: Line | None = None
    overrides: Name | None = None
    note: Line | None = None


class RolePart(Part):
    name: Line
    level: Literal["province", "city", "county", "street", "community", "estate"] | None = None
    kind: Literal["office", "department", "committee", "company", "person", "group"] | None = None
    clause: ClauseId | None = None
    clauses: Words = ()


class MatterPart(Part):
    name: Line | None = None
    nature: Literal["dispute", "violation", "request", "other"] | None = None
    group: Line | None = None
    clause: ClauseId | None = None
    clauses: Words = ()


class TermsPart(Part):
    roles: dict[Name, RolePart] = Field(default_factory=dict)
    matters: dict[Name, MatterPart] = Field(default_factory=dict)


class CataloguePart(Part):
    """clauses.yaml: the catalogue, and what the document names; entities and worked scenarios are for people."""

    clauses: list[ClausePart]
    jurisdiction: Line | None = None
    title: Line | None = None
    source: Line | None = None
    entities: Any = None
    hard_cases: Any = None


class SectionsPart(Part):
    """Any other file of a pack: a mapping with any of the sections."""

    figures: dict[Name, FigurePart] = Field(default_factory=dict)
    switches: dict[Name, SwitchPart] = Field(default_factory=dict)
    terms: TermsPart = Field(default_factory=TermsPart)
    decisions: list[DecisionPart] = Field(default_factory=list)
    formulas: list[FormulaPart] = Field(default_factory=list)
    checks: list[CheckPart] = Field(default_factory=list)
    duties: list[DutyPart] = Field(default_factory=list)
    ladders: dict[Name, LadderPart] = Field(default_factory=dict)
    windows: list[WindowPart] = Field(default_factory=list)
    instruments: dict[Name, InstrumentPart] = Field(default_factory=dict)
    registers: dict[Name, RegisterPart] = Field(default_factory=dict)
    patrols: dict[Name, PatrolPart] = Field(default_factory=dict)
    calendar: dict[str, CalendarPart] = Field(default_factory=dict)


SECTIONS = tuple(SectionsPart.model_fields)

__all__ = ["CalendarPart", "CheckPart", "DecisionPart", "DutyPart", "FormulaPart", "Word"]
