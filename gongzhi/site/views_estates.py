"""An estate for everybody who passes its board: who serves it, whom to call, what is put up for all to read.

Nothing of a person is shown here; what concerns the owners alone they read in their own pages.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from gongzhi.cases.accountability.models import NoticeBoard
from gongzhi.cases.accountability.queries.boards import Numbers, board_lines
from gongzhi.core import services as core
from gongzhi.governance.votes import queries as votes
from gongzhi.registry.models import Estate
from gongzhi.registry.queries import facts_of, governing, serving

VOTES_SHOWN = 5
BODIES = {"has_owners_committee": "业主委员会", "has_management_committee": "物管会"}
CRUMBS = ("county", "street", "community")


@dataclass(frozen=True, slots=True)
class Board:
    """The numbers to call, and whether they hang in the estate: without a photograph they count as not shown."""

    numbers: Numbers
    posted: NoticeBoard | None
    stale: bool

    @property
    def wanted(self) -> int:
        return len(self.numbers.lines) + len(self.numbers.missing)


@require_GET
def estate(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Estate.objects.select_related("community", "place")
    found = get_object_or_404(rows, pk=pk)
    on = core.local_day(timezone.now())
    project = serving(found, on) if found.ended_on is None else None
    context: dict[str, Any] = {
        "page_title": found.name,
        "nav": "home",
        "owner_pages": True,
        "estate": found,
        "places": [one for one in core.ancestors(found.community.path) if one.level in CRUMBS],
        "serving": project,
        "company_phone": project.company.phone if project is not None else "",
        "offices": [one for one in governing(found, on)["offices"].values() if one.phone],
        "bodies": _bodies(found, on),
        "board": board_of(found, on),
        "votes": votes.open_to_all(found)[:VOTES_SHOWN],
        "on": on,
    }
    return render(request, "site/estate_public.html", context)


def board_of(found: Estate, on: date) -> Board:
    numbers = board_lines(found, on=on)
    row = NoticeBoard.objects.filter(estate=found, posted_at__isnull=False).first()
    return Board(numbers, row, row is not None and row.posted_lines != numbers.to_json())


def _bodies(found: Estate, on: date) -> list[tuple[str, bool]]:
    known = facts_of(found.ref, tuple(BODIES), on)
    return [(title, bool(known[name])) for name, title in BODIES.items() if known.get(name) is not None]
