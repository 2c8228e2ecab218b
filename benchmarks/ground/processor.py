"""What the processor spends, here and in the database's process: on a busy machine the clock says little.

One after the other and with everything in memory, a free machine's clock shows the same.
"""

import time
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
        ran = int(self._backend.read_text(encoding="ascii").split()[0])
        return time.process_time() + ran * NANOSECOND
