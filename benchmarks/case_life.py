"""A case's life (receive, assign, report in, handle, answer, search) with 10,000, 100,000, 1,000,000 cases there.

    python benchmarks/case_life.py [--sizes 10000 100000 1000000] [--lives 60] [--at FOLDER]

Through the services, each act in a transaction of its own that goes to the disk, as one clerk after the other does it;
the search is the list's first page for what tells the case from others: what it is about and the shop that it names.
Counted is what the processor spends on a life, in this process and in the database's, so that a busy machine does not
count; the clock is told beside it. Two limits: the largest size costs at most FLAT times the smallest (in the middle
and for 95 of 100), and a processor does at least LEAST lives a second. Exit status 1 when one is missed.
The bare loop beside each figure (0.26 s where the machine is quick) tells a slow machine from a slow program.
"""

import argparse
import re
import statistics
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ground.cluster import kept_platform
from ground.processor import Meter, bare_loop

TOLD = re.compile(r"，(..).*靠近(..)店")  # two words of two signs, as somebody types them
FLAT = 1.2
LEAST = 10.0
WARM = 60  # so that what is asked for again and again is in memory, as on a machine that runs


@dataclass(frozen=True)
class Life:
    """Seconds of the processor, of those the database's, and of the clock."""

    spent: float
    database: float
    took: float


class Clerks:
    """Who works on a case, and the words that they use."""

    def __init__(self, now: datetime) -> None:
        from ground import texts

        from gongzhi.core.actors import Actor
        from gongzhi.core.models import User
        from gongzhi.registry.models import Estate

        self.desk = Actor.of(User.objects.get(username="street_office"), now)
        self.lead = Actor.of(User.objects.get(username="urban_management"), now)
        self.estates = list(Estate.objects.filter(place_path__startswith=self.desk.place_path).order_by("pk"))
        self.texts = texts.texts()

    def live(self, number: int, now: datetime) -> None:
        from django.db import transaction

        from gongzhi.cases import services
        from gongzhi.core.services import hold_policy

        words = self.texts[number % len(self.texts)].text
        estate = self.estates[number % len(self.estates)]
        matter = services.MatterInput("centralised_penalty_other", words[:14], facts={"in_built_up_area": True})
        caller = services.ComplainantInput(name="陈建国", phone=f"137{number % 10**8:08d}", address="1幢")
        # A request is one transaction, and reads the state of policy once.
        with hold_policy(), transaction.atomic():
            complaint = services.receive_complaint(
                channel="phone", estate=estate, text=words, location="1幢", matters=[matter], complainant=caller,
                received_at=now, actor=self.desk, now=now,
            )  # fmt: skip
        case = complaint.cases.get()
        with hold_policy():
            case = services.assign_case(case, actor=self.desk, now=now)
        with hold_policy():
            case = services.report_in(case, actor=self.lead, now=now)
        with hold_policy():
            case = services.handle(case, result="已责令改正。", outcome="rectified", actor=self.lead, now=now)
        with hold_policy():
            case = services.answer(case, text="已责令改正。", method="电话", actor=self.lead, now=now)
        self.search(" ".join(TOLD.findall(words)[0]), now)

    def search(self, pair: str, now: datetime) -> None:
        from gongzhi.cases.views_list import page_of, rows_of
        from gongzhi.cases.views_list_filter import ListFilter

        page = page_of(ListFilter.of({"text": pair}), self.lead, now)
        assert rows_of(list(page.object_list), self.lead, now)


def measured(lives: int, first: int) -> list[Life]:
    from django.utils import timezone

    from gongzhi.site.collector import settle_collector

    settle_collector()  # as a process of the web server does
    clerks = Clerks(timezone.now())
    meter = Meter()
    for number in range(WARM):
        clerks.live(first + number, timezone.now())
    found = []
    for number in range(WARM, WARM + lives):
        here, database, clock = meter.here(), meter.database(), time.perf_counter()
        clerks.live(first + number, timezone.now())
        in_database = meter.database() - database
        found.append(Life(meter.here() - here + in_database, in_database, time.perf_counter() - clock))
    return found


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def told(size: int, found: list[Life]) -> tuple[float, float]:
    spent = [one.spent for one in found]
    took = [one.took for one in found]
    mean, late, database = statistics.mean(spent), p95(spent), statistics.mean(one.database for one in found)
    print(
        f"{size:,} cases: {1 / mean:.1f} lives a second for a processor ({mean * 1000:.0f} ms, of them the database"
        f" {database * 1000:.0f}; p95 {late * 1000:.0f}); by the clock {1 / statistics.mean(took):.1f} a second,"
        f" p95 {p95(took) * 1000:.0f} ms; a bare loop {bare_loop():.2f} s",
        flush=True,
    )
    return mean, late


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--lives", type=int, default=60)
    parser.add_argument("--at", type=Path)
    asked = parser.parse_args()
    results: list[tuple[int, Any]] = []
    with kept_platform(asked.at) as address:
        from django.utils import timezone
        from ground import million

        million.ready(address, timezone.now())
        for number, size in enumerate(sorted(asked.sizes)):
            million.fill(address, size)
            results.append((size, told(size, measured(asked.lives, (number + 1) * 1_000))))
    (small, (mean, late)), (large, (mean_large, late_large)) = results[0], results[-1]
    rate, ratio, ratio_late = 1 / max(one[0] for _, one in results), mean_large / mean, late_large / late
    print(f"{large:,} beside {small:,}: ratio {ratio:.3f}, p95 {ratio_late:.3f}, limit {FLAT}")
    print(f"slowest: {rate:.1f} lives a second for a processor, at least {LEAST:.0f}")
    return 0 if max(ratio, ratio_late) <= FLAT and rate >= LEAST else 1


if __name__ == "__main__":
    raise SystemExit(main())
