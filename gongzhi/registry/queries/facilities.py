"""Which facilities an actor may see, and whose inspection has expired or soon will."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import F, QuerySet

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.policy import Answer
from gongzhi.registry.models import Facility
from gongzhi.registry.queries.reading import estates_for

EXPIRED, SOON, VALID, UNKNOWN, FAULTY = "expired", "soon", "valid", "unknown", "faulty"
STATES = {
    EXPIRED: ("检验已过期", "gz-over"),
    FAULTY: ("检查不合格", "gz-over"),
    SOON: ("即将到期", "gz-today"),
    VALID: ("在有效期内", "gz-ok"),
    UNKNOWN: ("没有有效期", "gz-wait"),
}


@dataclass(frozen=True)
class Shown:
    facility: Facility
    state: str
    days: int | None

    @property
    def words(self) -> str:
        if self.state == EXPIRED and self.days is not None:
            return f"已过期{-self.days}日"
        if self.state == SOON:
            return f"还有{self.days}日到期" if self.days else "今天到期"
        return STATES[self.state][0]

    @property
    def css(self) -> str:
        return STATES[self.state][1]


def facilities_for(actor: Actor) -> QuerySet[Facility]:
    """Those of the estates that the actor may see, what ends first at the head."""
    rows = Facility.objects.filter(ended_on=None, estate__in=estates_for(actor).order_by().values("pk"))
    return rows.select_related("estate", "building").order_by(F("valid_until").asc(nulls_last=True), "pk")


def warning(place_path: str, on: date) -> Answer:
    """How many days before the last one the place is reminded."""
    return core.ask("registry.inspection_warning", {}, place_path=place_path, on=on)


def shown(rows: Iterable[Facility], on: date, *, days: int) -> list[Shown]:
    return [_shown(one, on, on + timedelta(days=days)) for one in rows]


def _shown(row: Facility, on: date, soon: date) -> Shown:
    left = row.days_left(on)
    if left is not None and left < 0:
        return Shown(row, EXPIRED, left)
    if row.faulty:
        return Shown(row, FAULTY, left)
    if row.valid_until is None:
        return Shown(row, UNKNOWN, None)
    return Shown(row, SOON if row.valid_until <= soon else VALID, left)


def of_state(rows: QuerySet[Facility], state: str, on: date, *, days: int) -> QuerySet[Facility]:
    """The same division for SQL, for the filter of the list."""
    soon = on + timedelta(days=days)
    if state == EXPIRED:
        return rows.filter(valid_until__lt=on)
    if state == FAULTY:
        return rows.filter(faulty=True)
    if state == SOON:
        return rows.filter(valid_until__gte=on, valid_until__lte=soon)
    if state == UNKNOWN:
        return rows.filter(valid_until=None)
    return rows.filter(valid_until__gt=soon, faulty=False) if state == VALID else rows
