"""PDF pages by the thousand: ballots, bills, notices. Set by typst with a Chinese font that comes in a wheel.

A template is a typst file that reads its data by `#let data = json(bytes(sys.inputs.data))`. typst prints an empty box
for a character that its font lacks, and says nothing; so every character is looked up in the font first.
"""

import json
import threading
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import segno
import typst
from fontTools.ttLib import TTCollection

from gongzhi.core.errors import Refused

FONT_PACKAGE = "manimgx_fonts_cjk"
FONT_FILES = "*.ttc"
INVISIBLE = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
QR_ERROR_LEVEL = "m"

_one_at_a_time = threading.Lock()  # the compiler keeps its state from page to page


def print_pdf(template: Path, data: Mapping[str, Any], *, now: datetime) -> bytes:
    """The pages as PDF, in one file; the same template, data and time give the same bytes.

    `data` is JSON. Refuses (`missing_glyph`) characters that the font lacks, with the texts they stand in.
    """
    lacking = missing_characters(data)
    if lacking:
        named = "、".join(f"“{text}”里的“{character}”" for character, text in lacking.items())
        raise Refused("missing_glyph", f"字库里没有这些字，打印出来会是空白：{named}。请核对后改用通用写法，再打印。")
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    with _one_at_a_time:
        pdf = _compiler().compile(
            template.read_bytes(), format="pdf", sys_inputs=inputs, timestamp=int(now.timestamp())
        )
    if not isinstance(pdf, bytes):
        raise TypeError(f"{template.name}: typst gave no file")
    return pdf


def qr_svg(text: str) -> str:
    """A QR code as an SVG image for a template: `image(bytes(…), format: "svg")`."""
    return str(segno.make(text, error=QR_ERROR_LEVEL, micro=False).svg_inline(border=0))


def missing_characters(data: Any) -> dict[str, str]:
    """Characters that would print as empty boxes, each with the first text that has it."""
    known = _characters()
    found: dict[str, str] = {}
    for text in _texts(data):
        for character in text:
            if ord(character) not in known and unicodedata.category(character) not in INVISIBLE:
                found.setdefault(character, text)
    return found


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for value in data.values():
            yield from _texts(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from _texts(value)


def _font_folder() -> Path:
    return Path(str(files(FONT_PACKAGE)))


@cache
def _characters() -> frozenset[int]:
    """The code points of the fonts; a collection's members cover the same ones."""
    found: set[int] = set()
    for file in sorted(_font_folder().glob(FONT_FILES)):
        with TTCollection(str(file), lazy=True) as fonts:
            for font in fonts.fonts:
                found.update(font.getBestCmap())
    if not found:
        raise FileNotFoundError(f"no font in the package {FONT_PACKAGE}")
    return frozenset(found)


@cache
def _compiler() -> typst.Compiler:
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(_font_folder())])
    return typst.Compiler(font_paths=fonts, ignore_system_fonts=True)
