"""The face of the ledger: money moves through `post`, `post_set`, `reverse`, and in runs through `WRITE_SET` alone."""

from gongzhi.ledger.apportioning import Apportioned, Part, apportion
from gongzhi.ledger.queries import Line, Statement, TrialLine, account_of, balance, statement, trial_balance
from gongzhi.ledger.services.books import NewAccount, add_accounts, close_period, open_book
from gongzhi.ledger.services.posting import post, reverse
from gongzhi.ledger.services.sealing import receipt_of_period
from gongzhi.ledger.services.setwise import ENTRY_IDS, WRITE_SET, SetEntry, post_set, set_values

__all__ = [
    "ENTRY_IDS",
    "WRITE_SET",
    "Apportioned",
    "Line",
    "NewAccount",
    "Part",
    "SetEntry",
    "Statement",
    "TrialLine",
    "account_of",
    "add_accounts",
    "apportion",
    "balance",
    "close_period",
    "open_book",
    "post",
    "post_set",
    "receipt_of_period",
    "reverse",
    "set_values",
    "statement",
    "trial_balance",
]
