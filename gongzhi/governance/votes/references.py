"""How the platform finds a vote by its reference, and who may read it and its files."""

from django.urls import reverse

from gongzhi.core import refs
from gongzhi.core.rights import may
from gongzhi.governance.votes.models import Vote
from gongzhi.governance.votes.words import PAPER_SCANS


def register() -> None:
    refs.register_kind(
        "vote",
        load=lambda pk: Vote.objects.filter(pk=pk).first() if str(pk).isdigit() else None,
        may_read=lambda actor, vote: may(actor, "vote.read", vote),
        url=lambda vote: reverse("governance:vote", args=[vote.pk]),
    )
    # Images of paper ballots show who chose what: they are for those who run the vote.
    refs.register_kind(
        PAPER_SCANS,
        load=lambda pk: Vote.objects.filter(pk=pk).first() if str(pk).isdigit() else None,
        may_read=lambda actor, vote: may(actor, "vote.run", vote),
    )
