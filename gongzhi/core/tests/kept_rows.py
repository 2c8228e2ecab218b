"""What many tests build alike is built twice; from then on its rows are copied in, as they were."""

import pickle
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from django.db import connection, transaction
from psycopg import sql

Made = TypeVar("Made")


@dataclass(frozen=True)
class _Kept:
    """`rows`: of each table that was empty, as COPY gives them; `changed`: of each that was not. `made`: what was
    built."""

    rows: dict[str, bytes]
    changed: dict[str, bytes]
    made: bytes


_seen: set[Hashable] = set()
_kept: dict[Hashable, _Kept] = {}


def built_alike(key: Hashable, build: Callable[[], Made]) -> Made:
    """`build()`; from the third time on its rows and what it returned. On a database where something is already, it is
    built. Its keys stay those of the second time: nobody may count on new ones."""
    before = _tables_with_rows()
    known = _kept.get(key)
    if known is not None and not before & known.rows.keys():
        made: Made = _brought_back(known)
        return made
    if key not in _seen or known is not None:
        _seen.add(key)
        return build()
    contents = {name: _copied(name) for name in before}
    made = build()
    changed = {name: now for name in before if (now := _copied(name)) != contents[name]}
    rows = {name: _copied(name) for name in _tables_with_rows() - before}
    _kept[key] = _Kept(rows, changed, pickle.dumps(made))
    return made


def _brought_back(known: _Kept) -> Any:
    with transaction.atomic(), connection.cursor() as cursor:
        for name in known.changed:
            cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
        for name, rows in (known.changed | known.rows).items():
            with cursor.copy(_copy(name, "FROM STDIN")) as copy:
                copy.write(rows)
    return pickle.loads(known.made)  # noqa: S301 - our own bytes of a moment ago


def _copied(name: str) -> bytes:
    with connection.cursor() as cursor, cursor.copy(_copy(name, "TO STDOUT")) as copy:
        return b"".join(copy)


def _tables_with_rows() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(_which_have_rows())
        return {name for (name,) in cursor.fetchall()}


@cache
def _which_have_rows() -> sql.Composed:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        part = sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})")
        names = [name for (name,) in cursor.fetchall()]
    return sql.SQL(" UNION ALL ").join(part.format(sql.Literal(name), sql.Identifier(name)) for name in names)


@cache
def _copy(name: str, way: str) -> sql.Composed:
    """Of the columns that are written, not of those that the database works out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
            " AND attgenerated = '' ORDER BY attnum",
            [f'"{name}"'],
        )
        columns = [sql.Identifier(one) for (one,) in cursor.fetchall()]
    return sql.SQL("COPY {} ({}) " + way).format(sql.Identifier(name), sql.SQL(", ").join(columns))
