"""What happens with service charges. No Django."""

from gongzhi.funds.charges.words import CHANNELS
from gongzhi.policy.vocabulary import BOOL, DATE, MONEY_FEN, TEXT, Enum, EventKind

_CHANNEL = Enum(CHANNELS)

EVENTS: tuple[EventKind, ...] = (
    EventKind("charge.billed_once", "单独出账", {"amount": MONEY_FEN, "due_on": DATE, "estate": TEXT}, subject="unit"),
    EventKind(
        "charge.bill_cancelled", "作废账单", {"amount": MONEY_FEN, "reason": TEXT, "estate": TEXT}, subject="unit"
    ),
    EventKind(
        "charge.paid",
        "收到物业费",
        {"amount": MONEY_FEN, "channel": _CHANNEL, "on": DATE, "advance": MONEY_FEN, "cleared": BOOL, "estate": TEXT},
        subject="unit",
    ),
    EventKind(
        "charge.advance_used",
        "预存抵扣物业费",
        {"amount": MONEY_FEN, "on": DATE, "cleared": BOOL, "estate": TEXT},
        subject="unit",
    ),
    EventKind(
        "charge.refunded",
        "退还物业费",
        {"amount": MONEY_FEN, "channel": _CHANNEL, "on": DATE, "reopened": MONEY_FEN, "estate": TEXT},
        subject="unit",
    ),
    EventKind(
        "charge.reversed",
        "冲销物业费收款",
        {"amount": MONEY_FEN, "channel": _CHANNEL, "on": DATE, "reason": TEXT, "estate": TEXT},
        subject="unit",
    ),
)
