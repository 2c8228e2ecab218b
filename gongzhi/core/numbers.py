"""Numbers without gaps: the series' row is locked from the number's giving to the commit."""

from django.db import connection, transaction

from gongzhi.core.models import NumberSeries


def next_number(series: str, year: int) -> int:
    """The next number of a series in a year, from 1. A transaction that rolls back gives its number back.

    `series` names the issuing body and the kind: "organisation:12|鸠物抄", "cases|JJ".
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a number is given only within a transaction")
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {NumberSeries._meta.db_table} (series, year, last) VALUES (%s, %s, 1)"  # noqa: S608 - own name
            " ON CONFLICT (series, year) DO UPDATE SET last = core_numberseries.last + 1 RETURNING last",
            [series, year],
        )
        (number,) = cursor.fetchone()
    return int(number)
