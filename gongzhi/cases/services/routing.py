"""Handing a case to those competent: by the pack's list, by whistle, by claim, by designation, by transfer."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from gongzhi.cases.codes import FROM_LEVELS, PAPERS
from gongzhi.cases.models import Case, Part, State, Transfer
from gongzhi.cases.queries import asking
from gongzhi.cases.queries.cases import without_identity
from gongzhi.cases.services.acting import (
    act,
    add_files,
    emit,
    join,
    leave,
    require_competent_here,
    required_text,
    set_lead,
    tell_unit,
    unit_for,
)
from gongzhi.cases.services.opening import (
    apply_route,
    assigned_data,
    core_clauses,
    hand_out,
    route_at_once,
    routing_answer,
)
from gongzhi.cases.services.repeats import count_own, recount_later
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import ZONE, local_day
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation
from gongzhi.registry import services as registry
from gongzhi.registry.questions import FACTS

__all__ = [
    "assign_case",
    "change_matter",
    "claim_case",
    "designate",
    "hand_up",
    "judge_validity",
    "one_level_up",
    "report_in",
    "return_case",
    "routing_answer",
    "set_missing_fact",
    "transfer_case",
    "whistle",
]

_STANDING = {fact.name for fact in FACTS}
LEADER = "county_leader"
ORDER = "work_order"
MOST_DAYS = 60


@act("set_fact")
def set_missing_fact(case: Case, *, name: str, value: Any, actor: Actor, now: datetime) -> Case:
    """Records what routing lacks: of the estate when it is a standing fact, else of this case. Routes anew."""
    if name not in case.needs:
        raise Refused("not_needed", "派单不缺这一项。", fields={name: "不需要填写。"})
    if value is None or value == "":
        raise Refused("missing", "请填写这一项。", fields={name: "请选择。"})
    on = local_day(now)
    if name in _STANDING and case.estate is not None:
        if not core.may(actor, "estate.record_fact", case.estate):
            raise Refused(
                "not_a_keeper",
                "这是小区的底数，由镇街物管办、社区物管站或住建部门登记。请联系他们补登，登记后会自动重新找承办单位。",
                fields={name: "请由小区所在镇街、社区登记。"},
            )
        since = min(on, local_day(case.received_at))
        # Routed below; the other cases that wait for the same fact follow the event.
        Case.objects.filter(pk=case.pk).update(needs=[one for one in case.needs if one != name])
        registry.record_fact(case.estate, name=name, value=value, from_on=since, actor=actor, now=now)
    route_with(case, name=name, value=value, title="补充派单事实", actor=actor, now=now)
    return case


def route_with(case: Case, *, name: str, value: Any, title: str, actor: Actor, now: datetime) -> None:
    """Looks for the unit anew, now that the fact is known. The row is locked by the caller."""
    asking.forget_facts(case)
    case.facts = {**case.facts, name: value}
    if name == "in_built_up_area":
        case.in_built_up_area = bool(value)
    apply_route(case, routing_answer(case, local_day(case.received_at)))
    emit(case, kind="progress_noted", title=title, actor=actor, now=now, clauses=core_clauses(case))
    route_at_once(case, actor=actor, now=now)


@act("judge_validity")
def judge_validity(
    case: Case, *, valid: bool, from_level: str = "", reason: str = "", actor: Actor, now: datetime
) -> Case:
    """Whether the complaint falls within the scope, and up to which level it went: some are supervised from there.

    One outside the scope is sent back with the reason, and stays in the register.
    """
    if not valid:
        reason = required_text(reason, "reason", "不属投诉范围的，请写明退回的理由。")
    if from_level and from_level not in FROM_LEVELS:
        raise Refused("from_level", "请从列表里选择反映到的层级。", fields={"from_level": "没有这个层级。"})
    facts = {**case.facts, "valid": valid} | ({"from_level": from_level} if from_level else {})
    case.facts = facts
    rule = asking.ask_case(case, "cases.supervised", valid=valid, from_level=facts.get("from_level") or "county")
    case.facts = {**facts, "supervised": bool(rule.ok and rule.value)}
    emit(
        case,
        kind="found_valid",
        title="认定为有效投诉" if valid else "不属投诉范围",
        actor=actor,
        now=now,
        text=reason,
        told="已认定为有效投诉，正在办理。" if valid else f"不属于受理的投诉范围，予以退回：{reason}",
        stage="register",
        clauses=rule.clauses if rule.ok else (),
        valid=valid,
    )
    if not valid:
        case.state, case.void_reason = State.VOIDED, reason[:200]
        emit(case, kind="voided", title="退回", actor=actor, now=now, text=reason, by=actor.role)
        recount_later(case)
    return case


@act("assign")
def assign_case(
    case: Case,
    *,
    lead: Organisation | None = None,
    support: Sequence[Organisation] = (),
    reason: str = "",
    within_days: int | None = None,
    actor: Actor,
    now: datetime,
) -> Case:
    """Hands the case to the unit of the route, or to another with a reason. `within_days` sets a shorter limit."""
    return _hand(case, "assigned", lead, support, reason, within_days, actor, now)


@act("whistle")
def whistle(
    case: Case,
    *,
    lead: Organisation | None = None,
    support: Sequence[Organisation] = (),
    reason: str = "",
    within_days: int | None = None,
    actor: Actor,
    now: datetime,
) -> Case:
    """街道吹哨: the list brings out the department and those who help; it must report in."""
    return _hand(case, "whistled", lead, support, reason, within_days, actor, now)


def _hand(
    case: Case,
    kind: str,
    lead: Organisation | None,
    support: Sequence[Organisation],
    reason: str,
    within_days: int | None,
    actor: Actor,
    now: datetime,
) -> Case:
    require_competent_here(case, *([lead] if lead is not None else ()), *support)
    routed = unit_for(case.route_lead, case) if lead is None else lead
    if routed.role != case.route_lead:
        reason = required_text(reason, "reason", "改派与职责清单不同的单位，请写明理由。")
    if within_days is not None and not 0 < within_days <= MOST_DAYS:
        raise Refused("within", f"期限请填1到{MOST_DAYS}天。", fields={"within_days": f"1到{MOST_DAYS}天"})
    _no_longer_than_the_answer(case, within_days, now=now)
    role = case.route_lead if lead is None else routed.role
    hand_out(case, routed, role, support=tuple(support), now=now)
    if support:
        case.facts = {**case.facts, "convened": sorted(one.pk for one in support)}
    verb = "吹哨" if kind == "whistled" else "派单"
    emit(
        case,
        kind=kind,
        title=f"{verb}：主办{routed}",
        actor=actor,
        now=now,
        text=reason,
        told=f"已交{routed}办理。",
        stage="report" if kind == "whistled" else "handle",
        clauses=core_clauses(case),
        **assigned_data(case, by=actor.role, within_days=within_days),
        called=[one.role for one in support] or None,
    )
    tell_unit(case, routed, f"case.{kind}", text=f"{verb}：{case.number} {case.title}，请报到签收。", now=now)
    _order(case, routed, actor=actor, now=now)
    return case


def _no_longer_than_the_answer(case: Case, within_days: int | None, *, now: datetime) -> None:
    """A limit of its own may only be shorter than the document's; an answer already late leaves nothing to compare."""
    if within_days is None or case.answer_due_at is None or case.answer_due_at <= now:
        return
    most = (local_day(case.answer_due_at - timedelta(microseconds=1)) - local_day(now)).days
    if within_days > most:
        instead = f"请填1到{most}天，或者不填" if most else "这一栏请不填"
        raise Refused(
            "within_late",
            f"要求的期限不能晚于答复投诉人的期限（{day_text(case.answer_due_at)}），{instead}。",
            clause=asking.ask_case(case, "cases.answer_deadline").clauses,
            fields={"within_days": f"{instead}。"},
        )


def _order(case: Case, lead: Organisation, *, actor: Actor, now: datetime) -> None:
    """The numbered order that goes with it, where the pack has one; it names the day and nobody who complained."""
    pack = core.pack_for(case.place_path, local_day(now))
    if pack is None or ORDER not in pack.instruments or actor.organisation is None:
        return
    core.issue_document(
        ORDER,
        subject=case.ref,
        to=[lead],
        copy_to=[row.organisation for row in case.part_rows() if row.part == Part.SUPPORT],
        values={
            "matter": asking.matter_name(case.matter, case),
            "estate": str(case.estate or ""),
            "location": case.location or "见内容",
            "text": without_identity(case.text, case),
            "due": day_text(case.answer_due_at),
        },
        issuer=actor.organisation,
        place_path=case.place_path,
        actor=actor,
        now=now,
    )


def day_text(due_at: datetime | None) -> str:
    """A day's end is kept as the next day's 0:00 and written as 24:00 of the day itself."""
    if due_at is None:
        return "规定期限"
    day = (due_at - timedelta(microseconds=1)).astimezone(ZONE)
    return (
        f"{day:%Y年%-m月%-d日}24:00"
        if due_at.astimezone(ZONE).hour == 0
        else f"{due_at.astimezone(ZONE):%Y年%-m月%-d日%H:%M}"
    )


@act("claim")
def claim_case(case: Case, *, actor: Actor, now: datetime) -> Case:
    """A department steps in by itself on what its duties give it; to be seen by the others."""
    if actor.organisation is None:
        raise Refused("no_unit", "您没有单位，不能认领。")
    hand_out(case, actor.organisation, actor.role, now=now)
    case.state, case.reported_in_at, case.claimed = State.HANDLING, now, True
    emit(
        case,
        kind="claimed",
        title=f"已由{actor.organisation}介入",
        actor=actor,
        now=now,
        told=f"{actor.organisation}已主动介入办理。",
        clauses=core_clauses(case),
        **assigned_data(case, by=actor.role),
    )
    return case


@act("report_in")
def report_in(case: Case, *, actor: Actor, now: datetime) -> Case:
    """The lead signs for the case. The clock of the answer has been running since the first receipt."""
    case.state, case.reported_in_at = State.HANDLING, now
    if case.transferred_at is not None:
        case.transfers.filter(signed_at=None).update(signed_at=now)
    emit(case, kind="reported_in", title=f"{case.lead}报到签收", actor=actor, now=now, told=f"{case.lead}已签收。")
    return case


@act("return")
def return_case(case: Case, *, should_be: str, reason: str, actor: Actor, now: datetime) -> Case:
    """Back to who handed it out, with the role that should have it. Too many returns raise a dispute of competence."""
    reason = required_text(reason, "reason", "请写明退回的理由。")
    if should_be not in asking.known_roles(case) or should_be == case.lead_role:
        raise Refused(
            "should_be", "退回须注明应由哪个部门办（不能是本单位）。", fields={"should_be": "请选择应办的部门。"}
        )
    barred = asking.window_refusal(case, "case.return", now)
    if barred is not None:
        raise barred
    was = case.lead
    leave(case, Part.LEAD, now=now)
    leave(case, Part.SUPPORT, now=now)
    case.lead, case.lead_role, case.reported_in_at = None, "", None
    case.returns += 1
    case.state = State.PENDING
    name = asking.role_names([should_be], case)
    emit(
        case,
        kind="returned",
        title=f"{was}退回，认为应由{name}办",
        actor=actor,
        now=now,
        text=reason,
        by=actor.role,
        should_be=should_be,
        returns=case.returns,
    )
    tell_unit(case, case.desk, "case.returned", text=f"{case.number}被退回，请重新派单。", now=now)
    limit = asking.ask_case(case, "cases.dispute_after_returns")
    if limit.ok and case.returns >= int(limit.value):
        case.state = State.PENDING_DUTY
        body = asking.ask_case(case, "cases.designating_body")
        bodies = list(body.value or ()) if body.ok else []
        emit(
            case,
            kind="dispute_raised",
            title=f"退回{case.returns}次，列为职责待定",
            actor=Actor.system(demo=case.demo),
            now=now,
            clauses=[*limit.clauses, *body.clauses],
            returns=case.returns,
            body=bodies[0] if bodies else None,
        )
        _pause_for_designation(case, now=now)
        found = registry.organisations_for(bodies, case.place_path, estate=case.estate)
        for organisation in found.values():
            tell_unit(case, organisation, "case.dispute", text=f"{case.number}职责待定，请指定承办单位。", now=now)
    return case


@act("designate")
def designate(
    case: Case, *, lead: Organisation, by_leader: bool = False, reason: str, actor: Actor, now: datetime
) -> Case:
    """Who leads is settled, once: by the county's leader alone, else by the bodies the pack names, all agreeing.

    The first body's choice is kept as a proposal; the case is designated when the last one names the same unit.
    """
    reason = required_text(reason, "reason", "请写明指定的理由。")
    require_competent_here(case, lead)
    answer = asking.ask_case(case, "cases.designating_body")
    bodies = [role for role in (answer.value if answer.ok else ()) if role != LEADER]
    if by_leader and actor.role != LEADER:
        raise Refused("leader", "报区县领导指定的，须由领导本人的账号确认。", clause=answer.clauses)
    if bodies and actor.role not in (*bodies, LEADER):
        names = asking.role_names(bodies, case)
        raise Refused("not_designating", f"由{names}指定，或报区县领导指定。", clause=answer.clauses)
    alone = actor.role == LEADER or len(bodies) < 2  # noqa: PLR2004 - one body needs no other's consent
    if not alone and not _all_agree(case, lead, bodies, actor, answer.clauses):
        emit(
            case,
            kind="progress_noted",
            title=f"建议由{lead}承办，等另一方会商",
            actor=actor,
            now=now,
            text=reason,
            clauses=answer.clauses,
        )
        return case
    case.designated = True
    case.route_lead = case.route_lead or lead.role
    hand_out(case, lead, lead.role, now=now)
    emit(
        case,
        kind="designated",
        title=f"指定由{lead}承办",
        actor=actor,
        now=now,
        text=reason,
        told=f"已确定由{lead}办理。",
        clauses=answer.clauses,
        by_leader=actor.role == LEADER,
        **assigned_data(case, by=actor.role),
    )
    if case.suspended_at is not None:
        case.suspended_at = None
        emit(case, kind="resumed", title="已指定，期限继续计算", actor=Actor.system(demo=case.demo), now=now)
    tell_unit(case, lead, "case.designated", text=f"{case.number}已指定由贵单位承办，不能退回。", now=now)
    return case


def _pause_for_designation(case: Case, *, now: datetime) -> None:
    """Where the place has decided that the time of designating does not count."""
    answer = asking.ask_case(case, "cases.designation_counts")
    if not answer.ok or answer.value:
        return
    case.suspended_at = now
    emit(
        case,
        kind="suspended",
        title="职责待定期间不计入期限",
        actor=Actor.system(demo=case.demo),
        now=now,
        clauses=answer.clauses,
    )


def _all_agree(case: Case, lead: Organisation, bodies: Sequence[str], actor: Actor, clauses: Sequence[str]) -> bool:
    proposed = dict(case.facts.get("designation") or {})
    other = [unit for role, unit in proposed.items() if role != actor.role]
    if other and any(unit != lead.pk for unit in other):
        raise Refused(
            "disagree",
            "与另一方建议的单位不同。请先会商一致，或报区县领导指定。",
            clause=tuple(clauses),
            fields={"lead": "双方不一致"},
        )
    proposed[actor.role] = lead.pk
    case.facts = {**case.facts, "designation": proposed}
    return set(bodies) <= set(proposed)


@act("transfer")
def transfer_case(case: Case, *, papers: Mapping[str, Any], reason: str, actor: Actor, now: datetime) -> Case:
    """To the unit that holds the power to punish. `papers` by kind; the letter's text is `reason`, and it is numbered.

    The day of the answer stays where it was; the unit that hands over tells the complainant so. The first evidence is
    taken in with it, and what the unit holds goes over to be signed for.
    """
    from gongzhi.cases.enforcement.queries.evidence import held_by
    from gongzhi.cases.enforcement.services.evidence import hand_over, take_in

    given = {kind: bool(papers.get(kind)) for kind in PAPERS}
    given["letter"] = bool(papers.get("letter")) or bool(reason.strip())
    core.run_checks("cases.transfer_papers", given, place_path=case.place_path, on=local_day(now))
    reason = required_text(reason, "reason", "请写明移交事由，作为移送函正文。")
    target = unit_for(asking.transfer_role(case), case)
    source = case.lead
    if source is None:
        raise Refused("no_lead", "没有主办单位，不能移交。")
    document = core.issue_document(
        "transfer_letter",
        subject=case.ref,
        to=[target],
        copy_to=[],
        values={
            "case_number": case.number,
            "matter": asking.matter_name(case.matter, case),
            "estate": str(case.estate or ""),
            "location": case.location,
            "received_on": f"{local_day(case.received_at):%Y年%-m月%-d日}",
            "reason": reason,
            "papers": "、".join(name for kind, name in PAPERS.items() if kind != "letter"),
        },
        issuer=source,
        place_path=case.place_path,
        actor=actor,
        now=now,
    )
    Transfer.objects.create(
        case=case,
        from_organisation=source,
        to_organisation=target,
        document=document,
        reason=reason,
        transferred_at=now,
        demo=case.demo,
    )
    for kind, file in papers.items():
        kept = add_files([file], case=case, item=kind, actor=actor, now=now)
        if kind == "evidence" and kept:
            where = case.location or str(case.estate)
            take_in(case, file=kept[0].file, title=PAPERS[kind], taken_at=now, taken_where=where, actor=actor, now=now)
    held = held_by(case, actor)
    if held:
        hand_over(held, to=target, reason=f"随案移交（{document.number}）", actor=actor, now=now)
    was_role = case.lead_role
    set_lead(case, target, target.role, now=now)
    join(case, source, was_role, part=Part.SUPPORT, now=now)
    answerer = asking.ask_case(case, "cases.answer_after_transfer")
    keeps = answerer.ok and answerer.value == "sender"
    if keeps:
        join(case, source, was_role, part=Part.ANSWER, now=now)
    case.state, case.transferred_at, case.reported_in_at = State.ASSIGNED, now, None
    emit(
        case,
        kind="transferred",
        title=f"{source}移交{target}",
        actor=actor,
        now=now,
        text=f"{reason}（{document.number}）",
        told=f"{source}已将此事移交{target}依法处理，由{source if keeps else target}答复您，答复期限不变。",
        clauses=core_clauses(case),
        document=document.number,
        also={"from": was_role},
    )
    tell_unit(case, target, "case.transferred", text=f"{case.number}移交贵单位，请签收。", now=now)
    return case


@act("hand_up")
def hand_up(case: Case, *, reason: str, actor: Actor, now: datetime) -> Case:
    """Mediation failed here: one level up, as the pack says, never past a level."""
    reason = required_text(reason, "reason", "请写明调解经过和未成的原因。")
    return one_level_up(case, reason=reason, actor=actor, now=now)


def one_level_up(case: Case, *, reason: str, actor: Actor, now: datetime) -> Case:
    """The same for a row that is locked and whose act is allowed already."""
    failed_at = asking.role_level(case.lead_role, case)
    answer = asking.ask_case(case, "cases.mediation_level", failed_at=failed_at)
    if failed_at == "county" or not answer.ok or not answer.value or answer.value == case.lead_role:
        raise Refused(
            "top_level",
            "已经是最高一级调解组织；调解不成可以登记转诉讼。",
            clause=answer.clauses if answer.ok else None,
        )
    target = unit_for(str(answer.value), case)
    was_role, was = case.lead_role, case.lead
    set_lead(case, target, str(answer.value), now=now)
    case.state, case.reported_in_at = State.ASSIGNED, None
    emit(
        case,
        kind="handed_up",
        title=f"{was}上交{target}",
        actor=actor,
        now=now,
        text=reason,
        told=f"已交{target}继续调解。",
        stage="report",
        clauses=answer.clauses,
        also={"from": was_role},
    )
    tell_unit(case, target, "case.handed_up", text=f"{case.number}由{was}上交，请签收。", now=now)
    return case


@act("split")
def change_matter(case: Case, *, matter: str, nature: str = "", reason: str, actor: Actor, now: datetime) -> Case:
    """The matter was another one than told: routed anew, with the reason on record. The clock goes on."""
    reason = required_text(reason, "reason", "请写明改事项的理由。")
    old = case.matter
    if matter not in asking.known_matters(case):
        raise Refused("unknown_matter", "请从列表里选择事项。", fields={"matter": "没有这个事项。"})
    on = local_day(case.received_at)
    case.matter, case.nature = matter, nature or asking.matter_nature(matter, case.place_path, on)
    leave(case, Part.LEAD, now=now)
    leave(case, Part.SUPPORT, now=now)
    case.lead, case.lead_role, case.reported_in_at = None, "", None
    count_own(case)
    apply_route(case, routing_answer(case, local_day(case.received_at)))
    emit(
        case,
        kind="rerouted",
        title=f"事项改为“{asking.matter_name(matter, case)}”",
        actor=actor,
        now=now,
        text=reason,
        told="已按核实的事项重新安排办理单位，答复期限不变。",
        clauses=core_clauses(case),
        also={"from": old},
    )
    recount_later(case)
    recount_later(case, matter=old)
    route_at_once(case, actor=actor, now=now)
    return case
