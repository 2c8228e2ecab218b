"""Reading the books: a balance begins from the last closed period and adds what came since."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection
from django.db.models import Sum

from gongzhi.core.refs import Ref
from gongzhi.ledger.models import Account, Book, Entry, Posting

DAY = timedelta(days=1)

TRIAL = """
SELECT account.id,
       coalesce(closed.amount_fen, 0),
       coalesce(sum(posting.amount_fen) FILTER (WHERE posting.amount_fen > 0), 0)::bigint,
       coalesce(sum(posting.amount_fen) FILTER (WHERE posting.amount_fen < 0), 0)::bigint
FROM ledger_account account
LEFT JOIN LATERAL (
    SELECT "on", amount_fen FROM ledger_closedbalance WHERE account_id = account.id AND "on" <= %(on)s
    ORDER BY "on" DESC LIMIT 1) closed ON true
LEFT JOIN ledger_posting posting ON posting.account_id = account.id AND posting.booked_on <= %(on)s
     AND (closed."on" IS NULL OR posting.booked_on > closed."on")
WHERE account.book_id = %(book)s
GROUP BY account.id, closed.amount_fen
"""


@dataclass(frozen=True, slots=True)
class TrialLine:
    """One account on a day, in 分: a debit balance is above 0, a credit balance below."""

    account: Account
    balance_fen: int

    @property
    def debit_fen(self) -> int:
        return max(self.balance_fen, 0)

    @property
    def credit_fen(self) -> int:
        return max(-self.balance_fen, 0)


@dataclass(frozen=True, slots=True)
class Line:
    """One posting of a statement with the balance after it, in 分."""

    entry: Entry
    amount_fen: int
    balance_fen: int


@dataclass(frozen=True, slots=True)
class Statement:
    account: Account
    from_on: date
    to_on: date
    opening_fen: int
    lines: tuple[Line, ...]
    closing_fen: int


def account_of(book: Book, holder: Ref) -> Account | None:
    """The account that a unit or a party holds in the book."""
    return book.accounts.filter(holder_kind=holder.kind, holder_id=holder.id).first()


def balance(account: Account, on: date) -> int:
    """分 at the end of that day: a debit balance above 0, a credit balance below."""
    closed = account.closed_balances.filter(on__lte=on).order_by("-on").first()
    since = account.postings.filter(booked_on__lte=on)
    if closed is not None:
        since = since.filter(booked_on__gt=closed.on)
    moved = since.aggregate(total=Sum("amount_fen"))["total"] or 0
    return int(moved) + (closed.amount_fen if closed is not None else 0)


def trial_balance(book: Book, on: date) -> list[TrialLine]:
    """Every account of the book at the end of that day, by code; the balances add up to 0."""
    with connection.cursor() as cursor:
        cursor.execute(TRIAL, {"book": book.pk, "on": on})
        found = {row[0]: row[1] + row[2] + row[3] for row in cursor.fetchall()}
    return [TrialLine(account, found[account.pk]) for account in book.accounts.order_by("code")]


def statement(account: Account, *, from_on: date, to_on: date) -> Statement:
    """An account's postings of a period with running balances; opening plus postings is closing."""
    opening = running = balance(account, from_on - DAY)
    lines = []
    rows = Posting.objects.filter(account=account, booked_on__range=(from_on, to_on))
    for row in rows.select_related("entry").order_by("booked_on", "entry_id", "leg"):
        running += row.amount_fen
        lines.append(Line(row.entry, row.amount_fen, running))
    return Statement(account, from_on, to_on, opening, tuple(lines), running)
