"""The face of what the purses share."""

from gongzhi.funds.common.services.accounts import (
    AccountInput,
    delivered_by,
    pass_supervision,
    register_account,
    supervisor_of,
)
from gongzhi.funds.common.services.books import ensure_book, ensure_unit_accounts, unit_accounts
from gongzhi.funds.common.services.statements import (
    guessed,
    import_statement,
    match_line,
    read_lines,
    release_line,
    rows_of,
    table_of,
    withdraw_statement,
)

__all__ = [
    "AccountInput",
    "delivered_by",
    "ensure_book",
    "ensure_unit_accounts",
    "guessed",
    "import_statement",
    "match_line",
    "pass_supervision",
    "read_lines",
    "register_account",
    "release_line",
    "rows_of",
    "supervisor_of",
    "table_of",
    "unit_accounts",
    "withdraw_statement",
]
