"""The face of common revenue."""

from gongzhi.funds.revenue.services.keeping import (
    Expense,
    Income,
    begin_revenue,
    clear_flag,
    receive,
    register_contract,
    spend,
)
from gongzhi.funds.revenue.services.rooms import confirm_room, register_room
from gongzhi.funds.revenue.services.showing import answer_question, ask_question, publish
from gongzhi.funds.revenue.services.supporting import cover_allowance, gap_of, supplement_fund

__all__ = [
    "Expense",
    "Income",
    "answer_question",
    "ask_question",
    "begin_revenue",
    "clear_flag",
    "confirm_room",
    "cover_allowance",
    "gap_of",
    "publish",
    "receive",
    "register_contract",
    "register_room",
    "spend",
    "supplement_fund",
]
