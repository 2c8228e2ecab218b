"""From the log to votes: which ballots are admitted for which units and motions, and why the others are not."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gongzhi.governance.tally.events import Adjudicated, Ballot, Events, Mark
from gongzhi.governance.tally.holders import Holders, Proxies, Refusal
from gongzhi.governance.tally.parts import ANSWERS
from gongzhi.governance.tally.rules import Motion, Rules

# An ordinary motion: one answer. An election: an answer for each candidate, or "follow" for all.
Clear = str | Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Vote:
    """What a ballot says for one unit on one motion. `place` orders votes in time."""

    ballot: str
    place: tuple[datetime, int]
    channel: str
    owner: str
    own: bool
    tenure: int
    mark: Clear


@dataclass(frozen=True, slots=True)
class Dropped:
    """`returned`: it is a ballot that came back and is invalid, not merely none."""

    ballot: str
    unit: str
    motion: str | None
    refusal: Refusal
    returned: bool = False


@dataclass(slots=True)
class Sifted:
    votes: dict[str, dict[str, list[Vote]]] = field(default_factory=dict)
    spoiled: dict[str, set[str]] = field(default_factory=dict)
    dropped: list[Dropped] = field(default_factory=list)
    unsettled: list[str] = field(default_factory=list)
    weak: list[str] = field(default_factory=list)

    def admit(self, motion: str, unit: str, vote: Vote) -> None:
        self.votes.setdefault(motion, {}).setdefault(unit, []).append(vote)

    def drop(self, one: Dropped, motions: Iterable[str]) -> None:
        self.dropped.append(one)
        if one.returned:
            for motion in motions:
                self.spoiled.setdefault(motion, set()).add(one.unit)


def sift(events: Events, rules: Rules, holders: Holders, *, proxies: Proxies) -> Sifted:
    found = Sifted()
    settled = _adjudications(events, rules, found)
    numbered = [(one.at, number, one) for number, one in enumerate(events.events) if isinstance(one, Ballot)]
    for at, number, ballot in sorted(numbered, key=lambda one: one[:2]):
        _sift_one(ballot, (at, number), _Context(rules, holders, proxies, settled), found)
    return found


@dataclass(frozen=True, slots=True)
class _Context:
    rules: Rules
    holders: Holders
    proxies: Proxies
    settled: dict[str, Adjudicated]


def _adjudications(events: Events, rules: Rules, found: Sifted) -> dict[str, Adjudicated]:
    """The last decision on each ballot that enough people signed."""
    settled: dict[str, Adjudicated] = {}
    for one in events.events:
        if isinstance(one, Adjudicated):
            if len(set(one.by)) >= rules.settings.adjudication.people:
                settled[one.ballot] = one
            else:
                found.weak.append(one.ballot)
    return settled


def _sift_one(ballot: Ballot, place: tuple[datetime, int], context: _Context, found: Sifted) -> None:
    motions = context.rules.motions
    names = [one.motion for one in motions]
    whole, returned = _whole(ballot, context, found)
    for unit in _units(ballot, context):
        if whole is not None:
            found.drop(Dropped(ballot.id, unit, None, whole, returned), names)
            continue
        owner = _owner(ballot, context)
        tenure = context.holders.tenure_of(unit, owner, ballot.at)
        if isinstance(tenure, Refusal):
            found.drop(Dropped(ballot.id, unit, None, tenure), names)
            continue
        choices = _choices(ballot, context)
        for motion in motions:
            mark = _mark(ballot, choices, motion, context.rules)
            refusal = mark if isinstance(mark, Refusal) else _bound(ballot, motion, mark, context)
            if refusal is not None:
                again = _is_returned(refusal, context.rules)
                found.drop(Dropped(ballot.id, unit, motion.motion, refusal, again), [motion.motion])
            elif not isinstance(mark, Refusal):
                vote = Vote(ballot.id, place, ballot.channel, owner, ballot.proxy is None, tenure, mark)
                found.admit(motion.motion, unit, vote)


def _whole(ballot: Ballot, context: _Context, found: Sifted) -> tuple[Refusal | None, bool]:
    """What speaks against the ballot as a whole, and whether it counts as one that came back invalid."""
    window = context.rules.window
    if ballot.at < window.opens_at:
        return Refusal("early"), False
    if ballot.at >= window.closes_at:
        return Refusal("late"), False
    if ballot.proxy is not None and (refusal := context.proxies.refusal(ballot)):
        return refusal, False
    settled = context.settled.get(ballot.id)
    if settled is not None:
        found_bad = settled.decision == "invalid"
        return (Refusal("adjudicated_invalid", "adjudication") if found_bad else None), found_bad
    if ballot.faults:
        found.unsettled.append(ballot.id)
        return Refusal("fault", "adjudication"), True
    return None, False


def _units(ballot: Ballot, context: _Context) -> Iterator[str]:
    """The units on the ballot and, where the rules say so, all others that its owner may vote for."""
    known = context.holders.tenures
    yield from (unit for unit in ballot.units if unit in known)
    if context.rules.settings.ballot_covers.value != "all_of_owner" or ballot.proxy is not None:
        return
    for unit in context.holders.units_of.get(ballot.voter, ()):
        tenure = context.holders.tenure_of(unit, ballot.voter, ballot.at)
        if unit not in ballot.units and not isinstance(tenure, Refusal):
            yield unit


def _owner(ballot: Ballot, context: _Context) -> str:
    return context.proxies.by_id[ballot.proxy].principal if ballot.proxy is not None else ballot.voter


def _mark(ballot: Ballot, choices: Mapping[str, Mark], motion: Motion, rules: Rules) -> Clear | Refusal:
    """A sealed ballot takes part; whom it is for the totals say."""
    if ballot.sealed != (motion.secret is not None):
        return Refusal("not_sealed" if motion.secret else "sealed")
    return read_mark(() if ballot.sealed else choices.get(motion.motion), motion, rules)


def _choices(ballot: Ballot, context: _Context) -> dict[str, Mark]:
    settled = context.settled.get(ballot.id)
    return ballot.choices if settled is None or settled.choices is None else settled.choices


def _bound(ballot: Ballot, motion: Motion, mark: Clear, context: _Context) -> Refusal | None:
    """What the instrument says against an agent's vote on a motion."""
    if ballot.proxy is None:
        return None
    instrument = context.proxies.by_id[ballot.proxy]
    if not set(ballot.units) <= set(instrument.units):
        return Refusal("other_units", "proxy")
    if instrument.motions is not None and motion.motion not in instrument.motions:
        return Refusal("other_motions", "proxy")
    told = instrument.instructions.get(motion.motion)
    if told is None or context.rules.settings.proxy.instruction == "free":
        return None
    wanted = read_mark(told, motion, context.rules)
    return None if wanted == mark else Refusal("against_instruction", "proxy")


def _is_returned(refusal: Refusal, rules: Rules) -> bool:
    """A spoiled mark is an invalid ballot of the unit; an agent without the power for it is none."""
    if refusal.reason == "blank":
        return rules.settings.blank.value == "invalid"
    return refusal.reason in ("wrong_mark", "too_many", "follow_not_allowed", "against_instruction")


def read_mark(mark: Mark | None, motion: Motion, rules: Rules) -> Clear | Refusal:
    if mark is None:
        return _blank(motion, rules)
    if mark == "follow":
        allowed = rules.settings.follow_choice.value == "allowed"
        return "follow" if allowed else Refusal("follow_not_allowed", "follow_choice")
    if motion.election is None:
        return mark if isinstance(mark, str) and mark in ANSWERS else Refusal("wrong_mark")
    return _election_mark(mark, motion)


def _blank(motion: Motion, rules: Rules) -> Clear | Refusal:
    if rules.settings.blank.value != "abstain":
        return Refusal("blank", "blank")
    if motion.election is None:
        return "abstain"
    return {one.candidate: "abstain" for one in motion.election.candidates}


def _election_mark(mark: Mark, motion: Motion) -> Clear | Refusal:
    election = motion.election
    assert election is not None  # noqa: S101  (the caller has looked)
    names = [one.candidate for one in election.candidates]
    given: Mapping[str, str]
    if isinstance(mark, str):
        given = dict.fromkeys(names, mark)
    elif isinstance(mark, tuple | list):
        given = dict.fromkeys(mark, "agree")
    else:
        given = mark
    if not set(given) <= set(names) or "follow" in given.values():
        return Refusal("wrong_mark")
    most = election.most_choices or election.seats
    if sum(one == "agree" for one in given.values()) > most:
        return Refusal("too_many")
    return {name: given.get(name, "abstain") for name in names}
