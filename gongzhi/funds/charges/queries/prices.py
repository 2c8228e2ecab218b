"""Reading prices: what holds on a day, how it stands to the guide and to what is shown, what is dear and poor."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Any

from django.db.models import Q, QuerySet

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.funds.charges.models import GuidePrice, PriceNotice, Tariff
from gongzhi.funds.charges.queries.owed import terms_on
from gongzhi.funds.common.queries import estates_with_books
from gongzhi.governance.bodies.queries.bodies import committees_on
from gongzhi.registry.models import Project
from gongzhi.registry.models.spans import covers
from gongzhi.registry.queries import fact_of_many

ORDINARY = ("commercial", "resettlement", "old", "affordable")
HOME_USES = ("", "residence")


def guides(place_path: str, *, on: date | None = None) -> QuerySet[GuidePrice]:
    """Published guide prices that hold at the place, its own and those of places above; of one day or of all."""
    rows = GuidePrice.objects.filter(state="published", place_path__in=_paths(place_path))
    return (rows.filter(covers(on)) if on is not None else rows).order_by("grade", "-from_on")


def _paths(place_path: str) -> list[str]:
    """The place's own path and those of all above it."""
    return [place_path[: at + 1] for at, letter in enumerate(place_path) if letter == "/"]


def guide_on(place_path: str, grade: str, on: date, *, exactly: bool = False) -> GuidePrice | None:
    """The guide price of that grade that day, of the nearest place. `exactly`: of this very place."""
    rows = guides(place_path, on=on).filter(grade=grade)
    if exactly:
        rows = rows.filter(place_path=place_path)
    return max(rows, key=lambda one: len(one.place_path), default=None)


def rise(guide: GuidePrice) -> tuple[GuidePrice, Decimal] | None:
    """The version before and by which part of it the base price rose."""
    rows = GuidePrice.objects.filter(
        state="published", place_path=guide.place_path, fee=guide.fee, grade=guide.grade, from_on__lt=guide.from_on
    )
    before = rows.order_by("-from_on").first()
    return (before, (guide.base_price - before.base_price) / before.base_price) if before is not None else None


def in_force(project: Project, on: date | None = None) -> QuerySet[Tariff]:
    rows = Tariff.objects.filter(project=project, state="in_force")
    return rows.filter(covers(on)) if on is not None else rows.filter(to_on=None)


def filing_facts(tariff: Tariff, on: date) -> tuple[GuidePrice | None, dict[str, Any]]:
    """How a price stands to the guide of its grade, for what the document says of filing."""
    estate = tariff.project.estate
    guide = guide_on(tariff.place_path, tariff.grade, on)
    villa = estate.estate_subtype == "villa"
    return guide, {
        "price_kind": tariff.price_kind,
        "guide_given": guide is not None,
        "over_most": guide is not None and tariff.price > guide.most,
        "under_least": guide is not None and tariff.price < guide.least,
        "ordinary_home": tariff.use in HOME_USES and not villa,
        "has_owners_committee": bool(committees_on(estate, on)["has_owners_committee"]),
    }


def projects_on(actor: Actor, on: date) -> QuerySet[Project]:
    """Projects of that day in the estates whose money the actor may see."""
    rows = Project.objects.filter(covers(on), estate__in=estates_with_books(actor, on=on).values("pk"))
    return rows.select_related("estate__community", "company").order_by("place_path")


@dataclass(frozen=True, slots=True)
class Shown:
    """What has to be shown of a project and what is, item by place. `differs`: what hangs there is not the contract."""

    wanted: tuple[tuple[str, str], ...]
    there: dict[tuple[str, str], PriceNotice]
    differs: tuple[PriceNotice, ...]
    clauses: tuple[str, ...]

    @property
    def lacking(self) -> list[tuple[str, str]]:
        return [one for one in self.wanted if one not in self.there]

    @property
    def complete(self) -> bool:
        return not self.lacking and not self.differs

    @property
    def price_shown(self) -> bool:
        return any(item == "price" for item, _ in self.there)


def shown(project: Project, on: date) -> Shown:
    answer = core.ask("funds.price_display", {}, place_path=project.place_path, on=on)
    rule = answer.value or {}
    there: dict[tuple[str, str], PriceNotice] = {}
    for row in project.price_notices.filter(shown_on__lte=on).filter(Q(to_on=None) | Q(to_on__gt=on)):
        there[(row.item, row.place)] = row
    wanted = tuple((item, place) for item in rule.get("items", ()) for place in rule.get("places", ()))
    differs = tuple(row for row in there.values() if _differs(row, project, on))
    return Shown(wanted, there, differs, tuple(answer.clauses))


def _differs(row: PriceNotice, project: Project, on: date) -> bool:
    if row.item == "price" and row.price is not None:
        charged = set(in_force(project, on).filter(fee="service").values_list("price", flat=True))
        return bool(charged) and row.price not in charged
    terms = terms_on(project, on)
    return bool(row.item == "grade" and row.grade and terms is not None and terms.grade and row.grade != terms.grade)


def not_shown(projects: Iterable[Project], on: date) -> list[Project]:
    """Projects without a valid notice of their price."""
    return [one for one in projects if not shown(one, on).price_shown]


def over_guide(projects: Iterable[Project], on: date) -> list[tuple[Tariff, GuidePrice]]:
    """Prices of today above what the guide allows for their grade."""
    found = []
    for project in projects:
        for tariff in in_force(project, on).filter(fee="service"):
            guide = guide_on(project.place_path, tariff.grade, on) if tariff.grade else None
            if guide is not None and tariff.price > guide.most:
                found.append((tariff, guide))
    return found


def above_own(projects: Iterable[Project], on: date) -> list[tuple[Project, Decimal, Decimal]]:
    """实收单价 of the last run above what was filed or is shown: (project, charged, filed or shown)."""
    found = []
    for project in projects:
        run = project.billing_runs.filter(state="done").order_by("-from_on").first()
        if run is None:
            continue
        charged = run.made.filter(items__fee="service", cancelled_on=None).values_list("items__price", flat=True)
        most = max((one for one in charged if one is not None), default=None)
        notices = shown(project, on).there.values()
        stated = [one.price for one in notices if one.item == "price" and one.price is not None]
        stated += list(
            in_force(project, on).filter(fee="service", filed_on__isnull=False).values_list("price", flat=True)
        )
        if most is not None and stated and most > max(stated):
            found.append((project, most, max(stated)))
    return found


@dataclass(frozen=True, slots=True)
class Quality:
    """单价、等级、质量得分 of a project, and whether it is dear and poor among those of its grade."""

    project: Project
    price: Decimal
    grade: str
    score: int | None
    flagged: bool


def quality(place_path: str, on: date) -> tuple[list[Quality], tuple[str, ...]]:
    """质价相符 of a place, where its document wants price and quality held side by side; and the clauses.

    Dear is above the median price of the grade, poor is below its median score. A hint, no sanction.
    """
    asked = core.ask("funds.price_for_quality", {}, place_path=place_path, on=on)
    if not asked.value:
        return [], ()
    tariffs = Tariff.objects.filter(
        covers(on), place_path__startswith=place_path, state="in_force", fee="service", use__in=HOME_USES
    ).select_related("project__estate", "project__company")
    kept = list({one.project_id: one for one in tariffs.order_by("project__estate__name", "-pk")}.values())
    scores = fact_of_many("estate", (one.project.estate_id for one in kept), "service_score", on=on)
    rows = [(one.project, one.price, one.grade, scores.get(one.project.estate_id)) for one in kept]
    by_grade: dict[str, list[tuple[Decimal, int | None]]] = {}
    for _, price, grade, score in rows:
        by_grade.setdefault(grade, []).append((price, score))
    found = []
    for project, price, grade, score in rows:
        prices = [one for one, _ in by_grade[grade]]
        known = [one for _, one in by_grade[grade] if one is not None]
        flagged = score is not None and bool(known) and price > median(prices) and score < median(known)
        found.append(Quality(project, price, grade, score, flagged))
    return found, asked.clauses
