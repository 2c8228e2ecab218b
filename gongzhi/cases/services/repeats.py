"""How often the same estate and matter comes up within thirty days: kept in the row, for lists are ordered by it."""

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from gongzhi.cases.models import Case
from gongzhi.cases.models.case import State
from gongzhi.cases.queries.cases import REPEAT
from gongzhi.core.prepared import first_row


def count_own(case: Case) -> bool:
    """Which one of its estate and matter the case is; the row is still to be saved. Whether there are later ones."""
    at = case.received_at
    span = {"since": at - REPEAT, "at": at, "until": at + REPEAT, "voided": State.VOIDED.value}
    same = {"estate": case.estate_id, "matter": case.matter, "case": case.pk}
    found = first_row(ALIKE, {**same, **span})
    assert found is not None  # noqa: S101 - a count is always a row
    case.repeats = 1 + found[0]
    return bool(found[1])


ALIKE = """
SELECT count(*) FILTER (WHERE received_at < %(at)s AND state <> %(voided)s),
       count(*) FILTER (WHERE received_at > %(at)s)
FROM cases_case
WHERE estate_id = %(estate)s::bigint AND matter = %(matter)s AND id IS DISTINCT FROM %(case)s::bigint
  AND received_at > %(since)s AND received_at < %(until)s
"""


def recount_later(case: Case, *, matter: str = "") -> None:
    """For those that came within thirty days after the case, which is saved: it counts for them, or does no more.

    `matter`: the one that the case had before. An archived case keeps its count.
    """
    alike = Case.objects.filter(estate=case.estate, matter=matter or case.matter)
    recount_repeats(alike.filter(received_at__gt=case.received_at, received_at__lt=case.received_at + REPEAT))


def recount_repeats(rows: QuerySet[Case]) -> None:
    """Counts saved rows anew, in one statement."""
    earlier = (
        Case.objects.filter(
            estate=OuterRef("estate"),
            matter=OuterRef("matter"),
            received_at__lt=OuterRef("received_at"),
            received_at__gt=OuterRef("received_at") - REPEAT,
        )
        .exclude(state=State.VOIDED)
        .order_by()
        .values("matter")
        .annotate(number=Count("pk"))
        .values("number")
    )
    times = Coalesce(Subquery(earlier, output_field=IntegerField()), Value(0)) + 1
    rows.exclude(state=State.ARCHIVED).update(repeats=times)
