"""Patrols as duties: of a unit or of each estate, by the switches of the place; the longest gap; shares."""

from datetime import timedelta

import pytest

from gongzhi.core import services as core
from gongzhi.core.models import Event, OutboxMessage
from gongzhi.duties import services as duties
from gongzhi.duties.models import Duty
from gongzhi.patrols import services
from gongzhi.patrols.queries.plans import plans_of, shares
from gongzhi.patrols.queries.reading import by_level
from gongzhi.patrols.tests.steps import SYSTEM, city, day, estates, later, moment, pictured, someone, walked

pytestmark = pytest.mark.django_db


def owed(rule, **where):
    return Duty.objects.filter(rule=rule, **where).order_by("due_at")


def of_estate(estate, rule):
    return owed(rule, subject_kind="estate", subject_id=str(estate.pk))


@pytest.mark.parametrize(
    ("pack", "on", "rule", "sheet", "answers"),
    [
        ("zhangjiagang", "2023-04-03", "street_checks", "street_check", {}),
        ("jinhua", "2024-05-06", "street_checks", "street_check", {"staff": True}),
        ("jiangyin", "2024-05-06", "fire_checks", "fire_check", {}),
        ("jiangyin", "2024-05-06", "street_checks", "daily_check", {"points": 90}),
        ("meixian", "2023-05-08", "supervise_estate", "supervision_sheet", {"result": "none"}),
    ],
)
@pytest.mark.clause("ZJG-2.1.2", "JH-3.1.2d", "JY-2.8.23-7", "MX-4.4-4")
def test_the_town_owes_each_estate_its_check_and_what_it_did_not_do_is_overdue(pack, on, rule, sheet, answers):
    cast = city(pack, on)
    one, other = cast.estate, estates(cast, 1)[0]
    duties.open_standing(cast.now)
    first = of_estate(one, rule).last()
    assert first.owner_organisation == cast.organisations["street_office"]
    following = moment(first.due_at.isoformat()[:10]) + timedelta(days=1)
    duties.tick(following)
    assert of_estate(one, rule).last().due_at > first.due_at
    later(cast, following.isoformat()[:10])
    walked(cast, sheet, answers, by="street_office", estate=one)
    duties.tick(of_estate(one, rule).last().due_at + timedelta(hours=1))
    assert [each.state for each in of_estate(one, rule)][1] == "fulfilled"
    assert [each.state for each in of_estate(other, rule)][1] == "overdue"


@pytest.mark.clause("JJ-4.2.15-4")
def test_a_place_that_counts_by_estate_owes_each_estate_and_by_record_each_round():
    cast = city("jiujiang", "2022-05-09")
    duties.open_standing(cast.now)
    station = {"owner_organisation": cast.organisations["community_station"]}
    assert owed("community_patrols", **station).count() == 1 and not of_estate(
        cast.estate, "community_patrols_of_estate"
    )
    for name, value in (("patrols_counted_per", "estate"), ("patrols_distinct", "record")):
        core.set_switch(
            place=cast.county, pack="jiujiang", name=name, value=value, from_on=day("2022-05-16"), actor=SYSTEM,
            reason="会议决定", now=cast.now,
        )  # fmt: skip
    duties.tick(moment("2022-05-16"))
    duties.open_standing(moment("2022-05-16"))
    assert owed("community_patrols", **station).last().last_day == day("2022-05-15"), "no week after the change"
    later(cast, "2022-05-16")
    for _ in range(3):
        walked(cast, "site_round", {"staff": True}, by="community_station")
    mine = of_estate(cast.estate, "community_patrols_of_estate")
    assert [one.state for one in mine] == ["fulfilled", "open"]


@pytest.mark.clause("JJ-4.2.15-6")
def test_a_department_that_did_not_walk_regularly_is_overdue_after_the_quarter():
    cast = city("jiujiang", "2022-06-30")
    duties.open_standing(cast.now)
    later(cast, "2022-07-05")
    duties.tick(cast.now)
    answers = {"observed": "看过", "violation": False}
    walked(cast, "department_round", answers, by="police", kind="irregular", uploads=[pictured("photo")])
    walked(cast, "department_round", answers, by="fire_rescue", kind="regular", uploads=[pictured("photo")])
    duties.tick(moment("2022-10-01"))
    states = {
        rule: owed(rule, due_at=moment("2022-10-01", 0)).get().state
        for rule in ("police_patrols", "fire_rescue_patrols")
    }
    assert states == {"police_patrols": "overdue", "fire_rescue_patrols": "fulfilled"}


@pytest.mark.clause("JY-2.8.23-7")
def test_an_estate_unchecked_for_longer_than_the_days_set_is_missed_and_the_share_is_shown():
    cast = city("jiangyin", "2024-05-01")
    more = estates(cast, 1)[0]
    walked(cast, "fire_check", by="street_office", estate=cast.estate)

    def standing(on, estate):
        share = next(one for one in shares(cast.county.path, day(on)) if one.plan.code == "fire_monthly")
        return share, next(one for one in share.rows if one.estate == estate)

    share, row = standing("2024-06-01", cast.estate)
    assert (row.next_on, row.missed, row.met) == (day("2024-06-01"), False, False)
    assert standing("2024-06-02", cast.estate)[1].missed and standing("2024-06-01", more)[1].missed
    assert share.percent == "0.0%"
    assert "超过31日没有巡查的算漏查" in share.plan.words
    done = next(
        one for one in shares(cast.county.path, day("2024-06-01"), before=True) if one.plan.code == "fire_monthly"
    )
    assert done.met == 1 and str(done.window.to_on) == "2024-05-31"


@pytest.mark.clause("JJ-3.1.2-2")
def test_rounds_are_counted_by_sheet_and_level():
    cast = city("jiujiang", "2022-05-09")
    for by in ("urban_management", "street_office", "community_station"):
        walked(
            cast, "structure_round", {"location": "3幢顶楼", "handling": "没有发现"}, by=by, uploads=[pictured("photo")]
        )
    window = next(one for one in shares(cast.county.path, day("2022-05-09")) if one.plan.rule.every == "week").window
    assert {level: times for sheet, level, times in by_level(cast.county.path, window)} == {
        "county": 1, "street": 1, "community": 1,
    }  # fmt: skip
    assert {one.code for one in plans_of(cast.county.path, day("2022-05-09"))} >= {"community_weekly", "street_weekly"}


@pytest.mark.clause("JJ-4.2.15-5")
def test_a_duty_that_a_void_round_alone_had_met_is_open_again_and_after_its_end_overdue():
    cast = city("jiujiang", "2022-05-09")
    duties.open_standing(cast.now)
    office = {"owner_organisation": cast.organisations["street_office"]}
    rows = [walked(cast, "site_round", {"staff": True}, by="street_office", on=f"2022-05-{day}") for day in (16, 18)]
    (mine,) = owed("street_patrols", **office, due_at=moment("2022-05-23", 0))
    assert (mine.state, mine.state_json["marks"]["count"]) == ("fulfilled", 2)
    rows.append(walked(cast, "site_round", {"staff": True}, by="street_office", on="2022-05-19"))

    def voided(row):
        services.void_round(row, reason="发重了", actor=someone(cast, "street_office"), now=cast.now)
        mine.refresh_from_db()
        return mine.state, mine.closed_at is None, mine.state_json["marks"]["count"]

    assert voided(rows[0])[:2] == ("fulfilled", False), "the round of the 19th stands in for it"
    assert voided(rows[1]) == ("open", True, 1)
    assert mine.next_at is not None and owed("street_patrols", **office).last().last_day == day("2022-05-29")
    assert OutboxMessage.objects.filter(template="duty.reopened").get().to_organisation == office["owner_organisation"]
    rows.append(walked(cast, "site_round", {"staff": True}, by="street_office", on="2022-05-20"))
    mine.refresh_from_db()
    assert mine.state == "fulfilled" and owed("street_patrols", **office).count() == 3, (
        "the next week was there already"
    )
    later(cast, "2022-05-25")
    assert voided(rows[3]) == ("overdue", True, 1)
    kinds = Event.objects.filter(subject_kind="duty", subject_id=str(mine.pk)).order_by("id")
    assert list(kinds.values_list("kind", flat=True))[-3:] == ["duty.fulfilled", "duty.reopened", "duty.period_missed"]


def test_a_duty_that_a_person_closed_stays_closed_when_a_round_is_void():
    cast = city("jiujiang", "2022-05-09")
    duties.open_standing(cast.now)
    row = walked(cast, "site_round", {"staff": True}, by="street_office", on="2022-05-16")
    (mine,) = owed(
        "street_patrols", owner_organisation=cast.organisations["street_office"], due_at=moment("2022-05-23", 0)
    )
    duties.excuse(mine, reason="本周封控管理", actor=someone(cast, "housing"), now=cast.now)
    services.void_round(row, reason="发重了", actor=someone(cast, "street_office"), now=cast.now)
    mine.refresh_from_db()
    assert mine.state == "excused"
