"""Contracts, faults, permits, drainage and pilots, plans and emergencies."""

from datetime import date, timedelta

import pytest

from gongzhi.cases.models import Case
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.duties import services as duties
from gongzhi.equipment import services as equipment
from gongzhi.equipment.models import FacilityLead
from gongzhi.equipment.queries import figures, listing, readiness
from gongzhi.equipment.tests.place import (
    SYSTEM,
    at,
    changed,
    city,
    known,
    more_estates,
    owed,
    picture,
    piece,
    refuses,
    told,
    watched,
)
from gongzhi.registry import services as registry
from gongzhi.site.equipment import lead_closed

pytestmark = pytest.mark.django_db


def contract(cast, *, estate=None, company="upkeep_company", **more):
    given = {
        "contract": "maintenance", "kind": "elevator", "party_a": "property_company", "from_on": date(2022, 1, 1),
        "to_on": date(2022, 12, 31), "actor": SYSTEM, "now": cast.now, **more,
    }  # fmt: skip
    return equipment.sign_contract(estate or cast.estate, company=cast.organisation(company), **given)


def high_resettlement(cast):
    estate = registry.change_estate(cast.estate, changes={"estate_type": "resettlement"}, actor=SYSTEM, now=cast.now)
    known(estate, high_rise=True)
    cast.estates["inside"] = estate
    return estate


@pytest.mark.clause("JJ-A9-2.4-1")
def test_a_lift_of_high_resettlement_homes_is_mended_by_the_streets_contractor_at_the_streets_cost():
    cast = city("jiujiang", "2022-05-05")
    high_resettlement(cast)
    refuses("party_a", lambda: contract(cast))
    refuses("tender_missing", lambda: contract(cast, party_a="street_office"))
    row = contract(cast, party_a="street_office", tendered="JJZB-2022-01，2022-04-20中标")
    lift = piece(cast, "elevator", "T1")
    fault = equipment.report_fault(
        cast.estate, fault="stopped", kind="elevator", facility=lift, text="停在5层", happened_at=cast.now,
        actor=cast.actor("community_station"), now=cast.now,
    )  # fmt: skip
    assert (fault.responder, fault.contract) == (cast.organisation("upkeep_company"), row)
    (duty,) = owed(fault)
    assert duty.due_at - cast.now <= timedelta(hours=1, minutes=1)
    lift.refresh_from_db()
    assert lift.suspended_on == date(2022, 5, 5)
    mender = {"actor": cast.actor("upkeep_company"), "now": at("2022-05-05", 10)}
    fault = equipment.arrive(fault, at=at("2022-05-05", 9) + timedelta(minutes=40), **mender)
    equipment.fix(fault, at=at("2022-05-05", 10), outcome="更换门锁", **mender)
    lift.refresh_from_db()
    assert lift.suspended_on is None and [one.state for one in owed(fault)] == ["fulfilled"]
    refused = refuses(
        "payer",
        lambda: equipment.pay(
            row, payer_role="property_company", amount_fen=600000, paid_on=date(2022, 5, 5), actor=SYSTEM, now=cast.now
        ),
    )
    assert "JJ-A9-2.4-1" in refused.clauses
    paid = equipment.pay(
        row, payer_role="street_office", amount_fen=600000, paid_on=date(2022, 5, 5), actor=SYSTEM, now=cast.now
    )
    assert paid.payer == cast.organisation("street_office")
    watched("2022-10-31")
    assert not owed(row)
    watched("2022-11-01")
    watched("2022-11-02")
    (again,) = owed(row, "tender_again")
    assert again.owner_organisation == cast.organisation("street_office")
    contract(
        cast, party_a="street_office", tendered="JJZB-2022-09", from_on=date(2023, 1, 1), to_on=date(2023, 12, 31),
        now=at("2022-12-01"),
    )  # fmt: skip
    again.refresh_from_db()
    assert again.state == "fulfilled"


@pytest.mark.clause("JJ-A9-2.4-2")
def test_a_camera_of_resettlement_homes_is_the_streets_contractors_and_how_long_repairs_take_is_counted():
    cast = city("jiujiang", "2022-05-05")
    registry.change_estate(cast.estate, changes={"estate_type": "resettlement"}, actor=SYSTEM, now=cast.now)
    cast.estate.refresh_from_db()
    refuses("party_a", lambda: contract(cast, kind="security"))
    row = contract(cast, kind="security", party_a="street_office", tendered="JJZB-2022-02")
    camera = piece(cast, "security", "东门1号点位")
    for hours in (2, 5):
        fault = equipment.report_fault(
            cast.estate, fault="broken", kind="security", facility=camera, text="点位离线", happened_at=cast.now,
            actor=cast.actor("community_station"), now=cast.now,
        )  # fmt: skip
        assert fault.responder == cast.organisation("upkeep_company")
        done = cast.now + timedelta(hours=hours)
        equipment.fix(fault, at=done, outcome="恢复在线", actor=cast.actor("upkeep_company"), now=done)
    (line,) = figures.mended(cast.actor("street_office"))
    assert (line.title, line.reported, line.mended, line.words) == ("安防设施", 2, 2, "3.5小时")
    given = {"amount_fen": 100, "paid_on": date(2022, 5, 5), "actor": SYSTEM, "now": cast.now}
    refuses("payer", lambda: equipment.pay(row, payer_role="property_company", **given))


def test_a_lift_of_other_homes_is_the_companys_and_without_a_contract_the_company_is_called():
    cast = city("jiujiang", "2022-05-05")
    fault = equipment.report_fault(
        cast.estate, fault="trapped", kind="elevator", text="2人被困", happened_at=cast.now,
        actor=cast.actor("community_station"), now=cast.now,
    )  # fmt: skip
    assert fault.responder == cast.organisation("property_company") and fault.contract is None
    contract(cast)
    other = equipment.report_fault(
        cast.estate, fault="trapped", kind="elevator", text="又困人", happened_at=cast.now,
        actor=cast.actor("community_station"), now=cast.now,
    )  # fmt: skip
    assert other.responder == cast.organisation("upkeep_company")
    assert told("upkeep_company", cast, "equipment.fault")


@pytest.mark.clause("ZJG-2.3.7a", "ZJG-2.3.7b")
def test_a_permit_is_reviewed_registered_and_issued_in_that_order_and_use_without_one_is_a_lead():
    cast = city("zhangjiagang", "2023-05-08")
    works = piece(cast, "civil_defence", "人防1")
    other = piece(cast, "civil_defence", "人防2", details={"用途": "车库"})
    (lead,) = FacilityLead.objects.all()
    case = Case.objects.get()
    assert (lead.facility, lead.reason, lead.case_key) == (other, "no_permit", case.ref.key)
    assert (case.matter, case.route_lead) == ("civil_defence_facility", "housing")
    asked = equipment.ask_permit(works, use="车库", actor=cast.actor("project_manager"), now=cast.now)
    bureau = {"actor": cast.actor("housing"), "now": cast.now}
    skipped = refuses("step_order", lambda: equipment.step_permit(asked, step="issue", permit_number="1", **bureau))
    assert "审核" in skipped.message and "ZJG-2.3.7b" in skipped.clauses
    refuses(
        "desk",
        lambda: equipment.step_permit(asked, step="review", actor=cast.actor("urban_management"), now=cast.now),
    )
    for step in ("review", "register"):
        asked = equipment.step_permit(asked, step=step, **bureau)
    refuses("field_missing", lambda: equipment.step_permit(asked, step="issue", **bureau))
    asked = equipment.step_permit(asked, step="issue", permit_number="张防证2023-1", **bureau)
    assert (asked.state, asked.from_on, asked.to_on) == ("issued", date(2023, 5, 8), date(2026, 5, 8))
    changed(works, cast.now, details={"用途": "车库"})
    assert FacilityLead.objects.count() == 1
    assert readiness.permit_lists(cast.estate, date(2023, 5, 8)) == ([works], [other])
    watched("2026-04-07")
    assert not owed(asked, "renew_permit")
    watched("2026-04-08")
    assert [one.owner_role for one in owed(asked, "renew_permit")] == ["property_company"]


@pytest.mark.clause("ZJG-2.3.7c")
def test_works_used_otherwise_than_permitted_are_a_lead_and_its_result_stands_in_the_register():
    cast = city("zhangjiagang", "2023-05-08")
    works = piece(cast, "civil_defence", "人防1", location="地下一层")
    asked = equipment.ask_permit(works, use="车库", actor=cast.actor("project_manager"), now=cast.now)
    for step in ("review", "register", "issue"):
        asked = equipment.step_permit(asked, step=step, permit_number="证1", actor=cast.actor("housing"), now=cast.now)
    works = changed(works, cast.now, details={"用途": "仓库"})
    lead, case = FacilityLead.objects.get(), Case.objects.get()
    assert lead.reason == "other_use" and case.route_lead == "housing" and "“车库”" in case.text
    Case.objects.filter(pk=case.pk).update(result="已责令恢复车库。")
    lead_closed(Event(kind="case.closed", subject_kind="case", subject_id=str(case.pk), at=at("2023-06-20")))
    lead.refresh_from_db()
    assert (lead.result, lead.closed_on) == ("已责令恢复车库。", date(2023, 6, 20))
    care = works.cares.get(item="upkeep")
    assert care.due_on == date(2023, 8, 8), "every quarter where the document says nothing"


@pytest.mark.clause("JY-2.3.7-7")
def test_a_pilot_is_running_when_its_three_contracts_are_there():
    cast = city("jiangyin", "2024-07-01")
    known(cast.estate, elevator_pilot=True)
    days = {"from_on": date(2024, 1, 1), "to_on": date(2024, 12, 31)}
    contract(cast, **days)
    contract(cast, contract="insurance", **days)
    on = date(2024, 7, 1)
    assert figures.pilot_of(cast.estate, on).words == "未齐备2/3"
    contract(cast, contract="repair", **days)
    assert figures.pilot_of(cast.estate, on).words == "试点中"
    assert sum(one.running for one in figures.pilots(cast.actor("housing"), on)) == 1
    assert figures.pilot_of(cast.estate, date(2025, 1, 1)).words == "未齐备0/3"


def drained(cast, estate, moment, **details):
    row = piece(cast, "drainage", "管网", estate=estate, now=moment)
    return changed(row, moment, details={name: str(value) for name, value in details.items()})


def stage(cast, name, on, role="urban_management"):
    return next(one for one in figures.stages(cast.actor(role), on) if one.stage == name)


@pytest.mark.clause("JY-2.8.22-5", "JY-2.8.22-6", "JY-2.8.22-2")
def test_nineteen_of_twenty_estates_with_levels_are_ninety_five_in_a_hundred_and_one_is_a_day_late():
    """JY-HC-17."""
    cast = city("jiangyin", "2024-07-01")
    estates = more_estates(cast, 20)
    for one in estates:
        known(one, drainage_area=True)
    for one in estates[:19]:
        drained(cast, one, at("2024-12-31"), 分级运维责任="小区管网由物业运维", 底数清单="已建", 问题清单="已建")
    line = stage(cast, "levels", date(2024, 12, 31))
    assert (line.share.words, line.late, line.missing) == ("95.0%", 0, [estates[19]])
    drained(cast, estates[19], at("2025-01-01"), 分级运维责任="小区管网由物业运维", 底数清单="已建")
    line = stage(cast, "levels", date(2025, 1, 1))
    assert (line.share.words, line.in_time, line.late) == ("100.0%", 19, 1)
    assert stage(cast, "problems", date(2025, 1, 1)).share.words == "95.0%"
    for one in estates[1:]:
        row = one.facilities.get()
        changed(
            row,
            at("2025-11-20"),
            upkeep="排水公司",
            details={**row.details, "巡查周期": "每月", "运维经费（元）": "50000"},
        )
    lasting = stage(cast, "lasting", date(2026, 1, 1))
    assert (lasting.share.done, lasting.late, lasting.missing) == (19, 0, [estates[0]])


@pytest.mark.clause("JY-2.8.22-4")
def test_upkeep_without_money_is_listed_until_there_is_some():
    cast = city("jiangyin", "2024-07-01")
    row = drained(cast, cast.estate, cast.now, 底数清单="已建")
    assert cast.estate in stage(cast, "funded", cast.now.date()).missing
    row = changed(row, cast.now, details={"运维经费（元）": "0"})
    assert stage(cast, "funded", cast.now.date()).share.done == 0
    assert figures.stages_missing(cast.estate, cast.now.date()) == ["经费未落实"], "the rest counts only where marked"
    row = changed(row, cast.now, details={"运维经费（元）": "50000"})
    assert stage(cast, "funded", cast.now.date()).share.done == 1
    assert figures.stages_missing(cast.estate, cast.now.date()) == []
    known(cast.estate, drainage_area=True)
    assert "问题清单未落实" in figures.stages_missing(cast.estate, cast.now.date())
    changed(row, cast.now, details={"底数清单": "已建"})
    assert stage(cast, "funded", cast.now.date()).share.done == 0
    assert readiness.keeper_name(cast.estate, "drainage", cast.now.date()) == "安居物业服务有限公司"


CONTACT = equipment.Contact("王主任", "总协调", "13900001111")


@pytest.mark.clause("ZJG-2.1.5")
def test_an_abandoned_estate_is_taken_over_by_the_plan_of_its_street():
    cast = city("zhangjiagang", "2023-05-08")
    street = cast.actor("street_office")
    assert cast.street in readiness.streets_without_plan(cast.actor("housing"), date(2023, 5, 8))
    given = {"kind": "abandoned", "text": "企业撤离，无人值守", "actor": street, "now": cast.now}
    refuses("no_plan", lambda: equipment.report_emergency(cast.estate, **given))
    reserve = cast.organisation("property_company@2")
    filing = {
        "kind": "service", "title": "物业应急服务预案", "text": "三日内到位", "actor": street, "now": cast.now,
    }  # fmt: skip
    refuses("plan_contacts", lambda: equipment.file_plan(cast.street, **filing))
    refuses("plan_reserves", lambda: equipment.file_plan(cast.street, contacts=[CONTACT], **filing))
    plan = equipment.file_plan(cast.street, contacts=[CONTACT], reserves=[reserve], **filing)
    assert plan.contacts.get().masked_phone == "139****1111"
    assert cast.street not in readiness.streets_without_plan(cast.actor("housing"), date(2023, 5, 8))
    row = equipment.report_emergency(cast.estate, **given)
    assert row.plan == plan and row.taken_until == date(2023, 11, 8)
    (text,) = told("property_company@2", cast, "equipment.reserve")
    assert "请准备应急接管" in text
    (duty,) = owed(row, "emergency_takeover")
    assert duty.owner_organisation == cast.organisation("street_office")
    refuses(
        "not_reserve",
        lambda: equipment.take_over(row, company=cast.organisation("property_company"), actor=street, now=cast.now),
    )
    row = equipment.take_over(row, company=reserve, actor=street, now=cast.now)
    duty.refresh_from_db()
    assert (duty.state, row.taken_by) == ("fulfilled", reserve)


@pytest.mark.clause("JJ-A4-2.3-3")
def test_an_emergency_is_told_to_community_and_street_at_once_and_has_its_line():
    cast = city("jiujiang", "2022-05-05")
    manager = {"actor": cast.actor("project_manager"), "now": cast.now}
    plan = equipment.file_plan(
        cast.estate, kind="general", title="突发事件应急预案", file=picture(cast.estate, cast.now), contacts=[CONTACT],
        **manager,
    )  # fmt: skip
    lift = equipment.file_plan(
        cast.estate, kind="elevator", title="困人救援", text="联系维保", contacts=[CONTACT], **manager
    )
    row = equipment.report_emergency(cast.estate, kind="flood", text="地库进水", **manager)
    assert row.plan == plan, "the general one, not that of lifts"
    stuck = equipment.report_emergency(cast.estate, kind="elevator", text="2号梯困人", **manager)
    assert stuck.plan == lift
    for role in ("community_station", "street_office"):
        assert told(role, cast, "equipment.emergency") == [f"{row}：地库进水", f"{stuck}：2号梯困人"]
    equipment.note(row, kind="step", text="已架设水泵", at=cast.now, **manager)
    row.refresh_from_db()
    row = equipment.close_emergency(row, text="积水排完", actor=cast.actor("project_manager"), now=at("2022-05-05", 12))
    assert [one.text for one in row.notes.all()] == ["积水排完", "已架设水泵"]
    refuses("state", lambda: equipment.note(row, kind="step", text="再记", at=cast.now, **manager))


def test_drills_are_counted_by_year_and_need_people_and_a_photograph():
    cast = city("jiujiang", "2022-05-05")
    given = {"kind": "fire", "held_on": date(2022, 5, 1), "actor": cast.actor("project_manager"), "now": cast.now}
    refuses("drill_people", lambda: equipment.hold_drill(cast.estate, participants=0, **given))
    refuses("drill_photos", lambda: equipment.hold_drill(cast.estate, participants=30, **given))
    shot = picture(cast.estate, cast.now)
    drill = equipment.hold_drill(cast.estate, participants=30, photos=[shot], **given)
    assert readiness.drills_in(cast.estate, 2022).count() == 1 and readiness.drills_in(cast.estate, 2021).count() == 0
    shot.refresh_from_db()
    assert (shot.owner_kind, shot.owner_id) == ("drill", str(drill.pk))
    with pytest.raises(Refused):
        equipment.hold_drill(
            cast.estate_outside, participants=3, photos=[shot], **{**given, "actor": cast.actor("project_manager")}
        )


def test_who_looks_after_equipment_sees_the_estates_of_its_contracts_alone():
    cast = city("jiujiang", "2022-05-05")
    contract(cast)
    piece(cast, "elevator", "T1")
    piece(cast, "elevator", "T2", estate=cast.estate_outside)
    mender = cast.actor("upkeep_company")
    assert [one.code for one in listing.pieces(mender)] == ["T1"]
    assert [one.estate for one in listing.contracts_for(mender)] == [cast.estate]
    duties.tick(cast.now)


@pytest.mark.clause("JJ-A4-2.3-3")
def test_an_estate_with_a_plan_is_owed_a_drill_a_year_and_estates_without_one_are_listed():
    cast = city("jiujiang", "2022-12-30")
    manager = {"actor": cast.actor("project_manager"), "now": cast.now}
    contacts = [equipment.Contact("王经理", "现场", "13800000000")]
    equipment.file_plan(cast.estate, kind="fire", title="消防预案", text="先报警", contacts=contacts, **manager)
    duties.tick(at("2023-01-01", 1))
    year = date(2023, 3, 1)
    (first, second) = owed(cast.estate, "hold_drills")
    assert (first.state, second.state) == ("excused", "open")
    assert second.owner_organisation == cast.organisation("property_company")
    office = cast.actor("street_office")
    assert {one.pk: one.held for one in listing.drilled(office, 2023)}[cast.estate.pk] == 0
    equipment.hold_drill(
        cast.estate, kind="fire", held_on=year, participants=30, photos=[picture(cast.estate, at("2023-03-01"))],
        actor=cast.actor("project_manager"), now=at("2023-03-01"),
    )  # fmt: skip
    assert [one.state for one in owed(cast.estate, "hold_drills")][1] == "fulfilled"
    assert {one.pk: one.held for one in listing.drilled(office, 2023)}[cast.estate.pk] == 1
    assert readiness.drills_wanted(cast.estate.place_path, year) == 1


@pytest.mark.clause("JJ-A4-2.3-3")
def test_an_estate_without_a_plan_owes_one_and_with_it_the_drills_begin():
    cast = city("jiujiang", "2022-05-05")
    equipment.watch(cast.now)
    equipment.watch(at("2022-05-06"))
    (duty,) = owed(cast.estate, "make_plan")
    assert (duty.owner_organisation, duty.last_day) == (cast.organisation("property_company"), date(2022, 6, 6))
    assert duty.clauses == ["JJ-A4-2.3-3"] and not owed(cast.estate, "hold_drills")
    contacts = [equipment.Contact("王经理", "现场", "13800000000")]
    manager = {"contacts": contacts, "actor": cast.actor("project_manager"), "text": "先报警"}
    equipment.file_plan(cast.estate, kind="fire", title="消防预案", now=at("2022-05-06"), **manager)
    assert owed(cast.estate, "make_plan")[0].state == "open", "one kind is not the one that lacks"
    plan = equipment.file_plan(cast.estate, kind="general", title="综合预案", now=at("2022-06-06"), **manager)
    assert owed(cast.estate, "make_plan")[0].state == "fulfilled"
    assert len(owed(cast.estate, "hold_drills")) == 1
    equipment.watch(at("2022-06-07"))
    assert len(owed(cast.estate, "make_plan")) == 1, "nothing lacks"
    equipment.withdraw_plan(plan, actor=cast.actor("project_manager"), now=at("2022-06-08"))
    equipment.watch(at("2022-06-08", 12))
    equipment.watch(at("2022-06-09"))
    assert [one.state for one in owed(cast.estate, "make_plan")] == ["fulfilled", "open"]
