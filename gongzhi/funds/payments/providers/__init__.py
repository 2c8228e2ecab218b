"""The payment providers behind one small interface, each through its own client library."""

from gongzhi.funds.payments.providers.interface import (
    BillLine,
    Forged,
    Notice,
    NotReady,
    Offered,
    Provider,
    ProviderDown,
    ProviderRefused,
    RefundSeen,
    Seen,
    ToPay,
    ToRefund,
)

__all__ = [
    "BillLine",
    "Forged",
    "NotReady",
    "Notice",
    "Offered",
    "Provider",
    "ProviderDown",
    "ProviderRefused",
    "RefundSeen",
    "Seen",
    "ToPay",
    "ToRefund",
]
