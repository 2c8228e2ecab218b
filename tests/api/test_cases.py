"""Cases over the API: the rights, rules and refusals of the pages."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from gongzhi.cases import services
from gongzhi.cases.models import Case, Complaint
from gongzhi.cases.tests.steps import assigned, at, reported_in, submitted
from gongzhi.cases.tests.test_identity import SECRETS, _with_the_company
from gongzhi.core.models import ApiReply, Event, StoredFile
from gongzhi.core.tests.calling import items, refused
from gongzhi.core.tests.cast import Cast


def phone_call(cast: Cast, **more: Any) -> dict[str, Any]:
    return {
        "channel": "phone",
        "estate": cast.estate.pk,
        "reason": "楼顶搭建玻璃房，夜间施工。",
        "matters": [{"matter": "illegal_structure", "title": "楼顶搭建"}],
        "caller_name": "陈建国",
        "caller_phone": "13812345678",
        "caller_address": "2幢301室",
        "location": "7幢楼顶",
        **more,
    }


def test_a_call_is_registered_and_routed_as_on_the_page(cast: Cast, call: Any) -> None:
    caller = call("street_office")
    made = caller.post("/complaints", phone_call(cast))
    assert made.status_code == 201, made.content.decode()
    body = made.json()
    case = Case.objects.get()
    assert body["cases"][0]["number"] == case.number and case.route_lead
    shown = caller.get(f"/cases/{case.number}").json()
    assert shown["complainant"]["phone"] == "138****5678" and "陈建国" not in str(shown)
    assert shown["clauses"]
    received = Event.objects.get(kind="complaint.received")
    assert "接口：测试系统" in received.actor_label


def test_the_same_key_registers_once_and_gives_the_first_answer(cast: Cast, call: Any) -> None:
    caller = call("street_office")
    first = caller.post("/complaints", phone_call(cast), key="one")
    again = caller.post("/complaints", phone_call(cast), key="one")
    assert again.status_code == 201 and again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true" and "Idempotency-Replayed" not in first.headers
    assert Complaint.objects.count() == 1
    refused(caller.post("/complaints", phone_call(cast, location="8幢"), key="one"), 422, "idempotency_key_reused")
    assert "陈建国" not in ApiReply.objects.get().body_cipher


def test_a_key_of_a_failed_attempt_is_free_again(cast: Cast, call: Any) -> None:
    caller = call("street_office")
    refused(caller.post("/complaints", phone_call(cast, caller_phone="不是号码"), key="one"), 422, "invalid")
    assert caller.post("/complaints", phone_call(cast), key="one").status_code == 201


def test_a_creation_without_a_key_is_refused(cast: Cast, call: Any) -> None:
    refused(call("street_office").post("/complaints", phone_call(cast), key=""), 400, "idempotency_key_missing")


def test_what_the_document_wants_of_the_register_is_refused_with_its_clause(cast: Cast, call: Any) -> None:
    found = refused(call("street_office").post("/complaints", phone_call(cast, caller_address="")), 422, "check_failed")
    assert found["clause"] and "caller_address" in found["fields"]
    assert not Complaint.objects.exists()


def test_a_likely_duplicate_is_named_before_it_is_kept(cast: Cast, call: Any) -> None:
    first = submitted(cast, "illegal_structure")
    caller = call("street_office")
    found = refused(caller.post("/complaints", phone_call(cast)), 409, "possible_duplicate")
    assert first.number in found["fields"]
    joined = caller.post("/complaints", phone_call(cast, merge_into=first.number))
    assert joined.status_code == 201, joined.content.decode()
    assert Case.objects.exclude(pk=first.pk).get().merged_into == first


def test_an_estate_of_another_street_is_none(cast: Cast, call: Any) -> None:
    body = phone_call(cast, estate=cast.estate_outside.pk)
    assert "estate" in refused(call("street_office").post("/complaints", body), 422, "no_estate")["fields"]


def test_acts_are_listed_with_reasons_and_done_with_the_version(cast: Cast, call: Any) -> None:
    case = submitted(cast, "illegal_structure")
    desk = call("hotline_desk")
    listed = desk.get(f"/cases/{case.number}/acts")
    assert "assign" in [one["code"] for one in listed.json() if one["allowed"]]
    asked = desk.get(f"/cases/{case.number}/acts/assign").json()
    lead = next(one for one in asked["fields"] if one["name"] == "lead")
    assert lead["type"] == "choice" and lead["initial"] and lead["choices"]
    done = desk.post(f"/cases/{case.number}/acts/assign", {"fields": {}}, match=listed.headers["ETag"])
    assert done.status_code == 200, done.content.decode()
    case.refresh_from_db()
    assert case.state == "assigned" and done.json()["lead"]["id"] == case.lead_id
    assert done.headers["ETag"] == f'"{case.version}"'


def test_a_change_wants_the_version_and_a_stale_one_changes_nothing(cast: Cast, call: Any) -> None:
    case = submitted(cast, "illegal_structure")
    desk = call("hotline_desk")
    url = f"/cases/{case.number}/acts/assign"
    refused(desk.post(url), 428, "if_match_missing")
    refused(desk.post(url, match='"999"'), 412, "stale")
    case.refresh_from_db()
    assert case.state == "pending"


def test_a_repeated_act_is_done_once_even_though_the_version_moved_on(cast: Cast, call: Any) -> None:
    case = submitted(cast, "illegal_structure")
    desk = call("hotline_desk")
    etag = desk.etag(f"/cases/{case.number}")
    first = desk.post(f"/cases/{case.number}/acts/assign", match=etag, key="again")
    second = desk.post(f"/cases/{case.number}/acts/assign", match=etag, key="again")
    assert first.status_code == second.status_code == 200 and first.json() == second.json()
    assert Event.objects.filter(kind="case.assigned").count() == 1


def test_an_act_that_is_not_possible_says_why(cast: Cast, call: Any) -> None:
    case = submitted(cast, "illegal_structure")
    desk = call("hotline_desk")
    services.assign_case(case, actor=cast.actor("hotline_desk"), now=cast.now)
    url = f"/cases/{case.number}"
    refused(desk.post(f"{url}/acts/assign", match=desk.etag(url)), 422, "state")


def test_a_field_that_nobody_asks_for_and_a_wrong_choice_are_told(cast: Cast, call: Any) -> None:
    case = submitted(cast, "illegal_structure")
    desk = call("hotline_desk")
    url, etag = f"/cases/{case.number}/acts/assign", desk.etag(f"/cases/{case.number}")
    assert "colour" in refused(desk.post(url, {"fields": {"colour": 1}}, match=etag), 422, "invalid")["fields"]
    assert "lead" in refused(desk.post(url, {"fields": {"lead": 999999}}, match=etag), 422, "invalid")["fields"]


def test_a_file_is_sent_first_and_named_in_the_act(cast: Cast, call: Any) -> None:
    case = reported_in(cast, "illegal_structure", lead="urban_management")
    caller = call("urban_management")
    sent = caller.upload(SimpleUploadedFile("现场.txt", "玻璃房约12平方米".encode(), "text/plain"))
    assert sent.status_code == 201, sent.content.decode()
    body = {"fields": {"note": "到场核实，情况属实。", "files": [sent.json()["id"]]}}
    url = f"/cases/{case.number}"
    done = caller.post(f"{url}/acts/verify", body, match=caller.etag(url))
    assert done.status_code == 200, done.content.decode()
    kept = StoredFile.objects.get(owner_kind="case")
    assert caller.get(f"/files/{kept.pk}/content").getvalue() == "玻璃房约12平方米".encode()
    refused(call("market_regulation").get(f"/files/{kept.pk}/content"), 403, "forbidden")


def test_somebody_elses_upload_cannot_be_used(cast: Cast, call: Any) -> None:
    case = reported_in(cast, "illegal_structure", lead="urban_management")
    number = call("market_regulation").upload(SimpleUploadedFile("a.txt", b"abc", "text/plain")).json()["id"]
    caller, url = call("urban_management"), f"/cases/{case.number}"
    body = {"fields": {"note": "到场。", "files": [number]}}
    refused(caller.post(f"{url}/acts/verify", body, match=caller.etag(url)), 422, "no_upload")


@pytest.mark.parametrize("path", ["", "/acts", "/acts/verify", "/file"])
def test_a_department_sees_only_what_it_is_party_to(cast: Cast, call: Any, path: str) -> None:
    case = assigned(cast, "illegal_structure")
    stranger, lead = call("market_regulation"), call("urban_management")
    refused(stranger.get(f"/cases/{case.number}{path}"), 403, "forbidden")
    assert items(stranger.get("/cases", {"view": "all"})) == []
    assert [one["number"] for one in items(lead.get("/cases", {"view": "all"}))] == [case.number]
    assert lead.get(f"/cases/{case.number}").status_code == 200
    refused(stranger.post(f"/cases/{case.number}/reveal", {"reason": "contact"}), 403, "forbidden")


def test_the_company_complained_of_does_not_learn_who_complained(cast: Cast, call: Any) -> None:
    case = _with_the_company(cast)
    company = call("project_manager")
    seen = [company.get(path) for path in ("/cases?view=all", f"/cases/{case.number}", f"/cases/{case.number}/acts")]
    for response in seen:
        assert response.status_code == 200, response.content.decode()
        assert not [secret for secret in SECRETS if secret in response.content.decode()]
    assert seen[1].json()["complainant"] is None and seen[1].json()["hidden_because"]


def test_a_look_at_the_complainant_wants_a_reason_and_leaves_an_event(cast: Cast, call: Any) -> None:
    case = submitted(cast, "illegal_structure")
    street = call("street_office")
    refused(street.post(f"/cases/{case.number}/reveal", {}), 422, "invalid")
    shown = street.post(f"/cases/{case.number}/reveal", {"reason": "contact"})
    assert {one["field"]: one["value"] for one in shown.json()}["phone"] == "13812345678"
    assert Event.objects.filter(kind="person.revealed").count() == 3
    assert not ApiReply.objects.exists()


def test_pages_go_on_where_they_stopped_though_cases_are_added(cast: Cast, call: Any) -> None:
    old = [submitted(cast, "noise", now=at(5, 1, hour)).number for hour in range(8, 13)]
    desk = call("hotline_desk")
    given = {"view": "all", "order": "newest", "limit": 2}
    seen: list[str] = []
    cursor = ""
    for added in range(3):
        page = desk.get("/cases", {**given, "cursor": cursor}).json()
        seen += [one["number"] for one in page["items"]]
        cursor = page["next_cursor"]
        submitted(cast, "noise", now=at(5, 2, 9 + added))
    assert seen == old[::-1] and cursor is None


@pytest.mark.parametrize("order", ["due", "received", "newest", "repeats"])
def test_every_order_gives_each_case_once(cast: Cast, call: Any, order: str) -> None:
    for hour in range(8, 12):
        submitted(cast, "noise", now=at(5, 1, hour))
    submitted(cast, "illegal_structure", now=at(5, 2))
    desk = call("hotline_desk")
    whole = [one["number"] for one in items(desk.get("/cases", {"view": "all", "order": order}))]
    found: list[str] = []
    cursor = ""
    while cursor is not None:
        page = desk.get("/cases", {"view": "all", "order": order, "limit": 2, "cursor": cursor}).json()
        found, cursor = found + [one["number"] for one in page["items"]], page["next_cursor"]
    assert found == whole and len(found) == len(set(found)) == 5


def test_a_cursor_of_another_list_is_refused(cast: Cast, call: Any) -> None:
    for hour in range(8, 12):
        submitted(cast, "noise", now=at(5, 1, hour))
    desk = call("hotline_desk")
    cursor = desk.get("/cases", {"view": "all", "limit": 2}).json()["next_cursor"]
    refused(desk.get("/cases", {"view": "running", "cursor": cursor}), 400, "cursor")
    refused(desk.get("/cases", {"view": "all", "cursor": cursor[:-2]}), 400, "cursor")


def test_many_at_once_says_of_each_what_became_of_it(cast: Cast, call: Any) -> None:
    first, second = submitted(cast, "illegal_structure"), assigned(cast, "illegal_structure", now=at(5, 5, 10))
    desk = call("hotline_desk")
    done = desk.post("/bulk/cases", {"act": "assign", "cases": [first.number, second.number]})
    assert done.status_code == 200, done.content.decode()
    by = {one["number"]: one for one in done.json()}
    assert by[first.number]["done"] and not by[second.number]["done"] and by[second.number]["message"]
    body = {"act": "assign", "cases": [first.number]}
    refused(call("market_regulation").post("/bulk/cases", body), 403, "forbidden")
