"""The books: illegal structures until they are down, cases of companies, rented units, premises for business."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from gongzhi.cases.codes import FOUND
from gongzhi.cases.enforcement.models import CompanyCase, PremisesReview, Structure, Tenancy
from gongzhi.cases.enforcement.queries.asking import answer_at, categories_of, rule
from gongzhi.cases.enforcement.services.common import CONFLICT_STATUS, kept, locked, not_ahead, stored
from gongzhi.cases.enforcement.words import ERAS, PREMISES, RENT_FINDINGS
from gongzhi.cases.models import Case
from gongzhi.cases.services.books import add_structure, era_of, found_rental, tell_company
from gongzhi.cases.services.intake import receive_complaint
from gongzhi.cases.services.opening import MatterInput
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation
from gongzhi.registry import queries as registry
from gongzhi.registry.models import Estate, Unit
from gongzhi.registry.queries.reading import own_units


# -- illegal structures ------------------------------------------------------------------------------------------------
@transaction.atomic
def enter_structure(
    estate: Estate,
    *,
    location: str,
    begun_on: date,
    area_m2: Decimal | None = None,
    before: Any = None,
    case: Case | None = None,
    actor: Actor,
    now: datetime,
) -> Structure:
    """A line of the book; whether it counts as new follows from the day on which it was begun."""
    core.require(actor, "structures.keep", estate)
    not_ahead(begun_on, now, "begun_on")
    on = core.local_day(now)
    era = era_of(begun_on, estate.place_path, on)
    core.run_checks(
        "enforcement.structure",
        {"era": era, "area_given": area_m2 is not None, "before_given": bool(before), "removed": False},
        place_path=estate.place_path, on=on,
    )  # fmt: skip
    if not location.strip():
        raise Refused("missing", "请填位置。", fields={"location": "请填位置"})
    return add_structure(
        estate, location=location, begun_on=begun_on, area_m2=area_m2, case=case,
        before=stored(before, owner=estate.ref, actor=actor, now=now), actor=actor, now=now,
    )  # fmt: skip


@transaction.atomic
def measure_structure(
    row: Structure,
    *,
    era: str = "",
    area_m2: Decimal | None = None,
    begun_on: date | None = None,
    lead: Organisation | None = None,
    before: Any = None,
    version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Structure:
    """Fills in what the line lacks."""
    row = locked(row, version)
    core.require(actor, "structures.keep", row)
    if era and era not in ERAS:
        raise Refused("era", "请选新增还是存量。", fields={"era": "请选一种"})
    if begun_on is not None:
        not_ahead(begun_on, now, "begun_on")
        row.begun_on, row.era = begun_on, era_of(begun_on, row.place_path, core.local_day(now))
    row.era = era or row.era
    row.area_m2, row.lead = area_m2 or row.area_m2, lead or row.lead
    row.before = stored(before, owner=row.estate.ref, actor=actor, now=now) or row.before
    kept(row, "era", "begun_on", "area_m2", "lead", "before")
    core.record("structure.measured", subject=row.ref, actor=actor, at=now, place_path=row.place_path,
                data={"number": row.number, "era": row.era})  # fmt: skip
    return row


@transaction.atomic
def remove_structure(
    row: Structure, *, on: date, lead: Organisation | None = None, after: Any = None, version: int | None = None,
    actor: Actor, now: datetime,
) -> Structure:  # fmt: skip
    """Taken down: by whom, when, with a picture of what is left."""
    row = locked(row, version)
    core.require(actor, "structures.keep", row)
    if row.removed_on is not None:
        raise Refused("removed", "已经登记拆除。", status=CONFLICT_STATUS)
    not_ahead(on, now)
    lead = lead or row.lead
    named, clauses = rule("structures", row.place_path, core.local_day(now))
    if lead is None or (named.get("leads") and lead.role not in named["leads"]):
        raise Refused("lead", "请选牵头拆除的单位。", clause=clauses, fields={"lead": "请选镇街或社区"})
    core.run_checks(
        "enforcement.structure",
        {"era": row.era, "area_given": row.area_m2 is not None, "before_given": row.before_id is not None,
         "after_given": bool(after), "removed": True},
        place_path=row.place_path, on=core.local_day(now),
    )  # fmt: skip
    if not after:
        raise Refused("no_photo", "请上传拆后照片。", fields={"after": "请上传拆后照片"})
    row.lead, row.removed_on, row.after = lead, on, stored(after, owner=row.estate.ref, actor=actor, now=now)
    kept(row, "lead", "removed_on", "after")
    core.record("structure.removed", subject=row.ref, actor=actor, at=now, place_path=row.place_path,
                data={"number": row.number, "era": row.era, "lead": lead.role, "on": on})  # fmt: skip
    return row


# -- cases of companies ------------------------------------------------------------------------------------------------
@transaction.atomic
def choose_category(case: Case, *, category: str, actor: Actor, now: datetime) -> CompanyCase:
    core.require(actor, "cases.weigh", case)
    row = (
        CompanyCase.objects.select_for_update(of=("self",)).select_related("case", "company").filter(case=case).first()
    )
    if row is None or category not in categories_of(case)[0]:
        raise Refused("category", "请选违规的类别。", fields={"category": "请选一类"})
    row.category = category
    row.save(update_fields=["category"])
    tell_company(row, event="cased", actor=actor, now=now)
    return row


# -- rented units ------------------------------------------------------------------------------------------------------
class OfUnit:
    """A unit as rights see it: the owner of it, the company that serves the estate."""

    def __init__(self, unit: Unit, on: date) -> None:
        self.unit, self.place_path, self.on = unit, unit.place_path, on

    def is_party(self, actor: Actor) -> bool:
        estate = self.unit.building.estate
        if actor.organisation is not None and actor.organisation.role in registry.SERVED_BY_PROJECT:
            return registry.organisation_for("property_company", estate.place_path, estate) == actor.organisation
        return own_units(actor).filter(pk=self.unit.pk).exists()


@transaction.atomic
def tell_tenancy(
    unit: Unit, *, tenant_name: str, tenant_phone: str = "", people: int = 1, from_on: date, actor: Actor, now: datetime
) -> Tenancy:
    """A home is let: who rents it is kept under cipher."""
    core.require(actor, "tenancies.told", OfUnit(unit, core.local_day(now)))
    if Tenancy.objects.filter(unit=unit, to_on=None).exists():
        raise Refused("let_already", f"{unit}已经登记出租，换人的请先登记退租。", status=CONFLICT_STATUS)
    estate = unit.building.estate
    person = None
    if tenant_name.strip():
        person = core.keep_person(
            name=tenant_name, phone=tenant_phone, place_path=estate.place_path, demo=actor.demo or estate.demo, now=now
        )
    row = Tenancy.objects.create(
        unit=unit, estate=estate, place_path=estate.place_path, tenant=person, people=people, from_on=from_on,
        told_by=actor.organisation, by=actor.user, entered_at=now, demo=actor.demo or estate.demo,
    )  # fmt: skip
    if person is not None:
        person.owner_kind, person.owner_id = "tenancy", str(row.pk)
        core.update_row(person, ["owner_kind", "owner_id"])
    core.record("tenancy.told", subject=row.ref, actor=actor, at=now, place_path=row.place_path,
                data={"by": actor.role or None})  # fmt: skip
    return row


@transaction.atomic
def end_tenancy(row: Tenancy, *, on: date, version: int | None = None, actor: Actor, now: datetime) -> Tenancy:
    row = locked(row, version)
    core.require(actor, "tenancies.told", OfUnit(row.unit, core.local_day(now)))
    if row.to_on is not None or on < row.from_on:
        raise Refused("ended", "已经退租，或日期早于起租日期。", fields={"on": "请核对日期"})
    row.to_on = on
    kept(row, "to_on")
    core.record("tenancy.ended", subject=row.ref, actor=actor, at=now, place_path=row.place_path, data={"on": on})
    return row


@transaction.atomic
def report_tenancy(row: Tenancy, *, text: str, actor: Actor, now: datetime) -> Case:
    """A clue about a let home: a case of the unit that finds; its result is written back to the home."""
    row = locked(row)
    core.require(actor, "tenancies.told", OfUnit(row.unit, core.local_day(now)))
    named, clauses = rule("rentals", row.place_path, core.local_day(now))
    if not named.get("matter"):
        raise Refused("no_rule", "现行文件没有规定违规出租由谁查处。", clause=clauses)
    if row.case is not None and row.under_way:
        raise Refused("reported", f"已经上报，{row.case.number}还在办，办结后才能再上报。", status=CONFLICT_STATUS)
    if not text.strip():
        raise Refused("missing", "请写明情况。", fields={"text": "请写明情况"})
    complaint = receive_complaint(
        channel=FOUND, estate=row.estate, text=text.strip(), location=str(row.unit), received_at=now,
        matters=[MatterInput(matter=str(named["matter"]), title="", text=text.strip(), facts={"tenancy": row.pk})],
        actor=Actor.system(demo=row.demo), now=now,
    )  # fmt: skip
    row.case = complaint.cases.get()
    kept(row, "case")
    core.record("tenancy.reported", subject=row.ref, actor=actor, at=now, place_path=row.place_path,
                data={"case": row.case.number, "by": actor.role or None})  # fmt: skip
    return row.case


@transaction.atomic
def find_tenancy(
    row: Tenancy, *, finding: str, note: str, version: int | None = None, actor: Actor, now: datetime
) -> Tenancy:
    """The police looked at it themselves."""
    row = locked(row, version)
    named, clauses = rule("rentals", row.place_path, core.local_day(now))
    if not actor.is_system and actor.role not in (named.get("finds") or ()):
        raise Refused("not_finder", "由公安机关认定是否违规出租。", clause=clauses, status=403)
    if finding not in RENT_FINDINGS or not note.strip():
        raise Refused("finding", "请选结果并写明情况。", fields={"finding": "请选结果", "note": "请写明情况"})
    return found_rental(row, finding=finding, note=note.strip(), actor=actor, now=now)


# -- premises for business ---------------------------------------------------------------------------------------------
@transaction.atomic
def review_premises(
    unit: Unit, *, kind: str, approved: bool, relaxed: bool, paper: Any = None, actor: Actor, now: datetime
) -> PremisesReview:
    """May it be registered as a place of business: the answer of the document, kept with what it rested on."""
    core.require(actor, "premises.review", unit)
    if kind not in PREMISES:
        raise Refused("kind", "请选房屋种类。", fields={"kind": "请选一种"})
    on = core.local_day(now)
    answer = answer_at(
        "premises", unit.place_path, on, premises=kind, approved=approved, relaxed=relaxed, paper=bool(paper)
    )
    if answer is None or not answer.ok or not answer.value:
        raise Refused("no_rule", "现行文件没有规定这类房屋能不能登记为经营场所。")
    if relaxed and not approved and not paper:
        raise Refused("no_paper", "符合放宽条件的，要上传依据。", clause=answer.clauses, fields={"paper": "请上传依据"})
    row = PremisesReview.objects.create(
        unit=unit, place_path=unit.place_path, kind=kind, approved=approved, relaxed=relaxed,
        paper=stored(paper, owner=unit.building.estate.ref, actor=actor, now=now), answer=str(answer.value),
        basis=answer.to_json(), organisation=actor.organisation, by=actor.user, at=now,
        demo=actor.demo or unit.building.estate.demo,
    )  # fmt: skip
    core.record("premises.reviewed", subject=row.ref, actor=actor, at=now, place_path=row.place_path,
                data={"answer": row.answer})  # fmt: skip
    return row
