"""The pages of candidates, filings and hand-overs."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from gongzhi.core import services as core
from gongzhi.core.files import DOCX
from gongzhi.core.pages import actor_of, now_of
from gongzhi.core.sending import download
from gongzhi.core.sheets import Asked
from gongzhi.governance.bodies.services.filing import at_desk, copies_missing
from gongzhi.governance.bodies.services.handing import handover_paper, handover_workbook, party_name
from gongzhi.governance.bodies.views.acting import crumbs_of
from gongzhi.governance.bodies.views.details import due_notes, files_section, papers_section, shows
from gongzhi.governance.bodies.views.parts import Cell, Note, PageParts, Section, day, found, offer, timeline
from gongzhi.governance.bodies.words import ATTRIBUTES


@shows
def candidate(request: HttpRequest, pk: int) -> PageParts:
    row, actor = found(request, "candidate", pk), actor_of(request)
    parts = PageParts(f"人选　{row.person.masked_name}", crumbs=[*crumbs_of(row.formation)])
    parts.acts = offer(
        actor,
        row,
        (
            ("candidate", "shenhe", "审核人选", "candidate.review", row.reviewed_at is None),
            ("candidate", "tuichu", "登记退出", "candidate.nominate", row.withdrawn_on is None),
        ),
    )
    parts.sections = [
        Section(
            "facts",
            "情况",
            facts=[
                (
                    "房屋",
                    Cell(
                        str(row.unit or "没有登记"),
                        url=reverse("registry:unit", args=[row.unit_id]) if row.unit_id else "",
                    ),
                ),
                ("产生", Cell(row.get_source_display(), sub=row.recommended_by)),
                ("身份", Cell("、".join(ATTRIBUTES[tag] for tag in row.attributes) or "—")),
                ("情况", Cell(row.statement or "—")),
                ("审核", Cell(row.get_result_display() or "待审核", sub=row.opinion)),
            ],
        ),
        Section(
            "failed",
            "不符合的条件",
            columns=("条件",),
            rows=[[Cell(one["says"], clauses=one["clauses"])] for one in [*row.failed, *row.notes]],
            empty="没有。",
        ),
    ]
    return parts


@shows
def filing(request: HttpRequest, pk: int) -> PageParts:
    row, actor = found(request, "filing", pk), actor_of(request)
    parts = PageParts(f"{row.body}　备案", crumbs=crumbs_of(row.body))
    css = {"submitted": "gz-soon", "returned": "gz-over", "filed": "gz-ok"}[row.state]
    parts.tags = [Cell(row.get_state_display(), css=css)]
    missing = copies_missing(row) if row.state == "filed" else []
    if missing:
        names = "、".join(core.role_name(one, place_path=row.place_path) for one in missing)
        parts.notes.append(Note(f"待抄送：{names}", "gz-today", (row.basis or {}).get("clauses", ())))
    parts.acts = offer(
        actor,
        row,
        (
            ("filing", "shenhe", "审核备案", "filing.decide", row.state == "submitted" and at_desk(actor, row)),
            ("filing", "chaosong", "补送抄送", "filing.decide", bool(missing) and at_desk(actor, row)),
        ),
    )
    basis = row.basis or {}
    copies = list(row.document.recipients.select_related("organisation")) if row.document else []
    parts.sections = [
        Section(
            "facts",
            "备案",
            facts=[
                ("备案单位", Cell(str(row.desk))),
                ("提交", Cell(day(core.local_day(row.submitted_at)))),
                ("备案号", Cell(row.number or "—")),
                ("党组织", Cell(row.get_party_group_display() or "没有填", sub=day(row.party_group_on))),
                ("说明", Cell(row.explanation or "—")),
                ("审核意见", Cell(row.opinion or "—")),
            ],
            clauses=basis.get("clauses", ()),
        ),
        Section(
            "findings",
            "组成检查的提示",
            columns=("提示",),
            rows=[[Cell(one["says"], clauses=one["clauses"])] for one in basis.get("findings", ())],
            empty="没有提示。",
        ),
        Section(
            "copies",
            "送达和抄送",
            columns=("单位", "送达", "签收"),
            rows=[
                [
                    Cell(one.organisation.name, sub="抄送" if one.copy else "主送"),
                    Cell(day(core.local_day(one.served_at))),
                    Cell(day(core.local_day(one.signed_for_at)) if one.signed_for_at else "—"),
                ]
                for one in copies
            ],
            empty="还没有送达。",
        ),
        files_section(row.ref),
        papers_section(row.body.ref),
    ]
    return parts


@shows
def handover(request: HttpRequest, pk: int) -> PageParts:
    row, actor = found(request, "body_handover", pk), actor_of(request)
    parts = PageParts(str(row), crumbs=crumbs_of(row.from_body))
    done, signed = row.completed_at is not None, row.signatures.exclude(signed_at=None).exists()
    parts.tags = [Cell("已办结" if done else "移交中", css="gz-ok" if done else "gz-today")]
    refused = [one for one in row.signatures.all() if one.refused_at and not one.signed_at]
    parts.notes = [Note(f"{party_name(one.party, row)}拒签：{one.reason}", "gz-over") for one in refused]
    parts.notes += due_notes(row, now_of(request))
    parts.acts = offer(
        actor,
        row,
        (
            ("body_handover", "yijiao", "登记移交物品", "handover.work", not done),
            ("body_handover", "quefan", "登记无法移交", "handover.work", not done),
            ("body_handover", "qianzi", "签字确认", "handover.work", not done),
            ("body_handover", "juqian", "登记拒签", "handover.work", not done),
            ("body_handover", "zengjia", "增加一项", "handover.work", not done and not signed),
        ),
    )
    parts.sections = [
        Section(
            "items",
            "移交清单",
            columns=("物品资料", "数量", "移交"),
            rows=[
                [
                    Cell(one.title, sub=one.note),
                    Cell(one.quantity or "—"),
                    Cell(
                        day(one.given_on) or ("没有移交" if one.note else "待移交"),
                        css="gz-ok" if one.given_on else "gz-over" if one.note else "gz-today",
                    ),
                ]
                for one in row.items.order_by("pk")
            ],
            clauses=(row.basis or {}).get("clauses", ()),
        ),
        Section(
            "signatures",
            "各方签字",
            columns=("一方", "签字", "签字人"),
            rows=[
                [
                    Cell(party_name(one.party, row)),
                    Cell(
                        day(core.local_day(one.signed_at)) if one.signed_at else "拒签" if one.refused_at else "待签字",
                        css="gz-ok" if one.signed_at else "gz-today",
                    ),
                    Cell(one.signed_by or one.reason or "—"),
                ]
                for one in row.signatures.order_by("pk")
            ],
        ),
        Section(
            "print",
            "打印的清单",
            columns=("格式", "用处"),
            rows=[
                [Cell("Word", url=reverse("bodies:handover_list", args=[row.pk])), Cell("打印出来，各方当面签字")],
                [Cell("Excel", url=f"{reverse('bodies:handover_list', args=[row.pk])}?as=xlsx"), Cell("另行整理")],
            ],
            side=True,
        ),
        files_section(row.ref),
        papers_section(row.ref),
        timeline([row.ref]),
    ]
    return parts


@login_required
@require_GET
def handover_list(request: HttpRequest, pk: int) -> HttpResponse:
    """The list as it stands, to be signed on paper."""
    row, actor, now = found(request, "body_handover", pk), actor_of(request), now_of(request)
    if request.GET.get("as") == "xlsx":
        content = handover_workbook(row, asked=Asked.of(actor, now, [("移交", str(row))]))
        return download(content, name=f"handover-{row.pk}.xlsx")
    return download(handover_paper(row, now=now), name=f"handover-{row.pk}.docx", content_type=DOCX)
