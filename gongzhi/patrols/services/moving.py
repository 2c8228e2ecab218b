"""Routes, open findings and entries go with their estate to another community; rounds stay where they were walked."""

from gongzhi.core import services as core
from gongzhi.core.models import Event
from gongzhi.patrols.models import PatrolFinding, PatrolRoute, RegisterEntry
from gongzhi.patrols.words import OPEN_STATES


def follow_estate(event: Event) -> None:
    for rows in (
        PatrolRoute.objects.all(),
        PatrolFinding.objects.filter(state__in=OPEN_STATES),
        RegisterEntry.objects.all(),
    ):
        core.rebase(rows, old=str(event.data["was_path"]), new=event.place_path)
