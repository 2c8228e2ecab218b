"""A billing run over many estates, with its postings, beside the same rows written by one INSERT … SELECT.

    python benchmarks/billing.py [--units 1000000] [--each 1000]

The run works as the worker does: estate by estate, some thousand units a transaction, each bill with its line, its
entry and its two legs. The limit takes those very rows from tables beside and writes them into the emptied ones, under
the same triggers and indexes, by one statement. Exit status 1 below half of the limit.
"""

import argparse
import sys
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from import_units import platform

LEAST = 1 / 2
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
FIRST = date(2026, 2, 1)
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
            " SELECT id, n || '室', 'residence', 60 + (n * 7919 %% 9000) / 100.0, 'register', 1, false"
            " FROM registry_building, generate_series(1, %s) n",
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


def billed(runs: list[Any]) -> float:
    from gongzhi.funds.charges import services as charges

    start = time.perf_counter()
    for run in runs:
        charges.go_on(run, now=NOW)
    return time.perf_counter() - start


def bare() -> float:
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
        start = time.perf_counter()
        with transaction.atomic():
            cursor.execute(f"WITH {', '.join(parts)} SELECT 1")
        return time.perf_counter() - start


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--units", type=int, default=1_000_000)
    parser.add_argument("--each", type=int, default=1000)
    options = parser.parse_args()
    with platform():
        from django.db import connection

        from gongzhi.funds.charges.models import Bill
        from gongzhi.ledger.models import Posting

        runs = begun(estates(max(options.units // options.each, 1), options.each))
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        ours = billed(runs)
        bills, postings = Bill.objects.count(), Posting.objects.count()
        if (bills, postings) != (options.units, 2 * options.units):
            print(f"{bills} bills and {postings} postings instead of {options.units} and {2 * options.units}")
            return 1
        again = billed(runs)
        limit = bare()
        ratio = limit / ours
        print(
            f"{bills:,} bills with {postings:,} postings in {ours:.1f} s; the same rows by one statement {limit:.1f} s;"
            f" ratio {ratio:.2f}; run again {again:.1f} s, nobody billed twice: {Bill.objects.count() == bills}"
        )
        return 0 if ratio >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
