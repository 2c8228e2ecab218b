"""The pages: who sees which, forms that keep what was typed, a second click, and nothing raw on the screen."""

import re
from datetime import date

import pytest
from django.test import Client
from django.utils import timezone

from gongzhi.cases.accountability.models import Clue, Finding, Inspection, NoticeBoard, Sheet, WorkTask
from gongzhi.cases.accountability.tests.steps import OFFICE, acting, given, person, photo, sent_finding
from gongzhi.core.models import Organisation

LISTS = {
    "/wenze/": None,
    "/wenze/fenyue/": "board",
    "/wenze/fengong/": "division",
    "/wenze/renwu/xin/": "give",
    "/wenze/jihua/xin/": "plan",
    "/wenze/ducha/": None,
    "/wenze/ducha/xin/": "office",
    "/wenze/jiaobandan/": None,
    "/wenze/jiaobandan/xin/": "draft",
    "/wenze/cengji/": "board",
    "/wenze/yuetan/": "confidant",
    "/wenze/xiansuo/": "clue",
    "/wenze/xiansuo/xin/": "clue",
    "/wenze/houxuan/": "candidates",
    "/wenze/houxuan/zhongda/": "street",
    "/wenze/gongshipai/": "boards",
    "/wenze/jiancha/": "board",
}
MAY = {
    OFFICE: {"board", "division", "give", "plan", "office", "draft", "confidant", "clue", "candidates", "boards"},
    "county_leader": {"board", "division", "confidant", "candidates", "boards"},
    "housing": {"board", "division", "give", "plan", "candidates", "boards"},
    "street_office": {"board", "division", "give", "candidates", "street", "boards"},
    "urban_management": {"division"},
    "community_station": {"boards"},
}
NOW_DAY = timezone.localdate()  # noqa: TID251  (pages read the clock)


@pytest.fixture
def now_cast(cast):
    """The people of the cast, whose posts run on until today."""
    return cast


def client_of(cast, role, name=""):
    client = Client()
    client.force_login(cast.users[role] if role in cast.users and not name else person(cast, role, name))
    return client


def decent(html: str) -> None:
    assert '<html lang="zh-CN"' in html
    assert len(re.findall(r"<h1[ >]", html)) == 1
    assert " style=" not in html
    shown = re.sub(r"<(style|script|svg).*?</\1>|<[^>]+>", " ", html, flags=re.DOTALL)
    assert not re.search(r"\b(None|True|False|copy_notice|supervision_notice|leading_group_office)\b", shown)


@pytest.mark.parametrize("role", sorted(MAY))
def test_each_role_opens_its_pages_and_no_others(now_cast, role):
    client = client_of(now_cast, role)
    for address, need in LISTS.items():
        response = client.get(address)
        allowed = need is None or need in MAY[role]
        assert response.status_code == (200 if allowed else 403), (address, response.status_code)
        decent(response.content.decode())


def test_nobody_who_is_not_signed_in_sees_anything_but_the_board_of_an_estate(now_cast):
    for address in LISTS:
        assert Client().get(address).status_code == 302
    response = Client().get(f"/wenze/gongshipai/{now_cast.estate.pk}/")
    assert response.status_code == 200
    html = response.content.decode()
    decent(html)
    assert f"/gongshi/{now_cast.estate.pk}/" in html
    assert "印制" not in html


@pytest.mark.clause("JJ-5.3-4", "JJ-3.1.1-5")
def test_an_inspection_goes_from_opening_to_the_units_answer_on_its_pages(now_cast):
    office, street = client_of(now_cast, OFFICE), client_of(now_cast, "street_office")
    unit = now_cast.organisation("street_office")
    response = office.post("/wenze/ducha/xin/", {"title": "", "form_key": "k1"})
    assert response.status_code == 422
    posted = {"title": "履职督查", "inspected": unit.pk, "form_key": "k2"}
    response = office.post("/wenze/ducha/xin/", posted)
    assert response.status_code == 303
    assert office.post("/wenze/ducha/xin/", posted).url == response.url
    row = Inspection.objects.get()
    assert street.get(f"/wenze/ducha/{row.pk}/").status_code == 404
    response = office.post(
        f"/wenze/ducha/{row.pk}/wenti/", {"text": "台账不全", "unit": unit.pk, "days": 10, "form_key": "k3"}
    )
    assert response.status_code == 303
    finding = Finding.objects.get()
    assert street.get(f"/wenze/wenti/{finding.pk}/").status_code == 404
    assert "台账不全" not in street.get("/wenze/ducha/").content.decode()
    sent = office.post(f"/wenze/wenti/{finding.pk}/jiaoban/", {"form_key": "k4", "version": finding.version})
    assert sent.status_code == 303
    page = street.get(f"/wenze/wenti/{finding.pk}/").content.decode()
    decent(page)
    assert "反馈整改" in page and "依据" in page and "鸠物查" in page
    finding.refresh_from_db()
    stale = street.post(f"/wenze/wenti/{finding.pk}/fankui/", {"text": "补齐了", "form_key": "k5", "version": 1})
    assert stale.status_code == 409
    assert "补齐了" in stale.content.decode()
    done = street.post(
        f"/wenze/wenti/{finding.pk}/fankui/", {"text": "补齐了", "form_key": "k6", "version": finding.version}
    )
    assert done.status_code == 303
    assert "待复核" in office.get(f"/wenze/wenti/{finding.pk}/").content.decode()


@pytest.mark.clause("JJ-A2-1-1", "JJ-A2-2.3-4")
def test_a_task_is_given_signed_for_visited_and_shown_with_prompts_and_feedback(now_cast):
    office, unit = client_of(now_cast, OFFICE), client_of(now_cast, "urban_management")
    owner = now_cast.organisation("urban_management")
    day = date(NOW_DAY.year, 12, 31).isoformat()
    response = office.post(
        "/wenze/renwu/xin/",
        {"title": "排查违建", "unit": owner.pk, "due_on": day, "source": "monthly", "form_key": "k1"},
    )
    assert response.status_code == 303
    task = WorkTask.objects.get()
    assert unit.post(f"/wenze/renwu/{task.pk}/qianshou/", {"form_key": "k2"}).status_code == 303
    assert client_of(now_cast, "police").get(f"/wenze/renwu/{task.pk}/").status_code == 404
    assert unit.post(f"/wenze/renwu/{task.pk}/yanshou/", {"form_key": "k3"}).status_code == 403
    form = {"at": "2022-05-05T09:00", "spot": "东门", "form_key": "k4"}
    response = office.post(f"/wenze/renwu/{task.pk}/xianchang/", form)
    assert response.status_code == 422
    assert "东门" in response.content.decode()
    moment = timezone.localtime(task.given_at).strftime("%Y-%m-%dT%H:%M")  # noqa: TID251
    response = office.post(f"/wenze/renwu/{task.pk}/xianchang/", {**form, "at": moment, "photo": photo()})
    assert response.status_code == 303, response.content.decode()
    page = office.get(f"/wenze/renwu/{task.pk}/").content.decode()
    decent(page)
    assert "现场督办" in page and "地点：东门" in page and "签收" in page
    board = office.get("/wenze/").content.decode()
    assert "排查违建" in board and "月调度" in board


@pytest.mark.clause("JJ-A2-1-1")
def test_a_plan_is_typed_in_rows_and_more_rows_keep_what_was_typed(now_cast):
    office, unit = client_of(now_cast, OFFICE), now_cast.organisation("housing")
    typed = {
        "title": "计划", "year": NOW_DAY.year + 1, "rows": 3, "r0-title": "办培训", "r0-unit": unit.pk,
        "r0-months": ["3", "6"], "form_key": "k1",
    }  # fmt: skip
    response = office.post("/wenze/jihua/xin/", {**typed, "more": "1"})
    page = response.content.decode()
    assert response.status_code == 422 and 'name="rows" value="6"' in page and "办培训" in page
    assert page.count("checked") == 2
    bad = office.post("/wenze/jihua/xin/", {**typed, "r1-title": "没有单位"})
    assert bad.status_code == 422 and "没有单位" in bad.content.decode()
    assert office.post("/wenze/jihua/xin/", typed).status_code == 303
    assert WorkTask.objects.filter(source="plan").count() == 2


@pytest.mark.clause("JJ-A2-2.2-4")
def test_the_page_of_an_order_says_whose_signature_is_missing(now_cast):
    office, leader = client_of(now_cast, OFFICE), client_of(now_cast, "county_leader")
    unit = now_cast.organisation("housing")
    day = date(NOW_DAY.year + 1, 1, 31).isoformat()
    response = office.post(
        "/wenze/jiaobandan/xin/",
        {
            "kind": "order", "title": "联席会议交办", "origin": "第3次纪要", "rows": 3, "r0-text": "清理通道",
            "r0-unit": unit.pk, "r0-due_on": day, "form_key": "k1",
        },
    )  # fmt: skip
    assert response.status_code == 303
    sheet = Sheet.objects.get()
    page = office.get(response.url).content.decode()
    decent(page)
    assert "还缺区政府分管领导签字" in page and "下发</a>" not in page
    refused = office.post(f"/wenze/jiaobandan/{sheet.pk}/xiafa/", {"form_key": "k2", "version": sheet.version})
    assert refused.status_code == 422 and "还缺" in refused.content.decode()
    assert client_of(now_cast, "housing").get(response.url).status_code == 404
    signed = leader.post(f"/wenze/jiaobandan/{sheet.pk}/qianzi/", {"form_key": "k3", "version": sheet.version})
    assert signed.status_code == 303
    sheet.refresh_from_db()
    sent = office.post(f"/wenze/jiaobandan/{sheet.pk}/xiafa/", {"form_key": "k4", "version": sheet.version})
    assert sent.status_code == 303
    assert client_of(now_cast, "housing").get(response.url).status_code == 200


@pytest.mark.clause("JJ-3.0-1", "JJ-HC-58")
def test_the_division_is_filtered_by_the_unit_that_leads(now_cast):
    client = client_of(now_cast, "housing")
    html = client.get("/wenze/fengong/?role=housing").content.decode()
    assert "牵头20项，其中共同牵头3项" in html
    assert "20项没有反馈" in html
    assert "牵头1项" in client.get("/wenze/fengong/?role=discipline_office").content.decode()
    assert "25项任务" in client.get("/wenze/fengong/").content.decode()
    own = client_of(now_cast, "urban_management").get("/wenze/fengong/?role=urban_management").content.decode()
    assert "牵头1项" in own and "三(一)2" in own


@pytest.mark.clause("JJ-5.3-7")
def test_the_person_concerned_finds_no_trace_of_the_clue(now_cast):
    office = client_of(now_cast, OFFICE)
    concerned = person(now_cast, OFFICE, "陆某")
    response = office.post(
        "/wenze/xiansuo/xin/",
        {
            "unit": now_cast.organisation(OFFICE).pk, "person": concerned.pk, "position": "科员", "behaviour": "abuse",
            "text": "越权办事", "form_key": "k1",
        },
    )  # fmt: skip
    assert response.status_code == 303
    clue = Clue.objects.get()
    assert "越权办事" in office.get(response.url).content.decode()
    other = client_of(now_cast, OFFICE, "陆某")
    assert clue.number not in other.get("/wenze/xiansuo/").content.decode()
    assert other.get(response.url).status_code == 404
    assert other.post(f"/wenze/xiansuo/{clue.pk}/yisong/", {"form_key": "k2"}).status_code == 404


@pytest.mark.clause("JJ-5.3-6")
def test_talks_are_hidden_from_the_unit_and_from_housing(now_cast):
    for role in ("housing", "urban_management", "street_office", "community_station"):
        assert client_of(now_cast, role).get("/wenze/yuetan/").status_code == 403
    discipline = Client()
    discipline.force_login(acting(now_cast, "discipline_office").user)
    assert discipline.get("/wenze/yuetan/").status_code == 200


@pytest.mark.clause("JJ-A3-3.1-1")
def test_a_board_is_printed_posted_and_counted_on_its_pages(now_cast):
    Organisation.objects.filter(kind__in=("office", "department")).update(phone="0553-0000001")
    street = client_of(now_cast, "street_office")
    estate = now_cast.estate
    assert street.post(f"/wenze/gongshipai/{estate.pk}/yinzhi/", {"form_key": "k1"}).status_code == 303
    board = NoticeBoard.objects.get()
    response = street.post(
        f"/wenze/gongshipai/{estate.pk}/zhangtie/",
        {"spot": "东门", "photo": photo(), "version": board.version, "form_key": "k2"},
    )
    assert response.status_code == 303
    html = street.get("/wenze/gongshipai/").content.decode()
    assert "已公示1个" in html
    unit = now_cast.organisation("community_station")
    response = street.post(f"/wenze/gongshipai/dianhua/{unit.pk}/", {"number": "0553-0000002", "form_key": "k3"})
    assert response.status_code == 303
    assert "要重印" in street.get("/wenze/gongshipai/").content.decode()
    public = Client().get(f"/wenze/gongshipai/{estate.pk}/").content.decode()
    assert "0553-0000002" in public


def test_the_lists_take_a_settled_number_of_queries(now_cast, django_assert_max_num_queries):
    from gongzhi.cases.accountability.tests.steps import at, clock

    for _ in range(6):
        sent_finding(now_cast, now=at(5, 5))
        given(now_cast, due_on=date(2022, 5, 20), now=at(5, 5))
    clock(at(6, 30))
    client = client_of(now_cast, OFFICE)
    for address in ("/wenze/", "/wenze/ducha/", "/wenze/cengji/?year=2022", "/wenze/fengong/", "/wenze/gongshipai/"):
        client.get(address)
        with django_assert_max_num_queries(40):
            client.get(address)
