"""The list of estates as an Excel file."""

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from typing import Any

import xlsxwriter

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.registry.models import Estate
from gongzhi.registry.queries import indicators
from gongzhi.registry.queries.reading import Wanted

MOST_ROWS = 20000
COLUMNS = (
    ("小区编号", 20), ("小区", 22), ("社区（村）", 20), ("类型", 20), ("户数", 10), ("总建筑面积（平方米）", 18),
    ("楼幢", 8), ("物业服务企业", 30), ("服务方式", 14), ("地址", 36),
)  # fmt: skip


def workbook_of(wanted: Wanted, actor: Actor, on: date) -> bytes:
    """Exactly what the filter shows, all pages of it."""
    core.require(actor, "estate.export", actor.organisation or actor.post)
    rows = list(wanted.rows(actor, on).select_related("place").prefetch_related("buildings")[:MOST_ROWS])
    return _workbook(rows, on)


def _workbook(rows: list[Estate], on: date) -> bytes:
    target = BytesIO()
    options = {"constant_memory": True, "in_memory": False, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(target, options)
    sheet = book.add_worksheet("小区")
    head = book.add_format({"bold": True, "bg_color": "#e8eff8", "border": 1})
    sheet.freeze_panes(1, 0)
    for column, (title, width) in enumerate(COLUMNS):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, title, head)
    for number, cells in enumerate(_cells(rows, on), start=1):
        for column, value in enumerate(cells):
            if value is not None:
                sheet.write(number, column, value)
    book.close()
    return target.getvalue()


def _cells(rows: list[Estate], on: date) -> Iterator[tuple[Any, ...]]:
    projects = indicators.Picture.of(rows, on).projects
    for one in rows:
        project = projects.get(one.pk)
        yield (
            one.place.code, one.name, one.community.name, one.type_words, one.households, one.building_area_m2,
            len(one.buildings.all()), project.company.name if project else "没有",
            project.get_service_kind_display() if project else "", one.address,
        )  # fmt: skip
