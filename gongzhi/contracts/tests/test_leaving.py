"""A company leaves: warned, ordered, cleared out; the list handed over; who looks after the estate meanwhile."""

from datetime import date

import pytest

from gongzhi.contracts import queries
from gongzhi.contracts import services as contracts
from gongzhi.contracts.models import Procedure
from gongzhi.contracts.tests.place import (
    at,
    city,
    contract,
    known,
    listed,
    opened,
    papers,
    project_of,
    refuses,
    signed,
    took,
)
from gongzhi.contracts.tests.test_choosing import ANNOUNCED, enter, tender
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Document, Organisation
from gongzhi.duties.models import Duty
from gongzhi.registry.queries import fact, project_on
from gongzhi.registry.services import begin_project, change_manager, record_fact


@pytest.fixture
def cast(request, db):
    return city(*request.param)


def in_city(pack, moment):
    return pytest.mark.parametrize("cast", [(pack, moment)], indirect=True)


def leaving(cast, leave_on, *, by="property_company", ground="application", **more):
    return opened(cast, "exit", by=by, ground=ground, leave_on=leave_on, reason="连年亏损", **more)


def handed_over(cast, row):
    row = listed(cast, row, *[(one, f"{one}清单", "ok") for one in row.rules["groups"]])
    signed(cast, row, *row.parties.values_list("role", flat=True))
    return took(cast, row, "hand_over", by="property_company")


@in_city("meixian", "2023-08-01")
@pytest.mark.clause("MX-3.1.3-9")
@pytest.mark.parametrize(
    ("leave_on", "ground", "told"),
    [
        (date(2023, 10, 1), "application", []),
        (date(2023, 9, 29), "application", ["预警不足规定的天数（默认60天）"]),
        (date(2023, 10, 1), "early", ["未预警退出"]),
    ],
)
def test_an_exit_is_warned_of_sixty_days_ahead_or_marked(cast, leave_on, ground, told):
    row = leaving(cast, leave_on, ground=ground)
    assert row.given["told"] == told
    assert (leave_on - cast.now.date()).days in (61, 59)
    assert Duty.objects.get(rule="receive_exit_warning").owner_organisation == cast.organisations["community_station"]
    refuses("exit_running", lambda: leaving(cast, leave_on))


@in_city("meixian", "2023-06-05")
@pytest.mark.clause("MX-3.6.6-2")
def test_a_company_is_cleared_out_only_after_its_time_to_put_things_right(cast):
    row = leaving(cast, date(2023, 8, 31), by="housing", ground="cleared")
    row = took(cast, row, "order_fix", by="housing", note="长期脱管")
    assert row.fix_on == date(2023, 7, 5) and Document.objects.get(instrument="fix_order").recipients.count() == 1
    clear = {"by": "housing", "note": "复查仍拒不整改", "files": ("复查记录",)}
    said = refuses("need_missing", lambda: took(at(cast, "2023-07-05"), row, "clear", **clear))
    assert "MX-3.6.6-2" in said.clauses
    later = at(cast, "2023-07-06")
    row = took(later, row, "clear", **clear)
    assert fact(cast.organisations["property_company"].ref, "tender_barred", later.now.date()) is True
    bids = took(later, tender(later), "announce", by="developer", **ANNOUNCED)
    assert "限制投标" in refuses("check_failed", lambda: enter(later, bids)).message


@in_city("meixian", "2023-06-05")
@pytest.mark.clause("MX-3.6.6-5", "JJ-A4-2.2-2")
def test_four_kinds_are_handed_over_before_it_counts_and_the_street_sees_who_is_late(cast):
    from gongzhi.duties import services as duties

    row = leaving(cast, date(2023, 7, 5))
    row = took(cast, row, "warn", by="property_company", note="退出")
    told = Document.objects.get(instrument="exit_notice")
    text = "".join(told.data["paragraphs"])
    assert "服务的最后一日为2023年7月5日，提前30日告知" in text and "连年亏损" in text
    assert {one.organisation.role for one in told.recipients.all()} == {"owners_committee", "street_office"}
    kinds = row.rules["groups"]
    row = listed(cast, row, *[(one, f"{one}清单", "ok") for one in kinds[:3]], (kinds[3], "钥匙", "open"))
    watch = Duty.objects.get(rule="watch_hand_over", subject_id=str(row.pk))
    assert (watch.state, watch.owner_organisation) == ("open", cast.organisations["community_committee"])
    signed(cast, row, "community_committee")
    watch.refresh_from_db()
    assert watch.state == "fulfilled"
    assert queries.counts(row)["settled"] == 3
    refuses("need_missing", lambda: took(cast, row, "hand_over", by="property_company"))
    owed = Duty.objects.get(rule="hand_over_estate")
    assert owed.due_at.astimezone(cast.now.tzinfo).date() == date(2023, 7, 6)
    late = at(cast, "2023-07-06")
    duties.tick(late.now)
    owed.refresh_from_db()
    assert owed.state == "overdue"
    row = listed(late, row, (kinds[3], "钥匙", "ok"))
    assert took(late, row, "hand_over", by="property_company").state == "running"
    handed = Document.objects.get(instrument="hand_over_list")
    assert {one["group"] for one in handed.data["items"]} == set(kinds)
    company, receiver, *supervisors = handed.data["signatures"]
    assert "移交方" in company["name"] and "接收方" in receiver["name"] and not receiver["signed"]
    assert supervisors and all(one["signed"] for one in supervisors)


@in_city("meixian", "2023-06-30")
@pytest.mark.clause("MX-3.1.2-8")
def test_an_early_end_reaches_the_street_and_the_estate_stands_on_the_list_until_somebody_serves(cast):
    row = contract(cast, by="owners_committee", decision="决议", from_on=date(2022, 1, 1), signed_on=date(2022, 1, 1))
    bureau = cast.actor("housing")
    assert cast.estate not in queries.unserved(bureau, date(2023, 6, 30))
    contracts.end_contract(
        row, on=date(2023, 7, 1), reason="双方同意", actor=cast.actor("owners_committee"), now=cast.now
    )
    assert Duty.objects.get(rule="see_to_early_end").owner_organisation == cast.organisations["street_office"]
    assert cast.estate not in queries.unserved(bureau, date(2023, 6, 30))
    assert cast.estate in queries.unserved(bureau, date(2023, 7, 1))
    contract(cast, "property_company@2", by="owners_committee", decision="决议", from_on=date(2023, 7, 1))
    assert cast.estate not in queries.unserved(bureau, date(2023, 7, 1))


@in_city("zhangjiagang", "2026-03-02")
@pytest.mark.clause("ZJG-3.2.2-2", "ZJG-3.2.2-3c", "ZJG-3.2.2-3d")
def test_arrears_are_no_reason_to_keep_the_keys_and_what_is_left_goes_to_somebody(cast):
    row = leaving(cast, date(2026, 4, 30), ground="dismissed", by="owners_committee")
    row = took(cast, row, "warn", by="owners_committee", note="业主大会解聘")
    told = Document.objects.get(instrument="exit_notice").recipients.all()
    assert cast.organisations["property_company"] in {one.organisation for one in told}
    row = took(cast, row, "object", by="property_company", reason="arrears", note="欠费30万元")
    assert row.state == "running" and queries.next_step(row) == "hand_over"
    assert Duty.objects.get(rule="press_hand_over").owner_organisation == cast.organisations["street_office"]
    assert Duty.objects.get(rule="press_hand_over_bureau").owner_organisation == cast.organisations["housing"]
    assert fact(cast.organisations["property_company"].ref, "refused_hand_over", cast.now.date())
    kinds = row.rules["groups"]
    row = listed(cast, row, *[(one, f"{one}清单", "ok") for one in kinds[:-1]], (kinds[-1], "外墙渗水", "open"))
    refuses("need_missing", lambda: took(cast, row, "hand_over", by="property_company"))
    refuses("responsible_missing", lambda: listed(cast, row, (kinds[-1], "外墙渗水", "passed_on")))
    row = listed(cast, row, (kinds[-1], "外墙渗水", "passed_on"), responsible="和美物业")
    new = contract(
        cast,
        "property_company@2",
        by="owners_committee",
        decision="决议",
        from_on=date(2026, 5, 3),
        signed_on=date(2026, 3, 2),
    )
    assert queries.gap_after(row, cast.now.date()) == (2, date(2026, 5, 3))
    row = took(cast, row, "hand_over", by="property_company")
    took(cast, row, "confirm", by="street_office")
    assert Duty.objects.filter(rule="help_collect").exists()
    later = at(cast, "2026-05-03")
    contracts.begin_service(new, on=later.now.date(), actor=cast.actor("street_office"), now=later.now)
    helps = Duty.objects.get(rule="help_collect_successor")
    assert helps.owner_organisation == cast.organisations["property_company@2"]


@in_city("jiujiang", "2022-05-05")
@pytest.mark.clause("JJ-A8-3.2.2-4", "JJ-A8-3.2.3-9", "JJ-A4-2.2-2")
def test_nobody_leaves_or_enters_before_approval_and_hand_over(cast):
    new = contract(cast, "property_company@2", by="owners_committee", decision="决议", services=_five(),
                   from_on=date(2022, 5, 5))  # fmt: skip
    row = leaving(cast, date(2022, 7, 31))
    begin = {"on": date(2022, 5, 5), "actor": cast.actor("street_office"), "now": cast.now}
    refuses("check_failed", lambda: contracts.begin_service(new, **begin))
    row = took(cast, row, "warn", by="property_company", note="退出")
    refuses("step_order", lambda: took(cast, row, "hand_over", by="property_company"))
    row = took(cast, row, "approve", by="housing", note="同意")
    row = listed(cast, row, *[(one, f"{one}清单", "ok") for one in row.rules["groups"]])
    said = refuses("need_missing", lambda: took(cast, row, "hand_over", by="property_company"))
    assert str(cast.organisations["community_committee"]) in said.message
    row = handed_over(cast, row)
    assert project_on(cast.estate, cast.now.date()).company == cast.organisations["property_company"]
    row = took(cast, row, "confirm", by="street_office")
    assert project_on(cast.estate, date(2022, 5, 6)) is None
    assert cast.estate in queries.unserved(cast.actor("housing"), date(2022, 5, 6)) or queries.contract_on(
        cast.estate, date(2022, 5, 6)
    )


def _five():
    from gongzhi.contracts.tests.test_contracts import FIVE

    return dict.fromkeys(FIVE, "一级")


@in_city("jiujiang", "2022-05-05")
@pytest.mark.clause("JJ-A8-3.2.2-2", "JJ-A8-3.2.2-3", "JJ-A8-3.2.3-2", "JJ-A8-3.2.3-3")
def test_an_order_to_leave_takes_effect_by_the_office_and_ends_with_a_choice(cast):
    row = leaving(cast, date(2022, 6, 30), by="street_office", ground="ordered")
    refuses("step_by", lambda: took(cast, row, "order", by="street_office", note="三次后三名"))
    row = took(cast, row, "suggest", by="leading_group_office", note="连续3次全区后三名")
    assert (
        Document.objects.get(instrument="dissolution_advice").recipients.get().organisation.role == "owners_committee"
    )
    assert Duty.objects.get(rule="decide_on_advice").closed_at is None
    row = took(cast, row, "order", by="leading_group_office", note="连续3次全区后三名")
    assert Document.objects.get(instrument="exit_order").recipients.get().organisation == row.company
    assert Duty.objects.get(rule="leave_after_order").due_at.astimezone(cast.now.tzinfo).date() == date(2022, 6, 7)
    row = took(cast, row, "decide", by="owners_committee", decision="业主大会决定解除")
    row = handed_over(cast, row)
    assert project_of(cast).company == row.company
    row = took(cast, row, "confirm", by="housing")
    refuses("need_missing", lambda: took(cast, row, "succeed", by="street_office"))
    refuses("check_failed", lambda: took(cast, row, "succeed", by="owners_committee", choice="retender"))
    row = took(cast, row, "succeed", by="street_office", choice="retender")
    assert row.state == "done" and Procedure.objects.get(origin=row).kind == "reselect"


@in_city("jiujiang", "2022-05-05")
@pytest.mark.clause("JJ-A8-3.2.3-3")
def test_an_order_reaches_every_project_of_the_company(cast):
    company = cast.organisations["property_company"]
    begin_project(
        estate=cast.estate_outside, company=company, from_on=date(2021, 1, 1), actor=Actor.system(), now=cast.now
    )
    rows = contracts.order_out(company, reason="连续3次全区后三名", leave_on=date(2022, 6, 30),
                               actor=cast.actor("leading_group_office"), now=cast.now)  # fmt: skip
    assert {one.estate for one in rows} == {cast.estate, cast.estate_outside}
    assert queries.still_leaving(company) == 2
    contracts.stop(rows[1], reason="该小区达标，经确认不退出", actor=cast.actor("leading_group_office"), now=cast.now)
    assert queries.still_leaving(company) == 1


@in_city("jiujiang", "2022-05-05")
@pytest.mark.clause("JJ-A8-3.2.3-2", "JJ-A8-3.2.3-3")
def test_the_third_time_among_the_last_three_advises_and_opens_an_order_for_every_project(cast):
    company = cast.organisations["property_company"]
    begin_project(
        estate=cast.estate_outside, company=company, from_on=date(2021, 1, 1), actor=Actor.system(), now=cast.now
    )
    known(cast, cast.estate, has_owners_committee=True)
    office = {"actor": cast.actor("leading_group_office"), "now": cast.now}
    for streak in (1, 2, 0):
        record_fact(cast.estate, name="bottom_streak", value=streak, from_on=cast.now.date(), **office)
    assert Document.objects.filter(instrument="manager_letter").count() == 1, "of the second time"
    assert not Procedure.objects.filter(kind="exit").exists()
    record_fact(cast.estate, name="bottom_streak", value=3, from_on=date(2022, 5, 6), **office)
    assert not Procedure.objects.filter(kind="exit").exists(), "it does not hold yet"
    record_fact(cast.estate, name="bottom_streak", value=3, from_on=cast.now.date(), **office)
    rows = Procedure.objects.filter(kind="exit").order_by("pk")
    assert [one.estate for one in rows] == [cast.estate, cast.estate_outside]
    assert rows[0].given["leave_on"] == "2022-06-06" and "连续3次全区后三名" in rows[0].given["reason"]
    (advice,) = Document.objects.filter(instrument="dissolution_advice")
    assert advice.recipients.get().organisation.role == "owners_committee"
    assert Duty.objects.get(rule="decide_on_advice").closed_at is None
    assert not Document.objects.filter(instrument="exit_order").exists(), "an order waits for its office"
    record_fact(cast.estate, name="bottom_streak", value=4, from_on=cast.now.date(), **office)
    assert Procedure.objects.filter(kind="exit").count() == 2, "who is leaving already is not ordered out again"
    took(cast, rows[0], "order", by="leading_group_office", note="连续3次全区后三名")
    assert Document.objects.get(instrument="exit_order").recipients.get().organisation == company


@in_city("jiujiang", "2022-05-05")
@pytest.mark.clause("JJ-A8-3.2.3-1")
@pytest.mark.parametrize(("name", "value"), [("assessment_passed", False), ("bottom_streak", 2)])
def test_a_company_is_written_to_and_names_another_manager_within_thirty_days(cast, name, value):
    office = {"actor": cast.actor("leading_group_office"), "now": cast.now}
    record_fact(cast.estate, name=name, value=value, from_on=cast.now.date(), **office)
    (letter,) = Document.objects.filter(instrument="manager_letter")
    assert letter.recipients.get().organisation == cast.organisations["property_company"]
    owed = Duty.objects.get(rule="replace_manager")
    assert owed.due_at.astimezone(cast.now.tzinfo).date() == date(2022, 6, 7), "the end of 6 June, a day of work"
    assert owed.owner_organisation == cast.organisations["property_company"]
    given = {"name": "新经理", "from_on": cast.now.date(), "now": cast.now}
    with pytest.raises(Refused):
        change_manager(project_of(cast), actor=cast.actor("property_company@2"), **given)
    change_manager(project_of(cast), actor=cast.actor("property_company"), **given)
    owed.refresh_from_db()
    assert owed.state == "fulfilled" and not Procedure.objects.filter(kind="exit").exists()


@in_city("jiujiang", "2022-05-05")
@pytest.mark.clause("JJ-A8-3.2.2-2")
@pytest.mark.parametrize(("name", "value"), [("assessment_passed", False), ("bottom_streak", 3)])
def test_a_resettlement_estate_that_failed_is_left_by_itself_and_by_no_advice(cast, name, value):
    cast.estate.estate_type = "resettlement"
    cast.estate.save()
    begin_project(
        estate=cast.estate_outside, company=cast.organisations["property_company"], from_on=date(2021, 1, 1),
        actor=Actor.system(), now=cast.now,
    )  # fmt: skip
    office = {"actor": cast.actor("leading_group_office"), "now": cast.now}
    record_fact(cast.estate, name="assessment_passed", value=True, from_on=cast.now.date(), **office)
    record_fact(cast.estate, name=name, value=value, from_on=cast.now.date(), **office)
    assert Procedure.objects.get(kind="exit").estate == cast.estate
    assert not Document.objects.filter(instrument="dissolution_advice").exists()


@in_city("jiujiang", "2022-05-05")
@pytest.mark.clause("JJ-A8-3.2.3-10", "JJ-4.3.18-4")
def test_a_caretaker_bridges_the_gap_for_a_time(cast):
    second = cast.organisations["property_company@2"]
    given = {"company": second, "from_on": date(2022, 5, 5), "plan": "基本服务", "estate": cast.estate_unknown}
    refuses("check_failed", lambda: opened(cast, "caretaker", by="street_office@2", **{
        **given, "estate": cast.estate_outside, "to_on": date(2022, 11, 5)}))  # fmt: skip
    refuses("opened_by", lambda: opened(cast, "caretaker", by="housing", to_on=date(2022, 11, 4), **given))
    known(cast, second, fallback_capacity="可同时接管3个小区")
    row = opened(cast, "caretaker", by="street_office", to_on=date(2022, 11, 4), **given)
    assert cast.estate_unknown in queries.unserved(cast.actor("housing"), cast.now.date())
    owed = Duty.objects.get(rule="end_caretaking")
    assert owed.due_at.astimezone(cast.now.tzinfo).date() == date(2022, 10, 6)
    row = took(cast, row, "entrust", by="street_office", files=("委托书",))
    row = took(cast, row, "enter", by="street_office")
    assert cast.estate_unknown not in queries.unserved(cast.actor("housing"), cast.now.date())
    known(cast, cast.organisations["property_company"], blacklisted=True)
    refuses("check_failed", lambda: opened(cast, "caretaker", by="street_office", to_on=date(2022, 11, 4), **{
        **given, "company": cast.organisations["property_company"]}))  # fmt: skip
    later = at(cast, "2022-11-04")
    assert took(later, row, "end", by="street_office").state == "done"
    assert cast.estate_unknown in queries.unserved(cast.actor("housing"), date(2022, 11, 5))


@in_city("jiujiang", "2022-05-05")
@pytest.mark.clause("JJ-A8-3.2.2-3")
def test_after_an_exit_the_state_owned_company_may_take_over(cast):
    row = leaving(cast, date(2022, 7, 31))
    row = took(cast, row, "warn", by="property_company", note="退出")
    row = took(cast, row, "approve", by="housing", note="同意")
    row = handed_over(cast, row)
    row = took(cast, row, "confirm", by="street_office")
    fallback = {"choice": "fallback", "by": "street_office", "until": date(2022, 10, 31)}
    refuses("need_missing", lambda: took(cast, row, "succeed", **fallback))
    company = cast.organisations["property_company@2"]
    endless = refuses("need_missing", lambda: took(cast, row, "succeed", company=company, **fallback | {"until": None}))
    assert "until" in endless.fields
    row = took(cast, row, "succeed", company=cast.organisations["property_company@2"], **fallback)
    assert Procedure.objects.get(origin=row).company == cast.organisations["property_company@2"]


@in_city("jinhua", "2026-06-30")
@pytest.mark.clause("TL-38")
@pytest.mark.parametrize("committee", [True, False])
def test_where_there_is_no_committee_the_street_has_the_choice_of_what_follows_on_its_desk(cast, committee):
    if not committee:
        Organisation.objects.filter(role="owners_committee").update(active=False)
    row = leaving(cast, date(2026, 8, 31))
    row = took(cast, row, "warn", by="property_company", note="退出")
    row = handed_over(cast, row)
    took(cast, row, "confirm", by="street_office")
    owed = Duty.objects.get(rule="leave_next", state="open")
    who = "owners_committee" if committee else "street_office"
    assert owed.owner_organisation == cast.organisations[who]


__all__ = ["papers"]


@in_city("meixian", "2023-06-05")
@pytest.mark.clause("MX-3.6.6-5")
def test_a_refusal_without_reason_is_on_the_desk_of_the_street_until_the_hand_over(cast):
    row = leaving(cast, date(2023, 7, 5))
    row = took(cast, row, "warn", by="property_company", note="退出")
    row = took(cast, row, "object", by="property_company", reason="arrears", note="欠费30万元")
    press = Duty.objects.get(rule="press_hand_over")
    assert (press.state, press.owner_organisation) == ("open", cast.organisations["street_office"])
    row = handed_over(cast, row)
    press.refresh_from_db()
    assert press.state == "fulfilled"
    row = took(cast, row, "confirm", by="street_office")
    took(cast, row, "succeed", by="street_office", choice="retender")
    assert not Duty.objects.filter(rule="needs_person").exists()
