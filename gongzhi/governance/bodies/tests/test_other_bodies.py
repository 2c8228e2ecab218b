"""Rates and classes; joint groups, stewards, leading groups; lists, reports and texts of committees."""

from datetime import timedelta
from fractions import Fraction

import pytest

from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.governance.bodies import services as bodies
from gongzhi.governance.bodies.queries.bodies import members_on
from gongzhi.governance.bodies.queries.coverage import (
    body_coverage,
    due_bodies,
    party_shares,
    steward_plan,
    unclassified,
)
from gongzhi.governance.bodies.services import PersonInput, SeatInput
from gongzhi.governance.bodies.tests.steps import (
    SYSTEM,
    city,
    committee,
    day,
    duty,
    moment,
    owner_name,
    owners,
    representatives,
)
from gongzhi.registry import services as registry
from gongzhi.registry.models import Estate

pytestmark = pytest.mark.django_db


@pytest.mark.clause("JY-2.5.11-4", "JY-2.8.24-6", "JJ-4.1.12-1", "JH-4.6a")
def test_the_rate_of_a_day_stays_whatever_is_formed_later():
    cast = city("jiujiang", "2022-05-05")
    estates = list(Estate.objects.order_by("pk"))
    for one in estates[:2]:
        bodies.meet_conditions(one, met_on=day("2022-05-05"), actor=SYSTEM, now=cast.now)
    formed = committee(cast, estates[0])
    formed.unable_from = day("2022-05-05")  # where the document does not say otherwise it is still one
    formed.save()
    path = cast.county.path
    before = body_coverage(estates, place_path=path, on=day("2022-05-04"))
    today = body_coverage(estates, place_path=path, on=day("2022-05-05"))
    assert (before.part, today.part, today.whole, today.rate, today.met) == (0, 1, 2, "50.00%", True)
    assert today.missing == (estates[1],)
    left, whole = unclassified(estates, day("2022-05-05"))
    assert (len(left), whole) == (2, 2)


@pytest.mark.clause("JY-2.5.11-1")
def test_every_estate_without_a_committee_has_one_class_and_its_measures():
    cast = city("jiangyin", "2024-05-08")
    street = cast.actor("street_office")
    with pytest.raises(Refused):
        bodies.classify(cast.estate, group="waiting", measures="", actor=street, now=cast.now)
    bodies.classify(cast.estate, group="waiting", measures="培育骨干", actor=street, now=cast.now)
    bodies.classify(cast.estate, group="committee", measures="指导筹备", actor=street, now=cast.now)
    assert registry.fact(cast.estate.ref, "formation_class", day("2024-05-08")) == "committee"
    assert len(unclassified([cast.estate, cast.estate_unknown], day("2024-05-08"))[0]) == 1


@pytest.mark.clause("JJ-A4-1-1", "JJ-4.1.11-1")
def test_four_sides_make_a_joint_group_where_there_is_a_company_and_a_committee():
    cast = city("jiujiang", "2022-05-05")
    committee(cast, cast.estate)
    estates = list(Estate.objects.order_by("pk"))
    assert due_bodies(estates, "four_party_group", day("2022-05-05")) == ([cast.estate], [])
    three = [SeatInput(side=one, unit_name="单位") for one in ("community_party", "community", "owners_committee")]
    group = bodies.register_body(
        kind="four_party_group", place=cast.estate.place, estate=cast.estate, seats=three, formed_on=day("2022-05-05"),
        actor=cast.actor("street_office"), now=cast.now,
    )  # fmt: skip
    assert [one["says"] for one in group.basis] == ["联合工作组还缺物业服务企业"]
    assert due_bodies(estates, "four_party_group", day("2022-05-05"))[1] == []
    bodies.fill_seat(
        group, given=SeatInput(side="property_company", unit_name="安居物业"), from_on=day("2022-05-05"),
        actor=cast.actor("street_office"), now=cast.now,
    )  # fmt: skip
    assert due_bodies(estates, "four_party_group", day("2022-05-05"))[1] == [cast.estate]


@pytest.mark.clause("JJ-4.1.13-1", "JJ-4.1.13-2", "JJ-A5-2.1-1")
def test_one_steward_a_building_and_a_candidate_has_to_live_there():
    cast = city("jiujiang", "2022-05-05")
    estate, street = cast.estate, cast.actor("street_office")
    first, second = estate.buildings.order_by("name")
    stewards = bodies.register_body(
        kind="building_stewards",
        place=estate.place,
        estate=estate,
        formed_on=day("2022-05-05"),
        actor=street,
        now=cast.now,
    )
    plan = steward_plan(estate, day("2022-05-05"))
    assert (plan.filled, plan.whole, plan.vacant) == (0, 2, ("1幢", "2幢"))
    fill = {"from_on": day("2022-05-05"), "actor": street, "now": cast.now}
    meeting = representatives(cast, "2022-05-05")
    with pytest.raises(Refused) as refused:
        bodies.fill_seat(stewards, given=SeatInput(person=PersonInput("李楼长"), building=first), **fill)
    assert "JJ-A5-2.1-1" in refused.value.clauses
    chosen = {"building": first, "chosen_at": meeting}
    bodies.fill_seat(stewards, given=SeatInput(person=PersonInput("李楼长"), **chosen), **fill)
    with pytest.raises(Refused) as refused:
        bodies.fill_seat(stewards, given=SeatInput(person=PersonInput("王楼长"), **chosen), **fill)
    assert refused.value.code == "steward_twice"
    with pytest.raises(Refused) as refused:  # another entrance of it makes no room
        bodies.fill_seat(stewards, given=SeatInput(person=PersonInput("王楼长"), entrance=2, **chosen), **fill)
    assert refused.value.code == "steward_twice"
    assert steward_plan(estate, day("2022-05-05")).rate == "50.00%"
    core.set_switch(
        place=cast.county, pack="jiujiang", name="steward_per", value="entrance", from_on=day("2022-05-05"),
        actor=SYSTEM, reason="会议决定", now=cast.now,
    )  # fmt: skip
    for one in estate.buildings.all():
        registry.change_building(one, changes={"entrances": 2}, actor=SYSTEM, now=cast.now)
    assert steward_plan(estate, day("2022-05-05")).whole == 4
    with pytest.raises(Refused) as refused:
        bodies.fill_seat(stewards, given=SeatInput(person=PersonInput("王楼长"), **chosen), **fill)
    assert refused.value.code == "steward_entrance"
    formation = bodies.start_formation(
        estate,
        kind="building_stewards",
        trigger="appointment",
        started_on=day("2022-05-05"),
        actor=street,
        now=cast.now,
    )
    home = owners(estate, 1)[0]
    put = {"source": "self", "on": day("2022-05-05"), "actor": street, "now": cast.now}
    with pytest.raises(Refused) as refused:
        bodies.nominate(
            formation, person=PersonInput(owner_name(1)), unit=home, building=second, statement="热心", **put
        )
    assert "JJ-A5-2.1-1" in refused.value.clauses
    with pytest.raises(Refused) as refused:
        bodies.nominate(formation, person=PersonInput("路人"), unit=home, statement="热心", **put)
    assert "JJ-4.1.13-2" in refused.value.clauses
    assert bodies.nominate(formation, person=PersonInput(owner_name(1)), unit=home, statement="热心", **put).pk


@pytest.mark.clause("JY-2.1.1-1", "JY-A-1", "JY-A-4", "JY-A-5")
def test_forty_five_seats_the_missing_named_and_a_change_waits_for_consent():
    cast = city("jiangyin", "2024-07-01")
    office = cast.actor("leading_group_office")
    group = bodies.register_body(
        kind="leading_group", place=cast.county, formed_on=day("2024-07-01"), actor=office, now=cast.now
    )
    rows = members_on(group, day("2024-07-01"))
    assert [len([one for one in rows if one.post == post]) for post in ("head", "deputy", "member")] == [1, 1, 43]
    assert group.basis == []
    gas = next(one for one in rows if one.unit_name == "江阴天力燃气有限公司")
    bodies.end_seat(gas, to_on=day("2024-07-01"), reason="撤席", actor=office, now=cast.now)
    group.refresh_from_db()
    from gongzhi.governance.bodies.queries.composition import findings_of, seats_of

    assert seats_of(group, day("2024-07-02")).missing_units == ("江阴天力燃气有限公司",)
    assert [one.message for one in findings_of(group, day("2024-07-02"))] == ["成员单位不齐，缺的席位见席位表"]
    finance = next(one for one in rows if one.unit_name == "财政局")
    new = bodies.fill_seat(
        group, given=SeatInput(person=PersonInput("新任"), side="department", unit_name="财政局", replaces=finance),
        from_on=day("2024-07-01"), actor=office, now=cast.now,
    )  # fmt: skip
    assert finance in members_on(group, day("2024-07-03")) and new not in members_on(group, day("2024-07-03"))
    bodies.approve_seat(new, from_on=day("2024-07-05"), actor=office, now=moment("2024-07-05"))
    finance.refresh_from_db()
    assert finance.to_on == day("2024-07-04") and new.pk in {one.pk for one in members_on(group, day("2024-07-05"))}
    staff = bodies.register_body(
        kind="leading_office", place=cast.county, formed_on=day("2024-07-01"), actor=office, now=cast.now
    )
    head = members_on(staff, day("2024-07-01"))[0]
    changed = bodies.fill_seat(
        staff, given=SeatInput(person=PersonInput("新主任"), post="head", title="住建局局长", replaces=head),
        from_on=day("2024-07-10"), actor=office, now=cast.now,
    )  # fmt: skip
    assert changed.approved_on == day("2024-07-10")


@pytest.mark.clause("JY-A-2", "MX-3.1.1-2")
@pytest.mark.parametrize(("slug", "on"), [("jiangyin", "2024-07-01"), ("meixian", "2023-05-08")])
def test_another_head_of_the_office_needs_a_paper_that_says_so(slug, on):
    cast = city(slug, on)
    office, later = cast.actor("leading_group_office"), day(on) + timedelta(days=9)
    staff = bodies.register_body(
        kind="leading_office", place=cast.county, formed_on=day(on), actor=office, now=cast.now
    )
    head = members_on(staff, day(on))[0]
    given = {"person": PersonInput("新主任"), "post": "head", "title": "城管局局长", "replaces": head}
    with pytest.raises(Refused) as refused:
        bodies.fill_seat(staff, given=SeatInput(**given), from_on=later, actor=office, now=cast.now)
    assert {"JY-A-2", "MX-3.1.1-2"} & set(refused.value.clauses)
    head.refresh_from_db()
    seat = SeatInput(**given, source_note="领导小组批复〔2024〕3号")
    assert bodies.fill_seat(staff, given=seat, from_on=later, actor=office, now=cast.now).title == "城管局局长"


@pytest.mark.clause("ZJG-1.2a", "JH-3.1.1a", "MX-3.1.1-1", "JJ-3.1.1-1")
@pytest.mark.parametrize(
    ("slug", "kind", "right"),
    [
        ("zhangjiagang", "leading_group", "市政府分管领导"),
        ("jinhua", "leading_group", "分管市领导"),
        ("jiujiang", "leading_office", "区住建局局长"),
        ("meixian", "leading_group", "分管副县长"),
    ],
)
def test_who_heads_a_group_is_the_documents_business(slug, kind, right):
    cast = city(slug, "2024-05-08")
    form = {"kind": kind, "place": cast.county, "formed_on": day("2024-05-08"), "actor": SYSTEM, "now": cast.now}
    if slug != "meixian":
        with pytest.raises(Refused):
            bodies.register_body(seats=[SeatInput(side="department", post="head", title="市住建局科长")], **form)
    if kind == "leading_group":
        with pytest.raises(Refused):
            bodies.register_body(seats=[SeatInput(side="department", title=right)], **form)
        with pytest.raises(Refused):
            bodies.register_body(seats=[SeatInput(side="department", post="head", title=right)] * 2, **form)
    body = bodies.register_body(**form)
    assert members_on(body, day("2024-05-08"))[0].title == right
    if slug == "jinhua":
        streets = len(cast.streets)
        assert len(members_on(body, day("2024-05-08"))) == 1 + 2 + 16 + streets


@pytest.mark.clause("ZJG-1.1b", "ZJG-2.1.7c", "JH-4.1a", "JH-4.10c")
def test_coordination_names_the_side_that_is_missing():
    cast = city("zhangjiagang", "2026-03-16")
    form = {
        "place": cast.estate.place,
        "estate": cast.estate,
        "formed_on": day("2026-03-16"),
        "actor": SYSTEM,
        "now": cast.now,
    }
    two = [SeatInput(side=one, unit_name="单位") for one in ("community", "property_company")]
    body = bodies.register_body(kind="coordination", seats=two, **form)
    assert [one["says"] for one in body.basis] == ["协调机制还缺业主委员会一方"]
    bodies.fill_seat(
        body,
        given=SeatInput(side="owners_committee", unit_name="业委会"),
        from_on=day("2026-03-16"),
        actor=SYSTEM,
        now=cast.now,
    )
    body.refresh_from_db()
    assert body.basis == []
    led = [SeatInput(side="property_company", post="head", unit_name="物业")]
    with pytest.raises(Refused) as refused:
        bodies.register_body(kind="four_party_group", seats=led, **form)
    assert refused.value.clause == "ZJG-2.1.7c"


@pytest.mark.clause("JJ-4.1.12-5", "JJ-A4-2.4-4")
def test_lists_are_kept_marked_and_a_report_a_year_is_owed():
    cast = city("jiujiang", "2022-05-05")
    body = committee(cast, cast.estate)
    street, now = cast.actor("street_office"), cast.now
    done = bodies.add_list_item(
        cast.street, kind="duty", text="每季度公布账目", from_on=day("2022-05-05"), actor=street, now=now
    )
    bad = bodies.add_list_item(
        cast.street, kind="negative", text="收受好处", from_on=day("2022-05-05"), actor=street, now=now
    )
    bodies.mark_list(body, item=done, on=day("2022-05-05"), actor=street, now=now)
    with pytest.raises(Refused):
        bodies.mark_list(body, item=bad, on=day("2022-05-05"), actor=street, now=now)
    mark = bodies.mark_list(body, item=bad, on=day("2022-05-05"), member=body.members.first(), actor=street, now=now)
    assert mark.member is not None
    assert duty("report_work").state == "open"
    bodies.hand_in_report(body, text="全年工作", actor=SYSTEM, now=moment("2022-12-01"))
    assert duty("report_work", state="fulfilled").title.endswith("（2022年）")


@pytest.mark.clause("MX-3.7.1-1", "MX-3.7.3-1")
def test_a_new_version_leaves_the_old_one_readable_and_receipts_are_counted():
    cast = city("meixian", "2023-03-06")
    estate = cast.estate
    homes = owners(estate, 5)
    form = {"kind": "management_covenant", "title": "管理规约", "actor": SYSTEM, "now": cast.now}
    first = bodies.adopt_text(estate.place, text="第一版", from_on=day("2023-03-06"), **form)
    second = bodies.adopt_text(estate.place, text="第二版", from_on=day("2023-04-01"), **form)
    assert (first.number, second.number) == (1, 2)
    received = {"on": day("2023-04-02"), "actor": SYSTEM, "now": cast.now}
    assert bodies.receive_text(second, units=homes[:4], **received) == 4
    assert bodies.receive_text(second, units=homes[:4], **received) == 4
    with pytest.raises(Refused):
        bodies.adopt_text(estate.place, text="倒填", from_on=day("2023-03-20"), **form)


@pytest.mark.clause("ZJG-3.3.1-2d")
def test_the_share_of_a_term_in_office_is_that_of_the_day_as_the_rules_compare_it():
    cast = city("zhangjiagang", "2026-03-16")
    body = committee(cast, cast.estate, party=1)
    leaver = next(one for one in members_on(body, day("2026-03-16")) if not one.attributes)
    bodies.end_seat(leaver, to_on=day("2026-03-20"), reason="辞职", actor=SYSTEM, now=moment("2026-03-21"))
    shares = [
        party_shares(cast.estate, body.kind, day(one))[0][1] for one in ("2026-03-16", "2026-03-20", "2026-03-21")
    ]
    assert shares == [Fraction(1, 5), Fraction(1, 5), Fraction(1, 4)]
