"""The overview of a place's estates, an estate's purses, the statement of a purse, its account at the bank."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core import display
from gongzhi.core import services as core
from gongzhi.core.files import keep
from gongzhi.core.models import StoredFile
from gongzhi.core.refs import Ref
from gongzhi.core.sheets import in_yuan
from gongzhi.funds.charges.queries.accounts import projects_for
from gongzhi.funds.common import queries as purses
from gongzhi.funds.common import services as accounts
from gongzhi.funds.common.models import BankLine, BankStatement, SupervisedAccount
from gongzhi.funds.common.words import COLUMNS
from gongzhi.funds.forms import AccountForm, MatchForm, ReleaseForm, StatementForm
from gongzhi.funds.maintenance import queries as fund
from gongzhi.funds.maintenance.models import FundRenewal
from gongzhi.funds.maintenance.queries.carried import left_behind
from gongzhi.funds.maintenance.queries.plans import plans_of, scope_words
from gongzhi.funds.maintenance.words import OWNERS_PLAN_STATES
from gongzhi.funds.views.closing import seals_of
from gongzhi.funds.views.common import (
    NAV,
    Span,
    actor_of,
    bound,
    crumbs,
    download,
    estate_of,
    form_page,
    notice_url,
    now_of,
    page_of,
    spans,
    today_of,
    url_of,
)
from gongzhi.ledger.kinds import PURSES
from gongzhi.ledger.models import Entry
from gongzhi.registry.models import Estate

FUND = "maintenance_fund"
SHOWN = 8
MATCH_DAYS, MOST_FITTING = 366, 60
PLAIN = "text/plain; charset=utf-8"
LINES = {"open": "未对上", "aside": "不入本账", "all": "全部"}
KEPT = {"all": "全部小区", "short": "首期未交足", "renewal": "要续筹", "untied": "账实不符"}


@login_required
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """监管看板: 应交、已交、使用、余额 of every estate with a fund; the filter keeps those that want attention."""
    actor, on = actor_of(request), today_of(request)
    rows = purses.estates_with_books(actor, on=on).order_by("place_path")
    here = Ref("place", "", "", actor.place_path)
    chosen = request.GET.get("only", "all")
    by: dict[int, int] = {}
    if chosen == "renewal":
        rows = rows.filter(fund_renewals__ended_on=None).filter(fund_renewals__isnull=False).distinct()
    text = request.GET.get("text", "").strip()
    if text:
        rows = rows.filter(name__icontains=text)
    found = [(one, fund.fund(one, on)) for one in rows.filter(fund_dues__isnull=False).distinct()]
    if chosen == "short":
        found = [pair for pair in found if pair[1].short_fen]
    if chosen == "untied":
        by = {one.pk: _by(one, on) for one, _ in found}
        found = [pair for pair in found if by[pair[0].pk] or not pair[1].tied]
    open_renewals = set(FundRenewal.objects.filter(ended_on=None).values_list("estate", flat=True))
    page = page_of(request, found)
    bookless = rows.filter(fund_dues=None) if chosen == "all" else rows.none()
    context = {
        "nav": NAV,
        "page_title": "维修资金",
        "page": page,
        "rows": [
            {"estate": one, "fund": sums, "renewal": one.pk in open_renewals, "by_fen": by.get(one.pk)}
            for one, sums in page.object_list
        ],
        "total": _totals(found),
        "only": chosen,
        "choices": KEPT,
        "text": text,
        "without": bookless.count(),
        "bookless": bookless[:SHOWN],
        "on": on,
        "may_money": core.may(actor, "money.read", here),
        "may_duty": core.may(actor, "fund.urge", here),
        "may_assess": core.may(actor, "fund.assess", here),
        "only_checks": core.may(actor, "fund.check_stage", here) and not core.may(actor, "fund.read", here),
    }
    return render(request, "funds/overview.html", context)


def _totals(found: list[tuple[Estate, Any]]) -> dict[str, int]:
    names = ("due_fen", "paid_fen", "used_fen", "balance_fen", "short_fen")
    return {name: sum(getattr(sums, name) for _, sums in found) for name in names}


def _by(estate: Estate, on: Any) -> int:
    """账实不符, in 分: the fund's book less its bank; 0 where no statement came in."""
    account = purses.account_at(estate, FUND, on)
    at = purses.at_bank(account) if account is not None else None
    return at.by_fen if at is not None else 0


@login_required
@require_GET
def estate(request: HttpRequest, pk: int) -> HttpResponse:
    found = estate_of(request, pk)
    actor, on = actor_of(request), today_of(request)
    of = purses.OfEstate(found, on)
    line = fund.renewal(found, on)
    known = purses.books_of(found)
    books = [(purse, title, known.get(purse)) for purse, title in PURSES.items()]
    may_deposit = core.may(actor, "fund.deposit", of)
    own_accounts = list(found.bank_accounts.filter(to_on=None).select_related("supervisor", "keeper", "estate"))
    context = {
        "nav": NAV,
        "page_title": f"{found.name}的资金",
        "estate": found,
        "on": on,
        "fund": fund.fund(found, on),
        "line": line,
        "renewed": fund.renewed(one for group in line.groups for one in group.units) if line else None,
        "low": line.groups[0] if line and line.level == "estate" else None,
        "below": fund.plain_percent(line.answer.value["below"]) if line else "",
        "target": fund.plain_percent(line.answer.value["target"]) if line else "",
        "lows": len(line.due) if line else 0,
        "renewals": list(FundRenewal.objects.filter(estate=found, ended_on=None).order_by("name")[:SHOWN]),
        "plans": [
            {"plan": one, "state": state, "words": OWNERS_PLAN_STATES[state], "left": left, "scope": scope_words(one)}
            for one, state, left in plans_of(found, on)
        ],
        "uses": list(fund.uses_for(actor, on=on).filter(estate=found)[:SHOWN]),
        "purses": [(purse, title, book, purses.held(book, on)) for purse, title, book in books if book is not None],
        "charged": projects_for(actor, on=on).filter(estate=found),
        "accounts": [(one, at.by_fen if (at := purses.at_bank(one)) else 0) for one in own_accounts],
        "clues": _clues(found) if may_deposit else [],
        "may": {
            name: core.may(actor, right, of)
            for name, right in (
                ("assess", "fund.assess"),
                ("gate", "fund.check_stage"),
                ("propose", "fund.use_propose"),
                ("plan", "fund.plan"),
                ("account", "account.register"),
                ("urge", "fund.urge"),
                ("preparatory", "money.preparatory"),
                ("units", "fund.read_units"),
            )
        }
        | {"deposit": may_deposit},
        "left": left_behind(found, on),
        "stands_in": core.may(actor, "fund.use_propose", of) and actor.role in fund.stand_ins(found, on),
        "limit": fund.delegated_limit(found, on),
        "may_mandate": core.may(actor, "vote.adopt_rules", found),
    }
    return render(request, "funds/estate.html", context)


def _clues(estate: Estate) -> list[dict[str, Any]]:
    """Each with what the intake of a case is filled with."""
    return [
        {
            "clue": one,
            "intake": urlencode(
                {
                    "channel": "found",
                    "estate": estate.name,
                    "text": f"{display.cn_date(core.local_day(one.at))}{one.payer}代交{one.unit}的维修资金"
                    f"{core.yuan(one.amount_fen)}元，涉嫌违规代收代缴，没有入账。",
                }
            ),
        }
        for one in fund.refused_deposits(estate)[:SHOWN]
    ]


@login_required
@require_GET
def ledger(request: HttpRequest, pk: int, purse: str) -> HttpResponse:
    """对账单 of a purse for a quarter or a year, on screen or as a workbook."""
    found = estate_of(request, pk)
    book = purses.book_of(found, purse) if purse in PURSES else None
    if book is None:
        raise Http404
    on = today_of(request)
    listed = spans(on, since=book.opened_on)
    span = next((one for one in listed if one.code == request.GET.get("per")), listed[0])
    period = purses.period_of(book, from_on=span.from_on, to_on=min(span.to_on, on))
    title = f"{PURSES[purse]}对账单"
    if request.GET.get("as") == "xlsx":
        return _workbook(request, found, title, span, period)
    account = purses.account_at(found, purse, on)
    trial = purses.trial(book, period.to_on)
    chosen = request.GET.get("entry", "")
    context = {
        "nav": NAV,
        "page_title": title,
        "estate": found,
        "purse": purse,
        "book": book,
        "span": span,
        "spans": listed,
        "period": period,
        "account": account,
        "bank": purses.at_bank(account) if account else None,
        "trial": trial,
        "trial_sum": (sum(one["debit_fen"] for one in trial), sum(one["credit_fen"] for one in trial)),
        "entry": _entry(book.pk, chosen),
        "seals": seals_of(book)[:SHOWN],
        "may_close": core.may(actor_of(request), "book.close_period", book),
        "line": fund.renewal(found, period.to_on) if purse == FUND else None,
    }
    return render(request, "funds/ledger.html", context)


def _workbook(request: HttpRequest, estate: Estate, title: str, span: Span, period: purses.Period) -> HttpResponse:
    def row(day: Any, number: Any, text: str, into: int, out: int, balance: int) -> tuple[Any, ...]:
        return day, number, text, in_yuan(into) if into else "", in_yuan(out) if out else "", in_yuan(balance)

    rows = [
        row("", "", "期初余额", 0, 0, period.opening_fen),
        *(
            row(one.entry.booked_on, one.entry.pk, one.entry.text, one.in_fen, one.out_fen, one.balance_fen)
            for one in period.movements
        ),
        row("", "", "本期合计和期末余额", period.in_fen, period.out_fen, period.closing_fen),
    ]
    columns = (("日期", 12), ("凭证", 10), ("摘要", 60), ("收入（元）", 16), ("支出（元）", 16), ("余额（元）", 16))
    asked = {"小区": estate.name, "账期": span.title}
    return download(request, name=f"ledger-{span.code}", title=title, columns=columns, rows=rows, asked=asked)


def _entry(book_id: int, chosen: str) -> dict[str, Any] | None:
    """A voucher with its legs; those of units put together by sign."""
    if not chosen.isdigit():
        return None
    found = Entry.objects.filter(book=book_id, pk=chosen).first()
    if found is None:
        return None
    legs: dict[tuple[str, bool], dict[str, Any]] = {}
    for leg in found.postings.select_related("account").order_by("leg"):
        unit = leg.account.holder_kind == "unit"
        key = ("units" if unit else leg.account.code, leg.amount_fen > 0)
        row = legs.setdefault(
            key, {"title": "业主分户账" if unit else leg.account.title, "debit": 0, "credit": 0, "count": 0}
        )
        row["debit"] += max(leg.amount_fen, 0)
        row["credit"] += max(-leg.amount_fen, 0)
        row["count"] += 1
    total = sum(row["debit"] for row in legs.values())
    return {"entry": found, "legs": list(legs.values()), "total": total}


@login_required
@require_http_methods(["GET", "POST"])
def register_account(request: HttpRequest, pk: int) -> HttpResponse:
    found = estate_of(request, pk, "account.register")

    def run(data: Mapping[str, Any]) -> Ref:
        given = accounts.AccountInput(**{name: value for name, value in data.items() if name != "version"})
        return accounts.register_account(found, given=given, actor=actor_of(request), now=now_of(request)).ref

    return form_page(
        title="登记监管账户",
        form=bound(request, AccountForm, initial={"from_on": today_of(request)}),
        run=run,
        done="已登记。原账户（如有）自前一日停用。",
        back=url_of(found),
        crumbs=crumbs(found),
    ).answer(request)


def _account(request: HttpRequest, pk: int, act: str = "") -> SupervisedAccount:
    """`act`: import or match, of its statements."""
    row: SupervisedAccount | None = (
        SupervisedAccount.objects.select_related("estate", "supervisor").filter(pk=pk).first()
    )
    if row is None:
        raise Http404
    estate_of(request, row.estate_id, purses.statement_right(row, act) if act else "fund.read")
    return row


@login_required
@require_GET
def bank(request: HttpRequest, pk: int) -> HttpResponse:
    """An account at the bank: the books beside it, statements, lines that match nothing yet."""
    row = _account(request, pk)
    actor, on = actor_of(request), today_of(request)
    of = purses.OfEstate(row.estate, on)
    asked = request.GET.get("only", "open")
    only = asked if asked in LINES else "open"
    context = {
        "nav": NAV,
        "page_title": f"{PURSES[row.purse]}账户",
        "only": only,
        "choices": LINES,
        "account": row,
        "estate": row.estate,
        "at": purses.at_bank(row),
        "watches": [(core.role_name(one.role), one.from_on, one.to_on) for one in purses.supervised(row) if one.role],
        "page": page_of(request, purses.listed_lines(row, only)),
        "statements": row.statements.select_related("file").order_by("-pk")[:SHOWN],
        "may_import": core.may(actor, purses.statement_right(row, "import"), of),
        "may_match": core.may(actor, purses.statement_right(row, "match"), of),
        "notice_url": notice_url(actor, row.estate, kind="account", about=row.ref, on=on),
    }
    return render(request, "funds/bank.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def statement(request: HttpRequest, pk: int) -> HttpResponse:
    row = _account(request, pk, "import")

    def run(data: Mapping[str, Any]) -> Ref:
        uploaded = data["file"]
        content = uploaded.read()
        uploaded.seek(0)
        columns = {name: data.get(name, "") for name in COLUMNS}
        file = _statement_file(request, row, uploaded, content, columns)
        accounts.import_statement(
            row, file=file, content=content, columns=columns, actor=actor_of(request), now=now_of(request)
        )
        return row.ref

    last = row.statements.order_by("-pk").first()
    return form_page(
        title="导入银行对账单",
        form=bound(request, StatementForm, initial=dict(last.columns) if last else {}),
        run=run,
        done="已导入。日期、金额只对得上一笔凭证的已自动对上，其余请逐笔核对。",
        back=reverse("funds:bank", args=[row.pk]),
        crumbs=crumbs(row.estate, (str(row), reverse("funds:bank", args=[row.pk]))),
        hint="平时只选文件，各列不用填。认不出的才照文件的表头填列名，下次自动带出。同一流水号只收一次；银行不给流水号的，照日期、金额和余额认。",
        button="导入",
    ).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """撤回: a statement whose columns were taken for others goes out again, before its lines are worked on."""
    found = get_object_or_404(BankStatement, pk=pk)
    row = _account(request, found.account_id, "import")

    def run(data: Mapping[str, Any]) -> Ref:
        accounts.withdraw_statement(found, reason=data["reason"], actor=actor_of(request), now=now_of(request))
        return row.ref

    return form_page(
        title=f"撤回{found}的对账单",
        form=bound(request, ReleaseForm),
        run=run,
        done="已撤回，可以重新导入。",
        back=reverse("funds:bank", args=[row.pk]),
        crumbs=crumbs(row.estate, (str(row), reverse("funds:bank", args=[row.pk]))),
        hint=f"这一次导入的{found.fresh}笔流水一起撤回，账不受影响。列认错了的，撤回后改好列名再导入。",
        button="撤回",
    ).answer(request)


def _statement_file(
    request: HttpRequest, row: SupervisedAccount, uploaded: Any, content: bytes, columns: Mapping[str, str]
) -> StoredFile:
    """A workbook as every upload; a CSV, which has no mark of its own, once it was read as a table."""
    if uploaded.name.lower().endswith(".csv"):
        accounts.table_of(uploaded.name, content, columns)
        given: dict[str, Any] = {"owner": row.ref, "actor": actor_of(request), "now": now_of(request)}
        return keep(content, name=uploaded.name, content_type=PLAIN, **given)
    return core.store_file(uploaded, owner=row.ref, actor=actor_of(request), now=now_of(request))


def _line(request: HttpRequest, pk: int) -> tuple[BankLine, SupervisedAccount]:
    line: BankLine | None = BankLine.objects.select_related("account__estate").filter(pk=pk).first()
    if line is None:
        raise Http404
    return line, _account(request, line.account_id, "match")


def _line_words(line: BankLine) -> str:
    amount = f"{'收' if line.amount_fen > 0 else '付'}{core.yuan(abs(line.amount_fen))}元"
    return f"{line.booked_on} {amount} {line.counterparty} {line.text}（{line.told}）"


@login_required
@require_http_methods(["GET", "POST"])
def match(request: HttpRequest, pk: int) -> HttpResponse:
    line, row = _line(request, pk)
    free = purses.unmatched(line, days=MATCH_DAYS)[:MOST_FITTING]
    form = bound(request, MatchForm, version=line.version)
    form.fields["entries"].choices = [
        (str(one.pk), f"{one.booked_on} {'收' if fen > 0 else '付'}{core.yuan(abs(fen))}元 {one.text}")
        for one, fen in free
    ]

    def run(data: Mapping[str, Any]) -> Ref:
        accounts.match_line(
            line,
            entries=[one for one, _ in free if str(one.pk) in data["entries"]],
            reason=data["reason"],
            version=data["version"],
            actor=actor_of(request),
            now=now_of(request),
        )
        return row.ref

    return form_page(
        title="核对一笔流水",
        form=form,
        run=run,
        done="已核对。",
        back=reverse("funds:bank", args=[row.pk]),
        crumbs=crumbs(row.estate, (str(row), reverse("funds:bank", args=[row.pk]))),
        hint=_line_words(line),
        button="核对",
    ).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """撤销: a line that was matched with the wrong entry, or set aside, is open again."""
    line, row = _line(request, pk)
    entries = "；".join(f"{one.booked_on} {one.text}" for one in line.entries.order_by("booked_on", "pk"))
    now_with = f"对上的凭证：{entries}" if entries else f"不入本账：{line.reason}"

    def run(data: Mapping[str, Any]) -> Ref:
        accounts.release_line(
            line, reason=data["reason"], version=data["version"], actor=actor_of(request), now=now_of(request)
        )
        return row.ref

    return form_page(
        title="撤销流水核对",
        form=bound(request, ReleaseForm, version=line.version),
        run=run,
        done="已撤销，这一笔又是未对上，请重新核对。",
        back=reverse("funds:bank", args=[row.pk]),
        crumbs=crumbs(row.estate, (str(row), reverse("funds:bank", args=[row.pk]))),
        hint=f"{_line_words(line)}。{now_with}。账不受影响。",
        button="撤销",
    ).answer(request)
