"""What the platform wants of a payment provider, whoever it is. No Django."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, Protocol

State = Literal["paid", "waiting", "closed", "absent"]
RefundState = Literal["done", "underway", "failed", "absent"]


class Forged(Exception):  # noqa: N818
    """What came in is not signed by the provider, or is too old to be believed."""


class ProviderDown(Exception):  # noqa: N818
    """No answer, or none that can be believed: whether anything was done there is not known. Ask again later."""


class ProviderRefused(Exception):  # noqa: N818
    """The provider said no, in its own code and words; nothing was done there."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message


class NotReady(Exception):  # noqa: N818
    """The bill of that day is not there yet."""


@dataclass(frozen=True, slots=True)
class ToPay:
    """An order to be paid until `expires_at`. `payer`: the openid, where the way is `jsapi`."""

    number: str
    amount_fen: int
    title: str
    way: str
    notify_url: str
    return_url: str
    expires_at: datetime
    address: str = ""
    payer: str = ""


@dataclass(frozen=True, slots=True)
class Offered:
    """How the payer gets to his payment: a code to scan, an address to follow, or what the app's bridge is given."""

    qr: str = ""
    url: str = ""
    bridge: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the provider says of an order. `merchant` and `app` are whose order it says it is."""

    number: str
    state: State
    amount_fen: int = 0
    transaction: str = ""
    paid_at: datetime | None = None
    merchant: str = ""
    app: str = ""


@dataclass(frozen=True, slots=True)
class ToRefund:
    """`number` names the refund: asked for twice under it, it is paid out once."""

    number: str
    order: str
    transaction: str
    amount_fen: int
    paid_fen: int
    reason: str
    notify_url: str


@dataclass(frozen=True, slots=True)
class RefundSeen:
    number: str
    state: RefundState
    amount_fen: int = 0
    refund: str = ""
    order: str = ""
    done_at: datetime | None = None
    merchant: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A callback whose signature holds: of an order (`seen`) or of a refund."""

    id: str
    seen: Seen | None = None
    refund: RefundSeen | None = None


@dataclass(frozen=True, slots=True)
class BillLine:
    """One line of the provider's bill of a day, in 分. `refund` is our number of the refund, empty for a payment."""

    transaction: str
    number: str
    refund: str
    amount_fen: int
    fee_fen: int
    at: datetime


class Provider(Protocol):
    """Every call may raise `ProviderDown`; those that ask for something to be done also `ProviderRefused`."""

    def prepay(self, asked: ToPay) -> Offered: ...

    def look(self, number: str) -> Seen: ...

    def close(self, number: str) -> None:
        """Nobody can pay it any more. Refused where it was paid."""

    def refund(self, asked: ToRefund) -> RefundSeen: ...

    def look_refund(self, number: str, *, order: str) -> RefundSeen: ...

    def notice(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notice | None:
        """None: well signed, and nothing that concerns us. Raises `Forged`. Never calls out."""

    def bill(self, on: date) -> list[BillLine]:
        """What went over the account that day. Raises `NotReady` before the provider has it."""

    def answer(self, *, taken: bool) -> tuple[int, str, str]:
        """Status, content type and body by which the provider knows that its callback arrived, or did not."""
