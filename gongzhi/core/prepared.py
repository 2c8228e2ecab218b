"""Statements that run thousands of times an hour, planned once a connection."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from itertools import count
from types import NoneType
from typing import Any, ClassVar, Generic, LiteralString, TypeVar, cast

from django.contrib.postgres.fields import ArrayField
from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.models.expressions import DatabaseDefault
from django.db.models.query import ModelIterable
from django.db.transaction import mark_for_rollback_on_error
from psycopg import Cursor, RawCursor
from psycopg.adapt import AdaptersMap
from psycopg.types.datetime import TimestamptzLoader

MOST_PREPARED = 500  # statements that a connection keeps planned

Row = TypeVar("Row", bound=models.Model)


class _Quick:
    """Reads moments by the driver's own class: Django's reads the same, every connection being in UTC, but not in C."""

    _known: ClassVar[AdaptersMap | None] = None

    @property
    def adapters(self) -> AdaptersMap:
        if _Quick._known is None:
            _Quick._known = AdaptersMap(cast(Any, self).connection.adapters)
            _Quick._known.register_loader("timestamptz", TimestamptzLoader)
        return _Quick._known


class _Named(_Quick, Cursor[Any]):
    """Values by `%s` or `%(name)s`."""


class _Raw(_Quick, RawCursor[Any]):
    """Values by `$1`, `$2`."""


def first_row(statement: LiteralString | bytes, values: Mapping[str, Any] | Sequence[Any]) -> tuple[Any, ...] | None:
    """Not through Django's cursor: that sends the text anew each time, and planning it costs more than running it."""
    return _run(statement, values).fetchone()


def all_rows(statement: LiteralString | bytes, values: Mapping[str, Any] | Sequence[Any]) -> list[tuple[Any, ...]]:
    return _run(statement, values).fetchall()


def execute(statement: LiteralString | bytes, values: Mapping[str, Any] | Sequence[Any]) -> int:
    """The number of rows that it touched."""
    return _run(statement, values).rowcount


def _run(
    statement: LiteralString | bytes,
    values: Mapping[str, Any] | Sequence[Any],
    kind: type[_Named] | type[_Raw] = _Named,
) -> _Named | _Raw:
    """Whoever counts the questions to the database counts this one, too."""
    database = connections[DEFAULT_DB_ALIAS]
    database.ensure_connection()
    database.connection.prepared_max = MOST_PREPARED
    if database.queries_logged:
        text = statement.decode() if isinstance(statement, bytes) else statement
        database.queries_log.append({"sql": text, "time": "0"})
    with database.wrap_database_errors:
        return kind(database.connection).execute(statement, values, prepare=True)


def _numbered(text: str) -> bytes:
    """With `$1`, `$2` for `%s`, as the database has it: nobody takes a long statement apart each time."""
    numbers = count(1)
    return re.sub("%(s|%)", lambda mark: "%" if mark[1] == "%" else f"${next(numbers)}", text).encode()


@models.Field.register_lookup
class AnyOf(models.Lookup):
    """`column__any_of=[…]`: as `in`, with the list as one value, so that its length does not change the statement."""

    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        left, values = self.process_lhs(compiler, connection)
        return f"{left} = ANY(%s)", [*values, self.rhs]


class Fetch(Generic[Row]):
    """A query of one shape for rows of a model, compiled once a process. `build` makes it of numbers, texts, days,
    moments and lists (`any_of`), which stand in it as they are given."""

    def __init__(self, build: Callable[..., models.QuerySet[Row]]) -> None:
        self._build = build
        self._compiled: _Compiled | None = None

    def __call__(self, *given: int | str | date | list[int] | list[str]) -> list[Row]:
        if self._compiled is None:
            self._compiled = self._compile()
        known = self._compiled
        values = [one if place is None else given[place] for place, one in known.params]
        found = _run(known.statement, values, _Raw).fetchall()
        return list(ModelIterable(cast(Any, _Answered(known.rows, _Ready(known, found)))))

    def _compile(self) -> "_Compiled":
        kinds = [kind for name, kind in self._build.__annotations__.items() if name != "return"]
        marks: list[Any] = [_MARKS[kind](place) for place, kind in enumerate(kinds)]
        rows = self._build(*marks)
        compiler = rows.query.get_compiler(using=rows.db)
        text, values = compiler.as_sql()
        params = [(marks.index(one), None) if one in marks else (None, one) for one in values]
        assert {place for place, _ in params} >= set(range(len(marks))), text  # noqa: S101 - each stands in the query
        converters = compiler.get_converters([one[0] for one in compiler.select])
        return _Compiled(rows, compiler, _numbered(text), params, converters)


# No key of any row, no text of anybody, days before the calendar.
_MARKS: Mapping[Any, Callable[[int], Any]] = {
    int: lambda place: -9_000_000_000_000_000 - place,
    list[int]: lambda place: [-9_000_000_000_000_000 - place],
    str: lambda place: f"\x01given {place}",
    list[str]: lambda place: [f"\x01given {place}"],
    date: lambda place: date.min + timedelta(days=place),
    datetime: lambda place: datetime(1, 1, 1, tzinfo=UTC) + timedelta(days=place + 1),
}


@dataclass(frozen=True)
class _Compiled:
    """`params`: the place of what is given, or what always stands there."""

    rows: models.QuerySet[Any]
    compiler: Any
    statement: bytes
    params: list[tuple[Any, Any]]
    converters: Any


class _Ready:
    """A compiler whose statement has been answered."""

    def __init__(self, known: _Compiled, rows: list[Any]) -> None:
        self._known, self._rows = known, rows

    def execute_sql(self, **_: Any) -> list[list[Any]]:
        return [self._rows]

    def results_iter(self, results: list[list[Any]], **_: Any) -> Iterable[Any]:
        known = self._known
        return known.compiler.apply_converters(results[0], known.converters) if known.converters else results[0]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._known.compiler, name)


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
    by_columns: dict[tuple[str, ...], list[tuple[models.Model, list[Any]]]] = {}
    for row in rows:
        columns, values = _written(row)
        by_columns.setdefault(columns, []).append((row, values))
    with mark_for_rollback_on_error(using=connection.alias):
        for columns, alike in by_columns.items():
            for some in (alike[start : start + TOGETHER] for start in range(0, len(alike), TOGETHER)):
                _insert(columns, some)
    return list(rows)


def insert_and(row: models.Model, then: LiteralString, values: Sequence[Any]) -> None:
    """Writes one row as `insert` does, and in the same statement what follows from its key: `then` selects from
    `kept (id)`, with `%s` for its values."""
    columns, own = _written(row)
    with mark_for_rollback_on_error(using=connection.alias):
        (key, *_) = _run(_insertion_and(type(row), columns, then), [*own, *values], _Raw).fetchall()[0]
    row.pk = key
    row._state.adding, row._state.db = False, connection.alias


@lru_cache
def _insertion_and(model: type[models.Model], columns: tuple[str, ...], then: str) -> bytes:
    return _numbered(f"WITH kept AS ({_insertion_text(model, columns, 1)}) SELECT kept.id, ({then}) FROM kept")  # noqa: S608


TOGETHER = 8  # each number of rows is a statement of its own, and a connection keeps few


def _written(row: models.Model) -> tuple[tuple[str, ...], list[Any]]:
    columns: list[str] = []
    values: list[Any] = []
    database = connections[DEFAULT_DB_ALIAS]
    given = row.__dict__
    for attribute, column, field, plain in _columns(type(row)):
        value = given.get(attribute) if plain else field.pre_save(row, True)
        if value.__class__ not in plain or (isinstance(value, datetime) and value.tzinfo is None):
            if isinstance(value, DatabaseDefault) or (value is None and field.primary_key):
                continue  # the database knows
            value = _stored(field, value, database)
        columns.append(column)
        values.append(value)
    return tuple(columns), values


@cache
def _columns(model: type[models.Model]) -> list[tuple[str, str, Any, frozenset[type]]]:
    """Attribute, column and field of each; last the types of values that go to the database as they are."""
    fields = model._meta.local_concrete_fields
    return [(one.attname, str(one.column), one, _as_they_are(one)) for one in fields]


def _as_they_are(field: Any) -> frozenset[type]:
    if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        return frozenset()
    return _AS_IT_IS.get(type(field), frozenset())


_TEXTS: frozenset[type] = frozenset({str, NoneType})
_WHOLE: frozenset[type] = frozenset({int, NoneType})
_AS_IT_IS: Mapping[type, frozenset[type]] = {
    models.CharField: _TEXTS,
    models.TextField: _TEXTS,
    models.BooleanField: frozenset({bool, NoneType}),
    models.ForeignKey: _WHOLE,
    models.DateTimeField: frozenset({datetime, NoneType}),
    models.DateField: frozenset({date, NoneType}),
    **dict.fromkeys(
        (
            models.IntegerField, models.BigIntegerField, models.SmallIntegerField, models.PositiveIntegerField,
            models.PositiveSmallIntegerField,
        ),
        _WHOLE,
    ),
}  # fmt: skip


def _stored(field: Any, value: Any, database: Any) -> Any:
    if value is None or (field.__class__ is ArrayField and value.__class__ is list and set(map(type, value)) == _WORD):
        return value
    return field.get_db_prep_save(value, database)


_WORD: set[type] = {str}


def _insert(columns: tuple[str, ...], alike: Sequence[tuple[models.Model, list[Any]]]) -> None:
    values = [one for _, values in alike for one in values]
    keys = _run(_insertion(type(alike[0][0]), columns, len(alike)), values, _Raw).fetchall()
    for (row, _), (key,) in zip(alike, keys, strict=True):
        row.pk = key
        row._state.adding, row._state.db = False, connection.alias


def update(row: models.Model, attributes: Iterable[str]) -> bool:
    """Writes these columns, in the caller's transaction, as `save(update_fields=…)` does. Whether the row is there.

    `attributes`: names as the row has them (`estate_id`). The values are plain ones, no expressions.
    """
    names = tuple(attributes)
    if not names:
        return True
    fields, database = _fields(type(row)), connections[DEFAULT_DB_ALIAS]
    values = [_stored(fields[one], fields[one].pre_save(row, False), database) for one in names]
    with mark_for_rollback_on_error(using=database.alias):
        return _run(_change(type(row), names), [*values, row.pk], _Raw).rowcount > 0


@cache
def _fields(model: type[models.Model]) -> dict[str, Any]:
    return {one.attname: one for one in model._meta.concrete_fields}


@lru_cache
def _change(model: type[models.Model], attributes: tuple[str, ...]) -> bytes:
    quoted = connection.ops.quote_name
    fields, key = _fields(model), model._meta.pk
    assert key is not None  # noqa: S101 - every model has one
    sets = ", ".join(f"{quoted(str(fields[name].column))} = %s" for name in attributes)
    table = quoted(model._meta.db_table)
    return _numbered(f"UPDATE {table} SET {sets} WHERE {quoted(str(key.column))} = %s")  # noqa: S608 - own names


@lru_cache
def _insertion(model: type[models.Model], columns: tuple[str, ...], rows: int) -> bytes:
    return _numbered(_insertion_text(model, columns, rows))


def _insertion_text(model: type[models.Model], columns: tuple[str, ...], rows: int) -> str:
    quoted = connection.ops.quote_name
    key = model._meta.pk
    assert key is not None  # noqa: S101 - every model has one
    names, marks = ", ".join(map(quoted, columns)), ", ".join(["%s"] * len(columns))
    table, all_marks = quoted(model._meta.db_table), ", ".join([f"({marks})"] * rows)
    return f"INSERT INTO {table} ({names}) VALUES {all_marks} RETURNING {quoted(str(key.column))}"  # noqa: S608 - own names
