"""A question on a day: the documents that answer it in order, compiled, and the slow reading beside it.

The compiled function answers when everything that it tests is given; what is not given goes to the careful
reading with three values. Both read the same bound rules.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from gongzhi.policy.answer import GIVEN, NEEDS, SILENT, Explanation, Outcome
from gongzhi.policy.conditions import Atom, Both, Bound, Not, OneOf, Operand, Test, atom_holds, holds
from gongzhi.policy.facts import BadFacts, check_fact
from gongzhi.policy.problems import PackFault
from gongzhi.policy.rules import UNION, UNIQUE, Row, Rule
from gongzhi.policy.schema_base import exact
from gongzhi.policy.schema_rules import Value
from gongzhi.policy.vocabulary import Question, Record, Type

if TYPE_CHECKING:
    from gongzhi.policy.pack import Pack

NO_ROW = -1
Hit = Any
Switches = Mapping[str, Any] | None


class NoValue(ValueError):
    """A figure that has no value on the day asked."""


class Needs(tuple[str, ...]):
    """The facts that are missing."""

    __slots__ = ()


class Unset(str):
    """A figure that the rules turn on has no value on the day; the text says which."""

    __slots__ = ()


class Trace:
    """What was read on the way to an answer."""

    def __init__(self) -> None:
        self.figures: dict[tuple[str, tuple[str, ...]], Any] = {}
        self.switches: dict[str, Any] = {}
        self.lets: dict[str, Fraction | None] = {}


class Scope:
    """The names of one rule with their values: facts as given, lets computed, figures of the day, switches."""

    __slots__ = ("_lets", "facts", "on", "pack", "rule", "switches", "trace")

    def __init__(
        self,
        pack: "Pack",
        rule: Rule,
        facts: Mapping[str, Any],
        switches: Switches,
        on: date,
        trace: Trace | None = None,
    ) -> None:
        self.pack = pack
        self.rule = rule
        self.facts = facts
        self.switches = switches
        self.on = on
        self.trace = trace
        self._lets: dict[str, Fraction | None] = {}

    def field(self, name: str) -> Any:
        if name in self.rule.lets:
            value = self.let(name)
            return None if value is None else exact(value)
        value = self.facts.get(name)
        if value is not None:
            check_fact(self.rule.question.fact[name], value, self.pack)
        return value

    def let(self, name: str) -> Fraction | None:
        if name not in self._lets:
            try:
                self._lets[name] = self.rule.lets[name].value(self)
            except PackFault as fault:
                raise BadFacts(fault.message) from None
        if self.trace is not None:
            self.trace.lets[name] = self._lets[name]
        return self._lets[name]

    def figure(self, name: str) -> Any:
        figure = self.pack.figures[name]
        return self._read(name, tuple(figure.by))

    def _read(self, name: str, facts: tuple[str, ...]) -> Any:
        figure = self.pack.figures[name]
        keys = tuple(self.field(one) for one in facts)
        if any(one is None for one in keys):
            return None
        value = figure.look_up(self.on, keys)
        if value is None:
            raise NoValue(f"“{figure.title}”在 {self.on.isoformat()} 没有规定数值")
        if self.trace is not None:
            self.trace.figures[name, tuple(str(one) for one in keys)] = value
        return value

    def switch(self, name: str) -> Any:
        try:
            value = self.pack.switch_value(name, self.switches)
        except PackFault as fault:
            raise BadFacts(f"配置“{self.pack.switches[name].title}”（{name}）：{fault.message}", name) from None
        if self.trace is not None:
            self.trace.switches[name] = value
        return value

    def number(self, kind: str, name: str) -> Fraction | None:
        if kind == "let":
            return self.let(name)
        read = {"fact": self.field, "figure": self.figure, "switch": self.switch}[kind]
        value = read(name)
        return None if value is None else Fraction(value)

    def table(self, figure: str, keys: tuple[str, ...]) -> Fraction | None:
        value = self._read(figure, keys)
        return None if value is None else Fraction(value)

    def missing(self, name: str) -> list[str]:
        """The facts that a name lacks: itself, or those under a let."""
        if name not in self.rule.lets:
            return [name] if name in self.rule.question.fact and self.facts.get(name) is None else []
        found: list[str] = []
        for leaf in self.rule.lets[name].leaves():
            found += self.missing_leaf(leaf)
        return found

    def missing_leaf(self, leaf: Any) -> list[str]:
        if leaf.word == "lookup" and leaf.kind == "call":
            return [key for key in leaf.extra[1] if self.facts.get(key) is None]
        if leaf.extra == "figure":
            return self.missing_keys(leaf.word)
        return self.missing(leaf.word) if leaf.extra in ("fact", "let") else []

    def missing_keys(self, figure: str) -> list[str]:
        return [key for key in self.pack.figures[figure].by if self.facts.get(key) is None]


@dataclass(frozen=True)
class Stage:
    """One document's rule in a plan. `first` the number of its first row in the whole plan."""

    rule: Rule
    first: int
    run: Callable[[Mapping[str, Any], Switches], Hit]


class Plan:
    """`run(facts, switches)` gives a row's number, a tuple of them (union), `Needs`, `Unset`, or NO_ROW."""

    __slots__ = ("fact_names", "later", "limits", "on", "pack", "question", "run", "skipped", "stages")

    def __init__(
        self, pack: "Pack", question: Question, on: date, stages: tuple[Stage, ...], skipped: tuple[str, ...]
    ) -> None:
        self.pack = pack
        self.question = question
        self.on = on
        self.stages = stages
        self.skipped = skipped
        self.fact_names = frozenset(question.fact)
        self.limits = question.limits
        self.run = stages[0].run if len(stages) == 1 else self._run_all

    def _run_all(self, facts: Mapping[str, Any], switches: Switches) -> Hit:
        for stage in self.stages:
            hit = stage.run(facts, switches)
            if hit != NO_ROW:
                if isinstance(hit, Needs | Unset):
                    return hit
                if isinstance(hit, tuple):
                    return tuple(one + stage.first for one in hit)
                return hit + stage.first
        return NO_ROW

    def stage_of(self, hit: Hit) -> tuple[Stage, tuple[Row, ...]]:
        numbers = hit if isinstance(hit, tuple) else (hit,)
        stage = next(one for one in reversed(self.stages) if one.first <= numbers[0])
        return stage, tuple(stage.rule.rows[one - stage.first] for one in numbers)

    def outcome(self, facts: Mapping[str, Any], switches: Switches, hit: Hit) -> Outcome:
        if isinstance(hit, Needs):
            return Outcome(NEEDS, needs=tuple(hit))
        if isinstance(hit, Unset):
            return Outcome(SILENT, detail=str(hit))
        if hit == NO_ROW:
            return self._default()
        stage, rows = self.stage_of(hit)
        return self.valued(Scope(self.pack, stage.rule, facts, switches, self.on), rows)

    def _default(self) -> Outcome:
        if self.question.default is None:
            return Outcome(SILENT)
        return Outcome(GIVEN, _shaped(self.question.default, self.question.answer))

    def valued(self, scope: Scope, rows: tuple[Row, ...]) -> Outcome:
        needs: list[str] = []
        try:
            values = [_shaped(value_of(row.value, scope, needs), self.question.answer) for row in rows]
        except NoValue as fault:
            return Outcome(SILENT, detail=str(fault))
        except PackFault as fault:
            raise BadFacts(fault.message) from None
        if needs:
            return Outcome(NEEDS, needs=tuple(dict.fromkeys(needs)))
        return Outcome(GIVEN, values[0] if len(values) == 1 else _joined(values, self.question.answer))

    def explain(self, facts: Mapping[str, Any], switches: Switches, hit: Hit) -> Explanation:
        from gongzhi.policy.explaining import explain

        return explain(self, facts, switches, hit=hit)


def value_of(value: Value, scope: Scope, needs: list[str]) -> Any:
    """The typed value; the facts that it lacks are added to `needs`."""
    if value.kind == "list":
        return [value_of(one, scope, needs) for one in value.items]
    if value.kind == "record":
        return {name: value_of(one, scope, needs) for name, one in value.fields.items()}
    if value.kind == "text":
        return value.typed
    if value.kind == "switch":
        return scope.switch(value.text)
    if value.kind == "field":
        found = scope.field(value.text)
        if found is None:
            needs += scope.missing(value.text)
        return found
    if value.kind == "figure":
        found = scope.figure(value.text)
        if found is None:
            needs += scope.missing_keys(value.text)
            return None
        return found if value.typed is None else exact(Fraction(found) * value.typed)
    number = value.typed.value(scope)
    if number is None:
        for leaf in value.typed.leaves():
            needs += scope.missing_leaf(leaf)
        return None
    return exact(number)


def _shaped(value: Any, shape: Type | Record) -> Any:
    """A record always has all its fields: an empty list or None where the row says nothing."""
    if not isinstance(shape, Record) or not isinstance(value, Mapping):
        return value
    empty: dict[str, Any] = {one.name: [] if one.type.kind == "list" else None for one in shape.fields}
    return {**empty, **value}


def _joined(values: list[Any], shape: Type | Record) -> Any:
    if isinstance(shape, Record):
        return {one.name: _join([value[one.name] for value in values]) for one in shape.fields}
    return _join(values)


def _join(values: list[Any]) -> Any:
    if any(isinstance(one, list) for one in values):
        return list(dict.fromkeys(item for one in values for item in one or ()))
    return next((one for one in values if one is not None), None)


def careful(pack: "Pack", rule: Rule, facts: Mapping[str, Any], *, switches: Switches, on: date) -> Hit:
    """The slow reading of a table, condition by condition with three values."""
    scope = Scope(pack, rule, facts, switches, on)
    hits: list[int] = []
    needs: Needs | None = None
    for number, row in enumerate(rule.rows):
        verdict = holds(row.when, scope)
        if verdict is True and rule.hit != UNION:
            return number
        if verdict is True:
            hits.append(number)
        if verdict is None and needs is None:
            needs = Needs(dict.fromkeys(_lacking(row, scope)))
            # In a table without overlaps a later row may still hold for sure.
            if rule.hit != UNIQUE:
                return needs
    if needs is not None:
        return needs
    return tuple(hits) if hits else NO_ROW


def _lacking(row: Row, scope: Scope) -> list[str]:
    """What the first undecided condition lacks; the later ones may turn out not to matter."""
    undecided = next(atom for atom in row.when if atom_holds(atom, scope) is None)
    return _lacking_of(undecided, scope)


def _lacking_of(atom: Atom, scope: Scope) -> list[str]:
    found = [] if atom.switch is not None else scope.missing(atom.key)
    for operand in _test_operands(atom.test):
        if operand.kind == "field":
            found += scope.missing(operand.text)
        elif operand.kind == "figure":
            found += scope.missing_keys(operand.text)
    return found


def _test_operands(test: Test) -> list[Operand]:
    if isinstance(test, OneOf):
        return list(test.operands)
    if isinstance(test, Bound):
        return [test.operand]
    if isinstance(test, Not):
        return _test_operands(test.test)
    return [one for inner in test.tests for one in _test_operands(inner)] if isinstance(test, Both) else []


def build_plan(pack: "Pack", question: str, on: date) -> Plan:
    """Raises KeyError for a question that nobody declared."""
    from gongzhi.policy.compiling import compiled

    asked = pack.question(question)
    stages: list[Stage] = []
    skipped: list[str] = []
    first = 0
    in_force = {one.slug: one.in_force(on) for one in pack.documents}
    for versions in pack.rules.get(question, ()):
        rule = next((one for one in versions if one.in_force(on)), None)
        if rule is None or not in_force[versions[0].pack]:
            skipped.append(versions[0].pack)
            continue
        stages.append(Stage(rule, first, compiled(pack, rule, on)))
        first += len(rule.rows)
        if not rule.falls:
            break
    return Plan(pack, asked, on, tuple(stages), tuple(skipped))
