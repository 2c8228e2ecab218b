"""The bodies of the demonstration: a committee near the end of its term, an election coming up, a stand-in."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from gongzhi.core import services as core
from gongzhi.core.days import ZONE
from gongzhi.governance.bodies import services as bodies
from gongzhi.governance.bodies.models import Body, Formation
from gongzhi.governance.bodies.services import PersonInput, SeatInput, Winner
from gongzhi.governance.bodies.services.bringing import bring_in_committee
from gongzhi.registry.models import Estate, Unit

if TYPE_CHECKING:
    from gongzhi.site.demo.loading import Stage

STEPS = ("group", "candidates", "assembly")
SIGNED = "09:30"
BROUGHT_IN = 190


def load(stage: "Stage") -> None:
    """`scene["bodies"]`, in the order of the file; every day is counted back from the day of loading."""
    rows = stage.scene["bodies"]
    for row in rows["offices"]:
        _office(stage, row)
    for row in rows["conditions"]:
        _step(stage, row["days"], bodies.meet_conditions, stage.estates[row["estate"]], met_on="met_on")
    for row in rows["elections"]:
        _election(stage, row)
    for row in stage.scene["estates"]:
        if "committee" in row:
            _in_office(stage, stage.estates[row["key"]], row["committee"])
    for row in rows["stand_ins"]:
        _stand_in(stage, row)
    for row in rows["advice"]:
        _advice(stage, row)


def watch(stage: "Stage") -> None:
    """What the calendar brings about, once everything has been put up."""
    bodies.watch(stage.now)


def _day(stage: "Stage", days: int) -> date:
    return stage.now.astimezone(ZONE).date() - timedelta(days=days)


def _step(stage: "Stage", days: int, command: Any, on: Any, *, met_on: str) -> None:
    command(on, **{met_on: _day(stage, days)}, actor=stage.director, now=stage.moment(days, SIGNED))


def _office(stage: "Stage", row: dict[str, Any]) -> None:
    bodies.register_body(
        kind=row["kind"],
        place=stage.county,
        seats=[
            SeatInput(
                side="department", post=post, title=title, unit_name=unit, person=PersonInput(name), full_time=resident
            )
            for post, title, unit, name, resident in row["seats"]
        ],
        formed_on=_day(stage, row["days"]),
        actor=stage.director,
        now=stage.moment(row["days"], SIGNED),
    )


def _in_office(stage: "Stage", estate: Estate, row: dict[str, Any]) -> None:
    """A committee that was there before the platform."""
    bring_in_committee(
        estate, kind="owners_committee", formed_on=_day(stage, row["formed"]), seats=row["seats"], head=row["head"],
        actor=stage.director, now=stage.moment(BROUGHT_IN, SIGNED),
    )  # fmt: skip


def _election(stage: "Stage", row: dict[str, Any]) -> None:
    """From the start to as far as the file goes: `elected_days` where the ballot is over."""
    estate = stage.estates[row["estate"]]
    formation = _started(stage, estate, row["trigger"], row["days"])
    by: dict[str, Any] = {"actor": stage.director}
    at, on = stage.moment(row["days"], SIGNED), _day(stage, row["days"])
    for step in STEPS:
        bodies.guide(estate, formation=formation, step=step, text=row["guidance"], on=on, now=at, **by)
    # The system's own guidance carries no office: the street's is what counts.
    _street_guidance(formation)
    seats = [SeatInput(person=PersonInput(name), side=side) for name, side in row["group"]]
    bodies.form_group(formation, seats=seats, formed_on=on, now=at, **by)
    candidates = [_candidate(stage, formation, one, row["days"]) for one in row["candidates"]]
    standing = [one for one in candidates if one.result == "passed"]
    later = row["days"] - 1
    formation.refresh_from_db()
    bodies.publish_candidates(
        formation,
        seats=row["seats"],
        substitutes=row.get("substitutes", 0),
        from_on=_day(stage, later),
        now=stage.moment(later, SIGNED),
        **by,
    )
    if "elected_days" in row:
        _elect(stage, formation, standing, row)


def _started(stage: "Stage", estate: Estate, trigger: str, days: int) -> Formation:
    known = Formation.objects.filter(estate=estate, kind="owners_committee", state="open").first()
    if known is not None:
        return known
    at, on = stage.moment(days, SIGNED), _day(stage, days)
    if trigger == "application":
        return bodies.take_application(estate, received_on=on, actor=stage.director, now=at)
    return bodies.start_formation(
        estate, kind="owners_committee", trigger=trigger, started_on=on, actor=stage.director, now=at
    )


def _street_guidance(formation: Formation) -> None:
    formation.advice.update(given_role="street_office")


def _candidate(stage: "Stage", formation: Formation, row: list[Any], days: int) -> Any:
    name, building, room, attributes, result, opinion = row
    at, on = stage.moment(days, SIGNED), _day(stage, days)
    unit = Unit.objects.get(building__estate=formation.estate, building__name=building, name=room)
    candidate = bodies.nominate(
        formation,
        person=PersonInput(name),
        unit=unit,
        source="recommended",
        recommended_by="社区党组织",
        attributes=attributes,
        on=on,
        actor=stage.director,
        now=at,
    )
    if not result:
        return candidate
    return bodies.review_candidate(candidate, result=result, opinion=opinion, actor=stage.director, now=at)


def _elect(stage: "Stage", formation: Formation, standing: list[Any], row: dict[str, Any]) -> Body | None:
    days = row["elected_days"]
    at = stage.moment(days, SIGNED)
    formation.refresh_from_db()
    wanted = row["seats"]
    posts = ["head", "deputy", *["member"] * wanted]
    body = bodies.take_election(
        formation,
        elected=[
            Winner(one.pk, votes_heads=row["heads"] - 9 * n, votes_area_dm2=row["area"] - 100_000 * n, post=posts[n])
            for n, one in enumerate(standing[:wanted])
        ],
        substitutes=[Winner(one.pk, votes_heads=row["heads"] // 2) for one in standing[wanted:]],
        held_on=_day(stage, days),
        term_until=_day(stage, -row["term_days_left"]),
        actor=stage.director,
        now=at,
    )
    if body is None:
        return None
    bodies.register_asset(
        body,
        kind="seal",
        title=f"{body.name}印章",
        keeper="秘书",
        from_on=_day(stage, days - 2),
        actor=stage.director,
        now=stage.moment(days - 2, SIGNED),
    )
    filing = bodies.submit_filing(
        body,
        party_group="established",
        party_group_on=_day(stage, days),
        explanation="党员委员已过半",
        actor=stage.director,
        now=stage.moment(days - 3, SIGNED),
    )
    bodies.decide_filing(filing, accepted=True, actor=stage.director, now=stage.moment(days - 5, SIGNED))
    return body


def _stand_in(stage: "Stage", row: dict[str, Any]) -> None:
    estate = stage.estates[row["estate"]]
    at, on = stage.moment(row["days"], SIGNED), _day(stage, row["days"])
    formation = bodies.start_formation(
        estate,
        kind="management_committee",
        trigger="not_qualified",
        reason=row["reason"],
        started_on=on,
        actor=stage.director,
        now=at,
    )
    seats = [
        SeatInput(
            person=PersonInput(name),
            side=side,
            post=post,
            unit_name=unit,
            source="chosen" if side == "owner" else "appointed",
            source_note="业主推选" if side == "owner" else "",
        )
        for name, side, post, unit in row["seats"]
    ]
    bodies.form_management_committee(formation, seats=seats, formed_on=on, actor=stage.director, now=at)


def _advice(stage: "Stage", row: dict[str, Any]) -> None:
    body = Body.objects.filter(estate=stage.estates[row["estate"]], kind="owners_committee", state="in_office").first()
    if body is None:
        return
    office = core.ensure_organisation(row["by"], place=stage.estates[row["estate"]].community)
    bodies.advise(
        kind=row["kind"],
        to=body.organisation,
        body=body,
        text=row["text"],
        due_on=_day(stage, row["due"]),
        actor=stage.director,
        now=stage.moment(row["days"], SIGNED),
    )
    body.advice.filter(given_by=None).update(given_by=office, given_role=row["by"])
