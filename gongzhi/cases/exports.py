"""Lists as Excel and the visitor's register form as Word. Text stays text: nothing typed becomes a formula."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

import xlsxwriter
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from gongzhi.core.display import cn_date, local

MOST_ROWS = 20_000
BODY_FONT = "仿宋"
TITLE_PT, BODY_PT = 18, 12
LABEL_CM, VALUE_CM = 3.6, 12.2


def workbook(title: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[Any]]) -> bytes:
    """One sheet with a fixed head row, row by row in constant memory."""
    target = BytesIO()
    options = {"constant_memory": True, "in_memory": False, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(target, options)
    sheet = book.add_worksheet(title[:31])
    head = book.add_format({"bold": True, "bg_color": "#e8eff8", "border": 1})
    sheet.freeze_panes(1, 0)
    for column, (name, width) in enumerate(columns):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, name, head)
    last = 0
    for number, row in enumerate(rows, start=1):
        last = number
        for column, value in enumerate(row):
            if isinstance(value, int) and not isinstance(value, bool):
                sheet.write_number(number, column, value)
            else:
                sheet.write_string(number, column, cell(value))
    sheet.autofilter(0, 0, max(last, 1), len(columns) - 1)
    book.close()
    return target.getvalue()


def cell(value: Any) -> str:
    if isinstance(value, datetime):
        moment = local(value)
        return f"{cn_date(moment)} {moment:%H:%M}"
    return "" if value is None else str(value)


def visit_form(values: Mapping[str, str]) -> bytes:
    """来访登记表 for the visitor to sign: what the clerk typed already, and empty boxes for the rest."""
    document = Document()
    style = document.styles["Normal"]
    style.font.name, style.font.size = BODY_FONT, Pt(BODY_PT)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), BODY_FONT)
    title = document.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = title.add_run("来访登记表")
    run.font.size, run.bold = Pt(TITLE_PT), True
    table = document.add_table(rows=0, cols=2)
    table.style = "Table Grid"
    for name, lines in VISIT_ROWS:
        cells = table.add_row().cells
        cells[0].width, cells[1].width = Cm(LABEL_CM), Cm(VALUE_CM)
        cells[0].text = name
        cells[1].text = values.get(name, "") + "\n" * lines
    document.add_paragraph()
    document.add_paragraph("以上内容经本人核对无误。来访人签名：　　　　　　　　　　　　年　　月　　日")
    document.add_paragraph("接待人签名：　　　　　　　　　　　　　　　　　　　　　　　年　　月　　日")
    target = BytesIO()
    document.save(target)
    return target.getvalue()


# What the form asks, and how many empty lines it leaves below what is filled in.
VISIT_ROWS: tuple[tuple[str, int], ...] = (
    ("来访人姓名", 0),
    ("来访人数", 0),
    ("来访时间", 0),
    ("单位或联系地址", 0),
    ("联系电话", 0),
    ("反映的小区", 0),
    ("具体地点", 0),
    ("来访事由", 6),
    ("带来的材料", 1),
    ("当场答复", 3),
)
