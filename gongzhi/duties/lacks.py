"""What the desk names besides duties: things that a document wants and that nobody has a day for.

Other parts know what is lacking; they come here, because duties may not know them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from gongzhi.core.actors import Actor


@dataclass(frozen=True)
class Lack:
    """`note`: who, or which, by name; `url`: where it is mended or listed."""

    title: str
    note: str
    url: str
    clauses: tuple[str, ...] = ()


Maker = Callable[[Actor, date], list[Lack]]
_makers: list[Maker] = []


def register_lacks(maker: Maker) -> None:
    """Called once when the apps are ready; gives nothing to those who have neither to do it nor to watch over it."""
    if maker not in _makers:
        _makers.append(maker)


def lacks_for(actor: Actor, on: date) -> list[Lack]:
    """For the desk of this unit that day."""
    return [one for maker in _makers for one in maker(actor, on)] if actor.organisation is not None else []
