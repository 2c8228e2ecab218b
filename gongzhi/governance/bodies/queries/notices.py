"""Whether a notice may be put up: how long, what it must not ask for, and whether the estate dismisses its company."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from gongzhi.core import services as core
from gongzhi.governance.bodies.models import Body, BodyNotice
from gongzhi.governance.bodies.words import COMMITTEES
from gongzhi.registry.models import Estate
from gongzhi.registry.queries import project_on

HIRING = "hire_company"
NOT_BEGUN = ("draft", "stopped")
DECIDED = ("final", "filed")
SIGNS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class NoticeRules:
    """What the document says of notices of a kind; `clauses` those of that answer."""

    value: Mapping[str, Any]
    clauses: tuple[str, ...]


def rules_of(body: Body, kind: str, on: date) -> NoticeRules:
    answer = core.ask("governance.notice_rules", {"notice": kind}, place_path=body.place_path, on=on)
    return NoticeRules(dict(answer.value or {}) if answer.ok else {}, tuple(answer.clauses))


def barred_words(text: str, listed: list[str]) -> list[str]:
    """Which of the words stand in the text, whatever signs and spaces were put between their signs."""
    plain = SIGNS.sub("", text)
    return [one for one in listed if one in plain]


def dismissing(estate: Estate, on: date) -> bool:
    """A vote on the company has begun while the present one serves and was not lost, or is owed for its dismissal."""
    if estate.owed_meetings.filter(reason="dismiss_company", state="due").exists():
        return True
    project = project_on(estate, on)
    if project is None:
        return False
    votes = estate.votes.filter(motions__matter=HIRING, made_at__date__gt=project.from_on).exclude(state__in=NOT_BEGUN)
    lost = votes.filter(state__in=DECIDED).exclude(motions__matter=HIRING, motions__outcome="passed")
    return votes.exclude(pk__in=lost.values("pk")).exists()


def committees_on(estate: Estate, on: date) -> list[Body]:
    """Who may speak to the owners of an estate: its committees in office."""
    return list(Body.objects.in_office(on).filter(estate=estate, kind__in=COMMITTEES, state="in_office"))


def notices_of(estate: Estate) -> list[BodyNotice]:
    """The register: every notice that was put up in an estate, the latest first."""
    rows = BodyNotice.objects.filter(body__estate=estate).select_related("body", "photo")
    return list(rows.order_by("-shown_on", "-pk"))
