"""The pages of petitions, meetings that are owed, corrections, advice, charges and texts."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from gongzhi.core import services as core
from gongzhi.core.pages import actor_of, now_of, today_of
from gongzhi.governance.bodies.queries.composition import percent_words, rate_places, share
from gongzhi.governance.bodies.services.meetings import hindering_change, overdue
from gongzhi.governance.bodies.views.acting import crumbs_of
from gongzhi.governance.bodies.views.details import AREA, due_notes, files_section, papers_section, shows
from gongzhi.governance.bodies.views.parts import (
    Cell,
    Note,
    PageParts,
    Section,
    day,
    found,
    offer,
    timeline,
    vote_fact,
    vote_offer,
)
from gongzhi.governance.bodies.words import ATTRIBUTES, COMMITTEES
from gongzhi.registry.models import Unit


def _towards(part: int, whole: int) -> str:
    """A share of those who signed, rounded down: what is not reached is not shown as reached."""
    return percent_words(share(part, whole), places=2, down=True)


@shows
def petition(request: HttpRequest, pk: int) -> PageParts:
    row, actor = found(request, "petition", pk), actor_of(request)
    parts = PageParts(str(row), crumbs=crumbs_of(row)[:-1])
    css = {"open": "gz-soon", "met": "gz-ok", "not_met": "gz-over"}[row.state]
    parts.tags = [Cell(row.get_state_display(), css=css)]
    parts.acts = offer(
        actor,
        row,
        (
            ("petition", "qianming", "登记签名", "petition.take", row.state == "open"),
            ("petition", "mingdan", "登记签名名单", "petition.take", row.state == "open"),
            ("petition", "heyan", "核验联名", "petition.decide", row.state == "open"),
            ("petition", "chexia", "撤下一户签名", "petition.take", row.state == "open" and row.signatures.exists()),
        ),
    )
    basis = row.basis or {}
    if row.total_heads:
        area, heads = row.signed_area_dm2, row.signed_heads
        parts.figures = [
            ("联名面积", f"{area / AREA:,.2f}", f"㎡，占{_towards(area, row.total_area_dm2)}"),
            ("联名人数", str(heads), f"人，占{_towards(heads, row.total_heads)}"),
            ("总面积", f"{row.total_area_dm2 / AREA:,.2f}", "㎡"),
            ("总人数", str(row.total_heads), "人"),
        ]
    signatures = [
        [
            Cell(str(one.unit)),
            Cell(one.person.masked_name),
            Cell(day(one.signed_on)),
            Cell("不计入" if one.fault else "计入", css="gz-over" if one.fault else "gz-ok", sub=one.fault),
        ]
        for one in row.signatures.select_related("unit__building", "person").order_by("pk")
    ]
    counted = row.signatures.filter(fault="").count()
    meetings = [
        [Cell(str(one), url=reverse("bodies:meeting", args=[one.pk])), Cell(one.get_state_display())]
        for one in row.meetings.all()
    ]
    parts.sections = [
        Section(
            "facts",
            "请求",
            facts=[
                ("请求", Cell(row.get_kind_display())),
                ("委员", Cell(row.member.whose if row.member else "—")),
                ("事项和理由", Cell(row.matter)),
                ("收到", Cell(day(row.opened_on))),
                ("核验", Cell(day(row.decided_on) or "还没有核验")),
            ],
            clauses=basis.get("clauses", ()),
            note="；".join(basis.get("steps", ())),
        ),
        Section(
            "signatures",
            "签名",
            columns=("房屋", "签名人", "日期", "核对"),
            rows=signatures,
            empty="还没有登记签名。",
            note=f"计入{counted}户，不计入{len(signatures) - counted}户。" if signatures else "",
        ),
        *([files_section(row.ref)] if core.files_of(row.ref) else []),
        Section("meetings", "应召开的业主大会", columns=("会议", "状态"), rows=meetings, empty="没有。"),
        timeline([row.ref]),
    ]
    return parts


@shows
def meeting(request: HttpRequest, pk: int) -> PageParts:
    row, actor, now = found(request, "owed_meeting", pk), actor_of(request), now_of(request)
    due = row.state == "due"
    parts = PageParts(str(row), crumbs=crumbs_of(row)[:-1])
    late = due and overdue(row, now)
    parts.tags = [
        Cell("已超期" if late else row.get_state_display(), css="gz-over" if late else "gz-soon" if due else "gz-ok")
    ]
    parts.notes = due_notes(row, now)
    if due and row.refused:
        parts.notes.append(_after_refusal(row, now))
    parts.acts = vote_offer(actor, row, due and not row.vote_ref)
    vain = row.refused and row.urged_in_vain(today_of(request))
    parts.acts += offer(
        actor,
        row,
        (
            ("owed_meeting", "cuigao", "催告召开", "meeting.urge", due and not vain),
            ("owed_meeting", "gaipai", "改由他人召集", "meeting.urge", due),
            ("owed_meeting", "zhaokai", "登记召开结果", "meeting.hold", due),
            ("owed_meeting", "jujue", _refusing(row, actor), "meeting.refuse", due and _may_refuse(row, actor)),
        ),
    )
    parts.sections = [
        Section(
            "facts",
            "会议",
            facts=[
                ("缘由", Cell(row.get_reason_display())),
                ("涉及", Cell(row.member.whose if row.member else str(row.body or "—"))),
                ("召集人", Cell(row.get_convener_display(), sub=f"{day(row.moved_on)}改派" if row.moved_on else "")),
                ("应召开起", Cell(day(row.owed_from))),
                ("催告", Cell(f"{day(row.urged_on)}催告，限{day(row.urged_until)}前" if row.urged_on else "没有催告")),
                *_refused(row),
                ("召开", Cell(day(row.held_on) or "还没有召开")),
                ("结果", Cell(row.result or "—")),
                *vote_fact(row),
            ],
        ),
        *([files_section(row.ref)] if core.files_of(row.ref) else []),
        timeline([row.ref]),
    ]
    return parts


def _may_refuse(row: Any, actor: Any) -> bool:
    """Whoever convenes answers himself, once until he is urged; what street or community was told, they enter."""
    answered = row.refused and (row.urged_on is None or row.urged_on < row.refused_on)
    return not answered and (actor.role not in COMMITTEES or actor.role == row.convener)


def _refusing(row: Any, actor: Any) -> str:
    return "拒绝召开" if actor.role == row.convener else "登记拒绝召开"


def _refused(row: Any) -> list[tuple[str, Cell]]:
    if row.refused_on is None:
        return []
    taken = f"{day(row.refused_on)}，由{row.refusal_taken_by or '平台'}登记"
    return [("拒绝召开", Cell(f"{row.get_refused_by_display()}：{row.refusal}", sub=taken))]


def _after_refusal(row: Any, now: datetime) -> Note:
    said = f"{row.get_convener_display()}{day(row.refused_on)}答复不召开。"
    left = hindering_change(row, now)
    if not left:
        return Note(f"{said}不用再等期限届满，请镇街改由他人召集。", "gz-over")
    clauses = tuple(dict.fromkeys(clause for one in left for clause in one.clauses))
    return Note(f"{said}还不能改由他人召集：{'；'.join(one.message for one in left)}。", "gz-over", clauses)


def _signed(one: Any) -> str:
    if not one.total_heads:
        return "—"
    area = f"{one.signed_area_dm2 / AREA:,.2f}/{one.total_area_dm2 / AREA:,.2f}㎡"
    return f"联名{one.signed_heads}/{one.total_heads}人，{area}"


def asked_by_owners(estate: Any) -> list[Section]:
    """What the owners asked for and what is owed to them: without who signed, and without whom a petition is about."""
    asked = [
        [
            Cell(f"{one.get_kind_display()}联名", sub=f"{day(one.opened_on)}收到"),
            Cell("核验中" if one.state == "open" else one.get_state_display(), sub=day(one.decided_on)),
            Cell(_signed(one)),
        ]
        for one in estate.petitions.order_by("-pk")
    ]
    owed = [
        [
            Cell(f"应召开业主大会：{one.get_reason_display()}", sub=f"{day(one.owed_from)}起"),
            Cell(
                f"{day(one.held_on)}已召开" if one.held_on else "召集人答复不召开" if one.refused else "应召开",
                sub=one.refusal if one.refused and not one.held_on else one.result,
            ),
            Cell(f"由{one.get_convener_display()}召集", sub=f"{day(one.moved_on)}改派" if one.moved_on else ""),
        ]
        for one in estate.owed_meetings.order_by("-pk")
    ]
    rows = [*owed, *asked]
    return [Section("asked", "联名和应召开的会议", columns=("事项", "进展", "情况"), rows=rows)] if rows else []


@shows
def correction(request: HttpRequest, pk: int) -> PageParts:
    row, actor, on = found(request, "correction", pk), actor_of(request), today_of(request)
    parts = PageParts(str(row), crumbs=[*crumbs_of(row.decision)[:2]])
    whole, served = row.notices.count(), row.notices.exclude(served_on=None).count()
    issued, closed = row.issued_on is not None, row.closed_at is not None
    parts.tags = [Cell(row.get_state_display(), css="gz-ok" if closed else "gz-soon")]
    basis = row.basis or {}
    if row.consulted_id and not row.consulted_at:
        parts.notes.append(Note(f"还没有{row.consulted}的会同意见，不能下达。", "gz-today", basis.get("clauses", ())))
    gone = row.decision.revoked_on
    if row.kind == "order" and gone is not None:
        parts.notes.append(Note(f"这个决定{day(gone)}已撤销，不用再改正。", "gz-ok"))
    elif row.kind == "order" and issued and row.corrected_on is None and row.due_on < on:
        parts.notes.append(Note("改正期限已过，没有改正，可以撤销这个决定。", "gz-over", basis.get("clauses", ())))
    parts.acts = offer(
        actor,
        row,
        (
            ("correction", "huitong", "提出会同意见", "correction.consult", row.consulted_id and not row.consulted_at),
            ("correction", "xiada", "下达", "correction.work", not issued),
            ("correction", "songda", "登记通告送达", "correction.work", issued and not closed and served < whole),
            ("correction", "gaizheng", "登记改正", "correction.work", row.state == "ordered"),
            ("correction", "jiean", "结案", "correction.work", issued and not closed),
        ),
    )  # fmt: skip
    if whole:
        parts.figures = [
            ("应通告", str(whole), "户"),
            ("已送达", str(served), "户"),
            ("还差", str(whole - served), "户"),
        ]
    left = _by_building(Unit.objects.filter(pk__in=row.notices.filter(served_on=None).values("unit")))
    parts.sections = [
        Section(
            "facts",
            "处理",
            facts=[
                ("决定", Cell(row.decision.title, sub=day(row.decision.decided_on))),
                ("内容", Cell(row.decision.words)),
                ("处理", Cell(row.get_kind_display())),
                ("违法之处和依据", Cell(row.grounds)),
                ("会同意见", Cell(row.consultation or "—", sub=str(row.consulted or ""))),
                ("下达", Cell(day(row.issued_on) or "还没有下达")),
                (
                    "改正期限",
                    Cell(day(row.due_on) or "—", sub=f"{day(row.corrected_on)}改正" if row.corrected_on else ""),
                ),
            ],
            clauses=basis.get("clauses", ()),
        ),
        Section(
            "left",
            "还没有送达的房屋",
            columns=("楼幢", "还差", "房屋"),
            rows=left,
            empty="全部送达。" if whole else "还没有通告。",
        ),
        papers_section(row.ref),
        timeline([row.ref]),
    ]
    return parts


def _by_building(units: QuerySet[Unit]) -> list[list[Cell]]:
    """Hundreds of rooms on a few lines."""
    found: dict[str, list[str]] = {}
    for one in units.select_related("building").order_by("building__name", "name"):
        found.setdefault(one.building.name, []).append(one.name)
    return [
        [Cell(name), Cell(f"{len(rooms)}户", css="gz-today"), Cell("、".join(rooms))] for name, rooms in found.items()
    ]


@shows
def advice(request: HttpRequest, pk: int) -> PageParts:
    row, actor, on = found(request, "advice", pk), actor_of(request), today_of(request)
    parts = PageParts(row.get_kind_display(), sub=str(row.body or row.estate or ""), crumbs=crumbs_of(row)[:-1])
    late = row.unanswered and row.due_on < on
    words, css = (
        ("已回复", "gz-ok") if row.replied_at else ("已超期没有回复", "gz-over") if late else ("待回复", "gz-today")
    )
    parts.tags = [Cell(words, css=css)] if row.due_on or row.replied_at else []
    to_me = actor.organisation is not None and actor.organisation.pk == row.to_id
    parts.acts = offer(
        actor,
        row,
        (
            ("advice", "huifu", "回复", "advice.reply", to_me and row.replied_at is None),
            ("advice", "queren", "确认完成", "body.advise", row.replied_at is not None and row.confirmed_at is None),
        ),
    )
    parts.sections = [
        Section(
            "facts",
            "内容",
            facts=[
                ("由", Cell(str(row.given_by or "—"), sub=day(row.given_on))),
                ("给", Cell(str(row.to or "—"))),
                ("内容", Cell(row.words)),
                *([("结论", Cell(row.get_conclusion_display()))] if row.conclusion else []),
                ("回复期限", Cell(day(row.due_on) or "—")),
                (
                    "回复",
                    Cell(row.reply or "还没有回复", sub=day(core.local_day(row.replied_at)) if row.replied_at else ""),
                ),
                ("确认", Cell(day(core.local_day(row.confirmed_at)) if row.confirmed_at else "—")),
            ],
        ),
        files_section(row.ref),
        timeline([row.ref]),
    ]
    return parts


@shows
def charge(request: HttpRequest, pk: int) -> PageParts:
    row, actor = found(request, "charge", pk), actor_of(request)
    core.require(actor, "charge.work", row)
    parts = PageParts(f"{row.member.body}　委员查处", crumbs=crumbs_of(row.member.body))
    parts.tags = [Cell(row.get_state_display(), css="gz-ok" if row.closed_at else "gz-soon")]
    parts.acts = offer(
        actor,
        row,
        (
            ("charge", "rending", "认定", "charge.work", row.state == "open"),
            ("charge", "yisong", "登记移交司法机关", "charge.work", row.suspected_crime and not row.closed_at),
            ("charge", "jiean", "结案", "charge.work", row.state != "open" and not row.closed_at),
        ),
    )
    parts.sections = [
        Section(
            "facts",
            "情况",
            facts=[
                ("委员", Cell(row.member.masked_name)),
                ("反映的情况", Cell(row.words)),
                ("认定", Cell(row.finding or "还没有认定", sub=day(row.found_on))),
                ("涉嫌犯罪", Cell("是" if row.suspected_crime else "否")),
                ("移交", Cell(row.handed_to or "—", sub=day(row.handed_on))),
                ("处理结果", Cell(row.get_outcome_display() or "还没有处理", sub=row.outcome_note)),
            ],
        ),
        files_section(row.ref),
        timeline([row.ref]),
    ]
    return parts


@shows
def text(request: HttpRequest, pk: int) -> PageParts:
    row, actor = found(request, "adopted_text", pk), actor_of(request)
    parts = PageParts(str(row), sub=row.issuer or str(row.place), crumbs=[("组织", reverse("bodies:list"))])
    units = Unit.objects.filter(building__estate__place=row.place)
    whole, received = units.count(), row.receipts.count()
    parts.acts = offer(actor, row, (("adopted_text", "qianshou", "登记签收", "text.adopt", whole > received),))
    if whole:
        parts.figures = [
            ("应签收", str(whole), "户"),
            ("已签收", str(received), "户"),
            (
                "签收率",
                percent_words(share(received, whole), places=rate_places(row.place_path, today_of(request))),
                "",
            ),
        ]
    older = (
        type(row)
        .objects.filter(place=row.place, kind=row.kind, issuer=row.issuer)
        .exclude(pk=row.pk)
        .order_by("-number")
    )
    parts.sections = [
        Section("facts", "正文", facts=[("施行", Cell(day(row.from_on))), ("正文", Cell(row.words or "见文件"))]),
        Section(
            "older",
            "其他版本",
            columns=("版本", "施行"),
            rows=[[Cell(str(one), url=reverse("bodies:text", args=[one.pk])), Cell(day(one.from_on))] for one in older],
            empty="没有其他版本。",
        ),
        files_section(row.ref),
    ]
    return parts


@shows
def representatives(request: HttpRequest, pk: int) -> PageParts:
    row = found(request, "representative_meeting", pk)
    parts = PageParts(str(row), crumbs=crumbs_of(row)[:-1])
    present = [[Cell(one.person.masked_name), Cell(str(one.unit))]
               for one in row.present.select_related("person", "unit__building__estate").order_by("pk")]  # fmt: skip
    chosen = [
        [
            Cell(str(one.building or "—")),
            Cell(one.person.masked_name, url=reverse("bodies:formation", args=[one.formation_id])),
            Cell("、".join(ATTRIBUTES[tag] for tag in one.attributes) or "—"),
        ]
        for one in row.chosen.select_related("person", "building").order_by("pk")
    ]
    parts.sections = [
        Section(
            "facts",
            "会议",
            facts=[
                ("召开", Cell(day(row.held_on))),
                ("召集", Cell(str(row.called_by or "平台"))),
                ("到会代表", Cell(f"{len(present)}人")),
                ("议题和决定", Cell(row.words)),
            ],
        ),
        Section("present", "到会的业主代表", columns=("代表", "房屋"), rows=present),
        *([Section("chosen", "推选出的楼幢长", columns=("楼幢", "人选", "身份"), rows=chosen)] if chosen else []),
        files_section(row.ref),
    ]
    return parts
