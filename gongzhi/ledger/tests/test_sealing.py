"""A closed period is a leaf of the proof log, and books that were rewritten no longer fit it."""

import json
from datetime import date, timedelta

import pytest
from django.db import connection

from gongzhi.core.tests.cast import Cast
from gongzhi.ledger import services as ledger
from gongzhi.ledger.models import Book
from gongzhi.ledger.tests.books import book_of, move
from gongzhi.proof import queries, receipts
from gongzhi.proof import services as proof
from gongzhi.proof.models import Entry

JANUARY, FEBRUARY = date(2022, 1, 31), date(2022, 2, 28)
pytestmark = pytest.mark.django_db


@pytest.fixture
def book(quiet_cast: Cast) -> Book:
    """Three entries in January, one in February; both months closed."""
    made = book_of(quiet_cast)
    for number, on in enumerate((JANUARY, JANUARY - timedelta(days=3), JANUARY, FEBRUARY)):
        move(made, 100 + number, on=on, key=f"k{number}", now=quiet_cast.now)
    for until in (JANUARY, FEBRUARY):
        made = ledger.close_period(
            made, until=until, version=made.version, actor=quiet_cast.actor("housing"), now=quiet_cast.now
        )
    return made


def test_each_closed_period_is_a_leaf_with_its_own_entries(book: Book) -> None:
    leaves = [json.loads(one) for one in Entry.objects.order_by("pk").values_list("data", flat=True)]
    assert [(one["after"], one["until"], one["entries"]) for one in leaves] == [
        (None, "2022-01-31", 3),
        ("2022-01-31", "2022-02-28", 1),
    ]
    assert all(one["kind"] == "book.period_closed" and one["book"] == book.pk for one in leaves)
    assert "交存维修资金" not in Entry.objects.values_list("data", flat=True)[0]


def test_whoever_asks_gets_a_receipt_that_holds(book: Book, quiet_cast: Cast) -> None:
    log = queries.log_named("zhangbu")
    assert log is not None
    proof.checkpoint(log, now=quiet_cast.now)
    for until in (JANUARY, FEBRUARY):
        receipt = ledger.receipt_of_period(book, until)
        assert receipt is not None
        assert receipts.check(receipts.parsed(receipts.text_of(receipt))).state == "good"
    assert ledger.receipt_of_period(book, FEBRUARY - timedelta(days=1)) is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET text = 'x' WHERE key = 'k1'",
        "UPDATE ledger_entry SET booked_on = booked_on - 1 WHERE key = 'k1'",
        "UPDATE ledger_posting SET amount_fen = amount_fen * 2 WHERE entry_id = "
        "(SELECT id FROM ledger_entry WHERE key = 'k1')",
        "UPDATE ledger_closedbalance SET amount_fen = amount_fen + 1 WHERE \"on\" = '2022-01-31'",
        "DELETE FROM ledger_posting WHERE entry_id = (SELECT id FROM ledger_entry WHERE key = 'k2');"
        "DELETE FROM ledger_entry WHERE key = 'k2'",
    ],
)
def test_books_that_their_owner_rewrote_do_not_fit_what_was_sealed(book: Book, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("ledger_entry", "ledger_posting", "ledger_closedbalance"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(statement)
        cursor.execute("SET ROLE gongzhi_app")
    assert ledger.receipt_of_period(book, JANUARY) is None
    assert ledger.receipt_of_period(book, FEBRUARY) is not None
