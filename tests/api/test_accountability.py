"""Tasks, inspections and what follows over the API."""

from datetime import timedelta
from typing import Any

from gongzhi.cases.accountability.models import Finding, Inspection, WorkTask
from gongzhi.core.tests.calling import items, refused
from gongzhi.core.tests.cast import Cast


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
