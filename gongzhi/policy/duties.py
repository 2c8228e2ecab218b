"""What events do to duties: they open, close, void, move, spare, suspend and count."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from gongzhi.policy.clock_rules import ClockPack, DutyRule, Jump, Ladder
from gongzhi.policy.duty_acts import assign, excuse, extend, fulfil, resume, suspend
from gongzhi.policy.duty_state import (
    EXCUSED,
    FULFILLED,
    FULFILLED_LATE,
    NEEDS_PERSON,
    OPEN,
    OVERDUE,
    SILENT,
    STATE_NAMES,
    STATES,
    TASK,
    UNFINISHED,
    VOID,
    Changes,
    DutyRefused,
    DutyState,
    PolicyEvent,
    StepTaken,
    Transition,
)
from gongzhi.policy.ladders import advance, climb, come_due
from gongzhi.policy.openings import (
    PLACE,
    NeedsFact,
    Switches,
    closed,
    happened_in,
    opened_by,
    owner_source,
    reading_for,
    subject_of,
    with_key,
)
from gongzhi.policy.periods import day_of, in_china
from gongzhi.policy.recurrence import (
    count,
    falls_in,
    first_recurrences,
    next_recurrence,
    recount,
    reschedule,
    rescheduled_to,
)

__all__ = [
    "EXCUSED",
    "FULFILLED",
    "FULFILLED_LATE",
    "NEEDS_PERSON",
    "OPEN",
    "OVERDUE",
    "SILENT",
    "STATES",
    "STATE_NAMES",
    "TASK",
    "UNFINISHED",
    "VOID",
    "Changes",
    "DutyRefused",
    "DutyState",
    "PolicyEvent",
    "StepTaken",
    "Transition",
    "advance",
    "assign",
    "counted_without",
    "counts",
    "duties_after",
    "excuse",
    "extend",
    "fulfil",
    "next_recurrence",
    "reschedule",
    "resume",
    "suspend",
]

# The event field that names who is in charge now, where a rule does not say which field does.
LEAD = "lead"


def duties_after(
    pack: ClockPack, event: PolicyEvent, open_duties: Sequence[DutyState], *, switches: Switches = None
) -> Changes:
    """What the event opens and changes. `open_duties`: the unfinished duties of the event's subject and of the
    subjects that its data names; others are left alone. Never raises on a pack's or a fact's fault.

    A duty that the event touches is first brought up to the event's moment, as if a tick had come by in time.
    """
    work = _Work(pack, event, switches, list(open_duties))
    work.touch_all()
    for rule in pack.duty_rules.values():
        if event.kind in rule.opened_by and _in_force(pack, rule.name, day_of(event.at)):
            for duty in (first_recurrences if rule.every else opened_by)(pack, rule, event, switches=switches):
                if not work.holds_already(duty):
                    work.open(duty, rule=rule)
    work.give_way()
    return work.changes()


class _Work:
    """The duties as they stand while one event is worked through."""

    def __init__(self, pack: ClockPack, event: PolicyEvent, switches: Switches, duties: list[DutyState]) -> None:
        self.pack, self.event, self.switches = pack, event, switches
        self.before, self.after = duties, list(duties)
        self.opened: list[DutyState] = []
        self.transitions: list[tuple[DutyState, Transition]] = []

    def touch_all(self) -> None:
        counted: set[tuple[str, str, str]] = set()
        # A period put off to another day and the one after it may both hold the day: the earlier one takes the act.
        order = sorted(range(len(self.after)), key=lambda index: (self.after[index].due_at or FAR, index))
        for index in order:
            duty = self.after[index]
            rule = self.pack.duty_rules.get(duty.rule) or self._rule_behind(duty)
            runs = duty.unfinished or (duty.recurring and duty.next_at is not None)
            if not runs or not _concerns(duty, rule, self.event):
                continue
            if self.event.kind not in _kinds(self.pack, duty, rule):
                continue
            duty = self._caught_up(duty)
            if duty.recurring and rule is not None and rule.every is not None:
                duty = self._recurring(duty, rule, counted)
            else:
                duty = self._one_off(duty, rule)
            self.after[index] = duty
        for index, duty in enumerate(self.opened):
            rule = self.pack.duty_rules.get(duty.rule)
            if rule and rule.every and duty.recurring and self.event.kind in rule.every.counts_events:
                self.opened[index] = self._recurring(duty, rule, counted)

    def open(self, duty: DutyState, *, rule: DutyRule) -> None:
        """The act that begins a recurring duty counts in its first period, where such acts count."""
        at = len(self.opened)
        self.opened.append(duty)
        if rule.every and duty.recurring and self.event.kind in rule.every.counts_events:
            self.opened[at] = self._recurring(duty, rule, set())

    def holds_already(self, new: DutyState) -> bool:
        """The same thing is owed once: by the same rule, for the same subject, by the same owner."""
        return any(
            one.unfinished
            and (one.rule, one.subject, one.owner) == (new.rule, new.subject, new.owner)
            and one.marks.get("for_rule") == new.marks.get("for_rule")
            and (not new.recurring or one.state == OPEN)
            for one in (*self.after, *self.opened)
        )

    def give_way(self) -> None:
        """A duty that gives way to another does not run beside it: the one in question is void, or never opened."""
        running = {(one.rule, one.subject) for one in (*self.after, *self.opened) if one.unfinished}
        self.opened = [one for one in self.opened if not self._prior_to(one, running)]
        for index, duty in enumerate(self.after):
            prior = self._prior_to(duty, running) if duty.unfinished else ""
            if prior:
                note = f"由“{self.pack.duty_rules[prior].title}”代替，不再单独计时"
                steps = [*duty.explanation.get("steps", ()), note]
                ended = closed(duty, state=VOID, at=self.event.at, gave_way_to=prior)
                self.after[index] = replace(ended, explanation={**duty.explanation, "steps": steps})

    def _prior_to(self, duty: DutyState, running: set[tuple[str, str]]) -> str:
        rule = self.pack.duty_rules.get(duty.rule)
        prior = rule.gives_way_to if rule else ()
        return next((one for one in prior if (one, duty.subject) in running), "")

    def changes(self) -> Changes:
        pairs = zip(self.before, self.after, strict=True)
        changed = tuple(after for before, after in pairs if after != before)
        return Changes(tuple(self.opened), changed, tuple(self.transitions))

    def _rule_behind(self, duty: DutyState) -> DutyRule | None:
        return self.pack.duty_rules.get(str(duty.marks.get("for_rule") or ""))

    def _caught_up(self, duty: DutyState) -> DutyState:
        duty, transitions = advance(self.pack, duty, in_china(self.event.at), switches=self.switches)
        self.transitions += [(duty, one) for one in transitions]
        self.opened += [one.opened for one in transitions if one.opened is not None]
        return duty

    def _recurring(self, duty: DutyState, rule: DutyRule, counted: set[tuple[str, str, str]]) -> DutyState:
        every, event = rule.every, self.event
        key = (duty.rule, duty.subject, duty.owner)
        if every is None:
            return duty
        if not duty.unfinished:
            # Closed by hand and waiting to open the next period: there will be none.
            return replace(duty, next_at=None) if event.kind in every.ends else duty
        if event.kind in every.counts_events and (every.covers is not None or key not in counted):
            result = count(self.pack, duty, event, rule=rule, switches=self.switches)
            if result is not None:
                counted.add(key)
                duty, following = result
                self.opened += following
        if duty.unfinished and event.kind in every.reschedule_on and event.data.get(every.reschedule_field):
            duty = self._rescheduled(duty, rule)
        if event.kind in every.ends and duty.state == OPEN:
            duty = closed(duty, state=VOID, at=event.at)
        return duty

    def _rescheduled(self, duty: DutyState, rule: DutyRule) -> DutyState:
        reason = str(self.event.data.get("reason") or "特殊情况改期")
        try:
            to = rescheduled_to(rule, self.event)
            done = reschedule(self.pack, duty, to=to, reason=reason, at=self.event.at, switches=self.switches)
        except (DutyRefused, ValueError):
            return duty
        self.opened += done.opened
        return done.changed[0]

    def _one_off(self, duty: DutyState, rule: DutyRule | None) -> DutyState:
        event = self.event
        if event.kind in duty.until and self._closes(duty, rule):
            return fulfil(duty, at=event.at)
        if event.kind in duty.void_on:
            return closed(duty, state=VOID, at=event.at)
        if rule is not None and event.kind in rule.restarts_on and (taken := self._restarted(duty, rule)) is not duty:
            return taken
        if event.kind in duty.moves_on:
            duty = self._moved(duty, rule)
        if event.kind in duty.spare and _before_limit(duty, event.at):
            duty = duty.marked(spared=in_china(event.at).isoformat())
        for jump in _jumps(self.pack, duty, event):
            duty = self._jumped(duty, jump)
        if rule is not None and rule.suspension is not None:
            duty = self._paused(duty, rule)
        return duty

    def _closes(self, duty: DutyState, rule: DutyRule | None) -> bool:
        if rule is None or not rule.until_where:
            return True
        return self._holds(rule.until_where, duty)

    def _holds(self, condition: Any, duty: DutyState) -> bool:
        level = self.pack.role_level(duty.owner)
        try:
            return reading_for(self.pack, self.event, self.switches).holds(
                condition, owner=duty.owner, owner_level=level
            )
        except NeedsFact:
            return False

    def _moved(self, duty: DutyState, rule: DutyRule | None) -> DutyState:
        """The owner changes, the deadline stays; the ladder counts anew for the new owner."""
        source = (owner_source(rule, self.event.data) if rule and rule.owner_field else "") or LEAD
        named = self.event.data.get(source)
        owner = str(named[0] if isinstance(named, list | tuple) and named else named or "")
        if not owner or owner == duty.owner:
            return duty
        moves = [*duty.marks.get("moved", ()), {"from": duty.owner, "at": in_china(self.event.at).isoformat()}]
        marked = duty.marked(moved=moves, spared=None, jump=None)
        # Steps that are counted from the receipt go on where they are, whoever has it now.
        step = duty.step if duty.marks.get("steps_at") else -1
        moved = replace(marked, owner=owner, owner_from=source, step=step)
        return with_key(self.pack, moved, switches=self.switches)

    def _restarted(self, duty: DutyState, rule: DutyRule) -> DutyState:
        """Who receives it owes it in days of their own, from the event on; who had it owes it no longer. From one that
        only stood in for whoever gets it first it moves, and the clock runs on."""
        if rule.owner_otherwise and duty.owner_from == rule.owner_otherwise != owner_source(rule, self.event.data):
            return self._moved(duty, rule)
        fresh = opened_by(self.pack, replace(rule, counts_field=""), self.event, switches=self.switches)
        if any(one.owner == duty.owner and _same_unit(one, duty) for one in fresh):
            return duty
        self.opened += fresh
        heirs = "、".join(self.pack.role_name(one.owner) for one in fresh)
        note = f"转由{heirs}办理，{heirs}从收到时起另行计时" if heirs else "转出，不再计时"
        steps = [*duty.explanation.get("steps", ()), note]
        ended = closed(duty, state=VOID, at=self.event.at, passed_to=[one.owner for one in fresh])
        return replace(ended, explanation={**duty.explanation, "steps": steps})

    def _jumped(self, duty: DutyState, jump: Jump) -> DutyState:
        lead = self.event.data.get(LEAD)
        if (lead and lead != duty.owner) or not self._holds(jump.where, duty):
            return duty
        ladder = self.pack.ladders[duty.ladder]
        if duty.state == OPEN:
            return duty.marked(jump=jump.to)
        if duty.step >= ladder.index(jump.to):
            return duty
        duty, transitions = climb(self.pack, duty, at=self.event.at, switches=self.switches, to=jump.to)
        self.transitions += [(duty, one) for one in transitions]
        return duty

    def _paused(self, duty: DutyState, rule: DutyRule) -> DutyState:
        suspension, event = rule.suspension, self.event
        if suspension is None:
            return duty
        try:
            if event.kind in suspension.after and not duty.suspended:
                return suspend(self.pack, duty, reason=f"因“{event.kind}”中止", at=event.at)
            if event.kind in suspension.until and duty.suspended:
                return resume(self.pack, duty, at=event.at)
        except DutyRefused:
            return duty
        return duty


FAR = in_china(datetime.fromisoformat("9999-01-01T00:00:00+08:00"))


def _in_force(pack: Any, rule: str, on: date) -> bool:
    first, last = getattr(pack, "duty_dates", {}).get(rule, (None, None))
    return (first is None or first <= on) and (last is None or on <= last)


def counted_without(
    pack: ClockPack, duty: DutyState, standing: Iterable[PolicyEvent], *, at: datetime, switches: Switches = None
) -> tuple[DutyState, tuple[Transition, ...]] | None:
    """The period once one of the acts counted in it is void. `standing`: the acts in it that are not. A duty that they
    meet no longer is open again, after its end overdue from now on. None where nothing changes."""
    again = recount(pack, duty, standing, at=at, switches=switches)
    if again is None:
        return None
    if again.state != OPEN or again.due_at is None or at < again.due_at:
        return again, ()
    return come_due(pack, again, in_china(at), switches=switches)


def counts(rule: DutyRule, duty: DutyState, event: PolicyEvent) -> bool:
    """Whether acts such as the event may count in the duty's period: whether they do, its conditions say."""
    if rule.every is None or event.kind not in rule.every.counts_events or not _concerns(duty, rule, event):
        return False
    return falls_in(rule.every, duty, event)


def _concerns(duty: DutyState, rule: DutyRule | None, event: PolicyEvent) -> bool:
    if duty.subject == event.subject or (rule is not None and subject_of(rule, event) == duty.subject):
        return True
    return rule is not None and rule.subject_field == PLACE and happened_in(event, duty.subject)


def _kinds(pack: ClockPack, duty: DutyState, rule: DutyRule | None) -> set[str]:
    """Every event kind that can change the duty."""
    kinds = {*duty.until, *duty.void_on, *duty.moves_on, *duty.spare}
    if rule is not None:
        kinds |= {*rule.restarts_on}
    if rule is not None and rule.suspension is not None:
        kinds |= {*rule.suspension.after, *rule.suspension.until}
    if rule is not None and rule.every is not None:
        kinds |= {*rule.every.ends, *rule.every.counts_events, *rule.every.reschedule_on}
    return kinds | {kind for jump in _all_jumps(pack.ladders.get(duty.ladder)) for kind in jump.after}


def _all_jumps(ladder: Ladder | None) -> tuple[Jump, ...]:
    return ladder.jumps if ladder else ()


def _jumps(pack: ClockPack, duty: DutyState, event: PolicyEvent) -> Iterable[Jump]:
    return (jump for jump in _all_jumps(pack.ladders.get(duty.ladder)) if event.kind in jump.after)


def _same_unit(one: DutyState, other: DutyState) -> bool:
    """Of two duties of one role; the facts name the unit beside the field that names the role."""
    units = {state.facts.get(f"{state.owner_from}_organisation") for state in (one, other)} - {None}
    return len(units) <= 1


def _before_limit(duty: DutyState, at: datetime) -> bool:
    limit = duty.grace_until if duty.state == OVERDUE else duty.due_at
    return limit is not None and in_china(at) < limit
