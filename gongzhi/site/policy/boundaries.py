"""The lines that a numeric fact runs across: the same question asked on each bound and just off it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from gongzhi.policy import BadFacts, decide
from gongzhi.policy.conditions import Both, Bound, Not
from gongzhi.policy.problems import PackFault

STEPS = {"area_m2": Decimal("0.01"), "count": 1, "money_fen": 1, "yuan": Decimal("0.01"), "ratio": Decimal("0.0001")}
MOST_ROWS = 12


@dataclass(frozen=True, slots=True)
class Line:
    value: Any
    shown: str
    answer: Any
    here: bool


@dataclass(frozen=True, slots=True)
class Scale:
    """One fact with the answers around its bounds, the highest value first."""

    title: str
    lines: tuple[Line, ...]


def scales(pack: Any, question: str, given: Mapping[str, Any], *, on: date, switches: Mapping[str, Any]) -> list[Scale]:
    """For each numeric fact that was given and that the rules compare with figures. Empty where nothing is compared."""
    asked = pack.question(question)
    found = []
    for fact in asked.facts:
        step = STEPS.get(fact.type.kind)
        if step is None or fact.name not in given:
            continue
        bounds = sorted(set(_bounds(pack, question, fact.name, on)))
        values = {given[fact.name], *(value for bound in bounds for value in (bound - step, bound, bound + step))}
        if bounds:
            tried = sorted((value for value in values if value >= 0), reverse=True)
            lines = _lines(pack, question, fact, given, tried, on, switches)
            found.append(Scale(fact.title, tuple(lines[:MOST_ROWS])))
    return found


def _lines(
    pack: Any,
    question: str,
    fact: Any,
    given: Mapping[str, Any],
    values: list[Any],
    on: date,
    switches: Mapping[str, Any],
) -> list[Line]:
    found = []
    for value in values:
        try:
            answer = decide(pack, question, {**given, fact.name: value}, on=on, switches=dict(switches))
        except (BadFacts, PackFault, ValueError):
            continue
        found.append(Line(value, shown_value(fact, value), answer, value == given[fact.name]))
    return found


def _bounds(pack: Any, question: str, fact: str, on: date) -> Iterator[Any]:
    for layer in pack.rules.get(question, ()):
        for rule in layer:
            if not rule.in_force(on):
                continue
            for row in rule.rows:
                for atom in _atoms(row.when):
                    if atom.key == fact:
                        yield from _figures(pack, atom.test, on)


def _atoms(when: Any) -> Iterator[Any]:
    for part in getattr(when, "atoms", when if isinstance(when, tuple | list) else ()):
        if hasattr(part, "key"):
            yield part
        else:
            yield from _atoms(part)


def _figures(pack: Any, test: Any, on: date) -> Iterator[Any]:
    if isinstance(test, Both):
        for one in test.tests:
            yield from _figures(pack, one, on)
    elif isinstance(test, Not):
        yield from _figures(pack, test.test, on)
    elif isinstance(test, Bound) and test.operand.kind == "figure" and test.operand.text in pack.figures:
        value = pack.figures[test.operand.text].at(on)
        if isinstance(value, int | Decimal | Fraction):
            scale = test.operand.scale or 1
            yield _plain(value * scale if not isinstance(value, Decimal) else Fraction(value) * scale)


def _plain(value: Any) -> Any:
    """A whole number or a decimal where the fraction is one."""
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else Decimal(value.numerator) / Decimal(value.denominator)
    return value


def shown_value(fact: Any, value: Any) -> str:
    if fact.type.kind == "area_m2":
        return f"{Decimal(value):,.2f}㎡"
    if fact.type.kind == "yuan":
        return f"{Decimal(value):,.2f}元"
    if fact.type.kind == "ratio":
        return f"{Decimal(value) * 100:.2f}%"
    return f"{value}"
