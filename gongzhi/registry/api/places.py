"""Where units and estates lie: units set up and given up, estates that come to another community."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.apikit.calls import call_of, changes, creates, matched, tagged
from gongzhi.core.apikit.shapes import Body, RowId
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation
from gongzhi.registry import services as registry
from gongzhi.registry.api.estates import EstateOut, estate_of, estate_out
from gongzhi.registry.api.parties import OrganisationOut, organisation_of, organisation_out
from gongzhi.registry.api.parties import router as parties
from gongzhi.registry.queries.reading import communities_for, heirs_near, places_of_units, roles_of_units

router = Router(tags=["单位、岗位和企业"])


class OfficeIn(Body):
    role: str = Field(max_length=40, description="角色代码")
    place: str = Field(max_length=32, description="设在哪里：区划代码，要在辖区内")
    name: str = Field(min_length=1, max_length=100, description="单位名称")
    phone: str = Field("", max_length=40, description="办公电话")
    from_on: date = Field(description="设立日期")
    replaces: RowId | None = Field(None, description="接替哪个单位：它到前一日为止，人员和没办完的事转过来")


def _unit(actor: Actor, pk: int | None, name: str, *, of: Organisation | None = None) -> Organisation | None:
    if pk is None:
        return None
    found: Organisation | None = heirs_near(actor, of).filter(pk=pk).first()
    if found is None:
        raise Refused("no_unit", "辖区里没有这个单位。", fields={name: "辖区里没有这个单位"})
    return found


@creates(parties, "/organisations", scope="registry:write", response=OrganisationOut, summary="登记单位")
def begin_unit(request: HttpRequest, given: OfficeIn) -> dict[str, Any]:
    call = call_of(request)
    place = places_of_units(call.actor).filter(code=given.place).first()
    if place is None:
        raise Refused("no_place", "辖区里没有这个地区。", fields={"place": "辖区里没有这个地区"})
    if given.role not in dict(roles_of_units(call.actor.place_path, core.local_day(call.now))):
        raise Refused("no_role", "没有这类单位。", fields={"role": "没有这类单位"})
    replaces = _unit(call.actor, given.replaces, "replaces")
    named = {**given.dict(), "place": place, "replaces": replaces}
    unit = core.begin_unit(**named, actor=call.actor, now=call.now)
    tagged(request, unit)
    return organisation_out(unit)


class OfficeEndIn(Body):
    day: date = Field(description="最后一日")
    heir: RowId | None = Field(None, description="由哪个单位接手：在岗的人和没办完的事都转过去；没有的不写")


@changes(router, "/organisations/{pk}/end", scope="registry:write", response=OrganisationOut, summary="登记单位撤销")
def end_unit(request: HttpRequest, pk: RowId, given: OfficeEndIn) -> dict[str, Any]:
    call, found = call_of(request), organisation_of(request, pk)
    matched(request, found)
    core.require(call.actor, "unit.manage", found)
    heir = _unit(call.actor, given.heir, "heir", of=found)
    unit = core.end_unit(found, to_on=given.day, heir=heir, actor=call.actor, now=call.now)
    tagged(request, unit)
    return organisation_out(unit)


class EstateMoveIn(Body):
    community: str = Field(max_length=32, description="划到哪个社区（村）：区划代码")
    from_on: date = Field(description="自哪一天起")
    reason: str = Field(min_length=1, max_length=200, description="依据：批文文号或者会议纪要")


@changes(
    router,
    "/estates/{pk}/move",
    scope="registry:write",
    response=EstateOut,
    summary="划转小区的所属社区",
    description="没有办完的案件、期限和组织的事随小区移交；已经办结的留在原社区。",
)
def move(request: HttpRequest, pk: RowId, given: EstateMoveIn) -> dict[str, Any]:
    call, found = call_of(request), estate_of(request, pk)
    version = matched(request, found)
    core.require(call.actor, "estate.move", found)
    community = communities_for(call.actor, found).filter(code=given.community).first()
    if community is None:
        raise Refused("no_place", "辖区里没有这个社区（村）。", fields={"community": "辖区里没有这个社区（村）"})
    moved = registry.move_estate(
        found,
        community=community,
        from_on=given.from_on,
        reason=given.reason,
        actor=call.actor,
        now=call.now,
        version=version,
    )
    tagged(request, moved)
    return estate_out(request, moved)
