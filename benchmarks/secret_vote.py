"""A secret election of 10,000 ballots × 3 options, from casting to the published result.

    python benchmarks/secret_vote.py [--ballots 10000] [--processes 2]

Casting with proofs, verifying every ballot, both weighted totals, two trustees' parts, the logarithms. Beside it the
bare scalar multiplications that all this needs, in the same processes. Counted is processor time, the processes side
by side, so that a busy machine changes little. Exit status 1 above SECONDS for 10,000 ballots, or above LIMIT times
the bare multiplications.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from gongzhi.proof.secret import ballots, group, totals, trustees
from gongzhi.proof.secret.ballots import Ballot, Context

SECONDS = 60.0
LIMIT = 1.6
OPTIONS = ("agree", "oppose", "abstain")
ELECTION = "benchmark"
# Of one ballot with three options and one choice, besides base-point multiplications: casting 3 × 5 + 1, verifying
# 3 × 6 + 3, weighing 3 × 2. And by the base point: casting 3 × 3 + 1, verifying 3 × 2 + 1.
VARIABLE, FIXED = 16 + 21 + 6, 10 + 7

Voter = tuple[str, int, str]


def timed(work: Callable[..., Any], *arguments: Any) -> tuple[Any, float]:
    """A result with the processor seconds it took."""
    begun = time.process_time()
    return work(*arguments), time.process_time() - begun


def cast_all(key: bytes, voters: Sequence[Voter]) -> list[Ballot]:
    return [ballots.cast(Context(ELECTION, name, key, OPTIONS), [choice]) for name, _, choice in voters]


def count_all(key: bytes, voters: Sequence[Voter], cast: Sequence[Ballot]) -> dict[str, list[ballots.Ciphertext]]:
    for (name, _, _), ballot in zip(voters, cast, strict=True):
        assert ballots.verified(ballot, Context(ELECTION, name, key, OPTIONS))
    weighted = [totals.Weighted(ballot, area) for (_, area, _), ballot in zip(voters, cast, strict=True)]
    return totals.totals_of(weighted, options=len(OPTIONS))


def bare(rounds: int) -> None:
    scalar, point = group.random_scalar(), group.base_times(group.random_scalar())
    for _ in range(rounds * VARIABLE):
        group.times(scalar, point)
    for _ in range(rounds * FIXED):
        group.base_times(scalar)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ballots", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    chosen = random.Random(1)
    voters = [(f"u{n}", chosen.randrange(4_000, 20_000), chosen.choice(OPTIONS)) for n in range(asked.ballots)]
    dealt = [trustees.deal(ELECTION, number) for number in trustees.NUMBERS]
    published = [one.published for one in dealt]
    key = trustees.election_key(ELECTION, published)
    parts = [voters[n :: asked.processes] for n in range(asked.processes)]
    sample = max(asked.ballots // 20 // asked.processes, 1)
    begun = time.perf_counter()
    with ProcessPoolExecutor(asked.processes) as pool:

        def side_by_side(work: Callable[..., Any], *arguments: Sequence[Any]) -> tuple[list[Any], float]:
            """Results, and the processor seconds of the slowest."""
            done = list(pool.map(timed, [work] * asked.processes, *arguments))
            return [one for one, _ in done], max(seconds for _, seconds in done)

        _, bare_seconds = side_by_side(bare, [sample] * asked.processes)
        cast, cast_seconds = side_by_side(cast_all, [key] * len(parts), parts)
        halves, count_seconds = side_by_side(count_all, [key] * len(parts), parts, cast)
    sums = halves[0]
    for half in halves[1:]:
        sums = totals.merged(sums, half)
    most = sum(area for _, area, _ in voters)
    found, open_seconds = timed(open_all, sums, dealt, published, most)
    seconds, limit = cast_seconds + count_seconds + open_seconds, bare_seconds / sample * len(parts[0])
    for place, measure in enumerate(totals.MEASURES):
        weights = [1 if place else area for _, area, _ in voters]
        assert found[measure] == [
            sum(weight for weight, voter in zip(weights, voters, strict=True) if voter[2] == option)
            for option in OPTIONS
        ]
    wall = time.perf_counter() - begun
    print(
        f"{asked.ballots} ballots × {len(OPTIONS)} options, {asked.processes} processes: {seconds:.1f} s of processor"
    )
    print(f"  casting {cast_seconds:.1f}, verifying and adding {count_seconds:.1f}, opening {open_seconds:.1f};"
          f" by the clock {wall:.1f}")  # fmt: skip
    print(f"the bare multiplications: {limit:.1f} s; ratio {seconds / limit:.2f}, limit {LIMIT}")
    allowed = SECONDS * max(asked.ballots / 10_000, 1)
    return 0 if seconds <= allowed and seconds <= LIMIT * limit else 1


def open_all(
    sums: dict[str, list[ballots.Ciphertext]],
    dealt: Sequence[trustees.Dealt],
    published: Sequence[trustees.Published],
    most: int,
) -> dict[str, list[int]]:
    shares = {
        j: trustees.own_share(j, handed={one.published.number: one.shares[j] for one in dealt}, published=published)
        for j in (1, 3)
    }
    logarithms = totals.Logarithms()
    found: dict[str, list[int]] = {}
    for measure, listed in sums.items():
        for option, total in zip(OPTIONS, listed, strict=True):
            what = totals.what_of(ELECTION, measure, option)
            two = [trustees.open_part(total, what=what, number=j, share=share) for j, share in shares.items()]
            number = totals.open_total(total, two, what=what, published=published, most=most, logarithms=logarithms)
            found.setdefault(measure, []).append(number)
    return found


if __name__ == "__main__":
    raise SystemExit(main())
