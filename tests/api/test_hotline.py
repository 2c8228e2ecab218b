"""The exchange with a hotline over the API: each number once, whatever is sent again; answers out."""

import json
from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile

from gongzhi.cases import services as cases
from gongzhi.cases.hotline import services
from gongzhi.cases.hotline.models import HotlineTicket
from gongzhi.cases.models import Case, Complaint
from gongzhi.cases.tests.test_hotline import HEAD, ROW, SECOND
from gongzhi.core.tests.calling import ROOT, Caller, items, refused
from gongzhi.core.tests.cast import Cast

TICKET = {
    "number": "H001",
    "received_at": "2022-05-05 08:30",
    "text": "楼顶搭玻璃房",
    "estate": "梧桐花园",
    "matter": "illegal_structure",
    "title": "搭建玻璃房",
    "location": "7幢",
    "caller_name": "陈建国",
    "caller_phone": "13812345678",
    "caller_address": "2幢301",
    "due_at": "2022-05-09",
}


def source(caller: Caller) -> str:
    made = caller.post("/hotline/sources", {"name": "12345热线"})
    assert made.status_code == 201, made.content.decode()
    return f"/hotline/sources/{made.json()['id']}"


def send(caller: Caller, url: str, *tickets: dict[str, Any]) -> list[dict[str, Any]]:
    done = caller.post(f"{url}/tickets", {"tickets": list(tickets)})
    assert done.status_code == 200, done.content.decode()
    return done.json()


def test_a_number_is_registered_once_and_later_only_what_may_change(cast: Cast, call: Any) -> None:
    caller = call("hotline_desk")
    url = source(caller)
    first = send(caller, url, TICKET)
    assert first[0]["kind"] == "new" and first[0]["complaint"] == Complaint.objects.get().number
    assert send(caller, url, TICKET)[0]["kind"] == "unchanged"
    changed = send(caller, url, {**TICKET, "due_at": "2022-05-12", "location": "8幢"})[0]
    assert (changed["kind"], changed["changed"], changed["kept"]) == ("changed", ["due_at"], ["location"])
    assert Complaint.objects.count() == 1 and HotlineTicket.objects.get().due_words == "5月12日24:00"
    assert Case.objects.get().route_lead


def test_a_bad_ticket_stays_out_alone_and_says_what_has_to_be_told(cast: Cast, call: Any) -> None:
    caller = call("hotline_desk")
    url = source(caller)
    bad = {**TICKET, "number": "H002", "estate": "没有的苑", "caller_phone": "13812345679"}
    rows = send(caller, url, bad, TICKET)
    assert [one["kind"] for one in rows] == ["faulty", "new"]
    fault = rows[0]["faults"][0]
    assert (fault["column"], fault["asks"], fault["word"]) == ("estate", "estate", "没有的苑")
    body = {"estate_words": {"没有的苑": cast.estate.pk}}
    told = caller.post(url, body, match=caller.etag(url), method="patch")
    assert told.status_code == 200, told.content.decode()
    assert send(caller, url, {**bad, "text": "楼道堆物", "matter": "fire_lane"})[0]["kind"] == "new"
    wrong = {"estate_words": {"x": 10**9}, "matter_words": {"y": "nonsense"}}
    found = refused(caller.post(url, wrong, match=caller.etag(url), method="patch"), 422, "invalid")
    assert set(found["fields"]) == {"estate_words", "matter_words"}


def test_a_source_has_names_of_its_own_for_its_columns(cast: Cast, call: Any) -> None:
    caller = call("hotline_desk")
    url = source(caller)
    theirs = {f"x_{name}": value for name, value in TICKET.items()}
    refused(caller.post(f"{url}/tickets", {"tickets": [theirs]}), 422, "bad_mapping")
    mapping = {name: f"x_{name}" for name in TICKET}
    assert caller.post(url, {"mapping": mapping}, match=caller.etag(url), method="patch").status_code == 200
    assert send(caller, url, theirs)[0]["kind"] == "new"


def test_a_file_is_tried_marked_and_imported(cast: Cast, call: Any) -> None:
    caller = call("hotline_desk")
    number = int(source(caller).rpartition("/")[2])
    file = SimpleUploadedFile("工单.csv", "\n".join([HEAD, ROW, SECOND.replace("梧桐花园", "无此苑")]).encode())
    headers = {"Authorization": f"Bearer {caller.secret}", "Idempotency-Key": uuid4().hex}
    sent = caller.client.post(f"{ROOT}/hotline/runs", {"source": number, "file": file}, headers=headers)
    assert sent.status_code == 201, sent.content.decode()
    run = sent.json()
    assert run["counts"] == {"new": 1, "changed": 0, "unchanged": 0, "faulty": 1} and not Complaint.objects.exists()
    url = f"/hotline/runs/{run['id']}"
    assert caller.get(f"{url}/marked").content.startswith(b"PK")
    refused(caller.post(f"{url}/import", {}, match=caller.etag(url)), 422, "import_faulty")
    again = caller.post(f"{url}/recheck", match=caller.etag(url))
    assert again.json()["faults"][0]["asks"] == "estate"
    started = caller.post(f"{url}/import", {"leave_out": True}, match=caller.etag(url))
    assert started.json()["state"] == "queued", started.content.decode()
    services.carry_out(run["id"], now=cast.now)
    assert caller.get(url).json()["state"] == "imported" and Complaint.objects.count() == 1
    assert [one["id"] for one in items(caller.get("/hotline/runs"))] == [run["id"]]


def test_answers_are_fetched_since_a_day(cast: Cast, call: Any) -> None:
    caller = call("hotline_desk")
    url = source(caller)
    send(caller, url, TICKET)
    assert [one["state"] for one in items(caller.get(f"{url}/answers"))] == ["received"]
    cases.assign_case(Case.objects.get(), actor=cast.actor("hotline_desk"), now=cast.now)
    record = items(caller.get(f"{url}/answers", {"since": cast.now.date().isoformat()}))[0]
    assert record["number"] == "H001" and record["unit"] and record["case_numbers"] == [Case.objects.get().number]
    assert "陈建国" not in json.dumps(record, ensure_ascii=False)
    assert items(caller.get(f"{url}/posted")) == []
    assert caller.post(f"{url}/resend").json()["message"] == "没有发送失败的。"


def test_the_exchange_is_for_who_receives_the_tickets_and_for_a_key_that_says_so(cast: Cast, call: Any) -> None:
    url = source(call("hotline_desk"))
    refused(call("urban_management").get("/hotline/sources"), 403, "forbidden")
    refused(call("urban_management").post(f"{url}/tickets", {"tickets": [TICKET]}), 403, "forbidden")
    refused(call("owner").get(url), 403, "forbidden")
    assert not Complaint.objects.exists()
