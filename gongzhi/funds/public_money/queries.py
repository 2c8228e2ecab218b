"""Reading public money: budgets as the ledger has them, what a scheme says, where a claim stands, what is missing."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Q, QuerySet, Sum

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.models import Place, Post
from gongzhi.core.money import FEN_PER_YUAN
from gongzhi.core.refs import Ref
from gongzhi.core.rights import known_rights, may
from gongzhi.funds.charges.models import Bill
from gongzhi.funds.common import apart
from gongzhi.funds.common.queries import due_after
from gongzhi.funds.public_money.models import (
    Budget,
    Claim,
    ClaimLine,
    ClaimStep,
    Doubt,
    PolicyUse,
    PreparatoryFund,
    PublicExpense,
    PublicProject,
)
from gongzhi.funds.public_money.rights import CLAIM_READERS
from gongzhi.funds.public_money.spans import after_months, months_in_office
from gongzhi.funds.public_money.words import ITEMS, PAYER_LEVEL, PAYERS, STEPS
from gongzhi.governance.bodies.models import Body
from gongzhi.governance.bodies.words import COMMITTEES
from gongzhi.ledger import services as ledger
from gongzhi.ledger.models import Book
from gongzhi.policy.answer import Answer
from gongzhi.policy.expressions import rounded
from gongzhi.policy.periods import last_day_before
from gongzhi.registry.models import Estate, Ownership, Project, Unit
from gongzhi.registry.queries.known import history

PURSE = "public_money"
# Of a bill, what a rebate rests on: parking and the like are the household's own.
REBATED = ("service", "shared")


@dataclass(frozen=True)
class OfClaim:
    """What rights over a claim are judged by: its place, who claims, for whom, the serving company."""

    claim: Claim

    @property
    def place_path(self) -> str:
        return self.claim.place_path

    def is_party(self, actor: Actor) -> bool:
        if actor.user is not None and self.claim.by_id == actor.user.pk:
            return True
        if actor.organisation is None:
            return False
        own = actor.organisation.pk
        return own in (self.claim.claimant_id, self.claim.organisation_id)


@dataclass(frozen=True)
class Balance:
    """An item of a budget, in 分: granted = free + held + paid."""

    budget: Budget
    granted_fen: int
    held_fen: int
    paid_fen: int

    @property
    def free_fen(self) -> int:
        return self.granted_fen - self.held_fen - self.paid_fen

    @property
    def short(self) -> bool:
        return self.granted_fen <= 0


def book_at(place: Place) -> Book | None:
    return Book.objects.filter(subject_kind=place.ref.kind, subject_id=place.ref.id, purse=PURSE).first()


def balance_of(budget: Budget, on: date | None = None) -> Balance:
    """By the ledger; without a day, of everything that was ever booked."""
    book = book_at(budget.place)
    if book is None:
        return Balance(budget, 0, 0, 0)
    if on is not None:
        found = {one.code: one for one in book.accounts.filter(code__in=[f"{part}.{budget.pk}" for part in PARTS])}
        sums = {code.split(".")[0]: ledger.balance(account, on) for code, account in found.items()}
    else:
        rows = book.accounts.filter(code__in=[f"{part}.{budget.pk}" for part in PARTS])
        totals = rows.annotate(total=Sum("postings__amount_fen")).values_list("code", "total")
        sums = {code.split(".")[0]: int(total or 0) for code, total in totals}
    free, held, paid = (sums.get(part, 0) for part in PARTS)
    return Balance(budget, free + held + paid, held, paid)


PARTS = ("free", "held", "paid")


def budgets_for(actor: Actor, *, year: int) -> QuerySet[Budget]:
    rows = Budget.objects.filter(year=year).select_related("place").order_by("place_path", "payer", "item", "pk")
    return rows.filter(place_path__startswith=actor.place_path) if actor.place_path else rows.none()


def budget_for(
    *, payer: str, place_path: str, item: str, year: int, holder: tuple[str, str] = ("", "")
) -> Budget | None:
    """The payer's item that serves a place: at the place itself or the nearest above it of the payer's level."""
    place = core.place_at(place_path, PAYER_LEVEL[payer])
    if place is None:
        return None
    rows = Budget.objects.select_related("place").filter(place=place, payer=payer, item=item, year=year)
    return rows.filter(holder_kind=holder[0], holder_id=holder[1]).first()


def payer_place(payer: str, place_path: str) -> Place | None:
    return core.place_at(place_path, PAYER_LEVEL[payer])


@dataclass(frozen=True)
class Lacking:
    """What a place's yearly budget lacks: an item, the people for it, or `holder`'s own item."""

    place: Place
    payer: str
    item: str
    without_posts: bool = False
    holder: Ref | None = None

    @property
    def title(self) -> str:
        if self.holder is not None:
            return f"{self.holder.title}的{ITEMS[self.item]}"
        return "核定人数" if self.without_posts else ITEMS[self.item]

    @property
    def words(self) -> str:
        return f"{self.title}为0或没有填"


def lacking(actor: Actor, *, year: int, on: date) -> list[Lacking]:
    """经费未落实: every place of a payer's level within the actor's place, held against what its document wants."""
    found: list[Lacking] = []
    kept: dict[tuple[int, str, str], Budget] = {}
    own: dict[tuple[int, str, str], list[Budget]] = defaultdict(list)
    for one in budgets_for(actor, year=year):
        key = (one.place_id, one.payer, one.item)
        if one.holder_kind:
            own[key].append(one)
        kept[key] = one
    for payer, level in PAYER_LEVEL.items():
        places = Place.objects.filter(level=level, path__startswith=actor.place_path).order_by("path")
        for place in places if actor.place_path else ():
            answer = core.ask("funds.budget_items", {"payer": payer}, place_path=place.path, on=on)
            value = answer.value or {}
            for item in value.get("items") or ():
                if item in (value.get("each") or ()):
                    given = {row.holder_id for row in own[place.pk, payer, item] if not balance_of(row).short}
                    bodies = [one.ref for one in _committees(place) if one.ref.id not in given]
                    found += [Lacking(place, payer, item, holder=one) for one in bodies]
                    continue
                row = kept.get((place.pk, payer, item))
                if row is None or balance_of(row).short:
                    found.append(Lacking(place, payer, item))
                elif value.get("posts") and not row.posts:
                    found.append(Lacking(place, payer, item, without_posts=True))
    return found


def _committees(place: Place) -> QuerySet[Body]:
    rows = Body.objects.filter(kind__in=COMMITTEES, state="in_office", place_path__startswith=place.path)
    return rows.order_by("name")


# -- schemes ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Scheme:
    """A scheme as the pack has it on a day."""

    code: str
    rules: dict[str, Any]
    answer: Answer

    @property
    def title(self) -> str:
        return str(self.rules["title"])

    @property
    def of_one_person(self) -> bool:
        """Awarded to one person as a whole."""
        return bool(self.rules["holder"] == "person" and self.rules["lines"] == "whole")

    @property
    def beside_estates(self) -> bool:
        """Of a company or a person: no estate is asked for."""
        return self.rules["holder"] == "organisation" or self.of_one_person


def scheme_at(code: str, place_path: str, on: date, *, estate_type: str | None = None) -> Scheme | None:
    """None where the document knows no such scheme."""
    if code not in (core.ask("funds.schemes", {}, place_path=place_path, on=on).value or ()):
        return None
    facts = {"scheme": code, **({"estate_type": estate_type} if estate_type else {})}
    answer = core.ask("funds.scheme", facts, place_path=place_path, on=on)
    return Scheme(code, dict(answer.value), answer) if answer.ok and answer.value.get("item") else None


def schemes_at(place_path: str, on: date) -> list[Scheme]:
    codes = core.ask("funds.schemes", {}, place_path=place_path, on=on).value or ()
    return [one for code in codes if (one := scheme_at(code, place_path, on)) is not None]


def schemes_for(actor: Actor, place_path: str, on: date) -> list[Scheme]:
    """Those that the actor may claim."""
    return [one for one in schemes_at(place_path, on) if actor.role in one.rules["claimed_by"]]


def who_takes(claim: Claim, step: str, on: date) -> tuple[str, ...]:
    return _takers(claim.scheme, step, claim.place_path, on)


def _takers(scheme: str, step: str, place_path: str, on: date) -> tuple[str, ...]:
    facts = {"scheme": scheme, "step": step}
    return tuple(core.ask("funds.claim_step_by", facts, place_path=place_path, on=on).value or ())


# -- claims -----------------------------------------------------------------------------------------------------------
def claims_for(actor: Actor, *, on: date) -> QuerySet[Claim]:
    """Claims that the actor may see: overseers those of their place, an office those of which it takes a step there,
    a party its own."""
    rows = Claim.objects.select_related("estate", "claimant", "organisation").order_by("-made_at", "-pk")
    seen = Q(pk=None)
    if actor.is_staff_role and actor.place_path:
        here = Q(place_path__startswith=actor.place_path)
        seen |= here if actor.role in CLAIM_READERS else here & Q(scheme__in=_schemes_taken(actor, on))
    if actor.user is not None:
        seen |= Q(by=actor.user)
    if actor.organisation is not None:
        seen |= Q(claimant=actor.organisation) | Q(organisation=actor.organisation)
    return rows.filter(seen)


def _schemes_taken(actor: Actor, on: date) -> list[str]:
    """The schemes of which the actor's office takes a step."""
    return [
        one.code
        for one in schemes_at(actor.place_path, on)
        if any(actor.role in _takers(one.code, step, actor.place_path, on) for step in one.rules["steps"])
    ]


def may_read_claim(actor: Actor, claim: Claim) -> bool:
    """Who oversees, who is party to it, and the office that the document has take one of its steps."""
    if may(actor, "money.claim_read", OfClaim(claim)):
        return True
    if not actor.is_staff_role or not actor.within(claim.place_path):
        return False
    on = local_day(claim.made_at)
    return any(actor.role in who_takes(claim, step, on) for step in claim.steps)


def done_steps(claim: Claim) -> dict[str, ClaimStep]:
    """Each step that was taken with consent, by its newest round."""
    found: dict[str, ClaimStep] = {}
    for row in claim.taken.order_by("round", "pk"):
        found[row.step] = row
    return {step: row for step, row in found.items() if row.agreed}


def kept_apart(claim: Claim, step: str, actor: Actor, *, on: date) -> apart.Apart | None:
    """Which step of the claim this person took that may not be in one hand with `step`; None where none."""
    taken = {"ask": claim.by_id, **{one: row.by_id for one, row in done_steps(claim).items()}}
    return apart.kept_apart("claim", step, taken, actor=actor, place_path=claim.place_path, on=on)


def expense_apart(expense: PublicExpense, step: str, actor: Actor, *, on: date) -> apart.Apart | None:
    """The same of an expense: `ask` or `approve`."""
    taken = {"ask": expense.asked_by_id, "approve": expense.approved_by_id}
    return apart.kept_apart("expense", step, taken, actor=actor, place_path=expense.place_path, on=on)


def expense_roles(step: str) -> tuple[str, ...]:
    """Whose step of an expense `approve` or `pay` is."""
    return tuple(known_rights()[f"money.{step}"].roles or ())


def may_withdraw(expense: PublicExpense, actor: Actor) -> bool:
    """Who asked for it, and whoever may approve; only what was not paid."""
    if expense.state not in ("asked", "approved"):
        return False
    own = actor.user is not None and actor.user.pk == expense.asked_by_id
    return own or may(actor, "money.approve", expense.budget)


def next_step(claim: Claim) -> str | None:
    done = done_steps(claim)
    return next((step for step in claim.steps if step not in done), None)


def stages(claim: Claim) -> list[dict[str, Any]]:
    done = done_steps(claim)
    now_at = next_step(claim) if claim.state == "running" else None
    return [
        {"step": step, "title": STEPS[step], "done": step in done, "current": step == now_at, "row": done.get(step)}
        for step in claim.steps
    ]


@dataclass(frozen=True)
class ShareState:
    """A payer's part of a claim beside what its budget still has."""

    payer: str
    place: Place
    amount_fen: int
    free_fen: int | None
    committed: bool
    paid: bool

    @property
    def title(self) -> str:
        return PAYERS[self.payer]

    @property
    def gap_fen(self) -> int:
        """What the budget lacks to commit the part; None of it once committed."""
        return 0 if self.committed else max(self.amount_fen - (self.free_fen or 0), 0)


def shares_of(claim: Claim, on: date) -> list[ShareState]:
    found = []
    for one in claim.shares.select_related("place", "budget__place").order_by("pk"):
        budget = one.budget or budget_for(payer=one.payer, place_path=claim.place_path, item=one.item, year=on.year)
        free = balance_of(budget).free_fen if budget is not None else None
        found.append(
            ShareState(
                one.payer, one.place, one.amount_fen, free, one.committed_id is not None, one.paid_id is not None
            )
        )
    return found


@dataclass(frozen=True)
class Reinvested:
    """奖补用于改造: what must be spent, rounded up to the 分, and what was."""

    due_fen: int
    spent_fen: int
    until: date
    answer: Answer

    @property
    def missing_fen(self) -> int:
        return max(self.due_fen - self.spent_fen, 0)


def reinvested(claim: Claim) -> Reinvested | None:
    """None where the pack asks for nothing, or nothing was paid yet."""
    paid_on = claim.shares.exclude(paid=None).order_by("paid_on").values_list("paid_on", flat=True).first()
    if paid_on is None:
        return None
    answer = core.ask("funds.reinvest", {"scheme": claim.scheme}, place_path=claim.place_path, on=paid_on)
    value = answer.value or {}
    if not value.get("share"):
        return None
    due = -(-Fraction(value["share"]) * claim.amount_fen // 1)
    until = last_day_before(due_after(claim.place_path, paid_on, value["within"]))
    spent = claim.reinvested.filter(on__range=(paid_on, until)).aggregate(one=Sum("amount_fen"))["one"] or 0
    return Reinvested(int(due), int(spent), until, answer)


# -- whom a rebate stops for ------------------------------------------------------------------------------------------
def stopped_from(unit: Unit, *, since: date) -> tuple[date, str] | None:
    """The day from which a resettled household's unit counts as sold or let, and which; the earliest counts, for good.

    The first ownership on record is the household's own; every later one is a sale.
    """
    owned = list(Ownership.objects.filter(unit=unit).order_by("from_on", "pk").values_list("from_on", flat=True))
    days = [(day, "出售") for day in owned[1:] if day is not None and day > since]
    days += [
        (date.fromisoformat(row.value), "出租") for row in history(unit.ref, "let_from") if isinstance(row.value, str)
    ]
    return min(days) if days else None


def charges_paid(unit: Unit, *, from_on: date, to_on: date) -> Decimal | None:
    """What was paid of the unit's bills of a period for service and shared power and water, in yuan.

    A bill that was paid in part counts in that part. None where nobody billed the unit here: then a paper shows it.
    """
    bills = Bill.objects.filter(unit=unit, from_on__gte=from_on, to_on__lte=to_on, cancelled_on=None)
    rows = list(bills.exclude(kind="late").prefetch_related("items"))
    if not rows:
        return None
    total = Fraction(0)
    for bill in rows:
        own = sum(one.amount_fen for one in bill.items.all() if one.fee in REBATED)
        total += Fraction(own * bill.paid_fen, bill.amount_fen)
    return Decimal(int(total)) / FEN_PER_YUAN


def served_by(estate: Estate, on: date) -> Project | None:
    rows = Project.objects.filter(estate=estate, from_on__lte=on).exclude(to_on__lt=on).select_related("company")
    return rows.first()


# -- what is open to whom ---------------------------------------------------------------------------------------------
def payments_for(actor: Actor, *, year: int) -> list[dict[str, Any]]:
    """Every payment of the year in the actor's place: of claims and of direct spending, newest first."""
    found: list[dict[str, Any]] = []
    claims = Claim.objects.filter(place_path__startswith=actor.place_path, shares__paid_on__year=year)
    for one in claims.distinct().prefetch_related("shares") if actor.place_path else ():
        for share in one.shares.all():
            if share.paid_on is not None and share.paid_on.year == year:
                found.append({"on": share.paid_on, "title": one.title, "payee": one.payee, "fen": share.amount_fen,
                              "payer": share.get_payer_display(), "claim": one, "entry": share.paid_id})  # fmt: skip
    spent = PublicExpense.objects.filter(place_path__startswith=actor.place_path, paid_on__year=year)
    for row in spent.select_related("budget") if actor.place_path else ():
        found.append({"on": row.paid_on, "title": row.text, "payee": row.payee, "fen": row.amount_fen,
                      "payer": row.budget.get_payer_display(), "expense": row, "entry": row.paid_id})  # fmt: skip
    return sorted(found, key=lambda one: (one["on"], one["entry"]), reverse=True)


def paid_by_scheme(place_path: str, *, year: int) -> list[tuple[str, int, int]]:
    """What was paid under each scheme in a year: code, number, 分. For everybody to see."""
    rows = Claim.objects.filter(place_path__startswith=place_path, shares__paid_on__year=year)
    sums = rows.values("scheme").annotate(total=Sum("shares__amount_fen")).order_by("scheme")
    counts = {
        code: rows.filter(scheme=code).values("pk").distinct().count() for code in {one["scheme"] for one in sums}
    }
    return [(one["scheme"], counts[one["scheme"]], int(one["total"] or 0)) for one in sums]


def doubts_for(actor: Actor) -> QuerySet[Doubt]:
    rows = Doubt.objects.order_by("settled_at", "-at")
    if not actor.place_path:
        return rows.none()
    if actor.is_staff_role:
        return rows.filter(place_path__startswith=actor.place_path)
    return rows.filter(asked_of=actor.role, place_path=actor.place_path)


@dataclass(frozen=True)
class Posts:
    """People granted to a place for a year beside those in post."""

    place: Place
    granted: int
    there: int

    @property
    def missing(self) -> int:
        return max(self.granted - self.there, 0)


def posts_in(actor: Actor, *, year: int, on: date) -> list[Posts]:
    """到岗数 beside 核定数 of every place with people granted in its budget."""
    found = []
    for one in budgets_for(actor, year=year).exclude(posts=None):
        there = Post.objects.in_force(on).filter(
            organisation__place=one.place, organisation__role__in=("street_office", "street_government")
        )
        found.append(Posts(one.place, one.posts or 0, there.values("user").distinct().count()))
    return found


def doubts_about(about: Ref) -> QuerySet[Doubt]:
    return Doubt.objects.filter(about_kind=about.kind, about_id=about.id).order_by("-at")


def projects_for(actor: Actor) -> QuerySet[PublicProject]:
    rows = PublicProject.objects.select_related("estate", "place").order_by("-year", "-pk")
    return rows.filter(place_path__startswith=actor.place_path) if actor.place_path else rows.none()


def project_done(project: PublicProject) -> set[str]:
    return set(project.taken.values_list("step", flat=True))


def next_project_step(project: PublicProject) -> str | None:
    done = project_done(project)
    return next((step for step in project.steps if step not in done), None)


def project_right(step: str | None) -> str:
    """By which right a step is taken: the audit may be the auditors' own."""
    return "money.project_audit" if step == "audit" else "money.project"


def project_roles(step: str) -> tuple[str, ...]:
    return tuple(known_rights()[project_right(step)].roles or ())


def project_apart(project: PublicProject, step: str, actor: Actor, *, on: date) -> apart.Apart | None:
    """Which step of the project this person took that may not be in one hand with `step`; None where none."""
    taken = dict(project.taken.values_list("step", "by_id"))
    return apart.kept_apart("project", step, taken, actor=actor, place_path=project.place_path, on=on)


def total(rows: Iterable[Balance]) -> dict[str, int]:
    listed = list(rows)
    return {
        name: sum(getattr(one, name) for one in listed) for name in ("granted_fen", "held_fen", "paid_fen", "free_fen")
    }


@dataclass(frozen=True)
class PreparatoryState:
    """What came in of the money of the first assembly, and whether it was in time and enough."""

    due_fen: int
    paid_fen: int
    in_time_fen: int
    same_day: bool
    running: bool

    @property
    def words(self) -> str:
        if self.in_time_fen >= self.due_fen:
            return "按期足额"
        if self.running:
            return "还没有交足"
        if self.same_day:
            return "登记当日到账，待人工确认"
        return "未按期足额"


def preparatory_state(fund: PreparatoryFund, *, on: date) -> PreparatoryState:
    """As of a day. In time is before the day of the first registration; on that day itself somebody has to say."""
    rows = [(one.on, one.amount_fen) for one in fund.receipts.filter(accepted=True)]
    paid = sum(fen for _, fen in rows)
    until = fund.registration_on
    early = sum(fen for on, fen in rows if until is None or on < until)
    with_day = sum(fen for on, fen in rows if until is None or on <= until)
    return PreparatoryState(fund.due_fen, paid, early, early < fund.due_fen <= with_day, until is None or on < until)


def paid_by_support(place_path: str, *, year: int) -> dict[str, int]:
    """What was paid in a year under each kind of support, and what was enjoyed without a payment, in 分."""
    found: dict[str, int] = {}
    claims = Claim.objects.filter(place_path__startswith=place_path, shares__paid_on__year=year).exclude(policy=None)
    for row in claims.values("policy__kind").annotate(total=Sum("shares__amount_fen")):
        found[row["policy__kind"]] = int(row["total"] or 0)
    uses = PolicyUse.objects.filter(place_path__startswith=place_path, year=year, state="enjoying")
    for row in uses.values("policy__kind").annotate(total=Sum("amount_fen")):
        found[row["policy__kind"]] = found.get(row["policy__kind"], 0) + int(row["total"] or 0)
    return found


@dataclass(frozen=True)
class ToRecover:
    """A line that was paid, and the part of it for days after the month of the failed assessment, in 分."""

    line: ClaimLine
    from_on: date
    amount_fen: int


def to_recover(actor: Actor, *, on: date) -> list[ToRecover]:
    """待追回: what was paid for days after the month in which an estate's assessment failed."""
    rows = ClaimLine.objects.filter(
        claim__place_path__startswith=actor.place_path, claim__state__in=("running", "closed"), live=True,
        claim__scheme="member_allowance", claim__shares__paid__isnull=False,
    ).select_related("claim__estate").distinct()  # fmt: skip
    found = []
    for line in rows if actor.place_path else ():
        estate = line.claim.estate
        failed = history(estate.ref, "assessment_passed") if estate is not None else []
        days = [one.from_on for one in failed if one.value is False and line.from_on and one.from_on >= line.from_on]
        if not days or line.from_on is None or line.to_on is None:
            continue
        stopped = max(after_months(min(days).replace(day=1), 1), line.from_on)
        part = str(line.claim.rules.get("part_month") or "days")
        months = months_in_office(line.from_on, line.to_on, part=part)
        if line.to_on >= stopped and months:
            rest = line.amount_fen * months_in_office(stopped, line.to_on, part=part) / months
            found.append(ToRecover(line, stopped, int(rounded(rest, "half_up"))))
    return found
