"""What an act will do to the clocks: the pack is asked with an event that has not happened."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from gongzhi.cases.models import Case
from gongzhi.cases.services.acting import common
from gongzhi.core import services as core
from gongzhi.core.days import ZONE, local_day
from gongzhi.core.models import Organisation
from gongzhi.core.packs import vocabulary
from gongzhi.core.recording import validated
from gongzhi.duties.models import Duty
from gongzhi.duties.store import state_of
from gongzhi.policy import DutyState, PolicyEvent, duties_after
from gongzhi.registry import queries as registry

ENDED_WORDS = {"fulfilled": "按期办结", "fulfilled_late": "逾期办结", "void": "不再计时", "silent": "视为办结"}


@dataclass(frozen=True)
class Follows:
    """One clock that opens, ends or changes hands with the act."""

    title: str
    words: str
    due_at: datetime | None
    owner: str
    clauses: tuple[str, ...]
    steps: tuple[str, ...] = ()


def what_follows(case: Case, kind: str, data: Mapping[str, Any], *, now: datetime) -> list[Follows]:
    """The duties that `case.<kind>` would open, end and move, by the pack in force now. Writes nothing."""
    pack = core.pack_for(case.place_path, local_day(now))
    declared = vocabulary().events[f"case.{kind}"]
    if pack is None:
        return []
    moment = now.astimezone(ZONE)
    payload = validated(declared, {**common(case), **data})
    event = PolicyEvent(kind=declared.name, subject=case.ref.key, at=moment, data=payload, place=case.place_path)
    rows = Duty.objects.filter(subject_kind="case", subject_id=str(case.pk)).filter(
        Q(closed_at__isnull=True) | Q(next_at__isnull=False)
    )
    before = {row.pk: state_of(row) for row in rows}
    switches = core.switches_for(case.place_path, moment.date(), pack=pack)
    changes = duties_after(pack, event, list(before.values()), switches=switches)
    units = _units(case, [*changes.opened, *changes.changed], payload)
    opened = [_row(one, "开始计时", units) for one in changes.opened]
    ended = [
        _row(one, ENDED_WORDS.get(one.state, "结束"), units)
        for one in changes.changed
        if one.id in before and before[one.id].unfinished and not one.unfinished
    ]
    moved = [
        _row(one, "换单位，期限不变", units)
        for one in changes.changed
        if one.id in before and one.unfinished and one.owner != before[one.id].owner
    ]
    return [*sorted(opened, key=lambda one: (one.due_at is None, one.due_at or now)), *moved, *ended]


def _row(state: DutyState, words: str, units: Mapping[str, str]) -> Follows:
    return Follows(
        title=state.title,
        words=words,
        due_at=state.due_at,
        owner=units.get(state.owner, ""),
        clauses=tuple(state.clauses),
        steps=tuple(state.explanation.get("steps", ())),
    )


def _units(case: Case, states: list[DutyState], data: Mapping[str, Any]) -> dict[str, str]:
    """The names of those who will owe: the very organisation the act names, else who holds the role there."""
    roles = {one.owner for one in states}
    found = registry.organisations_for(roles, case.place_path, estate=case.estate)
    names = {role: found[role].name if role in found else core.role_name(role) for role in roles}
    lead, unit = data.get("lead"), data.get("lead_organisation")
    if lead in names and unit:
        names[str(lead)] = Organisation.objects.get(pk=unit).name
    return names
