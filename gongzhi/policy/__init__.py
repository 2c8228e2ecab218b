"""The pack engine: loads, checks, answers, explains, simulates. Plain Python; it knows no other package.

The names are resolved when they are first used: an app that only declares words does not load the engine.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gongzhi.policy.vocabulary import (
    AREA_M2,
    BOOL,
    COUNT,
    DATE,
    LIST,
    MATTER,
    MOMENT,
    MONEY_FEN,
    NUMBER,
    OPTIONAL,
    PERIOD,
    RATIO,
    ROLE,
    TEXT,
    YUAN,
    Enum,
    EventKind,
    Fact,
    Matter,
    Measure,
    Question,
    Record,
    RecordField,
    Role,
    Type,
    Vocabulary,
)

if TYPE_CHECKING:
    from gongzhi.policy.answer import Answer, Explanation
    from gongzhi.policy.asking import BadFacts, check, compute, decide
    from gongzhi.policy.calendar import Calendar, CalendarYear
    from gongzhi.policy.checks import Finding
    from gongzhi.policy.loader import load
    from gongzhi.policy.pack import Clause, Pack, Packs
    from gongzhi.policy.periods import CHINA, Deadline, Period
    from gongzhi.policy.problems import Problem

_WHERE = {
    "answer": ("Answer", "Explanation"),
    "asking": ("BadFacts", "check", "compute", "decide"),
    "calendar": ("Calendar", "CalendarYear"),
    "checks": ("Finding",),
    "duties": ("Changes", "DutyState", "PolicyEvent", "Transition", "advance", "duties_after", "excuse", "extend"),
    "loader": ("load",),
    "pack": ("Clause", "Pack", "Packs"),
    "periods": ("CHINA", "Deadline", "Period", "deadline"),
    "problems": ("Problem",),
    "simulate": ("simulate",),
    "windows": ("window_state",),
}
_MODULE_OF = {name: module for module, names in _WHERE.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


__all__ = [
    "AREA_M2",
    "BOOL",
    "CHINA",
    "COUNT",
    "DATE",
    "LIST",
    "MATTER",
    "MOMENT",
    "MONEY_FEN",
    "NUMBER",
    "OPTIONAL",
    "PERIOD",
    "RATIO",
    "ROLE",
    "TEXT",
    "YUAN",
    "Answer",
    "BadFacts",
    "Calendar",
    "CalendarYear",
    "Clause",
    "Deadline",
    "Enum",
    "EventKind",
    "Explanation",
    "Fact",
    "Finding",
    "Matter",
    "Measure",
    "Pack",
    "Packs",
    "Period",
    "Problem",
    "Question",
    "Record",
    "RecordField",
    "Role",
    "Type",
    "Vocabulary",
    "check",
    "compute",
    "decide",
    "load",
]
