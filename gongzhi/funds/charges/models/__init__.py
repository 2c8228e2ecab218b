"""Prices, bills and how they are settled."""

from gongzhi.funds.charges.models.billing import Bill, BillingRun, BillItem
from gongzhi.funds.charges.models.prices import ChargeTerms, GuidePrice, GuidePriceSign, PersonalCharge, Tariff
from gongzhi.funds.charges.models.settling import Allocation, Settlement
from gongzhi.funds.charges.models.sharing import SharedCost, SharedPart

__all__ = [
    "Allocation",
    "Bill",
    "BillItem",
    "BillingRun",
    "ChargeTerms",
    "GuidePrice",
    "GuidePriceSign",
    "PersonalCharge",
    "Settlement",
    "SharedCost",
    "SharedPart",
    "Tariff",
]
