"""交办任务: plan, sign for, feed back, visit, verify, censure; sheets that wait for their signatures; the division."""

from collections import Counter
from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from gongzhi.cases.accountability.models import WorkTask
from gongzhi.cases.accountability.queries import tasks as board
from gongzhi.cases.accountability.services import sheets, tasks
from gongzhi.cases.accountability.services.sheets import ItemInput
from gongzhi.cases.accountability.services.tasks import PlanLine
from gongzhi.cases.accountability.tests.steps import (
    OFFICE,
    acting,
    at,
    clock,
    duty_of,
    given,
    paper,
    papers,
    photo,
)
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Document
from gongzhi.core.tests.cast import build
from gongzhi.duties import services as duties
from gongzhi.registry import services as registry

SYSTEM = Actor.system()
LAST_DAY = f"{timezone.localdate().year}-12-31"  # noqa: TID251 - the pages read the clock


@pytest.mark.clause("JJ-A2-1-1")
def test_a_plan_becomes_tasks_by_unit_and_month_and_the_board_counts_them(cast):
    actor = cast.actor(OFFICE)
    tasks.publish_plan(
        year=2022,
        title="2022年工作计划",
        lines=[
            PlanLine("更新公示牌", cast.organisation("street_office"), [6, 7, 8]),
            PlanLine("培训物业企业", cast.organisation("housing"), [6]),
        ],
        actor=actor,
        now=at(5, 5),
    )
    assert sorted(WorkTask.objects.values_list("unit__role", "due_on")) == [
        ("housing", date(2022, 6, 30)),
        ("street_office", date(2022, 6, 30)),
        ("street_office", date(2022, 7, 31)),
        ("street_office", date(2022, 8, 31)),
    ]
    training = WorkTask.objects.get(unit__role="housing")
    tasks.report_done(training, text="办了两场", actor=cast.actor("housing"), now=at(6, 20))
    clock(at(7, 1))
    shown = board.board(board.tasks_for(actor), at(7, 1))
    assert (shown.total, shown.completed, shown.running, shown.overdue) == (4, 1, 2, 1)
    street = next(one for one in board.unit_months(board.tasks_for(actor), year=2022, now=at(7, 1)) if "housing" != one)
    assert sum(month["total"] for month in street.months) in (1, 3)
    late = WorkTask.objects.get(unit__role="street_office", due_on=date(2022, 6, 30))
    duties.prompt(duty_of(late), actor=actor, now=at(7, 1))
    assert {"duty.prompted", "duty.overdue", "duty.climbed"} <= {one.kind for one in board.prompts_of(late)}


def test_a_month_that_is_over_takes_no_task(cast):
    with pytest.raises(Refused, match="4月已经过去"):
        tasks.publish_plan(
            year=2022,
            title="计划",
            lines=[PlanLine("补课", cast.organisation("housing"), [4, 6])],
            actor=cast.actor(OFFICE),
            now=at(5, 5),
        )


@pytest.mark.clause("JJ-A2-1-1", "JJ-A2-2.2-4")
def test_signing_feedback_and_result_all_leave_a_trace(cast):
    unit = cast.actor("urban_management")
    task = given(cast, due_on=date(2022, 5, 20), now=at(5, 5))
    task = tasks.sign_task(task, actor=unit, now=at(5, 6))
    task = tasks.feed_back(task, text="排查了一半", file=paper(), actor=unit, now=at(5, 10))
    task = tasks.report_done(task, text="全部排查", actor=unit, now=at(5, 18))
    task = tasks.verify_task(task, passed=True, text="抽查属实", actor=cast.actor(OFFICE), now=at(5, 19))
    assert task.state == "passed"
    assert list(task.entries.order_by("pk").values_list("kind", flat=True)) == [
        "given",
        "signed",
        "feedback",
        "done",
        "passed",
    ]
    assert duty_of(task).state == "fulfilled"
    with pytest.raises(Refused) as refused:
        tasks.feed_back(task, text="再说", actor=cast.actor("police"), now=at(5, 20))
    assert refused.value.code == "forbidden"


def test_marking_the_duty_on_the_desk_reports_the_task_done(cast):
    task = given(cast, due_on=date(2022, 5, 20), now=at(5, 5))
    duties.fulfil(task.duty, note="在工作台办结", actor=cast.actor("urban_management"), now=at(5, 8))
    task.refresh_from_db()
    assert (task.state, task.entries.get(kind="done").text) == ("done", "在工作台办结")


@pytest.mark.clause("JJ-A2-2.3-4")
def test_work_done_on_time_but_badly_can_be_censured_and_is_done_again(cast):
    unit, office = cast.actor("urban_management"), cast.actor(OFFICE)
    task = given(cast, due_on=date(2022, 5, 20), now=at(5, 5))
    task = tasks.report_done(task, text="排查完了", actor=unit, now=at(5, 18))
    with pytest.raises(Refused, match="没有逾期"):
        tasks.censure_task(task, reason="质量差", actor=office, now=at(5, 19))
    with pytest.raises(Refused, match="返工期限"):
        tasks.verify_task(task, passed=False, text="漏了三幢", actor=office, now=at(5, 19))
    task = tasks.verify_task(task, passed=False, text="漏了三幢", due_on=date(2022, 5, 25), actor=office, now=at(5, 19))
    assert (task.state, task.due_on) == ("failed", date(2022, 5, 25))
    task = tasks.censure_task(task, reason="漏了三幢", actor=office, now=at(5, 19))
    assert task.censure.number == "鸠物通〔2022〕1号"
    assert task.overdue(at(5, 26))


@pytest.mark.clause("JJ-A2-2.3-4", "JJ-5.3-5")
def test_late_work_goes_step_by_step_unless_the_monthly_tasks_are_set_to_a_censure_at_once(cast):
    office = cast.actor(OFFICE)
    monthly = given(cast, due_on=date(2022, 5, 20), now=at(5, 5), source="monthly")
    plain = given(cast, due_on=date(2022, 5, 20), now=at(5, 5))
    clock(at(5, 21))
    for task in (monthly, plain):
        with pytest.raises(Refused) as refused:
            tasks.censure_task(task, reason="没有按期完成", actor=office, now=at(5, 21, 10))
        assert refused.value.code == "steps_first"
    core.set_switch(
        place=cast.county,
        pack="jiujiang",
        name="monthly_direct_censure",
        value="yes",
        from_on=date(2022, 5, 1),
        actor=office,
        reason="月调度会决定",
        now=at(5, 21, 11),
    )
    task = tasks.censure_task(monthly, reason="没有按期完成", actor=office, now=at(5, 21, 12))
    assert task.censure.instrument == "censure_notice"
    assert papers(monthly) == ["copy_notice", "censure_notice"]
    with pytest.raises(Refused) as refused:
        tasks.censure_task(plain, reason="没有按期完成", actor=office, now=at(5, 21, 12))
    assert refused.value.clauses == ("JJ-5.3-5",)


@pytest.mark.clause("JJ-A2-2.3-4")
def test_supervision_on_site_needs_a_photograph_a_place_and_a_time(cast):
    office = cast.actor(OFFICE)
    task = given(cast, due_on=date(2022, 5, 20), now=at(5, 5))
    good = {"spot": "梧桐花园7幢楼顶", "at": at(5, 9, 15), "photo": photo(), "text": "施工停了"}
    for missing, words in (({"spot": " "}, "地点"), ({"photo": None}, "照片"), ({"at": at(5, 4)}, "时间"),
                           ({"photo": paper()}, "照片")):  # fmt: skip
        with pytest.raises(Refused, match=words):
            tasks.visit(task, **{**good, **missing}, actor=office, now=at(5, 10))
    task = tasks.visit(task, **good, actor=office, now=at(5, 10))
    entry = task.entries.get(kind="visited")
    assert (entry.spot, entry.at, entry.file.is_image) == ("梧桐花园7幢楼顶", at(5, 9, 15), True)


@pytest.mark.clause("JJ-A2-2.2-4")
def test_an_order_is_not_sent_before_the_leader_has_signed_it(cast):
    office = cast.actor(OFFICE)
    items = [
        ItemInput("清理消防通道", cast.organisation("fire_rescue"), date(2022, 5, 20)),
        ItemInput("通报企业违规", cast.organisation("housing"), date(2022, 5, 25)),
    ]
    sheet = sheets.draft_sheet(
        kind="order", title="5月联席会议交办", origin="5月联席会议纪要", items=items, actor=office, now=at(5, 5)
    )
    with pytest.raises(Refused, match="还缺区政府分管领导签字") as refused:
        sheets.send_sheet(sheet, actor=office, now=at(5, 5))
    assert refused.value.clauses == ("JJ-A2-2.2-4",)
    assert not WorkTask.objects.exists()
    with pytest.raises(Refused, match="不由您的单位签"):
        sheets.sign_sheet(sheet, actor=office, now=at(5, 5))
    sheets.sign_sheet(sheet, actor=cast.actor("county_leader"), now=at(5, 6))
    sheet = sheets.send_sheet(sheet, actor=office, now=at(5, 6))
    assert sheet.document.number == "鸠物办交〔2022〕1号"
    assert "高远" in " ".join(sheet.document.data["paragraphs"])
    made = WorkTask.objects.order_by("pk")
    assert [(one.unit.role, one.source, one.due_on.day) for one in made] == [
        ("fire_rescue", "order", 20),
        ("housing", "order", 25),
    ]
    assert made[0].duty.clauses == ["JJ-A2-2.2-4", "JJ-A2-1-1"]


@pytest.mark.clause("JJ-A2-2.1-3")
@pytest.mark.parametrize("with_office", ["party_office", "county_office"])
def test_a_circular_needs_the_leading_group_office_and_one_of_the_two_county_offices(cast, with_office):
    office = cast.actor(OFFICE)
    items = [ItemInput("楼顶违建没有处理", cast.organisation("urban_management"), date(2022, 5, 20))]
    sheet = sheets.draft_sheet(
        kind="circular", title="5月上路调研", origin="5月上路调研", items=items, actor=office, now=at(5, 5)
    )
    sheets.sign_sheet(sheet, actor=office, now=at(5, 5))
    with pytest.raises(Refused, match="还缺区委办或区政府办签字"):
        sheets.send_sheet(sheet, actor=office, now=at(5, 5))
    sheets.sign_sheet(sheet, actor=acting(cast, with_office), now=at(5, 6))
    sheet = sheets.send_sheet(sheet, actor=office, now=at(5, 6))
    assert Document.objects.get(instrument="supervision_circular") == sheet.document
    assert WorkTask.objects.get().unit == cast.organisation("urban_management")


@pytest.mark.clause("JJ-3.0-1")
def test_twenty_five_tasks_are_divided_and_those_without_feedback_are_named(cast):
    rows = board.division(cast.county.path, now=at(5, 5), on=date(2022, 5, 5))
    led = Counter(role for one in rows for role in one.lead)
    assert len(rows) == 25
    assert (led["housing"], led["urban_management"], led["discipline_office"]) == (20, 1, 1)
    assert sum(1 for one in rows if one.joint) == 5
    assert sum(1 for one in rows if one.joint and "housing" in one.lead) == 3
    assert all(one.silent for one in rows)
    name = rows[1].task
    task = given(cast, due_on=date(2022, 5, 20), now=at(5, 5), division=name)
    tasks.feed_back(task, text="排查了一半", actor=cast.actor("urban_management"), now=at(5, 10))
    row = next(one for one in board.division(cast.county.path, now=at(5, 10), on=date(2022, 5, 5)) if one.task == name)
    assert (row.total, row.completed, row.silent) == (1, 0, False)


@pytest.mark.clause("JH-4.1b")
def test_the_coordination_of_three_sides_is_the_towns_and_the_communitys(db):
    now = at(5, 5).replace(year=2025)
    cast = build(now, county="330782", pack="jinhua")
    given = {"title": "建立三方协同机制", "due_on": date(2025, 6, 1), "division": "三方协同机制建设",
             "actor": cast.actor("leading_group_office"), "now": now}  # fmt: skip
    with pytest.raises(Refused, match="应交给") as refused:
        tasks.give_task(unit=cast.organisation("property_company"), **given)
    assert "JH-4.1b" in refused.value.clause
    for role in ("street_office", "community_committee"):
        assert tasks.give_task(unit=cast.organisation(role), **given).unit.role == role


@pytest.mark.clause("MX-3.1.2-1", "MX-3.2.2-1")
def test_a_matter_of_the_county_is_not_given_to_a_street(db):
    now = at(5, 5).replace(year=2023)
    cast = build(now, county="610326", pack="meixian")
    given_to_street = {
        "title": "制定收费政策",
        "due_on": date(2023, 6, 1),
        "division": "收费政策和政府指导价",
        "actor": cast.actor("leading_group_office"),
        "now": now,
    }
    with pytest.raises(Refused, match="不在.*职责内，应交给县发改局") as refused:
        tasks.give_task(unit=cast.organisation("street_office"), **given_to_street)
    assert "MX-3.2.2-1" in refused.value.clause
    own = {**given_to_street, "division": "承接查验监督备案", "title": "监督承接查验"}
    assert tasks.give_task(unit=cast.organisation("street_office"), **own).unit.role == "street_office"
    done = tasks.give_task(unit=cast.organisation("development_reform"), **given_to_street)
    assert done.division == "收费政策和政府指导价"


@pytest.mark.clause("MX-3.2.7-1")
def test_one_form_gives_a_task_for_each_of_the_estates_and_the_board_counts_them_by_their_words(cast, client):
    for number in range(1, 21):
        registry.register_estate(
            community=cast.community, name=f"病媒小区{number:02d}", estate_type="commercial", actor=SYSTEM, now=at(5, 5)
        )
    names = "\n".join(f"病媒小区{number:02d}" for number in range(1, 21))
    client.force_login(cast.user(OFFICE))
    page = reverse("accountability:give")
    given = {"title": "突发公卫消杀", "unit": cast.organisation("health").pk, "due_on": LAST_DAY, "source": "hand"}
    wrong = client.post(page, {**given, "estates": f"{names}\n没有的小区", "form_key": "k1"})
    assert wrong.status_code == 422 and "辖区里没有：没有的小区" in wrong.content.decode()
    assert not WorkTask.objects.exists()
    done = client.post(page, {**given, "estates": names, "form_key": "k2"})
    assert done.status_code == 303
    assert "words=" in done["Location"]
    rows = list(WorkTask.objects.order_by("pk"))
    assert len({row.estate_id for row in rows}) == 20
    WorkTask.objects.filter(pk__in=[row.pk for row in rows[:15]]).update(state="done")
    tasks.give_task(
        title="别的事",
        unit=cast.organisation("health"),
        due_on=date.fromisoformat(LAST_DAY),
        actor=cast.actor(OFFICE),
        now=at(5, 5),
    )
    board_page = client.get(done["Location"]).content.decode()
    assert "75.0%" in board_page and "病媒小区01" in board_page and "别的事" not in board_page
