"""The dry run, and the import that does what the dry run said. Both are the same work; one is rolled back."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from gongzhi.core import crypto
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.files import XLSX, keep
from gongzhi.core.models import Place, StoredFile
from gongzhi.core.refs import Ref
from gongzhi.registry.models import ImportRun
from gongzhi.registry.services.imports import checking, reading
from gongzhi.registry.services.imports.applying import Applying, Tell, silent
from gongzhi.registry.services.imports.kinds import REGISTRY, kind_of
from gongzhi.registry.services.imports.outcome import Outcome
from gongzhi.registry.services.imports.workbooks import marked_workbook, opened, sealed

KIND = "registry_import"


class _Undone(Exception):  # noqa: N818
    """Takes the outcome out of the block that is rolled back."""


def work(
    book: reading.Book, *, place: Place, actor: Actor, now: datetime, kind: str = REGISTRY, tell: Tell = silent
) -> Outcome:
    """Everything the workbook says, in the caller's transaction. Faulty rows are left out and told."""
    of = kind_of(kind)
    job = Applying(place=place, actor=actor, now=now, tell=tell)
    job.outcome.kind = kind
    total, done = sum(len(rows) - 1 for rows in book.rows.values() if rows), 0
    checking.begin()
    checking.add(book.faults)
    for sheet in of.sheets:
        if sheet.code not in book.rows:
            continue
        result = job.outcome.of(sheet.code)
        job.begin(f"处理“{sheet.title}”", done=done, total=total)
        result.read = reading.stage(book, sheet)
        checking.check_cells(sheet)
        of.apply(job, sheet)
        done += result.read
        result.skipped = len({one.row for one in checking.errors() if one.sheet == sheet.code and one.row > 1})
    turn = {sheet.code: number for number, sheet in enumerate(of.sheets)}
    job.outcome.errors = sorted(checking.errors(), key=lambda one: turn[one.sheet])
    return job.outcome


def tried(
    book: reading.Book, *, place: Place, actor: Actor, now: datetime, kind: str = REGISTRY, tell: Tell = silent
) -> Outcome:
    """The same, and nothing of it stays."""
    outcome = Outcome()
    try:
        with transaction.atomic():
            outcome = work(book, place=place, actor=actor, now=now, kind=kind, tell=tell)
            raise _Undone
    except _Undone:
        return outcome


def digest_of(content: bytes, outcome: Outcome) -> str:
    """Of the file and of all that would be done with it: another database or another file gives another."""
    parts: Iterable[Any] = [
        hashlib.sha256(content).hexdigest(),
        [(code, one.added, one.changed, one.unchanged, one.gone, one.skipped) for code, one in outcome.sheets.items()],
        [[(c.what, c.column, c.old, c.new) for c in one.changes] for one in outcome.sheets.values()],
        [(one.sheet, one.row, one.column, one.reason) for one in outcome.errors],
    ]
    return hashlib.sha256(json.dumps(list(parts), ensure_ascii=False).encode()).hexdigest()


@transaction.atomic
def dry_run(*, name: str, content: bytes, place: Place, actor: Actor, now: datetime, kind: str = REGISTRY) -> ImportRun:
    """Reads, checks and compares; keeps the file under cipher, with its faults marked when there are any."""
    kind_of(kind).require(place, actor)
    book = reading.read(content, kind_of(kind).sheets)
    run = new_run(name=name, content=content, place=place, actor=actor, now=now, kind=kind)
    note_outcome(run, book=book, content=content, place=place, actor=actor, now=now)
    return run


def new_run(*, name: str, content: bytes, place: Place, actor: Actor, now: datetime, kind: str = REGISTRY) -> ImportRun:
    """The row of a workbook that was handed in, unsaved; its file is kept."""
    return ImportRun(
        kind=kind,
        place_path=place.path,
        state="waiting",
        file=_kept(content, name, place, actor, now),
        uploaded_by=actor.user,
        uploaded_at=now,
        post=actor.post,
        demo=actor.demo,
    )


def note_outcome(
    run: ImportRun,
    *,
    book: reading.Book,
    content: bytes,
    place: Place,
    actor: Actor,
    now: datetime,
    tell: Tell = silent,
) -> None:
    """Tries the workbook and saves what came of it."""
    outcome = tried(book, place=place, actor=actor, now=now, kind=run.kind, tell=tell)
    run.state = "faulty" if outcome.errors else "checked"
    run.digest, run.report = digest_of(content, outcome), outcome.to_json()
    if outcome.errors:
        marked = marked_workbook(book, outcome.errors, kind_of(run.kind).sheets)
        run.marked = _kept(marked, f"标注-{run.file.name}", place, actor, now)
    run.save()


def _kept(content: bytes, name: str, place: Place, actor: Actor, now: datetime) -> StoredFile:
    """Names and numbers of owners never lie on a disk in the plain."""
    owner = Ref(KIND, crypto.sha256(content)[:40], name, place.path)
    return keep(sealed(content), name=name[-120:], content_type=XLSX, owner=owner, actor=actor, now=now)


def check_confirmed(run: ImportRun, *, digest: str, leave_out: bool) -> None:
    """Refuses to import anything but what the dry run told."""
    if run.state in ("waiting", "refused", "outdated"):
        raise Refused("import_state", f"这份表格现在是“{run.get_state_display()}”，不能导入。")
    if digest != run.digest:
        raise Refused("import_digest", "试导结果不是这一份，请刷新页面核对后再确认。")
    if run.report["error_count"] and not leave_out:
        raise Refused("import_faulty", "文件里还有错误，改好后重新上传；或者选择“只导入没有错误的行”。")


@transaction.atomic
def confirm(
    run: ImportRun, *, digest: str, leave_out: bool = False, actor: Actor, now: datetime, tell: Tell = silent
) -> ImportRun:
    """Imports exactly what the dry run told. `leave_out`: the faulty rows stay out, the others come in.

    All in one transaction: killed half-way, nothing has happened. A second time nothing happens any more.
    """
    run = ImportRun.objects.select_for_update(of=("self",)).select_related("file").get(pk=run.pk)
    place = Place.objects.get(path=run.place_path)
    kind_of(run.kind).require(place, actor)
    if run.state == "imported":
        return run
    check_confirmed(run, digest=digest, leave_out=leave_out)
    content = opened(run.file)
    book = reading.read(content, kind_of(run.kind).sheets)
    outcome = work(book, place=place, actor=actor, now=now, kind=run.kind, tell=tell)
    if digest_of(content, outcome) != run.digest:
        raise Refused("import_changed", "试导以后底数有了变化，结果已不同。请重新上传，核对后再确认。", status=409)
    run.state, run.imported_at = "imported", now
    run.save(update_fields=["state", "imported_at"])
    core.record(
        "registry.imported",
        subject=run.ref,
        actor=actor,
        at=now,
        place_path=place.path,
        data={"file": run.file.name, **{key: outcome.total(key) for key in COUNTED}},
    )
    return run


COUNTED = ("added", "changed", "unchanged", "gone", "skipped")


def gone_on(run: ImportRun) -> dict[str, list[str]]:
    """What the registry has and the workbook has not, by sheet title."""
    titles = {one.code: one.title for one in kind_of(run.kind).sheets}
    return {titles[code]: one["missing"] for code, one in run.report["sheets"].items() if one["missing"]}
