"""Contracts: against their choice, with their terms, filed, replaced, renewed; and what is said about the service."""

from datetime import date

import pytest

from gongzhi.contracts import queries
from gongzhi.contracts import services as contracts
from gongzhi.contracts.models import ServiceContract
from gongzhi.contracts.tests.place import at, city, contract, file, opened, papers, refuses, switch, took
from gongzhi.contracts.tests.test_choosing import HOMES, tender, through_scoring
from gongzhi.core.files import may_download
from gongzhi.core.models import Event
from gongzhi.core.tests.cast import _person
from gongzhi.duties.models import Duty
from gongzhi.governance.bodies import services as bodies
from gongzhi.governance.bodies.tests.steps import committee, later
from gongzhi.governance.bodies.tests.test_forming import management

FIVE = ("房屋及共用部位管理维修养护", "共用设施设备管理维修养护", "公共秩序维护", "环境卫生保洁", "绿化管理养护")
PRELIMINARY = {"kind": "preliminary", "party_a": "developer", "party_a_name": "云栖置业", "by": "developer"}


@pytest.fixture
def cast(request, db):
    return city(*request.param)


def in_city(pack, moment):
    return pytest.mark.parametrize("cast", [(pack, moment)], indirect=True)


@in_city("jinhua", "2026-05-20")
@pytest.mark.clause("JH-4.4e")
def test_a_preliminary_contract_is_written_with_the_winner_and_says_what_is_managed(cast):
    row = through_scoring(cast, tender(cast))
    row = took(cast, row, "award", by="developer", winner=queries.ranked(row)[0])
    given = {**PRELIMINARY, "estate": cast.estates["new"], "procedure": row, "terms": {"管理内容": "保洁、保安、维修"}}
    won = "property_company@2" if row.company == cast.organisations["property_company@2"] else "property_company"
    other = "property_company" if won.endswith("2") else "property_company@2"
    refuses("check_failed", lambda: contract(cast, won, **{**given, "papers": ()}))
    said = refuses("check_failed", lambda: contract(cast, other, **given))
    assert said.message == "合同企业不是中标企业。" and said.clauses == ("JH-4.4e",)
    refuses("terms_missing", lambda: contract(cast, won, **{**given, "terms": {}}))
    assert contract(cast, won, **given).state_words(cast.now.date()) == "已签，没有生效"


@in_city("jinhua", "2026-05-20")
def test_the_papers_of_a_contract_are_read_by_whoever_reads_the_contract(cast):
    row = through_scoring(cast, tender(cast))
    row = took(cast, row, "award", by="developer", winner=queries.ranked(row)[0])
    won = next(key for key in ("property_company", "property_company@2") if cast.organisations[key] == row.company)
    other = "property_company" if won.endswith("2") else "property_company@2"
    given = {**PRELIMINARY, "estate": cast.estates["new"], "procedure": row, "terms": {"管理内容": "保洁"}}
    paper = contract(cast, won, **given).papers.get().file
    assert may_download(cast.actor(won), paper)
    assert not may_download(cast.actor(other), paper)


@in_city("zhangjiagang", "2026-03-02")
@pytest.mark.clause("ZJG-3.1", "ZJG-4.1.2b")
def test_without_a_choice_or_the_owners_will_there_is_no_contract(cast):
    given = {**PRELIMINARY, "estate": cast.estates["new"]}
    said = refuses("check_failed", lambda: contract(cast, **given))
    assert "ZJG-3.1" in said.clauses
    row = tender(cast, method="agreement", project={"total_area_m2": HOMES["total_area_m2"] / 4})
    refuses("check_failed", lambda: contract(cast, **given, procedure=row))
    row = took(cast, row, "approve", by="housing", note="同意")
    row = took(cast, row, "award", by="developer", company=cast.organisations["property_company"])
    refuses("check_failed", lambda: contract(cast, "property_company@2", **given, procedure=row))
    assert contract(cast, **given, procedure=row).procedure == row
    town = {"party_a": "street_government", "party_a_name": "镇政府", "decision": "表决通过"}
    assert "ZJG-4.1.2b" in refuses("check_failed", lambda: contract(cast, by="owners_committee", **town)).clauses
    refuses("check_failed", lambda: contract(cast, by="owners_committee"))
    assert contract(cast, by="owners_committee", decision="征询结果2026-1").decision


@in_city("zhangjiagang", "2026-03-16")
@pytest.mark.clause("ZJG-3.3.1-3c")
def test_the_management_committee_signs_by_its_own_account_until_the_owners_committee_is_on_file(cast):
    street, estate = cast.actor("street_office"), cast.estate
    formation, seats = management(cast, members=7, owner_members=4)
    body = bodies.form_management_committee(
        formation, seats=seats, formed_on=cast.now.date(), actor=street, now=cast.now
    )
    _person(cast, "management_committee", "物管会经办", organisation=body.organisation)
    given = {"party_a": "management_committee", "party_a_name": "物管会", "decision": "征询结果2026-1"}
    said = refuses("not_acting", lambda: contract(cast, by="street_office", decision="征询结果2026-1"))
    assert "ZJG-3.3.1-3c" in said.clauses and "party_a" in said.fields
    assert contract(cast, by="management_committee", **given).party_a == "management_committee"
    later(cast, "2026-06-15")
    filing = bodies.submit_filing(committee(cast, estate), actor=street, now=cast.now)
    bodies.decide_filing(filing, accepted=True, actor=street, now=cast.now)
    refuses("forbidden", lambda: contract(cast, by="management_committee", **given))
    refuses("not_acting", lambda: contract(cast, by="street_office", **given))


@in_city("jiujiang", "2022-05-05")
@pytest.mark.clause("JJ-A4-2.3-1", "JJ-A4-2.4-1")
def test_five_services_have_their_standards_and_the_owners_decision_names_the_company(cast):
    given = {"by": "owners_committee", "services": dict.fromkeys(FIVE, "一级"), "decision": "业主大会2022-1号决议"}
    bare = {**given, "services": {**dict.fromkeys(FIVE, "一级"), "绿化管理养护": " "}}
    assert "绿化" in refuses("terms_missing", lambda: contract(cast, **bare)).message
    refuses("check_failed", lambda: contract(cast, **{**given, "decision": ""}))
    row = contract(cast, **given)
    assert set(row.services) == set(FIVE) and "收费标准" in row.open_terms


@in_city("jiujiang", "2022-05-05")
@pytest.mark.clause("JJ-A4-2.4-2")
def test_owners_opinions_reach_the_company_and_those_without_an_answer_stand_first(cast):
    made = [
        contracts.make_remark(
            cast.estate, kind="opinion", text=text, actor=cast.actor("owners_committee"), now=cast.now
        )
        for text in ("保洁不勤", "门禁坏了")
    ]
    assert {one.asked_of for one in made} == {cast.organisations["property_company"]}
    contracts.answer_remark(
        made[0], answer="已加一班", adopted=True, actor=cast.actor("property_company"), now=cast.now
    )
    for who in ("owners_committee", "community_station"):
        waiting = queries.remarks_for(cast.actor(who)).filter(answered_at=None)
        assert [one.text for one in waiting] == ["门禁坏了"]


@in_city("jiujiang", "2022-05-05")
@pytest.mark.clause("JJ-3.2.6-5")
def test_filing_of_preliminary_service_is_open_only_where_it_is_switched_on(cast):
    given = {**PRELIMINARY, "estate": cast.estates["new"], "services": dict.fromkeys(FIVE, "一级")}
    row = contract(cast, **given)

    def file_it(names=("中标通知书", "项目经理信息")):
        return contracts.ask_filing(
            row, on=cast.now.date(), papers=papers(cast, *names), actor=cast.actor("developer"), now=cast.now
        )

    refuses("filing_closed", file_it)
    switch(cast, "jiujiang", "preliminary_filing", "yes")
    assert "项目经理信息" in refuses("papers_missing", lambda: file_it(("中标通知书",))).message
    asked = file_it()
    done = contracts.file_contract(asked, number="JJ-1", actor=cast.actor("housing"), now=cast.now)
    assert done.filing_number == "JJ-1" and done.filing == "filed"


@in_city("meixian", "2023-02-01")
@pytest.mark.clause("MX-3.2.1-4", "MX-3.4.1-5")
def test_a_contract_is_filed_within_thirty_days_or_sent_back_with_what_is_missing(cast):
    given = {**PRELIMINARY, "estate": cast.estates["new"]}
    said = refuses("terms_missing", lambda: contract(cast, **given, grade="一级", fee="1.5元"))
    assert "服务内容" in said.message and "服务等级" not in said.message and "MX-3.4.1-5" in said.clauses
    row = contract(cast, **given, grade="一级", fee="1.5元", terms={"服务内容": "见附件"})
    assert "违约责任" in row.open_terms and "服务期限" not in row.open_terms
    owed = Duty.objects.get(rule="file_contract")
    assert owed.due_at.astimezone(cast.now.tzinfo).date() == date(2023, 3, 4)  # 3月3日24:00
    later = at(cast, "2023-03-03")
    row = contracts.ask_filing(row, on=later.now.date(), actor=later.actor("property_company"), now=later.now)
    back = contracts.file_contract(row, missing=["收费公示"], actor=later.actor("housing"), now=later.now)
    assert (back.filing, back.filing_missing) == ("returned", ["收费公示"])
    again = contracts.ask_filing(back, on=later.now.date(), actor=later.actor("property_company"), now=later.now)
    done = contracts.file_contract(again, number="MXB-1", actor=later.actor("housing"), now=later.now)
    assert done.filing_number == "MXB-1"
    refuses(
        "filing_state",
        lambda: contracts.file_contract(done, number="MXB-2", actor=later.actor("housing"), now=later.now),
    )


@in_city("meixian", "2023-04-02")
@pytest.mark.clause("MX-3.4.1-3")
def test_an_agreement_that_was_not_approved_cannot_be_filed(cast):
    row = tender(cast, method="agreement", project={"high_rise_area_m2": 12000})
    made = contract(
        cast,
        **PRELIMINARY,
        estate=cast.estates["new"],
        procedure=row,
        grade="一级",
        fee="1元",
        terms={"服务内容": "全"},
    )
    said = refuses("check_failed", lambda: contracts.ask_filing(
        made, on=cast.now.date(), actor=cast.actor("developer"), now=cast.now))  # fmt: skip
    assert "MX-3.4.1-3" in said.clauses


@in_city("meixian", "2023-09-15")
@pytest.mark.clause("MX-3.4.1-6")
def test_a_preliminary_contract_ends_the_day_a_new_one_takes_effect(cast):
    """MX-HC-17."""
    old = contract(cast, **{**PRELIMINARY, "by": "housing"}, signed_on=date(2021, 6, 1), from_on=date(2021, 7, 1),
                   to_on=date(2024, 6, 30), grade="一级", fee="1元", terms={"服务内容": "全"})  # fmt: skip
    new = contract(cast, "property_company@2", by="owners_committee", decision="业主大会决议", to_on=date(2026, 9, 30))
    old.refresh_from_db()
    assert old.ended_on is None and old.state_on(date(2023, 9, 30)) == "in_force"
    contracts.make_effective(new, on=date(2023, 10, 1), actor=cast.actor("owners_committee"), now=cast.now)
    old.refresh_from_db()
    assert (old.state_on(date(2023, 9, 30)), old.state_on(date(2023, 10, 1)), old.ended_by) == (
        "in_force",
        "ended",
        new,
    )
    assert old.days_left_over == 274
    assert Event.objects.get(kind="contract.ended").data["replaced"] is True


@in_city("jiangyin", "2023-01-02")
def test_the_end_of_a_contract_is_told_ninety_days_ahead_until_it_is_renewed(cast):
    given = {
        "by": "owners_committee",
        "decision": "业主大会决议",
        "from_on": date(2023, 1, 1),
        "signed_on": date(2023, 1, 1),
    }
    row = contract(cast, **given, to_on=date(2023, 12, 31), fee="1.5元")
    owed = Duty.objects.get(rule="decide_renewal")
    assert owed.due_at.astimezone(cast.now.tzinfo).date() == date(2023, 10, 3)  # 10月2日24:00
    later = at(cast, "2023-09-20")
    contract(later, by="owners_committee", decision="续聘决议", to_on=date(2026, 12, 31), renews=row)
    owed.refresh_from_db()
    assert owed.closed_at is not None


@in_city("jiangyin", "2023-01-02")
def test_a_contract_of_who_serves_already_carries_its_terms_into_the_registry(cast):
    row = contract(cast, by="owners_committee", decision="决议", from_on=date(2023, 1, 1), signed_on=date(2023, 1, 1),
                   grade="二级", fee="1.20元/㎡·月")  # fmt: skip
    project = contracts.begin_service(row, on=date(2023, 1, 2), actor=cast.actor("street_office"), now=cast.now)
    row.refresh_from_db()
    assert (project.fee, project.service_standard, row.project) == ("1.20元/㎡·月", "二级", project)
    assert queries.contract_on(cast.estate, date(2023, 1, 2)) == row


__all__ = ["ServiceContract", "file", "opened"]
