"""What the platform writes through: open a log, append to it, commit to what it holds, take in witnesses' signatures.

Entries come in without waiting for each other: `append` inserts one row and signs a promise. The sequencer gives
places in the tree afterwards, in batches.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from psycopg import Cursor

from gongzhi.proof import exporting, keys, notes
from gongzhi.proof.leaves import Promise, canonical, hash_of, milliseconds, promise
from gongzhi.proof.models import Checkpoint, Cosignature, Log, Seal, Witness
from gongzhi.proof.sequencing import sequence

NAME = notes.KEY_NAME
LONGEST_ORIGIN = 200
SECONDS_AHEAD = 300
TRIES = 3

# A key that has been replaced meanwhile signs nothing more: then no row is written, and the newest signs. `source`: a
# FROM that has a row when the entry may be written.
APPEND = """
INSERT INTO proof_entry (log_id, leaf_hash, data, promised_ms, key_id, promise)
SELECT %(entry_log)s::bigint, %(entry_leaf)s::bytea, %(entry_data)s::text, %(entry_ms)s::bigint,
       %(entry_key)s::bigint, %(entry_promise)s::bytea {source}
WHERE %(entry_key)s::bigint = (SELECT max(id) FROM proof_signingkey)
ON CONFLICT (log_id, leaf_hash) DO NOTHING RETURNING id
"""
KNOWN_LOG = "SELECT id, origin, created_at, demo FROM proof_log WHERE origin = %s"
PLAIN_APPEND = APPEND.format(source="")


class AlreadyThere(ValueError):  # noqa: N818
    """The same entry is in the log already; an entry that may repeat carries a number or a nonce."""


class BadCosignature(ValueError):  # noqa: N818
    """Not a good signature of a registered witness under a checkpoint that this log published."""


@dataclass(frozen=True)
class Appended:
    """`pk` finds the entry again; the promise goes to whoever handed the entry in."""

    pk: int
    promise: Promise


def open_log(name: str, *, now: datetime, demo: bool = False) -> Log:
    """The log of that name under the installation's own; made when it is not there yet. Example: `vote/12`."""
    origin = f"{settings.PROOF_SITE}/{name}"
    if not NAME.fullmatch(origin) or len(origin) > LONGEST_ORIGIN:
        raise ValueError(f"a log's name has no spaces and no plus sign: {name!r}")
    connection.ensure_connection()
    with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
        cursor.execute(KNOWN_LOG, [origin], prepare=True)
        row = cursor.fetchone()
    if row is not None:
        return Log.from_db(connection.alias, ("id", "origin", "created_at", "demo"), row)
    return Log.objects.get_or_create(origin=origin, defaults={"created_at": now, "demo": demo})[0]


def append(log: Log, entry: Mapping[str, Any], *, now: datetime) -> Appended:
    """Puts an entry (JSON of whole numbers, texts, lists, objects) into the log, in the caller's transaction.

    The promise counts from the moment at which that transaction has committed. Raises `BadEntry` and `AlreadyThere`.
    Entries are published: no personal data in them.
    """
    leaf = ""
    connection.ensure_connection()
    for values, made in signed(log, entry, now=now):
        with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
            cursor.execute(PLAIN_APPEND, values, prepare=True)
            row = cursor.fetchone()
        if row is not None:
            return Appended(row[0], made)
        leaf = made.leaf.hex()
    raise AlreadyThere(leaf)


def signed(log: Log, entry: Mapping[str, Any], *, now: datetime) -> Iterator[tuple[dict[str, Any], Promise]]:
    """The values of `APPEND` with the promise; again with the newest key where the first turns out to be replaced.

    For a caller who writes his own row with the entry in one statement: `WITH entry AS (APPEND) INSERT …`.
    """
    text = canonical(entry, origin=log.origin)
    leaf, at_ms = hash_of(text), milliseconds(now)
    signer = keys.known_signer() or keys.signer(now=now)
    for _ in range(TRIES):
        made = promise(log.origin, leaf=leaf, at_ms=at_ms, key=signer.private, public_key=signer.public)
        yield (
            {
                "entry_log": log.pk,
                "entry_leaf": leaf,
                "entry_data": text,
                "entry_ms": at_ms,
                "entry_key": signer.pk,
                "entry_promise": made.signature,
            },
            made,
        )
        newest = keys.signer(now=now)
        if newest.pk == signer.pk:
            return
        signer = newest


def checkpoint(log: Log, *, now: datetime) -> Checkpoint | None:
    """Sequences all that is committed or written in this transaction, and returns the newest checkpoint.

    None for a log without entries. At a vote's close: call it in the transaction that refuses further ballots.
    """
    sequence(log, now=now)
    return Checkpoint.objects.filter(log=log).order_by("-size").first()


@transaction.atomic
def ask_for_seal(at: Checkpoint, *, now: datetime) -> Seal:
    """Queues a time-stamp over the checkpoint; `tasks.seal` fetches it from the authority."""
    return Seal.objects.get_or_create(checkpoint=at, defaults={"requested_at": now, "next_at": now})[0]


def add_witness(*, name: str, public_key: bytes, label: str, log: Log | None, now: datetime) -> Witness:
    """Registers whose co-signatures count. `name` is the key's name in signatures, without spaces."""
    notes.key_id(name, public_key)
    return Witness.objects.create(name=name, public=public_key, label=label, log=log, added_at=now)


@transaction.atomic
def take_cosignature(note: str, line: str, *, now: datetime) -> Cosignature:
    """Verifies a witness's line under a checkpoint of ours and keeps it; the same one again changes nothing."""
    try:
        parsed = notes.parse_note(note)
        body = notes.parse_checkpoint(parsed)
    except notes.BadNote as error:
        raise BadCosignature(str(error)) from error
    found = Checkpoint.objects.select_related("log").filter(log__origin=body.origin, size=body.size).first()
    if found is None or found.note.partition("\n\n")[0] + "\n" != parsed.text:
        raise BadCosignature("the log published no such checkpoint")
    witness, seen_at = _witness_of(found, parsed, line, now=now)
    return Cosignature.objects.get_or_create(
        checkpoint=found, witness=witness, defaults={"seen_at": seen_at, "line": f"{line.strip()}\n"}
    )[0]


def _witness_of(found: Checkpoint, parsed: notes.Note, line: str, *, now: datetime) -> tuple[Witness, datetime]:
    serving = Witness.objects.filter(ended_at=None, log=None) | Witness.objects.filter(ended_at=None, log=found.log)
    for witness in serving.order_by("pk"):
        try:
            seconds = notes.cosigned_at(parsed, line.strip(), name=witness.name, public_key=bytes(witness.public))
        except notes.BadNote:
            continue
        if not 0 < seconds <= now.timestamp() + SECONDS_AHEAD:
            raise BadCosignature("the co-signature is dated ahead of the clock")
        return witness, datetime.fromtimestamp(seconds, tz=UTC)
    raise BadCosignature("no registered witness signed this line")


def export(at: Checkpoint, *, members: Mapping[str, bytes], now: datetime) -> bytes:
    """One zip with the log up to that checkpoint and the caller's members, for `verify.py` and `gongzhi verify`."""
    return exporting.export(at, members=members, key=keys.signer(now=now).private)
