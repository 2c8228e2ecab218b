"""The forms of the acts: what they say before, what they do, and that nothing typed is lost."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from gongzhi.cases import queries, services
from gongzhi.cases.models import Case
from gongzhi.cases.queries.acts import RULES
from gongzhi.cases.tests.pages import Browse, act_url, browse, case_url, post, words
from gongzhi.cases.tests.steps import answered, at, reported_in, submit, submitted
from gongzhi.cases.views_act_pages import ACT_PAGES
from gongzhi.core.tests.cast import Cast

__all__ = ["browse"]

STRUCTURE = "illegal_structure"
MOST_STATEMENTS = 60


def _phone(cast: Cast, matter: str = STRUCTURE, **given: Any) -> Case:
    return submit(cast, matter, channel="phone", **given).cases.get()


def _fresh(case: Case) -> Case:
    case.refresh_from_db()
    return case


def test_every_act_of_the_rules_has_its_page() -> None:
    assert {rule.code for rule in RULES} <= set(ACT_PAGES)


def test_every_possible_act_opens_its_form(cast: Cast, browse: Browse) -> None:
    """At three stages, for everybody who may do something: the page opens and says what it will do."""
    handled = reported_in(cast, STRUCTURE, lead="urban_management")
    opened = set()
    for case in (_phone(cast), _phone(cast, "neighbour_dispute"), handled, answered(
        cast, "fire_lane", lead="fire_rescue", now=cast.now
    )):  # fmt: skip
        for role in ("street_office", "community_station", "urban_management", "fire_rescue", "hotline_desk",
                     "leading_group_office"):  # fmt: skip
            actor = cast.actor(role)
            if not queries.may_see(actor, case):
                continue
            client = browse(role)
            for act in queries.case_acts(case, actor, cast.now):
                if not act.allowed:
                    continue
                response = client.get(act_url(case, act.code))
                assert response.status_code == 200, (role, act.code)
                assert ACT_PAGES[act.code].title in words(response)
                opened.add(act.code)
    assert {"whistle", "assign", "return", "verify", "contact", "handle", "call_back", "split", "merge"} <= opened


@pytest.mark.clause("JJ-3.3.10-3", "JJ-5.3-2")
def test_before_whistling_the_form_names_unit_clause_and_the_days_that_follow(cast: Cast, browse: Browse) -> None:
    page = words(browse("street_office").get(act_url(_phone(cast), "whistle")))
    unit = cast.organisation("urban_management").name
    assert f"按职责清单推荐：{unit}" in page
    follows = page[page.index("办了以后") :]
    assert "报到签收" in follows
    assert "5月6日" in follows
    assert "#JJ-3.3.10-3" in follows
    assert "建成区内违法搭建" in page


def test_whistling_hands_out_and_leads_back_to_the_case(cast: Cast, browse: Browse) -> None:
    case = _phone(cast)
    unit = cast.organisation("urban_management")
    response = post(
        browse("street_office"), act_url(case, "whistle"), {"version": case.version, "lead": unit.pk, "reason": ""}
    )
    assert response.status_code == 303
    assert response["Location"] == case_url(case)
    assert _fresh(case).lead == unit
    assert case.get_state_display() == "待报到"


def test_another_unit_than_recommended_needs_a_reason_and_keeps_what_was_typed(cast: Cast, browse: Browse) -> None:
    case = _phone(cast)
    client = browse("street_office")
    other = cast.organisation("market_regulation")
    sent = {"version": case.version, "lead": other.pk, "within_days": "7", "reason": ""}
    refused = post(client, act_url(case, "whistle"), sent)
    page = words(refused)
    assert refused.status_code == 422
    assert "请写明理由" in page
    assert f'value="{other.pk}" selected' in page
    assert 'value="7"' in page
    assert "选过的文件要再选一次" in page
    assert post(client, act_url(case, "whistle"), sent, reason="经营行为，由市监部门主办").status_code == 303
    assert _fresh(case).lead == other


@pytest.mark.clause("JJ-3.3.10-3")
def test_a_community_that_may_not_whistle_is_told_who_does(cast: Cast, browse: Browse) -> None:
    case = submit(
        cast, STRUCTURE, channel="phone", actor=cast.actor("community_station")
    ).cases.get()  # fmt: skip
    refused = browse("community_station").get(act_url(case, "whistle"))
    assert refused.status_code == 422
    assert "上报上级" in words(refused)
    assert "依据" in words(refused)
    assert post(
        browse("community_station"),
        act_url(case, "whistle"),
        {"version": case.version, "lead": cast.organisation("urban_management").pk},
    ).status_code == 422  # fmt: skip
    assert _fresh(case).lead is None


def test_who_has_not_the_right_is_refused(cast: Cast, browse: Browse) -> None:
    case = reported_in(cast, STRUCTURE, lead="urban_management")
    assert browse("leading_group_office").get(act_url(case, "handle")).status_code == 403
    assert post(browse("leading_group_office"), act_url(case, "handle"), {"result": "x"}).status_code == 403
    assert browse("market_regulation").get(act_url(case, "verify")).status_code == 403


def test_an_unknown_act_is_not_found(cast: Cast, browse: Browse) -> None:
    assert browse("street_office").get(act_url(_phone(cast), "drop_table")).status_code == 404


def test_the_second_click_does_nothing_more(cast: Cast, browse: Browse) -> None:
    case = reported_in(cast, STRUCTURE, lead="urban_management")
    client, key = browse("urban_management"), uuid4().hex
    sent = {"version": case.version, "note": "现场核实：玻璃房约18平方米。", "form_key": key, "at": "2022-05-05T09:00"}
    before = case.entries.count()
    assert client.post(act_url(case, "verify"), sent).status_code == 303
    assert client.post(act_url(case, "verify"), sent).status_code == 303
    assert case.entries.count() == before + 1


def test_who_shows_an_old_version_is_told_and_can_send_again(cast: Cast, browse: Browse) -> None:
    case = reported_in(cast, STRUCTURE, lead="urban_management")
    client, old = browse("urban_management"), case.version
    services.note_progress(case, note="同事先记了一笔", actor=cast.actor("urban_management"), now=cast.now)
    refused = post(client, act_url(case, "note"), {"version": old, "note": "我写的办理情况"})
    page = words(refused)
    assert refused.status_code == 409
    assert "别人已经改过" in page
    assert "我写的办理情况" in page
    fresh = _fresh(case).version
    assert f'name="version" value="{fresh}"' in page
    assert post(client, act_url(case, "note"), {"version": fresh, "note": "我写的办理情况"}).status_code == 303


@pytest.mark.clause("JJ-A7-3.5-1")
def test_the_day_told_to_the_complainant_is_within_the_day_of_the_answer(cast: Cast, browse: Browse) -> None:
    case = reported_in(cast, STRUCTURE, lead="urban_management")
    client = browse("urban_management")
    late = post(
        client,
        act_url(case, "contact"),
        {"version": case.version, "promised_on": "2022-05-21", "method": "电话", "note": "已打电话"},
    )
    assert late.status_code == 422
    assert "不能晚于答复期限5月20日" in words(late)
    assert "已打电话" in words(late)
    good = {"version": case.version, "promised_on": "2022-05-20", "method": "电话", "note": ""}
    assert post(client, act_url(case, "contact"), good).status_code == 303
    assert str(_fresh(case).promised_on) == "2022-05-20"


@pytest.mark.clause("JJ-A3-2.7-2")
def test_a_penalty_before_the_finding_is_refused_with_the_clause(cast: Cast, browse: Browse) -> None:
    case = reported_in(cast, STRUCTURE, lead="urban_management")
    refused = browse("urban_management").get(act_url(case, "penalty"))
    assert refused.status_code == 422
    assert "还没有认定意见" in words(refused)
    assert "#JJ-A3-2.7-2" in words(refused)


def test_a_fact_that_routing_lacks_is_asked_for_and_routes_anew(cast: Cast, browse: Browse) -> None:
    case = _phone(cast, estate=cast.estate_unknown)
    client = browse("street_office")
    assert "还不能派单" in words(client.get(case_url(case)))
    page = words(client.get(act_url(case, "set_fact")))
    assert "建成区" in page
    assert post(client, act_url(case, "set_fact"), {"version": case.version}).status_code == 422
    assert post(client, act_url(case, "set_fact"), {"version": case.version, "value": "yes"}).status_code == 303
    assert _fresh(case).route_lead == "urban_management"
    assert case.needs == []


def _send(cast: Cast, browse: Browse, case: Case, role: str, code: str, **data: Any) -> None:
    response = post(browse(role), act_url(case, code), {"version": _fresh(case).version, **data})
    assert response.status_code == 303, (code, words(response)[:4000])


@pytest.mark.clause("JJ-A7-3.5-1", "JJ-A7-3.6-1", "JJ-A3-2.1-2")
def test_an_illegal_structure_goes_through_every_form_to_the_archive(cast: Cast, browse: Browse) -> None:
    case = _phone(cast)
    lead, finder = "urban_management", "planning"
    picture = SimpleUploadedFile("现场.txt", "现场照片说明".encode(), content_type="text/plain")

    def send(role: str, code: str, **data: Any) -> None:
        _send(cast, browse, case, role, code, **data)

    send("street_office", "whistle", lead=cast.organisation(lead).pk)
    send(lead, "report_in")
    send(lead, "verify", note="玻璃房18平方米", at="2022-05-05T09:00", files=picture)
    send(lead, "contact", promised_on="2022-05-20", method="电话")
    send(lead, "request_finding", note="请认定")
    send(finder, "record_finding", lawful="no", note="没有规划许可")
    send(lead, "file", number="城管立〔2022〕3号")
    send(lead, "stop", method="责令停工", effective="yes", at="2022-05-05T09:00")
    send(lead, "intervene", kind="early", note="到场介入", at="2022-05-05T09:00")
    send(lead, "penalty", number="城管罚〔2022〕8号")
    send(lead, "handle", outcome="penalised", result="已作出处罚决定")
    send(lead, "answer", text="违法搭建已处罚并限期拆除。", method="电话")
    send(lead, "call_back", result="satisfied", note="满意")
    send(lead, "close")
    none = {f"{item}_none": "on" for item in ("minutes", "instructions")}
    send(lead, "archive", **none)
    assert _fresh(case).get_state_display() == "已归档"
    assert case.penalty_number == "城管罚〔2022〕8号"


def test_a_department_returns_and_the_desk_hands_out_again(cast: Cast, browse: Browse) -> None:
    case = _phone(cast)
    _send(cast, browse, case, "street_office", "whistle", lead=cast.organisation("urban_management").pk)
    client = browse("urban_management")
    empty = post(client, act_url(case, "return"), {"version": _fresh(case).version, "reason": "不归我局"})
    assert empty.status_code == 422
    assert "不归我局" in words(empty)
    _send(cast, browse, case, "urban_management", "return", should_be="planning", reason="不归我局")
    assert _fresh(case).returns == 1
    assert case.lead is None


@pytest.mark.clause("JJ-A7-2.1-2")
def test_two_returns_lead_to_the_joint_designation(cast: Cast, browse: Browse) -> None:
    case = submitted(cast, STRUCTURE)
    for lead, other in (("urban_management", "planning"), ("planning", "urban_management")):
        _send(cast, browse, case, "hotline_desk", "assign", lead=cast.organisation(lead).pk, reason="再派")
        _send(cast, browse, case, lead, "return", should_be=other, reason="不归我")
    assert _fresh(case).get_state_display() == "职责待定"
    unit = cast.organisation("urban_management").pk
    _send(cast, browse, case, "hotline_desk", "designate", lead=unit, reason="按职责清单")
    assert _fresh(case).lead is None
    _send(cast, browse, case, "leading_group_office", "designate", lead=unit, reason="同意")
    assert _fresh(case).designated
    page = words(browse("urban_management").get(case_url(case)))
    assert "已指定，不能退回" in page


@pytest.mark.clause("JJ-A7-2.2-2")
def test_reported_up_and_signed_for(cast: Cast, browse: Browse) -> None:
    case = submit(cast, STRUCTURE, channel="phone", actor=cast.actor("community_station")).cases.get()
    _send(cast, browse, case, "community_station", "report_up", to="street_office", reason="社区处理不了")
    page = words(browse("street_office").get(case_url(case)))
    assert "等它签收" in page
    _send(cast, browse, case, "street_office", "sign_report")
    assert _fresh(case).desk == cast.organisation("street_office")


@pytest.mark.clause("JJ-A7-2.1-3")
def test_overdue_work_goes_on_after_an_explanation_only(cast: Cast, browse: Browse) -> None:
    case = reported_in(cast, STRUCTURE, lead="urban_management")
    late = at(5, 23)
    client = browse("urban_management", late)
    refused = client.get(act_url(case, "verify"))
    assert refused.status_code == 422
    assert "说明" in words(refused)
    explained = {"version": case.version, "text": "等认定意见，预计三日内办结"}
    assert post(client, act_url(case, "explain"), explained).status_code == 303
    assert client.get(act_url(case, "verify")).status_code == 200
    assert "等认定意见" in words(client.get(case_url(case)))


def test_splitting_and_joining_by_form(cast: Cast, browse: Browse) -> None:
    first, second = _phone(cast), _phone(cast, now=at(5, 5, 10))
    client = browse("street_office", at(5, 5, 11))
    empty = post(client, act_url(first, "split"), {"version": first.version, "reason": "两件事"})
    assert empty.status_code == 422
    assert "请至少选一个要拆出的事项" in words(empty)
    sent = {"version": first.version, "reason": "两件事", "matter1": "neighbour_dispute", "title1": "渗水赔偿"}
    assert post(client, act_url(first, "split"), sent).status_code == 303
    assert first.complaint.cases.count() == 2
    page = words(client.get(act_url(second, "merge")))
    assert first.number in page
    into = {"version": second.version, "into": first.pk, "reason": "同一件事"}
    assert post(client, act_url(second, "merge"), into).status_code == 303
    assert _fresh(second).merged_into == first
    assert "并入" in words(client.get(case_url(second)))


def test_archiving_without_a_tick_or_a_file_names_what_is_missing(cast: Cast, browse: Browse) -> None:
    case = answered(cast, "fire_lane", lead="fire_rescue", now=cast.now)
    services.close_case(case, actor=cast.actor("fire_rescue"), now=cast.now)
    case = _fresh(case)
    refused = post(browse("fire_rescue"), act_url(case, "archive"), {"version": case.version, "minutes_none": "on"})
    page = words(refused)
    assert refused.status_code == 422
    assert "领导批示" in page
    assert 'name="minutes_none"' in page
    assert "checked" in page[page.index('name="minutes_none"') : page.index('name="minutes_none"') + 120]


def test_voiding_is_asked_by_one_and_decided_by_another(cast: Cast, browse: Browse) -> None:
    case = _phone(cast)
    _send(cast, browse, case, "street_office", "ask_void", reason="测试误登")
    assert "申请作废，等待批准" in words(browse("leading_group_office").get(case_url(case)))
    _send(cast, browse, case, "leading_group_office", "decide_void", allowed="yes", note="同意")
    assert _fresh(case).get_state_display() == "已作废"


def test_personal_numbers_in_a_note_are_refused_beside_the_field(cast: Cast, browse: Browse) -> None:
    case = reported_in(cast, STRUCTURE, lead="urban_management")
    refused = post(
        browse("urban_management"),
        act_url(case, "stop"),
        {"version": case.version, "method": "电话13812345678劝阻", "effective": "yes", "at": "2022-05-05T09:00"},
    )
    assert refused.status_code == 422
    assert "手机号" in words(refused)


def test_a_form_takes_few_statements(cast: Cast, browse: Browse, django_assert_max_num_queries: Any) -> None:
    case = _phone(cast)
    client = browse("street_office")
    client.get(act_url(case, "whistle"))
    with django_assert_max_num_queries(MOST_STATEMENTS):
        assert client.get(act_url(case, "whistle")).status_code == 200
