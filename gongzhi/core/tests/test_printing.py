"""Pages by the thousand: Chinese, rare characters, and no empty boxes."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from gongzhi.core import printing
from gongzhi.core.errors import Refused

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
PAGES = """#let data = json(bytes(sys.inputs.data))
#set text(font: "Noto Sans CJK SC", lang: "zh", region: "cn")
#for one in data.pages [
  #one.name #if "qr" in one [#image(bytes(one.qr), format: "svg", width: 4cm)] #pagebreak(weak: true)
]
"""


@pytest.fixture
def template(tmp_path: Path) -> Path:
    file = tmp_path / "pages.typ"
    file.write_text(PAGES, encoding="utf-8")
    return file


def test_every_page_shows_its_text(template: Path) -> None:
    names = [f"业主{number}号" for number in range(30)]
    pdf = printing.print_pdf(template, {"pages": [{"name": name} for name in names]}, now=NOW)
    pages = PdfReader(io.BytesIO(pdf)).pages
    assert ["".join(page.extract_text().split()) for page in pages] == names


def test_rare_characters_of_names_print(template: Path) -> None:
    assert printing.missing_characters({"pages": [{"name": "堃䶮𠮷㑇"}]}) == {}


def test_a_character_without_glyph_refuses_the_print_and_names_its_text(template: Path) -> None:
    with pytest.raises(Refused) as refused:
        printing.print_pdf(template, {"pages": [{"name": "张三"}, {"name": "李\U0003134a"}]}, now=NOW)
    assert refused.value.code == "missing_glyph"
    assert "“李\U0003134a”里的“\U0003134a”" in refused.value.message
    assert "张三" not in refused.value.message


def test_the_same_data_give_the_same_file(template: Path) -> None:
    data = {"pages": [{"name": "示范花园"}]}
    assert printing.print_pdf(template, data, now=NOW) == printing.print_pdf(template, data, now=NOW)


def test_a_printed_code_can_be_read_again(template: Path) -> None:
    address = "https://example.org/biaojue/p/7K2M9QX4"
    data = {"pages": [{"name": "1幢101室", "qr": printing.qr_svg(address)}]}
    picture = printing._compiler().compile(
        template.read_bytes(), format="png", sys_inputs={"data": printing.json.dumps(data)}
    )
    assert isinstance(picture, bytes)
    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    assert code.text == address
