"""Reading common revenue: sums of a period, net revenue, what is flagged, what statements no longer show the books."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from django.db.models import QuerySet

from gongzhi.core.actors import Actor
from gongzhi.funds.common.queries import account_at, book_of, estates_with_books
from gongzhi.funds.common.queries import sums as moved
from gongzhi.funds.revenue.models import RevenueItem, RevenueStatement
from gongzhi.funds.revenue.words import PURPOSES, SOURCES
from gongzhi.ledger import services as ledger
from gongzhi.ledger.models import Entry
from gongzhi.registry.models import Estate

PURSE = "common_revenue"
DAY = timedelta(days=1)
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
    def net_fen(self) -> int:
        """业主共有净收益: what the shared parts earned less the costs of earning it that have a voucher."""
        earned = sum(fen for code, fen in self.income.items() if code not in ON_BEHALF)
        return earned - self.cost.get("cost.operation", 0)

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


def net_of(estate: Estate, *, from_on: date, to_on: date) -> int:
    """As `Sums.net_fen`, without the costs that have no voucher."""
    found = sums(estate, from_on=from_on, to_on=to_on)
    without = RevenueItem.objects.filter(
        estate=estate, purpose="cost.operation", voucher=None, on__range=(from_on, to_on)
    ).values_list("amount_fen", flat=True)
    return found.net_fen + sum(without)


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


def share_of(amount_fen: int, net_fen: int) -> Fraction:
    return Fraction(amount_fen, net_fen) if net_fen > 0 else Fraction(0)
