"""How concentrated the complaints are: what the worst tenth of the estates makes of them, and what is done there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from gongzhi.cases.accountability.models import WorkTask
from gongzhi.cases.accountability.models.tasks import RUNNING as OWING
from gongzhi.cases.models import Case
from gongzhi.cases.models.case import RUNNING
from gongzhi.cases.queries import asking
from gongzhi.cases.statistics.periods import Period, Span
from gongzhi.cases.statistics.queries import Cut
from gongzhi.core.display import percent
from gongzhi.registry import queries as registry
from gongzhi.registry.models import Estate

TENTH = 10
THOUSAND, HUNDRED = 1000, 100
COMMONEST = 3


@dataclass(frozen=True)
class EstateLine:
    """`per_thousand_cents`: cases for a thousand households in hundredths; None where nobody knows the households."""

    rank: int
    pk: int
    name: str
    community: str
    households: int | None
    times: int
    before: int
    running: int
    cumulative: int
    total: int
    per_thousand_cents: int | None
    in_tenth: bool
    tasks: int = 0

    @property
    def share(self) -> str:
        return percent(self.times, self.total)

    @property
    def cumulative_share(self) -> str:
        return percent(self.cumulative, self.total)

    @property
    def per_thousand(self) -> str:
        if self.per_thousand_cents is None:
            return "户数未登记"
        return f"{self.per_thousand_cents // HUNDRED}.{self.per_thousand_cents % HUNDRED:02d}"


@dataclass(frozen=True)
class Concentration:
    """`lines`: estates with complaints, the most first. `estates` counts all of the area, quiet ones too."""

    period: Period
    lines: list[EstateLine]
    estates: int
    total: int
    unplaced: int
    tenth: int
    tenth_cases: int
    half: int

    @property
    def tenth_share(self) -> str:
        return percent(self.tenth_cases, self.total)

    @property
    def statement(self) -> str:
        """The one sentence that the page opens with."""
        if not self.total:
            return f"{self.period.title}没有收到写明小区的投诉。"
        return (
            f"{self.period.title}，{self.estates}个小区中投诉最多的前10%（{self.tenth}个）"
            f"占全部投诉的{self.tenth_share}（{self.tenth_cases}/{self.total}件）；"
            f"一半的投诉集中在{self.half}个小区，占小区数的{percent(self.half, self.estates)}。"
        )


def concentration(cut: Cut, period: Period) -> Concentration:
    """Sorted by number; of equals the one with more for its households first. Two grouped statements."""
    times = _by_estate(cut, period.span)
    before = _by_estate(cut, period.before)
    rows = Estate.objects.within(cut.place.path).filter(Q(ended_on=None) | Q(pk__in=list(times)))
    estates = list(rows.select_related("community").only("pk", "name", "households", "community__name"))
    known = {one.pk: one for one in estates}
    ranked = sorted(
        (known[pk] for pk in times if pk in known),
        key=lambda one: (-times[one.pk][0], -(_per_thousand(times[one.pk][0], one.households) or 0), one.pk),
    )
    total = sum(times[one.pk][0] for one in ranked)
    tenth = -(-len(estates) // TENTH)
    tasks = _tasks(ranked)
    lines, cumulative, half = [], 0, 0
    for rank, one in enumerate(ranked, start=1):
        number, running = times[one.pk]
        half = half if cumulative * 2 >= total else rank
        cumulative += number
        lines.append(
            EstateLine(
                rank=rank, pk=one.pk, name=one.name, community=one.community.name, households=one.households,
                times=number,
                before=before.get(one.pk, (0, 0))[0], running=running, cumulative=cumulative, total=total,
                per_thousand_cents=_per_thousand(number, one.households), in_tenth=rank <= tenth,
                tasks=tasks.get(one.pk, 0),
            )
        )  # fmt: skip
    return Concentration(
        period=period,
        lines=lines,
        estates=len(estates),
        total=total,
        unplaced=times.get(None, (0, 0))[0],
        tenth=tenth,
        tenth_cases=sum(one.times for one in lines[:tenth]),
        half=half,
    )


def _by_estate(cut: Cut, span: Span) -> Mapping[int | None, tuple[int, int]]:
    """Estate -> how many cases, and how many of them still run."""
    counted: Any = cut.within(span).values("estate_id").annotate(
        times=Count("state"), still=Count("state", filter=Q(state__in=RUNNING))
    )  # fmt: skip
    return {row["estate_id"]: (row["times"], row["still"]) for row in counted}


def _per_thousand(times: int, households: int | None) -> int | None:
    """In hundredths, rounded half up."""
    if not households:
        return None
    return (times * THOUSAND * HUNDRED * 2 + households) // (2 * households)


def _tasks(estates: Iterable[Estate]) -> dict[int, int]:
    """How many tasks about each estate still run."""
    rows = WorkTask.objects.filter(estate__in=[one.pk for one in estates], state__in=OWING)
    counted = rows.order_by().values("estate_id").annotate(times=Count("pk"))
    return {row["estate_id"]: row["times"] for row in counted if row["estate_id"] is not None}


@dataclass(frozen=True)
class MatterLine:
    matter: str
    name: str
    times: int
    running: int


@dataclass(frozen=True)
class EstatePicture:
    """One estate: what is complained of most, and the tasks handed out about it."""

    estate: Estate
    times: int
    before: int
    running: int
    matters: list[MatterLine]
    tasks: list[WorkTask]

    @property
    def suggestion(self) -> str:
        """A title for a task, to be changed as the clerk likes."""
        most = "、".join(one.name for one in self.matters[:COMMONEST])
        return (
            f"{self.estate.name}投诉集中，逐项整治：{most}" if most else f"{self.estate.name}投诉集中，查明原因并整治"
        )


def estate_picture(estate: Estate, period: Period) -> EstatePicture:
    now, before = (_of_estate(estate, span) for span in (period.span, period.before))
    counted: Any = now.values("matter").annotate(
        times=Count("state"), still=Count("state", filter=Q(state__in=RUNNING))
    )  # fmt: skip
    matters = [
        MatterLine(
            row["matter"],
            asking.matter_name(row["matter"], place_path=estate.place_path, on=period.span.last),
            row["times"],
            row["still"],
        )
        for row in counted.order_by("-times", "matter")
    ]
    return EstatePicture(
        estate=estate,
        times=sum(one.times for one in matters),
        before=before.count(),
        running=sum(one.running for one in matters),
        matters=matters,
        tasks=list(estate.work_tasks.select_related("unit", "duty").order_by("-pk")),
    )


def _of_estate(estate: Estate, span: Span) -> Any:
    rows = Case.objects.filter(estate=estate, received_at__gte=span.start, received_at__lt=span.end)
    return rows.exclude(state="voided").order_by()


def responsible_units(estate: Estate) -> list[Any]:
    """To whom a task about the estate may go: its street, its community, its company, in this order."""
    roles = ("street_office", "community_station", "property_company")
    found = registry.organisations_for(roles, estate.place_path, estate=estate)
    return [found[role] for role in roles if role in found]
