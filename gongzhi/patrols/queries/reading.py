"""Which rounds, findings and entries an actor may read; findings counted by what they have in common."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Avg, Case, Count, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import percent
from gongzhi.patrols.models import PatrolFinding, PatrolRound, RegisterEntry, RoundCorrection, RoundUnit
from gongzhi.patrols.queries.books import ABOVE, BookAt, register_at
from gongzhi.patrols.queries.plans import COMPANY, Window
from gongzhi.patrols.words import OPEN_STATES, SIDES


def rounds_for(actor: Actor) -> QuerySet[PatrolRound]:
    """Those of the actor's place for who watches over it; else those one took part in and those of estates served."""
    rows = PatrolRound.objects.select_related("estate", "by").prefetch_related("units__organisation")
    rows = rows.annotate(found=Count("findings"))
    if actor.is_system:
        return rows
    seen = Q(pk=None)
    if actor.role in ABOVE and actor.place_path:
        seen |= Q(place_path__startswith=actor.place_path)
    if actor.organisation is not None:
        seen |= Q(units__organisation=actor.organisation)
        seen |= Q(estate__projects__company=actor.organisation, estate__projects__to_on=None)
    return rows.filter(pk__in=PatrolRound.objects.filter(seen).values("pk"))


def findings_for(actor: Actor) -> QuerySet[PatrolFinding]:
    rows = PatrolFinding.objects.select_related("estate", "responsible", "rechecker", "finder", "repeat_of")
    if actor.is_system:
        return rows
    seen = Q(pk=None)
    if actor.role in ABOVE and actor.place_path:
        seen |= Q(place_path__startswith=actor.place_path)
    if actor.organisation is not None:
        own = actor.organisation
        seen |= Q(responsible=own) | Q(rechecker=own) | Q(finder=own) | Q(escalated_to=own)
        seen |= Q(estate__projects__company=own, estate__projects__to_on=None)
    if actor.user is not None:
        seen |= Q(found_by=actor.user)
    return rows.filter(pk__in=PatrolFinding.objects.filter(seen).values("pk"))


def may_read_entry(actor: Actor, row: RegisterEntry) -> bool:
    """By its own roles, and by those that its register names."""
    if core.may(actor, "register.read", row):
        return True
    register = register_at(row.place_path, row.register, core.local_day(row.entered_at))
    return register is not None and core.may(actor, "register.read", BookAt(register, row.place_path))


@dataclass(frozen=True)
class Line:
    title: str
    whole: int
    open: int
    overdue: int
    on_spot: int

    @property
    def struck_off(self) -> int:
        return self.whole - self.open

    @property
    def percent(self) -> str:
        return percent(self.struck_off, self.whole)


def counted(rows: QuerySet[PatrolFinding], by: str, on: date) -> list[Line]:
    """Findings by a column: how many, how many not struck off, how many of those past their day."""
    late = Q(state="assigned", due_on__lt=on)
    lines = rows.exclude(state="voided").order_by().values(by).annotate(
        whole=Count("pk"),
        open=Count("pk", filter=Q(state__in=OPEN_STATES)),
        overdue=Count("pk", filter=late),
        on_spot=Count("pk", filter=Q(eased_on_spot=True)),
    )  # fmt: skip
    titles: dict[Any, str] = SIDES if by == "side" else {}
    found = [
        Line(titles.get(one[by], str(one[by] or "没有填")), one["whole"], one["open"], one["overdue"], one["on_spot"])
        for one in lines
    ]
    return sorted(found, key=lambda one: (-one.whole, one.title))


@dataclass(frozen=True)
class UnitLine:
    """What one unit did between two days."""

    unit: Any
    rounds: int
    findings: int
    struck_off: int
    on_spot: int
    average: Any

    @property
    def open(self) -> int:
        return self.findings - self.struck_off

    @property
    def percent(self) -> str:
        return percent(self.struck_off, self.findings)


def by_unit(place_path: str, window: Window, *, roles: Iterable[str] = ()) -> list[UnitLine]:
    """Rounds, findings and average score of every unit that walked within the place."""
    parts = RoundUnit.objects.counting().filter(
        round__place_path__startswith=place_path, walked_at__gte=window.begins, walked_at__lt=window.ends
    )
    if roles:
        parts = parts.filter(role__in=list(roles))
    corrected = RoundCorrection.objects.filter(round=OuterRef("round")).order_by("-at", "-pk").values("score")[:1]
    rounds = parts.values("organisation", "organisation__name", "organisation__role").annotate(
        times=Count("round", distinct=True), mean=Avg(Coalesce(Subquery(corrected), F("round__score")))
    )
    rows = PatrolFinding.objects.filter(
        place_path__startswith=place_path, found_at__gte=window.begins, found_at__lt=window.ends
    )
    found = {
        one["finder"]: one
        for one in rows.exclude(state="voided").order_by().values("finder").annotate(
            whole=Count("pk"),
            off=Count("pk", filter=Q(state="passed")),
            spot=Count("pk", filter=Q(eased_on_spot=True)),
        )
    }  # fmt: skip
    nothing = {"whole": 0, "off": 0, "spot": 0}
    lines = []
    for one in rounds.order_by("organisation__place_path", "organisation"):
        of = found.get(one["organisation"], nothing)
        unit = {"name": one["organisation__name"], "role": one["organisation__role"], "pk": one["organisation"]}
        lines.append(UnitLine(unit, one["times"], of["whole"], of["off"], of["spot"], one["mean"]))
    return lines


def by_level(place_path: str, window: Window) -> list[tuple[str, str, int]]:
    """(sheet, level of the unit or the role of a company, rounds) of every unit that walked within the place."""
    parts = RoundUnit.objects.counting().filter(
        round__place_path__startswith=place_path, walked_at__gte=window.begins, walked_at__lt=window.ends
    )
    level = Case(When(role=COMPANY, then=Value(COMPANY)), default="organisation__place__level")
    rows = parts.annotate(level=level).values("round__sheet", "level").annotate(times=Count("round", distinct=True))
    return sorted((one["round__sheet"], str(one["level"] or ""), one["times"]) for one in rows)


def settled_share(actor: Actor) -> tuple[int, int]:
    """Of the findings that the actor reported himself: (struck off, all)."""
    rows = PatrolFinding.objects.filter(found_by=actor.user, source="report").exclude(state="voided")
    return rows.filter(state="passed").count(), rows.count()
