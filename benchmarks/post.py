"""Posting entries from 8 clients, one busy account among theirs, beside raw SQL with the same tables and triggers.

    python benchmarks/post.py [--clients 8] [--seconds 5]

Every client posts as a page does, through the service in a transaction of its own; the limit sends the bare INSERTs of
an entry and its two postings. Exit status 1 below half of the limit.
"""

import argparse
import multiprocessing
import sys
import time
from datetime import UTC, date, datetime
from typing import Any

from import_units import platform

LEAST = 1 / 2
ACCOUNTS = 200
DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
RAW_ENTRY = (
    "INSERT INTO ledger_entry (book_id, key, kind, booked_on, text, legs, source_kind, source_id, posted_label)"
    " VALUES (%s, %s, 'deposit', %s, '', 2, '', '', '') RETURNING id"
)
RAW_POSTINGS = (
    "INSERT INTO ledger_posting (entry_id, leg, account_id, booked_on, amount_fen)"
    " VALUES (%s, 1, %s, %s, %s), (%s, 2, %s, %s, %s)"
)


def book() -> tuple[int, list[int]]:
    """A book whose first account every entry moves."""
    from gongzhi.ledger.models import Account, Book

    made = Book.objects.create(
        subject_kind="estate",
        subject_id="1",
        title="",
        purse="maintenance_fund",
        opened_on=date(2026, 1, 1),
        place_path="",
    )
    rows = [Account(book=made, code=f"{number:04}", title="", kind="asset") for number in range(ACCOUNTS)]
    return made.pk, [row.pk for row in Account.objects.bulk_create(rows)]


def through_the_service(client: int, seconds: float, book_id: int, accounts: list[int]) -> int:
    from django.db import transaction

    from gongzhi.core.actors import Actor
    from gongzhi.ledger import services
    from gongzhi.ledger.models import Account, Book

    made = Book.objects.get(pk=book_id)
    held = list(Account.objects.filter(pk__in=accounts).order_by("pk"))
    done = 0
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        legs = [(held[0], 100), (held[1 + done % (ACCOUNTS - 1)], -100)]
        with transaction.atomic():
            services.post(
                book=made,
                key=f"service-{client}-{done}",
                kind="deposit",
                booked_on=DAY,
                text="",
                legs=legs,
                actor=Actor.system(),
                now=NOW,
            )
        done += 1
    return done


def bare(client: int, seconds: float, book_id: int, accounts: list[int]) -> int:
    from django.db import connection

    connection.ensure_connection()
    raw = connection.connection
    raw.autocommit = False
    done, until = 0, time.perf_counter() + seconds
    with raw.cursor() as cursor:
        while time.perf_counter() < until:
            cursor.execute(RAW_ENTRY, [book_id, f"bare-{client}-{done}", DAY])
            (entry,) = cursor.fetchone()
            other = accounts[1 + done % (ACCOUNTS - 1)]
            cursor.execute(RAW_POSTINGS, [entry, accounts[0], DAY, 100, entry, other, DAY, -100])
            raw.commit()
            done += 1
    return done


def at_work(work: Any, client: int, seconds: float, told: Any, *given: Any) -> None:
    told.put(work(client, seconds, *given))


def rate(work: Any, clients: int, seconds: float, *given: Any) -> float:
    """Entries a second over all clients, each a process with a connection of its own."""
    told: Any = multiprocessing.Queue()
    processes = [
        multiprocessing.Process(target=at_work, args=(work, client, seconds, told, *given)) for client in range(clients)
    ]
    for process in processes:
        process.start()
    done = sum(told.get() for _ in processes)
    for process in processes:
        process.join()
    return done / seconds


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=5)
    options = parser.parse_args()
    with platform():
        from django.db import connection

        book_id, accounts = book()
        connection.close()
        given = (options.clients, options.seconds, book_id, accounts)
        limit, reached = rate(bare, *given), rate(through_the_service, *given)
        ratio = reached / limit
        print(f"bare SQL {limit:,.0f} entries a second; through the service {reached:,.0f}; ratio {ratio:.2f}")
        return 0 if ratio >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
