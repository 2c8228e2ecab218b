"""The tally: (roll, rules, events) to the result, with its reasons and the readings that would change it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

import rfc8785

from gongzhi.governance.tally.ballots import Dropped, Sifted, sift
from gongzhi.governance.tally.contested import COUNTABLE_SEALED, COUNTED_ALIKE, contested_readings, reread
from gongzhi.governance.tally.counting import Counted, Given, Silent, count
from gongzhi.governance.tally.deciding import holds, objection_tests, threshold_tests
from gongzhi.governance.tally.elections import Race, drawn_order, elect, outcome
from gongzhi.governance.tally.electorate import Electorate, corrected, electorate
from gongzhi.governance.tally.events import Events, Noticed, Served
from gongzhi.governance.tally.explaining import steps_of
from gongzhi.governance.tally.holders import Holders, Proxies
from gongzhi.governance.tally.parts import Part
from gongzhi.governance.tally.reporting import (
    ignored_ballots,
    notice_check,
    procedure,
    roll_totals,
    unit_votes,
    warnings_of,
)
from gongzhi.governance.tally.result import Digests, OfCandidate, OfMotion, Reading, Result, Test
from gongzhi.governance.tally.roll import Roll
from gongzhi.governance.tally.rules import Motion, Rules, Scope, Silence
from gongzhi.governance.tally.sealed import as_counted, opened_totals
from gongzhi.governance.tally.standing import Standing, as_dropped, standing


def tally(*, roll: Roll, rules: Rules, events: Events, sensitivity: bool = True, detail: bool = False) -> Result:
    """The result by the frozen rules. `sensitivity`: run again under each contested reading; `detail`: unit by unit."""
    sorted_out = SortedOut(roll, rules, events)
    run = Run(rules, sorted_out)
    decided = [run.decide(motion) for motion in rules.motions]
    checks = procedure(rules, events, sorted_out.sifted, told=sorted_out.told)
    other = _sensitivity(roll, rules, events, sorted_out, decided) if sensitivity else ()
    whole = run.electorate(Scope())
    return Result(
        poll=rules.poll,
        digests=Digests(roll=digest(roll), rules=digest(rules), events=digest(events)),
        binding=rules.settings.official_platform.value == "not_required",
        roll=roll_totals(whole, sorted_out.served),
        procedure=checks,
        motions=tuple(one.result for one in decided),
        ignored=ignored_ballots(run.dropped(), rules),
        warnings=warnings_of(
            rules, events, sorted_out=sorted_out, results=[one.result for one in decided], other=other
        ),
        sensitivity=other,
        units=unit_votes(whole, decided, sorted_out.served) if detail else None,
    )


def digest(part: Part) -> str:
    """SHA-256 of the RFC 8785 form with every field written out."""
    data = part.model_dump(mode="json")
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    # Of whole numbers and texts that is the RFC's form, save for the order of keys beyond the basic plane.
    form = rfc8785.dumps(data) if max(text) > _BASIC_PLANE else text.encode()
    return sha256(form).hexdigest()


_BASIC_PLANE = "\uffff"


class SortedOut:
    """What the rules of counting do not touch: the corrected roll, the ballots admitted, service and notice."""

    def __init__(self, roll: Roll, rules: Rules, events: Events) -> None:
        self.rows = corrected(roll, events)
        self.holders = Holders(self.rows, events, rules)
        self.sifted: Sifted = sift(events, rules, self.holders, proxies=Proxies(events, rules, self.holders))
        self.served = _served(events, rules)
        self.told = any(
            one.silence_told and one.at < rules.window.opens_at for one in events.events if isinstance(one, Noticed)
        )
        self.lots = {one.motion: drawn_order(events, one.motion) for one in rules.motions if one.election}
        self.totals = {one.motion: opened_totals(events, one.motion) for one in rules.motions if one.secret}
        self.standing: dict[str, dict[str, Standing]] = {
            motion: {unit: standing(votes, rules.settings) for unit, votes in by_unit.items()}
            for motion, by_unit in self.sifted.votes.items()
        }


@dataclass(frozen=True, slots=True)
class Decided:
    """A motion's result with what it was counted from: of an election one count a candidate."""

    result: OfMotion
    electorate: Electorate
    counted: dict[str | None, Counted]


class Run:
    """One reading of the rules over what was sorted out."""

    def __init__(self, rules: Rules, sorted_out: SortedOut) -> None:
        self._rules = rules
        self._given = sorted_out
        self._electorates: dict[Scope, Electorate] = {}

    def electorate(self, scope: Scope) -> Electorate:
        if scope not in self._electorates:
            self._electorates[scope] = electorate(self._given.rows, scope, self._rules.settings)
        return self._electorates[scope]

    def dropped(self) -> list[Dropped]:
        found = list(self._given.sifted.dropped)
        for motion, by_unit in self._given.standing.items():
            for unit, one in by_unit.items():
                found += [as_dropped(pair, unit, motion) for pair in one.dropped]
        return found

    def decide(self, motion: Motion) -> Decided:
        own = self.electorate(motion.scope)
        silence = motion.silence or self._rules.settings.silence
        silent = Silent(_for_this(motion, silence), self._given.served, self._given.told)
        if motion.election is None:
            return self._decide_motion(motion, own, silent)
        return self._decide_election(motion, own, silent)

    def _decide_motion(self, motion: Motion, own: Electorate, silent: Silent) -> Decided:
        counted = count(own, self._marks(motion, own, None), self._rules.settings, silent=silent)
        tests, verdict = _verdict(motion, counted)
        objections = objection_tests(motion.objection, counted.tallied) if motion.objection else ()
        result = OfMotion(
            motion=motion.motion,
            title=motion.title,
            matter=motion.matter,
            outcome=verdict,  # type: ignore[arg-type]
            tallied=counted.tallied,
            tests=tests,
            by_objection=all(one.holds for one in objections) if objections else None,
            objection_tests=objections,
            steps=steps_of(
                motion, self._rules.settings, counted.tallied, tests=tests, outcome=verdict, notes=counted.notes
            ),
        )
        return Decided(result, own, {None: counted})

    def _decide_election(self, motion: Motion, own: Electorate, silent: Silent) -> Decided:
        settings = self._rules.settings
        election = motion.election
        assert election is not None  # noqa: S101  (the caller has looked)
        taking_part = count(own, self._marks(motion, own, None), settings, silent=silent)
        deemed = frozenset(unit for unit, one in taking_part.positions.items() if one.source == "silence")
        by_candidate: dict[str | None, Counted] = {None: taking_part}
        races = []
        totals = self._given.totals.get(motion.motion)
        for one in election.candidates:
            if motion.secret is not None:
                counted = as_counted(taking_part, one.candidate, totals, electorate=own, silent=silent)
            else:
                counted = count(own, self._marks(motion, own, one.candidate), settings, silent=silent, deemed=deemed)
                by_candidate[one.candidate] = counted
            tests = threshold_tests("approval", motion.approval, counted.tallied.votes.agree, tallied=counted.tallied)
            races.append(Race(one.candidate, one.name, counted.tallied, tests, holds(tests, motion.approval)))
        quorum = _quorum_tests(motion, taking_part)
        verdict = _no_decision(motion, taking_part, quorum)
        if verdict is None and motion.secret is not None and totals is None:
            verdict = "sealed"
        candidates: tuple[OfCandidate, ...] = ()
        if verdict is None:
            candidates = elect(motion, races, self._given.lots.get(motion.motion, {}))
            verdict = outcome(election, candidates)
        tallied = taking_part.tallied
        steps = steps_of(
            motion,
            settings,
            tallied,
            tests=quorum,
            outcome=verdict,
            notes=taking_part.notes,
            candidates=candidates,
        )
        result = OfMotion(
            motion=motion.motion,
            title=motion.title,
            matter=motion.matter,
            outcome=verdict,  # type: ignore[arg-type]
            tallied=tallied,
            tests=quorum,
            candidates=candidates,
            steps=steps,
        )
        return Decided(result, own, by_candidate)

    def _marks(self, motion: Motion, own: Electorate, candidate: str | None) -> dict[str, Given]:
        """What came back for each unit; of an election without a candidate, whether anybody was agreed to."""
        stands = self._given.standing.get(motion.motion, {})
        spoiled = self._given.sifted.spoiled.get(motion.motion, set())
        found = {}
        for seat in own.seats:
            unit = seat.unit.unit
            one = stands.get(unit)
            if one is not None and one.vote is not None:
                found[unit] = Given(_answer(one.vote.mark, candidate), one.vote.place, one.vote.ballot)
            elif (one is not None and one.conflict) or unit in spoiled:
                found[unit] = Given("invalid")
        return found


def _answer(mark: str | Mapping[str, str], candidate: str | None) -> str:
    if isinstance(mark, str):
        return mark
    if candidate is None:
        return "agree" if "agree" in mark.values() else "abstain"
    return mark[candidate]


def _for_this(motion: Motion, silence: Silence) -> Silence:
    """Nobody can be deemed to agree to more candidates than a ballot may name: he abstains."""
    election = motion.election
    if election is None or silence.value != "deem_agree":
        return silence
    if len(election.candidates) <= (election.most_choices or election.seats):
        return silence
    return silence.model_copy(update={"value": "deem_abstain"})


def _quorum_tests(motion: Motion, counted: Counted) -> tuple[Test, ...]:
    if motion.quorum is None:
        return ()
    return threshold_tests("quorum", motion.quorum, counted.tallied.participating, tallied=counted.tallied)


def _no_decision(motion: Motion, counted: Counted, quorum: tuple[Test, ...]) -> str | None:
    if counted.tallied.base.heads == 0 or counted.tallied.base.area == 0:
        return "no_voters"
    if motion.quorum is not None and not holds(quorum, motion.quorum):
        return "no_quorum"
    return None


def _verdict(motion: Motion, counted: Counted) -> tuple[tuple[Test, ...], str]:
    quorum = _quorum_tests(motion, counted)
    approval = threshold_tests("approval", motion.approval, counted.tallied.votes.agree, tallied=counted.tallied)
    none = _no_decision(motion, counted, quorum)
    return (*quorum, *approval), none or ("passed" if holds(approval, motion.approval) else "rejected")


def _served(events: Events, rules: Rules) -> frozenset[str]:
    """Units whose ballot arrived in time and in a way that counts."""
    rule = rules.settings.service
    results = ("served", "refused") if rule.value == "delivered_or_refused" else ("served",)
    return frozenset(
        unit
        for one in events.events
        if isinstance(one, Served)
        and one.at < rules.window.closes_at
        and one.result in results
        and (not rule.kinds or one.kind in rule.kinds)
        for unit in one.units
    )


def outcome_words(results: list[OfMotion]) -> dict[str, str]:
    """What a reading may change: the outcome, and of an election who is elected."""
    found = {}
    for one in results:
        won = ",".join(sorted(who.candidate for who in one.candidates if who.standing == "elected"))
        found[one.motion] = f"{one.outcome}:{won}" if one.candidates else one.outcome
    return found


def _sensitivity(
    roll: Roll, rules: Rules, events: Events, sorted_out: SortedOut, decided: list[Decided]
) -> tuple[Reading, ...]:
    now = outcome_words([one.result for one in decided])
    in_order = _in_order(rules, events)
    found = []
    sealed = any(one.secret for one in rules.motions)
    for name, value, says in contested_readings(rules.settings):
        if sealed and name not in COUNTABLE_SEALED:
            continue
        other = reread(rules, name, value)
        again = sorted_out if name in COUNTED_ALIKE else SortedOut(roll, other, events)
        run = Run(other, again)
        words = outcome_words([run.decide(motion).result for motion in other.motions])
        order = _in_order(other, events)
        flips = [motion for motion, word in words.items() if word != now[motion]]
        if order != in_order:
            flips.append("procedure")
        found.append(
            Reading(
                setting=name,
                value=value,
                says=says,
                instead_of=getattr(rules.settings, name).value,
                outcomes=words,
                procedure_ok=order,
                flips=tuple(flips),
            )
        )
    return tuple(found)


def _in_order(rules: Rules, events: Events) -> bool:
    """Whether the notice was long enough: of the procedure all that a reading can change."""
    return notice_check(rules, events).ok
