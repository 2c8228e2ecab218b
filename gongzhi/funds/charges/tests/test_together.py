"""What many homes get at once is what each would get by itself: the same entries, parts of bills and events."""

from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from django.db import transaction

from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.core.tests.cast import Cast, build
from gongzhi.funds.charges import services as charges
from gongzhi.funds.charges.models import Allocation, Bill, Settlement
from gongzhi.funds.charges.queries import open_bills
from gongzhi.funds.charges.tests.charged import bill, project_of, terms
from gongzhi.funds.maintenance.tests.fund import day, units
from gongzhi.ledger.models import Posting

HOMES, LATER = 6, 100


@pytest.fixture
def cast(db: None) -> Cast:
    return build(day("2023-06-01"))


def _billed(cast: Cast, dice: Random) -> list[charges.HomePart]:
    """Bills of each home, some of them late at a cost; what each gets is less than they are, just enough, or more."""
    terms(cast, late_rate=Decimal("0.0005"))
    parts = []
    for unit in units(cast, *["100"] * HOMES):
        for number in range(dice.randint(0, 3)):
            due = cast.now.date() + timedelta(days=dice.choice([0, 60, 100, 130]))
            yuan = f"{dice.randint(1, 300)}.{dice.randint(0, 99):02d}"
            bill(cast, unit, yuan, due=due, key=f"{unit.pk}-{number}")
        owed = sum(one.open_fen for one in open_bills(unit=unit))
        parts.append(charges.HomePart(unit, max(1, dice.choice([owed // 2, owed, owed + 5_000])), f"k{unit.pk}"))
    cast.now += timedelta(days=LATER)
    return parts


def _given(cast: Cast) -> dict[str, Any]:
    return {
        "project": project_of(cast), "channel": "revenue", "on": cast.now.date(), "text": "公共收益抵扣",
        "actor": Actor.system(), "now": cast.now,
    }  # fmt: skip


def _left(since: int) -> dict[str, list[Any]]:
    """All that stands afterwards, by what it is about instead of its number."""
    bills = Bill.objects.order_by("unit", "due_on", "amount_fen", "kind")
    postings = Posting.objects.order_by("entry__key", "account__code", "amount_fen")
    events = Event.objects.filter(pk__gt=since).order_by("kind", "subject_title", "data__unit", "data__amount")
    return {
        "bills": list(bills.values_list("unit", "kind", "due_on", "amount_fen", "paid_fen", "settled_on", "version")),
        "payments": list(
            Settlement.objects.order_by("key").values_list(
                "key", "unit", "ownership", "channel", "amount_fen", "allocated_fen", "text", "entry__text"
            )
        ),
        "parts": sorted(Allocation.objects.values_list("settlement__key", "bill__kind", "bill__due_on", "amount_fen")),
        "postings": [
            one
            for one in postings.values_list("entry__key", "entry__kind", "account__code", "amount_fen")
            if not one[0].startswith("late:")
        ],
        "events": [(one.kind, {name: value for name, value in one.data.items() if name != "bill"}) for one in events],
    }


@pytest.mark.parametrize("seed", range(8))
def test_many_at_once_get_what_each_would_get_alone(cast: Cast, seed: int) -> None:
    parts, given, since = _billed(cast, Random(seed)), _given(cast), Event.objects.latest("pk").pk
    with transaction.atomic():
        for part in parts:
            bills = list(open_bills(unit=part.unit))
            more = {"unit": part.unit} | given
            charges.settle(bills, amount_fen=part.amount_fen, key=part.key, **more)
        alone = _left(since)
        transaction.set_rollback(True)
    charges.settle_each(parts, **given)
    together = _left(since)
    for what, rows in alone.items():
        assert together[what] == rows, what
    assert len(alone["payments"]) == HOMES and alone["bills"]


def test_a_set_comes_in_once(cast: Cast) -> None:
    parts, given = _billed(cast, Random(1)), _given(cast)
    charges.settle_each(parts, **given)
    before = Settlement.objects.count()
    with pytest.raises(Refused) as refused, transaction.atomic():
        charges.settle_each(parts[:1], **given)
    assert refused.value.code == "key_used" and Settlement.objects.count() == before
