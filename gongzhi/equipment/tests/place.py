"""What the tests of equipment share: a city, a moment, pieces, papers, messages."""

from datetime import date, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import ZONE
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event, OutboxMessage, StoredFile
from gongzhi.core.tests.cast import Cast, _person, build
from gongzhi.duties import services as duties
from gongzhi.duties.models import Duty
from gongzhi.equipment import services as equipment
from gongzhi.registry import services as registry
from gongzhi.registry.models import Estate, Facility

COUNTY = {"zhangjiagang": "320582", "jinhua": "330782", "jiangyin": "320281", "meixian": "610326", "jiujiang": "340207"}
SYSTEM = Actor.system()
PICTURE = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\xa7\x9a\xa0\xa0\x00\x00\x00\x00IEND\xaeB`\x82"
)


def at(text: str, hour: int = 9) -> datetime:
    return datetime.fromisoformat(text).replace(hour=hour, tzinfo=ZONE)


def city(pack: str, moment: str) -> Cast:
    """One that everybody of the city's document is in; `upkeep_company` looks after lifts."""
    cast = build(at(moment), county=COUNTY[pack], pack=pack)
    unit = core.ensure_organisation("upkeep_company", place=cast.county, name="安达电梯维保公司")
    cast.organisations["upkeep_company"] = unit
    if "upkeep_company" not in cast.users:
        _person(cast, "upkeep_company", "田师傅", organisation=unit)
    return cast


def post(cast: Cast, role: str, place: Any, name: str) -> None:
    """An office of that role at a place, with somebody in it."""
    cast.organisations[role] = core.ensure_organisation(role, place=place, name=name)
    _person(cast, role, f"经办{name}", organisation=cast.organisations[role])


def piece(cast: Cast, kind: str, code: str = "1", *, estate: Estate | None = None, now: Any = None, **more: Any) -> Any:
    """Registered as it came; what `register_facility` does not take is put in by a change."""
    moment = now or cast.now
    first = {name: more.pop(name) for name in ("valid_until", "location", "building") if name in more}
    row = registry.register_facility(estate or cast.estate, kind=kind, code=code, **first, actor=SYSTEM, now=moment)
    return changed(row, moment, **more) if more else row


def changed(row: Facility, moment: datetime, **changes: Any) -> Facility:
    return registry.change_facility(row, changes=changes, actor=SYSTEM, now=moment)


def looked(row: Facility, on: str, *, item: str = "inspection", result: str = "passed", **more: Any) -> None:
    registry.inspect_facility(
        row, inspected_on=date.fromisoformat(on), result=result, item=item,
        note="" if result == "passed" else "有问题", actor=SYSTEM, now=at(on), **more,
    )  # fmt: skip


def picture(owner: Any, moment: datetime) -> StoredFile:
    upload = SimpleUploadedFile("照片.png", PICTURE, content_type="image/png")
    return core.store_file(upload, owner=owner.ref, actor=SYSTEM, now=moment)


def watched(moment: str) -> None:
    """What the worker does within the hour."""
    registry.watch_inspections(at(moment, 1))
    equipment.watch(at(moment, 1))
    duties.tick(at(moment, 1))


def told(role: str, cast: Cast, template: str) -> list[str]:
    rows = OutboxMessage.objects.filter(to_organisation=cast.organisation(role), template=template).order_by("pk")
    return [one.text for one in rows]


def owed(row: Any, rule: str = "") -> list[Duty]:
    rows = Duty.objects.filter(subject_kind=row.ref.kind, subject_id=str(row.pk)).order_by("pk")
    return list(rows.filter(rule=rule) if rule else rows)


def known(estate: Estate, **facts: Any) -> None:
    event = Event.objects.order_by("pk").first()
    assert event is not None
    for name, value in facts.items():
        registry.set_fact(estate.ref, name, value, from_on=date(2020, 1, 1), event=event)


def more_estates(cast: Cast, count: int) -> list[Estate]:
    """Served by the company of the cast, like its first estate."""
    found = []
    for number in range(count):
        one = registry.register_estate(
            community=cast.communities[0], name=f"小区{number + 1:02d}", households=100, buildings=("1幢",), facts={},
            from_on=date(2020, 1, 1), actor=SYSTEM, now=cast.now,
        )  # fmt: skip
        registry.begin_project(
            estate=one, company=cast.organisation("property_company"), manager_name="王经理", from_on=date(2020, 1, 1),
            actor=SYSTEM, now=cast.now,
        )  # fmt: skip
        found.append(one)
    return found


def refuses(code: str, act: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        act()
    assert caught.value.code == code, caught.value.message
    return caught.value
