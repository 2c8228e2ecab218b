"""Cards that other parts put on an estate's file. The registry may not know them, so they come to it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from gongzhi.core.actors import Actor
from gongzhi.core.models import Organisation
from gongzhi.registry.models import Estate, Facility, Unit


@dataclass(frozen=True)
class Row:
    """`due` a moment or a row with a due moment."""

    title: str
    url: str = ""
    note: str = ""
    who: str = ""
    due: Any = None
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Panel:
    code: str
    title: str
    rows: tuple[Row, ...] = ()
    total: int = 0
    url: str = ""
    link: str = ""
    empty: str = "没有。"
    columns: tuple[str, str, str] = ("事项", "谁办", "期限")
    figures: tuple[tuple[str, str, str], ...] = field(default_factory=tuple)


class Maker(Protocol):
    def __call__(self, estate: Estate, *, actor: Actor, now: datetime, on: date) -> Panel | None: ...


_makers: list[Maker] = []


_for_owners: list[Maker] = []


def register_panel(maker: Maker, *, for_owners: bool = False, first: bool = False) -> None:
    """Called once when the apps are ready. Gives None where the actor has nothing to see, or nothing of that day.

    `for_owners`: shown to those who live there as well, not to staff alone. `first`: above what came before.
    """
    if maker not in _makers:
        _makers.insert(0 if first else len(_makers), maker)
        _for_owners.extend([maker] if for_owners else [])


def panels_of(estate: Estate, *, actor: Actor, now: datetime, on: date) -> list[Panel]:
    """What each part shows of the estate as it stood on that day."""
    makers = _makers if actor.is_staff_role or actor.role == "system_admin" else _for_owners
    return [panel for maker in makers if (panel := maker(estate, actor=actor, now=now, on=on)) is not None]


PanelsOf = Callable[[Any, Actor, date], list[Panel]]
_of_pieces: list[PanelsOf] = []
_of_units: list[PanelsOf] = []


def register_piece_panels(maker: PanelsOf) -> None:
    """Cards on the page of a facility."""
    if maker not in _of_pieces:
        _of_pieces.append(maker)


def register_organisation_panels(maker: PanelsOf) -> None:
    """Cards on the page of a unit."""
    if maker not in _of_units:
        _of_units.append(maker)


def panels_of_piece(row: Facility, *, actor: Actor, on: date) -> list[Panel]:
    return [panel for maker in _of_pieces for panel in maker(row, actor, on)]


def panels_of_organisation(row: Organisation, *, actor: Actor, on: date) -> list[Panel]:
    return [panel for maker in _of_units for panel in maker(row, actor, on)]


@dataclass(frozen=True)
class PieceAct:
    title: str
    url: str


ActsOf = Callable[[Facility, Actor, date], list[PieceAct]]
_piece_acts: list[ActsOf] = []


def register_piece_acts(maker: ActsOf) -> None:
    if maker not in _piece_acts:
        _piece_acts.append(maker)


def acts_of_piece(row: Facility, *, actor: Actor, on: date) -> list[PieceAct]:
    """What else may be done to it, by the parts above."""
    return [one for maker in _piece_acts for one in maker(row, actor, on)]


@dataclass(frozen=True)
class Work:
    """A piece of open work that somebody else takes over when a post ends."""

    title: str
    url: str = ""
    due: Any = None


@dataclass(frozen=True)
class UnitLink:
    """Where another part keeps something of a unit."""

    title: str
    url: str


UnitLinkOf = Callable[[Unit, Actor, date], UnitLink | None]
_unit_links: list[UnitLinkOf] = []


def register_unit_link(function: UnitLinkOf) -> None:
    if function not in _unit_links:
        _unit_links.append(function)


def links_of_unit(unit: Unit, *, actor: Actor, on: date) -> list[UnitLink]:
    """What else the actor may look at of the unit."""
    return [link for function in _unit_links if (link := function(unit, actor, on)) is not None]


@dataclass(frozen=True)
class UnitNote:
    """What whoever registers a transfer has to be told; it stops nothing."""

    title: str
    text: str
    clauses: tuple[str, ...] = ()


UnitNoteOf = Callable[[Unit, date], UnitNote | None]
_unit_notes: list[UnitNoteOf] = []


def register_unit_note(function: UnitNoteOf) -> None:
    if function not in _unit_notes:
        _unit_notes.append(function)


def notes_of_unit(unit: Unit, *, on: date) -> list[UnitNote]:
    """For those alone who may register the unit's transfer."""
    return [note for function in _unit_notes if (note := function(unit, on)) is not None]


WorkOf = Callable[[Any], list[Work]]
_work: list[WorkOf] = []


def register_work(function: WorkOf) -> None:
    if function not in _work:
        _work.append(function)


def open_work(post: Any) -> list[Work]:
    """The open work of the post's holder, from every part that has some."""
    return [one for function in _work for one in function(post)]
