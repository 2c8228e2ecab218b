"""Shares and counts by place: what is intact, what was struck off, who is silent, which estates have settled what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Avg, Count, F, Q, QuerySet

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.models import Organisation
from gongzhi.equipment.models import Defect, Directive, DirectiveTarget, StageMark, UpkeepContract
from gongzhi.equipment.queries.listing import Share, estates_seen, faults_for, pieces, share_of, targets_of
from gongzhi.equipment.queries.rules import Ruled, deadline_of, programme_rule, stage_rule
from gongzhi.equipment.words import STAGES
from gongzhi.registry.models import Estate
from gongzhi.registry.queries import county_of, facts_of
from gongzhi.registry.questions import FACILITY_KINDS

MINUTES = 60
TENTH = Decimal("0.1")
NO_PLACE = "没有登记"


def closed_share(actor: Actor, *, estate: Estate | None = None) -> Share:
    """整改单 struck off among all."""
    rows = defects_for(actor)
    rows = rows.filter(estate=estate) if estate is not None else rows
    return Share(rows.filter(state="closed").count(), rows.count())


def defects_for(actor: Actor) -> QuerySet[Defect]:
    seen = Q(estate__in=estates_seen(actor).order_by().values("pk"))
    if actor.organisation is not None:
        seen |= Q(target__directive__issuer=actor.organisation)
    return Defect.objects.filter(seen).select_related("estate", "target__directive")


def silent_by_street(row: Directive, actor: Actor) -> list[tuple[str, list[DirectiveTarget]]]:
    """Those who have not answered, under the street that they lie in."""
    found: dict[str, list[DirectiveTarget]] = {}
    for one in targets_of(row, actor).filter(answered_at=None):
        found.setdefault(street_name(one.place_path), []).append(one)
    return sorted(found.items())


def street_name(place_path: str) -> str:
    place = core.place_at(place_path, "street")
    return place.name if place is not None else NO_PLACE


def penalties_of(company: Organisation) -> QuerySet[DirectiveTarget]:
    rows = DirectiveTarget.objects.filter(unit=company).exclude(penalty="")
    return rows.select_related("estate", "directive__issuer").order_by("-penalised_on", "-pk")


# -- by kind and place -------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class KindLine:
    """A kind of equipment in a place."""

    kind: str
    title: str
    pieces: int
    estates: int
    expired: int
    faulty: int
    late: int
    intact: Share


def by_kind(actor: Actor, on: date, *, within: str = "") -> list[KindLine]:
    rows = pieces(actor).order_by()
    rows = rows.filter(place_path__startswith=within) if within else rows
    counted = rows.values("kind").annotate(
        pieces=Count("pk", distinct=True),
        estates=Count("estate", distinct=True),
        expired=Count("pk", filter=Q(valid_until__lt=on), distinct=True),
        faulty=Count("pk", filter=Q(faulty=True), distinct=True),
        late=Count("pk", filter=Q(cares__due_on__lt=on), distinct=True),
    )
    found = {one["kind"]: one for one in counted}
    return [
        KindLine(
            kind, title, found[kind]["pieces"], found[kind]["estates"], found[kind]["expired"], found[kind]["faulty"],
            found[kind]["late"], share_of(rows.filter(kind=kind)),
        )
        for kind, title in FACILITY_KINDS.items()
        if kind in found
    ]  # fmt: skip


@dataclass(frozen=True)
class PlaceLine:
    place: Any
    lines: Sequence[KindLine]


def places_below(actor: Actor) -> list[Any]:
    """The streets of a county, the communities of a street."""
    own = core.place_at(actor.place_path) if actor.place_path else None
    if own is None:
        return []
    return list(own.children.order_by("code")) if own.level in ("county", "street") else [own]


@dataclass(frozen=True)
class MendedLine:
    """Faults of a kind: how many, how many are mended, and how long that took on the whole."""

    title: str
    reported: int
    mended: int
    mean: timedelta | None

    @property
    def words(self) -> str:
        if self.mean is None:
            return "—"
        hours = Decimal(self.mean / timedelta(minutes=1)) / MINUTES
        return f"{hours.quantize(TENTH, ROUND_HALF_UP)}小时"


def mended(actor: Actor) -> list[MendedLine]:
    rows = faults_for(actor).order_by().values("kind").annotate(
        reported=Count("pk"), mended=Count("fixed_at"), mean=Avg(F("fixed_at") - F("happened_at"))
    )  # fmt: skip
    found = {one["kind"]: one for one in rows}
    return [
        MendedLine(title, found[kind]["reported"], found[kind]["mended"], found[kind]["mean"])
        for kind, title in FACILITY_KINDS.items()
        if kind in found
    ]


# -- what an estate has settled ----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class StageLine:
    """One stage: of which estates, how many have it, in time or late, and which do not."""

    stage: str
    title: str
    by: date | None
    share: Share
    late: int
    missing: Sequence[Estate]
    clauses: tuple[str, ...]

    @property
    def in_time(self) -> int:
        return self.share.done - self.late


def stages(actor: Actor, on: date) -> list[StageLine]:
    """Every stage that the document of the actor's place knows."""
    found = []
    for stage in STAGES:
        rule = stage_rule(actor.place_path, stage, on)
        if rule.value.get("kind"):
            found.append(_line(stage, rule, counted_estates(actor, rule, on)))
    return found


def stages_missing(estate: Estate, on: date) -> list[str]:
    """What the document wants settled for this estate and is not yet, as words: 经费未落实."""
    reached = set(StageMark.objects.filter(estate=estate).values_list("stage", flat=True))
    missing = []
    for stage in STAGES:
        rule = stage_rule(estate.place_path, stage, on)
        mark = str(rule.value.get("counted") or "")
        counts = estate.estate_type != "non_residential" and (not mark or facts_of(estate.ref, (mark,), on).get(mark))
        if rule.value.get("kind") and counts and stage not in reached:
            missing.append(f"{STAGES[stage].removesuffix('落实')}未落实")
    return missing


def counted_estates(actor: Actor, rule: Ruled, on: date) -> list[Estate]:
    """Homes of the actor's place; only those with the mark where the document counts no others."""
    rows = list(estates_seen(actor).filter(ended_on=None).exclude(estate_type="non_residential"))
    mark = rule.value.get("counted")
    return [one for one in rows if facts_of(one.ref, (str(mark),), on).get(str(mark))] if mark else rows


def _line(stage: str, rule: Ruled, estates: Sequence[Estate]) -> StageLine:
    marks: Mapping[int, StageMark] = {
        one.estate_id: one for one in StageMark.objects.filter(stage=stage, estate__in=[one.pk for one in estates])
    }
    return StageLine(
        stage, STAGES[stage], deadline_of(rule), Share(len(marks), len(estates)),
        sum(1 for one in marks.values() if one.late), [one for one in estates if one.pk not in marks], rule.clauses,
    )  # fmt: skip


# -- a programme of several contracts ----------------------------------------------------------------------------------
@dataclass(frozen=True)
class PilotLine:
    estate: Estate
    held: Sequence[str]
    lacking: Sequence[str]

    @property
    def running(self) -> bool:
        return not self.lacking

    @property
    def words(self) -> str:
        whole = len(self.held) + len(self.lacking)
        return "试点中" if self.running else f"未齐备{len(self.held)}/{whole}"


def pilot_of(estate: Estate, on: date) -> PilotLine | None:
    """Where the programme stands at an estate that takes part in it."""
    if not facts_of(estate.ref, ("elevator_pilot",), on).get("elevator_pilot"):
        return None
    parts = programme_rule(estate.place_path, on).many("parts")
    if not parts:
        return None
    rows = UpkeepContract.objects.filter(estate=estate, kind="elevator", from_on__lte=on, to_on__gte=on, ended_on=None)
    there = set(rows.values_list("contract", flat=True))
    return PilotLine(estate, [one for one in parts if one in there], [one for one in parts if one not in there])


def pilots(actor: Actor, on: date) -> list[PilotLine]:
    if not actor.place_path or not programme_rule(county_of(actor.place_path), on).many("parts"):
        return []
    rows = estates_seen(actor).filter(ended_on=None)
    return [line for one in rows if (line := pilot_of(one, on)) is not None]
