"""What an estate has settled of what the document wants registered, and since when."""

from datetime import datetime
from typing import Any

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.models import Event
from gongzhi.equipment.models import StageMark
from gongzhi.equipment.queries.rules import Ruled, deadline_of, stage_rule
from gongzhi.equipment.words import STAGES
from gongzhi.registry.models import Estate, Facility

NOTHING = ("", "0", "0.00", None)
# What a piece has of its own; every other thing wanted is one of its details.
OWN = {"维保单位": "upkeep", "编号": "code", "位置": "location"}


def follow_register(event: Event) -> None:
    """Reaction to what is registered, changed or ended of a piece."""
    row = Facility.objects.select_related("estate").filter(pk=event.subject_id).first()
    if row is not None:
        mark_stages(row.estate, kind=row.kind, actor=Actor.system(demo=event.demo), now=event.at)


def mark_stages(estate: Estate, *, kind: str, actor: Actor, now: datetime) -> None:
    on = core.local_day(now)
    for stage in STAGES:
        rule = stage_rule(estate.place_path, stage, on)
        if rule.value.get("kind") != kind:
            continue
        lacking = missing_of(estate, rule)
        mark = StageMark.objects.filter(estate=estate, stage=stage).first()
        if not lacking and mark is None:
            by = deadline_of(rule)
            late = on > by if by is not None else None
            StageMark.objects.create(estate=estate, stage=stage, on=on, late=late)
            _tell(estate, "estate.stage_reached", actor, now, stage=stage, on=on, late=late)
        elif lacking and mark is not None:
            mark.delete()
            _tell(estate, "estate.stage_lost", actor, now, stage=stage, missing=lacking)


def missing_of(estate: Estate, rule: Ruled) -> list[str]:
    """What is not registered yet; the whole piece where there is none."""
    wants = list(rule.many("wants"))
    rows = list(Facility.objects.filter(estate=estate, kind=rule.value["kind"], ended_on=None))
    found = [[one for one in wants if not _has(row, one, rule)] for row in rows]
    return min(found, key=len, default=wants or ["登记"])


def _has(row: Facility, wanted: str, rule: Ruled) -> bool:
    value: Any = getattr(row, OWN[wanted]) if wanted in OWN else row.details.get(wanted)
    exactly = rule.value.get("exactly")
    if exactly and wanted == rule.many("wants")[0]:
        return bool(value == exactly)
    return str(value).strip() not in NOTHING if value is not None else False


def _tell(estate: Estate, event: str, actor: Actor, now: datetime, **data: Any) -> None:
    core.record(event, subject=estate.ref, actor=actor, at=now, place_path=estate.place_path, data=data)
