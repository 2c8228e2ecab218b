"""Figures of the catalogue's `accept` lines that no other test has: steps that wait, days that are missed, rates."""

import pytest

from gongzhi.core import services as core
from gongzhi.core.display import percent
from gongzhi.core.errors import Refused
from gongzhi.duties import services as duties
from gongzhi.duties.models import Duty
from gongzhi.governance.bodies import services as bodies
from gongzhi.governance.bodies.models import OwedMeeting
from gongzhi.governance.bodies.queries.coverage import body_coverage
from gongzhi.governance.bodies.tests.steps import (
    SYSTEM,
    city,
    committee,
    day,
    duty,
    later,
    moment,
    nominated,
    owners,
    passed,
    seats,
)
from gongzhi.registry.models import Estate

pytestmark = pytest.mark.django_db


@pytest.mark.clause("JJ-3.1.3-2")
def test_each_step_waits_for_the_street_offices_guidance_on_it():
    cast = city("jiujiang", "2022-05-05")
    street, on = cast.actor("street_office"), day("2022-05-05")
    formation = bodies.take_application(cast.estate, received_on=on, actor=SYSTEM, now=cast.now)
    by = {"actor": street, "now": cast.now}

    def guide(step):
        bodies.guide(cast.estate, formation=formation, step=step, text="到场指导", on=on, **by)

    def waits(act):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.code == "no_guidance" and "JJ-3.1.3-2" in refused.value.clauses

    waits(lambda: bodies.form_group(formation, seats=seats(5), formed_on=on, **by))
    guide("group")
    bodies.form_group(formation, seats=seats(5), formed_on=on, **by)
    passed(cast, nominated(cast, formation, owners(cast.estate, 3)))
    waits(lambda: bodies.publish_candidates(formation, seats=3, from_on=on, **by))
    guide("candidates")
    bodies.publish_candidates(formation, seats=3, from_on=on, **by)
    formation.refresh_from_db()
    waits(lambda: bodies.ballot(formation, day("2022-06-01")))
    guide("assembly")
    assert len(bodies.ballot(formation, day("2022-06-01"))) == 3


@pytest.mark.clause("JY-2.5.12-3", "MX-3.7.1-6")
@pytest.mark.parametrize(
    ("slug", "found", "reason", "rule", "late"),
    [
        ("jiangyin", "2024-06-01", "not_functioning", "hold_interim_meeting", "2024-08-01"),
        ("meixian", "2023-03-06", "serious_breach", "re_elect_committee", "2023-05-06"),
    ],
)
def test_a_day_after_the_sixtieth_is_late_and_nothing_but_the_meeting_closes_the_task(slug, found, reason, rule, late):
    cast = city(slug, found)
    body = committee(cast, cast.estate)
    bodies.mark_unable(
        body, reason=reason, why="半年没有开会", from_on=day(found), actor=cast.actor("street_office"), now=cast.now
    )
    owed = duty(rule)
    with pytest.raises(Refused) as refused:
        duties.fulfil(owed, note="已经处理", actor=cast.actor("street_office"), now=cast.now)
    assert refused.value.code in ("closed_by_act", "forbidden")
    duties.tick(moment(late))
    assert duty(rule).state == "overdue"
    bodies.hold_meeting(
        OwedMeeting.objects.get(), held_on=day(late), passed=True, result="调整", actor=SYSTEM, now=moment(late, 20)
    )
    assert duty(rule).state == "fulfilled_late"


@pytest.mark.clause("MX-3.1.2-6")
def test_put_right_on_the_fifteenth_day_is_in_time():
    cast = city("meixian", "2023-05-10")
    body, street = committee(cast, cast.estate, units=owners(cast.estate, 5)), cast.actor("street_office")
    kept = bodies.record_decision(
        cast.estate, body=body, title="限制装修", text="收押金", decided_on=day("2023-05-01"), actor=SYSTEM,
        now=cast.now,
    )  # fmt: skip
    row = bodies.open_correction(kept, kind="order", grounds="没有依据", actor=street, now=cast.now)
    bodies.give_opinion(row, text="同意", actor=cast.actor("housing"), now=cast.now)
    row = bodies.issue_correction(row, actor=street, now=cast.now)
    bodies.note_corrected(row, on=day("2023-05-25"), actor=street, now=moment("2023-05-25", 20))
    assert duty("correct_decision").state == "fulfilled"


@pytest.mark.clause("JH-4.6a")
def test_an_estate_that_could_have_a_committee_and_has_not_begun_is_the_streets_to_do_and_no_other_counts():
    cast = city("jinhua", "2024-05-06")
    street, estates = cast.actor("street_office"), list(Estate.objects.order_by("pk"))
    bodies.meet_conditions(cast.estate, met_on=day("2024-05-06"), actor=SYSTEM, now=cast.now)
    owed = duty("form_committee")
    assert (owed.owner_role, owed.state) == ("street_office", "open")
    found = body_coverage(estates, place_path=cast.county.path, on=day("2024-05-06"))
    assert (found.part, found.whole, found.missing) == (0, 1, (cast.estate,))
    committee(cast, cast.estate_unknown)
    found = body_coverage(estates, place_path=cast.county.path, on=day("2024-05-06"))
    assert (found.part, found.whole) == (1, 2), "who has a committee is qualified, whether or not that was written down"
    bodies.start_formation(
        cast.estate, kind="owners_committee", trigger="failed", started_on=day("2024-05-06"), actor=street, now=cast.now
    )
    assert not Duty.objects.filter(rule="form_committee", closed_at=None).exists()


@pytest.mark.clause("ZJG-2.1.1")
def test_what_a_committee_leaves_unanswered_is_told_to_the_street():
    cast = city("zhangjiagang", "2026-03-16")
    body, street = committee(cast, cast.estate), cast.actor("street_office")
    bodies.advise(kind="order", to=body.organisation, body=body, text="公布账目", actor=street, now=cast.now)
    owed = duty("reply_to_guidance")
    duties.tick(owed.due_at)
    owed.refresh_from_db()
    assert owed.state == "overdue"
    [paper] = core.documents_of(owed.subject)
    assert "street_office" in {one.organisation.role for one in paper.recipients.all()}
    later(cast, "2026-06-01")
    assert body.organisation_id == owed.owner_organisation_id


@pytest.mark.clause("JY-2.5.11-4", "JY-2.8.24-6", "MX-3.2.4-1", "MX-3.7.3-1", "JH-4.6a")
@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [
        (196, 200, "98.0%"), (200, 200, "100.0%"), (199, 200, "99.5%"), (1999, 2000, "99.9%"), (64, 80, "80.0%"),
        (18, 20, "90.0%"), (240, 300, "80.0%"), (30, 40, "75.0%"),
    ],
)  # fmt: skip
def test_a_rate_is_never_rounded_up_to_the_whole(part, whole, words):
    assert percent(part, whole) == words
