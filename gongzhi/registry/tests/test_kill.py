"""An import that is killed in the middle has done nothing, and can be confirmed again."""

import pytest

from gongzhi.core import dispatcher
from gongzhi.core.actors import Actor
from gongzhi.core.models import Event, PersonalData
from gongzhi.core.tests.cast import NOW, build
from gongzhi.core.tests.killing import killed, stopping
from gongzhi.registry.models import Building, Estate, ImportRun, Ownership, Unit
from gongzhi.registry.services import imports
from gongzhi.registry.services.imports import owners, queueing, running, units
from gongzhi.registry.tests.books import workbook

MODULES = {"units": units, "owners": owners, "running": running}


def _kill_after(module, where, *, job=False):
    def work(here):
        setattr(MODULES[module], where, stopping(getattr(MODULES[module], where), here))
        run = ImportRun.objects.get()
        if job:
            queueing.bring_in(run.pk, now=NOW)
        else:
            running.confirm(run, digest=run.digest, actor=Actor.system(), now=NOW)

    killed(work)


def _workbook(cast):
    return workbook(
        小区=[[cast.community.name, "新苑", "", "商品房小区"]],
        楼幢=[["新苑", "1幢"]],
        房屋=[["新苑", "1幢", str(n), 80, "测绘", ""] for n in range(50)],
        业主=[["新苑", "1幢", str(n), f"业主{n}"] for n in range(50)],
    )


@pytest.mark.parametrize(("module", "where"), [("units", "_add"), ("owners", "_write"), ("running", "digest_of")])
def test_a_killed_import_leaves_nothing_and_can_be_confirmed_again(committed, module, where):
    with dispatcher.only([]):
        cast = build()
        run = imports.dry_run(name="x.xlsx", content=_workbook(cast), place=cast.street, actor=Actor.system(), now=NOW)
    before = (Estate.objects.count(), Building.objects.count(), Event.objects.count())
    _kill_after(module, where)
    assert (Estate.objects.count(), Building.objects.count(), Event.objects.count()) == before
    assert not Unit.objects.exists() and not Ownership.objects.exists() and not PersonalData.objects.exists()
    assert ImportRun.objects.get().state == "checked"
    with dispatcher.only([]):
        imports.confirm(run, digest=run.digest, actor=Actor.system(), now=NOW)
    assert (Unit.objects.count(), Ownership.objects.count(), PersonalData.objects.count()) == (50, 50, 50)


@pytest.mark.parametrize(("module", "where"), [("owners", "_write"), ("running", "digest_of")])
def test_the_import_of_a_killed_worker_has_done_nothing_and_is_done_once_when_it_is_taken_up_again(
    committed, monkeypatch, module, where
):
    monkeypatch.setattr(queueing, "IMMEDIATE_BYTES", 0)
    with dispatcher.only([]):
        cast = build()
        run = imports.hand_in(name="x.xlsx", content=_workbook(cast), place=cast.street, actor=Actor.system(), now=NOW)
        queueing.try_out(run.pk, now=NOW)
        run.refresh_from_db()
        imports.accept(run, digest=run.digest, actor=Actor.system(), now=NOW)
    _kill_after(module, where, job=True)
    assert not Unit.objects.exists() and not Ownership.objects.exists() and not PersonalData.objects.exists()
    assert ImportRun.objects.get().state == "confirmed"
    with dispatcher.only([]):
        for _ in range(2):
            queueing.bring_in(run.pk, now=NOW)
    assert (Unit.objects.count(), Ownership.objects.count(), PersonalData.objects.count()) == (50, 50, 50)
    assert Event.objects.filter(kind="registry.imported").count() == 1
