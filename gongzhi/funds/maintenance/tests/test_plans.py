"""What the owners vote on once: a year's repairs spent in batches, and raising money before any unit owes it."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.tests.cast import build
from gongzhi.funds.maintenance import queries
from gongzhi.funds.maintenance import services as fund
from gongzhi.funds.maintenance.models import FundDue, FundRenewal, OwnersPlan
from gongzhi.funds.maintenance.queries.plans import plan_left, plan_state, plans_of
from gongzhi.funds.maintenance.tests.fund import committee, day, decided, paid, proposed, step, units
from gongzhi.governance.bodies import services as bodies

pytestmark = pytest.mark.django_db
TWENTY, EIGHT, TWELVE = 20_000_000, 8_000_000, 12_000_000


def refused(code, act):
    with pytest.raises(Refused) as caught:
        act()
    assert caught.value.code == code, caught.value.message
    return caught.value


def yearly(cast, **more):
    given = {"kind": "uses", "year": 2024, "text": "屋面和管线", "amount_fen": TWENTY, "matters": ["roof", "pipes"]}
    plan = fund.PlanDraft(**{**given, **more})
    return fund.draft_plan(cast.estate, given=plan, actor=cast.actor("street_office"), now=cast.now)


def put(cast, plan, motion):
    return fund.put_plan(plan, motion=motion, actor=cast.actor("street_office"), now=cast.now)


def batch(cast, plan, fen, **more):
    return proposed(cast, path="plan", plan=plan, estimate_fen=fen, **more)


@pytest.fixture
def jiangyin():
    cast = build(day("2024-06-03"), county="320281", pack="jiangyin")
    fund.take_over(
        cast.estate, rows=[fund.TakenOver(one, 50_000_000, 50_000_000, 50_000_000) for one in units(cast, "100")],
        on=cast.now.date(), actor=cast.actor("housing"), now=cast.now,
    )  # fmt: skip
    committee(cast)
    return cast


@pytest.mark.clause("JY-2.3.7-2")
def test_one_vote_on_the_year_and_two_batches_without_another_then_not_a_yuan_more(jiangyin):
    plan = yearly(jiangyin)
    refused("plan_state", lambda: batch(jiangyin, plan, EIGHT))
    plan = put(jiangyin, plan, decided(jiangyin, fen=TWENTY))
    first, second = batch(jiangyin, plan, EIGHT), batch(jiangyin, plan, TWELVE, matter="pipes")
    for use in (first, second):
        assert "decide" not in use.steps and use.motion == plan.motion
        assert "JY-2.3.7-2" in use.basis["clauses"]
    third = refused("plan_used_up", lambda: batch(jiangyin, plan, 100))
    assert "余额0.00元" in third.message
    outside = refused("plan_scope", lambda: batch(jiangyin, plan, 100, matter="greening"))
    assert "屋面防水、共用管线" in outside.message and "matter" in outside.fields
    step(jiangyin, first, "survey")


@pytest.mark.clause("JY-2.3.7-2")
def test_jy_hc_08_what_two_batches_leave_of_a_plan_is_exact_to_the_fen(jiangyin):
    plan = put(jiangyin, yearly(jiangyin), decided(jiangyin, fen=TWENTY))
    batch(jiangyin, plan, EIGHT)
    batch(jiangyin, plan, 11_500_000, matter="pipes")
    assert plan_left(plan) == 500_000
    assert "余额5,000.00元" in refused("plan_used_up", lambda: batch(jiangyin, plan, 500_001)).message
    assert batch(jiangyin, plan, 500_000) and plan_left(plan) == 0


@pytest.mark.clause("JY-2.3.7-2")
def test_what_is_left_of_a_years_plan_ends_with_the_year(jiangyin):
    plan = put(jiangyin, yearly(jiangyin), decided(jiangyin, fen=TWENTY))
    assert [plan_state(plan, date(2024, 12, 31)), plan_state(plan, date(2025, 1, 1))] == ["passed", "lapsed"]
    batch(jiangyin, plan, 100, now=day("2024-12-31"))
    jiangyin.now = day("2025-01-01")
    late = refused("plan_state", lambda: batch(jiangyin, plan, 100))
    assert "没有用完的额度已经失效" in late.message
    after = yearly(jiangyin, year=2026)
    early = put(jiangyin, after, decided(jiangyin, fen=TWENTY))
    assert "从2026年1月1日起" in refused("plan_state", lambda: batch(jiangyin, early, 100)).message


def test_a_batch_that_is_refused_gives_its_sum_back(jiangyin):
    plan = put(jiangyin, yearly(jiangyin), decided(jiangyin, fen=TWENTY))
    use = batch(jiangyin, plan, TWELVE)
    assert plan_left(plan) == EIGHT
    use.state = "refused"
    use.save(update_fields=["state"])
    assert plan_left(plan) == TWENTY


def test_a_plan_stands_still_with_the_decision_that_was_revoked(jiangyin):
    motion = decided(jiangyin, fen=TWENTY)
    plan, street = put(jiangyin, yearly(jiangyin), motion), jiangyin.actor("street_office")
    use = batch(jiangyin, plan, EIGHT)
    kept = bodies.record_decision(
        jiangyin.estate, body=None, title=motion.title, text="年度计划", matter="use_fund",
        decided_on=jiangyin.now.date(), vote_ref=motion.vote.ref.key, actor=Actor.system(), now=jiangyin.now,
    )  # fmt: skip
    row = bodies.open_correction(kept, kind="revoke", grounds="程序违法", actor=street, now=jiangyin.now)
    bodies.issue_correction(row, actor=street, now=jiangyin.now)
    assert plan_state(plan, jiangyin.now.date()) == "revoked"
    refused("decision_revoked", lambda: step(jiangyin, use, "survey"))
    refused("plan_state", lambda: batch(jiangyin, plan, 100))


def test_the_motion_is_of_this_estate_on_this_matter_for_this_sum_and_of_one_plan(jiangyin):
    plan = yearly(jiangyin)
    for wrong in (None, decided(jiangyin, fen=TWENTY, matter="raise_fund")):
        refused("motion", lambda wrong=wrong: put(jiangyin, plan, wrong))
    refused("motion_amount", lambda: put(jiangyin, plan, decided(jiangyin, fen=EIGHT)))
    motion = decided(jiangyin, fen=None)
    plan = put(jiangyin, plan, motion)
    refused("plan_state", lambda: put(jiangyin, plan, decided(jiangyin, fen=None)))
    refused("motion", lambda: put(jiangyin, yearly(jiangyin, year=2025), motion))
    refused("plan_there", lambda: yearly(jiangyin))
    refused("plan_faults", lambda: yearly(jiangyin, year=2025, matters=[]))
    offered = fund.open_motions(OwnersPlan.objects.get(year=2025))
    assert motion not in offered and {one.matter for one in offered} == {"use_fund"}


@pytest.fixture
def jiujiang():
    cast = build(day("2022-06-01"), county="340207", pack="jiujiang")
    made = units(cast, "100", "50")
    rows = [fund.TakenOver(one, fen, fen, 1) for one, fen in zip(made, (1_000_000, 500_000), strict=True)]
    fund.take_over(cast.estate, rows=rows, on=cast.now.date(), actor=cast.actor("housing"), now=cast.now)
    fund.watch_renewal(cast.estate, now=cast.now)
    return cast


def raising(cast):
    given = fund.PlanDraft(kind="renewal", year=2022, text="各户补足到首期", amount_fen=1_499_998)
    return fund.draft_plan(cast.estate, given=given, actor=cast.actor("street_office"), now=cast.now)


def assessed(cast):
    return fund.assess_renewal(cast.estate, actor=cast.actor("street_office"), now=cast.now)


@pytest.mark.clause("JJ-A11-2.2-2")
def test_the_days_to_pay_begin_when_the_units_are_told_how_much(jiujiang):
    (row,) = FundRenewal.objects.all()
    put(jiujiang, raising(jiujiang), decided(jiujiang, fen=None, matter="raise_fund"))
    jiujiang.now += timedelta(days=90)
    on = jiujiang.now.date()
    assert row.pay_by < on
    fund.assess_renewal(jiujiang.estate, actor=jiujiang.actor("street_office"), now=jiujiang.now)
    row.refresh_from_db()
    due = FundDue.objects.filter(purpose="renewal").first()
    assert due.assessed_on == on and due.pay_by == row.pay_by and (due.pay_by - on).days in range(59, 63)


@pytest.mark.clause("JJ-A11-2.2-3")
def test_no_unit_owes_anything_before_the_owners_agreed_to_the_plan(jiujiang):
    none = refused("plan_not_passed", lambda: assessed(jiujiang))
    assert "还没有续筹方案" in none.message and "JJ-A11-2.2-3" in none.clauses
    plan = raising(jiujiang)
    assert "拟定" in refused("plan_not_passed", lambda: assessed(jiujiang)).message
    plan = put(jiujiang, plan, decided(jiujiang, fen=None, matter="raise_fund"))
    assert assessed(jiujiang) == len(queries.fund_units(jiujiang.estate))
    dues = FundDue.objects.filter(purpose="renewal").values_list("amount_fen", flat=True)
    assert sorted(dues) == [499_999, 999_999]
    plan.refresh_from_db()
    assert plan.assessed_on == jiujiang.now.date()


@pytest.mark.clause("JJ-A11-2.2-3")
def test_a_plan_that_did_not_pass_is_changed_and_put_again(jiujiang):
    plan = put(jiujiang, raising(jiujiang), decided(jiujiang, fen=None, matter="raise_fund", outcome="rejected"))
    ((_, state, _),) = plans_of(jiujiang.estate, jiujiang.now.date())
    assert state == "not_passed"
    assert "未通过" in refused("plan_not_passed", lambda: assessed(jiujiang)).message
    refused("plan_there", lambda: raising(jiujiang))
    less = fund.PlanDraft(kind="renewal", year=2022, text="分两年交", amount_fen=1_000_000)
    plan = fund.revise_plan(plan, given=less, actor=jiujiang.actor("street_office"), now=jiujiang.now)
    assert (plan_state(plan, jiujiang.now.date()), plan.text) == ("drafting", "分两年交")
    plan = put(jiujiang, plan, decided(jiujiang, fen=None, matter="raise_fund", state="open", outcome=""))
    assert "表决中" in refused("plan_not_passed", lambda: assessed(jiujiang)).message
    refused(
        "plan_state",
        lambda: fund.revise_plan(plan, given=less, actor=jiujiang.actor("street_office"), now=jiujiang.now),
    )
    vote = plan.motion.vote
    vote.state, plan.motion.outcome = "final", "passed"
    vote.save(update_fields=["state"])
    plan.motion.save(update_fields=["outcome"])
    assert assessed(jiujiang) == 2


@pytest.mark.clause("JJ-A11-2.2-3")
def test_a_plan_to_raise_money_is_put_again_in_another_year_and_a_past_years_repairs_are_not(jiujiang):
    less = fund.PlanDraft(kind="renewal", year=2022, text="分两年交", amount_fen=1_000_000)
    given = {"actor": jiujiang.actor("street_office"), "now": day("2023-01-13")}
    plan = put(jiujiang, raising(jiujiang), decided(jiujiang, fen=None, matter="raise_fund", outcome="rejected"))
    assert fund.revise_plan(plan, given=less, **given).text == "分两年交"
    repairs = yearly(jiujiang, year=2022)
    late = fund.PlanDraft(kind="uses", year=2022, text="屋面", amount_fen=1, matters=["roof"])
    assert "拟定今年的计划" in refused("plan_state", lambda: fund.revise_plan(repairs, given=late, **given)).message


def test_a_department_drafts_no_plan(jiangyin):
    with pytest.raises(Refused) as caught:
        fund.draft_plan(
            jiangyin.estate,
            given=fund.PlanDraft(kind="uses", year=2024, text="屋面", amount_fen=1, matters=["roof"]),
            actor=jiangyin.actor("police"),
            now=jiangyin.now,
        )
    assert caught.value.status == 403 and not OwnersPlan.objects.exists()


@pytest.mark.clause("JJ-A11-2.2-4")
def test_how_far_the_renewal_has_come_is_shown_house_by_house_with_what_was_done_to_guide_it(
    jiujiang, client, monkeypatch
):
    monkeypatch.setattr("django.utils.timezone.now", lambda: jiujiang.now)
    put(jiujiang, raising(jiujiang), decided(jiujiang, fen=None, matter="raise_fund"))
    estate, street = jiujiang.estate, jiujiang.actor("street_office")
    client.force_login(street.user)
    pages = [reverse(f"funds:{name}", args=[estate.pk]) for name in ("units", "estate")]
    assert not any("续筹率" in client.get(page).content.decode() for page in pages), "nobody was told how much"
    assessed(jiujiang)
    fund.guide_renewal(estate, note="上门讲解", actor=street, now=jiujiang.now)
    first, second = queries.fund_units(estate)
    for unit, fen in ((first, 999_998), (second, 499_999)):
        paid(jiujiang, unit, fen, purpose="renewal")
    for page in pages:
        assert "续筹率50.0%" in client.get(page).content.decode()
    assert "上门讲解" in client.get(pages[1]).content.decode()
    listed = client.get(pages[0], {"only": "renewal"}).content.decode()
    assert str(first) in listed and "9,999.98 / 9,999.99" in listed and "续筹率99.9%" in listed
    assert str(second) not in listed
    assert "续筹率99.9%" in client.get(reverse("funds:unit", args=[first.pk])).content.decode()
