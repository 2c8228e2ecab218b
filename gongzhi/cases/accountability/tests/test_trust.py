"""推诿, 约谈, 问责建议, 线索, 通报候选, 重大矛盾: who may, when, and who never reads it."""

from datetime import date

import pytest

from gongzhi.cases import services as cases
from gongzhi.cases.accountability.models import Clue
from gongzhi.cases.accountability.queries.census import candidates, census
from gongzhi.cases.accountability.references import reads
from gongzhi.cases.accountability.services import trust
from gongzhi.cases.accountability.tests.steps import (
    OFFICE,
    acting,
    at,
    clock,
    duty_of,
    given,
    paper,
    papers,
    person,
    sent_finding,
)
from gongzhi.cases.services import problems
from gongzhi.cases.tests.steps import assigned
from gongzhi.cases.tests.steps import submitted as complained
from gongzhi.core import refs
from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.models import Document, Event
from gongzhi.core.refs import Ref
from gongzhi.core.views import document as document_view
from gongzhi.duties.models import Duty


@pytest.mark.clause("JJ-A7-3.7-4", "JJ-5.3-5")
def test_a_department_found_shirking_is_censured_at_once_and_another_is_copied_first(cast):
    """HC-43, for tasks that were handed out."""
    office = cast.actor(OFFICE)
    shirked = given(cast, "market_regulation", due_on=date(2022, 5, 13), now=at(5, 5))
    other = given(cast, "ecology", due_on=date(2022, 5, 13), now=at(5, 5))
    with pytest.raises(Refused, match="只有逾期"):
        trust.find_duty_shirked(duty_of(shirked), reason="推给别人", actor=office, now=at(5, 13))
    clock(at(5, 14))
    trust.find_duty_shirked(duty_of(shirked), reason="推给别人", actor=office, now=at(5, 14, 10))
    assert papers(shirked)[-1] == "censure_notice"
    assert papers(other) == ["copy_notice"]
    talk = trust.open_talk(
        duty_of(shirked), person="分管副局长", planned_at=at(5, 20), room="区办会议室", actor=office, now=at(5, 15)
    )
    assert talk.document.number == "鸠物约〔2022〕1号"
    with pytest.raises(Refused, match="通报以后") as refused:
        trust.open_talk(
            duty_of(other), person="分管副局长", planned_at=at(5, 20), room="会议室", actor=office, now=at(5, 15)
        )
    assert "JJ-5.3-5" in refused.value.clauses


@pytest.mark.clause("JJ-A7-3.7-4", "JJ-5.3-5")
def test_shirking_found_over_a_complaint_jumps_as_well(cast):
    case = assigned(cast, "unlicensed_business", now=at(4, 28))
    duty = Duty.objects.get(subject_kind="case", subject_id=str(case.pk), rule="answer_complaint")
    clock(at(5, 14))
    trust.find_duty_shirked(duty, reason="推给街道", actor=cast.actor(OFFICE), now=at(5, 14, 10))
    assert papers(case)[-1] == "censure_notice"
    row = next(one for one in census(cast.county.path, year=2022) if one.duty == duty)
    assert (row.count("censure"), row.ground) == (1, True)


@pytest.mark.clause("JJ-A7-3.7-3", "JJ-A7-3.7-4")
def test_a_street_is_not_censured_for_shirking_without_the_earlier_steps(cast):
    finding = sent_finding(cast, days=10, now=at(5, 31))
    clock(at(6, 11))
    with pytest.raises(Refused, match="逐级办理") as refused:
        trust.find_duty_shirked(duty_of(finding), reason="推给社区", actor=cast.actor(OFFICE), now=at(6, 11, 10))
    assert refused.value.clauses
    assert papers(finding)[-1] == "copy_notice"
    assert not Event.objects.filter(kind="shirking.found").exists()


def censured_task(cast):
    task = given(cast, "market_regulation", due_on=date(2022, 5, 13), now=at(5, 5))
    clock(at(5, 14))
    trust.find_duty_shirked(duty_of(task), reason="推给别人", actor=cast.actor(OFFICE), now=at(5, 14, 10))
    return duty_of(task)


@pytest.mark.clause("JJ-5.3-6")
def test_a_talk_and_a_referral_follow_a_censure_and_only_the_authorised_read_them(cast, rf):
    office, discipline = cast.actor(OFFICE), acting(cast, "discipline_office")
    duty = censured_task(cast)
    talk = trust.open_talk(
        duty, person="分管副局长", planned_at=at(5, 20), room="区办会议室", actor=office, now=at(5, 15)
    )
    with pytest.raises(Refused, match="时间"):
        trust.hold_talk(talk, held_at=at(5, 22), record="表态整改", actor=office, now=at(5, 21))
    talk = trust.hold_talk(talk, held_at=at(5, 20), record="表态十日内整改", actor=office, now=at(5, 21))
    referral = trust.refer(duty, reason="多次推诿", talk=talk, actor=office, now=at(5, 21))
    assert (referral.to.role, referral.document.number) == ("discipline_office", "鸠物责〔2022〕1号")
    referral = trust.answer_referral(referral, state="accepted", text="已受理", actor=discipline, now=at(5, 22))
    referral = trust.answer_referral(referral, state="held", text="诫勉谈话", actor=discipline, now=at(6, 1))
    assert referral.get_state_display() == "已问责"
    with pytest.raises(Refused, match="已经办结"):
        trust.answer_referral(referral, state="declined", text="改了", actor=discipline, now=at(6, 2))
    for role, may in ((OFFICE, True), ("county_leader", True), ("market_regulation", False), ("housing", False),
                      ("street_office", False), ("system_admin", False)):  # fmt: skip
        assert reads(cast.actor(role), talk) is may
        assert reads(cast.actor(role), referral) is may
    assert reads(discipline, referral)
    request = rf.get("/")
    for role in ("housing", "market_regulation"):
        request.actor, request.now = cast.actor(role), at(6, 2)
        with pytest.raises(Refused):
            document_view(request, referral.document_id)
    request.actor = cast.actor("market_regulation")
    assert document_view(request, talk.document_id).status_code == 200


@pytest.mark.clause("JJ-5.3-6")
def test_nobody_but_the_leading_group_office_opens_a_talk(cast):
    duty = censured_task(cast)
    for role in ("housing", "street_office", "county_leader"):
        with pytest.raises(Refused) as refused:
            trust.open_talk(
                duty, person="局长", planned_at=at(5, 20), room="会议室", actor=cast.actor(role), now=at(5, 15)
            )
        assert refused.value.code == "forbidden"


@pytest.mark.clause("JJ-5.3-7")
def test_a_clue_is_never_seen_by_the_person_concerned_and_goes_to_another_body(cast):
    office = cast.actor(OFFICE)
    colleague = acting(cast, OFFICE, "陆某")
    clue = trust.record_clue(
        unit=office.organisation,
        person=colleague.user,
        position="科员",
        behaviour="favour",
        text="为企业说情",
        files=[paper()],
        actor=office,
        now=at(5, 5),
    )
    [file] = core.files_of(clue.ref)
    assert reads(office, clue)
    assert list(Clue.objects.seen_by(office)) == [clue]
    assert not reads(colleague, clue)
    assert not Clue.objects.seen_by(colleague).exists()
    assert not core.may_download(colleague, file)
    for act in (
        lambda: trust.transfer_clue(clue, body=cast.organisation("police"), actor=colleague, now=at(5, 6)),
        lambda: trust.record_clue(
            unit=office.organisation, person=office.user, position="科长", behaviour="abuse", text="自己", actor=office,
            now=at(5, 6),
        ),
    ):  # fmt: skip
        with pytest.raises(Refused, match="回避"):
            act()
    discipline = acting(cast, "discipline_office")
    with pytest.raises(Refused, match="先移送"):
        trust.conclude_clue(clue, result="corrected", text="责令改正", actor=discipline, now=at(5, 6))
    with pytest.raises(Refused, match="所在的单位"):
        trust.transfer_clue(clue, body=office.organisation, actor=office, now=at(5, 6))
    clue = trust.transfer_clue(clue, body=cast.organisation("police"), actor=office, now=at(5, 6))
    assert reads(cast.actor("police"), clue)
    clue = trust.conclude_clue(clue, result="corrected", text="责令改正", actor=cast.actor("police"), now=at(5, 9))
    assert clue.get_result_display() == "责令改正"
    assert not any(
        word in str(one.data) + one.subject_title
        for one in Event.objects.filter(subject_kind="clue")
        for word in ("陆某", "说情")
    )


def test_a_deputy_of_the_person_concerned_does_not_see_the_clue(cast):
    office = cast.actor(OFFICE)
    concerned = person(cast, OFFICE, "陆某")
    stand_in = person(cast, "housing", "代某")
    clue = trust.record_clue(
        unit=office.organisation, person=concerned, position="科员", behaviour="abuse", text="越权", actor=office,
        now=at(5, 5),
    )  # fmt: skip
    core.set_deputy(
        concerned.posts.get(), deputy=stand_in, from_on=date(2022, 5, 1), to_on=None, actor=office, now=at(5, 5)
    )
    from gongzhi.core.actors import capacities

    [acting_for] = [one for one in capacities(stand_in, at(5, 6)) if one.role == OFFICE]
    assert not reads(acting_for, clue)
    assert not Clue.objects.seen_by(acting_for).exists()


def known_problem(cast, *, report: bool):
    manager = cast.actor("project_manager")
    problem = problems.register_problem(
        estate=cast.estate,
        source="patrol",
        matter="sanitation_order_dispute",
        found_at=at(4, 29),
        spot="地库",
        text="地库积水",
        reporter="保安队",
        actor=manager,
        now=at(4, 29),
    )
    if report:
        cases.report_problem(
            problem, reason="cannot_handle", to=cast.organisation("street_office"), actor=manager, now=at(4, 30)
        )
    clock(at(5, 18))
    complained(cast, "sanitation_order_dispute", now=at(5, 19))
    return problem


@pytest.mark.clause("JJ-A7-3.7-1")
def test_a_company_that_let_a_known_problem_lie_unreported_comes_up_for_censure(cast):
    problem = known_problem(cast, report=False)
    [found] = candidates(cast.county.path)
    assert (found.problem, found.party) == (problem, cast.organisation("property_company"))
    review = trust.review_candidate(
        problem,
        party=found.party,
        propose=True,
        reason="一个多月不处理",
        actor=cast.actor("street_office"),
        now=at(5, 6),
    )
    waiting = Duty.objects.get(rule="review_company_censure")
    assert waiting.state == "fulfilled"
    review = trust.censure_candidate(review, actor=cast.actor(OFFICE), now=at(5, 21))
    assert Document.objects.get(instrument="censure_notice").recipients.filter(organisation=found.party).exists()
    with pytest.raises(Refused):
        trust.censure_candidate(review, actor=cast.actor(OFFICE), now=at(5, 8))


@pytest.mark.clause("JJ-A7-3.4-1")
@pytest.mark.parametrize("late", [False, True])
def test_stopping_in_vain_without_a_report_by_the_next_work_day_makes_a_candidate(cast, late):
    manager, company = cast.actor("project_manager"), cast.organisation("property_company")
    problem = problems.register_problem(
        estate=cast.estate, source="patrol", found_at=at(5, 5), spot="楼顶", text="楼顶搭建", reporter="保安队",
        violation=True, stopped_at=at(5, 5), stopped_how="劝阻", matter="illegal_structure", actor=manager,
        now=at(5, 5),
    )  # fmt: skip
    problems.stop_problem(problem, at=at(5, 5), how="劝阻", effective=False, actor=manager, now=at(5, 5))
    clock(at(5, 6, 23))
    assert candidates(cast.county.path) == []
    clock(at(5, 7, 0, 1) if late else at(5, 6, 23, 59))
    found = [(one.problem, one.party, one.complained_at) for one in candidates(cast.county.path)]
    assert found == ([(problem, company, None)] if late else [])
    if late:
        trust.review_candidate(
            problem,
            party=company,
            propose=False,
            reason="当天已口头报告。",
            actor=cast.actor("street_office"),
            now=at(5, 7, 9),
        )
        assert Duty.objects.get(rule="review_late_report").state == "fulfilled"


@pytest.mark.clause("JJ-A7-3.7-1")
def test_a_company_that_reported_in_time_is_no_candidate(cast):
    problem = known_problem(cast, report=True)
    assert candidates(cast.county.path) == []
    with pytest.raises(Refused, match="不在通报候选"):
        trust.review_candidate(
            problem,
            party=cast.organisation("property_company"),
            propose=True,
            reason="通报",
            actor=cast.actor("street_office"),
            now=at(5, 6),
        )


@pytest.mark.clause("JJ-A7-3.7-2")
def test_a_major_conflict_needs_the_streets_certificate_and_fits_the_party(cast):
    street, company = cast.actor("street_office"), cast.organisation("property_company")
    given_ = {"estate": cast.estate, "party": company, "text": "断水三日，群众聚集", "actor": street, "now": at(5, 6)}
    with pytest.raises(Refused, match="认定书须上传"):
        trust.find_major(**given_, consequences=["dismissal"], certificate=None)
    with pytest.raises(Refused, match="对企业可以启动解聘"):
        trust.find_major(**given_, consequences=["re_election"], certificate=paper())
    with pytest.raises(Refused, match="本小区"):
        trust.find_major(
            **{**given_, "party": cast.organisation("property_company@2")}, consequences=["dismissal"],
            certificate=paper(),
        )  # fmt: skip
    with pytest.raises(Refused):
        trust.find_major(**{**given_, "actor": cast.actor(OFFICE)}, consequences=["dismissal"], certificate=paper())
    row = trust.find_major(**given_, consequences=["dismissal"], certificate=paper())
    assert row.consequence_names == ["物业服务企业解聘"]
    assert refs.may_read(street, Ref("major_conflict", str(row.pk)))
    assert not refs.may_read(cast.actor("project_manager"), Ref("major_conflict", str(row.pk)))
