"""A small pack for the tests of the clocks, and the official calendar as it lies in the national pack."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

from gongzhi.policy.calendar import Calendar
from gongzhi.policy.clock_rules import DutyRule, Ladder, Resolved, Verdict, WindowRule
from gongzhi.policy.duty_state import DutyState, PolicyEvent
from gongzhi.policy.periods import Period, parse_moment
from gongzhi.policy.problems import PackFault

ROOT = Path(__file__).parents[3]


def official_calendar() -> Calendar:
    text = (ROOT / "packs" / "national" / "calendar.yaml").read_text(encoding="utf-8")
    # Scalars as text, as the loader of packs reads them.
    return Calendar.from_data(yaml.load(text, Loader=yaml.BaseLoader)["calendar"])  # noqa: S506


CALENDAR = official_calendar()


@dataclass
class ClockPack:
    duties: list[dict[str, Any]] = field(default_factory=list)
    ladder_data: dict[str, dict[str, Any]] = field(default_factory=dict)
    window_data: list[dict[str, Any]] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    switch_defaults: dict[str, Any] = field(default_factory=dict)
    calendar: Calendar = CALENDAR
    instruments: dict[str, Any] = field(default_factory=dict)
    slug: str = "test"
    hash: str = "0000"

    def __post_init__(self) -> None:
        self.duty_rules = {one["duty"]: DutyRule.from_data(one, pack=self.slug) for one in self.duties}
        self.ladders = {name: Ladder.from_data(name, one) for name, one in self.ladder_data.items()}
        self.windows = {one["window"]: WindowRule.from_data(one) for one in self.window_data}

    def holds(
        self, condition: Any, data: Mapping[str, Any], *, on: date, switches: Mapping[str, Any] | None = None
    ) -> Verdict:
        needs = tuple(name for name in condition if data.get(name) is None)
        if any(data[name] != wanted for name, wanted in condition.items() if name not in needs):
            return Verdict(False)
        return Verdict(None, needs) if needs else Verdict(True)

    def resolve(
        self, spec: Any, data: Mapping[str, Any], *, on: date, switches: Mapping[str, Any] | None = None
    ) -> Resolved:
        if not isinstance(spec, Mapping):
            return Resolved(spec)
        (kind, name), *_ = spec.items()
        if kind != "field" and name not in {**self.figures, **self.switch_defaults}:
            raise PackFault(f"未知的名称“{name}”")
        if kind == "field":
            return Resolved(data.get(name), needs=() if data.get(name) is not None else (name,))
        if kind == "switch":
            given = (switches or {}).get(name)
            value = self.switch_defaults[name] if given is None else given
            lines = () if given is not None else (f"文件未规定：{name}，按平台默认{value}",)
            return Resolved(value, switches=({"name": name, "value": str(value)},), defaults=lines)
        value = self.figures[name]
        return Resolved(value, clauses=(f"C-{name}",), figures=({"name": name, "value": str(value)},))

    def fact_title(self, name: str) -> str:
        return {"penalty_right_moved": "处罚权是否划转"}.get(name, name)

    def role_name(self, code: str) -> str:
        return {"street_office": "镇街物管办", "urban_management": "城管局"}.get(code, code)

    def role_level(self, code: str) -> str:
        return {"street_office": "street", "community_station": "community"}.get(code, "county")


SUPERVISION = {
    "clauses": ["JJ-5.3-5"],
    "key": ["owner", "subject"],
    "grace": {"share_of_original": {"switch": "escalation_share"}, "round": "up"},
    "steps": [
        {"step": "copy_notice", "instrument": "copy_notice"},
        {"step": "supervision", "instrument": "supervision_notice"},
        {"step": "censure", "instrument": "censure_notice", "suggests": "talk"},
    ],
    "repeat_last": "yes",
    "jumps": [{"after": "case.shirking_found", "to": "censure", "where": {"owner_level": "county"}}],
}


def pack_with(*duties: dict[str, Any], **more: Any) -> ClockPack:
    figures = {"answer_deadline": Period(15, "d"), "transfer_deadline": Period(3, "wd"), **more.pop("figures", {})}
    defaults = {"escalation_share": Fraction(1, 2), "day_kind": "calendar", **more.pop("switch_defaults", {})}
    return ClockPack(
        duties=list(duties),
        ladder_data=more.pop("ladders", {"supervision": SUPERVISION}),
        figures=figures,
        switch_defaults=defaults,
        **more,
    )


def at(text: str) -> datetime:
    """`2022-05-01` (09:00) or `2022-05-01T14:30`."""
    return parse_moment(f"{text if 'T' in text else text + 'T09:00'}+08:00")


def event(kind: str, when: str, subject: str = "case:1", place: str = "32/", **data: Any) -> PolicyEvent:
    return PolicyEvent(kind, subject, at(when), data, place)


def reached(duty: DutyState) -> list[tuple[str, str, str]]:
    """Ladder steps as (step, day, last day of the time given again)."""
    from gongzhi.policy.periods import last_day_before

    return [
        (one.step, one.at.date().isoformat(), last_day_before(one.new_due).isoformat() if one.new_due else "")
        for one in duty.steps
    ]
