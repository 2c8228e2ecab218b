"""Pages of long lists: looked for only as far as anybody turns them."""

from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from gongzhi.core.prepared import Fetch

MOST_COUNTED = 500


class CappedPaginator(Paginator):
    """Offers up to `most` rows and says when there are more: a list of a million costs what a short one does.

    Few rows are found first and put in order then, so that the order cannot mislead the database into walking a million
    for them; and only those of the page are read whole, by their keys.
    """

    def __init__(self, rows: Any, size: int, *, most: int = MOST_COUNTED) -> None:
        super().__init__(rows, size)
        self.rows = rows
        self.most = most

    @cached_property
    def _keys(self) -> list[Any]:
        """All of a few in their order; of many, any."""
        some = self.rows.order_by().values("pk")[: self.most + 1]
        known = self.rows.model._default_manager.filter(pk__in=some)
        return list(known.order_by(*self.rows.query.order_by).values_list("pk", flat=True))

    @cached_property
    def count(self) -> int:
        return min(len(self._keys), self.most)

    @property
    def more(self) -> bool:
        """Whether there are rows beyond the last page that is offered."""
        return len(self._keys) > self.most

    def page(self, number: Any) -> Page[Any]:
        number = self.validate_number(number)
        bottom = (number - 1) * self.per_page
        top = min(bottom + self.per_page, self.count)
        keys = list(self.rows.values_list("pk", flat=True)[bottom:top]) if self.more else self._keys[bottom:top]
        found = {row.pk: row for row in self._whole(keys)}
        return Page([found[key] for key in keys if key in found], number, self)

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


_known: dict[Any, Fetch[Any]] = {}
