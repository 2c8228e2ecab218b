"""Figures of mediation: by place, by level, by source. Counted over the bodies' work, not over the files alone."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from gongzhi.core.days import ZONE
from gongzhi.core.display import percent
from gongzhi.core.models import Place
from gongzhi.mediation.models import MediationAssist, MediationFile, MediationStage
from gongzhi.mediation.words import LEVELS, SOURCES

STREET_DEPTH = 4


@dataclass
class Line:
    """So many disputes, how each ended. The rate is of those that ended one way or the other."""

    title: str
    whole: int = 0
    agreed: int = 0
    not_agreed: int = 0
    withdrawn: int = 0
    moved: int = 0
    running: int = 0
    court: int = 0

    @property
    def rate(self) -> str:
        ended = self.agreed + self.not_agreed + self.withdrawn
        return percent(self.agreed, ended) if ended else "—"


@dataclass
class Figures:
    whole: Line
    towns: list[Line] = field(default_factory=list)
    levels: list[Line] = field(default_factory=list)
    sources: list[Line] = field(default_factory=list)
    bodies: list[Line] = field(default_factory=list)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=ZONE)


def files_between(place_path: str, from_on: date, to_on: date) -> Any:
    rows = MediationFile.objects.within(place_path)
    return rows.filter(applied_at__gte=_midnight(from_on), applied_at__lt=_midnight(to_on + timedelta(days=1)))


def _outcome(row: MediationFile) -> str:
    if row.outcome in ("agreed", "eased"):
        return "agreed"
    if row.outcome in ("withdrawn", "no_consent", "declined"):
        return "withdrawn"
    return "not_agreed" if row.outcome == "not_agreed" else "running"


def _add(line: Line, what: str) -> None:
    line.whole += 1
    setattr(line, what, getattr(line, what) + 1)


def figures(place_path: str, *, from_on: date, to_on: date) -> Figures:
    """Of the disputes applied for in the span. Cases that a court handed over are a source of their own."""
    rows = list(
        files_between(place_path, from_on, to_on).select_related("court_step").prefetch_related("stages__organisation")
    )
    found = Figures(Line("合计"))
    towns: dict[str, Line] = defaultdict(lambda: Line(""))
    sources: dict[str, Line] = defaultdict(lambda: Line(""))
    bodies: dict[str, Line] = defaultdict(lambda: Line(""))
    levels = {code: Line(title) for code, title in LEVELS.items()}
    for row in rows:
        outcome = _outcome(row)
        town = "/".join(row.place_path.split("/")[:STREET_DEPTH]) + "/"
        for line in (found.whole, towns[town], sources[row.source]):
            _add(line, outcome)
            line.court += getattr(row, "court_step", None) is not None
        for stage in row.stages.all():
            _add(levels[stage.level], _stage_outcome(stage))
            _add(bodies[stage.organisation.name], _stage_outcome(stage))
    names = dict(Place.objects.filter(path__in=list(towns)).values_list("path", "name"))
    for path, line in sorted(towns.items()):
        line.title = names.get(path, path)
        found.towns.append(line)
    for code, title in SOURCES.items():
        if code in sources:
            sources[code].title = title
            found.sources.append(sources[code])
    for name, line in sorted(bodies.items()):
        line.title = name
        found.bodies.append(line)
    found.levels = [one for one in levels.values() if one.whole]
    return found


def _stage_outcome(stage: MediationStage) -> str:
    known = {
        "agreed": "agreed",
        "eased": "agreed",
        "not_agreed": "not_agreed",
        "withdrawn": "withdrawn",
        "declined": "withdrawn",
    }
    return known.get(stage.result, "moved" if stage.result == "taken" else "running")


def overdue(place_path: str, on: date) -> list[MediationFile]:
    """超期未调解: the period has passed and it goes on."""
    rows = MediationFile.objects.within(place_path).filter(state="accepted", due_on__lt=on)
    return list(rows.select_related("estate").order_by("due_on", "pk"))


def helped(place_path: str, *, from_on: date, to_on: date) -> list[tuple[str, int, int]]:
    """(office, disputes it was asked to help in, of them with its opinion)."""
    rows = MediationAssist.objects.filter(
        kind="help",
        file__place_path__startswith=place_path,
        asked_at__gte=_midnight(from_on),
        asked_at__lt=_midnight(to_on + timedelta(days=1)),
    ).select_related("organisation")
    asked, given = Counter[str](), Counter[str]()
    for one in rows:
        asked[one.organisation.name] += 1
        given[one.organisation.name] += one.given_at is not None
    return [(name, count, given[name]) for name, count in sorted(asked.items())]


def guided(place_path: str) -> list[tuple[str, int]]:
    """(body, how often offices above commented on what it has): 按社区统计被指导次数."""
    rows = MediationAssist.objects.filter(kind="comment", file__place_path__startswith=place_path)
    found = Counter(one.file.stage.organisation.name for one in rows.select_related("file"))
    return sorted(found.items())
