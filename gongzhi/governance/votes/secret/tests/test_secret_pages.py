"""Pages of a secret election: the draft, the trustees, the ballot as the page's script hands it in, the desk."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from gongzhi.core import middleware
from gongzhi.core.errors import Refused
from gongzhi.core.tests.cast import Cast
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.models import Ballot, Vote
from gongzhi.governance.votes.queries import database_now
from gongzhi.governance.votes.secret import balloting, opening
from gongzhi.governance.votes.secret.models import Ceremony, Trustee
from gongzhi.governance.votes.secret.tests import steps as secret
from gongzhi.governance.votes.secret.tests.steps import CODES
from gongzhi.governance.votes.tests import steps
from gongzhi.governance.votes.tests.steps import OPENS
from gongzhi.proof.secret import ballots, trustee_tool
from gongzhi.proof.secret.ballots import Context

pytestmark = pytest.mark.django_db
TOKEN = re.compile(r"/biaojue/tuoguan/([\w-]{10,})/")


@pytest.fixture(autouse=True)
def few_are_enough(settings: Any) -> None:
    settings.VOTE_SECRET_LEAST = 4


@pytest.fixture
def browse(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    def signed_in(role: str, now: Any = None) -> Client:
        moment = now or cast.now
        monkeypatch.setattr(middleware.timezone, "now", lambda: moment)
        client = Client()
        client.force_login(cast.user(role))
        return client

    yield signed_in


def words(response: Any) -> str:
    return str(response.content.decode())


def post(client: Client, url: str, **data: Any) -> Any:
    return client.post(url, {"form_key": uuid4().hex, **data})


def names() -> dict[str, str]:
    found = {}
    for number, (office, name) in enumerate(secret.PEOPLE, 1):
        found |= {f"office{number}": office, f"name{number}": name}
    return found


def running(cast: Cast) -> Vote:
    """Around the real clock, which phones and the database read."""
    vote = secret.opened(cast)
    now = database_now()
    Vote.objects.filter(pk=vote.pk).update(opens_at=now - timedelta(days=1), closes_at=now + timedelta(days=1))
    vote.refresh_from_db()
    return vote


def phone(cast: Cast, vote: Vote, number: int = 3) -> tuple[Client, str]:
    owner = vote.owners.get(code=steps.entry(vote, number).owners[0])
    token = votes.make_link(vote, owner=owner, actor=cast.actor("community_station"), now=database_now())
    client, url = Client(), f"/biaojue/piao/{token}/"
    assert client.post(url, {"answer": f"{number:04d}"}).status_code == 303
    return client, url


def given_by(page: str) -> dict[str, Any]:
    found = re.search(r'id="sealed-given" type="application/json">(.*?)</script>', page)
    assert found is not None
    return dict(json.loads(found.group(1)))


def sealed(page: str, chosen: list[str]) -> str:
    given = given_by(page)
    context = Context(
        given["election"], given["voter"], bytes.fromhex(given["key"]), tuple(given["options"]), given["least"],
        given["most"],
    )  # fmt: skip
    return json.dumps(ballots.cast(context, chosen).as_json())


def key_of(page: str) -> str:
    found = re.search(r'name="key" value="(\w+)"', page)
    assert found is not None
    return found.group(1)


def test_a_clerk_drafts_it_names_trustees_and_they_act_on_their_own_pages(cast: Cast, browse: Any) -> None:
    secret.allow(cast)
    steps.people(cast)
    clerk = browse("community_station")
    made = post(
        clerk, "/biaojue/niding/", estate=cast.estate.pk, name="换届", convener="community_station",
        opens_at="2022-05-23T09:00", closes_at="2022-06-06T18:00", matter="elect_committee", title="选举业主委员会",
        text="", amount_yuan="", candidates="\n".join(secret.CANDIDATES), seats="3", alternates="0", secret="on",
    )  # fmt: skip
    vote = Vote.objects.get()
    page = f"/biaojue/{vote.pk}/"
    assert (made.status_code, vote.secret) == (303, True)
    assert "无记名" in words(clerk.get(page)) and "加一个议题" not in words(clerk.get(page))
    assert post(clerk, f"{page}ban/mingce/").status_code == 303
    assert post(browse("street_office"), f"{page}ban/hedui/", agreed="yes").status_code == 303
    clerk = browse("community_station")
    assert post(clerk, f"{page}ban/gonggao/", published_on="2022-05-05").status_code == 303
    assert "还没有指定托管人" in words(clerk.get(f"{page}tuoguan/"))
    wrong = clerk.post(f"{page}tuoguan/zhiding/", names() | {"name2": "赵一"})
    assert wrong.status_code == 422 and "候选人不能当托管人" in words(wrong) and 'value="赵一"' in words(wrong)
    links = words(clerk.post(f"{page}tuoguan/zhiding/", names()))
    tokens = list(dict.fromkeys(TOKEN.findall(links)))
    assert len(tokens) == 3 and "只显示这一次" in links
    too_soon = post(browse("community_station", OPENS), f"{page}ban/kaishi/")
    assert too_soon.status_code == 422 and "密钥没有备好" in words(too_soon)
    for name in ("领取编号", "分发份额", "核对份额"):
        for token, code in zip(tokens, CODES, strict=True):
            own = Client()
            here = f"/biaojue/tuoguan/{token}/"
            assert f"现在办：{name}" in words(own.get(here))
            file = json.loads(own.get(f"{here}?xiazai=1").content)
            done = own.post(here, {"answer": json.dumps(trustee_tool.answer(file, code))})
            assert done.status_code == 303
            assert "办好了" in words(own.get(done.url))
    shown = words(browse("street_office").get(f"{page}tuoguan/"))
    assert "密钥已备好" in shown and "会签码" in shown and "只可用于演示" in shown
    assert post(browse("community_station", OPENS), f"{page}ban/kaishi/").status_code == 303


def test_what_does_not_hold_is_told_on_the_trustees_page(cast: Cast) -> None:
    vote = secret.noticed(cast)
    secret.named(cast, vote)
    row = Trustee.objects.get(number=1)
    from gongzhi.governance.votes.services.common import digest

    Trustee.objects.filter(pk=row.pk).update(token_hash=digest("token-of-one"))
    here = "/biaojue/tuoguan/token-of-one/"
    for text, told in (("{", "内容不完整"), ("{}", "证明不成立"), ("[]", "证明不成立"), ("", "请在本机生成")):
        answer = Client().post(here, {"answer": text})
        assert answer.status_code == 422 and told in words(answer)
    assert Client().get("/biaojue/tuoguan/nobody-has-this/").status_code == 404


def test_an_owner_hands_in_what_his_phone_has_sealed(cast: Cast) -> None:
    vote = running(cast)
    client, url = phone(cast, vote)
    page = words(client.get(url))
    assert "面积100.00㎡" in page and "这台设备不能加密" in page and "谁能看到我选了谁" in page
    boxes = re.findall(r"<input type=\"checkbox\"[^>]*>", page)
    assert len(boxes) == 4 and not any("name=" in one for one in boxes)
    plain = client.post(url, {"m1": ["c1"], "key": "k" * 32, "step": "cast"})
    assert plain.status_code in (403, 422, 400) and not Ballot.objects.exists()
    sent = {"key": key_of(page), "sealed": sealed(page, ["c4"])}
    done = client.post(url, sent)
    assert done.status_code == 303 and client.post(url, sent).url == done.url
    made = Ballot.objects.get()
    receipt = words(client.get(done.url))
    print_ = balloting.fingerprint_of(json.loads(sent["sealed"]))[:12].upper()
    assert f"{print_[:4]}-{print_[4:8]}-{print_[8:]}" in receipt
    assert "李四" not in receipt and "看我选了什么" not in receipt
    assert client.get(f"{url}xuanze/{made.number}/").status_code == 404


def test_a_bad_ballot_is_told_on_the_phone(cast: Cast) -> None:
    vote = running(cast)
    client, url = phone(cast, vote, 3)
    other, other_url = phone(cast, vote, 4)
    page = words(client.get(url))
    stolen = sealed(words(other.get(other_url)), ["c1"])
    for text, told in ((stolen, "证明不成立"), ("{", "不是一张完整的加密票"), ("", "没有加密")):
        answer = client.post(url, {"key": key_of(page), "sealed": text})
        assert answer.status_code == 422 and told in words(answer)
    assert not Ballot.objects.exists()


def test_the_desk_hands_its_device_to_the_owner_and_takes_sealed_paper(cast: Cast, browse: Any) -> None:
    vote = running(cast)
    desk = browse("community_station", database_now())
    here = f"/biaojue/{vote.pk}/wujiming/xianchang/"
    assert "三种投法" in words(desk.get(here))
    nobody = desk.post(here, {"room": "1幢999室", "way": "desk"})
    assert nobody.status_code == 422 and "名册里没有" in words(nobody)
    alone = desk.post(here, {"room": "1幢001室", "way": "paper", "by": "甲"})
    assert alone.status_code == 422 and "两名监票人" in words(alone)
    for room, way, by in (("1幢001室", "desk", ""), ("1幢002室", "paper", "甲\n乙")):
        booth = desk.post(here, {"room": room, "way": way, "by": by})
        assert booth.status_code == 303
        page = words(desk.get(booth.url))
        assert room in page
        done = desk.post(booth.url, {"key": key_of(page), "sealed": sealed(page, ["c1"])})
        told = words(desk.get(here))
        made = Ballot.objects.latest("pk")
        assert done.url == here and f"凭证短码{made.number}" in told and made.salt[:4].upper() in told
    assert list(Ballot.objects.order_by("pk").values_list("channel", flat=True)) == ["desk", "paper"]
    assert desk.post(f"{here}forged/", {"sealed": "{}"}).status_code == 303
    printed = words(desk.get(f"/biaojue/{vote.pk}/wujiming/zhizhi/"))
    assert "不写姓名、房号" in printed and "李四" in printed


@pytest.mark.parametrize("role", ["owner", "project_manager", "street_office@2"])
def test_strangers_see_no_trustees_and_no_desk(cast: Cast, browse: Any, role: str) -> None:
    vote = secret.noticed(cast)
    client = browse(role)
    for path in ("tuoguan/", "tuoguan/zhiding/", "wujiming/xianchang/", "wujiming/zhizhi/"):
        assert client.get(f"/biaojue/{vote.pk}/{path}").status_code == 404


def test_the_clerk_is_led_from_adding_up_to_the_opening_to_the_result(cast: Cast, browse: Any) -> None:
    vote = secret.opened(cast)
    secret.all_vote(vote)
    vote = steps.closed(cast, vote)
    clerk, page = browse("community_station", steps.CLOSES), f"/biaojue/{vote.pk}/"
    before = words(clerk.get(page))
    assert "汇总加密票" in before and "待托管人开票" in before and "票数表" not in before
    assert post(clerk, f"{page}ban/huizong/").status_code == 303
    waiting = words(clerk.get(page))
    assert "ban/huizong/" not in waiting and "ban/gongshi/" not in waiting and "终止" in waiting
    for number in (1, 2):
        row = secret.rows(vote)[number - 1]
        opening.hand_in_parts(row, answer=secret.answer(row, CODES[number - 1]), now=steps.CLOSES)
    opened = words(clerk.get(page))
    assert "ban/gongshi/" in opened and "ban/zhongzhi/" not in opened


def test_the_result_says_who_opened_it(cast: Cast) -> None:
    vote = secret.opened(cast)
    secret.all_vote(vote)
    vote = secret.counted(cast, vote)
    later = steps.CLOSES + timedelta(days=1)
    votes.publish_result(vote, published_on=later.date(), actor=cast.actor("community_station"), now=later)
    page = words(Client().get(f"/biaojue/jieguo/{vote.pk}/"))
    assert "3名托管人中2名到场开票" in page and "计入9名表决人的票" in page and "王街道" in page
    assert Ceremony.objects.get(vote=vote).opened_at is not None


# -- agents


def entrusted(cast: Cast, vote: Vote, number: int, **more: Any) -> str:
    """王某 acts for the owner of the numbered unit; his telephone ends in 0001."""
    actor, row, now = cast.actor("community_station"), steps.entry(vote, number), database_now()
    agent = votes.agent_code(vote, name="王某", phone="13922220001", actor=actor, now=now)
    given = {
        "principal": row.owners[0], "agent": agent, "agent_kind": "relative", "units": [row.code],
        "valid_from": now - timedelta(days=2), "valid_until": vote.closes_at, "actor": actor, "now": now, **more,
    }  # fmt: skip
    return str(votes.record_proxy(vote, **given).data["id"])


def agent_phone(cast: Cast, vote: Vote, proxy: str) -> tuple[Client, str]:
    token = votes.make_agent_link(vote, proxy=proxy, actor=cast.actor("community_station"), now=database_now())
    client, url = Client(), f"/biaojue/piao/{token}/"
    assert "先核对身份" in words(client.get(url))
    assert client.post(url, {"answer": "0001"}).status_code == 303
    return client, url


def hand_in(client: Client, url: str, chosen: list[str]) -> Any:
    page = words(client.get(url))
    return client.post(url, {"key": key_of(page), "sealed": sealed(page, chosen)})


def test_an_agent_seals_his_principals_ballot_on_his_own_phone_and_the_principals_own_replaces_it(cast: Cast) -> None:
    vote = running(cast)
    proxy = entrusted(cast, vote, 4)
    client, url = agent_phone(cast, vote, proxy)
    page = words(client.get(url))
    assert "代理投票" in page and "1幢004室" in page
    assert given_by(page)["voter"] == steps.entry(vote, 4).owners[0]
    done = hand_in(client, url, ["c4"])
    assert done.status_code == 303
    made = Ballot.objects.get()
    assert (made.proxy, made.channel, made.choices, made.units) == (proxy, "phone", {}, [steps.entry(vote, 4).code])
    receipt = words(client.get(done.url))
    assert made.number[:4] in receipt and "李四" not in receipt
    own, own_url = phone(cast, vote, 4)
    assert hand_in(own, own_url, ["c1"]).status_code == 303
    again = hand_in(client, url, ["c4"])
    assert again.status_code == 422 and "业主本人已经投过票" in words(again)
    assert Ballot.objects.count() == 2


def test_an_agents_limits_hold_in_a_secret_election(cast: Cast) -> None:
    vote, station, now = running(cast), cast.actor("community_station"), database_now()
    taken_back, expired = entrusted(cast, vote, 4), entrusted(cast, vote, 5, valid_until=now - timedelta(minutes=1))
    client, url = agent_phone(cast, vote, taken_back)
    late, late_url = agent_phone(cast, vote, expired)
    assert "代理不算数" in words(hand_in(late, late_url, ["c1"]))
    text = words(client.get(url))
    sent = {"key": key_of(text), "sealed": sealed(text, ["c1"])}
    votes.revoke_proxy(vote, proxy=taken_back, actor=station, now=now)
    assert "已经撤销" in words(client.get(url)) and "已经撤销" in words(client.post(url, sent))
    with pytest.raises(Refused) as barred:
        entrusted(cast, vote, 6, agent_kind="property_staff")
    assert barred.value.code == "agent_barred"
    assert not Ballot.objects.exists()
    for number in (7, 8):  # the expired one counts with them: three principals and no more
        agent, agent_url = agent_phone(cast, vote, entrusted(cast, vote, number))
        assert hand_in(agent, agent_url, ["c2"]).status_code == 303, number
    with pytest.raises(Refused) as capped:
        entrusted(cast, vote, 9)
    assert capped.value.code == "over_cap"


def test_an_agents_ballot_is_that_of_his_principal_and_of_no_other(cast: Cast) -> None:
    vote = running(cast)
    client, url = agent_phone(cast, vote, entrusted(cast, vote, 4))
    other, other_url = phone(cast, vote, 5)
    text = words(client.get(url))
    anothers = sealed(words(other.get(other_url)), ["c1"])
    refused = client.post(url, {"key": key_of(text), "sealed": anothers})
    assert refused.status_code == 422 and "证明不成立" in words(refused)
    assert not Ballot.objects.exists()


def test_the_desk_takes_an_agents_sealed_ballot_with_its_instrument_alone(cast: Cast, browse: Any) -> None:
    vote = running(cast)
    proxy = entrusted(cast, vote, 4)
    desk, here = browse("community_station", database_now()), f"/biaojue/{vote.pk}/wujiming/xianchang/"
    none = desk.post(here, {"room": "1幢004室", "way": "desk", "proxy": "w99"})
    assert none.status_code == 422 and "没有这份委托书" in words(none)
    elsewhere = desk.post(here, {"room": "1幢005室", "way": "desk", "proxy": proxy})
    text = words(desk.get(elsewhere.url))
    refused = desk.post(elsewhere.url, {"key": key_of(text), "sealed": sealed(text, ["c1"])})
    assert refused.status_code == 422 and "代理不算数" in words(refused) and not Ballot.objects.exists()
    booth = desk.post(here, {"room": "1幢004室", "way": "desk", "proxy": proxy})
    text = words(desk.get(booth.url))
    assert desk.post(booth.url, {"key": key_of(text), "sealed": sealed(text, ["c1"])}).status_code == 303
    assert Ballot.objects.get().proxy == proxy
