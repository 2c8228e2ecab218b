"""The rows of accountability: inspections, tasks, sheets, talks and clues, boards."""

from gongzhi.cases.accountability.models.boards import NoticeBoard
from gongzhi.cases.accountability.models.inspections import Finding, InspectedEstate, Inspection
from gongzhi.cases.accountability.models.sheets import Sheet, SheetItem, SheetSignature
from gongzhi.cases.accountability.models.tasks import Plan, WorkTask, WorkTaskEntry
from gongzhi.cases.accountability.models.trust import (
    CensureReview,
    Clue,
    MajorConflict,
    Referral,
    Shirking,
    Talk,
)

__all__ = [
    "CensureReview",
    "Clue",
    "Finding",
    "InspectedEstate",
    "Inspection",
    "MajorConflict",
    "NoticeBoard",
    "Plan",
    "Referral",
    "Sheet",
    "SheetItem",
    "SheetSignature",
    "Shirking",
    "Talk",
    "WorkTask",
    "WorkTaskEntry",
]
