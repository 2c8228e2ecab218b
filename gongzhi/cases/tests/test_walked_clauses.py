"""Clauses of the complaint walked as their acceptance says, in the city that wrote them."""

from datetime import datetime, timedelta

import pytest

from gongzhi.cases import queries, services
from gongzhi.cases.accountability.queries import tasks as board
from gongzhi.cases.accountability.services import tasks
from gongzhi.cases.forms_acts import ReportUpForm
from gongzhi.cases.models import Case
from gongzhi.cases.queries.cases import cases_for, filtered
from gongzhi.cases.tests.test_five_by_pack import (
    HOUR,
    RECEIVED,
    cast,  # noqa: F401
    on_a_day_in,
    owed,
    received,
    refused,
    worked,
)
from gongzhi.core.days import ZONE
from gongzhi.core.errors import Refused
from gongzhi.core.models import OutboxMessage
from gongzhi.duties import services as duties
from gongzhi.duties.models import Duty

MINUTE = timedelta(minutes=1)


@on_a_day_in("jiangyin")
@pytest.mark.clause("JY-2.1.2-3")
def test_a_complaint_lies_with_the_street_of_its_estate_at_once_and_is_late_a_minute_after_its_limit(cast):  # noqa: F811
    case = received(cast, "greening")
    assert case.desk == cast.organisation("street_office")
    limit = owed(case, "accept_complaint")
    assert limit.due_at == datetime(2024, 5, 10, 0, 0, tzinfo=ZONE)  # one work day, to its end
    duties.tick(limit.due_at - MINUTE)
    assert owed(case, "accept_complaint").state == "open"
    duties.tick(limit.due_at + MINUTE)
    assert owed(case, "accept_complaint").state == "overdue"
    other = received(cast, "greening", now=RECEIVED + HOUR, phone="13812345679")
    accepted = services.assign_case(other, actor=cast.actor("street_office"), now=limit.due_at - MINUTE)
    assert owed(accepted, "accept_complaint").state == "fulfilled"
    late = owed(accepted, "answer_complaint").due_at
    rows = filtered(cases_for(cast.actor("street_office")), now=late + MINUTE, due="overdue")
    assert {case.pk, other.pk} == set(rows.values_list("pk", flat=True))


@on_a_day_in("jinhua")
@pytest.mark.clause("JH-4.9g")
def test_a_call_for_help_nobody_took_reminds_company_and_community_and_can_be_passed_on(cast):  # noqa: F811
    case = received(cast, "help_request")
    assert case.lead == cast.organisation("property_company")
    late = RECEIVED + timedelta(hours=24, minutes=1)
    duties.tick(late)
    told = OutboxMessage.objects.filter(template="duty.overdue").values_list("to_organisation__role", flat=True)
    assert {"property_company", "community_station"} <= set(told)
    passed = services.return_case(
        case, should_be="community_station", reason="不在服务合同内", actor=cast.actor("project_manager"), now=late
    )
    passed = services.assign_case(
        passed,
        lead=cast.organisation("community_station"),
        reason="转社区",
        actor=cast.actor(passed.desk_role),
        now=late + MINUTE,
    )
    assert passed.lead == cast.organisation("community_station")
    done = worked(cast, passed, "community_station", late + HOUR, outcome="settled")
    rated = services.rate(done, stars=5, comment="很快", actor=cast.actor("owner"), now=late + 2 * HOUR)
    assert rated.stars == 5  # noqa: PLR2004


@on_a_day_in("jinhua")
@pytest.mark.clause("JH-4.9h")
def test_an_owners_complaint_has_a_number_a_department_and_a_rating_and_is_not_counted_as_help(cast):  # noqa: F811
    asked, complained = received(cast, "help_request"), received(cast, "greening", phone="13812345680")
    assert asked.number != complained.number
    complained = services.assign_case(complained, actor=cast.actor(complained.desk_role), now=RECEIVED + HOUR)
    assert complained.lead == cast.organisation("urban_management")
    why = refused(services.close_case, complained, cast, "urban_management", RECEIVED + HOUR)
    assert why.message
    done = worked(cast, complained, "urban_management", RECEIVED + 2 * HOUR)
    done = services.rate(done, stars=4, comment="", actor=cast.actor("owner"), now=RECEIVED + 3 * HOUR)
    assert done.stars == 4  # noqa: PLR2004
    of_matter = {
        matter: filtered(Case.objects.all(), now=RECEIVED, matter=matter, counted=True).count()
        for matter in ("help_request", "greening")
    }
    assert of_matter == {"help_request": 1, "greening": 1}


@on_a_day_in("meixian")
@pytest.mark.clause("MX-3.2.1-13")
def test_the_housing_bureau_settles_what_is_its_own_and_passes_on_what_is_not(cast):  # noqa: F811
    housing = cast.actor("housing")
    own = received(cast, "construction_quality")
    own = services.judge_validity(own, valid=True, actor=cast.actor("community_station"), now=RECEIVED + HOUR)
    own = climbed(cast, own)
    assert own.lead == cast.organisation("housing")
    own = services.report_in(own, actor=housing, now=RECEIVED + 5 * HOUR)
    why = refused(services.close_case, own, cast, "housing", RECEIVED + 6 * HOUR)
    assert "处理" in why.message or "答复" in why.message
    own = services.handle(own, result="已责令保修", outcome="rectified", actor=housing, now=RECEIVED + 6 * HOUR)
    own = services.answer(own, text="已责令保修", method="电话", actor=housing, now=RECEIVED + 7 * HOUR)
    assert services.close_case(own, actor=housing, now=RECEIVED + 8 * HOUR).state == "closed"
    other = received(cast, "construction_quality", phone="13812345681")
    other = services.judge_validity(other, valid=True, actor=cast.actor("community_station"), now=RECEIVED + HOUR)
    other = climbed(cast, other)
    assert refused(
        services.return_case, other, cast, "housing", RECEIVED + 5 * HOUR, should_be="police", reason=""
    ).fields
    other = services.return_case(other, should_be="police", reason="属治安事项", actor=housing, now=RECEIVED + 5 * HOUR)
    other = services.assign_case(
        other,
        lead=cast.organisation("police"),
        reason="住建局认为属治安",
        actor=cast.actor(other.desk_role),
        now=RECEIVED + 6 * HOUR,
    )
    assert other.lead == cast.organisation("police")
    assert "公安" in other.entries.filter(kind="assigned").latest("pk").told


def climbed(cast, case: Case) -> Case:  # noqa: F811
    """From the community to the town, and on to the department by the route."""
    case = services.report_up(
        case, reason="社区没有执法权", actor=cast.actor("community_station"), now=RECEIVED + 2 * HOUR
    )
    case = services.sign_report(case, actor=cast.actor("street_office"), now=RECEIVED + 3 * HOUR)
    return services.assign_case(case, actor=cast.actor("street_office"), now=RECEIVED + 4 * HOUR)


@on_a_day_in("meixian")
@pytest.mark.clause("MX-3.10.2-1")
def test_community_street_and_county_each_leave_their_time_and_none_is_skipped(cast):  # noqa: F811
    case = received(cast, "neighbour_dispute")
    case = services.judge_validity(case, valid=True, actor=cast.actor("community_station"), now=RECEIVED + HOUR)
    case = services.report_in(case, actor=cast.actor("community_station"), now=RECEIVED + HOUR)
    levels = [case.lead.place.level]
    for _ in range(2):
        case = services.hand_up(case, reason="调解不成", actor=cast.actor(case.lead.role), now=RECEIVED + 2 * HOUR)
        levels.append(case.lead.place.level)
        case = services.report_in(case, actor=cast.actor(case.lead.role), now=RECEIVED + 3 * HOUR)
    assert levels == ["community", "street", "county"]
    times = case.entries.filter(kind__in=("opened", "handed_up", "reported_in"))
    assert times.count() == 1 + 2 + 3  # noqa: PLR2004
    skipped = received(cast, "greening", phone="13812345682")
    skipped = services.judge_validity(skipped, valid=True, actor=cast.actor("community_station"), now=RECEIVED + HOUR)
    with pytest.raises(Refused) as why:
        services.report_up(
            skipped,
            to="leading_group_office",
            reason="直接报县",
            actor=cast.actor("community_station"),
            now=RECEIVED + 2 * HOUR,
        )
    assert "逐级" in why.value.message
    form = ReportUpForm(case=skipped, actor=cast.actor("community_station"), now=RECEIVED + 2 * HOUR)
    offered = [code for code, _ in form.fields["to"].choices]
    assert offered == ["street_office"], "only what would be taken is offered"


@on_a_day_in("meixian")
@pytest.mark.clause("MX-3.2.7-1")
def test_the_quality_of_water_is_healths_and_fifteen_of_twenty_tasks_are_75_per_cent(cast):  # noqa: F811
    case = received(cast, "water_quality")
    assert case.route_lead == "health"
    given = [
        tasks.give_task(
            title=f"消杀：小区{number}",
            unit=cast.organisation("health"),
            due_on=(RECEIVED + timedelta(days=5)).date(),
            actor=cast.actor("leading_group_office"),
            now=RECEIVED,
        )
        for number in range(20)
    ]
    for task in given[:15]:
        task = tasks.sign_task(task, actor=cast.actor("health"), now=RECEIVED + HOUR)
        tasks.report_done(task, text="已完成", actor=cast.actor("health"), now=RECEIVED + 2 * HOUR)
    shown = board.board(board.tasks_for(cast.actor("leading_group_office")), RECEIVED + 3 * HOUR)
    assert (shown.total, shown.completed, shown.rate) == (20, 15, "75.0%")


@on_a_day_in("zhangjiagang")
@pytest.mark.clause("ZJG-2.3.12")
@pytest.mark.parametrize(
    ("matter", "unit"),
    [
        ("water_supply_fault", "water_company"),
        ("power_supply_fault", "power_company"),
        ("gas_supply_fault", "gas_company"),
        ("postal_fault", "postal_company"),
        ("telecom_fault", "telecom_company"),
        ("cable_tv_fault", "cable_company"),
    ],
)
def test_a_fault_of_a_utility_goes_to_the_utility(cast, matter, unit):  # noqa: F811
    case = received(cast, matter)
    case = services.assign_case(case, actor=cast.actor("complaint_desk"), now=RECEIVED + HOUR)
    assert case.lead == cast.organisation(unit)
    assert not Duty.objects.filter(subject_id=str(case.pk), owner_organisation__role="property_company").exists()


@on_a_day_in("zhangjiagang")
@pytest.mark.clause("ZJG-2.3.9d")
def test_a_parking_fee_above_the_shown_one_is_checked_investigated_filed_and_told_to_the_owner(cast):  # noqa: F811
    case = received(cast, "price_violation")
    case = services.assign_case(case, actor=cast.actor(case.desk_role), now=RECEIVED + HOUR)
    bureau = cast.actor("market_regulation")
    assert case.lead == cast.organisation("market_regulation")
    assert case.parties.filter(role="development_reform", part="support").exists()
    case = services.report_in(case, actor=bureau, now=RECEIVED + HOUR)
    services.verify_on_site(case, note="公示每月80元，实收100元", actor=bureau, now=RECEIVED + 2 * HOUR)
    services.record_intervention(
        case, kind="investigation", note="调取票据", actor=bureau, now=RECEIVED + 3 * HOUR
    )  # fmt: skip
    case = services.file_case(case, number="张市监价罚立〔2026〕1号", actor=bureau, now=RECEIVED + 4 * HOUR)
    case = services.file_penalty(case, number="张市监价罚〔2026〕1号", actor=bureau, now=RECEIVED + 5 * HOUR)
    five = RECEIVED + 5 * HOUR
    services.contact_complainant(case, promised_on=five.date(), method="电话", actor=bureau, now=five)
    services.handle(case, result="责令退还多收的停车费", outcome="rectified", actor=bureau, now=RECEIVED + 6 * HOUR)
    case = services.answer(
        case, text="已立案查处，多收的已退还", method="电话", actor=bureau, now=RECEIVED + 7 * HOUR
    )  # fmt: skip
    steps = [case.reported_in_at, case.verified_at, case.investigated_at, case.filed_at, case.handled_at]
    assert steps == sorted(steps) and None not in steps
    seen = queries.case_view(case, cast.actor("owner"))
    assert "多收的已退还" in seen.answer and "退还" in seen.result
