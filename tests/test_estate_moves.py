"""An estate that comes to another community: what lives goes along, what is closed stays, both sides read their own."""

from datetime import date, datetime, timedelta

import pytest
from django.test import Client

from gongzhi.cases import services as cases
from gongzhi.cases.models import Case, CaseParty, Part, State
from gongzhi.cases.queries.cases import cases_for, may_see
from gongzhi.cases.services import closing, handling, routing
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import ZONE
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.core.tests.cast import SINCE, Cast, build
from gongzhi.duties.models import Duty
from gongzhi.registry import services as registry
from gongzhi.registry.models import EstateStay
from gongzhi.registry.queries import governing, place_path_on
from gongzhi.registry.queries.reading import happened_in

pytestmark = pytest.mark.django_db
RECEIVED = datetime(2022, 5, 5, 9, 0, tzinfo=ZONE)
NOW = RECEIVED + timedelta(days=3)
MOVED_ON = date(2022, 5, 8)
SYSTEM = Actor.system()


@pytest.fixture
def town() -> Cast:
    return build(RECEIVED)


def complain(cast: Cast, matter: str = "neighbour_dispute") -> Case:
    complaint = cases.receive_complaint(
        channel="phone",
        estate=cast.estate,
        text="楼上夜里拖家具",
        matters=[cases.MatterInput(matter=matter, title="楼上夜间噪声", text="楼上夜里拖家具")],
        complainant=cases.ComplainantInput(name="王五", phone="13900001111", address="1幢101室"),
        location="1幢201室",
        received_at=RECEIVED,
        actor=cast.actor("street_office"),
        now=RECEIVED,
    )
    case: Case = complaint.cases.get()
    return case


def target(cast: Cast):
    """The first community of the second street, where the other cast works."""
    return cast.organisation("community_station@2").place


def move(cast: Cast, role: str = "leading_group_office", **extra):
    given = {"community": target(cast), "from_on": MOVED_ON, "reason": "区民政局〔2022〕8号", **extra}
    return registry.move_estate(cast.estate, actor=cast.actor(role), now=NOW, **given)


def settled(cast: Cast, case: Case) -> Case:
    """Dealt with by the community and closed."""
    by = {"actor": cast.actor(case.lead.role), "now": RECEIVED + timedelta(hours=2)}
    routing.report_in(case, **by)
    handling.verify_on_site(case, note="上门查看", **by)
    handling.contact_complainant(case, promised_on=MOVED_ON, method="电话", **by)
    handling.handle(case, result="双方和好", outcome="settled", **by)
    closing.answer(case, text="已调解", method="电话", **by)
    closing.close_case(case, **by)
    case.refresh_from_db()
    return case


def archived(case: Case) -> Case:
    """A case that was filed away before the move."""
    Case.objects.filter(pk=case.pk).update(state=State.CLOSED, closed_at=RECEIVED, answered_at=RECEIVED)
    Case.objects.filter(pk=case.pk).update(state=State.ARCHIVED, archived_at=RECEIVED)
    case.refresh_from_db()
    return case


def test_a_running_case_goes_to_the_units_of_the_new_place_and_its_clock_runs_on(town: Cast) -> None:
    case = complain(town)
    old, new = case.lead, town.organisation(f"{case.lead.role}@2")
    clock = Duty.objects.filter(subject_id=str(case.pk), until_kinds__contains=["case.answered"]).latest("due_at")
    assert clock.owner_organisation == old
    due = clock.due_at
    estate = move(town)
    case.refresh_from_db()
    assert case.place_path == case.complaint.place_path == estate.place_path
    assert case.lead == new
    assert CaseParty.objects.filter(case=case, organisation=old, part=Part.PAST).exists()
    clock.refresh_from_db()
    assert (clock.place_path, clock.owner_organisation, clock.due_at) == (estate.place_path, new, due)
    entry = case.entries.get(kind="moved")
    assert str(old) in entry.text and str(new) in entry.text
    assert case in cases_for(town.actor("community_station@2"))
    assert case in cases_for(town.actor("community_station"))  # it has had it, and keeps reading it


def test_what_is_closed_and_every_old_event_stays_with_the_old_place(town: Cast) -> None:
    case = archived(complain(town))
    before = Event.objects.filter(place_path=town.estate.place_path).count()
    path = town.estate.place_path
    estate = move(town)
    case.refresh_from_db()
    assert case.place_path == path != estate.place_path
    assert Event.objects.filter(place_path=path).count() == before
    old, new = town.actor("community_station"), town.actor("community_station@2")
    assert case in cases_for(old)
    assert case not in cases_for(new)  # it counts where it happened
    assert may_see(old, case) and may_see(new, case)  # the new one by the estate's file
    assert core.may(new, "cases.read", case)
    assert not core.may(town.actor("street_office@2"), "estate.change", town.estate_unknown)


def test_both_communities_read_the_file_each_its_own_part(town: Cast, client: Client) -> None:
    case = archived(complain(town))
    estate = move(town)
    address = f"/xiaoqu/{estate.pk}/"
    client.force_login(town.user("community_station@2"))
    html = client.get(address).content.decode()
    assert case.number in html  # among the estate's cases
    assert "案件登记" in html and "划到" in html  # the events of before are on the estate's line
    assert client.get(f"/anjian/{case.number}/").status_code == 200
    client.force_login(town.user("community_station"))
    html = client.get(address).content.decode()
    assert "已划出本社区" in html
    assert "登记物业企业" not in html and "改档案" not in html
    assert client.get(f"{address}gai/").status_code == 403
    assert client.get(f"{address}fangwu/").status_code == 403
    assert [one.kind for one in happened_in(estate) if one.kind == "estate.moved"] == ["estate.moved"]
    assert not happened_in(estate, paths=[town.community.path]).filter(kind="estate.moved").exists()


def test_who_was_competent_is_known_of_every_day(town: Cast) -> None:
    estate = move(town)
    first, second = (town.organisation(f"community_station{at}") for at in ("", "@2"))
    assert governing(estate, MOVED_ON - timedelta(days=1))["offices"]["community_station"] == first
    assert governing(estate, MOVED_ON)["offices"]["community_station"] == second
    assert [one.to_on for one in EstateStay.objects.order_by("pk")] == [MOVED_ON - timedelta(days=1), None]
    assert place_path_on(estate, SINCE) != place_path_on(estate, MOVED_ON)


def test_the_code_and_the_owners_post_stay_and_the_steward_comes_along(town: Cast) -> None:
    code = town.estate.place.code
    estate = move(town)
    assert estate.place.code == code and estate.place_path.endswith(f"/{code}/")
    for role in ("owner", "building_steward", "project_manager"):
        assert town.user(role).posts.get().place_path == estate.place_path
    assert registry.estate_facts(estate, MOVED_ON)["in_built_up_area"] is True


def test_a_case_that_is_taken_up_again_goes_where_the_estate_lies(town: Cast) -> None:
    case = settled(town, complain(town))
    estate = move(town)
    case.refresh_from_db()
    assert case.place_path != estate.place_path
    closing.reopen(case, reason="又开始了", actor=town.actor("street_office"), now=NOW + timedelta(hours=1))
    case.refresh_from_db()
    assert case.place_path == estate.place_path
    assert case.lead == town.organisation(f"{case.lead.role}@2")


@pytest.mark.parametrize(
    ("role", "extra", "says"),
    [
        ("street_office", {}, "辖区"),  # only within its own street
        ("community_station", {}, "权限"),
        ("leading_group_office", {"from_on": date(2022, 6, 1)}, "今天或以前"),
        ("leading_group_office", {"reason": " "}, "依据"),
    ],
)
def test_a_move_is_refused_to_whom_it_is_not_given_and_without_its_facts(town: Cast, role, extra, says) -> None:
    with pytest.raises(Refused, match=says):
        move(town, role, **extra)


def test_it_cannot_leave_its_county_nor_stay_where_it_is(town: Cast) -> None:
    with pytest.raises(Refused, match="已经在"):
        move(town, community=town.estate.community)
    with pytest.raises(Refused, match="社区"):
        move(town, community=town.street)


def test_back_again_is_a_third_time_and_days_go_forward(town: Cast) -> None:
    home = town.estate.community
    move(town)
    with pytest.raises(Refused, match="更晚"):
        move(town, community=home)
    later = NOW + timedelta(days=30)
    town.estate.refresh_from_db()
    back = registry.move_estate(
        town.estate,
        community=home,
        from_on=later.date(),
        reason="撤回",
        actor=town.actor("leading_group_office"),
        now=later,
    )
    assert back.community == home and EstateStay.objects.filter(estate=back).count() == 3


@pytest.mark.clause("ZJG-2.1.4")
def test_the_town_chooses_civil_affairs_agree_and_the_estate_goes_over() -> None:
    town = build(RECEIVED, county="320582", pack="zhangjiagang")
    with pytest.raises(Refused, match="社区归属") as refused:
        move(town)
    assert "ZJG-2.1.4" in refused.value.clause
    asked = {"choice": "划入既有社区", "details": {"community": target(town).code}}
    review = opinion(town, **asked)
    with pytest.raises(Refused, match="征得同意"):
        move(town)
    agree(town, review)
    estate = move(town)
    assert estate.community == target(town)


def opinion(town: Cast, **asked):
    given = {"kind": "community_choice", "asked": "请提意见", "actor": town.actor("street_office"), "now": NOW}
    return registry.ask_review(town.estate, **given, **asked)


def agree(town: Cast, review, result: str = "agreed") -> None:
    registry.answer_review(review, result=result, opinion="意见", actor=town.actor("civil_affairs"), now=NOW)


@pytest.mark.clause("ZJG-2.1.4")
def test_an_opinion_holds_for_the_community_it_was_asked_about_and_for_no_other() -> None:
    town = build(RECEIVED, county="320582", pack="zhangjiagang")
    agree(town, opinion(town, choice="划入既有社区", details={"community": town.community.code}))
    with pytest.raises(Refused, match="还没有征得同意") as refused:
        move(town)
    assert "community" in refused.value.fields
    agree(town, opinion(town, choice="设立新社区", details={"new_community": target(town).name}))
    agree(town, opinion(town, choice="划入既有社区", details={"community": target(town).code}), "refused")
    with pytest.raises(Refused, match="还没有征得同意"):
        move(town)  # the latest word counts
    agree(town, opinion(town, choice="设立新社区", details={"new_community": target(town).name}))
    assert move(town).community == target(town)


def test_the_form_moves_it(town: Cast, client: Client) -> None:
    client.force_login(town.user("leading_group_office"))
    address = f"/xiaoqu/{town.estate.pk}/huazhuan/"
    html = client.get(address).content.decode()
    assert target(town).name in html
    town.estate.refresh_from_db()
    sent = {
        "community": target(town).pk,
        "from_on": MOVED_ON.isoformat(),
        "reason": "会议纪要3号",
        "version": town.estate.version,
        "form_key": "the-move",
    }
    answer = client.post(address, sent)
    assert answer.status_code in (302, 303), answer.content.decode()[:2000]
    town.estate.refresh_from_db()
    assert town.estate.community == target(town)
