"""One hand does not verify, approve and pay; a person is awarded, with money or with an honour alone."""

from datetime import date
from decimal import Decimal

import pytest

from gongzhi.core.tests.cast import _person
from gongzhi.funds.maintenance.tests.test_deposits import refuses
from gongzhi.funds.public_money import queries
from gongzhi.funds.public_money import services as money
from gongzhi.funds.public_money.standing import standing_of
from gongzhi.funds.public_money.tests.money import asked, budget, city, known, took
from gongzhi.funds.public_money.tests.test_claims import COMPANY, YEAR, delivered, in_city, members, old_estate, rebate


@pytest.fixture
def cast(request, db):
    return city(*request.param)


@in_city("zhangjiagang", "2025-05-01")
@pytest.mark.clause("ZJG-2.3.6b", "ZJG-4.3.2a")
def test_nobody_verifies_and_approves_or_approves_and_pays_one_rebate(cast):
    unit, *_ = delivered(cast)
    budget(cast, "1392", item="resettlement", payer="responsible_unit")
    claim = took(cast, rebate(cast, unit, "2024-04-01", "2025-03-31", "1392"), "verify", by="street_government")
    assert queries.kept_apart(claim, "approve", cast.actor("street_government"), on=cast.now.date()).before == "verify"
    refused = refuses("kept_apart", lambda: took(cast, claim, "approve", by="street_government"))
    assert "“核实”是您办的，“审批”要由另一个人办" in refused.message
    claim = took(cast, claim, "approve", by="finance")
    refuses("kept_apart", lambda: took(cast, claim, "pay", by="finance"))
    assert took(cast, claim, "pay", by="treasury").state == "closed"


@in_city("zhangjiagang", "2026-12-31")
@pytest.mark.clause("ZJG-6.2.1")
def test_a_person_is_honoured_with_money_or_without_and_each_honour_is_given_once(cast):
    budget(cast, "2000", item="award")
    given = {
        "by": "housing",
        "estate": None,
        "papers": ("事迹材料",),
        "people": [money.Person("周先进", cast.now.date())],
    }
    claim = asked(cast, "merit_person", occasion="2026年度先进", given={"asked": Decimal("2000")}, **given)
    (line,) = claim.lines.all()
    assert (claim.amount_fen, line.holder_kind) == (200_000, "person")
    assert "周先进" not in claim.title + line.holder_title, "names are masked"
    again = refuses("paid_twice", lambda: asked(cast, "merit_person", occasion="2026年度先进", **given))
    assert "同一事由只发一次" in again.message and "None" not in again.message and "occasion" in again.fields
    _person(cast, "deputy", "住建分管", organisation=cast.organisation("housing"))
    for name, by in (("review", "deputy"), ("approve", "finance"), ("notice", "deputy")):
        claim = took(cast, claim, name, by=by)
    assert claim.notice_until is not None and queries.next_step(claim) == "pay"
    honour = asked(cast, "merit_person", occasion="最美物业人", **given)
    assert honour.amount_fen == 0 and honour.steps == ["review", "approve", "notice"]
    for name, by in (("review", "deputy"), ("approve", "finance"), ("notice", "deputy")):
        honour = took(cast, honour, name, by=by)
    assert honour.state == "closed"
    company = cast.organisation("property_company")
    known(cast, company, blacklisted=True)
    listed = asked(cast, "merit_person", occasion="十佳项目经理", organisation=company, **given)
    assert "黑榜" in listed.findings[0]["says"]
    refuses("holder", lambda: asked(cast, "merit_person", occasion="无名", **{**given, "people": []}))


@in_city("jiujiang", "2023-12-31")
@pytest.mark.clause("JJ-A8-3.2.1-1")
def test_what_is_taken_back_is_what_was_paid_for_the_months_after_the_failed_assessment(cast):
    old_estate(cast)
    budget(cast, "30000", item="old_support")
    budget(cast, "30000", item="old_support", payer="street")
    claim = members(cast, "400", 1, late=1)
    for name in ("review", "approve", "match", "pay"):
        claim = took(cast, claim, name, by={"pay": "treasury"}.get(name, ""))
    viewer = cast.actor("finance")
    assert queries.to_recover(viewer, on=cast.now.date()) == []
    known(cast, cast.estate, since=date(2023, 9, 15), assessment_passed=False)
    found = queries.to_recover(viewer, on=cast.now.date())
    assert [(one.from_on, one.amount_fen) for one in found] == [(date(2023, 10, 1), 120_000)] * 2


@in_city("jiujiang", "2023-12-31")
@pytest.mark.clause("JJ-A8-3.2.1-1")
def test_what_was_asked_for_before_the_assessment_failed_is_not_approved_after_it(cast):
    old_estate(cast)
    budget(cast, "30000", item="old_support")
    claim = took(cast, members(cast, "300", 1), "review")
    known(cast, cast.estate, since=date(2023, 12, 31), assessment_passed=False)
    failed = refuses("check_failed", lambda: took(cast, claim, "approve"))
    assert "年度考核不合格" in failed.message


@in_city("jiujiang", "2023-12-31")
@pytest.mark.clause("JJ-A8-3.1.3-2")
def test_a_punished_company_is_decided_on_by_a_person(cast):
    """JJ-HC-50: 1 % waits while a penalty is undecided, also one that comes after the review, and comes back."""
    company = cast.organisation("property_company")
    known(cast, cast.estate, assessment_passed=True)
    claim = asked(cast, "company_award", by="project_manager", papers=COMPANY, organisation=company, **YEAR,
                  given={"contract": Decimal("1860000"), "complaints": 1, "complaints_late": 0})  # fmt: skip
    today = cast.now.date()
    says = lambda: [one["says"] for one in standing_of(claim, today)]  # noqa: E731
    budget(cast, "9300", item="commercial_award", payer="county")
    budget(cast, "9300", item="commercial_award", payer="street")
    claim = took(cast, claim, "verify", by="street_government")
    assert says() == []
    known(cast, company, list_pending=True)
    assert says() == ["企业在黑名单待批，奖励待人工核定"]
    refused = refuses("note_missing", lambda: took(cast, claim, "review"))
    assert refused.clauses == ("JJ-A8-3.1.3-2", "JJ-A8-3.2.3-7")
    known(cast, company, list_pending=False)
    assert says() == []
    claim = took(cast, claim, "review")
    known(cast, company, list_pending=False, blacklisted=True)
    refuses("note_missing", lambda: took(cast, claim, "approve", by="finance"))
    assert says() == ["企业在黑名单期内，奖励待人工核定"]
    assert took(cast, claim, "approve", by="finance", note="处罚与本小区无关").state == "running"
