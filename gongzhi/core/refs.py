"""References to rows of other packages: kind, id, title, place. Who resolves a kind registers it. No Django."""

from collections.abc import Callable
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


_kinds: dict[str, RefKind] = {}


def register_kind(
    kind: str,
    *,
    load: Callable[[str], Any | None],
    may_read: Callable[[Any, Any], bool],
    url: Callable[[Any], str] | None = None,
) -> None:
    """Called from AppConfig.ready. `load(id)` gives the row or None; `may_read(actor, row)` guards its files."""
    _kinds[kind] = RefKind(load, may_read, url)


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


def url_of(ref: Ref) -> str:
    known = _kinds.get(ref.kind)
    row = known.load(ref.id) if known and known.url else None
    return known.url(row) if known and known.url and row is not None else ""
