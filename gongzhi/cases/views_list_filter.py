"""What the list of cases shows: a view, a filter and an order, read from the address and written back into it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import QueryDict

from gongzhi.cases import queries
from gongzhi.cases.codes import CHANNELS
from gongzhi.cases.models import Case, CaseEntry, State
from gongzhi.cases.models.case import RUNNING
from gongzhi.cases.queries.cases import DUE
from gongzhi.core.actors import Actor
from gongzhi.core.days import ZONE

REPEAT = timedelta(days=30)
LONGEST_TEXT = 50
ORDERS = {"due": "期限近的在前", "received": "收到早的在前", "newest": "收到晚的在前", "repeats": "重复多的在前"}
Condition = Callable[[Actor, datetime], Q]


def _midnight(now: datetime) -> datetime:
    day = now.astimezone(ZONE).date() + timedelta(days=1)
    return datetime(day.year, day.month, day.day, tzinfo=ZONE)


def _unanswered() -> Q:
    return Q(state__in=RUNNING, answered_at=None)


def _entered_by(actor: Actor) -> Q:
    return Q(Exists(CaseEntry.objects.filter(case=OuterRef("pk"), actor=actor.user))) if actor.user else Q(pk=None)


def _whistled() -> Exists:
    return Exists(CaseEntry.objects.filter(case=OuterRef("pk"), kind="whistled"))


def _same_before() -> QuerySet[Case]:
    """Earlier ones of the same estate and matter within thirty days."""
    return Case.objects.filter(
        estate=OuterRef("estate"),
        matter=OuterRef("matter"),
        received_at__lt=OuterRef("received_at"),
        received_at__gt=OuterRef("received_at") - REPEAT,
    ).exclude(state=State.VOIDED)


# code -> (title, which cases); the first is what the page opens with.
VIEWS: Mapping[str, tuple[str, Condition]] = {
    "running": ("全部在办", lambda actor, now: Q(state__in=RUNNING)),
    "mine": ("我经办的", lambda actor, now: Q(state__in=RUNNING) & _entered_by(actor)),
    "pending": ("待派", lambda actor, now: Q(state__in=(State.PENDING, State.PENDING_DUTY))),
    "overdue": ("已超期", lambda actor, now: _unanswered() & Q(answer_due_at__lte=now)),
    "today": (
        "今日到期",
        lambda actor, now: _unanswered() & Q(answer_due_at__gt=now, answer_due_at__lte=_midnight(now)),
    ),
    "unsigned": ("吹哨未报到", lambda actor, now: Q(state=State.ASSIGNED) & Q(_whistled())),
    "repeated": ("重复投诉", lambda actor, now: Q(state__in=RUNNING) & Q(Exists(_same_before()))),
    "closed": ("待归档", lambda actor, now: Q(state=State.CLOSED)),
    "all": ("全部", lambda actor, now: Q()),
}  # fmt: skip


@dataclass(frozen=True)
class ListFilter:
    """`q` of the search in the page's head counts as `text`."""

    view: str = "running"
    text: str = ""
    matter: str = ""
    estate: int | None = None
    channel: str = ""
    unit: int | None = None
    due: str = ""
    received_from: date | None = None
    received_to: date | None = None
    order: str = "due"
    counted: str = ""

    @classmethod
    def of(cls, data: QueryDict | Mapping[str, Any]) -> "ListFilter":
        given = {name: str(data.get(name, "") or "").strip() for name in cls.__dataclass_fields__}
        text = (given["text"] or str(data.get("q", "") or "").strip())[:LONGEST_TEXT]
        narrowed = bool(text) or any(given[name] for name in ("matter", "estate", "unit", "received_from"))
        default = "all" if narrowed else "running"
        return cls(
            view=given["view"] if given["view"] in VIEWS else default,
            text=text,
            matter=given["matter"][:60],
            estate=_number(given["estate"]),
            channel=given["channel"] if given["channel"] in CHANNELS else "",
            unit=_number(given["unit"]),
            due=given["due"] if given["due"] in DUE else "",
            received_from=_day(given["received_from"]),
            received_to=_day(given["received_to"]),
            order=given["order"] if given["order"] in ORDERS else "due",
            counted="yes" if given["counted"] == "yes" else "",
        )

    def rows(self, actor: Actor, now: datetime) -> QuerySet[Case]:
        """Exactly what the list shows, all pages of it; the export takes the same."""
        rows = queries.cases_for(actor).filter(VIEWS[self.view][1](actor, now))
        if self.text:
            named = queries.filtered(rows, now=now, text=self.text).values("pk")
            rows = rows.filter(Q(pk__in=named) | Q(estate__name__icontains=self.text))
        rows = queries.filtered(
            rows,
            now=now,
            estate=self.estate,
            matter=self.matter,
            channel=self.channel,
            unit=self.unit,
            due=self.due,
            received_from=self.received_from,
            received_to=self.received_to,
            order=self.order,
            counted=bool(self.counted),
        )
        before = _same_before().order_by().values("matter").annotate(number=Count("pk")).values("number")
        times = Coalesce(Subquery(before, output_field=IntegerField()), Value(0)) + 1
        rows = rows.annotate(whistled=_whistled(), repeats=times).select_related("complaint__complainant")
        if self.order == "due":
            return rows.order_by(F("answered_at").desc(nulls_first=True), F("answer_due_at").asc(nulls_last=True), "id")
        return rows.order_by("-repeats", "id") if self.order == "repeats" else rows

    def query(self, **changes: Any) -> str:
        found = {name: getattr(self, name) for name in self.__dataclass_fields__} | changes
        found = {name: one for name, one in found.items() if one and (name, one) != ("order", "due")}
        return urlencode({name: one.isoformat() if isinstance(one, date) else one for name, one in found.items()})

    @property
    def narrowed(self) -> bool:
        return any((self.text, self.matter, self.estate, self.channel, self.unit, self.due, self.received_from))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None  # noqa: PLR2004


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def counted_views(actor: Actor, now: datetime) -> dict[str, int]:
    """How many each view holds, in one statement; `all` is left uncounted, it only grows."""
    rows = queries.cases_for(actor).filter(state__in=(*RUNNING, State.CLOSED))
    counts = {code: Count("id", filter=one(actor, now)) for code, (_, one) in VIEWS.items() if code != "all"}
    week = Q(answer_due_at__gt=now, answer_due_at__lte=_week_end(now)) & _unanswered()
    return dict(rows.order_by().aggregate(**counts, week=Count("id", filter=week)))


def _week_end(now: datetime) -> datetime:
    day = now.astimezone(ZONE).date()
    return _midnight(now) + timedelta(days=6 - day.weekday())


@dataclass(frozen=True)
class Month:
    """What was closed since the first of the month, and how it went."""

    closed: int
    on_time: int
    returned: int
    satisfied: int
    asked: int

    @property
    def on_time_rate(self) -> str:
        return share(self.on_time, self.closed)

    @property
    def satisfied_rate(self) -> str:
        return share(self.satisfied, self.asked)


def share(part: int, whole: int) -> str:
    """One decimal, cut and not rounded up: 99.96 % is not 100 %."""
    if not whole:
        return "—"
    tenths = part * 1000 // whole
    return f"{tenths // 10}.{tenths % 10}%"


def month_of(actor: Actor, now: datetime) -> Month:
    day = now.astimezone(ZONE).date().replace(day=1)
    since = datetime(day.year, day.month, day.day, tzinfo=ZONE)
    closed = Q(closed_at__gte=since)
    found = queries.cases_for(actor).filter(closed | Q(called_back_at__gte=since)).order_by().aggregate(
        closed=Count("id", filter=closed),
        on_time=Count("id", filter=closed & ~Q(answered_late=True)),
        returned=Count("id", filter=closed & Q(returns__gt=0)),
        satisfied=Count("id", filter=Q(called_back_at__gte=since, call_back_result="satisfied")),
        asked=Count("id", filter=Q(called_back_at__gte=since, call_back_result__in=("satisfied", "unsatisfied"))),
    )  # fmt: skip
    return Month(**found)
