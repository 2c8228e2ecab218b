"""Service charges over the API: the forms, rights, rules and refusals of the pages; nobody is billed twice."""

from datetime import timedelta
from typing import Any

import pytest

from gongzhi.core.days import local_day
from gongzhi.core.tests.calling import items, refused
from gongzhi.core.tests.cast import Cast
from gongzhi.funds.charges import services as charges
from gongzhi.funds.charges.models import Bill, BillingRun, Demand
from gongzhi.funds.charges.tests.charged import project_of, tariff, terms
from gongzhi.funds.maintenance.tests.fund import units


@pytest.fixture
def period(cast: Cast) -> dict[str, Any]:
    today = local_day(cast.now)
    last = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    return {"every": 1, "from_on": last.isoformat(), "issued_on": today.isoformat()}


def done(caller: Any, kind: str, key: Any, act: str, **fields: Any) -> Any:
    path = f"/charges/rows/{kind}/{key}/acts"
    return caller.post(f"{path}/{act}", {"fields": fields}, match=caller.etag(f"{path}/{act}"))


def test_from_the_contract_to_a_demand(cast: Cast, call: Any, period: dict[str, Any]) -> None:
    clerk, project = call("project_manager"), project_of(cast)
    one, _ = units(cast, "100", "80.5")
    asked = {row["name"]: row for row in clerk.get(f"/charges/rows/project/{project.pk}/acts/yueding").json()["fields"]}
    assert asked["due_days"]["required"] and not asked["late_rate"]["required"]
    told = done(clerk, "project", project.pk, "yueding", mode="lump_sum", due_days=20, late_rate="0.05",
                from_on="2021-01-01")  # fmt: skip
    assert told.status_code == 200, told.content.decode()
    price = {
        "fee": "service", "title": "物业公共服务费", "price_kind": "market", "basis": "area", "price": "1.50",
        "every": "1", "from_on": "2021-01-01",
    }  # fmt: skip
    refused(done(clerk, "project", project.pk, "biaozhun", **{**price, "price": "0"}), 422)
    assert done(clerk, "project", project.pk, "biaozhun", **price).status_code == 200
    refused(done(clerk, "project", project.pk, "biaozhun", **price), 409, "tariff_exists")
    (row,) = items(clerk.get(f"/charges/projects/{project.pk}/tariffs"))
    assert row["price"] == "1.5000" and row["state"] == "in_force"
    over = clerk.get(f"/charges/projects/{project.pk}/run-preview", period).json()
    assert (over["bills"], over["amount_fen"], over["run"]) == (2, 27075, None) and not BillingRun.objects.exists()
    begun = clerk.post(f"/charges/projects/{project.pk}/runs", {"fields": period})
    again = clerk.post(f"/charges/projects/{project.pk}/runs", {"fields": period})
    assert begun.status_code == 201 and begun.json()["id"] == again.json()["id"]
    charges.go_on(BillingRun.objects.get(), now=cast.now)
    run = clerk.get(f"/charges/runs/{begun.json()['id']}").json()
    assert (run["state"], run["bills"], run["amount_fen"]) == ("done", 2, 27075)
    listed = items(clerk.get(f"/charges/runs/{run['id']}/bills"))
    assert sorted(one["amount_fen"] for one in listed) == [12075, 15000]
    bill = clerk.get(f"/charges/bills/{Bill.objects.get(unit=one).pk}").json()
    assert bill["lines"][0]["formula"] == "100㎡ × 1.5元 × 1个月 = 150.00元" and bill["lines"][0]["clauses"]
    assert clerk.get(f"/charges/bills/{bill['id']}/pdf").content.startswith(b"%PDF")
    key = f"{project.pk}-{one.pk}"
    assert "cuigao" not in {row["act"] for row in clerk.get(f"/charges/rows/unit/{key}/acts").json()}
    Bill.objects.update(due_on=local_day(cast.now) - timedelta(days=40))
    (first, _) = clerk.get(f"/charges/projects/{project.pk}/arrears").json()
    assert (first["owed_fen"], first["days"], first["age"]) == (15000, 40, "d90")
    assert done(clerk, "unit", key, "cuigao", how="letter").status_code == 200
    assert Demand.objects.count() == 1
    account = clerk.get(f"/charges/projects/{project.pk}/units/{one.pk}").json()
    assert account["demands"] == 1 and account["overdue_fen"] == 15000
    bureau = call("housing")
    (seen,) = [row for row in items(bureau.get("/charges/projects")) if row["id"] == project.pk]
    assert (seen["debtors"], seen["overdue_fen"]) == (2, 27075)
    assert bureau.get(f"/charges/projects/{project.pk}").json()["ages"][1]["units"] == 2
    refused(bureau.get(f"/charges/projects/{project.pk}/arrears"), 403)
    refused(bureau.get(f"/charges/bills/{bill['id']}"), 404)
    refused(call("police").get(f"/charges/projects/{project.pk}"), 404)
    refused(call("project_manager", "charges:read").post(
        f"/charges/projects/{project.pk}/runs", {"fields": period}
    ), 403, "scope")  # fmt: skip


def test_a_run_is_withdrawn_with_the_version_that_was_read(cast: Cast, call: Any, period: dict[str, Any]) -> None:
    terms(cast)
    tariff(cast, "1.50")
    units(cast, "100")
    clerk, project = call("project_manager"), project_of(cast)
    run = clerk.post(f"/charges/projects/{project.pk}/runs", {"fields": period}).json()
    charges.go_on(BillingRun.objects.get(), now=cast.now)
    path = f"/charges/rows/billing_run/{run['id']}/acts/chehui"
    refused(clerk.post(path, {"fields": {"reason": "价格有误"}}), 428)
    old = clerk.etag(path)
    BillingRun.objects.update(version=7)
    refused(clerk.post(path, {"fields": {"reason": "价格有误"}}, match=old), 412)
    assert clerk.post(path, {"fields": {"reason": "价格有误"}}, match=clerk.etag(path)).status_code == 200
    assert clerk.get(f"/charges/runs/{run['id']}").json()["state"] == "withdrawn"
