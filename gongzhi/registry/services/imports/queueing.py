"""Large workbooks do not keep their clerk waiting: the worker tries and imports them, and says how far it is.

Whatever runs here may be killed and run again: a state changes in the transaction of the work that it tells of.
"""

import logging
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime

from django.db import DatabaseError, connection, transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Place
from gongzhi.registry.models import ImportProgress, ImportRun
from gongzhi.registry.services.imports import reading, running
from gongzhi.registry.services.imports.kinds import REGISTRY, kind_of
from gongzhi.registry.services.imports.workbooks import opened

logger = logging.getLogger(__name__)

TRY, IMPORT = "registry.try_workbook", "registry.import_workbook"
IMMEDIATE_BYTES = 256 * 1024
LOCK_KIND = 5402
LOCKED_LEVELS = 2  # one import at a time in a city
SECONDS_BETWEEN_TELLING = 0.5
BROKEN = "平台处理这份表格时出错，已记入日志，没有写入任何内容。请联系系统管理员。"


@transaction.atomic
def hand_in(*, name: str, content: bytes, place: Place, actor: Actor, now: datetime, kind: str = REGISTRY) -> ImportRun:
    """A small workbook is tried at once; a large one, or any while another is at work in the city, by the worker."""
    kind_of(kind).require(place, actor)
    reading.check_package(content)
    if len(content) <= IMMEDIATE_BYTES and _alone(place.path, wait=False):
        return running.dry_run(name=name, content=content, place=place, actor=actor, now=now, kind=kind)
    run = running.new_run(name=name, content=content, place=place, actor=actor, now=now, kind=kind)
    run.save()
    _queue(run, TRY)
    return run


@transaction.atomic
def accept(run: ImportRun, *, digest: str, leave_out: bool = False, actor: Actor, now: datetime) -> ImportRun:
    """Imports what the dry run told: a small workbook at once, a large one by the worker. Twice is once."""
    run = ImportRun.objects.select_for_update(of=("self",)).select_related("file").get(pk=run.pk)
    if run.state in ("confirmed", "imported"):
        return run
    kind_of(run.kind).require(Place.objects.get(path=run.place_path), actor)
    running.check_confirmed(run, digest=digest, leave_out=leave_out)
    large = ImportProgress.objects.filter(run=run).exists()
    if not large and _alone(run.place_path, wait=False):
        return running.confirm(run, digest=digest, leave_out=leave_out, actor=actor, now=now)
    run.state, run.leave_out = "confirmed", leave_out
    run.save(update_fields=["state", "leave_out"])
    _queue(run, IMPORT)
    return run


def try_out(run_id: int, *, now: datetime) -> None:
    """The dry run of a workbook that waits for it."""

    def work(run: ImportRun, actor: Actor) -> None:
        place = Place.objects.get(path=run.place_path)
        kind_of(run.kind).require(place, actor)
        content = opened(run.file)
        book, tell = reading.read(content, kind_of(run.kind).sheets), _Teller(run.pk)
        running.note_outcome(run, book=book, content=content, place=place, actor=actor, now=now, tell=tell)

    _carry_out(run_id, "waiting", work, fails_as="refused", now=now)


def bring_in(run_id: int, *, now: datetime) -> None:
    """The import of a workbook whose dry run was confirmed."""

    def work(run: ImportRun, actor: Actor) -> None:
        tell = _Teller(run.pk)
        running.confirm(run, digest=run.digest, leave_out=run.leave_out, actor=actor, now=now, tell=tell)

    _carry_out(run_id, "confirmed", work, fails_as="outdated", now=now)


def _carry_out(
    run_id: int, state: str, work: Callable[[ImportRun, Actor], None], *, fails_as: str, now: datetime
) -> None:
    """One transaction for all of it. What the database itself breaks off is tried again by the queue."""
    try:
        with transaction.atomic():
            run = ImportRun.objects.select_related("file", "uploaded_by").get(pk=run_id)
            _alone(run.place_path, wait=True)
            run.refresh_from_db(fields=["state"])
            if run.state == state:
                work(run, _uploader(run, now))
    except Refused as refused:
        _fail(run_id, state, fails_as, refused.message)
    except DatabaseError:
        raise
    except Exception:
        logger.exception("import %s", run_id)
        _fail(run_id, state, fails_as, BROKEN)


def _fail(run_id: int, state: str, fails_as: str, message: str) -> None:
    ImportRun.objects.filter(pk=run_id, state=state).update(state=fails_as, message=message[:300])


def _uploader(run: ImportRun, now: datetime) -> Actor:
    """In the post in which the workbook was handed in, if it is still held."""
    if run.uploaded_by is None:
        return Actor.system(demo=run.demo)
    return Actor.of(run.uploaded_by, now, post_id=run.post_id)


def _queue(run: ImportRun, task: str) -> None:
    ImportProgress.objects.update_or_create(run=run, defaults={"step": "", "done": 0, "total": 0, "begun_at": None})
    core.later(task, run_id=run.pk)


def _alone(place_path: str, *, wait: bool) -> bool:
    """Takes the city's lock for this transaction: two imports would find the same units new. False: another has it."""
    city = "/".join(place_path.split("/")[:LOCKED_LEVELS])
    function = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, hashtext(%s))", [LOCK_KIND, city])  # noqa: S608 - own names
        return wait or bool(cursor.fetchone()[0])


class _Teller:
    """Writes down how far the work is, on a connection of its own: the work's transaction is not yet to be seen."""

    def __init__(self, run_id: int) -> None:
        self._run_id, self._last, self._step = run_id, 0.0, ""

    def __call__(self, step: str, done: int, total: int) -> None:
        moment = time.monotonic()
        if step == self._step and moment - self._last < SECONDS_BETWEEN_TELLING:
            return
        self._last, self._step = moment, step
        with closing(connection.copy()) as beside, beside.cursor() as cursor:
            cursor.execute(
                "UPDATE registry_importprogress SET step = %s, done = %s, total = %s,"
                " begun_at = coalesce(begun_at, now()) WHERE run_id = %s",
                [step, done, total, self._run_id],
            )
