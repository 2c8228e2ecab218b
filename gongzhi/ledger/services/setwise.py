"""Many entries by one statement: what a run over thousands of accounts writes instead of posting one by one.

`post_set` writes entries that are known row by row. A run that works out its rows in the database has a statement of
its own: it names its rows `due_entry` (id, key, text, legs, source_kind, source_id, reverses_id)
and `due_leg` (entry_id, leg, account_id, amount_fen), takes the ids from `ENTRY_IDS`, and puts `WRITE_SET` behind them.
The same triggers look at what comes of it, once for the whole statement.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString

from django.db import connection

from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.refs import Ref
from gongzhi.ledger.models import Account, Book

ENTRY_IDS: LiteralString = "nextval('ledger_entry_id_seq')"
WRITE_SET: LiteralString = """
entered AS (
    INSERT INTO ledger_entry (id, book_id, key, kind, booked_on, text, legs, source_kind, source_id, reverses_id,
                              posted_by_id, posted_label, posted_at)
    SELECT id, %(book)s, key, %(entry_kind)s, %(booked_on)s::date, text, legs, source_kind, source_id,
           reverses_id, %(posted_by)s::bigint, %(posted_label)s, %(posted_at)s::timestamptz FROM due_entry
), posted AS (
    INSERT INTO ledger_posting (entry_id, leg, account_id, booked_on, amount_fen)
    SELECT entry_id, leg, account_id, %(booked_on)s::date, amount_fen FROM due_leg
)
"""


def set_values(book: Book, *, kind: str, booked_on: date, actor: Actor, now: datetime) -> dict[str, Any]:
    """What `WRITE_SET` is told. Holds the book against a closing until the transaction ends.

    Refuses (`period_closed`) a day that is closed or before the book was opened.
    """
    held = Book.objects.select_for_update(no_key=True).filter(pk=book.pk).get()
    if booked_on < held.opened_on or (held.closed_until is not None and booked_on <= held.closed_until):
        raise Refused("period_closed", f"账簿“{held}”在{booked_on}已结账或还没有建账，不能记账。请换一个日期。")
    return {
        "book": held.pk,
        "entry_kind": kind,
        "booked_on": booked_on,
        "posted_by": actor.user.pk if actor.user else None,
        "posted_label": actor.label,
        "posted_at": now,
    }


@dataclass(frozen=True, slots=True)
class SetEntry:
    """One entry of a set; `legs` as with `post`."""

    key: str
    text: str
    legs: Sequence[tuple[Account, int]]
    source: Ref


_GIVEN: LiteralString = """
WITH due_entry AS MATERIALIZED (
    SELECT """
_ROWS: LiteralString = """ AS id, key, left(text, 200) AS text, legs, source_kind, source_id,
           NULL::bigint AS reverses_id
    FROM unnest(%(keys)s::text[], %(texts)s::text[], %(legs)s::smallint[], %(kinds)s::text[], %(ids)s::text[])
         AS given (key, text, legs, source_kind, source_id)
), due_leg AS (
    SELECT due_entry.id AS entry_id, leg, account_id, amount_fen
    FROM unnest(%(leg_keys)s::text[], %(leg_numbers)s::smallint[], %(accounts)s::bigint[], %(amounts)s::bigint[])
         AS given (key, leg, account_id, amount_fen) JOIN due_entry USING (key)
), """
_MADE: LiteralString = " SELECT key, id FROM due_entry"
POST_SET: LiteralString = _GIVEN + ENTRY_IDS + _ROWS + WRITE_SET + _MADE


def post_set(
    book: Book, *, kind: str, booked_on: date, rows: Sequence[SetEntry], actor: Actor, now: datetime
) -> dict[str, int]:
    """The key of each entry with its number. A key that the book has already breaks the whole set: ask before."""
    legs = [(row.key, number, *leg) for row in rows for number, leg in enumerate(row.legs, start=1)]
    values = {
        **set_values(book, kind=kind, booked_on=booked_on, actor=actor, now=now),
        "keys": [row.key for row in rows],
        "texts": [row.text for row in rows],
        "legs": [len(row.legs) for row in rows],
        "kinds": [row.source.kind for row in rows],
        "ids": [row.source.id for row in rows],
        "leg_keys": [key for key, _, _, _ in legs],
        "leg_numbers": [number for _, number, _, _ in legs],
        "accounts": [account.pk for _, _, account, _ in legs],
        "amounts": [amount for _, _, _, amount in legs],
    }
    with connection.cursor() as cursor:
        cursor.execute(POST_SET, values)
        return dict(cursor.fetchall())
