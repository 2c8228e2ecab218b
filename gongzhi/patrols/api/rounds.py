"""Patrols for programs: what is lacking, rounds, findings with their acts, registers; every form as its page has it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count
from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from gongzhi.core import services as core
from gongzhi.core.apikit.asking import Asked, FormDone, FormOut, done_by, form_of, told
from gongzhi.core.apikit.calls import call_of, changes, creates, matched, reads, tagged
from gongzhi.core.apikit.filling import Filled
from gongzhi.core.apikit.paging import Page, Paging, keys, page_of
from gongzhi.core.apikit.shapes import RowId, code
from gongzhi.core.pages import Who
from gongzhi.patrols import filling, services
from gongzhi.patrols.acts import ACTS
from gongzhi.patrols.models import PatrolFinding, PatrolRound, PatrolRoute
from gongzhi.patrols.queries.plans import Window, plans_for, shares, sheets_for
from gongzhi.patrols.queries.reading import by_unit, counted, findings_for, rounds_for
from gongzhi.patrols.rights import ABOVE
from gongzhi.patrols.words import GRADES, SOURCES, STATES

router = Router(tags=["巡查"])
MOST_ID = 2**63 - 1


class PatrolStanding(Schema):
    plan: str = Field(description="巡查安排代码")
    title: str = Field(description="巡查安排")
    unit: int = Field(description="单位编号")
    estate: int | None = Field(description="小区编号；按单位计的为空")
    needed: int = Field(description="应巡查几次")
    done: int = Field(description="已巡查几次")
    lacking: int = Field(description="缺几次")
    gap_days: int = Field(description="最长几日没有巡查")
    last_on: date | None = Field(description="最近一次")
    next_on: date | None = Field(description="下次最迟哪一天；文件没有定最长间隔的为空")
    missed: bool = Field(description="超过最长间隔，漏查")
    from_on: date = Field(description="期间从")
    to_on: date = Field(description="期间到")


class PatrolDay(Schema):
    day: date | None = Field(None, description="看哪一天所在的期间，不给的看今天")
    lacking: bool = Field(True, description="只要缺次的")
    before: bool = Field(False, description="看那一天的上一期")


class PatrolRoundRow(Schema):
    id: int = Field(description="巡查编号（内部）")
    number: str = Field(description="编号")
    estate: int = Field(description="小区编号")
    sheet: str = Field(description="巡查表代码")
    kind: str = Field(description="类别代码；不分类别的为空")
    units: list[int] = Field(description="参加单位的编号，领头的在前")
    began_at: datetime = Field(description="开始")
    walked_at: datetime = Field(description="结束")
    received_at: datetime = Field(description="平台收到")
    offline: bool = Field(description="离线填写")
    voided_at: datetime | None = Field(description="作废时间；没有作废的为空")
    score: Decimal | None = Field(description="得分；不打分的为空")
    findings: int = Field(description="发现几条问题")


class PatrolPhotoOut(Schema):
    file: int = Field(description="文件编号")
    sha256: str = Field(description="摘要")
    uploaded_at: datetime = Field(description="上传时间")


class PatrolCorrectionOut(Schema):
    at: datetime = Field(description="更正时间")
    by: str = Field(description="更正人")
    reason: str = Field(description="理由")
    answers: dict[str, Any] = Field(description="更正后的巡查情况")


class PatrolRoundOut(PatrolRoundRow):
    people: str = Field(description="人员")
    note: str = Field(description="位置")
    answers: dict[str, Any] = Field(description="巡查情况，按巡查表的字段；更正过的仍是原来的")
    corrections: list[PatrolCorrectionOut] = Field(description="更正，先后为序；最后一条为准")
    points: list[str] = Field(description="已签到的点位")
    photos: list[PatrolPhotoOut] = Field(description="照片")
    told: list[str] = Field(description="提示")


class PatrolRoundFilter(Paging):
    estate: int | None = Field(None, ge=1, le=MOST_ID, description="只看这个小区")


class PatrolFindingRow(Schema):
    id: int = Field(description="问题编号（内部）")
    number: str = Field(description="编号")
    estate: int = Field(description="小区编号")
    source: str = code("来源", SOURCES)
    kind: str = Field(description="类别")
    grade: str = code("等级", GRADES)
    side: str = Field(description="问题主体；没有填的为空")
    state: str = code("状态", STATES)
    location: str = Field(description="位置")
    responsible: int | None = Field(description="责任单位编号")
    rechecker: int | None = Field(description="复查单位编号")
    due_on: date | None = Field(description="整改时限")
    rectified_at: datetime | None = Field(description="报送整改时间")
    passed_at: datetime | None = Field(description="销号时间")
    failed: int = Field(description="复查未通过次数")
    repeat_of: int | None = Field(description="同一处同类问题的第一条")
    published_on: date | None = Field(description="公开日期")
    version: int = Field(description="版本，与 ETag 相同")


class PatrolFindingFilter(Paging):
    state: str = code("状态", STATES)
    estate: int | None = Field(None, ge=1, le=MOST_ID, description="只看这个小区")
    overdue: bool = Field(False, description="只要超过整改时限的")


class PatrolFindingActOut(Schema):
    act: str = Field(description="办法代码")
    title: str = Field(description="名称")


class PatrolFindingStepOut(Schema):
    step: str = Field(description="步骤")
    at: datetime = Field(description="时间")
    text: str = Field(description="说明")
    by: str = Field(description="办理人")


class PatrolFindingOut(PatrolFindingRow):
    text: str = Field(description="问题")
    case: str = Field(description="案件编号；没有的为空")
    steps: list[PatrolFindingStepOut] = Field(description="经过")
    photos: list[PatrolPhotoOut] = Field(description="照片")
    clauses: list[str] = Field(description="依据条款")
    acts: list[PatrolFindingActOut] = Field(description="现在能办什么")


class PatrolSheetOut(Schema):
    code: str = Field(description="巡查表代码")
    title: str = Field(description="名称")


class PatrolRouteOut(Schema):
    id: int = Field(description="路线编号")
    title: str = Field(description="名称")
    unit: int = Field(description="巡查单位编号")
    points: list[str] = Field(description="点位，先后为序")
    version: int = Field(description="版本，与 ETag 相同")


class EstatePatrols(Schema):
    sheets: list[PatrolSheetOut] = Field(description="可以填的巡查表")
    plans: list[str] = Field(description="巡查要求")
    routes: list[PatrolRouteOut] = Field(description="路线")


class PatrolUnitFigures(Schema):
    unit: int = Field(description="单位编号")
    rounds: int = Field(description="巡查次数")
    findings: int = Field(description="发现问题")
    on_spot: int = Field(description="当场处理")
    struck_off: int = Field(description="已销号")
    average: Decimal | None = Field(description="平均得分；不打分的为空")


class PatrolFindingLine(Schema):
    title: str = Field(description="名称")
    whole: int = Field(description="问题")
    open: int = Field(description="未销号")
    overdue: int = Field(description="其中超期")
    on_spot: int = Field(description="当场处理")


class PatrolFigures(Schema):
    units: list[PatrolUnitFigures] = Field(description="按单位")
    kinds: list[PatrolFindingLine] = Field(description="问题按类别")
    estates: list[PatrolFindingLine] = Field(description="问题按小区")
    sides: list[PatrolFindingLine] = Field(description="问题按主体")


class PatrolSpan(Schema):
    from_on: date = Field(description="从哪一天起")
    to_on: date = Field(description="到哪一天止")


def _round(row: Any) -> dict[str, Any]:
    units = sorted(row.units.all(), key=lambda one: one.part != "lead")
    plain = ("number", "sheet", "kind", "began_at", "walked_at", "received_at", "offline", "voided_at", "score")
    return {
        **{name: getattr(row, name) for name in plain},
        "id": row.pk,
        "estate": row.estate_id,
        "units": [one.organisation_id for one in units],
        "findings": row.found,
    }


def _photos(rows: Any) -> list[dict[str, Any]]:
    return [
        {"file": one.file_id, "sha256": one.file.sha256, "uploaded_at": one.file.uploaded_at}
        for one in rows.select_related("file")
    ]


def _finding(row: PatrolFinding) -> dict[str, Any]:
    plain = ("number", "source", "kind", "grade", "side", "state", "location", "due_on", "rectified_at", "passed_at",
             "failed", "published_on", "version")  # fmt: skip
    return {
        **{name: getattr(row, name) for name in plain},
        "id": row.pk,
        "estate": row.estate_id,
        "responsible": row.responsible_id,
        "rechecker": row.rechecker_id,
        "repeat_of": row.repeat_of_id,
    }


@reads(router, "/patrols/standings", scope="patrols:read", response=list[PatrolStanding], summary="谁缺几次巡查")
def list_standings(request: HttpRequest, given: Query[PatrolDay]) -> list[dict[str, Any]]:
    call = call_of(request)
    day = given.day or core.local_day(call.now)
    own = {one.code for one in plans_for(call.actor, call.actor.place_path, day)}
    found = []
    for share in shares(call.actor.place_path, day, before=given.before):
        if call.actor.role not in ABOVE and share.plan.code not in own:
            continue
        rows = share.lacking if given.lacking else share.rows
        mine = call.actor.role in ABOVE
        found += [
            {
                "plan": share.plan.code,
                "title": share.plan.rule.title,
                "unit": one.unit.pk,
                "estate": one.estate.pk if one.estate is not None else None,
                "needed": share.plan.at_least,
                "done": one.done,
                "lacking": one.lacking,
                "gap_days": one.gap,
                "last_on": one.last_on,
                "next_on": one.next_on,
                "missed": one.missed,
                "from_on": share.window.from_on,
                "to_on": share.window.to_on,
            }
            for one in rows
            if mine or one.unit == call.actor.organisation
        ]
    return found


@reads(router, "/patrols", scope="patrols:read", response=Page[PatrolRoundRow], summary="巡查记录")
def list_rounds(request: HttpRequest, given: Query[PatrolRoundFilter]) -> dict[str, Any]:
    rows = rounds_for(call_of(request).actor)
    if given.estate:
        rows = rows.filter(estate_id=given.estate)
    return page_of(rows, _round, by=keys("-id"), given=given, of=f"patrols:{given.estate}")


@reads(router, "/patrols/{pk}", scope="patrols:read", response=PatrolRoundOut, summary="一次巡查")
def read_round(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    rows = PatrolRound.objects.annotate(found=Count("findings")).prefetch_related("units", "visits__point")
    row = rows.filter(pk=pk).first()
    if row is None or not core.may(call_of(request).actor, "patrols.read", row):
        raise Http404
    return {
        **_round(row),
        "people": row.people,
        "note": row.note,
        "answers": row.answers,
        "corrections": [
            {"at": one.at, "by": one.by_label, "reason": one.reason, "answers": one.answers}
            for one in row.corrections.all()
        ],
        "points": [one.point.name for one in row.visits.all()],
        "photos": _photos(row.photos),
        "told": row.told,
    }


@reads(router, "/patrols/{pk}/corrections/form", scope="patrols:read", response=FormOut, summary="更正要填什么")
def describe_correction(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    return form_of(request, lambda asked: filling.correction_page(asked, pk))


@creates(router, "/patrols/{pk}/corrections", scope="patrols:write", response=FormDone, summary="更正巡查记录",
         description="原来的记录不改，更正另记一条。")  # fmt: skip
def correct_round(request: HttpRequest, pk: RowId, given: Filled) -> dict[str, Any]:
    page, ref = done_by(request, lambda asked: filling.correction_page(asked, pk), given.fields)
    return told(page, ref)


@reads(router, "/patrols/{pk}/void/form", scope="patrols:read", response=FormOut, summary="作废要填什么")
def describe_void(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    return form_of(request, lambda asked: filling.void_page(asked, pk))


@creates(router, "/patrols/{pk}/void", scope="patrols:write", response=FormDone, summary="作废巡查记录",
         description="不再计入巡查次数；还没有办理的问题一并作废，原来的内容仍可查看。")  # fmt: skip
def void_round(request: HttpRequest, pk: RowId, given: Filled) -> dict[str, Any]:
    page, ref = done_by(request, lambda asked: filling.void_page(asked, pk), given.fields)
    return told(page, ref)


@reads(router, "/statistics/patrols", scope="patrols:read", response=PatrolFigures, summary="巡查统计")
def read_figures(request: HttpRequest, given: Query[PatrolSpan]) -> dict[str, Any]:
    call = call_of(request)
    path, on = call.actor.place_path, core.local_day(call.now)
    core.require(call.actor, "patrols.statistics", _Place(path))
    window = Window(given.from_on, max(given.to_on, given.from_on))
    rows: Any = PatrolFinding.objects.within(path).filter(found_at__gte=window.begins, found_at__lt=window.ends)
    return {
        "units": [
            {
                "unit": one.unit["pk"],
                "rounds": one.rounds,
                "findings": one.findings,
                "on_spot": one.on_spot,
                "struck_off": one.struck_off,
                "average": one.average,
            }
            for one in by_unit(path, window)
        ],
        "kinds": [_line(one) for one in counted(rows, "kind", on)],
        "estates": [_line(one) for one in counted(rows, "estate__name", on)],
        "sides": [_line(one) for one in counted(rows.exclude(side=""), "side", on)],
    }


class _Place:
    def __init__(self, place_path: str) -> None:
        self.place_path = place_path


def _line(one: Any) -> dict[str, Any]:
    return {name: getattr(one, name) for name in ("title", "whole", "open", "overdue", "on_spot")}


@reads(router, "/estates/{pk}/patrols", scope="patrols:read", response=EstatePatrols, summary="小区的巡查表和路线")
def read_estate(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    call = call_of(request)
    row, on = filling.estate_of(Asked(request), pk), core.local_day(call.now)
    walks = core.may(call.actor, "patrols.walk", services.At(row))
    routes = PatrolRoute.objects.filter(estate=row, ended_on=None).select_related("estate")
    return {
        "sheets": [
            {"code": name, "title": one.title}
            for name, one in (sheets_for(call.actor, row.place_path, on) if walks else {}).items()
        ],
        "plans": [
            f"{one.rule.title}：{one.words}" for one in (plans_for(call.actor, row.place_path, on) if walks else ())
        ],
        "routes": [_route(one) for one in routes if core.may(call.actor, "patrols.routes", one)],
    }


def _route(row: PatrolRoute) -> dict[str, Any]:
    points = [one.name for one in row.points.filter(ended_on=None)]
    return {"id": row.pk, "title": row.title, "unit": row.organisation_id, "points": points, "version": row.version}


@reads(router, "/estates/{pk}/patrols/{sheet}/form", scope="patrols:read", response=FormOut, summary="巡查表要填什么")
def describe_round(request: HttpRequest, pk: RowId, sheet: str) -> dict[str, Any]:
    return form_of(request, lambda asked: filling.round_page(asked, pk, sheet))


@creates(router, "/estates/{pk}/patrols/{sheet}", scope="patrols:write", response=FormDone, summary="登记巡查",
         description="key 是手机上的编号：同一个人用同一个编号送几次，只记一次。")  # fmt: skip
def send_round(request: HttpRequest, pk: RowId, sheet: str, given: Filled) -> dict[str, Any]:
    page, ref = done_by(request, lambda asked: filling.round_page(asked, pk, sheet), given.fields)
    return told(page, ref)


@creates(router, "/patrol-points/{token}/visits", scope="patrols:write", response=FormDone, summary="点位签到")
def sign_in(request: HttpRequest, token: str, given: Filled) -> dict[str, Any]:
    page, ref = done_by(request, lambda asked: filling.point_page(asked, token), given.fields)
    return told(page, ref)


@reads(router, "/estates/{pk}/patrol-routes/form", scope="patrols:read", response=FormOut, summary="路线要填什么")
def describe_route(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    return form_of(request, lambda asked: filling.route_page(asked, pk))


@creates(router, "/estates/{pk}/patrol-routes", scope="patrols:write", response=FormDone, summary="设置路线")
def set_route(request: HttpRequest, pk: RowId, given: Filled) -> dict[str, Any]:
    page, ref = done_by(request, lambda asked: filling.route_page(asked, pk), given.fields)
    return told(page, ref)


def _route_of(request: HttpRequest, pk: int) -> PatrolRoute:
    row = PatrolRoute.objects.select_related("estate").filter(pk=pk, ended_on=None).first()
    if row is None or not core.may(call_of(request).actor, "patrols.routes", row):
        raise Http404
    return row


@reads(router, "/patrol-routes/{pk}", scope="patrols:read", response=PatrolRouteOut, summary="一条路线")
def read_route(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    row = _route_of(request, pk)
    tagged(request, row)
    return _route(row)


@changes(router, "/patrol-routes/{pk}", scope="patrols:write", response=FormDone, summary="修改路线")
def change_route(request: HttpRequest, pk: RowId, given: Filled) -> dict[str, Any]:
    row = _route_of(request, pk)
    version = matched(request, row)
    page, ref = done_by(
        request, lambda asked: filling.route_page(asked, row.estate_id, pk), given.fields, version=version
    )
    row.refresh_from_db()
    tagged(request, row)
    return told(page, ref)


@changes(router, "/patrol-routes/{pk}/end", scope="patrols:write", response=FormDone, summary="停用路线")
def end_route(request: HttpRequest, pk: RowId, given: Filled) -> dict[str, Any]:
    row = _route_of(request, pk)
    version = matched(request, row)
    page, ref = done_by(request, lambda asked: filling.end_route_page(asked, pk), given.fields, version=version)
    row.refresh_from_db()
    tagged(request, row)
    return told(page, ref)


# -- findings


@reads(router, "/findings", scope="patrols:read", response=Page[PatrolFindingRow], summary="问题、责任、整改清单")
def list_findings(request: HttpRequest, given: Query[PatrolFindingFilter]) -> dict[str, Any]:
    call = call_of(request)
    rows: Any = findings_for(call.actor)
    if given.state:
        rows = rows.filter(state=given.state)
    if given.estate:
        rows = rows.filter(estate_id=given.estate)
    if given.overdue:
        rows = rows.filter(state="assigned", due_on__lt=core.local_day(call.now))
    of = f"findings:{given.state}:{given.estate}:{given.overdue}"
    return page_of(rows, _finding, by=keys("-id"), given=given, of=of)


@reads(router, "/findings/{pk}", scope="patrols:read", response=PatrolFindingOut, summary="一条问题")
def read_finding(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    call = call_of(request)
    row = filling.finding_of(Asked(request), pk)
    tagged(request, row)
    who = Who(call.actor, call.now)
    return {
        **_finding(row),
        "text": row.text,
        "case": row.case_number,
        "steps": [{"step": one.step, "at": one.at, "text": one.text, "by": one.by_label} for one in row.steps.all()],
        "photos": _photos(row.photos),
        "clauses": list((row.rules or {}).get("clauses") or ()),
        "acts": [{"act": name, "title": one.title} for name, one in ACTS.items() if one.offered(row, who)],
    }


@reads(router, "/findings/{pk}/acts/{act}", scope="patrols:read", response=FormOut, summary="一种办法要填什么")
def describe_act(request: HttpRequest, pk: RowId, act: str) -> dict[str, Any]:
    tagged(request, filling.finding_of(Asked(request), pk))
    return form_of(request, lambda asked: filling.act_page(asked, pk, act))


@changes(router, "/findings/{pk}/acts/{act}", scope="patrols:write", response=FormDone, summary="办理问题")
def do_act(request: HttpRequest, pk: RowId, act: str, given: Filled) -> dict[str, Any]:
    row = filling.finding_of(Asked(request), pk)
    version = matched(request, row)
    page, ref = done_by(request, lambda asked: filling.act_page(asked, pk, act), given.fields, version=version)
    row.refresh_from_db()
    tagged(request, row)
    return told(page, ref)


@reads(router, "/estates/{pk}/findings/form", scope="patrols:read", response=FormOut, summary="上报问题要填什么")
def describe_report(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    return form_of(request, lambda asked: filling.report_page(asked, pk))


@creates(router, "/estates/{pk}/findings", scope="patrols:write", response=FormDone, summary="上报问题")
def report(request: HttpRequest, pk: RowId, given: Filled) -> dict[str, Any]:
    page, ref = done_by(request, lambda asked: filling.report_page(asked, pk), given.fields)
    return told(page, ref)
