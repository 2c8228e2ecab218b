"""One row's page: a body, a formation, a petition, a meeting, a hand-over, a filing, a correction, advice, a charge."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from gongzhi.core import services as core
from gongzhi.core.display import due_words
from gongzhi.core.pages import actor_of, now_of, today_of
from gongzhi.duties.models import Duty
from gongzhi.governance.bodies.models import HandOver
from gongzhi.governance.bodies.queries.assessing import has_report
from gongzhi.governance.bodies.queries.bodies import elected, members_on, unanswered
from gongzhi.governance.bodies.queries.composition import TWO, percent_words, rate_places, rules_of, seats_of
from gongzhi.governance.bodies.queries.coverage import party_shares, stands
from gongzhi.governance.bodies.queries.running import idle_committee
from gongzhi.governance.bodies.services.filing import copies_missing
from gongzhi.governance.bodies.services.terms import notice_day
from gongzhi.governance.bodies.services.vacancies import vacant_seats
from gongzhi.governance.bodies.views.acting import crumbs_of
from gongzhi.governance.bodies.views.noticed import register_section, reports_section
from gongzhi.governance.bodies.views.parts import (
    Cell,
    Note,
    PageParts,
    Section,
    curve,
    day,
    found,
    offer,
    rule_lines,
    timeline,
)
from gongzhi.governance.bodies.views.running import (
    meetings_of,
    steward_notes,
)
from gongzhi.governance.bodies.words import ATTRIBUTES, COMMITTEES, SIDES

STATES = {"preparing": "gz-soon", "in_office": "gz-ok", "ended": "gz-wait"}
AREA = 100
DAY = timedelta(days=1)


def shows(make: Callable[..., PageParts]) -> Any:
    """The page of a row. What stands on it is `view.parts`: programs are given the same."""

    @login_required
    @require_GET
    @wraps(make)
    def view(request: HttpRequest, **given: Any) -> HttpResponse:
        parts = make(request, **given)
        context = {"nav": "bodies", "page_title": parts.title, "parts": parts, "now": now_of(request), **parts.extra}
        return render(request, "bodies/page.html", context)

    view.parts = make  # type: ignore[attr-defined]
    return view


def files_section(ref: Any) -> Section:
    rows = [[Cell(one.name, url=reverse("core:file", args=[one.pk]))] for one in core.files_of(ref)]
    return Section("files", "材料", columns=("文件",), rows=rows, empty="没有上传材料。", side=True)


def papers_section(ref: Any) -> Section:
    rows = []
    for one in core.documents_of(ref):
        url = reverse("core:file", args=[one.file_id]) if one.file_id else ""
        rows.append([Cell(one.title, url=url, sub=f"{one.number}　{day(core.local_day(one.issued_at))}")])
    return Section("papers", "文书", columns=("文书",), rows=rows, empty="还没有文书。", side=True)


OF_SIDES = ("four_party_group", "coordination", "party_alliance")
STATE_SIDES = (*OF_SIDES, "management_committee")
SIDES_STAND = {
    "lacking": ("不完整", "", "gz-today"),
    "waiting": ("待推进：业委会未成立", "", "gz-soon"),
    "whole": ("已建立", "", "gz-ok"),
}


@shows
def body(request: HttpRequest, pk: int) -> PageParts:
    row, actor, on = found(request, "body", pk), actor_of(request), today_of(request)
    at = max(row.ended_on - DAY, row.formed_on) if row.ended_on else on
    office = row.state == "in_office"
    committee = row.kind in COMMITTEES
    chosen = elected(row)
    first = notice_day(row, on) if _told(row) else None
    near = first is not None and on >= first
    parts = PageParts(str(row), crumbs=crumbs_of(row)[:-1])
    parts.tags = [Cell(row.get_state_display(), css=STATES[row.state])]
    if row.kind in OF_SIDES and office:
        parts.tags.append(Cell(*SIDES_STAND[stands(row)]))
    if committee and row.term > 1:
        parts.tags.append(Cell(f"第{row.term}届", css="gz-wait"))
    if committee:
        parts.tags.append(Cell(*_filing_state(row)))
    parts.notes = _body_notes(row, on)
    parts.acts = offer(
        actor,
        row,
        (
            ("body", "beian", "提交备案", "body.file", committee and office and row.filed_on is None),
            ("body", "gaozhi", "告知任期届满", "body.report", committee and office and _told(row) and near),
            ("body", "xiwei", "登记成员", "body.seat", office and not chosen),
            ("body", "changsuo", "登记办公场所", "body.seat", office and row.estate_id is None),
            ("body", "yinzhang", "登记印章、账户", "body.report", committee and office),
            ("body", "jiaoxiao", "登记缴销、销户", "body.report", committee and row.assets.filter(to_on=None).exists()),
            ("body", "biangeng", "登记变更", "body.report", committee and office),
            ("body", "zhuren", "推选主任", "body.report", committee and office),
            ("body", "huiyi", "登记会议", "body.report", committee and office),
            ("body", "gonggao", "发布公告", "notice.show", committee and office),
            ("body", "baogao", "提交工作报告", "body.report", committee and office),
            ("body", "pinggu", "登记转设评估", "body.report", row.kind == COMMITTEES[1] and office),
            ("body", "jiandu", "指导监督", "body.advise", committee and office),
            ("body", "chuping", "社区初评", "body.assess_first", committee),
            ("body", "dingping", "镇街定评", "body.assess", committee),
            ("body", "qingdan", "登记清单", "list.mark", committee and office),
            ("body", "lian", "立案查处委员", "charge.work", committee and office),
            (
                "body",
                "rending",
                "认定不能履职",
                "correction.work",
                row.kind == "owners_committee" and office and row.unable_from is None,
            ),
            ("body", "renqi", "登记任期", "body.register", committee and office),
            ("body", "gaozhi", "告知任期届满", "body.report", committee and office and _told(row) and not near),
            ("body", "huaqu", "划去错登的成员", "body.seat", office and not chosen and row.members.exists()),
            ("body", "gefang", "更正不存在的一方", "body.register", office and row.kind in STATE_SIDES),
            ("body", "zhongzhi", "终止组织", "body.register", office),
        ),
    )
    parts.sections = [
        _facts(row, committee=committee),
        _members(row, at, actor),
        Section("rules", "组成检查", rules=rule_lines(rules_of(row, at)), empty="现行文件没有规定这种组织的组成。"),
    ]
    if row.kind in ("leading_group", "leading_office"):
        parts.sections.insert(1, _seats(row, at))
    if committee and row.estate is not None:
        parts.sections.append(_history(row, on))
    if committee:
        parts.sections.append(meetings_of(row))
        parts.sections.append(register_section(row.notices.order_by("-shown_on", "-pk"), on, own=True))
        parts.sections += [*_kept(row, actor), _assessments(row), _advice(row), _lists(row), _found(row)]
    parts.sections += _struck(row)
    refs = [row.ref, *[one.ref for one in row.changes.all()]]
    parts.sections += [*_files(row), papers_section(row.ref), timeline(refs)]
    return parts


def _facts(row: Any, *, committee: bool) -> Section:
    return Section(
        "facts",
        "基本情况",
        facts=[
            (
                "小区",
                Cell(
                    str(row.estate or "—"),
                    url=reverse("bodies:estate", args=[row.estate_id]) if row.estate_id else "",
                ),
            ),
            ("成立", Cell(day(row.formed_on), sub=" ".join((row.address, row.phone)).strip())),
            *([("任期届满", Cell(day(row.term_until) or "没有登记"))] if committee else []),
            *([("届满告知", Cell(day(row.term_notice_on) or "还没有告知"))] if row.kind == "owners_committee" else []),
            *([("备案", Cell(day(row.filed_on) or "还没有备案"))] if committee else []),
            *([("席位", Cell(f"{row.seats}席"))] if row.seats else []),
            *([("终止", Cell(day(row.ended_on), sub=row.get_end_reason_display()))] if row.ended_on else []),
            *([("不存在的一方", Cell("、".join(SIDES[one] for one in row.absent_sides)))] if row.absent_sides else []),
            *([("说明", Cell(row.explanation))] if row.explanation else []),
        ],
        side=True,
    )


def _found(row: Any) -> Section:
    """What is true of what was reported stands in the committee's file for good."""
    rows = row.notice_reports.filter(kind="withholding").order_by("-pk")
    return reports_section(rows, title="履职记录：要求拒交、缓交物业费的举报")


def _files(row: Any) -> list[Section]:
    return [files_section(row.ref)] if core.files_of(row.ref) else []


def _told(row: Any) -> bool:
    return row.kind == "owners_committee" and row.term_until is not None and row.term_notice_on is None


def _filing_state(row: Any) -> tuple[str, str, str]:
    latest = row.filings.order_by("-pk").first()
    if row.filed_on is not None:
        waiting = latest is not None and bool(copies_missing(latest))
        return ("已备案，待抄送", "", "gz-soon") if waiting else ("已备案", "", "gz-ok")
    if latest is None:
        return ("没有备案", "", "gz-today")
    return (latest.get_state_display(), "", "gz-soon")


def due_notes(row: Any, now: datetime) -> list[Note]:
    """Until when it has to be done, as the duties keep it."""
    rows = Duty.objects.filter(
        subject_kind=row.ref.kind, subject_id=row.ref.id, closed_at=None, due_at__isnull=False
    ).order_by("due_at", "pk")
    shown = [(one.title, due_words(one, now)) for one in rows]
    return [Note(f"{title}：{words.day}前，{words.words}。", words.css) for title, words in shown]


def handover_notes(estate: Any) -> list[Note]:
    """Hand-overs between its bodies that are not done."""
    rows = HandOver.objects.filter(from_body__estate=estate, completed_at=None).select_related("from_body")
    return [
        Note(
            f"{one}自{day(one.opened_on)}起办理，还没有办结。",
            url=reverse("bodies:handover", args=[one.pk]),
            link="去办",
        )
        for one in rows.order_by("pk")
    ]


def unanswered_notes(row: Any, on: date, **link: str) -> list[Note]:
    waiting = unanswered(row)
    if not waiting:
        return []
    first = "；".join(f"{one.words[:20]}（{day(one.due_on)}前）" for one in waiting[:3])
    late = any(one.due_on and one.due_on < on for one in waiting)
    says = f"有{len(waiting)}条指导监督意见没有回复：{first}"
    return [Note(says, "gz-over" if late else "gz-today", **link)]


def _body_notes(row: Any, on: date) -> list[Note]:
    notes = []
    if row.kind == "building_stewards" and row.estate is not None and row.state == "in_office":
        notes += steward_notes(row.estate, on)
    notes += unanswered_notes(row, on)
    if row.unable_from is not None and row.state == "in_office":
        notes.append(Note(f"{day(row.unable_from)}起认定不能正常开展工作，待改选。", "gz-over"))
    vacant = vacant_seats(row, on) if row.kind == "owners_committee" and row.state == "in_office" else 0
    if vacant:
        way = "不足半数，要办改选" if vacant * TWO > row.seats else "请组织补选"
        notes.append(Note(f"{row.seats}席缺{vacant}席，没有候补委员可以递补，{way}。", "gz-today"))
    idle = idle_committee(row, on) if row.kind == "owners_committee" else None
    if idle is not None:
        notes.append(Note(f"{day(idle.since)}以来没有登记会议，请核实能否正常开展工作。", "gz-today", idle.clauses))
    runs = row.kind == "owners_committee" and row.state == "in_office"
    until: date | None = row.term_until if runs else None
    first = notice_day(row, on) if until is not None else None
    if first is not None and until is not None and on >= first:
        over = until < on
        told = "已书面告知" if row.term_notice_on else "还没有书面告知"
        text = f"任期{day(until)}{'已经届满' if over else '届满'}，{told}。"
        notes.append(Note(text, "gz-over" if over else "gz-today"))
    return notes


def _members(row: Any, at: date, actor: Any) -> Section:
    may_seat = core.may(actor, "body.seat", row)
    rows = []
    for one in members_on(row, at, seat=None):
        name = one.masked_name or ("空缺" if one.person_id is None and not one.unit_name else "—")
        where = "　".join(part for part in (one.unit_name, one.title, str(one.building or "")) if part)
        votes = f"得票{one.votes_heads}人" if one.votes_heads is not None else ""
        if one.votes_area_dm2 is not None:
            votes += f"、{one.votes_area_dm2 / AREA:,.2f}㎡"
        leave = reverse("bodies:act", args=["body_member", one.pk, "liren"]) if may_seat and one.to_on is None else ""
        rows.append(
            [
                Cell(name, sub=where),
                Cell(
                    f"{one.get_post_display()}{'（候补第' + str(one.rank) + '）' if one.seat == 'substitute' else ''}"
                ),
                Cell(one.get_side_display(), sub="、".join(ATTRIBUTES[tag] for tag in one.attributes)),
                Cell(one.get_source_display() or "—", sub=votes or one.source_note),
                Cell("登记离任" if leave else day(one.to_on) or "—", url=leave),
            ]
        )
    coming = [
        [
            Cell(one.masked_name or one.unit_name or "空缺", sub=one.title),
            Cell(one.get_post_display(), sub="还没有到任"),
            Cell(one.get_side_display()),
            Cell(one.get_source_display() or "—"),
            Cell(f"自{day(one.from_on)}"),
        ]
        for one in row.members.filter(from_on__gt=at, struck_on=None).exclude(approved_on=None).select_related("person")
        if row.ended_on is None
    ]
    waiting = [
        [
            Cell(one.masked_name or one.unit_name),
            Cell("待批准调整", css="gz-soon"),
            Cell(one.get_side_display()),
            Cell(f"自{day(one.from_on)}"),
            Cell(
                "批准",
                url=reverse("bodies:act", args=["body_member", one.pk, "pizhun"])
                if core.may(actor, "body.approve_seat", one)
                else "",
            ),
        ]
        for one in row.members.filter(approved_on=None, struck_on=None).select_related("person")
    ]
    columns = ("姓名、单位", "职务", "代表、身份", "产生", "离任")
    rows += [*coming, *waiting]
    return Section("members", f"成员（{day(at)}）", columns=columns, rows=rows, empty="还没有成员。")


def _struck(row: Any) -> list[Section]:
    """What was entered by mistake stays to be seen."""
    rows = [
        [Cell(one.masked_name or "空缺", sub="　".join(part for part in (one.unit_name, one.title) if part)),
         Cell(one.get_post_display()), Cell(one.get_side_display()), Cell(day(one.from_on)),
         Cell("划去", css="gz-wait", sub=f"{day(one.struck_on)}　{one.struck_why}")]
        for one in row.members.exclude(struck_on=None).select_related("person").order_by("-struck_on", "-pk")
    ]  # fmt: skip
    columns = ("姓名、单位", "职务", "代表", "登记的", "划去")
    return [Section("struck", "划去的登记（不计入）", columns=columns, rows=rows)] if rows else []


def _history(row: Any, on: date) -> Section:
    rows, before = [], None
    shares = party_shares(row.estate, row.kind, on)
    places = rate_places(row.place_path, row.formed_on)
    known = [
        (f"第{one.term}届", percent_words(value, places=places), value) for one, value in shares if value is not None
    ]
    for one, value in shares:
        words = (
            "—"
            if before is None or value is None
            else "提高"
            if value > before
            else "下降"
            if value < before
            else "持平"
        )
        css = {"提高": "gz-ok", "下降": "gz-today"}.get(words, "")
        name = Cell(f"第{one.term}届", url=reverse("bodies:body", args=[one.pk]), sub=day(one.formed_on))
        rows.append([name, Cell(percent_words(value, places=places)), Cell(words, css=css)])
        before = value
    return Section(
        "shares",
        "历届党员比例",
        columns=("届次", "党员比例", "比上届"),
        rows=rows,
        side=True,
        curve=curve(known),
        note="以前各届按最后一日，在任的按今天",
    )


def _seats(row: Any, at: date) -> Section:
    seats = seats_of(row, at)
    lacking = [*seats.missing_deputies, *seats.missing_units]
    return Section(
        "seats",
        "席位",
        columns=("还缺的席位",),
        rows=[[Cell(one)] for one in lacking],
        empty="文件列的席位都有。",
        note=f"组长（主任）应由{seats.head}担任" if seats.head else "",
        clauses=seats.clauses,
    )


def _kept(row: Any, actor: Any) -> list[Section]:
    filings = [
        [
            Cell(one.number or "备案材料", url=reverse("bodies:filing", args=[one.pk])),
            Cell(one.get_state_display()),
            Cell(day(core.local_day(one.submitted_at))),
        ]
        for one in row.filings.order_by("-pk")
    ]
    given = dict(row.handovers.filter(items__given_on__isnull=False).values_list("items__asset", "items__given_on"))
    assets = [
        [
            Cell(one.title, sub=f"{one.bank} 尾号{one.tail}" if one.tail else one.keeper),
            Cell(one.get_kind_display()),
            Cell(day(one.from_on)),
            _asset_state(one, given),
        ]
        for one in row.assets.order_by("pk")
    ]
    changes = []
    for one in row.changes.order_by("-happened_on"):
        report = reverse("bodies:act", args=["body_change", one.pk, "baogao"])
        done = one.reported_at is not None
        changes.append(
            [
                Cell(one.what, sub=one.get_kind_display()),
                Cell(day(one.happened_on)),
                Cell("已报告" if done else "待报告", css="gz-ok" if done else "gz-today", url="" if done else report),
            ]
        )
    handovers = [
        [
            Cell(str(one), url=reverse("bodies:handover", args=[one.pk])),
            Cell("已办结" if one.completed_at else "移交中", css="gz-ok" if one.completed_at else "gz-today"),
            Cell(day(one.opened_on)),
        ]
        for one in [*row.handovers.all(), *row.received_handovers.all()]
    ]
    return [
        Section("filings", "备案", columns=("备案", "状态", "提交"), rows=filings, empty="还没有提交备案。"),
        Section("assets", "印章和账户", columns=("名称", "类别", "启用", "现状"), rows=assets, empty="没有登记。"),
        Section("changes", "变更报告", columns=("事项", "发生", "报告"), rows=changes, empty="没有须报告的变更。"),
        Section("handovers", "移交", columns=("移交", "状态", "起始"), rows=handovers, empty="没有移交。"),
    ]


def _asset_state(asset: Any, given: dict[Any, date]) -> Cell:
    """`given`: the day on which it was handed over, by asset."""
    if asset.to_on is not None:
        return Cell(asset.end_note or "已缴销（销户）", sub=day(asset.to_on))
    if asset.pk in given:
        return Cell("已移交，待缴销（销户）", css="gz-soon", sub=day(given[asset.pk]))
    return Cell("在用", css="gz-ok")


def _assessments(row: Any) -> Section:
    answer = core.ask("governance.assessment", {}, place_path=row.place_path, on=row.formed_on)
    value = (answer.value or {}) if answer.ok else {}
    by_community = bool(value.get("first"))
    rows = []
    for one in row.assessments.order_by("-year"):
        first = str(one.first_score) if one.first_score is not None else "缺社区意见" if by_community else "—"
        final = str(one.score) if one.score is not None else "没有定评"
        lacking = "缺报告" if value.get("report") and not has_report(row, one.year) else ""
        rows.append([Cell(f"{one.year}年", sub=one.remarks), Cell(first), Cell(final, sub=lacking)])
    return Section(
        "assessments",
        "年度考评",
        columns=("年度", "社区初评", "镇街定评"),
        rows=rows,
        empty="还没有考评。",
        clauses=answer.clauses,
    )


def _advice(row: Any) -> Section:
    rows = []
    for one in row.advice.select_related("given_by").order_by("-given_on", "-pk"):
        state, css = ("已回复", "gz-ok") if one.replied_at else ("待回复", "gz-today") if one.due_on else ("—", "")
        if one.conclusion:
            state, css = one.get_conclusion_display(), "gz-soon"
        rows.append(
            [
                Cell(one.words[:40], url=reverse("bodies:advice", args=[one.pk]), sub=str(one.given_by or "")),
                Cell(one.get_kind_display()),
                Cell(
                    state,
                    css=css,
                    sub=f"{day(one.due_on)}前" if one.due_on and not one.replied_at else day(one.given_on),
                ),
            ]
        )
    return Section("advice", "指导、监督和报告", columns=("内容", "类别", "状态"), rows=rows, empty="还没有记录。")


def _lists(row: Any) -> Section:
    rows = [
        [Cell(one.item.words, sub=one.note), Cell(one.item.get_kind_display()), Cell(day(one.on))]
        for one in row.list_marks.select_related("item").order_by("-on", "-pk")
    ]
    return Section("lists", "履职和负面清单", columns=("条目", "清单", "日期"), rows=rows, empty="还没有登记。")
