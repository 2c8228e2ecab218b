"""What the work on a case writes into the books beside it: who came, structures, companies' files, rented homes."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from gongzhi.cases.enforcement.models import CompanyCase, Operation, SiteEntry, Structure, Tenancy
from gongzhi.cases.enforcement.queries.asking import rule
from gongzhi.cases.enforcement.words import CATEGORIES, ENTRY_KINDS
from gongzhi.cases.models import Case
from gongzhi.cases.services.numbering import next_case_number
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.models import Organisation, StoredFile
from gongzhi.registry import queries as registry
from gongzhi.registry.models import Estate

STRUCTURE_MATTER = "illegal_structure"
PUNISHED = ("penalised", "rectified")


def enter_estate(
    estate: Estate,
    *,
    unit: Organisation,
    kind: str,
    on: date,
    note: str = "",
    case: Case | None = None,
    operation: Operation | None = None,
    actor: Actor,
    now: datetime,
) -> SiteEntry:
    """One entry of a unit for a cause on a day; the same again is the same."""
    assert kind in ENTRY_KINDS  # noqa: S101
    known = SiteEntry.objects.filter(organisation=unit, estate=estate, on=on, kind=kind, case=case, operation=operation)
    if kind != "visit" and (found := known.first()) is not None:
        return found
    row = SiteEntry.objects.create(
        organisation=unit, role=unit.role, estate=estate, place_path=estate.place_path, kind=kind, on=on,
        note=note.strip()[:300], case=case, operation=operation, by=actor.user, at=now, demo=actor.demo or estate.demo,
    )  # fmt: skip
    core.record("estate.entered", subject=estate.ref, actor=actor, at=now, place_path=estate.place_path,
                data={"unit": unit.role, "kind": kind, "on": on})  # fmt: skip
    return row


def era_of(begun_on: date, place_path: str, on: date) -> str:
    """New or from before, by the line that the document draws; without one everything is new."""
    first = rule("structures", place_path, on)[0].get("new_from")
    since = date.fromisoformat(str(first)) if first else None
    return "new" if since is None or begun_on >= since else "stock"


def add_structure(
    estate: Estate,
    *,
    location: str,
    begun_on: date,
    area_m2: Decimal | None = None,
    before: StoredFile | None = None,
    case: Case | None = None,
    actor: Actor,
    now: datetime,
) -> Structure:
    """A line of the book of structures; who leads its removal is the first unit that the document names."""
    on = core.local_day(now)
    named, clauses = rule("structures", estate.place_path, on)
    roles = list(named.get("leads") or ())
    found = registry.organisations_for(roles, estate.place_path, estate=estate)
    row = Structure.objects.create(
        number=next_case_number(estate.place_path, on, "structure"), estate=estate, place_path=estate.place_path,
        case=case, location=location.strip()[:200], era=era_of(begun_on, estate.place_path, on), begun_on=begun_on,
        area_m2=area_m2, lead=next((found[role] for role in roles if role in found), None), before=before,
        basis={"clauses": list(clauses)}, entered_at=now, demo=actor.demo or estate.demo,
    )  # fmt: skip
    core.record("structure.entered", subject=row.ref, actor=actor, at=now, place_path=row.place_path,
                data={"number": row.number, "era": row.era})  # fmt: skip
    return row


def structure_of_case(case: Case, *, now: datetime) -> None:
    """What somebody found being built, or found unlawful, comes into the book by itself, once."""
    if case.matter != STRUCTURE_MATTER or case.estate is None or Structure.objects.filter(case=case).exists():
        return
    if not rule("structures", case.place_path, core.local_day(now))[0].get("leads"):
        return
    begun_on = core.local_day(case.received_at)
    add_structure(
        case.estate, location=case.location or case.title, begun_on=begun_on, case=case,
        actor=Actor.system(demo=case.demo), now=now,
    )  # fmt: skip


def note_company(case: Case, *, now: datetime) -> CompanyCase | None:
    """A new case about the company that serves the estate stands in its file from the first day."""
    on = core.local_day(case.received_at)
    if case.nature != "violation":
        return None
    named, _ = rule("company", case.place_path, on, matter=case.matter)
    if not named.get("about_company"):
        return None
    company = registry.organisation_for("property_company", case.place_path, case.estate, on=on)
    if company is None:
        return None
    category = str(case.facts.get("category") or "")
    row = CompanyCase.objects.create(
        case=case, company=company, category=category if category in CATEGORIES else "", demo=case.demo
    )
    tell_company(row, event="cased", actor=Actor.system(demo=case.demo), now=now)
    return row


@core.Fetch
def _about_company(case: int) -> QuerySet[CompanyCase]:
    return CompanyCase.objects.filter(case=case).select_related("case", "company")


def end_company_case(case: Case, *, actor: Actor, now: datetime) -> None:
    """What the case ended with goes into the company's file."""
    row = next(iter(_about_company(case.pk)), None)
    if row is None:
        return
    row.ended_at, row.result, row.decision = now, case.result, case.penalty_number
    row.save(update_fields=["ended_at", "result", "decision"])
    tell_company(row, event="case_ended", actor=actor, now=now, penalised=bool(case.penalty_number))


def tell_company(row: CompanyCase, *, event: str, actor: Actor, now: datetime, **data: Any) -> None:
    case = row.case
    core.record(
        f"company.{event}", subject=row.company.ref, actor=actor, at=now, place_path=case.place_path,
        data={"case": case.number, "matter": case.matter, "category": row.category or None,
              "lead": case.lead_role or None, **data},
    )  # fmt: skip


def write_back_rental(case: Case, *, actor: Actor, now: datetime) -> None:
    """What came of the case stands at the home."""
    if "tenancy" not in case.facts:
        return
    row = Tenancy.objects.select_for_update().get(pk=case.facts["tenancy"])
    finding = "unlawful" if case.outcome in PUNISHED else "lawful"
    found_rental(row, finding=finding, note=case.result, actor=actor, now=now)


def found_rental(row: Tenancy, *, finding: str, note: str, actor: Actor, now: datetime) -> Tenancy:
    row.finding, row.finding_note, row.finding_on = finding, note, core.local_day(now)
    row.version += 1
    row.save(update_fields=["finding", "finding_note", "finding_on", "version"])
    core.record("tenancy.found", subject=row.ref, actor=actor, at=now, place_path=row.place_path,
                data={"finding": finding, "by": actor.role or None})  # fmt: skip
    return row
