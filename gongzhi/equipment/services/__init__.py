"""The face of equipment: what pages, API, tasks and reactions call."""

from gongzhi.equipment.services.cares import (
    begin_cares,
    follow_expiry,
    follow_inspection,
    follow_missed,
    set_due,
)
from gongzhi.equipment.services.contracts import end_contract, pay, sign_contract
from gongzhi.equipment.services.directives import (
    Found,
    add_found,
    answer,
    fix_defect,
    issue,
    penalise,
    recheck_defect,
    settle,
)
from gongzhi.equipment.services.faults import arrive, fix, report_fault
from gongzhi.equipment.services.following import follow_estate
from gongzhi.equipment.services.permits import ask_permit, look_for_misuse, permit_on, refuse_permit, step_permit
from gongzhi.equipment.services.readiness import (
    Contact,
    close_emergency,
    file_plan,
    hold_drill,
    note,
    report_emergency,
    take_over,
    withdraw_plan,
)
from gongzhi.equipment.services.stages import follow_register
from gongzhi.equipment.services.watching import watch

__all__ = [
    "Contact",
    "Found",
    "add_found",
    "answer",
    "arrive",
    "ask_permit",
    "begin_cares",
    "close_emergency",
    "end_contract",
    "file_plan",
    "fix",
    "fix_defect",
    "follow_estate",
    "follow_expiry",
    "follow_inspection",
    "follow_missed",
    "follow_register",
    "hold_drill",
    "issue",
    "look_for_misuse",
    "note",
    "pay",
    "penalise",
    "permit_on",
    "recheck_defect",
    "refuse_permit",
    "report_emergency",
    "report_fault",
    "set_due",
    "settle",
    "sign_contract",
    "step_permit",
    "take_over",
    "watch",
    "withdraw_plan",
]
