"""Collects the words that the apps declare. Free of Django, so that the engine's commands run without a database."""

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Any

import gongzhi
from gongzhi.policy.vocabulary import Vocabulary

_MODULES = ("questions", "events")


@cache
def vocabulary() -> Vocabulary:
    """QUESTIONS, EVENTS, ROLES, MATTERS and MEASURES of every `gongzhi.<app>.questions` and `.events`."""
    found: dict[str, dict[int, Any]] = {name: {} for name in ("QUESTIONS", "EVENTS", "ROLES", "MATTERS", "MEASURES")}
    for module in _declaring_modules():
        for name, values in found.items():
            values.update({id(value): value for value in getattr(module, name, ())})
    return Vocabulary(
        questions=found["QUESTIONS"].values(),
        events=found["EVENTS"].values(),
        roles=found["ROLES"].values(),
        matters=found["MATTERS"].values(),
        measures=found["MEASURES"].values(),
    )


def _declaring_modules() -> list[Any]:
    names = [
        f"gongzhi.{package.name}.{part}"
        for package in sorted(iter_modules(gongzhi.__path__), key=lambda one: one.name)
        if package.ispkg and package.name != "policy"
        for part in _MODULES
    ]
    return [import_module(name) for name in names if find_spec(name) is not None]
