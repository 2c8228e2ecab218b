"""Disputes: what each side said and what came of it, the court after it, and how heavy the dispute is."""

from datetime import date, datetime
from typing import Any

from gongzhi.cases.codes import GRADES, MEDIATION_KINDS, MEDIATION_RESULTS, OUTCOMES, TRIBUNALS
from gongzhi.cases.models import Case, CourtAction, Mediation, State, Weighing
from gongzhi.cases.queries import asking
from gongzhi.cases.queries.conditions import mediated_before
from gongzhi.cases.services.acting import act, emit, not_before_receipt, required_text, tell_unit, unit_for
from gongzhi.cases.services.opening import apply_route, assigned_data, core_clauses, hand_out, routing_answer
from gongzhi.cases.services.routing import one_level_up
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused
from gongzhi.policy import Period, deadline
from gongzhi.registry.models import Estate

LITIGATION = "litigation"


@act("mediate")
def mediate(
    case: Case,
    *,
    kind: str,
    complainants_view: str,
    others_view: str,
    result: str,
    note: str = "",
    at: datetime | None = None,
    actor: Actor,
    now: datetime,
) -> Case:
    """One round. Agreed: the case is handled. Else it stays open until another round, a level up or the court."""
    complainants_view = required_text(complainants_view, "complainants_view", "请写明反映一方的意见。")
    others_view = required_text(others_view, "others_view", "请写明另一方的意见。")
    if result not in MEDIATION_RESULTS:
        raise Refused("result", "请选择调解结果。", fields={"result": "请选择。"})
    if case.lead is None:
        raise Refused("no_lead", "还没有主办单位，不能登记调解。")
    _forwards(case, kind)
    moment = not_before_receipt(case, at, now)
    Mediation.objects.create(
        case=case,
        kind=kind,
        organisation=case.lead,
        complainants_view=complainants_view,
        others_view=others_view,
        result=result,
        note=note.strip(),
        held_at=moment,
        demo=case.demo,
    )
    words = [f"反映一方：{complainants_view}", f"另一方：{others_view}", note.strip()]
    emit(
        case,
        kind="mediated",
        title=f"{MEDIATION_KINDS[kind]}，{MEDIATION_RESULTS[result]}",
        actor=actor,
        now=now,
        at=moment,
        text="\n".join(one for one in words if one),
        told=f"已调解，{MEDIATION_RESULTS[result]}。",
        result=result,
        also={"kind": kind},
    )
    if result == "handed_up":
        return one_level_up(case, reason=note.strip() or others_view, actor=actor, now=now)
    if result == "agreed":
        case.result, case.outcome = note.strip() or complainants_view, "mediated"
        case.handled_at, case.state = now, State.HANDLED
        emit(case, kind="handled", title=OUTCOMES["mediated"], actor=actor, now=now, item="result", outcome="mediated")
    return case


def _forwards(case: Case, kind: str) -> None:
    """One kind follows another and never goes back."""
    if kind not in MEDIATION_KINDS:
        raise Refused("kind", "请选择调解方式。", fields={"kind": "请选择。"})
    order = list(MEDIATION_KINDS)
    reached = max((order.index(one.kind) for one in mediated_before(case)), default=0)
    if order.index(kind) < reached:
        name = MEDIATION_KINDS[order[reached]]
        raise Refused(
            "kind", f"已经转到{name}，不能再退回{MEDIATION_KINDS[kind]}。", fields={"kind": "请选后面的方式。"}
        )


@act("court")
def record_court(
    case: Case,
    *,
    number: str,
    tribunal: str = "court",
    estate: Estate | None = None,
    location: str = "",
    hearing_on: date | None = None,
    judgment: str = "",
    actor: Actor,
    now: datetime,
) -> Case:
    """The number of the action, where it is heard, what was judged; the later entry completes the earlier one."""
    number = required_text(number, "number", "请填写案号。")
    if tribunal not in TRIBUNALS:
        raise Refused("tribunal", "请选择受理法庭。", fields={"tribunal": "请选择。"})
    values: dict[str, Any] = {
        "number": number[:80],
        "tribunal": tribunal,
        "estate": estate,
        "location": location.strip()[:200],
        "hearing_on": hearing_on,
        "judgment": judgment.strip(),
        "demo": case.demo,
    }
    CourtAction.objects.update_or_create(case=case, defaults=values)
    heard = (
        f"{hearing_on:%Y年%-m月%-d日}在{location.strip() or estate or TRIBUNALS[tribunal]}开庭" if hearing_on else ""
    )
    emit(
        case,
        kind="court_recorded",
        title=f"{TRIBUNALS[tribunal]}，案号{number}",
        actor=actor,
        now=now,
        text="\n".join(one for one in (heard, judgment.strip()) if one),
        told="此事已由法院受理，案号和开庭情况可以向承办单位查询。" if not judgment.strip() else "法院已作出裁判。",
        tribunal=tribunal,
        judged=bool(judgment.strip()),
    )
    return case


@act("weigh")
def weigh(
    case: Case, *, grade: str, reason: str, found_at: datetime | None = None, actor: Actor, now: datetime
) -> Case:
    """The dispute is heavier, or lighter, than was told: routed anew. Who had it keeps reading it; the clock goes on.

    Where the document sets a time for telling, what was told after it is on the list of late reports.
    """
    reason = required_text(reason, "reason", "请写明认定的理由。")
    if grade not in GRADES:
        raise Refused("grade", "请选择轻重。", fields={"grade": "请选择。"})
    found = not_before_receipt(case, found_at, now)
    was, was_role, state = case.lead, case.lead_role, case.state
    unit = actor.organisation or was
    if unit is None:
        raise Refused("no_unit", "您没有单位，不能认定。")
    case.facts = {**case.facts, "grade": grade}
    asking.forget_facts(case)
    apply_route(case, routing_answer(case, local_day(case.received_at)))
    moves = bool(case.route_lead) and case.route_lead != was_role
    due_at = _report_due(case, grade, found) if moves else None
    row = Weighing.objects.create(
        case=case,
        grade=grade,
        organisation=unit,
        reason=reason,
        found_at=found,
        reported_at=max(now, found),
        due_at=due_at,
        late=due_at is not None and now >= due_at,
        demo=case.demo,
    )
    if moves:
        hand_out(case, unit_for(case.route_lead, case), case.route_lead, now=now)
    else:
        case.state = state
    emit(
        case,
        kind="weighed",
        title=f"认定为{GRADES[grade]}纠纷" + ("（超过报送期限）" if row.late else ""),
        actor=actor,
        now=now,
        text=reason,
        told=f"已改由{case.lead}办理。" if moves else "",
        clauses=core_clauses(case),
        grade=grade,
        late=row.late,
        also={"from": was_role or None},
    )
    if moves:
        tell_unit(case, case.lead, "case.weighed", text=f"{case.number}由{was or '派单单位'}报来，请签收。", now=now)
        emit(case, kind="assigned", title=f"转{case.lead}", actor=Actor.system(demo=case.demo), now=now,
             clauses=core_clauses(case), **assigned_data(case, by=actor.role))  # fmt: skip
    return case


def _report_due(case: Case, grade: str, found: datetime) -> datetime | None:
    """Until when what was noticed had to be told; None where the document says nothing."""
    answer = asking.ask_case(case, "cases.report_weight_within", grade=grade)
    pack = core.pack_for(case.place_path, local_day(found))
    if not answer.ok or answer.value is None or pack is None:
        return None
    return deadline(start=found, period=Period.parse(str(answer.value)), calendar=pack.calendar).due_at
