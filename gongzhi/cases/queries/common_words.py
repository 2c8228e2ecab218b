"""Words that stand in many cases: whoever looks for one finds it among the first of his list."""

from datetime import datetime
from functools import lru_cache

from django.db.models import QuerySet

from gongzhi.cases.models import Case
from gongzhi.core import services as core
from gongzhi.core.prepared import all_rows

COMMON = 0.02  # of all cases
WALKED = 600
_HOUR = 3600
_FREQUENCIES = (
    "SELECT word FROM pg_stats, unnest(most_common_elems::text::text[], most_common_elem_freqs) AS f(word, share)"
    " WHERE tablename = 'cases_casewords' AND attname = 'grams' AND share >= %(least)s"
)
_HOLDING = "SELECT case_id FROM cases_casewords WHERE case_id = ANY(%(keys)s) AND grams @> %(words)s::varchar[]"


def first_of_many(rows: QuerySet[Case], text: str, *, least: int, now: datetime) -> list[int]:
    """The keys of the first cases of `rows`, in their order, that hold the words. Empty when the words are not common,
    or when fewer than `least` are among the first WALKED, or when there are no more rows than these: then all are
    counted. `rows` are filtered by everything but the words."""
    wanted = core.search_grams(text)
    known = _common(int(now.timestamp()) // _HOUR)
    if not wanted or not known.issuperset(wanted):
        return []
    keys = list(rows.values_list("pk", flat=True)[:WALKED])
    if len(keys) < WALKED:
        return []
    found = {key for (key,) in all_rows(_HOLDING, {"keys": keys, "words": wanted})}
    return [key for key in keys if key in found] if len(found) >= least else []


@lru_cache(maxsize=1)
def _common(hour: int) -> frozenset[str]:
    """As the database counted them when it last looked; read anew each hour."""
    return frozenset(word for (word,) in all_rows(_FREQUENCIES, {"least": COMMON}))
