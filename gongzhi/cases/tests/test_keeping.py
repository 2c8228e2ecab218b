"""A register that the database itself keeps; and who sees what of it."""

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.db.utils import InternalError

from gongzhi.cases import queries, services
from gongzhi.cases.models import Case, CaseEntry, Complaint
from gongzhi.cases.tests.steps import ARCHIVE_NONE, answered, assigned, at, reported_in, submit, submitted
from gongzhi.core import services as core
from gongzhi.core.errors import Refused

REFUSED_BY_DATABASE = (IntegrityError, ProgrammingError, InternalError)


def refused(sql, *values):
    with pytest.raises(REFUSED_BY_DATABASE), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.mark.clause("JJ-A3-3.1-3", "JJ-5.3-1")
def test_no_line_of_the_register_can_be_deleted_and_no_day_of_receipt_changed(cast):
    case = submitted(cast, "fire_lane")
    for table, pk in (("case", case.pk), ("complaint", case.complaint_id), ("caseentry", case.entries.first().pk)):
        refused(f"DELETE FROM cases_{table} WHERE id = %s", pk)
    refused("UPDATE cases_complaint SET received_at = received_at + interval '1 day' WHERE id = %s", case.complaint_id)
    refused("UPDATE cases_case SET received_at = received_at - interval '1 day' WHERE id = %s", case.pk)
    refused("UPDATE cases_case SET number = 'JJ-2022-99999' WHERE id = %s", case.pk)
    refused("UPDATE cases_caseentry SET text = '改' WHERE case_id = %s", case.pk)
    assert (Case.objects.count(), Complaint.objects.count(), CaseEntry.objects.count() > 0) == (1, 1, True)


@pytest.mark.clause("JJ-A7-3.6-1")
def test_an_archived_case_takes_nothing_more(cast):
    case = answered(cast, "price_violation", lead="market_regulation", now=at(5, 6))
    actor = cast.actor("market_regulation")
    services.close_case(case, actor=actor, now=at(5, 6))
    case = services.archive_case(case, items=ARCHIVE_NONE, actor=actor, now=at(5, 7))
    refused("UPDATE cases_case SET result = '改' WHERE id = %s", case.pk)
    refused("UPDATE cases_case SET state = 'handling' WHERE id = %s", case.pk)
    refused(
        "INSERT INTO cases_casefile (case_id, file_id, item, added_at, demo)"
        " SELECT %s, id, '', now(), false FROM core_storedfile LIMIT 1",
        case.pk,
    )
    with pytest.raises(Refused) as no:
        services.note_progress(case, note="补记", actor=actor, now=at(5, 8))
    assert "只读" in no.value.message


def test_demonstration_cases_alone_can_be_removed(cast):
    from dataclasses import replace

    kept = submitted(cast, "fire_lane")
    submit(cast, "fire_lane", actor=replace(cast.actor("owner"), demo=True))
    with connection.cursor() as cursor:
        cursor.execute("SELECT cases_remove_demo()")
    assert list(Case.objects.all()) == [kept]


def test_the_complainant_is_hidden_from_the_company_and_masked_for_staff(cast):
    case = assigned(cast, "company_violation", text="物业经理陈建国说电话13812345678别打了", location="1幢")
    company = cast.actor("project_manager")
    case.parties.create(
        organisation=cast.organisation("property_company"), role="property_company", part="told", since=at(5, 5)
    )
    case = Case.objects.get(pk=case.pk)
    shown = queries.case_view(case, company)
    assert shown.complainant is None
    assert "陈建国" not in shown.text
    assert "13812345678" not in shown.text
    words = "".join(entry.text for entry in queries.timeline(case, company))
    assert "陈建国" not in words
    assert "13812345678" not in words
    staff = queries.case_view(case, cast.actor("housing"))
    assert (staff.complainant["name"], staff.complainant["phone"]) == ("陈**", "138****5678")
    person = case.complaint.complainant
    with pytest.raises(Refused):
        core.reveal(person, "phone", reason="contact", actor=company, now=at(5, 6))
    assert core.reveal(person, "phone", reason="contact", actor=cast.actor("housing"), now=at(5, 6)) == "13812345678"


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        ("hotline_desk", True),
        ("leading_group_office", True),
        ("street_office", True),
        ("community_station", True),
        ("fire_rescue", True),
        ("owner", True),
        ("street_office@2", False),
        ("community_station@2", False),
        ("police", False),
        ("housing", False),
        ("project_manager", False),
        ("building_steward", False),
    ],
)
def test_a_case_is_seen_by_its_place_and_its_parties_and_by_nobody_else(cast, role, sees):
    case = assigned(cast, "fire_lane")
    actor = cast.actor(role)
    assert queries.cases_for(actor).filter(pk=case.pk).exists() is sees
    if not sees:
        with pytest.raises(Refused):
            queries.case_view(Case.objects.get(pk=case.pk), actor)


@pytest.mark.parametrize("role", ["police", "street_office", "owner", "project_manager", "fire_rescue@none"])
def test_only_the_lead_works_on_a_case(cast, role):
    case = reported_in(cast, "fire_lane", lead="fire_rescue")
    actor = cast.actor(role) if "@none" not in role else core_public()
    with pytest.raises(Refused) as no:
        services.handle(case, result="已清走。", outcome="rectified", actor=actor, now=at(5, 6))
    assert no.value.code == "forbidden"


def core_public():
    from gongzhi.core.actors import Actor

    return Actor.public()


def test_the_second_of_two_clerks_learns_that_the_case_has_changed(cast):
    case = submitted(cast, "fire_lane")
    shown = case.version
    desk, noise = cast.actor("hotline_desk"), services.MatterInput(matter="noise", title="噪声")
    services.split_case(case, matters=[noise], actor=desk, now=at(5, 5))
    with pytest.raises(Refused) as no:
        services.assign_case(case, actor=cast.actor("hotline_desk"), now=at(5, 5), version=shown)
    assert no.value.code == "stale"


def test_a_second_click_does_nothing_more(cast):
    case = submitted(cast, "fire_lane")
    desk = cast.actor("hotline_desk")
    first = services.assign_case(case, actor=desk, now=at(5, 5), key="assign-1", version=case.version)
    second = services.assign_case(case, actor=desk, now=at(5, 5), key="assign-1", version=case.version)
    assert first.pk == second.pk
    assert case.entries.filter(kind="assigned").count() == 1


@pytest.mark.clause("JJ-1-2")
def test_three_of_a_kind_at_one_estate_within_thirty_days_are_a_hotspot_and_two_are_not(cast):
    for day in (5, 6, 7):
        submit(cast, "fire_lane", now=at(5, day))
    for day in (5, 6):
        submit(cast, "price_violation", now=at(5, day))
    found = queries.hotspots(cast.county.path, at(5, 8))
    assert [(row["estate_id"], row["matter"], row["times"]) for row in found.estates] == [
        (cast.estate.pk, "fire_lane", 3)
    ]
    assert "JJ-1-2" in found.clauses
    params = found.estates[0]["params"]
    listed = queries.filtered(
        queries.cases_for(cast.actor("leading_group_office")),
        now=at(5, 8),
        estate=params["estate"],
        matter=params["matter"],
    )
    assert listed.count() == 3
    assert not queries.hotspots(cast.county.path, at(7, 8)).estates


@pytest.mark.clause("JJ-1-2")
def test_the_departments_most_overdue_are_counted(cast):
    reported_in(cast, "price_violation", lead="market_regulation", now=at(4, 28))
    assert not queries.hotspots(cast.county.path, at(5, 13, 23, 59)).most_overdue
    late = queries.hotspots(cast.county.path, at(5, 14, 0)).most_overdue
    assert [(row["name"], row["times"]) for row in late] == [(cast.organisation("market_regulation").name, 1)]


@pytest.mark.clause("JJ-A3-2.6-2", "JJ-4.2.17-1")
def test_the_same_spot_and_like_words_are_suggested_as_duplicates(cast):
    matter = services.MatterInput(matter="fire_lane", title="私家车占消防通道", spot="皖B12345")
    first = submit(cast, matters=[matter], text="1幢门前私家车长期占用消防通道").cases.get()
    other = submitted(cast, "price_violation", text="物业费没有公示就涨价")
    found = queries.duplicates(cast.estate, ["noise"], "一辆车", now=at(5, 6), spot="皖b12345")
    assert [(one.case, one.because) for one in found] == [(first, "同一点位（车牌）")]
    found = queries.duplicates(cast.estate, ["noise"], "物业费涨价没有公示", now=at(5, 6))
    assert [one.case for one in found] == [other]
    assert not queries.duplicates(cast.estate_outside, ["fire_lane"], "占用消防通道", now=at(5, 6))


def test_a_list_is_searched_by_words_of_two_characters_number_unit_and_day(cast):
    case = assigned(cast, "fire_lane", text="电动车占用消防通道")
    rows = queries.cases_for(cast.actor("hotline_desk"))
    for given in (
        {"text": "消防"},
        {"text": case.number.lower()},
        {"unit": cast.organisation("fire_rescue").pk},
        {"state": "running"},
        {"matter": "fire_lane", "due": "week"},
    ):
        now = at(5, 17) if given.get("due") else at(5, 6)
        assert list(queries.filtered(rows, now=now, **given)) == [case], given
    assert not queries.filtered(rows, now=at(5, 6), text="电梯").exists()
    assert not queries.filtered(rows, now=at(5, 20, 23), due="overdue").exists()
    assert queries.filtered(rows, now=at(5, 21, 0), due="overdue").exists()


def test_reading_a_list_and_the_acts_of_a_case_takes_few_queries(cast, django_assert_max_num_queries):
    for _ in range(5):
        assigned(cast, "fire_lane")
    actor = cast.actor("fire_rescue")
    with django_assert_max_num_queries(2):
        rows = list(queries.filtered(queries.cases_for(actor), now=at(5, 6)))
        assert len([(row.estate.name, row.lead.name, row.complaint.number) for row in rows]) == 5
    with django_assert_max_num_queries(25):
        queries.case_acts(rows[0], actor, at(5, 6))


@pytest.mark.clause("JJ-3.3.10-4")
def test_every_matter_has_one_lead_or_is_listed_as_undetermined(cast):
    on = at(5, 5).date()
    listed = queries.departments_of_matter(core.pack_for(cast.county.path, on), on=on)
    structure = {one.where: one.lead for one in listed if one.matter == "illegal_structure"}
    assert set(structure) == {"建成区内", "建成区外"}
    assert structure["建成区内"] != structure["建成区外"]
    assert [one.lead for one in listed if one.matter == "noise"] == ["职责待定"]
    assert all(one.clauses for one in listed)


def test_a_department_sees_what_it_takes_part_in_received_may_claim_or_submitted_and_nothing_else(cast):
    market = cast.actor("market_regulation")
    claimable = submitted(cast, "unlicensed_business")
    own = submitted(cast, "fire_lane", actor=market)
    received = submitted(cast, "greening", channel="phone", actor=market)
    past = assigned(cast, "illegal_structure")
    past.parties.create(organisation=market.organisation, role=market.role, part="past", since=at(5, 5))
    others = assigned(cast, "fire_lane")
    seen = set(queries.cases_for(market))
    assert seen == {claimable, own, received, past}
    assert others not in seen
    assert set(queries.filtered(queries.cases_for(market), now=at(5, 5), matter="greening")) == {received}
