"""The lists of the registry as Excel files: exactly what the filter shows, all pages of it, with the note of what was
asked."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date
from gongzhi.core.sheets import Asked, workbook
from gongzhi.registry.models import Estate
from gongzhi.registry.queries import indicators
from gongzhi.registry.queries.facilities import Shown
from gongzhi.registry.queries.reading import Wanted

MOST_ROWS = 20000
COLUMNS = (
    ("小区编号", 20), ("小区", 22), ("社区（村）", 20), ("类型", 20), ("户数", 10), ("总建筑面积（平方米）", 18),
    ("楼幢", 8), ("物业服务企业", 30), ("服务方式", 14), ("地址", 36),
)  # fmt: skip
OF_FACILITIES = (
    ("小区", 22), ("种类", 14), ("编号", 20), ("楼幢", 10), ("位置", 22), ("检验有效期至", 16), ("情况", 16),
    ("维保单位", 24), ("面积（平方米）", 14),
    ("数量", 8), ("完好数量", 10), ("明细", 36),
)  # fmt: skip
OF_UNITS = (("楼幢", 10), ("室号", 18), ("专有部分面积（平方米）", 18), ("面积来源", 14), ("用途", 10), ("业主", 30))


def workbook_of(wanted: Wanted, *, actor: Actor, now: datetime) -> bytes:
    on = core.local_day(now)
    core.require(actor, "estate.export", actor.organisation or actor.post)
    rows = list(wanted.rows(actor, on).select_related("place").prefetch_related("buildings")[:MOST_ROWS])
    return workbook("小区", COLUMNS, _cells(rows, on), asked=Asked.of(actor, now, wanted.conditions()))


def _cells(rows: list[Estate], on: date) -> Iterator[tuple[Any, ...]]:
    projects = indicators.Picture.of(rows, on).projects
    for one in rows:
        project = projects.get(one.pk)
        yield (
            one.place.code, one.name, one.community.name, one.type_words, one.households, one.building_area_m2,
            len(one.buildings.all()), project.company.name if project else "没有",
            project.get_service_kind_display() if project else "", one.address,
        )  # fmt: skip


def facilities_of(rows: Iterable[Shown], *, asked: Asked) -> bytes:
    lines = (
        (
            one.facility.estate.name, one.facility.get_kind_display(), one.facility.code,
            str(one.facility.building or ""), one.facility.location, cn_date(one.facility.valid_until), one.words,
            one.facility.upkeep, one.facility.area_m2, one.facility.quantity, one.facility.intact,
            "；".join(f"{name}：{value}" for name, value in one.facility.details.items()),
        )
        for one in rows
    )  # fmt: skip
    return workbook("设施设备", OF_FACILITIES, lines, asked=asked)


def units_of(rows: Iterable[tuple[Any, Any, str]], uses: Mapping[str, str], *, asked: Asked) -> bytes:
    """(unit, its area of the day, its owners of the day, masked)."""
    lines = (
        (
            str(unit.building), unit.name, held.exclusive_area_m2 if held else None,
            held.source_words if held else "", uses[unit.use], owners,
        )
        for unit, held, owners in rows
    )  # fmt: skip
    return workbook("房屋和业主", OF_UNITS, lines, asked=asked)
