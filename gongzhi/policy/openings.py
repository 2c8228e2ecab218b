"""From a rule and an event to the duty that it opens: who owes it, by when, and how that was counted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from gongzhi.policy.calendar import day_label
from gongzhi.policy.clock_rules import ClockPack, Condition, DutyRule, Spec, truth
from gongzhi.policy.duty_state import NEEDS_PERSON, OPEN, OVERDUE, DutyState, PolicyEvent
from gongzhi.policy.periods import (
    DAY,
    MONTHS_IN_YEAR,
    Deadline,
    Period,
    add_months,
    day_of,
    deadline,
    deadline_before,
    end_of,
    fixed_deadline,
    in_china,
    last_day_before,
    last_minute,
    parse_moment,
    start_of,
)
from gongzhi.policy.problems import PACK_FAULTS

Switches = Mapping[str, Any] | None

# A reminder that is due "one day before" goes out when offices open, not at midnight.
REMINDERS_AT = timedelta(hours=9)
# How the steps name the moment from which a clock counts (收到当日不计).
_COUNTED_FROM = {"received_at": "收到", "lead_since": "收到"}
# The office that runs the whole system looks after what no rule could hand to anybody.
FALLBACK_OWNER = "leading_group_office"


class NeedsFact(ValueError):
    """Facts were not given; `names` says which."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(dict.fromkeys(names))
        super().__init__("、".join(self.names))


@dataclass
class Reading:
    """Reads values of a pack for one event and remembers what they rest on."""

    pack: ClockPack
    data: Mapping[str, Any]
    on: date
    switches: Switches = None
    clauses: list[str] = field(default_factory=list)
    figures: list[Any] = field(default_factory=list)
    switches_used: list[Any] = field(default_factory=list)
    defaults: list[str] = field(default_factory=list)

    def value(self, spec: Spec) -> Any:
        """The value of a spec; a plain scalar is its own. Raises NeedsFact."""
        if isinstance(spec, str | int | Period):
            return spec
        got = self.pack.resolve(spec, self.data, on=self.on, switches=self.switches)
        if got.needs:
            raise NeedsFact(got.needs)
        self.clauses += got.clauses
        self.figures += [one for one in got.figures if one not in self.figures]
        self.switches_used += [one for one in got.switches if one not in self.switches_used]
        self.defaults += [one for one in got.defaults if one not in self.defaults]
        return got.value

    def period(self, spec: Spec) -> Period:
        value = self.value(spec)
        return value if isinstance(value, Period) else Period.parse(str(value))

    def count(self, spec: Spec) -> int:
        return int(self.value(spec))

    def field(self, name: str) -> Any:
        value = self.data.get(name)
        if value is None or value == "":
            raise NeedsFact([name])
        return value

    def holds(self, condition: Condition, **extra: Any) -> bool:
        """Raises NeedsFact when the condition cannot be judged."""
        if not condition:
            return True
        verdict = self.pack.holds(condition, {**self.data, **extra}, on=self.on, switches=self.switches)
        if verdict.holds is None:
            raise NeedsFact(verdict.needs or tuple(condition))
        return verdict.holds

    def explanation(self, event: PolicyEvent | None, steps: Iterable[str]) -> dict[str, Any]:
        return {
            "event": {"kind": event.kind, "at": in_china(event.at).isoformat()} if event else {},
            "steps": list(steps),
            "clauses": list(dict.fromkeys(self.clauses)),
            "figures": list(self.figures),
            "switches": list(self.switches_used),
            "defaults": list(self.defaults),
            "pack": self.pack.slug,
            "hash": self.pack.hash,
        }


def reading_for(pack: ClockPack, event: PolicyEvent, switches: Switches) -> Reading:
    return Reading(pack, event.data, day_of(event.at), switches)


# A duty about a place counts what happens anywhere in it.
PLACE = "place"


def happened_in(event: PolicyEvent, subject: str) -> bool:
    """Whether the event happened in the place that the subject is, or below it."""
    kind, _, code = subject.partition(":")
    return kind == PLACE and code in event.place.split("/")


def subject_of(rule: DutyRule, event: PolicyEvent) -> str:
    """The event field that the rule names, or the event's own subject where the event has no such field."""
    named = event.data.get(rule.subject_field) if rule.subject_field else None
    return str(named) if named else event.subject


def opened_by(pack: ClockPack, rule: DutyRule, event: PolicyEvent, *, switches: Switches) -> tuple[DutyState, ...]:
    """The duties that a one-off rule opens after the event: none, one, or one for each owner.

    What cannot be judged becomes one duty of a person (`needs_person`); nothing is raised.
    """
    reading = reading_for(pack, event, switches)
    try:
        if not reading.holds(rule.where):
            return ()
        owners = owners_of(rule, reading)
        counted = _deadline(rule, reading, event)
        return tuple(_duty(rule, reading, event, owner=owner, counted=counted) for owner in owners)
    except NeedsFact as missing:
        return (needs_person(pack, rule, event, needs=missing.names),)
    except PACK_FAULTS as fault:  # a pack's fault must not block what happened from being recorded
        return (needs_person(pack, rule, event, fault=str(fault)),)


def owners_of(rule: DutyRule, reading: Reading) -> tuple[str, ...]:
    if rule.owner_role:
        return (rule.owner_role,)
    named = reading.field(owner_source(rule, reading.data))
    return tuple(str(one) for one in named) if isinstance(named, list | tuple) else (str(named),)


def owner_source(rule: DutyRule, data: Mapping[str, Any]) -> str:
    """The field that names the owner: `otherwise` stands in while nobody is named in `field`; or the word `role`."""
    if rule.owner_otherwise and not data.get(rule.owner_field):
        return rule.owner_otherwise
    return rule.owner_field or "role"


def needs_person(
    pack: ClockPack, rule: DutyRule, event: PolicyEvent, *, needs: tuple[str, ...] = (), fault: str = ""
) -> DutyState:
    """A duty without a deadline: a person decides what the rule could not."""
    lead = event.data.get(owner_source(rule, event.data))
    why = f"缺少事实：{'、'.join(map(pack.fact_title, needs))}" if needs else f"规则有误：{fault}"
    marks: dict[str, Any] = {"for_rule": rule.name}
    marks |= {"needs": list(needs)} if needs else {"fault": fault}
    return DutyState(
        rule=NEEDS_PERSON,
        pack=pack.slug,
        subject=subject_of(rule, event),
        title=f"需人工确定：{rule.title}",
        owner=rule.owner_role or (lead if isinstance(lead, str) and lead else FALLBACK_OWNER),
        owner_from=owner_source(rule, event.data),
        opened_at=in_china(event.at),
        counted_from=in_china(event.at),
        place=event.place,
        clauses=rule.clauses,
        manual="settle_by_hand",
        until=rule.until,
        void_on=rule.void_on,
        facts=dict(event.data),
        marks=marks,
        explanation=Reading(pack, event.data, day_of(event.at)).explanation(
            event, [f"“{rule.title}”不能自动确定期限或责任单位，{why}；请人工确定后办理"]
        ),
    )


def moment_of(value: Any) -> datetime:
    """A moment from a field: a moment, a day (its 00:00), or ISO text of either."""
    if isinstance(value, datetime):
        return in_china(value)
    if isinstance(value, date):
        return start_of(value)
    text = str(value)
    return start_of(date.fromisoformat(text)) if "T" not in text and " " not in text else parse_moment(text)


@dataclass(frozen=True, slots=True)
class Counted:
    start: datetime
    due: Deadline | None
    period: Period | None
    roll: bool


def _start(rule: DutyRule, reading: Reading, event: PolicyEvent) -> datetime:
    """The moment that `counts` names; where the event does not carry it, the event's own, and the duty says so."""
    if not rule.counts_field:
        return in_china(event.at)
    if event.data.get(rule.counts_field):
        return moment_of(reading.field(rule.counts_field))
    reading.defaults.append("这件事没有写明起算的时间，从发生时起算")
    return in_china(event.at)


def _deadline(rule: DutyRule, reading: Reading, event: PolicyEvent) -> Counted:
    start = _start(rule, reading, event)
    day_kind = str(reading.value(rule.day_kind))
    if rule.before_field:
        held = moment_of(reading.field(rule.before_field))
        period = reading.period(rule.before_period)
        due = deadline_before(moment=held, period=period, calendar=reading.pack.calendar, day_kind=day_kind)
        return Counted(start, due, _span(start, due), roll=False)
    if rule.on_day is not None:
        due = dated_deadline(rule, reading, since=day_of(start))
        return Counted(start, due, _span(start, due), roll=False)
    if rule.within is None:
        return Counted(start, None, None, roll=True)
    within = reading.value(rule.within)
    roll = truth(reading.value(rule.roll))
    period = (within if isinstance(within, Period) else Period.parse(str(within))).as_day_kind(day_kind)
    due = deadline(
        start=start,
        period=period,
        calendar=reading.pack.calendar,
        roll=roll,
        first_day=str(reading.value(rule.first_day)),
        word=_COUNTED_FROM.get(rule.counts_field, ""),
    )
    return Counted(start, due, period, roll=roll)


def _span(start: datetime, due: Deadline) -> Period:
    """The days from the start to a day that was not counted from it; the ladder takes its share of them."""
    return Period(max((due.last_day - day_of(start)).days, 0), "d")


def dated_deadline(rule: DutyRule, reading: Reading, *, since: date) -> Deadline:
    """24:00 of the day that the rule names, moved only where it says `roll: yes`."""
    value = reading.value(rule.on_day)
    day = value if isinstance(value, date) else day_named(str(value), since=since)
    return fixed_deadline(day=day, calendar=reading.pack.calendar, roll=truth(reading.value(rule.roll)))


def day_named(text: str, *, since: date) -> date:
    """`2022-12-31`, or the first 31 December (`12-31`) or 25th (`25`) from the day on; the month's end for 31."""
    parts = text.split("-")
    if len(parts) == len(("year", "month", "day")):
        return date.fromisoformat(text)
    months = MONTHS_IN_YEAR if len(parts) > 1 else 1
    month = int(parts[0]) if len(parts) > 1 else since.month
    first = date(since.year, month, 1)
    for count in (0, months):
        start, _ = add_months(first, count)
        day = min(start + DAY * (int(parts[-1]) - 1), add_months(start, 1)[0] - DAY)
        if day >= since:
            return day
    raise ValueError(f"“{text}”不是日期")


def _duty(rule: DutyRule, reading: Reading, event: PolicyEvent, *, owner: str, counted: Counted) -> DutyState:
    due = counted.due
    duty = DutyState(
        rule=rule.name,
        pack=reading.pack.slug,
        subject=subject_of(rule, event),
        title=rule.title,
        owner=owner,
        owner_from=owner_source(rule, event.data),
        opened_at=in_china(event.at),
        counted_from=counted.start,
        place=event.place,
        due_at=due.due_at if due else None,
        original_due_at=due.due_at if due else None,
        last_day=due.last_day if due else None,
        provisional=due.provisional if due else False,
        clauses=tuple(dict.fromkeys((*rule.clauses, *reading.clauses))),
        strength=rule.strength,
        manual=rule.manual,
        until=rule.until,
        void_on=rule.void_on,
        moves_on=rule.moves_on,
        spare=rule.spare,
        period=str(counted.period) if counted.period else "",
        roll=counted.roll,
        ladder=rule.ladder,
        facts=dict(event.data),
        explanation=reading.explanation(event, due.steps if due else ("没有规定期限",)),
    )
    duty = with_steps(reading, rule, duty)
    keyed = with_key(reading.pack, duty, switches=reading.switches)
    return settled(with_reminders(reading.pack, keyed, rule.remind))


KEY_PARTS = ("owner", "subject", "rule", "year")


def with_key(pack: ClockPack, duty: DutyState, *, switches: Switches) -> DutyState:
    """The ladder counts per key: per unit and matter, per unit and year, …, as the pack or its switch says."""
    ladder = pack.ladders.get(duty.ladder)
    if ladder is None:
        return duty
    day = day_of(duty.opened_at)
    named = ladder.key
    if not isinstance(named, tuple):
        named = str(Reading(pack, duty.facts, day, switches).value(named)).split("_")
    due = duty.original_due_at
    parts = {
        # A role is somebody else in every place, so the place is part of who the owner is.
        "owner": f"{duty.owner}@{duty.place}",
        "subject": duty.subject,
        "rule": duty.rule,
        "year": str(last_day_before(due).year if due else day.year),
    }
    return replace(duty, ladder_key="|".join([ladder.name, *(parts[name] for name in named)]))


def with_steps(reading: Reading, rule: DutyRule, duty: DutyState) -> DutyState:
    """With the moments of the ladder's steps that are counted from a moment of their own, by the step's name."""
    ladder = reading.pack.ladders.get(duty.ladder)
    if ladder is None or not any(one.timed for one in ladder.steps):
        return duty
    named = reading.data.get(ladder.counts_field) if ladder.counts_field else None
    start = moment_of(named) if named else duty.counted_from
    moments: list[dict[str, Any]] = []
    lines: list[str] = []
    for index, step in enumerate(ladder.steps):
        spec = step.on_day if step.on_day is not None else step.after
        if spec is None:
            continue
        due = deadline(
            start=start,
            period=reading.period(spec).as_day_kind(str(reading.value(rule.day_kind))),
            calendar=reading.pack.calendar,
            roll=step.after is not None and duty.roll,
            first_day=str(reading.value(rule.first_day)),
        )
        whole_days = due.due_at == end_of(due.last_day)
        at = start_of(due.last_day) + REMINDERS_AT if step.on_day is not None and whole_days else due.due_at
        moments.append({"index": index, "step": step.step, "at": at.isoformat()})
        paper = reading.pack.instruments.get(step.instrument)
        what = f"出{paper.name}" if paper is not None else "进入下一级"
        lines.append(
            f"{day_label(due.last_day)}还没有办结，{what}"
            if at < due.due_at
            else f"{due.steps[-1].removesuffix('为按期')}没有办结，{what}"
        )
    explanation = reading.explanation(None, (*duty.explanation.get("steps", ()), *lines))
    kept = {**explanation, "event": duty.explanation.get("event", {})}
    return replace(duty.marked(steps_at=moments), explanation=kept, clauses=_with(duty.clauses, reading.clauses))


def _with(clauses: tuple[str, ...], more: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*clauses, *more)))


def step_coming(duty: DutyState, index: int | None = None) -> datetime | None:
    """When the next step of the ladder, or the one named, comes by a moment of its own."""
    wanted = duty.step + 1 if index is None else index
    moments = duty.marks.get("steps_at") or ()
    return next((datetime.fromisoformat(one["at"]) for one in moments if one["index"] == wanted), None)


def with_reminders(
    pack: ClockPack, duty: DutyState, remind: Iterable[Spec], *, since: datetime | None = None
) -> DutyState:
    """The reminders that lie between the opening, or `since` (a new deadline was set), and the deadline."""
    if duty.due_at is None or duty.last_day is None:
        return duty
    moments = set()
    for spec in remind:
        period = spec if isinstance(spec, Period) else Period.parse(str(spec))
        if period.unit == "h":
            moments.add(last_minute(duty.due_at) - timedelta(hours=period.count))
        elif period.unit == "wd":
            moments.add(start_of(pack.calendar.nth_work_day_before(duty.last_day, period.count)) + REMINDERS_AT)
        else:
            moments.add(start_of(duty.last_day - DAY * period.count) + REMINDERS_AT)
    first = duty.opened_at if since is None else max(duty.opened_at, in_china(since))
    coming = sorted(moment for moment in moments if first < moment < duty.due_at)
    return replace(duty, reminders=tuple(coming))


def settled(duty: DutyState) -> DutyState:
    """With `next_at` as the rest of the state says."""
    return replace(duty, next_at=_next(duty))


def _next(duty: DutyState) -> datetime | None:
    if duty.suspended:
        return None
    coming: list[datetime] = []
    if duty.state == OPEN:
        coming += duty.reminders[:1]
        coming += [duty.due_at] if duty.due_at else []
        gap = duty.marks.get("gap_at")
        coming += [datetime.fromisoformat(gap)] if gap else []
        step = step_coming(duty)
        coming += [step] if step else []
    elif duty.state == OVERDUE and duty.grace_until is not None:
        coming.append(duty.grace_until)
    return min(coming) if coming else None


def closed(duty: DutyState, *, state: str, at: datetime, **marks: Any) -> DutyState:
    return replace(
        duty.marked(**marks), state=state, done_at=in_china(at), next_at=None, grace_until=None, reminders=()
    )
