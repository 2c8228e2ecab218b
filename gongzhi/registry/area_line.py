"""The line of a property area: its corner points, typed as coordinates, and the plan drawn from them.

No map service is asked: a plan is a drawing of the points to scale, north up. Points are whole millionths of a degree
(longitude, latitude; about a tenth of a metre), so that crossings are exact.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import combinations
from math import cos, floor, log10, radians

from gongzhi.core.errors import Refused

AREA_LINE = "area_line"
Point = tuple[int, int]

MICRO = 1_000_000
LONGITUDES, LATITUDES = (73, 136), (3, 54)  # of the country
LEAST_POINTS, MOST_POINTS = 3, 200
METRES_PER_DEGREE = 111_195  # 6,371 km × π / 180
WIDE, HIGH, MARGIN = 400, 300, 26  # the drawing, in its own units
STEPS = (5, 2, 1)
PARTED = re.compile(r"[,，、\s]+")


def points_of(text: str) -> list[Point]:
    """The corner points, one a line or parted by semicolons: `107.752310,34.271020`. Refuses `area_line`."""
    rows = [one for one in re.split(r"[;；\n]", text) if one.strip()]
    points = [_point(row.strip(), number) for number, row in enumerate(rows, start=1)]
    if len(points) > 1 and points[0] == points[-1]:
        points.pop()
    if len(points) < LEAST_POINTS:
        raise _refused(f"至少要{LEAST_POINTS}个拐点，沿界线一个接一个写，一行一个")
    if len(points) > MOST_POINTS:
        raise _refused(f"最多{MOST_POINTS}个拐点，只写转弯的地方")
    for number, point in enumerate(points):
        if point in points[:number]:
            raise _refused(f"第{number + 1}点和第{points.index(point) + 1}点是同一点，请删去一个")
    for one, other in combinations(range(len(points)), 2):
        if _side(points, one, other):
            raise _refused(f"第{one + 1}点起的边和第{other + 1}点起的边相交，请按顺序写拐点，不要跳着写")
    return points


def _side(points: Sequence[Point], one: int, other: int) -> bool:
    """Whether two sides that are no neighbours meet."""
    count = len(points)
    if other - one in (1, count - 1):
        return False
    a, b = points[one], points[(one + 1) % count]
    c, d = points[other], points[(other + 1) % count]
    return _crosses(a, b, c, d) or any(_on(p, q, r) for p, q, r in ((a, b, c), (a, b, d), (c, d, a), (c, d, b)))


def _point(text: str, number: int) -> Point:
    parts = [one for one in PARTED.split(text) if one]
    try:
        east, north = (Decimal(one) for one in parts)
        good = all(one.is_finite() for one in (east, north))
    except (ValueError, InvalidOperation):
        good = False
    if not good:
        raise _refused(f"第{number}行“{text[:40]}”不是经度、纬度两个数，写成 107.752310,34.271020 这样")
    if LONGITUDES[0] <= north <= LONGITUDES[1] and LATITUDES[0] <= east <= LATITUDES[1]:
        raise _refused(f"第{number}行把纬度写在前面了，请先写经度，再写纬度")
    if not (LONGITUDES[0] <= east <= LONGITUDES[1] and LATITUDES[0] <= north <= LATITUDES[1]):
        raise _refused(
            f"第{number}行不在国内：经度{LONGITUDES[0]}到{LONGITUDES[1]}，纬度{LATITUDES[0]}到{LATITUDES[1]}"
        )
    return round(east * MICRO), round(north * MICRO)


def _refused(words: str) -> Refused:
    return Refused("area_line", f"{words}。", fields={"value": words})


def line_text(points: Sequence[Point]) -> str:
    """As it is kept: a point a semicolon, six decimals."""
    return ";".join(",".join(degrees(one) for one in point) for point in points)


def degrees(micro: int) -> str:
    return f"{Decimal(micro) / MICRO:.6f}"


def _turn(a: Point, b: Point, c: Point) -> int:
    """Above 0 where a > b > c turns left, 0 on one line."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _crosses(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether the two sides cut through each other; touching is no cutting."""
    return _opposite(_turn(a, b, c), _turn(a, b, d)) and _opposite(_turn(c, d, a), _turn(c, d, b))


def _opposite(one: int, other: int) -> bool:
    return (one > 0 > other) or (one < 0 < other)


def _on(a: Point, b: Point, p: Point) -> bool:
    between = min(a[0], b[0]) <= p[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= p[1] <= max(a[1], b[1])
    return between and _turn(a, b, p) == 0


def _sides(points: Sequence[Point]) -> list[tuple[Point, Point]]:
    return list(zip(points, [*points[1:], points[0]], strict=True))


def _inside(points: Sequence[Point], p: Point) -> bool:
    """Strictly inside: a point on the line is not."""
    found = False
    for a, b in _sides(points):
        if _on(a, b, p):
            return False
        if (a[1] > p[1]) != (b[1] > p[1]):
            low, high = (a, b) if a[1] < b[1] else (b, a)
            found ^= _turn(low, high, p) > 0
    return found


def overlap(one: Sequence[Point], other: Sequence[Point]) -> bool:
    """Whether two areas have ground in common; a common line is none."""
    if any(_crosses(a, b, c, d) for a, b in _sides(one) for c, d in _sides(other)):
        return True
    for these, those in ((one, other), (other, one)):
        halves = [((a[0] + b[0]) // 2, (a[1] + b[1]) // 2) for a, b in _sides(these)]
        if any(_inside(those, p) for p in (*these, *halves)):
            return True
    return set(one) == set(other)


def area_m2(points: Sequence[Point]) -> int:
    """About so many square metres, on the plane that touches the ground there."""
    twice = sum(a[0] * b[1] - b[0] * a[1] for a, b in _sides(_from_first(points)))
    return round(abs(twice) / 2 * (METRES_PER_DEGREE / MICRO) ** 2 * _narrowing(points))


def _from_first(points: Sequence[Point]) -> list[Point]:
    return [(one[0] - points[0][0], one[1] - points[0][1]) for one in points]


def _narrowing(points: Sequence[Point]) -> float:
    """How much shorter a degree of longitude is than one of latitude."""
    return cos(radians(sum(one[1] for one in points) / len(points) / MICRO))


@dataclass(frozen=True)
class Shape:
    """One area on the plan, in the units of the drawing."""

    title: str
    own: bool
    corners: tuple[tuple[str, str], ...]
    middle: tuple[str, str]

    @property
    def drawn(self) -> str:
        return " ".join(",".join(one) for one in self.corners)


@dataclass(frozen=True)
class Plan:
    """Areas to scale, with a bar of round length."""

    shapes: tuple[Shape, ...]
    words: str
    bar: str
    bar_words: str
    wide: int = WIDE
    high: int = HIGH

    @property
    def foot(self) -> int:
        return self.high - MARGIN // 3

    @property
    def north(self) -> int:
        return self.wide - MARGIN // 2


def plan(areas: Sequence[tuple[str, Sequence[Point]]], *, own: int = 1) -> Plan | None:
    """The drawing of these areas, the first `own` of them in front. None without any."""
    if not areas:
        return None
    every = [point for _, points in areas for point in points]
    narrow, left, top = _narrowing(every), min(one[0] for one in every), max(one[1] for one in every)
    across = max((max(one[0] for one in every) - left) * narrow, 1)
    down = max(top - min(one[1] for one in every), 1)
    scale = min((WIDE - 2 * MARGIN) / across, (HIGH - 3 * MARGIN) / down)
    aside, above = (WIDE - across * scale) / 2, (HIGH - MARGIN - down * scale) / 2

    def at(east: float, north: float) -> tuple[str, str]:
        return f"{(east - left) * narrow * scale + aside:.1f}", f"{(top - north) * scale + above:.1f}"

    shapes = [
        Shape(title, number < own, tuple(at(*one) for one in points), at(*_middle(points)))
        for number, (title, points) in enumerate(areas)
    ]
    metre = scale * MICRO / METRES_PER_DEGREE
    length = _round_length((WIDE / 3) / metre)
    return Plan(
        shapes=tuple(reversed(shapes)),
        words="、".join(f"{title}约{area_m2(points):,}平方米" for title, points in areas[:own]),
        bar=f"{length * metre:.1f}",
        bar_words=f"{length}米",
    )


def _middle(points: Sequence[Point]) -> tuple[float, float]:
    """Where the name goes: the centre of the area."""
    east, north = points[0]
    moved = _from_first(points)
    pieces = [(a, b, a[0] * b[1] - b[0] * a[1]) for a, b in _sides(moved)]
    thrice = 3 * sum(piece for _, _, piece in pieces)
    if thrice == 0:
        return east, north
    return (
        east + sum((a[0] + b[0]) * piece for a, b, piece in pieces) / thrice,
        north + sum((a[1] + b[1]) * piece for a, b, piece in pieces) / thrice,
    )


def _round_length(longest: float) -> int:
    """The longest of 1, 2, 5, 10, 20 … metres that fits."""
    power = 10 ** max(floor(log10(max(longest, 1))), 0)
    return next((step * power for step in STEPS if step * power <= longest), 1)
