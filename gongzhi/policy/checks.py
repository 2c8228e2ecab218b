"""Predicates over a record: refuse, warn or note, each with its clause."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from gongzhi.policy.conditions import When, atom_holds, holds
from gongzhi.policy.plans import NoValue, Scope
from gongzhi.policy.rules import Rule
from gongzhi.policy.vocabulary import Question

if TYPE_CHECKING:
    from gongzhi.policy.pack import Pack

OUTCOMES = ("refuse", "warn", "note")


@dataclass(frozen=True, slots=True)
class Finding:
    outcome: str
    message: str
    field: str | None
    clauses: tuple[str, ...]
    name: str
    pack: str = ""


@dataclass(frozen=True, slots=True)
class CheckRule:
    name: str
    question: Question
    pack: str
    when: When
    must: When
    any_of: tuple[When, ...]
    outcome: str
    says: str
    field: str | None
    clauses: tuple[str, ...]
    from_on: date | None
    to_on: date | None
    file: str
    line: int
    lets: Mapping[str, Any] | None = None

    def in_force(self, on: date) -> bool:
        return (self.from_on is None or self.from_on <= on) and (self.to_on is None or on <= self.to_on)

    def as_rule(self) -> Rule:
        """The shape that gives names their values."""
        return Rule(
            self.question,
            self.pack,
            "check",
            "first",
            self.lets or {},
            (),
            False,
            self.from_on,
            self.to_on,
            self.file,
            self.line,
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """A check that applies to the record, and what it found; None when all is well."""

    name: str
    says: str
    outcome: str
    clauses: tuple[str, ...]
    finding: Finding | None


def judged(
    pack: "Pack", record: str, values: Mapping[str, Any], *, on: date, switches: Mapping[str, Any] | None
) -> list[Judged]:
    """A check applies where its `when` surely holds; what it demands must surely hold: not given is not fulfilled."""
    in_force = {one.slug: one.in_force(on) for one in pack.documents}
    found: list[Judged] = []
    for rule in pack.check_rules.get(record, ()):
        if not rule.in_force(on) or not in_force[rule.pack]:
            continue
        scope = Scope(pack, rule.as_rule(), values, switches, on)
        try:
            if holds(rule.when, scope) is not True:
                continue
            failed = _failed(rule, scope)
        except NoValue:
            continue
        finding = None
        if failed is not None:
            field = rule.field or failed or None
            finding = Finding(rule.outcome, rule.says, field, rule.clauses, rule.name, rule.pack)
        found.append(Judged(rule.name, rule.says, rule.outcome, rule.clauses, finding))
    return found


def _failed(rule: CheckRule, scope: Scope) -> str | None:
    """The field at fault, "" when none can be named, None when all is well."""
    for atom in rule.must:
        if atom_holds(atom, scope) is not True:
            return atom.key
    if rule.any_of and not any(holds(one, scope) is True for one in rule.any_of):
        return rule.any_of[0][0].key if rule.any_of[0] else ""
    return None
