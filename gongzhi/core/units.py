"""Units of a place: set up on a day, given up on a day, never forgotten."""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation, Place, Post
from gongzhi.core.packs import pack_for
from gongzhi.core.places import role_kind, role_level
from gongzhi.core.questions import PLACE_LEVELS
from gongzhi.core.recording import record
from gongzhi.core.rights import require


@transaction.atomic
def begin_unit(
    role: str, *, place: Place, name: str, phone: str = "", from_on: date, actor: Actor, now: datetime
) -> Organisation:
    """A unit in a role at a place of that role's level, from a day on."""
    require(actor, "unit.manage", place)
    if not name.strip():
        raise Refused("unit_name", "请写单位名称。", fields={"name": "请写单位名称"})
    if from_on > local_day(now):
        raise Refused("unit_later", "设立从今天或以前的日子起登记。", fields={"from_on": "不能晚于今天"})
    pack = pack_for(place.path, local_day(now))
    known = pack.roles.get(role) if pack is not None else None
    level = known.level if known is not None else role_level(role)
    if place.level != level:
        words = f"这类单位设在{PLACE_LEVELS[level]}一级，{place.name}是{PLACE_LEVELS[place.level]}。"
        raise Refused("unit_level", words, fields={"place": f"请选{PLACE_LEVELS[level]}"})
    other = Organisation.objects.filter(role=role, place=place, active=True).exclude(kind="company").first()
    if other is not None:
        words = f"{place.name}已有“{other.name}”。撤换的，先登记原单位撤销。"
        raise Refused("unit_twice", words, fields={"role": words})
    try:
        with transaction.atomic():
            unit = Organisation.objects.create(
                name=name.strip(),
                role=role,
                kind=role_kind(role),
                place=place,
                place_path=place.path,
                phone=phone.strip(),
                from_on=from_on,
                demo=actor.demo,
            )
    except IntegrityError as error:
        words = f"{place.name}登记过同名的单位。"
        raise Refused("unit_twice", words, fields={"name": words}) from error
    data = {"lead": role, "from_on": from_on}
    record("unit.begun", subject=unit.ref, actor=actor, at=now, place_path=unit.place_path, data=data)
    return unit


@transaction.atomic
def end_unit(unit: Organisation, *, to_on: date, actor: Actor, now: datetime) -> Organisation:
    """The last day of a unit. Its people have left it before; what it owes is asked by whoever reacts."""
    require(actor, "unit.manage", unit)
    unit = Organisation.objects.select_for_update().get(pk=unit.pk)
    if not unit.active:
        raise Refused("unit_ended", f"{unit.name}已经撤销。")
    if to_on > local_day(now) or (unit.from_on is not None and to_on < unit.from_on):
        words = "最后一日不能晚于今天，也不能早于设立。"
        raise Refused("unit_days", words, fields={"day": words})
    people = Post.objects.in_force(local_day(now)).filter(organisation=unit, ends_on=None).select_related("user")
    if people:
        words = "、".join(str(one.user) for one in people)
        raise Refused("unit_people", f"{unit.name}还有人在岗：{words}。请先登记离岗，未办的事随之移交。")
    unit.to_on, unit.active = to_on, False
    unit.save(update_fields=["to_on", "active"])
    data = {"lead": unit.role, "to_on": to_on}
    record("unit.ended", subject=unit.ref, actor=actor, at=now, place_path=unit.place_path, data=data)
    return unit
