"""Lists as Excel: row by row in constant memory, with a second sheet that says what was asked, when and by whom.

Text stays text: a cell that begins like a formula carries Excel's own mark for text, so that editing or pasting it does
not set it off either.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import xlsxwriter

from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date, local

# What a spreadsheet takes for the beginning of a formula.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
LONGEST_TITLE = 31
A4 = 9  # as a workbook numbers its papers
NOTE_WIDTHS = (14, 90)
CENTS = 2
NOTE = "导出说明"


@dataclass(frozen=True)
class Asked:
    """What an export says about itself. `conditions`: the filter in words, name and value."""

    by: str
    at: datetime
    conditions: Sequence[tuple[str, str]] = ()

    @classmethod
    def of(cls, actor: Actor, now: datetime, conditions: Iterable[tuple[str, str]] = ()) -> "Asked":
        return cls(actor.label, now, [(name, value) for name, value in conditions if value])

    def lines(self, rows: int) -> list[tuple[str, str]]:
        return [
            *(self.conditions or [("条件", "没有筛选，范围内的全部")]),
            ("行数", f"{rows}行"),
            ("导出时间", cell(self.at)),
            ("导出人", self.by),
        ]


def in_yuan(fen: int) -> Decimal:
    """A cell of yuan that a spreadsheet adds up: whole 分 in, shown as 1,234.56."""
    return Decimal(fen).scaleb(-CENTS)


def workbook(title: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[Any]], *, asked: Asked) -> bytes:
    """One sheet with a fixed head row, and the note."""
    target = BytesIO()
    options = {"constant_memory": True, "in_memory": False, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(target, options)
    sheet = book.add_worksheet(title[:LONGEST_TITLE])
    head = book.add_format({"bold": True, "bg_color": "#e8eff8", "border": 1})
    quoted = book.add_format({"quote_prefix": True})
    exact = book.add_format({"num_format": "#,##0.00"})
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_footer("&L&A&R第&P页，共&N页")
    for column, (name, width) in enumerate(columns):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, name, head)
    last = 0
    for number, row in enumerate(rows, start=1):
        last = number
        for column, value in enumerate(row):
            if isinstance(value, Decimal) and value.as_tuple().exponent == -CENTS:
                sheet.write_number(number, column, value, exact)
            elif isinstance(value, int | Decimal) and not isinstance(value, bool):
                sheet.write_number(number, column, value)
            else:
                _text(sheet, (number, column), cell(value), quoted)
    sheet.autofilter(0, 0, max(last, 1), len(columns) - 1)
    note = book.add_worksheet(NOTE)
    note.set_paper(A4)
    note.fit_to_pages(1, 0)
    for column, width in enumerate(NOTE_WIDTHS):
        note.set_column(column, column, width)
    for number, line in enumerate(asked.lines(last)):
        for column, words in enumerate(line):
            _text(note, (number, column), words, quoted)
    book.close()
    return target.getvalue()


def _text(sheet: Any, at: tuple[int, int], words: str, quoted: Any) -> None:
    if words.startswith(FORMULA_SIGNS):
        sheet.write_string(*at, words, quoted)
    else:
        sheet.write_string(*at, words)


def plain(value: Any) -> str:
    """A cell of a CSV file, which knows no types: an apostrophe before what would be a formula."""
    words = cell(value)
    return f"'{words}" if words.startswith(FORMULA_SIGNS) else words


def cell(value: Any) -> str:
    if isinstance(value, datetime):
        moment = local(value)
        return f"{cn_date(moment)} {moment:%H:%M}"
    return "" if value is None else str(value)
