"""Money over the API: the figures, forms, rights and refusals of the pages; every page has its operations."""

import inspect
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.urls import get_resolver
from django.urls.resolvers import URLPattern

from gongzhi.core.days import local_day
from gongzhi.core.models import Event
from gongzhi.core.tests.calling import Caller, items, key_for, refused
from gongzhi.core.tests.cast import Cast
from gongzhi.funds import urls
from gongzhi.funds.api import acts
from gongzhi.funds.maintenance import services as fund
from gongzhi.funds.maintenance.models import FundUse
from gongzhi.funds.maintenance.tests.fund import units
from gongzhi.site.api import api

READ_BY: dict[str, str] = {
    "overview": "get/funds/estates",
    "estate": "get/funds/estates/{pk}",
    "units": "get/funds/estates/{pk}/units",
    "unit": "get/funds/units/{pk}",
    "ledger": "get/funds/estates/{pk}/ledger/{purse}",
    "close_period": "post/funds/estates/{pk}/ledger/{purse}/closing",
    "seal": "get/funds/estates/{pk}/ledger/{purse}/seals",
    "bank": "get/funds/accounts/{pk}",
    "uses": "get/funds/uses",
    "use": "get/funds/uses/{pk}",
    "renewals": "get/funds/renewals",
    "revenue": "get/funds/estates/{pk}/revenue",
    "revenue_short": "get/funds/estates/{pk}/revenue/allowance",
    "flagged": "get/funds/estates/{pk}/revenue",
    "shown": "get/funds/estates/{pk}/statements",
    "budgets": "get/funds/budgets",
    "budget": "get/funds/budgets/{pk}",
    "published": "get/funds/budgets",
    "claims": "get/funds/claims",
    "claim": "get/funds/claims/{pk}",
    "claim_make": "post/funds/estates/{pk}/claims/{scheme}",
    "projects": "get/funds/projects",
    "pay_projects": "get/funds/projects-served/{pk}/payments",
    "cashier": "get/funds/projects-served/{pk}/payments",
    "receipt": "get/funds/projects-served/{pk}/payments",
    "reconcile": "get/funds/projects-served/{pk}/channel-days get/funds/projects-served/{pk}/issues",
    "channel_day": "get/funds/projects-served/{pk}/channel-days",
    "till": "post/funds/units/{pk}/till",
    "revenue_act": "post/funds/estates/{pk}/{part}/acts/{act}",
    "warranty_act": "post/funds/estates/{pk}/{part}/acts/{act}",
}
# Pages that a program has no business with, or that need more than a form: what they show is told elsewhere.
BY_HAND: dict[str, str] = {
    "own": "an owner on his phone",
    "mine": "an owner on his phone",
    "own_use": "an owner on his phone",
    "own_use_paper": "an owner on his phone",
    "statement_voucher": "an owner on his phone",
    "ask": "an owner asks himself",
    "pay_own": "an owner pays himself",
    "pay_link": "an owner pays himself",
    "pay_order": "an owner pays himself",
    "pay_look": "an owner pays himself",
    "pay_pretend": "only in the demonstration",
    "gate": "reads and records at once; the same figures stand on the unit accounts",
    "claim_new": "chooses among estates and schemes",
    "claim_own": "a company or a person applies for itself",
    "doubts": "each doubt is an act on its row",
    "doubt_new": "an auditor looks at the papers first",
    "expense": "acts on its row",
    "project": "acts on its row",
    "duty": "the question funds.repair_duty of the policy API",
    "plans": "acts on their rows",
    "plan": "acts on its row",
    "plan_add": "acts on their rows",
    "warranties": "figures of each estate",
    "warranty": "acts on its row",
    "policies": "acts on their rows",
    "deductions": "acts on their rows",
    "batch_file": "a bank's own format, handed out once",
    "ask_refund": "a payer stands at the counter",
    "channel_new": "holds the secrets of a merchant",
    "channel_fetch": "the worker fetches every day",
}
MINE = ("books", "cashier", "claims", "closing", "fund", "own", "phone", "public", "reconciling", "repairs", "revenue",
        "uses", "watching")  # fmt: skip


@pytest.fixture(scope="module")
def standing(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    """Another city than that of the other files, now: the API reads the clock."""
    from gongzhi.core.tests.cast import STARTED, build

    with django_db_blocker.unblock(), transaction.atomic():
        yield build(STARTED, county="610326", pack="meixian")
        transaction.set_rollback(True)


@pytest.fixture
def call(cast: Cast) -> Any:
    return lambda role, *scopes: Caller(key_for(cast, role, *scopes))


def endowed(cast: Cast) -> Any:
    made = units(cast, "100", "50")
    rows = [fund.TakenOver(one, 1_000_000, 1_000_000, 600_000) for one in made]
    on = local_day(cast.now) - timedelta(days=10)
    fund.take_over(cast.estate, rows=rows, on=on, actor=cast.actor("housing"), now=cast.now)
    return made


def done(caller: Caller, at: str, **fields: Any) -> Any:
    tag = caller.get(at).headers["ETag"]
    return caller.post(at, {"fields": fields}, match=tag)


def pages() -> Iterator[tuple[str, Any]]:
    for one in urls.urlpatterns:
        if isinstance(one, URLPattern) and one.name:
            view = inspect.unwrap(one.callback)
            if view.__module__.rsplit(".", 1)[-1] in MINE:
                yield one.name, view


def test_every_page_of_the_purses_has_its_operation_or_a_reason() -> None:
    offered = {
        f"{method}{path.removeprefix('/api/v1')}"
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method in methods
    }
    assert not [one for ways in READ_BY.values() for one in ways.split() if one not in offered]
    listed = {view for _, _, found in acts.KINDS.values() for _, view in found.values()}
    acted = {inspect.unwrap(view) for view in listed | {view for _, view in acts.ALONE.values()}}
    missing = [name for name, view in pages() if view not in acted and name not in READ_BY and name not in BY_HAND]
    assert not missing, missing
    assert get_resolver() and not set(READ_BY) & set(BY_HAND)


def test_the_fund_reads_the_same_as_on_its_page(cast: Cast, call: Any) -> None:
    home, _ = endowed(cast)
    bureau = call("housing")
    (row,) = [one for one in items(bureau.get("/funds/estates")) if one["estate"] == cast.estate.pk]
    assert row["fund"]["balance_fen"] == 1_200_000 and row["fund"]["tied"]
    file = bureau.get(f"/funds/estates/{cast.estate.pk}").json()
    assert file["purses"][0]["held_fen"] == 1_200_000 and file["renewal_below"] == "0.3"
    assert [one["balance_fen"] for one in items(bureau.get(f"/funds/estates/{cast.estate.pk}/units"))] == [600_000] * 2
    account = bureau.get(f"/funds/units/{home.pk}").json()
    assert account["tenures"][0]["moves"][0]["title"] == "接管的余额"


def test_the_ledger_balances_for_the_auditor_and_for_nobody_else(cast: Cast, call: Any) -> None:
    endowed(cast)
    path = f"/funds/estates/{cast.estate.pk}/ledger/maintenance_fund"
    span = {"from_on": "2020-01-01", "to_on": local_day(cast.now).isoformat()}
    ledger = call("housing").get(path, {**span, "from_on": (local_day(cast.now) - timedelta(days=30)).isoformat()})
    found = ledger.json()
    assert found["tied"] and found["closing_fen"] == 1_200_000
    assert sum(one["debit_fen"] - one["credit_fen"] for one in found["trial"]) == 0
    assert refused(call("housing").get(path, span), 422)["code"] == "period"
    assert call("police").get(path, span).status_code in (403, 404)


def test_a_deposit_is_taken_once_by_its_key_and_a_forbidden_payer_leaves_a_clue(cast: Cast, call: Any) -> None:
    home, _ = endowed(cast)
    bureau, path = call("housing"), f"/funds/rows/estate/{cast.estate.pk}/acts/jiaocun"
    given = {"unit": home.pk, "purpose": "renewal", "payer": "owner", "amount_fen": "1000.05",
             "paid_on": local_day(cast.now).isoformat()}  # fmt: skip
    tag = bureau.get(path).headers["ETag"]
    first = bureau.post(path, {"fields": given}, match=tag, key="one")
    assert first.status_code == 200, first.content.decode()
    assert bureau.post(path, {"fields": given}, match=tag, key="one").headers["Idempotency-Replayed"] == "true"
    assert bureau.get(f"/funds/units/{home.pk}").json()["balance_fen"] == 700_005
    other = bureau.post(path, {"fields": given}, match=bureau.get(path).headers["ETag"], key="two")
    assert other.status_code == 200 and bureau.get(f"/funds/units/{home.pk}").json()["balance_fen"] == 800_010
    by_developer = done(bureau, path, **{**given, "payer": "developer"})
    assert by_developer.status_code == 422 and "MX-3.8.1-2" in str(by_developer.json())
    assert Event.objects.filter(kind="fund.deposit_refused").count() == 1


def test_a_use_is_proposed_and_led_step_by_step(cast: Cast, call: Any) -> None:
    endowed(cast)
    street = call("street_office")
    path = f"/funds/rows/estate/{cast.estate.pk}/acts/shiyong"
    asked = {one["name"] for one in street.get(path).json()["fields"]}
    assert {"title", "matter", "estimate_fen"} <= asked
    made = done(
        street, path, title="屋面防水", matter="roof", work="repair", path="ordinary", part="屋面", common_part="yes",
        estimate_fen="5000", applicant_role="community_committee",
    )  # fmt: skip
    assert made.status_code == 200, made.content.decode()
    use = FundUse.objects.get()
    read = street.get(f"/funds/uses/{use.pk}").json()
    assert read["next_step"] == "survey" and read["stages"][0]["step"] == "survey"
    step = f"/funds/rows/use/{use.pk}/acts/ban"
    assert {"act": "ban", "title": "办下一步"} in street.get(f"/funds/rows/use/{use.pk}/acts").json()
    taken = done(street, step, on=local_day(cast.now).isoformat(), note="看过")
    assert taken.status_code == 200, taken.content.decode()
    assert street.get(f"/funds/uses/{use.pk}").json()["next_step"] == "scope"
    stale = street.post(step, {"fields": {"on": local_day(cast.now).isoformat()}}, match='"1"')
    assert stale.status_code == 412


def test_who_may_not_do_it_on_the_page_may_not_here(cast: Cast, call: Any) -> None:
    endowed(cast)
    path = f"/funds/rows/estate/{cast.estate.pk}/acts/jiaocun"
    assert call("community_committee").get(path).status_code in (403, 404)
    assert call("housing", "cases:read").get("/funds/estates").status_code == 403
    assert call("housing").get("/funds/rows/estate/999999/acts/jiaocun").status_code == 404
    assert call("housing").get("/funds/rows/nothing/1/acts/ban").status_code == 404


def test_revenue_is_begun_earned_and_spent(cast: Cast, call: Any) -> None:
    street = call("street_office")
    base = f"/funds/estates/{cast.estate.pk}/revenue"
    today = local_day(cast.now).isoformat()
    assert done(street, f"{base}/acts/jianzhang", on=today).status_code == 200
    got = done(street, f"{base}/acts/shouru", source="parking", owned_by="owners", amount_fen="800", on=today,
               text="停车", supervised="yes")  # fmt: skip
    assert got.status_code == 200, got.content.decode()
    read = street.get(base, {"from_on": today, "to_on": today}).json()
    assert read["sums"]["tied"] and read["sums"]["income"]["parking"] == 80_000
    assert read["items"][0]["amount_fen"] == 80_000


def test_what_the_revenue_lacks_is_reckoned(cast: Cast, call: Any) -> None:
    first, second = units(cast, "100", "39900")
    street, base = call("street_office"), f"/funds/estates/{cast.estate.pk}/revenue"
    found = street.get(f"{base}/allowance", {"approved_fen": 8_000_000, "payable_fen": 6_000_000}).json()
    parts = {one["unit"]: one["amount_fen"] for one in found["parts"]}
    assert found["missing_fen"] == 2_000_000 and parts == {first.pk: 5_000, second.pk: 1_995_000}
    assert street.get(f"{base}/allowance", {"approved_fen": 1, "payable_fen": 1}).json() == {
        "missing_fen": 0, "parts": [],
    }  # fmt: skip
    found = street.get(f"{base}/gap", {"spent_fen": 360, "charged_fen": 210, "revenue_fen": 160}).json()
    names = ("gap_fen", "covered_fen", "left_fen", "over_fen")
    assert [found[name] for name in names] == [150, 150, 0, 10] and found["clauses"]
    assert call("police").get(f"{base}/gap", {"spent_fen": 1, "charged_fen": 1, "revenue_fen": 1}).status_code == 403


def test_a_budget_is_provided_for_and_read(cast: Cast, call: Any) -> None:
    bureau = call("housing")
    today = local_day(cast.now)
    asked = {one["name"] for one in bureau.get("/funds/forms/budget").json()["fields"]}
    assert {"place", "payer", "item", "holder"} <= asked
    made = bureau.post(
        "/funds/new/budget",
        {"fields": {"place": cast.county.pk, "payer": "county", "year": today.year, "item": "subsidy", "sign": "grant",
                    "amount_fen": "500", "on": today.isoformat(), "basis": "预算批复"}},
    )  # fmt: skip
    assert made.status_code == 201, made.content.decode()
    (row,) = items(bureau.get("/funds/budgets", {"year": today.year}))
    assert (row["granted_fen"], row["free_fen"], row["holder"]) == (50_000, 50_000, "")


def test_a_period_is_closed_and_its_seal_is_read_by_the_auditor(cast: Cast, call: Any) -> None:
    endowed(cast)
    street = call("street_office")
    base = f"/funds/estates/{cast.estate.pk}/ledger/maintenance_fund"
    yesterday = (local_day(cast.now) - timedelta(days=1)).isoformat()
    assert done(street, f"{base}/closing", until=yesterday).status_code == 200
    (seal,) = street.get(f"{base}/seals").json()
    assert seal["until"] == yesterday and seal["whole"] and seal["receipt"]
    again = done(street, f"{base}/closing", until=yesterday)
    assert refused(again, 422)["code"] == "close_dates"
