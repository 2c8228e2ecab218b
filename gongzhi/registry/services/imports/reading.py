"""From a workbook to staging tables: read with calamine, copied as text, checked where the data lie."""
# ruff: noqa: S608 - the names in the statements are this package's own; values travel beside them.

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from io import BytesIO
from typing import Any

from django.db import connection
from python_calamine import CalamineError, CalamineWorkbook

from gongzhi.core.errors import Refused
from gongzhi.registry.services.imports.sheets import SHEETS, SPOKEN_DATE, Column, Sheet

MOST_ROWS = 300_000
MOST_UNPACKED = 500 * 1024 * 1024
FIRST_ROW = 2


@dataclass
class Book:
    """The rows of each known sheet as they stand; `faults` are those of whole sheets: (sheet, row, column, reason)."""

    rows: dict[str, list[list[Any]]] = field(default_factory=dict)
    places: dict[str, list[int | None]] = field(default_factory=dict)
    faults: list[tuple[str, int, int, str]] = field(default_factory=list)


def read(content: bytes, sheets: Sequence[Sheet] = SHEETS) -> Book:
    """Refuses (`workbook`) what is no workbook of ours. Sheets may be left out; columns may stand in another order."""
    check_package(content)
    try:
        workbook = CalamineWorkbook.from_filelike(BytesIO(content))
        known = {one.title: one for one in sheets}
        titles = [title for title in workbook.sheet_names if title in known]
        if not titles:
            wanted = "、".join(known)
            raise Refused("workbook", f"文件里没有认识的工作表。请用模板，工作表名为：{wanted}。", fields=FIELD)
        book = Book()
        for title in titles:
            rows = workbook.get_sheet_by_name(title).to_python(skip_empty_area=False)
            _take(book, known[title], rows)
    except (CalamineError, OSError, ValueError) as error:
        raise Refused("workbook", "文件打不开，可能已损坏或加了密码。请另存为 xlsx 再传。", fields=FIELD) from error
    return book


FIELD = {"file": "请用模板填写后上传"}


def check_package(content: bytes) -> None:
    """A first look, cheap enough for the request that hands the file in."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            size = sum(one.file_size for one in package.infolist())
            known = "xl/workbook.xml" in package.namelist()
    except zipfile.BadZipFile as error:
        raise Refused("workbook", "这不是 xlsx 文件，请用模板填写。", fields=FIELD) from error
    if not known or size > MOST_UNPACKED:
        raise Refused("workbook", "这不是 xlsx 文件，或者内容过大，请分成几个文件。", fields=FIELD)


def _take(book: Book, sheet: Sheet, rows: list[list[Any]]) -> None:
    heads = [str(one).strip().rstrip("*") for one in (rows[0] if rows else [])]
    places = [heads.index(one.title) if one.title in heads else None for one in sheet.columns]
    for number, (one, place) in enumerate(zip(sheet.columns, places, strict=True)):
        if place is None and one.required:
            book.faults.append((sheet.code, 1, number, f"缺少“{one.title}”这一列，请用模板的表头。"))
    if len(rows) - 1 > MOST_ROWS:
        raise Refused("workbook", f"“{sheet.title}”超过{MOST_ROWS}行，请分成几个文件。", fields=FIELD)
    book.rows[sheet.code] = rows
    book.places[sheet.code] = places


def text(value: Any) -> str:
    """A cell as it is read on screen: 15 significant digits, so that 0.1 + 0.2 is 0.3 and 101.0 is 101."""
    kind = type(value)
    if kind is str:
        return str(value).strip()
    if kind is float:
        return f"{value:.15g}"
    if kind is bool:
        return "是" if value else "否"
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def date_text(value: Any) -> str:
    """2024年6月1日 and 2024/6/1 as 2024-06-01; a day that the calendar has not stays as it was typed."""
    plain = text(value)
    found = SPOKEN_DATE.match(plain)
    if found is None:
        return plain
    try:
        return date(int(found[1]), int(found[2]), int(found[3])).isoformat()
    except ValueError:
        return f"{plain}?"


def stage(book: Book, sheet: Sheet) -> int:
    """Copies the sheet's rows as text into its temporary table. Gives how many."""
    columns = ", ".join(f'"{one.code}" text NOT NULL' for one in sheet.columns)
    names = ", ".join(f'"{one.code}"' for one in sheet.columns)
    count = 0
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {sheet.table}")
        cursor.execute(f'CREATE TEMP TABLE {sheet.table} ("row" int NOT NULL, {columns}) ON COMMIT DROP')
        with cursor.copy(f'COPY {sheet.table} ("row", {names}) FROM STDIN') as copy:
            for line in _lines(book, sheet):
                copy.write_row(line)
                count += 1
        cursor.execute(f"ANALYZE {sheet.table}")
    return count


def _lines(book: Book, sheet: Sheet) -> Iterator[Sequence[Any]]:
    places = book.places[sheet.code]
    if any(place is None and one.required for one, place in zip(sheet.columns, places, strict=True)):
        return
    dated = [_reader(one) for one in sheet.columns]
    in_order = places == list(range(len(places))) and not any(one.kind == "date" for one in sheet.columns)
    width = len(places)
    for number, cells in enumerate(book.rows[sheet.code][1:], start=FIRST_ROW):
        if in_order and len(cells) == width:
            # The common case of the largest sheets, without a call a cell.
            line = [
                one.strip() if type(one) is str else f"{one:.15g}" if type(one) is float else text(one) for one in cells
            ]
        else:
            line = [
                "" if place is None or place >= len(cells) else take(cells[place])
                for take, place in zip(dated, places, strict=True)
            ]
        if any(line):
            joined = "".join(line)
            yield (number, *line) if "\x00" not in joined else (number, *(one.replace("\x00", "") for one in line))


def _reader(column: Column) -> Any:
    return date_text if column.kind == "date" else text
