"""Who the owners of an estate are on a day, as every count takes them: votes, petitions.

One person under several rows of the registry is one by the identity number, and without it by the same name and
telephone. Where there is neither each row stands for itself: two owners of one name are not taken for one.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from gongzhi.core import services as core
from gongzhi.core.models import PersonalData
from gongzhi.governance.tally.electorate import Electorate, electorate
from gongzhi.governance.tally.roll import RollUnit
from gongzhi.governance.tally.rules import Scope, Settings
from gongzhi.registry.models import Estate, Unit
from gongzhi.registry.queries import area_on, owners_on, units_on

HUNDREDTHS = 100
DEVELOPER = "developer"
UNIT_KINDS = {"residence": "home", "shop": "business", "office": "business", "parking": "parking"}
# The rules that say who is one person and what weighs.
WEIGHING = ("merge", "developer_stock", "parking", "storage")
ANY_MATTER = "other_major"


def identity(person: PersonalData) -> str:
    if person.id_hash:
        return f"id:{person.id_hash}"
    if person.phone_hash:
        return f"phone:{person.phone_hash}:{core.opened(person, 'name')}"
    return f"row:{person.pk}"


def unit_kind(unit: Unit) -> str:
    return UNIT_KINDS.get(unit.use, "other")


def electors_on(estate: Estate, on: date) -> Electorate:
    """Named by the keys of units and owners; weighed by the documents in force and the estate's own rules."""
    owners: dict[int, list[str]] = {}
    for one in owners_on(estate, on):
        owners.setdefault(one.unit.pk, []).append(identity(one.owner))
    rows = []
    for unit in units_on(estate, on):
        area = area_on(unit, on)
        if area is not None:
            rows.append(_elector(unit, area.exclusive_area_m2, list(dict.fromkeys(owners.get(unit.pk, ())))))
    return electorate(rows, Scope(), weighing(estate.place_path, on))


def _elector(unit: Unit, area_m2: Decimal, owners: list[str]) -> RollUnit:
    # Read from the registry's own rows, which are checked there.
    return RollUnit.model_construct(
        unit=str(unit.pk),
        building=unit.building.name,
        entrance=unit.entrance_name or None,
        area=int(area_m2 * HUNDREDTHS),
        owners=tuple(owners) or (DEVELOPER,),
        kind=unit_kind(unit),
        stock="sold" if owners else "unsold",
        nominee=None,
    )


def weighing(place_path: str, on: date) -> Settings:
    found: dict[str, Any] = {}
    for name in WEIGHING:
        answer = core.ask(f"governance.vote_{name}", {"matter": ANY_MATTER}, place_path=place_path, on=on)
        if answer.ok and answer.value:
            found[name] = {"value": answer.value["value"]}
    return Settings.model_validate(found)
