"""What a unit has in hand: asked before it is given up, and passed to the unit that takes over."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet

from gongzhi.core import refs
from gongzhi.core.actors import Actor
from gongzhi.core.models import Organisation

# (from, to, moment)
Give = Callable[[Organisation, Organisation, datetime], None]
SHOWN = 3


@dataclass(frozen=True)
class Holding:
    """One kind of thing: the rows that a unit has in hand, and how another one takes them over."""

    title: str
    rows: Callable[[Organisation], QuerySet[Any]]
    give: Give
    counter: str = "件"


@dataclass(frozen=True)
class InHand:
    """Of one kind: how many, and the first of them in words."""

    title: str
    count: int
    counter: str
    first: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.title}{self.count}{self.counter}"


_holdings: list[Holding] = []


def register_holdings(*found: Holding) -> None:
    """Called once when the apps are ready."""
    _holdings.extend(one for one in found if one.title not in {known.title for known in _holdings})


def by_column(title: str, model: Any, column: str, *, still: Q, counter: str = "件") -> Holding:
    """Rows of a model whose `column` names the unit, while `still` holds; the other unit is written in its place."""
    versioned = any(field.name == "version" for field in model._meta.fields)

    def rows(unit: Organisation) -> QuerySet[Any]:
        found: QuerySet[Any] = model.objects.filter(still, **{column: unit}).order_by("pk")
        return found

    def give(unit: Organisation, heir: Organisation, now: datetime) -> None:
        changes: dict[str, Any] = {column: heir}
        if versioned:
            changes["version"] = F("version") + 1
        rows(unit).update(**changes)

    return Holding(title, rows, give, counter)


def in_hand(unit: Organisation, *, actor: Actor) -> list[InHand]:
    """Everything that somebody has to go on with when the unit is no more; in words only what the actor may read."""
    found = []
    for one in _holdings:
        rows = one.rows(unit)
        if number := rows.count():
            found.append(InHand(one.title, number, one.counter, _readable(rows[:SHOWN], actor)))
    return found


def _readable(rows: QuerySet[Any], actor: Actor) -> tuple[str, ...]:
    return tuple(str(row) for row in rows if hasattr(row, "ref") and refs.may_read(actor, row.ref))


def pass_on(unit: Organisation, heir: Organisation, *, now: datetime) -> None:
    for one in _holdings:
        one.give(unit, heir, now)
