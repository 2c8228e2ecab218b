"""Numbers without gaps: the series' row is locked from the number's giving to the commit."""

from django.db import connection, transaction

from gongzhi.core.prepared import first_row

NEXT = (
    "INSERT INTO core_numberseries (series, year, last) VALUES (%s, %s, 1)"
    " ON CONFLICT (series, year) DO UPDATE SET last = core_numberseries.last + 1 RETURNING last"
)


def next_number(series: str, year: int) -> int:
    """The next number of a series in a year, from 1. A transaction that rolls back gives its number back.

    `series` names the issuing body and the kind: "organisation:12|鸠物抄", "cases|JJ".
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a number is given only within a transaction")
    found = first_row(NEXT, [series, year])
    assert found is not None  # noqa: S101 - the statement writes a row or changes one
    return int(found[0])
