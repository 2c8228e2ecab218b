"""Builds the Word templates beside this file: `python -m gongzhi.core.document_templates.build`.

Geometry and type of official documents after GB/T 9704-2012: A4, margins 37/35/28/26 mm, 22 lines of 28 characters
of 16 pt, issuing body in red over a red line, title 22 pt, copy line between two lines at the foot.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

FOLDER = Path(__file__).parent
FANGSONG, HEITI, KAITI = "仿宋_GB2312", "黑体", "楷体_GB2312"
XIAOBIAOSONG, SONGTI = "方正小标宋简体", "宋体"
LATIN = "Times New Roman"
RED = RGBColor(0xE6, 0x00, 0x12)
# The renderer makes a paragraph of this style smaller until it fits one line.
HEAD_STYLE = "红头"
HEAD_PT = 36
BODY_PT, TITLE_PT, SMALL_PT, LIST_PT, PAGE_NUMBER_PT = 16, 22, 14, 12, 14
# 225 mm of text in 22 lines.
LINE_PT = 28.9
TITLE_LINE_PT = 32
CLOSE_LINE_PT = 24
NOTICE_LINE_PT = 26
CHARACTER_MM = 156 / 28
LEFT, CENTRE, RIGHT = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT


def page() -> Any:
    """An empty A4 page with the margins, the base type and a page number at the foot."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.header_distance, section.footer_distance = Mm(15), Mm(25)
    document.core_properties.author, document.core_properties.comments = "", ""
    style = document.styles["Normal"]
    style.font.size = Pt(BODY_PT)
    style.font.name = LATIN
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FANGSONG)
    document.styles.add_style(HEAD_STYLE, WD_STYLE_TYPE.PARAGRAPH).base_style = style
    _page_number(section.footer.paragraphs[0])
    return document


def _close(document: Any) -> Any:
    """Narrower margins: a paper that sides sign has its signatures on the page of its text, if that can be."""
    section = document.sections[0]
    section.top_margin, section.bottom_margin, section.footer_distance = Mm(25), Mm(25), Mm(12)
    return document


def line(
    parent: Any,
    text: str = "",
    *,
    font: str = FANGSONG,
    size: int = BODY_PT,
    align: Any = LEFT,
    spacing: float = LINE_PT,
    indent: int = 0,
    right_indent: int = 0,
    colour: RGBColor | None = None,
    keep: bool = False,
) -> Any:
    """One paragraph. `indent` of the first line and `right_indent` in characters; line spacing fixed, in points."""
    paragraph = parent.add_paragraph()
    form = paragraph.paragraph_format
    form.alignment = align
    form.space_before = form.space_after = Pt(0)
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(spacing)
    form.keep_with_next = keep
    form.widow_control = False
    if indent:
        form.first_line_indent = Pt(size * indent)
    if right_indent:
        form.right_indent = Pt(size * right_indent)
    if text:
        run = paragraph.add_run(text)
        run.font.size = Pt(size)
        run.font.name = LATIN
        run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
        if colour is not None:
            run.font.color.rgb = colour
    return paragraph


def tag(parent: Any, text: str) -> None:
    """A control line of the template language, which leaves no paragraph behind."""
    parent.add_paragraph(text)


def demo_line(parent: Any) -> None:
    """An empty line, which a paper of the demonstration says of itself in: no page turns elsewhere because of it."""
    line(parent, "{% if demo %}（示范数据，不作为公文使用）{% endif %}", font=KAITI, size=SMALL_PT, align=CENTRE)


def _page_number(paragraph: Any) -> None:
    """— 1 — in 4号 宋体."""
    paragraph.alignment = CENTRE
    for piece in ("— ", None, " —"):
        run = paragraph.add_run(piece or "")
        run.font.size = Pt(PAGE_NUMBER_PT)
        run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), SONGTI)
        if piece is None:
            for kind, words in (("begin", None), (None, "PAGE"), ("end", None)):
                run._element.append(_field(kind, words))


def _field(kind: str | None, words: str | None) -> Any:
    if kind is not None:
        element = OxmlElement("w:fldChar")
        element.set(qn("w:fldCharType"), kind)
        return element
    element = OxmlElement("w:instrText")
    element.text = words
    return element


def rule(paragraph: Any, *, side: str, colour: str, eighths: int, space: int = 1) -> None:
    """A line along one side of a paragraph; its width in eighths of a point."""
    properties = paragraph._element.get_or_add_pPr()
    borders = properties.find(qn("w:pBdr"))
    if borders is None:
        borders = OxmlElement("w:pBdr")
        # The schema wants the borders before spacing, indent and alignment.
        later = [child for child in properties if child.tag in (qn("w:spacing"), qn("w:ind"), qn("w:jc"))]
        later[0].addprevious(borders) if later else properties.append(borders)
    edge = OxmlElement(f"w:{side}")
    for name, value in (("val", "single"), ("sz", str(eighths)), ("space", str(space)), ("color", colour)):
        edge.set(qn(f"w:{name}"), value)
    borders.append(edge)


def instrument() -> Any:
    """A letter of an office to others: red head, number, title, addressee, text, attachments, signature, copies."""
    document = page()
    head = line(document, "{{ issuer }}", font=XIAOBIAOSONG, size=HEAD_PT, align=CENTRE, spacing=48, colour=RED)
    head.style = document.styles[HEAD_STYLE]
    line(document)
    number = line(document, "{{ number }}", align=CENTRE)
    rule(number, side="bottom", colour="E60012", eighths=16, space=8)
    demo_line(document)
    line(document, "{{ title }}", font=XIAOBIAOSONG, size=TITLE_PT, align=CENTRE, spacing=TITLE_LINE_PT, keep=True)
    line(document)
    tag(document, "{%p if to %}")
    line(document, "{{ to }}：")
    tag(document, "{%p endif %}")
    tag(document, "{%p for paragraph in paragraphs %}")
    line(document, "{{ paragraph }}", indent=2)
    tag(document, "{%p endfor %}")
    tag(document, "{%p if basis %}")
    # No page carries the signature alone: what stands above it comes along.
    line(document, "依据：{{ basis }}。", indent=2, keep=True)
    tag(document, "{%p endif %}")
    tag(document, "{%p if attachments %}")
    line(document, keep=True)
    tag(document, "{%p for attachment in attachments %}")
    attached = "{% if loop.first %}附件：{% else %}　　　{% endif %}{{ loop.index }}．{{ attachment }}"
    tag(document, "{%p if loop.last %}")
    line(document, attached, indent=2, keep=True)
    tag(document, "{%p else %}")
    line(document, attached, indent=2)
    tag(document, "{%p endif %}")
    tag(document, "{%p endfor %}")
    tag(document, "{%p endif %}")
    # Two empty lines leave the seal its place over the signature and the date.
    line(document, keep=True)
    line(document, keep=True)
    line(document, "{{ issuer }}", align=RIGHT, right_indent=2, keep=True)
    line(document, "{{ date }}", align=RIGHT, right_indent=4)
    tag(document, "{%p if copy_to %}")
    line(document)
    copies = line(document, "　抄送：{{ copy_to }}。", size=SMALL_PT, spacing=LINE_PT)
    rule(copies, side="top", colour="000000", eighths=8)
    rule(copies, side="bottom", colour="000000", eighths=4)
    printed = line(document, "　{{ issuer }}　　　　{{ date }}印发", size=SMALL_PT)
    rule(printed, side="bottom", colour="000000", eighths=8)
    tag(document, "{%p endif %}")
    return document


def letter() -> Any:
    """A notice of a company or a committee: of the type of an office's letter, closer set, so that an ordinary one with
    its reasons has its signature on the page of its text."""
    document = _close(instrument())
    for one in document.paragraphs:
        if one.paragraph_format.line_spacing == Pt(LINE_PT):
            one.paragraph_format.line_spacing = Pt(NOTICE_LINE_PT)
    return document


def _cell(cell: Any, text: str, *, font: str = FANGSONG, align: Any = LEFT, size: int = SMALL_PT) -> None:
    first = cell.paragraphs[0]
    line(cell, text, font=font, size=size, align=align, spacing=22)
    first._element.getparent().remove(first._element)


def _grid(document: Any, columns: tuple[float, ...]) -> Any:
    """A ruled table; `columns` in millimetres, together the width of the text."""
    table = document.add_table(rows=0, cols=len(columns))
    table.style = "Table Grid"
    table.autofit = False
    for column, width in zip(table.columns, columns, strict=True):
        column.width = Mm(width)
    return table


def _row(table: Any, cells: tuple[str, ...], *, heading: bool = False, size: int = SMALL_PT) -> Any:
    row = table.add_row()
    for number, (cell, text) in enumerate(zip(row.cells, cells, strict=True)):
        cell.width = table.columns[number].width
        _cell(cell, text, font=HEITI if heading else FANGSONG, align=CENTRE if heading else LEFT, size=size)
    return row


def _control(table: Any, text: str) -> None:
    """A row that the template language takes away."""
    row = table.add_row()
    row.cells[0].merge(row.cells[-1])
    row.cells[0].paragraphs[0].add_run(text)


def register_form() -> Any:
    """A form of named fields, two to a line, then long ones over the whole width: for a visit, a call, a complaint."""
    document = page()
    line(document, "{{ title }}", font=XIAOBIAOSONG, size=TITLE_PT, align=CENTRE, spacing=TITLE_LINE_PT)
    line(document)
    line(document, "{{ issuer }}　　编号：{{ number }}", size=SMALL_PT)
    short = _grid(document, (28, 50, 28, 50))
    _control(short, "{%tr for pair in pairs %}")
    _row(short, ("{{ pair.0.label }}", "{{ pair.0.value }}", "{{ pair.1.label }}", "{{ pair.1.value }}"))
    _control(short, "{%tr endfor %}")
    long = _grid(document, (28, 128))
    _control(long, "{%tr for field in fields %}")
    _row(long, ("{{ field.label }}", "{{ field.value }}"))
    _control(long, "{%tr endfor %}")
    line(document)
    line(document, "{{ signatures }}", size=SMALL_PT)
    line(document, "{{ date }}", size=SMALL_PT, align=RIGHT)
    return document


LIST_MM = (13, 24, 55, 13, 13, 38)


def signed_list() -> Any:
    """A list that sides sign: what it is about, a line for each piece, what is agreed, a place for every signature.

    What is agreed stands below the list and stays with the signatures: no page carries the signatures alone.
    """
    document = _close(page())
    line(document, "{{ title }}", font=XIAOBIAOSONG, size=TITLE_PT, align=CENTRE, spacing=TITLE_LINE_PT)
    demo_line(document)
    line(document, "编号：{{ number }}", size=SMALL_PT, align=RIGHT, spacing=CLOSE_LINE_PT)
    tag(document, "{%p for paragraph in paragraphs[:1] %}")
    line(document, "{{ paragraph }}", indent=2)
    tag(document, "{%p endfor %}")
    line(document)
    listed = _grid(document, LIST_MM)
    _head(_row(listed, ("序号", "类别", "名称", "应有", "实有", "结果和情况"), heading=True, size=LIST_PT))
    _control(listed, "{%tr for item in items %}")
    words = (
        "{{ loop.index }}",
        *(f"{{{{ item.{name} }}}}" for name in ("group", "name", "expected", "found", "state")),
    )
    _control(listed, "{%tr if loop.last %}")
    _keep(_whole(_row(listed, words, size=LIST_PT)))
    _control(listed, "{%tr else %}")
    _whole(_row(listed, words, size=LIST_PT))
    _control(listed, "{%tr endif %}")
    _control(listed, "{%tr endfor %}")
    line(document, keep=True, spacing=12)
    tag(document, "{%p for paragraph in paragraphs[1:] %}")
    agreed = line(document, "{{ paragraph }}", indent=2, size=SMALL_PT, spacing=CLOSE_LINE_PT, keep=True)
    agreed.paragraph_format.keep_together = True
    tag(document, "{%p endfor %}")
    line(document, keep=True, spacing=12)
    _hands(document, "单位", "签字（盖章）、日期", row_mm=12)
    tag(document, "{%p if basis %}")
    line(document, "依据：{{ basis }}。", size=SMALL_PT, spacing=22, keep=True)
    tag(document, "{%p endif %}")
    line(document, "{{ date }}", size=SMALL_PT, align=RIGHT)
    return document


def party_paper() -> Any:
    """A paper that the sides of a dispute sign: who they are, what it says, to whom it goes, a place for each hand.

    Closer set than a letter of an office: an ordinary one has its signatures on the page of its text.
    """
    document = _close(page())
    small: dict[str, Any] = {"size": SMALL_PT, "spacing": CLOSE_LINE_PT}
    tag(document, "{%p if demo %}")
    line(document, "（示范数据，不作为正式文书使用）", font=KAITI, size=SMALL_PT, align=CENTRE)
    tag(document, "{%p endif %}")
    line(document, "{{ title }}", font=XIAOBIAOSONG, size=TITLE_PT, align=CENTRE, spacing=TITLE_LINE_PT)
    line(document, "编号：{{ number }}", align=RIGHT, **small)
    sides = _grid(document, (28, 128))
    _control(sides, "{%tr for field in fields %}")
    _row(sides, ("{{ field.label }}", "{{ field.value }}"))
    _control(sides, "{%tr endfor %}")
    line(document, spacing=12)
    tag(document, "{%p for paragraph in paragraphs %}")
    tag(document, "{%p if loop.last %}")
    line(document, "{{ paragraph }}", indent=2, keep=True, **small)
    tag(document, "{%p else %}")
    line(document, "{{ paragraph }}", indent=2, **small)
    tag(document, "{%p endif %}")
    tag(document, "{%p endfor %}")
    tag(document, "{%p if to %}")
    line(document, "此致", indent=2, keep=True, **small)
    line(document, "{{ to }}", keep=True, **small)
    tag(document, "{%p endif %}")
    line(document, spacing=12, keep=True)
    _hands(document, "签名人", "签名（盖章）、日期", row_mm=12)
    line(document, "{{ date }}", size=SMALL_PT, align=RIGHT)
    return document


def _hands(document: Any, who: str, how: str, *, row_mm: int) -> None:
    """A row for each hand. They stay on one page, with what stands before and after them."""
    signed = _grid(document, (62, 94))
    _head(_row(signed, (who, how), heading=True))
    _control(signed, "{%tr for one in signatures %}")
    row = _row(signed, ("{{ one.name }}", "{{ one.signed }}"))
    row.height = Mm(row_mm)
    _whole(row)
    _control(signed, "{%tr endfor %}")
    for each in signed.rows:
        _keep(each)


def _keep(row: Any) -> None:
    """On the page of what comes next."""
    for cell in row.cells:
        for paragraph in cell.paragraphs:
            paragraph.paragraph_format.keep_with_next = True


def _whole(row: Any) -> Any:
    """No page turns inside it."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    return row


def _head(row: Any) -> None:
    """Comes again on every page."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def archive_cover() -> Any:
    """The cover of a file and the list of what lies in it."""
    document = page()
    for _ in range(3):
        line(document)
    line(document, "{{ issuer }}", font=XIAOBIAOSONG, size=TITLE_PT, align=CENTRE, spacing=TITLE_LINE_PT)
    line(document)
    line(document, "{{ title }}", font=XIAOBIAOSONG, size=36, align=CENTRE, spacing=54)
    for _ in range(3):
        line(document)
    cover = _grid(document, (40, 116))
    _control(cover, "{%tr for field in fields %}")
    _row(cover, ("{{ field.label }}", "{{ field.value }}"))
    _control(cover, "{%tr endfor %}")
    document.add_page_break()
    line(document, "卷内目录", font=XIAOBIAOSONG, size=TITLE_PT, align=CENTRE, spacing=TITLE_LINE_PT)
    line(document)
    contents = _grid(document, (14, 28, 66, 30, 18))
    _row(contents, ("序号", "文号", "题名", "日期", "页数"), heading=True)
    _control(contents, "{%tr for item in items %}")
    _row(contents, ("{{ loop.index }}", "{{ item.number }}", "{{ item.title }}", "{{ item.date }}", "{{ item.pages }}"))
    _control(contents, "{%tr endfor %}")
    return document


def _light(document: Any) -> Any:
    """Without what the library's own template brings along: each document would carry it and take the time for it."""
    part = document.part
    for relations, kind in ((part.rels, "/stylesWithEffects"), (part.package.rels, "/metadata/thumbnail")):
        for key in [key for key, one in relations.items() if one.reltype.endswith(kind)]:
            del relations[key]
    styles = document.styles.element
    for latent in styles.findall(qn("w:latentStyles")):
        styles.remove(latent)
    known = {one.get(qn("w:styleId")): one for one in styles.findall(qn("w:style"))}
    used = {key for key, one in known.items() if one.get(qn("w:default")) == "1" or _name(one) == HEAD_STYLE}
    roots = [document.element, *(section.footer._element for section in document.sections)]
    waiting = used | {key for root in roots for key in _named(root, "pStyle", "rStyle", "tblStyle")}
    used = set()
    while waiting:
        key = waiting.pop()
        used.add(key)
        waiting |= set(_named(known[key], "basedOn", "next", "link")) - used
    for key in set(known) - used:
        styles.remove(known[key])
    return document


def _name(style: Any) -> str:
    return str(style.find(qn("w:name")).get(qn("w:val")))


def _named(root: Any, *tags: str) -> list[str]:
    return [one.get(qn("w:val")) for tag in tags for one in root.iter(qn(f"w:{tag}"))]


TEMPLATES: dict[str, Callable[[], Any]] = {
    "instrument": lambda: _light(instrument()),
    "letter": lambda: _light(letter()),
    "register_form": lambda: _light(register_form()),
    "signed_list": lambda: _light(signed_list()),
    "party_paper": lambda: _light(party_paper()),
    "archive_cover": lambda: _light(archive_cover()),
}


def main() -> None:
    for name, build in TEMPLATES.items():
        build().save(FOLDER / f"{name}.docx")


if __name__ == "__main__":
    main()
