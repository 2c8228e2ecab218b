from datetime import date, timedelta
from decimal import Decimal

import pytest

from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.core.refs import Ref
from gongzhi.core.tests.cast import NOW, SINCE
from gongzhi.registry import services as registry
from gongzhi.registry.models import Estate, StandingFact
from gongzhi.registry.services.facts import stored

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
SYSTEM = Actor.system()


def register(cast, name="新苑", **extra):
    given = {"community": cast.community, "actor": cast.actor("community_station"), "now": NOW, **extra}
    return registry.register_estate(name=name, **given)


def test_an_estate_is_a_place_of_its_own_below_its_community(quiet_cast):
    estate = register(quiet_cast, buildings=("1幢", "2幢", "1幢"), facts={"in_built_up_area": True})
    assert estate.place_path == estate.place.path == f"{quiet_cast.community.path}{estate.place.code}/"
    assert (estate.place.level, estate.place.parent) == ("estate", quiet_cast.community)
    assert [one.name for one in estate.buildings.order_by("name")] == ["1幢", "2幢"]
    event = Event.objects.filter(kind="estate.registered").latest("pk")
    assert event.data == {"estate_type": "commercial", "facts": ["in_built_up_area"]}
    assert registry.history(estate.ref, "in_built_up_area")[0].event == event


@pytest.mark.parametrize(
    ("extra", "says"),
    [({"name": " "}, "名称"), ({"estate_type": "castle"}, "类型"), ({"name": "梧桐花园"}, "已经登记过")],
)
def test_a_faulty_or_second_registration_is_refused(quiet_cast, extra, says):
    with pytest.raises(Refused, match=says):
        register(quiet_cast, **extra)


def test_an_estate_lies_in_a_community_and_in_the_clerks_own(quiet_cast):
    with pytest.raises(Refused, match="社区"):
        register(quiet_cast, community=quiet_cast.street, actor=SYSTEM)
    with pytest.raises(Refused, match="辖区"):
        register(quiet_cast, actor=quiet_cast.actor("community_station@2"))
    with pytest.raises(Refused, match="权限"):
        register(quiet_cast, actor=quiet_cast.actor("project_manager"))


def test_what_nobody_recorded_is_not_given_and_never_no(quiet_cast):
    assert registry.estate_facts(quiet_cast.estate, TODAY)["in_built_up_area"] is True
    assert registry.estate_facts(quiet_cast.estate_outside, TODAY)["in_built_up_area"] is False
    assert "in_built_up_area" not in registry.estate_facts(quiet_cast.estate_unknown, TODAY)
    assert registry.fact(quiet_cast.estate_unknown.ref, "in_built_up_area", TODAY) is None


def test_a_fact_holds_from_its_day_until_the_next_one(quiet_cast):
    estate = quiet_cast.estate
    station = quiet_cast.actor("street_office")
    registry.record_fact(estate, name="in_built_up_area", value=False, from_on=date(2022, 6, 1), actor=station, now=NOW)
    registry.record_fact(estate, name="in_built_up_area", value=None, from_on=date(2022, 7, 1), actor=station, now=NOW)

    def on(day):
        return registry.fact(estate.ref, "in_built_up_area", day)

    assert on(SINCE - timedelta(days=1)) is None
    assert on(date(2022, 5, 31)) is True
    assert on(date(2022, 6, 1)) is False
    assert on(date(2022, 6, 30)) is False
    assert on(date(2022, 7, 1)) is None
    assert [row.value for row in registry.history(estate.ref, "in_built_up_area")] == [True, False, None]
    assert Event.objects.filter(kind="estate.fact_recorded").first().data["value"] == "False"


def test_a_correction_of_the_same_day_counts_and_the_wrong_entry_stays_on_record(quiet_cast):
    estate = quiet_cast.estate
    registry.record_fact(estate, name="in_built_up_area", value=False, from_on=SINCE, actor=SYSTEM, now=NOW)
    assert registry.fact(estate.ref, "in_built_up_area", TODAY) is False
    assert StandingFact.objects.filter(subject_kind="estate", subject_id=str(estate.pk)).count() == 2


def test_a_fact_with_a_last_day_ends_after_it(quiet_cast):
    company = quiet_cast.organisation("property_company").ref
    event = Event.objects.latest("pk")
    registry.set_fact(company, "tender_barred", True, from_on=TODAY, to_on=TODAY + timedelta(days=9), event=event)
    assert registry.fact(company, "tender_barred", TODAY + timedelta(days=9)) is True
    assert registry.fact(company, "tender_barred", TODAY + timedelta(days=10)) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("in_built_up_area", "yes"),
        ("households", -1),
        ("households", True),
        ("building_area_m2", 1.5),
        ("estate_type", "x"),
    ],
)
def test_a_value_of_another_type_is_refused(name, value):
    with pytest.raises(Refused):
        stored(name, value)


def test_values_come_back_as_the_type_they_went_in(quiet_cast):
    event = Event.objects.latest("pk")
    ref = Ref("estate", "0")
    for name, value in (
        ("building_area_m2", Decimal("100.10")),
        ("delivered_on", date(2020, 2, 29)),
        ("households", 3),
    ):
        registry.set_fact(ref, name, value, from_on=SINCE, event=event)
        assert registry.fact(ref, name, TODAY) == value
    with pytest.raises(LookupError):
        registry.fact(ref, "colour", TODAY)


def test_the_competent_organisation_is_the_nearest_upwards(quiet_cast):
    inside, outside = quiet_cast.estate, quiet_cast.estate_outside
    assert registry.organisation_for("street_office", inside.place_path) == quiet_cast.organisation("street_office")
    assert registry.organisation_for("street_office", outside.place_path) == quiet_cast.organisation("street_office@2")
    assert registry.organisation_for("police", inside.place_path) == quiet_cast.organisation("police")
    assert registry.organisation_for("court", inside.place_path) is None
    found = registry.organisations_for(
        ["police", "street_office", "court", "property_company"], inside.place_path, estate=inside, on=TODAY
    )
    assert found == {role: quiet_cast.organisation(role) for role in ("police", "street_office", "property_company")}


def test_who_serves_an_estate_changes_with_the_day(quiet_cast):
    estate, first, second = (
        quiet_cast.estate,
        quiet_cast.organisation("property_company"),
        quiet_cast.organisation("property_company@2"),
    )
    project = registry.project_on(estate, TODAY)
    with pytest.raises(Refused, match="原企业"):
        registry.begin_project(estate=estate, company=second, from_on=TODAY, actor=SYSTEM, now=NOW)
    registry.end_project(project, to_on=TODAY, actor=SYSTEM, now=NOW)
    with pytest.raises(Refused):
        registry.end_project(project, to_on=TODAY, actor=SYSTEM, now=NOW)
    tomorrow = TODAY + timedelta(days=1)
    registry.begin_project(estate=estate, company=second, from_on=tomorrow, actor=SYSTEM, now=NOW)
    assert registry.project_on(estate, TODAY).company == first
    assert registry.project_on(estate, tomorrow).company == second
    assert registry.organisation_for("property_company", estate.place_path, estate, on=TODAY) == first
    assert registry.organisation_for("property_company", estate.place_path, estate) == second
    assert registry.project_on(estate, SINCE - timedelta(days=1)) is None
    assert [event.data["company"] for event in Event.objects.filter(kind="project.begun").order_by("pk")] == [
        first.name,
        second.name,
    ]


def test_without_a_company_the_facts_say_so(quiet_cast):
    assert registry.estate_facts(quiet_cast.estate, TODAY)["has_property_company"] is True
    assert registry.estate_facts(quiet_cast.estate_unknown, TODAY)["has_property_company"] is False


def test_an_estate_is_found_by_any_part_of_its_name_within_a_place(quiet_cast):
    assert [one.name for one in registry.find_estates("花园")] == ["梧桐花园"]
    assert [one.name for one in registry.find_estates("新村", place_path=quiet_cast.streets[1].path)] == ["湖畔新村"]
    assert registry.find_estates("新村", place_path=quiet_cast.streets[0].path) == []
    assert registry.find_estates("园花") == []
    assert registry.find_estates("，") == []


def test_the_search_uses_the_index(quiet_cast):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = Estate.objects.filter(name_grams__contains=["花园"]).explain()
    assert "registry_estate_grams" in plan


def test_facts_of_an_estate_cost_two_queries(quiet_cast, django_assert_max_num_queries):
    with django_assert_max_num_queries(2):
        registry.estate_facts(quiet_cast.estate, TODAY)


def test_an_estate_that_no_company_serves_has_none_though_companies_sit_in_its_county(cast):
    estate = cast.estate_outside
    assert registry.organisation_for("property_company", estate.place_path, estate) is None
    assert registry.organisations_for(["property_company", "housing"], estate.place_path, estate=estate) == {
        "housing": cast.organisation("housing")
    }
    assert registry.organisation_for("property_company", cast.estate.place_path, cast.estate) == cast.organisation(
        "property_company"
    )
