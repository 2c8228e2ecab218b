"""Registers: each unit's complaints, the company's problems, who is competent in what."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import Avg, Count, F, Q, QuerySet

from gongzhi.cases.codes import CHANNELS, OUTCOMES
from gongzhi.cases.models import Case, Complaint, Part, Problem, SiteCheck
from gongzhi.cases.models.case import RUNNING, State
from gongzhi.cases.models.checks import CHECK_SOURCES
from gongzhi.cases.queries import asking
from gongzhi.cases.queries.cases import _midnight
from gongzhi.cases.questions import QUESTIONS
from gongzhi.cases.rights import PROBLEM_READERS
from gongzhi.core import display
from gongzhi.core.actors import Actor
from gongzhi.core.days import ZONE
from gongzhi.core.models import Organisation
from gongzhi.policy import Pack, decide
from gongzhi.registry.models import Estate

ROUTE = next(one for one in QUESTIONS if one.name == "cases.route")
LEDGER_COLUMNS = (
    "编号",
    "收到时间",
    "来源",
    "小区",
    "事项",
    "标题",
    "主办单位",
    "状态",
    "答复期限",
    "答复时间",
    "是否逾期",
    "已说明",
    "办理结果",
    "评价",
)


def register_rows(
    organisation: Organisation, *, received_from: date, received_to: date, now: datetime
) -> list[dict[str, Any]]:
    """A unit's register of complaints in a period: what it received, leads, led or watches over. Voided ones stay."""
    rows = (
        Case.objects.filter(
            Q(complaint__receiver=organisation)
            | Q(pk__in=organisation.case_parts.filter(part__in=(Part.LEAD, Part.PAST, Part.WATCH)).values("case_id")),
            received_at__gte=_midnight(received_from),
            received_at__lt=_midnight(received_to + timedelta(days=1)),
        )
        .select_related("estate", "lead")
        .order_by("received_at", "id")
    )
    return [dict(zip(LEDGER_COLUMNS, _line(row, now), strict=True)) for row in rows]


def _line(row: Case, now: datetime) -> tuple[Any, ...]:
    late = row.answered_late if row.answered_at else row.overdue(now)
    return (
        row.number,
        row.received_at.astimezone(ZONE),
        CHANNELS[row.channel],
        row.estate.name if row.estate else "",
        asking.matter_name(row.matter, row),
        row.title,
        row.lead.name if row.lead else "",
        row.get_state_display(),
        display.cn_due(row.answer_due_at) if row.answer_due_at else None,
        row.answered_at.astimezone(ZONE) if row.answered_at else None,
        "是" if late else "否",
        "是" if row.explained_at else "",
        OUTCOMES.get(row.outcome, ""),
        row.stars,
    )


@dataclass(frozen=True)
class Totals:
    running: int
    overdue: int
    overdue_explained: int
    due_today: int
    pending: int
    pending_duty: int
    unsigned: int
    waiting_archive: int


def totals(rows: QuerySet[Case], now: datetime) -> Totals:
    """The figures over a list, in one statement."""
    tomorrow = _midnight(now.astimezone(ZONE).date() + timedelta(days=1))
    open_answer = Q(state__in=RUNNING, answered_at=None)
    late = open_answer & Q(answer_due_at__lte=now)
    found = rows.aggregate(
        running=Count("id", filter=Q(state__in=RUNNING)),
        overdue=Count("id", filter=late),
        overdue_explained=Count("id", filter=late & Q(explained_at__isnull=False)),
        due_today=Count("id", filter=open_answer & Q(answer_due_at__gt=now, answer_due_at__lte=tomorrow)),
        pending=Count("id", filter=Q(state=State.PENDING)),
        pending_duty=Count("id", filter=Q(state=State.PENDING_DUTY)),
        unsigned=Count("id", filter=Q(state__in=(State.ASSIGNED, State.AWAITING_SIGN))),
        waiting_archive=Count("id", filter=Q(state=State.CLOSED)),
    )
    return Totals(**found)


def on_spot_rate(place_path: str, *, received_from: date, received_to: date) -> tuple[int, int]:
    """Visits answered and closed on the spot, and all visits: (15, 20) is 75%."""
    rows = Complaint.objects.within(place_path).filter(
        channel="visit",
        received_at__gte=_midnight(received_from),
        received_at__lt=_midnight(received_to + timedelta(days=1)),
    )
    found = rows.aggregate(
        all=Count("id"), settled=Count("id", filter=~Q(answered_on_spot="") & Q(visitor_confirmed=True))
    )
    return found["settled"], found["all"]


def transfer_days(place_path: str, *, received_from: date, received_to: date) -> list[dict[str, Any]]:
    """From receipt to transfer, by the unit that transferred: number of cases and mean time."""
    rows = Case.objects.within(place_path).filter(
        transfers__isnull=False,
        received_at__gte=_midnight(received_from),
        received_at__lt=_midnight(received_to + timedelta(days=1)),
    )
    return list(
        rows.values(unit=F("transfers__from_organisation__name"))
        .annotate(times=Count("transfers"), mean=Avg(F("transfers__transferred_at") - F("received_at")))
        .order_by("unit")
    )


def mediation_totals(place_path: str, *, received_from: date, received_to: date) -> list[dict[str, Any]]:
    """Disputes by street: how many, settled, handed up, gone to court. For the one that guides mediation."""
    rows = Case.objects.within(place_path).filter(
        nature="dispute",
        received_at__gte=_midnight(received_from),
        received_at__lt=_midnight(received_to + timedelta(days=1)),
    )
    return list(
        rows.values(unit=F("lead__name"))
        .annotate(
            times=Count("id"),
            settled=Count("id", filter=Q(outcome="mediated")),
            litigation=Count("id", filter=Q(outcome="litigation")),
        )
        .order_by("unit")
    )


def checks_by_source(place_path: str, *, checked_from: date, checked_to: date) -> list[dict[str, Any]]:
    """How many checks each unit made, by what led to them."""
    rows = SiteCheck.objects.within(place_path).filter(
        void_reason="",
        checked_at__gte=_midnight(checked_from),
        checked_at__lt=_midnight(checked_to + timedelta(days=1)),
    )
    by_source = {code: Count("id", filter=Q(source=code)) for code in CHECK_SOURCES}
    counted: Any = rows.values(unit=F("organisation__name")).annotate(times=Count("id"), **by_source)
    return list(counted.order_by("unit"))


def problems_for(actor: Actor) -> QuerySet[Problem]:
    """Lines an actor may see: the company's own, of the place it oversees, what was reported to its unit and, for
    an office, what became its case."""
    wanted = Q(pk=None)
    if actor.organisation is not None:
        wanted |= Q(keeper=actor.organisation) | Q(reported_to=actor.organisation)
        if actor.is_staff_role:
            wanted |= Q(opened_case__lead=actor.organisation)
    if actor.role in PROBLEM_READERS and actor.place_path:
        wanted |= Q(place_path__startswith=actor.place_path)
    return Problem.objects.filter(wanted).select_related("estate", "keeper", "case")


def problem_month(estate: Estate, *, year: int, month: int) -> list[Problem]:
    """A month of the register for export, void lines among them and marked."""
    start = datetime(year, month, 1, tzinfo=ZONE)
    end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=ZONE)
    rows = Problem.objects.filter(estate=estate, found_at__gte=start, found_at__lt=end)
    return list(rows.select_related("keeper", "case").order_by("found_at", "id"))


@dataclass(frozen=True)
class Competence:
    matter: str
    name: str
    group: str
    nature: str
    lead: str
    support: tuple[str, ...]
    where: str
    clauses: tuple[str, ...]
    lead_role: str = ""
    support_roles: tuple[str, ...] = ()


def departments_of_matter(pack: Pack, *, on: date, switches: dict[str, str] | None = None) -> list[Competence]:
    """The list of duties as the public reads it: for every matter who leads, inside and outside the built-up area, and
    by whatever else the document divides it: each value of such a fact is a line.

    A matter without a lead is shown as 职责待定.
    """
    found: list[Competence] = []
    for matter in pack.matters.values():
        inside, outside = (
            _ways(pack, {**KNOWN, "matter": matter.code, "nature": matter.nature, "in_built_up_area": built_up}, on,
                  switches)
            for built_up in (True, False)
        )  # fmt: skip
        alike = {key: way.whole for key, way in inside.items()} == {key: way.whole for key, way in outside.items()}
        pairs = [("", inside)] if alike else [("建成区内", inside), ("建成区外", outside)]
        for where, ways in pairs:
            for (lead, support), way in ways.items():
                found.append(
                    Competence(
                        matter=matter.code,
                        name=pack.matter_name(matter.code) or matter.name,
                        group=matter.group,
                        nature=matter.nature,
                        lead=pack.role_name(lead) if lead else "职责待定",
                        support=tuple(pack.role_name(role) for role in support),
                        where="，".join(part for part in (where, way.words) if part),
                        clauses=way.clauses,
                        lead_role=lead,
                        support_roles=support,
                    )
                )
    return found


@lru_cache(maxsize=256)
def matters_of_role(pack: Pack, role: str, *, on: date, switches: tuple[tuple[str, str], ...]) -> frozenset[str]:
    """The codes of the matters that a role leads or helps with by the document."""
    rows = departments_of_matter(pack, on=on, switches=dict(switches))
    return frozenset(one.matter for one in rows if role == one.lead_role or role in one.support_roles)


KNOWN = {"within_warranty": True, "has_property_company": True}
GIVEN = "已写明"
DEEPEST = 3
BOTH = {"yes": "是", "no": "否"}


@dataclass
class Way:
    """Under which facts the same units have it; `whole` once for everything that a fact says."""

    said: list[str]
    clauses: tuple[str, ...]

    @property
    def words(self) -> str:
        heads: dict[str, list[str]] = {}
        for one in self.said:
            head, colon, value = one.rpartition("：")
            heads.setdefault(head + colon, []).append(value)
        return "；".join(f"{head}{'、'.join(values)}" for head, values in heads.items())

    @property
    def whole(self) -> tuple[str, ...]:
        return tuple(self.said)


def _ways(
    pack: Pack, facts: dict[str, Any], on: date, switches: dict[str, str] | None, said: str = "", depth: int = 0
) -> dict[tuple[str, tuple[str, ...]], Way]:
    """Who leads and who helps; where that hangs on a fact that is not known, for each of its values."""
    answer = decide(pack, "cases.route", facts, on=on, switches=switches)
    if answer.ok or not answer.needs or depth == DEEPEST:
        value = answer.value if answer.ok and answer.value else {}
        units = (str(value.get("lead") or ""), tuple(value.get("support") or ()))
        return {units: Way([said], tuple(answer.clauses))}
    name = answer.needs[0]
    found: dict[tuple[str, tuple[str, ...]], Way] = {}
    for value, words in _values_of(name):
        more = "，".join(part for part in (said, words) if part)
        for units, way in _ways(pack, {**facts, name: value}, on, switches, more, depth + 1).items():
            known = found.setdefault(units, Way([], way.clauses))
            known.said += way.said
            known.clauses = tuple(dict.fromkeys((*known.clauses, *way.clauses)))
    return found


def _values_of(name: str) -> list[tuple[Any, str]]:
    """Every value of a fact of routing with its words; what is written freely has one: that it was written."""
    fact = ROUTE.fact[name]
    if fact.type.kind == "bool":
        return [(code == "yes", f"{fact.title}：{word}") for code, word in BOTH.items()]
    if fact.type.choices:
        return [(one, f"{fact.title}：{fact.type.label(one)}") for one in fact.type.choices]
    return [(GIVEN, f"须写明{fact.title}")]
