"""Writing entries. One statement writes an entry with its postings; it holds the book against a closing meanwhile."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NoReturn

from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date
from gongzhi.core.errors import Refused
from gongzhi.core.money import yuan
from gongzhi.core.prepared import first_row
from gongzhi.core.refs import Ref
from gongzhi.ledger.models import Account, Book, Entry

LONGEST_TEXT = 200
FEWEST_LEGS = 2
CONFLICT_STATUS = 409

# FOR KEY SHARE: a closing of this book waits for this transaction, and this one waits for a closing under way.
WRITE = """
WITH book AS (
    SELECT id FROM ledger_book
    WHERE id = %(book_id)s AND opened_on <= %(booked_on)s::date
      AND (closed_until IS NULL OR closed_until < %(booked_on)s::date) FOR KEY SHARE
), entry AS (
    INSERT INTO ledger_entry (book_id, key, kind, booked_on, text, legs, source_kind, source_id, reverses_id,
                              posted_by_id, posted_label, posted_at)
    SELECT id, %(key)s, %(kind)s, %(booked_on)s::date, %(text)s, %(legs)s, %(source_kind)s, %(source_id)s,
           %(reverses_id)s::bigint, %(posted_by_id)s::bigint, %(posted_label)s, %(posted_at)s FROM book
    ON CONFLICT DO NOTHING RETURNING id
)
INSERT INTO ledger_posting (entry_id, leg, account_id, booked_on, amount_fen)
SELECT entry.id, leg, account, %(booked_on)s::date, amount
FROM entry, unnest(%(accounts)s::bigint[], %(amounts)s::bigint[]) WITH ORDINALITY AS legs (account, amount, leg)
RETURNING entry_id
"""

Leg = tuple[Account, int]


def post(
    *,
    book: Book,
    key: str,
    kind: str,
    booked_on: date,
    text: str,
    legs: Sequence[Leg],
    actor: Actor,
    now: datetime,
    source: Ref | None = None,
) -> Entry:
    """Writes one entry; `legs` are (account, 分), debits above 0 and credits below, and add up to 0.

    `key` names the business act in this book: a second call under it returns the first entry and writes nothing.
    Refuses `unbalanced`, `foreign_account`, `account_closed`, `period_closed`, and `key_used` when the key belongs to
    an entry with other postings. Rights are the caller's matter: whoever moves money checks its own.
    """
    _check(book, legs, booked_on)
    entry = Entry(
        book=book,
        key=key,
        kind=kind,
        booked_on=booked_on,
        text=text[:LONGEST_TEXT],
        source_kind=source.kind if source else "",
        source_id=source.id if source else "",
    )
    return _written(entry, legs, actor, now)


def reverse(entry: Entry, *, booked_on: date, text: str, actor: Actor, now: datetime) -> Entry:
    """The counter-entry: the same accounts, the signs turned. An entry is reversed once; a second call returns it."""
    legs = [(row.account, -row.amount_fen) for row in entry.postings.select_related("account").order_by("leg")]
    counter = Entry(
        book=entry.book,
        key=f"reverse:{entry.pk}",
        kind="reversal",
        booked_on=booked_on,
        text=text[:LONGEST_TEXT],
        reverses=entry,
    )
    return _written(counter, legs, actor, now)


def _check(book: Book, legs: Sequence[Leg], booked_on: date) -> None:
    total = sum(amount for _, amount in legs)
    if len(legs) < FEWEST_LEGS or total != 0 or any(amount == 0 for _, amount in legs):
        raise Refused("unbalanced", f"借贷不平：合计差{yuan(total)}元。每笔至少一借一贷，金额不能为0，借贷合计要相等。")
    for account, _ in legs:
        if account.book_id != book.pk:
            raise Refused("foreign_account", f"科目“{account}”不属于账簿“{book}”，不能记在一起。")
        if account.closed_on is not None and booked_on >= account.closed_on:
            raise Refused("account_closed", f"科目“{account}”已从{cn_date(account.closed_on)}起停用，请换一个科目。")


def _written(entry: Entry, legs: Sequence[Leg], actor: Actor, now: datetime) -> Entry:
    """The entry in the database: this one, or the one that has its key already."""
    entry.legs = len(legs)
    entry.posted_by, entry.posted_label, entry.posted_at = actor.user, actor.label, now
    values: dict[str, Any] = {field.attname: getattr(entry, field.attname) for field in Entry._meta.concrete_fields}
    accounts, amounts = [account.pk for account, _ in legs], [amount for _, amount in legs]
    written = first_row(WRITE, {**values, "accounts": accounts, "amounts": amounts})
    if written is None:
        return _already(entry, legs)
    entry.pk = written[0]
    entry._state.adding = False
    return entry


def _already(wanted: Entry, legs: Sequence[Leg]) -> Entry:
    """The entry that has this key, when its postings are these; else why nothing was written."""
    entry = Entry.objects.filter(book=wanted.book, key=wanted.key).first()
    if entry is None:
        _refuse_day(wanted.book, wanted.booked_on)
    before = list(entry.postings.order_by("leg").values_list("account_id", "amount_fen"))
    if before != [(account.pk, amount) for account, amount in legs]:
        raise Refused(
            "key_used",
            f"业务“{entry.key}”已经记过账（{cn_date(entry.booked_on)} {entry.text}），金额或科目与这次不同。请先核对。",
            status=CONFLICT_STATUS,
        )
    return entry


def _refuse_day(book: Book, booked_on: date) -> NoReturn:
    book.refresh_from_db(fields=["closed_until", "opened_on"])
    if booked_on < book.opened_on:
        raise Refused(
            "before_opening", f"账簿“{book}”从{cn_date(book.opened_on)}起建账，{cn_date(booked_on)}不能记账。"
        )
    raise Refused(
        "period_closed",
        f"账簿“{book}”已结账至{cn_date(book.closed_until)}，{cn_date(booked_on)}不能再记账。请记在结账日之后，或用冲销更正。",
    )
