"""An import that is killed in the middle has done nothing, and can be confirmed again."""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings as configured
from django.db import connection

from gongzhi.core.models import Event, PersonalData
from gongzhi.core.tests.cast import NOW
from gongzhi.registry.models import Building, Estate, ImportRun, Ownership, Unit
from gongzhi.registry.services import imports
from gongzhi.registry.tests.books import workbook

SECONDS = 60
# Says when it reaches the point, and then waits there to be killed.
IMPORTER = """
import os, time
import django
from django.conf import settings
django.setup()
from django.db import connection
settings.DATABASES["default"]["NAME"] = os.environ["GONGZHI_TEST_NAME"]
connection.settings_dict["NAME"] = os.environ["GONGZHI_TEST_NAME"]
settings.MEDIA_ROOT = os.environ["GONGZHI_TEST_FILES"]
from gongzhi.core.actors import Actor
from gongzhi.core.tests.cast import NOW
from gongzhi.registry.models import ImportRun
from gongzhi.registry.services.imports import owners, queueing, running, units
module = {"units": units, "owners": owners, "running": running}[os.environ["GONGZHI_TEST_MODULE"]]
name = os.environ["GONGZHI_TEST_WHERE"]
real = getattr(module, name)
def stop_here(*args, **kwargs):
    result = real(*args, **kwargs)
    print("reached", flush=True)
    time.sleep(120)
    return result
setattr(module, name, stop_here)
run = ImportRun.objects.get()
if os.environ["GONGZHI_TEST_JOB"]:
    queueing.bring_in(run.pk, now=NOW)
else:
    running.confirm(run, digest=run.digest, actor=Actor.system(), now=NOW)
print("finished", flush=True)
"""


def _kill_after(module, where, files, *, job=""):
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "gongzhi.site.settings",
        "GONGZHI_TEST_NAME": str(connection.settings_dict["NAME"]),
        "GONGZHI_TEST_FILES": str(files),
        "GONGZHI_TEST_MODULE": module,
        "GONGZHI_TEST_WHERE": where,
        "GONGZHI_TEST_JOB": job,
        "PYTHONPATH": str(configured.BASE_DIR),
    }
    process = subprocess.Popen([sys.executable, "-c", IMPORTER], env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline().strip() == "reached"
        process.send_signal(signal.SIGKILL)
    finally:
        process.kill()
        process.wait(SECONDS)
        process.communicate()
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
    raise AssertionError("the transaction of the killed process is still there")


def _workbook(cast):
    return workbook(
        小区=[[cast.community.name, "新苑", "", "商品房小区"]],
        楼幢=[["新苑", "1幢"]],
        房屋=[["新苑", "1幢", str(n), 80, "测绘", ""] for n in range(50)],
        业主=[["新苑", "1幢", str(n), f"业主{n}"] for n in range(50)],
    )


@pytest.mark.parametrize(("module", "where"), [("units", "_add"), ("owners", "_write"), ("running", "digest_of")])
def test_a_killed_import_leaves_nothing_and_can_be_confirmed_again(committed, settings, module, where):
    from gongzhi.core import dispatcher
    from gongzhi.core.actors import Actor
    from gongzhi.core.tests.cast import build

    with dispatcher.only([]):
        cast = build()
        run = imports.dry_run(name="x.xlsx", content=_workbook(cast), place=cast.street, actor=Actor.system(), now=NOW)
    before = (Estate.objects.count(), Building.objects.count(), Event.objects.count())
    _kill_after(module, where, settings.MEDIA_ROOT)
    assert (Estate.objects.count(), Building.objects.count(), Event.objects.count()) == before
    assert not Unit.objects.exists() and not Ownership.objects.exists() and not PersonalData.objects.exists()
    assert ImportRun.objects.get().state == "checked"
    with dispatcher.only([]):
        imports.confirm(run, digest=run.digest, actor=Actor.system(), now=NOW)
    assert (Unit.objects.count(), Ownership.objects.count(), PersonalData.objects.count()) == (50, 50, 50)


@pytest.mark.parametrize(("module", "where"), [("owners", "_write"), ("running", "digest_of")])
def test_the_import_of_a_killed_worker_has_done_nothing_and_is_done_once_when_it_is_taken_up_again(
    committed, settings, monkeypatch, module, where
):
    from gongzhi.core import dispatcher
    from gongzhi.core.actors import Actor
    from gongzhi.core.tests.cast import build
    from gongzhi.registry.services.imports import queueing

    monkeypatch.setattr(queueing, "IMMEDIATE_BYTES", 0)
    with dispatcher.only([]):
        cast = build()
        run = imports.hand_in(name="x.xlsx", content=_workbook(cast), place=cast.street, actor=Actor.system(), now=NOW)
        queueing.try_out(run.pk, now=NOW)
        run.refresh_from_db()
        imports.accept(run, digest=run.digest, actor=Actor.system(), now=NOW)
    _kill_after(module, where, settings.MEDIA_ROOT, job="yes")
    assert not Unit.objects.exists() and not Ownership.objects.exists() and not PersonalData.objects.exists()
    assert ImportRun.objects.get().state == "confirmed"
    with dispatcher.only([]):
        for _ in range(2):
            queueing.bring_in(run.pk, now=NOW)
    assert (Unit.objects.count(), Ownership.objects.count(), PersonalData.objects.count()) == (50, 50, 50)
    assert Event.objects.filter(kind="registry.imported").count() == 1
