"""The registry over the API: estates, units, owners, companies, posts, workbooks."""

from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile

from gongzhi.core.models import Event
from gongzhi.core.tests.calling import ROOT, cells, items, refused
from gongzhi.core.tests.cast import Cast
from gongzhi.registry.models import Estate, ImportRun, Unit


def test_each_sees_the_estates_that_he_sees_on_the_page(cast: Cast, call: Any) -> None:
    def names(role: str) -> set[str]:
        return {one["name"] for one in items(call(role).get("/estates"))}

    assert names("housing") == {"梧桐花园", "湖畔新村", "清风小区"}
    assert "湖畔新村" not in names("street_office")
    assert names("project_manager") == names("owner") == {"梧桐花园"}
    refused(call("street_office").get(f"/estates/{cast.estate_outside.pk}"), 404)


def test_an_estate_is_registered_changed_and_its_facts_are_recorded(cast: Cast, call: Any) -> None:
    caller = call("community_station")
    body = {"community": cast.community.code, "name": "新苑", "estate_type": "commercial", "buildings": ["1幢"]}
    made = caller.post("/estates", body)
    assert made.status_code == 201, made.content.decode()
    url = f"/estates/{made.json()['id']}"
    refused(caller.post("/estates", {**body, "community": cast.communities[-1].code}), 422, "no_place")
    changed = caller.post(url, {"households": 88}, match=made.headers["ETag"], method="patch")
    assert changed.json()["households"] == 88, changed.content.decode()
    refused(caller.post(url, {"households": 99}, match=made.headers["ETag"], method="patch"), 412)
    fact = {"name": "in_built_up_area", "value": True, "from_on": "2022-01-01"}
    told = caller.post(f"{url}/facts", fact, match=caller.etag(url))
    assert told.status_code == 200, told.content.decode()
    assert {"name": "in_built_up_area", "value": "是"}.items() <= told.json()["facts"][0].items()
    assert items(caller.get(f"{url}/events"))
    refused(call("urban_management").post("/estates", body), 403, "forbidden")


def test_owners_are_masked_and_shown_for_a_reason(cast: Cast, call: Any) -> None:
    caller = call("housing")
    building = cast.estate.buildings.order_by("name").first()
    body = {"building": building.pk, "name": "101", "exclusive_area_m2": "89.50", "area_source": "register"}
    made = caller.post(f"/estates/{cast.estate.pk}/units", body)
    assert made.status_code == 201, made.content.decode()
    url = f"/units/{made.json()['id']}"
    transfer = {
        "owners": [
            {"name": "王小明", "phone": "13911112222", "share": "1/2"},
            {"name": "李小红", "phone": "13911113333", "share": "1/2"},
        ],
        "from_on": "2021-03-01",
    }
    sold = caller.post(f"{url}/transfer", transfer, match=made.headers["ETag"])
    assert sold.status_code == 200, sold.content.decode()
    assert "王小明" not in sold.content.decode() and "13911112222" not in sold.content.decode()
    owner = sold.json()["owners"][0]
    assert owner["share"] == "1/2" and owner["phone"] == "139****2222"
    refused(caller.post(f"{url}/owners/{owner['id']}/reveal", {"reason": "curiosity"}), 422)
    shown = caller.post(f"{url}/owners/{owner['id']}/reveal", {"reason": "verify"})
    assert {one["value"] for one in shown.json()} >= {"王小明", "13911112222"}
    assert Event.objects.filter(kind="person.revealed").count() == len(shown.json())
    refused(call("urban_management").get(url), 404)
    assert items(caller.get(f"/estates/{cast.estate.pk}/units"))[0]["exclusive_area_m2"] == "89.50"


def test_estates_are_merged_by_the_county_alone(cast: Cast, call: Any) -> None:
    url = f"/estates/{cast.estate.pk}"
    street, county = call("street_office"), call("housing")
    body = {"others": [cast.estate_unknown.pk], "from_on": "2022-05-01"}
    refused(street.post(f"{url}/merge", body, match=street.etag(url)), 403, "forbidden")
    done = county.post(f"{url}/merge", body, match=county.etag(url))
    assert done.status_code == 200, done.content.decode()
    assert Estate.objects.get(pk=cast.estate_unknown.pk).ended_on


def test_a_row_without_a_version_is_guarded_by_a_digest(cast: Cast, call: Any) -> None:
    office = call("leading_group_office")
    post = cast.user("housing").posts.get()
    etag = office.etag(f"/posts/{post.pk}")
    body = {"deputy": cast.user("police").pk, "from_on": "2022-05-05"}
    refused(office.post(f"/posts/{post.pk}/deputy", body), 428)
    assert office.post(f"/posts/{post.pk}/deputy", body, match=etag).json()["deputy"]
    refused(office.post(f"/posts/{post.pk}/deputy", body, match=etag), 412, "stale")


def test_a_company_changes_hands(cast: Cast, call: Any) -> None:
    caller = call("housing")
    estate = f"/estates/{cast.estate.pk}"
    project = caller.get(estate).json()["projects"][0]["id"]
    done = caller.post(f"/projects/{project}/end", {"day": "2022-05-31"}, match=caller.etag(f"/projects/{project}"))
    assert done.json()["to_on"] == "2022-05-31", done.content.decode()
    body = {"company": cast.organisation("property_company@2").pk, "manager_name": "新经理", "from_on": "2022-05-15"}
    assert caller.post(f"{estate}/projects", body).status_code in (409, 422)
    assert caller.post(f"{estate}/projects", {**body, "from_on": "2022-06-01"}).status_code == 201


def test_a_workbook_is_tried_then_imported_by_who_handed_it_in(cast: Cast, call: Any) -> None:
    caller = call("housing")
    content = caller.get("/imports/template").content
    headers = {"Authorization": f"Bearer {caller.secret}", "Idempotency-Key": uuid4().hex}
    sent = caller.client.post(f"{ROOT}/imports", {"file": SimpleUploadedFile("底数.xlsx", content)}, headers=headers)
    assert sent.status_code == 201, sent.content.decode()
    run = sent.json()
    assert not Unit.objects.exists() and run["state"] in ("checked", "faulty")
    refused(call("street_office").get(f"/imports/{run['id']}"), 404)
    assert ImportRun.objects.get().uploaded_by == cast.user("housing")
    etag = caller.etag(f"/imports/{run['id']}")
    refused(caller.post(f"/imports/{run['id']}/confirm", {"digest": "other"}, match=etag), 422, "import_digest")


def test_the_figures_of_what_is_known_cite_their_clauses(cast: Cast, call: Any) -> None:
    found = call("housing").get("/statistics/registry").json()
    assert found and any(one["clauses"] for one in found)
    refused(call("urban_management").get("/statistics/registry"), 403, "forbidden")


def test_a_facility_is_entered_looked_at_and_taken_out_of_use(cast: Cast, call: Any) -> None:
    company = call("project_manager")
    asked = {one["name"]: one for one in company.get(f"/forms/facility/{cast.estate.pk}").json()}
    assert "elevator" in {one["value"] for one in asked["kind"]["choices"]} and asked["building"]["choices"]
    body = {"fields": {"kind": "elevator", "code": "T-1", "location": "1幢", "valid_until": "2022-05-20"}}
    made = company.post(f"/estates/{cast.estate.pk}/facilities", body)
    assert made.status_code == 201, made.content.decode()
    url = f"/facilities/{made.json()['id']}"
    assert made.json()["state"] == "soon"
    refused(company.post(f"/estates/{cast.estate.pk}/facilities", body), 422, "facility_twice")
    look = {"fields": {"inspected_on": "2022-05-05", "result": "failed"}}
    refused(company.post(f"{url}/inspect", look, match=company.etag(url)), 422, "inspection_note")
    look["fields"]["note"] = "门锁失灵"
    etag = company.etag(url)
    seen = company.post(f"{url}/inspect", look, match=etag)
    assert seen.json()["state"] == "faulty" and seen.json()["inspections"][0]["note"] == "门锁失灵"
    refused(company.post(f"{url}/inspect", look, match=etag), 412, "stale")
    assert [one["code"] for one in items(call("housing").get("/facilities", {"state": "faulty"}))] == ["T-1"]
    assert items(call("housing").get("/facilities", {"state": "valid"})) == []
    ended = company.post(f"{url}/end", {"day": "2022-05-05"}, match=company.etag(url))
    assert ended.json()["ended_on"] == "2022-05-05", ended.content.decode()
    refused(call("market_regulation").get("/facilities/999999"), 404)


def test_how_an_estate_is_managed_is_recorded_with_what_the_document_wants_named(cast: Cast, call: Any) -> None:
    caller = call("street_office")
    url = f"/estates/{cast.estate.pk}"
    body = {"fields": {"management_mode": "residents", "management_body": "居民自管小组", "from_on": "2022-05-01"}}
    done = caller.post(f"{url}/management", body, match=caller.etag(url))
    assert done.status_code == 200, done.content.decode()
    assert "management_mode" in {one["name"] for one in done.json()["facts"]}
    refused(call("urban_management").post(f"{url}/management", body, match=caller.etag(url)), 403, "forbidden")


def test_who_is_there_at_each_level_and_what_is_known(cast: Cast, call: Any) -> None:
    chart = call("housing").get("/organisation-chart").json()
    assert chart["county"]["code"] == cast.county.code and chart["leading"]
    streets = {one["place"]["code"]: one for one in chart["streets"]}
    assert streets[cast.street.code]["bodies"] and streets[cast.street.code]["below"]
    below = [one for street in chart["streets"] for one in street["below"]]
    assert any(one["lacks"] for one in below)
    refused(call("owner").get("/organisation-chart"), 403, "forbidden")
    found = call("housing").get("/statistics/estates").json()
    assert found["total"] == 3 == sum(one["count"] for one in found["types"])
    rows = cells(call("housing").get("/exports/estates", {"text": "梧桐"}))
    assert [row[1] for row in rows[1:]] == ["梧桐花园"]
    refused(call("urban_management").get("/exports/estates"), 403, "forbidden")
