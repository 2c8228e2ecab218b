"""Statistics, concentration with its action list, exports and disputes over the API, as the pages have them."""

from datetime import timedelta
from typing import Any

from gongzhi.cases import services
from gongzhi.cases.accountability.models import WorkTask
from gongzhi.cases.models import Complaint
from gongzhi.cases.tests.steps import at, submitted
from gongzhi.cases.tests.test_statistics import past
from gongzhi.core.tests.calling import cells, items, refused
from gongzhi.core.tests.cast import Cast


def test_a_month_stands_beside_the_month_before_and_that_of_last_year(cast: Cast, call: Any) -> None:
    past(cast, 3, at(5, 2).date())
    past(cast, 4, at(4, 2).date())
    submitted(cast, "illegal_structure")
    found = call("leading_group_office").get("/statistics/complaints", {"period": "2022-05"}).json()
    assert found["total"]["received"] == 4
    assert found["total"]["before"] == {"base": 4, "comparable": True, "percent": "0.0%"}
    assert found["total"]["year"] == {"base": 0, "comparable": False, "percent": "无可比"}
    assert {one["key"]: one["received"] for one in found["matters"]} == {"noise": 3, "illegal_structure": 1}
    assert found["span"] == {"first": "2022-05-01", "last": "2022-05-05"} and len(found["months"]) == 12


def test_figures_are_cut_by_place_matter_and_unit_and_are_not_for_everybody(cast: Cast, call: Any) -> None:
    past(cast, 2, at(5, 2).date())
    past(cast, 3, at(5, 2).date(), estate=cast.estate_outside, matter="drainage")
    office, street = call("leading_group_office"), call("street_office")
    cut = {"period": "2022-05", "matter": "drainage"}
    assert office.get("/statistics/complaints", cut).json()["total"]["received"] == 3
    assert street.get("/statistics/complaints", cut).json()["total"]["received"] == 0
    other = {"period": "2022-05", "place": cast.estate_outside.community.parent.code}  # type: ignore[union-attr]
    assert office.get("/statistics/complaints", other).json()["total"]["received"] == 3
    refused(street.get("/statistics/complaints", other), 403, "forbidden")
    refused(call("owner").get("/statistics/complaints"), 403, "forbidden")
    refused(office.get("/statistics/complaints", {"period": "2022-13"}), 422, "invalid")


def test_a_figure_opens_as_many_cases_as_it_counts(cast: Cast, call: Any) -> None:
    past(cast, 2, at(5, 2).date())
    submitted(cast, "illegal_structure")
    office = call("leading_group_office")
    cut = {"received_from": "2022-05-01", "received_to": "2022-05-05", "counted": True}
    assert len(items(office.get("/cases", {**cut, "result": "on_time"}))) == 2
    assert len(items(office.get("/cases", {**cut, "unled": True}))) == 3
    assert len(items(office.get("/cases", {**cut, "place": cast.community.code}))) == 3


def test_most_complaints_come_from_few_estates_and_a_task_about_one_is_on_the_board(cast: Cast, call: Any) -> None:
    past(cast, 5, at(5, 2).date())
    office, street = call("leading_group_office"), call("street_office")
    found = office.get("/statistics/concentration", {"period": "2022-05"}).json()
    assert found["total"] == 5 and found["tenth"] == 1 and found["half"] == 1
    assert found["items"][0]["estate"] == {"id": cast.estate.pk, "name": cast.estate.name}
    url = f"/statistics/concentration/{cast.estate.pk}"
    asked = {one["name"]: one for one in office.get(url).json()["form"]}
    assert "噪声" in asked["title"]["initial"] and asked["due_on"]["initial"]
    unit = cast.organisation("street_office").pk
    made = office.post(f"{url}/tasks", {"fields": {"title": "整治夜间噪声", "owner": unit}})
    assert made.status_code == 201, made.content.decode()
    assert made.json()["due_on"] == (cast.now + timedelta(days=30)).date().isoformat()
    task = WorkTask.objects.get(estate=cast.estate)
    assert [one["id"] for one in items(street.get("/accountability/items", {"kind": "task"}))] == [task.pk]
    assert items(street.get("/duties/tasks"))[0]["id"] == task.duty_id
    listed = office.get("/statistics/concentration", {"period": "2022-05"}).json()
    assert listed["items"][0]["tasks"] == 1 and office.get(url).json()["tasks"][0]["id"] == task.pk
    refused(call("hotline_desk").post(f"{url}/tasks", {"fields": {"title": "x", "owner": unit}}), 422, "invalid")
    station = cast.organisation("community_station").pk
    own = street.post(f"{url}/tasks", {"fields": {"title": "清理楼道", "owner": station}})
    assert own.status_code == 201, own.content.decode()


def test_an_export_holds_exactly_what_the_filter_shows(cast: Cast, call: Any) -> None:
    mine = submitted(cast, "illegal_structure")
    past(cast, 2, at(5, 2).date())
    office = call("leading_group_office")
    rows = cells(office.get("/exports/cases", {"matter": "illegal_structure"}))
    assert [row[0] for row in rows[1:]] == [mine.number]
    assert len(cells(office.get("/exports/cases", {"view": "all"}))) == 4
    assert len(cells(call("market_regulation").get("/exports/cases", {"view": "all"}))) == 1
    for name in ("complaint-register", "hotspots", "statistics", "concentration", "problems"):
        assert cells(office.get(f"/exports/{name}")), name
    refused(call("owner").get("/exports/statistics"), 403, "forbidden")


def test_rounds_of_mediation_the_court_and_the_weight_are_read_with_the_case(cast: Cast, call: Any) -> None:
    case = submitted(cast, "service_charge_dispute")
    who = {"actor": cast.actor(case.lead_role), "now": cast.now}
    services.report_in(case, **who)
    said = {"complainants_view": "收费没有标准。", "others_view": "标准在大门口贴着。"}
    services.mediate(case, kind="people", result="not_agreed", **said, **who)
    shown = call(case.lead_role).get(f"/cases/{case.number}").json()
    assert shown["mediations"][0]["result"] == "not_agreed"
    assert shown["mediations"][0]["others_view"] == said["others_view"]
    assert shown["court"] is None and shown["weighings"] == []


def test_what_is_whose_is_told_with_its_clause(cast: Cast, call: Any) -> None:
    rows = call("owner").get("/competences", {"text": "违法"}).json()
    assert rows and all(one["lead"] and one["clauses"] for one in rows)
    everywhere = call("owner").get("/competences", {"place": cast.county.code}).json()
    assert len(everywhere) > len(rows)


def test_checks_are_counted_by_unit_and_source(cast: Cast, call: Any) -> None:
    caller = call("urban_management")
    asked = {one["name"] for one in caller.get("/forms/check").json()}
    assert {"estate", "source", "found"} <= asked
    sheet = {"estate": cast.estate.name, "source": "patrol", "found": "未发现问题。"}
    assert caller.post("/checks", {"fields": sheet}).status_code == 201
    counted = call("leading_group_office").get("/statistics/checks").json()
    assert [(one["times"], one["sources"]["patrol"]) for one in counted] == [(1, 1)]
    assert call("police").get("/statistics/checks").json() == []


def test_the_paper_for_a_visitor_keeps_nothing(cast: Cast, call: Any) -> None:
    body = {"caller_name": "陈建国", "reason": "楼顶\x0b搭建", "called_at": "2022-05-05T09:00:00+08:00"}
    made = call("street_office").post("/forms/visit-register", body, key="")
    assert made.status_code == 200 and made.content.startswith(b"PK")
    assert not Complaint.objects.exists()
    refused(call("owner").post("/forms/visit-register", body, key=""), 403, "forbidden")
