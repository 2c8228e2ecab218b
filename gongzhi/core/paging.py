"""Pages of long lists: looked for only as far as anybody turns them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F, QuerySet
from django.db.models.expressions import OrderBy
from django.db.models.functions import Coalesce

from gongzhi.core.prepared import Fetch

MOST_COUNTED = 500


class CappedPaginator(Paginator):
    """Offers up to `most` rows and says when there are more: a list of a million costs what a short one does.

    Rows are ordered by columns of numbers and moments. Few are found first and put in order then, so that the order
    cannot mislead the database into walking a million for them; and only those of the page are read whole, by their
    keys. `first`: the keys of the first rows when they are known, and there may be others after them. `few`: there are
    some thousands at most, so that the database finds all and puts them in order, which costs less than finding some
    and looking for the first again. `found`: the same rows, asked for in a way that costs less.
    """

    def __init__(
        self,
        rows: Any,
        size: int,
        *,
        most: int = MOST_COUNTED,
        first: Sequence[Any] = (),
        few: bool = False,
        found: QuerySet[Any] | None = None,
    ) -> None:
        super().__init__(rows, size)
        self.rows = rows
        self.most = most
        self.first = first
        self.few = few
        self.found = found

    @cached_property
    def _keys(self) -> list[Any]:
        """All of a few in their order; of many, any, or the first."""
        if self.few:
            return self._in_order(self.rows if self.found is None else self.found)
        some = list(self.rows.order_by().values_list("pk", flat=True)[: self.most + 1])
        if not 1 < len(some) <= self.most:
            return some
        return self._in_order(self.rows.model._default_manager.filter(pk__any_of=some))

    def _in_order(self, found: Any) -> list[Any]:
        order = [_Order.of(one).of_what_is_found() for one in self.rows.query.order_by]
        return list(found.order_by(*order).values_list("pk", flat=True)[: self.most + 1])

    @cached_property
    def count(self) -> int:
        return min(len(self.first or self._keys), self.most)

    @property
    def more(self) -> bool:
        """Whether there are rows beyond the last page that is offered."""
        return bool(self.first) or len(self._keys) > self.most

    @property
    def cut(self) -> bool:
        """Whether none of those beyond is ever offered."""
        return self.more and self.count == self.most

    def page(self, number: Any) -> Page[Any]:
        number = self.validate_number(number)
        bottom = (number - 1) * self.per_page
        top = min(bottom + self.per_page, self.count)
        keys = self._between(bottom, top)
        found = {row.pk: row for row in self._whole(keys)}
        return Page([found[key] for key in keys if key in found], number, self)

    def _between(self, bottom: int, top: int) -> list[Any]:
        if self.first or self.few or not self.more:
            return list(self.first or self._keys)[bottom:top]
        return list(self.rows.values_list("pk", flat=True)[bottom:top])

    def _whole(self, keys: list[int]) -> list[Any]:
        """The rows as the list reads them: with the same related rows, without the same columns."""
        query = self.rows.query
        shape = (self.rows.model, repr(query.select_related), repr(query.deferred_loading))
        if shape not in _known:

            def rows(keys: list[int]) -> QuerySet[Any]:
                whole = self.rows.model._default_manager.filter(pk__any_of=keys)
                whole.query.select_related = query.select_related
                whole.query.deferred_loading = query.deferred_loading
                return whole

            _known[shape] = Fetch(rows)
        return _known[shape](keys)


@dataclass(frozen=True)
class _Order:
    """One column of an order, as the database reads it: without a word about them, empty ones are the greatest."""

    column: str
    falling: bool
    empty_first: bool

    @classmethod
    def of(cls, given: Any) -> "_Order":
        if isinstance(given, str):
            falling = given.startswith("-")
            return cls(given.removeprefix("-"), falling, falling)
        empty_first = given.nulls_first or (given.descending and not given.nulls_last)
        return cls(given.expression.name, given.descending, bool(empty_first))

    def of_what_is_found(self) -> OrderBy:
        """By what no index holds: the rows are found first."""
        value = Coalesce(F(self.column), F(self.column))
        return OrderBy(
            value,
            descending=self.falling,
            nulls_first=self.empty_first or None,
            nulls_last=not self.empty_first or None,
        )


_known: dict[Any, Fetch[Any]] = {}
