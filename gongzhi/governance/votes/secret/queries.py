"""What pages and trustees' devices are shown of a secret election. Nothing here is a secret."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gongzhi.governance.votes.models import Vote
from gongzhi.governance.votes.secret import opening, trusting
from gongzhi.governance.votes.secret.models import Ceremony, Trustee
from gongzhi.governance.votes.secret.words import STEPS
from gongzhi.governance.votes.services.common import log_of
from gongzhi.proof.secret import ceremony as parts
from gongzhi.proof.secret.trustee_tool import FORMAT


def ceremony_of(vote: Vote) -> Ceremony | None:
    return Ceremony.objects.filter(vote=vote).first() if vote.secret else None


def file_for(trustee: Trustee) -> dict[str, Any]:
    """What a trustee's device needs for its next step. Of ballots the ciphertexts alone, once they are added up."""
    ceremony = trustee.ceremony
    rows = list(ceremony.trustees.all())
    election = ceremony.vote.motions.get().election or {}
    found = {
        "format": FORMAT,
        "origin": log_of(ceremony.vote).origin,
        "motion": trusting.MOTION,
        "title": ceremony.vote.title,
        "number": trustee.number,
        "count": ceremony.count,
        "needed": ceremony.needed,
        "guard": ceremony.guard,
        "voters": ceremony.voters,
        "options": [one["candidate"] for one in election.get("candidates", ())],
        "channels": [one.channel for one in rows if one.channel],
        "dealt": [one.dealt for one in rows if one.dealt],
        "confirmed": [one.number for one in rows if one.holding],
    }
    if ceremony.sums is not None:
        ballots = opening.standing_ballots(ceremony.vote)
        found["sums"] = ceremony.sums
        found["ballots"] = {
            voter: [{"a": one["a"], "b": one["b"]} for one in ballot["options"]] for voter, ballot in ballots.items()
        }
    return found


def fingerprint(ceremony: Ceremony, rows: Sequence[Trustee]) -> str:
    """会签码; empty until everybody has a number."""
    if any(one.channel is None for one in rows):
        return ""
    election = trusting.election_of(ceremony)
    code = parts.fingerprint(election, [parts.channel_of(one.channel or {}, election) for one in rows])
    return f"{code[:4]}-{code[4:]}"


@dataclass(frozen=True)
class Standing:
    """One trustee on a page: what he has done, and what he is waited for."""

    row: Trustee
    done: list[str]
    waiting: str


def standings(ceremony: Ceremony) -> tuple[str, list[Standing]]:
    rows = list(ceremony.trustees.all())
    step = trusting.step_of(ceremony, rows)
    field = {"channel": "channel", "deal": "dealt", "confirm": "holding", "open": "parts"}
    found = []
    for one in rows:
        done = [title for name, title in STEPS.items() if getattr(one, field[name]) is not None]
        due = step in field and getattr(one, field[step]) is None and ceremony.state != "failed"
        found.append(Standing(one, done, STEPS[step] if due else ""))
    return step, found
