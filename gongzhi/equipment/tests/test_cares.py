"""Inspection, check, upkeep: the last day is still in time, the day after is listed, owed and told."""

from datetime import date

import pytest

from gongzhi.cases.models import Case
from gongzhi.core.models import Event
from gongzhi.equipment import services as equipment
from gongzhi.equipment.models import Care, FacilityLead
from gongzhi.equipment.queries import listing
from gongzhi.equipment.tests.place import (
    COUNTY,
    SYSTEM,
    at,
    changed,
    city,
    looked,
    owed,
    piece,
    refuses,
    told,
    watched,
)
from gongzhi.registry import services as registry
from gongzhi.site.equipment import lead_closed

pytestmark = pytest.mark.django_db


@pytest.mark.clause("JY-2.8.23-1")
def test_an_extinguisher_not_looked_after_is_overdue_the_day_after_and_company_and_street_are_told():
    cast = city("jiangyin", "2024-07-01")
    row = piece(cast, "fire", "灭火器", quantity=100)
    assert {one.item: one.due_on for one in row.cares.all()} == {
        "check": date(2024, 8, 1), "test": date(2025, 7, 1),
    }  # fmt: skip
    equipment.set_due(row, item="check", due_on=date(2024, 7, 31), actor=SYSTEM, now=cast.now)
    watched("2024-07-31")
    assert not owed(row) and not told("property_company", cast, "equipment.overdue")
    assert listing.late_cares(cast.actor("fire_rescue"), date(2024, 7, 31)).count() == 0
    watched("2024-08-01")
    watched("2024-08-02")
    (duty,) = owed(row, "care_overdue")
    assert duty.owner_organisation == cast.organisation("property_company")
    for role in ("property_company", "street_office"):
        (text,) = told(role, cast, "equipment.overdue")
        assert "检查应在2024年7月31日前完成，已逾期" in text
    assert [one.facility for one in listing.late_cares(cast.actor("fire_rescue"), date(2024, 8, 2))] == [row]
    looked(row, "2024-08-02", item="check")
    duty.refresh_from_db()
    assert duty.state == "fulfilled"
    assert Care.objects.get(facility=row, item="check").due_on == date(2024, 9, 2)
    changed(row, at("2024-08-02"), intact=95)
    assert listing.intact_rate(cast.actor("fire_rescue"), "fire").words == "95.0%"


@pytest.mark.clause("MX-3.2.1-8")
def test_works_of_civil_defence_are_urged_the_day_after_their_twelve_months():
    cast = city("meixian", "2023-01-10")
    row = piece(cast, "civil_defence", "人防1")
    looked(row, "2023-01-10", item="upkeep")
    bureau = cast.actor("housing")
    watched("2024-01-10")
    assert listing.late_cares(bureau, date(2024, 1, 10)).count() == 0 and not owed(row)
    watched("2024-01-11")
    assert listing.late_cares(bureau, date(2024, 1, 11)).count() == 1
    owners = {one.rule: one.owner_role for one in owed(row)}
    assert owners == {"care_overdue": "property_company", "urge_civil_defence_user": "housing"}
    looked(row, "2024-01-12", item="upkeep")
    assert {one.state for one in owed(row)} == {"fulfilled"}


@pytest.mark.clause("MX-3.2.10-2")
@pytest.mark.parametrize("kind", ["elevator", "parking_machine"])
def test_the_day_after_the_last_one_of_an_inspection_there_is_one_lead(kind):
    cast = city("meixian", "2023-05-01")
    row = piece(cast, kind, "T1", valid_until=date(2023, 5, 31))
    watched("2023-05-31")
    assert not Case.objects.exists() and listing.state_of(row, date(2023, 5, 31)) == "soon"
    watched("2023-06-01")
    watched("2023-06-02")
    case = Case.objects.get()
    assert (case.route_lead, case.channel) == ("market_regulation", "found")
    assert listing.state_of(row, date(2023, 6, 1)) == "expired"
    assert [one.rule for one in owed(row)] == ["inspection_expired"]
    looked(row, "2023-06-05")
    row.refresh_from_db()
    assert row.valid_until == date(2024, 6, 5), "without a day of its own the paper holds for the period of the pack"


@pytest.mark.clause("ZJG-2.3.9c")
def test_a_lift_past_its_day_is_pushed_to_market_regulation_and_the_result_stands_in_the_files():
    cast = city("zhangjiagang", "2023-05-01")
    row = piece(cast, "elevator", "T1", valid_until=date(2023, 5, 31), details={"设备代码": "3110-2023-1"})
    equipment.sign_contract(
        cast.estate, contract="maintenance", kind="elevator", company=cast.organisation("upkeep_company"),
        party_a="property_company", from_on=date(2023, 1, 1), to_on=date(2023, 12, 31), actor=SYSTEM, now=cast.now,
    )  # fmt: skip
    watched("2023-06-01")
    bureau = cast.actor("market_regulation")
    (text,) = told("market_regulation", cast, "equipment.overdue")
    assert "检验有效期到2023年5月31日，已过期" in text
    assert [one.code for one in listing.pieces(bureau).filter(valid_until__lt=date(2023, 6, 1))] == ["T1"]
    row.refresh_from_db()
    assert row.upkeep == "安达电梯维保公司"
    lead = FacilityLead.objects.get(facility=row)
    assert lead.reason == "expired" and lead.company == cast.organisation("upkeep_company")
    case = Case.objects.get()
    assert lead.case_key == case.ref.key
    Case.objects.filter(pk=case.pk).update(result="责令停用，罚款三万元。")
    event = Event(kind="case.closed", subject_kind="case", subject_id=str(case.pk), at=at("2023-06-20"))
    lead_closed(event)
    lead.refresh_from_db()
    assert lead.result == "责令停用，罚款三万元。" and lead.closed_on == date(2023, 6, 20)


def test_what_fails_is_out_of_use_until_the_same_passes_again():
    cast = city("jiangyin", "2024-07-01")
    row = piece(cast, "fire", "水泵")
    looked(row, "2024-07-02", item="test", result="failed")
    row.refresh_from_db()
    assert row.faulty and row.suspended_on == date(2024, 7, 2)
    looked(row, "2024-07-03", item="check")
    row.refresh_from_db()
    assert row.faulty and row.suspended_on is not None, "a monthly check does not heal what the test found"
    looked(row, "2024-07-04", item="test")
    row.refresh_from_db()
    assert not row.faulty and row.suspended_on is None


def test_pieces_older_than_the_document_get_their_days_within_the_hour():
    cast = city("jiangyin", "2024-07-01")
    row = piece(cast, "fire", "水泵")
    Care.objects.all().delete()
    watched("2024-07-05")
    watched("2024-07-05")
    assert sorted(row.cares.values_list("item", "due_on")) == [
        ("check", date(2024, 8, 5)), ("test", date(2025, 7, 5)),
    ]  # fmt: skip


def test_more_intact_than_there_are_is_refused():
    cast = city("jiangyin", "2024-07-01")
    row = piece(cast, "fire", "灭火器", quantity=10)
    refuses("facility_intact", lambda: changed(row, cast.now, intact=11))
    assert registry.change_facility(row, changes={"intact": 10}, actor=SYSTEM, now=cast.now).intact == 10


@pytest.mark.clause("CC-942", "TL-46", "TL-55", "JY-2.4.9-6")
@pytest.mark.parametrize("name", sorted(COUNTY))
def test_everywhere_an_inspection_that_ran_out_is_owed_and_so_is_the_answer_to_a_check(name):
    cast = city(name, "2026-03-02")
    lift, pump = (piece(cast, kind, "T1", valid_until=date(2026, 3, 31)) for kind in ("elevator", "pump"))
    watched("2026-03-31")
    assert not owed(lift) and not owed(pump)
    watched("2026-04-01")
    assert [one.rule for one in owed(lift)] == ["inspection_expired"]
    assert [one.rule for one in owed(pump)] == ["other_inspection_expired"]
    assert {one.owner_role for one in (*owed(lift), *owed(pump))} == {"property_company"}
    looked(lift, "2026-04-03", valid_until=date(2027, 3, 31))
    assert [one.state for one in owed(lift)] == ["fulfilled"] and owed(pump)[0].state != "fulfilled"
    by = "police" if name == "zhangjiagang" else "fire_rescue"
    row = equipment.issue(
        [cast.estate], directive="check", kind="fire", title="查通道", text="查通道", actor=cast.actor(by), now=cast.now
    )
    (target,) = row.targets.all()
    assert row.due_on == date(2026, 3, 17)
    assert [(one.rule, one.owner_role) for one in owed(target)] == [("answer_directive", "property_company")]
