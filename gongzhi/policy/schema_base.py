"""What all parts of a pack share: models that know their lines, and the types of scalars written as text."""

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ModelWrapValidatorHandler,
    PlainValidator,
    PrivateAttr,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)

from gongzhi.policy.conditions import SOURCES, When, parse_when
from gongzhi.policy.periods import Period
from gongzhi.policy.problems import PackFault
from gongzhi.policy.yaml_text import Block, Items

NAME_PATTERN = r"^[a-z][a-z0-9_]*$"
WORD_PATTERN = r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$"
_MOST_DIGITS = 30
_WHOLE_TEXT = re.compile(r"-?[0-9]{1,18}")
_KEYS: dict[type, frozenset[str]] = {}
_WHOLE = 100


class Part(BaseModel):
    """A mapping of a pack with the file and lines it was read from. `home` is the pack that wrote it."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    _file: str = PrivateAttr(default="")
    _line: int = PrivateAttr(default=0)
    _lines: dict[str, int] = PrivateAttr(default_factory=dict)
    _home: str = PrivateAttr(default="")

    @model_validator(mode="wrap")
    @classmethod
    def _with_lines(cls, data: Any, handler: ModelWrapValidatorHandler["Part"], info: ValidationInfo) -> "Part":
        """Unknown keys are told with the nearest known one and then left aside, so that all faults are told at once."""
        if not isinstance(data, dict):
            raise PackFault("这里应写成映射（键: 值）")
        known = cls._keys()
        strange = [key for key in data if key not in known]
        plain = {key: value for key, value in data.items() if key in known} if strange else data
        if strange and info.context is not None:
            info.context.unknown_keys(cls, data, strange, known)
        part = handler(plain)
        if isinstance(data, Block):
            part._file, part._line, part._lines = data.file, data.line, data.lines
        return part

    @classmethod
    def _keys(cls) -> frozenset[str]:
        found = _KEYS.get(cls)
        if found is None:
            found = _KEYS[cls] = frozenset(field.alias or name for name, field in cls.model_fields.items())
        return found

    @property
    def file(self) -> str:
        return self._file

    @property
    def line(self) -> int:
        return self._line

    @property
    def home(self) -> str:
        return self._home

    def line_of(self, key: str) -> int:
        return self._lines.get(key, self._line)


class Source:
    """Where a value comes from: a figure, a switch or a field of the event."""

    __slots__ = ("kind", "name")

    def __init__(self, kind: str, name: str) -> None:
        self.kind = kind
        self.name = name

    def __repr__(self) -> str:
        return f"{{{self.kind}: {self.name}}}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Source) and (self.kind, self.name) == (other.kind, other.name)

    def __hash__(self) -> int:
        return hash((self.kind, self.name))


def parse_source(raw: Any, allowed: tuple[str, ...] = SOURCES) -> Source:
    if isinstance(raw, Source):
        return raw
    if isinstance(raw, dict) and len(raw) == 1:
        kind, name = next(iter(raw.items()))
        if kind in allowed and isinstance(name, str):
            return Source(kind, name)
    raise PackFault(f"应写成 {' 或 '.join('{' + one + ': 名称}' for one in allowed)}")


def parse_date(raw: Any) -> date:
    if isinstance(raw, date):
        return raw
    try:
        if len(str(raw)) == len("2022-05-01"):
            return date.fromisoformat(str(raw))
    except ValueError:
        pass
    raise PackFault(f"“{raw}”不是日期，请写成 2022-05-01")


def parse_yes_no(raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    if raw in ("yes", "no"):
        return bool(raw == "yes")
    raise PackFault(f"“{raw}”应写成 yes 或 no")


def parse_period(raw: Any) -> Period:
    if isinstance(raw, Period):
        return raw
    try:
        return Period.parse(raw)
    except ValueError as error:
        raise PackFault(str(error)) from None


def parse_whole(raw: Any) -> int:
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and _WHOLE_TEXT.fullmatch(raw):
        return int(raw)
    raise PackFault(f"“{raw}”不是整数")


def exact(number: Fraction) -> int | Decimal | Fraction:
    """The plainest exact form: a whole number, a finite decimal, or a fraction."""
    if number.denominator == 1:
        return number.numerator
    rest, twos, fives = number.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return number
    places = max(twos, fives)
    return Decimal(number.numerator * 10**places // number.denominator).scaleb(-places)


def parse_number(raw: Any) -> int | Decimal | Fraction:
    """`0.5`, `30%`, `2/3`, `300000`: exact. Raises PackFault, also for more digits than any figure has."""
    if isinstance(raw, Decimal) and not (raw.is_finite() and abs(raw.adjusted()) < _MOST_DIGITS):
        raise PackFault(f"“{raw}”太大或太小")
    if isinstance(raw, int | Decimal | Fraction) and not isinstance(raw, bool):
        return exact(Fraction(raw))
    text = str(raw).strip()
    try:
        if len(text) > _MOST_DIGITS or not set(text) <= set("0123456789./%-") or "--" in text:
            raise ValueError(text)
        if text.endswith("%"):
            return exact(Fraction(Decimal(text[:-1])) / _WHOLE)
        if "/" in text:
            above, below = text.split("/")
            return exact(Fraction(int(above), int(below)))
        return exact(Fraction(Decimal(text)))
    except (ValueError, ArithmeticError):
        raise PackFault(f"“{text}”不是数，请写成 300000、0.5、30% 或 2/3") from None


def as_list(raw: Any) -> Any:
    """A single word where a list is due stands for a list of one."""
    if isinstance(raw, str):
        items = Items("", 0)
        items.append(raw)
        return items
    return raw


_SOURCE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {kind: {"type": "string", "pattern": WORD_PATTERN} for kind in SOURCES},
    "minProperties": 1,
    "maxProperties": 1,
    "additionalProperties": False,
}
_BOUND_SCHEMA: dict[str, Any] = {"oneOf": [{"type": "string"}, _SOURCE_SCHEMA]}
TEST_SCHEMA: dict[str, Any] = {
    "description": "一个值、值的列表，或 at_least（含）above（不含）at_most（含）below（不含）given not …",
    "oneOf": [
        {"type": ["string", "boolean", "number"]},
        {
            "type": "array",
            "items": {"oneOf": [{"type": ["string", "boolean", "number"]}, _SOURCE_SCHEMA]},
            "minItems": 1,
        },
        {
            "type": "object",
            "properties": {
                **{word: _BOUND_SCHEMA for word in ("at_least", "above", "at_most", "below")},
                **{kind: {"type": "string"} for kind in SOURCES},
                "given": {"enum": ["yes", "no", True, False]},
                "not": {},
            },
            "minProperties": 1,
            "additionalProperties": False,
        },
    ],
}
WHEN_SCHEMA: dict[str, Any] = {"type": "object", "additionalProperties": TEST_SCHEMA}
_SCALAR_SCHEMA: dict[str, Any] = {"type": ["string", "number", "boolean"]}


def _source_of(*allowed: str) -> Any:
    schema = {**_SOURCE_SCHEMA, "properties": {kind: {"type": "string"} for kind in allowed}}
    return Annotated[Source, PlainValidator(lambda raw: parse_source(raw, allowed)), WithJsonSchema(schema)]


Name = Annotated[str, StringConstraints(pattern=NAME_PATTERN)]
Word = Annotated[str, StringConstraints(pattern=WORD_PATTERN)]
Line = Annotated[str, StringConstraints(min_length=1)]
YesNo = Annotated[bool, PlainValidator(parse_yes_no), WithJsonSchema({"enum": ["yes", "no", True, False]})]
Day = Annotated[date, PlainValidator(parse_date), WithJsonSchema({"type": "string", "format": "date"})]
Whole = Annotated[
    int, PlainValidator(parse_whole), WithJsonSchema({"type": ["integer", "string"], "pattern": "^-?[0-9]+$"})
]
PeriodText = Annotated[
    Period, PlainValidator(parse_period), WithJsonSchema({"type": "string", "pattern": "^[0-9]+(d|wd|h|m|y)$"})
]
Conditions = Annotated[When, PlainValidator(parse_when), WithJsonSchema(WHEN_SCHEMA)]
FigureOrSwitch = _source_of("figure", "switch")
AnySource = _source_of("figure", "switch", "field")
Raw = Annotated[Any, WithJsonSchema(_SCALAR_SCHEMA)]
Words = Annotated[
    tuple[str, ...],
    BeforeValidator(as_list),
    WithJsonSchema({"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
Strength = Literal["must", "should", "may", "explore"]
