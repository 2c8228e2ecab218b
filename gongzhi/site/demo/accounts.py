"""The accounts of the demonstration as the login page lists them."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from gongzhi.core.models import User

SCENE = Path(__file__).with_name("scene.yaml")
VOTES = Path(__file__).with_name("votes.yaml")


@dataclass(frozen=True, slots=True)
class Account:
    username: str
    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Shown:
    password: str
    accounts: tuple[Account, ...]


@lru_cache(maxsize=1)
def scene() -> dict[str, Any]:
    """The data files of the demonstration; that of the votes under `votes`."""
    loaded: dict[str, Any] = yaml.safe_load(SCENE.read_text(encoding="utf-8"))
    loaded["votes"] = yaml.safe_load(VOTES.read_text(encoding="utf-8"))
    return loaded


def listed() -> tuple[Account, ...]:
    rows = scene()["accounts"]
    return tuple(Account(row["username"], row["name"], row["title"]) for row in rows)


def shown() -> Shown | None:
    """None when the demonstration is not loaded."""
    known = set(User.objects.filter(demo=True, is_active=True).values_list("username", flat=True))
    accounts = tuple(account for account in listed() if account.username in known)
    return Shown(scene()["password"], accounts) if accounts else None
