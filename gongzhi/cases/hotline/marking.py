"""The file as it came, as a workbook: every bad cell red with its reason, and the reasons in a last column."""

from collections import defaultdict
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import xlsxwriter

from gongzhi.cases.hotline.reading import Table
from gongzhi.core.sheets import FORMULA_SIGNS

REASONS = "问题"
WIDTH, REASON_WIDTH = 18, 60


def marked_workbook(table: Table, faults: Sequence[dict[str, Any]]) -> bytes:
    """Rows stand where they stood: row 2 of a CSV file is row 2 here; the first ticket of a JSON file is row 2."""
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for one in faults:
        found[one["row"]].append(one)
    target = BytesIO()
    book = xlsxwriter.Workbook(target, {"strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet("工单")
    head = book.add_format({"bold": True, "bg_color": "#e8eff8", "border": 1})
    bad = book.add_format({"bg_color": "#fdecea", "font_color": "#a8131b", "border": 1})
    quoted = book.add_format({"quote_prefix": True})
    sheet.freeze_panes(1, 0)
    last = len(table.headers)
    sheet.set_column(0, last - 1, WIDTH)
    sheet.set_column(last, last, REASON_WIDTH)
    for column, name in enumerate([*table.headers, REASONS]):
        sheet.write_string(0, column, name, head)
    for index, cells in enumerate(table.rows):
        wrong = {one["header"]: one["reason"] for one in found[table.number(index)]}
        for column, (header, value) in enumerate(zip(table.headers, cells, strict=True)):
            form = bad if header in wrong else quoted if value.startswith(FORMULA_SIGNS) else None
            sheet.write_string(index + 1, column, value, form)
            if header in wrong:
                sheet.write_comment(index + 1, column, wrong[header])
        if wrong:
            reasons = "；".join(dict.fromkeys(one["reason"] for one in found[table.number(index)]))
            sheet.write_string(index + 1, last, reasons, bad)
    book.close()
    return target.getvalue()
