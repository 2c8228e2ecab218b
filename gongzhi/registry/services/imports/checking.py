"""What is wrong in which cell: found by the database over whole sheets, a statement a sheet and rule."""
# ruff: noqa: S608 - the names in the statements are this package's own; values travel beside them.

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from gongzhi.registry.services.imports.sheets import Sheet

ERRORS = "stage_error"
ESTATES = "stage_estate_names"
BUILDINGS = "stage_building_names"


@dataclass(frozen=True, order=True)
class CellError:
    """`column` from 0; `row` as the workbook counts."""

    sheet: str
    row: int
    column: int
    reason: str


def begin() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {ERRORS}")
        cursor.execute(f'CREATE TEMP TABLE {ERRORS} (sheet text, "row" int, "column" int, reason text) ON COMMIT DROP')


def add(rows: Sequence[tuple[str, int, int, str]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {ERRORS} VALUES (%s, %s, %s, %s)", rows)


def run(statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []


def errors() -> list[CellError]:
    rows = run(f'SELECT DISTINCT sheet, "row", "column", reason FROM {ERRORS} ORDER BY 1, 2, 3')
    return [CellError(*row) for row in rows]


def check_cells(sheet: Sheet) -> None:
    """Every cell against what its column may hold; one pass over the sheet."""
    cells = []
    for number, column in enumerate(sheet.columns):
        whens = " ".join(f"WHEN {condition} THEN '{reason}'" for condition, reason in column.faults())
        cells.append(f"({number}, CASE {whens} END)")
    faulty = " OR ".join(f"({condition})" for column in sheet.columns for condition, _ in column.faults())
    run(
        f"INSERT INTO {ERRORS} SELECT '{sheet.code}', \"row\", found.number, found.reason FROM"
        f" (SELECT * FROM {sheet.table} WHERE {faulty}) AS faulty"
        f" CROSS JOIN LATERAL (VALUES {', '.join(cells)}) AS found (number, reason) WHERE found.reason IS NOT NULL"
    )


def check_twice(sheet: Sheet, keys: Sequence[str]) -> None:
    """A row whose key stands above already."""
    listed = ", ".join(f'"{key}"' for key in keys)
    number = sheet.number_of(keys[-1])
    run(
        f"INSERT INTO {ERRORS} SELECT '{sheet.code}', s.\"row\", {number}, '与第' || t.first || '行重复，不重复入库。'"
        f' FROM {sheet.table} s JOIN (SELECT {listed}, min("row") AS first FROM {sheet.table}'
        f' GROUP BY {listed} HAVING count(*) > 1) t USING ({listed}) WHERE s."row" > t.first'
    )


def drop_faulty(sheet: Sheet) -> int:
    """Rows with an error in any cell take no further part. Gives how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            f'DELETE FROM {sheet.table} WHERE "row" IN (SELECT "row" FROM {ERRORS} WHERE sheet = \'{sheet.code}\')'
        )
        return int(cursor.rowcount)


def name_estates(sheet: Sheet, place_path: str) -> None:
    """Which estate each word of the sheet means, by name or code, within the place. Tells the unknown and ambiguous."""
    run(f"DROP TABLE IF EXISTS {ESTATES}")
    run(
        f"CREATE TEMP TABLE {ESTATES} ON COMMIT DROP AS"
        f" SELECT word, min(e.id) AS estate_id, count(e.id) AS found FROM"
        f" (SELECT DISTINCT estate AS word FROM {sheet.table}) AS words LEFT JOIN"
        " (SELECT e.id, e.name, p.code FROM registry_estate e JOIN core_place p ON p.id = e.place_id"
        "  WHERE e.place_path LIKE %s AND e.ended_on IS NULL) AS e ON e.name = word OR e.code = word GROUP BY word",
        [f"{place_path}%"],
    )
    run(
        f"INSERT INTO {ERRORS} SELECT '{sheet.code}', s.\"row\", 0, CASE WHEN n.found = 0"
        " THEN '辖区里没有这个小区，请先在“小区”表里填，或核对名称。'"
        " ELSE '有' || n.found || '个同名小区，请改填小区编号。' END"
        f" FROM {sheet.table} s JOIN {ESTATES} n ON n.word = s.estate WHERE n.found <> 1 AND s.estate <> ''"
    )


def name_buildings(sheet: Sheet) -> None:
    run(f"DROP TABLE IF EXISTS {BUILDINGS}")
    run(
        f"CREATE TEMP TABLE {BUILDINGS} ON COMMIT DROP AS SELECT w.estate, w.building, n.estate_id, b.id AS building_id"
        f" FROM (SELECT DISTINCT estate, building FROM {sheet.table}) AS w JOIN {ESTATES} n ON n.word = w.estate"
        " LEFT JOIN registry_building b ON b.estate_id = n.estate_id AND b.name = w.building"
    )
    run(f"ANALYZE {BUILDINGS}")
    run(
        f"INSERT INTO {ERRORS} SELECT '{sheet.code}', s.\"row\", 1,"
        " '这个小区没有登记这幢楼，请先在“楼幢”表里填，或核对幢号。'"
        f" FROM {sheet.table} s JOIN {BUILDINGS} b USING (estate, building)"
        " WHERE b.estate_id IS NOT NULL AND b.building_id IS NULL AND s.building <> ''"
    )
