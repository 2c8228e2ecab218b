"""Cases that are paid for one by one: what the package that keeps them knows of their end."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from gongzhi.core.display import cn_date
from gongzhi.core.errors import Refused


@dataclass(frozen=True)
class Ending:
    """A case of the platform, by its title; without a day it is still open."""

    title: str
    on: date | None


# By number and place of the claim; None where it keeps no such case.
Keeper = Callable[[str, str], Ending | None]
_keepers: list[Keeper] = []


def register_keeper(keeper: Keeper) -> None:
    _keepers.append(keeper)


def check_ending(number: str, closed_on: date, place_path: str) -> None:
    """What was typed agrees with the case's own file, where the platform has it. Refuses `case_open`, `case_day`."""
    for keeper in _keepers:
        found = keeper(number, place_path)
        if found is None:
            continue
        if found.on is None:
            raise Refused("case_open", f"{found.title}还没有办结，不计。", fields={"cases": f"{number}还没有办结"})
        if found.on != closed_on:
            day = cn_date(found.on)
            raise Refused(
                "case_day",
                f"{found.title}是{day}办结的，请改办结日期。",
                fields={"cases": f"{number}的办结日期是{day}"},
            )
