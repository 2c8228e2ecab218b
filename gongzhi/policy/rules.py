"""Decisions and formulas after their words were checked: one shape for tables, short forms and formulas."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from gongzhi.policy.conditions import When
from gongzhi.policy.expressions import Expression
from gongzhi.policy.schema_rules import Value
from gongzhi.policy.vocabulary import Question

FIRST, UNIQUE, UNION = "first", "unique", "union"


@dataclass(frozen=True, slots=True)
class Row:
    when: When
    value: Value
    clauses: tuple[str, ...]
    says: str
    reading: bool
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Rule:
    """How one document answers one question between two days. `falls`: what it does not cover goes to the ancestor."""

    question: Question
    pack: str
    kind: str
    hit: str
    lets: Mapping[str, Expression]
    rows: tuple[Row, ...]
    falls: bool
    from_on: date | None
    to_on: date | None
    file: str
    line: int
    figures: frozenset[str] = field(default_factory=frozenset)
    switches: frozenset[str] = field(default_factory=frozenset)

    def in_force(self, on: date) -> bool:
        return (self.from_on is None or self.from_on <= on) and (self.to_on is None or on <= self.to_on)
