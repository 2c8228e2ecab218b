"""Service charges for other programs: prices, runs, bills, arrears, and every act by the form of its page."""

from datetime import date, datetime
from typing import Any

from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from gongzhi.core import services as core
from gongzhi.core.apikit.asking import Asked, FormDone, FormOut, done_by, form_of, told
from gongzhi.core.apikit.calls import call_of, changes, creates, matched, reads, tagged
from gongzhi.core.apikit.filling import Filled, filled
from gongzhi.core.apikit.paging import Page, Paging, keys, page_of
from gongzhi.core.apikit.shapes import Body, RowId, Slug, Unit, unit_of
from gongzhi.core.sending import PDF
from gongzhi.funds.charges import services as charges
from gongzhi.funds.charges.models import ArrearsHandover, Bill, BillingRun, GuidePrice, PriceChange, Tariff
from gongzhi.funds.charges.queries import OfProject, late_fen, prices, terms_on
from gongzhi.funds.charges.queries import accounts as found_by
from gongzhi.funds.charges.queries.arrears import Rate, debtors, refused_to_pay
from gongzhi.funds.charges.queries.lines import bill_lines, price_source
from gongzhi.funds.charges.words import EVERY
from gongzhi.funds.forms_charges import RunForm
from gongzhi.funds.payments import services as payments
from gongzhi.funds.views.charging.acting import PlaceOf, UnitOf, offered, project_seen, row_of, unit_seen, who_of
from gongzhi.funds.views.charging.acts import ACTS, page_for
from gongzhi.registry.models import Project

READ, WRITE = "charges:read", "charges:write"
FEN = "（分）"
router = Router(tags=["物业收费"])


# -- projects


class ChargeRate(Schema):
    due_fen: int = Field(description=f"今年到期的应收{FEN}")
    paid_fen: int = Field(description=f"其中已收{FEN}")
    words: str = Field(description="收缴率；应收为0的是—")


class ChargeProjectRow(Schema):
    id: int = Field(description="物业项目编号")
    estate: int = Field(description="小区编号")
    estate_name: str = Field(description="小区")
    company: Unit | None = Field(description="物业服务企业")
    from_on: date = Field(description="服务起")
    to_on: date | None = Field(description="服务止")
    rate: ChargeRate = Field(description="收缴")
    debtors: int = Field(description="逾期户数")
    overdue_fen: int = Field(description=f"逾期欠费{FEN}")


class ChargeTermsOut(Schema):
    mode: str = Field(description="lump_sum 包干制、commission 酬金制")
    due_days: int = Field(description="出账后多少日内缴")
    late_rate: str | None = Field(description="每日违约金比例；合同没有约定的为空")
    grade: str = Field(description="服务等级")
    from_on: date = Field(description="自")


class ChargeAgeOut(Schema):
    code: str = Field(description="账龄代码")
    title: str = Field(description="账龄")
    units: int = Field(description="户数")
    fen: int = Field(description=f"金额{FEN}")


class ChargeShownOut(Schema):
    complete: bool = Field(description="收费公示齐全、与合同一致")
    lacking: int = Field(description="缺几项")
    differs: int = Field(description="几项与合同不符")
    clauses: list[str] = Field(description="依据条款")


class ChargeMonthOut(Schema):
    first: date = Field(description="月份的1日；按缴费期限")
    rate: ChargeRate = Field(description="收缴率")
    change: str = Field(description="比上月；没有应收的为空")


class ChargeProjectOut(ChargeProjectRow):
    terms: ChargeTermsOut | None = Field(description="合同约定")
    ages: list[ChargeAgeOut] = Field(description="逾期欠费按账龄")
    months: list[ChargeMonthOut] = Field(description="最近12个月的收缴率，新的在前")
    refused: int = Field(description="其中算拒交的户数")
    shown: ChargeShownOut = Field(description="收费公示")


class ChargeProjectFilter(Paging):
    estate: int | None = Field(None, ge=1, le=2**63 - 1, description="只看这个小区")


def _today(request: HttpRequest) -> date:
    return core.local_day(call_of(request).now)


def _rate(rate: Rate) -> dict[str, Any]:
    return {"due_fen": rate.due_fen, "paid_fen": rate.paid_fen, "words": rate.words}


def _standing(one: found_by.Standing) -> dict[str, Any]:
    row = one.project
    return {
        "id": row.pk, "estate": row.estate_id, "estate_name": row.estate.name, "company": unit_of(row.company),
        "from_on": row.from_on, "to_on": row.to_on, "rate": _rate(one.rate), "debtors": one.debtors,
        "overdue_fen": one.overdue_fen,
    }  # fmt: skip


@reads(router, "/charges/projects", scope=READ, response=Page[ChargeProjectRow], summary="各项目的收费")
def list_projects(request: HttpRequest, given: Query[ChargeProjectFilter]) -> dict[str, Any]:
    on = _today(request)
    rows = found_by.projects_for(call_of(request).actor, on=on)
    if given.estate:
        rows = rows.filter(estate=given.estate)
    found = page_of(rows.order_by(), lambda one: one, by=keys("id"), given=given, of=f"charges:{given.estate}")
    return {**found, "items": [_standing(one) for one in found_by.standings(found["items"], on)]}


@reads(router, "/charges/projects/{pk}", scope=READ, response=ChargeProjectOut, summary="一个项目的收费")
def read_project(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    row, on = project_seen(request, pk), _today(request)
    terms, owing, hung = terms_on(row, on), debtors(row, on), prices.shown(row, on)
    tagged(request, row)
    return {
        **_standing(found_by.standings([row], on)[0]),
        "terms": terms and {
            "mode": terms.mode, "due_days": terms.due_days, "grade": terms.grade, "from_on": terms.from_on,
            "late_rate": str(terms.late_rate) if terms.late_rate is not None else None,
        },
        "months": [
            {"first": one.first, "rate": _rate(one.rate), "change": one.change} for one in found_by.by_month(row, on)
        ],
        "ages": [
            {"code": one.code, "title": one.title, "units": one.units, "fen": one.fen}
            for one in found_by.by_age(owing, on)
        ],
        "refused": len(refused_to_pay(row, on)) if owing else 0,
        "shown": {
            "complete": hung.complete, "lacking": len(hung.lacking), "differs": len(hung.differs),
            "clauses": list(hung.clauses),
        },
    }  # fmt: skip


# -- prices


class TariffOut(Schema):
    id: int = Field(description="收费标准编号")
    project: int = Field(description="物业项目编号")
    fee: str = Field(description="收费项目代码")
    title: str = Field(description="名称")
    price_kind: str = Field(description="guide 政府指导价、market 市场调节价")
    basis: str = Field(description="area 按面积、unit 按户、item 按数量")
    price: str = Field(description="单价（元/月）")
    every: int = Field(description="几个月出一次账")
    use: str = Field(description="适用用途；空的是没有单独标准的用途")
    building: int | None = Field(description="适用楼幢；空的是全部")
    grade: str = Field(description="服务等级")
    state: str = Field(description="draft 待备案、in_force 执行、refused 不予备案")
    source: str = Field(description="怎样定的")
    from_on: date = Field(description="执行日期")
    to_on: date | None = Field(description="止")
    version: int = Field(description="版本，与 ETag 相同")


def _tariff(row: Tariff) -> dict[str, Any]:
    names = ("fee", "title", "price_kind", "basis", "every", "use", "grade", "state", "from_on", "to_on", "version")
    return {
        "id": row.pk, "project": row.project_id, "building": row.building_id, "price": str(row.price),
        "source": price_source(row), **{name: getattr(row, name) for name in names},
    }  # fmt: skip


@reads(router, "/charges/projects/{pk}/tariffs", scope=READ, response=Page[TariffOut], summary="收费标准，历次的也在内")
def list_tariffs(request: HttpRequest, pk: RowId, given: Query[Paging]) -> dict[str, Any]:
    rows = Tariff.objects.filter(project=project_seen(request, pk)).select_related("motion__vote")
    return page_of(rows, _tariff, by=keys("-id"), given=given, of=f"tariffs:{pk}")


@reads(router, "/charges/tariffs/{pk}", scope=READ, response=TariffOut, summary="一项收费标准")
def read_tariff(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    row = row_of(request, "tariff", str(pk))
    tagged(request, row)
    return _tariff(row)


class PriceChangeOut(Schema):
    id: int = Field(description="调价编号")
    tariff: int = Field(description="现行标准")
    new_price: str = Field(description="拟调价格（元/月）")
    reason: str = Field(description="理由")
    state: str = Field(description="open 办理中、done 已执行、dropped 已撤回")
    steps: list[str] = Field(description="要办的手续，依次")
    next: str | None = Field(description="现在该办的；都办完的为空")
    effective_on: date | None = Field(description="执行日期")
    result: int | None = Field(description="新标准")
    version: int = Field(description="版本，与 ETag 相同")


@reads(router, "/charges/price-changes/{pk}", scope=READ, response=PriceChangeOut, summary="一次调价")
def read_change(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    row: PriceChange = row_of(request, "price_change", str(pk))
    tagged(request, row)
    names = ("reason", "state", "steps", "effective_on", "version")
    return {
        "id": row.pk, "tariff": row.tariff_id, "new_price": str(row.new_price), "result": row.result_id,
        "next": charges.next_step(row) if row.state == "open" else None,
        **{name: getattr(row, name) for name in names},
    }  # fmt: skip


class GuidePriceOut(Schema):
    id: int = Field(description="指导价编号")
    grade: str = Field(description="服务等级")
    base_price: str = Field(description="基准价（元/㎡·月）")
    least: str = Field(description="下限")
    most: str = Field(description="上限")
    document: str = Field(description="文件")
    from_on: date = Field(description="执行日期")
    to_on: date | None = Field(description="止")


@reads(router, "/charges/guide-prices", scope=READ, response=list[GuidePriceOut], summary="政府指导价，现行的和以前的")
def list_guides(request: HttpRequest) -> list[dict[str, Any]]:
    path = call_of(request).actor.place_path
    rows = prices.guides(path) if path else GuidePrice.objects.none()
    return [
        {
            "id": row.pk, "base_price": str(row.base_price), "least": str(row.least), "most": str(row.most),
            "grade": row.grade, "document": row.document, "from_on": row.from_on, "to_on": row.to_on,
        }
        for row in rows
    ]  # fmt: skip


class PriceCheckOut(Schema):
    not_shown: list[int] = Field(description="没有有效收费公示的项目")
    over_guide: list[int] = Field(description="高于指导价上限的收费标准")
    above_stated: list[int] = Field(description="实收高于备案或公示价的项目")


@reads(router, "/charges/checks", scope=READ, response=PriceCheckOut, summary="收费公示检查清单")
def read_checks(request: HttpRequest) -> dict[str, Any]:
    actor, on = call_of(request).actor, _today(request)
    place = core.place_at(actor.place_path) if actor.place_path else None
    if place is None or not core.may(actor, "price.inspect", place):
        raise Http404
    serving = found_by.projects_for(actor, on=on).filter(to_on=None)
    return {
        "not_shown": [one.pk for one in prices.not_shown(serving, on)],
        "over_guide": [tariff.pk for tariff, _ in prices.over_guide(serving, on)],
        "above_stated": [one.pk for one, _, _ in prices.above_own(serving, on)],
    }


# -- runs and bills


class BillingRunOut(Schema):
    id: int = Field(description="出账编号")
    project: int = Field(description="物业项目编号")
    every: int = Field(description="几个月一次")
    from_on: date = Field(description="自")
    to_on: date = Field(description="至")
    issued_on: date = Field(description="出账日期")
    due_on: date = Field(description="缴费期限")
    state: str = Field(description="running 正在出账、done 已出账、withdrawn 已撤回")
    bills: int = Field(description="已出的账单")
    amount_fen: int = Field(description=f"合计{FEN}")
    told_at: datetime | None = Field(description="账单发送完的时间")
    version: int = Field(description="版本，与 ETag 相同")


def _run(row: BillingRun) -> dict[str, Any]:
    names = ("every", "from_on", "to_on", "issued_on", "due_on", "state", "amount_fen", "told_at", "version")
    bills = row.bills if row.state == "done" else row.made.filter(cancelled_on=None).count()
    return {"id": row.pk, "project": row.project_id, "bills": bills, **{name: getattr(row, name) for name in names}}


@reads(router, "/charges/projects/{pk}/runs", scope=READ, response=Page[BillingRunOut], summary="历次出账")
def list_runs(request: HttpRequest, pk: RowId, given: Query[Paging]) -> dict[str, Any]:
    rows = BillingRun.objects.filter(project=project_seen(request, pk))
    return page_of(rows, _run, by=keys("-id"), given=given, of=f"runs:{pk}")


class PeriodAsked(Schema):
    every: int = Field(description="周期：" + "、".join(f"{one} {words}" for one, words in EVERY.items()))
    from_on: date = Field(description="时期自，某月1日")
    issued_on: date = Field(description="出账日期")


class NoticedOut(Schema):
    code: str = Field(description="代码")
    title: str = Field(description="什么情况")
    advice: str = Field(description="怎样处理")
    count: int = Field(description="户数")
    units: list[int] = Field(description="房屋编号，最多列50户")


class LookedOverOut(Schema):
    units: int = Field(description="全部房屋")
    bills: int = Field(description="会出的账单")
    amount_fen: int = Field(description=f"合计{FEN}")
    noticed: list[NoticedOut] = Field(description="要留意的")
    notes: list[str] = Field(description="说明")
    run: int | None = Field(description="这一期已有的出账")


@reads(
    router, "/charges/projects/{pk}/run-preview", scope=READ, response=LookedOverOut, summary="出账以前先看结果",
    description="金额与出账完全一样算，什么也不写。",
)  # fmt: skip
def preview_run(request: HttpRequest, pk: RowId, given: Query[PeriodAsked]) -> dict[str, Any]:
    call, project = call_of(request), project_seen(request, pk)
    over = charges.look_over(
        project, every=given.every, from_on=given.from_on, issued_on=given.issued_on, actor=call.actor, now=call.now
    )
    return {
        "units": over.units, "bills": over.bills, "amount_fen": over.amount_fen, "notes": list(over.notes),
        "run": over.before.pk if over.before else None,
        "noticed": [
            {"code": one.code, "title": one.title, "advice": one.advice, "count": one.count,
             "units": [unit.pk for unit, _ in one.units]}
            for one in over.exceptions
        ],
    }  # fmt: skip


class RunAsked(Body):
    fields: dict[str, Any] = Field(description="every、from_on、issued_on，与预览相同")


@creates(
    router, "/charges/projects/{pk}/runs", scope=WRITE, response=BillingRunOut, summary="出账",
    description="开始出账，由后台接着做；同一期再来，给出已有的那一次，不会多出一张账单。",
)  # fmt: skip
def begin_run(request: HttpRequest, pk: RowId, given: RunAsked) -> tuple[int, dict[str, Any]]:
    call, project = call_of(request), project_seen(request, pk)
    core.require(call.actor, "fee.bill", OfProject(project))
    data = filled(RunForm, given.fields, owner=call.actor).cleaned_data
    row = charges.begin_run(
        project, every=int(data["every"]), from_on=data["from_on"], issued_on=data["issued_on"], actor=call.actor,
        now=call.now,
    )  # fmt: skip
    tagged(request, row)
    return 201, _run(row)


@reads(router, "/charges/runs/{pk}", scope=READ, response=BillingRunOut, summary="一次出账，做到哪里了")
def read_run(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    row = row_of(request, "billing_run", str(pk))
    tagged(request, row)
    return _run(row)


class BillRow(Schema):
    id: int = Field(description="账单编号")
    number: str = Field(description="账单号")
    unit: int = Field(description="房屋编号")
    unit_name: str = Field(description="房屋")
    kind: str = Field(description="run 周期账单、single 单独账单、late 违约金")
    from_on: date = Field(description="自")
    to_on: date = Field(description="至")
    due_on: date = Field(description="缴费期限")
    amount_fen: int = Field(description=f"应缴{FEN}")
    paid_fen: int = Field(description=f"已缴{FEN}")
    open_fen: int = Field(description=f"还要缴{FEN}，不含违约金")
    state: str = Field(description="状态")
    version: int = Field(description="版本，与 ETag 相同")


class BillLineOut(Schema):
    fee: str = Field(description="收费项目代码")
    text: str = Field(description="说明")
    formula: str = Field(description="怎样算")
    source: str = Field(description="价格怎样定的")
    amount_fen: int = Field(description=f"金额{FEN}，减收的为负")
    tariff: int | None = Field(description="收费标准编号")
    clauses: list[str] = Field(description="依据条款")


class BillOut(BillRow):
    lines: list[BillLineOut] = Field(description="逐项")
    late_fen: int = Field(description=f"到今天的违约金{FEN}")
    late_clauses: list[str] = Field(description="违约金的依据条款")


def _bill_row(row: Bill) -> dict[str, Any]:
    names = ("number", "kind", "from_on", "to_on", "due_on", "amount_fen", "paid_fen", "open_fen", "state", "version")
    return {"id": row.pk, "unit": row.unit_id, "unit_name": str(row.unit), **{one: getattr(row, one) for one in names}}


def _seeing_units(request: HttpRequest, project: Project) -> Project:
    core.require(call_of(request).actor, "fee.units", OfProject(project))
    return project


@reads(router, "/charges/runs/{pk}/bills", scope=READ, response=Page[BillRow], summary="一次出账的账单")
def list_bills(request: HttpRequest, pk: RowId, given: Query[Paging]) -> dict[str, Any]:
    run = row_of(request, "billing_run", str(pk))
    _seeing_units(request, run.project)
    rows = Bill.objects.filter(run=run).select_related("unit__building")
    return page_of(rows, _bill_row, by=keys("id"), given=given, of=f"bills:{pk}")


@reads(router, "/charges/bills/{pk}", scope=READ, response=BillOut, summary="一张账单，逐项怎样算")
def read_bill(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    row: Bill = row_of(request, "bill", str(pk))
    late = late_fen(row, _today(request))
    tagged(request, row)
    lines = [
        {
            "fee": one.item.fee, "text": one.item.text, "formula": one.formula, "source": one.source,
            "amount_fen": one.item.amount_fen, "tariff": one.item.tariff_id, "clauses": list(one.clauses),
        }
        for one in bill_lines(row)
    ]  # fmt: skip
    late_clauses = list(late.answer.clauses) if late.answer is not None else []
    return {**_bill_row(row), "lines": lines, "late_fen": late.fen, "late_clauses": late_clauses}


@reads(router, "/charges/bills/{pk}/pdf", scope=READ, response=bytes, summary="一张账单的PDF，带缴费码")
def print_bill(request: HttpRequest, pk: RowId) -> HttpResponse:
    row = row_of(request, "bill", str(pk))
    content = payments.bills_pdf([row], base=request.build_absolute_uri("/"), now=call_of(request).now)
    return HttpResponse(content, content_type=PDF)


# -- units and arrears


class AccountOut(Schema):
    unit: int = Field(description="房屋编号")
    unit_name: str = Field(description="房屋")
    open_fen: int = Field(description=f"待缴，含违约金{FEN}")
    overdue_fen: int = Field(description=f"其中逾期，不含违约金{FEN}")
    advance_fen: int = Field(description=f"预存{FEN}")
    bills: list[BillRow] = Field(description="待缴的账单")
    demands: int = Field(description="催告过几次")
    opinions: list[str] = Field(description="意见的状态")
    clearances: list[str] = Field(description="清零证明编号")
    version: int = Field(description="房屋的版本，与 ETag 相同")


@reads(router, "/charges/projects/{pk}/units/{unit}", scope=READ, response=AccountOut, summary="一户的物业费")
def read_account(request: HttpRequest, pk: RowId, unit: RowId) -> dict[str, Any]:
    row, on = unit_seen(request, f"{pk}-{unit}"), _today(request)
    found = found_by.account(row.project, row.unit, on=on)
    tagged(request, row.unit)
    return {
        "unit": row.unit.pk, "unit_name": str(row.unit), "open_fen": found.open_fen,
        "overdue_fen": found.overdue_fen(on), "advance_fen": found.advance_fen,
        "bills": [_bill_row(one.bill) for one in found.open], "demands": len(found.demands),
        "opinions": [one.state for one in found.opinions], "clearances": [one.number for one in found.clearances],
        "version": row.unit.version,
    }  # fmt: skip


class DebtorOut(Schema):
    unit: int = Field(description="房屋编号")
    unit_name: str = Field(description="房屋")
    owed_fen: int = Field(description=f"逾期欠费，不含违约金{FEN}")
    since: date = Field(description="最早一笔的缴费期限")
    days: int = Field(description="逾期日数")
    age: str = Field(description="账龄代码")
    stage: str = Field(description="办到哪一步")


@reads(router, "/charges/projects/{pk}/arrears", scope=READ, response=list[DebtorOut], summary="逐户的逾期欠费")
def list_arrears(request: HttpRequest, pk: RowId) -> list[dict[str, Any]]:
    project, on = _seeing_units(request, project_seen(request, pk)), _today(request)
    return [
        {
            "unit": one.debtor.unit.pk, "unit_name": str(one.debtor.unit), "owed_fen": one.debtor.owed_fen,
            "since": one.debtor.since, "days": one.debtor.days(on), "age": one.age, "stage": one.words(on),
        }
        for one in found_by.in_hand(project, debtors(project, on), on)
    ]  # fmt: skip


class HelpOut(Schema):
    id: int = Field(description="协助催缴编号")
    unit_name: str = Field(description="房屋")
    kind: str = Field(description="committee 业委会督促、steward 楼幢长上门、mediation 调解")
    asked_on: date = Field(description="交办日期")
    result: str = Field(description="结果")
    version: int = Field(description="版本，与 ETag 相同")


@reads(router, "/charges/helps", scope=READ, response=list[HelpOut], summary="交给本单位协助催缴的，没有金额和姓名")
def list_helps(request: HttpRequest) -> list[dict[str, Any]]:
    actor = call_of(request).actor
    return [
        {
            "id": one.pk, "unit_name": f"{one.project.estate}{one.unit}", "kind": one.kind, "asked_on": one.asked_on,
            "result": one.result, "version": one.version,
        }
        for one in found_by.helps_for(actor, on=_today(request))
        if core.may(actor, "fee.help", one)
    ]  # fmt: skip


class HandoverOut(Schema):
    id: int = Field(description="交接编号")
    from_project: int = Field(description="原项目")
    to_project: int | None = Field(description="新项目")
    kind: str = Field(description="kept 原企业继续收、ceded 转由新企业收")
    on: date = Field(description="交接日期")
    units: int = Field(description="欠费户数")
    owed_fen: int = Field(description=f"欠费{FEN}")
    advance_fen: int = Field(description=f"预存{FEN}")
    confirmed_on: date | None = Field(description="接收确认")
    version: int = Field(description="版本，与 ETag 相同")


@reads(router, "/charges/handovers/{pk}", scope=READ, response=HandoverOut, summary="欠费交接")
def read_handover(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    row: ArrearsHandover = row_of(request, "arrears_handover", str(pk))
    tagged(request, row)
    names = ("kind", "on", "units", "owed_fen", "advance_fen", "confirmed_on", "version")
    own = {"id": row.pk, "from_project": row.from_project_id, "to_project": row.to_project_id}
    return {**own, **{name: getattr(row, name) for name in names}}


# -- acts


class ChargeActOut(Schema):
    act: str = Field(description="办法代码")
    title: str = Field(description="名称")


KEYS = "key 是编号；房屋写“项目编号-房屋编号”，地区写代码。类别：" + "、".join(ACTS)


def _tagged_row(row: Any) -> models.Model:
    """The row whose version counts."""
    found: models.Model = row.unit if isinstance(row, UnitOf) else row.place if isinstance(row, PlaceOf) else row
    return found


@reads(
    router, "/charges/rows/{kind}/{key}/acts", scope=READ, response=list[ChargeActOut], summary="现在能办的",
    description=KEYS,
)  # fmt: skip
def list_acts(request: HttpRequest, kind: str, key: Slug) -> list[dict[str, Any]]:
    row = row_of(request, kind, key)
    asked: Any = Asked(request)
    tagged(request, _tagged_row(row))
    return [{"act": code, "title": title} for code, title, _ in offered(ACTS, kind, row, who_of(asked))]


@reads(
    router, "/charges/rows/{kind}/{key}/acts/{act}", scope=READ, response=FormOut, summary="一种办法要填什么",
    description=KEYS,
)  # fmt: skip
def describe_act(request: HttpRequest, kind: str, key: Slug, act: str) -> dict[str, Any]:
    tagged(request, _tagged_row(row_of(request, kind, key)))
    return form_of(request, lambda asked: page_for(asked, kind, key, act))


@changes(
    router, "/charges/rows/{kind}/{key}/acts/{act}", scope=WRITE, response=FormDone, summary="办理",
    description="与页面用同一张表单、同样的规则。" + KEYS,
)  # fmt: skip
def do_act(request: HttpRequest, kind: str, key: Slug, act: str, given: Filled) -> dict[str, Any]:
    row = _tagged_row(row_of(request, kind, key))
    version = matched(request, row)
    page, ref = done_by(request, lambda asked: page_for(asked, kind, key, act), given.fields, version=version)
    tagged(request, row)
    return told(page, ref)
