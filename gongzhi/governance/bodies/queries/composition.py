"""What a body is made of, in the facts that packs judge, and what they find."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from gongzhi.core import services as core
from gongzhi.core.display import percent
from gongzhi.core.models import Place
from gongzhi.governance.bodies.models import Body, Formation, Member
from gongzhi.governance.bodies.queries.apart import streets_of
from gongzhi.governance.bodies.queries.bodies import body_on, members_on
from gongzhi.governance.bodies.words import OF_ESTATES, PARTY_MEMBER
from gongzhi.policy import Finding, Judged
from gongzhi.registry.queries import project_on

TWO = 2
DAY = timedelta(days=1)


def share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


def party_share(body: Body, on: date) -> Fraction | None:
    seats = members_on(body, on)
    return share(sum(PARTY_MEMBER in one.attributes for one in seats), len(seats))


@dataclass(frozen=True)
class Seats:
    """The seats that the local document asks for, beside those that there are."""

    head: str
    deputies: tuple[str, ...]
    missing_units: tuple[str, ...]
    missing_deputies: tuple[str, ...]
    head_fits: bool | None
    clauses: tuple[str, ...]


def wanted_seats(body: Body, on: date) -> dict[str, Any]:
    answer = core.ask("governance.seats", {"kind": body.kind, "level": _level(body)}, place_path=body.place_path, on=on)
    return {**(answer.value if answer.ok and answer.value else {}), "clauses": tuple(answer.clauses)}


def _level(body: Body) -> str:
    place = core.place_at(body.place_path)
    return place.level if place is not None else "county"


def streets_below(body: Body, on: date) -> list[str]:
    return list(streets_of(body.place_path, on).values_list("name", flat=True))


def communities_below(body: Body) -> list[str]:
    rows = Place.objects.filter(level="community", path__startswith=body.place_path)
    return list(rows.order_by("code").values_list("name", flat=True))


def seats_of(body: Body, on: date, members: Sequence[Member] | None = None) -> Seats:
    wanted = wanted_seats(body, on)
    rows = list(members) if members is not None else members_on(body, on)
    units = {one.unit_name for one in rows}
    streets = streets_below(body, on) if wanted.get("each_street") or wanted.get("deputy_each_street") else []
    missing = [one for one in wanted.get("units") or () if one not in units]
    if wanted.get("each_street"):
        missing += [one for one in streets if one not in units]
    if wanted.get("each_community"):
        missing += [one for one in communities_below(body) if one not in units]
    deputies = [one for one in rows if one.post == "deputy"]
    lacking = [title for title in wanted.get("deputies") or () if title not in {one.title for one in deputies}]
    if wanted.get("deputy_each_street"):
        with_deputy = {one.unit_name for one in deputies}
        lacking += [f"{one}分管负责人" for one in streets if one not in with_deputy]
    head = str(wanted.get("head") or "")
    heads = [one for one in rows if one.post == "head"]
    fits = all(one.title == head for one in heads) if head and heads else None
    return Seats(head, tuple(wanted.get("deputies") or ()), tuple(missing), tuple(lacking), fits, wanted["clauses"])


def composition_facts(body: Body, on: date, *, formation: Formation | None = None) -> dict[str, Any]:
    """What packs may test of the body that day. What is not known is not there. `formation`: the one it came from,
    while the two are not tied yet."""
    rows = members_on(body, on)
    whole = len(rows)
    owners = [one for one in rows if one.side == "owner"]
    party = sum(PARTY_MEMBER in one.attributes for one in rows)
    encouraged = _encouraged(body, rows, on)
    heads = [one for one in rows if one.post == "head"]
    seats = seats_of(body, on, rows)
    facts: dict[str, Any] = {
        "kind": body.kind,
        "first_term": body.term == 1,
        "members": whole,
        "odd": whole % TWO == 1,
        "owners": len(owners),
        "party_members": party,
        "encouraged": encouraged,
        "sides": sorted({one.side for one in rows}),
        "absent_sides": list(body.absent_sides),
        "heads": len(heads),
        "deputies": sum(one.post == "deputy" for one in rows),
        "full_time": sum(one.full_time for one in rows),
        "head_side": heads[0].side if heads else None,
        "head_title_fits": seats.head_fits,
        "head_basis_given": bool(heads) and all(one.source_note.strip() for one in heads),
        "deputy_titles_fit": not seats.missing_deputies,
        "units_missing": len(seats.missing_units),
        "mediators": sum(one.post == "mediator" for one in rows),
        "full_time_mediators": sum(one.post == "mediator" and one.full_time for one in rows),
        "reporters": sum(one.post == "reporter" for one in rows),
        "office_given": bool(body.address.strip()),
        "members_from_party": sum(one.source == "party" for one in owners),
        "chosen_without_record": sum(one.source == "chosen" and not one.source_note for one in owners),
        "owner_share": share(len(owners), whole),
        "party_share": share(party, whole),
        "encouraged_share": share(encouraged, whole),
    }
    if formation is None:
        formation = body.formations.order_by("pk").first()
    if formation is not None:
        facts |= {"trigger": formation.trigger, "choosing_failed": formation.choosing_failed_on is not None}
    facts |= _earlier(body, facts["party_share"])
    if body.estate is not None:
        facts["has_company"] = project_on(body.estate, on) is not None
        facts["has_owners_committee"] = body_on(body.estate, "owners_committee", on) is not None
    return {name: value for name, value in facts.items() if value is not None}


def _encouraged(body: Body, rows: Sequence[Member], on: date) -> int:
    answer = core.ask("governance.encouraged", {"kind": body.kind}, place_path=body.place_path, on=on)
    wanted = set(answer.value or ()) if answer.ok else set()
    return sum(bool(wanted & set(one.attributes)) for one in rows)


def _earlier(body: Body, now_share: Fraction | None) -> dict[str, Any]:
    """The share of party members of the term before, on its last day."""
    if body.kind not in OF_ESTATES or body.term == 1:
        return {}
    before = Body.objects.filter(estate=body.estate, kind=body.kind, term=body.term - 1).first()
    ended = (before.ended_on or body.formed_on) if before else None
    earlier = party_share(before, ended - DAY) if before and ended else None
    if earlier is None or now_share is None:
        return {}
    return {"previous_party_share": earlier, "party_share_falls": now_share < earlier}


def findings_of(body: Body, on: date, *, formation: Formation | None = None) -> list[Finding]:
    facts = composition_facts(body, on, formation=formation)
    return core.run_checks("governance.composition", facts, place_path=body.place_path, on=on, raise_=False)


def stored(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    return [
        {"name": one.name, "outcome": one.outcome, "says": one.message, "clauses": list(one.clauses)}
        for one in findings
    ]


def rules_of(body: Body, on: date) -> list[Judged]:
    """Every rule of the local document that applies to the body that day, kept or broken."""
    facts = composition_facts(body, on)
    return core.judged_checks("governance.composition", facts, place_path=body.place_path, on=on)


def rate_places(place_path: str, on: date) -> int:
    """With how many decimals the local document writes its shares."""
    answer = core.ask("governance.rate_decimals", {}, place_path=place_path, on=on)
    return int(answer.value) if answer.ok and answer.value is not None else 1


def percent_words(value: Fraction | None, *, places: int = 1, down: bool = False) -> str:
    """42.9%, as `percent` writes it."""
    return "—" if value is None else percent(value.numerator, value.denominator, places=places, down=down)
