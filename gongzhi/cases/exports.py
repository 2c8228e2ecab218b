"""The visitor's register form as Word."""

from collections.abc import Mapping
from io import BytesIO

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from gongzhi.core.display import printed

BODY_FONT = "仿宋"
TITLE_PT, BODY_PT = 18, 12
LABEL_CM, VALUE_CM = 3.6, 12.2


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
        cells[1].text = printed(values.get(name, "")) + "\n" * lines
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
