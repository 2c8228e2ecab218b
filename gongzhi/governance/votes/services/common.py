"""What the commands share: the locked row, its state, records that stand in the log, and the one event."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import StoredFile
from gongzhi.governance.votes.models import Vote, VoteRecord
from gongzhi.governance.votes.words import STATES
from gongzhi.proof import services as proof

# How a candidate of a formation goes by on the ballot: a letter and the row's number.
CANDIDATE = "k"
# Who owes what a vote brings, where the convener is no office of its own.
CONVENER_ROLES = {"preparatory_group": "street_office"}


def locked(vote: Vote, *, states: Sequence[str], doing: str, version: int | None = None) -> Vote:
    """The row for update, in one of the states, as the page showed it."""
    row = Vote.objects.select_for_update(of=("self",)).select_related("estate", "log").get(pk=vote.pk)
    core.check_version(row, version)
    if row.state not in states:
        allowed = "、".join(STATES[one] for one in states)
        raise Refused("vote_state", f"表决现在是“{STATES[row.state]}”，{doing}要在“{allowed}”时办。")
    return row


def saved(vote: Vote, *fields: str) -> Vote:
    vote.version += 1
    vote.save(update_fields=[*fields, "version"])
    return vote


def tell(vote: Vote, *, kind: str, actor: Actor, now: datetime, data: Mapping[str, Any] | None = None) -> None:
    convener = CONVENER_ROLES.get(vote.convener, vote.convener)
    core.record(
        kind,
        subject=vote.ref,
        actor=actor,
        at=now,
        place_path=vote.place_path,
        data={"convener": convener, "estate": str(vote.estate_id), **(data or {})},
    )


def entered(
    vote: Vote,
    *,
    kind: str,
    data: Mapping[str, Any],
    at: datetime,
    actor: Actor,
    now: datetime,
    file: StoredFile | None = None,
    public: Mapping[str, Any] | None = None,
) -> VoteRecord:
    """A record and its entry in the vote's log. `public`: what the log shows where that is not just the data."""
    record = VoteRecord.objects.create(vote=vote, kind=kind, at=at, data=dict(data), by=actor.user, file=file)
    shown = dict(data if public is None else public)
    if file is not None:
        shown["file"] = file.sha256
    entry = {**shown, "kind": kind, "vote": str(vote.pk), "record": record.pk, "at": at.isoformat()}
    made = proof.append(log_of(vote), entry, now=now)
    record.entry_id = made.pk
    record.save(update_fields=["entry"])
    return record


def refuse_weighed(vote: Vote) -> None:
    """A secret election's weights are part of its key: from the opening on nothing of the roll can change."""
    if vote.secret and vote.state != "noticed":
        raise Refused(
            "weights_fixed",
            "无记名选举开始以后，计权名册已和密钥绑定，不能再改。确实有错、影响结果的，请终止后重新选举。",
        )


def log_of(vote: Vote) -> Any:
    if vote.log is None:
        raise Refused("vote_without_log", "表决还没有公告，名册没有锁定，不能登记。请先锁定名册并公告。")
    return vote.log


def digest(text: str | bytes) -> str:
    return sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def candidate_code(candidate: Any) -> str:
    return f"{CANDIDATE}{candidate.pk}"
