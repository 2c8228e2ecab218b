"""Who counts in a scope, with which area, and which units are one head."""

from collections.abc import Iterable
from dataclasses import dataclass

from gongzhi.governance.tally.events import Corrected, Events
from gongzhi.governance.tally.roll import Roll, RollUnit
from gongzhi.governance.tally.rules import Scope, Settings


@dataclass(frozen=True, slots=True)
class Seat:
    """A unit that counts. `counts_heads` is false where it weighs with its area alone."""

    unit: RollUnit
    head: str
    counts_heads: bool

    @property
    def area(self) -> int:
        return self.unit.area


@dataclass(frozen=True, slots=True)
class Electorate:
    seats: tuple[Seat, ...]
    excluded: int
    heads: dict[str, tuple[Seat, ...]]
    area: int

    @property
    def head_count(self) -> int:
        return len(self.heads)


def corrected(roll: Roll, events: Events) -> tuple[RollUnit, ...]:
    """The roll as its corrections leave it; each is an entry of its own, the frozen rows stay as they are."""
    rows = {one.unit: one for one in roll.units}
    for event in events.events:
        if isinstance(event, Corrected):
            if event.row is None:
                rows.pop(event.unit, None)
            else:
                rows[event.unit] = event.row
    return tuple(rows.values())


def electorate(rows: Iterable[RollUnit], scope: Scope, settings: Settings) -> Electorate:
    inside = [one for one in rows if decides(one, scope)]
    weights = [(one, _weight(one, settings)) for one in inside]
    counted = [(one, weight) for one, weight in weights if weight != "excluded"]
    names = _heads([one for one, _ in counted], settings)
    seats = tuple(Seat(one, names[one.unit], weight == "counted") for one, weight in counted)
    heads: dict[str, list[Seat]] = {}
    for seat in seats:
        heads.setdefault(seat.head, []).append(seat)
    with_heads = {name: tuple(own) for name, own in heads.items() if any(one.counts_heads for one in own)}
    return Electorate(seats, len(inside) - len(seats), with_heads, sum(one.area for one in seats))


def decides(unit: RollUnit, scope: Scope) -> bool:
    """Whether the unit decides in this scope."""
    if scope.level == "estate":
        return True
    if scope.level == "parts":
        return unit.building in scope.of or unit.entrance in scope.of
    here = {"building": unit.building, "entrance": unit.entrance, "units": unit.unit}[scope.level]
    return here in scope.of


def _weight(unit: RollUnit, settings: Settings) -> str:
    if unit.kind == "parking":
        return settings.parking.value
    if unit.kind == "storage":
        return settings.storage.value
    return "counted"


def _heads(units: list[RollUnit], settings: Settings) -> dict[str, str]:
    """The head of each unit. A developer's stock never merges with what he has bought."""
    found: dict[str, str] = {}
    merging: list[RollUnit] = []
    for one in units:
        if one.stock != "sold" and settings.developer_stock.value == "one_person":
            found[one.unit] = f"stock:{one.owners[0]}"
        elif one.stock != "sold" or settings.merge.value == "none":
            found[one.unit] = f"unit:{one.unit}"
        elif settings.merge.value == "same_owner_set":
            found[one.unit] = "owners:" + "+".join(sorted(one.owners))
        else:
            merging.append(one)
    return found | _by_common_owner(merging)


def _by_common_owner(units: list[RollUnit]) -> dict[str, str]:
    """Units joined by chains of common owners; a group is named after its first owner."""
    parent: dict[str, str] = {}

    def top(owner: str) -> str:
        while parent.setdefault(owner, owner) != owner:
            parent[owner] = parent[parent[owner]]
            owner = parent[owner]
        return owner

    for one in units:
        first, *others = one.owners
        for other in others:
            low, high = sorted((top(first), top(other)))
            parent[high] = low
    return {one.unit: f"group:{top(one.owners[0])}" for one in units}
