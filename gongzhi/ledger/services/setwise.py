"""Many entries by one statement: what a run over thousands of accounts writes instead of posting one by one.

The caller's statement names its rows `due_entry` (id, key, text, legs, source_kind, source_id, reverses_id)
and `due_leg` (entry_id, leg, account_id, amount_fen), takes the ids from `ENTRY_IDS`, and puts `WRITE_SET` behind them.
The same triggers look at what comes of it, once for the whole statement.
"""

from datetime import date, datetime
from typing import Any, LiteralString

from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.ledger.models import Book

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
