"""An estate's purses: the fund with its unit accounts, common revenue with what was shown, the ledger, the bank."""

from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from gongzhi.core.apikit.asking import Asked
from gongzhi.core.apikit.calls import call_of, reads, tagged
from gongzhi.core.apikit.paging import Page, Paging, keys, page_of
from gongzhi.core.apikit.shapes import RowId
from gongzhi.core.errors import Refused
from gongzhi.core.pages import today_of
from gongzhi.funds.common import queries as purses
from gongzhi.funds.common.models import SupervisedAccount
from gongzhi.funds.common.words import MANAGERS
from gongzhi.funds.maintenance import queries as fund
from gongzhi.funds.maintenance.queries.own import unit_account
from gongzhi.funds.revenue import queries as revenue
from gongzhi.funds.revenue.models import RevenueStatement
from gongzhi.funds.revenue.services import cover_allowance, gap_of
from gongzhi.funds.views.common import estate_of
from gongzhi.ledger.kinds import PURSES
from gongzhi.ledger.models import Book, ClosedBalance
from gongzhi.ledger.services.sealing import receipt_of_period
from gongzhi.registry.models import Estate, Unit

router = Router(tags=["资金"])
READ = "funds:read"
LONGEST_DAYS = 3 * 366
FEN = "（分）"


def _estate(request: HttpRequest, pk: int, right: str = "fund.read") -> Estate:
    asked: Any = Asked(request)
    return estate_of(asked, pk, right)


class FundFigures(Schema):
    due_fen: int = Field(description=f"首期应交{FEN}")
    paid_fen: int = Field(description=f"已交首期{FEN}")
    short_fen: int = Field(description=f"还差首期{FEN}")
    renewal_fen: int = Field(description=f"续交{FEN}")
    interest_fen: int = Field(description=f"增值收益{FEN}")
    used_fen: int = Field(description=f"已使用{FEN}")
    balance_fen: int = Field(description=f"余额{FEN}")
    tied: bool = Field(description="余额能由各项流水推出来")


class FundEstateOut(Schema):
    estate: int = Field(description="小区编号")
    name: str = Field(description="小区")
    fund: FundFigures = Field(description="维修资金")


def _fund_row(estate: Estate, on: date) -> dict[str, Any]:
    found = fund.fund(estate, on)
    figures = {name: getattr(found, name) for name in FundFigures.model_fields}
    return {"estate": estate.pk, "name": estate.name, "fund": figures}


@reads(router, "/funds/estates", scope=READ, response=Page[FundEstateOut], summary="各小区的维修资金")
def list_funds(request: HttpRequest, given: Query[Paging]) -> dict[str, Any]:
    call = call_of(request)
    on = today_of(Asked(request))
    rows = purses.estates_with_books(call.actor, on=on)
    return page_of(rows, lambda one: _fund_row(one, on), by=keys("place_path", "id"), given=given, of="funds")


class FundPurseOut(Schema):
    purse: str = Field(description="资金类别代码")
    title: str = Field(description="资金类别")
    held_fen: int = Field(description=f"账面资金{FEN}")
    closed_until: date | None = Field(description="已结账至")


class FundAccountRow(Schema):
    id: int = Field(description="账户编号")
    purse: str = Field(description="资金类别代码")
    bank: str = Field(description="开户行")
    tail: str = Field(description="账号后四位")
    manager: str = Field(description="管理方式")
    supervisor: str = Field(description="监管单位")
    from_on: date = Field(description="启用日期")
    to_on: date | None = Field(description="停用日期")


class FundEstateFile(FundEstateOut):
    renewal_below: str = Field(description="续筹线；文件没有规定的为空")
    renewal_due: list[str] = Field(description="低于续筹线、要续筹的范围")
    purses: list[FundPurseOut] = Field(description="各账簿")
    accounts: list[FundAccountRow] = Field(description="银行账户")
    version: int = Field(description="小区的版本，与 ETag 相同")


def _account_row(one: SupervisedAccount) -> dict[str, Any]:
    return {
        "id": one.pk, "purse": one.purse, "bank": one.bank, "tail": one.tail, "manager": MANAGERS[one.manager],
        "supervisor": str(one.supervisor or ""), "from_on": one.from_on, "to_on": one.to_on,
    }  # fmt: skip


@reads(router, "/funds/estates/{pk}", scope=READ, response=FundEstateFile, summary="一个小区的资金")
def read_fund(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    estate, on = _estate(request, pk), today_of(Asked(request))
    line = fund.renewal(estate, on)
    books = [(code, book) for code in PURSES if (book := purses.book_of(estate, code)) is not None]
    accounts = estate.bank_accounts.select_related("supervisor").order_by("purse", "-from_on")
    tagged(request, estate)
    return {
        **_fund_row(estate, on),
        "renewal_below": str(line.answer.value["below"]) if line else "",
        "renewal_due": [one.name for one in line.due] if line else [],
        "purses": [
            {"purse": code, "title": PURSES[code], "held_fen": purses.held(book, on), "closed_until": book.closed_until}
            for code, book in books
        ],
        "accounts": [_account_row(one) for one in accounts],
        "version": estate.version,
    }


class FundUnitRow(Schema):
    unit: int = Field(description="房屋编号")
    name: str = Field(description="房屋")
    first_fen: int = Field(description=f"首期应交{FEN}")
    paid_first_fen: int = Field(description=f"已交首期{FEN}")
    renewal_fen: int = Field(description=f"续交应交{FEN}")
    paid_renewal_fen: int = Field(description=f"已续交{FEN}")
    balance_fen: int = Field(description=f"余额{FEN}")


@reads(router, "/funds/estates/{pk}/units", scope=READ, response=Page[FundUnitRow], summary="分户账")
def list_unit_accounts(request: HttpRequest, pk: RowId, given: Query[Paging]) -> dict[str, Any]:
    estate, on = _estate(request, pk, "fund.read_units"), today_of(Asked(request))
    rows = Unit.objects.filter(building__estate=estate).select_related("building__estate")

    def shown(unit: Unit) -> dict[str, Any]:
        found = fund.units_funds([unit], on=on)[0]
        names = [name for name in FundUnitRow.model_fields if name.endswith("_fen")]
        return {"unit": unit.pk, "name": str(unit), **{name: getattr(found, name) for name in names}}

    return page_of(rows, shown, by=keys("id"), given=given, of=f"unit-accounts:{pk}")


class FundMoveOut(Schema):
    on: date = Field(description="日期")
    title: str = Field(description="事项")
    how: str = Field(description="怎样算的")
    amount_fen: int = Field(description=f"增减{FEN}，增加为正")
    balance_fen: int = Field(description=f"余额{FEN}")
    entry: int = Field(description="凭证编号")


class FundTenureOut(Schema):
    from_on: date | None = Field(description="这一任业主自")
    to_on: date | None = Field(description="到；现业主为空")
    opening_fen: int = Field(description=f"随房屋转来{FEN}")
    closing_fen: int = Field(description=f"期末{FEN}")
    moves: list[FundMoveOut] = Field(description="流水，新的在前")


class FundUnitOut(FundUnitRow):
    tenures: list[FundTenureOut] = Field(description="一任业主一段，新的在前")


@reads(router, "/funds/units/{pk}", scope=READ, response=FundUnitOut, summary="一户的分户账")
def read_unit_account(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    unit = Unit.objects.select_related("building__estate").filter(pk=pk).first()
    if unit is None:
        raise Http404
    _estate(request, unit.building.estate_id, "fund.read_units")
    on = today_of(Asked(request))
    row, account = fund.units_funds([unit], on=on)[0], unit_account(unit, on=on)
    names = [name for name in FundUnitRow.model_fields if name.endswith("_fen")]
    return {
        "unit": unit.pk,
        "name": str(unit),
        **{name: getattr(row, name) for name in names},
        "tenures": [
            {
                **{name: getattr(one, name) for name in ("from_on", "to_on", "opening_fen", "closing_fen")},
                "moves": [
                    {**{n: getattr(move, n) for n in FundMoveOut.model_fields if n != "entry"}, "entry": move.entry.pk}
                    for move in one.moves
                ],
            }
            for one in (account.tenures if account else ())
        ],
    }


# -- the ledger


class LedgerAsked(Schema):
    from_on: date = Field(description="自")
    to_on: date = Field(description="至，含当日；最多三年")


class LedgerLine(Schema):
    entry: int = Field(description="凭证编号")
    on: date = Field(description="记账日期")
    text: str = Field(description="摘要")
    in_fen: int = Field(description=f"收入{FEN}")
    out_fen: int = Field(description=f"支出{FEN}")
    balance_fen: int = Field(description=f"余额{FEN}")
    matched: bool = Field(description="已与银行流水对上")


class LedgerTrialLine(Schema):
    title: str = Field(description="科目")
    debit_fen: int = Field(description=f"借方余额{FEN}")
    credit_fen: int = Field(description=f"贷方余额{FEN}")


class LedgerOut(Schema):
    opening_fen: int = Field(description=f"期初{FEN}")
    in_fen: int = Field(description=f"收入合计{FEN}")
    out_fen: int = Field(description=f"支出合计{FEN}")
    closing_fen: int = Field(description=f"期末{FEN}")
    tied: bool = Field(description="期初＋收入－支出＝期末")
    closed_until: date | None = Field(description="已结账至")
    lines: list[LedgerLine] = Field(description="流水")
    trial: list[LedgerTrialLine] = Field(description="试算平衡表，截至期末")


def _book(request: HttpRequest, pk: int, purse: str) -> Book:
    estate = _estate(request, pk)
    book = purses.book_of(estate, purse) if purse in PURSES else None
    if book is None:
        raise Http404
    return book


@reads(router, "/funds/estates/{pk}/ledger/{purse}", scope=READ, response=LedgerOut, summary="对账单和试算平衡表")
def read_ledger(request: HttpRequest, pk: RowId, purse: str, given: Query[LedgerAsked]) -> dict[str, Any]:
    book = _book(request, pk, purse)
    if not given.from_on <= given.to_on <= given.from_on + timedelta(days=LONGEST_DAYS):
        raise Refused("period", "止日要在起日之后，最多三年。", fields={"to_on": "最多三年"})
    period = purses.period_of(book, from_on=given.from_on, to_on=given.to_on)
    lines = [
        {"entry": one.entry.pk, "on": one.entry.booked_on, "text": one.entry.text, "in_fen": one.in_fen,
         "out_fen": one.out_fen, "balance_fen": one.balance_fen, "matched": one.matched}
        for one in period.movements
    ]  # fmt: skip
    names = ("opening_fen", "in_fen", "out_fen", "closing_fen", "tied")
    return {
        **{name: getattr(period, name) for name in names},
        "closed_until": book.closed_until,
        "lines": lines,
        "trial": purses.trial(book, given.to_on),
    }


class LedgerSealOut(Schema):
    until: date = Field(description="结账日")
    whole: bool = Field(description="账簿与结账时封存的一致")
    receipt: dict[str, Any] | None = Field(description="存证回执，可离线核验；不一致的为空")


@reads(router, "/funds/estates/{pk}/ledger/{purse}/seals", scope=READ, response=list[LedgerSealOut], summary="结账封存")
def list_seals(request: HttpRequest, pk: RowId, purse: str) -> list[dict[str, Any]]:
    book = _book(request, pk, purse)
    days = ClosedBalance.objects.filter(account__book=book).values_list("on", flat=True).distinct().order_by("on")
    receipts = [(day, receipt_of_period(book, day)) for day in days]
    return [{"until": day, "whole": found is not None, "receipt": found} for day, found in receipts]


# -- the bank


class BankLineOut(Schema):
    id: int = Field(description="流水编号")
    booked_on: date = Field(description="日期")
    amount_fen: int = Field(description=f"金额{FEN}，收入为正")
    reference: str = Field(description="流水号")
    text: str = Field(description="摘要")
    version: int = Field(description="版本，与 ETag 相同")


class BankAccountOut(FundAccountRow):
    as_of: date | None = Field(description="银行余额的日期；还没有对账单的为空")
    book_fen: int | None = Field(description=f"账面余额{FEN}")
    bank_fen: int | None = Field(description=f"银行余额{FEN}")
    open_lines: list[BankLineOut] = Field(description="还没有对上的流水")
    version: int = Field(description="版本，与 ETag 相同")


@reads(router, "/funds/accounts/{pk}", scope=READ, response=BankAccountOut, summary="银行账户和没有对上的流水")
def read_account(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    row = SupervisedAccount.objects.select_related("estate", "supervisor").filter(pk=pk).first()
    if row is None:
        raise Http404
    _estate(request, row.estate_id)
    tagged(request, row)
    at = purses.at_bank(row)
    lines = purses.open_lines(row)
    return {
        **_account_row(row),
        "as_of": at.on if at else None,
        "book_fen": at.book_fen if at else None,
        "bank_fen": at.bank_fen if at else None,
        "open_lines": [{n: getattr(one, n) for n in BankLineOut.model_fields} for one in lines],
        "version": row.version,
    }


# -- common revenue


class RevenueSumsOut(Schema):
    opening_fen: int = Field(description=f"期初{FEN}")
    income: dict[str, int] = Field(description=f"收入，按来源{FEN}")
    cost: dict[str, int] = Field(description=f"支出，按用途{FEN}")
    to_fund_fen: int = Field(description=f"补充维修资金{FEN}")
    closing_fen: int = Field(description=f"期末{FEN}")
    net_fen: int = Field(description=f"净收益：收入减有票据的合理成本{FEN}")
    tied: bool = Field(description="平")


class RevenueContractOut(Schema):
    id: int = Field(description="合同编号")
    source: str = Field(description="来源代码")
    title: str = Field(description="名称")
    payer: str = Field(description="付款人")
    amount_fen: int = Field(description=f"合同金额{FEN}")
    from_on: date = Field(description="自")
    to_on: date = Field(description="至")
    tariff_shown: bool = Field(description="收费标准已公示")


class RevenueItemOut(Schema):
    id: int = Field(description="编号")
    on: date = Field(description="日期")
    text: str = Field(description="摘要")
    amount_fen: int = Field(description=f"金额{FEN}")
    source: str = Field(description="来源代码；支出为空")
    purpose: str = Field(description="用途代码；收入为空")
    flags: list[str] = Field(description="标记：缺凭证、缺业主决定、未归集等")
    version: int = Field(description="版本，与 ETag 相同")


class RevenueOut(Schema):
    sums: RevenueSumsOut = Field(description="这段时间的合计")
    contracts: list[RevenueContractOut] = Field(description="经营合同")
    items: list[RevenueItemOut] = Field(description="逐笔收支")


@reads(router, "/funds/estates/{pk}/revenue", scope=READ, response=RevenueOut, summary="公共收益收支")
def read_revenue(request: HttpRequest, pk: RowId, given: Query[LedgerAsked]) -> dict[str, Any]:
    book = _book(request, pk, revenue.PURSE)
    estate = _estate(request, pk)
    days = {"from_on": max(given.from_on, book.opened_on), "to_on": max(given.to_on, book.opened_on)}
    found = revenue.sums(estate, **days)
    items = estate.revenue_items.filter(on__range=(given.from_on, given.to_on)).order_by("on", "pk")
    names = ("opening_fen", "income", "cost", "to_fund_fen", "closing_fen", "tied")
    return {
        "sums": {**{n: getattr(found, n) for n in names}, "net_fen": revenue.net_of(estate, **days)},
        "contracts": [
            {n: getattr(one, "pk" if n == "id" else n) for n in RevenueContractOut.model_fields}
            for one in estate.revenue_contracts.order_by("from_on", "pk")
        ],
        "items": [{n: getattr(one, n) for n in RevenueItemOut.model_fields} for one in items],
    }


class RevenueStatementOut(Schema):
    id: int = Field(description="公示编号")
    from_on: date = Field(description="自")
    to_on: date = Field(description="至")
    opening_fen: int = Field(description=f"期初{FEN}")
    income_fen: int = Field(description=f"收入{FEN}")
    cost_fen: int = Field(description=f"支出{FEN}")
    to_fund_fen: int = Field(description=f"补充维修资金{FEN}")
    closing_fen: int = Field(description=f"期末{FEN}")
    published_on: date = Field(description="公布日期")
    detail: dict[str, Any] = Field(description="分类明细")
    stale: bool = Field(description="公布以后账又有变动，待更新")


def _statement_row(one: RevenueStatement) -> dict[str, Any]:
    names = [name for name in RevenueStatementOut.model_fields if name != "stale"]
    return {**{name: getattr(one, name) for name in names}, "stale": revenue.stale(one)}


@reads(
    router, "/funds/estates/{pk}/statements", scope=READ, response=Page[RevenueStatementOut], summary="公共收益公示"
)  # fmt: skip
def list_statements(request: HttpRequest, pk: RowId, given: Query[Paging]) -> dict[str, Any]:
    rows = _estate(request, pk).revenue_statements.all()
    return page_of(rows, _statement_row, by=keys("-to_on", "-id"), given=given, of=f"statements:{pk}")


class GapAsked(Schema):
    spent_fen: int = Field(ge=0, description=f"物业支出{FEN}")
    charged_fen: int = Field(ge=0, description=f"物业费收入{FEN}")
    revenue_fen: int = Field(ge=0, description=f"能用的公共收益{FEN}")


class GapOut(Schema):
    gap_fen: int = Field(description=f"缺口{FEN}")
    covered_fen: int = Field(description=f"公共收益弥补{FEN}")
    left_fen: int = Field(description=f"还差{FEN}")
    over_fen: int = Field(description=f"收益结余{FEN}")
    clauses: list[str] = Field(description="依据")


@reads(router, "/funds/estates/{pk}/revenue/gap", scope=READ, response=GapOut, summary="测算公共收益弥补物业费缺口")
def reckon_gap(request: HttpRequest, pk: RowId, given: Query[GapAsked]) -> dict[str, Any]:
    found = gap_of(_estate(request, pk), **given.model_dump(), on=today_of(request))
    figures = {name: getattr(found, name) for name in GapOut.model_fields if name != "clauses"}
    return {**figures, "clauses": found.answer.clauses}


class AllowanceAsked(Schema):
    approved_fen: int = Field(ge=1, description=f"批准的补贴{FEN}")
    payable_fen: int = Field(0, ge=0, description=f"公共收益能列支的{FEN}")


class AllowancePartOut(Schema):
    unit: int = Field(description="房屋编号")
    amount_fen: int = Field(description=f"承担{FEN}")


class AllowanceOut(Schema):
    missing_fen: int = Field(description=f"不足的部分{FEN}")
    parts: list[AllowancePartOut] = Field(description="各房屋按专有面积承担")


@reads(
    router, "/funds/estates/{pk}/revenue/allowance", scope=READ, response=AllowanceOut, summary="测算委员补贴不足的部分"
)  # fmt: skip
def reckon_allowance(request: HttpRequest, pk: RowId, given: Query[AllowanceAsked]) -> dict[str, Any]:
    split = cover_allowance(_estate(request, pk), **given.model_dump(), on=today_of(request))
    parts = [{"unit": int(str(one.key)), "amount_fen": one.amount_fen} for one in (split.parts if split else ())]
    return {"missing_fen": split.total_fen if split else 0, "parts": parts}
