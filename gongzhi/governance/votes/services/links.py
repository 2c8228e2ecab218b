"""Personal links to the phone page, and the check of who opens one."""

import secrets
from datetime import datetime
from typing import Protocol

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.module_loading import import_string

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import PersonalData
from gongzhi.governance.votes.models import RollOwner, Vote, VoteLink
from gongzhi.governance.votes.services.common import digest, locked

TOKEN_BYTES = 16
MOST_FAILURES = 5
LAST_DIGITS = 4


class IdentityCheck(Protocol):
    """Says whether who sits before the page is the person. `title` is shown to him."""

    title: str

    def holds(self, person: PersonalData, answer: str) -> bool: ...


class LocalCheck:
    """Compares the last digits of the identity or phone number on record. No real-name service stands behind it."""

    title = "本平台核对登记的证件号或手机号后四位（未接入实名核验服务）"

    def holds(self, person: PersonalData, answer: str) -> bool:
        given = answer.strip().upper()
        known = [core.opened(person, field)[-LAST_DIGITS:].upper() for field in ("id_number", "phone")]
        return len(given) == LAST_DIGITS and any(
            secrets.compare_digest(given.encode(), one.encode()) for one in known if one
        )


def identity_check() -> IdentityCheck:
    name = getattr(settings, "VOTE_IDENTITY_CHECK", "gongzhi.governance.votes.services.links.LocalCheck")
    made: IdentityCheck = import_string(name)()
    return made


@transaction.atomic
def make_link(vote: Vote, *, owner: RollOwner, actor: Actor, now: datetime) -> str:
    """A new token for the owner; older ones of his stop working. Only its hash is kept."""
    core.require(actor, "vote.run", vote)
    vote = locked(vote, states=("noticed", "open"), doing="发投票链接")
    return issued(vote, owner=owner.code, now=now)


def issued(vote: Vote, *, owner: str, now: datetime, verified_at: datetime | None = None) -> str:
    """A fresh token in place of the owner's earlier ones. `verified_at`: he has just shown who he is."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    VoteLink.objects.filter(vote=vote, owner=owner).delete()
    VoteLink.objects.create(vote=vote, owner=owner, token_hash=digest(token), made_at=now, verified_at=verified_at)
    return token


def link_of(token: str) -> VoteLink | None:
    """Without the vote's large columns: the rules are kept by their digest, and a ballot needs nothing else of them."""
    rows = VoteLink.objects.select_related("vote__log").defer("vote__rules", "vote__result", "vote__calendar")
    return rows.filter(token_hash=digest(token)).first()


def verify(link: VoteLink, *, answer: str, now: datetime) -> None:
    """Refuses a wrong answer; after some of them the link is dead and the desk makes a new one."""
    if link.failures >= MOST_FAILURES:
        raise Refused("link_locked", "核验不符已满5次，这个链接已停用。请到社区或业委会换一个，或在现场投票。")
    person = PersonalData.objects.filter(
        pk__in=RollOwner.objects.filter(vote_id=link.vote_id, code=link.owner).values("person_id")
    ).first()
    if person is None or not identity_check().holds(person, answer):
        VoteLink.objects.filter(pk=link.pk).update(failures=F("failures") + 1)
        left = MOST_FAILURES - link.failures - 1
        raise Refused(
            "identity_wrong",
            f"和登记的不一致，还可以试{left}次。登记有误的，请到社区更正。",
            fields={"answer": "和登记的不一致"},
        )
    VoteLink.objects.filter(pk=link.pk).update(verified_at=now, failures=0)
