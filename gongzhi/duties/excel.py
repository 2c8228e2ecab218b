"""A list of duties as an Excel file, with the note of what was asked."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from gongzhi.core.display import cn_date, due_moment_words, due_words
from gongzhi.core.sheets import Asked, workbook
from gongzhi.duties.models import LOCAL, Duty

COLUMNS: tuple[tuple[str, int], ...] = (
    ("要做的事", 40),
    ("事项", 30),
    ("小区", 16),
    ("来源", 12),
    ("责任单位", 22),
    ("承办人", 12),
    ("期限", 18),
    ("状态", 14),
    ("到期情况", 14),
    ("依据条款", 20),
    ("产生时间", 18),
    ("办结时间", 18),
)


def workbook_of(duties: Iterable[Duty], *, now: datetime, asked: Asked) -> bytes:
    return workbook("清单", COLUMNS, (_row(one, now) for one in duties), asked=asked)


def _row(duty: Duty, now: datetime) -> tuple[str, ...]:
    due = due_moment_words(duty.due_at) if duty.due_at else ""
    return (
        duty.title,
        duty.subject_title,
        duty.estate.name if duty.estate else "",
        duty.get_source_display(),
        duty.owner_organisation.name if duty.owner_organisation else "",
        str(duty.assigned_to or ""),
        (f"{duty.last_day.year}年{due}" if duty.last_day else due) + ("（暂定）" if duty.provisional else ""),
        duty.get_state_display(),
        due_words(duty, now).words if duty.running else "",
        "、".join(duty.clauses),
        _moment(duty.opened_at),
        _moment(duty.closed_at),
    )


def _moment(moment: Any) -> str:
    return f"{cn_date(moment)} {moment.astimezone(LOCAL):%H:%M}" if moment else ""
