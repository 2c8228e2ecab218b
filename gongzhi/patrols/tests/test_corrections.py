"""What was sent wrongly is put right beside it; what needs a department becomes a case; a notice goes out on paper."""

import pytest

from gongzhi.cases.models import Case
from gongzhi.cases.queries.ledgers import checks_by_source
from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.models import OutboxMessage
from gongzhi.duties.models import Duty
from gongzhi.patrols import services
from gongzhi.patrols.models import PatrolFinding, RoundCorrection
from gongzhi.patrols.queries.plans import plans_of, standings, window_of
from gongzhi.patrols.queries.reading import by_unit
from gongzhi.patrols.services import Found, Given
from gongzhi.patrols.tests.steps import city, day, fresh, later, pictured, rectified, someone, walked
from gongzhi.patrols.views.findings import COLUMNS, _line

pytestmark = pytest.mark.django_db
ON = "2022-05-09"
SPAN = {"checked_from": day(ON), "checked_to": day(ON)}
SITE = {"staff": True, "sanitation": False, "structure": False, "order": False, "fire": False}


@pytest.fixture
def cast(db):
    return city("jiujiang", ON)


def corrected(cast, row, answers, *, by="community_station", reason="看错了楼栋", **given):
    whole = Given(sheet=row.sheet, answers=answers, people=given.pop("people", row.people), **given)
    return services.correct_round(fresh(row), given=whole, reason=reason, actor=someone(cast, by), now=cast.now)


def test_a_correction_stands_beside_the_round_with_its_reason_and_its_findings_follow(cast):
    row = walked(cast, "site_round", {**SITE, "fire": True}, by="community_station", notes={"fire": "通道堆物"})
    (wrong,) = row.findings.all()
    later(cast, "2022-05-10")
    with pytest.raises(Refused) as refused:
        corrected(cast, row, {**SITE, "order": True}, notes={"order": "占道停车"}, reason=" ")
    assert refused.value.code == "missing"
    made = corrected(cast, row, {**SITE, "order": True}, notes={"order": "占道停车"})
    row = fresh(row)
    assert row.answers["fire"] is True and row.answers_now["order"] is True and row.answers_now["fire"] is False
    assert (made.reason, made.by_label) == ("看错了楼栋", someone(cast, "community_station").label)
    assert fresh(wrong).state == "voided" and "看错了楼栋" in wrong.steps.last().text
    assert row.findings.exclude(state="voided").get().kind == "秩序、停车问题"
    with pytest.raises(Refused) as refused:
        corrected(cast, row, {**SITE, "order": True}, notes={"order": "占道停车"})
    assert refused.value.code == "unchanged" and RoundCorrection.objects.count() == 1


def test_only_who_led_the_round_corrects_it_and_what_is_being_put_right_is_not_voided(cast):
    office = cast.organisations["street_office"]
    row = walked(
        cast, "site_round", {**SITE, "fire": True}, by="community_station", notes={"fire": "堵"}, joint=[office]
    )
    for by in ("street_office", "property_company", "housing"):
        with pytest.raises(Refused) as refused:
            corrected(cast, row, SITE, by=by)
        assert refused.value.code == "forbidden"
    finding = rectified(cast, row.findings.get())
    corrected(cast, row, SITE)
    assert fresh(finding).state == "rectified"


@pytest.mark.clause("JJ-4.2.15-4")
def test_a_round_for_the_wrong_estate_is_void_and_counts_for_nobody(cast):
    row = walked(cast, "site_round", {**SITE, "fire": True}, by="community_station", notes={"fire": "通道堆物"})
    walked(cast, "site_round", SITE, by="community_station")
    actor, week = someone(cast, "community_station"), window_of("week", day(ON))
    (plan,) = [one for one in plans_of(cast.county.path, day(ON)) if one.code == "community_weekly"]

    def counted():
        (line,) = by_unit(cast.county.path, week)
        checks = checks_by_source(cast.county.path, **SPAN)[0]["times"]
        return line.rounds, line.findings, standings(plan, cast.county.path, week)[0].done, checks

    assert counted() == (2, 1, 1, 2)
    with pytest.raises(Refused) as refused:
        services.void_round(fresh(row), reason=" ", actor=actor, now=cast.now)
    assert refused.value.code == "missing"
    services.void_round(fresh(row), reason="选错了小区", actor=actor, now=cast.now)
    assert counted() == (1, 0, 1, 1)
    row = fresh(row)
    assert (row.void_reason, row.voided_label, row.answers["fire"]) == ("选错了小区", actor.label, True)
    assert row.findings.get().state == "voided"
    for again in (
        lambda: services.void_round(row, reason="再来一次", actor=actor, now=cast.now),
        lambda: corrected(cast, row, SITE),
    ):
        with pytest.raises(Refused) as refused:
            again()
        assert refused.value.code == "voided"


def test_a_round_whose_problem_is_being_put_right_is_not_void(cast):
    row = walked(cast, "site_round", {**SITE, "fire": True}, by="community_station", notes={"fire": "堵"})
    rectified(cast, row.findings.get())
    with pytest.raises(Refused) as refused:
        services.void_round(fresh(row), reason="选错了", actor=someone(cast, "community_station"), now=cast.now)
    assert refused.value.code == "begun" and fresh(row).voided_at is None
    with pytest.raises(Refused) as refused:
        services.void_round(fresh(row), reason="选错了", actor=someone(cast, "housing"), now=cast.now)
    assert refused.value.code == "forbidden"


@pytest.mark.clause("JY-2.6.14-4")
def test_the_average_takes_the_points_as_they_were_corrected():
    cast = city("jiangyin", "2024-05-08")
    rows = [walked(cast, "daily_check", {"points": points}, by="community_committee") for points in (80, 84, 88, 29)]
    corrected(cast, rows[-1], {"points": 92}, by="community_committee", reason="数字写反")
    (line,) = by_unit(cast.county.path, window_of("quarter", day("2024-05-08")))
    assert f"{line.average:.2f}" == "86.00" and fresh(rows[-1]).score == 29


@pytest.mark.clause("JJ-3.1.2-2", "JJ-3.1.2-3")
def test_an_illegal_structure_that_an_office_finds_becomes_a_case_at_once(cast):
    row = walked(
        cast, "structure_round", {"location": "3幢顶楼", "structure": True, "handling": "责令停工"},
        by="community_station", uploads=[pictured("photo")], notes={"structure": "顶楼加盖"}, note="3幢顶楼",
    )  # fmt: skip
    finding, case = row.findings.get(), Case.objects.get()
    assert (case.matter, finding.case_number, finding.state) == ("illegal_structure", case.number, "handed")
    told = OutboxMessage.objects.filter(template="finding.made").values_list("to_organisation__role", flat=True)
    assert set(told) == {"community_station", "street_office"}


@pytest.mark.clause("JJ-3.1.2-3", "JJ-3.1.2-4")
def test_jj_hc_59_a_structure_that_is_being_built_the_community_stops_first_at_the_place_the_sheet_names(cast):
    walked(
        cast, "structure_round", {"location": "3幢顶楼", "structure": True, "extent": "initial", "handling": "制止"},
        by="community_station", uploads=[pictured("photo")], notes={"structure": "正在搭阳光房"},
    )  # fmt: skip
    case = Case.objects.get()
    assert case.facts["extent"] == "initial" and f"{case.estate.name}3幢顶楼，正在搭阳光房" in case.text
    assert PatrolFinding.objects.get().location == case.location == "3幢顶楼"
    stop = Duty.objects.get(rule="stop_structure")
    assert (stop.due_at is not None, stop.owner_organisation) == (True, cast.organisations["community_station"])


@pytest.mark.clause("JJ-A3-2.6-2")
def test_a_finding_is_handed_to_a_department_as_a_case_of_a_chosen_matter(cast):
    row = walked(cast, "site_round", {**SITE, "fire": True}, by="street_office", notes={"fire": "私家车占消防通道"})
    finding = row.findings.get()
    with pytest.raises(Refused) as refused:
        services.hand_on(finding, matter="nothing", actor=someone(cast, "street_office"), now=cast.now)
    assert refused.value.code == "matter"
    finding = services.hand_on(finding, matter="fire_lane", actor=someone(cast, "street_office"), now=cast.now)
    case = Case.objects.get(number=finding.case_number)
    assert (finding.state, case.route_lead) == ("handed", "fire_rescue")
    with pytest.raises(Refused):
        rectified(cast, finding)


def test_a_notice_goes_to_the_responsible_unit_once_for_each_time_limit(cast):
    row = walked(cast, "site_round", SITE, by="street_office", found=[Found("环境卫生", "垃圾满溢", "东门")])
    finding = row.findings.get()
    office = someone(cast, "street_office")
    document = services.give_notice(finding, actor=office, now=cast.now)
    assert document.number == "整改通〔2022〕1号" and document.issuer == cast.organisations["street_office"]
    assert [one.organisation for one in document.recipients.all()] == [finding.responsible]
    assert any("2022年5月16日" in line for line in document.data["paragraphs"])
    with pytest.raises(Refused) as refused:
        services.give_notice(fresh(finding), actor=office, now=cast.now)
    assert refused.value.code == "noticed"
    services.assign(
        fresh(finding), responsible=finding.responsible, due_on=day("2022-05-20"), actor=office, now=cast.now
    )
    services.give_notice(fresh(finding), actor=office, now=cast.now)
    assert len(core.documents_of(finding.ref)) == 2


def test_the_list_of_what_is_put_right_goes_to_excel_under_its_own_heads(cast):
    row = walked(cast, "site_round", SITE, by="street_office", found=[Found("环境卫生", "垃圾满溢", "东门")])
    finding = rectified(cast, row.findings.get())
    line = dict(zip(COLUMNS["rectification"], _line("rectification", finding, day("2022-05-09")), strict=True))
    assert (line["整改时限"], line["未通过次数"], line["是否按期"], line["状态"]) == (
        "2022年5月16日", 0, "按期", "待复查",
    )  # fmt: skip
