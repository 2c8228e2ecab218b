"""From proposal to the last payment: no step is skipped, no 分 goes astray, emergencies have their own clock."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.urls import reverse

from gongzhi.core.errors import Refused
from gongzhi.core.models import Event, Post
from gongzhi.core.tests.cast import build
from gongzhi.duties.models import Duty
from gongzhi.funds.common.queries import book_of, held
from gongzhi.funds.maintenance import queries
from gongzhi.funds.maintenance import services as fund
from gongzhi.funds.maintenance.queries.own import owed_of, unit_account
from gongzhi.funds.maintenance.tests.fund import (
    MATERIALS,
    committee,
    day,
    decided,
    file,
    paid,
    pay,
    proposed,
    step,
    switch,
    units,
)
from gongzhi.funds.maintenance.tests.test_deposits import COUNTY, refuses
from gongzhi.governance.bodies import services as bodies
from gongzhi.governance.bodies.models import Body
from gongzhi.governance.votes import services as votes

LATER = timedelta(days=20)


@pytest.fixture
def cast(request, db):
    pack, moment = getattr(request, "param", ("meixian", "2023-06-01"))
    return build(day(moment), county=COUNTY[pack], pack=pack)


def in_city(pack, moment="2023-06-01"):
    return pytest.mark.parametrize("cast", [(pack, moment)], indirect=True)


def endowed(cast, *areas, fen_each=1_000_000):
    """A committee, and units whose accounts hold money from an earlier keeper."""
    made = units(cast, *areas)
    rows = [fund.TakenOver(unit, fen_each, fen_each, fen_each) for unit in made]
    fund.take_over(cast.estate, rows=rows, on=cast.now.date(), actor=cast.actor("housing"), now=cast.now)
    return made


def until(cast, use, last, *, motion=None, now=None):
    """Takes every step up to and including `last`; payments too."""
    while (due := queries.next_step(use)) is not None:
        if due in ("advance", "settle"):
            pay(cast, use, due, use.estimate_fen // 2 if due == "advance" else None, now=now)
            use.refresh_from_db()
        else:
            use = step(cast, use, due, now=now, **({"motion": motion} if due == "decide" else {}))
        if due == last:
            return use
    return use


def bank(cast, on=None):
    return held(book_of(cast.estate, "maintenance_fund"), on or (cast.now + LATER).date())


@pytest.mark.clause("MX-3.8.3-1", "MX-3.8.3-3")
def test_the_whole_way_pays_every_unit_its_share_and_closes(cast):
    made = endowed(cast, *(["100"] * 10))
    committee(cast)
    motion = decided(cast, fen=6_000_000)
    use = until(cast, proposed(cast), "notice", motion=motion)
    assert sum(use.shares.values_list("amount_fen", flat=True)) == 6_000_000
    later = cast.now + LATER
    use = until(cast, use, "archive", now=later)
    assert use.state == "closed" and bank(cast) == 10_000_000 - 6_000_000
    balances = queries.unit_balances(cast.estate, later.date())
    assert {balances[unit.pk] for unit in made} == {400_000}
    found = queries.fund(cast.estate, later.date())
    assert found.used_fen == 6_000_000 and found.tied


@pytest.mark.parametrize("areas", [("33.33", "66.67", "100.01"), ("50", "50", "50", "50", "50", "50", "50")])
def test_shares_add_up_to_the_last_fen_and_so_do_payments(cast, areas):
    endowed(cast, *areas, fen_each=100_000_000)
    committee(cast)
    use = proposed(cast, estimate_fen=1_000_001)
    use = until(cast, use, "notice", motion=decided(cast, fen=None))
    use = until(cast, use, "archive", now=cast.now + LATER)
    assert sum(use.shares.values_list("amount_fen", flat=True)) == 1_000_001
    by_share = dict(use.shares.values_list("unit", "amount_fen"))
    balances = queries.unit_balances(cast.estate, (cast.now + LATER).date())
    assert all(100_000_000 - balances[unit] == fen for unit, fen in by_share.items())


@in_city("jiangyin", "2024-06-03")
@pytest.mark.clause("JY-2.5.12-4")
def test_what_rests_on_a_revoked_decision_stands_still(cast):
    endowed(cast, "100")
    committee(cast)
    motion = decided(cast, fen=None)
    use = until(cast, proposed(cast), "decide", motion=motion)
    street = cast.actor("street_office")
    kept = bodies.record_decision(
        cast.estate, title=motion.title, text="屋面维修", decided_on=cast.now.date(), matter="use_fund",
        vote_ref=motion.vote.ref.key, actor=street, now=cast.now,
    )  # fmt: skip
    case = bodies.open_correction(kept, kind="revoke", grounds="程序违法", actor=street, now=cast.now)
    bodies.issue_correction(case, actor=street, now=cast.now)
    with pytest.raises(Refused) as refused:
        until(cast, use, "notice")
    assert refused.value.code == "decision_revoked" and "JY-2.5.12-4" in refused.value.clauses
    other = until(cast, proposed(cast, title="2幢屋面"), "survey")
    while queries.next_step(other) != "decide":
        other = step(cast, other, queries.next_step(other))
    refuses("motion", lambda: step(cast, other, "decide", motion=motion))


def test_no_step_is_skipped_and_none_taken_twice(cast):
    endowed(cast, "100")
    committee(cast)
    use = proposed(cast)
    for name in use.steps[1:]:
        if name not in ("advance", "settle"):
            refuses("step_order", lambda name=name: step(cast, use, name))
    refuses("step_order", lambda: pay(cast, use, "advance", 100))
    use = step(cast, use, "survey")
    refuses("step_done", lambda: step(cast, use, "survey"))


@pytest.mark.parametrize(
    "given",
    [
        {"outcome": "rejected"},
        {"state": "published"},
        {"matter": "hire_company"},
        {"fen": 5_999_999},
    ],
)
def test_money_rests_on_a_passed_motion_in_force_about_this_sum(cast, given):
    endowed(cast, "100")
    committee(cast)
    use = until(cast, proposed(cast), "scope")
    refuses("motion", lambda: step(cast, use, "decide", motion=decided(cast, **{"fen": 6_000_000, **given})))
    assert queries.next_step(use) == "decide"


def test_one_decision_is_not_spent_twice(cast):
    endowed(cast, "100")
    committee(cast)
    motion = decided(cast, fen=10_000_000)
    until(cast, proposed(cast), "decide", motion=motion)
    use = until(cast, proposed(cast), "scope")
    refuses("motion", lambda: step(cast, use, "decide", motion=motion))


def test_nothing_is_paid_while_objections_may_come(cast):
    endowed(cast, *(["100"] * 10))
    committee(cast)
    use = until(cast, proposed(cast), "tender", motion=decided(cast, fen=None))
    refuses("objection_running", lambda: pay(cast, use, "advance", 100))
    refuses("invoice", lambda: pay(cast, use, "advance", 100, now=cast.now + LATER, invoice=None))
    assert pay(cast, use, "advance", 100, now=cast.now + LATER).amount_fen == 100


def test_no_step_and_no_payment_is_dated_back_to_end_the_objections_early(cast):
    endowed(cast, *(["100"] * 10))
    committee(cast)
    use = until(cast, proposed(cast), "decide", motion=decided(cast, fen=None))
    before = cast.now.date() - timedelta(days=1)
    found = refuses("step_day", lambda: step(cast, use, "notice", on=before))
    assert "业主决定" in found.fields["on"]
    use = until(cast, use, "tender")
    refuses("step_day", lambda: pay(cast, use, "advance", 100, now=cast.now + LATER, paid_on=before))
    last = (use.objection_until - timedelta(minutes=1)).astimezone(cast.now.tzinfo).date()
    assert use.objection_words == f"{last.year}年{last.month}月{last.day}日24:00"
    refuses("objection_running", lambda: pay(cast, use, "advance", 100, now=cast.now + LATER, paid_on=last))
    first = last + timedelta(days=1)
    assert pay(cast, use, "advance", 100, now=cast.now + LATER, paid_on=first).paid_on == first


@in_city("jinhua")
def test_works_of_an_emergency_may_have_begun_before_the_papers(cast):
    endowed(cast, *(["100"] * 10))
    evidence = [file(cast, cast.estate)]
    given = {"path": "emergency", "matter": "elevator_stopped", "evidence": evidence}
    committee(cast)
    use = until(cast, proposed(cast, **given), "advance")
    use = step(cast, use, "start", on=cast.now.date() - timedelta(days=2))
    use = step(cast, use, "accept", on=cast.now.date() - timedelta(days=1))
    refuses("step_day", lambda: step(cast, use, "publish", on=cast.now.date() - timedelta(days=1)))
    assert step(cast, use, "publish").state == "running"


def test_the_advance_has_a_limit_and_a_settlement_above_the_budget_needs_the_owners(cast):
    endowed(cast, *(["100"] * 10))
    committee(cast)
    use = until(cast, proposed(cast), "tender", motion=decided(cast, fen=None))
    later = cast.now + LATER
    refuses("above_advance", lambda: pay(cast, use, "advance", 3_000_001, now=later))
    pay(cast, use, "advance", 3_000_000, now=later)
    use.refresh_from_db()
    use = until(cast, use, "supervision", now=later)
    use = step(cast, use, "accept", settled_fen=6_000_001, now=later)
    use = step(cast, use, "publish", now=later)
    assert refuses("overrun", lambda: pay(cast, use, "settle", now=later)).fields
    for wrong in (decided(cast, fen=0), decided(cast, fen=1, outcome="rejected"), decided(cast, fen=1, state="closed")):
        refuses("motion", lambda wrong=wrong: pay(cast, use, "settle", now=later, over=wrong))
    more = decided(cast, fen=1)
    assert pay(cast, use, "settle", now=later, over=more).amount_fen == 3_000_001
    assert use.taken.get(step="settle").note.endswith(more.title)
    other = until(cast, proposed(cast, estimate_fen=1), "scope", now=later)
    refuses("motion", lambda: step(cast, other, "decide", motion=more, now=later))


@in_city("jinhua")
@pytest.mark.clause("JH-4.9j")
def test_what_the_auditor_holds_right_is_paid_and_shared_out_anew(cast):
    made = endowed(cast, *(["100"] * 10))
    committee(cast)
    use = until(cast, proposed(cast), "notice", motion=decided(cast, fen=None))
    later = cast.now + LATER
    use = until(cast, use, "start", now=later)
    use = step(cast, use, "accept", settled_fen=6_000_100, now=later)
    refuses("settled", lambda: step(cast, use, "audit", settled_fen=2_999_999, now=later))
    use = step(cast, use, "audit", settled_fen=5_900_000, now=later)
    assert sum(use.shares.values_list("amount_fen", flat=True)) == 5_900_000
    refuses("check_failed", lambda: step(cast, use, "publish", shown={}, shown_fen=5_900_000, now=later))
    refuses("check_failed", lambda: step(cast, use, "publish", shown_fen=6_000_100, now=later))
    use = step(cast, use, "publish", shown_fen=5_900_000, now=later)
    assert pay(cast, use, "settle", now=later).amount_fen == 5_900_000 - sum(
        use.payments.filter(step="advance").values_list("amount_fen", flat=True)
    )
    assert {queries.unit_balances(cast.estate, later.date())[one.pk] for one in made} == {1_000_000 - 590_000}


def test_what_a_unit_lacks_its_owner_owes(cast):
    rich, poor = units(cast, "100", "100")
    rows = [fund.TakenOver(rich, 9_000_000, 9_000_000, 9_000_000), fund.TakenOver(poor, 9_000_000, 9_000_000, 1)]
    fund.take_over(cast.estate, rows=rows, on=cast.now.date(), actor=cast.actor("housing"), now=cast.now)
    committee(cast)
    use = until(cast, proposed(cast), "notice", motion=decided(cast, fen=None))
    until(cast, use, "archive", now=cast.now + LATER)
    balances = queries.unit_balances(cast.estate, (cast.now + LATER).date())
    assert balances[rich.pk] == 6_000_000 and balances[poor.pk] == 0
    from gongzhi.ledger import services as ledger

    owed = book_of(cast.estate, "maintenance_fund").accounts.get(code="owed")
    assert ledger.balance(owed, (cast.now + LATER).date()) == 2_999_999
    on = (cast.now + LATER).date()
    more = {"purpose": "makeup", "paid_on": on, "now": cast.now + LATER}
    assert owed_of(poor, on=on) == 2_999_999 and owed_of(rich, on=on) == 0
    refuses("made_up", lambda: paid(cast, poor, 3_000_000, **more))
    refuses("made_up", lambda: paid(cast, rich, 1, **more))
    paid(cast, poor, 999_999, **more)
    (left,) = unit_account(poor, on=on).missing
    assert (left.made_up_fen, left.missing_fen) == (999_999, 2_000_000)
    paid(cast, poor, 2_000_000, **more)
    assert ledger.balance(owed, on) == 0 and owed_of(poor, on=on) == 0
    found = queries.fund(cast.estate, on)
    assert found.tied and queries.unit_balances(cast.estate, on)[poor.pk] == 0


@pytest.mark.clause("MX-3.8.3-1", "MX-3.8.3-2")
def test_fifty_thousand_yuan_want_a_third_party_and_a_fen_less_does_not(cast):
    endowed(cast, *(["100"] * 10))
    committee(cast)
    at = until(cast, proposed(cast, estimate_fen=5_000_000), "review", motion=decided(cast, fen=None))
    refuses("check_failed", lambda: step(cast, at, "price_review", third_party=False))
    below = until(cast, proposed(cast, estimate_fen=4_999_999), "review", motion=decided(cast, fen=None))
    below = step(cast, below, "price_review", third_party=False)
    refuses("check_failed", lambda: step(cast, below, "tender", selected="direct"))
    assert step(cast, below, "tender", selected="direct", note="单一来源").selected == "direct"


@pytest.mark.clause("MX-3.8.3-3")
def test_three_of_four_items_on_display_do_not_pay_the_rest(cast):
    endowed(cast, *(["100"] * 10))
    committee(cast)
    use = until(cast, proposed(cast), "notice", motion=decided(cast, fen=None))
    later = cast.now + LATER
    use = until(cast, use, "accept", now=later)
    three = {one: file(cast, use) for one in ("vote", "works", "acceptance")}
    use = step(cast, use, "publish", shown=three, now=later)
    refused = refuses("check_failed", lambda: pay(cast, use, "settle", now=later))
    assert "MX-3.8.3-3" in refused.clauses
    assert list(fund.not_published(use)) == ["apportioning"]
    use = step(cast, use, "publish", shown={"apportioning": file(cast, use)}, now=later)
    assert fund.not_published(use) == {} and queries.next_step(use) == "settle"
    refuses("step_done", lambda: step(cast, use, "publish", now=later))
    pay(cast, use, "settle", now=later)


@in_city("zhangjiagang")
@pytest.mark.clause("ZJG-2.1.7b", "ZJG-4.4.2a")
def test_without_the_own_communitys_attestation_nothing_is_reviewed(cast):
    endowed(cast, *(["100"] * 10))
    committee(cast)
    use = until(cast, proposed(cast), "apply", motion=decided(cast, fen=None))
    refused = refuses("step_order", lambda: step(cast, use, "review"))
    assert "社区鉴证" in refused.message
    refuses("forbidden", lambda: step(cast, use, "attest", by="community_station@2"))
    assert queries.next_step(step(cast, use, "attest")) == "review"
    assert Duty.objects.get(rule="review_use").owner_organisation.role == "housing"


@in_city("zhangjiagang")
@pytest.mark.clause("ZJG-4.4.2b", "ZJG-4.4.2a")
def test_where_there_is_no_committee_the_community_applies_under_the_streets_guidance(cast):
    endowed(cast, "100")
    refuses("guidance_missing", lambda: proposed(cast, applicant_role="community_committee", by="community_committee"))
    use = proposed(
        cast, applicant_role="community_committee", by="community_committee", guidance="街道已现场指导"
    )  # fmt: skip
    assert use.applicant_role == "community_committee" and use.guidance == "街道已现场指导"
    committee(cast, "management_committee")
    refuses("applicant", lambda: proposed(cast, applicant_role="community_committee", guidance="同意"))
    assert proposed(cast, applicant_role="management_committee").state == "running"


@in_city("zhangjiagang")
@pytest.mark.clause("ZJG-4.4.2c")
def test_an_emergency_is_published_with_the_sum_that_was_spent(cast):
    endowed(cast, *(["100"] * 10))
    committee(cast)
    use = proposed(cast, path="emergency", matter="elevator_stopped", evidence=[file(cast, cast.estate)])
    later = cast.now + LATER
    use = until(cast, use, "accept", now=later)
    assert Duty.objects.get(rule="publish_use").owner_organisation.role == "owners_committee"
    refuses("check_failed", lambda: step(cast, use, "publish", shown_fen=5_999_999, now=later))
    refuses("step_order", lambda: step(cast, use, "archive", now=later))
    use = until(cast, step(cast, use, "publish", shown_fen=6_000_000, now=later), "archive", now=later)
    assert use.state == "closed" and not Duty.objects.filter(rule="publish_use", closed_at=None).exists()


@in_city("jinhua", "2026-04-30")
@pytest.mark.clause("JH-4.7e", "JH-4.7f", "JH-4.7g")
def test_an_emergency_goes_step_by_step_and_is_paid_within_three_working_days(cast):
    endowed(cast, *(["100"] * 10))
    committee(cast)
    refuses("check_failed", lambda: proposed(cast, path="emergency", matter="elevator_stopped"))
    evidence = [file(cast, cast.estate)]
    refuses("check_failed", lambda: proposed(cast, path="emergency", matter="facade", evidence=evidence))
    private = {"path": "emergency", "matter": "elevator_stopped", "evidence": evidence, "common_part": False}
    refuses("check_failed", lambda: proposed(cast, **private))
    use = proposed(cast, path="emergency", matter="elevator_stopped", evidence=evidence)
    refuses("step_order", lambda: step(cast, use, "discuss"))
    refuses("check_failed", lambda: step(cast, use, "verify", by="community_committee"))
    refuses("check_failed", lambda: step(cast, use, "verify", by="community_committee", delegated=True))
    entrusted = [("核实", file(cast, use, "委托书.png"))]
    use = step(cast, use, "verify", by="community_committee", delegated=True, papers=entrusted)
    refuses("step_order", lambda: step(cast, use, "apply"))
    use = until(cast, use, "apply")
    duty = Duty.objects.get(rule="pay_emergency")
    assert duty.due_at == day("2026-05-09", 0)
    pay(cast, use, "advance", 3_000_000, now=day("2026-05-08", 17))
    duty.refresh_from_db()
    assert duty.state == "fulfilled"


@in_city("jinhua")
@pytest.mark.clause("JH-4.7f")
def test_what_the_committee_does_not_pass_goes_back(cast):
    endowed(cast, "100")
    committee(cast)
    use = proposed(cast, path="emergency", matter="fire_safety", evidence=[file(cast, cast.estate)])
    use = step(cast, step(cast, use, "verify"), "discuss", agreed=False, note="方案太贵")
    assert use.state == "returned"
    changed = [("维修方案和预算", file(cast, use, "改后的预算.png"))]
    given = {"note": "预算降了一成", "papers": changed, "actor": cast.actor("street_office"), "now": cast.now}
    use = fund.resubmit(use, version=use.version, **given)
    assert queries.next_step(use) == "discuss" and use.papers.filter(file__name="改后的预算.png").exists()
    assert Event.objects.get(kind="fund.use_resubmitted").data["step"] == "verify"
    assert not Duty.objects.filter(rule="verify_emergency", closed_at=None).exists(), "it was verified already"


@in_city("zhangjiagang")
@pytest.mark.clause("ZJG-4.4.2a")
def test_the_clock_of_the_review_begins_anew_when_it_was_put_right(cast):
    endowed(cast, *(["100"] * 10))
    committee(cast)
    use = until(cast, proposed(cast), "attest", motion=decided(cast, fen=None))
    use = step(cast, use, "review", agreed=False, note="预算没有盖章")
    assert not Duty.objects.filter(rule="review_use", closed_at=None).exists()
    given = {"note": "已盖章", "actor": cast.actor("street_office"), "now": cast.now}
    use = fund.resubmit(use, version=use.version, **given)
    assert Duty.objects.filter(rule="review_use", closed_at=None).count() == 1
    assert not Duty.objects.filter(rule="attest_use", closed_at=None).exists()


@pytest.mark.clause("MX-3.8.3-3", "MX-3.8.2-3")
def test_an_emergency_has_no_vote_to_show(cast):
    endowed(cast, *(["100"] * 10))
    committee(cast)
    use = proposed(cast, path="emergency", matter="roof_leak", evidence=[file(cast, cast.estate)])
    use = until(cast, use, "accept")
    two = {one: file(cast, use) for one in ("works", "acceptance")}
    lacking = step(cast, use, "publish", shown=two)
    refuses("check_failed", lambda: pay(cast, lacking, "settle"))
    other = proposed(cast, path="emergency", matter="roof_leak", evidence=[file(cast, cast.estate)], estimate_fen=100)
    other = until(cast, other, "accept")
    other = step(cast, other, "publish", shown={**two, "apportioning": file(cast, other)})
    assert pay(cast, other, "settle").amount_fen


@in_city("jinhua")
@pytest.mark.clause("JH-4.9j")
def test_more_than_the_fund_holds_is_not_paid(cast):
    endowed(cast, "100", fen_each=100)
    committee(cast)
    use = proposed(cast, path="emergency", matter="fire_safety", evidence=[file(cast, cast.estate)])
    use = until(cast, use, "apply")
    refuses("balance", lambda: pay(cast, use, "advance", 3_000_000))


@in_city("jiangyin", "2024-06-03")
@pytest.mark.clause("JY-2.3.7-3")
def test_a_mandate_of_fifty_thousand_includes_the_sum_itself(cast):
    endowed(cast, "100", fen_each=100_000_000)
    kept = resolved(cast, committee(cast))
    refuses("above_delegation", lambda: proposed(cast, path="delegated", estimate_fen=1, decision=kept))
    switch(cast, "jiangyin", "delegated_single", "50000")
    switch(cast, "jiangyin", "delegated_yearly", "90000")
    refuses("above_delegation", lambda: proposed(cast, path="delegated", estimate_fen=5_000_001, decision=kept))
    use = proposed(cast, path="delegated", estimate_fen=5_000_000, decision=kept)
    assert "decide" not in use.steps and use.basis["clauses"] == ["JY-2.3.7-3"]
    refuses("above_delegation", lambda: proposed(cast, path="delegated", estimate_fen=4_000_001, decision=kept))


@in_city("jiangyin", "2024-06-03")
@pytest.mark.clause("JY-2.3.7-3")
def test_the_owners_give_the_mandate_by_their_decision_and_the_estate_alone_has_it(cast):
    endowed(cast, "100", fen_each=100_000_000)
    body = committee(cast)
    given = {"values": {"delegated_single": "50000", "delegated_yearly": "90000"}, "document": "第一次业主大会"}
    given |= {"adopted_on": cast.now.date(), "now": cast.now}
    street = cast.actor("street_office")
    itself = replace(street, role="owners_committee")
    for wrong in (None, resolved(cast, body)):
        refuses(
            "mandate_decision",
            lambda wrong=wrong: votes.adopt_rules(cast.estate, decision=wrong, actor=street, **given),
        )
    on_paper = resolved(cast, None)
    by_itself = {"decision": on_paper, "actor": itself, **given}
    refuses("mandate_decision", lambda: votes.adopt_rules(cast.estate, **by_itself))
    votes.adopt_rules(cast.estate, decision=on_paper, actor=street, **given)
    limit = queries.delegated_limit(cast.estate, cast.now.date())
    assert (limit.single_fen, limit.yearly_fen, limit.clauses) == (5_000_000, 9_000_000, ("JY-2.3.7-3",))
    assert queries.delegated_limit(cast.estate_outside, cast.now.date()).single_fen == 0


def resolved(cast, body, title="更换水泵"):
    """A decision of the committee itself."""
    return bodies.record_decision(
        cast.estate, body=body, title=title, text="在授权额度内更换水泵", decided_on=cast.now.date(),
        actor=cast.actor("street_office"), now=cast.now,
    )  # fmt: skip


@in_city("jiangyin", "2024-06-03")
@pytest.mark.clause("JY-2.5.12-4")
def test_a_use_within_the_mandate_names_the_committees_decision_and_freezes_with_it(cast):
    endowed(cast, "100", fen_each=100_000_000)
    body = committee(cast)
    switch(cast, "jiangyin", "delegated_single", "50000")
    switch(cast, "jiangyin", "delegated_yearly", "90000")
    of_owners = resolved(cast, None)
    for wrong in (None, of_owners):
        refuses("decision", lambda wrong=wrong: proposed(cast, path="delegated", estimate_fen=100, decision=wrong))
    kept, street = resolved(cast, body), cast.actor("street_office")
    use = step(cast, proposed(cast, path="delegated", estimate_fen=100, decision=kept), "survey")
    ordinary = step(cast, proposed(cast, title="另一项", decision=kept), "survey")
    case = bodies.open_correction(kept, kind="revoke", grounds="越权", actor=street, now=cast.now)
    step(cast, use, "scope")  # until it is revoked it goes on
    bodies.issue_correction(case, actor=street, now=cast.now)
    with pytest.raises(Refused) as refused:
        step(cast, use, "notice")
    assert refused.value.code == "decision_revoked" and "JY-2.5.12-4" in refused.value.clauses
    assert "已冻结" in refused.value.message
    use.refresh_from_db()
    assert fund.why_frozen(use) == (refused.value.message, tuple(refused.value.clauses))
    step(cast, ordinary, "scope")  # rests on no decision of the committee
    kept.refresh_from_db()
    refuses("decision_revoked", lambda: proposed(cast, path="delegated", estimate_fen=100, decision=kept))


@in_city("jiangyin", "2024-06-03")
@pytest.mark.clause("JY-2.3.7-1")
def test_five_papers_are_enough_and_five_working_days_are_the_last(cast):
    endowed(cast, "100")
    committee(cast)
    use = until(cast, proposed(cast), "notice", motion=decided(cast, fen=None))
    four = [(one, file(cast, use)) for one in MATERIALS[:4]]
    refuses("check_failed", lambda: step(cast, use, "apply", papers=four))
    use = step(cast, use, "apply", papers=[(one, file(cast, use)) for one in (*MATERIALS[:5],)])
    # 2024-06-10 is a public holiday.
    assert Duty.objects.get(rule="review_use").due_at.astimezone(cast.now.tzinfo).date() == date(2024, 6, 12)


@in_city("jiangyin", "2024-06-03")
@pytest.mark.clause("JY-2.3.7-5", "JY-2.8.23-5")
def test_in_an_emergency_without_any_committee_the_street_organises(cast):
    """JY-HC-07, estates 甲 and 乙."""
    endowed(cast, "100")
    given = {"path": "emergency", "matter": "fire_safety", "evidence": [file(cast, cast.estate)]}
    assert proposed(cast, applicant_role="street_office", **given).state == "running"
    assert queries.stand_ins(cast.estate, cast.now.date()) == ("street_office",)
    committee(cast, "management_committee")
    assert queries.stand_ins(cast.estate, cast.now.date()) == ()
    refuses("applicant", lambda: proposed(cast, applicant_role="street_office", **given))


@in_city("jiangyin", "2024-06-03")
@pytest.mark.clause("JY-2.3.7-5")
def test_jy_hc_07_a_committee_that_cannot_work_is_still_one_and_the_street_does_not_stand_in(cast):
    endowed(cast, "100")
    body = committee(cast)
    Body.objects.filter(pk=body.pk).update(unable_from=cast.now.date())
    given = {"path": "emergency", "matter": "fire_safety", "evidence": [file(cast, cast.estate)]}
    why = refuses("applicant", lambda: proposed(cast, applicant_role="street_office", **given))
    assert "调整或改选" in why.message


@pytest.mark.clause("MX-3.8.2-3")
def test_the_fast_way_wants_three_papers_and_answers_within_a_day(cast):
    endowed(cast, "100")
    committee(cast)
    now = day("2023-06-01", 10)
    use = proposed(cast, path="emergency", matter="roof_leak", evidence=[file(cast, cast.estate)], now=now)
    use = until(cast, use, "apply", now=now)
    duty = Duty.objects.get(rule="review_fast")
    assert duty.due_at == day("2023-06-02", 10) + timedelta(minutes=1), "10:00 of the next day is in time"
    refused = pytest.raises(Refused, proposed, cast, path="emergency", matter="greening")
    assert refused.value.code == "check_failed"


@in_city("jiangyin", "2024-06-03")
@pytest.mark.clause("JY-2.3.7-6")
def test_services_of_third_parties_are_bought_only_while_the_city_opens_them(cast, client):
    endowed(cast, "100.00")
    committee(cast)
    client.force_login(cast.user("street_office"))
    address = reverse("funds:propose", args=[cast.estate.pk])
    shut = client.get(address).content.decode()
    assert "电梯维修前评估" not in shut and "第三方机构" not in shut
    bought = {"title": "电梯维修前评估", "matter": "elevator_assessment", "part": "1幢电梯"}
    paper = {"third_party": "某电梯检测公司", "contract": file(cast, cast.estate)}
    refuses("service_closed", lambda: proposed(cast, **bought, **paper))
    switch(cast, "jiangyin", "fund_buys_services", "yes")
    page = client.get(address).content.decode()
    assert "电梯维修前评估" in page and "电梯安全责任险" in page and "第三方机构" in page
    for lacking, nothing in (("third_party", ""), ("contract", None)):
        given = {**bought, **paper, lacking: nothing}
        why = refuses("check_failed", lambda given=given: proposed(cast, **given))
        assert lacking in why.fields
    use = proposed(cast, **bought, **paper)
    assert use.contractor == "某电梯检测公司" and use.papers.filter(item="服务合同").exists()
    switch(cast, "jiangyin", "fund_buys_services", "no")
    assert until(cast, use, "notice", motion=decided(cast, fen=use.estimate_fen)).state == "running"
    refuses("service_closed", lambda: proposed(cast, **bought, **paper))


@in_city("jiujiang")
@pytest.mark.clause("JJ-5.4-3")
def test_nobody_reviews_what_he_asked_for_or_pays_what_he_reviewed_and_is_told_who_may(cast, sign_in):
    endowed(cast, "80", "120")
    committee(cast)
    use = until(cast, proposed(cast), "apply", motion=decided(cast, fen=6_000_000))
    later = cast.now + LATER
    use = step(cast, use, "review", by="housing", now=later)
    assert queries.kept_apart(use, "advance", cast.actor("housing"), on=later.date()).before == "review"
    own = {"step": "advance", "amount_fen": 100, "payee": "某公司", "paid_on": later.date(), "invoice": file(cast, use)}
    refused = refuses("kept_apart", lambda: fund.pay(use, actor=cast.actor("housing"), now=later, **own))
    assert "“审核”是您办的，“拨付预付款”要由另一个人办。可以请" in refused.message
    assert cast.user("leading_group_office").display_name in refused.message
    refuses("kept_apart", lambda: fund.pay(use, actor=cast.actor("street_office"), now=later, **own))
    assert "“审核”是您办的" in sign_in("housing").get(reverse("funds:use", args=[use.pk])).content.decode()
    Post.objects.exclude(user=cast.user("housing")).update(ends_on=cast.now.date() - timedelta(days=1))
    alone = refuses("kept_apart", lambda: fund.pay(use, actor=cast.actor("housing"), now=later, **own))
    assert "请系统管理员给本单位再开一个账号" in alone.message
