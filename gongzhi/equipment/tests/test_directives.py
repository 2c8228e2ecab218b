"""Advice, checks, orders: to which estates, who answered by when, what was mended, looked at again and struck off."""

from datetime import date

import pytest

from gongzhi.core.errors import Refused
from gongzhi.core.models import OutboxMessage
from gongzhi.core.tests.cast import _person
from gongzhi.duties import services as duties
from gongzhi.equipment import services as equipment
from gongzhi.equipment.models import Defect, DirectiveTarget
from gongzhi.equipment.queries import figures, listing
from gongzhi.equipment.tests.place import at, city, more_estates, owed, picture, piece, refuses
from gongzhi.equipment.words import DEFECTS

pytestmark = pytest.mark.django_db
ASKED = {"title": "检查消防通道", "text": "请检查并反馈。"}


def issued(cast, estates, *, by, directive="check", kind="fire", now=None, **more):
    return equipment.issue(
        estates, directive=directive, kind=kind, actor=cast.actor(by), now=now or cast.now, **{**ASKED, **more}
    )


def answered(cast, target, *, now=None, text="已落实。"):
    return equipment.answer(target, text=text, actor=cast.actor("property_company"), now=now or cast.now)


def with_company(pack, moment):
    cast = city(pack, moment)
    if "property_company" not in cast.users:
        _person(cast, "property_company", "企业经办", organisation=cast.organisation("property_company"))
    return cast


@pytest.mark.clause("JY-2.8.23-2")
def test_the_fire_brigade_sees_every_estates_equipment_and_who_has_not_answered_its_advice():
    cast = with_company("jiangyin", "2024-07-01")
    estates = more_estates(cast, 4)
    brigade = cast.actor("fire_rescue")
    for one in [*estates, cast.estate_outside]:
        piece(cast, "fire", "灭火器", estate=one)
    assert listing.pieces(brigade).filter(kind="fire").count() == len(estates) + 1
    row = issued(cast, [cast.estate, *estates], by="fire_rescue", directive="guidance")
    for target in row.targets.order_by("pk")[:3]:
        answered(cast, target)
    left = listing.answered_share(row)
    assert (left.total, left.done, left.total - left.done) == (5, 3, 2)
    assert refuses("directive_by", lambda: issued(cast, estates, by="police", directive="guidance")).status == 403


@pytest.mark.clause("ZJG-2.3.2d")
def test_the_police_advise_on_guarding_and_parking_and_are_answered_with_a_photo_before_it_is_settled():
    cast = with_company("zhangjiagang", "2023-05-10")
    row = issued(cast, [cast.estate], by="police", directive="guidance", kind="parking", text="规范停车。")
    target = row.targets.get()
    (duty,) = owed(target)
    assert (row.due_on, duty.owner_organisation) == (date(2023, 5, 25), cast.organisation("property_company"))
    office = cast.actor("street_office")
    assert list(listing.targets_for(office).filter(state="open")) == [target]
    assert "ZJG-2.3.2d" in refuses("no_photo", lambda: answered(cast, target)).clauses
    refuses(
        "not_answered",
        lambda: equipment.settle(target, enough=True, actor=cast.actor("police"), now=cast.now),
    )
    company = {"actor": cast.actor("property_company"), "now": cast.now}
    target = equipment.answer(target, text="已画线。", file=picture(target, cast.now), **company)
    assert target.state == "answered"
    assert equipment.settle(target, enough=True, actor=cast.actor("police"), now=cast.now).state == "closed"
    assert refuses("directive_by", lambda: issued(cast, [cast.estate], by="housing", kind="guarding")).status == 403


@pytest.mark.clause("JY-2.8.23-3")
def test_two_problems_of_a_police_stations_round_are_two_papers_and_other_streets_are_closed_to_it():
    cast = with_company("jiangyin", "2024-07-01")
    station = cast.actor("police_station")
    assert cast.estate in listing.estates_seen(station) and cast.estate_outside not in listing.estates_seen(station)
    found = [equipment.Found("passage_blocked", "东门通道停车"), equipment.Found("clutter", "2幢楼道堆物")]
    row = issued(cast, [cast.estate], by="police_station", directive="supervision", found=found)
    papers = Defect.objects.filter(target__directive=row).order_by("pk")
    assert [one.state for one in papers] == ["open", "open"]
    assert {one.owner_organisation for paper in papers for one in owed(paper, "fix_defect")} == {
        cast.organisation("property_company")
    }
    with pytest.raises(Refused) as caught:
        issued(cast, [cast.estate_outside], by="police_station", directive="supervision")
    assert caught.value.status == 403


@pytest.mark.clause("JY-2.8.23-6")
def test_six_kinds_of_hazards_are_struck_off_with_a_photograph_and_come_back_when_they_are_not_gone():
    cast = with_company("jiangyin", "2024-07-01")
    kinds = [one for one in DEFECTS if one != "other"]
    row = issued(cast, [cast.estate], by="fire_rescue", found=[equipment.Found(one, DEFECTS[one]) for one in kinds])
    papers = list(Defect.objects.filter(target__directive=row).order_by("pk"))
    assert len(papers) == 6
    company, brigade = cast.actor("property_company"), cast.actor("fire_rescue")
    given = {"actor": company, "now": cast.now}
    again = {"actor": brigade, "now": cast.now}
    refuses("state", lambda: equipment.recheck_defect(papers[0], passed=True, text="好", file=None, **again))
    papers = [equipment.fix_defect(one, text="已清理", file=None, **given) for one in papers]
    shot = picture(cast.estate, cast.now)
    refusal = refuses(
        "recheck_photo", lambda: equipment.recheck_defect(papers[0], passed=True, text="好", file=None, **again)
    )
    assert "没有复查照片不能销号" in refusal.message and "JY-2.8.23-6" in refusal.clauses
    back = equipment.recheck_defect(papers[5], passed=False, text="又堆上了", file=None, **again)
    assert (back.state, back.returns) == ("open", 1)
    for one in papers[:5]:
        equipment.recheck_defect(one, passed=True, text="已清空", file=shot, **again)
    share = figures.closed_share(brigade)
    assert (share.done, share.total, share.words) == (5, 6, "83.3%")


@pytest.mark.clause("MX-3.2.5-1")
def test_of_ten_companies_asked_eight_answered_and_two_are_listed_by_street():
    cast = with_company("meixian", "2023-06-01")
    estates = more_estates(cast, 9)
    row = issued(cast, [cast.estate, *estates], by="emergency")
    for target in row.targets.order_by("pk")[:8]:
        answered(cast, target)
    share = listing.answered_share(row)
    assert (share.done, share.total, share.words) == (8, 10, "80.0%")
    groups = figures.silent_by_street(row, cast.actor("emergency"))
    assert [(street, len(rows)) for street, rows in groups] == [(cast.street.name, 2)]


@pytest.mark.clause("MX-3.2.6-1")
def test_an_order_answered_on_its_day_is_in_time_and_without_an_answer_reminded_the_day_after():
    cast = with_company("meixian", "2023-06-26")
    (other,) = more_estates(cast, 1)
    row = issued(cast, [cast.estate, other], by="fire_rescue", directive="order", due_on=date(2023, 7, 10))
    first, second = row.targets.order_by("pk")
    done = answered(cast, first, now=at("2023-07-10", 23))
    assert done.late is False and not done.overdue(date(2023, 7, 11))
    duties.tick(at("2023-07-10", 23))
    assert [one.state for one in owed(second)] == ["open"]
    duties.tick(at("2023-07-11", 0))
    assert [one.state for one in owed(second)] == ["overdue"] and second.overdue(date(2023, 7, 11))
    assert OutboxMessage.objects.filter(
        template="duty.overdue", to_organisation=cast.organisation("property_company")
    ).exists()
    late = answered(cast, second, now=at("2023-07-11"))
    assert late.late is True
    # 救援出动单独登记
    emergency = equipment.report_emergency(
        cast.estate, kind="fire", text="3幢冒烟", actor=cast.actor("community_station"), now=cast.now
    )
    brigade = {"actor": cast.actor("fire_rescue"), "now": cast.now}
    out = equipment.note(emergency, kind="rescue", text="出动2车12人", at=cast.now, **brigade)
    assert out.organisation == cast.organisation("fire_rescue") and out.get_kind_display() == "救援出动"
    refuses(
        "note_rescue",
        lambda: equipment.note(
            emergency, kind="rescue", text="出动", at=cast.now, actor=cast.actor("property_company"), now=cast.now
        ),
    )


@pytest.mark.clause("ZJG-2.3.2b")
def test_a_campaign_over_several_estates_shows_its_share_and_a_penalty_goes_into_the_companys_file():
    cast = with_company("zhangjiagang", "2023-05-01")
    one, two, three = [cast.estate, *more_estates(cast, 2)]
    found = [equipment.Found("passage_blocked", "通道停车"), equipment.Found("facility_down", "水泵不启动")]
    check = issued(cast, [one], by="police", found=found)
    target = check.targets.get()
    company, police = cast.actor("property_company"), cast.actor("police")
    answered(cast, target)
    refuses("defects_open", lambda: equipment.settle(target, enough=True, actor=police, now=cast.now))
    for paper in target.defects.all():
        mended = equipment.fix_defect(paper, text="已整改", file=picture(one, cast.now), actor=company, now=cast.now)
        equipment.recheck_defect(mended, passed=True, text="合格", file=None, actor=police, now=cast.now)
    assert equipment.settle(target, enough=True, actor=police, now=cast.now).state == "closed"
    campaign = issued(cast, [one, two, three], by="police", directive="campaign")
    for each in campaign.targets.order_by("pk")[:2]:
        answered(cast, each)
        equipment.settle(each, enough=True, actor=police, now=cast.now)
    assert listing.settled_share(campaign).words == "66.7%"
    equipment.penalise(target, penalty="罚款五千元", on=date(2023, 5, 1), actor=police, now=cast.now)
    rows = figures.penalties_of(cast.organisation("property_company"))
    assert [(row.penalty, row.estate) for row in rows] == [("罚款五千元", one)]


def test_an_answer_waits_for_what_was_found_and_is_settled_with_the_last_paper():
    cast = with_company("jiujiang", "2022-05-05")
    row = issued(cast, [cast.estate], by="fire_rescue", found=[equipment.Found("clutter", "楼道堆物")])
    target = answered(cast, row.targets.get())
    assert target.state == "answered"
    paper = equipment.fix_defect(
        target.defects.get(), text="已清", file=None, actor=cast.actor("property_company"), now=cast.now
    )
    equipment.recheck_defect(
        paper, passed=True, text="合格", file=picture(cast.estate, cast.now), actor=cast.actor("fire_rescue"),
        now=cast.now,
    )  # fmt: skip
    target.refresh_from_db()
    assert target.state == "closed"


def test_nothing_is_settled_before_it_was_answered_and_what_is_sent_back_is_owed_again():
    cast = with_company("zhangjiagang", "2023-05-01")
    row = issued(cast, [cast.estate], by="housing", directive="guidance", kind="civil_defence")
    target = row.targets.get()
    bureau = {"actor": cast.actor("housing"), "now": cast.now}
    refuses("not_answered", lambda: equipment.settle(target, enough=True, **bureau))
    answered(cast, target)
    refuses("field_missing", lambda: equipment.settle(target, enough=False, **bureau))
    equipment.settle(target, enough=False, remark="没有照片", **bureau)
    assert DirectiveTarget.objects.get(pk=target.pk).state == "returned"
    assert [one.state for one in owed(target)] == ["fulfilled", "open"]
