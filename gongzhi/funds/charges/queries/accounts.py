"""Reading a project's charges as a whole, a unit's account, debts by age."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from gongzhi.core.actors import Actor
from gongzhi.core.refs import Ref
from gongzhi.core.rights import may
from gongzhi.duties.models import Duty
from gongzhi.duties.queries import running_of
from gongzhi.funds.charges.models import (
    ArrearsHelp,
    ArrearsOpinion,
    ArrearsRecourse,
    Bill,
    Clearance,
    Demand,
    PersonalCharge,
    Settlement,
    Tenancy,
)
from gongzhi.funds.charges.queries.arrears import PER_MILLE, Debtor, Rate
from gongzhi.funds.charges.queries.owed import OfProject, OfUnit, advance_of, late_by_bill, open_bills
from gongzhi.funds.charges.queries.planning import month_after
from gongzhi.funds.common.queries import estates_with_books
from gongzhi.governance.bodies.queries.bodies import buildings_of_steward
from gongzhi.registry.models import Ownership, Project, Unit
from gongzhi.registry.queries.history import ownership_on

STEWARD = "building_steward"
# Days past the due day, the last one of each age included.
AGES: tuple[tuple[str, str, int | None], ...] = (
    ("d30", "30日以内", 30),
    ("d90", "31至90日", 90),
    ("d180", "91至180日", 180),
    ("d365", "181日至1年", 365),
    ("over", "1年以上", None),
)


def may_read(actor: Actor, project: Project) -> bool:
    return may(actor, "fee.read", OfProject(project))


def may_read_units(actor: Actor, project: Project) -> bool:
    """Single units: the company that bills them and the community that looks into their reasons."""
    return may(actor, "fee.units", OfProject(project))


def may_read_unit(actor: Actor, project: Project, unit: Unit) -> bool:
    """Also the owner of that unit."""
    return may_read_units(actor, project) or may(actor, "fee.own", OfUnit(unit, project))


def projects_for(actor: Actor, *, on: date) -> QuerySet[Project]:
    """Projects whose charges the actor may look at: a company's own, served or once served; those of a place."""
    rows = Project.objects.select_related("estate", "company").order_by("estate__place_path", "-from_on")
    if actor.role in ("property_company", "project_manager") and actor.organisation is not None:
        found = rows.filter(company=actor.organisation)
        return found.filter(estate__place_path=actor.place_path) if actor.role == "project_manager" else found
    if not may(actor, "fee.read", Ref("place", "", "", actor.place_path)):
        return rows.none()
    return rows.filter(estate__in=estates_with_books(actor, on=on).values("pk"))


@dataclass(frozen=True, slots=True)
class Standing:
    """A project's charges at a glance: what fell due this year and was paid of it; what is overdue of any year."""

    project: Project
    rate: Rate
    debtors: int
    overdue_fen: int


def standings(projects: Iterable[Project], on: date) -> list[Standing]:
    """In one statement, whatever their number."""
    listed = list(projects)
    year = Q(due_on__range=(on.replace(month=1, day=1), on))
    overdue = Q(settled_on=None, due_on__lt=on)
    rows = Bill.objects.filter(year | overdue, project__in=listed, cancelled_on=None).values("project")
    found = {
        row["project"]: (Rate(row["due"], row["paid"], row["units"], row["owing"]), row["debtors"], row["open"])
        for row in rows.annotate(
            due=Sum("amount_fen", filter=year, default=0),
            paid=Sum("paid_fen", filter=year, default=0),
            units=Count("unit", distinct=True, filter=year),
            owing=Count("unit", distinct=True, filter=year & Q(settled_on=None)),
            debtors=Count("unit", distinct=True, filter=overdue),
            open=Sum(F("amount_fen") - F("paid_fen"), filter=overdue, default=0),
        )
    }
    return [Standing(one, *found.get(one.pk, (Rate(0, 0, 0, 0), 0, 0))) for one in listed]


@dataclass(frozen=True, slots=True)
class Month:
    """收缴率 of what fell due in a month; `change` in points of a percent against the month before."""

    first: date
    rate: Rate
    before: Rate | None

    @property
    def change(self) -> str:
        share, was = self.rate.share, self.before.share if self.before is not None else None
        if share is None or was is None:
            return ""
        points = int(abs(share - was) * PER_MILLE + Fraction(1, 2))
        words = f"{points // 10}.{points % 10}个百分点"
        return "持平" if not points else f"{'升' if share > was else '降'}{words}"


def by_month(project: Project, on: date, *, months: int = 12) -> list[Month]:
    """The last months by the day that bills were due, the newest first; a month without any has no rate."""
    firsts = [month_after(on.replace(day=1), -back) for back in range(months + 1)]
    rows = Bill.objects.filter(
        project=project, cancelled_on=None, due_on__gte=firsts[-1], due_on__lt=month_after(firsts[0])
    )
    found = {
        row["month"]: Rate(row["due"], row["paid"], row["units"], row["owing"])
        for row in rows.annotate(month=TruncMonth("due_on")).values("month").annotate(
            due=Sum("amount_fen"), paid=Sum("paid_fen"), units=Count("unit", distinct=True),
            owing=Count("unit", distinct=True, filter=Q(settled_on=None)),
        )
    }  # fmt: skip
    rates = [found.get(first, Rate(0, 0, 0, 0)) for first in firsts]
    return [Month(first, rates[at], rates[at + 1]) for at, first in enumerate(firsts[:-1])]


@dataclass(frozen=True, slots=True)
class Age:
    code: str
    title: str
    units: int
    fen: int


def age_of(found: Debtor, on: date) -> str:
    """By the oldest bill that is open."""
    days = found.days(on)
    return next(code for code, _, most in AGES if most is None or days <= most)


def by_age(found: Sequence[Debtor], on: date) -> list[Age]:
    held: dict[str, list[int]] = {code: [] for code, _, _ in AGES}
    for one in found:
        held[age_of(one, on)].append(one.owed_fen)
    return [Age(code, title, len(held[code]), sum(held[code])) for code, title, _ in AGES]


@dataclass(frozen=True, slots=True)
class InHand:
    """How far one debt has come."""

    debtor: Debtor
    age: str
    demand: Demand | None
    opinion: ArrearsOpinion | None
    help: ArrearsHelp | None
    recourse: ArrearsRecourse | None

    def words(self, on: date) -> str:
        if self.recourse is not None:
            return f"{self.recourse.get_kind_display()}中"
        if self.opinion is not None:
            return f"意见{self.opinion.get_state_display()}"
        if self.help is not None:
            return self.help.get_kind_display()
        if self.demand is None:
            return "未催告"
        return "催告期满" if self.demand.over(on) else f"催告期到{self.demand.until:%m月%d日}"


def in_hand(project: Project, found: Sequence[Debtor], on: date) -> list[InHand]:
    units = [one.unit.pk for one in found]

    def first(rows: Any) -> dict[tuple[int, int | None], Any]:
        listed: dict[tuple[int, int | None], Any] = {}
        for row in rows.filter(project=project, unit__in=units).order_by("pk"):
            listed.setdefault((row.unit_id, row.ownership_id), row)
        return listed

    demands = first(Demand.objects.filter(closed_on=None))
    opinions = first(ArrearsOpinion.objects.filter(state__in=["heard", "reasonable"]))
    helps = first(ArrearsHelp.objects.filter(closed_on=None))
    recourses = first(ArrearsRecourse.objects.filter(closed_on=None))
    keys = [(one.unit.pk, one.ownership.pk if one.ownership else None) for one in found]
    return [
        InHand(one, age_of(one, on), demands.get(key), opinions.get(key), helps.get(key), recourses.get(key))
        for one, key in zip(found, keys, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Owing:
    """An open bill with what being late costs by contract, in 分."""

    bill: Bill
    late_fen: int

    @property
    def fen(self) -> int:
        return self.bill.open_fen + self.late_fen


@dataclass(frozen=True)
class Account:
    """Everything between one unit and one company. `title`: whose account it is; None shows that of all owners."""

    unit: Unit
    project: Project
    title: Ownership | None
    open: tuple[Owing, ...]
    bills: QuerySet[Bill]
    payments: QuerySet[Settlement]
    advance_fen: int
    personal: tuple[PersonalCharge, ...]
    demands: tuple[Demand, ...]
    opinions: tuple[ArrearsOpinion, ...]
    helps: tuple[ArrearsHelp, ...]
    recourses: tuple[ArrearsRecourse, ...]
    clearances: tuple[Clearance, ...]
    tenancies: tuple[Tenancy, ...]

    @property
    def open_fen(self) -> int:
        return sum(one.fen for one in self.open)

    def overdue_fen(self, on: date) -> int:
        return sum(one.bill.open_fen for one in self.open if one.bill.overdue(on))


def account(project: Project, unit: Unit, *, on: date, own: Ownership | None = None) -> Account:
    """`own`: what belongs to these owners alone. What those before them owed stays theirs."""
    rows: dict[str, Any] = {"unit": unit, "project": project}
    if own is not None:
        rows["ownership"] = own
    bills = Bill.objects.filter(**rows).order_by("-from_on", "-pk").select_related("unit__building", "ownership")
    today = own or ownership_on(unit, on)
    listed = list(open_bills(unit=unit, project=project, ownership=own))
    late = late_by_bill(listed, on)
    return Account(
        unit=unit,
        project=project,
        title=today,
        open=tuple(Owing(one, late[one.pk].fen) for one in listed),
        bills=bills,
        payments=Settlement.objects.filter(**rows).order_by("-on", "-pk"),
        advance_fen=advance_of(unit, today, project),
        personal=tuple(_personal(unit, on)),
        demands=tuple(Demand.objects.filter(**rows).order_by("-on", "-pk")),
        opinions=tuple(ArrearsOpinion.objects.filter(**rows).order_by("-on", "-pk")),
        helps=tuple(ArrearsHelp.objects.filter(**rows).order_by("-asked_on", "-pk")),
        recourses=tuple(ArrearsRecourse.objects.filter(**rows).order_by("-filed_on", "-pk")),
        clearances=tuple(Clearance.objects.filter(**rows).order_by("-issued_on", "-pk")),
        tenancies=tuple(unit.tenancies.select_related("tenant").order_by("-from_on")),
    )


def with_duties(payments: QuerySet[Settlement], limit: int) -> list[tuple[Settlement, list[Duty]]]:
    """The first payments, each with what is still owed for it, such as its invoice, soonest first. Three statements."""
    rows = list(payments.select_related("invoice").prefetch_related("receipts")[:limit])
    owed = running_of("settlement", [one.pk for one in rows])
    return [(one, owed.get(one.pk, [])) for one in rows]


def _personal(unit: Unit, on: date) -> QuerySet[PersonalCharge]:
    rows = unit.personal_charges.select_related("tariff").filter(Q(to_on=None) | Q(to_on__gte=on - timedelta(days=365)))
    return rows.order_by("-from_on", "pk")


def helps_for(actor: Actor, *, on: date) -> QuerySet[ArrearsHelp]:
    """What was given to the actor's office to help with, still open, where he may help; a steward's own buildings."""
    rows = ArrearsHelp.objects.filter(role=actor.role, closed_on=None, place_path__startswith=actor.place_path or "-")
    if actor.role == STEWARD:
        rows = rows.filter(unit__building__in=buildings_of_steward(actor.user, on))
    return rows.select_related("unit__building", "project__estate").order_by("asked_on", "pk")
