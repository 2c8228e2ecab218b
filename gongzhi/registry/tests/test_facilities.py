"""Facilities with their inspections, how an estate is run, the chart of levels, what a review needs in the file."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from django.test import Client

from gongzhi.cases import services as cases
from gongzhi.cases.models import Case
from gongzhi.core import middleware
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import ZONE
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event, Organisation
from gongzhi.core.tests.cast import build
from gongzhi.duties.models import Duty
from gongzhi.registry import services as registry
from gongzhi.registry.models import Facility
from gongzhi.registry.queries import facilities as found_by
from gongzhi.registry.queries.chart import chart_of

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system()
NOW = datetime(2024, 7, 1, 9, 0, tzinfo=ZONE)
TODAY = NOW.date()
COUNTY = {"jiujiang": "340207", "zhangjiagang": "320582", "jinhua": "330782", "jiangyin": "320281"}


@pytest.fixture
def city(request, db):
    return build(NOW, county=COUNTY[request.param], pack=request.param)


def in_city(slug):
    return pytest.mark.parametrize("city", [slug], indirect=True)


@pytest.fixture
def browse(city, monkeypatch):
    def signed_in(role, now=NOW):
        monkeypatch.setattr(middleware.timezone, "now", lambda: now)
        client = Client()
        client.force_login(city.users[role])
        return client

    return signed_in


KEY = iter(range(10_000))


def send(client, address, **data):
    return client.post(address, {"form_key": f"facility-{next(KEY)}", **data})


def text_of(client, address, **query):
    return client.get(address, query).content.decode()


def lift(cast, code, until):
    return registry.register_facility(cast.estate, kind="elevator", code=code, valid_until=until, actor=SYSTEM, now=NOW)


@in_city("jiujiang")
@pytest.mark.clause("JJ-A3-2.4-1")
def test_lifts_that_expired_or_will_within_thirty_days_are_listed_and_each_has_its_records(city, browse):
    for code, until in (("T1", "2024-06-30"), ("T2", "2024-07-01"), ("T3", "2024-07-31"), ("T4", "2024-08-01")):
        lift(city, code, date.fromisoformat(until))
    bureau = browse("market_regulation")
    listed = {state: text_of(bureau, "/xiaoqu/sheshi/", state=state) for state in ("expired", "soon", "valid")}
    named = {
        state: {code for code in ("T1", "T2", "T3", "T4") if f"电梯 {code}" in text} for state, text in listed.items()
    }
    assert named == {"expired": {"T1"}, "soon": {"T2", "T3"}, "valid": {"T4"}}
    first = Facility.objects.get(code="T1")
    page = f"/xiaoqu/sheshi/{first.pk}/"
    answer = send(
        bureau, f"{page}jiancha/", inspected_on="2024-07-01", result="passed", valid_until="2025-06-30", version=1
    )
    assert answer.status_code == 303
    shown = text_of(bureau, page)
    assert city.organisation("market_regulation").name in shown and "在有效期内" in shown
    assert "7月1日" in shown and "2025年6月30日" in shown
    assert "T1" not in text_of(bureau, "/xiaoqu/sheshi/", state="expired")


@in_city("jiujiang")
@pytest.mark.clause("JJ-A3-2.2-1", "JJ-A3-2.3-2")
def test_the_estates_file_shows_its_civil_defence_works_and_the_sources_of_pollution_around_it(city, browse):
    clerk, estate = browse("street_office"), city.estate
    add = f"/xiaoqu/{estate.pk}/sheshi/dengji/"
    assert send(clerk, add, kind="civil_defence", location="地下二层", area_m2="1200.50").status_code == 303
    half = send(clerk, add, kind="pollution", location="东侧餐饮街", longitude="118.370451")
    assert half.status_code == 422 and "经度和纬度要一起填" in half.content.decode()
    ecology = browse("ecology")
    both = send(ecology, add, kind="pollution", location="东侧餐饮街", longitude="118.370451", latitude="31.336834")
    assert both.status_code == 303
    file = text_of(clerk, f"/xiaoqu/{estate.pk}/")
    assert "人防工程 地下二层" in file and "1,200.50" in file and "周边污染源 东侧餐饮街" in file
    source = Facility.objects.get(kind="pollution")
    assert "东经118.370451" in text_of(ecology, f"/xiaoqu/sheshi/{source.pk}/")


@in_city("jiujiang")
@pytest.mark.clause("JJ-A3-2.5-3")
def test_security_equipment_that_fails_is_the_companys_to_mend_until_it_passes(city):
    camera = registry.register_facility(city.estate, kind="security", location="东门监控", actor=SYSTEM, now=NOW)
    given = {"inspected_on": TODAY, "actor": city.actor("police"), "now": NOW}
    with pytest.raises(Refused):
        registry.inspect_facility(camera, result="failed", **given)
    registry.inspect_facility(camera, result="failed", note="三个摄像头不亮。", **given)
    duty = Duty.objects.get(subject_kind="facility", subject_id=str(camera.pk))
    assert (duty.rule, duty.owner_organisation) == ("rectify_security", city.organisation("property_company"))
    assert duty.due_at == datetime(2024, 7, 17, 0, 0, tzinfo=ZONE)
    registry.inspect_facility(camera, result="passed", **given)
    duty.refresh_from_db()
    camera.refresh_from_db()
    assert (duty.state, camera.faulty) == ("fulfilled", False)


@in_city("jiujiang")
def test_a_company_enters_what_stands_in_its_own_estates_and_sees_no_others(city, browse):
    other = registry.register_facility(city.estate_outside, kind="elevator", code="X9", actor=SYSTEM, now=NOW)
    manager = browse("project_manager")
    add = f"/xiaoqu/{city.estate.pk}/sheshi/dengji/"
    assert send(manager, add, kind="elevator", code="T7", valid_until="2025-01-01").status_code == 303
    again = send(manager, add, kind="elevator", code="T7")
    assert again.status_code == 422 and "已经登记过" in again.content.decode()
    assert manager.get(f"/xiaoqu/sheshi/{other.pk}/").status_code == 403
    assert "X9" not in text_of(manager, "/xiaoqu/sheshi/")
    assert [one.facility.code for one in found_by.shown(found_by.facilities_for(city.actor("project_manager")), TODAY,
                                                        days=30)] == ["T7"]  # fmt: skip


@in_city("zhangjiagang")
@pytest.mark.clause("ZJG-4.1.2c")
def test_who_looks_after_an_estate_is_named_and_estates_without_a_way_are_listed(city, browse):
    clerk, page = browse("street_office"), f"/xiaoqu/{city.estate.pk}/guanli/"
    for mode in ("专业化物业", "社区托管", "社会组织代管", "居民自管"):
        assert mode in text_of(clerk, page)
    bare = send(clerk, page, management_mode="community", from_on="2024-07-01")
    assert bare.status_code == 422 and "管理主体" in bare.content.decode() and "联系人" in bare.content.decode()
    assert "梧桐花园" in text_of(clerk, "/xiaoqu/dishu/").split("小区管理方式完成率")[1]
    full = send(
        clerk, page, management_mode="community", management_body="某社区居委会", management_contact="王主任",
        from_on="2024-07-01",
    )  # fmt: skip
    assert full.status_code == 303
    assert "梧桐花园" not in text_of(clerk, "/xiaoqu/dishu/").split("小区管理方式完成率")[1].split("</tr>")[0]
    assert "社区托管" in text_of(clerk, f"/xiaoqu/{city.estate.pk}/")


@in_city("zhangjiagang")
@pytest.mark.clause("ZJG-2.3.5b")
def test_premises_are_accepted_only_when_place_and_area_stand_in_the_file_and_say_so_until_then(city, browse):
    clerk, page = browse("street_office"), f"/xiaoqu/{city.estate.pk}/heban/?kind=community_premises"
    early = send(clerk, page, kind="community_premises", asked="请验收。")
    assert early.status_code == 422 and "社区用房位置、社区用房实有面积" in early.content.decode()
    for name, value in (("community_premises_place", "1幢一层"), ("community_premises_actual_m2", Decimal("320"))):
        registry.record_fact(city.estate, name=name, value=value, from_on=TODAY, actor=SYSTEM, now=NOW)
    assert send(clerk, page, kind="community_premises", asked="请验收。").status_code == 303
    review = city.estate.reviews.get()
    given = {"actor": city.actor("civil_affairs"), "now": NOW}
    registry.answer_review(review, result="refused", opinion="层高不够。", **given)
    assert "社区用房未验收" in text_of(clerk, f"/xiaoqu/{city.estate.pk}/")
    assert send(clerk, page, kind="community_premises", asked="已整改，请再验。").status_code == 303
    registry.answer_review(city.estate.reviews.latest("pk"), result="agreed", opinion="", **given)
    assert "社区用房未验收" not in text_of(clerk, f"/xiaoqu/{city.estate.pk}/")


@in_city("zhangjiagang")
@pytest.mark.clause("ZJG-1")
def test_the_chart_shows_three_levels_and_marks_where_nobody_is(city, browse):
    page = text_of(browse("leading_group_office"), "/xiaoqu/jigou/")
    for word in ("统一领导", "主管部门", "职能部门", "属地", city.street.name, city.community.name):
        assert word in page
    chart = chart_of(city.county, TODAY)
    lacking = {one.place for one in chart.incomplete}
    assert city.communities[1] in lacking and city.street not in lacking and city.community not in lacking
    Organisation.objects.filter(place=city.street).update(active=False)
    lacks = {one.place: one.lacks for one in chart_of(city.county, TODAY).incomplete}
    assert lacks[city.street] == "没有登记物业管理机构"
    only = text_of(browse("leading_group_office"), "/xiaoqu/jigou/", only="gaps")
    assert city.communities[1].name in only and "没有登记机构和人员" in only


@in_city("jinhua")
@pytest.mark.clause("JH-2.2a")
def test_an_estates_file_names_street_community_and_bureau_and_shows_in_red_what_is_missing(city, browse):
    clerk = browse("leading_group_office")
    page = text_of(clerk, f"/xiaoqu/{city.estate.pk}/")
    card = page.split("谁管这个小区")[1].split("</section>")[0]
    assert city.organisation("street_office").name in card and city.organisation("housing").name in card
    assert "没有登记</span>" not in card
    Organisation.objects.filter(role="housing").update(active=False)
    card = text_of(clerk, f"/xiaoqu/{city.estate.pk}/").split("谁管这个小区")[1].split("</section>")[0]
    assert '<dt>主管部门</dt><dd><span class="gz-tag gz-over">没有登记</span>' in card


@in_city("jiujiang")
@pytest.mark.clause("JJ-A3-2.2-5")
def test_after_the_warranty_a_defect_goes_another_way_and_a_developer_who_does_not_repair_is_listed(city, browse):
    registry.record_fact(
        city.estate, name="warranty_until", value=date(2024, 7, 1), from_on=TODAY, actor=SYSTEM, now=NOW
    )
    developer = core.ensure_organisation("developer", place=city.estate.place, name="某置业公司")
    inside = defect(city, NOW)
    assert inside.route_lead == "housing"
    outside = defect(city, datetime(2024, 7, 2, 9, 0, tzinfo=ZONE))
    assert outside.route_lead != "housing"
    inside = cases.assign_case(inside, actor=city.actor("hotline_desk"), now=NOW)
    assert inside.parties.filter(organisation=developer, part="told").exists()
    late = datetime(2024, 8, 1, 9, 0, tzinfo=ZONE)
    shown = text_of(browse("hotline_desk", late), "/anjian/", view="developer_late")
    assert "建设单位未履责" in shown and inside.number in shown and outside.number not in shown


def defect(city, now) -> Case:
    complaint = cases.receive_complaint(
        channel="web",
        estate=city.estate,
        text="外墙渗水。",
        matters=[cases.MatterInput(matter="construction_quality", title="外墙渗水")],
        received_at=now,
        actor=city.actor("owner"),
        now=now,
    )
    return complaint.cases.get()


@in_city("jiujiang")
@pytest.mark.clause("JJ-A3-2.1-5")
def test_a_mark_changed_on_screen_counts_for_what_comes_after_it(city, browse):
    before = structure(city, NOW)
    page = f"/xiaoqu/{city.estate.pk}/dengji/"
    answer = send(browse("street_office"), page, name="in_built_up_area", value="否", from_on="2024-07-01")
    assert answer.status_code == 303
    after = structure(city, NOW)
    before.refresh_from_db()
    assert (before.route_lead, after.route_lead) == ("urban_management", "street_office")
    assert Event.objects.filter(kind="estate.fact_recorded", subject_id=str(city.estate.pk)).exists()


def structure(city, now) -> Case:
    complaint = cases.receive_complaint(
        channel="web",
        estate=city.estate,
        text="楼顶搭建。",
        matters=[cases.MatterInput(matter="illegal_structure", title="楼顶搭建")],
        received_at=now,
        actor=city.actor("owner"),
        now=now,
    )
    return complaint.cases.get()


@pytest.mark.clause("JY-2.4.9-6")
@in_city("jiangyin")
def test_the_day_after_an_inspection_ran_out_there_is_one_lead_for_market_regulation(city):
    begun = datetime(2024, 5, 31, 23, 0, tzinfo=ZONE)
    lift = registry.register_facility(
        city.estate, kind="elevator", code="T1", valid_until=date(2024, 5, 31), actor=SYSTEM, now=begun
    )
    pump = registry.register_facility(
        city.estate, kind="pump", code="B1", valid_until=date(2024, 5, 31), actor=SYSTEM, now=begun
    )
    assert registry.watch_inspections(begun) == 0 and not Case.objects.exists()
    assert registry.watch_inspections(datetime(2024, 6, 1, 0, 5, tzinfo=ZONE)) == 2
    assert registry.watch_inspections(NOW) == 0
    case = Case.objects.get()
    assert (case.matter, case.channel, case.route_lead) == ("elevator_uninspected", "found", "market_regulation")
    assert "T1" in case.title and "2024年5月31日" in case.text and case.complaint.complainant is None
    when = datetime(2024, 6, 3, 9, 0, tzinfo=ZONE)
    registry.inspect_facility(
        lift, inspected_on=date(2024, 6, 2), result="passed", valid_until=date(2024, 6, 30), actor=SYSTEM, now=when
    )
    assert registry.watch_inspections(NOW) == 1 and Case.objects.count() == 2
    assert Event.objects.filter(kind="facility.expired", subject_id=str(pump.pk)).count() == 1


@in_city("jiujiang")
def test_where_the_document_makes_no_lead_of_it_the_passing_is_only_noted(city):
    registry.register_facility(
        city.estate, kind="elevator", code="T1", valid_until=date(2024, 5, 31), actor=SYSTEM, now=NOW
    )
    assert registry.watch_inspections(NOW) == 1 and not Case.objects.exists()
