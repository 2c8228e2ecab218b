"""Reading a log: nodes, proofs, promises, receipts; comparing checkpoints; checking the whole of it."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.conf import settings
from django.db import connection
from django.db.models import Max

from gongzhi.proof import leaves, merkle, notes
from gongzhi.proof.models import Checkpoint, Entry, Log, SigningKey

RECEIPT_FORMAT = "gongzhi-receipt-1"
CHECKED_AT_ONCE = 10_000

NODES = """
SELECT 0, e.leaf_index, e.leaf_hash FROM proof_entry e WHERE e.log_id = %(log)s AND e.leaf_index = ANY(%(leaves)s)
UNION ALL
SELECT n.level, n.index, n.hash FROM unnest(%(levels)s::smallint[], %(indexes)s::bigint[]) AS v(level, index)
JOIN proof_treenode n ON n.log_id = %(log)s AND n.level = v.level AND n.index = v.index
"""


def log_named(name: str) -> Log | None:
    """The log of that name under this installation's own, if there is one."""
    return Log.objects.filter(origin=f"{settings.PROOF_SITE}/{name}").first()


def log_size(log: Log) -> int:
    """How many entries have their place."""
    last = Entry.objects.filter(log=log).aggregate(last=Max("leaf_index"))["last"]
    return 0 if last is None else last + 1


def stored_nodes(log: Log, wanted: Sequence[merkle.Node]) -> Mapping[merkle.Node, bytes]:
    """One query, one row a node."""
    inner = [node for node in wanted if node[0]]
    values: dict[str, Any] = {
        "log": log.pk,
        "leaves": [index for level, index in wanted if not level],
        "levels": [level for level, _ in inner],
        "indexes": [index for _, index in inner],
    }
    with connection.cursor() as cursor:
        cursor.execute(NODES, values)
        return {(level, index): bytes(value) for level, index, value in cursor.fetchall()}


def inclusion(log: Log, index: int, size: int) -> list[bytes]:
    """The inclusion proof of a leaf in the tree of that size."""
    return merkle.prove(merkle.inclusion_ranges(index, size), lambda wanted: stored_nodes(log, wanted))


def consistency(log: Log, first: int, second: int) -> list[bytes]:
    return merkle.prove(merkle.consistency_ranges(first, second), lambda wanted: stored_nodes(log, wanted))


def root_at(log: Log, size: int) -> bytes:
    return merkle.root_at(size, lambda wanted: stored_nodes(log, wanted))


def newest_checkpoint(log: Log) -> Checkpoint | None:
    return Checkpoint.objects.filter(log=log).order_by("-size").first()


def entry_of(log: Log, leaf: bytes) -> Entry | None:
    return Entry.objects.filter(log=log, leaf_hash=leaf).first()


def promise_of(entry: Entry) -> leaves.Promise:
    return leaves.Promise(
        entry.log.origin,
        bytes(entry.leaf_hash),
        entry.promised_ms,
        bytes(entry.key.public),
        bytes(entry.promise),
    )


def receipt(entry: Entry) -> dict[str, Any]:
    """What its owner keeps: leaf, promise and, once the entry has its place, checkpoint and inclusion proof."""
    made = promise_of(entry)
    found: dict[str, Any] = {
        "format": RECEIPT_FORMAT,
        "log": made.origin,
        "leaf": made.leaf.hex(),
        "promise": {
            "at": made.at_ms,
            "key": made.public_key.hex(),
            "signature": base64.b64encode(made.signature).decode(),
        },
    }
    newest = newest_checkpoint(entry.log)
    if entry.leaf_index is None or newest is None:
        return found
    path = inclusion(entry.log, entry.leaf_index, newest.size)
    found["inclusion"] = {"index": entry.leaf_index, "path": [base64.b64encode(one).decode() for one in path]}
    found["checkpoint"] = {"note": newest.note, "key": bytes(newest.key.public).hex()}
    return found


Verdict = Literal["unknown", "unsigned", "split", "ahead", "same", "consistent"]


@dataclass(frozen=True)
class Comparison:
    """How somebody's checkpoint stands to our log.

    `split`: signed by us, and not a beginning of what the log holds now: two views were shown. `ahead`: larger than
    the log, which has lost entries. `unsigned`: no key of ours signed it.
    """

    verdict: Verdict
    size: int = 0
    proof: tuple[bytes, ...] = ()
    newest: Checkpoint | None = None


def compare(note: str) -> Comparison:
    """Holds a checkpoint that somebody kept against the log. Raises `BadNote` when it is none."""
    parsed = notes.parse_note(note)
    body = notes.parse_checkpoint(parsed)
    log = Log.objects.filter(origin=body.origin).first()
    newest = newest_checkpoint(log) if log else None
    if log is None or newest is None:
        return Comparison("unknown", body.size)
    keys = [bytes(public) for public in SigningKey.objects.values_list("public", flat=True)]
    if not any(notes.signed_by(parsed, name=body.origin, public_key=public) for public in keys):
        return Comparison("unsigned", body.size)
    if body.size > newest.size:
        return Comparison("ahead", body.size, newest=newest)
    if not body.size or root_at(log, body.size) != body.root:
        return Comparison("split", body.size, newest=newest)
    if body.size == newest.size:
        return Comparison("same", body.size, newest=newest)
    return Comparison("consistent", body.size, tuple(consistency(log, body.size, newest.size)), newest)


def faults(log: Log) -> Iterator[str]:
    """Recomputes everything from the entries' texts: leaf hashes, places without gaps, nodes, checkpoints, promises."""
    notes_by_size = {one.size: one for one in Checkpoint.objects.filter(log=log).select_related("key")}
    size, edge = 0, dict[merkle.Node, bytes]()
    placed = Entry.objects.filter(log=log, leaf_index__gte=0).select_related("key").order_by("leaf_index")
    batch: list[Entry] = []
    for entry in placed.iterator(CHECKED_AT_ONCE):
        entry.log = log
        if entry.leaf_index != size + len(batch):
            yield f"第 {size + len(batch)} 条缺失"
            return
        yield from _entry_faults(entry)
        batch.append(entry)
        if len(batch) == CHECKED_AT_ONCE or entry.leaf_index + 1 in notes_by_size:
            growth = merkle.grow(size, edge, [leaves.hash_of(one.data) for one in batch])
            yield from _growth_faults(log, growth)
            size, batch = size + len(batch), []
            edge = _edge_after(edge, growth, size=size, last=leaves.hash_of(entry.data))
            if size in notes_by_size:
                yield from _checkpoint_faults(log, notes_by_size.pop(size), growth.root)
    if batch:
        yield f"第 {size} 条起没有检查点"
    yield from (f"{other} 条的检查点大于日志" for other in sorted(notes_by_size))
    for waiting in Entry.objects.filter(log=log, leaf_index=None).select_related("key").iterator():
        waiting.log = log
        yield from _entry_faults(waiting)


def _entry_faults(entry: Entry) -> Iterator[str]:
    shown = f"第 {entry.leaf_index} 条" if entry.leaf_index is not None else f"未排序的条目 {entry.pk}"
    if leaves.hash_of(entry.data) != bytes(entry.leaf_hash):
        yield f"{shown}的内容与叶子哈希不符"
    if not promise_of(entry).holds:
        yield f"{shown}的承诺签名无效"


def _growth_faults(log: Log, growth: merkle.Growth) -> Iterator[str]:
    kept = stored_nodes(log, [(level, index) for level, index, _ in growth.nodes])
    for level, index, value in growth.nodes:
        if kept.get((level, index)) != value:
            yield f"树节点 {level}/{index} 缺失或不符"


def _edge_after(
    edge: Mapping[merkle.Node, bytes], growth: merkle.Growth, *, size: int, last: bytes
) -> dict[merkle.Node, bytes]:
    known = {**edge, **{(level, index): value for level, index, value in growth.nodes}, (0, size - 1): last}
    return {node: known[node] for node in merkle.complete_subtrees(0, size)}


def _checkpoint_faults(log: Log, found: Checkpoint, root: bytes) -> Iterator[str]:
    body = notes.CheckpointText(log.origin, found.size, root)
    try:
        parsed = notes.parse_note(found.note)
        good = parsed.text == body.text and notes.signed_by(parsed, name=log.origin, public_key=bytes(found.key.public))
    except notes.BadNote:
        good = False
    if not good or bytes(found.root) != root:
        yield f"{found.size} 条的检查点与日志不符"
