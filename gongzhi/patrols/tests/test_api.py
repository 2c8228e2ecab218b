"""The main way over the API: by the page's own forms, with their rules and refusals."""

from uuid import uuid4

import pytest

from gongzhi.core.tests.calling import Caller, key_for
from gongzhi.core.tests.cast import now_in
from gongzhi.patrols.models import PatrolFinding, PatrolRound
from gongzhi.patrols.tests.steps import city, rectified

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db):
    return now_in(city, "jiujiang")


@pytest.fixture
def office(cast):
    return Caller(key_for(cast, "street_office", "patrols:read", "patrols:write"))


def sheet(**more):
    whole = {"staff": "yes", "sanitation": "no", "structure": "no", "order": "no", "fire": "no", "people": "赵敏"}
    return {"fields": {"key": uuid4().hex, **whole, **more}}


def test_a_program_sends_a_round_follows_its_finding_and_strikes_it_off(office, cast):
    where = f"/estates/{cast.estate.pk}/patrols"
    assert {one["code"] for one in office.get(where).json()["sheets"]} == {"site_round", "structure_round"}
    asked = office.get(f"{where}/site_round/form").json()
    assert {"staff", "fire", "fire__note", "joint"} <= {one["name"] for one in asked["fields"]}
    given = sheet(fire="yes", fire__note="通道堵塞")
    made = office.post(f"{where}/site_round", given)
    assert made.status_code == 201, made.content.decode()
    assert office.post(f"{where}/site_round", given).status_code == 201
    assert PatrolRound.objects.count() == 1
    row = PatrolFinding.objects.get()
    listed = office.get("/findings").json()["items"]
    assert [(one["id"], one["state"]) for one in listed] == [(row.pk, "assigned")]
    rectified(cast, row)
    shown = office.get(f"/findings/{row.pk}")
    assert "fucha" in {one["act"] for one in shown.json()["acts"]}
    body = {"fields": {"passed": "yes", "text": "合格"}}
    done = office.post(f"/findings/{row.pk}/acts/fucha", body, match=shown.headers["ETag"])
    assert done.status_code == 200, done.content.decode()
    assert office.get(f"/findings/{row.pk}").json()["state"] == "passed"
    day = cast.now.date().isoformat()
    figures = office.get(f"/statistics/patrols?from_on={day}&to_on={day}").json()
    assert figures["units"][0]["struck_off"] == 1
    lacking = office.get("/patrols/standings").json()
    assert {"plan", "lacking", "gap_days"} <= set(lacking[0])
    assert office.get(f"/patrols/{PatrolRound.objects.get().pk}").json()["people"] == "赵敏"


def test_a_program_keeps_a_book(office, cast):
    assert "grid_person" in {one["code"] for one in office.get("/registers").json()}
    where = f"/registers/grid_person/entries?estate={cast.estate.pk}"
    made = office.post(where, {"fields": {"level": "street", "name": "李某", "grid": "一"}})
    assert made.status_code == 201, made.content.decode()
    row = office.get("/registers/grid_person/entries").json()["items"][0]
    assert row["values"]["name"] == "李某"
    shown = office.get(f"/register-entries/{row['id']}")
    changed = {"fields": {"level": "street", "name": "周某", "grid": "一"}}
    done = office.post(f"/register-entries/{row['id']}", changed, match=shown.headers["ETag"])
    assert done.status_code == 200, done.content.decode()
    assert office.get("/registers/grid_person").json()["figures"] == []
