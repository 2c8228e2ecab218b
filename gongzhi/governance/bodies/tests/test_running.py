"""How a committee runs: its meetings and the warning without them; owners who might serve; what lists lead to."""

from decimal import Decimal

import pytest

from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation
from gongzhi.duties import services as duties
from gongzhi.duties.models import Duty
from gongzhi.governance.bodies import services as bodies
from gongzhi.governance.bodies.models import Charge, Prospect
from gongzhi.governance.bodies.queries.assessing import yearly
from gongzhi.governance.bodies.queries.bodies import members_on
from gongzhi.governance.bodies.queries.coverage import answered
from gongzhi.governance.bodies.queries.running import idle_committee, prospects_of
from gongzhi.governance.bodies.services import PersonInput
from gongzhi.governance.bodies.services.forming import guidance_of
from gongzhi.governance.bodies.services.sitting import make_body
from gongzhi.governance.bodies.tests.steps import SYSTEM, city, committee, day, due_on, duty, later, moment, owners

pytestmark = pytest.mark.django_db


@pytest.mark.clause("JY-2.1.3-4", "JY-2.5.12-3")
def test_a_committee_that_has_not_met_for_six_months_is_a_warning_and_no_finding():
    cast = city("jiangyin", "2024-05-06")
    body = committee(cast, cast.estate)
    actor = cast.actor("street_office")
    assert idle_committee(body, day("2024-11-06")) is None
    warned = idle_committee(body, day("2024-11-07"))
    assert warned is not None and warned.since == day("2024-05-06") and "JY-2.5.12-3" in warned.clauses
    later(cast, "2024-11-07")
    with pytest.raises(Refused) as refused:
        bodies.hold_committee_meeting(
            body, held_on=day("2024-11-01"), attended=6, text="换灯", actor=actor, now=cast.now
        )
    assert "attended" in refused.value.fields
    with pytest.raises(Refused) as refused:
        bodies.hold_committee_meeting(
            body, held_on=day("2024-05-05"), attended=3, text="换灯", actor=actor, now=cast.now
        )
    assert "held_on" in refused.value.fields
    row = bodies.hold_committee_meeting(
        body, held_on=day("2024-11-01"), attended=3, text="同意更换路灯", actor=actor, now=cast.now
    )
    assert (row.attended, row.members) == (3, 5)
    assert idle_committee(body, day("2025-05-01")) is None
    assert idle_committee(body, day("2025-05-02")) is not None
    body.refresh_from_db()
    assert body.unable_from is None


@pytest.mark.clause("ZJG-3.3.1-3a")
def test_how_long_without_a_meeting_is_too_long_the_place_may_say():
    cast = city("zhangjiagang", "2026-03-16")
    body = committee(cast, cast.estate)
    assert idle_committee(body, day("2026-09-16")) is None
    assert idle_committee(body, day("2026-09-17")) is not None
    core.set_switch(
        place=cast.county, pack="zhangjiagang", name="idle_period", value="3m", from_on=day("2026-03-16"),
        actor=SYSTEM, reason="会议决定", now=cast.now,
    )  # fmt: skip
    assert idle_committee(body, day("2026-06-17")) is not None


@pytest.mark.clause("JH-4.6b")
def test_owners_found_by_asking_round_make_the_list_of_suggestions_and_the_four_kinds_come_first():
    cast = city("jinhua", "2024-05-06")
    homes = owners(cast.estate, 3)
    street = cast.actor("street_office")

    def note(number, *tags, name=""):
        return bodies.note_prospect(
            cast.estate, unit=homes[number - 1], person=PersonInput(name or f"业主{number:03d}"), attributes=tags,
            actor=street, now=cast.now,
        )  # fmt: skip

    with pytest.raises(Refused) as refused:
        note(1, "party_member", name="外人")
    assert "name" in refused.value.fields
    with pytest.raises(Refused) as refused:
        note(1)
    assert "attributes" in refused.value.fields
    plain, both = note(1, "professional"), note(2, "party_member", "congress_delegate")
    assert prospects_of(cast.estate, day("2024-05-06")) == [both, plain]
    assert core.opened(both.person, "name") == "业主002" and both.person.masked_name != "业主002"
    formation = bodies.start_formation(
        cast.estate, kind="owners_committee", trigger="failed", started_on=day("2024-05-06"), actor=street, now=cast.now
    )
    wanted, clauses = guidance_of(formation, day("2024-05-06"))
    assert wanted["survey"] and clauses == ("JH-4.6b",)
    with pytest.raises(Refused):
        bodies.note_prospect(
            cast.estate, unit=homes[0], person=PersonInput("业主001"), attributes=["party_member"],
            actor=cast.actor("owner"), now=cast.now,
        )  # fmt: skip
    assert Prospect.objects.count() == 2


@pytest.mark.clause("JJ-4.1.12-5")
def test_what_the_list_forbids_opens_an_inquiry_about_the_member_and_what_it_asks_does_not():
    cast = city("jiujiang", "2022-05-05")
    body = committee(cast, cast.estate)
    street = cast.actor("street_office")
    [member, *_] = members_on(body, day("2022-05-05"))
    kinds = {}
    for kind, text in (("duty", "每季度公布账目"), ("negative", "收受物业企业财物")):
        kinds[kind] = bodies.add_list_item(
            cast.street, kind=kind, text=text, from_on=day("2022-05-05"), actor=street, now=cast.now
        )
    bodies.mark_list(body, item=kinds["duty"], on=day("2022-05-05"), actor=street, now=cast.now)
    assert not Charge.objects.exists()
    bodies.mark_list(
        body, item=kinds["negative"], member=member, on=day("2022-05-05"), note="群众举报", actor=street, now=cast.now
    )
    charge = Charge.objects.get()
    assert charge.member == member and "收受物业企业财物" in charge.words and charge.state == "open"


@pytest.mark.clause("MX-3.1.3-11")
def test_an_unanswered_prompt_of_the_community_goes_up_to_the_street():
    cast = city("meixian", "2023-04-03")
    body = committee(cast, cast.estate)
    community = cast.actor("community_committee")
    bodies.advise(
        kind="urge", to=body.organisation, text="请公布账目", body=body, due_on=day("2023-04-10"), actor=community,
        now=cast.now,
    )  # fmt: skip
    owed = duty("reply_to_urging")
    assert due_on(owed) == day("2023-04-10")
    duties.tick(moment("2023-04-11"))
    owed.refresh_from_db()
    assert owed.state == "overdue"
    [paper] = core.documents_of(owed.subject)
    assert {one.organisation.role for one in paper.recipients.all()} == {"owners_committee", "street_office"}


@pytest.mark.clause("MX-3.2.4-1")
def test_civil_affairs_sends_one_opinion_to_all_communities_and_sees_the_rate_of_reply():
    cast = city("meixian", "2023-04-03")
    affairs = cast.actor("civil_affairs")
    desks = list(Organisation.objects.filter(role="community_committee", active=True))
    with pytest.raises(Refused):
        bodies.advise_communities([], text="规范业主大会", actor=affairs, now=cast.now)
    rows = bodies.advise_communities(desks, text="规范业主大会", due_on=day("2023-04-20"), actor=affairs, now=cast.now)
    assert {one.to for one in rows} == set(desks) and {one.place_path for one in rows} == {
        one.place.path for one in desks
    }
    assert {one.owner_organisation for one in Duty.objects.filter(rule="reply_to_opinion")} == set(desks)
    mine = next(one for one in rows if one.to == cast.organisation("community_committee"))
    bodies.reply_to(mine, text="已整改", actor=cast.actor("community_committee"), now=cast.now)
    found = answered(affairs, cast.now.date())
    assert (found.part, found.whole) == (1, len(desks))


@pytest.mark.clause("JH-4.6h")
def test_committees_are_ranked_by_the_years_score_and_those_without_one_are_listed():
    cast = city("jinhua", "2024-05-06")
    first, second, third = (
        make_body("owners_committee", estate=one, place=one.place, formed_on=day("2024-05-06"), actor=SYSTEM)
        for one in (cast.estate, cast.estate_outside, cast.estate_unknown)
    )
    for body, score in ((first, "82.5"), (second, "91")):
        bodies.assess(body, year=2024, score=Decimal(score), final=True, actor=SYSTEM, now=moment("2024-12-20"))
    found = yearly(cast.county.path, 2024)
    assert [(place, one.body) for place, one in found.ranked] == [(1, second), (2, first)]
    assert found.missing == (third,)
    assert yearly(cast.county.path, 2023).missing == ()


@pytest.mark.clause("ZJG-3.3.2-4a")
def test_the_notice_of_a_terms_end_may_be_read_as_after_it():
    cast = city("zhangjiagang", "2022-03-16")
    committee(cast, cast.estate, term_until="2026-12-31")
    core.set_switch(
        place=cast.county, pack="zhangjiagang", name="term_notice_after", value="yes", from_on=day("2022-03-16"),
        actor=SYSTEM, reason="会议决定", now=cast.now,
    )  # fmt: skip
    assert bodies.watch(moment("2026-12-31"))["ending"] == 0
    assert bodies.watch(moment("2027-01-01")) == {"ending": 1, "over": 0, "no_application": 0}
    assert due_on(duty("tell_term_end")) == day("2027-03-31")
    assert bodies.watch(moment("2027-03-31"))["over"] == 0
    assert bodies.watch(moment("2027-04-01"))["over"] == 1
