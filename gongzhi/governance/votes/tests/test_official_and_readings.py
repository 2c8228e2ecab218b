"""A vote that was held on a government's platform, and the same result under another reading of one rule."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import xlsxwriter
from django.test import Client

from gongzhi.core.errors import Refused
from gongzhi.core.tests.cast import Cast
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.models import Ballot, Vote
from gongzhi.governance.votes.queries import result_of
from gongzhi.governance.votes.tests import steps
from gongzhi.governance.votes.tests.steps import CLOSES
from gongzhi.governance.votes.tests.test_pages import browse, post, words  # noqa: F401

pytestmark = pytest.mark.django_db
HEAD = ["房号", "续聘物业服务企业"]
ELECTION = "选举业主委员会"


def workbook(*rows: list[Any]) -> bytes:
    target = BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return target.getvalue()


def official(cast: Cast, *motions: Any) -> Vote:
    votes.adopt_rules(
        cast.estate,
        values={"vote_official_platform": "required", "vote_official_name": "市业主决策平台"},
        adopted_on=cast.now.date(), document="市里规定", actor=cast.actor("street_office"), now=cast.now,
    )  # fmt: skip
    return steps.opened(cast, *motions)


def imported(cast: Cast, vote: Vote, *rows: list[Any], head: list[str] = HEAD) -> Any:
    return votes.take_official(vote, content=workbook(head, *rows), actor=cast.actor("community_station"), now=CLOSES)


def room(number: int) -> str:
    return f"1幢{number:03d}室"


def test_a_corrected_export_takes_the_place_of_the_first_whatever_the_local_rule_of_changes(cast: Cast) -> None:
    vote = official(cast)
    imported(cast, vote, *[[room(number), "同意"] for number in range(1, 9)])
    assert votes.rules_of(vote).settings.revote.value == "last_valid"
    corrected = workbook(HEAD, *[[room(number), "反对"] for number in range(1, 9)])
    for _ in range(2):  # the same file again is no third one
        votes.take_official(vote, content=corrected, actor=cast.actor("community_station"), now=CLOSES)
    assert Ballot.objects.count() == 16
    counted = votes.counted(steps.closed(cast, vote)).motions[0]
    assert (counted.tallied.votes.oppose.heads, counted.tallied.votes.agree.heads) == (8, 0)


def test_a_ballot_that_a_later_export_lacks_is_told_and_nothing_is_taken(cast: Cast) -> None:
    vote = official(cast)
    imported(cast, vote, [room(1), "同意"], [room(2), "同意"])
    with pytest.raises(Refused) as refused:
        imported(cast, vote, [room(1), "反对"], [room(2), ""])
    assert refused.value.code == "official_rows" and room(2) in refused.value.message
    assert Ballot.objects.count() == 2


def test_an_election_on_the_platform_is_imported_by_names_and_compared(cast: Cast, browse: Any) -> None:  # noqa: F811
    draft = votes.MotionDraft("elect_committee", ELECTION, candidates=["甲某", "乙某", "丙某"], seats=2)
    vote = official(cast, draft)
    head = ["房号", ELECTION]
    with pytest.raises(Refused) as refused:
        imported(cast, vote, [room(1), "同意"], [room(2), "丁某"], head=head)
    assert "2处" in refused.value.message and "候选人的姓名" in refused.value.message
    rows = [[room(number), "甲某、乙某" if number < 7 else "甲某, 丙某"] for number in range(1, 9)]
    imported(cast, vote, *rows, [room(9), "弃权"], head=head)
    vote = steps.published(cast, vote)
    found = result_of(vote)
    assert found is not None
    who = {one.name: one for one in found.motions[0].candidates}
    assert [who[name].tallied.votes.agree.heads for name in ("甲某", "乙某", "丙某")] == [8, 6, 2]
    clerk = browse("community_station", CLOSES + timedelta(days=1))
    url = f"/biaojue/{vote.pk}/ban/guanfang/"
    assert "甲某得票人数" in words(clerk.get(url))
    sent = {"m1_outcome": "elected", "m1_heads:c1": "8", "m1_area:c1": "800.00", "m1_heads:c2": "7"}
    assert post(clerk, url, **sent).status_code == 303
    figures = {one.name: one.agrees for one in votes.compared(vote, found)}
    assert figures == {"outcome": True, "heads:c1": True, "area:c1": True, "heads:c2": False}
    page = words(Client().get(f"/biaojue/jieguo/{vote.pk}/"))
    assert "这不是法定的表决结果" in page and "乙某得票人数" in page and "不符" in page and "导入9张票" in page


def test_what_the_platform_announced_may_say_otherwise_and_each_figure_is_held_against_ours(cast: Cast) -> None:
    vote = official(cast)
    imported(cast, vote, *[[room(number), "同意"] for number in range(1, 8)])
    vote = steps.published(cast, vote)
    found = result_of(vote)
    assert found is not None and votes.compared(vote, found) == []
    announced = {"m1": {"outcome": "rejected", "voted_heads": 7, "agree_area": 69999}}
    by: dict[str, Any] = {"actor": cast.actor("community_station"), "now": CLOSES + timedelta(days=1)}
    votes.record_announced(vote, figures=announced, **by)
    assert {one.name: one.agrees for one in votes.compared(vote, found)} == {
        "outcome": False, "voted_heads": True, "agree_area": False,
    }  # fmt: skip
    votes.record_announced(vote, figures={"m1": {"outcome": "passed"}}, **by)
    assert [one.agrees for one in votes.compared(vote, found)] == [True]


def test_where_no_platform_is_named_there_is_nothing_to_compare(cast: Cast) -> None:
    vote = steps.published(cast, steps.opened(cast))
    with pytest.raises(Refused) as refused:
        votes.record_announced(
            vote, figures={"m1": {"outcome": "passed"}}, actor=cast.actor("community_station"), now=CLOSES
        )
    assert refused.value.code == "not_official"


def test_owners_are_sent_to_the_platform_before_they_fill_in_anything_here(cast: Cast, browse: Any) -> None:  # noqa: F811
    vote = official(cast)
    row = steps.entry(vote, 1)
    clerk = browse("community_station", steps.VOTING)
    owner = vote.owners.get(code=row.owners[0])
    token = votes.make_link(vote, owner=owner, actor=cast.actor("community_station"), now=steps.VOTING)
    shown = words(Client().get(f"/biaojue/piao/{token}/"))
    assert "请到市业主决策平台投票" in shown and "核对身份" not in shown and "已经截止" not in shown
    assert "发链接" not in words(clerk.get(f"/biaojue/{vote.pk}/mingce/"))
    notice = words(Client().get(f"/biaojue/gonggao/{vote.pk}/"))
    assert "改票按该平台的规则" in notice


# -- ?du=


def served(cast: Cast, vote: Vote) -> None:
    codes = [one.code for one in vote.roll.all()]
    by: dict[str, Any] = {"actor": cast.actor("community_station"), "now": steps.OPENS}
    votes.serve(vote, units=codes, how="signed", result="served", at=steps.OPENS, **by)


def test_another_reading_recounts_every_figure_and_says_that_it_is_not_the_result(cast: Cast) -> None:
    """Ten units, nine people; four agree, two oppose: with the silent following the majority seven agree."""
    vote = steps.opened(cast, silence_told=True)
    served(cast, vote)
    for number in range(1, 5):
        steps.ballot(vote, number)
    for number in (5, 6):
        steps.ballot(vote, number, "oppose")
    vote = steps.published(cast, vote)
    url, public = f"/biaojue/jieguo/{vote.pk}/", Client()
    plain = words(public.get(url))
    assert "不是公示的结果" not in plain and 'data-label="人数">4<' in plain and 'data-label="人数">7<' not in plain
    other = words(public.get(url, {"du": "silence:follow_majority"}))
    assert "换一种算法算的，不是公示的结果" in other and 'data-label="人数">7<' in other
    assert "回到公示的结果" in other
    stored = Vote.objects.get(pk=vote.pk).result
    assert stored == vote.result  # looking changes nothing


@pytest.mark.parametrize("wanted", ["silence", "silence:nonsense", "nonsense:deem_agree", "notice:full_days:1", "1"])
def test_a_reading_that_was_not_counted_is_no_page(cast: Cast, wanted: str) -> None:
    vote = steps.published(cast, steps.opened(cast))
    assert Client().get(f"/biaojue/jieguo/{vote.pk}/", {"du": wanted}).status_code == 404


def test_a_reading_is_counted_anew_once_the_result_is_published_again(cast: Cast) -> None:
    vote = steps.opened(cast, silence_told=True)
    served(cast, vote)
    for number in range(1, 7):
        steps.ballot(vote, number)
    vote = steps.published(cast, vote)
    url, du = f"/biaojue/jieguo/{vote.pk}/", {"du": "silence:deem_abstain"}
    assert 'data-label="人数">6<' in words(Client().get(url, du))
    first = Ballot.objects.filter(vote=vote).order_by("pk")[0]
    street = cast.actor("street_office")
    votes.adjudicate(
        first, decision="invalid", by=["甲", "乙"], reason="冒签", actor=street, now=CLOSES + timedelta(days=1)
    )
    later = CLOSES + timedelta(days=2)
    votes.publish_result(vote, published_on=later.date(), actor=cast.actor("community_station"), now=later)
    again = words(Client().get(url, du))
    assert 'data-label="人数">5<' in again and 'data-label="人数">6<' not in again
