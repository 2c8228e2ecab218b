"""What is put right on the way: motions sent back, the roll after its notice, ballots, days that cannot be."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.core.tests.calling import Caller, key_for
from gongzhi.core.tests.cast import Cast
from gongzhi.governance.bodies import services as bodies
from gongzhi.governance.bodies.models import BodyDecision
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.models import Vote
from gongzhi.governance.votes.queries import electorate_of
from gongzhi.governance.votes.tests import steps
from gongzhi.governance.votes.tests.steps import CLOSES, OPENS, VOTING
from gongzhi.governance.votes.tests.test_pages import browse, post, words  # noqa: F401

LATER = CLOSES + timedelta(days=1)


def by(cast: Cast, now: Any, role: str = "community_station") -> dict[str, Any]:
    return {"actor": cast.actor(role), "now": now}


def motions(vote: Vote) -> list[tuple[int, str]]:
    return [(one.position, one.title) for one in vote.motions.order_by("position")]


# -- motions


def test_what_was_sent_back_is_changed_and_taken_off_on_the_votes_page(cast: Cast, browse: Any) -> None:  # noqa: F811
    vote = steps.drafted(cast, steps.motion(), steps.motion(matter="raise_fund", title="续筹维修资金"))
    page = f"/biaojue/{vote.pk}/"
    assert post(browse("street_office"), f"{page}ban/hedui/", agreed="no", opinion="续聘几年要写明").status_code == 303
    clerk = browse("community_station")
    shown = words(clerk.get(page))
    assert "核对后退回" in shown and "续聘几年要写明" in shown and f"{page}yiti/1/" in shown
    form = words(clerk.get(f"{page}yiti/1/"))
    assert 'value="续聘物业服务企业"' in form
    given = {"matter": "hire_company", "title": "续聘某安物业两年", "text": "收费不变", "scope": "1幢", "seats": "1"}
    assert post(clerk, f"{page}yiti/1/", **given).status_code == 303
    assert motions(vote) == [(1, "续聘某安物业两年"), (2, "续筹维修资金")]
    assert vote.motions.get(position=1).scope == {"level": "building", "of": ["1幢"]}
    assert post(clerk, f"{page}yiti/1/chexia/").status_code == 303
    assert motions(vote) == [(1, "续筹维修资金")]
    last = post(clerk, f"{page}yiti/1/chexia/")
    assert last.status_code == 422 and "只剩这一个议题" in words(last)


def test_motions_are_changed_over_the_api_while_it_is_a_draft_and_not_after(cast: Cast, browse: Any) -> None:  # noqa: F811
    browse("community_station")
    vote = steps.drafted(cast, steps.motion(), steps.motion(title="另一项"))
    clerk = Caller(key_for(cast, "community_station", days=90))
    at = f"/votes/{vote.pk}"
    tag = clerk.get(at).headers["ETag"]
    asked = {one["name"] for one in clerk.get(f"{at}/motions/1").json()["fields"]}
    assert {"matter", "title", "scope"} <= asked
    given = {"fields": {"matter": "hire_company", "title": "续聘三年", "seats": "1"}}
    done = clerk.post(f"{at}/motions/1", given, match=tag)
    assert done.status_code == 200 and done.json()["motions"][0]["title"] == "续聘三年"
    assert clerk.post(f"{at}/motions/1", given, match=tag).status_code == 412
    dropped = clerk.post(f"{at}/motions/2/drop", {"fields": {}}, match=done.headers["ETag"])
    assert [one["title"] for one in dropped.json()["motions"]] == ["续聘三年"]
    votes.freeze_roll(vote, **by(cast, cast.now))
    vote = votes.check_vote(vote, agreed=True, opinion="", **by(cast, cast.now, "street_office"))
    with pytest.raises(Refused, match="已核对"):
        votes.change_motion(vote, position=1, draft=steps.motion(title="换一个"), **by(cast, cast.now))


# -- days


@pytest.mark.clause("TL-14")
def test_a_notice_is_no_older_than_the_check_of_roll_and_motions(cast: Cast) -> None:
    """Otherwise a day typed earlier would make up for the days of notice that nobody had."""
    vote = steps.drafted(cast, opens_at=cast.now + timedelta(days=3))
    votes.freeze_roll(vote, **by(cast, cast.now))
    vote = votes.check_vote(vote, agreed=True, opinion="", **by(cast, cast.now, "street_office"))
    earlier = cast.now.date() - timedelta(days=20)
    with pytest.raises(Refused, match="才核对完"):
        votes.notice_vote(vote, published_on=earlier, silence_told=False, **by(cast, cast.now))


@pytest.mark.clause("CC-280")
@pytest.mark.parametrize(("days", "said"), [(-1, "才算出来"), (1, "不能晚于今天")])
def test_the_draft_result_hangs_from_the_day_it_was_counted(cast: Cast, browse: Any, days: int, said: str) -> None:  # noqa: F811
    vote = steps.opened(cast)
    for number in range(1, 9):
        steps.ballot(vote, number)
    steps.closed(cast, vote)
    page = f"/biaojue/{vote.pk}/ban/gongshi/"
    clerk = browse("community_station", CLOSES)
    answer = post(clerk, page, day=(CLOSES + timedelta(days=days)).date().isoformat())
    assert answer.status_code == 422 and said in words(answer)
    assert post(clerk, page, day=CLOSES.date().isoformat()).status_code == 303


def test_filing_is_no_older_than_the_result(cast: Cast) -> None:
    vote = steps.opened(cast)
    for number in range(1, 9):
        steps.ballot(vote, number)
    vote = steps.published(cast, vote)
    assert vote.objection_until is not None
    vote = votes.finalise(vote, **by(cast, vote.objection_until))
    with pytest.raises(Refused, match="备案不能早于") as caught:
        votes.file_vote(vote, filed_on=LATER.date(), **by(cast, vote.objection_until))
    assert "day" in caught.value.fields


def test_nothing_is_served_before_the_notice(cast: Cast) -> None:
    vote = steps.noticed(cast)
    given = {"units": [steps.entry(vote, 1).code], "how": "signed", "result": "served"}
    with pytest.raises(Refused, match="才公告"):
        votes.serve(vote, **given, at=cast.now - timedelta(days=1), **by(cast, cast.now))
    votes.serve(vote, **given, at=cast.now, **by(cast, cast.now))


# -- the roll and the result


def test_an_area_put_right_after_an_objection_is_counted_shown_and_published_again(cast: Cast, browse: Any) -> None:  # noqa: F811
    vote = steps.opened(cast)
    for number in range(1, 8):
        steps.ballot(vote, number)
    vote = steps.published(cast, vote)
    officer = browse("community_station", LATER)
    row = steps.entry(vote, 1)
    assert f"/biaojue/{vote.pk}/mingce/{row.code}/gengzheng/" in words(officer.get(f"/biaojue/{vote.pk}/mingce/"))
    given = {"area_m2": "120.00", "stock": "sold", "kind": "home", "reason": "不动产权证载明120.00㎡"}
    assert post(officer, f"/biaojue/{vote.pk}/mingce/{row.code}/gengzheng/", **given).status_code == 303
    vote.refresh_from_db()
    assert vote.objection_until is not None
    with pytest.raises(Refused, match="数字变了"):
        votes.finalise(vote, **by(cast, vote.objection_until))
    with pytest.raises(Refused, match="才算出来"):
        votes.publish_result(vote, published_on=CLOSES.date(), **by(cast, LATER))
    vote = votes.publish_result(vote, published_on=LATER.date(), **by(cast, LATER))
    assert vote.result is not None and electorate_of(vote).area == 102_000
    assert vote.result["motions"][0]["tallied"]["base"]["area"] == 102_000
    assert "更正为120.00㎡" in words(officer.get(f"/biaojue/{vote.pk}/mingce/"))
    assert "更正作为新的一条记在票册里" in words(officer.get(f"/biaojue/gonggao/{vote.pk}/"))
    assert "102,000" not in words(officer.get(f"/biaojue/jieguo/{vote.pk}/"))
    assert "1,020.00" in words(officer.get(f"/biaojue/jieguo/{vote.pk}/"))
    book = officer.get(f"/biaojue/{vote.pk}/canyu/").content
    rows = CalamineWorkbook.from_filelike(BytesIO(book)).get_sheet_by_index(0).to_python()
    assert {one[0]: one[1] for one in rows[1:]}["1幢001室"] == 120.0
    assert votes.roll_of(vote).root == vote.roll_root and steps.entry(vote, 1).area == 10_000
    votes.finalise(vote, **by(cast, vote.objection_until))


def test_somebody_else_elected_after_the_draft_result_has_to_be_published_first(cast: Cast) -> None:
    """The outcome has one word, elected, whoever it is: what was published is held against every figure."""
    vote = steps.opened(cast, steps.motion(candidates=["甲公司", "乙公司"], title="选聘"))
    faulty = None
    for number in range(1, 8):
        more: dict[str, Any] = {}
        if number == 4:
            more = {"channel": "paper", "faults": ["double_mark"], "actor": cast.actor("community_station")}
        made = steps.ballot(vote, number, {"m1": ["c1"] if number > 3 else ["c2"]}, **more)
        faulty = made if more else faulty
    assert faulty is not None
    steps.closed(cast, vote)
    settle = {"by": ["甲", "乙"], "reason": "看影像", **by(cast, LATER, "street_office")}
    votes.adjudicate(faulty, decision="valid", **settle)
    vote = votes.publish_result(vote, published_on=LATER.date(), **by(cast, LATER))
    assert vote.result is not None and vote.result["motions"][0]["outcome"] == "elected"
    votes.adjudicate(faulty, decision="valid", choices={"m1": ["c2"]}, **settle)
    assert vote.objection_until is not None
    now = votes.counted(vote).motions[0]
    assert (now.outcome, [one.candidate for one in now.candidates if one.standing == "elected"]) == ("elected", ["c2"])
    with pytest.raises(Refused, match="重新公示"):
        votes.finalise(vote, **by(cast, vote.objection_until))


def test_two_scrutineers_say_on_the_page_what_a_double_mark_means(cast: Cast, browse: Any) -> None:  # noqa: F811
    vote = steps.opened(cast)
    row = steps.entry(vote, 1)
    given = votes.Given(row.owners[0], [row.code], {}, "paper", VOTING, "p1", faults=["double_mark"])
    made = votes.cast(vote, given=given, **by(cast, VOTING))
    steps.closed(cast, vote)
    page = f"/biaojue/rending/{made.pk}/"
    officer = browse("street_office", LATER)
    assert "一个事项勾选两处" in words(officer.get(page)) and "按什么计" in words(officer.get(page))
    answer = {"decision": "valid", "m1": "oppose", "by": "甲\n乙", "reason": "一处划去并签名"}
    assert post(officer, page, **answer).status_code == 303
    assert votes.counted(vote).motions[0].tallied.votes.oppose.heads == 1
    assert "重新认定" in words(officer.get(f"/biaojue/{vote.pk}/"))
    assert post(officer, page, **{**answer, "decision": "invalid"}).status_code == 303
    assert votes.counted(vote).motions[0].tallied.votes.oppose.heads == 0


def test_after_the_opening_the_notice_says_what_was_asked_and_how(cast: Cast, browse: Any) -> None:  # noqa: F811
    vote = steps.noticed(cast)
    assert "扫纸质票上的码" in words(browse("owner", OPENS).get(f"/biaojue/gonggao/{vote.pk}/"))


@pytest.mark.clause("CC-280")
def test_a_judgment_against_the_decision_stands_on_the_pages_of_the_vote(cast: Cast, browse: Any) -> None:  # noqa: F811
    vote = steps.opened(cast)
    for number in range(1, 9):
        steps.ballot(vote, number)
    vote = steps.published(cast, vote)
    until = vote.objection_until
    assert until is not None
    votes.finalise(vote, **by(cast, until))
    votes.follow_motion(Event.objects.get(kind="motion.decided"))
    pages = (f"/biaojue/jieguo/{vote.pk}/", f"/biaojue/{vote.pk}/")
    assert "已被撤销" not in words(browse("street_office", until).get(pages[0]))
    decision = BodyDecision.objects.filter(vote_ref=vote.ref.key).latest("pk")
    street = by(cast, until, "street_office")
    row = bodies.open_correction(decision, kind="court", grounds="某法院（2022）民初1号：送达不足", **street)
    bodies.issue_correction(row, **street)
    for page in pages:
        shown = words(browse("street_office", until).get(page))
        assert "“续聘物业服务企业”已被撤销" in shown and "（2022）民初1号" in shown and "法院判决撤销" in shown
