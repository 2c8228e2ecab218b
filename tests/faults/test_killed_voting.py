"""Web server, sequencer and database killed while owners vote over HTTP: every receipt that was given is in the log.

Real processes, as `gongzhi run` starts them, on a cluster of their own that writes through to the disk.
"""

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from conftest import TEMPLATE, _copy, _kept_cluster
from gongzhi.proof.verifier import verify
from gongzhi.site.database import socket_url
from gongzhi.site.embedded import Server, home
from gongzhi.site.processes import end_group, start_child
from gongzhi.site.run import web_command
from tests.browser.running import ROOT, free_port

SECONDS = 90
CLIENTS = 4
MORE = 12  # receipts between two kills
CSRF = "a" * 32

# A vote that is open now, and of each owner the address of his page with the cookie of one who has shown who he is.
MADE = """
import json, sys
import django
django.setup()
from datetime import UTC, datetime, timedelta
from django.http import HttpResponse
from gongzhi.core.tests.cast import build
from gongzhi.governance.votes.models import Vote, VoteLink
from gongzhi.governance.votes.services.links import issued
from gongzhi.governance.votes.tests import steps
from gongzhi.governance.votes.views.phone import grant
now = datetime.now(UTC)
cast = build()
steps.last_ballot_counts(cast)
vote = steps.opened(cast, closes_at=now + timedelta(hours=5))
ways = []
for owner in sorted({entry.owners[0] for entry in vote.roll.all()}):
    token = issued(vote, owner=owner, now=now)
    answer = grant(HttpResponse(), VoteLink.objects.get(vote=vote, owner=owner), secure=False)
    cookie = "; ".join(f"{name}={one.coded_value}" for name, one in answer.cookies.items())
    ways.append([f"/biaojue/piao/{token}/", cookie])
print("MADE", json.dumps(ways))
"""
# After all of it: what the log says of itself, the ballots, and the package with the owners' receipts.
LOOKED = """
import json, sys
from pathlib import Path
import django
django.setup()
from datetime import UTC, datetime
from gongzhi.governance.votes.exports import package
from gongzhi.governance.votes.models import Ballot, Vote
from gongzhi.proof import queries, services
from gongzhi.proof.models import Entry
vote = Vote.objects.get()
services.checkpoint(vote.log, now=datetime.now(UTC))
folder = Path(sys.argv[1])
(folder / "export.zip").write_bytes(package(vote, now=datetime.now(UTC)))
ballots = Ballot.objects.filter(vote=vote).select_related("entry__log", "entry__key")
for one in ballots:
    (folder / f"{one.number}.json").write_text(json.dumps(queries.receipt(one.entry)))
print("LOOKED", json.dumps({
    "faults": list(queries.faults(vote.log)),
    "ballots": {one.key: one.number for one in ballots},
    "cast": Entry.objects.filter(log=vote.log, data__contains='"kind":"CAST"').count(),
}))
"""


@dataclass
class Voting:
    """The platform's processes, each to be killed and started again, and what its voters were told."""

    folder: Path
    port: int = field(default_factory=free_port)
    told: dict[str, tuple[int, str]] = field(default_factory=dict)  # the form's key: whose, the receipt's address
    doubtful: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    ways: list[list[str]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.server = Server(home(self.folder))
        assert self.server.take()
        _copy(_kept_cluster(), self.server.data)
        self.server.start()
        self.children: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def environ(self) -> dict[str, str]:
        own = {"DATABASE_URL": socket_url(self.server.sockets, name=TEMPLATE), "GONGZHI_VAR": str(self.folder)}
        path = {"PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "gongzhi.site.settings", "GONGZHI_TESTING": "1"}
        return {**os.environ, **own, **path}

    def run(self, script: str, word: str, *arguments: str) -> Any:
        command = [sys.executable, "-c", script, *arguments]
        done = subprocess.run(command, env=self.environ, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS)
        found = re.search(rf"^{word} (.*)$", done.stdout, re.M)
        assert found is not None, done.stderr[-3000:]
        return json.loads(found.group(1))

    def start(self, name: str) -> None:
        command = {
            "web": web_command("127.0.0.1", self.port),
            "sequencer": [sys.executable, "-m", "gongzhi", "manage", "sequence_logs", "--forever"],
        }[name]
        with open(self.folder / f"{name}.log", "ab") as log:
            self.children[name] = start_child(command, environ=self.environ, cwd=ROOT, output=log)

    def kill(self, name: str) -> None:
        """With all its workers, at once."""
        child = self.children.pop(name)
        os.killpg(child.pid, signal.SIGKILL)
        child.wait(SECONDS)

    def stop_database_at_once(self) -> None:
        """As `pg_ctl stop -m immediate` does: nothing is written out, no session is asked."""
        pid = int((self.server.data / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGQUIT)
        until(lambda: not self.server.alive(), "the database ends")

    def kill_database(self) -> None:
        """The postmaster itself, as the kernel does when memory runs out; its sessions find out by themselves."""
        pid = int((self.server.data / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        until(lambda: not self.server.alive(), "the database ends")

    def end(self) -> None:
        self.over.set()
        for child in self.children.values():
            end_group(child, end_signal=signal.SIGKILL)
        self.server.stop()
        shutil.rmtree(self.server.base, ignore_errors=True)
        shutil.rmtree(self.server.sockets, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def post(self, whose: int, key: str) -> tuple[int, str]:
        """Status and where the receipt is; 0 when nobody answered."""
        url, cookie = self.ways[whose]
        marks = {"m1": "agree", "step": "cast", "key": key, "csrfmiddlewaretoken": CSRF}
        headers = {
            "Cookie": f"csrftoken={CSRF}; {cookie}",
            "Content-Type": "application/x-www-form-urlencoded",
            "Host": f"localhost:{self.port}",
        }
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("POST", url, urlencode(marks), headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status, answer.headers.get("Location", "")
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            connection.close()

    def vote(self, whose: int) -> None:
        """Again and again with a new form, as somebody who keeps changing his mind."""
        while not self.over.is_set():
            key = uuid4().hex
            status, where = self.post(whose, key)
            if status == 303:
                self.told[key] = (whose, where)
            elif status in (0, 500, 503):
                self.doubtful[key] = whose
                time.sleep(0.1)
            else:
                self.wrong.append(f"{status} {where}")
                return


def until(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(0.05)


@pytest.fixture
def voting(django_db_setup: None) -> Iterator[Voting]:
    folder = Path(tempfile.mkdtemp(prefix="gongzhi-test-"))
    folder.chmod(0o711)
    made = Voting(folder)
    try:
        made.ways = made.run(MADE, "MADE")
        yield made
    finally:
        made.end()


def _more_receipts(voting: Voting) -> None:
    wanted = len(voting.told) + MORE
    until(lambda: len(voting.told) >= wanted or bool(voting.wrong), "receipts are given")
    assert voting.wrong == []


@pytest.mark.long
def test_every_receipt_given_before_a_kill_is_in_the_log_after_it(voting: Voting) -> None:
    for name in ("web", "sequencer"):
        voting.start(name)
    voters = [threading.Thread(target=voting.vote, args=(whose,)) for whose in range(CLIENTS)]
    for one in voters:
        one.start()
    try:
        _more_receipts(voting)
        voting.kill("web")
        voting.start("web")
        _more_receipts(voting)
        voting.kill("sequencer")
        voting.stop_database_at_once()
        voting.server.start()
        voting.start("sequencer")
        _more_receipts(voting)
        voting.kill_database()
        voting.server.start()
        _more_receipts(voting)
    finally:
        voting.over.set()
        for one in voters:
            one.join(SECONDS)
    assert voting.doubtful, "somebody was left without an answer"

    # Whoever sends his form again gets the receipt that he had, or his first one.
    for key, (whose, where) in voting.told.items():
        assert voting.post(whose, key) == (303, where)
    for key, whose in voting.doubtful.items():
        status, where = voting.post(whose, key)
        assert status == 303
        assert voting.post(whose, key) == (303, where)
        voting.told[key] = (whose, where)

    found = voting.run(LOOKED, "LOOKED", str(voting.folder))
    assert found["faults"] == []
    assert {key: where.split("/")[-2] for key, (_, where) in voting.told.items()} == found["ballots"]
    assert found["cast"] == len(found["ballots"])
    receipts = [str(voting.folder / f"{number}.json") for number in found["ballots"].values()]
    assert verify.main([str(voting.folder / "export.zip"), "--receipt", *receipts]) == 0
