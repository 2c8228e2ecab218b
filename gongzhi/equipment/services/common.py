"""What the commands share."""

from datetime import datetime
from typing import Any

from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation
from gongzhi.core.refs import Ref
from gongzhi.registry.models import Estate
from gongzhi.registry.queries import organisation_for

CONFLICT_STATUS = 409


def locked(row: Any, version: int | None = None, *, states: tuple[str, ...] = ()) -> Any:
    model = type(row)
    found = model.objects.select_for_update(of=("self",)).select_related("estate").get(pk=row.pk)
    if states and found.state not in states:
        raise Refused("state", f"这一件现在是“{found.get_state_display()}”，不能再这样办。", status=CONFLICT_STATUS)
    core.check_version(found, version)
    return found


def saved(row: Any, *names: str) -> Any:
    row.version += 1
    row.save(update_fields=[*names, "version"])
    return row


def numbered(letters: str, now: datetime) -> str:
    year = core.local_day(now).year
    return f"{letters}{year}{core.next_number(f'equipment|{letters}', year):05d}"


def filled(**given: tuple[str, str]) -> None:
    """Refuses fields that were left empty: name=(value, what it is called)."""
    missing = {name: f"请填写{label}" for name, (value, label) in given.items() if not str(value or "").strip()}
    if missing:
        raise Refused("field_missing", "；".join(missing.values()) + "。", fields=missing)


def not_later(at: datetime, now: datetime, *, field: str, label: str) -> None:
    if at > now:
        raise Refused("time_later", f"{label}不能晚于现在。", fields={field: "不能晚于现在"})


def named(field: str, unit: Organisation | None, role: str = "") -> dict[str, Any]:
    """A unit as events name it, so that a duty finds its owner."""
    found: dict[str, Any] = {field: unit.role if unit is not None else role or None}
    if unit is not None:
        found[f"{field}_organisation"] = unit.pk
    return found


def tell(
    roles: tuple[str, ...], estate: Estate, *, template: str, text: str, ref: Ref, now: datetime
) -> list[Organisation]:
    """A message to whoever holds the roles at the estate. A role that nobody holds is left out."""
    on, told = core.local_day(now), []
    for role in roles:
        unit = organisation_for(role, estate.place_path, estate, on=on)
        if unit is not None and unit not in told:
            core.notify(to=unit, template=template, text=text, ref=ref, now=now)
            told.append(unit)
    return told
