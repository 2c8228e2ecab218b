"""Ballots over HTTP from 16 phones at once, as `gongzhi run` serves them, each committed before its receipt is given.

    python benchmarks/ballots.py [--clients 16] [--seconds 5] [--owners 2000]

Beside it, on the same server in the same run: a bare Django view that inserts one row. Each ballot is the owner's last
step: the link, the units, the lock against the close, the marks, an entry of the log with its signed promise, the row.
Every receipt given is looked for in the log afterwards. Exit status 1 when ballots come in at less than LIMIT of the
bare rate, or when a receipt has no ballot.
"""

import argparse
import http.client
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from case_list import served
from ground.cluster import kept_platform
from ground.processor import spent

LIMIT = 0.5
WANTED = 500
ROUNDS = 3
PORT = 8118
CSRF = "a" * 32
BENCHMARKS = Path(__file__).resolve().parent


def _prepared(owners: int, address: str) -> tuple[Any, list[tuple[str, str]]]:
    """An open vote, and for each owner his address and the cookie of one who has shown who he is."""
    import psycopg
    from django.http import HttpResponse

    from gongzhi.core.tests import cast as casting
    from gongzhi.governance.votes.models import RollEntry, Vote, VoteLink
    from gongzhi.governance.votes.services.common import digest
    from gongzhi.governance.votes.tests import steps
    from gongzhi.governance.votes.views.phone import grant

    made = casting.build()
    steps.last_ballot_counts(made)
    vote = steps.opened(made, steps.motion(), steps.motion(title="第二项"), steps.motion(title="第三项"))
    now = datetime.now(UTC)
    Vote.objects.filter(pk=vote.pk).update(opens_at=now - timedelta(hours=1), closes_at=now + timedelta(hours=5))
    unit = RollEntry.objects.filter(vote=vote).values_list("unit_id", flat=True).first()
    with psycopg.connect(address, autocommit=True) as superuser:
        superuser.execute("CREATE TABLE bare_row (id bigserial PRIMARY KEY, at timestamptz, body text)")
        superuser.execute("GRANT ALL ON bare_row, bare_row_id_seq TO gongzhi_app")
        superuser.execute("ALTER TABLE governance_rollentry DROP CONSTRAINT governance_roll_unit")
    RollEntry.objects.bulk_create(
        RollEntry(
            vote=vote, unit_id=unit, code=f"x{number}", room=f"{number}室", building="9幢", kind="home", stock="sold",
            area=10_000, area_source="register", owners=[f"z{number}"], nominee=f"z{number}", voters=[f"z{number}"],
        )
        for number in range(owners)
    )  # fmt: skip
    links = VoteLink.objects.bulk_create(
        VoteLink(vote=vote, owner=f"z{number}", token_hash=digest(f"token{number}"), made_at=now)
        for number in range(owners)
    )
    ways = []
    for number, link in enumerate(links):
        answer = grant(HttpResponse(), link, secure=False)
        cookie = "; ".join(f"{name}={morsel.coded_value}" for name, morsel in answer.cookies.items())
        ways.append((f"/biaojue/piao/token{number}/", f"csrftoken={CSRF}; {cookie}"))
    return vote, ways


def rate(
    work: Callable[[http.client.HTTPConnection, int, int], None], *, clients: int, seconds: float
) -> tuple[float, int]:
    """Answers a second over that many connections kept open, and how many there were."""
    counts, end = [0] * clients, [0.0]
    barrier = threading.Barrier(clients + 1)

    def run(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
        barrier.wait()
        while time.perf_counter() < end[0]:
            work(connection, number, counts[number])
            counts[number] += 1
        connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    end[0] = time.perf_counter() + seconds
    begun = time.perf_counter()
    barrier.wait()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - begun), sum(counts)


def _post(connection: http.client.HTTPConnection, url: str, data: dict[str, str], cookie: str) -> str:
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", url, urlencode({**data, "csrfmiddlewaretoken": CSRF}), headers)
    answer = connection.getresponse()
    answer.read()
    if answer.status != 303:
        raise RuntimeError(f"{url}: {answer.status}")
    return answer.headers.get("Location", "")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--owners", type=int, default=2_000)
    asked = parser.parse_args()
    sys.path.insert(0, str(BENCHMARKS))
    with kept_platform(None) as address:
        from django.conf import settings

        from gongzhi.governance.votes.models import Ballot
        from gongzhi.proof import queries, services
        from gongzhi.site.embedded import home

        vote, owners = _prepared(asked.owners, address)
        receipts: list[str] = []

        def ballot(connection: http.client.HTTPConnection, client: int, count: int) -> None:
            url, cookie = owners[(client * len(owners) // asked.clients + count) % len(owners)]
            marks = {"m1": "agree", "m2": "oppose", "m3": "abstain", "step": "cast", "key": uuid4().hex}
            receipts.append(_post(connection, url, marks, cookie).rstrip("/").split("/")[-1])

        def bare(connection: http.client.HTTPConnection, client: int, count: int) -> None:
            _post(connection, "/bare/", {"body": "x" * 500}, f"csrftoken={CSRF}")

        cost = {bare: 0.0, ballot: 0.0}
        os.environ["DJANGO_SETTINGS_MODULE"] = "ground.bare_settings"
        os.environ["PYTHONPATH"] = f"{os.environ['PYTHONPATH']}:{BENCHMARKS}"
        with served(PORT) as web:
            postmaster = int((home(settings.VAR) / "data/postmaster.pid").read_text().split()[0])
            rate(ballot, clients=asked.clients, seconds=2)
            rate(bare, clients=asked.clients, seconds=1)
            ballots, bares = [], []
            for _ in range(ROUNDS):
                for work, rates in ((bare, bares), (ballot, ballots)):
                    before = spent((web, postmaster))
                    speed, count = rate(work, clients=asked.clients, seconds=asked.seconds)
                    rates.append(speed)
                    cost[work] += (spent((web, postmaster)) - before) / count / ROUNDS
        services.checkpoint(vote.log, now=datetime.now(UTC))
        kept = dict(Ballot.objects.filter(vote=vote).values_list("number", "entry__leaf_index"))
        lost = [one for one in receipts if kept.get(one) is None]
        size = queries.log_size(vote.log)
        ratio = statistics.median(one / other for one, other in zip(ballots, bares, strict=True))
    middle, ours = statistics.median(bares), statistics.median(ballots)
    print(f"{asked.clients} clients: bare view {middle:.0f}/s, ballots {ours:.0f}/s")
    print(
        f"processor, server and database: bare view {1000 * cost[bare]:.2f} ms, a ballot {1000 * cost[ballot]:.2f} ms"
    )
    print(f"{len(receipts)} receipts, {len(lost)} without a place in the log of {size} entries")
    print(f"ratio {ratio:.2f}, limit {LIMIT}; {WANTED}/s wanted where the machine allows it")
    return 0 if ratio >= LIMIT and not lost else 1


if __name__ == "__main__":
    raise SystemExit(main())
