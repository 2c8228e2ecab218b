"""The documents and the public's door over the API."""

from datetime import timedelta
from typing import Any

from gongzhi.cases.models import Case, Complaint
from gongzhi.cases.tests.steps import answered, at
from gongzhi.core import middleware
from gongzhi.core.models import CalendarYear, Event, SwitchValue
from gongzhi.core.tests.calling import items, refused
from gongzhi.core.tests.cast import PACK, Cast
from gongzhi.site import limits


def test_a_documents_clauses_say_what_carries_them(cast: Cast, call: Any) -> None:
    caller = call("urban_management")
    assert PACK in [one["slug"] for one in caller.get("/packs").json()]
    rows = items(caller.get(f"/packs/{PACK}/clauses", {"state": "rules", "limit": 200}))
    assert rows and all(one["carried_by"] for one in rows)
    figures = caller.get(f"/packs/{PACK}/coverage").json()
    assert sum(figures["states"].values()) == figures["total"]
    refused(caller.get("/packs/nowhere/clauses"), 404)


def test_any_question_is_answered_with_its_reasons(cast: Cast, call: Any) -> None:
    caller = call("urban_management")
    asked = {one["name"]: one for one in caller.get(f"/packs/{PACK}/questions").json()}
    assert {"channel", "matter"} <= {one["name"] for one in asked["cases.answer_deadline"]["facts"]}
    url = f"/packs/{PACK}/questions/cases.answer_deadline/ask"
    found = caller.post(url, {"facts": {"channel": "phone", "nature": "violation", "matter": "noise"}})
    assert found.status_code == 200, found.content.decode()
    assert found.json()["answer"]["clauses"] and found.json()["answer"]["shown"]
    assert "facts.colour" in refused(caller.post(url, {"facts": {"colour": 1}}), 422, "bad_facts")["fields"]
    refused(caller.post(f"/packs/{PACK}/questions/no.such/ask"), 404)


def test_events_are_played_through_and_touch_nothing(cast: Cast, call: Any) -> None:
    caller = call("housing")
    opened = {
        "kind": "case.opened",
        "at": "2022-05-05T09:12+08:00",
        "subject": "case:1",
        "data": {
            "number": "T-1",
            "channel": "phone",
            "matter": "noise",
            "nature": "violation",
            "received_at": "2022-05-05T09:12+08:00",
        },
    }
    before = Event.objects.count()
    found = caller.post(f"/packs/{PACK}/simulate", {"events": [opened], "at": "2022-05-06T09:00:00+08:00"})
    assert found.status_code == 200 and found.json(), found.content.decode()
    assert Event.objects.count() == before
    body = {"events": [{"kind": "nothing.at_all"}], "at": "2022-05-06T09:00:00+08:00"}
    refused(caller.post(f"/packs/{PACK}/simulate", body), 422, "bad_events")


def test_an_open_point_is_decided_by_who_may_on_what_he_has_read(cast: Cast, call: Any) -> None:
    office, other = call("leading_group_office"), call("urban_management")
    rows = {one["name"]: one for one in office.get(f"/packs/{PACK}/switches").json()}
    tag = rows["report_in_period"]["etag"]
    url = f"/packs/{PACK}/switches/report_in_period"
    body = {"value": "2wd", "from_on": "2022-06-01", "reason": "领导小组第3次会议"}
    refused(other.post(url, body, match=tag), 403, "forbidden")
    refused(office.post(url, body), 428)
    refused(office.post(url, {**body, "value": "很快"}, match=tag), 422)
    assert office.post(url, body, match=tag).status_code == 200
    refused(office.post(url, body, match=tag), 412, "stale")
    assert SwitchValue.objects.get(name="report_in_period").reason == "领导小组第3次会议"


def test_a_year_of_work_days_is_entered(cast: Cast, call: Any) -> None:
    admin = call("system_admin")
    body = {
        "source": "国办发明电〔2030〕1号",
        "holidays": [{"name": "元旦", "first": "2031-01-01", "last": "2031-01-01"}],
    }
    shown = admin.get("/workdays/2031")
    assert shown.json()["known"] is False
    done = admin.post("/workdays/2031", body, match=shown.headers["ETag"], method="put")
    assert done.status_code == 200 and done.json()["known"], done.content.decode()
    refused(admin.post("/workdays/2031", body, match=shown.headers["ETag"], method="put"), 412)
    assert CalendarYear.objects.get(year=2031).entered_by == cast.user("system_admin")
    refused(call("housing").post("/workdays/2031", body, match='"1"', method="put"), 403, "forbidden")
    refused(admin.get("/workdays/1"), 404)


def submission(cast: Cast, **more: Any) -> dict[str, Any]:
    return {
        "estate": cast.estate.pk,
        "location": "3幢楼下",
        "matters": [{"matter": "noise", "text": "每晚十一点以后还在施工，睡不着。"}],
        "name": "陈建国",
        "phone": "13812345678",
        **more,
    }


def test_the_public_submits_and_looks_up_through_a_program(cast: Cast, call: Any) -> None:
    caller = call("housing", "public:write")
    made = caller.post("/public/complaints", submission(cast))
    assert made.status_code == 201, made.content.decode()
    number = made.json()["number"]
    complaint = Complaint.objects.get()
    assert complaint.channel == "web" and complaint.submitted_by is None and complaint.receiver is None
    found = caller.post(f"/public/complaints/{number}/progress", {"secret": "5678"})
    assert found.json()[0]["number"] == made.json()["cases"][0]
    assert "陈建国" not in found.content.decode()
    anonymous = submission(cast, name="", phone="", anonymous=True, anonymous_reason="怕报复")
    hidden = caller.post("/public/complaints", anonymous).json()
    opened = caller.post(f"/public/complaints/{hidden['number']}/progress", {"secret": hidden["access_code"]})
    assert opened.status_code == 200
    refused(caller.post("/public/complaints", submission(cast, name="")), 422, "invalid")


def test_guessing_is_counted_though_nothing_else_of_it_is_kept(cast: Cast, call: Any) -> None:
    caller = call("housing", "public:write")
    number = caller.post("/public/complaints", submission(cast)).json()["number"]
    url = f"/public/complaints/{number}/progress"
    for _ in range(limits.TRACK_NUMBER.most):
        refused(caller.post(url, {"secret": "0000"}), 404, "not_tracked")
    late = refused(caller.post(url, {"secret": "5678"}), 429, "too_many")
    assert "15分钟" in late["message"]


def test_a_program_submits_so_many_an_hour(cast: Cast, call: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(limits, "COMPLAIN_TOKEN", limits.Limit("complain-token", 1, timedelta(hours=1)))
    caller = call("housing", "public:write")
    assert caller.post("/public/complaints", submission(cast)).status_code == 201
    response = caller.post("/public/complaints", submission(cast))
    refused(response, 429, "too_many")
    assert response.headers["Retry-After"] == "3600"


def test_the_complainant_rates_through_the_program(cast: Cast, call: Any, monkeypatch: Any) -> None:
    case = answered(cast, "illegal_structure", lead="urban_management", now=at(5, 5))
    caller = call("housing", "public:write")
    monkeypatch.setattr(middleware.timezone, "now", lambda: at(5, 6))
    number = case.complaint.number
    url = f"/public/complaints/{number}/cases/{case.number}/rate"
    refused(caller.post(url, {"secret": "5678", "stars": 5}), 428)
    tag = f'"{caller.post(f"/public/complaints/{number}/progress", {"secret": "5678"}).json()[0]["version"]}"'
    refused(caller.post(url, {"secret": "0000", "stars": 5}, match=tag), 404)
    done = caller.post(url, {"secret": "5678", "stars": 5, "comment": "谢谢"}, match=tag)
    assert done.status_code == 200, done.content.decode()
    assert Case.objects.get(pk=case.pk).stars == 5
