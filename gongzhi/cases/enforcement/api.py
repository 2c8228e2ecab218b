"""Enforcement for programs: the figures, the lists, one operation, evidence with its keepers, every act by its form."""

from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from gongzhi.cases.enforcement import services
from gongzhi.cases.enforcement.filling import EVIDENCE_ACTS, evidence_act, subject_of
from gongzhi.cases.enforcement.filling_books import ACTS, TENANCY_ACTS, tenancy_act, tenancy_of
from gongzhi.cases.enforcement.models import Operation, PremisesReview, Structure, Tenancy
from gongzhi.cases.enforcement.queries import figures, presence
from gongzhi.cases.enforcement.queries.evidence import shown_to
from gongzhi.cases.enforcement.queries.operations import missing_units, operations_for, unanswered
from gongzhi.cases.enforcement.queries.rentals import rentals_for, reveal_tenant
from gongzhi.cases.enforcement.words import ERAS, OPERATION_STATES, OPERATIONS, PREMISES_ANSWERS, STATIONS
from gongzhi.core import services as core
from gongzhi.core.apikit.asking import Asked, FormDone, FormOut, done_by, form_of, told
from gongzhi.core.apikit.calls import call_of, creates, reads, tagged
from gongzhi.core.apikit.filling import Filled
from gongzhi.core.apikit.paging import Page, Paging, keys, page_of
from gongzhi.core.apikit.shapes import RowId, Slug, code
from gongzhi.core.sending import download

router = Router(tags=["执法进小区"])
READ, WRITE = "enforcement:read", "enforcement:write"
ZIP = "application/zip"


class EnforcementPeriod(Schema):
    from_on: date = Field(description="从哪一天起")
    to_on: date = Field(description="到哪一天止")


class EnforcementLineOut(Schema):
    title: str = Field(description="名称")
    entries: int = Field(description="部门进小区次数")
    whole: int = Field(description="线索或登记件数")
    settled: int = Field(description="办结件数")
    rate: str = Field(description="办结率；没有件数的为—")


class EstateTopicOut(Schema):
    estate_id: RowId = Field(description="小区编号")
    title: str = Field(description="小区")
    topic: str = Field(description="专题")
    whole: int = Field(description="登记件数")
    settled: int = Field(description="办结件数")
    rate: str = Field(description="办结率")


class UnitThereOut(Schema):
    role: str = Field(description="部门的职责")
    name: str = Field(description="部门")
    liaison: bool = Field(description="有联络人")
    entries: int = Field(description="本月到场次数")
    there: bool = Field(description="到位")


class EnforcementFigures(Schema):
    towns: list[EnforcementLineOut] = Field(description="按镇街")
    topics: list[EnforcementLineOut] = Field(description="执法难题")
    topic_estates: list[EstateTopicOut] = Field(description="执法难题按小区")
    attendance: list[UnitThereOut] = Field(description="本月各部门到位情况")
    liaisons_complete: int = Field(description="联络人齐全的小区")
    estates: int = Field(description="小区个数")


class OperationOut(Schema):
    id: int = Field(description="编号（内部）")
    number: str = Field(description="编号")
    kind: str = code("种类", OPERATIONS)
    title: str = Field(description="名称")
    state: str = code("状态", OPERATION_STATES)
    planned_on: date = Field(description="安排日期")
    held_on: date | None = Field(description="开展日期")
    version: int = Field(description="版本，与 ETag 相同")


class OperationItemOut(Schema):
    id: int = Field(description="任务编号")
    text: str = Field(description="任务")
    unit: str = Field(description="承办单位")
    estate: int | None = Field(description="小区编号")
    matter: str = Field(description="事项代码")
    result: str = Field(description="结果；没有填的为空")


class OperationPartOut(Schema):
    unit: str = Field(description="单位")
    part: str = Field(description="作用：main 主办、lead 牵头、support 配合")
    result: str = Field(description="结果；没有填的为空")


class OperationFull(OperationOut):
    plan: str = Field(description="方案")
    units: list[OperationPartOut] = Field(description="参加单位")
    items: list[OperationItemOut] = Field(description="任务")
    missing: list[str] = Field(description="文件要求通知而没有通知的单位")
    unanswered: list[str] = Field(description="没有填结果的")


class OperationsAsked(Paging):
    kind: str = code("种类", OPERATIONS)


class StationOut(Schema):
    kind: str = code("种类", STATIONS)
    there: list[str] = Field(description="已设立的名称")
    missing: list[str] = Field(description="还没有设立的单位")
    uncovered: list[int] = Field(description="没有站点负责的小区编号")


class OfficerOut(Schema):
    id: int = Field(description="编号")
    name: str = Field(description="姓名")
    unit: str = Field(description="单位")
    phone: str = Field(description="公开的工作电话")


class StructureOut(Schema):
    id: int = Field(description="编号（内部）")
    number: str = Field(description="编号")
    estate: int = Field(description="小区编号")
    location: str = Field(description="位置")
    era: str = code("类别", ERAS)
    area_m2: str | None = Field(description="面积（平方米）")
    lead: str = Field(description="牵头拆除单位；没有登记的为空")
    removed_on: date | None = Field(description="拆除日期")
    version: int = Field(description="版本")


class StructuresAsked(Paging):
    era: str = code("类别", ERAS)


class TenancyOut(Schema):
    id: int = Field(description="编号")
    estate: int = Field(description="小区编号")
    unit: str = Field(description="房屋")
    tenant: str = Field(description="承租人（打码）")
    people: int = Field(description="居住人数")
    from_on: date = Field(description="起租")
    to_on: date | None = Field(description="退租")
    finding: str = Field(description="查处结果：lawful、unlawful，没有的为空")


class RevealAsked(Schema):
    reason: str = Field(description="查看的理由")


class RevealedOut(Schema):
    name: str = Field(description="承租人姓名")


class PremisesOut(Schema):
    id: int = Field(description="编号")
    unit: str = Field(description="房屋")
    answer: str = code("结论", PREMISES_ANSWERS)
    clauses: list[str] = Field(description="依据条款")
    at: datetime = Field(description="时间")


class CustodyOut(Schema):
    unit: str = Field(description="保管单位")
    from_at: datetime | None = Field(description="签收时间；待签收的为空")
    to_at: datetime | None = Field(description="交出时间")


class EvidenceOut(Schema):
    id: int = Field(description="编号（内部）")
    number: str = Field(description="证据编号")
    title: str = Field(description="证明什么")
    file: int = Field(description="文件编号")
    sha256: str = Field(description="摘要")
    leaf: str = Field(description="存证日志里的叶子")
    custody: list[CustodyOut] = Field(description="谁保管，先后为序")


def _operation(row: Operation) -> dict[str, Any]:
    plain = ("number", "kind", "title", "state", "planned_on", "held_on", "version")
    return {"id": row.pk, **{name: getattr(row, name) for name in plain}}


def _structure(row: Structure) -> dict[str, Any]:
    return {
        "id": row.pk,
        "number": row.number,
        "estate": row.estate_id,
        "location": row.location,
        "era": row.era,
        "area_m2": str(row.area_m2) if row.area_m2 is not None else None,
        "lead": row.lead.name if row.lead else "",
        "removed_on": row.removed_on,
        "version": row.version,
    }


def _tenancy(row: Tenancy) -> dict[str, Any]:
    return {
        "id": row.pk,
        "estate": row.estate_id,
        "unit": str(row.unit),
        "tenant": row.tenant.masked_name if row.tenant else "",
        "people": row.people,
        "from_on": row.from_on,
        "to_on": row.to_on,
        "finding": row.finding,
    }


def _looks(request: HttpRequest) -> Any:
    call = call_of(request)
    core.require(call.actor, "enforcement.look", services.Where(call.actor.place_path))
    return call


@reads(router, "/statistics/enforcement", scope=READ, response=EnforcementFigures, summary="执法进小区统计")
def read_figures(request: HttpRequest, given: Query[EnforcementPeriod]) -> dict[str, Any]:
    call = _looks(request)
    path = call.actor.place_path
    found = presence.liaisons(path, on=given.to_on)
    lines = ("title", "entries", "whole", "settled", "rate")
    there = ("role", "name", "liaison", "entries", "there")

    def shown(rows: Any, names: tuple[str, ...]) -> list[dict[str, Any]]:
        return [{name: getattr(one, name) for name in names} for one in rows]

    of_estate = ("estate_id", "title", "topic", "whole", "settled", "rate")
    return {
        "towns": shown(figures.by_town(path, from_on=given.from_on, to_on=given.to_on), lines),
        "topics": shown(figures.by_topic(path, on=given.to_on)[0], lines),
        "topic_estates": shown(figures.by_topic_and_estate(path, on=given.to_on), of_estate),
        "attendance": shown(presence.attendance(path, month=given.to_on)[0], there),
        "liaisons_complete": found.complete if found.clauses else 0,
        "estates": len(found.rows),
    }


@reads(router, "/operations", scope=READ, response=Page[OperationOut], summary="联合行动")
def list_operations(request: HttpRequest, given: Query[OperationsAsked]) -> dict[str, Any]:
    rows = operations_for(call_of(request).actor)
    if given.kind:
        rows = rows.filter(kind=given.kind)
    return page_of(rows, _operation, by=keys("-planned_on", "-id"), given=given, of=f"operations:{given.kind}")


@reads(router, "/operations/{pk}", scope=READ, response=OperationFull, summary="一次联合行动")
def read_operation(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    call = call_of(request)
    row = operations_for(call.actor).filter(pk=pk).first()
    if row is None:
        raise Http404
    tagged(request, row)
    return {
        **_operation(row),
        "plan": row.plan,
        "units": [
            {"unit": one.organisation.name, "part": one.part, "result": one.result}
            for one in row.units.select_related("organisation")
        ],
        "items": [
            {"id": one.pk, "text": one.text, "unit": one.organisation.name, "estate": one.estate_id,
             "matter": one.matter, "result": one.result}
            for one in row.items.select_related("organisation")
        ],
        "missing": [name for _, name in missing_units(row, on=core.local_day(call.now))],
        "unanswered": unanswered(row),
    }  # fmt: skip


@reads(router, "/enforcement/stations", scope=READ, response=list[StationOut], summary="执法站点和防控队伍")
def list_stations(request: HttpRequest) -> list[dict[str, Any]]:
    call = _looks(request)
    on = core.local_day(call.now)
    found = {kind: presence.hosts(call.actor.place_path, kind=kind, on=on) for kind in STATIONS}
    return [
        {
            "kind": kind,
            "there": [one.name for one in one_kind.there],
            "missing": [one.name for one in one_kind.missing],
            "uncovered": [one.pk for one in one_kind.uncovered],
        }
        for kind, one_kind in found.items()
    ]


@reads(router, "/estates/{pk}/officers", scope=READ, response=list[OfficerOut], summary="一个小区的执法联络人")
def list_officers(request: HttpRequest, pk: RowId) -> list[dict[str, Any]]:
    from gongzhi.registry.models import Estate

    estate = Estate.objects.filter(pk=pk).first()
    if estate is None:
        raise Http404
    return [
        {"id": one.pk, "name": one.name, "unit": one.organisation.name, "phone": one.phone}
        for one in presence.officers_of(estate, core.local_day(call_of(request).now))
    ]


@reads(router, "/structures", scope=READ, response=Page[StructureOut], summary="违建台账")
def list_structures(request: HttpRequest, given: Query[StructuresAsked]) -> dict[str, Any]:
    rows = Structure.objects.within(_looks(request).actor.place_path).select_related("lead")
    if given.era:
        rows = rows.filter(era=given.era)
    return page_of(rows, _structure, by=keys("-id"), given=given, of=f"structures:{given.era}")


@reads(router, "/structures/{pk}", scope=READ, response=StructureOut, summary="一处违建")
def read_structure(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    row = Structure.objects.within(_looks(request).actor.place_path).select_related("lead").filter(pk=pk).first()
    if row is None:
        raise Http404
    tagged(request, row)
    return _structure(row)


@reads(router, "/tenancies", scope=READ, response=Page[TenancyOut], summary="出租房")
def list_tenancies(request: HttpRequest, given: Query[Paging]) -> dict[str, Any]:
    call = call_of(request)
    rows = rentals_for(call.actor, on=core.local_day(call.now))
    return page_of(rows, _tenancy, by=keys("-id"), given=given, of="tenancies")


@reads(router, "/tenancies/{pk}", scope=READ, response=TenancyOut, summary="一套出租房")
def read_tenancy(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    row = tenancy_of(Asked(request), pk)
    tagged(request, row)
    return _tenancy(row)


@creates(router, "/tenancies/{pk}/tenant", scope="persons:reveal", response=RevealedOut, summary="查看承租人，写明理由")
def read_tenant(request: HttpRequest, pk: RowId, given: RevealAsked) -> dict[str, str]:
    call = call_of(request)
    row = tenancy_of(Asked(request), pk)
    return {"name": reveal_tenant(row, reason=given.reason, actor=call.actor, now=call.now)}


@reads(router, "/tenancies/{pk}/acts/{act}", scope=READ, response=FormOut, summary="一种办法要填什么")
def describe_tenancy_act(request: HttpRequest, pk: RowId, act: Slug) -> dict[str, Any]:
    if act not in TENANCY_ACTS:
        raise Http404
    return form_of(request, lambda asked: tenancy_act(asked, pk, act))


@creates(router, "/tenancies/{pk}/acts/{act}", scope=WRITE, response=FormDone, summary="上报、退租、登记查处结果")
def do_tenancy_act(request: HttpRequest, pk: RowId, act: Slug, given: Filled) -> dict[str, Any]:
    if act not in TENANCY_ACTS:
        raise Http404
    return told(*done_by(request, lambda asked: tenancy_act(asked, pk, act), given.fields))


@reads(router, "/premises-reviews", scope=READ, response=Page[PremisesOut], summary="经营场所核对记录")
def list_premises(request: HttpRequest, given: Query[Paging]) -> dict[str, Any]:
    rows = PremisesReview.objects.within(_looks(request).actor.place_path).select_related("unit__building")

    def shown(row: PremisesReview) -> dict[str, Any]:
        clauses = row.basis.get("clauses", [])
        return {"id": row.pk, "unit": str(row.unit), "answer": row.answer, "clauses": clauses, "at": row.at}

    return page_of(rows, shown, by=keys("-id"), given=given, of="premises")


@reads(
    router,
    "/evidence/{kind}/{pk}",
    scope=READ,
    response=list[EvidenceOut],
    summary="案件（case）、问题（problem）的证据",
)
def list_evidence(request: HttpRequest, kind: Slug, pk: RowId) -> list[dict[str, Any]]:
    subject = subject_of(Asked(request), kind, pk)
    return [
        {
            "id": one.pk,
            "number": one.number,
            "title": one.title,
            "file": one.file_id,
            "sha256": one.file.sha256,
            "leaf": bytes(one.entry.leaf_hash).hex(),
            "custody": [
                {"unit": each.organisation.name, "from_at": each.from_at, "to_at": each.to_at}
                for each in one.custody.all()
            ],
        }
        for one in shown_to(subject, call_of(request).actor)
    ]


@creates(router, "/evidence/{kind}/{pk}/package", scope=WRITE, response=None, summary="导出证据包（zip）")
def export_evidence(request: HttpRequest, kind: Slug, pk: RowId) -> HttpResponse:
    call = call_of(request)
    subject = subject_of(Asked(request), kind, pk)
    content = services.package(subject, actor=call.actor, now=call.now)
    return download(content, name=services.package_name(subject), content_type=ZIP)


@reads(router, "/evidence/{kind}/{pk}/acts/{act}", scope=READ, response=FormOut, summary="收存、移交、签收要填什么")
def describe_evidence_act(request: HttpRequest, kind: Slug, pk: RowId, act: Slug) -> dict[str, Any]:
    if act not in EVIDENCE_ACTS:
        raise Http404
    return form_of(request, lambda asked: evidence_act(asked, kind, pk, act))


@creates(router, "/evidence/{kind}/{pk}/acts/{act}", scope=WRITE, response=FormDone, summary="收存、移交、签收证据")
def do_evidence_act(request: HttpRequest, kind: Slug, pk: RowId, act: Slug, given: Filled) -> dict[str, Any]:
    if act not in EVIDENCE_ACTS:
        raise Http404
    return told(*done_by(request, lambda asked: evidence_act(asked, kind, pk, act), given.fields))


@reads(
    router, "/enforcement/acts/{act}/{pk}", scope=READ, response=FormOut, summary="一种办法要填什么",
    description="办法代码：" + "、".join(ACTS) + "。编号是所办的那一行；新办的写 0。",
)  # fmt: skip
def describe_act(request: HttpRequest, act: Slug, pk: int) -> dict[str, Any]:
    if act not in ACTS:
        raise Http404
    return form_of(request, lambda asked: ACTS[act](asked, pk))


@creates(
    router, "/enforcement/acts/{act}/{pk}", scope=WRITE, response=FormDone, summary="办理",
    description="与页面用同一张表单、同样的规则；表单里的 version 防止覆盖别人刚办的。",
)  # fmt: skip
def do_act(request: HttpRequest, act: Slug, pk: int, given: Filled) -> dict[str, Any]:
    if act not in ACTS:
        raise Http404
    return told(*done_by(request, lambda asked: ACTS[act](asked, pk), given.fields))
