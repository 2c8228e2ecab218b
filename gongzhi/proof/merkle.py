"""The Merkle tree of RFC 9162 section 2.1 over SHA-256: hashes, proofs, and the two verifications to the letter.

A node is `(level, index)`: the root of the complete subtree over the leaves `[index << level, (index + 1) << level)`.
Only complete subtrees are kept anywhere; they never change again when the tree grows.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

HASH_BYTES = 32
LARGEST_TREE = 1 << 62
LEAF_PREFIX, NODE_PREFIX = b"\x00", b"\x01"
EMPTY_ROOT = hashlib.sha256(b"").digest()

Node = tuple[int, int]
Range = tuple[int, int]
Reader = Callable[[Sequence[Node]], Mapping[Node, bytes]]


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(LEAF_PREFIX + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(NODE_PREFIX + left + right).digest()


def _split(size: int) -> int:
    """The largest power of two smaller than `size` (at least 2)."""
    return 1 << ((size - 1).bit_length() - 1)


def complete_subtrees(start: int, end: int) -> list[Node]:
    """The fewest complete subtrees that cover the leaves `[start, end)`, from left to right."""
    found = []
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        found.append((level, start >> level))
        start += 1 << level
    return found


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """The subtrees of PATH(index, D[size]), nearest to the leaf first."""
    if not 0 <= index < size <= LARGEST_TREE:
        raise ValueError("no such leaf in a tree of that size")
    start, end = 0, size
    found: list[Range] = []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    return found[::-1]


def consistency_ranges(first: int, second: int) -> list[Range]:
    """The subtrees of PROOF(first, D[second]); none when the two sizes are the same."""
    if not 0 < first <= second <= LARGEST_TREE:
        raise ValueError("a consistency proof leads from a tree with leaves to one at least as large")
    start, end, known = 0, second, True
    found: list[Range] = []
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start, known = middle, False
    if not known:
        found.append((start, end))
    return found[::-1]


def root_of(parts: Sequence[bytes]) -> bytes:
    """The hash over neighbouring complete subtrees that cover a range, given from left to right."""
    if not parts:
        return EMPTY_ROOT
    value = parts[-1]
    for part in reversed(parts[:-1]):
        value = node_hash(part, value)
    return value


def prove(ranges: Sequence[Range], read: Reader) -> list[bytes]:
    """The hashes of the ranges; `read` is asked once, for O(log n) nodes."""
    parts = [complete_subtrees(*one) for one in ranges]
    known = read([node for nodes in parts for node in nodes])
    return [root_of([known[node] for node in nodes]) for nodes in parts]


def root_at(size: int, read: Reader) -> bytes:
    nodes = complete_subtrees(0, size)
    known = read(nodes)
    return root_of([known[node] for node in nodes])


@dataclass(frozen=True)
class Growth:
    """What some new leaves add: the subtrees they complete (leaves themselves left out), and the new root."""

    nodes: list[tuple[int, int, bytes]]
    root: bytes


def grow(size: int, edge: Mapping[Node, bytes], leaves: Sequence[bytes]) -> Growth:
    """Adds leaf hashes to a tree of `size` leaves; `edge` holds `complete_subtrees(0, size)`."""
    last = {level: edge[level, index] for level, index in complete_subtrees(0, size)}
    nodes = []
    for index, value in enumerate(leaves, size):
        level = 0
        while index >> level & 1:
            value = node_hash(last.pop(level), value)
            level += 1
            nodes.append((level, index >> level, value))
        last[level] = value
    return Growth(nodes, root_of([last[level] for level in sorted(last, reverse=True)]))


def _hashes(*values: object) -> bool:
    return all(isinstance(value, bytes) and len(value) == HASH_BYTES for value in values)


def _whole(*values: object) -> bool:
    return all(type(value) is int and 0 <= value <= LARGEST_TREE for value in values)


def includes(path: Sequence[bytes], *, leaf: bytes, index: int, size: int, root: bytes) -> bool:
    """RFC 9162 section 2.1.3.2. Whatever is malformed is not included."""
    if not _whole(index, size) or not _hashes(leaf, root, *path) or index >= size:
        return False
    fn, sn, value = index, size - 1, leaf
    for part in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            value = node_hash(part, value)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            value = node_hash(value, part)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and value == root


def consistent(path: Sequence[bytes], *, first: int, second: int, first_root: bytes, second_root: bytes) -> bool:
    """RFC 9162 section 2.1.4.2 for 0 < first < second; equal sizes need equal roots and no path. Nothing else passes.

    From an empty tree nothing can be proven, so `first = 0` is refused, whatever the second size.
    """
    if not _whole(first, second) or not _hashes(first_root, second_root, *path) or not 0 < first <= second:
        return False
    if first == second:
        return not path and first_root == second_root
    if not path:
        return False
    rest = list(path)
    if first & (first - 1) == 0:
        rest.insert(0, first_root)
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    older = newer = rest[0]
    for part in rest[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            older, newer = node_hash(part, older), node_hash(part, newer)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            newer = node_hash(newer, part)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and older == first_root and newer == second_root
