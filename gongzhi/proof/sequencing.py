"""The sequencer: gives waiting entries their places in the tree, in batches, and signs what the log then holds.

One at a time for each log, by an advisory lock; places, nodes and checkpoint are one transaction, so that a process
killed anywhere leaves either all of a batch or nothing, and an entry never gets two places.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from gongzhi.proof import keys, notes
from gongzhi.proof.merkle import Growth, complete_subtrees, grow
from gongzhi.proof.models import Checkpoint, Entry, Log
from gongzhi.proof.queries import log_size, stored_nodes

logger = logging.getLogger(__name__)

BATCH = 4096

PLACE = """
UPDATE proof_entry e SET leaf_index = v.place
FROM unnest(%s::bigint[], %s::bigint[]) AS v(id, place) WHERE e.id = v.id AND e.leaf_index IS NULL
"""
KEEP = """
INSERT INTO proof_treenode (log_id, level, index, hash)
SELECT %s, v.level, v.index, v.hash FROM unnest(%s::smallint[], %s::bigint[], %s::bytea[]) AS v(level, index, hash)
"""


class TreeAtFault(RuntimeError):
    """The stored tree contradicts itself; nothing was signed. `check_log` says where."""


def sequence(log: Log, *, now: datetime) -> int:
    """Places everything that waits and that this transaction can see; returns how many. Each batch ends signed."""
    placed = 0
    while True:
        batch = _sequence_batch(log, now=now)
        placed += batch
        if batch < BATCH:
            return placed


def sequence_all(*, now: datetime) -> int:
    """All logs with waiting entries. A log at fault is reported and left; the others go on."""
    waiting = Entry.objects.filter(leaf_index=None).values_list("log_id", flat=True).distinct()
    placed = 0
    for log in Log.objects.filter(pk__in=list(waiting)).order_by("pk"):
        try:
            placed += sequence(log, now=now)
        except (TreeAtFault, KeyError, IntegrityError):
            logger.exception("the log %s is at fault; nothing was signed", log)
    return placed


@transaction.atomic
def _sequence_batch(log: Log, *, now: datetime) -> int:
    signer = keys.signer(now=now)
    with connection.cursor() as cursor:
        # The next statement's snapshot is taken after the lock: it sees what the last sequencer committed.
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [keys.LOCK_CLASS, log.pk])
        cursor.execute(
            "SELECT id, leaf_hash FROM proof_entry WHERE log_id = %s AND leaf_index IS NULL ORDER BY id LIMIT %s",
            [log.pk, BATCH],
        )
        rows = cursor.fetchall()
        if not rows:
            return 0
        size = log_size(log)
        growth = grow(size, stored_nodes(log, complete_subtrees(0, size)), [bytes(row[1]) for row in rows])
        _write(cursor, log, [row[0] for row in rows], size=size, growth=growth)
    body = notes.CheckpointText(log.origin, size + len(rows), growth.root)
    Checkpoint.objects.create(
        log=log,
        size=body.size,
        root=body.root,
        signed_at=now,
        key_id=signer.pk,
        note=notes.sign_checkpoint(body, signer.private),
    )
    return len(rows)


def _write(cursor: Any, log: Log, ids: Sequence[int], *, size: int, growth: Growth) -> None:
    cursor.execute(PLACE, [list(ids), list(range(size, size + len(ids)))])
    if cursor.rowcount != len(ids):
        raise TreeAtFault(log.origin)
    levels, indexes, hashes = zip(*growth.nodes, strict=True) if growth.nodes else ((), (), ())
    cursor.execute(KEEP, [log.pk, list(levels), list(indexes), list(hashes)])
