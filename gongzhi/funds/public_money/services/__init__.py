"""The face of public money."""

from gongzhi.funds.public_money.services.budgeting import appropriate, publish_budgets, shift
from gongzhi.funds.public_money.services.claiming import Asking, DoneCase, Person, claim, preview, split
from gongzhi.funds.public_money.services.spending import (
    ProjectMove,
    Spending,
    approve_expense,
    ask_expense,
    begin_project,
    move_project,
    pay_expense,
    project_warnings,
    urgent_kinds,
    wanted_paper,
    withdraw_expense,
)
from gongzhi.funds.public_money.services.stepping import Step, reinvest, resubmit, take_step, to_decide, withdraw
from gongzhi.funds.public_money.services.watching import (
    answer_doubt,
    assess_preparatory,
    raise_doubt,
    receive_preparatory,
    register_policy,
    settle_doubt,
    use_policy,
)

__all__ = [
    "Asking",
    "DoneCase",
    "Person",
    "ProjectMove",
    "Spending",
    "Step",
    "answer_doubt",
    "appropriate",
    "approve_expense",
    "ask_expense",
    "assess_preparatory",
    "begin_project",
    "claim",
    "move_project",
    "pay_expense",
    "preview",
    "project_warnings",
    "publish_budgets",
    "raise_doubt",
    "receive_preparatory",
    "register_policy",
    "reinvest",
    "resubmit",
    "settle_doubt",
    "shift",
    "split",
    "take_step",
    "to_decide",
    "urgent_kinds",
    "use_policy",
    "wanted_paper",
    "withdraw",
    "withdraw_expense",
]
