"""What somebody is to a mediation, or to the mediations of a place: by his office, as a side, as a body that had it."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from gongzhi.core import services as core
from gongzhi.core.actors import Actor

if TYPE_CHECKING:
    from gongzhi.mediation.models import MediationFile

GRANTS = {
    "readers": "mediation_reader",
    "statistics": "mediation_statistics",
    "guides": "mediation_guide",
    "takes_over": "mediation_overseer",
}


def oversight(place_path: str, on: date) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """The offices that the document names, by what they may do; nothing where no document holds."""
    if core.pack_for(place_path, on) is None:
        return {}, ()
    answer = core.ask("mediation.oversight", {}, place_path=place_path, on=on)
    return (answer.value if answer.ok and answer.value else {}), tuple(answer.clauses)


def conference(place_path: str, on: date) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """How disputes come before a conference; nothing where the document knows none."""
    if core.pack_for(place_path, on) is None:
        return {}, ()
    answer = core.ask("mediation.conference", {}, place_path=place_path, on=on)
    return (answer.value if answer.ok and answer.value else {}), tuple(answer.clauses)


def offices_of(actor: Actor, place_path: str, on: date) -> set[str]:
    """What the actor is to mediations of a place, by his office alone."""
    if not actor.role or not actor.within(place_path):
        return set()
    named, _ = oversight(place_path, on)
    found = {grant for key, grant in GRANTS.items() if actor.role in (named.get(key) or ())}
    if actor.role == named.get("court"):
        found.add("mediation_court")
    conferring, _ = conference(place_path, on)
    if actor.role in (conferring.get("holders") or ()):
        found.add("conference_holder")
    if actor.role == conferring.get("above"):
        found.add("conference_above")
    return found


class AtPlace:
    """A place as rights see it: what is done there is open to the offices its document names."""

    def __init__(self, place_path: str, on: date) -> None:
        self.place_path, self.on = place_path, on

    def party_roles(self, actor: Actor) -> set[str]:
        return offices_of(actor, self.place_path, self.on)

    def is_party(self, actor: Actor) -> bool:
        return bool(self.party_roles(actor))


def roles_in(file: "MediationFile", actor: Actor) -> set[str]:
    """Everything the actor is to this mediation."""
    found = set()
    unit = actor.organisation.pk if actor.organisation is not None else None
    if unit is not None:
        stages = sorted(file.stages.all(), key=lambda one: one.pk)
        if stages and stages[-1].organisation_id == unit:
            found.add("mediation_body")
        if any(one.organisation_id == unit for one in stages[:-1]):
            found.add("mediation_past")
        if any(one.organisation_id == unit and one.kind == "help" for one in file.assists.all()):
            found.add("mediation_helper")
        found |= _before_conferences(file, unit)
    if any(is_side(one, actor) for one in file.parties.all()):
        found.add("mediation_party")
    if actor.user is not None and actor.user.pk == file.filed_by_id:
        found.add("mediation_past" if actor.role == "building_steward" else "mediation_filer")
    return found | _offices(file, actor)


def _before_conferences(file: "MediationFile", unit: int) -> set[str]:
    """Who holds the conference before which it is; to whom that raised it."""
    rows = [one for one in file.topics.all() if not one.carried]
    found = {"mediation_conference" for one in rows if one.holder_id == unit}
    return found | {"mediation_raised" for one in rows if one.raised_to_id == unit}


def _offices(file: "MediationFile", actor: Actor) -> set[str]:
    found = offices_of(actor, file.place_path, core.local_day(file.applied_at))
    if "mediation_court" in found and not before_court(file):
        found.remove("mediation_court")
    return found


def before_court(file: "MediationFile") -> bool:
    """Whether a court has to do with it: it handed it over, is asked to confirm what was agreed, or hears the case."""
    agreement = getattr(file, "agreement", None)
    asked = agreement is not None and bool(agreement.confirmation)
    return file.source == "court" or asked or getattr(file, "court_step", None) is not None


def is_side(party: Any, actor: Actor) -> bool:
    if party.organisation_id is not None:
        return actor.organisation is not None and actor.organisation.pk == party.organisation_id
    if actor.user is None:
        return False
    hashed = actor.user.phone_hash
    return party.user_id == actor.user.pk or bool(hashed and party.person and party.person.phone_hash == hashed)
