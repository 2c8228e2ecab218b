"""Who leads, by the pack: matter, place, missing facts, disputes of competence."""

import pytest

from gongzhi.cases import services
from gongzhi.cases.models import Part
from gongzhi.cases.tests.steps import assigned, at, reported_in, submit, submitted
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.registry.services import record_fact


@pytest.mark.clause("JJ-A3-2.1-2", "JJ-A3-2.1-5", "JJ-A3-2.7-2")
def test_an_illegal_structure_goes_to_the_bureau_inside_the_built_up_area_and_to_the_street_outside(cast):
    inside = assigned(cast, "illegal_structure")
    assert inside.lead == cast.organisation("urban_management")
    outside = submitted(cast, "illegal_structure", estate=cast.estate_outside)
    outside = services.whistle(outside, actor=cast.actor("street_office@2"), now=at(5, 5))
    assert outside.lead == cast.organisation("street_office@2")
    for case, lead in ((inside, "urban_management"), (outside, "street_office@2")):
        assert case.finding_role == "planning"
        case = services.report_in(case, actor=cast.actor(lead), now=at(5, 6))
        with pytest.raises(Refused) as refused:
            services.file_penalty(case, number="鸠城罚〔2022〕1号", actor=cast.actor(lead), now=at(5, 6))
        assert refused.value.code == "finding_first"
        assert "JJ-A3-2.7-2" in refused.value.clauses


@pytest.mark.clause("JJ-A3-2.5-4", "JJ-A3-2.4-2", "JJ-A3-2.2-2", "JJ-A3-2.4-3", "JJ-A3-2.6-2")
@pytest.mark.parametrize(
    ("matter", "lead"),
    [
        ("group_rental", "police"),
        ("price_violation", "market_regulation"),
        ("handover_papers_refused", "housing"),
        ("unlicensed_business", "market_regulation"),
        ("fire_lane", "fire_rescue"),
    ],
)
def test_matters_with_like_names_go_to_those_competent(cast, matter, lead):
    assert assigned(cast, matter).lead == cast.organisation(lead)


@pytest.mark.clause("JJ-3.3.10-2")
def test_a_dispute_goes_to_the_community_by_itself_and_to_no_department(cast):
    case = submitted(cast, "rental_dispute")
    assert case.lead == cast.organisation("community_station")
    assert case.state == "assigned"
    assert not case.parties.filter(role__in=("police", "urban_management")).exists()


@pytest.mark.clause("JJ-3.3.10-2")
def test_one_number_shows_both_matters_of_a_submission_that_was_split(cast):
    complaint = submit(cast, "illegal_structure")
    case = complaint.cases.get()
    services.split_case(
        case,
        matters=[services.MatterInput(matter="neighbour_dispute", title="卧室渗水要求赔偿")],
        actor=cast.actor("hotline_desk"),
        now=at(5, 5),
    )
    assert [one.nature for one in complaint.cases.order_by("id")] == ["violation", "dispute"]
    assert complaint.cases.get(nature="dispute").lead == cast.organisation("community_station")


@pytest.mark.clause("JJ-A3-2.1-1")
def test_a_case_waits_until_somebody_records_whether_the_estate_lies_in_the_built_up_area(cast):
    case = submitted(cast, "illegal_structure", estate=cast.estate_unknown)
    assert (case.state, case.needs) == ("pending", ["in_built_up_area"])
    with pytest.raises(Refused) as refused:
        services.assign_case(case, actor=cast.actor("hotline_desk"), now=at(5, 5))
    assert refused.value.code == "needs_fact"
    assert "建成区" in refused.value.message
    assert "in_built_up_area" in refused.value.fields
    case = services.set_missing_fact(
        case, name="in_built_up_area", value=True, actor=cast.actor("street_office"), now=at(5, 5)
    )
    case = services.assign_case(case, actor=cast.actor("hotline_desk"), now=at(5, 5))
    assert case.lead == cast.organisation("urban_management")


@pytest.mark.clause("JJ-A3-2.1-1")
def test_the_fact_in_the_estates_file_frees_every_case_that_waits_for_it_and_the_hotline_cannot_state_it(cast):
    first = submitted(cast, "illegal_structure", estate=cast.estate_unknown)
    second = submitted(cast, "shared_part_encroachment", estate=cast.estate_unknown)
    with pytest.raises(Refused) as refused:
        services.set_missing_fact(
            first, name="in_built_up_area", value=True, actor=cast.actor("hotline_desk"), now=at(5, 5)
        )
    assert refused.value.code == "not_a_keeper"
    record_fact(
        cast.estate_unknown,
        name="in_built_up_area",
        value=False,
        from_on=at(5, 6).date(),
        actor=cast.actor("street_office"),
        now=at(5, 6),
    )
    for case in (first, second):
        case.refresh_from_db()
        assert (case.needs, case.route_lead, case.in_built_up_area) == ([], "street_office", False)


@pytest.mark.clause("JJ-A3-2.1-5")
def test_a_change_of_the_estates_mark_leaves_old_cases_where_they_are(cast):
    old = assigned(cast, "illegal_structure")
    record_fact(
        cast.estate,
        name="in_built_up_area",
        value=False,
        from_on=at(5, 6).date(),
        actor=cast.actor("street_office"),
        now=at(5, 6),
    )
    new = submitted(cast, "illegal_structure", now=at(5, 7))
    assert new.route_lead == "street_office"
    old.refresh_from_db()
    assert old.lead_role == "urban_management"


@pytest.mark.clause("JJ-3.3.10-3")
def test_a_community_cannot_whistle_and_is_told_the_clause(cast):
    case = submitted(cast, "fire_lane")
    with pytest.raises(Refused) as refused:
        services.whistle(case, actor=cast.actor("community_station"), now=at(5, 5))
    assert refused.value.code == "not_dispatcher"
    assert "JJ-3.3.10-3" in refused.value.clauses
    assert "上报" in refused.value.message
    case = services.whistle(case, actor=cast.actor("street_office"), now=at(5, 5))
    assert (case.state, case.lead) == ("assigned", cast.organisation("fire_rescue"))


@pytest.mark.clause("JJ-A3-2.6-1")
def test_the_emergency_bureau_sees_a_fire_case_without_leading_it(cast):
    case = assigned(cast, "fire_lane")
    assert case.parties.filter(organisation=cast.organisation("emergency"), part=Part.WATCH).exists()


@pytest.mark.clause("JJ-A3-2.0-1", "JJ-A7-2.1-2")
def test_two_returns_raise_a_dispute_that_is_settled_once_and_for_good(cast):
    case = reported_in(cast, "public_safety", lead="police")
    due = case.answer_due_at
    case = services.return_case(
        case, should_be="emergency", reason="不属公安", actor=cast.actor("police"), now=at(5, 6)
    )
    assert (case.state, case.returns) == ("pending", 1)
    case = services.assign_case(case, actor=cast.actor("hotline_desk"), now=at(5, 6))
    case = services.return_case(case, should_be="emergency", reason="仍不属", actor=cast.actor("police"), now=at(5, 7))
    assert case.state == "pending_duty"
    lead = cast.organisation("police")
    case = services.designate(case, lead=lead, reason="涉嫌违法", actor=cast.actor("hotline_desk"), now=at(5, 7))
    assert case.state == "pending_duty", "one of the two bodies alone does not settle it"
    case = services.designate(case, lead=lead, reason="同意", actor=cast.actor("leading_group_office"), now=at(5, 7))
    assert (case.state, case.lead, case.designated) == ("assigned", lead, True)
    assert case.answer_due_at == due, "the clock runs from the first receipt"
    with pytest.raises(Refused) as refused:
        services.return_case(case, should_be="emergency", reason="还是不属", actor=cast.actor("police"), now=at(5, 8))
    assert refused.value.code == "designated"
    assert "JJ-A7-2.1-2" in refused.value.clauses


def test_the_countys_leader_designates_alone(cast):
    case = submitted(cast, "other")
    assert case.state == "pending_duty"
    lead = cast.organisation("housing")
    case = services.designate(
        case, lead=lead, by_leader=True, reason="区领导批示", actor=cast.actor("county_leader"), now=at(5, 6)
    )
    assert case.lead == lead


def test_the_two_bodies_must_name_the_same_unit(cast):
    case = submitted(cast, "other")
    services.designate(
        case, lead=cast.organisation("housing"), reason="住建", actor=cast.actor("hotline_desk"), now=at(5, 6)
    )
    with pytest.raises(Refused) as refused:
        services.designate(
            case,
            lead=cast.organisation("police"),
            reason="公安",
            actor=cast.actor("leading_group_office"),
            now=at(5, 6),
        )
    assert refused.value.code == "disagree"


@pytest.mark.clause("JJ-A3-2.0-1")
def test_a_return_without_the_right_department_is_refused(cast):
    case = reported_in(cast, "fire_lane", lead="fire_rescue")
    with pytest.raises(Refused) as refused:
        services.return_case(case, should_be="", reason="不归我们", actor=cast.actor("fire_rescue"), now=at(5, 6))
    assert "should_be" in refused.value.fields


@pytest.mark.clause("JJ-A3-1-1")
def test_a_department_takes_up_what_is_its_own_and_no_other_does(cast):
    case = submitted(cast, "fire_lane")
    with pytest.raises(Refused) as refused:
        services.claim_case(case, actor=cast.actor("police"), now=at(5, 5))
    assert refused.value.code == "not_yours"
    case = services.claim_case(case, actor=cast.actor("fire_rescue"), now=at(5, 5))
    assert (case.state, case.lead) == ("handling", cast.organisation("fire_rescue"))
    assert case.entries.filter(title__contains="介入").exists()
    with pytest.raises(Refused):
        services.claim_case(case, actor=cast.actor("fire_rescue"), now=at(5, 5))


@pytest.mark.clause("JJ-A6-2.1-3", "JJ-A6-2.3-2")
def test_a_dispute_climbs_one_level_at_a_time(cast):
    case = submitted(cast, "service_charge_dispute")
    case = services.report_in(case, actor=cast.actor("community_station"), now=at(5, 5))
    case = services.hand_up(case, reason="两次调解未成", actor=cast.actor("community_station"), now=at(5, 9))
    assert case.lead == cast.organisation("mediation_station")
    assert case.lead_role == "mediation_station"
    station = Actor(cast.user("street_office"), case.lead, "mediation_station", cast.street.path, "调解站 王调解")
    services.report_in(case, actor=station, now=at(5, 9))
    case = services.hand_up(case, reason="镇街调解未成", actor=station, now=at(5, 10))
    assert case.lead == cast.organisation("mediation_centre")
    centre = Actor(cast.user("housing"), case.lead, "mediation_centre", cast.county.path, "调处中心 李调解")
    services.report_in(case, actor=centre, now=at(5, 10))
    with pytest.raises(Refused) as refused:
        services.hand_up(case, reason="仍未成", actor=centre, now=at(5, 11))
    assert refused.value.code == "top_level"
    case = services.handle(
        case, result="转诉讼，案号（2022）皖0207民初1号", outcome="litigation", actor=centre, now=at(5, 11)
    )
    assert case.get_outcome_display() == "转诉讼"


@pytest.mark.clause("JJ-A3-2.5-2")
def test_what_turns_out_a_civil_quarrel_goes_to_the_community_with_the_reason(cast):
    case = assigned(cast, "public_order")
    assert case.lead == cast.organisation("police")
    case = services.change_matter(
        case,
        matter="sanitation_order_dispute",
        reason="属邻里争执，不涉嫌违法",
        actor=cast.actor("hotline_desk"),
        now=at(5, 6),
    )
    assert case.lead == cast.organisation("community_station")
    assert case.entries.get(kind="rerouted").text == "属邻里争执，不涉嫌违法"


@pytest.mark.parametrize("unit", ["street_office@2", "community_station@2", "property_company@2"])
def test_a_case_is_not_handed_to_a_unit_that_has_nothing_to_do_with_its_place(cast, unit):
    case = submitted(cast, "fire_lane")
    outsider, actor = cast.organisation(unit), cast.actor("hotline_desk")
    for given in ({"lead": outsider, "reason": "改派"}, {"support": [outsider]}):
        with pytest.raises(Refused) as refused:
            services.assign_case(case, **given, actor=actor, now=at(5, 5))
        assert refused.value.code == "not_of_place"
        assert "lead" in refused.value.fields
    assert not case.parties.filter(organisation=outsider).exists()


def test_the_company_that_serves_the_estate_may_be_handed_a_case(cast):
    case = submitted(cast, "greening")
    company = cast.organisation("property_company")
    case = services.assign_case(case, lead=company, reason="先行处理", actor=cast.actor("hotline_desk"), now=at(5, 5))
    assert case.lead == company
