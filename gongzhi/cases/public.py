"""What a complainant sees of a case: how far it is, who has it, by when. Nothing that is kept for the file."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from gongzhi.cases.models import Case, Complaint
from gongzhi.core import display

HIDDEN_STATES = ("voided",)
CSS = {
    "closed": "gz-ok",
    "archived": "gz-ok",
    "answered": "gz-ok",
    "merged": "gz-wait",
    "voided": "gz-wait",
    "suspended": "gz-wait",
}


@dataclass(frozen=True, slots=True)
class Stage:
    title: str
    note: str
    done: bool
    current: bool = False


@dataclass(frozen=True, slots=True)
class PublicCase:
    """One matter as its complainant reads it."""

    case: Case
    stages: tuple[Stage, ...]
    line: tuple[Any, ...]
    css: str

    @property
    def number(self) -> str:
        return self.case.number

    @property
    def title(self) -> str:
        return self.case.title

    @property
    def unit(self) -> str:
        return self.case.lead.name if self.case.lead is not None else ""

    @property
    def answer_due(self) -> datetime | None:
        return self.case.answer_due_at if self.case.answered_at is None and self.case.running else None

    @property
    def state_words(self) -> str:
        return str(self.case.get_state_display())

    @property
    def answered(self) -> bool:
        return self.case.answered_at is not None


def public_case(case: Case, *, now: datetime, line: bool = False) -> PublicCase:
    entries = tuple(case.entries.exclude(told="").select_related("organisation").order_by("-at", "-id")) if line else ()
    css = CSS.get(case.state, "gz-over" if case.overdue(now) else "gz-soon")
    return PublicCase(case=case, stages=stages(case), line=entries, css=css)


def stages(case: Case) -> tuple[Stage, ...]:
    """Received, assigned, dealt with, answered, closed: each with its day once it has come."""
    due = f"{display.due_moment_words(case.answer_due_at)}前" if case.answer_due_at else "期限待定"
    unit = case.lead.name if case.lead is not None else "正在确定由谁办"
    steps: list[tuple[str, datetime | None, str]] = [
        ("收到", case.received_at, ""),
        ("派单", case.assigned_at, unit),
        ("核实", case.verified_at, "等现场核实"),
        ("处理", case.handled_at, "正在办"),
        ("答复您", case.answered_at, due),
    ]
    if case.verified_at is None and (case.handled_at or case.answered_at):
        steps.pop(2)
    if case.handled_at is None and case.answered_at is not None:
        steps = [step for step in steps if step[0] != "处理"]
    current = next((index for index, step in enumerate(steps) if step[1] is None), -1)
    return tuple(
        Stage(title, display.cn_day(at) if at else note, done=at is not None, current=index == current)
        for index, (title, at, note) in enumerate(steps)
    )


def cases_shown(complaint: Complaint, *, now: datetime, line: bool = False) -> list[PublicCase]:
    rows = complaint.cases.exclude(state__in=HIDDEN_STATES).select_related("lead", "complaint", "estate").order_by("id")
    return [public_case(case, now=now, line=line) for case in rows]


def complaints_of(user: Any) -> QuerySet[Complaint]:
    """What an account submitted, for itself or as a steward for somebody else, newest first."""
    own = Complaint.objects.filter(Q(submitted_by=user) | Q(steward=user))
    return own.select_related("estate").order_by("-received_at", "-id")
