"""Claims under every scheme: what they need, what they grant to the 分, who bears it; nothing is paid twice."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.models import Event
from gongzhi.core.tests.cast import _person
from gongzhi.duties.models import Duty
from gongzhi.funds.charges import services as charges
from gongzhi.funds.charges.tests.charged import manager as of_company
from gongzhi.funds.charges.tests.charged import pay, project_of
from gongzhi.funds.maintenance.tests.fund import decided, units
from gongzhi.funds.maintenance.tests.test_deposits import refuses
from gongzhi.funds.public_money import queries
from gongzhi.funds.public_money import services as money
from gongzhi.funds.public_money.matching import unmatched
from gongzhi.funds.public_money.models import ClaimLine
from gongzhi.funds.public_money.tests.money import asked, budget, city, file, known, switch, took, until
from gongzhi.registry.models import Ownership, Project

YEAR = {"from_on": date(2023, 1, 1), "to_on": date(2023, 12, 31)}
FEE = ("年度考核结果", "物业服务合同")
AWARD = ("年度考核结果", "投诉处理情况")
COMPANY = ("年度考核结果", "物业服务合同", "投诉处理情况")


@pytest.fixture
def cast(request, db):
    pack, moment = getattr(request, "param", ("jiujiang", "2023-12-31"))
    return city(pack, moment)


def in_city(pack, moment):
    return pytest.mark.parametrize("cast", [(pack, moment)], indirect=True)


def change(row, **values):
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


def resettlement(cast, **facts):
    change(cast.estate, estate_type="resettlement")
    known(cast, cast.estate, assessment_passed=True, service_grade=4, **facts)


# -- 张家港 -----------------------------------------------------------------------------------------------------------
def opened(cast, *, area="52300", begun="2026-07-01"):
    """An open estate that went to the market by a vote of its owners."""
    change(cast.estate, building_area_m2=Decimal(area))
    known(cast, cast.estate, open_estate=True)
    Project.objects.filter(estate=cast.estate).update(from_on=date.fromisoformat(begun))
    return decided(cast, fen=None, matter="hire_company")


def market(cast, motion, first, last, **more):
    return asked(cast, "market_service", by="street_office", papers=("业主大会表决结果", "物业服务合同"), motion=motion,
                 from_on=date.fromisoformat(first), to_on=date.fromisoformat(last), **more)  # fmt: skip


@in_city("zhangjiagang", "2029-08-01")
@pytest.mark.clause("ZJG-6.1.1a")
def test_an_open_estate_gets_half_a_yuan_a_square_metre_for_thirty_six_months(cast):
    motion = opened(cast)
    first = market(cast, motion, "2026-07-01", "2026-07-31")
    assert first.amount_fen == 2_615_000
    rest = market(cast, motion, "2026-08-01", "2029-06-30")
    assert first.amount_fen + rest.amount_fen == 94_140_000 and rest.lines.count() == 35
    refused = refuses("nothing_due", lambda: market(cast, motion, "2029-07-01", "2029-07-31"))
    assert "ZJG-6.1.1a" in refused.clauses and "三十六" in refused.message


@in_city("zhangjiagang", "2029-08-01")
@pytest.mark.clause("ZJG-6.1.1b", "ZJG-6.1.1a")
def test_a_new_rate_counts_from_its_month_and_paid_months_stay(cast):
    motion = opened(cast)
    core.set_switch(place=cast.county, pack="zhangjiagang", name="market_rate", value="0.6", from_on=date(2028, 1, 1),
                    actor=Actor.system(), reason="物价调整，财政局通知", now=cast.now)  # fmt: skip
    claim = market(cast, motion, "2026-07-01", "2029-06-30")
    by_month = {one.from_on: one.amount_fen for one in claim.lines.all()}
    assert by_month[date(2027, 12, 1)] == 2_615_000 and by_month[date(2028, 1, 1)] == 3_138_000
    assert claim.amount_fen == 103_554_000


@in_city("zhangjiagang", "2026-12-31")
@pytest.mark.clause("ZJG-6.1.1a")
def test_without_a_vote_or_under_the_community_nothing_is_granted_and_a_proxy_vote_is_for_a_person(cast):
    motion = opened(cast)
    assert "业主大会表决" in refuses("check_failed", lambda: market(cast, None, "2026-07-01", "2026-07-31")).message
    failed = decided(cast, fen=None, outcome="rejected", matter="hire_company")
    refuses("check_failed", lambda: market(cast, failed, "2026-07-01", "2026-07-31"))
    Project.objects.filter(estate=cast.estate).update(service_kind="fallback")
    assert "社区托管" in refuses("check_failed", lambda: market(cast, motion, "2026-07-01", "2026-07-31")).message
    Project.objects.filter(estate=cast.estate).update(service_kind="market")
    change(motion.vote, convener="management_committee")
    claim = market(cast, motion, "2026-07-01", "2026-07-31")
    assert [one["outcome"] for one in claim.findings] == ["warn"]
    claim = took(cast, claim, "verify", by="street_government")
    refuses("note_missing", lambda: took(cast, claim, "review"))
    assert took(cast, claim, "review", note="物管会依法代行").state == "running"


@in_city("zhangjiagang", "2026-12-31")
@pytest.mark.clause("ZJG-6.1.1a")
@pytest.mark.parametrize("begun, months", [("2026-07-15", 6), ("2026-07-16", 5)])
def test_a_contract_from_the_15th_counts_its_month_and_one_from_the_16th_does_not(cast, begun, months):
    motion = opened(cast, begun=begun)
    claim = market(cast, motion, "2026-08-01", "2026-12-31")
    numbers = [one.basis["steps"] for one in claim.lines.all()]
    assert len(numbers) == 5
    drawn = money.preview(
        cast.estate,
        asking=money.Asking("market_service", date(2029, 6, 1), date(2029, 7, 31), motion=motion),
        on=cast.now.date(),
    )
    assert [fen for _, fen, _ in drawn] == [2_615_000, 0 if months == 6 else 2_615_000]


def rebate(cast, unit, first, last, yuan, **more):
    given = {"paid": Decimal(yuan), **more.pop("given", {})}
    return asked(cast, "resettlement_rebate", by="street_office", papers=("缴费凭证",), unit=unit, given=given,
                 from_on=date.fromisoformat(first), to_on=date.fromisoformat(last), **more)  # fmt: skip


def delivered(cast, on="2023-04-01"):
    change(cast.estate, estate_type="resettlement")
    known(cast, cast.estate, delivered_on=date.fromisoformat(on))
    return units(cast, "120", "120", "120")


@in_city("zhangjiagang", "2031-05-01")
@pytest.mark.clause("ZJG-6.3.2a", "ZJG-6.3.2b")
@pytest.mark.parametrize(
    "year, fen", [(1, 139_200), (2, 139_200), (3, 139_200), (4, 104_400), (5, 69_600), (6, 34_800)]
)
def test_the_share_falls_by_a_quarter_a_year_from_the_fourth_on(cast, year, fen):
    unit, *_ = delivered(cast)
    claim = rebate(cast, unit, f"{2022 + year}-04-01", f"{2023 + year}-03-31", "1392")
    assert claim.amount_fen == fen and [one.payer for one in claim.shares.all()] == ["responsible_unit"]


@in_city("zhangjiagang", "2031-05-01")
@pytest.mark.clause("ZJG-6.3.2b")
@pytest.mark.parametrize("year", [7, 8])
def test_from_the_seventh_year_on_the_household_bears_all(cast, year):
    unit, *_ = delivered(cast)
    refuses("nothing_due", lambda: rebate(cast, unit, f"{2022 + year}-04-01", f"{2023 + year}-03-31", "1392"))


@in_city("zhangjiagang", "2028-05-01")
@pytest.mark.clause("ZJG-4.3.2a", "ZJG-6.3.2a")
def test_pay_first_part_by_part_and_never_twice_for_one_month(cast):
    """ZJG-HC-11: paid whole, in two parts, not at all."""
    one, two, three = delivered(cast)
    assert rebate(cast, one, "2027-04-01", "2028-03-31", "1392").amount_fen == 69_600
    assert rebate(cast, two, "2027-04-01", "2027-11-30", "928").amount_fen == 46_400
    assert rebate(cast, two, "2027-12-01", "2028-03-31", "464").amount_fen == 23_200
    refused = refuses("paid_twice", lambda: rebate(cast, two, "2028-03-01", "2028-03-31", "116"))
    assert refused.status == 409 and refused.clauses
    empty = {"scheme": "resettlement_rebate", "unit": three, "from_on": date(2027, 4, 1), "to_on": date(2028, 3, 31)}
    given = {"actor": cast.actor("street_office"), "now": cast.now}
    papers = refuses("papers", lambda: money.claim(cast.estate, asking=money.Asking(**empty), **given))
    assert "缴费凭证" in papers.message
    with_paper = money.Asking(**empty, papers=[("缴费凭证", file(cast, cast.estate))])
    assert "先缴" in refuses("check_failed", lambda: money.claim(cast.estate, asking=with_paper, **given)).message


@in_city("zhangjiagang", "2028-05-01")
@pytest.mark.clause("ZJG-4.3.2a", "ZJG-6.3.2a")
def test_where_bills_are_kept_their_payments_count_and_parking_does_not(cast):
    unit, *_ = delivered(cast)
    year = (date(2027, 4, 1), date(2028, 3, 31))
    items = [charges.Item("service", "物业费", 139_200), charges.Item("parking", "停车费", 24_000)]
    bill = charges.bill_once(unit, project=project_of(cast), items=items, from_on=year[0], to_on=year[1],
                             due_on=cast.now.date(), key="a", actor=of_company(cast), now=cast.now)  # fmt: skip
    assert queries.charges_paid(unit, from_on=year[0], to_on=year[1]) == 0
    assert "先缴" in refuses("check_failed", lambda: rebate(cast, unit, "2027-04-01", "2028-03-31", "1392")).message
    pay(cast, [bill], "816")
    assert queries.charges_paid(unit, from_on=year[0], to_on=year[1]) == Decimal("696")
    assert rebate(cast, unit, "2027-04-01", "2028-03-31", "1392").amount_fen == 34_800


@in_city("zhangjiagang", "2028-05-01")
@pytest.mark.clause("ZJG-4.3.2a")
def test_where_the_whole_year_must_be_paid_first_eight_months_are_refused(cast):
    """ZJG-HC-11, where the switch asks for the whole year."""
    _, two, _ = delivered(cast)
    switch(cast, "zhangjiagang", "rebate_needs_full_year", "yes")
    refuses("check_failed", lambda: rebate(cast, two, "2027-04-01", "2027-11-30", "928"))
    assert rebate(cast, two, "2027-04-01", "2028-03-31", "1392").amount_fen == 69_600


def sold(cast, unit, on):
    """The household's own title, then the buyer's."""
    event = Event.objects.order_by("pk").first()
    day = date.fromisoformat(on)
    Ownership.objects.filter(unit=unit).delete()
    Ownership.objects.create(unit=unit, from_on=date(2023, 4, 1), to_on=day - timedelta(days=1), event=event)
    Ownership.objects.create(unit=unit, from_on=day, event=event)


@in_city("zhangjiagang", "2027-05-01")
@pytest.mark.clause("ZJG-6.3.3a", "ZJG-6.3.2b")
def test_sale_and_lease_stop_the_rebate_to_the_day(cast):
    """ZJG-HC-10 (a), (b), (c)."""
    first, second, third = delivered(cast)
    sold(cast, first, "2026-10-01")
    assert rebate(cast, first, "2026-04-01", "2027-03-31", "1080").amount_fen == 40_500
    sold(cast, second, "2026-10-16")
    assert rebate(cast, second, "2026-04-01", "2027-03-31", "1080").amount_fen == 43_766
    known(cast, third, since=date(2026, 10, 1), let_from=date(2026, 10, 1))
    claim = rebate(cast, third, "2026-04-01", "2027-03-31", "1080")
    assert claim.amount_fen == 40_500
    stopped = refuses("stopped", lambda: rebate(cast, third, "2026-10-01", "2027-03-31", "540"))
    assert "出租" in stopped.message


@in_city("zhangjiagang", "2027-05-01")
@pytest.mark.clause("ZJG-6.3.3a")
def test_who_lives_in_it_goes_on_and_an_inheritance_is_for_a_person(cast):
    """ZJG-HC-10 (d)."""
    first, second, _ = delivered(cast)
    assert rebate(cast, first, "2026-04-01", "2027-03-31", "1080").amount_fen == 81_000
    sold(cast, second, "2026-10-01")
    claim = rebate(cast, second, "2026-04-01", "2027-03-31", "1080", given={"inherited": True})
    assert claim.amount_fen == 81_000 and "继承" in claim.findings[0]["says"]


@in_city("zhangjiagang", "2026-12-31")
@pytest.mark.clause("ZJG-6.3.1")
def test_the_opening_fee_is_a_yuan_a_square_metre_once_for_each_phase(cast):
    delivered(cast, "2026-11-01")
    change(cast.estate, building_area_m2=Decimal("186500.50"))
    claim = asked(cast, "opening_fee", by="street_office", occasion="一期")
    assert claim.amount_fen == 18_650_050
    duty = Duty.objects.get(rule="pay_opening_fee")
    assert duty.owner_organisation.role == "street_government"
    refuses("paid_twice", lambda: asked(cast, "opening_fee", by="street_office", occasion="一期"))
    second = asked(
        cast, "opening_fee", by="street_office", occasion="二期", given={"phase_area_m2": Decimal("100.005")}
    )
    assert second.amount_fen == 10_001
    change(cast.estate, estate_type="commercial")
    refuses("check_failed", lambda: asked(cast, "opening_fee", by="street_office", occasion="三期"))


@in_city("zhangjiagang", "2026-12-31")
@pytest.mark.clause("ZJG-6.1.2b")
def test_a_mediator_gets_a_fixed_sum_and_one_for_each_case_and_shared_cases_are_paid_once(cast):
    month = {"from_on": date(2026, 11, 1), "to_on": date(2026, 11, 30)}
    people = [money.Person("孙和", date(2026, 1, 1))]
    three = [money.DoneCase(f"A{number}", date(2026, 11, number)) for number in (1, 15, 30)]
    given = {"by": "street_office", "papers": ("办结登记",), **month}
    refuses("check_failed", lambda: asked(cast, "mediator_pay", people=people, cases=three, **given))
    switch(cast, "zhangjiagang", "mediator_fixed", "500")
    switch(cast, "zhangjiagang", "mediator_case", "200")
    assert asked(cast, "mediator_pay", people=people, cases=three, **given).amount_fen == 110_000
    open_case = [money.DoneCase("A9", date(2026, 12, 1))]
    other = [money.Person("周和", date(2026, 1, 1))]
    refuses("case_open", lambda: asked(cast, "mediator_pay", people=other, cases=open_case, **given))
    shared = [money.DoneCase("B1", date(2026, 11, 3), sharers=2)]
    assert asked(cast, "mediator_pay", people=other, cases=shared, **given).amount_fen == 60_000
    third = [money.Person("吴和", date(2026, 1, 1))]
    assert asked(cast, "mediator_pay", people=third, cases=shared, **given).amount_fen == 60_000
    fourth = [money.Person("郑和", date(2026, 1, 1))]
    refuses("paid_twice", lambda: asked(cast, "mediator_pay", people=fourth, cases=shared, **given))
    assert not ClaimLine.objects.filter(holder_title__contains="孙和").exists(), "names are masked in lists"


@in_city("zhangjiagang", "2026-12-31")
@pytest.mark.clause("ZJG-6.2.1", "ZJG-6.2.2", "ZJG-6.2.3")
def test_awards_of_companies_need_their_grounds_and_a_blacklisted_one_an_explanation(cast):
    company = cast.organisation("property_company")
    given = {"organisation": company, "given": {"asked": Decimal("5000")}}
    known(cast, company, blacklisted=True, platform_linked=False)
    claim = asked(
        cast, "merit_award", by="housing", estate=None, occasion="2026年度先进", papers=("事迹材料",), **given
    )
    assert claim.amount_fen == 500_000 and "黑榜" in claim.findings[0]["says"]
    platform = {"estate": None, "occasion": "智慧平台", "papers": ("推广论证",), **given}
    _person(cast, "property_company", "企业经办", organisation=company)
    refuses("check_failed", lambda: asked(cast, "platform_award", by="property_company", **platform))
    known(cast, company, since=date(2026, 2, 1), platform_linked=True)
    assert asked(cast, "platform_award", by="property_company", **platform).amount_fen == 500_000
    event = asked(cast, "event_award", by="property_company", occasion="创建文明城市",
                  papers=("活动总结",), **given)  # fmt: skip
    assert "核实意见" in refuses("check_failed", lambda: took(cast, event, "verify")).message
    assert queries.next_step(took(cast, event, "verify", note="情况属实")) == "review"


# -- 鸠江 -------------------------------------------------------------------------------------------------------------
@pytest.mark.clause("JJ-A8-3.1.2-1", "JJ-A11-2.1-3", "JJ-A11-2.1-5", "JJ-5.4-2")
def test_the_fee_support_is_split_and_the_street_matches_before_anything_is_paid(cast):
    resettlement(cast)
    change(cast.estate, building_area_m2=Decimal("82345.67"))
    refuses("check_failed", lambda: support(cast))
    switch(cast, "jiujiang", "grade_four_rate", "0.55")
    claim = support(cast)
    assert claim.amount_fen == 54_348_142
    assert {one.payer: one.amount_fen for one in claim.shares.all()} == {"county": 27_174_071, "street": 27_174_071}
    budget(cast, "300000", item="resettlement_match")
    budget(cast, "100000", item="resettlement_match", payer="street")
    claim = until(cast, claim, "approve")
    (_, street) = queries.shares_of(claim, cast.now.date())
    assert street.gap_fen == 17_174_071
    refused = refuses("above_appropriation", lambda: took(cast, claim, "match"))
    assert "171740.71" in refused.message.replace(",", "")
    refuses("step_order", lambda: took(cast, claim, "pay"))
    budget(cast, "171740.71", item="resettlement_match", payer="street")
    claim = took(cast, claim, "match")
    claim = took(cast, claim, "notice")
    refuses("notice_running", lambda: took(cast, claim, "pay"))
    later = cast.now + timedelta(days=20)
    claim = took(cast, claim, "pay", now=later)
    assert sum(one.amount_fen for one in claim.shares.exclude(paid=None)) == claim.amount_fen
    refuses("step_done", lambda: took(cast, claim, "pay", now=later))


@pytest.mark.clause("JJ-A11-2.1-5", "JJ-5.4-2")
def test_jj_hc_55_a_street_that_lacks_200000_yuan_of_its_half_gets_nothing_paid(cast):
    resettlement(cast)
    change(cast.estate, building_area_m2=Decimal("400000"))
    switch(cast, "jiujiang", "grade_four_rate", "0.50")
    claim = support(cast)
    assert {one.payer: one.amount_fen for one in claim.shares.all()} == {"county": 120_000_000, "street": 120_000_000}
    budget(cast, "1200000", item="resettlement_match")
    budget(cast, "1000000", item="resettlement_match", payer="street")
    claim = until(cast, claim, "approve")
    (_, street) = queries.shares_of(claim, cast.now.date())
    assert street.gap_fen == 20_000_000
    (gap,) = unmatched(cast.actor("finance"), year=cast.now.year)
    assert (gap.place, gap.words) == (
        cast.street, "安置小区配比奖补应配1,200,000.00元，预算还有1,000,000.00元，差200,000.00元"
    )  # fmt: skip
    refuses("above_appropriation", lambda: took(cast, claim, "match"))
    refuses("step_order", lambda: took(cast, claim, "pay"))


def support(cast, **more):
    given = {"coefficient": Decimal("1.0"), **more.pop("given", {})}
    return asked(cast, "fee_support", by="project_manager", papers=FEE, given=given, **{**YEAR, **more})


@pytest.mark.clause("JJ-A8-3.1.2-2")
def test_a_fifth_of_the_support_goes_into_the_estate_to_the_fen(cast):
    resettlement(cast)
    change(cast.estate, building_area_m2=Decimal("82345.67"))
    switch(cast, "jiujiang", "grade_four_rate", "0.55")
    budget(cast, "300000", item="resettlement_match")
    budget(cast, "300000", item="resettlement_match", payer="street")
    claim = until(cast, support(cast), "notice")
    later = cast.now + timedelta(days=20)
    budget(cast, "1", item="resettlement_match", year=2024)
    claim = took(cast, claim, "pay", now=later)
    assert Duty.objects.filter(rule="reinvest_subsidy").exists()

    def spent(fen):
        money.reinvest(claim, amount_fen=fen, on=later.date(), text="更换路灯", voucher=file(cast, claim),
                       actor=cast.actor("project_manager"), now=later)  # fmt: skip
        return queries.reinvested(claim).missing_fen

    assert spent(10_869_628) == 1
    assert spent(1) == 0


@pytest.mark.clause("JJ-A11-2.1-4", "JJ-A8-3.2.2-1")
def test_grade_and_rank_open_or_close_the_support(cast):
    resettlement(cast, bottom_streak=2)
    switch(cast, "jiujiang", "grade_four_rate", "0.55")
    assert support(cast, to_on=date(2023, 1, 31)).amount_fen > 0
    known(cast, cast.estate, since=date(2023, 2, 1), bottom_streak=3)
    assert "后三名" in refuses("check_failed", lambda: support(cast, from_on=date(2023, 2, 1))).message
    known(cast, cast.estate, since=date(2023, 3, 1), bottom_streak=0, service_grade=3)
    assert "四级" in refuses("check_failed", lambda: support(cast, from_on=date(2023, 2, 1))).message
    known(cast, cast.estate, since=date(2023, 4, 1), service_grade=4, assessment_passed=False)
    assert "达标" in refuses("check_failed", lambda: support(cast, from_on=date(2023, 2, 1))).message


def old_estate(cast, households=386, **facts):
    change(cast.estate, estate_type="old", households=households)
    Project.objects.filter(estate=cast.estate).delete()
    known(cast, cast.estate, **{"self_body": True, "assessment_passed": True, **facts})


@pytest.mark.clause("JJ-A8-3.1.1-2")
def test_an_old_estate_that_passed_gets_a_hundred_yuan_a_household_and_later_changes_leave_it(cast):
    old_estate(cast)
    claim = asked(cast, "household_support", by="community_station", papers=("年度考核结果",), **YEAR)
    assert claim.amount_fen == 3_860_000
    assert [one.amount_fen for one in claim.shares.order_by("pk")] == [1_930_000, 1_930_000]
    change(cast.estate, households=400)
    claim.refresh_from_db()
    assert claim.amount_fen == 3_860_000
    refuses("paid_twice", lambda: asked(
        cast, "household_support", by="community_station", papers=("年度考核结果",), **YEAR))  # fmt: skip


@pytest.mark.clause("JJ-A8-3.2.1-1")
def test_an_old_estate_that_failed_gets_neither_support_nor_allowances(cast):
    old_estate(cast, assessment_passed=False)
    refuses("check_failed", lambda: asked(
        cast, "household_support", by="community_station", papers=("年度考核结果",), **YEAR))  # fmt: skip
    refuses("check_failed", lambda: members(cast, "400", 5))


def members(cast, standard, count, late=0):
    people = [money.Person(f"成员{number}", date(2022, 1, 1)) for number in range(count)]
    people += [money.Person(f"新成员{number}", date(2023, 7, 1)) for number in range(late)]
    return asked(cast, "member_allowance", by="community_station", papers=("成员名单和任职证明",), people=people,
                 given={"standard": Decimal(standard)}, **YEAR)  # fmt: skip


@pytest.mark.clause("JJ-A8-3.1.1-3")
def test_members_get_between_300_and_500_by_whole_months(cast):
    """JJ-HC-19."""
    old_estate(cast)
    for wrong in ("299", "299.99", "500.01", "501"):
        refuses("check_failed", lambda wrong=wrong: members(cast, wrong, 1))
    claim = members(cast, "400", 4, late=1)
    assert claim.amount_fen == 2_160_000 and claim.lines.count() == 5
    assert claim.lines.get(holder_title__startswith="新").amount_fen == 240_000


@pytest.mark.clause("JJ-A8-3.1.1-3")
@pytest.mark.parametrize("standard", ["300", "500"])
def test_the_bounds_of_the_allowance_themselves_are_allowed(cast, standard):
    old_estate(cast)
    assert members(cast, standard, 5).amount_fen == 5 * 12 * int(standard) * 100


def manager(cast, yuan, complaints, late=0):
    return asked(cast, "manager_award", by="street_office", papers=AWARD, **YEAR,
                 given={"asked": Decimal(yuan), "complaints": complaints, "complaints_late": late})  # fmt: skip


@pytest.mark.clause("JJ-A8-3.1.3-1", "JJ-5.4-1")
def test_a_manager_is_awarded_below_five_complaints_up_to_20000_yuan(cast):
    """JJ-HC-13 and JJ-HC-16."""
    known(cast, cast.estate, assessment_passed=True)
    refuses("check_failed", lambda: manager(cast, "20000", 5))
    refuses("check_failed", lambda: manager(cast, "20000", 4, late=1))
    refuses("check_failed", lambda: manager(cast, "20000.01", 4))
    claim = manager(cast, "20000", 4)
    assert [one.amount_fen for one in claim.shares.order_by("pk")] == [1_000_000, 1_000_000]
    money.withdraw(claim, version=claim.version, actor=cast.actor("street_office"), now=cast.now)
    assert [one.amount_fen for one in manager(cast, "15000", 0).shares.order_by("pk")] == [750_000, 750_000]


@pytest.mark.clause("JJ-5.4-1")
def test_the_county_may_bear_the_awards_alone(cast):
    known(cast, cast.estate, assessment_passed=True)
    switch(cast, "jiujiang", "awards_by_county", "yes")
    (share,) = manager(cast, "20000", 0).shares.all()
    assert (share.payer, share.amount_fen, share.item) == ("county", 2_000_000, "commercial_award")


@pytest.mark.clause("JJ-A8-3.1.3-2")
@pytest.mark.parametrize(
    "contract, fen, parts", [("1860000", 1_860_000, [930_000, 930_000]), ("1234567.89", 1_234_568, [617_284, 617_284])]
)
def test_a_company_gets_one_percent_below_three_complaints(cast, contract, fen, parts):
    """JJ-HC-14 and JJ-HC-17."""
    known(cast, cast.estate, assessment_passed=True)
    given = {"contract": Decimal(contract), "complaints": 3, "complaints_late": 0}
    of = {"by": "project_manager", "papers": COMPANY, **YEAR}
    refuses("check_failed", lambda: asked(cast, "company_award", given=given, **of))
    claim = asked(cast, "company_award", given={**given, "complaints": 2}, **of)
    assert claim.amount_fen == fen and [one.amount_fen for one in claim.shares.order_by("pk")] == parts


def honour(cast, level, host="government", name="年度表彰"):
    return asked(cast, "honour_award", by="street_office", papers=("表彰文件",), occasion=f"{level}{name}", **YEAR,
                 given={"honour": level, "host": host})  # fmt: skip


@pytest.mark.clause("JJ-A8-3.1.3-4", "JJ-A8-3.1.3-5", "JJ-A8-3.1.3-6")
def test_honours_of_three_levels_add_up_and_one_of_them_is_paid_once(cast):
    """JJ-HC-22: 170,000 for the honours beside the 20,000 of the year."""
    known(cast, cast.estate, assessment_passed=True)
    assert manager(cast, "20000", 0).amount_fen == 2_000_000
    fens = [honour(cast, level).amount_fen for level in ("municipal", "provincial", "national")]
    assert fens == [2_000_000, 5_000_000, 10_000_000] and sum(fens) + 2_000_000 == 19_000_000
    refuses("paid_twice", lambda: honour(cast, "national"))


@pytest.mark.clause("JJ-A8-3.1.3-5")
def test_or_only_the_difference_to_the_highest_is_paid(cast):
    switch(cast, "jiujiang", "honours_add", "top_up")
    fens = [honour(cast, level).amount_fen for level in ("municipal", "provincial", "national")]
    assert fens == [2_000_000, 3_000_000, 5_000_000] and sum(fens) == 10_000_000, "JJ-HC-22, the other way"


@pytest.mark.clause("JJ-A8-3.1.3-7")
def test_an_honour_of_an_association_earns_nothing_and_a_joint_one_by_the_switch(cast):
    """JJ-HC-23, and hosts of other kinds."""
    assert "非政府部门" in refuses("check_failed", lambda: honour(cast, "national", "association")).message
    refuses("check_failed", lambda: honour(cast, "national", "company"))
    assert honour(cast, "national", "joint").amount_fen == 10_000_000
    switch(cast, "jiujiang", "joint_host_counts", "no")
    refuses("check_failed", lambda: honour(cast, "provincial", "joint"))


@pytest.mark.clause("JJ-4.1.12-8")
def test_support_of_a_committee_waits_for_a_standard_and_is_split(cast):
    of = {"by": "community_station", "papers": ("经费使用计划",), **YEAR}
    assert "标准待定" in refuses("check_failed", lambda: asked(cast, "work_support", **of)).message
    switch(cast, "jiujiang", "work_support_amount", "3000.01")
    claim = asked(cast, "work_support", **of)
    assert claim.amount_fen == 300_001
    assert [one.amount_fen for one in claim.shares.order_by("pk")] == [150_001, 150_000]


@pytest.mark.clause("JJ-A11-2.1-1")
def test_the_four_party_award_is_the_streets_alone_and_within_its_budget(cast):
    claim = asked(cast, "assessment_award", by="community_station", papers=("考核结果",), **YEAR,
                  given={"asked": Decimal("1000.01")})  # fmt: skip
    (share,) = claim.shares.all()
    assert (share.payer, share.amount_fen) == ("street", 100_001)
    budget(cast, "1000", item="four_party", payer="street")
    refuses("above_appropriation", lambda: took(cast, claim, "approve", by="street_government"))
    budget(cast, "0.01", item="four_party", payer="street")
    assert took(cast, claim, "approve", by="street_government").state == "running"


# -- 金华、江阴、眉县 -------------------------------------------------------------------------------------------------
@in_city("jinhua", "2024-12-31")
@pytest.mark.clause("JH-4.6e")
def test_the_head_of_a_committee_is_paid_by_months_in_office(cast):
    head = money.Person("赵主任", date(2024, 1, 1), date(2024, 3, 20), post="head")
    given = {"by": "street_office", "papers": ("任职证明",), "from_on": date(2024, 1, 1), "to_on": date(2024, 6, 30)}
    refuses("check_failed", lambda: asked(cast, "committee_allowance", people=[head], **given))
    switch(cast, "jinhua", "head_allowance", "500")
    claim = asked(cast, "committee_allowance", people=[head], **given)
    assert claim.amount_fen == 150_000, "until the month of leaving; nothing afterwards"
    other = money.Person("钱主任", date(2024, 1, 1), date(2024, 3, 20), post="head")
    switch(cast, "jinhua", "allowance_part_month", "none")
    assert asked(cast, "committee_allowance", people=[other], **given).amount_fen == 100_000
    member = money.Person("孙委员", date(2024, 1, 1))
    refuses("nothing_due", lambda: asked(cast, "committee_allowance", people=[member], **given))


@in_city("jinhua", "2024-12-31")
@pytest.mark.clause("JH-4.3e", "ZJG-2.3.6b")
def test_an_award_above_what_is_left_is_refused_to_the_fen(cast):
    budget(cast, "50000", item="assessment_award")
    of = {"by": "housing", "estate": None, "organisation": cast.organisation("property_company"),
          "papers": ("考核结果",)}  # fmt: skip
    first = asked(cast, "assessment_award", given={"asked": Decimal("50000")}, occasion="一", **of)
    assert until(cast, first, "pay").state == "closed"
    second = asked(cast, "assessment_award", given={"asked": Decimal("0.01")}, from_on=date(2024, 1, 1),
                   to_on=date(2024, 1, 31), occasion="二", **of)  # fmt: skip
    refused = refuses("above_appropriation", lambda: took(cast, second, "approve"))
    assert "差0.01元" in refused.message


@in_city("jiangyin", "2024-12-31")
@pytest.mark.clause("JY-2.8.20-2")
def test_waste_sorting_is_awarded_by_grade_and_household(cast):
    change(cast.estate, households=300)
    of = {"by": "street_office", "papers": ("考核结果",)}
    refuses("check_failed", lambda: asked(cast, "waste_award", given={"grade": "excellent"}, **of))
    switch(cast, "jiangyin", "waste_excellent", "20")
    switch(cast, "jiangyin", "waste_good", "10")
    assert asked(cast, "waste_award", given={"grade": "excellent"}, **of).amount_fen == 600_000
    refuses("nothing_due", lambda: asked(
        cast, "waste_award", given={"grade": "failed"}, from_on=date(2023, 1, 1), to_on=date(2023, 12, 31), **of
    ))  # fmt: skip


@in_city("meixian", "2023-12-31")
@pytest.mark.clause("MX-3.5.5-2")
def test_three_kinds_of_estates_get_a_subsidy_by_area_and_others_nothing(cast):
    change(cast.estate, building_area_m2=Decimal("20000"), estate_type="old")
    of = {"by": "street_office", "papers": ("物业服务合同",)}
    switch(cast, "meixian", "area_subsidy_rate", "0.10")
    assert asked(cast, "area_subsidy", **of).amount_fen == 2_400_000
    change(cast.estate, estate_type="commercial")
    refuses("nothing_due", lambda: asked(
        cast, "area_subsidy", from_on=date(2023, 1, 1), to_on=date(2023, 12, 31), **of))  # fmt: skip
