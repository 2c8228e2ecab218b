"""A complaint by the public web form, without a script, and what its complainant sees afterwards."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from gongzhi.cases.models import Case, Complaint
from gongzhi.cases.services import closing, handling, routing
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.models import FormKey
from gongzhi.site import limits
from gongzhi.site.demo.loading import Stage
from gongzhi.site.tests.test_captcha import solve

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000002000154a24f5d0000000049454e44ae426082"
)


def hidden(html: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found, name
    return found[1]


def filled(client: Client, **changes: Any) -> dict[str, Any]:
    html = client.get("/tousu/").content.decode()
    question = re.search(r'<label for="puzzle">([^<]+)</label>', html)[1]
    return {
        "form_key": hidden(html, "form_key"),
        "puzzle_token": hidden(html, "puzzle_token"),
        "puzzle_answer": solve(question),
        "matters": "1",
        "estate": "示范花园（观岚社区居民委员会）",
        "location": "2号门",
        "m0-matter": "fire_lane",
        "m0-text": "消防通道每晚停满车，救护车进不来。",
        "name": "李小明",
        "phone": "138 0000 1234",
        "act": "send",
        **changes,
    }


def send(client: Client, **changes: Any) -> HttpResponse:
    return client.post("/tousu/", filled(client, **changes))


def test_a_complaint_gets_a_number_a_case_and_a_due_day(visitor: Client) -> None:
    response = send(visitor)
    assert response.status_code == 303
    html = visitor.get(response["Location"]).content.decode()
    complaint = Complaint.objects.latest("id")
    assert complaint.number in html
    assert complaint.channel == "web"
    assert complaint.cases.count() == 1
    assert "还剩" in html
    assert "依据" in html
    assert "李小明" not in html


def test_two_matters_become_two_cases(visitor: Client) -> None:
    response = send(visitor, matters="2", **{"m1-matter": "neighbour_dispute", "m1-text": "楼上漏水，要求赔偿。"})
    assert response.status_code == 303
    cases = Complaint.objects.latest("id").cases.order_by("id")
    assert [case.matter for case in cases] == ["fire_lane", "neighbour_dispute"]


def test_a_further_matter_is_added_without_losing_what_was_typed(visitor: Client) -> None:
    before = Complaint.objects.count()
    html = send(visitor, act="add").content.decode()
    assert 'name="m1-matter"' in html
    assert "消防通道每晚停满车" in html
    assert "处要改" not in html
    assert Complaint.objects.count() == before


def test_a_second_click_makes_no_second_complaint(visitor: Client) -> None:
    data = filled(visitor)
    first = visitor.post("/tousu/", data)
    again = filled(visitor, form_key=data["form_key"])
    second = visitor.post("/tousu/", again)
    assert first["Location"] == second["Location"]


@pytest.mark.parametrize("anonymous", [False, True])
def test_the_second_of_two_clicks_shows_what_the_first_made_though_its_puzzle_is_spent(
    stage: Stage, visitor: Client, anonymous: bool
) -> None:
    who = {"name": "", "phone": "", "anonymous": "on", "anonymous_reason": "怕邻居知道"} if anonymous else {}
    data = filled(visitor, **who)
    first = visitor.post("/tousu/", data)
    # The browser shows the answer to the second click alone; the first one's cookie may never have come.
    browser = Client()
    second = browser.post("/tousu/", data)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first["Location"] == second["Location"]
    seen = [client.get(second["Location"]).content.decode() for client in (visitor, browser)]
    codes = [re.findall(r'<span class="gz-code">([^<]+)</span>', html) for html in seen]
    assert codes[0] == codes[1]
    assert bool(re.fullmatch("[2-9A-Z]{6}", codes[0][1])) is anonymous


def test_the_key_of_another_form_does_not_open_a_complaint(
    stage: Stage, signed_in: Callable[[str], Client], visitor: Client
) -> None:
    send(visitor)
    strangers = Complaint.objects.latest("id")
    owner = next(user for user in stage.users.values() if user.posts.filter(role="owner").exists())
    client = signed_in(owner.username)
    FormKey.objects.create(key="k", user=owner, ref_kind="case", ref_id=str(strangers.pk))
    refused = client.post("/tousu/", {**filled(visitor), "form_key": "k"})
    assert refused.status_code == 422
    assert client.get(f"/chaxun/{strangers.number}/").status_code == 302


def test_a_second_click_on_rating_and_reopening_does_nothing_more(visitor: Client, stage: Stage) -> None:
    case = Case.objects.get(title="电动自行车上楼充电")
    number = case.complaint.number
    visitor.post("/chaxun/", {"number": number, "tail": "0006"})
    address = f"/chaxun/{number}/{case.pk}"
    rating = {f"c{case.pk}-stars": "2", "form_key": "rate-once"}
    wish = {f"c{case.pk}-reason": "又有人推上楼", "form_key": "reopen-once"}
    assert [visitor.post(f"{address}/pingjia/", rating).status_code for _ in range(2)] == [303, 303]
    assert [visitor.post(f"{address}/chongban/", wish).status_code for _ in range(2)] == [303, 303]
    case.refresh_from_db()
    assert (case.stars, case.reopened_times) == (2, 1)


def test_what_is_missing_is_said_beside_the_field_and_at_the_top(visitor: Client) -> None:
    response = send(visitor, name="", phone="", location="", **{"m0-text": ""})
    assert response.status_code == 422
    html = response.content.decode()
    assert 'class="gz-errors' in html
    assert '<a href="#id_location">' in html
    assert "请写清楚具体在哪里" in html
    assert "请填联系电话" in html
    assert 'aria-invalid="true"' in html
    assert 'value="示范花园（观岚社区居民委员会）"' in html


def test_a_wrong_answer_to_the_puzzle_keeps_the_form(visitor: Client) -> None:
    before = Complaint.objects.count()
    response = send(visitor, puzzle_answer="不知道")
    assert response.status_code == 422
    assert "答得不对" in response.content.decode()
    assert "消防通道每晚停满车" in response.content.decode()
    assert Complaint.objects.count() == before


def test_a_robot_that_fills_the_hidden_field_is_refused(visitor: Client) -> None:
    assert send(visitor, homepage="http://example.org").status_code == 422


def test_too_many_complaints_from_one_place_are_refused(visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    few = limits.Limit("complain", 1, limits.COMPLAIN_ADDRESS.within)
    monkeypatch.setitem(__import__("gongzhi.site.captcha", fromlist=["LIMITS"]).LIMITS, "complain", few)
    assert send(visitor).status_code == 303
    response = send(Client())
    assert response.status_code == 422
    assert "一小时内提交得太多" in response.content.decode()


def test_an_anonymous_complaint_is_tracked_by_a_code_shown_once(visitor: Client) -> None:
    response = send(visitor, name="", phone="", anonymous="on", anonymous_reason="怕邻居知道")
    html = visitor.get(response["Location"]).content.decode()
    assert "查询码" in html
    code = re.findall(r'<span class="gz-code">([^<]+)</span>', html)[1]
    number = Complaint.objects.latest("id").number
    other = Client()
    assert other.post("/chaxun/", {"number": number, "tail": code}).status_code == 303
    assert Client().post("/chaxun/", {"number": number, "tail": "AAAAAA"}).status_code == 422


def test_an_anonymous_complaint_needs_a_reason(visitor: Client) -> None:
    response = send(visitor, name="", phone="", anonymous="on")
    assert response.status_code == 422
    assert "请写明原因" in response.content.decode()


def test_an_estate_is_found_step_by_step(visitor: Client, stage: Stage) -> None:
    estate = stage.estates["garden"]
    html = visitor.get("/tousu/xiaoqu/").content.decode()
    for place in estate.community.path.rstrip("/").split("/")[2:]:
        address = f"/tousu/xiaoqu/{place}/"
        assert address in html
        html = visitor.get(address).content.decode()
    assert f"/tousu/?xiaoqu={estate.pk}" in html
    assert "示范花园" in visitor.get(f"/tousu/?xiaoqu={estate.pk}").content.decode()


def test_an_unknown_estate_says_how_to_find_it(visitor: Client) -> None:
    html = send(visitor, estate="没有的小区").content.decode()
    assert "名单里没有这个小区" in html


def test_a_picture_comes_along_and_a_disguised_program_does_not(visitor: Client) -> None:
    picture = SimpleUploadedFile("现场.png", PNG, "image/png")
    assert send(visitor, attachments=picture).status_code == 303
    assert Complaint.objects.latest("id").files.count() == 1
    before = Complaint.objects.count()
    program = SimpleUploadedFile("现场.png", b"MZ\x90\x00" + b"\x00" * 200, "image/png")
    assert send(visitor, attachments=program).status_code == 422
    assert Complaint.objects.count() == before


def test_an_owner_who_signed_in_needs_no_puzzle_and_finds_it_at_home(stage: Stage) -> None:
    client = Client()
    client.force_login(stage.users["yezhu"])
    html = client.get("/tousu/").content.decode()
    assert "puzzle_token" not in html
    assert "示范花园" in html
    response = client.post(
        "/tousu/",
        {
            "form_key": hidden(html, "form_key"),
            "matters": "1",
            "estate": "示范花园",
            "location": "南门",
            "m0-matter": "parking_disorder",
            "m0-text": "南门外乱停车，轮椅过不去。",
            "name": "王某",
            "phone": "13800005678",
            "act": "send",
        },
    )
    assert response.status_code == 303
    assert Complaint.objects.latest("id").submitted_by == stage.users["yezhu"]
    assert "乱停车" in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("owner", "manager", "estate", "matter"),
    [
        pytest.param(
            "yezhu", "wuye", "garden", "repair_request", marks=pytest.mark.clause("JJ-A4-2.3-7"), id="a repair"
        ),
        pytest.param(
            "jh-yezhu",
            "jh-wuye",
            "jh",
            "help_request",
            marks=pytest.mark.clause("JH-4.9g", "JH-4.9h"),
            id="a call for help",
        ),
    ],
)
def test_in_his_own_account_an_owner_asks_follows_every_step_and_rates(
    signed_in: Callable[[str], Client], stage: Stage, owner: str, manager: str, estate: str, matter: str
) -> None:
    client = signed_in(owner)
    html = client.get("/tousu/").content.decode()
    sent = {
        "form_key": hidden(html, "form_key"), "matters": "1", "estate": stage.estates[estate].name, "location": "1幢",
        "m0-matter": matter, "m0-text": "单元门关不上。", "name": "王某", "phone": "13800005678", "act": "send",
    }  # fmt: skip
    assert client.post("/tousu/", sent).status_code == 303
    case = Complaint.objects.latest("id").cases.get()
    assert case.lead.role == "property_company"
    now = timezone.now()
    by = {"actor": Actor.of(stage.users[manager], now), "now": now}
    routing.report_in(case, **by)
    handling.verify_on_site(case, note="闭门器坏", **by)
    handling.contact_complainant(case, promised_on=local_day(now), method="电话", **by)
    handling.handle(case, result="已换闭门器", outcome="settled", **by)
    case.refresh_from_db()
    if case.answered_at is None:
        closing.answer(case, text="已换闭门器", method="电话", **by)
    address = f"/chaxun/{case.complaint.number}/"
    assert address in client.get("/").content.decode()
    shown = client.get(address).content.decode()
    for step in ("已签收", "现场", "已换闭门器"):
        assert step in shown, step
    rated = client.post(f"{address}{case.pk}/pingjia/", {f"c{case.pk}-stars": "5", f"c{case.pk}-comment": ""})
    assert rated.status_code == 303
    case.refresh_from_db()
    assert case.stars == 5
    assert signed_in("zjg-yezhu").get(address).status_code == 302  # somebody else's account opens nothing


def test_progress_shows_unit_stages_and_answer_but_nothing_of_the_file(visitor: Client, stage: Stage) -> None:
    case = Case.objects.get(title="电动自行车上楼充电")
    tail = {"number": case.complaint.number.lower(), "tail": "0006"}
    response = visitor.post("/chaxun/", tail)
    assert response.status_code == 303
    html = visitor.get(response["Location"]).content.decode()
    assert case.lead.name in html
    assert "已处罚3户，电梯加装了阻车系统" in html
    assert "要求重办" in html
    assert "提交评价" in html
    assert "吕秀兰" not in html
    assert "查到上楼充电3户" not in html


def test_a_rating_counts_and_a_complaint_is_taken_up_again(visitor: Client, stage: Stage) -> None:
    case = Case.objects.get(title="电动自行车上楼充电")
    number = case.complaint.number
    visitor.post("/chaxun/", {"number": number, "tail": "0006"})
    address = f"/chaxun/{number}/{case.pk}"
    assert (
        visitor.post(f"{address}/pingjia/", {f"c{case.pk}-stars": "2", f"c{case.pk}-comment": "又停了"}).status_code
        == 303
    )
    case.refresh_from_db()
    assert case.stars == 2
    empty = visitor.post(f"{address}/chongban/", {f"c{case.pk}-reason": ""})
    assert empty.status_code == 422
    assert "请写明哪里没有解决" in empty.content.decode()
    assert visitor.post(f"{address}/chongban/", {f"c{case.pk}-reason": "又有人推上楼"}).status_code == 303
    case.refresh_from_db()
    assert case.reopened_times == 1


def test_a_number_alone_opens_nothing(visitor: Client, stage: Stage) -> None:
    case = Case.objects.get(title="电动自行车上楼充电")
    number = case.complaint.number
    assert visitor.get(f"/chaxun/{number}/").status_code == 302
    assert visitor.get(f"/tousu/{number}/").status_code == 302
    assert visitor.post(f"/chaxun/{number}/{case.pk}/pingjia/", {f"c{case.pk}-stars": "5"}).status_code == 404


def test_guessing_the_tail_is_stopped(visitor: Client, stage: Stage) -> None:
    number = Case.objects.get(title="电动自行车上楼充电").complaint.number
    for guess in range(limits.TRACK_NUMBER.most):
        assert visitor.post("/chaxun/", {"number": number, "tail": f"{9000 + guess}"}).status_code == 422
    assert visitor.post("/chaxun/", {"number": number, "tail": "0006"}).status_code == 429
