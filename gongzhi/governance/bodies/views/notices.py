"""The page of a notice, and that of what was said of it."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from gongzhi.core import refs
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.models import StoredFile
from gongzhi.core.pages import actor_of, today_of
from gongzhi.core.refs import Ref
from gongzhi.governance.bodies.models import BodyNotice, NoticeReport
from gongzhi.governance.bodies.views.acting import crumbs_of
from gongzhi.governance.bodies.views.details import shows
from gongzhi.governance.bodies.views.noticed import reports_section, state_of, verdict
from gongzhi.governance.bodies.views.parts import Cell, Note, PageParts, Section, day, found, offer, timeline


def _file(row: StoredFile | None) -> Cell:
    return Cell(row.name, url=reverse("core:file", args=[row.pk])) if row is not None else Cell("没有")


def _about(row: BodyNotice, actor: Actor) -> list[tuple[str, Cell]]:
    if not row.about:
        return []
    ref = Ref.of_key(row.about)
    target = refs.resolve(ref)
    if target is None:
        return []
    return [("所依的记录", Cell(str(target), url=refs.url_of(ref) if refs.may_read(actor, ref) else ""))]


@shows
def shown(request: HttpRequest, pk: int) -> PageParts:
    row, actor, on = found(request, "body_notice", pk), actor_of(request), today_of(request)
    above = core.may(actor, "body.see_estate", row) or core.may(actor, "body.read", row)
    trail = crumbs_of(row)[:-1] if above else crumbs_of(row)[1:-1]
    parts = PageParts(row.title, crumbs=trail, sub=f"{row.body}　{row.get_kind_display()}")
    parts.tags = [state_of(row, on)]
    basis = row.basis or {}
    if row.state == "held" and basis.get("words"):
        held = f"有“{'、'.join(basis['words'])}”的字样，街道核实以后才能发布。"
        parts.notes.append(Note(held, "gz-today", basis.get("clauses", ())))
    elif row.reason:
        parts.notes.append(Note(row.reason, "gz-over" if row.closed_on else "gz-ok", basis.get("clauses", ())))
    up = row.on_show(on)
    parts.acts = [
        *offer(actor, row, (("body_notice", "heshi", "核实公告", "notice.verify", row.state == "held"),)),
        *offer(actor, row, (("body_notice", "yiyi", "提出异议", "notice.report", up),)),
        *offer(actor, row, (("body_notice", "jubao", "举报要求拒交、缓交物业费", "notice.report", True),)),
    ]
    if up and (core.may(actor, "notice.show", row.body) or core.may(actor, "notice.verify", row)):
        parts.acts.append((reverse("bodies:act", args=["body_notice", row.pk, "chexia"]), "撤下公告"))
    if up and row.photo_id is None and core.may(actor, "notice.show", row.body):
        parts.acts.append((reverse("bodies:act", args=["body_notice", row.pk, "zhaopian"]), "补张贴照片"))
    facts = [
        ("公示", Cell(f"{day(row.shown_on)}至{day(row.until_on)}")),
        *([("撤下", Cell(day(row.closed_on)))] if row.closed_on else []),
        ("附件", _file(row.file)),
        ("张贴照片", _file(row.photo)),
        *_about(row, actor),
    ]
    reports = [one for one in row.reports.order_by("-pk") if above or one.kind == "objection" or one.is_party(actor)]
    parts.sections = [
        Section("words", "内容", text=row.words, clauses=basis.get("clauses", ())),
        Section("facts", "公示情况", facts=facts, side=True),
        reports_section(reports),
    ]
    if above:
        parts.sections.append(timeline([row.ref]))
    return parts


@shows
def report(request: HttpRequest, pk: int) -> PageParts:
    row, actor = found(request, "notice_report", pk), actor_of(request)
    parts = PageParts(row.get_kind_display(), crumbs=crumbs_of(row)[1:-1], sub=str(row.body))
    parts.tags = [verdict(row)]
    who = core.may(actor, "notice.show", row.body) if row.kind == "objection" else core.may(actor, "notice.verify", row)
    if row.found_on is None and who:
        parts.acts = [(reverse("bodies:act", args=["notice_report", row.pk, "dafu"]), "答复、核实")]
    facts: list[tuple[str, Any]] = [
        ("提出", Cell(day(core.local_day(row.at)), sub=_from(row))),
        ("情况", Cell(row.words)),
        ("材料", _file(row.file)),
    ]
    if row.notice is not None:
        facts.append(("公告", Cell(row.notice.title, url=reverse("bodies:shown", args=[row.notice_id]))))
    if row.found_on is not None:
        facts.append(("答复、核实", Cell(row.finding, sub=f"{row.found_by}　{day(row.found_on)}")))
    parts.sections = [Section("facts", "情况", facts=facts)]
    return parts


def _from(row: NoticeReport) -> str:
    """Owners are not named to the committee that they speak of."""
    if row.role in ("owner", "building_steward"):
        return "业主"
    return str(row.organisation or "")
