"""How a case reads as JSON. What the actor may not see is not in it."""

from datetime import date, datetime
from typing import Any

from ninja import Schema
from pydantic import Field

from gongzhi.cases import queries
from gongzhi.cases.models import Case, CourtAction
from gongzhi.cases.queries import asking
from gongzhi.cases.queries.cases import without_identity
from gongzhi.cases.views_case_parts import lines
from gongzhi.cases.views_list import Row
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.apikit.shapes import Unit, unit_of
from gongzhi.core.days import local_day
from gongzhi.duties.models import Duty
from gongzhi.duties.queries import duties_of


class EstateBrief(Schema):
    id: int = Field(description="小区编号")
    name: str = Field(description="小区名称")


class CaseRow(Schema):
    number: str = Field(description="案件编号")
    title: str = Field(description="标题")
    matter: str = Field(description="事项代码")
    matter_name: str = Field(description="事项名称")
    nature: str = Field(description="类别代码")
    channel: str = Field(description="来源代码")
    state: str = Field(description="状态代码")
    state_name: str = Field(description="状态名称")
    estate: EstateBrief | None = Field(description="小区")
    lead: Unit | None = Field(description="主办单位；没有派单的为空")
    received_at: datetime = Field(description="收到时间")
    answer_due_at: datetime | None = Field(description="答复期限；期限末日24:00记为次日0点")
    answered_at: datetime | None = Field(description="答复时间")
    overdue: bool = Field(description="是否已超过答复期限而没有答复")
    marks: list[str] = Field(description="标记：吹哨、督促级别、重复次数、标签")
    version: int = Field(description="版本，与 ETag 相同")


class Complainant(Schema):
    name: str = Field(description="姓名（脱敏）")
    phone: str = Field(description="电话（脱敏）")
    anonymous: bool = Field(description="是否匿名")
    anonymous_reason: str = Field(description="匿名原因")


class PartyOut(Schema):
    part: str = Field(description="身份代码：desk、lead、support、finding、watch、superior、police、told、answer、past")
    part_name: str = Field(description="身份")
    organisation: Unit | None = Field(description="单位")


class CaseFileOut(Schema):
    id: int = Field(description="文件编号，用“下载文件”取")
    name: str = Field(description="文件名")
    item: str = Field(description="材料类别")


class Line(Schema):
    at: datetime = Field(description="时间")
    title: str = Field(description="做了什么")
    text: str = Field(description="内容")
    who: str = Field(description="办理人")
    clauses: list[str] = Field(description="依据的条款")
    files: list[CaseFileOut] = Field(description="材料")


class ClockOut(Schema):
    id: int = Field(description="期限编号")
    title: str = Field(description="要做什么")
    owner: Unit | None = Field(description="谁要做")
    due_at: datetime | None = Field(description="到期时间")
    state: str = Field(description="状态代码")
    state_name: str = Field(description="状态")
    provisional: bool = Field(description="是否暂定（该年工作日历尚未公布）")
    clauses: list[str] = Field(description="依据的条款")


class MediationOut(Schema):
    kind: str = Field(description="方式代码")
    kind_name: str = Field(description="方式")
    organisation: Unit | None = Field(description="调解单位")
    complainants_view: str = Field(description="反映一方的意见；对您保密的写作（略）")
    others_view: str = Field(description="另一方的意见")
    result: str = Field(description="结果代码")
    result_name: str = Field(description="结果")
    note: str = Field(description="说明")
    held_at: datetime = Field(description="调解时间")


class CourtOut(Schema):
    tribunal: str = Field(description="受理法庭代码")
    tribunal_name: str = Field(description="受理法庭")
    number: str = Field(description="案号")
    estate: str = Field(description="在哪个小区开庭；不在小区的为空")
    location: str = Field(description="开庭地点")
    hearing_on: date | None = Field(description="开庭日期")
    judgment: str = Field(description="裁判结果")


class WeighingOut(Schema):
    grade: str = Field(description="轻重代码")
    grade_name: str = Field(description="轻重")
    organisation: Unit | None = Field(description="认定单位")
    reason: str = Field(description="理由")
    found_at: datetime = Field(description="发现时间")
    reported_at: datetime = Field(description="报送时间")
    late: bool = Field(description="是否迟报")


class CaseOut(CaseRow):
    complaint: str = Field(description="投诉的查询编号")
    text: str = Field(description="事由")
    location: str = Field(description="地点")
    spot: str = Field(description="车牌或点位")
    place_path: str = Field(description="地区路径")
    complainant: Complainant | None = Field(description="投诉人；对您保密的为空")
    hidden_because: str = Field(description="投诉人为什么对您保密")
    desk: Unit | None = Field(description="派单单位")
    parties: list[PartyOut] = Field(description="参与单位")
    needs: list[str] = Field(description="派单还缺的事实")
    returns: int = Field(description="退回次数")
    outcome: str = Field(description="办理结果代码")
    result: str = Field(description="办理结果")
    answer: str = Field(description="给投诉人的答复")
    explanation: str = Field(description="逾期说明")
    stars: int | None = Field(description="评价星级")
    rating: str = Field(description="评价")
    merged_into: str | None = Field(description="并入的案件编号")
    promised_on: date | None = Field(description="告知投诉人的办结日期")
    clauses: list[str] = Field(description="派单依据的条款")
    mediations: list[MediationOut] = Field(description="历次调解，先后为序")
    court: CourtOut | None = Field(description="诉讼；没有的为空")
    weighings: list[WeighingOut] = Field(description="纠纷轻重的历次认定")
    clocks: list[ClockOut] = Field(description="期限")
    timeline: list[Line] = Field(description="办理经过，新的在前")


def row_out(row: Row, now: datetime) -> dict[str, Any]:
    found = _brief(row.case, now)
    return {**found, "title": row.title, "matter_name": row.matter, "marks": [words for words, _ in row.marks]}


def _brief(case: Case, now: datetime) -> dict[str, Any]:
    return {
        "number": case.number,
        "matter": case.matter,
        "nature": case.nature,
        "channel": case.channel,
        "state": case.state,
        "state_name": case.get_state_display(),
        "estate": {"id": case.estate.pk, "name": case.estate.name} if case.estate else None,
        "lead": unit_of(case.lead),
        "received_at": case.received_at,
        "answer_due_at": case.answer_due_at,
        "answered_at": case.answered_at,
        "overdue": case.overdue(now),
        "version": case.version,
    }


def clock_out(duty: Duty) -> dict[str, Any]:
    return {
        "id": duty.pk,
        "title": duty.title,
        "owner": unit_of(duty.owner_organisation),
        "due_at": duty.due_at,
        "state": duty.state,
        "state_name": duty.get_state_display(),
        "provisional": duty.provisional,
        "clauses": list(duty.clauses),
    }


def case_out(view: queries.CaseView, *, actor: Actor, now: datetime) -> dict[str, Any]:
    case = view.case
    duties = list(duties_of(case.ref))
    pack = core.pack_for(case.place_path, local_day(now))
    route = asking.stored_route(case)
    return {
        **_brief(case, now),
        "title": view.title,
        "matter_name": asking.matter_name(case.matter, case),
        "marks": list(case.complaint.tag_names),
        "complaint": case.complaint.number,
        "text": view.text,
        "location": view.location,
        "spot": case.spot,
        "place_path": case.place_path,
        "complainant": _complainant(view),
        "hidden_because": view.hidden_because,
        "desk": unit_of(case.desk),
        "parties": [
            {"part": one.part, "part_name": one.get_part_display(), "organisation": unit_of(one.organisation)}
            for one in view.parties
        ],
        "needs": list(route.explanation.needs_titles) if route is not None and case.needs else [],
        "returns": case.returns,
        "outcome": case.outcome,
        "result": view.result,
        "answer": view.answer,
        "explanation": view.explanation,
        "stars": case.stars,
        "rating": view.rating,
        "merged_into": case.merged_into.number if case.merged_into else None,
        "promised_on": case.promised_on,
        "clauses": list(route.clauses) if route is not None else [],
        **_dispute(view),
        "clocks": [clock_out(one) for one in duties],
        "timeline": [
            {
                "at": one.at,
                "title": one.title,
                "text": one.text,
                "who": one.who,
                "clauses": list(one.clauses),
                "files": [{"id": file.file_id, "name": file.file.name, "item": file.item} for file in one.files],
            }
            for one in lines(view, queries.timeline(case, actor), duties, actor, pack)
        ],
    }


def _dispute(view: queries.CaseView) -> dict[str, Any]:
    """Rounds of mediation, the court, the weight; what the complainant said is as hidden as the complainant."""
    case, hidden = view.case, view.complainant is None

    def own(text: str) -> str:
        return without_identity(text, case) if hidden else text

    court: CourtAction | None = getattr(case, "court_action", None)
    return {
        "mediations": [
            {
                "kind": one.kind,
                "kind_name": one.get_kind_display(),
                "organisation": unit_of(one.organisation),
                "complainants_view": own(one.complainants_view),
                "others_view": own(one.others_view),
                "result": one.result,
                "result_name": one.get_result_display(),
                "note": own(one.note),
                "held_at": one.held_at,
            }
            for one in case.mediations.select_related("organisation")
        ],
        "court": None
        if court is None
        else {
            "tribunal": court.tribunal,
            "tribunal_name": court.get_tribunal_display(),
            "estate": court.estate.name if court.estate else "",
            **{name: getattr(court, name) for name in ("number", "location", "hearing_on", "judgment")},
        },
        "weighings": [
            {
                "grade_name": one.get_grade_display(),
                "organisation": unit_of(one.organisation),
                **{name: getattr(one, name) for name in ("grade", "reason", "found_at", "reported_at", "late")},
            }
            for one in case.weighings.select_related("organisation")
        ],
    }


def _complainant(view: queries.CaseView) -> dict[str, Any] | None:
    shown = view.complainant
    if shown is None:
        return None
    return {
        "name": shown["name"],
        "phone": shown["phone"],
        "anonymous": shown["anonymous"],
        "anonymous_reason": shown["reason"],
    }
