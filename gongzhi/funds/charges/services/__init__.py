"""The face of service charges."""

from gongzhi.funds.charges.services.settling import refund, reverse_settlement, settle, use_advance
from gongzhi.funds.charges.services.single import Item, bill_once, cancel_bill

__all__ = ["Item", "bill_once", "cancel_bill", "refund", "reverse_settlement", "settle", "use_advance"]
