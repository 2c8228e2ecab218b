"""Personal links to the phone page, and the check of who opens one."""

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Max
from django.utils.crypto import salted_hmac

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import PersonalData
from gongzhi.core.prepared import first_row
from gongzhi.governance.votes.identity import identity_check
from gongzhi.governance.votes.models import RollOwner, Vote, VoteLink
from gongzhi.governance.votes.services.common import digest, locked
from gongzhi.proof.models import Log

TOKEN_BYTES = 16
SALT = "gongzhi.votes.further-link"
MOST_FAILURES = 5
LOCKED = "核验不符已满5次，这个链接已停用。请到社区或业委会换一个，或在现场投票。"
UNKNOWN = (
    "这个投票链接打不开：可能已经换过新的，也可能没有复制完整。请用最近一次收到的链接；"
    "也可以登录后从首页投票、扫纸质选票上的二维码，或到社区、业委会现场投票。已经投的票不受影响。"
)


@transaction.atomic
def make_link(vote: Vote, *, owner: RollOwner, actor: Actor, now: datetime) -> str:
    """A new token for the owner; older ones of his stop working. Only its hash is kept."""
    core.require(actor, "vote.run", vote)
    vote = locked(vote, states=("noticed", "open"), doing="发投票链接")
    return issued(vote, owner=owner.code, now=now)


def issued(vote: Vote, *, owner: str, now: datetime, proxy: str = "") -> str:
    """A fresh token in place of the earlier ones, of the owner or of the agent by this instrument."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    VoteLink.objects.filter(vote=vote, owner=owner, proxy=proxy).delete()
    VoteLink.objects.create(vote=vote, owner=owner, proxy=proxy, token_hash=digest(token), made_at=now)
    return token


def further(vote: Vote, *, owner: str, now: datetime, verified: bool = False) -> str:
    """Another way for the owner beside the link that was sent to him, which goes on working; the same one each time.

    It hangs on the link that was sent: a new one in its place makes this one stop, too. What was answered wrong counts
    for both. `verified`: he has just shown who he is.
    """
    rows = VoteLink.objects.filter(vote=vote, owner=owner, proxy="")
    unsent = _derived(vote, owner, "")
    sent = rows.exclude(token_hash=digest(unsent)).order_by("pk").values_list("token_hash", flat=True).first()
    token = _derived(vote, owner, sent) if sent else unsent
    failures = rows.aggregate(most=Max("failures"))["most"] or 0
    VoteLink.objects.get_or_create(
        token_hash=digest(token), defaults={"vote": vote, "owner": owner, "made_at": now, "failures": failures}
    )
    if verified:
        rows.update(failures=0)
        rows.filter(token_hash=digest(token)).update(verified_at=now)
    return token


def _derived(vote: Vote, owner: str, sent: str) -> str:
    drawn = salted_hmac(SALT, f"{vote.pk}:{owner}:{sent}", algorithm="sha256").digest()[:TOKEN_BYTES]
    return urlsafe_b64encode(drawn).rstrip(b"=").decode()


OF_LINK = ("id", "owner", "proxy", "made_at", "failures", "verified_at")
OF_VOTE = ("id", "place_path", "estate_id", "title", "secret", "convener", "state", "opens_at", "closes_at",
           "roll_root", "rules_hash", "log_id", "version", "demo")  # fmt: skip
OF_LOG = ("id", "origin", "created_at", "demo")
COLUMNS = ", ".join(
    f"{table}.{one}" for table, columns in (("k", OF_LINK), ("v", OF_VOTE), ("l", OF_LOG)) for one in columns
)
LINK = f"""
SELECT {COLUMNS} FROM governance_votelink k
JOIN governance_vote v ON v.id = k.vote_id LEFT JOIN proof_log l ON l.id = v.log_id
WHERE k.token_hash = %(hash)s
"""  # noqa: S608 - names of columns


def link_of(token: str) -> VoteLink | None:
    """With its vote and log, whose large columns are left: the rules are kept by their digest."""
    row = first_row(LINK, {"hash": digest(token)})
    return None if row is None else link_from(row)


def link_from(row: Sequence[Any]) -> VoteLink:
    """From the columns that `LINK` names."""
    of_vote, of_log = len(OF_LINK), len(OF_LINK) + len(OF_VOTE)
    vote = Vote.from_db(connection.alias, OF_VOTE, row[of_vote:of_log])
    if vote.log_id is not None:
        vote.log = Log.from_db(connection.alias, OF_LOG, row[of_log : of_log + len(OF_LOG)])
    link = VoteLink.from_db(connection.alias, OF_LINK, row[:of_vote])
    link.vote = vote
    return link


def verify(link: VoteLink, *, answer: str, now: datetime) -> None:
    """Refuses a wrong answer; after some of them his links are dead and the desk makes a new one. Where the real-name
    service cannot say, nothing is counted."""
    if link.failures >= MOST_FAILURES:
        raise Refused("link_locked", LOCKED)
    person = PersonalData.objects.filter(
        pk__in=RollOwner.objects.filter(vote_id=link.vote_id, code=link.owner).values("person_id")
    ).first()
    if person is None or not identity_check().holds(person, answer, now=now):
        _of_the_same(link).update(failures=F("failures") + 1)
        left = MOST_FAILURES - link.failures - 1
        raise Refused(
            "identity_wrong",
            f"和登记的不一致，还可以试{left}次。登记有误的，请到社区更正。",
            fields={"answer": "和登记的不一致"},
        )
    _of_the_same(link).update(failures=0)
    VoteLink.objects.filter(pk=link.pk).update(verified_at=now)


def _of_the_same(link: VoteLink) -> Any:
    """With the other link of the same owner or agent: guessing on two ways is counted as on one."""
    return VoteLink.objects.filter(vote_id=link.vote_id, owner=link.owner, proxy=link.proxy)
