"""Units of a place: set up on a day, given up on a day, never forgotten. One may take the place of another."""

from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused
from gongzhi.core.holdings import in_hand, pass_on
from gongzhi.core.models import Organisation, Place, Post
from gongzhi.core.packs import pack_for
from gongzhi.core.people import begin_post, end_post
from gongzhi.core.places import role_kind, role_level
from gongzhi.core.questions import PLACE_LEVELS
from gongzhi.core.recording import record
from gongzhi.core.rights import require

DAY = timedelta(days=1)
NO_UNITS = ("company", "person", "group")


@transaction.atomic
def begin_unit(
    role: str,
    *,
    place: Place,
    name: str,
    phone: str = "",
    from_on: date,
    replaces: Organisation | None = None,
    actor: Actor,
    now: datetime,
) -> Organisation:
    """A unit in a role at a place of that role's level, from a day on.

    `replaces`: the unit that ends the day before; its people and what it has in hand come to the new one.
    """
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
    if other is not None and other != replaces:
        words = f"{place.name}已有“{other.name}”。撤换的，请在“接替哪个单位”里选它。"
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
    if replaces is not None and replaces.from_on is not None and from_on <= replaces.from_on:
        words = f"{replaces.name}自{replaces.from_on}起设立，接替它的要晚于这一天。"
        raise Refused("unit_days", words, fields={"from_on": words})
    data = {"lead": role, "from_on": from_on, "replaces": replaces.name if replaces is not None else None}
    record("unit.begun", subject=unit.ref, actor=actor, at=now, place_path=unit.place_path, data=data)
    if replaces is not None:
        end_unit(replaces, to_on=from_on - DAY, heir=unit, actor=actor, now=now)
    return unit


@transaction.atomic
def end_unit(
    unit: Organisation, *, to_on: date, heir: Organisation | None = None, actor: Actor, now: datetime
) -> Organisation:
    """The last day of a unit. To the heir go its people and all it has in hand; without one it has to have neither."""
    require(actor, "unit.manage", unit)
    unit = Organisation.objects.select_for_update().get(pk=unit.pk)
    if not unit.active:
        raise Refused("unit_ended", f"{unit.name}已经撤销。")
    if to_on > local_day(now) or (unit.from_on is not None and to_on < unit.from_on):
        words = "最后一日不能晚于今天，也不能早于设立。"
        raise Refused("unit_days", words, fields={"day": words})
    if heir is None:
        _empty(unit, actor=actor, on=local_day(now))
    else:
        _fit(unit, heir, to_on=to_on)
    unit.to_on, unit.active = to_on, False
    unit.save(update_fields=["to_on", "active"])
    data = {"lead": unit.role, "to_on": to_on, "heir": heir.name if heir is not None else None}
    record("unit.ended", subject=unit.ref, actor=actor, at=now, place_path=unit.place_path, data=data)
    if heir is not None:
        _move_people(unit, heir, to_on=to_on, actor=actor, now=now)
        pass_on(unit, heir, now=now)
    return unit


def _in_post(unit: Organisation, *, after: date) -> QuerySet[Post]:
    lasting = Q(ends_on=None) | Q(ends_on__gt=after)
    return Post.objects.filter(lasting, organisation=unit).select_related("user").order_by("pk")


def _empty(unit: Organisation, *, actor: Actor, on: date) -> None:
    if people := "、".join(str(one.user) for one in _in_post(unit, after=on)):
        words = f"{unit.name}还有人在岗：{people}。请选接手的单位，或者先登记离岗。"
        raise Refused("unit_people", words, fields={"heir": words})
    if left := in_hand(unit, actor=actor):
        named = "；".join(f"{one}（{'、'.join(one.first)}）" if one.first else str(one) for one in left)
        words = f"{unit.name}还有没办完的：{named}。请选接手的单位，或者先办结、改派。"
        raise Refused("unit_owes", words, fields={"heir": words})


def _fit(unit: Organisation, heir: Organisation, *, to_on: date) -> None:
    words = ""
    if heir.pk == unit.pk or not heir.active or heir.kind in NO_UNITS:
        words = "接手的要是另一个没有撤销的单位，不能是企业。"
    elif heir.from_on is not None and heir.from_on > to_on + DAY:
        words = f"{heir.name}自{heir.from_on}起设立，接手的单位要在次日以前设立。"
    if words:
        raise Refused("unit_heir", words, fields={"heir": words})


def _move_people(unit: Organisation, heir: Organisation, *, to_on: date, actor: Actor, now: datetime) -> None:
    """Whoever was in post there is in post here from the next day on, in the same post by name."""
    for post in _in_post(unit, after=to_on):
        begins_on = max(post.begins_on, to_on + DAY)
        begin_post(post.user, organisation=heir, title=post.title, begins_on=begins_on, actor=actor, now=now)
        if post.ends_on is None:
            end_post(post, ends_on=max(post.begins_on, to_on), actor=actor, now=now)
        else:
            Post.objects.filter(pk=post.pk).update(ends_on=max(post.begins_on, to_on))
