"""Who may punish, who only hands over, and what nobody is named for, in the documents of the other cities."""

import pytest

from gongzhi.cases import services
from gongzhi.cases.tests.steps import upload
from gongzhi.cases.tests.test_five_by_pack import HOUR, RECEIVED, cast, on_a_day_in, owed, received, refused, to_street
from gongzhi.core import packs

__all__ = ["cast"]


@on_a_day_in("meixian")
@pytest.mark.clause("MX-3.2.11-3", "MX-3.2.1-1")
def test_the_housing_bureau_has_no_power_to_punish_and_hands_over(cast):
    case = to_street(cast, received(cast, "company_violation"), RECEIVED + HOUR)
    case = services.assign_case(case, actor=cast.actor("street_office"), now=RECEIVED + HOUR)
    housing = cast.actor("housing")
    case = services.report_in(case, actor=housing, now=RECEIVED + HOUR)
    for act in (services.file_case, services.file_penalty):
        assert refused(act, case, cast, "housing", RECEIVED + HOUR, number="眉住建立1号").code == "no_power"
    why = refused(services.file_penalty, case, cast, "housing", RECEIVED + HOUR, number="眉住建罚1号")
    assert (why.code, "MX-3.2.11-3" in why.clauses) == ("no_power", True)
    papers = {kind: upload(kind) for kind in ("source", "evidence", "basis")}
    case = services.transfer_case(case, papers=papers, reason="违反省物业条例", actor=housing, now=RECEIVED + HOUR)
    case = services.report_in(case, actor=cast.actor("urban_management"), now=RECEIVED + HOUR)
    case = services.file_penalty(
        case, number="眉城执罚〔2024〕1号", actor=cast.actor("urban_management"), now=RECEIVED + HOUR
    )
    assert case.penalty_number == "眉城执罚〔2024〕1号"


@on_a_day_in("meixian")
@pytest.mark.clause("MX-3.2.1-9", "MX-3.2.11-3")
def test_a_case_of_civil_defence_the_housing_bureau_punishes_itself(cast):
    case = to_street(cast, received(cast, "civil_defence_facility"), RECEIVED + HOUR)
    case = services.assign_case(case, actor=cast.actor("street_office"), now=RECEIVED + HOUR)
    case = services.report_in(case, actor=cast.actor("housing"), now=RECEIVED + HOUR)
    case = services.file_penalty(case, number="眉住建罚1号", actor=cast.actor("housing"), now=RECEIVED + HOUR)
    assert case.penalty_number


@on_a_day_in("meixian")
@pytest.mark.clause("MX-3.2.15-1")
def test_what_hits_no_route_waits_for_the_leading_office(cast):
    case = received(cast, "other")
    assert case.state == "pending_duty"
    assert owed(case, "designate_unit").owner_organisation == cast.organisation("leading_group_office")
    lead = cast.organisation("civil_affairs")
    case = services.designate(
        case, lead=lead, reason="属民政职责。", actor=cast.actor("leading_group_office"), now=RECEIVED + HOUR
    )
    assert case.lead == lead


@on_a_day_in("meixian")
@pytest.mark.clause("MX-3.2.9-1")
def test_a_noise_is_not_handed_out_before_its_source_is_told(cast):
    case = to_street(cast, received(cast, "noise"), RECEIVED + HOUR)
    assert case.needs == ["noise_source"]
    case = services.set_missing_fact(
        case, name="noise_source", value="industrial", actor=cast.actor("street_office"), now=RECEIVED + HOUR
    )
    assert case.route_lead == "ecology"


@on_a_day_in("jiangyin")
@pytest.mark.clause("JY-2.8.23-4", "JY-2.4.9-8")
def test_what_nobody_is_named_for_waits_to_be_judged_even_where_the_street_took_the_call(cast):
    breach = received(cast, "company_violation")
    fire = received(cast, "fire_lane", phone="13812345679")
    assert (breach.route_lead, fire.route_lead) == ("housing", "fire_rescue")
    case = received(cast, "other", channel="phone", phone="13812345670")
    assert (case.state, case.lead, case.route_lead) == ("pending", None, "street_office")
    lead = cast.organisation("housing")
    case = services.assign_case(
        case, lead=lead, reason="属物业管理活动。", actor=cast.actor("street_office"), now=RECEIVED + HOUR
    )
    assert case.lead == lead


def test_a_fact_is_called_as_people_call_it(db):
    pack = packs.named_pack("zhangjiagang")
    assert (pack.fact_title("extent"), pack.fact_title("unheard_of")) == ("到什么程度", "unheard_of")
