"""Decisions, formulas and checks as the pack writes them, and the worked cases."""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator, WithJsonSchema

from gongzhi.policy.problems import PackFault
from gongzhi.policy.schema_base import TEST_SCHEMA, Conditions, Day, Line, Name, Part, Word, Words, YesNo
from gongzhi.policy.yaml_text import Block, Items

VALUE_SOURCES = ("figure", "switch", "field", "is")


@dataclass(slots=True)
class Value:
    """An answer as written. `kind` text | figure | switch | field | is | list | record; bound later to its type."""

    kind: str
    text: str = ""
    items: "tuple[Value, ...]" = ()
    fields: "dict[str, Value]" = field(default_factory=dict)
    typed: Any = None
    line: int = 0


def parse_value(raw: Any) -> Value:
    if isinstance(raw, Value):
        return raw
    if isinstance(raw, str):
        return Value("text", raw)
    if isinstance(raw, Items):
        return Value("list", items=tuple(parse_value(one) for one in raw), line=raw.line)
    if isinstance(raw, Block):
        if len(raw) == 1:
            key, name = next(iter(raw.items()))
            if key in VALUE_SOURCES and isinstance(name, str):
                return Value(key, name, line=raw.line)
        return Value(
            "record", fields={name: _with_line(one, raw.line_of(name)) for name, one in raw.items()}, line=raw.line
        )
    raise PackFault("答案应是一个值、一个列表、字段的映射，或 {figure: …}、{switch: …}、{field: …}、{is: 算式}")


def _with_line(raw: Any, line: int) -> Value:
    value = parse_value(raw)
    value.line = line
    return value


AnswerValue = Annotated[
    Value,
    PlainValidator(parse_value),
    WithJsonSchema(
        {
            "description": "值、列表、字段的映射，或 {figure: 参数}、{switch: 配置}、{field: 事实}、{is: 算式}",
            "type": ["string", "number", "boolean", "array", "object"],
        }
    ),
]


class LetPart(Part):
    """An intermediate value with the name that people read."""

    is_: Line = Field(alias="is")
    title: Line
    shown: Literal["number", "percent"] = "number"


Lets = dict[Name, Line | LetPart]


class RowPart(Part):
    when: Conditions = ()
    answer: AnswerValue
    clauses: Words = ()
    says: Line | None = None
    reading: Literal["default"] | None = None


class DecisionPart(Part):
    """A table, or the short form with `answer` alone."""

    question: Word
    hit: Literal["first", "unique", "union"] = "first"
    let: Lets = Field(default_factory=dict)
    overrides: Name | None = None
    else_: Literal["parent"] | None = Field(default=None, alias="else")
    from_: Day | None = Field(default=None, alias="from")
    to: Day | None = None
    rows: list[RowPart] | None = None
    otherwise: RowPart | None = None
    answer: AnswerValue | None = None
    clauses: Words = ()
    says: Line | None = None
    reading: Literal["default"] | None = None

    def all_rows(self) -> list[RowPart]:
        return [*(self.rows or ()), *([self.otherwise] if self.otherwise else ())]


class FormulaPart(Part):
    question: Word
    let: Lets = Field(default_factory=dict)
    answer: Line | dict[Name, Line]
    clauses: Words = ()
    says: Line | None = None
    overrides: Name | None = None
    from_: Day | None = Field(default=None, alias="from")
    to: Day | None = None


class CheckPart(Part):
    """A predicate over a record: what it `must` be (all) and `any_of` (one of the blocks) where `when` holds."""

    name: Name
    on: Word
    when: Conditions = ()
    must: Conditions = ()
    any_of: list[Conditions] = Field(default_factory=list)
    outcome: Literal["refuse", "warn", "note"]
    says: Line
    field_: Line | None = Field(default=None, alias="field")
    clauses: Words = ()
    overrides: Name | None = None
    from_: Day | None = Field(default=None, alias="from")
    to: Day | None = None


class CasePart(Part):
    """A worked case: a question with its answer, or events with the duties they leave at a moment."""

    id: Line
    title: Line | None = None
    clauses: Words = ()
    ask: Word | None = None
    check: Word | None = None
    facts: dict[str, Any] = Field(default_factory=dict)
    on: Day | None = None
    switches: dict[str, Any] = Field(default_factory=dict)
    expect: Any = None
    needs: Words = ()
    default: YesNo | None = None
    silent: YesNo | None = None
    cites: Words = ()
    simulate: list[Any] | None = None
    at: Line | None = None
    place: Line | None = None
    because: Line | None = None


ROW_TEST_SCHEMA = TEST_SCHEMA
