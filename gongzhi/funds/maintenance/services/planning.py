"""Plans that the owners vote on once: a year's repairs, spent in batches; raising money, then due from every unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.funds.common.queries import OfEstate
from gongzhi.funds.maintenance.models import OwnersPlan
from gongzhi.funds.maintenance.queries.plans import IN_FORCE, plan_left, plan_state
from gongzhi.funds.maintenance.words import MATTERS, OWNERS_PLAN_STATES, OWNERS_PLANS, PLAN_MATTER
from gongzhi.governance.votes.models import Motion
from gongzhi.registry.models import Estate

CONFLICT_STATUS = 409


@dataclass(frozen=True)
class PlanDraft:
    """`matters`: of a year's plan, what its money may be spent on."""

    kind: str
    year: int
    text: str
    amount_fen: int
    matters: Sequence[str] = ()


@transaction.atomic
def draft_plan(estate: Estate, *, given: PlanDraft, actor: Actor, now: datetime) -> OwnersPlan:
    """One plan of repairs a year; a plan to raise money when none is under way."""
    on = core.local_day(now)
    core.require(actor, "fund.plan", OfEstate(estate, on))
    _check_draft(given, (on.year, on.year + 1))
    rows = OwnersPlan.objects.select_for_update().filter(estate=estate, kind=given.kind)
    again = rows.filter(year=given.year) if given.kind == "uses" else rows.filter(assessed_on=None)
    if again.exists():
        raise Refused(
            "plan_there",
            f"已有{again[0]}（{OWNERS_PLAN_STATES[plan_state(again[0], on)]}），请在那上面修改或关联表决。",
            fields={"year": "已有这一年的计划"} if given.kind == "uses" else {},
        )
    row = OwnersPlan.objects.create(
        estate=estate, kind=given.kind, year=given.year, text=given.text.strip(), matters=list(given.matters),
        amount_fen=given.amount_fen, place_path=estate.place_path, demo=actor.demo or estate.demo,
    )  # fmt: skip
    _tell(row, "fund.plan_drafted", actor=actor, now=now)
    return row


def _check_draft(given: PlanDraft, years: Sequence[int]) -> None:
    faults: dict[str, str] = {}
    if given.kind not in OWNERS_PLANS:
        faults["kind"] = "请从列表里选"
    if not given.text.strip():
        faults["text"] = "请写内容"
    if given.amount_fen <= 0:
        faults["amount_fen"] = "金额要大于0"
    if given.kind == "uses" and (not given.matters or set(given.matters) - set(MATTERS)):
        faults["matters"] = "请选计划可以用在哪些事项"
    if given.year not in years:
        faults["year"] = "填今年或明年"
    if faults:
        raise Refused("plan_faults", "计划还没有填全。", fields=faults)


@transaction.atomic
def revise_plan(
    plan: OwnersPlan, *, given: PlanDraft, version: int | None = None, actor: Actor, now: datetime
) -> OwnersPlan:
    """Before it is put to the owners, or after they did not agree: it may then be put to them again."""
    plan, on = _locked(plan, version), core.local_day(now)
    core.require(actor, "fund.plan", OfEstate(plan.estate, on))
    state = plan_state(plan, on)
    _refuse_lapsed(plan, state)
    if state not in ("drafting", "not_passed", "revoked"):
        raise Refused("plan_state", f"{plan}现在是“{OWNERS_PLAN_STATES[state]}”，不能修改。", status=CONFLICT_STATUS)
    _check_draft(given, (plan.year,))
    plan.text, plan.amount_fen, plan.matters = given.text.strip(), given.amount_fen, list(given.matters)
    plan.motion = None
    _save(plan, "text", "amount_fen", "matters", "motion")
    _tell(plan, "fund.plan_drafted", actor=actor, now=now)
    return plan


def _refuse_lapsed(plan: OwnersPlan, state: str) -> None:
    if state == "lapsed":
        raise Refused("plan_state", f"{plan}的年度已过，请拟定今年的计划。", status=CONFLICT_STATUS)


@transaction.atomic
def put_plan(
    plan: OwnersPlan, *, motion: Motion | None, version: int | None = None, actor: Actor, now: datetime
) -> OwnersPlan:
    """Ties the plan to the motion by which the owners decide on it; what comes of the vote becomes of the plan."""
    plan, on = _locked(plan, version), core.local_day(now)
    core.require(actor, "fund.plan", OfEstate(plan.estate, on))
    state = plan_state(plan, on)
    _refuse_lapsed(plan, state)
    if state != "drafting":
        raise Refused(
            "plan_state",
            f"{plan}已经关联表决“{plan.motion}”。没有通过的，先修改，再关联新的表决。",
            status=CONFLICT_STATUS,
        )
    if motion is None or motion.vote.estate_id != plan.estate_id or motion.matter != PLAN_MATTER[plan.kind]:
        raise Refused("motion", "请选本小区就这类事项发起的表决。", fields={"motion": "请选表决"})
    if motion.owners_plans.exclude(pk=plan.pk).exists():
        raise Refused("motion", "这个议题已经是另一份计划的表决。", fields={"motion": "请另选"})
    if motion.amount_fen is not None and motion.amount_fen != plan.amount_fen:
        raise Refused(
            "motion_amount",
            f"议题写的是{core.yuan(motion.amount_fen)}元，计划是{core.yuan(plan.amount_fen)}元，两个要一致。",
            fields={"motion": "金额和计划不一致"},
        )
    plan.motion = motion
    _save(plan, "motion")
    _tell(plan, "fund.plan_put", actor=actor, now=now)
    return plan


def check_batch(plan: OwnersPlan | None, *, estate: Estate, matter: str, amount_fen: int, on: date) -> OwnersPlan:
    """分批使用: within the year, the scope and what is left of a plan that passed, nobody votes again."""
    if plan is None or plan.estate_id != estate.pk or plan.kind != "uses":
        raise Refused("plan", "请选业主大会通过的年度维修计划。", fields={"plan": "请选年度维修计划"})
    plan = _locked(plan, None)
    state = plan_state(plan, on)
    if state == "passed" and on.year < plan.year:
        state = "early"
    if state != "passed":
        why = {
            "lapsed": f"只在{plan.year}年内有效，没有用完的额度已经失效",
            "early": f"从{plan.year}年1月1日起才能用",
        }.get(state) or f"现在是“{OWNERS_PLAN_STATES[state]}”"
        raise Refused("plan_state", f"{plan}{why}，不能按它申请，请走普通程序。", fields={"plan": "不能作为依据"})
    if matter not in plan.matters:
        scope = "、".join(MATTERS[one] for one in plan.matters)
        raise Refused(
            "plan_scope",
            f"“{MATTERS.get(matter, matter)}”不在{plan}的使用范围内（{scope}），请走普通程序，由业主大会表决。",
            fields={"matter": "不在计划的使用范围"},
        )
    left = plan_left(plan)
    if amount_fen > left:
        raise Refused(
            "plan_used_up",
            f"{plan}总额{core.yuan(plan.amount_fen)}元，余额{core.yuan(left)}元；"
            f"这一批{core.yuan(amount_fen)}元超出，请走普通程序，由业主大会表决。",
            fields={"estimate_fen": f"计划余额{core.yuan(left)}元"},
        )
    return plan


def require_renewal_plan(estate: Estate, *, clauses: Sequence[str], on: date) -> OwnersPlan:
    """The plan to raise money that the owners agreed to: without it no unit owes anything."""
    rows = OwnersPlan.objects.select_for_update(of=("self",)).select_related("motion__vote", "estate")
    plan = rows.filter(estate=estate, kind="renewal", assessed_on=None).order_by("-pk").first()
    state = plan_state(plan, on) if plan is not None else ""
    if plan is None or state != "passed":
        says = f"续筹方案现在是“{OWNERS_PLAN_STATES[state]}”" if state else "还没有续筹方案"
        raise Refused(
            "plan_not_passed",
            f"{says}。续筹方案经业主大会表决通过并生效以后，才核定每户应交额。",
            clause=tuple(clauses),
        )
    return plan


def open_motions(plan: OwnersPlan) -> list[Motion]:
    """What the plan can be tied to: motions of its matter in votes that were not stopped and that did not fail."""
    rows = Motion.objects.filter(vote__estate=plan.estate, matter=PLAN_MATTER[plan.kind], owners_plans=None)
    rows = rows.exclude(vote__state="stopped").select_related("vote").order_by("-pk")
    return [one for one in rows if one.vote.state not in IN_FORCE or one.outcome == "passed"]


def _locked(plan: OwnersPlan, version: int | None) -> OwnersPlan:
    rows = OwnersPlan.objects.select_for_update(of=("self",)).select_related("estate", "motion__vote")
    row = rows.get(pk=plan.pk)
    core.check_version(row, version)
    return row


def _save(plan: OwnersPlan, *fields: str) -> None:
    plan.version += 1
    plan.save(update_fields=[*fields, "version"])


def _tell(plan: OwnersPlan, kind: str, *, actor: Actor, now: datetime) -> None:
    core.record(
        kind, subject=plan.ref, actor=actor, at=now, place_path=plan.place_path,
        data={
            "plan": plan.kind, "year": plan.year, "amount": plan.amount_fen, "estate": plan.estate.ref.key,
            "motion": plan.motion.title if plan.motion else None,
        },
    )  # fmt: skip
