"""The secret election of the demonstration: trustees, sealed ballots, opened totals, all by the commands of everybody.

The codes of these trustees are made here and forgotten: their election is over when it is loaded.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Any

from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.models import RollEntry, Vote
from gongzhi.governance.votes.secret import balloting, opening, queries, trusting
from gongzhi.governance.votes.secret.models import Trustee
from gongzhi.proof.secret import ballots, ceremony, trustee_tool

STEPS = ("channel", "deal", "confirm")
HUNDRED = 100


def allow(poll: Any, at: datetime) -> None:
    """The owners had agreed on it in their rules of procedure."""
    votes.adopt_rules(
        poll.stage.estates[poll.row["estate"]],
        values={"vote_secrecy": "secret_elections"},
        adopted_on=at.date(),
        document=poll.row["secret"]["document"],
        actor=poll.by(at, "check"),
        now=at,
    )


def trust(poll: Any, vote: Vote, at: datetime) -> list[str]:
    """The three steps of each trustee on his own device; their codes."""
    people = [(office, name) for office, name in poll.row["secret"]["trustees"]]
    trusting.name_trustees(vote, people=people, actor=poll.by(at), now=at)
    codes = [ceremony.new_code() for _ in people]
    for _ in STEPS:
        for number, code in enumerate(codes, 1):
            _hand_in(vote, number, code, at, into=trusting.hand_in)
    return codes


def _hand_in(vote: Vote, number: int, code: str, at: datetime, *, into: Any) -> None:
    row = Trustee.objects.select_related("ceremony__vote__log").get(ceremony__vote=vote, number=number)
    into(row, answer=trustee_tool.answer(queries.file_for(row), code), now=at)


def cast(poll: Any, *, vote: Vote, rows: list[RollEntry], at: datetime) -> None:
    chance = Random(poll.row["seed"])  # noqa: S311
    span = int((vote.closes_at - at).total_seconds()) - 1
    most = votes.rules_of(vote).motions[0].election
    seats = most.seats if most is not None else 1
    for one in rows:
        if chance.randrange(HUNDRED) >= poll.row["turnout"]:
            continue
        voter, when = one.voters[0], at + timedelta(seconds=chance.randrange(span))
        context = balloting.context_of(vote, voter)
        chosen = [name for name, share in zip(context.options, poll.row["agree"], strict=True)
                  if chance.randrange(HUNDRED) < share][:seats]  # fmt: skip
        given = balloting.Sealed(
            voter=voter, ballot=ballots.cast(context, chosen).as_json(), channel="phone", at=when,
            key=sha256(f"{vote.pk} {one.code}".encode()).hexdigest(),
        )  # fmt: skip
        balloting.cast_sealed(vote, given=given, now=when)


def count(poll: Any, *, vote: Vote, codes: list[str], at: datetime) -> None:
    """Added up, then opened by as many trustees as it takes."""
    made = opening.add_up(vote, actor=poll.by(at), now=at)
    for number, code in enumerate(codes[: made.needed], 1):
        _hand_in(vote, number, code, at, into=opening.hand_in_parts)
