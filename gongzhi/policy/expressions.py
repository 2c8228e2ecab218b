"""Expressions of packs: parsed by Python's `ast`, units checked when the pack is loaded, computed exactly.

Names, + - * / min max ceil floor ( ), round(x, unit, mode), lookup(figure, fact…), convert(x, "unit");
of numbers only 0, 1 and 100.
"""

import ast
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any, Protocol

from gongzhi.policy.problems import PackFault
from gongzhi.policy.units import COUNT_UNIT, RATIO_UNIT, Unit, unit
from gongzhi.policy.values import number_text

ALLOWED_NUMBERS = (0, 1, 100)
MODES = ("half_up", "half_even", "up", "down")
MODE_CHINESE = {"half_up": "四舍五入", "half_even": "四舍六入五成双", "up": "进位", "down": "舍去"}
_FUNCTIONS = ("min", "max", "ceil", "floor", "round", "lookup", "convert")
_SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "×", ast.Div: "÷"}
_ROUND_ARGUMENTS = 3
_LONGEST = 2000
_SHOWN = 60
_CONVERT_ARGUMENTS = 2


class Env(Protocol):
    """Where the names get their exact values; None means not given."""

    def number(self, kind: str, name: str) -> Fraction | None: ...

    def table(self, figure: str, keys: tuple[str, ...]) -> Fraction | None: ...


class Names(Protocol):
    """What is known of the names when the pack is loaded. Each raises PackFault for an unknown name."""

    def name(self, word: str) -> tuple[str, Unit, str]: ...

    def switch(self, word: str) -> tuple[Unit, str]: ...

    def table(self, figure: str, keys: tuple[str, ...]) -> tuple[Unit, str]: ...


@dataclass(frozen=True, slots=True)
class Node:
    """`kind` number, name, op, call; `unit` of the result. `title` what people read for a name."""

    kind: str
    word: str
    unit: Unit
    parts: "tuple[Node, ...]" = ()
    title: str = ""
    extra: Any = None


@dataclass(frozen=True, slots=True)
class Expression:
    text: str
    root: Node
    title: str = ""
    shown: str = "number"
    """number or percent: how a page writes it."""

    @property
    def unit(self) -> Unit:
        return self.root.unit

    def value(self, env: Env) -> Fraction | None:
        return _value(self.root, env)

    def leaves(self) -> list[Node]:
        return _leaves(self.root)

    def words(self) -> str:
        """The formula in words."""
        return _show(self.root, None)

    def numbers(self, env: Env) -> str:
        """The formula with the numbers put in."""
        return _show(self.root, env)


def parse(text: str, names: Names) -> Expression:
    """Raises PackFault: bad writing, an unknown name, or units that do not fit."""
    if len(text) > _LONGEST:
        raise PackFault(f"算式太长（{len(text)} 个字），请用 let 分成几步")
    try:
        tree = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise PackFault(f"算式“{text}”写法有误，只能用名称、+ - * / ( ) 和 {'、'.join(_FUNCTIONS)}") from None
    try:
        return Expression(text, _Parser(text, names).node(tree.body))
    except RecursionError:
        raise PackFault(f"算式“{text[:_SHOWN]}…”套得太深，请用 let 分成几步") from None


class _Parser:
    def __init__(self, text: str, names: Names) -> None:
        self.text = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
        self.names = names

    def fault(self, message: str) -> PackFault:
        return PackFault(f"算式“{self.text}”：{message}")

    def node(self, tree: ast.AST) -> Node:
        if isinstance(tree, ast.Constant):
            return self._constant(tree)
        if isinstance(tree, ast.Name):
            kind, its, title = self.names.name(tree.id)
            return Node("name", tree.id, its, title=title, extra=kind)
        if isinstance(tree, ast.Attribute) and isinstance(tree.value, ast.Name) and tree.value.id == "switch":
            its, title = self.names.switch(tree.attr)
            return Node("name", tree.attr, its, title=title, extra="switch")
        if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
            inner = self.node(tree.operand)
            return Node("op", "neg", inner.unit, (inner,))
        if isinstance(tree, ast.BinOp) and type(tree.op) in _SIGNS:
            return self._operation(_SIGNS[type(tree.op)], self.node(tree.left), self.node(tree.right))
        if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and not tree.keywords:
            return self._call(tree.func.id, tree.args)
        raise self.fault(f"只能用名称、+ - * / ( ) 和 {'、'.join(_FUNCTIONS)}")

    def _constant(self, tree: ast.Constant) -> Node:
        if type(tree.value) is not int or tree.value not in ALLOWED_NUMBERS:
            raise self.fault(f"数字只能是 0、1、100，“{tree.value!r}”要先写成参数")
        return Node("number", str(tree.value), COUNT_UNIT)

    def _operation(self, sign: str, left: Node, right: Node) -> Node:
        if sign == "×":
            return Node("op", sign, left.unit.times(right.unit), (left, right))
        if sign == "÷":
            its = left.unit.over(right.unit)
            if left.unit.dimensions and its.plain and its.scale != 1:
                raise self.fault(f"“{left.unit}”除以“{right.unit}”，请先用 convert 换成同一单位")
            return Node("op", sign, RATIO_UNIT if its.plain else its, (left, right))
        return Node("op", sign, self._common(sign, (left, right)), (left, right))

    def _common(self, what: str, parts: tuple[Node, ...]) -> Unit:
        """The unit that all parts share; a bare 0 fits every unit."""
        named = [one for one in parts if not (one.kind == "number" and one.word == "0")] or list(parts)
        for one in named[1:]:
            if not one.unit.same(named[0].unit):
                hint = "，请先用 convert 换算" if one.unit.same_dimension(named[0].unit) else ""
                raise self.fault(f"“{what}”两边单位不同：{named[0].unit} 与 {one.unit}{hint}")
        return named[0].unit

    def _call(self, word: str, arguments: list[ast.expr]) -> Node:
        if word in ("min", "max"):
            parts = tuple(self.node(one) for one in arguments)
            if len(parts) <= 1:
                raise self.fault(f"{word} 至少要两个数")
            return Node("call", word, self._common(word, parts), parts)
        if word in ("ceil", "floor"):
            if len(arguments) != 1:
                raise self.fault(f"{word} 只能有一个数")
            inner = self.node(arguments[0])
            return Node("call", word, inner.unit, (inner,))
        if word == "round":
            return self._round(arguments)
        if word == "convert":
            return self._convert(arguments)
        if word == "lookup":
            return self._lookup(arguments)
        raise self.fault(f"不认识函数“{word}”，可用 {'、'.join(_FUNCTIONS)}")

    def _word(self, tree: ast.expr) -> str:
        if isinstance(tree, ast.Name):
            return tree.id
        if isinstance(tree, ast.Constant) and isinstance(tree.value, str):
            return tree.value
        return ast.unparse(tree).replace(" ", "")

    def _round(self, arguments: list[ast.expr]) -> Node:
        if len(arguments) != _ROUND_ARGUMENTS:
            raise self.fault("round 要写成 round(数, 单位, 进位方式)，如 round(x, fen, half_up)")
        inner, target, mode = self.node(arguments[0]), unit(self._word(arguments[1])), self._word(arguments[2])
        if mode not in MODES:
            raise self.fault(f"进位方式“{mode}”无法识别，可用 {'、'.join(MODES)}")
        if not inner.unit.same_dimension(target):
            raise self.fault(f"“{inner.unit}”不能按“{target}”取整，单位不同")
        return Node("call", "round", target, (inner,), extra=(inner.unit.scale / target.scale, mode))

    def _convert(self, arguments: list[ast.expr]) -> Node:
        if len(arguments) != _CONVERT_ARGUMENTS:
            raise self.fault('convert 要写成 convert(数, "单位")')
        inner, target = self.node(arguments[0]), unit(self._word(arguments[1]))
        if not inner.unit.same_dimension(target):
            raise self.fault(f"“{inner.unit}”不能换算成“{target}”")
        return Node("call", "convert", target, (inner,), extra=inner.unit.scale / target.scale)

    def _lookup(self, arguments: list[ast.expr]) -> Node:
        if not arguments:
            raise self.fault("lookup 要写成 lookup(参数名, 事实…)")
        figure, *keys = (self._word(one) for one in arguments)
        its, title = self.names.table(figure, tuple(keys))
        return Node("call", "lookup", its, title=title, extra=(figure, tuple(keys)))


def _leaves(node: Node) -> list[Node]:
    if node.kind == "name" or node.word == "lookup":
        return [node]
    return [leaf for part in node.parts for leaf in _leaves(part)]


def _value(node: Node, env: Env) -> Fraction | None:
    if node.kind == "number":
        return Fraction(int(node.word))
    if node.kind == "name":
        return env.number(node.extra, node.word)
    if node.word == "lookup":
        return env.table(*node.extra)
    values = [_value(one, env) for one in node.parts]
    if any(one is None for one in values):
        return None
    known = [one for one in values if one is not None]
    if node.word == "÷" and known[1] == 0:
        raise PackFault(f"“{_show(node.parts[1], None)}”是 0，不能作除数")
    return _COMPUTE[node.word](node, known)


_COMPUTE: dict[str, Callable[[Node, list[Fraction]], Fraction]] = {
    "neg": lambda node, values: -values[0],
    "+": lambda node, values: values[0] + values[1],
    "-": lambda node, values: values[0] - values[1],
    "×": lambda node, values: values[0] * values[1],
    "÷": lambda node, values: values[0] / values[1],
    "min": lambda node, values: min(values),
    "max": lambda node, values: max(values),
    "ceil": lambda node, values: Fraction(ceil(values[0])),
    "floor": lambda node, values: Fraction(floor(values[0])),
    "convert": lambda node, values: values[0] * node.extra,
    "round": lambda node, values: rounded(values[0] * node.extra[0], node.extra[1]),
}


def rounded(value: Fraction, mode: str) -> Fraction:
    """To a whole number; `up` away from zero, `down` towards it, as amounts are read."""
    if mode == "half_even":
        return Fraction(round(value))
    size = abs(value)
    whole = floor(size + Fraction(1, 2)) if mode == "half_up" else ceil(size) if mode == "up" else floor(size)
    return Fraction(-whole if value < 0 else whole)


_STRENGTH = {"+": 1, "-": 1, "×": 2, "÷": 2}
_FUNCTION_CHINESE = {"min": "取小", "max": "取大", "ceil": "向上取整", "floor": "向下取整"}


def _show(node: Node, env: Env | None) -> str:
    if node.kind == "number":
        return node.word
    if node.kind == "name" or node.word == "lookup":
        return node.title if env is None else _number(_value(node, env), node.unit)
    parts = [_show(one, env) for one in node.parts]
    if node.word in _STRENGTH:
        return f"{_wrapped(node, 0, parts)} {node.word} {_wrapped(node, 1, parts)}"
    if node.word == "neg":
        return f"-({parts[0]})"
    if node.word == "round":
        return f"[{parts[0]}]按{node.unit.chinese or '整数'}{MODE_CHINESE[node.extra[1]]}"
    if node.word == "convert":
        return f"({parts[0]})换算为{node.unit.chinese or '比例'}"
    return f"{_FUNCTION_CHINESE[node.word]}({'，'.join(parts)})"


def _wrapped(node: Node, index: int, parts: list[str]) -> str:
    inner = node.parts[index]
    mine, its = _STRENGTH[node.word], _STRENGTH.get(inner.word, 9) if inner.kind == "op" else 9
    need = its < mine or (index == 1 and its == mine and node.word in ("-", "÷"))
    return f"({parts[index]})" if need else parts[index]


def _number(value: Fraction | None, its: Unit) -> str:
    """With its unit, so that an amount a year times months can be followed."""
    if value is None:
        return "未给出"
    return number_text(value) + ("个月" if its.text == "month" else "" if its.plain else its.chinese)
