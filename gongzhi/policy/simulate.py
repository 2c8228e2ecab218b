"""Plays events through a pack without a database and tells the duties as they stand at a moment."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from gongzhi.policy.clock_rules import ClockPack
from gongzhi.policy.duties import duties_after
from gongzhi.policy.duty_acts import extend
from gongzhi.policy.duty_state import STATE_NAMES, DutyRefused, DutyState, PolicyEvent, Transition
from gongzhi.policy.ladders import advance
from gongzhi.policy.openings import Switches
from gongzhi.policy.periods import Period, due_moment, due_text, in_china, parse_moment
from gongzhi.policy.problems import PackFault
from gongzhi.policy.values import typed
from gongzhi.policy.vocabulary import Type

# What is told of a duty; a worked case may expect any of it.
SHOWN = (
    "duty", "title", "subject", "state", "state_text", "owner", "opened", "due", "due_text", "provisional", "done",
    "strength", "explanation", "defaults", "clauses", "steps", "suggestions",
    "period", "for_rule", "needs", "fault", "rescheduled", "gaps",
)  # fmt: skip
_EVENT_KEYS = ("kind", "at", "subject", "data", "place")
# Silence may record an event that opens a duty that may again end in silence; a pack must not loop in one moment.
_DEEPEST = 10
_YEARS = range(1950, 2151)
_ECHOES = {"overdue": "duty.overdue", "climbed": "duty.climbed", "period_missed": "duty.period_missed"}


class BadEvents(ValueError):
    """The list of events cannot be read; the message is Chinese and names the entry."""


def simulate(
    pack: ClockPack, events: Sequence[Mapping[str, Any]], at: datetime | str, switches: Switches = None
) -> list[dict[str, Any]]:
    """The duties at `at` after the events ({kind, at, subject, data, place?}), in order of opening.

    Ticks are assumed to come in time. Raises BadEvents.
    """
    until = _moment(at, "时刻")
    play = _Play(pack, switches)
    for event in sorted(read_events(pack, events), key=lambda one: one.at):
        if event.at > until:
            break
        play.run_to(event.at)
        play.take(event)
    play.run_to(until)
    return [_shown(pack, duty) for duty in play.duties]


def read_events(pack: Any, events: Sequence[Mapping[str, Any]]) -> list[PolicyEvent]:
    """Events from JSON, checked against the vocabulary. Raises BadEvents."""
    if isinstance(events, Mapping) or isinstance(events, str) or not isinstance(events, Iterable):
        raise BadEvents("事件要写成列表：[{kind, at, subject, data}, …]")
    found: list[PolicyEvent] = []
    faults: list[str] = []
    for number, raw in enumerate(events, start=1):
        try:
            found.append(_event(pack, number, raw))
        except BadEvents as fault:
            faults.append(str(fault))
    if faults:
        raise BadEvents("\n".join(faults))
    return found


def _event(pack: Any, number: int, raw: Any) -> PolicyEvent:
    where = f"第{number}个事件"
    if not isinstance(raw, Mapping):
        raise BadEvents(f"{where}不是对象，请写成 {{kind, at, subject, data}}")
    for name in ("kind", "at"):
        if not raw.get(name):
            raise BadEvents(f"{where}缺少 {name}")
    if extra := [name for name in raw if name not in _EVENT_KEYS]:
        raise BadEvents(f"{where}有不认识的键“{extra[0]}”，可用 {'、'.join(_EVENT_KEYS)}")
    kind, data = str(raw["kind"]), raw.get("data") or {}
    if not isinstance(data, Mapping):
        raise BadEvents(f"{where}的 data 不是对象")
    subject = str(raw.get("subject") or "case:1")
    vocabulary = getattr(pack, "vocabulary", None)
    if vocabulary is not None:
        _check_words(pack, where, kind, data)
    return PolicyEvent(
        kind=kind,
        subject=subject,
        at=_moment(raw["at"], f"{where}的 at"),
        data=dict(data),
        place=str(raw.get("place") or getattr(pack, "place", None) or ""),
    )


def _check_words(pack: Any, where: str, kind: str, data: Mapping[str, Any]) -> None:
    vocabulary = pack.vocabulary
    if kind not in vocabulary.events:
        near = vocabulary.nearest("event", kind)
        hint = f"，是否想写“{near}”" if near else ""
        raise BadEvents(f"{where}的类别“{kind}”没有声明{hint}")
    fields = vocabulary.events[kind].fields
    for name in data:
        if name not in fields:
            known = "、".join(fields) or "（没有字段）"
            raise BadEvents(f"{where}（{kind}）没有字段“{name}”，可用 {known}")
    faults = [_field_fault(pack, name, value, fields[name]) for name, value in data.items()]
    if faults := [one for one in faults if one]:
        raise BadEvents("\n".join(f"{where}（{kind}）的字段 {one}" for one in faults))


def _field_fault(pack: Any, name: str, value: Any, kind: Type) -> str:
    """What is wrong with a value of an event's data; a moment may be written as 24:00 of a day."""
    try:
        if kind.kind == "moment" and isinstance(value, str):
            _moment(value, name)
        else:
            typed(value, kind, pack.words)
    except BadEvents as fault:
        return str(fault)
    except PackFault as fault:
        return f"{name}：{fault.message}"
    return ""


def _moment(value: Any, what: str) -> datetime:
    try:
        moment = in_china(value) if isinstance(value, datetime) else parse_moment(str(value))
    except (ValueError, OverflowError) as fault:
        said = "时间超出范围" if isinstance(fault, OverflowError) else fault
        raise BadEvents(f"{what}：{said}") from None
    if moment.year not in _YEARS:
        raise BadEvents(f"{what}：只推演 {_YEARS[0]} 至 {_YEARS[-1]} 年，现在是 {moment.year} 年")
    return moment


@dataclass
class _Play:
    pack: ClockPack
    switches: Switches
    duties: list[DutyState] = field(default_factory=list)
    depths: dict[int | None, int] = field(default_factory=dict)
    """How many steps within one moment led to a duty, by its id."""

    def run_to(self, until: datetime) -> None:
        """Every tick up to the moment, in order of time across the duties."""
        while True:
            due = [
                (duty.next_at, index)
                for index, duty in enumerate(self.duties)
                if duty.next_at is not None and duty.next_at <= until
            ]
            if not due:
                return
            at, index = min(due)
            duty, transitions = advance(
                self.pack, self.duties[index], at, switches=self.switches, reached=self._reached(index)
            )
            self.duties[index] = duty
            for one in transitions:
                self._follow(duty, one)

    def take(self, event: PolicyEvent, *, depth: int = 0) -> None:
        if depth > _DEEPEST:
            raise BadEvents("事件接连产生事件，没有尽头，请检查规则包里的“视为同意”（silence）")
        changes = duties_after(self.pack, event, self.duties, switches=self.switches)
        by_id = {duty.id: duty for duty in changes.changed}
        self.duties = [self._extended(by_id.get(duty.id, duty), event) for duty in self.duties]
        for duty in changes.opened:
            self._add(duty, depth=depth)

    def _extended(self, duty: DutyState, event: PolicyEvent) -> DutyState:
        """The consent that the event stands for; on the platform the approval itself extends the duty."""
        rule = self.pack.duty_rules.get(duty.rule)
        relief = rule.extension if rule else None
        if relief is None or event.kind not in relief.after or duty.subject != event.subject or not duty.unfinished:
            return duty
        by = str(event.data.get("by") or next(iter(relief.by), ""))
        period = Period.parse(str(event.data["for"])) if event.data.get("for") else None
        try:
            return extend(self.pack, duty, by=by, reason="批准", at=event.at, period=period, switches=self.switches)
        except DutyRefused as refusal:
            steps = [*duty.explanation.get("steps", ()), f"延期没有生效：{refusal}"]
            return replace(duty, explanation={**duty.explanation, "steps": steps})

    def _follow(self, duty: DutyState, transition: Transition) -> None:
        depth = self.depths.get(duty.id, 0) + 1 if transition.at == duty.opened_at else 1
        if transition.opened is not None:
            self._add(transition.opened)
        if transition.records:
            event = PolicyEvent(transition.records, duty.subject, transition.at, duty.facts, duty.place)
            self.take(event, depth=depth)
        if transition.kind in _ECHOES:
            # The platform records these steps as events, and a rule may follow from them (说明逾期情况).
            kind = _ECHOES[transition.kind]
            said = PolicyEvent(kind, f"duty:{duty.id}", transition.at, self._said(duty), duty.place)
            self.take(said, depth=depth)

    def _said(self, duty: DutyState) -> dict[str, Any]:
        level = self.pack.role_level(duty.owner)
        said = {"rule": duty.rule, "owner": duty.owner, "owner_level": level, "about": duty.subject}
        return said | ({"step": duty.step_name} if duty.step_name else {})

    def _add(self, duty: DutyState, *, depth: int = 0) -> None:
        added = replace(duty, id=len(self.duties) + 1)
        self.depths[added.id] = depth
        self.duties.append(added)

    def _reached(self, index: int) -> int:
        key = self.duties[index].ladder_key
        others = [duty for place, duty in enumerate(self.duties) if place != index and duty.ladder_key == key]
        return max((duty.step for duty in others if key), default=-1)


def _shown(pack: ClockPack, duty: DutyState) -> dict[str, Any]:
    suggestions = list(dict.fromkeys(step.suggests for step in duty.steps if step.suggests))
    shown: dict[str, Any] = {
        "duty": duty.rule,
        "title": duty.title,
        "subject": duty.subject,
        "state": duty.state,
        "state_text": STATE_NAMES[duty.state],
        "owner": {"role": duty.owner, "name": pack.role_name(duty.owner)},
        "opened": _iso(duty.opened_at),
        "due": due_moment(duty.due_at) if duty.due_at else None,
        "due_text": due_text(duty.due_at) if duty.due_at else "没有规定期限",
        "provisional": duty.provisional,
        "done": _iso(duty.done_at) if duty.done_at else None,
        "strength": duty.strength,
        "explanation": list(duty.explanation.get("steps", ())),
        "defaults": list(duty.explanation.get("defaults", ())),
        "clauses": list(duty.clauses),
        "steps": [
            {
                "step": step.step,
                "at": _iso(step.at),
                "instrument": step.instrument or None,
                "new_due": due_moment(step.new_due) if step.new_due else None,
            }
            for step in duty.steps
        ],
        "suggestions": suggestions,
    }
    if duty.recurring:
        shown["period"] = {name: duty.marks.get(name) for name in ("from", "to", "at_least", "count", "days")}
    for name in ("for_rule", "needs", "fault", "rescheduled", "gaps"):
        if duty.marks.get(name):
            shown[name] = duty.marks[name]
    return shown


def _iso(moment: datetime) -> str:
    return in_china(moment).isoformat(timespec="minutes")
