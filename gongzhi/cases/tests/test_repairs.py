"""A repair the owner asks for: the company comes, is asked back about, and only then files it away."""

from dataclasses import replace

import pytest

from gongzhi.cases import queries, services
from gongzhi.cases.models import Case
from gongzhi.cases.tests.steps import ARCHIVE_NONE, at, submitted
from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event


def repaired(cast, **given):
    return submitted(cast, "repair_request", **given)


@pytest.mark.clause("JJ-A4-2.3-7")
def test_a_repair_goes_to_the_company_that_serves_the_estate_and_closes_only_after_a_call_back(cast):
    case = repaired(cast)
    manager = cast.actor("project_manager")
    assert case.lead == cast.organisation("property_company")
    services.report_in(case, actor=manager, now=at(5, 5, 10))
    services.verify_on_site(case, note="到场", actor=manager, now=at(5, 5, 11))
    services.contact_complainant(case, promised_on=at(5, 6).date(), method="电话", actor=manager, now=at(5, 5, 11))
    services.handle(case, result="已换灯", outcome="settled", actor=manager, now=at(5, 5, 15))
    case = services.answer(case, text="已修好", method="电话", actor=manager, now=at(5, 5, 15))
    with pytest.raises(Refused) as refused:
        services.close_case(case, actor=manager, now=at(5, 5, 16))
    assert "回访" in refused.value.message
    services.call_back(case, satisfied=True, actor=manager, now=at(5, 6))
    case = services.close_case(case, actor=manager, now=at(5, 6))
    assert services.archive_case(case, items=ARCHIVE_NONE, actor=manager, now=at(5, 6)).state == "archived"


def test_the_company_sees_who_asked_for_a_repair_and_not_who_complained(cast):
    repair = Case.objects.get(pk=repaired(cast).pk)
    assert queries.case_view(repair, cast.actor("project_manager")).complainant["name"] == "陈**"


def test_who_has_to_help_may_see_the_number_while_the_case_is_his_and_each_look_is_kept(cast):
    case = Case.objects.get(pk=repaired(cast).pk)
    manager, person = cast.actor("project_manager"), case.complaint.complainant
    assert queries.case_view(case, manager).may_reveal
    with pytest.raises(Refused, match="理由"):
        core.reveal(person, "phone", reason="", actor=manager, now=at(5, 5, 10))
    assert core.reveal(person, "phone", reason="contact", actor=manager, now=at(5, 5, 10)) == "13812345678"
    assert Event.objects.get(kind="person.revealed").actor_label == manager.label
    other = replace(manager, organisation=core.ensure_organisation("utilities_company", place=cast.county, name="别家"))
    with pytest.raises(Refused):
        core.reveal(person, "phone", reason="contact", actor=other, now=at(5, 5, 10))
    Case.objects.filter(pk=case.pk).update(state="closed", closed_at=at(5, 6))
    with pytest.raises(Refused):
        core.reveal(person, "phone", reason="contact", actor=manager, now=at(5, 6))
    assert not queries.case_view(Case.objects.get(pk=case.pk), manager).may_reveal


@pytest.mark.clause("JJ-A3-2.10-1")
def test_a_utility_is_asked_in_and_the_coordinating_department_stays(cast):
    bureau = core.ensure_organisation("industry_information", place=cast.county)
    power = core.ensure_organisation("utilities_company", place=cast.county, name="供电公司")
    case = submitted(cast, "telecom_power")
    case = services.assign_case(case, actor=cast.actor("hotline_desk"), now=at(5, 5))
    assert case.lead == bureau
    assert case.parties.filter(organisation=power, part="support").exists()
