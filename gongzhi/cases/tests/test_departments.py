"""The duties of the departments one by one, as annex 3 hands them out."""

from datetime import timedelta

import pytest

from gongzhi.cases import queries, services
from gongzhi.cases.forms_fields import role_options, unit_options
from gongzhi.cases.models import Case
from gongzhi.cases.tests.steps import assigned, at, reported_in, submit, submitted, upload
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Document, OutboxMessage
from gongzhi.duties import services as duties
from gongzhi.duties.models import Duty
from gongzhi.registry import services as registry


def duty(case, rule):
    return Duty.objects.get(subject_kind="case", subject_id=str(case.pk), rule=rule)


def told(organisation):
    return list(OutboxMessage.objects.filter(to_organisation=organisation).values_list("template", flat=True))


@pytest.mark.clause("JJ-A3-2.2-1", "JJ-A3-2.3-2", "JJ-A3-2.4-1", "JJ-A3-2.4-4", "JJ-A3-2.5-3")
@pytest.mark.parametrize(
    ("matter", "lead"),
    [
        ("civil_defence_facility", "housing"),
        ("pollution_source", "ecology"),
        ("elevator_safety", "market_regulation"),
        ("special_equipment", "market_regulation"),
        ("other_market_violation", "market_regulation"),
        ("fireworks", "police"),
        ("security_facility", "police"),
    ],
)
def test_each_matter_has_its_department_and_the_fifteen_days_run(cast, matter, lead):
    case = assigned(cast, matter)
    assert case.lead == cast.organisation(lead)
    assert duty(case, "answer_complaint").due_at == at(5, 21, 0)


@pytest.mark.clause("JJ-A3-2.7-1", "JJ-A3-2.9-1", "JJ-A3-2.5-1", "JJ-A3-2.6-2")
@pytest.mark.parametrize(
    ("matter", "lead"),
    [
        ("service_premises_planning", "planning"),
        ("community_committee_neglect", "civil_affairs"),
        ("owners_committee_complaint", "street_office"),
        ("obstruction_of_duty", "police"),
        ("fire_lane", "fire_rescue"),
        ("fire_facility_damage", "fire_rescue"),
        ("fire_duty_unmet", "fire_rescue"),
        ("other_fire", "fire_rescue"),
    ],
)
def test_committees_premises_and_fire_have_theirs(cast, matter, lead):
    assert assigned(cast, matter).lead == cast.organisation(lead)


@pytest.mark.clause("JJ-A3-2.1-3")
@pytest.mark.parametrize(
    "matter",
    ["shared_part_encroachment", "shared_part_damage", "shared_facility_encroachment", "shared_facility_damage"],
)
def test_shared_parts_and_facilities_go_to_the_bureau_that_intervenes_first(cast, matter):
    case = reported_in(cast, matter, lead="urban_management")
    bureau = cast.actor("urban_management")
    with pytest.raises(Refused) as refused:
        services.record_intervention(case, kind="enforcement", note="拆除", actor=bureau, now=at(5, 6))
    assert "JJ-A3-2.1-3" in refused.value.clauses
    services.record_intervention(case, kind="early", note="到场劝阻", actor=bureau, now=at(5, 6))
    case = services.record_intervention(case, kind="enforcement", note="拆除", actor=bureau, now=at(5, 7))
    assert case.intervened_at < case.enforced_at


@pytest.mark.clause("JJ-A3-2.4-3")
def test_an_unlicensed_business_is_received_checked_investigated_and_dealt_with_in_this_order(cast):
    case = reported_in(cast, "unlicensed_business", lead="market_regulation", now=at(5, 5))
    bureau = cast.actor("market_regulation")

    def investigate(now):
        return services.record_intervention(case, kind="investigation", note="询问笔录", actor=bureau, now=now)

    def deal(now):
        return services.handle(case, result="已取缔。", outcome="rectified", actor=bureau, now=now)

    for too_early in (investigate, deal):
        with pytest.raises(Refused) as refused:
            too_early(at(5, 6))
        assert "JJ-A3-2.4-3" in refused.value.clauses
    services.verify_on_site(case, note="没有执照", actor=bureau, now=at(5, 6))
    with pytest.raises(Refused):
        deal(at(5, 6))
    investigate(at(5, 7))
    done = deal(at(5, 8))
    steps = [done.reported_in_at, done.verified_at, done.investigated_at, done.handled_at]
    assert steps == [at(5, 5), at(5, 6), at(5, 7), at(5, 8)]


@pytest.mark.clause("JJ-A3-2.4-3")
def test_a_licensed_shop_that_disturbs_is_mediated(cast):
    case = reported_in(cast, "unlicensed_business", lead="market_regulation")
    case = services.change_matter(
        case,
        matter="licensed_business_nuisance",
        reason="有照，夜间扰民",
        actor=cast.actor("hotline_desk"),
        now=at(5, 6),
    )
    assert case.lead == cast.organisation("community_station")


@pytest.mark.clause("JJ-A3-2.2-3", "JJ-A3-2.2-2")
def test_noise_of_renovation_is_mediated_and_a_price_is_not_the_housing_bureaus(cast):
    assert submitted(cast, "renovation_nuisance").lead == cast.organisation("community_station")
    assert assigned(cast, "company_violation").lead == cast.organisation("housing")
    assert assigned(cast, "price_violation").lead == cast.organisation("market_regulation")


@pytest.mark.clause("JJ-A3-2.2-4", "JJ-A3-3.3-3")
def test_the_housing_bureau_transfers_by_letter_and_helps_to_find_with_an_opinion(cast):
    case = reported_in(cast, "load_bearing_wall", lead="housing", now=at(5, 5))
    housing, bureau = cast.actor("housing"), cast.actor("urban_management")
    papers = {kind: upload(kind) for kind in ("source", "evidence", "basis")}
    services.transfer_case(case, papers=papers, reason="涉嫌拆承重墙", actor=housing, now=at(5, 7))
    case = services.report_in(case, actor=bureau, now=at(5, 8))
    assert case.transfers.get().signed_at == at(5, 8)
    services.request_finding(case, actor=bureau, now=at(5, 8))
    services.record_finding(case, lawful=False, note="属承重结构", actor=housing, now=at(5, 9))
    opinion = Document.objects.get(instrument="finding_opinion", subject_id=str(case.pk))
    assert opinion.issuer == cast.organisation("housing")
    day = at(5, 5).date()
    rows = queries.transfer_days(cast.county.path, received_from=day, received_to=day)
    assert rows == [{"unit": cast.organisation("housing").name, "times": 1, "mean": timedelta(days=2)}]


@pytest.mark.clause("JJ-A3-2.2-5")
def test_quality_within_the_warranty_is_the_housing_bureaus_and_the_developer_is_told(cast):
    developer = core.ensure_organisation("developer", place=cast.county, name="江城置业有限公司")

    def quality(within):
        given = services.MatterInput(matter="construction_quality", title="外墙渗水", facts={"within_warranty": within})
        return submit(cast, matters=[given]).cases.get()

    case = services.assign_case(quality(True), actor=cast.actor("hotline_desk"), now=at(5, 5))
    assert case.lead == cast.organisation("housing")
    assert "case.told_unit" in told(developer)
    duties.tick(at(5, 21))
    late = OutboxMessage.objects.filter(to_organisation=developer, template="duty.overdue").values_list(
        "text", flat=True
    )
    assert late and all("归本单位做的" in one and "接办" not in one for one in late)
    out = quality(False)
    assert (out.state, out.route_lead) == ("pending_duty", "")
    unknown = submitted(cast, "construction_quality")
    assert unknown.needs == ["within_warranty"]


@pytest.mark.clause("JJ-A3-2.3-2")
def test_a_source_of_pollution_is_punished_by_ecology_itself_or_handed_on(cast):
    ecology = cast.actor("ecology")
    kept = reported_in(cast, "pollution_source", lead="ecology")
    assert not Duty.objects.filter(subject_kind="case", subject_id=str(kept.pk), rule="transfer_case").exists()
    services.file_penalty(kept, number="环罚〔2022〕1号", actor=ecology, now=at(5, 6))
    handed = reported_in(cast, "pollution_source", lead="ecology")
    papers = {kind: upload(kind) for kind in ("source", "evidence", "basis")}
    handed = services.transfer_case(handed, papers=papers, reason="焚烧垃圾", actor=ecology, now=at(5, 6))
    assert handed.lead == cast.organisation("urban_management")


@pytest.mark.clause("JJ-A3-2.3-1")
def test_toxic_discharge_is_received_found_and_transferred_within_three_work_days(cast):
    case = reported_in(cast, "toxic_discharge", lead="ecology", now=at(5, 5))
    ecology = cast.actor("ecology")
    assert duty(case, "transfer_case").due_at == at(5, 10, 0), "24:00 of Monday 9 May; Saturday the 7th was a work day"
    papers = {kind: upload(kind) for kind in ("source", "evidence", "basis")}
    with pytest.raises(Refused) as refused:
        services.transfer_case(case, papers=papers, reason="排污", actor=ecology, now=at(5, 6))
    assert refused.value.code == "finding_first"
    services.request_finding(case, actor=ecology, now=at(5, 6))
    services.record_finding(case, lawful=False, note="含油漆", actor=ecology, now=at(5, 6))
    case = services.transfer_case(case, papers=papers, reason="排污", actor=ecology, now=at(5, 9))
    assert duty(case, "transfer_case").state == "fulfilled"


@pytest.mark.clause("JJ-A3-2.5-1")
@pytest.mark.parametrize("matter", ["fire_lane", "illegal_structure"])
def test_any_case_of_enforcement_calls_the_police_with_one_act(cast, matter):
    lead = "fire_rescue" if matter == "fire_lane" else "urban_management"
    case = reported_in(cast, matter, lead=lead)
    services.request_police(case, note="有人阻拦", actor=cast.actor(lead), now=at(5, 6))
    assert "case.police_requested" in told(cast.organisation("police"))
    owed = duty(case, "come_to_aid")
    assert owed.owner_organisation == cast.organisation("police") and "JJ-A3-2.5-1" in owed.clauses
    assert owed.due_at == at(5, 6) + timedelta(hours=2, minutes=1), "to the end of the minute"
    case = services.police_arrived(case, at=at(5, 6, 10), result="已劝离", actor=cast.actor("police"), now=at(5, 6, 11))
    assert case.police_arrived_at == at(5, 6, 10)
    assert duty(case, "come_to_aid").state == "fulfilled"


@pytest.mark.clause("JJ-A3-2.6-1")
def test_the_emergency_bureau_reads_a_fire_case_presses_for_it_and_has_it_in_its_register(cast):
    case = reported_in(cast, "fire_lane", lead="fire_rescue")
    office = cast.organisation("emergency")
    emergency = Actor(cast.user("housing"), office, "emergency", cast.county.path, "应急局 王")
    assert queries.may_see(emergency, case)
    with pytest.raises(Refused):
        services.handle(case, result="已清", outcome="rectified", actor=emergency, now=at(5, 6))
    services.urge(case, text="三日内清完", actor=emergency, now=at(5, 6))
    assert "case.urged" in told(cast.organisation("fire_rescue"))
    assert case.entries.filter(kind="urged").exists()
    day = at(5, 5).date()
    for unit in (office, cast.organisation("fire_rescue")):
        rows = queries.register_rows(unit, received_from=day, received_to=day, now=at(5, 6))
        assert [(row["编号"], row["答复期限"]) for row in rows] == [(case.number, "2022年5月20日")]


@pytest.mark.clause("JJ-A3-2.8-1")
def test_the_justice_bureau_sees_the_figures_of_mediation_and_handles_no_case(cast):
    case = submitted(cast, "neighbour_dispute")
    justice = Actor(cast.user("housing"), cast.organisation("justice"), "justice", cast.county.path, "司法局 李")
    day = at(5, 5).date()
    assert core.may(justice, "cases.supervise_mediation", cast.organisation("justice"))
    rows = queries.mediation_totals(justice.place_path, received_from=day, received_to=day)
    assert [(row["unit"], row["times"]) for row in rows] == [(cast.organisation("community_station").name, 1)]
    with pytest.raises(Refused):
        services.report_in(case, actor=justice, now=at(5, 6))


@pytest.mark.clause("JJ-A3-2.11-1")
def test_a_dispute_that_goes_to_court_keeps_the_number_there_and_one_from_the_court_goes_to_the_centre(cast):
    assert submitted(cast, "court_referred_dispute").lead == cast.organisation("mediation_centre")
    case = submitted(cast, "neighbour_dispute")
    station = cast.actor("community_station")
    services.report_in(case, actor=station, now=at(5, 6))
    case = services.handle(
        case, result="转诉讼，案号（2022）皖0207民初31号", outcome="litigation", actor=station, now=at(5, 7)
    )
    assert (case.get_outcome_display(), "民初31号" in case.result) == ("转诉讼", True)


@pytest.mark.clause("JJ-3.3.10-2")
def test_a_community_hands_a_dispute_up_to_the_street(cast):
    case = submitted(cast, "neighbour_dispute")
    station = cast.actor("community_station")
    services.report_in(case, actor=station, now=at(5, 6))
    case = services.hand_up(case, reason="两次调解未成", actor=station, now=at(5, 9))
    assert case.lead == cast.organisation("mediation_station")
    assert case.lead.place == cast.street


@pytest.mark.clause("JJ-A3-1-1")
def test_others_see_that_a_department_has_stepped_in(cast):
    case = submitted(cast, "illegal_structure")
    bureau, planning = cast.actor("urban_management"), cast.actor("planning")
    assert queries.may_see(bureau, case), "open to the department whose duty it is"
    assert not queries.may_see(planning, case)
    case = services.claim_case(case, actor=bureau, now=at(5, 6))
    assert queries.may_see(planning, case)
    titles = [entry.title for entry in queries.timeline(case, planning)]
    assert f"已由{bureau.organisation}介入" in titles
    assert duty(case, "answer_complaint").owner_organisation == bureau.organisation


@pytest.mark.clause("JJ-A3-3.3-4")
def test_the_time_for_a_penalty_is_extended_once_and_only_with_the_paper_of_approval(cast):
    case = reported_in(cast, "illegal_structure", lead="urban_management")
    bureau = cast.actor("urban_management")
    services.file_case(case, number="鸠城管立〔2022〕31号", actor=bureau, now=at(5, 20))
    first = duty(case, "decide_penalty")
    assert first.due_at == at(8, 19, 0)
    duties.tick(at(8, 4))
    assert "duty.reminded" in told(bureau.organisation)
    extend = {"number": "鸠城管延〔2022〕2号", "actor": bureau, "now": at(8, 10)}
    services.explain_overdue(case, text="当事人失联", actor=bureau, now=at(8, 10))
    with pytest.raises(Refused) as refused:
        services.extend_penalty(case, file=None, **extend)
    assert "file" in refused.value.fields
    case = services.extend_penalty(case, file=upload("批准延长"), **extend)
    assert duty(case, "decide_penalty_extended").due_at == at(10, 18, 0), "24:00 of the sixtieth day after 18 August"
    first.refresh_from_db()
    assert first.state == "void"
    with pytest.raises(Refused):
        services.extend_penalty(case, file=upload("再延长"), **extend)


@pytest.mark.clause("JJ-A7-2.2-2")
def test_a_call_nobody_can_settle_goes_up_and_both_sides_are_reminded_until_it_is_signed_for(cast):
    station, street = cast.actor("community_station"), cast.actor("street_office")
    case = submitted(cast, "fire_lane", channel="phone", actor=station, now=at(5, 9))
    assert duty(case, "dispatch_case").due_at == at(5, 11, 0), "reported upwards within a work day"
    case = services.report_up(case, reason="本级无执法权", actor=station, now=at(5, 9, 15))
    assert (case.state, duty(case, "dispatch_case").state) == ("awaiting_sign", "fulfilled")
    assert duty(case, "sign_report").due_at == at(5, 11, 0)
    duties.tick(at(5, 11, 0, 1))
    assert "duty.overdue" in told(street.organisation)
    assert "case.report_unsigned" in told(station.organisation)
    case = services.sign_report(case, actor=street, now=at(5, 11, 9))
    report = case.reports.get()
    assert (report.signed_by, report.signed_at) == (street.user, at(5, 11, 9))
    assert duty(case, "dispatch_again").owner_organisation == street.organisation
    assert duty(case, "answer_complaint").owner_organisation == street.organisation
    case = services.whistle(case, actor=street, now=at(5, 11, 9))
    assert duty(case, "dispatch_again").state == "fulfilled"


def stopped_in_vain(cast, *, now):
    manager = cast.actor("project_manager")
    problem = services.register_problem(
        estate=cast.estate, source="patrol", found_at=now, spot="3幢", text="楼顶搭建", reporter="王保安",
        matter="illegal_structure", violation=True, stopped_at=now, stopped_how="当面劝阻", actor=manager, now=now,
    )  # fmt: skip
    return services.stop_problem(problem, at=now, how="当面劝阻", effective=False, actor=manager, now=now)


@pytest.mark.clause("JJ-A7-3.4-1")
def test_a_company_that_reports_too_late_becomes_a_candidate_for_a_bulletin(cast):
    problem = stopped_in_vain(cast, now=at(5, 9))
    targets = services.report_targets(problem, on=at(5, 9).date())
    assert targets[0] == ("urban_management", cast.organisation("urban_management"))
    duties.tick(at(5, 11, 0, 1))
    candidate = Duty.objects.get(rule="review_late_report")
    assert (candidate.subject_kind, candidate.subject_id) == ("problem", str(problem.pk))
    assert candidate.owner_organisation == cast.organisation("street_office")


@pytest.mark.clause("JJ-A4-2.3-7")
def test_who_gets_a_repair_after_another_unit_has_its_own_hours(cast):
    desk, company = cast.actor("hotline_desk"), cast.actor("project_manager")
    case = submitted(cast, "renovation_nuisance", now=at(5, 5, 9))
    case = services.change_matter(case, matter="repair_request", reason="是报修", actor=desk, now=at(5, 5, 15))
    assert (case.lead, duty(case, "respond_to_repair").due_at) == (company.organisation, at(5, 6, 15, 1))
    plain = submitted(cast, "repair_request", now=at(5, 5, 9))
    services.return_case(plain, should_be="street_office", reason="不归我们", actor=company, now=at(5, 5, 10))
    services.assign_case(plain, actor=cast.actor("street_office"), now=at(5, 5, 12))
    again = Duty.objects.get(subject_kind="case", subject_id=str(plain.pk), rule="respond_to_repair", state="open")
    assert again.due_at == at(5, 6, 9, 1), "who gets its own back has had it since the report"


@pytest.mark.clause("JJ-A4-2.3-7")
def test_a_repair_is_with_the_company_at_once_an_urgent_one_within_the_hour(cast):
    plain = submitted(cast, "repair_request", now=at(5, 5, 9))
    assert (plain.lead, plain.state) == (cast.organisation("property_company"), "assigned")
    assert duty(plain, "respond_to_repair").due_at == at(5, 6, 9, 1)
    given = services.MatterInput(matter="repair_request", title="水管爆裂", facts={"urgent": True})
    urgent = submit(cast, matters=[given], now=at(5, 5, 9)).cases.get()
    assert duty(urgent, "arrive_for_urgent_repair").due_at == at(5, 5, 10, 1)
    manager = cast.actor("project_manager")
    services.report_in(urgent, actor=manager, now=at(5, 5, 9, 20))
    services.verify_on_site(urgent, note="关阀", actor=manager, now=at(5, 5, 9, 50))
    services.handle(urgent, result="已换管", outcome="settled", actor=manager, now=at(5, 5, 12))
    assert duty(urgent, "arrive_for_urgent_repair").state == "fulfilled"
    news = queries.tracked_cases(urgent.complaint)[0].news
    assert [moment for moment, _ in sorted(news)][-3:] == [at(5, 5, 9, 20), at(5, 5, 9, 50), at(5, 5, 12)]


@pytest.mark.clause("JJ-A5-3.2-1")
def test_what_a_steward_submits_is_marked_and_tells_both_of_every_step(cast):
    steward = cast.user("community_committee")
    complaint = submit(cast, "fire_lane", actor=Actor.of(steward, cast.now), on_behalf=steward)
    case = complaint.cases.get()
    assert complaint.steward == steward
    services.assign_case(case, actor=cast.actor("hotline_desk"), now=at(5, 6))
    sent = OutboxMessage.objects.filter(template="case.assigned")
    assert sent.filter(to_user=steward).exists()
    assert sent.filter(to_person=complaint.complainant).exists()
    assert Case.objects.get(pk=case.pk).is_complainant(Actor.of(steward, cast.now))


@pytest.mark.clause("JJ-5.3-1")
@pytest.mark.parametrize(
    "role", ["housing", "urban_management", "market_regulation", "ecology", "police", "fire_rescue"]
)
def test_six_departments_keep_a_register_of_their_own_by_period(cast, role):
    matters = {
        "housing": "company_violation",
        "urban_management": "illegal_structure",
        "market_regulation": "price_violation",
        "ecology": "pollution_source",
        "police": "public_safety",
        "fire_rescue": "fire_lane",
    }
    actor, unit = cast.actor(role), cast.organisation(role)
    case = submitted(cast, matters[role], channel="phone", actor=actor, now=at(5, 5))
    assert (case.state, case.lead) == ("handling", unit)
    assert case.number.startswith("JJ-2022-")

    def rows(first, last):
        found = queries.register_rows(unit, received_from=first.date(), received_to=last.date(), now=at(5, 9))
        return [(row["编号"], row["收到时间"]) for row in found]

    assert rows(at(5, 5), at(5, 5)) == [(case.number, at(5, 5))]
    assert rows(at(5, 6), at(5, 9)) == []


@pytest.mark.clause("JJ-A3-2.0-1", "JJ-5.3-1")
def test_what_is_not_its_own_a_department_registers_and_hands_to_the_desk(cast):
    case = submitted(cast, "price_violation", channel="phone", actor=cast.actor("police"), now=at(5, 5))
    assert (case.state, case.desk) == ("pending", cast.organisation("hotline_desk"))
    assert (duty(case, "answer_complaint").due_at, case.answer_due_at) == (at(5, 21, 0), at(5, 21, 0))


def test_an_estate_without_a_company_sends_its_repairs_to_the_community(cast):
    case = submitted(cast, "repair_request", estate=cast.estate_outside)
    served = registry.project_on(cast.estate_outside, at(5, 5).date())
    assert (case.route_lead == "community_station") is (served is None)


@pytest.mark.clause("JJ-3.0-1")
def test_what_the_document_calls_several_units_together_is_given_no_case(cast):
    on, place = at(5, 5).date(), cast.county
    for role in ("member_units", "development_zone"):
        core.ensure_organisation(role, place=place, name=f"示范{role}", on=on, demo=False)
    case = submitted(cast, "noise")
    roles = {unit.role for unit in unit_options(case)} | set(dict(role_options(case)))
    assert "development_zone" in roles
    assert not roles & {"member_units", "direct_units", "related_departments"}


@pytest.mark.clause("JJ-A7-3.5-1")
def test_who_receives_a_case_comes_on_site_and_tells_the_parties_in_days_of_its_own(cast):
    case = reported_in(cast, "load_bearing_wall", lead="housing")
    papers = {kind: upload(kind) for kind in ("source", "evidence", "basis")}
    when = at(5, 6, 9)
    services.transfer_case(case, papers=papers, reason="涉嫌违法", actor=cast.actor("housing"), now=when)
    for rule in ("verify_on_site", "tell_deadline"):
        was, own = Duty.objects.filter(rule=rule, subject_id=str(case.pk)).order_by("pk")
        assert (was.state, was.owner_role, own.state, own.owner_role) == ("void", "housing", "open", "urban_management")
        assert own.owner_organisation == cast.organisation("urban_management")
        assert own.opened_at == when and own.due_at > was.due_at
