"""A unit of the administration that is given up: with whom its people, its cases and all it has in hand go on."""

from datetime import date, datetime, timedelta

import pytest
from django.test import Client

from gongzhi.cases import services as cases
from gongzhi.cases.accountability.services import tasks
from gongzhi.cases.models import CaseParty, Part
from gongzhi.cases.queries.cases import cases_for
from gongzhi.cases.services import routing
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import ZONE
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event, Organisation, Post
from gongzhi.core.tests.cast import Cast, build
from gongzhi.duties.models import Duty
from gongzhi.registry import services as registry
from gongzhi.registry.queries import organisation_for

pytestmark = pytest.mark.django_db
RECEIVED = datetime(2022, 5, 5, 9, 0, tzinfo=ZONE)
NOW = RECEIVED + timedelta(days=3)
TODAY = NOW.date()
LAST, FIRST = date(2022, 5, 7), date(2022, 5, 8)


@pytest.fixture
def town() -> Cast:
    return build(RECEIVED)


def leading(town: Cast) -> Actor:
    return town.actor("leading_group_office")


def busy(town: Cast):
    """A department with a running case, a task, and a question to answer. Gives the three rows."""
    street, planning = town.actor("street_office"), town.organisation("planning")
    complaint = cases.receive_complaint(
        channel="phone",
        estate=town.estate,
        text="楼顶搭了阳光房",
        matters=[cases.MatterInput(matter="illegal_structure", title="楼顶搭建", text="楼顶搭了阳光房")],
        complainant=cases.ComplainantInput(name="王五", phone="13900001111", address="1幢101室"),
        location="1幢201室",
        received_at=RECEIVED,
        actor=street,
        now=RECEIVED,
    )
    case = routing.assign_case(complaint.cases.get(), lead=planning, reason="请规划牵头", actor=street, now=RECEIVED)
    task = tasks.give_task(title="报送清单", unit=planning, due_on=date(2022, 5, 20), actor=leading(town), now=RECEIVED)
    review = registry.ask_review(town.estate, kind="premises", asked="请核实", actor=street, now=RECEIVED)
    return case, task, review


def end(town: Cast, unit: Organisation, heir: Organisation | None = None, to_on: date = LAST) -> Organisation:
    return core.end_unit(unit, to_on=to_on, heir=heir, actor=leading(town), now=NOW)


def leave(town: Cast, unit: Organisation) -> None:
    for post in Post.objects.filter(organisation=unit, ends_on=None):
        core.end_post(post, ends_on=LAST, actor=leading(town), now=NOW)


def test_everything_it_has_in_hand_is_named_when_nobody_takes_over(town: Cast) -> None:
    planning = town.organisation("planning")
    case, task, review = busy(town)
    with pytest.raises(Refused, match="在岗"):
        end(town, planning)
    leave(town, planning)
    with pytest.raises(Refused) as refused:
        end(town, planning)
    said = refused.value.message
    for words in ("期限任务", "没办完的案件1件", str(case), "交办任务1件", "待答复的核办1件"):
        assert words in said
    assert "heir" in refused.value.fields


def test_a_department_that_takes_over_goes_on_with_all_of_it_and_the_clocks_run_on(town: Cast) -> None:
    planning, heir = town.organisation("planning"), town.organisation("housing")
    case, task, review = busy(town)
    people = {post.user for post in Post.objects.filter(organisation=planning)}
    dues = {duty.pk: duty.due_at for duty in Duty.objects.filter(owner_organisation=planning, closed_at=None)}
    assert dues
    end(town, planning, heir)
    for row in (case, task, review):
        row.refresh_from_db()
    assert (case.lead, case.lead_role) == (heir, heir.role)
    assert (task.unit, review.desk) == (heir, heir)
    assert CaseParty.objects.filter(case=case, organisation=planning, part=Part.PAST).exists()
    moved = Duty.objects.filter(pk__in=dues)
    assert {duty.owner_organisation for duty in moved} == {heir}
    assert {duty.pk: duty.due_at for duty in moved} == dues
    assert case in cases_for(town.actor("housing"))
    entry = case.entries.get(kind="moved")
    assert planning.name in entry.title and heir.name in entry.title
    for one in people:
        assert [post.ends_on for post in one.posts.order_by("pk")] == [LAST, None]
        assert one.posts.get(ends_on=None).organisation == heir
    assert core.in_hand(planning, actor=leading(town)) == []
    ended = Event.objects.get(kind="unit.ended")
    assert ended.data == {"lead": "planning", "to_on": "2022-05-07", "heir": heir.name}


def test_a_new_unit_in_the_same_role_takes_the_place_of_the_old_one_in_one_step(town: Cast) -> None:
    planning = town.organisation("planning")
    case, _, review = busy(town)
    fresh = core.begin_unit(
        "planning",
        place=planning.place,
        name="自然资源和规划局",
        from_on=FIRST,
        replaces=planning,
        actor=leading(town),
        now=NOW,
    )
    planning.refresh_from_db()
    assert (planning.active, planning.to_on) == (False, LAST)
    case.refresh_from_db()
    review.refresh_from_db()
    assert (case.lead, review.desk) == (fresh, fresh)
    assert organisation_for("planning", town.estate.place_path) == fresh
    user = town.user("planning")
    assert user.posts.get(ends_on=None).organisation == fresh


def test_a_unit_is_not_replaced_on_or_before_the_day_of_its_own_beginning(town: Cast) -> None:
    planning = town.organisation("planning")
    Organisation.objects.filter(pk=planning.pk).update(from_on=FIRST)
    planning.refresh_from_db()
    given = {"place": planning.place, "name": "新局", "from_on": FIRST, "replaces": planning}
    with pytest.raises(Refused, match="晚于") as refused:
        core.begin_unit("planning", **given, actor=leading(town), now=NOW)
    assert "from_on" in refused.value.fields


@pytest.mark.parametrize("which", ["itself", "company", "ended"])
def test_only_another_living_unit_of_the_administration_takes_over(town: Cast, which: str) -> None:
    planning, other = town.organisation("planning"), town.organisation("civil_affairs")
    if which == "ended":
        Organisation.objects.filter(pk=other.pk).update(active=False)
        other.refresh_from_db()
    heir = {"itself": planning, "company": town.organisation("property_company"), "ended": other}[which]
    with pytest.raises(Refused, match="另一个没有撤销的单位") as refused:
        end(town, planning, heir)
    assert "heir" in refused.value.fields


def test_who_may_not_read_a_case_is_told_how_many_there_are_and_not_which(town: Cast, client: Client) -> None:
    planning = town.organisation("planning")
    case, *_ = busy(town)
    client.force_login(town.user("system_admin"))
    html = client.get(f"/xiaoqu/danwei/{planning.pk}/chexiao/").content.decode()
    assert "没办完的案件" in html
    assert case.number not in html and case.title not in html


def test_the_page_shows_what_is_left_and_hands_it_to_the_unit_chosen(town: Cast, client: Client) -> None:
    planning, heir = town.organisation("planning"), town.organisation("housing")
    case, *_ = busy(town)
    client.force_login(town.user("leading_group_office"))
    address = f"/xiaoqu/danwei/{planning.pk}/chexiao/"
    html = client.get(address).content.decode()
    assert "没办完的案件" in html and "在岗的人" in html and "待答复的核办" in html
    answer = client.post(address, {"day": LAST.isoformat(), "form_key": "a"})
    assert answer.status_code == 422 and "请选接手的单位" in answer.content.decode()
    answer = client.post(address, {"day": LAST.isoformat(), "heir": heir.pk, "form_key": "b"})
    assert answer.status_code == 303, answer.content.decode()[answer.content.decode().find("gz-errors") :][:900]
    case.refresh_from_db()
    assert case.lead == heir
