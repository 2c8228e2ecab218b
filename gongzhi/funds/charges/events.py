"""What happens with service charges. No Django."""

from gongzhi.funds.charges.words import (
    BILL_TO,
    CHANGE_STEPS,
    CHANNELS,
    FEES,
    FINDINGS,
    HANDOVER_KINDS,
    HELPERS,
    MODES,
    PLACES,
    RECOURSES,
    SHARED_COSTS,
    SHOWN_ITEMS,
)
from gongzhi.policy.vocabulary import BOOL, COUNT, DATE, LIST, MONEY_FEN, OPTIONAL, ROLE, TEXT, Enum, EventKind, Type

_ESTATE = {"estate": TEXT}


def _kind(name: str, title: str, fields: dict[str, Type], *, of: str) -> EventKind:
    return EventKind(name, title, fields, subject=of)


_GUIDE: dict[str, Type] = {"grade": TEXT, "price": TEXT, "from_on": DATE}
_TARIFF: dict[str, Type] = {"fee": Enum(FEES), "price": TEXT, "from_on": DATE, **_ESTATE}
_CHANGE: dict[str, Type] = {
    "from_price": TEXT, "to_price": TEXT, "step": OPTIONAL(Enum(CHANGE_STEPS)), **_ESTATE,
}  # fmt: skip
_MONEY: dict[str, Type] = {"unit": TEXT, "amount": MONEY_FEN, "channel": Enum(CHANNELS), "on": DATE, **_ESTATE}
_HELP: dict[str, Type] = {"help": Enum(HELPERS), **_ESTATE}
_RECOURSE: dict[str, Type] = {"recourse": Enum(RECOURSES), **_ESTATE}
_HANDOVER: dict[str, Type] = {
    "handover": Enum(HANDOVER_KINDS), "units": COUNT, "owed": MONEY_FEN, "advance": MONEY_FEN, **_ESTATE,
}  # fmt: skip

PRICES: tuple[EventKind, ...] = (
    _kind("fee.guide_drafted", "起草政府指导价", _GUIDE, of="place"),
    _kind("fee.guide_signed", "会签政府指导价", _GUIDE, of="place"),
    _kind("fee.guide_published", "公布政府指导价", _GUIDE, of="place"),
    _kind(
        "fee.terms_set", "登记收费约定",
        {"mode": Enum(MODES), "from_on": DATE, "late_rate": OPTIONAL(TEXT)}, of="estate",
    ),
    _kind("fee.tariff_registered", "登记收费标准", _TARIFF, of="tariff"),
    _kind("fee.tariff_filed", "收费备案", _TARIFF, of="tariff"),
    _kind("fee.filing_refused", "收费不予备案", _TARIFF, of="tariff"),
    _kind("fee.change_proposed", "提出调价", _CHANGE, of="price_change"),
    _kind("fee.change_step", "办理调价手续", _CHANGE, of="price_change"),
    _kind("fee.change_done", "执行新的收费标准", _CHANGE, of="price_change"),
    _kind("fee.change_dropped", "撤回调价", _CHANGE, of="price_change"),
    _kind("fee.report_added", "登记收费评估报告", {"price": TEXT, "by_both": BOOL}, of="estate"),
    _kind(
        "fee.shown", "登记收费公示",
        {"item": Enum(SHOWN_ITEMS), "place": Enum(PLACES), "price": OPTIONAL(TEXT), "differs": BOOL, "complete": BOOL},
        of="estate",
    ),
    _kind("fee.inspected", "收费联合检查", {"on": DATE, "roles": LIST(ROLE), "findings": COUNT}, of="price_inspection"),
    _kind(
        "fee.finding_made", "检查发现收费问题",
        {"finding": Enum(FINDINGS), "lead": ROLE, "company": TEXT, **_ESTATE}, of="price_finding",
    ),
    _kind(
        "fee.finding_closed", "收费问题办结",
        {"finding": Enum(FINDINGS), "lead": ROLE, "company": TEXT, "result": TEXT}, of="price_finding",
    ),
)  # fmt: skip
BILLS: tuple[EventKind, ...] = (
    _kind(
        "fee.billed", "物业费出账",
        {"from_on": DATE, "to_on": DATE, "due_on": DATE, "bills": COUNT, "amount": MONEY_FEN, **_ESTATE},
        of="billing_run",
    ),
    _kind(
        "fee.run_withdrawn", "撤回出账",
        {"from_on": DATE, "to_on": DATE, "bills": COUNT, "amount": MONEY_FEN, "reason": TEXT, **_ESTATE},
        of="billing_run",
    ),
    _kind("fee.bills_told", "发送账单", {"bills": COUNT, **_ESTATE}, of="billing_run"),
    _kind("fee.billed_once", "单独出账", {"amount": MONEY_FEN, "due_on": DATE, **_ESTATE}, of="unit"),
    _kind("fee.bill_cancelled", "作废账单", {"amount": MONEY_FEN, "reason": TEXT, **_ESTATE}, of="unit"),
    _kind(
        "fee.personal_set", "登记单户收费事项",
        {"what": TEXT, "from_on": DATE, "to_on": OPTIONAL(DATE), "ratio": OPTIONAL(TEXT), **_ESTATE}, of="unit",
    ),
    _kind(
        "fee.unit_let", "登记出租和缴费人",
        {"from_on": DATE, "to_on": OPTIONAL(DATE), "bill_to": Enum(BILL_TO), **_ESTATE}, of="unit",
    ),
    _kind("fee.unit_let_ended", "登记退租", {"to_on": DATE, **_ESTATE}, of="unit"),
    _kind(
        "fee.cost_shared", "分摊公共水电",
        {"cost": Enum(SHARED_COSTS), "amount": MONEY_FEN, "from_on": DATE, "to_on": DATE, "units": COUNT}, of="estate",
    ),
    _kind("fee.paid", "收到物业费", {**_MONEY, "advance": MONEY_FEN, "cleared": BOOL}, of="settlement"),
    _kind(
        "fee.advance_used", "预存抵扣物业费",
        {"unit": TEXT, "amount": MONEY_FEN, "on": DATE, "cleared": BOOL, **_ESTATE}, of="unit",
    ),
    _kind("fee.refunded", "退还物业费", {**_MONEY, "reopened": MONEY_FEN}, of="settlement"),
    _kind("fee.reversed", "冲销物业费收款", {**_MONEY, "reason": TEXT}, of="settlement"),
    _kind("fee.invoiced", "开具物业费发票", {"amount": MONEY_FEN, "on": DATE, "differs": BOOL}, of="settlement"),
)  # fmt: skip
ARREARS: tuple[EventKind, ...] = (
    _kind(
        "fee.demanded", "催告欠费",
        {"amount": MONEY_FEN, "until": DATE, "written": BOOL, "first": BOOL, **_ESTATE}, of="unit",
    ),
    _kind("fee.demand_over", "催告期满仍欠费", {"amount": MONEY_FEN, **_ESTATE}, of="unit"),
    _kind("fee.reminded", "提醒按时交费", {"units": COUNT, "amount": MONEY_FEN, **_ESTATE}, of="estate"),
    _kind("fee.opinion_heard", "听取欠费意见", _ESTATE, of="arrears_opinion"),
    _kind(
        "fee.opinion_judged", "认定欠费意见",
        {"reasonable": BOOL, "until": OPTIONAL(DATE), **_ESTATE}, of="arrears_opinion",
    ),
    _kind("fee.opinion_resolved", "解决欠费意见", _ESTATE, of="arrears_opinion"),
    _kind("fee.reason_confirmed", "社区确认欠费正当理由", _ESTATE, of="arrears_opinion"),
    _kind("fee.help_asked", "交办协助催缴", {**_HELP, "by": ROLE}, of="arrears_help"),
    _kind("fee.help_reported", "登记协助催缴结果", {**_HELP, "handed_on": OPTIONAL(TEXT)}, of="arrears_help"),
    _kind("fee.help_ended", "缴清，协助催缴结束", _HELP, of="arrears_help"),
    _kind("fee.recourse_taken", "欠费申请仲裁或起诉", _RECOURSE, of="arrears_recourse"),
    _kind("fee.recourse_noted", "登记欠费裁判和执行", _RECOURSE, of="arrears_recourse"),
    _kind("fee.clue_handed", "移交欠费征信线索", _RECOURSE, of="arrears_recourse"),
    _kind("fee.clue_answered", "回填征信线索处理结果", _RECOURSE, of="arrears_recourse"),
    _kind("fee.clue_withdrawn", "撤销征信线索", _RECOURSE, of="arrears_recourse"),
    _kind("fee.clearance_issued", "出具物业费清零证明", {"number": TEXT, "valid_until": DATE, **_ESTATE}, of="unit"),
    _kind("fee.arrears_listed", "交接欠费清单", _HANDOVER, of="arrears_handover"),
    _kind("fee.arrears_taken_over", "接收欠费清单", _HANDOVER, of="arrears_handover"),
    _kind("fee.arrears_brought_in", "导入老账欠费", {"units": COUNT, "amount": MONEY_FEN, **_ESTATE}, of="estate"),
    _kind("fee.payer_marked", "业主标注身份类别", {"given": BOOL}, of="estate"),
    _kind(
        "fee.commission_settled", "结算酬金",
        {"spent": MONEY_FEN, "amount": MONEY_FEN, "from_on": DATE, "to_on": DATE}, of="estate",
    ),
    _kind(
        "fee.released", "拨付托管的物业费", {"amount": MONEY_FEN, "from_on": DATE, "to_on": DATE}, of="estate",
    ),
)  # fmt: skip
EVENTS: tuple[EventKind, ...] = (*PRICES, *BILLS, *ARREARS)
