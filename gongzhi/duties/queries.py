"""What is read of duties. Every function says how many statements it takes where that is not one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any

from django.db.models import Count, F, Min, Q, QuerySet, Window
from django.db.models.functions import RowNumber, TruncMonth

from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.display import percent
from gongzhi.core.models import Event, Organisation, Post
from gongzhi.core.reading import not_shut
from gongzhi.core.refs import Ref
from gongzhi.duties.models import LOCAL, ON_TIME, Duty, State
from gongzhi.duties.rights import SUPERVISORS
from gongzhi.policy.calendar import Calendar

MINE, UNIT, DONE = "mine", "unit", "done"
SHOWN_A_DAY, MONTHS_SHOWN = 4, 5


@dataclass(frozen=True)
class Bounds:
    """The moments that divide the desk: now, the end of today, the end of this week (Sunday 24:00)."""

    now: datetime
    today: datetime
    week: datetime

    @classmethod
    def at(cls, now: datetime) -> "Bounds":
        day = local_day(now)
        start = datetime.combine(day, time(), tzinfo=LOCAL)
        return cls(now, start + timedelta(days=1), start + timedelta(days=7 - day.weekday()))

    @property
    def last_day_of_week(self) -> date:
        return local_day(self.week) - timedelta(days=1)

    def group_of(self, due_at: datetime | None) -> str:
        if due_at is None:
            return "none"
        if due_at <= self.now:
            return "over"
        if due_at <= self.today:
            return "today"
        return "week" if due_at <= self.week else "later"

    def condition(self, group: str) -> Q:
        """The same division for SQL."""
        return {
            "over": Q(due_at__lte=self.now),
            "today": Q(due_at__gt=self.now, due_at__lte=self.today),
            "week": Q(due_at__gt=max(self.now, self.today), due_at__lte=self.week),
            "later": Q(due_at__gt=self.week),
            "none": Q(due_at__isnull=True),
        }[group]


GROUPS = {
    "over": ("已超期", "gz-over"),
    "today": ("今日到期", "gz-today"),
    "week": ("本周到期", "gz-soon"),
    "later": ("以后到期", "gz-wait"),
    "none": ("没有期限", "gz-wait"),
}


@dataclass(frozen=True)
class Counts:
    """How many duties, and how they divide."""

    total: int = 0
    over: int = 0
    today: int = 0
    week: int = 0
    later: int = 0
    none: int = 0
    oldest_due_at: datetime | None = None

    def longest_days(self, now: datetime) -> int:
        """How many days the worst of the overdue ones is over."""
        if self.oldest_due_at is None or self.oldest_due_at > now:
            return 0
        return max((local_day(now) - local_day(self.oldest_due_at - timedelta(microseconds=1))).days, 0)


def work_of_post(post: Post) -> QuerySet[Duty]:
    """The unit's open work in the hands of the post's holder, and of his deputy who has no post there himself."""
    hands = {post.user_id}
    if post.deputy_id is not None:
        own = Post.objects.filter(user=post.deputy_id, organisation=post.organisation, ends_on=None)
        hands |= set() if own.exists() else {post.deputy_id}
    return Duty.objects.filter(closed_at__isnull=True, assigned_to__in=hands, owner_organisation=post.organisation)


def _rows() -> QuerySet[Duty]:
    return Duty.objects.select_related("owner_organisation", "assigned_to", "estate").defer("state_json", "explanation")


def due_for(actor: Actor, *, scope: str = UNIT) -> QuerySet[Duty]:
    """What the actor owes, soonest first: what is named to the person, or all of the unit. Nobody owes nothing."""
    if actor.organisation is None:
        return _rows().none()
    rows = _rows().filter(owner_organisation=actor.organisation)
    if scope == DONE:
        return rows.filter(closed_at__isnull=False).order_by("-closed_at", "-id")
    if scope == MINE:
        rows = rows.filter(assigned_to=actor.user) if actor.user else rows.none()
    return rows.filter(closed_at__isnull=True).order_by(F("due_at").asc(nulls_last=True), "id")


def seen_from_above(rows: QuerySet[Duty], actor: Actor) -> QuerySet[Duty]:
    """What a supervisor may read of the duties below: of a case that he is no party to, not even the title."""
    party = Q(owner_organisation=actor.organisation) | Q(creditor=actor.organisation)
    shown = not_shut(actor)
    return rows.filter(shown | party) if shown else rows


def owed_to(actor: Actor) -> QuerySet[Duty]:
    """What others owe the actor: all that the unit handed on, and whatever is overdue below a supervisor's place."""
    if actor.organisation is None:
        return _rows().none()
    owed = Q(creditor=actor.organisation)
    if actor.role in SUPERVISORS and actor.place_path:
        owed |= Q(place_path__startswith=actor.place_path, state=State.OVERDUE)
    rows = _rows().filter(owed, closed_at__isnull=True).exclude(owner_organisation=actor.organisation)
    if actor.role in SUPERVISORS:
        rows = seen_from_above(rows, actor)
    return rows.order_by(F("due_at").asc(nulls_last=True), "id")


def counts(rows: QuerySet[Duty], bounds: Bounds) -> Counts:
    found = rows.order_by().aggregate(
        total=Count("id"),
        oldest_due_at=Min("due_at"),
        **{f"n_{group}": Count("id", filter=bounds.condition(group)) for group in GROUPS},
    )
    return Counts(
        total=found["total"], oldest_due_at=found["oldest_due_at"], **{group: found[f"n_{group}"] for group in GROUPS}
    )


def duties_of(ref: Ref) -> QuerySet[Duty]:
    """Every duty of a subject, running ones first, soonest first."""
    return (
        Duty.objects.filter(subject_kind=ref.kind, subject_id=ref.id)
        .select_related("owner_organisation", "assigned_to")
        .order_by(F("closed_at").asc(nulls_first=True), F("due_at").asc(nulls_last=True), "id")
    )


def running_of(kind: str, keys: Iterable[int]) -> dict[int, list[Duty]]:
    """Of several subjects of a kind: the running duties of each, soonest first. One statement."""
    rows = Duty.objects.filter(subject_kind=kind, subject_id__in=[str(one) for one in keys], closed_at=None)
    found: dict[int, list[Duty]] = {}
    for row in rows.order_by(F("due_at").asc(nulls_last=True), "id"):
        found.setdefault(int(row.subject_id), []).append(row)
    return found


def acts_of(duty: Duty) -> QuerySet[Event]:
    """What happened to the duty, the newest first."""
    return Event.objects.filter(subject_kind="duty", subject_id=str(duty.pk)).order_by("-id")


def tasks_of(actor: Actor, *, given: bool) -> QuerySet[Duty]:
    """交办任务: those the unit gave, or those it got; running ones first."""
    if actor.organisation is None:
        return _rows().none()
    side = Q(creditor=actor.organisation) if given else Q(owner_organisation=actor.organisation)
    return (
        _rows()
        .filter(side, source="task")
        .order_by(F("closed_at").desc(nulls_first=True), F("due_at").asc(nulls_last=True), "id")
    )


# --- on-time rates

_ENDED = Q(state__in=(State.FULFILLED, State.SILENT, State.FULFILLED_LATE, State.OVERDUE))


@dataclass(frozen=True)
class Rate:
    """按期率 of what had to be done in a month: on time over all that fell due, with both numbers."""

    on_time: int
    due: int
    overdue: int
    running: int = 0
    open_overdue: int = 0

    @property
    def ratio(self) -> Fraction | None:
        return Fraction(self.on_time, self.due) if self.due else None

    @property
    def percent(self) -> str:
        return percent(self.on_time, self.due)


def _rate_sums() -> dict[str, Count]:
    return {
        "on_time": Count("id", filter=Q(state__in=ON_TIME)),
        "due": Count("id", filter=_ENDED),
        "overdue": Count("id", filter=Q(state__in=(State.FULFILLED_LATE, State.OVERDUE))),
    }


def month_bounds(day: date) -> tuple[date, date]:
    """First and last day of the month."""
    first = day.replace(day=1)
    return first, next_month(first) - timedelta(days=1)


def next_month(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)


def months_back(day: date, number: int) -> date:
    """The first day of the month `number` months before that of `day`."""
    months = day.year * 12 + day.month - 1 - number
    return date(months // 12, months % 12 + 1, 1)


def on_time_by_month(rows: QuerySet[Duty], *, until: date, months: int) -> list[tuple[date, Rate]]:
    """The rates of the last `months` months up to that of `until`, the oldest first; a month without duties is 0/0."""
    first = months_back(until, months - 1)
    summed: Any = (
        rows.filter(last_day__gte=first, last_day__lt=next_month(until.replace(day=1)))
        .order_by()
        .annotate(month=TruncMonth("last_day"))
        .values("month")
        .annotate(**_rate_sums())
    )
    found = {row["month"]: Rate(row["on_time"], row["due"], row["overdue"]) for row in summed}
    nothing = Rate(0, 0, 0)
    wanted = [months_back(until, back) for back in reversed(range(months))]
    return [(month, found.get(month, nothing)) for month in wanted]


def of_unit(organisation: Organisation) -> QuerySet[Duty]:
    return Duty.objects.filter(owner_organisation=organisation)


def below(place_path: str) -> QuerySet[Duty]:
    return Duty.objects.filter(place_path__startswith=place_path) if place_path else Duty.objects.none()


@dataclass(frozen=True)
class UnitRow:
    organisation_id: int
    name: str
    role: str
    rate: Rate


def on_time_rate(place_path: str, *, first: date, last: date, now: datetime) -> list[UnitRow]:
    """Each unit's rate over a span of last days, and what it has open and overdue now. One statement."""
    span = Q(last_day__gte=first, last_day__lte=last)
    rows = (
        below(place_path)
        .filter(owner_organisation__isnull=False)
        .filter(span | Q(closed_at__isnull=True))
        .order_by()
        .values("owner_organisation_id", "owner_organisation__name", "owner_organisation__role")
        .annotate(
            on_time=Count("id", filter=span & Q(state__in=ON_TIME)),
            due=Count("id", filter=span & _ENDED),
            overdue=Count("id", filter=span & Q(state__in=(State.FULFILLED_LATE, State.OVERDUE))),
            in_hand=Count("id", filter=Q(closed_at__isnull=True)),
            open_overdue=Count("id", filter=Q(closed_at__isnull=True, due_at__lte=now)),
        )
    )
    return [
        UnitRow(
            organisation_id=row["owner_organisation_id"],
            name=row["owner_organisation__name"],
            role=row["owner_organisation__role"],
            rate=Rate(row["on_time"], row["due"], row["overdue"], row["in_hand"], row["open_overdue"]),
        )
        for row in rows
    ]


UNIT_ORDERS = ("overdue", "rate", "running", "name")


def sorted_units(rows: Iterable[UnitRow], order: str) -> list[UnitRow]:
    """By what is overdue now (most first), by rate (worst first, units without a rate last), by work, or by name."""
    keys: dict[str, Any] = {
        "overdue": lambda row: (-row.rate.open_overdue, -row.rate.overdue, row.name),
        "rate": lambda row: (row.rate.ratio is None, row.rate.ratio or 0, row.name),
        "running": lambda row: (-row.rate.running, row.name),
        "name": lambda row: row.name,
    }
    return sorted(rows, key=keys.get(order, keys["overdue"]))


# --- the month's calendar


@dataclass(frozen=True)
class DayOfWork:
    day: date
    in_month: bool
    today: bool
    rest: bool
    holiday: str
    count: int
    shown: tuple[Duty, ...]

    @property
    def more(self) -> int:
        return self.count - len(self.shown)


@dataclass(frozen=True)
class WeekOfWork:
    days: tuple[DayOfWork, ...]

    @property
    def busy(self) -> bool:
        """Whether a phone, which lists only days with work, shows anything of it."""
        return any(day.in_month and (day.count or day.today) for day in self.days)


def month_of_work(actor: Actor, first: date, *, scope: str, today: date, calendar: Calendar | None) -> list[WeekOfWork]:
    """The weeks of a month, Monday first, with what falls due each day (at most four named). Two statements."""
    start = first - timedelta(days=first.weekday())
    after = next_month(first)
    end = after + timedelta(days=(7 - after.weekday()) % 7)
    rows = due_for(actor, scope=scope).filter(last_day__gte=start, last_day__lt=end)
    per_day = dict(rows.order_by().values_list("last_day").annotate(number=Count("id")))
    ranked = rows.annotate(
        rank=Window(RowNumber(), partition_by=[F("last_day")], order_by=[F("due_at").asc(), F("id").asc()])
    ).filter(rank__lte=SHOWN_A_DAY)
    named: dict[date, list[Duty]] = {}
    for duty in ranked.order_by("last_day", "rank"):
        if duty.last_day is not None:
            named.setdefault(duty.last_day, []).append(duty)
    days = [start + timedelta(days=offset) for offset in range((end - start).days)]
    cells = [
        DayOfWork(
            day=day,
            in_month=(day.year, day.month) == (first.year, first.month),
            today=day == today,
            rest=calendar.is_rest_day(day) if calendar else day.weekday() >= 5,  # noqa: PLR2004  (Saturday)
            holiday=_holiday(calendar, day),
            count=per_day.get(day, 0),
            shown=tuple(named.get(day, ())),
        )
        for day in days
    ]
    return [WeekOfWork(tuple(cells[index : index + 7])) for index in range(0, len(cells), 7)]


def _holiday(calendar: Calendar | None, day: date) -> str:
    found = calendar.holiday_of(day) if calendar else None
    return found.name if found else ""


def steps_reached(duty: Duty) -> list[dict[str, Any]]:
    """The steps of the ladder so far, with moment, paper and the limit given again."""
    found: list[dict[str, Any]] = duty.state_json.get("steps", [])
    return found
