"""Who handles what by the clauses that only divide the work: a case of each goes to the unit named, and to no other."""

from datetime import datetime

import pytest

from gongzhi.cases import services
from gongzhi.cases.forms_acts import ReportUpForm
from gongzhi.cases.queries.cases import cases_for
from gongzhi.cases.tests.test_five_by_pack import HOUR, RECEIVED, cast, on_a_day_in, owed, received, worked  # noqa: F401
from gongzhi.core.days import ZONE
from gongzhi.core.models import Document


def handed_out(cast, matter, **given):  # noqa: F811
    case = received(cast, matter, **given)
    if case.state != "pending":
        return case
    return services.assign_case(case, actor=cast.actor(case.desk_role), now=RECEIVED + HOUR)


@on_a_day_in("meixian")
@pytest.mark.clause("MX-3.2.14-1")
def test_seven_kinds_of_supply_go_to_seven_regulators_and_the_eighth_waits(cast):  # noqa: F811
    leads = {
        "water_supply_fault": "water_regulator",
        "power_supply_fault": "power_regulator",
        "gas_supply_fault": "gas_regulator",
        "heating_fault": "heating_regulator",
        "postal_fault": "postal_regulator",
        "telecom_fault": "telecom_regulator",
        "cable_tv_fault": "cable_regulator",
    }
    assert {matter: received(cast, matter).route_lead for matter in leads} == leads
    eighth = received(cast, "other")
    assert (eighth.lead, eighth.state) == (None, "pending_duty")


@on_a_day_in("zhangjiagang")
@pytest.mark.clause("ZJG-2.1.3")
def test_legal_advice_goes_straight_to_the_towns_own_office_and_is_answered_to_the_owner(cast):  # noqa: F811
    case = received(cast, "legal_advice")
    assert (case.lead_role, case.state) == ("street_office", "assigned")
    assert case.lead == cast.organisation("street_office")
    assert not cases_for(cast.actor("street_office@2")).filter(pk=case.pk).exists()
    assert owed(case, "answer_advice").due_at == datetime(2024, 5, 15, 0, 0, tzinfo=ZONE)
    case = worked(cast, case, "street_office", RECEIVED + HOUR, outcome="settled")
    assert case.answered_at is not None and owed(case, "answer_advice").state == "fulfilled"


@on_a_day_in("zhangjiagang")
@pytest.mark.clause("ZJG-2.3.1a", "ZJG-2.3.5a")
@pytest.mark.parametrize(
    ("matter", "lead"),
    [
        ("facility_planning_review", "planning"),
        ("illegal_structure_finding", "planning"),
        ("illegal_structure", "urban_management"),
        ("community_rooms_acceptance", "civil_affairs"),
    ],
)
def test_planning_reviews_and_finds_others_act(cast, matter, lead):  # noqa: F811
    assert handed_out(cast, matter).lead_role == lead


@on_a_day_in("jinhua")
@pytest.mark.clause("JH-2.2d", "JH-3.1.2c")
def test_what_concerns_a_committee_is_the_own_towns_and_no_others(cast):  # noqa: F811
    case = handed_out(cast, "owners_committee_complaint")
    assert case.lead == cast.organisation("street_office")
    assert cases_for(cast.actor("street_office")).filter(pk=case.pk).exists()
    assert not cases_for(cast.actor("street_office@2")).filter(pk=case.pk).exists()


@on_a_day_in("jinhua")
@pytest.mark.clause("JH-2.2f", "JH-3.1.2h")
def test_a_dispute_is_the_own_communitys(cast):  # noqa: F811
    case = received(cast, "service_charge_dispute")
    assert case.lead == cast.organisation("community_station")
    assert not cases_for(cast.actor("community_station@2")).filter(pk=case.pk).exists()


@on_a_day_in("jinhua")
@pytest.mark.clause("JH-3.1.1b")
def test_what_the_town_cannot_settle_goes_up_with_its_reason_and_the_town_sees_what_comes_of_it(cast):  # noqa: F811
    case = handed_out(cast, "owners_committee_complaint")
    town, office = cast.actor("street_office"), cast.actor("leading_group_office")
    case = services.report_in(case, actor=town, now=RECEIVED + HOUR)
    offered = [
        dict(ReportUpForm(case=case, actor=one, now=RECEIVED + HOUR).fields["to"].choices) for one in (town, office)
    ]
    assert offered[0]["leading_group_office"] == "市物管办" and "leading_group_office" not in offered[1]
    case = services.report_up(case, reason="涉及三个部门，镇街协调不下来。", actor=town, now=RECEIVED + 2 * HOUR)
    assert case.reports.get().to_organisation == office.organisation
    case = services.sign_report(case, actor=office, now=RECEIVED + 3 * HOUR)
    case = services.assign_case(
        case, lead=cast.organisation("housing"), reason="请牵头处理。", actor=office, now=RECEIVED + 3 * HOUR
    )
    order = Document.objects.filter(instrument="work_order").latest("pk")
    assert (order.issuer, order.recipients.get().organisation.role) == (office.organisation, "housing")
    case = worked(cast, case, "housing", RECEIVED + 4 * HOUR)
    assert case.answered_at is not None
    assert cases_for(town).filter(pk=case.pk).exists()
