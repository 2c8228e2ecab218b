"""What the processor spends, here and in the database's process: on a busy machine the clock says little.

One after the other and with everything in memory, a free machine's clock shows the same.
"""

import os
import time
from collections.abc import Iterable
from pathlib import Path

NANOSECOND = 1e-9


class Meter:
    """Counts from the connection that is open now."""

    def __init__(self) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            self._backend = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")

    def seconds(self) -> float:
        return self.here() + self.database()

    def here(self) -> float:
        return time.process_time()

    def database(self) -> float:
        return int(self._backend.read_text(encoding="ascii").split()[0]) * NANOSECOND


def bare_loop() -> float:
    """Seconds of the processor for ten million turns of an empty loop: tells a slow machine from a slow program."""
    begun = time.process_time()
    for _ in range(10_000_000):
        pass
    return time.process_time() - begun


def spent(parents: Iterable[int]) -> float:
    """Seconds of the processor that these processes and their children have used so far: servers and their workers."""
    wanted, found = set(parents), 0.0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        if int(folder.name) in wanted or int(fields[PARENT]) in wanted:
            found += (int(fields[USER]) + int(fields[SYSTEM])) / os.sysconf("SC_CLK_TCK")
    return found


# Of /proc/PID/stat after the name.
PARENT, USER, SYSTEM = 1, 11, 12
