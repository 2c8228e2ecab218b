"""Units with masked owners; one owner in the plain for a reason; registering, transfer, area."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from django.db.models import Prefetch
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from gongzhi.core import services as core
from gongzhi.core.apikit.calls import call_of, changes, creates, matched, reads, runs, tagged
from gongzhi.core.apikit.paging import Page, Paging, keys, page_of
from gongzhi.core.apikit.shapes import Body, RowId, code
from gongzhi.core.errors import Refused
from gongzhi.core.people import FIELDS, REASONS
from gongzhi.registry import services as registry
from gongzhi.registry.api.estates import estate_of
from gongzhi.registry.models import Building, Ownership, OwnershipShare, Unit, covers
from gongzhi.registry.queries import areas_of, buildings_on, fact, ownerships_of
from gongzhi.registry.queries.reading import units_owned_by
from gongzhi.registry.questions import AREA_SOURCES, UNIT_USES
from gongzhi.registry.services.estates import BUILDING_FIELDS

router = Router(tags=["房屋和业主"])

AREA_DIGITS, MOST_OWNERS = 10, 50
SHARE = r"^(\d{1,6}/[1-9]\d{0,5})?$"


class OwnerOut(Schema):
    id: int = Field(description="产权份额编号，查看未脱敏信息用")
    name: str = Field(description="姓名（脱敏）")
    phone: str = Field(description="电话（脱敏）")
    share: str = Field(description="份额，例如 1/2；共同共有的为空")


class UnitRow(Schema):
    id: int = Field(description="房屋编号")
    building: str = Field(description="楼幢")
    name: str = Field(description="室号")
    entrance: int | None = Field(description="单元；没有登记的为空")
    use: str = Field(description="用途代码")
    exclusive_area_m2: Decimal = Field(description="专有部分面积（平方米）")
    area_source: str = Field(description="面积来源代码")
    owners: list[OwnerOut] = Field(description="现在的业主")
    version: int = Field(description="版本，与 ETag 相同")


class TitleOut(Schema):
    from_on: date = Field(description="取得日期")
    to_on: date | None = Field(description="到哪一天；现在的为空")
    owners: list[OwnerOut] = Field(description="业主")


class AreaOut(Schema):
    exclusive_area_m2: Decimal = Field(description="专有部分面积（平方米）")
    source: str = Field(description="来源代码")
    from_on: date | None = Field(description="自")
    to_on: date | None = Field(description="至")


class UnitOut(UnitRow):
    estate: int = Field(description="小区编号")
    delivered: bool | None = Field(description="是否已交付；没有登记的为空")
    titles: list[TitleOut] = Field(description="历次产权")
    areas: list[AreaOut] = Field(description="更正以前的面积")


def _owner(row: OwnershipShare) -> dict[str, Any]:
    share = f"{row.numerator}/{row.denominator}" if row.numerator else ""
    return {"id": row.pk, "name": row.owner.masked_name, "phone": row.owner.masked_phone, "share": share}


def _row(unit: Unit) -> dict[str, Any]:
    names = ("name", "entrance", "use", "exclusive_area_m2", "area_source", "version")
    today: list[Ownership] = getattr(unit, "today", [])
    return {
        **{name: getattr(unit, name) for name in names},
        "id": unit.pk,
        "building": unit.building.name,
        "owners": [_owner(share) for title in today for share in title.shares.all()],
    }


class UnitFilter(Paging):
    building: int | None = Field(None, ge=1, le=2**63 - 1, description="只看这一幢")
    day: date | None = Field(None, description="看哪一天的业主；不写的是今天")


def _units(on: date) -> Any:
    shares = Prefetch("shares", OwnershipShare.objects.select_related("owner").order_by("pk"))
    today = Ownership.objects.filter(covers(on)).prefetch_related(shares)
    return Unit.objects.select_related("building__estate").prefetch_related(
        Prefetch("ownerships", today, to_attr="today")
    )


@reads(router, "/estates/{pk}/units", scope="registry:read", response=Page[UnitRow], summary="小区的房屋和业主")
def list_units(request: HttpRequest, pk: RowId, given: Query[UnitFilter]) -> dict[str, Any]:
    call, found = call_of(request), estate_of(request, pk)
    core.require(call.actor, "unit.read", found)
    on = given.day or core.local_day(call.now)
    rows = _units(on).filter(building__in=buildings_on(found, on))
    if given.building:
        rows = rows.filter(building_id=given.building)
    of = f"units:{pk}:{given.building}:{on}"
    return page_of(rows, _row, by=keys("building__name", "name", "id"), given=given, of=of)


class SearchIn(Body):
    number: str = Field(min_length=1, max_length=30, description="业主的完整电话或者证件号")


class FoundUnit(UnitRow):
    estate: int = Field(description="小区编号")


@runs(
    router,
    "/units/search",
    scope="registry:read",
    response=list[FoundUnit],
    summary="按号码找房屋",
    description="按摘要比对，只找得到本岗位辖区里的。",
)
def search_units(request: HttpRequest, given: SearchIn) -> list[dict[str, Any]]:
    call = call_of(request)
    core.require(call.actor, "unit.read", call.actor.organisation or call.actor.post)
    found = units_owned_by(call.actor, phone=given.number, id_number=given.number, on=core.local_day(call.now))
    return [{**_row(one), "estate": one.building.estate_id} for one in found]


def _unit(request: HttpRequest, pk: int) -> Unit:
    call = call_of(request)
    unit: Unit = get_object_or_404(_units(core.local_day(call.now)), pk=pk)
    if not core.may(call.actor, "unit.read", unit):
        raise Http404
    return unit


def _out(request: HttpRequest, pk: int) -> dict[str, Any]:
    unit = _unit(request, pk)
    return {
        **_row(unit),
        "estate": unit.building.estate_id,
        "delivered": fact(unit.ref, "delivered", core.local_day(call_of(request).now)),
        "titles": [
            {"from_on": one.from_on, "to_on": one.to_on, "owners": [_owner(share) for share in one.shares.all()]}
            for one in ownerships_of(unit)
        ],
        "areas": [
            {
                "exclusive_area_m2": one.exclusive_area_m2,
                "source": one.area_source,
                "from_on": one.from_on,
                "to_on": one.to_on,
            }
            for one in areas_of(unit)
        ],
    }


@reads(router, "/units/{pk}", scope="registry:read", response=UnitOut, summary="一套房屋及其历史")
def read_unit(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    tagged(request, _unit(request, pk))
    return _out(request, pk)


class OwnerRevealIn(Body):
    reason: str = code("查看理由", REASONS, ...)


class OwnerRevealed(Schema):
    field: str = Field(description="哪一项")
    title: str = Field(description="中文名称")
    value: str = Field(description="未脱敏的内容")


@runs(
    router,
    "/units/{pk}/owners/{owner}/reveal",
    scope="persons:reveal",
    response=list[OwnerRevealed],
    summary="查看业主未脱敏的信息",
    description="写明理由，每看一项留一条记录。",
    key="",
)
def reveal_owner(request: HttpRequest, pk: RowId, owner: RowId, given: OwnerRevealIn) -> list[dict[str, Any]]:
    call, unit = call_of(request), _unit(request, pk)
    share = get_object_or_404(OwnershipShare.objects.select_related("owner"), pk=owner, ownership__unit=unit)
    return [
        {"field": field, "title": title, "value": value}
        for field, title in FIELDS.items()
        if getattr(share.owner, f"{field}_cipher")
        and (value := core.reveal(share.owner, field, reason=given.reason, actor=call.actor, now=call.now))
    ]


class AreaIn(Body):
    exclusive_area_m2: Decimal = Field(
        gt=0, max_digits=AREA_DIGITS, decimal_places=2, description="专有部分面积（平方米）"
    )
    area_source: str = code("面积来源", AREA_SOURCES, ...)
    from_on: date | None = Field(None, description="自哪一天起；当初就登记错了的不填")


class UnitIn(AreaIn):
    building: RowId = Field(description="楼幢编号")
    name: str = Field(min_length=1, max_length=60, description="室号")
    entrance: int | None = Field(None, ge=1, le=50, description="单元；室号以“2单元”开头的可以不写")
    use: str = code("用途", UNIT_USES, "residence")


@creates(router, "/estates/{pk}/units", scope="registry:write", response=UnitOut, summary="登记房屋")
def register(request: HttpRequest, pk: RowId, given: UnitIn) -> dict[str, Any]:
    call, found = call_of(request), estate_of(request, pk)
    building = Building.objects.filter(estate=found, pk=given.building).first()
    if building is None:
        raise Refused("no_building", "这个小区没有这一幢。", fields={"building": "这个小区没有这一幢"})
    data = given.dict(exclude={"building", "from_on"})
    unit = registry.register_unit(building, **data, area_from_on=given.from_on, actor=call.actor, now=call.now)
    tagged(request, unit)
    return _out(request, unit.pk)


@changes(
    router,
    "/units/{pk}/area",
    scope="registry:write",
    response=UnitOut,
    summary="更正面积",
    description="原面积留有记录。",
)
def correct_area(request: HttpRequest, pk: RowId, given: AreaIn) -> dict[str, Any]:
    call, unit = call_of(request), _unit(request, pk)
    version = matched(request, unit)
    registry.correct_area(unit, **given.dict(), actor=call.actor, now=call.now, version=version)
    tagged(request, unit)
    return _out(request, pk)


class EntranceIn(Body):
    entrance: int | None = Field(None, ge=1, le=50, description="单元；查不清的为空")


@changes(
    router,
    "/units/{pk}/entrance",
    scope="registry:write",
    response=UnitOut,
    summary="更正单元",
    description="原来的单元留有记录；已经锁定的表决名册不变。",
)
def place_in_entrance(request: HttpRequest, pk: RowId, given: EntranceIn) -> dict[str, Any]:
    call, unit = call_of(request), _unit(request, pk)
    version = matched(request, unit)
    registry.place_in_entrance(unit, entrance=given.entrance, actor=call.actor, now=call.now, version=version)
    tagged(request, unit)
    return _out(request, pk)


class DeliveryIn(Body):
    delivered: bool = Field(description="是否已交付")
    from_on: date = Field(description="自哪一天起")


@changes(router, "/units/{pk}/delivery", scope="registry:write", response=UnitOut, summary="登记交付")
def deliver(request: HttpRequest, pk: RowId, given: DeliveryIn) -> dict[str, Any]:
    call, unit = call_of(request), _unit(request, pk)
    matched(request, unit)
    registry.record_unit_fact(
        unit, name="delivered", value=given.delivered, from_on=given.from_on, actor=call.actor, now=call.now
    )
    tagged(request, unit)
    return _out(request, pk)


class UnitFactIn(Body):
    name: Literal["in_arrears", "willful_arrears", "violation_unsettled", "let_from"] = Field(description="哪一项情况")
    holds: bool = Field(description="是不是这样")
    from_on: date = Field(description="自哪一天起")


@changes(router, "/units/{pk}/facts", scope="registry:write", response=UnitOut, summary="登记房屋情况")
def record_fact(request: HttpRequest, pk: RowId, given: UnitFactIn) -> dict[str, Any]:
    """Arrears after the reminder, a violation that is not put right."""
    call, unit = call_of(request), _unit(request, pk)
    core.require(call.actor, "estate.record_fact", unit.building.estate)
    matched(request, unit)
    registry.record_unit_fact(
        unit, name=given.name, value=given.holds, from_on=given.from_on, actor=call.actor, now=call.now
    )
    tagged(request, unit)
    return _out(request, pk)


class BuildingIn(Body):
    entrances: int | None = Field(None, ge=1, le=50, description="单元数")
    storeys: int | None = Field(None, ge=1, le=200, description="地上层数")
    elevators: int | None = Field(None, ge=0, le=200, description="电梯台数")
    households: int | None = Field(None, ge=0, le=2**31 - 1, description="户数")


class BuildingFigures(BuildingIn):
    id: int = Field(description="楼幢编号")
    name: str = Field(description="幢号")


def _building(request: HttpRequest, pk: int) -> Building:
    found: Building = get_object_or_404(Building.objects.select_related("estate"), pk=pk)
    estate_of(request, found.estate_id)
    return found


def _building_out(request: HttpRequest, row: Building) -> dict[str, Any]:
    tagged(request, row)
    return {"id": row.pk, "name": row.name, **{name: getattr(row, name) for name in BUILDING_FIELDS}}


@reads(router, "/buildings/{pk}", scope="registry:read", response=BuildingFigures, summary="一幢楼")
def read_building(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    return _building_out(request, _building(request, pk))


@changes(
    router,
    "/buildings/{pk}",
    scope="registry:write",
    response=BuildingFigures,
    summary="更改一幢楼的单元、层数、电梯和户数",
)
def change_building(request: HttpRequest, pk: RowId, given: BuildingIn) -> dict[str, Any]:
    call, row = call_of(request), _building(request, pk)
    matched(request, row)
    row = registry.change_building(row, changes=given.dict(exclude_unset=True), actor=call.actor, now=call.now)
    return _building_out(request, row)


class OwnerIn(Body):
    name: str = Field(min_length=1, max_length=60, description="姓名；加密保存")
    phone: str = Field("", max_length=20, description="电话；加密保存")
    id_number: str = Field("", max_length=30, description="证件号；加密保存")
    share: str = Field("", pattern=SHARE, description="份额，例如 1/2；共同共有的都不写")


class TransferIn(Body):
    owners: list[OwnerIn] = Field(min_length=1, max_length=MOST_OWNERS, description="新业主")
    from_on: date = Field(description="取得日期；原业主到前一日为止")
    certificate: str = Field("", max_length=60, description="不动产权证号")


@changes(router, "/units/{pk}/transfer", scope="registry:write", response=UnitOut, summary="登记转让")
def transfer(request: HttpRequest, pk: RowId, given: TransferIn) -> dict[str, Any]:
    call, unit = call_of(request), _unit(request, pk)
    version = matched(request, unit)
    owners = [
        registry.OwnerInput(one.name, one.phone, one.id_number, Fraction(one.share) if one.share else None)
        for one in given.owners
    ]
    registry.transfer_unit(
        unit,
        owners=owners,
        from_on=given.from_on,
        certificate=given.certificate,
        actor=call.actor,
        now=call.now,
        version=version,
    )
    tagged(request, unit)
    return _out(request, pk)
