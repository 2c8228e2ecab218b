"""督查: any time, unseen until sent, drawn by a seed that anyone can repeat, and the ladder after it."""

import pytest

from gongzhi.cases.accountability.models import InspectedEstate
from gongzhi.cases.accountability.queries.census import census, unit_year
from gongzhi.cases.accountability.queries.tasks import inspections_for
from gongzhi.cases.accountability.references import reads
from gongzhi.cases.accountability.services import inspections
from gongzhi.cases.accountability.tests.steps import (
    OFFICE,
    at,
    clock,
    duty_of,
    inspection,
    papers,
    photo,
    sent_finding,
)
from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event, OutboxMessage


@pytest.mark.clause("JJ-5.3-4", "JJ-3.1.1-5")
def test_the_inspected_unit_knows_nothing_until_the_finding_is_sent(cast):
    street = cast.actor("street_office")
    row = inspection(cast, now=at(5, 5))
    finding = inspections.note_finding(
        row, unit=street.organisation, text="公示栏没有更新", days=7, actor=cast.actor(OFFICE), now=at(5, 5)
    )
    assert not OutboxMessage.objects.filter(to_organisation=street.organisation).exists()
    assert not inspections_for(street).exists()
    assert not reads(street, row)
    assert not reads(street, finding)
    finding = inspections.send_finding(finding, actor=cast.actor(OFFICE), now=at(5, 6))
    assert reads(street, finding)
    assert not reads(street, row)
    assert finding.document.number == "鸠物查〔2022〕1号"
    assert finding.due_on.isoformat() == "2022-05-13"
    assert OutboxMessage.objects.filter(to_organisation=street.organisation).count() >= 1
    assert core.may_download(street, finding.document.file)


@pytest.mark.clause("JJ-5.3-4")
def test_estates_are_drawn_by_a_seed_and_the_event_keeps_seed_and_list(cast):
    row = inspections.open_inspection(title="随机督查", draw=2, actor=cast.actor(OFFICE), now=at(5, 5))
    shown = list(InspectedEstate.objects.filter(inspection=row).order_by("position").select_related("estate__place"))
    again = inspections.drawn([one for one in cast.estates.values()], seed=row.seed, number=2)
    assert [one.estate for one in shown] == again
    event = Event.objects.get(kind="inspection.opened", subject_id=str(row.pk))
    assert event.data["seed"] == row.seed
    assert event.data["drawn"] == [one.estate.place.code for one in shown]
    assert event.data["drawn_from"] == 3
    draws = {
        tuple(one.pk for one in inspections.drawn(list(cast.estates.values()), seed=str(seed), number=1))
        for seed in range(20)
    }
    assert len(draws) == 3
    with pytest.raises(Refused, match="只有3个小区"):
        inspections.open_inspection(title="随机督查", draw=4, actor=cast.actor(OFFICE), now=at(5, 5))


@pytest.mark.clause("JJ-3.1.1-5")
def test_only_the_leading_group_office_inspects_and_not_itself(cast):
    for role in ("street_office", "housing", "owner"):
        with pytest.raises(Refused) as refused:
            inspections.open_inspection(title="督查", draw=1, actor=cast.actor(role), now=at(5, 5))
        assert refused.value.code == "forbidden"
    with pytest.raises(Refused, match="本单位"):
        inspection(cast, OFFICE, now=at(5, 5))


@pytest.mark.clause("JJ-5.3-5", "JJ-A7-3.7-3", "JJ-5.3-6")
def test_ten_days_lapse_into_copy_notice_supervision_and_censure_with_half_the_time_given_again(cast):
    """HC-41: due on 10 June, copied on the 11th, supervised on the 17th, censured on the 23rd."""
    finding = sent_finding(cast, days=10, now=at(5, 31))
    duty = duty_of(finding)
    assert duty.last_day.isoformat() == "2022-06-10"
    clock(at(6, 10, 23))
    assert papers(finding) == ["inspection_order"]
    clock(at(6, 11))
    clock(at(6, 16, 23))
    assert papers(finding) == ["inspection_order", "copy_notice"]
    clock(at(6, 17))
    assert papers(finding)[-1] == "supervision_notice"
    clock(at(6, 23))
    assert papers(finding) == ["inspection_order", "copy_notice", "supervision_notice", "censure_notice"]
    [row] = census(cast.county.path, year=2022)
    assert [(one.step, one.document.instrument) for one in row.steps] == [
        ("copy_notice", "copy_notice"),
        ("supervision", "supervision_notice"),
        ("censure", "censure_notice"),
    ]
    assert row.ground
    assert row.unit == cast.organisation("street_office")


@pytest.mark.clause("JJ-5.3-5")
def test_the_count_stops_when_the_finding_is_answered_and_goes_on_when_it_was_not_put_right(cast):
    street = cast.actor("street_office")
    finding = sent_finding(cast, days=10, now=at(5, 31))
    clock(at(6, 17))
    finding = inspections.answer_finding(finding, text="已经清理", files=[photo()], actor=street, now=at(6, 22))
    clock(at(7, 20))
    assert papers(finding)[-1] == "supervision_notice"
    finding = inspections.check_finding(
        finding, passed=False, text="又堆回来了", days=5, actor=cast.actor(OFFICE), now=at(7, 21)
    )
    assert finding.due_on.isoformat() == "2022-07-26"
    clock(at(7, 27))
    assert papers(finding)[-1] == "censure_notice"
    with pytest.raises(Refused, match="没有等待复核"):
        inspections.check_finding(finding, passed=True, text="到位", actor=cast.actor(OFFICE), now=at(7, 27))


@pytest.mark.clause("JJ-3.1.1-5", "JJ-A2-1-1")
def test_problem_limit_and_result_stand_in_the_units_year(cast):
    finding = sent_finding(cast, days=10, now=at(5, 31))
    inspections.answer_finding(finding, text="已经清理", actor=cast.actor("street_office"), now=at(6, 8))
    inspections.check_finding(finding, passed=True, text="现场看过", actor=cast.actor(OFFICE), now=at(6, 9))
    row = inspections.close_inspection(finding.inspection, result="基本到位", actor=cast.actor(OFFICE), now=at(6, 9))
    assert row.result == "基本到位"
    history = unit_year(cast.organisation("street_office"), year=2022, place_path=cast.county.path)
    assert (len(history.findings), history.rectified, history.steps) == (1, 1, [])
    assert unit_year(cast.organisation("street_office"), year=2021, place_path=cast.county.path).findings == []


def test_an_inspection_with_an_unsent_finding_is_not_closed(cast):
    row = inspection(cast, now=at(5, 5))
    inspections.note_finding(
        row, unit=cast.organisation("housing"), text="台账不全", days=5, actor=cast.actor(OFFICE), now=at(5, 5)
    )
    with pytest.raises(Refused, match="还有1个问题没有交办"):
        inspections.close_inspection(row, result="好", actor=cast.actor(OFFICE), now=at(5, 6))
