"""What happens to common revenue. No Django."""

from gongzhi.funds.revenue.words import FLAGS, PURPOSES, ROOM_USES, SHARE_OF, SOURCES
from gongzhi.policy.vocabulary import BOOL, DATE, LIST, MONEY_FEN, ROLE, TEXT, Enum, EventKind

EVENTS: tuple[EventKind, ...] = (
    EventKind("revenue.begun", "建公共收益账", {"on": DATE, "publisher": ROLE}, subject="estate"),
    EventKind(
        "revenue.contract_registered",
        "登记公共收益合同",
        {"source": Enum(SOURCES), "from_on": DATE, "amount": MONEY_FEN},
        subject="estate",
    ),
    EventKind(
        "revenue.received",
        "公共收益入账",
        {"source": Enum(SOURCES), "amount": MONEY_FEN, "on": DATE, "flags": LIST(Enum(FLAGS))},
        subject="estate",
    ),
    EventKind(
        "revenue.spent",
        "公共收益支出",
        {"purpose": Enum(PURPOSES), "amount": MONEY_FEN, "on": DATE, "flags": LIST(Enum(FLAGS))},
        subject="estate",
    ),
    EventKind("revenue.flagged", "疑似挪用公共收益", {"item": TEXT, "amount": MONEY_FEN}, subject="estate"),
    EventKind("revenue.cleared", "解除疑似挪用", {"item": TEXT, "reason": TEXT}, subject="estate"),
    EventKind(
        "revenue.to_fund",
        "公共收益补充维修资金",
        {"amount": MONEY_FEN, "base": MONEY_FEN, "of": Enum(SHARE_OF), "share": TEXT, "enough": BOOL, "on": DATE},
        subject="estate",
    ),
    EventKind(
        "revenue.published",
        "公布公共收益收支",
        {
            "from_on": DATE,
            "to_on": DATE,
            "closing": MONEY_FEN,
            "publisher": ROLE,
            "complete": BOOL,
            "covered_from": DATE,
            "covered_to": DATE,
        },
        subject="estate",
    ),
    EventKind("revenue.asked", "对公共收益提出疑问", {"publisher": ROLE}, subject="revenue_question"),
    EventKind("revenue.answered", "答复公共收益疑问", {"publisher": ROLE}, subject="revenue_question"),
    EventKind(
        "room.registered",
        "登记公共用房",
        {"serves": Enum(ROOM_USES), "unaffected": BOOL},
        subject="estate",
    ),
)
