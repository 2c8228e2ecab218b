"""The hotline of the demonstration: a source with its columns and words, tickets taken in, a file to confirm."""

import json
from datetime import datetime, timedelta
from typing import Any

from gongzhi.cases.hotline import services as hotline
from gongzhi.core.actors import Actor
from gongzhi.core.days import ZONE
from gongzhi.core.models import Organisation
from gongzhi.registry.models import Estate


def load(
    scene: dict[str, Any],
    *,
    desk: Organisation,
    clerk: Actor,
    director: Actor,
    estates: dict[str, Estate],
    now: datetime,
) -> None:
    """`scene` the part `hotline` of the data file. What was taken in is routed and clocked like any complaint."""
    source = hotline.make_source(name=scene["name"], desk=desk, actor=director, now=now)
    source = hotline.set_source(
        source,
        mapping=scene["columns"],
        matter_words=scene["matters"],
        estate_words={word: estates[key].pk for word, key in scene["estates"].items()},
        actor=director,
        now=now,
    )
    taken = [_ticket(one, scene["columns"], now) for one in scene["taken"]]
    hotline.take_at_once(source, content=_file(taken), actor=clerk, now=now)
    waiting = [_ticket(one, scene["columns"], now) for one in scene["waiting"]]
    hotline.dry_run(source, name=scene["file"], content=_file(waiting), actor=clerk, now=now)


def _file(tickets: list[dict[str, str]]) -> bytes:
    return json.dumps(tickets, ensure_ascii=False).encode()


def _ticket(given: dict[str, Any], columns: dict[str, str], now: datetime) -> dict[str, str]:
    """In the hotline's own columns; `days_ago` and `due_in` count from today."""
    values = {code: str(value) for code, value in given.items() if code in columns}
    received = now - timedelta(days=given["days_ago"], hours=2)
    values["received_at"] = f"{received.astimezone(ZONE):%Y-%m-%d %H:%M}"
    if "due_in" in given:
        values["due_at"] = f"{(now + timedelta(days=given['due_in'])).astimezone(ZONE):%Y-%m-%d} 18:00"
    return {columns[code]: value for code, value in values.items()}
