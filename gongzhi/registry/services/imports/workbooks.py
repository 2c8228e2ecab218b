"""Workbooks the platform makes: the template, and the one handed back with its faulty cells marked."""

import base64
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any

import xlsxwriter

from gongzhi.core import crypto
from gongzhi.core.files import open_file
from gongzhi.core.models import StoredFile
from gongzhi.core.sheets import A4
from gongzhi.registry.services.imports.checking import CellError
from gongzhi.registry.services.imports.kinds import BookKind
from gongzhi.registry.services.imports.reading import Book, text
from gongzhi.registry.services.imports.sheets import Sheet

PURPOSE = "registry.workbook"
LISTED_ROWS = 20000
LONGEST_LIST = 255
# Text is text: nothing in a cell becomes a formula or a link.
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}


def template(kind: BookKind) -> bytes:
    """An empty workbook: a sheet of notes, and the sheets with lists and hints in their heads."""
    target = BytesIO()
    workbook = xlsxwriter.Workbook(target, OPTIONS)
    formats = _formats(workbook)
    notes = workbook.add_worksheet("说明")
    notes.set_paper(A4)
    notes.fit_to_pages(1, 0)
    notes.set_column(0, 0, 16)
    notes.set_column(1, 1, 90)
    lines = [("怎样填", one) for one in kind.notes] + [(one.title, one.note) for one in kind.sheets]
    for row, (head, words) in enumerate(lines):
        notes.write_string(row, 0, head, formats["head"])
        notes.write_string(row, 1, words, formats["wrap"])
    for sheet in kind.sheets:
        page = _page(workbook, sheet, formats)
        for number, column in enumerate(sheet.columns):
            listed = list(column.choices.values())
            if listed and len(",".join(listed)) <= LONGEST_LIST:
                page.data_validation(1, number, LISTED_ROWS, number, {"validate": "list", "source": listed})
    workbook.close()
    return target.getvalue()


def _formats(workbook: Any) -> dict[str, Any]:
    return {
        "head": workbook.add_format({"bold": True, "bg_color": "#e8eff8", "border": 1}),
        "wrap": workbook.add_format({"text_wrap": True}),
        "text": workbook.add_format({"num_format": "@"}),
        "bad": workbook.add_format({"bg_color": "#f4b4b4", "border": 1, "num_format": "@"}),
    }


def _page(workbook: Any, sheet: Sheet, formats: dict[str, Any]) -> Any:
    page = workbook.add_worksheet(sheet.title)
    page.set_landscape()
    page.set_paper(A4)
    page.fit_to_pages(1, 0)
    page.freeze_panes(1, 0)
    for number, column in enumerate(sheet.columns):
        # Numbers of persons and papers are text: Excel would round their last digits away.
        page.set_column(number, number, column.width, formats["text"])
        page.write_string(0, number, f"{column.title}{'*' if column.required else ''}", formats["head"])
        if column.hint:
            page.write_comment(0, number, column.hint)
    return page


def marked_workbook(book: Book, errors: Sequence[CellError], sheets: Sequence[Sheet]) -> bytes:
    """The rows as they came, in the template's order; every faulty cell is red and says what is wrong with it."""
    target = BytesIO()
    workbook = xlsxwriter.Workbook(target, OPTIONS)
    formats = _formats(workbook)
    faults: dict[tuple[str, int, int], list[str]] = defaultdict(list)
    for one in errors:
        faults[one.sheet, one.row, one.column].append(one.reason)
    for sheet in sheets:
        if sheet.code in book.rows:
            page = _page(workbook, sheet, formats)
            _fill(page, sheet, book)
            for (code, row, column), reasons in faults.items():
                if code == sheet.code:
                    value = _cell(book, sheet, row, column) if row > 1 else sheet.columns[column].title
                    page.write(row - 1, column, value, formats["bad"])
                    page.write_comment(row - 1, column, "\n".join(reasons), {"visible": False})
    workbook.close()
    return target.getvalue()


def _fill(page: Any, sheet: Sheet, book: Book) -> None:
    places = book.places[sheet.code]
    for row, cells in enumerate(book.rows[sheet.code][1:], start=1):
        for column, place in enumerate(places):
            if place is not None and place < len(cells) and cells[place] != "":
                page.write(row, column, _shown(cells[place]))


def _cell(book: Book, sheet: Sheet, row: int, column: int) -> Any:
    place = book.places[sheet.code][column]
    cells = book.rows[sheet.code][row - 1]
    return _shown(cells[place]) if place is not None and place < len(cells) else ""


def _shown(value: Any) -> Any:
    return (
        value
        if isinstance(value, str | float | int)
        else text(value)
        if isinstance(value, date | datetime)
        else str(value)
    )


def sealed(content: bytes) -> bytes:
    return crypto.encrypt(base64.b64encode(content).decode(), purpose=PURPOSE).encode()


def opened(file: StoredFile) -> bytes:
    """The workbook in the plain. Raises FileNotFoundError when its bytes are gone."""
    with open_file(file) as kept:
        return base64.b64decode(crypto.decrypt(kept.read().decode(), purpose=PURPOSE))
