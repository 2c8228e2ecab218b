"""Common revenue: books that balance, decisions behind expenses, the share into the fund, statements on display."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db.models import F
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.models import Event
from gongzhi.core.tests.cast import build
from gongzhi.duties.models import Duty
from gongzhi.funds.charges import services as charges
from gongzhi.funds.charges.models import Bill, Settlement, SharedPart
from gongzhi.funds.charges.tests.charged import bill, manager, project_of
from gongzhi.funds.common import services as purses
from gongzhi.funds.common.queries import account_at, book_of, held, supervised
from gongzhi.funds.maintenance.models import FundPayment
from gongzhi.funds.maintenance.queries import fund, unit_balances
from gongzhi.funds.maintenance.tests.fund import committee, day, decided, file, proposed, units
from gongzhi.funds.maintenance.tests.test_deposits import COUNTY, refuses, taken_over
from gongzhi.funds.maintenance.tests.test_uses import LATER, endowed, until
from gongzhi.funds.revenue import queries
from gongzhi.funds.revenue import services as revenue
from gongzhi.funds.revenue.models import RevenueItem
from gongzhi.funds.revenue.services.keeping import managed_by, publisher_of
from gongzhi.governance.bodies.models import Body
from gongzhi.registry.models import Project, Unit

FIRST = "2024-06-01"
JUNE_2024 = {"from_on": date(2024, 4, 1), "to_on": date(2024, 6, 30)}
JUNE = {"from_on": date(2023, 4, 1), "to_on": date(2023, 6, 30)}


@pytest.fixture
def cast(request, db):
    pack, moment = getattr(request, "param", ("meixian", "2023-06-30"))
    return build(day(moment), county=COUNTY[pack], pack=pack)


def in_city(pack, moment="2023-06-30"):
    return pytest.mark.parametrize("cast", [(pack, moment)], indirect=True)


def begun(cast, on="2023-01-01", by="street_office"):
    return revenue.begin_revenue(cast.estate, on=date.fromisoformat(on), actor=cast.actor(by), now=cast.now)


def receive(cast, yuan, *, source="parking", on="2023-06-01", by="street_office", **more):
    income = revenue.Income(
        source=source, amount_fen=round(yuan * 100), on=date.fromisoformat(on), text=f"{source}收入", **more
    )
    key = f"{source}-{yuan}-{on}"
    return revenue.receive(cast.estate, given=income, key=key, actor=cast.actor(by), now=cast.now)


def spend(cast, yuan, *, purpose="cost.operation", on="2023-06-02", voucher=True, by="street_office", **more):
    expense = revenue.Expense(
        purpose=purpose, amount_fen=round(yuan * 100), on=date.fromisoformat(on), text="支出",
        voucher=file(cast, cast.estate) if voucher else None, **more,
    )  # fmt: skip
    key = f"{purpose}-{yuan}-{on}-{voucher}"
    return revenue.spend(cast.estate, given=expense, key=key, actor=cast.actor(by), now=cast.now)


@pytest.mark.clause("MX-3.6.2-1")
def test_net_revenue_is_income_less_costs_that_have_a_voucher(cast):
    begun(cast)
    receive(cast, 120_000)
    spend(cast, 30_000)
    assert queries.net_of(cast.estate, **JUNE) == 9_000_000
    without = spend(cast, 1_000, voucher=False)
    assert "no_voucher" in without.flags and queries.net_of(cast.estate, **JUNE) == 9_000_000


@pytest.mark.clause("MX-3.6.2-1")
def test_net_revenue_may_be_negative(cast):
    begun(cast)
    receive(cast, 50_000, on="2023-02-01")
    spend(cast, 30_000)
    assert queries.net_of(cast.estate, **JUNE) == -3_000_000


@pytest.mark.clause("MX-3.6.2-2")
def test_an_expense_without_a_decision_is_flagged_told_and_cleared_with_its_history(cast):
    begun(cast)
    receive(cast, 10_000)
    item = spend(cast, 3_000, purpose="cost.other")
    assert item.flags == ["no_decision"] and Event.objects.filter(kind="revenue.flagged").count() == 1
    assert Duty.objects.get(rule="check_misuse").owner_organisation.role == "housing"
    given = {"flag": "no_decision", "reason": "补开了业主大会", "version": item.version,
             "actor": cast.actor("street_office"), "now": cast.now}  # fmt: skip
    refuses("motion", lambda: revenue.clear_flag(item, **given))
    item = revenue.clear_flag(item, motion=decided(cast, fen=None, matter="other_major"), **given)
    assert item.flags == [] and item.once_flagged == ["no_decision"]
    assert list(queries.flagged(cast.actor("housing"), on=cast.now.date())) == []


@pytest.mark.clause("MX-3.6.2-3")
def test_sources_add_up_to_the_account_and_nothing_goes_to_the_service_charges(cast):
    begun(cast)
    for source, yuan in (("parking", 50_000), ("advertising", 20_000), ("premises", 10_000)):
        receive(cast, yuan, source=source)
    found = queries.sums(cast.estate, **JUNE)
    assert found.income_fen == held(book_of(cast.estate, "common_revenue"), cast.now.date()) == 8_000_000
    refuses("check_failed", lambda: spend(cast, 1, purpose="cost.other", to_service_charges=True))
    assert not Settlement.objects.exists()


def old_estate(cast, made):
    """An old estate whose homes owe 80 yuan each to those who look after it while there is no company."""
    cast.estate.estate_type = "old"
    cast.estate.save()
    Project.objects.filter(estate=cast.estate).update(service_kind="fallback")
    return [bill(cast, unit, "80", due=cast.now.date()) for unit in made]


@pytest.mark.clause("MX-3.9.3-5", "MX-3.6.2-3")
def test_6000_yuan_of_an_old_estate_lower_each_of_a_hundred_bills_by_60_until_the_market_comes(cast):
    begun(cast)
    receive(cast, 10_000)
    committee(cast)
    motion = decided(cast, fen=None, matter="other_major")
    gap = {"purpose": "cost.gap", "to_service_charges": True, "motion": motion, "on": "2023-06-30"}
    refuses("check_failed", lambda: spend(cast, 6_000, **gap))
    made = list(Unit.objects.filter(building__estate=cast.estate, use="residence"))
    made += units(cast, *(["60"] * (100 - len(made))))
    bills = old_estate(cast, made)
    item = spend(cast, 6_000, **gap)
    assert item.flags == [] and Settlement.objects.filter(channel="revenue").count() == len(made) == 100
    left = Bill.objects.filter(pk__in=[one.pk for one in bills])
    assert {(one.paid_fen, one.open_fen) for one in left} == {(6_000, 2_000)}
    today = cast.now.date()
    assert held(book_of(cast.estate, "common_revenue"), today) == 400_000
    assert held(book_of(cast.estate, "service_charges"), today) == 600_000
    again = spend(cast, 6_000, **gap)
    assert again == item and Settlement.objects.filter(channel="revenue").count() == 100
    Project.objects.filter(estate=cast.estate).update(service_kind="market")
    refused = refuses("check_failed", lambda: spend(cast, 1, **gap))
    assert "MX-3.9.3-5" in refused.clauses


@pytest.mark.clause("MX-3.9.3-5")
def test_a_company_puts_its_share_into_the_fund_before_revenue_lowers_bills_and_the_last_home_takes_the_rest(cast):
    taken_over(cast, *[(960_000, 300_000)] * 3)
    begun(cast)
    receive(cast, 100)
    old_estate(cast, Unit.objects.filter(building__estate=cast.estate, use="residence"))
    gap = {"purpose": "cost.gap", "to_service_charges": True, "on": "2023-06-30"}
    refuses("check_failed", lambda: spend(cast, 10, **gap))
    by = {"actor": cast.actor("street_office"), "now": cast.now}
    given = {"on": date(2023, 6, 30), **JUNE, **by}
    revenue.supplement_fund(cast.estate, amount_fen=5_000, key="half", **given)
    refuses("check_failed", lambda: spend(cast, 10, **gap))
    revenue.supplement_fund(cast.estate, amount_fen=1, key="more", **given)
    spend(cast, 10, **gap)
    homes = Settlement.objects.filter(channel="revenue").order_by("unit").values_list("amount_fen", flat=True)
    assert sum(homes) == 1_000 and max(homes) - min(homes) <= 1 and homes[len(homes) - 1] == max(homes)


@pytest.mark.clause("MX-3.6.3-6")
@pytest.mark.parametrize("kind", ["income", "cost", "fund", "shared"])
def test_a_list_that_differs_from_its_books_by_a_fen_is_not_published(cast, kind):
    endowed(cast, *(["100"] * 2))
    begun(cast)
    receive(cast, 100, on="2023-05-01")
    spend(cast, 20, on="2023-05-02")
    committee(cast)
    use = until(cast, proposed(cast, estimate_fen=800_000), "notice", motion=decided(cast, fen=None))
    use = until(cast, use, "archive", now=cast.now + LATER)
    paid = FundPayment.objects.filter(use=use)[0]
    FundPayment.objects.filter(pk=paid.pk).update(invoice=None)
    charges.share_cost(
        project_of(cast), kind="power", by="area", amount_fen=30_001, from_on=date(2023, 6, 1), to_on=date(2023, 6, 30),
        building=None, voucher=file(cast, cast.estate), actor=manager(cast), now=cast.now,
    )  # fmt: skip
    changed = {
        "income": RevenueItem.objects.filter(source="parking"),
        "cost": RevenueItem.objects.filter(purpose="cost.operation"),
        "fund": FundPayment.objects.filter(pk=paid.pk),
        "shared": SharedPart.objects.filter(pk=SharedPart.objects.order_by("pk")[0].pk),
    }[kind]
    now = cast.now + LATER + timedelta(days=40)
    given = {"from_on": date(2023, 1, 1), "to_on": (now - timedelta(days=1)).date(),
             "actor": cast.actor("street_office"), "now": now}  # fmt: skip
    changed.update(amount_fen=F("amount_fen") + 1)
    refused = refuses("lists_differ", lambda: revenue.publish(cast.estate, **given))
    assert "0.01元" in refused.message
    changed.update(amount_fen=F("amount_fen") - 1)
    row = revenue.publish(cast.estate, **given)
    assert row.detail["accounts"] == {"revenue": 10_000, "fund": 800_000, "shared": 30_001}
    assert row.detail["no_voucher"] == {"fund": 1}
    assert [(title, len(lines)) for title, lines in queries.other_lines(row)] == [("维修资金使用", 2), ("公摊水电", 1)]


@pytest.mark.clause("MX-3.6.2-5")
@pytest.mark.parametrize("fen, enough", [(4_500_000, False), (4_500_001, True)])
def test_half_of_net_revenue_is_not_enough_and_a_fen_more_is(cast, fen, enough):
    """MX-HC-05, by net revenue."""
    taken_over(cast, (960_000, 300_000), (960_000, 300_000))
    begun(cast)
    receive(cast, 120_000)
    spend(cast, 30_000)
    before = sum(unit_balances(cast.estate, cast.now.date()).values())
    found = to_fund(cast, fen)
    assert (found.share, found.enough) == (Fraction(fen, 9_000_000), enough)
    assert "MX-3.6.2-5" in found.answer.clauses
    assert sum(unit_balances(cast.estate, cast.now.date()).values()) - before == fen
    assert fund(cast.estate, cast.now.date()).tied


def to_fund(cast, fen):
    by = {"actor": cast.actor("street_office"), "now": cast.now}
    return revenue.supplement_fund(cast.estate, amount_fen=fen, on=cast.now.date(), key="q2", **JUNE, **by)


@pytest.mark.clause("MX-3.6.2-5")
@pytest.mark.parametrize("fen, enough", [(4_500_001, False), (6_000_000, False), (6_000_001, True)])
def test_where_the_place_counts_gross_revenue_half_of_all_that_came_in_is_not_enough(cast, fen, enough):
    """MX-HC-05, by gross revenue."""
    core.set_switch(
        place=cast.county, pack="meixian", name="fund_share_of", value="gross", from_on=date(2023, 1, 1),
        actor=Actor.system(), reason="按毛收入", now=cast.now,
    )  # fmt: skip
    taken_over(cast, (960_000, 300_000))
    begun(cast)
    receive(cast, 120_000)
    spend(cast, 30_000)
    found = to_fund(cast, fen)
    assert (found.base_fen, found.of, found.enough) == (12_000_000, "gross", enough)
    assert Event.objects.get(kind="revenue.to_fund").data["of"] == "gross"


@in_city("zhangjiagang")
@pytest.mark.clause("ZJG-4.4.1b")
def test_a_years_revenue_goes_mainly_into_the_fund(cast):
    taken_over(cast, (960_000, 300_000), (960_000, 300_001))
    begun(cast)
    receive(cast, 240_000)
    given = {"on": cast.now.date(), "actor": cast.actor("street_office"), "now": cast.now, **JUNE}
    before = sum(unit_balances(cast.estate, cast.now.date()).values())
    half = revenue.supplement_fund(cast.estate, amount_fen=12_000_000, key="a", **given)
    assert half.share == Fraction(1, 2) and not half.enough
    more = revenue.supplement_fund(cast.estate, amount_fen=1_000_000, key="b", **given)
    assert more.put_fen == 13_000_000 and more.enough, "a second part counts with the first"
    assert sum(unit_balances(cast.estate, cast.now.date()).values()) - before == 13_000_000


@in_city("zhangjiagang")
@pytest.mark.clause("ZJG-4.4.1b", "ZJG-4.3.1c")
def test_rent_of_operating_premises_is_no_revenue_of_the_owners(cast):
    """Nobody owes the owners' fund a share of it, nor do its costs lower what the owners earned."""
    taken_over(cast, (960_000, 300_000))
    begun(cast)
    receive(cast, 2_000)
    receive(cast, 100_000, source="premises", owned_by="operating")
    receive(cast, 50_000, owned_by="government")
    spend(cast, 500)
    spend(cast, 30_000, owned_by="operating")
    assert queries.net_of(cast.estate, **JUNE) == 150_000
    given = {"on": cast.now.date(), "actor": cast.actor("street_office"), "now": cast.now, **JUNE}
    half = revenue.supplement_fund(cast.estate, amount_fen=75_000, key="a", **given)
    assert (half.base_fen, half.enough) == (150_000, False)
    assert revenue.supplement_fund(cast.estate, amount_fen=1, key="b", **given).enough


@pytest.mark.clause("MX-3.6.2-6")
def test_the_account_of_a_committee_stands_in_its_own_name(cast):
    body = committee(cast)
    given = {
        "purse": "common_revenue",
        "manager": "committee",
        "bank": "某银行",
        "number": "1",
        "from_on": cast.now.date(),
    }
    register = lambda holder: purses.register_account(  # noqa: E731
        cast.estate, given=purses.AccountInput(holder=holder, **given), actor=cast.actor("street_office"), now=cast.now
    )
    refuses("check_failed", lambda: register("某物业有限公司"))
    assert register(body.name).keeper == body.organisation


@in_city("jiangyin", "2024-06-30")
@pytest.mark.clause("JY-2.7.17-2", "JY-2.7.17-4")
def test_an_account_holds_one_project_and_passes_to_the_committee_when_it_is_filed(cast):
    given = purses.AccountInput("common_revenue", "company", "某银行", "某物业", "6222 88", cast.now.date(), "")
    refuses("check_failed", lambda: purses.register_account(
        cast.estate, given=given, actor=cast.actor("street_office"), now=cast.now))  # fmt: skip
    given = purses.AccountInput("common_revenue", "company", "某银行", "某物业", "6222 88", cast.now.date(), "第九条")
    row = purses.register_account(cast.estate, given=given, actor=cast.actor("street_office"), now=cast.now)
    assert row.supervisor.role == "street_office"
    refuses("number_used", lambda: purses.register_account(
        cast.estate_outside, given=given, actor=cast.actor("housing"), now=cast.now))  # fmt: skip
    body, today = committee(cast), cast.now.date()
    by = {"on": today, "actor": cast.actor("housing"), "now": cast.now}
    for filed_on in (None, today + timedelta(days=1)):
        Body.objects.filter(pk=body.pk).update(filed_on=filed_on)
        assert purses.pass_supervision(cast.estate, **by) == 0, "elected and not on file: the street's still"
    Body.objects.filter(pk=body.pk).update(filed_on=today)
    assert purses.pass_supervision(cast.estate, **by) == 1
    row.refresh_from_db()
    assert row.supervisor.role == "owners_committee"
    assert [(one.role, one.from_on, one.to_on) for one in supervised(row)] == [
        ("street_office", today, today - timedelta(days=1)), ("owners_committee", today, None),
    ], "JY-HC-11: the day before is the street's still"  # fmt: skip


def test_the_company_runs_the_revenue_until_the_first_committee_is_on_file(cast):
    body, today = committee(cast), cast.now.date()
    assert (managed_by(cast.estate, today), publisher_of(cast.estate, today)) == ("committee", "owners_committee")
    Body.objects.filter(pk=body.pk).update(filed_on=None)
    assert (managed_by(cast.estate, today), publisher_of(cast.estate, today)) == ("company", "property_company")
    Body.objects.filter(pk=body.pk).update(term=2)
    assert managed_by(cast.estate, today) == "committee"


@in_city("jiangyin", "2024-06-30")
@pytest.mark.clause("JY-2.7.17-1", "JY-2.7.17-3")
def test_what_did_not_come_into_the_supervised_account_is_missing_there(cast):
    """JY-HC-11, the money."""
    begun(cast, "2024-01-01")
    assert queries.collected(cast.estate, ["parking"], **JUNE_2024) is None, "no account, nothing missing"
    given = purses.AccountInput("common_revenue", "company", "某银行", "某物业", "6222 88", date(2024, 5, 1), "第九条")
    purses.register_account(cast.estate, given=given, actor=cast.actor("street_office"), now=cast.now)
    receive(cast, 28_000, on=FIRST)
    out = receive(cast, 2_000, on=FIRST, supervised=False)
    receive(cast, 12_000, source="energy", on=FIRST)
    receive(cast, 8_000, source="elevator", on=FIRST)
    found = queries.collected(cast.estate, ["parking", "energy", "elevator"], **JUNE_2024)
    assert (found.due_fen, found.came_fen, found.missing_fen) == (5_000_000, 4_800_000, 200_000)
    assert out.flags == ["not_collected"] and account_at(cast.estate, "common_revenue", cast.now.date())


@in_city("jinhua")
@pytest.mark.clause("JH-4.6f", "JH-4.6i")
def test_allowances_rest_on_the_assembly_and_stay_within_it(cast):
    begun(cast)
    receive(cast, 100_000)
    refuses("check_failed", lambda: spend(cast, 60_000, purpose="cost.allowance"))
    motion = decided(cast, fen=6_000_000, matter="other_major")
    refuses("check_failed", lambda: spend(cast, 60_000.01, purpose="cost.allowance", motion=motion))
    assert spend(cast, 60_000, purpose="cost.allowance", motion=motion).flags == []
    refuses("check_failed", lambda: spend(cast, 0.01, purpose="cost.allowance", motion=motion))


@in_city("jinhua")
@pytest.mark.clause("JH-4.6g")
def test_what_the_revenue_does_not_cover_all_owners_bear_by_area(cast):
    made = units(cast, "100", "13300", "13300", "13300")
    split = revenue.cover_allowance(cast.estate, approved_fen=8_000_000, payable_fen=6_000_000, on=cast.now.date())
    assert sum(part.amount_fen for part in split.parts) == 2_000_000
    assert next(part for part in split.parts if part.key == made[0].pk).amount_fen == 5_000
    assert revenue.cover_allowance(cast.estate, approved_fen=1, payable_fen=1, on=cast.now.date()) is None


@in_city("jinhua")
@pytest.mark.clause("JH-4.6g")
def test_jh_hc_08_the_last_fen_falls_on_the_first_of_equal_homes(cast):
    made = units(cast, "100", "100", "100")
    split = revenue.cover_allowance(cast.estate, approved_fen=10_000, payable_fen=0, on=cast.now.date())
    assert {part.key: part.amount_fen for part in split.parts} == {
        one.pk: fen for one, fen in zip(made, (3_334, 3_333, 3_333), strict=True)
    }


@in_city("jiangyin", "2024-06-30")
@pytest.mark.clause("JY-2.8.24-10")
@pytest.mark.parametrize("revenue_yuan, covered", [(130_000, 130_000), (160_000, 150_000)])
def test_revenue_covers_the_gap_and_no_more(cast, revenue_yuan, covered):
    given = {"spent_fen": 36_000_000, "charged_fen": 21_000_000, "revenue_fen": revenue_yuan * 100}
    found = revenue.gap_of(cast.estate, **given, on=cast.now.date())
    assert (found.gap_fen, found.covered_fen) == (15_000_000, covered * 100)
    assert (found.left_fen, found.over_fen) == (15_000_000 - covered * 100, (revenue_yuan - covered) * 100)


@in_city("zhangjiagang")
@pytest.mark.clause("ZJG-4.3.1c")
def test_operating_premises_of_a_resettlement_estate_support_its_service(cast):
    cast.estate.estate_type = "resettlement"
    cast.estate.save()
    begun(cast)
    receive(cast, 100_000, source="premises", owned_by="operating")
    found = revenue.gap_of(
        cast.estate, spent_fen=50_000_000, charged_fen=43_000_000, revenue_fen=10_000_000, on=cast.now.date()
    )
    assert (found.covered_fen, found.over_fen) == (7_000_000, 3_000_000)
    assert spend(cast, 70_000, purpose="cost.gap", owned_by="operating").flags == []
    assert spend(cast, 1_000, purpose="cost.other", owned_by="operating").flags == ["off_purpose"]


@in_city("jiangyin", "2024-06-30")
@pytest.mark.clause("JY-2.8.24-9")
def test_revenue_of_the_government_goes_first_to_the_estates(cast):
    begun(cast, "2024-01-01")
    receive(cast, 50_000, owned_by="government", on=FIRST)
    assert spend(cast, 1_000, purpose="cost.other", on=FIRST, owned_by="government", gap_left_fen=100).flags == [
        "off_purpose"
    ]
    assert spend(cast, 2_000, purpose="cost.other", on=FIRST, owned_by="government", gap_left_fen=0).flags == []
    unsaid = spend(cast, 3_000, purpose="cost.other", on=FIRST, owned_by="government")
    assert unsaid.flags == ["off_purpose"] and "未优先用于小区" in unsaid.said[0]


@in_city("zhangjiagang", "2026-07-15")
@pytest.mark.clause("ZJG-3.3.2-2d", "ZJG-3.4.1b", "MX-3.6.2-4")
def test_a_half_year_is_shown_from_the_books_and_later_entries_make_it_stale(cast):
    begun(cast, "2026-01-01")
    receive(cast, 50_000, on="2026-03-01")
    for kind, yuan in (("elevator", 3_600), ("fire", 2_400), ("security", 1_000)):
        spend(cast, yuan, purpose="cost.upkeep", on="2026-04-01", upkeep=kind, owned_by="operating")
    half = {"from_on": date(2026, 1, 1), "to_on": date(2026, 6, 30)}
    given = {"actor": cast.actor("street_office"), "now": cast.now}
    refuses(
        "statement_days",
        lambda: revenue.publish(cast.estate, from_on=date(2026, 7, 1), to_on=date(2026, 12, 31), **given),
    )
    row = revenue.publish(cast.estate, **half, **given)
    assert row.closing_fen == row.opening_fen + row.income_fen - row.cost_fen == 4_300_000
    assert row.detail["upkeep"] == {"elevator": 360_000, "fire": 240_000, "security": 100_000}
    assert sum(row.detail["upkeep"].values()) == 700_000 and not queries.stale(row)
    receive(cast, 1, on="2026-05-01")
    assert queries.stale(row)


@in_city("jiujiang", "2022-05-05")
@pytest.mark.clause("JJ-4.1.12-4")
def test_owners_ask_about_a_statement_and_are_answered(cast):
    begun(cast, "2022-01-01")
    receive(cast, 100, on="2022-02-01")
    row = revenue.publish(
        cast.estate, from_on=date(2022, 1, 1), to_on=date(2022, 3, 31), actor=cast.actor("street_office"), now=cast.now
    )
    question = revenue.ask_question(row, text="广告费为什么没有？", actor=cast.actor("owner"), now=cast.now)
    asked = Duty.objects.get(rule="answer_revenue_question")
    assert (asked.subject_kind, asked.owner_role, asked.state) == ("revenue_question", "property_company", "open")
    assert asked.last_day == date(2022, 5, 20) and asked.clauses == ["CC-285"]
    question = revenue.answer_question(
        question, reply="合同7月起", version=question.version, actor=cast.actor("street_office"), now=cast.now
    )
    assert question.reply and Event.objects.filter(kind__in=["revenue.asked", "revenue.answered"]).count() == 2
    asked.refresh_from_db()
    assert asked.state == "fulfilled"
    assert Duty.objects.filter(rule="publish_three_accounts").exists()


@in_city("jiujiang", "2022-04-10")
@pytest.mark.clause("JJ-4.1.12-4")
def test_two_questions_about_one_statement_are_two_and_a_committee_answers_its_own(cast):
    committee(cast)
    begun(cast, "2022-01-01")
    row = shows(cast, "2022-01-01", "2022-03-31")
    assert row.publisher == "owners_committee"
    first, other = (revenue.ask_question(row, text=one, actor=cast.actor("owner"), now=cast.now) for one in "甲乙")
    open_ones = Duty.objects.filter(rule="answer_revenue_question", state="open", owner_role="owners_committee")
    assert open_ones.count() == 2
    revenue.answer_question(first, reply="见合同", version=None, actor=cast.actor("street_office"), now=cast.now)
    assert [one.subject_id for one in open_ones] == [str(other.pk)]


def shows(cast, since, until):
    days = {"from_on": date.fromisoformat(since), "to_on": date.fromisoformat(until)}
    return revenue.publish(cast.estate, **days, actor=cast.actor("street_office"), now=cast.now)


@in_city("zhangjiagang", "2026-01-05")
@pytest.mark.clause("ZJG-3.3.2-2d", "JH-4.6i")
def test_a_statement_of_a_part_does_not_meet_the_half_years_duty(cast):
    begun(cast, "2025-11-01")
    cast.now = day("2026-07-15")
    duty = Duty.objects.get(rule="publish_revenue")
    assert duty.last_day == date(2026, 7, 30)
    shows(cast, "2026-01-02", "2026-06-30")
    shows(cast, "2026-07-01", "2026-07-14")
    duty.refresh_from_db()
    assert duty.state == "open"
    period = queries.period_of(cast.estate, date(2026, 6, 30))
    assert not period.whole and period.clauses == ("ZJG-3.3.2-2d",)
    shows(cast, "2026-01-01", "2026-01-01")
    duty.refresh_from_db()
    assert duty.state == "fulfilled" and queries.period_of(cast.estate, date(2026, 6, 30)).whole
    assert "要把这一段时期全部包括在内" in str(duty.explanation)


@in_city("zhangjiagang", "2026-03-10")
def test_before_its_first_day_a_book_has_nothing_to_show(cast):
    begun(cast, "2026-03-10")
    cast.now = day("2026-07-15")
    shows(cast, "2026-03-10", "2026-06-30")
    assert Duty.objects.get(rule="publish_revenue", state="fulfilled").last_day == date(2026, 7, 30)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10**10), st.integers(0, 10**10), st.integers(0, 10**10))
def test_what_is_covered_is_never_more_than_gap_or_revenue(cast, spent, charged, there):
    found = revenue.gap_of(cast.estate, spent_fen=spent, charged_fen=charged, revenue_fen=there, on=cast.now.date())
    assert found.covered_fen == max(min(spent - charged, there), 0)
    assert min(found.gap_fen, found.left_fen, found.over_fen) >= 0


@in_city("zhangjiagang", "2026-07-15")
@pytest.mark.clause("ZJG-4.3.1a")
def test_a_public_room_is_let_only_when_the_community_says_its_work_goes_on(cast):
    cast.estate.estate_type = "resettlement"
    cast.estate.save()
    begun(cast, "2026-01-01")
    by = {"actor": cast.actor("street_office"), "now": cast.now}
    room = revenue.register_room(
        cast.estate, name="2号楼一层", serves="idle", area_m2=Decimal("86.5"), used_share=10, **by
    )
    let = {"source": "premises", "owned_by": "operating", "title": "便民店", "payer": "某商户", "amount_fen": 3_600_000,
           "from_on": date(2026, 8, 1), "to_on": date(2027, 7, 31), "tariff_shown": True, **by}  # fmt: skip
    refuses("check_failed", lambda: revenue.register_contract(cast.estate, room=room, **let))
    refuses("forbidden", lambda: revenue.confirm_room(room, unaffected=True, **by))
    room = revenue.confirm_room(room, unaffected=True, actor=cast.actor("community_committee"), now=cast.now)
    assert revenue.register_contract(cast.estate, room=room, **let).room == room
    assert revenue.register_contract(cast.estate, **let).room is None


@in_city("jinhua", "2026-11-02")
@pytest.mark.clause("JH-4.6i")
def test_nothing_is_shown_of_days_before_the_book_and_the_form_begins_with_it(cast, client, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: cast.now)
    begun(cast, on="2026-08-01")
    client.force_login(cast.actor("street_office").user)
    url = reverse("funds:revenue_act", args=[cast.estate.pk, "gongbu"])
    page = client.get(url).content.decode()
    assert 'value="2026-08-01"' in page and 'value="2026-11-01"' in page and "账从2026年8月1日建起" in page
    given = {"from_on": date(2026, 1, 1), "actor": cast.actor("street_office"), "now": cast.now}
    refuses("before_book", lambda: revenue.publish(cast.estate, to_on=date(2026, 7, 31), **given))
    assert revenue.publish(cast.estate, to_on=date(2026, 8, 1), **given).pk
