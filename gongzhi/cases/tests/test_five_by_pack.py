"""What the other four documents ask of the complaint, through the same services."""

from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse

from gongzhi.cases import services
from gongzhi.cases.accountability.services.tasks import give_tasks
from gongzhi.cases.forms_acts import ReportUpForm
from gongzhi.cases.forms_fields import matter_options, role_options, unit_options
from gongzhi.cases.models import Case
from gongzhi.cases.queries import hotspots
from gongzhi.cases.queries.cases import case_view, cases_for
from gongzhi.cases.tests.pages import act_url, browse, post, words  # noqa: F401
from gongzhi.cases.tests.steps import upload
from gongzhi.core.days import ZONE, local_day
from gongzhi.core.display import due_moment_words
from gongzhi.core.errors import Refused
from gongzhi.core.models import Document, OutboxMessage
from gongzhi.core.tests.cast import Cast, build
from gongzhi.duties import services as duties
from gongzhi.duties.models import Duty
from gongzhi.policy.periods import through_minute
from gongzhi.registry import services as registry

RECEIVED = datetime(2024, 5, 8, 9, 0, tzinfo=ZONE)
COUNTY = {"zhangjiagang": "320582", "jinhua": "330782", "jiangyin": "320281", "meixian": "610326"}
HOUR = timedelta(hours=1)
NONE = dict.fromkeys(("investigation", "pictures", "minutes", "instructions"), "none")


@pytest.fixture
def cast(request, db):
    return build(RECEIVED, county=COUNTY[request.param], pack=request.param)


def on_a_day_in(slug):
    return pytest.mark.parametrize("cast", [slug], indirect=True)


def received(cast: Cast, matter: str, *, now: datetime = RECEIVED, phone: str = "13812345678", **given) -> Case:
    channel = given.pop("channel", "web")
    facts = given.pop("facts", {})
    person = (
        {}
        if channel == "found"
        else {"complainant": services.ComplainantInput(name="陈建国", phone=phone, address="2幢301室")}
    )
    complaint = services.receive_complaint(
        channel=channel,
        estate=given.pop("estate", cast.estate),
        text="楼下绿地被人占了种菜，请处理。",
        matters=[services.MatterInput(matter=matter, title="占绿种菜", facts=facts)],
        received_at=now,
        actor=cast.actor(given.pop("by", "owner" if channel == "web" else "street_office")),
        now=now,
        **person,
        **given,
    )
    return complaint.cases.get()


def worked(cast: Cast, case: Case, lead: str, now: datetime, *, outcome: str = "rectified") -> Case:
    actor = cast.actor(lead)
    if case.state == "assigned":
        case = services.report_in(case, actor=actor, now=now)
    case = services.handle(case, result="已办理。", outcome=outcome, actor=actor, now=now)
    if case.state == "answered":
        return case
    return services.answer(case, text="已办理。", method="电话", actor=actor, now=now)


def refused(act, case, cast, role, now, **given) -> Refused:
    with pytest.raises(Refused) as found:
        act(case, actor=cast.actor(role), now=now, **given)
    return found.value


def owed(case: Case, rule: str) -> Duty:
    return Duty.objects.get(subject_kind="case", subject_id=str(case.pk), rule=rule)


# ── Zhangjiagang ──


@on_a_day_in("zhangjiagang")
@pytest.mark.clause("ZJG-2.3.11a")
def test_what_the_department_settled_waits_at_the_centre_until_it_is_fed_back(cast, browse):  # noqa: F811
    case = received(cast, "greening")
    assert (case.desk_role, case.state) == ("complaint_desk", "pending")
    case = services.assign_case(case, actor=cast.actor("complaint_desk"), now=RECEIVED + HOUR)
    case = worked(cast, case, "urban_management", RECEIVED + 2 * HOUR)
    feedback = owed(case, "feed_back")
    assert (feedback.owner_organisation, feedback.state) == (cast.organisation("complaint_desk"), "open")
    assert feedback.due_at == datetime(2024, 5, 11, 0, 0, tzinfo=ZONE)
    centre = browse("complaint_desk", RECEIVED + 3 * HOUR)
    assert all("待反馈" in words(centre.get(address)) for address in ("/anjian/", f"/anjian/{case.number}/"))
    assert case.number in words(centre.get("/gongzuotai/"))
    why = refused(services.close_case, case, cast, "complaint_desk", RECEIVED + 3 * HOUR)
    assert "待反馈" in why.message
    assert refused(services.call_back, case, cast, "urban_management", RECEIVED, satisfied=True).code == "not_follower"
    case = services.call_back(case, satisfied=True, actor=cast.actor("complaint_desk"), now=RECEIVED + 3 * HOUR)
    case = services.close_case(case, actor=cast.actor("complaint_desk"), now=RECEIVED + 3 * HOUR)
    assert owed(case, "feed_back").state == "fulfilled"


@on_a_day_in("zhangjiagang")
@pytest.mark.clause("ZJG-5.1c", "ZJG-5.2b", "ZJG-5.3a")
def test_a_dispute_climbs_from_community_to_town_to_city_and_the_other_town_never_sees_it(cast):
    case = received(cast, "service_charge_dispute")
    case = services.assign_case(case, actor=cast.actor("complaint_desk"), now=RECEIVED + HOUR)
    case.facts = {**case.facts, "affected_households": 120}
    case.save()
    seen = [case.lead]
    for role in ("mediation_room", "mediation_station"):
        case = services.report_in(case, actor=cast.actor(role), now=RECEIVED + 2 * HOUR)
        case = services.hand_up(case, reason="调解不成，涉及户数多。", actor=cast.actor(role), now=RECEIVED + 3 * HOUR)
        seen.append(case.lead)
        assert not cases_for(cast.actor("street_office@2")).filter(pk=case.pk).exists()
    assert seen == [cast.organisation(one) for one in ("mediation_room", "mediation_station", "mediation_centre")]
    case = services.report_in(case, actor=cast.actor("mediation_centre"), now=RECEIVED + 4 * HOUR)
    why = refused(services.hand_up, case, cast, "mediation_centre", RECEIVED + 4 * HOUR, reason="仍不成。")
    assert why.code == "top_level"


@on_a_day_in("zhangjiagang")
@pytest.mark.clause("ZJG-5.1c")
@pytest.mark.parametrize(("households", "lead"), [(49, "mediation_room"), (50, "mediation_centre")])
def test_the_households_concerned_weigh_a_dispute_and_not_those_of_the_estate(cast, households, lead):
    case = received(cast, "service_charge_dispute", facts={"affected_households": households})
    assert case.route_lead == lead


@on_a_day_in("zhangjiagang")
@pytest.mark.clause("ZJG-2.3.1b")
def test_what_planning_finds_lawful_ends_without_a_penalty(cast):
    case = received(cast, "illegal_structure")
    case = services.assign_case(case, actor=cast.actor("complaint_desk"), now=RECEIVED + HOUR)
    actor = cast.actor("urban_management")
    case = services.report_in(case, actor=actor, now=RECEIVED + HOUR)
    case = services.request_finding(case, actor=actor, now=RECEIVED + HOUR)
    assert owed(case, "give_finding").due_at == datetime(2024, 5, 22, 0, 0, tzinfo=ZONE)
    case = services.record_finding(
        case, lawful=True, note="有规划许可。", actor=cast.actor("planning"), now=RECEIVED + 2 * HOUR
    )
    assert (case.state, case.outcome) == ("handled", "no_penalty")
    assert refused(services.file_penalty, case, cast, "urban_management", RECEIVED, number="1号").code == "found_lawful"


@on_a_day_in("zhangjiagang")
@pytest.mark.clause("ZJG-1.2b", "ZJG-2.3.11a")
def test_what_is_not_answered_by_the_fifteenth_work_day_is_inspected_by_the_leading_office(cast):
    case = received(cast, "greening")
    case = services.assign_case(case, actor=cast.actor("complaint_desk"), now=RECEIVED + HOUR)
    assert Document.objects.get(instrument="work_order").number == "张便民物移〔2024〕1号"
    duties.tick(datetime(2024, 5, 29, 0, 1, tzinfo=ZONE))
    notice = Document.objects.get(instrument="supervision_notice")
    assert notice.issuer == cast.organisation("leading_group_office")
    assert notice.number == "张物督〔2024〕1号"
    assert case.answer_due_at == datetime(2024, 5, 29, 0, 0, tzinfo=ZONE)


@on_a_day_in("zhangjiagang")
@pytest.mark.clause("ZJG-2.3.12", "ZJG-2.3.2a")
def test_the_matters_and_units_of_the_document_are_offered_on_the_forms(cast):
    on = local_day(RECEIVED)
    offered = {code for _, rows in matter_options(cast.county.path, on) if isinstance(rows, list) for code, _ in rows}
    assert {"gas_supply_fault", "abandoned_vehicle", "illegal_structure"} <= offered
    case = received(cast, "gas_supply_fault")
    assert (case.nature, case.route_lead) == ("request", "gas_company")
    assert {"gas_company", "development_reform"} <= {unit.role for unit in unit_options(case)}
    assert "development_reform" in dict(role_options(case))
    case = services.assign_case(case, actor=cast.actor("complaint_desk"), now=RECEIVED + HOUR)
    assert case.lead == cast.organisation("gas_company")
    assert not cast.actor("gas_company").is_staff_role, "a company does not see who complained"
    assert cast.actor("development_reform").is_staff_role


@on_a_day_in("zhangjiagang")
@pytest.mark.clause("ZJG-1.2b")
def test_a_unit_may_say_that_a_department_of_the_document_should_have_it_and_only_the_leading_office_designates(cast):
    case = received(cast, "price_violation")
    for _ in range(2):
        case = services.assign_case(case, actor=cast.actor("complaint_desk"), now=RECEIVED + HOUR)
        case = services.return_case(
            case,
            should_be="development_reform",
            reason="属于收费标准。",
            actor=cast.actor("market_regulation"),
            now=RECEIVED + HOUR,
        )
    assert case.state == "pending_duty"
    lead = cast.organisation("development_reform")
    why = refused(services.designate, case, cast, "hotline_desk", RECEIVED + HOUR, lead=lead, reason="协调")
    assert why.code == "not_designating"
    case = services.designate(
        case, lead=lead, reason="属于收费标准。", actor=cast.actor("leading_group_office"), now=RECEIVED + HOUR
    )
    assert (case.lead, case.designated) == (lead, True)


# ── Jinhua ──


@on_a_day_in("jinhua")
@pytest.mark.clause("JH-4.2d", "JH-3.2.2b")
def test_three_channels_get_a_number_each_and_go_the_same_way(cast):
    web = received(cast, "greening", phone="13800000001")
    phone = received(cast, "greening", channel="phone", phone="13800000002")
    visit = received(cast, "greening", channel="visit", phone="13800000003", visitors=2)
    assert len({one.number for one in (web, phone, visit)}) == 3
    assert {(one.desk_role, one.route_lead, one.state) for one in (web, phone, visit)} == {
        ("street_office", "urban_management", "pending")
    }
    due = {owed(one, "answer_complaint").due_at for one in (web, phone, visit)}
    assert due == {datetime(2024, 5, 29, 0, 0, tzinfo=ZONE)}


@on_a_day_in("jinhua")
@pytest.mark.clause("JH-4.2d")
def test_the_same_person_about_the_same_matter_is_joined_and_counted(cast):
    first = received(cast, "greening")
    again = received(cast, "greening", channel="phone", now=RECEIVED + timedelta(days=1))
    other = received(cast, "greening", channel="phone", phone="13900000000", now=RECEIVED + timedelta(days=1))
    assert (again.state, again.merged_into) == ("merged", first)
    assert other.state == "pending", "somebody else's is his own"
    assert first.merged_cases.count() == 1
    found = hotspots(cast.county.path, RECEIVED + timedelta(days=2))
    assert found.estates[0]["times"] == 3, "every submission counts"
    assert found.estates[0]["matter_name"] == "毁绿占绿"


@on_a_day_in("zhangjiagang")
def test_where_the_document_does_not_join_repeats_they_stay_two(cast):
    first = received(cast, "greening")
    again = received(cast, "greening", now=RECEIVED + timedelta(days=1))
    assert (first.state, again.state) == ("pending", "pending")


@on_a_day_in("jinhua")
@pytest.mark.clause("JH-4.2d")
def test_a_call_back_that_finds_it_unsolved_opens_the_case_again(cast):
    case = received(cast, "greening")
    case = services.assign_case(case, actor=cast.actor("street_office"), now=RECEIVED + HOUR)
    case = worked(cast, case, "urban_management", RECEIVED + 2 * HOUR)
    assert "called_back" in refused(services.close_case, case, cast, "urban_management", RECEIVED + 3 * HOUR).fields
    case = services.call_back(case, satisfied=False, actor=cast.actor("street_office"), now=RECEIVED + 3 * HOUR)
    assert (case.state, case.reopened_times, case.answered_at) == ("handling", 1, None)
    assert owed(case, "answer_again").owner_organisation == cast.organisation("urban_management")


@on_a_day_in("jinhua")
@pytest.mark.clause("JH-3.2.2a")
def test_joint_enforcement_closes_only_when_every_department_has_told_its_result(cast):
    case = received(cast, "illegal_structure")
    helpers = [cast.organisation("police"), cast.organisation("fire_rescue")]
    case = services.assign_case(case, support=helpers, actor=cast.actor("street_office"), now=RECEIVED + HOUR)
    case = worked(cast, case, "urban_management", RECEIVED + 2 * HOUR)
    case = services.call_back(case, satisfied=True, actor=cast.actor("street_office"), now=RECEIVED + 3 * HOUR)
    for role in ("police", "fire_rescue"):
        why = refused(services.close_case, case, cast, "urban_management", RECEIVED + 3 * HOUR)
        assert "JH-3.2.2a" in why.clauses
        case = services.note_progress(case, note="已参加联合执法。", actor=cast.actor(role), now=RECEIVED + 3 * HOUR)
    assert services.close_case(case, actor=cast.actor("urban_management"), now=RECEIVED + 4 * HOUR).state == "closed"


@on_a_day_in("jinhua")
@pytest.mark.clause("JH-2.2i", "JH-3.1.1c")
def test_what_no_list_names_lies_with_the_city_office_and_is_not_lost(cast):
    case = received(cast, "other")
    assert (case.lead, case.state) == (cast.organisation("leading_group_office"), "assigned")


@on_a_day_in("jinhua")
@pytest.mark.clause("JH-4.9g")
def test_a_call_for_help_is_the_companys_order_at_once(cast):
    case = received(cast, "help_request")
    assert (case.lead, case.state) == (cast.organisation("property_company"), "assigned")
    assert owed(case, "take_help_request").due_at == through_minute(RECEIVED + timedelta(hours=24))


@on_a_day_in("jinhua")
@pytest.mark.clause("JH-3.2.2b")
def test_a_line_of_the_register_can_only_be_struck_out_with_a_trace(cast):
    case = received(cast, "greening")
    case = services.ask_void(case, reason="重复登记。", actor=cast.actor("street_office"), now=RECEIVED + HOUR)
    case = services.decide_void(case, allowed=True, actor=cast.actor("leading_group_office"), now=RECEIVED + HOUR)
    assert (case.state, case.void_reason) == ("voided", "重复登记。")
    assert Case.objects.filter(number=case.number).exists()


# ── Jiangyin ──


@on_a_day_in("jiangyin")
@pytest.mark.clause("JY-2.1.2-4")
def test_what_an_office_finds_itself_has_no_complainant_and_runs_to_the_archive(cast):
    case = received(cast, "greening", channel="found")
    assert (case.channel, case.complaint.complainant, case.desk_role) == ("found", None, "street_office")
    case = services.assign_case(case, actor=cast.actor("street_office"), now=RECEIVED + HOUR)
    case = worked(cast, case, "urban_management", RECEIVED + 2 * HOUR)
    assert case.state == "answered", "the result itself ends the clock"
    assert owed(case, "answer_complaint").state == "fulfilled"
    case = services.close_case(case, actor=cast.actor("urban_management"), now=RECEIVED + 3 * HOUR)
    case = services.archive_case(case, items=NONE, actor=cast.actor("urban_management"), now=RECEIVED + 4 * HOUR)
    assert case.state == "archived"
    with pytest.raises(Refused):
        person = services.ComplainantInput(name="陈建国", phone="13812345678")
        services.receive_complaint(
            channel="found",
            estate=cast.estate,
            text="主动发现",
            matters=[services.MatterInput(matter="greening", title="占绿")],
            complainant=person,
            received_at=RECEIVED,
            actor=cast.actor("street_office"),
            now=RECEIVED,
        )


@on_a_day_in("jiangyin")
@pytest.mark.clause("JY-2.1.2-3", "JY-2.1.2-5", "JY-2.1.1-2")
def test_a_dispute_is_the_streets_at_once_and_goes_to_the_leading_group_when_it_fails(cast):
    case = received(cast, "service_charge_dispute")
    assert (case.lead, case.state) == (cast.organisation("street_office"), "assigned")
    assert owed(case, "accept_complaint").state == "fulfilled"
    case = services.report_in(case, actor=cast.actor("street_office"), now=RECEIVED + HOUR)
    case = services.hand_up(case, reason="双方不接受。", actor=cast.actor("street_office"), now=RECEIVED + HOUR)
    assert case.lead == cast.organisation("leading_group_office")


@on_a_day_in("jiangyin")
@pytest.mark.clause("JY-2.7.15-5")
def test_wage_arrears_are_handed_over_and_close_only_with_the_receipt(cast):
    case = received(cast, "wage_arrears", now=datetime(2024, 6, 3, 10, 0, tzinfo=ZONE))
    now = datetime(2024, 6, 5, 10, 0, tzinfo=ZONE)
    street = cast.actor("street_office")
    assert owed(case, "transfer_case").due_at == datetime(2024, 6, 7, 0, 0, tzinfo=ZONE)
    case = services.report_in(case, actor=street, now=now)
    case = services.handle(case, result="已核实欠薪。", outcome="settled", actor=street, now=now)
    case = services.answer(case, text="移送人社处理。", method="电话", actor=street, now=now)
    assert refused(services.close_case, case, cast, "street_office", now).code == "steps_missing"

    case = received(cast, "wage_arrears", phone="13900000009", now=datetime(2024, 6, 3, 11, 0, tzinfo=ZONE))
    case = services.report_in(case, actor=street, now=now)
    papers = {kind: upload(kind) for kind in ("source", "evidence", "basis")}
    case = services.transfer_case(case, papers=papers, reason="拖欠保洁员工资", actor=street, now=now)
    assert case.lead == cast.organisation("human_resources")
    assert case.transfers.get().document.number == "澄物移〔2024〕1号"
    assert owed(case, "sign_transfer").owner_organisation == cast.organisation("human_resources")
    case = worked(cast, case, "human_resources", now)
    assert case.transfers.get().signed_at == now
    assert services.close_case(case, actor=cast.actor("human_resources"), now=now).state == "closed"


@on_a_day_in("jiangyin")
@pytest.mark.clause("JY-2.8.21-3")
@pytest.mark.parametrize(("day", "lead"), [((8, 20), "property_company"), ((9, 2), "urban_management")])
def test_the_green_outside_the_wall_is_the_companys_until_the_day_it_is_handed_over(cast, day, lead):
    registry.record_fact(
        cast.estate,
        name="greening_handed_over",
        value=True,
        from_on=datetime(2024, 9, 1, tzinfo=ZONE).date(),
        actor=cast.actor("leading_group_office"),
        now=RECEIVED,
    )
    case = received(cast, "outside_greening", now=datetime(2024, *day, 9, tzinfo=ZONE))
    assert case.route_lead == lead


@on_a_day_in("jiangyin")
@pytest.mark.clause("JY-2.4.9-4")
def test_the_developer_must_be_named_before_the_case_is_handed_out(cast):
    case = received(cast, "warranty_unmet")
    assert case.needs == ["developer"]
    why = refused(services.assign_case, case, cast, "street_office", RECEIVED + HOUR)
    assert "开发建设单位" in why.message
    case = services.set_missing_fact(
        case, name="developer", value="某置业公司", actor=cast.actor("street_office"), now=RECEIVED + HOUR
    )
    assert (case.needs, case.route_lead) == ([], "housing")


@on_a_day_in("jiangyin")
@pytest.mark.clause("JY-2.1.2-4")
def test_the_register_has_a_form_for_what_was_found_that_asks_for_no_complainant(cast, browse):  # noqa: F811
    client = browse("street_office")
    page = words(client.get("/anjian/dengji/?channel=found"))
    assert "发现的问题" in page
    assert "联系电话" not in page
    sent = {
        "act": "send",
        "channel": "found",
        "rows": "1",
        "called_at": "2024-05-08T08:30",
        "reason": "巡查发现楼下绿地被占种菜。",
        "estate": cast.estate.name,
        "m0-matter": "greening",
        "m0-title": "占绿种菜",
    }
    done = post(client, "/anjian/dengji/", sent)
    assert done.status_code == 303
    assert "查询码" not in words(client.get(done["Location"])), "there is nobody to give it to"
    case = Case.objects.get()
    assert (case.channel, case.complaint.anonymous, case.complaint.complainant) == ("found", False, None)


@on_a_day_in("jinhua")
@pytest.mark.clause("JH-4.9g")
def test_the_company_asked_for_help_knows_who_asked_and_one_that_was_handed_a_complaint_does_not(cast):
    company = cast.actor("project_manager")
    asked = case_view(received(cast, "help_request"), company)
    assert asked.complainant and asked.complainant["name"].startswith("陈") and "1234" not in asked.complainant["phone"]
    case = received(cast, "owners_committee_complaint")
    services.assign_case(
        case,
        lead=cast.organisation("property_company"),
        reason="请配合",
        actor=cast.actor("street_office"),
        now=RECEIVED,
    )
    assert case_view(case, company).complainant is None


@on_a_day_in("jinhua")
@pytest.mark.clause("JH-4.9g")
@pytest.mark.parametrize("to", ["street_office", "community_station"])
def test_the_company_passes_a_call_for_help_on_to_community_or_street(cast, to):
    company, unit = cast.actor("project_manager"), cast.organisation(to)
    case = services.report_in(received(cast, "help_request"), actor=company, now=RECEIVED)
    offered = dict(ReportUpForm(case=case, actor=company, now=RECEIVED).fields["to"].choices)
    assert {"street_office", "community_station"} <= set(offered) and "housing" not in offered
    case = services.report_up(case, to=to, reason="需要开锁", actor=company, now=RECEIVED + HOUR)
    case = services.sign_report(case, actor=cast.actor(to), now=RECEIVED + 2 * HOUR)
    assert case.desk == unit
    case = services.assign_case(case, lead=unit, reason="本单位办", actor=cast.actor(to), now=RECEIVED + 2 * HOUR)
    assert case.lead == unit, "whoever signed for it may take it up itself"


# ── Meixian ──


def to_street(cast, case, now):
    case = services.report_up(case, reason="社区办不了。", actor=cast.actor("community_station"), now=now)
    return services.sign_report(case, actor=cast.actor("street_office"), now=now)


@on_a_day_in("meixian")
@pytest.mark.clause("MX-3.10.2-3")
@pytest.mark.parametrize(("level", "papers"), [("city", ["urge_notice", "supervision_notice"]), ("county", [])])
def test_a_valid_complaint_from_the_city_up_is_urged_and_supervised(cast, level, papers):
    case = received(cast, "greening")
    case = services.judge_validity(
        case, valid=True, from_level=level, actor=cast.actor("community_station"), now=RECEIVED + HOUR
    )
    case = to_street(cast, case, RECEIVED + HOUR)
    case = services.assign_case(case, actor=cast.actor("street_office"), now=RECEIVED + 2 * HOUR)
    found = []
    for moment in ((5, 14, 8, 59), (5, 14, 9, 0), (5, 16, 9, 0), (5, 22, 0, 0), (5, 23, 0, 0)):
        duties.tick(datetime(2024, *moment, tzinfo=ZONE))
        rows = Document.objects.filter(instrument__in=("urge_notice", "supervision_notice")).order_by("pk")
        found.append(list(rows.values_list("instrument", flat=True)))
    assert found == [[], papers[:1], papers[:1], papers, papers], (
        "the 5th work day is 14 May (11 May is worked), the 10th 21"
    )
    clocks = Duty.objects.filter(subject_id=str(case.pk), rule__in=("answer_complaint", "settle_supervised"))
    running = list(clocks.filter(closed_at=None).values_list("rule", flat=True))
    assert running == ["settle_supervised" if papers else "answer_complaint"], "one clock, never two"
    if papers:
        steps = Duty.objects.get(subject_id=str(case.pk), rule="settle_supervised").explanation["steps"]
        assert "5月14日（周二）还没有办结，出催办单" in steps
    assert not case.facts["supervised"] or rows[0].number == "眉物催〔2024〕1号"


@on_a_day_in("meixian")
@pytest.mark.clause("MX-3.10.2-2", "MX-3.10.2-1")
def test_what_is_out_of_scope_goes_back_with_the_reason_and_stays_in_the_register(cast):
    case = received(cast, "greening")
    station = cast.actor("community_station")
    why = refused(services.judge_validity, case, cast, "community_station", RECEIVED + HOUR, valid=False)
    assert "reason" in why.fields
    case = services.judge_validity(
        case, valid=False, reason="不在小区内，属道路绿化。", actor=station, now=RECEIVED + HOUR
    )
    assert case.state == "voided"
    assert OutboxMessage.objects.filter(text__contains="不属于受理的投诉范围").exists()


@on_a_day_in("meixian")
@pytest.mark.clause("MX-3.10.2-2")
def test_the_first_answer_runs_from_the_moment_it_is_found_valid(cast):
    case = received(cast, "neighbour_dispute")
    assert case.lead == cast.organisation("community_station"), "what the community mediates it has at once"
    station = cast.actor("community_station")
    case = services.judge_validity(case, valid=True, actor=station, now=RECEIVED + HOUR)
    assert owed(case, "first_response").due_at == through_minute(RECEIVED + 3 * HOUR)
    assert refused(services.judge_validity, case, cast, "community_station", RECEIVED, valid=True).code == "judged"
    case = services.report_in(case, actor=station, now=RECEIVED + 2 * HOUR)
    assert owed(case, "first_response").state == "fulfilled"


@on_a_day_in("meixian")
@pytest.mark.clause("MX-3.10.2-2")
@pytest.mark.parametrize(("late", "state"), [(0, "fulfilled"), (1, "fulfilled_late")])
def test_the_community_gives_the_first_answer_before_anybody_has_the_case(cast, browse, late, state):  # noqa: F811
    case = received(cast, "greening")
    assert case.lead is None
    client = browse("community_station", RECEIVED)
    assert "首次回应投诉人" not in words(client.get(reverse("cases:case", args=[case.number]))), "no clock runs yet"
    case = services.judge_validity(case, valid=True, actor=cast.actor("community_station"), now=RECEIVED)
    client = browse("community_station", RECEIVED + 2 * HOUR + timedelta(minutes=late))
    page = client.get(reverse("cases:case", args=[case.number]))
    url = act_url(case, "respond")
    assert url in page.content.decode()
    empty = post(client, url, {"version": case.version, "method": "电话", "text": ""})
    assert empty.status_code == 422
    text = "明天上午到现场看，是规划的绿地就要恢复。"
    assert post(client, url, {"version": case.version, "method": "电话", "text": text}).status_code == 303
    assert owed(case, "first_response").state == state
    case.refresh_from_db()
    assert case.state == "pending", "it is still to be handed out"
    assert OutboxMessage.objects.filter(text__contains=text).exists()
    page = client.get(reverse("cases:case", args=[case.number]))
    assert text in words(page)
    assert url not in page.content.decode(), "the first answer is given once"


@on_a_day_in("meixian")
@pytest.mark.clause("MX-3.10.2-2")
def test_a_limit_of_hours_says_the_hour_on_the_page_and_on_the_desk(cast, browse):  # noqa: F811
    case = received(cast, "neighbour_dispute")
    case = services.judge_validity(case, valid=True, actor=cast.actor("community_station"), now=RECEIVED + HOUR)
    duty = owed(case, "first_response")
    last = due_moment_words(duty.due_at)
    assert not last.endswith("24:00")
    client = browse("community_station", RECEIVED + HOUR)
    assert f"{last}到期" in words(client.get(reverse("cases:case", args=[case.number])))
    desk = words(client.get(reverse("duties:detail", args=[duty.pk])))
    assert f"{last[-5:]}前" in desk and f"{duty.due_at.astimezone(ZONE):%H:%M}前" not in desk


@on_a_day_in("meixian")
@pytest.mark.clause("MX-3.10.2-3")
def test_the_page_finds_a_complaint_valid_and_puts_it_under_supervision(cast, browse):  # noqa: F811
    case = received(cast, "greening")
    client = browse("community_station", RECEIVED + HOUR)
    url = act_url(case, "judge_validity")
    page = words(client.get(url))
    assert "反映到了哪一级" in page
    sent = {"version": str(case.version), "valid": "yes", "from_level": "province", "reason": ""}
    assert post(client, url, sent).status_code == 303
    case.refresh_from_db()
    assert case.facts["supervised"] is True
    assert owed(case, "settle_supervised").owner_organisation == cast.organisation("community_station")


@on_a_day_in("zhangjiagang")
@pytest.mark.clause("ZJG-1.2b")
def test_a_task_of_coordination_is_led_by_the_leading_office_where_nobody_else_is_named(cast):
    given = {"title": "两部门协调", "due_on": date(2024, 6, 7), "actor": cast.actor("housing"), "now": RECEIVED}
    (task,) = give_tasks(division="组织协调", **given)
    assert task.unit == cast.organisation("leading_group_office") and task.duty.owner_organisation == task.unit
    (other,) = give_tasks(division="组织协调", unit=cast.organisation("market_regulation"), **given)
    assert other.unit == cast.organisation("market_regulation")
    for division, said in (("业主大会设立", "牵头，请选是哪一个"), ("", "请选交办给哪个单位")):
        with pytest.raises(Refused, match=said):
            give_tasks(division=division, **given)
