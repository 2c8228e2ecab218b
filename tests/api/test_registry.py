"""The registry over the API: estates, units, owners, companies, posts, workbooks."""

from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile

from gongzhi.core.models import Event
from gongzhi.core.tests.calling import ROOT, items, refused
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
    sent = caller.client.post(
        f"{ROOT}/imports", {"file": SimpleUploadedFile("底数.xlsx", content)}, headers=headers
    )
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
