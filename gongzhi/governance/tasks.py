"""The jobs of bodies and votes. Like views they are an edge of the platform: here the clock is read."""

from django.utils import timezone

from gongzhi.core import jobs
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.secret import opening


@jobs.task(votes.FOLLOW_SALE)
def follow_sale(unit_id: int) -> None:
    votes.follow_sale(unit_id, now=timezone.now())  # noqa: TID251 - an edge


@jobs.task(opening.ADD_UP)
def add_up(vote_id: int) -> None:
    opening.add_up_now(vote_id, now=timezone.now())  # noqa: TID251 - an edge
