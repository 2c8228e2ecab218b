"""A vote of ten units in the inside estate, taken as far as a test needs it."""

from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from gongzhi.core.actors import Actor
from gongzhi.core.days import ZONE
from gongzhi.core.tests.cast import Cast
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.models import Ballot, RollEntry, Vote
from gongzhi.registry.models import Building
from gongzhi.registry.services import OwnerInput, register_unit, transfer_unit

OPENS = datetime(2022, 5, 23, 9, tzinfo=ZONE)
CLOSES = datetime(2022, 6, 6, 18, tzinfo=ZONE)
VOTING = OPENS + timedelta(days=1)
SINCE = datetime(2021, 1, 1, tzinfo=ZONE).date()
UNITS = 10


def people(cast: Cast, *, count: int = UNITS) -> list[Any]:
    """Units of 100 m², one owner each; the ninth and tenth belong to one person, by the identity number."""
    building = Building.objects.get(estate=cast.estate, name="1幢")
    made = []
    for number in range(1, count + 1):
        unit = register_unit(
            building,
            name=f"{number:03d}室",
            exclusive_area_m2=Decimal(100),
            area_source="register",
            area_from_on=SINCE,
            actor=Actor.system(),
            now=cast.now,
        )
        owner = min(number, count - 1)
        transfer_unit(
            unit,
            owners=[OwnerInput(f"业主{owner}", phone=f"1390000{owner:04d}", id_number=f"11010119800101{owner:04d}")],
            from_on=SINCE,
            actor=Actor.system(),
            now=cast.now,
        )
        made.append(unit)
    return made


def motion(**more: Any) -> votes.MotionDraft:
    return votes.MotionDraft(**{"matter": "hire_company", "title": "续聘物业服务企业", **more})


def drafted(cast: Cast, *motions: votes.MotionDraft, **more: Any) -> Vote:
    people(cast)
    return votes.draft_vote(
        cast.estate,
        **{
            "title": "2022年第一次业主大会",
            "convener": "community_station",
            "opens_at": OPENS,
            "closes_at": CLOSES,
            "motions": list(motions) or [motion()],
            "actor": cast.actor("community_station"),
            "now": cast.now,
            **more,
        },
    )


def noticed(cast: Cast, *motions: votes.MotionDraft, silence_told: bool = False, **more: Any) -> Vote:
    actor = cast.actor("community_station")
    vote = drafted(cast, *motions, **more)
    vote = votes.freeze_roll(vote, actor=actor, now=cast.now)
    vote = votes.check_vote(vote, agreed=True, opinion="", actor=cast.actor("street_office"), now=cast.now)
    return votes.notice_vote(vote, published_on=cast.now.date(), silence_told=silence_told, actor=actor, now=cast.now)


def opened(cast: Cast, *motions: votes.MotionDraft, **more: Any) -> Vote:
    vote = noticed(cast, *motions, **more)
    return votes.open_vote(vote, actor=cast.actor("community_station"), now=OPENS)


def last_ballot_counts(cast: Cast) -> None:
    """The estate's rules let owners change their ballot; the county's document lets the first one stand."""
    votes.adopt_rules(
        cast.estate,
        values={"vote_revote": "last_valid"},
        adopted_on=SINCE,
        document="议事规则第九条",
        actor=cast.actor("street_office"),
        now=cast.now,
    )


def opened_again(cast: Cast) -> Vote:
    """Another vote of the same units."""
    actor = cast.actor("community_station")
    vote = votes.draft_vote(
        cast.estate, title="2022年第二次业主大会", convener="community_station", opens_at=OPENS, closes_at=CLOSES,
        motions=[motion()], actor=actor, now=cast.now,
    )  # fmt: skip
    vote = votes.freeze_roll(vote, actor=actor, now=cast.now)
    vote = votes.check_vote(vote, agreed=True, opinion="", actor=cast.actor("street_office"), now=cast.now)
    vote = votes.notice_vote(vote, published_on=cast.now.date(), silence_told=False, actor=actor, now=cast.now)
    return votes.open_vote(vote, actor=actor, now=OPENS)


def entry(vote: Vote, number: int) -> RollEntry:
    return vote.roll.get(room=f"1幢{number:03d}室")


def ballot(vote: Vote, number: int, choice: Any = "agree", *, at: datetime = VOTING, **more: Any) -> Ballot:
    """The owner of the numbered unit votes on his phone."""
    actor = more.pop("actor", None)
    row = entry(vote, number)
    choices = choice if isinstance(choice, dict) else {"m1": choice}
    given = votes.Given(
        **{
            "voter": row.owners[0],
            "units": [row.code],
            "choices": choices,
            "channel": "phone",
            "at": at,
            "key": sha256(f"{number} {at} {choice}".encode()).hexdigest(),
            **more,
        }
    )
    return votes.cast(vote, given=given, now=at, actor=actor)


def closed(cast: Cast, vote: Vote) -> Vote:
    return votes.close_vote(vote, actor=cast.actor("community_station"), now=CLOSES)


def published(cast: Cast, vote: Vote) -> Vote:
    vote = closed(cast, vote)
    later = CLOSES + timedelta(days=1)
    return votes.publish_result(vote, published_on=later.date(), actor=cast.actor("community_station"), now=later)
