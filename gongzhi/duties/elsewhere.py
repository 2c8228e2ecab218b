"""Extensions that are asked for over what the duty is about, because more is decided there than the clock knows.

A rule that names the event of the consent is one of these. The part that records the event is told here once, so that
the desk may offer the same act; it asks and decides over the subject, and the duty follows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gongzhi.core import services as core
from gongzhi.core.days import local_day
from gongzhi.core.refs import Ref
from gongzhi.duties.models import Duty


@dataclass(frozen=True)
class Elsewhere:
    """`ask(subject, days=, reason=, actor=, now=)`, `decide(subject, allowed=, note=, days=, actor=, now=)`."""

    ask: Callable[..., Any]
    decide: Callable[..., Any]


_BY_KIND: dict[str, Elsewhere] = {}


def register_extension(kind: str, *, ask: Callable[..., Any], decide: Callable[..., Any]) -> None:
    """Called once when the apps are ready; `kind` is that of the duty's subject."""
    _BY_KIND[kind] = Elsewhere(ask, decide)


def extension_of(duty: Duty) -> tuple[Elsewhere, Ref] | None:
    """Who is asked instead of the duty itself, and over what."""
    pack = core.pack_for(duty.place_path, local_day(duty.opened_at))
    rule = pack.duty_rules.get(duty.rule) if pack is not None else None
    if rule is None or rule.extension is None or not rule.extension.after:
        return None
    found = _BY_KIND.get(duty.subject_kind)
    return (found, duty.subject) if found is not None else None
