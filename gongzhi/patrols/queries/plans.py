"""Who has to patrol how often by the document of a place, and who has done it: counts and the longest gap."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Max, QuerySet

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import percent
from gongzhi.core.models import Organisation
from gongzhi.patrols.models import RoundUnit
from gongzhi.patrols.words import EVERY
from gongzhi.policy.pack import Pack
from gongzhi.policy.periods import Period, end_of, start_of
from gongzhi.policy.registers import Patrol, Register
from gongzhi.policy.schema_base import Source
from gongzhi.registry.models import Estate, Project
from gongzhi.registry.models.spans import covers
from gongzhi.registry.queries.known import SERVED_BY_PROJECT

COMPANY = "property_company"
DAY = timedelta(days=1)
MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
MONTHS_A_YEAR = 12


@dataclass(frozen=True)
class Window:
    """Both days included."""

    from_on: date
    to_on: date

    @property
    def begins(self) -> datetime:
        return start_of(self.from_on)

    @property
    def ends(self) -> datetime:
        return end_of(self.to_on)

    @property
    def before(self) -> date:
        return self.from_on - DAY


@dataclass(frozen=True)
class Plan:
    """A patrol of the pack with its switches and figures filled in."""

    rule: Patrol
    at_least: int
    per: str
    distinct: str
    max_gap: int | None = None
    """Days; longer than this without a round is told as missed."""

    @property
    def code(self) -> str:
        return self.rule.code

    @property
    def words(self) -> str:
        if not self.rule.every:
            return "不定期"
        unit = "每个小区" if self.per == "estate" else "每个单位"
        days = "，同一天多次计1次" if self.distinct == "day" and self.at_least > 1 else ""
        gap = f"，超过{self.max_gap}日没有巡查的算漏查" if self.max_gap is not None else ""
        return f"{unit}{EVERY[self.rule.every]}至少{self.at_least}次{days}{gap}"


@dataclass(frozen=True)
class Standing:
    """How one unit, or one estate of it, stands in a window. Where the document names the longest gap, `next_on` is the
    last day for the next round, and `missed` says that it has gone by."""

    plan: Plan
    unit: Organisation
    estate: Estate | None
    done: int
    last_on: date | None
    gap: int
    next_on: date | None = None
    missed: bool = False

    @property
    def lacking(self) -> int:
        return max(self.plan.at_least - self.done, 0)

    @property
    def met(self) -> bool:
        return self.lacking == 0


def own_role(role: str) -> str:
    """A project manager walks for his company."""
    return COMPANY if role in SERVED_BY_PROJECT else role


def window_of(every: str, on: date) -> Window:
    """The period of the calendar in which the day lies."""
    if every == "day":
        return Window(on, on)
    if every == "week":
        first = on - timedelta(days=on.weekday())
        return Window(first, first + timedelta(days=6))
    length = MONTHS[every]
    month = (on.month - 1) // length * length
    later = month + length
    after = date(on.year + later // MONTHS_A_YEAR, later % MONTHS_A_YEAR + 1, 1)
    return Window(date(on.year, month + 1, 1), after - DAY)


def longest_gap(days: Iterable[date], window: Window) -> int:
    """The most days in a row of the window on which nobody walked."""
    seen = sorted({one for one in days if window.from_on <= one <= window.to_on})
    edges = [window.before, *seen, window.to_on + DAY]
    return max((later - earlier).days - 1 for earlier, later in zip(edges, edges[1:], strict=False))


def _word(source: str | Source, pack: Pack, switches: Any) -> str:
    return str(pack.switch_value(source.name, switches)) if isinstance(source, Source) else source


def plans_of(place_path: str, on: date) -> list[Plan]:
    """Every patrol of the document in force at the place."""
    pack = core.pack_for(place_path, on)
    if pack is None:
        return []
    switches = core.switches_for(place_path, on, pack=pack)
    found = []
    for rule in pack.patrols.values():
        least = 1
        if rule.at_least is not None:
            least = int(pack.resolve(rule.at_least, {}, on=on, switches=switches).value)
        gap = None
        if rule.max_gap is not None:
            period = Period.parse(str(pack.resolve(rule.max_gap, {}, on=on, switches=switches).value))
            gap = period.count if period.unit == "d" else None
        found.append(Plan(rule, least, _word(rule.per, pack, switches), _word(rule.distinct, pack, switches), gap))
    return found


def plans_for(actor: Actor, place_path: str, on: date) -> list[Plan]:
    """Those that the actor's unit walks."""
    role = own_role(actor.role)
    return [one for one in plans_of(place_path, on) if role in one.rule.by]


def sheets_for(actor: Actor, place_path: str, on: date) -> dict[str, Register]:
    """The check sheets that the actor's unit may fill there."""
    pack = core.pack_for(place_path, on)
    if pack is None:
        return {}
    codes = [sheet for plan in plans_for(actor, place_path, on) for sheet in plan.rule.sheets]
    return {code: pack.registers[code] for code in dict.fromkeys(codes)}


def units_of(plan: Plan, place_path: str) -> list[Organisation]:
    """The units that owe this patrol within a place."""
    rows = Organisation.objects.filter(role__in=plan.rule.by, active=True, place_path__startswith=place_path)
    return list(rows.exclude(role__in=SERVED_BY_PROJECT).order_by("place_path", "pk"))


def standings(plan: Plan, place_path: str, window: Window, *, on: date | None = None) -> list[Standing]:
    """Everybody who owes the patrol within the place, with what was done of it in the window; `on`: a day of it from
    which the longest gap that the document allows is looked back."""
    owed = _owed(plan, place_path, window)
    units = {unit.pk for unit, _ in owed}
    known = RoundUnit.objects.counting().filter(organisation__in=units, role__in=plan.rule.by)
    known = known.filter(round__sheet__in=plan.rule.sheets)
    if plan.rule.counts_kinds:
        known = known.filter(round__kind__in=plan.rule.counts_kinds)
    rows = known.filter(walked_at__gte=window.begins, walked_at__lt=window.ends)
    day = min(on or window.to_on, window.to_on)
    before = _last_before(known, day) if plan.max_gap is not None else {}
    walked: dict[tuple[int, int | None], list[date]] = defaultdict(list)
    for by, where, at in rows.values_list("organisation", "round__estate", "walked_at"):
        walked[by, None].append(core.local_day(at))
        walked[by, where].append(core.local_day(at))
    found = []
    for unit, estate in owed:
        days = walked.get((unit.pk, estate.pk if estate is not None else None), [])
        done = len(set(days)) if plan.distinct == "day" else len(days)
        latest = before.get((unit.pk, estate.pk if estate is not None else None))
        due = latest + DAY * plan.max_gap if latest is not None and plan.max_gap is not None else None
        missed = plan.max_gap is not None and (due is None or day > due)
        last = max(days, default=None) or latest
        found.append(Standing(plan, unit, estate, done, last, longest_gap(days, window), due, missed))
    return found


def _last_before(known: QuerySet[RoundUnit], on: date) -> dict[tuple[int, int | None], date]:
    """The last day through `on` on which each unit walked, and walked each estate."""
    rows = known.filter(walked_at__lt=end_of(on)).values("organisation", "round__estate")
    found: dict[tuple[int, int | None], date] = {}
    for one in rows.annotate(last=Max("walked_at")):
        day = core.local_day(one["last"])
        for estate in (one["round__estate"], None):
            key = (one["organisation"], estate)
            found[key] = max(day, found.get(key, day))
    return found


def _owed(plan: Plan, place_path: str, window: Window) -> list[tuple[Organisation, Estate | None]]:
    found: list[tuple[Organisation, Estate | None]] = []
    if COMPANY in plan.rule.by:
        serving = Project.objects.within(place_path).filter(covers(window.to_on), service_kind="market")
        found += [(one.company, one.estate) for one in serving.select_related("company", "estate").order_by("pk")]
    units = units_of(plan, place_path)
    if plan.per != "estate":
        return [*found, *((unit, None) for unit in units)]
    estates = list(Estate.objects.within(place_path).filter(ended_on=None).order_by("place_path", "pk"))
    for unit in units:
        found += [(unit, one) for one in estates if one.place_path.startswith(unit.place_path)]
    return found


@dataclass(frozen=True)
class Share:
    """How many of those that owe it have met it."""

    plan: Plan
    window: Window
    rows: Sequence[Standing]

    @property
    def met(self) -> int:
        return sum(one.met for one in self.rows)

    @property
    def lacking(self) -> list[Standing]:
        return [one for one in self.rows if not one.met]

    @property
    def missed(self) -> list[Standing]:
        return [one for one in self.rows if one.missed]

    @property
    def percent(self) -> str:
        return percent(self.met, len(self.rows)) if self.rows else "—"


def shares(place_path: str, on: date, *, role: str = "", before: bool = False) -> list[Share]:
    """Every periodic patrol within a place in the period of the day, or in the one before it; of one role where it is
    named."""
    found = []
    for plan in plans_of(place_path, on):
        if plan.rule.every and (not role or role in plan.rule.by):
            window = window_of(plan.rule.every, on)
            if before:
                window = window_of(plan.rule.every, window.before)
            found.append(Share(plan, window, standings(plan, place_path, window, on=on)))
    return found


def visits_by_estate(plan: Plan, units: Iterable[Organisation], window: Window) -> dict[int, int]:
    """How often each estate saw one of the units, whatever the patrol counts by."""
    rows = RoundUnit.objects.counting().filter(
        organisation__in=list(units), round__sheet__in=plan.rule.sheets, walked_at__gte=window.begins,
        walked_at__lt=window.ends,
    )  # fmt: skip
    found: dict[int, int] = defaultdict(int)
    for estate in rows.values_list("round__estate", flat=True):
        found[estate] += 1
    return dict(found)
