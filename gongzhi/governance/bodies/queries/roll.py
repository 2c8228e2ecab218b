"""Owners of an estate on a day: who owns a unit, how many heads, how much area."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from gongzhi.core import services as core
from gongzhi.core.models import PersonalData
from gongzhi.registry.models import Estate, Ownership, Unit
from gongzhi.registry.queries import area_on, owners_on, units_on

HUNDREDTHS = 100
NOBODY = "developer"


def matching_owner(person: PersonalData, unit: Unit, on: date) -> PersonalData | None:
    """The owner of the unit that day who is this person: by identity number where both have one, else by name, and
    by telephone where both have one."""
    for one in owners_on(unit, on):
        if _same(person, one.owner):
            return one.owner
    return None


def _same(person: PersonalData, owner: PersonalData) -> bool:
    if person.id_hash and owner.id_hash:
        return person.id_hash == owner.id_hash
    if core.opened(person, "name") != core.opened(owner, "name"):
        return False
    return not (person.phone_hash and owner.phone_hash) or person.phone_hash == owner.phone_hash


def is_owner_of(person: PersonalData, unit: Unit, on: date) -> bool:
    return matching_owner(person, unit, on) is not None


@dataclass(frozen=True)
class Weight:
    """`head`: units with equal ones count as one person. Area in 0.01 m²."""

    unit: Unit
    head: str
    area_dm2: int


def weights(estate: Estate, on: date) -> list[Weight]:
    """Every unit of the estate that day. One owner of several units is one person; what nobody owns yet is the
    developer's, one person together; the owners of one unit together are one person."""
    heads: dict[int, str] = {}
    grouped: dict[int, list[Any]] = {}
    for one in owners_on(estate, on):
        grouped.setdefault(one.unit.pk, []).append(one)
    for pk, rows in grouped.items():
        heads[pk] = head_of(rows)
    found = []
    for unit in units_on(estate, on):
        area = area_on(unit, on)
        if area is not None:
            found.append(Weight(unit, heads.get(unit.pk, NOBODY), int(area.exclusive_area_m2 * HUNDREDTHS)))
    return found


def head_of(owners: Iterable[Any]) -> str:
    """Equal for the same owner (or the same owners together) of several units."""
    keys = sorted(_identity(one.owner, one.ownership) for one in owners)
    return "|".join(keys)


def _identity(owner: PersonalData, ownership: Ownership) -> str:
    if owner.id_hash:
        return f"id:{owner.id_hash}"
    share = next((one for one in ownership.shares.all() if one.owner_id == owner.pk), None)
    return f"print:{share.fingerprint}" if share is not None and share.fingerprint else f"row:{owner.pk}"


@dataclass(frozen=True)
class Total:
    area_dm2: int
    heads: int

    @property
    def area_m2(self) -> Decimal:
        return Decimal(self.area_dm2) / HUNDREDTHS


def total(rows: Iterable[Weight]) -> Total:
    listed = list(rows)
    return Total(sum(one.area_dm2 for one in listed), len({one.head for one in listed}))
