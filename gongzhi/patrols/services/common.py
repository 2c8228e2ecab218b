"""What the commands of patrols share."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation, Place, StoredFile
from gongzhi.core.refs import Ref
from gongzhi.patrols.queries.plans import own_role
from gongzhi.policy import deadline
from gongzhi.policy.periods import Period, start_of
from gongzhi.registry.models import Estate

CONFLICT_STATUS = 409
AT_HOME = ("owner", "building_steward")


@dataclass(frozen=True)
class Upload:
    """A file as it came: whose field, the bytes, when the phone says it was taken."""

    field: str
    file: Any
    taken_at: datetime | None = None


class At:
    """An estate as rights see it: offices over their place, the company that serves it, those who live there."""

    def __init__(self, estate: Estate) -> None:
        self.estate, self.place_path = estate, estate.place_path

    def is_party(self, actor: Actor) -> bool:
        own = actor.organisation
        return own is not None and self.estate.projects.filter(company=own, to_on=None).exists()


def required(text: str, field: str, message: str) -> str:
    if not text.strip():
        raise Refused("missing", message, fields={field: message})
    return text.strip()


def last_day(place_path: str, start: date, length: Any) -> date:
    """The last day of a period that begins on `start`, by the calendar of the place."""
    pack = core.pack_for(place_path, start)
    if pack is None:
        raise Refused("no_pack", "平台没有装载任何文件，不能计算期限。")
    period = length if isinstance(length, Period) else Period.parse(str(length))
    return deadline(start=start_of(start), period=period, calendar=pack.calendar).last_day


def keep_files(
    uploads: Iterable[Upload], *, owner: Ref, actor: Actor, now: datetime
) -> list[tuple[Upload, StoredFile]]:
    return [(one, core.store_file(one.file, owner=owner, actor=actor, now=now)) for one in uploads if one.file]


def tell(units: Iterable[Organisation | None], *, template: str, text: str, ref: Ref, now: datetime) -> None:
    """Each unit once."""
    for unit in {one.pk: one for one in units if one is not None}.values():
        core.notify(to=unit, template=template, text=text, ref=ref, now=now)


def judged(record: str, facts: Mapping[str, Any], *, place_path: str, on: date) -> Sequence[Any]:
    """The checks of the record: what refuses is raised, what warns is returned."""
    return core.run_checks(record, facts, place_path=place_path, on=on)


def not_later(day: date, on: date, field: str) -> None:
    if day > on:
        raise Refused("future", "日期不能晚于今天。", fields={field: "不能晚于今天"})


def role_of(actor: Actor) -> str:
    return own_role(actor.role)


def estate_key(estate: Estate | None) -> str | None:
    return estate.ref.key if estate is not None else None


def place_of(actor: Actor) -> Place | None:
    return core.place_at(actor.place_path) if actor.place_path else None
