"""A developer's choice: methods, announcement, who may enter, judges, points, award in time, supervision, approval."""

from datetime import date
from decimal import Decimal
from functools import partial

import pytest

from gongzhi.contracts import queries
from gongzhi.contracts import services as contracts
from gongzhi.contracts.models import BidScore, Procedure
from gongzhi.contracts.tests.place import at, city, contract, known, opened, refuses, signed, took
from gongzhi.core.models import Document, Event
from gongzhi.duties.models import Duty

ANNOUNCED = {"channel": "government", "reference": "JYZX-1", "link": "https://ggzy.example.cn/1"}
HOMES = {
    "project_type": "residential", "fee_mode": "lump_sum", "total_area_m2": Decimal(80000),
    "residential_area_m2": Decimal(80000), "non_residential_area_m2": Decimal(0),
    "multi_storey_area_m2": Decimal(0), "high_rise_area_m2": Decimal(80000),
}  # fmt: skip


@pytest.fixture
def cast(request, db):
    return city(*request.param)


def in_city(pack, moment):
    return pytest.mark.parametrize("cast", [(pack, moment)], indirect=True)


def tender(cast, *, method="public", by="developer", **more):
    own = more.pop("project", {})
    whole = own.get("total_area_m2", HOMES["total_area_m2"])
    project = {**{name: min(one, whole) if isinstance(one, Decimal) else one for name, one in HOMES.items()}, **own}
    return opened(cast, "tender", by=by, estate=cast.estates["new"], method=method, project=project, **more)


def enter(cast, row, key="property_company"):
    return contracts.enter_bid(
        row, company=cast.organisations[key], offer="1.80元", actor=cast.actor(key), now=cast.now
    )


def judged(cast, row, *points, by="developer"):
    """One judge after the other with the points for each bid."""
    bids = list(row.bids.order_by("pk"))
    for number, given in enumerate(points):
        judge = contracts.seat_judge(
            row, name=f"评委{number}", side="expert", employer=f"专家库{number}", interest=False,
            actor=cast.actor(by), now=cast.now,
        )  # fmt: skip
        marks = {bid.pk: Decimal(one) for bid, one in zip(bids, given, strict=True)}
        contracts.give_points(row, judge=judge, points=marks, actor=cast.actor(by), now=cast.now)


def through_scoring(cast, row, by="developer"):
    row = took(cast, row, "announce", by=by, **ANNOUNCED)
    enter(cast, row)
    enter(cast, row, "property_company@2")
    row = took(cast, row, "open", by=by)
    judged(cast, row, (80, 90), (70, 88), by=by)
    return took(cast, row, "score", by=by)


@in_city("jinhua", "2026-05-20")
@pytest.mark.clause("JH-4.4a", "JH-4.4b")
def test_a_choice_after_the_sale_began_is_marked_and_invited_tender_is_refused(cast):
    refused = refuses("method", lambda: tender(cast, method="invited"))
    assert "公开招标" in refused.message and "JH-4.4a" in refused.clauses
    given = {"sale": "presale", "sale_on": date(2026, 6, 1)}
    for moment, in_time in (("2026-05-31", True), ("2026-06-01", False)):
        row = through_scoring(cast, tender(cast, **given))
        assert row.due_on == date(2026, 5, 31)
        row = took(at(cast, moment), row, "award", by="developer", winner=queries.ranked(row)[0])
        assert row.in_time is in_time
        assert Event.objects.filter(kind="procedure.step_taken").latest("pk").data["late"] is not in_time


@in_city("jinhua", "2026-05-20")
@pytest.mark.clause("JH-4.4b")
def test_the_channel_of_the_announcement_is_named_with_number_and_link(cast):
    row = tender(cast)
    for lacking in ("channel", "reference", "link"):
        announced = {**ANNOUNCED, lacking: ""}
        said = refuses("need_missing", partial(took, cast, row, "announce", by="developer", **announced))
        assert lacking in said.fields and "JH-4.4b" in said.clauses
    refuses("not_announced", lambda: enter(cast, row))
    assert took(cast, row, "announce", by="developer", **ANNOUNCED).state == "running"
    assert row in queries.calls_for(cast.actor("property_company"))


@in_city("jinhua", "2026-05-20")
@pytest.mark.clause("JH-4.4c")
def test_an_agreement_waits_for_the_approval_where_few_bid(cast):
    row = took(cast, tender(cast), "announce", by="developer", **ANNOUNCED)
    enter(cast, row)
    enter(cast, row, "property_company@2")
    row = contracts.change_method(row, method="agreement", actor=cast.actor("developer"), now=cast.now)
    company = cast.organisations["property_company"]
    refuses("step_order", lambda: took(cast, row, "award", by="developer", company=company))
    refuses("step_by", lambda: took(cast, row, "approve", by="developer", note="同意"))
    row = took(cast, row, "approve", by="housing", note="投标人不足三个，同意")
    assert took(cast, row, "award", by="developer", company=company).state == "done"
    shops = {
        "project_type": "non_residential",
        "residential_area_m2": Decimal(0),
        "non_residential_area_m2": Decimal(80000),
    }
    refuses("method", lambda: tender(cast, method="agreement", project=shops))
    refuses("method", lambda: tender(cast, method="agreement"))


@in_city("jinhua", "2026-05-20")
@pytest.mark.clause("JH-4.4d", "ZJG-3.5.2c")
def test_grades_are_shown_and_a_blacklisted_winner_is_explained_not_barred(cast):
    first, second = cast.organisations["property_company"], cast.organisations["property_company@2"]
    known(cast, first, blacklisted=True, credit_grade="C", star=2)
    known(cast, second, demonstration=True, credit_grade="A", star=5)
    row = took(cast, tender(cast), "announce", by="developer", **ANNOUNCED)
    enter(cast, row)
    enter(cast, row, "property_company@2")
    assert [one.company for one in queries.ranked(row)] == [second, first]
    assert queries.ranked(row)[0].known == {"demonstration": True, "credit_grade": "A", "star": 5}
    row = took(cast, row, "open", by="developer")
    judged(cast, row, (95, 60))
    row = took(cast, row, "score", by="developer")
    winner = queries.ranked(row)[0]
    assert winner.company == first
    refuses("check_failed", lambda: took(cast, row, "award", by="developer", winner=winner))
    row = took(cast, row, "award", by="developer", winner=winner, note="评分最高，已书面承诺整改")
    assert row.company == first and [one.state for one in row.bids.order_by("pk")] == ["won", "lost"]


@in_city("jinhua", "2026-05-20")
def test_judges_stand_aside_where_they_have_an_interest_and_every_bid_gets_its_points(cast):
    row = took(cast, tender(cast), "announce", by="developer", **ANNOUNCED)
    enter(cast, row)

    def seat(employer, *, interest=False, side="expert", name="评委甲"):
        return contracts.seat_judge(
            row, name=name, side=side, employer=employer, interest=interest, actor=cast.actor("developer"), now=cast.now
        )

    refuses("judge_conflict", lambda: seat("安居物业服务有限公司"))
    refuses("judge_conflict", lambda: seat("云栖置业"))
    refuses("judge_conflict", lambda: seat("大学", interest=True))
    seat("和美物业服务有限公司")
    refuses("judge_conflict", lambda: enter(cast, row, "property_company@2"))
    row = took(cast, row, "open", by="developer")
    refuses("bidding_closed", lambda: enter(cast, row, "property_company@2"))
    assert "评委甲" in refuses("need_missing", lambda: took(cast, row, "score", by="developer")).message


@in_city("jinhua", "2026-05-20")
def test_the_next_step_stands_on_the_desk_of_who_began_it_until_the_last(cast):
    row = tender(cast)
    waits = Duty.objects.filter(rule="choose_next", subject_id=str(row.pk), closed_at=None)
    first = waits.get()
    assert first.owner_organisation == cast.organisations["developer"]
    row = took(cast, row, "announce", by="developer", **ANNOUNCED)
    first.refresh_from_db()
    assert first.state == "fulfilled" and waits.get().owner_organisation == cast.organisations["developer"]
    contracts.stop(row, reason="重新招标", actor=cast.actor("developer"), now=cast.now)
    assert not waits.exists()


@in_city("jinhua", "2026-05-20")
def test_the_result_is_a_document_that_names_who_bid_and_who_was_chosen(cast):
    row = through_scoring(cast, tender(cast))
    BidScore.objects.filter(points=88).update(points=Decimal("87.25"))
    row = took(cast, row, "award", by="developer", winner=queries.ranked(row)[0])
    row = took(cast, row, "result_notice", by="developer", where="售楼处和政府网站")
    called = "".join(Document.objects.get(instrument="selection_call").data["paragraphs"])
    assert "公开招标方式" in called and "600户，总建筑面积80,000.00平方米" in called and "JYZX-1" in called
    text = "".join(Document.objects.get(instrument="selection_result").data["paragraphs"])
    assert all(str(one.company) in text for one in row.bids.all())
    assert f"选定企业：{row.company}。" in text and "售楼处和政府网站" in text
    assert "平均88.63分" in text  # 88.625, rounded as the page rounds it


@in_city("meixian", "2023-04-01")
@pytest.mark.clause("MX-3.4.1-1", "MX-3.4.1-4")
def test_both_supervisors_sign_before_the_award_and_the_approval_comes_before_the_sale(cast):
    row = through_scoring(cast, tender(cast, sale="spot", sale_on=date(2023, 6, 30)))
    winner = queries.ranked(row)[0]
    watching = Duty.objects.filter(rule__startswith="watch_choice", closed_at=None)
    assert {one.owner_organisation.role for one in watching} == {"street_office", "housing"}
    signed(cast, row, "housing")
    assert [one.owner_organisation.role for one in watching.all()] == ["street_office"]
    said = refuses("need_missing", lambda: took(cast, row, "award", by="developer", winner=winner))
    assert "MX-3.4.1-4" in said.clauses and str(cast.organisations["street_office"]) in said.message
    signed(cast, row, "street_office")
    party = row.parties.get(role="housing")
    assert party.signed_on == date(2023, 4, 1) and party.by == cast.users["housing"]
    row = took(cast, row, "award", by="developer", winner=winner)
    assert row.due_on == date(2023, 5, 31)
    again = Procedure.objects.get(pk=row.pk)
    assert took(at(cast, "2023-05-31"), row, "approve", by="housing", note="核准").in_time is True
    Procedure.objects.filter(pk=row.pk).update(state="running", closed_at=None, version=again.version)
    row.taken.filter(step="approve").delete()
    assert took(at(cast, "2023-06-01"), again, "approve", by="housing", note="核准").in_time is False


@in_city("meixian", "2023-04-01")
@pytest.mark.clause("MX-3.4.1-1")
def test_an_approval_on_the_day_of_the_application_for_presale_is_late(cast):
    row = tender(cast, sale="presale", sale_on=date(2023, 6, 30))
    assert row.due_on == date(2023, 6, 29)


@in_city("meixian", "2023-04-01")
@pytest.mark.clause("MX-3.4.1-2", "MX-3.4.1-3")
def test_an_agreement_is_refused_above_the_line_and_waits_for_its_approval_below(cast):
    small = {"high_rise_area_m2": Decimal(12000)}
    refuses("method", lambda: tender(cast, method="agreement", project={"high_rise_area_m2": Decimal(20000)}))
    row = tender(cast, method="agreement", project=small)
    company = cast.organisations["property_company"]
    refuses("step_order", lambda: took(at(cast, "2023-04-02"), row, "award", by="developer", company=company))
    row = took(at(cast, "2023-04-03"), row, "approve", by="housing", note="同意协议选聘")
    early = at(cast, "2023-04-04")
    refuses("step_day", lambda: took(early, row, "award", by="developer", company=company, on=date(2023, 4, 2)))
    assert took(early, row, "award", by="developer", company=company, on=date(2023, 4, 3)).state == "done"


@in_city("meixian", "2023-04-01")
@pytest.mark.clause("MX-3.6.5-6")
@pytest.mark.parametrize(("score", "barred"), [("60.00", False), ("59.99", True)])
def test_a_company_of_poor_credit_may_not_bid(cast, score, barred):
    company = cast.organisations["property_company"]
    known(cast, company, credit_score=Decimal(score))
    row = took(cast, tender(cast), "announce", by="developer", **ANNOUNCED)
    if barred:
        said = refuses("check_failed", lambda: enter(cast, row))
        assert "D级" in said.message and "MX-3.6.5-6" in said.clauses
        known(cast, company, date(2023, 3, 1), credit_score=Decimal("72"))
    assert enter(cast, row).state == "entered"


@in_city("zhangjiagang", "2026-03-02")
def test_a_barred_company_is_refused_with_the_reason(cast):
    known(cast, cast.organisations["property_company"], tender_barred=True)
    row = took(cast, tender(cast, method="invited"), "announce", by="developer", **ANNOUNCED)
    assert "限制投标" in refuses("check_failed", lambda: enter(cast, row)).message
    refuses("check_failed", lambda: contracts.invite(
        row, company=cast.organisations["property_company"], actor=cast.actor("developer"), now=cast.now))  # fmt: skip


@in_city("zhangjiagang", "2026-03-02")
@pytest.mark.clause("ZJG-3.1.1a", "ZJG-3.1.1b", "ZJG-3.1.1c", "ZJG-3.1.2", "ZJG-3.1.4")
@pytest.mark.parametrize(
    ("area", "kind", "fee", "method", "goes"),
    [
        ("300000.00", "residential", "lump_sum", "invited", False),
        ("299999.99", "residential", "lump_sum", "invited", True),
        ("400000", "residential", "commission", "invited", True),
        ("500000", "non_residential", "lump_sum", "invited", True),
        ("30000.00", "residential", "lump_sum", "agreement", False),
        ("29999.99", "residential", "lump_sum", "agreement", True),
    ],
)
def test_the_method_is_one_that_the_project_is_open_to(cast, area, kind, fee, method, goes):
    own = {"total_area_m2": Decimal(area), "project_type": kind, "fee_mode": fee}
    if goes:
        assert tender(cast, method=method, project=own).given["method"] == method
    else:
        refuses("method", lambda: tender(cast, method=method, project=own))


@in_city("zhangjiagang", "2026-03-02")
@pytest.mark.clause("ZJG-3.1.3")
def test_a_mixed_project_counts_as_what_most_of_it_is(cast):
    def mixed(homes, shops):
        own = {
            "project_type": "mixed", "total_area_m2": Decimal(homes + shops),
            "residential_area_m2": Decimal(homes), "non_residential_area_m2": Decimal(shops),
        }  # fmt: skip
        return tender(cast, method="invited", project=own)

    refuses("method", lambda: mixed(180000, 150000))
    row = mixed(140000, 180000)
    assert row.method_basis["value"]["counts_as"] == "non_residential"
    equal = refuses("method", lambda: mixed(150000, 150000))
    assert "两类面积相等，按默认从严" in equal.message and "ZJG-3.1.3" in equal.clauses
    assert "两类面积相等" in mixed(149999, 149999).given["method_says"][0]


@in_city("jinhua", "2026-05-20")
@pytest.mark.clause("JH-4.8a")
def test_committees_and_companies_choose_each_other(cast):
    row = opened(cast, "reselect", by="owners_committee", reason="服务差", plan="一个月交接")
    row = took(cast, row, "announce", by="owners_committee", note="求一级服务，2元以内")
    first, second = cast.organisations["property_company"], cast.organisations["property_company@2"]
    known(cast, second, star=5, credit_grade="A")
    enter(cast, row)
    contracts.invite(row, company=second, actor=cast.actor("owners_committee"), now=cast.now)
    said_no = contracts.decline(row, reason="人手不足", actor=cast.actor("property_company@2"), now=cast.now)
    assert said_no.state == "declined" and queries.ranked(row)[-1].company == second
    enter(cast, row, "property_company@2")
    assert queries.ranked(row)[0].known["star"] == 5
    row = took(cast, row, "compare", by="owners_committee")
    row = took(cast, row, "award", by="owners_committee", winner=row.bids.get(company=first))
    refuses("need_missing", lambda: took(cast, row, "decide", by="owners_committee"))
    row = took(cast, row, "decide", by="owners_committee", decision="2026年第一次业主大会决议")
    assert (row.state, row.decision) == ("done", "2026年第一次业主大会决议")
    given = {"by": "owners_committee", "procedure": row, "decision": "", "to_on": date(2030, 1, 1)}
    assert contract(cast, **given).decision == row.decision


@in_city("jiujiang", "2022-05-05")
@pytest.mark.clause("JJ-3.1.4-5", "JJ-3.2.7-2")
def test_a_committees_choice_waits_for_the_communitys_guidance_and_lists_the_best_first(cast):
    from gongzhi.duties.models import Duty

    row = opened(cast, "reselect", by="owners_committee")
    assert Duty.objects.get(rule="guide_choice").owner_organisation == cast.organisations["community_station"]
    said = {"channel": "other", "reference": "小区公告栏"}
    refuses("step_order", lambda: took(cast, row, "announce", by="owners_committee", **said))
    refuses("need_missing", lambda: took(cast, row, "guide", by="community_station"))
    row = took(cast, row, "guide", by="community_station", note="同意选聘，做好公示")
    row = took(cast, row, "announce", by="owners_committee", **said)
    known(cast, cast.organisations["property_company@2"], service_rating="excellent")
    known(cast, cast.organisations["property_company"], service_rating="passed")
    enter(cast, row)
    enter(cast, row, "property_company@2")
    assert [one.known["service_rating"] for one in queries.ranked(row)] == ["excellent", "passed"]
    row = took(cast, row, "compare", by="owners_committee")
    row = took(cast, row, "decide", by="owners_committee", decision="业主大会决议")
    last = queries.ranked(row)[-1]
    assert (
        took(cast, row, "award", by="owners_committee", winner=last).company == cast.organisations["property_company"]
    )


@in_city("zhangjiagang", "2026-03-02")
@pytest.mark.clause("ZJG-3.2.2-1")
def test_a_change_of_company_needs_reasons_and_a_plan_and_is_told_when_it_comes_soon(cast):
    refuses("field_missing", lambda: opened(cast, "reselect", by="owners_committee"))
    row = opened(cast, "reselect", by="owners_committee", reason="服务差", plan="两周衔接")
    assert row.given["told"] == []
    from gongzhi.core.actors import Actor
    from gongzhi.registry.models import Project
    from gongzhi.registry.services import begin_project, end_project

    end_project(Project.objects.get(estate=cast.estate), to_on=date(2025, 3, 31), actor=Actor.system(), now=cast.now)
    begin_project(estate=cast.estate, company=cast.organisations["property_company@2"], from_on=date(2025, 4, 1),
                  actor=Actor.system(), now=cast.now)  # fmt: skip
    again = opened(cast, "reselect", by="owners_committee", reason="又换", plan="两周衔接")
    assert "不宜随意更换" in again.given["told"][0]


@in_city("meixian", "2023-04-01")
@pytest.mark.clause("MX-3.4.1-2")
def test_parts_of_the_area_are_given_and_are_no_larger_than_the_whole(cast):
    from gongzhi.contracts.services.opening import choose_method

    def chosen(**project):
        return choose_method(cast.estates["new"], "agreement", project, on=cast.now.date())

    plain = {"project_type": "residential", "fee_mode": "lump_sum", "total_area_m2": Decimal(100000)}
    said = refuses("needs", lambda: chosen(**plain))
    assert "multi_storey_area_m2" in said.fields
    refuses("areas", lambda: chosen(**plain, multi_storey_area_m2=Decimal(29000), high_rise_area_m2=Decimal(71000.01)))
    mixed = {**plain, "project_type": "mixed", "non_residential_area_m2": Decimal(1)}
    refuses("areas", lambda: chosen(**mixed, residential_area_m2=Decimal(99998)))
    assert chosen(**plain, multi_storey_area_m2=Decimal("29999.99"), high_rise_area_m2=Decimal("19999.99"))[1]
