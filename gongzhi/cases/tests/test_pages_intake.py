"""Registering by the clerk: the annex's fields, several matters, duplicates, the visitor's form."""

from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from docx import Document

from gongzhi.cases.models import Case, Complaint
from gongzhi.cases.tests.pages import Browse, browse, case_url, post, words
from gongzhi.cases.tests.steps import submit
from gongzhi.core.models import OutboxMessage
from gongzhi.core.tests.cast import Cast

__all__ = ["browse"]

URL = "/anjian/dengji/"


def _call(cast: Cast, **changes: Any) -> dict[str, Any]:
    return {
        "channel": "phone", "rows": "1", "act": "send", "caller_name": "陈建国", "caller_phone": "13812345678",
        "caller_address": "2幢301室", "called_at": "2022-05-05T09:00", "reason": "7幢楼顶有人搭玻璃房",
        "estate": cast.estate.name, "location": "7幢楼顶", "m0-matter": "illegal_structure", "m0-title": "7幢搭玻璃房",
        **changes,
    }  # fmt: skip


def _visit(cast: Cast, **changes: Any) -> dict[str, Any]:
    return _call(cast, channel="visit", visitors="2", signed_register="on", **changes)


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("street_office", 200), ("community_station", 200), ("hotline_desk", 200), ("urban_management", 200),
        ("leading_group_office", 200), ("police", 200), ("project_manager", 403), ("owner", 403),
        ("county_leader", 403), ("system_admin", 403),
    ],
)  # fmt: skip
def test_who_receives_complaints_has_the_form(cast: Cast, browse: Browse, role: str, status: int) -> None:
    assert browse(role).get(URL).status_code == status
    assert post(browse(role), URL, {} if status == 403 else _call(cast, act="add")).status_code == status


@pytest.mark.clause("JJ-A7-2.2-1")
def test_the_form_asks_the_five_fields_on_one_screen_with_the_time_filled_in(cast: Cast, browse: Browse) -> None:
    page = words(browse("street_office").get(URL))
    for label in ("来电人姓名", "来电时间", "来电人单位或联系地址", "联系电话", "来电事由"):
        assert label in page
        assert f"{label}（可不填）" not in page
    assert 'value="2022-05-05T09:00"' in page
    assert "#JJ-A7-2.2-1" in page


@pytest.mark.clause("JJ-A7-2.2-1")
@pytest.mark.parametrize(
    ("field", "label"),
    [
        ("caller_name", "姓名"), ("caller_phone", "联系电话"), ("caller_address", "单位或联系地址"),
        ("called_at", "时间"), ("reason", "事由"),
    ],
)  # fmt: skip
def test_without_one_of_the_five_nothing_is_saved_and_the_rest_stays(
    cast: Cast, browse: Browse, field: str, label: str
) -> None:
    refused = post(browse("street_office"), URL, _call(cast, **{field: ""}))
    page = words(refused)
    assert refused.status_code == 422
    errors = page[page.index("gz-errors") : page.index("</ul>", page.index("gz-errors"))]
    assert label in errors
    assert f'href="#id_{field}"' in errors
    for name, value in (("caller_name", "陈建国"), ("caller_phone", "13812345678"), ("location", "7幢楼顶")):
        if name != field:
            assert value in page
    assert not Complaint.objects.exists()


def test_a_call_is_registered_with_the_unit_recommended(cast: Cast, browse: Browse) -> None:
    client = browse("street_office")
    response = post(client, URL, _call(cast))
    case = Case.objects.get()
    assert response.status_code == 303
    assert response["Location"] == f"/anjian/{case.number}/"
    page = words(client.get(response["Location"]))
    assert f"查询编号 {case.complaint.number}" in page
    assert f"建议派给{cast.organisation('urban_management')}" in page
    assert case.complaint.receiver == cast.organisation("street_office")
    assert "13812345678" not in page


def test_the_second_click_registers_nothing_more(cast: Cast, browse: Browse) -> None:
    client, sent = browse("street_office"), {**_call(cast), "form_key": uuid4().hex}
    first = client.post(URL, sent)
    second = client.post(URL, {**sent, "act": "anyway"})
    assert first.status_code == second.status_code == 303
    assert first["Location"] == second["Location"]
    assert Complaint.objects.count() == 1


@pytest.mark.clause("JJ-A7-2.2-1")
def test_anonymous_needs_a_reason_and_shows_the_query_code_once(cast: Cast, browse: Browse) -> None:
    client = browse("street_office")
    nobody = _call(cast, caller_name="", caller_phone="", caller_address="", anonymous="on")
    refused = post(client, URL, nobody)
    assert refused.status_code == 422
    assert "匿名原因" in words(refused)
    done = post(client, URL, nobody, anonymous_reason="怕被报复")
    assert done.status_code == 303
    assert "查询码" in words(client.get(done["Location"]))
    assert "查询码" not in words(client.get(done["Location"]))
    assert Complaint.objects.get().anonymous


def test_rows_are_added_without_a_script_and_keep_what_was_typed(cast: Cast, browse: Browse) -> None:
    page = words(post(browse("street_office"), URL, _call(cast, act="add", caller_name="")))
    assert 'name="m1-matter"' in page
    assert 'name="rows" value="2"' in page
    assert "7幢楼顶有人搭玻璃房" in page
    assert 'value="illegal_structure" selected' in page
    assert "gz-errors" not in page
    assert not Complaint.objects.exists()


def test_several_matters_become_several_cases_under_one_number(cast: Cast, browse: Browse) -> None:
    sent = _call(cast, rows="2", **{"m1-matter": "neighbour_dispute", "m1-title": "渗水要赔偿"})
    client = browse("street_office")
    response = post(client, URL, sent)
    complaint = Complaint.objects.get()
    assert response["Location"] == f"/anjian/danju/{complaint.number}/"
    assert {case.matter for case in complaint.cases.all()} == {"illegal_structure", "neighbour_dispute"}
    page = words(client.get(response["Location"]))
    assert "分事项　2项" in page
    assert "渗水要赔偿" in page


def test_a_row_without_a_matter_is_named(cast: Cast, browse: Browse) -> None:
    refused = post(browse("street_office"), URL, _call(cast, rows="2"))
    assert refused.status_code == 422
    assert "事项里有1处要改" in words(refused)
    assert 'href="#id_m1-matter"' in words(refused)


def test_an_estate_out_of_the_area_is_not_taken(cast: Cast, browse: Browse) -> None:
    refused = post(browse("street_office"), URL, _call(cast, estate=cast.estate_outside.name))
    assert refused.status_code == 422
    assert "辖区里没有这个小区" in words(refused)
    names = words(browse("street_office").get(URL))
    assert cast.estate.name in names
    assert cast.estate_outside.name not in names


def test_likely_duplicates_are_shown_first_and_can_be_registered_all_the_same(cast: Cast, browse: Browse) -> None:
    known = submit(cast, "illegal_structure").cases.get()
    client = browse("street_office")
    asked = post(client, URL, _call(cast))
    page = words(asked)
    assert asked.status_code == 422
    assert "可能是同一件事" in page
    assert known.number in page
    assert "7幢楼顶有人搭玻璃房" in page
    assert "13812345678" in page
    assert Complaint.objects.count() == 1
    assert post(client, URL, _call(cast, act="anyway")).status_code == 303
    assert Complaint.objects.count() == 2


def test_a_duplicate_is_joined_at_once_and_keeps_its_own_number(cast: Cast, browse: Browse) -> None:
    known = submit(cast, "illegal_structure").cases.get()
    client = browse("street_office")
    done = post(client, URL, _call(cast, act=f"merge-{known.number}"))
    assert done.status_code == 303
    assert done["Location"] == f"/anjian/{known.number}/"
    joined = Case.objects.exclude(pk=known.pk).get()
    assert joined.merged_into == known
    assert joined.complaint.number != known.complaint.number
    assert f"已并入 {known.number}" in words(client.get(done["Location"]))


@pytest.mark.clause("JJ-A7-2.2-1")
def test_answered_on_the_phone_closes_at_once(cast: Cast, browse: Browse) -> None:
    sent = _call(cast, answered_on_spot="已解释收费标准", **{"m0-matter": "service_charge_dispute"})
    client = browse("street_office")
    assert post(client, URL, sent).status_code == 303
    case = Case.objects.get()
    assert case.get_state_display() == "已办结"
    assert case.answer_text == "已解释收费标准"


@pytest.mark.clause("JJ-A7-2.3-1")
def test_a_visit_needs_the_signed_register_form_and_the_number_of_visitors(cast: Cast, browse: Browse) -> None:
    client = browse("street_office")
    for missing, said in (("signed_register", "来访登记表"), ("visitors", "来访人数")):
        sent = _visit(cast)
        del sent[missing]
        refused = post(client, URL, sent)
        assert refused.status_code == 422
        assert said in words(refused)
    assert post(client, URL, _visit(cast)).status_code == 303
    assert Complaint.objects.get().visitors == 2


@pytest.mark.clause("JJ-A7-2.3-2")
def test_settled_in_the_room_needs_the_visitors_word(cast: Cast, browse: Browse) -> None:
    client = browse("street_office")
    sent = _visit(cast, answered_on_spot="当场解释清楚", **{"m0-matter": "noise"})
    refused = post(client, URL, sent)
    assert refused.status_code == 422
    assert "来访人确认" in words(refused)
    assert post(client, URL, sent, visitor_confirmed="on").status_code == 303
    assert Case.objects.get().get_state_display() == "已办结"


@pytest.mark.clause("JJ-A7-2.3-3")
def test_a_tagged_visit_waits_for_the_superiors_signature(cast: Cast, browse: Browse) -> None:
    client = browse("street_office")
    done = post(client, URL, _visit(cast, tags=["important", "typical"]))
    page = words(client.get(done["Location"]))
    assert "待签收" in page
    assert "重要" in page and "典型" in page


def test_changing_the_channel_keeps_what_was_typed(cast: Cast, browse: Browse) -> None:
    page = words(post(browse("street_office"), URL, _call(cast, act="channel-visit")))
    assert "来访人姓名" in page
    assert "陈建国" in page
    assert 'name="visitors"' in page
    assert 'name="channel" value="visit"' in page


def test_the_hotline_needs_its_number_and_registers_it_once(cast: Cast, browse: Browse) -> None:
    client = browse("hotline_desk")
    sent = _call(cast, channel="hotline")
    assert post(client, URL, sent).status_code == 422
    assert post(client, URL, sent, hotline_number="HL-1").status_code == 303
    assert post(client, URL, sent, hotline_number="HL-1", act="anyway").status_code == 303
    assert Complaint.objects.count() == 1


@pytest.mark.clause("JJ-A7-2.3-1")
def test_the_register_form_prints_what_was_typed_and_as_word(cast: Cast, browse: Browse) -> None:
    client = browse("street_office")
    paper = words(client.post(f"{URL}laifangbiao/", _visit(cast, act="print")))
    assert "来访人签名" in paper
    assert "陈建国" in paper
    assert "13812345678" in paper
    word = client.post(f"{URL}laifangbiao/", _visit(cast, act="word"))
    text = "\n".join(cell.text for row in Document(BytesIO(word.content)).tables[0].rows for cell in row.cells)
    assert "陈建国" in text
    assert "来访事由" in text
    assert not Complaint.objects.exists()
    assert browse("owner").get(f"{URL}laifangbiao/").status_code == 403


def test_the_quick_form_of_the_desk_fills_estate_and_words(cast: Cast, browse: Browse) -> None:
    page = words(browse("street_office").get(f"{URL}?channel=phone&estate={cast.estate.name}&text=夜里施工"))
    assert f'value="{cast.estate.name}"' in page
    assert "夜里施工" in page


@pytest.mark.clause("JJ-A5-3.2-1")
def test_what_a_steward_hands_in_for_an_owner_is_marked_and_followed_on_his_own_page(
    cast: Cast, browse: Browse
) -> None:
    steward = browse("building_steward")
    asked = words(steward.get("/tousu/"))
    assert "业主的姓名" in asked and "李楼长" not in asked.split("<main")[1], "the owner's name, not his own"
    sent = {
        "matters": "1", "estate": cast.estate.name, "location": "1幢", "act": "send", "m0-matter": "fire_lane",
        "m0-text": "消防通道停满了车。", "name": "王一", "phone": "13800005678",
    }  # fmt: skip
    answer = post(steward, "/tousu/", sent)
    assert answer.status_code == 303, words(answer)
    case = Case.objects.get()
    home = words(steward.get("/"))
    assert case.complaint.number in home and "王一" not in home
    assert "消防" in words(steward.get(f"/chaxun/{case.complaint.number}/"))
    assert "楼幢长代提" in words(browse("hotline_desk").get(case_url(case)))
    told = OutboxMessage.objects.filter(template="case.opened")
    assert told.filter(to_user=cast.users["building_steward"]).exists()
    assert told.filter(to_person=case.complaint.complainant).exists()
    own = {**sent, "own": "on", "m0-text": "漏水", "name": "李楼长", "phone": "13800009999", "location": "2幢"}
    assert post(steward, "/tousu/", own).status_code == 303
    assert Complaint.objects.latest("pk").steward is None, "his own affair is no submission for another"
