"""A sequencer or a client killed anywhere: no promised entry is lost, none gets two places, no two trees are signed."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest
from django.conf import settings as configured
from django.db import connection, transaction

from gongzhi.proof import keys, queries, sequencing, services
from gongzhi.proof.models import Checkpoint, Entry, Log

SECONDS = 60
NOW = datetime(2022, 5, 5, 1, 0, tzinfo=UTC)

# Appends or sequences, says when it reaches the point, and waits there to be killed.
WORKER = """
import os, time
import django
from django.conf import settings
django.setup()
from django.db import connection
settings.DATABASES["default"]["NAME"] = os.environ["GONGZHI_TEST_NAME"]
connection.settings_dict["NAME"] = os.environ["GONGZHI_TEST_NAME"]
settings.PROOF_PASSPHRASE = os.environ["GONGZHI_TEST_PASSPHRASE"]
from datetime import UTC, datetime
from django.db import transaction
from gongzhi.proof import sequencing, services
from gongzhi.proof.models import Log
def stop_here(*args, **kwargs):
    print("reached", flush=True)
    time.sleep(120)
now = datetime(2022, 5, 5, 1, 0, tzinfo=UTC)
log = Log.objects.get(origin=os.environ["GONGZHI_TEST_LOG"])
point = os.environ["GONGZHI_TEST_POINT"]
if point == "appended":
    with transaction.atomic():
        services.append(log, {"n": "never promised"}, now=now)
        stop_here()
if point == "read":
    sequencing._write = stop_here
if point == "placed":
    sequencing.notes.sign_checkpoint = stop_here
if point == "signed":
    create = sequencing.Checkpoint.objects.create
    def created(**values):
        create(**values)
        stop_here()
    sequencing.Checkpoint.objects.create = created
sequencing.sequence(log, now=now)
stop_here()
"""


def _kill_at(point: str, log: Log) -> None:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "gongzhi.site.settings",
        "GONGZHI_TEST_NAME": str(connection.settings_dict["NAME"]),
        "GONGZHI_TEST_PASSPHRASE": configured.PROOF_PASSPHRASE,
        "GONGZHI_TEST_LOG": log.origin,
        "GONGZHI_TEST_POINT": point,
        "PYTHONPATH": str(configured.BASE_DIR),
    }
    process = subprocess.Popen([sys.executable, "-c", WORKER], env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "reached"
        process.send_signal(signal.SIGKILL)
    finally:
        process.kill()
        process.communicate(timeout=SECONDS)
    _until_let_go()


def _until_let_go() -> None:
    """The server notices that the client has gone, and its locks with it."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND backend_type = 'client backend'"
            )
            if cursor.fetchone() == (0,):
                return
        time.sleep(0.05)
    raise AssertionError("the killed process still holds a session")


@pytest.mark.parametrize("point", ["appended", "read", "placed", "signed", "done"])
def test_whatever_was_promised_is_in_the_log_once(committed: None, point: str) -> None:
    log = services.open_log("vote/1", now=NOW)
    keys.signer(now=NOW)
    promised = []
    for number in range(7):
        with transaction.atomic():
            promised.append(services.append(log, {"n": number}, now=NOW).promise)
        if number == 2:
            sequencing.sequence(log, now=NOW)
    before = Checkpoint.objects.get(size=3).note
    _kill_at(point, log)
    assert Checkpoint.objects.count() == (2 if point == "done" else 1)
    sequencing.sequence(log, now=NOW)
    assert list(queries.faults(log)) == []
    assert sorted(Entry.objects.values_list("leaf_index", flat=True)) == list(range(7))
    assert {bytes(one.leaf_hash) for one in Entry.objects.all()} == {one.leaf for one in promised}
    assert queries.compare(before).verdict == "consistent"
    assert sorted(Checkpoint.objects.values_list("size", flat=True)) == [3, 7]
