"""Repairs that no fund of owners pays for: who is responsible, the yearly plan of a street, its money, its teams."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation, Place, StoredFile
from gongzhi.funds.common.queries import OfEstate, due_after
from gongzhi.funds.maintenance.models import RepairPlan, RepairPlanItem, RepairReport, RepairTeam
from gongzhi.funds.maintenance.queries.repairs import (
    REPAIR,
    agreed_of,
    agreed_repair,
    contact_of,
    pool_of,
    repair_duty,
    team_of,
)
from gongzhi.funds.maintenance.words import AGREED_WITH, OF_PLAN, PARTS, REPAIRERS, SELECTED
from gongzhi.funds.public_money import services as money
from gongzhi.funds.public_money.models import PublicExpense, PublicProject
from gongzhi.funds.public_money.words import DEAD
from gongzhi.policy.periods import last_day_before
from gongzhi.registry.models import Estate

CONFLICT_STATUS = 409
OPEN = ("drafting", "returned")


# Whose desk a case goes to; who has none here is named to those who keep it.
DESKS: dict[str, str] = {
    "developer": "developer",
    "property_company": "property_company",
    "street_office": "street_office",
    "street_contractor": "street_office",
    "utilities_company": "utilities_company",
}


UTILITY = "utilities_company"


def _on_platform(estate: Estate, name: str) -> bool:
    rows = Organisation.objects.filter(role=UTILITY, name=name) if name else ()
    return any(estate.place_path.startswith(one.place_path) for one in rows)


@dataclass(frozen=True)
class Agreed:
    """What a contract says otherwise of a utility's part: who repairs it, and where that is written."""

    party: str
    basis: str


def _stated(agreed: Agreed | None, clauses: tuple[str, ...]) -> Agreed:
    party, basis = (agreed.party, agreed.basis.strip()) if agreed is not None else ("", "")
    fields = {} if party in AGREED_WITH else {"agreed_with": "请选约定的一方"}
    if not basis:
        fields["agreed_basis"] = "请写合同和条款"
    if fields:
        said = "合同另有约定的，请选约定由谁维修，并写明是哪份合同、第几条。"
        raise Refused("agreed_with", said, clause=clauses, fields=fields)
    return Agreed(party, basis)


@transaction.atomic
def judge_repair(
    estate: Estate, *, part: str, need: str, said: Mapping[str, bool], cost_on: str = "", agreed: Agreed | None = None,
    text: str = "", case: str = "", on: date, actor: Actor, now: datetime,
) -> RepairReport:  # fmt: skip
    """判定由谁修 by the document: part × warranty × contract × utilities × fund.

    The case that it comes from goes to their desk by `repair.judged`. Refuses `repair_needs` while facts are missing,
    `repair_silent` where the document says nothing of this part, `agreed_with` where a contract says otherwise and
    nobody says with whom and where it is written.
    """
    core.require(actor, "repair.judge", OfEstate(estate, on))
    answer = repair_duty(estate, part=part, need=need, on=on, said=said, cost_on=cost_on)
    value = answer.value or {}
    if answer.needs:
        words = "、".join(answer.explanation.needs_titles)
        raise Refused("repair_needs", f"还不能判断，需要：{words}。请在小区档案补录。", clause=tuple(answer.clauses))
    if not answer.ok or not value.get("who"):
        guide = value.get("guide") or "本地文件没有规定，按物业服务合同和法律规定办理"
        raise Refused("repair_silent", f"{guide}。", clause=tuple(answer.clauses))
    who, within = str(value["who"]), value.get("within")
    kept, repairer, goes_to = answer.to_json(), REPAIRERS[who], DESKS.get(who)
    contact = contact_of(estate, who, part=part, on=on)
    if who == UTILITY and not _on_platform(estate, contact):
        goes_to = None  # another utility's desk would be the wrong one
    if who == "agreed":
        stated = _stated(agreed, tuple(answer.clauses))
        repairer, goes_to = f"{AGREED_WITH[stated.party]}（合同约定）", DESKS.get(stated.party)
        kept["agreed"] = {"with": stated.party, "basis": stated.basis}
    elif who == "property_company" and (line := agreed_repair(estate, part, on)):
        kept["agreed"] = {"with": who, "basis": line}
    due_on = last_day_before(due_after(estate.place_path, on, within)) if within is not None else None
    row = RepairReport.objects.create(
        estate=estate, case_number=case.strip(), part=part, need=need, text=text.strip(), who=who,
        answer=kept, judged_on=on, due_on=due_on, place_path=estate.place_path, demo=actor.demo,
    )  # fmt: skip
    core.record(
        "repair.judged", subject=row.ref, actor=actor, at=now, place_path=row.place_path,
        data={
            "part": part, "need": need, "who": who, "repairer": repairer,
            "case": row.case_number or None, "goes_to": goes_to,
            "contact": agreed_of(row) or contact or None, "guide": value.get("guide"),
            "due_on": row.due_on,
        },
    )  # fmt: skip
    return row


@transaction.atomic
def note_repaired(
    report: RepairReport, *, on: date, note: str, version: int | None, actor: Actor, now: datetime
) -> RepairReport:
    """修好了. Refuses a day before it was judged or after today (`repair_day`)."""
    row = RepairReport.objects.select_for_update(of=("self",)).select_related("estate").get(pk=report.pk)
    core.check_version(row, version)
    core.require(actor, "repair.judge", OfEstate(row.estate, on))
    if row.done_on is not None:
        raise Refused("repair_done", "已经登记修好。", status=CONFLICT_STATUS)
    if not row.judged_on <= on <= core.local_day(now):
        raise Refused("repair_day", "日期要在判定以后、今天以前。", fields={"on": "请核对日期"})
    row.done_on, row.done_note, row.version = on, note.strip(), row.version + 1
    row.save(update_fields=["done_on", "done_note", "version"])
    core.record(
        "repair.done", subject=row.ref, actor=actor, at=now, place_path=row.place_path, data={"who": row.who, "on": on}
    )
    return row


@transaction.atomic
def draw_up_plan(place: Place, *, year: int, actor: Actor) -> RepairPlan:
    """The street's plan of a year, begun where there is none: without a repair it is sent up as 0.

    Refuses `plan_state` once it was sent up.
    """
    core.require(actor, "repair.plan", place.ref)
    plan, _ = RepairPlan.objects.get_or_create(
        place=place, year=year, defaults={"place_path": place.path, "demo": actor.demo}
    )
    plan = _locked(plan, None)
    if plan.state not in OPEN:
        raise Refused("plan_state", f"计划{plan.get_state_display()}，不能再改。", status=CONFLICT_STATUS)
    return plan


@transaction.atomic
def add_repair(
    place: Place, *, year: int, estate: Estate, part: str, title: str, estimate_fen: int, actor: Actor, now: datetime
) -> RepairPlanItem:
    """Puts a repair into the street's plan of a year. Refuses `plan_state` once it was sent up, `plan_estate`."""
    plan = draw_up_plan(place, year=year, actor=actor)
    if not estate.place_path.startswith(place.path) or estate.estate_type not in OF_PLAN:
        raise Refused("plan_estate", "只列本镇街的安置小区和老旧小区。", fields={"estate": "请另选"})
    if part not in PARTS or estimate_fen <= 0 or not title.strip():
        raise Refused("plan_item", "请填部位、维修内容和预算。", fields={"title": "请填维修内容"})
    return RepairPlanItem.objects.create(
        plan=plan, estate=estate, part=part, title=title.strip(), estimate_fen=estimate_fen
    )


@transaction.atomic
def submit_plan(plan: RepairPlan, *, version: int | None = None, actor: Actor, now: datetime) -> RepairPlan:
    """上报 to the county; a plan without a repair is sent up as 0."""
    row = _locked(plan, version)
    core.require(actor, "repair.plan", row)
    if row.state not in OPEN:
        raise Refused("plan_state", f"计划{row.get_state_display()}，不用再上报。", status=CONFLICT_STATUS)
    row.state, row.submitted_on, row.version = "submitted", core.local_day(now), row.version + 1
    row.save()
    items = list(row.items.all())
    amount = sum(one.estimate_fen for one in items)
    core.record("repair.plan_submitted", subject=row.ref, actor=actor, at=now, place_path=row.place_path,
                data={"year": row.year, "items": len(items), "amount": amount})  # fmt: skip
    return row


@transaction.atomic
def decide_plan(
    plan: RepairPlan, *, agreed: bool, note: str = "", paper: StoredFile | None = None, version: int | None = None,
    actor: Actor, now: datetime,
) -> RepairPlan:  # fmt: skip
    """区政府同意 or not. Only an agreed plan counts in the county's budget, and only its repairs may begin."""
    row = _locked(plan, version)
    core.require(actor, "repair.decide", row)
    if row.state != "submitted":
        raise Refused("plan_state", f"计划{row.get_state_display()}，现在不能批复。", status=CONFLICT_STATUS)
    if not agreed and not note.strip():
        raise Refused("note_missing", "退回要写明理由。", fields={"note": "请写理由"})
    row.state = "agreed" if agreed else "returned"
    row.decided_on, row.decided_by, row.note = core.local_day(now), actor.label[:100], note.strip()
    row.paper, row.version = paper or row.paper, row.version + 1
    row.save()
    amount = sum(row.items.values_list("estimate_fen", flat=True))
    core.record("repair.plan_decided", subject=row.ref, actor=actor, at=now, place_path=row.place_path,
                data={"year": row.year, "amount": amount, "agreed": agreed})  # fmt: skip
    return row


def _locked(plan: RepairPlan, version: int | None) -> RepairPlan:
    row = RepairPlan.objects.select_for_update(of=("self",)).select_related("place").get(pk=plan.pk)
    core.check_version(row, version)
    return row


@transaction.atomic
def begin_repair(item: RepairPlanItem, *, actor: Actor, now: datetime) -> PublicProject:
    """The project of a repair of the plan; its works wait for the plan's consent."""
    row = RepairPlanItem.objects.select_for_update(of=("self",)).select_related("plan__place", "estate").get(pk=item.pk)
    if row.project_id is not None:
        raise Refused("repair_begun", "这一项已经立项。", status=CONFLICT_STATUS)
    row.project = money.begin_project(
        row.plan.place, estate=row.estate, title=row.title, year=row.plan.year, estimate_fen=row.estimate_fen,
        actor=actor, now=now,
    )  # fmt: skip
    row.save(update_fields=["project"])
    return row.project


@transaction.atomic
def ask_repair_payment(
    project: PublicProject, *, payee: str, on: date, actor: Actor, now: datetime
) -> list[PublicExpense]:
    """Asks for what a finished repair costs by its audit, from both sides of the repair money by their shares.

    Where one side has put in less than its share, the other pays from what it put in; never more than both together.
    """
    row = PublicProject.objects.select_for_update(of=("self",)).select_related("place", "estate").get(pk=project.pk)
    if row.audited_fen is None or row.state != "closed":
        raise Refused("project_open", "没有决算审计，不能从维修资金列支。", clause=tuple(row.basis.get("clauses", ())))
    if row.expenses.exclude(state__in=DEAD).exists():
        raise Refused("repair_paid", "这个项目已经申请过支付。", status=CONFLICT_STATUS)
    pool = pool_of(row.place, row.year)
    if row.audited_fen > pool.free_fen:
        raise Refused(
            "above_pool",
            f"维修资金两级到账余额{core.yuan(pool.free_fen)}元，不够支付{core.yuan(row.audited_fen)}元，"
            f"差{core.yuan(row.audited_fen - pool.free_fen)}元。",
            clause=tuple(pool.answer.clauses),
        )
    made = []
    for budget, fen in pool.drawn(row.audited_fen):
        given = money.Spending(
            kind=REPAIR, amount_fen=fen, text=f"{row.title}（{budget.get_payer_display()}）", payee=payee, on=on,
            estate=row.estate, project=row,
        )  # fmt: skip
        made.append(money.ask_expense(budget, given=given, actor=actor, now=now))
    return made


@dataclass(frozen=True)
class Team:
    name: str
    selected: str
    scope: str
    from_on: date
    to_on: date
    file: StoredFile | None = None


@transaction.atomic
def register_team(place: Place, *, given: Team, actor: Actor, now: datetime) -> RepairTeam:
    """维修队伍 of resettlement estates with how it was chosen."""
    core.require(actor, "repair.team", place.ref)
    if given.selected not in SELECTED or not given.name.strip():
        raise Refused("team", "请填队伍名称和选定方式。", fields={"name": "请填队伍"})
    if given.to_on < given.from_on:
        raise Refused("team_days", "止日要在起日之后。", fields={"to_on": "要在起日之后"})
    tendered = given.selected == "open_tender"
    if tendered and given.file is None:
        raise Refused("team_paper", "招标选定的请上传中标文件。", fields={"file": "请上传中标文件"})
    try:
        with transaction.atomic():
            row = RepairTeam.objects.create(
                place=place, name=given.name.strip(), selected=given.selected, scope=given.scope.strip(),
                file=given.file, from_on=given.from_on, to_on=given.to_on, place_path=place.path, demo=actor.demo,
            )  # fmt: skip
    except IntegrityError as error:
        raise Refused("team", "这支队伍登记不了，请核对日期。") from error
    core.record("repair.team_registered", subject=place.ref, actor=actor, at=now, place_path=place.path,
                data={"tendered": tendered, "until": given.to_on})  # fmt: skip
    return row


def planned(project: PublicProject, *, contractor: str, on: date) -> dict[str, bool]:
    """What a project's step has to know of its plan and of its team."""
    item = RepairPlanItem.objects.select_related("plan").filter(project=project).first()
    return {
        "plan_agreed": item is None or item.plan.state == "agreed",
        "team_tendered": not contractor or team_of(project.place_path, contractor, on) is not None,
    }
