"""One subject's duties change one transaction at a time.

Whoever writes duties takes the lock of their subject before any row's: an act on one duty of a case makes events
that change its other duties, and two such acts would otherwise wait for each other's rows.
"""

from collections.abc import Iterable

from django.db import connection

from gongzhi.core.prepared import first_row

# Keeps these locks apart from any other use of PostgreSQL's advisory locks.
NAMESPACE = 5_401


def hold(keys: Iterable[str]) -> None:
    """Waits for the subjects' locks, always in the same order; they end with the transaction."""
    wanted = sorted(set(keys))
    first_row(
        "SELECT pg_advisory_xact_lock(hashtextextended(one, %s)) FROM unnest(%s::text[]) AS one", (NAMESPACE, wanted)
    )


def try_hold(keys: Iterable[str]) -> set[str]:
    """The subjects whose locks were free and are now held; the others are left to whoever has them."""
    wanted = sorted(set(keys))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT one FROM unnest(%s::text[]) AS one WHERE pg_try_advisory_xact_lock(hashtextextended(one, %s))",
            [wanted, NAMESPACE],
        )
        return {row[0] for row in cursor.fetchall()}
