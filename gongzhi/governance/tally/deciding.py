"""Thresholds by cross multiplication: part × below against whole × above. Nothing is divided, nothing rounded."""

from collections.abc import Sequence
from typing import Literal

from gongzhi.governance.tally.parts import fraction
from gongzhi.governance.tally.result import Count, Tallied, Test
from gongzhi.governance.tally.rules import Objection, Threshold

MEASURES: tuple[Literal["heads", "area"], ...] = ("heads", "area")


def threshold_tests(
    name: Literal["quorum", "approval"], threshold: Threshold, part: Count, *, tallied: Tallied
) -> tuple[Test, ...]:
    whole = tallied.participating if threshold.base == "participants" else tallied.base
    return tuple(
        _test(name, measure, getattr(part, measure), getattr(whole, measure), threshold) for measure in MEASURES
    )


def holds(tests: Sequence[Test], threshold: Threshold) -> bool:
    results = [one.holds for one in tests]
    return any(results) if threshold.join == "either" else all(results)


def objection_tests(objection: Objection, tallied: Tallied) -> tuple[Test, ...]:
    """Dissenters at most the ratio of everybody."""
    found = []
    for measure in MEASURES:
        above, below = fraction(getattr(objection, measure))
        part, whole = getattr(tallied.votes.oppose, measure), getattr(tallied.base, measure)
        found.append(
            Test(
                name="objection",
                measure=measure,
                part=part,
                whole=whole,
                ratio=getattr(objection, measure),
                bound="at_most",
                left=part * below,
                right=whole * above,
                holds=part * below <= whole * above,
                least=whole * above // below,
                clauses=objection.clauses,
            )
        )
    return tuple(found)


def _test(
    name: Literal["quorum", "approval"], measure: Literal["heads", "area"], part: int, whole: int, threshold: Threshold
) -> Test:
    ratio = getattr(threshold, measure)
    above, below = fraction(ratio)
    left, right = part * below, whole * above
    if threshold.bound == "at_least":
        reached, least = left >= right, -(-right // below)
    else:
        reached, least = left > right, right // below + 1
    return Test(
        name=name,
        measure=measure,
        part=part,
        whole=whole,
        ratio=ratio,
        bound=threshold.bound,
        left=left,
        right=right,
        # Of nobody there is no majority, however small the ratio.
        holds=reached and whole > 0,
        least=least,
        clauses=threshold.clauses,
    )
