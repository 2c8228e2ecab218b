"""Adding up what cannot be read, opening the totals, and the guard that keeps totals from telling single votes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gongzhi.proof.secret import group, trustees
from gongzhi.proof.secret.ballots import NOTHING, Ballot, Ciphertext

AREA, HEADS = "area", "heads"
MEASURES = (AREA, HEADS)
MARGIN_BITS = 20
BABY_STEPS = 1 << 15


class TooFew(ValueError):  # noqa: N818
    """So few voters that an exact total of areas would tell how some of them voted. `least`: how many it takes."""

    def __init__(self, least: int) -> None:
        super().__init__(f"at least {least} voters")
        self.least = least


def least_voters(total_area: int) -> int:
    """Voters it takes before an exact area total (units of 0.01 m²) says less than it hides.

    A total among `total_area + 1` possible sums carries about log2 of that many bits; each voter's choice is one bit
    at least, and 20 more are wanted so that many choices fit every total.
    """
    return total_area.bit_length() + MARGIN_BITS


def guard(*, voters: int, total_area: int) -> None:
    """At opening by the roll, and again at the close by who voted. Raises `TooFew`."""
    least = least_voters(total_area)
    if voters < least:
        raise TooFew(least)


@dataclass(frozen=True)
class Weighted:
    """A verified ballot with what its voter weighs: area in units of 0.01 m², and heads (0 for a further unit)."""

    ballot: Ballot
    area: int
    heads: int = 1


def totals_of(ballots: Iterable[Weighted], *, options: int) -> dict[str, list[Ciphertext]]:
    """For each measure the ciphertexts of the options' totals: the same ciphertext raised to area and to heads."""
    found = {name: [NOTHING] * options for name in MEASURES}
    for one in ballots:
        for number, ciphertext in enumerate(one.ballot.ciphertexts):
            found[AREA][number] = found[AREA][number].plus(ciphertext.times(one.area))
            if one.heads:
                found[HEADS][number] = found[HEADS][number].plus(ciphertext.times(one.heads))
    return found


def merged(
    first: Mapping[str, Sequence[Ciphertext]], second: Mapping[str, Sequence[Ciphertext]]
) -> dict[str, list[Any]]:
    """Totals of two halves."""
    return {name: [a.plus(b) for a, b in zip(first[name], second[name], strict=True)] for name in MEASURES}


def what_of(election: str, measure: str, option: str) -> str:
    return f"{election}\n{measure}\n{option}"


class Logarithms:
    """Finds `n` with `n·G` = point for 0 <= n <= most: baby steps once, giant steps each time."""

    def __init__(self) -> None:
        self._steps: dict[bytes, int] = {group.IDENTITY: 0}
        point = group.IDENTITY
        for number in range(1, BABY_STEPS):
            point = group.plus(point, group.BASE)
            self._steps[point] = number
        self._giant = group.base_times(BABY_STEPS)

    def of(self, point: bytes, *, most: int) -> int:
        for giants in range(most // BABY_STEPS + 1):
            small = self._steps.get(point)
            if small is not None:
                found = giants * BABY_STEPS + small
                if found <= most:
                    return found
                break
            point = group.minus(point, self._giant)
        raise ValueError("the total is larger than all votes together")


def open_total(
    total: Ciphertext,
    parts: Sequence[trustees.Part],
    *,
    what: str,
    published: Sequence[trustees.Published],
    most: int,
    logarithms: Logarithms,
) -> int:
    """The number behind a total; raises `BadTrustee` for a part that does not hold."""
    for part in parts:
        if not trustees.part_holds(part, total, what=what, published=published):
            raise trustees.BadTrustee(f"the part of trustee {part.number} does not hold")
    return logarithms.of(trustees.opened(total, parts, needed=len(published[0].commitments)), most=most)
