"""The tally of 1,000,000 ballots × 10 motions in the database.

    python benchmarks/tally.py [--ballots 1000000] [--rounds 3]

Beside it, on the same rows in the same run: a plain aggregate of the 10 motions, without the law (no changed ballots,
no heads). A tenth of the owners changed their ballot, a tenth own two units. The same code is held against the tally of
reasons on a sample of 2,000 ballots. Exit status 1 when the count takes more than LIMIT times the plain aggregate.
"""

import argparse
import os
import statistics
import time
from datetime import datetime, timedelta

from ground.cluster import platform

LIMIT = 5.0
MOTIONS = 10
SAMPLE = 2_000

ROLL = """
INSERT INTO governance_rollentry
    (vote_id, unit_id, code, room, building, entrance, kind, stock, area, area_source, owners, nominee, voters)
SELECT %(vote)s, n, 'f' || n, n || '室', '1幢', '', 'home', 'sold', 5000 + n %% 9000, 'register', owner, '', owner
FROM generate_series(1, %(units)s) n
CROSS JOIN LATERAL (SELECT ARRAY['y' || CASE WHEN n %% 10 = 0 THEN n - 1 ELSE n END]) one (owner)
"""
BALLOTS = """
INSERT INTO governance_ballot
    (vote_id, number, key, at, channel, voter, units, choices, salt, proxy, faults, entered_by, entry_id)
SELECT %(vote)s, 'b' || n, 'k' || n, %(at)s::timestamptz + n * interval '1 millisecond', 'phone',
       'y' || CASE WHEN u %% 10 = 0 THEN u - 1 ELSE u END,
       ARRAY['f' || u], c.choices, '', '', '{}', '{}', %(first)s + n
FROM generate_series(1, %(ballots)s) n
CROSS JOIN LATERAL (SELECT 1 + n %% %(units)s AS u) w
CROSS JOIN LATERAL (
    SELECT jsonb_object_agg(
        'm' || m, (ARRAY['agree', 'oppose', 'abstain'])[1 + ((n * 7 + m * 13 + n / 100 * m) %% 5) / 2]) AS choices
    FROM generate_series(1, 10) m) c
"""
# The tally reads ballots in the order of the log. The count in the database reads no entry.
ENTRIES = """
INSERT INTO proof_entry (id, log_id, leaf_hash, data, promised_ms, key_id, promise, leaf_index)
SELECT %(first)s + n, %(log)s, sha256(n::text::bytea), '{}', 0, 0, ''::bytea, n - 1
FROM generate_series(1, %(ballots)s) n
"""
FIRST = 1_000_000
LOOSE = """
SELECT conrelid::regclass::text, conname FROM pg_constraint
WHERE contype = 'f' AND conrelid IN ('governance_ballot'::regclass, 'governance_rollentry'::regclass)
"""
PLAIN = """
SELECT {figures} FROM governance_ballot b JOIN governance_rollentry r ON r.vote_id = b.vote_id AND r.code = b.units[1]
WHERE b.vote_id = %s
"""


def _vote(now: datetime) -> object:
    """A vote with its frozen rules, made by the services on a small estate."""
    from gongzhi.core.tests import cast as casting
    from gongzhi.governance.votes.tests import steps

    made = casting.build()
    return steps.opened(made, *(steps.motion(title=f"第{number}项") for number in range(1, MOTIONS + 1)))


def _filled(vote: object, *, ballots: int) -> None:
    from django.db import connection

    units = ballots * 9 // 10
    with connection.cursor() as cursor:
        cursor.execute(LOOSE)  # millions of rows without a unit or an entry behind them
        for table, name in cursor.fetchall():
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        cursor.execute("DELETE FROM governance_ballot")
        cursor.execute("DELETE FROM governance_rollentry")
        cursor.execute(ROLL, {"vote": vote.pk, "units": units})  # type: ignore[attr-defined]
        at = vote.opens_at + timedelta(hours=1)  # type: ignore[attr-defined]
        given = {"vote": vote.pk, "units": units, "ballots": ballots, "at": at, "first": FIRST}  # type: ignore[attr-defined]
        cursor.execute(BALLOTS, given)
        cursor.execute("ANALYZE governance_ballot")
        cursor.execute("ANALYZE governance_rollentry")


def _plain(vote: object) -> None:
    from django.db import connection

    figures = ", ".join(
        f"count(*) FILTER (WHERE b.choices->>'m{number}' = '{answer}'), "
        f"sum(r.area) FILTER (WHERE b.choices->>'m{number}' = '{answer}')"
        for number in range(1, MOTIONS + 1)
        for answer in ("agree", "oppose", "abstain")
    )
    with connection.cursor() as cursor:
        cursor.execute(PLAIN.format(figures=figures), [vote.pk])  # type: ignore[attr-defined]
        cursor.fetchone()


def _agrees(vote: object) -> bool:
    from gongzhi.governance.votes import services as votes
    from gongzhi.governance.votes.set_tally import set_tally

    found = set_tally(vote)  # type: ignore[arg-type]
    return all(
        (found[one.motion][answer].heads, found[one.motion][answer].area)
        == (getattr(one.tallied.votes, answer).heads, getattr(one.tallied.votes, answer).area)
        for one in votes.counted(vote, sensitivity=False).motions  # type: ignore[arg-type]
        for answer in ("agree", "oppose", "abstain")
    )


def _seconds(work: object) -> float:
    begun = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - begun


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ballots", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with platform():
        from django.db import connection

        from gongzhi.governance.votes.set_tally import set_tally

        vote = _vote(datetime.now().astimezone())
        _filled(vote, ballots=SAMPLE)
        with connection.cursor() as cursor:
            cursor.execute(ENTRIES, {"log": vote.log_id, "ballots": SAMPLE, "first": FIRST})  # type: ignore[attr-defined]
        if not _agrees(vote):
            print("the count in the database differs from the tally")
            return 1
        _filled(vote, ballots=asked.ballots)
        with connection.cursor() as cursor:
            cursor.execute("SET work_mem = '256MB'")
        plain, ours = [], []
        for _ in range(asked.rounds):
            plain.append(_seconds(lambda: _plain(vote)))
            ours.append(_seconds(lambda: set_tally(vote)))
        limit, took = statistics.median(plain), statistics.median(ours)
    print(f"{asked.ballots:,} ballots x {MOTIONS} motions: {took:.2f} s; plain aggregate {limit:.2f} s")
    print(f"ratio {took / limit:.2f}, limit {LIMIT}")
    return 0 if took <= LIMIT * limit else 1


if __name__ == "__main__":
    raise SystemExit(main())
