"""What happens with service charges. No Django."""

from gongzhi.funds.charges.words import CHANNELS, SHARED_COSTS
from gongzhi.policy.vocabulary import BOOL, COUNT, DATE, MONEY_FEN, OPTIONAL, TEXT, Enum, EventKind

_CHANNEL = Enum(CHANNELS)

EVENTS: tuple[EventKind, ...] = (
    EventKind(
        "fee.personal_set",
        "登记单户收费事项",
        {"what": TEXT, "from_on": DATE, "to_on": OPTIONAL(DATE), "ratio": OPTIONAL(TEXT), "estate": TEXT},
        subject="unit",
    ),
    EventKind(
        "fee.cost_shared",
        "分摊公共水电",
        {"cost": Enum(SHARED_COSTS), "amount": MONEY_FEN, "from_on": DATE, "to_on": DATE, "units": COUNT},
        subject="estate",
    ),
    EventKind(
        "fee.billed",
        "物业费出账",
        {"estate": TEXT, "from_on": DATE, "to_on": DATE, "due_on": DATE, "bills": COUNT, "amount": MONEY_FEN},
        subject="billing_run",
    ),
    EventKind("fee.billed_once", "单独出账", {"amount": MONEY_FEN, "due_on": DATE, "estate": TEXT}, subject="unit"),
    EventKind("fee.bill_cancelled", "作废账单", {"amount": MONEY_FEN, "reason": TEXT, "estate": TEXT}, subject="unit"),
    EventKind(
        "fee.paid",
        "收到物业费",
        {"amount": MONEY_FEN, "channel": _CHANNEL, "on": DATE, "advance": MONEY_FEN, "cleared": BOOL, "estate": TEXT},
        subject="unit",
    ),
    EventKind(
        "fee.advance_used",
        "预存抵扣物业费",
        {"amount": MONEY_FEN, "on": DATE, "cleared": BOOL, "estate": TEXT},
        subject="unit",
    ),
    EventKind(
        "fee.refunded",
        "退还物业费",
        {"amount": MONEY_FEN, "channel": _CHANNEL, "on": DATE, "reopened": MONEY_FEN, "estate": TEXT},
        subject="unit",
    ),
    EventKind(
        "fee.reversed",
        "冲销物业费收款",
        {"amount": MONEY_FEN, "channel": _CHANNEL, "on": DATE, "reason": TEXT, "estate": TEXT},
        subject="unit",
    ),
)
