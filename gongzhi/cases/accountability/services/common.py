"""What the commands of accountability share: locking a row, recording, numbering, issuing a paper of the pack."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db.models import Model

from gongzhi.cases.services.numbering import NUMBER_DIGITS, series_prefix
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused
from gongzhi.core.models import Document, Event, Organisation
from gongzhi.core.refs import Ref
from gongzhi.registry import queries as registry

# Forms give moments to the minute.
MINUTE = timedelta(minutes=1)
Row = TypeVar("Row", bound=Model)


def locked(row: Row, *, version: int | None = None) -> Row:
    """The row as it is now, held until the transaction ends. Refuses when it changed since its page was shown."""
    found = type(row)._default_manager.select_for_update(of=("self",)).get(pk=row.pk)
    if version is not None:
        core.check_version(found, version)  # type: ignore[arg-type]
    return found


def save(row: Any) -> None:
    row.version += 1
    row.save()


def note(row: Any, *, event: str, actor: Actor, now: datetime, **data: Any) -> Event:
    return core.record(event, subject=row.ref, actor=actor, at=now, data=data, place_path=row.place_path)


def of_unit(unit: Organisation) -> dict[str, Any]:
    """How an event names the unit that owes something."""
    return {"lead": unit.role, "lead_level": core.role_level(unit.role), "lead_organisation": unit.pk}


def next_number(place_path: str, *, letter: str, now: datetime) -> str:
    """The city's letters, a letter of the register, the year, and a number without gaps."""
    on = local_day(now)
    prefix = series_prefix(place_path, on)
    seq = core.next_number(f"accountability.{letter}|{prefix}", on.year)
    return f"{prefix}-{letter}{on.year}-{seq:0{NUMBER_DIGITS}d}"


def text_of(value: str, field: str, message: str) -> str:
    if not value or not value.strip():
        raise Refused("missing", message, fields={field: message})
    return value.strip()


def issue(
    instrument: str,
    *,
    subject: Ref,
    to: Sequence[Organisation],
    values: Mapping[str, Any],
    place_path: str,
    confidential: bool = False,
    actor: Actor,
    now: datetime,
) -> Document:
    """Issues a paper of the pack, in the name of whom the pack says. A confidential one is read by its parties alone:
    it lies in nobody's area."""
    pack = core.pack_for(place_path, local_day(now))
    declared = pack.instruments.get(instrument) if pack is not None else None
    issuer = registry.organisation_for(declared.issuer_role, place_path) if declared else None
    issuer = issuer or actor.organisation
    if issuer is None:
        raise Refused("no_issuer", "本地还没有登记发文单位，不能出文。请系统管理员先登记领导小组办公室。")
    copies = registry.organisations_for(declared.copy_to, place_path).values() if declared else ()
    document = core.issue_document(
        instrument,
        subject=subject,
        to=to,
        copy_to=list(copies),
        values=values,
        issuer=issuer,
        place_path=place_path,
        actor=actor,
        now=now,
    )
    if confidential:
        document.place_path = ""
        document.save(update_fields=["place_path"])
    return document


def unit_named(role: str, place_path: str) -> Organisation:
    found = registry.organisation_for(role, place_path)
    if found is None:
        raise Refused("no_unit", f"本地还没有登记“{core.role_name(role)}”，请系统管理员先登记。")
    return found


def store_all(files: Iterable[Any], *, owner: Ref, actor: Actor, now: datetime) -> list[Any]:
    return [core.store_file(one, owner=owner, actor=actor, now=now) for one in files if one]


def own_unit(actor: Actor) -> Organisation:
    if actor.organisation is None:
        raise Refused("no_unit", "您的账号没有所在单位，不能办这件事。")
    return actor.organisation
