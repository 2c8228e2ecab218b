"""Turns a bound table into one Python function. The source is made of numbered names only; every value of the
pack goes in as a constant, never as text."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from gongzhi.policy.conditions import COMPARE_SIGN, Atom, Both, Bound, Given, Not, OneOf, Operand, Test
from gongzhi.policy.facts import BadFacts
from gongzhi.policy.periods import Period
from gongzhi.policy.plans import Hit, NoValue, Scope, Switches, Unset, careful
from gongzhi.policy.rules import UNION, Rule
from gongzhi.policy.schema_base import exact
from gongzhi.policy.vocabulary import Type

if TYPE_CHECKING:
    from gongzhi.policy.pack import Pack

_NUMBERS = ("area_m2", "yuan", "ratio", "number")


def compiled(pack: "Pack", rule: Rule, on: date) -> Callable[[Mapping[str, Any], Switches], Hit]:
    def slowly(facts: Mapping[str, Any], switches: Switches) -> Hit:
        try:
            return careful(pack, rule, facts, switches=switches, on=on)
        except NoValue as fault:
            return Unset(fault)

    try:
        source, constants = _Writer(pack, rule, on).function()
    except NoValue:
        return slowly
    constants["slowly"] = slowly
    exec(compile(source, f"<{rule.pack} {rule.question.name}>", "exec"), constants)  # noqa: S102  (numbered names only)
    run: Callable[[Mapping[str, Any], Switches], Hit] = constants["run"]
    return run


class _Writer:
    def __init__(self, pack: "Pack", rule: Rule, on: date) -> None:
        self.pack = pack
        self.rule = rule
        self.on = on
        self.constants: dict[str, Any] = {}
        self.locals: dict[tuple[str, str], str] = {}
        self.reads: list[str] = []
        self.guards: list[str] = []

    def function(self) -> tuple[str, dict[str, Any]]:
        rows = [" and ".join(self.atom(one) for one in row.when) or "True" for row in self.rule.rows]
        lines = ["def run(facts, switches):", *(f"    {one}" for one in self.reads)]
        if self.guards:
            lines += [f"    if {' or '.join(self.guards)}:", "        return slowly(facts, switches)"]
        if self.rule.hit == UNION:
            lines.append("    hits = ()")
            for number, test in enumerate(rows):
                lines += [f"    if {test}:", f"        hits += ({number},)"]
            lines.append("    return hits or -1")
        else:
            for number, test in enumerate(rows):
                lines += [f"    if {test}:", f"        return {number}"]
            lines.append("    return -1")
        return "\n".join(lines) + "\n", self.constants

    def constant(self, value: Any) -> str:
        name = f"k{len(self.constants)}"
        self.constants[name] = value
        return name

    def atom(self, atom: Atom) -> str:
        local = self.read("switch", atom.switch) if atom.switch is not None else self.read("field", atom.key)
        return self.test(atom.test, local, atom)

    def kind(self, name: str) -> Type | None:
        return None if name in self.rule.lets else self.rule.question.fact[name].type

    def read(self, source: str, name: str) -> str:
        """The local that holds a fact, a let, a switch or a figure read by facts; guarded against what is not plain."""
        if (source, name) in self.locals:
            return self.locals[source, name]
        local = f"v{len(self.locals)}"
        self.locals[source, name] = local
        key = self.constant(name)
        if source == "field" and name not in self.rule.lets:
            self.reads.append(f"{local} = facts.get({key})")
            self.guards.append(self.guard(local, name))
        elif source == "switch":
            default = self.constant(self.pack.switches[name].default)
            given = self.constant(self._reader(source, name))
            self.reads.append(f"{local} = {default} if switches is None else {given}(facts, switches)")
        else:
            given = self.constant(self._reader(source, name))
            self.reads.append(f"{local} = {given}(facts, switches)")
            self.guards.append(f"{local} is None")
        return local

    def _reader(self, source: str, name: str) -> Callable[[Mapping[str, Any], Switches], Any]:
        pack, rule, on = self.pack, self.rule, self.on

        def read(facts: Mapping[str, Any], switches: Switches) -> Any:
            scope = Scope(pack, rule, facts, switches, on)
            try:
                return getattr(scope, source)(name)
            except (BadFacts, NoValue):
                if source == "switch":
                    raise
                return None  # the slow reading says what is wrong, if it matters at all

        return read

    def guard(self, local: str, name: str) -> str:
        """What sends a fact to the slow reading: not given, of another type, or an unknown code."""
        fact = self.rule.question.fact[name]
        kind = fact.type
        if kind.kind == "bool":
            return f"({local} is not True and {local} is not False)"
        if kind.kind in ("count", "money_fen"):
            return f"{local}.__class__ is not {self.constant(int)}"
        if kind.kind in _NUMBERS:
            return f"{local}.__class__ not in {self.constant(frozenset((int, Decimal, Fraction)))}"
        if fact.open or kind.kind == "text":
            return f"{local}.__class__ is not {self.constant(str)}"
        codes = {"enum": kind.choices, "role": self.pack.roles, "matter": self.pack.matters}.get(kind.kind)
        if codes is not None:
            known = self.constant(frozenset(codes))
            return f"({local}.__class__ is not {self.constant(str)} or {local} not in {known})"
        if kind.kind == "list":
            item = kind.item
            inner = {"enum": item.choices, "role": self.pack.roles, "matter": self.pack.matters} if item else {}
            allowed = inner.get(item.kind) if item else None
            if allowed is None or fact.open:
                return f"{local}.__class__ is not {self.constant(list)}"
            return (
                f"({local}.__class__ is not {self.constant(list)}"
                f" or not {self.constant(frozenset(allowed))}.issuperset({local}))"
            )
        plain = {"date": date, "moment": datetime, "period": Period}.get(kind.kind, str)
        return f"{local}.__class__ is not {self.constant(plain)}"

    def test(self, test: Test, local: str, atom: Atom) -> str:
        if isinstance(test, Given):
            # A switch always has a value; a fact that reaches the compiled rows was given.
            return "True" if test.yes else "False"
        if isinstance(test, Not):
            return f"(not {self.test(test.test, local, atom)})"
        if isinstance(test, Both):
            return "(" + " and ".join(self.test(one, local, atom) for one in test.tests) + ")"
        if isinstance(test, Bound):
            return f"{local} {COMPARE_SIGN[test.word]} {self.operand(test.operand)}"
        return self.one_of(test, local, atom)

    def one_of(self, test: OneOf, local: str, atom: Atom) -> str:
        fixed = [self.value(one) for one in test.operands if self.is_constant(one)]
        others = [self.operand(one) for one in test.operands if not self.is_constant(one)]
        parts: list[str] = []
        if fixed and atom.listed:
            parts.append(f"(not {self.constant(frozenset(fixed))}.isdisjoint({local}))")
        elif len(fixed) == 1:
            value = fixed[0]
            parts.append(f"{local} is {value}" if isinstance(value, bool) else f"{local} == {self.constant(value)}")
        elif fixed:
            parts.append(f"{local} in {self.constant(frozenset(fixed))}")
        parts += [f"{one} in {local}" if atom.listed else f"{local} == {one}" for one in others]
        return parts[0] if len(parts) == 1 else "(" + " or ".join(parts) + ")"

    def is_constant(self, operand: Operand) -> bool:
        return operand.kind == "value" or (operand.kind == "figure" and not self.pack.figures[operand.text].by)

    def value(self, operand: Operand) -> Any:
        if operand.kind == "value":
            return operand.value
        figure = self.pack.figures[operand.text]
        value = figure.at(self.on)
        if value is None:
            raise NoValue(figure.title)
        return value if operand.scale is None else exact(Fraction(value) * operand.scale)

    def operand(self, operand: Operand) -> str:
        if self.is_constant(operand):
            return self.constant(self.value(operand))
        local = self.read(operand.kind, operand.text)
        return local if operand.scale is None else f"({local} * {self.constant(operand.scale)})"
