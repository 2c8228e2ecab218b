"""Rows of patrols: routes and rounds, findings, entries of registers."""

from gongzhi.patrols.models.findings import PatrolFinding, PatrolFindingStep
from gongzhi.patrols.models.registers import EntryFile, EntryStep, RegisterEntry
from gongzhi.patrols.models.rounds import (
    PatrolPhoto,
    PatrolPoint,
    PatrolRound,
    PatrolRoute,
    PointVisit,
    RoundCorrection,
    RoundUnit,
)

__all__ = [
    "EntryFile",
    "EntryStep",
    "PatrolFinding",
    "PatrolFindingStep",
    "PatrolPhoto",
    "PatrolPoint",
    "PatrolRoute",
    "PatrolRound",
    "PointVisit",
    "RegisterEntry",
    "RoundCorrection",
    "RoundUnit",
]
