"""The board of tasks: who sees which, how many are done, running and late; by unit and month; the division of tasks."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from gongzhi.cases.accountability.models import Inspection, WorkTask, WorkTaskEntry
from gongzhi.cases.accountability.models.tasks import COMPLETED, RUNNING
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import percent
from gongzhi.core.models import Event, Organisation
from gongzhi.duties.queries import duties_of
from gongzhi.policy import Pack, decide

DIVISION = "cases.task_division"
MONTHS = range(1, 13)
FEEDBACK = ("feedback", "done")


def tasks_for(actor: Actor) -> QuerySet[Any]:
    """Those of the place for whoever watches the board; the unit's own, given or got, for every unit."""
    seen = Q(pk=None)
    if actor.organisation is not None:
        seen |= Q(unit=actor.organisation) | Q(given_by=actor.organisation)
        if core.may(actor, "accountability.board", actor.organisation):
            seen |= Q(place_path__startswith=actor.place_path)
    return (
        WorkTask.objects.filter(seen)
        .select_related("unit", "given_by", "duty", "plan", "estate")
        .order_by("due_on", "pk")
    )


@dataclass(frozen=True)
class Board:
    total: int
    completed: int
    running: int
    overdue: int
    failed: int

    @property
    def rate(self) -> str:
        """Completed of all, 75.0%."""
        return percent(self.completed, self.total)


def _sums(now: datetime) -> dict[str, Count]:
    owing = Q(state__in=RUNNING)
    late = owing & Q(duty__due_at__lte=now)
    return {
        "total": Count("pk"),
        "completed": Count("pk", filter=Q(state__in=COMPLETED)),
        "overdue": Count("pk", filter=late),
        "running": Count("pk", filter=owing & (Q(duty__due_at__gt=now) | Q(duty__due_at=None))),
        "failed": Count("pk", filter=Q(failures__gt=0)),
    }


def board(rows: QuerySet[Any], now: datetime) -> Board:
    return Board(**rows.order_by().aggregate(**_sums(now)))


def board_by_unit(rows: QuerySet[Any], now: datetime) -> list[dict[str, Any]]:
    return list(
        rows.order_by().values("unit_id", name=F("unit__name")).annotate(**_sums(now)).order_by("-overdue", "unit_id")
    )


@dataclass(frozen=True)
class UnitMonths:
    """A unit's tasks of a year, a cell a month: how many, how many completed, how many late."""

    unit: str
    unit_id: int
    months: list[dict[str, int]]


def unit_months(rows: QuerySet[Any], *, year: int, now: datetime) -> list[UnitMonths]:
    found = (
        rows.filter(due_on__year=year)
        .order_by()
        .values("unit_id", "due_on__month", name=F("unit__name"))
        .annotate(**_sums(now))
        .order_by("unit_id")
    )
    table: dict[int, UnitMonths] = {}
    for one in found:
        nothing = [{"total": 0, "completed": 0, "overdue": 0} for _ in MONTHS]
        row = table.setdefault(one["unit_id"], UnitMonths(one["name"], one["unit_id"], nothing))
        row.months[one["due_on__month"] - 1] = {name: one[name] for name in ("total", "completed", "overdue")}
    return list(table.values())


def prompts_of(task: WorkTask) -> list[Event]:
    """What the clock and the office did about it: prompts, reminders, steps of the ladder."""
    duties = [str(pk) for pk in _duties(task)]
    kinds = ("duty.prompted", "duty.reminded", "duty.overdue", "duty.climbed", "duty.extended")
    return list(Event.objects.filter(subject_kind="duty", subject_id__in=duties, kind__in=kinds).order_by("-pk"))


def _duties(task: WorkTask) -> list[int]:
    return list(duties_of(task.ref).values_list("pk", flat=True))


# --- 任务分工


@dataclass(frozen=True)
class DividedTask:
    """One task of the document: who leads, who takes part, and how far it is."""

    task: str
    lead: tuple[str, ...]
    duty: tuple[str, ...]
    clauses: tuple[str, ...]
    total: int
    completed: int
    overdue: int
    fed_back: int

    @property
    def joint(self) -> bool:
        return len(self.lead) > 1

    def leads(self, role: str) -> bool:
        return role in self.lead

    @property
    def silent(self) -> bool:
        """Nobody has said anything about it."""
        return self.fed_back == 0


def divided_names(pack: Pack, *, on: date) -> list[str]:
    """The tasks that the pack divides, in the document's order."""
    names: list[str] = []
    for versions in pack.rules.get(DIVISION, ()):
        for rule in versions:
            if rule.in_force(on):
                names += [
                    str(operand.value)
                    for row in rule.rows
                    for atom in row.when
                    if atom.key == "task"
                    for operand in getattr(atom.test, "operands", ())
                ]
    return list(dict.fromkeys(names))


def division(place_path: str, *, now: datetime, on: date) -> list[DividedTask]:
    """The document's tasks with the progress of what was handed out for each. Three statements."""
    pack = core.pack_for(place_path, on)
    if pack is None:
        return []
    rows = WorkTask.objects.filter(place_path__startswith=place_path).exclude(division="")
    sums: dict[str, Any] = {one["division"]: one for one in rows.order_by().values("division").annotate(**_sums(now))}
    told = dict(
        WorkTaskEntry.objects.filter(task__in=rows, kind__in=FEEDBACK)
        .values_list("task__division")
        .annotate(times=Count("pk"))
        .order_by()
    )
    switches = core.switches_for(place_path, on)
    found = []
    for name in divided_names(pack, on=on):
        answer = decide(pack, DIVISION, {"task": name}, on=on, switches=switches)
        value = answer.value or {}
        counted: dict[str, int] = sums.get(name, {})
        found.append(
            DividedTask(
                task=name,
                lead=tuple(value.get("lead") or ()),
                duty=tuple(value.get("duty") or ()),
                clauses=tuple(answer.clauses),
                total=counted.get("total", 0),
                completed=counted.get("completed", 0),
                overdue=counted.get("overdue", 0),
                fed_back=told.get(name, 0),
            )
        )
    return found


def units_below(actor: Actor, *, roles: tuple[str, ...] = ()) -> QuerySet[Organisation]:
    """Offices, departments and communities below the actor's place, but not its own unit."""
    rows = Organisation.objects.filter(place_path__startswith=actor.place_path or "-", active=True)
    rows = rows.filter(role__in=roles) if roles else rows.filter(kind__in=("office", "department", "committee"))
    if actor.organisation is not None:
        rows = rows.exclude(pk=actor.organisation.pk)
    return rows.order_by("place_path", "pk")


def inspections_for(actor: Actor) -> QuerySet[Inspection]:
    if actor.organisation is None or not core.may(actor, "accountability.read_inspections", actor.organisation):
        return Inspection.objects.none()
    return (
        Inspection.objects.filter(place_path__startswith=actor.place_path)
        .select_related("inspected", "office")
        .annotate(
            found=Count("findings", distinct=True),
            sent=Count("findings", filter=Q(findings__sent_at__isnull=False), distinct=True),
            rectified=Count("findings", filter=Q(findings__rectified_at__isnull=False), distinct=True),
        )
        .order_by("-opened_at", "-pk")
    )
