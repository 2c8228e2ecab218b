"""The registers are kept by the database; demonstration rows alone go, and all of them."""

from dataclasses import replace
from datetime import date

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from gongzhi.cases.accountability import models
from gongzhi.cases.accountability.models import Clue, WorkTask
from gongzhi.cases.accountability.services import inspections, sheets, tasks, trust
from gongzhi.cases.accountability.services.sheets import ItemInput
from gongzhi.cases.accountability.services.tasks import PlanLine
from gongzhi.cases.accountability.tests.steps import OFFICE, at, clock, duty_of, given
from gongzhi.site.demo import removal


def fill(cast, *, demo):
    office = replace(cast.actor(OFFICE), demo=demo)
    found = inspections.open_inspection(title="抽查", draw=1, actor=office, now=at(5, 5))
    unit = cast.organisation("market_regulation")
    finding = inspections.note_finding(found, unit=unit, text="台账不全", days=5, actor=office, now=at(5, 5))
    inspections.send_finding(finding, actor=office, now=at(5, 5))
    tasks.publish_plan(year=2022, title=f"计划{demo}", lines=[PlanLine("培训", unit, [6])], actor=office, now=at(5, 5))
    task = tasks.give_task(title="排查", unit=unit, due_on=date(2022, 5, 13), actor=office, now=at(5, 5))
    items = [ItemInput("清理", unit, date(2022, 5, 30))]
    sheet = sheets.draft_sheet(kind="order", title="交办", origin="纪要", items=items, actor=office, now=at(5, 5))
    sheets.sign_sheet(sheet, actor=cast.actor("county_leader"), now=at(5, 5))
    sheets.send_sheet(sheet, actor=office, now=at(5, 6))
    clock(at(5, 14))
    duty = duty_of(task)
    trust.find_duty_shirked(duty, reason="推给别人", actor=office, now=at(5, 14, 10))
    talk = trust.open_talk(duty, person="局长", planned_at=at(5, 20), room="会议室", actor=office, now=at(5, 15))
    trust.refer(duty, reason="推诿", talk=talk, actor=office, now=at(5, 15))
    trust.record_clue(unit=unit, position="科员", behaviour="abuse", text="越权", actor=office, now=at(5, 15))
    return task


def counts():
    names = [name for name in models.__all__ if name not in ("CensureReview", "MajorConflict", "NoticeBoard")]
    return {name: apps.get_model("cases", name).objects.count() for name in names}


def test_removing_the_demonstration_takes_its_accountability_and_leaves_what_is_real(cast):
    fill(cast, demo=False)
    real = counts()
    assert all(real.values()), real
    fill(cast, demo=True)
    assert counts() != real
    removal.remove()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert counts() == real


@pytest.mark.clause("JJ-5.3-7")
def test_no_line_of_a_register_is_deleted_and_no_entry_rewritten(cast):
    task = given(cast, due_on=date(2022, 5, 20), now=at(5, 5))
    office = cast.actor(OFFICE)
    unit = cast.organisation("police")
    clue = trust.record_clue(unit=unit, position="科员", behaviour="abuse", text="越权", actor=office, now=at(5, 5))
    entry = task.entries.get()
    for statement in (
        lambda: Clue.objects.filter(pk=clue.pk).delete(),
        lambda: WorkTask.objects.filter(pk=task.pk)._raw_delete("default"),
        lambda: task.entries.filter(pk=entry.pk).update(text="改写"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            statement()
