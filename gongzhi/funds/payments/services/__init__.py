"""The face of payments."""

from gongzhi.funds.payments.services.banking import bank_cash
from gongzhi.funds.payments.services.bills import (
    PAGES,
    PRINT,
    TELL,
    ask_to_print,
    ask_to_tell,
    bills_pdf,
    pay_address,
    print_run,
    printed,
    sent_of,
    tell_run,
)
from gongzhi.funds.payments.services.channels import (
    KEYS,
    OPTIONAL,
    end_channel,
    provider_of,
    refresh_all_certificates,
    refresh_certificates,
    register_channel,
)
from gongzhi.funds.payments.services.counter import take_at_counter
from gongzhi.funds.payments.services.deducting import (
    begin_mandate,
    end_mandate,
    file_csv,
    file_rows,
    make_batch,
    read_reply,
    take_reply,
)
from gongzhi.funds.payments.services.issues import work_off_issue
from gongzhi.funds.payments.services.letters import letters_of, letters_pdf
from gongzhi.funds.payments.services.links import confirm, link_of, renew_token, token_of
from gongzhi.funds.payments.services.ordering import VALID, Payer, look_after, look_after_orders, offer, open_order
from gongzhi.funds.payments.services.receipts import in_words, issue_receipt, receipts_pdf, void_receipt
from gongzhi.funds.payments.services.receiving import pretend_paid, take_in, take_notice
from gongzhi.funds.payments.services.reconciling import book_transfer, compare, fetch_day, fetch_due, settle_day
from gongzhi.funds.payments.services.refunding import (
    SEND,
    ask_refund,
    judge_refund,
    look_after_refunds,
    pay_out,
    send_refund,
)

__all__ = [
    "KEYS",
    "OPTIONAL",
    "PAGES",
    "PRINT",
    "SEND",
    "TELL",
    "VALID",
    "Payer",
    "ask_refund",
    "ask_to_print",
    "ask_to_tell",
    "bank_cash",
    "begin_mandate",
    "bills_pdf",
    "book_transfer",
    "compare",
    "confirm",
    "end_channel",
    "end_mandate",
    "fetch_day",
    "fetch_due",
    "file_csv",
    "file_rows",
    "in_words",
    "issue_receipt",
    "judge_refund",
    "letters_of",
    "letters_pdf",
    "link_of",
    "look_after",
    "look_after_orders",
    "look_after_refunds",
    "make_batch",
    "offer",
    "open_order",
    "pay_address",
    "pay_out",
    "pretend_paid",
    "print_run",
    "printed",
    "provider_of",
    "read_reply",
    "receipts_pdf",
    "refresh_all_certificates",
    "refresh_certificates",
    "register_channel",
    "renew_token",
    "send_refund",
    "sent_of",
    "settle_day",
    "take_at_counter",
    "take_in",
    "take_notice",
    "take_reply",
    "tell_run",
    "token_of",
    "void_receipt",
    "work_off_issue",
]
