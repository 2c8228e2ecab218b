"""A ballot goes out on paper, comes back as a scan, and is known again; what is not surely known is left to people."""

import io
from datetime import UTC, datetime
from itertools import combinations

import pytest
import typst
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader

from gongzhi.core import printing
from gongzhi.core.errors import Refused
from gongzhi.governance.votes.paper.codes import SIGNS, BadCode, in_words, new_code, read_code
from gongzhi.governance.votes.paper.printing import TEMPLATE, PollSheet, PrintedBallot, PrintedMotion, ballots_pdf
from gongzhi.governance.votes.paper.scanning import scanned_pages

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
POLL = PollSheet(
    title="2026年第一次业主大会会议",
    estate="示范花园",
    closes="2026年12月20日18:00",
    returns="社区服务站（示范花园东门）",
    rules_hash="9f2c 41d7",
    silence="视为弃权，计入参与表决",
    phone="投票页在手机上打开后按提示核对身份。",
    basis="民法典第二百七十八条",
)
MOTIONS = (
    PrintedMotion("1", "使用维修资金更换3号楼电梯", "概算32万元，由3号楼分摊。", "超过半数同意为通过"),
    PrintedMotion("2", "选举第二届业主委员会委员", hint="最多同意5人", candidates=("张三", "李四", "欧阳䶮")),
)
NUMBERS = ("1", "2")
COMPILER = typst.Compiler()


def ballots(codes: list[str]) -> list[PrintedBallot]:
    return [
        PrintedBallot(f"{number}幢101室", "王*", "98.12平方米", code, f"https://example.org/biaojue/p/{code}", NUMBERS)
        for number, code in enumerate(codes, start=1)
    ]


def scan(codes: list[str]) -> list[Image.Image]:
    """The pages as a scanner gives them: grey, a little turned."""
    kept: list[dict[str, object]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "gongzhi.governance.votes.paper.printing.print_pdf", lambda _, data, now: kept.append(data) or b""
        )
        ballots_pdf(POLL, MOTIONS, ballots(codes), now=NOW)
    pages = printing._compiler().compile(
        TEMPLATE.read_bytes(), format="png", ppi=150, sys_inputs={"data": printing.json.dumps(kept[0])}
    )
    files = pages if isinstance(pages, list) else [pages]
    return [Image.open(io.BytesIO(file)).convert("L").rotate(2, fillcolor=255) for file in files if file]


def as_pdf(pictures: list[Image.Image]) -> bytes:
    file = io.BytesIO()
    pictures[0].save(file, "PDF", save_all=True, append_images=pictures[1:])
    return file.getvalue()


def test_every_unit_has_a_page_with_its_motions_and_its_code() -> None:
    codes = [new_code(), new_code()]
    pages = PdfReader(io.BytesIO(ballots_pdf(POLL, MOTIONS, ballots(codes), now=NOW))).pages
    assert len(pages) == 2
    for number, (page, code) in enumerate(zip(pages, codes, strict=True), start=1):
        text = "".join(page.extract_text().split())
        for wanted in (f"{number}幢101室", "使用维修资金更换3号楼电梯", "欧阳䶮", "视为弃权", "民法典第二百七十八条"):
            assert wanted in text
        assert code in text


def test_the_ballot_says_how_to_fill_what_is_on_it() -> None:
    """Who elects ticks several names; who decides ticks one box."""

    def printed(*numbers: str) -> str:
        one = PrintedBallot("1幢101室", "", "98.12平方米", new_code(), "https://example.org/p/1", numbers)
        pages = PdfReader(io.BytesIO(ballots_pdf(POLL, MOTIONS, [one], now=NOW))).pages
        return "".join("".join(page.extract_text() for page in pages).split())

    decision, election, both = printed("1"), printed("2"), printed("1", "2")
    assert "怎样填每个事项只在一个方框里打" in decision and "可以少选" not in decision
    assert "怎样填选举在同意的人后面打" in election and "不能多选；多选的，这一项作废" in election
    assert "一个方框" not in election and "同一事项打两个" not in election
    assert "选举以外的每个事项只在一个方框里打" in both and "可以少选" in both
    assert "也可以用手机扫右上角的码投票" in decision
    assert "业主专有部分面积" not in decision  # nothing to say of the owners, no empty line


def test_a_name_without_a_glyph_stops_the_print() -> None:
    (ballot,) = ballots([new_code()])
    broken = PrintedBallot(ballot.unit, "王\U0003134a", ballot.area, ballot.code, ballot.address, NUMBERS)
    with pytest.raises(Refused) as refused:
        ballots_pdf(POLL, MOTIONS, [broken], now=NOW)
    assert refused.value.code == "missing_glyph"


def test_scanned_ballots_are_known_again_page_by_page() -> None:
    codes = [new_code() for _ in range(3)]
    pages = scanned_pages(as_pdf(scan(codes)))
    assert [page.code for page in pages] == codes
    assert [page.number for page in pages] == [1, 2, 3]
    assert all(page.image.startswith(b"\xff\xd8") for page in pages)


def test_a_page_without_a_code_or_with_two_is_left_to_people() -> None:
    codes = [new_code(), new_code()]
    first, second = scan(codes)
    both = Image.new("L", (first.width * 2, first.height), 255)
    both.paste(first, (0, 0))
    both.paste(second, (first.width, 0))
    blank = Image.new("L", first.size, 255)
    assert [page.code for page in scanned_pages(as_pdf([blank, both]))] == [None, None]


@pytest.mark.parametrize("content", [b"", b"not an image", b"%PDF-1.7 torn"])
def test_what_is_no_scan_is_refused(content: bytes) -> None:
    with pytest.raises(Refused) as refused:
        scanned_pages(content)
    assert refused.value.code == "bad_scan"


CODES = st.builds(new_code)


@given(CODES, st.data())
def test_one_wrong_sign_is_found(code: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(code) - 1))
    wrong = data.draw(st.sampled_from([sign for sign in SIGNS if sign != code[place]]))
    with pytest.raises(BadCode):
        read_code(code[:place] + wrong + code[place + 1 :])


@given(CODES)
def test_two_swapped_signs_are_found(code: str) -> None:
    for one, other in combinations(range(len(code)), 2):
        if code[one] != code[other]:
            signs = list(code)
            signs[one], signs[other] = signs[other], signs[one]
            with pytest.raises(BadCode):
                read_code("".join(signs))


@given(CODES)
def test_a_code_is_read_as_people_type_it(code: str) -> None:
    assert read_code(in_words(code).lower()) == code
    assert read_code(f" {code[:4]}-{code[4:8]}－{code[8:]} ") == code
    assert read_code(code.replace("0", "O").replace("1", "l").replace("2", "z")) == code
