"""The face of service charges."""

from gongzhi.funds.charges.services.billing import begin_run, go_on
from gongzhi.funds.charges.services.personal import declare_vacant, end_personal, give_rebate, have_item, share_cost
from gongzhi.funds.charges.services.settling import refund, reverse_settlement, settle, use_advance
from gongzhi.funds.charges.services.single import Item, bill_once, cancel_bill

__all__ = [
    "Item",
    "begin_run",
    "bill_once",
    "cancel_bill",
    "declare_vacant",
    "end_personal",
    "give_rebate",
    "go_on",
    "have_item",
    "refund",
    "reverse_settlement",
    "settle",
    "share_cost",
    "use_advance",
]
