"""Spending without a claim: asked for, approved by somebody else, paid on a voucher; projects step by step."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Place, StoredFile
from gongzhi.core.money import FEN_PER_YUAN
from gongzhi.funds.common.apart import refuse_apart
from gongzhi.funds.public_money.models import Budget, ProjectStep, PublicExpense, PublicProject
from gongzhi.funds.public_money.queries import (
    expense_apart,
    expense_roles,
    may_withdraw,
    next_project_step,
    project_apart,
    project_done,
    project_right,
    project_roles,
)
from gongzhi.funds.public_money.services.budgeting import commit_from, pay_out, release
from gongzhi.funds.public_money.services.claiming import CONFLICT_STATUS
from gongzhi.funds.public_money.words import EXPENSE_KINDS, PROJECT_STEPS
from gongzhi.policy.checks import Finding
from gongzhi.registry.models import Estate
from gongzhi.registry.queries import fact


@dataclass(frozen=True)
class Spending:
    """What is asked for. `project`: the one that it pays for."""

    kind: str
    amount_fen: int
    text: str
    payee: str
    on: date
    estate: Estate | None = None
    project: PublicProject | None = None
    paper: StoredFile | None = None


@transaction.atomic
def ask_expense(budget: Budget, *, given: Spending, actor: Actor, now: datetime) -> PublicExpense:
    """Asks for money out of an item. Refuses `check_failed` by the pack's checks on `funds.expense`."""
    core.require(actor, "money.expense", given.estate or budget)
    if given.kind not in EXPENSE_KINDS or given.amount_fen <= 0:
        raise Refused("expense", "请选用途并填金额。", fields={"kind": "请选用途"})
    row = PublicExpense(
        budget=budget, kind=given.kind, estate=given.estate, project=given.project, amount_fen=given.amount_fen,
        text=given.text.strip(), payee=given.payee.strip(), on=given.on, asked_by=actor.user, asked_label=actor.label,
        paper=given.paper, place_path=(given.estate or budget).place_path, demo=actor.demo,
    )  # fmt: skip
    _check(row, "ask", actor, on=given.on)
    row.save()
    _tell(row, "expense.asked", actor, now)
    return row


@transaction.atomic
def approve_expense(
    expense: PublicExpense, *, agreed: bool, opinion: str, version: int | None, actor: Actor, now: datetime
) -> PublicExpense:
    """审批: a yes commits the money. Who asked does not approve. Refuses `kept_apart`, `above_appropriation`."""
    row = _locked(expense, ("asked",), version)
    core.require(actor, "money.approve", row.budget)
    on = core.local_day(now)
    _check(row, "approve", actor, on=on)
    _check_apart(row, "approve", actor, on)
    if not agreed and not opinion.strip():
        raise Refused("note_missing", "不同意要写明理由。", fields={"opinion": "请写理由"})
    row.approved_by, row.approved_label, row.opinion = actor.user, actor.label, opinion.strip()
    row.state = "approved" if agreed else "refused"
    if agreed:
        _, row.committed = commit_from(
            row.budget, amount_fen=row.amount_fen, on=max(on, date(row.budget.year, 1, 1)), key=f"expense:{row.pk}",
            text=row.text, source=row.ref, actor=actor, now=now,
        )  # fmt: skip
    row.version += 1
    row.save()
    _tell(row, "expense.approved", actor, now, agreed=agreed)
    return row


@transaction.atomic
def pay_expense(
    expense: PublicExpense, *, on: date, voucher: StoredFile | None, version: int | None, actor: Actor, now: datetime
) -> PublicExpense:
    """支付, by another than who approved.

    Refuses `kept_apart`, `voucher`, and `check_failed` where the pack wants a finished project or less than was asked.
    """
    row = _locked(expense, ("approved",), version)
    core.require(actor, "money.pay", row.budget)
    _check_apart(row, "pay", actor, core.local_day(now))
    _check(row, "pay", actor, on=on, voucher=voucher)
    if voucher is None:
        raise Refused("voucher", "缺支付凭证，不能登记为已支付。", fields={"voucher": "请上传凭证"})
    if on > core.local_day(now):
        raise Refused("paid_on", "支付日期不能晚于今天。", fields={"on": "不能晚于今天"})
    row.paid = pay_out(
        row.budget, amount_fen=row.amount_fen, on=on, key=f"expense:{row.pk}", text=f"{row.text} 付{row.payee}",
        source=row.ref, actor=actor, now=now,
    )  # fmt: skip
    row.paid_on, row.voucher, row.state, row.version = on, voucher, "paid", row.version + 1
    row.save()
    _tell(row, "expense.paid", actor, now, on=on)
    return row


@transaction.atomic
def withdraw_expense(
    expense: PublicExpense, *, reason: str, version: int | None, actor: Actor, now: datetime
) -> PublicExpense:
    """撤回 of what was not paid, by who asked or by whoever may approve; money that was committed is free again.

    Refuses `forbidden`, `note_missing`, and `expense_state` once it was paid, refused or withdrawn.
    """
    row = _locked(expense, ("asked", "approved"), version)
    if not may_withdraw(row, actor):
        core.require(actor, "money.approve", row.budget)
    if not reason.strip():
        raise Refused("note_missing", "撤回要写明理由。", fields={"reason": "请写理由"})
    on = core.local_day(now)
    if row.committed is not None:
        text = f"{row.text} 撤回，退回指标"
        release(row.committed, on=max(on, row.committed.booked_on), text=text, actor=actor, now=now)
    was = row.state
    row.state, row.withdrawn_label, row.withdrawn_on = "withdrawn", actor.label, on
    row.withdrawn_reason, row.version = reason.strip(), row.version + 1
    row.save()
    _tell(row, "expense.withdrawn", actor, now, reason=row.withdrawn_reason, committed=was == "approved")
    return row


def _check_apart(row: PublicExpense, step: str, actor: Actor, on: date) -> None:
    before, roles = expense_apart(row, step, actor, on=on), expense_roles(step)
    refuse_apart(before, roles=roles, actor=actor, place_path=row.budget.place_path, on=on)


def _locked(expense: PublicExpense, states: tuple[str, ...], version: int | None) -> PublicExpense:
    row = PublicExpense.objects.select_for_update(of=("self",)).select_related(
        "budget__place", "estate", "project", "committed"
    ).get(pk=expense.pk)  # fmt: skip
    if row.state not in states:
        raise Refused("expense_state", f"这一笔现在是“{row.get_state_display()}”，不能再办。", status=CONFLICT_STATUS)
    core.check_version(row, version)
    return row


def _check(row: PublicExpense, step: str, actor: Actor, *, on: date, voucher: StoredFile | None = None) -> None:
    facts: dict[str, Any] = {
        "kind": row.kind,
        "item": row.budget.item,
        "payer": row.budget.payer,
        "amount": row.amount_fen,
        "amount_yuan": Decimal(row.amount_fen) / FEN_PER_YUAN,
        "by_asker": actor.user is not None and actor.user.pk == row.asked_by_id,
        "voucher": voucher is not None,
        "step": step,
        "project_closed": row.project is not None and row.project.state == "closed",
        "within_project": row.project is None or _within(row),
    }
    if row.estate is not None:
        facts["estate_type"] = row.estate.estate_type
        high = fact(row.estate.ref, "high_rise", on)
        if high is not None:
            facts["high_rise"] = high
    core.run_checks("funds.expense", facts, place_path=row.place_path, on=on)


def _within(row: PublicExpense) -> bool:
    """Together with what was approved for the project already, no more than was audited."""
    project = row.project
    if project is None or project.audited_fen is None:
        return False
    others = project.expenses.filter(state__in=("approved", "paid")).exclude(pk=row.pk)
    return sum(others.values_list("amount_fen", flat=True)) + row.amount_fen <= project.audited_fen


def _tell(row: PublicExpense, kind: str, actor: Actor, now: datetime, **data: Any) -> None:
    core.record(
        kind,
        subject=row.ref,
        actor=actor,
        at=now,
        place_path=row.place_path,
        data={"kind": row.kind, "item": row.budget.item, "amount": row.amount_fen, "asker": actor.role, **data},
    )


# -- projects ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class ProjectMove:
    """What is known of a step of a project. `team_tendered`: the contractor is one of the tendered repair teams."""

    on: date
    note: str = ""
    file: StoredFile | None = None
    contractor: str = ""
    selected: str = ""
    quoted_fen: int | None = None
    audited_fen: int | None = None
    plan_agreed: bool = True
    team_tendered: bool = True


def urgent_kinds(place_path: str, on: date) -> list[str]:
    """The emergencies in which a project may work first and be agreed to afterwards."""
    answer = core.ask("funds.urgent_kinds", {}, place_path=place_path, on=on)
    return list(answer.value) if answer.ok and answer.value else []


@transaction.atomic
def begin_project(
    place: Place, *, estate: Estate | None, title: str, year: int, estimate_fen: int, emergency: str = "",
    actor: Actor, now: datetime,
) -> PublicProject:  # fmt: skip
    """Begins a project with the steps that the pack asks for. One in an emergency, which is one of those that the pack
    names, works first and is agreed to afterwards."""
    where = estate or place.ref
    core.require(actor, "money.project", where)
    if estimate_fen <= 0 or not title.strip():
        raise Refused("project", "请填项目名称和预算。", fields={"title": "请填名称"})
    path, on = where.place_path, core.local_day(now)
    if emergency and emergency not in urgent_kinds(path, on):
        raise Refused("emergency", "请从列表里选是哪一种紧急情形。", fields={"emergency": "请从列表里选"})
    urgent = bool(emergency)
    answer = core.ask("funds.project_steps", {"amount": estimate_fen, "urgent": urgent}, place_path=path, on=on)
    row = PublicProject.objects.create(
        place=place, estate=estate, title=title.strip(), year=year, estimate_fen=estimate_fen, urgent=urgent,
        emergency=emergency, steps=list(answer.value), basis=answer.to_json(), place_path=path, demo=actor.demo,
    )  # fmt: skip
    core.record(
        "project.public_begun", subject=row.ref, actor=actor, at=now, place_path=path,
        data={"amount": estimate_fen, "urgent": urgent, "emergency": emergency or None},
    )  # fmt: skip
    return row


@transaction.atomic
def move_project(
    project: PublicProject, *, step: str, given: ProjectMove, version: int | None = None, actor: Actor, now: datetime
) -> PublicProject:
    """Takes the next step.

    Refuses `step_order`, `kept_apart`, `contractor`, `audited`, `check_failed` by `funds.project_step`.
    """
    row = PublicProject.objects.select_for_update(of=("self",)).select_related("estate", "place").get(pk=project.pk)
    core.check_version(row, version)
    core.require(actor, project_right(step), row)
    due = next_project_step(row)
    if step != due:
        done = step in project_done(row)
        words = "已经办过" if done else f"还没有办“{PROJECT_STEPS.get(str(due), '')}”，请按顺序办"
        raise Refused("step_order", f"“{PROJECT_STEPS.get(step, step)}”{words}。", status=CONFLICT_STATUS)
    today = core.local_day(now)
    before, roles = project_apart(row, step, actor, on=today), project_roles(step)
    refuse_apart(before, roles=roles, actor=actor, place_path=row.place_path, on=today)
    if given.on > today:
        raise Refused("step_day", "日期不能晚于今天。", fields={"on": "不能晚于今天"})
    if step == "select" and not (given.contractor.strip() and given.selected):
        raise Refused("contractor", "请填施工单位和选定方式。", fields={"contractor": "请填施工单位"})
    if step == "audit" and not given.audited_fen:
        raise Refused("audited", "请填审定金额。", fields={"audited_fen": "请填审定金额"})
    core.run_checks("funds.project_step", _facts(row, step, given), place_path=row.place_path, on=given.on)
    row.contractor = given.contractor.strip() or row.contractor
    row.selected = given.selected or row.selected
    row.quoted_fen = given.quoted_fen or row.quoted_fen
    row.audited_fen = given.audited_fen or row.audited_fen
    ProjectStep.objects.create(
        project=row, step=step, on=given.on, note=given.note.strip(), file=given.file, by=actor.user,
        by_label=actor.label, at=now,
    )  # fmt: skip
    if next_project_step(row) is None:
        row.state = "closed"
    row.version += 1
    row.save()
    core.record(
        "project.public_step", subject=row.ref, actor=actor, at=now, place_path=row.place_path,
        data={"step": step, "amount": row.audited_fen or row.estimate_fen, "on": given.on, "urgent": row.urgent},
    )  # fmt: skip
    return row


def _facts(row: PublicProject, step: str, given: ProjectMove) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "step": step, "amount": row.estimate_fen, "file": given.file is not None, "plan_agreed": given.plan_agreed,
        "urgent": row.urgent, "team_tendered": given.team_tendered,
    }  # fmt: skip
    if given.selected:
        facts["selected"] = given.selected
    if row.estate is not None:
        facts["estate_type"] = row.estate.estate_type
    return facts


def wanted_paper(project: PublicProject, step: str, *, on: date) -> str:
    """Why the step needs a file, in the words of `funds.project_step`; empty where it does not."""
    facts = _facts(project, step, ProjectMove(on=on))
    found = core.run_checks("funds.project_step", facts, place_path=project.place_path, on=on, raise_=False)
    return next((one.message for one in found if one.outcome == "refuse" and one.field == "file"), "")


def project_warnings(project: PublicProject, *, step: str, given: ProjectMove) -> list[Finding]:
    """What a step that was taken is warned of: it stands, and whoever looks at the project reads it."""
    facts = _facts(project, step, given)
    found = core.run_checks("funds.project_step", facts, place_path=project.place_path, on=given.on, raise_=False)
    return [one for one in found if one.outcome == "warn"]
