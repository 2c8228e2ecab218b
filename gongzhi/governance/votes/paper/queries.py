"""How far the paper ballots of a vote have come."""

from dataclasses import dataclass

from django.db.models import Count, QuerySet

from gongzhi.core.errors import Refused
from gongzhi.governance.votes.models import RollEntry, Vote
from gongzhi.governance.votes.paper.models import PaperCode, PaperSheet
from gongzhi.governance.votes.paper.words import OPEN_STATES, SHEET_STATES


@dataclass(frozen=True, slots=True)
class Progress:
    """Ballots printed and in force; pages that came back, by state and in all."""

    printed: int
    pages: int
    by_state: dict[str, int]

    @property
    def unread(self) -> int:
        return sum(self.by_state[state] for state in OPEN_STATES)


def progress(vote: Vote) -> Progress:
    found = dict(PaperSheet.objects.filter(vote=vote).values_list("state").annotate(pages=Count("pk")))
    printed = PaperCode.objects.filter(vote=vote, void_at=None).count()
    return Progress(printed, sum(found.values()), {state: found.get(state, 0) for state in SHEET_STATES})


def unprinted(rows: QuerySet[RollEntry]) -> QuerySet[RollEntry]:
    """Those of them that have no ballot in force."""
    return rows.exclude(pk__in=PaperCode.objects.filter(void_at=None).values("roll_entry_id"))


def refuse_unread(vote: Vote) -> None:
    """The close waits until every page that came back is read by two people or set aside."""
    left = PaperSheet.objects.filter(vote=vote, state__in=OPEN_STATES).count()
    if left:
        raise Refused("sheets_unread", f"还有{left}页交回的纸质票没有录完。请先由两人录入，或写明原因不录入，再截止。")
