"""Running the same thing on several connections at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection

SECONDS = 20


def at_once(function: Callable[[int], Any], *, times: int) -> list[Any]:
    """Results in the order of the numbers 0…; an exception is a result too."""
    barrier = Barrier(times)

    def run(number: int) -> Any:
        try:
            barrier.wait(SECONDS)
            return function(number)
        except Exception as error:  # noqa: BLE001 - handed back to the test
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))
