"""First deposits, who may pay them, what stays shut until they are paid, interest, and when to renew."""

from datetime import timedelta
from fractions import Fraction

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.core.tests.cast import build
from gongzhi.duties.models import Duty
from gongzhi.funds.common.queries import book_of, held
from gongzhi.funds.maintenance import queries
from gongzhi.funds.maintenance import services as fund
from gongzhi.funds.maintenance.models import FundDeposit, FundRenewal
from gongzhi.funds.maintenance.tests.fund import committee, day, decided, paid, rate, switch, units
from gongzhi.ledger import services as ledger

COUNTY = {"zhangjiagang": "320582", "jinhua": "330782", "jiangyin": "320281", "meixian": "610326", "jiujiang": "340207"}
NOW = day("2023-06-01")


@pytest.fixture
def cast(request, db):
    pack = getattr(request, "param", "meixian")
    return build(NOW, county=COUNTY[pack], pack=pack)


def in_city(pack):
    return pytest.mark.parametrize("cast", [pack], indirect=True)


def assessed(cast, *areas, yuan="96"):
    rate(cast, yuan)
    made = units(cast, *areas)
    fund.assess_first(cast.estate, actor=cast.actor("housing"), now=cast.now)
    return made


def one(cast, unit, on=None):
    return queries.units_funds([unit], on=on or cast.now.date())[0]


def refuses(code, act):
    with pytest.raises(Refused) as caught:
        act()
    assert caught.value.code == code, caught.value.message
    return caught.value


@in_city("jinhua")
@pytest.mark.clause("JH-4.7a")
def test_a_hundred_square_metres_at_96_yuan_owe_9600_and_a_fen_less_is_short(cast):
    (unit,) = assessed(cast, "100")
    assert one(cast, unit).first_fen == 960_000
    paid(cast, unit, 959_999)
    assert one(cast, unit).short_fen == 1
    paid(cast, unit, 1)
    assert one(cast, unit).short_fen == 0


def test_without_a_rate_nothing_is_assessed(cast):
    units(cast, "100")
    refuses("rate_missing", lambda: fund.assess_first(cast.estate, actor=cast.actor("housing"), now=cast.now))


@pytest.mark.clause("MX-3.8.1-2")
def test_a_developer_may_not_pay_for_owners_and_the_attempt_stays_as_a_clue(cast):
    (unit,) = assessed(cast, "100", yuan="100")
    refused = refuses("check_failed", lambda: paid(cast, unit, 1_000_000, payer="developer"))
    assert "MX-3.8.1-2" in refused.clauses and not FundDeposit.objects.exists()
    fund.note_refused_deposit(unit, payer="developer", amount_fen=1_000_000, actor=cast.actor("housing"), now=cast.now)
    assert Event.objects.filter(kind="fund.deposit_refused").count() == 1


@pytest.mark.clause("MX-3.8.1-2")
def test_a_developer_pays_what_it_owes_itself(cast):
    rate(cast, "100")
    (unit,) = units(cast, "100")
    fund.assess_first(cast.estate, party="developer", actor=cast.actor("housing"), now=cast.now)
    paid(cast, unit, 1_000_000, payer="developer")
    assert one(cast, unit).short_fen == 0


@pytest.mark.clause("MX-3.8.1-1", "MX-3.8.1-3")
@pytest.mark.parametrize("stage", ["delivery", "title_registration", "mortgage_registration"])
def test_a_fen_short_keeps_delivery_and_registration_shut(cast, stage):
    """MX-HC-14, homes 甲 and 乙."""
    (unit,) = assessed(cast, "100", yuan="100")
    paid(cast, unit, 999_999)
    gate = fund.judge_stage(cast.estate, stage=stage, units=[unit], on=cast.now.date())
    assert not gate.passed and gate.short_fen == 1
    paid(cast, unit, 1)
    assert fund.judge_stage(cast.estate, stage=stage, units=[unit], on=cast.now.date()).passed


@pytest.mark.clause("MX-3.8.1-1")
def test_money_goes_into_the_funds_own_account_alone(cast):
    (unit,) = assessed(cast, "100", yuan="100")
    refused = refuses("check_failed", lambda: paid(cast, unit, 1_000_000, account_number="6222000000000001"))
    assert "into_fund_account" in refused.fields


@in_city("zhangjiagang")
@pytest.mark.clause("ZJG-4.4.1a")
def test_at_signing_a_shortage_warns_or_blocks_as_the_switch_says(cast):
    (unit,) = assessed(cast, "100", yuan="130")
    paid(cast, unit, 1_299_999)
    gate = fund.judge_stage(cast.estate, stage="presale_filing", on=cast.now.date())
    assert gate.passed and [one.outcome for one in gate.findings] == ["warn"]
    switch(cast, "zhangjiagang", "presale_short", "block")
    assert not fund.judge_stage(cast.estate, stage="presale_filing", on=cast.now.date()).passed
    paid(cast, unit, 1)
    assert fund.judge_stage(cast.estate, stage="presale_filing", on=cast.now.date()).findings == ()


@in_city("zhangjiagang")
@pytest.mark.clause("ZJG-4.4.1c", "ZJG-2.2.3")
def test_a_resettlement_estate_shows_what_is_missing_until_all_is_paid(cast):
    cast.estate.estate_type = "resettlement"
    cast.estate.save()
    (unit,) = assessed(cast, "10000", yuan="100")
    paid(cast, unit, 80_000_000, payer="responsible_unit")
    found = queries.fund(cast.estate, cast.now.date())
    assert found.short_fen == 20_000_000 and found.rate == Fraction(80, 100) and found.tied
    assert [one.outcome for one in fund.judge_stage(cast.estate, stage="delivery", on=cast.now.date()).findings]
    paid(cast, unit, 20_000_000, payer="responsible_unit")
    assert not fund.judge_stage(cast.estate, stage="delivery", on=cast.now.date()).findings


@pytest.mark.clause("MX-3.2.1-11", "JJ-A11-2.2-1")
def test_the_balance_follows_from_deposits_interest_and_use(cast):
    made = assessed(cast, "6000", "4000", yuan="100")
    paid(cast, made[0], 60_000_000)
    paid(cast, made[1], 40_000_000)
    given = {"actor": cast.actor("housing"), "now": cast.now, "on": cast.now.date(), "reference": "", "key": "q1"}
    fund.add_interest(cast.estate, amount_fen=1_000_000, **given)
    found = queries.fund(cast.estate, cast.now.date())
    assert (found.opening_fen, found.interest_fen, found.balance_fen) == (100_000_000, 1_000_000, 101_000_000)
    assert found.tied and [one(cast, unit).balance_fen for unit in made] == [60_600_000, 40_400_000]


def test_the_same_payment_sent_twice_is_taken_once(cast):
    (unit,) = assessed(cast, "100")
    first, second = paid(cast, unit, 500), paid(cast, unit, 500)
    assert first.pk == second.pk and held(book_of(cast.estate, "maintenance_fund"), cast.now.date()) == 500


def taken_over(cast, *rows):
    made = units(cast, *(["100"] * len(rows)))
    given = [fund.TakenOver(unit, first, first, balance) for unit, (first, balance) in zip(made, rows, strict=True)]
    fund.take_over(cast.estate, rows=given, on=cast.now.date(), actor=cast.actor("housing"), now=cast.now)
    return made


@in_city("jinhua")
@pytest.mark.clause("JH-4.7c", "JH-4.7d")
def test_a_unit_a_fen_below_thirty_percent_renews_until_it_has_the_first_deposit_again(cast):
    at_line, below = taken_over(cast, (960_000, 288_000), (960_000, 287_999))
    (row,) = fund.watch_renewal(cast.estate, now=cast.now)
    assert row.unit == below and row.missing_fen == 672_001
    assert fund.watch_renewal(cast.estate, now=cast.now) == [], "a second look opens nothing"
    paid(cast, below, 672_000, purpose="renewal")
    fund.watch_renewal(cast.estate, now=cast.now)
    assert FundRenewal.objects.get().ended_on is None, "959,999 is not enough"
    paid(cast, below, 1, purpose="renewal")
    fund.watch_renewal(cast.estate, now=cast.now)
    assert FundRenewal.objects.get().ended_on == cast.now.date()
    assert one(cast, at_line).balance_fen == 288_000


@in_city("jinhua")
@pytest.mark.clause("JH-4.7d")
def test_a_unit_that_paid_almost_all_reads_what_is_still_missing_until_it_is_there(cast, client, monkeypatch):
    """Above the line again, a 分 short of the first deposit: the account and the list say so."""
    (low,) = taken_over(cast, (960_000, 287_999))
    monkeypatch.setattr("django.utils.timezone.now", lambda: cast.now)
    client.force_login(cast.actor("housing").user)
    fund.watch_renewal(cast.estate, now=cast.now)

    def pages():
        account = client.get(reverse("funds:unit", args=[low.pk])).content.decode()
        return account, client.get(reverse("funds:renewals")).content.decode()

    paid(cast, low, 672_000, purpose="renewal")
    account, listed = pages()
    assert "余额是首期的99.99%，要续交" in account and "还差0.01元" in account and "JH-4.7" in account
    assert "6,720.01" in listed and "现在还差0.01" in listed
    assert queries.renewal_of_unit(low, on=cast.now.date()).missing_fen == 1
    paid(cast, low, 1, purpose="renewal")
    fund.watch_renewal(cast.estate, now=cast.now)
    account, listed = pages()
    assert "要续交" not in account and "没有要续筹的" in listed


@in_city("jinhua")
@pytest.mark.clause("JH-4.7c", "JH-4.7d")
def test_jh_hc_01_a_third_of_a_fen_decides_because_the_line_is_not_rounded(cast):
    rows = ((960_000, 288_000), (960_000, 287_999), (999_999, 299_999), (999_999, 300_000), (800_000, 0))
    made = taken_over(cast, *rows)
    due = {row.unit: row.missing_fen for row in fund.watch_renewal(cast.estate, now=cast.now)}
    assert due == {made[1]: 672_001, made[2]: 700_000, made[4]: 800_000}


@in_city("jinhua")
@pytest.mark.clause("JH-4.7c", "JH-4.7d")
def test_jh_hc_02_each_home_by_itself_and_until_the_first_deposit_is_there_again(cast):
    low, full, third = taken_over(cast, (960_000, 96_000), (960_000, 864_000), (960_000, 200_000))
    due = {row.unit: row.missing_fen for row in fund.watch_renewal(cast.estate, now=cast.now)}
    assert due == {low: 864_000, third: 760_000} and full not in due
    for fen, over in ((88_000, False), (412_000, False), (260_000, True)):
        paid(cast, third, fen, purpose="renewal")
        fund.watch_renewal(cast.estate, now=cast.now)
        assert (FundRenewal.objects.get(unit=third).ended_on is not None) is over


@in_city("jiujiang")
@pytest.mark.clause("JJ-A11-2.2-2", "JJ-A11-2.2-4")
def test_an_estate_below_thirty_percent_brings_guidance_by_street_and_community(cast):
    made = taken_over(cast, (200_000_000, 119_999_999), (200_000_000, 1))
    line = queries.renewal(cast.estate, cast.now.date())
    assert line.due == (), "exactly thirty percent triggers nothing"
    assert [low.name for low in line.units_low] == [str(made[1])], "but the unit below its own line is named"
    book = book_of(cast.estate, "maintenance_fund")
    accounts = {int(row.holder_id): row for row in book.accounts.filter(holder_kind="unit")}
    ledger.post(
        book=book, key="x", kind="correction", booked_on=cast.now.date(), text="-1",
        legs=[(accounts[made[0].pk], 1), (book.accounts.get(code="bank"), -1)], actor=Actor.system(), now=cast.now,
    )  # fmt: skip
    assert len(fund.watch_renewal(cast.estate, now=cast.now)) == 1
    assert queries.renewal(cast.estate, cast.now.date()).groups[0].share_words == "29.99%", "not rounded up to the line"
    assert not Duty.objects.filter(rule="plan_renewal"), "there is no committee to be told"
    duties = Duty.objects.filter(rule__startswith="guide_renewal", closed_at=None)
    assert {duty.owner_organisation.role for duty in duties} == {"street_office", "community_station"}
    fund.guide_renewal(cast.estate, note="上门讲解", actor=cast.actor("street_office"), now=cast.now)
    assert [duty.owner_organisation.role for duty in duties.all()] == ["community_station"]


@in_city("jiujiang")
@pytest.mark.clause("JJ-A11-2.2-2", "JJ-A11-2.2-3")
def test_the_committee_is_told_to_draft_a_plan_and_put_it_to_the_owners(cast):
    body = committee(cast)
    taken_over(cast, (400_000_000, 119_999_999))
    fund.watch_renewal(cast.estate, now=cast.now)
    duty = Duty.objects.get(rule="plan_renewal")
    assert (duty.owner_organisation, duty.clauses) == (body.organisation, ["JJ-A11-2.2-2", "JJ-A11-2.2-3"])
    given = fund.PlanDraft(kind="renewal", year=cast.now.year, text="各户补足到首期", amount_fen=280_000_001)
    plan = fund.draft_plan(cast.estate, given=given, actor=cast.actor("street_office"), now=cast.now)
    duty.refresh_from_db()
    assert duty.closed_at is None, "a draft alone is not put to the owners"
    motion = decided(cast, fen=None, matter="raise_fund", state="open", outcome="")
    fund.put_plan(plan, motion=motion, actor=cast.actor("street_office"), now=cast.now)
    duty.refresh_from_db()
    assert duty.state == "fulfilled"


@in_city("jinhua")
@pytest.mark.clause("JH-4.7c", "JH-4.7a")
def test_a_home_that_still_owes_its_first_deposit_is_not_told_to_renew(cast):
    new, old = assessed(cast, "100", "100")
    assert queries.renewal(cast.estate, cast.now.date()) is None and fund.watch_renewal(cast.estate, now=cast.now) == []
    paid(cast, old, 960_000)
    paid(cast, new, 959_999)
    fund.watch_renewal(cast.estate, now=cast.now)
    assert not FundRenewal.objects.exists() and one(cast, new).short_fen == 1


@pytest.mark.clause("MX-3.1.2-5")
def test_thirty_percent_exactly_is_not_on_the_list(cast):
    taken_over(cast, (100_000, 30_000))
    assert queries.renewal(cast.estate, cast.now.date()).due == ()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amounts=st.lists(st.integers(1, 10**9), min_size=1, max_size=4))
def test_interest_reaches_the_unit_accounts_to_the_last_fen(cast, amounts):
    if book_of(cast.estate, "maintenance_fund") is None:
        taken_over(cast, (100, 33), (100, 1), (100, 66_666_667), (100, 0))
    for number, fen in enumerate(amounts):
        before = queries.unit_balances(cast.estate, cast.now.date())
        key = f"{FundDeposit.objects.count()}-{sum(before.values())}-{number}"
        given = {"on": cast.now.date(), "reference": "", "key": key, "actor": cast.actor("housing"), "now": cast.now}
        fund.add_interest(cast.estate, amount_fen=fen, **given)
        after = queries.unit_balances(cast.estate, cast.now.date())
        assert sum(after.values()) - sum(before.values()) == fen
        assert all(after[unit] >= before[unit] for unit in before)
        assert queries.fund(cast.estate, cast.now.date()).tied


def test_nobody_but_bureau_and_street_takes_deposits(cast):
    (unit,) = assessed(cast, "100")
    for role in ("community_station", "police"):
        refuses("forbidden", lambda role=role: paid(cast, unit, 500, actor=cast.actor(role)))


def test_a_later_day_is_no_day_of_payment(cast):
    (unit,) = assessed(cast, "100")
    refuses("paid_on", lambda: paid(cast, unit, 500, paid_on=cast.now.date() + timedelta(days=1)))


@in_city("zhangjiagang")
@pytest.mark.clause("ZJG-4.4.1d")
def test_a_street_keeps_the_account_of_a_delivered_resettlement_estate_alone(cast):
    from gongzhi.funds.common import services as purses
    from gongzhi.registry.services import record_fact

    def register():
        given = purses.AccountInput("maintenance_fund", "street", "某银行", "街道专户", "6222 0001", cast.now.date())
        return purses.register_account(cast.estate, given=given, actor=cast.actor("street_office"), now=cast.now)

    refuses("check_failed", register)
    cast.estate.estate_type = "resettlement"
    cast.estate.save()
    refuses("check_failed", register)
    record_fact(
        cast.estate, name="delivered_on", value=day("2022-01-01").date(), from_on=day("2022-01-01").date(),
        actor=cast.actor("housing"), now=cast.now,
    )  # fmt: skip
    assert register().number == "62220001"
