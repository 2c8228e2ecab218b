"""The same acts over the API: by the page's own form, with its rules and refusals."""

import pytest

from gongzhi.contracts.models import Procedure
from gongzhi.contracts.tests.place import city
from gongzhi.core.tests.calling import Caller, key_for
from gongzhi.core.tests.cast import now_in


@pytest.fixture
def cast(db):
    return now_in(city, "jiujiang")


def test_an_exit_is_opened_stepped_listed_and_read_by_a_program(cast):
    estate, today = cast.estate, cast.now.date().isoformat()
    bureau = Caller(key_for(cast, "housing", "contracts:read", "contracts:write"))
    asked = bureau.get(f"/estates/{estate.pk}/procedures/exit").json()
    assert {"ground", "leave_on"} <= {one["name"] for one in asked["fields"]}
    fields = {"ground": "application", "leave_on": "2030-01-31", "reason": "调整"}
    made = bureau.post(f"/estates/{estate.pk}/procedures/exit", {"fields": fields})
    assert made.status_code == 201, made.content.decode()
    row = Procedure.objects.get()
    assert made.json()["id"] == str(row.pk)
    shown = bureau.get(f"/procedures/{row.pk}")
    assert shown.json()["next_step"] == "warn" and {"warn", "item"} <= set(shown.json()["acts"])

    def act(code, **given):
        tag = bureau.get(f"/procedures/{row.pk}").headers["ETag"]
        return bureau.post(f"/procedures/{row.pk}/acts/{code}", {"fields": given}, match=tag)

    refused = act("warn", on=today)
    assert refused.status_code == 422 and "说明" in refused.json()["message"]
    assert act("warn", on=today, note="收到申请").status_code == 200
    assert act("approve", on=today, agreed="yes", note="同意").status_code == 200
    assert act("item", group="资料", name="竣工图", state="ok").status_code == 200
    read = bureau.get(f"/procedures/{row.pk}").json()
    assert [one["step"] for one in read["taken"]] == ["warn", "approve"] and read["items"][0]["name"] == "竣工图"
    assert [one["id"] for one in bureau.get("/procedures", {"kind": "exit"}).json()["items"]] == [row.pk]
    assert bureau.get("/contracts").json()["items"] == []
    assert estate.pk not in [one["estate_id"] for one in bureau.get("/unserved-estates").json()]
    assert Caller(key_for(cast, "housing", "cases:read")).get("/procedures").status_code == 403
