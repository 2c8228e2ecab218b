"""What happens to equipment, in emergencies and between departments and those they ask. No Django."""

from collections.abc import Mapping

from gongzhi.equipment.words import (
    ABOUT,
    CONTRACTS,
    DEFECTS,
    DIRECTIVES,
    EMERGENCIES,
    FAULTS,
    NOTES,
    PERMIT_STEPS,
    PLAN_LEVELS,
    PLANS,
    STAGES,
)
from gongzhi.policy.vocabulary import BOOL, COUNT, DATE, LIST, MOMENT, OPTIONAL, PERIOD, ROLE, TEXT, Enum, EventKind
from gongzhi.registry.questions import CARE_ITEMS, FACILITY_KINDS, LEAD_REASONS

_KIND = {"kind": Enum(FACILITY_KINDS)}
_CONTRACT = {
    "contract": Enum(CONTRACTS),
    **_KIND,
    "estate": TEXT,
    "company": TEXT,
    "party_a": ROLE,
    "party_a_organisation": OPTIONAL(COUNT),
    "to_on": DATE,
}
_FAULT = {
    **_KIND,
    "fault": Enum(FAULTS),
    "estate": TEXT,
    "responder": OPTIONAL(ROLE),
    "responder_organisation": OPTIONAL(COUNT),
    "happened_at": MOMENT,
    "arrive": OPTIONAL(PERIOD),
    "fix": OPTIONAL(PERIOD),
}
_TARGET = {
    "directive": Enum(DIRECTIVES),
    "kind": Enum(ABOUT),
    "estate": TEXT,
    "issuer": ROLE,
    "addressee": OPTIONAL(ROLE),
    "addressee_organisation": OPTIONAL(COUNT),
    "due_on": OPTIONAL(DATE),
}
_DEFECT = {**_TARGET, "defect": Enum(DEFECTS)}
_PERMIT = {**_KIND, "estate": TEXT, "desk": OPTIONAL(ROLE)}


def _of(subject: str, name: str, title: str, fields: Mapping[str, object], /, **more: object) -> EventKind:
    return EventKind(name, title, {**fields, **more}, subject=subject)


EVENTS: tuple[EventKind, ...] = (
    _of("facility", "facility.care_overdue", "检查、维护到期没有做", _KIND, item=Enum(CARE_ITEMS), due_on=DATE),
    _of("facility", "facility.misused", "发现违规使用", _KIND, reason=Enum(LEAD_REASONS), use=OPTIONAL(TEXT)),
    _of("upkeep_contract", "upkeep.signed", "登记设施合同", _CONTRACT),
    _of("upkeep_contract", "upkeep.ending", "设施合同即将到期", _CONTRACT, tender=BOOL),
    _of("upkeep_contract", "upkeep.replaced", "设施合同已续签、另签", _CONTRACT),
    _of("upkeep_contract", "upkeep.ended", "设施合同终止", _CONTRACT, on=DATE),
    _of("upkeep_contract", "upkeep.paid", "登记设施费用", _CONTRACT, payer=ROLE),
    _of("fault", "fault.reported", "报告设施故障", _FAULT),
    _of("fault", "fault.arrived", "到场处置故障", _FAULT),
    _of("fault", "fault.fixed", "修复故障", _FAULT),
    _of(
        "place",
        "plan.lacking",
        "缺应急预案",
        {"level": Enum(PLAN_LEVELS)},
        whose=TEXT,
        kinds=LIST(Enum(PLANS)),
        plan_keeper=ROLE,
        plan_keeper_organisation=COUNT,
    ),
    _of(
        "emergency_plan",
        "plan.filed",
        "登记应急预案",
        {"plan": Enum(PLANS)},
        estate=OPTIONAL(TEXT),
        reserves=COUNT,
        whose=TEXT,
        plans_complete=BOOL,
    ),
    _of("emergency_plan", "plan.withdrawn", "撤下应急预案", {"plan": Enum(PLANS)}),
    _of("drill", "drill.held", "登记演练", {"plan": Enum(PLANS)}, estate=TEXT, held_on=DATE, participants=COUNT),
    _of(
        "emergency",
        "emergency.reported",
        "上报突发事件",
        {"emergency": Enum(EMERGENCIES)},
        estate=TEXT,
        ordered_by=OPTIONAL(ROLE),
    ),
    _of("emergency", "emergency.noted", "记录突发事件处置", {"note": Enum(NOTES)}, by=OPTIONAL(ROLE)),
    _of("emergency", "emergency.closed", "突发事件处置结束", {"emergency": Enum(EMERGENCIES)}),
    _of(
        "directive",
        "directive.issued",
        "下发指导意见、检查、整改",
        {"directive": Enum(DIRECTIVES), "kind": Enum(ABOUT)},
        issuer=ROLE,
        estates=COUNT,
        due_on=OPTIONAL(DATE),
    ),
    _of("directive_target", "directive.addressed", "收到指导意见、检查、整改", _TARGET),
    _of("directive_target", "directive.answered", "反馈落实情况", _TARGET, late=BOOL, settled=BOOL),
    _of("directive_target", "directive.settled", "核销", _TARGET),
    _of("directive_target", "directive.returned", "退回反馈", _TARGET),
    _of("directive_target", "directive.penalised", "登记处罚", _TARGET, penalty=TEXT),
    _of("defect", "defect.found", "登记问题", _DEFECT),
    _of("defect", "defect.fixed", "整改问题", _DEFECT),
    _of("defect", "defect.returned", "复查不合格，退回整改", _DEFECT, times=COUNT),
    _of("defect", "defect.closed", "复查合格，销号", _DEFECT),
    _of("use_permit", "permit.asked", "申请使用证", _PERMIT),
    _of("use_permit", "permit.stepped", "办理使用证", _PERMIT, step=Enum(PERMIT_STEPS), done=BOOL),
    _of("use_permit", "permit.refused", "不予发使用证", _PERMIT),
    _of("use_permit", "permit.ending", "使用证即将到期", _PERMIT, to_on=DATE),
    _of("estate", "estate.stage_reached", "一项登记已落实", {"stage": Enum(STAGES)}, on=DATE, late=OPTIONAL(BOOL)),
    _of("estate", "estate.stage_lost", "一项登记不再落实", {"stage": Enum(STAGES)}, missing=LIST(TEXT)),
)
