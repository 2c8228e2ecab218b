"""What the commands of enforcement share: numbers, the locked row, days that are not ahead, where things lie."""

from datetime import date, datetime
from typing import Any

from gongzhi.cases.services.numbering import next_case_number
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import StoredFile
from gongzhi.core.refs import Ref

CONFLICT_STATUS = 409


def locked(row: Any, version: int | None = None) -> Any:
    """The row as it stands now. Refuses who saw an older version."""
    found = type(row).objects.select_for_update(of=("self",)).get(pk=row.pk)
    core.check_version(found, version)
    return found


def kept(row: Any, *fields: str) -> Any:
    row.version += 1
    row.save(update_fields=[*fields, "version"])
    return row


def number_for(kind: str, place_path: str, on: date) -> str:
    return next_case_number(place_path, on, kind)


def not_ahead(day: date, now: datetime, field: str = "on") -> None:
    if day > core.local_day(now):
        raise Refused("future", "日期不能晚于今天。", fields={field: "不能晚于今天"})


def not_later(moment: datetime, now: datetime, field: str = "at") -> None:
    if moment > now:
        raise Refused("future", "时间不能晚于现在。", fields={field: "不能晚于现在"})


def required(text: str, field: str, message: str) -> str:
    if not text.strip():
        raise Refused("missing", message, fields={field: message})
    return text.strip()


def stored(file: Any, *, owner: Ref, actor: Actor, now: datetime) -> StoredFile | None:
    if not file or isinstance(file, StoredFile):
        return file or None
    return core.store_file(file, owner=owner, actor=actor, now=now)


def role_words(roles: Any, place_path: str, on: date) -> str:
    return "、".join(core.role_name(one, place_path=place_path, on=on) for one in roles)


class Where:
    """A place as rights see it."""

    def __init__(self, place_path: str) -> None:
        self.place_path = place_path
