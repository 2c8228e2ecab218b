"""A process that is killed in the middle of its work, for tests: SIGKILL, as the kernel does when memory runs out."""

import os
import signal
import time
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

from django.db import connection, connections

SECONDS = 60
HERE = b"here"
Here = Callable[[], NoReturn]


def killed(work: Callable[[Here], Any]) -> None:
    """Does the work in a process of its own and kills that where it calls `here()`. Comes back when the database has
    noticed; fails when the work ended, or broke, without getting there. Ask for the fixture `committed`.

    The child is a fork of this process: what it patches, it patches for itself.
    """
    connections.close_all()  # the child makes its own
    heard, told = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(heard)
        _work(work, told)
    os.close(told)
    try:
        with open(heard, "rb") as pipe:
            word = pipe.read(len(HERE))
            if word != HERE:
                raise AssertionError("never got there: " + (word + pipe.read()).decode())
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    _until_let_go()


def stopping(real: Callable[..., Any], here: Here, *, call: int = 1, before: bool = False) -> Callable[..., Any]:
    """The function, but nobody comes back from that call of it, counted from one (with `before`: nobody gets in)."""
    calls = 0

    def stop(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if before and calls == call:
            here()
        found = real(*args, **kwargs)
        if calls == call:
            here()
        return found

    return stop


def _work(work: Callable[[Here], Any], told: int) -> NoReturn:
    def here() -> NoReturn:
        os.write(told, HERE)
        while True:
            time.sleep(SECONDS)

    try:
        work(here)
        os.write(told, b"the work came to its end")
    except BaseException:
        os.write(told, traceback.format_exc().encode())
    finally:
        os._exit(1)


def _until_let_go() -> None:
    """The server notices that its client has gone: the transaction is rolled back, its locks are free."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND backend_type = 'client backend'"
            )
            if cursor.fetchone() == (0,):
                return
        time.sleep(0.02)
    raise AssertionError("the killed process still holds a session")
