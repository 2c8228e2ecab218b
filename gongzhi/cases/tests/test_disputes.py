"""Disputes: both sides' views and what came of each round, the court after them, and a dispute that grew heavier."""

from datetime import date, datetime, timedelta

import pytest

from gongzhi.cases import services
from gongzhi.cases.models import Mediation, Weighing
from gongzhi.cases.queries.cases import cases_for
from gongzhi.cases.tests.pages import act_url, browse, case_url, post, words  # noqa: F401
from gongzhi.cases.tests.test_five_by_pack import HOUR, RECEIVED, on_a_day_in, owed, received, refused
from gongzhi.core.days import ZONE
from gongzhi.core.models import OutboxMessage
from gongzhi.core.tests.cast import build
from gongzhi.duties import services as duties

COUNTY = {
    "zhangjiagang": "320582", "jinhua": "330782", "jiangyin": "320281", "meixian": "610326", "jiujiang": "340207",
}  # fmt: skip
# The same person about the same matter would be joined there.
MATTERS = ("service_charge_dispute", "property_use_dispute", "property_service_dispute", "property_management_dispute")
SAID = {"complainants_view": "收费没有标准。", "others_view": "标准在大门口贴着。"}


@pytest.fixture
def cast(request, db):
    return build(RECEIVED, county=COUNTY[request.param], pack=request.param)


def in_hand(cast, matter="service_charge_dispute", **given):
    """A dispute with whom the document gives it to, signed for."""
    case = received(cast, matter, **given)
    if case.state == "pending":
        case = services.assign_case(case, actor=cast.actor(case.desk_role), now=RECEIVED)
    return services.report_in(case, actor=cast.actor(case.lead_role), now=RECEIVED + HOUR)


def mediate(cast, case, result, *, kind="people", now=RECEIVED + 2 * HOUR, **given):
    values = {**SAID, "kind": kind, "result": result, **given}
    return services.mediate(case, **values, actor=cast.actor(case.lead_role), now=now)


@on_a_day_in("jiangyin")
@pytest.mark.clause("JY-2.1.2-5")
def test_what_is_not_agreed_is_not_settled_and_goes_up_with_the_views_of_both_sides(cast):
    case = mediate(cast, in_hand(cast), "not_agreed")
    assert case.state == "handling"
    row = case.mediations.get()
    assert (row.complainants_view, row.others_view) == (SAID["complainants_view"], SAID["others_view"])
    why = refused(
        services.handle, case, cast, case.lead_role, RECEIVED + 3 * HOUR, result="已解决。", outcome="settled"
    )
    assert why.code == "not_agreed"
    case = services.hand_up(case, reason="双方不让步。", actor=cast.actor(case.lead_role), now=RECEIVED + 3 * HOUR)
    assert case.lead_role == "leading_group_office"
    assert case.mediations.count() == 1


@on_a_day_in("jinhua")
@pytest.mark.clause("JH-4.1f")
def test_each_of_the_three_results_is_a_field_and_the_street_is_reminded_only_without_one(cast):
    agreed, failed, silent, up = (in_hand(cast, one) for one in MATTERS)
    assert agreed.lead_role in ("mediation_room", "community_station", "community_committee")
    agreed = mediate(cast, agreed, "agreed", note="补缴三个月。")
    assert (agreed.state, agreed.outcome, agreed.result) == ("handled", "mediated", "补缴三个月。")
    failed = mediate(cast, failed, "not_agreed")
    was = up.lead
    up = mediate(cast, up, "handed_up", note="请镇街调解。")
    assert up.lead != was and [one.result for one in up.mediations.all()] == ["handed_up"]
    duties.tick(datetime(2024, 5, 24, 0, 30, tzinfo=ZONE))
    assert owed(silent, "mediate_dispute").step_name == "reminder"
    assert owed(failed, "mediate_dispute").step_name == ""


@on_a_day_in("meixian")
@pytest.mark.clause("MX-3.10.3-1")
def test_one_kind_of_mediation_follows_the_other_and_an_agreement_ends_it(cast):
    case = in_hand(cast)
    for kind in ("people", "administrative"):
        case = mediate(cast, case, "not_agreed", kind=kind)
    why = refused(services.mediate, case, cast, case.lead_role, RECEIVED + 3 * HOUR, **SAID, kind="people",
                  result="agreed")  # fmt: skip
    assert why.code == "kind"
    case = mediate(cast, case, "agreed", kind="judicial")
    assert [one.kind for one in Mediation.objects.filter(case=case)] == ["people", "administrative", "judicial"]
    why = refused(services.mediate, case, cast, case.lead_role, RECEIVED + 4 * HOUR, **SAID, kind="judicial",
                  result="agreed")  # fmt: skip
    assert why.code == "state"


@on_a_day_in("jinhua")
@pytest.mark.clause("JH-4.2b")
def test_what_goes_to_court_is_followed_with_number_place_and_judgment_on_the_page(cast, browse):  # noqa: F811
    case = mediate(cast, in_hand(cast), "not_agreed")
    lead = cast.actor(case.lead_role)
    case = services.handle(case, result="调解不成。", outcome="litigation", actor=lead, now=RECEIVED + 3 * HOUR)
    client = browse(case.lead_role, RECEIVED + 4 * HOUR)
    given = {"number": "（2024）浙0782民初118号", "tribunal": "circuit", "estate": cast.estate.pk,
             "hearing_on": "2024-06-03", "location": "物业用房二楼", "version": case.version}  # fmt: skip
    assert post(client, act_url(case, "court"), given).status_code == 303
    case.refresh_from_db()
    found = case.court_action
    assert (found.tribunal, found.estate, found.hearing_on) == ("circuit", cast.estate, date(2024, 6, 3))
    given |= {"judgment": "判决补缴物业费1200元。", "version": case.version}
    assert post(client, act_url(case, "court"), given).status_code == 303
    page = words(client.get(case_url(case)))
    assert "118号" in page and "巡回法庭" in page and "判决补缴物业费1200元。" in page and "6月3日" in page


@on_a_day_in("jiujiang")
@pytest.mark.clause("JJ-A3-2.11-1")
def test_the_number_of_the_court_is_a_field_of_what_went_there(cast):
    case = in_hand(cast)
    lead = cast.actor(case.lead_role)
    case = services.handle(
        case, result="调解不成。", outcome="litigation", court_number="（2024）皖0207民初9号", actor=lead,
        now=RECEIVED + 2 * HOUR,
    )  # fmt: skip
    assert case.court_action.number == "（2024）皖0207民初9号"
    other = in_hand(cast)
    lead = cast.actor(other.lead_role)
    other = services.handle(other, result="已退费。", outcome="settled", actor=lead, now=RECEIVED + 2 * HOUR)
    assert refused(services.record_court, other, cast, other.lead_role, RECEIVED + HOUR, number="9号").code in (
        "not_in_court",
    )


@on_a_day_in("zhangjiagang")
@pytest.mark.clause("ZJG-5.1c", "ZJG-5.3b")
def test_a_dispute_found_major_is_the_citys_at_once_and_the_town_is_told_and_reads_on(cast):
    case = in_hand(cast)
    was = case.lead
    case = services.weigh(
        case, grade="major", reason="六十户联名。", actor=cast.actor(case.lead_role), now=RECEIVED + 3 * HOUR
    )
    assert (case.lead_role, case.state) == ("mediation_centre", "assigned")
    told = {one.to_organisation for one in OutboxMessage.objects.filter(ref_kind="case", ref_id=str(case.pk))}
    assert {cast.organisation("mediation_centre"), cast.organisation("mediation_station")} <= told
    row = Weighing.objects.get()
    assert (row.reported_at, row.late) == (RECEIVED + 3 * HOUR, False)
    station = cast.actor("mediation_station")
    assert cases_for(station).filter(pk=case.pk).exists()
    assert refused(services.handle, case, cast, "mediation_station", RECEIVED, result="x", outcome="settled").code == (
        "forbidden"
    )
    assert case.parties.filter(organisation=was, part="past").exists()
    assert owed(case, "answer_complaint").owner_organisation == cast.organisation("mediation_centre")


@on_a_day_in("zhangjiagang")
@pytest.mark.clause("ZJG-5.1c")
@pytest.mark.parametrize(("grade", "lead"), [("difficult", "mediation_centre"), ("complex", "mediation_station")])
def test_the_weight_says_which_level_has_a_dispute(cast, grade, lead):
    case = services.weigh(in_hand(cast), grade=grade, reason="双方争议大。", actor=cast.actor("complaint_desk"),
                          now=RECEIVED + 3 * HOUR)  # fmt: skip
    assert case.lead_role == lead


@on_a_day_in("zhangjiagang")
@pytest.mark.clause("ZJG-5.3b")
@pytest.mark.parametrize(("minutes", "late"), [(0, False), (1, True)])
def test_what_is_told_after_a_day_is_on_the_list_of_late_reports(cast, browse, minutes, late):  # noqa: F811
    found_at = RECEIVED + 2 * HOUR
    now = found_at + timedelta(hours=24, minutes=minutes)
    case = in_hand(cast)
    services.weigh(
        case, grade="major", reason="群体上访。", found_at=found_at, actor=cast.actor(case.lead_role), now=now
    )
    listed = words(browse("complaint_desk", now).get("/anjian/", {"view": "late_report"}))
    assert (case.number in listed) is late


@on_a_day_in("jiujiang")
def test_where_the_document_knows_no_weight_the_act_is_not_offered(cast, browse):  # noqa: F811
    case = in_hand(cast)
    page = words(browse(case.lead_role, RECEIVED + HOUR).get(case_url(case)))
    assert "登记调解" in page and "认定轻重" not in page


@on_a_day_in("jiangyin")
@pytest.mark.clause("JY-2.4.10-6")
def test_the_case_shows_how_many_of_the_units_called_have_told_and_waits_for_the_others(cast, browse):  # noqa: F811
    called = [cast.organisation(role) for role in ("fire_rescue", "police")]
    case = received(cast, "illegal_structure")
    case = services.assign_case(case, support=called, actor=cast.actor(case.desk_role), now=RECEIVED)
    case = services.report_in(case, actor=cast.actor(case.lead_role), now=RECEIVED + HOUR)
    assert all(cases_for(cast.actor(one.role)).filter(pk=case.pk).exists() for one in called)
    case = services.note_progress(case, note="已查看疏散通道。", actor=cast.actor("police"), now=RECEIVED + HOUR)
    page = words(browse(case.lead_role, RECEIVED + HOUR).get(case_url(case)))
    assert "1/2已反馈" in page
    lead = cast.actor(case.lead_role)
    case = services.handle(case, result="已拆除。", outcome="rectified", actor=lead, now=RECEIVED + 2 * HOUR)
    case = services.answer(case, text="已拆除。", method="电话", actor=lead, now=RECEIVED + 2 * HOUR)
    closer = case.lead_role
    assert refused(services.close_case, case, cast, closer, RECEIVED + 3 * HOUR).code == "check_failed"
