"""Committees that have not met for long; owners who might serve, those the local document encourages first."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Max

from gongzhi.core import services as core
from gongzhi.governance.bodies.models import Body, BodyMeeting, Prospect
from gongzhi.policy import Period, deadline
from gongzhi.policy.periods import start_of
from gongzhi.registry.models import Estate


@dataclass(frozen=True)
class Idle:
    """`since`: the last meeting on record, else the day the committee was formed."""

    since: date
    clauses: tuple[str, ...]


def idle_committee(body: Body, on: date) -> Idle | None:
    """A committee in office that has not met within the local document's time: a warning, no finding."""
    if body.state != "in_office" or body.formed_on is None:
        return None
    period, clauses = idle_period(body.place_path, on)
    if period is None:
        return None
    last = BodyMeeting.objects.filter(body=body).aggregate(last=Max("held_on"))["last"]
    since = max(last, body.formed_on) if last else body.formed_on
    return Idle(since, clauses) if is_over(since, period, place_path=body.place_path, on=on) else None


def idle_period(place_path: str, on: date) -> tuple[Period | None, tuple[str, ...]]:
    answer = core.ask("governance.body_clocks", {}, place_path=place_path, on=on)
    value: Any = answer.value if answer.ok and answer.value else {}
    return value.get("idle"), tuple(answer.clauses)


def is_over(since: date, period: Period, *, place_path: str, on: date) -> bool:
    pack = core.pack_for(place_path, on)
    if pack is None:
        return False
    return on > deadline(start=start_of(since), period=period, calendar=pack.calendar, roll=False).last_day


def prospects_of(estate: Estate, on: date) -> list[Prospect]:
    """Whoever was found, those of the encouraged kinds first."""
    answer = core.ask("governance.encouraged", {"kind": "owners_committee"}, place_path=estate.place_path, on=on)
    wanted = set(answer.value or ()) if answer.ok else set()
    rows = Prospect.objects.filter(estate=estate).select_related("person", "unit__building", "found_by")
    return sorted(rows, key=lambda one: (-len(wanted & set(one.attributes)), one.pk))
