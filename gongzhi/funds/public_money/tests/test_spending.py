"""Budgets, direct spending, projects, doubts, policies, the first assembly's money; two clerks at once; exact sums."""

import re
import threading
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import connection
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.core.refs import Ref
from gongzhi.core.tests.cast import _person
from gongzhi.duties.models import Duty
from gongzhi.funds.common.apart import apart_words
from gongzhi.funds.maintenance.tests.fund import committee
from gongzhi.funds.maintenance.tests.test_deposits import refuses
from gongzhi.funds.public_money import queries
from gongzhi.funds.public_money import services as money
from gongzhi.funds.public_money.models import Claim, PolicyUse, PublicProject
from gongzhi.funds.public_money.spans import after_months, months_between, months_in_office, years
from gongzhi.funds.public_money.tests.money import asked, budget, city, file, known, switch, took, until
from gongzhi.ledger.models import Entry
from gongzhi.registry.services import record_fact


@pytest.fixture
def cast(request, db):
    pack, moment = getattr(request, "param", ("jiujiang", "2023-12-31"))
    return city(pack, moment)


def in_city(pack, moment):
    return pytest.mark.parametrize("cast", [(pack, moment)], indirect=True)


def asks(cast, row, yuan, *, kind="work", by="street_office", **more):
    given = money.Spending(
        kind=kind, amount_fen=round(Decimal(yuan) * 100), text="办公用品", payee="某商行", on=cast.now.date(), **more
    )
    return money.ask_expense(row, given=given, actor=cast.actor(by), now=cast.now)


def spend(cast, row, yuan, *, by="street_government", asker="street_office", **more):
    one = asks(cast, row, yuan, by=asker, **more)
    one = money.approve_expense(one, agreed=True, opinion="", version=None, actor=cast.actor(by), now=cast.now)
    return money.pay_expense(
        one, on=cast.now.date(), voucher=file(cast, one), version=None, actor=cast.actor(asker), now=cast.now
    )


@in_city("zhangjiagang", "2026-06-30")
@pytest.mark.clause("ZJG-1.3b", "ZJG-6.1.2a")
def test_an_empty_budget_is_on_the_list_until_money_is_provided(cast):
    def words():
        found = queries.lacking(cast.actor("housing"), year=2026, on=cast.now.date())
        return [(one.place.name, one.item) for one in found]

    assert (cast.street.name, "work") in words() and (cast.county.name, "mediation") in words()
    row = budget(cast, "50000", item="work", payer="street")
    budget(cast, "10000", item="mediation")
    assert (cast.street.name, "work") not in words() and (cast.county.name, "mediation") not in words()
    assert (cast.streets[1].name, "work") in words()
    money.appropriate(cast.street, payer="street", year=2026, item="work", amount_fen=-5_000_000, on=cast.now.date(),
                      basis="核减", key="cut", actor=Actor.system(), now=cast.now)  # fmt: skip
    assert (cast.street.name, "work") in words() and queries.balance_of(row).granted_fen == 0


@in_city("jinhua", "2024-06-30")
@pytest.mark.clause("JH-2.2c")
def test_streets_need_people_and_money_and_the_people_there_are_counted(cast):
    def of_street():
        return [one.words for one in queries.lacking(cast.actor("housing"), year=2024, on=cast.now.date())
                if one.place == cast.street]  # fmt: skip

    assert of_street() == ["物业管理工作经费为0或没有填"]
    budget(cast, "50000", item="work", payer="street")
    assert of_street() == ["核定人数为0或没有填"]
    budget(cast, "1", item="work", payer="street", posts=5)
    assert of_street() == []
    (posts,) = queries.posts_in(cast.actor("housing"), year=2024, on=cast.now.date())
    assert (posts.granted, posts.there, posts.missing) == (5, 2, 3)


@in_city("jinhua", "2024-06-30")
@pytest.mark.clause("JH-4.6d")
def test_a_committees_money_is_its_own_and_not_a_fen_more(cast):
    holder = Ref("body", "7", "某业委会", cast.county.path)
    row = budget(cast, "20000", item="committees", holder=holder)
    budget(cast, "90000", item="committees")
    one = asks(cast, row, "20000.01", kind="committee", by="housing")
    refuses("above_appropriation", lambda: money.approve_expense(
        one, agreed=True, opinion="", version=None, actor=cast.actor("finance"), now=cast.now))  # fmt: skip
    assert spend(cast, row, "20000", kind="committee", by="finance", asker="housing").state == "paid"
    left = queries.balance_of(row)
    assert (left.granted_fen, left.paid_fen, left.free_fen) == (2_000_000, 2_000_000, 0)


@in_city("zhangjiagang", "2026-06-30")
@pytest.mark.clause("ZJG-2.3.6b")
def test_what_was_approved_and_cannot_be_paid_is_taken_back_and_its_money_is_free_again(cast):
    row = budget(cast, "50000", item="mediation")
    one = asks(cast, row, "50000", kind="mediation", by="housing")
    one = money.approve_expense(one, agreed=True, opinion="", version=None, actor=cast.actor("finance"), now=cast.now)
    assert queries.balance_of(row).free_fen == 0
    take_back = {"version": None, "now": cast.now}
    refuses("forbidden", lambda: money.withdraw_expense(
        one, reason="收款人注销", actor=cast.actor("community_station"), **take_back))  # fmt: skip
    refuses("note_missing", lambda: money.withdraw_expense(one, reason=" ", actor=cast.actor("finance"), **take_back))
    gone = money.withdraw_expense(one, reason="收款人注销", actor=cast.actor("finance"), **take_back)
    left = queries.balance_of(row)
    assert (gone.state, left.free_fen, left.held_fen, left.paid_fen) == ("withdrawn", 5_000_000, 0, 0)
    told = Event.objects.get(kind="expense.withdrawn")
    assert told.data["reason"] == "收款人注销" and told.data["committed"] is True
    for again in (
        lambda: money.withdraw_expense(gone, reason="又", actor=cast.actor("finance"), **take_back),
        lambda: money.pay_expense(gone, on=cast.now.date(), voucher=file(cast, gone), version=None,
                                  actor=cast.actor("treasury"), now=cast.now),
    ):  # fmt: skip
        refuses("expense_state", again)
    assert spend(cast, row, "50000", kind="mediation", by="finance", asker="housing").state == "paid"


@in_city("zhangjiagang", "2026-06-30")
def test_who_asked_takes_it_back_before_it_is_approved_on_its_page(cast, sign_in):
    row = budget(cast, "50000", item="mediation")
    one = asks(cast, row, "100", kind="mediation", by="housing")
    client, url = sign_in("housing"), f"/zijin/jingfei/{one.pk}/"
    assert f"{url}chehui/" in client.get(url).content.decode()
    key = client.get(f"{url}chehui/").content.decode().split('name="form_key" value="')[1].split('"')[0]
    given = {"form_key": key, "version": one.version, "reason": "填错收款人"}
    assert client.post(f"{url}chehui/", {**given, "reason": ""}).status_code == 422
    assert client.post(f"{url}chehui/", given).status_code == 303
    page = client.get(url).content.decode()
    assert "填错收款人" in page and f"{url}chehui/" not in page and f"{url}ban/" not in page
    assert queries.balance_of(row).free_fen == 5_000_000


@in_city("jinhua", "2024-06-30")
@pytest.mark.clause("JH-4.6d")
def test_every_committee_without_money_of_its_own_is_on_the_list(cast):
    def lacking():
        found = queries.lacking(cast.actor("housing"), year=2024, on=cast.now.date())
        return [one.holder.title for one in found if one.item == "committees"]

    assert lacking() == [], "no committee, nobody lacks money"
    body = committee(cast)
    assert lacking() == [body.name]
    budget(cast, "90000", item="committees")
    assert lacking() == [body.name], "what is for all is nobody's own"
    budget(cast, "20000", item="committees", holder=body.ref)
    assert lacking() == []


@pytest.mark.clause("JJ-A11-2.3-1")
def test_money_needs_an_application_another_ones_approval_and_a_voucher(cast):
    row = budget(cast, "1000", item="work", payer="street")
    one = asks(cast, row, "600")
    given = {"version": None, "now": cast.now}
    approve = {"agreed": True, "opinion": "", **given}
    refuses("check_failed", lambda: money.approve_expense(one, actor=cast.actor("street_office"), **approve))
    one = money.approve_expense(one, actor=cast.actor("street_government"), **approve)
    assert queries.balance_of(row).held_fen == 60_000
    pay = {"on": cast.now.date(), **given}
    own = {**pay, "actor": cast.actor("street_government"), "voucher": file(cast, one)}
    assert "由另一个人办" in refuses("kept_apart", lambda: money.pay_expense(one, **own)).message
    pay["actor"] = cast.actor("street_office")
    refuses("check_failed", lambda: money.pay_expense(one, voucher=None, **pay))
    paid = money.pay_expense(one, voucher=file(cast, one), **pay)
    assert paid.state == "paid" and queries.balance_of(row).paid_fen == 60_000
    refuses("expense_state", lambda: money.pay_expense(one, voucher=file(cast, one), **pay))


@pytest.mark.clause("JJ-A11-2.3-2", "JJ-A9-2.1-8")
def test_works_and_large_sums_are_paid_only_when_their_project_went_all_its_way(cast):
    row = budget(cast, "500000", item="renovation", payer="street")
    assert spend(cast, row, "99999.99").state == "paid"
    large = asks(cast, row, "100000")
    given = {"version": None, "actor": cast.actor("street_government"), "now": cast.now}
    large = money.approve_expense(large, agreed=True, opinion="", **given)
    pay = {"on": cast.now.date(), "voucher": file(cast, large), **given, "actor": cast.actor("street_office")}
    assert "JJ-A11-2.3-2" in refuses("check_failed", lambda: money.pay_expense(large, **pay)).clauses
    project = money.begin_project(cast.street, estate=cast.estate, title="屋面改造", year=2023, estimate_fen=12_000_000,
                                  actor=cast.actor("street_office"), now=cast.now)  # fmt: skip
    works = asks(cast, row, "115000", kind="renovation", project=project)
    works = money.approve_expense(works, agreed=True, opinion="", **given)

    def move(step, by="street_office", **more):
        fields = {"on": cast.now.date(), **more}
        return money.move_project(project, step=step, given=money.ProjectMove(**fields), actor=cast.actor(by),
                                  now=cast.now)  # fmt: skip

    move("initiate")
    move("design")
    refuses("step_order", lambda: move("start"))
    refuses("check_failed", lambda: move("select", contractor="某公司", selected="open_tender"))
    move("select", contractor="某公司", selected="open_tender", file=file(cast, project))
    move("start")
    assert "“选定施工单位”是您办的，“验收”要由另一个人办" in refuses("kept_apart", lambda: move("accept")).message
    move("accept", by="street_government")
    refuses("check_failed", lambda: money.pay_expense(works, **pay))
    for party in ("street_office", "street_government"):
        refuses("kept_apart", lambda: move("audit", by=party, audited_fen=11_500_000))  # noqa: B023
    refuses("check_failed", lambda: move("audit", by="audit", audited_fen=11_500_000))
    move("audit", by="audit", audited_fen=11_500_000, quoted_fen=12_000_000, file=file(cast, project))
    assert money.pay_expense(works, **pay).state == "paid"
    more = asks(cast, row, "0.01", kind="renovation")
    more.project = project
    more.save()
    refuses("check_failed", lambda: money.approve_expense(more, agreed=True, opinion="", **given))


@pytest.mark.clause("JJ-A9-2.1-8")
def test_the_page_of_a_project_names_whose_the_audit_is_and_who_did_too_much(cast, sign_in):
    given = {"estate": cast.estate, "title": "屋面改造", "year": 2023, "estimate_fen": 100_000}
    project = money.begin_project(
        cast.street, emergency="外墙屋面渗漏脱落", actor=cast.actor("street_office"), now=cast.now, **given
    )
    for step, by in (("initiate", "street_office"), ("start", "street_office"), ("accept", "street_office"),
                     ("approve", "street_government")):  # fmt: skip
        move = money.ProjectMove(on=cast.now.date(), file=file(cast, project))
        project = money.move_project(project, step=step, given=move, actor=cast.actor(by), now=cast.now)
    url, step_url = (reverse(f"funds:project{one}", args=[project.pk]) for one in ("", "_step"))
    own = sign_in("street_office").get(url).content.decode()
    assert "“立项”是您办的，“决算审计”要由另一个人办。可以请" in own and step_url not in own
    approver = cast.user("street_government").display_name
    others = apart_words(
        queries.project_apart(project, "audit", cast.actor("street_office"), on=cast.now.date()),
        roles=queries.project_roles("audit"), actor=cast.actor("street_office"), place_path=project.place_path,
        on=cast.now.date(),
    )  # fmt: skip
    assert approver not in others and cast.user("finance").display_name in others
    audit = sign_in("audit")
    assert step_url in audit.get(url).content.decode()
    assert "附件（可不填）" not in audit.get(step_url).content.decode(), "the report is asked for before it is missed"
    unfiled = audit.post(step_url, {"on": cast.now.date(), "audited_fen": "1000"})
    assert "没有报告不能列支" in unfiled.content.decode()
    other = money.begin_project(cast.street, actor=cast.actor("street_office"), now=cast.now, **given)
    page = audit.get(reverse("funds:project", args=[other.pk])).content.decode()
    assert "下一步：立项" in page and "您不用办" in page
    assert audit.get(reverse("funds:project_step", args=[other.pk])).status_code == 403


@pytest.mark.clause("JJ-A9-2.5-1")
def test_power_of_lifts_and_pumps_is_the_countys_and_lamps_are_not(cast):
    cast.estate.estate_type = "resettlement"
    cast.estate.save()
    county = budget(cast, "10000", item="utilities")
    street = budget(cast, "10000", item="utilities", payer="street")
    of = {"by": "housing", "estate": cast.estate}
    refuses("check_failed", lambda: asks(cast, county, "3200", kind="elevator_power", **of))
    known(cast, cast.estate, high_rise=True)
    refuses("check_failed", lambda: asks(cast, street, "3200", kind="elevator_power", **of))
    refuses("check_failed", lambda: asks(cast, county, "900", kind="other_power", **of))
    for kind, yuan in (("elevator_power", "3200"), ("pump_power", "1800")):
        spend(cast, county, yuan, kind=kind, estate=cast.estate, by="finance", asker="housing")
    assert queries.balance_of(county).paid_fen == 500_000 and queries.balance_of(street).paid_fen == 0


@pytest.mark.clause("JJ-5.4-1", "JJ-5.4-2")
def test_items_are_shifted_within_one_budget_and_what_is_committed_stays(cast):
    first = budget(cast, "1000", item="commercial_award")
    second = budget(cast, "100", item="old_award")
    street = budget(cast, "100", item="four_party", payer="street")
    given = {"on": cast.now.date(), "basis": "调剂批复", "actor": Actor.system(), "now": cast.now}
    refuses("shift_across", lambda: money.shift(first, target=street, amount_fen=1, key="a", **given))
    refuses("below_committed", lambda: money.shift(first, target=second, amount_fen=100_001, key="b", **given))
    money.shift(first, target=second, amount_fen=30_000, key="c", **given)
    assert (queries.balance_of(first).free_fen, queries.balance_of(second).free_fen) == (70_000, 40_000)


@pytest.mark.clause("JJ-5.4-3")
def test_a_doubt_opens_a_duty_and_leaves_the_money_as_it_is(cast):
    one = spend(cast, budget(cast, "1000", item="work", payer="street"), "600")
    refuses("forbidden", lambda: money.raise_doubt(one.ref, text="？", asked_of="street_office",
                                                   actor=cast.actor("street_office"), now=cast.now))  # fmt: skip
    audit = {"actor": cast.actor("audit"), "now": cast.now}
    doubt = money.raise_doubt(one.ref, text="数量不符", asked_of="street_office", **audit)
    duty = Duty.objects.get(rule="explain_doubt")
    assert duty.owner_organisation.role == "street_office"
    refuses("forbidden", lambda: asks(cast, one.budget, "1", by="audit"))
    doubt = money.answer_doubt(doubt, reply="已补单", version=1, actor=cast.actor("street_office"), now=cast.now)
    duty.refresh_from_db()
    assert duty.state == "fulfilled"
    assert money.settle_doubt(doubt, version=2, **audit).settled_at


# -- 扶持政策 ---------------------------------------------------------------------------------------------------------
def policy(cast, kind, **more):
    given = {"level": "county", "title": f"{kind}扶持", "basis": "县政办〔2023〕1号第三章", "conditions": "",
             "from_on": date(2023, 1, 1), "to_on": date(2023, 12, 31), **more}  # fmt: skip
    return money.register_policy(cast.county, kind=kind, actor=cast.actor("housing"), now=cast.now, **given)


@in_city("meixian", "2023-12-31")
@pytest.mark.clause("MX-3.5.5-1")
def test_support_is_granted_once_a_year_up_to_its_cap_and_summed_by_kind(cast):
    company = cast.organisation("property_company")
    _person(cast, "property_company", "企业经办", organisation=company)
    row = policy(cast, "employment", cap_fen=500_000, times_a_year=1)
    budget(cast, "10000", item="support")
    of = {"by": "property_company", "estate": None, "organisation": company, "papers": ("申请表",), "policy": row}
    first = asked(cast, "policy_support", given={"asked": Decimal("6000")}, from_on=date(2023, 3, 1),
                  to_on=date(2023, 3, 31), **of)  # fmt: skip
    assert first.amount_fen == 500_000
    again = refuses("check_failed", lambda: asked(cast, "policy_support", given={"asked": Decimal("1")},
                                                  from_on=date(2023, 5, 1), to_on=date(2023, 5, 31), **of))  # fmt: skip
    assert "次数" in again.message
    refuses("check_failed", lambda: asked(cast, "policy_support", given={"asked": Decimal("1")},
                                          from_on=date(2024, 1, 1), to_on=date(2024, 1, 31), **of))  # fmt: skip
    until(cast, first, "pay")
    assert queries.paid_by_support(cast.county.path, year=2023) == {"employment": 500_000}


@in_city("zhangjiagang", "2023-12-31")
@pytest.mark.clause("ZJG-2.3.4d", "ZJG-2.3.6c")
def test_a_relief_is_not_written_down_after_its_last_day_and_unfit_companies_hear_why(cast):
    company = cast.organisation("property_company")
    _person(cast, "property_company", "企业经办", organisation=company)
    refuses("support_kind", lambda: policy(cast, "employment"))
    row = policy(cast, "tax")
    ask = {"organisation": company, "year": 2023, "now": cast.now}
    office = {**ask, "actor": cast.actor("housing")}
    money.use_policy(row, state="asked", on=date(2023, 12, 31), actor=cast.actor("property_company"), **ask)
    refuses("note_missing", lambda: money.use_policy(row, state="refused", on=date(2023, 12, 31), **office))
    money.use_policy(row, state="eligible", on=date(2023, 12, 31), **office)
    assert [one.state for one in PolicyUse.objects.filter(state="eligible")] == ["eligible"], "fits, not enjoyed yet"
    refuses("policy_over", lambda: money.use_policy(
        row, state="enjoying", on=date(2024, 1, 1), amount_fen=100, **office))  # fmt: skip
    money.use_policy(row, state="enjoying", on=date(2023, 12, 31), amount_fen=12_345, **office)
    assert queries.paid_by_support(cast.county.path, year=2023) == {"tax": 12_345}


# -- 首次业主大会筹备经费 ---------------------------------------------------------------------------------------------
def preparatory(cast, **facts):
    switch(cast, "zhangjiagang", "preparatory_household", "50")
    known(cast, cast.estate, **facts)
    return money.assess_preparatory(cast.estate, account="镇专户6222", registration_on=date(2026, 9, 1),
                                    actor=cast.actor("street_office"), now=cast.now)  # fmt: skip


def came(cast, fund, yuan, on, account="镇专户6222"):
    money.receive_preparatory(fund, amount_fen=round(Decimal(yuan) * 100), on=date.fromisoformat(on), account=account,
                              actor=cast.actor("street_office"), now=cast.now)  # fmt: skip
    return queries.preparatory_state(fund, on=cast.now.date()).words


@in_city("zhangjiagang", "2026-12-31")
@pytest.mark.clause("ZJG-3.3.1-4a")
def test_the_money_of_the_first_assembly_comes_before_the_registration_into_the_named_account(cast):
    refuses("standard", lambda: money.assess_preparatory(
        cast.estate, account="x", registration_on=None, actor=cast.actor("street_office"), now=cast.now
    ) if known(cast, cast.estate, delivered_on=date(2026, 6, 1), developer_gone=False) is None else None)  # fmt: skip
    fund = preparatory(cast)
    assert (fund.payer, fund.due_fen) == ("developer", 420 * 5_000)
    duty = Duty.objects.get(rule="collect_preparatory")
    assert came(cast, fund, "21000", "2026-08-31", account="别的账户") == "未按期足额"
    assert came(cast, fund, "10500", "2026-08-31") == "未按期足额"
    assert came(cast, fund, "10500", "2026-09-01") == "登记当日到账，待人工确认"
    duty.refresh_from_db()
    assert duty.state in ("fulfilled", "fulfilled_late")


@in_city("zhangjiagang", "2026-08-31")
@pytest.mark.clause("ZJG-3.3.1-4a")
def test_the_page_says_who_owes_the_money_of_the_first_assembly_and_what_came_into_which_account(cast, sign_in):
    fund = preparatory(cast, delivered_on=date(2026, 6, 1), developer_gone=False)
    assert queries.preparatory_state(fund, on=cast.now.date()).words == "还没有交足", "its last day is not over"
    came(cast, fund, "10500", "2026-08-30")
    came(cast, fund, "10500", "2026-08-31", account="别的账户")
    page = sign_in("street_office").get(reverse("funds:preparatory", args=[cast.estate.pk])).content.decode()
    assert "由建设单位承担，应交21,000.00元，2026年9月1日首次登记以前交" in page
    assert "2026年8月31日10,500.00元（进了账户别的账户，不认可）" in page
    assert queries.preparatory_state(fund, on=date(2026, 9, 1)).words == "未按期足额"


@in_city("zhangjiagang", "2026-12-31")
@pytest.mark.clause("ZJG-3.3.1-4a")
@pytest.mark.parametrize("on, words", [("2026-08-31", "按期足额"), ("2026-09-02", "未按期足额")])
def test_a_day_decides_whether_it_was_in_time(cast, on, words):
    assert came(cast, preparatory(cast, delivered_on=date(2026, 6, 1), developer_gone=False), "21000", on) == words


@in_city("zhangjiagang", "2026-12-31")
@pytest.mark.clause("ZJG-3.3.1-4b")
@pytest.mark.parametrize(
    "delivered, gone, payer", [(True, True, "street"), (True, False, "developer"), (False, True, "")]
)
def test_who_bears_it_follows_from_delivery_and_developer(cast, delivered, gone, payer):
    facts = {"developer_gone": gone, **({"delivered_on": date(2026, 6, 1)} if delivered else {})}
    if payer:
        assert preparatory(cast, **facts).payer == payer
    else:
        refuses("payer_unknown", lambda: preparatory(cast, **facts))


# -- 交付时 -----------------------------------------------------------------------------------------------------------
@in_city("zhangjiagang", "2026-12-31")
@pytest.mark.clause("ZJG-6.3.1")
@pytest.mark.parametrize("kind, claims", [("resettlement", 1), ("commercial", 0)])
def test_recording_the_delivery_makes_the_opening_fee_payable_by_itself(cast, kind, claims):
    cast.estate.estate_type = kind
    cast.estate.save()
    record_fact(cast.estate, name="delivered_on", value=date(2026, 12, 1), from_on=date(2026, 12, 1),
                actor=cast.actor("housing"), now=cast.now)  # fmt: skip
    assert Claim.objects.filter(scheme="opening_fee").count() == claims
    assert Duty.objects.filter(rule="pay_opening_fee").count() == claims


# -- two clerks -------------------------------------------------------------------------------------------------------
@pytest.mark.clause("ZJG-2.3.6b", "JH-4.3e")
def test_two_clerks_who_pay_one_claim_at_once_pay_it_once(committed):
    cast = city("jinhua", "2024-06-30")
    budget(cast, "50000", item="assessment_award")
    claim = asked(cast, "assessment_award", by="housing", estate=None, occasion="一", papers=("考核结果",),
                  organisation=cast.organisation("property_company"), given={"asked": Decimal("50000")})  # fmt: skip
    claim = took(cast, claim, "approve")
    voucher, found, gate = file(cast, claim), [], threading.Barrier(2)

    def pay():
        try:
            gate.wait()
            money.take_step(claim, step="pay", given=money.Step(on=cast.now.date(), voucher=voucher),
                            actor=cast.actor("treasury"), now=cast.now)  # fmt: skip
            found.append("paid")
        except Refused as refused:
            found.append(refused.code)
        finally:
            connection.close()

    clerks = [threading.Thread(target=pay) for _ in range(2)]
    for one in clerks:
        one.start()
    for one in clerks:
        one.join()
    assert sorted(found) in (["claim_state", "paid"], ["paid", "step_done"])
    assert Entry.objects.filter(kind="payment").count() == 1
    assert Event.objects.filter(kind="subsidy.paid").count() == 1


# -- arithmetic -------------------------------------------------------------------------------------------------------
DAYS = st.dates(date(2015, 1, 1), date(2035, 12, 31))


@given(DAYS, st.integers(0, 120))
def test_whole_months_are_whole_wherever_they_begin(begin, count):
    if begin.day <= 28:
        assert months_between(begin, after_months(begin, count) - timedelta(days=1)) == count


@given(DAYS, st.integers(0, 3000), st.integers(0, 3000))
def test_years_cover_every_day_once_and_count_on(since, offset, length):
    first, last = since + timedelta(days=offset), since + timedelta(days=offset + length)
    found = years(first, last, since=since)
    assert found[0].from_on == first and found[-1].to_on == last
    for before, after in zip(found, found[1:], strict=False):
        assert after.from_on == before.to_on + timedelta(days=1) and after.year_number == before.year_number + 1


@given(DAYS, st.integers(0, 800))
def test_whole_months_in_office_lie_between_the_other_two_ways(begin, length):
    end = begin + timedelta(days=length)
    none, by_days, full = (months_in_office(begin, end, part=part) for part in ("none", "days", "full"))
    assert none <= by_days <= full and none.denominator == full.denominator == 1


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10**12), st.sampled_from(["0", "1/3", "1/2", "0.37", "1"]))
def test_parts_of_payers_always_make_the_whole(cast, fen, share):
    switch(cast, "jiujiang", "work_support_county", share)
    answer = core.ask("funds.payers", {"scheme": "work_support"}, place_path=cast.county.path, on=cast.now.date())
    parts = money.split(fen, answer)
    assert sum(parts.values()) == fen
    assert abs(parts.get("county", 0) - Fraction(share) * fen) <= 1


@in_city("zhangjiagang", "2026-07-15")
@pytest.mark.clause("ZJG-2.3.6a")
def test_four_tasks_are_the_finance_bureaus_and_so_is_the_last_word_on_every_subsidy(cast):
    path, on = cast.estate.place_path, cast.now.date()
    tasks = ("物业资金安排", "物业资金审核", "物业资金拨付", "税收优惠")
    found = [core.ask("cases.task_division", {"task": one}, place_path=path, on=on).value["lead"] for one in tasks]
    assert found == [["finance"]] * 4
    schemes = ("market_service", "mediator_pay", "merit_award", "platform_award", "event_award")
    for scheme in schemes:
        answer = core.ask("funds.claim_step_by", {"step": "approve", "scheme": scheme}, place_path=path, on=on)
        assert (scheme, answer.value, "ZJG-2.3.6a" in answer.clauses) == (scheme, ["finance"], True)


@pytest.mark.clause("JJ-A9-2.1-7")
def test_the_form_of_a_project_asks_which_emergency_it_is_and_its_page_says_it(cast, sign_in):
    street = sign_in("street_office")
    form = street.get(reverse("funds:project_new")).content.decode()
    assert all(one in form for one in ("不紧急，先报批", "电梯停运", "其他危及安全"))
    given = {"title": "管道抢修", "year": "2023", "amount_fen": "8000", "estate": str(cast.estate.pk)}
    given["form_key"] = re.search(r'name="form_key" value="([^"]+)"', form).group(1)
    wrong = street.post(reverse("funds:project_new"), {**given, "emergency": "不好看"})
    assert wrong.status_code == 422
    street.post(reverse("funds:project_new"), {**given, "emergency": "管道爆裂"})
    project = PublicProject.objects.get()
    assert (
        project.urgent
        and "管道爆裂，先维修后报批" in street.get(reverse("funds:project", args=[project.pk])).content.decode()
    )
    assert "管道爆裂" in street.get(reverse("funds:projects")).content.decode()
