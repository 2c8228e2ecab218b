"""Mediation for programs: the list, one file as far as its page shows it, every act, the figures."""

from datetime import date, datetime
from typing import Any

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
from gongzhi.mediation.acts import ACTS
from gongzhi.mediation.filling import act_page, apply_page, found, shown_parties
from gongzhi.mediation.filling_bodies import FORMS, found_conference, mediator_page
from gongzhi.mediation.models import DisputeConference, MediationFile
from gongzhi.mediation.offices import AtPlace
from gongzhi.mediation.queries import agenda, staff, statistics
from gongzhi.mediation.queries.reading import readable_by
from gongzhi.mediation.words import (
    GRADES,
    LEVELS,
    MEDIATION_KINDS,
    OUTCOMES,
    RESULTS,
    SIDES,
    SOURCES,
    STATES,
    TOPIC_ORIGINS,
)

router = Router(tags=["调解"])


class MediationRow(Schema):
    id: int = Field(description="调解案件编号（内部）")
    number: str = Field(description="编号")
    estate: int = Field(description="小区编号")
    matter: str = Field(description="事项")
    source: str = code("来源", SOURCES)
    state: str = code("状态", STATES)
    outcome: str = code("结果", OUTCOMES)
    body: str = Field(description="现在的调解单位")
    level: str = code("层级", LEVELS)
    kind: str = code("调解方式", MEDIATION_KINDS)
    due_on: date | None = Field(description="调解期限")
    version: int = Field(description="版本，与 ETag 相同")


class MediationFilter(Paging):
    state: str = code("状态", STATES)
    estate: int | None = Field(None, ge=1, le=2**63 - 1, description="只看这个小区")
    late: bool = Field(False, description="只看重大纠纷迟报的")


class MediationPartyOut(Schema):
    side: str = code("一方", SIDES)
    name: str = Field(description="姓名（打码）或单位名称")
    consents: bool | None = Field(description="是否同意调解；没有表示的为空")
    signed: bool = Field(description="是否签收协议")


class MediationStageOut(Schema):
    body: str = Field(description="调解单位")
    level: str = code("层级", LEVELS)
    kind: str = code("调解方式", MEDIATION_KINDS)
    result: str = code("结果", RESULTS)
    sessions: int = Field(description="开了几次调解会")


class MediationWeighingOut(Schema):
    grade: str = code("轻重", GRADES)
    body: str = Field(description="认定单位")
    found_at: datetime = Field(description="发现时间")
    reported_at: datetime = Field(description="报送时间")
    due_at: datetime | None = Field(description="报送期限；文件没有规定的为空")
    late: bool = Field(description="迟报")


class MediationActOut(Schema):
    act: str = Field(description="办法代码")
    title: str = Field(description="名称")


class MediationFileOut(MediationRow):
    text: str = Field(description="纠纷情况；不是当事人、也没有办过的看不到，为空")
    parties: list[MediationPartyOut] = Field(description="当事人")
    stages: list[MediationStageOut] = Field(description="经过的调解单位，先后为序")
    weighings: list[MediationWeighingOut] = Field(description="轻重的历次认定")
    acts: list[MediationActOut] = Field(description="现在能办什么")


class MediationLine(Schema):
    title: str = Field(description="名称")
    whole: int = Field(description="件数")
    agreed: int = Field(description="达成")
    not_agreed: int = Field(description="未达成")
    withdrawn: int = Field(description="撤回、不受理")
    moved: int = Field(description="移走")
    running: int = Field(description="在办")
    court: int = Field(description="转诉讼")
    rate: str = Field(description="成功率；还没有结果的为—")


class MediationFigures(Schema):
    whole: MediationLine = Field(description="合计")
    towns: list[MediationLine] = Field(description="按镇街")
    levels: list[MediationLine] = Field(description="按层级")
    sources: list[MediationLine] = Field(description="按来源")
    bodies: list[MediationLine] = Field(description="按调解单位")


class MediationFiguresAsked(Schema):
    from_on: date = Field(description="申请日期从哪一天起")
    to_on: date = Field(description="到哪一天止")


def _row(row: MediationFile) -> dict[str, Any]:
    stage = row.stage
    return {
        "id": row.pk,
        "number": row.number,
        "estate": row.estate_id,
        "matter": row.matter,
        "source": row.source,
        "state": row.state,
        "outcome": row.outcome,
        "body": stage.organisation.name,
        "level": stage.level,
        "kind": stage.kind,
        "due_on": row.due_on,
        "version": row.version,
    }


@reads(router, "/mediations", scope="mediation:read", response=Page[MediationRow], summary="调解案件")
def list_mediations(request: HttpRequest, given: Query[MediationFilter]) -> dict[str, Any]:
    call = call_of(request)
    rows = readable_by(call.actor, core.local_day(call.now)).prefetch_related("stages__organisation")
    if given.state:
        rows = rows.filter(state=given.state)
    if given.estate:
        rows = rows.filter(estate_id=given.estate)
    if given.late:
        rows = rows.filter(weighings__late=True).distinct()
    of = f"mediations:{given.state}:{given.estate}:{given.late}"
    return page_of(rows, _row, by=keys("-id"), given=given, of=of)


@reads(router, "/mediations/{pk}", scope="mediation:read", response=MediationFileOut, summary="一件调解")
def read_mediation(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    call = call_of(request)
    row = found(Asked(request), pk)
    tagged(request, row)
    who, hears = Who(call.actor, call.now), core.may(call.actor, "mediation.hear", row)
    return {
        **_row(row),
        "text": row.text if hears else "",
        "parties": [
            {"side": one.side, "name": name, "consents": one.consents, "signed": one.signed_at is not None}
            for one, name in shown_parties(row, call.actor)
        ],
        "stages": [
            {
                "body": one.organisation.name,
                "level": one.level,
                "kind": one.kind,
                "result": one.result,
                "sessions": one.sessions.count(),
            }
            for one in row.stages.select_related("organisation")
        ],
        "weighings": [
            {
                "grade": one.grade,
                "body": one.organisation.name,
                "found_at": one.found_at,
                "reported_at": one.reported_at,
                "due_at": one.due_at,
                "late": one.late,
            }
            for one in row.weighings.select_related("organisation")
        ],
        "acts": [{"act": name, "title": one.title} for name, one in ACTS.items() if one.offered(row, who)],
    }


@reads(router, "/estates/{pk}/mediations/form", scope="mediation:read", response=FormOut, summary="申请调解要填什么")
def describe_application(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    return form_of(request, lambda asked: apply_page(asked, pk))


@creates(router, "/estates/{pk}/mediations", scope="mediation:write", response=FormDone, summary="申请调解")
def apply_for_mediation(request: HttpRequest, pk: RowId, given: Filled) -> dict[str, Any]:
    page, ref = done_by(request, lambda asked: apply_page(asked, pk), given.fields)
    return told(page, ref)


@reads(router, "/mediations/{pk}/acts/{act}", scope="mediation:read", response=FormOut, summary="一种办法要填什么")
def describe_act(request: HttpRequest, pk: RowId, act: str) -> dict[str, Any]:
    if act not in ACTS:
        raise Http404
    tagged(request, found(Asked(request), pk))
    return form_of(request, lambda asked: act_page(asked, pk, act))


@changes(router, "/mediations/{pk}/acts/{act}", scope="mediation:write", response=FormDone, summary="办理调解")
def do_act(request: HttpRequest, pk: RowId, act: str, given: Filled) -> dict[str, Any]:
    if act not in ACTS:
        raise Http404
    row = found(Asked(request), pk)
    version = matched(request, row)
    page, ref = done_by(request, lambda asked: act_page(asked, pk, act), given.fields, version=version)
    row.refresh_from_db()
    tagged(request, row)
    return told(page, ref)


@reads(router, "/statistics/mediations", scope="mediation:read", response=MediationFigures, summary="调解统计")
def read_figures(request: HttpRequest, given: Query[MediationFiguresAsked]) -> dict[str, Any]:
    call = call_of(request)
    place = AtPlace(call.actor.place_path, core.local_day(call.now))
    core.require(call.actor, "mediation.statistics", place)
    totals = statistics.figures(place.place_path, from_on=given.from_on, to_on=given.to_on)
    return {
        "whole": _line(totals.whole),
        **{name: [_line(one) for one in getattr(totals, name)] for name in ("towns", "levels", "sources", "bodies")},
    }


def _line(one: statistics.Line) -> dict[str, Any]:
    names = ("title", "whole", "agreed", "not_agreed", "withdrawn", "moved", "running", "court", "rate")
    return {name: getattr(one, name) for name in names}


class MediationBodyOut(Schema):
    id: int = Field(description="组织编号")
    name: str = Field(description="名称")
    address: str = Field(description="办公场所")
    phone: str = Field(description="办公电话")
    mediators: int = Field(description="调解员人数")
    full_time: int = Field(description="其中专职")
    trained: int = Field(description="其中受训")
    guided: int = Field(description="接受指导次数")
    lacking: list[str] = Field(description="按文件不齐的地方")


class MediationBodiesOut(Schema):
    bodies: list[MediationBodyOut] = Field(description="名册")
    missing: list[str] = Field(description="应建而没有建的地方")
    never_guided: list[str] = Field(description="从未接受指导的组织")


@reads(router, "/mediation-bodies", scope="mediation:read", response=MediationBodiesOut, summary="调解组织")
def read_bodies(request: HttpRequest) -> dict[str, Any]:
    call = call_of(request)
    on = core.local_day(call.now)
    place = AtPlace(call.actor.place_path, on)
    core.require(call.actor, "mediation.bodies", place)
    return {
        "bodies": [
            {
                "id": one.body.pk,
                "name": one.body.name,
                "address": one.body.address,
                "phone": one.body.phone,
                "mediators": one.mediators,
                "full_time": one.full_time,
                "trained": one.trained,
                "guided": one.guided,
                "lacking": [each.message for each in one.findings],
            }
            for one in staff.body_lines(place.place_path, on)
        ],
        "missing": [one.name for one in staff.places_without(place.place_path, on)],
        "never_guided": [one.name for one in staff.never_guided(place.place_path, on)],
    }


class ConferenceTopicOut(Schema):
    mediation: int = Field(description="调解案件编号（内部）")
    number: str = Field(description="编号")
    origin: str = code("怎样来的", TOPIC_ORIGINS)
    state: str = Field(description="状态")
    measure: str = Field(description="处置措施；没有登记的为空")
    person: str = Field(description="责任人；没有登记的为空")
    conclusion: str = Field(description="结论；还没有的为空")
    carried: bool = Field(description="转入了下次会议")


class ConferenceRow(Schema):
    id: int = Field(description="会议编号（内部）")
    organisation: str = Field(description="召开单位")
    held_on: date = Field(description="召开日期")
    attended: str = Field(description="到会")
    topics: list[ConferenceTopicOut] = Field(description="清单")


def _conference(row: DisputeConference) -> dict[str, Any]:
    names = ("origin", "state", "measure", "person", "conclusion", "carried")
    return {
        "id": row.pk,
        "organisation": row.organisation.name,
        "held_on": row.held_on,
        "attended": row.attended,
        "topics": [
            {"mediation": one.file_id, "number": one.file.number, **{name: getattr(one, name) for name in names}}
            for one in agenda.topics_of(row)
        ],
    }


@reads(router, "/dispute-conferences", scope="mediation:read", response=Page[ConferenceRow], summary="联席会议")
def list_conferences(request: HttpRequest, given: Query[Paging]) -> dict[str, Any]:
    call = call_of(request)
    place = AtPlace(call.actor.place_path, core.local_day(call.now))
    core.require(call.actor, "conference.read", place)
    return page_of(
        agenda.conferences(place.place_path), _conference, by=keys("-id"), given=given, of="dispute-conferences"
    )


@reads(router, "/dispute-conferences/{pk}", scope="mediation:read", response=ConferenceRow, summary="一次联席会议")
def read_conference(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    return _conference(found_conference(Asked(request), pk))


@reads(router, "/mediation-bodies/{pk}/mediators/form", scope="mediation:read", response=FormOut,
       summary="登记调解员要填什么")  # fmt: skip
def describe_mediator(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    return form_of(request, lambda asked: mediator_page(asked, pk))


@creates(router, "/mediation-bodies/{pk}/mediators", scope="mediation:write", response=FormDone, summary="登记调解员")
def add_mediator(request: HttpRequest, pk: RowId, given: Filled) -> dict[str, Any]:
    page, ref = done_by(request, lambda asked: mediator_page(asked, pk), given.fields)
    return told(page, ref)


@reads(router, "/mediation-forms/{act}", scope="mediation:read", response=FormOut,
       summary="要填什么",
       description="body 调解组织、training 培训、guidance 指导、session 巡回审理、conference 联席会议。")  # fmt: skip
def describe_form(request: HttpRequest, act: str) -> dict[str, Any]:
    if act not in FORMS:
        raise Http404
    return form_of(request, FORMS[act])


@creates(
    router,
    "/mediation-forms/{act}",
    scope="mediation:write",
    response=FormDone,
    summary="登记组织、培训、指导、巡回审理、联席会议",
)
def do_form(request: HttpRequest, act: str, given: Filled) -> dict[str, Any]:
    if act not in FORMS:
        raise Http404
    page, ref = done_by(request, FORMS[act], given.fields)
    return told(page, ref)
