"""The owners elect or recall, and the bodies of the estate follow by themselves."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.core.tests.cast import Cast
from gongzhi.governance.bodies import services as bodies
from gongzhi.governance.bodies.models import Body, BodyDecision, Formation, OwedMeeting
from gongzhi.governance.bodies.services import PersonInput
from gongzhi.governance.bodies.tests import steps as body_steps
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.models import Vote
from gongzhi.governance.votes.tests import steps
from gongzhi.governance.votes.tests.steps import CLOSES
from gongzhi.governance.votes.views.next_step import next_step
from gongzhi.registry.models import Unit

LATER = CLOSES + timedelta(days=1)
FINAL = CLOSES + timedelta(days=12)


def candidates(formation: Formation) -> list[Any]:
    return list(formation.candidates.order_by("pk"))


def election(cast: Cast, *, count: int = 7, seats: int = 5, substitutes: int = 1) -> Formation:
    """A formation with so many candidates on the public list, each the owner of a unit."""
    steps.people(cast)
    units = list(Unit.objects.filter(building__estate=cast.estate).order_by("name")[:count])
    return _listed(cast, units, seats=seats, substitutes=substitutes)


def _listed(cast: Cast, units: list[Unit], *, seats: int, substitutes: int) -> Formation:
    street, now, on = cast.actor("street_office"), cast.now, local_day(cast.now)
    formation = bodies.start_formation(
        cast.estate, kind="owners_committee", trigger="failed", started_on=on, actor=Actor.system(), now=now
    )
    for step in ("group", "candidates", "assembly"):
        bodies.guide(cast.estate, formation=formation, step=step, text="到场指导", on=on, actor=street, now=now)
    bodies.form_group(formation, seats=body_steps.seats(5), formed_on=on, actor=street, now=now)
    for number, unit in enumerate(units, 1):
        made = bodies.nominate(
            formation, person=PersonInput(f"业主{number}"), unit=unit, source="recommended",
            recommended_by="社区党组织", attributes=["party_member"], on=on, actor=street, now=now,
        )  # fmt: skip
        bodies.review_candidate(made, result="passed", actor=street, now=now)
    return bodies.publish_candidates(formation, seats=seats, substitutes=substitutes, from_on=on, actor=street, now=now)


def running(cast: Cast, origin: Any, **more: Any) -> Vote:
    draft = votes.MotionDraft(matter="elect_committee", title="选举业主委员会", origin=origin, **more)
    actor = cast.actor("community_station")
    vote = votes.draft_vote(
        cast.estate, title="2022年业主大会", convener="preparatory_group", opens_at=steps.OPENS,
        closes_at=steps.CLOSES, motions=[draft], actor=actor, now=cast.now,
    )  # fmt: skip
    vote = votes.freeze_roll(vote, actor=actor, now=cast.now)
    vote = votes.check_vote(vote, agreed=True, opinion="", actor=cast.actor("street_office"), now=cast.now)
    vote = votes.notice_vote(vote, published_on=cast.now.date(), silence_told=False, actor=actor, now=cast.now)
    return votes.open_vote(vote, actor=actor, now=steps.OPENS)


def final(cast: Cast, vote: Vote) -> Vote:
    vote = steps.published(cast, vote)
    return votes.finalise(vote, actor=cast.actor("community_station"), now=FINAL)


def all_vote(vote: Vote, choose: Any) -> None:
    """Units 1 to 9 (the ninth person holds two)."""
    for number in range(1, 10):
        steps.ballot(vote, number, {"m1": choose(number)})


def codes(formation: Formation) -> list[str]:
    return [f"k{one.pk}" for one in candidates(formation)]


@pytest.mark.clause("CC-278-1", "CC-277")
def test_who_is_elected_sits_in_the_committee_and_alternates_stand_by(cast: Cast) -> None:
    formation = election(cast)
    vote = running(cast, formation)
    listed = codes(formation)
    assert [one["candidate"] for one in vote.motions.get().election["candidates"]] == listed
    # The first five have everybody, the sixth eight of nine, the seventh none.
    all_vote(
        vote, lambda number: listed[:5] if number == 1 else [*listed[1:5], listed[5]] if number > 6 else listed[:5]
    )
    vote = final(cast, vote)
    body = Body.objects.get(estate=cast.estate, kind="owners_committee")
    names = {one.person.pk: one for one in body.members.all()}
    seated = [one for one in candidates(formation) if one.person.pk in names]
    assert [names[one.person.pk].seat for one in seated] == ["full"] * 5
    assert (body.state, body.formed_on) == ("in_office", FINAL.date())
    formation.refresh_from_db()
    assert (formation.state, formation.body, formation.vote_ref) == ("formed", body, vote.ref.key)
    assert "，当选5人" in _page(cast, formation)
    follow_up = vote.motions.get().follow_up
    assert follow_up["done"] and follow_up["ref"] == body.ref.key
    first = names[candidates(formation)[1].person.pk]
    assert (first.votes_heads, first.votes_area_dm2) == (9, 90_000)


def test_alternates_follow_in_the_order_of_their_votes(cast: Cast) -> None:
    formation = election(cast, count=5, seats=3, substitutes=2)
    vote = running(cast, formation, options={"most_choices": 5})
    listed = codes(formation)
    all_vote(vote, lambda number: listed if number < 7 else listed[:4] if number < 9 else listed[:3])
    final(cast, vote)
    body = Body.objects.get(estate=cast.estate, kind="owners_committee")
    waiting = body.members.filter(seat="substitute").order_by("rank")
    assert [(one.rank, one.votes_heads) for one in waiting] == [(1, 8), (2, 6)]


def test_a_partial_election_seats_whoever_has_the_majorities(cast: Cast) -> None:
    formation = election(cast, count=5, seats=5, substitutes=0)
    vote = running(cast, formation)
    listed = codes(formation)
    all_vote(vote, lambda number: listed[:3])
    vote = final(cast, vote)
    body = Body.objects.get(estate=cast.estate, kind="owners_committee")
    assert vote.motions.get().outcome == "partly_elected"
    assert (body.seats, body.members.count()) == (5, 3)
    assert "还缺2名委员，请组织补选" in vote.motions.get().follow_up["says"]
    step = next_step(vote, FINAL)
    assert step is not None and "应选5名，当选3名，还缺2名，要另行选举" in step.says


def test_too_few_elected_form_nothing_and_the_formation_goes_on(cast: Cast) -> None:
    formation = election(cast, count=5, seats=5, substitutes=0)
    vote = running(cast, formation)
    all_vote(vote, lambda number: codes(formation)[:2])
    vote = final(cast, vote)
    formation.refresh_from_db()
    assert (formation.state, Body.objects.filter(kind="owners_committee").exists()) == ("open", False)
    assert "组建继续" in vote.motions.get().follow_up["says"]
    assert Event.objects.get(kind="election.taken_over").data["formed"] is False
    assert "当选的不足5席的半数，要另行选举" in _page(cast, formation)
    # A new ballot may be held on the same formation.
    again = votes.MotionDraft(matter="elect_committee", title="再次选举", origin=formation)
    second = votes.draft_vote(
        cast.estate, title="再次选举", convener="preparatory_group", opens_at=FINAL + timedelta(days=30),
        closes_at=FINAL + timedelta(days=40), motions=[again], actor=cast.actor("community_station"), now=FINAL,
    )  # fmt: skip
    page = _page(cast, formation)
    assert "已付业主表决" in page and f'href="/biaojue/{second.pk}/"' in page and "?yi=formation" not in page
    votes.stop_vote(second, reason="另定日期", actor=cast.actor("community_station"), now=FINAL)
    assert "?yi=formation" in _page(cast, formation), "it may be put to the owners again"


def _page(cast: Cast, formation: Formation) -> str:
    client = Client()
    client.force_login(cast.user("community_station"))
    return client.get(f"/zuzhi/zujian/{formation.pk}/").content.decode()


def test_a_tie_at_the_last_seat_waits_for_the_lot(cast: Cast) -> None:
    formation = election(cast, count=4, seats=3, substitutes=0)
    vote = running(cast, formation, options={"most_choices": 4})
    listed = codes(formation)
    all_vote(vote, lambda number: listed)
    vote = steps.published(cast, vote)
    with pytest.raises(Refused, match="抽签"):
        votes.finalise(vote, actor=cast.actor("community_station"), now=FINAL)
    desk = {"actor": cast.actor("community_station"), "now": LATER}
    votes.draw_lot(vote, motion="m1", order=[listed[3], *listed[:3]], by=["赵敏", "钱芳"], **desk)
    vote = votes.publish_result(vote, published_on=LATER.date(), **desk)
    votes.finalise(vote, actor=cast.actor("community_station"), now=FINAL)
    body = Body.objects.get(estate=cast.estate, kind="owners_committee")
    drawn = {candidates(formation)[index].person.pk for index in (3, 0, 1)}
    assert set(body.members.values_list("person_id", flat=True)) == drawn


def test_the_page_of_the_lot_names_who_is_level_and_keeps_the_record(cast: Cast, client: Client) -> None:
    formation = election(cast, count=4, seats=3, substitutes=0)
    vote = running(cast, formation, options={"most_choices": 4})
    listed = codes(formation)
    all_vote(vote, lambda number: listed if number < 9 else listed[:2])
    vote = steps.published(cast, vote)
    client.force_login(cast.user("community_station"))
    page, lot = f"/biaojue/{vote.pk}/", f"/biaojue/{vote.pk}/ban/chouqian/"
    shown = client.get(lot).content.decode()
    assert "业主3、业主4" in shown and "业主1" not in shown
    typed = {
        "form_key": uuid4().hex,
        "motion": "m1",
        "by": "赵敏\n钱芳",
        "photo": SimpleUploadedFile("抽签.txt", "现场".encode()),
    }
    refused = client.post(lot, {**typed, "order": "业主4"})
    assert refused.status_code == 422 and "请把业主3、业主4都写上" in refused.content.decode()
    typed |= {"form_key": uuid4().hex, "photo": SimpleUploadedFile("抽签.txt", "现场".encode())}
    assert client.post(lot, {**typed, "order": "业主4\n业主3"}).status_code == 303
    after = client.get(page).content.decode()
    assert "次序：业主4、业主3" in after and "抽签记录" in after
    assert "抽签已登记，请重新公示结果" in after and "/ban/chouqian/" not in after


def test_equal_alternates_wait_for_the_lot_too(cast: Cast) -> None:
    formation = election(cast, count=5, seats=3, substitutes=1)
    vote = running(cast, formation, options={"most_choices": 5})
    listed = codes(formation)
    all_vote(vote, lambda number: listed if number < 8 else listed[:3])
    vote = steps.published(cast, vote)
    with pytest.raises(Refused, match="候补"):
        votes.finalise(vote, actor=cast.actor("community_station"), now=FINAL)


def test_a_candidate_who_withdrew_after_the_notice_is_on_no_ballot(cast: Cast) -> None:
    formation = election(cast, count=4, seats=3, substitutes=0)
    draft = votes.MotionDraft(matter="elect_committee", title="选举业主委员会", origin=formation)
    vote = steps_noticed(cast, draft)
    bodies.withdraw_candidate(
        candidates(formation)[0], on=steps.OPENS.date(), actor=cast.actor("street_office"), now=steps.OPENS
    )
    vote = votes.open_vote(vote, actor=cast.actor("community_station"), now=steps.OPENS)
    motion = vote.motions.get()
    assert [one["candidate"] for one in motion.election["candidates"]] == codes(formation)[1:]
    assert "业主1退出" in motion.text


def steps_noticed(cast: Cast, draft: Any) -> Vote:
    actor = cast.actor("community_station")
    vote = votes.draft_vote(
        cast.estate, title="2022年业主大会", convener="preparatory_group", opens_at=steps.OPENS,
        closes_at=steps.CLOSES, motions=[draft], actor=actor, now=cast.now,
    )  # fmt: skip
    vote = votes.freeze_roll(vote, actor=actor, now=cast.now)
    vote = votes.check_vote(vote, agreed=True, opinion="", actor=cast.actor("street_office"), now=cast.now)
    return votes.notice_vote(vote, published_on=cast.now.date(), silence_told=False, actor=actor, now=cast.now)


def test_an_election_stands_even_where_the_committee_may_not_be_formed_of_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    formation = election(cast, count=5, seats=5, substitutes=0)
    vote = running(cast, formation)
    all_vote(vote, lambda number: codes(formation))

    def refuse(*_: Any, **__: Any) -> None:
        raise Refused("composition", "党员比例不足", "JJ-4.1.12-2")

    monkeypatch.setattr("gongzhi.governance.bodies.services.forming.judge", refuse)
    vote = final(cast, vote)
    assert vote.state == "final"
    motion = vote.motions.get()
    assert (motion.outcome, motion.follow_up["done"]) == ("elected", False)
    assert "党员比例不足" in motion.follow_up["says"] and motion.follow_up["clauses"] == ["JJ-4.1.12-2"]
    assert not Event.objects.filter(kind__in=("election.taken_over", "body.formed")).exists()


def test_one_election_is_put_to_the_vote_once(cast: Cast) -> None:
    formation = election(cast)
    running(cast, formation)
    draft = votes.MotionDraft(matter="elect_committee", title="选举业主委员会", origin=formation)
    with pytest.raises(Refused, match="已经列入别的表决"):
        steps_noticed(cast, draft)


# -- recalls


def committee(cast: Cast) -> Body:
    formation = election(cast, count=5, seats=5, substitutes=0)
    vote = running(cast, formation)
    all_vote(vote, lambda number: codes(formation))
    final(cast, vote)
    return Body.objects.get(estate=cast.estate, kind="owners_committee")


def owed(cast: Cast, body: Body, *, reason: str, member: Any = None) -> OwedMeeting:
    return OwedMeeting.objects.create(
        estate=cast.estate, body=body, member=member, reason=reason, convener="community_committee",
        owed_from=FINAL.date(), place_path=cast.estate.place_path,
    )  # fmt: skip


def recalled(cast: Cast, meeting: OwedMeeting, choice: str) -> Vote:
    opens = FINAL + timedelta(days=20)
    draft = votes.MotionDraft(matter="elect_committee", title="罢免", origin=meeting)
    street = cast.actor("street_office")
    vote = votes.draft_vote(
        cast.estate, title="2022年第二次业主大会", convener="community_committee", opens_at=opens,
        closes_at=opens + timedelta(days=7), motions=[draft], actor=street, now=FINAL,
    )  # fmt: skip
    vote = votes.freeze_roll(vote, actor=street, now=FINAL)
    vote = votes.check_vote(vote, agreed=True, opinion="", actor=street, now=FINAL)
    vote = votes.notice_vote(vote, published_on=FINAL.date(), silence_told=False, actor=street, now=FINAL)
    vote = votes.open_vote(vote, actor=street, now=opens)
    for number in range(1, 10):
        steps.ballot(vote, number, choice, at=opens + timedelta(hours=1))
    vote = votes.close_vote(vote, actor=street, now=vote.closes_at)
    vote = votes.publish_result(vote, published_on=vote.closes_at.date(), actor=street, now=vote.closes_at)
    return votes.finalise(vote, actor=street, now=vote.closes_at + timedelta(days=15))


def test_a_recalled_member_leaves_the_day_the_result_stands(cast: Cast) -> None:
    body = committee(cast)
    member = body.members.first()
    meeting = owed(cast, body, reason="recall_member", member=member)
    vote = recalled(cast, meeting, "agree")
    member.refresh_from_db()
    meeting.refresh_from_db()
    assert member.to_on == local_day(vote.finalised_at)
    assert (meeting.state, meeting.passed, meeting.vote_ref) == ("held", True, vote.ref.key)
    assert vote.motions.get().follow_up["done"]


def test_a_recall_that_fails_changes_nobody(cast: Cast) -> None:
    body = committee(cast)
    member = body.members.first()
    meeting = owed(cast, body, reason="recall_member", member=member)
    recalled(cast, meeting, "oppose")
    member.refresh_from_db()
    meeting.refresh_from_db()
    assert (member.to_on, meeting.state, meeting.passed) == (None, "held", False)


def test_a_recalled_committee_ends(cast: Cast) -> None:
    body = committee(cast)
    recalled(cast, owed(cast, body, reason="recall_committee"), "agree")
    body.refresh_from_db()
    assert (body.state, body.end_reason) == ("ended", "recalled")


def test_what_was_decided_is_on_record_for_the_street_to_look_at(cast: Cast) -> None:
    vote = steps.opened(cast, steps.motion(matter="other_major", title="设立充电区"))
    all_vote(vote, lambda number: "agree")
    vote = final(cast, vote)
    decision = BodyDecision.objects.get(estate=cast.estate)
    assert (decision.title, decision.vote_ref, decision.decided_on) == ("设立充电区", vote.ref.key, FINAL.date())


def test_the_pages_lead_from_the_election_to_the_vote_and_back(cast: Cast, client: Client) -> None:
    formation = election(cast)
    client.force_login(cast.user("street_office"))
    page = client.get(f"/zuzhi/zujian/{formation.pk}/").content.decode()
    assert f"/biaojue/niding/?yi=formation:{formation.pk}" in page
    form = client.get(f"/biaojue/niding/?yi=formation:{formation.pk}").content.decode()
    assert "选举业主委员会，5席" in form and f'value="formation:{formation.pk}" selected' in form
    vote = running(cast, formation)
    all_vote(vote, lambda number: codes(formation)[:5])
    final(cast, vote)
    shown = client.get(f"/biaojue/{vote.pk}/").content.decode()
    assert "已接续" in shown and "第1届" in shown
    assert f"/biaojue/{vote.pk}/" in client.get(f"/zuzhi/zujian/{formation.pk}/").content.decode()
