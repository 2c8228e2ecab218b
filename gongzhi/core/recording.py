"""`record`: the one way into the event log."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from gongzhi.core import dispatcher, prepared
from gongzhi.core.actors import Actor
from gongzhi.core.days import ZONE
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.core.packs import vocabulary
from gongzhi.core.refs import Ref
from gongzhi.policy.vocabulary import EventKind, Type

# What looks like a mobile number or an identity number has no place in a log that is never erased.
PERSONAL = re.compile(r"(?<![\dA-Za-z])(?:1[3-9]\d{9}|[1-9]\d{5}(?:19|20)\d{9}[\dXx])(?![\dA-Za-z])")
PERSONAL_FIELDS = re.compile(r"(^|_)(phone|mobile|id_number|id_card|person_name|caller_name|home_address)($|_)")
EXACT_NUMBERS = ("area_m2", "yuan", "ratio", "number")
MANY = 10  # from here on one long statement costs less than as many short ones
WHOLE_NUMBERS = ("count", "money_fen")


def holds_number(text: str) -> bool:
    """Whether a mobile or identity number stands in it."""
    return PERSONAL.search(text) is not None


class BadEvent(ValueError):
    """A payload that its kind does not declare: a programming error, told to the programmer."""


def record(kind: str, *, subject: Ref, actor: Actor, at: datetime, data: Mapping[str, Any], place_path: str) -> Event:
    """Appends an event in the caller's transaction and runs what reacts to it before it returns.

    Recorded from within a reaction, the event joins the queue and its reactions run after the present ones.
    """
    event = _built(kind, subject=subject, actor=actor, at=at, data=data, place_path=place_path)
    with transaction.atomic(savepoint=False):
        prepared.insert([event])
        event.__dict__[NEW] = True
        dispatcher.dispatch(event)
    return event


def just_recorded(event: Event) -> bool:
    """Whether its reactions run for the first time. An event that is read again, or reacted to again, is not new."""
    return bool(event.__dict__.pop(NEW, False))


NEW = "_just_recorded"


@dataclass(frozen=True)
class Happening:
    """The arguments of one `record`."""

    kind: str
    subject: Ref
    actor: Actor
    at: datetime
    data: Mapping[str, Any]
    place_path: str


def record_many(happenings: Iterable[Happening]) -> list[Event]:
    """As `record` for each in turn, with one INSERT: what a batch job brings. All are written before any reaction."""
    built = [
        _built(one.kind, subject=one.subject, actor=one.actor, at=one.at, data=one.data, place_path=one.place_path)
        for one in happenings
    ]
    with transaction.atomic(savepoint=False):
        events = prepared.insert(built) if len(built) < MANY else Event.objects.bulk_create(built)
        for event in events:
            dispatcher.dispatch(event)
    return events


def _built(kind: str, *, subject: Ref, actor: Actor, at: datetime, data: Mapping[str, Any], place_path: str) -> Event:
    """The unsaved event, its payload checked."""
    declared = vocabulary().events.get(kind)
    if declared is None:
        raise BadEvent(f"no event kind {kind!r}; nearest: {vocabulary().nearest('event', kind)}")
    if at.tzinfo is None:
        raise BadEvent(f"{kind}: `at` needs a time zone")
    cause = dispatcher.cause()
    return Event(
        kind=kind,
        subject_kind=subject.kind,
        subject_id=subject.id,
        subject_title=subject.title[: Event._meta.get_field("subject_title").max_length],
        actor=actor.user,
        actor_label=actor.label,
        actor_role=actor.role,
        organisation=actor.organisation,
        at=at,
        place_path=place_path or subject.place_path,
        data=validated(declared, data),
        cause=cause,
        depth=cause.depth + 1 if cause else 0,
        demo=actor.demo or bool(cause and cause.demo),
    )


def validated(kind: EventKind, data: Mapping[str, Any]) -> dict[str, Any]:
    """The payload as JSON. Refuses (`personal_data`) a text in which somebody typed a phone or identity number."""
    unknown = sorted(set(data) - set(kind.fields))
    if unknown:
        raise BadEvent(f"{kind.name}: unknown fields {unknown}; declared: {sorted(kind.fields)}")
    personal = [name for name in kind.fields if PERSONAL_FIELDS.search(name)]
    if personal:
        raise BadEvent(f"{kind.name}: personal data have no place in an event: {personal}")
    payload = {}
    for name, type_ in kind.fields.items():
        value = data.get(name)
        if value is None:
            if not type_.optional:
                raise BadEvent(f"{kind.name}: the field {name} is missing")
            continue
        payload[name] = _json(f"{kind.name}.{name}", name, type_, value)
    return payload


def _json(where: str, field: str, type_: Type, value: Any) -> Any:
    if type_.kind == "list":
        if isinstance(value, str) or not isinstance(value, list | tuple | set | frozenset) or type_.item is None:
            raise BadEvent(f"{where}: a list is wanted, not {value!r}")
        return [_json(where, field, type_.item, one) for one in value]
    converter = _CONVERTERS.get(type_.kind, _text)
    converted = converter(value, type_)
    if converted is None:
        raise BadEvent(f"{where}: {type_} is wanted, not {value!r}")
    if isinstance(converted, str) and holds_number(converted):
        raise Refused(
            "personal_data",
            "文字里有像手机号或身份证号的内容。办理记录长期保存且不能修改，请去掉号码后再提交；联系方式填在专门的栏目里。",
            fields={field: "请去掉手机号、身份证号。"},
        )
    return converted


def _text(value: Any, type_: Type) -> str | None:
    text = str(value) if isinstance(value, str) or type_.kind == "period" else None
    if text is not None and type_.choices and text not in type_.choices:
        return None
    return text


def _bool(value: Any, _: Type) -> bool | None:
    return value if isinstance(value, bool) else None


def _whole(value: Any, _: Type) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _exact(value: Any, _: Type) -> str | None:
    """As text: JSON has floats only."""
    return str(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def _date(value: Any, _: Type) -> str | None:
    if isinstance(value, str):
        return date.fromisoformat(value).isoformat()
    return value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else None


def _moment(value: Any, _: Type) -> str | None:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if not isinstance(value, datetime) or value.tzinfo is None:
        return None
    return value.astimezone(ZONE).isoformat()


_CONVERTERS: dict[str, Callable[[Any, Type], Any]] = {
    "bool": _bool,
    "date": _date,
    "moment": _moment,
    **dict.fromkeys(WHOLE_NUMBERS, _whole),
    **dict.fromkeys(EXACT_NUMBERS, _exact),
}
