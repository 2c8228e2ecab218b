"""Windows: from moment to moment in which an act is open, or barred."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from gongzhi.policy.clock_rules import ClockPack, Edge, WindowRule, truth
from gongzhi.policy.openings import NeedsFact, Reading, Switches, moment_of
from gongzhi.policy.periods import (
    day_of,
    day_or_minute,
    deadline,
    deadline_before,
    due_text,
    end_of,
    in_china,
    moment_text,
    start_of,
)

BARRED = "barred"


@dataclass(frozen=True, slots=True)
class WindowAnswer:
    """`until`: when the answer changes by itself, exclusive; None while no end is known."""

    act: str
    open: bool
    why: str
    until: datetime | None = None
    clauses: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    defaults: tuple[str, ...] = ()
    figures: tuple[Any, ...] = ()
    switches: tuple[Any, ...] = ()
    provisional: bool = False
    needs: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "act": self.act,
            "open": self.open,
            "why": self.why,
            "until": moment_text(self.until) if self.until else None,
            "clauses": list(self.clauses),
            "steps": list(self.steps),
            "defaults": list(self.defaults),
            "figures": list(self.figures),
            "switches": list(self.switches),
            "provisional": self.provisional,
            "needs": list(self.needs),
        }


@dataclass
class _Span:
    """When a window opens and closes, as far as is known; `begun` is False while the opening event is missing."""

    opens: datetime | None = None
    closes: datetime | None = None
    begun: bool = True
    counted: bool = False
    """The end was counted, in days or in hours: it is a limit, not the moment of an event."""
    provisional: bool = False
    steps: list[str] = field(default_factory=list)


def window_state(
    pack: ClockPack, act: str, anchors: Mapping[str, Any], now: datetime, *, switches: Switches = None
) -> WindowAnswer:
    """Whether the act is open now. `anchors`: event kinds (and fields such as `held_on`) with their moments or days.

    Where several windows speak of the act, each must allow it. An act that no window speaks of is open.
    """
    now = in_china(now)
    judged = (_judge(pack, rule, anchors, now, switches) for rule in _rules(pack, act))
    answers = [one for one in judged if one is not None]
    if not answers:
        return WindowAnswer(act, True, "没有规定时间限制")
    closed = [one for one in answers if not one.open]
    if closed:
        return closed[0]
    ends = [one.until for one in answers if one.until]
    return WindowAnswer(
        act=act,
        open=True,
        why="；".join(dict.fromkeys(one.why for one in answers)),
        until=min(ends) if ends else None,
        clauses=_joined(one.clauses for one in answers),
        steps=_joined(one.steps for one in answers),
        defaults=_joined(one.defaults for one in answers),
        figures=tuple(part for one in answers for part in one.figures),
        switches=tuple(part for one in answers for part in one.switches),
        provisional=any(one.provisional for one in answers),
    )


def _joined(parts: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for part in parts for text in part))


def _rules(pack: ClockPack, act: str) -> Iterable[WindowRule]:
    windows = pack.windows.values() if isinstance(pack.windows, Mapping) else pack.windows
    return [one for one in windows if one.act == act]


def _judge(
    pack: ClockPack, rule: WindowRule, anchors: Mapping[str, Any], now: datetime, switches: Switches
) -> WindowAnswer | None:
    reading = Reading(pack, anchors, day_of(now), switches)
    try:
        if not reading.holds(rule.where):
            return None
        span = _span(rule, reading)
    except NeedsFact as missing:
        why = f"“{rule.title}”缺少事实：{'、'.join(map(pack.fact_title, missing.names))}，不能判断"
        return WindowAnswer(rule.act, False, why, clauses=rule.clauses, needs=missing.names)
    inside = span.begun and (span.opens is None or span.opens <= now) and (span.closes is None or now < span.closes)
    return WindowAnswer(
        act=rule.act,
        open=inside is not (rule.mode == BARRED),
        why=_why(rule, span, now, inside),
        until=_until(span, now, inside),
        clauses=tuple(dict.fromkeys((*rule.clauses, *reading.clauses))),
        steps=tuple(span.steps),
        defaults=tuple(reading.defaults),
        figures=tuple(reading.figures),
        switches=tuple(reading.switches_used),
        provisional=span.provisional,
    )


def _span(rule: WindowRule, reading: Reading) -> _Span:
    span = _Span()
    if rule.opens is not None:
        span.opens = _moment(rule, rule.opens, reading, span, closing=False)
        span.begun = span.opens is not None
    if rule.closes is not None:
        closes = _moment(rule, rule.closes, reading, span, closing=True)
        # An end from an earlier round (answered, reopened, answered again) does not close the window opened since.
        if closes is not None and (span.opens is None or closes >= span.opens):
            span.closes = closes
            span.counted = not (rule.closes.within is None and not rule.closes.before_field)
    return span


def _moment(rule: WindowRule, edge: Edge, reading: Reading, span: _Span, *, closing: bool) -> datetime | None:
    """None while the edge's event has not happened. An opening day counts from 0:00, a closing day to 24:00."""
    if edge.on is not None:
        value = reading.value(edge.on)
        if isinstance(value, datetime) or ("T" in str(value)):
            return moment_of(value)
        day = value if isinstance(value, date) else date.fromisoformat(str(value))
        return end_of(day) if closing else start_of(day)
    day_kind = str(reading.value(rule.day_kind))
    if edge.before_field:
        held = moment_of(reading.field(edge.before_field))
        period = reading.period(edge.before_period)
        due = deadline_before(moment=held, period=period, calendar=reading.pack.calendar, day_kind=day_kind)
    else:
        happened = [moment_of(reading.data[kind]) for kind in edge.after if reading.data.get(kind)]
        if not happened:
            return None
        if edge.within is None:
            return max(happened)
        due = deadline(
            start=max(happened),
            period=reading.period(edge.within),
            calendar=reading.pack.calendar,
            roll=truth(reading.value(rule.roll)),
            day_kind=day_kind,
        )
    span.steps += due.steps[:-1]
    span.provisional = span.provisional or due.provisional
    return due.due_at if closing or not edge.before_field else start_of(due.last_day)


def _until(span: _Span, now: datetime, inside: bool) -> datetime | None:
    if inside:
        return span.closes
    return span.opens if span.begun and span.opens is not None and now < span.opens else None


def _why(rule: WindowRule, span: _Span, now: datetime, inside: bool) -> str:
    barred = rule.mode == BARRED
    if inside:
        tail = f"到{_told(span)}为止" if span.closes else "目前没有截止时间"
        return f"{rule.title}：{'期间内不得办理' if barred else '在期限内'}，{tail}"
    if not span.begun:
        return f"{rule.title}：{'限制还没有开始' if barred else '还没有开始'}"
    if span.opens is not None and now < span.opens:
        return f"{rule.title}：{day_or_minute(span.opens)}起{'不得办理' if barred else '才可办理'}"
    closes = _told(span) if span.closes else ""
    return f"{rule.title}：{closes}{'限制已经结束' if barred else '已经截止'}"


def _told(span: _Span) -> str:
    if span.closes is None:
        return ""
    return due_text(span.closes) if span.counted else day_or_minute(span.closes)
