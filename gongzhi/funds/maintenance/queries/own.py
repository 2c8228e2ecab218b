"""One unit's account as its owner reads it: owner by owner, with every movement explained."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate

from gongzhi.core import services as core
from gongzhi.funds.common.queries import DAY
from gongzhi.funds.maintenance.models import FundDeposit, FundShare, FundUse
from gongzhi.funds.maintenance.queries.carried import CARRIED_IN, CARRIED_OUT, PURSE
from gongzhi.ledger import services as ledger
from gongzhi.ledger.models import Account, Book, Entry, Posting
from gongzhi.ledger.queries import Line
from gongzhi.registry.models import Ownership, Unit

TITLES: dict[str, str] = {
    "takeover": "接管的余额",
    "deposit_first": "交存首期",
    "deposit_renewal": "续交",
    "interest": "增值收益",
    "from_revenue": "公共收益转入",
    "use_payment": "维修分摊",
    "reversal": "冲销更正",
}
CENTI = 100


@dataclass(frozen=True)
class Move:
    """A movement on the account, in 分: what came in above 0. `how` says where the amount comes from."""

    on: date
    title: str
    how: str
    amount_fen: int
    balance_fen: int
    entry: Entry
    use: FundUse | None = None


@dataclass(frozen=True)
class Tenure:
    """The account while one owner had the unit. `title` None: while no owner was recorded."""

    title: Ownership | None
    from_on: date | None
    to_on: date | None
    opening_fen: int
    moves: tuple[Move, ...]
    closing_fen: int


@dataclass(frozen=True)
class Missing:
    """What a use costs the unit beyond what its account had, in 分: its owner owes it until he makes it up."""

    use: FundUse
    share_fen: int
    charged_fen: int
    made_up_fen: int = 0

    @property
    def missing_fen(self) -> int:
        return self.share_fen - self.charged_fen - self.made_up_fen


@dataclass(frozen=True)
class UnitAccount:
    """In 分. Came in, was used, is there: the last follows from the other two."""

    unit: Unit
    tenures: tuple[Tenure, ...]
    in_fen: int
    interest_fen: int
    used_fen: int
    balance_fen: int
    missing: tuple[Missing, ...]

    @property
    def count(self) -> int:
        return sum(len(one.moves) for one in self.tenures)


def unit_account(unit: Unit, *, on: date) -> UnitAccount | None:
    """The account up to that day, the newest owner and movement first; None while the unit has none. Whose estate went
    into another area has one in each book: read as one, without what was carried over from the one to the other."""
    rows = Account.objects.filter(holder_kind="unit", holder_id=str(unit.pk), book__purse=PURSE).select_related("book")
    accounts = list(rows.order_by("pk"))
    if not accounts:
        return None
    moves = [move for account in accounts for move in _moves(unit, account, on)]
    if len(accounts) > 1:
        moves = _as_one(moves)
    sums: dict[str, int] = {"in": 0, "interest": 0, "used": 0}
    for one in moves:
        of = "used" if _kind(one.entry) == "use_payment" else "interest" if _kind(one.entry) == "interest" else "in"
        sums[of] += one.amount_fen
    return UnitAccount(
        unit,
        tuple(reversed(_tenures(unit, moves, on))),
        sums["in"],
        sums["interest"],
        -sums["used"],
        moves[-1].balance_fen if moves else 0,
        missing_of(unit, moves, on=on),
    )


def _moves(unit: Unit, account: Account, on: date) -> list[Move]:
    lines = ledger.statement(account, from_on=account.book.opened_on, to_on=on).lines
    return _explained(unit, account.book, lines)


def _as_one(moves: Iterable[Move]) -> list[Move]:
    own = [one for one in moves if _kind(one.entry) not in (CARRIED_OUT, CARRIED_IN)]
    own.sort(key=lambda one: (one.on, one.entry.pk))
    balances = accumulate(one.amount_fen for one in own)
    return [replace(one, balance_fen=balance) for one, balance in zip(own, balances, strict=True)]


def _kind(entry: Entry) -> str:
    return entry.reverses.kind if entry.reverses is not None else entry.kind


def _tenures(unit: Unit, moves: Sequence[Move], on: date) -> list[Tenure]:
    """Owners one after another, and the time before the first; those of whom the account knows nothing left out."""
    titles = [
        one
        for one in Ownership.objects.filter(unit=unit).order_by("from_on", "pk").prefetch_related("shares__owner")
        if one.from_on is None or one.from_on <= on
    ]
    titles.sort(key=lambda one: one.from_on or date.min)
    found: list[Tenure] = []
    balance = 0
    begin: date | None = None
    spans: list[tuple[Ownership | None, date | None, date | None]] = []
    for title in titles:
        if title.from_on is not None and (begin is None or begin < title.from_on):
            spans.append((None, begin, title.from_on - DAY))
        spans.append((title, title.from_on, title.to_on))
        begin = title.to_on + DAY if title.to_on is not None else date.max
    if begin is None or begin <= on:
        spans.append((None, begin, None))
    for owner, from_on, to_on in spans:
        own = tuple(one for one in moves if (from_on or date.min) <= one.on <= (to_on or date.max))
        closing = own[-1].balance_fen if own else balance
        if own or owner is not None:
            found.append(Tenure(owner, from_on, to_on, balance, tuple(reversed(own)), closing))
        balance = closing
    return found


def _explained(unit: Unit, book: Book, lines: Sequence[Line]) -> list[Move]:
    entries = [one.entry for one in lines]
    deposits = {one.entry_id: one for one in FundDeposit.objects.filter(unit=unit, entry__in=entries)}
    uses = _uses(entries)
    shares = {one.use_id: one for one in FundShare.objects.filter(unit=unit, use__in=uses.values())}
    whole = _at_bank(book, entries)
    found, before = [], 0
    for line in lines:
        entry = line.entry
        use = uses.get(entry.source_id) if entry.source_kind == "fund_use" else None
        if use is not None:
            how = _of_use(use, shares.get(use.pk), whole.get(entry.pk, 0))
        elif entry.kind == "interest":
            how = f"全小区增值{core.yuan(whole[entry.pk])}元，按各户当时的余额分；本户当时余额{core.yuan(before)}元。"
        elif entry.kind == "from_revenue":
            how = f"{entry.text}，共{core.yuan(whole[entry.pk])}元，按专有部分面积分到户。"
        elif entry.kind == "takeover":
            how = "从原来的管理单位接管过来。"
        elif entry.pk in deposits:
            one = deposits[entry.pk]
            how = f"由{one.get_payer_display()}交" + (f"，银行流水号{one.reference}。" if one.reference else "。")
        else:
            how = f"{entry.text}。"
        title = TITLES.get(entry.kind, entry.text)
        balance = -line.balance_fen
        found.append(Move(entry.booked_on, title, how, -line.amount_fen, balance, entry, use))
        before = balance
    return found


def _uses(entries: Iterable[Entry]) -> dict[str, FundUse]:
    wanted = {one.source_id for one in entries if one.source_kind == "fund_use"}
    return {str(one.pk): one for one in FundUse.objects.filter(pk__in=wanted)}


def _at_bank(book: Book, entries: Sequence[Entry]) -> dict[int, int]:
    """What each entry moved at the bank, in 分."""
    rows = Posting.objects.filter(entry__in=entries, account__book=book, account__code="bank")
    return {entry: abs(fen) for entry, fen in rows.values_list("entry", "amount_fen")}


def _of_use(use: FundUse, share: FundShare | None, paid_fen: int) -> str:
    if share is None:
        return f"{use.title}。"
    total = sum(use.shares.values_list("weight", flat=True))
    return (
        f"{use.title}，这次付{core.yuan(paid_fen)}元。按面积分摊：本户{_m2(share.weight)}平方米，"
        f"受益房屋共{_m2(total)}平方米。"
    )


def _m2(weight: int) -> str:
    return f"{weight // CENTI}.{weight % CENTI:02d}"


def owed_of(unit: Unit, *, on: date) -> int:
    """分 that the owner still has to make up for finished works."""
    found = unit_account(unit, on=on)
    return sum(one.missing_fen for one in found.missing) if found is not None else 0


def missing_of(unit: Unit, moves: Sequence[Move], *, on: date) -> tuple[Missing, ...]:
    """Of uses that are paid in full: an account that ran dry carried less than its unit's share. The oldest is made up
    first."""
    charged: dict[int, int] = {}
    for one in moves:
        if one.use is not None:
            charged[one.use.pk] = charged.get(one.use.pk, 0) - one.amount_fen
    settled = FundShare.objects.filter(unit=unit, use__payments__step="settle", use__payments__paid_on__lte=on)
    deposits = FundDeposit.objects.filter(unit=unit, purpose="makeup", paid_on__lte=on)
    left = sum(deposits.values_list("amount_fen", flat=True))
    found = []
    for share in settled.select_related("use").order_by("use__payments__paid_on", "use"):
        carried = charged.get(share.use_id, 0)
        made_up = min(left, max(share.amount_fen - carried, 0))
        left -= made_up
        row = Missing(share.use, share.amount_fen, carried, made_up)
        if row.missing_fen > 0:
            found.append(row)
    return tuple(found)
