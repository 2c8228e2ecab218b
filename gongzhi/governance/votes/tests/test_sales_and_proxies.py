"""A unit that is sold during its vote, agents with their instruments, and what an owner sees of both."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.tests.cast import Cast
from gongzhi.governance.tally.rules import VALUES
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.models import Ballot, Vote, VoteRecord
from gongzhi.governance.votes.queries import database_now
from gongzhi.governance.votes.tests import steps
from gongzhi.governance.votes.tests.steps import VOTING
from gongzhi.governance.votes.tests.test_pages import _phone, _running, browse, post, words  # noqa: F401
from gongzhi.registry.models import Building
from gongzhi.registry.services import OwnerInput, record_unit_fact, transfer_unit

SOLD = VOTING + timedelta(hours=6)


def rule_of_sales(cast: Cast, value: str) -> None:
    votes.adopt_rules(
        cast.estate, values={"vote_sale": value}, adopted_on=cast.now.date(), document="议事规则第九条",
        actor=cast.actor("street_office"), now=cast.now,
    )  # fmt: skip


def sell(cast: Cast, vote: Vote, number: int, *, at: Any = SOLD, buyers: int = 1) -> None:
    transfer_unit(
        steps.entry(vote, number).unit,
        owners=[OwnerInput(f"买主{one}", phone=f"1391111{one:04d}") for one in range(1, buyers + 1)],
        from_on=at.date(),
        actor=Actor.system(),
        now=at,
    )


def took_over(cast: Cast, vote: Vote, number: int, *, at: Any = SOLD) -> VoteRecord:
    return votes.record_sale(vote, entry=steps.entry(vote, number), actor=cast.actor("community_station"), now=at)


def outcome(cast: Cast, vote: Vote) -> Any:
    return votes.counted(vote, sensitivity=False, detail=True)


def position(result: Any, vote: Vote, number: int) -> str:
    code = steps.entry(vote, number).code
    return next(one.votes[0].position for one in result.units if one.unit == code)


def test_a_buyer_votes_where_the_seller_had_not(cast: Cast) -> None:
    vote = steps.opened(cast)
    sell(cast, vote, 3)
    answer = votes.sale_answer(vote, steps.entry(vote, 3), SOLD.date())
    assert answer.changed and answer.buyer_votes and "由受让人投票" in answer.who
    record = took_over(cast, vote, 3)
    row = steps.entry(vote, 3)
    assert row.voters == record.data["owners"] and row.owners != row.voters
    steps.ballot(vote, 3, "oppose", at=SOLD + timedelta(hours=1), voter=row.voters[0])
    assert position(outcome(cast, vote), vote, 3) == "oppose"


def test_a_sellers_ballot_stands_and_the_buyer_may_not_vote(cast: Cast) -> None:
    vote = steps.opened(cast)
    steps.ballot(vote, 3, "agree")
    sell(cast, vote, 3)
    answer = votes.sale_answer(vote, steps.entry(vote, 3), SOLD.date())
    assert answer.cast and not answer.buyer_votes and "有效，照计" in answer.ballot
    took_over(cast, vote, 3)
    assert steps.entry(vote, 3).voters == []
    assert position(outcome(cast, vote), vote, 3) == "agree"


def test_where_the_rules_let_the_buyer_replace_him_he_does(cast: Cast) -> None:
    rule_of_sales(cast, "buyer_replaces")
    vote = steps.opened(cast)
    steps.ballot(vote, 3, "agree")
    sell(cast, vote, 3)
    took_over(cast, vote, 3)
    row = steps.entry(vote, 3)
    assert position(outcome(cast, vote), vote, 3) == "agree"
    steps.ballot(vote, 3, "oppose", at=SOLD + timedelta(hours=1), voter=row.voters[0])
    assert position(outcome(cast, vote), vote, 3) == "oppose"


def test_where_the_roll_decides_the_seller_goes_on_voting(cast: Cast) -> None:
    rule_of_sales(cast, "roll_owner")
    vote = steps.opened(cast)
    sell(cast, vote, 3)
    before = steps.entry(vote, 3).voters
    took_over(cast, vote, 3)
    assert steps.entry(vote, 3).voters == before
    steps.ballot(vote, 3, "agree", at=SOLD + timedelta(hours=1))
    assert position(outcome(cast, vote), vote, 3) == "agree"


def test_several_buyers_name_one_of_them(cast: Cast) -> None:
    vote = steps.opened(cast)
    sell(cast, vote, 3, buyers=2)
    took_over(cast, vote, 3)
    row = steps.entry(vote, 3)
    assert row.voters == []
    named = votes.holders_now(vote, row)[1]
    votes.nominate(vote, entry=row, nominee=named, actor=cast.actor("community_station"), now=SOLD)
    steps.ballot(vote, 3, "oppose", at=SOLD + timedelta(hours=1), voter=named)
    assert position(outcome(cast, vote), vote, 3) == "oppose"


def test_without_a_new_owner_on_record_nothing_is_taken_over(cast: Cast) -> None:
    vote = steps.opened(cast)
    with pytest.raises(Refused, match="先在小区的房屋页登记转让"):
        took_over(cast, vote, 3)


def test_the_votes_follow_the_registry_by_themselves(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    vote = steps.opened(cast)
    queued: list[Any] = []
    monkeypatch.setattr(core, "later", lambda name, **given: queued.append((name, given)))
    sell(cast, vote, 3)
    assert queued == [(votes.FOLLOW_SALE, {"unit_id": steps.entry(vote, 3).unit_id})]
    assert votes.follow_sale(steps.entry(vote, 3).unit_id, now=SOLD) == 1
    assert votes.follow_sale(steps.entry(vote, 3).unit_id, now=SOLD) == 0
    assert VoteRecord.objects.filter(vote=vote, kind="TRANSFER").count() == 1


def test_the_page_of_a_sale_says_what_the_rule_says(cast: Cast, browse: Any) -> None:  # noqa: F811
    vote = steps.opened(cast)
    steps.ballot(vote, 3, "agree")
    clerk, url = browse("community_station", SOLD), f"/biaojue/{vote.pk}/mingce/{steps.entry(vote, 3).code}/zhuanrang/"
    assert "房屋档案里没有新业主" in words(clerk.get(url))
    sell(cast, vote, 3)
    page = words(clerk.get(url))
    assert "出让人已投的票有效，照计" in page and "按现业主登记转让" in page
    assert post(clerk, url).status_code == 303
    assert "已登记在票册里" in words(clerk.get(url))


# -- proxies


def entrust(cast: Cast, vote: Vote, number: int = 1, **more: Any) -> VoteRecord:
    row = steps.entry(vote, number)
    actor = cast.actor("community_station")
    agent = votes.agent_code(vote, name="王某", phone="13922220001", actor=actor, now=VOTING)
    return votes.record_proxy(
        vote,
        **{
            "principal": row.owners[0], "agent": agent, "agent_kind": "relative", "units": [row.code],
            "valid_from": VOTING, "valid_until": vote.closes_at, "actor": actor, "now": VOTING, **more,
        },
    )  # fmt: skip


def test_an_agent_goes_by_a_pseudonym_and_the_log_does_not_name_him(cast: Cast) -> None:
    vote = steps.opened(cast)
    first, second = entrust(cast, vote, 1), entrust(cast, vote, 2)
    assert first.data["agent"] == second.data["agent"]
    assert first.entry is not None and "王某" not in first.entry.data
    assert str(vote.owners.get(code=first.data["agent"]).person) == "王*"


def test_an_instrument_says_which_motions_and_how(cast: Cast, browse: Any) -> None:  # noqa: F811
    two = (steps.motion(), steps.motion(title="其他事项", matter="other_major"))
    vote = _running(cast, *two)
    desk = browse("community_station", database_now())
    form = words(desk.get(f"/biaojue/{vote.pk}/ban/weituo/"))
    assert "委托，没有写意见" in form and "最多代理" in form or "代理几名业主没有规定" in form
    sent = post(
        desk, f"/biaojue/{vote.pk}/ban/weituo/", room="1幢001室", agent_kind="relative", agent="王某",
        agent_phone="13922220001", m1="oppose", m2="no", signed="on",
        valid_until=f"{vote.closes_at.astimezone():%Y-%m-%dT%H:%M}",
    )  # fmt: skip
    assert sent.status_code == 303
    data = VoteRecord.objects.get(vote=vote, kind="PROXY").data
    assert (data["motions"], data["instructions"]) == (["m1"], {"m1": "oppose"})
    listed = words(desk.get(f"/biaojue/{vote.pk}/weituo/"))
    assert "王*" in listed and "代理投票" in listed and "续聘物业服务企业：反对" in listed
    page = words(desk.get(f"/biaojue/{vote.pk}/ban/xianchang/?weituo=w1"))
    assert "其他事项" not in page and "委托意见：续聘物业服务企业反对" in page
    against = post(desk, f"/biaojue/{vote.pk}/ban/xianchang/", room="1幢001室", proxy="w1", m1="agree")
    follows = votes.rules_of(vote).settings.proxy.instruction == "must_follow"
    assert against.status_code == (422 if follows else 303)


def test_a_principal_takes_his_word_back_on_the_page(cast: Cast, browse: Any) -> None:  # noqa: F811
    vote = _running(cast)
    entrust(cast, vote)
    desk = browse("community_station", database_now())
    assert post(desk, f"/biaojue/{vote.pk}/weituo/", proxy="w1").status_code == 303
    assert "已撤销" in words(desk.get(f"/biaojue/{vote.pk}/weituo/"))
    late = post(desk, f"/biaojue/{vote.pk}/ban/xianchang/", room="1幢001室", proxy="w1", m1="agree")
    assert late.status_code == 422 and "已经撤销" in words(late) and not Ballot.objects.exists()
    assert post(desk, f"/biaojue/{vote.pk}/weituo/", proxy="w1").status_code == 422


def test_an_instrument_without_agent_or_motion_is_refused_with_everything_kept(
    cast: Cast,
    browse: Any,  # noqa: F811
) -> None:
    vote = _running(cast)
    desk = browse("community_station", database_now())
    until = f"{vote.closes_at.astimezone():%Y-%m-%dT%H:%M}"
    sent = {"room": "1幢001室", "agent_kind": "relative", "m1": "free", "signed": "on", "valid_until": until}
    nobody = post(desk, f"/biaojue/{vote.pk}/ban/weituo/", **sent)
    assert nobody.status_code == 422 and "请填代理人的姓名和电话" in words(nobody)
    nothing = post(
        desk, f"/biaojue/{vote.pk}/ban/weituo/", **{**sent, "m1": "no", "agent": "王某", "agent_phone": "13922220001"}
    )
    assert nothing.status_code == 422 and "一个议题也没有委托" in words(nothing)


# -- what the owner sees


def test_an_owner_sees_which_of_his_ballots_stands_and_by_which_rule(cast: Cast) -> None:
    vote = _running(cast)
    now = database_now()
    first = steps.ballot(vote, 3, "agree", at=now - timedelta(hours=2))
    row, at = steps.entry(vote, 3), now - timedelta(hours=1)
    given = votes.Given(row.voters[0], [row.code], {"m1": "oppose"}, "paper", at, "paper")
    later = votes.cast(vote, given=given, now=at, actor=cast.actor("community_station"))
    rule = votes.rules_of(vote).settings.revote.value
    stands = first if rule == "first_only" else later
    client, url = _phone(cast, vote, 3)
    page = words(client.get(url))
    assert page.count("现在按这张算") == 1
    listed = page[page.index("您已经投过") :]
    assert "现在按这张算" in listed[listed.index(stands.number) :].partition("</li>")[0]
    assert VALUES["revote"][rule] in page and "只按收到的先后" in page


def test_a_motion_of_another_building_is_not_asked(cast: Cast) -> None:
    other = Building.objects.filter(estate=cast.estate).exclude(name="1幢").order_by("name").first()
    assert other is not None
    two = (steps.motion(), steps.motion(title="只由别的楼幢表决", matter="use_fund", buildings=[other]))
    vote = _running(cast, *two)
    client, url = _phone(cast, vote, 3)
    page = words(client.get(url))
    assert "议题二" not in page and "另有1个议题只由别的楼幢、单元表决" in page
    assert client.post(url, {"m1": "agree", "key": "k" * 32, "step": "cast"}).status_code == 303
    assert Ballot.objects.get().choices == {"m1": "agree"}


def test_a_nominated_co_owner_votes_on_his_phone(cast: Cast) -> None:
    vote = steps.noticed(cast)
    row = steps.entry(vote, 3)
    shared = [row.owners[0], steps.entry(vote, 4).owners[0]]
    vote.roll.filter(pk=row.pk).update(owners=shared, nominee="", voters=[])
    votes.nominate(
        vote, entry=steps.entry(vote, 3), nominee=shared[1], actor=cast.actor("community_station"), now=cast.now
    )
    assert [one.room for one in vote.roll.filter(voters__contains=[shared[1]]).order_by("room")] == [
        "1幢003室",
        "1幢004室",
    ]


# -- arrears


def test_arrears_of_a_unit_are_entered_on_its_page(cast: Cast, browse: Any) -> None:  # noqa: F811
    unit = steps.people(cast, count=2)[0]
    clerk = browse("street_office")
    url = f"/xiaoqu/fangwu/{unit.pk}/dengji/"
    assert "催告期满仍欠物业费" in words(clerk.get(url))
    assert post(clerk, url, name="in_arrears", holds="yes", from_on="2022-05-01").status_code == 303
    assert "催告期满仍欠物业费" in words(clerk.get(f"/xiaoqu/fangwu/{unit.pk}/"))
    record_unit_fact(
        unit, name="in_arrears", value=False, from_on=cast.now.date(), actor=cast.actor("street_office"), now=cast.now
    )
    assert Client().get(url).status_code == 302


# -- agents on the phone


def agent_phone(cast: Cast, vote: Vote, proxy: str, answer: str = "0001") -> tuple[Client, str]:
    token = votes.make_agent_link(vote, proxy=proxy, actor=cast.actor("community_station"), now=database_now())
    client, url = Client(), f"/biaojue/piao/{token}/"
    assert "先核对身份" in words(client.get(url))
    assert client.post(url, {"answer": answer}).status_code == 303
    return client, url


def handed_in(client: Client, url: str, key: str = "k" * 32, **marks: str) -> Any:
    return client.post(url, {**marks, "key": key, "step": "cast"})


def test_an_agent_votes_on_his_phone_within_his_instrument(cast: Cast) -> None:
    two = (steps.motion(), steps.motion(title="其他事项", matter="other_major"))
    vote = _running(cast, *two)
    proxy = entrust(cast, vote, 4, motions=["m1"], valid_until=vote.closes_at).data["id"]
    client, url = agent_phone(cast, vote, proxy)
    page = words(client.get(url))
    assert "代理投票" in page and "1幢004室" in page and "业4" not in page and "其他事项" not in page
    sent = handed_in(client, url, m1="oppose", m2="agree")
    assert sent.status_code == 303
    made = Ballot.objects.get()
    assert (made.proxy, made.channel, made.choices) == (proxy, "phone", {"m1": "oppose"})
    assert made.units == [steps.entry(vote, 4).code]
    assert position(outcome(cast, vote), vote, 4) == "oppose"
    receipt = client.get(sent["Location"])
    assert receipt.status_code == 200 and made.number[:4] in words(receipt)
    # The principal's own ballot beats it, whenever it came.
    own, own_url = _phone(cast, vote, 4)
    assert "代理" not in words(own.get(own_url))
    if votes.rules_of(vote).settings.revote.value != "first_only":
        assert handed_in(own, own_url, key="o" * 32, m1="agree", m2="agree").status_code == 303
        assert position(outcome(cast, vote), vote, 4) == "agree"


def test_a_revoked_or_expired_instrument_takes_no_ballot_on_the_phone(cast: Cast) -> None:
    vote = _running(cast)
    now = database_now()
    running = entrust(cast, vote, 4, valid_until=vote.closes_at).data["id"]
    expired = entrust(cast, vote, 5, valid_until=now - timedelta(minutes=1)).data["id"]
    client, url = agent_phone(cast, vote, running)
    late, late_url = agent_phone(cast, vote, expired)
    refused = handed_in(late, late_url, m1="agree")
    assert refused.status_code == 422 and "代理不算数" in words(refused)
    votes.revoke_proxy(vote, proxy=running, actor=cast.actor("community_station"), now=now)
    assert "已经撤销" in words(client.get(url)) and "已经撤销" in words(handed_in(client, url, m1="agree"))
    assert not Ballot.objects.exists()
    with pytest.raises(Refused) as none:
        votes.make_agent_link(vote, proxy=running, actor=cast.actor("community_station"), now=now)
    assert none.value.code == "revoked"


def test_against_the_principals_word_nothing_is_taken_on_the_phone(cast: Cast) -> None:
    votes.adopt_rules(
        cast.estate, values={"vote_proxy_instruction": "must_follow"}, adopted_on=cast.now.date(),
        document="议事规则第八条", actor=cast.actor("street_office"), now=cast.now,
    )  # fmt: skip
    vote = _running(cast)
    proxy = entrust(cast, vote, 4, instructions={"m1": "agree"}, valid_until=vote.closes_at).data["id"]
    client, url = agent_phone(cast, vote, proxy)
    assert "要照这个意见投" in words(client.get(url))
    wrong = handed_in(client, url, m1="oppose")
    assert wrong.status_code == 422 and "与委托书写明的意见不一致" in words(wrong) and not Ballot.objects.exists()
    assert handed_in(client, url, m1="agree").status_code == 303


def test_the_agents_link_is_no_way_to_his_own_ballot_and_the_other_way_round(cast: Cast) -> None:
    """An owner who is an agent has a link for each; a new one of the one leaves the other alone."""
    vote = _running(cast)
    principal, agent = steps.entry(vote, 4), steps.entry(vote, 3)
    record = votes.record_proxy(
        vote, principal=principal.owners[0], agent=agent.owners[0], agent_kind="owner", units=[principal.code],
        valid_from=vote.opens_at, valid_until=vote.closes_at, actor=cast.actor("community_station"),
        now=database_now(),
    )  # fmt: skip
    own, own_url = _phone(cast, vote, 3)
    client, url = agent_phone(cast, vote, record.data["id"], answer="0003")
    assert "1幢003室" in words(own.get(own_url)) and "1幢004室" not in words(own.get(own_url))
    assert "1幢004室" in words(client.get(url)) and "1幢003室" not in words(client.get(url))
