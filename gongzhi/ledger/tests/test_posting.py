"""Money moves once, balanced, on an open day; the database says so even to those who pass by the services."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.core.refs import Ref
from gongzhi.core.tests.cast import Cast
from gongzhi.core.tests.threads import at_once
from gongzhi.ledger import services as ledger
from gongzhi.ledger.models import Book, Entry, Posting
from gongzhi.ledger.tests.books import OPENED, account, book_of, move

DAY = date(2022, 3, 1)
MARCH = date(2022, 3, 31)


@pytest.fixture
def book(quiet_cast: Cast) -> Book:
    return book_of(quiet_cast)


def refused(code: str):  # type: ignore[no-untyped-def]
    return pytest.raises(Refused, check=lambda error: error.code == code)


def run(statement: str, *values: object) -> None:
    """As the owner of the tables: no privilege stands in the way, only what the database itself keeps."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
        cursor.execute(statement, values)


def test_an_entry_moves_both_accounts(book: Book, quiet_cast: Cast) -> None:
    entry = move(book, 350_000, on=DAY, key="d1", now=quiet_cast.now)
    assert ledger.balance(account(book, "1002"), DAY) == 350_000
    assert ledger.balance(account(book, "2301.1"), DAY) == -350_000
    assert ledger.balance(account(book, "1002"), DAY - timedelta(days=1)) == 0
    assert Entry.objects.get().pk == entry.pk
    assert list(entry.postings.order_by("leg").values_list("leg", "amount_fen")) == [(1, 350_000), (2, -350_000)]


def test_the_same_act_twice_moves_money_once(book: Book, quiet_cast: Cast) -> None:
    first = move(book, 100, on=DAY, key="d1", now=quiet_cast.now)
    again = move(book, 100, on=DAY, key="d1", now=quiet_cast.now)
    assert again.pk == first.pk
    assert Posting.objects.count() == 2
    with refused("key_used"):
        move(book, 200, on=DAY, key="d1", now=quiet_cast.now)


@pytest.mark.parametrize("legs", [[("1002", 5)], [("1002", 5), ("2301", -4)], [("1002", 0), ("2301", 0)], []])
def test_what_does_not_balance_is_refused(book: Book, quiet_cast: Cast, legs: list[tuple[str, int]]) -> None:
    with refused("unbalanced"):
        ledger.post(
            book=book,
            key="x",
            kind="deposit",
            booked_on=DAY,
            text="",
            legs=[(account(book, code), fen) for code, fen in legs],
            actor=Actor.system(),
            now=quiet_cast.now,
        )
    assert not Entry.objects.exists()


def test_a_book_takes_no_other_books_account(book: Book, quiet_cast: Cast) -> None:
    other = ledger.open_book(
        subject=quiet_cast.estate_outside.ref,
        purse="maintenance_fund",
        opened_on=OPENED,
        accounts=[ledger.NewAccount("1002", "银行存款", "asset")],
        actor=quiet_cast.actor("housing"),
        now=quiet_cast.now,
    )
    legs = [(account(book, "1002"), 5), (account(other, "1002"), -5)]
    with refused("foreign_account"):
        ledger.post(
            book=book, key="x", kind="k", booked_on=DAY, text="", legs=legs, actor=Actor.system(), now=quiet_cast.now
        )


def test_a_counter_entry_undoes_once(book: Book, quiet_cast: Cast) -> None:
    entry = move(book, 900, on=DAY, key="d1", now=quiet_cast.now)
    undone = ledger.reverse(entry, booked_on=MARCH, text="重复入账，冲销", actor=Actor.system(), now=quiet_cast.now)
    again = ledger.reverse(entry, booked_on=MARCH, text="重复入账，冲销", actor=Actor.system(), now=quiet_cast.now)
    assert undone.pk == again.pk
    assert ledger.balance(account(book, "1002"), MARCH) == 0
    assert ledger.balance(account(book, "1002"), DAY) == 900
    entry.refresh_from_db()
    assert entry.reversed_by.pk == undone.pk


def test_a_closed_period_takes_nothing_more_and_keeps_its_balances(book: Book, quiet_cast: Cast) -> None:
    move(book, 350_000, on=DAY, key="d1", now=quiet_cast.now)
    closed = ledger.close_period(
        book, until=MARCH, version=book.version, actor=quiet_cast.actor("housing"), now=quiet_cast.now
    )
    with refused("period_closed") as error:
        move(closed, 5, on=MARCH, key="d2", now=quiet_cast.now)
    assert "2022年3月31日" in error.value.message
    move(closed, 1, on=MARCH + timedelta(days=1), key="d3", now=quiet_cast.now)
    assert ledger.balance(account(book, "1002"), MARCH) == 350_000
    assert ledger.balance(account(book, "1002"), MARCH + timedelta(days=1)) == 350_001
    assert ledger.balance(account(book, "1002"), DAY) == 350_000
    told = Event.objects.get(kind="book.period_closed")
    assert told.data == {"until": "2022-03-31", "entries": 1, "accounts": 5}


def test_days_before_the_opening_and_days_not_over_are_refused(book: Book, quiet_cast: Cast) -> None:
    housing = quiet_cast.actor("housing")
    with refused("before_opening"):
        move(book, 5, on=OPENED - timedelta(days=1), key="d1", now=quiet_cast.now)
    with refused("close_dates"):
        ledger.close_period(book, until=quiet_cast.now.date(), version=None, actor=housing, now=quiet_cast.now)
    ledger.close_period(book, until=MARCH, version=None, actor=housing, now=quiet_cast.now)
    with refused("close_dates"):
        ledger.close_period(book, until=MARCH, version=None, actor=housing, now=quiet_cast.now)


def test_only_a_bookkeeper_of_the_place_closes(book: Book, quiet_cast: Cast) -> None:
    for role in ("police", "street_office@2"):
        with refused("forbidden"):
            ledger.close_period(book, until=MARCH, version=None, actor=quiet_cast.actor(role), now=quiet_cast.now)


def test_a_second_book_of_the_same_purse_is_refused(book: Book, quiet_cast: Cast) -> None:
    with refused("book_exists"):
        book_of(quiet_cast)


def test_a_statement_runs_from_opening_to_closing(book: Book, quiet_cast: Cast) -> None:
    for number, on in enumerate((DAY, MARCH, date(2022, 4, 2)), start=1):
        move(book, number * 100, on=on, key=f"d{number}", now=quiet_cast.now)
    told = ledger.statement(account(book, "1002"), from_on=MARCH, to_on=date(2022, 4, 30))
    assert told.opening_fen == 100
    assert [(line.amount_fen, line.balance_fen) for line in told.lines] == [(200, 300), (300, 600)]
    assert told.closing_fen == 600 == ledger.balance(account(book, "1002"), date(2022, 4, 30))


def test_the_trial_balance_adds_up_before_and_after_closing(book: Book, quiet_cast: Cast) -> None:
    move(book, 350_000, on=DAY, key="d1", now=quiet_cast.now)
    move(book, 120_000, on=DAY, key="d2", to="2301.2", now=quiet_cast.now)
    ledger.close_period(book, until=MARCH, version=None, actor=quiet_cast.actor("housing"), now=quiet_cast.now)
    move(book, 777, on=date(2022, 4, 1), key="d3", to="5001", now=quiet_cast.now)
    for day in (DAY, MARCH, date(2022, 4, 1)):
        lines = {line.account.code: line.balance_fen for line in ledger.trial_balance(book, day)}
        assert sum(lines.values()) == 0
        assert lines["1002"] == (470_777 if day == date(2022, 4, 1) else 470_000)


ENTRY = (
    "INSERT INTO ledger_entry (book_id, key, kind, booked_on, text, legs, source_kind, source_id, posted_label)"
    " VALUES (%s, %s, 'k', %s, '', 2, '', '', '')"
)
LEGS = (
    "INSERT INTO ledger_posting (entry_id, leg, account_id, booked_on, amount_fen)"
    " SELECT e.id, leg, a.id, e.booked_on, fen FROM ledger_entry e, ledger_account a,"
    " unnest(%s::int[], %s::bigint[], %s::text[]) AS given (leg, fen, code)"
    " WHERE e.key = %s AND a.book_id = e.book_id AND a.code = given.code"
)


@pytest.mark.parametrize(
    "legs",
    [
        ([1, 2], [100, -99], ["1002", "2301"]),
        ([1], [100], ["1002"]),
        ([1, 2, 3], [100, -60, -40], ["1002", "2301", "5001"]),
        ([2, 3], [100, -100], ["1002", "2301"]),
        ([1, 2], [0, 0], ["1002", "2301"]),
    ],
)
def test_the_database_itself_refuses_what_does_not_balance(book: Book, legs: tuple[list[object], ...]) -> None:
    run(ENTRY, book.pk, "raw", DAY)
    with pytest.raises(DatabaseError):
        run(LEGS, *legs, "raw")
    assert not Posting.objects.exists()


def test_what_a_statement_writes_is_checked_by_key_however_the_session_plans(book: Book, quiet_cast: Cast) -> None:
    """A run forbids nested loops, and plans of triggers are kept: neither may make the checks read whole tables."""
    read = "SELECT sum(seq_tup_read) FROM pg_stat_xact_user_tables WHERE relname IN ('ledger_entry', 'ledger_account')"
    with transaction.atomic(), connection.cursor() as cursor:
        for number in range(20):
            move(book, 100, on=DAY, key=f"d{number}", now=quiet_cast.now)
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(read)
        before = cursor.fetchone()
        move(book, 100, on=DAY, key="with loops forbidden", now=quiet_cast.now)
        cursor.execute(read)
        assert cursor.fetchone() == before


def test_no_posting_joins_an_entry_later(book: Book, quiet_cast: Cast) -> None:
    move(book, 100, on=DAY, key="d1", now=quiet_cast.now)
    for numbers in ([1, 2], [3, 4]):
        with pytest.raises(DatabaseError):
            run(LEGS, numbers, [50, -50], ["1002", "2301"], "d1")


@pytest.mark.parametrize("table", ["ledger_entry", "ledger_posting", "ledger_closedbalance"])
def test_the_database_changes_and_deletes_nothing(book: Book, quiet_cast: Cast, table: str) -> None:
    move(book, 100, on=DAY, key="d1", now=quiet_cast.now)
    for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
        with pytest.raises(DatabaseError, match="never changed"):
            run(statement)
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            connection.cursor().execute(statement)


def test_the_database_keeps_a_closed_period_closed(book: Book, quiet_cast: Cast) -> None:
    ledger.close_period(book, until=MARCH, version=None, actor=quiet_cast.actor("housing"), now=quiet_cast.now)
    with pytest.raises(DatabaseError, match="the period is closed"):
        run(ENTRY, book.pk, "raw", MARCH)
    for statement in (
        "UPDATE ledger_book SET closed_until = NULL",
        "UPDATE ledger_book SET closed_until = '2022-02-28'",
    ):
        with pytest.raises(DatabaseError, match="stays closed"):
            run(statement)


@pytest.mark.usefixtures("committed")
def test_two_clerks_posting_the_same_act_move_money_once(quiet_cast: Cast) -> None:
    book = book_of(quiet_cast)

    def post(_: int) -> int:
        with transaction.atomic():
            return int(move(book, 500, on=DAY, key="pay-7", now=quiet_cast.now).pk)

    made = at_once(post, times=4)
    assert len(set(made)) == 1
    assert ledger.balance(account(book, "1002"), DAY) == 500


@pytest.mark.usefixtures("committed")
def test_a_closing_and_postings_at_once_leave_balances_that_agree(quiet_cast: Cast) -> None:
    book, housing = book_of(quiet_cast), quiet_cast.actor("housing")

    def act(number: int) -> str:
        with transaction.atomic():
            if number == 3:
                ledger.close_period(book, until=MARCH, version=None, actor=housing, now=quiet_cast.now)
                return "closed"
            try:
                move(book, 100, on=DAY, key=f"d{number}", now=quiet_cast.now)
            except Refused as error:
                return error.code
            return "posted"

    told = at_once(act, times=7)
    assert told[3] == "closed"
    assert set(told) <= {"closed", "posted", "period_closed"}
    posted = 100 * told.count("posted")
    assert ledger.balance(account(book, "1002"), MARCH) == posted
    assert sum(Posting.objects.filter(amount_fen__gt=0).values_list("amount_fen", flat=True)) == posted


def test_a_unit_holds_one_account(book: Book) -> None:
    held = ledger.account_of(book, Ref("unit", "102"))
    assert held is not None
    assert held.code == "2301.2"
    with refused("account_exists"):
        ledger.add_accounts(book, [ledger.NewAccount("2301.9", "又一户", "liability", Ref("unit", "102"))])
