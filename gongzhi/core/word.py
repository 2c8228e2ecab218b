"""Word files from the templates in `document_templates/`."""

import re
import zipfile
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from docx import Document as open_word
from docx.opc.oxml import serialize_part_xml
from docx.shared import Pt
from docx.text.paragraph import Paragraph
from docxtpl import DocxTemplate
from jinja2 import Environment, Template

from gongzhi.core.display import printed

TEMPLATES = Path(__file__).parent / "document_templates"
TEMPLATE_NAME = re.compile(r"[a-z_]+")
HEAD_STYLE = "红头"
TEXT_WIDTH_PT = 440
MARKS = re.compile(rb"\{[{%]")


def render_word(template: str, context: Mapping[str, Any]) -> bytes:
    """A Word file from a template in `document_templates/`. Values are text: markup in them is shown as such."""
    path = TEMPLATES / f"{template}.docx"
    if not TEMPLATE_NAME.fullmatch(template) or not path.exists():
        raise LookupError(f"no document template {template!r}")
    known = _opened(path)
    filled, values = _Template(path, known.docx), printed(context)
    body = filled.fix_tables(filled.build_xml(values, WORDS))
    filled.fix_docpr_ids(body)
    root = deepcopy(filled.docx._element)
    root.replace(root.body, body)
    del body  # from here on its elements are of python-docx's kinds
    for paragraph in root.body.p_lst:
        # By the mark in the paragraph itself: its `style` looks through all styles for the default one each time.
        if known.head is not None and paragraph.style == known.head:
            _fit(Paragraph(paragraph, filled.docx.part))
    parts = {filled.docx.part.partname.membername: serialize_part_xml(root)}
    for uri in (DocxTemplate.HEADER_URI, DocxTemplate.FOOTER_URI):
        for key, xml in filled.build_headers_footers_xml(values, uri, WORDS):
            parts[filled.docx.part.rels[key].target_part.partname.membername] = xml
    return _written(known.rest, parts)


class _Words(Environment):
    """Compiles a part of a template once: they are few, and documents are many."""

    def from_string(self, source: Any, *given: Any, **named: Any) -> Template:
        return _compiled(source)


@lru_cache(maxsize=100)
def _compiled(source: str) -> Template:
    return Environment(autoescape=True).from_string(source)


WORDS = _Words(autoescape=True)


class _Template(DocxTemplate):
    """The parts of an opened file filled in, none of them changed: the file is opened once."""

    docx: Any

    def __init__(self, path: Path, opened: Any) -> None:
        super().__init__(path)
        self.docx = opened
        self.render_init()

    def patch_xml(self, src_xml: str) -> str:
        """Of a template's part, once: what is in it does not change."""
        return _patched(src_xml)


@lru_cache(maxsize=100)
def _patched(source: str) -> str:
    return str(DocxTemplate.patch_xml(None, source))


@dataclass(frozen=True)
class _Opened:
    """What of a template is the same for all its documents. `head`: the style of its red head. `rest`: a file of the
    parts that nothing is filled into."""

    docx: Any
    head: str | None
    rest: bytes


@lru_cache(maxsize=100)
def _opened(path: Path) -> _Opened:
    opened = open_word(str(path))
    template, styles = _Template(path, opened), opened.styles
    filled = {opened.part.partname.membername}
    for uri in (DocxTemplate.HEADER_URI, DocxTemplate.FOOTER_URI):
        filled |= {part.partname.membername for _, part in template.get_headers_footers(uri)}
    with zipfile.ZipFile(path) as whole:
        rest = {name: whole.read(name) for name in whole.namelist() if name not in filled}
    with_marks = [name for name, content in rest.items() if MARKS.search(content)]
    if with_marks:
        raise LookupError(f"{path.name}: nothing is filled into {with_marks}")
    return _Opened(opened, styles[HEAD_STYLE].style_id if HEAD_STYLE in styles else None, _written(b"", rest))


def _written(rest: bytes, parts: Mapping[str, bytes]) -> bytes:
    """A file with further parts: those of `rest` are not packed again."""
    target = BytesIO(rest)
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return target.getvalue()


def _fit(paragraph: Any) -> None:
    """A head keeps to one line: a long name is set smaller."""
    fitting = TEXT_WIDTH_PT // max(len(paragraph.text), 1)
    for run in paragraph.runs:
        if run.font.size is not None and run.font.size.pt > fitting:
            run.font.size = Pt(fitting)
