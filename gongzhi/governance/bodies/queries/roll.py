"""Is somebody the owner of a unit on a day."""

from datetime import date

from gongzhi.core import services as core
from gongzhi.core.models import PersonalData
from gongzhi.registry.models import Unit
from gongzhi.registry.queries import owners_on


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
