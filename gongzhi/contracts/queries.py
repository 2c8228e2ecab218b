"""What is asked about procedures and contracts: the next step and its conditions, who is missing, what stands open."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Avg, Exists, OuterRef, Q, QuerySet, Subquery

from gongzhi.contracts.models import (
    CALLS,
    CLOSING,
    COMPANY_ROLE,
    INVITED,
    Bid,
    Judge,
    Party,
    Procedure,
    ProcedureItem,
    ProcedureStep,
    Remark,
    ServiceContract,
    county_of,
    office_of,
    own_role,
)
from gongzhi.contracts.rights import HERE
from gongzhi.contracts.words import CONTRACT, SETTLED
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.models import Event, Organisation
from gongzhi.policy.answer import Answer
from gongzhi.registry.models import Estate, Project, StandingFact
from gongzhi.registry.queries import facts_of
from gongzhi.registry.queries.reading import estates_for
from gongzhi.registry.questions import SERVICE_RATINGS

COMMITTEES = ("has_owners_committee", "has_management_committee")
# What is shown of a company that wants to serve, the order in which it is listed, and what may keep it out.
KNOWN = ("service_rating", "demonstration", "credit_grade", "credit_score", "star", "blacklisted", "tender_barred")
MONTHS = 12
SOON = 90  # days before its end a contract without a successor is pointed out
RATINGS = tuple(SERVICE_RATINGS)


@dataclass(frozen=True)
class Rule:
    """What the pack says of a step."""

    by: tuple[str, ...]
    papers: tuple[str, ...]
    needs: tuple[str, ...]
    letter: str
    letter_from: str
    letter_to: tuple[str, ...]
    within: Any
    clauses: tuple[str, ...]


def rule_of(answer: Answer) -> Rule:
    value: Mapping[str, Any] = answer.value or {}
    return Rule(
        tuple(value.get("by") or ()),
        tuple(value.get("papers") or ()),
        tuple(value.get("needs") or ()),
        value.get("letter") or "",
        value.get("letter_from") or "",
        tuple(value.get("letter_to") or ()),
        value.get("within"),
        tuple(answer.clauses),
    )


def facts_about(kind: str, estate: Estate, *, opener_role: str, given: Mapping[str, Any], on: date) -> dict[str, Any]:
    known = facts_of(estate.ref, COMMITTEES, on)
    return {
        "kind": kind,
        "opened_by": opener_role,
        "has_committee": any(known.get(one) for one in COMMITTEES),
        "estate_type": estate.estate_type,
        **{name: given[name] for name in ("method", "ground", "approval_needed", "asset") if name in given},
    }


def facts_for(row: Procedure, on: date) -> dict[str, Any]:
    return facts_about(row.kind, row.estate, opener_role=row.opener_role, given=row.given, on=on)


def step_rule(row: Procedure, step: str, on: date) -> Rule:
    facts = {**facts_for(row, on), "step": step}
    return rule_of(core.ask("contracts.step", facts, place_path=row.place_path, on=on))


def contract_rule(row: ServiceContract, step: str, on: date) -> Rule:
    facts = {
        "kind": CONTRACT, "step": step, "contract_kind": row.kind, "opened_by": row.party_a,
        "estate_type": row.estate.estate_type,
    }  # fmt: skip
    return rule_of(core.ask("contracts.step", facts, place_path=row.place_path, on=on))


def filings_open(row: ServiceContract, on: date) -> Answer:
    """Whether such contracts are filed here at all."""
    return core.ask("contracts.filings_open", {"contract_kind": row.kind}, place_path=row.place_path, on=on)


def performed(row: ServiceContract) -> list[Event]:
    """What the company wrote down of its services, the last day first."""
    rows = Event.objects.filter(subject_kind=row.ref.kind, subject_id=row.ref.id, kind="contract.performed")
    return sorted(rows.order_by("-pk"), key=lambda one: str(one.data["on"]), reverse=True)


# -- where a procedure stands ------------------------------------------------------------------------------------------
def done_steps(row: Procedure) -> dict[str, ProcedureStep]:
    """Of each step the last time it was taken with a yes."""
    found: dict[str, ProcedureStep] = {}
    for one in row.taken.order_by("round"):
        if one.agreed:
            found[one.step] = one
        else:
            found.pop(one.step, None)
    return found


def next_step(row: Procedure) -> str | None:
    done = done_steps(row)
    return next((one for one in row.steps if one not in done), None)


def steps_open(row: Procedure, actor: Actor, on: date) -> list[str]:
    """The steps that the actor may take now: the next one, and those that are taken when there is need."""
    if row.state != "running":
        return []
    wanted = [one for one in (next_step(row), *row.rules.get("sides", ())) if one]
    if "agree" in done_steps(row):
        wanted = [one for one in wanted if one != "refuse"]  # what was taken over cannot be refused
    if "hand_over" in done_steps(row):
        wanted = [one for one in wanted if one != "object"]
    mine = own_role(actor.role)
    return [one for one in wanted if actor.is_system or mine in step_rule(row, one, on).by]


def missing(row: Procedure, part: str) -> list[Party]:
    """Who has not signed; or, of a last opinion, who is against."""
    return [one for one in row.parties.filter(part=part).select_related("organisation") if not one.verdict]


def against(row: Procedure) -> list[Party]:
    return list(row.parties.filter(part="party", verdict="unfit").select_related("organisation"))


def is_clean(row: Procedure) -> bool:
    """A list with something on it, and nothing left to do."""
    states = list(row.items.values_list("state", flat=True))
    return bool(states) and all(one in SETTLED for one in states)


def gap_after(row: Procedure, on: date) -> tuple[int, date | None]:
    """Days that nobody answers for after who leaves, and from when somebody does again (None: not known yet).

    Who serves counts; before the exit is confirmed, what was planned and signed.
    """
    left = done_steps(row).get("confirm")
    leave = left.on if left is not None else date.fromisoformat(row.given["leave_on"])
    serves = row.estate.projects.filter(from_on__gte=leave).exclude(company=row.company).order_by("from_on").first()
    signed = row.estate.service_contracts.filter(from_on__gte=leave).order_by("from_on").first()
    comes_on = serves.from_on if serves is not None else signed.from_on if signed is not None else None
    if serves is None and left is not None and comes_on is not None and comes_on <= on:
        comes_on = None  # signed, and has not come
    if comes_on is None:
        return (max((on - leave).days, 0) if left is not None else 0), None
    return max((comes_on - leave).days - 1, 0), comes_on


def may_enter(row: Procedure, done: Container[str]) -> bool:
    """Where a choice is announced, companies enter after that; by agreement they need not wait."""
    return row.given.get("method") == "agreement" or "announce" not in row.steps or "announce" in done


def ranked(row: Procedure) -> list[Bid]:
    """By points, then by what is known: rated and awarded companies come first. Nobody is kept out by the order."""
    rows = list(row.bids.select_related("company").annotate(average=Avg("scores__points")))
    return sorted(rows, key=_standing)


def bids_for(row: Procedure, actor: Actor) -> list[Bid]:
    """What a reader may know of them: a company its own until they are opened, no points until one is chosen."""
    rows, done = ranked(row), done_steps(row)
    if own_role(actor.role) != COMPANY_ROLE or "award" in done:
        return rows
    opened, own = any(one in done for one in CLOSING), getattr(actor.organisation, "pk", None)
    found = sorted((one for one in rows if opened or one.company_id == own), key=lambda one: one.pk)
    for one in found:
        one.average = None  # type: ignore[attr-defined]
    return found


def judges_for(row: Procedure, actor: Actor) -> list[Judge]:
    """No company knows who judges before one is chosen."""
    shut = own_role(actor.role) == COMPANY_ROLE and "award" not in done_steps(row)
    return [] if shut else list(row.judges.order_by("pk"))


def _standing(bid: Any) -> tuple[Any, ...]:
    known = bid.known
    return (
        bid.state == "declined",
        -(bid.average if bid.average is not None else Decimal(-1)),
        not known.get("demonstration"),
        RATINGS.index(known["service_rating"]) if known.get("service_rating") in RATINGS else len(RATINGS),
        -Decimal(known.get("credit_score") or -1),
        -int(known.get("star") or 0),
        bid.pk,
    )


# -- what is known of others -------------------------------------------------------------------------------------------
def known_of(company: Organisation, on: date) -> dict[str, Any]:
    """Grades, stars, awards and lists, as they stood that day."""
    return facts_of(company.ref, KNOWN, on)


def controllers(*companies: Organisation, on: date) -> list[str]:
    return [facts_of(one.ref, ("controller",), on).get("controller") or one.name for one in companies]


def related(company: Organisation | None, developer: Organisation | None, on: date) -> bool:
    """The files of both name the same controlling holder, or one is the other's."""
    if company is None or developer is None:
        return False
    first, second = controllers(company, developer, on=on)
    return first == second


def takeover_of(estate: Estate) -> Procedure | None:
    """The inspection that ended with an agreement."""
    rows = Procedure.objects.filter(estate=estate, kind="takeover", taken__step="agree", taken__agreed=True)
    return rows.order_by("-opened_at").first()


def shown_takeovers(estate: Estate) -> QuerySet[Procedure]:
    """Inspections that were made public, the last first."""
    published = ProcedureStep.objects.filter(procedure=OuterRef("pk"), step="publish", agreed=True)
    rows = Procedure.objects.filter(Exists(published), estate=estate, kind="takeover").select_related("company")
    return rows.annotate(shown_on=Subquery(published.order_by("-round").values("on")[:1])).order_by("-opened_at")


def last_change(estate: Estate, on: date) -> date | None:
    """When the company that serves now began, where another one served before."""
    rows = list(Project.objects.filter(estate=estate, from_on__lte=on).order_by("-from_on")[:2])
    several = len({one.company_id for one in rows}) > 1
    return rows[0].from_on if several else None


def months_between(first: date, last: date) -> int:
    return (last.year - first.year) * MONTHS + last.month - first.month - (last.day < first.day)


def may_order_out(actor: Actor, on: date) -> bool:
    """Whether the document of the place lets this office order companies to leave."""
    if not actor.place_path or not actor.is_staff_role:
        return False
    facts = {"kind": "exit", "ground": "ordered", "opened_by": own_role(actor.role), "has_committee": True}
    answer = core.ask("contracts.procedure", facts, place_path=actor.place_path, on=on)
    return bool(answer.ok and "order" in answer.value["steps"] and actor.role in answer.value["opened_by"])


# -- lists -------------------------------------------------------------------------------------------------------------
def _seen(rows: QuerySet[Any], actor: Actor, own: Q) -> QuerySet[Any]:
    oversees = bool({actor.role, *office_of(actor)} & set(HERE)) and bool(actor.place_path)
    place = Q(place_path__startswith=actor.place_path) if oversees else Q(pk=None)
    if actor.organisation is None:
        return rows.filter(place)
    serves = Project.objects.filter(estate=OuterRef("estate"), company=actor.organisation, to_on=None)
    return rows.filter(place | own | Exists(serves)).distinct()


def procedures_for(actor: Actor) -> QuerySet[Procedure]:
    own = Q(opener=actor.organisation) | Q(company=actor.organisation) | Q(parties__organisation=actor.organisation)
    rows = Procedure.objects.select_related("estate", "company", "opener").order_by("-opened_at", "-pk")
    return _seen(rows, actor, own | Q(bids__company=actor.organisation))


def calls_for(actor: Actor) -> QuerySet[Procedure]:
    """What companies may enter for: choices announced where they work, that nobody has won yet."""
    county = county_of(actor.place_path) if actor.place_path else "-"
    rows = Procedure.objects.filter(kind__in=CALLS, state="running", company=None)
    announced = ProcedureStep.objects.filter(procedure=OuterRef("pk"), step="announce")
    closed = ProcedureStep.objects.filter(procedure=OuterRef("pk"), step__in=CLOSING)
    asked = Bid.objects.filter(procedure=OuterRef("pk"), company=actor.organisation)
    rows = rows.filter(Exists(announced), ~Exists(closed), place_path__startswith=county)
    by_invitation = Procedure.objects.filter(pk=OuterRef("pk"), given__method=INVITED)
    rows = rows.filter(Exists(asked) | ~Exists(by_invitation))
    return rows.select_related("estate", "opener").order_by("-opened_at")


CONTRACT_OF = {"tender": "preliminary", "reselect": "service"}


def chosen(estate: Estate) -> QuerySet[Procedure]:
    """Choices in which a company was chosen, the last first."""
    awarded = ProcedureStep.objects.filter(procedure=OuterRef("pk"), step="award", agreed=True)
    rows = Procedure.objects.filter(Exists(awarded), estate=estate, kind__in=CALLS)
    return rows.select_related("estate", "company").order_by("-pk")


def to_be_signed(estate: Estate, kind: str) -> Procedure | None:
    """The last choice that a contract of this kind is still to follow."""
    kinds = [one for one, of_it in CONTRACT_OF.items() if of_it == kind]
    return chosen(estate).filter(kind__in=kinds, contracts=None).exclude(state__in=("stopped", "refused")).first()


def new_calls(actor: Actor) -> int:
    """How many of them the company has not answered: neither entered nor declined."""
    own = Bid.objects.filter(company=actor.organisation).exclude(state="invited")
    return calls_for(actor).exclude(pk__in=own.values("procedure")).count()


def contracts_for(actor: Actor) -> QuerySet[ServiceContract]:
    rows = ServiceContract.objects.select_related("estate", "company").order_by("-signed_on", "-pk")
    return _seen(rows, actor, Q(company=actor.organisation))


def ending(rows: QuerySet[ServiceContract], on: date, days: int) -> QuerySet[ServiceContract]:
    """Those that end within so many days, or (below zero) are over, and that no other contract follows."""
    later = ServiceContract.objects.filter(
        Q(to_on=None) | Q(to_on__gt=OuterRef("to_on")), estate=OuterRef("estate"), ended_on=None
    )
    rows = rows.filter(~Exists(later), from_on__lte=on, ended_on=None)
    return rows.filter(to_on__lt=on) if days < 0 else rows.filter(to_on__gte=on, to_on__lte=on + timedelta(days=days))


def remarks_for(actor: Actor) -> QuerySet[Remark]:
    rows = Remark.objects.select_related("estate", "made_by", "asked_of").order_by("answered_at", "-made_at")
    return _seen(rows, actor, Q(asked_of=actor.organisation) | Q(made_by=actor.organisation))


def unserved(actor: Actor, on: date) -> list[Any]:
    """Estates without a company or caretaker that day, or whose contract is over: with who served last, until when."""
    serving = Project.objects.filter(Q(to_on=None) | Q(to_on__gte=on), estate=OuterRef("pk"), from_on__lte=on)
    known = ServiceContract.objects.filter(estate=OuterRef("pk"), from_on__lte=on)
    holds = known.filter(Q(ended_on=None) | Q(ended_on__gt=on)).filter(Q(to_on=None) | Q(to_on__gte=on))
    by_contract = Exists(serving.filter(service_kind="market")) & Exists(known) & ~Exists(holds)
    rows: list[Any] = list(estates_for(actor).filter(~Exists(serving) | by_contract, ended_on=None))
    last = Project.objects.filter(estate__in=rows, to_on__lt=on).select_related("company").order_by("to_on")
    by_estate = {one.estate_id: one for one in last}
    for one in rows:
        one.last_project = by_estate.get(one.pk)
    return rows


def unnamed(actor: Actor, on: date) -> list[Estate]:
    """Estates that are not delivered and for which nobody is named who answers for the inspection."""
    stated = StandingFact.objects.filter(
        subject_kind="estate", subject_id__in=[str(one.pk) for one in estates_for(actor)],
        name__in=("takeover_responsible", "delivered_on"), from_on__lte=on,
    ).exclude(value=None)  # fmt: skip
    known = set(stated.values_list("subject_id", flat=True))
    return [one for one in estates_for(actor).filter(ended_on=None) if str(one.pk) not in known]


def without_opinion(rows: QuerySet[Procedure]) -> QuerySet[Procedure]:
    """Inspections on which a supervising unit has said nothing yet."""
    silent = Party.objects.filter(procedure=OuterRef("pk"), part="supervisor", verdict="")
    return rows.filter(Exists(silent), kind="takeover")


def waiting_for(rows: QuerySet[Procedure], actor: Actor) -> QuerySet[Procedure]:
    """Those that the actor's unit takes part in and has not signed."""
    own = Q(organisation=None) | Q(organisation=actor.organisation)
    silent = Party.objects.filter(own, procedure=OuterRef("pk"), role=own_role(actor.role), verdict="")
    return rows.filter(Exists(silent), state="running")


def waiting_at(rows: QuerySet[Procedure], step: str) -> QuerySet[Procedure]:
    """Those whose next step is this one."""
    rows = rows.filter(state="running")
    taken: dict[int, dict[str, bool]] = {}
    given = ProcedureStep.objects.filter(procedure__in=rows.order_by().values("pk")).order_by("round")
    for pk, name, agreed in given.values_list("procedure", "step", "agreed"):
        taken.setdefault(pk, {})[name] = agreed
    due = {
        pk: next((one for one in rules["steps"] if not taken.get(pk, {}).get(one)), None)
        for pk, rules in rows.values_list("pk", "rules")
    }
    return rows.filter(pk__in=[pk for pk, one in due.items() if one == step])


def running_exit(estate: Estate) -> Procedure | None:
    return Procedure.objects.filter(estate=estate, kind="exit", state="running").order_by("-opened_at").first()


def succession(estates: Sequence[Any]) -> dict[int, list[Procedure]]:
    """What is under way at estates that nobody serves, by estate: an exit, a caretaker, a choice."""
    found: dict[int, list[Procedure]] = {}
    kinds = ("exit", "caretaker", *CALLS)
    rows = Procedure.objects.filter(estate__in=[one.pk for one in estates], kind__in=kinds, state="running")
    for row in rows.select_related("estate").order_by("-opened_at", "-pk"):
        found.setdefault(row.estate_id, []).append(row)
    return found


def still_leaving(company: Organisation) -> int:
    """Of an order to leave: the projects whose exit is not done. Only with the last one the company has left."""
    return Procedure.objects.filter(company=company, kind="exit", given__ground="ordered", state="running").count()


def contract_on(estate: Estate, on: date) -> ServiceContract | None:
    rows = ServiceContract.objects.filter(Q(ended_on=None) | Q(ended_on__gt=on), estate=estate, from_on__lte=on)
    return rows.filter(Q(to_on=None) | Q(to_on__gte=on)).select_related("company").order_by("-from_on").first()


def items_of(row: Procedure) -> list[ProcedureItem]:
    """The list: what is not in order first."""
    return sorted(row.items.order_by("group", "pk"), key=lambda one: one.state in SETTLED)


def counts(row: Procedure) -> dict[str, int]:
    """Of a list: how many, how many in order, how many not."""
    states: Sequence[str] = list(row.items.values_list("state", flat=True))
    return {
        "all": len(states),
        "settled": sum(one in SETTLED for one in states),
        "defects": sum(one == "defect" for one in states),
    }
