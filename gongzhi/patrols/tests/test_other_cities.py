"""张家港、金华、江阴、眉县: what each document wants walked, kept in books, put right and counted."""

from datetime import timedelta

import pytest

from gongzhi.cases.models import Case
from gongzhi.cases.queries.asking import route_facts
from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.models import OutboxMessage
from gongzhi.duties import services as duties
from gongzhi.duties.models import Duty
from gongzhi.patrols import services
from gongzhi.patrols.models import PatrolFinding, RegisterEntry
from gongzhi.patrols.queries.books import compared, register_at
from gongzhi.patrols.queries.plans import shares, window_of
from gongzhi.patrols.queries.reading import by_unit, counted, findings_for
from gongzhi.patrols.tests.steps import (
    SYSTEM,
    Found,
    city,
    day,
    entered,
    estates,
    fresh,
    later,
    marks,
    moment,
    pictured,
    rates,
    reader,
    rechecked,
    rectified,
    someone,
    staged,
    walked,
)
from gongzhi.registry import services as registry
from gongzhi.registry.models import Estate
from gongzhi.registry.queries import estate_facts

pytestmark = pytest.mark.django_db


@pytest.fixture
def jinhua(db):
    return city("jinhua", "2024-05-08")


@pytest.fixture
def jiangyin(db):
    return city("jiangyin", "2024-05-08")


@pytest.fixture
def meixian(db):
    return city("meixian", "2023-05-10")


@pytest.fixture
def zhangjiagang(db):
    return city("zhangjiagang", "2023-05-10")


def share(cast, code):
    return next(one for one in shares(cast.county.path, core.local_day(cast.now)) if one.plan.code == code)


# -- 金华


@pytest.mark.clause("JH-3.1.2d")
def test_the_town_checks_each_estate_monthly_and_its_rounds_findings_and_settled_ones_are_counted(jinhua):
    row = walked(jinhua, "street_check", {"staff": True, "sanitation": True, "order": True}, by="street_office",
                 notes={"sanitation": "垃圾未清", "order": "车辆乱停"})  # fmt: skip
    first, second = row.findings.all()
    assert first.due_on == day("2024-05-23") and first.responsible == jinhua.organisations["property_company"]
    rechecked(jinhua, rectified(jinhua, first), by="street_office")
    line = by_unit(jinhua.county.path, window_of("month", day("2024-05-08")), roles=["street_office"])[0]
    assert (line.rounds, line.findings, line.struck_off) == (1, 2, 1)
    found = share(jinhua, "street_monthly")
    assert found.met == 1 and jinhua.estate not in [one.estate for one in found.lacking]


@pytest.mark.clause("JH-4.9i")
def test_a_hazard_has_place_grade_and_photo_is_told_upwards_when_late_and_struck_off_with_a_photo(jinhua):
    actor = someone(jinhua, "community_station")
    with pytest.raises(Refused) as refused:
        services.report_finding(
            jinhua.estate, found=Found("消防安全", "充电线私拉", "3幢"), actor=actor, now=jinhua.now
        )
    assert refused.value.code == "check_failed"
    whole = Found("消防安全", "充电线私拉", "3幢", grade="serious", uploads=(pictured(),))
    row = services.report_finding(jinhua.estate, found=whole, actor=actor, now=jinhua.now)
    assert (row.state, row.due_on) == ("assigned", day("2024-05-11"))
    duties.tick(moment("2024-05-14"))
    assert fresh(row).escalated_to.role == "street_office"
    lines = {one.title: one.open for one in counted(findings_for(actor), "kind", day("2024-05-14"))}
    assert lines == {"消防安全": 1}
    later(jinhua, "2024-05-14")
    row = rectified(jinhua, row)
    with pytest.raises(Refused) as refused:
        rechecked(jinhua, row, by="community_station")
    assert refused.value.code == "no_photo"
    row = rechecked(jinhua, row, by="community_station", uploads=(pictured(),))
    assert row.state == "passed" and [one.step for one in row.steps.all()] == [
        "found", "assigned", "escalated", "rectified", "passed",
    ]  # fmt: skip
    assert counted(findings_for(actor), "kind", day("2024-05-14"))[0].open == 0


# -- 江阴


def owed_by(cast, role):
    return core.ensure_organisation(role, place=cast.estate.place, name=f"{role}单位")


@pytest.mark.clause("JY-2.2.5-1")
def test_ten_problems_are_counted_by_whose_they_are_and_one_without_is_not_kept(jiangyin):
    units = {role: owed_by(jiangyin, role) for role in ("developer", "owners_committee")}
    units["property_company"] = jiangyin.organisations["property_company"]
    wanted = {"developer": 3, "property_company": 5, "owners_committee": 2}
    found = [
        Found(f"{side}{number}", "履约不到位", "小区", side=side, responsible=units[side])
        for side, times in wanted.items()
        for number in range(times)
    ]
    walked(jiangyin, "duty_survey", {"scope": "全面排查"}, by="street_office", found=found)
    lines = {one.title: one.whole for one in counted(PatrolFinding.objects.all(), "side", day("2024-05-08"))}
    assert lines == {"物业服务企业": 5, "建设单位": 3, "业主委员会（物管会）": 2}
    for wrong in (
        Found("缺", "缺主体", "小区", responsible=units["developer"]),
        Found("缺", "缺", "小区", side="developer"),
    ):
        with pytest.raises(Refused) as refused:
            walked(jiangyin, "duty_survey", {"scope": "补"}, by="street_office", found=[wrong], key="eleventh")
        assert "JY-2.2.5-1" in refused.value.clauses
    assert PatrolFinding.objects.count() == 10


@pytest.mark.clause("JY-2.2.5-2")
def test_each_of_five_kinds_is_answered_and_a_yes_comes_with_words_or_a_photo(jiangyin):
    register = register_at(jiangyin.county.path, "gap_survey", day("2024-05-08"))
    assert len(register.fields) == 5
    with pytest.raises(Refused) as refused:
        walked(jiangyin, "gap_survey", {"fire": None}, by="street_office")
    assert set(refused.value.fields) == {"fire"}
    with pytest.raises(Refused):
        walked(jiangyin, "gap_survey", {"fire": True}, by="street_office")
    row = walked(jiangyin, "gap_survey", {"fire": True}, by="street_office", uploads=[pictured("fire")])
    assert row.findings.get().kind == "消防安全隐患" and row.findings.get().photos.count() == 1


@pytest.mark.clause("JY-2.2.5-4")
def test_nothing_is_put_right_without_a_unit_and_a_day_and_the_last_day_is_in_time(jiangyin):
    row = walked(jiangyin, "gap_survey", {"sanitation": True, "order": True}, by="street_office",
                 notes={"sanitation": "垃圾", "order": "乱停"})  # fmt: skip
    office, company = someone(jiangyin, "street_office"), jiangyin.organisations["property_company"]
    made = list(row.findings.all())
    assert {one.state for one in made} == {"found"}
    for given in ({"responsible": company, "due_on": None}, {"responsible": None, "due_on": day("2024-06-28")}):
        with pytest.raises(Refused) as refused:
            services.assign(made[0], **given, actor=office, now=jiangyin.now)
        assert refused.value.code == "incomplete" and "JY-2.2.5-4" in refused.value.clauses
    for one in made:
        services.assign(one, responsible=company, due_on=day("2024-06-28"), actor=office, now=jiangyin.now)
    assert Duty.objects.filter(rule="rectify_finding", closed_at=None).count() == 2
    later(jiangyin, "2024-06-28")
    first = rectified(jiangyin, made[0])
    later(jiangyin, "2024-06-29")
    assert fresh(made[1]).timing(day("2024-06-29")) == "overdue"
    second = rectified(jiangyin, made[1])
    assert (first.timing(day("2024-06-29")), second.timing(day("2024-06-29"))) == ("in_time", "late")
    for lists in ("found", "assigned", "rectified"):
        assert first.steps.filter(step=lists).count() == 1


@pytest.mark.clause("JY-2.6.14-4")
def test_checks_with_points_are_averaged_by_unit_and_count_for_one_alone(jiangyin):
    for points in (80, 84, 88, 92):
        walked(jiangyin, "daily_check", {"points": points}, by="community_committee")
    walked(jiangyin, "daily_check", {"points": 70}, by="street_office")
    lines = {one.unit["role"]: f"{one.average:.2f}" for one in
             by_unit(jiangyin.county.path, window_of("quarter", day("2024-05-08")))}  # fmt: skip
    assert lines == {"community_committee": "86.00", "street_office": "70.00"}
    with pytest.raises(Refused) as refused:
        walked(jiangyin, "daily_check", {"points": 90}, by="community_committee",
               joint=[jiangyin.organisations["street_office"]])  # fmt: skip
    assert "JY-2.6.14-4" in refused.value.clauses


@pytest.mark.clause("JY-2.8.23-7")
def test_fifty_seven_of_sixty_estates_were_checked_this_month(jiangyin):
    made = [*Estate.objects.filter(place_path__startswith=jiangyin.street.path)]
    made += estates(jiangyin, 60 - len(made))
    for one in made[:57]:
        walked(jiangyin, "fire_check", by="street_office", estate=one)
    found = share(jiangyin, "fire_monthly")
    rows = [one for one in found.rows if one.unit == jiangyin.organisations["street_office"]]
    met = sum(one.met for one in rows)
    assert (met, len(rows), f"{met / len(rows):.1%}") == (57, 60, "95.0%")
    assert {one.estate for one in rows if not one.met} == set(made[57:])


@pytest.mark.clause("JY-2.8.22-3")
def test_water_in_dry_pipes_and_sewage_in_rain_each_make_an_order_and_neither_is_up_to_standard(jiangyin):
    for part in ("source", "middle", "end"):
        entered(jiangyin, "drainage_measure", {"part": part, "measure": "改造"}, by="urban_management")
    wet = walked(jiangyin, "drainage_round", {"dry_flow": True, "rain_sewage": True}, by="urban_management",
                 notes={"dry_flow": "3号井", "rain_sewage": "5号井"})  # fmt: skip
    assert {one.state for one in wet.findings.all()} == {"assigned"} and wet.findings.count() == 2
    good = walked(jiangyin, "drainage_round", by="urban_management")
    sheet = reader(jiangyin, "drainage_round")
    assert [sheet.register.surely(one.when, sheet.scope(good.answers)) for one in sheet.register.marks] == [True]
    assert good.findings.count() == 0


@pytest.mark.clause("JY-2.8.21-1", "JY-2.8.21-2", "JY-2.8.21-3")
def test_jy_hc_16_a_plot_goes_from_survey_to_the_city_and_the_day_of_adoption_divides_who_keeps_it(jiangyin):
    later(jiangyin, "2024-08-15")
    plot = {"location": "南围墙外", "area": 2300, "condition": "枯树"}
    rows = [
        entered(jiangyin, "outer_green", {**plot, "surveyed": number < 36}, by="urban_management")
        for number in range(40)
    ]
    assert rates(jiangyin, "outer_green") == {"已调研": "90.0%"}
    row = staged(jiangyin, rows[0], "treated", by="urban_management")
    with pytest.raises(Refused) as refused:
        staged(jiangyin, fresh(row), "adopted", by="urban_management")
    assert refused.value.code == "stage" and "JY-2.8.21-2" in refused.value.clauses
    row = staged(jiangyin, fresh(row), "accepted", by="urban_management")
    later(jiangyin, "2024-09-02")
    assert marks(jiangyin, row) == ["由物业服务企业管养"]
    row = staged(jiangyin, fresh(row), "adopted", by="urban_management", on=day("2024-09-01"))
    assert marks(jiangyin, row) == ["由城市公共绿地管养"]

    def led_by(on):
        facts = {**estate_facts(jiangyin.estate, day(on)), "matter": "outside_greening"}
        return core.ask("cases.route", route_facts(facts), place_path=jiangyin.estate.place_path, on=day(on)).value[
            "lead"
        ]

    assert (led_by("2024-08-20"), led_by("2024-08-31")) == ("property_company", "property_company")
    assert (led_by("2024-09-01"), led_by("2024-09-02")) == ("urban_management", "urban_management")


@pytest.mark.clause("JY-2.8.22-1")
def test_a_drawing_that_is_not_separated_is_put_right_and_looked_at_again(jiangyin):
    def drawn(number):
        return entered(
            jiangyin, "drainage_drawing", {"project": f"{number}号地块"}, by="urban_management", files=("drawing",)
        )

    with pytest.raises(Refused):
        entered(jiangyin, "drainage_drawing", {"project": "甲"}, by="urban_management")
    with pytest.raises(Refused):
        entered(jiangyin, "drainage_drawing", {"project": "甲"}, by="property_company", files=("drawing",))
    rows = [drawn(number) for number in range(5)]
    for one in rows[:4]:
        staged(jiangyin, one, "separated", by="urban_management")
    row = staged(jiangyin, rows[4], "mixed", by="urban_management")
    assert marks(jiangyin, row) == ["列入整改，改图后复审"]
    assert rates(jiangyin, "drainage_drawing") == {"图纸审查通过": "80.0%"}
    row = staged(jiangyin, fresh(row), "separated", {"opinion": "已改为两套管"}, by="urban_management")
    assert marks(jiangyin, row) == ["已分流"]
    assert rates(jiangyin, "drainage_drawing") == {"图纸审查通过": "100.0%"}


@pytest.mark.clause("JY-2.8.20-1")
def test_a_sheet_without_waste_sorting_or_without_its_weight_is_not_put_to_use(jiangyin):
    def sheet(**values):
        return entered(
            jiangyin, "assessment_sheet", {"name": "2024年", **values}, by="urban_management", about_place=True
        )

    for wrong in ({"has_waste": False}, {"has_waste": True, "waste_weight": 0}):
        with pytest.raises(Refused) as refused:
            staged(jiangyin, sheet(**wrong), "in_use", by="urban_management")
        assert "JY-2.8.20-1" in refused.value.clauses
    good = staged(jiangyin, sheet(has_waste=True, waste_points=80), "in_use", by="urban_management")
    assert reader(jiangyin, "assessment_sheet").read(good).computed == (("垃圾分类计入总分", "8.00"),)


@pytest.mark.clause("JY-2.8.20-5")
def test_three_rates_a_quarter_beside_the_quarter_before_and_a_dash_for_nothing(jiangyin):
    whole = {"asked": 100, "knowing": 90, "households": 50, "joining": 40}
    later(jiangyin, "2024-05-10")
    entered(jiangyin, "waste_rates", {**whole, "bins": 0, "right_bins": 0}, by="urban_management")
    later(jiangyin, "2024-08-10")
    entered(jiangyin, "waste_rates", {**whole, "bins": 200, "right_bins": 170}, by="urban_management")
    with pytest.raises(Refused):
        entered(jiangyin, "waste_rates", {**whole, "bins": 200, "right_bins": 170}, by="urban_management")
    found = compared(RegisterEntry.objects.filter(register="waste_rates"), reader(jiangyin, "waste_rates"))
    assert [(period, {one.title: one.shown for one in figures}["投放准确率"]) for period, figures in found] == [
        ("2024Q3", "85.0%"), ("2024Q2", "—"),
    ]  # fmt: skip


@pytest.mark.clause("JY-2.3.8-4")
def test_twelve_of_thirty_estates_are_linked_to_the_parking_platform(jiangyin):
    for number, one in enumerate(estates(jiangyin, 30)):
        entered(jiangyin, "parking_file", {"smart": number < 20, "linked": number < 12}, by="housing", estate=one)
    assert rates(jiangyin, "parking_file") == {"已改造": "66.7%", "已接入": "40.0%"}


# -- 眉县


@pytest.mark.clause("MX-3.2.1-5")
def test_the_developer_repairs_the_roof_through_the_last_day_of_five_years(meixian):
    developer = owed_by(meixian, "developer")
    registry.record_fact(
        estate=meixian.estate, name="completed_on", value=day("2019-06-05"), from_on=day("2019-06-05"), actor=SYSTEM,
        now=meixian.now,
    )  # fmt: skip
    later(meixian, "2024-06-05")
    leak = Found("屋面防水", "顶楼漏水", "2幢601")
    row = services.report_finding(meixian.estate, found=leak, actor=meixian.actor("owner"), now=meixian.now)
    assert row.responsible == developer and row.rules["told"] == []
    later(meixian, "2024-06-06")
    row = services.report_finding(meixian.estate, found=leak, actor=meixian.actor("owner"), now=meixian.now)
    assert row.responsible == meixian.organisations["property_company"] and row.rules["told"] == ["保修期已满"]


@pytest.mark.clause("MX-3.2.1-6")
def test_a_second_round_that_finds_a_wall_gone_makes_one_lead_and_tells_the_bureau(meixian):
    entry = entered(meixian, "renovation", {"unit": "2幢301", "registered_before": True}, by="project_manager")
    given = {"by": "project_manager", "entry": entry}
    walked(meixian, "renovation_round", {"observed": "正常", "bearing_wall": False}, **given)
    assert not Case.objects.exists()
    row = walked(meixian, "renovation_round", {"observed": "拆墙", "bearing_wall": True}, **given)
    finding = row.findings.get()
    assert Case.objects.get().number == finding.case_number and Case.objects.get().matter == "load_bearing_wall"
    told = OutboxMessage.objects.filter(template="finding.made", to_organisation=meixian.organisations["housing"])
    assert told.count() == 1 and entry.rounds.count() == 2
    late = entered(meixian, "renovation", {"unit": "3幢", "registered_before": False}, by="project_manager")
    assert marks(meixian, late) == ["未登记装修"]


@pytest.mark.clause("MX-3.2.1-12")
def test_a_joint_check_names_another_department_both_conclusions_and_three_problems_make_three_orders(meixian):
    whole = {"business": "规范", "community": "参加"}
    joint = [meixian.organisations["market_regulation"]]
    with pytest.raises(Refused) as refused:
        walked(meixian, "joint_check", whole, by="housing")
    assert "MX-3.2.1-12" in refused.value.clauses
    with pytest.raises(Refused) as refused:
        walked(meixian, "joint_check", {"business": "规范"}, by="housing", joint=joint)
    assert set(refused.value.fields) == {"community"}
    found = [Found(f"问题{number}", "不规范", "项目部") for number in range(3)]
    row = walked(meixian, "joint_check", whole, by="housing", joint=joint, found=found)
    assert [one.state for one in row.findings.all()] == ["assigned"] * 3
    assert Duty.objects.filter(rule="rectify_finding", closed_at=None).count() == 3


@pytest.mark.clause("MX-4.4-4")
def test_eighteen_of_twenty_estates_of_a_town_were_supervised_and_nothing_found_is_said(meixian):
    made = [*Estate.objects.filter(place_path__startswith=meixian.street.path)]
    made += estates(meixian, 20 - len(made))
    for one in made[:18]:
        walked(meixian, "supervision_sheet", {"result": "none"}, by="street_office", estate=one)
    rows = [one for one in share(meixian, "supervision_monthly").rows if one.unit.role == "street_office"
            and one.unit == meixian.organisations["street_office"]]  # fmt: skip
    assert f"{sum(one.met for one in rows) / len(rows):.1%}" == "90.0%"
    assert {one.estate for one in rows if not one.met} == set(made[18:])
    with pytest.raises(Refused):
        walked(meixian, "supervision_sheet", {}, by="street_office")
    with pytest.raises(Refused):
        walked(meixian, "supervision_sheet", {"result": "problems"}, by="street_office")


@pytest.mark.clause("MX-3.3-4")
def test_four_of_five_cooperations_are_told(meixian):
    four = dict.fromkeys(("civilised_city", "green_community", "work_safety", "peace"), True)
    row = entered(meixian, "cooperation", {**four, "waste_points": 6, "waste_patrols": 12}, by="project_manager")
    book = reader(meixian, "cooperation")
    assert book.read(row).tally == "4/5"
    row = services.change(
        row, filled=services.Filled({"waste_sorting": True}), actor=meixian.actor("project_manager"), now=meixian.now
    )
    assert book.read(row).tally == "5/5"


@pytest.mark.clause("MX-3.3-6")
def test_a_charging_point_is_answered_within_fifteen_days_and_refused_only_with_an_assessment(meixian):
    later(meixian, "2023-03-01")
    row = entered(meixian, "charging_request", {"space": "A12"}, by="owner")
    assert row.due_on == day("2023-03-16")
    duty = Duty.objects.get(rule="answer_charging_request")
    assert core.local_day(duty.due_at - timedelta(minutes=1)) == day("2023-03-16")
    duties.tick(moment("2023-03-17"))
    assert Duty.objects.get(pk=duty.pk).state == "overdue"
    later(meixian, "2023-03-17")
    assert reader(meixian, "charging_request").read(row).late
    for wrong in ({}, {"reason": "不安全"}):
        with pytest.raises(Refused) as refused:
            staged(meixian, row, "refused", wrong, by="project_manager")
        assert "MX-3.3-6" in refused.value.clauses
    row = staged(
        meixian, fresh(row), "refused", {"reason": "负荷不足", "assessment": "评估为不安全"}, by="project_manager"
    )
    assert row.stage == "refused" and not reader(meixian, "charging_request").read(row).late


@pytest.mark.clause("MX-3.6.4-1")
def test_the_last_space_goes_to_an_owner_first(meixian):
    space = entered(meixian, "parking_space", {"space": "A1"}, by="project_manager")
    other = entered(meixian, "parking_request", {"applicant": "外来", "is_owner": False}, by="project_manager")
    owner = entered(meixian, "parking_request", {"applicant": "业主", "is_owner": True}, by="project_manager")
    with pytest.raises(Refused) as refused:
        entered(meixian, "parking_request", {"applicant": "另一", "is_owner": False}, by="project_manager")
    assert "MX-3.6.4-1" in refused.value.clauses
    with pytest.raises(Refused):
        staged(meixian, other, "allotted", by="project_manager")
    assert staged(meixian, owner, "allotted", by="project_manager").stage == "allotted"
    staged(meixian, space, "rented", by="project_manager")
    with pytest.raises(Refused):
        staged(meixian, fresh(other), "allotted", by="project_manager")


@pytest.mark.clause("MX-3.6.4-2")
def test_a_space_is_idle_from_the_ninety_first_day(meixian):
    row = entered(meixian, "parking_space", {"space": "A2"}, by="project_manager")
    later(meixian, (core.local_day(meixian.now) + timedelta(days=90)).isoformat())
    assert marks(meixian, row) == []
    later(meixian, (core.local_day(meixian.now) + timedelta(days=1)).isoformat())
    assert marks(meixian, row) == ["闲置"]
    assert marks(meixian, staged(meixian, row, "rented", by="project_manager")) == []


@pytest.mark.clause("MX-3.6.4-3", "MX-3.6.4-4")
def test_use_of_spaces_smart_estates_the_rules_and_a_space_in_the_fire_lane(meixian):
    entered(meixian, "parking_file", {"spaces": 200, "used": 150, "smart": True}, by="project_manager")
    assert rates(meixian, "parking_file")["车位使用率"] == "75.0%"
    assert reader(meixian, "parking_file").figures(list(RegisterEntry.objects.all()))[1].above == "1"
    rules = entered(
        meixian, "parking_rules", {"name": "停车规约", "fire_lane": False}, by="project_manager", files=("text",)
    )
    with pytest.raises(Refused) as refused:
        staged(meixian, rules, "in_force", by="project_manager")
    assert "MX-3.6.4-4" in refused.value.clauses
    assert staged(meixian, fresh(rules), "in_force", {"fire_lane": True}, by="project_manager").stage == "in_force"
    for number in range(3):
        space = entered(
            meixian, "parking_space", {"space": f"B{number}", "blocks_lane": number == 2}, by="project_manager"
        )
    with pytest.raises(Refused):
        staged(meixian, space, "rented", by="project_manager")
    assert PatrolFinding.objects.get(kind="车位占用消防通道").entry == space


# -- 张家港


@pytest.mark.clause("ZJG-2.1.2")
def test_the_town_sends_out_what_it_found_and_strikes_it_off_when_put_right(zhangjiagang):
    row = walked(zhangjiagang, "street_check", {"safety": True}, by="street_office", notes={"safety": "护栏松动"})
    finding = row.findings.get()
    assert finding.due_on == day("2023-05-25")
    office = someone(zhangjiagang, "street_office")
    open_ones = counted(findings_for(office), "estate__name", day("2023-05-10"))
    assert [(one.title, one.open) for one in open_ones] == [(zhangjiagang.estate.name, 1)]
    assert rechecked(zhangjiagang, rectified(zhangjiagang, finding), by="street_office").state == "passed"


@pytest.mark.clause("ZJG-4.2.1b", "ZJG-4.2.1c")
def test_a_planning_review_needs_its_figures_and_points_for_waste(zhangjiagang):
    row = entered(zhangjiagang, "planning_review", {"households": 1000, "spaces": 1200}, by="planning")
    with pytest.raises(Refused) as refused:
        staged(zhangjiagang, row, "submitted", by="planning")
    assert "ZJG-4.2.1b" in refused.value.clauses
    rest = {"charging_spaces": 120, "bicycle_charging": 40}
    row = staged(zhangjiagang, fresh(row), "submitted", rest, by="planning")
    assert reader(zhangjiagang, "planning_review").read(row).computed == (
        ("停车泊位配比率（个/户）", "1.20"), ("充电车位占比", "10.0%"),
    )  # fmt: skip
    assert marks(zhangjiagang, row) == []
    with pytest.raises(Refused) as refused:
        staged(zhangjiagang, row, "passed", by="planning")
    assert "ZJG-4.2.1c" in refused.value.clauses
    point = {"sort": "throwing", "location": "东门", "coordinates": "120.5，31.8", "bins": 4, "setup": "四分类"}
    entered(zhangjiagang, "waste_point", point, by="planning")
    assert register_at(zhangjiagang.county.path, "waste_point", day("2023-05-10")).public
    low = services.change(
        fresh(row),
        filled=services.Filled({"spaces": 900}),
        actor=someone(zhangjiagang, "planning"),
        now=zhangjiagang.now,
    )
    assert marks(zhangjiagang, low) == ["泊位配比低于标准"]
    assert staged(zhangjiagang, fresh(low), "passed", {"spaces": 1200}, by="planning").stage == "passed"


@pytest.mark.clause("ZJG-6.1.3")
def test_new_parking_is_subsidised_only_when_it_stands_in_a_years_plan(zhangjiagang):
    values = {"project": "南院车位改造", "new_spaces": 30, "investment": 20_000_000}
    row = entered(zhangjiagang, "parking_renovation", values, by="street_office")
    with pytest.raises(Refused) as refused:
        staged(zhangjiagang, row, "applied", by="street_office")
    assert "ZJG-6.1.3" in refused.value.clauses
    row = staged(zhangjiagang, fresh(row), "applied", {"plan_year": 2023}, by="street_office")
    assert reader(zhangjiagang, "parking_renovation").read(row).computed == (("应补贴（元）", "30000.00"),)


@pytest.mark.clause("ZJG-6.1.4")
def test_support_is_given_only_for_a_task_that_the_town_ordered_and_is_signed_for(zhangjiagang):
    with pytest.raises(Refused) as refused:
        entered(zhangjiagang, "emergency_support", {"order": "DJ-无", "goods": "口罩1000只"}, by="project_manager")
    assert "order" in refused.value.fields
    task = entered(zhangjiagang, "emergency_task", {"task": "封控值守"}, by="street_office")
    given = {"order": task.number, "goods": "口罩1000只", "amount": 500_000}
    desk = Duty.objects.filter(rule__endswith="emergency_support", state="open") | Duty.objects.filter(
        rule="do_emergency_task", state="open"
    )
    assert [one.owner_role for one in desk.all()] == ["property_company"]
    with pytest.raises(Refused) as refused:
        entered(zhangjiagang, "emergency_support", given, by="project_manager")
    assert "已完成" in refused.value.fields["order"]
    staged(zhangjiagang, task, "done", {"report": "已完成"}, by="project_manager")
    assert not desk.exists()
    row = entered(zhangjiagang, "emergency_support", given, by="project_manager")
    assert [one.owner_role for one in desk.all()] == ["street_office"]
    row = staged(zhangjiagang, row, "granted", by="street_office")
    assert [one.rule for one in desk.all()] == ["sign_emergency_support"]
    assert staged(zhangjiagang, row, "signed_for", by="project_manager").stage == "signed_for"
    assert not desk.exists()


@pytest.mark.clause("ZJG-2.1.2")
def test_what_a_company_reports_and_puts_right_itself_an_office_looks_at(zhangjiagang):
    company = someone(zhangjiagang, "project_manager")
    found = Found("安全隐患", "围栏松动", "北门")
    row = services.report_finding(zhangjiagang.estate, found=found, actor=company, now=zhangjiagang.now)
    assert row.responsible == company.organisation
    assert row.rechecker == zhangjiagang.organisations["community_station"]
