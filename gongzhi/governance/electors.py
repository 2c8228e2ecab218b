"""Who the owners of an estate are on a day, as every count takes them: votes, petitions.

One person under several rows of the registry is one by the identity number, and without it by the same name and
telephone. Where there is neither each row stands for itself: two owners of one name are not taken for one.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from gongzhi.core import services as core
from gongzhi.core.models import PersonalData
from gongzhi.governance.tally.electorate import Electorate, electorate
from gongzhi.governance.tally.roll import RollUnit
from gongzhi.governance.tally.rules import Scope, Settings
from gongzhi.registry.models import Estate, Unit
from gongzhi.registry.queries import area_on, fact_of_units, owners_on, units_on

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


def stock_of(owners: Sequence[Any], *, held: bool) -> str:
    """A unit without a recorded owner is the developer's unsold stock; one with an owner may not be his yet."""
    return "unsold" if not owners else "undelivered" if held else "sold"


def undelivered(units: Iterable[Unit], on: date) -> set[int]:
    """Sold but not handed over: by law still the developer's to vote with."""
    known = fact_of_units((one.pk for one in units), "delivered", on)
    return {unit for unit, delivered in known.items() if delivered is False}


def electors_on(estate: Estate, on: date) -> Electorate:
    """Named by the keys of units and owners; weighed by the documents in force and the estate's own rules."""
    owners: dict[int, list[str]] = {}
    for one in owners_on(estate, on):
        owners.setdefault(one.unit.pk, []).append(identity(one.owner))
    rows, units = [], list(units_on(estate, on))
    held = undelivered(units, on)
    for unit in units:
        area = area_on(unit, on)
        if area is not None:
            own = list(dict.fromkeys(owners.get(unit.pk, ())))
            rows.append(_elector(unit, area.exclusive_area_m2, own, held=unit.pk in held))
    return electorate(rows, Scope(), weighing(estate.place_path, on))


def _elector(unit: Unit, area_m2: Decimal, owners: list[str], *, held: bool) -> RollUnit:
    # Read from the registry's own rows, which are checked there.
    return RollUnit.model_construct(
        unit=str(unit.pk),
        building=unit.building.name,
        entrance=unit.entrance_name or None,
        area=int(area_m2 * HUNDREDTHS),
        owners=(DEVELOPER,) if held else tuple(owners) or (DEVELOPER,),
        kind=unit_kind(unit),
        stock=stock_of(owners, held=held),
        nominee=None,
    )


def weighing(place_path: str, on: date) -> Settings:
    found: dict[str, Any] = {}
    for name in WEIGHING:
        answer = core.ask(f"governance.vote_{name}", {"matter": ANY_MATTER}, place_path=place_path, on=on)
        if answer.ok and answer.value:
            found[name] = {"value": answer.value["value"]}
    return Settings.model_validate(found)
