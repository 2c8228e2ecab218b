"""Workbooks: a template, a dry run that reports every bad cell, and an import that does what the dry run said."""

from gongzhi.registry.services.imports.applying import register_bringer
from gongzhi.registry.services.imports.kinds import BookKind, is_kind, kind_of, register_book_kind
from gongzhi.registry.services.imports.outcome import Change
from gongzhi.registry.services.imports.queueing import accept, hand_in
from gongzhi.registry.services.imports.running import confirm, dry_run, gone_on
from gongzhi.registry.services.imports.workbooks import marked_workbook, opened, template

__all__ = [
    "BookKind",
    "Change",
    "accept",
    "confirm",
    "dry_run",
    "gone_on",
    "hand_in",
    "is_kind",
    "kind_of",
    "marked_workbook",
    "opened",
    "register_book_kind",
    "register_bringer",
    "template",
]
