"""The lines of property areas that day: an estate's own, and those round about it."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import Q

from gongzhi.registry.area_line import AREA_LINE, Plan, Point, overlap, plan, points_of
from gongzhi.registry.models import Estate, EstateReview, StandingFact
from gongzhi.registry.queries.known import facts_of
from gongzhi.registry.questions import AREA_DIVISION


def line_of(estate: Estate, on: date) -> list[Point]:
    """The corner points that day; empty where none are on record."""
    text = facts_of(estate.ref, (AREA_LINE,), on).get(AREA_LINE)
    return points_of(text) if text else []


def lines_of(estates: Iterable[Estate], on: date) -> list[tuple[Estate, list[Point]]]:
    """Of these estates, those with a line that day. One query beside the estates' own."""
    by_key = {str(one.pk): one for one in estates}
    rows = StandingFact.objects.filter(subject_kind="estate", subject_id__in=by_key, name=AREA_LINE, from_on__lte=on)
    latest = rows.order_by("subject_id", "-from_on", "-pk").distinct("subject_id")
    return [(by_key[row.subject_id], points_of(row.value)) for row in latest if row.value]


def lines_beside(estate: Estate, own: Sequence[Point], on: date) -> list[tuple[Estate, list[Point]]]:
    """Those of the same street that lie next to it: not farther away than it is large."""
    street = estate.community.parent
    if street is None:
        return []
    there = Q(begun_on=None) | Q(begun_on__lte=on), Q(ended_on=None) | Q(ended_on__gte=on)
    others = Estate.objects.filter(*there, place_path__startswith=street.path).exclude(pk=estate.pk)
    found = lines_of(others, on)
    return [one for one in found if _near(own, one[1])] if own else found


def _near(one: Sequence[Point], other: Sequence[Point]) -> bool:
    return all(
        min(p[axis] for p in other) <= max(p[axis] for p in one) + _size(one, axis)
        and max(p[axis] for p in other) >= min(p[axis] for p in one) - _size(one, axis)
        for axis in (0, 1)
    )


def _size(points: Sequence[Point], axis: int) -> int:
    return max(p[axis] for p in points) - min(p[axis] for p in points)


def plan_of(estate: Estate, own: Sequence[Point], on: date) -> tuple[Plan | None, list[str]]:
    """The drawing with the areas next to it, and the names of those that it overlaps."""
    beside = lines_beside(estate, own, on)
    areas = [(estate.name, list(own))] if own else []
    drawn = plan([*areas, *((one.name, points) for one, points in beside)], own=len(areas))
    return drawn, [one.name for one, points in beside if own and overlap(own, points)]


def plan_of_review(review: EstateReview, on: date) -> Plan | None:
    """For the opinion on a division: the area, and those that shall go into it, in front."""
    if review.kind != AREA_DIVISION:
        return None
    estates = [review.estate, *Estate.objects.filter(pk__in=review.details.get("merge", ())).order_by("name")]
    areas = lines_of(estates, on)
    return plan([(one.name, points) for one, points in areas], own=len(areas))
