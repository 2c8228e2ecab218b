"""References to rows of other packages: kind, id, title, place. Who resolves a kind registers it. No Django."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Ref:
    """One row somewhere on the platform. Two refs are equal when kind and id are."""

    kind: str
    id: str
    title: str = field(default="", compare=False)
    place_path: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", str(self.id))
        if not self.kind or ":" in self.kind:
            raise ValueError(f"not a kind of reference: {self.kind!r}")

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.id}"

    @classmethod
    def of_key(cls, key: str) -> "Ref":
        kind, colon, row = key.partition(":")
        if not colon:
            raise ValueError(f"not a reference: {key!r}")
        return cls(kind, row)


@dataclass(frozen=True, slots=True)
class RefKind:
    load: Callable[[str], Any | None]
    may_read: Callable[[Any, Any], bool]
    url: Callable[[Any], str] | None = None
    readable: Callable[[Any], Any | None] | None = None
    many: "Many | None" = None
    helps: Callable[[Any, Any], bool] | None = None


# Of these ids the rows that the actor may read, in a few statements whatever their number: rows whose own keys the ids
# are, or each under the id that was asked for.
Many = Callable[[Any, Sequence[str]], Iterable[Any] | Mapping[str, Any]]

_kinds: dict[str, RefKind] = {}


def register_kind(
    kind: str,
    *,
    load: Callable[[str], Any | None],
    may_read: Callable[[Any, Any], bool],
    url: Callable[[Any], str] | None = None,
    readable: Callable[[Any], Any | None] | None = None,
    many: "Many | None" = None,
    helps: Callable[[Any, Any], bool] | None = None,
) -> None:
    """Called from AppConfig.ready. `load(id)` gives the row or None; `may_read(actor, row)` guards its files.

    `readable(actor)`: for kinds whose titles not everybody above may read, a query for the ids (as text) of the rows
    that he may; None when he may read all of his place. `many` says of several rows at once what `may_read` says of
    one; without it they are asked for one by one. `helps(actor, row)`: whether he is the one to help the person of the
    row, and has to reach him.
    """
    _kinds[kind] = RefKind(load, may_read, url, readable, many, helps)


def is_known(kind: str) -> bool:
    return kind in _kinds


def resolve(ref: Ref) -> Any | None:
    known = _kinds.get(ref.kind)
    return known.load(ref.id) if known else None


def may_read(actor: Any, ref: Ref) -> bool:
    """False for a kind nobody registered and a row that is gone."""
    known = _kinds.get(ref.kind)
    row = known.load(ref.id) if known else None
    return bool(known and row is not None and known.may_read(actor, row))


def helps(actor: Any, ref: Ref) -> bool:
    known = _kinds.get(ref.kind)
    row = known.load(ref.id) if known and known.helps else None
    return bool(known and known.helps and row is not None and known.helps(actor, row))


def readable_ids(actor: Any) -> dict[str, Any]:
    """Of each kind that is shut to some of those above: the ids that the actor may read. Kinds open to him are out."""
    asked = {kind: one.readable(actor) for kind, one in _kinds.items() if one.readable is not None}
    return {kind: ids for kind, ids in asked.items() if ids is not None}


def is_shut(actor: Any, ref: Ref) -> bool:
    """Whether the row is of such a kind, and not for the actor's eyes."""
    known = _kinds.get(ref.kind)
    shut = known is not None and known.readable is not None and known.readable(actor) is not None
    return shut and not may_read(actor, ref)


def url_of(ref: Ref) -> str:
    known = _kinds.get(ref.kind)
    row = known.load(ref.id) if known and known.url else None
    return known.url(row) if known and known.url and row is not None else ""


def readable(actor: Any, wanted: Iterable[Ref]) -> dict[str, str]:
    """Of these references those whose rows the actor may read, by key, each with its address or nothing."""
    by_kind: dict[str, dict[str, None]] = defaultdict(dict)
    for ref in wanted:
        by_kind[ref.kind][ref.id] = None
    found: dict[str, str] = {}
    for kind, ids in by_kind.items():
        known = _kinds.get(kind)
        if known is None:
            continue
        if known.many is not None:
            listed: Any = known.many(actor, list(ids))
            rows = dict(listed) if isinstance(listed, Mapping) else {str(row.pk): row for row in listed}
        else:
            loaded = {one: known.load(one) for one in ids}
            rows = {one: row for one, row in loaded.items() if row is not None and known.may_read(actor, row)}
        for one, row in rows.items():
            found[f"{kind}:{one}"] = known.url(row) if known.url else ""
    return found
