"""Opening books and closing periods."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, connection, transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.refs import Ref
from gongzhi.ledger.kinds import ACCOUNT_KINDS, PURSES
from gongzhi.ledger.models import Account, Book, Entry
from gongzhi.ledger.services import sealing

BATCH = 5000

# The balance of every account of the book at the end of the period: the one before, and what came since.
CLOSE = """
INSERT INTO ledger_closedbalance (account_id, "on", amount_fen)
SELECT account.id, %(until)s,
       coalesce((SELECT amount_fen FROM ledger_closedbalance WHERE account_id = account.id AND "on" = %(before)s), 0)
       + coalesce((SELECT sum(amount_fen) FROM ledger_posting
                   WHERE account_id = account.id AND booked_on <= %(until)s
                     AND (%(before)s::date IS NULL OR booked_on > %(before)s)), 0)
FROM ledger_account account WHERE book_id = %(book)s
"""


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to be made. `holder`: whose unit account it is."""

    code: str
    title: str
    kind: str
    holder: Ref | None = None


@transaction.atomic
def open_book(
    *, subject: Ref, purse: str, opened_on: date, accounts: Sequence[NewAccount], actor: Actor, now: datetime
) -> Book:
    """The books of a purse, with their accounts. The same subject and purse again: refused (`book_exists`)."""
    core.require(actor, "book.open", subject)
    if purse not in PURSES:
        raise ValueError(f"unknown purse {purse!r}")
    if Book.objects.filter(subject_kind=subject.kind, subject_id=subject.id, purse=purse).exists():
        raise Refused("book_exists", f"{subject.title}的{PURSES[purse]}已经建过账，不用再建。")
    book = Book.objects.create(
        subject_kind=subject.kind,
        subject_id=subject.id,
        title=f"{subject.title}{PURSES[purse]}",
        purse=purse,
        opened_on=opened_on,
        place_path=subject.place_path,
        demo=actor.demo,
    )
    add_accounts(book, accounts)
    core.record(
        "book.opened",
        subject=book.ref,
        actor=actor,
        at=now,
        place_path=book.place_path,
        data={"purse": purse, "opened_on": opened_on, "accounts": len(accounts)},
    )
    return book


def add_accounts(book: Book, accounts: Sequence[NewAccount]) -> list[Account]:
    """Part of the act that needs them: unit accounts of new units, a project's account. Codes are unique in a book."""
    rows = []
    for one in accounts:
        if one.kind not in ACCOUNT_KINDS:
            raise ValueError(f"unknown kind of account {one.kind!r}")
        holder = {"holder_kind": one.holder.kind, "holder_id": one.holder.id} if one.holder else {}
        rows.append(Account(book=book, code=one.code, title=one.title, kind=one.kind, **holder))
    try:
        with transaction.atomic():
            return Account.objects.bulk_create(rows, batch_size=BATCH)
    except IntegrityError as error:
        raise Refused("account_exists", f"账簿“{book}”里已有同样代码或同一户主的科目，请核对。") from error


@transaction.atomic
def close_period(book: Book, *, until: date, version: int | None, actor: Actor, now: datetime) -> Book:
    """Closes the books up to and including `until`: balances are kept, and those days take no entry any more.

    What was posted in the period is sealed in the proof log.
    """
    core.require(actor, "book.close_period", book)
    # FOR UPDATE waits for every posting under way and holds off new ones until this commits.
    book = Book.objects.select_for_update().get(pk=book.pk)
    core.check_version(book, version)
    before = book.closed_until
    if until < book.opened_on or (before is not None and until <= before):
        earliest = before or book.opened_on
        raise Refused("close_dates", f"结账日要晚于{earliest}。", fields={"until": f"要晚于{earliest}"})
    if until >= core.local_day(now):
        raise Refused("close_dates", "只能给已经过完的日子结账，请选今天以前的日期。", fields={"until": "请选今天以前"})
    with connection.cursor() as cursor:
        cursor.execute(CLOSE, {"book": book.pk, "until": until, "before": before})
        accounts = cursor.rowcount
    entries = Entry.objects.filter(book=book, booked_on__lte=until)
    book.closed_until, book.version = until, book.version + 1
    book.save(update_fields=["closed_until", "version"])
    sealing.seal_period(book, until=until, now=now)
    core.record(
        "book.period_closed",
        subject=book.ref,
        actor=actor,
        at=now,
        place_path=book.place_path,
        data={
            "until": until,
            "entries": (entries.filter(booked_on__gt=before) if before else entries).count(),
            "accounts": accounts,
        },
    )
    return book
