"""What people do with duties: hand out, prompt, fulfil, extend, excuse, suspend, hand over."""

from datetime import date

import pytest

from gongzhi.core import services as core
from gongzhi.core.actors import Actor, capacities
from gongzhi.core.errors import Refused
from gongzhi.core.models import OutboxMessage, User
from gongzhi.core.tests.cast import Cast
from gongzhi.duties import services
from gongzhi.duties.models import Duty, State
from gongzhi.duties.tests.acts import assigned, case_event, happened, on, the_duty
from gongzhi.duties.tests.test_tick import task

HOLIDAYS = {"holidays": [{"name": "元旦", "from": "2027-01-01", "to": "2027-01-03"}], "workdays": []}


def colleague(cast: Cast, role: str, name: str = "colleague") -> User:
    user = User.objects.create_user(username=name, password="x", display_name="同事")
    core.begin_post(
        user, organisation=cast.organisation(role), begins_on=date(2020, 1, 1), actor=Actor.system(), now=cast.now
    )
    return user


def test_the_owner_hands_a_duty_to_a_colleague_who_is_told(cast: Cast) -> None:
    assigned(cast)
    user = colleague(cast, "urban_management")
    duty = services.hand_out(
        the_duty("answer_complaint"), user=user, actor=cast.actor("urban_management"), now=cast.now
    )
    assert duty.assigned_to == user
    assert happened(duty, "handed_out") == 1
    assert OutboxMessage.objects.filter(to_user=user, template="duty.handed_out").count() == 1


def test_a_duty_is_not_handed_to_somebody_of_another_unit(cast: Cast) -> None:
    assigned(cast)
    with pytest.raises(Refused, match="不是责任单位的在岗人员"):
        services.hand_out(
            the_duty("answer_complaint"),
            user=cast.user("housing"),
            actor=cast.actor("urban_management"),
            now=cast.now,
        )


def test_another_unit_hands_out_nothing(cast: Cast) -> None:
    assigned(cast)
    with pytest.raises(Refused) as refusal:
        services.hand_out(
            the_duty("answer_complaint"), user=cast.user("housing"), actor=cast.actor("housing"), now=cast.now
        )
    assert refusal.value.code == "forbidden"


def test_a_duty_is_prompted_once_a_day(cast: Cast) -> None:
    assigned(cast)
    duty, actor = the_duty("answer_complaint"), cast.actor("street_office")
    services.prompt(duty, actor=actor, now=on("05-05 09:00"))
    with pytest.raises(Refused, match="今天已经催办过"):
        services.prompt(duty, actor=actor, now=on("05-05 23:59"))
    services.prompt(duty, actor=actor, now=on("05-06 00:00"))
    assert happened(duty, "prompted") == 2
    told = OutboxMessage.objects.filter(template="duty.prompted", to_organisation=cast.organisation("urban_management"))
    assert told.count() == 2


def test_a_department_that_has_nothing_to_do_with_a_duty_does_not_prompt_it(cast: Cast) -> None:
    assigned(cast)
    with pytest.raises(Refused) as refusal:
        services.prompt(the_duty("answer_complaint"), actor=cast.actor("ecology"), now=cast.now)
    assert refusal.value.code == "forbidden"


def test_what_an_act_closes_cannot_be_marked_done(cast: Cast) -> None:
    assigned(cast)
    with pytest.raises(Refused, match="自动办结"):
        services.fulfil(the_duty("answer_complaint"), note="办了", actor=cast.actor("urban_management"), now=cast.now)


def test_marking_done_asks_for_evidence(cast: Cast) -> None:
    duty = task(cast)
    with pytest.raises(Refused) as refusal:
        services.fulfil(duty, note="  ", actor=cast.actor("street_office"), now=on("06-01 09:00"))
    assert "note" in refusal.value.fields


def test_whoever_gave_a_task_does_not_mark_it_done(cast: Cast) -> None:
    with pytest.raises(Refused) as refusal:
        services.fulfil(task(cast), note="办了", actor=cast.actor("leading_group_office"), now=on("06-01 09:00"))
    assert refusal.value.code == "forbidden"


def test_a_second_clerk_with_an_old_page_is_refused(cast: Cast) -> None:
    duty = task(cast)
    version = duty.version
    services.prompt(duty, actor=cast.actor("leading_group_office"), now=on("06-01 09:00"))
    with pytest.raises(Refused) as refusal:
        services.fulfil(duty, note="办了", actor=cast.actor("street_office"), now=on("06-01 10:00"), version=version)
    assert refusal.value.code == "stale"


def test_a_task_given_for_a_day_that_is_over_is_refused(cast: Cast) -> None:
    with pytest.raises(Refused) as refusal:
        task(cast, given="06-12 09:00")
    assert "due_on" in refusal.value.fields


def test_a_task_with_an_unknown_clause_is_refused(cast: Cast) -> None:
    with pytest.raises(Refused) as refusal:
        services.assign_task(
            title="巡查",
            owner=cast.organisation("street_office"),
            due_on=on("06-10 00:00").date(),
            clauses=["JJ-99-9"],
            actor=cast.actor("leading_group_office"),
            now=cast.now,
        )
    assert "JJ-99-9" in refusal.value.fields["clauses"]


def test_a_street_gives_tasks_below_itself_and_not_above(cast: Cast) -> None:
    given = dict(title="巡查", due_on=on("06-10 00:00").date(), actor=cast.actor("street_office"), now=cast.now)
    duty = services.assign_task(owner=cast.organisation("community_station"), **given)  # type: ignore[arg-type]
    assert duty.creditor == cast.organisation("street_office")
    with pytest.raises(Refused):
        services.assign_task(owner=cast.organisation("housing"), **given)  # type: ignore[arg-type]


CONSENT = {"consent": "case.extended"}


def test_a_clock_is_extended_once_by_whoever_the_rule_names(cast: Cast) -> None:
    assigned(cast)
    duty, asker = the_duty("answer_complaint"), cast.actor("urban_management")
    was = duty.due_at
    services.ask_extension(duty, reason="案情复杂需要鉴定", actor=asker, now=on("05-06 09:00"), **CONSENT)
    with pytest.raises(Refused):
        services.decide_extension(duty, approve=True, reason="同意延长", actor=asker, now=on("05-06 10:00"))
    approver = cast.actor("leading_group_office")
    duty = services.decide_extension(duty, approve=True, reason="同意延长", actor=approver, now=on("05-06 10:00"))
    assert was is not None and duty.due_at is not None and duty.due_at > was
    assert duty.original_due_at == was
    assert happened(duty, "extended") == 1
    services.ask_extension(duty, reason="再次申请延长", actor=asker, now=on("05-07 09:00"), **CONSENT)
    with pytest.raises(Refused, match="最多延期"):
        services.decide_extension(duty, approve=True, reason="同意延长", actor=approver, now=on("05-07 10:00"))


def test_an_extension_is_not_asked_for_when_time_has_run_out_or_the_rule_knows_none(cast: Cast) -> None:
    assigned(cast)
    actor = cast.actor("urban_management")
    with pytest.raises(Refused, match="不能延期"):
        services.ask_extension(the_duty("report_in"), reason="人手不够", actor=actor, now=on("04-28 12:00"))
    duty = the_duty("answer_complaint")
    with pytest.raises(Refused, match="期限已过"):
        services.ask_extension(duty, reason="人手不够", actor=actor, now=on("12-30 12:00"), **CONSENT)


def test_an_extension_that_the_case_has_to_allow_is_not_asked_for_past_the_case(cast: Cast) -> None:
    assigned(cast)
    duty, actor = the_duty("answer_complaint"), cast.actor("urban_management")
    with pytest.raises(Refused, match="案件里申请"):
        services.ask_extension(duty, reason="案情复杂", actor=actor, now=on("05-06 09:00"))
    assert happened(duty, "extension_asked") == 0


def test_a_refused_extension_leaves_the_deadline(cast: Cast) -> None:
    assigned(cast)
    duty, actor = the_duty("answer_complaint"), cast.actor("urban_management")
    services.ask_extension(duty, reason="案情复杂", actor=actor, now=on("05-06 09:00"), **CONSENT)
    after = services.decide_extension(
        duty, approve=False, reason="理由不足", actor=cast.actor("leading_group_office"), now=on("05-06 10:00")
    )
    assert (after.due_at, after.request) == (duty.due_at, None)
    assert happened(duty, "extension_refused") == 1


def test_who_owes_a_duty_does_not_excuse_itself_and_an_office_above_does(cast: Cast) -> None:
    duty = task(cast)
    with pytest.raises(Refused, match="回避|利害"):
        services.excuse(duty, reason="下大雨没法施工", actor=cast.actor("street_office"), now=on("06-05 09:00"))
    duty = services.excuse(
        duty, reason="下大雨没法施工", actor=cast.actor("leading_group_office"), now=on("06-05 09:00")
    )
    assert duty.state == State.EXCUSED
    services.tick(on("06-30 00:05"))
    assert happened(duty, "overdue") == 0


def test_a_suspended_duty_does_not_fall_due_and_runs_on_with_the_days_left(cast: Cast) -> None:
    assigned(cast)
    case_event(cast, "suspended", at=on("05-08 09:00"), by="urban_management")
    services.tick(on("05-20 09:00"))
    duty = the_duty("answer_complaint")
    assert duty.suspended and duty.state == State.OPEN
    case_event(cast, "resumed", at=on("05-23 09:00"), by="urban_management")
    duty.refresh_from_db()
    # Five days were left after 8 May; they are counted from 23 May: Saturday the 28th moves to Monday the 30th.
    assert str(duty.last_day) == "2022-05-30"
    assert (happened(duty, "suspended"), happened(duty, "resumed")) == (1, 1)


def test_an_office_stops_and_restarts_a_clock_by_hand(cast: Cast) -> None:
    duty, actor = task(cast), cast.actor("leading_group_office")
    services.suspend(duty, reason="等待认定结论", actor=actor, now=on("06-05 09:00"))
    services.tick(on("06-20 00:05"))
    duty = services.resume(duty, actor=actor, now=on("06-20 09:00"))
    assert duty.state == State.OPEN
    assert duty.due_at is not None and duty.due_at > on("06-20 09:00")


def test_when_a_post_ends_its_open_work_goes_to_a_colleague(cast: Cast) -> None:
    assigned(cast)
    user, leaver = colleague(cast, "urban_management"), cast.user("urban_management")
    duty = services.hand_out(
        the_duty("answer_complaint"), user=leaver, actor=cast.actor("urban_management"), now=cast.now
    )
    core.end_post(leaver.posts.get(), ends_on=date(2022, 5, 6), actor=Actor.system(), now=cast.now)
    duty.refresh_from_db()
    assert duty.assigned_to == user
    assert happened(duty, "handed_over") == 1


def test_a_deputy_is_given_work_and_it_goes_on_when_the_post_he_stands_in_for_ends(cast: Cast) -> None:
    assigned(cast)
    leaver, deputy = cast.user("urban_management"), cast.user("housing")
    post, day = leaver.posts.get(), date(2022, 5, 1)
    core.set_deputy(post, deputy=deputy, from_on=day, actor=Actor.system(), now=cast.now)
    acting = next(one for one in capacities(deputy, cast.now) if one.is_deputy)
    duty = services.hand_out(the_duty("answer_complaint"), user=deputy, actor=acting, now=cast.now)
    assert duty.assigned_to == deputy
    user = colleague(cast, "urban_management")
    post.refresh_from_db()
    core.end_post(post, ends_on=date(2022, 5, 6), actor=Actor.system(), now=cast.now)
    duty.refresh_from_db()
    assert duty.assigned_to == user
    assert happened(duty, "handed_over") == 1


def test_when_the_last_post_of_a_unit_ends_its_work_goes_back_to_the_unit(cast: Cast) -> None:
    assigned(cast)
    leaver = cast.user("urban_management")
    duty = services.hand_out(
        the_duty("answer_complaint"), user=leaver, actor=cast.actor("urban_management"), now=cast.now
    )
    core.end_post(leaver.posts.get(), ends_on=date(2022, 5, 6), actor=Actor.system(), now=cast.now)
    duty.refresh_from_db()
    assert duty.assigned_to is None
    assert OutboxMessage.objects.filter(template="duty.handed_over").count() == 1


def test_a_date_past_the_published_years_is_provisional_until_the_year_is_entered(cast: Cast) -> None:
    received = on("12-17 10:00").replace(year=2026)
    assigned(cast, at=received, received_at=received)
    duty = the_duty("answer_complaint")
    assert duty.provisional
    assert str(duty.last_day) == "2027-01-01"  # a Friday by plain weekends
    core.enter_calendar_year(2027, data=HOLIDAYS, source="放假安排通知", actor=Actor.system(), now=received)
    duty.refresh_from_db()
    assert not duty.provisional
    assert str(duty.last_day) == "2027-01-04"
    assert duty.next_at is not None and duty.next_at < duty.due_at
    assert happened(duty, "recomputed") == 1


def test_a_closed_duty_takes_no_more_acts(cast: Cast) -> None:
    duty = task(cast)
    services.fulfil(duty, note="已整改", actor=cast.actor("street_office"), now=on("06-01 09:00"))
    for act in (
        lambda: services.prompt(duty, actor=cast.actor("leading_group_office"), now=on("06-02 09:00")),
        lambda: services.fulfil(duty, note="再办", actor=cast.actor("street_office"), now=on("06-02 09:00")),
        lambda: services.excuse(
            duty, reason="下大雨没法施工", actor=cast.actor("leading_group_office"), now=on("06-02 09:00")
        ),
    ):
        with pytest.raises(Refused, match="已经结束"):
            act()


def test_a_supervisor_has_a_unit_below_help_and_keeps_the_duty(cast: Cast) -> None:
    duty = task(cast)
    helping = services.delegate(
        duty, owner=cast.organisation("community_station"), actor=cast.actor("street_office"), now=on("06-01 09:00")
    )
    assert helping.owner_organisation == cast.organisation("community_station")
    assert helping.last_day == duty.last_day
    assert Duty.objects.get(pk=duty.pk).owner_organisation == cast.organisation("street_office")


def test_the_demonstration_marks_what_follows_from_it(cast: Cast) -> None:
    cast.user("street_office").demo = True
    assigned(cast)
    assert set(Duty.objects.values_list("demo", flat=True)) == {True}
