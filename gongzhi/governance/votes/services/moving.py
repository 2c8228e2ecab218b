"""Votes of an estate that moves or changes its area.

To another community those that are not on file yet go along. No area changes under a vote that is under way.
"""

from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event, PersonalData
from gongzhi.governance.votes.models import Vote

OVER = ("filed", "stopped")
DECIDED = ("final", *OVER)


def follow_estate(event: Event) -> None:
    was, path = str(event.data["was_path"]), event.place_path
    alive = Vote.objects.exclude(state__in=OVER).filter(place_path__startswith=was)
    numbers = [str(one) for one in alive.values_list("pk", flat=True)]
    people = PersonalData.objects.filter(owner_kind="vote", owner_id__in=numbers)
    core.rebase(people, old=was, new=path)
    core.rebase(alive, old=was, new=path)


def refuse_under_way(event: Event) -> None:
    """Reaction: the area is about to change, and with it who its owners are. Refuses `votes_under_way`."""
    rows = Vote.objects.filter(estate_id=int(event.subject_id)).exclude(state__in=DECIDED).order_by("pk")
    titles = "、".join(f"“{one.title}”" for one in rows)
    if titles:
        raise Refused(
            "votes_under_way",
            f"{event.subject_title}的表决{titles}还没有结果，名册按现在的区域确定。请先办完或者终止，再调整区域。",
        )
