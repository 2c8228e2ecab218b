"""The clocks of a case and what they rest on: the strip at the top, and 怎样算出来的 beside it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse

from gongzhi.cases.models import Case
from gongzhi.cases.queries import asking
from gongzhi.core import display
from gongzhi.core.display import cn_day, due_moment_words, due_words
from gongzhi.core.packs import vocabulary
from gongzhi.duties.models import ON_TIME, Duty
from gongzhi.duties.queries import duties_of, steps_reached
from gongzhi.policy import EventKind

SHOWN = 5  # one row of the strip on a wide screen
WHOLE = 100


@dataclass(frozen=True)
class Clock:
    """One duty as a bar: urgent ones first, ended ones last."""

    duty: Duty
    title: str
    words: str
    css: str
    percent: str
    span: str
    basis: str
    ended: str
    url: str
    clauses: tuple[str, ...]


@dataclass(frozen=True)
class Basis:
    """One clause and how it was applied: why this unit, how this day."""

    clause: display.ClauseReference | None
    more: tuple[display.ClauseReference, ...]
    summary: str
    steps: tuple[str, ...]
    hints: tuple[str, ...]
    opened: bool
    switches_url: str = ""


def duties_shown(case: Case) -> list[Duty]:
    """All duties of the case, running ones first and of those the soonest; one statement."""
    return list(duties_of(case.ref))


def clocks(duties: Iterable[Duty], now: datetime) -> tuple[list[Clock], list[Clock]]:
    """The strip and what does not fit into it: running ones first, then the last ended ones."""
    rows = [one for one in duties if one.running or one.state != "void"]
    running = [one for one in rows if one.running]
    ended = sorted((one for one in rows if not one.running), key=_ended_at, reverse=True)
    found = [_clock(one, now) for one in [*running, *ended]]
    return found[:SHOWN], found[SHOWN:]


def _ended_at(duty: Duty) -> datetime:
    return duty.closed_at or duty.opened_at


def _clock(duty: Duty, now: datetime) -> Clock:
    shown = due_words(duty, now)
    started = duty.state_json.get("counted_from") or duty.opened_at
    owner = duty.owner_organisation.name if duty.owner_organisation else "责任单位待定"
    span = f"{cn_day(started)}{_why_started(duty)}"
    if duty.last_day is not None and duty.due_at is not None:
        until = cn_day(duty.last_day) if duty.last_moment_is_midnight else due_moment_words(duty.due_at)
        span += f"，{until}到期"
    words = "中止计时" if duty.suspended and duty.running else shown.words
    return Clock(
        duty=duty,
        title=duty.title,
        words=words if duty.running else duty.get_state_display(),
        css="gz-wait" if duty.suspended else _css(duty, shown.css),
        percent=f"{_share(duty, now)}%",
        span=span,
        basis="　".join(part for part in (owner, _period_words(duty)) if part),
        ended=f"{display.cn_moment(duty.closed_at)}" if duty.closed_at else "",
        url=reverse("duties:detail", args=[duty.pk]),
        clauses=tuple(duty.clauses),
    )


def _css(duty: Duty, css: str) -> str:
    if duty.running:
        return css
    return "gz-ok" if duty.state in ON_TIME else "gz-over" if duty.state == "fulfilled_late" else "gz-wait"


def _why_started(duty: Duty) -> str:
    """收到, 吹哨, 派单: from what the days are counted."""
    facts = duty.state_json.get("facts", {})
    started = duty.state_json.get("counted_from")
    if facts.get("received_at") and facts["received_at"] == started:
        return "收到"
    kind = str(duty.explanation.get("event", {}).get("kind", ""))
    declared: EventKind | None = vocabulary().events.get(kind)
    return declared.title if declared is not None else "产生"


def _period_words(duty: Duty) -> str:
    """15日（文件写明）, 1个工作日（文件未规定，按本地设定）."""
    for figure in duty.explanation.get("figures", ()):
        if figure.get("unit") == "period":
            return f"{figure['shown']}，文件写明"
    for switch in duty.explanation.get("switches", ()):
        if "日" in str(switch.get("shown", "")) or "小时" in str(switch.get("shown", "")):
            return f"{switch['shown']}，本地可设"
    return ""


def _share(duty: Duty, now: datetime) -> int:
    """How much of the time is gone, in whole per cent."""
    if not duty.running or duty.due_at is None:
        return WHOLE
    started = display.as_moment(duty.state_json.get("counted_from")) or duty.opened_at
    whole = duty.due_at - started
    if whole <= timedelta(0):
        return WHOLE
    return max(1, min(WHOLE, int((now - started) * WHOLE / whole)))


def bases(case: Case, duties: Iterable[Duty]) -> list[Basis]:
    """Why this unit, then how each running day was found; a day counted alike is explained once."""
    found: list[Basis] = []
    route = route_basis(case)
    if route is not None:
        found.append(route)
    seen: set[tuple[Any, ...]] = set()
    for duty in duties:
        if not duty.running or not duty.explanation.get("steps"):
            continue
        key = (tuple(duty.clauses), tuple(duty.explanation["steps"]))
        if key in seen:
            continue
        seen.add(key)
        summary = f"{cn_day(duty.last_day)}是怎样算出来的" if duty.last_day else "期限怎样算"
        figures = [
            f"数值：{one['title']}{one['shown']}（文件写明）"
            for one in duty.explanation.get("figures", ())
            if one.get("title")
        ]
        hints = [*figures, *duty.explanation.get("defaults", ())]
        switches = _switches_url(duty) if duty.explanation.get("switches") else ""
        found.append(
            _basis(
                duty.clauses,
                f"{duty.title}：{summary}",
                duty.explanation["steps"],
                hints,
                opened=not any(one.opened for one in found),
                switches_url=switches,
            )
        )
    return found


def route_basis(case: Case, *, unit: str = "", opened: bool = False) -> Basis | None:
    """Why this unit: the answer that was kept when the case was routed."""
    route = asking.stored_route(case)
    if route is None:
        return None
    lead = (route.value or {}).get("lead") if route.ok else None
    name = case.lead.name if case.lead else unit or (asking.role_names([str(lead)], case) if lead else "")
    summary = f"为什么{'派给' if case.lead else '推荐'}{name}" if lead else "为什么还不能派"
    wants = [f"还缺：{name}" for name in route.explanation.needs_titles] if route.needs else []
    return _basis(route.clauses, summary, [*route.steps, *wants], route.defaults, opened=opened)


def _basis(
    clauses: Iterable[str],
    summary: str,
    steps: Iterable[str],
    hints: Iterable[str],
    *,
    opened: bool = False,
    switches_url: str = "",
) -> Basis:
    cited = list({one.where: one for one in map(display.clause_reference, reversed(list(clauses)))}.values())[::-1]
    return Basis(
        clause=cited[0] if cited else None,
        more=tuple(cited[1:]),
        summary=summary,
        steps=tuple(steps),
        hints=tuple(hints),
        opened=opened,
        switches_url=switches_url,
    )


def _switches_url(duty: Duty) -> str:
    from gongzhi.cases.views_common import address

    return address("pack_switches", duty.pack) if duty.pack else ""


def step_words(duty: Duty, pack: Any) -> str:
    """已抄告, 已督办, 已通报: the last paper of the ladder, by the name of the place's document."""
    reached = steps_reached(duty)
    if not reached:
        return ""
    instrument = pack.instruments.get(str(reached[-1].get("instrument") or "")) if pack is not None else None
    name = str(instrument.name) if instrument is not None else "督促"
    return f"已{name.removesuffix('单')}"


def overdue_number(duties: Iterable[Duty], now: datetime) -> int:
    return sum(1 for one in duties if one.running and one.due_at is not None and one.due_at <= now)


def by_case(duties: Iterable[Duty]) -> Mapping[str, list[Duty]]:
    """The duties of several cases, by the id of the case."""
    found: dict[str, list[Duty]] = {}
    for duty in duties:
        found.setdefault(duty.subject_id, []).append(duty)
    return found
