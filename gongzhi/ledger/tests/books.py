"""A small book for the tests: an estate's fund with a bank account and two unit accounts."""

from datetime import date, datetime

from gongzhi.core.actors import Actor
from gongzhi.core.refs import Ref
from gongzhi.core.tests.cast import Cast
from gongzhi.ledger import services as ledger
from gongzhi.ledger.models import Account, Book
from gongzhi.ledger.services import NewAccount

OPENED = date(2022, 1, 1)
CHART = (
    NewAccount("1002", "银行存款", "asset"),
    NewAccount("2301", "维修资金", "liability"),
    NewAccount("2301.1", "101室", "liability", Ref("unit", "101")),
    NewAccount("2301.2", "102室", "liability", Ref("unit", "102")),
    NewAccount("5001", "利息", "income"),
)


def book_of(cast: Cast) -> Book:
    return ledger.open_book(
        subject=cast.estate.ref,
        purse="maintenance_fund",
        opened_on=OPENED,
        accounts=CHART,
        actor=cast.actor("housing"),
        now=cast.now,
    )


def account(book: Book, code: str) -> Account:
    return book.accounts.get(code=code)


def move(book: Book, fen: int, *, on: date, key: str, now: datetime, to: str = "2301.1", actor: Actor | None = None):  # type: ignore[no-untyped-def]
    """A deposit: the bank grows, a unit's account grows."""
    return ledger.post(
        book=book,
        key=key,
        kind="deposit",
        booked_on=on,
        text="交存维修资金",
        legs=[(account(book, "1002"), fen), (account(book, to), -fen)],
        actor=actor or Actor.system(),
        now=now,
    )
