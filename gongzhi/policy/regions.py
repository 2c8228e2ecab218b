"""Proves that a table leaves no gap and, where it must, has no overlap, by splitting regions over cells.

Each thing that the rows test is cut into cells between which no row makes a difference: a code, yes or no, a
boundary itself, the open stretch between two boundaries. A row is then a box of cells; what the rows leave of the
whole is a gap, what two rows share is an overlap, and any cell of it is an example.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from gongzhi.policy.conditions import COMPARE, Atom, Both, Bound, Given, Not, OneOf, Operand, Test
from gongzhi.policy.rules import Rule
from gongzhi.policy.schema_base import exact
from gongzhi.policy.values import number_text
from gongzhi.policy.vocabulary import Type

if TYPE_CHECKING:
    from gongzhi.policy.pack import Pack

_MOST_STEPS = 200_000
_MOST_LISTED = 8
_ABSENT = object()
_OTHER = "（其他）"
Box = dict[str, int]


class TooManyRegions(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Axis:
    """One thing that is tested: a sample value for each cell, and how an example is told."""

    name: str
    title: str
    samples: tuple[Any, ...]
    told: Callable[[Any], str]

    @property
    def whole(self) -> int:
        return (1 << len(self.samples)) - 1

    @property
    def given(self) -> int:
        return sum(1 << index for index, one in enumerate(self.samples) if one is not _ABSENT)


class Table:
    """The boxes of a rule's rows on one day."""

    def __init__(self, pack: "Pack", rule: Rule, on: date) -> None:
        self.pack = pack
        self.rule = rule
        self.on = on
        self.axes: dict[str, Axis] = {}
        self._collect()
        self.boxes = [self._box(row.when) for row in rule.rows]
        self.steps = 0

    def gap(self) -> str | None:
        """An example that no row covers, in Chinese."""
        start = {name: axis.given for name, axis in self.axes.items()}
        for region in self._uncovered(start, 0):
            return self._example(region)
        return None

    def overlaps(self) -> Iterator[tuple[int, int, str]]:
        for first, one in enumerate(self.boxes):
            for second in range(first + 1, len(self.boxes)):
                other = self.boxes[second]
                shared = {
                    name: one.get(name, axis.whole) & other.get(name, axis.whole) for name, axis in self.axes.items()
                }
                if all(shared.values()):
                    yield first, second, self._example(shared)

    def _uncovered(self, region: Box, row: int) -> Iterator[Box]:
        self.steps += 1
        if self.steps > _MOST_STEPS:
            raise TooManyRegions
        if row == len(self.boxes):
            yield region
            return
        box = self.boxes[row]
        if any(not region[name] & mask for name, mask in box.items()):
            yield from self._uncovered(region, row + 1)
            return
        inside = dict(region)
        for name, mask in box.items():
            outside = inside[name] & ~mask
            if outside:
                yield from self._uncovered({**inside, name: outside}, row + 1)
            inside[name] &= mask

    def _example(self, region: Box) -> str:
        parts = []
        for name, mask in region.items():
            axis = self.axes[name]
            if mask == axis.given or mask == axis.whole:
                continue
            index = (mask & -mask).bit_length() - 1
            parts.append(f"{axis.title}{axis.told(axis.samples[index])}")
        return "，".join(parts) if parts else "任何情形"

    # -- axes

    def _collect(self) -> None:
        tests: dict[str, list[tuple[Atom, Test]]] = {}
        for row in self.rule.rows:
            for atom in row.when:
                for leaf in _leaves(atom.test):
                    tests.setdefault(self._axis_name(atom, leaf), []).append((atom, leaf))
        absent = {atom.key for row in self.rule.rows for atom in row.when if _asks_given(atom.test)}
        for name, leaves in tests.items():
            self.axes[name] = self._axis(name, leaves, absent)

    def _fixed(self, operand: Operand) -> bool:
        return operand.kind == "value" or (operand.kind == "figure" and not self.pack.figures[operand.text].by)

    def _axis_name(self, atom: Atom, leaf: Test) -> str:
        """A comparison with something that varies is an axis of its own: less, equal, more."""
        if isinstance(leaf, Bound | OneOf):
            for operand in [leaf.operand] if isinstance(leaf, Bound) else leaf.operands:
                if not self._fixed(operand):
                    return f"{atom.key} {operand.kind} {operand.text}"
        return atom.key

    def _axis(self, name: str, leaves: Sequence[tuple[Atom, Test]], absent: set[str]) -> Axis:
        atom = leaves[0][0]
        title = self._title(atom)
        extra: tuple[Any, ...] = (_ABSENT,) if atom.key in absent and name == atom.key else ()
        if name != atom.key:
            words = {-1: " 少于 ", 0: " 等于 ", 1: " 多于 "}
            other = name.split(" ", 2)[2]
            return Axis(name, title, (-1, 0, 1), lambda side: f"{words[side]}{other}")
        kind = atom.type
        values = [self._value(operand) for _, leaf in leaves for operand in _fixed_operands(leaf)]
        if atom.listed:
            return Axis(name, title, (*_subsets(values), *extra), lambda one: _told(one, "含"))
        if kind is None:
            return Axis(name, title, (_OTHER, *extra), _equals)
        if kind.numeric or kind.kind in ("date", "moment"):
            signed = atom.key in self.rule.lets
            return Axis(name, title, (*_stretches(values, kind, signed), *extra), _equals)
        return Axis(name, title, (*self._codes(kind, atom, values), *extra), _equals)

    def _title(self, atom: Atom) -> str:
        if atom.switch is not None:
            return f"配置“{self.pack.switches[atom.switch].title}”"
        named = self.rule.lets.get(atom.key) or self.rule.question.fact.get(atom.key)
        return f"{named.title}（{atom.key}）" if named and named.title != atom.key else atom.key

    def _codes(self, kind: Type, atom: Atom, values: Sequence[Any]) -> tuple[Any, ...]:
        if kind.kind == "bool":
            return (True, False)
        known: Sequence[str] = {
            "enum": kind.choices,
            "role": tuple(self.pack.roles),
            "matter": tuple(self.pack.matters),
        }.get(kind.kind, ())
        fact = self.rule.question.fact.get(atom.key)
        is_open = not known or (fact is not None and fact.open)
        return tuple(dict.fromkeys([*known, *values])) + ((_OTHER,) if is_open else ())

    def _value(self, operand: Operand) -> Any:
        if operand.kind == "value":
            return operand.value
        value = self.pack.figures[operand.text].at(self.on)
        return value if operand.scale is None or value is None else exact(Fraction(value) * operand.scale)

    # -- boxes

    def _box(self, when: Sequence[Atom]) -> Box:
        box: Box = {}
        for atom in when:
            for name, mask in self._masks(atom, atom.test).items():
                box[name] = box.get(name, self.axes[name].whole) & mask
        return box

    def _masks(self, atom: Atom, test: Test) -> Box:
        if isinstance(test, Both):
            masks: Box = {}
            for one in test.tests:
                for name, mask in self._masks(atom, one).items():
                    masks[name] = masks.get(name, self.axes[name].whole) & mask
            return masks
        if isinstance(test, Not):
            inner = self._masks(atom, test.test)
            if len(inner) != 1:
                raise TooManyRegions
            (name, mask), *_ = inner.items()
            rest = self.axes[name].whole & ~mask
            return {name: rest if _asks_given(test.test) else rest & self.axes[name].given}
        name = self._axis_name(atom, test)
        axis = self.axes[name]
        return {name: sum(1 << index for index, one in enumerate(axis.samples) if self._fits(test, one, atom, name))}

    def _fits(self, test: Test, sample: Any, atom: Atom, name: str) -> bool:
        if isinstance(test, Given):
            return (sample is not _ABSENT) is test.yes
        if sample is _ABSENT:
            return False
        if name != atom.key:
            return bool(COMPARE[test.word](sample, 0)) if isinstance(test, Bound) else sample == 0
        if isinstance(test, Bound):
            return COMPARE[test.word](sample, self._value(test.operand))
        if isinstance(test, OneOf):
            wanted = [self._value(one) for one in test.operands]
            return any(one in sample for one in wanted) if atom.listed else sample in wanted
        raise TooManyRegions


def _leaves(test: Test) -> list[Test]:
    if isinstance(test, Both):
        return [leaf for one in test.tests for leaf in _leaves(one)]
    return _leaves(test.test) if isinstance(test, Not) else [test]


def _asks_given(test: Test) -> bool:
    return any(isinstance(one, Given) for one in _leaves(test))


def _fixed_operands(test: Test) -> tuple[Operand, ...]:
    if isinstance(test, Bound):
        return (test.operand,)
    return test.operands if isinstance(test, OneOf) else ()


def _subsets(values: Sequence[Any]) -> tuple[frozenset[Any], ...]:
    known = list(dict.fromkeys(values))
    if len(known) > _MOST_LISTED:
        raise TooManyRegions
    return tuple(
        frozenset(one for bit, one in enumerate(known) if number >> bit & 1) for number in range(1 << len(known))
    )


def _stretches(values: Sequence[Any], kind: Type, signed: bool) -> tuple[Any, ...]:
    """Each boundary, and a sample between each two, below the first and above the last."""
    marks = sorted({one for one in values if one is not None})
    if not marks:
        return (_OTHER,)
    step: Any = 1
    if kind.kind in ("date", "moment"):
        step = timedelta(days=1)
    samples: list[Any] = []
    if kind.kind in ("date", "moment") or signed or marks[0] > 0:
        samples.append(_below(marks[0], kind, step, signed))
    for index, mark in enumerate(marks):
        samples.append(mark)
        after = marks[index + 1] if index + 1 < len(marks) else None
        between = mark + step if after is None else _between(mark, after, kind, step)
        if between is not None:
            samples.append(between)
    return tuple(samples)


def _below(mark: Any, kind: Type, step: Any, signed: bool) -> Any:
    if kind.kind in ("date", "moment"):
        return mark - step
    nearby = exact(Fraction(mark) - (1 if kind.whole else Fraction(1, 100)))
    return nearby if signed or nearby >= 0 else exact(Fraction(mark) / 2)


def _between(low: Any, high: Any, kind: Type, step: Any) -> Any:
    if kind.whole or kind.kind in ("date", "moment"):
        return low + step if low + step < high else None
    return exact((Fraction(low) + Fraction(high)) / 2)


def _told(value: Any, verb: str) -> str:
    if value is _ABSENT:
        return "未给出"
    return f"{verb} {'、'.join(sorted(map(str, value)))}" if value else "为空"


def _equals(value: Any) -> str:
    if value is _ABSENT:
        return "未给出"
    if isinstance(value, bool):
        return f"={'yes' if value else 'no'}"
    return f"={number_text(value)}" if isinstance(value, int | Decimal | Fraction) else f"={value}"


def conflicts(rule: Rule, first: int, second: int) -> Mapping[str, tuple[str, str]]:
    """For union tables: the scalar fields in which two rows that may both hold disagree."""
    one, other = rule.rows[first].value, rule.rows[second].value
    if one.kind != "record" or other.kind != "record":
        pairs = {"": (one, other)} if one.kind != "list" and other.kind != "list" else {}
    else:
        pairs = {name: (one.fields[name], other.fields[name]) for name in one.fields if name in other.fields}
    return {
        name: (left.text, right.text)
        for name, (left, right) in pairs.items()
        if left.kind == right.kind == "text" and left.text != right.text
    }
