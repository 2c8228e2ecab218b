"""Facilities of estates and who looked at them; how an estate is managed."""

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from gongzhi.core import services as core
from gongzhi.core.apikit.calls import call_of, changes, creates, matched, reads, tagged
from gongzhi.core.apikit.filling import Filled, FormField, described, filled
from gongzhi.core.apikit.paging import Key, Page, Paging, page_of
from gongzhi.core.apikit.shapes import Body, RowId, Unit, code, unit_of
from gongzhi.registry import services as registry
from gongzhi.registry.api.estates import EstateOut, estate_of, estate_out
from gongzhi.registry.forms import FacilityForm, InspectionForm, ManagementForm
from gongzhi.registry.models import Building, Estate, Facility
from gongzhi.registry.queries import facilities as found_by
from gongzhi.registry.queries import facts_of
from gongzhi.registry.questions import FACILITY_KINDS, OF_MANAGEMENT
from gongzhi.registry.services.estates import ServedEstate

router = Router(tags=["设施设备"])

# What expires first at the head, as on the page.
BY_LAST_DAY = (Key("valid_until"), Key("id"))


class FacilityRow(Schema):
    id: int = Field(description="设施编号")
    estate: int = Field(description="小区编号")
    estate_name: str = Field(description="小区")
    kind: str = Field(description="种类代码")
    kind_name: str = Field(description="种类")
    code: str = Field(description="设备编号")
    building: str = Field(description="楼幢；不在某一幢的为空")
    location: str = Field(description="位置")
    valid_until: date | None = Field(description="检验有效期至")
    state: str = Field(description="expired 已过期、faulty 不合格、soon 将到期、valid 有效、unknown 没有有效期")
    state_words: str = Field(description="状态")
    ended_on: date | None = Field(description="停用")
    version: int = Field(description="版本，与 ETag 相同")


class InspectionOut(Schema):
    inspected_on: date = Field(description="检查日期")
    result: str = Field(description="passed 合格、failed 不合格")
    valid_until: date | None = Field(description="有效期至")
    note: str = Field(description="情况")
    organisation: Unit | None = Field(description="登记单位")
    file: int | None = Field(description="报告或照片的文件编号")


class FacilityOut(FacilityRow):
    area_m2: str | None = Field(description="面积（平方米）")
    longitude: str | None = Field(description="经度")
    latitude: str | None = Field(description="纬度")
    upkeep: str = Field(description="维保单位")
    inspections: list[InspectionOut] = Field(description="检查记录，新的在前")


def _row_out(one: found_by.Shown) -> dict[str, Any]:
    row = one.facility
    names = ("kind", "code", "location", "valid_until", "ended_on", "version")
    return {
        "id": row.pk,
        "estate": row.estate_id,
        "estate_name": row.estate.name,
        "kind_name": row.get_kind_display(),
        "building": row.building.name if row.building else "",
        "state": one.state,
        "state_words": one.words,
        **{name: getattr(row, name) for name in names},
    }


def _shown(row: Facility, on: date) -> found_by.Shown:
    return found_by.shown([row], on, days=int(found_by.warning(row.place_path, on).value))[0]


def _out(request: HttpRequest, row: Facility) -> dict[str, Any]:
    exact = {name: getattr(row, name) for name in ("area_m2", "longitude", "latitude")}
    names = ("inspected_on", "result", "valid_until", "note")
    return {
        **_row_out(_shown(row, core.local_day(call_of(request).now))),
        **{name: None if value is None else str(value) for name, value in exact.items()},
        "upkeep": row.upkeep,
        "inspections": [
            {
                **{name: getattr(one, name) for name in names},
                "organisation": unit_of(one.organisation),
                "file": one.file_id,
            }
            for one in row.inspections.select_related("organisation")
        ],
    }


class FacilityFilter(Paging):
    kind: str = code("种类", FACILITY_KINDS)
    state: str = code("状态", {name: title for name, (title, _) in found_by.STATES.items()})
    estate: int | None = Field(None, ge=1, le=2**63 - 1, description="小区编号")


@reads(
    router,
    "/facilities",
    scope="registry:read",
    response=Page[FacilityRow],
    summary="设施设备",
    description="检验先到期的在前；提前几日提醒按本地规定。",
)
def list_facilities(request: HttpRequest, given: Query[FacilityFilter]) -> dict[str, Any]:
    call = call_of(request)
    on = core.local_day(call.now)
    days = int(found_by.warning(call.actor.place_path, on).value)
    rows = found_by.of_state(found_by.facilities_for(call.actor), given.state, on, days=days)
    if given.kind:
        rows = rows.filter(kind=given.kind)
    if given.estate:
        rows = rows.filter(estate_id=given.estate)
    of = f"facilities:{given.kind}:{given.state}:{given.estate}"
    return page_of(
        rows, lambda row: _row_out(found_by.shown([row], on, days=days)[0]), by=BY_LAST_DAY, given=given, of=of
    )


def _facility(request: HttpRequest, pk: int) -> Facility:
    row: Facility | None = Facility.objects.select_related("estate__community", "building").filter(pk=pk).first()
    if row is None:
        raise Http404
    estate_of(request, row.estate_id)
    return row


@reads(router, "/facilities/{pk}", scope="registry:read", response=FacilityOut, summary="一项设施和检查记录")
def read_facility(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    row = _facility(request, pk)
    tagged(request, row)
    return _out(request, row)


def _form_of(found: Estate) -> Any:
    """The page's form, with the buildings of this estate to choose from."""

    def make(*data: Any, **more: Any) -> FacilityForm:
        form = FacilityForm(*data, **more)
        form.fields["building"].queryset = Building.objects.filter(estate=found).order_by("name")  # type: ignore[attr-defined]
        return form

    return make


def _may_register(request: HttpRequest, found: Estate) -> None:
    call = call_of(request)
    core.require(call.actor, "facility.register", ServedEstate(found, core.local_day(call.now)))


@reads(
    router,
    "/forms/facility/{pk}",
    scope="registry:write",
    response=list[FormField],
    summary="登记一个小区的设施要填什么",
)
def describe_facility(request: HttpRequest, pk: RowId) -> list[dict[str, Any]]:
    found = estate_of(request, pk)
    _may_register(request, found)
    return described(_form_of(found)())


@creates(
    router,
    "/estates/{pk}/facilities",
    scope="registry:write",
    response=FacilityOut,
    summary="登记设施设备",
)
def register(request: HttpRequest, pk: RowId, given: Filled) -> dict[str, Any]:
    call, found = call_of(request), estate_of(request, pk)
    _may_register(request, found)
    data = filled(_form_of(found), given.fields, owner=call.actor).cleaned_data
    data.pop("version")
    row = registry.register_facility(found, **data, actor=call.actor, now=call.now)
    tagged(request, row)
    return _out(request, row)


@changes(
    router,
    "/facilities/{pk}/inspect",
    scope="registry:write",
    response=FacilityOut,
    summary="登记检查",
    description="字段：inspected_on 检查日期、result（passed 合格、failed 不合格）、valid_until 新的有效期、note 情况、"
    "file 报告或照片的文件编号。不合格的一直标着，到登记合格为止。",
)
def inspect(request: HttpRequest, pk: RowId, given: Filled) -> dict[str, Any]:
    call, row = call_of(request), _facility(request, pk)
    version = matched(request, row)
    core.require(call.actor, "facility.inspect", row)
    form = filled(InspectionForm, given.fields, owner=call.actor, version=version)
    registry.inspect_facility(row, **form.cleaned_data, actor=call.actor, now=call.now)
    tagged(request, row)
    return _out(request, row)


class EndIn(Body):
    day: date = Field(description="停用日期")


@changes(router, "/facilities/{pk}/end", scope="registry:write", response=FacilityOut, summary="登记停用")
def end(request: HttpRequest, pk: RowId, given: EndIn) -> dict[str, Any]:
    call, row = call_of(request), _facility(request, pk)
    matched(request, row)
    registry.end_facility(row, ended_on=given.day, actor=call.actor, now=call.now)
    tagged(request, row)
    return _out(request, row)


@changes(
    router,
    "/estates/{pk}/management",
    scope="registry:write",
    response=EstateOut,
    summary="登记管理方式",
    description="字段：management_mode 方式、management_body 主体、management_contact 联系人、from_on 自哪一天起。",
)
def manage(request: HttpRequest, pk: RowId, given: Filled) -> dict[str, Any]:
    call, found = call_of(request), estate_of(request, pk)
    matched(request, found)
    core.require(call.actor, "estate.record_fact", found)
    today = core.local_day(call.now)
    initial = {**facts_of(found.ref, OF_MANAGEMENT, today), "from_on": today}
    data = filled(ManagementForm, given.fields, owner=call.actor, initial=initial).cleaned_data
    mode, body, contact = (data[name] for name in OF_MANAGEMENT)
    registry.set_management(
        found, mode=mode, body=body, contact=contact, from_on=data["from_on"], actor=call.actor, now=call.now
    )
    tagged(request, found)
    return estate_out(request, found)
