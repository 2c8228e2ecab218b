"""The company's file: what a case about its own conduct ended with, and the circulars that name it."""

import pytest

from gongzhi.cases import services
from gongzhi.cases.accountability.queries.census import candidates
from gongzhi.cases.accountability.services import trust
from gongzhi.cases.accountability.tests.steps import OFFICE
from gongzhi.cases.accountability.tests.test_trust import known_problem
from gongzhi.cases.tests.pages import browse
from gongzhi.cases.tests.steps import answered, at, submit
from gongzhi.cases.tests.test_five_by_pack import COUNTY, RECEIVED, received
from gongzhi.core.models import Document, OutboxMessage
from gongzhi.core.tests.calling import Caller, key_for
from gongzhi.core.tests.cast import build
from gongzhi.registry.models import StandingFact
from gongzhi.registry.queries import facts_of
from gongzhi.registry.queries.reading import company_file, listing_of
from gongzhi.registry.services import decide_listing

__all__ = ["browse"]

pytestmark = pytest.mark.django_db


def closed(cast, matter, lead, **extra):
    case = answered(cast, matter, lead=lead, now=at(5, 6), **extra)
    return services.close_case(case, actor=cast.actor(lead), now=at(5, 7))


@pytest.mark.clause("JJ-A3-2.2-2", "JJ-3.2.7-3")
@pytest.mark.parametrize(
    ("matter", "lead"), [("company_violation", "housing"), ("price_violation", "market_regulation")]
)
def test_what_a_violation_of_the_company_ended_with_is_a_line_of_its_file(cast, browse, matter, lead):
    company = cast.organisation("property_company")
    case = closed(cast, matter, lead)
    (line,) = company_file(company)
    assert (line.name, line.from_on) == ("sanctioned", at(5, 7).date())
    assert line.words.startswith(case.number) and "已责令改正" in line.words
    assert "JJ-A3-2.2-2" in str(StandingFact.objects.get(name="sanctioned").answer)
    assert not company_file(cast.organisation("property_company@2"))
    shown = browse("housing", at(5, 8)).get(f"/xiaoqu/danwei/{company.pk}/").content.decode()
    assert "企业档案" in shown and case.number in shown


@pytest.mark.clause("JJ-3.2.7-3")
def test_what_others_did_wrong_is_no_line_of_the_companys_file(cast):
    closed(cast, "fire_lane", "fire_rescue")
    assert not company_file(cast.organisation("property_company"))


@pytest.mark.clause("JJ-A7-3.7-1")
def test_a_circular_that_names_the_company_is_a_line_of_its_file(cast, call):
    problem, company = known_problem(cast, report=False), cast.organisation("property_company")
    [found] = candidates(cast.county.path)
    given = {"party": found.party, "propose": True, "reason": "一个多月不处理"}
    review = trust.review_candidate(problem, **given, actor=cast.actor("street_office"), now=at(5, 6))
    trust.censure_candidate(review, actor=cast.actor(OFFICE), now=at(5, 21))
    number = Document.objects.get(instrument="censure_notice").number
    (line,) = call("housing").get(f"/organisations/{company.pk}/file").json()
    assert (line["name"], line["from_on"]) == ("censured", "2022-05-21") and line["value"].startswith(number)
    assert Caller(key_for(cast, "project_manager")).get(f"/organisations/{company.pk}/file").json() == [line]


@pytest.mark.clause("JY-2.4.9-3")
def test_two_duties_unmet_are_suggested_to_the_bureau_and_stand_in_the_companys_file_at_once():
    cast = build(RECEIVED, county=COUNTY["jiangyin"], pack="jiangyin")
    one = received(cast, "sanitation_duty_unmet")
    other = received(cast, "waste_collection_unmet", phone="13812345682")
    greening = received(cast, "greening", phone="13812345683")
    assert {one.route_lead, other.route_lead} == {"urban_management"}
    lines = [line.words for line in company_file(cast.organisation("property_company"))]
    assert len(lines) == len({one.pk, other.pk})
    assert all(any(case.number in line for line in lines) for case in (one, other))
    assert not any(greening.number in line for line in lines)


LIGHT = "2幢电梯照明不亮，一直没有修。"


def asked_again(cast, month, *, text=LIGHT, matter="repair_request", phone="13812345678"):
    caller = services.ComplainantInput(name="陈建国", phone=phone, address="2幢301室")
    return submit(
        cast, channel="phone", text=text, complainant=caller, now=at(month, 6),
        matters=[services.MatterInput(matter=matter, title=text[:12])],
    ).cases.get()  # fmt: skip


def repaired(cast, case, month, day):
    manager, when = cast.actor("project_manager"), at(month, day)
    services.report_in(case, actor=manager, now=when)
    services.verify_on_site(case, note="到场", actor=manager, now=when)
    services.contact_complainant(case, promised_on=when.date(), method="电话", actor=manager, now=when)
    services.handle(case, result="已修好", outcome="settled", actor=manager, now=when)
    services.answer(case, text="已修好", method="电话", actor=manager, now=when)
    services.call_back(case, satisfied=True, actor=manager, now=when)
    services.close_case(case, actor=manager, now=when)


@pytest.mark.clause("JJ-A8-3.2.3-8")
def test_jj_hc_49_only_what_came_three_times_unsettled_by_the_companys_fault_proposes_the_black_list(cast, browse):
    """JJ-HC-49, in the months after the document is in force: May, June, July."""
    company = cast.organisation("property_company")

    def pending(on):
        return facts_of(company.ref, ("list_pending",), on).get("list_pending", False)

    # Another matter: mended before it came the third time.
    for month in (5, 6):
        mended = asked_again(cast, month, text="1幢门禁刷卡没有反应，进不了门。", phone=f"1390000000{month}")
        repaired(cast, mended, month, 8)
    asked_again(cast, 7, text="1幢门禁刷卡没有反应，进不了门。")
    # A third one: the developer owes it under warranty.
    for month in (5, 6, 7):
        asked_again(
            cast, month, text="外墙渗水，房间墙面发霉。", matter="construction_quality", phone=f"1370000000{month}"
        )
    first = asked_again(cast, 5)
    asked_again(cast, 6, phone="13900000001")
    assert not pending(at(7, 1).date())
    third = asked_again(cast, 7, phone="13900000002")
    assert pending(at(7, 6).date())
    (line,) = listing_of(company, at(7, 6).date())
    assert line.event.subject_id == str(third.pk) and line.answer["clauses"] == ["JJ-A8-3.2.3-8"]
    told = OutboxMessage.objects.get(template="company.list_pending")
    assert told.to_organisation.role == OFFICE and "3次投诉没有解决" in told.text
    # A fourth time is the same proposal.
    asked_again(cast, 8, phone="13900000003")
    assert len(listing_of(company, at(8, 6).date())) == 1 and first.pk != third.pk
    shown = browse(OFFICE, at(8, 7)).get(f"/xiaoqu/danwei/{company.pk}/").content.decode()
    assert third.number in shown and "同一事项多次投诉没有解决" in shown
    decide_listing(company, listed=False, reason="不是企业原因", actor=cast.actor(OFFICE), now=at(8, 8))
    assert not pending(at(8, 8).date())


@pytest.mark.clause("JJ-A8-3.2.3-8")
def test_complaints_of_more_than_a_year_ago_no_longer_count(cast):
    company = cast.organisation("property_company")
    asked_again(cast, 5, matter="company_violation")
    asked_again(cast, 6, matter="company_violation", phone="13900000001")
    later = services.receive_complaint(
        channel="phone", estate=cast.estate, text=LIGHT, location="2幢",
        matters=[services.MatterInput(matter="company_violation", title="不公示")],
        complainant=services.ComplainantInput(name="李某", phone="13900000002", address="1幢101室"),
        received_at=at(5, 6).replace(year=2023, day=20), actor=cast.actor("street_office"),
        now=at(5, 6).replace(year=2023, day=20),
    )  # fmt: skip
    assert later.cases.get().matter == "company_violation"
    assert facts_of(company.ref, ("list_pending",), at(5, 21).replace(year=2023).date()) == {}
