"""Registers and patrols, bound: what a book or sheet asks, what it brings about, who patrols how often."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from gongzhi.policy.conditions import When, holds
from gongzhi.policy.pack import REGISTER
from gongzhi.policy.plans import Scope
from gongzhi.policy.rules import Rule
from gongzhi.policy.schema_base import Source
from gongzhi.policy.vocabulary import COUNT, DATE, LIST, ROLE, TEXT, Enum, Fact, Question, Type

if TYPE_CHECKING:
    from gongzhi.policy.expressions import Expression
    from gongzhi.policy.pack import Pack

# What is known of every entry or sheet beside its own fields.
KNOWN: tuple[Fact, ...] = (
    Fact("by", ROLE, "由谁登记"),
    Fact("was", TEXT, "原来的环节"),
    Fact("days_in_stage", COUNT, "在这个环节几日"),
    Fact("entered_on", DATE, "登记日期"),
    Fact("units", COUNT, "会同单位数"),
    Fact("unit_roles", LIST(ROLE), "会同单位"),
    Fact("findings", COUNT, "另登记的问题数"),
    Fact("kind", TEXT, "巡查类别"),
    Fact("points_missed", COUNT, "没有签到的点位数"),
)


@dataclass(frozen=True, slots=True)
class RegisterField:
    name: str
    title: str
    form: str
    type: Type
    required: bool
    register: str
    default: Source | None
    serving: bool
    help: str
    stage: str = ""  # of the named entry


@dataclass(frozen=True, slots=True)
class Stage:
    code: str
    title: str
    after: tuple[str, ...]
    by: tuple[str, ...]
    done: bool


@dataclass(frozen=True, slots=True)
class Find:
    when: When
    kind: str
    grade: str
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    when: When
    says: str
    tone: str
    past: tuple[str, str] | None
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rate:
    title: str
    of: When
    holds: When
    part: str
    whole: str
    shown: str
    lacking: str
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Counted:
    name: str
    title: str
    register: str
    where: When


@dataclass(frozen=True, slots=True)
class FactWritten:
    when: When
    fact: str
    value: str
    on: str
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tell:
    when: When
    roles: tuple[str, ...]
    register: str
    field: str
    says: str


@dataclass(frozen=True, slots=True)
class Register:
    """A book (`use` book) or a check sheet (`use` round). Its checks are those of question `register.CODE`."""

    code: str
    title: str
    use: str
    about: str
    writers: tuple[str, ...]
    readers: tuple[str, ...]
    once: bool
    every: str
    public: bool
    owed_at: str
    all_of: str
    tally: tuple[str, ...]
    score: str
    looks_at: str
    fields: Mapping[str, RegisterField]
    stages: Mapping[str, Stage]
    lets: "Mapping[str, Expression]"
    counts: tuple[Counted, ...]
    finds: tuple[Find, ...]
    marks: tuple[Mark, ...]
    rates: tuple[Rate, ...]
    facts: tuple[FactWritten, ...]
    tells: tuple[Tell, ...]
    within: Source | None
    clauses: tuple[str, ...]
    question: Question
    pack: str
    file: str
    line: int

    @property
    def first_stage(self) -> str:
        return next(iter(self.stages), "")

    def next_stages(self, stage: str) -> list[Stage]:
        """Where an entry may go from here."""
        codes = list(self.stages)
        found = []
        for place, one in enumerate(self.stages.values()):
            before = one.after or ((codes[place - 1],) if place else ())
            if stage in before:
                found.append(one)
        return found

    def scope(
        self, pack: "Pack", values: Mapping[str, Any], *, on: date, switches: Mapping[str, Any] | None = None
    ) -> Scope:
        """The names of its conditions with their values."""
        rule = Rule(self.question, self.pack, "check", "first", self.lets, (), False, None, None, self.file, self.line)
        return Scope(pack, rule, {name: one for name, one in values.items() if one is not None}, switches, on)

    def surely(self, when: When, scope: Scope) -> bool:
        return holds(when, scope) is True

    def value_of(self, name: str, scope: Scope) -> Any:
        """A field, or a value that a `let` computes."""
        return scope.field(name)


@dataclass(frozen=True, slots=True)
class Patrol:
    """Who patrols how often. `per` and `distinct` are words, or a switch that holds one."""

    code: str
    title: str
    by: tuple[str, ...]
    sheets: tuple[str, ...]
    every: str
    at_least: Source | None
    per: str | Source
    distinct: str | Source
    max_gap: Source | None
    kinds: Mapping[str, str]
    counts_kinds: tuple[str, ...]
    clauses: tuple[str, ...]
    pack: str
    file: str
    line: int


def question_of(
    code: str,
    title: str,
    fields: Mapping[str, RegisterField],
    *,
    stages: Mapping[str, Stage],
    counts: Mapping[str, str],
) -> Question:
    facts = [Fact(one.name, one.type, one.title) for one in fields.values()]
    staged = Enum({one.code: one.title for one in stages.values()}) if stages else TEXT
    facts.append(Fact("stage", staged, "环节"))
    facts += [Fact(name, COUNT, title) for name, title in counts.items()]
    return Question(f"{REGISTER}{code}", title, (*facts, *KNOWN), TEXT, kind="check")
