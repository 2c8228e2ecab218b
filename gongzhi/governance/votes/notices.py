"""What hangs in the estate, as Word: the notice before a vote, the result as a draft, the result that stands."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document as new_document
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from gongzhi.core.display import clauses_in_words, cn_date, cn_moment, yuan
from gongzhi.governance.tally.explaining import both, least, requirement
from gongzhi.governance.tally.parts import square_metres
from gongzhi.governance.tally.result import OUTCOMES, STANDINGS, Count, OfMotion
from gongzhi.governance.votes import queries
from gongzhi.governance.votes.models import Motion, Vote
from gongzhi.governance.votes.services.closing import counted
from gongzhi.governance.votes.services.recording import rules_in_force
from gongzhi.governance.votes.words import MODES

TITLE_SIZE, TEXT_SIZE, CELL_PADDING = Pt(18), Pt(11), Pt(3)
TYPEFACE = "宋体"
TABLE_WIDTHS = (Cm(3), Cm(12.2))
A4_PAGE = (Cm(21), Cm(29.7))
FIRST_DAY = (1980, 1, 1, 0, 0, 0)


def vote_notice(vote: Vote) -> bytes:
    """Motions, majorities, the rules of the count with where each comes from, the roll's root."""
    document, rules = titled(f"{vote.estate.name}{vote.title}", "表决公告"), rules_in_force(vote)
    document.add_paragraph("全体业主：")
    document.add_paragraph(
        f"　　{vote.title}由{vote.get_convener_display()}召集，"
        f"{cn_moment(vote.opens_at)}开始投票，{cn_moment(vote.closes_at)}截止。{_how(vote)}"
    )
    document.add_paragraph(f"　　{_ways(vote)}不投票的后果：{queries.silence_words(rules)}。")
    for one in vote.motions.prefetch_related("buildings"):
        number = queries.NUMBERS[one.position - 1 : one.position] or str(one.position)
        _headed(document, f"议题{number}　{one.title}")
        if one.text:
            document.add_paragraph(one.text)
        table(document, _asked(one))
    _headed(document, "计票规则")
    told = queries.rule_rows(rules)
    table(document, [(one.asks, f"{one.says}（{clauses_in_words(one.clauses) or one.origin}）") for one in told])
    whole = queries.electorate_of(vote)
    document.add_paragraph(
        f"　　名册共{len(whole.seats)}套、{whole.head_count}人、{square_metres(whole.area)}平方米，"
        f"名册的根{vote.roll_root}。自家房屋、面积、业主和名册不一致的，请在截止以前提出异议。"
    )
    _signed(document, vote, cn_date(vote.noticed_on))
    return saved(document)


def _how(vote: Vote) -> str:
    official = rules_in_force(vote).settings.official_platform
    if official.value == "required":
        return f"请在{official.name or '政府指定的平台'}上投票，或交回纸质票。"
    return "可以用手机、到现场或交回纸质票投票。"


def _ways(vote: Vote) -> str:
    return f"表决方式：{'、'.join(MODES[one] for one in vote.modes)}。" if vote.modes else ""


def _asked(one: Motion) -> list[tuple[str, str]]:
    basis = one.basis or {}
    rows = [("事项", one.get_matter_display()), ("谁表决", f"{'、'.join(one.scope['of']) or '全小区'}的业主")]
    if one.amount_fen is not None:
        rows.append(("金额", f"不超过{yuan(one.amount_fen)}"))
    if one.election:
        names = "、".join(who["name"] for who in one.election["candidates"])
        alternates = one.election.get("alternates")
        rows.append(("候选", f"{names}，选{one.election['seats']}个{f'，候补{alternates}个' if alternates else ''}"))
    rows.append(("怎样通过", queries.threshold_words(basis.get("value") or {})))
    return [*rows, ("依据", clauses_in_words(basis.get("clauses", ())))]


def result_notice(vote: Vote) -> bytes:
    """What is posted: while objections are taken the draft, afterwards what stands."""
    result = queries.result_of(vote) or counted(vote)
    final = vote.finalised_at is not None
    what = "结果" if vote.title.endswith("表决") else "表决结果"
    document = titled(f"{vote.estate.name}{vote.title}", f"{what}{'公告' if final else '公示'}")
    document.add_paragraph("全体业主：")
    whole = queries.electorate_of(vote)
    document.add_paragraph(
        f"　　{vote.title}由{vote.get_convener_display()}召集，"
        f"{cn_moment(vote.opens_at)}至{cn_moment(vote.closes_at)}投票。"
        f"名册共{len(whole.seats)}套、{whole.head_count}人、{square_metres(whole.area)}平方米。结果如下："
    )
    for number, one in enumerate(result.motions, 1):
        document.add_paragraph(f"　　{number}. {one.title}：{OUTCOMES[one.outcome]}")
        table(document, counted_rows(one))
    if not result.binding:
        document.add_paragraph("　　须使用政府指定的平台表决，这里的结果只供核对。")
    document.add_paragraph(f"　　{_what_now(vote)}")
    _signed(document, vote, cn_date(vote.finalised_at or vote.published_on))
    return saved(document)


def _what_now(vote: Vote) -> str:
    if vote.finalised_at is not None:
        when = cn_moment(vote.finalised_at)
        return f"公示期满，异议{vote.objections.count()}件均已答复，结果自{when}起生效，特此公告。"
    until = f"异议到{vote.objection_words}。" if vote.objection_until else ""
    ask = "对计票、程序有异议的，请在公示期内向召集人或街道、社区提出，也可以扫选票上的码核对自己的票。"
    return f"以上为结果草案。{ask}{until}"


def _headed(document: Document, words: str) -> None:
    made = document.add_paragraph(words)
    made.runs[0].bold, made.paragraph_format.keep_with_next = True, True


def _signed(document: Document, vote: Vote, day: str) -> None:
    for words in (f"{vote.estate.name}{vote.get_convener_display()}（盖章）", day):
        made = document.add_paragraph(words)
        made.alignment, made.paragraph_format.keep_with_next = WD_ALIGN_PARAGRAPH.RIGHT, True


def counted_rows(one: OfMotion) -> list[tuple[str, str]]:
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


def titled(*lines: str) -> Document:
    document = new_document()
    page = document.sections[0]
    page.page_width, page.page_height = A4_PAGE
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


def saved(document: Document) -> bytes:
    target = BytesIO()
    document.save(target)
    return target.getvalue()


def undated(content: bytes) -> bytes:
    """The same document whenever it was written: for a package whose bytes are compared."""
    target = BytesIO()
    with ZipFile(BytesIO(content)) as source, ZipFile(target, "w", ZIP_DEFLATED) as file:
        for one in source.infolist():
            file.writestr(ZipInfo(one.filename, FIRST_DAY), source.read(one), ZIP_DEFLATED)
    return target.getvalue()


def table(document: Document, rows: list[tuple[str, str]]) -> None:
    grid = document.add_table(rows=0, cols=2, style="Table Grid")
    grid.autofit = False
    for column, width in zip(grid.columns, TABLE_WIDTHS, strict=True):
        column.width = width
    for words in rows:
        row = grid.add_row()
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, text, width in zip(row.cells, words, TABLE_WIDTHS, strict=True):
            cell.text, cell.width = text, width
            form = cell.paragraphs[0].paragraph_format
            form.space_before = form.space_after = CELL_PADDING
    document.add_paragraph("")
