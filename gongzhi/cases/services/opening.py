"""From a matter of a complaint to a numbered case, routed by the pack."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from gongzhi.cases.models import Case, CaseWords, Complaint, Part, State
from gongzhi.cases.models.complaint import reader_key
from gongzhi.cases.queries import asking
from gongzhi.cases.queries.cases import without_identity
from gongzhi.cases.services.acting import emit, join, set_desk, set_lead, tell_unit, unit_for
from gongzhi.cases.services.books import note_company
from gongzhi.cases.services.numbering import next_case_number
from gongzhi.cases.services.repeats import count_own, recount_later
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation
from gongzhi.policy import Answer
from gongzhi.registry import queries as registry


@dataclass(frozen=True)
class MatterInput:
    """One matter of a submission. `facts` are what the form asks for routing (within_warranty)."""

    matter: str
    title: str
    text: str = ""
    nature: str = ""
    spot: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


def open_case(
    complaint: Complaint,
    *,
    given: MatterInput,
    desk: Organisation | None,
    desk_role: str,
    company_knew: bool = False,
    actor: Actor,
    now: datetime,
) -> Case:
    """Numbers, routes and enters one matter. Nothing is handed out yet."""
    on = local_day(complaint.received_at)
    _known_matter(given.matter, complaint.place_path, on)
    case = Case(
        number=next_case_number(complaint.place_path, on, "case"),
        complaint=complaint,
        estate=complaint.estate,
        place_path=complaint.place_path,
        title=given.title.strip()[:120] or asking.matter_name(given.matter, place_path=complaint.place_path, on=on),
        text=given.text.strip() or complaint.text,
        location=complaint.location,
        spot=given.spot.strip().upper(),
        channel=complaint.channel,
        received_at=complaint.received_at,
        matter=given.matter,
        nature=given.nature or asking.matter_nature(given.matter, complaint.place_path, on),
        facts=_facts(complaint, given),
        must_report_up=False,
        demo=complaint.demo,
    )
    # The title goes where the text does not: into duties, documents, messages and the log.
    case.title = without_identity(case.title, case)[:120]
    if complaint.tagged:
        must = asking.ask_case(case, "cases.must_report_up", tags=list(complaint.tags), tagged=True)
        case.must_report_up = bool(must.value) if must.ok else True
    case.readers = complaint.reader_keys()
    if desk is not None:
        case.desk, case.desk_role = desk, desk_role
        case.admit(reader_key(organisation=desk.pk))
    apply_route(case, routing_answer(case, on))
    case.part_rows()  # nobody's yet, which need not be asked once it has a number
    if case.must_report_up:
        case.state_before, case.state = case.state, State.AWAITING_SIGN
    others_later = count_own(case)
    case.__dict__["has_merged"] = False
    emit(
        case,
        kind="opened",
        title=f"登记：{asking.matter_name(case.matter, case)}",
        actor=actor,
        now=now,
        text=case.text,
        told="已登记，正在安排办理。",
        clauses=core_clauses(case),
        complaint=complaint.number,
        company_knew=company_knew,
    )
    if desk is not None:
        set_desk(case, desk, desk_role, now=now)
    note_company(case, now=now)
    name = complaint.estate.name if complaint.estate else ""
    # Nor is it found by his name: whoever may search would know from the answer who complained.
    words = (without_identity(one, case) for one in (case.text, case.location))
    grams = core.grams(case.title, *words, case.spot, name)
    core.insert_rows([CaseWords(case=case, grams=grams, keys=case.search_keys())])
    if others_later:
        recount_later(case)
    if State.PENDING_DUTY in (case.state, case.state_before):
        system = Actor.system(demo=actor.demo)
        emit(
            case,
            kind="pending_duty",
            title="没有主办单位，列为职责待定",
            actor=system,
            now=now,
            clauses=core_clauses(case),
        )
    return case


def _facts(complaint: Complaint, given: MatterInput) -> dict[str, Any]:
    facts = {name: value for name, value in given.facts.items() if value is not None}
    level = complaint.extra.get("from_level")
    return {"from_level": level, **facts} if level else facts


def _known_matter(code: str, place_path: str, on: date) -> None:
    if code not in asking.matters_at(place_path, on):
        raise Refused("unknown_matter", "请从列表里选择事项。", fields={"matter": "没有这个事项。"})


def core_clauses(case: Case) -> list[str]:
    route = asking.stored_route(case)
    return list(route.clauses) if route is not None else []


def routing_answer(case: Case, on: date) -> Answer:
    """Who leads and who helps, by the pack in force that day."""
    return asking.ask_case(case, "cases.route", on=on)


def apply_route(case: Case, answer: Answer) -> None:
    """Keeps the answer with the row. Facts missing: the case waits; nobody competent: 职责待定."""
    case.route = answer.to_json()
    case.needs = list(answer.needs)
    value = answer.value if answer.ok else None
    case.route_lead = (value or {}).get("lead") or ""
    case.nature = (value or {}).get("nature") or case.nature
    if case.estate is not None and "in_built_up_area" not in case.facts:
        known = asking.estate_facts(case, answer.on).get("in_built_up_area")
        case.in_built_up_area = known if isinstance(known, bool) else None
    nobody = not answer.needs and not case.route_lead
    case.state = State.PENDING_DUTY if nobody else State.PENDING


def hand_out(
    case: Case,
    lead: Organisation,
    role: str,
    *,
    support: tuple[Organisation, ...] | None = None,
    now: datetime,
) -> None:
    """Puts the units of the stored route to the case; the lead's sign-in is still to come. Does not record."""
    value = asking.route_value(case)
    set_lead(case, lead, role, now=now)
    case.state, case.assigned_at, case.reported_in_at = State.ASSIGNED, now, None
    wanted = {
        Part.SUPPORT: value.get("support") or (),
        Part.WATCH: value.get("watch") or (),
        Part.TOLD: value.get("tell") or (),
    }
    for part, roles in wanted.items():
        found = registry.organisations_for(roles, case.place_path, estate=case.estate)
        for one, organisation in found.items():
            if organisation.pk != lead.pk:
                join(case, organisation, one, part=part, now=now)
                if part == Part.TOLD:
                    tell_unit(
                        case, organisation, "case.told_unit", text=f"案件{case.number}涉及贵单位，请配合。", now=now
                    )
    for organisation in support or ():
        join(case, organisation, organisation.role, part=Part.SUPPORT, now=now)
    if value.get("finding_by"):
        case.finding_role = value["finding_by"]
        if case.finding_role == role:
            join(case, lead, role, part=Part.FINDING, now=now)


def lead_since(case: Case, unit: int | None, *, now: datetime) -> datetime:
    """From when the unit's own days count: from the report for who leads the case first (and for who gets it back), for
    another one after it from its receipt, `now`."""
    past = {row.organisation_id for row in case.part_rows() if row.part == Part.PAST}
    return now if past and unit not in past else case.received_at


def assigned_data(case: Case, *, by: str, within_days: int | None = None) -> dict[str, Any]:
    """What the events of handing out carry beyond the common fields."""
    value = asking.route_value(case)
    received = next((row.since for row in case.part_rows() if row.part == Part.LEAD), case.received_at)
    return {
        "lead_since": lead_since(case, case.lead_id, now=received),
        "by": by or None,
        "transfer_to": value.get("transfer_to"),
        "finding_by": value.get("finding_by"),
        "finding_required": "finding" in asking.required_steps(case),
        "within": f"{within_days}d" if within_days else None,
        "steps": list(asking.required_steps(case)),
    }


def route_at_once(case: Case, *, actor: Actor, now: datetime) -> None:
    """What the pack hands out itself (a dispute to its mediators); a unit that received its own matter keeps it."""
    if case.state != State.PENDING or case.needs or not case.route_lead or asking.to_be_judged(case):
        return
    own = actor.organisation is not None and actor.role == case.route_lead
    if not own and not asking.says_yes(case, "cases.hands_out_itself", lead=case.route_lead):
        return
    try:
        lead = actor.organisation if own and actor.organisation else unit_for(case.route_lead, case)
    except Refused:
        return  # no such unit is registered yet: a clerk finds the case among those to be handed out
    hand_out(case, lead, case.route_lead, now=now)
    if own:
        case.state, case.reported_in_at = State.HANDLING, now
    by = Actor.system(demo=actor.demo) if not own else actor
    emit(
        case,
        kind="assigned",
        title=f"自动派{lead}" if not own else f"{lead}受理",
        actor=by,
        now=now,
        told=f"已由{lead}办理。",
        clauses=core_clauses(case),
        **assigned_data(case, by=actor.role if own else ""),
    )
    if own:
        emit(case, kind="reported_in", title=f"{lead}收件即办", actor=actor, now=now)
