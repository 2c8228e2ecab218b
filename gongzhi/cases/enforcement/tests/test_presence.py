"""Stations and teams, officers, and who came in which month."""

from datetime import timedelta

import lxml.html
import pytest
from django.test import Client

from gongzhi.cases import services as cases
from gongzhi.cases.accountability.queries.boards import board_lines
from gongzhi.cases.enforcement import services
from gongzhi.cases.enforcement.models import Officer
from gongzhi.cases.enforcement.printing import board_pages
from gongzhi.cases.enforcement.queries import figures
from gongzhi.cases.enforcement.queries.presence import attendance, hosts, liaisons, officers_of, station_of
from gongzhi.cases.enforcement.tests.steps import SYSTEM, at, city, clock, day, reported, worked
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation, Place
from gongzhi.duties.lacks import lacks_for

pytestmark = pytest.mark.django_db


def officer(cast, role, *, place=None, **given):
    values = {"name": f"联络{role}", "phone": "0510-86000000", "from_on": day("2020-01-01")}
    return services.name_officer(
        cast.organisation(role), place=place or cast.county, actor=SYSTEM, now=cast.now, **{**values, **given}
    )


def station(cast, unit, *, kind="station", estates=(), **given):
    values = {"name": f"{unit}站点", "phone": "0510-86000001", "opened_on": day("2020-01-01")}
    return services.set_up_station(unit, kind=kind, estates=estates, actor=SYSTEM, now=cast.now, **{**values, **given})


@pytest.mark.clause("JY-2.4.10-1")
def test_towns_with_a_station_and_estates_that_none_answers_for():
    cast = city("jiangyin", "2024-06-03")
    first, second = cast.organisation("street_office"), cast.organisation("street_office@2")
    estates = [one for one in cast.estates.values() if one.place_path.startswith(first.place_path)]
    with pytest.raises(Refused) as refused:
        station(cast, cast.organisation("police"))
    assert refused.value.code == "host" and "JY-2.4.10-1" in refused.value.clauses
    with pytest.raises(Refused):
        station(cast, first, phone="")
    row = station(cast, first, estates=estates[1:])
    found = hosts(cast.county.path, kind="station", on=cast.now.date())
    assert found.words == "1/2" and found.missing == [second]
    assert estates[0] in found.uncovered and not found.all_covered
    services.change_station(
        row, address="人民路1号", phone="0510-86000001", estates=estates, actor=SYSTEM, now=cast.now
    )
    others = [one for one in cast.estates.values() if one not in estates]
    station(cast, second, estates=[one for one in others if one.place_path.startswith(second.place_path)])
    found = hosts(cast.county.path, kind="station", on=cast.now.date())
    assert found.words == "2/2" and found.all_covered
    assert station_of(cast.estate, cast.now.date()) == row
    services.close_station(row, on=cast.now.date(), actor=SYSTEM, now=cast.now)
    assert station_of(cast.estate, cast.now.date()) is None


@pytest.mark.clause("JJ-3.1.2-1")
def test_towns_and_communities_name_their_teams_and_the_others_are_listed():
    cast = city("jiujiang", "2022-05-05")
    community = cast.organisation("community_station")
    team = station(cast, community, kind="team", phone="")
    services.name_officer(
        community, place=community.place, name="吴队长", station=team, from_on=day("2022-05-01"),
        actor=cast.actor("community_station"), now=cast.now,
    )  # fmt: skip
    found = hosts(cast.county.path, kind="team", on=cast.now.date())
    assert [one.organisation for one in found.there] == [community]
    missing = {one.role for one in found.missing}
    assert {"street_office", "community_station"} <= missing and "JJ-3.1.2-1" in found.clauses
    assert community not in found.missing
    assert not officers_of(cast.estate, cast.now.date()), "a member of a team is no public liaison"


@pytest.mark.clause("JJ-3.1.2-1")
def test_who_has_no_team_stands_on_the_desk_of_the_bureau_and_on_its_own():
    cast = city("jiujiang", "2022-05-05")
    on, bureau, community = cast.now.date(), at(cast, "urban_management"), at(cast, "community_station")
    name = str(community.organisation)
    (watched,) = lacks_for(bureau, on)
    assert name in watched.note and "JJ-3.1.2-1" in watched.clauses
    (own,) = lacks_for(community, on)
    assert own.title == "登记违建防控队伍"
    assert not lacks_for(at(cast, "police"), on)
    station(cast, community.organisation, kind="team", phone="")
    assert not lacks_for(community, on)
    (watched,) = lacks_for(bureau, on)
    assert name not in watched.note


@pytest.mark.clause("JY-2.4.10-2")
def test_seven_departments_are_there_with_a_liaison_and_an_entry_and_it_begins_anew_every_month():
    cast = city("jiangyin", "2024-06-03")
    seven = ("housing", "urban_management", "police", "market_regulation", "ecology", "emergency", "fire_rescue")
    for role in seven:
        officer(cast, role)
    for role in seven[:6]:
        services.record_entry(cast.estate, on=cast.now.date(), actor=at(cast, role), now=cast.now)
    found, clauses = attendance(cast.county.path, month=day("2024-06-30"))
    assert (sum(one.there for one in found), len(found)) == (6, 7)
    assert [one.name for one in found if not one.there] == ["消防救援大队"] and "JY-2.4.10-2" in clauses
    after, _ = attendance(cast.county.path, month=day("2024-07-01"))
    assert sum(one.there for one in after) == 0
    Officer.objects.filter(organisation=cast.organisation("police")).update(to_on=day("2024-05-31"))
    found, _ = attendance(cast.county.path, month=day("2024-06-30"))
    assert sum(one.there for one in found) == 5


@pytest.mark.clause("JY-2.4.10-2", "JY-2.7.15-5")
def test_jy_hc_10_wages_go_to_the_labour_office_which_no_station_calls():
    from gongzhi.cases.enforcement.queries.asking import rule

    cast = city("jiangyin", "2024-06-03")
    assert "human_resources" not in rule("liaisons", cast.county.path, cast.now.date())[0]["roles"]
    case = reported(cast, "wage_arrears", to="street_office")
    street = cast.actor("street_office")
    from gongzhi.cases.queries import asking

    assert asking.route_value(case)["transfer_to"] == "human_resources"
    case = worked(cast, case, now=cast.now, outcome="settled")
    case = cases.answer(case, text="已核实", method="电话", actor=street, now=cast.now)
    with pytest.raises(Refused) as refused:
        cases.close_case(case, actor=street, now=cast.now)
    assert "JY-2.7.15-5" in refused.value.clauses


@pytest.mark.clause("MX-4.2-1")
def test_an_estate_without_one_of_three_liaisons_shows_two_of_three_and_45_of_50_are_90_percent():
    cast = city("meixian", "2023-04-10")
    for role in ("police", "urban_management"):
        officer(cast, role)
    found = liaisons(cast.county.path, on=cast.now.date(), estates=[cast.estate])
    assert found.rows[0].words == "2/3" and found.rows[0].missing == ("县生态环境局",)
    fifty = [cast.estate] * 45 + [cast.estate_outside] * 5
    officer(cast, "ecology", place=cast.estate.place)
    found = liaisons(cast.county.path, on=cast.now.date(), estates=fifty)
    assert found.rows[0].words == "3/3" and found.rate == "90.0%"


@pytest.mark.clause("ZJG-7.2a")
def test_six_acts_are_cases_of_their_departments_and_the_estate_shows_who_answers():
    cast = city("zhangjiagang", "2023-05-08")
    leads = {
        "illegal_structure": "urban_management", "greening": "urban_management", "waste_sorting": "urban_management",
        "animal_keeping": "police", "ebike_charging": "police", "fire_lane": "police",
    }  # fmt: skip
    for matter, lead in leads.items():
        case = reported(cast, matter, to=lead)
        assert case.nature == "violation" and case.lead_role == lead, matter
    officer(cast, "police", place=cast.estate.place, name="雷警官", phone="0512-56000000")
    officer(cast, "urban_management")
    shown = [(one.organisation.role, one.phone) for one in officers_of(cast.estate, cast.now.date())]
    assert shown == [("police", "0512-56000000"), ("urban_management", "0510-86000000")]
    case = reported(cast, "fire_lane", to="police")
    lead = at(cast, "police")
    case = cases.report_in(case, actor=lead, now=cast.now)
    cases.verify_on_site(case, note="到场", actor=lead, now=cast.now)
    services.record_entry(cast.estate, on=cast.now.date(), actor=lead, now=cast.now)
    came = figures.entries_by_unit(cast.county.path, from_on=cast.now.date(), to_on=cast.now.date())
    assert [(one["role"], one["times"]) for one in came] == [("police", 2)]
    officer(cast, "ecology")
    for role in ("urban_management", "ecology"):
        services.record_entry(cast.estate, on=cast.now.date(), note="进小区检查", actor=at(cast, role), now=cast.now)
    came = figures.entries_by_unit(cast.county.path, from_on=cast.now.date(), to_on=cast.now.date())
    assert {one["role"]: one["times"] for one in came} == {"police": 2, "urban_management": 1, "ecology": 1}
    assert len(officers_of(cast.estate, cast.now.date())) == 3


@pytest.mark.clause("JY-2.1.2-6")
def test_entries_clues_and_the_share_that_is_closed_by_town():
    cast = city("jiangyin", "2024-06-03")
    from gongzhi.cases.models import Case

    made = [reported(cast, to="street_office") for _ in range(20)]
    Case.objects.filter(pk__in=[one.pk for one in made[:18]]).update(state="closed", closed_at=cast.now)
    services.record_entry(cast.estate, on=cast.now.date(), actor=at(cast, "police"), now=cast.now)
    quarter = figures.by_town(cast.county.path, from_on=day("2024-04-01"), to_on=day("2024-06-30"))
    towns = {one.title: one for one in quarter}
    one = towns[cast.street.name]
    assert (one.entries, one.whole, one.settled, one.rate) == (1, 20, 18, "90.0%")
    assert towns[cast.streets[1].name].rate == "—"
    assert len(towns) == Place.objects.filter(level="street").count()
    later = figures.by_town(cast.county.path, from_on=day("2024-07-01"), to_on=day("2024-09-30"))
    assert all(one.whole == 0 for one in later)


@pytest.mark.clause("MX-4.2-2")
def test_the_four_hard_topics_of_an_estate_with_what_is_open():
    cast = city("meixian", "2023-04-10")
    from gongzhi.cases.models import Case

    made = [reported(cast, "fire_lane", to="fire_rescue") for _ in range(10)]
    lead = at(cast, "fire_rescue")
    with pytest.raises(Refused):
        cases.close_case(cases.report_in(made[0], actor=lead, now=cast.now), actor=lead, now=cast.now)
    Case.objects.filter(pk__in=[one.pk for one in made[:8]]).update(state="closed", closed_at=cast.now)
    lines, clauses = figures.by_topic(cast.county.path, on=cast.now.date(), estate=cast.estate)
    assert len(lines) == 4 and "MX-4.2-2" in clauses
    fire = next(one for one in lines if one.whole)
    assert (fire.whole, fire.open, fire.rate) == (10, 2, "80.0%")
    client = Client()
    client.force_login(cast.user("fire_rescue"))
    page = " ".join(lxml.html.fromstring(client.get("/zhifa/").content).text_content().split())
    assert f"{cast.estate.name} 占用消防通道 10件 2件 80.0%" in page or (
        f"{cast.estate.name}占用消防通道10件2件80.0%" in page
    )


def test_entries_are_not_of_tomorrow_and_a_telephone_is_wanted():
    cast = city("jiangyin", "2024-06-03")
    tomorrow = (clock("2024-06-03") + timedelta(days=1)).date()
    with pytest.raises(Refused):
        services.record_entry(cast.estate, on=tomorrow, actor=at(cast, "police"), now=cast.now)
    with pytest.raises(Refused) as refused:
        officer(cast, "police", phone="")
    assert "phone" in refused.value.fields


@pytest.mark.clause("ZJG-7.2a", "MX-4.2-1")
@pytest.mark.parametrize("name", ["zhangjiagang", "meixian"])
def test_a_board_is_made_where_the_document_wants_none_of_the_numbers_that_there_are(name):
    cast = city(name, "2023-04-10")
    for role in ("police", "urban_management", "street_office"):
        Organisation.objects.filter(pk=cast.organisation(role).pk).update(phone=f"0-{role}")
    services.name_officer(
        cast.organisation("police"), place=cast.estate.place, name="孔某", phone="0-110", from_on=cast.now.date(),
        actor=at(cast, "police"), now=cast.now,
    )  # fmt: skip
    found = board_lines(cast.estate, on=cast.now.date())
    shown = [(one.kind, one.number) for one in found.lines]
    assert shown[:3] == [
        ("departments", "0-police"),
        ("departments", "0-urban_management"),
        ("street", "0-street_office"),
    ]
    assert not found.missing, "nothing is lacking where nothing is wanted"
    assert (("officers", "0-110") in shown) == (name == "zhangjiagang")
    assert found.clauses[0] in ("ZJG-7.2a", "MX-4.2-1")
    assert board_pages(cast.estate, address="https://example.org", on=cast.now.date(), now=cast.now).startswith(b"%PDF")
