"""Estates with their facts, who serves and governs them, their line of events; writing all of it down."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from gongzhi.core import services as core
from gongzhi.core.apikit.calls import call_of, changes, creates, matched, reads, tagged
from gongzhi.core.apikit.filling import uploaded
from gongzhi.core.apikit.paging import Page, Paging, keys, taken
from gongzhi.core.apikit.shapes import Body, PlaceOut, RowId, Unit, code, place_of, unit_of
from gongzhi.core.errors import Refused
from gongzhi.core.models import Place
from gongzhi.registry import services as registry
from gongzhi.registry.models import ArchivePaper, Building, Estate, Project
from gongzhi.registry.queries import FACT, buildings_shown, estate_on, governing, indicators, serving
from gongzhi.registry.queries.reading import (
    LINES,
    KnownFact,
    Wanted,
    estates_for,
    happened_in,
    known_facts,
    lines_of,
    recordable,
)
from gongzhi.registry.questions import ESTATE_SUBTYPES, ESTATE_TYPES
from gongzhi.registry.references import reads_archive
from gongzhi.registry.services.division import area_versions
from gongzhi.registry.services.estates import BUILDING_FIELDS

router = Router(tags=["小区"])

MOST_BUILDINGS = 500
MONEY_DIGITS = 14
EXACT = ("area_m2", "ratio", "yuan", "number")


class EstateRow(Schema):
    id: int = Field(description="小区编号")
    code: str = Field(description="小区的地区代码")
    name: str = Field(description="名称")
    community: PlaceOut = Field(description="所属社区（村）")
    estate_type: str = Field(description="类型代码")
    estate_subtype: str = Field(description="细类代码；没有的为空")
    address: str = Field(description="地址")
    households: int | None = Field(description="户数")
    building_area_m2: Decimal | None = Field(description="总建筑面积（平方米）")
    company: Unit | None = Field(description="现在服务的企业")
    ended_on: date | None = Field(description="并入其他区域前的最后一日")
    version: int = Field(description="版本，与 ETag 相同")


class FactOut(Schema):
    name: str = Field(description="情况代码")
    title: str = Field(description="名称")
    value: str = Field(description="内容")
    from_on: date = Field(description="自哪一天起")
    by: str = Field(description="谁登记的")
    at: datetime = Field(description="登记时间")


def fact_out(one: KnownFact) -> dict[str, Any]:
    names = ("name", "title", "from_on", "by", "at")
    return {**{name: getattr(one, name) for name in names}, "value": one.words}


class BuildingOut(Schema):
    id: int = Field(description="楼幢编号")
    name: str = Field(description="幢号")
    units: int = Field(description="已登记的房屋数")
    entrances: int | None = Field(description="单元数")
    storeys: int | None = Field(description="地上层数")
    elevators: int | None = Field(description="电梯台数")
    households: int | None = Field(description="户数")


class ProjectOut(Schema):
    id: int = Field(description="项目编号")
    company: Unit | None = Field(description="物业服务企业")
    service_kind: str = Field(description="服务方式代码")
    service_standard: str = Field(description="服务标准")
    fee: str = Field(description="收费标准")
    fee_yuan_m2_month: Decimal | None = Field(description="物业费（元/平方米·月）")
    manager: str = Field(description="现任项目负责人")
    from_on: date = Field(description="服务起")
    to_on: date | None = Field(description="服务止")


class VersionOut(Schema):
    from_on: date | None = Field(description="自哪一天起；不知道的为空")
    buildings: list[str] = Field(description="那时的楼幢")


class EstateOut(EstateRow):
    facts: list[FactOut] = Field(description="已知的情况和来由")
    buildings: list[BuildingOut] = Field(description="楼幢")
    projects: list[ProjectOut] = Field(description="服务过的企业，新的在前")
    manager: str = Field(description="现在的项目负责人")
    offices: list[Unit] = Field(description="主管的镇街、社区等")
    versions: list[VersionOut] = Field(description="物业管理区域的变化")
    lacking: list[str] = Field(description="本地文件要求而还缺的底数")


def estate_row(row: Estate, project: Project | None) -> dict[str, Any]:
    names = (
        "name", "estate_type", "estate_subtype", "address", "households", "building_area_m2", "ended_on", "version",
    )  # fmt: skip
    return {
        **{name: getattr(row, name) for name in names},
        "id": row.pk,
        "code": row.place.code,
        "community": place_of(row.community),
        "company": unit_of(project.company) if project is not None else None,
    }


class EstateQuery(Schema):
    text: str = Field("", max_length=50, description="名称里的字")
    type: str = code("类型", ESTATE_TYPES)
    within: str = Field("", max_length=32, pattern=r"^\d*$", description="只看这个地区之内的，写地区代码")
    served: str = code("有没有物业服务", {"yes": "有", "no": "没有"})

    def wanted(self) -> Wanted:
        return Wanted(self.text, self.type, self.within, self.served)


class EstateFilter(EstateQuery, Paging):
    pass


@reads(
    router,
    "/estates",
    scope="registry:read",
    response=Page[EstateRow],
    summary="小区列表",
    description="政府部门看辖区的，企业看自己服务过的，业主和楼幢长看自己的。",
)
def list_estates(request: HttpRequest, given: Query[EstateFilter]) -> dict[str, Any]:
    call = call_of(request)
    on = core.local_day(call.now)
    wanted = given.wanted()
    rows = wanted.rows(call.actor, on).select_related("place")
    found = taken(rows, by=keys("place_path", "id"), given=given, of=f"estates:{wanted}")
    picture = indicators.Picture.of(found.rows, on)
    return {
        "items": [estate_row(one, picture.projects.get(one.pk)) for one in found.rows],
        "next_cursor": found.cursor,
    }


def estate_of(request: HttpRequest, pk: int) -> Estate:
    """404 for what the actor may not see."""
    found: Estate | None = estates_for(call_of(request).actor).select_related("place").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def estate_out(request: HttpRequest, found: Estate, day: date | None = None) -> dict[str, Any]:
    """As it stands today, or stood on that day."""
    on = day or core.local_day(call_of(request).now)
    found = estate_on(found, on)
    now_serving = serving(found, on)
    projects = Project.objects.filter(estate=found).select_related("company").prefetch_related("managers")
    offices = governing(found, on)["offices"]
    return {
        **estate_row(found, now_serving.project if now_serving else None),
        "facts": [fact_out(one) for one in known_facts(found.ref, on)],
        "buildings": [
            {"id": one.pk, "name": one.name, "units": one.units_known, **{x: getattr(one, x) for x in BUILDING_FIELDS}}
            for one in buildings_shown(found, on)
        ],
        "projects": [project_out(one, on) for one in projects.order_by("-from_on", "-pk")],
        "manager": now_serving.manager if now_serving else "",
        "offices": [unit_of(one) for one in (offices.values() if isinstance(offices, Mapping) else offices)],
        "versions": [{"from_on": day, "buildings": names} for day, names in area_versions(found)],
        "lacking": [words for one in indicators.lacking(found, on) for row in one.missing for words in row.items],
    }


def project_out(row: Project, on: date) -> dict[str, Any]:
    leading = [one for one in row.managers.all() if one.from_on <= on and (one.to_on is None or on <= one.to_on)]
    return {
        "id": row.pk,
        "company": unit_of(row.company),
        "service_kind": row.service_kind,
        "service_standard": row.service_standard,
        "fee": row.fee,
        "fee_yuan_m2_month": row.fee_yuan_m2_month,
        "manager": leading[0].name if leading else "",
        "from_on": row.from_on,
        "to_on": row.to_on,
    }


class DayFilter(Schema):
    day: date | None = Field(None, description="看哪一天的情况；不写的是今天")


@reads(router, "/estates/{pk}", scope="registry:read", response=EstateOut, summary="一个小区的档案")
def read_estate(request: HttpRequest, pk: RowId, given: Query[DayFilter]) -> dict[str, Any]:
    found = estate_of(request, pk)
    tagged(request, found)
    return estate_out(request, found, given.day)


class LineFilter(Paging):
    line: str = code("哪一类", LINES)


class HappenedOut(Schema):
    at: datetime = Field(description="时间")
    title: str = Field(description="什么事")
    words: str = Field(description="内容")
    who: str = Field(description="谁办的")


@reads(
    router,
    "/estates/{pk}/events",
    scope="registry:read",
    response=Page[HappenedOut],
    summary="小区大事记",
    description="档案、案件、期限、文书的事件在一条线上，新的在前；您不能看的略去。",
)
def events(request: HttpRequest, pk: RowId, given: Query[LineFilter]) -> dict[str, Any]:
    call, found = call_of(request), estate_of(request, pk)
    if not (call.actor.is_staff_role or call.actor.role == "system_admin"):
        raise Refused("forbidden", "大事记只给有职责的单位看。", status=403)
    rows = taken(happened_in(found, given.line), by=keys("-at", "-id"), given=given, of=f"line:{pk}:{given.line}")
    shown = [{name: getattr(one, name) for name in HappenedOut.model_fields} for one in lines_of(rows.rows, call.actor)]
    return {"items": shown, "next_cursor": rows.cursor}


# --- writing


class EstateIn(Body):
    community: str = Field(min_length=1, max_length=32, description="所属社区（村）的地区代码")
    name: str = Field(min_length=1, max_length=100, description="名称")
    estate_type: str = code("类型", ESTATE_TYPES, ...)
    estate_subtype: str = code("细类", ESTATE_SUBTYPES)
    address: str = Field("", max_length=200, description="地址")
    households: int | None = Field(None, ge=0, le=10**6, description="户数")
    building_area_m2: Decimal | None = Field(
        None, ge=0, max_digits=MONEY_DIGITS, decimal_places=2, description="总建筑面积（平方米）"
    )
    buildings: list[str] = Field(default_factory=list, max_length=MOST_BUILDINGS, description="楼幢")


@creates(router, "/estates", scope="registry:write", response=EstateOut, summary="登记小区")
def register(request: HttpRequest, given: EstateIn) -> dict[str, Any]:
    call = call_of(request)
    core.require(call.actor, "estate.register", call.actor.organisation or call.actor.post)
    community = Place.objects.filter(
        code=given.community, level="community", path__startswith=call.actor.place_path
    ).first()
    if community is None:
        raise Refused("no_place", "辖区里没有这个社区（村）。", fields={"community": "辖区里没有这个社区（村）"})
    buildings = [one.strip()[:40] for one in given.buildings if one.strip()]
    data = given.dict(exclude={"community", "buildings"})
    estate = registry.register_estate(community=community, buildings=buildings, **data, actor=call.actor, now=call.now)
    tagged(request, estate)
    return estate_out(request, estate)


class EstateChange(Body):
    estate_type: str = code("类型", ESTATE_TYPES)
    estate_subtype: str | None = Field(None, max_length=20, description="细类代码；写空字符串是没有细类")
    address: str | None = Field(None, max_length=200, description="地址")
    households: int | None = Field(None, ge=0, le=10**6, description="户数")
    building_area_m2: Decimal | None = Field(
        None, ge=0, max_digits=MONEY_DIGITS, decimal_places=2, description="总建筑面积（平方米）"
    )


@changes(
    router,
    "/estates/{pk}",
    method="patch",
    scope="registry:write",
    response=EstateOut,
    summary="改小区档案",
    description="只写要改的；原来的内容留在大事记里。",
)
def change(request: HttpRequest, pk: RowId, given: EstateChange) -> dict[str, Any]:
    call, found = call_of(request), estate_of(request, pk)
    version = matched(request, found)
    wanted = {name: value for name, value in given.dict(exclude_unset=True).items() if value is not None}
    registry.change_estate(found, changes=wanted, actor=call.actor, now=call.now, version=version)
    return _again(request, found)


def _again(request: HttpRequest, found: Estate) -> dict[str, Any]:
    tagged(request, found)
    return estate_out(request, found)


class FactIn(Body):
    name: str = code("情况", recordable(), ...)
    value: bool | int | str | None = Field(description="内容：是非写 true、false，日期写 2026-04-01；不再认定的写 null")
    from_on: date = Field(description="自哪一天起")


@changes(
    router,
    "/estates/{pk}/facts",
    scope="registry:write",
    response=EstateOut,
    summary="登记小区情况",
    description="自那一天起的情况；原来的记录不会被改掉。",
)
def record_fact(request: HttpRequest, pk: RowId, given: FactIn) -> dict[str, Any]:
    call, found = call_of(request), estate_of(request, pk)
    matched(request, found)
    value = typed_json(given.name, given.value)
    registry.record_fact(found, name=given.name, value=value, from_on=given.from_on, actor=call.actor, now=call.now)
    return _again(request, found)


def typed_json(name: str, value: Any) -> Any:
    """The JSON value as the type that the fact declares."""
    kind = FACT[name].type.kind
    if value is None or isinstance(value, bool):
        return value
    try:
        if kind in EXACT:
            return Decimal(str(value))
        if kind == "date":
            return date.fromisoformat(str(value))
        if kind == "enum" and value not in FACT[name].type.choices:
            raise ValueError(value)
        return value if kind == "count" else str(value)
    except (InvalidOperation, ValueError) as error:
        raise Refused("bad_fact", f"“{FACT[name].title}”的值不对。", fields={"value": "格式不对"}) from error


class PaperIn(Body):
    item: str = Field(min_length=1, max_length=60, description="资料类目，按本地文件")
    file: int = Field(description="先上传得到的文件编号")


@changes(router, "/estates/{pk}/papers", scope="registry:write", response=EstateOut, summary="存入物业资料")
def file_paper(request: HttpRequest, pk: RowId, given: PaperIn) -> dict[str, Any]:
    call, found = call_of(request), estate_of(request, pk)
    matched(request, found)
    known = registry.archive_items(found.place_path, core.local_day(call.now))
    if given.item not in known.items:
        raise Refused(
            "item", "没有这个类目。", known.clauses, fields={"item": f"请从这些里选：{'、'.join(known.items)}"}
        )
    file = uploaded(given.file, name="file", actor=call.actor)[0]
    registry.file_paper(found, item=given.item, file=file, actor=call.actor, now=call.now)
    return _again(request, found)


class PaperOut(Schema):
    item: str = Field(description="类目")
    file: int = Field(description="文件编号")
    name: str = Field(description="文件名")


@reads(router, "/estates/{pk}/papers", scope="registry:read", response=list[PaperOut], summary="物业资料")
def papers(request: HttpRequest, pk: RowId) -> list[dict[str, Any]]:
    found = estate_of(request, pk)
    if not reads_archive(call_of(request).actor, found):
        raise Refused("forbidden", "物业资料只给有职责的单位和正在服务的物业企业看。", status=403)
    rows = ArchivePaper.objects.filter(estate=found).select_related("file").order_by("item", "-pk")
    return [{"item": one.item, "file": one.file_id, "name": one.file.name} for one in rows]


class ItemsOut(Schema):
    items: list[str] = Field(description="类目")
    set_by: str = Field(description="由哪里定的；空的是本地文件的目录")
    clauses: list[str] = Field(description="依据的条款")


class ItemsIn(Body):
    items: list[str] = Field(min_length=1, max_length=60, description="全部类目，按顺序")
    from_on: date = Field(description="自哪一天起")


def _items_out(known: registry.Items) -> dict[str, Any]:
    return {"items": list(known.items), "set_by": str(known.set_by or ""), "clauses": list(known.clauses)}


@reads(router, "/estates/{pk}/archive-items", scope="registry:read", response=ItemsOut, summary="物业资料目录")
def archive_items(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    found = estate_of(request, pk)
    tagged(request, found)
    return _items_out(registry.archive_items(found.place_path, core.local_day(call_of(request).now)))


@changes(
    router,
    "/estates/{pk}/archive-items",
    scope="registry:write",
    response=ItemsOut,
    summary="改一个小区的物业资料目录",
)
def set_archive_items(request: HttpRequest, pk: RowId, given: ItemsIn) -> dict[str, Any]:
    call, found = call_of(request), estate_of(request, pk)
    matched(request, found)
    known = registry.set_archive_items(
        found.place, items=given.items, from_on=given.from_on, actor=call.actor, now=call.now
    )
    tagged(request, found)
    return _items_out(known)


def _own_place(request: HttpRequest) -> Place:
    return get_object_or_404(Place, path=call_of(request).actor.place_path or "-")


@reads(router, "/archive-items", scope="registry:read", response=ItemsOut, summary="本单位辖区的物业资料目录")
def own_archive_items(request: HttpRequest) -> dict[str, Any]:
    place = _own_place(request)
    tagged(request, place)
    return _items_out(registry.archive_items(place.path, core.local_day(call_of(request).now)))


@changes(router, "/archive-items", scope="registry:write", response=ItemsOut, summary="改本单位辖区的物业资料目录")
def set_own_archive_items(request: HttpRequest, given: ItemsIn) -> dict[str, Any]:
    call, place = call_of(request), _own_place(request)
    matched(request, place)
    known = registry.set_archive_items(place, items=given.items, from_on=given.from_on, actor=call.actor, now=call.now)
    tagged(request, place)
    return _items_out(known)


class MergeIn(Body):
    others: list[RowId] = Field(min_length=1, max_length=50, description="并入进来的小区编号")
    from_on: date = Field(description="自哪一天起")


@changes(router, "/estates/{pk}/merge", scope="registry:write", response=EstateOut, summary="合并物业管理区域")
def merge(request: HttpRequest, pk: RowId, given: MergeIn) -> dict[str, Any]:
    call, found = call_of(request), estate_of(request, pk)
    version = matched(request, found)
    core.require(call.actor, "estate.divide", found)
    street = found.community.parent
    near = Estate.objects.within(street.path if street else found.community.path).filter(ended_on=None)
    others = list(near.filter(pk__in=given.others).exclude(pk=found.pk))
    if len(others) != len(set(given.others)):
        raise Refused("no_estate", "只能并入同一镇街、还在用的小区。", fields={"others": "有的小区不在同一镇街"})
    registry.merge_estates(found, others=others, from_on=given.from_on, actor=call.actor, now=call.now, version=version)
    return _again(request, found)


class SplitIn(Body):
    name: str = Field(min_length=1, max_length=100, description="新小区名称")
    buildings: list[RowId] = Field(min_length=1, max_length=MOST_BUILDINGS, description="拆出的楼幢编号")
    from_on: date = Field(description="自哪一天起")


@changes(
    router,
    "/estates/{pk}/split",
    scope="registry:write",
    response=EstateOut,
    summary="拆分物业管理区域",
    description="答复里是新的小区。",
)
def split(request: HttpRequest, pk: RowId, given: SplitIn) -> dict[str, Any]:
    call, found = call_of(request), estate_of(request, pk)
    version = matched(request, found)
    core.require(call.actor, "estate.divide", found)
    rows = list(Building.objects.filter(estate=found, pk__in=given.buildings))
    if len(rows) != len(set(given.buildings)):
        raise Refused("no_building", "有的楼幢不是这个小区的。", fields={"buildings": "有的楼幢不是这个小区的"})
    made = registry.split_estate(
        found,
        buildings=rows,
        name=given.name,
        from_on=given.from_on,
        actor=call.actor,
        now=call.now,
        version=version,
    )
    return _again(request, made)
