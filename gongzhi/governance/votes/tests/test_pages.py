"""The pages of a vote: staff from draft to filing, the owner's phone, the public result."""

import json
import re
from datetime import timedelta
from hashlib import sha256
from importlib import import_module
from io import BytesIO
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from docx import Document
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from gongzhi.core import middleware
from gongzhi.core.tests.cast import Cast
from gongzhi.core.tests.test_files import PNG
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.models import Ballot, Vote
from gongzhi.governance.votes.queries import database_now
from gongzhi.governance.votes.tests import steps
from gongzhi.governance.votes.tests.steps import CLOSES, OPENS
from gongzhi.proof import receipts
from gongzhi.proof.verifier import verify as verifier

Browse = Any


@pytest.fixture
def browse(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Browse:
    """`browse("street_office")` is at work at the cast's moment; the second argument moves the clock of all clients."""

    def signed_in(role: str, now: Any = None) -> Client:
        moment = now or cast.now
        monkeypatch.setattr(middleware.timezone, "now", lambda: moment)
        client = Client()
        client.force_login(cast.user(role))
        return client

    return signed_in


def words(response: Any) -> str:
    return str(response.content.decode())


def pdf_text(content: bytes) -> str:
    return "".join("".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).split())


def post(client: Client, url: str, **data: Any) -> Any:
    return client.post(url, {"form_key": uuid4().hex, **data})


def test_a_street_officer_runs_a_vote_on_its_pages(cast: Cast, browse: Browse) -> None:
    steps.people(cast)
    clerk = browse("community_station")
    made = post(
        clerk, "/biaojue/niding/", estate=cast.estate.pk, name="2022年第一次业主大会", convener="community_station",
        opens_at="2022-05-23T09:00", closes_at="2022-06-06T18:00", matter="hire_company", title="续聘物业服务企业",
        text="合同三年", amount_yuan="", candidates="", seats="1", alternates="0",
    )  # fmt: skip
    vote = Vote.objects.get()
    assert (made.status_code, made.url) == (303, f"/biaojue/{vote.pk}/")
    page = f"/biaojue/{vote.pk}/"
    assert "参与的面积和人数都要达到全体的2/3" in words(clerk.get(page))
    assert post(clerk, f"{page}yiti/", matter="raise_fund", title="续筹维修资金", seats="1").status_code == 303
    assert post(clerk, f"{page}ban/mingce/").status_code == 303
    assert post(browse("street_office"), f"{page}ban/hedui/", agreed="yes").status_code == 303
    clerk = browse("community_station")
    assert post(clerk, f"{page}ban/gonggao/", published_on="2022-05-05").status_code == 303
    assert post(browse("community_station", OPENS), f"{page}ban/kaishi/").status_code == 303
    vote.refresh_from_db()
    assert vote.state == "open"
    shown = words(browse("street_office", OPENS).get(page))
    assert "已投人数" in shown and "1,000.00" in shown


def test_a_notice_that_is_too_short_is_refused_with_everything_typed(cast: Cast, browse: Browse) -> None:
    vote = votes.freeze_roll(
        steps.drafted(cast, opens_at=OPENS.replace(day=12)), actor=cast.actor("community_station"), now=cast.now
    )
    vote = votes.check_vote(vote, agreed=True, opinion="", actor=cast.actor("street_office"), now=cast.now)
    answer = post(browse("community_station"), f"/biaojue/{vote.pk}/ban/gonggao/", published_on="2022-05-05")
    assert answer.status_code == 422
    assert "最早2022年5月21日开始" in words(answer)
    assert 'value="2022-05-05"' in words(answer)
    assert "物业管理条例第十四条" in words(answer)


def test_service_is_recorded_for_many_at_once(cast: Cast, browse: Browse) -> None:
    vote = steps.noticed(cast)
    clerk = browse("community_station")
    codes = [steps.entry(vote, number).code for number in (1, 2, 3)]
    assert "还没有送达" in words(clerk.get(f"/biaojue/{vote.pk}/mingce/"))
    answer = post(
        clerk, f"/biaojue/{vote.pk}/songda/", units=codes, how="signed", result="served", at="2022-05-05T08:30"
    )
    assert answer.status_code == 303
    assert words(clerk.get(f"/biaojue/{vote.pk}/mingce/")).count("已送达（当面签收）") == 3
    _evidence_is_looked_at_again(cast, browse, vote)


def _evidence_is_looked_at_again(cast: Cast, browse: Browse, vote: Vote) -> None:
    """All that the filter shows at once, with a photograph that whoever runs the vote can open, and no company."""
    clerk, company = browse("community_station"), browse("project_manager")
    picked = clerk.get(f"/biaojue/{vote.pk}/songda/?only=waiting&all=1")
    assert "选中7户" in words(picked)
    codes = ",".join(steps.entry(vote, number).code for number in range(4, 11))
    photo = SimpleUploadedFile("门口.png", PNG)
    post(
        clerk, f"/biaojue/{vote.pk}/songda/", units=codes, how="door", result="served", at="2022-05-05T08:40",
        photo=photo,
    )  # fmt: skip
    page = clerk.get(f"/biaojue/{vote.pk}/mingce/").content.decode()
    links = re.findall(r'href="(/wenjian/\d+/)">凭证', page)
    assert len(links) == 7 and len(set(links)) == 1
    assert b"".join(clerk.get(links[0]).streaming_content) == PNG
    assert company.get(links[0]).status_code == 403


def test_service_is_printed_unit_by_unit_with_room_to_sign(cast: Cast, browse: Browse) -> None:
    vote = steps.noticed(cast)
    clerk = browse("community_station")
    codes = [steps.entry(vote, number).code for number in (1, 2)]
    post(
        clerk, f"/biaojue/{vote.pk}/songda/", units=codes, how="door", result="served", at="2022-05-05T08:40",
        photo=SimpleUploadedFile("门口.png", PNG),
    )  # fmt: skip
    address = f"/biaojue/{vote.pk}/songda/qingdan/"
    assert address in clerk.get(f"/biaojue/{vote.pk}/mingce/").content.decode()
    assert address in clerk.get(f"/biaojue/{vote.pk}/songda/?units={codes[0]}").content.decode()
    answer = clerk.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    text = pdf_text(answer.content)
    assert "共10套：已送达2套，没有送达8套" in text and text.count("上门张贴并拍照") == 2
    assert sha256(PNG).hexdigest()[:16] in text and "第1页，共1页" in text
    assert "业主1" not in text and "业*" in text
    left = pdf_text(clerk.get(f"{address}?only=waiting").content)
    assert "共8套：已送达0套，没有送达8套" in left and "还没有送达的" in left
    assert browse("housing").get(address).status_code == 403
    assert browse("owner").get(address).status_code in (403, 404)


def test_an_election_without_a_formation_is_warned_of_before_the_notice(cast: Cast, browse: Browse) -> None:
    people = ("赵一", "钱二", "孙三")
    vote = steps.drafted(cast, steps.motion(matter="elect_committee", title="选委员", candidates=people, seats=3))
    clerk, page = browse("community_station"), f"/biaojue/{vote.pk}/"
    shown = clerk.get(page).content.decode()
    assert "“选委员”选出的人不会自动到任" in shown
    assert f'href="/zuzhi/xiaoqu/{cast.estate.pk}/">小区的组织' in shown and f'href="{page}yiti/1/">修改议题' in shown
    assert "选出的人不会自动到任" in clerk.get("/biaojue/niding/").content.decode()
    vote = votes.freeze_roll(vote, actor=cast.actor("community_station"), now=cast.now)
    votes.check_vote(vote, agreed=True, opinion="", actor=cast.actor("street_office"), now=cast.now)
    assert "先重新锁定名册才能修改" in words(clerk.get(page))
    other = votes.draft_vote(
        cast.estate, title="另一次", convener="community_station", opens_at=OPENS, closes_at=CLOSES,
        motions=[steps.motion()], actor=cast.actor("community_station"), now=cast.now,
    )  # fmt: skip
    assert "不会自动到任" not in words(clerk.get(f"/biaojue/{other.pk}/"))


def test_the_officer_takes_a_ballot_at_the_desk(cast: Cast, browse: Browse) -> None:
    vote = _running(cast)
    desk = browse("community_station", database_now())
    answer = post(desk, f"/biaojue/{vote.pk}/ban/xianchang/", room="1幢009室", m1="agree")
    assert answer.status_code == 303
    made = Ballot.objects.get()
    assert (made.channel, len(made.units)) == ("desk", 2)


@pytest.mark.parametrize("role", ["owner", "project_manager", "street_office@2"])
def test_strangers_do_not_see_a_vote(cast: Cast, browse: Browse, role: str) -> None:
    vote = steps.noticed(cast)
    assert browse(role).get(f"/biaojue/{vote.pk}/").status_code == 404


# -- the phone


def _running(cast: Cast, *motions: Any) -> Vote:
    """A vote whose window lies around the real clock, which the pages read."""
    vote = steps.opened(cast, *motions)
    now = database_now()
    opens_at, closes_at = now - timedelta(days=1), now + timedelta(days=1)
    window = {"opens_at": opens_at.isoformat(), "closes_at": closes_at.isoformat()}
    rules = {**(vote.rules or {}), "window": window}
    Vote.objects.filter(pk=vote.pk).update(opens_at=opens_at, closes_at=closes_at, rules=rules, rules_hash=uuid4().hex)
    vote.refresh_from_db()
    return vote


def _phone(cast: Cast, vote: Vote, number: int = 3) -> tuple[Client, str]:
    """A client that has shown who it is, and the address of its ballot."""
    owner = vote.owners.get(code=steps.entry(vote, number).owners[0])
    token = votes.make_link(vote, owner=owner, actor=cast.actor("community_station"), now=database_now())
    client, url = Client(), f"/biaojue/piao/{token}/"
    assert "先核对身份" in words(client.get(url))
    assert client.post(url, {"answer": "9999"}).status_code == 422
    assert client.post(url, {"answer": f"{number:04d}"}).status_code == 303
    return client, url


def test_an_owner_votes_on_his_phone(cast: Cast) -> None:
    vote = _running(cast)
    client, url = _phone(cast, vote)
    shown = words(client.get(url))
    assert "业*" in shown
    assert "面积100.00㎡" in shown and "未投票的不算参与" in shown
    assert "checked" not in shown
    empty = client.post(url, {})
    assert empty.status_code == 422 and "请选一项" in words(empty)
    look = client.post(url, {"m1": "oppose"})
    assert look.status_code == 200 and "您选的是" in words(look) and not Ballot.objects.exists()
    key = re.search(r'name="key" value="(\w+)"', words(look))
    assert key is not None
    sent = {"m1": "oppose", "key": key.group(1), "step": "cast"}
    done = client.post(url, sent)
    assert done.status_code == 303
    assert client.post(url, sent).url == done.url
    assert Ballot.objects.count() == 1
    receipt = words(client.get(done.url))
    number = Ballot.objects.get().number
    assert f"{number[:4]}-{number[4:]}" in receipt and "反对" not in receipt
    saved = json.loads(client.get(f"{done.url}?xiazai=1").content)
    assert saved["promise"]["signature"]


def _signed_in(cast: Cast, number: int) -> Client:
    """The owner with an account of his own, whose phone number is the recorded one."""
    user = cast.user("owner")
    user.set_phone(f"1390000{number:04d}")
    user.save()
    client = Client()
    client.force_login(user)
    return client


def test_an_owner_comes_from_the_first_page_to_the_ballot(cast: Cast) -> None:
    vote = _running(cast)
    client = _signed_in(cast, 3)
    home = words(client.get("/"))
    assert "有表决等您投票" in home and "去投票" in home and f"{steps.entry(vote, 3).room}" in home
    assert client.get(f"/biaojue/{vote.pk}/wode/").status_code == 405
    url = client.post(f"/biaojue/{vote.pk}/wode/").url
    assert "先核对身份" in words(client.get(url)), "signing in is not enough"
    assert client.post(url, {"answer": "9999"}).status_code == 422
    assert client.post(f"/biaojue/{vote.pk}/wode/").url == url, "the same way each time"
    for _ in range(4):
        client.post(url, {"answer": "9999"})
    refused = client.post(f"/biaojue/{vote.pk}/wode/")
    assert refused.status_code == 403 and "已停用" in words(refused), "what was answered wrong goes on counting"
    steps.ballot(vote, 3, at=database_now())
    home = words(client.get("/"))
    assert "已收到您的选票" in home and "看我的票" in home and "有表决等您投票" not in home


def test_the_link_that_was_sent_goes_on_working_beside_the_way_from_the_first_page(cast: Cast) -> None:
    vote = _running(cast)
    stranger, sent = _phone(cast, vote)
    owner = _signed_in(cast, 3)
    own = owner.post(f"/biaojue/{vote.pk}/wode/").url
    assert own != sent and own == owner.post(f"/biaojue/{vote.pk}/wode/").url and vote.links.count() == 2
    assert "m1" in words(stranger.get(sent)), "who had shown who he is need not again"
    client = Client()
    assert client.post(sent, {"answer": "9999"}).status_code == 422
    assert "还可以试3次" in words(client.post(own, {"answer": "9999"})), "guessing on two ways is counted as on one"
    assert client.post(own, {"answer": "0003"}).status_code == 303
    assert "还可以试4次" in words(client.post(sent, {"answer": "9999"}))
    # A new one in place of the sent one closes both, also for whoever got hold of the way from the first page.
    _phone(cast, vote)
    for dead in (sent, own):
        gone = client.get(dead)
        assert gone.status_code == 404 and "最近一次收到的链接" in words(gone) and "首页投票" in words(gone)
    assert owner.post(f"/biaojue/{vote.pk}/wode/").url not in (sent, own)
    assert client.get(own).status_code == 404


def test_who_is_not_on_the_roll_is_told_how_to_vote(cast: Cast) -> None:
    vote = _running(cast)
    client = _signed_in(cast, 77)
    home = words(client.get("/"))
    assert "名册里没有您账号的手机号码" in home and "去投票" not in home
    refused = client.post(f"/biaojue/{vote.pk}/wode/")
    assert refused.status_code == 403 and "到社区核对登记的号码" in words(refused)
    assert not vote.links.exists()


def test_a_look_back_is_possible_before_handing_in(cast: Cast) -> None:
    client, url = _phone(cast, _running(cast))
    back = words(client.post(url, {"m1": "abstain", "step": "change"}))
    assert 'value="abstain" checked' in back


def test_what_was_chosen_is_shown_after_another_check_alone(cast: Cast) -> None:
    vote = _running(cast)
    client, url = _phone(cast, vote)
    client.post(url, {"m1": "oppose", "key": "k" * 32, "step": "cast"})
    here = f"{url}xuanze/{Ballot.objects.get().number}/"
    assert "反对" not in words(client.get(here))
    assert client.post(here, {"answer": "0000"}).status_code == 422
    assert "反对" in words(client.post(here, {"answer": "0003"}))


def test_the_receipt_offers_another_ballot_only_where_one_would_count(cast: Cast) -> None:
    vote = _running(cast)
    client, url = _phone(cast, vote)
    client.post(url, {"m1": "oppose", "key": "k" * 32, "step": "cast"})
    page = f"{url}huizhi/{Ballot.objects.get().number}/"
    assert ">改投<" not in words(client.get(page))
    rules = Vote.objects.get(pk=vote.pk).rules
    assert rules["settings"]["revote"]["value"] == "first_only"
    rules["settings"]["revote"]["value"] = "last_valid"
    Vote.objects.filter(pk=vote.pk).update(rules=rules, rules_hash=uuid4().hex)
    assert ">改投<" in words(client.get(page))


def test_the_receipt_says_when_another_ballot_stands_instead(cast: Cast) -> None:
    vote = _running(cast)
    rules = Vote.objects.get(pk=vote.pk).rules
    rules["settings"]["revote"]["value"] = "last_valid"
    rules["settings"]["precedence"] |= {"value": "by_channel", "order": ["paper", "desk", "phone"]}
    Vote.objects.filter(pk=vote.pk).update(rules=rules, rules_hash=uuid4().hex)
    vote.refresh_from_db()
    steps.ballot(
        vote, 3, at=database_now(), channel="paper", entered_by=["甲", "乙"], actor=cast.actor("community_station")
    )
    paper = Ballot.objects.get()
    client, url = _phone(cast, vote)
    client.post(url, {"m1": "oppose", "key": "k" * 32, "step": "cast"})
    made = Ballot.objects.exclude(pk=paper.pk).get()
    receipt = words(client.get(f"{url}huizhi/{made.number}/"))
    assert "现在不算" in receipt and paper.number in receipt
    assert receipts.code_of(bytes(made.entry.leaf_hash)) in receipt


def test_a_link_does_not_open_another_owners_receipt(cast: Cast) -> None:
    vote = _running(cast)
    client, url = _phone(cast, vote, 3)
    client.post(url, {"m1": "oppose", "key": "k" * 32, "step": "cast"})
    number = Ballot.objects.get().number
    other, other_url = _phone(cast, vote, 4)
    assert other.get(f"{other_url}huizhi/{number}/").status_code == 404


def test_after_the_close_the_phone_says_so(cast: Cast) -> None:
    vote = _running(cast)
    client, url = _phone(cast, vote)
    Vote.objects.filter(pk=vote.pk).update(closes_at=database_now())
    assert "已经截止" in words(client.get(url))
    assert "已经截止" in words(client.post(url, {"m1": "agree", "key": "k", "step": "cast"}))
    assert not Ballot.objects.exists()


def test_an_election_on_the_phone(cast: Cast) -> None:
    committee = steps.motion(matter="elect_committee", title="选举", candidates=("甲", "乙", "丙"), seats=2)
    vote = _running(cast, committee)
    client, url = _phone(cast, vote)
    assert "最多选2个" in words(client.get(url))
    for sent in ({}, {"key": "k" * 32, "step": "cast"}):  # before he is shown what he chose, and at the hand-in
        three = client.post(url, {"m1": ["c1", "c2", "c3"], **sent})
        assert three.status_code == 422 and "选了3个，最多选2个" in words(three)
    assert client.post(url, {"m1": ["c1", "c3"], "key": "k" * 32, "step": "cast"}).status_code == 303
    assert Ballot.objects.get().choices == {"m1": ["c1", "c3"]}


def test_a_made_up_key_is_refused_with_the_ballot_kept(cast: Cast) -> None:
    client, url = _phone(cast, _running(cast))
    answer = client.post(url, {"m1": "oppose", "key": "k" * 65, "step": "cast"})
    assert answer.status_code == 422 and 'value="oppose" checked' in words(answer)


def test_co_owners_name_one_of_them_on_the_roll(cast: Cast, browse: Browse) -> None:
    vote = steps.noticed(cast)
    first, second = steps.entry(vote, 1), steps.entry(vote, 2)
    vote.roll.filter(pk=first.pk).update(owners=[*first.owners, *second.owners], nominee="", voters=[])
    clerk = browse("community_station")
    assert "未推定" in words(clerk.get(f"/biaojue/{vote.pk}/mingce/"))
    url = f"/biaojue/{vote.pk}/mingce/{first.code}/tuiding/"
    assert post(clerk, url, nominee="").status_code == 422
    assert post(clerk, url, nominee=second.owners[0]).status_code == 303
    corrected = post(
        clerk, f"/biaojue/{vote.pk}/mingce/{second.code}/gengzheng/",
        area_m2="123.45", stock="sold", kind="home", reason="登记簿"
    )  # fmt: skip
    assert corrected.status_code == 303
    assert [one.kind for one in vote.records.order_by("pk")] == ["NOTICE", "NOMINATE", "CORRECT"]


def test_an_unknown_link_is_not_found(cast: Cast) -> None:
    assert Client().get("/biaojue/piao/nothing/").status_code == 404


# -- the result


def _published(cast: Cast) -> Vote:
    vote = steps.opened(cast)
    for number in range(1, 8):
        steps.ballot(vote, number, "agree" if number < 6 else "oppose")
    return steps.published(cast, vote)


@pytest.mark.clause("JJ-A10-2.3-3", "JH-4.9d")
def test_the_public_result_shows_both_counts_the_steps_and_the_other_readings(cast: Cast) -> None:
    vote = _published(cast)
    shown = words(Client().get(f"/biaojue/jieguo/{vote.pk}/"))
    for text in (
        "同意人数",
        "同意面积",
        "须达到6人（2/3）",
        "怎样算出来的",
        "换一种算法",
        "民法典第二百七十八条",
        "草案",
    ):
        assert text in shown, text
    assert "业主1" not in shown


def test_the_result_is_not_public_before_it_is_published(cast: Cast) -> None:
    vote = steps.closed(cast, steps.opened(cast))
    assert Client().get(f"/biaojue/jieguo/{vote.pk}/").status_code == 404


def test_a_code_is_looked_up(cast: Cast) -> None:
    vote = steps.opened(cast)
    made = steps.ballot(vote, 1)
    assert "在册" in words(Client().get("/biaojue/jieguo/", {"code": made.number.lower()}))
    assert "没有这个短码" in words(Client().get("/biaojue/jieguo/", {"code": "AAAA"}))


def puzzled(client: Client, url: str, **data: Any) -> Any:
    """Sends a public form with the puzzle on it answered."""
    html = words(client.get(url))
    token = re.search(r'name="puzzle_token" value="([^"]+)"', html)
    assert token is not None
    return post(client, url, puzzle_token=token.group(1), puzzle_answer="2", **data)


@pytest.fixture
def easy_puzzle(monkeypatch: pytest.MonkeyPatch) -> None:
    captcha = import_module("gongzhi.site.captcha")
    draft = captcha.Draft("一加一等于几？", ("2",))
    monkeypatch.setattr(captcha, "KINDS", (lambda: draft,))


@pytest.mark.usefixtures("easy_puzzle")
def test_an_objection_is_handed_in_and_answered(cast: Cast, browse: Browse) -> None:
    vote = _published(cast)
    Vote.objects.filter(pk=vote.pk).update(objection_until=database_now() + timedelta(days=1))
    url = f"/biaojue/jieguo/{vote.pk}/yiyi/"
    assert Client().post(url, {"text": "", "by_room": ""}).status_code == 422
    robot = post(Client(), url, text="票数不对", by_room="")
    assert robot.status_code == 422 and "票数不对" in words(robot) and not vote.objections.exists()
    assert puzzled(Client(), url, text="票数不对", by_room="1幢001室").status_code == 303
    officer = browse("street_office", CLOSES + timedelta(days=3))
    assert "票数不对" in words(officer.get(f"/biaojue/{vote.pk}/"))
    objection = vote.objections.get()
    answer = post(officer, f"/biaojue/yiyi/{objection.pk}/", result="rejected", reply="逐张核对无误")
    assert answer.status_code == 303


def test_what_hung_in_the_estate_is_in_the_package_and_as_word(cast: Cast) -> None:
    vote = _published(cast)
    client = Client()
    hung = client.get(f"/biaojue/gonggao/{vote.pk}/?as=docx")
    fetched = client.get(f"/biaojue/jieguo/{vote.pk}/shuju/").content
    again = client.get(f"/biaojue/jieguo/{vote.pk}/shuju/").content
    assert fetched == again
    with ZipFile(BytesIO(fetched)) as package:
        notice, result = (Document(BytesIO(package.read(f"notices/{name}.docx"))) for name in ("notice", "result"))
    said = "".join(one.text for one in notice.paragraphs)
    assert vote.roll_root in said and "续聘物业服务企业" in said
    assert said == "".join(one.text for one in Document(BytesIO(hung.content)).paragraphs)
    cells = [cell.text for table in notice.tables for row in table.rows for cell in row.cells]
    assert "未投票的不算参与" in "".join(cells) and any("2/3" in one for one in cells)
    assert "结果草案" in "".join(one.text for one in result.paragraphs)


def test_the_package_is_verified_by_the_stand_alone_program(cast: Cast, tmp_path: Any) -> None:
    vote = _published(cast)
    content = Client().get(f"/biaojue/jieguo/{vote.pk}/shuju/").content
    (tmp_path / "vote.zip").write_bytes(content)
    assert verifier.main([str(tmp_path / "vote.zip")]) == 0
    assert {"roll.json", "rules.json", "result.json"} <= set(ZipFile(BytesIO(content)).namelist())
    assert b"oppose" not in ZipFile(BytesIO(content)).read("log/entries.jsonl")


def test_scrutineers_get_every_ballot_opened(cast: Cast, browse: Browse, tmp_path: Any) -> None:
    vote = _published(cast)
    content = browse("street_office", CLOSES + timedelta(days=2)).get(f"/biaojue/{vote.pk}/jianpiao/").content
    (tmp_path / "vote.zip").write_bytes(content)
    assert verifier.main([str(tmp_path / "vote.zip")]) == 0
    assert len(ZipFile(BytesIO(content)).read("openings.jsonl").splitlines()) == 7


def test_the_filing_form_and_the_list_of_participation(cast: Cast, browse: Browse) -> None:
    vote = _published(cast)
    officer = browse("street_office", CLOSES + timedelta(days=2))
    form = Document(BytesIO(officer.get(f"/biaojue/{vote.pk}/beianbiao/").content))
    cells = [cell.text for table in form.tables for row in table.rows for cell in row.cells]
    assert "梧桐花园" in cells and any("7人" in cell for cell in cells)
    assert any("参与人数须达到2/3" in cell and cell.endswith("符合") for cell in cells)
    assert any("民法典第二百七十八条" in cell for cell in cells) and "CC-278" not in "".join(cells)
    assert re.fullmatch(r"\d{4}年\d+月\d+日", cells[cells.index("公告日期") + 1])
    book = officer.get(f"/biaojue/{vote.pk}/beianbiao/?as=xlsx").content
    filed = CalamineWorkbook.from_filelike(BytesIO(book)).get_sheet_by_index(0).to_python()
    assert [cells[at : at + 2] for at in range(0, len(cells), 2) if cells[at] == "名册"] == [
        row[:2] for row in filed if row[0] == "名册"
    ]
    posted = Document(BytesIO(officer.get(f"/biaojue/{vote.pk}/jieguogongshi/").content))
    text = "\n".join(one.text for one in posted.paragraphs)
    assert "表决结果公示" in text and "以上为结果草案" in text and "异议到" in text
    sheet = officer.get(f"/biaojue/{vote.pk}/canyu/").content
    rows = CalamineWorkbook.from_filelike(BytesIO(sheet)).get_sheet_by_index(0).to_python()
    assert [row[5] for row in rows[1:]].count("已参与") == 7
    assert "同意" not in str(rows)


def test_rules_of_procedure_are_entered_on_a_form(cast: Cast, browse: Browse) -> None:
    officer = browse("street_office")
    url = f"/biaojue/guize/{cast.estate.pk}/"
    assert "送达而没有投票的怎样计" in words(officer.get(url))
    answer = post(
        officer, url, adopted_on="2022-05-05", document="2022年议事规则第八条", vote_silence="follow_majority"
    )
    assert answer.status_code == 303
    again = post(officer, url, adopted_on="2022-05-05", document="2022年议事规则", vote_proxy_cap="many")
    assert again.status_code == 422


@pytest.mark.clause("JH-4.9e", "JH-4.9d")
def test_the_result_says_which_ballots_do_not_count_and_why(cast: Cast, browse: Browse) -> None:
    """Who looks up his own short code learns it too, once the result is published."""
    steps.last_ballot_counts(cast)
    vote = steps.opened(
        cast,
        steps.motion(),
        steps.motion(matter="elect_committee", title="选举业主委员会", candidates=["甲", "乙", "丙"], seats=2),
    )
    names = [one.candidate for one in votes.rules_of(vote).motions[1].election.candidates]  # type: ignore[union-attr]
    good = {"m1": "agree", "m2": names[:2]}
    for number in range(2, 9):
        steps.ballot(vote, number, good)
    spoiled = steps.ballot(
        vote, 1, {"m1": "agree", "m2": names}, channel="paper", entered_by=["u1", "u2"],
        actor=cast.actor("community_station"),
    )  # fmt: skip
    replaced = steps.ballot(vote, 3, good | {"m1": "oppose"}, at=steps.VOTING + timedelta(hours=1))
    first = Ballot.objects.exclude(pk=replaced.pk).get(vote=vote, units=replaced.units)
    stranger = Client()

    def looked_up(code: str) -> str:
        return words(stranger.get("/biaojue/jieguo/", {"code": code}))

    assert "没有计入" not in looked_up(spoiled.number)
    vote = steps.published(cast, vote)

    page = words(stranger.get(f"/biaojue/jieguo/{vote.pk}/"))
    assert "所选人数超过可选人数：1张" in page
    assert f"{spoiled.number[:4]}-{spoiled.number[4:]}（选举业主委员会）" in page
    assert page.index("所选人数超过可选人数：1张") < page.index("同一房屋另有一张票按改票规则为准：1张")
    clerk = browse("street_office")
    assert "所选人数超过可选人数：1张" in words(clerk.get(f"/biaojue/{vote.pk}/"))
    form = Document(BytesIO(clerk.get(f"/biaojue/{vote.pk}/beianbiao/").content))
    cells = {row.cells[0].text: row.cells[1].text for table in form.tables for row in table.rows}
    assert cells["没有计入的票"].splitlines()[0] == "所选人数超过可选人数：1张"
    assert "当选的同意人数须超过1/2，即至少4人" in cells["要求"]  # of the seven who elected
    assert "选举业主委员会：所选人数超过可选人数" in looked_up(spoiled.number)
    assert "同一房屋另有一张票按改票规则为准" in looked_up(first.number)
    assert "没有计入" not in looked_up(replaced.number)
