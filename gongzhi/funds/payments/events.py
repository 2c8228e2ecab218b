"""What happens to payments. No Django. Nobody is named, neither in words nor by the provider's ids of persons."""

from gongzhi.funds.payments.words import HOWS, ISSUES, PROVIDERS, REFUND_HOWS
from gongzhi.policy.vocabulary import BOOL, COUNT, DATE, MONEY_FEN, TEXT, Enum, EventKind

_PROVIDER = Enum(PROVIDERS)

EVENTS: tuple[EventKind, ...] = (
    EventKind("channel.registered", "登记收款渠道", {"provider": _PROVIDER, "from_on": DATE}, subject="pay_channel"),
    EventKind("channel.ended", "停用收款渠道", {"provider": _PROVIDER, "to_on": DATE}, subject="pay_channel"),
    EventKind(
        "payment.ordered",
        "生成支付订单",
        {"provider": _PROVIDER, "amount": MONEY_FEN, "bills": COUNT},
        subject="pay_order",
    ),
    EventKind("payment.order_closed", "关闭支付订单", {"amount": MONEY_FEN, "expired": BOOL}, subject="pay_order"),
    EventKind(
        "payment.arrived",
        "支付到账",
        {"provider": _PROVIDER, "amount": MONEY_FEN, "on": DATE, "late": BOOL},
        subject="pay_order",
    ),
    EventKind(
        "payment.issue_noted", "发现收款疑点", {"issue": Enum(ISSUES), "provider": _PROVIDER}, subject="pay_issue"
    ),
    EventKind("payment.issue_done", "处理收款疑点", {"issue": Enum(ISSUES), "how": Enum(HOWS)}, subject="pay_issue"),
    EventKind("receipt.issued", "开具收据", {"amount": MONEY_FEN, "number": TEXT}, subject="receipt"),
    EventKind("receipt.voided", "作废收据", {"amount": MONEY_FEN, "number": TEXT}, subject="receipt"),
    EventKind(
        "payment.cash_banked", "现金存入银行", {"amount": MONEY_FEN, "on": DATE, "estate": TEXT}, subject="cash_deposit"
    ),
    EventKind("refund.asked", "申请退款", {"amount": MONEY_FEN, "how": Enum(REFUND_HOWS)}, subject="refund_request"),
    EventKind(
        "refund.judged",
        "审批退款",
        {"amount": MONEY_FEN, "agreed": BOOL, "how": Enum(REFUND_HOWS)},
        subject="refund_request",
    ),  # fmt: skip
    EventKind("refund.done", "退款完成", {"amount": MONEY_FEN, "how": Enum(REFUND_HOWS)}, subject="refund_request"),
    EventKind("refund.failed", "退款没有成功", {"amount": MONEY_FEN}, subject="refund_request"),
    EventKind("mandate.begun", "登记代扣授权", {"from_on": DATE}, subject="mandate"),
    EventKind("mandate.ended", "终止代扣授权", {"to_on": DATE}, subject="mandate"),
    EventKind("deduction.made", "生成代扣文件", {"count": COUNT, "amount": MONEY_FEN}, subject="deduction_batch"),
    EventKind(
        "deduction.returned",
        "导入代扣回盘",
        {"paid": COUNT, "failed": COUNT, "amount": MONEY_FEN},
        subject="deduction_batch",
    ),
    EventKind(
        "channel.reconciled",
        "渠道对账",
        {"on": DATE, "lines": COUNT, "issues": COUNT, "fee": MONEY_FEN},
        subject="channel_day",
    ),
    EventKind(
        "channel.transferred", "渠道款到账", {"on": DATE, "amount": MONEY_FEN, "fee": MONEY_FEN}, subject="channel_day"
    ),
)
