"""A billing run over many estates, with its postings, beside the same rows written by one INSERT … SELECT.

    python benchmarks/billing.py [--units 1000000] [--each 1000]

The run works as the worker does: estate by estate, some thousand units a transaction, each bill with its line, its
entry and its two legs. Its worker is killed with SIGKILL when a third is billed, and a second one goes on with all the
runs; then a third goes through them once more. Every unit must have one bill, of one run, and the books must balance.

The limit takes those very rows from tables beside and writes them into the emptied ones, under the same triggers and
indexes, by one statement. Told are the clock, and what the processor spends here and in the database's process, which
does not count what others do on a busy machine. Exit status 1 below half of the limit, or when a bill is wrong.
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from ground.cluster import platform
from ground.processor import NANOSECOND, Meter

LEAST = 1 / 2
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
FIRST = date(2026, 2, 1)
KILLED_AFTER = 1 / 3
LOOK_EVERY = 0.2
TABLES = ("ledger_entry", "ledger_posting", "funds_bill", "funds_billitem")


def estates(count: int, each: int) -> list[Any]:
    """Projects with their terms and tariff; buildings and units by statements of the database."""
    from django.db import connection

    from gongzhi.core.models import Organisation, Place
    from gongzhi.core.services import add_place
    from gongzhi.funds.charges.models import ChargeTerms, Tariff
    from gongzhi.registry.models import Building, Estate, Project

    top = Place.objects.create(code="99", name="省", short_name="省", level="province", path="99/")
    community = add_place(top, code="9901", name="社区", level="community")
    company = Organisation.objects.create(
        name="物业", role="property_company", kind="company", place=community, place_path=community.path
    )
    made = []
    for number in range(count):
        place = add_place(community, code=f"9901{number:06}", name=f"小区{number}", level="estate")
        estate = Estate.objects.create(place=place, community=community, name=place.name, place_path=place.path)
        project = Project.objects.create(
            estate=estate, company=company, from_on=date(2025, 1, 1), place_path=place.path
        )
        ChargeTerms.objects.create(project=project, due_days=30, from_on=date(2025, 1, 1), place_path=place.path)
        Tariff.objects.create(
            project=project, fee="service", title="物业公共服务费", price_kind="market", basis="area", every=1,
            price=Decimal("1.53"), state="in_force", from_on=date(2025, 1, 1), place_path=place.path,
        )  # fmt: skip
        Building.objects.create(estate=estate, name="1幢")
        made.append(project)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO registry_unit (building_id, name, use, exclusive_area_m2, area_source, version, demo)"
            " SELECT id AS building_id, n || '室', 'residence', 60 + (n * 7919 %% 9000) / 100.0, 'register', 1, false"
            " FROM registry_building, generate_series(1, %s) n ORDER BY building_id, n",
            [each],
        )
        cursor.execute("ANALYZE")
    return made


def begun(projects: list[Any]) -> list[Any]:
    """The runs, with the books and accounts of the units, as a second month finds them."""
    from gongzhi.core.actors import Actor
    from gongzhi.funds.charges import services as charges
    from gongzhi.funds.common.services import ensure_book, ensure_unit_accounts
    from gongzhi.registry.models import Unit

    runs = []
    for project in projects:
        runs.append(
            charges.begin_run(project, every=1, from_on=FIRST, issued_on=NOW.date(), actor=Actor.system(), now=NOW)
        )
        book = ensure_book(project.estate, purse="service_charges", on=FIRST, actor=Actor.system(), now=NOW)
        units = Unit.objects.filter(building__estate=project.estate).values_list("pk", flat=True)
        ensure_unit_accounts(book, list(units))
    return runs


@dataclass(frozen=True)
class Took:
    """Seconds of the clock and of the processor."""

    clock: float
    processor: float

    def __add__(self, other: "Took") -> "Took":
        return Took(self.clock + other.clock, self.processor + other.processor)

    def __str__(self) -> str:
        return f"{self.clock:.1f} s ({self.processor:.1f} s of the processor)"


def measured(work: Callable[[], None]) -> Took:
    meter = Meter()
    start, spent = time.perf_counter(), meter.seconds()
    work()
    return Took(time.perf_counter() - start, meter.seconds() - spent)


def go_through(runs: list[Any]) -> None:
    from gongzhi.funds.charges import services as charges

    for run in runs:
        charges.go_on(run, now=NOW)


def killed(runs: list[Any], *, after: int) -> Took:
    """A worker goes through the runs and is killed when so many units have their bill."""
    from django.db import connection, connections

    from gongzhi.funds.charges.models import Bill

    connections.close_all()
    start = time.perf_counter()
    worker = os.fork()
    if worker == 0:
        try:
            go_through(runs)
        finally:
            os._exit(0)
    backends: dict[int, float] = {}
    while Bill.objects.count() < after:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND coalesce(backend_type, 'client backend') = 'client backend'"  # hidden from other roles
            )
            for (pid,) in cursor.fetchall():
                backends[pid] = int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0]) * NANOSECOND
        time.sleep(LOOK_EVERY)
    os.kill(worker, signal.SIGKILL)
    _, _, used = os.wait4(worker, 0)
    return Took(time.perf_counter() - start, used.ru_utime + used.ru_stime + sum(backends.values()))


def faults(units: int) -> list[str]:
    """What is wrong with the bills of all units; nothing, if all is well."""
    from django.db import connection

    asked = {
        "bills": ("SELECT count(*) FROM funds_bill", units),
        "units with a bill": ("SELECT count(DISTINCT unit_id) FROM funds_bill WHERE cancelled_on IS NULL", units),
        "lines": ("SELECT count(*) FROM funds_billitem", units),
        "entries of bills": ("SELECT count(DISTINCT entry_id) FROM funds_bill", units),
        "entries": ("SELECT count(*) FROM ledger_entry", units),
        "postings": ("SELECT count(*) FROM ledger_posting", 2 * units),
        "balance of all accounts": ("SELECT sum(amount_fen)::bigint FROM ledger_posting", 0),
        "bills that differ from their account": (
            "SELECT count(*) FROM funds_bill b JOIN ledger_posting p ON p.entry_id = b.entry_id AND p.leg = 1"
            " WHERE p.amount_fen <> b.amount_fen",
            0,
        ),
        "runs that are not done": ("SELECT count(*) FROM funds_billingrun WHERE state <> 'done'", 0),
        "bills that no run counted": (
            "SELECT (SELECT count(*) FROM funds_bill) - (SELECT sum(bills) FROM funds_billingrun)::bigint",
            0,
        ),
    }
    found = []
    with connection.cursor() as cursor:
        for what, (statement, wanted) in asked.items():
            cursor.execute(statement)
            (value,) = cursor.fetchone()
            if value != wanted:
                found.append(f"{what}: {value} instead of {wanted}")
    return found


def bare() -> Took:
    """The same rows from tables beside, by one statement."""
    from django.db import connection, transaction

    with connection.cursor() as cursor:
        columns = {}
        for table in TABLES:
            cursor.execute(f"CREATE UNLOGGED TABLE kept_{table} AS TABLE {table}")
            cursor.execute(
                "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute"
                " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
                [table],
            )
            columns[table] = cursor.fetchone()[0]
        cursor.execute("TRUNCATE ledger_entry, ledger_posting, funds_bill, funds_billitem CASCADE")
        parts = [
            f"w{number} AS (INSERT INTO {table} ({columns[table]}) SELECT {columns[table]} FROM kept_{table})"  # noqa: S608 - own names
            for number, table in enumerate(TABLES)
        ]
        cursor.execute("ANALYZE")

        def write() -> None:
            with transaction.atomic():
                cursor.execute(f"WITH {', '.join(parts)} SELECT 1")

        return measured(write)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--units", type=int, default=1_000_000)
    parser.add_argument("--each", type=int, default=1000)
    options = parser.parse_args()
    with platform():
        from django.db import connection

        begin = time.perf_counter()
        runs = begun(estates(max(options.units // options.each, 1), options.each))
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        print(
            f"{len(runs):,} runs begun for {options.units:,} units in {time.perf_counter() - begin:.0f} s", flush=True
        )
        first = killed(runs, after=int(options.units * KILLED_AFTER))
        left = measured(lambda: go_through(runs))
        ours = first + left
        print(f"killed after {first}, the rest in {left}", flush=True)
        wrong = faults(options.units)
        again = measured(lambda: go_through(runs))
        wrong += faults(options.units)
        if wrong:
            print("; ".join(wrong))
            return 1
        limit = bare()
        clock, processor = limit.clock / ours.clock, limit.processor / ours.processor
        print(
            f"{options.units:,} bills with {2 * options.units:,} postings in {ours}; the same rows by one statement"
            f" {limit}; ratio {clock:.2f} of the clock, {processor:.2f} of the processor; run again {again}, nobody"
            " billed twice"
        )
        return 0 if processor >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
