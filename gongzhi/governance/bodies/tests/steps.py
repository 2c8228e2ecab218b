"""The steps that tests of bodies share: a city on a day, owners with their units, a committee from ballot to office."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import ZONE
from gongzhi.core.tests.cast import Cast, build
from gongzhi.duties.models import Duty
from gongzhi.governance.bodies import services as bodies
from gongzhi.governance.bodies.models import Body, Formation, RepresentativeMeeting
from gongzhi.governance.bodies.services import PersonInput, SeatInput, Winner
from gongzhi.registry import services as registry
from gongzhi.registry.models import Building, Estate, Unit
from gongzhi.registry.services import OwnerInput

CITIES = {
    "jiujiang": "340207",
    "zhangjiagang": "320582",
    "jinhua": "330782",
    "jiangyin": "320281",
    "meixian": "610326",
}
SYSTEM = Actor.system()
SINCE = date(2020, 1, 1)


def moment(day: str, hour: int = 9) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), tzinfo=ZONE).replace(hour=hour)


def day(text: str) -> date:
    return date.fromisoformat(text)


def city(slug: str, on: str) -> Cast:
    """The cast under that city's document, acting on that day."""
    return build(moment(on), county=CITIES[slug], pack=slug)


def later(cast: Cast, on: str) -> datetime:
    """Everybody acts on another day from now on."""
    cast.now = moment(on)
    return cast.now


def owners(estate: Estate, count: int, *, area: str = "100.00", building: str = "1幢", start: int = 0) -> list[Unit]:
    """So many units, each with an owner of its own: 业主001 and so on."""
    block = Building.objects.get(estate=estate, name=building)
    made = []
    for number in range(start + 1, start + count + 1):
        unit = registry.register_unit(
            block,
            name=f"{number:03d}室",
            exclusive_area_m2=Decimal(area),
            area_source="register",
            actor=SYSTEM,
            now=moment("2020-01-02"),
        )
        registry.transfer_unit(
            unit,
            owners=[OwnerInput(owner_name(number), "", "", None)],
            from_on=SINCE,
            actor=SYSTEM,
            now=moment("2020-01-02"),
        )
        made.append(unit)
    return made


def fill_up(estate: Estate, count: int) -> list[Unit]:
    """Units without owners on record beside those there are, until the estate has so many; all of them."""
    block = Building.objects.filter(estate=estate).order_by("name")[0]
    there = Unit.objects.filter(building__estate=estate)
    more = range(there.count(), count)
    Unit.objects.bulk_create(
        Unit(building=block, name=f"补{number:03d}室", exclusive_area_m2=Decimal(100), area_source="register")
        for number in more
    )
    return list(there.order_by("pk"))


def owner_name(number: int) -> str:
    return f"业主{number:03d}"


def seats(count: int, *, party: int = 0, side: str = "owner", attribute: str = "party_member") -> list[SeatInput]:
    return [
        SeatInput(person=PersonInput(f"成员{n}"), side=side, attributes=(attribute,) if n < party else ())
        for n in range(count)
    ]


def duty(rule: str, **more: Any) -> Duty:
    return Duty.objects.get(rule=rule, **more)


def due_on(row: Duty) -> date:
    """The last day of a day deadline, which is stored as 00:00 of the next."""
    return core.local_day(row.due_at - timedelta(seconds=1))


def nominated(
    cast: Cast, formation: Formation, units: list[Unit], *, party: int = 0, attribute: str = "party_member", **more: Any
) -> list[Any]:
    """One candidate for each unit, its owner; the first so many of them with the attribute."""
    found = []
    for index, unit in enumerate(units):
        number = int(unit.name.removesuffix("室"))
        row = bodies.nominate(
            formation,
            person=PersonInput(owner_name(number)),
            unit=unit,
            source="recommended",
            recommended_by="社区党组织",
            attributes=(attribute,) if index < party else (),
            on=core.local_day(cast.now),
            actor=cast.actor("street_office"),
            now=cast.now,
            **more,
        )
        found.append(row)
    return found


def passed(cast: Cast, candidates: list[Any]) -> list[Any]:
    return [
        bodies.review_candidate(one, result="passed", actor=cast.actor("street_office"), now=cast.now)
        for one in candidates
    ]


def committee(
    cast: Cast,
    estate: Estate,
    *,
    members: int = 5,
    party: int = 3,
    substitutes: int = 0,
    term_until: str = "",
    trigger: str = "failed",
    attribute: str = "party_member",
    units: list[Unit] | None = None,
) -> Body:
    """A committee elected on the cast's day, by the shortest lawful way of the city."""
    street, now, on = cast.actor("street_office"), cast.now, core.local_day(cast.now)
    formation = bodies.start_formation(
        estate, kind="owners_committee", trigger=trigger, started_on=on, actor=SYSTEM, now=now
    )
    for step in ("group", "candidates", "assembly"):
        bodies.guide(estate, formation=formation, step=step, text="到场指导", on=on, actor=street, now=now)
    bodies.form_group(formation, seats=seats(5), formed_on=on, actor=street, now=now)
    homes = units or list(Unit.objects.filter(building__estate=estate).order_by("name")[: members + substitutes])
    if not homes:
        homes = owners(estate, members + substitutes)
    rows = passed(cast, nominated(cast, formation, homes, party=party, attribute=attribute))
    body = bodies.take_election(
        formation,
        elected=[Winner(one.pk, votes_heads=100 - n, votes_area_dm2=1_000_000) for n, one in enumerate(rows[:members])],
        substitutes=[Winner(one.pk, votes_heads=50 - n) for n, one in enumerate(rows[members:])],
        held_on=on,
        term_until=day(term_until) if term_until else None,
        actor=street,
        now=now,
    )
    assert body is not None
    return body


def representatives(cast: Cast, on: str, *, start: int = 500, **more: Any) -> RepresentativeMeeting:
    """A meeting of three representatives on record, with its minutes."""
    homes = owners(cast.estate, 3, start=start)
    return bodies.hold_representatives(
        cast.estate,
        held_on=day(on),
        present=[bodies.Present(owner_name(start + place), one) for place, one in enumerate(homes, start=1)],
        text="推选楼幢长",
        minutes=[SimpleUploadedFile("会议记录.txt", "到会三人".encode())],
        actor=more.pop("actor", SYSTEM),
        now=cast.now,
        **more,
    )
