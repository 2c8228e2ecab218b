"""From dissuading to the answer: what is told, to whom, by when, and what comes back."""

import pytest
from docx import Document as read_docx

from gongzhi.cases import services as cases
from gongzhi.cases.enforcement import services
from gongzhi.cases.enforcement.tests.steps import (
    SYSTEM,
    at,
    city,
    clock,
    company,
    line,
    picture,
    reported,
    worked,
)
from gongzhi.cases.models import Case, Problem, State
from gongzhi.cases.queries import asking
from gongzhi.cases.queries.ledgers import problems_for
from gongzhi.cases.queries.reporting import interval_of, levels_of, report_targets
from gongzhi.cases.views_case_parts import reported_line
from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.models import OutboxMessage
from gongzhi.duties import services as duties
from gongzhi.duties.models import Duty
from gongzhi.duties.views.detail import _steps
from gongzhi.registry.queries import facts_of
from gongzhi.registry.queries.reading import company_file
from gongzhi.registry.services import decide_listing

pytestmark = pytest.mark.django_db


def owed(subject, rule):
    kind, pk = subject.ref.kind, str(subject.pk)
    return Duty.objects.get(subject_kind=kind, subject_id=pk, rule=rule)


# -- 江阴：报告移送、处置、反馈


@pytest.mark.clause("JY-2.4.10-4")
def test_what_was_dissuaded_with_effect_is_only_filed_and_what_was_not_goes_to_the_station():
    cast = city("jiangyin", "2024-06-03")
    kept = line(cast, effective=True)
    street = cast.organisation("street_office")
    with pytest.raises(Refused) as refused:
        cases.report_problem(kept, reason="stop_ineffective", to=street, actor=company(cast), now=cast.now)
    assert refused.value.code == "stopped_already" and "JY-2.4.10-4" in refused.value.clauses
    assert cases.solve_problem(kept, text="当场停止", actor=company(cast), now=cast.now).solved_at
    untold = line(cast)
    with pytest.raises(Refused) as refused:
        cases.report_problem(untold, reason="stop_ineffective", to=street, actor=company(cast), now=cast.now)
    assert "effective" in refused.value.fields
    sent = line(cast, effective=False)
    assert report_targets(sent, on=cast.now.date()) == [("street_office", street)]
    sent = cases.report_problem(sent, reason="stop_ineffective", to=street, actor=company(cast), now=cast.now)
    assert sent.opened_case.desk == street
    for lacking in ({"stopped_at": None}, {"stopped_how": ""}):
        given = {"stopped_at": cast.now, "stopped_how": "当面劝阻", **lacking}
        if lacking.get("stopped_at", 1) is None:
            with pytest.raises(Refused):
                cases.register_problem(
                    estate=cast.estate, source="patrol", found_at=cast.now, spot="楼顶", text="搭建", reporter="小王",
                    matter="illegal_structure", violation=True, actor=company(cast), now=cast.now, **given,
                )  # fmt: skip


@pytest.mark.clause("JY-2.4.10-3")
@pytest.mark.parametrize(("settled", "state"), [("2024-06-18 23:59", "fulfilled"), ("2024-06-19 00:00", "overdue")])
def test_a_clue_is_accepted_in_a_day_settled_in_fifteen_and_its_reporter_reads_the_result(settled, state):
    cast = city("jiangyin", "2024-06-03")
    case = reported(cast, to="street_office", stopped="2024-06-03 09:00", when="2024-06-03 09:30")
    assert owed(case, "accept_clue").due_at == clock("2024-06-05 00:00")
    assert owed(case, "settle_clue").due_at == clock("2024-06-19 00:00")
    case = cases.assign_case(case, actor=cast.actor("street_office"), now=clock("2024-06-03 10:00"))
    assert case.lead_role == "urban_management"
    case = worked(cast, case, now=clock("2024-06-10 09:00"))
    lead = cast.actor("urban_management")
    with pytest.raises(Refused) as refused:
        cases.close_case(case, actor=lead, now=clock("2024-06-10 10:00"))
    assert "答复" in refused.value.message, "handled is not told yet: it cannot be closed"
    row = Problem.objects.get(opened_case=case)
    with pytest.raises(Refused) as refused:
        cases.solve_problem(row, text="了结", actor=company(cast), now=clock("2024-06-10 10:00"))
    assert refused.value.code == "no_result"
    duties.tick(clock(settled))
    if state == "overdue":
        assert owed(case, "settle_clue").state == "overdue"
        return
    case = cases.answer(case, text="玻璃房已拆除", method="电话", actor=lead, now=clock(settled))
    assert owed(case, "settle_clue").state == "fulfilled"
    row.refresh_from_db()
    assert row.fed_back_at == clock(settled)
    assert row.entries.get(kind="fed_back").text == "玻璃房已拆除"
    assert OutboxMessage.objects.filter(template="problem.fed_back", to_organisation=row.keeper).exists()
    assert cases.close_case(case, actor=lead, now=clock(settled)).closed_at
    assert cases.solve_problem(row, text="已反馈", actor=company(cast), now=clock(settled)).solved_at


@pytest.mark.clause("JY-2.4.10-5")
def test_from_the_report_to_the_spot_is_counted_in_minutes_and_who_does_not_come_is_urged():
    cast = city("jiangyin", "2024-06-03")
    case = reported(cast, to="street_office", stopped="2024-06-03 08:50", when="2024-06-03 09:00")
    late = reported(cast, "greening", to="street_office", stopped="2024-06-03 08:50", when="2024-06-03 09:00")
    case = cases.assign_case(case, actor=cast.actor("street_office"), now=clock("2024-06-03 09:05"))
    lead = at(cast, "urban_management")
    case = cases.report_in(case, actor=lead, now=clock("2024-06-03 09:10"))
    there = clock("2024-06-03 09:40")
    case = cases.verify_on_site(case, note="到场", at=there, actor=lead, now=clock("2024-06-03 09:41"))
    assert asking.response_minutes(case) == 40
    assert asking.response_minutes(late) is None
    duties.tick(clock("2024-06-03 11:01"))
    assert owed(case, "arrive_on_site").state == "fulfilled"
    duty = owed(late, "arrive_on_site")
    assert (duty.state, duty.step_name) == ("overdue", "urge")
    assert [step["name"] for step in _steps(duty)] == ["催办"]


@pytest.mark.clause("JY-2.4.10-6")
def test_a_station_calls_departments_and_closes_only_when_both_have_told():
    cast = city("jiangyin", "2024-06-03")
    case = reported(cast, to="street_office")
    street, own = cast.actor("street_office"), cast.organisation("street_office")
    called = [cast.organisation("fire_rescue"), cast.organisation("police")]
    case = cases.assign_case(case, lead=own, support=called, reason="站点现场处置", actor=street, now=cast.now)
    case = worked(cast, case, now=cast.now)
    case = cases.note_progress(case, note="已查看消防通道", actor=at(cast, "fire_rescue"), now=cast.now)
    assert len(asking.silent_helpers(case)) == 1
    case = cases.answer(case, text="已处置", method="电话", actor=street, now=cast.now)
    with pytest.raises(Refused) as refused:
        cases.close_case(case, actor=street, now=cast.now)
    assert "JY-2.4.10-6" in refused.value.clauses
    cases.note_progress(case, note="已到场维持秩序", actor=at(cast, "police"), now=cast.now)
    assert cases.close_case(case, actor=street, now=cast.now).closed_at


@pytest.mark.clause("JY-2.4.10-4", "JY-2.4.9-2")
def test_the_owners_committee_dissuades_and_reports_as_well():
    cast = city("jiangyin", "2024-06-03")
    committee = at(cast, "owners_committee")
    case = reported(cast, to="street_office", by=committee)
    assert case.facts["reported_by"] == "owners_committee"
    assert case.reported_line.keeper == committee.organisation


# -- 眉县：劝阻、报告、跟踪、结果


@pytest.mark.clause("MX-3.1.3-10")
@pytest.mark.parametrize(("told", "late"), [("2023-04-11 09:10", False), ("2023-04-11 09:11", True)])
def test_a_community_stops_and_reports_within_a_day(told, late):
    cast = city("meixian", "2023-04-10")
    community = cast.actor("community_station")
    row = line(cast, "fire_lane", by=community, stopped="2023-04-10 09:10", effective=False)
    with pytest.raises(Refused) as refused:
        cases.report_problem(
            row, reason="stop_ineffective", to=cast.organisation("fire_rescue"), at=clock("2023-04-10 09:09"),
            actor=community, now=clock("2023-04-10 09:40"),
        )  # fmt: skip
    assert refused.value.code == "report_time"
    duties.tick(clock(told))
    row = cases.report_problem(
        row, reason="stop_ineffective", to=cast.organisation("fire_rescue"), actor=community, now=clock(told)
    )
    found = interval_of(row)
    assert found.late is late and "MX-3.1.3-10" in found.clauses
    assert found.minutes == (24 * 60 + 1 if late else 24 * 60)
    state = owed(row, "report_stopped_by_community").state
    assert state == ("fulfilled_late" if late else "fulfilled")


@pytest.mark.clause("MX-3.1.3-10")
def test_thirty_minutes_between_stopping_and_reporting_are_shown():
    cast = city("meixian", "2023-04-10")
    community = cast.actor("community_station")
    row = line(cast, "fire_lane", by=community, stopped="2023-04-10 09:10", effective=False)
    row = cases.report_problem(
        row, reason="stop_ineffective", to=cast.organisation("fire_rescue"), actor=community,
        now=clock("2023-04-10 09:40"),
    )  # fmt: skip
    assert (interval_of(row).minutes, interval_of(row).late) == (30, False)


@pytest.mark.clause("MX-3.6.1-2")
@pytest.mark.parametrize(("told", "late"), [("2023-04-10 11:00", False), ("2023-04-10 11:01", True)])
def test_a_company_reports_what_it_could_not_stop_within_two_hours(told, late):
    cast = city("meixian", "2023-04-10")
    row = line(cast, "fire_lane", stopped="2023-04-10 09:00", effective=False)
    duties.tick(clock(told))
    row = cases.report_problem(
        row, reason="stop_ineffective", to=cast.organisation("fire_rescue"), actor=company(cast), now=clock(told)
    )
    assert interval_of(row).late is late
    assert owed(row, "report_stopped_in_vain").state == ("fulfilled_late" if late else "fulfilled")


@pytest.mark.clause("MX-3.6.1-2", "MX-3.3-3")
def test_what_was_stopped_has_no_two_hours_and_is_reported_all_the_same():
    cast = city("meixian", "2023-04-10")
    row = line(cast, "fire_lane", stopped="2023-04-10 09:00", effective=True)
    assert not Duty.objects.filter(rule="report_stopped_in_vain").exists()
    row = cases.report_problem(
        row, reason="stop_ineffective", to=cast.organisation("fire_rescue"), actor=company(cast),
        now=clock("2023-04-12 09:00"),
    )  # fmt: skip
    assert row.opened_case.lead_role == "fire_rescue" and interval_of(row).late is None
    for field in ("security", "fire", "market", "planning", "city", "environment", "civil_defence"):
        assert line(cast, "other", law_field=field).law_field == field


@pytest.mark.clause("MX-3.3-3")
def test_three_levels_are_told_one_after_another_and_the_line_ends_with_the_result():
    cast = city("meixian", "2023-04-10")
    for matter in ("illegal_structure", "greening", "livestock_keeping", "shared_facility_damage", "ebike_charging",
                   "parking_disorder", "fire_lane", "falling_objects", "clutter"):  # fmt: skip
        assert line(cast, matter).matter == matter
    with pytest.raises(Refused) as refused:
        line(cast, "other")
    assert "law_field" in refused.value.fields
    row = line(cast, "fire_lane", effective=False)
    me, now = company(cast), cast.now
    row = cases.report_problem(row, reason="stop_ineffective", to=cast.organisation("fire_rescue"), actor=me, now=now)
    row = cases.tell_beside(row, to=cast.organisation("community_station"), actor=me, now=now)
    levels = levels_of(row, on=now.date())
    assert (sum(told for _, told in levels), len(levels)) == (2, 3)
    assert [unit.role for unit, told in levels if not told] == ["street_office"]
    with pytest.raises(Refused):
        cases.solve_problem(row, text="了结", actor=me, now=now)
    case = worked(cast, row.opened_case, now=now)
    cases.answer(case, text="已清理", method="电话", actor=at(cast, "fire_rescue"), now=now)
    assert cases.solve_problem(row, text="已收到结果", actor=me, now=now).solved_at


@pytest.mark.clause("MX-3.5.3-3")
@pytest.mark.parametrize("matter", ["illegal_structure", "greening"])
@pytest.mark.parametrize(("done", "state"), [("2023-04-10 13:00", "fulfilled"), ("2023-04-10 13:01", "fulfilled_late")])
def test_what_has_only_begun_goes_the_fast_way_and_needs_no_finding(matter, done, state):
    cast = city("meixian", "2023-04-10")
    case = reported(
        cast, matter, to="urban_management", extent="initial", stopped="2023-04-10 08:50", when="2023-04-10 09:00"
    )
    assert case.lead_role == "urban_management" and not asking.required_steps(case)
    assert owed(case, "settle_fast").owner_role == "urban_management"
    duties.tick(clock(done))
    worked(cast, case, now=clock(done))
    assert owed(case, "settle_fast").state == state


@pytest.mark.clause("MX-3.2.11-2")
def test_an_illegal_structure_is_found_to_be_one_before_anybody_is_punished():
    cast = city("meixian", "2023-04-01")
    office = at(cast, "urban_management")

    def begun():
        case = reported(cast, to="urban_management", extent="built")
        return cases.report_in(case, actor=office, now=cast.now)

    case = begun()
    with pytest.raises(Refused) as refused:
        cases.file_penalty(case, number="眉城执罚〔2023〕1号", actor=office, now=cast.now)
    assert refused.value.code == "finding_first" and "MX-3.2.11-2" in refused.value.clauses
    case = cases.record_finding(case, lawful=False, note="违反规划", actor=office, now=cast.now)
    assert cases.file_penalty(case, number="眉城执罚〔2023〕1号", actor=office, now=cast.now).penalty_number
    cleared = cases.record_finding(begun(), lawful=True, note="有规划许可", actor=office, now=cast.now)
    assert cleared.outcome == "no_penalty" and cleared.handled_at


# -- 鸠江：劝阻告知书和上报


@pytest.mark.clause("JJ-4.2.15-3")
def test_a_notice_has_a_number_and_is_told_on_in_the_same_act():
    cast = city("jiujiang", "2022-05-05")
    row = line(cast, extent="built")
    given = {"addressee": "2幢301室业主", "demand": "请立即停止搭建，于3日内自行拆除"}
    given |= {"actor": company(cast), "now": cast.now}
    with pytest.raises(Refused) as refused:
        services.issue_notice(row, **given)
    assert "to" in refused.value.fields and "JJ-4.2.15-3" in refused.value.clauses
    notice = services.issue_notice(row, to=cast.organisation("urban_management"), **given)
    assert notice.document.number == "劝告〔2022〕1号"
    words = "\n".join(one.text for one in read_docx(core.open_file(notice.document.file)).paragraphs)
    assert "2幢301室业主" in words and "于3日内自行拆除" in words and "劝阻告知书" in words
    row.refresh_from_db()
    assert row.reported_to == cast.organisation("urban_management")
    assert row.opened_case.lead_role == "urban_management"
    assert owed(row, "report_violation").state == "fulfilled"


@pytest.mark.clause("JJ-4.2.15-3")
def test_what_was_only_dissuaded_is_listed_as_not_reported_when_the_day_is_over():
    cast = city("jiujiang", "2022-05-05")
    row = line(cast, found="2022-05-05 09:00", stopped="2022-05-05 09:10")
    assert owed(row, "report_violation").due_at == clock("2022-05-06 00:00")
    duties.tick(clock("2022-05-05 23:59"))
    assert owed(row, "report_violation").state == "open"
    duties.tick(clock("2022-05-06 00:00"))
    assert owed(row, "report_violation").state == "overdue"


@pytest.mark.clause("JJ-4.2.15-3")
def test_a_notice_is_signed_for_or_refused_before_a_witness_with_a_picture():
    cast = city("jiujiang", "2022-05-05")
    given = {"addressee": "2幢301室业主", "demand": "请停止", "to": cast.organisation("urban_management"),
             "actor": company(cast), "now": cast.now}  # fmt: skip
    notice = services.issue_notice(line(cast), **given)
    with pytest.raises(Refused) as refused:
        services.serve_notice(notice, signing="refused", at=cast.now, actor=company(cast), now=cast.now)
    assert set(refused.value.fields) == {"photo", "witness"}
    notice = services.serve_notice(
        notice, signing="refused", at=cast.now, witness="社区钱芳", photo=picture(), actor=company(cast), now=cast.now
    )
    assert (notice.signing, notice.witness) == ("refused", "社区钱芳")
    with pytest.raises(Refused):
        services.serve_notice(notice, signing="signed", at=cast.now, actor=company(cast), now=cast.now)


@pytest.mark.clause("JJ-3.1.2-3")
def test_what_is_being_built_goes_to_the_community_and_the_street_first_and_then_to_the_city_managers():
    cast = city("jiujiang", "2022-05-05")
    case = reported(cast, to="community_station", extent="initial")
    community = cast.actor("community_station")
    assert case.lead == community.organisation
    assert {one.role for one in case.part_rows() if one.part == "support"} == {"street_office"}
    case = cases.report_in(case, actor=community, now=cast.now)
    with pytest.raises(Refused) as refused:
        cases.stop_on_site(case, method=" ", effective=True, actor=community, now=cast.now)
    assert "method" in refused.value.fields
    case = cases.stop_on_site(case, method="责令停工", effective=False, actor=community, now=cast.now)
    assert case.lead_role == "urban_management" and asking.route_value(case)["finding_by"] == "planning"
    assert [one.kind for one in case.entries.order_by("at", "pk")] == [
        "opened", "assigned", "reported_in", "stopped_on_site", "assigned",
    ]  # fmt: skip


@pytest.mark.clause("JJ-3.1.2-3")
def test_what_the_community_stops_ends_with_it():
    cast = city("jiujiang", "2022-05-05")
    case = reported(cast, to="community_station", extent="initial")
    community = cast.actor("community_station")
    case = cases.report_in(case, actor=community, now=cast.now)
    assert set(asking.required_steps(case)) == {"stopped"}
    case = cases.stop_on_site(case, method="当场拆除", effective=True, actor=community, now=cast.now)
    assert case.lead == community.organisation


def test_a_line_of_another_company_is_reported_by_nobody_else():
    cast = city("jiujiang", "2022-05-05")
    row = line(cast)
    for role in ("community_station", "street_office"):
        with pytest.raises(Refused) as refused:
            cases.report_problem(
                row, reason="stop_ineffective", to=cast.organisation("urban_management"), actor=cast.actor(role),
                now=cast.now,
            )  # fmt: skip
        assert refused.value.status == 403


# -- 张家港：快速反应


@pytest.mark.clause("ZJG-7.2b")
def test_a_glasshouse_being_built_is_the_towns_and_one_that_stands_for_years_is_not():
    cast = city("zhangjiagang", "2023-05-08")
    fast = reported(cast, to="street_office", extent="initial", stopped="2023-05-08 08:50", when="2023-05-08 09:00")
    assert fast.lead_role == "street_office"
    assert {one.role for one in fast.part_rows() if one.part == "support"} == {"urban_management"}
    assert owed(fast, "arrive_fast").due_at > clock("2023-05-08 11:00") > owed(fast, "arrive_fast").opened_at
    slow = reported(cast, to="urban_management", extent="built")
    assert slow.lead_role == "urban_management"
    assert not Duty.objects.filter(rule="arrive_fast", subject_id=str(slow.pk)).exists()
    duties.tick(clock("2023-05-08 11:01"))
    duty = owed(fast, "arrive_fast")
    assert (duty.state, duty.step_name) == ("overdue", "urge")
    duties.tick(clock("2023-05-09 11:02"))
    assert owed(fast, "arrive_fast").step_name == "supervision"


@pytest.mark.clause("ZJG-2.2.2")
def test_a_company_is_punished_only_after_the_case_was_filed_and_the_result_is_in_its_file():
    cast = city("zhangjiagang", "2023-05-08")
    complaint = cases.receive_complaint(
        channel="found", estate=cast.estate, text="检查发现挪用公共收益", location="",
        matters=[cases.MatterInput(matter="company_violation", title="挪用公共收益")],
        received_at=cast.now, actor=at(cast, "housing"), now=cast.now,
    )  # fmt: skip
    case, housing = complaint.cases.get(), at(cast, "housing")
    assert case.state == State.HANDLING and case.about_company.company == cast.organisation("property_company")
    case = cases.record_intervention(case, kind="investigation", note="调取账册", actor=housing, now=cast.now)
    with pytest.raises(Refused) as refused:
        cases.file_penalty(case, number="张住建罚〔2023〕1号", actor=housing, now=cast.now)
    assert refused.value.code == "filed_first" and "ZJG-2.2.2" in refused.value.clauses
    case = cases.file_case(case, number="张住建立〔2023〕1号", actor=housing, now=cast.now)
    case = cases.file_penalty(case, number="张住建罚〔2023〕1号", actor=housing, now=cast.now)
    case = cases.handle(case, result="责令改正，罚款", outcome="penalised", actor=housing, now=cast.now)
    row = case.about_company
    row.refresh_from_db()
    assert (row.decision, row.result) == ("张住建罚〔2023〕1号", "责令改正，罚款")
    kinds = [one.kind for one in case.entries.order_by("pk")]
    assert kinds.index("filed") < kinds.index("penalty_recorded") < kinds.index("handled")


@pytest.mark.clause("JJ-3.2.7-3")
def test_a_breach_of_contract_is_noted_and_nobody_is_punished_for_it():
    cast = city("jiujiang", "2022-05-05")
    complaint = cases.receive_complaint(
        channel="found", estate=cast.estate, text="保洁频次不够", location="",
        matters=[cases.MatterInput(matter="company_violation", title="保洁频次不够")],
        received_at=cast.now, actor=at(cast, "housing"), now=cast.now,
    )  # fmt: skip
    case, housing = complaint.cases.get(), at(cast, "housing")
    assert case.lead_role == "housing"
    with pytest.raises(Refused) as refused:
        cases.file_case(case, number="1号", actor=housing, now=cast.now)
    assert refused.value.code == "no_category"
    services.choose_category(case, category="breach", actor=housing, now=cast.now)
    with pytest.raises(Refused) as refused:
        cases.file_penalty(case, number="1号", actor=housing, now=cast.now)
    assert refused.value.code == "not_punishable"
    services.choose_category(case, category="irregular", actor=housing, now=cast.now)
    case = cases.file_penalty(case, number="鸠住建罚〔2022〕1号", actor=housing, now=cast.now)
    cases.handle(case, result="罚款", outcome="penalised", actor=housing, now=cast.now)
    assert case.about_company.__class__.objects.get(case=case).decision == "鸠住建罚〔2022〕1号"
    assert Duty.objects.get(rule="check_company_credit").owner_role == "housing"


def punished(cast):
    """A company that the bureau fined."""
    complaint = cases.receive_complaint(
        channel="found", estate=cast.estate, text="挪用公共收益", location="",
        matters=[cases.MatterInput(matter="company_violation", title="挪用公共收益")],
        received_at=cast.now, actor=at(cast, "housing"), now=cast.now,
    )  # fmt: skip
    case, housing = complaint.cases.get(), at(cast, "housing")
    services.choose_category(case, category="unlawful", actor=housing, now=cast.now)
    case = cases.file_penalty(case, number="鸠住建罚〔2022〕2号", actor=housing, now=cast.now)
    return cases.handle(case, result="罚款", outcome="penalised", actor=housing, now=cast.now)


@pytest.mark.clause("JJ-3.2.7-3")
def test_a_penalty_proposes_the_black_list_and_the_office_decides_and_takes_back(client):
    cast = city("jiujiang", "2022-05-05")
    case, served = punished(cast), cast.organisation("property_company")
    on, office = cast.now.date(), at(cast, "leading_group_office")

    def known():
        return facts_of(served.ref, ("list_pending", "blacklisted"), on)

    def shown(of):
        client.force_login(of)
        return client.get(f"/xiaoqu/danwei/{served.pk}/").content.decode()

    assert known() == {"list_pending": True}
    assert OutboxMessage.objects.get(template="company.list_pending").to_organisation == office.organisation
    page = shown(office.user)
    assert all(words in page for words in (case.number, "JJ-A8-3.2.3-7", "heimingdan"))
    assert served.name in client.get("/xiaoqu/danwei/?without=decision").content.decode()
    with pytest.raises(Refused) as refused:
        decide_listing(served, listed=True, reason="处罚属实", actor=at(cast, "housing"), now=cast.now)
    assert refused.value.code == "not_decider" and "JJ-3.2.7-3" in refused.value.clauses
    decide_listing(served, listed=True, reason="处罚属实", actor=office, now=cast.now)
    assert known() == {"list_pending": False, "blacklisted": True}
    decide_listing(served, listed=False, reason="处罚被撤销", actor=office, now=cast.now)
    assert known()["blacklisted"] is False
    assert [line.name for line in company_file(served)].count("blacklisted") == 2
    with pytest.raises(Refused) as refused:
        decide_listing(served, listed=True, reason="再列", actor=office, now=cast.now)
    assert refused.value.code == "not_proposed"


@pytest.mark.clause("JJ-A8-3.1.3-2")
def test_jj_hc_50_an_award_waits_while_the_penalty_is_undecided_and_comes_back_when_it_was_annulled():
    cast = city("jiujiang", "2022-05-05")
    punished(cast)
    on, served = cast.now.date(), cast.organisation("property_company")

    def said():
        known = facts_of(served.ref, ("list_pending",), on)
        values = {"scheme": "company_award", "step": "review", **known}
        found = core.run_checks("funds.claim_step", values, place_path=cast.estate.place_path, on=on, raise_=False)
        return [one.message for one in found if "JJ-A8-3.1.3-2" in one.clauses and "待批" in one.message]

    assert len(said()) == 1 and "待人工核定" in said()[0]
    office = at(cast, "leading_group_office")
    decide_listing(served, listed=False, reason="处罚决定已撤销", actor=office, now=cast.now)
    assert said() == []


def test_who_sees_a_line_that_was_reported_to_his_unit():
    cast = city("meixian", "2023-04-10")
    case = reported(cast, "fire_lane", to="fire_rescue")
    row = case.reported_line
    from gongzhi.cases.queries import problems_for

    assert problems_for(at(cast, "fire_rescue")).filter(pk=row.pk).exists()
    assert not problems_for(at(cast, "police")).filter(pk=row.pk).exists()
    assert Case.objects.get(pk=case.pk).readers
    assert SYSTEM.is_system


@pytest.mark.clause("JY-2.4.10-6")
def test_each_unit_that_the_station_calls_has_its_own_task_until_it_has_told():
    cast = city("jiangyin", "2024-06-03")
    case = reported(cast, to="street_office")
    called = [cast.organisation("fire_rescue"), cast.organisation("police")]
    street = cast.actor("street_office")
    own = cast.organisation("street_office")
    case = cases.assign_case(case, lead=own, support=called, reason="站点现场处置", actor=street, now=cast.now)

    def tasks():
        rows = Duty.objects.filter(rule="help_station", subject_id=str(case.pk))
        return {one.owner_organisation: one.state for one in rows}

    assert tasks() == dict.fromkeys(called, "open")
    case = cases.report_in(case, actor=street, now=cast.now)
    cases.note_progress(case, note="已查看消防通道", actor=at(cast, "fire_rescue"), now=cast.now)
    assert tasks() == {called[0]: "fulfilled", called[1]: "open"}


@pytest.mark.clause("JY-2.4.10-4", "MX-3.3-3")
def test_who_has_the_case_reads_who_reported_it_and_the_notice_is_the_keepers_alone():
    cast = city("meixian", "2023-04-10")
    me, now = company(cast), cast.now
    row = cases.report_problem(
        line(cast, "fire_lane", effective=False), reason="stop_ineffective",
        to=cast.organisation("community_committee"), actor=me, now=now,
    )  # fmt: skip
    assert [told for _, told in levels_of(row, on=now.date())] == [True, False, False], "one level of the community"
    with pytest.raises(Refused) as refused:
        services.issue_notice(row, addressee="2幢", demand="挪走", actor=at(cast, "community_committee"), now=now)
    assert refused.value.code == "not_keeper"
    case = Case.objects.get(pk=row.opened_case_id)
    assert case.text.endswith("没有停止。") and "，。" not in case.text
    assert str(row.number) in str(reported_line(case, at(cast, "community_committee")))
    assert not problems_for(at(cast, "fire_rescue")).filter(pk=row.pk).exists()
    Case.objects.filter(pk=case.pk).update(lead=cast.organisation("fire_rescue"))
    assert problems_for(at(cast, "fire_rescue")).filter(pk=row.pk).exists()
