"""Statements that run thousands of times an hour, planned once a connection."""

from collections.abc import Mapping
from typing import Any, LiteralString

from django.db import connection
from psycopg import Cursor


def first_row(statement: LiteralString, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """Not through Django's cursor: that sends the text anew each time, and planning it costs more than running it."""
    connection.ensure_connection()
    with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
        cursor.execute(statement, values, prepare=True)
        return cursor.fetchone()
