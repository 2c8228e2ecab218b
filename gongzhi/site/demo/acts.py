"""The words of the scene's steps and the commands of the complaint they stand for."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from gongzhi.cases.models import Case
from gongzhi.cases.services import closing, handling, routing, upward

ACTS: dict[str, Callable[..., Case]] = {
    "judge": routing.judge_validity,
    "assign": routing.assign_case,
    "whistle": routing.whistle,
    "report_in": routing.report_in,
    "return": routing.return_case,
    "verify": handling.verify_on_site,
    "contact": handling.contact_complainant,
    "note": handling.note_progress,
    "intervene": handling.record_intervention,
    "request_finding": handling.request_finding,
    "finding": handling.record_finding,
    "file": handling.file_case,
    "penalty": handling.file_penalty,
    "handle": handling.handle,
    "explain": handling.explain_overdue,
    "report_up": upward.report_up,
    "sign_report": upward.sign_report,
    "answer": closing.answer,
    "call_back": closing.call_back,
    "rate": closing.rate,
    "reopen": closing.reopen,
    "close": closing.close_case,
    "archive": closing.archive_case,
}


def arguments(name: str, given: dict[str, Any], *, case: Case, at: datetime, today: date) -> dict[str, Any]:
    """`promised: 3` is the day three days from today, but not past the day of the answer; texts may name the year."""
    found: dict[str, Any] = {
        key: value.format(year=at.year) if isinstance(value, str) else value for key, value in given.items()
    }
    if name == "contact":
        wanted = max(today - timedelta(days=found.pop("promised")), at.date())
        last = case.answer_due_at
        found["promised_on"] = min(wanted, (last - timedelta(seconds=1)).date()) if last is not None else wanted
    return found
