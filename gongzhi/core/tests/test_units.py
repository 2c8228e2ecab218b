"""Units are set up and given up on a day; a unit with people or with open work is not given up."""

from datetime import date, timedelta

import pytest

from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event, Post
from gongzhi.core.tests.cast import NOW, SINCE
from gongzhi.duties import services as duties
from gongzhi.duties.models import Duty
from gongzhi.registry.queries import governing

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
SINCE_WHEN = date(2022, 3, 1)


def begin(cast, role="community_station", **extra):
    given = {"place": cast.communities[2], "name": "新社区物管站", "from_on": SINCE_WHEN, **extra}
    return core.begin_unit(role, actor=cast.actor("leading_group_office"), now=NOW, **given)


def end(cast, unit, to_on=TODAY):
    return core.end_unit(unit, to_on=to_on, actor=cast.actor("leading_group_office"), now=NOW)


def test_a_unit_is_set_up_at_a_place_of_its_level_from_a_day_on(quiet_cast):
    unit = begin(quiet_cast)
    assert (unit.kind, unit.from_on, unit.to_on, unit.active) == ("office", SINCE_WHEN, None, True)
    assert Event.objects.get(kind="unit.begun").data == {"lead": "community_station", "from_on": "2022-03-01"}


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        ({"name": " "}, "名称"),
        ({"from_on": TODAY + timedelta(days=1)}, "今天或以前"),
        ({"role": "street_office"}, "镇街"),
        ({"role": "housing"}, "一级"),
    ],
)
def test_a_unit_without_name_at_another_level_or_of_tomorrow_is_refused(quiet_cast, extra, says):
    with pytest.raises(Refused, match=says):
        begin(quiet_cast, **extra)


def test_a_place_has_one_unit_of_a_role(quiet_cast):
    with pytest.raises(Refused, match="接替哪个单位"):
        begin(quiet_cast, place=quiet_cast.community)


def test_only_the_leading_office_and_the_administrator_set_units_up(quiet_cast):
    with pytest.raises(Refused, match="权限"):
        core.begin_unit(
            "community_station",
            place=quiet_cast.communities[2],
            name="新站",
            from_on=TODAY,
            actor=quiet_cast.actor("street_office"),
            now=NOW,
        )


def test_a_unit_with_people_is_not_given_up(quiet_cast):
    station = quiet_cast.organisation("community_station")
    with pytest.raises(Refused, match="钱芳"):
        end(quiet_cast, station)
    post = Post.objects.get(organisation=station)
    core.end_post(post, ends_on=TODAY, actor=quiet_cast.actor("leading_group_office"), now=NOW)
    assert end(quiet_cast, station).active is False
    with pytest.raises(Refused, match="已经撤销"):
        end(quiet_cast, station)


def test_a_unit_that_owes_something_is_not_given_up(cast):
    room = cast.organisation("street_government")  # nobody in it, and a task
    duties.assign_task(
        owner=room,
        title="报送清单",
        due_on=TODAY + timedelta(days=5),
        clauses=("JJ-3.0-1",),
        actor=cast.actor("leading_group_office"),
        now=NOW,
    )
    assert Duty.objects.filter(owner_organisation=room, closed_at=None).exists()
    with pytest.raises(Refused, match="报送清单"):
        end(cast, room)


def test_who_was_competent_is_asked_by_the_day(quiet_cast):
    estate, old = quiet_cast.estate, quiet_cast.organisation("community_station")
    post = Post.objects.get(organisation=old)
    core.end_post(post, ends_on=date(2022, 2, 28), actor=quiet_cast.actor("leading_group_office"), now=NOW)
    end(quiet_cast, old, to_on=date(2022, 2, 28))
    new = begin(quiet_cast, place=quiet_cast.community)
    assert governing(estate, SINCE)["offices"]["community_station"] == old
    assert governing(estate, SINCE_WHEN)["offices"]["community_station"] == new
    assert governing(estate, date(2022, 2, 28))["offices"]["community_station"] == old
