"""From the work to the file: steps that must be taken, answers, call-backs, closing, archive, opening again."""

import io
import zipfile

import pytest

from gongzhi.cases import queries, services
from gongzhi.cases.codes import ARCHIVE_ITEMS
from gongzhi.cases.forms_acts import ContactForm
from gongzhi.cases.tests.steps import ARCHIVE_NONE, answered, at, reported_in, submitted, upload
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import OutboxMessage


def act_named(case, actor, code, now):
    return next((one for one in queries.case_acts(case, actor, now) if one.code == code), None)


@pytest.mark.clause("JJ-A7-3.5-1")
def test_a_case_nobody_looked_at_and_nobody_spoke_of_cannot_be_closed(cast):
    case = reported_in(cast, "price_violation", lead="market_regulation")
    actor = cast.actor("market_regulation")
    services.handle(case, result="已取缔。", outcome="rectified", actor=actor, now=at(5, 6))
    case = services.answer(case, text="已取缔。", method="电话", actor=actor, now=at(5, 6))
    with pytest.raises(Refused) as refused:
        services.close_case(case, actor=actor, now=at(5, 6))
    assert {"verified", "contacted"} <= set(refused.value.fields)
    assert "JJ-A7-3.5-1" in refused.value.clauses
    shown = act_named(case, actor, "close", at(5, 6))
    assert not shown.allowed
    assert "核实" in shown.why_not
    services.verify_on_site(case, note="到场核实，情况属实。", actor=actor, now=at(5, 7))
    services.contact_complainant(case, promised_on=at(5, 7).date(), method="电话", actor=actor, now=at(5, 7))
    assert not OutboxMessage.objects.filter(template="case.contacted").exists(), "he was answered already"
    assert services.close_case(case, actor=actor, now=at(5, 7)).state == "closed", "what was left out is made up for"


@pytest.mark.clause("JJ-A7-3.5-1")
def test_a_late_case_of_which_no_day_was_told_can_still_be_told_one(cast):
    case = reported_in(cast, "price_violation", lead="market_regulation")
    actor, late = cast.actor("market_regulation"), at(5, 25)
    case = services.explain_overdue(case, text="当事人失联，多次上门未果。", actor=actor, now=late)
    form = ContactForm(
        {"version": case.version, "promised_on": "2022-05-30", "method": "电话"}, case=case, actor=actor, now=late
    )
    assert form.is_valid(), form.errors
    case = services.contact_complainant(case, promised_on=at(5, 30).date(), method="电话", actor=actor, now=late)
    assert case.promised_on == at(5, 30).date()
    assert case.overdue(late), "told, and still late"


@pytest.mark.clause("JJ-A7-3.5-1")
def test_the_day_told_shows_on_the_complainants_page(cast):
    case = reported_in(cast, "price_violation", lead="market_regulation")
    actor = cast.actor("market_regulation")
    with pytest.raises(Refused) as refused:
        services.contact_complainant(case, promised_on=at(5, 21).date(), method="电话", actor=actor, now=at(5, 6))
    assert "promised_on" in refused.value.fields
    services.contact_complainant(case, promised_on=at(5, 20).date(), method="电话", actor=actor, now=at(5, 6))
    shown = queries.tracked_cases(queries.tracked(case.complaint.number, "5678"))
    assert shown[0].promised_on == at(5, 20).date()
    assert shown[0].unit == cast.organisation("market_regulation").name
    assert any("2022年5月20日前" in text for _, text in shown[0].news)


@pytest.mark.clause("JJ-5.3-2", "JJ-A7-3-1")
def test_what_is_dealt_with_and_not_answered_is_not_closed(cast):
    case = reported_in(cast, "price_violation", lead="market_regulation")
    actor = cast.actor("market_regulation")
    case = services.handle(case, result="已取缔。", outcome="rectified", actor=actor, now=at(5, 6))
    with pytest.raises(Refused):
        services.close_case(case, actor=actor, now=at(5, 6))
    shown = act_named(case, actor, "close", at(5, 6))
    assert not shown.allowed
    with pytest.raises(Refused):
        services.archive_case(case, items={}, actor=actor, now=at(5, 6))


@pytest.mark.clause("JJ-A3-2.1-2", "JJ-A3-2.7-2")
def test_an_illegal_structure_closes_only_with_the_finding_and_the_number_of_the_penalty(cast):
    bureau, planning = cast.actor("urban_management"), cast.actor("planning")
    case = reported_in(cast, "illegal_structure", lead="urban_management")
    services.verify_on_site(case, note="属实", actor=bureau, now=at(5, 6))
    services.contact_complainant(case, promised_on=at(5, 20).date(), method="电话", actor=bureau, now=at(5, 6))
    services.request_finding(case, actor=bureau, now=at(5, 6))
    case = services.record_finding(case, lawful=False, note="无规划许可", actor=planning, now=at(5, 9))
    services.handle(case, result="已拆除。", outcome="penalised", actor=bureau, now=at(5, 10))
    case = services.answer(case, text="已拆除。", method="电话", actor=bureau, now=at(5, 10))
    with pytest.raises(Refused) as refused:
        services.close_case(case, actor=bureau, now=at(5, 10))
    assert "处罚决定文号" in refused.value.message
    case = services.reopen(case, reason="补处罚决定", actor=cast.actor("hotline_desk"), now=at(5, 10))
    services.file_penalty(case, number="鸠城罚〔2022〕7号", actor=bureau, now=at(5, 11))
    services.handle(case, result="已拆除。", outcome="penalised", actor=bureau, now=at(5, 11))
    services.answer(case, text="已拆除并处罚。", method="电话", actor=bureau, now=at(5, 11))
    assert services.close_case(case, actor=bureau, now=at(5, 11)).state == "closed"


@pytest.mark.clause("JJ-A3-2.7-2")
def test_what_is_found_lawful_is_not_punished_and_is_answered(cast):
    bureau = cast.actor("urban_management")
    case = reported_in(cast, "illegal_structure", lead="urban_management")
    services.verify_on_site(case, note="有规划许可", actor=bureau, now=at(5, 6))
    services.contact_complainant(case, promised_on=at(5, 20).date(), method="电话", actor=bureau, now=at(5, 6))
    services.request_finding(case, actor=bureau, now=at(5, 6))
    case = services.record_finding(case, lawful=True, note="有许可证", actor=cast.actor("planning"), now=at(5, 9))
    assert (case.outcome, case.state) == ("no_penalty", "handled")
    with pytest.raises(Refused):
        services.file_penalty(case, number="鸠城罚〔2022〕7号", actor=bureau, now=at(5, 9))
    services.answer(case, text="经认定合法，不予处罚。", method="电话", actor=bureau, now=at(5, 9))
    assert services.close_case(case, actor=bureau, now=at(5, 9)).state == "closed"


@pytest.mark.clause("JJ-A3-2.1-3")
@pytest.mark.parametrize(
    "matter",
    ["shared_part_encroachment", "shared_part_damage", "shared_facility_encroachment", "shared_facility_damage"],
)
def test_the_bureau_intervenes_before_it_enforces(cast, matter):
    case = reported_in(cast, matter, lead="urban_management")
    actor = cast.actor("urban_management")
    with pytest.raises(Refused) as refused:
        services.record_intervention(case, kind="enforcement", note="责令改正", actor=actor, now=at(5, 6))
    assert refused.value.code == "intervene_first"
    assert "JJ-A3-2.1-3" in refused.value.clauses
    services.record_intervention(case, kind="early", note="到场劝导", actor=actor, now=at(5, 6))
    case = services.record_intervention(case, kind="enforcement", note="责令改正", actor=actor, now=at(5, 7))
    assert case.intervened_at < case.enforced_at


@pytest.mark.clause("JJ-A3-2.3-1")
def test_toxic_discharge_is_found_before_it_is_transferred(cast):
    case = reported_in(cast, "toxic_discharge", lead="ecology", now=at(4, 29))
    actor = cast.actor("ecology")
    papers = {kind: upload(kind) for kind in ("source", "evidence", "basis")}
    with pytest.raises(Refused) as refused:
        services.transfer_case(case, papers=papers, reason="涉嫌违法排放", actor=actor, now=at(5, 5))
    assert refused.value.code == "finding_first"
    services.request_finding(case, actor=actor, now=at(5, 5))
    services.record_finding(case, lawful=False, note="超标排放", actor=actor, now=at(5, 5))
    case = services.transfer_case(case, papers=papers, reason="涉嫌违法排放", actor=actor, now=at(5, 6))
    assert case.lead == cast.organisation("urban_management")
    days = queries.transfer_days(cast.county.path, received_from=at(4, 1).date(), received_to=at(5, 30).date())
    assert [(row["times"], row["mean"].days) for row in days] == [(1, 7)]


@pytest.mark.clause("JJ-A3-2.5-1")
def test_the_police_come_to_help_and_write_down_when(cast):
    case = reported_in(cast, "fire_lane", lead="fire_rescue")
    case = services.request_police(case, note="当事人阻拦执法", actor=cast.actor("fire_rescue"), now=at(5, 6, 10))
    case = services.police_arrived(
        case, at=at(5, 6, 10, 25), result="劝离阻拦人员", actor=cast.actor("police"), now=at(5, 6, 11)
    )
    assert case.police_arrived_at == at(5, 6, 10, 25)
    assert case.lead == cast.organisation("fire_rescue")


@pytest.mark.clause("JJ-A7-3.6-1")
def test_an_archive_lists_seven_kinds_and_wants_three_of_them(cast):
    case = answered(cast, "price_violation", lead="market_regulation", now=at(5, 6))
    actor = cast.actor("market_regulation")
    case = services.close_case(case, actor=actor, now=at(5, 6))
    with pytest.raises(Refused) as refused:
        services.archive_case(case, items={"minutes": "none"}, actor=actor, now=at(5, 7))
    assert set(refused.value.fields) == {"pictures", "instructions"}
    case = services.archive_case(case, items={**ARCHIVE_NONE, "pictures": [upload("现场")]}, actor=actor, now=at(5, 7))
    assert case.state == "archived"
    assert {row.item: row.none for row in case.archive_items.all()} == {
        "registration": False, "investigation": False, "pictures": False, "opinion": False, "minutes": True,
        "instructions": True, "result": False,
    }  # fmt: skip
    assert len(ARCHIVE_ITEMS) == 7


@pytest.mark.clause("JJ-A7-3.6-1")
def test_a_case_file_leaves_as_one_package_without_the_complainants_name(cast):
    case = answered(cast, "price_violation", lead="market_regulation", now=at(5, 6))
    actor = cast.actor("market_regulation")
    services.close_case(case, actor=actor, now=at(5, 6))
    case = services.archive_case(case, items={**ARCHIVE_NONE, "pictures": [upload("现场")]}, actor=actor, now=at(5, 7))
    package = zipfile.ZipFile(io.BytesIO(services.export_case_file(case, actor=actor, now=at(5, 8))))
    names = package.namelist()
    assert names[:2] == ["1-封面和目录.html", "2-办理经过.html"]
    assert any(name.startswith("4-文书/") for name in names)
    assert any("现场.txt" in name for name in names)
    cover = package.read("1-封面和目录.html").decode()
    assert "陈**" in cover
    assert "陈建国" not in cover


@pytest.mark.clause("JJ-A3-3.1-3")
def test_an_owner_rates_once_by_number_and_phone_tail(cast):
    case = answered(cast, "price_violation", lead="market_regulation", now=at(5, 6))
    number = case.complaint.number
    with pytest.raises(Refused) as refused:
        services.rate(case, stars=4, number=number, phone_tail="0000", actor=Actor.public(), now=at(5, 7))
    assert refused.value.code == "not_found"
    case = services.rate(case, stars=4, number=number, phone_tail="5678", actor=Actor.public(), now=at(5, 7))
    assert case.stars == 4
    with pytest.raises(Refused):
        services.rate(case, stars=1, number=number, phone_tail="5678", actor=Actor.public(), now=at(5, 7))


def test_a_case_opens_again_within_the_window_and_not_after_it(cast):
    early = answered(cast, "price_violation", lead="market_regulation", now=at(5, 6))
    late = answered(cast, "price_violation", lead="market_regulation", now=at(5, 6))
    owner = cast.actor("owner")
    early = services.reopen(early, reason="又开业了", actor=owner, now=at(6, 5))
    assert (early.state, early.answered_at, early.reopened_times) == ("handling", None, 1)
    assert early.answer_due_at == at(6, 21, 0)
    with pytest.raises(Refused) as refused:
        services.reopen(late, reason="又开业了", actor=owner, now=at(6, 7))
    assert refused.value.code == "window"


def test_a_void_needs_another_persons_approval_and_leaves_the_line(cast):
    case = submitted(cast, "noise", channel="phone")
    clerk = cast.actor("street_office")
    case = services.ask_void(case, reason="误登", actor=clerk, now=at(5, 6))
    with pytest.raises(Refused) as refused:
        services.decide_void(case, allowed=True, actor=clerk, now=at(5, 6))
    assert refused.value.code == "same_person"
    case = services.decide_void(case, allowed=True, actor=cast.actor("leading_group_office"), now=at(5, 6))
    assert (case.state, case.void_reason) == ("voided", "误登")
    day = at(5, 5).date()
    rows = queries.register_rows(clerk.organisation, received_from=day, received_to=day, now=at(5, 7))
    assert [(row["编号"], row["状态"]) for row in rows] == [(case.number, "已作废")]


@pytest.mark.clause("JJ-4.2.17-1")
def test_merged_complaints_keep_a_count_for_each_channel(cast):
    main = submitted(cast, "fire_lane", now=at(5, 5))
    again = submitted(cast, "fire_lane", channel="phone", now=at(5, 6))
    desk = cast.actor("street_office")
    with pytest.raises(Refused) as refused:
        services.merge_complaint(main, into=again, reason="同一件", actor=desk, now=at(5, 6))
    assert refused.value.code == "merge_order"
    again = services.merge_complaint(again, into=main, reason="同一件", actor=desk, now=at(5, 6))
    assert again.state == "merged"
    assert queries.source_counts(main) == {"web": 1, "phone": 1}
    shown = queries.tracked_cases(queries.tracked(again.complaint.number, "5678"))
    assert main.number in shown[0].state


@pytest.mark.clause("JJ-A7-3.7-4")
def test_only_a_department_can_be_found_shirking_and_only_by_the_leading_group(cast):
    case = reported_in(cast, "price_violation", lead="market_regulation", now=at(4, 28))
    with pytest.raises(Refused):
        services.find_shirking(case, reason="推诿", actor=cast.actor("hotline_desk"), now=at(5, 14, 1))
    case = services.find_shirking(
        case, reason="三次拒收材料", actor=cast.actor("leading_group_office"), now=at(5, 14, 1)
    )
    assert case.shirking_found_at == at(5, 14, 1)
