"""Searching 1,000,000 cases for words of two signs, common ones and rare ones, by people with different rights.

    python benchmarks/case_search.py [--cases 1000000] [--rare 40] [--at FOLDER]

A search is what the list does with it: the count up to a thousand and the first page in the order of the days. Beside
it the bare look into the index of words, without rights, order and rows. Counted is what
the processor spends, here and in the database's process: a machine with nothing else to do shows the same by the clock.
Exit status 1 when more than five of 100 searches take longer than LIMIT_MS.
"""

import argparse
import statistics
import time
from pathlib import Path
from typing import Any

from ground.cluster import kept_platform
from ground.processor import Meter

LIMIT_MS = 50.0
ROUNDS = 5
PEOPLE = ("hotline_desk", "street_office", "urban_management", "fire_rescue")


def searched(actor: Any, words: str, now: Any, meter: Meter) -> tuple[float, float, int]:
    """Milliseconds of the processor and of the clock, in the middle of some, and how many were found."""
    from gongzhi.cases.views_list import page_of
    from gongzhi.cases.views_list_filter import ListFilter

    spent, took = [], []
    for _ in range(ROUNDS):
        counted, begun = meter.seconds(), time.perf_counter()
        page = page_of(ListFilter.of({"text": words}), actor, now)
        list(page.object_list)
        took.append((time.perf_counter() - begun) * 1000)
        spent.append((meter.seconds() - counted) * 1000)
    return statistics.median(spent), statistics.median(took), page.paginator.count


def bare(words: str, meter: Meter) -> float:
    from django.db import connection

    begun = meter.seconds()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT FROM cases_casewords WHERE grams @> ARRAY[%s]::varchar[] LIMIT 1001) AS f",
            [words],
        )
        cursor.fetchone()
    return (meter.seconds() - begun) * 1000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--rare", type=int, default=40)
    parser.add_argument("--at", type=Path)
    asked = parser.parse_args()
    everything: list[float] = []
    with kept_platform(asked.at) as address:
        from django.utils import timezone
        from ground import million, texts

        from gongzhi.core.actors import Actor
        from gongzhi.core.models import User

        now = timezone.now()
        million.ready(address, now)
        million.fill(address, asked.cases)
        common, rare = texts.pairs(asked.rare)
        meter = Meter()
        for title, pairs in (("common", common), ("rare", rare)):
            floor = [bare(words, meter) for words in pairs]
            print(f"{title}: the index alone, median {statistics.median(floor):.1f} ms, most {max(floor):.1f} ms")
            for name in PEOPLE:
                actor = Actor.of(User.objects.get(username=name), now)
                found = [searched(actor, words, now, meter) for words in pairs]
                times, counts = [one for one, _, _ in found], [one for _, _, one in found]
                everything += times
                print(
                    f"{title}, {name}: median {statistics.median(times):.1f} ms, most {max(times):.1f} ms;"
                    f" by the clock {statistics.median(one for _, one, _ in found):.1f} ms"
                    f" ({min(counts)} to {max(counts)} found)"
                )
    late = statistics.quantiles(everything, n=20)[-1]
    print(f"{len(everything)} searches among {asked.cases:,}: p95 {late:.1f} ms, limit {LIMIT_MS:.0f} ms")
    return 0 if late <= LIMIT_MS else 1


if __name__ == "__main__":
    raise SystemExit(main())
