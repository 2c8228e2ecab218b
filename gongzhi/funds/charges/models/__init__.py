"""Prices, bills, how they are settled, arrears, what is shown."""

from gongzhi.funds.charges.models.arrears import (
    ArrearsHandover,
    ArrearsHelp,
    ArrearsOpinion,
    ArrearsRecourse,
    Clearance,
    Demand,
    PayerMark,
)
from gongzhi.funds.charges.models.billing import Bill, BillingRun, BillItem
from gongzhi.funds.charges.models.commission import CommissionSettlement
from gongzhi.funds.charges.models.prices import ChargeTerms, GuidePrice, GuidePriceSign, PersonalCharge, Tariff
from gongzhi.funds.charges.models.settling import Allocation, Settlement
from gongzhi.funds.charges.models.sharing import SharedCost, SharedPart
from gongzhi.funds.charges.models.shown import (
    CustodyRelease,
    Invoice,
    PriceChange,
    PriceFinding,
    PriceInspection,
    PriceNotice,
    PriceReport,
)
from gongzhi.funds.charges.models.tenancies import Tenancy

__all__ = [
    "Allocation",
    "ArrearsHandover",
    "ArrearsHelp",
    "ArrearsOpinion",
    "ArrearsRecourse",
    "Bill",
    "BillItem",
    "BillingRun",
    "ChargeTerms",
    "Clearance",
    "CommissionSettlement",
    "CustodyRelease",
    "Demand",
    "GuidePrice",
    "GuidePriceSign",
    "Invoice",
    "PayerMark",
    "PersonalCharge",
    "PriceChange",
    "PriceFinding",
    "PriceInspection",
    "PriceNotice",
    "PriceReport",
    "Settlement",
    "SharedCost",
    "SharedPart",
    "Tariff",
    "Tenancy",
]
