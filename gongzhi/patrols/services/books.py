"""An entry of a register: entered, changed, taken from stage to stage, struck out; what follows from it by the pack."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event, Organisation, Place
from gongzhi.core.refs import Ref
from gongzhi.patrols.models import EntryFile, EntryStep, RegisterEntry
from gongzhi.patrols.queries.books import BookAt, Reader, period_code, register_at, stored, values_of
from gongzhi.patrols.services.common import (
    CONFLICT_STATUS,
    Upload,
    judged,
    keep_files,
    last_day,
    not_later,
    role_of,
    tell,
)
from gongzhi.patrols.services.findings import Found, Origin, make_finding
from gongzhi.policy.registers import Register, RegisterField
from gongzhi.registry.models import Estate, StandingFact
from gongzhi.registry.queries import organisation_for, project_on
from gongzhi.registry.services.facts import set_fact
from gongzhi.registry.services.facts import told as told_fact

LONGEST_TITLE = 200


@dataclass(frozen=True)
class Filled:
    """What was typed: values by field (typed), files by field, the day it is of, a note."""

    values: Mapping[str, Any]
    uploads: Sequence[Upload] = ()
    on: date | None = None
    stage: str = ""
    note: str = ""
    files: Mapping[str, str] = field(default_factory=dict)


@transaction.atomic
def enter(
    code: str, *, estate: Estate | None = None, place: Place | None = None, filled: Filled, actor: Actor, now: datetime
) -> RegisterEntry:
    """A new line. It is about the estate, or about the place of the actor's unit."""
    on = core.local_day(now)
    path = estate.place_path if estate is not None else place.path if place is not None else actor.place_path
    register = _register(path, code, on)
    core.require(actor, "register.write", BookAt(register, path))
    if register.about == "estate" and estate is None:
        raise Refused("estate", "请选小区。", fields={"estate": "请选小区"})
    day = filled.on or on
    not_later(day, on, "on")
    stage = filled.stage or register.first_stage
    if register.stages and stage not in register.stages:
        raise Refused("stage", "请从列表里选环节。", fields={"stage": "请从列表里选"})
    period = period_code(register.every, day) if register.every else ""
    _once(register, estate, path, period)
    row = RegisterEntry(
        number=f"DJ-{on.year}-{core.next_number('register', on.year):06d}",
        register=register.code,
        title=_title(register, estate, filled, path, on),
        estate=estate,
        place_path=path,
        organisation=actor.organisation,
        role=role_of(actor),
        values={**_defaults(register, estate, path, on), **_given(_stored(register, filled))},
        stage=stage,
        staged_on=day,
        period=period,
        entered_at=now,
        due_on=last_day(path, day, _within(register, path, on)) if register.within is not None else None,
        by=actor.user,
        demo=actor.demo or bool(estate and estate.demo),
    )
    facts = _facts(register, row, filled, actor, on)
    notes = judged(register.question.name, facts, place_path=path, on=on)
    row.told = [one.message for one in notes]
    row.save()
    _files(row, filled, actor=actor, now=now)
    _step(row, "entered", filled, day, actor=actor, now=now)
    _follow(row, register, facts, event="entered", day=day, actor=actor, now=now)
    return row


@transaction.atomic
def change(
    entry: RegisterEntry, *, filled: Filled, version: int | None = None, actor: Actor, now: datetime
) -> RegisterEntry:
    """Other values for the fields given; the others stay."""
    row, register, on = _locked(entry, version, actor, now)
    core.require(actor, "register.write", BookAt(register, row.place_path))
    row.values = {**row.values, **_stored(register, filled)}
    facts = _facts(register, row, filled, actor, on)
    notes = judged(register.question.name, facts, place_path=row.place_path, on=on)
    row.told = [one.message for one in notes]
    row.version += 1
    row.save()
    _files(row, filled, actor=actor, now=now)
    _step(row, "changed", filled, on, actor=actor, now=now)
    _follow(row, register, facts, event="changed", day=on, actor=actor, now=now)
    return row


@transaction.atomic
def take_stage(
    entry: RegisterEntry, *, stage: str, filled: Filled, version: int | None = None, actor: Actor, now: datetime
) -> RegisterEntry:
    """On to a stage that follows the present one, by whom the pack names for it."""
    row, register, on = _locked(entry, version, actor, now)
    target = next((one for one in register.next_stages(row.stage) if one.code == stage), None)
    if target is None:
        now_at = register.stages[row.stage].title if row.stage in register.stages else ""
        reached = register.stages[stage].title if stage in register.stages else stage
        before = "、".join(register.stages[one].title for one in _before(register, stage))
        raise Refused(
            "stage",
            f"现在是“{now_at}”，“{reached}”要在“{before}”以后。",
            tuple(register.clauses),
            status=CONFLICT_STATUS,
        )
    if not may_stage(row, register, target, actor=actor):
        names = "、".join(core.role_name(one, place_path=row.place_path, on=on) for one in target.by)
        raise Refused("not_yours", f"“{target.title}”由{names or '登记单位'}办。", tuple(register.clauses), status=403)
    day = filled.on or on
    not_later(day, on, "on")
    if day < row.staged_on:
        raise Refused("order", "日期不能早于上一环节。", fields={"on": "不能早于上一环节"})
    was = row.stage
    row.values = {**row.values, **_stored(register, filled)}
    row.stage, row.staged_on = stage, day
    facts = {**_facts(register, row, filled, actor, on), "was": was, "stage": stage}
    notes = judged(register.question.name, facts, place_path=row.place_path, on=on)
    row.told = [one.message for one in notes]
    row.version += 1
    row.save()
    _files(row, filled, actor=actor, now=now)
    _step(row, "staged", filled, day, actor=actor, now=now)
    _follow(row, register, facts, event="staged", day=day, actor=actor, now=now, was=was)
    return row


def may_stage(row: RegisterEntry, register: Register, target: Any, *, actor: Actor) -> bool:
    """Whom the stage names, within his place or serving the estate; a stage that names nobody is its writers'."""
    if actor.is_system:
        return True
    roles = BookAt(register, row.place_path).party_roles(actor)
    if not target.by:
        return "entry_writer" in roles
    return role_of(actor) in target.by and "entry_reader" in roles


@transaction.atomic
def end(entry: RegisterEntry, *, version: int | None = None, actor: Actor, now: datetime) -> RegisterEntry:
    row, register, on = _locked(entry, version, actor, now)
    core.require(actor, "register.write", BookAt(register, row.place_path))
    row.ended_on, row.version = on, row.version + 1
    row.save(update_fields=["ended_on", "version"])
    _record(row, "ended", 0, actor=actor, now=now)
    return row


def _register(path: str, code: str, on: date) -> Register:
    register = register_at(path, code, on)
    if register is None or register.use != "book":
        raise Refused("register", "本地文件没有这本登记簿。")
    return register


def _locked(
    entry: RegisterEntry, version: int | None, actor: Actor, now: datetime
) -> tuple[RegisterEntry, Register, date]:
    rows = RegisterEntry.objects.select_for_update(of=("self",)).select_related("estate", "organisation")
    row: RegisterEntry = rows.get(pk=entry.pk)
    on = core.local_day(now)
    if row.ended_on is not None:
        raise Refused("ended", "这条登记已经注销。", status=CONFLICT_STATUS)
    core.check_version(row, version)
    return row, _register(row.place_path, row.register, on), on


def _once(register: Register, estate: Estate | None, path: str, period: str) -> None:
    if not register.once and not register.every:
        return
    rows = RegisterEntry.objects.filter(register=register.code, ended_on=None, place_path=path, estate=estate)
    if register.every:
        rows = rows.filter(period=period)
    if rows.exists():
        raise Refused("twice", f"“{register.title}”已经登记过，请修改原来的。", tuple(register.clauses))


def _title(register: Register, estate: Estate | None, filled: Filled, path: str, on: date) -> str:
    """The first text of the entry, under what it is about."""
    first = next((str(filled.values[name]) for name, one in register.fields.items()
                  if one.form == "text" and filled.values.get(name)), "")  # fmt: skip
    about = estate.name if estate is not None else core.place_title(path) if path else ""
    return " ".join(one for one in (about, first or register.title) if one)[:LONGEST_TITLE]


def _stored(register: Register, filled: Filled) -> dict[str, Any]:
    """As JSON; a field that holds a file says that it is there."""
    found = {name: stored(register.fields[name], one) for name, one in filled.values.items() if name in register.fields}
    for one in filled.uploads:
        if one.file and one.field in register.fields and register.fields[one.field].form == "file":
            found[one.field] = str(one.file.name)
    return found


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in values.items() if one not in (None, "", [])}


def _defaults(register: Register, estate: Estate | None, path: str, on: date) -> dict[str, Any]:
    """What the pack fills in for a field that is left empty: a figure, a switch, the company that serves."""
    pack = core.pack_for(path, on)
    assert pack is not None  # noqa: S101 - the register came out of it
    switches = core.switches_for(path, on, pack=pack)
    found = {}
    for name, one in register.fields.items():
        if one.default is not None:
            found[name] = stored(one, pack.resolve(one.default, {}, on=on, switches=switches).value)
        elif one.serving and estate is not None:
            project = project_on(estate, on)
            found[name] = project.company.name if project is not None else None
    return _given(found)


def _within(register: Register, path: str, on: date) -> Any:
    pack = core.pack_for(path, on)
    assert pack is not None  # noqa: S101 - the register came out of it
    return pack.resolve(register.within, {}, on=on, switches=core.switches_for(path, on, pack=pack)).value


def _before(register: Register, stage: str) -> list[str]:
    codes = list(register.stages)
    if stage not in codes:
        return []
    named = register.stages[stage].after
    return list(named) or codes[max(codes.index(stage) - 1, 0) :][:1]


def _facts(register: Register, row: RegisterEntry, filled: Filled, actor: Actor, on: date) -> dict[str, Any]:
    pack = core.pack_for(row.place_path, on)
    assert pack is not None  # noqa: S101 - the register came out of it
    _complete(register, row)
    return {
        **values_of(register, row.values, pack),
        **({"stage": row.stage} if row.stage else {}),
        "by": role_of(actor),
        "entered_on": core.local_day(row.entered_at),
        "days_in_stage": max((on - row.staged_on).days, 0),
        **_counts(register, row, on),
    }


def _complete(register: Register, row: RegisterEntry) -> None:
    missing = {
        name: f"请填写{one.title}"
        for name, one in register.fields.items()
        if one.required and row.values.get(name) in (None, "", [])
    }
    missing |= {
        name: f"请选一条已经办到“{_stage_title(one, row)}”的登记" if one.stage else "请选一条登记"
        for name, one in register.fields.items()
        if one.form == "entry" and row.values.get(name) and _named(one, row) is None
    }
    if missing:
        raise Refused("incomplete", "还有必填的没有填。", tuple(register.clauses), missing)


def _stage_title(field: RegisterField, row: RegisterEntry) -> str:
    other = _register(row.place_path, field.register, core.local_day(row.entered_at))
    return other.stages[field.stage].title


def _named(field: RegisterField, row: RegisterEntry) -> RegisterEntry | None:
    """The entry of another register that a field names: of the same estate or of the place above, as far as asked."""
    rows = RegisterEntry.objects.filter(register=field.register, number=str(row.values[field.name]), ended_on=None)
    found = rows.filter(stage=field.stage).first() if field.stage else rows.first()
    if found is None or not (row.place_path.startswith(found.place_path) or found.place_path == row.place_path):
        return None
    return found


def _counts(register: Register, row: RegisterEntry, on: date) -> dict[str, int]:
    found = {}
    for one in register.counts:
        other = _register(row.place_path, one.register, on)
        reader = Reader(other, row.place_path, on)
        same = Q(estate=row.estate) if row.estate is not None else Q(place_path=row.place_path)
        rows = RegisterEntry.objects.filter(same, register=one.register, ended_on=None).exclude(pk=row.pk)
        found[one.name] = sum(other.surely(one.where, reader.scope(reader.facts(each))) for each in rows)
    return found


def _files(row: RegisterEntry, filled: Filled, *, actor: Actor, now: datetime) -> None:
    kept = keep_files(filled.uploads, owner=row.ref, actor=actor, now=now)
    EntryFile.objects.bulk_create(EntryFile(entry=row, field=one.field[:60], file=file, at=now) for one, file in kept)


def _step(row: RegisterEntry, step: str, filled: Filled, day: date, *, actor: Actor, now: datetime) -> None:
    EntryStep.objects.create(
        entry=row, step=step, stage=row.stage, on=day, at=now, values=row.values, note=filled.note.strip(),
        organisation=actor.organisation, by_label=actor.label[:200], demo=row.demo,
    )  # fmt: skip


def _follow(
    row: RegisterEntry, register: Register, facts: Mapping[str, Any], *, event: str, day: date, actor: Actor,
    now: datetime, **more: Any,
) -> None:  # fmt: skip
    """The event; findings, facts and messages that the pack hangs on it."""
    reader = Reader(register, row.place_path, core.local_day(now))
    scope = reader.scope(facts)
    finds = [one for one in register.finds if row.estate is not None and register.surely(one.when, scope)]
    known = set(row.findings.exclude(state__in=["passed", "voided"]).values_list("kind", flat=True))
    finds = [one for one in finds if one.kind not in known]
    recorded = _record(row, event, len(finds), actor=actor, now=now, **more)
    for one in finds:
        assert row.estate is not None  # noqa: S101 - filtered above
        found = Found(kind=one.kind, text=f"{row.title}：{one.kind}", location=row.title, grade=one.grade or "minor")
        make_finding(
            row.estate, found=found, origin=Origin("entry", entry=row, sheet=row.register), at=now, actor=actor, now=now
        )
    if row.estate is not None:
        for written in register.facts:
            if register.surely(written.when, scope):
                _write_fact(row.estate.ref, written, row, day, recorded)
    for told in register.tells:
        if register.surely(told.when, scope):
            units = _told(row, told)
            tell(units, template=f"register.{event}", text=f"{row.title}：{told.says}", ref=row.ref, now=now)


def _write_fact(subject: Ref, written: Any, row: RegisterEntry, day: date, event: Event) -> None:
    """Once: a fact that stands already is not written again."""
    since = date.fromisoformat(str(row.values[written.on])) if written.on and row.values.get(written.on) else day
    value = told_fact(written.fact, "True" if written.value == "yes" else written.value)
    last = StandingFact.objects.filter(subject_kind=subject.kind, subject_id=subject.id, name=written.fact)
    latest = last.order_by("-from_on", "-pk").first()
    if latest is None or latest.value != value:
        set_fact(subject, written.fact, value, from_on=since, event=event)


def _told(row: RegisterEntry, told: Any) -> list[Organisation | None]:
    units = [organisation_for(one, row.place_path, row.estate) for one in told.roles]
    if told.register:
        codes = [row.place_path[: end + 1] for end, char in enumerate(row.place_path) if char == "/"]
        plans = RegisterEntry.objects.filter(register=told.register, ended_on=None, place_path__in=codes)
        names = [name for one in plans for name in one.values.get(told.field) or ()]
        units += list(Organisation.objects.filter(name__in=names, role="property_company", active=True))
    return units


def _record(row: RegisterEntry, name: str, findings: int, *, actor: Actor, now: datetime, **more: Any) -> Event:
    return core.record(
        f"register.{name}",
        subject=row.ref,
        actor=actor,
        at=now,
        place_path=row.place_path,
        data={
            "register": row.register,
            "estate": row.estate.ref.key if row.estate is not None else None,
            "stage": row.stage or None,
            "by": role_of(actor),
            "due_on": row.due_on,
            "findings": findings,
            **more,
        },
    )
