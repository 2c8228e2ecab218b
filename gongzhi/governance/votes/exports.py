"""What leaves the platform: the package to verify, the filing form as Word, the list of participation as Excel."""

from datetime import datetime
from io import BytesIO
from math import ceil

import xlsxwriter

from gongzhi.core.display import cn_date, cn_moment
from gongzhi.core.errors import Refused
from gongzhi.governance.tally.parts import square_metres
from gongzhi.governance.tally.result import OUTCOMES, Result
from gongzhi.governance.votes import queries
from gongzhi.governance.votes.models import Ballot, Vote
from gongzhi.governance.votes.notices import counted_rows, result_notice, saved, table, titled, undated, vote_notice
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
LINE_HEIGHT = 18  # points; Chinese letters of 11 points take 16
A4 = 9
CENTI = 100


def package(vote: Vote, *, now: datetime, opened: bool = False) -> bytes:
    """The log up to a checkpoint of now, roll, rules, result, notices. `opened`: with every ballot, for scrutineers.

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
    if vote.noticed_on is not None:
        members["notices/notice.docx"] = undated(vote_notice(vote))
    if vote.result:
        members["notices/result.docx"] = undated(result_notice(vote))
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
    document = titled("业主大会表决情况备案表")
    for title, rows in _filed(vote):
        if title:
            document.add_paragraph(title).runs[0].bold = True
        table(document, rows)
    for name, words in SIGNED:
        document.add_paragraph(f"{name}：{words}")
    return saved(document)


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
    return [("", facts), *((f"{one.title}：{OUTCOMES[one.outcome]}", counted_rows(one)) for one in result.motions)]


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
