"""The effective pack: a document with its ancestors, as the rest of the platform uses it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gongzhi.policy.calendar import Calendar
from gongzhi.policy.clock_rules import DutyRule, Ladder, Resolved, Verdict, WindowRule
from gongzhi.policy.units import Unit, unit
from gongzhi.policy.values import Words, key_text, number_text, typed_switch
from gongzhi.policy.vocabulary import Matter, Question, Role, Type, Vocabulary

if TYPE_CHECKING:
    from gongzhi.policy.checks import CheckRule
    from gongzhi.policy.coverage import Carrier
    from gongzhi.policy.plans import Plan
    from gongzhi.policy.registers import Patrol, Register
    from gongzhi.policy.rules import Rule
    from gongzhi.policy.worked_cases import Case

READING_CLAUSE = "CC-1259"
OTHERWISE = "otherwise"
REGISTER = "register."
_PLANS_KEPT = 4096


@dataclass(frozen=True, slots=True)
class Clause:
    id: str
    where: str
    says: str
    kind: str
    topic: str
    strength: str
    accept: str
    open: str
    anchor: str
    pack: str
    file: str = ""
    line: int = 0
    source: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """`kind` number | period | date | text. `versions` (from, value) in order; a table maps keys to values."""

    name: str
    title: str
    kind: str
    unit: Unit | None
    unit_text: str
    by: tuple[str, ...]
    versions: tuple[tuple[date | None, Any], ...]
    clause: str
    reading: str | None
    pack: str
    file: str
    line: int

    def at(self, on: date) -> Any:
        """The value, or the table, in force on the day; None before the first one."""
        found = None
        for from_on, value in self.versions:
            if from_on is None or from_on <= on:
                found = value
        return found

    def since(self, on: date) -> date | None:
        found = None
        for from_on, _ in self.versions:
            if from_on is not None and from_on <= on:
                found = from_on
        return found

    def look_up(self, on: date, keys: Sequence[Any]) -> Any:
        table = self.at(on)
        for key in keys:
            if table is None:
                return None
            table = table.get(key_text(key), table.get(OTHERWISE))
        return table

    def shown(self, value: Any) -> str:
        if isinstance(value, Mapping):
            return "；".join(f"{key}：{self.shown(one)}" for key, one in value.items())
        if self.kind == "number":
            return number_text(value) + (f" {self.unit.chinese}" if self.unit and self.unit.chinese else "")
        return str(getattr(value, "text", value))


@dataclass(frozen=True, slots=True)
class Switch:
    name: str
    title: str
    type: Type
    default: Any
    clauses: tuple[str, ...]
    pack: str
    file: str
    line: int
    type_text: str = ""

    def shown(self, value: Any) -> str:
        if isinstance(value, bool):
            return "是" if value else "否"
        if self.type.kind == "enum":
            return self.type.label(value)
        if isinstance(value, int | Decimal | Fraction):
            its = unit(self.type.unit).chinese if self.type.unit else ""
            return number_text(value) + (f" {its}" if its else "")
        if isinstance(value, tuple):
            return "、".join(value)
        return str(getattr(value, "text", value))


@dataclass(frozen=True, slots=True)
class Instrument:
    """An official document: its number's form, who issues it, to whom, and the text."""

    code: str
    name: str
    number: str
    issuer_role: str
    issuer_field: str
    to: str
    copy_to: tuple[str, ...]
    body: str
    clauses: tuple[str, ...]
    template: str
    pack: str


@dataclass(frozen=True, slots=True)
class Term:
    """A pack's name for a role or matter, with what it adds."""

    code: str
    name: str
    clauses: tuple[str, ...]
    pack: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Document:
    """One document of the chain."""

    slug: str
    title: str
    document: str
    prefix: str
    place: str | None
    extends: str | None
    status: str
    from_on: date | None
    to_on: date | None
    source: str | None
    assumption: str | None

    def in_force(self, on: date) -> bool:
        if self.status == "repealed" and self.to_on is None:
            return False
        return (self.from_on is None or self.from_on <= on) and (self.to_on is None or on <= self.to_on)


@dataclass(eq=False)
class Pack:
    """A document with everything that it inherits. `chain` from itself to the root."""

    slug: str
    hash: str
    documents: tuple[Document, ...]
    vocabulary: Vocabulary
    clauses: dict[str, Clause]
    figures: dict[str, Figure]
    switches: dict[str, Switch]
    terms: dict[str, dict[str, Term]]
    roles: dict[str, Role]
    matters: dict[str, Matter]
    rules: "dict[str, tuple[tuple[Rule, ...], ...]]"
    check_rules: "dict[str, tuple[CheckRule, ...]]"
    duty_rules: dict[str, DutyRule]
    ladders: dict[str, Ladder]
    windows: dict[str, WindowRule]
    instruments: dict[str, Instrument]
    registers: "dict[str, Register]"
    patrols: "dict[str, Patrol]"
    calendar: Calendar
    cases: "tuple[Case, ...]" = ()
    carriers: "tuple[Carrier, ...]" = ()
    _plans: "dict[tuple[str, date], Plan]" = field(default_factory=dict, repr=False)

    @property
    def document(self) -> Document:
        return self.documents[0]

    @property
    def title(self) -> str:
        return self.document.title

    @property
    def place(self) -> str | None:
        return self.document.place

    @property
    def status(self) -> str:
        return self.document.status

    @property
    def prefix(self) -> str:
        return self.document.prefix

    @property
    def chain(self) -> tuple[str, ...]:
        return tuple(one.slug for one in self.documents)

    @property
    def questions_answered(self) -> tuple[str, ...]:
        checks = (one for one in self.check_rules if not one.startswith(REGISTER))
        return tuple(sorted({*self.rules, *checks}))

    @cached_property
    def words(self) -> Words:
        return Words(self.roles, self.matters)

    def role_name(self, code: str) -> str:
        if term := self.terms["roles"].get(code):
            return term.name
        return self.roles[code].name if code in self.roles else code

    def role_level(self, code: str) -> str:
        return self.roles[code].level if code in self.roles else ""

    def matter_name(self, code: str) -> str:
        if term := self.terms["matters"].get(code):
            return term.name
        return self.matters[code].name if code in self.matters else code

    def fact_title(self, name: str) -> str:
        """What people call a fact; the name itself where no question asks for it."""
        asked = (one.fact[name].title for one in self.vocabulary.questions.values() if name in one.fact)
        return next(asked, name)

    def cited_as(self, slug: str) -> str:
        """The document's name as people cite it, in its own 《》 or in ours."""
        name = next((one.document for one in self.documents if one.slug == slug), slug)
        return name if "《" in name else f"《{name}》"

    def question(self, name: str) -> Question:
        """Raises KeyError for a question that nobody declared. Each register of the pack has one of its own."""
        if name.startswith(REGISTER):
            return self.registers[name.removeprefix(REGISTER)].question
        return self.vocabulary.questions[name]

    def plan(self, question: str, on: date) -> "Plan":
        """The rules of a question on a day, compiled once."""
        found = self._plans.get((question, on))
        if found is None:
            from gongzhi.policy.plans import build_plan

            if len(self._plans) >= _PLANS_KEPT:
                self._plans.clear()
            found = self._plans[question, on] = build_plan(self, question, on)
        return found

    def switch_value(self, name: str, given: Mapping[str, Any] | None) -> Any:
        """The value at the place, or the default. Raises PackFault when the given one does not fit its type."""
        switch = self.switches[name]
        if given is None or given.get(name) is None:
            return switch.default
        return typed_switch(given[name], switch.type, self.words)

    def holds(
        self, condition: Any, data: Mapping[str, Any], *, on: date, switches: Mapping[str, Any] | None = None
    ) -> Verdict:
        """Whether a condition of a duty, ladder or window holds for the data of an event."""
        from gongzhi.policy.resolving import holds

        return holds(self, condition, data, on=on, switches=switches)

    def resolve(
        self, spec: Any, data: Mapping[str, Any], *, on: date, switches: Mapping[str, Any] | None = None
    ) -> Resolved:
        """The value of `{figure: f}`, `{switch: s}` or `{field: f}`; a scalar as it stands."""
        from gongzhi.policy.resolving import resolve

        return resolve(self, spec, data, on=on, switches=switches)


class Packs:
    """All packs of a folder that could be read."""

    def __init__(self, packs: Mapping[str, Pack]) -> None:
        self._packs = dict(packs)

    @property
    def slugs(self) -> tuple[str, ...]:
        return tuple(self._packs)

    def get(self, slug: str) -> Pack | None:
        return self._packs.get(slug)

    def __getitem__(self, slug: str) -> Pack:
        return self._packs[slug]

    def __contains__(self, slug: object) -> bool:
        return slug in self._packs

    def __iter__(self) -> Iterator[Pack]:
        return iter(self._packs.values())

    def __len__(self) -> int:
        return len(self._packs)
