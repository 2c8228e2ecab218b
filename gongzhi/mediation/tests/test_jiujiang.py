"""鸠江: three levels by the kind of dispute, five steps, bodies and their people, the court."""

from datetime import timedelta

import docx as word
import pytest

from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.files import open_file
from gongzhi.core.models import OutboxMessage
from gongzhi.core.rights import may
from gongzhi.duties.models import Duty
from gongzhi.governance.bodies import services as bodies
from gongzhi.governance.bodies.models import Member
from gongzhi.governance.bodies.queries.composition import findings_of, seats_of
from gongzhi.governance.bodies.services import PersonInput, SeatInput
from gongzhi.mediation import services
from gongzhi.mediation.models import MediationFile
from gongzhi.mediation.offices import AtPlace
from gongzhi.mediation.queries.reading import readable_by
from gongzhi.mediation.queries.staff import body_lines, never_guided, places_without
from gongzhi.mediation.queries.statistics import figures, guided, overdue
from gongzhi.mediation.services import PartyInput, Weight
from gongzhi.mediation.tests.steps import (
    SYSTEM,
    accepted,
    asked,
    at,
    body_of,
    city,
    court,
    day,
    failed,
    later,
    mediator,
    moment,
    moved,
    registered,
    settled,
)

pytestmark = pytest.mark.django_db
ON = "2022-05-05"


@pytest.fixture
def cast(db):
    return city("jiujiang", ON)


CENTRE = ("property_quality_dispute", "title_dispute", "preliminary_service_dispute", "maintenance_fund_dispute")
STATION = (
    "property_use_dispute", "property_management_dispute", "property_service_dispute", "neighbour_renovation_dispute",
    "illegal_building_dispute", "facility_upkeep_dispute", "owners_committee_dispute",
)  # fmt: skip
ROOM = (
    "service_charge_dispute", "neighbour_dispute", "owner_company_dispute", "handover_dispute", "premises_use_dispute",
    "sanitation_order_dispute", "rental_dispute",
)  # fmt: skip


@pytest.mark.clause("JJ-A6-2.1-2", "JJ-A6-2.2-2", "JJ-A6-2.3-2")
@pytest.mark.parametrize(
    ("matters", "role"), [(CENTRE, "mediation_centre"), (STATION, "mediation_station"), (ROOM, "mediation_room")]
)
def test_each_kind_of_dispute_goes_to_its_own_level(cast, matters, role):
    assert {asked(cast, matter=one).stage.role for one in matters} == {role}


@pytest.mark.clause("JJ-A6-1-1", "JJ-A6-3-1")
def test_five_steps_in_their_order_and_none_before_the_other(cast):
    file = asked(cast)
    body = body_of(file, cast)
    with pytest.raises(Refused) as refused:
        services.accept(file, actor=body, now=cast.now)
    assert refused.value.code == "no_consent" and "JJ-A6-1-1" in refused.value.clauses
    assert [one.rule for one in Duty.objects.filter(subject_kind="mediation", closed_at=None)] == ["accept_mediation"]
    with pytest.raises(Refused):
        services.visit(file, on=day(ON), performed="yes", actor=body, now=cast.now)
    file = settled(file, cast)
    with pytest.raises(Refused) as refused:
        services.close(file, actor=body, now=cast.now)
    assert refused.value.code == "not_visited"
    waiting = Duty.objects.get(subject_kind="mediation", closed_at=None)
    assert (waiting.rule, core.local_day(waiting.due_at)) == (
        "visit_after_mediation",
        day("2022-06-07"),
    )  # the last day is the 6th
    services.visit(file, on=day(ON), performed="yes", actor=body, now=cast.now)
    file.refresh_from_db()
    assert services.close(file, actor=body, now=cast.now).state == "closed"
    assert not Duty.objects.filter(subject_kind="mediation", closed_at=None).exists()


@pytest.mark.clause("JJ-A6-1-1")
def test_a_side_that_does_not_want_it_ends_it_and_is_told_of_the_court(cast):
    file = asked(cast)
    company = file.parties.get(side="respondent")
    done = services.consent(file, party=company, agrees=False, actor=at(cast, "property_company"), now=cast.now)
    assert (done.state, done.outcome) == ("declined", "no_consent") and "起诉" in done.outcome_note
    assert OutboxMessage.objects.filter(template="mediation.declined", text__contains="起诉").count() == 2
    again = accepted(asked(cast, matter="neighbour_dispute"), cast)
    assert services.withdraw(again, reason="想起诉", actor=cast.actor("owner"), now=cast.now).state == "withdrawn"


def test_an_agreement_names_both_sides_and_is_addressed_to_nobody(cast):
    document = settled(asked(cast), cast).agreement.document
    with open_file(document.file) as content:
        paper = word.Document(content)
    lines, cells = [one.text for one in paper.paragraphs], [one.text for one in paper.tables[0].columns[1].cells]
    company = cast.organisations["property_company"].name
    assert f"{company}（物业服务企业）" in cells and "此致" not in lines
    assert "本协议自各方签名或者盖章之日起生效，各方和调解组织各存一份。" in lines


def test_a_sitting_in_the_minute_of_the_acceptance_is_not_before_it(cast):
    cast.now = moment(ON).replace(second=30)
    file = accepted(asked(cast), cast)
    given = {"location": "社区", "attended": "双方", "content": "说了意见"}
    given |= {"actor": body_of(file, cast), "now": cast.now}
    made = services.hold_session(file, held_at=cast.now.replace(second=0), **given)
    assert list(file.stage.sessions.all()) == [made]
    with pytest.raises(Refused):
        services.hold_session(file, held_at=cast.now.replace(second=0) - timedelta(minutes=1), **given)


@pytest.mark.clause("JJ-A6-2.1-3", "JJ-A6-2.3-2", "JJ-3.1.3-3", "JJ-3.3.10-2")
def test_it_climbs_one_level_at_a_time_with_its_number_and_its_records(cast):
    file = accepted(asked(cast), cast)
    services.hold_session(
        file, held_at=moment(ON), location="社区", attended="双方", content="说了各自的意见", actor=body_of(file, cast),
        now=cast.now,
    )  # fmt: skip
    file = MediationFile.objects.get(pk=file.pk)
    file = services.fail(file, reason="差距大", actor=body_of(file, cast), now=cast.now)
    with pytest.raises(Refused) as refused:
        services.close(file, actor=body_of(file, cast), now=cast.now)
    assert refused.value.code == "must_go_on"
    number = file.number
    file = moved(file, cast, "up")
    assert (file.number, file.stage.role, file.state) == (number, "mediation_station", "applied")
    file = moved(failed(file, cast), cast, "up")
    assert file.stage.role == "mediation_centre"
    assert [one.result for one in file.stages.all()] == ["not_agreed", "not_agreed", "running"]
    assert file.stages.first().sessions.get().content == "说了各自的意见"
    with pytest.raises(Refused) as refused:
        moved(failed(file, cast), cast, "up")
    assert refused.value.code == "top"


@pytest.mark.clause("JJ-3.1.3-3")
def test_another_town_sees_nothing_and_what_was_said_stays_with_those_who_heard_it(cast):
    file = accepted(asked(cast), cast)
    on = day(ON)
    assert list(readable_by(at(cast, "street_office"), on)) == [file]
    assert list(readable_by(cast.actor("street_office@2"), on)) == []
    assert not may(cast.actor("street_office@2"), "mediation.read", file)
    above = at(cast, "mediation_centre")
    assert may(above, "mediation.read", file) and not may(above, "mediation.hear", file)
    assert may(cast.actor("owner"), "mediation.hear", file) and may(body_of(file, cast), "mediation.hear", file)
    stranger = at(cast, "mediation_room@2")
    assert not may(stranger, "mediation.read", file)


@pytest.mark.clause("JJ-A6-2.2-3")
def test_what_comes_down_must_be_taken_and_a_meeting_may_weigh_several(cast):
    file = asked(cast, matter="title_dispute")
    file = moved(file, cast, "down")
    assert file.stage.role == "mediation_station" and file.stage.came_by == "down"
    with pytest.raises(Refused) as refused:
        services.decline(file, reason="太忙", actor=body_of(file, cast), now=cast.now)
    assert refused.value.code == "from_above"
    other = asked(cast, matter="property_use_dispute")
    meeting = services.guide(
        cast.street.path, kind="analysis", title="疑难纠纷研判", text="两件一并研判。", on=day(ON), files=[file, other],
        actor=at(cast, "mediation_station"), now=cast.now,
    )  # fmt: skip
    assert meeting.files.count() == 2


@pytest.mark.clause("JJ-A6-2.1-4", "JJ-A3-2.11-1")
def test_the_court_hands_over_and_is_told_what_came_of_it(cast):
    given = {"matter": "court_referred_dispute", "source": "court"}
    with pytest.raises(Refused):
        asked(cast, actor=court(cast), **given)
    with pytest.raises(Refused):
        asked(cast, actor=cast.actor("owner"), court_number="（2022）皖0207民诉前调1号", **given)
    file = asked(cast, actor=court(cast), court_number="（2022）皖0207民诉前调1号", **given)
    assert file.stage.role == "mediation_centre"
    assert may(court(cast), "mediation.read", file)
    file = settled(file, cast)
    services.visit(file, on=day(ON), performed="yes", actor=body_of(file, cast), now=cast.now)
    file.refresh_from_db()
    services.close(file, actor=body_of(file, cast), now=cast.now)
    told = OutboxMessage.objects.filter(template="mediation.returned")
    assert {one.to_organisation for one in told} >= {cast.organisations["court"]}
    lines = figures(cast.county.path, from_on=day(ON), to_on=day(ON)).sources
    assert [(one.title, one.whole, one.agreed) for one in lines] == [("法院移交", 1, 1)]


@pytest.mark.clause("JJ-A3-2.11-1", "JJ-4.2.16-2")
def test_after_it_failed_the_action_at_law_is_followed(cast):
    file = accepted(asked(cast, matter="title_dispute"), cast)
    given = {"tribunal": "circuit", "number": "（2022）皖0207民初8号", "estate": cast.estate, "location": "会议室"}
    with pytest.raises(Refused):
        services.note_court(file, actor=body_of(file, cast), now=cast.now, **given)
    file = services.fail(file, reason="谈不拢", actor=body_of(file, cast), now=cast.now)
    services.note_court(file, hearing_on=day("2022-06-01"), actor=body_of(file, cast), now=cast.now, **given)
    assert may(court(cast), "mediation.court", file)
    step = services.note_court(
        file, hearing_on=day("2022-06-01"), judgment="驳回", actor=court(cast), now=cast.now, **given
    )
    assert step.judged_on == day(ON)
    file.refresh_from_db()
    assert services.close(file, actor=body_of(file, cast), now=cast.now).state == "closed"


@pytest.mark.clause("JJ-3.1.4-4")
def test_found_and_applied_for_are_counted_apart_and_the_overdue_listed(cast):
    room = at(cast, "mediation_room")
    found = asked(cast, source="found", actor=room, matter="neighbour_dispute")
    applied = accepted(asked(cast), cast)
    assert {one.consents for one in found.parties.all()} == {None}
    lines = figures(cast.community.path, from_on=day(ON), to_on=day(ON)).sources
    assert [(one.title, one.whole) for one in lines] == [("当事人申请", 1), ("排查发现", 1)]
    assert overdue(cast.community.path, day("2022-06-07")) == [applied]
    assert overdue(cast.community.path, applied.due_on) == []
    station = cast.actor("community_station")
    assert set(readable_by(station, day(ON))) == {found, applied} and may(station, "mediation.read", found)
    assert may(station, "mediation.statistics", AtPlace(cast.community.path, day(ON)))
    assert not may(station, "mediation.work", applied) and not may(station, "mediation.hear", applied)


def test_who_put_it_down_may_read_it_and_no_more(cast):
    clerk = cast.actor("leading_group_office")
    file = asked(cast, source="found", actor=clerk, matter="neighbour_dispute")
    assert file in readable_by(clerk, day(ON)) and may(clerk, "mediation.read", file)
    assert not any(may(clerk, f"mediation.{act}", file) for act in ("work", "hear", "comment", "consent"))


@pytest.mark.clause("JJ-A5-3.3-2")
def test_a_steward_eases_it_or_passes_it_on_and_unrest_is_told_at_once(cast):
    steward = cast.actor("building_steward")
    eased = asked(cast, matter="neighbour_dispute", source="steward", actor=steward, eased="当面说和")
    assert (eased.state, eased.outcome) == ("closed", "eased")
    services_told = OutboxMessage.objects.filter(template="mediation.unrest")
    assert not services_told.exists()
    passed = asked(cast, source="steward", actor=steward, weight=Weight(petition=True))
    assert passed.stage.role == "mediation_room" and may(steward, "mediation.read", passed)
    told = {one.to_organisation.role for one in services_told}
    assert told == {"community_committee", "street_office"}
    said = services_told[0].text
    assert f"{cast.estate.name}的物业费收交纠纷有群体性苗头" in said and passed.stage.organisation.name in said


@pytest.mark.clause("JJ-A6-2.3-3", "JJ-A6-2.2-4", "JJ-A6-2.1-2")
def test_those_above_see_at_once_comment_and_are_asked_to_help(cast):
    room = at(cast, "mediation_room")
    file = asked(cast, source="found", actor=room, weight=Weight(grade="complex"))
    station = at(cast, "mediation_station")
    assert list(readable_by(station, day(ON))) == [file]
    services.comment(file, text="先听双方意见。", actor=station, now=cast.now)
    assert guided(cast.street.path) == [(file.stage.organisation.name, 1)]
    big = asked(cast, matter="title_dispute")
    centre = body_of(big, cast)
    help_ = services.ask_help(big, organisation=cast.organisations["mediation_station"], actor=centre, now=cast.now)
    services.give_opinion(help_, opinion="已到现场核对。", actor=station, now=cast.now)
    with pytest.raises(Refused):
        services.ask_help(big, organisation=cast.organisations["police"], actor=centre, now=cast.now)


@pytest.mark.clause("JJ-A6-2.1-5", "JJ-A3-2.8-1")
def test_guidance_goes_down_and_an_example_names_nobody(cast):
    file = settled(asked(cast, matter="title_dispute"), cast)
    centre = body_of(file, cast)
    put = {"kind": "example", "title": "办证纠纷", "on": day(ON), "files": [file], "publish": True}
    with pytest.raises(Refused) as refused:
        services.guide(cast.county.path, text="业主陈建国要求办证。", actor=centre, now=cast.now, **put)
    assert refused.value.code == "not_masked"
    with pytest.raises(Refused, match="手机号"):
        services.guide(cast.county.path, text="联系13912345678。", actor=centre, now=cast.now, **put)
    shown = services.guide(cast.county.path, text="业主要求办证，已办妥。", actor=centre, now=cast.now, **put)
    assert shown.published_on == day(ON)
    justice = at(cast, "justice")
    assert may(justice, "mediation.statistics", _place(cast)) and not may(justice, "mediation.read", file)
    services.guide(
        cast.county.path, kind="template", title="协议书范本", text="见附件", on=day(ON), actor=justice, now=cast.now
    )


def _place(cast):
    from gongzhi.mediation.offices import AtPlace

    return AtPlace(cast.county.path, day(ON))


@pytest.mark.clause("JJ-A6-2.1-1", "JJ-A6-2-1")
def test_jj_hc_53_the_centre_wants_two_or_three_full_time_mediators(cast):
    centre = registered(cast, "mediation_centre", cast.county)
    said = []
    for number in range(4):
        mediator(centre, cast, name=f"调解员{number}")
        said.append([one.message for one in findings_of(centre, day(ON))])
    assert said == [["区中心专职调解员不足2名"], [], [], ["区中心专职调解员超出2至3名"]]
    mediator(centre, cast, name="兼职", full_time=False)
    line = body_lines(cast.county.path, day(ON))[0]
    assert (line.mediators, line.full_time) == (5, 4)
    missing = {one.level for one in places_without(cast.county.path, day(ON))}
    assert missing == {"street", "community"}
    assert never_guided(cast.county.path, day(ON)) == [centre]


@pytest.mark.clause("JJ-A6-2.2-1")
def test_a_station_is_headed_by_the_street_and_names_who_is_missing(cast):
    office = cast.actor("street_office")
    station = bodies.register_body(
        kind="mediation_station", place=cast.street, formed_on=day(ON), actor=office, now=cast.now
    )
    assert {one["says"] for one in station.basis} == {"镇街站没有登记办公场所"}
    assert Member.objects.get(body=station, post="head").title == "镇街分管领导"
    seat = Member.objects.get(body=station, unit_name="派出所")
    bodies.end_seat(seat, to_on=day(ON), reason="调走", actor=office, now=cast.now)
    station.refresh_from_db()
    assert seats_of(station, day("2022-05-06")).missing_units == ("派出所",)
    assert {one.message for one in findings_of(station, day("2022-05-06"))} == {
        "镇街站成员不齐，缺的席位见席位表", "镇街站没有登记办公场所",
    }  # fmt: skip
    station = bodies.set_office(station, address="镇街办公楼101", phone="0553-1234567", actor=office, now=cast.now)
    assert [one.message for one in findings_of(station, day(ON))] == []
    wrong = [SeatInput(person=PersonInput("张三"), post="head", title="物业办主任", side="street")]
    with pytest.raises(Refused):
        bodies.register_body(
            kind="mediation_station", place=cast.streets[1], seats=wrong, formed_on=day(ON), actor=SYSTEM, now=cast.now
        )


@pytest.mark.clause("JJ-A6-2.3-1")
def test_a_room_needs_a_mediator_and_a_reporter(cast):
    room = registered(cast, "mediation_room", cast.community)
    assert {one.message for one in findings_of(room, day(ON))} == {"调解室缺专职调解员", "调解室缺信息员"}
    mediator(room, cast)
    reporter = SeatInput(person=PersonInput("郭调解"), post="reporter", side="community")
    bodies.fill_seat(room, given=reporter, from_on=day(ON), actor=SYSTEM, now=cast.now)
    assert findings_of(room, day(ON)) == []


@pytest.mark.clause("JJ-A6-2-1")
def test_where_a_community_has_no_room_the_street_takes_it(cast):
    other = cast.estate_unknown
    parties = [PartyInput("applicant", "owner", name="王五"), PartyInput("respondent", "other", name="李四")]
    file = asked(cast, estate=other, parties=parties, source="found", actor=at(cast, "street_office"))
    assert file.stage.role == "mediation_station"


@pytest.mark.clause("JJ-A6-3-1")
def test_more_time_only_when_all_sides_agree_and_only_once(cast):
    file = accepted(asked(cast), cast)
    assert file.due_on == day("2022-06-06")
    first, second = file.parties.order_by("id")
    services.agree_to_extension(file, party=first, actor=cast.actor("owner"), now=cast.now)
    file.refresh_from_db()
    assert file.due_on == day("2022-06-06")
    file = services.agree_to_extension(file, party=second, actor=at(cast, "property_company"), now=cast.now)
    assert file.due_on == day("2022-06-21")
    running = Duty.objects.get(rule="conclude_mediation", closed_at=None)
    assert core.local_day(running.due_at) == day("2022-06-22")
    with pytest.raises(Refused) as refused:
        services.agree_to_extension(file, party=first, actor=cast.actor("owner"), now=cast.now)
    assert refused.value.code == "no_extension"


@pytest.mark.clause("JJ-A3-2.11-2", "JJ-4.2.16-2")
def test_the_court_plans_sessions_in_an_estate(cast):
    plan = {"on": day("2022-06-01"), "location": "小区会议室", "cause": "物业费纠纷"}
    with pytest.raises(Refused):
        services.plan_circuit(cast.estate, actor=cast.actor("street_office"), now=cast.now, **plan)
    made = services.plan_circuit(cast.estate, actor=court(cast), now=cast.now, **plan)
    from gongzhi.mediation.queries.circuit import circuit_gap, coming_sessions

    assert coming_sessions(cast.estate, day(ON)) == [made]
    assert circuit_gap(cast.county.path, day("2022-09-01")) is False
    assert circuit_gap(cast.county.path, day("2022-09-03")) is True


def test_two_clerks_do_not_overwrite_each_other(cast):
    file = asked(cast)
    body = body_of(file, cast)
    accepted(file, cast)
    with pytest.raises(Refused) as refused:
        services.accept(file, version=1, actor=body, now=later(cast, ON))
    assert refused.value.status == 409
