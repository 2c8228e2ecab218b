"""Short ways to write rolls, rules and events; what is not said is the default."""

from datetime import datetime, timedelta, timezone
from typing import Any

from gongzhi.governance.tally.events import Events
from gongzhi.governance.tally.result import OfMotion, Result
from gongzhi.governance.tally.roll import Roll
from gongzhi.governance.tally.rules import Rules
from gongzhi.governance.tally.tallying import tally

CHINA = timezone(timedelta(hours=8))
NOTICED = "2026-03-01"
OPENS = datetime(2026, 3, 17, 9, tzinfo=CHINA)
CLOSES = datetime(2026, 3, 31, 18, tzinfo=CHINA)
ORDINARY = {
    "quorum": {"area": "2/3", "heads": "2/3", "bound": "at_least", "base": "whole_roll", "clauses": ["CC-278"]},
    "approval": {"area": "1/2", "heads": "1/2", "bound": "above", "base": "participants", "clauses": ["CC-278"]},
}
SPECIAL = {
    "quorum": ORDINARY["quorum"],
    "approval": {
        "area": "3/4", "heads": "3/4", "bound": "at_least", "base": "participants", "clauses": ["CC-278", "CC-1259"],
    },
}  # fmt: skip
UNANIMOUS = {
    "approval": {
        "area": "1/1", "heads": "1/1", "bound": "at_least", "base": "interested_owners", "clauses": ["CC-279"],
    },
}  # fmt: skip


def day(number: int, hour: int = 10) -> datetime:
    """The number-th day of voting."""
    return OPENS.replace(hour=hour) + timedelta(days=number - 1)


def unit(name: object, area: int = 10_000, owner: object = None, **more: Any) -> dict[str, Any]:
    """Area in 0.01 m²; the owner is called after the unit unless said."""
    owners = owner if isinstance(owner, list) else [f"p{name}" if owner is None else str(owner)]
    return {"unit": str(name), "area": area, "owners": owners, **more}


def units(count: int, area: int = 10_000) -> list[dict[str, Any]]:
    return [unit(number, area) for number in range(1, count + 1)]


def roll(rows: list[dict[str, Any]], **more: Any) -> Roll:
    data = {"format": "gongzhi-roll/1", "poll": "v1", "frozen_at": "2026-02-20T09:00:00+08:00", "units": rows, **more}
    return Roll.model_validate_json(_json(data))


def motion(name: str = "m", *, by: dict[str, Any] = ORDINARY, **more: Any) -> dict[str, Any]:
    return {"motion": name, "title": f"事项{name}", **by, **more}


def rules(*motions: dict[str, Any], window: tuple[datetime, datetime] = (OPENS, CLOSES), **settings: Any) -> Rules:
    """Settings: `silence="deem_agree"`, or a mapping with further particulars."""
    written = {name: one if isinstance(one, dict) else {"value": one} for name, one in settings.items()}
    data = {
        "format": "gongzhi-rules/1",
        "poll": "v1",
        "window": {"opens_at": window[0].isoformat(), "closes_at": window[1].isoformat()},
        "motions": list(motions) or [motion()],
        "settings": written,
    }
    return Rules.model_validate_json(_json(data))


def log_of(*happened: dict[str, Any], told: bool = True, published_on: str = NOTICED) -> Events:
    notice = {"type": "NOTICE", "at": "2026-03-01T09:00:00+08:00", "published_on": published_on, "silence_told": told}
    return Events.model_validate_json(
        _json({"format": "gongzhi-events/1", "poll": "v1", "events": [notice, *happened]})
    )


_numbers = iter(range(1, 10**9))


def cast(who: object, choice: Any, at: datetime | None = None, *, unit: object = None, **more: Any) -> dict[str, Any]:
    """`who` is a unit's number (its owner votes for it) or an owner with `unit`; one choice is for motion m."""
    owner, where = (f"p{who}", who) if unit is None else (who, unit)
    choices = choice if isinstance(choice, dict) else {"m": choice}
    return {
        "type": "CAST",
        "id": f"b{next(_numbers)}",
        "at": (at or day(2)).isoformat(),
        "voter": str(owner),
        "units": [str(one) for one in where] if isinstance(where, list) else [str(where)],
        "choices": choices,
        **more,
    }


def paper(who: object, choice: Any, at: datetime | None = None, **more: Any) -> dict[str, Any]:
    return cast(who, choice, at, **{"type": "PAPER", "channel": "paper", **more})


def all_cast(numbers: range, choice: str, at: datetime | None = None) -> list[dict[str, Any]]:
    return [cast(number, choice, at) for number in numbers]


def serve(*names: object, at: datetime | None = None, **more: Any) -> dict[str, Any]:
    return {"type": "SERVE", "at": (at or day(1)).isoformat(), "units": [str(one) for one in names], **more}


def result(a: Roll, b: Rules, c: Events, **options: Any) -> Result:
    return tally(roll=a, rules=b, events=c, **options)


def decided(a: Roll, b: Rules, c: Events) -> OfMotion:
    """The only motion, without the other readings."""
    return tally(roll=a, rules=b, events=c, sensitivity=False).motions[0]


def outcome(a: Roll, b: Rules, c: Events) -> str:
    return decided(a, b, c).outcome


def _json(data: Any) -> str:
    import json

    return json.dumps(data)
