"""抄告、督办、通报 by unit and matter; who may be talked to; which companies come up for a censure; a unit's year."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from gongzhi.cases.accountability.models import CensureReview, Finding, Shirking, WorkTask
from gongzhi.cases.models import Problem, SiteCheck
from gongzhi.core.actors import Actor
from gongzhi.core.days import ZONE
from gongzhi.core.models import Document, Event, Organisation
from gongzhi.core.reading import shut_among
from gongzhi.duties.models import Duty, State

TALK = "talk"
# Who may be named in a circular for what he did not report.
WATCHED = ("property_company", "owners_committee", "management_committee")
SOURCES = ("patrol", "complaint", "other")


@dataclass(frozen=True)
class Step:
    step: str
    at: datetime
    document: Document | None


@dataclass
class CensusRow:
    """One unit and one matter: the steps taken, in order. `duty` is the latest one of the matter.

    `shut`: about a case that the reader is no party to; only what had to be done is named, not the case.
    """

    unit: Organisation
    title: str
    duty: Duty | None
    steps: list[Step] = field(default_factory=list)
    ground: bool = False
    shut: bool = False

    def count(self, step: str) -> int:
        return sum(1 for one in self.steps if one.step == step)


def for_eyes_of(actor: Actor, rows: Iterable[CensusRow]) -> list[CensusRow]:
    """The rows, without the names of cases that the actor may not read."""
    found = list(rows)
    shut = shut_among(actor, [row.duty.subject for row in found if row.duty is not None])
    for row in found:
        if row.duty is not None and row.duty.subject.key in shut:
            row.shut, row.title = True, row.duty.title
    return found


def year_bounds(year: int) -> tuple[datetime, datetime]:
    return datetime(year, 1, 1, tzinfo=ZONE), datetime(year + 1, 1, 1, tzinfo=ZONE)


def census(place_path: str, *, year: int, unit: Organisation | None = None) -> list[CensusRow]:
    """Every matter that reached a step in the year, the most recent first. Five statements."""
    first, end = year_bounds(year)
    events = Event.objects.filter(
        kind__in=("duty.climbed", "censure.issued"), at__gte=first, at__lt=end, place_path__startswith=place_path
    ).order_by("at", "pk")
    if unit is not None:
        events = events.filter(Q(data__owner_organisation=unit.pk) | Q(data__lead_organisation=unit.pk))
    found = list(events)
    duties = Duty.objects.in_bulk({int(one.subject_id) for one in found if one.subject_kind == "duty"})
    documents = Document.objects.in_bulk({one.data["document"] for one in found if one.data.get("document")})
    units = Organisation.objects.in_bulk({_unit_of(one) for one in found})
    rows: dict[tuple[int, str], CensusRow] = {}
    for one in found:
        owner = units.get(_unit_of(one))
        if owner is None:
            continue
        duty = duties.get(int(one.subject_id)) if one.subject_kind == "duty" else None
        title = (duty.subject_title or duty.title) if duty is not None else one.subject_title
        row = rows.setdefault((owner.pk, str(one.data["about"])), CensusRow(owner, title, duty))
        row.duty = duty or row.duty
        step = str(one.data.get("step") or "censure")
        row.steps.append(Step(step, one.at, documents.get(one.data.get("document"))))
    _mark_grounds(rows.values())
    return sorted(rows.values(), key=lambda row: row.steps[-1].at, reverse=True)


def _mark_grounds(rows: Iterable[CensusRow]) -> None:
    """`talk_ground` for all of them at once."""
    duties = [row.duty for row in rows if row.duty is not None]
    shirked = set(Shirking.objects.filter(duty__in=duties).values_list("duty_id", flat=True))
    tasks = {duty.subject_id for duty in duties if duty.subject_kind == "work_task"}
    censured = WorkTask.objects.filter(pk__in=tasks, censured_at__isnull=False).values_list("pk", flat=True)
    known = {str(pk) for pk in censured}
    for row in rows:
        duty = row.duty
        row.ground = duty is not None and (
            _talk_suggested(duty)
            or duty.pk in shirked
            or (duty.subject_kind == "work_task" and duty.subject_id in known)
        )


def _talk_suggested(duty: Duty) -> bool:
    return any(one.get("suggests") == TALK for one in duty.state_json.get("steps", ()))


def _unit_of(event: Event) -> int:
    return int(event.data.get("owner_organisation") or event.data.get("lead_organisation") or 0)


def steps_of(rows: Iterable[CensusRow]) -> list[str]:
    """The steps that occur, in the order in which a ladder takes them."""
    order = ("copy_notice", "supervision", "censure")
    seen = {one.step for row in rows for one in row.steps}
    return [*order, *sorted(seen - set(order))]


def by_unit(rows: Iterable[CensusRow]) -> list[tuple[Organisation, dict[str, int]]]:
    found: dict[int, tuple[Organisation, dict[str, int]]] = {}
    for row in rows:
        _, counts = found.setdefault(row.unit.pk, (row.unit, defaultdict(int)))
        for one in row.steps:
            counts[one.step] += 1
    return sorted(found.values(), key=lambda one: (-sum(one[1].values()), one[0].pk))


def talk_ground(duty: Duty) -> bool:
    """The pack's ladder suggests a talk at a step reached, shirking was found, or the task was censured."""
    if _talk_suggested(duty):
        return True
    if Shirking.objects.filter(duty=duty).exists():
        return True
    return (
        duty.subject_kind == "work_task"
        and WorkTask.objects.filter(pk=duty.subject_id, censured_at__isnull=False).exists()
    )


def late_duties(place_path: str, *, level_roles: Iterable[str] = ()) -> QuerySet[Duty]:
    """Overdue duties below a place with nobody found shirking yet, the oldest first."""
    rows = Duty.objects.filter(
        place_path__startswith=place_path, state=State.OVERDUE, owner_organisation__isnull=False, shirking=None
    ).select_related("owner_organisation")
    if level_roles:
        rows = rows.filter(owner_role__in=list(level_roles))
    return rows.exclude(state_json__ladder="").order_by("due_at", "pk")


@dataclass(frozen=True)
class Candidate:
    """A company or committee that let a problem lie unreported past its time. `complained_at`: an owner complained of
    it then; None while nobody did."""

    problem: Problem
    party: Organisation
    complained_at: datetime | None
    late_at: datetime
    review: CensureReview | None


def candidates(place_path: str, *, problem: Problem | None = None) -> list[Candidate]:
    """Registered, not reported up in time, and complained of or to be judged as the place's document says. Who reported
    in time is not among them."""
    events = Event.objects.filter(
        kind="problem.complained_of", data__late=True, place_path__startswith=place_path
    ).order_by("-at")
    if problem is not None:
        events = events.filter(subject_id=str(problem.pk))
    found = list(events)
    complained = {one.subject_id for one in found}
    judged = Duty.objects.filter(subject_kind="problem", manual=True, place_path__startswith=place_path)
    judged = judged.exclude(state=State.VOID).exclude(subject_id__in=complained)
    if problem is not None:
        judged = judged.filter(subject_id=str(problem.pk))
    late = dict(judged.order_by("-opened_at").values_list("subject_id", "opened_at"))
    wanted = {int(one) for one in (*complained, *late)}
    rows = Problem.objects.select_related("keeper", "estate").in_bulk(wanted)
    reviews = {
        (one.problem_id, one.party_id): one
        for one in CensureReview.objects.filter(problem__in=rows).select_related("document", "party")
    }
    result: list[Candidate] = []
    for event in found:
        row = rows.get(int(event.subject_id))
        if row is None:
            continue
        keepers = [row.keeper] if row.keeper.role in WATCHED else []
        parties = [*keepers, *_late_committees(row, event.at)]
        result += [Candidate(row, one, event.at, event.at, reviews.get((row.pk, one.pk))) for one in parties]
    for key, at in late.items():
        row = rows.get(int(key))
        if row is not None and row.keeper.role in WATCHED:
            result.append(Candidate(row, row.keeper, None, at, reviews.get((row.pk, row.keeper.pk))))
    return sorted(result, key=lambda one: one.late_at, reverse=True)


def _late_committees(problem: Problem, at: datetime) -> list[Organisation]:
    """A committee whose own duty about the problem was over when the owner complained."""
    rows = Duty.objects.filter(
        Q(closed_at=None) | Q(closed_at__gt=at),
        subject_kind="problem",
        subject_id=str(problem.pk),
        owner_role="owners_committee",
        due_at__lte=at,
        owner_organisation__isnull=False,
    ).select_related("owner_organisation")
    return list(dict.fromkeys(one.owner_organisation for one in rows if one.owner_organisation is not None))


@dataclass(frozen=True)
class UnitYear:
    """What a year holds of a unit, for its assessment: findings, tasks, steps."""

    unit: Organisation
    year: int
    findings: list[Finding]
    tasks: list[WorkTask]
    steps: list[CensusRow]
    shirked: list[Shirking]

    @property
    def rectified(self) -> int:
        return sum(1 for one in self.findings if one.rectified_at)

    @property
    def failed_tasks(self) -> int:
        return sum(1 for one in self.tasks if one.failures)


def unit_year(unit: Organisation, *, year: int, place_path: str) -> UnitYear:
    first, end = year_bounds(year)
    findings = Finding.objects.filter(unit=unit, sent_at__gte=first, sent_at__lt=end)
    tasks = WorkTask.objects.filter(unit=unit, due_on__gte=date(year, 1, 1), due_on__lt=date(year + 1, 1, 1))
    shirked = Shirking.objects.filter(unit=unit, found_at__gte=first, found_at__lt=end)
    return UnitYear(
        unit=unit,
        year=year,
        findings=list(findings.select_related("inspection", "document").order_by("sent_at")),
        tasks=list(tasks.select_related("duty").order_by("due_on", "pk")),
        steps=census(place_path, year=year, unit=unit),
        shirked=list(shirked.select_related("duty").order_by("found_at")),
    )


def check_sources(place_path: str, *, year: int) -> list[dict[str, Any]]:
    """How many checks each unit made, by where they came from."""
    first, end = year_bounds(year)
    rows: QuerySet[Any] = SiteCheck.objects.filter(
        place_path__startswith=place_path, void_reason="", checked_at__gte=first, checked_at__lt=end
    )
    counts = {source: Count("pk", filter=Q(source=source)) for source in SOURCES}
    linked = Count("pk", filter=Q(same_as__isnull=False))
    return list(
        rows.values("organisation_id", unit=F("organisation__name"))
        .annotate(all=Count("pk"), linked=linked, **counts)
        .order_by("-all", "organisation_id")
    )
