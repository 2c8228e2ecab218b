"""结转: an estate went into another area, and what its homes have follows them into the area's book."""

from datetime import datetime
from typing import Any

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.funds.common.queries import OfEstate, bank_of
from gongzhi.funds.common.services import ensure_book, unit_accounts
from gongzhi.funds.maintenance.queries.carried import CARRIED_IN, CARRIED_OUT, left_behind
from gongzhi.funds.maintenance.services.common import PURSE, tell_estate
from gongzhi.ledger import services as ledger
from gongzhi.ledger.models import Book
from gongzhi.registry.models import Estate, Unit

CONFLICT_STATUS = 409


@transaction.atomic
def carry_over(estate: Estate, *, reference: str = "", key: str, actor: Actor, now: datetime) -> int:
    """Moves every unit account that lies in a former estate's book, with the money at its bank. Gives 分 in all.

    The former books stay as they are, closed by nothing but their balance. Refuses `nothing_left`.
    """
    on = core.local_day(now)
    core.require(actor, "fund.assess", OfEstate(estate, on))
    book = ensure_book(estate, purse=PURSE, on=on, actor=actor, now=now)
    # One at a time: whoever comes second finds the accounts empty.
    list(Book.objects.select_for_update().filter(pk__in=[one.book.pk for one in left_behind(estate, on)]))
    found = left_behind(estate, on)
    if not found:
        said = "各户的维修资金都在本小区账上，没有要结转的。"
        raise Refused("nothing_left", said, status=CONFLICT_STATUS)
    keys = [unit for one in found for unit, _, _ in one.rows]
    units = {one.pk: one for one in Unit.objects.filter(pk__in=keys).select_related("building")}
    into = unit_accounts(book, units.values())
    for one in found:
        text = f"维修资金结转：{one.estate.name}转入{estate.name} {reference}".strip()
        told: dict[str, Any] = {"booked_on": on, "text": text, "actor": actor, "now": now, "source": estate.ref}
        ledger.post(
            book=one.book,
            key=f"carried_out:{key}",
            kind=CARRIED_OUT,
            legs=[*((account, fen) for _, account, fen in one.rows), (bank_of(one.book), -one.total_fen)],
            **told,
        )
        ledger.post(
            book=book,
            key=f"carried_in:{one.book.pk}:{key}",
            kind=CARRIED_IN,
            legs=[(bank_of(book), one.total_fen), *((into[unit], -fen) for unit, _, fen in one.rows)],
            **told,
        )
    total = sum(one.total_fen for one in found)
    tell_estate(
        estate, kind="fund.carried_over", actor=actor, now=now, data={"amount": total, "units": len(keys), "on": on}
    )
    return total
