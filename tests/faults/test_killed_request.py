"""A web process that is killed in the middle of a program's request: sent again, the request has one result."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings as configured
from django.db import connection

from gongzhi.cases.models import Case, Complaint
from gongzhi.core.models import ApiReply, Event
from gongzhi.core.tests.calling import ROOT, key_for
from gongzhi.core.tests.cast import Cast, build

SECONDS = 60
KEY = "the-request-that-was-being-sent"

# Serves one address over HTTP, says on which port; stops for good where it is told.
SERVER = """
import os, time
import django
from django.conf import settings
django.setup()
from django.db import connection
settings.DATABASES["default"]["NAME"] = os.environ["GONGZHI_TEST_NAME"]
connection.settings_dict["NAME"] = os.environ["GONGZHI_TEST_NAME"]
settings.MEDIA_ROOT = os.environ["GONGZHI_TEST_FILES"]
from datetime import datetime
from wsgiref.simple_server import make_server
from django.core.wsgi import get_wsgi_application
from gongzhi.core import middleware
now = datetime.fromisoformat(os.environ["GONGZHI_TEST_NOW"])
middleware.timezone.now = lambda: now
from gongzhi.site import api
point = os.environ["GONGZHI_TEST_POINT"]
finish = api.finish
def stop_here(request, response):
    if point == "before the reply is kept":
        hang()
    done = finish(request, response)
    if point == "before the commit":
        hang()
    return done
def hang():
    print("reached", flush=True)
    time.sleep(120)
api.finish = stop_here
application = get_wsgi_application()
def answering(environ, start_response):
    found = application(environ, start_response)
    if point == "after the commit":
        hang()
    return found
server = make_server("127.0.0.1", 0, answering)
print(server.server_port, flush=True)
server.serve_forever()
"""


def body_for(cast: Cast) -> dict[str, Any]:
    return {
        "channel": "phone",
        "estate": cast.estate.pk,
        "reason": "楼顶搭建玻璃房，夜间施工。",
        "matters": [{"matter": "illegal_structure"}],
        "caller_name": "陈建国",
        "caller_phone": "13812345678",
        "caller_address": "2幢301室",
    }


class Server:
    def __init__(self, cast: Cast, point: str, files: Path) -> None:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "gongzhi.site.settings",
            "GONGZHI_TEST_NAME": str(connection.settings_dict["NAME"]),
            "GONGZHI_TEST_FILES": str(files),
            "GONGZHI_TEST_NOW": cast.now.isoformat(),
            "GONGZHI_TEST_POINT": point,
            "PYTHONPATH": str(configured.BASE_DIR),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVER],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        self.url = f"http://127.0.0.1:{int(self.process.stdout.readline())}{ROOT}/complaints"

    def send(self, cast: Cast, secret: str, *, seconds: float = SECONDS) -> httpx.Response:
        headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": KEY}
        return httpx.post(self.url, json=body_for(cast), headers=headers, timeout=seconds)

    def wait(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline().strip() == "reached"

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate(timeout=SECONDS)


@pytest.mark.parametrize("point", ["before the reply is kept", "before the commit", "after the commit"])
def test_a_request_of_a_killed_server_has_one_result_when_it_is_sent_again(
    committed: None, tmp_path: Path, point: str
) -> None:
    cast = build()
    secret = key_for(cast, "street_office")
    before = Event.objects.count()
    killed = Server(cast, point, tmp_path / "files")
    try:
        with pytest.raises(httpx.ReadTimeout):
            killed.send(cast, secret, seconds=15)
        killed.wait()
    finally:
        killed.kill()
    left = Complaint.objects.count()
    assert left == (1 if point == "after the commit" else 0)
    assert (Event.objects.count() > before) == bool(left)
    other = Server(cast, "", tmp_path / "files")
    try:
        first, again = other.send(cast, secret), other.send(cast, secret)
    finally:
        other.kill()
    assert first.status_code == again.status_code == 201, first.text
    assert first.json() == again.json() and first.json()["number"] == Complaint.objects.get().number
    assert ("Idempotency-Replayed" in first.headers) == bool(left) and "Idempotency-Replayed" in again.headers
    assert Case.objects.count() == ApiReply.objects.count() == 1
