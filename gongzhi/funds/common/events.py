"""Accounts at the bank and their statements. No Django."""

from gongzhi.funds.common.words import MANAGERS
from gongzhi.ledger.kinds import PURSES
from gongzhi.policy.vocabulary import COUNT, DATE, MONEY_FEN, OPTIONAL, ROLE, TEXT, Enum, EventKind

_PURSE = Enum(PURSES)

EVENTS: tuple[EventKind, ...] = (
    EventKind(
        "account.registered",
        "登记监管账户",
        {"purse": _PURSE, "manager": Enum(MANAGERS), "from_on": DATE, "estate": TEXT},
        subject="bank_account",
    ),
    EventKind(
        "account.ended", "停用监管账户", {"purse": _PURSE, "to_on": DATE, "estate": TEXT}, subject="bank_account"
    ),
    EventKind(
        "account.handed_over",
        "监管单位变更",
        {"purse": _PURSE, "from_role": OPTIONAL(ROLE), "to_role": OPTIONAL(ROLE), "on": DATE, "estate": TEXT},
        subject="bank_account",
    ),
    EventKind(
        "statement.imported",
        "导入银行对账单",
        {"purse": _PURSE, "from_on": DATE, "to_on": DATE, "fresh": COUNT, "known": COUNT, "matched": COUNT},
        subject="bank_account",
    ),
    EventKind(
        "statement.matched",
        "核对银行流水",
        {"purse": _PURSE, "reference": TEXT, "amount": MONEY_FEN, "how": TEXT, "entries": COUNT},
        subject="bank_account",
    ),
    EventKind(
        "statement.released",
        "撤销流水核对",
        {"purse": _PURSE, "reference": TEXT, "amount": MONEY_FEN, "how": TEXT, "reason": TEXT},
        subject="bank_account",
    ),
    EventKind(
        "statement.withdrawn",
        "撤回银行对账单",
        {"purse": _PURSE, "from_on": DATE, "to_on": DATE, "fresh": COUNT, "reason": TEXT},
        subject="bank_account",
    ),
    EventKind(
        "account.differs",
        "账实不符",
        {"purse": _PURSE, "on": DATE, "by": MONEY_FEN, "estate": TEXT},
        subject="bank_account",
    ),
)
