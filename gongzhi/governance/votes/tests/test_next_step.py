"""What comes next of a vote: the main button is what can be done now, and nothing whose day has not come is offered."""

from datetime import datetime, timedelta
from typing import Any

from gongzhi.core.tests.cast import Cast
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.models import Vote
from gongzhi.governance.votes.tests import steps
from gongzhi.governance.votes.tests.steps import CLOSES, OPENS
from gongzhi.governance.votes.views.next_step import acts_of, next_step

MINUTE = timedelta(minutes=1)


def offered(cast: Cast, vote: Vote, now: datetime, role: str = "street_office") -> dict[str, bool]:
    return {act: main for act, _, main in acts_of(vote, cast.actor(role), now)}


def main(cast: Cast, vote: Vote, now: datetime) -> list[str]:
    return [act for act, first in offered(cast, vote, now).items() if first]


def says(vote: Vote, now: datetime) -> str:
    due = next_step(vote, now)
    return due.says if due is not None else ""


def test_before_the_roll_is_frozen_there_is_nothing_to_check(cast: Cast) -> None:
    vote = steps.drafted(cast)
    assert main(cast, vote, cast.now) == ["mingce"] and "hedui" not in offered(cast, vote, cast.now)
    vote = votes.freeze_roll(vote, actor=cast.actor("community_station"), now=cast.now)
    assert main(cast, vote, cast.now) == ["hedui"]


def test_a_start_that_would_come_too_early_is_moved_first(cast: Cast) -> None:
    vote = steps.drafted(cast)
    vote = votes.freeze_roll(vote, actor=cast.actor("community_station"), now=cast.now)
    vote = votes.check_vote(vote, agreed=True, opinion="", actor=cast.actor("street_office"), now=cast.now)
    assert main(cast, vote, cast.now) == ["gonggao"]
    late = OPENS - timedelta(days=3)
    assert main(cast, vote, late) == ["gaiqi"] and "最早" in says(vote, late)


def test_during_the_notice_nothing_is_started_and_during_the_vote_nothing_is_closed(cast: Cast) -> None:
    vote = steps.noticed(cast)
    assert main(cast, vote, OPENS - timedelta(days=2)) == [] and "公告中" in says(vote, OPENS - timedelta(days=2))
    assert main(cast, vote, OPENS) == ["kaishi"]
    assert main(cast, vote, CLOSES) == [] and "另行公告" in says(vote, CLOSES)
    vote = votes.open_vote(vote, actor=cast.actor("community_station"), now=OPENS)
    assert main(cast, vote, CLOSES - MINUTE) == ["xianchang"]
    assert "jiezhi" not in offered(cast, vote, CLOSES - MINUTE)
    assert main(cast, vote, CLOSES) == ["jiezhi"] and "xianchang" not in offered(cast, vote, CLOSES)


def test_the_result_stands_when_time_is_over_and_every_objection_answered(cast: Cast) -> None:
    vote = steps.opened(cast)
    steps.ballot(vote, 1)
    vote = steps.closed(cast, vote)
    assert main(cast, vote, CLOSES) == ["gongshi"]
    later = CLOSES + timedelta(days=1)
    vote = votes.publish_result(vote, published_on=later.date(), actor=cast.actor("community_station"), now=later)
    assert main(cast, vote, later) == [] and "shengxiao" not in offered(cast, vote, later)
    objection = votes.object_to(vote, text="请复核", by_room="1幢001室", now=later)
    over: Any = vote.objection_until
    assert "1件异议没有答复" in says(vote, over) and main(cast, vote, over) == []
    votes.decide_objection(
        objection, result="rejected", reply="逐张核对无误", actor=cast.actor("street_office"), now=over
    )
    assert main(cast, vote, over) == ["shengxiao"]
    vote = votes.finalise(vote, actor=cast.actor("community_station"), now=over)
    assert main(cast, vote, over) == ["beian"]
    vote = votes.file_vote(vote, filed_on=over.date(), actor=cast.actor("community_station"), now=over)
    assert next_step(vote, over) is None and acts_of(vote, cast.actor("street_office"), over) == []


def test_faulty_paper_comes_before_the_result_that_it_holds_up(cast: Cast) -> None:
    vote = steps.opened(cast)
    steps.ballot(vote, 1, channel="paper", faults=["signature_mismatch"], actor=cast.actor("street_office"))
    vote = steps.closed(cast, vote)
    assert main(cast, vote, CLOSES) == [] and "1张有瑕疵的票没有认定" in says(vote, CLOSES)
