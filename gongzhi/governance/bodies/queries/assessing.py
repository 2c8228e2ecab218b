"""The yearly assessments of committees, side by side."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from gongzhi.governance.bodies.models import Advice, Body, BodyAssessment


@dataclass(frozen=True)
class Yearly:
    """`ranked`: place and assessment, the best first, equal scores in one place. `missing`: in office, not scored."""

    ranked: tuple[tuple[int, BodyAssessment], ...]
    missing: tuple[Body, ...]


def yearly(place_path: str, year: int) -> Yearly:
    rows = BodyAssessment.objects.filter(place_path__startswith=place_path, year=year, score__isnull=False)
    scored = list(rows.select_related("body").order_by("-score", "body__name"))
    scores = [one.score for one in scored]
    ranked = tuple((1 + scores.index(one.score), one) for one in scored)
    first, last = date(year, 1, 1), date(year, 12, 31)
    sitting = Body.objects.filter(
        Q(ended_on=None) | Q(ended_on__gt=first), kind="owners_committee", place_path__startswith=place_path,
        formed_on__lte=last,
    ).exclude(pk__in=[one.body_id for one in scored])  # fmt: skip
    return Yearly(ranked, tuple(sitting.order_by("name")))


def has_report(body: Body, year: int) -> bool:
    """Whether the committee handed in a report of its work in that year."""
    return body.advice.filter(kind="report", given_on__year=year).exists()


def without_report(place_path: str, year: int) -> set[int]:
    """Committees of a place that handed in none."""
    rows = Body.objects.filter(kind="owners_committee", place_path__startswith=place_path)
    having = Advice.objects.filter(kind="report", given_on__year=year, place_path__startswith=place_path)
    return set(rows.exclude(pk__in=having.values("body")).values_list("pk", flat=True))
