"""Opening an estate's purse with its chart of accounts, and an account for every unit."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from gongzhi.core.actors import Actor
from gongzhi.funds.common.queries import book_of
from gongzhi.funds.common.words import CHARTS, TITLES, UNITS
from gongzhi.ledger import services as ledger
from gongzhi.ledger.models import Account, Book
from gongzhi.ledger.services import NewAccount
from gongzhi.registry.models import Estate, Unit


@transaction.atomic
def ensure_book(estate: Estate, *, purse: str, on: date, actor: Actor, now: datetime) -> Book:
    """The book of the purse, opened on that day when there is none yet."""
    found = book_of(estate, purse)
    if found is not None:
        return found
    accounts = [NewAccount(code, title, kind) for code, title, kind in CHARTS[purse]]
    return ledger.open_book(
        subject=estate.ref,
        purse=purse,
        opened_on=on,
        accounts=accounts,
        actor=Actor.system(demo=actor.demo),
        now=now,
    )


def unit_accounts(book: Book, units: Iterable[Unit]) -> dict[int, Account]:
    """The account of each unit by the unit's number; those that lack one get it."""
    wanted = list(units)
    rows = book.accounts.filter(holder_kind="unit", holder_id__in=[str(unit.pk) for unit in wanted])
    found = {int(one.holder_id): one for one in rows}
    lacking = [unit for unit in wanted if unit.pk not in found]
    if lacking:
        kind = book.accounts.get(code=UNITS).kind
        title = TITLES[book.purse][UNITS]
        made = ledger.add_accounts(
            book, [NewAccount(f"{UNITS}.{unit.pk}", f"{title} {unit}"[:120], kind, unit.ref) for unit in lacking]
        )
        found.update({int(one.holder_id): one for one in made})
    return {unit.pk: found[unit.pk] for unit in wanted}


# For runs over whole estates: one statement instead of a row for every unit.
LACKING = """
INSERT INTO ledger_account (book_id, code, title, kind, holder_kind, holder_id)
SELECT %(book)s, %(head)s || unit.id, left(%(title)s || ' ' || building.name || unit.name, 120), %(kind)s, 'unit',
       unit.id::text
FROM registry_unit unit JOIN registry_building building ON building.id = unit.building_id
WHERE unit.id = ANY(%(units)s)
  AND NOT EXISTS (SELECT FROM ledger_account WHERE book_id = %(book)s AND code = %(head)s || unit.id)
ON CONFLICT DO NOTHING
"""


def ensure_unit_accounts(book: Book, units: Iterable[int]) -> None:
    """Units, by their numbers, that have no account in the book get one."""
    kind = book.accounts.get(code=UNITS).kind
    values: dict[str, Any] = {
        "book": book.pk, "head": f"{UNITS}.", "title": TITLES[book.purse][UNITS], "kind": kind, "units": list(units),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(LACKING, values)
