"""A tick with 1,000 due duties among 10,000 and among 1,000,000 open ones: its cost grows with what is due.

    python benchmarks/tick.py [--small 10000] [--large 1000000] [--due 1000]

Uses the test database of DATABASE_URL, or an embedded cluster of its own that it throws away. Exit status 1 when the
large one takes more than LIMIT times as long as the small one.
"""

import argparse
import statistics
import time
from datetime import datetime, timedelta

from ground.cluster import platform

LIMIT = 1.2
ROUNDS = 3


def first_duty(now: datetime) -> int:
    """One duty that the pack of the test's cast opened; all others are its copies."""
    from gongzhi.core.tests.cast import build
    from gongzhi.duties.models import Duty
    from gongzhi.duties.tests.acts import assigned, the_duty

    cast = build(now)
    assigned(cast, at=now, received_at=now)
    first = the_duty("verify_on_site")
    Duty.objects.exclude(pk=first.pk).delete()
    return int(first.pk)


def fill(total: int, *, first: int, due: int) -> None:
    """`total` running duties, `due` of them due; the others fall due within the next thousand days."""
    from django.db import connection

    from gongzhi.duties.models import Duty

    later = "(2 + n %% 1000)"
    fields = [
        field.column for field in Duty._meta.concrete_fields if field.column not in ("id", "opening", "subject_id")
    ]
    moved = {
        name: f'CASE WHEN n <= %(due)s THEN "{name}" ELSE "{name}" + {shift} END'
        for name, shift in (
            ("next_at", f"{later} * interval '1 day'"),
            ("due_at", f"{later} * interval '1 day'"),
            ("last_day", f"{later}::int"),
        )
    }
    columns = ", ".join(f'"{name}"' for name in fields)
    values = ", ".join(moved.get(name, f'"{name}"') for name in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO duties_duty ({columns}, opening, subject_id)"  # noqa: S608
            f" SELECT {values}, 'benchmark:' || n, n::text FROM duties_duty, generate_series(1, %(total)s) AS n"
            " WHERE duties_duty.id = %(first)s",
            {"due": due, "total": total, "first": first},
        )
        cursor.execute("UPDATE duties_duty SET next_at = NULL WHERE id = %s", [first])
        # Each clock names its own subject.
        cursor.execute(
            "UPDATE duties_duty SET state_json = jsonb_set(state_json, '{subject}', to_jsonb('case:' || subject_id))"
            " WHERE opening LIKE 'benchmark:%%' AND subject_id::int <= %s",
            [due],
        )
        cursor.execute("VACUUM ANALYZE duties_duty")


def measured(total: int, *, first: int, due: int) -> float:
    """Seconds of one tick over `due` duties, the median of several: the due ones are put back in between."""
    from django.db import connection

    from gongzhi.duties.models import Duty
    from gongzhi.duties.services import tick

    fill(total, first=first, due=due)
    moment = Duty.objects.get(pk=first).due_at + timedelta(seconds=1)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE due_again AS SELECT * FROM duties_duty WHERE next_at <= %s", [moment])
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        report = tick(moment)
        times.append(time.perf_counter() - begun)
        assert report.taken == due, report
        assert report.faults == 0, report
        assert report.happened["overdue"] == due, report
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM duties_duty WHERE id IN (SELECT id FROM due_again)")
            cursor.execute("INSERT INTO duties_duty SELECT * FROM due_again")
            cursor.execute("VACUUM ANALYZE duties_duty")
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE due_again")
        cursor.execute("DELETE FROM duties_duty WHERE id <> %s", [first])
        cursor.execute("UPDATE duties_duty SET next_at = (state_json->>'next_at')::timestamptz")
        cursor.execute("VACUUM ANALYZE duties_duty")
    return statistics.median(times)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--due", type=int, default=1_000)
    asked = parser.parse_args()
    with platform():
        from gongzhi.core.days import ZONE

        first = first_duty(datetime(2022, 4, 28, 11, 0, tzinfo=ZONE))
        small = measured(asked.small, first=first, due=asked.due)
        print(f"{asked.due} due among {asked.small}: {small:.3f} s", flush=True)
        large = measured(asked.large, first=first, due=asked.due)
        print(f"{asked.due} due among {asked.large}: {large:.3f} s", flush=True)
    ratio = large / small
    print(f"ratio {ratio:.3f}, limit {LIMIT}")
    return 0 if ratio <= LIMIT else 1


if __name__ == "__main__":
    raise SystemExit(main())
