"""A line of the register is reported: it becomes a case of the unit that deals with it."""

from datetime import datetime

from django.db import transaction

from gongzhi.cases.codes import FOUND
from gongzhi.cases.models import Case, Problem, ProblemReport, State
from gongzhi.cases.models.problems import REPORT_REASONS
from gongzhi.cases.queries.reporting import minutes_between, reporting_rule
from gongzhi.cases.services.acting import emit, tell_unit
from gongzhi.cases.services.intake import receive_complaint
from gongzhi.cases.services.opening import MatterInput, assigned_data, core_clauses, hand_out
from gongzhi.cases.services.problems import check_clue, enter_line, locked_line
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation

UNKNOWN = "other"


@transaction.atomic
def report_problem(
    problem: Problem, *, reason: str, to: Organisation, at: datetime | None = None, actor: Actor, now: datetime
) -> Problem:
    """Reported because stopping did not help or the keeper cannot deal with it: from here on it is a case of the unit
    it was told to, or of the one that leads such matters. `at`: when it was told, if written down afterwards."""
    row = locked_line(problem, "problems.handle", actor)
    on, moment = local_day(now), at or now
    if reason not in REPORT_REASONS:
        raise Refused("report_reason", "请选择“制止无效”或“处理不了”。", fields={"reason": "请选择上报原因。"})
    if row.reported_up_at is not None:
        raise Refused("reported_already", f"已经上报{row.reported_to}。")
    rule, clauses = reporting_rule(row, on=on)
    if not rule.get("may", True):
        raise Refused("stopped_already", "劝阻已经有效，只存档，不移送。", clause=clauses)
    if rule.get("notice_first") and row.violation and not row.notices.exists():
        raise Refused("no_notice", "请先出具劝阻告知书再上报；出具时可以一并上报。", clause=clauses)
    if moment > now or (row.stopped_at is not None and moment < row.stopped_at) or moment < row.found_at:
        raise Refused("report_time", "上报时间应在发现、制止之后，现在之前。", fields={"at": "请核对时间。"})
    check_clue(row, on, minutes=minutes_between(row.stopped_at, moment) if row.stopped_at else None)
    row.reported_up_at, row.reported_to, row.report_reason = moment, to, reason
    row.save()
    ProblemReport.objects.create(problem=row, organisation=to, role=to.role, at=moment, demo=row.demo)
    row.opened_case = open_reported(row, to, now=now)
    enter_line(
        row,
        kind="reported_up",
        title=f"上报{to}",
        actor=actor,
        now=now,
        text=REPORT_REASONS[reason],
        to=to.role,
        reason=reason,
        case=row.opened_case.number,
    )
    core.notify(
        to=to, template="problem.reported", text=f"{row.estate}上报问题{row.number}，请依法处理。", ref=row.ref, now=now
    )
    return row


@transaction.atomic
def tell_beside(problem: Problem, *, to: Organisation, actor: Actor, now: datetime) -> Problem:
    """Another level learns of a line that was reported; who deals with it stays the same."""
    row = locked_line(problem, "problems.handle", actor)
    if row.reported_up_at is None:
        raise Refused("not_reported", "先上报，再告诉其他各级。")
    if row.reports.filter(organisation=to).exists():
        raise Refused("told_already", f"已经告诉{to}。", fields={"to": "已经告诉过"})
    ProblemReport.objects.create(problem=row, organisation=to, role=to.role, at=now, demo=row.demo)
    enter_line(row, kind="told_beside", title=f"同时报告{to}", actor=actor, now=now, to=to.role)
    core.notify(
        to=to,
        template="problem.told",
        text=f"{row.estate}有违法行为{row.number}，已上报{row.reported_to}。",
        ref=row.ref,
        now=now,
    )
    return row


def open_reported(row: Problem, to: Organisation, *, now: datetime) -> Case:
    """The case: with the department that leads such matters at once, else waiting at the unit that was told."""
    facts = {"reported_by": row.keeper.role, "extent": row.extent or None}
    complaint = receive_complaint(
        channel=FOUND,
        estate=row.estate,
        text=_text(row),
        location=row.spot,
        matters=[MatterInput(matter=row.matter or UNKNOWN, title="", text=_text(row), facts=facts)],
        received_at=row.reported_up_at or now,
        extra={"reported_line": row.number},
        desk=to,
        actor=Actor.system(demo=row.demo),
        now=now,
    )
    case = complaint.cases.get()
    if case.state == State.PENDING and not case.needs and case.route_lead == to.role:
        hand_out(case, to, to.role, now=now)
        emit(
            case, kind="assigned", title=f"{row.keeper}上报，直接到{to}", actor=Actor.system(demo=row.demo), now=now,
            told=f"已到{to}，由它办理。", clauses=core_clauses(case), **assigned_data(case, by=row.keeper.role),
        )  # fmt: skip
        tell_unit(case, to, "case.assigned", text=f"{case.number} {case.title}，请报到签收。", now=now)
    return case


def _text(row: Problem) -> str:
    stopped = ""
    if row.stopped_at is not None:
        effect = {True: "，已停止", False: "，没有停止", None: ""}[row.stop_effective]
        stopped = f"劝阻：{row.stopped_how}{effect}。"
    return f"{row.text}。{stopped}".replace("。。", "。")
