"""The statistics of complaints over 1,000,000 cases of five years: a month, a quarter, a year; trend; concentration.

    python benchmarks/case_statistics.py [--cases 1000000]

Beside each stands a bare count of the same rows over the same index. Exit status 1 when the figures of a quarter take
more than LIMIT_SECONDS.
"""

import argparse
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from ground.cluster import platform

LIMIT_SECONDS = 1.0
ROUNDS = 3
YEARS, DAYS = 5, 5 * 365
FIRST, TODAY = date(2017, 7, 1), date(2022, 6, 30)


def fill(cast: Any, total: int) -> None:
    """Rows as a county of three estates has them, over every matter, source and eight units; the half answered late."""
    from django.db import connection

    from gongzhi.cases.matters import MATTERS
    from gongzhi.cases.tests.steps import submit

    case = submit(cast, "fire_lane", now=cast.now).cases.get()
    estates = list(cast.estates.values())
    leads = [one.pk for one in cast.organisations.values()][:8]
    names = {
        "number": "'B-' || n",
        "received_at": f"timestamptz '{FIRST} 08:00+08' + (n %% {DAYS}) * interval '1 day'",
        "estate_id": f"(ARRAY{[one.pk for one in estates]})[1 + n %% {len(estates)}]",
        "place_path": f"(ARRAY{[one.place_path for one in estates]})[1 + n %% {len(estates)}]",
        "matter": f"(ARRAY{[one.code for one in MATTERS]})[1 + (n / 7) %% {len(MATTERS)}]",
        "channel": "(ARRAY['web','phone','visit','hotline','found'])[1 + (n / 3) %% 5]",
        "lead_id": f"(ARRAY{leads})[1 + (n / 11) %% {len(leads)}]",
        "state": "'archived'",
        "closed_at": "now()",
        "archived_at": "now()",
        "answered_at": "now()",
        "answered_late": "n %% 9 = 0",
        "call_back_result": "(ARRAY['satisfied','unsatisfied',''])[1 + (n / 5) %% 3]",
        "text": "repeat('反映小区里的事情，希望尽快处理。', 8)",
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = 'cases_case'")
        columns = [row[0] for row in cursor.fetchall() if row[0] != "id"]
        cursor.execute(
            "SELECT indexname FROM pg_indexes WHERE tablename = 'cases_case' AND indexname NOT IN"
            " ('cases_case_pkey', 'cases_case_counted', 'cases_case_place_time')"
            " AND indexname NOT IN (SELECT conname FROM pg_constraint)"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP INDEX "{name}"')
        listed = ", ".join(f'"{name}"' for name in columns)
        values = ", ".join(names.get(name, f'c."{name}"') for name in columns)
        begun = time.perf_counter()
        cursor.execute(
            f"INSERT INTO cases_case ({listed}) SELECT {values} FROM cases_case c, generate_series(1, %s) AS n"  # noqa: S608
            " WHERE c.id = %s",
            [total, case.pk],
        )
        cursor.execute("VACUUM ANALYZE cases_case")
    print(f"{total} cases made in {time.perf_counter() - begun:.0f} s", flush=True)


def best(what: Callable[[], Any]) -> float:
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        what()
        times.append(time.perf_counter() - begun)
    return min(times)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    asked = parser.parse_args()
    with platform():
        from django.db import connection

        from gongzhi.cases.statistics import concentration, queries
        from gongzhi.cases.statistics.periods import Period
        from gongzhi.cases.statistics.queries import Cut
        from gongzhi.core.days import ZONE
        from gongzhi.core.tests.cast import build

        cast = build(datetime(2022, 6, 30, 9, 0, tzinfo=ZONE))
        fill(cast, asked.cases)
        cut = Cut(cast.county)
        taken = {}
        for code in ("2022-06", "2022-Q2", "2021"):
            period = Period.named(code, TODAY + timedelta(days=1))
            assert period is not None
            taken[code] = best(lambda: queries.statistics(cut, period, now=cast.now))  # noqa: B023
            spans = (period.span, period.before, period.year_before)
            counted = best(lambda: [cut.within(span).count() for span in spans])  # noqa: B023
            number = cut.within(period.span).count()
            print(f"{code}: {number} cases, {taken[code]:.3f} s; bare counts {counted:.3f} s;"
                  f" ratio {taken[code] / counted:.1f}", flush=True)  # fmt: skip
        print(f"trend of 24 months: {best(lambda: queries.trend(cut, TODAY)):.3f} s")
        year = Period.named("2021", TODAY)
        assert year is not None
        print(f"concentration of a year: {best(lambda: concentration.concentration(cut, year)):.3f} s")
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_size_pretty(pg_relation_size('cases_case_counted'))")
            print(f"index: {cursor.fetchone()[0]}")
    print(f"a quarter {taken['2022-Q2']:.3f} s, limit {LIMIT_SECONDS} s")
    return 0 if taken["2022-Q2"] <= LIMIT_SECONDS else 1


if __name__ == "__main__":
    raise SystemExit(main())
