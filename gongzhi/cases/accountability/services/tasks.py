"""交办任务: give, sign for, feed back, visit, report done, verify, censure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from gongzhi.cases.accountability.models import Plan, WorkTask, WorkTaskEntry
from gongzhi.cases.accountability.models.tasks import RUNNING, TaskState
from gongzhi.cases.accountability.queries.tasks import DIVISION
from gongzhi.cases.accountability.services.common import (
    MINUTE,
    issue,
    locked,
    next_number,
    note,
    of_unit,
    save,
    text_of,
)
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.display import due_moment_words, role_name
from gongzhi.core.errors import Refused
from gongzhi.core.models import Document, Event, Organisation
from gongzhi.duties import services as duties
from gongzhi.duties.models import Duty
from gongzhi.registry.models import Estate
from gongzhi.registry.queries import organisation_for

ORDER = "task_order"
CENSURE = "censure_notice"
DECEMBER = 12
LONGEST_TITLE = 120


@dataclass(frozen=True)
class PlanLine:
    """One piece of the plan for one unit, in each of the months."""

    title: str
    unit: Organisation
    months: Sequence[int]
    division: str = ""


@transaction.atomic
def give_task(
    *,
    title: str,
    unit: Organisation,
    due_on: date,
    source: str = "hand",
    text: str = "",
    division: str = "",
    plan: Plan | None = None,
    estate: Estate | None = None,
    actor: Actor,
    now: datetime,
) -> WorkTask:
    """`estate`: what the task is about, where it is about one; it then stands in the estate's file."""
    core.require(actor, "accountability.hand_out", unit)
    giver = actor.organisation
    if giver is None or giver.pk == unit.pk:
        raise Refused("own_unit", "交办要有另一个单位来办。", fields={"unit": "请选别的单位"})
    title = text_of(title, "title", "请写明办什么事。")
    _within_duties(unit, division, on=local_day(now))
    row = WorkTask.objects.create(
        number=next_number(actor.place_path, letter="R", now=now),
        source=source,
        title=title,
        text=text.strip(),
        unit=unit,
        given_by=giver,
        given_at=now,
        due_on=due_on,
        plan=plan,
        division=division,
        estate=estate,
        place_path=estate.place_path if estate is not None else unit.place_path,
        demo=actor.demo,
    )
    row.duty = _duty(row, title=title, due_on=due_on, actor=actor, now=now)
    row.save(update_fields=["duty"])
    note(row, event="task.given", actor=actor, now=now, due_on=due_on, **_named(row))
    _enter(row, "given", actor=actor, now=now, text=row.text)
    return row


@transaction.atomic
def give_tasks(
    *, estates: Sequence[Estate] = (), unit: Organisation | None = None, actor: Actor, now: datetime, **given: Any
) -> list[WorkTask]:
    """One task for each of the estates; without any, one that is about none. `given`: as for `give_task`.

    Without a unit it goes to the one that leads its line of the division.
    """
    unit = unit or _leading(str(given.get("division") or ""), actor, on=local_day(now))
    return [give_task(estate=one, unit=unit, actor=actor, now=now, **given) for one in estates or (None,)]


def _leading(division: str, actor: Actor, *, on: date) -> Organisation:
    answer = core.ask(DIVISION, {"task": division}, place_path=actor.place_path, on=on) if division else None
    leads = answer.value["lead"] if answer is not None and answer.ok and answer.value else ()
    found = next((unit for role in leads if (unit := organisation_for(role, actor.place_path)) is not None), None)
    if found is None:
        who = "、".join(core.role_name(one, place_path=actor.place_path, on=on) for one in leads)
        words = f"“{division}”由{who}牵头，请选是哪一个。" if who else "请选交办给哪个单位。"
        raise Refused("no_unit", words, fields={"unit": "请选单位"})
    return found


def _within_duties(unit: Organisation, division: str, *, on: date) -> None:
    """Refuses to give a unit what the local document gives to others alone; it says to whom."""
    if not division:
        return
    answer = core.ask(DIVISION, {"task": division}, place_path=unit.place_path, on=on)
    if not answer.ok or not answer.value.get("theirs_alone"):
        return
    named = [*answer.value["lead"], *answer.value["duty"]]
    if unit.role in named:
        return
    pack = core.pack_for(unit.place_path, on)
    words = f"“{division}”不在{unit.name}的职责内，应交给{'、'.join(role_name(one, pack) for one in named)}。"
    raise Refused("not_in_duties", words, tuple(answer.clauses), fields={"unit": "不在职责内"})


def _duty(row: WorkTask, *, title: str, due_on: date, actor: Actor, now: datetime) -> Duty:
    pack = core.pack_for(row.place_path, local_day(now))
    order = pack.instruments.get(ORDER) if pack is not None else None
    return duties.assign_task(
        title=title,
        owner=row.unit,
        due_on=due_on,
        subject=row.ref,
        clauses=tuple(order.clauses) if order is not None else (),
        note=row.text,
        actor=actor,
        now=now,
    )


def _named(row: WorkTask) -> dict[str, Any]:
    return {"number": row.number, "source": row.source, **of_unit(row.unit)}


def _enter(row: WorkTask, kind: str, *, actor: Actor, now: datetime, text: str = "", **more: Any) -> WorkTaskEntry:
    return WorkTaskEntry.objects.create(
        task=row,
        kind=kind,
        at=more.pop("at", now),
        actor_label=actor.label,
        organisation=actor.organisation,
        text=text,
        demo=row.demo,
        **more,
    )


@transaction.atomic
def publish_plan(*, year: int, title: str, lines: Sequence[PlanLine], actor: Actor, now: datetime) -> Plan:
    """Each line and month becomes a task of the unit, due on the last day of the month."""
    core.require(actor, "accountability.plan", actor.organisation)
    if not lines:
        raise Refused("empty", "计划里还没有任务。", fields={"title": "请至少填一行任务"})
    today = local_day(now)
    past = sorted({month for line in lines for month in line.months if end_of_month(year, month) < today})
    if past:
        named = "、".join(f"{month}月" for month in past)
        raise Refused("past_month", f"{year}年{named}已经过去，不能再下达那几个月的任务。")
    row, made = Plan.objects.get_or_create(
        office=actor.organisation,
        year=year,
        title=text_of(title, "title", "请写明计划名称。"),
        defaults={"published_at": now, "place_path": actor.place_path, "demo": actor.demo},
    )
    if not made:
        raise Refused("twice", "同名的年度计划已经下达。", fields={"title": "请换一个名称，如注明“补充”"})
    count = 0
    for line in lines:
        for month in sorted(set(line.months)):
            give_task(
                title=line.title,
                unit=line.unit,
                due_on=end_of_month(year, month),
                source="plan",
                division=line.division,
                plan=row,
                actor=actor,
                now=now,
            )
            count += 1
    note(row, event="plan.published", actor=actor, now=now, year=year, tasks=count)
    return row


def end_of_month(year: int, month: int) -> date:
    first = date(year + month // DECEMBER, month % DECEMBER + 1, 1)
    return first - timedelta(days=1)


@transaction.atomic
def sign_task(task: WorkTask, *, version: int | None = None, actor: Actor, now: datetime) -> WorkTask:
    row = locked(task, version=version)
    core.require(actor, "accountability.do_task", row.owing_side)
    if row.state != TaskState.GIVEN:
        raise Refused("signed", "这件任务已经签收。")
    row.state, row.signed_at = TaskState.SIGNED, now
    save(row)
    note(row, event="task.signed_for", actor=actor, now=now, **_named(row))
    _enter(row, "signed", actor=actor, now=now)
    return row


@transaction.atomic
def feed_back(
    task: WorkTask, *, text: str, file: Any = None, version: int | None = None, actor: Actor, now: datetime
) -> WorkTask:
    row = locked(task, version=version)
    core.require(actor, "accountability.do_task", row.owing_side)
    _owing(row)
    text = text_of(text, "text", "请写明进展。")
    stored = core.store_file(file, owner=row.ref, actor=actor, now=now) if file else None
    save(row)
    note(row, event="task.feedback_given", actor=actor, now=now, **_named(row))
    _enter(row, "feedback", actor=actor, now=now, text=text, file=stored)
    return row


@transaction.atomic
def report_done(
    task: WorkTask, *, text: str, file: Any = None, version: int | None = None, actor: Actor, now: datetime
) -> WorkTask:
    """The unit says it is done: its clock stops. `task_done` writes the rest, also when the desk marked the duty."""
    row = locked(task, version=version)
    core.require(actor, "accountability.do_task", row.owing_side)
    _owing(row)
    if row.duty is None:
        raise Refused("no_clock", "这件任务没有期限，请交办单位重新交办。")
    text = text_of(text, "text", "请写明办了什么、结果怎样。")
    if file:
        core.store_file(file, owner=row.ref, actor=actor, now=now)
    duties.fulfil(row.duty, note=text, actor=actor, now=now)
    row.refresh_from_db()
    return row


def task_done(event: Event) -> None:
    """Reaction: the duty of a task was marked done, on the task's page or on the desk."""
    kind, _, pk = str(event.data.get("about", "")).partition(":")
    if kind != "work_task" or not event.data.get("manual"):
        return
    row = WorkTask.objects.select_for_update(of=("self",)).filter(pk=pk, duty_id=event.subject_id).first()
    if row is None or row.state not in RUNNING:
        return
    row.state, row.done_at = TaskState.DONE, event.at
    save(row)
    actor = Actor(
        event.actor, event.organisation, event.actor_role, event.place_path, event.actor_label, demo=event.demo
    )
    note(row, event="task.reported_done", actor=actor, now=event.at, late=bool(event.data.get("late")), **_named(row))
    _enter(row, "done", actor=actor, now=event.at, text=row.duty.note if row.duty else "")


@transaction.atomic
def visit(
    task: WorkTask,
    *,
    spot: str,
    at: datetime,
    photo: Any,
    text: str,
    version: int | None = None,
    actor: Actor,
    now: datetime,
) -> WorkTask:
    """现场督办: a picture, the place and the time of it."""
    row = locked(task, version=version)
    core.require(actor, "accountability.verify", row.giving_side)
    spot = text_of(spot, "spot", "请写明照片拍摄的地点。")
    if photo is None:
        raise Refused("no_photo", "现场督办要有照片。", fields={"photo": "请上传现场照片。"})
    if at > now or at < row.given_at - MINUTE:
        raise Refused("visit_time", "督办时间应在交办之后、现在之前。", fields={"at": "请核对时间。"})
    stored = core.store_file(photo, owner=row.ref, actor=actor, now=now)
    if not stored.is_image:
        raise Refused("no_picture", "现场督办要上传照片，不收其他文件。", fields={"photo": "请选照片。"})
    save(row)
    note(row, event="task.visited", actor=actor, now=now, **_named(row))
    _enter(row, "visited", actor=actor, now=now, at=at, spot=spot, file=stored, text=text.strip())
    return row


@transaction.atomic
def verify_task(
    task: WorkTask,
    *,
    passed: bool,
    text: str,
    due_on: date | None = None,
    version: int | None = None,
    actor: Actor,
    now: datetime,
) -> WorkTask:
    """Passed, or to be done again by a new day. Failed work may be censured though it was on time."""
    row = locked(task, version=version)
    core.require(actor, "accountability.verify", row.giving_side)
    if row.state != TaskState.DONE:
        raise Refused("not_done", "责任单位还没有报结，不能验收。")
    text = text_of(text, "text", "请写明验收情况。")
    row.verified_at = now
    if passed:
        row.state = TaskState.PASSED
    else:
        if due_on is None:
            raise Refused("no_day", "验收不合格要给返工期限。", fields={"due_on": "请填返工期限。"})
        row.state, row.failures, row.due_on = TaskState.FAILED, row.failures + 1, due_on
        row.duty = _duty(row, title=f"返工：{row.title}"[:LONGEST_TITLE], due_on=due_on, actor=actor, now=now)
    save(row)
    note(row, event="task.verified", actor=actor, now=now, passed=passed, **_named(row))
    _enter(row, "passed" if passed else "failed", actor=actor, now=now, text=text)
    return row


@transaction.atomic
def censure_task(task: WorkTask, *, reason: str, version: int | None = None, actor: Actor, now: datetime) -> WorkTask:
    """通报: of failed work at once; of late work only where the pack lets it skip the earlier steps."""
    row = locked(task, version=version)
    core.require(actor, "accountability.censure", row)
    reason = text_of(reason, "reason", "请写明通报的事实。")
    if row.failures and row.state == TaskState.FAILED:
        row.censure = _censure_now(row, actor=actor, now=now)
    elif row.overdue(now):
        row.censure = _censure_by_ladder(row, actor=actor, now=now)
    else:
        raise Refused("no_ground", "任务没有逾期，也没有验收不合格，不能通报。")
    row.censured_at = now
    save(row)
    _enter(row, "censured", actor=actor, now=now, text=reason, file=row.censure.file if row.censure else None)
    return row


def _censure_now(row: WorkTask, *, actor: Actor, now: datetime) -> Document:
    due = due_moment_words(row.duty.due_at) if row.duty and row.duty.due_at else ""
    values = {"owner": row.unit.name, "duty": "验收不合格", "due": due, "new_due": due}
    document = issue(
        CENSURE, subject=row.ref, to=[row.unit], values=values, place_path=row.place_path, actor=actor, now=now
    )
    note(
        row,
        event="censure.issued",
        actor=actor,
        now=now,
        about=row.ref.key,
        document=document.pk,
        number=document.number,
        **of_unit(row.unit),
    )
    return document


def _censure_by_ladder(row: WorkTask, *, actor: Actor, now: datetime) -> Document | None:
    answer = core.ask("cases.direct_censure", {"source": row.source}, place_path=row.place_path, on=local_day(now))
    if not answer.ok or answer.value is not True:
        raise Refused(
            "steps_first",
            "逾期的任务先抄告、再督办、再通报，到期由平台逐级出文，不能跳级。",
            clause=tuple(answer.clauses) if answer.ok else (),
        )
    note(row, event="task.censure_ordered", actor=actor, now=now, **_named(row))
    return (
        Document.objects.filter(subject_kind="work_task", subject_id=str(row.pk), instrument=CENSURE)
        .order_by("-pk")
        .first()
    )


def _owing(row: WorkTask) -> None:
    if row.state not in RUNNING:
        raise Refused("not_owing", f"这件任务现在是“{row.get_state_display()}”，不用再办。")
