"""The statistics of complaints over 1,000,000 cases of four and a half years: a month, a quarter, a year; trend;
concentration.

    python benchmarks/case_statistics.py [--cases 1000000] [--at FOLDER]

The last month, quarter and year that are over, of a county, each beside the same before it and a year before. Beside
each stands a bare count of the same rows over the same index. Counted is what the processor spends, here and in the
database's process. Exit status 1 when the figures of a quarter take more than LIMIT_SECONDS.
"""

import argparse
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from ground.cluster import kept_platform
from ground.processor import Meter

LIMIT_SECONDS = 1.0
ROUNDS = 3


def best(what: Callable[[], Any], meter: Meter) -> float:
    times = []
    for _ in range(ROUNDS):
        begun = meter.seconds()
        what()
        times.append(meter.seconds() - begun)
    return min(times)


def over(today: date) -> list[str]:
    """The month, the quarter and the year that ended last."""
    month = today.replace(day=1) - timedelta(days=1)
    quarter = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1) - timedelta(days=1)
    return [f"{month:%Y-%m}", f"{quarter.year}-Q{(quarter.month + 2) // 3}", f"{today.year - 1}"]


def measured() -> float:
    """Prints the figures; the seconds of the quarter."""
    from django.utils import timezone
    from ground.county import COUNTY

    from gongzhi.cases.statistics import concentration, queries
    from gongzhi.cases.statistics.periods import Period
    from gongzhi.cases.statistics.queries import Cut
    from gongzhi.core.days import local_day
    from gongzhi.core.models import Place

    now = timezone.now()
    today, cut, meter = local_day(now), Cut(Place.objects.get(code=COUNTY)), Meter()
    taken, period = [], None
    for code in over(today):
        period = Period.named(code, today)
        assert period is not None
        spans = (period.span, period.before, period.year_before)
        taken.append(best(lambda: queries.statistics(cut, period, now=now), meter))  # noqa: B023
        counted = best(lambda: [cut.within(span).count() for span in spans], meter)  # noqa: B023
        number = cut.within(period.span).count()
        ratio = taken[-1] / counted
        print(
            f"{code}: {number:,} cases, {taken[-1]:.3f} s; bare counts {counted:.3f} s; ratio {ratio:.1f}", flush=True
        )
    print(f"trend of 24 months: {best(lambda: queries.trend(cut, today), meter):.3f} s", flush=True)
    assert period is not None
    print(f"concentration of a year: {best(lambda: concentration.concentration(cut, period), meter):.3f} s")
    return taken[1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--at", type=Path)
    asked = parser.parse_args()
    with kept_platform(asked.at) as address:
        from django.db import connection
        from django.utils import timezone
        from ground import million

        million.ready(address, timezone.now())
        million.fill(address, asked.cases)
        quarter = measured()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_size_pretty(pg_relation_size('cases_case_counted'))")
            print(f"index: {cursor.fetchone()[0]}")
    print(f"a quarter {quarter:.3f} s of the processor, limit {LIMIT_SECONDS} s")
    return 0 if quarter <= LIMIT_SECONDS else 1


if __name__ == "__main__":
    raise SystemExit(main())
