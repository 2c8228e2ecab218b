"""The same acts over the API: by the page's own form, with its rules and refusals."""

import pytest

from gongzhi.core.tests.calling import Caller, key_for
from gongzhi.core.tests.cast import now_in
from gongzhi.equipment.models import Directive, Fault, UpkeepContract
from gongzhi.equipment.tests.place import city, piece


@pytest.fixture
def cast(db):
    return now_in(city, "jiujiang")


def test_a_program_signs_reports_directs_and_reads_what_the_pages_show(cast):
    estate, today = cast.estate, cast.now.date().isoformat()
    piece(cast, "elevator", "T1")
    bureau = Caller(key_for(cast, "street_office", "equipment:read", "equipment:write"))
    asked = bureau.get(f"/estates/{estate.pk}/equipment/contract").json()
    assert {"contract", "kind", "company", "party_a", "to_on"} <= {one["name"] for one in asked["fields"]}
    fields = {
        "contract": "maintenance", "kind": "elevator", "company": cast.organisation("upkeep_company").pk,
        "party_a": "property_company", "from_on": today, "to_on": today,
    }  # fmt: skip
    made = bureau.post(f"/estates/{estate.pk}/equipment/contract", {"fields": fields})
    assert made.status_code == 201, made.content.decode()
    contract = UpkeepContract.objects.get()
    shown = bureau.get(f"/upkeep-contracts/{contract.pk}")
    assert shown.json()["state"] == "ending" and shown.json()["company"]["name"] == "安达电梯维保公司"
    paid = bureau.post(
        f"/equipment/contract/{contract.pk}/acts/pay",
        {"fields": {"payer_role": "property_company", "paid_on": today, "amount": "10.00"}},
        match=shown.headers["ETag"],
    )  # fmt: skip
    assert paid.status_code == 200, paid.content.decode()
    fault = {"fault": "stopped", "kind": "elevator", "text": "停在3层", "happened_at": f"{today}T00:00"}
    assert bureau.post(f"/estates/{estate.pk}/equipment/fault", {"fields": fault}).status_code == 201
    row = Fault.objects.get()
    tag = bureau.get(f"/faults/{row.pk}").headers["ETag"]
    bare = bureau.post(f"/equipment/fault/{row.pk}/acts/fix", {"fields": {"at": f"{today}T00:00"}}, match=tag)
    assert bare.status_code == 422
    brigade = Caller(key_for(cast, "fire_rescue", "equipment:read", "equipment:write"))
    paper = {"directive": "check", "kind": "fire", "title": "检查", "text": "请查", "estates": [estate.pk]}
    sent = brigade.post("/directives", {"fields": paper})
    assert sent.status_code == 201, sent.content.decode()
    full = brigade.get(f"/directives/{Directive.objects.get().pk}").json()
    assert [one["state"] for one in full["targets"]] == ["open"]
    counted = brigade.get("/statistics/equipment").json()
    assert [(one["kind"], one["pieces"]) for one in counted["kinds"]] == [("elevator", 1)]
    for one in ("late-cares", "upkeep-contracts", "faults", "directives", "defects", "emergencies", "use-permits"):
        assert brigade.get(f"/{one}").status_code == 200, one
    assert brigade.get("/emergency-plans").json() == []
    assert Caller(key_for(cast, "housing", "cases:read")).get("/faults").status_code == 403
