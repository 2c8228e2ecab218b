"""What homes still have in the book of the estate that theirs was, after it went into another area."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from gongzhi.ledger import queries as ledger
from gongzhi.ledger.models import Account, Book
from gongzhi.registry.models import Estate, Unit

PURSE = "maintenance_fund"
# Out of the former book and into the present one: for the home itself nothing moved.
CARRIED_OUT, CARRIED_IN = "carried_out", "carried_in"


@dataclass(frozen=True)
class LeftBehind:
    """A former estate's book with (unit, account, 分) of each home that has money in it."""

    estate: Estate
    book: Book
    rows: tuple[tuple[int, Account, int], ...]

    @property
    def total_fen(self) -> int:
        return sum(fen for _, _, fen in self.rows)


def left_behind(estate: Estate, on: date) -> list[LeftBehind]:
    """By the former estate, the first book first."""
    units = Unit.objects.filter(building__estate=estate).values_list("pk", flat=True)
    rows = Account.objects.filter(
        holder_kind="unit", holder_id__in=[str(pk) for pk in units], book__purse=PURSE, book__subject_kind="estate"
    ).exclude(book__subject_id=str(estate.pk))
    books: dict[int, list[Account]] = defaultdict(list)
    for one in rows.order_by("book", "code"):
        books[one.book_id].append(one)
    found = []
    for book in Book.objects.filter(pk__in=books).order_by("pk"):
        balances = {one.account.pk: -one.balance_fen for one in ledger.trial_balance(book, on)}
        held = tuple((int(one.holder_id), one, balances[one.pk]) for one in books[book.pk] if balances[one.pk] > 0)
        if held:
            found.append(LeftBehind(Estate.objects.get(pk=book.subject_id), book, held))
    return found
