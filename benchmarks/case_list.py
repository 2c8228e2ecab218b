"""The list of cases among 1,000,000, with rights, for 16 people at once, over HTTP as `gongzhi run` serves it.

    python benchmarks/case_list.py [--cases 1000000] [--users 16] [--clicks 40] [--pause 1.0] [--at FOLDER]

A department that is party to some, the office of a street, the hotline's desk of the county: each opens the list,
turns to page 2, filters by matter (one of the first that the page offers), by estate and by words, and takes every
order that the page offers. For the table alone, by filter and order, is asked as the page's script does. Between two
clicks each looks at the page for `--pause` seconds on average; `--pause 0` is a race. Beside it the same people look at
a page without any case: what serving a page costs here. `--at` keeps the cluster with its million for the next run.
Exit status 1 when more than five of 100 pages take longer than LIMIT_MS.
"""

import argparse
import http.client
import os
import random
import re
import statistics
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ground.cluster import kept_platform

LIMIT_MS = 200.0
PORT = 8113
PEOPLE = ("hotline_desk", "street_office", "urban_management", "fire_rescue", "market_regulation", "police", "ecology",
          "leading_group_office")  # fmt: skip
PLAIN_PAGE = "/yinsi/"
OFFERED = 5  # matters of each person's own list
MATTER = "of-the-page-"  # one of them, by its place
BY_SCRIPT = ("matter", "estate", "words", "order")
SELECT = re.compile(r'<select[^>]* name="matter">(.*?)</select>', re.S)
OPTION = re.compile(r'<option value="([^"]+)"')


@dataclass
class Told:
    """Milliseconds of each page, by what was asked of it."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    faults: list[str] = field(default_factory=list)

    def all(self) -> list[float]:
        return [one for times in self.times.values() for one in times]


def p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]


def sessions(users: int) -> list[str]:
    """A session for each, the people in turn: streets differ."""
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from gongzhi.core.models import User

    streets = list(User.objects.filter(posts__role="street_office").order_by("pk"))
    found = []
    for number in range(users):
        name = PEOPLE[number % len(PEOPLE)]
        user = streets[number % len(streets)] if name == "street_office" else User.objects.get(username=name)
        session = import_module(settings.SESSION_ENGINE).SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        found.append(str(session.session_key))
    return found


def pages() -> list[tuple[str, str]]:
    """What people ask of the list, the plain page most often."""
    from urllib.parse import quote

    from gongzhi.registry.models import Estate

    estates = list(Estate.objects.order_by("pk").values_list("pk", flat=True)[:200:20])
    return [
        *[("opened", "/anjian/")] * 6,
        *[("page 2", "/anjian/?page=2")] * 3,
        *[("matter", f"/anjian/?matter={MATTER}{number}") for number in range(OFFERED)],
        *[("estate", f"/anjian/?estate={pk}") for pk in estates[:3]],
        *[("words", f"/anjian/?text={quote(words)}") for words in ("楼顶", "消防", "困人")],
        *[("order", f"/anjian/?order={order}") for order in ("received", "newest", "repeats")],
        *[("order of all", f"/anjian/?view=all&order={order}") for order in ("due", "received", "newest", "repeats")],
        ("overdue", "/anjian/?view=overdue"),
        ("repeated", "/anjian/?view=repeated&order=repeats"),
        ("page 20 of all", "/anjian/?view=all&page=20"),
    ]


@contextmanager
def served(port: int) -> Iterator[int]:
    """The web server of `gongzhi run`, warm. Yields the number of its process."""
    from django.core.management import call_command

    from gongzhi.site.run import web_command

    call_command("collectstatic", interactive=False, verbosity=0)
    server = subprocess.Popen(web_command("127.0.0.1", port), env=dict(os.environ))  # noqa: S603 - our own command
    try:
        end = time.monotonic() + 90
        while time.monotonic() < end:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                connection.request("GET", "/healthz")
                if connection.getresponse().status == 200:
                    break
            except OSError:
                time.sleep(0.3)
        yield server.pid
    finally:
        server.terminate()
        server.wait(30)


def look(session: str, clicks: list[tuple[str, str]], *, port: int, pause: float, told: Told, seed: int) -> None:
    """One person: a connection kept open, as a browser does."""
    chance = random.Random(seed)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Cookie": f"sessionid={session}"}
    connection.request("GET", "/anjian/", headers=headers)
    matters = OPTION.findall(SELECT.search(connection.getresponse().read().decode())[1])  # type: ignore[index]
    for what, asked in clicks:
        address, place, number = asked.partition(MATTER)
        if place:
            address += matters[int(number) % len(matters)]
        by_script = {"HX-Request": "true"} if what in BY_SCRIPT else {}
        if pause:
            time.sleep(chance.expovariate(1 / pause))
        begun = time.perf_counter()
        connection.request("GET", address, headers=headers | by_script)
        answer = connection.getresponse()
        body = answer.read()
        told.times[what].append((time.perf_counter() - begun) * 1000)
        if answer.status != 200 or (address.startswith("/anjian/") and b'id="cases"' not in body):
            told.faults.append(f"{address}: {answer.status}")
    connection.close()


def crowd(found: list[str], listed: list[tuple[str, str]], *, clicks: int, port: int, pause: float) -> Told:
    told = Told()
    people = []
    for number, session in enumerate(found):
        chance = random.Random(number)
        chosen = [chance.choice(listed) for _ in range(clicks)]
        people.append(
            threading.Thread(
                target=look,
                args=(session, chosen),
                kwargs={"port": port, "pause": pause, "told": told, "seed": number},
            )
        )
    for one in people:
        one.start()
    for one in people:
        one.join()
    return told


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--users", type=int, default=16)
    parser.add_argument("--clicks", type=int, default=40)
    parser.add_argument("--pause", type=float, default=1.0)
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--at", type=Path)
    asked = parser.parse_args()
    with kept_platform(asked.at) as address:
        from django.utils import timezone
        from ground import million

        million.ready(address, timezone.now())
        million.fill(address, asked.cases)
        found, listed = sessions(asked.users), pages()
        with served(asked.port):
            for number, (_, page) in enumerate(listed):  # each worker and thread has loaded what it needs
                look(found[number % len(found)], [("", page)], port=asked.port, pause=0, told=Told(), seed=0)
            given = {"clicks": asked.clicks, "port": asked.port, "pause": asked.pause}
            plain = crowd(found, [("plain", PLAIN_PAGE)], **given)
            told = crowd(found, listed, **given)
    for what, times in sorted(told.times.items()):
        print(f"{what}: {len(times)} pages, median {statistics.median(times):.0f} ms, p95 {p95(times):.0f} ms")
    for fault in told.faults[:5]:
        print(f"fault: {fault}", file=sys.stderr)
    floor, ours = p95(plain.all()), p95(told.all())
    middle = statistics.median(plain.all())
    print(f"a page without cases, {asked.users} people: median {middle:.0f} ms, p95 {floor:.0f} ms")
    print(
        f"the list among {asked.cases:,} cases, {asked.users} people: median {statistics.median(told.all()):.0f} ms, "
        f"p95 {ours:.0f} ms, {ours / floor:.1f} times the page without cases; limit {LIMIT_MS:.0f} ms"
    )
    return 0 if ours <= LIMIT_MS and not told.faults else 1


if __name__ == "__main__":
    raise SystemExit(main())
