"""What the catalogue wants to see done on the screen, done on the screen: each at the days and figures of its line."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from gongzhi.core import services as core
from gongzhi.core.models import Event, Organisation, Place, User
from gongzhi.core.tests.cast import Cast
from gongzhi.duties import services as duties
from gongzhi.duties.models import Duty
from gongzhi.governance.bodies import services as bodies
from gongzhi.governance.bodies.models import Advice, Body, Candidate, Charge, Formation, OwedMeeting
from gongzhi.governance.bodies.tests.desk import Desk
from gongzhi.governance.bodies.tests.steps import (
    SYSTEM,
    city,
    committee,
    day,
    due_on,
    duty,
    moment,
    owner_name,
    owners,
)
from gongzhi.governance.votes.models import Vote
from gongzhi.registry import services as registry
from gongzhi.registry.models import Estate

pytestmark = pytest.mark.django_db
SIDES = {
    "street": "镇街（园区）",
    "community_party": "社区（村）党组织",
    "community": "居（村）委会",
    "owner": "业主代表",
}


@pytest.fixture
def desk_in(monkeypatch: pytest.MonkeyPatch) -> Any:
    return lambda slug, on: (cast := city(slug, on), Desk(cast, monkeypatch))


def paper(name: str = "记录.txt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, "到会三十二人".encode())


def seven(*, owner_members: int = 4, sides: tuple[str, ...] = ("street", "community_party", "community")) -> str:
    rows = [f"{SIDES[one]} 委员 单位{one} - - -" for one in sides]
    return "\n".join([*rows, *(f"{SIDES['owner']} 委员 业主{n} - - -" for n in range(owner_members))])


def drafted(cast: Cast, convener: str, matter: str, opens: str, closes: str, **more: Any) -> dict[str, Any]:
    """The form of a vote."""
    given = {"estate": cast.estate.pk, "name": "业主大会", "convener": convener, "matter": matter, "title": "议题"}
    return {**given, "opens_at": f"{opens}T09:00", "closes_at": f"{closes}T18:00", "seats": "1", **more}


def begun(street: Desk, estate: Estate, on: str) -> None:
    """A management committee is begun where there is nothing yet to elect owners from."""
    start = {"kind": "management_committee", "trigger": "not_qualified", "reason": "交付不足", "started_on": on}
    street.does(estate, "qidong", **start)


def listed(desk: Desk, view: str) -> str:
    text = desk.reads(f"{reverse('bodies:list')}?view={view}")
    return text[text.index('id="bodies"') :]


# -- Meixian


@pytest.mark.clause("MX-3.7.2-4", "MX-3.7.2-1")
def test_owners_are_chosen_with_a_record_or_recommended_once_they_could_not_agree(desk_in: Any) -> None:
    cast, desk = desk_in("meixian", "2023-03-01")
    street = desk.as_("street_office")
    begun(street, cast.estate, "2023-03-01")
    formation = Formation.objects.get()
    given = {"seats": seven(), "formed_on": "2023-03-01"}
    street.is_told(formation, "wuguanhui", "要附推选记录", **given, owners_come_by="chosen")
    street.is_told(formation, "wuguanhui", "推选未达成共同意见后", **given, owners_come_by="party")
    street.does(formation, "tuixuan", on="2023-02-28")
    street.does(formation, "wuguanhui", **given, owners_come_by="party", choosing_record="推选会两次没有结果")
    body = Body.objects.get(kind="management_committee")
    shown = street.reads(reverse("bodies:body", args=[body.pk]))
    assert "社区党组织推荐" in shown and "推选会两次没有结果" in shown and "不符合" not in shown
    decided = {"by": "committee", "title": "选聘", "text": "选聘甲公司", "decided_on": "2023-03-01"}
    street.is_told(cast.estate, "jueding", "须业主表决", **decided, matter="hire_company")
    street.does(cast.estate, "jueding", **{**decided, "title": "换灯"}, matter="")


@pytest.mark.clause("MX-3.7.2-4")
def test_the_record_of_the_choosing_stands_beside_each_owner(desk_in: Any) -> None:
    cast, desk = desk_in("meixian", "2023-03-01")
    street = desk.as_("street_office")
    begun(street, cast.estate, "2023-03-01")
    record = "2月20日推选会，到会32户"
    form = {"seats": seven(), "formed_on": "2023-03-01", "owners_come_by": "chosen", "choosing_record": record}
    street.does(Formation.objects.get(), "wuguanhui", **form, records=paper("推选会记录.txt"))
    body = Body.objects.get(kind="management_committee")
    shown = street.reads(reverse("bodies:body", args=[body.pk]))
    assert shown.count(record) == 4 and "推选会记录.txt" in shown
    seat = {"side": "owner", "post": "member", "name": "业主后补", "from_on": "2023-03-01"}
    street.is_told(body, "xiwei", "要附推选记录", **seat, owners_come_by="chosen")


@pytest.mark.clause("MX-3.1.3-6", "MX-3.7.2-1")
def test_the_community_acts_until_the_committee_is_on_file_and_its_door_closes_that_day(desk_in: Any) -> None:
    cast, desk = desk_in("meixian", "2023-08-20")
    community = desk.as_("community_committee")
    page = reverse("bodies:estate", args=[cast.estate.pk])
    assert f"由{cast.organisation('community_committee')}代行" in community.reads(page)
    decided = {"by": "committee", "title": "换路灯", "matter": "", "text": "换", "decided_on": "2023-08-31"}
    body = committee(cast, cast.estate)
    community = desk.on("2023-08-31").as_("community_committee")
    community.does(cast.estate, "jueding", **decided)
    community.is_told(cast.estate, "jueding", "须业主表决", **{**decided, "matter": "hire_company"})
    desk.on("2023-09-01")
    street = desk.as_("street_office")
    street.does(body, "beian", party_group="not_established")
    bureau = desk.as_("housing")
    bureau.does(body.filings.get(), "shenhe", accepted="yes")
    body.refresh_from_db()
    assert body.filed_on == day("2023-09-01")
    shown = desk.as_("community_committee").reads(page)
    assert "代行" not in shown and "换路灯" in shown
    desk.is_told(cast.estate, "jueding", "社区不再代行", **{**decided, "decided_on": "2023-09-01"})
    desk.as_("street_office").does(cast.estate, "jueding", **{**decided, "decided_on": "2023-09-01"})


@pytest.mark.clause("MX-3.7.1-3")
def test_whoever_guided_before_stays_on_record(desk_in: Any) -> None:
    cast, desk = desk_in("meixian", "2023-03-06")
    desk.as_("community_committee").does(cast.estate, "shenqing", received_on="2023-03-06")
    formation, street = Formation.objects.get(), desk.as_("street_office")
    for guide in ("赵敏", "钱立"):
        street.does(formation, "renyuan", guide_name=guide, supervisor="吴洁")
    shown = street.reads(reverse("bodies:formation", args=[formation.pk]))
    assert "指导人赵敏，监督人吴洁" in shown and "指导人钱立，监督人吴洁" in shown


@pytest.mark.clause("MX-3.1.2-4")
def test_an_estate_without_a_renewal_is_warned_of_on_the_sixtieth_day_and_no_earlier(desk_in: Any) -> None:
    cast, desk = desk_in("meixian", "2023-03-01")
    committee(cast, cast.estate, term_until="2023-12-31")
    street = desk.on("2023-10-31").as_("street_office")
    assert cast.estate.name not in listed(street, "ending")
    street = desk.on("2023-11-01").as_("street_office")
    assert cast.estate.name in listed(street, "ending") and "将满" in listed(street, "ending")


@pytest.mark.clause("MX-3.1.3-3", "MX-3.1.3-4")
def test_councils_and_posts_on_two_sides_are_registered_and_counted_on_the_list(desk_in: Any) -> None:
    cast, desk = desk_in("meixian", "2023-03-01")
    bureau = desk.as_("housing")
    whole = Place.objects.filter(level="community").count()
    for one in Place.objects.filter(level="community").order_by("code")[:2]:
        seats = "居（村）委会 主任 王某 社区 主任 -\n业主代表 委员 李某 - - -"
        given = {"kind": "property_council", "seats": seats, "formed_on": "2023-03-01"}
        assert bureau.post(reverse("bodies:act", args=["place", one.pk, "dengji"]), **given)[0] == 303
    assert f"{100 * 2 / whole:.1f}%" in bureau.reads(reverse("bodies:list"))
    community = desk.as_("community_committee")
    post = {"first_side": "community", "first_title": "委员", "second_side": "owners_committee"}
    post |= {"second_title": "副主任", "from_on": "2023-03-01", "procedure": "居民代表会议选举"}
    community.is_told(cast.estate, "jiaocha", "程序", name="吴兼", **post)
    for name in ("吴兼", "郑兼"):
        community.does(cast.estate, "jiaocha", name=name, **post, papers=paper())
    shown = community.reads(reverse("bodies:list"))
    assert '<td data-label="兼职人数">2</td>' in shown and not Duty.objects.filter(state="overdue").exists()


@pytest.mark.clause("MX-3.2.4-1")
def test_the_rate_of_reply_stands_on_the_list_of_civil_affairs(desk_in: Any) -> None:
    cast, desk = desk_in("meixian", "2023-04-03")
    affairs = desk.as_("civil_affairs")
    desks = list(Organisation.objects.filter(role="community_committee", active=True).values_list("pk", flat=True))
    given = {"communities": desks, "text": "规范业主大会", "due_on": "2023-04-20"}
    assert affairs.post(reverse("bodies:act", args=["place", cast.county.pk, "xiafa"]), **given)[0] == 303
    shown = affairs.reads(reverse("bodies:list"))
    assert f"0/{len(desks)}" in shown and "下发指导意见" in shown
    owed = duty("reply_to_opinion", owner_organisation=cast.organisation("community_committee"))
    assert owed.subject.title == "监督意见"
    own = Advice.objects.get(to=cast.organisation("community_committee"))
    desk.as_("community_committee").does(own, "huifu", text="已整改")
    assert f"1/{len(desks)}" in desk.as_("civil_affairs").reads(reverse("bodies:list"))


@pytest.mark.clause("MX-3.3-2")
@pytest.mark.parametrize(("answered_on", "state"), [("2023-04-10", "fulfilled"), ("2023-04-11", "overdue")])
def test_the_company_hands_the_roll_in_by_the_day_and_the_street_confirms(
    desk_in: Any, answered_on: str, state: str
) -> None:
    cast, desk = desk_in("meixian", "2023-03-20")
    street = desk.as_("street_office")
    given = {"kind": "assistance", "to": cast.organisation("property_company").pk, "text": "提供业主名册"}
    street.does(cast.estate, "duban", **given, due_on="2023-04-10")
    row = Advice.objects.get()
    desk.on(answered_on)
    duties.tick(cast.now)
    assert duty("assist_election").state == ("overdue" if state == "overdue" else "open")
    desk.as_("project_manager").does(row, "huifu", text="名册已交")
    shown = desk.as_("street_office").reads(reverse("bodies:advice", args=[row.pk]))
    assert "确认完成" in shown
    desk.does(row, "queren")
    row.refresh_from_db()
    assert row.confirmed_at is not None


@pytest.mark.clause("MX-3.7.3-2")
def test_arrears_bar_a_candidate_on_the_form_of_the_review(desk_in: Any) -> None:
    cast, desk = desk_in("meixian", "2023-03-06")
    owing, _, free = owners(cast.estate, 3)
    fact = {"name": "in_arrears", "from_on": day("2023-03-01"), "actor": cast.actor("housing"), "now": cast.now}
    street = desk.as_("street_office")
    street.does(cast.estate, "shenqing", received_on="2023-03-06")
    formation = Formation.objects.get()
    registry.record_unit_fact(owing, value=True, **{**fact, "actor": cast.actor("street_office")})
    for number, unit in ((1, owing), (3, free)):
        given = {"name": owner_name(number), "unit": unit.pk, "source": "recommended", "recommended_by": "社区党组织"}
        street.does(formation, "renxuan", **given)
    barred, eligible = Candidate.objects.order_by("pk")
    street.is_told(barred, "shenhe", "不能审核通过", result="passed")
    street.does(eligible, "shenhe", result="passed")
    paid = {**fact, "from_on": day("2023-03-06"), "actor": cast.actor("street_office")}
    registry.record_unit_fact(owing, value=False, **paid)
    street.does(barred, "shenhe", result="passed")


# -- Zhangjiagang


@pytest.mark.clause("ZJG-3.3.1-3b", "ZJG-3.3.1-3a")
def test_eight_sides_on_the_form_and_what_is_missing_has_to_be_explained_at_the_filing(desk_in: Any) -> None:
    cast, desk = desk_in("zhangjiagang", "2026-03-16")
    street = desk.as_("street_office")
    begun(street, cast.estate, "2026-03-16")
    words = ("镇街（园区）", "城市管理部门", "社区（村）党组织", "居（村）委会", "社区服务机构")
    form = {"seats": "\n".join(f"{one} 委员 某某 单位 - -" for one in words), "formed_on": "2026-03-16",
            "owners_come_by": "chosen", "absent_sides": ["developer"]}  # fmt: skip
    street.does(Formation.objects.get(), "wuguanhui", **form)
    body = Body.objects.get(kind="management_committee")
    shown = street.reads(reverse("bodies:body", args=[body.pk]))
    assert "公安派出所" in shown and "建设单位已经注销" not in shown
    assert "物管会由属地" not in shown  # its clause is not kept while a side is missing
    street.is_told(body, "beian", "业主代表", explanation="派出所另行委派")
    street.does(
        body, "xiwei", side="owner", post="member", name="业主甲", from_on="2026-03-16", owners_come_by="chosen"
    )
    street.is_told(body, "beian", "说明", explanation="")
    street.does(body, "beian", explanation="派出所另行委派")


@pytest.mark.clause("ZJG-3.3.1-1b")
def test_the_street_finds_its_own_task_on_the_day_after_the_year(desk_in: Any) -> None:
    cast, desk = desk_in("zhangjiagang", "2025-06-16")
    street = desk.as_("street_office")
    street.does(cast.estate, "tiaojian", met_on="2025-06-15")
    bodies.watch(moment("2026-06-15", 23))
    assert not Duty.objects.filter(rule="form_group_unasked").exists()
    bodies.watch(moment("2026-06-16", 0))
    desk.on("2026-06-16")
    assert duty("form_group_unasked", estate=cast.estate).owner_organisation == cast.organisation("street_office")
    assert "符合条件期满无人申请" in desk.as_("street_office").reads(reverse("bodies:estate", args=[cast.estate.pk]))


@pytest.mark.clause("ZJG-3.3.1-3d")
def test_the_review_is_a_task_of_the_management_committee_with_a_conclusion(desk_in: Any) -> None:
    cast, desk = desk_in("zhangjiagang", "2026-01-05")
    street = desk.as_("street_office")
    begun(street, cast.estate, "2026-01-05")
    form = {"seats": seven(), "formed_on": "2026-01-05", "owners_come_by": "chosen", "explanation": "缺的另行委派"}
    street.does(Formation.objects.get(), "wuguanhui", **form)
    body = Body.objects.get(kind="management_committee")
    assert Duty.objects.filter(rule="review_conversion", owner_organisation=body.organisation).exists()
    street.is_told(body, "pinggu", "请选评估结论", conclusion="", text="交付面积不足")
    street.does(body, "pinggu", conclusion="not_yet", text="交付面积不足")
    assert "暂不具备条件" in street.reads(reverse("bodies:body", args=[body.pk]))


@pytest.mark.clause("ZJG-3.3.1-4b")
@pytest.mark.parametrize(
    ("delivered", "gone", "said"),
    [("2020-01-01", "yes", "镇街"), ("2020-01-01", "no", "建设单位"), ("2030-01-01", "yes", "人工")],
)
def test_the_estates_page_says_who_pays_for_the_first_assembly(
    desk_in: Any, delivered: str, gone: str, said: str
) -> None:
    cast, desk = desk_in("zhangjiagang", "2026-03-16")
    street = desk.as_("street_office")
    street.does(cast.estate, "tiaojian", met_on="2026-03-01")
    event = Event.objects.order_by("-pk")[0]
    registry.set_fact(cast.estate.ref, "delivered_on", day(delivered), from_on=day("2020-01-01"), event=event)
    street.does(cast.estate, "jianshe", gone=gone, from_on="2026-03-01", basis="注销登记")
    shown = street.reads(reverse("bodies:estate", args=[cast.estate.pk]))
    at = shown.index("首次业主大会")
    assert said in shown[at : at + 600]


@pytest.mark.clause("ZJG-3.3.2-3d", "ZJG-3.3.2-3b")
def test_the_convener_is_changed_only_after_the_street_urged_and_the_day_went_by(desk_in: Any) -> None:
    cast, desk = desk_in("zhangjiagang", "2026-03-16")
    body = committee(cast, cast.estate)
    street = desk.as_("street_office")
    member = body.members.order_by("pk")[0]
    street.does(body, "lian", member=member.pk, text="违规收费")
    street.does(Charge.objects.get(), "rending", verified="yes", finding="查证属实")
    meeting = OwedMeeting.objects.get()
    desk.on("2026-04-16")
    duties.tick(cast.now)
    street = desk.as_("street_office")
    street.is_told(meeting, "gaipai", "催告", convener="community_committee")
    street.does(meeting, "cuigao", until_on="2026-04-26")
    street.is_told(meeting, "gaipai", "催告", convener="community_committee")
    street = desk.on("2026-04-27").as_("street_office")
    street.does(meeting, "gaipai", convener="community_committee")
    member.refresh_from_db()
    assert member.to_on is None
    owners(cast.estate, 3, start=20)
    given = drafted(cast, "community_committee", "elect_committee", "2026-05-20", "2026-05-27", origin=meeting.ref.key)
    assert desk.as_("community_committee").post(reverse("governance:draft"), **given)[0] == 303
    assert Vote.objects.get().motions.get().origin == meeting.ref.key


@pytest.mark.clause("ZJG-3.3.2-4c")
@pytest.mark.parametrize(
    ("on", "matter", "status"),
    [
        ("2026-05-09", "hire_company", 303),
        ("2026-05-10", "hire_company", 422),
        ("2026-05-10", "use_fund", 303),
        ("2026-07-19", "hire_company", 422),
        ("2026-07-20", "hire_company", 303),
    ],
)
def test_hiring_is_frozen_from_the_groups_first_day_to_the_day_before_the_new_committee(
    desk_in: Any, on: str, matter: str, status: int
) -> None:
    cast, desk = desk_in("zhangjiagang", "2026-05-01")
    old = committee(cast, cast.estate, term_until="2026-07-31")
    if on > "2026-05-09":
        desk.on("2026-05-10")
        street = desk.as_("street_office")
        start = {"kind": "owners_committee", "trigger": "renewal", "started_on": "2026-05-10"}
        street.does(cast.estate, "qidong", **start)
        formation = Formation.objects.latest("pk")
        for step in ("group", "candidates", "assembly"):
            street.does(formation, "zhidao", step=step, text="指导", on="2026-05-10")
        street.does(formation, "xiaozu", seats=seven(), formed_on="2026-05-10")
        if on == "2026-07-20":
            street = desk.on("2026-07-01").as_("street_office")
            for unit in owners(cast.estate, 5, start=40):
                number = int(unit.name.removesuffix("室"))
                given = {"name": owner_name(number), "unit": unit.pk, "source": "recommended", "recommended_by": "社区"}
                street.does(formation, "renxuan", **given, attributes=["party_member"])
            for one in formation.candidates.all():
                street.does(one, "shenhe", result="passed")
            street.does(formation, "gongshi", seats=5, substitutes=0, from_on="2026-07-01")
            street = desk.on("2026-07-20").as_("street_office")
            won = "\n".join(f"{n} 90 9000" for n in range(1, 6))
            street.does(formation, "jieguo", elected=won, held_on="2026-07-20")
    desk.on(on)
    given = drafted(cast, "owners_committee", matter, "2026-09-20", "2026-09-27")
    answer = desk.as_("street_office").post(reverse("governance:draft"), **given)
    assert answer[0] == status, answer[1][:3000]
    assert (status == 303) == Vote.objects.exists() and old.pk
    if status != 303:
        assert "换届期间不得就选聘、解聘物业召开业主大会" in answer[1] and "gz-cite" in answer[1]


# -- Jiujiang, Jiangyin, Jinhua


@pytest.mark.clause("JJ-3.1.3-2", "JJ-A4-2.2-1")
def test_the_community_begins_and_every_step_waits_for_the_streets_guidance(desk_in: Any) -> None:
    cast, desk = desk_in("jiujiang", "2022-05-05")
    start = {"kind": "owners_committee", "trigger": "failed", "started_on": "2022-05-05", "reason": "符合条件"}
    desk.as_("street_office").is_told(cast.estate, "qidong", "社区", **start)
    community = desk.as_("community_committee")
    community.does(cast.estate, "qidong", **start)
    formation = Formation.objects.get()
    community.is_told(formation, "xiaozu", "指导", seats=seven(), formed_on="2022-05-05")
    desk.as_("street_office").does(formation, "zhidao", step="group", text="到场", on="2022-05-05")
    desk.as_("community_committee").does(formation, "xiaozu", seats=seven(), formed_on="2022-05-05")


@pytest.mark.clause("JJ-3.1.3-2")
def test_a_term_that_ends_is_listed_and_reminded_of_three_months_before(desk_in: Any) -> None:
    cast, desk = desk_in("jiujiang", "2022-05-05")
    committee(cast, cast.estate, term_until="2025-05-04")
    assert cast.estate.name not in listed(desk.on("2025-02-03").as_("housing"), "ending")
    assert cast.estate.name in listed(desk.on("2025-02-04").as_("housing"), "ending")
    assert bodies.watch(cast.now)["ending"] == 1
    assert Duty.objects.filter(estate=cast.estate, owner_organisation=cast.organisation("street_office")).exists()


@pytest.mark.clause("JJ-4.1.12-7")
def test_a_management_committee_votes_and_publishes_and_ends_with_the_committees_birth(desk_in: Any) -> None:
    cast, desk = desk_in("jiujiang", "2022-05-05")
    street = desk.as_("street_office")
    begun(street, cast.estate, "2022-05-05")
    form = {"seats": seven(), "formed_on": "2022-05-05", "owners_come_by": "chosen"}
    street.does(Formation.objects.get(), "wuguanhui", **form)
    body = Body.objects.get(kind="management_committee")
    units = owners(cast.estate, 5)
    given = drafted(cast, "management_committee", "use_fund", "2022-05-25", "2022-06-06")
    assert street.post(reverse("governance:draft"), **given)[0] == 303
    desk.on("2022-08-01")
    committee(cast, cast.estate, units=units)
    shown = desk.as_("street_office").reads(reverse("bodies:body", args=[body.pk]))
    assert "已终止" in shown and "业委会成立" in shown


@pytest.mark.clause("JJ-A4-2.2-1", "JJ-3.1.4-3")
def test_the_community_alone_is_offered_to_take_an_application(desk_in: Any) -> None:
    cast, desk = desk_in("jiujiang", "2022-05-05")
    page, door = reverse("bodies:estate", args=[cast.estate.pk]), f"/ban/estate/{cast.estate.pk}/shenqing/"
    assert door not in desk.as_("street_office").reads(page)
    desk.is_told(cast.estate, "shenqing", "请由社区发起", received_on="2022-05-05")
    assert door in desk.as_("community_station").reads(page)
    desk.does(cast.estate, "shenqing", received_on="2022-05-05")


@pytest.mark.clause("JH-4.1a", "JH-4.1b")
def test_a_side_that_is_missing_is_named_and_the_clause_is_not_said_to_be_kept(desk_in: Any) -> None:
    cast, desk = desk_in("jiujiang", "2022-05-05")
    words = ["社区（村）党组织", "居（村）委会", "业主委员会"]
    form = {"kind": "four_party_group", "formed_on": "2022-05-05"}
    community = desk.as_("community_committee")
    community.does(cast.estate, "dengji", **form, seats="\n".join(f"{one} 委员 某某 单位 联系人 -" for one in words))
    page = reverse("bodies:body", args=[Body.objects.get(kind="four_party_group").pk])
    shown = community.reads(page)
    assert "联合工作组还缺物业服务企业" in shown and "✓" not in shown
    company = {"side": "property_company", "post": "member", "name": "钱某", "from_on": "2022-05-05"}
    community.does(Body.objects.get(kind="four_party_group"), "xiwei", **company)
    shown = community.reads(page)
    assert "✗" not in shown and "✓" in shown


@pytest.mark.clause("JJ-A3-2.9-1")
def test_civil_affairs_reads_what_the_communities_guided(desk_in: Any) -> None:
    cast, desk = desk_in("jiujiang", "2022-05-05")
    desk.as_("community_committee").does(cast.estate, "zhidao", step="group", text="入户说明程序", on="2022-05-05")
    cast.users["civil_affairs"] = User.objects.create(username="minzheng", display_name="何民政")
    office = cast.organisation("civil_affairs")
    core.begin_post(
        cast.user("civil_affairs"), organisation=office, begins_on=day("2022-01-01"), actor=SYSTEM, now=cast.now
    )
    shown = desk.as_("civil_affairs").reads(reverse("bodies:estate", args=[cast.estate.pk]))
    assert "入户说明程序" in shown and str(cast.organisation("community_committee")) in shown


@pytest.mark.clause("JJ-3.1.1-1")
def test_the_development_zones_are_no_streets_that_lack_a_deputy(desk_in: Any) -> None:
    cast, desk = desk_in("jiujiang", "2022-05-05")
    zone = Place.objects.create(
        code="340207402", name="安徽芜湖鸠江经济开发区", level="street", parent=cast.county,
        path=f"{cast.county.path}340207402/",
    )  # fmt: skip
    bureau = desk.as_("housing")
    seats = "\n".join(
        ["部门 主任 许某 区住建局 区住建局局长 -", "部门 副主任 王某 区住建局 区住建局分管负责人 -"]
        + [f"镇街（园区） 副主任 某某 {one.name} 分管负责人 -" for one in cast.streets]
    )
    given = {"kind": "leading_office", "seats": seats, "formed_on": "2022-05-05"}
    assert bureau.post(reverse("bodies:act", args=["place", cast.county.pk, "dengji"]), **given)[0] == 303
    shown = bureau.reads(reverse("bodies:body", args=[Body.objects.get(kind="leading_office").pk]))
    assert f"{zone.name}分管负责人" not in shown and "文件列的席位都有" in shown
    assert zone.name in bureau.reads(reverse("bodies:place", args=[cast.county.pk]))


@pytest.mark.clause("JY-3.1-1")
def test_fifteen_of_eighteen_streets_have_their_group_and_three_are_named(desk_in: Any) -> None:
    cast, desk = desk_in("jiangyin", "2024-05-06")
    there = list(Place.objects.filter(level="street", parent=cast.county))
    made = [
        Place.objects.create(code=f"3202819{n:02d}", name=f"第{n}镇", level="street", parent=cast.county,
                             path=f"{cast.county.path}3202819{n:02d}/")
        for n in range(18 - len(there))
    ]  # fmt: skip
    bureau = desk.as_("housing")
    for one in [*there, *made][:15]:
        given = {"kind": "leading_group", "seats": "镇街（园区） 组长 某某 镇政府 镇长 -", "formed_on": "2024-05-06"}
        assert bureau.post(reverse("bodies:act", args=["place", one.pk, "dengji"]), **given)[0] == 303
    shown = bureau.reads(reverse("bodies:place", args=[cast.county.pk]))
    assert "15/18" in shown
    streets = shown[shown.index("各镇街") :]
    for one in made[-3:]:
        at = streets.index(one.name)
        assert "没有" in streets[at : at + 300]


@pytest.mark.clause("JY-2.8.24-6")
def test_old_estates_have_a_rate_of_their_own_from_the_same_register(desk_in: Any) -> None:
    cast, desk = desk_in("jiangyin", "2024-05-06")
    Estate.objects.filter(pk__in=[cast.estate.pk, cast.estate_outside.pk]).update(estate_type="old")
    committee(cast, cast.estate)
    shown = desk.as_("housing").reads(reverse("bodies:list"))
    assert "老旧小区组建率" in shown and "50.0%" in shown and "33.3%" in shown


def seated_later(estate: Estate) -> None:
    Body.objects.create(
        kind="management_committee", name="物业管理委员会", estate=estate, state="in_office",
        formed_on=day("2025-01-02"), filed_on=day("2025-01-02"), place_path=estate.place_path,
    )  # fmt: skip


@pytest.mark.clause("JY-2.5.11-4", "JH-4.6a")
def test_the_rate_of_a_day_says_how_many_lack_and_which_of_those_there_were(desk_in: Any) -> None:
    cast, desk = desk_in("jiangyin", "2024-12-31")
    committee(cast, cast.estate)
    Estate.objects.filter(pk=cast.estate_unknown.pk).update(begun_on=day("2025-01-02"))
    desk.on("2025-01-03").as_("housing")
    of_the_year = reverse("bodies:list") + "?day=2024-12-31&view=missing"
    shown = desk.reads(of_the_year)
    assert "1/2，目标100.0%，未达标，还差1个" in shown and "还没有的1个" in shown
    assert cast.estate_outside.name in shown and cast.estate_unknown.name not in shown
    seated_later(cast.estate_outside)
    assert "1/2，目标" in desk.reads(of_the_year), "what is formed later changes no past day"
    assert "还差1个" in desk.reads(reverse("bodies:list")), "that day there are three, and one lacks"


@pytest.mark.clause("JH-4.10c")
def test_four_contacts_or_it_is_not_whole(desk_in: Any) -> None:
    cast, desk = desk_in("jinhua", "2024-05-06")
    street = desk.as_("street_office")
    words = ["社区（村）党组织", "居（村）委会", "物业服务企业"]
    form = {"kind": "coordination", "formed_on": "2024-05-06"}
    street.does(cast.estate, "dengji", **form, seats="\n".join(f"{one} 委员 某某 单位 联系人 -" for one in words))
    shown = street.reads(reverse("bodies:body", args=[Body.objects.get(kind="coordination").pk]))
    assert "业主委员会" in shown and "✗" in shown


@pytest.mark.clause("ZJG-1.1b", "JH-4.1a")
@pytest.mark.parametrize(("slug", "on"), [("zhangjiagang", "2026-03-16"), ("jinhua", "2024-05-06")])
def test_what_lacks_a_side_stands_on_the_list_until_it_is_whole(desk_in: Any, slug: str, on: str) -> None:
    cast, desk = desk_in(slug, on)
    street, listed = desk.as_("street_office"), reverse("bodies:list")
    link = f'<a href="{reverse("bodies:estate", args=[cast.estate.pk])}">{cast.estate.name}</a>'

    def lacking() -> str:
        return street.reads(listed).partition("协调运行机制：应建")[2].partition("</p>")[0]

    assert link in lacking()
    seats = ["社区（村）党组织 主任 党某 - - -", "居（村）委会 委员 尤某 - - -", "物业服务企业 委员 钱某 - - -"]
    street.does(cast.estate, "dengji", kind="coordination", formed_on=on, seats="\n".join(seats))
    body = Body.objects.get(kind="coordination")
    page = reverse("bodies:body", args=[body.pk])
    assert "不完整" in street.reads(page) and link in lacking()
    street.does(body, "xiwei", side="owners_committee", post="member", name="王某", from_on=on)
    shown = street.reads(page)
    assert "已建立" in shown and "不完整" not in shown and link not in lacking()


@pytest.mark.clause("JH-4.1a")
def test_where_no_committee_is_formed_yet_it_is_entered_so_and_waits(desk_in: Any) -> None:
    cast, desk = desk_in("jinhua", "2024-05-06")
    street = desk.as_("street_office")
    seats = ["社区（村）党组织 主任 党某 - - -", "居（村）委会 委员 尤某 - - -", "物业服务企业 委员 钱某 - - -"]
    form = {"kind": "coordination", "formed_on": "2024-05-06", "absent_sides": ["owners_committee"]}
    street.does(cast.estate, "dengji", **form, seats="\n".join(seats))
    shown = street.reads(reverse("bodies:body", args=[Body.objects.get(kind="coordination").pk]))
    assert "待推进：业委会未成立" in shown and "已建立" not in shown
    assert cast.estate.name in street.reads(reverse("bodies:list")).partition("还没有建齐的")[2].partition("</p>")[0]


def test_the_last_day_of_a_duty_is_read_as_people_write_it(desk_in: Any) -> None:
    cast, desk = desk_in("zhangjiagang", "2026-03-16")
    desk.as_("street_office").does(cast.estate, "tiaojian", met_on="2026-03-01")
    desk.does(cast.estate, "shenqing", received_on="2026-03-16")
    assert due_on(duty("form_preparatory_group")) == day("2026-05-15")


@pytest.mark.clause("JH-4.1a")
@pytest.mark.parametrize(
    ("leader", "complete"),
    [("镇街（园区）党组织", True), ("社区（村）党组织", True), ("镇街（园区）", False), ("居（村）委会", False)],
)
def test_the_three_sides_are_led_by_a_party_organisation(desk_in: Any, leader: str, complete: bool) -> None:
    cast, desk = desk_in("jinhua", "2024-05-06")
    street = desk.as_("street_office")
    seats = [f"{leader} 主任 党某 - - -", "居（村）委会 委员 尤某 - - -", "业主委员会 委员 王某 - - -"]
    seats.append("物业服务企业 委员 钱某 - - -")
    street.does(cast.estate, "dengji", kind="coordination", formed_on="2024-05-06", seats="\n".join(seats))
    shown = street.reads(reverse("bodies:body", args=[Body.objects.get(kind="coordination").pk]))
    assert ("已建立" in shown, "三方协同要填牵头的党组织" in shown) == (complete, not complete)
