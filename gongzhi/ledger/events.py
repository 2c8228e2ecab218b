"""The events of the ledger. An entry is a record of its own and needs no event; opening and closing books do."""

from gongzhi.policy.vocabulary import COUNT, DATE, TEXT, EventKind

EVENTS: tuple[EventKind, ...] = (
    EventKind("book.opened", "建账", {"purse": TEXT, "opened_on": DATE, "accounts": COUNT}, subject="book"),
    EventKind("book.period_closed", "结账", {"until": DATE, "entries": COUNT, "accounts": COUNT}, subject="book"),
)
