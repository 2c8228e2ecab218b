"""Units as vectors of dimensions, so that area times price a square metre is money.

A unit is a product of base units and a scale. Dimensions: metre, fen (money), household, person, day, month.
Days and months are apart: how many days a month has depends on which month.
"""

import re
from dataclasses import dataclass
from fractions import Fraction

from gongzhi.policy.problems import PackFault

# name -> (dimensions, scale to the base unit, Chinese)
_BASE: dict[str, tuple[tuple[tuple[str, int], ...], Fraction, str]] = {
    "count": ((), Fraction(1), ""),
    "ratio": ((), Fraction(1), ""),
    "m": ((("metre", 1),), Fraction(1), "米"),
    "m2": ((("metre", 2),), Fraction(1), "平方米"),
    "m3": ((("metre", 3),), Fraction(1), "立方米"),
    "fen": ((("fen", 1),), Fraction(1), "分"),
    "yuan": ((("fen", 1),), Fraction(100), "元"),
    "wan_yuan": ((("fen", 1),), Fraction(1_000_000), "万元"),
    "household": ((("household", 1),), Fraction(1), "户"),
    "person": ((("person", 1),), Fraction(1), "人"),
    "building": ((("building", 1),), Fraction(1), "幢"),
    "hour": ((("day", 1),), Fraction(1, 24), "小时"),
    "day": ((("day", 1),), Fraction(1), "日"),
    "month": ((("month", 1),), Fraction(1), "月"),
    "quarter": ((("month", 1),), Fraction(3), "季度"),
    "year": ((("month", 1),), Fraction(12), "年"),
    "point": ((("point", 1),), Fraction(1), "分（评分）"),
    "case": ((("case", 1),), Fraction(1), "件"),
}
UNIT_NAMES = tuple(_BASE)
_TOKEN = re.compile(r"([a-z_]+[0-9]?|[*/])")


@dataclass(frozen=True, slots=True)
class Unit:
    """`text` as the pack writes it; two units of the same dimensions differ only by `scale`."""

    text: str
    dimensions: tuple[tuple[str, int], ...]
    scale: Fraction

    def times(self, other: "Unit") -> "Unit":
        return _combine(self, other, 1)

    def over(self, other: "Unit") -> "Unit":
        return _combine(self, other, -1)

    def same_dimension(self, other: "Unit") -> bool:
        return self.dimensions == other.dimensions

    def same(self, other: "Unit") -> bool:
        return self.dimensions == other.dimensions and self.scale == other.scale

    @property
    def plain(self) -> bool:
        """Without a dimension: a count or a ratio."""
        return not self.dimensions

    @property
    def chinese(self) -> str:
        if "/" not in self.text and "*" not in self.text:
            return _BASE[self.text][2] if self.text in _BASE else self.text
        return "".join(_BASE[part][2] if part in _BASE else part for part in _TOKEN.findall(self.text))

    def __str__(self) -> str:
        return self.text


def _combine(left: Unit, right: Unit, sign: int) -> Unit:
    powers = dict(left.dimensions)
    for name, power in right.dimensions:
        powers[name] = powers.get(name, 0) + sign * power
    dimensions = tuple(sorted((name, power) for name, power in powers.items() if power))
    scale = left.scale * right.scale if sign > 0 else left.scale / right.scale
    if right.plain and right.scale == 1:
        return left
    if left.plain and sign > 0:
        return right
    joined = f"{left.text}{'*' if sign > 0 else '/'}{right.text}"
    return Unit(_tidy(dimensions, scale, joined), dimensions, scale)


def _tidy(dimensions: tuple[tuple[str, int], ...], scale: Fraction, joined: str) -> str:
    """A known name for the product where there is one: m2/m2 is a ratio, yuan/m2*m2 is yuan."""
    for name, (known, known_scale, _) in _BASE.items():
        if known == dimensions and known_scale == scale and name != "count":
            return name
    return joined


def unit(text: str) -> Unit:
    """Read `yuan/m2/month` or `m2*yuan`. Raises PackFault for an unknown unit."""
    dimensions: dict[str, int] = {}
    scale, sign, expect_name = Fraction(1), 1, True
    tokens = _TOKEN.findall(text)
    if not tokens or "".join(tokens) != text:
        raise PackFault(f"单位“{text}”无法识别，可用 {'、'.join(UNIT_NAMES)} 及其乘除，如 yuan/m2/month")
    for piece in tokens:
        if expect_name != (piece not in "*/"):
            raise PackFault(f"单位“{text}”的写法不对，应写成 yuan/m2/month 这样的形式")
        if piece in "*/":
            sign = 1 if piece == "*" else -1
        else:
            if piece not in _BASE:
                raise PackFault(f"单位“{text}”里的“{piece}”无法识别，可用 {'、'.join(UNIT_NAMES)}")
            powers, factor, _ = _BASE[piece]
            scale = scale * factor if sign > 0 else scale / factor
            for name, power in powers:
                dimensions[name] = dimensions.get(name, 0) + sign * power
        expect_name = not expect_name
    if expect_name:
        raise PackFault(f"单位“{text}”写到一半，应写成 yuan/m2/month 这样的形式")
    return Unit(text, tuple(sorted((name, power) for name, power in dimensions.items() if power)), scale)


COUNT_UNIT = unit("count")
RATIO_UNIT = unit("ratio")
