"""The accounts of the demonstration as the login page lists them."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from gongzhi.core.models import Place, User

SCENE = Path(__file__).with_name("scene.yaml")
COUNTIES = Path(__file__).with_name("counties.yaml")
VOTES = Path(__file__).with_name("votes.yaml")
# What a county brings of its own; what all of them bring stands in one list.
OF_A_COUNTY = ("place", "pack", "phones", "streets", "communities", "street_roles", "community_roles")
OF_ALL = ("estates", "accounts", "complaints")


@dataclass(frozen=True, slots=True)
class Account:
    username: str
    name: str
    title: str
    county: str


@dataclass(frozen=True, slots=True)
class Desk:
    """The accounts of one county."""

    title: str
    accounts: tuple[Account, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    password: str
    desks: tuple[Desk, ...]


@lru_cache(maxsize=1)
def scene() -> dict[str, Any]:
    """The data files of the demonstration: the full scene, the smaller ones of other counties, that of the votes."""
    loaded: dict[str, Any] = yaml.safe_load(SCENE.read_text(encoding="utf-8"))
    others = yaml.safe_load(COUNTIES.read_text(encoding="utf-8"))["counties"]
    loaded["counties"] = [{name: loaded[name] for name in OF_A_COUNTY}, *others]
    for name in OF_ALL:
        loaded[name] = [*loaded[name], *(row for county in others for row in county[name])]
    loaded["votes"] = yaml.safe_load(VOTES.read_text(encoding="utf-8"))
    return loaded


def county_of(given: dict[str, Any], code: str) -> dict[str, Any]:
    """The county of the scene in which a place of this code lies."""
    return next(county for county in given["counties"] if code.startswith(county["place"]))


def listed() -> tuple[Account, ...]:
    rows = scene()["accounts"]
    homes = {row["key"]: row["community"] for row in scene()["estates"]}

    def place(row: dict[str, Any]) -> str:
        return str(county_of(scene(), row["place"] if "place" in row else homes[row["estate"]])["place"])

    return tuple(Account(row["username"], row["name"], row["title"], place(row)) for row in rows)


def shown() -> Shown | None:
    """None when the demonstration is not loaded."""
    known = set(User.objects.filter(demo=True, is_active=True).values_list("username", flat=True))
    accounts = [account for account in listed() if account.username in known]
    if not accounts:
        return None
    codes = list(dict.fromkeys(account.county for account in accounts))
    names = dict(Place.objects.filter(code__in=codes).values_list("code", "name"))
    desks = (Desk(names.get(code, code), tuple(one for one in accounts if one.county == code)) for code in codes)
    return Shown(scene()["password"], tuple(desks))
