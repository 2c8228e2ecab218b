"""One question over one electorate: positions of units, positions of heads, and what silence counts as."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gongzhi.governance.tally.electorate import Electorate, Seat
from gongzhi.governance.tally.parts import fraction
from gongzhi.governance.tally.result import Count, Tallied, Votes
from gongzhi.governance.tally.rules import Settings, Silence

EXPLICIT = ("agree", "oppose", "abstain")
Place = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class Given:
    """What came back for a unit: an answer, "follow", or "invalid"."""

    answer: str
    place: Place | None = None
    ballot: str | None = None


@dataclass(frozen=True, slots=True)
class Position:
    answer: str
    source: str  # "ballot", "follow" or "silence"
    place: Place | None = None
    ballot: str | None = None


@dataclass(slots=True)
class Counted:
    tallied: Tallied
    positions: dict[str, Position]
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Silent:
    """How the silent count: the rule, who was served, and whether the notice told the consequence."""

    rule: Silence
    served: frozenset[str]
    told: bool


def count(
    electorate: Electorate,
    given: Mapping[str, Given],
    settings: Settings,
    *,
    silent: Silent,
    deemed: frozenset[str] | None = None,
) -> Counted:
    """`deemed`: of an election's candidates, the units already found to count though silent; they abstain at least."""
    notes: list[str] = []
    returned = {
        unit: Position(one.answer, "ballot", one.place, one.ballot)
        for unit, one in given.items()
        if one.answer in EXPLICIT
    }
    explicit = _votes(electorate, returned, settings)
    majority = _majority(explicit)
    positions = dict(returned)
    for unit, one in given.items():
        if one.answer == "follow":
            positions[unit] = Position(majority or "abstain", "follow", one.place, one.ballot)
        elif one.answer == "invalid" and settings.invalid.value == "participating":
            positions[unit] = Position("invalid", "ballot", one.place, one.ballot)
    if deemed is None:
        _deem(electorate, given, positions, settings, silent, explicit, notes)
    else:
        answer = deemed_answer(electorate, silent.rule, explicit, notes=notes) or "abstain"
        positions.update({unit: Position(answer, "silence") for unit in deemed})
    tallied = _tallied(electorate, positions, explicit, majority, settings)
    return Counted(tallied, positions, notes)


def _deem(
    electorate: Electorate,
    given: Mapping[str, Given],
    positions: dict[str, Position],
    settings: Settings,
    silent: Silent,
    explicit: Votes,
    notes: list[str],
) -> None:
    """Only the served, and only if the notice told them what silence means."""
    rule = silent.rule
    if rule.value == "not_participating":
        return
    if not silent.told:
        notes.append("公告没有写明不投票的后果，未投票的不作推定，按未参与")
        return
    answer = deemed_answer(electorate, rule, explicit, notes=notes)
    if answer is None:
        return
    as_silent = settings.invalid.value == "as_silent"
    for seat in electorate.seats:
        unit = seat.unit.unit
        silent_here = unit not in given or (as_silent and given[unit].answer == "invalid")
        if silent_here and unit in silent.served:
            positions[unit] = Position(answer, "silence")


def deemed_answer(electorate: Electorate, rule: Silence, explicit: Votes, *, notes: list[str]) -> str | None:
    if rule.value == "deem_abstain":
        return "abstain"
    if rule.value == "deem_agree":
        return "agree"
    majority = _majority(explicit)
    if majority is None:
        notes.append("已表决的票中没有面积和人数都居首的意见，未投票的无从计入多数票，按未参与")
        return None
    if rule.floor is not None and not _above_floor(electorate, explicit, majority, rule.floor):
        notes.append(f"已表决的多数票没有超过全体的 {rule.floor}，未投票的不计入，按未参与")
        return None
    return majority


def _above_floor(electorate: Electorate, explicit: Votes, majority: str, floor: str) -> bool:
    above, below = fraction(floor)
    own: Count = getattr(explicit, majority)
    return own.area * below > electorate.area * above and own.heads * below > electorate.head_count * above


def _majority(votes: Votes) -> str | None:
    """The answer that leads alone in both measures."""
    for answer in EXPLICIT:
        own: Count = getattr(votes, answer)
        others: list[Count] = [getattr(votes, other) for other in EXPLICIT if other != answer]
        if all(own.area > one.area and own.heads > one.heads for one in others):
            return answer
    return None


def _votes(electorate: Electorate, positions: Mapping[str, Position], settings: Settings) -> Votes:
    area = dict.fromkeys((*EXPLICIT, "invalid"), 0)
    heads = dict.fromkeys((*EXPLICIT, "invalid"), 0)
    for seat in electorate.seats:
        position = positions.get(seat.unit.unit)
        if position is not None:
            area[position.answer] += seat.area
    for seats in electorate.heads.values():
        head = head_position(seats, positions, settings)
        if head is not None:
            heads[head.answer] += 1
    return Votes(**{answer: Count(heads=heads[answer], area=area[answer]) for answer in area})


def head_position(seats: tuple[Seat, ...], positions: Mapping[str, Position], settings: Settings) -> Position | None:
    """One person has one position. What he said goes before what he is deemed to have said."""
    own = [(one, positions[one.unit.unit]) for one in seats if one.unit.unit in positions]
    if len(own) < 2:  # noqa: PLR2004  (one unit, one position)
        return own[0][1] if own else None
    for wanted in (_said, _deemed):
        chosen = [(seat, one) for seat, one in own if wanted(one)]
        if chosen:
            return _one_of(chosen, settings)
    return own[0][1]


def _said(one: Position) -> bool:
    return one.source != "silence" and one.answer != "invalid"


def _deemed(one: Position) -> bool:
    return one.source == "silence"


def _one_of(chosen: list[tuple[Seat, Position]], settings: Settings) -> Position:
    answers = {one.answer for _, one in chosen}
    if len(answers) == 1:
        said_itself = [one for _, one in chosen if one.source == "ballot"]
        return (said_itself or [chosen[0][1]])[0]
    if settings.split_head.value == "latest":
        return max((one for _, one in chosen), key=lambda one: one.place or _NEVER)
    if settings.split_head.value == "largest_area":
        areas = {answer: sum(seat.area for seat, one in chosen if one.answer == answer) for answer in answers}
        largest = [answer for answer, area in areas.items() if area == max(areas.values())]
        if len(largest) == 1:
            return next(one for _, one in chosen if one.answer == largest[0])
    return Position("abstain", "ballot")


_NEVER: Place = (datetime.fromisoformat("0001-01-02T00:00:00+00:00"), -1)


def _tallied(
    electorate: Electorate,
    positions: dict[str, Position],
    explicit: Votes,
    majority: str | None,
    settings: Settings,
) -> Tallied:
    votes = _votes(electorate, positions, settings)
    taking_part = Count(heads=_sum(votes, "heads"), area=_sum(votes, "area"))
    return Tallied(
        base=Count(heads=electorate.head_count, area=electorate.area),
        participating=taking_part,
        votes=votes,
        returned=explicit,
        deemed=_by_source(electorate, positions, settings, lambda one: one.source == "silence"),
        followed=_by_source(electorate, positions, settings, lambda one: one.source == "follow"),
        silent=Count(heads=electorate.head_count - taking_part.heads, area=electorate.area - taking_part.area),
        majority=majority,  # type: ignore[arg-type]
    )


def _sum(votes: Votes, measure: str) -> int:
    return sum(getattr(getattr(votes, answer), measure) for answer in (*EXPLICIT, "invalid"))


def _by_source(
    electorate: Electorate, positions: Mapping[str, Position], settings: Settings, wanted: Callable[[Position], bool]
) -> Count:
    area = sum(
        seat.area for seat in electorate.seats if (one := positions.get(seat.unit.unit)) is not None and wanted(one)
    )
    heads = 0
    for seats in electorate.heads.values():
        head = head_position(seats, positions, settings)
        heads += head is not None and wanted(head)
    return Count(heads=heads, area=area)
