"""Tasks, inspections and what follows over the API."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from gongzhi.cases.accountability.models import Finding, Inspection, WorkTask
from gongzhi.cases.tests.steps import assigned, at
from gongzhi.core import middleware
from gongzhi.core.tests.calling import items, refused
from gongzhi.core.tests.cast import Cast
from gongzhi.core.tests.test_files import PNG
from gongzhi.duties.services import tick


def give(cast: Cast) -> dict[str, Any]:
    due = (cast.now + timedelta(days=10)).date().isoformat()
    unit = cast.organisation("street_office").pk
    return {"fields": {"title": "整治群租", "source": "hand", "unit": unit, "due_on": due}}


def test_a_task_goes_from_giving_to_acceptance(cast: Cast, call: Any) -> None:
    giver, doer = call("leading_group_office"), call("street_office")
    asked = {one["name"]: one for one in giver.get("/accountability/forms/task").json()}
    assert {"title", "unit", "due_on"} <= set(asked)
    made = giver.post("/accountability/items/task", give(cast))
    assert made.status_code == 201, made.content.decode()
    url = f"/accountability/items/task/{made.json()['id']}"
    assert doer.get(url).json()["acts"] and "sign_for" in doer.get(url).json()["acts"]
    signed = doer.post(f"{url}/acts/sign_for", match=doer.etag(url))
    assert signed.status_code == 200, signed.content.decode()
    done = doer.post(f"{url}/acts/report_done", {"fields": {"text": "已整治3户"}}, match=doer.etag(url))
    assert done.status_code == 200, done.content.decode()
    refused(doer.post(f"{url}/acts/verify", {"fields": {"passed": "yes"}}, match=doer.etag(url)), 403)
    body = {"fields": {"passed": "yes", "text": "现场看过，到位"}}
    verified = giver.post(f"{url}/acts/verify", body, match=giver.etag(url))
    assert verified.status_code == 200, verified.content.decode()
    assert WorkTask.objects.get().verified_at == cast.now
    assert giver.get("/accountability/board").json()["completed"] == 1
    refused(call("urban_management").get(url), 404)
    refused(call("urban_management").post("/accountability/items/task", give(cast)), 403, "forbidden")


def test_an_inspected_unit_sees_a_finding_only_when_it_is_sent(cast: Cast, call: Any) -> None:
    office, street = call("leading_group_office"), call("street_office")
    unit = cast.organisation("street_office").pk
    made = office.post("/accountability/items/inspection", {"fields": {"title": "夜查消防通道", "inspected": unit}})
    assert made.status_code == 201, made.content.decode()
    url = f"/accountability/items/inspection/{made.json()['id']}"
    note = {"fields": {"text": "通道被占", "unit": unit, "days": 5}}
    noted = office.post(f"{url}/acts/note", note, match=office.etag(url))
    assert noted.status_code == 200, noted.content.decode()
    finding = f"/accountability/items/finding/{Finding.objects.get().pk}"
    refused(street.get(finding), 404)
    refused(street.get(url), 404)
    sent = office.post(f"{finding}/acts/send", match=office.etag(finding))
    assert sent.status_code == 200, sent.content.decode()
    assert [one["id"] for one in items(street.get("/accountability/items", {"kind": "finding"}))] == [
        Finding.objects.get().pk
    ]
    answer = {"fields": {"text": "已清理"}}
    assert street.post(f"{finding}/acts/answer", answer, match=street.etag(finding)).status_code == 200
    assert Inspection.objects.count() == 1
    refused(street.get("/accountability/items/nonsense/1"), 404)


def test_boards_and_the_census_are_for_those_who_watch(cast: Cast, call: Any) -> None:
    street = call("street_office")
    shown = street.get(f"/accountability/boards/{cast.estate.pk}").json()
    assert shown["clauses"] and (shown["numbers"] or shown["missing"])
    assert items(street.get("/accountability/census")) == []
    refused(call("market_regulation").get("/accountability/census"), 403, "forbidden")
    assert items(call("owner").get("/accountability/items", {"kind": "clue"})) == []


def test_a_sheet_is_drafted_signed_and_sent_as_tasks(cast: Cast, call: Any) -> None:
    office, unit = call("leading_group_office"), cast.organisation("street_office").pk
    due = (cast.now + timedelta(days=7)).date().isoformat()
    body = {
        "kind": "order",
        "title": "交办",
        "origin": "专题会议纪要",
        "rows": [{"text": "整治楼道", "unit": unit, "due_on": due}],
    }
    wrong = {**body, "rows": [{**body["rows"][0], "unit": cast.organisation("leading_group_office").pk}]}
    assert "rows.0.unit" in refused(office.post("/accountability/sheets", wrong), 422, "invalid")["fields"]
    made = office.post("/accountability/sheets", body)
    assert made.status_code == 201, made.content.decode()
    url = f"/accountability/items/sheet/{made.json()['id']}"
    shown = office.get(url).json()
    assert shown["missing"] and shown["parts"][0]["text"] == "整治楼道" and shown["parts"][0]["id"] is None
    refused(office.post(f"{url}/acts/send", match=office.etag(url)), 422, "unsigned")
    for role in ("leading_group_office", "county_leader"):
        if "sign" in call(role).get(url).json()["acts"]:
            call(role).post(f"{url}/acts/sign", match=call(role).etag(url))
    sent = office.post(f"{url}/acts/send", match=office.etag(url))
    assert sent.status_code == 200, sent.content.decode()
    assert office.get(url).json()["parts"][0]["id"] == WorkTask.objects.get().pk
    refused(call("market_regulation").post("/accountability/sheets", body), 403, "forbidden")


def test_a_plan_makes_a_task_a_month(cast: Cast, call: Any) -> None:
    office, unit = call("leading_group_office"), cast.organisation("street_office").pk
    body = {"title": "年度计划", "year": 2022, "rows": [{"title": "排查群租", "unit": unit, "months": [6, 9]}]}
    made = office.post("/accountability/plans", body)
    assert made.status_code == 201 and len(made.json()["tasks"]) == 2, made.content.decode()
    refused(office.post("/accountability/plans", body), 422, "twice")
    bad = {**body, "title": "另一个", "rows": [{**body["rows"][0], "months": [13]}]}
    refused(office.post("/accountability/plans", bad), 422, "invalid")
    table = office.get("/accountability/months", {"year": 2022}).json()
    assert [one["months"][5]["total"] for one in table] == [1]
    assert len(items(office.get("/accountability/items", {"kind": "task", "month": 9}))) == 1
    assert office.get("/accountability/division").json() is not None
    refused(call("police").get("/accountability/months"), 403, "forbidden")


def test_an_overdue_department_is_found_shirking_and_talked_to(
    cast: Cast, call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = assigned(cast, "unlicensed_business", now=at(4, 28))
    tick(at(5, 14))
    office = call("leading_group_office")
    monkeypatch.setattr(middleware.timezone, "now", lambda: at(5, 14, 10))
    late = [one for one in items(office.get("/accountability/late-duties")) if one["unit"]["id"] == case.lead_id]
    assert late
    clock = late[0]["id"]
    found = office.post(
        f"/accountability/duties/{clock}/shirking", {"reason": "推给了街道"}, match=office.etag(f"/duties/{clock}")
    )
    assert found.status_code == 200, found.content.decode()
    body = {"person": "分管副局长", "planned_at": "2022-05-20T09:00:00+08:00", "room": "三楼会议室"}
    refused(office.post(f"/accountability/duties/{clock}/talk", body), 428)
    talk = office.post(f"/accountability/duties/{clock}/talk", body, match=office.etag(f"/duties/{clock}"))
    assert talk.status_code == 200 and talk.json()["kind"] == "talk", talk.content.decode()
    assert office.get(f"/accountability/items/talk/{talk.json()['id']}").json()["details"]["约谈对象"] == "分管副局长"
    year = office.get(f"/accountability/units/{case.lead_id}").json()
    assert year["shirked"] == 1
    refused(call("police").get(f"/accountability/units/{case.lead_id}"), 403, "forbidden")
    refused(call("street_office").post(f"/accountability/duties/{clock}/refer", {"reason": "x"}, match='"1"'), 403)


def test_a_board_is_printed_posted_and_stale_after_a_number_changes(cast: Cast, call: Any) -> None:
    for unit in cast.organisations.values():
        type(unit).objects.filter(pk=unit.pk).update(phone="0553-1234567")
    street, url = call("street_office"), f"/accountability/boards/{cast.estate.pk}"
    printed = street.post(f"{url}/print", match=street.etag(url))
    assert printed.status_code == 200 and printed.json()["printed_at"], printed.content.decode()
    photo = street.upload(SimpleUploadedFile("牌.png", PNG, content_type="image/png")).json()["id"]
    body = {"spot": "东门", "photo": photo}
    refused(street.post(f"{url}/post", body, match='"old"'), 412, "stale")
    posted = street.post(f"{url}/post", body, match=street.etag(url))
    assert posted.status_code == 200 and posted.json()["photo"], posted.content.decode()
    found = street.get("/accountability/boards").json()
    assert found["posted"] == 1 and [one["posted"] for one in found["items"] if one["estate"] == cast.estate.pk] == [
        True
    ]
    unit = cast.organisation("community_station")
    reader = call("leading_group_office")
    changed = reader.post(
        f"/organisations/{unit.pk}/number", {"number": "0553-7654321"}, match=reader.etag(f"/organisations/{unit.pk}")
    )
    assert changed.status_code == 200 and "1块" in changed.json()["message"], changed.content.decode()
    assert street.get(url).json()["stale"]
    refused(call("housing").post(f"{url}/print", match=street.etag(url)), 403, "forbidden")


def test_candidates_and_majors_are_read_by_few(cast: Cast, call: Any) -> None:
    assert items(call("street_office").get("/accountability/candidates")) == []
    refused(
        call("street_office").post("/accountability/candidates/NONE/1/review", {"propose": True, "reason": "x"}), 404
    )
    asked = {one["name"] for one in call("street_office").get("/accountability/forms/major-conflict").json()}
    assert {"estate", "party", "certificate"} <= asked
    paper = call("street_office").upload(
        SimpleUploadedFile("认定.txt", "认定书正文".encode(), content_type="text/plain")
    )
    fields = {
        "estate": cast.estate.pk,
        "party": cast.organisation("property_company").pk,
        "text": "停水三日，聚集百人",
        "consequences": ["dismissal"],
        "certificate": paper.json()["id"],
    }
    made = call("street_office").post("/accountability/major-conflicts", {"fields": fields})
    assert made.status_code == 201, made.content.decode()
    shown = items(call("leading_group_office").get("/accountability/major-conflicts"))
    assert [one["id"] for one in shown] == [made.json()["id"]] and shown[0]["certificate"]
    refused(call("police").get("/accountability/candidates"), 403, "forbidden")
    refused(call("police").get("/accountability/major-conflicts"), 403, "forbidden")
