"""The company's file: what a case about its own conduct ended with, and the circulars that name it."""

import pytest

from gongzhi.cases import services
from gongzhi.cases.accountability.queries.census import candidates
from gongzhi.cases.accountability.services import trust
from gongzhi.cases.accountability.tests.steps import OFFICE
from gongzhi.cases.accountability.tests.test_trust import known_problem
from gongzhi.cases.tests.pages import browse
from gongzhi.cases.tests.steps import answered, at
from gongzhi.cases.tests.test_five_by_pack import COUNTY, RECEIVED, received
from gongzhi.core.models import Document
from gongzhi.core.tests.calling import Caller, key_for
from gongzhi.core.tests.cast import build
from gongzhi.registry.models import StandingFact
from gongzhi.registry.queries.reading import company_file

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
