"""Who is elected: the double majority each for himself, seats by votes won, alternates, ties, partial elections."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from gongzhi.governance.tally.events import Drawn, Events
from gongzhi.governance.tally.parts import fraction
from gongzhi.governance.tally.result import OfCandidate, Tallied, Test
from gongzhi.governance.tally.rules import Election, Motion

Key = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Race:
    candidate: str
    name: str
    tallied: Tallied
    tests: tuple[Test, ...]
    has_majority: bool


def drawn_order(events: Events, motion: str) -> dict[str, int]:
    """The last lot drawn for the motion."""
    order: dict[str, int] = {}
    for one in events.events:
        if isinstance(one, Drawn) and one.motion == motion:
            order = {name: number for number, name in enumerate(one.order)}
    return order


def elect(motion: Motion, races: Sequence[Race], lot: Mapping[str, int]) -> tuple[OfCandidate, ...]:
    """Everybody with his rank and standing, best first; candidates of equal votes keep the ballot's order."""
    election = motion.election
    assert election is not None  # noqa: S101  (the caller has looked)
    ordered = sorted(races, key=lambda one: _key(one, election), reverse=True)
    standing = {one.candidate: "not_elected" for one in ordered}
    able = [one for one in ordered if one.has_majority]
    left = _fill(able, election.seats, ("elected", "tied"), election, lot, standing)
    if "tied" not in standing.values():
        rest = [] if election.alternates_need_majority else [one for one in ordered if not one.has_majority]
        _fill([*left, *rest], election.alternates, ("alternate", "tied_alternate"), election, lot, standing)
    keys = {one.candidate: _key(one, election) for one in ordered}
    return tuple(
        OfCandidate(
            candidate=one.candidate,
            name=one.name,
            tallied=one.tallied,
            tests=one.tests,
            has_majority=one.has_majority,
            rank=1 + sum(other > keys[one.candidate] for other in keys.values()),
            standing=standing[one.candidate],  # type: ignore[arg-type]
        )
        for one in _by_lot_within(ordered, election, lot)
    )


def outcome(
    election: Election, candidates: Sequence[OfCandidate]
) -> Literal["elected", "partly_elected", "not_elected", "tied"]:
    if any(one.standing == "tied" for one in candidates):
        return "tied"
    won = sum(one.standing == "elected" for one in candidates)
    if won < election.least_elected or not _above_share(election, won):
        return "not_elected"
    return "elected" if won == election.seats else "partly_elected"


def _above_share(election: Election, won: int) -> bool:
    if election.least_share is None:
        return True
    above, below = fraction(election.least_share)
    return won * below > election.seats * above


def _fill(
    ordered: Sequence[Race],
    places: int,
    names: tuple[str, str],
    election: Election,
    lot: Mapping[str, int],
    standing: dict[str, str],
) -> list[Race]:
    """Gives the places to the best and returns the others. Equal votes at the last place wait for a lot of them all."""
    if places == 0 or not ordered:
        return list(ordered)
    placed, tied = names
    queue = _by_lot_within(ordered, election, lot)
    edge = _key(queue[min(places, len(queue)) - 1], election)
    level = [one for one in queue if _key(one, election) == edge]
    before = [one for one in queue if _key(one, election) > edge]
    if len(before) + len(level) > places and not all(one.candidate in lot for one in level):
        standing.update({one.candidate: placed for one in before})
        standing.update({one.candidate: tied for one in level})
        return [one for one in queue if one not in before and one not in level]
    standing.update({one.candidate: placed for one in queue[:places]})
    return queue[places:]


def _by_lot_within(ordered: Sequence[Race], election: Election, lot: Mapping[str, int]) -> list[Race]:
    """Among equal votes, who was drawn earlier goes first."""
    last = len(lot)
    return sorted(ordered, key=lambda one: (*(-part for part in _key(one, election)), lot.get(one.candidate, last)))


def _key(one: Race, election: Election) -> Key:
    """Greater is better."""
    agree = one.tallied.votes.agree
    first, second = (agree.heads, agree.area) if election.rank_by == "heads" else (agree.area, agree.heads)
    return (one.has_majority, first, second) if election.tie == "other_measure_then_lot" else (one.has_majority, first)
