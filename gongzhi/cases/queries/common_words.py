"""How many cases a search will find, by what the database counted when it last looked. By that is chosen how to look:
the cheapest way for a rare word is the dearest for a common one."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from math import prod

from django.db.models import QuerySet

from gongzhi.cases.models import Case
from gongzhi.core import services as core
from gongzhi.core.prepared import all_rows, first_row

COMMON = 0.02  # of all cases
WIDE = 0.05
FEW = 12_000
HANDFUL = 1_500
WALKED = 600
HOPED = 2  # so many times more than if the words had nothing to do with each other
_HOUR = 3600
_SHARES = (
    "SELECT value, share FROM pg_stats,"
    " unnest(most_common_elems::text::text[], most_common_elem_freqs) AS f(value, share)"
    " WHERE tablename = 'cases_casewords' AND attname = %(column)s AND value IS NOT NULL"
)
_HOLDING = "SELECT case_id FROM cases_casewords WHERE case_id = ANY(%(keys)s) AND grams @> %(words)s::varchar[]"


@dataclass(frozen=True)
class Counted:
    """`cases` in all; the shares of them in which words stand, and the keys of readers that stand in many."""

    cases: int
    words: dict[str, float]
    wide: frozenset[str]

    def common(self, text: str) -> bool:
        """Whether each word of the text is."""
        return all(self.words.get(one, 0) >= COMMON for one in core.search_grams(text))

    def found(self, text: str) -> float:
        """How many cases hold all words, if none followed from another. The pairs of one word do: its rarest stands
        for it; and a word that was not counted is no more frequent than the rarest that was."""
        rarest = min(self.words.values(), default=0.0)
        runs = (core.search_grams(word) for word in text.split())
        return self.cases * prod(min(self.words.get(one, rarest) for one in wanted) for wanted in runs if wanted)


def first_of_many(rows: QuerySet[Case], text: str, *, least: int, now: datetime) -> list[int]:
    """The keys of the first cases of `rows`, in their order, that hold the words. Empty when the words are not common,
    or when fewer than `least` are among the first WALKED, or when there are no more rows than these: then all are
    counted. `rows` are filtered by everything but the words."""
    wanted, known = core.search_grams(text), counted(now)
    if not wanted or not known.common(text) or known.found(text) * WALKED * HOPED < least * known.cases:
        return []
    keys = list(rows.values_list("pk", flat=True)[:WALKED])
    if len(keys) < WALKED:
        return []
    found = {key for (key,) in all_rows(_HOLDING, {"keys": keys, "words": wanted})}
    return [key for key in keys if key in found] if len(found) >= least else []


def are_few(text: str, now: datetime) -> bool:
    """Whether the words find so few cases that all can be read."""
    return counted(now).found(text) <= FEW


def better_without_keys(text: str, keys: list[str], now: datetime) -> bool:
    """Whether to look for the words alone and at the keys of what they find: one of the keys stands in many cases, and
    the words in a handful."""
    known = counted(now)
    return not known.wide.isdisjoint(keys) and known.found(text) <= HANDFUL


def counted(now: datetime) -> Counted:
    return _counted(int(now.timestamp()) // _HOUR)


@lru_cache(maxsize=1)
def _counted(hour: int) -> Counted:
    """Read anew each hour."""
    known = first_row("SELECT reltuples FROM pg_class WHERE relname = 'cases_casewords'", {})
    words, keys = (dict(all_rows(_SHARES, {"column": column})) for column in ("grams", "keys"))
    wide = frozenset(key for key, share in keys.items() if share >= WIDE)
    return Counted(max(0, int(known[0])) if known else 0, words, wide)
