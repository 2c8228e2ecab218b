"""What the events of a case do to its duties, through the pack of the county."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from gongzhi.core import packs
from gongzhi.core import services as core
from gongzhi.core.models import Event
from gongzhi.core.recording import BadEvent
from gongzhi.core.tests.cast import Cast
from gongzhi.duties import services
from gongzhi.duties.models import Duty, State
from gongzhi.duties.services import reacting
from gongzhi.duties.tests.acts import answered, assigned, case_event, happened, on, the_duty


@pytest.mark.clause("JJ-5.3-2")
def test_a_handed_out_violation_opens_the_duty_to_answer_within_fifteen_days_of_receipt(cast: Cast) -> None:
    assigned(cast)
    duty = the_duty("answer_complaint")
    assert duty.due_at == on("05-14 00:00")
    assert str(duty.last_day) == "2022-05-13"
    assert duty.owner_organisation == cast.organisation("urban_management")
    assert duty.creditor == cast.organisation("street_office")
    assert duty.estate == cast.estate
    assert "JJ-5.3-2" in duty.clauses
    assert duty.get_source_display() == "电话投诉"
    assert duty.explanation["steps"]
    assert happened(duty, "opened") == 1


@pytest.mark.clause("JJ-5.3-2")
@pytest.mark.parametrize(("moment", "state"), [("05-13 23:59", State.FULFILLED), ("05-14 00:00", State.FULFILLED_LATE)])
def test_an_answer_before_the_end_of_the_last_day_is_on_time_and_after_it_is_late(
    cast: Cast, moment: str, state: State
) -> None:
    assigned(cast)
    answered(cast, at=on(moment))
    duty = the_duty("answer_complaint")
    assert duty.state == state
    assert duty.closed_at == on(moment)
    assert duty.next_at is None
    assert happened(duty, "fulfilled") == 1


def test_an_answer_that_is_not_final_leaves_the_duty_open(cast: Cast) -> None:
    assigned(cast)
    case_event(cast, "answered", at=on("05-06 09:00"), by="urban_management", final=False, on_time=True)
    assert the_duty("answer_complaint").state == State.OPEN


def test_an_answer_that_comes_late_before_any_tick_leaves_the_trace_of_being_overdue(cast: Cast) -> None:
    assigned(cast)
    answered(cast, at=on("05-16 09:00"))
    duty = the_duty("answer_complaint")
    assert happened(duty, "overdue") == 1
    assert happened(duty, "climbed") == 1


def test_a_voided_case_ends_all_its_duties_without_blame(cast: Cast) -> None:
    assigned(cast)
    case_event(cast, "voided", at=on("05-05 09:00"))
    assert set(Duty.objects.filter(subject_kind="case").values_list("state", flat=True)) == {State.VOID}


@pytest.mark.clause("JJ-A3-3.3-2")
def test_a_transfer_moves_the_duty_to_answer_and_keeps_its_deadline(cast: Cast) -> None:
    assigned(cast, lead="housing")
    before = the_duty("answer_complaint")
    case_event(cast, "transferred", at=on("05-05 09:00"), by="housing", lead="urban_management", **{"from": "housing"})
    after = the_duty("answer_complaint")
    assert after.owner_organisation == cast.organisation("urban_management")
    assert after.due_at == before.due_at
    assert happened(after, "moved") == 1


def test_the_same_event_opens_its_duties_once(cast: Cast) -> None:
    event = assigned(cast)
    before = Duty.objects.count()
    services.react(event)
    assert Duty.objects.count() == before


def test_an_event_that_no_rule_names_costs_no_query_for_duties(cast: Cast, django_assert_max_num_queries: Any) -> None:
    event = assigned(cast)
    event.kind = "file.stored"
    with core.hold_policy():
        assert core.pack_for(event.place_path, cast.now.date()) is not None  # read once for the whole request
        with django_assert_max_num_queries(0):
            services.react(event)


@pytest.mark.parametrize("where", ["duties_after", "built_duty"])
def test_a_fault_of_the_pack_becomes_a_duty_of_a_person_and_the_event_stands(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ValueError("规则里有一处除以零")

    monkeypatch.setattr(reacting, where, broken)
    event = assigned(cast)
    assert Event.objects.filter(pk=event.pk).exists()
    duty = Duty.objects.get()
    assert duty.title == "需要人工处理：规则“case.assigned”没有执行成"
    assert "规则里有一处除以零" in duty.explanation["steps"][0]
    assert duty.owner_organisation == cast.organisation("leading_group_office")
    assert duty.manual and duty.due_at is None
    assert happened(duty, "needs_person") == 1


def test_what_somebody_typed_does_not_get_from_a_fault_into_the_log_nor_stops_the_write(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ValueError("cannot compare '13812345678'")

    monkeypatch.setattr(reacting, "duties_after", broken)
    event = assigned(cast)
    assert Duty.objects.get().manual
    log = Event.objects.filter(pk__gte=event.pk)
    assert not [one for one in log if "13812345678" in f"{one.data}{one.subject_title}"]


@pytest.mark.parametrize(
    "fault", [IntegrityError("twice"), BadEvent("undeclared"), NameError("nobody"), KeyError("due"), TypeError("None")]
)
def test_a_fault_of_the_platform_itself_takes_the_write_with_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise fault

    monkeypatch.setattr(reacting, "duties_after", broken)
    before = Event.objects.count()
    with pytest.raises(type(fault)), transaction.atomic():
        assigned(cast)
    assert Event.objects.count() == before


def test_a_fact_that_was_not_given_becomes_a_duty_of_a_person(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    pack = packs.pack_for(cast.estate.place_path, cast.now.date())
    assert pack is not None
    rules = {"sign": replace(pack.duty_rules["sign_report"], name="sign", owner_field="by")}
    monkeypatch.setattr(pack, "duty_rules", rules)
    monkeypatch.setattr(reacting, "_named", {})
    case_event(cast, "reported_up", at=on("05-05 09:00"), to="housing", by_level="street")
    duty = Duty.objects.get()
    assert duty.title.startswith("需人工确定") and duty.manual


@pytest.mark.clause("JJ-A7-2.1-3")
def test_an_overdue_answer_opens_the_duty_to_explain_on_the_case_itself(cast: Cast) -> None:
    assigned(cast)
    services.tick(on("05-14 00:01"))
    duty = the_duty("explain_overdue")
    assert duty.owner_organisation == cast.organisation("urban_management")
    assert duty.subject_title == "搭建阳光房 1"
    case_event(cast, "explained", at=on("05-14 09:00"), by="urban_management")
    duty.refresh_from_db()
    assert duty.state == State.FULFILLED
