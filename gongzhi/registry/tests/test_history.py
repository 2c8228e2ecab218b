"""Who owned, served and governed what on any day: one answer a day, whatever was done."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.core.tests.cast import NOW
from gongzhi.registry import services as registry
from gongzhi.registry.forms import TransferForm
from gongzhi.registry.models import BuildingStay, Ownership, OwnershipShare, Project, Unit, UnitArea
from gongzhi.registry.queries import areas_of, buildings_on, ownerships_of
from gongzhi.registry.queries.reading import company_file, entrance_changes
from gongzhi.registry.services import OwnerInput
from gongzhi.registry.services.division import area_versions

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("contexts")]
SYSTEM = Actor.system()
TODAY = NOW.date()
START = date(2021, 1, 1)
DAY = timedelta(days=1)


@pytest.fixture
def unit(quiet_cast):
    building = quiet_cast.estate.buildings.get(name="1幢")
    return registry.register_unit(
        building, name="101", exclusive_area_m2=Decimal("89.50"), area_source="contract", actor=SYSTEM, now=NOW
    )


def transfer(unit, name="张三", from_on=START, **extra):
    owners = extra.pop("owners", [OwnerInput(name, "13912345678")])
    return registry.transfer_unit(unit, owners=owners, from_on=from_on, actor=SYSTEM, now=NOW, **extra)


def names_on(subject, day):
    return [row.owner.masked_name for row in registry.owners_on(subject, day)]


def test_a_transfer_ends_the_ownership_before_it_and_both_can_be_asked_for(quiet_cast, unit):
    transfer(unit, "张三", START)
    transfer(unit, "李四光", date(2022, 3, 1))
    assert names_on(unit, START - DAY) == []
    assert names_on(unit, date(2022, 2, 28)) == names_on(quiet_cast.estate, date(2022, 2, 28)) == ["张*"]
    assert names_on(unit, date(2022, 3, 1)) == ["李**"]
    assert [(one.from_on, one.to_on) for one in ownerships_of(unit)] == [
        (date(2022, 3, 1), None),
        (START, date(2022, 2, 28)),
    ]
    event = Event.objects.filter(kind="unit.transferred").latest("pk")
    assert event.data == {"from_on": "2022-03-01", "owners": 1, "joint": False, "was_owned": True}
    with pytest.raises(Refused, match="晚于"):
        transfer(unit, "王五", date(2022, 1, 1))
    with pytest.raises(Refused, match="今天"):
        transfer(unit, "王五", TODAY + DAY)


def test_owners_are_kept_under_cipher_and_shown_masked(unit):
    transfer(unit, "陈建国")
    owner = OwnershipShare.objects.get().owner
    assert (owner.masked_name, owner.masked_phone) == ("陈**", "139****5678")
    assert "陈建国" not in owner.name_cipher and "13912345678" not in owner.phone_cipher
    assert owner.owner_kind == "unit" and owner.owner_id == str(unit.pk)


@pytest.mark.parametrize(
    ("shares", "says"),
    [
        ((Fraction(1, 2), Fraction(1, 3)), "5/6"),
        ((Fraction(1, 2), None), "都填"),
        ((Fraction(3, 2), Fraction(-1, 2)), "份额"),
        ((), "业主"),
    ],
)
def test_shares_make_a_whole_or_there_are_none(unit, shares, says):
    with pytest.raises(Refused, match=says):
        transfer(unit, owners=[OwnerInput(f"人{n}", share=share) for n, share in enumerate(shares)])
    assert not Ownership.objects.exists()


def test_joint_owners_have_no_shares_and_three_thirds_are_exactly_one(unit):
    transfer(unit, owners=[OwnerInput("甲某"), OwnerInput("乙某")])
    assert [row.share for row in registry.owners_on(unit, START)] == [None, None]
    thirds = [OwnerInput(f"丙{n}", share=Fraction(1, 3)) for n in range(3)]
    transfer(unit, owners=thirds, from_on=START + DAY)
    assert sum(row.share for row in registry.owners_on(unit, TODAY)) == 1


def test_the_database_itself_refuses_shares_that_make_no_whole(unit):
    title = transfer(unit)
    with pytest.raises(IntegrityError), transaction.atomic():
        OwnershipShare.objects.filter(ownership=title).update(numerator=1, denominator=2)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_database_itself_refuses_two_truths_of_one_day(quiet_cast, unit):
    title = transfer(unit)
    event = Event.objects.latest("pk")
    with pytest.raises(IntegrityError), transaction.atomic():
        Ownership.objects.create(unit=unit, from_on=title.from_on + DAY, to_on=title.from_on + DAY, event=event)
    stay = BuildingStay.objects.filter(building=unit.building).get()
    with pytest.raises(IntegrityError), transaction.atomic():
        BuildingStay.objects.create(building=stay.building, estate=quiet_cast.estate_outside, name="1", from_on=TODAY)
    project = Project.objects.get(estate=quiet_cast.estate)
    with pytest.raises(IntegrityError), transaction.atomic():
        Project.objects.create(
            estate=project.estate, company=project.company, from_on=TODAY, to_on=TODAY, place_path=project.place_path
        )


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days=st.lists(st.integers(0, 480), min_size=1, max_size=6), asked=st.integers(-3, 490))
def test_after_any_transfers_every_day_has_one_answer(unit, days, asked):
    with transaction.atomic():
        accepted = []
        for number, offset in enumerate(days):
            try:
                transfer(unit, f"甲{number}", START + timedelta(days=offset))
                accepted.append((offset, number))
            except Refused:
                assert accepted and offset <= accepted[-1][0]
        found = registry.owners_on(unit, START + timedelta(days=asked))
        held = [number for offset, number in accepted if offset <= asked]
        assert [one.owner.masked_name for one in found] == (["甲*"] if held else [])
        assert len(found) <= 1
        if held:
            assert found[0].ownership == list(unit.ownerships.order_by("pk"))[len(held) - 1]
        transaction.set_rollback(True)


@pytest.mark.clause("JY-2.3.8-2")
def test_a_corrected_area_keeps_the_old_value_with_who_and_when(quiet_cast, unit):
    clerk = quiet_cast.actor("community_station")
    registry.correct_area(unit, exclusive_area_m2=Decimal("90.20"), area_source="survey", actor=clerk, now=NOW)
    (old,) = areas_of(unit)
    assert (old.exclusive_area_m2, old.replaced) == (Decimal("89.50"), True)
    assert (old.event.actor_label, old.event.at) == (clerk.label, NOW)
    assert registry.area_on(unit, START) is not None
    unit.refresh_from_db()
    assert registry.area_on(unit, START).exclusive_area_m2 == Decimal("90.20")
    with pytest.raises(Refused, match="两位"):
        registry.correct_area(unit, exclusive_area_m2=Decimal("90.201"), area_source="survey", actor=clerk, now=NOW)


def test_an_area_that_changes_on_a_day_holds_from_that_day(unit):
    day = date(2022, 1, 1)
    registry.correct_area(
        unit, exclusive_area_m2=Decimal("91.00"), area_source="register", from_on=day, actor=SYSTEM, now=NOW
    )
    unit.refresh_from_db()
    assert registry.area_on(unit, day - DAY).exclusive_area_m2 == Decimal("89.50")
    assert registry.area_on(unit, day).exclusive_area_m2 == Decimal("91.00")
    with pytest.raises(Refused, match="晚于"):
        registry.correct_area(
            unit, exclusive_area_m2=Decimal("92.00"), area_source="register", from_on=day, actor=SYSTEM, now=NOW
        )
    assert UnitArea.objects.count() == 1


def merge(cast, into, others, day, **extra):
    return registry.merge_estates(into, others=others, from_on=day, actor=SYSTEM, now=NOW, **extra)


def test_a_merge_moves_buildings_and_units_on_a_day_and_the_past_stays(quiet_cast, unit):
    into, gone = quiet_cast.estate_outside, quiet_cast.estate
    transfer(unit)
    day = date(2022, 5, 1)
    with pytest.raises(Refused, match="服务"):
        merge(quiet_cast, into, [gone], day)
    registry.end_project(registry.project_on(gone, TODAY), to_on=day - DAY, actor=SYSTEM, now=NOW)
    merge(quiet_cast, into, [gone], day)
    assert [one.name for one in buildings_on(into, day - DAY)] == ["1幢", "2幢"]
    assert buildings_on(into, day).count() == 4
    assert buildings_on(gone, day).count() == 0 and buildings_on(gone, day - DAY).count() == 2
    assert names_on(gone, day - DAY) == names_on(into, day) == ["张*"]
    assert names_on(into, day - DAY) == names_on(gone, day) == []
    gone.refresh_from_db()
    into.refresh_from_db()
    assert gone.ended_on == day - DAY and into.households == 840 and into.building_area_m2 == Decimal("104601.00")
    assert "梧桐花园1幢" in {one.name for one in into.buildings.all()}
    assert Event.objects.get(kind="estate.merged").subject_id == str(gone.pk)
    assert Event.objects.get(kind="estate.enlarged").subject_id == str(into.pk)
    assert registry.find_estates("梧桐") == [into]  # by the former name the area that it is part of now
    with pytest.raises(Refused, match="并入"):
        merge(quiet_cast, gone, [quiet_cast.estate_unknown], day)


@pytest.mark.clause("MX-3.2.1-3")
def test_a_split_gives_a_new_estate_and_each_version_of_the_area_can_be_read(quiet_cast):
    estate = quiet_cast.estate
    (second,) = estate.buildings.filter(name="2幢")
    with pytest.raises(Refused, match="至少留"):
        registry.split_estate(
            estate, buildings=list(estate.buildings.all()), name="全拆", from_on=START, actor=SYSTEM, now=NOW
        )
    fresh = registry.split_estate(
        estate, buildings=[second], name="梧桐二期", from_on=date(2022, 4, 1), actor=SYSTEM, now=NOW
    )
    merge(quiet_cast, estate, [fresh], date(2022, 5, 1))
    assert [names for _, names in area_versions(estate)] == [["1幢", "2幢"], ["1幢"], ["1幢", "2幢"]]
    assert [one.name for one in buildings_on(fresh, date(2022, 4, 15))] == ["2幢"]
    assert buildings_on(estate, date(2022, 4, 15)).count() == 1
    with pytest.raises(Refused, match="更晚"):
        merge(quiet_cast, estate, [quiet_cast.estate_unknown], date(2022, 4, 20))


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.tuples(st.booleans(), st.integers(0, 400)), max_size=5), asked=st.integers(-2, 420))
def test_after_any_splits_and_merges_a_building_lies_in_one_estate_each_day(quiet_cast, moves, asked):
    with transaction.atomic():
        home, fresh, number = quiet_cast.estate, None, 0
        for split, offset in moves:
            day = START + timedelta(days=offset)
            try:
                if split and fresh is None:
                    chosen = list(home.buildings.filter(name="2幢"))
                    number += 1
                    fresh = registry.split_estate(
                        home, buildings=chosen, name=f"分{number}", from_on=day, actor=SYSTEM, now=NOW
                    )
                elif not split and fresh is not None:
                    merge(quiet_cast, home, [fresh], day)
                    fresh = None
            except Refused:
                continue
        day = START + timedelta(days=asked)
        for building in quiet_cast.estate.buildings.model.objects.filter(stays__estate=home).distinct():
            from gongzhi.registry.models import covers

            assert building.stays.filter(covers(day)).count() == 1
        transaction.set_rollback(True)


@pytest.mark.clause("JY-2.2.4-2")
def test_who_led_a_project_before_can_be_read(quiet_cast):
    project = registry.project_on(quiet_cast.estate, TODAY)
    registry.change_manager(project, name="新负责人", from_on=date(2022, 4, 1), actor=SYSTEM, now=NOW)
    assert registry.serving(quiet_cast.estate, date(2022, 3, 31)).manager == "陶经理"
    assert registry.serving(quiet_cast.estate, date(2022, 4, 1)).manager == "新负责人"
    assert [str(one.to_on) for one in project.managers.order_by("from_on")] == ["2022-03-31", "None"]
    with pytest.raises(Refused):
        registry.change_manager(project, name="又一人", from_on=date(2022, 3, 1), actor=SYSTEM, now=NOW)


@pytest.mark.clause("MX-3.9.1-1")
def test_a_company_that_takes_another_over_serves_its_estates_from_that_day(quiet_cast):
    old, new = quiet_cast.organisation("property_company"), quiet_cast.organisation("property_company@2")
    event = Event.objects.latest("pk")
    registry.set_fact(old.ref, "tender_barred", True, from_on=START, event=event)
    day = date(2022, 5, 1)
    for estate in (quiet_cast.estate_outside, quiet_cast.estate_unknown):
        registry.begin_project(estate=estate, company=old, from_on=START, actor=SYSTEM, now=NOW)
    assert registry.absorb_company(old, into=new, way="takeover", from_on=day, actor=SYSTEM, now=NOW) == 3
    assert {one.company for estate in quiet_cast.estates.values() if (one := registry.serving(estate, day))} == {new}
    assert [one.words for one in company_file(old)] == ["是"] and not company_file(new)
    assert registry.serving(quiet_cast.estate, day - DAY).company == old
    found = registry.serving(quiet_cast.estate, day)
    assert (found.company, found.manager) == (new, "陶经理")
    assert registry.fact(old.ref, "tender_barred", TODAY) is True
    assert registry.fact(new.ref, "tender_barred", TODAY) is None


@pytest.mark.clause("MX-3.2.1-10")
def test_staff_that_left_stay_on_record_and_companies_without_staff_are_listed(quiet_cast, client):
    company = quiet_cast.organisation("property_company")
    rows = [
        registry.join_staff(company, name=f"员工{n}", position="保安", from_on=START, actor=SYSTEM, now=NOW)
        for n in range(30)
    ]
    registry.leave_staff(rows[0], to_on=date(2022, 4, 30), actor=SYSTEM, now=NOW)
    assert company.staff.filter(to_on=None).count() == 29
    assert (company.staff.get(pk=rows[0].pk).from_on, company.staff.get(pk=rows[0].pk).to_on) == (
        START,
        date(2022, 4, 30),
    )
    others = [
        core.ensure_organisation("property_company", place=quiet_cast.county, name=f"物业{n:02d}") for n in range(18)
    ]
    for one in others[:-1]:
        registry.join_staff(one, name="员工", position="保安", from_on=START, actor=SYSTEM, now=NOW)
    client.force_login(quiet_cast.user("housing"))
    page = client.get(reverse("registry:organisations"), {"without": "staff"})
    left = {others[-1].name, quiet_cast.organisation("property_company@2").name}
    assert {one.name for one, *_ in page.context["rows"]} == left and len(left) == 2


@pytest.mark.clause("MX-3.2.12-1")
def test_an_address_before_and_after_its_change_can_be_read(quiet_cast):
    company = quiet_cast.organisation("property_company")
    for day, address in ((START, "甲路1号"), (date(2022, 5, 1), "乙路2号")):
        registry.record_organisation_fact(
            company, name="registered_address", value=address, from_on=day, actor=SYSTEM, now=NOW
        )
    assert registry.fact(company.ref, "registered_address", date(2022, 4, 30)) == "甲路1号"
    assert registry.fact(company.ref, "registered_address", TODAY) == "乙路2号"


def test_who_governs_is_found_by_the_day(quiet_cast):
    found = registry.governing(quiet_cast.estate, TODAY)
    assert found["offices"]["street_office"] == quiet_cast.organisation("street_office")
    assert [post.user.display_name for post in found["stewards"]] == ["李楼长"]
    assert registry.governing(quiet_cast.estate, date(2019, 1, 1))["stewards"] == []


@pytest.mark.parametrize("role", ["owner", "project_manager", "police", "community_station@2"])
def test_only_keepers_of_the_place_record_a_transfer(quiet_cast, unit, role):
    with pytest.raises(Refused) as refused:
        registry.transfer_unit(unit, owners=[OwnerInput("某人")], from_on=START, actor=quiet_cast.actor(role), now=NOW)
    assert refused.value.status == 403
    assert Unit.objects.get().version == unit.version


def test_the_entrance_of_a_unit_is_corrected_on_its_page_and_what_was_stays_on_record(quiet_cast, unit, client):
    clerk, building = quiet_cast.actor("community_station"), unit.building
    registry.change_building(building, changes={"entrances": 3}, actor=SYSTEM, now=NOW)
    unit.refresh_from_db()
    placed = registry.place_in_entrance(unit, entrance=2, actor=clerk, now=NOW, version=unit.version)
    assert placed.entrance_name == f"{building.name}2单元"
    with pytest.raises(Refused, match="3个单元"):
        registry.place_in_entrance(placed, entrance=4, actor=clerk, now=NOW)
    with pytest.raises(Refused, match="已经是"):
        registry.place_in_entrance(placed, entrance=2, actor=clerk, now=NOW)
    with pytest.raises(Refused):
        registry.place_in_entrance(placed, entrance=3, actor=quiet_cast.actor("owner"), now=NOW)
    registry.place_in_entrance(placed, entrance=3, actor=clerk, now=NOW)
    kept = [(one.data.get("was"), one.data.get("entrance")) for one in entrance_changes(unit)]
    assert kept[::-1] == [(None, 2), (2, 3)]
    client.force_login(quiet_cast.user("community_station"))
    page = client.get(reverse("registry:unit", args=[unit.pk])).content.decode()
    assert "3单元" in page and "2单元，改为3单元" in page and clerk.label in page
    form = reverse("registry:entrance", args=[unit.pk])
    shown = client.get(form).content.decode()
    stale = {"form_key": shown.split('name="form_key" value="')[1].split('"')[0], "entrance": "1", "version": "1"}
    assert client.post(form, stale).status_code in (409, 422), "somebody else has changed it meanwhile"
    unit.refresh_from_db()
    fresh = {**stale, "form_key": "another-key", "version": str(unit.version)}
    assert client.post(form, fresh).status_code == 303
    unit.refresh_from_db()
    assert unit.entrance == 1


def test_a_share_is_one_wherever_it_is_typed_last():
    typed = "钱某 13900002222 1/2\n孙某 25%\n李某 - - 25%\n王某 13900003333 340207199001011234"
    form = TransferForm({"from_on": "2026-10-10", "owners": typed, "version": "1"})
    form.is_valid()
    found = [(one.name, one.phone, one.id_number, one.share) for one in form.cleaned_data["owners"]]
    assert found == [
        ("钱某", "13900002222", "", Fraction(1, 2)),
        ("孙某", "", "", Fraction(1, 4)),
        ("李某", "", "", Fraction(1, 4)),
        ("王某", "13900003333", "340207199001011234", None),
    ]
