"""How a committee comes about: clocks, guidance, candidates, the election's outcome, what it is made of."""

import pytest

from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.duties import services as duties
from gongzhi.duties.models import Duty
from gongzhi.governance.bodies import services as bodies
from gongzhi.governance.bodies.models import Formation
from gongzhi.governance.bodies.queries.bodies import acting, members_on
from gongzhi.governance.bodies.queries.composition import composition_facts, findings_of
from gongzhi.governance.bodies.services import PersonInput, SeatInput, Winner
from gongzhi.governance.bodies.services.forming import missing_guidance
from gongzhi.governance.bodies.tests.steps import (
    SYSTEM,
    city,
    committee,
    day,
    due_on,
    duty,
    later,
    moment,
    nominated,
    owners,
    passed,
    seats,
)
from gongzhi.registry import services as registry

pytestmark = pytest.mark.django_db


def names(findings):
    return {one.name for one in findings}


@pytest.mark.clause("ZJG-3.3.1-1a")
def test_sixty_days_after_the_application_the_group_is_formed_in_time_and_a_day_later_it_is_not():
    cast = city("zhangjiagang", "2026-03-16")
    estate, street = cast.estate, cast.actor("street_office")
    bodies.meet_conditions(estate, met_on=day("2026-03-01"), actor=street, now=cast.now)
    formation = bodies.take_application(estate, received_on=day("2026-03-16"), actor=street, now=cast.now)
    assert due_on(duty("form_preparatory_group")) == day("2026-05-15")
    duties.tick(moment("2026-05-16"))
    late = duty("form_preparatory_group")
    assert late.state == "overdue"
    notice = core.documents_of(late.subject)
    assert [one.organisation.role for one in notice[0].recipients.all() if one.copy] == ["housing"]
    later(cast, "2026-05-16")
    bodies.guide(
        estate, formation=formation, step="group", text="到场指导", on=day("2026-05-16"), actor=street, now=cast.now
    )
    bodies.form_group(formation, seats=seats(5), formed_on=day("2026-05-16"), actor=street, now=cast.now)
    assert duty("form_preparatory_group").state == "fulfilled_late"


@pytest.mark.clause("ZJG-3.3.1-1a")
def test_an_application_counts_only_from_the_day_on_which_the_conditions_are_found_met():
    cast = city("zhangjiagang", "2026-03-16")
    street = cast.actor("street_office")
    bodies.take_application(cast.estate, received_on=day("2026-03-16"), actor=street, now=cast.now)
    assert not Duty.objects.filter(rule="form_preparatory_group").exists()
    later(cast, "2026-04-01")
    bodies.meet_conditions(cast.estate, met_on=day("2026-04-01"), actor=street, now=cast.now)
    assert due_on(duty("form_preparatory_group")) == day("2026-06-01")  # 5月31日是周日，顺延


@pytest.mark.clause("ZJG-3.3.1-1b", "ZJG-3.3.1-1a")
def test_a_year_without_an_application_makes_the_street_act_by_itself_and_an_application_before_does_not():
    cast = city("zhangjiagang", "2026-06-15")
    street = cast.actor("street_office")
    first, second, third = cast.estate, cast.estate_outside, cast.estate_unknown
    system = [(one, SYSTEM) for one in (first, second, third)]
    for estate, actor in system:
        bodies.meet_conditions(estate, met_on=day("2025-06-15"), actor=actor, now=cast.now)
    assert bodies.watch(moment("2026-06-15", 23))["no_application"] == 0
    bodies.take_application(second, received_on=day("2026-06-15"), actor=SYSTEM, now=cast.now)
    assert bodies.watch(moment("2026-06-16", 0))["no_application"] == 2
    assert bodies.watch(moment("2026-06-16", 1))["no_application"] == 0
    later(cast, "2026-06-16")
    joined = bodies.take_application(third, received_on=day("2026-06-16"), actor=street, now=cast.now)
    assert joined.trigger == "no_application"
    assert Formation.objects.filter(estate=third).count() == 1
    assert due_on(duty("form_preparatory_group", estate=second)) == day("2026-08-14")
    assert {one.estate for one in Duty.objects.filter(rule="form_group_unasked")} == {first, third}
    assert not Duty.objects.filter(rule="form_preparatory_group", estate=third).exists()


@pytest.mark.clause("ZJG-3.3.1-2a", "JJ-3.1.3-2", "JJ-4.1.12-3")
@pytest.mark.parametrize("slug", ["zhangjiagang", "jiujiang"])
def test_no_group_without_guidance_and_on_the_ballot_only_who_passed_the_review_after_the_notice(slug):
    cast = city(slug, "2026-03-16")
    estate, street, now = cast.estate, cast.actor("street_office"), cast.now
    homes = owners(estate, 4)
    formation = bodies.take_application(estate, received_on=day("2026-03-16"), actor=SYSTEM, now=now)
    with pytest.raises(Refused) as refused:
        bodies.form_group(formation, seats=seats(5), formed_on=day("2026-03-16"), actor=street, now=now)
    assert refused.value.code == "no_guidance"
    for step in ("group", "candidates", "assembly"):
        bodies.guide(estate, formation=formation, step=step, text="指导", on=day("2026-03-16"), actor=street, now=now)
    bodies.form_group(formation, seats=seats(5), formed_on=day("2026-03-16"), actor=street, now=now)
    rows = nominated(cast, formation, homes)
    good = passed(cast, rows[:2])
    with pytest.raises(Refused) as refused:
        bodies.review_candidate(rows[2], result="refused", actor=street, now=now)
    assert "opinion" in refused.value.fields
    bodies.review_candidate(rows[2], result="refused", opinion="材料不实", actor=street, now=now)
    with pytest.raises(Refused) as refused:
        bodies.ballot(formation, day("2026-03-17"))
    assert refused.value.code == "not_published"
    bodies.publish_candidates(formation, seats=2, from_on=day("2026-03-16"), actor=street, now=now)
    formation.refresh_from_db()
    if slug == "zhangjiagang":
        assert formation.published_until == day("2026-03-23")
        with pytest.raises(Refused) as refused:
            bodies.ballot(formation, day("2026-03-23"))
        assert refused.value.code == "notice_running"
    assert bodies.ballot(formation, day("2026-03-24")) == good
    with pytest.raises(Refused) as refused:  # one refused, one never reviewed
        bodies.take_election(formation, elected=[Winner(rows[2].pk)], held_on=day("2026-03-16"), actor=street, now=now)
    assert refused.value.code == "not_on_ballot"


@pytest.mark.clause("ZJG-3.3.1-2c", "JH-4.6c", "JJ-4.1.12-2", "JH-4.6b")
@pytest.mark.parametrize("slug", ["zhangjiagang", "jinhua", "jiujiang"])
@pytest.mark.parametrize(("members", "party", "low"), [(7, 3, True), (7, 4, False), (6, 3, False), (5, 2, True)])
def test_half_of_a_committee_are_party_members_or_it_is_explained(slug, members, party, low):
    cast = city(slug, "2026-03-16")
    body = committee(cast, cast.estate, members=members, party=party)
    assert bool(findings_of(body, body.formed_on)) is low
    actor = cast.actor("street_office")
    explained_wanted = low and slug != "jiujiang"
    if explained_wanted:
        with pytest.raises(Refused) as refused:
            bodies.submit_filing(body, actor=actor, now=cast.now)
        assert refused.value.fields == {"explanation": refused.value.fields["explanation"]}
    filing = bodies.submit_filing(body, explanation="小区党员少" if explained_wanted else "", actor=actor, now=cast.now)
    assert filing.state == "submitted"


@pytest.mark.clause("ZJG-3.3.1-2d")
def test_a_renewed_committee_has_to_explain_only_when_its_share_of_party_members_falls():
    cast = city("zhangjiagang", "2020-03-16")
    owners(cast.estate, 9)
    first = committee(cast, cast.estate, members=9, party=3)
    later(cast, "2025-03-17")
    second = committee(cast, cast.estate, members=9, party=4, trigger="renewal")
    facts = composition_facts(second, second.formed_on)
    assert facts["party_share"] > facts["previous_party_share"] and not facts["party_share_falls"]
    assert findings_of(second, second.formed_on) == []
    first.refresh_from_db()
    assert (first.state, first.ended_on) == ("ended", day("2025-03-17"))
    later(cast, "2026-03-16")
    third = committee(cast, cast.estate, members=9, party=3, trigger="renewal")
    assert names(findings_of(third, third.formed_on)) == {"renewed_committee_party"}


@pytest.mark.clause("ZJG-3.3.1-2b", "MX-3.7.1-4")
@pytest.mark.parametrize(("slug", "wanted"), [("zhangjiagang", 7), ("meixian", 4)])
def test_encouraged_attributes_are_counted_and_nobody_needs_one(slug, wanted):
    cast = city(slug, "2026-03-16")
    answer = core.ask(
        "governance.encouraged", {"kind": "owners_committee"}, place_path=cast.estate.place_path, on=day("2026-03-16")
    )
    assert len(answer.value) == wanted
    body = committee(cast, cast.estate, party=0)
    assert composition_facts(body, body.formed_on)["encouraged"] == 0


@pytest.mark.clause("MX-3.5.4-2")
@pytest.mark.parametrize(("members", "listed", "low"), [(7, 4, False), (7, 3, True), (6, 3, False)])
def test_half_from_the_four_groups_is_only_a_hint_at_the_filing(members, listed, low):
    cast = city("meixian", "2023-09-01")
    body = committee(cast, cast.estate, members=members, party=listed, attribute="grid_party_member")
    assert ("committee_recommended" in names(findings_of(body, body.formed_on))) is low
    filing = bodies.submit_filing(body, party_group="not_established", actor=cast.actor("street_office"), now=cast.now)
    assert filing.state == "submitted"


def management(cast, *, members, owner_members, others=("street", "community_party", "community"), source="chosen"):
    formation = bodies.start_formation(
        cast.estate,
        kind="management_committee",
        trigger="not_qualified",
        reason="交付面积不足",
        started_on=core.local_day(cast.now),
        actor=cast.actor("street_office"),
        now=cast.now,
    )
    rest = members - owner_members
    given = [
        SeatInput(person=PersonInput(f"业主{n}"), side="owner", source=source, source_note="业主推选会记录")
        for n in range(owner_members)
    ]
    given += [SeatInput(side=others[n % len(others)], unit_name="单位") for n in range(rest)]
    return formation, given


@pytest.mark.clause("MX-3.7.2-2", "MX-3.7.2-3")
@pytest.mark.parametrize(
    ("members", "owner_members", "broken"),
    [
        (7, 4, set()),
        (7, 3, {"management_owner_share"}),
        (8, 5, {"management_odd"}),
        (5, 3, {"management_size"}),
        (9, 5, set()),
        (9, 4, {"management_owner_share"}),
        (6, 3, {"management_size", "management_odd"}),
    ],
)
def test_seven_or_more_odd_and_half_of_them_owners(members, owner_members, broken):
    cast = city("meixian", "2023-03-01")
    formation, given = management(cast, members=members, owner_members=owner_members)
    form = {"formed_on": day("2023-03-01"), "actor": cast.actor("street_office"), "now": cast.now}
    if not broken:
        body = bodies.form_management_committee(formation, seats=given, **form)
        assert body.state == "in_office" and not [one for one in body.basis if one["outcome"] == "refuse"]
        return
    with pytest.raises(Refused) as refused:
        bodies.form_management_committee(formation, seats=given, **form)
    clauses = {"management_owner_share": "MX-3.7.2-3"}
    assert set(refused.value.clauses) == {clauses.get(one, "MX-3.7.2-2") for one in broken}
    assert refused.value.message.count("；") == len(broken) - 1


@pytest.mark.clause("MX-3.7.2-2")
def test_each_side_that_is_missing_is_named():
    cast = city("meixian", "2023-03-01")
    formation, given = management(cast, members=7, owner_members=4, others=("street", "community"))
    body = bodies.form_management_committee(
        formation, seats=given, formed_on=day("2023-03-01"), actor=cast.actor("street_office"), now=cast.now
    )
    assert names(findings_of(body, body.formed_on)) == {"management_community_party"}


@pytest.mark.clause("MX-3.7.2-4")
def test_the_party_recommends_owners_only_after_the_owners_could_not_agree():
    cast = city("meixian", "2023-03-01")
    street = cast.actor("street_office")
    formation, given = management(cast, members=7, owner_members=4, source="party")
    form = {"seats": given, "formed_on": day("2023-03-01"), "actor": street, "now": cast.now}
    with pytest.raises(Refused) as refused:
        bodies.form_management_committee(formation, **form)
    assert "MX-3.7.2-4" in refused.value.clauses
    formation = bodies.note_choosing_failed(formation, on=day("2023-02-28"), actor=street, now=cast.now)
    assert bodies.form_management_committee(formation, **form).state == "in_office"


@pytest.mark.clause("ZJG-3.3.1-3a", "JY-2.5.11-2", "JJ-4.1.12-7", "MX-3.7.2-1")
@pytest.mark.parametrize("slug", ["zhangjiagang", "jiangyin", "jiujiang", "meixian"])
def test_no_management_committee_beside_a_committee_in_office(slug):
    cast = city(slug, "2024-05-08")
    street = cast.actor("street_office")
    start = {"kind": "management_committee", "started_on": day("2024-05-08"), "actor": street, "now": cast.now}
    if slug == "zhangjiagang":
        with pytest.raises(Refused) as refused:
            bodies.start_formation(cast.estate_unknown, trigger="failed", **start)
        assert "management_guided" in str(refused.value) or refused.value.clause == "ZJG-3.3.1-3a"
        with pytest.raises(Refused):
            bodies.start_formation(cast.estate_unknown, trigger="application", **start)
    if slug == "jiangyin":
        with pytest.raises(Refused) as refused:
            bodies.start_formation(cast.estate_unknown, trigger="not_qualified", **start)
        assert refused.value.clause == "JY-2.5.11-2"
    assert bodies.start_formation(cast.estate_unknown, trigger="not_qualified", reason="交付不足", **start)
    committee(cast, cast.estate)
    with pytest.raises(Refused) as refused:
        bodies.start_formation(cast.estate, trigger="not_qualified", reason="交付不足", **start)
    assert refused.value.clause in ("ZJG-3.3.1-3a", "JY-2.5.11-2", "JJ-4.1.12-7", "MX-3.7.2-1")


@pytest.mark.clause("ZJG-3.3.1-3b")
def test_eight_sides_each_named_when_missing_and_no_filing_without_an_owner():
    cast = city("zhangjiagang", "2026-03-16")
    street, now = cast.actor("street_office"), cast.now
    formation, _ = management(cast, members=1, owner_members=0)
    kinds = ("street", "urban_management", "community_party", "community", "community_service")
    body = bodies.form_management_committee(
        formation,
        seats=[SeatInput(side=one, unit_name="单位") for one in kinds],
        absent_sides=["developer"],
        formed_on=day("2026-03-16"),
        actor=street,
        now=now,
    )
    assert names(findings_of(body, body.formed_on)) == {"management_police", "management_owners"}
    with pytest.raises(Refused) as refused:
        bodies.submit_filing(body, explanation="派出所另行委派", actor=street, now=now)
    assert "业主代表" in refused.value.message
    bodies.fill_seat(
        body, given=SeatInput(person=PersonInput("业主甲")), from_on=day("2026-03-16"), actor=street, now=now
    )
    with pytest.raises(Refused):
        bodies.submit_filing(body, actor=street, now=now)
    assert bodies.submit_filing(body, explanation="派出所另行委派", actor=street, now=now).state == "submitted"


@pytest.mark.clause("ZJG-3.3.1-3c", "ZJG-3.3.1-3d")
def test_the_management_committee_stands_in_until_the_committee_is_on_file():
    cast = city("zhangjiagang", "2026-03-16")
    street, estate = cast.actor("street_office"), cast.estate
    assert registry.organisation_for("owners_committee", estate.place_path, estate) is None
    formation, given = management(cast, members=7, owner_members=4)
    body = bodies.form_management_committee(
        formation, seats=given, formed_on=day("2026-03-16"), actor=street, now=cast.now
    )
    assert acting(estate, "assembly", day("2026-03-16")).role == "management_committee"
    assert registry.organisation_for("owners_committee", estate.place_path, estate) == body.organisation
    assert duty("review_conversion").owner_organisation == body.organisation
    later(cast, "2026-06-15")
    elected = committee(cast, estate)
    body.refresh_from_db()
    assert body.state == "in_office"
    filing = bodies.submit_filing(elected, actor=street, now=cast.now)
    bodies.decide_filing(filing, accepted=True, actor=street, now=cast.now)
    body.refresh_from_db()
    assert (body.state, body.ended_on, body.organisation.active) == ("ended", day("2026-06-15"), False)
    assert registry.organisation_for("owners_committee", estate.place_path, estate) == elected.organisation


@pytest.mark.clause("JY-2.5.12-2")
def test_from_the_day_the_committee_is_born_the_management_committee_decides_no_more():
    cast = city("jiangyin", "2024-05-01")
    estate = cast.estate
    formation, given = management(cast, members=7, owner_members=4)
    stand_in = bodies.form_management_committee(
        formation, seats=given, formed_on=day("2024-05-01"), actor=cast.actor("street_office"), now=cast.now
    )
    decision = bodies.record_decision(
        estate, body=stand_in, title="选聘", text="选聘物业", decided_on=day("2024-05-01"), actor=SYSTEM, now=cast.now
    )
    later(cast, "2024-09-01")
    committee(cast, estate)
    for power in ("assembly", "committee"):
        assert acting(estate, power, day("2024-08-31")).role == "management_committee"
        assert acting(estate, power, day("2024-09-01")).role == "owners_committee"
    decision.refresh_from_db()
    assert decision.body == stand_in and decision.revoked_on is None


@pytest.mark.clause("MX-3.1.3-6", "MX-3.7.2-1")
def test_first_the_community_then_the_management_committee_then_the_committee():
    cast = city("meixian", "2023-03-01")
    estate, street = cast.estate, cast.actor("street_office")
    community = cast.organisation("community_committee")
    assert registry.organisation_for("owners_committee", estate.place_path, estate) == community
    assert acting(estate, "committee", day("2023-02-15")).role == "community_committee"
    formation, given = management(cast, members=7, owner_members=4)
    bodies.form_management_committee(formation, seats=given, formed_on=day("2023-03-01"), actor=street, now=cast.now)
    later(cast, "2023-08-20")
    body = committee(cast, estate)
    later(cast, "2023-09-01")
    filing = bodies.submit_filing(body, party_group="not_established", actor=street, now=cast.now)
    bodies.decide_filing(filing, accepted=True, actor=cast.actor("housing"), now=cast.now)
    days = {"2023-02-28": "community_committee", "2023-03-01": "management_committee",
            "2023-08-31": "management_committee", "2023-09-01": "owners_committee"}  # fmt: skip
    assert {one: acting(estate, "committee", day(one)).role for one in days} == days
    assert acting(estate, "assembly", day("2023-05-01")).role == ""
    assert acting(estate, "assembly", day("2023-05-01")).owners_vote


@pytest.mark.clause("JY-2.5.12-1")
def test_four_steps_each_with_street_and_community_or_the_guidance_is_not_complete():
    cast = city("jiangyin", "2024-05-08")
    estate = cast.estate
    formation = bodies.take_application(estate, received_on=day("2024-05-08"), actor=SYSTEM, now=cast.now)
    steps = ("group", "candidates", "assembly", "notice")
    for step in steps:
        for role in ("street_office", "community_committee"):
            if (step, role) != ("notice", "community_committee"):
                bodies.guide(
                    estate, formation=formation, step=step, text="意见", on=day("2024-05-08"), actor=cast.actor(role),
                    now=cast.now,
                )  # fmt: skip
    assert missing_guidance(formation, day("2024-05-08")) == [("notice", "community_committee")]
    bodies.guide(
        estate, formation=formation, step="notice", text="意见", on=day("2024-05-08"),
        actor=cast.actor("community_committee"), now=cast.now,
    )  # fmt: skip
    assert missing_guidance(formation, day("2024-05-08")) == []


@pytest.mark.clause("MX-3.7.1-3", "MX-3.7.1-2")
def test_no_ballot_without_a_guide_and_a_supervisor_and_only_the_eight_who_passed():
    cast = city("meixian", "2023-03-06")
    estate, street = cast.estate, cast.actor("street_office")
    formation = bodies.take_application(estate, received_on=day("2023-03-06"), actor=SYSTEM, now=cast.now)
    rows = nominated(cast, formation, owners(estate, 9))
    passed(cast, rows[:8])
    bodies.review_candidate(rows[8], result="refused", opinion="不愿履职", actor=street, now=cast.now)
    with pytest.raises(Refused) as refused:
        bodies.ballot(formation, day("2023-03-07"))
    assert refused.value.code == "people_missing"
    formation = bodies.name_people(formation, guide_name="赵敏", supervisor="", actor=street, now=cast.now)
    with pytest.raises(Refused):
        bodies.ballot(formation, day("2023-03-07"))
    formation = bodies.name_people(formation, guide_name="赵敏", supervisor="吴洁", actor=street, now=cast.now)
    assert len(bodies.ballot(formation, day("2023-03-07"))) == 8


@pytest.mark.clause("MX-3.7.3-2", "JJ-4.1.12-3")
@pytest.mark.parametrize("slug", ["meixian", "jiujiang"])
def test_arrears_after_the_period_of_demand_bar_a_candidate_and_paying_frees_him(slug):
    cast = city(slug, "2023-03-06")
    estate, street = cast.estate, cast.actor("street_office")
    home = owners(estate, 1)[0]
    registry.record_unit_fact(
        home, name="in_arrears", value=True, from_on=day("2023-03-01"), actor=SYSTEM, now=cast.now
    )
    formation = bodies.take_application(estate, received_on=day("2023-03-06"), actor=SYSTEM, now=cast.now)
    candidate = nominated(cast, formation, [home])[0]
    with pytest.raises(Refused) as refused:
        bodies.review_candidate(candidate, result="passed", actor=street, now=cast.now)
    assert refused.value.clauses == ("MX-3.7.3-2",) if slug == "meixian" else ("JJ-4.1.12-3",)
    registry.record_unit_fact(
        home, name="in_arrears", value=False, from_on=day("2023-03-06"), actor=SYSTEM, now=cast.now
    )
    assert bodies.review_candidate(candidate, result="passed", actor=street, now=cast.now).standing


@pytest.mark.clause("JJ-4.1.12-5")
def test_who_is_found_on_the_negative_list_is_no_candidate():
    cast = city("jiujiang", "2022-05-05")
    estate = cast.estate
    formation = bodies.take_application(estate, received_on=day("2022-05-05"), actor=SYSTEM, now=cast.now)
    row = nominated(cast, formation, owners(estate, 1))[0]
    with pytest.raises(Refused) as refused:
        bodies.review_candidate(row, result="passed", put_on_list=True, actor=cast.actor("street_office"), now=cast.now)
    assert "负面清单" in refused.value.message


def test_who_owns_nothing_here_is_no_candidate_in_any_city():
    cast = city("jinhua", "2024-05-08")
    formation = bodies.take_application(cast.estate, received_on=day("2024-05-08"), actor=SYSTEM, now=cast.now)
    stranger = bodies.nominate(
        formation, person=PersonInput("路人"), unit=owners(cast.estate, 1)[0], source="recommended",
        on=day("2024-05-08"), actor=SYSTEM, now=cast.now,
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        bodies.review_candidate(stranger, result="passed", actor=cast.actor("street_office"), now=cast.now)
    assert refused.value.clause == "TL-16"


@pytest.mark.clause("JJ-A4-2.2-1", "JJ-3.1.4-3")
def test_the_community_founds_the_assembly_and_nobody_else():
    cast = city("jiujiang", "2022-05-05")
    bodies.meet_conditions(cast.estate, met_on=day("2022-05-05"), actor=cast.actor("street_office"), now=cast.now)
    assert duty("found_assembly").owner_role == "community_station"
    start = {"kind": "owners_committee", "trigger": "failed", "started_on": day("2022-05-05"), "now": cast.now}
    with pytest.raises(Refused) as refused:
        bodies.start_formation(cast.estate, actor=cast.actor("street_office"), **start)
    assert refused.value.clauses == ("JJ-A4-2.2-1", "JJ-3.1.4-3")
    by_owners = {"received_on": day("2022-05-05"), "actor": cast.actor("street_office"), "now": cast.now}
    with pytest.raises(Refused) as refused:  # nor by the other door
        bodies.take_application(cast.estate, **by_owners)
    assert refused.value.clauses == ("JJ-A4-2.2-1", "JJ-3.1.4-3")
    assert bodies.start_formation(cast.estate, actor=cast.actor("community_committee"), **start).state == "open"


@pytest.mark.clause("JJ-4.1.12-3")
def test_nobody_is_twice_on_the_list_and_whoever_passes_late_is_shown_to_the_owners_first():
    cast = city("jiujiang", "2022-05-05")
    one, two = owners(cast.estate, 2)
    formation = bodies.take_application(cast.estate, received_on=day("2022-05-05"), actor=SYSTEM, now=cast.now)
    street = {"actor": cast.actor("street_office"), "now": cast.now}
    for step in ("candidates", "assembly"):
        bodies.guide(cast.estate, formation=formation, step=step, text="指导", on=day("2022-05-05"), **street)
    alone = {"unit": one, "source": "recommended", "on": day("2022-05-05"), **street}
    with pytest.raises(Refused) as refused:
        bodies.nominate(formation, person=PersonInput("业主001"), **alone)
    assert "recommended_by" in refused.value.fields and refused.value.clause == "JJ-4.1.12-3"
    first, late = nominated(cast, formation, [one, two])
    with pytest.raises(Refused) as refused:
        nominated(cast, formation, [one])
    assert refused.value.code == "candidate_twice"
    passed(cast, [first])
    bodies.publish_candidates(formation, seats=1, from_on=day("2022-05-05"), **street)
    formation.refresh_from_db()
    assert bodies.ballot(formation, day("2022-06-01")) == [first]
    passed(cast, [late])
    formation.refresh_from_db()
    with pytest.raises(Refused) as refused:
        bodies.ballot(formation, day("2022-06-01"))
    assert refused.value.code == "not_published"
    bodies.publish_candidates(formation, seats=1, from_on=day("2022-05-05"), **street)
    formation.refresh_from_db()
    assert len(bodies.ballot(formation, day("2022-06-01"))) == 2


def test_too_few_elected_form_nothing_and_the_formation_goes_on():
    cast = city("jinhua", "2024-05-08")
    estate, street = cast.estate, cast.actor("street_office")
    formation = bodies.take_application(estate, received_on=day("2024-05-08"), actor=SYSTEM, now=cast.now)
    rows = passed(cast, nominated(cast, formation, owners(estate, 6)))
    bodies.publish_candidates(formation, seats=6, from_on=day("2024-05-08"), actor=street, now=cast.now)
    result = {"held_on": day("2024-05-08"), "actor": street, "now": cast.now}
    assert bodies.take_election(formation, elected=[Winner(one.pk) for one in rows[:3]], **result) is None
    formation.refresh_from_db()
    assert formation.state == "open"
    body = bodies.take_election(
        formation, elected=[Winner(one.pk) for one in rows[:4]], substitutes=[Winner(rows[4].pk)], **result
    )
    assert [one.seat for one in members_on(body, day("2024-05-08"), seat=None)] == ["full"] * 4 + ["substitute"]


def test_substitutes_move_up_in_their_order_and_below_half_the_committee_is_elected_anew():
    cast = city("zhangjiagang", "2026-03-16")
    body = committee(cast, cast.estate, members=5, party=3, substitutes=1)
    street = cast.actor("street_office")
    later(cast, "2026-04-01")
    first = members_on(body, day("2026-04-01"))[0]
    bodies.end_seat(first, to_on=day("2026-04-01"), reason="辞职", actor=street, now=cast.now)
    assert [one.source for one in members_on(body, day("2026-04-02"))].count("substitute") == 1
    assert not Duty.objects.filter(rule="convene_on_petition").exists()
    later(cast, "2026-04-10")
    for _ in range(3):
        leaving = next(one for one in members_on(body, day("2026-04-10")) if one.to_on is None)
        bodies.end_seat(leaving, to_on=day("2026-04-10"), reason="辞职", actor=street, now=cast.now)
    assert len(members_on(body, day("2026-04-11"))) == 2
    assert duty("convene_on_petition").owner_role == "street_office"
