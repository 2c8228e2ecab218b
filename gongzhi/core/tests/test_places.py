from datetime import date
from time import perf_counter

import pytest
from django.conf import settings
from django.core.management import call_command

from gongzhi.core import places
from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation, Place

FILE = settings.BASE_DIR / "divisions" / "divisions.csv"
SECONDS = 5


def row(code, name, level, parent=""):
    return {"code": code, "name": name, "level": level, "parent_code": parent}


TREE = [
    row("340207001", "某街道", "street", "340207"),
    row("34", "某省", "province"),
    row("340207", "某区", "county", "3402"),
    row("3402", "某市", "city", "34"),
]


@pytest.mark.django_db
def test_all_divisions_are_read_in_seconds_and_a_second_time_changes_nothing(django_assert_max_num_queries):
    rows = places.read_divisions(FILE)
    began = perf_counter()
    with django_assert_max_num_queries(20):
        first = places.import_divisions(rows)
    assert perf_counter() - began < SECONDS
    assert (first.added, Place.objects.count()) == (len(rows), len(rows))
    with django_assert_max_num_queries(6):
        again = places.import_divisions(rows)
    assert (again.added, again.changed, again.unchanged) == (0, 0, len(rows))


@pytest.mark.django_db
def test_every_path_is_its_parents_and_its_own_code():
    places.import_divisions(places.read_divisions(FILE))
    for place in Place.objects.select_related("parent"):
        assert place.path == f"{place.parent.path if place.parent else ''}{place.code}/"


@pytest.mark.django_db
def test_rows_may_come_in_any_order_and_a_new_name_is_taken():
    places.import_divisions(TREE)
    done = places.import_divisions([*TREE[:-1], row("3402", "新市", "city", "34")])
    assert (done.added, done.changed) == (0, 1)
    assert Place.objects.get(code="340207001").path == "34/3402/340207/340207001/"
    assert core.place_title("34/3402/340207/340207001/") == "某区某街道"
    assert core.place_title("34/3402/340207/", from_level="city") == "新市某区"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([*TREE, row("9", "无主", "street", "8")], "上级 8"),
        ([*TREE, TREE[0]], "两次"),
    ],
)
def test_a_faulty_table_is_refused_whole(rows, says):
    with pytest.raises(Refused, match=says):
        places.import_divisions(rows)
    assert not Place.objects.exists()


@pytest.mark.django_db
def test_a_place_is_never_moved_silently():
    places.import_divisions(TREE)
    with pytest.raises(Refused, match="不能移动"):
        places.import_divisions([row("340207001", "某街道", "street", "3402")])


def test_a_file_with_a_wrong_head_or_level_is_refused_with_its_line(tmp_path):
    file = tmp_path / "d.csv"
    file.write_text("a,b\n", encoding="utf-8")
    with pytest.raises(Refused, match="第 1 行"):
        places.read_divisions(file)
    file.write_text("code,name,level,parent_code\n1,某地,kingdom,\n", encoding="utf-8")
    with pytest.raises(Refused, match=r"d\.csv:2"):
        places.read_divisions(file)


@pytest.mark.django_db
def test_the_command_can_be_given_twice(capsys):
    call_command("import_divisions")
    call_command("import_divisions")
    lines = capsys.readouterr().out.splitlines()
    assert "新增 0" not in lines[0] and "新增 0" in lines[1]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("江滨社区居委会", "江滨社区"),
        ("管山社区居民委员会", "管山社区"),
        ("某某村民委员会", "某某村"),
        ("某某村委会", "某某村"),
        ("东街社区", "东街社区"),
    ],
)
def test_a_community_is_called_as_people_say_it(name, said):
    assert places.spoken_name(name) == said


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("管山社区居民委员会", "管山"),
        ("某某村民委员会", "某某"),
        ("沈巷镇", "沈巷"),
        ("义乌市", "义乌"),
        ("市区", "市区"),
    ],
)
def test_a_short_name_sheds_its_kind(name, short):
    assert places.short_name(name) == short


@pytest.mark.django_db
def test_an_organisation_is_made_once_for_a_role_at_a_place(quiet):
    places.import_divisions(TREE)
    street = Place.objects.get(code="340207001")
    first = core.ensure_organisation("street_office", place=street)
    assert core.ensure_organisation("street_office", place=street) == first
    assert (first.kind, first.place_path) == ("office", street.path)
    assert first.name.startswith("某")
    assert Organisation.objects.count() == 1


@pytest.mark.django_db
def test_a_place_below_must_be_of_a_lower_level():
    places.import_divisions(TREE)
    street = Place.objects.get(code="340207001")
    with pytest.raises(Refused):
        core.add_place(street, code="x", name="某区", level="county")
    estate = core.add_place(street, code="E1", name="某小区", level="estate")
    assert core.place_at(estate.path, "county").code == "340207"
    assert core.place_at(estate.path) == estate


def test_roles_have_levels_and_unknown_ones_are_a_countys():
    assert (core.role_level("street_office"), core.role_level("some_new_bureau")) == ("street", "county")


@pytest.mark.django_db
def test_without_a_pack_a_role_has_the_platforms_name():
    assert core.role_name("police", place_path="", on=date(2022, 5, 5)) == "公安机关"
