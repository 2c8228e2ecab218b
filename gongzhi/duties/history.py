"""What happened to a duty, in words."""

from dataclasses import dataclass
from datetime import datetime

from gongzhi.core.display import due_moment_words
from gongzhi.core.models import Event
from gongzhi.core.recording import vocabulary

# A step of a ladder that issues no paper of its own.
STEP_WORDS = {"urge": "催办", "copy_notice": "抄告", "supervision": "督办", "censure": "通报"}


@dataclass(frozen=True)
class Happened:
    at: datetime
    kind: str
    title: str
    who: str
    note: str

    @classmethod
    def of(cls, event: Event) -> "Happened":
        return cls(event.at, event.kind, _titled(event.kind), event.actor_label, _note(event))


def _titled(kind: str) -> str:
    declared = vocabulary().events.get(kind)
    return declared.title if declared else kind


def _note(event: Event) -> str:
    data = event.data
    if event.kind == "duty.climbed":
        return str(data.get("number") or "")
    if event.kind in ("duty.extended", "duty.recomputed") and data.get("due_at") and data.get("was_due_at"):
        return f"{_until(data['was_due_at'])}改为{_until(data['due_at'])}"
    if event.kind == "duty.fulfilled":
        return "超期办结" if data.get("late") else "期满没有人办理，视为办结" if data.get("silent") else "按期办结"
    return ""


def _until(moment: str) -> str:
    return due_moment_words(datetime.fromisoformat(moment))
