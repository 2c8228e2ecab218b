"""A closed period in the proof log: one leaf that commits to every entry of the period and to the balances after it.

Whoever owns the database can switch triggers off and rewrite the books; then the leaf, of which receipts are out, is
not that of the books any more.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from gongzhi.ledger.models import Book, ClosedBalance, Entry, Posting
from gongzhi.proof import merkle
from gongzhi.proof import queries as proof_queries
from gongzhi.proof import services as proof
from gongzhi.proof.leaves import canonical, hash_of

READ_AT_ONCE = 5000


def seal_period(book: Book, *, until: date, now: datetime) -> None:
    """Part of closing it: balances of `until` are kept already."""
    log = proof.open_log(_log_name(book), now=now, demo=book.demo)
    proof.append(log, _leaf(book, until), now=now)


def receipt_of_period(book: Book, until: date) -> dict[str, Any] | None:
    """The proof that the period ending that day was closed with these entries and balances.

    None: no such period was closed, or the books are not those that were sealed.
    """
    log = proof_queries.log_named(_log_name(book))
    if log is None or not ClosedBalance.objects.filter(account__book=book, on=until).exists():
        return None
    entry = proof_queries.entry_of(log, hash_of(canonical(_leaf(book, until), origin=log.origin)))
    return proof_queries.receipt(entry) if entry is not None else None


def _log_name(book: Book) -> str:
    return "zhangbu-shifan" if book.demo else "zhangbu"


def _leaf(book: Book, until: date) -> dict[str, Any]:
    """Roots (RFC 9162) over the entries in the order of their numbers, and over the balances in that of the accounts.

    Texts of entries are in the roots, not in the leaf, which is published.
    """
    since = ClosedBalance.objects.filter(account__book=book, on__lt=until).order_by("-on").values_list("on", flat=True)
    before = since.first()
    entries = [hash_of(canonical(row, origin=book.ref.key)) for row in _rows(book, before, until)]
    kept = ClosedBalance.objects.filter(account__book=book, on=until).order_by("account__code")
    balances = [
        hash_of(canonical({"account": code, "fen": fen}, origin=book.ref.key))
        for code, fen in kept.values_list("account__code", "amount_fen")
    ]
    return {
        "kind": "book.period_closed",
        "book": book.pk,
        "after": before.isoformat() if before else None,
        "until": until.isoformat(),
        "entries": len(entries),
        "entries_root": merkle.grow(0, {}, entries).root.hex() if entries else None,
        "accounts": len(balances),
        "balances_root": merkle.grow(0, {}, balances).root.hex() if balances else None,
    }


def _rows(book: Book, before: date | None, until: date) -> Iterator[dict[str, Any]]:
    """Every entry of the period as it is committed to, with its postings."""
    found = Entry.objects.filter(book=book, booked_on__lte=until)
    legs = Posting.objects.filter(entry__book=book, booked_on__lte=until)
    if before is not None:
        found, legs = found.filter(booked_on__gt=before), legs.filter(booked_on__gt=before)
    postings = legs.order_by("entry_id", "leg").values_list("entry_id", "account__code", "amount_fen")
    walk = postings.iterator(READ_AT_ONCE)
    posting = next(walk, None)
    for entry in found.order_by("pk").iterator(READ_AT_ONCE):
        own = []
        while posting is not None and posting[0] == entry.pk:
            own.append([posting[1], posting[2]])
            posting = next(walk, None)
        yield {
            "entry": entry.pk,
            "key": entry.key,
            "kind": entry.kind,
            "booked_on": entry.booked_on.isoformat(),
            "text": entry.text,
            "source": [entry.source_kind, entry.source_id],
            "reverses": entry.reverses_id,
            "posted_by": entry.posted_by_id,
            "posted_at": entry.posted_at.astimezone(UTC).isoformat(),
            "legs": own,
        }
