"""Each table of matters and departments, a clue for each; what is handed to another unit keeps its reason."""

import pytest

from gongzhi.cases import services as cases
from gongzhi.cases.enforcement.tests.steps import SYSTEM, at, city
from gongzhi.cases.models import Case
from gongzhi.cases.queries import departments_of_matter
from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.models import OutboxMessage
from gongzhi.registry import services as registry

pytestmark = pytest.mark.django_db


def found(cast, matter, **facts) -> Case:
    """One clue, registered by the desk of the place."""
    complaint = cases.receive_complaint(
        channel="found", estate=cast.estate, text="巡查发现", location="2幢",
        matters=[cases.MatterInput(matter=matter, title="巡查发现", facts=facts)],
        received_at=cast.now, actor=cast.actor("street_office"), now=cast.now,
    )  # fmt: skip
    return complaint.cases.get()


def desk_told(cast, case, name, value):
    return cases.set_missing_fact(case, name=name, value=value, actor=SYSTEM, now=cast.now)


def leads(cast, *matters, **facts):
    return [found(cast, one, **facts).route_lead for one in matters]


# -- 江阴


@pytest.mark.clause("JY-2.4.9-5")
def test_noise_things_thrown_and_dogs_are_the_polices_and_another_unit_wants_a_reason(client):
    cast = city("jiangyin", "2024-06-03")
    assert leads(cast, "noise", "falling_objects", "dog_keeping") == ["police"] * 3
    case, street = Case.objects.filter(matter="noise").get(), cast.actor("street_office")
    other = cast.organisation("urban_management")
    with pytest.raises(Refused) as refused:
        cases.assign_case(case, lead=other, actor=street, now=cast.now)
    assert "reason" in refused.value.fields
    case = cases.assign_case(case, lead=other, reason="店铺音响，由城管处理", actor=street, now=cast.now)
    assert case.lead == other
    entry = case.entries.get(kind="assigned")
    assert "店铺音响，由城管处理" in entry.text
    client.force_login(cast.user("street_office"))
    assert "店铺音响，由城管处理" in client.get(f"/anjian/{case.number}/").content.decode()


@pytest.mark.clause("JY-2.4.9-7")
def test_a_kitchen_in_a_barred_place_wants_the_article_and_the_place_before_it_is_handed_out():
    cast = city("jiangyin", "2024-06-03")
    assert found(cast, "cooking_fumes").route_lead == "ecology"
    for matter in ("cooking_site_new", "cooking_site_expanded"):
        case = found(cast, matter)
        for lacking, value in (("in_barred_place", True), ("premises_kind", "居民住宅楼")):
            assert case.needs == [lacking]
            with pytest.raises(Refused):
                cases.assign_case(case, actor=cast.actor("street_office"), now=cast.now)
            case = desk_told(cast, case, lacking, value)
        assert (case.needs, case.route_lead) == ([], "ecology")
    elsewhere = desk_told(cast, found(cast, "cooking_site_new"), "in_barred_place", False)
    assert elsewhere.route_lead == "ecology", "a kitchen where it is not barred is still fumes"


# -- 眉县


@pytest.mark.clause("MX-3.2.3-1")
def test_six_matters_are_the_polices_and_livestock_is_not():
    cast = city("meixian", "2023-04-10")
    six = ("public_safety", "security_facility", "parking_disorder", "group_rental", "falling_objects", "dog_keeping")
    assert leads(cast, *six) == ["police"] * 6
    assert found(cast, "livestock_keeping").route_lead == "urban_management"


@pytest.mark.clause("MX-3.2.10-1")
def test_six_matters_of_the_market_are_market_regulations():
    cast = city("meixian", "2023-04-10")
    six = ("unlicensed_business", "out_of_scope_business", "unmarked_price", "price_violation", "elevator_safety",
           "mechanical_parking", "metrology")  # fmt: skip
    assert set(leads(cast, *six)) == {"market_regulation"}


@pytest.mark.clause("MX-3.6.6-4")
def test_of_two_companies_that_will_not_go_the_one_with_unrest_is_the_polices_and_the_leading_group_is_told():
    """MX-HC-08: the crowd brings the police in; without one the housing bureau goes on."""
    cast = city("meixian", "2023-07-06")
    at(cast, "housing")
    quiet, loud = found(cast, "company_refuses_exit"), found(cast, "company_refuses_exit")
    assert quiet.needs == loud.needs == ["unrest"]
    quiet = desk_told(cast, quiet, "unrest", False)
    loud = desk_told(cast, loud, "unrest", True)
    assert (quiet.route_lead, loud.route_lead) == ("housing", "police")
    loud = cases.assign_case(loud, actor=cast.actor("street_office"), now=cast.now)
    assert loud.lead.role == "police"
    assert {one.role for one in loud.part_rows() if one.part == "support"} == {"housing"}
    told = OutboxMessage.objects.filter(to_organisation=cast.organisation("leading_group_office"))
    assert any(loud.number in one.text for one in told)


# -- 张家港


@pytest.mark.clause("ZJG-2.3.8")
def test_the_works_next_door_are_the_environment_offices_and_the_restaurant_is_not():
    cast = city("zhangjiagang", "2023-05-08")
    noise = found(cast, "noise")
    assert noise.needs == ["noise_source"]
    assert desk_told(cast, noise, "noise_source", "industrial").route_lead == "ecology"
    assert found(cast, "pollution_source").route_lead == "ecology"
    assert desk_told(cast, found(cast, "noise"), "noise_source", "business").route_lead == "urban_management"
    pack = core.pack_for(cast.county.path, cast.now.date())
    table = {one.where: one for one in departments_of_matter(pack, on=cast.now.date()) if one.matter == "noise"}
    assert {where: one.lead_role for where, one in table.items()} == {
        "噪声来源：工业生产经营": "ecology",
        "噪声来源：商业经营": "urban_management",
        "噪声来源：社会生活、建筑施工、邻里、装修": "community_committee",
    }
    assert all(one.clauses for one in table.values()), "on the table for everybody, with its clause"


@pytest.mark.clause("ZJG-2.3.9a")
def test_the_barber_without_a_licence_the_sick_lift_and_the_price_are_market_regulations():
    cast = city("zhangjiagang", "2023-05-08")
    three = leads(cast, "unlicensed_business", "elevator_safety", "price_violation")
    assert three == ["market_regulation"] * 3
    assert found(cast, "price_filing").route_lead == "development_reform"


# -- 鸠江


@pytest.mark.clause("JJ-A3-2.5-4", "JJ-A3-2.4-3")
def test_names_that_are_near_each_other_go_to_six_different_desks():
    """JJ-HC-34."""
    cast = city("jiujiang", "2022-05-05")
    registry.record_fact(
        cast.estate, name="in_built_up_area", value=True, from_on=cast.now.date(), actor=SYSTEM, now=cast.now
    )
    six = leads(
        cast, "group_rental", "rental_dispute", "price_violation", "handover_papers_refused", "unlicensed_business",
        "fire_lane",
    )  # fmt: skip
    assert six == ["police", "community_station", "market_regulation", "housing", "market_regulation", "fire_rescue"]
    level = core.ask(
        "cases.mediation_level", {"matter": "rental_dispute"}, place_path=cast.estate.place_path, on=cast.now.date()
    )
    assert level.value == "mediation_room", "the community's station has it mediated in its room"
