"""欠费: demand, the owner's opinion, who helps, arbitration or suit. What may be done when is the document's."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.funds.charges.models import ArrearsHelp, ArrearsOpinion, ArrearsRecourse, Demand
from gongzhi.funds.charges.queries.accounts import STEWARD
from gongzhi.funds.charges.queries.arrears import (
    WILLFUL,
    Debtor,
    debtor,
    last_demand,
    period_after,
    step_facts,
    to_urge,
)
from gongzhi.funds.charges.queries.owed import OfProject, OfUnit, late_by_bill, open_bills
from gongzhi.funds.charges.services.reminding import message_words
from gongzhi.funds.charges.words import DEMANDED_BY, HELPERS, RECOURSES
from gongzhi.governance.bodies.queries.bodies import buildings_of_steward, committees_on
from gongzhi.registry.models import Ownership, Project, Unit
from gongzhi.registry.queries.known import fact
from gongzhi.registry.services.facts import set_fact

CONFLICT_STATUS = 409


@transaction.atomic
def demand(found: Debtor, *, project: Project, how: str, actor: Actor, now: datetime, address: str = "") -> Demand:
    """催告 in writing, by message or at the door. The period runs from the first one; another one is a reminder.

    `address`: where the owner sees his bills and pays; it stands in the message.
    """
    core.require(actor, "fee.demand", OfProject(project))
    on = core.local_day(now)
    current = debtor(project, found.unit, found.ownership, on=on)
    if current is None:
        raise Refused("nothing_due", "这套房屋没有逾期的物业费，不用催告。", status=CONFLICT_STATUS)
    if how not in DEMANDED_BY:
        raise Refused("how", "请选催告方式。", fields={"how": "请选方式"})
    first = last_demand(project, found.unit, found.ownership)
    until, answer = (
        (first.until, None) if first is not None else period_after(project.place_path, "funds.demand_period", on)
    )
    bills = open_bills(unit=found.unit, project=project).filter(ownership=found.ownership, due_on__lt=on)
    row = Demand.objects.create(
        project=project, unit=found.unit, ownership=found.ownership, amount_fen=current.owed_fen,
        late_fen=sum(one.fen for one in late_by_bill(bills, on).values()), how=how, on=on, until=until,
        in_writing=how == "letter", answer=answer.to_json() if answer is not None else None,
        place_path=project.place_path, demo=actor.demo,
    )  # fmt: skip
    _tell_owners(row, address, now)
    core.record(
        "fee.demanded",
        subject=found.unit.ref,
        actor=actor,
        at=now,
        place_path=project.place_path,
        data={
            "amount": row.amount_fen,
            "until": until,
            "written": row.in_writing,
            "first": first is None,
            "estate": str(project.estate_id),
        },
    )
    return row


def _tell_owners(row: Demand, address: str, now: datetime) -> None:
    """A message to every owner; what is owed for which unit, and until when."""
    if row.ownership is None:
        return
    text = (
        f"{row.project.estate}{row.unit}尚欠物业费{core.yuan(row.amount_fen)}元"
        f"{f'、违约金{core.yuan(row.late_fen)}元' if row.late_fen else ''}，请在{row.until}前缴纳。"
        f"有意见可以在平台上提出。{f'账单和缴费：{address}' if address else ''}"
    )
    owed = row.amount_fen + row.late_fen
    params = message_words(row.unit, amount_fen=owed, until=row.until, address=address)
    for share in row.ownership.shares.select_related("owner"):
        core.notify(to=share.owner, template="fee_demand", text=text, ref=row.ref, params=params, now=now)


# -- the owner's opinion


@transaction.atomic
def hear(
    unit: Unit, *, project: Project, ownership: Ownership | None, text: str, actor: Actor, now: datetime
) -> ArrearsOpinion:
    """听取意见: by the owner himself or as the company took it down."""
    core.require(actor, "fee.object", OfUnit(unit, project))
    if not text.strip():
        raise Refused("text_missing", "请写意见。", fields={"text": "请写意见"})
    row = ArrearsOpinion.objects.create(
        project=project, unit=unit, ownership=ownership, text=text.strip(), on=core.local_day(now),
        place_path=project.place_path, demo=actor.demo,
    )  # fmt: skip
    _record_opinion(row, "fee.opinion_heard", actor, now)
    return row


@transaction.atomic
def judge(
    opinion: ArrearsOpinion, *, reasonable: bool, reply: str, version: int | None, actor: Actor, now: datetime
) -> ArrearsOpinion:
    """合理: to be put right within the document's period. 不合理: with an answer."""
    row = _opinion(opinion, version, actor)
    if row.state != "heard":
        raise Refused("judged", "这条意见已经处理过。", status=CONFLICT_STATUS)
    if not reasonable and not reply.strip():
        raise Refused("reply_missing", "认定不合理的，要写答复。", fields={"reply": "请写答复"})
    on = core.local_day(now)
    row.judged_on, row.reply = on, reply.strip()
    row.state = "reasonable" if reasonable else "unreasonable"
    if reasonable:
        row.resolve_until, _ = period_after(row.place_path, "funds.opinion_period", on)
    row.version += 1
    row.save(update_fields=["judged_on", "reply", "state", "resolve_until", "version"])
    _record_opinion(row, "fee.opinion_judged", actor, now, reasonable=reasonable, until=row.resolve_until)
    return row


@transaction.atomic
def resolve(
    opinion: ArrearsOpinion, *, measures: str, version: int | None, actor: Actor, now: datetime
) -> ArrearsOpinion:
    row = _opinion(opinion, version, actor)
    if row.state != "reasonable":
        raise Refused("not_reasonable", "只有认定合理的意见要登记解决。", status=CONFLICT_STATUS)
    if not measures.strip():
        raise Refused("measures_missing", "请写解决措施。", fields={"measures": "请写措施"})
    row.measures, row.resolved_on, row.state = measures.strip(), core.local_day(now), "resolved"
    row.version += 1
    row.save(update_fields=["measures", "resolved_on", "state", "version"])
    _record_opinion(row, "fee.opinion_resolved", actor, now)
    return row


@transaction.atomic
def confirm_reason(opinion: ArrearsOpinion, *, version: int | None, actor: Actor, now: datetime) -> ArrearsOpinion:
    """社区确认正当理由: the unit is not counted among those who refuse to pay."""
    row = ArrearsOpinion.objects.select_for_update(of=("self",)).select_related("project", "unit").get(pk=opinion.pk)
    core.check_version(row, version)
    core.require(actor, "fee.confirm", row)
    row.confirmed_on, row.confirmed_by, row.version = core.local_day(now), actor.user, row.version + 1
    row.save(update_fields=["confirmed_on", "confirmed_by", "version"])
    _record_opinion(row, "fee.reason_confirmed", actor, now)
    return row


def _opinion(opinion: ArrearsOpinion, version: int | None, actor: Actor) -> ArrearsOpinion:
    row = ArrearsOpinion.objects.select_for_update(of=("self",)).select_related("project", "unit").get(pk=opinion.pk)
    core.check_version(row, version)
    core.require(actor, "fee.demand", OfProject(row.project))
    return row


def _record_opinion(row: ArrearsOpinion, kind: str, actor: Actor, now: datetime, **data: Any) -> None:
    data = {"estate": str(row.project.estate_id), **data}
    core.record(kind, subject=row.ref, actor=actor, at=now, place_path=row.place_path, data=data)


# -- who helps


@transaction.atomic
def ask_help(found: Debtor, *, project: Project, kind: str, actor: Actor, now: datetime) -> ArrearsHelp:
    """督促 by the committee, a steward's visit, mediation. A second request while one is open gives that one."""
    core.require(actor, "fee.demand", OfProject(project))
    if kind not in HELPERS:
        raise Refused("kind", "请选方式。", fields={"kind": "请选方式"})
    on = core.local_day(now)
    facts = {**step_facts(found, project, on), "step": kind}
    core.run_checks("funds.arrears_step", facts, place_path=project.place_path, on=on)
    if kind == "committee" and not any(committees_on(project.estate, on).values()):
        said = "这个小区没有业委会（物管会），没有人接手；请选调解或者楼幢长上门。"
        raise Refused("no_committee", said, fields={"kind": "没有业委会（物管会）"})
    return open_help(found, project=project, kind=kind, on=on, actor=actor, now=now)


def open_help(found: Debtor, *, project: Project, kind: str, on: date, actor: Actor, now: datetime) -> ArrearsHelp:
    role = {"steward": STEWARD, "mediation": "mediation_room"}.get(kind) or urging_role(project, on)
    row, fresh = ArrearsHelp.objects.get_or_create(
        unit=found.unit,
        kind=kind,
        closed_on=None,
        defaults={
            "project": project, "ownership": found.ownership, "role": role, "asked_on": on,
            "place_path": project.place_path, "demo": actor.demo,
        },
    )  # fmt: skip
    if fresh:
        core.record(
            "fee.help_asked", subject=row.ref, actor=actor, at=now, place_path=row.place_path,
            data={"help": kind, "by": role, "estate": str(project.estate_id)},
        )  # fmt: skip
    return row


def urging_role(project: Project, on: date) -> str:
    """业委会, or the 物管会 where there is none."""
    there = committees_on(project.estate, on)
    if there["has_owners_committee"] or not there["has_management_committee"]:
        return "owners_committee"
    return "management_committee"


@transaction.atomic
def report_help(
    row: ArrearsHelp, *, result: str, handed_on: str = "", version: int | None, actor: Actor, now: datetime
) -> ArrearsHelp:
    """登记结果, once or again until it is paid. `handed_on`: the community's mediation room goes on with it."""
    rows = ArrearsHelp.objects.select_for_update(of=("self",))
    held = rows.select_related("project__estate", "unit__building", "ownership").get(pk=row.pk)
    core.check_version(held, version)
    core.require(actor, "fee.help", held)
    if actor.role != held.role and not actor.is_system:
        raise Refused("not_asked", "这件事没有交给您办。", status=CONFLICT_STATUS)
    if actor.role == STEWARD and held.unit.building_id not in buildings_of_steward(actor.user, core.local_day(now)):
        raise Refused("other_building", "这套房屋不在您负责的楼幢。", status=CONFLICT_STATUS)
    if not result.strip():
        raise Refused("result", "请写结果。", fields={"result": "请写结果"})
    held.result, held.done_on, held.done_by = result.strip(), core.local_day(now), actor.user
    held.handed_on, held.version = handed_on.strip(), held.version + 1
    held.save(update_fields=["result", "done_on", "done_by", "handed_on", "version"])
    core.record(
        "fee.help_reported", subject=held.ref, actor=actor, at=now, place_path=held.place_path,
        data={"help": held.kind, "handed_on": held.handed_on or None, "estate": str(held.project.estate_id)},
    )  # fmt: skip
    found = debtor(held.project, held.unit, held.ownership, on=core.local_day(now))
    if held.handed_on and held.kind != "mediation" and found is not None:
        open_help(found, project=held.project, kind="mediation", on=core.local_day(now), actor=actor, now=now)
    return held


# -- arbitration or suit


@transaction.atomic
def take_recourse(
    found: Debtor, *, project: Project, kind: str, number: str, actor: Actor, now: datetime
) -> tuple[ArrearsRecourse, list[str]]:
    """申请仲裁或提起诉讼, one of the two; with it what the document has to say although it does not forbid it."""
    core.require(actor, "fee.demand", OfProject(project))
    if kind not in RECOURSES:
        raise Refused("kind", "请选仲裁或诉讼。", fields={"kind": "请选一种"})
    on = core.local_day(now)
    facts = {**step_facts(found, project, on), "step": kind}
    findings = core.run_checks("funds.arrears_step", facts, place_path=project.place_path, on=on)
    if ArrearsRecourse.objects.filter(unit=found.unit, ownership=found.ownership, closed_on=None).exists():
        raise Refused("recourse_open", "这户已登记仲裁或诉讼，两者只能选一种。", status=CONFLICT_STATUS)
    row = ArrearsRecourse.objects.create(
        project=project, unit=found.unit, ownership=found.ownership, kind=kind, number=number.strip(), filed_on=on,
        amount_fen=found.owed_fen, place_path=project.place_path, demo=actor.demo,
    )  # fmt: skip
    _record_recourse(row, "fee.recourse_taken", actor, now)
    return row, [one.message for one in findings]


RECOURSE_DAYS = ("judged_on", "refused_on", "malicious_on", "closed_on")


@transaction.atomic
def note_recourse(
    row: ArrearsRecourse, *, judgment: str, judged_on: date | None, refused_on: date | None, malicious_on: date | None,
    closed_on: date | None, version: int | None, actor: Actor, now: datetime,
) -> ArrearsRecourse:  # fmt: skip
    """判决、执行: what the court or tribunal did, as it comes."""
    held = _recourse(row, version, actor)
    days = {"judged_on": judged_on, "refused_on": refused_on, "malicious_on": malicious_on, "closed_on": closed_on}
    late = [name for name, day in days.items() if day is not None and not held.filed_on <= day <= core.local_day(now)]
    if late:
        raise Refused("days", "日期要在提起之后、不晚于今天。", fields=dict.fromkeys(late, "请核对日期"))
    if judged_on is not None and not judgment.strip():
        raise Refused("judgment", "请写裁判结果。", fields={"judgment": "请写结果"})
    held.judgment = judgment.strip()
    for name, day in days.items():
        setattr(held, name, day)
    held.version += 1
    held.save(update_fields=["judgment", *days, "version"])
    _record_recourse(held, "fee.recourse_noted", actor, now)
    return held


@transaction.atomic
def hand_clue(row: ArrearsRecourse, *, version: int | None, actor: Actor, now: datetime) -> ArrearsRecourse:
    """移交“纳入个人征信”线索 to the court, which decides by its own rules; the platform reports nowhere itself."""
    held = _recourse(row, version, actor)
    on = core.local_day(now)
    facts = {
        "step": "credit_clue",
        "judged": held.judged_on is not None,
        "refused": held.refused_on is not None,
        "malicious": held.malicious_on is not None,
    }
    core.run_checks("funds.arrears_step", facts, place_path=held.place_path, on=on)
    if held.clue_on is not None and held.withdrawn_on is None:
        return held
    held.clue_on, held.withdrawn_on, held.version = on, None, held.version + 1
    held.save(update_fields=["clue_on", "withdrawn_on", "version"])
    _record_recourse(held, "fee.clue_handed", actor, now)
    return held


@transaction.atomic
def answer_clue(
    row: ArrearsRecourse, *, result: str, withdraw: bool, version: int | None, actor: Actor, now: datetime
) -> ArrearsRecourse:
    """回填 what the court made of it; or take it back once the judgment was performed. Both stay on record."""
    held = _recourse(row, version, actor)
    if held.clue_on is None:
        raise Refused("no_clue", "还没有移交线索。", status=CONFLICT_STATUS)
    if not result.strip():
        raise Refused("result", "请写处理结果或撤销的原因。", fields={"result": "请填写"})
    held.clue_result = result.strip()
    held.withdrawn_on = core.local_day(now) if withdraw else held.withdrawn_on
    held.version += 1
    held.save(update_fields=["clue_result", "withdrawn_on", "version"])
    _record_recourse(held, "fee.clue_withdrawn" if withdraw else "fee.clue_answered", actor, now)
    return held


def _recourse(row: ArrearsRecourse, version: int | None, actor: Actor) -> ArrearsRecourse:
    held = ArrearsRecourse.objects.select_for_update(of=("self",)).select_related("project", "unit").get(pk=row.pk)
    core.check_version(held, version)
    core.require(actor, "fee.demand", OfProject(held.project))
    return held


def _record_recourse(row: ArrearsRecourse, kind: str, actor: Actor, now: datetime) -> None:
    data = {"recourse": row.kind, "estate": str(row.project.estate_id)}
    core.record(kind, subject=row.ref, actor=actor, at=now, place_path=row.place_path, data=data)


# -- what follows by itself


def note_paid(event: Event) -> None:
    """Reaction on a payment: when nothing is open past its day, demands and requests for help end by themselves."""
    unit = Unit.objects.select_related("building__estate").filter(pk=event.data.get("unit")).first()
    if unit is None or not event.data.get("cleared"):
        return
    on = core.local_day(event.at)
    owing = set(open_bills(unit=unit).filter(due_on__lt=on).values_list("project", "ownership"))
    for row in Demand.objects.filter(unit=unit, closed_on=None):
        if (row.project_id, row.ownership_id) not in owing:
            Demand.objects.filter(pk=row.pk).update(closed_on=on)
    for help_row in ArrearsHelp.objects.filter(unit=unit, closed_on=None).select_related("project"):
        if (help_row.project_id, help_row.ownership_id) not in owing:
            ArrearsHelp.objects.filter(pk=help_row.pk).update(closed_on=on)
            core.record(
                "fee.help_ended", subject=help_row.ref, actor=Actor.system(demo=event.demo), at=event.at,
                place_path=help_row.place_path,
                data={"help": help_row.kind, "estate": str(help_row.project.estate_id)},
            )  # fmt: skip
    _set_in_arrears(unit, False, on, event)
    if fact(unit.ref, WILLFUL, on):
        set_fact(unit.ref, WILLFUL, False, from_on=on, event=event)


def _set_in_arrears(unit: Unit, value: bool, on: date, event: Event) -> None:
    """The standing fact that bodies read of a candidate's unit: 催告期满仍欠."""
    if bool(fact(unit.ref, "in_arrears", on)) != value:
        set_fact(unit.ref, "in_arrears", value, from_on=on, event=event)


def note_periods_over(*, now: datetime) -> int:
    """By the calendar: demands whose period has ended unpaid. Each is told once; the unit is in arrears then."""
    on = core.local_day(now)
    rows = Demand.objects.filter(closed_on=None, until__lt=on, told_over=False).select_related(
        "project__estate", "unit__building__estate", "ownership"
    )
    told = 0
    for row in rows.order_by("pk"):
        with transaction.atomic():
            if not Demand.objects.filter(pk=row.pk, told_over=False).update(told_over=True):
                continue
            told += 1
            event = core.record(
                "fee.demand_over", subject=row.unit.ref, actor=Actor.system(demo=row.demo), at=now,
                place_path=row.place_path, data={"amount": row.amount_fen, "estate": str(row.project.estate_id)},
            )  # fmt: skip
            _set_in_arrears(row.unit, True, on, event)
    return told + _ask_committees(now)


def _ask_committees(now: datetime) -> int:
    """督促 is asked for by itself where the document lets it: of each project with a debtor past its day."""

    on, asked = core.local_day(now), 0
    projects = Project.objects.filter(bills__settled_on=None, bills__cancelled_on=None, bills__due_on__lt=on)
    for project in projects.select_related("estate").distinct().order_by("pk"):
        if not core.ask("funds.urges_by_itself", {}, place_path=project.place_path, on=on).value:
            continue
        if not any(committees_on(project.estate, on).values()):
            continue
        open_now = set(project.helps.filter(kind="committee", closed_on=None).values_list("unit", flat=True))
        for found in to_urge(project, on):
            if found.unit.pk not in open_now:
                system = Actor.system(demo=project.demo)
                with transaction.atomic():
                    open_help(found, project=project, kind="committee", on=on, actor=system, now=now)
                asked += 1
    return asked
