"""Reading the purses of an estate: who may, which book, the movements of a period, the bank beside the books."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Cast

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.core.rights import may
from gongzhi.funds.common.models import BankLine, LineEntry, SupervisedAccount
from gongzhi.funds.common.words import ASSETS
from gongzhi.ledger import services as ledger
from gongzhi.ledger.models import Account, Book, Entry, Posting
from gongzhi.policy import periods
from gongzhi.registry.models import Estate, Project
from gongzhi.registry.queries.reading import estates_for

DAY = timedelta(days=1)


@dataclass(frozen=True)
class OfEstate:
    """What rights over an estate's money are judged by. A company is party to the estates that it serves that day;
    of its managers the one of the estate is.

    Without a day: to those that it serves without an end.
    """

    estate: Estate
    on: date | None = None

    @property
    def place_path(self) -> str:
        return self.estate.place_path

    def is_party(self, actor: Actor) -> bool:
        if actor.organisation is None or (actor.role == "project_manager" and not actor.within(self.place_path)):
            return False
        serving = Project.objects.filter(estate=self.estate, company=actor.organisation)
        if self.on is None:
            return serving.filter(to_on=None).exists()
        return serving.filter(from_on__lte=self.on).exclude(to_on__lt=self.on).exists()


def estates_with_books(actor: Actor, *, on: date) -> QuerySet[Estate]:
    """Estates whose money the actor may see; of those that went into another area the ones that have books still."""
    books = Book.objects.filter(subject_kind="estate", subject_id=Cast(OuterRef("pk"), CharField()))
    rows = estates_for(actor).filter(Q(ended_on=None) | Exists(books))
    if actor.role == "property_company" and actor.organisation is not None:
        serving = Project.objects.filter(company=actor.organisation, from_on__lte=on).exclude(to_on__lt=on)
        return rows.filter(pk__in=serving.values("estate"))
    return rows


def may_read(actor: Actor, estate: Estate, *, on: date) -> bool:
    return may(actor, "fund.read", OfEstate(estate, on))


def book_of(estate: Estate, purse: str) -> Book | None:
    return Book.objects.filter(subject_kind="estate", subject_id=str(estate.pk), purse=purse).first()


def books_of(estate: Estate) -> dict[str, Book]:
    """By purse."""
    return {one.purse: one for one in Book.objects.filter(subject_kind="estate", subject_id=str(estate.pk))}


def account_at(estate: Estate, purse: str, on: date) -> SupervisedAccount | None:
    rows = SupervisedAccount.objects.filter(estate=estate, purse=purse, from_on__lte=on).exclude(to_on__lt=on)
    return rows.order_by("-from_on").first()


def held(book: Book, on: date) -> int:
    """分 in money and at the bank at the end of that day."""
    codes = ASSETS[book.purse]
    return sum(ledger.balance(one, on) for one in book.accounts.filter(code__in=codes) if one.code in ("bank", "cash"))


@dataclass(frozen=True, slots=True)
class Movement:
    """An entry as the holders of the money see it: what came into the bank or left it, and what was there then."""

    entry: Entry
    in_fen: int
    out_fen: int
    balance_fen: int
    matched: bool


@dataclass(frozen=True)
class Period:
    """Opening + in − out = closing, in 分; `tied` says whether the ledger itself agrees."""

    from_on: date
    to_on: date
    opening_fen: int
    movements: tuple[Movement, ...]
    closing_fen: int

    @property
    def in_fen(self) -> int:
        return sum(one.in_fen for one in self.movements)

    @property
    def out_fen(self) -> int:
        return sum(one.out_fen for one in self.movements)

    @property
    def tied(self) -> bool:
        return self.opening_fen + self.in_fen - self.out_fen == self.closing_fen


def period_of(book: Book, *, from_on: date, to_on: date) -> Period:
    """The statement of a purse's money for a period, both days included."""
    account = book.accounts.get(code="bank")
    opening = running = ledger.balance(account, from_on - DAY)
    rows = Posting.objects.filter(account=account, booked_on__range=(from_on, to_on)).select_related("entry__reverses")
    found = []
    at_bank_too = LineEntry.objects.filter(entry__book=book, entry__booked_on__range=(from_on, to_on))
    matched = set(at_bank_too.values_list("entry_id", flat=True))
    for row in rows.order_by("booked_on", "entry_id", "leg"):
        running += row.amount_fen
        found.append(
            Movement(row.entry, max(row.amount_fen, 0), max(-row.amount_fen, 0), running, row.entry_id in matched)
        )
    return Period(from_on, to_on, opening, tuple(found), ledger.balance(account, to_on))


def trial(book: Book, on: date) -> list[dict[str, Any]]:
    """Accounts by code with those of units put together: what people read of a trial balance."""
    shown: list[dict[str, Any]] = []
    units: dict[str, Any] = {"title": "", "debit_fen": 0, "credit_fen": 0, "count": 0}
    for line in ledger.trial_balance(book, on):
        if line.account.holder_kind:
            units["debit_fen"] += line.debit_fen
            units["credit_fen"] += line.credit_fen
            units["count"] += 1
        elif line.debit_fen or line.credit_fen:
            shown.append({"title": line.account.title, "debit_fen": line.debit_fen, "credit_fen": line.credit_fen})
    if units["count"]:
        title = book.accounts.filter(code="units").values_list("title", flat=True).first() or "分户账"
        units["title"] = f"{title}（{units['count']}户）"
        shown.append(units)
    return shown


def sums(book: Book, codes: Sequence[str], *, from_on: date, to_on: date) -> dict[str, int]:
    """What moved on each of the accounts within a period, in 分; a credit is above 0 here."""
    rows = (
        Posting.objects.filter(account__book=book, account__code__in=codes, booked_on__range=(from_on, to_on))
        .values("account__code")
        .annotate(total=Sum("amount_fen"))
    )
    found = {row["account__code"]: -int(row["total"] or 0) for row in rows}
    return {code: found.get(code, 0) for code in codes}


@dataclass(frozen=True, slots=True)
class Watch:
    """Whose watch an account was under, both days included; `to_on` None: still."""

    role: str
    from_on: date
    to_on: date | None


def supervised(account: SupervisedAccount) -> list[Watch]:
    """监管期 of an account, one after the other: what lies in one of them stays that supervisor's."""
    rows = Event.objects.filter(kind="account.handed_over", subject_kind=account.ref.kind, subject_id=account.ref.id)
    passed = [(row.data, date.fromisoformat(str(row.data["on"]))) for row in rows.order_by("pk")]
    role = passed[0][0]["from_role"] if passed else account.supervisor.role if account.supervisor else None
    found, since = [], account.from_on
    for data, on in passed:
        found.append(Watch(str(role or ""), since, on - timedelta(days=1)))
        role, since = data["to_role"], on
    return [*found, Watch(str(role or ""), since, account.to_on)]


def statement_right(account: SupervisedAccount, act: str) -> str:
    """`act`: import or match. What a company holds it may look after itself, beside those who watch over it."""
    return f"statement.{act}_held" if account.manager == "company" else f"statement.{act}"


def open_lines(account: SupervisedAccount) -> QuerySet[BankLine]:
    return account.lines.filter(match="none").order_by("booked_on", "pk")


def listed_lines(account: SupervisedAccount, only: str) -> QuerySet[BankLine]:
    """`only`: open, set aside, or all that the bank ever told of."""
    if only == "open":
        return open_lines(account)
    rows = account.lines.select_related("matched_by").prefetch_related("entries").order_by("-booked_on", "-pk")
    return rows.filter(match="aside") if only == "aside" else rows


def candidates(line: BankLine, *, days: int) -> list[Entry]:
    """Entries of the same amount on the bank account within some days of the line, nearest first, matched by none."""
    rows = _free(line, days).filter(amount_fen=line.amount_fen)
    return sorted((row.entry for row in rows), key=lambda one: (abs((one.booked_on - line.booked_on).days), one.pk))


def unmatched(line: BankLine, *, days: int) -> list[tuple[Entry, int]]:
    """Entries on the bank account within some days of the line that no line was matched with, with what each of them
    moved there in 分: those of the line's own amount first, then the nearest.
    """
    moved: dict[Entry, int] = {}
    for row in _free(line, days):
        moved[row.entry] = moved.get(row.entry, 0) + row.amount_fen
    return sorted(
        moved.items(),
        key=lambda one: (one[1] != line.amount_fen, abs((one[0].booked_on - line.booked_on).days), one[0].pk),
    )


def _free(line: BankLine, days: int) -> QuerySet[Posting]:
    book = book_of(line.account.estate, line.account.purse)
    if book is None:
        return Posting.objects.none()
    return Posting.objects.filter(
        account__book=book,
        account__code="bank",
        booked_on__range=(line.booked_on - timedelta(days=days), line.booked_on + timedelta(days=days)),
        entry__at_bank=None,
    ).select_related("entry")


@dataclass(frozen=True, slots=True)
class AtBank:
    """The books beside the bank on the bank's last day, in 分. `by_fen`: the books less the bank."""

    on: date
    book_fen: int
    bank_fen: int
    open_lines: int

    @property
    def by_fen(self) -> int:
        return self.book_fen - self.bank_fen


def at_bank(account: SupervisedAccount) -> AtBank | None:
    """None until a statement with balances came in."""
    last = account.statements.exclude(closing_fen=None).order_by("-to_on", "-pk").first()
    book = book_of(account.estate, account.purse)
    if last is None or last.closing_fen is None or book is None:
        return None
    return AtBank(last.to_on, held(book, last.to_on), last.closing_fen, open_lines(account).count())


def due_after(place_path: str, on: date, period: periods.Period) -> datetime:
    """When a period that began on a day ends, by the calendar that holds at the place."""
    pack = core.pack_for(place_path, on)
    if pack is None:
        raise Refused("no_pack", "平台没有装载任何文件，算不出期限。")
    return periods.deadline(start=periods.start_of(on), period=period, calendar=pack.calendar).due_at


def bank_of(book: Book) -> Account:
    return book.accounts.get(code="bank")
