"""Votes of an estate that comes to another community: those that are not on file yet go along."""

from gongzhi.core import services as core
from gongzhi.core.models import Event, PersonalData
from gongzhi.governance.votes.models import Vote

OVER = ("filed", "stopped")


def follow_estate(event: Event) -> None:
    was, path = str(event.data["was_path"]), event.place_path
    alive = Vote.objects.exclude(state__in=OVER).filter(place_path__startswith=was)
    numbers = [str(one) for one in alive.values_list("pk", flat=True)]
    people = PersonalData.objects.filter(owner_kind="vote", owner_id__in=numbers)
    core.rebase(people, old=was, new=path)
    core.rebase(alive, old=was, new=path)
