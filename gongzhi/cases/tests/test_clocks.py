"""The day of the answer: counted from the first receipt, whatever happens to the case in between."""

import pytest
from django.test import Client

from gongzhi.cases import services
from gongzhi.cases.tests.steps import assigned, at, reported_in, submitted, upload
from gongzhi.core.errors import Refused
from gongzhi.duties.models import Duty


def due(case, rule):
    return Duty.objects.get(subject_kind="case", subject_id=str(case.pk), rule=rule).due_at


@pytest.mark.clause("JJ-5.3-2")
def test_fifteen_days_end_at_midnight_of_the_last_one(cast):
    received = at(4, 28)
    case = reported_in(cast, "price_violation", lead="market_regulation", now=received)
    assert case.answer_due_at == at(5, 14, 0)
    assert not case.overdue(at(5, 13, 23, 59))
    assert case.overdue(at(5, 14, 0))


@pytest.mark.clause("JJ-5.3-2")
def test_a_last_day_within_the_national_holiday_moves_to_the_next_work_day(cast):
    case = assigned(cast, "illegal_structure", now=at(9, 20))
    assert case.answer_due_at == at(10, 9, 0), "24:00 of 8 October"


@pytest.mark.clause("JJ-5.3-2")
def test_an_answer_on_the_last_evening_is_in_time_and_a_minute_later_is_late(cast):
    results = []
    for moment in (at(5, 13, 23, 59), at(5, 14, 0)):
        case = reported_in(cast, "price_violation", lead="market_regulation", now=at(4, 28))
        actor = cast.actor("market_regulation")
        services.handle(case, result="已取缔。", outcome="rectified", actor=actor, now=at(5, 12))
        if case.answer_due_at <= moment:
            services.explain_overdue(case, text="当事人失联，多次上门未果。", actor=actor, now=moment)
        results.append(services.answer(case, text="已取缔。", method="电话", actor=actor, now=moment).answered_late)
    assert results == [False, True]


@pytest.mark.clause("JJ-A3-3.3-2", "JJ-5.3-2", "JJ-A3-2.2-3")
def test_a_transfer_leaves_the_day_of_the_answer_where_it_was(cast):
    received = at(9, 29)
    case = reported_in(cast, "load_bearing_wall", lead="housing", now=received)
    assert due(case, "transfer_case") == at(10, 10, 0), "24:00 of 9 October"
    assert case.answer_due_at == at(10, 15, 0), "24:00 of 14 October"
    papers = {kind: upload(kind) for kind in ("source", "evidence", "basis")}
    case = services.transfer_case(
        case, papers=papers, reason="经认定涉嫌拆除承重结构", actor=cast.actor("housing"), now=at(10, 9)
    )
    assert case.lead == cast.organisation("urban_management")
    assert case.answer_due_at == at(10, 15, 0)
    answer = Duty.objects.get(subject_id=str(case.pk), rule="answer_complaint")
    assert answer.owner_organisation == cast.organisation("urban_management")
    told = case.entries.get(kind="transferred").told
    assert "移交" in told
    assert "期限不变" in told


@pytest.mark.clause("JJ-A3-3.3-3")
@pytest.mark.parametrize("missing", ["source", "evidence", "basis"])
def test_a_transfer_wants_its_four_papers(cast, missing):
    case = reported_in(cast, "load_bearing_wall", lead="housing", now=at(9, 29))
    papers = {kind: upload(kind) for kind in ("source", "evidence", "basis") if kind != missing}
    with pytest.raises(Refused) as refused:
        services.transfer_case(case, papers=papers, reason="涉嫌违法", actor=cast.actor("housing"), now=at(9, 30))
    assert missing in refused.value.fields
    assert not case.transfers.exists()


@pytest.mark.clause("JJ-A3-3.3-3")
def test_a_complete_transfer_has_a_numbered_letter(cast):
    case = reported_in(cast, "load_bearing_wall", lead="housing", now=at(9, 29))
    papers = {kind: upload(kind) for kind in ("source", "evidence", "basis")}
    with pytest.raises(Refused) as refused:
        services.transfer_case(case, papers=papers, reason=" ", actor=cast.actor("housing"), now=at(9, 30))
    assert "letter" in refused.value.fields
    case = services.transfer_case(case, papers=papers, reason="涉嫌违法", actor=cast.actor("housing"), now=at(9, 30))
    document = case.transfers.get().document
    assert (document.instrument, document.seq, document.year) == ("transfer_letter", 1, 2022)
    assert document.issuer == cast.organisation("housing")


@pytest.mark.clause("JJ-A7-2.1-3")
def test_an_overdue_case_stands_still_until_somebody_says_why(cast):
    case = reported_in(cast, "price_violation", lead="market_regulation", now=at(4, 28))
    actor, late = cast.actor("market_regulation"), at(5, 14, 1)
    with pytest.raises(Refused) as refused:
        services.handle(case, result="已取缔。", outcome="rectified", actor=actor, now=late)
    assert "JJ-A7-2.1-3" in refused.value.clauses
    services.explain_overdue(case, text="当事人失联，多次上门未果。", actor=actor, now=late)
    case = services.handle(case, result="已取缔。", outcome="rectified", actor=actor, now=late)
    assert case.state == "handled"
    assert case.overdue(late), "explained, and still late"


@pytest.mark.clause("JJ-A7-2.1-3")
def test_the_order_may_set_a_shorter_day(cast):
    case = submitted(cast, "price_violation")
    case = services.assign_case(case, within_days=5, actor=cast.actor("hotline_desk"), now=at(5, 5))
    assert case.answer_due_at == at(5, 11, 0)


@pytest.mark.clause("JJ-A7-2.1-3")
def test_the_order_may_not_set_a_longer_day(cast):
    case = submitted(cast, "price_violation", now=at(5, 5))
    desk = cast.actor("hotline_desk")
    with pytest.raises(Refused) as refused:
        services.assign_case(case, within_days=16, actor=desk, now=at(5, 5))
    assert "within_days" in refused.value.fields
    assert "1到15天" in str(refused.value)
    case = services.assign_case(case, within_days=15, actor=desk, now=at(5, 5))
    assert case.answer_due_at == at(5, 21, 0)


@pytest.mark.clause("JJ-5.3-2")
def test_the_fifteen_days_are_not_extended_where_the_document_does_not_say_so(cast):
    case = reported_in(cast, "price_violation", lead="market_regulation")
    with pytest.raises(Refused) as refused:
        services.ask_extension(case, reason="案情复杂", actor=cast.actor("market_regulation"), now=at(5, 6))
    assert refused.value.code == "not_allowed"
    assert "JJ-5.3-2" in refused.value.clauses


def test_an_extension_that_the_place_allows_needs_somebody_else_to_approve(cast):
    from gongzhi.core import services as core
    from gongzhi.core.actors import Actor

    core.set_switch(
        place=cast.county, pack="jiujiang", name="extension_allowed", value="yes", from_on=at(1, 1).date(),
        actor=Actor.system(), reason="领导小组会议决定", now=at(5, 1),
    )  # fmt: skip
    case = reported_in(cast, "price_violation", lead="market_regulation")
    case = services.ask_extension(case, reason="案情复杂，需检测", actor=cast.actor("market_regulation"), now=at(5, 6))
    before = case.answer_due_at
    with pytest.raises(Refused):
        services.decide_extension(case, allowed=True, actor=cast.actor("market_regulation"), now=at(5, 7))
    case = services.decide_extension(
        case, allowed=True, note="同意延期", actor=cast.actor("leading_group_office"), now=at(5, 7)
    )
    assert case.answer_due_at > before
    assert case.approvals.get().decided_by == cast.user("leading_group_office")


def test_the_same_extension_is_asked_for_and_decided_on_the_desk(cast, monkeypatch):
    from gongzhi.core import middleware
    from gongzhi.core import services as core
    from gongzhi.core.actors import Actor

    case = reported_in(cast, "price_violation", lead="market_regulation")
    clock = Duty.objects.get(subject_kind="case", subject_id=str(case.pk), rule="answer_complaint")
    url = f"/gongzuotai/{clock.pk}/"

    def at_desk(role: str, moment, code: str, **given: str):
        monkeypatch.setattr(middleware.timezone, "now", lambda: moment)
        client = Client()
        client.force_login(cast.user(role))
        assert client.get(f"{url}{code}/").status_code == 200
        version = Duty.objects.get(pk=clock.pk).version
        return client.post(f"{url}{code}/", {"version": str(version), "form_key": f"{code}{moment}", **given})

    refused = at_desk("market_regulation", at(5, 6), "yanqi", reason="案情复杂，需检测")
    assert refused.status_code == 422 and "JJ-5.3-2" in refused.content.decode()
    core.set_switch(
        place=cast.county, pack="jiujiang", name="extension_allowed", value="yes", from_on=at(1, 1).date(),
        actor=Actor.system(), reason="领导小组会议决定", now=at(5, 1),
    )  # fmt: skip
    before = clock.due_at
    assert at_desk("market_regulation", at(5, 6), "yanqi", reason="案情复杂，需检测").status_code == 303
    assert case.approvals.get().state == "asked" and Duty.objects.get(pk=clock.pk).request
    done = at_desk("leading_group_office", at(5, 7), "shenpi", approve="yes", reason="同意延期")
    assert done.status_code == 303, done.content.decode()
    assert case.approvals.get().state == "allowed"
    case.refresh_from_db()
    assert Duty.objects.get(pk=clock.pk).due_at == case.answer_due_at > before


@pytest.mark.clause("JJ-A3-3.3-2")
def test_three_work_days_skip_the_may_holiday_and_count_the_working_saturday(cast):
    case = assigned(cast, "toxic_discharge", now=at(4, 29))
    assert due(case, "transfer_case") == at(5, 8, 0), "24:00 of Saturday 7 May"


@pytest.mark.clause("JJ-A3-3.3-4")
def test_ninety_days_run_from_the_filing_of_a_penalty_case(cast):
    case = reported_in(cast, "illegal_structure", lead="urban_management")
    services.file_case(case, number="鸠城管立〔2022〕31号", actor=cast.actor("urban_management"), now=at(5, 6))
    assert due(case, "decide_penalty") == at(8, 5, 0), "24:00 of 4 August"


@pytest.mark.clause("JJ-3.3.10-3")
def test_a_department_that_was_whistled_reports_in_within_a_work_day(cast):
    case = submitted(cast, "fire_lane", now=at(5, 6))
    services.whistle(case, actor=cast.actor("street_office"), now=at(5, 6))
    assert due(case, "report_in") == at(5, 8, 0), "Saturday 7 May was a work day"
