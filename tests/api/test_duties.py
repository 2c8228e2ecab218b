"""Duties over the API: the desk, the acts, tasks by hand."""

from datetime import timedelta
from typing import Any

from gongzhi.cases.accountability.models import WorkTask
from gongzhi.cases.tests.steps import assigned, submitted
from gongzhi.core.models import Event
from gongzhi.core.tests.calling import cells, items, refused
from gongzhi.core.tests.cast import Cast
from gongzhi.duties.models import Duty


def given(cast: Cast, call: Any, **more: Any) -> int:
    """The clock of a task that the leading group's office hands to the street."""
    due = (cast.now + timedelta(days=10)).date().isoformat()
    unit = cast.organisation("street_office").pk
    fields = {"title": "报送物业项目清单", "source": "hand", "unit": unit, "due_on": due, **more}
    made = call("leading_group_office").post("/accountability/items/task", {"fields": fields})
    assert made.status_code == 201, made.content.decode()
    clock = WorkTask.objects.get(pk=made.json()["id"]).duty_id
    assert clock is not None
    return clock


def test_the_desk_shows_what_the_unit_owes_and_why(cast: Cast, call: Any) -> None:
    case = assigned(cast, "illegal_structure")
    caller = call("urban_management")
    rows = items(caller.get("/duties"))
    assert rows and all(one["owner"]["id"] == case.lead_id for one in rows)
    shown = caller.get(f"/duties/{rows[0]['id']}").json()
    assert shown["clauses"] and shown["explanation"]
    assert caller.get("/duties/counts").json()["unit"]["total"] == len(rows)
    refused(call("market_regulation").get(f"/duties/{rows[0]['id']}"), 404)
    assert items(call("market_regulation").get("/duties")) == []


def test_a_task_is_given_owed_done_with_evidence_and_seen_by_both_sides(cast: Cast, call: Any) -> None:
    giver, doer = call("leading_group_office"), call("street_office")
    number = given(cast, call)
    assert [one["id"] for one in items(giver.get("/duties/tasks", {"side": "given"}))] == [number]
    assert [one["id"] for one in items(giver.get("/duties/owed"))] == [number]
    assert [one["id"] for one in items(doer.get("/duties/tasks"))] == [number]
    fields = {one["name"] for one in doer.get(f"/duties/{number}/acts/fulfil").json()}
    assert fields == {"note", "papers"}
    url, etag = f"/duties/{number}/acts/fulfil", doer.etag(f"/duties/{number}")
    refused(doer.post(url, {"fields": {"note": "清单已报送。"}}), 428)
    done = doer.post(url, {"fields": {"note": "清单已报送。"}}, match=etag)
    assert done.status_code == 200 and done.json()["state"] == "fulfilled"
    refused(doer.post(url, {"fields": {"note": "再来"}}, match=etag), 412, "stale")
    assert WorkTask.objects.get(duty=number).state == "done"
    line = [one["kind"] for one in items(giver.get(f"/duties/{number}/events"))]
    assert line[0] == "duty.fulfilled" and line[-1] == "duty.opened"


def test_what_cannot_be_extended_says_so_and_who_owes_does_not_excuse_himself(cast: Cast, call: Any) -> None:
    number = given(cast, call)
    doer, decider = call("street_office"), call("leading_group_office")
    url = f"/duties/{number}"
    asked = doer.post(f"{url}/acts/ask_extension", {"fields": {"reason": "数据没有收齐"}}, match=doer.etag(url))
    refused(asked, 422, "no_extension")
    body = {"fields": {"reason": "任务撤回"}}
    refused(doer.post(f"{url}/acts/excuse", body, match=doer.etag(url)), 403, "forbidden")
    done = decider.post(f"{url}/acts/excuse", body, match=decider.etag(url))
    assert done.status_code == 200 and done.json()["state"] == "excused", done.content.decode()
    assert Duty.objects.get(pk=number).closed_at == cast.now


def test_many_are_prompted_once_a_day_and_each_says_what_became_of_it(cast: Cast, call: Any) -> None:
    giver = call("leading_group_office")
    numbers = [given(cast, call, title=f"任务{n}") for n in range(2)]
    first = giver.post("/bulk/duties", {"act": "prompt", "duties": numbers})
    assert [one["done"] for one in first.json()] == [True, True]
    second = giver.post("/bulk/duties", {"act": "prompt", "duties": numbers})
    assert [one["done"] for one in second.json()] == [False, False] and second.json()[0]["message"]
    assert Event.objects.filter(kind="duty.prompted").count() == 2
    refused(call("market_regulation").post("/bulk/duties", {"act": "prompt", "duties": numbers}), 403, "forbidden")


def test_the_month_and_the_rates_of_the_units(cast: Cast, call: Any) -> None:
    submitted(cast, "illegal_structure")
    days = call("hotline_desk").get("/duties/calendar", {"month": "2022-05"}).json()
    assert len(days) == 31 and any(one["count"] for one in days)
    assert next(one for one in days if one["day"] == "2022-05-01")["rest"]
    assert items(call("leading_group_office").get("/duties/units", {"month": "2022-05"}))
    refused(call("market_regulation").get("/duties/units"), 403, "forbidden")
    refused(call("hotline_desk").get("/duties/calendar", {"month": "2022-13"}), 422, "invalid")


def test_one_unit_for_itself_and_for_who_supervises_it(cast: Cast, call: Any) -> None:
    number = given(cast, call)
    unit = cast.organisation("street_office").pk
    for role in ("street_office", "leading_group_office"):
        shown = call(role).get(f"/duties/units/{unit}").json()
        assert shown["counts"]["total"] == 1 and len(shown["months"]) > 1, shown
        assert [one["id"] for one in items(call(role).get(f"/duties/units/{unit}/running"))] == [number]
    refused(call("market_regulation").get(f"/duties/units/{unit}"), 403, "forbidden")


def test_the_desk_as_excel_holds_what_the_list_shows(cast: Cast, call: Any) -> None:
    given(cast, call, title="报送清单")
    given(cast, call, title="整治楼道")
    rows = cells(call("street_office").get("/exports/duties", {"words": "楼道"}))
    assert [row[0] for row in rows[1:]] == ["整治楼道"]
