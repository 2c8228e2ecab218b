"""Reading service charges."""

from gongzhi.funds.charges.queries.owed import (
    OfProject,
    advance_of,
    bill_numbered,
    late_by_bill,
    late_fen,
    open_bills,
    owed_by_bill,
    owed_fen,
    terms_on,
)

__all__ = [
    "OfProject",
    "advance_of",
    "bill_numbered",
    "late_by_bill",
    "late_fen",
    "open_bills",
    "owed_by_bill",
    "owed_fen",
    "terms_on",
]
