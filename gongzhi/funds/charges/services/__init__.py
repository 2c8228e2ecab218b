"""The face of service charges."""

from gongzhi.funds.charges.services.arrears import (
    answer_clue,
    ask_help,
    confirm_reason,
    demand,
    hand_clue,
    hear,
    judge,
    note_paid,
    note_periods_over,
    note_recourse,
    report_help,
    resolve,
    take_recourse,
)
from gongzhi.funds.charges.services.billing import begin_run, go_on
from gongzhi.funds.charges.services.bringing import OldDebt, bring_in
from gongzhi.funds.charges.services.changing import (
    add_report,
    drop_change,
    next_step,
    propose_change,
    put_into_force,
    take_step,
)
from gongzhi.funds.charges.services.clearing import (
    check_deduction,
    clearance_pdf,
    confirm_handover,
    hand_over,
    issue_clearance,
    mark_self,
    release,
)
from gongzhi.funds.charges.services.commissioning import settle_commission
from gongzhi.funds.charges.services.early import bill_until_now
from gongzhi.funds.charges.services.letting import end_tenancy, let_unit
from gongzhi.funds.charges.services.looking_over import LookedOver, look_over
from gongzhi.funds.charges.services.personal import declare_vacant, end_personal, give_rebate, have_item, share_cost
from gongzhi.funds.charges.services.prices import (
    TariffInput,
    amend_guide_price,
    draft_guide_price,
    file_tariff,
    guide_rules,
    publish_guide_price,
    refuse_filing,
    register_tariff,
    set_terms,
    sign_guide_price,
)
from gongzhi.funds.charges.services.reminding import remind
from gongzhi.funds.charges.services.settling import refund, reverse_settlement, settle, use_advance
from gongzhi.funds.charges.services.showing import close_finding, inspect, issue_invoice, show
from gongzhi.funds.charges.services.single import Item, bill_once, cancel_bill
from gongzhi.funds.charges.services.together import HomePart, settle_each
from gongzhi.funds.charges.services.withdrawing import withdraw_run

__all__ = [
    "HomePart",
    "Item",
    "LookedOver",
    "OldDebt",
    "TariffInput",
    "add_report",
    "amend_guide_price",
    "answer_clue",
    "ask_help",
    "begin_run",
    "bill_once",
    "bill_until_now",
    "bring_in",
    "cancel_bill",
    "check_deduction",
    "clearance_pdf",
    "close_finding",
    "confirm_handover",
    "confirm_reason",
    "declare_vacant",
    "demand",
    "draft_guide_price",
    "drop_change",
    "end_personal",
    "end_tenancy",
    "file_tariff",
    "give_rebate",
    "go_on",
    "guide_rules",
    "hand_clue",
    "hand_over",
    "have_item",
    "hear",
    "inspect",
    "issue_clearance",
    "issue_invoice",
    "judge",
    "let_unit",
    "look_over",
    "mark_self",
    "next_step",
    "note_paid",
    "note_periods_over",
    "note_recourse",
    "propose_change",
    "publish_guide_price",
    "put_into_force",
    "refund",
    "refuse_filing",
    "register_tariff",
    "release",
    "remind",
    "report_help",
    "resolve",
    "reverse_settlement",
    "set_terms",
    "settle",
    "settle_commission",
    "settle_each",
    "share_cost",
    "show",
    "sign_guide_price",
    "take_recourse",
    "take_step",
    "use_advance",
    "withdraw_run",
]
