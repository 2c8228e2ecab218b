"""A web process that is killed while it receives a complaint loses nothing and doubles nothing."""

import os
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.db import connection

from gongzhi.cases import services
from gongzhi.cases.models import Case, CaseEntry, Complaint
from gongzhi.cases.tests.steps import CALLER, at
from gongzhi.core.models import Event, FormKey, NumberSeries, OutboxMessage, PersonalData
from gongzhi.core.tests.cast import Cast, build
from gongzhi.duties.models import Duty

SECONDS = 60
KEY = "the-form-that-was-being-sent"

# Receives a complaint, says when it reaches the point, and waits there to be killed.
RECEIVER = """
import os, time
import django
from django.conf import settings
django.setup()
from django.db import connection
settings.DATABASES["default"]["NAME"] = os.environ["GONGZHI_TEST_NAME"]
connection.settings_dict["NAME"] = os.environ["GONGZHI_TEST_NAME"]
settings.MEDIA_ROOT = os.environ["GONGZHI_TEST_FILES"]
from datetime import datetime
from gongzhi.cases.services import intake
from gongzhi.cases.tests.steps import CALLER
from gongzhi.core.actors import Actor
from gongzhi.core.models import User
from gongzhi.registry.models import Estate
def stop_here(*args, **kwargs):
    print("reached", flush=True)
    time.sleep(120)
point = os.environ["GONGZHI_TEST_POINT"]
if point == "cases":
    intake._open_cases = stop_here
if point == "key":
    intake.core.keep_form_key = stop_here
now = datetime.fromisoformat(os.environ["GONGZHI_TEST_NOW"])
user = User.objects.get(pk=os.environ["GONGZHI_TEST_USER"])
intake.receive_complaint(
    channel="web", estate=Estate.objects.get(pk=os.environ["GONGZHI_TEST_ESTATE"]), text="楼顶有人搭玻璃房。",
    location="7幢楼顶",
    matters=[intake.MatterInput(matter=one, title="", text="楼顶有人搭玻璃房。") for one in ("fire_lane", "noise")],
    complainant=CALLER, received_at=now, key=os.environ["GONGZHI_TEST_KEY"], actor=Actor.of(user, now), now=now,
)
stop_here()
"""


def _kill_at(point: str, cast: Cast, now: datetime, files: Path) -> None:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "gongzhi.site.settings",
        "GONGZHI_TEST_NAME": str(connection.settings_dict["NAME"]),
        "GONGZHI_TEST_FILES": str(files),
        "GONGZHI_TEST_POINT": point,
        "GONGZHI_TEST_NOW": now.isoformat(),
        "GONGZHI_TEST_USER": str(cast.actor("owner").user.pk),
        "GONGZHI_TEST_ESTATE": str(cast.estate.pk),
        "GONGZHI_TEST_KEY": KEY,
        "PYTHONPATH": str(configured.BASE_DIR),
    }
    process = subprocess.Popen([sys.executable, "-c", RECEIVER], env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "reached"
        process.send_signal(signal.SIGKILL)
    finally:
        process.kill()
        process.communicate(timeout=SECONDS)
    _until_rolled_back()


def _until_rolled_back() -> None:
    """The server notices that the client has gone."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND state <> 'idle'"
            )
            if cursor.fetchone()[0] == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the transaction of the killed process is still there")


def _send_again(cast: Cast, now: datetime) -> Complaint:
    matters = [services.MatterInput(matter=one, title="", text="楼顶有人搭玻璃房。") for one in ("fire_lane", "noise")]
    return services.receive_complaint(
        channel="web",
        estate=cast.estate,
        text="楼顶有人搭玻璃房。",
        location="7幢楼顶",
        matters=matters,
        complainant=CALLER,
        received_at=now,
        key=KEY,
        actor=cast.actor("owner"),
        now=now,
    )


KEPT = (Complaint, Case, CaseEntry, Duty, Event, OutboxMessage, PersonalData, FormKey, NumberSeries)


def _rows() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        jobs = cursor.fetchone()[0]
    return {**{model.__name__: model.objects.count() for model in KEPT}, "jobs": jobs}


@pytest.mark.parametrize("point", ["cases", "key"])
def test_killed_before_its_commit_an_intake_leaves_nothing_and_comes_in_once_when_sent_again(
    committed: None, tmp_path: Path, point: str
) -> None:
    """`cases`: the complaint is saved and its cases are not; `key`: all is written, only the commit is missing."""
    cast, now = build(), at(5, 5)
    before = _rows()
    _kill_at(point, cast, now, tmp_path / "files")
    assert _rows() == before
    first, second = _send_again(cast, now), _send_again(cast, now)
    assert first == second == Complaint.objects.get()
    assert first.number.endswith("T00001"), "the killed one took no number"
    assert Case.objects.count() == 2


def test_killed_after_its_commit_an_intake_is_there_once_when_sent_again(committed: None, tmp_path: Path) -> None:
    cast, now = build(), at(5, 5)
    _kill_at("end", cast, now, tmp_path / "files")
    kept = _rows()
    assert _send_again(cast, now) == Complaint.objects.get()
    assert _rows() == kept
