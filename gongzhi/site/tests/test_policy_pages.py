"""Clauses, open points, questions and the calendar on screen."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from gongzhi.core import packs
from gongzhi.core.models import CalendarYear, SwitchValue
from gongzhi.site.policy.carriers import carriers
from gongzhi.site.tests.test_pages import check_page

ROUTE = "/wenguize/jiujiang/cases.route/?da=1&on=2026-11-02&f_matter=illegal_structure&f_nature=violation"
TENDER = (
    "/wenguize/zhangjiagang/contracts.tender_methods/?da=1&on=2026-11-02&f_project_type=residential&f_fee_mode=lump_sum"
)


def headline(html: str) -> str:
    return re.search(r'<h2 id="h-a">([^<]*)</h2>', html)[1]


def test_every_clause_has_its_anchor(visitor: Client) -> None:
    html = visitor.get("/tiaokuan/jiujiang/").content.decode()
    own = [clause.id for clause in packs.named_pack("jiujiang").clauses.values() if clause.pack == "jiujiang"]
    assert len(own) > 300
    assert all(f'<tr id="{clause_id}">' in html for clause_id in own)


def test_clauses_are_filtered_by_word_and_strength(visitor: Client) -> None:
    html = (
        visitor.get("/tiaokuan/jiujiang/?k=十五日").content.decode()
        + visitor.get("/tiaokuan/jiujiang/?k=JJ-5.3-2").content.decode()
    )
    assert '<tr id="JJ-5.3-2">' in html
    assert '<tr id="JJ-0.1-1">' not in html


def test_a_clause_shows_what_carries_it_and_how_much_is_late(visitor: Client) -> None:
    html = visitor.get("/tiaokuan/jiujiang/?k=JJ-5.3-2").content.decode()
    assert "期限：" in html
    assert "答复投诉人" in html
    assert re.search(r"超期\d+件", html)


def test_a_clause_without_a_rule_is_not_called_done(visitor: Client) -> None:
    pack = packs.named_pack("jiujiang")
    carried = carriers(pack)
    bare = next(one for one in pack.clauses.values() if one.pack == "jiujiang" and one.id not in carried)
    html = visitor.get(f"/tiaokuan/jiujiang/?k={bare.id}").content.decode()
    row = html[html.index(f'<tr id="{bare.id}">') :]
    assert "还没有" in row[: row.index("</tr>")]


def test_a_route_inside_the_built_up_area_names_the_department(visitor: Client) -> None:
    html = visitor.get(ROUTE + "&f_in_built_up_area=yes").content.decode()
    assert headline(html) == "主办：区城管局"
    assert "/tiaokuan/jiujiang/#JJ-A3-2.1-2" in html
    assert "校验码" in html


def test_a_route_outside_the_built_up_area_names_the_street(visitor: Client) -> None:
    assert "镇街" in headline(visitor.get(ROUTE + "&f_in_built_up_area=no").content.decode())


def test_a_missing_fact_is_asked_for_and_not_guessed(visitor: Client) -> None:
    html = visitor.get(ROUTE).content.decode()
    assert headline(html) == "还缺情况，答不了"
    assert "建成区" in html[html.index('id="h-a"') :]


@pytest.mark.parametrize("area, methods", [("300000", "公开招标"), ("299999.99", "公开招标、邀请招标")])
def test_a_bound_is_shown_on_it_and_just_off_it(visitor: Client, area: str, methods: str) -> None:
    html = visitor.get(f"{TENDER}&f_total_area_m2={area}").content.decode()
    assert headline(html) == f"可用方式：{methods}"
    for shown in ("300,000.01㎡", "300,000.00㎡", "299,999.99㎡"):
        assert shown in html


def test_a_wrong_fact_is_said_at_its_field(visitor: Client) -> None:
    response = visitor.get(f"{TENDER}&f_total_area_m2=很大")
    assert response.status_code == 422
    assert "gz-field-bad" in response.content.decode()


@pytest.mark.parametrize("slug", [pack.slug for pack in packs.all_packs()])
def test_every_question_of_every_document_can_be_asked(visitor: Client, slug: str) -> None:
    """Its form and its answer are one page."""
    for name in packs.named_pack(slug).questions_answered:
        assert visitor.get(f"/wenguize/{slug}/{name}/?da=1&on=2026-11-02").status_code == 200, name


def test_a_simulation_tells_duty_owner_and_due_moment(visitor: Client) -> None:
    html = visitor.get("/wenguize/jiujiang/moni/").content.decode()
    events = """[{"kind": "case.whistled", "at": "2022-05-05T09:00+08:00", "subject": "case:1", "data": {
      "number": "JJ-1", "channel": "phone", "matter": "fire_lane", "nature": "violation", "lead": "fire_rescue",
      "lead_level": "county", "received_at": "2022-05-05T08:30+08:00", "finding_required": false}}]"""
    assert "算一算" in html
    response = visitor.post("/wenguize/jiujiang/moni/", {"events": events, "at": "2022-05-06T09:00"})
    assert response.status_code == 200
    html = response.content.decode()
    assert "答复投诉人" in html
    assert "鸠江消防救援大队" in html


def test_broken_events_are_refused_with_the_place(visitor: Client) -> None:
    response = visitor.post("/wenguize/jiujiang/moni/", {"events": "[{]", "at": "2022-05-06T09:00"})
    assert response.status_code == 422
    assert "第1行" in response.content.decode()


def test_an_authorised_person_decides_a_switch_with_a_reason(signed_in: Callable[[str], Client]) -> None:
    client = signed_in("lingdaoxiaozu")
    address = "/tiaokuan/jiujiang/kaiguan/"
    data = {"name": "report_in_period", "difang": "340207", "value": "2wd", "from_on": "2026-12-01", "reason": ""}
    assert client.post(address, data).status_code == 422
    assert client.post(address, {**data, "reason": "领导小组第3次会议"}).status_code == 303
    row = SwitchValue.objects.get(name="report_in_period")
    assert (row.value, row.reason) == ("2wd", "领导小组第3次会议")
    html = client.get(address).content.decode()
    assert "领导小组第3次会议" in html or "2026年12月1日起改为" in html


def test_open_points_stand_under_their_subjects_and_those_decided_can_be_read_alone(
    signed_in: Callable[[str], Client],
) -> None:
    client = signed_in("lingdaoxiaozu")
    address = "/tiaokuan/jiujiang/kaiguan/"
    given = {"name": "report_in_period", "difang": "340207", "value": "2wd", "from_on": "2026-04-01", "reason": "会议"}
    assert client.post(address, given).status_code == 303
    whole = client.get(address).content.decode()
    assert whole.index(">投诉</th>") < whole.index('id="answer_day_kind"')
    decided = client.get(f"{address}?shui=bendi").content.decode()
    assert 'id="report_in_period"' in decided and 'id="answer_day_kind"' not in decided
    left = client.get(f"{address}?shui=moren").content.decode()
    assert 'id="report_in_period"' not in left and 'id="answer_day_kind"' in left


def test_an_officer_is_asked_about_the_document_of_his_own_place(signed_in: Callable[[str], Client]) -> None:
    html = signed_in("mx-zhujian").get("/wenguize/").content.decode()
    assert '<option value="meixian" selected>' in html
    assert "cases.route<" not in html  # no codes for people


def test_a_value_that_does_not_fit_is_refused(signed_in: Callable[[str], Client]) -> None:
    response = signed_in("lingdaoxiaozu").post(
        "/tiaokuan/jiujiang/kaiguan/",
        {"name": "report_in_period", "difang": "340207", "value": "很快", "from_on": "2026-12-01", "reason": "会议"},
    )
    assert response.status_code == 422
    assert not SwitchValue.objects.filter(name="report_in_period").exists()


def test_others_see_the_open_points_but_cannot_decide(signed_in: Callable[[str], Client]) -> None:
    client = signed_in("chengguan")
    assert "平台默认" in client.get("/tiaokuan/jiujiang/kaiguan/?kaiguan=report_in_period").content.decode()
    data = {"name": "report_in_period", "difang": "340207", "value": "2wd", "from_on": "2026-12-01", "reason": "会议"}
    assert client.post("/tiaokuan/jiujiang/kaiguan/", data).status_code == 403


def test_a_later_year_is_entered_and_counts(signed_in: Callable[[str], Client]) -> None:
    client = signed_in("xitong")
    assert "还没有录入" in client.get("/rili/2027/").content.decode()
    data = {"source": "示范发〔2026〕1号", "holidays": "元旦 2027-01-01 2027-01-03", "workdays": "2027-01-09"}
    assert client.post("/rili/2027/luru/", data).status_code == 303
    html = client.get("/rili/2027/").content.decode()
    assert "示范发〔2026〕1号" in html
    assert "调休上班" in html
    assert CalendarYear.objects.get(year=2027).entered_by.username == "xitong"


@pytest.mark.parametrize(
    "holidays, said",
    [("元旦", "第1行要写名称"), ("元旦 2027-13-01 2027-01-03", "不是日期"), ("元旦 2027-01-03 2027-01-01", "2027")],
)
def test_a_broken_year_is_refused_with_its_line(signed_in: Callable[[str], Client], holidays: str, said: str) -> None:
    response = signed_in("xitong").post("/rili/2027/luru/", {"source": "x", "holidays": holidays, "workdays": ""})
    assert response.status_code == 422
    assert said in response.content.decode()


def _row(number: int, kind: str, at: str, **facts: object) -> dict[str, object]:
    named = {f"e{number}-f_{name}": value for name, value in facts.items()}
    return {f"e{number}-kind": kind, f"e{number}-at": at, f"e{number}-thing": "1", **named}


WHISTLED = _row(
    0, "case.whistled", "2022-05-05T09:00",
    matter="fire_lane", nature="violation", lead="fire_rescue", received_at="2022-05-05T08:30",
)  # fmt: skip


def test_events_are_chosen_and_played_without_writing_code(visitor: Client) -> None:
    address = "/wenguize/jiujiang/moni/"
    html = visitor.get(address).content.decode()
    check_page(html)
    assert "产生期限的" in html and "吹哨" in html and "主办单位" in html
    added = visitor.post(address, {"act": "add", "kind": "case.answered", "at": "2022-05-25T09:00", **WHISTLED})
    html = added.content.decode()
    assert added.status_code == 200
    assert 'name="e1-kind" value="case.answered"' in html and "是最终答复" in html
    assert 'value="2022-05-05T09:00"' in html, "what was typed stays"
    assert "is-invalid" not in html, "nothing is judged before it is played"
    played = visitor.post(address, {"act": "play", "at": "2022-05-25T09:00", **WHISTLED})
    html = played.content.decode()
    assert played.status_code == 200
    check_page(html)
    assert "鸠江消防救援大队" in html and "2022年5月20日24:00" in html
    assert "到期没有办结" in html and "抄告（" in html
    answered = _row(1, "case.answered", "2022-05-10T10:00", final="yes", lead="fire_rescue")
    html = visitor.post(address, {"act": "play", "at": "2022-05-25T09:00", **WHISTLED, **answered}).content.decode()
    assert "“答复投诉人”办结，按期" in html and "抄告（" not in html
    fewer = visitor.post(address, {"act": "drop:e0", "at": "2022-05-25T09:00", **WHISTLED, **answered})
    assert 'name="e0-kind"' not in fewer.content.decode() and 'name="e1-kind"' in fewer.content.decode()


def test_an_event_without_its_moment_is_refused_beside_the_field(visitor: Client) -> None:
    row = {**WHISTLED, "e0-at": ""}
    response = visitor.post("/wenguize/jiujiang/moni/", {"act": "play", "at": "2022-05-25T09:00", **row})
    assert response.status_code == 422
    assert "请选发生的时间" in response.content.decode()
    response = visitor.post("/wenguize/jiujiang/moni/", {"act": "play", "at": "2022-05-25T09:00"})
    assert response.status_code == 422
    assert "还没有事件" in response.content.decode()


def test_every_document_has_a_form_for_all_kinds_of_its_events(visitor: Client) -> None:
    from gongzhi.site.policy.events_form import facts_of, kinds_of

    for pack in packs.all_packs():
        if not pack.duty_rules:
            continue
        assert visitor.get(f"/wenguize/{pack.slug}/moni/").status_code == 200
        for _, kinds in kinds_of(pack):
            for kind, title in kinds:
                unnamed = [fact.name for fact in facts_of(pack, kind) if fact.title == fact.name]
                assert not unnamed, (pack.slug, kind, title, unnamed)


def test_a_period_is_shown_and_taken_in_the_words_of_the_page(signed_in: Callable[[str], Client]) -> None:
    client = signed_in("lingdaoxiaozu")
    address = "/tiaokuan/jiujiang/kaiguan/?kaiguan=report_in_period&difang=340207"
    assert 'value="1个工作日"' in client.get(address).content.decode()
    given = {
        "name": "report_in_period",
        "difang": "340207",
        "value": "2个工作日",
        "from_on": "2026-04-01",
        "reason": "会议",
    }
    assert client.post("/tiaokuan/jiujiang/kaiguan/", given).status_code == 303
    assert 'value="2个工作日"' in client.get(address).content.decode()
