"""Reading the fund: what each unit owes, paid and has; who has to renew; where each use stands."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from django.db.models import Q, QuerySet, Sum

from gongzhi.core import display
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.models import Event
from gongzhi.core.rights import known_rights, may
from gongzhi.funds.common import apart
from gongzhi.funds.common.queries import OfEstate, book_of, estates_with_books, held
from gongzhi.funds.maintenance.models import FundDeposit, FundDue, FundRenewal, FundUse
from gongzhi.funds.maintenance.rights import OF_STEP
from gongzhi.funds.maintenance.words import DEAD, LEVELS, PAYERS, STEPS
from gongzhi.governance.bodies.queries.bodies import committees_on
from gongzhi.ledger import services as ledger
from gongzhi.ledger.models import Posting
from gongzhi.policy.answer import Answer
from gongzhi.policy.periods import Period
from gongzhi.registry.models import Estate, Project, Unit

PURSE = "maintenance_fund"


@dataclass(frozen=True)
class OfUse:
    """What rights over a use are judged by: its place, the serving company, the applicant."""

    use: FundUse
    on: date | None = None

    @property
    def place_path(self) -> str:
        return self.use.place_path

    def is_party(self, actor: Actor) -> bool:
        if actor.organisation is None or (actor.role == "project_manager" and not actor.within(self.place_path)):
            return False
        return self.use.applicant_id == actor.organisation.pk or OfEstate(self.use.estate, self.on).is_party(actor)


def percent(share: Fraction, *, places: int = 1) -> str:
    """80.0%: rounded half up from the exact share."""
    scale: int = 10**places
    tenths = int(share * 100 * scale + Fraction(1, 2))
    return f"{tenths // scale}.{tenths % scale:0{places}d}%"


def plain_percent(share: Any) -> str:
    """30%: what a document says, as short as it says it."""
    return f"{float(Fraction(str(share)) * 100):g}%"


@dataclass(frozen=True, slots=True)
class UnitFund:
    """One unit's account, in 分. `short_fen`: what is still missing of the first deposit."""

    unit: Unit
    first_fen: int
    paid_first_fen: int
    balance_fen: int
    renewal_fen: int = 0
    paid_renewal_fen: int = 0

    @property
    def short_fen(self) -> int:
        return max(self.first_fen - self.paid_first_fen, 0)

    @property
    def renewal_short_fen(self) -> int:
        return max(self.renewal_fen - self.paid_renewal_fen, 0)

    @property
    def renewal_words(self) -> str:
        """续筹率 of the unit: what it paid of what it had to pay anew."""
        return display.percent(self.paid_renewal_fen, self.renewal_fen)


@dataclass(frozen=True)
class Renewed:
    """续筹率 of an estate: how many units have to pay anew, and how many of them have paid in full."""

    units: int
    done: int

    @property
    def words(self) -> str:
        return display.percent(self.done, self.units)


def renewed(funds: Iterable[UnitFund]) -> Renewed | None:
    """None where nobody was told how much to pay anew."""
    asked = [one for one in funds if one.renewal_fen]
    return Renewed(len(asked), sum(1 for one in asked if not one.renewal_short_fen)) if asked else None


def units_funds(units: Sequence[Unit], *, on: date) -> list[UnitFund]:
    """The accounts of these units at the end of that day; all of one estate."""
    if not units:
        return []
    keys = [unit.pk for unit in units]
    dues: dict[tuple[int, str], int] = defaultdict(int)
    for row in FundDue.objects.filter(unit__in=keys, assessed_on__lte=on).values("unit", "purpose", "amount_fen"):
        dues[row["unit"], row["purpose"]] += row["amount_fen"]
    paid: dict[tuple[int, str], int] = {}
    deposits = FundDeposit.objects.filter(unit__in=keys, paid_on__lte=on).values("unit", "purpose")
    for sums in deposits.annotate(total=Sum("amount_fen")):
        paid[sums["unit"], sums["purpose"]] = sums["total"]
    balances: dict[int, int] = defaultdict(int)
    for estate in _homes(units):
        for key, fen in unit_balances(estate, on).items():
            balances[key] += fen
    return [
        UnitFund(
            unit,
            dues[unit.pk, "first"],
            paid.get((unit.pk, "first"), 0) + paid.get((unit.pk, "opening"), 0),
            balances.get(unit.pk, 0),
            dues[unit.pk, "renewal"],
            paid.get((unit.pk, "renewal"), 0),
        )
        for unit in units
    ]


def _homes(units: Sequence[Unit]) -> list[Estate]:
    """Every estate in which the buildings of these units lay: an account stays in the book in which it began."""
    buildings = {unit.building_id for unit in units}
    return list(Estate.objects.filter(Q(buildings__in=buildings) | Q(stays__building__in=buildings)).distinct())


def unit_balances(estate: Estate, on: date) -> dict[int, int]:
    """分 on every unit account by the unit's number."""
    book = book_of(estate, PURSE)
    if book is None:
        return {}
    return {
        int(line.account.holder_id): -line.balance_fen
        for line in ledger.trial_balance(book, on)
        if line.account.holder_kind == "unit"
    }


def applicants(estate: Estate, on: date, *, path: str = "ordinary") -> tuple[str, ...]:
    """The roles that may apply for a use of this estate's fund, the first first."""
    answer = core.ask(
        "funds.applicants", {"path": path, **committees_on(estate, on)}, place_path=estate.place_path, on=on
    )
    return tuple((answer.value or {}).get("roles") or ())


def stand_ins(estate: Estate, on: date) -> tuple[str, ...]:
    """The offices that organise an urgent repair for an estate whose owners have no body of their own."""
    roles = applicants(estate, on, path="emergency")
    found = [one for one in roles if one in ("street_office", "street_government", "community_committee")]
    return (*found, "community_station") if "community_committee" in found else tuple(found)


def fund_units(estate: Estate) -> list[Unit]:
    """Units with something due or with an account; while there is neither, every unit but parking spaces."""
    book = book_of(estate, PURSE)
    holders = (
        [int(one) for one in book.accounts.filter(holder_kind="unit").values_list("holder_id", flat=True)]
        if book
        else []
    )
    rows = Unit.objects.filter(Q(building__estate=estate) | Q(pk__in=holders)).select_related("building__estate")
    known = rows.filter(Q(pk__in=holders) | Q(fund_dues__isnull=False)).distinct()
    found = known if known.exists() else rows.exclude(use="parking")
    return list(found.order_by("building__name", "name", "pk"))


@dataclass(frozen=True)
class Fund:
    """An estate's fund on a day, in 分: 应交、已交、增值、使用、余额. `tied`: the balance follows from the others."""

    estate: Estate
    on: date
    due_fen: int
    paid_fen: int
    renewal_fen: int
    opening_fen: int
    interest_fen: int
    other_fen: int
    used_fen: int
    balance_fen: int

    @property
    def rate(self) -> Fraction | None:
        return Fraction(self.paid_fen, self.due_fen) if self.due_fen else None

    @property
    def rate_words(self) -> str:
        return percent(self.rate) if self.rate is not None else "—"

    @property
    def short_fen(self) -> int:
        return max(self.due_fen - self.paid_fen, 0)

    @property
    def computed_fen(self) -> int:
        return self.opening_fen + self.renewal_fen + self.interest_fen + self.other_fen - self.used_fen

    @property
    def tied(self) -> bool:
        return self.computed_fen == self.balance_fen


def fund(estate: Estate, on: date) -> Fund:
    """Every figure from the books: each kind of entry on the bank account adds up to the balance."""
    due = FundDue.objects.filter(estate=estate, purpose="first", assessed_on__lte=on).aggregate(one=Sum("amount_fen"))
    first = FundDeposit.objects.filter(estate=estate, purpose__in=["first", "opening"], paid_on__lte=on)
    book = book_of(estate, PURSE)
    by_kind: dict[str, int] = defaultdict(int)
    if book is not None:
        for kind, total in ledger_moves(book.pk, on):
            by_kind[kind] += total
    known = {"takeover", "deposit_first", "deposit_renewal", "interest", "use_payment"}
    return Fund(
        estate,
        on,
        int(due["one"] or 0),
        int(first.aggregate(one=Sum("amount_fen"))["one"] or 0),
        by_kind["deposit_renewal"],
        by_kind["takeover"] + by_kind["deposit_first"],
        by_kind["interest"],
        sum(total for kind, total in by_kind.items() if kind not in known),
        -by_kind["use_payment"],
        held(book, on) if book is not None else 0,
    )


@dataclass(frozen=True, slots=True)
class RefusedDeposit:
    """A clue: somebody paid for owners where owners pay themselves. The money was not taken. In 分."""

    unit: str
    payer: str
    amount_fen: int
    at: datetime
    by: str


def refused_deposits(estate: Estate) -> list[RefusedDeposit]:
    """The newest first."""
    rows = Event.objects.filter(
        kind="fund.deposit_refused", subject_kind=estate.ref.kind, subject_id=estate.ref.id
    ).order_by("-pk")
    return [
        RefusedDeposit(
            str(row.data["unit"]),
            PAYERS.get(str(row.data["payer"]), ""),
            int(row.data["amount"]),
            row.at,
            row.actor_label,
        )
        for row in rows
    ]


def ledger_moves(book_id: int, on: date) -> list[tuple[str, int]]:
    """What each kind of entry moved on the bank account up to that day, in 分."""
    rows = Posting.objects.filter(account__book=book_id, account__code="bank", booked_on__lte=on)
    return [
        (str(row["entry__kind"]), int(row["total"]))
        for row in rows.values("entry__kind").annotate(total=Sum("amount_fen")).order_by()
    ]


@dataclass(frozen=True)
class Low:
    """A group of units that has to renew: its balance is below the line of its first deposit. In 分."""

    name: str
    units: tuple[UnitFund, ...]
    first_fen: int
    balance_fen: int
    line_fen: Fraction
    target_fen: Fraction

    @property
    def low(self) -> bool:
        return bool(self.first_fen) and self.balance_fen < self.line_fen

    @property
    def share(self) -> Fraction:
        return Fraction(self.balance_fen, self.first_fen) if self.first_fen else Fraction(1)

    @property
    def bar(self) -> str:
        """The share as a length of at most 100 %."""
        return percent(min(self.share, Fraction(1)), places=2)

    @property
    def share_words(self) -> str:
        """Never rounded up to the line it is below, nor to the target."""
        if not self.first_fen:
            return percent(self.share, places=2)
        line = Fraction(self.line_fen if self.low else self.target_fen, self.first_fen)
        return display.percent(self.balance_fen, self.first_fen, places=2, limit=line)

    @property
    def missing_fen(self) -> int:
        """What has to be paid so that the balance reaches its target."""
        short = self.target_fen - self.balance_fen
        return max(-(-short.numerator // short.denominator), 0)


@dataclass(frozen=True)
class Renewal:
    """The renewal line of an estate on a day, by the level that the pack names; `units_low` always unit by unit."""

    answer: Answer
    level: str
    within: Period
    groups: tuple[Low, ...]
    units_low: tuple[Low, ...]

    @property
    def due(self) -> tuple[Low, ...]:
        return tuple(one for one in self.groups if one.low)


def renewal(estate: Estate, on: date) -> Renewal | None:
    """None where nobody has paid a first deposit in full, or no document says when to renew: who still owes the
    first deposit pays that, and has nothing to renew."""
    answer = core.ask("funds.renewal", {"estate_type": estate.estate_type}, place_path=estate.place_path, on=on)
    if not answer.ok:
        return None
    funds = [one for one in units_funds(fund_units(estate), on=on) if one.first_fen and not one.short_fen]
    if not funds:
        return None
    value = answer.value
    below, target = Fraction(value["below"]), Fraction(value["target"])
    level = str(value["level"])
    groups = _grouped(funds, level, estate)
    return Renewal(
        answer,
        level,
        value["within"],
        tuple(_low(name, rows, below, target) for name, rows in groups),
        tuple(one for row in funds if (one := _low(str(row.unit), [row], below, target)).low),
    )


def renewal_of_unit(unit: Unit, *, on: date) -> Low | None:
    """The unit's own line where it, its building or its estate has to renew, whichever the document goes by; of a unit
    that began to renew, until it has reached what the document wants."""
    found = renewal(unit.building.estate, on)
    if found is None:
        return None
    if any(unit in [row.unit for row in group.units] for group in found.due):
        return next((one for one in found.units_low if one.units[0].unit == unit), None)
    if not FundRenewal.objects.filter(unit=unit, ended_on=None, noticed_on__lte=on).exists():
        return None
    own = next((one for one in found.groups if one.units[0].unit == unit), None)
    return own if own is not None and own.missing_fen else None


def still_missing(rows: Iterable[FundRenewal], on: date) -> dict[int, int]:
    """Of renewals unit by unit that have not reached their target: what each still lacks, in 分."""
    running = {one.unit_id: one for one in rows if one.unit is not None and one.ended_on is None}
    units = [one.unit for one in running.values() if one.unit is not None]
    return {
        row.pk: _low("", [fund], Fraction(0), Fraction(row.basis["value"]["target"])).missing_fen
        for fund in units_funds(units, on=on)
        for row in [running[fund.unit.pk]]
    }


def _grouped(funds: Iterable[UnitFund], level: str, estate: Estate) -> list[tuple[str, list[UnitFund]]]:
    if level == "unit":
        return [(str(one.unit), [one]) for one in funds]
    if level == "estate":
        return [(estate.name, list(funds))]
    found: dict[str, list[UnitFund]] = defaultdict(list)
    for one in funds:
        found[one.unit.building.name].append(one)
    return list(found.items())


def _low(name: str, rows: Sequence[UnitFund], below: Fraction, target: Fraction) -> Low:
    first, balance = sum(one.first_fen for one in rows), sum(one.balance_fen for one in rows)
    return Low(name, tuple(rows), first, balance, below * first, target * first)


def uses_for(actor: Actor, *, on: date) -> QuerySet[FundUse]:
    """Uses that the actor may see."""
    rows = FundUse.objects.select_related("estate", "applicant").order_by("-proposed_at", "-pk")
    if actor.role == "property_company" and actor.organisation is not None:
        serving = Project.objects.filter(company=actor.organisation, from_on__lte=on).exclude(to_on__lt=on)
        return rows.filter(Q(applicant=actor.organisation) | Q(estate__in=serving.values("estate")))
    return rows.filter(estate__in=estates_with_books(actor, on=on).values("pk"))


def may_read_use(actor: Actor, use: FundUse, *, on: date | None = None) -> bool:
    return may(actor, "fund.use_read", OfUse(use, on))


def done_steps(use: FundUse) -> dict[str, Any]:
    """Each step that was taken with consent, by its newest round."""
    found: dict[str, Any] = {}
    for row in use.taken.order_by("round", "pk"):
        found[row.step] = row
    return {step: row for step, row in found.items() if row.agreed}


def kept_apart(use: FundUse, step: str, actor: Actor, *, on: date) -> apart.Apart | None:
    """Which step of the use this person took that may not be in one hand with `step`; None where none."""
    asked = Event.objects.filter(kind="fund.use_proposed", subject_kind="fund_use", subject_id=str(use.pk))
    taken = {"ask": asked.order_by("id").values_list("actor_id", flat=True).first()}
    taken |= {one: row.by_id for one, row in done_steps(use).items()}
    return apart.kept_apart("use", step, taken, actor=actor, place_path=use.place_path, on=on)


def who_takes(step: str) -> tuple[str, ...]:
    """Whose step it is."""
    return tuple(known_rights()[OF_STEP.get(step, "fund.use_prepare")].roles or ())


def next_step(use: FundUse) -> str | None:
    done = done_steps(use)
    return next((step for step in use.steps if step not in done), None)


def stages(use: FundUse) -> list[dict[str, Any]]:
    """The way for the page: each step with its day, the one that comes next marked."""
    done = done_steps(use)
    now_at = next_step(use) if use.state == "running" else None
    return [
        {"step": step, "title": STEPS[step], "done": step in done, "current": step == now_at, "row": done.get(step)}
        for step in use.steps
    ]


@dataclass(frozen=True)
class DelegatedLimit:
    """What the committee may decide without the owners, in 分 for one use and for the year, and what it has used."""

    single_fen: int
    yearly_fen: int
    spent_fen: int
    clauses: tuple[str, ...]


def delegated_limit(estate: Estate, on: date) -> DelegatedLimit:
    """授权额度: nothing where the owners have given none."""
    answer = core.ask("funds.delegated_limit", {}, place_path=estate.place_path, on=on)
    spent = spent_by_delegation(estate, year=on.year)
    return DelegatedLimit(int(answer.value["single"]), int(answer.value["yearly"]), spent, tuple(answer.clauses))


def spent_by_delegation(estate: Estate, *, year: int) -> int:
    """分 asked for under the delegated limit in a calendar year, refused ones aside."""
    rows = FundUse.objects.filter(estate=estate, path="delegated", proposed_at__year=year).exclude(state__in=DEAD)
    return int(rows.aggregate(one=Sum("estimate_fen"))["one"] or 0)


def level_words(level: str) -> str:
    return LEVELS.get(level, level)


def open_tender_share(rows: QuerySet[FundUse]) -> tuple[int, int]:
    """How many of the uses with a contractor chose it by open tender, and how many there are."""
    chosen = rows.exclude(selected="")
    return chosen.filter(selected="open_tender").count(), chosen.count()
