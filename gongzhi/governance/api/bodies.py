"""Bodies: the list, what stands on the page of each row, and every act on one."""

from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest
from django.urls import Resolver404, resolve
from ninja import Query, Router, Schema
from pydantic import Field

from gongzhi.core import services as core
from gongzhi.core.apikit.asking import FormDone, FormOut, done_by, form_of, told
from gongzhi.core.apikit.calls import call_of, changes, matched, reads, tagged
from gongzhi.core.apikit.filling import Filled
from gongzhi.core.apikit.paging import Page, Paging, keys, page_of
from gongzhi.core.apikit.shapes import RowId, code
from gongzhi.core.errors import Refused
from gongzhi.governance.bodies.models import Body
from gongzhi.governance.bodies.queries.coverage import body_coverage, homes_on
from gongzhi.governance.bodies.views import assessing, details, forming, listing, matters, notices, papers
from gongzhi.governance.bodies.views.acting import row_of
from gongzhi.governance.bodies.views.acts import ACTS
from gongzhi.governance.bodies.views.doing import act_page
from gongzhi.governance.bodies.views.parts import Cell, PageParts
from gongzhi.governance.bodies.words import BODY_KINDS, BODY_STATES

router = Router(tags=["组织"])

# kind of row -> its page.
PAGES: dict[str, Any] = {
    "estate": listing.estate,
    "place": listing.place,
    "body": details.body,
    "formation": forming.formation,
    "candidate": papers.candidate,
    "filing": papers.filing,
    "body_handover": papers.handover,
    "petition": matters.petition,
    "owed_meeting": matters.meeting,
    "correction": matters.correction,
    "advice": matters.advice,
    "charge": matters.charge,
    "adopted_text": matters.text,
    "body_notice": notices.shown,
    "notice_report": notices.report,
    "representative_meeting": matters.representatives,
}
# Names of pages, as the cells link to them -> kind of row.
KIND_OF = {f"bodies:{name.__name__}": kind for kind, name in PAGES.items()} | {
    "registry:unit": "unit",
    "core:file": "file",
    "governance:vote": "vote",
    "governance:result": "vote",
}
SHOWN = {"estate": "小区", "place": "地区", "body": "组织", "formation": "组建", "candidate": "人选", "filing": "备案",
         "body_handover": "移交", "petition": "联名", "owed_meeting": "应召开的会议", "correction": "违法决定处理",
         "advice": "指导监督", "charge": "查处", "adopted_text": "规约制度",
         "body_notice": "公告", "notice_report": "公告的异议和举报",
         "representative_meeting": "业主代表会议"}  # fmt: skip
ACTED = SHOWN | {"body_member": "成员", "body_change": "须报告的变更", "body_decision": "决定", "cross_post": "兼职"}


class BodyRow(Schema):
    id: int = Field(description="组织编号")
    kind: str = code("类别", BODY_KINDS)
    name: str = Field(description="名称")
    estate: int | None = Field(description="小区编号；不在小区的为空")
    term: int = Field(description="第几届")
    state: str = code("状态", BODY_STATES)
    formed_on: date | None = Field(description="成立日期")
    term_until: date | None = Field(description="任期届满")
    filed_on: date | None = Field(description="备案日期")
    ended_on: date | None = Field(description="终止日期")
    seats: int | None = Field(description="席位")
    version: int = Field(description="版本，与 ETag 相同")


class BodyFilter(Paging):
    kind: str = code("类别", BODY_KINDS)
    state: str = code("状态", BODY_STATES)
    estate: int | None = Field(None, ge=1, le=2**63 - 1, description="只看这个小区")


def _body_row(row: Body) -> dict[str, Any]:
    names = ("kind", "name", "term", "state", "formed_on", "term_until", "filed_on", "ended_on", "seats", "version")
    return {"id": row.pk, "estate": row.estate_id, **{name: getattr(row, name) for name in names}}


@reads(router, "/bodies", scope="bodies:read", response=Page[BodyRow], summary="组织清单")
def list_bodies(request: HttpRequest, given: Query[BodyFilter]) -> dict[str, Any]:
    actor = call_of(request).actor
    if not actor.is_staff_role:
        raise Refused("forbidden", "这个岗位不看辖区的组织清单；自己小区的组织用小区编号查。", status=403)
    rows = Body.objects.filter(place_path__startswith=actor.place_path) if actor.place_path else Body.objects.none()
    for name in ("kind", "state"):
        if getattr(given, name):
            rows = rows.filter(**{name: getattr(given, name)})
    if given.estate:
        rows = rows.filter(estate_id=given.estate)
    of = f"bodies:{given.kind}:{given.state}:{given.estate}"
    return page_of(rows, _body_row, by=keys("-id"), given=given, of=of)


class BodyCoverageOut(Schema):
    title: str = Field(description="名称")
    having: int = Field(description="已组建的小区")
    whole: int = Field(description="应计的小区")
    target: str = Field(description="目标；文件没有写的为空")
    clauses: list[str] = Field(description="依据条款")


class BodyCoverageAsked(Schema):
    day: date | None = Field(None, description="看哪一天；不写的是今天")


@reads(router, "/statistics/bodies", scope="bodies:read", response=BodyCoverageOut, summary="组建率")
def coverage(request: HttpRequest, given: Query[BodyCoverageAsked]) -> dict[str, Any]:
    call = call_of(request)
    on = given.day or core.local_day(call.now)
    found = body_coverage(homes_on(call.actor, on), place_path=call.actor.place_path, on=on)
    target = str(found.target) if found.target is not None else ""
    return {"title": found.title, "having": found.part, "whole": found.whole, "target": target,
            "clauses": list(found.clauses)}  # fmt: skip


# -- what stands on the page of a row


class BodyAbout(Schema):
    kind: str = Field(description="对象类别")
    id: str = Field(description="对象编号")


class BodyCellOut(Schema):
    text: str = Field(description="内容")
    sub: str = Field(description="补充")
    clauses: list[str] = Field(description="依据条款")
    about: BodyAbout | None = Field(description="指的是哪一个对象")


class BodyFactOut(Schema):
    name: str = Field(description="项目")
    value: BodyCellOut = Field(description="内容")


class BodyRuleOut(Schema):
    says: str = Field(description="规则")
    broken: bool = Field(description="是否不符合")
    outcome: str = Field(description="refuse 不许、warn 警示、note 提示")
    clauses: list[str] = Field(description="依据条款")


class BodyStageOut(Schema):
    title: str = Field(description="环节")
    note: str = Field(description="补充")
    done: bool = Field(description="是否已办")
    current: bool = Field(description="是否正在办")


class BodyHappenedOut(Schema):
    at: datetime = Field(description="时间")
    title: str = Field(description="什么事")
    who: str = Field(description="谁")


class BodySectionOut(Schema):
    code: str = Field(description="代码")
    title: str = Field(description="名称")
    note: str = Field(description="说明")
    empty: str = Field(description="没有内容时的话")
    clauses: list[str] = Field(description="依据条款")
    facts: list[BodyFactOut] = Field(description="逐项")
    columns: list[str] = Field(description="表头")
    rows: list[list[BodyCellOut]] = Field(description="表里的行")
    rules: list[BodyRuleOut] = Field(description="规则逐条")
    stages: list[BodyStageOut] = Field(description="环节")
    line: list[BodyHappenedOut] = Field(description="经过")


class BodyNoteOut(Schema):
    text: str = Field(description="先要看到的话")
    clauses: list[str] = Field(description="依据条款")


class BodyFigureOut(Schema):
    name: str = Field(description="数字的名称")
    value: str = Field(description="数字")
    unit: str = Field(description="单位和补充")


class BodyActOut(Schema):
    kind: str = Field(description="对哪一类对象")
    id: str = Field(description="对象编号")
    act: str = Field(description="办法代码")
    title: str = Field(description="名称")


class BodyRowOut(Schema):
    title: str = Field(description="名称")
    note: str = Field(description="补充")
    tags: list[str] = Field(description="状态")
    notes: list[BodyNoteOut] = Field(description="提示")
    figures: list[BodyFigureOut] = Field(description="数字")
    sections: list[BodySectionOut] = Field(description="各部分")
    acts: list[BodyActOut] = Field(description="现在能办的")


def _named(url: str) -> tuple[str, dict[str, Any]]:
    try:
        found = resolve(url.split("?")[0])
    except Resolver404:
        return "", {}
    return found.view_name, found.kwargs


def _cell(cell: Cell) -> dict[str, Any]:
    name, given = _named(cell.url) if cell.url else ("", {})
    about = {"kind": KIND_OF[name], "id": str(given["pk"])} if name in KIND_OF and "pk" in given else None
    return {"text": str(cell.text), "sub": str(cell.sub), "clauses": list(cell.clauses), "about": about}


def _acts(listed: Any) -> list[dict[str, Any]]:
    found = []
    for url, title in listed:
        name, given = _named(url)
        if name == "bodies:act":
            found.append({"kind": given["kind"], "id": str(given["pk"]), "act": given["code"], "title": title})
    return found


def row_shown(parts: PageParts) -> dict[str, Any]:
    in_cells = [(one.url, one.text) for part in parts.sections for row in part.rows for one in row if one.url]
    in_sections = [act for part in parts.sections for act in part.acts]
    return {
        "title": parts.title,
        "note": parts.sub,
        "tags": [str(one.text) for one in parts.tags],
        "notes": [{"text": one.text, "clauses": list(one.clauses)} for one in parts.notes],
        "figures": [{"name": name, "value": value, "unit": unit} for name, value, unit in parts.figures],
        "acts": _acts([*parts.acts, *in_sections, *in_cells]),
        "sections": [
            {
                "code": one.code,
                "title": one.title,
                "note": one.note,
                "empty": one.empty,
                "clauses": list(one.clauses),
                "facts": [{"name": name, "value": _cell(cell)} for name, cell in one.facts],
                "columns": list(one.columns),
                "rows": [[_cell(cell) for cell in row] for row in one.rows],
                "rules": [
                    {"says": rule.words, "broken": rule.broken, "outcome": rule.outcome, "clauses": list(rule.clauses)}
                    for rule in one.rules
                ],
                "stages": [
                    {"title": stage.title, "note": stage.sub, "done": stage.done, "current": stage.current}
                    for stage in one.stages
                ],
                "line": [{"at": event.at, "title": event.title, "who": event.who} for event in one.line],
            }
            for one in parts.sections
        ],
    }


@reads(
    router,
    "/bodies/rows/{kind}/{pk}",
    scope="bodies:read",
    response=BodyRowOut,
    summary="小区的组织，或者一个组织、一次组建、一件联名等",
    description="内容与它的页面相同：逐项、表格、规则逐条、经过，以及现在能办什么。姓名打码。类别："
    + "、".join(f"{one} {words}" for one, words in SHOWN.items()),
)
def read_row(request: HttpRequest, kind: str, pk: RowId) -> dict[str, Any]:
    if kind not in PAGES:
        raise Http404
    tagged(request, row_of(request, kind, pk))
    return row_shown(PAGES[kind].parts(request, pk=pk))


class BodyRankingAsked(Schema):
    nian: int | None = Field(None, ge=1900, le=2999, description="哪一年；不写的是今年")


@reads(router, "/statistics/body-assessments", scope="bodies:read", response=BodyRowOut, summary="业委会考核名次")
def assessments(request: HttpRequest, given: Query[BodyRankingAsked]) -> dict[str, Any]:
    return row_shown(assessing.ranking.parts(request))


class CandidateListed(Schema):
    number: int = Field(description="序号")
    name: str = Field(description="姓名；公示的就是它")
    unit: str = Field(description="房屋")
    statement: str = Field(description="情况")


@reads(router, "/formations/{pk}/notice", scope="bodies:read", response=list[CandidateListed], summary="候选人公示名单")
def notice(request: HttpRequest, pk: RowId) -> list[dict[str, Any]]:
    return [
        {"number": number, "name": name, "unit": str(unit or ""), "statement": statement}
        for number, name, unit, _, statement in listing.notice_rows(request, pk)[1]
    ]


# -- acts


def _known(kind: str, act: str) -> None:
    if act not in ACTS.get(kind, {}):
        raise Http404


@reads(
    router,
    "/bodies/rows/{kind}/{pk}/acts/{act}",
    scope="bodies:read",
    response=FormOut,
    summary="一种办法要填什么",
)
def describe_act(request: HttpRequest, kind: str, pk: RowId, act: str) -> dict[str, Any]:
    _known(kind, act)
    tagged(request, row_of(request, kind, pk))
    return form_of(request, lambda asked: act_page(asked, kind, pk, act))


@changes(
    router,
    "/bodies/rows/{kind}/{pk}/acts/{act}",
    scope="bodies:write",
    response=FormDone,
    summary="办理",
    description="成立申请、启动组建、筹备组、人选、公示、选举结果、备案、印章、移交、联名、会议、指导、责令、撤销、考核、规约等，"
    "与页面用同一张表单、同样的规则。类别：" + "、".join(f"{one} {words}" for one, words in ACTED.items()),
)
def do_act(request: HttpRequest, kind: str, pk: RowId, act: str, given: Filled) -> dict[str, Any]:
    _known(kind, act)
    row = row_of(request, kind, pk)
    version = matched(request, row)
    page, ref = done_by(request, lambda asked: act_page(asked, kind, pk, act), given.fields, version=version)
    tagged(request, row)
    return told(page, ref)
