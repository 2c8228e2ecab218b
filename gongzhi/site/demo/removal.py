"""Removes what the demonstration put up, and nothing else.

Foreign keys are checked when the transaction ends, so the order of the tables does not matter; a real row that still
points at a demonstration row stops the removal, and nothing is removed.
"""

import re
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model

from gongzhi.core import packs
from gongzhi.core.models import Document, Event, StoredFile

OWN_APPS = (
    "core", "registry", "duties", "governance", "contracts", "equipment", "funds", "mediation", "patrols", "site",
)  # fmt: skip
# Registers that the database keeps from everybody are emptied of demonstration rows by functions of their own.
FUNCTIONS = (
    "ledger_remove_demo",
    "cases_remove_demo",
    "proof_remove_demo_logs",
    "core_remove_demo_events",
)
TABLE_NAME = re.compile(r"^[a-z_][a-z0-9_]*$")


@transaction.atomic
def remove() -> dict[str, int]:
    """Table -> rows removed."""
    every = apps.get_models(include_auto_created=True)
    models = [model for model in every if model._meta.app_label in OWN_APPS and model._meta.managed]
    marked = [model for model in models if any(field.name == "demo" for field in model._meta.fields)]
    files = _paths_of_demo_files()
    removed: dict[str, int] = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('gongzhi.removing_demo', 'on', true)")
        _remove_keys_and_jobs(cursor, removed)
        _switch_off(cursor)
        for model in models:
            if model not in marked:
                _count(removed, model, _delete_grandchildren(cursor, model, marked))
        for model in models:
            if model not in marked:
                _count(removed, model, _delete_children(cursor, model, marked))
        for model in marked:
            if model is not Event:
                _count(removed, model, _run(cursor, f"DELETE FROM {_table(model)} WHERE demo"))  # noqa: S608
        for function in FUNCTIONS:
            cursor.execute(f"SELECT {function}()")
            removed[function] = cursor.fetchone()[0]
        cursor.execute("SELECT set_config('gongzhi.removing_demo', 'on', true)")
        _reset_numbers(cursor, removed)
        cursor.execute("SELECT set_config('gongzhi.removing_demo', 'off', true)")
    packs.changed()
    transaction.on_commit(lambda: _remove_files(files))
    return {table: count for table, count in removed.items() if count}


def _table(model: type[Model]) -> str:
    name = str(model._meta.db_table)
    if not TABLE_NAME.match(name):
        raise ValueError(name)
    return name


def _run(cursor: Any, statement: str, values: tuple[Any, ...] = ()) -> int:
    cursor.execute(statement, values)
    return int(cursor.rowcount)


def _count(removed: dict[str, int], model: type[Model], count: int) -> None:
    removed[_table(model)] = removed.get(_table(model), 0) + count


def _delete_children(cursor: Any, model: type[Model], marked: list[type[Model]]) -> int:
    """Rows without a mark of their own that belong to marked rows: parties of a case, recipients of a document."""
    return sum(_run(cursor, f"DELETE FROM {_table(model)} WHERE {one}") for one in _of_marked(model, marked))  # noqa: S608


def _delete_grandchildren(cursor: Any, model: type[Model], marked: list[type[Model]]) -> int:
    """Those that belong to such rows: the trustees of an election."""
    removed = 0
    for field in model._meta.fields:
        parent = field.related_model
        if isinstance(parent, type) and parent not in marked and parent._meta.app_label in OWN_APPS:
            for one in _of_marked(parent, marked):
                inner = f"SELECT id FROM {_table(parent)} WHERE {one}"  # noqa: S608
                statement = f"DELETE FROM {_table(model)} WHERE {_column(field)} IN ({inner})"  # noqa: S608
                removed += _run(cursor, statement)
    return removed


def _of_marked(model: type[Model], marked: list[type[Model]]) -> list[str]:
    """The conditions under which a row belongs to a marked one."""
    return [
        f"{_column(field)} IN (SELECT id FROM {_table(field.related_model)} WHERE demo)"  # noqa: S608
        for field in model._meta.fields
        if isinstance(field.related_model, type) and field.related_model in marked
    ]


def _column(field: Any) -> str:
    if not TABLE_NAME.match(str(field.column)):
        raise ValueError(field.column)
    return str(field.column)


def _remove_keys_and_jobs(cursor: Any, removed: dict[str, int]) -> None:
    """Form keys that made demonstration rows, sessions of its accounts, queued messages."""
    removed["core_formkey"] = _run(
        cursor,
        "DELETE FROM core_formkey WHERE (ref_kind = 'complaint' AND ref_id IN (SELECT id::text FROM cases_complaint"
        " WHERE demo)) OR (ref_kind = 'case' AND ref_id IN (SELECT id::text FROM cases_case WHERE demo))",
    )
    removed["procrastinate_jobs"] = _run(
        cursor,
        "DELETE FROM procrastinate_jobs WHERE status = 'todo' AND args ->> 'message_id' IN"
        " (SELECT id::text FROM core_outboxmessage WHERE demo)",
    )


def _switch_off(cursor: Any) -> None:
    """A document that the demonstration switched on is attached as before, and off again."""
    cursor.execute(
        "UPDATE core_packattachment SET switched_on = false, since = NULL, event_id ="
        " (SELECT max(e.id) FROM core_event e JOIN core_place p ON p.code = e.subject_id"
        "  WHERE NOT e.demo AND e.kind = 'pack.attached' AND p.id = place_id AND e.data ->> 'pack' = pack)"
        " WHERE NOT demo AND event_id IN (SELECT id FROM core_event WHERE demo)"
    )


def _reset_numbers(cursor: Any, removed: dict[str, int]) -> None:
    """A series of numbers that nothing real was numbered by begins anew."""
    used = set(Document.objects.values_list("series", flat=True))
    cursor.execute("SELECT count(*) FROM cases_complaint")
    if cursor.fetchone()[0] == 0 and not used:
        removed["core_numberseries"] = _run(cursor, "DELETE FROM core_numberseries")


def _paths_of_demo_files() -> list[str]:
    real = set(StoredFile.objects.filter(demo=False).values_list("path", flat=True))
    return [path for path in StoredFile.objects.filter(demo=True).values_list("path", flat=True) if path not in real]


def _remove_files(paths: list[str]) -> None:
    root = Path(settings.MEDIA_ROOT)
    for path in paths:
        (root / path).unlink(missing_ok=True)
