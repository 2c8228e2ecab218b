"""Checks every word of a rule against the vocabulary and the pack's own names, and types its literals."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gongzhi.policy.conditions import Atom, Both, Bound, Given, Not, Operand, Test, When
from gongzhi.policy.expressions import Expression, Node, parse
from gongzhi.policy.pack import OTHERWISE, Clause, Figure, Switch
from gongzhi.policy.problems import PackFault
from gongzhi.policy.schema_base import Source, exact
from gongzhi.policy.schema_rules import LetPart, Value
from gongzhi.policy.units import Unit
from gongzhi.policy.values import TYPE_CHINESE, Words, typed, unit_of
from gongzhi.policy.vocabulary import NUMBER, Fact, Record, RecordField, Type, unknown

LITERALS = (0, 1)
_ORDERED = ("date", "moment")
Report = Callable[[str, int, str], None]


@dataclass
class Names:
    """What a document may name: its own figures, switches, clauses and words, and its ancestors'."""

    figures: Mapping[str, Figure]
    switches: Mapping[str, Switch]
    clauses: Mapping[str, Clause]
    words: Words
    report: Report


@dataclass
class Binder:
    """Binds the conditions, expressions and answers of one rule. `facts` what may be tested."""

    names: Names
    facts: dict[str, Fact]
    file: str
    line: int
    lets: dict[str, Expression] = field(default_factory=dict)
    used_figures: set[str] = field(default_factory=set)
    used_switches: set[str] = field(default_factory=set)

    def fault(self, message: str, line: int = 0) -> None:
        self.names.report(self.file, line or self.line, message)

    # -- clauses

    def clauses(self, ids: tuple[str, ...], line: int = 0) -> tuple[str, ...]:
        for one in ids:
            if one not in self.names.clauses:
                self.fault(unknown("条款", one, self.names.clauses) + "（要写本文件或上级文件目录里有的条款）", line)
        return ids

    # -- expressions

    def add_lets(self, lets: Mapping[str, str | LetPart], line_of: Callable[[str], int]) -> None:
        for name, let in lets.items():
            text, title = (let, name) if isinstance(let, str) else (let.is_, let.title)
            if name in self.facts or name in self.names.figures:
                self.fault(f"let 的名称“{name}”与已有的事实或参数同名，请改名", line_of(name))
            if (expression := self.expression(text, line_of(name))) is not None:
                shown = "number" if isinstance(let, str) else let.shown
                self.lets[name] = replace(expression, title=title, shown=shown)

    def expression(self, text: str, line: int = 0) -> Expression | None:
        try:
            return parse(text, self)
        except PackFault as fault:
            self.fault(fault.message, line)
            return None

    def name(self, word: str) -> tuple[str, Unit, str]:
        """For the expression parser: kind, unit and title of a name."""
        if word in self.lets:
            return "let", self.lets[word].unit, self.lets[word].title
        if word in self.facts:
            unit = unit_of(self.facts[word].type)
            if unit is None:
                raise PackFault(f"“{word}”是{TYPE_CHINESE[self.facts[word].type.kind]}，不能计算")
            return "fact", unit, self.facts[word].title
        if word in self.names.figures:
            figure = self.names.figures[word]
            if figure.unit is None:
                raise PackFault(f"参数“{word}”是{figure.unit_text}，不能计算")
            self.figure_keys(figure)
            self.used_figures.add(word)
            return "figure", figure.unit, figure.title
        raise PackFault(unknown("名称", word, [*self.lets, *self.facts, *self.names.figures]))

    def switch(self, word: str) -> tuple[Unit, str]:
        unit = unit_of(self.switch_named(word).type)
        if unit is None:
            raise PackFault(f"配置“{word}”不是数，不能计算")
        return unit, self.names.switches[word].title

    def table(self, figure: str, keys: tuple[str, ...]) -> tuple[Unit, str]:
        found = self.figure_named(figure)
        if found.unit is None or not found.by:
            raise PackFault(f"参数“{figure}”不是数表，不能用 lookup")
        if len(keys) != len(found.by):
            raise PackFault(f"参数“{figure}”按 {'、'.join(found.by)} 查，要写 {len(found.by)} 个事实")
        for depth, key in enumerate(keys):
            if key not in self.facts:
                raise PackFault(unknown("事实", key, self.facts))
            self._table_has(found, depth, key)
        return found.unit, found.title

    def figure_named(self, name: str) -> Figure:
        if name not in self.names.figures:
            if name[:1].isdigit() or name[:1] == "-":
                raise PackFault(f"数“{name}”要先写进 figures，这里写参数的名称")
            raise PackFault(unknown("参数", name, self.names.figures))
        self.used_figures.add(name)
        return self.names.figures[name]

    def switch_named(self, name: str) -> Switch:
        if name not in self.names.switches:
            raise PackFault(unknown("配置", name, self.names.switches))
        self.used_switches.add(name)
        return self.names.switches[name]

    def figure_keys(self, figure: Figure) -> None:
        """The facts by which a figure's table is read are facts of this question, and every choice has a value."""
        for depth, key in enumerate(figure.by):
            if key not in self.facts:
                raise PackFault(f"参数“{figure.name}”按“{key}”查，但这里没有这个事实")
            self._table_has(figure, depth, key)

    def _table_has(self, figure: Figure, depth: int, key: str) -> None:
        kind = self.facts[key].type
        choices = ("yes", "no") if kind.kind == "bool" else kind.choices
        for _, table in figure.versions:
            for level in _levels(table, depth):
                extra = [one for one in level if choices and one not in (*choices, OTHERWISE)]
                if extra and not self.facts[key].open:
                    raise PackFault(f"参数“{figure.name}”的表：{unknown('选项', extra[0], choices)}")
                missing = [one for one in choices if one not in level and OTHERWISE not in level]
                if missing:
                    raise PackFault(f"参数“{figure.name}”的表里缺 {key}={missing[0]}（或写 {OTHERWISE}）")

    # -- conditions

    def when(self, when: When) -> When:
        for atom in when:
            try:
                kind, is_open = self._tested(atom)
                atom.listed = kind.kind == "list"
                atom.type = kind
                self._test(atom.test, kind.item if kind.kind == "list" and kind.item else kind, is_open)
            except PackFault as fault:
                self.names.report(atom.file or self.file, atom.line or self.line, fault.message)
        return when

    def _tested(self, atom: Atom) -> tuple[Type, bool]:
        if atom.switch is not None:
            return self.switch_named(atom.switch).type, False
        if atom.key in self.lets:
            return NUMBER(self.lets[atom.key].unit.text), False
        if atom.key in self.facts:
            return self.facts[atom.key].type, self.facts[atom.key].open
        raise PackFault(unknown("事实", atom.key, [*self.facts, *self.lets]))

    def _test(self, test: Test, kind: Type, is_open: bool) -> None:
        if isinstance(test, Given):
            return
        if isinstance(test, Not):
            self._test(test.test, kind, is_open)
        elif isinstance(test, Both):
            for one in test.tests:
                self._test(one, kind, is_open)
        elif isinstance(test, Bound):
            if not kind.numeric and kind.kind not in _ORDERED:
                raise PackFault(f"{TYPE_CHINESE[kind.kind]}不能比大小，{test.word} 只用于数和日期")
            self._operand(test.operand, kind, is_open)
        else:
            for operand in test.operands:
                self._operand(operand, kind, is_open)

    def _operand(self, operand: Operand, kind: Type, is_open: bool) -> None:
        if operand.kind == "value":
            operand.value = self.literal(operand.text, kind, is_open=is_open)
        elif operand.kind == "figure":
            figure = self.figure_named(operand.text)
            self.figure_keys(figure)
            operand.scale = self._fits(figure, kind)
        elif operand.kind == "switch":
            operand.scale = _switch_fits(self.switch_named(operand.text).type, kind, operand.text)
        else:
            if operand.text in self.lets:
                _same(NUMBER(self.lets[operand.text].unit.text), kind, f"“{operand.text}”")
            elif operand.text in self.facts:
                _same(self.facts[operand.text].type, kind, f"事实“{operand.text}”")
            else:
                raise PackFault(unknown("事实", operand.text, [*self.facts, *self.lets]))

    def literal(self, text: str, kind: Type, *, is_open: bool = False) -> Any:
        if text == "":
            raise PackFault("这里没有写值")
        value = typed(text, kind, self.names.words, open_choices=is_open)
        if kind.numeric and value not in LITERALS:
            raise PackFault(f"数“{text}”要先写进 figures，这里用 {{figure: 名称}}")
        return value

    def _fits(self, figure: Figure, kind: Type) -> Any:
        """The factor from the figure's unit to the type's; None for the same unit."""
        if kind.numeric:
            wanted = unit_of(kind)
            if figure.unit is None or wanted is None or not figure.unit.same_dimension(wanted):
                raise PackFault(f"参数“{figure.name}”的单位是 {figure.unit_text}，这里要 {kind.unit}")
            if {kind.unit, figure.unit_text} == {"count", "ratio"}:
                raise PackFault(f"参数“{figure.name}”的单位是 {figure.unit_text}，这里要 {kind.unit}")
            return None if figure.unit.same(wanted) else exact(figure.unit.scale / wanted.scale)
        if figure.kind != kind.kind:
            raise PackFault(f"参数“{figure.name}”的单位是 {figure.unit_text}，这里要{TYPE_CHINESE[kind.kind]}")
        return None

    # -- answers

    def answer(self, value: Value, shape: Type | Record, line: int = 0) -> Value:
        """Types the answer in place."""
        try:
            if isinstance(shape, Record):
                self._record(value, shape)
            else:
                self._value(value, shape)
        except PackFault as fault:
            self.fault(fault.message, value.line or line)
        return value

    def _record(self, value: Value, shape: Record) -> None:
        if value.kind != "record" and len(shape.fields) and value.kind in ("figure", "switch", "field", "is"):
            raise PackFault(f"这个问题的答案有几个字段：{'、'.join(shape.by_name)}，要逐个写明")
        if value.kind != "record":
            raise PackFault(f"答案应写成映射，字段有 {'、'.join(shape.by_name)}")
        for name, one in value.fields.items():
            if name not in shape.by_name:
                self.fault(unknown("答案字段", name, shape.by_name), one.line or value.line)
                continue
            try:
                self._value(one, shape.by_name[name].type)
            except PackFault as fault:
                self.fault(f"{name}：{fault.message}", one.line or value.line)
        missing = [one.name for one in shape.fields if _required(one) and one.name not in value.fields]
        if missing:
            raise PackFault(f"答案缺字段：{'、'.join(missing)}")

    def _value(self, value: Value, kind: Type) -> None:
        if kind.kind == "list" and kind.item is not None:
            if value.kind == "list":
                for one in value.items:
                    self._value(one, kind.item)
                return
            if value.kind not in ("field", "switch"):
                raise PackFault("答案应是列表，如 [a, b]")
        if value.kind == "text":
            value.typed = self.literal(value.text, kind)
        elif value.kind == "figure":
            figure = self.figure_named(value.text)
            self.figure_keys(figure)
            value.typed = self._fits(figure, kind)
        elif value.kind == "switch":
            _same(self.switch_named(value.text).type, kind, f"配置“{value.text}”")
        elif value.kind == "field":
            if value.text not in self.facts:
                raise PackFault(unknown("事实", value.text, self.facts))
            _same(self.facts[value.text].type, kind, f"事实“{value.text}”")
        elif value.kind == "is":
            self._computed(value, kind)
        else:
            raise PackFault(f"答案应是{TYPE_CHINESE[kind.kind]}")

    def _computed(self, value: Value, kind: Type) -> None:
        expression = parse(value.text, self)
        wanted = unit_of(kind)
        if wanted is None or not expression.unit.same_dimension(wanted):
            raise PackFault(f"算式的单位是 {expression.unit}，这里要{kind.unit or TYPE_CHINESE[kind.kind]}")
        if not expression.unit.same(wanted):
            raise PackFault(f"算式的单位是 {expression.unit}，这里要 {kind.unit}，请用 round 或 convert 换算")
        if kind.whole and not self._whole(expression.root):
            raise PackFault(f"答案要整数，算式要用 round(…, {kind.unit}, 进位方式) 取整")
        value.typed = expression

    def _whole(self, node: Node) -> bool:
        if node.kind == "name":
            if node.extra == "fact":
                return self.facts[node.word].type.whole
            if node.extra == "let":
                return self._whole(self.lets[node.word].root)
            if node.extra == "figure":
                return all(_all_whole(one) for _, one in self.names.figures[node.word].versions)
            return node.extra == "switch" and self.names.switches[node.word].type.whole
        if node.word in ("round", "ceil", "floor") or node.kind == "number":
            return True
        return node.word in ("+", "-", "×", "min", "max", "neg") and all(self._whole(one) for one in node.parts)

    # -- sources of the clocks

    def source(self, source: Source, kinds: tuple[str, ...], line: int = 0) -> None:
        """A `{figure|switch|field: name}` of a duty has one of the kinds."""
        try:
            if source.kind == "figure":
                found = self.figure_named(source.name).kind
                unit = self.figure_named(source.name).unit_text
            elif source.kind == "switch":
                found, unit = self.switch_named(source.name).type.kind, ""
            elif source.name in self.facts:
                found, unit = self.facts[source.name].type.kind, ""
            else:
                raise PackFault(unknown("事件字段", source.name, self.facts))
            if found not in kinds and unit not in kinds:
                wanted = "、".join(TYPE_CHINESE.get(one, one) for one in kinds)
                raise PackFault(f"“{source.name}”是{TYPE_CHINESE.get(found, found)}，这里要{wanted}")
        except PackFault as fault:
            self.fault(fault.message, line)


def _required(one: RecordField) -> bool:
    return not one.optional and not one.type.optional and one.type.kind != "list"


def _switch_fits(found: Type, kind: Type, name: str) -> Any:
    """The factor from a switch's unit (yuan) to the type's (fen); None for the same unit."""
    one, other = unit_of(found), unit_of(kind)
    if one is not None and other is not None and one.same_dimension(other):
        return None if one.same(other) else exact(one.scale / other.scale)
    _same(found, kind, f"配置“{name}”")
    return None


def _same(found: Type, kind: Type, what: str) -> None:
    one, other = unit_of(found), unit_of(kind)
    if one is not None and other is not None:
        if not one.same(other):
            raise PackFault(f"{what}的单位是 {one}，这里要 {other}")
    elif found.kind != kind.kind and not {found.kind, kind.kind} <= {"enum", "text"}:
        raise PackFault(f"{what}是{TYPE_CHINESE[found.kind]}，这里要{TYPE_CHINESE[kind.kind]}")


def _levels(table: Any, depth: int) -> list[Mapping[str, Any]]:
    levels = [table]
    for _ in range(depth):
        levels = [inner for level in levels for inner in level.values()]
    return levels


def _all_whole(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(_all_whole(one) for one in value.values())
    return isinstance(value, int)
