"""What the list of cases shows: a view, a filter and an order, read from the address and written back into it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.cache import cache
from django.db.models import Count, Exists, Q, QuerySet, Value
from django.http import QueryDict

from gongzhi.cases import queries
from gongzhi.cases.codes import CHANNELS
from gongzhi.cases.models import Case, CaseParty, State, Weighing
from gongzhi.cases.models.case import RUNNING, UNFINISHED
from gongzhi.cases.queries import asking
from gongzhi.cases.queries.cases import DUE, REPEATED, earlier_alike
from gongzhi.cases.rights import OVERSIGHT
from gongzhi.cases.statistics.figures import RESULTS, condition
from gongzhi.cases.statistics.queries import NOBODY
from gongzhi.core.actors import Actor
from gongzhi.core.days import ZONE, local_day
from gongzhi.core.display import cn_date, percent
from gongzhi.core.models import Organisation, Place
from gongzhi.registry.models import Estate

DEVELOPER = "developer"
LONGEST_TEXT = 50
# What is asked for by these lies among the ended ones too.
NARROWING = ("matter", "estate", "unit", "received_from", "received_to", "place", "result")
ONE = Value(1)  # counted without a column: the index has it all
PLACE_CODE = re.compile(r"^[0-9A-Za-z-]{1,32}$")
ORDERS = {"due": "期限近的在前", "received": "收到早的在前", "newest": "收到晚的在前", "repeats": "重复多的在前"}
Condition = Callable[[Actor, datetime], Q]


def _midnight(now: datetime) -> datetime:
    day = now.astimezone(ZONE).date() + timedelta(days=1)
    return datetime(day.year, day.month, day.day, tzinfo=ZONE)


def _unanswered() -> Q:
    return Q(state__in=RUNNING, answered_at=None)


def _entered_by(actor: Actor) -> Q:
    return Q(clerks__contains=[actor.user.pk]) if actor.user else Q(pk=None)


def _repeats_for(actor: Actor) -> Q:
    """Who does not oversee his place knows of the repetitions among his own cases."""
    return Q() if _repeats_are_known(actor) else Q(Exists(earlier_alike(actor)))


def _repeats_are_known(actor: Actor) -> bool:
    return actor.is_system or actor.role in OVERSIGHT


def _told_late() -> QuerySet[Any, Any]:
    return Weighing.objects.filter(late=True).values("case_id")


def _late_developers(now: datetime) -> list[int]:
    """The cases of whose defect a developer was told, for it has to repair it, and whose answer is late, anybody's.
    Found first: with the question of who may see them the database takes them for few and looks into thousands."""
    developers = list(Organisation.objects.filter(role=DEVELOPER).values_list("pk", flat=True))
    rows = CaseParty.objects.filter(
        organisation__in=developers, case__answered_at=None, case__state__in=RUNNING, case__answer_due_at__lte=now
    )
    return list(rows.values_list("case_id", flat=True).distinct())


# Views that show only where something is in them.
SELDOM = ("late_report", "developer_late")
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
    "unsigned": ("吹哨未报到", lambda actor, now: Q(state=State.ASSIGNED, whistled=True)),
    "repeated": ("重复投诉", lambda actor, now: Q(state__in=RUNNING, repeats__gte=REPEATED) & _repeats_for(actor)),
    "late_report": ("重大纠纷迟报", lambda actor, now: Q(pk__in=_told_late())),
    "developer_late": ("建设单位未履责", lambda actor, now: Q(pk__in=_late_developers(now))),
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
    unit: int | str | None = None
    due: str = ""
    received_from: date | None = None
    received_to: date | None = None
    order: str = "due"
    counted: str = ""
    place: str = ""
    result: str = ""

    @classmethod
    def of(cls, data: QueryDict | Mapping[str, Any]) -> "ListFilter":
        given = {name: str(data.get(name, "") or "").strip() for name in cls.__dataclass_fields__}
        text = (given["text"] or str(data.get("q", "") or "").strip())[:LONGEST_TEXT]
        narrowed = bool(text) or any(given[name] for name in NARROWING)
        default = "all" if narrowed else "running"
        return cls(
            view=given["view"] if given["view"] in VIEWS else default,
            text=text,
            matter=given["matter"][:60],
            estate=_number(given["estate"]),
            channel=given["channel"] if given["channel"] in CHANNELS else "",
            unit=NOBODY if given["unit"] == NOBODY else _number(given["unit"]),
            due=given["due"] if given["due"] in DUE else "",
            received_from=_day(given["received_from"]),
            received_to=_day(given["received_to"]),
            order=given["order"] if given["order"] in ORDERS else "due",
            counted="yes" if given["counted"] == "yes" else "",
            place=given["place"] if PLACE_CODE.match(given["place"]) else "",
            result=given["result"] if given["result"] in RESULTS else "",
        )

    def rows(self, actor: Actor, now: datetime) -> QuerySet[Case]:
        """Exactly what the list shows, all pages of it; the export takes the same."""
        rows = queries.filtered(
            queries.cases_for(actor, looked_up=not (self.text or self.estate)).filter(VIEWS[self.view][1](actor, now)),
            now=now,
            actor=actor,
            text=self.text,
            estate=self.estate,
            matter=self.matter,
            channel=self.channel,
            unit=self.unit if isinstance(self.unit, int) else None,
            due=self.due,
            received_from=self.received_from,
            received_to=self.received_to,
            order=self.order,
            counted=bool(self.counted),
        )
        return self._of_figure(rows, now).select_related("complaint__complainant")

    def _of_figure(self, rows: QuerySet[Case], now: datetime) -> QuerySet[Case]:
        """What a figure of the statistics asks for beyond the filter of the page."""
        if self.unit == NOBODY:
            rows = rows.filter(lead=None)
        if self.place:
            found = Place.objects.filter(code=self.place).first()
            rows = rows.filter(place_path__startswith=found.path) if found is not None else rows.none()
        return rows.filter(condition(self.result, now)) if self.result else rows

    def conditions(self) -> list[tuple[str, str]]:
        """The filter in words, as an export says it."""
        days = [cn_date(one) if one else "" for one in (self.received_from, self.received_to)]
        unit, estate, place = (
            rows.filter(**{name: value}).values_list("name", flat=True).first() if value else None
            for rows, name, value in (
                (Organisation.objects.all(), "pk", self.unit if self.unit != NOBODY else None),
                (Estate.objects.all(), "pk", self.estate),
                (Place.objects.all(), "code", self.place),
            )
        )
        return [
            ("视图", VIEWS[self.view][0]),
            ("关键词", self.text),
            ("事项", asking.matter_name(self.matter) if self.matter else ""),
            ("小区", estate or ""),
            ("地区", place or ""),
            ("来源", CHANNELS.get(self.channel, "")),
            ("承办单位", "没有承办单位" if self.unit == NOBODY else unit or ""),
            ("期限", DUE.get(self.due, "")),
            ("结果", RESULTS.get(self.result, "")),
            ("收到时间", f"{days[0] or '最早'}至{days[1] or '今天'}" if any(days) else ""),
            ("口径", "统计口径：不计作废；单位只计主办" if self.counted else ""),
            ("排列", ORDERS[self.order]),
        ]

    def query(self, **changes: Any) -> str:
        found = {name: getattr(self, name) for name in self.__dataclass_fields__} | changes
        found = {name: one for name, one in found.items() if one and (name, one) != ("order", "due")}
        return urlencode({name: one.isoformat() if isinstance(one, date) else one for name, one in found.items()})

    @property
    def only_words(self) -> bool:
        """Whether nothing but the text and the order is asked for."""
        return bool(self.text) and self == ListFilter(view="all", text=self.text, order=self.order)

    @property
    def narrowed(self) -> bool:
        return any(getattr(self, name) for name in (*NARROWING, "text", "channel", "due"))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None  # noqa: PLR2004


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def counted_views(actor: Actor, now: datetime) -> dict[str, int]:
    """How many each view holds of what is not finished: nearly all in one statement, over an index that has all they
    look at; what looks further, one by one, for it finds few. `all` is left uncounted, it only grows."""
    rows = queries.cases_for(actor, looked_up=False).filter(state__in=UNFINISHED).order_by()
    conditions = {code: one(actor, now) for code, (_, one) in VIEWS.items() if code != "all"}
    further = {*SELDOM, *(("repeated",) if not _repeats_are_known(actor) else ())}
    counts = {code: Count(ONE, filter=one) for code, one in conditions.items() if code not in further}
    week = Q(answer_due_at__gt=now, answer_due_at__lte=_week_end(now)) & _unanswered()
    found = rows.aggregate(**counts, week=Count(ONE, filter=week))
    return found | {code: rows.filter(conditions[code]).count() for code in sorted(further)}


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
    as_of: datetime | None = None

    @property
    def on_time_rate(self) -> str:
        return percent(self.on_time, self.closed)

    @property
    def satisfied_rate(self) -> str:
        return percent(self.satisfied, self.asked)


MANY, KEPT_SECONDS = 2_000, 300


def kept_month_of(actor: Actor, now: datetime) -> Month:
    """Of an office that closes thousands a month, counted every five minutes; the page says as of when."""
    own = actor.organisation.pk if actor.organisation is not None else None
    user = actor.user.pk if actor.user is not None else None
    key = f"cases.month:{actor.place_path}:{actor.role}:{own}:{user}:{local_day(now):%Y%m}"
    kept: Month | None = cache.get(key)
    if kept is not None:
        return kept
    found = month_of(actor, now)
    if found.closed >= MANY:
        cache.set(key, replace(found, as_of=now), KEPT_SECONDS)
    return found


def month_of(actor: Actor, now: datetime) -> Month:
    """Two statements, each over an index that holds all it counts."""
    day = now.astimezone(ZONE).date().replace(day=1)
    since = datetime(day.year, day.month, day.day, tzinfo=ZONE)
    rows = queries.cases_for(actor, looked_up=False, claimable=False).order_by()
    closed = rows.filter(closed_at__gte=since).aggregate(
        closed=Count(ONE),
        on_time=Count(ONE, filter=~Q(answered_late=True)),
        returned=Count(ONE, filter=Q(returns__gt=0)),
    )
    asked = rows.filter(called_back_at__gte=since).aggregate(
        satisfied=Count(ONE, filter=Q(call_back_result="satisfied")),
        asked=Count(ONE, filter=Q(call_back_result__in=("satisfied", "unsatisfied"))),
    )
    return Month(**closed, **asked)
