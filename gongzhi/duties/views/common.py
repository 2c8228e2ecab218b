"""What the pages share: who asks and when, one list of duties with its filter, and its groups."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import cached_property

from gongzhi.core.actors import Actor
from gongzhi.core.pages import actor_of as actor_of
from gongzhi.core.pages import now_of as now_of
from gongzhi.core.pages import see as see
from gongzhi.core.rights import known_rights, may
from gongzhi.duties import queries
from gongzhi.duties.models import Duty

PAGE_SIZE = 20
SEE_OTHER = 303
UNPROCESSABLE = 422


class CountedPaginator(Paginator):
    """The number is known already, so that it is not counted twice."""

    def __init__(self, rows: Any, size: int, *, known: int) -> None:
        super().__init__(rows, size)
        self._known = known

    @cached_property
    def count(self) -> int:
        return self._known


def page_of(rows: Any, request: HttpRequest, *, size: int = PAGE_SIZE, known: int | None = None) -> Page[Any]:
    pages = Paginator(rows, size) if known is None else CountedPaginator(rows, size, known=known)
    return pages.get_page(request.GET.get("page"))


@dataclass(frozen=True)
class Group:
    code: str
    title: str
    css: str
    count: int
    rows: Sequence[Duty]


def grouped(rows: Iterable[Duty], bounds: queries.Bounds, counts: queries.Counts) -> list[Group]:
    """The rows of one page under the headings of the desk; a heading counts all of its group, not the page's."""
    found: dict[str, list[Duty]] = {}
    for duty in rows:
        found.setdefault(bounds.group_of(duty.due_at), []).append(duty)
    return [
        Group(code, title, css, getattr(counts, code), found[code])
        for code, (title, css) in queries.GROUPS.items()
        if code in found
    ]


# Another part's right: where that part is not installed there is nothing to link to.
HAND_OUT = "accountability.hand_out"


def give_url(actor: Actor) -> str:
    """Where a task is given, on the board of tasks, for those who may."""
    known = HAND_OUT in known_rights() and actor.organisation is not None
    return address("accountability:give") if known and may(actor, HAND_OUT, actor.organisation) else ""


def address(name: str, *args: Any) -> str:
    """The address of another part's page, or nothing where that part has no pages."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
