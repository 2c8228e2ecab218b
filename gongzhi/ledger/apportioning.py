"""Splitting an amount by weights so that the parts add up to the last 分. Whole numbers only; no Django."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from gongzhi.core.errors import Refused
from gongzhi.ledger.kinds import REST_TO


@dataclass(frozen=True, slots=True)
class Part:
    """A share. `exact` is amount × weight / total as (numerator, denominator); `rest_fen` what it took of the rest."""

    key: Hashable
    weight: int
    amount_fen: int
    exact: tuple[int, int]
    rest_fen: int


@dataclass(frozen=True, slots=True)
class Apportioned:
    """What was split, how, and who took what was left over by rounding each share down."""

    total_fen: int
    total_weight: int
    rest_to: str
    parts: tuple[Part, ...]

    @property
    def rest_fen(self) -> int:
        return sum(part.rest_fen for part in self.parts)

    @property
    def words(self) -> str:
        return (
            f"{self.total_fen}分按权重之和{self.total_weight}分摊给{len(self.parts)}份，每份舍去不足1分的部分，"
            f"余下{self.rest_fen}分{REST_TO[self.rest_to]}。"
        )


def apportion(total_fen: int, weights: Sequence[tuple[Hashable, int]], *, rest_to: str) -> Apportioned:
    """Splits `total_fen` (分, may be negative) over (key, weight) pairs; weights are whole, e.g. areas in 0.01 m².

    Each share is rounded towards zero; the rest goes, 分 by 分 or in one, to whom `rest_to` (see REST_TO) says, earlier
    keys first where two are equal. Refuses (`apportion`) an empty list, a negative weight and a sum of weights of 0.
    """
    if rest_to not in REST_TO:
        raise ValueError(f"unknown way of apportioning {rest_to!r}")
    total_weight = sum(weight for _, weight in weights)
    if not weights or total_weight <= 0 or any(weight < 0 for _, weight in weights):
        raise Refused("apportion", "没有可以分摊的面积或份额：请先核对分摊范围内每户的面积，不能全是0，也不能有负数。")
    sign, amount = (-1 if total_fen < 0 else 1), abs(total_fen)
    floors = [divmod(amount * weight, total_weight) for _, weight in weights]
    rests = _rests(amount - sum(share for share, _ in floors), weights, [left for _, left in floors], rest_to)
    parts = tuple(
        Part(key, weight, sign * (share + rest), (sign * amount * weight, total_weight), sign * rest)
        for (key, weight), (share, _), rest in zip(weights, floors, rests, strict=True)
    )
    return Apportioned(total_fen, total_weight, rest_to, parts)


def _rests(rest: int, weights: Sequence[tuple[Hashable, int]], left: list[int], rest_to: str) -> list[int]:
    found = [0] * len(weights)
    if rest_to == "last":
        found[max(place for place, (_, weight) in enumerate(weights) if weight)] = rest
    elif rest_to == "largest_share":
        found[max(range(len(weights)), key=lambda place: (weights[place][1], -place))] = rest
    else:
        for place in sorted(range(len(weights)), key=lambda place: (-left[place], place))[:rest]:
            found[place] = 1
    return found
