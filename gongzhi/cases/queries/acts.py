"""What can be done with a case now, and why not. Pages show it; the services hold themselves to the same list."""

from dataclasses import dataclass
from datetime import datetime

from gongzhi.cases.codes import FOUND
from gongzhi.cases.models import Case, State
from gongzhi.cases.models.case import ENDED, RUNNING, WITH_LEAD
from gongzhi.cases.queries import conditions as when
from gongzhi.cases.queries.conditions import Ground, Guard
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused


@dataclass(frozen=True)
class Act:
    """One thing to do. `why_not` says what is missing when it is not `allowed`."""

    code: str
    title: str
    hint: str
    allowed: bool
    why_not: str = ""
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """`states`: where the act makes sense. `shown_in`: further states in which a page shows it as not yet possible."""

    code: str
    title: str
    right: str
    states: tuple[str, ...]
    hint: str = ""
    guards: tuple[Guard, ...] = ()
    shown_in: tuple[str, ...] = ()
    when_late: bool = False
    offered: Guard | None = None

    def refusal(self, ground: Ground) -> Refused | None:
        """Why the act is not possible now; the right is not looked at here."""
        case = ground.case
        if case.state not in self.states:
            return Refused("state", f"案件现在是“{case.get_state_display()}”，不能“{self.title}”。{_way_out(case)}")
        if not self.when_late and ground.late_refusal is not None:
            return ground.late_refusal
        for guard in self.guards:
            refused = guard(ground)
            if refused is not None:
                return refused
        return None


def _way_out(case: Case) -> str:
    if case.state == State.ARCHIVED:
        return "归档后只读；需要补办请新登记一件并注明本件编号。"
    if case.state == State.MERGED:
        return f"请到并入的案件 {case.merged_into} 办理。"
    if case.state in ENDED:
        return "已经结束的案件只能查看。"
    if case.state == State.AWAITING_SIGN:
        return "请先由上级签收。"
    if case.state == State.SUSPENDED:
        return "请先恢复办理。"
    return "请按当前环节办理。"


def case_acts(case: Case, actor: Actor, now: datetime) -> list[Act]:
    """The acts this actor may come to do with this case, the possible ones first as listed, each with its reason."""
    ground = Ground(case, actor, now)
    found: list[Act] = []
    with core.hold_policy():
        for rule in RULES:
            if case.state not in (*rule.states, *rule.shown_in) or not core.may(actor, rule.right, case):
                continue
            if rule.offered is not None and rule.offered(ground) is not None:
                continue
            refused = rule.refusal(ground)
            found.append(
                Act(
                    code=rule.code,
                    title=rule.title,
                    hint=rule.hint,
                    allowed=refused is None,
                    why_not=refused.message if refused else "",
                    clauses=refused.clauses if refused else (),
                )
            )
    return found


def rule_of(code: str) -> Rule:
    return _BY_CODE[code]


_S = State
_AT_WORK = (_S.ASSIGNED, _S.HANDLING, _S.HANDLED)
_DESK = (_S.PENDING,)
_EARLY = (_S.PENDING, _S.PENDING_DUTY, _S.ASSIGNED, _S.HANDLING)

RULES: tuple[Rule, ...] = (
    Rule("set_fact", "补充派单事实", "cases.record_fact", _DESK, "登记后按新事实重新派单。",
         offered=lambda g: None if g.case.needs else Refused("none", "")),
    Rule("judge_validity", "认定是否有效", "cases.judge", _EARLY, "有效的开始计时；不属投诉范围的写明理由退回。",
         (when.judges_validity,), when_late=True, offered=when.judges_validity),
    Rule("respond", "首次回应投诉人", "cases.respond", (*_EARLY, _S.AWAITING_SIGN),
         "先解答疑问，限时的首次回应到此为止。",
         (when.first_response_owed,), when_late=True, offered=when.first_response_owed),
    Rule("assign", "派单", "cases.assign", _DESK, "按职责清单推荐承办单位，可改派并写明理由。",
         (when.facts_known, when.may_dispatch), when_late=True),
    Rule("whistle", "吹哨", "cases.assign", _DESK, "带出主办和协办部门，部门要报到。",
         (when.is_violation, when.facts_known, when.may_dispatch), when_late=True, offered=when.is_violation),
    Rule("claim", "主动介入", "cases.claim", _DESK, "本单位职责内的投诉可以直接认领。", (when.may_claim,),
         offered=when.may_claim),
    Rule("report_in", "报到签收", "cases.report_in", (_S.ASSIGNED,), "签收后开始办理。", when_late=True),
    Rule("return", "退回", "cases.return", (_S.ASSIGNED, _S.HANDLING),
         "须写明应由哪个单位办。", (when.not_designated,)),
    Rule("designate", "指定承办单位", "cases.designate", (_S.PENDING_DUTY,), "指定后不能再退回，期限从首次收到起算。",
         when_late=True),
    Rule("verify", "登记现场核实", "cases.handle", (_S.HANDLING, _S.HANDLED, _S.ANSWERED),
         "写明时间和看到的情况，可传照片。"),
    Rule("contact", "告知办理期限", "cases.lead", (_S.ASSIGNED, _S.HANDLING, _S.HANDLED, _S.ANSWERED),
         "告诉投诉人哪天前办完。", offered=lambda g: Refused("none", "") if g.case.channel == FOUND else None),
    Rule("note", "补充办理情况", "cases.handle", (_S.HANDLING, _S.HANDLED, _S.ANSWERED), "记录进展。"),
    Rule("intervene", "登记介入和执法", "cases.handle", (_S.HANDLING,), "先前期介入，后执法处理。"),
    Rule("enforce", "登记执法处理", "cases.handle", (_S.HANDLING,), "", (when.early_intervention_first,),
         offered=lambda g: None if "intervened" in g.steps or "enforced" in g.steps else Refused("none", "")),
    Rule("request_finding", "商请认定", "cases.lead", (_S.HANDLING,), "", (when.wants_finding, when.finding_not_asked),
         offered=when.wants_finding),
    Rule("record_finding", "出具认定意见", "cases.finding", _AT_WORK, "", (when.finding_open,), when_late=True,
         offered=when.finding_open),
    Rule("file", "立案", "cases.lead", (_S.HANDLING,), "填立案文号。", (when.holds_the_power, when.punishable),
         offered=lambda g: None if g.case.nature == "violation" and not g.case.filed_at else Refused("none", "")),
    Rule("extend_penalty", "登记批准延长", "cases.lead", (_S.HANDLING, _S.HANDLED), "须上传批准文书，只延长一次。",
         (when.penalty_clock_runs,), when_late=True, offered=when.penalty_clock_runs),
    Rule("penalty", "填处罚决定文号", "cases.lead", (_S.HANDLING, _S.HANDLED), "",
         (when.holds_the_power, when.punishable, when.finding_before_penalty, when.filed_before_penalty),
         offered=lambda g: None if g.case.nature == "violation" else Refused("none", "")),
    Rule("transfer", "移交", "cases.transfer", (_S.HANDLING,), "四类材料齐全才能移交。",
         (when.has_transfer, when.finding_before_transfer), offered=when.has_transfer),
    Rule("police", "请求公安支援", "cases.lead", (_S.HANDLING,), "执法受阻时用。", (when.police_not_asked,),
         offered=lambda g: None if g.case.nature == "violation" else Refused("none", "")),
    Rule("police_arrived", "登记到场处置", "cases.police", WITH_LEAD, "", when_late=True,
         offered=lambda g: None if not g.case.police_arrived_at else Refused("none", "")),
    Rule("stop", "登记现场制止", "cases.handle", (_S.HANDLING,), "写明方式和效果。"),
    Rule("handle", "登记办理结果", "cases.lead", (_S.HANDLING,), "办理完毕后答复投诉人。", (when.looked_into,)),
    Rule("mediate", "登记调解", "cases.lead", (_S.HANDLING,), "写明双方意见和结果。", (when.is_dispute,),
         offered=when.is_dispute),
    Rule("court", "登记诉讼", "cases.close", (_S.HANDLED, _S.ANSWERED, _S.CLOSED), "案号、开庭、裁判。",
         (when.went_to_court,), when_late=True, offered=when.went_to_court),
    Rule("weigh", "认定轻重", "cases.weigh", _EARLY, "重大、疑难的转上级调解组织。", (when.is_weighed_here,),
         when_late=True, offered=when.is_weighed_here),
    Rule("hand_up", "调解不成，上交", "cases.lead", (_S.HANDLING,), "逐级上交，不能越级。", (when.may_hand_up,),
         offered=when.may_hand_up),
    Rule("report_up", "上报上级", "cases.report_up", (*_EARLY, _S.AWAITING_SIGN),
         "上级签收前为“待签收”。", (when.no_report_open,)),
    Rule("sign_report", "签收上报", "cases.sign_report", (_S.AWAITING_SIGN,), "签收后由本单位派单或办理。",
         (when.report_open,), when_late=True),
    Rule("explain", "逾期说明", "cases.report_up", tuple(s for s in RUNNING if s != _S.SUSPENDED),
         "说明后才能继续办，仍计逾期。", (when.is_late, when.not_explained), when_late=True, offered=when.is_late),
    Rule("answer_progress", "答复进展", "cases.answer", (_S.HANDLING, _S.HANDLED), "告诉投诉人办到哪一步。"),
    Rule("answer", "答复投诉人", "cases.answer", (_S.HANDLED,), "答复后可以回访、办结。",
         (when.is_handled, when.answers_itself),
         shown_in=(_S.HANDLING,)),
    Rule("call_back", "回访", "cases.call_back", (_S.ANSWERED, _S.CLOSED), "", (when.follows_up("call_back_by"),),
         when_late=True),
    Rule("close", "办结", "cases.close", (_S.ANSWERED,), "",
         (when.answered_first, when.follows_up("close_by"), when.steps_taken, when.close_checks),
         shown_in=(_S.ASSIGNED, _S.HANDLING, _S.HANDLED)),
    Rule("archive", "归档", "cases.archive", (_S.CLOSED,), "七类材料逐项列明。",
         shown_in=(_S.ANSWERED,), when_late=True),
    Rule("reopen", "重新办理", "cases.reopen", (_S.ANSWERED, _S.CLOSED), "答复后在期限内可以要求重办。",
         (when.within_reopen_window,), when_late=True),
    Rule("rate", "评价", "cases.rate", (_S.ANSWERED, _S.CLOSED), "", (when.not_rated,), when_late=True),
    Rule("split", "拆分事项", "cases.merge", _EARLY, "一件含几类事项时拆成几张工单。"),
    Rule("merge", "并件", "cases.merge", _EARLY, "次数分别保留。"),
    Rule("ask_extension", "申请延期", "cases.lead", _AT_WORK, "", (when.approvable("extension"),)),
    Rule("decide_extension", "批复延期", "cases.approve", _AT_WORK, "", (when.requested("extension"),), when_late=True,
         offered=when.was_requested("extension")),
    Rule("ask_suspension", "申请挂起", "cases.lead", _AT_WORK, "", (when.approvable("suspension"),)),
    Rule("decide_suspension", "批复挂起", "cases.approve", _AT_WORK, "", (when.requested("suspension"),),
         when_late=True, offered=when.was_requested("suspension")),
    Rule("resume", "恢复办理", "cases.lead", (_S.SUSPENDED,), "挂起原因消除后恢复计时。", when_late=True),
    Rule("ask_void", "申请作废", "cases.report_up", _EARLY, "",
         (when.approvable("void"),)),
    Rule("decide_void", "批复作废", "cases.approve", _EARLY, "",
         (when.requested("void"),), when_late=True, offered=when.was_requested("void")),
    Rule("find_shirking", "认定推诿", "cases.find_shirking", WITH_LEAD, "认定后直接通报和约谈。", when_late=True,
         offered=when.is_late),
    Rule("urge", "督办", "cases.urge", (*WITH_LEAD, _S.PENDING), "督促承办单位，留痕并告知它。", when_late=True),
    Rule("ease", "登记矛盾化解", "cases.ease", tuple(RUNNING), "", when_late=True),
)  # fmt: skip
_BY_CODE = {rule.code: rule for rule in RULES}
