"""A worker that is killed in the middle of a tick loses nothing and doubles nothing."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.db import connection

from gongzhi.core.models import Document, Event
from gongzhi.duties import services
from gongzhi.duties.models import Duty, State
from gongzhi.duties.tests.acts import assigned, happened, on

CASES = 24
SECONDS = 60

# Says when it reaches the point, and then waits there to be killed.
WORKER = """
import os, sys, time
import django
from django.conf import settings
django.setup()
from django.db import connection
settings.DATABASES["default"]["NAME"] = os.environ["GONGZHI_TEST_NAME"]
connection.settings_dict["NAME"] = os.environ["GONGZHI_TEST_NAME"]
settings.MEDIA_ROOT = os.environ["GONGZHI_TEST_FILES"]
from datetime import datetime
from gongzhi.duties.services import ticking
where, after = os.environ["GONGZHI_TEST_WHERE"], int(os.environ["GONGZHI_TEST_AFTER"])
module, name = ticking, where
real, calls = getattr(module, name), [0]
def stop_here(*args, **kwargs):
    calls[0] += 1
    if calls[0] > after:
        print("reached", flush=True)
        time.sleep(120)
    return real(*args, **kwargs)
setattr(module, name, stop_here)
ticking.tick(datetime.fromisoformat(os.environ["GONGZHI_TEST_NOW"]), batch=10)
print("finished", flush=True)
"""


def _kill_in(where: str, *, after: int, files: Path) -> None:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "gongzhi.site.settings",
        "GONGZHI_TEST_NAME": str(connection.settings_dict["NAME"]),
        "GONGZHI_TEST_FILES": str(files),
        "GONGZHI_TEST_WHERE": where,
        "GONGZHI_TEST_AFTER": str(after),
        "GONGZHI_TEST_NOW": on("05-14 00:05").isoformat(),
        "PYTHONPATH": str(configured.BASE_DIR),
    }
    process = subprocess.Popen([sys.executable, "-c", WORKER], env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "reached"
        process.send_signal(signal.SIGKILL)
    finally:
        process.kill()
        process.wait(SECONDS)
        process.communicate()
    _until_gone(process.pid)


def _until_gone(pid: int) -> None:
    """The server notices that the client has gone and rolls its transaction back."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%%'"
            )
            if cursor.fetchone()[0] == 0:
                return
        time.sleep(0.1)
    raise AssertionError(f"the transaction of process {pid} is still there")


@pytest.mark.parametrize(
    ("where", "after"),
    [
        ("save_clocks", 0),  # within the first transaction, before anything is written
        ("_follow", 15),  # within the second one, with rows, events and papers written
        ("_pass", 1),  # between two transactions, after all of them
    ],
)
def test_a_killed_tick_loses_and_doubles_nothing(committed: None, tmp_path: Path, where: str, after: int) -> None:
    from gongzhi.core.tests.cast import build

    cast = build()
    for number in range(CASES):
        assigned(cast, case=str(number + 1))
    _kill_in(where, after=after, files=tmp_path / "files")
    services.tick(on("05-14 00:05"))
    duties = list(Duty.objects.filter(rule="answer_complaint"))
    assert len(duties) == CASES
    assert {duty.state for duty in duties} == {State.OVERDUE}
    assert {(happened(duty, "reminded"), happened(duty, "overdue"), happened(duty, "climbed")) for duty in duties} == {
        (2, 1, 1)
    }
    papers = Document.objects.filter(instrument="copy_notice")
    assert papers.count() == CASES
    assert sorted(papers.values_list("seq", flat=True)) == list(range(1, CASES + 1))
    assert Duty.objects.filter(rule="explain_overdue").count() == CASES
    assert Event.objects.filter(kind="document.issued").count() == CASES
