"""The figures of a group of cases: each defined once, as a condition that both the count and the list use."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, Sum

from gongzhi.cases.codes import FOUND
from gongzhi.cases.models.case import ENDED, RUNNING, State
from gongzhi.core.display import percent, tenths

NOT_COMPARABLE = "无可比"
NOTHING = "—"
# What a figure's link asks of the list, and the words for it in the list's filter.
RESULTS = {
    "on_time": "按期答复",
    "late": "超过期限",
    "closed": "已办结",
    "satisfied": "回访满意",
    "unsatisfied": "回访不满意",
    "unled": "没有承办单位",
}


def condition(result: str, now: datetime) -> Q:
    """The cases that a figure counts. `late`: answered after the day, or past it and still not answered."""
    late = Q(answered_at__isnull=False, answered_late=True)
    waiting = Q(answered_at=None, answer_due_at__lte=now, state__in=RUNNING)
    return {
        "on_time": Q(answered_at__isnull=False) & (Q(answered_late=False) | Q(answered_late=None)),
        "late": late | waiting,
        "closed": Q(state__in=(State.CLOSED, State.ARCHIVED)),
        "satisfied": Q(call_back_result="satisfied"),
        "unsatisfied": Q(call_back_result="unsatisfied"),
        "unled": Q(lead=None) & ~Q(state__in=ENDED),
    }[result]


def sums(now: datetime) -> dict[str, Any]:
    """The aggregates of one statement; their names are the fields of `Figures`."""
    counted = {name: Count("state", filter=condition(name, now)) for name in RESULTS}
    rated = Q(stars__isnull=False)
    return {
        "received": Count("state"),
        "found": Count("state", filter=Q(channel=FOUND)),
        **counted,
        "rated": Count("state", filter=rated),
        "stars_given": Sum("stars", filter=rated, default=0),
    }


@dataclass(frozen=True)
class Figures:
    received: int = 0
    found: int = 0
    on_time: int = 0
    late: int = 0
    closed: int = 0
    satisfied: int = 0
    unsatisfied: int = 0
    unled: int = 0
    rated: int = 0
    stars_given: int = 0

    @classmethod
    def of(cls, row: dict[str, Any]) -> "Figures":
        return cls(**{one.name: int(row[one.name]) for one in fields(cls)})

    @classmethod
    def total(cls, rows: Iterable["Figures"]) -> "Figures":
        names = [one.name for one in fields(cls)]
        kept = dict.fromkeys(names, 0)
        for row in rows:
            for name in names:
                kept[name] += getattr(row, name)
        return cls(**kept)

    @property
    def due(self) -> int:
        """Those whose answer is there or ought to be: what the rate of punctuality is taken of."""
        return self.on_time + self.late

    @property
    def on_time_rate(self) -> str:
        return percent(self.on_time, self.due)

    @property
    def asked(self) -> int:
        return self.satisfied + self.unsatisfied

    @property
    def satisfied_rate(self) -> str:
        return percent(self.satisfied, self.asked)

    @property
    def found_rate(self) -> str:
        return percent(self.found, self.received)

    @property
    def stars(self) -> str:
        """The mean rating with one decimal."""
        return tenths(self.stars_given, self.rated) if self.rated else NOTHING


@dataclass(frozen=True)
class Change:
    """One figure beside its base: -25.0% (120 → 90); with a base of nothing there is nothing to compare with."""

    now: int
    base: int

    @property
    def comparable(self) -> bool:
        return self.base > 0

    @property
    def tenths(self) -> int:
        """In tenths of a per cent, rounded half away from nought."""
        size = (abs(self.now - self.base) * 2000 + self.base) // (2 * self.base)
        return size if self.now >= self.base else -size

    @property
    def words(self) -> str:
        if not self.comparable:
            return NOT_COMPARABLE
        size = abs(self.tenths)
        sign = "+" if self.now > self.base else "-" if self.now < self.base else ""
        return f"{sign}{size // 10}.{size % 10}%"

    @property
    def css(self) -> str:
        """Fewer complaints are better; the sign says it in words already."""
        if not self.comparable or self.now == self.base:
            return "gz-wait"
        return "gz-ok" if self.now < self.base else "gz-today"
