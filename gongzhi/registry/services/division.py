"""Property areas: estates that become one, an estate that becomes two. Buildings move on a day; the past stays."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event, Post
from gongzhi.registry.models import Building, BuildingStay, Estate, EstateReview, Project
from gongzhi.registry.questions import AREA_DIVISION
from gongzhi.registry.services.estates import register_estate

DAY = timedelta(days=1)
RESIDENTS = ("owner", "building_steward")


@transaction.atomic
def merge_estates(
    into: Estate, *, others: Sequence[Estate], from_on: date, actor: Actor, now: datetime, version: int | None = None
) -> Estate:
    """From that day on the buildings of the others belong to `into`; the others end on the day before."""
    rows = _locked([into, *others], from_on=from_on, actor=actor, now=now)
    into, gone = rows[0], rows[1:]
    core.check_version(into, version)
    if not gone or into.pk in {one.pk for one in gone} or len({one.pk for one in gone}) != len(gone):
        raise Refused(
            "merge_itself", "请选择要并入的其他小区，不能选自己，也不能重复。", fields={"others": "请选择小区"}
        )
    _agreed(into, {"merge": sorted(one.pk for one in gone)}, on=core.local_day(now))
    for one in gone:
        _not_served(one, from_on)
    buildings = list(Building.objects.select_for_update().filter(estate__in=gone).order_by("estate_id", "name"))
    events = core.record_many(
        core.Happening(
            "estate.enlarged" if one is into else "estate.merged",
            subject=one.ref,
            actor=actor,
            at=now,
            place_path=one.place_path,
            data={
                "into": into.name,
                "estates": [other.name for other in gone],
                "buildings": len(buildings),
                "from_on": from_on,
            },
        )
        for one in rows
    )
    names = {one.pk: one.name for one in gone}
    _move(buildings, into=into, from_on=from_on, event=events[0], former={b.pk: names[b.estate_id] for b in buildings})
    for one in gone:
        one.ended_on = from_on - DAY
        one.version += 1
        one.save(update_fields=["ended_on", "version"])
    _sum_up(into, gone)
    _bring_people(gone, into, from_on=from_on, now=now)
    return into


@transaction.atomic
def split_estate(
    estate: Estate,
    *,
    buildings: Sequence[Building],
    name: str,
    from_on: date,
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> Estate:
    """From that day on the buildings are an estate of their own. Gives the new estate."""
    (estate,) = _locked([estate], from_on=from_on, actor=actor, now=now)
    core.check_version(estate, version)
    chosen = list(
        Building.objects.select_for_update()
        .filter(pk__in=[one.pk for one in buildings], estate=estate)
        .order_by("name")
    )
    if not chosen or len(chosen) != len(buildings):
        raise Refused("split_buildings", "请选择本小区的楼幢。", fields={"buildings": "请选择本小区的楼幢"})
    if Building.objects.filter(estate=estate).count() == len(chosen):
        raise Refused("split_all", "不能把全部楼幢都拆出去，至少留一幢。", fields={"buildings": "至少留一幢"})
    _agreed(estate, {"split": sorted(one.pk for one in chosen)}, on=core.local_day(now))
    fresh = register_estate(
        community=estate.community,
        name=name,
        estate_type=estate.estate_type,
        estate_subtype=estate.estate_subtype,
        address=estate.address,
        begun_on=from_on,
        actor=actor,
        now=now,
    )
    events = core.record_many(
        core.Happening(
            "estate.split",
            subject=one.ref,
            actor=actor,
            at=now,
            place_path=one.place_path,
            data={"new": fresh.name, "buildings": [row.name for row in chosen], "from_on": from_on},
        )
        for one in (estate, fresh)
    )
    _move(chosen, into=fresh, from_on=from_on, event=events[0], former={})
    estate.version += 1
    estate.save(update_fields=["version"])
    return fresh


def area_versions(estate: Estate) -> list[tuple[date | None, list[str]]]:
    """What the area consisted of, from which day: one entry a change, the earliest first."""
    stays = list(BuildingStay.objects.filter(estate=estate).order_by("name"))
    starts: set[date | None] = {one.from_on for one in stays}
    starts |= {one.to_on + DAY for one in stays if one.to_on is not None}
    ordered = sorted(starts, key=lambda day: (day is not None, day or date.min))
    return [(day, [one.name for one in stays if _lies(one, day)]) for day in ordered]


def _lies(stay: BuildingStay, day: date | None) -> bool:
    if day is None:
        return stay.from_on is None
    return (stay.from_on is None or stay.from_on <= day) and (stay.to_on is None or day <= stay.to_on)


def _locked(estates: Sequence[Estate], *, from_on: date, actor: Actor, now: datetime) -> list[Estate]:
    """The rows in the order asked for, locked in the order of their keys."""
    found = {
        one.pk: one
        for one in Estate.objects.select_for_update(of=("self",))
        .filter(pk__in=[one.pk for one in estates])
        .select_related("community")
        .order_by("pk")
    }
    rows = [found[one.pk] for one in estates]
    for one in rows:
        core.require(actor, "estate.divide", one)
        if one.ended_on is not None:
            raise Refused("estate_ended", f"{one.name}已在{one.ended_on}并入其他区域。")
    if from_on > core.local_day(now):
        raise Refused("division_later", "划分从今天或以前的日子起登记。", fields={"from_on": "不能晚于今天"})
    late = [one for one in rows if one.begun_on is not None and one.begun_on >= from_on]
    moved = BuildingStay.objects.filter(estate__in=rows, from_on__gte=from_on).exists()
    if late or moved:
        raise Refused("division_days", "这一天以后已经登记过区域调整，日期要更晚。", fields={"from_on": "日期要更晚"})
    return rows


def _not_served(estate: Estate, from_on: date) -> None:
    if Project.objects.filter(Q(to_on=None) | Q(to_on__gte=from_on), estate=estate).exists():
        raise Refused(
            "still_served",
            f"{estate.name}在这一天还有物业服务企业，请先登记它的服务结束日期，再合并。",
            fields={"from_on": f"{estate.name}的服务还没有结束"},
        )


def _move(buildings: Sequence[Building], *, into: Estate, from_on: date, event: Event, former: dict[int, str]) -> None:
    """Ends the stays and begins new ones. A number that is taken there gets the former estate's name before it."""
    taken = set(Building.objects.filter(estate=into).values_list("name", flat=True))
    for one in buildings:
        if one.name in taken:
            one.name = f"{former.get(one.pk, '')}{one.name}"[: Building._meta.get_field("name").max_length]
        taken.add(one.name)
        one.estate = into
    BuildingStay.objects.filter(building__in=buildings, to_on=None).update(to_on=from_on - DAY)
    try:
        with transaction.atomic():
            Building.objects.bulk_update(buildings, ["estate", "name"])
            BuildingStay.objects.bulk_create(
                BuildingStay(building=one, estate=into, name=one.name, from_on=from_on, event=event)
                for one in buildings
            )
    except IntegrityError as error:
        raise Refused("building_twice", "有楼幢在这一天已属于别的物业管理区域，同一幢楼只能属于一个。") from error


def _bring_people(gone: Sequence[Estate], into: Estate, *, from_on: date, now: datetime) -> None:
    """Owners and building stewards have their posts in the area where they live now."""
    paths = [one.place_path for one in gone]
    posts = Post.objects.filter(Q(ends_on=None) | Q(ends_on__gte=from_on), place_path__in=paths, role__in=RESIDENTS)
    has = set(Post.objects.in_force(from_on).filter(place_path=into.place_path).values_list("user_id", "role"))
    for post in posts.select_related("user").order_by("pk"):
        by = Actor.system(demo=post.demo)
        if post.ends_on is None:
            core.end_post(post, ends_on=max(post.begins_on, from_on - DAY), actor=by, now=now)
        if (post.user_id, post.role) not in has:
            begins = max(post.begins_on, from_on)
            core.begin_post(
                post.user,
                organisation=None,
                role=post.role,
                place=into.place,
                title=post.title,
                begins_on=begins,
                actor=by,
                now=now,
            )
            has.add((post.user_id, post.role))


def _sum_up(into: Estate, gone: Sequence[Estate]) -> None:
    """Households and area of the whole, where they are known of every part."""
    parts: list[Any] = [into, *gone]
    changed = ["version"]
    into.version += 1
    for name in ("households", "building_area_m2"):
        values = [getattr(one, name) for one in parts]
        if all(value is not None for value in values):
            setattr(into, name, sum(values))
            changed.append(name)
    into.save(update_fields=changed)


def _agreed(estate: Estate, details: dict[str, Any], *, on: date) -> None:
    """Where the local document wants an opinion on the division, there has to be one that agrees to exactly this."""
    answer = core.ask("registry.review", {"kind": AREA_DIVISION}, place_path=estate.place_path, on=on)
    if not answer.ok or not answer.value.get("desk"):
        return
    reviews = EstateReview.objects.filter(estate=estate, kind=AREA_DIVISION, result="agreed").order_by("-answered_at")
    if not any(one.details == details for one in reviews):
        raise Refused(
            "opinion_missing",
            "这样划分还没有征得同意。请先在小区档案里提出“物业服务区域划分”的核办请求，同意后再审定。",
            tuple(answer.clauses),
        )
