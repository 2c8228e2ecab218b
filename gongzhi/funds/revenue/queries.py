"""Reading common revenue: sums of a period, net revenue, what is flagged, what statements no longer show the books."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from django.db.models import Q, QuerySet, Sum

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.funds.charges.models import SharedCost, SharedPart
from gongzhi.funds.common.queries import account_at, book_of, estates_with_books
from gongzhi.funds.common.queries import sums as moved
from gongzhi.funds.maintenance.models import FundPayment
from gongzhi.funds.revenue.models import RevenueItem, RevenueStatement
from gongzhi.funds.revenue.words import LISTS, PURPOSES, SOURCES
from gongzhi.ledger import services as ledger
from gongzhi.ledger.models import Entry, Posting
from gongzhi.policy.answer import Answer
from gongzhi.policy.recurrence import bounds, period_title
from gongzhi.registry.models import Estate

PURSE = "common_revenue"
DAY = timedelta(days=1)
USED = "use_payment"
# What is taken on behalf of others is no revenue of the owners.
ON_BEHALF = ("energy", "elevator")


@dataclass(frozen=True)
class Sums:
    """A period in 分, straight from the books. `income` and `cost` by their codes."""

    from_on: date
    to_on: date
    opening_fen: int
    income: dict[str, int]
    cost: dict[str, int]
    closing_fen: int

    @property
    def income_fen(self) -> int:
        return sum(self.income.values())

    @property
    def cost_fen(self) -> int:
        return sum(fen for code, fen in self.cost.items() if code != "to_fund")

    @property
    def to_fund_fen(self) -> int:
        return self.cost.get("to_fund", 0)

    @property
    def gross_fen(self) -> int:
        """All that was earned, whosever it is; what is taken on behalf of others is none."""
        return sum(fen for code, fen in self.income.items() if code not in ON_BEHALF)

    @property
    def tied(self) -> bool:
        return self.opening_fen + self.income_fen - self.cost_fen - self.to_fund_fen == self.closing_fen


def sums(estate: Estate, *, from_on: date, to_on: date) -> Sums:
    book = book_of(estate, PURSE)
    if book is None:
        return Sums(from_on, to_on, 0, dict.fromkeys(SOURCES, 0), dict.fromkeys(PURPOSES, 0), 0)
    bank = book.accounts.get(code="bank")
    incomes = moved(book, [f"income.{code}" for code in SOURCES], from_on=from_on, to_on=to_on)
    costs = moved(book, list(PURPOSES), from_on=from_on, to_on=to_on)
    return Sums(
        from_on,
        to_on,
        ledger.balance(bank, from_on - DAY),
        {code: incomes[f"income.{code}"] for code in SOURCES},
        {code: -fen for code, fen in costs.items()},
        ledger.balance(bank, to_on),
    )


@dataclass(frozen=True)
class ShownPeriod:
    """周期 of the accounts that the local document wants shown, beside the days that are on display. Days included."""

    title: str
    from_on: date
    to_on: date
    shown_from: date
    shown_to: date
    clauses: tuple[str, ...]

    @property
    def whole(self) -> bool:
        return self.shown_from <= self.from_on and self.to_on <= self.shown_to


def covered(estate: Estate, *, from_on: date, to_on: date, complete: bool = False) -> tuple[date, date]:
    """The days that are on display without a gap around those, by statements that touch one another.

    `complete`: only by those that lack none of the lists. Before its first day a book has nothing to show: from
    there it reaches back to the beginning of the year.
    """
    rows = RevenueStatement.objects.filter(estate=estate).order_by("from_on", "to_on")
    spans = [(one.from_on, one.to_on) for one in rows if one.complete or not complete]
    grown = True
    while grown:
        touching = [span for span in spans if span[0] <= to_on + DAY and from_on - DAY <= span[1]]
        wider = min([from_on, *(span[0] for span in touching)]), max([to_on, *(span[1] for span in touching)])
        grown, (from_on, to_on) = wider != (from_on, to_on), wider
    book = book_of(estate, PURSE)
    if book is not None and from_on <= book.opened_on:
        from_on = min(from_on, date(book.opened_on.year, 1, 1))
    return from_on, to_on


def period_of(estate: Estate, day: date, *, complete: bool = False) -> ShownPeriod | None:
    """The period that holds a day, with what is on display around the day; None where the document names none."""
    answer = core.ask("funds.revenue_publish", {}, place_path=estate.place_path, on=day)
    if not answer.ok or not answer.clauses:
        return None
    every = str(answer.value["every"])
    first, last = bounds(every, 1, day)
    title = period_title(every, count=1, first=first, last=last)
    return ShownPeriod(
        title, first, last, *covered(estate, from_on=day, to_on=day, complete=complete), tuple(answer.clauses)
    )


def last_period(estate: Estate, on: date) -> ShownPeriod | None:
    """The period before that of a day."""
    now = period_of(estate, on)
    return period_of(estate, now.from_on - DAY) if now is not None else None


def gross_of(estate: Estate, *, from_on: date, to_on: date) -> int:
    """What the owners' shared parts earned; operating premises and the government's rooms and spaces are not theirs."""
    others = RevenueItem.objects.filter(estate=estate, purpose="", on__range=(from_on, to_on))
    others = others.exclude(owned_by="owners").exclude(source__in=ON_BEHALF)
    return sums(estate, from_on=from_on, to_on=to_on).gross_fen - _total(others)


def net_of(estate: Estate, *, from_on: date, to_on: date) -> int:
    """业主共有净收益: what the owners' shared parts earned less the costs of earning it that have a voucher."""
    costs = RevenueItem.objects.filter(estate=estate, purpose="cost.operation", on__range=(from_on, to_on))
    not_counted = costs.filter(Q(voucher=None) | ~Q(owned_by="owners"))
    days = {"from_on": from_on, "to_on": to_on}
    spent = sums(estate, **days).cost.get("cost.operation", 0) - _total(not_counted)
    return gross_of(estate, **days) - spent


def flagged(actor: Actor, *, on: date) -> QuerySet[RevenueItem]:
    """Items with a flag in the actor's estates, the newest first."""
    estates = estates_with_books(actor, on=on)
    rows = RevenueItem.objects.filter(estate__in=estates.values("pk")).exclude(flags=[])
    return rows.select_related("estate").order_by("-on", "-pk")


def stale(statement: RevenueStatement) -> bool:
    """待更新: something was booked into its period after it was shown."""
    book = book_of(statement.estate, PURSE)
    if book is None:
        return False
    later = Entry.objects.filter(
        book=book, pk__gt=statement.last_entry, booked_on__range=(statement.from_on, statement.to_on)
    )
    return later.exists()


@dataclass(frozen=True)
class Collected:
    """归集 of a month: what ought to be in the supervised account and what came there, in 分."""

    due_fen: int
    came_fen: int

    @property
    def missing_fen(self) -> int:
        return self.due_fen - self.came_fen


def collected(estate: Estate, kinds: Sequence[str], *, from_on: date, to_on: date) -> Collected | None:
    """None where the estate has no supervised account: nothing is missing there."""
    if account_at(estate, PURSE, to_on) is None or not kinds:
        return None
    rows = RevenueItem.objects.filter(estate=estate, source__in=list(kinds), on__range=(from_on, to_on))
    pairs = list(rows.values_list("amount_fen", "account"))
    return Collected(sum(fen for fen, _ in pairs), sum(fen for fen, account in pairs if account is not None))


@dataclass(frozen=True)
class FundShare:
    """What went into the fund of a period's revenue, in 分. `of`: what it is a part of, as the document says."""

    put_fen: int
    base_fen: int
    of: str
    answer: Answer

    @property
    def share(self) -> Fraction:
        return share_of(self.put_fen, self.base_fen)

    @property
    def enough(self) -> bool:
        """A period without revenue asks for nothing."""
        wanted = (self.answer.value or {}).get("share")
        return wanted is None or self.base_fen <= 0 or self.share > Fraction(wanted)


def fund_share(estate: Estate, *, managed_by: str, from_on: date, to_on: date, on: date, put_fen: int) -> FundShare:
    facts = {"estate_type": estate.estate_type, "managed_by": managed_by}
    answer = core.ask("funds.revenue_to_fund", facts, place_path=estate.place_path, on=on)
    of = (answer.value or {}).get("of") or "net"
    if of == "net":
        base = net_of(estate, from_on=from_on, to_on=to_on)
    else:
        base = gross_of(estate, from_on=from_on, to_on=to_on)
    return FundShare(put_fen, base, of, answer)


def fund_share_met(estate: Estate, *, managed_by: str, on: date) -> bool:
    """Whether what went into the fund this year is as large a part of the year's revenue as the document asks."""
    first = on.replace(month=1, day=1)
    put = sums(estate, from_on=first, to_on=on).to_fund_fen
    return fund_share(estate, managed_by=managed_by, from_on=first, to_on=on, on=on, put_fen=put).enough


@dataclass(frozen=True)
class Listed:
    """明细 of one kind in a period beside the books, in 分; how many of its lines have no voucher."""

    code: str
    listed_fen: int
    booked_fen: int
    without_voucher: int

    @property
    def title(self) -> str:
        return LISTS[self.code]

    @property
    def by_fen(self) -> int:
        return self.listed_fen - self.booked_fen


def lists_of(estate: Estate, found: Sums) -> list[Listed]:
    """公共收益收支、维修资金使用、公摊水电: line by line beside what their books say of the same days."""
    days = (found.from_on, found.to_on)
    items = RevenueItem.objects.filter(estate=estate, on__range=days)
    income, cost = items.exclude(source=""), items.exclude(purpose="")
    paid = FundPayment.objects.filter(use__estate=estate, paid_on__range=days)
    fund = book_of(estate, "maintenance_fund")
    left = Posting.objects.filter(account__book=fund, account__code="bank", booked_on__range=days) if fund else None
    used = left.filter(Q(entry__kind=USED) | Q(entry__reverses__kind=USED)) if left is not None else None
    costs = SharedCost.objects.filter(project__estate=estate, to_on__range=days)
    parts = SharedPart.objects.filter(cost__in=costs.values("pk"))
    return [
        Listed("income", _total(income), found.income_fen, 0),
        Listed("cost", _total(cost), found.cost_fen, cost.filter(voucher=None).count()),
        Listed("fund", _total(paid), -_total(used) if used is not None else 0, paid.filter(invoice=None).count()),
        Listed("shared", _total(parts), _total(costs), costs.filter(voucher=None).count()),
    ]


@dataclass(frozen=True)
class Line:
    """One line of a list: a payment from the fund, an invoice for shared water or power."""

    on: date
    text: str
    amount_fen: int
    voucher: int | None  # its file


def items_of(statement: RevenueStatement) -> QuerySet[RevenueItem]:
    return statement.estate.revenue_items.filter(on__range=(statement.from_on, statement.to_on)).order_by("on", "pk")


def vouchers_of(statement: RevenueStatement) -> set[int]:
    """The files that were made public with a statement: whoever reads it may open them."""
    found = {one for one in items_of(statement).values_list("voucher", flat=True) if one}
    return found | {line.voucher for _, lines in other_lines(statement) for line in lines if line.voucher}


def other_lines(statement: RevenueStatement) -> list[tuple[str, list[Line]]]:
    """What the statement shows beside the revenue, line by line: title and lines of each list that it names."""
    days = (statement.from_on, statement.to_on)
    shown = statement.detail.get("accounts", {})
    paid = FundPayment.objects.filter(use__estate=statement.estate, paid_on__range=days).select_related("use")
    costs = SharedCost.objects.filter(project__estate=statement.estate, to_on__range=days)
    fund = [
        Line(one.paid_on, f"{one.use.title} {one.get_step_display()}", one.amount_fen, one.invoice_id)
        for one in paid.order_by("paid_on", "pk")
    ]
    shared = [
        Line(one.to_on, f"{one.get_kind_display()} {one.get_by_display()}", one.amount_fen, one.voucher_id)
        for one in costs.order_by("to_on", "pk")
    ]
    return [(LISTS[code], lines) for code, lines in (("fund", fund), ("shared", shared)) if code in shown]


def _total(rows: QuerySet[Any]) -> int:
    return int(rows.aggregate(total=Sum("amount_fen"))["total"] or 0)


def share_of(amount_fen: int, net_fen: int) -> Fraction:
    return Fraction(amount_fen, net_fen) if net_fen > 0 else Fraction(0)
