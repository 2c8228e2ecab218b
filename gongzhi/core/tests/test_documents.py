import re
import zipfile
from dataclasses import replace
from io import BytesIO
from textwrap import dedent
from xml.etree import ElementTree  # noqa: S405 - our own files

import pytest
from docx import Document as Word
from docx.oxml.ns import qn

from gongzhi.core import documents, packs
from gongzhi.core import services as core
from gongzhi.core.document_templates import build
from gongzhi.core.errors import Refused
from gongzhi.core.models import Document, Event, PackAttachment
from gongzhi.core.refs import Ref
from gongzhi.core.tests.cast import NOW
from gongzhi.core.tests.test_packs import write
from gongzhi.core.word import TEMPLATES, render_word
from gongzhi.proof import queries as proof_queries
from gongzhi.proof import receipts
from gongzhi.proof import services as proof

SUBJECT = Ref("case", "7", "梧桐花园违法搭建", "34/3402/340207/")
MM = 36000


@pytest.fixture
def office(settings, tmp_path, quiet_cast):
    """The cast under a document of its own with one instrument."""
    root = tmp_path / "packs"
    root.mkdir()
    write(
        root / "national",
        "pack.yaml",
        "pack: national\ntitle: 某法\ndocument: 某法\nprefix: NA\nsource: x.txt\nstatus: in_force\nfrom: 2021-01-01\n",
    )
    write(
        root / "national",
        "clauses.yaml",
        "clauses:\n  - {id: NA-1, where: 第一条, kind: duty, topic: accountability, says: 督促,"
        " strength: must, anchor: 督促办理}\n",
    )
    write(
        root / "national",
        "papers.yaml",
        dedent("""
        instruments:
          notice:
            name: 督办单
            number: 某督〔{year}〕{seq}号
            issuer: {role: leading_group_office}
            to: owner
            body: |
              {to}：你单位承办的“{subject}”应于{due}前完成。
              请办结：{subject}。
            clauses: [NA-1]
        """),
    )
    settings.PACKS = root
    PackAttachment.objects.all().delete()  # the city's document of the cast lies elsewhere
    packs.changed()
    assert packs.loaded(anew=True)[1] == []
    return quiet_cast


def issue(cast, **extra):
    given = {
        "subject": SUBJECT,
        "to": [cast.organisation("urban_management")],
        "copy_to": [cast.organisation("discipline_office"), cast.organisation("urban_management")],
        "values": {"due": "5月13日24:00"},
        "issuer": cast.organisation("leading_group_office"),
        "place_path": cast.county.path,
        "actor": cast.actor("leading_group_office"),
        "now": NOW,
        **extra,
    }
    return core.issue_document("notice", **given)


def words(document):
    with core.open_file(document.file) as file:
        return [paragraph.text for paragraph in Word(BytesIO(file.read())).paragraphs]


@pytest.mark.django_db
def test_a_document_is_numbered_rendered_served_and_on_record(office):
    document = issue(office, values={"due": "5月13日24:00", "attachments": ["投诉登记表", "现场照片"]})
    lines = words(document)
    issuer = office.organisation("leading_group_office").name
    assert (document.number, document.title) == ("某督〔2022〕1号", "督办单")
    assert lines[0] == issuer
    assert "某督〔2022〕1号" in lines
    addressee = office.organisation("urban_management").name
    assert f"{addressee}：" in lines
    assert f"{addressee}：你单位承办的“梧桐花园违法搭建”应于5月13日24:00前完成。" in lines
    assert "依据：第一条。" in lines
    assert "附件：1．投诉登记表" in lines and "　　　2．现场照片" in lines
    assert "2022年5月5日" in lines
    assert any(line.startswith("　抄送：") and office.organisation("discipline_office").name in line for line in lines)
    assert not any("{" in line or "示范数据" in line for line in lines)
    assert [(row.organisation.role, row.copy) for row in document.recipients.order_by("pk")] == [
        ("urban_management", False),
        ("discipline_office", True),
    ]
    event = Event.objects.get(kind="document.issued")
    assert event.data["to"] == ["urban_management"] and event.data["number"] == document.number
    assert document.event == event


@pytest.mark.django_db
def test_each_body_counts_for_itself_and_anew_each_year(office):
    other = office.organisation("housing")
    numbers = [
        issue(office).number,
        issue(office).number,
        issue(office, issuer=other).number,
        issue(office, now=NOW.replace(year=2023)).number,
    ]
    assert numbers == ["某督〔2022〕1号", "某督〔2022〕2号", "某督〔2022〕1号", "某督〔2023〕1号"]


@pytest.mark.django_db
def test_what_the_text_needs_and_nobody_gave_is_named_and_no_number_is_used_up(office):
    with pytest.raises(Refused, match="due") as caught:
        issue(office, values={})
    assert caught.value.fields == {"due": "请补填"}
    assert issue(office).seq == 1


@pytest.mark.django_db
def test_an_instrument_that_no_document_knows_is_refused(office):
    with pytest.raises(Refused, match="没有“nothing”"):
        core.issue_document(
            "nothing",
            subject=SUBJECT,
            to=[],
            values={},
            issuer=office.organisation("housing"),
            place_path=office.county.path,
            actor=office.actor("housing"),
            now=NOW,
        )


@pytest.mark.django_db
def test_markup_and_template_signs_in_a_value_are_only_text(office):
    document = issue(office, values={"due": "<w:p/> & {{ 7*7 }}"})
    assert any("<w:p/> & {{ 7*7 }}" in line for line in words(document))


@pytest.mark.django_db
def test_a_full_stop_typed_before_that_of_the_text_does_not_stand_twice(office):
    assert "请办结：清理楼道。" in words(issue(office, subject=replace(SUBJECT, title="清理楼道。")))


@pytest.mark.django_db
def test_the_addressee_signs_once_and_nobody_else_can(office):
    document = issue(office)
    with pytest.raises(Refused):
        core.sign_for_document(document, actor=office.actor("police"), now=NOW)
    with pytest.raises(Refused, match="没有发给"):
        core.sign_for_document(document, actor=office.actor("leading_group_office"), now=NOW)
    assert not document.signed_for
    first = core.sign_for_document(document, actor=office.actor("urban_management"), now=NOW)
    again = core.sign_for_document(document, actor=office.actor("urban_management"), now=NOW.replace(hour=10))
    assert (first.pk, again.signed_for_at) == (again.pk, NOW)
    assert Document.objects.get().signed_for
    assert Event.objects.filter(kind="document.signed_for").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("urban_management", 200),
        ("leading_group_office", 200),
        ("housing", 403),
        ("police", 403),
        ("owner", 403),
        ("street_office", 403),
    ],
)
def test_the_file_goes_to_the_parties_and_to_those_above_the_place(office, client, role, status):
    """A paper about a case tells of it: the housing bureau is no party; the street does not hold the county."""
    document = issue(office)
    client.force_login(office.user(role))
    response = client.get(f"/wenshu/{document.pk}/")
    assert response.status_code == status
    if status == 200:
        assert response.headers["Content-Disposition"].startswith("attachment")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response.headers["Content-Security-Policy"]


@pytest.mark.django_db
def test_a_paper_that_is_about_no_case_is_read_by_the_bureau_that_oversees_the_county(office, client):
    document = issue(office, subject=office.estate.ref)
    client.force_login(office.user("housing"))
    assert client.get(f"/wenshu/{document.pk}/").status_code == 200


@pytest.mark.django_db
def test_signing_for_a_document_leads_back_and_never_to_another_site(office, client):
    document = issue(office)
    client.force_login(office.user("urban_management"))
    response = client.post(f"/wenshu/{document.pk}/qianshou/", {"next": "https://elsewhere.example/"})
    assert (response.status_code, response.headers["Location"]) == (303, "/")
    assert Document.objects.get().signed_for


def part(content, name="word/document.xml"):
    with zipfile.ZipFile(BytesIO(content)) as package:
        return ElementTree.fromstring(package.read(name))  # noqa: S314


FULL = {
    "issuer": "某区物业管理工作领导小组办公室",
    "number": "某督〔2022〕1号",
    "title": "督办单",
    "to": "某单位",
    "paragraphs": ["正文。"],
    "attachments": [],
    "date": "2022年5月5日",
    "copy_to": "某委",
    "basis": "",
    "demo": False,
}


def test_the_sheet_has_the_geometry_of_an_official_document():
    """GB/T 9704-2012: A4, margins 37, 35, 28 and 26 mm, text of 16 pt in lines of one fixed height, title 22 pt."""
    word = Word(BytesIO(render_word("instrument", FULL)))
    section = word.sections[0]
    sides = (
        section.page_width,
        section.page_height,
        section.top_margin,
        section.bottom_margin,
        section.left_margin,
        section.right_margin,
    )
    assert [round(side / MM) for side in sides] == [210, 297, 37, 35, 28, 26]
    by_text = {paragraph.text: paragraph for paragraph in word.paragraphs}
    body, title = by_text["正文。"], by_text["督办单"]
    assert body.paragraph_format.first_line_indent.pt == 32
    assert body.paragraph_format.line_spacing.pt == pytest.approx(28.9, abs=0.06)
    assert 22 * build.LINE_PT * 25.4 / 72 <= 297 - 37 - 35 < 23 * build.LINE_PT * 25.4 / 72
    assert body.runs[0].font.size.pt == 16
    assert body.runs[0]._element.rPr.rFonts.get(qn("w:eastAsia")) == "仿宋_GB2312"
    assert title.runs[0].font.size.pt == 22
    assert title.runs[0]._element.rPr.rFonts.get(qn("w:eastAsia")) == "方正小标宋简体"
    assert str(word.paragraphs[0].runs[0].font.color.rgb) == "E60012"
    assert by_text["某督〔2022〕1号"]._element.pPr.find(qn("w:pBdr")) is not None


def test_a_companys_notice_has_the_same_type_and_its_signature_on_the_page_of_its_text():
    """28 characters a line, as the notice of an exit comes out with reasons of two lines, plainly under one page."""
    text = ["将" * 70, "理由" * 20, "这" * 40, "请" * 40]
    notice = {**FULL, "paragraphs": text, "attachments": [], "copy_to": "", "basis": "据" * 30}
    word = Word(BytesIO(render_word("letter", notice)))
    sizes = {one.text: one.runs[0].font.size.pt for one in word.paragraphs if one.runs and one.text.strip()}
    assert (sizes[text[0]], sizes["督办单"]) == (16, 22)
    section = word.sections[0]
    room = section.page_height - section.top_margin - section.bottom_margin
    used = sum(one.paragraph_format.line_spacing * max(1, -(-(len(one.text) + 2) // 28)) for one in word.paragraphs)
    assert used <= room


@pytest.mark.parametrize(("name", "size"), [("某办", 36), ("某区物业管理工作领导小组办公室", 29), ("长" * 22, 20)])
def test_the_red_head_keeps_to_one_line(name, size):
    head = Word(BytesIO(render_word("instrument", {**FULL, "issuer": name}))).paragraphs[0]
    assert head.runs[0].font.size.pt == size
    assert size * len(name) <= 442


def test_without_copies_and_attachments_their_lines_are_left_out():
    lines = [one.text for one in Word(BytesIO(render_word("instrument", {**FULL, "copy_to": ""}))).paragraphs]
    assert not any("抄送" in line or "附件" in line or "依据" in line or "印发" in line for line in lines)


def test_forms_covers_and_lists_show_every_field_and_item():
    pair = [{"label": "来访人", "value": "陈**"}, {"label": "人数", "value": "2"}]
    form = render_word(
        "register_form",
        {
            "title": "来访登记表",
            "issuer": "某中心",
            "number": "T1",
            "pairs": [pair],
            "date": "2022年5月5日",
            "fields": [{"label": "反映事项", "value": "电梯故障"}],
            "signatures": "来访人签名：",
        },
    )
    cover = render_word(
        "archive_cover",
        {
            "title": "投诉卷宗",
            "issuer": "某办",
            "fields": [{"label": "案号", "value": "JJ-1"}],
            "items": [{"number": "某督〔2022〕1号", "title": "督办单", "date": "2022-05-05", "pages": 2}],
        },
    )
    signed = render_word(
        "signed_list",
        {
            "title": "移交清单",
            "number": "L1",
            "paragraphs": ["逐项交接。"],
            "items": [{"group": "资料", "name": "竣工图", "expected": "2", "found": "1", "state": "不合格，缺一份"}],
            "signatures": [{"name": "某某物业", "signed": "钱某"}, {"name": "社区居委会", "signed": ""}],
            "date": "2022年5月5日",
        },
    )
    paper = render_word(
        "party_paper",
        {
            "title": "调解申请书",
            "number": "T2",
            "fields": [{"label": "申请人", "value": "王某"}],
            "paragraphs": ["请求调解。"],
            "to": "某某调解室",
            "signatures": [{"name": "申请人", "signed": "王某签"}],
            "date": "2022年5月5日",
        },
    )
    shown = {
        paper: ["调解申请书", "T2", "申请人", "王某", "请求调解。", "此致", "某某调解室", "王某签"],
        form: ["来访人", "陈**", "2", "电梯故障"],
        cover: ["JJ-1", "督办单", "某督〔2022〕1号"],
        signed: ["L1", "逐项交接。", "竣工图", "不合格，缺一份", "某某物业", "钱某", "社区居委会"],
    }
    for content, wanted in shown.items():
        text = "".join(part(content).itertext())
        assert all(word in text for word in wanted)
        assert not re.search(r"\{[%{]", text)


@pytest.mark.parametrize("pieces", [1, 2, 30])
def test_the_signatures_of_a_list_stay_with_its_last_piece_and_what_is_agreed(pieces):
    items = [{"group": "资料", "name": f"图{n}", "expected": "1", "found": "1", "state": "合格"} for n in range(pieces)]
    given = {
        "title": "协议", "number": "L1", "paragraphs": ["逐项查验。", "没有合格的由移交方整改。"], "items": items,
        "signatures": [{"name": "某某物业", "signed": ""}], "basis": "条例", "date": "2022年5月5日",
    }  # fmt: skip
    document = Word(BytesIO(render_word("signed_list", given)))
    listed, hands = document.tables
    kept = [all(one.paragraph_format.keep_with_next for one in row.cells[0].paragraphs) for row in listed.rows]
    assert kept == [False] * pieces + [True]
    below = [one for one in listed._tbl.itersiblings() if one.tag == qn("w:p")]
    (agreed,) = [one for one in document.paragraphs if one.text == "没有合格的由移交方整改。"]
    assert agreed._p in below and agreed.paragraph_format.keep_with_next
    before_hands = [one for one in document.paragraphs if one._p in below and one._p.getnext() is not None]
    assert all(one.paragraph_format.keep_with_next for one in before_hands if not one.text.startswith("2022年"))
    assert all(one.paragraph_format.keep_with_next for row in hands.rows for one in row.cells[0].paragraphs)


def test_the_templates_in_the_repository_are_those_the_script_builds():
    for name, made in build.TEMPLATES.items():
        target = BytesIO()
        made().save(target)
        kept = (TEMPLATES / f"{name}.docx").read_bytes()
        for file in ("word/document.xml", "word/styles.xml", "word/footer1.xml"):
            with zipfile.ZipFile(BytesIO(kept)) as ours, zipfile.ZipFile(target) as built:
                assert ours.read(file) == built.read(file), (name, file)


@pytest.mark.parametrize("name", ["../instrument", "nothing", "Instrument"])
def test_a_template_is_one_of_the_folder(name):
    with pytest.raises(LookupError):
        render_word(name, FULL)


def test_a_document_is_a_leaf_of_the_log_with_what_it_looks_like_and_none_of_its_words(office):
    document = issue(office)
    receipt = documents.receipt_of(document)
    assert "inclusion" not in receipt
    log = proof_queries.log_named("wenshu-shifan" if document.demo else "wenshu")
    (entry,) = log.entries.all()
    assert document.file.sha256 in entry.data
    assert "梧桐花园" not in entry.data
    proof.checkpoint(log, now=NOW)
    found = receipts.check(receipts.parsed(receipts.text_of(documents.receipt_of(Document.objects.get()))))
    assert (found.state, found.entry) == ("good", entry)


def test_a_document_whose_number_or_file_was_exchanged_has_no_receipt(office):
    document = issue(office)
    assert documents.receipt_of(document) is not None
    document.number = "另一个号"
    assert documents.receipt_of(document) is None
    document.refresh_from_db()
    document.file.sha256 = "0" * 64
    assert documents.receipt_of(document) is None
