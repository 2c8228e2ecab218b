"""Copies of the county's cases, as many as wanted, by a few statements: complaint, complainant, case, words, parties,
entries, events and duties, spread over places, matters and four and a half years as a county's are."""
# ruff: noqa: S608 - the statements are this file's own.

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import psycopg

from ground import county as counties
from ground import texts

DAYS = 1640
EVENT_ROOM = 32  # numbers of events a case
FIRST = 10_000  # numbers below are those of the templates
OWN_FROM = 100_000_000  # and from here on those of what is written between two fillings
# Of a case that is over, the line of its life; of one at work, all.
SHOWN = ("opened", "assigned", "answered", "closed")
TABLES = (
    "core_personaldata", "cases_complaint", "cases_case", "cases_casewords", "cases_caseparty", "cases_caseentry",
    "core_event", "duties_duty",
)  # fmt: skip


def ready(address: str, now: datetime) -> None:
    """The county with its templates and what the copies are drawn from; once a database."""
    from gongzhi.core.models import Place

    if Place.objects.exists():
        return
    county = counties.build_county(now)
    found = counties.templates(county, now)
    with psycopg.connect(address, autocommit=True) as base:
        base.execute(
            "CREATE TABLE bench_template (case_id bigint, kind text, low float, high float);"
            " CREATE TABLE bench_text (no int PRIMARY KEY, text text, grams text[]);"
            " CREATE TABLE bench_place (no int PRIMARY KEY, text text, grams text[]);"
            " CREATE TABLE bench_row (n bigint PRIMARY KEY, case_id bigint, estate_id bigint, estate_rank int,"
            "  place_path text, received timestamptz, shift interval, days int, over bool, voided bool, text_no int,"
            "  place_no int);"
        )
        for running in (True, False):
            chosen = [one for one in found if (one.kind != "closed") == running]
            total, low = sum(one.weight for one in chosen), 0.0
            for one in chosen:
                high = low + one.weight / total
                base.execute("INSERT INTO bench_template VALUES (%s, %s, %s, %s)", [one.case_id, one.kind, low, high])
                low = high
        for table, words in (("bench_text", texts.texts()), ("bench_place", texts.places())):
            with base.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                for number, one in enumerate(words):
                    copy.write_row((number, one.text, one.grams))
        base.execute(PREPARED)


# Offices of the street and the community, by estate: the templates' own are replaced by those of the copy's place.
PREPARED = """
CREATE TABLE bench_estate AS
    SELECT e.id, e.place_path, e.name_grams, (row_number() OVER (ORDER BY md5(e.id::text)))::int - 1 AS rank
    FROM registry_estate e WHERE e.place_path LIKE '34/3402/340207/%';
CREATE UNIQUE INDEX ON bench_estate (rank);
CREATE TABLE bench_office AS
    SELECT e.id AS estate_id, t.id AS was, o.id AS office FROM bench_estate e
    CROSS JOIN core_organisation t JOIN core_place tp ON tp.id = t.place_id
    JOIN core_organisation o ON o.role = t.role JOIN core_place op ON op.id = o.place_id
    WHERE tp.level IN ('street', 'community') AND op.level = tp.level AND e.place_path LIKE op.path || '%'
        AND t.id IN (SELECT organisation_id FROM cases_caseparty);
CREATE UNIQUE INDEX ON bench_office (estate_id, was);
CREATE TABLE bench_event AS
    SELECT e.*, (row_number() OVER (PARTITION BY e.subject_id ORDER BY e.id))::int AS ordinal, t.kind AS reached
    FROM core_event e JOIN bench_template t ON e.subject_kind = 'case' AND e.subject_id = t.case_id::text;
ANALYZE;
"""


def fill(address: str, total: int, *, log: Any = print) -> None:
    """Copies until there are `total` cases."""
    from gongzhi.cases.models import Case

    have = Case.objects.count()
    if have >= total:
        return
    begun = time.perf_counter()
    with psycopg.connect(address) as base:
        # The rows are valid as their templates are; and what the triggers forbid to people is forbidden to nobody here.
        base.execute("SET session_replication_role = replica")
        base.execute("SET maintenance_work_mem = '1GB'; SET work_mem = '256MB'; SET synchronous_commit = off")
        first = int(base.execute("SELECT coalesce(max(n), 0) FROM bench_row").fetchone()[0])  # type: ignore[index]
        many = total - have
        base.execute(ROWS, {"first": first, "many": many, "days": DAYS, "texts": texts.TEXTS, "places": texts.PLACES})
        base.execute("ANALYZE bench_row")
        with _without_indexes(base, large=many > have):
            for statement in _copies():
                base.execute(statement, {"first": first})
        for table in TABLES[:3] + TABLES[4:]:
            last = f"SELECT greatest({OWN_FROM}, max(id)) FROM {table}"
            base.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), ({last}))")
        base.commit()
        base.autocommit = True
        base.execute(f"VACUUM (ANALYZE) {', '.join(TABLES)}")
        base.execute("CHECKPOINT")
    log(f"{many:,} cases copied in {time.perf_counter() - begun:.0f} s")


# Young ones run, old ones are over; a few drag on. Some estates are loud. Every fiftieth is void.
ROWS = """
INSERT INTO bench_row
SELECT n, t.case_id, e.id, e.rank, e.place_path, received, received - c.received_at,
    (received::date - c.received_at::date), t.kind = 'closed', t.kind = 'closed' AND n %% 50 = 0, text_no, place_no
FROM (
    SELECT n, now() - age * interval '1 day' AS received, text_no, place_no, draw, estate,
        CASE WHEN age < 5 THEN 0.95 WHEN age < 15 THEN 0.5 WHEN age < 40 THEN 0.15 ELSE 0.002 END > luck AS running
    FROM (
        SELECT n, %(days)s * (1 - (n - %(first)s - random()) / %(many)s) AS age, random() AS luck, random() AS draw,
            floor(random() * %(texts)s)::int AS text_no, floor(random() * %(places)s)::int AS place_no,
            floor((SELECT count(*) FROM bench_estate) * random() ^ 1.5)::int AS estate
        FROM generate_series(%(first)s + 1, %(first)s + %(many)s) AS n
    ) AS thrown
) AS drawn
JOIN bench_template t ON (t.kind <> 'closed') = running AND draw >= low AND draw < high
JOIN cases_case c ON c.id = t.case_id
JOIN bench_estate e ON e.rank = estate
"""


def _moved(column: str) -> str:
    """Nothing stays nothing: the least of a moment and of nothing would be the moment."""
    return f"CASE WHEN NOT b.voided AND c.{column} IS NOT NULL THEN least(c.{column} + b.shift, now()) END"


def _copies() -> Iterator[str]:
    from gongzhi.cases.models import Case, CaseEntry, CaseParty, Complaint
    from gongzhi.core.models import Event, PersonalData
    from gongzhi.duties.models import Duty

    number = f"b.n + {FIRST}"
    place = {"place_path": "b.place_path"}
    rows = "bench_row b JOIN cases_case c ON c.id = b.case_id JOIN cases_complaint m ON m.id = c.complaint_id"
    rows += " JOIN bench_text x ON x.no = b.text_no JOIN bench_place y ON y.no = b.place_no"
    only = "b.n > %(first)s"
    yield _copy(
        PersonalData, "t", f"{rows} JOIN core_personaldata t ON t.id = m.complainant_id WHERE {only}",
        {"id": number, "owner_id": f"({number})::text", "phone_hash": "md5('p' || b.n) || md5('q' || b.n)", **place},
    )  # fmt: skip
    yield _copy(
        Complaint, "m", f"{rows} WHERE {only}",
        {
            "id": number, "number": "'JJ-' || extract(year FROM b.received) || '-T' || lpad(b.n::text, 7, '0')",
            "complainant_id": number, "estate_id": "b.estate_id", "text": "x.text", "location": "y.text",
            "receiver_id": _office("m.receiver_id"), **place,
        },
    )  # fmt: skip
    yield _copy(
        Case, "c", f"{rows} WHERE {only}",
        {
            "id": number, "number": "'JJ-' || extract(year FROM b.received) || '-' || lpad(b.n::text, 7, '0')",
            "complaint_id": number, "estate_id": "b.estate_id", "text": "x.text", "location": "y.text",
            "title": "y.text || substr(x.text, 1 + strpos(x.text, '，'), 14)",
            "desk_id": _office("c.desk_id"), "lead_id": _office("c.lead_id"),
            "state": "CASE WHEN b.voided THEN 'voided' WHEN b.over AND b.received < now() - interval '15 days'"
            " THEN 'archived' ELSE c.state END",
            "closed_at": _moved("closed_at"),
            "archived_at": "CASE WHEN b.over AND NOT b.voided AND b.received < now() - interval '15 days'"
            " THEN c.closed_at + b.shift + interval '5 days' END",
            "answered_at": _moved("answered_at"),
            "void_reason": "CASE WHEN b.voided THEN '重复登记' ELSE '' END",
            "readers": "ARRAY(SELECT 'o' || coalesce(f.office, substr(r.key, 2)::bigint) FROM unnest(c.readers) r (key)"
            " LEFT JOIN bench_office f ON f.estate_id = b.estate_id AND f.was = substr(r.key, 2)::bigint)",
            **place,
        },
    )  # fmt: skip
    yield (
        f"INSERT INTO cases_casewords (case_id, grams, keys) SELECT {number}, x.grams || y.grams || e.name_grams,"
        " ARRAY(SELECT 'p' || code FROM unnest(string_to_array(k.place_path, '/')) AS code WHERE code <> '')"
        " || k.readers || CASE WHEN k.state = 'pending' AND k.lead_id IS NULL AND k.route_lead <> ''"
        " THEN ARRAY['c' || k.route_lead]::varchar[] ELSE '{}' END"
        f" FROM {rows} JOIN bench_estate e ON e.id = b.estate_id JOIN cases_case k ON k.id = {number} WHERE {only}"
    )
    yield _copy(
        CaseParty, "t", f"bench_row b JOIN cases_caseparty t ON t.case_id = b.case_id WHERE {only}",
        {"case_id": number, "organisation_id": _office("t.organisation_id")},
    )  # fmt: skip
    event = f"(b.n + {FIRST}) * {EVENT_ROOM} + t.ordinal"
    shown = ", ".join(f"'case.{one}'" for one in SHOWN)
    kept = f"{only} AND (NOT b.over OR t.kind IN ({shown}))"
    yield _copy(
        Event, "t", f"bench_row b JOIN bench_event t ON t.subject_id = b.case_id::text WHERE {kept}",
        {
            "id": event, "subject_id": f"({number})::text", "organisation_id": _office("t.organisation_id"),
            "cause_id": "NULL::bigint", **place,
        },
    )  # fmt: skip
    of_entry = "bench_row b JOIN cases_caseentry n ON n.case_id = b.case_id JOIN bench_event t ON t.id = n.event_id"
    yield _copy(
        CaseEntry, "n", f"{of_entry} WHERE {kept}",
        {"case_id": number, "event_id": event, "organisation_id": _office("n.organisation_id")},
    )  # fmt: skip
    of_duty = "bench_row b JOIN duties_duty d ON d.subject_kind = 'case' AND d.subject_id = b.case_id::text"
    owed = "d.rule IN ('answer_complaint', 'answer_handout')"
    yield _copy(
        Duty, "d", f"{of_duty} LEFT JOIN bench_event t ON t.id = d.opened_by_id"
        f" WHERE {only} AND (NOT b.over OR (NOT b.voided AND {owed}))",
        {
            "subject_id": f"({number})::text", "estate_id": "b.estate_id", "opening": "'copy:' || b.n || ':' || d.id",
            "opened_by_id": f"CASE WHEN NOT b.over THEN {event} END",
            "owner_organisation_id": _office("d.owner_organisation_id"), "creditor_id": _office("d.creditor_id"),
            "state_json": f"jsonb_set(d.state_json, '{{subject}}', to_jsonb('case:' || ({number})))", **place,
        },
    )  # fmt: skip


def _office(column: str) -> str:
    """The office of the copy's street or community in place of the template's; the county's own stay."""
    own = f"SELECT f.office FROM bench_office f WHERE f.estate_id = b.estate_id AND f.was = {column}"
    return f"coalesce(({own}), {column})"


def _copy(model: Any, alias: str, rows: str, given: Mapping[str, str]) -> str:
    """Every column as the template's, moments moved by the copy's shift, but for those `given`."""
    from django.db import models

    columns, values = [], []
    for field in model._meta.concrete_fields:
        if field.primary_key and field.column not in given:
            continue
        plain = f'{alias}."{field.column}"'
        if isinstance(field, models.DateTimeField):
            plain += " + b.shift"
        elif isinstance(field, models.DateField):
            plain += " + b.days"
        columns.append(f'"{field.column}"')
        values.append(given.get(field.column, plain))
    return f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {rows}"


@contextmanager
def _without_indexes(base: psycopg.Connection[Any], *, large: bool) -> Iterator[None]:
    """Many rows go in faster where the indexes are built afterwards."""
    if not large:
        yield
        return
    found = base.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i"
        " JOIN pg_class c ON c.oid = i.indrelid WHERE c.relname = ANY(%s) AND NOT EXISTS"
        " (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)",
        [list(TABLES)],
    ).fetchall()
    for name, _ in found:
        base.execute(f"DROP INDEX {name}".encode())
    yield
    for _, definition in found:
        base.execute(definition.encode())
