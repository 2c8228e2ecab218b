"""What the document of a place says of a kind of equipment, and the days that follow from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation
from gongzhi.policy import periods
from gongzhi.policy.answer import Answer
from gongzhi.registry.models import Estate
from gongzhi.registry.queries import facts_of, organisation_for, project_on

DEFAULT_KEEPER = "property_company"


@dataclass(frozen=True)
class AtEstate:
    """An estate as rights see it: its company is a party to it, an office of the government has the role `office`."""

    estate: Estate
    on: date

    @property
    def place_path(self) -> str:
        return str(self.estate.place_path)

    def party_roles(self, actor: Actor) -> tuple[str, ...]:
        return ("office",) if actor.is_staff_role else ()

    def is_party(self, actor: Actor) -> bool:
        if actor.organisation is None:
            return False
        project = project_on(self.estate, self.on)
        serves = project is not None and project.company_id == actor.organisation.pk
        running = self.estate.upkeep_contracts.filter(ended_on=None, to_on__gte=self.on)
        return serves or running.filter(company=actor.organisation).exists()


@dataclass(frozen=True)
class Ruled:
    """An answer of the pack, read as a record."""

    value: Mapping[str, Any]
    clauses: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def many(self, name: str) -> tuple[str, ...]:
        return tuple(self.value.get(name) or ())


def ruled(question: str, facts: Mapping[str, Any], *, place_path: str, on: date) -> Ruled:
    answer: Answer = core.ask(question, dict(facts), place_path=place_path, on=on)
    return Ruled(answer.value or {} if answer.ok else {}, tuple(answer.clauses), tuple(answer.defaults))


def facts_at(estate: Estate, kind: str, on: date) -> dict[str, Any]:
    known = facts_of(estate.ref, ("high_rise",), on)
    found: dict[str, Any] = {"kind": kind, "estate_type": estate.estate_type}
    if known.get("high_rise") is not None:
        found["high_rise"] = known["high_rise"]
    return found


def kind_rule(estate: Estate, kind: str, on: date) -> Ruled:
    facts = {"kind": kind, "estate_type": estate.estate_type}
    return ruled("equipment.kind", facts, place_path=estate.place_path, on=on)


def care_rule(place_path: str, kind: str, item: str, *, on: date) -> Ruled:
    return ruled("equipment.care", {"kind": kind, "item": item}, place_path=place_path, on=on)


def contract_rule(estate: Estate, contract: str, kind: str, *, on: date) -> Ruled:
    facts = {**facts_at(estate, kind, on), "contract": contract}
    return ruled("equipment.contract", facts, place_path=estate.place_path, on=on)


def fault_rule(estate: Estate, fault: str, kind: str, *, on: date) -> Ruled:
    facts = {**facts_at(estate, kind, on), "fault": fault}
    return ruled("equipment.fault", facts, place_path=estate.place_path, on=on)


def directive_rule(place_path: str, directive: str, kind: str, *, on: date) -> Ruled:
    return ruled("equipment.directive", {"directive": directive, "kind": kind}, place_path=place_path, on=on)


def permit_rule(place_path: str, kind: str, on: date) -> Ruled:
    return ruled("equipment.permit", {"kind": kind}, place_path=place_path, on=on)


def stage_rule(place_path: str, stage: str, on: date) -> Ruled:
    return ruled("equipment.stage", {"stage": stage}, place_path=place_path, on=on)


def deadline_of(rule: Ruled) -> date | None:
    """The day by which a stage is to be reached."""
    by = rule.value.get("by")
    return date.fromisoformat(str(by)) if by else None


def programme_rule(place_path: str, on: date) -> Ruled:
    return ruled("equipment.programme", {}, place_path=place_path, on=on)


def keeper_of(estate: Estate, kind: str, on: date) -> tuple[str, Organisation | None]:
    """Who has to keep it in order: role and unit."""
    role = str(kind_rule(estate, kind, on).value.get("keeper") or DEFAULT_KEEPER)
    return role, organisation_for(role, estate.place_path, estate, on=on)


def after(place_path: str, on: date, period: Any) -> date:
    """The last day of a period that begins on a day. Rest days do not move it: equipment does not rest."""
    pack = core.pack_for(place_path, on)
    if pack is None:
        raise Refused("no_pack", "平台没有装载任何文件，算不出期限。")
    return periods.deadline(start=periods.start_of(on), period=period, calendar=pack.calendar, roll=False).last_day


def before(place_path: str, on: date, period: Any) -> date:
    """The first day that is no more than a period ahead of a day."""
    pack = core.pack_for(place_path, on)
    if pack is None:
        raise Refused("no_pack", "平台没有装载任何文件，算不出期限。")
    return periods.deadline_before(moment=periods.start_of(on), period=period, calendar=pack.calendar).last_day
