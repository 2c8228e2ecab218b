"""What the documents want known of estates: each clause as its worked figures say."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import ZONE
from gongzhi.core.display import percent
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event, OutboxMessage
from gongzhi.core.tests.calling import cells
from gongzhi.duties.models import Duty
from gongzhi.registry import services as registry
from gongzhi.registry.models import Estate, Unit
from gongzhi.registry.queries import indicators
from gongzhi.registry.queries.indicators import Picture
from gongzhi.registry.queries.reading import happened_in, lines_of
from gongzhi.registry.services import imports
from gongzhi.registry.tests.books import workbook

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system()
NOW = datetime(2024, 7, 1, 9, 0, tzinfo=ZONE)
TODAY = NOW.date()
BEGUN = date(2024, 1, 1)


def under(cast, pack):
    """The document holds for the whole county of the cast."""
    core.attach_pack(cast.county, pack="jiujiang", switched_on=False, actor=SYSTEM, now=NOW)
    core.attach_pack(cast.county, pack=pack, switched_on=True, actor=SYSTEM, now=NOW)
    Estate.objects.filter(pk__in=[one.pk for one in cast.estates.values()]).update(ended_on=TODAY)
    return cast


def many(cast, count, **extra):
    return [
        registry.register_estate(community=cast.community, name=f"小区{n:03d}", actor=SYSTEM, now=NOW, **extra)
        for n in range(count)
    ]


def say(estates, **facts):
    for one in estates:
        for name, value in facts.items():
            registry.record_fact(one, name=name, value=value, from_on=BEGUN, actor=SYSTEM, now=NOW)


def serve(cast, estates, **extra):
    company = cast.organisation("property_company")
    return [
        registry.begin_project(estate=one, company=company, from_on=BEGUN, actor=SYSTEM, now=NOW, **extra)
        for one in estates
    ]


def rates(cast, on=TODAY):
    picture = Picture.of(Estate.objects.filter(ended_on=None).order_by("name"), on)
    path = cast.county.path
    found = [
        *indicators.coverages(picture, path),
        *indicators.required_lists(picture, path),
        *indicators.waiting_reviews(picture.estates, path, on),
    ]
    return picture, {one.code: one for one in found}


@pytest.mark.clause("JY-2.1.2-2")
def test_committees_and_service_are_counted_over_all_estates_and_the_unguided_are_listed(quiet_cast):
    cast = under(quiet_cast, "jiangyin")
    estates = many(cast, 40)
    say(estates[:22], has_owners_committee=True)
    say(estates[21:32], has_management_committee=True)
    serve(cast, estates[:36])
    picture, found = rates(cast)
    assert (found["committee_coverage"].rate, found["service_coverage"].rate) == ("80.0%", "90.0%")
    assert len(indicators.unguided(picture)) == 8
    say(estates[32:33], guidance_person="周某", guidance_next_on=date(2024, 8, 1))
    assert len(indicators.unguided(rates(cast)[0])) == 7


@pytest.mark.clause("JY-2.2.4-1")
def test_an_estate_lacking_one_of_four_states_is_incomplete_and_listed(quiet_cast):
    cast = under(quiet_cast, "jiangyin")
    estates = many(cast, 50)
    serve(cast, estates)
    say(estates[:48], area_boundary="东至甲路", has_owners_committee=False)
    say(estates[:47], has_party_group=True)
    say(estates[48:], area_boundary="东至乙路")
    found = rates(cast)[1]["baseline"]
    assert found.rate == "94.0%" and [one.estate.name for one in found.missing] == ["小区047", "小区048", "小区049"]
    assert found.missing[0].items == ("是否有党组织",)
    assert "JY-2.2.4-1" in found.clauses


@pytest.mark.clause("JY-2.2.4-2")
def test_company_manager_standard_and_fee_are_wanted_of_estates_in_service(quiet_cast):
    cast = under(quiet_cast, "jiangyin")
    estates = many(cast, 51)
    serve(cast, estates[:48], manager_name="刘某", service_standard="三级", fee="1.85元")
    serve(cast, estates[48:49], manager_name="刘某", service_standard="三级")
    serve(cast, estates[49:50], service_standard="三级", fee="1.85元")
    found = rates(cast)[1]["service"]
    assert (found.whole, found.rate) == (50, "96.0%")
    assert [one.items for one in found.missing] == [("收费信息",), ("项目负责人",)]


@pytest.mark.clause("JY-2.2.4-3")
def test_an_estate_whose_service_ended_is_suspected_the_next_day_and_the_numbers_add_up(quiet_cast):
    cast = under(quiet_cast, "jiangyin")
    estates = many(cast, 50)
    projects = serve(cast, estates)
    for project in projects[46:]:
        registry.end_project(project, to_on=date(2024, 6, 30), actor=SYSTEM, now=NOW)
    assert indicators.unserved(rates(cast, date(2024, 6, 30))[0]) == ([], [])
    say(estates[46:49], unmanaged_confirmed=True)
    picture = rates(cast)[0]
    suspects, confirmed = indicators.unserved(picture)
    assert [one.name for one in suspects] == ["小区049"] and len(confirmed) == 3
    assert sum(picture.served(one) for one in picture.estates) + len(suspects) + len(confirmed) == 50


@pytest.mark.clause("JY-2.3.8-2")
def test_a_unit_that_stands_twice_in_the_sheet_comes_in_once_and_is_marked(quiet_cast):
    cast = under(quiet_cast, "jiangyin")
    registry.register_estate(community=cast.community, name="新苑", buildings=["1幢"], actor=SYSTEM, now=NOW)
    rows = [["新苑", "1幢", "101", 89.5, "测绘"], ["新苑", "1幢", "101", 89.5, "测绘"]]
    run = imports.dry_run(name="x.xlsx", content=workbook(房屋=rows), place=cast.street, actor=SYSTEM, now=NOW)
    assert [(one["row"], one["reason"]) for one in run.report["errors"]] == [(3, "与第2行重复，不重复入库。")]
    imports.confirm(run, digest=run.digest, leave_out=True, actor=SYSTEM, now=NOW)
    assert Unit.objects.count() == 1


@pytest.mark.clause("MX-2.2-1")
def test_three_types_add_up_and_an_estate_without_a_type_is_refused(quiet_cast, client):
    cast = under(quiet_cast, "meixian")
    wanted = {"commercial": 60, "affordable": 10, "old": 50}
    for estate_type, count in wanted.items():
        for number in range(count):
            registry.register_estate(
                community=cast.community, name=f"{estate_type}{number}", estate_type=estate_type, actor=SYSTEM, now=NOW
            )
    picture = rates(cast)[0]
    found = indicators.by_type(picture, cast.county.path)
    assert {code: count for code, _, count in found} == wanted
    assert sum(count for *_, count in found) == len(picture.estates) == 120
    client.force_login(cast.user("housing"))
    for estate_type, count in wanted.items():
        rows = cells(client.get(reverse("registry:export"), {"type": estate_type}))
        assert len(rows) == 1 + count and all(row[1].startswith(estate_type) for row in rows[1:])
    for wrong in ("", "resettlement"):
        with pytest.raises(Refused) as refused:
            registry.register_estate(community=cast.community, name="又一个", estate_type=wrong, actor=SYSTEM, now=NOW)
        assert "estate_type" in refused.value.fields


@pytest.mark.clause("MX-2.2-3")
def test_market_and_fallback_service_cover_and_the_gaps_are_listed(quiet_cast):
    cast = under(quiet_cast, "meixian")
    estates = many(cast, 120)
    serve(cast, estates[:96])
    serve(cast, estates[96:116], service_kind="fallback")
    found = rates(cast)[1]["service_coverage"]
    assert (found.part, found.whole, found.rate) == (116, 120, "96.7%") and len(found.missing) == 4
    serve(cast, estates[116:])
    assert rates(cast)[1]["service_coverage"].rate == "100.0%"


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (0, 0, "—"),
        (9999, 10000, "99.9%"),
        (10000, 10000, "100.0%"),
        (0, 7, "0.0%"),
        (1, 8, "12.5%"),
        (1, 16, "6.3%"),
        (16, 18, "88.9%"),
    ],  # fmt: skip
)
def test_a_rate_is_half_up_and_a_hundred_only_when_nothing_is_missing(part, whole, shown):
    assert percent(part, whole) == shown


@pytest.mark.clause("MX-3.2.1-3")
def test_an_area_of_several_estates_needs_the_opinion_of_the_street(quiet_cast):
    cast = under(quiet_cast, "meixian")
    first, second, third = many(cast, 3, buildings=["1幢"])
    day = date(2024, 6, 1)
    with pytest.raises(Refused, match="同意") as refused:
        registry.merge_estates(first, others=[second, third], from_on=day, actor=SYSTEM, now=NOW)
    assert refused.value.clauses == ("MX-3.2.1-3",)
    housing, street = cast.actor("housing"), cast.actor("street_office")
    details = {"merge": sorted([second.pk, third.pk])}
    ask = {"kind": "area_division", "asked": "三个小区合为一个区域", "details": details}
    with pytest.raises(Refused, match="不由您"):
        registry.ask_review(first, **ask, actor=street, now=NOW)
    with pytest.raises(Refused, match="四至"):
        registry.ask_review(first, **ask, actor=housing, now=NOW)
    say([first], area_boundary="东至渭河路，南至平阳街，西至凤泉路，北至铁路")
    with pytest.raises(Refused, match="界线"):
        registry.ask_review(first, **ask, actor=housing, now=NOW)
    say([first], area_line="107.75,34.27;107.754,34.27;107.754,34.273;107.75,34.273")
    review = registry.ask_review(first, **ask, actor=housing, now=NOW)
    with pytest.raises(Refused):
        registry.answer_review(review, result="agreed", opinion="", actor=housing, now=NOW)
    registry.answer_review(review, result="agreed", opinion="同意", actor=street, now=NOW)
    with pytest.raises(Refused, match="同意"):
        registry.merge_estates(first, others=[second], from_on=day, actor=SYSTEM, now=NOW)
    registry.merge_estates(first, others=[second, third], from_on=day, actor=SYSTEM, now=NOW)
    assert first.buildings.count() == 3


@pytest.mark.clause("MX-3.2.8-1", "MX-3.2.8-2", "MX-3.3-5")
def test_planning_title_and_parcel_points_are_listed_where_one_is_missing(quiet_cast):
    cast = under(quiet_cast, "meixian")
    estates = many(cast, 30)
    say(estates[:26], premises_owner="全体业主", premises_title_number="陕0001")
    say(estates[26:], premises_owner="全体业主")
    say(estates[:27], parcel_point="北门")
    say(estates[:1], service_premises_planned_m2=Decimal("420.00"), parking_planned=300)
    say(estates[1:2], service_premises_planned_m2=Decimal("420.00"))
    found = rates(cast)[1]
    assert found["premises_title"].rate == "86.7%" and len(found["premises_title"].missing) == 4
    assert found["premises_title"].words == ("用房权属已明确", "用房权属未明")
    assert found["parcels"].rate == "90.0%"
    assert found["planning"].part == 1 and found["planning"].missing[0].items == ("规划停车位（个）",)


@pytest.mark.clause("JJ-2.3-1")
def test_old_estates_say_which_kind_and_the_group_follows_the_type(quiet_cast):
    when = datetime(2022, 5, 5, 9, 0, tzinfo=ZONE)
    place = {"community": quiet_cast.community, "actor": SYSTEM, "now": when}
    with pytest.raises(Refused, match="单位类") as refused:
        registry.register_estate(name="样例里", estate_type="old", **place)
    assert refused.value.clauses == ("JJ-2.3-1",) and "estate_subtype" in refused.value.fields
    with pytest.raises(Refused, match="本地小区只分"):
        registry.register_estate(name="样例里", estate_type="mixed", **place)
    estate = registry.register_estate(name="样例里", estate_type="old", estate_subtype="work_unit", **place)

    def asked(question):
        facts = registry.estate_facts(estate, when.date())
        names = ("estate_type", "estate_subtype", "has_property_company")
        given = {name: facts[name] for name in names if name in facts}
        return core.ask(question, given, place_path=estate.place_path, on=when.date()).value

    def group():
        return asked("registry.group")

    before = asked("registry.group_rules")
    assert before["assessment"].startswith("镇街定细则") and "扶持" in before["rewards"]
    assert group() == "无物管的老旧（零散居民点）小区"
    registry.begin_project(
        estate=estate,
        company=quiet_cast.organisation("property_company"),
        from_on=when.date(),
        actor=SYSTEM,
        now=when,
    )
    assert group() == "有物管的老旧小区"
    changes = {"estate_type": "resettlement", "estate_subtype": ""}
    estate = registry.change_estate(estate, changes=changes, actor=quiet_cast.actor("housing"), now=when)
    assert group() == "安置住宅小区"
    after = asked("registry.group_rules")
    assert all(before[name] != after[name] for name in ("assessment", "rewards", "repair"))
    assert "奖补" in after["rewards"]
    client = Client()
    client.force_login(quiet_cast.users["housing"])
    shown = client.get(f"/xiaoqu/{estate.pk}/").content.decode()
    assert all(words in shown for words in ("考核办法", *after.values(), "JJ-A8-3.1.2-1"))
    event = Event.objects.get(kind="estate.changed")
    assert event.data["was"] == ["estate_type=old", "estate_subtype=work_unit"] and "许静" in event.actor_label


@pytest.mark.clause("JJ-A3-2.7-1")
def test_premises_that_differ_from_the_plan_are_verified_by_planning(cast):
    when = datetime(2022, 5, 5, 9, 0, tzinfo=ZONE)
    street, planning = cast.actor("street_office"), cast.actor("planning")
    review = registry.ask_review(
        cast.estate, kind="premises", asked="规划512平方米，实有480平方米，请核实。", actor=street, now=when
    )
    assert review.desk == cast.organisation("planning")
    duty = Duty.objects.get(rule="review_premises")
    assert (duty.owner_organisation, duty.running) == (cast.organisation("planning"), True)
    with pytest.raises(Refused, match="还没有答复"):
        registry.ask_review(cast.estate, kind="premises", asked="再问", actor=street, now=when)
    registry.answer_review(review, result="agreed", opinion="按规划核实无误", actor=planning, now=when)
    duty.refresh_from_db()
    assert not duty.running


@pytest.mark.clause("ZJG-4.3.1b")
def test_planning_of_a_resettlement_estate_wants_the_area_of_its_operating_premises(quiet_cast):
    cast = under(quiet_cast, "zhangjiagang")
    street = cast.actor("street_office")

    def asked(kind, **facts):
        estate = registry.register_estate(
            community=cast.community, name=f"{kind}{len(facts)}苑", estate_type=kind, actor=SYSTEM, now=NOW
        )
        say([estate], **facts)
        return registry.ask_review(estate, kind="facility_planning", asked="请会审", actor=street, now=NOW)

    for facts in ({}, {"operating_premises_planned_m2": Decimal(0)}):
        with pytest.raises(Refused, match="还缺物业经营性用房规划面积") as refused:
            asked("resettlement", **facts)
        assert "ZJG-4.3.1b" in refused.value.clauses
    whole = {"operating_premises_planned_m2": Decimal("320.50"), "high_rise": True}
    assert asked("resettlement", **whole).desk.role == "planning"
    assert asked("commercial").desk.role == "planning"


@pytest.mark.clause("ZJG-2.1.4")
def test_a_new_estate_waits_for_its_community_until_civil_affairs_agreed(cast):
    cast = under(cast, "zhangjiagang")
    estate = registry.register_estate(community=cast.community, name="新苑", actor=SYSTEM, now=NOW)
    duty = Duty.objects.get(rule="choose_community", estate=estate)
    assert duty.running and duty.owner_organisation == cast.organisation("street_office")
    assert [one.estate for one in rates(cast)[1]["community_choice"].missing] == [estate]
    street, civil = (
        cast.actor("street_office"),
        Actor(None, cast.organisation("civil_affairs"), "civil_affairs", cast.county.path, "民政"),
    )
    ask = {"kind": "community_choice", "asked": "划入社区", "actor": street, "now": NOW}
    with pytest.raises(Refused, match="选定"):
        registry.ask_review(estate, **ask)
    for choice, field in (("划入既有社区", "community"), ("设立新社区", "new_community")):
        with pytest.raises(Refused) as refused:
            registry.ask_review(estate, **ask, choice=choice)
        assert field in refused.value.fields
    there = {"choice": "划入既有社区", "details": {"community": cast.community.code}}
    for result in ("refused", "agreed"):
        review = registry.ask_review(estate, **ask, **there)
        registry.answer_review(review, result=result, opinion="意见", actor=civil, now=NOW)
        duty.refresh_from_db()
        assert duty.running is (result == "refused")
    assert rates(cast)[1]["community_choice"].missing == ()


@pytest.mark.clause("ZJG-2.3.5b")
def test_community_premises_that_failed_can_be_handed_in_again(quiet_cast):
    cast = under(quiet_cast, "zhangjiagang")
    estate = registry.register_estate(community=cast.community, name="新苑", actor=SYSTEM, now=NOW)
    say([estate], community_premises_place="1幢一层", community_premises_actual_m2=Decimal(320))
    civil = Actor(None, cast.organisation("civil_affairs"), "civil_affairs", cast.county.path, "民政")
    street = cast.actor("street_office")

    def hand_in():
        return registry.ask_review(estate, kind="community_premises", asked="请验收", actor=street, now=NOW)

    review = hand_in()
    with pytest.raises(Refused, match="原因"):
        registry.answer_review(review, result="refused", opinion=" ", actor=civil, now=NOW)
    registry.answer_review(review, result="refused", opinion="面积不足", actor=civil, now=NOW)
    assert [one.estate for one in rates(cast)[1]["community_premises"].missing] == [estate]
    registry.answer_review(hand_in(), result="agreed", opinion="", actor=civil, now=NOW)
    assert rates(cast)[1]["community_premises"].missing == ()
    assert [one.result for one in estate.reviews.order_by("pk")] == ["refused", "agreed"]


@pytest.mark.clause("MX-3.2.12-1")
def test_the_approval_bureau_answers_for_the_planning_acceptance_of_new_housing(quiet_cast):
    cast = under(quiet_cast, "meixian")
    bureau = core.ensure_organisation("administrative_approval", place=cast.county, on=TODAY)
    (estate,) = many(cast, 1)
    review = registry.ask_review(
        estate, kind="planning_acceptance", asked="请组织验收", actor=cast.actor("housing"), now=NOW
    )
    assert review.desk == bureau


@pytest.mark.clause("ZJG-2.3.12")
def test_the_six_lines_of_responsibility_are_wanted_of_every_estate(quiet_cast):
    cast = under(quiet_cast, "zhangjiagang")
    first, second = many(cast, 2)
    lines = ("water", "power", "gas", "post", "telecom", "cable")
    say([first], **{f"boundary_{one}": "以入户表为界" for one in lines})
    say([second], **{f"boundary_{one}": "以入户表为界" for one in lines if one != "gas"})
    found = rates(cast)[1]["utilities"]
    assert found.rate == "50.0%"
    assert [(one.estate, one.items) for one in found.missing] == [(second, ("供气责任边界",))]


@pytest.mark.clause("MX-2.1-1")
def test_a_town_opens_its_own_estates_the_county_both_and_a_community_its_own_alone(quiet_cast, client):
    core.attach_pack(quiet_cast.county, pack="jiujiang", switched_on=False, actor=SYSTEM, now=NOW)
    core.attach_pack(quiet_cast.county, pack="meixian", switched_on=True, actor=SYSTEM, now=NOW)
    estates = (quiet_cast.estate, quiet_cast.estate_unknown, quiet_cast.estate_outside)

    def opened_by(role):
        client.force_login(quiet_cast.user(role))
        return [client.get(reverse("registry:estate", args=[one.pk])).status_code for one in estates]

    assert opened_by("housing") == [200, 200, 200]
    assert opened_by("street_office") == [200, 200, 403]
    assert opened_by("street_office@2") == [403, 403, 200]
    assert opened_by("community_station") == [200, 403, 403]


@pytest.mark.clause("ZJG-2.3.5b", "ZJG-2.1.4", "MX-3.2.12-1")
@pytest.mark.parametrize(
    ("pack", "kind", "desk", "rule", "says"),
    [
        ("zhangjiagang", "community_premises", "civil_affairs", "accept_community_premises", "社区用房验收"),
        ("zhangjiagang", "community_choice", "civil_affairs", "answer_community_choice", "社区归属"),
        ("meixian", "planning_acceptance", "administrative_approval", "accept_planning", "新建住宅规划验收"),
    ],
)
def test_who_is_asked_has_it_on_the_desk_and_who_asked_hears_the_answer(cast, pack, kind, desk, rule, says):
    cast = under(cast, pack)
    office = core.ensure_organisation(desk, place=cast.county, on=TODAY)
    estate = registry.register_estate(community=cast.community, name="新苑", actor=SYSTEM, now=NOW)
    say([estate], community_premises_place="1幢一层", community_premises_actual_m2=Decimal(320))
    about = {"choice": "划入既有社区", "details": {"community": cast.community.code}} if "choice" in kind else {}
    review = registry.ask_review(estate, kind=kind, asked="请核办", actor=cast.actor("street_office"), now=NOW, **about)
    duty = Duty.objects.get(rule=rule, estate=estate)
    assert (duty.owner_organisation, duty.running) == (office, True)
    answering = Actor(None, office, desk, cast.county.path, "承办人")
    registry.answer_review(review, result="refused", opinion="缺卫生间", actor=answering, now=NOW)
    duty.refresh_from_db()
    assert not duty.running
    told = OutboxMessage.objects.get(template="review.answered")
    assert told.to_organisation == cast.organisation("street_office") and says in told.text and "不同意" in told.text
    lines = [one.words for one in lines_of(list(happened_in(estate)), cast.actor("street_office"))]
    assert f"{says}：不同意（不通过）" in lines


@pytest.mark.clause("JJ-2.3-1")
def test_the_line_of_an_estate_says_which_type_it_had(quiet_cast):
    actor = quiet_cast.actor("street_office")
    changes = {"estate_type": "old", "estate_subtype": "scattered", "households": 90}
    registry.change_estate(quiet_cast.estate, changes=changes, actor=actor, now=NOW)
    (line,) = (one for one in lines_of(list(happened_in(quiet_cast.estate)), actor) if one.title == "更改小区档案")
    assert "类型：商品房小区改为老旧小区" in line.words and "细类：没有登记改为零散居民点" in line.words
