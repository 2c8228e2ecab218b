"""What leaves the platform: the package to verify, the filing form as Word, the list of participation as Excel."""

from datetime import datetime
from io import BytesIO
from math import ceil

import xlsxwriter
from docx import Document as new_document
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from gongzhi.core.display import clauses_in_words, cn_date, cn_moment
from gongzhi.core.errors import Refused
from gongzhi.governance.tally.explaining import both, least, requirement
from gongzhi.governance.tally.parts import square_metres
from gongzhi.governance.tally.result import OUTCOMES, STANDINGS, Count, OfMotion, Result
from gongzhi.governance.votes import queries
from gongzhi.governance.votes.models import Ballot, Vote
from gongzhi.governance.votes.scopes import concerned
from gongzhi.governance.votes.secret.trusting import FILE
from gongzhi.governance.votes.services.balloting import opening_of
from gongzhi.governance.votes.services.closing import counted, events_of
from gongzhi.governance.votes.services.common import log_of
from gongzhi.governance.votes.services.rolls import roll_of
from gongzhi.proof import services as proof
from gongzhi.proof.exporting import plain_json
from gongzhi.proof.models import Cosignature, Seal, SigningKey

COLUMNS: tuple[tuple[str, int], ...] = (
    ("房号", 20),
    ("专有部分面积（平方米）", 20),
    ("面积来源", 14),
    ("出售交付", 12),
    ("送达", 20),
    ("是否参与", 10),
)
SIGNED = (("召集人（盖章）", "　　　　　　　　　　年　　月　　日"), ("备案单位意见", ""))
FORM_COLUMNS = (18, 70)
TITLE_SIZE, TEXT_SIZE = Pt(18), Pt(11)
TYPEFACE = "宋体"
TABLE_WIDTHS = (Cm(3), Cm(12.2))
LINE_HEIGHT = 15  # points
A4 = 9
CENTI = 100


def package(vote: Vote, *, now: datetime, opened: bool = False) -> bytes:
    """The log up to a checkpoint of now, roll, rules, result. `opened`: with every ballot, for scrutineers.

    Two packages of one state are the same bytes.
    """
    at = proof.checkpoint(log_of(vote), now=now)
    if at is None:
        raise Refused("log_empty", "票册还是空的，没有可以下载的数据。")
    members = {"roll.json": plain_json(roll_of(vote).model_dump(mode="json"))}
    if vote.rules:
        members["rules.json"] = plain_json(vote.rules)
    if vote.result:
        members["result.json"] = plain_json(vote.result)
    if opened or vote.secret:
        members["events.json"] = plain_json(events_of(vote, size=at.size).model_dump(mode="json"))
    if vote.secret and vote.rules:
        members[FILE] = vote.ceremony.voters.encode()
    if opened and not vote.secret:
        members["openings.jsonl"] = _openings(vote, at.size)
    return proof.export(at, members=members, now=now)


def package_state(vote: Vote, *, now: datetime) -> str:
    """The same as long as the package is: for who has fetched it already."""
    at = proof.checkpoint(log_of(vote), now=now)
    seals = Seal.objects.filter(checkpoint__log=vote.log).exclude(token=None).count()
    signed = Cosignature.objects.filter(checkpoint__log=vote.log).count()
    return f"{vote.version}-{at.size if at else 0}-{signed}-{seals}-{SigningKey.objects.count()}"


def _openings(vote: Vote, size: int) -> bytes:
    rows = Ballot.objects.filter(vote=vote, entry__leaf_index__lt=size).select_related("entry")
    lines = []
    for ballot in rows.order_by("entry__leaf_index"):
        one = opening_of(ballot) | {"entry": ballot.entry.leaf_index}
        lines.append(plain_json(one).decode().rstrip("\n"))
    return "".join(f"{line}\n" for line in lines).encode()


Lines = list[tuple[str, str]]


def filing_form(vote: Vote) -> bytes:
    """备案表 as Word: what was decided, by how many, with which clauses."""
    document = _titled("业主大会表决情况备案表")
    for title, rows in _filed(vote):
        if title:
            document.add_paragraph(title).runs[0].bold = True
        _table(document, rows)
    for name, words in SIGNED:
        document.add_paragraph(f"{name}：{words}")
    return _saved(document)


def filing_workbook(vote: Vote) -> bytes:
    """The same form as Excel, for whoever files many."""
    target = BytesIO()
    workbook = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = workbook.add_worksheet("备案表")
    head = workbook.add_format({"bold": True, "bg_color": "#e8eff8", "border": 1})
    plain = workbook.add_format({"border": 1, "text_wrap": True, "valign": "top"})
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_column(0, 0, FORM_COLUMNS[0])
    sheet.set_column(1, 1, FORM_COLUMNS[1])
    line = 0
    for title, rows in [("业主大会表决情况备案表", []), *_filed(vote), ("", list(SIGNED))]:
        if title:
            sheet.merge_range(line, 0, line, 1, title, head)
            line += 1
        for name, words in rows:
            sheet.set_row(line, LINE_HEIGHT * _lines(words))
            sheet.write_string(line, 0, name, plain)
            sheet.write_string(line, 1, words, plain)
            line += 1
    workbook.close()
    return target.getvalue()


def _lines(words: str) -> int:
    """How many lines a cell of the form takes: not every program finds the height of wrapped words by itself."""
    wide = FORM_COLUMNS[1] // 2  # a Chinese sign is two columns wide
    return sum(max(1, ceil(len(line) / wide)) for line in words.split("\n"))


def result_notice(vote: Vote) -> bytes:
    """What is posted: while objections are taken the draft, afterwards what stands."""
    result = queries.result_of(vote) or counted(vote)
    final = vote.finalised_at is not None
    what = "结果" if vote.title.endswith("表决") else "表决结果"
    document = _titled(f"{vote.estate.name}{vote.title}", f"{what}{'公告' if final else '公示'}")
    document.add_paragraph("全体业主：")
    whole = queries.electorate_of(vote)
    document.add_paragraph(
        f"　　{vote.title}由{vote.get_convener_display()}召集，"
        f"{cn_moment(vote.opens_at)}至{cn_moment(vote.closes_at)}投票。"
        f"名册共{len(whole.seats)}套、{whole.head_count}人、{square_metres(whole.area)}平方米。结果如下："
    )
    for number, one in enumerate(result.motions, 1):
        document.add_paragraph(f"　　{number}. {one.title}：{OUTCOMES[one.outcome]}")
        _table(document, _motion(one))
    if not result.binding:
        document.add_paragraph("　　须使用政府指定的平台表决，这里的结果只供核对。")
    document.add_paragraph(f"　　{_what_now(vote)}")
    signed = f"{vote.estate.name}{vote.get_convener_display()}（盖章）"
    document.add_paragraph(signed).alignment = WD_ALIGN_PARAGRAPH.RIGHT
    document.add_paragraph(cn_date(vote.finalised_at or vote.published_on)).alignment = WD_ALIGN_PARAGRAPH.RIGHT
    return _saved(document)


def _what_now(vote: Vote) -> str:
    if vote.finalised_at is not None:
        when = cn_moment(vote.finalised_at)
        return f"公示期满，异议{vote.objections.count()}件均已答复，结果自{when}起生效，特此公告。"
    until = f"异议到{vote.objection_words}。" if vote.objection_until else ""
    ask = "对计票、程序有异议的，请在公示期内向召集人或街道、社区提出，也可以扫选票上的码核对自己的票。"
    return f"以上为结果草案。{ask}{until}"


def _titled(*lines: str) -> Document:
    document = new_document()
    plain = document.styles["Normal"]
    plain.font.name, plain.font.size = TYPEFACE, TEXT_SIZE
    plain.element.rPr.rFonts.set(qn("w:eastAsia"), TYPEFACE)
    for title in lines:
        head = document.add_paragraph()
        head.alignment, head.paragraph_format.space_after = WD_ALIGN_PARAGRAPH.CENTER, Pt(0)
        run = head.add_run(title)
        run.bold, run.font.size = True, TITLE_SIZE
    document.add_paragraph("")
    return document


def _saved(document: Document) -> bytes:
    target = BytesIO()
    document.save(target)
    return target.getvalue()


def _filed(vote: Vote) -> list[tuple[str, Lines]]:
    """The form's parts, each with its title: the meeting, then every motion."""
    result = queries.result_of(vote) or counted(vote)
    whole, service = queries.electorate_of(vote), queries.service_of(vote)
    ignored = "\n".join(f"{one.says}：{len(one.ballots)}张" for one in queries.not_counted(result))
    facts = [
        ("小区", vote.estate.name),
        ("会议名称", vote.title),
        ("召集人", vote.get_convener_display()),
        ("公告日期", cn_date(vote.noticed_on)),
        ("投票时间", f"{cn_moment(vote.opens_at)}至{cn_moment(vote.closes_at)}"),
        ("名册", f"{whole.head_count}人，{square_metres(whole.area)}平方米，{len(whole.seats)}套"),
        ("送达", f"{service.served}套有送达凭证，{service.failed + service.waiting}套没有"),
        ("没有计入的票", ignored or "没有"),
        ("结果公示", cn_date(vote.published_on)),
        ("异议", f"{vote.objections.count()}件"),
        ("生效时间", cn_moment(vote.finalised_at) if vote.finalised_at else ""),
    ]
    if not result.binding:
        facts.append(("说明", "须使用政府指定的平台表决，本表只供核对"))
    return [("", facts), *((f"{one.title}：{OUTCOMES[one.outcome]}", _motion(one)) for one in result.motions)]


def _motion(one: OfMotion) -> Lines:
    votes, took = one.tallied.votes, one.tallied.participating
    rows = [("全体", both(one.tallied.base)), ("参与", _of(took, one.tallied.base))]
    if not one.candidates:
        listed = (("同意", votes.agree), ("反对", votes.oppose), ("弃权", votes.abstain))
        rows += [(title, _of(count, took)) for title, count in listed]
    rows += [(who.name, f"{_of(who.tallied.votes.agree, took)}，{STANDINGS[who.standing]}") for who in one.candidates]
    wanted = [requirement(test) for test in one.tests]
    if one.candidates:
        wanted.append(f"当选的{'，'.join(least(test) for test in one.candidates[0].tests)}")
    rows += [("要求", "\n".join(wanted))]
    return [*rows, ("依据", clauses_in_words(dict.fromkeys(clause for test in one.tests for clause in test.clauses)))]


def _of(part: Count, whole: Count) -> str:
    """Heads and area, each with its share of the whole, cut off."""
    shares = f"{queries.cut_percent(part.heads, whole.heads)}、{queries.cut_percent(part.area, whole.area)}"
    return f"{both(part)}（{shares}）" if whole.heads else both(part)


def _table(document: Document, rows: list[tuple[str, str]]) -> None:
    table = document.add_table(rows=0, cols=2, style="Table Grid")
    table.autofit = False
    for column, width in zip(table.columns, TABLE_WIDTHS, strict=True):
        column.width = width
    for title, words in rows:
        cells = table.add_row().cells
        cells[0].text, cells[1].text = title, words
        cells[0].width, cells[1].width = TABLE_WIDTHS
    document.add_paragraph("")


def participation(vote: Vote, result: Result | None = None) -> bytes:
    """Room and area alone: who took part, not what he chose."""
    found = result or counted(vote, sensitivity=False, detail=True)
    voted = {
        one.unit: any(vote_.position != "none" and not vote_.deemed for vote_ in one.votes) for one in found.units or ()
    }
    served = {one.unit: one.served for one in found.units or ()}
    put_right = queries.corrections_of(vote)
    target = BytesIO()
    workbook = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = workbook.add_worksheet("参与名单")
    head = workbook.add_format({"bold": True, "bg_color": "#e8eff8", "border": 1})
    number = workbook.add_format({"num_format": "#,##0.00"})
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.freeze_panes(1, 0)
    for column, (title, width) in enumerate(COLUMNS):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, title, head)
    for row, one in enumerate(concerned(vote).order_by("building", "room"), 1):
        sheet.write_string(row, 0, one.room)
        area = put_right[one.code].row.area if one.code in put_right else one.area
        sheet.write_number(row, 1, area / CENTI, number)
        sheet.write_string(row, 2, one.get_area_source_display())
        sheet.write_string(row, 3, one.get_stock_display())
        sheet.write_string(row, 4, "有送达凭证" if served.get(one.code) else "没有送达凭证")
        counts = one.code in voted
        sheet.write_string(row, 5, ("已参与" if voted[one.code] else "未参与") if counts else "不计")
    workbook.close()
    return target.getvalue()
