"""Collects the words that the apps declare. Free of Django, so that the engine's commands run without a database."""

import csv
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import gongzhi
from gongzhi.policy.vocabulary import Vocabulary

DIVISIONS = Path(__file__).parents[2] / "divisions" / "divisions.csv"
_MODULES = ("questions", "events")


@cache
def vocabulary() -> Vocabulary:
    """QUESTIONS, EVENTS, ROLES, MATTERS, MEASURES and ACTS of every `gongzhi.<app>.questions` and `.events`."""
    found: dict[str, dict[int, Any]] = {
        name: {} for name in ("QUESTIONS", "EVENTS", "ROLES", "MATTERS", "MEASURES", "ACTS")
    }
    for module in _declaring_modules():
        for name, values in found.items():
            values.update({id(value): value for value in getattr(module, name, ())})
    return Vocabulary(
        questions=found["QUESTIONS"].values(),
        events=found["EVENTS"].values(),
        roles=found["ROLES"].values(),
        matters=found["MATTERS"].values(),
        measures=found["MEASURES"].values(),
        acts=found["ACTS"].values(),
        places=_places(),
    )


def _places() -> dict[str, str] | None:
    """The divisions that are shipped; None where the platform is installed without them."""
    if not DIVISIONS.is_file():
        return None
    with DIVISIONS.open(encoding="utf-8-sig", newline="") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}


def _declaring_modules() -> list[Any]:
    names = [
        f"gongzhi.{package.name}.{part}"
        for package in sorted(iter_modules(gongzhi.__path__), key=lambda one: one.name)
        if package.ispkg and package.name != "policy"
        for part in _MODULES
    ]
    return [import_module(name) for name in names if find_spec(name) is not None]
