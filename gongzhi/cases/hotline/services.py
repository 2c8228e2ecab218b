"""Taking tickets in, each in one transaction on its own number: twice, at once or killed in between, it is one."""

import base64
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from gongzhi.cases.hotline.columns import BY_CODE, LATE, REQUIRED, columns_in, own_names
from gongzhi.cases.hotline.models import HotlineRun, HotlineSource, HotlineTicket
from gongzhi.cases.hotline.reading import Table, read
from gongzhi.cases.hotline.recognising import Fault, Recogniser, Ticket
from gongzhi.cases.models import Case, Complaint
from gongzhi.cases.models.case import RUNNING
from gongzhi.cases.services import intake
from gongzhi.cases.services.acting import emit, locked
from gongzhi.core import crypto
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused
from gongzhi.core.files import keep, open_file
from gongzhi.core.models import Organisation, StoredFile
from gongzhi.core.refs import Ref

FILE, SECRET = "hotline.file", "hotline.secret"
IMPORT = "cases.import_hotline"
TEXT_TYPE = "text/plain"
INSTANT = timedelta(microseconds=1)
MOST_FAULTS = 2_000
NEW, CHANGED, UNCHANGED, FAULTY = "new", "changed", "unchanged", "faulty"
KINDS = {NEW: "新工单", CHANGED: "有更新", UNCHANGED: "没有变化", FAULTY: "有问题"}


@dataclass(frozen=True)
class Taken:
    """What became of one ticket. `changed` and `kept` name columns: what was updated, and what differs but stays."""

    kind: str
    number: str
    changed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


@dataclass
class Report:
    headers: list[str]
    missing: list[str] = field(default_factory=list)
    total: int = 0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    faults: list[dict[str, Any]] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)

    def add(self, row: int, taken: Taken) -> None:
        self.counts[taken.kind] += 1
        if taken.changed or taken.kept:
            names = {name: [BY_CODE[code].title for code in getattr(taken, name)] for name in ("changed", "kept")}
            self.changes.append({"row": row, "number": taken.number, **names})

    def refuse(self, faults: list[Fault]) -> None:
        self.counts[FAULTY] += 1
        self.faults += [one.to_json() for one in faults[: MOST_FAULTS - len(self.faults)]]

    def to_json(self) -> dict[str, Any]:
        return dict(vars(self))


@transaction.atomic
def make_source(*, name: str, desk: Organisation, actor: Actor, now: datetime) -> HotlineSource:
    core.require(actor, "hotline.exchange", desk)
    name = name.strip()
    if not name or HotlineSource.objects.filter(desk=desk, name=name).exists():
        why = "已有同名的来源。" if name else "请写来源的名称，例如12345热线。"
        raise Refused("bad_source", why, fields={"name": why})
    source = HotlineSource.objects.create(name=name, desk=desk, place_path=desk.place_path, demo=actor.demo)
    _record_source(source, actor, now)
    return source


@transaction.atomic
def set_source(
    source: HotlineSource,
    *,
    mapping: Mapping[str, str] | None = None,
    matter_words: Mapping[str, str] | None = None,
    estate_words: Mapping[str, int] | None = None,
    address: str | None = None,
    secret: str | None = None,
    version: int | None = None,
    actor: Actor,
    now: datetime,
) -> HotlineSource:
    """Keeps what a clerk said of this source: which column is what, which word is which matter or estate."""
    source = HotlineSource.objects.select_for_update().get(pk=source.pk)
    core.require(actor, "hotline.exchange", source)
    if version is not None:
        core.check_version(source, version)
    if mapping is not None:
        source.mapping = _checked_mapping(mapping)
    source.matter_words |= dict(matter_words or {})
    source.estate_words |= dict(estate_words or {})
    if address is not None:
        source.address = address
    if secret:
        source.secret_cipher = crypto.encrypt(secret, purpose=SECRET)
    source.version += 1
    source.save()
    _record_source(source, actor, now)
    return source


def _checked_mapping(mapping: Mapping[str, str]) -> dict[str, str]:
    found = {code: header for code, header in mapping.items() if code in BY_CODE and header}
    missing = [code for code in REQUIRED if code not in found]
    twice = [code for code, header in found.items() if list(found.values()).count(header) > 1]
    fields = dict.fromkeys(missing, "请选文件里是哪一栏。") | dict.fromkeys(twice, "同一栏不能对应两项。")
    if fields:
        raise Refused("bad_mapping", "栏目还没有对应完整。", fields=fields)
    return found


def _record_source(source: HotlineSource, actor: Actor, now: datetime) -> None:
    core.record(
        "hotline.source_set",
        subject=source.ref,
        actor=actor,
        at=now,
        data={
            "columns": sorted(source.mapping),
            "matter_words": len(source.matter_words),
            "estate_words": len(source.estate_words),
            "posts_answers": bool(source.address),
        },
        place_path=source.place_path,
    )


@transaction.atomic
def dry_run(source: HotlineSource, *, name: str, content: bytes, actor: Actor, now: datetime) -> HotlineRun:
    """Reads and compares every row, writes nothing of them; the file is kept under cipher."""
    core.require(actor, "hotline.exchange", source)
    table = read(content)
    if not source.mapping and not _lacking(own_names(table.headers)):
        source = set_source(source, mapping=own_names(table.headers), actor=actor, now=now)
    run = HotlineRun(
        source=source, place_path=source.place_path, uploaded_by=actor.user, post=actor.post, uploaded_at=now,
        demo=actor.demo or source.demo,
    )  # fmt: skip
    owner = Ref("hotline_run", crypto.sha256(content)[:40], name, source.place_path)
    sealed = crypto.encrypt(base64.b64encode(content).decode(), purpose=FILE).encode()
    run.file = keep(sealed, name=name[-120:], content_type=TEXT_TYPE, owner=owner, actor=actor, now=now)
    run.report = _tried(source, table, actor=actor, now=now).to_json()
    run.save()
    _record_run("hotline.file_checked", run, actor, now)
    return run


@transaction.atomic
def recheck(run: HotlineRun, *, actor: Actor, now: datetime) -> HotlineRun:
    """The dry run again, after columns or words were told."""
    run = HotlineRun.objects.select_for_update(of=("self",)).select_related("source", "file").get(pk=run.pk)
    core.require(actor, "hotline.exchange", run)
    if run.state == "checked":
        run.report = _tried(run.source, read(opened(run.file)), actor=actor, now=now).to_json()
        run.save(update_fields=["report"])
    return run


def opened(file: StoredFile) -> bytes:
    with open_file(file) as kept:
        return base64.b64decode(crypto.decrypt(kept.read().decode(), purpose=FILE))


def _lacking(mapping: Mapping[str, str]) -> list[str]:
    return [code for code in REQUIRED if code not in mapping]


def _record_run(kind: str, run: HotlineRun, actor: Actor, now: datetime) -> None:
    data = {"file": run.file.name, **run.report["counts"]}
    core.record(kind, subject=run.ref, actor=actor, at=now, data=data, place_path=run.place_path)


def _reading(source: HotlineSource, table: Table) -> HotlineSource:
    """The source with the columns of this very file; what is kept of it stays as it is."""
    found = copy(source)
    found.mapping = columns_in(source.mapping, table.headers)
    return found


def _tried(source: HotlineSource, table: Table, *, actor: Actor, now: datetime) -> Report:
    report = Report(table.headers, total=len(table.rows))
    source = _reading(source, table)
    report.missing = _lacking(source.mapping)
    if report.missing:
        return report
    known = {one.number: one for one in source.tickets.select_related("complaint")}
    for ticket, faults in _tickets(source, table, on=local_day(now)):
        if ticket is None:
            report.refuse(faults)
            continue
        row = known.get(ticket.number)
        if row is not None and row.complaint_id is not None:
            report.add(ticket.row, _difference(row, ticket))
            continue
        refused = _refusal(source, ticket, actor=actor, now=now)
        if refused is None:
            report.add(ticket.row, Taken(NEW, ticket.number))
        else:
            report.refuse(_faults_of(source, ticket, refused))
    return report


def _tickets(source: HotlineSource, table: Table, *, on: Any) -> Iterator[tuple[Ticket | None, list[Fault]]]:
    """Row by row; the same number twice with different contents is a fault of the second."""
    recogniser = Recogniser(source, on=on)
    seen: dict[str, Ticket] = {}
    for index, cells in enumerate(table.rows):
        if not any(cells):
            continue
        ticket, faults = recogniser.ticket(table, index)
        first = seen.get(ticket.number) if ticket is not None else None
        if ticket is not None and first is not None:
            if first.marks == ticket.marks:
                continue
            why = f"与第{first.row}行编号相同，内容不同，只取前一行"
            ticket, faults = None, [Fault(table.number(index), "number", why, source.mapping["number"])]
        if ticket is not None:
            seen[ticket.number] = ticket
        yield ticket, faults


def _given(ticket: Ticket) -> dict[str, Any]:
    return {
        "channel": "hotline",
        "estate": ticket.estate,
        "text": ticket.text,
        "location": ticket.location,
        "matters": [intake.MatterInput(matter=ticket.matter, title=ticket.title)],
        "complainant": intake.ComplainantInput(
            name=ticket.caller_name, phone=ticket.caller_phone, address=ticket.caller_address
        ),
        "received_at": ticket.received_at,
        "extra": {"hotline_number": ticket.number},
    }


def _refusal(source: HotlineSource, ticket: Ticket, *, actor: Actor, now: datetime) -> Refused | None:
    try:
        _owner_elsewhere(source, ticket.number)
        if not Complaint.objects.filter(hotline_number=ticket.number).exists():
            intake.check_complaint(**_given(ticket), actor=actor, now=now)
    except Refused as refused:
        return refused
    return None


def _owner_elsewhere(source: HotlineSource, number: str) -> None:
    other = HotlineTicket.objects.filter(complaint__hotline_number=number).exclude(source=source).first()
    if other is not None:
        raise Refused("hotline_twice", f"这个编号已由“{other.source}”导入。", fields={"number": ""})


def _faults_of(source: HotlineSource, ticket: Ticket, refused: Refused) -> list[Fault]:
    """What a command refused, beside the columns it is about."""
    names = {"name": "caller_name", "phone": "caller_phone", "address": "caller_address", "matters": "matter"}
    columns = [column for one in refused.fields if (column := names.get(one, one)) in BY_CODE] or ["number"]
    return [Fault(ticket.row, column, refused.message, source.mapping.get(column, "")) for column in columns]


def _difference(row: HotlineTicket, ticket: Ticket) -> Taken:
    differing = [code for code, mark in ticket.marks.items() if row.marks.get(code) != mark]
    # A deadline that is no longer told is not taken back.
    late = [code for code in differing if code in LATE and not (code == "due_at" and ticket.due_at is None)]
    kept = tuple(code for code in differing if code not in late)
    return Taken(CHANGED if differing else UNCHANGED, row.number, tuple(late), kept)


@transaction.atomic
def take_ticket(ticket: Ticket, *, source: HotlineSource, actor: Actor, now: datetime) -> Taken:
    """Registers the ticket once; later only what may change. Whoever comes second waits for the first."""
    core.require(actor, "hotline.exchange", source)
    empty = HotlineTicket(
        source=source, number=ticket.number, place_path=source.place_path, taken_at=now, demo=actor.demo or source.demo
    )
    HotlineTicket.objects.bulk_create([empty], ignore_conflicts=True)
    row = HotlineTicket.objects.select_for_update().get(source=source, number=ticket.number)
    if row.complaint_id is not None:
        return _update(row, ticket, actor=actor, now=now)
    _owner_elsewhere(source, ticket.number)
    complaint = Complaint.objects.filter(hotline_number=ticket.number).first()  # typed in by hand before the file came
    if complaint is None:
        complaint = intake.receive_complaint(**_given(ticket), anonymous_reason=intake.NO_CALLER, actor=actor, now=now)
    row.complaint, row.place_path = complaint, complaint.place_path
    row.due_at, row.state, row.attachments = ticket.due_at, ticket.state, ticket.attachments
    row.marks = dict(ticket.marks)
    row.save()
    _set_deadline(row, actor=actor, now=now)
    return Taken(NEW, row.number)


def _update(row: HotlineTicket, ticket: Ticket, *, actor: Actor, now: datetime) -> Taken:
    found = _difference(row, ticket)
    if found.kind == UNCHANGED:
        return found
    if "due_at" in found.changed:
        row.due_at = ticket.due_at
    row.state, row.attachments = ticket.state, ticket.attachments
    row.marks, row.changed_at = dict(ticket.marks), now
    row.save()
    if "due_at" in found.changed:
        _set_deadline(row, actor=actor, now=now)
    if "text" in found.kept:
        for case in _running(row):
            emit(case, kind="progress_noted", title="热线更新了诉求内容", actor=actor, now=now, text=ticket.text)
    assert row.complaint is not None  # noqa: S101 - asked by the caller
    core.record(
        "hotline.ticket_changed",
        subject=row.complaint.ref,
        actor=actor,
        at=now,
        data={"number": row.number, "changed": list(found.changed), "kept": list(found.kept)},
        place_path=row.place_path,
    )
    return found


def _running(row: HotlineTicket) -> list[Case]:
    return [locked(one) for one in Case.objects.filter(complaint=row.complaint_id, state__in=RUNNING).order_by("id")]


def _set_deadline(row: HotlineTicket, *, actor: Actor, now: datetime) -> None:
    """A clock of its own beside ours. A day is what clocks end on: a moment within a day stands for that day."""
    if row.due_at is None:
        return
    for case in _running(row):
        if case.answered_at is None:
            due_on = local_day(row.due_at - INSTANT)
            emit(
                case, kind="hotline_deadline_set", title=f"热线要求{due_on.month}月{due_on.day}日前答复", actor=actor,
                now=now, due_on=due_on,
            )  # fmt: skip


@dataclass(frozen=True)
class Line:
    """What became of one row that was sent: taken, or what is wrong with it."""

    row: int
    taken: Taken | None
    faults: list[Fault]
    complaint: str = ""


@transaction.atomic
def take_at_once(source: HotlineSource, *, content: bytes, actor: Actor, now: datetime) -> list[Line]:
    """Tickets sent by a program, taken in before it is answered. A bad one stays out alone."""
    core.require(actor, "hotline.exchange", source)
    table = read(content)
    named = _reading(source, table)
    lacking = _lacking(named.mapping)
    if lacking:
        words = "、".join(BY_CODE[one].title for one in lacking)
        raise Refused("bad_mapping", f"栏目还没有对应完整，缺{words}。请先说明这个来源的各栏叫什么，或者用平台的栏名。")
    found = []
    for ticket, faults in _tickets(named, table, on=local_day(now)):
        row, taken = (ticket.row if ticket is not None else faults[0].row), None
        if ticket is not None:
            try:
                with transaction.atomic():
                    taken = take_ticket(ticket, source=source, actor=actor, now=now)
            except Refused as refused:
                faults = _faults_of(source, ticket, refused)
        known = HotlineTicket.objects.filter(source=source, number=taken.number) if taken is not None else None
        number = known.values_list("complaint__number", flat=True).first() if known is not None else ""
        found.append(Line(row, taken, list(faults), number or ""))
    return found


@transaction.atomic
def start_import(run: HotlineRun, *, leave_out: bool = False, actor: Actor, now: datetime) -> HotlineRun:
    """Hands the file to the worker. `leave_out`: the faulty rows stay out, the others come in."""
    run = HotlineRun.objects.select_for_update(of=("self",)).select_related("source", "file").get(pk=run.pk)
    core.require(actor, "hotline.exchange", run)
    if run.state != "checked":
        return run
    if run.report["missing"]:
        raise Refused("bad_mapping", "请先指明各栏对应什么，再导入。")
    if run.report["counts"][FAULTY] and not leave_out:
        raise Refused("import_faulty", "还有问题行，改好后重新上传；或者选择“只导入没有问题的行”。")
    run.state = "queued"
    run.save(update_fields=["state"])
    core.later(IMPORT, run_id=run.pk)
    return run


def carry_out(run_id: int, *, now: datetime) -> HotlineRun:
    """Takes every ticket of the file in, each in its own transaction. Killed half-way, the next try goes on.

    Call it outside a transaction block.
    """
    run = HotlineRun.objects.select_related("source__desk", "file", "uploaded_by").get(pk=run_id)
    if run.state != "queued":
        return run
    actor = Actor.of(run.uploaded_by, now, post_id=run.post_id)
    table = read(opened(run.file))
    report = Report(table.headers, total=len(table.rows))
    source = _reading(run.source, table)
    for ticket, faults in _tickets(source, table, on=local_day(now)):
        if ticket is None:
            report.refuse(faults)
            continue
        try:
            report.add(ticket.row, take_ticket(ticket, source=run.source, actor=actor, now=now))
        except Refused as refused:
            report.refuse(_faults_of(source, ticket, refused))
    with transaction.atomic():
        done = HotlineRun.objects.filter(pk=run.pk, state="queued")
        if done.update(state="imported", imported_at=now, report=report.to_json()):
            run.report = report.to_json()
            _record_run("hotline.file_imported", run, actor, now)
    run.refresh_from_db()
    return run
