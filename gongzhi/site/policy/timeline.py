"""What a simulation found, told as it would have happened: one line a moment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gongzhi.duties.history import STEP_WORDS
from gongzhi.policy.periods import day_or_minute, in_china, parse_moment

ENDED = {
    "fulfilled": ("办结，按期", "gz-ok"),
    "fulfilled_late": ("办结，已逾期", "gz-over"),
    "excused": ("免责", "gz-wait"),
    "void": ("作废，不再计时", "gz-wait"),
    "silent": ("无人办理，视为同意", "gz-wait"),
}


@dataclass(frozen=True, order=True)
class Line:
    """One thing at one moment. `turn` keeps causes before what follows from them."""

    at: datetime
    turn: int
    words: str = field(compare=False)
    who: str = field(compare=False, default="")
    css: str = field(compare=False, default="")
    clauses: tuple[str, ...] = field(compare=False, default=())
    until: str = field(compare=False, default="")

    @property
    def moment(self) -> str:
        return day_or_minute(self.at)


EVENT, OPENED, BREACHED, STEP, DONE = range(5)


def timeline(
    pack: Any, events: Iterable[Mapping[str, Any]], duties: Iterable[Mapping[str, Any]], *, at: datetime
) -> list[Line]:
    lines: list[Line] = []
    for event in events:
        declared = pack.vocabulary.events.get(str(event["kind"]))
        moment = parse_moment(str(event["at"]))
        if moment <= at:
            lines.append(Line(moment, EVENT, declared.title if declared else str(event["kind"])))
    for duty in duties:
        lines += _of_duty(pack, duty, at)
    return sorted(lines)


def _of_duty(pack: Any, duty: Mapping[str, Any], at: datetime) -> Iterable[Line]:
    title, owner = f"“{duty['title']}”", str(duty["owner"]["name"])
    cited = tuple(duty["clauses"])
    until = f"{duty['due_text']}前" if duty["due"] else "没有规定期限"
    yield Line(parse_moment(duty["opened"]), OPENED, f"{title}开始计时", owner, "gz-soon", cited, until)
    due = parse_moment(duty["due"]) if duty["due"] else None
    ended = parse_moment(duty["done"]) if duty["done"] else None
    if due is not None and due <= at and (duty["state"] in ("overdue", "fulfilled_late")):
        yield Line(due, BREACHED, f"{title}到期没有办结", owner, "gz-over", cited)
    for step in duty["steps"]:
        again = f"再给到{day_or_minute(parse_moment(step['new_due']))}" if step["new_due"] else ""
        yield Line(parse_moment(step["at"]), STEP, f"{title}{step_name(pack, step)}", owner, "gz-over", (), again)
    if ended is not None:
        words, css = ENDED.get(str(duty["state"]), (str(duty["state_text"]), ""))
        yield Line(in_china(ended), DONE, f"{title}{words}", owner, css)


def step_name(pack: Any, step: Mapping[str, Any]) -> str:
    """The paper that the step issues, else the usual word."""
    instrument = pack.instruments.get(step["instrument"] or "")
    word = STEP_WORDS.get(str(step["step"]), "")
    if instrument is None:
        return word or str(step["step"])
    return f"{word}（{instrument.name}）" if word else str(instrument.name)
