"""The other four documents: who mediates, who reads, who helps, the court, figures by town."""

from datetime import timedelta

import pytest
from django.urls import reverse

from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.models import OutboxMessage, Place
from gongzhi.core.pages import Who
from gongzhi.core.rights import may
from gongzhi.governance.bodies.models import Member
from gongzhi.governance.bodies.queries.composition import findings_of, seats_of
from gongzhi.mediation import services
from gongzhi.mediation.acts import ACTS
from gongzhi.mediation.models import MediationFile
from gongzhi.mediation.queries.reading import readable_by
from gongzhi.mediation.queries.staff import body_lines, never_guided, places_without, trained_share
from gongzhi.mediation.queries.statistics import figures, helped
from gongzhi.mediation.services import PartyInput, Weight
from gongzhi.mediation.tests.steps import (
    accepted,
    agreed_by_all,
    asked,
    at,
    body_of,
    city,
    court,
    day,
    failed,
    later,
    mediator,
    moved,
    registered,
    settled,
)

pytestmark = pytest.mark.django_db


# -- 张家港


@pytest.mark.clause("ZJG-5.3a", "ZJG-5.2b", "ZJG-5.1c")
def test_the_weight_of_a_dispute_says_which_committee_has_it():
    cast = city("zhangjiagang", "2026-03-16")
    roles = [
        asked(cast, matter=matter, weight=Weight(grade=grade)).stage.role
        for matter, grade in (
            ("neighbour_dispute", ""), ("neighbour_dispute", "general"), ("rental_dispute", "complex"),
            ("title_dispute", "difficult"), ("service_charge_dispute", "major"),
        )
    ]  # fmt: skip
    assert roles == [
        "mediation_room", "mediation_room", "mediation_station", "mediation_centre", "mediation_centre",
    ]  # fmt: skip
    assert readable_by(at(cast, "mediation_station"), day("2026-03-16")).count() == len(roles)
    assert not readable_by(at(cast, "mediation_station@2"), day("2026-03-16")).exists()


@pytest.mark.clause("ZJG-5.2b", "ZJG-5.1c", "ZJG-5.3a")
def test_the_town_hands_it_up_with_a_reason_and_then_only_reads():
    cast = city("zhangjiagang", "2026-03-16")
    file = moved(failed(asked(cast), cast), cast, "up")
    station = body_of(file, cast)
    with pytest.raises(Refused):
        services.move(file, way="up", reason=" ", actor=station, now=cast.now)
    file = moved(file, cast, "up")
    assert file.stage.role == "mediation_centre"
    assert may(station, "mediation.hear", file) and not may(station, "mediation.work", file)
    file = settled(file, cast)
    assert file.agreement.document.number.startswith("调协〔2026〕")
    assert services.close(file, actor=body_of(file, cast), now=cast.now).state == "closed"


@pytest.mark.clause("ZJG-5.3b")
@pytest.mark.parametrize(("hours", "late"), [(24, False), (25, True)])
def test_a_mediation_found_major_is_the_citys_at_once_and_told_late_it_is_on_the_list(client, hours, late):
    cast = city("zhangjiagang", "2026-03-16")
    file = accepted(asked(cast), cast)
    room, found_at = body_of(file, cast), cast.now
    now = found_at + timedelta(hours=hours, minutes=-1)
    file = services.weigh(file, grade="major", reason="六十户联名。", found_at=found_at, actor=room, now=now)
    assert (file.stage.role, file.state, file.grade, file.due_on) == ("mediation_centre", "applied", "major", None)
    row = file.weighings.get()
    assert (row.reported_at, row.late, row.organisation) == (now, late, room.organisation)
    told = OutboxMessage.objects.filter(template="mediation.weighed").values_list("to_organisation__role", flat=True)
    assert set(told) == {"mediation_centre", "mediation_station"}
    assert may(room, "mediation.hear", file) and not may(room, "mediation.work", file)
    client.force_login(at(cast, "mediation_centre").user)
    listed = client.get(reverse("mediation:list"), {"view": "late"}).content.decode()
    assert (file.number in listed) is late


@pytest.mark.parametrize("slug", ["jiujiang", "jinhua"])
def test_where_no_weight_counts_the_act_is_not_offered(slug):
    cast = city(slug, "2026-03-16")
    file = asked(cast)
    assert not ACTS["renzhong"].offered(file, Who(body_of(file, cast), cast.now))


def test_a_lighter_dispute_stays_with_who_has_it():
    cast = city("zhangjiagang", "2026-03-16")
    file = asked(cast, weight=Weight(grade="complex"))
    station = body_of(file, cast)
    assert ACTS["renzhong"].offered(file, Who(station, cast.now))
    file = services.weigh(file, grade="general", reason="只剩一户。", actor=station, now=cast.now)
    assert (file.stage.role, file.grade) == ("mediation_station", "general")
    assert not OutboxMessage.objects.filter(template="mediation.weighed").exists()


@pytest.mark.clause("ZJG-5a", "MX-3.10.3-1")
@pytest.mark.parametrize("slug", ["zhangjiagang", "meixian"])
def test_three_kinds_follow_one_another_and_an_agreement_ends_it(slug):
    cast = city(slug, "2026-03-16")
    court(cast)
    file = failed(asked(cast), cast)
    file = failed(moved(file, cast, "kind", kind="administrative"), cast)
    with pytest.raises(Refused):
        moved(file, cast, "kind", kind="people")
    file = settled(moved(file, cast, "kind", kind="judicial"), cast)
    assert [one.kind for one in file.stages.all()] == ["people", "administrative", "judicial"]
    assert [one.result for one in file.stages.all()] == ["not_agreed", "not_agreed", "agreed"]
    with pytest.raises(Refused) as refused:
        moved(file, cast, "up")
    assert refused.value.code == "check_failed"


@pytest.mark.clause("ZJG-5.1a")
def test_ten_departments_and_every_town_and_the_missing_one_is_named():
    cast = city("zhangjiagang", "2026-03-16")
    centre = registered(cast, "mediation_centre", cast.county)
    towns = list(Place.objects.filter(level="street").values_list("name", flat=True))
    assert Member.objects.filter(body=centre).count() == 10 + len(towns)
    assert findings_of(centre, day("2026-03-16")) == []
    for gone in ("市信访局", towns[0]):
        Member.objects.filter(body=centre, unit_name=gone).delete()
    assert sorted(seats_of(centre, day("2026-03-16")).missing_units) == sorted(["市信访局", towns[0]])
    assert [one.message for one in findings_of(centre, day("2026-03-16"))] == [
        "市调委会的部门和镇（区）不齐，缺的见席位表"
    ]
    line = next(one for one in body_lines(cast.county.path, day("2026-03-16")) if one.body == centre)
    assert sorted(line.missing_units) == sorted(["市信访局", towns[0]])
    assert towns[1] in line.unstaffed and "市信访局" not in line.unstaffed


@pytest.mark.clause("ZJG-5.2a")
def test_a_studio_has_two_or_three_mediators_of_known_lines_and_merits():
    cast = city("zhangjiagang", "2026-03-16")
    studio = registered(cast, "mediation_station", cast.street)
    for lacking in ("line", "qualification"):
        with pytest.raises(Refused):
            mediator(studio, cast, **{lacking: ""})
    said = []
    for number in range(4):
        mediator(studio, cast, name=f"调解员{number}")
        said.append([one.message for one in findings_of(studio, day("2026-03-16"))])
    assert said == [["工作室调解员不足2名，不达标"], [], [], ["工作室调解员超出2至3名，请说明"]]


@pytest.mark.clause("ZJG-5.1b", "ZJG-5.1c", "ZJG-5.2b", "ZJG-5.3a", "ZJG-5.3b")
def test_zjg_hc_13_a_quarrel_over_fees_climbs_twice_and_the_other_town_never_sees_it():
    on = day("2026-03-16")
    cast = city("zhangjiagang", "2026-03-16")
    centre = registered(cast, "mediation_centre", cast.county)
    Member.objects.filter(body=centre, unit_name="市信访局").delete()
    for number in range(3):
        mediator(centre, cast, name=f"市调解员{number}")
    assert seats_of(centre, on).missing_units == ("市信访局",)
    assert [one.message for one in findings_of(centre, on)] == ["市调委会的部门和镇（区）不齐，缺的见席位表"]
    studio = registered(cast, "mediation_station", cast.street)
    for number in range(4):
        mediator(studio, cast, name=f"镇调解员{number}")
    assert [one.message for one in findings_of(studio, on)] == ["工作室调解员超出2至3名，请说明"]
    other = at(cast, "mediation_station@2")

    def who_has(file):
        assert not readable_by(other, on).exists() and not may(other, "mediation.read", file)
        return file.stage.role

    file = failed(asked(cast), cast)
    assert who_has(file) == "mediation_room"
    file = services.weigh(file, grade="complex", reason="调解不成。", actor=body_of(file, cast), now=cast.now)
    assert who_has(file) == "mediation_station"
    file = services.weigh(file, grade="major", reason="涉及120户。", actor=body_of(file, cast), now=cast.now)
    assert who_has(file) == "mediation_centre"
    assert [(one.grade, one.reported_at, one.late) for one in file.weighings.order_by("pk")][-1] == (
        "major", cast.now, False,
    )  # fmt: skip


@pytest.mark.clause("ZJG-2.3.10")
def test_the_justice_bureau_reads_all_three_levels_and_sees_who_was_never_guided():
    cast = city("zhangjiagang", "2026-03-16")
    file = asked(cast)
    justice = at(cast, "justice")
    assert list(readable_by(justice, day("2026-03-16"))) == [file] and not may(justice, "mediation.work", file)
    studio = registered(cast, "mediation_station", cast.street)
    room = registered(cast, "mediation_room", cast.community)
    services.guide(
        cast.county.path, kind="guidance", title="指导", text="规范笔录。", on=day("2026-03-16"), body=studio,
        actor=justice, now=cast.now,
    )  # fmt: skip
    assert never_guided(cast.county.path, day("2026-03-16")) == [room]


def test_a_mediator_who_has_to_do_with_a_side_is_refused():
    cast = city("zhangjiagang", "2026-03-16")
    room = registered(cast, "mediation_room", cast.community)
    file = asked(cast)
    by = {"actor": body_of(file, cast), "now": cast.now}
    company = cast.organisations["property_company"].name
    for wrong in (
        mediator(room, cast, name="公司的人", unit_name=company),
        mediator(room, cast, name="业主本人", phone="13800001111"),
    ):
        with pytest.raises(Refused) as refused:
            services.appoint(file, mediators=[wrong], **by)
        assert "回避" in refused.value.message
    fair = mediator(room, cast, name="公道人")
    assert services.appoint(file, mediators=[fair], **by) == []
    services.recuse(file, mediator=fair, reason="与业主是亲戚", actor=cast.actor("owner"), now=cast.now)
    assert not file.stage.mediators.exists()
    with pytest.raises(Refused):
        services.appoint(file, mediators=[fair], **by)


# -- 金华


@pytest.mark.clause("JH-4.2a")
def test_the_city_sees_all_counts_success_by_town_and_takes_over():
    cast = city("jinhua", "2025-05-08")
    done = settled(asked(cast), cast)
    parties = [PartyInput("applicant", "owner", name="王五"), PartyInput("respondent", "other", name="李四")]
    far = asked(
        cast, estate=cast.estate_outside, parties=parties, source="found", actor=at(cast, "street_office@2"),
    )  # fmt: skip
    far = failed(far, cast)
    centre = at(cast, "mediation_centre")
    assert readable_by(centre, day("2025-05-08")).count() == 2
    assert list(readable_by(at(cast, "street_office"), day("2025-05-08"))) == [done]
    lines = figures(cast.county.path, from_on=day("2025-05-08"), to_on=day("2025-05-08"))
    assert {(one.title, one.rate) for one in lines.towns} == {
        (cast.streets[0].name, "100.0%"), (cast.streets[1].name, "0.0%"),
    }  # fmt: skip
    assert lines.whole.rate == "50.0%"
    taken = services.move(far, way="taken_over", reason="影响大", actor=centre, now=cast.now)
    assert taken.stage.organisation == centre.organisation
    with pytest.raises(Refused):
        services.move(done, way="taken_over", reason="影响大", actor=at(cast, "street_office"), now=cast.now)


@pytest.mark.clause("JH-4.1f", "JH-4.2c")
def test_the_community_first_then_the_governance_office_of_the_town():
    cast = city("jinhua", "2025-05-08")
    file = accepted(asked(cast), cast)
    assert (file.stage.role, file.due_on) == ("mediation_room", day("2025-05-23"))
    file = MediationFile.objects.get(pk=file.pk)
    services.fail(file, reason="谈不拢", actor=body_of(file, cast), now=cast.now)
    file.refresh_from_db()
    room = file.stage.organisation
    file = moved(file, cast, "up")
    assert file.stage.role == "governance_office"
    file = settled(file, cast)
    services.close(file, actor=body_of(file, cast), now=cast.now)
    assert OutboxMessage.objects.filter(template="mediation.result", to_organisation=room).count() == 1


@pytest.mark.clause("JH-4.2b")
def test_fast_and_circuit_courts_are_followed():
    cast = city("jinhua", "2025-05-08")
    file = failed(asked(cast), cast)
    step = services.note_court(
        file, tribunal="circuit", number="（2025）浙0782民初1号", estate=cast.estate, location="梧桐花园会议室",
        hearing_on=day("2025-06-01"), judgment="调解结案", actor=body_of(file, cast), now=cast.now,
    )  # fmt: skip
    assert (step.estate, step.judgment) == (cast.estate, "调解结案")
    assert figures(cast.county.path, from_on=day("2025-05-08"), to_on=day("2025-05-08")).whole.court == 1


@pytest.mark.clause("JH-4.13d")
def test_the_association_sees_a_dispute_only_once_it_was_invited():
    cast = city("jinhua", "2025-05-08")
    file = asked(cast, matter="neighbour_dispute")
    association = at(cast, "property_association")
    assert not may(association, "mediation.read", file)
    asked_for = services.ask_help(file, organisation=association.organisation, actor=body_of(file, cast), now=cast.now)
    file = MediationFile.objects.get(pk=file.pk)
    assert may(association, "mediation.read", file)
    services.give_opinion(asked_for, opinion="建议各退一步。", actor=association, now=cast.now)
    span = {"from_on": day("2025-05-08"), "to_on": day("2025-05-08")}
    assert helped(cast.county.path, **span) == [(association.organisation.name, 1, 1)]


# -- 江阴


@pytest.mark.clause("JY-2.1.2-5")
def test_the_town_takes_both_views_and_what_is_not_agreed_is_not_done():
    cast = city("jiangyin", "2024-05-08")
    file = moved(failed(asked(cast), cast), cast, "up")
    assert file.stage.role == "street_office"
    file = failed(file, cast)
    with pytest.raises(Refused) as refused:
        services.close(file, actor=body_of(file, cast), now=cast.now)
    assert "JY-2.1.2-5" in refused.value.clauses
    assert figures(cast.county.path, from_on=day("2024-05-08"), to_on=day("2024-05-08")).whole.agreed == 0
    assert moved(file, cast, "up").stage.role == "leading_group_office"


@pytest.mark.clause("JY-2.7.18-2")
def test_the_association_mediates_and_its_opinions_are_adopted_or_not():
    cast = city("jiangyin", "2024-05-08")
    association = at(cast, "property_association")
    unit = association.organisation
    settled(asked(cast, outside=unit), cast)
    failed(asked(cast, matter="neighbour_dispute", outside=unit), cast)
    lines = figures(cast.county.path, from_on=day("2024-05-08"), to_on=day("2024-05-08")).bodies
    assert [(one.title, one.whole, one.rate) for one in lines] == [(unit.name, 2, "50.0%")]
    with pytest.raises(Refused):
        asked(cast, matter="rental_dispute", outside=cast.organisations["police"])
    given = [
        services.guide(
            cast.county.path, kind="draft_opinion", title=f"意见{number}", text="建议修改。", on=day("2024-05-08"),
            adopted="adopted" if number == 1 else "not_adopted", actor=association, now=cast.now,
        )
        for number in (1, 2, 3)
    ]  # fmt: skip
    assert [one.adopted for one in given].count("adopted") == 1


# -- 眉县


@pytest.mark.clause("MX-3.1.2-7", "MX-3.1.3-7")
def test_four_kinds_of_parties_go_to_the_town_which_may_pass_it_down():
    cast = city("meixian", "2023-04-10")
    made = []
    for kind in ("owner", "resident", "owners_committee", "developer"):
        parties = [PartyInput("applicant", kind, name=f"某{kind}"), PartyInput("respondent", "property_company")]
        made.append(asked(cast, parties=parties, actor=at(cast, "community_station")))
    assert {one.stage.role for one in made} == {"mediation_station"}
    file = failed(made[0], cast)
    with pytest.raises(Refused):
        services.close(file, actor=body_of(file, cast), now=cast.now)
    file = moved(file, cast, "down")
    assert file.stage.role == "mediation_room"
    assert settled(file, cast).outcome == "agreed"
    services.withdraw(made[1], reason="不调了", actor=body_of(made[1], cast), now=cast.now)
    line = figures(cast.county.path, from_on=day("2023-04-10"), to_on=day("2023-04-10")).whole
    assert (line.whole, line.agreed, line.withdrawn, line.running, line.rate) == (4, 1, 1, 2, "50.0%")


@pytest.mark.clause("MX-3.2.13-1", "MX-3.10.3-2")
def test_mediators_are_hired_and_trained_and_towns_without_a_committee_listed():
    cast = city("meixian", "2023-04-10")
    station = registered(cast, "mediation_station", cast.street)
    with pytest.raises(Refused):
        mediator(station, cast, hired_on=None)
    pool = [mediator(station, cast, name=f"调解员{number}") for number in range(3)]
    justice = at(cast, "justice")
    services.train(pool[:2], title="人民调解业务", on=day("2023-04-01"), actor=justice, now=cast.now)
    assert trained_share(cast.county.path, day("2023-04-10")) == (2, 3)
    assert cast.streets[1] in places_without(cast.county.path, day("2023-04-10"))
    assert cast.street not in places_without(cast.county.path, day("2023-04-10"))
    file = asked(cast)
    by = {"actor": body_of(file, cast), "now": cast.now}
    assert services.appoint(file, mediators=pool[:1], **by) == []
    said = services.appoint(file, mediators=pool[2:], **by)
    assert len(said) == 1 and said[0].endswith("未培训")


@pytest.mark.clause("MX-3.10.3-3")
@pytest.mark.parametrize(("on", "late"), [("2023-05-10", False), ("2023-05-11", True)])
def test_confirmation_may_be_asked_for_until_the_thirtieth_day(on, late):
    cast = city("meixian", "2023-04-10")
    file = settled(asked(cast), cast)
    assert file.agreement.confirm_by == day("2023-05-10")
    unsettled = failed(asked(cast, matter="neighbour_dispute"), cast)
    now = later(cast, on)
    by = {"actor": body_of(file, cast), "now": now}
    made = services.note_confirmation(file, state="applied", on=day(on), **by)
    assert (made.confirmation, made.confirm_late) == ("applied", late)
    done = services.note_confirmation(file, state="confirmed", on=day(on), number="（2023）陕0326民特1号", **by)
    assert done.confirmation == "confirmed"
    with pytest.raises(Refused):
        services.note_confirmation(unsettled, state="applied", on=day(on), actor=body_of(unsettled, cast), now=now)


@pytest.mark.clause("MX-3.10.3-4")
def test_the_green_channel_wants_day_and_place_and_a_visit_after_the_judgment():
    cast = city("meixian", "2023-04-10")
    file = failed(asked(cast), cast)
    by = {"actor": body_of(file, cast), "now": cast.now}
    given = {"tribunal": "circuit", "number": "（2023）陕0326民初9号", "green_channel": True}
    for lacking in ({"location": "社区"}, {"hearing_on": day("2023-05-01")}):
        with pytest.raises(Refused):
            services.note_court(file, **given, **lacking, **by)
    whole = {"location": "社区", "hearing_on": day("2023-05-01")}
    services.note_court(file, judgment="判决缴纳", **given, **whole, **by)
    from gongzhi.duties.models import Duty

    owed = Duty.objects.get(rule="visit_after_judgment", closed_at=None)
    assert owed.owner_organisation == file.stage.organisation
    services.visit(file, on=day("2023-04-10"), performed="yes", **by)
    owed.refresh_from_db()
    assert owed.closed_at is not None


@pytest.mark.clause("MX-3.10.3-4")
def test_a_visit_is_owed_until_it_is_made_also_when_the_file_was_put_away():
    from gongzhi.duties.models import Duty

    cast = city("meixian", "2023-04-10")
    file = settled(asked(cast), cast)
    by = {"actor": body_of(file, cast), "now": cast.now}
    services.close(file, **by)
    owed = Duty.objects.get(rule="visit_after_mediation")
    assert owed.closed_at is None and services.may_be_visited(file)
    services.visit(file, on=day("2023-04-10"), performed="yes", **by)
    owed.refresh_from_db()
    assert owed.closed_at is not None


def test_a_person_who_is_no_party_cannot_consent_for_one():
    cast = city("meixian", "2023-04-10")
    file = asked(cast)
    with pytest.raises(Refused):
        services.consent(
            file, party=file.parties.get(side="respondent"), agrees=True, actor=cast.actor("owner"), now=cast.now
        )
    assert agreed_by_all(file, cast).parties.filter(consents=True).count() == 2


@pytest.mark.clause("MX-3.10.3-1", "JY-2.1.1-1")
@pytest.mark.parametrize("slug", ["zhangjiagang", "jinhua", "jiangyin", "meixian", "jiujiang"])
def test_every_city_names_the_court_that_judicial_mediation_goes_to(slug):
    cast = city(slug, "2026-03-16")
    pack = core.pack_for(cast.county.path, cast.now.date())
    assert pack is not None and "court" in pack.terms["roles"]
