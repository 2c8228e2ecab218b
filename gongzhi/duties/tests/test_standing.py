"""Recurring duties through the database: begun, counted, missed, followed, ended, and opened by attaching a pack."""

from datetime import timedelta
from typing import Any

import pytest

from gongzhi.core import packs
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.models import Event, PackAttachment
from gongzhi.core.refs import Ref
from gongzhi.core.tests.cast import Cast, build
from gongzhi.duties import services
from gongzhi.duties.models import Duty, State
from gongzhi.duties.services import reacting
from gongzhi.duties.tests.acts import happened, on
from gongzhi.policy.clock_rules import DutyRule

PATROL: dict[str, Any] = {
    "duty": "patrol",
    "title": "巡查",
    "owner": {"role": "street_office"},
    "every": {
        "week": "1",
        "starts": ["estate.registered"],
        "ends": ["estate.merged"],
        "at_least": "2",
        "distinct": "day",
        "max_gap": "4d",
        "counts_events": ["estate.paper_filed"],
    },
    "clauses": ["JJ-4.2.15-6"],
}
REPORT: dict[str, Any] = {
    "duty": "monthly_report",
    "title": "每月报送情况",
    "owner": {"role": "street_office"},
    "subject": "place",
    "every": {"month": "1", "starts": ["pack.attached"], "counts_events": ["estate.paper_filed"]},
    "clauses": ["JJ-3.0-1"],
}


@pytest.fixture
def rules(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The district's pack with two recurring duties and nothing else."""
    pack = packs.pack_for(cast.estate.place_path, cast.now.date())
    assert pack is not None
    rules = {one["duty"]: DutyRule.from_data(one, pack="jiujiang") for one in (PATROL, REPORT)}
    monkeypatch.setattr(pack, "duty_rules", rules)
    monkeypatch.setattr(reacting, "_named", {})


def happens(cast: Cast, kind: str, when: str, **data: Any) -> None:
    given = {
        "registered": {"estate_type": "commercial", "facts": []},
        "paper_filed": {"item": "巡查表"},
        "merged": {"into": "1", "estates": [], "buildings": 1, "from_on": on(when).date()},
    }[kind]
    core.record(
        f"estate.{kind}",
        subject=Ref("estate", "77", "新小区", cast.estate.place_path),
        actor=Actor.system(),
        at=on(when),
        data={**given, **data},
        place_path=cast.estate.place_path,
    )


def weeks(rule: str = "patrol") -> list[tuple[str, str, str]]:
    rows = Duty.objects.filter(rule=rule, subject_kind="estate", subject_id="77").order_by("id")
    return [(row.state_json["marks"]["from"][5:], row.state_json["marks"]["to"][5:], str(row.state)) for row in rows]


def test_a_week_is_met_by_two_acts_on_two_days_and_the_next_one_opens(cast: Cast, rules: None) -> None:
    happens(cast, "registered", "05-02 09:00")  # a Monday
    assert weeks() == [("05-02", "05-08", "open")]
    happens(cast, "paper_filed", "05-03 09:00")
    happens(cast, "paper_filed", "05-03 17:00")
    assert weeks() == [("05-02", "05-08", "open")], "twice on one day is once"
    happens(cast, "paper_filed", "05-06 09:00")
    services.tick(on("05-09 00:01"))
    assert weeks() == [("05-02", "05-08", "fulfilled"), ("05-09", "05-15", "open")]
    duty = Duty.objects.filter(rule="patrol").earliest("id")
    assert duty.owner_organisation == cast.organisation("street_office")
    assert (happened(duty, "fulfilled"), happened(duty, "period_missed")) == (1, 0)


def test_after_weeks_without_a_tick_every_missed_period_is_there_once(cast: Cast, rules: None) -> None:
    happens(cast, "registered", "05-02 09:00")
    services.tick(on("05-24 08:00"))
    services.tick(on("05-24 08:00"))
    assert weeks() == [
        ("05-02", "05-08", "overdue"),
        ("05-09", "05-15", "overdue"),
        ("05-16", "05-22", "overdue"),
        ("05-23", "05-29", "open"),
    ]
    missed = Event.objects.filter(kind="duty.period_missed").order_by("at")
    assert {one.at for one in missed} >= {on("05-09 00:00"), on("05-16 00:00"), on("05-23 00:00")}, (
        "each at its own end"
    )


def test_a_gap_that_is_too_long_is_missed_though_the_number_is_right(cast: Cast, rules: None) -> None:
    happens(cast, "registered", "05-02 09:00")
    happens(cast, "paper_filed", "05-02 10:00")
    services.tick(on("05-07 00:01"))
    duty = Duty.objects.get(rule="patrol")
    assert happened(duty, "period_missed") == 1, "four days without any"
    happens(cast, "paper_filed", "05-07 10:00")
    services.tick(on("05-09 00:01"))
    assert weeks()[0] == ("05-02", "05-08", "overdue")


def test_what_ends_the_thing_ends_the_duty_and_no_period_follows(cast: Cast, rules: None) -> None:
    happens(cast, "registered", "05-02 09:00")
    happens(cast, "merged", "05-04 09:00")
    services.tick(on("06-30 00:01"))
    assert weeks() == [("05-02", "05-08", "void")]


def test_attaching_opens_what_began_before_and_was_not_ended_once(
    cast: Cast, rules: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as unattached:
        unattached.setattr(reacting, "duties_after", lambda *_, **__: pytest.fail("no rule holds yet"))
        unattached.setattr(reacting, "_opens_any", lambda *_: False)
        happens(cast, "registered", "03-01 09:00")
    assert weeks() == []
    services.open_standing(on("05-04 10:00"))
    assert weeks() == [("05-02", "05-08", "open")]
    assert Duty.objects.get(subject_id="77").state_json["marks"]["partial"] is True
    assert services.open_standing(on("05-04 11:00")) == 0
    services.tick(on("05-09 00:01"))
    assert weeks()[0][2] == State.EXCUSED, "a period that began before the document held is not reported"
    happens(cast, "merged", "05-10 09:00")
    assert services.open_standing(on("05-11 11:00")) == 0


def test_each_unit_in_the_role_owes_it_from_the_day_on_which_the_document_holds(cast: Cast, rules: None) -> None:
    services.open_standing(on("05-04 10:00"))
    duties = Duty.objects.filter(rule="monthly_report").order_by("id")
    owners = {duty.owner_organisation for duty in duties}
    assert owners == {cast.organisation("street_office"), cast.organisation("street_office@2")}
    assert {duty.subject_kind for duty in duties} == {"place"} and all(duty.subject_title for duty in duties)
    happens(cast, "paper_filed", "05-20 09:00")
    done = [one for one in duties.all() if one.state == State.FULFILLED]
    assert [one.owner_organisation for one in done] == [cast.organisation("street_office")], (
        "what happens in its own town"
    )
    third = core.ensure_organisation("street_office", place=cast.communities[1])
    services.open_standing(on("05-21 10:00"))
    assert Duty.objects.filter(rule="monthly_report", owner_organisation=third).exists(), "registered since"


def test_switching_the_document_off_ends_its_standing_duties(cast: Cast, rules: None) -> None:
    services.open_standing(on("05-04 10:00"))
    attachment = PackAttachment.objects.get(pack="jiujiang")
    core.attach_pack(
        attachment.place, pack="jiujiang", switched_on=False, since=attachment.since,
        actor=Actor.system(), now=on("05-05 10:00"),
    )  # fmt: skip
    assert set(Duty.objects.filter(rule="monthly_report").values_list("state", flat=True)) == {State.VOID}
    services.tick(on("07-01 00:01"))
    assert not Duty.objects.filter(rule="monthly_report", closed_at=None).exists()


@pytest.mark.clause("MX-4.4-1", "MX-3.6.6-1")
def test_a_quarter_without_an_inspection_is_missed_on_the_first_day_after_it(db: None) -> None:
    began = on("12-30 10:00")
    cast = build(began, county="610326", pack="meixian")
    office = cast.organisation("leading_group_office")
    services.open_standing(began)
    services.tick(began + timedelta(days=3))  # 2 January 2023: the quarter in which it began is over
    quarter = Duty.objects.get(rule="inspect_quarterly", closed_at=None)
    assert (quarter.owner_organisation, quarter.last_day.isoformat()) == (office, "2023-03-31")
    campaign = Duty.objects.get(rule="market_campaign", closed_at=None)
    assert campaign.last_day.isoformat() == "2023-12-31"
    services.tick(began + timedelta(days=92))  # 1 April
    quarter.refresh_from_db()
    assert quarter.state == State.OVERDUE
    assert Duty.objects.filter(rule="inspect_quarterly", closed_at=None, state=State.OPEN).count() == 1
