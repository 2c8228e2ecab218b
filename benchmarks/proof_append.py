"""Appending to a log from 16 clients, each append committed by itself: entries must not wait for one another.

    python benchmarks/proof_append.py [--clients 16] [--seconds 4]

Beside it, on the same server in the same run: a bare insert of one row of the same size, committed by itself. The
sequencer runs meanwhile. Exit status 1 when appending is slower than LIMIT of the bare insert, or when an entry
that was promised is missing from the log afterwards.
"""

import argparse
import os
import statistics
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from tick import platform

LIMIT = 0.4
ROUNDS = 3


def rate(work: Callable[[int, int], None], *, clients: int, seconds: float) -> float:
    """Calls a second from that many threads, each with a connection of its own."""
    from django.db import connection

    counts = [0] * clients
    barrier = threading.Barrier(clients + 1)
    end = [0.0]

    def run(number: int) -> None:
        connection.ensure_connection()
        barrier.wait()
        while time.perf_counter() < end[0]:
            work(number, counts[number])
            counts[number] += 1
        connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    end[0] = time.perf_counter() + seconds
    begun = time.perf_counter()
    barrier.wait()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - begun)


def measured(*, clients: int, seconds: float) -> tuple[float, float, float]:
    from django.db import connection, transaction

    from gongzhi.proof import keys, queries, sequencing, services
    from gongzhi.proof.models import Entry

    now = datetime.now(UTC)
    log = services.open_log("benchmark", now=now)
    keys.signer(now=now)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare_row (id bigserial PRIMARY KEY, at timestamptz, body text)")
    body = "x" * 500

    def bare(number: int, count: int) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("INSERT INTO bare_row (at, body) VALUES (%s, %s) RETURNING id", [now, body])

    def appended(number: int, count: int) -> None:
        with transaction.atomic():
            services.append(log, {"client": f"{number}-{round_[0]}", "n": count, "text": body[:120]}, now=now)

    stop, round_ = threading.Event(), [0]

    def sequencer() -> None:
        while not stop.wait(0.5):
            sequencing.sequence(log, now=now)
        connection.close()

    ratios, rates, bares = [], [], []
    thread = threading.Thread(target=sequencer)
    thread.start()
    for _ in range(ROUNDS):
        round_[0] += 1
        bares.append(rate(bare, clients=clients, seconds=seconds))
        rates.append(rate(appended, clients=clients, seconds=seconds))
        ratios.append(rates[-1] / bares[-1])
    stop.set()
    thread.join()
    sequencing.sequence(log, now=now)
    assert queries.log_size(log) == Entry.objects.filter(log=log).count()
    assert not list(queries.faults(log))
    return statistics.median(bares), statistics.median(rates), statistics.median(ratios)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=4)
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with platform():
        bare, appended, ratio = measured(clients=asked.clients, seconds=asked.seconds)
    print(f"{asked.clients} clients: bare insert {bare:.0f}/s, append with promise {appended:.0f}/s")
    print(f"ratio {ratio:.2f}, limit {LIMIT}")
    return 0 if ratio >= LIMIT else 1


if __name__ == "__main__":
    raise SystemExit(main())
