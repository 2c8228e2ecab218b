"""Conditions of rows, duties and checks: parsed from text, bound to types, judged with three values.

A condition on something that is not given is neither true nor false: it is None, and never read as 0 or no.
Boundaries are four words only; a bound names a figure, a switch or a field, never a number.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

from gongzhi.policy.problems import PackFault
from gongzhi.policy.vocabulary import Type
from gongzhi.policy.yaml_text import Block, Items

BOUNDS = ("at_least", "above", "at_most", "below")
BOUND_CHINESE = {"at_least": "不少于", "above": "超过", "at_most": "不超过", "below": "少于"}
SOURCES = ("figure", "switch", "field")
SWITCH_KEY = "switch."


@dataclass(slots=True)
class Operand:
    """`kind` value | figure | switch | field; `text` as written; `value` typed, for a literal.

    `scale` turns a figure of another unit of the same dimension (yuan) into that of what is tested (fen).
    """

    kind: str
    text: str
    value: Any = None
    scale: Fraction | None = None

    def __str__(self) -> str:
        return self.text


@dataclass(slots=True)
class OneOf:
    """Equals one of the operands; of a list: contains one of them."""

    operands: tuple[Operand, ...]


@dataclass(slots=True)
class Bound:
    word: str
    operand: Operand


@dataclass(slots=True)
class Given:
    yes: bool


@dataclass(slots=True)
class Not:
    test: "Test"


@dataclass(slots=True)
class Both:
    tests: tuple["Test", ...]


Test = OneOf | Bound | Given | Not | Both


@dataclass(slots=True)
class Atom:
    """One key of a `when`. `listed`: the thing tested is a list; `type` of that thing, once bound."""

    key: str
    test: Test
    file: str
    line: int
    listed: bool = False
    type: Type | None = None

    @property
    def switch(self) -> str | None:
        return self.key[len(SWITCH_KEY) :] if self.key.startswith(SWITCH_KEY) else None


When = tuple[Atom, ...]


class Scope(Protocol):
    """Where the names of a condition get their values."""

    def figure(self, name: str) -> Any: ...

    def switch(self, name: str) -> Any: ...

    def field(self, name: str) -> Any: ...


def parse_when(raw: Any) -> When:
    if isinstance(raw, tuple):
        return raw
    if not isinstance(raw, Block):
        raise PackFault("条件应写成映射，如 {matter: noise}；没有条件写 {}")
    return tuple(
        Atom(key, parse_test(value, raw.file, raw.line_of(key)), raw.file, raw.line_of(key))
        for key, value in raw.items()
    )


def parse_test(raw: Any, file: str = "", line: int = 0) -> Test:
    try:
        return _test(raw)
    except PackFault as fault:
        raise PackFault(fault.message, file=fault.file or file, line=fault.line or line) from None


def _test(raw: Any) -> Test:
    if isinstance(raw, str):
        return OneOf((Operand("value", raw),))
    if isinstance(raw, Items):
        if not raw:
            raise PackFault("条件的列表是空的，至少写一个值")
        return OneOf(tuple(_operand(one) for one in raw))
    if not isinstance(raw, Block) or not raw:
        raise PackFault("条件应是一个值、一个列表，或 {at_least: 参数名} 这样的映射")
    parts = [_part(key, value, raw) for key, value in raw.items()]
    return parts[0] if len(parts) == 1 else Both(tuple(parts))


def _part(key: str, value: Any, raw: Block) -> Test:
    line = raw.line_of(key)
    if key in BOUNDS:
        operand = _operand(value)
        if operand.kind == "value":
            operand = Operand("figure", operand.text)
        return Bound(key, operand)
    if key == "given":
        return Given(_yes_no(value, raw.file, line))
    if key == "not":
        return Not(parse_test(value, raw.file, line))
    if key in SOURCES and isinstance(value, str):
        return OneOf((Operand(key, value),))
    raise PackFault(
        f"条件里不认识“{key}”，可用 {'、'.join(BOUNDS)}、given、not、figure、switch、field", file=raw.file, line=line
    )


def _operand(raw: Any) -> Operand:
    if isinstance(raw, str):
        return Operand("value", raw)
    if isinstance(raw, Block) and len(raw) == 1:
        key, name = next(iter(raw.items()))
        if key in SOURCES and isinstance(name, str):
            return Operand(key, name)
    raise PackFault("这里应写一个值，或 {figure: 参数名}、{switch: 配置名}、{field: 字段名}")


def _yes_no(value: Any, file: str, line: int) -> bool:
    if value in ("yes", "no"):
        return bool(value == "yes")
    raise PackFault(f"given 只能写 yes 或 no，现在是“{value}”", file=file, line=line)


def operands(when: When) -> Iterator[tuple[Atom, Operand]]:
    for atom in when:
        for operand in _operands(atom.test):
            yield atom, operand


def _operands(test: Test) -> Iterator[Operand]:
    if isinstance(test, OneOf):
        yield from test.operands
    elif isinstance(test, Bound):
        yield test.operand
    elif isinstance(test, Not):
        yield from _operands(test.test)
    elif isinstance(test, Both):
        for one in test.tests:
            yield from _operands(one)


def holds(when: When, scope: Scope) -> bool | None:
    """True, False, or None when something that it needs is not given."""
    verdict: bool | None = True
    for atom in when:
        one = atom_holds(atom, scope)
        if one is False:
            return False
        verdict = None if one is None else verdict
    return verdict


def atom_holds(atom: Atom, scope: Scope) -> bool | None:
    name = atom.switch
    value = scope.switch(name) if name is not None else scope.field(atom.key)
    return _judge(atom.test, value, atom.listed, scope)


def _judge(test: Test, value: Any, listed: bool, scope: Scope) -> bool | None:
    if isinstance(test, Given):
        return (value is not None) is test.yes
    if isinstance(test, Not):
        verdict = _judge(test.test, value, listed, scope)
        return None if verdict is None else not verdict
    if isinstance(test, Both):
        verdicts = [_judge(one, value, listed, scope) for one in test.tests]
        return False if False in verdicts else None if None in verdicts else True
    if isinstance(test, Bound):
        limit = operand_value(test.operand, scope)
        return None if value is None or limit is None else COMPARE[test.word](value, limit)
    if value is None:
        return None
    wanted = [operand_value(one, scope) for one in test.operands]
    if any(one in value if listed else one == value for one in wanted if one is not None):
        return True
    return None if None in wanted else False


COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "at_least": lambda value, limit: bool(value >= limit),
    "above": lambda value, limit: bool(value > limit),
    "at_most": lambda value, limit: bool(value <= limit),
    "below": lambda value, limit: bool(value < limit),
}
COMPARE_SIGN = {"at_least": ">=", "above": ">", "at_most": "<=", "below": "<"}


def operand_value(operand: Operand, scope: Scope) -> Any:
    if operand.kind in ("figure", "switch"):
        value = scope.figure(operand.text) if operand.kind == "figure" else scope.switch(operand.text)
        return value if value is None or operand.scale is None else Fraction(value) * operand.scale
    if operand.kind == "field":
        return scope.field(operand.text)
    return operand.value
