"""鸠江: three levels patrol so often a week, companies daily, departments by the quarter; findings are put right."""

from datetime import timedelta

import pytest

from gongzhi.cases.models import SiteCheck
from gongzhi.cases.services.checks import record_check
from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.models import OutboxMessage
from gongzhi.duties import services as duties
from gongzhi.duties.models import Duty
from gongzhi.patrols import services
from gongzhi.patrols.models import PatrolFinding, PatrolRound, PointVisit
from gongzhi.patrols.queries.books import choices_lacking, register_at
from gongzhi.patrols.queries.plans import plans_of, shares, standings, visits_by_estate, window_of
from gongzhi.patrols.queries.reading import by_unit, settled_share
from gongzhi.patrols.services import Visit
from gongzhi.patrols.tests.steps import (
    SYSTEM,
    Found,
    city,
    day,
    entered,
    fresh,
    later,
    moment,
    pictured,
    rechecked,
    rectified,
    walked,
)

pytestmark = pytest.mark.django_db
ON = "2022-05-09"  # a Monday


@pytest.fixture
def cast(db):
    return city("jiujiang", ON)


def standing(cast, code, on, *, unit=None, estate=None):
    plan = next(one for one in plans_of(cast.county.path, day(on)) if one.code == code)
    rows = standings(plan, cast.county.path, window_of(plan.rule.every, day(on)))
    return next(one for one in rows if (unit is None or one.unit == unit) and (estate is None or one.estate == estate))


def community_round(cast, on, **given):
    return walked(cast, "site_round", {"staff": True}, by="community_station", on=on, **given)


@pytest.mark.clause("JJ-4.2.15-4")
def test_jj_hc_28_two_rounds_on_one_day_count_once_and_by_record_twice(cast):
    for on in ("2022-05-09T09:00+08:00", "2022-05-09T15:00+08:00", "2022-05-12T09:00+08:00"):
        community_round(cast, on)
    unit = cast.organisations["community_station"]
    found = standing(cast, "community_weekly", ON, unit=unit)
    assert (found.done, found.lacking, found.met) == (2, 1, False)
    assert visits_by_estate(found.plan, [unit], window_of("week", day(ON))) == {cast.estate.pk: 3}
    core.set_switch(
        place=cast.county, pack="jiujiang", name="patrols_distinct", value="record", from_on=day(ON), actor=SYSTEM,
        reason="会议决定", now=cast.now,
    )  # fmt: skip
    assert standing(cast, "community_weekly", ON, unit=unit).met


@pytest.mark.clause("JJ-4.2.15-4", "JJ-4.2.15-5")
def test_jj_hc_29_a_week_of_holidays_is_not_let_off(cast):
    duties.open_standing(moment("2022-10-03"))
    for on in ("2022-10-08", "2022-10-09"):
        community_round(cast, on)
        walked(cast, "site_round", {"staff": True}, by="street_office", on=on)
    stations, office = cast.organisations["community_station"], cast.organisations["street_office"]
    found = standing(cast, "community_weekly", "2022-10-05", unit=stations)
    assert (found.done, found.lacking) == (2, 1)
    assert standing(cast, "street_weekly", "2022-10-05", unit=office).met
    duties.tick(moment("2022-10-10"))
    weeks = Duty.objects.filter(rule__in=["community_patrols", "street_patrols"], due_at=moment("2022-10-10", 0))
    by_rule = {one.rule: one.state for one in weeks if one.owner_organisation in (stations, office)}
    assert by_rule == {"community_patrols": "overdue", "street_patrols": "fulfilled"}


@pytest.mark.clause("JJ-4.2.15-4")
def test_the_week_is_counted_for_each_estate_where_the_place_says_so(cast):
    core.set_switch(
        place=cast.county, pack="jiujiang", name="patrols_counted_per", value="estate", from_on=day(ON), actor=SYSTEM,
        reason="会议决定", now=cast.now,
    )  # fmt: skip
    for on in ("2022-05-09", "2022-05-10", "2022-05-11"):
        community_round(cast, on)
    unit = cast.organisations["community_station"]
    assert standing(cast, "community_weekly", ON, unit=unit, estate=cast.estate).met


@pytest.mark.clause("JJ-4.2.15-5")
def test_rounds_of_the_community_are_not_the_towns_and_a_joint_one_counts_for_both(cast):
    community_round(cast, "2022-05-09")
    office = cast.organisations["street_office"]
    assert standing(cast, "street_weekly", ON, unit=office).lacking == 2
    row = community_round(cast, "2022-05-10", joint=[office])
    assert OutboxMessage.objects.filter(template="patrol.joint", to_organisation=office).count() == 1
    assert standing(cast, "street_weekly", ON, unit=office).lacking == 1
    assert standing(cast, "community_weekly", ON, unit=cast.organisations["community_station"]).done == 2
    assert sorted(one.part for one in row.units.all()) == ["joint", "lead"]


@pytest.mark.clause("JJ-4.2.15-1")
def test_the_company_signs_in_at_points_and_a_day_without_a_round_is_listed(cast):
    manager = cast.actor("project_manager")
    route = services.set_route(
        cast.estate, title="日常路线", points=[("东门岗", "东门"), ("配电房", "1幢地下")], actor=manager, now=cast.now
    )
    first, second = route.points.all()
    visit = services.sign_in(first, key="v1", actor=manager, now=cast.now)
    assert services.sign_in(first, key="v1", actor=manager, now=cast.now) == visit
    row = walked(
        cast, "company_round", by="project_manager", visits=[Visit(second, cast.now, "v2")], uploads=[pictured()]
    )
    assert {one.point for one in row.visits.all()} == {first, second} and row.route == route
    assert PointVisit.objects.count() == 2
    photo = row.photos.get()
    assert len(photo.file.sha256) == 64 and photo.file.uploaded_at == cast.now
    served = cast.estate
    assert standing(cast, "company_daily", ON, estate=served).met
    assert standing(cast, "company_daily", "2022-05-10", estate=served).lacking == 1
    lacking = next(one for one in shares(cast.county.path, day("2022-05-10")) if one.plan.code == "company_daily")
    assert served in [one.estate for one in lacking.lacking]


def test_a_round_sent_twice_is_one_round_with_one_finding(cast):
    given = {"found": [Found("消防安全", "灭火器缺失", "1幢大厅", in_contract=True)], "key": "phone-1", "offline": True}
    first = walked(cast, "company_round", by="project_manager", **given)
    again = walked(cast, "company_round", by="project_manager", **given)
    assert first == again and PatrolRound.objects.count() == 1 and PatrolFinding.objects.count() == 1
    assert first.offline


def test_a_clock_that_runs_ahead_is_refused_and_a_late_parcel_counts_on_the_day_it_was_walked(cast):
    with pytest.raises(Refused) as refused:
        walked(cast, "company_round", by="project_manager", walked_at=cast.now + timedelta(hours=1))
    assert refused.value.code == "future"
    row = walked(
        cast, "company_round", by="project_manager", on="2022-05-11", walked_at=moment("2022-05-10"), offline=True
    )
    assert (row.walked_at, row.received_at) == (moment("2022-05-10"), moment("2022-05-11"))
    assert standing(cast, "company_daily", "2022-05-10", estate=cast.estate).met


@pytest.mark.clause("JJ-4.2.15-2")
def test_what_lies_in_the_contract_the_company_puts_right_with_photos_or_the_community_is_told(cast):
    with pytest.raises(Refused) as refused:
        walked(cast, "company_round", by="project_manager", found=[Found("设施", "路灯不亮", "3幢南")])
    assert refused.value.code == "check_failed" and "JJ-4.2.15-2" in refused.value.clauses
    row = walked(
        cast, "company_round", by="project_manager", found=[Found("设施", "路灯不亮", "3幢南", in_contract=True)]
    )
    finding = row.findings.get()
    assert (finding.state, finding.responsible, finding.due_on) == (
        "assigned", cast.organisations["property_company"], day("2022-05-12"),
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        rectified(cast, finding, uploads=())
    assert refused.value.code == "no_photo"
    duties.tick(moment("2022-05-13", 9))
    finding = fresh(finding)
    community = cast.organisations["community_station"]
    assert finding.escalated_to == community and finding.timing(day("2022-05-13")) == "overdue"
    assert OutboxMessage.objects.filter(template="finding.escalated", to_organisation=community).count() == 1
    later(cast, "2022-05-13")
    finding = rectified(cast, finding)
    assert finding.timing(day("2022-05-13")) == "late"
    finding = rechecked(cast, finding, by="community_station", passed=False, due_on=day("2022-05-16"))
    assert (finding.state, finding.failed, finding.due_on) == ("assigned", 1, day("2022-05-16"))
    finding = rechecked(cast, rectified(cast, finding), by="community_station")
    assert finding.state == "passed"
    assert not Duty.objects.filter(subject_kind="patrol_finding", closed_at=None).exists()


@pytest.mark.clause("JJ-4.2.15-6")
def test_departments_say_regular_or_irregular_and_what_they_find_is_followed_to_its_end(cast):
    answers = {"observed": "检查消防通道和设施", "violation": True}
    given = {"by": "fire_rescue", "uploads": [pictured("photo")], "notes": {"violation": "消火栓无水"}, "note": "5幢"}
    with pytest.raises(Refused) as refused:
        walked(cast, "department_round", answers, **given)
    assert refused.value.code == "kind"
    found = [Found("消防安全", "楼道堆物", "2幢", eased="当场清理")]
    row = walked(cast, "department_round", answers, kind="irregular", found=found, people="石勇、李明", **given)
    assert row.people == "石勇、李明" and row.photos.filter(field="photo").exists()
    assert standing(cast, "department_regular", ON, unit=cast.organisations["fire_rescue"]).lacking == 1
    open_one = row.findings.get(kind="职责范围内的违法违规问题")
    assert open_one.state == "assigned" and row.findings.get(eased_on_spot=True).state == "passed"
    line = next(
        one for one in by_unit(cast.county.path, window_of("quarter", day(ON))) if one.unit["role"] == "fire_rescue"
    )
    assert (line.findings, line.on_spot, line.open) == (2, 1, 1)
    rechecked(cast, rectified(cast, open_one), by="fire_rescue")
    walked(cast, "department_round", {**answers, "violation": False}, kind="regular", by="fire_rescue",
           uploads=[pictured("photo")])  # fmt: skip
    assert standing(cast, "department_regular", ON, unit=cast.organisations["fire_rescue"]).met
    lacking = next(one for one in shares(cast.county.path, day(ON)) if one.plan.code == "department_regular").lacking
    assert cast.organisations["police"] in [one.unit for one in lacking]


@pytest.mark.clause("JJ-3.1.2-2")
def test_a_level_without_a_responsible_person_is_told_and_rounds_count_by_level(cast):
    register = register_at(cast.county.path, "grid_person", day(ON))
    for level, by in (("county", "urban_management"), ("community", "community_station")):
        entered(cast, "grid_person", {"level": level, "name": "王某", "grid": "网格一"}, by=by)
    lacking = dict((one.pk, missing) for one, missing in choices_lacking(register, cast.county.path))
    assert lacking[cast.estate.pk] == ["镇（街）"]
    entered(cast, "grid_person", {"level": "street", "name": "李某", "grid": "网格一"}, by="street_office")
    assert cast.estate.pk not in dict((one.pk, 1) for one, _ in choices_lacking(register, cast.county.path))
    for by in ("urban_management", "street_office", "community_station"):
        with pytest.raises(Refused):
            walked(cast, "structure_round", {"location": "3幢顶楼"}, by=by)
        row = walked(
            cast, "structure_round", {"location": "3幢顶楼", "structure": True, "handling": "责令停工"}, by=by,
            uploads=[pictured("photo")], notes={"structure": "顶楼加盖"}, note="3幢顶楼",
        )  # fmt: skip
    assert row.findings.get().kind == "违法搭建"
    counted = {one.unit["role"]: one.rounds for one in by_unit(cast.county.path, window_of("week", day(ON)))}
    assert counted == {"urban_management": 1, "street_office": 1, "community_station": 1}


def test_the_same_problem_at_the_same_spot_is_linked_to_the_first(cast):
    def seen(by, on):
        answers = {"location": "顶楼", "structure": True, "handling": "劝阻"}
        given = {"uploads": [pictured("photo")], "notes": {"structure": "加盖"}, "note": "3幢顶楼"}
        return walked(cast, "structure_round", answers, by=by, on=on, **given)

    first, second = seen("street_office", ON), seen("community_station", "2022-06-01")
    assert second.findings.get().repeat_of == first.findings.get()
    assert any("重复发生" in one for one in second.told)
    assert seen("community_station", "2023-06-01").findings.get().repeat_of is None


@pytest.mark.clause("JJ-A5-3.1-1")
def test_a_steward_reports_three_kinds_with_photos_and_sees_his_share_settled(cast):
    steward = cast.actor("building_steward")
    kinds = core.ask("patrols.kinds", {"by": "building_steward"}, place_path=cast.estate.place_path, on=day(ON)).value
    assert kinds == ["环境卫生", "安全隐患", "不文明行为"]
    building = cast.estate.buildings.first()
    made = [
        services.report_finding(
            cast.estate, found=Found(kind, "请处理", "楼道", building=building, uploads=(pictured(),)), actor=steward,
            now=cast.now,
        )
        for kind in kinds
    ]  # fmt: skip
    assert {one.responsible for one in made} == {cast.organisations["property_company"]}
    assert made[0].photos.count() == 1
    rechecked(cast, rectified(cast, made[0]), by="community_station")
    assert settled_share(steward) == (1, 3)


def test_only_whose_sheet_it_is_may_send_it(cast):
    with pytest.raises(Refused) as refused:
        walked(cast, "department_round", {"observed": "看过"}, by="street_office")
    assert refused.value.code == "sheet"
    with pytest.raises(Refused) as refused:
        walked(cast, "site_round", {"staff": True}, by="street_office@2")
    assert refused.value.code == "forbidden"


@pytest.mark.clause("JJ-5.3-3")
def test_rounds_of_an_office_count_among_its_checks_beside_complaints(cast):
    walked(cast, "site_round", {"staff": True, "fire": True}, by="street_office", notes={"fire": "堵塞"})
    walked(cast, "company_round", by="project_manager")
    sheet = SiteCheck.objects.get()
    assert (sheet.source, sheet.violation) == ("patrol", True)
    assert sheet.organisation == cast.organisations["street_office"]
    record_check(
        estate=cast.estate, source="other", checked_at=cast.now, found="复看同一处", same_as=sheet,
        actor=cast.actor("street_office"), now=cast.now,
    )  # fmt: skip
    assert sheet.repeats.count() == 1


@pytest.mark.clause("JJ-4.2.15-2")
def test_a_company_does_not_set_its_own_day_for_what_it_found_itself(cast):
    row = walked(
        cast, "company_round", by="project_manager", found=[Found("设施", "路灯不亮", "3幢南", in_contract=True)]
    )
    with pytest.raises(Refused) as refused:
        services.assign(
            row.findings.get(), responsible=cast.organisations["property_company"], due_on=day("2022-08-01"),
            actor=cast.actor("project_manager"), now=cast.now,
        )  # fmt: skip
    assert refused.value.status == 403
