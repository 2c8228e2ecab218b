"""Pages by key: a cursor says after which row to go on, so that what is added meanwhile moves nothing.

The cursor is signed and opaque. It belongs to one order of one list.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from django.core import signing
from django.db.models import F, Q, QuerySet
from ninja import Query, Schema
from pydantic import Field

from gongzhi.core.apikit.problems import ApiProblem

SALT = "gongzhi.api.cursor"
USUAL, MOST = 50, 200
LONGEST_CURSOR = 600
T = TypeVar("T")


class Page(Schema, Generic[T]):
    items: list[T] = Field(description="这一页的内容")
    next_cursor: str | None = Field(description="下一页的游标；没有下一页的为空")


class Paging(Schema):
    """The parameters of every list."""

    limit: int = Field(USUAL, ge=1, le=MOST, description=f"一页几条，最多{MOST}")
    cursor: str = Field("", max_length=LONGEST_CURSOR, description="上一页给出的游标；第一页不填")


Paged = Query(...)


@dataclass(frozen=True)
class Key:
    """One column of the order. The last one is unique, so that the order is total."""

    name: str
    descending: bool = False
    nulls_first: bool = False

    def ordering(self) -> Any:
        column = F(self.name)
        if self.descending:
            return column.desc(nulls_first=True) if self.nulls_first else column.desc(nulls_last=True)
        return column.asc(nulls_first=True) if self.nulls_first else column.asc(nulls_last=True)

    def same(self, value: Any) -> Q:
        return Q(**{f"{self.name}__isnull": True}) if value is None else Q(**{self.name: value})

    def after(self, value: Any) -> Q:
        if value is None:
            return Q(**{f"{self.name}__isnull": False}) if self.nulls_first else Q(pk__in=[])
        further = Q(**{f"{self.name}__{'lt' if self.descending else 'gt'}": value})
        return further if self.nulls_first else further | Q(**{f"{self.name}__isnull": True})


def keys(*names: str) -> tuple[Key, ...]:
    """`-received_at` goes down."""
    return tuple(Key(name.lstrip("-"), descending=name.startswith("-")) for name in names)


def page_of(
    rows: QuerySet[Any], shown: Callable[[Any], T], *, by: Sequence[Key], given: Paging, of: str
) -> dict[str, Any]:
    """`of` names the list and its order: a cursor of another one is refused."""
    found = taken(rows, by=by, given=given, of=of)
    return {"items": [shown(row) for row in found.rows], "next_cursor": found.cursor}


@dataclass(frozen=True)
class Taken:
    rows: list[Any]
    cursor: str | None


def taken(rows: QuerySet[Any], *, by: Sequence[Key], given: Paging, of: str) -> Taken:
    if given.cursor:
        rows = rows.filter(_beyond(by, _opened(given.cursor, of, len(by))))
    found = list(rows.order_by(*(key.ordering() for key in by))[: given.limit + 1])
    if len(found) <= given.limit:
        return Taken(found, None)
    found = found[: given.limit]
    return Taken(found, _closed([_value(found[-1], key.name) for key in by], of))


def listed(rows: Sequence[Any], shown: Callable[[Any], T], *, given: Paging, of: str) -> dict[str, Any]:
    """A list that is computed anew and has no rows of its own: the cursor is the number of those shown."""
    start = int(_opened(given.cursor, of, 1)[0]) if given.cursor else 0
    end = start + given.limit
    return {
        "items": [shown(row) for row in rows[start:end]],
        "next_cursor": _closed([end], of) if end < len(rows) else None,
    }


def _beyond(by: Sequence[Key], values: Sequence[Any]) -> Q:
    """Lexicographic: after the first column, or the same there and after the second, …"""
    wanted, same = Q(pk__in=[]), Q()
    for key, value in zip(by, values, strict=True):
        wanted |= same & key.after(value)
        same &= key.same(value)
    return wanted


def _value(row: Any, name: str) -> Any:
    for part in name.split("__"):
        row = getattr(row, part)
    return row


_MARKS: tuple[tuple[type, str], ...] = ((datetime, "t"), (date, "d"), (Decimal, "n"))
_READERS: dict[str, Callable[[str], Any]] = {"t": datetime.fromisoformat, "d": date.fromisoformat, "n": Decimal}


def _closed(values: Iterable[Any], of: str) -> str:
    packed = []
    for value in values:
        mark = next((mark for kind, mark in _MARKS if isinstance(value, kind)), "")
        packed.append([mark, value.isoformat() if mark in ("t", "d") else str(value)] if mark else value)
    return signing.dumps([of, packed], salt=SALT, compress=True)


def _opened(cursor: str, of: str, length: int) -> list[Any]:
    try:
        whose, packed = signing.loads(cursor, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise _bad() from error
    if whose != of or len(packed) != length:
        raise _bad()
    return [_READERS[one[0]](one[1]) if isinstance(one, list) else one for one in packed]


def _bad() -> ApiProblem:
    return ApiProblem(400, code="cursor", message="游标不对：请原样传回上一页给的游标，筛选和排序也要相同。")
