"""What pages of bodies are put together from: facts, tables, rules kept and broken, stages, a timeline."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest
from django.urls import NoReverseMatch, reverse

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import clause_reference, cn_date
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.core.packs import vocabulary
from gongzhi.core.pages import actor_of
from gongzhi.core.refs import Ref
from gongzhi.core.rights import FORBIDDEN_STATUS
from gongzhi.governance.bodies.references import KINDS, readable
from gongzhi.policy import Judged

EVENTS_SHOWN = 15
CURVE_LEAST, EDGE = 2, 8


@dataclass(frozen=True)
class Cell:
    """`css` makes the text a tag of that state."""

    text: str
    url: str = ""
    css: str = ""
    sub: str = ""
    clauses: Sequence[str] = ()


@dataclass(frozen=True)
class Section:
    """One card. Exactly one of text, facts, rows, rules, stages, line is filled; `note` stands below the head."""

    code: str
    title: str
    text: str = ""
    facts: Sequence[tuple[str, Cell]] = ()
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Cell]] = ()
    rules: Sequence["RuleLine"] = ()
    stages: Sequence["Stage"] = ()
    line: Sequence["Line"] = ()
    empty: str = ""
    note: str = ""
    clauses: Sequence[str] = ()
    acts: Sequence[tuple[str, str]] = ()
    side: bool = False
    curve: Sequence["Point"] = ()

    @property
    def curve_words(self) -> str:
        return "，".join(f"{one.title}{one.words}" for one in self.curve)

    @property
    def total(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Point:
    """A point of a curve, across and up in percent of the drawing, and where the one before it lies."""

    title: str
    words: str
    x: str
    y: str
    from_x: str = ""
    from_y: str = ""


def curve(values: Sequence[tuple[str, str, Fraction]]) -> list[Point]:
    """Shares between 0 and 1 from left to right; a single one is no curve."""
    if len(values) < CURVE_LEAST:
        return []
    found: list[Point] = []
    for place, (title, words, share) in enumerate(values):
        x = f"{EDGE + (100 - 2 * EDGE) * place // (len(values) - 1)}%"
        y = f"{100 - EDGE - (100 - 2 * EDGE) * share.numerator // share.denominator}%"
        last = found[-1] if found else None
        found.append(Point(title, words, x, y, last.x if last else "", last.y if last else ""))
    return found


@dataclass(frozen=True)
class RuleLine:
    words: str
    broken: bool
    outcome: str
    clauses: Sequence[str]


def rule_lines(rules: Iterable[Judged]) -> list[RuleLine]:
    """A broken rule as it speaks to the clerk; a kept one as its clause says, once however many checks carry it, and
    not at all while another check of the clause is broken."""
    found: dict[str, RuleLine] = {}
    rules = list(rules)
    broken = {clause for one in rules if one.finding is not None for clause in one.clauses[:1]}
    for one in rules:
        if one.finding is None and broken.intersection(one.clauses[:1]):
            continue
        kept = clause_reference(one.clauses[0]).says if one.clauses else one.says
        words = one.says if one.finding is not None else kept or one.says
        found.setdefault(words, RuleLine(words, one.finding is not None, one.outcome, one.clauses))
    return sorted(found.values(), key=lambda line: not line.broken)


@dataclass(frozen=True)
class Stage:
    title: str
    sub: str = ""
    done: bool = False
    current: bool = False
    url: str = ""


@dataclass(frozen=True)
class Line:
    at: Any
    title: str
    who: str


@dataclass(frozen=True)
class Note:
    """Something to be seen first. `css` gz-over, gz-today, gz-soon or gz-ok."""

    text: str
    css: str = "gz-today"
    clauses: Sequence[str] = ()
    url: str = ""
    link: str = ""


@dataclass
class PageParts:
    title: str
    sub: str = ""
    tags: list[Cell] = field(default_factory=list)
    crumbs: list[tuple[str, str]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    figures: list[tuple[str, str, str]] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    acts: list[tuple[str, str]] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def main(self) -> list[Section]:
        return [one for one in self.sections if not one.side]

    @property
    def aside(self) -> list[Section]:
        return [one for one in self.sections if one.side]


def found(request: HttpRequest, kind: str, pk: int) -> Any:
    """The row; 404 where there is none, 403 where the actor may not see it."""
    if kind not in KINDS:
        raise Http404
    model, _, right = KINDS[kind]
    row = model.objects.filter(pk=pk).first()
    if row is None:
        raise Http404
    if not readable(actor_of(request), row, right):
        raise not_yours("这项记录")
    return row


def not_yours(what: str) -> Refused:
    return Refused("forbidden", f"{what}不在您的权限范围内，不能查看。", status=FORBIDDEN_STATUS)


def day(value: date | None) -> str:
    return cn_date(value) if value else ""


def offer(actor: Actor, row: Any, listed: Iterable[tuple[str, str, str, str, Any]]) -> list[tuple[str, str]]:
    """(address, title) of the acts that the actor may do now. Each given as kind, code, title, right, whether it is
    its time."""
    offered = []
    for kind, code, title, right, its_time in listed:
        if its_time and core.may(actor, right, row):
            offered.append((reverse("bodies:act", args=[kind, row.pk, code]), title))
    return offered


def vote_offer(actor: Actor, row: Any, its_time: bool) -> list[tuple[str, str]]:
    """The way to put an election, or what a meeting is owed for, to the owners."""
    if not its_time or not core.may(actor, "vote.draft", row):
        return []
    return [(f"{reverse('governance:draft')}?yi={row.ref.key}", "付业主表决")]


def vote_url(row: Any) -> str:
    return reverse("governance:vote", args=[Ref.of_key(row.vote_ref).id]) if row.vote_ref else ""


def vote_fact(row: Any) -> list[tuple[str, Cell]]:
    return [("表决", Cell("表决和结果", url=vote_url(row)))] if row.vote_ref else []


def address(ref: Ref) -> str:
    name = KINDS.get(ref.kind, (None, "", ""))[1]
    try:
        return reverse(name, args=[ref.id]) if name else ""
    except NoReverseMatch:
        return ""


def _named(event: Event) -> str:
    """Who was named to guide and to supervise: whoever was named before stays in the line."""
    if event.kind != "formation.people_named":
        return ""
    people = [(title, event.data.get(name)) for name, title in (("guide", "指导人"), ("supervisor", "监督人"))]
    found = "，".join(f"{title}{name}" for title, name in people if name)
    return f"：{found}" if found else ""


def timeline(refs: Iterable[Ref], *, formation: Any = None) -> Section:
    """What happened to the rows, the latest first; of an estate's events those that tell of this formation."""
    wanted = Q(pk=None)
    if formation is not None:
        estate = formation.estate.ref
        wanted = Q(subject_kind=estate.kind, subject_id=estate.id, data__formation=formation.ref.key)
    for one in refs:
        wanted |= Q(subject_kind=one.kind, subject_id=one.id)
    rows = Event.objects.filter(wanted).order_by("-at", "-pk")[:EVENTS_SHOWN]
    names = vocabulary().events
    return Section(
        "line",
        "经过",
        line=[
            Line(one.at, (names[one.kind].title if one.kind in names else one.kind) + _named(one), one.actor_label)
            for one in rows
        ],
        empty="还没有记录。",
    )
