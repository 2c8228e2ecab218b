"""Who signed in comes to his own phone page without the link that was sent to him."""

from datetime import datetime

from django.db import transaction

from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.governance.votes.models import Vote, VoteLink
from gongzhi.governance.votes.services.balloting import units_of
from gongzhi.governance.votes.services.common import locked
from gongzhi.governance.votes.services.links import LOCKED, MOST_FAILURES, further

FORBIDDEN = 403


@transaction.atomic
def own_link(vote: Vote, *, actor: Actor, now: datetime) -> str:
    """For somebody who signed in and is on the roll by his phone number; the link that was sent to him goes on working.
    On the page he still shows who he is, and what he answered wrong there goes on counting.

    Refuses (`not_on_roll`, `link_locked`).
    """
    vote = locked(vote, states=("noticed", "open"), doing="投票")
    code = own_code(vote, actor)
    if code is None:
        raise Refused(
            "not_on_roll",
            "这次表决的名册里没有您账号的手机号码。请用短信里的链接或通知书上的二维码投票，或到社区核对登记的号码。",
            status=FORBIDDEN,
        )
    if VoteLink.objects.filter(vote=vote, owner=code, proxy="", failures__gte=MOST_FAILURES).exists():
        raise Refused("link_locked", LOCKED, status=FORBIDDEN)
    return further(vote, owner=code, now=now)


def own_code(vote: Vote, actor: Actor) -> str | None:
    """As whom the roll knows who is signed in, by the phone number: first of all as one who may vote."""
    hashed = getattr(actor.user, "phone_hash", "")
    if not hashed:
        return None
    codes = list(vote.owners.filter(person__phone_hash=hashed).order_by("code").values_list("code", flat=True))
    return next((one for one in codes if units_of(vote, one)), codes[0] if codes else None)
