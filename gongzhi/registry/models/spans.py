"""Days from and to, both included, as a range of the database: what its exclusion constraints compare."""

from datetime import date

from django.contrib.postgres.fields import DateRangeField, RangeBoundary
from django.db.models import Func, Q


class Days(Func):
    """`daterange(from_on, to_on, '[]')`; an empty end is open."""

    function = "DATERANGE"
    output_field = DateRangeField()


def days(first: str = "from_on", last: str = "to_on") -> Days:
    return Days(first, last, RangeBoundary(inclusive_lower=True, inclusive_upper=True))


def covers(day: date, prefix: str = "") -> Q:
    """The rows whose days include that one."""
    begun = Q(**{f"{prefix}from_on": None}) | Q(**{f"{prefix}from_on__lte": day})
    return begun & (Q(**{f"{prefix}to_on": None}) | Q(**{f"{prefix}to_on__gte": day}))
