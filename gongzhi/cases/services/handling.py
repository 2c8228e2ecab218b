"""Working on a case: looking, telling, finding, punishing, and saying why it is late."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from gongzhi.cases.codes import FOUND, INTERVENTIONS, OUTCOMES
from gongzhi.cases.models import Case, CourtAction, Part, State
from gongzhi.cases.queries import asking
from gongzhi.cases.queries.acts import rule_of
from gongzhi.cases.queries.conditions import (
    Ground,
    filed_before_penalty,
    finding_before_penalty,
    not_agreed_last,
    verified_before_investigation,
)
from gongzhi.cases.services.acting import (
    act,
    add_files,
    duty_due,
    emit,
    join,
    not_before_receipt,
    require_competent_here,
    required_text,
    tell_unit,
    unit_for,
)
from gongzhi.cases.services.books import end_company_case, enter_estate, structure_of_case, write_back_rental
from gongzhi.cases.services.opening import assigned_data, hand_out, routing_answer
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused

CONTACT_METHODS = ("电话", "短信", "当面", "上门", "网络留言")
OPINION = "finding_opinion"


@act("verify")
def verify_on_site(
    case: Case, *, note: str, files: Iterable[Any] = (), at: datetime | None = None, actor: Actor, now: datetime
) -> Case:
    note = required_text(note, "note", "请写明现场核实的情况。")
    moment = not_before_receipt(case, at, now)
    case.verified_at = case.verified_at or moment
    emit(
        case,
        kind="verified",
        title="现场核实",
        actor=actor,
        now=now,
        at=moment,
        text=note,
        told="承办单位已到现场核实。",
        files=files,
        item="pictures",
    )
    if case.estate is not None and actor.organisation is not None and case.nature == "violation":
        enter_estate(
            case.estate, unit=actor.organisation, kind="clue", on=local_day(moment), case=case, actor=actor, now=now
        )
    return case


@act("respond")
def respond(case: Case, *, text: str, method: str, actor: Actor, now: datetime) -> Case:
    """The first word to the complainant, before anybody has the case; who leads it still answers (MX-3.10.2-2)."""
    text = required_text(text, "text", "请写明怎样回应投诉人的。")
    method = required_text(method, "method", "请选择回应方式。")
    emit(case, kind="responded", title=f"{method}首次回应投诉人", actor=actor, now=now, text=text, told=text)
    return case


@act("contact")
def contact_complainant(
    case: Case, *, promised_on: date, method: str, note: str = "", actor: Actor, now: datetime
) -> Case:
    """Tells the complainant by which day it will be done; the day then shows on his page. After the answer it is only
    put down: there is nothing left to tell him."""
    if promised_on < local_day(now):
        raise Refused("promised_on", "告知的期限不能早于今天。", fields={"promised_on": "不能早于今天。"})
    # Once that day is past, any day is later; the case still needs one to be told before it can close.
    due_at = case.answer_due_at
    if due_at is not None and now < due_at and promised_on > local_day(due_at - timedelta(microseconds=1)):
        raise Refused(
            "promised_late",
            "告知的期限不能晚于答复期限。",
            clause=asking.ask_case(case, "cases.answer_deadline").clauses,
            fields={"promised_on": "请在答复期限以内。"},
        )
    method = required_text(method, "method", "请选择告知方式。")
    answered = case.answered_at is not None
    case.contacted_at, case.promised_on = now, promised_on
    emit(
        case,
        kind="contacted",
        title=f"{method}告知办理期限{'（答复以后补记）' if answered else ''}",
        actor=actor,
        now=now,
        text=note,
        told="" if answered else f"承办单位将在{promised_on:%Y年%-m月%-d日}前办理并答复您。",
        promised_on=promised_on,
    )
    return case


@act("note")
def note_progress(
    case: Case, *, note: str, files: Iterable[Any] = (), item: str = "", actor: Actor, now: datetime
) -> Case:
    note = required_text(note, "note", "请写明办理情况。")
    emit(
        case, kind="progress_noted", title="办理情况", actor=actor, now=now, text=note, files=files, item=item,
        by=actor.role,
    )  # fmt: skip
    return case


@act("intervene")
def record_intervention(
    case: Case,
    *,
    kind: str,
    note: str,
    files: Iterable[Any] = (),
    at: datetime | None = None,
    actor: Actor,
    now: datetime,
) -> Case:
    """`early` before `enforcement` where the pack wants the intervention first."""
    if kind not in INTERVENTIONS:
        raise Refused("kind", "请选择介入方式。", fields={"kind": "请选择。"})
    note = required_text(note, "note", "请写明介入和处理的情况。")
    moment = not_before_receipt(case, at, now)
    if kind == "enforcement":
        refused = rule_of("enforce").refusal(Ground(case, actor, now))
        if refused is not None:
            raise refused
        case.enforced_at = moment
    elif kind == "investigation":
        refused = verified_before_investigation(Ground(case, actor, now))
        if refused is not None:
            raise refused
        case.investigated_at = case.investigated_at or moment
    elif kind == "early":
        case.intervened_at = case.intervened_at or moment
    emit(
        case,
        kind="intervened",
        title=INTERVENTIONS[kind],
        actor=actor,
        now=now,
        at=moment,
        text=note,
        files=files,
        item="investigation",
        also={"kind": kind},
    )
    return case


@act("request_finding")
def request_finding(case: Case, *, note: str = "", actor: Actor, now: datetime) -> Case:
    """Asks the unit that the route names for its finding. The own unit may itself be the one that finds."""
    role = str(asking.route_value(case)["finding_by"])
    unit = unit_for(role, case)
    case.finding, case.finding_role = "requested", role
    join(case, unit, role, part=Part.FINDING, now=now)
    emit(case, kind="finding_requested", title=f"商请{unit}认定", actor=actor, now=now, text=note, finding_by=role)
    tell_unit(case, unit, "case.finding_requested", text=f"{case.number}商请认定，请在期限内出具意见。", now=now)
    return case


@act("record_finding")
def record_finding(case: Case, *, lawful: bool, note: str, file: Any = None, actor: Actor, now: datetime) -> Case:
    """The finding. A lawful one ends the case without penalty; the complainant is still to be answered."""
    note = required_text(note, "note", "请写明认定意见。")
    case.finding, case.finding_at = ("lawful" if lawful else "unlawful"), now
    if lawful:
        case.outcome, case.result, case.handled_at = "no_penalty", f"经认定合法，不予处罚。{note}", now
        case.state = State.HANDLED if case.reported_in_at is not None else case.state
    emit(
        case,
        kind="finding_recorded",
        title=f"认定意见：{'合法' if lawful else '违法'}",
        actor=actor,
        now=now,
        text=note,
        told="认定意见已经出具。",
        files=[file] if file else (),
        item="investigation",
        finding_by=case.finding_role or actor.role,
        result=case.finding,
    )
    _opine(case, actor=actor, now=now)
    if not lawful:
        structure_of_case(case, now=now)
    tell_unit(case, case.lead, "case.finding_recorded", text=f"{case.number}的认定意见已经出具。", now=now)
    return case


def _opine(case: Case, *, actor: Actor, now: datetime) -> None:
    """The numbered opinion of the unit that finds, for the one that asked; where the pack has such a paper."""
    pack = core.pack_for(case.place_path, local_day(now))
    if pack is None or OPINION not in pack.instruments or actor.organisation is None:
        return
    if case.lead is None or actor.organisation.pk == case.lead.pk:
        return
    core.issue_document(
        OPINION,
        subject=case.ref,
        to=[case.lead],
        copy_to=[],
        values={},
        issuer=actor.organisation,
        place_path=case.place_path,
        actor=actor,
        now=now,
    )


@act("file")
def file_case(case: Case, *, number: str, file: Any = None, actor: Actor, now: datetime) -> Case:
    """立案: from here the legal time of the penalty procedure runs."""
    case.filing_number = required_text(number, "number", "请填写立案文号。")[:80]
    case.filed_at = now
    emit(
        case,
        kind="filed",
        title=f"立案 {case.filing_number}",
        actor=actor,
        now=now,
        told="已立案查处。",
        files=[file] if file else (),
        item="opinion",
    )
    return case


@act("extend_penalty")
def extend_penalty(case: Case, *, number: str, file: Any, actor: Actor, now: datetime) -> Case:
    """More time for the penalty by a paper of approval, which is kept. Counted from the end of the first time."""
    number = required_text(number, "number", "请填写批准文书的文号。")[:80]
    if not file:
        raise Refused("no_paper", "延长办案期限须上传批准文书。", fields={"file": "请上传批准文书。"})
    due_at = duty_due(case, "case.penalty_recorded")
    if due_at is None or now >= due_at:
        raise Refused("extended_late", "办案期限已过，不能再延长；请尽快办结并说明情况。")
    emit(
        case,
        kind="penalty_extended",
        title=f"批准延长办案期限 {number}",
        actor=actor,
        now=now,
        files=[file],
        item="opinion",
        was_due_at=due_at - timedelta(seconds=1),
    )
    return case


@act("penalty")
def file_penalty(case: Case, *, number: str, file: Any = None, actor: Actor, now: datetime) -> Case:
    ground = Ground(case, actor, now)
    refused = finding_before_penalty(ground) or filed_before_penalty(ground)
    if refused is not None:
        raise refused
    case.penalty_number = required_text(number, "number", "请填写处罚决定文号。")[:80]
    case.penalised_at = now
    emit(
        case,
        kind="penalty_recorded",
        title=f"处罚决定 {case.penalty_number}",
        actor=actor,
        now=now,
        files=[file] if file else (),
        item="result",
    )
    return case


@act("stop")
def stop_on_site(
    case: Case, *, method: str, effective: bool, at: datetime | None = None, note: str = "", actor: Actor, now: datetime
) -> Case:
    method = required_text(method, "method", "请填写制止方式。")
    moment = not_before_receipt(case, at, now)
    case.facts = {**case.facts, "stopped": True, **({} if effective else {"stop_failed": True})}
    emit(
        case,
        kind="stopped_on_site",
        title=f"现场制止（{'有效' if effective else '无效'}）",
        actor=actor,
        now=now,
        at=moment,
        text=note or method,
        method=method,
        effective=effective,
    )
    structure_of_case(case, now=now)
    if not effective:
        _pass_on(case, now=now)
    return case


def _pass_on(case: Case, *, now: datetime) -> None:
    """Where the document says so, what could not be stopped on the spot goes to another unit."""
    answer = routing_answer(case, local_day(case.received_at))
    lead = str((answer.value or {}).get("lead") or "") if answer.ok else ""
    if not lead or lead == case.lead_role:
        return
    unit, before = unit_for(lead, case), case.lead
    case.route, case.route_lead = answer.to_json(), lead
    hand_out(case, unit, lead, now=now)
    emit(
        case,
        kind="assigned",
        title=f"制止无效，转{unit}查处",
        actor=Actor.system(demo=case.demo),
        now=now,
        told=f"现场制止没有效果，已转{unit}查处。",
        clauses=answer.clauses,
        **assigned_data(case, by=before.role if before is not None else ""),
    )
    tell_unit(case, unit, "case.assigned", text=f"制止无效：{case.number} {case.title}，请报到签收。", now=now)


@act("handle")
def handle(
    case: Case,
    *,
    result: str,
    outcome: str,
    cannot_handle: bool = False,
    court_number: str = "",
    files: Iterable[Any] = (),
    actor: Actor,
    now: datetime,
) -> Case:
    """The result of the work. What cannot be dealt with is not handled: it must be reported upwards."""
    result = required_text(result, "result", "请写明办理结果。")
    if cannot_handle or outcome == "cannot_handle":
        raise Refused(
            "report_up", "处理不了的请用“上报上级”，选上报单位并附材料。", fields={"outcome": "请改用上报上级。"}
        )
    if outcome not in OUTCOMES:
        raise Refused("outcome", "请选择办理结果。", fields={"outcome": "请选择。"})
    if outcome in ("mediated", "settled") and not_agreed_last(Ground(case, actor, now)):
        raise Refused(
            "not_agreed",
            "上一次调解没有达成，不能按解决办结。请再登记一次调解、上交上一级，或者选“转诉讼”。",
            fields={"outcome": "调解没有达成。"},
        )
    case.result, case.outcome, case.handled_at, case.state = result, outcome, now, State.HANDLED
    if outcome == "litigation" and court_number.strip():
        CourtAction.objects.update_or_create(
            case=case, defaults={"number": court_number.strip()[:80], "demo": case.demo}
        )
    emit(
        case,
        kind="handled",
        title=OUTCOMES[outcome],
        actor=actor,
        now=now,
        text=result,
        told="已处理完毕，将答复您。",
        files=files,
        item="result",
        outcome=outcome,
    )
    end_company_case(case, actor=actor, now=now)
    write_back_rental(case, actor=actor, now=now)
    if case.channel == FOUND and "reported_by" not in case.facts:
        _answer_to_the_file(case, actor=actor, now=now)
    return case


def _answer_to_the_file(case: Case, *, actor: Actor, now: datetime) -> None:
    """Nobody complained, so nobody waits for an answer: the result itself ends the clock."""
    case.answered_late = case.answer_due_at is not None and now >= case.answer_due_at
    case.answered_at, case.answer_text, case.state = now, case.result, State.ANSWERED
    emit(
        case,
        kind="answered",
        title="主动发现，没有投诉人，结果入档",
        actor=actor,
        now=now,
        final=True,
        on_time=not case.answered_late,
    )


@act("explain")
def explain_overdue(case: Case, *, text: str, actor: Actor, now: datetime) -> Case:
    """Why the day was missed. Work may go on then; the case still counts as late, in a column of its own."""
    case.explanation = required_text(text, "text", "请说明到期未完成的情况。")
    case.explained_at = now
    emit(
        case,
        kind="explained",
        title="逾期说明",
        actor=actor,
        now=now,
        text=case.explanation,
        told="办理超过期限，承办单位已说明情况。",
    )
    return case


@act("police")
def request_police(case: Case, *, note: str, actor: Actor, now: datetime) -> Case:
    note = required_text(note, "note", "请写明需要支援的情况和地点。")
    unit = unit_for("police", case)
    case.police_requested_at = now
    join(case, unit, "police", part=Part.POLICE, now=now)
    emit(case, kind="police_requested", title=f"请求{unit}支援", actor=actor, now=now, text=note, police="police")
    tell_unit(case, unit, "case.police_requested", text=f"{case.number}执法受阻，请到场支援。", now=now)
    return case


@act("police_arrived")
def police_arrived(case: Case, *, at: datetime, result: str, actor: Actor, now: datetime) -> Case:
    result = required_text(result, "result", "请写明处置结果。")
    if case.police_requested_at is None or at < case.police_requested_at or at > now:
        raise Refused("at", "到场时间应在请求支援之后、现在之前。", fields={"at": "请核对时间。"})
    case.police_arrived_at = at
    emit(case, kind="police_arrived", title="公安到场处置", actor=actor, now=now, at=at, text=result)
    return case


@act("urge")
def urge(case: Case, *, text: str, actor: Actor, now: datetime) -> Case:
    """A unit that watches over the case presses the one that leads it; it does not take part in the work."""
    text = required_text(text, "text", "请写明督办的要求。")
    emit(case, kind="urged", title=f"{actor.organisation}督办", actor=actor, now=now, text=text, by=actor.role)
    tell_unit(case, case.lead or case.desk, "case.urged", text=f"{case.number}被督办：{text[:60]}", now=now)
    return case


@act("ease")
def ease_case(case: Case, *, text: str, actor: Actor, now: datetime) -> Case:
    """What the community or the owners' committee did to calm the matter."""
    text = required_text(text, "text", "请写明化解情况。")
    emit(case, kind="eased", title="矛盾化解", actor=actor, now=now, text=text, by=actor.role)
    return case


@act("find_shirking")
def find_shirking(case: Case, *, reason: str, actor: Actor, now: datetime) -> Case:
    """A department let the day pass by passing the buck: censure without the earlier steps."""
    reason = required_text(reason, "reason", "请写明认定推诿的事实。")
    if asking.role_level(case.lead_role, case) != "county":
        raise Refused("not_department", "推诿认定后直接通报只适用于区县部门；镇街、社区逐步抄告、督办、通报。")
    case.shirking_found_at = now
    emit(case, kind="shirking_found", title=f"认定{case.lead}推诿", actor=actor, now=now, text=reason, stage="account")
    return case


@act("note")
def ask_utility(case: Case, *, unit: Any, note: str, actor: Actor, now: datetime) -> Case:
    """A utility company takes the work; the coordinating department stays the lead."""
    note = required_text(note, "note", "请写明转办的事项。")
    require_competent_here(case, unit)
    join(case, unit, unit.role, part=Part.SUPPORT, now=now)
    emit(case, kind="unit_asked", title=f"转请{unit}办理", actor=actor, now=now, text=note, unit=unit.role)
    tell_unit(case, unit, "case.unit_asked", text=f"{case.number}请贵单位办理。", now=now)
    return case


def keep_register_form(case: Case, *, file: Any, actor: Actor, now: datetime) -> Case:
    """The signed register form of a visit, scanned after the fact."""
    core.require(actor, "cases.register", case)
    add_files([file], complaint=case.complaint, item="registration", actor=actor, now=now)
    return case
