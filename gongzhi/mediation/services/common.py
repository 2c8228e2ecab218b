"""What the commands over a mediation share."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.mediation.models import MediationFile, MediationStage
from gongzhi.mediation.queries import asking

CONFLICT_STATUS = 409


def locked(file: MediationFile, right: str, *, version: int | None, actor: Actor) -> MediationFile:
    """The file as it stands now. Refuses who may not, and who saw an older version."""
    row: MediationFile = MediationFile.objects.select_for_update(of=("self",)).select_related("estate").get(pk=file.pk)
    core.require(actor, right, row)
    core.check_version(row, version)
    return row


def required(text: str, field: str, message: str) -> str:
    if not text.strip():
        raise Refused("missing", message, fields={field: message})
    return text.strip()


def in_state(file: MediationFile, *states: str, message: str) -> None:
    if file.state not in states:
        raise Refused("state", f"{message}现在是“{file.get_state_display()}”。", status=CONFLICT_STATUS)


def start_of_minute(moment: datetime) -> datetime:
    """A time that somebody types has no seconds: what was done in the same minute is not before it."""
    return moment.replace(second=0, microsecond=0)


def not_later(day: date, now: datetime, field: str) -> None:
    if day > core.local_day(now):
        raise Refused("future", "日期不能晚于今天。", fields={field: "不能晚于今天"})


def data_of(file: MediationFile, stage: MediationStage | None = None) -> dict[str, Any]:
    """The payload that every event of a mediation carries."""
    now = stage or file.stage
    return {
        "estate": str(file.estate_id),
        "matter": file.matter,
        "source": file.source,
        "level": now.level,
        "lead": now.role,
        "kind": now.kind,
        "grade": file.grade or None,
        "origin": file.origin.key if file.origin else None,
    }


def note(file: MediationFile, *, event: str, actor: Actor, now: datetime, **data: Any) -> Event:
    """The event of a command. A person who is a party appears as such, never by name."""
    shown = actor.known_as("当事人") if actor.organisation is None and not actor.is_system else actor
    return core.record(
        f"mediation.{event}",
        subject=file.ref,
        actor=shown,
        at=now,
        place_path=file.place_path,
        data={**data_of(file), **data},
    )


def keep(file: MediationFile, *fields: str) -> MediationFile:
    file.version += 1
    file.save(update_fields=[*fields, "version"])
    return file


def tell(file: MediationFile, who: Iterable[Any], *, template: str, text: str, now: datetime) -> None:
    """To organisations, users and persons; whoever is there twice is told once."""
    told = {(type(one), one.pk): one for one in who if one is not None}
    for one in told.values():
        core.notify(to=one, template=template, text=f"{file.number}：{text}", ref=file.ref, now=now)


def parties_of(file: MediationFile) -> list[Any]:
    """Whom to tell: the account where there is one, else the person by phone, else the organisation."""
    return [one.user or one.person or one.organisation for one in file.parties.select_related("user", "person")]


def end_stage(file: MediationFile, result: str, *, now: datetime) -> MediationStage:
    stage = file.stage
    if stage.ended_at is None:
        stage.result, stage.ended_at = result, now
        stage.save(update_fields=["result", "ended_at"])
    return stage


def level_of(role: str, *, place_path: str, on: date) -> str:
    pack = core.pack_for(place_path, on)
    found = pack.role_level(role) if pack is not None else core.role_level(role)
    return found if found in ("county", "street", "community") else "county"


def mediation_ended(file: MediationFile) -> bool:
    return file.state not in ("applied", "accepted")


def begin_stage(
    file: MediationFile,
    role: str,
    *,
    kind: str = "people",
    way: str = "",
    reason: str = "",
    now: datetime,
    organisation: Any = None,
) -> MediationStage:
    """The body that has it from now on; it is told."""
    on = core.local_day(now)
    if organisation is None:
        organisation, role = asking.body_for(role, estate=file.estate, place_path=file.place_path, on=on)
    stage = MediationStage.objects.create(
        file=file,
        organisation=organisation,
        role=role,
        level=level_of(role, place_path=file.place_path, on=on),
        kind=kind,
        came_by=way,
        reason=reason,
        begun_at=now,
        demo=file.demo,
    )
    tell(file, [organisation], template="mediation.given", text="请受理调解。", now=now)
    return stage


def pass_on(
    file: MediationFile,
    *,
    role: str,
    way: str,
    kind: str,
    reason: str,
    organisation: Any = None,
    actor: Actor,
    now: datetime,
) -> MediationFile:
    """Another body has it from now on, beginning with acceptance. Everything written so far stays."""
    stage = file.stage
    if stage.ended_at is None:
        end_stage(file, "taken", now=now)
    begin_stage(file, role, kind=kind, way=way, reason=reason, now=now, organisation=organisation)
    file.state, file.outcome, file.outcome_note, file.due_on = "applied", "", "", None
    keep(file, "state", "outcome", "outcome_note", "due_on")
    note(file, event="moved", actor=actor, now=now, way=way, **{"from": stage.role})
    words = f"转由{file.stage.organisation}调解。"
    tell(file, [*parties_of(file), stage.organisation], template="mediation.moved", text=words, now=now)
    return file
