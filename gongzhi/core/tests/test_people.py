from datetime import date, timedelta

import pytest

from gongzhi.core import people
from gongzhi.core import services as core
from gongzhi.core.actors import Actor, capacities
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event, PersonalData, Post, User
from gongzhi.core.tests.cast import NOW

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


def person(place_path="34/3402/340207/", **extra):
    given = {"name": "陈建国", "phone": "13800001234", "id_number": "11010519491231002X", "address": "3幢501"}
    return core.keep_person(**{**given, **extra}, place_path=place_path, now=NOW)


def test_nothing_of_a_person_stands_in_the_row_in_the_plain(quiet):
    row = PersonalData.objects.filter(pk=person().pk).values().get()
    for plain in ("陈建国", "13800001234", "11010519491231002X", "3幢501", "1234567"):
        assert not any(plain in str(value) for value in row.values())
    assert (row["masked_name"], row["masked_phone"], row["masked_id_number"]) == (
        "陈**",
        "138****1234",
        "110***********002X",
    )


def test_a_person_is_found_by_phone_or_identity_number_however_written(quiet):
    row = person()
    assert list(core.persons_by(phone="138 0000 1234")) == [row]
    assert list(core.persons_by(id_number="11010519491231002x")) == [row]
    assert not core.persons_by(phone="13800001235").exists()
    assert not core.persons_by().exists()


def test_the_tail_of_the_phone_can_be_compared_without_handing_it_out(quiet):
    row = person()
    assert core.phone_ends_with(row, "1234")
    assert not core.phone_ends_with(row, "4321")
    assert not core.phone_ends_with(row, "234")
    assert not core.phone_ends_with(person(phone=""), "")


def test_looking_at_a_value_asks_a_reason_and_is_on_record(quiet_cast):
    row = person(place_path=quiet_cast.estate.place_path)
    station = quiet_cast.actor("street_office")
    with pytest.raises(Refused, match="理由"):
        core.reveal(row, "phone", reason=" ", actor=station, now=NOW)
    assert core.reveal(row, "phone", reason="contact", actor=station, now=NOW) == "13800001234"
    event = Event.objects.get(kind="person.revealed")
    assert event.data == {"field": "phone", "reason": "联系当事人"}
    assert event.subject.title == ""


@pytest.mark.parametrize("role", ["owner", "project_manager", "street_office@2", "police"])
def test_a_stranger_to_the_place_or_the_office_may_not_look(quiet_cast, role):
    row = person(place_path=quiet_cast.estate.place_path)
    with pytest.raises(Refused, match="权限|辖区"):
        core.reveal(row, "name", reason="contact", actor=quiet_cast.actor(role), now=NOW)
    assert not Event.objects.filter(kind="person.revealed").exists()


def test_an_erased_person_leaves_an_empty_row(quiet):
    row = person()
    core.erase_person(row, now=NOW)
    row.refresh_from_db()
    assert (str(row), row.phone_hash, row.name_cipher) == ("（未留姓名）", "", "")
    with pytest.raises(Refused, match="删除"):
        core.reveal(row, "name", reason="contact", actor=Actor.system(), now=NOW)


def test_a_user_acts_in_the_posts_of_the_day(quiet_cast):
    user = quiet_cast.user("street_office")
    actor = Actor.of(user, NOW)
    assert (actor.role, actor.organisation, actor.is_staff_role) == (
        "street_office",
        quiet_cast.organisation("street_office"),
        True,
    )
    core.end_post(actor.post, ends_on=TODAY, actor=Actor.system(), now=NOW)
    assert Actor.of(user, NOW).role == "street_office"
    after = Actor.of(user, NOW + timedelta(days=1))
    assert (after.role, after.place_path, after.organisation) == ("", "", None)
    assert Event.objects.get(kind="post.ended").data == {"role": "street_office", "ends_on": "2022-05-05"}
    with pytest.raises(Refused):
        core.end_post(actor.post, ends_on=TODAY, actor=Actor.system(), now=NOW)


def test_the_day_of_a_post_is_the_local_one(quiet_cast):
    """16:30 UTC on 5 May is 6 May in China."""
    user = quiet_cast.user("street_office")
    core.end_post(Post.objects.get(user=user), ends_on=TODAY, actor=Actor.system(), now=NOW)
    assert Actor.of(user, NOW.replace(hour=23, minute=30)).role == "street_office"
    assert Actor.of(user, NOW.replace(hour=23, minute=30) + timedelta(hours=1)).role == ""


def test_a_deputy_acts_for_the_holder_and_the_label_says_so(quiet_cast):
    holder, deputy = quiet_cast.user("street_office"), quiet_cast.user("community_station")
    post = Post.objects.get(user=holder)
    until = TODAY + timedelta(days=2)
    street = quiet_cast.actor("street_office")
    core.set_deputy(post, deputy=deputy, from_on=TODAY, to_on=until, actor=street, now=NOW)
    own, acting = capacities(deputy, NOW)
    assert (own.role, acting.role, acting.is_deputy) == ("community_station", "street_office", True)
    assert acting.label.endswith(f"（代{holder.display_name}）")
    assert Actor.of(deputy, NOW, post_id=post.pk).role == "street_office"
    assert core.holders(quiet_cast.organisation("street_office"), on=TODAY) == [deputy]
    assert len(capacities(deputy, NOW + timedelta(days=3))) == 1


def test_a_deputy_is_another_and_named_by_someone_entitled(quiet_cast):
    post = Post.objects.get(user=quiet_cast.user("street_office"))
    with pytest.raises(Refused, match="本人"):
        core.set_deputy(post, deputy=post.user, from_on=TODAY, actor=quiet_cast.actor("street_office"), now=NOW)
    with pytest.raises(Refused):
        core.set_deputy(post, deputy=None, from_on=TODAY, actor=quiet_cast.actor("owner"), now=NOW)


def test_a_post_needs_a_place(quiet):
    user = User.objects.create(username="x", display_name="某人")
    with pytest.raises(Refused):
        people.begin_post(
            user, organisation=None, role="owner", begins_on=date(2022, 1, 1), actor=Actor.system(), now=NOW
        )


def test_who_acts_costs_one_query(quiet_cast, django_assert_num_queries):
    user = quiet_cast.user("housing")
    with django_assert_num_queries(1):
        assert Actor.of(user, NOW).organisation.name
