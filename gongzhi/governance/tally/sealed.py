"""Secret elections: who votes with which weight, fixed before the first ballot, and totals in place of single marks."""

from dataclasses import dataclass

from gongzhi.governance.tally.counting import Counted, Silent, deemed_answer
from gongzhi.governance.tally.electorate import Electorate, Seat, corrected, electorate
from gongzhi.governance.tally.events import Events, Opened
from gongzhi.governance.tally.holders import Holders
from gongzhi.governance.tally.result import Count, Votes
from gongzhi.governance.tally.roll import Roll
from gongzhi.governance.tally.rules import Motion, Rules


@dataclass(frozen=True, slots=True)
class Voters:
    """`weights`: each voter's area and heads. `units`: what he votes for. `without`: units nobody may vote for yet."""

    weights: dict[str, tuple[int, int]]
    units: dict[str, tuple[str, ...]]
    without: tuple[str, ...]
    electorate: Electorate

    @property
    def area(self) -> int:
        return sum(area for area, _ in self.weights.values())


def voters_of(roll: Roll, rules: Rules, events: Events, *, motion: Motion) -> Voters:
    """One person, one ballot: his own units and those for which the co-owners named him.

    A head whose units different people vote for is given to the one with the larger area of it, since two sealed
    ballots cannot be compared.
    """
    rows = corrected(roll, events)
    holders = Holders(rows, events, rules)
    own = electorate(rows, motion.scope, rules.settings)
    who = {one.unit.unit: _holder(one, holders) for one in own.seats}
    area: dict[str, int] = {}
    units: dict[str, list[str]] = {}
    for seat in own.seats:
        voter = who[seat.unit.unit]
        if voter is not None:
            area[voter] = area.get(voter, 0) + seat.area
            units.setdefault(voter, []).append(seat.unit.unit)
    heads = dict.fromkeys(area, 0)
    for seats in own.heads.values():
        voter = _of_head(seats, who)
        if voter is not None:
            heads[voter] += 1
    return Voters(
        weights={one: (area[one], heads[one]) for one in sorted(area)},
        units={one: tuple(sorted(own_units)) for one, own_units in units.items()},
        without=tuple(sorted(unit for unit, voter in who.items() if voter is None)),
        electorate=own,
    )


def _holder(seat: Seat, holders: Holders) -> str | None:
    tenure = holders.tenures[seat.unit.unit][-1]
    if len(tenure.owners) == 1:
        return next(iter(tenure.owners))
    return tenure.nominees[-1][1] if tenure.nominees else None


def _of_head(seats: tuple[Seat, ...], who: dict[str, str | None]) -> str | None:
    area: dict[str, int] = {}
    for seat in seats:
        voter = who[seat.unit.unit]
        if voter is not None:
            area[voter] = area.get(voter, 0) + seat.area
    return min(area, key=lambda one: (-area[one], one)) if area else None


def opened_totals(events: Events, motion: str) -> Opened | None:
    found = None
    for one in events.events:
        if isinstance(one, Opened) and one.motion == motion:
            found = one
    return found


def as_counted(
    taking_part: Counted, candidate: str, totals: Opened | None, *, electorate: Electorate, silent: Silent
) -> Counted:
    """A candidate's count from the opened totals: who took part and did not choose him abstained."""
    given, none, notes = taking_part.tallied, Count(heads=0, area=0), list[str]()
    won = Count(heads=totals.heads[candidate], area=totals.area[candidate]) if totals else none
    explicit = Votes(agree=won, oppose=none, abstain=minus(given.returned.abstain, won), invalid=none)
    answer = deemed_answer(electorate, silent.rule, explicit, notes=notes) if given.deemed.area else None
    agree = plus(won, given.deemed) if answer == "agree" else won
    invalid = given.votes.invalid
    rest = minus(minus(given.participating, agree), invalid)
    votes = Votes(agree=agree, oppose=none, abstain=rest, invalid=invalid)
    tallied = given.model_copy(update={"votes": votes, "returned": explicit, "majority": None})
    return Counted(tallied, {}, notes)


def plus(one: Count, other: Count) -> Count:
    return Count(heads=one.heads + other.heads, area=one.area + other.area)


def minus(one: Count, other: Count) -> Count:
    return Count(heads=one.heads - other.heads, area=one.area - other.area)
