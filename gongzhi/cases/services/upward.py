"""Reporting a case to the next level, which signs for it; and asking for time, a pause, or a striking-out."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from gongzhi.cases.codes import APPROVALS, HOTLINE_DEADLINE
from gongzhi.cases.models import Approval, Case, Part, Report, State
from gongzhi.cases.models.case import level_rank
from gongzhi.cases.queries import asking
from gongzhi.cases.services.acting import (
    ENDS_OF_ANSWER,
    act,
    add_files,
    emit,
    join,
    leave,
    required_text,
    set_desk,
    tell_unit,
    unit_for,
)
from gongzhi.cases.services.repeats import recount_later
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.refs import Ref
from gongzhi.duties import services as duties
from gongzhi.duties.models import Duty

LONGEST_SUSPENSION_DAYS = 365


@act("report_up")
def report_up(
    case: Case, *, to: str = "", papers: Iterable[Any] = (), reason: str, actor: Actor, now: datetime
) -> Case:
    """To the next level, or to whom the place's document names for the role; `to` a role there. Signed for before
    anything else is done. Levels are not skipped."""
    reason = required_text(reason, "reason", "请写明上报的事由。")
    answer = asking.ask_case(case, "cases.superior", role=actor.role)
    named = str(answer.value) if answer.ok else ""
    to = to or named
    if not to:
        raise Refused("superior", "请选择上报给哪个单位。", fields={"to": "请选择上级单位。"})
    own = level_rank(asking.role_level(actor.role, case))
    step = level_rank(asking.role_level(to, case)) - own
    if step > 1 and to != named:
        raise Refused(
            "one_level",
            "只能逐级上报，不能越级。请先报上一级。",
            clause=answer.clauses or None,
            fields={"to": "请选择上一级单位。"},
        )
    if step < 0:
        raise Refused("downward", "上报要报给上级单位。", fields={"to": "请选择上级单位。"})
    unit = unit_for(to, case)
    if actor.organisation is not None and unit.pk == actor.organisation.pk:
        raise Refused("superior", "不能上报给本单位。", fields={"to": "请选择上级单位。"})
    Report.objects.create(
        case=case,
        from_organisation=actor.organisation,
        from_role=actor.role,
        to_organisation=unit,
        to_role=to,
        reason=reason,
        reported_at=now,
        demo=case.demo,
    )
    case.state_before = case.state if case.state != State.AWAITING_SIGN else case.state_before
    case.state = State.AWAITING_SIGN
    join(case, unit, to, part=Part.SUPERIOR, now=now)
    add_files(papers, case=case, item="registration", actor=actor, now=now)
    emit(
        case,
        kind="reported_up",
        title=f"上报{unit}",
        actor=actor,
        now=now,
        text=reason,
        told=f"已上报{unit}。",
        clauses=answer.clauses,
        to=to,
        by=actor.role,
        by_level=asking.role_level(actor.role, case),
    )
    tell_unit(case, unit, "case.reported_up", text=f"{case.number}上报贵单位，请签收。", now=now)
    return case


@act("sign_report")
def sign_report(case: Case, *, actor: Actor, now: datetime) -> Case:
    """The superior takes the case over: it hands it out or works on it."""
    report = Report.objects.select_for_update().get(case=case, signed_at=None)
    if actor.organisation is None or report.to_organisation_id != actor.organisation.pk:
        raise Refused("not_addressee", f"这件是上报给{report.to_organisation}的，由它签收。")
    report.signed_at, report.signed_by, report.signed_label = now, actor.user, actor.label[:200]
    report.save()
    leave(case, Part.LEAD, now=now)
    case.lead, case.lead_role, case.reported_in_at = None, "", None
    set_desk(case, actor.organisation, report.to_role, now=now)
    answered_on_spot = case.on_spot and case.answered_at is not None
    case.state = State.ANSWERED if answered_on_spot else State.PENDING
    if answered_on_spot:
        join(case, actor.organisation, report.to_role, part=Part.LEAD, now=now)
        case.lead, case.lead_role = actor.organisation, report.to_role
    case.state_before = ""
    emit(
        case,
        kind="report_signed",
        title=f"{actor.organisation}签收",
        actor=actor,
        now=now,
        told=f"{actor.organisation}已签收。",
        by=actor.role,
        to=report.from_role,
    )
    tell_unit(
        case,
        report.from_organisation,
        "case.report_signed",
        text=f"{case.number}已由{actor.organisation}签收。",
        now=now,
    )
    return case


def _ask(case: Case, which: str, *, reason: str, days: int | None, actor: Actor, now: datetime) -> Approval:
    reason = required_text(reason, "reason", f"请写明{APPROVALS[which]}的理由。")
    answer = asking.ask_case(case, "cases.approval", act=which)
    return Approval.objects.create(
        case=case,
        act=which,
        reason=reason,
        days=days,
        asked_by=actor.user,
        asked_label=actor.label[:200],
        asked_at=now,
        clauses=list(answer.clauses) if answer.ok else [],
        demo=case.demo,
    )


def _decide(case: Case, which: str, *, allowed: bool, note: str, actor: Actor, now: datetime) -> Approval:
    if not allowed:
        note = required_text(note, "note", "不同意的请写明理由。")
    row = Approval.objects.select_for_update().get(case=case, act=which, state="asked")
    row.state = "allowed" if allowed else "refused"
    row.decided_by, row.decided_label, row.decided_at, row.note = actor.user, actor.label[:200], now, note
    row.save()
    if not allowed:
        emit(
            case,
            kind="approval_refused",
            title=f"不同意{APPROVALS[which]}",
            actor=actor,
            now=now,
            text=note,
            act=which,
            by=actor.role,
        )
        tell_unit(
            case, case.lead, "case.approval_refused", text=f"{case.number}的{APPROVALS[which]}申请未获同意。", now=now
        )
    return row


@act("ask_extension")
def ask_extension(case: Case, *, days: int | None = None, reason: str, actor: Actor, now: datetime) -> Case:
    """More time for the answer, where the pack knows such a thing."""
    duty = answer_duty(case)
    if duty is not None:
        duties.ask_extension(duty, reason=reason, actor=actor, now=now, consent="case.extended")
    _ask(case, "extension", reason=reason, days=days, actor=actor, now=now)
    emit(case, kind="extension_asked", title="申请延期", actor=actor, now=now, text=reason, days=days or 0)
    return case


@act("decide_extension")
def decide_extension(
    case: Case, *, allowed: bool, note: str = "", days: int | None = None, actor: Actor, now: datetime
) -> Case:
    """`days`: another number than was asked for."""
    row = _decide(case, "extension", allowed=allowed, note=note, actor=actor, now=now)
    if days is not None:
        row.days = days
        row.save(update_fields=["days"])
    duty = answer_duty(case)
    if duty is not None:
        reason = note.strip() or row.reason
        duties.decide_extension(duty, approve=allowed, reason=reason, days=row.days, actor=actor, now=now)
    if allowed:
        emit(
            case,
            kind="extended",
            title="批准延期",
            actor=actor,
            now=now,
            text=note,
            told="经批准，办理期限延长。",
            by=actor.role,
            also={"for": f"{row.days or 0}d"},
        )
    return case


def ask_extension_of(subject: Ref, **given: Any) -> None:
    """From the desk, over the clock of the answer."""
    ask_extension(Case.objects.get(pk=subject.id), **given)


def decide_extension_of(subject: Ref, **given: Any) -> None:
    decide_extension(Case.objects.get(pk=subject.id), **given)


def answer_duty(case: Case) -> Duty | None:
    """The running duty that the final answer closes."""
    rows = Duty.objects.filter(
        subject_kind="case",
        subject_id=str(case.pk),
        closed_at=None,
        until_kinds__contains=["case.answered"],
        until_kinds__contained_by=ENDS_OF_ANSWER,
    ).exclude(rule=HOTLINE_DEADLINE)
    return rows.order_by("due_at").first()


@act("ask_suspension")
def ask_suspension(case: Case, *, days: int | None = None, reason: str, actor: Actor, now: datetime) -> Case:
    _ask(case, "suspension", reason=reason, days=days, actor=actor, now=now)
    emit(case, kind="suspension_asked", title="申请挂起", actor=actor, now=now, text=reason)
    return case


@act("decide_suspension")
def decide_suspension(case: Case, *, allowed: bool, note: str = "", actor: Actor, now: datetime) -> Case:
    _decide(case, "suspension", allowed=allowed, note=note, actor=actor, now=now)
    if allowed:
        case.state_before, case.state, case.suspended_at = case.state, State.SUSPENDED, now
        emit(
            case,
            kind="suspended",
            title="批准挂起",
            actor=actor,
            now=now,
            text=note,
            told="经批准，暂停办理。",
            by=actor.role,
        )
    return case


@act("resume")
def resume(case: Case, *, note: str = "", actor: Actor, now: datetime) -> Case:
    case.state, case.state_before, case.suspended_at = case.state_before or State.HANDLING, "", None
    emit(case, kind="resumed", title="恢复办理", actor=actor, now=now, text=note, told="已恢复办理。")
    return case


@act("ask_void")
def ask_void(case: Case, *, reason: str, actor: Actor, now: datetime) -> Case:
    _ask(case, "void", reason=reason, days=None, actor=actor, now=now)
    emit(case, kind="void_asked", title="申请作废", actor=actor, now=now, text=reason)
    return case


@act("decide_void")
def decide_void(case: Case, *, allowed: bool, note: str = "", actor: Actor, now: datetime) -> Case:
    """Struck out, never deleted: number, day of receipt and reason stay in the register."""
    row = _decide(case, "void", allowed=allowed, note=note, actor=actor, now=now)
    if allowed:
        case.state, case.void_reason = State.VOIDED, row.reason[:200]
        emit(
            case,
            kind="voided",
            title="批准作废",
            actor=actor,
            now=now,
            text=row.reason,
            told="经批准，本件作废。",
            by=actor.role,
        )
        recount_later(case)
    return case
