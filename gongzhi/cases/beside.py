"""What other parts lay beside a case for who handles it. The cases may not know them, so they come to it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from gongzhi.cases.models import Case
from gongzhi.core.actors import Actor


@dataclass(frozen=True)
class Line:
    title: str
    value: str
    note: str = ""
    url: str = ""


@dataclass(frozen=True)
class Beside:
    title: str
    lines: tuple[Line, ...]
    empty: str = "没有登记。"
    clauses: tuple[str, ...] = ()


BesideOf = Callable[[Case, Actor, date], Beside | None]
_makers: list[BesideOf] = []


def register_beside(maker: BesideOf) -> None:
    """Called once when the apps are ready. Gives None for cases that it has nothing to do with."""
    if maker not in _makers:
        _makers.append(maker)


def laid_beside(case: Case, *, actor: Actor, on: date) -> list[Beside]:
    return [found for maker in _makers if (found := maker(case, actor, on)) is not None]
