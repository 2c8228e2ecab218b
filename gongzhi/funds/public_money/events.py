"""What happens with public money. No Django."""

from gongzhi.funds.public_money.words import (
    EXPENSE_KINDS,
    ITEMS,
    MOVES,
    PAYERS,
    PROJECT_STEPS,
    SCHEMES,
    STEPS,
    SUPPORTS,
)
from gongzhi.policy.vocabulary import BOOL, COUNT, DATE, MONEY_FEN, OPTIONAL, ROLE, TEXT, Enum, EventKind, Fact

_CLAIM = {
    "scheme": Fact("scheme", Enum(SCHEMES), "项目", open=True),
    "estate": OPTIONAL(TEXT),
    "claimant": ROLE,
    "amount": MONEY_FEN,
    "next_step": OPTIONAL(Enum(STEPS)),
    "next_by": OPTIONAL(ROLE),
}
_BUDGET = {"item": Enum(ITEMS), "payer": Enum(PAYERS), "year": COUNT, "amount": MONEY_FEN}
_EXPENSE = {"kind": Enum(EXPENSE_KINDS), "item": Enum(ITEMS), "amount": MONEY_FEN, "asker": ROLE}


def _of_claim(name: str, title: str, /, **fields: object) -> EventKind:
    return EventKind(name, title, {**_CLAIM, **fields}, subject="subsidy_claim")


EVENTS: tuple[EventKind, ...] = (
    EventKind("budget.moved", "安排、调整年度预算", {**_BUDGET, "kind": Enum(MOVES)}, subject="budget"),
    EventKind("budget.published", "公开年度预算执行", {"year": COUNT, "items": COUNT}, subject="place"),
    _of_claim("subsidy.claimed", "申请补贴、奖励", lines=COUNT, must_decide=BOOL),
    _of_claim("subsidy.step_taken", "办理补贴步骤", step=Enum(STEPS), on=DATE),
    _of_claim("subsidy.returned", "退回补贴申请", step=Enum(STEPS), reason=TEXT),
    _of_claim("subsidy.refused", "不予补贴", step=Enum(STEPS), reason=TEXT),
    _of_claim("subsidy.withdrawn", "撤回补贴申请"),
    _of_claim("subsidy.paid", "拨付补贴、奖励", on=DATE, must_reinvest=BOOL),
    _of_claim("subsidy.reinvested", "奖补用于小区改造", spent=MONEY_FEN, enough=BOOL),
    EventKind("expense.asked", "申请经费支出", _EXPENSE, subject="public_expense"),
    EventKind("expense.approved", "审批经费支出", {**_EXPENSE, "agreed": BOOL}, subject="public_expense"),
    EventKind(
        "expense.withdrawn",
        "撤回经费支出",
        {**_EXPENSE, "reason": TEXT, "committed": BOOL},
        subject="public_expense",
    ),
    EventKind("expense.paid", "支付经费", {**_EXPENSE, "on": DATE}, subject="public_expense"),
    EventKind(
        "project.public_begun",
        "财政资金项目立项",
        {"amount": MONEY_FEN, "urgent": BOOL, "emergency": OPTIONAL(TEXT)},
        subject="public_project",
    ),
    EventKind(
        "project.public_step",
        "办理财政资金项目步骤",
        {"step": Enum(PROJECT_STEPS), "amount": MONEY_FEN, "on": DATE, "urgent": BOOL},
        subject="public_project",
    ),
    EventKind(
        "support.registered", "登记扶持政策", {"kind": Enum(SUPPORTS), "from_on": DATE}, subject="support_policy"
    ),
    EventKind(
        "support.used",
        "登记政策享受",
        {"kind": Enum(SUPPORTS), "amount": MONEY_FEN, "eligible": BOOL, "year": COUNT},
        subject="support_policy",
    ),
    EventKind("doubt.raised", "标记资金疑点", {"about": TEXT, "asked_of": ROLE}, subject="money_doubt"),
    EventKind("doubt.answered", "说明资金疑点", {"about": TEXT}, subject="money_doubt"),
    EventKind("doubt.settled", "资金疑点销号", {"about": TEXT}, subject="money_doubt"),
    EventKind(
        "preparatory.assessed",
        "核定首次业主大会筹备经费",
        {"payer": TEXT, "due": MONEY_FEN, "registration_on": OPTIONAL(DATE)},
        subject="estate",
    ),
    EventKind(
        "preparatory.received",
        "筹备经费到账",
        {"amount": MONEY_FEN, "on": DATE, "accepted": BOOL, "enough": BOOL},
        subject="estate",
    ),
)
