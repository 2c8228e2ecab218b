"""Between the engine's `DutyState` and the row: one writes the other's columns, nothing is decided here."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from gongzhi.core.prepared import Fetch, execute
from gongzhi.core.questions import ROLES
from gongzhi.duties.models import Duty, Source, State, day_before
from gongzhi.policy import DutyState
from gongzhi.registry.models import Estate
from gongzhi.registry.services import organisation_for

ROLE_LEVELS = {role.code: role.level for role in ROLES}

# What the engine decides, with the type each column has in the database.
CLOCK_COLUMNS = {
    "owner_role": "text",
    "owner_organisation_id": "bigint",
    "assigned_to_id": "bigint",
    "due_at": "timestamptz",
    "original_due_at": "timestamptz",
    "last_day": "date",
    "provisional": "boolean",
    "state": "text",
    "step": "smallint",
    "step_name": "text",
    "next_at": "timestamptz",
    "closed_at": "timestamptz",
    "suspended": "boolean",
    "explanation": "jsonb",
    "state_json": "jsonb",
    "version": "integer",
}


# Of the engine's state what has a column of its own, as it is.
OWN_COLUMNS = ("id", "explanation")

_SETS = ", ".join(f'"{name}" = new."{name}"' for name in CLOCK_COLUMNS)
_COLUMNS = ", ".join(f'"{name}" {kind}' for name, kind in CLOCK_COLUMNS.items())
SAVE_CLOCKS = (
    f"UPDATE duties_duty AS old SET {_SETS} "  # noqa: S608  (names come from the constant above)
    f"FROM jsonb_to_recordset(%s::jsonb) AS new(id bigint, {_COLUMNS}) WHERE old.id = new.id"
).encode()


def state_of(duty: Duty) -> DutyState:
    return replace(DutyState.from_json(duty.state_json), id=duty.pk, explanation=duty.explanation)


def put_state(duty: Duty, state: DutyState, *, at: datetime) -> None:
    """Writes the engine's state into the columns of an unsaved or locked row. `at`: when it ended, if not said."""
    duty.owner_role = state.owner
    duty.due_at = state.due_at
    duty.original_due_at = state.original_due_at
    duty.last_day = state.last_day or (day_before(state.due_at) if state.due_at else None)
    duty.provisional = state.provisional
    duty.state = State(state.state)
    duty.step = state.step
    duty.step_name = state.steps[-1].step if state.steps else ""
    duty.ladder_key = state.ladder_key
    duty.next_at = state.next_at
    duty.closed_at = None if state.unfinished else duty.closed_at or state.done_at or at
    duty.suspended = state.suspended
    duty.explanation = dict(state.explanation)
    duty.state_json = state.to_json(without=OWN_COLUMNS)


def save_clock(duty: Duty) -> None:
    """Writes the engine's columns of a locked row and takes the next version."""
    save_clocks([duty])


def save_clocks(duties: Sequence[Duty]) -> None:
    """Writes the engine's columns of many locked rows in one statement."""
    if not duties:
        return
    for duty in duties:
        duty.version += 1
    rows = [{"id": duty.pk, **{name: _plain(getattr(duty, name)) for name in CLOCK_COLUMNS}} for duty in duties]
    execute(SAVE_CLOCKS, [json.dumps(rows, ensure_ascii=False)])


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | dict | list):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


@Fetch
def _estates_at(place_path: str) -> QuerySet[Estate]:
    return Estate.objects.filter(place_path=place_path).order_by("pk")[:1]


class Around:
    """Where an event happened: what the duties of it ask for, each looked up once."""

    def __init__(self, place_path: str, data: Mapping[str, Any] | None = None) -> None:
        self.place_path, self.data = place_path, data or {}
        self._owners: dict[str, int | None] = {}

    @cached_property
    def estate(self) -> Estate | None:
        return next(iter(_estates_at(self.place_path)), None)

    def owner_of(self, role: str, field: str) -> int | None:
        """The id of who holds the role here. An event that names the very organisation (`lead_organisation`) decides
        it."""
        named = self.data.get(f"{field or 'owner'}_organisation")
        if named:
            return int(named)
        if role not in self._owners:
            found = organisation_for(role, self.place_path, self.estate)
            self._owners[role] = found.pk if found is not None else None
        return self._owners[role]


def source_of(event_kind: str, data: Mapping[str, Any], *, recurring: bool) -> Source:
    if recurring:
        return Source.RECURRING
    if event_kind == "duty.task_assigned":
        return Source.TASK
    if data.get("steward_submitted"):
        return Source.STEWARD
    if data.get("channel") in (Source.WEB, Source.PHONE, Source.VISIT, Source.HOTLINE):
        return Source(data["channel"])
    head = event_kind.split(".", 1)[0]
    return {
        "inspection": Source.INSPECTION,
        "document": Source.DOCUMENT,
        "case": Source.CASE,
        "complaint": Source.CASE,
        "problem": Source.CASE,
    }.get(head, Source.OTHER)


def common(duty: Duty) -> dict[str, Any]:
    """What every event of a duty says of it."""
    return {
        "rule": duty.rule,
        "owner": duty.owner_role,
        "owner_level": ROLE_LEVELS.get(duty.owner_role),
        "owner_organisation": duty.owner_organisation_id,
        "about": duty.subject.key,
    }
