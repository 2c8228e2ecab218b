"""What the commands over bodies share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import PersonalData
from gongzhi.core.refs import Ref
from gongzhi.governance.bodies.models import Body, Member, RepresentativeMeeting
from gongzhi.policy import Period, deadline
from gongzhi.policy.periods import deadline_before, start_of
from gongzhi.registry.models import Building, Estate, Unit

DAY = timedelta(days=1)


@dataclass(frozen=True)
class PersonInput:
    """Who somebody is; kept under cipher."""

    name: str
    phone: str = ""
    id_number: str = ""


@dataclass(frozen=True)
class SeatInput:
    """One seat to be filled. Without a person the seat is kept vacant."""

    person: PersonInput | PersonalData | None = None
    side: str = "owner"
    post: str = "member"
    seat: str = "full"
    unit_name: str = ""
    title: str = ""
    attributes: tuple[str, ...] = ()
    source: str = ""
    source_note: str = ""
    full_time: bool = False
    unit: Unit | None = None
    building: Building | None = None
    entrance: int | None = None
    rank: int | None = None
    votes_area_dm2: int | None = None
    votes_heads: int | None = None
    replaces: Member | None = field(default=None, compare=False)
    chosen_at: RepresentativeMeeting | None = None


@dataclass(frozen=True)
class Winner:
    """A candidate of the ballot with the votes he won: heads, and area in 0.01 m². `post` once the committee chose."""

    candidate: int
    votes_heads: int | None = None
    votes_area_dm2: int | None = None
    post: str = "member"


def keep(person: PersonInput | PersonalData, *, owner: Ref, place_path: str, actor: Actor, now: datetime) -> Any:
    if isinstance(person, PersonalData):
        return person
    if not person.name.strip():
        raise Refused("person_name", "请填写姓名。", fields={"name": "请填写姓名"})
    return core.keep_person(
        name=person.name,
        phone=person.phone,
        id_number=person.id_number,
        place_path=place_path,
        owner=owner,
        demo=actor.demo,
        now=now,
    )


def clocks(place_path: str, on: date) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """The default periods of the local document, and its clauses."""
    answer = core.ask("governance.body_clocks", {}, place_path=place_path, on=on)
    return (answer.value if answer.ok and answer.value else {}), tuple(answer.clauses)


def last_day(start: date, period: Period, *, place_path: str, roll: bool = True) -> date:
    """The last day of a period that begins after `start`."""
    pack = core.pack_for(place_path, start)
    if pack is None:
        raise Refused("no_pack", "平台没有装载任何文件，不能计算期限。")
    return deadline(start=start_of(start), period=period, calendar=pack.calendar, roll=roll).last_day


def day_before(day: date, period: Period, *, place_path: str) -> date:
    pack = core.pack_for(place_path, day)
    if pack is None:
        raise Refused("no_pack", "平台没有装载任何文件，不能计算期限。")
    return deadline_before(moment=start_of(day), period=period, calendar=pack.calendar).last_day


def of_body(body: Body, /, **more: Any) -> dict[str, Any]:
    """The payload that every event of a body carries."""
    estate = body.estate.ref.key if body.estate else None
    return {"kind": body.kind, "term": body.term, "estate": estate, **more}


def lock(row: Any, *, version: int | None = None) -> Any:
    """The row as it stands now, locked; refuses when the page showed an older one."""
    locked = type(row).objects.select_for_update(of=("self",)).get(pk=row.pk)
    core.check_version(locked, version)
    return locked


def bump(row: Any, *fields: str) -> None:
    row.version += 1
    row.save(update_fields=[*fields, "version"])


def words(text: str, field_name: str, what: str) -> str:
    if not text.strip():
        raise Refused("words_missing", f"请填写{what}。", fields={field_name: f"请填写{what}"})
    return text.strip()


def not_later(day: date, now: datetime, *, field: str, what: str) -> None:
    if day > core.local_day(now):
        raise Refused("future_day", f"{what}不能晚于今天。", fields={field: f"{what}不能晚于今天"})


def estate_of(body: Body) -> Estate:
    if body.estate is None:
        raise Refused("no_estate", "这个组织不属于某个小区，不能办这件事。")
    return body.estate


def units_by_room(estate: Estate) -> dict[str, Unit]:
    """The homes of an estate by what stands on their doors, without spaces: as people type it."""
    there = Unit.objects.filter(building__estate=estate).select_related("building")
    return {"".join(str(one).split()): one for one in there}
