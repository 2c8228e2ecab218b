"""The register of a unit, hot spots, the sheets of checks, who is competent for what."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from gongzhi.cases import queries, services
from gongzhi.cases.forms_fields import matter_options
from gongzhi.cases.models import SiteCheck
from gongzhi.cases.models.checks import CHECK_SOURCES
from gongzhi.cases.queries.ledgers import Competence
from gongzhi.cases.views_checks import CheckForm, checks_for, may_look_at_checks
from gongzhi.cases.views_competence import competences_at
from gongzhi.cases.views_registers import Period, unit_of_ledger
from gongzhi.core import services as core
from gongzhi.core.apikit.calls import call_of, creates, reads
from gongzhi.core.apikit.filling import Filled, FormField, described, filled
from gongzhi.core.apikit.paging import Page, Paging, keys, listed, page_of
from gongzhi.core.apikit.shapes import Unit, code, unit_of
from gongzhi.core.days import local_day
from gongzhi.core.models import Place

router = Router(tags=["台账和检查"])


class Days(Schema):
    received_from: date | None = Field(None, description="起；不填的是本月一日")
    received_to: date | None = Field(None, description="止；不填的是今天")

    def period(self, now: datetime) -> Period:
        return Period.of({"from": self.received_from, "to": self.received_to}, local_day(now))


class LedgerQuery(Days):
    unit: str = Field("", max_length=12, pattern=r"^\d*$", description="哪个单位的台账；不填的是本单位")


class LedgerFilter(LedgerQuery, Paging):
    pass


class LedgerRow(Schema):
    columns: dict[str, str | int | datetime | None] = Field(description="台账的各栏，栏名与导出的表格相同")


@reads(
    router,
    "/registers/complaints",
    scope="cases:read",
    response=Page[LedgerRow],
    summary="投诉登记台账",
    description="一个单位在一段时间里收到、主办或者曾经办的。",
)
def ledger(request: HttpRequest, given: Query[LedgerFilter]) -> dict[str, Any]:
    call = call_of(request)
    core.require(call.actor, "cases.ledger")
    unit, period = unit_of_ledger(call.actor, given.unit), given.period(call.now)
    rows = queries.register_rows(unit, received_from=period.first, received_to=period.last, now=call.now)
    of = f"ledger:{unit.pk}:{period.query()}"
    return listed(rows, lambda row: {"columns": row}, given=given, of=of)


class HotspotQuery(Days):
    unled: bool = Field(False, description="小区只列责任单位未指定的")


class Hotspots(Schema):
    since: datetime = Field(description="自哪一天起算")
    estates: list[dict[str, Any]] = Field(description="投诉最多的小区")
    by_estate: list[dict[str, Any]] = Field(description="同一小区同一事项反复出现的")
    by_matter: list[dict[str, Any]] = Field(description="投诉最多的事项")
    most_overdue: list[dict[str, Any]] = Field(description="超期最多的")
    on_spot: dict[str, int] = Field(description="来访当场办结：settled 件数、visits 总数")
    transfers: list[dict[str, Any]] = Field(description="移交用时")
    mediation: list[dict[str, Any]] = Field(description="调解统计")


@reads(router, "/statistics/hotspots", scope="cases:read", response=Hotspots, summary="热点和统计")
def hotspots(request: HttpRequest, given: Query[HotspotQuery]) -> dict[str, Any]:
    call = call_of(request)
    core.require(call.actor, "cases.statistics", call.actor.organisation)
    period, path = given.period(call.now), call.actor.place_path
    span = {"received_from": period.first, "received_to": period.last}
    found = queries.hotspots(path, call.now, unled=given.unled)
    settled, visits = queries.on_spot_rate(path, **span)
    return {
        "since": found.since,
        "estates": _plain(found.estates),
        "by_estate": _plain(found.by_estate),
        "by_matter": _plain(found.by_matter),
        "most_overdue": _plain(found.most_overdue),
        "on_spot": {"settled": settled, "visits": visits},
        "transfers": _plain(queries.transfer_days(path, **span)),
        "mediation": _plain(queries.mediation_totals(path, **span)),
    }


def _plain(rows: Any) -> list[dict[str, Any]]:
    return [_plain_value(row) for row in rows]


def _plain_value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain_value(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain_value(one) for one in value]
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | str) else str(value)


# --- sheets of checks


class CheckFilter(Paging):
    source: str = code("来源", CHECK_SOURCES)
    estate: int | None = Field(None, ge=1, le=2**63 - 1, description="小区编号")


class CheckOut(Schema):
    number: str = Field(description="编号")
    source: str = Field(description="来源代码")
    checked_at: datetime = Field(description="检查时间")
    organisation: Unit | None = Field(description="检查单位")
    estate: str = Field(description="小区")
    matter: str = Field(description="事项代码")
    found: str = Field(description="检查情况")
    violation: bool = Field(description="是否发现问题")
    case: str | None = Field(description="关联的案件编号")
    void_reason: str = Field(description="作废的理由；没有作废的为空")


def _check_out(row: SiteCheck) -> dict[str, Any]:
    return {
        "number": row.number,
        "source": row.source,
        "checked_at": row.checked_at,
        "organisation": unit_of(row.organisation),
        "estate": row.estate.name,
        "matter": row.matter,
        "found": row.found,
        "violation": row.violation,
        "case": row.case.number if row.case else None,
        "void_reason": row.void_reason,
    }


@reads(router, "/checks", scope="cases:read", response=Page[CheckOut], summary="检查单")
def list_checks(request: HttpRequest, given: Query[CheckFilter]) -> dict[str, Any]:
    call = call_of(request)
    may_look_at_checks(call.actor)
    rows = checks_for(call.actor)
    if given.source:
        rows = rows.filter(source=given.source)
    if given.estate:
        rows = rows.filter(estate_id=given.estate)
    of = f"checks:{given.source}:{given.estate}"
    return page_of(rows, _check_out, by=keys("-checked_at", "-id"), given=given, of=of)


def _check_form(request: HttpRequest) -> dict[str, Any]:
    call = call_of(request)
    core.require(call.actor, "checks.record", call.actor.organisation)
    return {"actor": call.actor, "now": call.now}


@reads(router, "/forms/check", scope="cases:write", response=list[FormField], summary="建检查单要填什么")
def describe_check(request: HttpRequest) -> list[dict[str, Any]]:
    return described(CheckForm(**_check_form(request)))


@creates(router, "/checks", scope="cases:write", response=CheckOut, summary="建检查单")
def record_check(request: HttpRequest, given: Filled) -> dict[str, Any]:
    call = call_of(request)
    form = filled(CheckForm, given.fields, owner=call.actor, **_check_form(request))
    sheet = services.record_check(**form.cleaned_data, key="", actor=call.actor, now=call.now)
    return _check_out(sheet)


# --- who is competent


class CompetenceOut(Schema):
    matter: str = Field(description="事项代码")
    name: str = Field(description="事项名称")
    group: str = Field(description="文件里的分组")
    nature: str = Field(description="类别代码")
    lead: str = Field(description="主办；文件没有定的写“职责待定”")
    support: list[str] = Field(description="配合")
    where: str = Field(description="在哪些地方这样分")
    clauses: list[str] = Field(description="依据的条款")


class CompetenceFilter(Schema):
    place: str = Field("", max_length=32, description="哪个地区的，写地区代码；不填的是本岗位的辖区")
    text: str = Field("", max_length=30, description="事项、主办、分组里的字")


@reads(
    router,
    "/competences",
    scope="",
    response=list[CompetenceOut],
    summary="什么事归谁管",
    description="按当地文件，每一事项由谁主办、谁配合。",
)
def competences(request: HttpRequest, given: Query[CompetenceFilter]) -> list[Competence]:
    call = call_of(request)
    path = call.actor.place_path
    if given.place:
        path = Place.objects.filter(code=given.place).values_list("path", flat=True).first() or ""
    return [
        one
        for one in competences_at(path, local_day(call.now))
        if not given.text or any(given.text in words for words in (one.name, one.lead, one.group))
    ]


class Matter(Schema):
    code: str = Field(description="事项代码")
    name: str = Field(description="本地名称")


@reads(router, "/matters", scope="", response=list[Matter], summary="事项代码和本地名称")
def matters(request: HttpRequest) -> list[dict[str, str]]:
    call = call_of(request)
    options = matter_options(call.actor.place_path, local_day(call.now))
    pairs = [pair for one in options[1:] for pair in (one[1] if isinstance(one[1], list) else [one])]
    return [{"code": str(value), "name": str(title)} for value, title in pairs]
