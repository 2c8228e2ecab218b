"""Random votes, small enough that exact limits are often met, and their form for the tally under test."""

import json
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from random import Random
from typing import Any

OPENS, CLOSES = 1_000, 2_000
START = datetime(2026, 3, 1, tzinfo=timezone(timedelta(hours=8)))
ANSWERS = ("agree", "agree", "oppose", "abstain", "follow")
MODES = {
    "silence": ("not_participating", "deem_abstain", "follow_majority", "deem_agree"),
    "follow_choice": ("invalid", "allowed"),
    "invalid": ("not_participating", "participating", "as_silent"),
    "blank": ("abstain", "invalid", "not_participating"),
    "merge": ("same_owner_set", "any_common_owner", "none"),
    "developer_stock": ("one_person", "per_unit"),
    "split_head": ("abstain", "latest", "largest_area"),
    "co_owners": ("nominee", "any_unless_conflict", "any_latest"),
    "parking": ("excluded", "area_only", "counted"),
    "storage": ("excluded", "area_only", "counted"),
    "revote": ("last_valid", "first_only", "n_changes"),
    "sale": ("first_vote_stands", "buyer_replaces", "roll_owner"),
    "ballot_covers": ("named_units", "all_of_owner"),
    "proxy": ("allowed", "allowed", "allowed", "not_allowed"),
    "agent": ("anyone", "owner"),
    "instruction": ("must_follow", "free"),
    "service": ("delivered", "delivered_or_refused"),
}


def random_vote(seed: str, size: int) -> dict[str, Any]:
    """At most `size` units and about twice as many events."""
    dice = Random(seed)
    owners = [f"p{number}" for number in range(dice.randint(1, 4))]
    units = [_unit(dice, number, owners) for number in range(dice.randint(1, size))]
    settings: dict[str, Any] = {name: dice.choice(values) for name, values in MODES.items()}
    settings |= {
        "floor": dice.choice([None, None, Fraction(1, 2), Fraction(1, 3)]),
        "changes": dice.randint(0, 2),
        "order": dice.choice([[], [], ["paper", "phone"], ["phone", "desk"]]),
        "cap": dice.choice([None, 1, 2]),
        "barred": dice.choice([[], ["property_staff"]]),
    }
    events = [{"type": "NOTICE", "at": dice.choice([0, 0, 0, 1_200]), "told": dice.random() < 0.8}]
    number = 0
    for _ in range(dice.randint(0, 4 * size + 4)):
        number += 1
        events += _happening(dice, number, units, owners)
    if dice.random() < 0.5:
        dice.shuffle(events)
    motions = [_motion(dice, "m", None), _motion(dice, "n", _scope(dice, units))]
    return {
        "units": units,
        "settings": settings,
        "events": events,
        "motions": motions,
        "opens": OPENS,
        "closes": CLOSES,
    }


def _unit(dice: Random, number: int, owners: list[str]) -> dict[str, Any]:
    building = dice.choice(["1", "1", "2"]) if number else "1"
    stock = dice.choice(["sold"] * 8 + ["unsold", "undelivered"])
    mine = ["dev"] if stock != "sold" else dice.sample(owners, min(len(owners), dice.choice([1, 1, 1, 2])))
    return {
        "unit": f"u{number}",
        "area": dice.choice([0, 1, 1, 1, 2, 2, 3]),
        "owners": mine,
        "kind": dice.choice(["home"] * 6 + ["business", "parking", "storage"]),
        "stock": stock,
        "building": building,
        "entrance": f"{building}-{dice.choice([1, 2])}",
        "nominee": dice.choice([None, mine[0]]),
    }


def _happening(dice: Random, number: int, rows: list[dict[str, Any]], owners: list[str]) -> list[dict[str, Any]]:
    at = dice.choice([OPENS - 1, OPENS, CLOSES - 1, CLOSES, *[dice.randint(OPENS, CLOSES)] * 8])
    names = [one["unit"] for one in rows]
    row = dice.choice(rows)
    unit, who = row["unit"], dice.choice([*row["owners"] * 6, *owners, "dev", "buyer"])
    kind = dice.choice(["CAST"] * 9 + ["SERVE"] * 4 + ["TRANSFER", "NOMINATE", "CORRECT", "PROXY", "PROXY"])
    if kind == "SERVE":
        chosen = dice.sample(names, dice.randint(1, len(names)))
        result = dice.choice(["served", "served", "refused", "undeliverable"])
        return [{"type": kind, "at": at, "units": chosen, "result": result}]
    if kind == "TRANSFER":
        return [{"type": kind, "at": at, "unit": unit, "owners": dice.choice([["buyer"], [who], ["buyer", "p0"]])}]
    if kind == "NOMINATE":
        return [{"type": kind, "at": at, "unit": unit, "nominee": who}]
    if kind == "CORRECT":
        row = _unit(dice, 0, owners) | {"unit": unit}
        return [{"type": kind, "at": at, "unit": unit, "row": dice.choice([row, row, None])}]
    if kind == "PROXY":
        return _by_agent(dice, number, at, rows, owners)
    his = [one["unit"] for one in rows if who in one["owners"]] or names
    chosen = dice.choice([[unit], his, dice.sample(names, dice.randint(1, min(3, len(names))))])
    return _ballot(dice, number, at, who, chosen)


def _ballot(
    dice: Random, number: int, at: int, who: str, chosen: list[str], proxy: str | None = None
) -> list[dict[str, Any]]:
    channel = dice.choice(["phone", "phone", "desk", "paper"])
    choices = {name: dice.choice(ANSWERS) for name in ("m", "n") if dice.random() < 0.85}
    ballot = {
        "type": "CAST",
        "id": f"b{number}",
        "at": at,
        "voter": who,
        "units": chosen,
        "choices": choices,
        "channel": channel,
        "proxy": proxy,
        "faults": dice.choice([[]] * 6 + [["double_mark"]]),
    }
    found = [ballot]
    if ballot["faults"] or dice.random() < 0.1:
        found += [
            {
                "type": "ADJUDICATE",
                "at": CLOSES + 10,
                "ballot": ballot["id"],
                "decision": dice.choice(["valid", "invalid"]),
                "by": dice.choice([["s1", "s2"], ["s1"], ["s1", "s1"]]),
                "choices": dice.choice([None, None, {"m": "oppose"}]),
            }
            for _ in range(dice.randint(0, 2))
        ]
    return found


def _by_agent(
    dice: Random, number: int, at: int, rows: list[dict[str, Any]], owners: list[str]
) -> list[dict[str, Any]]:
    agent = dice.choice([*owners, "agent", "agent"])
    principal = dice.choice(owners)
    names = [one["unit"] for one in rows if principal in one["owners"]] or [one["unit"] for one in rows]
    paper = {
        "type": "PROXY",
        "id": f"x{number}",
        "at": dice.randint(OPENS - 100, OPENS + 100),
        "principal": principal,
        "agent": agent,
        "units": dice.sample(names, dice.randint(1, len(names))),
        "from": dice.choice([OPENS, OPENS + 500]),
        "until": dice.choice([CLOSES, CLOSES, CLOSES - 500]),
        "kind": dice.choice(["", "", "property_staff"]),
        "motions": dice.choice([None, None, ["m"]]),
        "instructions": dice.choice([{}, {"m": "agree"}]),
        "signed": dice.random() < 0.9,
    }
    chosen = dice.sample(names, dice.randint(1, len(names)))
    found = [
        paper,
        *_ballot(
            dice, number, at, dice.choice([agent] * 8 + ["buyer"]), chosen, dice.choice([paper["id"]] * 9 + ["x0"])
        ),
    ]
    if dice.random() < 0.25:
        found.append({"type": "REVOKE", "at": dice.randint(OPENS - 50, CLOSES), "proxy": paper["id"]})
    return found


def _scope(dice: Random, units: list[dict[str, Any]]) -> list[str]:
    """A building, or buildings and entrances mixed."""
    if dice.random() < 0.7:
        return [dice.choice(["1", "1", "2"])]
    return sorted({dice.choice(units)[dice.choice(["building", "entrance"])] for _ in range(dice.randint(1, 3))})


def _motion(dice: Random, name: str, scope: list[str] | None) -> dict[str, Any]:
    return {
        "motion": name,
        "scope": scope,
        "quorum": dice.choice([None, Fraction(2, 3), Fraction(1, 2), Fraction(2, 3)]),
        "approval": dice.choice([Fraction(1, 2), Fraction(3, 4), Fraction(2, 3), Fraction(1)]),
        "bound": dice.choice(["at_least", "above"]),
        "of": dice.choice(["participants", "participants", "whole_roll"]),
    }


# -- the same vote in the three formats


def as_formats(vote: dict[str, Any]) -> tuple[str, str, str]:
    units = [{key: value for key, value in one.items()} for one in vote["units"]]
    roll = {"format": "gongzhi-roll/1", "poll": "r", "frozen_at": _moment(0), "units": units}
    rules = {
        "format": "gongzhi-rules/1",
        "poll": "r",
        "window": {"opens_at": _moment(vote["opens"]), "closes_at": _moment(vote["closes"])},
        "motions": [_as_motion(one) for one in vote["motions"]],
        "settings": _as_settings(vote["settings"]),
    }
    events = {"format": "gongzhi-events/1", "poll": "r", "events": [_as_event(one) for one in vote["events"]]}
    return json.dumps(roll), json.dumps(rules), json.dumps(events)


def _moment(minutes: int) -> str:
    return (START + timedelta(minutes=minutes)).isoformat()


def _ratio(value: Fraction) -> str:
    return f"{value.numerator}/{value.denominator}"


def _as_settings(own: dict[str, Any]) -> dict[str, Any]:
    plain = {name: {"value": own[name]} for name in MODES if name not in ("agent", "instruction")}
    plain["silence"]["floor"] = None if own["floor"] is None else _ratio(own["floor"])
    plain["revote"]["changes"] = own["changes"]
    plain["proxy"] |= {name: own[name] for name in ("cap", "barred", "agent", "instruction")}
    plain["precedence"] = {"value": "by_channel", "order": own["order"]} if own["order"] else {"value": "by_time"}
    return plain


def _as_motion(own: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "motion": own["motion"],
        "title": own["motion"],
        "approval": {
            "area": _ratio(own["approval"]),
            "heads": _ratio(own["approval"]),
            "bound": own["bound"],
            "base": own["of"],
        },
    }
    if own["quorum"]:
        ratio = _ratio(own["quorum"])
        made["quorum"] = {"area": ratio, "heads": ratio, "bound": "at_least", "base": "whole_roll"}
    if own["scope"]:
        level = "building" if set(own["scope"]) <= {"1", "2"} else "parts"
        made["scope"] = {"level": level, "of": own["scope"]}
    return made


def _as_event(own: dict[str, Any]) -> dict[str, Any]:
    made = own | {"at": _moment(own["at"])}
    if own["type"] == "NOTICE":
        return {"type": "NOTICE", "at": made["at"], "published_on": "2026-01-01", "silence_told": own["told"]}
    if own["type"] == "CAST":
        return made | {"type": "PAPER" if own["channel"] == "paper" else "CAST"}
    if own["type"] == "CORRECT":
        return made | {"reason": "更正"}
    if own["type"] == "ADJUDICATE":
        return made | {"reason": "认定"}
    if own["type"] == "PROXY":
        made |= {"valid_from": _moment(own["from"]), "valid_until": _moment(own["until"]), "agent_kind": own["kind"]}
        return {name: value for name, value in made.items() if name not in ("from", "until", "kind")}
    return made
