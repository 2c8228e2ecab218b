"""What each city's document says of votes: ways of voting, supervision, consent while a committee is renewed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest

from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.tests.cast import Cast
from gongzhi.governance.bodies import services as bodies
from gongzhi.governance.bodies.models import Body, Formation
from gongzhi.governance.bodies.tests import steps as forming
from gongzhi.governance.bodies.tests.steps import SYSTEM, city, committee, day, due_on, duty, later, moment, owners
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.models import Vote
from gongzhi.governance.votes.queries import silence_words, turnout

pytestmark = pytest.mark.django_db


@contextmanager
def refused(code: str, *clauses: str) -> Iterator[None]:
    with pytest.raises(Refused) as caught:
        yield
    assert caught.value.code == code
    assert set(clauses) <= set(caught.value.clauses)


def adopt(cast: Cast, **values: str) -> None:
    votes.adopt_rules(
        cast.estate,
        values=values,
        adopted_on=core.local_day(cast.now),
        document="议事规则第八条",
        actor=cast.actor("street_office"),
        now=cast.now,
    )


def drafted(cast: Cast, *, opens: str, closes: str, convener: str = "", **more: Any) -> Vote:
    """By the committee where there is one, by the residents' committee otherwise."""
    there = Body.objects.in_office(core.local_day(cast.now)).filter(estate=cast.estate, kind="owners_committee")
    convener = convener or ("owners_committee" if there.exists() else "community_committee")
    motion = votes.MotionDraft(more.pop("matter", "use_fund"), "电梯大修")
    return votes.draft_vote(
        cast.estate,
        title="业主大会",
        convener=convener,
        opens_at=moment(opens),
        closes_at=moment(closes, 18),
        motions=[motion],
        actor=cast.actor("street_office"),
        now=cast.now,
        **more,
    )


def noticed(cast: Cast, vote: Vote) -> Vote:
    street = cast.actor("street_office")
    vote = votes.freeze_roll(vote, actor=street, now=cast.now)
    vote = votes.check_vote(vote, agreed=True, opinion="", actor=street, now=cast.now)
    return votes.notice_vote(vote, published_on=core.local_day(cast.now), silence_told=True, actor=street, now=cast.now)


def opened(cast: Cast, vote: Vote) -> Vote:
    vote = noticed(cast, vote)
    return votes.open_vote(vote, actor=cast.actor("street_office"), now=vote.opens_at)


def ballot(vote: Vote, room: str, at: datetime, choice: str = "agree", **more: Any) -> Any:
    row = vote.roll.get(room=room)
    given = {"voter": row.owners[0], "units": [row.code], "choices": {"m1": choice}, "channel": "phone", "at": at}
    return votes.cast(vote, given=votes.Given(**{**given, "key": f"{room}{at}{choice}", **more}), now=at)


# -- Meixian: ways of voting on the fund


@pytest.mark.clause("MX-3.8.2-1")
def test_a_way_of_voting_that_the_rules_of_procedure_do_not_have_cannot_be_chosen() -> None:
    cast = city("meixian", "2023-03-01")
    owners(cast.estate, 3)
    with refused("mode_not_agreed", "MX-3.8.2-1"):
        drafted(cast, opens="2023-03-20", closes="2023-04-03", modes=["deemed"])
    adopt(cast, vote_dissent="yes")
    with refused("mode_not_agreed"):
        drafted(cast, opens="2023-03-20", closes="2023-04-03", modes=["proxy", "objection", "deemed"])
    vote = opened(cast, drafted(cast, opens="2023-03-20", closes="2023-04-03", modes=["proxy", "objection"]))
    rules = votes.rules_of(vote)
    assert rules.motions[0].objection is not None and rules.motions[0].objection.area == "1/3"
    assert rules.motions[0].objection.clauses == ("MX-3.8.2-1",)
    assert rules.settings.silence.value == "not_participating"


@pytest.mark.clause("MX-3.8.2-1")
def test_silence_counts_only_when_the_way_was_agreed_and_chosen() -> None:
    cast = city("meixian", "2023-03-01")
    owners(cast.estate, 3)
    adopt(cast, vote_silence="deem_agree")
    with refused("mode_not_offered"):
        drafted(cast, opens="2023-03-20", closes="2023-04-03", matter="hire_company", modes=["deemed"])
    plain = opened(cast, drafted(cast, opens="2023-03-20", closes="2023-04-03"))
    chosen = opened(cast, drafted(cast, opens="2023-03-20", closes="2023-04-03", modes=["deemed"]))
    assert votes.rules_of(plain).motions[0].silence.value == "not_participating"  # type: ignore[union-attr]
    assert votes.rules_of(plain).motions[0].silence.clauses == ("MX-3.8.2-1",)  # type: ignore[union-attr]
    assert votes.rules_of(chosen).motions[0].silence.value == "deem_agree"  # type: ignore[union-attr]
    assert votes.rules_of(chosen).settings.silence.origin == "estate"


@pytest.mark.clause("MX-3.8.2-1")
def test_owners_are_told_motion_by_motion_what_becomes_of_their_silence(client: Any) -> None:
    """Of the fund it counts only where that way was chosen; of the other motion by the estate's rules."""
    cast = city("meixian", "2023-03-01")
    owners(cast.estate, 3)
    adopt(cast, vote_silence="deem_agree")
    vote = drafted(cast, opens="2023-03-20", closes="2023-04-03")
    hire = votes.MotionDraft("hire_company", "续聘物业")
    vote = votes.append_motion(vote, draft=hire, actor=cast.actor("street_office"), now=cast.now)
    vote = noticed(cast, vote)
    told = "议题一，未投票的不算参与；议题二，已送达未投票的视为同意"
    assert silence_words(votes.rules_in_force(vote)) == told
    assert silence_words(votes.rules_in_force(vote), ["m2"]) == "已送达未投票的视为同意"
    page = client.get(f"/biaojue/gonggao/{vote.pk}/").content.decode()
    assert f"不投票的后果：<strong>{told}。</strong>" in page
    alone = noticed(cast, drafted(cast, opens="2023-03-20", closes="2023-04-03", modes=["deemed"]))
    page = client.get(f"/biaojue/gonggao/{alone.pk}/").content.decode()
    assert "表决方式：默认表决。" in page and "<strong>已送达未投票的视为同意。</strong>" in page


@pytest.mark.clause("MX-3.8.2-1", "MX-3.8.2-2")
def test_ballots_of_owners_and_of_agents_are_told_apart_and_a_household_votes_once() -> None:
    cast = city("meixian", "2023-03-01")
    owners(cast.estate, 13)
    vote = opened(cast, drafted(cast, opens="2023-03-20", closes="2023-04-03", modes=["proxy"]))
    at = vote.opens_at + timedelta(days=1)
    for number in range(1, 11):
        ballot(vote, f"1幢{number:03d}室", at)
    for number in range(11, 14):
        row = vote.roll.get(room=f"1幢{number:03d}室")
        record = votes.record_proxy(
            vote, principal=row.owners[0], agent=f"d{number}", agent_kind="relative", units=[row.code],
            valid_from=vote.opens_at, valid_until=vote.closes_at, actor=cast.actor("street_office"), now=at,
        )  # fmt: skip
        ballot(vote, row.room, at, voter=record.data["agent"], proxy=record.data["id"])
    found = turnout(vote)
    assert (found.by_self, found.by_proxy, found.units) == (10, 3, 13)
    assert votes.rules_of(vote).settings.revote.value == "first_only"
    with refused("voted", "MX-3.8.2-2"):
        ballot(vote, "1幢001室", at + timedelta(hours=1), "oppose")
    ballot(vote, "1幢013室", at + timedelta(hours=1), "oppose")  # his own beats his agent's
    vote = votes.close_vote(vote, actor=cast.actor("street_office"), now=vote.closes_at)
    tallied = votes.counted(vote).motions[0].tallied
    assert (tallied.votes.agree.heads, tallied.votes.oppose.heads) == (12, 1)


@pytest.mark.clause("MX-3.8.2-2", "JY-2.3.8-3")
def test_a_spoiled_paper_ballot_does_not_keep_its_owner_from_voting() -> None:
    cast = city("meixian", "2023-03-01")
    owners(cast.estate, 3)
    draft = votes.MotionDraft("elect_committee", "选举业委会", candidates=["甲", "乙", "丙"], seats=2)
    vote = votes.draft_vote(
        cast.estate, title="选举", convener="street_office", opens_at=moment("2023-03-20"),
        closes_at=moment("2023-04-03"), motions=[draft], actor=cast.actor("street_office"), now=cast.now,
    )  # fmt: skip
    vote = opened(cast, vote)
    at = vote.opens_at + timedelta(days=1)
    first, second, third = (one.candidate for one in votes.rules_of(vote).motions[0].election.candidates)  # type: ignore[union-attr]
    row = vote.roll.get(room="1幢001室")
    spoiled = votes.Given(
        voter=row.owners[0], units=[row.code], choices={"m1": [first, second, third]}, channel="paper", at=at,
        key="paper", entered_by=["甲", "乙"],
    )  # fmt: skip
    votes.cast(vote, given=spoiled, now=at, actor=cast.actor("street_office"))
    ballot(vote, "1幢001室", at + timedelta(hours=1), [first, second])  # type: ignore[arg-type]
    with refused("voted", "MX-3.8.2-2"):
        ballot(vote, "1幢001室", at + timedelta(hours=2), [third])  # type: ignore[arg-type]
    ballot(vote, "1幢002室", at, [first])  # type: ignore[arg-type]
    vote = votes.close_vote(vote, actor=cast.actor("street_office"), now=vote.closes_at)
    found = votes.counted(vote).motions[0]
    assert [one.tallied.votes.agree.heads for one in found.candidates] == [2, 1, 0]


# -- who guides and supervises


@pytest.mark.clause("MX-3.1.3-5", "MX-3.7.1-3")
def test_the_community_owes_its_opinion_and_the_result_stands_without_it() -> None:
    cast = city("meixian", "2023-03-01")
    owners(cast.estate, 3)
    vote = noticed(cast, drafted(cast, opens="2023-03-20", closes="2023-04-20"))
    owed = duty("supervise_assembly")
    assert (owed.state, due_on(owed)) == ("open", day("2023-04-27"))
    community = cast.actor("community_committee")
    with refused("vote_state"):
        votes.supervise_vote(vote, text="已到场", actor=community, now=cast.now)
    vote = votes.open_vote(vote, actor=cast.actor("street_office"), now=vote.opens_at)
    later(cast, "2023-04-21")
    street, community = cast.actor("street_office"), cast.actor("community_committee")
    vote = votes.close_vote(vote, actor=street, now=cast.now)
    assert votes.supervision_of(vote, day("2023-04-21")).missing == ("community_committee",)
    vote = votes.publish_result(vote, published_on=day("2023-04-21"), actor=street, now=cast.now)
    with refused("not_supervisor"):
        votes.supervise_vote(vote, text="已到场", actor=street, now=cast.now)
    votes.supervise_vote(vote, text="到场监督，程序合规", actor=community, now=cast.now)
    owed.refresh_from_db()
    assert owed.state == "fulfilled"
    assert votes.supervision_of(vote, day("2023-04-21")).missing == ()
    with refused("opinion_given"):
        votes.supervise_vote(vote, text="再写一次", actor=community, now=cast.now)


@pytest.mark.clause("JY-2.5.12-1")
def test_street_and_community_guide_the_meeting() -> None:
    cast = city("jiangyin", "2024-05-06")
    owners(cast.estate, 3)
    vote = opened(cast, drafted(cast, opens="2024-05-27", closes="2024-06-10"))
    votes.supervise_vote(vote, text="镇街指导", actor=cast.actor("street_office"), now=cast.now)
    assert votes.supervision_of(vote, day("2024-06-11")).missing == ("community_committee",)


# -- Zhangjiagang: while a committee is renewed


def renewing(old_on: str, group_on: str) -> tuple[Cast, Formation]:
    """A committee in office, and the group of its renewal as of `group_on`."""
    cast = city("zhangjiagang", old_on)
    old = committee(cast, cast.estate, term_until="2026-12-31")
    later(cast, group_on)
    bodies.notify_term_end(old, told_on=day(group_on), actor=SYSTEM, now=cast.now)
    renewal = Formation.objects.get(estate=cast.estate, state="open")
    street = cast.actor("street_office")
    bodies.guide(
        cast.estate, formation=renewal, step="group", text="指导", on=day(group_on), actor=street, now=cast.now
    )
    return cast, renewal


def form_group(cast: Cast, renewal: Formation, on: str) -> None:
    bodies.form_group(
        renewal, seats=forming.seats(5), formed_on=day(on), actor=cast.actor("street_office"), now=cast.now
    )


@pytest.mark.clause("ZJG-3.3.2-4c")
def test_what_was_begun_before_the_freeze_goes_on_but_its_result_waits_for_the_street() -> None:
    """ZJG-HC-07 (a)."""
    cast, renewal = renewing("2022-03-16", "2026-11-19")
    vote = noticed(cast, drafted(cast, opens="2026-12-07", closes="2026-12-20", matter="hire_company"))
    later(cast, "2026-11-20")
    form_group(cast, renewal, "2026-11-20")
    street = cast.actor("street_office")
    vote = votes.open_vote(vote, actor=street, now=vote.opens_at)
    later(cast, "2026-12-21")
    street = cast.actor("street_office")
    vote = votes.close_vote(vote, actor=street, now=cast.now)
    vote = votes.publish_result(vote, published_on=day("2026-12-21"), actor=street, now=cast.now)
    later(cast, "2027-01-05")
    street = cast.actor("street_office")
    with refused("consent_missing", "ZJG-3.3.2-4c"):
        votes.finalise(vote, actor=street, now=cast.now)
    with refused("opinion_missing"):
        votes.consent_to_vote(vote, agreed=True, opinion="", actor=street, now=cast.now)
    vote = votes.consent_to_vote(vote, agreed=True, opinion="程序合规，予以确认", actor=street, now=cast.now)
    assert votes.finalise(vote, actor=street, now=cast.now).state == "final"


@pytest.mark.clause("ZJG-3.3.2-4c")
def test_during_the_freeze_others_need_the_street_and_the_committee_may_not() -> None:
    """ZJG-HC-07 (b), (c), (e)."""
    cast, renewal = renewing("2022-03-16", "2026-11-20")
    form_group(cast, renewal, "2026-11-20")
    with refused("power_frozen", "ZJG-3.3.2-4c"):
        drafted(cast, opens="2026-12-21", closes="2027-01-05", matter="hire_company")
    later(cast, "2026-12-15")
    fund = drafted(cast, opens="2027-01-04", closes="2027-01-20", matter="use_fund")
    assert votes.consent_of(fund, day("2026-12-15")) is None
    later(cast, "2026-12-20")
    vote = drafted(cast, opens="2027-01-11", closes="2027-01-30", matter="hire_company", convener="community_committee")
    with refused("consent_missing", "ZJG-3.3.2-4c"):
        noticed(cast, vote)
    vote = Vote.objects.get(pk=vote.pk)
    votes.consent_to_vote(vote, agreed=True, opinion="同意召集", actor=cast.actor("street_office"), now=cast.now)
    vote = Vote.objects.get(pk=vote.pk)
    assert noticed(cast, vote).state == "noticed"


@pytest.mark.clause("ZJG-3.3.2-4c")
def test_outside_of_a_renewal_nobody_needs_consent() -> None:
    cast = city("zhangjiagang", "2026-03-16")
    owners(cast.estate, 3)
    vote = drafted(cast, opens="2026-04-13", closes="2026-04-27", matter="hire_company", convener="community_committee")
    assert votes.consent_of(vote, day("2026-03-16")) is None
    with refused("consent_not_needed"):
        votes.consent_to_vote(vote, agreed=True, opinion="同意", actor=cast.actor("street_office"), now=cast.now)


# -- shares and elections


@pytest.mark.clause("JY-2.3.8-3", "ZJG-2.2.5b", "JH-4.9d", "JJ-A11-2.2-3")
@pytest.mark.parametrize(
    ("slug", "on", "opens", "closes"),
    [
        ("jiangyin", "2024-05-06", "2024-05-27", "2024-06-10"),
        ("zhangjiagang", "2026-03-16", "2026-04-13", "2026-04-27"),
        ("jinhua", "2024-05-06", "2024-05-27", "2024-06-10"),
        ("jiujiang", "2022-05-05", "2022-05-30", "2022-06-13"),
    ],
)
def test_shares_may_be_agreed_higher_than_the_law_never_lower(slug: str, on: str, opens: str, closes: str) -> None:
    cast = city(slug, on)
    owners(cast.estate, 3)
    adopt(cast, vote_higher_shares="yes", vote_ordinary_share="2/3", vote_quorum_share="1/2")
    vote = opened(cast, drafted(cast, opens=opens, closes=closes))
    motion = votes.rules_of(vote).motions[0]
    assert motion.quorum is not None
    assert (motion.quorum.area, motion.approval.area, motion.approval.bound) == ("2/3", "2/3", "above")
    assert "CC-278" in motion.approval.clauses


@pytest.mark.clause("JH-4.9e")
def test_how_a_ballot_is_marked_and_who_has_won_comes_from_the_document() -> None:
    cast = city("jinhua", "2024-05-06")
    owners(cast.estate, 3)

    def election() -> Any:
        draft = votes.MotionDraft("elect_committee", "选举业委会", candidates=["甲", "乙", "丙"], seats=2)
        vote = votes.draft_vote(
            cast.estate, title="选举", convener="street_office", opens_at=moment("2024-05-27"),
            closes_at=moment("2024-06-10"), motions=[draft], actor=cast.actor("street_office"), now=cast.now,
        )  # fmt: skip
        return votes.rules_of(opened(cast, vote)).motions[0].election

    found = election()
    assert (found.most_choices, found.least_share, found.rank_by) == (None, "1/2", "heads")
    assert "JH-4.9e" in found.clauses
    adopt(cast, vote_election_choices="any", vote_election_rank="area")
    found = election()
    assert (found.most_choices, found.rank_by) == (3, "area")
