"""Reading repairs that the owners' fund does not pay: whose they are, plans, the pool of both sides, teams."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Sum

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.models import Place
from gongzhi.funds.common.queries import book_of, due_after, held
from gongzhi.funds.maintenance.models import (
    FundStep,
    FundUse,
    RepairPlan,
    RepairPlanItem,
    RepairReport,
    RepairTeam,
    WarrantyDeposit,
)
from gongzhi.funds.maintenance.words import AGREED_WITH, BEARERS, PARTS
from gongzhi.funds.public_money.models import Budget
from gongzhi.funds.public_money.queries import balance_of
from gongzhi.policy.answer import Answer
from gongzhi.policy.periods import last_day_before
from gongzhi.registry.models import Estate
from gongzhi.registry.queries import estate_facts, fact, facts_of
from gongzhi.registry.queries.reading import estates_for

REPAIR = "repair"
BOTH = ("apply", "review")
# Which fact of an estate names the utility that keeps a part.
UTILITIES = {part: f"utility_{part}" for part in ("water", "power", "gas", "heat", "telecom")}


# -- who repairs ------------------------------------------------------------------------------------------------------
def within_warranty(estate: Estate, part: str, on: date) -> bool | None:
    """By the part's own period from the day of delivery, its last day included; else what the estate's file says."""
    answer = core.ask("funds.part_warranty", {"part": part}, place_path=estate.place_path, on=on)
    period = (answer.value or {}).get("period")
    delivered_on = fact(estate.ref, "delivered_on", on)
    if period is not None and delivered_on is not None:
        return bool(on <= last_day_before(due_after(estate.place_path, delivered_on, period)))
    stated: bool | None = estate_facts(estate, on).get("within_warranty")
    return stated


_agreed: list[Callable[[Estate, date], Sequence[str]]] = []


def register_agreed_repairs(found: Callable[[Estate, date], Sequence[str]]) -> None:
    """How to learn what the contract of an estate leaves to its company that day; contracts are kept elsewhere."""
    _agreed.append(found)


def agreed_repair(estate: Estate, part: str, on: date) -> str:
    """The line of the contract that names the part; empty where none does."""
    lines = [one for found in _agreed for one in found(estate, on)]
    return next((one for one in lines if PARTS[part] in one), "")


# Who looks after an estate in these ways is no unit of its own.
OWN_WAYS = ("community", "residents")


def managing_unit(estate: Estate, on: date) -> str:
    """The unit that the estate's file names as looking after it that day."""
    known = facts_of(estate.ref, ("management_body", "management_mode"), on)
    return "" if known.get("management_mode") in OWN_WAYS else str(known.get("management_body") or "")


def left_alone(rows: Iterable[RepairReport], on: date) -> set[int]:
    """Of judged repairs those that wait for a managing unit which the estate's file names no longer."""
    open_ones = [row for row in rows if row.who == "managing_unit" and row.done_on is None]
    judged = RepairReport.objects.filter(estate__in={row.estate_id for row in open_ones}).order_by("pk")
    last = {(estate, part): pk for pk, estate, part in judged.values_list("pk", "estate", "part")}
    waiting = [row for row in open_ones if last[row.estate_id, row.part] == row.pk]
    gone = {estate for estate in {row.estate for row in waiting} if not managing_unit(estate, on)}
    return {row.pk for row in waiting if row.estate in gone}


def repair_duty(
    estate: Estate, *, part: str, need: str, on: date, said: Mapping[str, bool], cost_on: str = ""
) -> Answer:
    """Whose repair a part is that day. `said`: what nobody has written down, as the clerk answers it.

    `cost_on`: who bears the costs of a utility's part, where that is laid down.
    """
    known = estate_facts(estate, on)
    facts: dict[str, Any] = {"part": part, "need": need, "estate_type": estate.estate_type, **said}
    if cost_on:
        facts["cost_on"] = cost_on
    if agreed_repair(estate, part, on):
        facts["by_contract"] = True
    if managing_unit(estate, on):
        facts["managing_unit"] = True
    if estate.estate_subtype:
        facts["estate_subtype"] = estate.estate_subtype
    if known.get("high_rise") is not None:
        facts["high_rise"] = known["high_rise"]
    facts.setdefault("has_fund", book_of(estate, "maintenance_fund") is not None)
    within = within_warranty(estate, part, on)
    if within is not None:
        facts["within_warranty"] = within
    return core.ask("funds.repair_duty", facts, place_path=estate.place_path, on=on)


def contact_of(estate: Estate, who: str, *, part: str, on: date) -> str:
    """Who that is here, as it stands in the registry: the tendered team, the utility, the managing unit."""
    if who == "street_contractor":
        rows = RepairTeam.objects.filter(selected="open_tender", from_on__lte=on, to_on__gte=on)
        fitting = [one for one in rows if estate.place_path.startswith(one.place_path) and PARTS[part] in one.scope]
        return fitting[0].name if fitting else ""
    if who == "utilities_company":
        return str(fact(estate.ref, UTILITIES.get(part, ""), on) or "") if part in UTILITIES else ""
    if who == "managing_unit":
        return managing_unit(estate, on)
    return ""


def agreed_of(report: RepairReport) -> str:
    """The contract that the judgement rests on, where it does."""
    return str((report.answer.get("agreed") or {}).get("basis") or "")


def bearers_of(report: RepairReport) -> list[str]:
    """谁出钱, as it was judged; where a contract says otherwise, with whom it agrees."""
    agreed = (report.answer.get("agreed") or {}).get("with")
    if report.who == "agreed" and agreed:
        return [AGREED_WITH[agreed]]
    return [BEARERS[one] for one in (report.answer.get("value") or {}).get("bearers") or ()]


# -- reported repairs -------------------------------------------------------------------------------------------------
def reports_for(actor: Actor, *, on: date) -> QuerySet[RepairReport]:
    """Repairs judged in the estates that the actor sees, the newest first."""
    rows = RepairReport.objects.filter(estate__in=estates_for(actor).values("pk"))
    return rows.select_related("estate").order_by("-judged_on", "-pk")


def not_performed(actor: Actor, *, on: date) -> QuerySet[RepairReport]:
    """建设单位未履责清单: repairs within the warranty that were to be done before that day and are not."""
    return reports_for(actor, on=on).filter(who="developer", done_on=None, due_on__lt=on)


def candidates_for_plan(place_path: str) -> QuerySet[RepairReport]:
    """年度维修计划候选: what the street has to repair and has not, that no plan names yet."""
    planned = RepairPlanItem.objects.filter(estate=OuterRef("estate"), part=OuterRef("part"), project=None)
    rows = RepairReport.objects.filter(who="street_office", done_on=None, place_path__startswith=place_path or "-")
    return rows.exclude(Exists(planned)).select_related("estate").order_by("estate__place_path", "pk")


def without_utilities(estates: QuerySet[Estate], on: date) -> list[tuple[Estate, list[str]]]:
    """Resettlement and old estates that lack a utility on file, with which: 供水、供电、供气、供热、通讯."""
    found = []
    for estate in estates.filter(estate_type__in=["resettlement", "old"], ended_on=None).order_by("place_path"):
        known = facts_of(estate.ref, tuple(UTILITIES.values()), on)
        lacking = [PARTS[part] for part, name in UTILITIES.items() if not known.get(name)]
        if lacking:
            found.append((estate, lacking))
    return found


# -- plans of a year --------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class PlanRow:
    """A street and its plan of a year, or none."""

    place: Place
    plan: RepairPlan | None
    items: int
    amount_fen: int

    @property
    def counts(self) -> bool:
        return self.plan is not None and self.plan.state == "agreed"


def plans_of(place_path: str, *, year: int) -> list[PlanRow]:
    """Every street below the place, also those that have not planned."""
    plans = {one.place_id: one for one in RepairPlan.objects.filter(year=year, place_path__startswith=place_path)}
    found = []
    for place in Place.objects.filter(level="street", path__startswith=place_path).order_by("path"):
        plan = plans.get(place.pk)
        fens = list(plan.items.values_list("estimate_fen", flat=True)) if plan is not None else []
        found.append(PlanRow(place, plan, len(fens), sum(fens)))
    return found


def agreed_total(rows: list[PlanRow]) -> int:
    """全区年度维修预算: only what the government agreed to."""
    return sum(one.amount_fen for one in rows if one.counts)


# -- the money of both sides ------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Side:
    """One side of a street's repair money of a year, in 分."""

    payer: str
    title: str
    budget: Budget | None
    due_fen: int
    came_fen: int
    spent_fen: int

    @property
    def owed_fen(self) -> int:
        return max(self.due_fen - self.came_fen, 0)

    @property
    def free_fen(self) -> int:
        return self.came_fen - self.spent_fen


@dataclass(frozen=True)
class Pool:
    """维修基金 of a street in a year: what its agreed plan needs, and what both sides put in by their shares."""

    place: Place
    year: int
    target_fen: int
    sides: tuple[Side, ...]
    answer: Answer

    @property
    def free_fen(self) -> int:
        return sum(one.free_fen for one in self.sides)

    def drawn(self, fen: int) -> list[tuple[Budget, int]]:
        """How a payment falls on the sides: by their shares, and what one lacks on the other."""
        parts = split_by(fen, self.answer)
        short = 0
        for one in self.sides:
            lacking = max(parts[one.payer] - one.free_fen, 0)
            parts[one.payer] -= lacking
            short += lacking
        for one in self.sides:
            more = min(one.free_fen - parts[one.payer], short)
            parts[one.payer] += more
            short -= more
        return [(one.budget, parts[one.payer]) for one in self.sides if one.budget is not None and parts[one.payer]]


def split_by(fen: int, answer: Answer) -> dict[str, int]:
    """County and street: each rounded half up, the rest to whom the pack names."""
    rest_to = str(answer.value["rest_to"])
    other = "county" if rest_to == "street" else "street"
    part = int(Fraction(answer.value[other]) * fen + Fraction(1, 2))
    return {other: part, rest_to: fen - part}


def pool_of(place: Place, year: int, *, target_fen: int | None = None) -> Pool:
    """`target_fen` None: what the street's agreed plan needs."""
    answer = core.ask("funds.repair_shares", {}, place_path=place.path, on=date(year, 12, 31))
    plan = RepairPlan.objects.filter(place=place, year=year, state="agreed").first()
    planned = sum(plan.items.values_list("estimate_fen", flat=True)) if plan is not None else 0
    target = planned if target_fen is None else target_fen
    parts = split_by(target, answer)
    found = []
    for payer, title in (("county", "区县（市）"), ("street", "镇街")):
        at = place if payer == "street" else core.place_at(place.path, "county")
        holder = {"holder_kind": "place", "holder_id": place.ref.id} if payer == "county" else {"holder_kind": ""}
        budget = (
            Budget.objects.filter(place=at, payer=payer, year=year, item=REPAIR, **holder)
            .select_related("place")
            .first()
        )
        state = balance_of(budget) if budget is not None else None
        came = state.granted_fen if state is not None else 0
        spent = state.held_fen + state.paid_fen if state is not None else 0
        found.append(Side(payer, title, budget, parts[payer], came, spent))
    return Pool(place, year, target, tuple(found), answer)


# -- teams, warranty money --------------------------------------------------------------------------------------------
def team_of(place_path: str, name: str, on: date) -> RepairTeam | None:
    """The tendered team of that name that serves a place that day."""
    return next((one for one in teams_at(place_path, on) if one.name == name.strip()), None)


def teams_at(place_path: str, on: date) -> list[RepairTeam]:
    """The tendered teams that serve a place that day."""
    rows = RepairTeam.objects.filter(selected="open_tender", from_on__lte=on, to_on__gte=on).order_by("name", "pk")
    return [one for one in rows if place_path.startswith(one.place_path)]


def teams_for(actor: Actor) -> QuerySet[RepairTeam]:
    rows = RepairTeam.objects.select_related("place", "file").order_by("-to_on", "name")
    return rows.filter(place_path__startswith=actor.place_path) if actor.place_path else rows.none()


@dataclass(frozen=True)
class Warranty:
    """A developer's warranty money, in 分."""

    deposit: WarrantyDeposit
    paid_fen: int
    used_fen: int
    returned_fen: int
    balance_fen: int

    @property
    def short_fen(self) -> int:
        return max(self.deposit.due_fen - self.paid_fen, 0)


def warranty_of(deposit: WarrantyDeposit, on: date) -> Warranty:
    sums = {
        row["kind"]: int(row["total"] or 0)
        for row in deposit.moves.filter(state="done").values("kind").annotate(total=Sum("amount_fen")).order_by()
    }
    book = book_of(deposit.estate, "warranty_money")
    balance = held(book, on) if book is not None else 0
    return Warranty(deposit, sums.get("deposit", 0), sums.get("use", 0), sums.get("return", 0), balance)


def warranties_for(actor: Actor, *, on: date) -> list[Warranty]:
    rows = WarrantyDeposit.objects.filter(estate__in=estates_for(actor).values("pk")).select_related("estate")
    return [warranty_of(one, on) for one in rows.order_by("estate__place_path")]


# -- how long a review takes ------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Took:
    """Average days from application to review, of how many uses."""

    count: int
    days: Fraction

    @property
    def words(self) -> str:
        """12.0: rounded half up from the exact average."""
        tenths = int(self.days * 10 + Fraction(1, 2))
        return f"{tenths // 10}.{tenths % 10}"


def review_took(uses: QuerySet[FundUse], *, changed_on: date) -> tuple[Took, Took]:
    """Before a change and from it on, by the day of application."""
    steps: dict[int, dict[str, date]] = {}
    rows = FundStep.objects.filter(use__in=uses.values("pk"), step__in=("apply", "review"), agreed=True)
    for use, step, on in rows.order_by("round", "pk").values_list("use_id", "step", "on"):
        steps.setdefault(use, {})[step] = on
    took = [(one["apply"], (one["review"] - one["apply"]).days) for one in steps.values() if len(one) == len(BOTH)]
    return _took([days for on, days in took if on < changed_on]), _took([d for on, d in took if on >= changed_on])


def _took(days: list[int]) -> Took:
    return Took(len(days), Fraction(sum(days), len(days)) if days else Fraction(0))
