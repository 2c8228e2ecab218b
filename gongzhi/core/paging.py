"""Pages of long lists: counted only as far as anybody turns them."""

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator

MOST_COUNTED = 1000


class CappedPaginator(Paginator):
    """Counts up to `most` rows and says when there are more: a list of a million costs what a short one does."""

    def __init__(self, rows: Any, size: int, *, most: int = MOST_COUNTED) -> None:
        super().__init__(rows, size)
        self.rows = rows
        self.most = most

    @cached_property
    def _found(self) -> int:
        return int(self.rows.order_by()[: self.most + 1].count())

    @cached_property
    def count(self) -> int:
        return min(self._found, self.most)

    @property
    def more(self) -> bool:
        """Whether there are rows beyond the last page that is offered."""
        return self._found > self.most
