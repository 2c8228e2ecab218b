"""What the document leaves open is a switch: set, it changes what happens."""

import pytest

from gongzhi.cases import services
from gongzhi.cases.models import Part
from gongzhi.cases.tests.steps import (
    ARCHIVE_NONE,
    CALLER,
    answered,
    assigned,
    at,
    reported_in,
    submit,
    submitted,
    upload,
)
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.duties.models import Duty
from gongzhi.policy.periods import through_minute

PAPERS = ("source", "evidence", "basis")


def decided(cast, name, value):
    """The leading group has settled the point for the county."""
    core.set_switch(
        place=cast.county, pack="jiujiang", name=name, value=value, from_on=at(1, 1).date(),
        actor=Actor.system(), reason="领导小组会议决定", now=at(1, 1),
    )  # fmt: skip


def duty(case, rule):
    return Duty.objects.get(subject_kind="case", subject_id=str(case.pk), rule=rule)


def transferred(cast, now):
    case = reported_in(cast, "load_bearing_wall", lead="housing", now=now)
    papers = {kind: upload(kind) for kind in PAPERS}
    return services.transfer_case(case, papers=papers, reason="涉嫌违法", actor=cast.actor("housing"), now=now)


@pytest.mark.clause("JJ-5.3-2")
@pytest.mark.parametrize(
    ("name", "value", "received", "due"),
    [
        ("answer_day_kind", "work", at(4, 28), at(5, 24, 0)),
        ("answer_first_day", "included", at(4, 28), at(5, 13, 0)),
        ("answer_roll", "no", at(9, 20), at(10, 6, 0)),
    ],
)
def test_how_the_fifteen_days_are_counted_can_be_settled_otherwise(cast, name, value, received, due):
    decided(cast, name, value)
    assert assigned(cast, "fire_lane", now=received).answer_due_at == due


@pytest.mark.clause("JJ-5.3-2")
def test_after_a_transfer_the_receiving_department_answers(cast):
    case = transferred(cast, at(5, 5))
    assert not case.parties.filter(part=Part.ANSWER).exists()
    assert f"由{case.lead}答复您" in case.entries.get(kind="transferred").told
    assert duty(case, "answer_complaint").owner_organisation == cast.organisation("urban_management")


@pytest.mark.clause("JJ-5.3-2")
def test_where_the_place_says_so_the_department_that_transferred_answers(cast):
    decided(cast, "answer_after_transfer", "sender")
    case = transferred(cast, at(5, 5))
    assert duty(case, "answer_complaint_kept").owner_organisation == cast.organisation("housing")
    bureau = cast.actor("urban_management")
    services.report_in(case, actor=bureau, now=at(5, 6))
    services.handle(case, result="已责令恢复。", outcome="rectified", actor=bureau, now=at(5, 9))
    with pytest.raises(Refused) as refused:
        services.answer(case, text="已处理。", method="电话", actor=bureau, now=at(5, 9))
    assert "JJ-5.3-2" in refused.value.clauses
    case = services.answer(case, text="已处理。", method="电话", actor=cast.actor("housing"), now=at(5, 10))
    assert duty(case, "answer_complaint_kept").state == "fulfilled"


def twice_returned(cast):
    case = reported_in(cast, "public_safety", lead="police")
    police, desk = cast.actor("police"), cast.actor("hotline_desk")
    case = services.return_case(case, should_be="emergency", reason="不属公安", actor=police, now=at(5, 6))
    if case.state == "pending_duty":
        return case
    case = services.assign_case(case, actor=desk, now=at(5, 6))
    return services.return_case(case, should_be="emergency", reason="仍不属", actor=police, now=at(5, 6))


@pytest.mark.clause("JJ-A7-2.1-2")
def test_the_time_of_designating_counts_unless_the_place_says_otherwise(cast):
    found = []
    for value in ("yes", "no"):
        decided(cast, "designation_counts", value)
        case = twice_returned(cast)
        for role in ("hotline_desk", "leading_group_office"):
            case = services.designate(
                case, lead=cast.organisation("police"), reason="涉嫌违法", actor=cast.actor(role), now=at(5, 10)
            )
        assert case.state == "assigned"
        found.append(case.answer_due_at)
    assert found == [at(5, 21, 0), at(5, 25, 0)], "the four days of the dispute are added"


@pytest.mark.clause("JJ-A7-2.1-2")
def test_after_how_many_returns_the_competence_is_in_dispute_is_a_switch(cast):
    decided(cast, "returns_until_unclear", "1")
    case = twice_returned(cast)
    assert (case.state, case.returns) == ("pending_duty", 1)


@pytest.mark.clause("JJ-A3-3.3-2")
def test_the_three_work_days_may_be_for_the_papers_alone(cast):
    decided(cast, "transfer_covers", "papers")
    case = assigned(cast, "load_bearing_wall", now=at(9, 29))
    assert duty(case, "prepare_transfer").due_at == at(10, 10, 0)
    assert duty(case, "transfer_case_later").due_at == at(10, 13, 0)


@pytest.mark.clause("JJ-A3-3.3-2")
def test_further_departments_hand_over_where_the_place_says_so(cast):
    case = reported_in(cast, "other_market_violation", lead="market_regulation")
    with pytest.raises(Refused):
        services.transfer_case(case, papers={}, reason="移交", actor=cast.actor("market_regulation"), now=at(5, 6))
    decided(cast, "transferring_departments", "housing、ecology、planning、market_regulation")
    case = reported_in(cast, "other_market_violation", lead="market_regulation")
    papers = {kind: upload(kind) for kind in PAPERS}
    case = services.transfer_case(
        case, papers=papers, reason="移交", actor=cast.actor("market_regulation"), now=at(5, 6)
    )
    assert case.lead == cast.organisation("urban_management")


@pytest.mark.clause("JJ-A3-3.3-2", "JJ-A3-2.7-2")
def test_what_planning_receives_itself_is_found_and_handed_over_in_three_work_days(cast):
    case = assigned(cast, "illegal_structure_finding", now=at(9, 29))
    assert case.lead == cast.organisation("planning")
    assert duty(case, "transfer_case").due_at == at(10, 10, 0)
    decided(cast, "transferring_departments", "housing,ecology")
    case = assigned(cast, "illegal_structure_finding", now=at(9, 29))
    assert not Duty.objects.filter(subject_id=str(case.pk), rule="transfer_case").exists()


@pytest.mark.clause("JJ-A3-2.1-5", "JJ-A3-2.2-2", "JJ-A3-2.2-3")
@pytest.mark.parametrize(
    ("name", "value", "matter", "lead", "support", "transfer_to"),
    [
        ("outside_urban_supports", "no", "shared_part_damage", "street_office", None, None),
        ("company_violation_handling", "transfer", "company_violation", "housing", None, "urban_management"),
        ("load_bearing_transferred", "no", "load_bearing_wall", "housing", None, None),
        ("order_dispute_unit", "street_office", "public_order", "street_office", None, None),
    ],
)
def test_who_leads_and_helps_follows_the_switch(cast, name, value, matter, lead, support, transfer_to):
    def route():
        nature = "dispute" if matter == "public_order" else ""
        given = services.MatterInput(matter=matter, title="一件", nature=nature)
        case = submit(cast, matters=[given], estate=cast.estate_outside).cases.get()
        value = services.routing_answer(case, at(5, 5).date()).value
        return value["lead"], (value.get("support") or [None])[0], value.get("transfer_to")

    before = route()
    decided(cast, name, value)
    after = route()
    assert after == (lead, support, transfer_to)
    assert before != after


@pytest.mark.clause("JJ-3.3.10-3")
def test_the_hotline_dispatches_violations_unless_only_the_street_may(cast):
    assert assigned(cast, "fire_lane").lead == cast.organisation("fire_rescue")
    decided(cast, "hotline_may_dispatch", "no")
    case = submitted(cast, "fire_lane")
    with pytest.raises(Refused) as refused:
        services.assign_case(case, actor=cast.actor("hotline_desk"), now=at(5, 5))
    assert refused.value.code == "not_dispatcher"


def close_unverified(cast, matter):
    case = assigned(cast, matter) if matter != "neighbour_dispute" else submitted(cast, matter)
    actor = Actor.of(cast.user(case.lead_role), cast.now)
    services.report_in(case, actor=actor, now=at(5, 5))
    services.contact_complainant(case, promised_on=at(5, 6).date(), method="电话", actor=actor, now=at(5, 5))
    services.handle(case, result="已调解。", outcome="mediated", actor=actor, now=at(5, 5))
    services.answer(case, text="已调解。", method="电话", actor=actor, now=at(5, 5))
    return services.close_case(case, actor=actor, now=at(5, 6))


@pytest.mark.clause("JJ-A7-3.5-1")
def test_no_case_of_any_kind_is_closed_unseen_unless_the_place_keeps_it_to_violations(cast):
    for matter in ("fire_lane", "neighbour_dispute"):
        with pytest.raises(Refused) as refused:
            close_unverified(cast, matter)
        assert "JJ-A7-3.5-1" in refused.value.clauses
    decided(cast, "verify_kinds", "violation")
    assert close_unverified(cast, "neighbour_dispute").state == "closed"
    with pytest.raises(Refused):
        close_unverified(cast, "fire_lane")


@pytest.mark.clause("JJ-A7-2.2-1", "JJ-A7-2.3-1", "JJ-4.2.17-1")
@pytest.mark.parametrize(
    ("name", "value", "given", "field"),
    [
        (
            "anonymous_allowed",
            "no",
            {"channel": "phone", "complainant": None, "anonymous_reason": "怕报复"},
            "anonymous",
        ),
        ("phone_location_required", "yes", {"channel": "phone", "location": ""}, "location"),
    ],
)
def test_a_register_may_want_more_than_the_document_lists(cast, name, value, given, field):
    submit(cast, "fire_lane", **given)
    decided(cast, name, value)
    with pytest.raises(Refused) as refused:
        submit(cast, "fire_lane", **given)
    assert field in refused.value.fields


@pytest.mark.clause("JJ-A7-2.3-1")
@pytest.mark.parametrize(
    ("name", "left_out", "field"),
    [
        ("visit_visitors_required", {"visitors": None}, "visitors"),
        ("visit_five_fields", {"complainant": services.ComplainantInput(name="陈建国")}, "caller_phone"),
    ],
)
def test_a_visit_is_registered_like_a_call_with_the_number_of_visitors(cast, name, left_out, field):
    given = {"channel": "visit", "signed_register": True, "visitors": 2, "complainant": CALLER} | left_out
    with pytest.raises(Refused) as refused:
        submit(cast, "fire_lane", **given)
    assert field in refused.value.fields
    decided(cast, name, "no")
    assert submit(cast, "fire_lane", **given).channel == "visit"


@pytest.mark.clause("JJ-A7-3.6-1")
def test_when_to_archive_and_what_is_wanted_for_it_can_be_settled(cast):
    decided(cast, "archive_period", "5d")
    case = answered(cast, "fire_lane", lead="fire_rescue", now=at(5, 6))
    case = services.close_case(case, actor=cast.actor("fire_rescue"), now=at(5, 6))
    assert duty(case, "archive_case").due_at == at(5, 12, 0)
    case = services.archive_case(case, items=ARCHIVE_NONE, actor=cast.actor("fire_rescue"), now=at(5, 7))
    assert case.state == "archived"


@pytest.mark.clause("JJ-3.3.10-3", "JJ-A7-2.1-3", "JJ-A3-2.7-2", "JJ-A3-3.3-4")
def test_periods_that_are_not_written_are_switches(cast):
    for name, value in (
        ("report_in_period", "2wd"),
        ("finding_period", "10wd"),
        ("penalty_period", "60d"),
        ("handling_period", "7d"),
    ):
        decided(cast, name, value)
    case = reported_in(cast, "illegal_structure", lead="urban_management", now=at(5, 9))
    bureau = cast.actor("urban_management")
    assert duty(case, "report_in").due_at == at(5, 12, 0)
    services.request_finding(case, actor=bureau, now=at(5, 9))
    services.file_case(case, number="鸠城管立〔2022〕1号", actor=bureau, now=at(5, 9))
    assert duty(case, "give_finding").due_at == at(5, 24, 0)
    assert duty(case, "decide_penalty").due_at == at(7, 9, 0)
    assert submitted(cast, "neighbour_dispute", now=at(5, 9)).answer_due_at == at(5, 17, 0)


@pytest.mark.clause("JJ-1-2")
def test_when_a_matter_is_a_hotspot_is_a_switch(cast):
    from gongzhi.cases import queries

    for day in (5, 6):
        submit(cast, "fire_lane", now=at(5, day))
    assert not queries.hotspots(cast.county.path, at(5, 8)).estates
    decided(cast, "hotspot_cases", "2")
    assert [row["times"] for row in queries.hotspots(cast.county.path, at(5, 8)).estates] == [2]
    decided(cast, "hotspot_window", "1d")
    assert not queries.hotspots(cast.county.path, at(5, 8)).estates


@pytest.mark.clause("JJ-A7-3.4-1", "JJ-A7-2.2-2", "JJ-A4-2.3-7")
def test_in_time_is_a_period_that_the_place_may_set(cast):
    from gongzhi.cases.tests.test_departments import stopped_in_vain

    for name in ("company_report_period", "sign_period"):
        decided(cast, name, "2wd")
    decided(cast, "repair_response", "12h")
    problem = stopped_in_vain(cast, now=at(5, 9))
    found = Duty.objects.get(subject_kind="problem", subject_id=str(problem.pk), rule="report_problem")
    assert found.due_at == at(5, 12, 0)
    case = submitted(cast, "fire_lane", channel="phone", actor=cast.actor("community_station"), now=at(5, 9))
    case = services.report_up(case, reason="本级无执法权", actor=cast.actor("community_station"), now=at(5, 9))
    assert duty(case, "sign_report").due_at == at(5, 12, 0)
    repair = submitted(cast, "repair_request", now=at(5, 9))
    assert duty(repair, "respond_to_repair").due_at == through_minute(at(5, 9, 21))
