"""100,000 units from a workbook, beside reading the same file with python-calamine and loading the same rows with COPY.

    python benchmarks/import_units.py [--units 100000] [--rounds 3] [--owners]

The import reads, checks every cell, compares with what is known, and writes units and events; the limit only reads and
loads. `--owners` adds an owner to every unit, each under cipher: told, without a limit of its own. Uses the test
database of DATABASE_URL, or an embedded cluster that it throws away. Exit status 1 below a third of the limit's speed.
"""

import argparse
import statistics
import time
from collections.abc import Iterator
from io import BytesIO

from ground.cluster import platform

LEAST = 1 / 3
ESTATES, BUILDINGS = 20, 50
AREA = 3  # the column of the sheet


def rows(units: int) -> Iterator[tuple[object, ...]]:
    for number in range(units):
        building = number % (ESTATES * BUILDINGS)
        yield (
            f"样例小区{building % ESTATES}",
            f"{building // ESTATES + 1}幢",
            f"{number // (ESTATES * BUILDINGS) + 101}室",
            round(60 + number % 9000 / 100, 2),
            "不动产登记",
            "住宅",
        )


def workbook(units: int, *, owners: bool) -> bytes:
    import xlsxwriter

    from gongzhi.registry.services.imports.sheets import BY_TITLE

    target = BytesIO()
    book = xlsxwriter.Workbook(target, {"constant_memory": True})
    page = book.add_worksheet("业主" if owners else "房屋")
    page.write_row(0, 0, [one.title for one in BY_TITLE["业主" if owners else "房屋"].columns])
    for number, row in enumerate(rows(units), start=1):
        more = (f"业主{number}", f"139{number:08d}", f"3402071980{number:08d}", "", "", "2020-01-01")
        page.write_row(number, 0, (*row[:3], *more) if owners else row)
    book.close()
    return target.getvalue()


def limit(content: bytes) -> float:
    """Seconds to read the file and COPY its rows into a plain table without an index."""
    from django.db import connection
    from python_calamine import CalamineWorkbook

    begun = time.perf_counter()
    found = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_name("房屋").to_python()
    columns = ", ".join(f"c{place} {'numeric(10,2)' if place == AREA else 'text'}" for place in range(len(found[0])))
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE plain ({columns})")
        with cursor.copy("COPY plain FROM STDIN") as copy:
            for row in found[1:]:
                copy.write_row(row)
    took = time.perf_counter() - begun
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE plain")
    return took


def imported(content: bytes) -> float:
    """Seconds of the import itself: what `confirm` does with the file, up to the commit."""
    from django.db import transaction

    from gongzhi.core.actors import Actor
    from gongzhi.core.models import Place
    from gongzhi.core.tests.cast import NOW
    from gongzhi.registry.services.imports import reading, running

    place = Place.objects.get(level="county")
    begun = time.perf_counter()
    with transaction.atomic():
        outcome = running.work(reading.read(content), place=place, actor=Actor.system(), now=NOW)
        running.digest_of(content, outcome)
    took = time.perf_counter() - begun
    assert not outcome.errors, outcome.errors[:3]
    assert outcome.total("added") > 0, outcome
    return took


def emptied() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM registry_unit")
        cursor.execute("VACUUM ANALYZE registry_unit")


def put_up() -> None:
    from gongzhi.core.actors import Actor
    from gongzhi.core.tests.cast import NOW, build
    from gongzhi.registry.services import register_estate

    cast = build(NOW)
    for number in range(ESTATES):
        register_estate(
            community=cast.community,
            name=f"样例小区{number}",
            buildings=[f"{one + 1}幢" for one in range(BUILDINGS)],
            actor=Actor.system(),
            now=NOW,
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--owners", action="store_true")
    asked = parser.parse_args()
    with platform():
        put_up()
        content = workbook(asked.units, owners=False)
        limits, times = [], []
        for _ in range(asked.rounds):
            emptied()
            limits.append(limit(content))
            times.append(imported(content))
        plain, ours = statistics.median(limits), statistics.median(times)
        print(f"calamine and COPY of {asked.units} units: {plain:.2f} s, {asked.units / plain:,.0f} rows/s")
        print(f"import of {asked.units} units: {ours:.2f} s, {asked.units / ours:,.0f} rows/s")
        if asked.owners:
            took = imported(workbook(asked.units, owners=True))
            print(f"import of {asked.units} owners under cipher: {took:.2f} s, {asked.units / took:,.0f} rows/s")
    ratio = plain / ours
    print(f"ratio {ratio:.3f}, at least {LEAST:.3f}")
    return 0 if ratio >= LEAST else 1


if __name__ == "__main__":
    raise SystemExit(main())
