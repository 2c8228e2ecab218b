"""The words that packs may use: questions, facts, events, roles, matters and measures, declared by the apps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

LEVELS = ("province", "city", "county", "street", "community", "estate")
ROLE_KINDS = ("office", "department", "committee", "company", "person", "group")
MATTER_NATURES = ("dispute", "violation", "request", "other")
QUESTION_KINDS = ("decision", "formula", "check")


@dataclass(frozen=True, slots=True)
class Type:
    """The type of a fact, of a field of an event, or of an answer. `unit` for the numeric ones."""

    kind: str
    unit: str | None = None
    choices: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    item: "Type | None" = None
    optional: bool = False

    @property
    def numeric(self) -> bool:
        return self.kind in NUMERIC_KINDS

    @property
    def whole(self) -> bool:
        return self.kind in ("count", "money_fen")

    def label(self, choice: str) -> str:
        if choice in self.choices and self.labels:
            return self.labels[self.choices.index(choice)]
        return choice

    def __str__(self) -> str:
        if self.kind == "list":
            return f"list({self.item})"
        if self.kind == "enum":
            return f"enum({', '.join(self.choices)})"
        return self.kind


NUMERIC_KINDS = ("count", "area_m2", "money_fen", "yuan", "ratio", "number")

BOOL = Type("bool")
TEXT = Type("text")
COUNT = Type("count", unit="count")
AREA_M2 = Type("area_m2", unit="m2")
MONEY_FEN = Type("money_fen", unit="fen")
YUAN = Type("yuan", unit="yuan")
RATIO = Type("ratio", unit="ratio")
DATE = Type("date")
MOMENT = Type("moment")
PERIOD = Type("period")
ROLE = Type("role")
MATTER = Type("matter")

_BY_NAME = {
    one.kind: one for one in (BOOL, TEXT, COUNT, AREA_M2, MONEY_FEN, YUAN, RATIO, DATE, MOMENT, PERIOD, ROLE, MATTER)
}


def Enum(*choices: str | Mapping[str, str] | Iterable[str]) -> Type:  # noqa: N802  (reads as a type where it is used)
    """`Enum("a", "b")`, or with Chinese labels `Enum({"a": "甲", "b": "乙"})`."""
    if len(choices) == 1 and isinstance(choices[0], Mapping):
        return Type("enum", choices=tuple(choices[0]), labels=tuple(choices[0].values()))
    if len(choices) == 1 and not isinstance(choices[0], str):
        return Type("enum", choices=tuple(choices[0]))
    return Type("enum", choices=tuple(str(one) for one in choices))


def LIST(item: Type) -> Type:  # noqa: N802
    return Type("list", item=item)


def NUMBER(unit: str) -> Type:  # noqa: N802
    """An exact number with a unit that has no type of its own: `NUMBER("yuan/m2/month")`."""
    return Type("number", unit=unit)


def OPTIONAL(kind: Type) -> Type:  # noqa: N802
    """A field of an event that need not be there."""
    return Type(kind.kind, kind.unit, kind.choices, kind.labels, kind.item, optional=True)


def _as_type(kind: "Type | str", choices: Any, unit: str | None) -> Type:
    if isinstance(kind, str):
        kind = Enum(choices or ()) if kind == "enum" else _BY_NAME[kind]
    elif choices:
        kind = Enum(choices)
    return Type(kind.kind, unit or kind.unit, kind.choices, kind.labels, kind.item, kind.optional)


@dataclass(frozen=True)
class Fact:
    """`open`: further choices than the declared ones may be given (a pack's own codes)."""

    name: str
    type: Type
    title: str
    unit: str | None = None
    choices: Any = None
    open: bool = False

    def __post_init__(self) -> None:
        kind = _as_type(self.type, self.choices, self.unit)
        object.__setattr__(self, "type", kind)
        object.__setattr__(self, "unit", kind.unit)
        object.__setattr__(self, "choices", kind.choices)


@dataclass(frozen=True)
class RecordField:
    name: str
    type: Type
    title: str = ""
    optional: bool = False


class Record:
    """The shape of an answer with several fields: `Record(RecordField(…), …)` or `Record(lead=ROLE)`."""

    def __init__(self, *fields: RecordField, **named: Type) -> None:
        extra = tuple(RecordField(name, kind, optional=kind.optional) for name, kind in named.items())
        self.fields: tuple[RecordField, ...] = (*fields, *extra)
        self.by_name: dict[str, RecordField] = {one.name: one for one in self.fields}

    def __repr__(self) -> str:
        return f"Record({', '.join(f'{one.name}: {one.type}' for one in self.fields)})"


@dataclass(frozen=True)
class Question:
    """`answer` a type or a Record; `default` what the platform answers where no document does."""

    name: str
    asks: str
    facts: tuple[Fact, ...]
    answer: Type | Record
    kind: str = "decision"
    default: Any = None
    notes: str = ""
    limits: tuple[tuple[str, str], ...] = ()
    """Pairs of facts of which the first cannot be more than the second; none of them is below nothing."""
    fact: dict[str, Fact] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "fact", {one.name: one for one in self.facts})
        if self.kind not in QUESTION_KINDS:
            raise ValueError(f"{self.name}: kind {self.kind} is none of {QUESTION_KINDS}")


@dataclass(frozen=True)
class EventKind:
    """`fields` name -> type (or Fact); `subject` the kind of thing that the event is about; `undoes` the kind of event
    of the same subject that counts for nothing after this one."""

    name: str
    title: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    subject: str = "case"
    undoes: str = ""

    def __post_init__(self) -> None:
        plain = {
            name: kind.type if isinstance(kind, Fact) else _as_type(kind, None, None)
            for name, kind in self.fields.items()
        }
        object.__setattr__(self, "fields", plain)


@dataclass(frozen=True, slots=True)
class Role:
    code: str
    name: str
    level: str
    kind: str = "department"


@dataclass(frozen=True, slots=True)
class Matter:
    code: str
    name: str
    nature: str = "other"
    group: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """A count or sum over the platform's rows, with its unit and meaning."""

    name: str
    title: str
    unit: str = "count"
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """Something that people do and that a window may open or bar."""

    code: str
    title: str


class Vocabulary:
    """All the words together. A word that is declared twice is a programming error.

    `places`: division codes with their names; None where nobody knows them.
    """

    def __init__(
        self,
        questions: Iterable[Question] = (),
        events: Iterable[EventKind] = (),
        roles: Iterable[Role] = (),
        matters: Iterable[Matter] = (),
        measures: Iterable[Measure] = (),
        acts: Iterable[Act] = (),
        places: Mapping[str, str] | None = None,
    ) -> None:
        self.questions = _by_name("question", questions, "name")
        self.events = _by_name("event", events, "name")
        self.roles = _by_name("role", roles, "code")
        self.matters = _by_name("matter", matters, "code")
        self.measures = _by_name("measure", measures, "name")
        self.acts = _by_name("act", acts, "code")
        self.places = places

    def nearest(self, kind: str, word: str) -> str | None:
        """The nearest known word of a kind: question, event, role, matter or measure."""
        words: Mapping[str, Any] = {
            "question": self.questions,
            "event": self.events,
            "role": self.roles,
            "matter": self.matters,
            "measure": self.measures,
        }[kind]
        return nearest(word, words)


def nearest(word: str, words: Iterable[str]) -> str | None:
    known = list(words)
    found = get_close_matches(word, known, n=1, cutoff=0.6)
    if not found:
        # A code is often named by one of its parts: `cases.routing` for `cases.route`, `office` for `street_office`.
        tail = word.rsplit(".", 1)[-1]
        tails = {one.rsplit(".", 1)[-1]: one for one in known}
        close = get_close_matches(tail, list(tails), n=1, cutoff=0.6)
        found = [tails[close[0]]] if close else [one for one in known if tail and (tail in one or one in tail)][:1]
    return found[0] if found else None


def unknown(what: str, word: str, words: Iterable[str]) -> str:
    """The sentence for an unknown word, with the nearest known one."""
    near = nearest(word, words)
    return f"未知的{what}“{word}”" + (f"，是否想写“{near}”" if near else "")


def _by_name(what: str, values: Iterable[Any], key: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for value in values:
        name = getattr(value, key)
        if name in found and found[name] != value:
            raise ValueError(f"{what} {name} is declared twice")
        found[name] = value
    return found
