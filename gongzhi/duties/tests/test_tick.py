"""The clock: reminders, coming due, the ladder with its papers; twice, at once, and after an outage."""

from typing import Any

import pytest
from django.db import IntegrityError

from gongzhi.core.errors import PackBroken, Refused
from gongzhi.core.models import Document, Event, OutboxMessage
from gongzhi.core.tests.cast import Cast
from gongzhi.core.tests.threads import at_once
from gongzhi.duties import services
from gongzhi.duties.models import Duty, State
from gongzhi.duties.services import ladders, ticking
from gongzhi.duties.tests.acts import answered, assigned, happened, on, the_duty


def task(cast: Cast, *, owner: str = "street_office", given: str = "05-31 09:00", due: str = "06-10 00:00") -> Duty:
    return services.assign_task(
        title="整改垃圾房",
        owner=cast.organisation(owner),
        due_on=on(due).date(),
        clauses=["JJ-5.3-5"],
        actor=cast.actor("leading_group_office"),
        now=on(given),
    )


def papers(duty: Duty) -> list[tuple[str, str]]:
    return [(one.instrument, f"{one.issued_at.astimezone(on('01-01 00:00').tzinfo):%m-%d}") for one in _issued(duty)]


def _issued(duty: Duty) -> list[Document]:
    return list(Document.objects.filter(subject_id=duty.subject_id).order_by("id"))


def test_before_the_due_moment_nothing_becomes_overdue_and_at_it_the_duty_does(cast: Cast) -> None:
    assigned(cast)
    services.tick(on("05-13 23:59"))
    assert the_duty("answer_complaint").state == State.OPEN
    services.tick(on("05-14 00:00"))
    duty = the_duty("answer_complaint")
    assert duty.state == State.OVERDUE
    assert (happened(duty, "overdue"), happened(duty, "reminded")) == (1, 2)


@pytest.mark.clause("JJ-5.3-5", "JJ-A7-3.7-3")
def test_a_task_that_is_never_done_is_copied_supervised_and_censured_with_half_its_time_again(cast: Cast) -> None:
    duty = task(cast)
    for day in range(10, 25):
        services.tick(on(f"06-{day:02d} 00:05"))
    assert papers(duty) == [("copy_notice", "06-11"), ("supervision_notice", "06-17"), ("censure_notice", "06-23")]
    duty.refresh_from_db()
    steps = [(one["step"], one["new_due"][5:10]) for one in duty.state_json["steps"]]
    assert steps == [("copy_notice", "06-17"), ("supervision", "06-23"), ("censure", "06-29")]
    first = _issued(duty)[0]
    assert first.recipients.get(copy=False).organisation == cast.organisation("street_office")
    assert first.issuer == cast.organisation("leading_group_office")
    assert "整改垃圾房" in "".join(first.data["paragraphs"])
    climbs = Event.objects.filter(kind="duty.climbed", subject_id=str(duty.pk)).order_by("id")
    assert [event.data["number"] for event in climbs] == [paper.number for paper in _issued(duty)]


@pytest.mark.clause("JJ-5.3-5")
def test_a_task_done_within_the_second_limit_stops_at_the_supervision(cast: Cast) -> None:
    duty = task(cast)
    services.tick(on("06-17 00:05"))
    services.fulfil(duty, note="已整改并附照片", actor=cast.actor("street_office"), now=on("06-22 17:00"))
    services.tick(on("07-30 00:05"))
    assert [name for name, _ in papers(duty)] == ["copy_notice", "supervision_notice"]
    duty.refresh_from_db()
    assert duty.state == State.FULFILLED_LATE


def test_a_tick_run_twice_does_nothing_more(cast: Cast) -> None:
    assigned(cast)
    first = services.tick(on("05-14 00:05"))
    seen = (Event.objects.count(), OutboxMessage.objects.count(), Document.objects.count())
    second = services.tick(on("05-14 00:05"))
    assert first.taken > 0
    assert second.taken == 0
    assert seen == (Event.objects.count(), OutboxMessage.objects.count(), Document.objects.count())


def test_a_week_of_outage_leads_to_the_same_duties_and_steps_as_timely_ticks(cast: Cast) -> None:
    late, timely = task(cast), task(cast, owner="street_office@2")
    for day in range(1, 31):
        for row in Duty.objects.filter(pk=timely.pk, next_at__lte=on(f"06-{day:02d} 00:05")):
            Duty.objects.filter(pk=late.pk).update(next_at=None)
            services.tick(on(f"06-{day:02d} 00:05"))
            Duty.objects.filter(pk=late.pk).update(next_at=late.next_at)
            assert row.pk == timely.pk
    Duty.objects.exclude(pk=late.pk).update(next_at=None)
    services.tick(on("06-30 00:05"))
    for duty in (late, timely):
        duty.refresh_from_db()
    assert (late.state, late.step, late.due_at) == (timely.state, timely.step, timely.due_at)
    assert late.state_json["steps"] == timely.state_json["steps"]
    assert [happened(late, kind) for kind in ("reminded", "overdue", "climbed")] == [
        happened(timely, kind) for kind in ("reminded", "overdue", "climbed")
    ]


def test_a_paper_issued_late_bears_the_day_on_which_it_was_issued(cast: Cast) -> None:
    duty = task(cast)
    services.tick(on("06-13 08:00"))
    assert papers(duty) == [("copy_notice", "06-13")]


def test_a_batch_tells_each_unit_once_what_it_brought(cast: Cast) -> None:
    for number in range(3):
        assigned(cast, case=str(number + 1))
    OutboxMessage.objects.all().delete()
    services.tick(on("05-14 00:05"))
    overdue = OutboxMessage.objects.filter(
        template="duty.overdue", to_organisation=cast.organisation("urban_management")
    )
    assert overdue.count() == 1
    assert "等" in overdue.get().text


def test_a_clock_that_breaks_is_left_to_a_person_and_the_others_go_on(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    assigned(cast, case="1")
    assigned(cast, case="2")
    Duty.objects.exclude(rule="answer_complaint").delete()
    real = ticking.advance

    def sometimes(pack: Any, state: Any, *args: Any, **kwargs: Any) -> Any:
        if state.subject == "case:1":
            raise ValueError("数值缺失")
        return real(pack, state, *args, **kwargs)

    monkeypatch.setattr(ticking, "advance", sometimes)
    report = services.tick(on("05-14 00:05"))
    assert report.faults == 1
    assert the_duty("answer_complaint", "2").state == State.OVERDUE
    broken = the_duty("answer_complaint", "1")
    assert broken.state == State.OPEN
    assert broken.next_at == on("05-15 00:05")
    assert Duty.objects.get(source="fault").title == "需要人工处理：规则“answer_complaint”没有执行成"


def test_a_paper_that_cannot_be_issued_is_left_to_a_person_and_the_climb_stands(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    duty = task(cast)

    def fails(*_: Any, **__: Any) -> None:
        raise Refused("no_template", "没有文书模板")

    monkeypatch.setattr(ladders.core, "issue_document", fails)
    services.tick(on("06-11 00:05"))
    duty.refresh_from_db()
    assert duty.step == 0
    assert happened(duty, "climbed") == 1
    fault = Duty.objects.get(source="fault")
    assert fault.title == "需要人工处理：规则“task.copy_notice”没有执行成"
    assert "没有文书模板" not in str(Event.objects.filter(kind="duty.needs_person").values_list("data", flat=True))


@pytest.mark.parametrize("ours", [TypeError("None + 1"), KeyError("due"), IntegrityError("twice")])
def test_a_fault_of_our_own_in_one_clock_is_logged_tried_again_and_told_to_nobody_as_the_packs(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, ours: Exception
) -> None:
    assigned(cast, case="1")
    assigned(cast, case="2")
    Duty.objects.exclude(rule="answer_complaint").delete()
    real = ticking.advance

    def sometimes(pack: Any, state: Any, *args: Any, **kwargs: Any) -> Any:
        if state.subject == "case:1":
            raise ours
        return real(pack, state, *args, **kwargs)

    with monkeypatch.context() as broken:
        broken.setattr(ticking, "advance", sometimes)
        report = services.tick(on("05-14 00:05"))
    assert (report.ours, report.faults) == (1, 0)
    assert [one.levelname for one in caplog.records if "a fault of the platform" in one.message] == ["ERROR"]
    assert not Duty.objects.filter(source="fault").exists()
    assert the_duty("answer_complaint", "2").state == State.OVERDUE, "the others go on"
    assert the_duty("answer_complaint", "1").next_at == on("05-14 00:15")
    services.tick(on("05-14 00:15"))
    mended = the_duty("answer_complaint", "1")
    assert (mended.state, happened(mended, "overdue"), happened(mended, "climbed")) == (State.OVERDUE, 1, 1)


def test_a_fault_of_our_own_while_a_step_is_recorded_leaves_nothing_half_done(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    duty, other = task(cast), task(cast, owner="street_office@2")

    def fails(*_: Any, **__: Any) -> None:
        raise AttributeError("no such thing")

    with monkeypatch.context() as broken:
        broken.setattr(ladders, "_values", fails)
        report = services.tick(on("06-11 00:05"))
    assert report.ours == 2 and report.taken == 0
    for one in (duty, other):
        one.refresh_from_db()
        assert (one.state, one.step, happened(one, "overdue")) == (State.OPEN, -1, 0)
    assert not Document.objects.exists()
    services.tick(on("06-11 00:15"))
    for one in (duty, other):
        one.refresh_from_db()
        assert (one.state, one.step, happened(one, "overdue"), happened(one, "climbed")) == (State.OVERDUE, 0, 1, 1)


def test_while_the_document_of_the_place_cannot_be_read_its_clocks_wait(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    duty = task(cast)

    def unreadable(*_: Any) -> None:
        raise PackBroken("jiujiang", ["jiujiang/clocks.yaml:3: 缺少 title"])

    with monkeypatch.context() as broken:
        broken.setattr(ticking.core, "pack_for", unreadable)
        report = services.tick(on("06-11 00:05"))
    assert report.faults == 1 and not Duty.objects.filter(source="fault").exists()
    duty.refresh_from_db()
    assert (duty.state, duty.next_at) == (State.OPEN, on("06-11 01:05"))
    services.tick(on("06-11 01:05"))
    duty.refresh_from_db()
    assert duty.state == State.OVERDUE


def test_a_limit_takes_the_longest_waiting_first(cast: Cast) -> None:
    for number in range(4):
        assigned(cast, case=str(number + 1))
    report = services.tick(on("05-14 00:05"), limit=3)
    assert report.taken == 3


def test_two_ticks_at_once_double_nothing(committed: None) -> None:
    from gongzhi.core.tests.cast import build

    cast = build()
    for number in range(30):
        assigned(cast, case=str(number + 1))
    results = at_once(lambda _: services.tick(on("05-14 00:05"), batch=7), times=2)
    assert all(isinstance(one, ticking.TickReport) for one in results), results
    services.tick(on("05-14 00:05"))  # what one left to the other while it held it
    duties = Duty.objects.filter(rule="answer_complaint")
    assert {duty.state for duty in duties} == {State.OVERDUE}
    assert {happened(duty, "overdue") for duty in duties} == {1}
    assert {happened(duty, "climbed") for duty in duties} == {1}
    assert Duty.objects.filter(rule="explain_overdue").count() == 30
    assert Document.objects.filter(instrument="copy_notice").count() == 30


def test_an_answer_and_a_tick_at_once_agree(committed: None) -> None:
    from gongzhi.core.tests.cast import build

    cast = build()
    assigned(cast)

    def run(number: int) -> Any:
        return answered(cast, at=on("05-13 23:00")) if number else services.tick(on("05-14 00:05"))

    results = at_once(run, times=2)
    assert not [one for one in results if isinstance(one, Exception)], results
    duty = the_duty("answer_complaint")
    assert duty.closed_at is not None
    assert happened(duty, "fulfilled") == 1
    # The answer came in time; a clock that ran ahead of it leaves its trace, and the state still tells the truth.
    assert duty.closed_at == on("05-13 23:00")
    assert duty.state == State.FULFILLED
