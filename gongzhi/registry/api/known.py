"""What is known of a place and what is missing: coverage, lists, the chart of levels; the estates as Excel."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from gongzhi.core import services as core
from gongzhi.core.apikit.calls import call_of, reads
from gongzhi.core.apikit.shapes import PlaceOut, RowId, Unit, place_of, unit_of
from gongzhi.core.sending import download
from gongzhi.registry.api.estates import EstateQuery, estate_of
from gongzhi.registry.area_line import AREA_LINE, area_m2, degrees
from gongzhi.registry.excel import workbook_of
from gongzhi.registry.queries import history, indicators
from gongzhi.registry.queries.chart import Node, chart_for
from gongzhi.registry.queries.lines import line_of, plan_of
from gongzhi.registry.queries.reading import estates_for

router = Router(tags=["底数和组织"])


class IndicatorOut(Schema):
    code: str = Field(description="指标代码")
    title: str = Field(description="指标")
    part: int = Field(description="达到的")
    whole: int = Field(description="应有的")
    rate: str = Field(description="比率")
    missing: list[int] = Field(description="还缺的小区编号")
    clauses: list[str] = Field(description="依据的条款")


def _picture(request: HttpRequest) -> tuple[list[Any], indicators.Picture]:
    call = call_of(request)
    core.require(call.actor, "estate.export", call.actor.organisation or call.actor.post)
    rows = list(estates_for(call.actor).filter(ended_on=None))
    return rows, indicators.Picture.of(rows, core.local_day(call.now))


@reads(router, "/statistics/registry", scope="registry:read", response=list[IndicatorOut], summary="底数和覆盖")
def known(request: HttpRequest) -> list[dict[str, Any]]:
    rows, picture = _picture(request)
    path = call_of(request).actor.place_path
    found = [
        *indicators.coverages(picture, path),
        *indicators.required_lists(picture, path),
        *indicators.waiting_reviews(rows, path, picture.on),
    ]
    names = ("code", "title", "part", "whole", "rate")
    return [
        {
            **{name: getattr(one, name) for name in names},
            "missing": [row.estate.pk for row in one.missing],
            "clauses": list(one.clauses),
        }
        for one in found
    ]


class CornerOut(Schema):
    longitude: str = Field(description="经度，度")
    latitude: str = Field(description="纬度，度")


class AreaLineOut(Schema):
    from_on: date | None = Field(description="自哪一天起；没有登记的为空")
    points: list[CornerOut] = Field(description="拐点，沿界线依次")
    area_m2: int | None = Field(description="约多少平方米")
    overlaps: list[str] = Field(description="和哪些区域重叠")


class AreaLineDay(Schema):
    day: date | None = Field(None, description="哪一天的；不给的看今天")


@reads(router, "/estates/{pk}/area-line", scope="registry:read", response=AreaLineOut, summary="区域界线")
def area_line(request: HttpRequest, pk: RowId, given: Query[AreaLineDay]) -> dict[str, Any]:
    found, on = estate_of(request, pk), given.day or core.local_day(call_of(request).now)
    points = line_of(found, on)
    stated = [one for one in history(found.ref, AREA_LINE) if one.from_on <= on]
    return {
        "from_on": max(one.from_on for one in stated) if points else None,
        "points": [{"longitude": degrees(east), "latitude": degrees(north)} for east, north in points],
        "area_m2": area_m2(points) if points else None,
        "overlaps": plan_of(found, points, on)[1],
    }


class TypeCount(Schema):
    estate_type: str = Field(description="类型代码")
    title: str = Field(description="类型")
    count: int = Field(description="几个小区")


class ServiceOut(Schema):
    total: int = Field(description="辖区内的小区")
    served: int = Field(description="在管")
    types: list[TypeCount] = Field(description="各类型")
    suspected: list[int] = Field(description="疑似失管，待镇街确认的小区编号")
    confirmed: list[int] = Field(description="已确认失管的小区编号")
    unguided: list[int] = Field(description="没有业委会（物管会），也没有写明由谁指导组建的小区编号")


@reads(
    router,
    "/statistics/estates",
    scope="registry:read",
    response=ServiceOut,
    summary="小区的类型、在管和失管",
)
def served(request: HttpRequest) -> dict[str, Any]:
    rows, picture = _picture(request)
    suspects, confirmed = indicators.unserved(picture)
    types = indicators.by_type(picture, call_of(request).actor.place_path)
    return {
        "total": len(rows),
        "served": len(rows) - len(suspects) - len(confirmed),
        "types": [{"estate_type": one, "title": title, "count": count} for one, title, count in types],
        "suspected": [one.pk for one in suspects],
        "confirmed": [one.pk for one in confirmed],
        "unguided": [one.pk for one in indicators.unguided(picture)],
    }


@reads(
    router,
    "/exports/estates",
    scope="registry:read",
    response=bytes,
    summary="小区导出（Excel）",
    description="筛选条件与小区列表相同，不分页。",
)
def export(request: HttpRequest, given: Query[EstateQuery]) -> HttpResponse:
    call = call_of(request)
    on = core.local_day(call.now)
    return download(workbook_of(given.wanted(), actor=call.actor, now=call.now), name=f"estates-{on:%Y%m%d}.xlsx")


# --- the chart of levels


class BodyOut(Schema):
    unit: Unit = Field(description="单位")
    people: int = Field(description="在岗几人")


class NodeOut(Schema):
    place: PlaceOut = Field(description="镇街或者社区（村）")
    bodies: list[BodyOut] = Field(description="那里的机构")
    lacks: str = Field(description="缺什么；不缺的为空")
    below: list["NodeOut"] = Field(description="下一级")


class ChartOut(Schema):
    county: PlaceOut = Field(description="哪个区县")
    counties: list[PlaceOut] = Field(description="还可以看哪些区县；只看一个的为空")
    leading: list[BodyOut] = Field(description="领导机构")
    competent: list[BodyOut] = Field(description="主管部门")
    departments: list[BodyOut] = Field(description="各部门")
    streets: list[NodeOut] = Field(description="镇街及其社区（村）")


class ChartFilter(Schema):
    county: str = Field("", max_length=32, description="哪个区县的，写地区代码；岗位在区县以下的不用写")


def _body(row: Any) -> dict[str, Any]:
    return {"unit": unit_of(row), "people": row.in_post}


def _node(one: Node) -> dict[str, Any]:
    return {
        "place": place_of(one.place),
        "bodies": [_body(row) for row in one.bodies],
        "lacks": one.lacks,
        "below": [_node(row) for row in one.below],
    }


@reads(
    router,
    "/organisation-chart",
    scope="registry:read",
    response=ChartOut,
    summary="组织图",
    description="区县、镇街、社区三级的机构和在岗人数，缺什么写明。",
)
def chart(request: HttpRequest, given: Query[ChartFilter]) -> dict[str, Any]:
    call = call_of(request)
    found, counties = chart_for(call.actor, given.county, core.local_day(call.now))
    return {
        "county": place_of(found.county),
        "counties": [place_of(one) for one in counties],
        **{name: [_body(one) for one in getattr(found, name)] for name in ("leading", "competent", "departments")},
        "streets": [_node(one) for one in found.streets],
    }
