"""Statements that run thousands of times an hour, planned once a connection."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, LiteralString, TypeVar, cast

from django.db import connection, models
from django.db.models.expressions import DatabaseDefault
from django.db.models.query import ModelIterable
from django.db.transaction import mark_for_rollback_on_error
from psycopg import Cursor

Row = TypeVar("Row", bound=models.Model)


def first_row(statement: LiteralString | bytes, values: Mapping[str, Any] | Sequence[Any]) -> tuple[Any, ...] | None:
    """Not through Django's cursor: that sends the text anew each time, and planning it costs more than running it."""
    with _run(statement, values) as cursor:
        return cursor.fetchone()


@contextmanager
def _run(statement: LiteralString | bytes, values: Mapping[str, Any] | Sequence[Any]) -> Iterator[Cursor[Any]]:
    """Whoever counts the questions to the database counts this one, too."""
    connection.ensure_connection()
    if connection.queries_logged:
        text = statement.decode() if isinstance(statement, bytes) else statement
        connection.queries_log.append({"sql": text, "time": "0"})
    with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
        cursor.execute(statement, values, prepare=True)
        yield cursor


class Fetch(Generic[Row]):
    """A query of one shape for rows of a model, compiled once a process. `build` makes it of numbers and texts, which
    stand in it as they are given."""

    def __init__(self, build: Callable[..., models.QuerySet[Row]]) -> None:
        self._build = build
        self._compiled: _Compiled | None = None

    def __call__(self, *given: int | str) -> list[Row]:
        if self._compiled is None:
            self._compiled = self._compile()
        known = self._compiled
        with _run(known.statement, [one if place is None else given[place] for place, one in known.params]) as cursor:
            return list(ModelIterable(cast(Any, _Answered(known.rows, _Ready(known.compiler, cursor.fetchall())))))

    def _compile(self) -> "_Compiled":
        kinds = [kind for name, kind in self._build.__annotations__.items() if name != "return"]
        marks: list[Any] = [_NUMBER - place if kind is int else f"{_TEXT}{place}" for place, kind in enumerate(kinds)]
        rows = self._build(*marks)
        compiler = rows.query.get_compiler(using=rows.db)
        text, values = compiler.as_sql()
        params = [(marks.index(one), None) if one in marks else (None, one) for one in values]
        assert {place for place, _ in params} >= set(range(len(marks))), text  # noqa: S101 - each stands in the query
        return _Compiled(rows, compiler, text.encode(), params)


_NUMBER, _TEXT = -9_000_000_000_000_000, "\x01given "  # no key of any row, no text of anybody


@dataclass(frozen=True)
class _Compiled:
    """`params`: the place of what is given, or what always stands there."""

    rows: models.QuerySet[Any]
    compiler: Any
    statement: bytes
    params: list[tuple[Any, Any]]


class _Ready:
    """A compiler whose statement has been answered."""

    def __init__(self, compiler: Any, rows: list[Any]) -> None:
        self._compiler, self._rows = compiler, rows

    def execute_sql(self, **_: Any) -> list[list[Any]]:
        return [self._rows]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._compiler, name)


class _Answered:
    """What Django's own maker of rows asks a query set for."""

    def __init__(self, rows: models.QuerySet[Any], ready: _Ready) -> None:
        self.db, self.model, self.query = rows.db, rows.model, self
        self._known_related_objects: dict[Any, Any] = {}
        self._ready = ready

    def get_compiler(self, **_: Any) -> _Ready:
        return self._ready


def insert(rows: Sequence[Row]) -> list[Row]:
    """Writes new rows, in the caller's transaction, as `bulk_create` does: they have their keys afterwards.

    For the rows of which every act writes some. The statement is built once a model, not from its fields each time.
    """
    with mark_for_rollback_on_error(using=connection.alias):
        for row in rows:
            _insert(row)
    return list(rows)


def _insert(row: models.Model) -> None:
    columns: list[str] = []
    values: list[Any] = []
    for field in row._meta.local_concrete_fields:
        value = field.pre_save(row, True)
        if isinstance(value, DatabaseDefault) or (value is None and field.primary_key):
            continue  # the database knows
        columns.append(str(field.column))
        values.append(field.get_db_prep_save(value, connection))
    found = first_row(_insertion(type(row), tuple(columns)), values)
    assert found is not None  # noqa: S101 - an INSERT that does not fail returns its row
    row.pk = found[0]
    row._state.adding, row._state.db = False, connection.alias


@lru_cache
def _insertion(model: type[models.Model], columns: tuple[str, ...]) -> bytes:
    quoted = connection.ops.quote_name
    key = model._meta.pk
    assert key is not None  # noqa: S101 - every model has one
    names, marks = ", ".join(map(quoted, columns)), ", ".join(["%s"] * len(columns))
    table = quoted(model._meta.db_table)
    text = f"INSERT INTO {table} ({names}) VALUES ({marks}) RETURNING {quoted(str(key.column))}"  # noqa: S608 - own names
    return text.encode()
