"""How the platform finds rows of accountability by reference, and who may read them and their files."""

from typing import Any

from django.urls import reverse

from gongzhi.cases.accountability import models
from gongzhi.core import refs
from gongzhi.core.actors import Actor
from gongzhi.core.rights import may

# kind of reference: (model, right to read, address)
KINDS: dict[str, tuple[Any, str, str]] = {
    "inspection": (models.Inspection, "accountability.read_inspections", "accountability:inspection"),
    "finding": (models.Finding, "accountability.read_inspections", "accountability:finding"),
    "work_task": (models.WorkTask, "accountability.board", "accountability:task"),
    "sheet": (models.Sheet, "accountability.read_sheets", "accountability:sheet"),
    "plan": (models.Plan, "accountability.board", ""),
    "talk": (models.Talk, "accountability.read_talks", "accountability:talk"),
    "referral": (models.Referral, "accountability.read_talks", "accountability:referral"),
    "clue": (models.Clue, "accountability.read_clue", "accountability:clue"),
    "major_conflict": (models.MajorConflict, "accountability.read_candidates", "accountability:candidates"),
    "notice_board": (models.NoticeBoard, "accountability.read_boards", ""),
}
PARTIES = ("finding", "work_task", "sheet")


def reads(actor: Actor, row: Any) -> bool:
    """By right over the place, or as a party to what was sent. A conflict of interest shuts the row in any case."""
    kind = row.ref.kind
    if may(actor, KINDS[kind][1], row):
        return True
    return kind in PARTIES and bool(row.is_party(actor))


def register() -> None:
    for kind, (model, _, name) in KINDS.items():
        refs.register_kind(kind, load=_loader(model), may_read=reads, url=_address(name) if name else None)


def _loader(model: Any) -> Any:
    return lambda pk: model.objects.filter(pk=pk).first()


def _address(name: str) -> Any:
    takes_no_number = name.endswith("candidates")
    return lambda row: reverse(name) if takes_no_number else reverse(name, args=[row.pk])
