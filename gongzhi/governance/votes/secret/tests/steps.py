"""A secret election among the owners of the cast's estate, taken as far as a test needs it."""

import random
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from gongzhi.core.tests.cast import Cast
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.models import Ballot, Vote
from gongzhi.governance.votes.secret import balloting, opening, queries, trusting
from gongzhi.governance.votes.secret.balloting import Sealed
from gongzhi.governance.votes.secret.models import Trustee
from gongzhi.governance.votes.tests import steps
from gongzhi.governance.votes.tests.steps import CLOSES, OPENS, VOTING
from gongzhi.proof.secret import ballots, ceremony, trustee_tool

PEOPLE = (("street", "王街道"), ("owners", "李业主"), ("community", "张社区"))
CANDIDATES = ("赵一", "钱二", "孙三", "李四")
CODES = [ceremony.new_code() for _ in PEOPLE]


def allow(cast: Cast, **values: str) -> None:
    votes.adopt_rules(
        cast.estate,
        values={"vote_secrecy": "secret_elections", "vote_revote": "last_valid", **values},
        adopted_on=cast.now.date(),
        document="2022年业主大会议事规则第八条",
        actor=cast.actor("street_office"),
        now=cast.now,
    )


def election(**more: Any) -> votes.MotionDraft:
    return steps.motion(
        **{"matter": "elect_committee", "title": "选举业主委员会", "candidates": CANDIDATES, "seats": 3, **more}
    )


def noticed(cast: Cast, **more: Any) -> Vote:
    allow(cast)
    return steps.noticed(cast, election(), secret=True, **more)


def named(cast: Cast, vote: Vote, people: Sequence[tuple[str, str]] = PEOPLE) -> list[Trustee]:
    trusting.name_trustees(vote, people=people, actor=cast.actor("community_station"), now=cast.now)
    return rows(vote)


def rows(vote: Vote) -> list[Trustee]:
    return list(Trustee.objects.filter(ceremony__vote=vote))


def answer(row: Trustee, code: str) -> dict[str, Any]:
    row = Trustee.objects.select_related("ceremony__vote__log").get(pk=row.pk)
    return trustee_tool.answer(queries.file_for(row), code)


def trusted(cast: Cast, vote: Vote, codes: Sequence[str] = ()) -> list[Trustee]:
    """Everybody does his three steps on his own device."""
    people = named(cast, vote)
    for _ in ("channel", "deal", "confirm"):
        for row, code in zip(people, codes or CODES, strict=True):
            trusting.hand_in(row, answer=answer(row, code), now=cast.now)
    return rows(vote)


def opened(cast: Cast, **more: Any) -> Vote:
    vote = noticed(cast, **more)
    trusted(cast, vote)
    return votes.open_vote(vote, actor=cast.actor("community_station"), now=OPENS)


def sealed(vote: Vote, number: int, chosen: Sequence[str], *, at: datetime = VOTING, **more: Any) -> Sealed:
    """What the phone of the numbered unit's owner makes."""
    voter = steps.entry(vote, number).owners[0]
    made = ballots.cast(balloting.context_of(vote, voter), chosen)
    key = f"{random.getrandbits(64):x}"  # noqa: S311
    return Sealed(**{"voter": voter, "ballot": made.as_json(), "channel": "phone", "key": key, "at": at, **more})


def ballot(vote: Vote, number: int, chosen: Sequence[str], *, at: datetime = VOTING, **more: Any) -> Ballot:
    return balloting.cast_sealed(vote, given=sealed(vote, number, chosen, at=at, **more), now=at)


def all_vote(vote: Vote, *, voters: int = 9) -> None:
    """The first three of four candidates by everybody, the fourth by nobody; the ninth owner abstains."""
    for number in range(1, voters + 1):
        ballot(vote, number, ["c1", "c2"] if number % 2 else ["c1", "c3"] if number != 4 else [])


def added_up(cast: Cast, vote: Vote) -> Vote:
    vote = steps.closed(cast, vote)
    opening.add_up(vote, actor=cast.actor("community_station"), now=CLOSES)
    vote.refresh_from_db()
    return vote


def counted(cast: Cast, vote: Vote, by: Sequence[int] = (1, 3)) -> Vote:
    vote = added_up(cast, vote)
    people = rows(vote)
    for number in by:
        row = people[number - 1]
        opening.hand_in_parts(row, answer=answer(row, CODES[number - 1]), now=CLOSES)
    vote.refresh_from_db()
    return vote
